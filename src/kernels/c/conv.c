#include "kernels/c/spec.h"

#include <math.h>

/* One output: a chain of fused multiply-adds from +0 for every `chain` segments, the chains' sums
 * added in order, then bias, residual, activation. */
CLONED static float conv_one(const struct conv_tile *tile, int pixel, int channel)
{
    const int width = BLOCK * tile->blocks;
    const float *in = tile->in + (long)pixel * tile->pixel_stride;
    const float *weight = tile->weights + channel;
    float total = 0.0f;
    for (int first = 0; first < tile->segments; first += tile->chain) {
        float sum = 0.0f;
        for (int s = first; s < tile->segments && s < first + tile->chain; s++)
            for (int i = 0; i < tile->segment; i++, weight += width)
                sum = fmaf(in[tile->offsets[s] + i], *weight, sum);
        total = first == 0 ? sum : total + sum;
    }
    return total + tile->bias[channel];
}

void conv_tile_c(const struct conv_tile *tile)
{
    for (int channel = 0; channel < BLOCK * tile->blocks; channel++)
        for (int pixel = 0; pixel < tile->pixels; pixel++) {
            long place = (long)pixel * BLOCK + channel % BLOCK;
            float value = conv_one(tile, pixel, channel);
            if (tile->residual)
                value += tile->residual[channel / BLOCK * tile->residual_plane + place];
            tile->out[channel / BLOCK * tile->out_plane + place] =
                activate(value, tile->activation);
        }
}
