/* DenseNet (Huang et al. 2016, arXiv:1608.06993), table 1, with the layers and names of Keras 2.2.4
 * (keras_applications 1.0.7), and those that Keras 3 gives its first and last layers. */
#include "net/keras.h"
#include "zoo/families.h"

enum { GROWTH = 32 };

static tensor norm_relu(tensor x, const char *name)
{
    return Sequential(x, BatchNormalization(1.001e-5, .name = name_of(x, "%s_bn", name)),
                      Activation(RELU, .name = name_of(x, "%s_relu", name)));
}

/* 1x1, then 3x3 to `GROWTH` more channels. */
static tensor layer(tensor x, const char *name)
{
    tensor more = norm_relu(x, name_of(x, "%s_0", name));
    more = Sequential(
        more, Conv2D(4 * GROWTH, 1, .no_bias = true, .name = name_of(x, "%s_1_conv", name)));
    more = norm_relu(more, name_of(x, "%s_1", name));
    more = Sequential(more, Conv2D(GROWTH, 3, .padding = SAME, .no_bias = true,
                                   .name = name_of(x, "%s_2_conv", name)));
    return Concatenate(x, more);
}

/* Half the channels, half the size. */
static tensor transition(tensor x, const char *name)
{
    x = norm_relu(x, name);
    return Sequential(
        x, Conv2D(shape_of(x).c / 2, 1, .no_bias = true, .name = name_of(x, "%s_conv", name)),
        AveragePooling2D(2, .name = name_of(x, "%s_pool", name)));
}

/* Four dense blocks of so many layers. */
static tensor densenet(tensor x, const int layers[4])
{
    x = Sequential(
        x, ZeroPadding2D(3, 3, 3, 3),
        Conv2D(64, 7, .strides = 2, .no_bias = true, .name = "conv1/conv", .also = "conv1_conv"),
        BatchNormalization(1.001e-5, .name = "conv1/bn", .also = "conv1_bn"),
        Activation(RELU, .name = "conv1/relu"), ZeroPadding2D(1, 1, 1, 1),
        MaxPool2D(3, .strides = 2, .name = "pool1"));
    for (int block = 0; block < 4; block++) { /* of side 56, 28, 14, 7 */
        if (block > 0)
            x = transition(x, name_of(x, "pool%d", block + 1));
        for (int i = 0; i < layers[block]; i++)
            x = layer(x, name_of(x, "conv%d_block%d", block + 2, i + 1));
    }
    return Sequential(x, BatchNormalization(1.001e-5, .name = "bn"),
                      Activation(RELU, .name = "relu"), GlobalAveragePooling2D(.name = "avg_pool"),
                      Dense(1000, .activation = SOFTMAX, .name = "fc1000", .also = "predictions"));
}

static tensor densenet121(tensor x)
{
    return densenet(x, (const int[]){6, 12, 24, 16});
}

static tensor densenet169(tensor x)
{
    return densenet(x, (const int[]){6, 12, 32, 32});
}

static tensor densenet201(tensor x)
{
    return densenet(x, (const int[]){6, 12, 48, 32});
}

const struct model keras_densenet_models[] = {
    {
        .name = "densenet121",
        .framework = KERAS,
        .build = densenet121,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_TORCH),
        .reference = KERAS_REFERENCE_224(MODE_TORCH),
        .files = {{.name = "densenet121_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "9d60b8095a5708f2dcce2bca79d332c7"}},
        .published = {74.972, 92.258},
        .recorded = {72.09, 90.70},
    },
    {
        .name = "densenet169",
        .framework = KERAS,
        .build = densenet169,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_TORCH),
        .reference = KERAS_REFERENCE_224(MODE_TORCH),
        .files = {{.name = "densenet169_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "d699b8f76981ab1b30698df4c175e90b"}},
        .published = {76.176, 93.176},
        .recorded = {73.92, 91.76},
    },
    {
        .name = "densenet201",
        .framework = KERAS,
        .build = densenet201,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_TORCH),
        .reference = KERAS_REFERENCE_224(MODE_TORCH),
        .files = {{.name = "densenet201_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "1ceb130c1ea1b78c3bf6114dbdfd8807"}},
        .published = {77.320, 93.620},
        .recorded = {74.77, 92.32},
    },
    {0},
};
