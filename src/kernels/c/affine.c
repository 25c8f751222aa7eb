#include "kernels/c/spec.h"

#include <math.h>
#include <stddef.h>

/* in * scale + shift as one fused multiply-add (or in as it is), plus other, then activation. */
CLONED static void affine_pixels(const struct affine_job *job)
{
    for (long i = 0; i < (long)job->pixels * BLOCK; i++) {
        float value = job->in[i];
        if (job->scale)
            value = fmaf(value, job->scale[i % BLOCK], job->shift[i % BLOCK]);
        if (job->other)
            value += job->other[i];
        job->out[i] = activate(value, job->activation);
    }
}

void affine_c(const struct affine_job *job)
{
    affine_pixels(job);
}
