/* What the plain C kernels share. These are the specification of doc/numerics.md: written to be
 * read, built so that a processor with fused multiply-add instructions uses them (the result of
 * fmaf is the same either way). */
#ifndef KERNELS_C_SPEC_H
#define KERNELS_C_SPEC_H

#include "kernels/kernels.h"

/* Compile once for processors with FMA and once without; the loader chooses. For static functions:
 * clang 14 leaves an exported one without its symbol when nothing calls it in its own file. */
#define CLONED __attribute__((target_clones("fma", "default")))

/* Exactly these comparisons: a NaN passes through, and so does -0. */
static inline float activate(float value, enum activation activation)
{
    if (activation != ACT_NONE)
        value = 0.0f > value ? 0.0f : value;
    if (activation == ACT_RELU6)
        value = 6.0f < value ? 6.0f : value;
    return value;
}

conv_tile_fn conv_tile_c;
rows_fn depthwise_c, maxpool_c, avgpool_c;
affine_fn affine_c;

#endif
