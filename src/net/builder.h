/* Networks spelt as in PyTorch. Layers are calls: first the arguments that the macro's comment
 * lists, then any others by name; one left out is the framework's default. Names are those of the
 * checkpoint: conv(x, "features.0", ...) has features.0.weight and features.0.bias.
 *
 *     x = relu(conv(x, "features.0", 64, 3, .stride = 2));
 *     x = maxpool(x, 3, .stride = 2, .ceil = true);
 *
 * See tensor.h for tensors and errors. */
#ifndef NET_BUILDER_H
#define NET_BUILDER_H

#include "net/tensor.h"

struct conv {
    tensor input;
    const char *name;
    int out, kernel, stride, padding; /* stride 1 and padding 0 unless told */
    int kernel_hw[2], padding_hw[2];  /* height and width, where they differ */
    int groups;                       /* 1 unless told */
    bool no_bias;
};
struct maxpool {
    tensor input;
    int kernel, stride, padding; /* stride as the kernel unless told */
    bool ceil;                   /* round the number of windows up, see window.h */
};
struct avgpool {
    tensor input;
    int kernel, stride, padding;
    bool exclude_padding; /* divide by the pixels inside the picture (count_include_pad=False) */
};
struct norm {
    tensor input;
    const char *name;
    double epsilon; /* 1e-5 unless told */
};

tensor net_rescale(tensor x, const double scale[3], const double shift[3]);
tensor net_conv(struct conv conv);
tensor net_maxpool(struct maxpool pool);
tensor net_avgpool(struct avgpool pool);
tensor net_norm(struct norm norm);
tensor net_linear(tensor x, const char *name, int out);
tensor net_relu(tensor x);
tensor net_relu6(tensor x);
tensor net_global_avgpool(tensor x);
tensor net_flatten(tensor x);
tensor net_concat(const tensor *list, int count);
tensor net_concat_until_null(const tensor *list);
tensor net_add(tensor a, tensor b);
tensor net_softmax(tensor x);
tensor net_log_softmax(tensor x);
void net_leave_out(tensor x, const char *prefix);

/* The picture times `scale` plus `shift`, three of each, for weights that want another
 * normalisation. It comes first. */
#define rescale(x, scale, shift) net_rescale((x), (scale), (shift))
#define conv(x, ...)             net_conv((struct conv){.input = (x), __VA_ARGS__}) /* name, out, ... */
#define maxpool(x, ...)          net_maxpool((struct maxpool){.input = (x), __VA_ARGS__}) /* kernel */
#define avgpool(x, ...)          net_avgpool((struct avgpool){.input = (x), __VA_ARGS__}) /* kernel */
#define norm(x, ...)             net_norm((struct norm){.input = (x), __VA_ARGS__})       /* name */
#define linear(x, name, out)     net_linear((x), (name), (out))
#define relu(x)                  net_relu(x)
#define relu6(x)                 net_relu6(x)
#define global_avgpool(x)        net_global_avgpool(x) /* adaptive_avg_pool2d(x, 1) */
#define flatten(x)               net_flatten(x)
#define concat(...)              net_concat_until_null((const tensor[]){__VA_ARGS__, {.net = NULL}})
#define concat_list(list, count) net_concat((list), (count))
#define add(a, b)                net_add((a), (b))
#define softmax(x)               net_softmax(x)
#define log_softmax(x)           net_log_softmax(x)

/* A part that inference does not need: tensors whose names begin with `prefix` may be in the files.
 * At most one a net. */
#define leave_out(x, prefix) net_leave_out((x), (prefix))

#endif
