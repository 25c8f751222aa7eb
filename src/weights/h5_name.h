/* The name of a Keras weight, whichever Keras wrote it. */
#ifndef WEIGHTS_H5_NAME_H
#define WEIGHTS_H5_NAME_H

#include <stddef.h>

/* "LAYER/WEIGHT": `weight`, as the file has it, without its ":0" and without what repeats the
 * layer. For layer conv2d these all become conv2d/kernel: conv2d/kernel:0 (Keras 2),
 * conv2d_1/kernel:0 (where a name was taken), sequential/conv2d/kernel (Keras 3); and conv2d_W:0
 * (Keras 1) becomes conv2d/W. What does not fit in `size` bytes is cut off. */
void h5_name(char *out, size_t size, const char *layer, const char *weight);

#endif
