/* Taking JPEG and PNG files apart for picture.c. Nothing is owned. */
#ifndef DATA_PICTURE_PARTS_H
#define DATA_PICTURE_PARTS_H

#include "data/picture.h"

/* Fill in the picture's fields but the digests, and add the pixel-bearing bytes to `pixels`. On
 * BAD_INPUT only a part of them has been added. `file` starts with the format's first bytes. */
enum status picture_jpeg(const uint8_t *file, size_t size, const char *name,
                         struct picture *picture, struct digest *pixels, struct error *error);
enum status picture_png(const uint8_t *file, size_t size, const char *name, struct picture *picture,
                        struct digest *pixels, struct error *error);

#endif
