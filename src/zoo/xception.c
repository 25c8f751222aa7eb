/* Xception (Chollet 2016, arXiv:1610.02357), figure 5, with the layers and names of Keras 2.2.4
 * (keras_applications 1.0.7). The convolutions on shortcuts have no names of their own there. */
#include "net/keras.h"
#include "zoo/families.h"

static tensor convolution(tensor x, const char *name, int filters, int stride)
{
    return Sequential(x, Conv2D(filters, 3, .strides = stride, .no_bias = true, .name = name),
                      BatchNormalization(.name = name_of(x, "%s_bn", name)),
                      Activation(RELU, .name = name_of(x, "%s_act", name)));
}

static tensor separable(tensor x, const char *name, int filters)
{
    return Sequential(x,
                      SeparableConv2D(filters, 3, .padding = SAME, .no_bias = true, .name = name),
                      BatchNormalization(.name = name_of(x, "%s_bn", name)));
}

static tensor activation(tensor x, const char *name)
{
    return Sequential(x, Activation(RELU, .name = name_of(x, "%s_act", name)));
}

/* Two separable convolutions to half the size, beside a 1x1 convolution. In the first such block
 * the activation has been done already. */
static tensor downsample(tensor x, int block, int first, int second)
{
    const char *one = name_of(x, "block%d_sepconv1", block);
    const char *two = name_of(x, "block%d_sepconv2", block);
    tensor shortcut =
        Sequential(x, Conv2D(second, 1, 2, SAME, .no_bias = true), BatchNormalization());
    if (block > 2)
        x = activation(x, one);
    x = activation(separable(x, one, first), two);
    x = Sequential(separable(x, two, second),
                   MaxPool2D(3, 2, SAME, .name = name_of(x, "block%d_pool", block)));
    return Add(x, shortcut);
}

static tensor middle(tensor x, int block)
{
    tensor shortcut = x;
    for (int i = 1; i <= 3; i++) {
        const char *name = name_of(x, "block%d_sepconv%d", block, i);
        x = separable(activation(x, name), name, 728);
    }
    return Add(x, shortcut);
}

static tensor xception(tensor x)
{                                              /* output   side  channels */
    x = convolution(x, "block1_conv1", 32, 2); /*           149    32 */
    x = convolution(x, "block1_conv2", 64, 1); /*           147    64 */
    x = downsample(x, 2, 128, 128);            /*            74   128 */
    x = downsample(x, 3, 256, 256);            /*            37   256 */
    x = downsample(x, 4, 728, 728);            /*            19   728 */
    for (int block = 5; block <= 12; block++)
        x = middle(x, block);         /*            19   728 */
    x = downsample(x, 13, 728, 1024); /*            10  1024 */
    x = activation(separable(x, "block14_sepconv1", 1536), "block14_sepconv1");
    x = activation(separable(x, "block14_sepconv2", 2048), "block14_sepconv2");
    return Sequential(x, GlobalAveragePooling2D(.name = "avg_pool"),
                      Dense(1000, .activation = SOFTMAX, .name = "predictions"));
}

const struct model xception_models[] = {
    {
        .name = "xception",
        .framework = KERAS,
        .build = xception,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_299(MODE_TF),
        .reference = KERAS_REFERENCE_299(MODE_TF),
        .files = {{.name = "xception_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "0a58e3b7378bc2990ea3b43d5981f1f6"}},
        .published = {79.006, 94.452},
        .recorded = {77.18, 93.49},
    },
    {0},
};
