/* The window of one output of a pooling, clipped to the picture unless the padding counts. */
#ifndef KERNELS_ROWS_H
#define KERNELS_ROWS_H

#include "kernels/kernels.h"

struct rows_window {
    int y0, y1, x0, x1; /* input rows [y0, y1), columns [x0, x1) */
    float divisor;      /* of an average */
};

static inline struct rows_window rows_window(const struct rows_job *job, int y, int x)
{
    int top = y * job->stride_h - job->top, left = x * job->stride_w - job->left;
    struct rows_window window = {top, top + job->kh, left, left + job->kw, 0.0f};
    if (!job->count_padding) {
        window.y0 = top > 0 ? top : 0;
        window.y1 = window.y1 < job->in_h ? window.y1 : job->in_h;
        window.x0 = left > 0 ? left : 0;
        window.x1 = window.x1 < job->in_w ? window.x1 : job->in_w;
    }
    window.divisor = (float)((window.y1 - window.y0) * (window.x1 - window.x0));
    return window;
}

#endif
