/* Inception v3 (Szegedy et al. 2015, arXiv:1512.00567), table 1 and figures 5 to 7, with the layers
 * of Keras 2.2.4 (keras_applications 1.0.7). Convolutions have no names of their own there: what
 * tells them apart is the order in which they are made. */
#include "net/keras.h"
#include "zoo/families.h"

/* A convolution of height x width, normalisation without gamma, activation. */
static tensor conv(tensor x, int filters, int height, int width, int stride,
                   enum keras_padding padding)
{
    return Sequential(x,
                      Conv2D(filters, .kernel_hw = {height, width}, .strides = stride,
                             .padding = padding, .no_bias = true),
                      BatchNormalization(.no_scale = true), Activation(RELU));
}

static tensor same(tensor x, int filters, int height, int width)
{
    return conv(x, filters, height, width, 1, SAME);
}

static tensor half(tensor x, int filters)
{
    return conv(x, filters, 3, 3, 2, VALID);
}

static tensor average(tensor x, int filters)
{
    return same(Sequential(x, AveragePooling2D(3, .strides = 1, .padding = SAME)), filters, 1, 1);
}

static tensor maximum(tensor x)
{
    return Sequential(x, MaxPool2D(3, .strides = 2));
}

/* Figure 5. */
static tensor mixed_35(tensor x, int pooled)
{
    tensor one = same(x, 64, 1, 1);
    tensor five = same(same(x, 48, 1, 1), 64, 5, 5);
    tensor twice = same(same(same(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    return Concatenate(one, five, twice, average(x, pooled));
}

/* Figure 6, n = 7. */
static tensor mixed_17(tensor x, int width)
{
    tensor one = same(x, 192, 1, 1);
    tensor seven = same(same(same(x, width, 1, 1), width, 1, 7), 192, 7, 1);
    tensor twice = same(same(same(x, width, 1, 1), width, 7, 1), width, 1, 7);
    twice = same(same(twice, width, 7, 1), 192, 1, 7);
    return Concatenate(one, seven, twice, average(x, 192));
}

/* 1x3 and 3x1 side by side. */
static tensor both(tensor x)
{
    tensor wide = same(x, 384, 1, 3);
    return Concatenate(wide, same(x, 384, 3, 1));
}

/* Figure 7. */
static tensor mixed_8(tensor x)
{
    tensor one = same(x, 320, 1, 1);
    tensor three = both(same(x, 384, 1, 1));
    tensor twice = both(same(same(x, 448, 1, 1), 384, 3, 3));
    return Concatenate(one, three, twice, average(x, 192));
}

static tensor reduce_35(tensor x)
{
    tensor three = half(x, 384);
    tensor twice = half(same(same(x, 64, 1, 1), 96, 3, 3), 96);
    return Concatenate(three, twice, maximum(x));
}

static tensor reduce_17(tensor x)
{
    tensor three = half(same(x, 192, 1, 1), 320);
    tensor seven = half(same(same(same(x, 192, 1, 1), 192, 1, 7), 192, 7, 1), 192);
    return Concatenate(three, seven, maximum(x));
}

static tensor inception_v3(tensor x)
{                                     /* output   side  channels */
    x = half(x, 32);                  /*           149    32 */
    x = conv(x, 32, 3, 3, 1, VALID);  /*           147    32 */
    x = maximum(same(x, 64, 3, 3));   /*            73    64 */
    x = conv(x, 80, 1, 1, 1, VALID);  /*            73    80 */
    x = conv(x, 192, 3, 3, 1, VALID); /*            71   192 */
    x = maximum(x);                   /*            35   192 */
    x = mixed_35(x, 32);              /* mixed0     35   256 */
    x = mixed_35(x, 64);              /* mixed1     35   288 */
    x = mixed_35(x, 64);              /* mixed2     35   288 */
    x = reduce_35(x);                 /* mixed3     17   768 */
    x = mixed_17(x, 128);             /* mixed4     17   768 */
    x = mixed_17(x, 160);             /* mixed5     17   768 */
    x = mixed_17(x, 160);             /* mixed6     17   768 */
    x = mixed_17(x, 192);             /* mixed7     17   768 */
    x = reduce_17(x);                 /* mixed8      8  1280 */
    x = mixed_8(x);                   /* mixed9      8  2048 */
    x = mixed_8(x);                   /* mixed10     8  2048 */
    return Sequential(x, GlobalAveragePooling2D(.name = "avg_pool"),
                      Dense(1000, .activation = SOFTMAX, .name = "predictions"));
}

const struct model keras_inception_v3_models[] = {
    {
        .name = "inceptionv3",
        .framework = KERAS,
        .build = inception_v3,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_299(MODE_TF),
        .reference = KERAS_REFERENCE_299(MODE_TF),
        .files = {{.name = "inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "9a0d58056eeedaa3f26cb7ebd46da564"}},
        .published = {77.898, 93.720},
        .recorded = {76.02, 92.90},
    },
    {0},
};
