#include "weights/scan.h"

#include "base/digest.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PIECE = 1 << 18 };

struct scan {
    const struct weights_file *file;
    uint8_t *piece;
    uint64_t at; /* file byte at which the piece starts */
    size_t size; /* of the piece */
    size_t next; /* the first checksum that is not complete */
    uint32_t crc;
};

/* Go on with the checksums of the parts that lie in the piece. */
static enum status scan_checksums(struct scan *scan, struct error *error)
{
    uint64_t end = scan->at + scan->size;
    while (scan->next < scan->file->checksum_count) {
        const struct checksum *part = &scan->file->checksums[scan->next];
        uint64_t part_end = part->start + part->size;
        if (part->start >= end)
            break;
        uint64_t from = part->start > scan->at ? part->start : scan->at;
        uint64_t to = part_end < end ? part_end : end;
        if (part->start >= scan->at)
            scan->crc = 0;
        scan->crc = (uint32_t)crc32(scan->crc, scan->piece + (from - scan->at), (uInt)(to - from));
        if (part_end > end)
            break;
        char name[SHOWN_SIZE];
        if (scan->crc != part->crc32)
            return error_set(error, BAD_INPUT,
                             "%s: \"%s\", bytes %llu to %llu, has CRC-32 %08x where its own record "
                             "says %08x; the file is damaged: get it again",
                             scan->file->weights.path, shown(name, part->name, strlen(part->name)),
                             (unsigned long long)part->start, (unsigned long long)part_end,
                             scan->crc, part->crc32);
        scan->next++;
    }
    return OK;
}

enum status scan_file(struct weights_file *file, struct error *error)
{
    struct scan scan = {.file = file, .piece = malloc(PIECE)};
    if (!scan.piece)
        return error_memory(error, "a read buffer");
    struct digest digest;
    enum status status = digest_begin(&digest, error);
    while (status == OK && scan.at < file->weights.size) {
        uint64_t left = file->weights.size - scan.at;
        scan.size = left < PIECE ? (size_t)left : PIECE;
        status = file_read_at(file->descriptor, file->weights.path, scan.piece, scan.size, scan.at,
                              error);
        if (status != OK)
            break;
        digest_add(&digest, scan.piece, scan.size);
        status = scan_checksums(&scan, error);
        scan.at += scan.size;
    }
    uint8_t sum[DIGEST_SIZE] = {0};
    digest_end(&digest, sum);
    digest_hex(sum, file->weights.sha256);
    free(scan.piece);
    return status;
}
