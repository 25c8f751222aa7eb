/* What both spellings stand on: a layer checked and put into the graph. Model files do not include
 * this. Every function returns a failed tensor when its input is one, and records the first
 * mistake in the net, naming the layer; a `name` is copied. */
#ifndef NET_LAYER_H
#define NET_LAYER_H

#include "net/parameter.h"

struct conv_layer {
    const char *name;
    struct owner owner; /* whose parameters it has */
    int out;
    struct window window; /* padding beside that of the tensor's own zeros */
    int groups;
    enum kernel_kind kernel;
    bool bias;
    double factor; /* 0: 1 */
};

struct pool_layer {
    const char *name;
    struct window window;
    bool ceil;          /* PyTorch's ceil mode, for OP_MAXPOOL */
    bool count_padding; /* see graph.h; implied by the tensor's own zeros */
};

struct norm_layer {
    const char *name;
    struct owner owner;
    double epsilon;
    bool no_scale; /* without gamma */
};

tensor layer_rescale(tensor x, const char *name, const double scale[3], const double shift[3]);
tensor layer_conv(tensor x, const struct conv_layer *layer);
tensor layer_pool(tensor x, enum op op, const struct pool_layer *layer); /* a pooling with window */
tensor layer_norm(tensor x, const struct norm_layer *layer);
tensor layer_dense(tensor x, struct owner owner, int out); /* owner.name is its own */
tensor layer_concat(const tensor *list, int count, const char *name);
tensor layer_add(tensor a, tensor b, const char *name);
tensor layer_activation(tensor x, enum op op, const char *name); /* OP_RELU, OP_RELU6 */
tensor layer_softmax(tensor x, enum op op, const char *name);    /* or OP_LOG_SOFTMAX */
tensor layer_global_avgpool(tensor x, const char *name);
tensor layer_flatten(tensor x, const char *name);

#endif
