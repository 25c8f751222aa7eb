/* The decoders behind image_decode. Each owns and frees all that it needs but the image. */
#ifndef IMAGE_DECODE_H
#define IMAGE_DECODE_H

#include "image/image.h"

#include <stdbool.h>

/* Refuse sizes that image.h's limits exclude. */
enum status decode_check_size(uint64_t width, uint64_t height, const char *name,
                              struct error *error);

/* libjpeg-turbo, set as Pillow sets it. `file` starts with FF D8. */
enum status jpeg_reader_decode(struct image *image, const uint8_t *file, size_t size,
                               const char *name, struct error *error);

/* libpng. `file` starts with PNG's signature. */
enum status png_reader_decode(struct image *image, const uint8_t *file, size_t size,
                              const char *name, struct error *error);

/* Refuse a file, which is neither JPEG nor PNG, by the name of what it is. Never returns OK. */
enum status impostor_refuse(const uint8_t *file, size_t size, const char *name,
                            struct error *error);

#endif
