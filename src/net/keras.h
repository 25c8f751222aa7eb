/* Networks spelt as in Keras. A layer is a value; Sequential(x, layers...) calls them in order.
 * A functional model is built by the same call, one piece at a time, with Add and Concatenate
 * where ways meet. Arguments: first those that the macro's comment lists, then any others by name;
 * one left out is Keras's default. A layer without a name gets Keras's own: conv2d, conv2d_1, ...
 * Where a newer Keras has renamed a layer of its own models, `also` is that name.
 *
 *     x = Sequential(x, Conv2D(32, 3, .activation = RELU), MaxPool2D(2), Flatten(),
 *                    Dense(10, .activation = SOFTMAX));
 *
 * See tensor.h for tensors and errors. */
#ifndef NET_KERAS_H
#define NET_KERAS_H

#include "net/tensor.h"

enum keras_activation { LINEAR, RELU, RELU6, SOFTMAX };
enum keras_padding {
    VALID,
    SAME /* the output is ceil(input / stride); an odd row goes below, an odd column right */
};
enum keras_kind {
    KERAS_END, /* of a list */
    KERAS_CONV,
    KERAS_DEPTHWISE,
    KERAS_SEPARABLE,
    KERAS_MAXPOOL,
    KERAS_AVGPOOL,
    KERAS_GLOBAL_AVGPOOL,
    KERAS_NORM,
    KERAS_ACTIVATION,
    KERAS_RELU,
    KERAS_ZERO_PADDING,
    KERAS_CROPPING,
    KERAS_RESHAPE,
    KERAS_FLATTEN,
    KERAS_DENSE,
    KERAS_KINDS
};

struct keras_conv {
    enum keras_kind kind;
    int filters, kernel_size;
    int strides; /* 1 unless told */
    enum keras_padding padding;
    int kernel_hw[2]; /* height and width, where they differ */
    enum keras_activation activation;
    bool no_bias;
    double scale; /* the output times this; for a Lambda that scales what a convolution gives */
    const char *name, *also;
};
struct keras_depthwise {
    enum keras_kind kind;
    int kernel_size;
    int strides;
    enum keras_padding padding;
    enum keras_activation activation;
    bool no_bias;
    const char *name;
};
struct keras_separable { /* depthwise, then 1 x 1 to `filters` channels */
    enum keras_kind kind;
    int filters, kernel_size;
    int strides;
    enum keras_padding padding;
    enum keras_activation activation;
    bool no_bias;
    const char *name;
};
struct keras_pool {
    enum keras_kind kind;
    int pool_size, strides; /* strides as the pool's size unless told */
    enum keras_padding padding;
    const char *name;
};
struct keras_norm {
    enum keras_kind kind;
    double epsilon; /* 1e-3 unless told */
    bool no_scale;  /* without gamma */
    const char *name, *also;
};
struct keras_act {
    enum keras_kind kind;
    enum keras_activation activation;
    const char *name;
};
struct keras_relu {
    enum keras_kind kind;
    double max_value; /* none unless told; else 6 */
    const char *name;
};
struct keras_zeros { /* or pixels that are cut off */
    enum keras_kind kind;
    int top, bottom, left, right; /* Keras writes ((top, bottom), (left, right)) */
    const char *name;
};
struct keras_dense {
    enum keras_kind kind;
    int units;
    enum keras_activation activation;
    const char *name, *also;
};
struct keras_reshape {
    enum keras_kind kind;
    int height, width, channels; /* height alone: that many channels, as in Reshape((1000,)) */
    const char *name;
};
struct keras_plain {
    enum keras_kind kind;
    const char *name;
};

union keras_layer {
    enum keras_kind kind;
    struct keras_conv conv;
    struct keras_depthwise depthwise;
    struct keras_separable separable;
    struct keras_pool pool;
    struct keras_norm norm;
    struct keras_act act;
    struct keras_relu relu;
    struct keras_zeros zeros;
    struct keras_dense dense;
    struct keras_reshape reshape;
    struct keras_plain plain;
};

/* Calls the layers up to the one of KERAS_END. */
tensor keras_sequential(tensor x, const union keras_layer *layers);

#define KERAS(field, op, ...) ((union keras_layer){.field = {.kind = (op), __VA_ARGS__}})
#define Conv2D(...)           KERAS(conv, KERAS_CONV, __VA_ARGS__) /* filters, kernel_size */
#define DepthwiseConv2D(...)  KERAS(depthwise, KERAS_DEPTHWISE, __VA_ARGS__) /* kernel_size */
#define SeparableConv2D(...)                                                                       \
    KERAS(separable, KERAS_SEPARABLE, __VA_ARGS__) /* filters, kernel_size */
#define MaxPool2D(...)              KERAS(pool, KERAS_MAXPOOL, __VA_ARGS__) /* pool_size */
#define AveragePooling2D(...)       KERAS(pool, KERAS_AVGPOOL, __VA_ARGS__) /* pool_size */
#define GlobalAveragePooling2D(...) KERAS(plain, KERAS_GLOBAL_AVGPOOL, __VA_ARGS__)
#define BatchNormalization(...)     KERAS(norm, KERAS_NORM, __VA_ARGS__)
#define Activation(...)             KERAS(act, KERAS_ACTIVATION, __VA_ARGS__)     /* activation */
#define ReLU(...)                   KERAS(relu, KERAS_RELU, __VA_ARGS__)          /* max_value */
#define ZeroPadding2D(...)          KERAS(zeros, KERAS_ZERO_PADDING, __VA_ARGS__) /* the margins */
#define Cropping2D(...)             KERAS(zeros, KERAS_CROPPING, __VA_ARGS__)     /* the margins */
#define Reshape(...)                KERAS(reshape, KERAS_RESHAPE, __VA_ARGS__)    /* the sizes */
#define Flatten(...)                KERAS(plain, KERAS_FLATTEN, __VA_ARGS__)
#define Dense(...)                  KERAS(dense, KERAS_DENSE, __VA_ARGS__) /* units */

#define Sequential(x, ...)                                                                         \
    keras_sequential((x), (const union keras_layer[]){__VA_ARGS__, {.kind = KERAS_END}})

/* Where ways meet; without a name, "add" or "concatenate". */
#define Add(x, ...)      keras_add((struct keras_add){.first = (x), .second = __VA_ARGS__}) /* y */
#define Concatenate(...) keras_concatenate((const tensor[]){__VA_ARGS__, {.net = NULL}})
struct keras_add {
    tensor first, second;
    const char *name;
};
tensor keras_add(struct keras_add add);
tensor keras_concatenate(const tensor *list);

#endif
