/* NASNet-A (Zoph et al. 2017, arXiv:1707.07012), figures 2 and 4, with the layers and names of
 * Keras 2.2.4 (keras_applications 1.0.7). A cell takes the outputs of the two cells before it. */
#include "net/keras.h"
#include "zoo/families.h"

static tensor norm(tensor x, const char *name)
{
    return Sequential(x, BatchNormalization(.name = name));
}

static tensor pointwise(tensor x, const char *name, int filters)
{
    return Sequential(x, Conv2D(filters, 1, .padding = SAME, .no_bias = true, .name = name));
}

static tensor relu_pointwise(tensor x, const char *name, int filters)
{
    return pointwise(Sequential(x, Activation(RELU)), name, filters);
}

/* What Keras pads before a window of stride 2: with an even side one less above and on the left. */
static tensor pad(tensor x, int kernel, const char *name)
{
    int after = kernel / 2, before = after - (shape_of(x).h % 2 == 0);
    return Sequential(x, ZeroPadding2D(before, after, before, after, .name = name));
}

static tensor separable(tensor x, const char *name, int filters, int kernel, int stride)
{
    return Sequential(x, SeparableConv2D(filters, kernel, stride,
                                         .padding = stride == 1 ? SAME : VALID, .no_bias = true,
                                         .name = name));
}

/* Activation, separable convolution, normalisation; and the same again without stride. */
static tensor twice_separable(tensor x, const char *block, int filters, int kernel, int stride)
{
    x = Sequential(x, Activation(RELU));
    if (stride == 2)
        x = pad(x, kernel, name_of(x, "separable_conv_1_pad_%s", block));
    x = separable(x, name_of(x, "separable_conv_1_%s", block), filters, kernel, stride);
    x = norm(x, name_of(x, "separable_conv_1_bn_%s", block));
    x = Sequential(x, Activation(RELU));
    x = separable(x, name_of(x, "separable_conv_2_%s", block), filters, kernel, 1);
    return norm(x, name_of(x, "separable_conv_2_bn_%s", block));
}

/* Half the size by taking every second pixel twice: the even ones, and, one further down and to
 * the right, the odd ones. */
static tensor halve(tensor p, int filters, const char *id)
{
    p = Sequential(p, Activation(RELU, .name = name_of(p, "adjust_relu_1_%s", id)));
    tensor even = Sequential(
        p, AveragePooling2D(1, .strides = 2, .name = name_of(p, "adjust_avg_pool_1_%s", id)));
    even = pointwise(even, name_of(p, "adjust_conv_1_%s", id), filters / 2);
    tensor odd = Sequential(
        p, ZeroPadding2D(0, 1, 0, 1), Cropping2D(1, 0, 1, 0),
        AveragePooling2D(1, .strides = 2, .name = name_of(p, "adjust_avg_pool_2_%s", id)));
    odd = pointwise(odd, name_of(p, "adjust_conv_2_%s", id), filters / 2);
    return norm(Concatenate(even, odd), name_of(p, "adjust_bn_%s", id));
}

/* The output of the cell before last, made to fit `x`; for the first cell, which has none, `x`. */
static tensor adjust(tensor p, tensor x, int filters, const char *id)
{
    if (p.node == x.node)
        return x;
    if (shape_of(p).h != shape_of(x).h)
        return halve(p, filters, id);
    if (shape_of(p).c == filters)
        return p;
    p = relu_pointwise(p, name_of(p, "adjust_conv_projection_%s", id), filters);
    return norm(p, name_of(p, "adjust_bn_%s", id));
}

static tensor average(tensor x, const char *kind, const char *id)
{
    return Sequential(x, AveragePooling2D(3, .strides = 1, .padding = SAME,
                                          .name = name_of(x, "%s_%s", kind, id)));
}

/* Figure 4, left. `kind` names the separable convolutions of one side of a block. */
static tensor normal_cell(tensor x, tensor p, int filters, const char *id)
{
    p = adjust(p, x, filters, id);
    tensor h = relu_pointwise(x, name_of(x, "normal_conv_1_%s", id), filters);
    h = norm(h, name_of(x, "normal_bn_1_%s", id));
    tensor left = twice_separable(h, name_of(x, "normal_left1_%s", id), filters, 5, 1);
    tensor right = twice_separable(p, name_of(x, "normal_right1_%s", id), filters, 3, 1);
    tensor x1 = Add(left, right, .name = name_of(x, "normal_add_1_%s", id));
    left = twice_separable(p, name_of(x, "normal_left2_%s", id), filters, 5, 1);
    right = twice_separable(p, name_of(x, "normal_right2_%s", id), filters, 3, 1);
    tensor x2 = Add(left, right, .name = name_of(x, "normal_add_2_%s", id));
    tensor x3 = Add(average(h, "normal_left3", id), p, .name = name_of(x, "normal_add_3_%s", id));
    left = average(p, "normal_left4", id);
    right = average(p, "normal_right4", id);
    tensor x4 = Add(left, right, .name = name_of(x, "normal_add_4_%s", id));
    left = twice_separable(h, name_of(x, "normal_left5_%s", id), filters, 3, 1);
    tensor x5 = Add(left, h, .name = name_of(x, "normal_add_5_%s", id));
    return Concatenate(p, x1, x2, x3, x4, x5);
}

/* Figure 4, right. */
static tensor reduction_cell(tensor x, tensor p, int filters, const char *id)
{
    p = adjust(p, x, filters, id);
    tensor h = relu_pointwise(x, name_of(x, "reduction_conv_1_%s", id), filters);
    h = norm(h, name_of(x, "reduction_bn_1_%s", id));
    tensor padded = pad(h, 3, name_of(x, "reduction_pad_1_%s", id));
    tensor left = twice_separable(h, name_of(x, "reduction_left1_%s", id), filters, 5, 2);
    tensor right = twice_separable(p, name_of(x, "reduction_right1_%s", id), filters, 7, 2);
    tensor x1 = Add(left, right, .name = name_of(x, "reduction_add_1_%s", id));
    left = Sequential(padded, MaxPool2D(3, 2, .name = name_of(x, "reduction_left2_%s", id)));
    right = twice_separable(p, name_of(x, "reduction_right2_%s", id), filters, 7, 2);
    tensor x2 = Add(left, right, .name = name_of(x, "reduction_add_2_%s", id));
    left = Sequential(padded, AveragePooling2D(3, 2, .name = name_of(x, "reduction_left3_%s", id)));
    right = twice_separable(p, name_of(x, "reduction_right3_%s", id), filters, 5, 2);
    tensor x3 = Add(left, right, .name = name_of(x, "reduction_add3_%s", id));
    tensor x4 = Add(x2, average(x1, "reduction_left4", id));
    left = twice_separable(x1, name_of(x, "reduction_left4_%s", id), filters, 3, 1);
    right = Sequential(padded, MaxPool2D(3, 2, .name = name_of(x, "reduction_right5_%s", id)));
    tensor x5 = Add(left, right, .name = name_of(x, "reduction_add4_%s", id));
    return Concatenate(x2, x3, x4, x5);
}

struct size {
    int stem, filters; /* channels of the first convolution, and of the first normal cells */
    int cells;         /* normal cells in a row */
    bool skip;         /* a row's first cell sees the cell before the reduction */
};

/* Figure 2, right. `p` is the output of the cell before the one that gave `x`. */
static tensor nasnet(tensor x, const struct size *size)
{
    x = Sequential(x, Conv2D(size->stem, 3, .strides = 2, .no_bias = true, .name = "stem_conv1"),
                   BatchNormalization(.name = "stem_bn1"));
    tensor p = x;
    x = reduction_cell(x, x, size->filters / 4, "stem_1");
    tensor cell = reduction_cell(x, p, size->filters / 2, "stem_2");
    for (int row = 0, filters = size->filters; row < 3; row++, filters *= 2) {
        int id = row * size->cells;
        if (row > 0)
            cell = reduction_cell(x, p, filters, name_of(x, "reduce_%d", id++));
        if (row == 0 || !size->skip)
            p = x;
        x = cell;
        for (int i = 0; i < size->cells; i++) {
            cell = normal_cell(x, p, filters, name_of(x, "%d", id++));
            p = x;
            x = cell;
        }
    }
    return Sequential(x, Activation(RELU), GlobalAveragePooling2D(),
                      Dense(1000, .activation = SOFTMAX, .name = "predictions"));
}

static tensor nasnet_mobile(tensor x)
{
    return nasnet(x, &(struct size){.stem = 32, .filters = 44, .cells = 4});
}

static tensor nasnet_large(tensor x)
{
    return nasnet(x, &(struct size){.stem = 96, .filters = 168, .cells = 6, .skip = true});
}

const struct model nasnet_models[] = {
    {
        .name = "nasnetmobile",
        .framework = KERAS,
        .build = nasnet_mobile,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_TF),
        .reference = KERAS_REFERENCE_224(MODE_TF),
        .files = {{.name = "NASNet-mobile.h5", .md5 = "020fb642bf7360b370c678b08e0adf61"}},
        .published = {74.366, 91.854},
        .recorded = {71.59, 90.19},
    },
    {
        .name = "nasnetlarge",
        .framework = KERAS,
        .build = nasnet_large,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_331(MODE_TF),
        .reference = KERAS_REFERENCE_331(MODE_TF),
        .files = {{.name = "NASNet-large.h5", .md5 = "11577c9a518f0070763c2b964a382f17"}},
        .published = {82.498, 96.004},
        .recorded = {80.83, 95.27},
    },
    {0},
};
