/* The handle that model files pass from layer to layer, and how a net begins and ends. A tensor is
 * a plain value: copy it freely; all that it stands for belongs to its net. A mistake while
 * building sticks to the net and turns every later tensor into a failed one, so that model files
 * check nothing: net_finish tells what the first mistake was. */
#ifndef NET_TENSOR_H
#define NET_TENSOR_H

#include "net/graph.h"

struct margin { /* rows and columns of zeros round a picture; negative: so many are cut off */
    int top, left, bottom, right;
};

/* A typedef, the only one, so that a model file reads like its paper's table. */
typedef struct tensor {
    struct net *net;
    int node;            /* -1: failed */
    struct margin zeros; /* of ZeroPadding2D and Cropping2D; the next layer's window takes them */
} tensor;

/* The picture: `channels` planes of height x width. Exactly one a net, before all else. */
tensor net_input(struct net *net, int height, int width, int channels);

/* The end: checks that every layer leads to `output` and that no two parameters share a name.
 * Returns the first error of the net, if any, and copies it to `error`. */
enum status net_finish(struct net *net, tensor output, struct error *error);

/* A name made by printf; lives as long as the net. */
const char *name_of(tensor x, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Height, width and channels; zeros for a failed tensor. */
struct shape shape_of(tensor x);

static inline bool tensor_has_zeros(tensor x)
{
    return x.zeros.top || x.zeros.left || x.zeros.bottom || x.zeros.right;
}

#endif
