#include "data/tar_header.h"

#include <string.h>

/* Offsets and lengths of the fields, POSIX.1-1988 (ustar). */
enum {
    NAME = 0,
    NAME_SIZE = 100,
    SIZE = 124,
    CHECKSUM = 148,
    CHECKSUM_SIZE = 8,
    NUMBER_SIZE = 12,
    TYPE = 156,
    MAGIC = 257,
    MAGIC_SIZE = 8,
    PREFIX = 345,
    PREFIX_SIZE = 155
};

enum status tar_refuse(const struct tar_place *place, const char *what)
{
    return error_set(place->error, BAD_INPUT, "%s: byte %llu: %s", place->path,
                     (unsigned long long)place->offset, what);
}

bool tar_block_is_zero(const uint8_t block[TAR_BLOCK])
{
    return block[0] == 0 && !memcmp(block, block + 1, TAR_BLOCK - 1);
}

/* Blanks, octal digits, then blanks or zero bytes to the end of the field. */
static bool read_octal(const uint8_t *field, int length, uint64_t *value)
{
    int at = 0;
    while (at < length && field[at] == ' ')
        at++;
    int first = at;
    for (*value = 0; at < length && field[at] >= '0' && field[at] <= '7'; at++)
        *value = *value * 8 + (uint64_t)(field[at] - '0'); /* at most 12 digits: 36 bits */
    if (at == first)
        return false;
    while (at < length && (field[at] == ' ' || field[at] == '\0'))
        at++;
    return at == length;
}

/* GNU's base-256 numbers: first byte 0x80, then big-endian. Negative ones begin with 0xff. */
static bool read_base256(const uint8_t *field, int length, uint64_t *value)
{
    if (field[0] != 0x80)
        return false;
    *value = 0;
    for (int at = 1; at < length; at++) {
        if (*value >> 55)
            return false;
        *value = *value << 8 | field[at];
    }
    return true;
}

static bool checksum_matches(const uint8_t block[TAR_BLOCK])
{
    uint64_t stored, sum = 0;
    for (int i = 0; i < TAR_BLOCK; i++)
        sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_SIZE ? (uint8_t)' ' : block[i];
    return read_octal(block + CHECKSUM, CHECKSUM_SIZE, &stored) && stored == sum;
}

enum magic { POSIX, GNU, SEVENTH_EDITION, UNKNOWN };

static enum magic magic_of(const uint8_t block[TAR_BLOCK])
{
    static const char *const magics[] = {
        [POSIX] = "ustar\00000", [GNU] = "ustar  ", [SEVENTH_EDITION] = "\0\0\0\0\0\0\0"};
    for (int i = 0; i < UNKNOWN; i++)
        if (!memcmp(block + MAGIC, magics[i], MAGIC_SIZE))
            return (enum magic)i;
    return UNKNOWN;
}

/* Only POSIX archives have the prefix; GNU keeps other things in its place. */
static void read_name(const uint8_t block[TAR_BLOCK], enum magic magic, char *name)
{
    if (magic == POSIX && block[PREFIX]) {
        size_t length = strnlen((const char *)block + PREFIX, PREFIX_SIZE);
        memcpy(name, block + PREFIX, length);
        name[length] = '/';
        name += length + 1;
    }
    size_t length = strnlen((const char *)block + NAME, NAME_SIZE);
    memcpy(name, block + NAME, length);
    name[length] = '\0';
}

enum status tar_header_read(const struct tar_place *place, const uint8_t block[TAR_BLOCK],
                            struct tar_header *header)
{
    if (!checksum_matches(block))
        return tar_refuse(place, "a tar header is wanted and its checksum is wrong; the archive is "
                                 "damaged or is not a tar: get it again");
    enum magic magic = magic_of(block);
    if (magic == UNKNOWN)
        return tar_refuse(place, "this tar header is of no known kind; ustar, GNU and pax archives "
                                 "are read: make the archive again with tar --format=pax");
    const uint8_t *size = block + SIZE;
    if (!(size[0] & 0x80 ? read_base256 : read_octal)(size, NUMBER_SIZE, &header->size))
        return tar_refuse(place, "the member's size is not a number from 0 to 2^63; the archive is "
                                 "damaged: get it again");
    read_name(block, magic, header->name);
    header->type = (char)block[TYPE];
    if (header->type == '\0' || header->type == '7') /* of old, and "contiguous" */
        header->type = '0';
    size_t length = strlen(header->name); /* before ustar, a folder was a name with a slash */
    if (header->type == '0' && length && header->name[length - 1] == '/')
        header->type = '5';
    return OK;
}
