/* Inception-ResNet v2 (Szegedy et al. 2016, arXiv:1602.07261), figure 15 and what it refers to,
 * with the layers of Keras 2.2.4 (keras_applications 1.0.7). Most convolutions have no names of
 * their own there: what tells them apart is the order in which they are made. */
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

static tensor maximum(tensor x)
{
    return Sequential(x, MaxPool2D(3, .strides = 2));
}

/* x + scale * (the branches, mixed to the channels of x), and an activation unless it is the last.
 * Keras adds in a Lambda. */
static tensor residual(tensor x, const char *name, double scale, tensor branches, bool last)
{
    tensor up = Sequential(branches, Conv2D(shape_of(x).c, 1, .padding = SAME, .scale = scale,
                                            .name = name_of(x, "%s_conv", name)));
    x = Add(x, up, .name = name);
    return last ? x : Sequential(x, Activation(RELU, .name = name_of(x, "%s_ac", name)));
}

static tensor block_35(tensor x, int id)
{
    tensor one = same(x, 32, 1, 1);
    tensor three = same(same(x, 32, 1, 1), 32, 3, 3);
    tensor twice = same(same(same(x, 32, 1, 1), 48, 3, 3), 64, 3, 3);
    return residual(x, name_of(x, "block35_%d", id), 0.17, Concatenate(one, three, twice), false);
}

static tensor block_17(tensor x, int id)
{
    tensor one = same(x, 192, 1, 1);
    tensor seven = same(same(same(x, 128, 1, 1), 160, 1, 7), 192, 7, 1);
    return residual(x, name_of(x, "block17_%d", id), 0.1, Concatenate(one, seven), false);
}

/* The tenth and last one is not scaled. */
static tensor block_8(tensor x, int id)
{
    bool last = id == 10;
    tensor one = same(x, 192, 1, 1);
    tensor three = same(same(same(x, 192, 1, 1), 224, 1, 3), 256, 3, 1);
    return residual(x, name_of(x, "block8_%d", id), last ? 1 : 0.2, Concatenate(one, three), last);
}

static tensor mixed_5b(tensor x)
{
    tensor one = same(x, 96, 1, 1);
    tensor five = same(same(x, 48, 1, 1), 64, 5, 5);
    tensor twice = same(same(same(x, 64, 1, 1), 96, 3, 3), 96, 3, 3);
    tensor pooled = Sequential(x, AveragePooling2D(3, .strides = 1, .padding = SAME));
    return Concatenate(one, five, twice, same(pooled, 64, 1, 1));
}

static tensor mixed_6a(tensor x)
{
    tensor three = half(x, 384);
    tensor twice = half(same(same(x, 256, 1, 1), 256, 3, 3), 384);
    return Concatenate(three, twice, maximum(x));
}

static tensor mixed_7a(tensor x)
{
    tensor wide = half(same(x, 256, 1, 1), 384);
    tensor narrow = half(same(x, 256, 1, 1), 288);
    tensor twice = half(same(same(x, 256, 1, 1), 288, 3, 3), 320);
    return Concatenate(wide, narrow, twice, maximum(x));
}

static tensor inception_resnet_v2(tensor x)
{                                     /* output   side  channels */
    x = half(x, 32);                  /*           149    32 */
    x = conv(x, 32, 3, 3, 1, VALID);  /*           147    32 */
    x = maximum(same(x, 64, 3, 3));   /*            73    64 */
    x = conv(x, 80, 1, 1, 1, VALID);  /*            73    80 */
    x = conv(x, 192, 3, 3, 1, VALID); /*            71   192 */
    x = mixed_5b(maximum(x));         /*            35   320 */
    for (int id = 1; id <= 10; id++)
        x = block_35(x, id);
    x = mixed_6a(x); /*                              17  1088 */
    for (int id = 1; id <= 20; id++)
        x = block_17(x, id);
    x = mixed_7a(x); /*                               8  2080 */
    for (int id = 1; id <= 10; id++)
        x = block_8(x, id);
    return Sequential(x, Conv2D(1536, 1, .padding = SAME, .no_bias = true, .name = "conv_7b"),
                      BatchNormalization(.no_scale = true, .name = "conv_7b_bn"),
                      Activation(RELU, .name = "conv_7b_ac"),
                      GlobalAveragePooling2D(.name = "avg_pool"),
                      Dense(1000, .activation = SOFTMAX, .name = "predictions"));
}

const struct model inception_resnet_v2_models[] = {
    {
        .name = "inceptionresnetv2",
        .framework = KERAS,
        .build = inception_resnet_v2,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_299(MODE_TF),
        .reference = KERAS_REFERENCE_299(MODE_TF),
        .files = {{.name = "inception_resnet_v2_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "e693bd0210a403b3192acc6073ad2e96"}},
        .published = {80.256, 95.252},
        .recorded = {78.93, 94.45},
    },
    {0},
};
