/* Arithmetic of windows that slide over a picture: how many fit along one axis. */
#ifndef NET_WINDOW_H
#define NET_WINDOW_H

#include <stdbool.h>

struct margins {
    int before, after;
};

/* Positions of a window of `kernel` pixels, moved by `stride`, over `size` pixels with padding; 0
 * when it does not fit. With `ceil`, PyTorch's rule: the count is rounded up, but the last window
 * must begin inside the picture or the padding before it (torch.nn.MaxPool2d, ceil_mode). */
int window_count(int size, int kernel, int stride, struct margins padding, bool ceil);

/* The padding of Keras's "same": ceil(size / stride) windows, the odd pixel after. */
struct margins window_same(int size, int kernel, int stride);

#endif
