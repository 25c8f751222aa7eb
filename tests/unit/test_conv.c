/* kernels: convolutions of all shapes give the bits of the rule, spelt out below over plain arrays,
 * with every set of kernels and in every number of pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "blocked.h"
#include "kernels/conv.h"

static const char *const kernel_names[] = {"c", "avx2", "avx512"};
enum { KERNELS = 3 };

struct layer {
    int h, w, in, out, kh, kw, stride;
    struct margins padding;
    enum activation activation;
    bool residual;
    bool hard; /* see draw_float */
};

struct arrays {
    int h, w; /* of the output */
    float *in, *weights, *bias, *residual, *expected;
};

static void layer_text(char text[200], const struct layer *layer)
{
    snprintf(text, 200, "%d x %d x %d to %d, %d x %d / %d, padding %d %d %d %d%s%s, activation %d",
             layer->h, layer->w, layer->in, layer->out, layer->kh, layer->kw, layer->stride,
             layer->padding.top, layer->padding.left, layer->padding.bottom, layer->padding.right,
             layer->residual ? ", residual" : "", layer->hard ? ", hard" : "", layer->activation);
}

/* One chain: the channels [first, end) in blocks of 16; kernel rows, columns and channels in each
 * block. Where the window leaves the picture there is no term. */
static float rule_chain(const struct layer *layer, const struct arrays *arrays, int o, int y, int x,
                        int first, int end)
{
    float sum = 0.0f;
    for (int block = first; block < end; block += 16)
        for (int kh = 0; kh < layer->kh; kh++)
            for (int kw = 0; kw < layer->kw; kw++)
                for (int i = block; i < block + 16 && i < end; i++) {
                    int v = y * layer->stride + kh - layer->padding.top;
                    int u = x * layer->stride + kw - layer->padding.left;
                    if (v < 0 || v >= layer->h || u < 0 || u >= layer->w)
                        continue;
                    float weight =
                        arrays->weights[((o * layer->in + i) * layer->kh + kh) * layer->kw + kw];
                    sum = fmaf(arrays->in[(i * layer->h + v) * layer->w + u], weight, sum);
                }
    return sum;
}

/* One output: the chains' sums added in order, then bias, residual, activation. */
static float rule_output(const struct layer *layer, const struct arrays *arrays, int o, int y,
                         int x)
{
    int taps = layer->kh * layer->kw, blocks = (256 + 8 * taps) / (16 * taps);
    int chain = 16 * (blocks > 1 ? blocks : 1);
    float total = 0.0f;
    for (int first = 0; first < layer->in; first += chain) {
        int end = first + chain < layer->in ? first + chain : layer->in;
        float sum = rule_chain(layer, arrays, o, y, x, first, end);
        total = first == 0 ? sum : total + sum;
    }
    total += arrays->bias[o];
    if (layer->residual)
        total += arrays->residual[((long)o * arrays->h + y) * arrays->w + x];
    if (layer->activation != ACT_NONE && total < 0.0f)
        total = 0.0f;
    if (layer->activation == ACT_RELU6 && total > 6.0f)
        total = 6.0f;
    return total;
}

static struct arrays arrays_make(const struct layer *layer, uint64_t seed)
{
    struct arrays arrays = {
        .h =
            (layer->h + layer->padding.top + layer->padding.bottom - layer->kh) / layer->stride + 1,
        .w =
            (layer->w + layer->padding.left + layer->padding.right - layer->kw) / layer->stride + 1,
    };
    long outputs = (long)layer->out * arrays.h * arrays.w;
    arrays.in = draw_floats(&seed, layer->hard, (long)layer->in * layer->h * layer->w);
    arrays.weights =
        draw_floats(&seed, layer->hard, (long)layer->out * layer->in * layer->kh * layer->kw);
    arrays.bias = draw_floats(&seed, layer->hard, layer->out);
    arrays.residual = draw_floats(&seed, layer->hard, outputs);
    arrays.expected = draw_floats(&seed, false, outputs);
    for (int o = 0; o < layer->out; o++)
        arrays.bias[o] += 0.0f; /* never -0 */
    for (long i = 0; i < outputs; i++)
        arrays.expected[i] = rule_output(layer, &arrays, (int)(i / arrays.w / arrays.h),
                                         (int)(i / arrays.w % arrays.h), (int)(i % arrays.w));
    return arrays;
}

static void arrays_free(struct arrays *arrays)
{
    free(arrays->in);
    free(arrays->weights);
    free(arrays->bias);
    free(arrays->residual);
    free(arrays->expected);
}

/* Weights and window for a set of kernels; unused lanes are +0. */
static struct conv conv_make(struct guards *guards, const struct layer *layer,
                             const struct arrays *arrays, const struct kernels *kernels,
                             const struct view *in)
{
    struct conv conv = {.out_channels = layer->out,
                        .in_blocks = in->blocks,
                        .pixel = in->pixel,
                        .kh = layer->kh,
                        .kw = layer->kw,
                        .stride_h = layer->stride,
                        .stride_w = layer->stride,
                        .top = layer->padding.top,
                        .left = layer->padding.left,
                        .activation = layer->activation,
                        .panel = kernels->panel};
    conv_measure(&conv);
    conv.offsets = guards_alloc(guards, (size_t)conv.segments, sizeof *conv.offsets);
    conv.weights = guards_alloc(guards, (size_t)conv_weight_count(&conv), sizeof *conv.weights);
    conv.bias = guards_alloc(guards, (size_t)blocks_of(layer->out) * BLOCK, sizeof *conv.bias);
    conv_place(&conv, in->row, in->plane);
    const float *weight = arrays->weights;
    for (int o = 0; o < layer->out; o++) {
        conv.bias[o] = arrays->bias[o];
        for (int i = 0; i < layer->in; i++)
            for (int tap = 0; tap < layer->kh * layer->kw; tap++)
                conv.weights[conv_weight_place(&conv, o, i, tap / layer->kw, tap % layer->kw)] =
                    *weight++;
    }
    return conv;
}

/* The margin that windows of the last row and column reach into; less than the padding where the
 * stride leaves a rest. */
static int reach(int size, int outputs, int stride, int before, int kernel)
{
    int after = (outputs - 1) * stride - before + kernel - size;
    return after > 0 ? after : 0;
}

/* All pieces of one way to cut the layer, in an order of no meaning. */
static void run_pieces(const struct kernels *kernels, const struct conv *conv,
                       const struct blocked *in, const struct view *residual,
                       const struct blocked *out, int pieces)
{
    struct conv_split split = conv_split(conv, &in->view, residual, &out->view, pieces);
    long count = (long)split.panels * split.parts;
    assert_true(split.part > 0 && split.parts * split.part >= split.units);
    for (long piece = count - 1; piece >= 0; piece--)
        conv_run(kernels, conv, &in->view, residual, &out->view, &split, piece);
}

static void check_pieces(const struct layer *layer, const struct arrays *arrays,
                         const struct kernels *kernels, struct margins around, int pieces,
                         bool at_start)
{
    struct guards guards = {.at_start = at_start};
    static const struct margins none = {0};
    const struct margins *padding = &layer->padding;
    struct margins halo = {padding->top, padding->left,
                           reach(layer->h, arrays->h, layer->stride, padding->top, layer->kh),
                           reach(layer->w, arrays->w, layer->stride, padding->left, layer->kw)};
    struct blocked in = blocked_make(&guards, layer->in, layer->h, layer->w,
                                     layer->in == 3 ? 3 : BLOCK, halo, 0.0f);
    struct blocked residual =
        blocked_make(&guards, layer->out, arrays->h, arrays->w, BLOCK, none, 0.0f);
    struct blocked out =
        blocked_make(&guards, layer->out, arrays->h, arrays->w, BLOCK, around, -7.0f);
    blocked_put(&in, arrays->in);
    blocked_put(&residual, arrays->residual);
    struct conv conv = conv_make(&guards, layer, arrays, kernels, &in.view);
    run_pieces(kernels, &conv, &in, layer->residual ? &residual.view : NULL, &out, pieces);
    char text[200];
    layer_text(text, layer);
    if (!blocked_is(&out, arrays->expected, !layer->hard, -7.0f))
        fail_msg("%s: %s kernels, %d pieces give other bits", text, kernels->name, pieces);
    guards_free(&guards);
}

static void check_layer(const struct layer *layer, uint64_t seed)
{
    static const struct margins none = {0}, uneven = {1, 2, 0, 1};
    static const int pieces[] = {1, 2, 3, 7, 16, 64};
    struct arrays arrays = arrays_make(layer, seed);
    for (int k = 0; k < KERNELS; k++) {
        const struct kernels *kernels = kernels_choose(kernel_names[k], NULL);
        if (!kernels)
            continue;
        check_pieces(layer, &arrays, kernels, none, k == 0 ? 5 : pieces[seed % 6], false);
        check_pieces(layer, &arrays, kernels, uneven, k == 0 ? 1 : pieces[(seed / 6) % 6], true);
    }
    arrays_free(&arrays);
}

static void which_kernels_are_here(void **state)
{
    (void)state;
    for (int k = 0; k < KERNELS; k++)
        if (!kernels_choose(kernel_names[k], NULL))
            print_message("[  SKIPPED ] %s kernels: this processor has no such instructions\n",
                          kernel_names[k]);
    assert_string_equal(kernels_choose("c", NULL)->name, "c");
    assert_ptr_equal(kernels_choose(NULL, NULL), kernels_choose("best", NULL));
    struct error error = {0};
    assert_null(kernels_choose("sse", &error));
    assert_int_equal(error.status, BAD_USAGE);
}

/* Layers as networks have them, and what lies between them. */
static void known_layers(void **state)
{
    (void)state;
    static const struct layer layers[] = {
        {23, 25, 3, 40, 11, 11, 4, {2, 2, 2, 2}, .activation = ACT_RELU, .hard = true},
        {15, 17, 3, 64, 7, 7, 2, {3, 3, 3, 3}, .activation = ACT_RELU},
        {16, 16, 3, 8, 3, 3, 2, {0, 0, 1, 1}, .activation = ACT_RELU6},
        {9, 31, 3, 32, 3, 3, 1, {1, 1, 1, 1}, .activation = ACT_NONE, .residual = true},
        {5, 6, 3, 16, 1, 1, 1, {0}, .activation = ACT_NONE, .hard = true},
        {7, 7, 64, 48, 1, 1, 1, {0}, .activation = ACT_RELU, .residual = true},
        {1, 1, 160, 1000, 1, 1, 1, {0}, .activation = ACT_NONE},
        {13, 11, 24, 40, 1, 1, 2, {0}, .activation = ACT_NONE},
        {9, 30, 48, 64, 3, 3, 1, {1, 1, 1, 1}, .activation = ACT_RELU, .residual = true},
        {8, 9, 160, 32, 3, 3, 2, {0, 1, 1, 1}, .activation = ACT_RELU6},
        {7, 16, 160, 24, 1, 7, 1, {0, 3, 0, 3}, .activation = ACT_RELU},
        {16, 7, 64, 32, 7, 1, 1, {3, 0, 3, 0}, .activation = ACT_NONE, .residual = true},
        {9, 9, 48, 48, 5, 5, 1, {2, 2, 2, 2}, .activation = ACT_RELU},
        {8, 8, 33, 17, 7, 7, 1, {3, 3, 3, 3}, .activation = ACT_RELU},
        {6, 5, 64, 80, 2, 2, 1, {0, 0, 1, 1}, .activation = ACT_NONE},
        {6, 6, 16, 10, 6, 6, 1, {0}, .activation = ACT_NONE},
        {4, 6, 300, 33, 4, 6, 1, {0}, .activation = ACT_NONE, .hard = true},
        {3,
         3,
         16,
         16,
         3,
         3,
         1,
         {2, 2, 2, 2},
         .activation = ACT_RELU,
         .residual = true,
         .hard = true},
    };
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        check_layer(&layers[i], i);
}

/* Rows of 1 to 30 outputs, cut into all widths of tiles, with one and two blocks of channels. */
static void rows_of_every_width(void **state)
{
    (void)state;
    for (int w = 1; w <= 30; w++) {
        struct layer layer = {
            2, w, 24, 48, 1, 3, 1, {0, 1, 0, 1}, .activation = ACT_RELU, .residual = w % 2};
        check_layer(&layer, (uint64_t)w);
        layer =
            (struct layer){3, 2 * w, 17, 16, 2, 2, 2, {0}, .activation = ACT_NONE, .hard = w % 2};
        check_layer(&layer, (uint64_t)w);
        layer = (struct layer){
            1, 4 * w + 1, 3, 20, 1, 5, 4, {0}, .activation = ACT_RELU6, .hard = w % 2};
        check_layer(&layer, (uint64_t)w);
        layer =
            (struct layer){3, w, 32, 40, 1, 1, 1, {0}, .activation = ACT_NONE}; /* one long row */
        check_layer(&layer, (uint64_t)w);
    }
}

/* Large enough to be cut for the cache too: with rows, and as one long row. */
static void every_number_of_pieces(void **state)
{
    (void)state;
    static const struct margins none = {0};
    static const struct layer layers[] = {
        {40, 41, 64, 48, 1, 1, 1, {0}, .activation = ACT_RELU, .residual = true},
        {57, 29, 64, 24, 3, 1, 1, {1, 0, 1, 0}, .activation = ACT_NONE},
    };
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        struct arrays arrays = arrays_make(&layers[i], i);
        for (int pieces = 1; pieces <= 64; pieces++)
            check_pieces(&layers[i], &arrays, kernels_choose(NULL, NULL), none, pieces, pieces % 2);
        arrays_free(&arrays);
    }
}

static void random_layers(void **state)
{
    (void)state;
    static const int channels[] = {1, 3, 5, 16, 24, 32, 48, 64, 100, 160},
                     sizes[] = {1, 2, 3, 5, 7};
    uint64_t random = 17;
    for (int i = 0; i < 150; i++) {
        struct layer layer = {.in = channels[random_below(&random, 10)],
                              .out = 1 + random_below(&random, 70),
                              .kh = sizes[random_below(&random, 5)],
                              .kw = sizes[random_below(&random, 5)],
                              .stride = 1 + random_below(&random, 2),
                              .activation = (enum activation)random_below(&random, 3),
                              .residual = random_below(&random, 2),
                              .hard = random_below(&random, 3) == 0};
        layer.padding =
            (struct margins){random_below(&random, layer.kh), random_below(&random, layer.kw),
                             random_below(&random, layer.kh), random_below(&random, layer.kw)};
        layer.h = layer.kh + random_below(&random, 8);
        layer.w = layer.kw + random_below(&random, 20);
        check_layer(&layer, random_next(&random));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_kernels_are_here), cmocka_unit_test(known_layers),
        cmocka_unit_test(rows_of_every_width),    cmocka_unit_test(every_number_of_pieces),
        cmocka_unit_test(random_layers),
    };
    return cmocka_run_group_tests_name("conv", tests, NULL, NULL);
}
