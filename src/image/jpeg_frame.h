/* The frame header of a JPEG file: how it is coded, before any of it is decoded. */
#ifndef IMAGE_JPEG_FRAME_H
#define IMAGE_JPEG_FRAME_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Refuse every coding but 8-bit baseline, extended sequential and progressive with Huffman codes.
 * A file without a frame header passes: it is libjpeg's to refuse. `file` starts with FF D8. */
enum status jpeg_frame_check(const uint8_t *file, size_t size, const char *name,
                             struct error *error);

#endif
