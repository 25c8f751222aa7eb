/* What an image file says of itself without being decoded: its format, size and colours, and a
 * digest of the bytes that its pixels depend on. Nothing is owned. */
#ifndef DATA_PICTURE_H
#define DATA_PICTURE_H

#include "base/digest.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum picture_format { PICTURE_OTHER, PICTURE_JPEG, PICTURE_PNG };
enum picture_colour { COLOUR_RGB, COLOUR_GRAY, COLOUR_CMYK };

struct picture {
    enum picture_format format;
    enum picture_colour colour;
    int width, height;
    bool progressive;                  /* JPEG */
    uint64_t tables;                   /* JPEG: a number for its quantisation tables; 0: none */
    uint8_t file_digest[DIGEST_SIZE];  /* SHA-256 of the whole file */
    uint8_t pixel_digest[DIGEST_SIZE]; /* of its pixel-bearing bytes, as doc/formats.md says */
};

/* Examine one file. `name` is for errors. BAD_INPUT, with both digests and what else could be
 * learned filled in, for a file that image_decode would refuse by its headers, or that is cut
 * short; the pixels themselves are not decoded. Where the file cannot be taken apart, the
 * pixel digest is the file's. */
enum status picture_examine(const uint8_t *file, size_t size, const char *name,
                            struct picture *picture, struct error *error);

#endif
