/* From a byte to the float that a network takes. Each is a function of the byte and its channel
 * alone, so a mode is a table. */
#ifndef IMAGE_NORMALISE_H
#define IMAGE_NORMALISE_H

#include <stddef.h>
#include <stdint.h>

enum input_mode {
    MODE_TORCHVISION, /* RGB; v/255, minus mean, over std, in float32 as torchvision does */
    MODE_CAFFE,       /* Keras: BGR minus 103.939, 116.779, 123.68 */
    MODE_TF,          /* Keras: v/127.5 - 1 */
    MODE_TORCH,       /* Keras: v/255, minus mean, over std, as Keras does */
    MODE_UNIT         /* v/255 */
};

struct normalisation {
    int source[3];       /* the RGB channel (0, 1, 2) that each output channel is made of */
    float value[3][256]; /* of each output channel and byte */
};

void normalisation_of(enum input_mode mode, struct normalisation *normalisation);

/* `count` RGB pixels to 3 * count floats, channels interleaved. */
void normalise(const struct normalisation *normalisation, const uint8_t *pixels, size_t count,
               float *out);

#endif
