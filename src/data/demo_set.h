/* The demo's set on disk: ten class folders, 00_disc to 09_checker, of 32 x 32 JPEGs. Nothing is
 * owned: the folder is the caller's. */
#ifndef DATA_DEMO_SET_H
#define DATA_DEMO_SET_H

#include "base/error.h"
#include "data/demo_picture.h"

enum { DEMO_MOST_IMAGES = DEMO_CLASSES * 100000 };

/* Write a set of `images` pictures, as many of each class, to the folder `path`, which appears
 * whole or not at all. Where the folder is there already and holds exactly this set, nothing is
 * done; anything else in its place is BAD_INPUT and left alone. The pixels that are drawn never
 * change; the bytes of the files, and so the pixels that they decode to, are those of the libjpeg
 * at hand (quality 90, chroma at half resolution, accurate integer DCT). */
enum status demo_set_write(const char *path, enum demo_split split, long images,
                           struct error *error);

#endif
