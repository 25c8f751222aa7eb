/* MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381), table 2, with the layers and names of Keras
 * 2.2.4 (keras_applications 1.0.7), and the one that Keras 3 gives the last layer. */
#include "net/keras.h"
#include "zoo/families.h"

static tensor pointwise(tensor x, const char *name, int filters)
{
    return Sequential(x, Conv2D(filters, 1, .padding = SAME, .no_bias = true, .name = name),
                      BatchNormalization(.name = name_of(x, "%s_BN", name)));
}

/* Keras pads a picture of even side below and on the right. */
static tensor depthwise(tensor x, const char *name, int stride)
{
    if (stride == 2)
        x = Sequential(x, ZeroPadding2D(0, 1, 0, 1, .name = name_of(x, "%s_pad", name)));
    return Sequential(x,
                      DepthwiseConv2D(3, stride, .padding = stride == 1 ? SAME : VALID,
                                      .no_bias = true, .name = name_of(x, "%s_depthwise", name)),
                      BatchNormalization(.name = name_of(x, "%s_depthwise_BN", name)),
                      ReLU(6, .name = name_of(x, "%s_depthwise_relu", name)));
}

/* An inverted residual: widened `expansion` times, depthwise, and narrowed without activation. */
static tensor bottleneck(tensor x, int id, int expansion, int filters, int stride)
{
    tensor shortcut = x;
    const char *name = id ? name_of(x, "block_%d", id) : "expanded_conv";
    if (id)
        x = Sequential(pointwise(x, name_of(x, "%s_expand", name), expansion * shape_of(x).c),
                       ReLU(6, .name = name_of(x, "%s_expand_relu", name)));
    x = depthwise(x, name, stride);
    x = pointwise(x, name_of(x, "%s_project", name), filters);
    if (stride > 1 || shape_of(shortcut).c != filters)
        return x;
    return Add(shortcut, x, .name = name_of(x, "%s_add", name));
}

static tensor mobilenet_v2(tensor x)
{
    static const struct {
        int expansion, filters, blocks, stride;
    } rows[] = {
        /* output side */
        {1, 16, 1, 1},  /* 112 */
        {6, 24, 2, 2},  /* 56 */
        {6, 32, 3, 2},  /* 28 */
        {6, 64, 4, 2},  /* 14 */
        {6, 96, 3, 1},  /* 14 */
        {6, 160, 3, 2}, /* 7 */
        {6, 320, 1, 1}  /* 7 */
    };
    const int count = sizeof rows / sizeof *rows;
    x = Sequential(x, ZeroPadding2D(0, 1, 0, 1, .name = "Conv1_pad"),
                   Conv2D(32, 3, .strides = 2, .no_bias = true, .name = "Conv1"),
                   BatchNormalization(.name = "bn_Conv1"), ReLU(6, .name = "Conv1_relu"));
    for (int row = 0, id = 0; row < count; row++)
        for (int block = 0; block < rows[row].blocks; block++)
            x = bottleneck(x, id++, rows[row].expansion, rows[row].filters,
                           block ? 1 : rows[row].stride);
    return Sequential(x, Conv2D(1280, 1, .no_bias = true, .name = "Conv_1"),
                      BatchNormalization(.name = "Conv_1_bn"), ReLU(6, .name = "out_relu"),
                      GlobalAveragePooling2D(),
                      Dense(1000, .activation = SOFTMAX, .name = "Logits", .also = "predictions"));
}

const struct model mobilenet_v2_models[] = {
    {
        .name = "mobilenetV2",
        .framework = KERAS,
        .build = mobilenet_v2,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_TF),
        .reference = KERAS_REFERENCE_224(MODE_TF),
        .files = {{.name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"}},
        .published = {71.336, 90.142},
        .recorded = {69.98, 89.49},
    },
    {0},
};
