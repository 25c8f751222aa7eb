/* Pillow's antialiased resize of 8-bit RGB: each output is a weighted mean of the source samples
 * under a filter as wide as the reduction, in one direction after the other, with 8-bit samples
 * between and weights in fixed point (Pillow 13, Image.resize). Everything may be computed for a
 * part of the outputs only. doc/preprocessing.md has the formulae. */
#ifndef IMAGE_RESIZE_H
#define IMAGE_RESIZE_H

#include "base/file.h"
#include "image/image.h"

enum filter { FILTER_NEAREST, FILTER_BILINEAR, FILTER_BICUBIC };

enum { RESIZE_BITS = 32 - 8 - 2 }; /* of a weight's fraction */

/* The source samples under one output. */
struct resize_span {
    int first, count;
};

/* One direction of a resize. Start it zeroed, reuse it, free it with resize_axis_free. */
struct resize_axis {
    int source, resized;       /* samples of a whole line, before and after */
    int outputs;               /* how many are computed */
    int begin, end;            /* the source samples that they need */
    int stride;                /* from one output's weights to the next's; a multiple of 4 */
    struct resize_span *spans; /* [outputs] */
    int32_t *weights;          /* [outputs][stride], zero past a span's count */
    struct bytes memory;       /* that the two lie in */
};

void resize_axis_free(struct resize_axis *axis);

/* Plan the outputs first .. first + outputs - 1 of a line of `source` samples resized to
 * `resized`. The filter is not FILTER_NEAREST. */
enum status resize_axis_plan(struct resize_axis *axis, enum filter filter, int source, int resized,
                             int first, int outputs, struct error *error);

/* Resize `image` to down->outputs rows of across->outputs pixels at `out`, whose rows lie `stride`
 * bytes apart. Bytes between the rows and IMAGE_SLACK bytes past the last may be overwritten with
 * rubbish. `between` is scratch memory. */
enum status resize_image(const struct image *image, const struct resize_axis *across,
                         const struct resize_axis *down, struct bytes *between, uint8_t *out,
                         size_t stride, struct error *error);

/* Pillow's nearest, which samples where an affine map falls: outputs left .. left + width - 1 of
 * rows top .. top + height - 1 of `image` resized to resized_width x resized_height. */
struct nearest_window {
    int resized_width, resized_height;
    int left, top, width, height;
};
enum status nearest_image(const struct image *image, const struct nearest_window *window,
                          struct bytes *columns, uint8_t *out, size_t stride, struct error *error);

#endif
