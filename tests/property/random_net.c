#include "random_net.h"
#include "../random.h"
#include "net/builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 40, LAYERS = 12 };

struct growth {
    uint64_t state;
    tensor made[MOST]; /* the picture first */
    bool used[MOST];
    int count;
};

static int pick(struct growth *growth, const int *from, int count)
{
    return from[random_below(&growth->state, count)];
}
#define PICK(growth, ...)                                                                          \
    pick((growth), (const int[]){__VA_ARGS__}, sizeof(int[]){__VA_ARGS__} / sizeof(int))

static void put(struct growth *growth, tensor x)
{
    assert_true(growth->count < MOST && x.node >= 0);
    growth->made[growth->count++] = x;
}

/* One that was made before; the picture itself goes into convolutions only. */
static tensor take(struct growth *growth)
{
    int i = 1 + random_below(&growth->state, growth->count - 1);
    if (random_below(&growth->state, 2))
        i = growth->count - 1;
    growth->used[i] = true;
    return growth->made[i];
}

/* Another one with the same height and width and `most` channels or fewer, or exactly the same
 * channels; x itself where there is none. */
static tensor take_like(struct growth *growth, tensor x, int most)
{
    struct shape want = shape_of(x);
    for (int tries = 0; tries < 20; tries++) {
        int i = 1 + random_below(&growth->state, growth->count - 1);
        struct shape shape = shape_of(growth->made[i]);
        bool fits = most ? shape.c <= most : shape.c == want.c;
        if (shape.h == want.h && shape.w == want.w && fits) {
            growth->used[i] = true;
            return growth->made[i];
        }
    }
    return x;
}

static tensor grow_conv(struct growth *growth, tensor x)
{
    struct shape in = shape_of(x);
    int kh = PICK(growth, 1, 1, 1, 2, 3, 3, 5, 7), kw = PICK(growth, 0, 0, 0, 0, 1, 7);
    kw = kw ? kw : kh;
    int top = random_below(&growth->state, kh), left = random_below(&growth->state, kw);
    if (in.h + 2 * top < kh || in.w + 2 * left < kw)
        kh = kw = 1, top = left = 0;
    int stride = in.c == 3 ? PICK(growth, 1, 2, 4) : PICK(growth, 1, 1, 2);
    int out = PICK(growth, 5, 8, 16, 24, 32, 40, 48, 64);
    return conv(x, name_of(x, "layer%d", growth->count), out, .kernel_hw = {kh, kw},
                .padding_hw = {top, left}, .stride = stride,
                .no_bias = random_below(&growth->state, 2));
}

static tensor grow_depthwise(struct growth *growth, tensor x)
{
    int channels = shape_of(x).c, kernel = PICK(growth, 3, 3, 5, 7);
    return conv(x, name_of(x, "layer%d", growth->count), channels, kernel, .padding = kernel / 2,
                .stride = PICK(growth, 1, 2), .groups = channels,
                .no_bias = random_below(&growth->state, 2));
}

static tensor grow_pool(struct growth *growth, tensor x)
{
    struct shape in = shape_of(x);
    int kernel = PICK(growth, 2, 3), padding = random_below(&growth->state, 2);
    int stride = PICK(growth, 1, 2, 3);
    if (in.h < kernel || in.w < kernel)
        return global_avgpool(x);
    if (random_below(&growth->state, 2))
        return maxpool(x, kernel, stride, padding, .ceil = random_below(&growth->state, 2));
    return avgpool(x, kernel, stride, padding, .exclude_padding = random_below(&growth->state, 2));
}

static tensor grow_concat(struct growth *growth, tensor x)
{
    if (shape_of(x).c > 100)
        return relu(x);
    tensor second = take_like(growth, x, 100);
    if (random_below(&growth->state, 2))
        return concat(x, second);
    return concat(x, second, take_like(growth, x, 100));
}

static tensor grow(struct growth *growth)
{
    tensor x = take(growth);
    switch (random_below(&growth->state, 12)) {
    case 0:
        return norm(x, name_of(x, "layer%d", growth->count));
    case 1:
        return relu(x);
    case 2:
        return relu6(x);
    case 3:
        return grow_pool(growth, x);
    case 4:
        return shape_of(x).c > 1 ? grow_depthwise(growth, x) : relu(x);
    case 5:
    case 6:
        return add(x, take_like(growth, x, 0));
    case 7:
    case 8:
        return grow_concat(growth, x);
    default:
        return grow_conv(growth, x);
    }
}

/* A convolution as networks have it: with a normalisation, a way round it that may have a
 * convolution of its own, an activation. */
static void grow_chain(struct growth *growth)
{
    tensor start = take(growth), x = start;
    int channels = shape_of(x).c, count = growth->count;
    x = conv(x, name_of(x, "chain%d", count), channels, 3, .padding = 1, .no_bias = true);
    x = norm(x, name_of(x, "chain%d.norm", count));
    int way_round = random_below(&growth->state, 4);
    if (way_round == 1)
        x = add(x, start);
    else if (way_round == 2)
        x = add(start, x);
    else if (way_round == 3)
        x = add(x, conv(start, name_of(x, "chain%d.round", count), channels, 1));
    put(growth, random_below(&growth->state, 3) ? relu(x) : relu6(x));
}

/* What nobody used is pooled and put side by side; then the classes. */
static tensor finish(struct growth *growth)
{
    tensor loose[MOST];
    int count = 0;
    for (int i = 1; i < growth->count; i++)
        if (!growth->used[i])
            loose[count++] = growth->made[i];
    if (count > 1)
        for (int i = 0; i < count; i++)
            loose[i] = global_avgpool(loose[i]);
    tensor x = count > 1 ? concat_list(loose, count) : loose[0];
    int kind = random_below(&growth->state, 4);
    if (kind == 0 && count > 1)
        return x;
    x = linear(flatten(x), "classes", PICK(growth, 10, 16, 1000));
    return kind == 1 ? softmax(x) : kind == 2 ? log_softmax(x) : x;
}

struct net *random_net(uint64_t seed)
{
    struct growth growth = {.state = random_mix(seed)};
    struct net *net = net_new(PYTORCH, "random");
    int height = 6 + random_below(&growth.state, 20), width = 6 + random_below(&growth.state, 20);
    tensor picture = net_input(net, height, width, 3);
    if (random_below(&growth.state, 4) == 0)
        picture = rescale(picture, ((double[]){0.5, 2, -0.3}), ((double[]){0.1, -0.7, 1}));
    put(&growth, picture);
    put(&growth, grow_conv(&growth, growth.made[0]));
    if (random_below(&growth.state, 2))
        put(&growth, grow_conv(&growth, growth.made[0]));
    for (int i = 0; i < LAYERS; i++)
        if (random_below(&growth.state, 6))
            put(&growth, grow(&growth));
        else
            grow_chain(&growth);
    struct error error = {0};
    if (net_finish(net, finish(&growth), &error) != OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, error.text);
    return net;
}
