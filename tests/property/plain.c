#include "plain.h"
#include "formula.h"
#include "kernels/kernels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

struct plain {
    const struct net *net;
    uint64_t seed;
    float **values; /* of each node, [c][h][w] */
};

static size_t plain_count(struct shape shape)
{
    return (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
}

static bool has(const struct node *node, enum role role)
{
    return node->parameters[role].name;
}

/* The normalisation that is folded into node `n`: the only node that reads it; else -1. */
static int folded_norm(const struct net *net, int n)
{
    int users = n == net->output, norm = -1;
    for (int i = 0; i < net->count; i++) {
        const struct node *node = &net->nodes[i];
        int inputs = node->op == OP_CONCAT ? node->list_length : 2;
        for (int k = 0; k < inputs; k++)
            if ((node->op == OP_CONCAT ? node->list[k] : node->inputs[k]) == n) {
                users++;
                norm = node->op == OP_NORM ? i : -1;
            }
    }
    return users == 1 ? norm : -1;
}

/* y = x * scale + shift for channel `c` of a normalisation after a layer with this bias. */
static void norm_factors(const struct plain *plain, int norm, int c, double bias, double *scale,
                         double *shift)
{
    const struct node *node = &plain->net->nodes[norm];
    double value[ROLES] = {[ROLE_GAMMA] = 1, [ROLE_VARIANCE] = 1};
    for (int role = ROLE_GAMMA; role <= ROLE_VARIANCE; role++)
        if (has(node, role))
            value[role] = formula_value(plain->net, plain->seed, norm, role, c);
    *scale = value[ROLE_GAMMA] / sqrt(value[ROLE_VARIANCE] + node->epsilon);
    *shift = value[ROLE_BETA] + (bias - value[ROLE_MEAN]) * *scale;
}

/* The weights [in][kh][kw] and the bias of output channel `o`, folded and rounded. */
static float channel_weights(const struct plain *plain, int n, int o, int64_t terms, float *weights)
{
    const struct node *node = &plain->net->nodes[n];
    int norm = folded_norm(plain->net, n);
    double bias =
        has(node, ROLE_BIAS) ? formula_value(plain->net, plain->seed, n, ROLE_BIAS, o) : 0;
    double scale = 1, shift = node->factor * bias;
    if (norm >= 0)
        norm_factors(plain, norm, o, shift, &scale, &shift);
    scale *= node->factor;
    for (int64_t t = 0; t < terms; t++)
        weights[t] =
            (float)(scale * formula_value(plain->net, plain->seed, n, ROLE_KERNEL, o * terms + t));
    return (float)shift + 0.0f;
}

/* The channels [first, end) of one window: what the picture does not have is left out. */
static float add_window(const struct window *w, struct kernel_size size, struct shape in,
                        const float *values, const float *weights, int y, int x, int first, int end,
                        float sum)
{
    for (int kh = 0; kh < size.kh; kh++)
        for (int kw = 0; kw < size.kw; kw++) {
            int v = y * w->stride_h - w->top + kh, u = x * w->stride_w - w->left + kw;
            if (v < 0 || v >= in.h || u < 0 || u >= in.w)
                continue;
            for (int i = first; i < end; i++)
                sum = fmaf(values[((size_t)i * in.h + v) * in.w + u],
                           weights[((size_t)i * size.kh + kh) * size.kw + kw], sum);
        }
    return sum;
}

/* Chains of whole blocks of 16 channels, about 256 terms each, added in order. */
static float convolve(const struct window *w, struct kernel_size size, struct shape in,
                      const float *values, const float *weights, int y, int x)
{
    int taps = 16 * size.kh * size.kw, blocks = (256 + taps / 2) / taps;
    int chain = 16 * (blocks > 0 ? blocks : 1);
    float total = 0;
    for (int first = 0; first < size.in; first += chain) {
        float sum = 0;
        for (int block = first; block < size.in && block < first + chain; block += 16) {
            int end = block + 16 < size.in ? block + 16 : size.in;
            sum = add_window(w, size, in, values, weights, y, x, block, end, sum);
        }
        total = first == 0 ? sum : total + sum;
    }
    return total;
}

static void plain_conv(const struct plain *plain, int n, float *out)
{
    const struct node *node = &plain->net->nodes[n];
    struct kernel_size size = formula_kernel(plain->net, node);
    const float *in = plain->values[node->inputs[0]];
    struct shape shape = plain->net->nodes[node->inputs[0]].shape, stored = shape;
    struct window window = node->window;
    if (node->op == OP_DENSE) { /* one window over what was flattened */
        window = (struct window){.kh = size.kh, .kw = size.kw, .stride_h = 1, .stride_w = 1};
        stored = (struct shape){size.kh, size.kw, size.in};
    }
    bool depthwise = node->groups > 1;
    int64_t terms = (int64_t)size.in * size.kh * size.kw;
    float *weights = calloc((size_t)terms, sizeof *weights);
    assert_non_null(weights);
    for (int o = 0; o < node->shape.c; o++) {
        float bias = channel_weights(plain, n, o, terms, weights);
        const float *from = depthwise ? in + (size_t)o * shape.h * shape.w : in;
        for (int y = 0; y < node->shape.h; y++)
            for (int x = 0; x < node->shape.w; x++)
                *out++ = convolve(&window, size, stored, from, weights, y, x) + bias;
    }
    free(weights);
}

/* A normalisation that is folded already does nothing. */
static void plain_norm(const struct plain *plain, int n, float *out)
{
    const struct node *node = &plain->net->nodes[n];
    int from = node->inputs[0];
    enum op op = plain->net->nodes[from].op;
    bool folded = (op == OP_CONV || op == OP_DENSE) && folded_norm(plain->net, from) == n;
    const float *in = plain->values[from];
    for (int c = 0; c < node->shape.c; c++) {
        double scale, shift;
        norm_factors(plain, n, c, 0, &scale, &shift);
        for (int i = 0; i < node->shape.h * node->shape.w; i++, in++)
            *out++ = folded ? *in : fmaf(*in, (float)scale, (float)shift + 0.0f);
    }
}

/* One window of a pooling, over the part of it that lies in the picture, or with zeros round it. */
static float pool_window(const struct node *node, struct window w, struct shape in,
                         const float *plane, int y, int x)
{
    float most = 0, sum = 0;
    int count = 0;
    for (int kh = 0; kh < w.kh; kh++) {
        float row = 0;
        for (int kw = 0; kw < w.kw; kw++) {
            int v = y * w.stride_h - w.top + kh, u = x * w.stride_w - w.left + kw;
            bool outside = v < 0 || v >= in.h || u < 0 || u >= in.w;
            if (outside && !node->count_padding)
                continue;
            float value = outside ? 0.0f : plane[v * in.w + u];
            most = count == 0 || !(most > value) ? value : most;
            row += value;
            count++;
        }
        sum += row;
    }
    assert_true(count > 0);
    return node->op == OP_MAXPOOL ? most : sum / (float)count;
}

static void plain_pool(const struct plain *plain, int n, float *out)
{
    const struct node *node = &plain->net->nodes[n];
    struct shape in = plain->net->nodes[node->inputs[0]].shape;
    struct window window = node->window;
    if (node->op == OP_GLOBAL_AVGPOOL)
        window = (struct window){.kh = in.h, .kw = in.w, .stride_h = 1, .stride_w = 1};
    for (int c = 0; c < node->shape.c; c++)
        for (int y = 0; y < node->shape.h; y++)
            for (int x = 0; x < node->shape.w; x++)
                *out++ =
                    pool_window(node, window, in,
                                plain->values[node->inputs[0]] + (size_t)c * in.h * in.w, y, x);
}

static void plain_each(const struct plain *plain, int n, float *out)
{
    const struct node *node = &plain->net->nodes[n];
    const float *a = plain->values[node->inputs[0]];
    const float *b = node->op == OP_ADD ? plain->values[node->inputs[1]] : a;
    for (size_t i = 0; i < plain_count(node->shape); i++) {
        float value = node->op == OP_ADD ? a[i] + b[i] : a[i];
        if (node->op == OP_RELU || node->op == OP_RELU6)
            value = value < 0.0f ? 0.0f : value;
        if (node->op == OP_RELU6)
            value = value > 6.0f ? 6.0f : value;
        out[i] = value;
    }
}

static void plain_concat(const struct plain *plain, int n, float *out)
{
    const struct node *node = &plain->net->nodes[n];
    for (int i = 0; i < node->list_length; i++) {
        size_t count = plain_count(plain->net->nodes[node->list[i]].shape);
        memcpy(out, plain->values[node->list[i]], count * sizeof *out);
        out += count;
    }
}

static void plain_input(struct shape shape, const float *image, float *out)
{
    for (int c = 0; c < shape.c; c++)
        for (int i = 0; i < shape.h * shape.w; i++)
            *out++ = image[i * shape.c + c];
}

/* Rounded after the product and after the sum. */
static void plain_rescale(const struct plain *plain, int n, float *out)
{
    const struct node *node = &plain->net->nodes[n];
    const float *in = plain->values[node->inputs[0]];
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < node->shape.h * node->shape.w; i++) {
            float product = *in++ * node->scale[c];
            *out++ = product + node->shift[c];
        }
}

static void plain_node(const struct plain *plain, int n, const float *image)
{
    const struct node *node = &plain->net->nodes[n];
    float *out = plain->values[n];
    switch (node->op) {
    case OP_INPUT:
        plain_input(node->shape, image, out);
        break;
    case OP_RESCALE:
        plain_rescale(plain, n, out);
        break;
    case OP_CONV:
    case OP_DENSE:
        plain_conv(plain, n, out);
        break;
    case OP_NORM:
        plain_norm(plain, n, out);
        break;
    case OP_MAXPOOL:
    case OP_AVGPOOL:
    case OP_GLOBAL_AVGPOOL:
        plain_pool(plain, n, out);
        break;
    case OP_CONCAT:
        plain_concat(plain, n, out);
        break;
    case OP_RELU:
    case OP_RELU6:
    case OP_ADD:
    case OP_FLATTEN:
    case OP_SOFTMAX:
    case OP_LOG_SOFTMAX:
        plain_each(plain, n, out);
        break;
    }
    if (node->op == OP_SOFTMAX)
        softmax_of(out, node->shape.c);
    if (node->op == OP_LOG_SOFTMAX)
        softmax_log(out, node->shape.c);
}

float *plain_run(const struct net *net, uint64_t seed, const float *image)
{
    struct plain plain = {net, seed, calloc((size_t)net->count, sizeof(float *))};
    assert_non_null(plain.values);
    for (int n = 0; n < net->count; n++) {
        plain.values[n] = calloc(plain_count(net->nodes[n].shape), sizeof(float));
        assert_non_null(plain.values[n]);
        plain_node(&plain, n, image);
    }
    float *output = plain.values[net->output];
    for (int n = 0; n < net->count; n++)
        if (n != net->output)
            free(plain.values[n]);
    free(plain.values);
    return output;
}
