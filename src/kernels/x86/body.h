/* The x86 kernels, written once over a vector type. A file that includes this one has defined
 *   vec, LANES                     the vector type and its number of floats (8 or 16)
 *   vec_load vec_store vec_set vec_fma vec_add vec_div vec_max vec_min
 *   ISA(name)                      name_avx2 and the like
 * and instantiates tiles. vec_max(a, b) is a > b ? a : b and vec_min(a, b) is a < b ? a : b, also
 * for NaN and zeros, which is what the instructions do. */

#include "kernels/kernels.h"
#include "kernels/rows.h"

#include <stdalign.h>

#define INLINE static inline __attribute__((always_inline))
/* A loop of known length, unrolled so that its arrays become registers. */
#define EACH(i, count) _Pragma("GCC unroll 16") for (int i = 0; i < (count); i++)

enum { VECTORS = BLOCK / LANES }; /* of a block */

INLINE vec vec_activate(vec value, enum activation activation)
{
    if (activation != ACT_NONE)
        value = vec_max(vec_set(0.0f), value);
    if (activation == ACT_RELU6)
        value = vec_min(vec_set(6.0f), value);
    return value;
}

/* ---- convolution: R pixels, V vectors of channels, STRIDE floats from pixel to pixel --------- */

/* Where vector v of pixel r's channels begins. */
INLINE long tile_place(int r, int v, long plane)
{
    return v / VECTORS * plane + (long)r * BLOCK + v % VECTORS * LANES;
}

/* What is done to each pixel r of a tile; a_r and b_r are the sums of its one or two vectors of
 * channels, named one by one so that every compiler keeps them in registers. */
#define PIXEL_ZERO(r) a##r = b##r = vec_set(0.0f);
#define PIXEL_STEP(r)                                                                              \
    {                                                                                              \
        vec value = vec_set(in[r * STRIDE]);                                                       \
        a##r = vec_fma(value, weight_a, a##r);                                                     \
        if (V == 2)                                                                                \
            b##r = vec_fma(value, weight_b, b##r);                                                 \
    }
#define PIXEL_BOTH(r, operation, other_a, other_b)                                                 \
    a##r = operation(other_a, a##r);                                                               \
    if (V == 2)                                                                                    \
        b##r = operation(other_b, b##r);
#define PIXEL_ADD_TOTAL(r)                                                                         \
    PIXEL_BOTH(r, vec_add, vec_load(total + 2 * r * LANES), vec_load(total + (2 * r + 1) * LANES))
#define PIXEL_KEEP_TOTAL(r)                                                                        \
    vec_store(total + 2 * r * LANES, a##r);                                                        \
    if (V == 2)                                                                                    \
        vec_store(total + (2 * r + 1) * LANES, b##r);
#define PIXEL_BIAS(r) PIXEL_BOTH(r, vec_add, bias_a, bias_b)
#define PIXEL_RESIDUAL(r)                                                                          \
    PIXEL_BOTH(r, vec_add, vec_load(tile->residual + tile_place(r, 0, tile->residual_plane)),      \
               vec_load(tile->residual + tile_place(r, 1, tile->residual_plane)))
#define PIXEL_RELU(r)  PIXEL_BOTH(r, vec_max, zero, zero)
#define PIXEL_RELU6(r) PIXEL_BOTH(r, vec_min, six, six)
#define PIXEL_STORE(r)                                                                             \
    vec_store(tile->out + tile_place(r, 0, tile->out_plane), a##r);                                \
    if (V == 2)                                                                                    \
        vec_store(tile->out + tile_place(r, 1, tile->out_plane), b##r);

/* conv_tile_R: R pixels, V vectors of channels, STRIDE floats from pixel to pixel. A segment is 16
 * floats where the pixels are blocks; elsewhere (the first layer) there is one chain. */
#define CONV_TILE(R)                                                                               \
    INLINE void conv_tile_##R(const int V, const int STRIDE, const struct conv_tile *tile)         \
    {                                                                                              \
        alignas(64) float total[2 * R * LANES];                                                    \
        vec PIXELS_##R(SUM_NAMES) weight_a, weight_b = vec_set(0.0f);                              \
        const float *weights = tile->weights;                                                      \
        const int32_t *offset = tile->offsets, *end = offset + tile->segments;                     \
        bool more, first = true;                                                                   \
        do {                                                                                       \
            more = end - offset > tile->chain;                                                     \
            const int32_t *chain_end = more ? offset + tile->chain : end;                          \
            PIXELS_##R(PIXEL_ZERO);                                                                \
            while (offset < chain_end) {                                                           \
                const float *in = tile->in + *offset++;                                            \
                const int length = STRIDE % BLOCK == 0 ? BLOCK : tile->segment;                    \
                _Pragma("GCC unroll 2") for (int i = 0; i < length; i++)                           \
                {                                                                                  \
                    weight_a = vec_load(weights);                                                  \
                    if (V == 2)                                                                    \
                        weight_b = vec_load(weights + LANES);                                      \
                    PIXELS_##R(PIXEL_STEP);                                                        \
                    weights += V * LANES;                                                          \
                    in++;                                                                          \
                }                                                                                  \
            }                                                                                      \
            if (!first) {                                                                          \
                PIXELS_##R(PIXEL_ADD_TOTAL);                                                       \
            }                                                                                      \
            if (more) {                                                                            \
                PIXELS_##R(PIXEL_KEEP_TOTAL);                                                      \
            }                                                                                      \
            first = false;                                                                         \
        } while (more);                                                                            \
        vec bias_a = vec_load(tile->bias), bias_b = vec_load(tile->bias + (V - 1) * LANES);        \
        PIXELS_##R(PIXEL_BIAS);                                                                    \
        if (tile->residual) {                                                                      \
            PIXELS_##R(PIXEL_RESIDUAL);                                                            \
        }                                                                                          \
        vec zero = vec_set(0.0f), six = vec_set(6.0f);                                             \
        if (tile->activation != ACT_NONE) {                                                        \
            PIXELS_##R(PIXEL_RELU);                                                                \
        }                                                                                          \
        if (tile->activation == ACT_RELU6) {                                                       \
            PIXELS_##R(PIXEL_RELU6);                                                               \
        }                                                                                          \
        PIXELS_##R(PIXEL_STORE);                                                                   \
    }

#define PIXELS_1(X)  X(0)
#define PIXELS_2(X)  PIXELS_1(X) X(1)
#define PIXELS_3(X)  PIXELS_2(X) X(2)
#define PIXELS_4(X)  PIXELS_3(X) X(3)
#define PIXELS_5(X)  PIXELS_4(X) X(4)
#define PIXELS_6(X)  PIXELS_5(X) X(5)
#define PIXELS_7(X)  PIXELS_6(X) X(6)
#define PIXELS_8(X)  PIXELS_7(X) X(7)
#define PIXELS_9(X)  PIXELS_8(X) X(8)
#define PIXELS_10(X) PIXELS_9(X) X(9)
#define PIXELS_11(X) PIXELS_10(X) X(10)
#define PIXELS_12(X) PIXELS_11(X) X(11)
#define PIXELS_13(X) PIXELS_12(X) X(12)
#define PIXELS_14(X) PIXELS_13(X) X(13)
#define SUM_NAMES(r) a##r, b##r,

/* A tile is one line: its pixels, its blocks of channels, its pixel stride. */
#define TILE(R, BLOCKS, STRIDE)                                                                    \
    static void tile_##R##_##BLOCKS##_##STRIDE(const struct conv_tile *tile)                       \
    {                                                                                              \
        conv_tile_##R(BLOCKS *VECTORS, STRIDE, tile);                                              \
    }

/* ---- depthwise: four pixels at a time so that four chains run side by side ------------------ */

INLINE void depthwise_pixels(const struct rows_job *job, const int PIXELS, const int K,
                             const int STRIDE, int y, int x, int lane)
{
    const int kh = K ? K : job->kh, kw = K ? K : job->kw;
    const int stride = STRIDE ? STRIDE : job->stride_w;
    const float *in = job->in + (y * job->stride_h - job->top) * job->in_row +
                      (long)(x * stride - job->left) * BLOCK + lane;
    vec sum[4];
    EACH (p, PIXELS)
        sum[p] = vec_set(0.0f);
    EACH (v, kh)
        EACH (u, kw) {
            vec weight = vec_load(job->weights + (v * kw + u) * BLOCK + lane);
            EACH (p, PIXELS)
                sum[p] = vec_fma(vec_load(in + v * job->in_row + (long)(p * stride + u) * BLOCK),
                                 weight, sum[p]);
        }
    vec bias = vec_load(job->bias + lane);
    float *out = job->out + y * job->out_row + (long)x * BLOCK + lane;
    EACH (p, PIXELS)
        vec_store(out + p * BLOCK, vec_activate(vec_add(sum[p], bias), job->activation));
}

INLINE void depthwise_rows(const struct rows_job *job, const int K, const int STRIDE)
{
    for (int y = job->first; y < job->end; y++)
        for (int lane = 0; lane < BLOCK; lane += LANES) {
            int x = 0;
            for (; x + 4 <= job->out_w; x += 4)
                depthwise_pixels(job, 4, K, STRIDE, y, x, lane);
            for (; x < job->out_w; x++)
                depthwise_pixels(job, 1, K, STRIDE, y, x, lane);
        }
}

static void ISA(depthwise)(const struct rows_job *job)
{
    if (job->kh == 3 && job->kw == 3 && job->stride_w == 1)
        depthwise_rows(job, 3, 1);
    else if (job->kh == 3 && job->kw == 3 && job->stride_w == 2)
        depthwise_rows(job, 3, 2);
    else
        depthwise_rows(job, 0, 0);
}

/* ---- poolings and elementwise ---------------------------------------------------------------- */

static void ISA(maxpool)(const struct rows_job *job)
{
    for (int y = job->first; y < job->end; y++)
        for (int x = 0; x < job->out_w; x++) {
            struct rows_window window = rows_window(job, y, x);
            for (int lane = 0; lane < BLOCK; lane += LANES) {
                const float *in = job->in + lane;
                vec most = vec_load(in + window.y0 * job->in_row + (long)window.x0 * BLOCK);
                for (int v = window.y0; v < window.y1; v++)
                    for (int u = window.x0; u < window.x1; u++)
                        most = vec_max(most, vec_load(in + v * job->in_row + (long)u * BLOCK));
                vec_store(job->out + y * job->out_row + (long)x * BLOCK + lane, most);
            }
        }
}

static void ISA(avgpool)(const struct rows_job *job)
{
    for (int y = job->first; y < job->end; y++)
        for (int x = 0; x < job->out_w; x++) {
            struct rows_window window = rows_window(job, y, x);
            for (int lane = 0; lane < BLOCK; lane += LANES) {
                vec sum = vec_set(0.0f);
                for (int v = window.y0; v < window.y1; v++) {
                    const float *in = job->in + v * job->in_row + lane;
                    vec row = vec_set(0.0f);
                    for (int u = window.x0; u < window.x1; u++)
                        row = vec_add(row, vec_load(in + (long)u * BLOCK));
                    sum = vec_add(sum, row);
                }
                vec_store(job->out + y * job->out_row + (long)x * BLOCK + lane,
                          vec_div(sum, vec_set(window.divisor)));
            }
        }
}

static void ISA(affine)(const struct affine_job *job)
{
    for (int lane = 0; lane < BLOCK; lane += LANES)
        for (long i = lane; i < (long)job->pixels * BLOCK; i += BLOCK) {
            vec value = vec_load(job->in + i);
            if (job->scale)
                value = vec_fma(value, vec_load(job->scale + lane), vec_load(job->shift + lane));
            if (job->other)
                value = vec_add(value, vec_load(job->other + i));
            vec_store(job->out + i, vec_activate(value, job->activation));
        }
}
