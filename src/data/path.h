/* Paths inside a set, with '/' between their parts. Nothing is owned. */
#ifndef DATA_PATH_H
#define DATA_PATH_H

#include <stdbool.h>

/* How many folders a path goes through: 1 for n01440764/x.JPEG. */
int path_depth(const char *path);

/* Its last part. */
const char *path_file(const char *path);

/* Whether two paths have the same first part. */
bool path_same_folder(const char *a, const char *b);

/* By folder and then by file, each bytewise, as strcmp does: a slash comes before any other
 * character. */
int path_compare(const char *a, const char *b);

/* Whether it ends in .jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff or .webp in any case:
 * torchvision's IMG_EXTENSIONS (datasets/folder.py, 0.2 to 0.29). */
bool path_is_image(const char *path);

#endif
