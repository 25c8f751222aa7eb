#include "net/window.h"

#include <stdint.h>

int window_count(int size, int kernel, int stride, struct margins padding, bool ceil)
{
    int64_t slack = (int64_t)size + padding.before + padding.after - kernel;
    if (ceil)
        slack += stride - 1;
    if (slack < 0)
        return 0;
    int64_t count = slack / stride + 1;
    if (ceil && (count - 1) * stride >= (int64_t)size + padding.before)
        count--;
    return (int)count;
}

struct margins window_same(int size, int kernel, int stride)
{
    int64_t count = ((int64_t)size + stride - 1) / stride;
    int64_t total = (count - 1) * stride + kernel - size;
    if (total < 0)
        total = 0;
    return (struct margins){.before = (int)(total / 2), .after = (int)(total - total / 2)};
}
