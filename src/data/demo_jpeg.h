/* A picture of the demo as the JPEG file that its set stores. The caller owns pixels and file. */
#ifndef DATA_DEMO_JPEG_H
#define DATA_DEMO_JPEG_H

#include "base/error.h"
#include "base/file.h"
#include "data/demo_picture.h"

/* Quality 90, chroma at half resolution, accurate integer DCT; reuses the memory of `file`. The
 * bytes are the same on any machine with the same version of libjpeg. */
enum status demo_jpeg_encode(const uint8_t pixels[DEMO_PIXEL_BYTES], struct bytes *file,
                             struct error *error);

#endif
