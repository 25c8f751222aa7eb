/* torchvision's arithmetic of sizes: Resize to a short side, then CenterCrop. */
#ifndef IMAGE_CROP_H
#define IMAGE_CROP_H

#include <stdint.h>

/* One direction of a crop: outputs first .. first + count - 1 of a line of `resized` are kept, and
 * the first of them stands at place `at` of the square; the rest of the square is black. */
struct crop {
    int resized, first, count, at;
};

/* The length of the other side when the shorter of the two becomes `short_side`: the quotient
 * without its fraction. */
int64_t crop_long_side(int short_side, int longer, int shorter);

/* CenterCrop of `resized` samples to `side`: half of the difference, rounded to even, goes before
 * the crop; where samples are missing, half of the missing, rounded down, is padded before. */
struct crop crop_centre(int resized, int side);

#endif
