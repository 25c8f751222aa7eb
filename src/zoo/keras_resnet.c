/* ResNet-50 (He et al. 2015, arXiv:1512.03385), table 1, with the layers and names of Keras 2.2.4
 * (keras_applications 1.0.7): the stride is in a block's first convolution, convolutions have
 * biases, and epsilon is Keras's default of 1e-3. Keras 3 has another epsilon, so its files are of
 * another network. */
#include "net/keras.h"
#include "zoo/families.h"

/* A convolution and its normalisation, under the names that Keras gives both. `way`: 2a, 2b, 2c
 * on the main path, 1 on the shortcut. */
static tensor branch(tensor x, const char *block, const char *way, int filters, int kernel,
                     int stride)
{
    return Sequential(
        x, Conv2D(filters, kernel, stride, SAME, .name = name_of(x, "res%s_branch%s", block, way)),
        BatchNormalization(.name = name_of(x, "bn%s_branch%s", block, way)));
}

/* 1x1 to `filters` channels, 3x3, 1x1 to four times as many. A stage's first block has a
 * convolution on the shortcut. */
static tensor bottleneck(tensor x, const char *block, int filters, int stride, bool first)
{
    tensor shortcut = x;
    x = Sequential(branch(x, block, "2a", filters, 1, stride), Activation(RELU));
    x = Sequential(branch(x, block, "2b", filters, 3, 1), Activation(RELU));
    x = branch(x, block, "2c", 4 * filters, 1, 1);
    if (first)
        shortcut = branch(shortcut, block, "1", 4 * filters, 1, stride);
    return Sequential(Add(x, shortcut), Activation(RELU));
}

static tensor resnet50(tensor x)
{
    static const struct {
        int blocks, filters, stride;
    } stages[] = {
        /* output   side  channels */
        {3, 64, 1},  /* conv2_x    56   256 */
        {4, 128, 2}, /* conv3_x    28   512 */
        {6, 256, 2}, /* conv4_x    14  1024 */
        {3, 512, 2}  /* conv5_x     7  2048 */
    };
    const int count = sizeof stages / sizeof *stages;
    x = Sequential(x, ZeroPadding2D(3, 3, 3, 3, .name = "conv1_pad"),
                   Conv2D(64, 7, .strides = 2, .name = "conv1"),
                   BatchNormalization(.name = "bn_conv1"), Activation(RELU),
                   ZeroPadding2D(1, 1, 1, 1, .name = "pool1_pad"), MaxPool2D(3, .strides = 2));
    for (int stage = 0; stage < count; stage++)
        for (int block = 0; block < stages[stage].blocks; block++)
            x = bottleneck(x, name_of(x, "%d%c", stage + 2, 'a' + block), stages[stage].filters,
                           block ? 1 : stages[stage].stride, block == 0);
    return Sequential(x, GlobalAveragePooling2D(.name = "avg_pool"),
                      Dense(1000, .activation = SOFTMAX, .name = "fc1000"));
}

const struct model keras_resnet_models[] = {
    {
        .name = "resnet50",
        .framework = KERAS,
        .build = resnet50,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_CAFFE),
        .reference = KERAS_REFERENCE_224(MODE_CAFFE),
        .files = {{.name = "resnet50_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "a7b3fe01876f51b976af0dea6bc144eb"}},
        .published = {74.928, 92.060},
        .recorded = {70.35, 89.55},
    },
    {0},
};
