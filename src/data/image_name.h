/* Which file names are those of images. Nothing is owned. */
#ifndef DATA_IMAGE_NAME_H
#define DATA_IMAGE_NAME_H

#include <stdbool.h>

/* Whether the name ends in .jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff or .webp in any case:
 * torchvision's IMG_EXTENSIONS (datasets/folder.py, 0.2 to 0.29). */
bool image_name(const char *name);

#endif
