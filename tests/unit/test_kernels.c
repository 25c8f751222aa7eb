/* kernels: depthwise convolutions, poolings and elementwise operations give the bits of the rule,
 * spelt out below over plain arrays, with every set of kernels and in every cut into rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "blocked.h"
#include "kernels/kernels.h"

#include <fenv.h>

static const char *const kernel_names[] = {"c", "avx2", "avx512"};
enum { KERNELS = 3, CHANNELS = 21 /* one block and a ragged one */ };

enum kind { DEPTHWISE, MAXPOOL, AVGPOOL };

/* A window that slides over a picture. */
struct layer {
    enum kind kind;
    int h, w, kh, kw, stride_h, stride_w;
    struct margins padding;
    int out_h, out_w;
    enum activation activation;
    bool count_padding, hard;
};

struct arrays {
    float *in, *weights, *bias, *expected;
};

static float activate(float value, enum activation activation)
{
    if (activation != ACT_NONE && value < 0.0f)
        return 0.0f;
    return activation == ACT_RELU6 && value > 6.0f ? 6.0f : value;
}

/* One output: over the part of the window that lies in the picture, or with +0 round it. */
static float rule_output(const struct layer *layer, const struct arrays *arrays, int c, int y,
                         int x)
{
    float chain = 0.0f, sum = 0.0f, most = 0.0f;
    int count = 0;
    for (int kh = 0; kh < layer->kh; kh++) {
        float row = 0.0f;
        for (int kw = 0; kw < layer->kw; kw++) {
            int v = y * layer->stride_h + kh - layer->padding.top;
            int u = x * layer->stride_w + kw - layer->padding.left;
            bool outside = v < 0 || v >= layer->h || u < 0 || u >= layer->w;
            if (outside && !layer->count_padding)
                continue;
            float value = outside ? 0.0f : arrays->in[(c * layer->h + v) * layer->w + u];
            chain = fmaf(value, arrays->weights[(c * layer->kh + kh) * layer->kw + kw], chain);
            row += value;
            most = count++ == 0 || !(most > value) ? value : most;
        }
        sum += row;
    }
    if (layer->kind == DEPTHWISE)
        return activate(chain + arrays->bias[c], layer->activation);
    if (layer->kind == MAXPOOL)
        return most;
    return sum / (float)count;
}

static struct arrays arrays_make(const struct layer *layer, uint64_t seed)
{
    int area = layer->out_h * layer->out_w;
    struct arrays arrays = {
        .in = draw_floats(&seed, layer->hard, (long)CHANNELS * layer->h * layer->w),
        .weights = draw_floats(&seed, layer->hard, (long)CHANNELS * layer->kh * layer->kw),
        .bias = draw_floats(&seed, layer->hard, CHANNELS),
        .expected = draw_floats(&seed, false, (long)CHANNELS * area),
    };
    for (int c = 0; c < CHANNELS; c++) {
        arrays.bias[c] += 0.0f; /* never -0 */
        for (int i = 0; i < area; i++)
            arrays.expected[c * area + i] =
                rule_output(layer, &arrays, c, i / layer->out_w, i % layer->out_w);
    }
    return arrays;
}

static void arrays_free(struct arrays *arrays)
{
    free(arrays->in);
    free(arrays->weights);
    free(arrays->bias);
    free(arrays->expected);
}

static void put_weights(const struct layer *layer, const struct arrays *arrays, int block,
                        float *weights, float *bias)
{
    int taps = layer->kh * layer->kw;
    for (int lane = 0; lane < BLOCK; lane++) {
        int c = block * BLOCK + lane;
        bias[lane] = c < CHANNELS ? arrays->bias[c] : 0.0f;
        for (int tap = 0; tap < taps; tap++)
            weights[tap * BLOCK + lane] = c < CHANNELS ? arrays->weights[c * taps + tap] : 0.0f;
    }
}

/* One block, some rows at a time, the last first. */
static void run_block(struct guards *guards, const struct layer *layer, const struct arrays *arrays,
                      const struct kernels *kernels, const struct blocked *in,
                      const struct blocked *out, int block, int rows)
{
    size_t taps = (size_t)(layer->kh * layer->kw);
    float *weights = guards_alloc(guards, taps * BLOCK, sizeof *weights);
    float *bias = guards_alloc(guards, BLOCK, sizeof *bias);
    put_weights(layer, arrays, block, weights, bias);
    struct rows_job job = {
        .in = view_at(&in->view, block, 0, 0),
        .in_row = in->view.row,
        .in_h = layer->h,
        .in_w = layer->w,
        .out = view_at(&out->view, block, 0, 0),
        .out_row = out->view.row,
        .out_w = layer->out_w,
        .kh = layer->kh,
        .kw = layer->kw,
        .stride_h = layer->stride_h,
        .stride_w = layer->stride_w,
        .top = layer->padding.top,
        .left = layer->padding.left,
        .weights = weights,
        .bias = bias,
        .activation = layer->activation,
        .count_padding = layer->count_padding,
    };
    for (job.end = layer->out_h; job.end > 0; job.end = job.first) {
        job.first = job.end > rows ? job.end - rows : 0;
        if (layer->kind == DEPTHWISE)
            kernels->depthwise(&job);
        else if (layer->kind == MAXPOOL)
            kernels->maxpool(&job);
        else
            kernels->avgpool(&job);
    }
}

static void check_kernels(const struct layer *layer, const struct arrays *arrays,
                          const struct kernels *kernels, int rows, bool at_start)
{
    static const struct margins none = {0}, uneven = {1, 2, 0, 1};
    struct guards guards = {.at_start = at_start};
    bool padded = layer->kind == DEPTHWISE || layer->count_padding;
    struct margins halo = padded ? layer->padding : none;
    struct blocked in = blocked_make(&guards, CHANNELS, layer->h, layer->w, BLOCK, halo, 0.0f);
    struct blocked out =
        blocked_make(&guards, CHANNELS, layer->out_h, layer->out_w, BLOCK, uneven, -7.0f);
    blocked_put(&in, arrays->in);
    for (int block = 0; block < in.view.blocks; block++)
        run_block(&guards, layer, arrays, kernels, &in, &out, block, rows);
    if (!blocked_is(&out, arrays->expected, true, -7.0f))
        fail_msg("kind %d of %d x %d, window %d x %d / %d %d: %s kernels, %d rows at a time give "
                 "other bits",
                 layer->kind, layer->h, layer->w, layer->kh, layer->kw, layer->stride_h,
                 layer->stride_w, kernels->name, rows);
    guards_free(&guards);
}

static void check_layer(const struct layer *layer, uint64_t seed)
{
    struct arrays arrays = arrays_make(layer, seed);
    for (int k = 0; k < KERNELS; k++) {
        const struct kernels *kernels = kernels_choose(kernel_names[k], NULL);
        for (int rows = 1; kernels && rows <= layer->out_h; rows = 2 * rows + 1) {
            check_kernels(layer, &arrays, kernels, rows, false);
            check_kernels(layer, &arrays, kernels, rows, true);
        }
    }
    arrays_free(&arrays);
}

/* As many windows as fit; where `ceil` says so one more of which a part fits. */
static int windows(int size, int kernel, int stride, int before, int after, bool ceil)
{
    int count = (size + before + after - kernel) / stride + 1;
    return ceil && count * stride - before < size ? count + 1 : count;
}

static void set_outputs(struct layer *layer, bool ceil)
{
    const struct margins *padding = &layer->padding;
    layer->out_h =
        windows(layer->h, layer->kh, layer->stride_h, padding->top, padding->bottom, ceil);
    layer->out_w =
        windows(layer->w, layer->kw, layer->stride_w, padding->left, padding->right, ceil);
}

static void depthwise_layers(void **state)
{
    (void)state;
    static const int sizes[] = {1, 2, 3, 3, 5, 7};
    uint64_t random = 3;
    for (int i = 0; i < 120; i++) {
        int kernel = sizes[random_below(&random, 6)], stride = 1 + random_below(&random, 3);
        struct layer layer = {.kind = DEPTHWISE,
                              .h = kernel + random_below(&random, 8),
                              .w = kernel + i % 12,
                              .kh = kernel,
                              .kw = i % 5 ? kernel : 1 + random_below(&random, kernel),
                              .stride_h = stride,
                              .stride_w = i % 7 ? stride : 1 + random_below(&random, 2),
                              .activation = (enum activation)random_below(&random, 3),
                              .hard = i % 3 == 0};
        layer.padding =
            (struct margins){random_below(&random, kernel), random_below(&random, layer.kw),
                             random_below(&random, kernel), random_below(&random, layer.kw)};
        set_outputs(&layer, false);
        check_layer(&layer, random_next(&random));
    }
}

static void pooling_layers(void **state)
{
    (void)state;
    uint64_t random = 5;
    for (int i = 0; i < 150; i++) {
        int kh = 1 + random_below(&random, 4), kw = 1 + random_below(&random, 4);
        struct layer layer = {.kind = i % 2 ? MAXPOOL : AVGPOOL,
                              .h = kh + random_below(&random, 10),
                              .w = kw + random_below(&random, 10),
                              .kh = kh,
                              .kw = kw,
                              .stride_h = 1 + random_below(&random, 3),
                              .stride_w = 1 + random_below(&random, 3),
                              .count_padding = i % 4 < 2,
                              .hard = i % 3 == 0};
        layer.padding =
            (struct margins){random_below(&random, kh / 2 + 1), random_below(&random, kw / 2 + 1),
                             random_below(&random, kh / 2 + 1), random_below(&random, kw / 2 + 1)};
        set_outputs(&layer, layer.kind == MAXPOOL && !layer.count_padding && i % 5 < 3);
        check_layer(&layer, random_next(&random));
    }
}

static void whole_pictures_are_averaged(void **state)
{
    (void)state;
    for (int side = 1; side < 20; side += 3) {
        struct layer layer = {.kind = AVGPOOL,
                              .h = side,
                              .w = side + 1,
                              .kh = side,
                              .kw = side + 1,
                              .stride_h = 1,
                              .stride_w = 1,
                              .out_h = 1,
                              .out_w = 1};
        check_layer(&layer, (uint64_t)side);
    }
}

/* A NaN is not the largest unless it is the last; of two zeros the later one stays. */
static void maxima_are_compared_in_order(void **state)
{
    (void)state;
    static const struct {
        float a, b, most;
    } pairs[] = {{0.0f, -0.0f, -0.0f}, {-0.0f, 0.0f, 0.0f},         {NAN, 1.0f, 1.0f},
                 {1.0f, NAN, NAN},     {-INFINITY, -3e38f, -3e38f}, {INFINITY, 3.0f, INFINITY}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int k = 0; k < KERNELS; k++) {
            const struct kernels *kernels = kernels_choose(kernel_names[k], NULL);
            float in[2 * BLOCK], out[BLOCK];
            for (int lane = 0; lane < BLOCK; lane++) {
                in[lane] = pairs[i].a;
                in[BLOCK + lane] = pairs[i].b;
            }
            struct rows_job job = {.in = in,
                                   .in_row = 2 * BLOCK,
                                   .in_h = 1,
                                   .in_w = 2,
                                   .out = out,
                                   .out_row = BLOCK,
                                   .out_w = 1,
                                   .end = 1,
                                   .kh = 1,
                                   .kw = 2,
                                   .stride_h = 1,
                                   .stride_w = 1};
            if (!kernels)
                continue;
            kernels->maxpool(&job);
            for (int lane = 0; lane < BLOCK; lane++)
                assert_true(same_float(out[lane], pairs[i].most));
        }
}

static float *draw_guarded(struct guards *guards, uint64_t *seed, int count)
{
    float *values = guards_alloc(guards, (size_t)count, sizeof *values);
    for (int i = 0; i < count; i++)
        values[i] = draw_float(seed, true);
    return values;
}

static void check_affine(const struct kernels *kernels, uint64_t seed, bool scaled, bool added,
                         enum activation activation)
{
    struct guards guards = {.at_start = seed / 12 % 2};
    const int pixels = 1 + (int)(seed % 9);
    float *in = draw_guarded(&guards, &seed, pixels * BLOCK);
    float *other = draw_guarded(&guards, &seed, pixels * BLOCK);
    float *scale = draw_guarded(&guards, &seed, BLOCK);
    float *shift = draw_guarded(&guards, &seed, BLOCK);
    float *out = draw_guarded(&guards, &seed, pixels * BLOCK);
    struct affine_job job = {.in = in,
                             .other = added ? other : NULL,
                             .out = out,
                             .pixels = pixels,
                             .scale = scaled ? scale : NULL,
                             .shift = scaled ? shift : NULL,
                             .activation = activation};
    kernels->affine(&job);
    for (int i = 0; i < pixels * BLOCK; i++) {
        float value = in[i];
        if (scaled)
            value = fmaf(value, scale[i % BLOCK], shift[i % BLOCK]);
        if (added)
            value += other[i];
        assert_true(same_float(out[i], activate(value, activation)));
    }
    guards_free(&guards);
}

static void elementwise(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++)
        for (int k = 0; k < KERNELS; k++) {
            const struct kernels *kernels = kernels_choose(kernel_names[k], NULL);
            if (kernels)
                check_affine(kernels, seed, seed & 1, seed & 2, (enum activation)(seed / 4 % 3));
        }
}

/* Whoever has the processor round otherwise gets no kernels, and a reason. */
static void other_rounding_is_refused(void **state)
{
    (void)state;
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int i = 0; i < 3; i++) {
        struct error error = {0};
        fesetround(modes[i]);
        const struct kernels *kernels = kernels_choose("c", &error);
        fesetround(FE_TONEAREST);
        assert_null(kernels);
        assert_int_equal(error.status, NOT_TRUSTWORTHY);
    }
    assert_non_null(kernels_choose("c", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depthwise_layers),
        cmocka_unit_test(pooling_layers),
        cmocka_unit_test(whole_pictures_are_averaged),
        cmocka_unit_test(maxima_are_compared_in_order),
        cmocka_unit_test(elementwise),
        cmocka_unit_test(other_rounding_is_refused),
    };
    return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
