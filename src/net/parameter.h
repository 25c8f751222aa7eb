/* What a layer's parameters are called in its framework's checkpoint, and the shapes they have
 * there. Each function gives one to `node`, which takes its input from `x` and whose own shape,
 * window and groups are set; false when memory runs out or it would be too large, with the error
 * recorded. Model files do not include this. */
#ifndef NET_PARAMETER_H
#define NET_PARAMETER_H

#include "net/tensor.h"

/* Keras has another name and shape for the kernel of its DepthwiseConv2D. */
bool parameter_conv_kernel(tensor x, struct node *node, bool keras_depthwise);
bool parameter_dense_kernel(tensor x, struct node *node);
/* One value a channel: all roles but ROLE_KERNEL. */
bool parameter_vector(tensor x, struct node *node, enum role role);

#endif
