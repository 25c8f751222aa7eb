/* Decoded pictures. A `struct image` owns its pixels and is reused from picture to picture: start
 * it zeroed, free it once with image_free. */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum {
    IMAGE_MAX_PIXELS = 89478485, /* Pillow's limit: 3 bytes each, 256 MiB */
    IMAGE_MAX_SIDE = 65535,      /* JPEG's limit, kept for PNG too */
    IMAGE_SLACK = 64             /* bytes past the last pixel that vector code may touch */
};

struct image {
    int width, height;
    uint8_t *pixels; /* rows from top to bottom, RGB interleaved, no gaps */
    size_t capacity; /* bytes that `pixels` has room for, IMAGE_SLACK included */
};

void image_free(struct image *image);

/* Make room for width x height pixels and IMAGE_SLACK bytes; what was there is lost. Every image
 * that is resized must have been made by this. */
enum status image_reserve(struct image *image, int width, int height, struct error *error);

/* Decode a JPEG or PNG file, told apart by content, to RGB as Pillow's convert("RGB") gives it.
 * `name` is for errors. Refuses what doc/preprocessing.md lists; never half-decodes: on failure the
 * image is empty (0 x 0). Thread-safe. */
enum status image_decode(struct image *image, const uint8_t *file, size_t size, const char *name,
                         struct error *error);

#endif
