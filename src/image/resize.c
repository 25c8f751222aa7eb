#include "image/resize_kernel.h"

enum status resize_image(const struct image *image, const struct resize_axis *across,
                         const struct resize_axis *down, struct bytes *rows, uint8_t *out,
                         size_t stride, struct error *error)
{
    const struct resize_kernels *kernels = resize_kernels();
    size_t size = (size_t)across->outputs * 3;
    size_t image_stride = (size_t)image->width * 3;
    size_t rows_stride = (size + IMAGE_SLACK) / 32 * 32; /* at least 31 bytes between two rows */
    int count = down->end - down->begin;
    enum status status = bytes_reserve(rows, (size_t)count * rows_stride + IMAGE_SLACK, error);
    if (status != OK)
        return status;
    kernels->across(across, image->pixels + (size_t)down->begin * image_stride, image_stride, count,
                    rows->data, rows_stride);
    for (int y = 0; y < down->outputs; y++)
        kernels->down(down, y, rows->data, rows_stride, size, out + (size_t)y * stride);
    return OK;
}
