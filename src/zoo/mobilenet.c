/* MobileNet (Howard et al. 2017, arXiv:1704.04861), table 1, with the layers and names of Keras
 * 2.2.4 (keras_applications 1.0.7). Dropout does nothing at inference and is left out. */
#include "net/keras.h"
#include "zoo/families.h"

/* A depthwise 3x3 convolution, then a pointwise one to `filters` channels. */
static tensor block(tensor x, int id, int filters, int stride)
{
    if (stride == 2)
        x = Sequential(x, ZeroPadding2D(0, 1, 0, 1, .name = name_of(x, "conv_pad_%d", id)));
    return Sequential(
        x,
        DepthwiseConv2D(3, stride, .padding = stride == 1 ? SAME : VALID, .no_bias = true,
                        .name = name_of(x, "conv_dw_%d", id)),
        BatchNormalization(.name = name_of(x, "conv_dw_%d_bn", id)),
        ReLU(6, .name = name_of(x, "conv_dw_%d_relu", id)),
        Conv2D(filters, 1, .padding = SAME, .no_bias = true, .name = name_of(x, "conv_pw_%d", id)),
        BatchNormalization(.name = name_of(x, "conv_pw_%d_bn", id)),
        ReLU(6, .name = name_of(x, "conv_pw_%d_relu", id)));
}

/* Every layer has `alpha` times the channels of the full network. */
static tensor mobilenet(tensor x, double alpha)
{
    static const struct {
        int filters, stride;
    } blocks[] = {                                                             /* output side */
                  {64, 1},                                                     /* 112 */
                  {128, 2},  {128, 1},                                         /* 56 */
                  {256, 2},  {256, 1},                                         /* 28 */
                  {512, 2},  {512, 1}, {512, 1}, {512, 1}, {512, 1}, {512, 1}, /* 14 */
                  {1024, 2}, {1024, 1}};                                       /* 7 */
    const int count = sizeof blocks / sizeof *blocks;
    x = Sequential(x, ZeroPadding2D(0, 1, 0, 1, .name = "conv1_pad"),
                   Conv2D((int)(32 * alpha), 3, .strides = 2, .no_bias = true, .name = "conv1"),
                   BatchNormalization(.name = "conv1_bn"), ReLU(6, .name = "conv1_relu"));
    for (int i = 0; i < count; i++)
        x = block(x, i + 1, (int)(blocks[i].filters * alpha), blocks[i].stride);
    return Sequential(
        x, GlobalAveragePooling2D(), Reshape(1, 1, (int)(1024 * alpha), .name = "reshape_1"),
        Conv2D(1000, 1, .padding = SAME, .name = "conv_preds"),
        Activation(SOFTMAX, .name = "act_softmax"), Reshape(1000, .name = "reshape_2"));
}

static tensor mobilenet_100(tensor x)
{
    return mobilenet(x, 1);
}

static tensor mobilenet_075(tensor x)
{
    return mobilenet(x, 0.75);
}

static tensor mobilenet_050(tensor x)
{
    return mobilenet(x, 0.5);
}

static tensor mobilenet_025(tensor x)
{
    return mobilenet(x, 0.25);
}

/* The paper gives no top-5 accuracy of the narrow ones (its table 6). */
const struct model mobilenet_models[] = {
    {
        .name = "mobilenet",
        .framework = KERAS,
        .build = mobilenet_100,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_TF),
        .reference = KERAS_REFERENCE_224(MODE_TF),
        .files = {{.name = "mobilenet_1_0_224_tf.h5"}},
        .published = {70.424, 89.504},
        .recorded = {69.02, 88.48},
    },
    {
        .name = "mobilenet_0.75",
        .framework = KERAS,
        .build = mobilenet_075,
        .classes = 1000,
        .official = KERAS_OFFICIAL_224(MODE_TF),
        .reference = KERAS_REFERENCE_224(MODE_TF),
        .files = {{.name = "mobilenet_7_5_224_tf.h5"}},
        .published = {.top1 = 68.4},
    },
    {
        .name = "mobilenet_0.5",
        .framework = KERAS,
        .build = mobilenet_050,
        .classes = 1000,
        .official = KERAS_OFFICIAL_224(MODE_TF),
        .reference = KERAS_REFERENCE_224(MODE_TF),
        .files = {{.name = "mobilenet_5_0_224_tf.h5"}},
        .published = {.top1 = 63.7},
    },
    {
        .name = "mobilenet_0.25",
        .framework = KERAS,
        .build = mobilenet_025,
        .classes = 1000,
        .official = KERAS_OFFICIAL_224(MODE_TF),
        .reference = KERAS_REFERENCE_224(MODE_TF),
        .files = {{.name = "mobilenet_2_5_224_tf.h5"}},
        .published = {.top1 = 50.6},
    },
    {0},
};
