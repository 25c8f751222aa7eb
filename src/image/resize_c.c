#include "image/resize_kernel.h"

/* The weighted sum comes with one half added; what over- and undershoots is clipped. */
static uint8_t to_byte(int32_t sum)
{
    int32_t value = sum >> RESIZE_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void across_row(const struct resize_axis *axis, const uint8_t *in, uint8_t *out)
{
    for (int x = 0; x < axis->outputs; x++, out += 3) {
        const struct resize_span *span = &axis->spans[x];
        const uint8_t *pixel = in + (size_t)(span->first - axis->begin) * 3;
        const int32_t *weight = axis->weights + (size_t)x * (size_t)axis->stride;
        int32_t sum[3] = {1 << (RESIZE_BITS - 1), 1 << (RESIZE_BITS - 1), 1 << (RESIZE_BITS - 1)};
        for (int i = 0; i < span->count; i++, pixel += 3)
            for (int c = 0; c < 3; c++)
                sum[c] += pixel[c] * weight[i];
        for (int c = 0; c < 3; c++)
            out[c] = to_byte(sum[c]);
    }
}

static void across(const struct resize_axis *axis, const uint8_t *in, size_t in_stride, int count,
                   uint8_t *out, size_t out_stride)
{
    for (int y = 0; y < count; y++)
        across_row(axis, in + (size_t)y * in_stride, out + (size_t)y * out_stride);
}

static void down(const struct resize_axis *axis, int y, const uint8_t *in, size_t in_stride,
                 size_t size, uint8_t *out)
{
    const struct resize_span *span = &axis->spans[y];
    const int32_t *weight = axis->weights + (size_t)y * (size_t)axis->stride;
    in += (size_t)(span->first - axis->begin) * in_stride;
    for (size_t x = 0; x < size; x++) {
        int32_t sum = 1 << (RESIZE_BITS - 1);
        for (int i = 0; i < span->count; i++)
            sum += in[(size_t)i * in_stride + x] * weight[i];
        out[x] = to_byte(sum);
    }
}

const struct resize_kernels resize_kernels_c = {across, down};
