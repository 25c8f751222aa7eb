/* The two loops of a resize, in plain C, which is the specification, and for instruction sets.
 * All write the same bytes. */
#ifndef IMAGE_RESIZE_KERNEL_H
#define IMAGE_RESIZE_KERNEL_H

#include "image/resize.h"

struct resize_kernels {
    /* Each of `count` rows of RGB pixels at `in`, the first of which is source pixel axis->begin,
     * becomes axis->outputs pixels at `out`. May read up to 16 bytes past a row of `in`. */
    void (*across)(const struct resize_axis *axis, const uint8_t *in, size_t in_stride, int count,
                   uint8_t *out, size_t out_stride);
    /* Output row `y` of `axis`, of `size` bytes, out of the rows at `in`, the first of which is
     * source row axis->begin. May read and write up to 31 bytes past the rows. */
    void (*down)(const struct resize_axis *axis, int y, const uint8_t *in, size_t in_stride,
                 size_t size, uint8_t *out);
};

extern const struct resize_kernels resize_kernels_c, resize_kernels_avx2;

/* Those that image_use_cpu chose, or the best that this processor has. */
const struct resize_kernels *resize_kernels(void);

#endif
