#include "kernels/c/spec.h"

#include <math.h>

/* One output: one chain over the window's rows and columns, then bias and activation. */
CLONED static void depthwise_rows(const struct rows_job *job)
{
    for (int y = job->first; y < job->end; y++)
        for (int x = 0; x < job->out_w; x++)
            for (int c = 0; c < BLOCK; c++) {
                const float *in = job->in + (y * job->stride_h - job->top) * job->in_row +
                                  (long)(x * job->stride_w - job->left) * BLOCK + c;
                float sum = 0.0f;
                for (int kh = 0; kh < job->kh; kh++)
                    for (int kw = 0; kw < job->kw; kw++)
                        sum = fmaf(in[kh * job->in_row + (long)kw * BLOCK],
                                   job->weights[(kh * job->kw + kw) * BLOCK + c], sum);
                job->out[y * job->out_row + (long)x * BLOCK + c] =
                    activate(sum + job->bias[c], job->activation);
            }
}

void depthwise_c(const struct rows_job *job)
{
    depthwise_rows(job);
}
