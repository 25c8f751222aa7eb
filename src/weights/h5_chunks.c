#include "weights/h5_chunks.h"

#include "weights/dtype.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { FLETCHER_SIZE = 4, PIECE = 1 << 15 };

struct chunks {
    const struct h5_dataset *dataset;
    hid_t properties;
    hsize_t shape[WEIGHT_MAX_RANK]; /* of a chunk */
    size_t size;                    /* of one that is unpacked */
    uint8_t *packed;
    size_t packed_capacity;
};

/* Bytes that a zlib stream unpacks to; SIZE_MAX when it is damaged or goes beyond the limit. */
static size_t inflated_size(uint8_t *data, size_t size, size_t limit)
{
    static uint8_t piece[PIECE];
    z_stream stream = {.next_in = data, .avail_in = (uInt)size};
    if (inflateInit(&stream) != Z_OK)
        return SIZE_MAX;
    int status = Z_OK;
    while (status == Z_OK && stream.total_out <= limit) {
        stream.next_out = piece;
        stream.avail_out = PIECE;
        status = inflate(&stream, Z_NO_FLUSH);
    }
    size_t total = status == Z_STREAM_END ? stream.total_out : SIZE_MAX;
    inflateEnd(&stream);
    return total;
}

/* Undo the filters as far as they change the size, the last one first. */
static size_t unpacked_size(const struct chunks *chunks, size_t size, uint32_t skipped)
{
    for (int i = H5Pget_nfilters(chunks->properties) - 1; i >= 0; i--) {
        unsigned flags;
        size_t values = 0;
        if (skipped >> i & 1)
            continue;
        switch (
            H5Pget_filter2(chunks->properties, (unsigned)i, &flags, &values, NULL, 0, NULL, NULL)) {
        case H5Z_FILTER_FLETCHER32:
            if (size < FLETCHER_SIZE)
                return SIZE_MAX;
            size -= FLETCHER_SIZE;
            break;
        case H5Z_FILTER_DEFLATE:
            return inflated_size(chunks->packed, size, chunks->size);
        default:
            break;
        }
    }
    return size;
}

static bool chunk_is_whole(struct chunks *chunks, const hsize_t *offset)
{
    hsize_t stored = 0;
    haddr_t address;
    unsigned skipped;
    uint32_t skipped_again;
    hid_t dataset = chunks->dataset->dataset;
    /* Of the calls that give a chunk's size, the one that does not make it up without filters. */
    if (H5Dget_chunk_info_by_coord(dataset, offset, &skipped, &address, &stored) < 0 ||
        stored == 0 || stored > 2 * chunks->size + PIECE)
        return false;
    if (H5Pget_nfilters(chunks->properties) == 0)
        return stored == chunks->size;
    if (stored > chunks->packed_capacity) {
        free(chunks->packed);
        chunks->packed = malloc(stored);
        chunks->packed_capacity = chunks->packed ? stored : 0;
    }
    return chunks->packed &&
           H5Dread_chunk(dataset, H5P_DEFAULT, offset, &skipped_again, chunks->packed) >= 0 &&
           unpacked_size(chunks, stored, skipped) == chunks->size;
}

/* The next chunk in row-major order; false after the last. */
static bool next_chunk(const struct chunks *chunks, hsize_t *offset)
{
    for (int i = chunks->dataset->rank - 1; i >= 0; i--) {
        offset[i] += chunks->shape[i];
        if (offset[i] < (hsize_t)chunks->dataset->shape[i])
            return true;
        offset[i] = 0;
    }
    return false;
}

bool h5_chunks_are_whole(const struct h5_dataset *dataset, hid_t properties)
{
    struct chunks chunks = {.dataset = dataset, .properties = properties};
    hsize_t offset[WEIGHT_MAX_RANK] = {0};
    if (H5Pget_chunk(properties, WEIGHT_MAX_RANK, chunks.shape) != dataset->rank)
        return false;
    chunks.size = dtype_size(dataset->dtype);
    for (int i = 0; i < dataset->rank; i++)
        if (chunks.shape[i] == 0 || chunks.shape[i] > UINT32_MAX ||
            __builtin_mul_overflow(chunks.size, chunks.shape[i], &chunks.size) ||
            chunks.size > UINT32_MAX)
            return false;
    bool whole;
    do
        whole = chunk_is_whole(&chunks, offset);
    while (whole && next_chunk(&chunks, offset));
    free(chunks.packed);
    return whole;
}
