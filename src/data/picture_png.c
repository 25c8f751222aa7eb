#include "data/picture_parts.h"
#include "image/decode.h"

#include <string.h>

enum {
    SIGNATURE_SIZE = 8,
    CHUNK_OVERHEAD = 12, /* length, type, CRC */
    HEADER_SIZE = 13     /* data of IHDR */
};

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Chunks that the pixels depend on; the others are metadata. */
static bool bears_pixels(const uint8_t *type)
{
    static const char *const types[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!memcmp(type, types[i], 4))
            return true;
    return false;
}

static enum status read_header(const uint8_t *data, const char *name, struct picture *picture,
                               struct error *error)
{
    enum { COLOUR_BIT = 2 }; /* of the colour type; a palette's too */
    uint32_t width = big_endian(data), height = big_endian(data + 4);
    enum status status = decode_check_size(width, height, name, error);
    if (status != OK)
        return status;
    picture->width = (int)width;
    picture->height = (int)height;
    picture->colour = data[9] & COLOUR_BIT ? COLOUR_RGB : COLOUR_GRAY;
    return OK;
}

enum status picture_png(const uint8_t *file, size_t size, const char *name, struct picture *picture,
                        struct digest *pixels, struct error *error)
{
    picture->format = PICTURE_PNG;
    digest_add(pixels, file, SIGNATURE_SIZE);
    for (size_t at = SIGNATURE_SIZE; size - at >= CHUNK_OVERHEAD;) {
        uint32_t length = big_endian(file + at);
        const uint8_t *type = file + at + 4;
        if (length > size - at - CHUNK_OVERHEAD)
            break;
        if (at == SIGNATURE_SIZE && (memcmp(type, "IHDR", 4) || length != HEADER_SIZE))
            return error_set(error, BAD_INPUT,
                             "%s: byte %zu: the first chunk must be IHDR with 13 bytes; the PNG "
                             "file is damaged: get it again",
                             name, at);
        enum status status =
            at == SIGNATURE_SIZE ? read_header(type + 4, name, picture, error) : OK;
        if (status != OK)
            return status;
        if (bears_pixels(type))
            digest_add(pixels, file + at, (size_t)length + CHUNK_OVERHEAD);
        if (!memcmp(type, "IEND", 4))
            return OK;
        at += (size_t)length + CHUNK_OVERHEAD;
    }
    return error_set(error, BAD_INPUT,
                     "%s: ends at byte %zu without the chunk that ends a PNG file (IEND); the file "
                     "is truncated: get it again",
                     name, size);
}
