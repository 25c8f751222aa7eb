#include "kernels/c/spec.h"
#include "kernels/rows.h"

/* The largest of the window's pixels, in order of rows and columns: those inside the picture, or,
 * where the padding counts, all of them. */
void maxpool_c(const struct rows_job *job)
{
    for (int y = job->first; y < job->end; y++)
        for (int x = 0; x < job->out_w; x++) {
            struct rows_window window = rows_window(job, y, x);
            for (int c = 0; c < BLOCK; c++) {
                const float *in = job->in + c;
                float most = in[window.y0 * job->in_row + (long)window.x0 * BLOCK];
                for (int v = window.y0; v < window.y1; v++)
                    for (int u = window.x0; u < window.x1; u++) {
                        float value = in[v * job->in_row + (long)u * BLOCK];
                        most = most > value ? most : value;
                    }
                job->out[y * job->out_row + (long)x * BLOCK + c] = most;
            }
        }
}

/* The sum of the same pixels, divided by their number. Every row is summed from +0, then the rows: a
 * large window loses less to rounding than in one sum. */
void avgpool_c(const struct rows_job *job)
{
    for (int y = job->first; y < job->end; y++)
        for (int x = 0; x < job->out_w; x++) {
            struct rows_window window = rows_window(job, y, x);
            for (int c = 0; c < BLOCK; c++) {
                float sum = 0.0f;
                for (int v = window.y0; v < window.y1; v++) {
                    float row = 0.0f;
                    for (int u = window.x0; u < window.x1; u++)
                        row += job->in[v * job->in_row + (long)u * BLOCK + c];
                    sum += row;
                }
                job->out[y * job->out_row + (long)x * BLOCK + c] = sum / window.divisor;
            }
        }
}
