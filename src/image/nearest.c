#include "image/resize.h"

#include <string.h>

/* The source samples under outputs first .. first + count - 1. Pillow steps from the first output
 * of all by repeated addition in double, and so does this. */
static void nearest_samples(int source, int resized, int first, int count, int32_t *samples)
{
    double step = (double)source / resized;
    double at = step * 0.5;
    for (int i = 0; i < first + count; i++, at += step)
        if (i >= first)
            samples[i - first] = at < source ? (int32_t)at : source - 1;
}

static void nearest_row(const uint8_t *in, const int32_t *columns, int count, uint8_t *out)
{
    for (int x = 0; x < count; x++)
        memcpy(out + 3 * x, in + (size_t)columns[x] * 3, 3);
}

enum status nearest_image(const struct image *image, const struct nearest_window *window,
                          struct bytes *columns, uint8_t *out, size_t stride, struct error *error)
{
    size_t samples = (size_t)window->width + (size_t)window->height;
    enum status status = bytes_reserve(columns, samples * sizeof(int32_t), error);
    if (status != OK)
        return status;
    int32_t *xs = (int32_t *)columns->data, *ys = xs + window->width;
    nearest_samples(image->width, window->resized_width, window->left, window->width, xs);
    nearest_samples(image->height, window->resized_height, window->top, window->height, ys);
    for (int y = 0; y < window->height; y++)
        nearest_row(image->pixels + (size_t)ys[y] * (size_t)image->width * 3, xs, window->width,
                    out + (size_t)y * stride);
    return OK;
}
