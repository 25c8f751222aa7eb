#include "net/keras.h"
#include "net/layer.h"
#include "net/node.h"
#include "net/window.h"

/* What Keras calls a layer that was given no name. */
static const char *const auto_names[KERAS_KINDS] = {
    [KERAS_CONV] = "conv2d",
    [KERAS_DEPTHWISE] = "depthwise_conv2d",
    [KERAS_SEPARABLE] = "separable_conv2d",
    [KERAS_MAXPOOL] = "max_pooling2d",
    [KERAS_AVGPOOL] = "average_pooling2d",
    [KERAS_GLOBAL_AVGPOOL] = "global_average_pooling2d",
    [KERAS_NORM] = "batch_normalization",
    [KERAS_ACTIVATION] = "activation",
    [KERAS_RELU] = "re_lu",
    [KERAS_ZERO_PADDING] = "zero_padding2d",
    [KERAS_CROPPING] = "cropping2d",
    [KERAS_RESHAPE] = "reshape",
    [KERAS_FLATTEN] = "flatten",
    [KERAS_DENSE] = "dense",
};

static const char *name_or_auto(tensor x, const char *name, enum keras_kind kind)
{
    return name ? name : node_auto_name(x, auto_names[kind]);
}

static int or_default(int value, int otherwise)
{
    return value ? value : otherwise;
}

static tensor activate(tensor x, enum keras_activation activation, const char *name)
{
    switch (activation) {
    case LINEAR:
        break;
    case RELU:
        return layer_activation(x, OP_RELU, name);
    case RELU6:
        return layer_activation(x, OP_RELU6, name);
    case SOFTMAX:
        return layer_softmax(x, OP_SOFTMAX, name);
    }
    return x;
}

/* A layer's own activation is a node of its own here: conv2d.relu. */
static tensor activate_layer(tensor x, enum keras_activation activation, const char *layer)
{
    static const char *const names[] = {
        [LINEAR] = "linear", [RELU] = "relu", [RELU6] = "relu6", [SOFTMAX] = "softmax"};
    return activate(x, activation, name_of(x, "%s.%s", layer, names[activation]));
}

/* The window, with the padding that Keras gives it over `x` and the zeros already round it. */
static struct window keras_window(tensor x, int kh, int kw, int stride, enum keras_padding padding)
{
    struct window window = {.kh = kh, .kw = kw, .stride_h = stride, .stride_w = stride};
    if (padding == VALID || x.node < 0 || stride < 1)
        return window;
    struct shape in = shape_of(x);
    struct margins rows = window_same(in.h + x.zeros.top + x.zeros.bottom, kh, stride);
    struct margins columns = window_same(in.w + x.zeros.left + x.zeros.right, kw, stride);
    window.top = rows.before;
    window.bottom = rows.after;
    window.left = columns.before;
    window.right = columns.after;
    return window;
}

static tensor call_conv(tensor x, const struct keras_conv *layer)
{
    const char *name = name_or_auto(x, layer->name, KERAS_CONV);
    int kh = or_default(layer->kernel_hw[0], layer->kernel_size);
    int kw = or_default(layer->kernel_hw[1], layer->kernel_size);
    struct conv_layer conv = {
        .name = name,
        .owner = {name, layer->also},
        .out = layer->filters,
        .window = keras_window(x, kh, kw, or_default(layer->strides, 1), layer->padding),
        .groups = 1,
        .bias = !layer->no_bias,
        .factor = layer->scale};
    return activate_layer(layer_conv(x, &conv), layer->activation, name);
}

static tensor call_depthwise(tensor x, const struct keras_depthwise *layer)
{
    const char *name = name_or_auto(x, layer->name, KERAS_DEPTHWISE);
    int kernel = layer->kernel_size, channels = shape_of(x).c;
    struct conv_layer conv = {
        .name = name,
        .owner = {.name = name},
        .out = channels,
        .window = keras_window(x, kernel, kernel, or_default(layer->strides, 1), layer->padding),
        .groups = channels,
        .kernel = KERNEL_DEPTHWISE,
        .bias = !layer->no_bias};
    return activate_layer(layer_conv(x, &conv), layer->activation, name);
}

/* Two nodes; the second one has the layer's name, the first that and ".depthwise". */
static tensor call_separable(tensor x, const struct keras_separable *layer)
{
    const char *name = name_or_auto(x, layer->name, KERAS_SEPARABLE);
    int kernel = layer->kernel_size, channels = shape_of(x).c;
    struct conv_layer depthwise = {
        .name = name_of(x, "%s.depthwise", name),
        .owner = {.name = name},
        .out = channels,
        .window = keras_window(x, kernel, kernel, or_default(layer->strides, 1), layer->padding),
        .groups = channels,
        .kernel = KERNEL_DEPTHWISE};
    struct conv_layer pointwise = {.name = name,
                                   .owner = {.name = name},
                                   .out = layer->filters,
                                   .window = {.kh = 1, .kw = 1, .stride_h = 1, .stride_w = 1},
                                   .groups = 1,
                                   .kernel = KERNEL_POINTWISE,
                                   .bias = !layer->no_bias};
    x = layer_conv(layer_conv(x, &depthwise), &pointwise);
    return activate_layer(x, layer->activation, name);
}

static tensor call_pool(tensor x, enum op op, const struct keras_pool *layer)
{
    int size = layer->pool_size, stride = or_default(layer->strides, size);
    struct pool_layer pool = {.name = name_or_auto(x, layer->name, layer->kind),
                              .window = keras_window(x, size, size, stride, layer->padding)};
    return layer_pool(x, op, &pool);
}

static tensor call_norm(tensor x, const struct keras_norm *layer)
{
    const char *name = name_or_auto(x, layer->name, KERAS_NORM);
    return layer_norm(x,
                      &(struct norm_layer){.name = name,
                                           .owner = {name, layer->also},
                                           .epsilon = layer->epsilon != 0 ? layer->epsilon : 1e-3,
                                           .no_scale = layer->no_scale});
}

static tensor call_dense(tensor x, const struct keras_dense *layer)
{
    const char *name = name_or_auto(x, layer->name, KERAS_DENSE);
    tensor out = layer_dense(x, (struct owner){name, layer->also}, layer->units);
    return activate_layer(out, layer->activation, name);
}

static tensor call_relu(tensor x, const struct keras_relu *layer)
{
    const char *name = name_or_auto(x, layer->name, KERAS_RELU);
    if (layer->max_value != 0 && layer->max_value != 6)
        return node_fail(x, name, "max_value is %g; only 6 and none are known", layer->max_value);
    return layer_activation(x, layer->max_value == 6 ? OP_RELU6 : OP_RELU, name);
}

static bool add_zeros(int *total, int more)
{
    if (more < 0 || more > NODE_LIMIT - *total)
        return false;
    *total += more;
    return true;
}

static tensor call_zeros(tensor x, const struct keras_zeros *layer)
{
    if (add_zeros(&x.zeros.top, layer->top) && add_zeros(&x.zeros.bottom, layer->bottom) &&
        add_zeros(&x.zeros.left, layer->left) && add_zeros(&x.zeros.right, layer->right))
        return x;
    return node_fail(x, name_or_auto(x, layer->name, KERAS_ZERO_PADDING),
                     "its padding is %d, %d, %d, %d (top, bottom, left, right); each must be at "
                     "least 0, and all together on one side at most %d",
                     layer->top, layer->bottom, layer->left, layer->right, NODE_LIMIT);
}

/* Zeros the other way round. More may be cut than there are zeros, but not more than pixels. */
static tensor call_cropping(tensor x, const struct keras_zeros *layer)
{
    struct shape in = shape_of(x);
    bool cuts = layer->top >= 0 && layer->bottom >= 0 && layer->left >= 0 && layer->right >= 0;
    if (x.node < 0)
        return x;
    if (!cuts || (int64_t)layer->top + layer->bottom >= in.h + x.zeros.top + x.zeros.bottom ||
        (int64_t)layer->left + layer->right >= in.w + x.zeros.left + x.zeros.right)
        return node_fail(x, name_or_auto(x, layer->name, KERAS_CROPPING),
                         "it cuts off %d, %d, %d, %d (top, bottom, left, right); each must be at "
                         "least 0, and some of the picture must be left",
                         layer->top, layer->bottom, layer->left, layer->right);
    x.zeros.top -= layer->top;
    x.zeros.bottom -= layer->bottom;
    x.zeros.left -= layer->left;
    x.zeros.right -= layer->right;
    return x;
}

/* Values are never moved: only shapes that are the input's own, written otherwise, are known. */
static tensor call_reshape(tensor x, const struct keras_reshape *layer)
{
    struct shape in = shape_of(x), want = {layer->height, layer->width, layer->channels};
    if (!want.w && !want.c)
        want = (struct shape){1, 1, layer->height};
    if (x.node < 0 || (want.h == in.h && want.w == in.w && want.c == in.c))
        return x;
    return node_fail(x, name_or_auto(x, layer->name, KERAS_RESHAPE),
                     "%d x %d x %d cannot become %d x %d x %d; only a vector may be written as "
                     "1 x 1 x channels or back",
                     in.h, in.w, in.c, want.h, want.w, want.c);
}

static tensor call_layer(tensor x, const union keras_layer *layer)
{
    switch (layer->kind) {
    case KERAS_CONV:
        return call_conv(x, &layer->conv);
    case KERAS_DEPTHWISE:
        return call_depthwise(x, &layer->depthwise);
    case KERAS_SEPARABLE:
        return call_separable(x, &layer->separable);
    case KERAS_MAXPOOL:
        return call_pool(x, OP_MAXPOOL, &layer->pool);
    case KERAS_AVGPOOL:
        return call_pool(x, OP_AVGPOOL, &layer->pool);
    case KERAS_GLOBAL_AVGPOOL:
        return layer_global_avgpool(x, name_or_auto(x, layer->plain.name, layer->kind));
    case KERAS_NORM:
        return call_norm(x, &layer->norm);
    case KERAS_ACTIVATION:
        return activate(x, layer->act.activation, name_or_auto(x, layer->act.name, layer->kind));
    case KERAS_RELU:
        return call_relu(x, &layer->relu);
    case KERAS_ZERO_PADDING:
        return call_zeros(x, &layer->zeros);
    case KERAS_CROPPING:
        return call_cropping(x, &layer->zeros);
    case KERAS_RESHAPE:
        return call_reshape(x, &layer->reshape);
    case KERAS_FLATTEN:
        return layer_flatten(x, name_or_auto(x, layer->plain.name, layer->kind));
    case KERAS_DENSE:
        return call_dense(x, &layer->dense);
    case KERAS_END:
    case KERAS_KINDS:
        break;
    }
    return x;
}

tensor keras_sequential(tensor x, const union keras_layer *layers)
{
    for (; layers->kind != KERAS_END; layers++)
        x = call_layer(x, layers);
    return x;
}

tensor keras_add(struct keras_add add)
{
    const char *name = add.name ? add.name : node_auto_name(add.first, "add");
    return layer_add(add.first, add.second, name);
}

tensor keras_concatenate(const tensor *list)
{
    int count = 0;
    while (list[count].net)
        count++;
    return layer_concat(list, count, count ? node_auto_name(list[0], "concatenate") : "");
}
