#include "image/resize_kernel.h"

#include <stdbool.h>

/* What a resize works on: the part of the picture that the outputs need. */
struct resize_job {
    const struct resize_kernels *kernels;
    const struct resize_axis *across, *down;
    const uint8_t *in;
    size_t in_stride;
    uint8_t *out;
    size_t out_stride;
};

/* Pillow 13 starts with the height where that loses more than twice as many pixels as the width.
 * The bytes between the two passes being rounded, the order shows. */
static bool is_down_first(const struct resize_axis *across, const struct resize_axis *down)
{
    int64_t lost_width = (int64_t)across->source - across->resized;
    int64_t lost_height = (int64_t)down->source - down->resized;
    return lost_height > 0 && lost_height > 2 * lost_width;
}

/* A distance between rows that leaves room for vector code past each. */
static size_t padded_stride(int pixels)
{
    return ((size_t)pixels * 3 + IMAGE_SLACK) / 32 * 32;
}

static enum status across_then_down(const struct resize_job *job, struct bytes *between,
                                    struct error *error)
{
    size_t stride = padded_stride(job->across->outputs);
    int rows = job->down->end - job->down->begin;
    enum status status = bytes_reserve(between, (size_t)rows * stride + IMAGE_SLACK, error);
    if (status != OK)
        return status;
    job->kernels->across(job->across, job->in, job->in_stride, rows, between->data, stride);
    for (int y = 0; y < job->down->outputs; y++)
        job->kernels->down(job->down, y, between->data, stride, (size_t)job->across->outputs * 3,
                           job->out + (size_t)y * job->out_stride);
    return OK;
}

static enum status down_then_across(const struct resize_job *job, struct bytes *between,
                                    struct error *error)
{
    int pixels = job->across->end - job->across->begin;
    size_t stride = padded_stride(pixels);
    int rows = job->down->outputs;
    enum status status = bytes_reserve(between, (size_t)rows * stride + IMAGE_SLACK, error);
    if (status != OK)
        return status;
    for (int y = 0; y < rows; y++)
        job->kernels->down(job->down, y, job->in, job->in_stride, (size_t)pixels * 3,
                           between->data + (size_t)y * stride);
    job->kernels->across(job->across, between->data, stride, rows, job->out, job->out_stride);
    return OK;
}

enum status resize_image(const struct image *image, const struct resize_axis *across,
                         const struct resize_axis *down, struct bytes *between, uint8_t *out,
                         size_t stride, struct error *error)
{
    struct resize_job job = {.kernels = resize_kernels(),
                             .across = across,
                             .down = down,
                             .in_stride = (size_t)image->width * 3,
                             .out = out,
                             .out_stride = stride};
    job.in = image->pixels + (size_t)down->begin * job.in_stride + (size_t)across->begin * 3;
    return is_down_first(across, down) ? down_then_across(&job, between, error)
                                       : across_then_down(&job, between, error);
}
