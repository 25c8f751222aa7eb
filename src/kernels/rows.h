/* The window of one output of a pooling, clipped to the picture. */
#ifndef KERNELS_ROWS_H
#define KERNELS_ROWS_H

#include "kernels/kernels.h"

struct rows_window {
    int y0, y1, x0, x1; /* input rows [y0, y1), columns [x0, x1); never empty */
    float divisor;      /* of an average */
};

static inline struct rows_window rows_window(const struct rows_job *job, int y, int x)
{
    int top = y * job->stride_h - job->top, left = x * job->stride_w - job->left;
    struct rows_window window = {
        .y0 = top > 0 ? top : 0,
        .y1 = top + job->kh < job->in_h ? top + job->kh : job->in_h,
        .x0 = left > 0 ? left : 0,
        .x1 = left + job->kw < job->in_w ? left + job->kw : job->in_w,
    };
    int taps =
        job->count_padding ? job->kh * job->kw : (window.y1 - window.y0) * (window.x1 - window.x0);
    window.divisor = (float)taps;
    return window;
}

#endif
