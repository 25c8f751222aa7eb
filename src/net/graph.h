/* The graph: what a network computes, as a list of nodes in the order in which they were built.
 * It is what builder.h and keras.h write and what the engine reads. A net owns its nodes and
 * strings; whoever called net_new frees it. */
#ifndef NET_GRAPH_H
#define NET_GRAPH_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum framework { PYTORCH, KERAS };

enum op {
    OP_INPUT,
    OP_RESCALE, /* of the input: x * scale + shift, each rounded */
    OP_CONV,    /* groups == channels: depthwise */
    OP_NORM,    /* batch normalisation with fixed statistics */
    OP_RELU,
    OP_RELU6,
    OP_MAXPOOL,
    OP_AVGPOOL,
    OP_GLOBAL_AVGPOOL,
    OP_DENSE,
    OP_FLATTEN, /* order of the framework: PyTorch c,h,w; Keras h,w,c */
    OP_CONCAT,  /* along channels */
    OP_ADD,
    OP_SOFTMAX,
    OP_LOG_SOFTMAX
};

struct shape {
    int h, w, c;
};

/* Of a convolution or a pooling. Negative padding leaves pixels out. The last windows of a max
 * pooling may reach past the padding (PyTorch's ceil mode): nothing is there, and nothing is
 * compared. */
struct window {
    int kh, kw, stride_h, stride_w;
    int top, left, bottom, right; /* padding, in input pixels */
};

/* What a node's parameters are called in a checkpoint, and the shape that they have there. */
enum role { ROLE_KERNEL, ROLE_BIAS, ROLE_GAMMA, ROLE_BETA, ROLE_MEAN, ROLE_VARIANCE, ROLES };
struct parameter {
    const char *name; /* NULL: the layer has none */
    const char *also; /* its name in newer files, or NULL */
    int rank;
    int64_t shape[4];
    /* Kernels: PyTorch conv (out, in/groups, kh, kw), dense (out, in); Keras conv
     * (kh, kw, in/groups, out), depthwise (kh, kw, in, 1), dense (in, out). */
};

struct node {
    enum op op;
    const char *name;   /* the layer's own, or one made from the op */
    struct shape shape; /* of the output */
    int inputs[2];      /* node numbers; -1: none. OP_CONCAT: the first two of `list` */
    const int *list;    /* all inputs of OP_CONCAT, in order */
    int list_length;
    struct window window;     /* OP_CONV and the poolings */
    int groups;               /* OP_CONV */
    double factor;            /* OP_CONV, OP_DENSE: multiplies the output, bias included */
    bool count_padding;       /* poolings: the padding is zeros, and pixels like all others */
    double epsilon;           /* OP_NORM */
    float scale[3], shift[3]; /* OP_RESCALE, of each channel */
    struct parameter parameters[ROLES];
};

struct net {
    enum framework framework;
    const char *name;
    struct arena arena;
    struct error error; /* the first thing that was wrong; sticks */
    struct node *nodes;
    int count, capacity;
    int output;           /* node number, set by net_finish */
    const char *left_out; /* how the names of tensors begin that files have and the net does not
                           * need; NULL: none */
};

/* An empty net; NULL when memory runs out. `name` ("pytorch/squeezenet1_1") is copied; it begins
 * every message about the net. */
struct net *net_new(enum framework framework, const char *name);
void net_free(struct net *net);

/* Learnable parameters and fixed statistics as the framework's own summary counts them (PyTorch:
 * without running mean and variance; Keras: all), and multiply-adds of one image times two. */
int64_t net_parameters(const struct net *net);
int64_t net_flops(const struct net *net);

/* The same of one node. */
int64_t node_parameters(const struct net *net, const struct node *node);
int64_t node_flops(const struct node *node);

const char *framework_name(enum framework framework); /* "pytorch", "keras" */
const char *op_name(enum op op);                      /* "conv", "norm", ... */

#endif
