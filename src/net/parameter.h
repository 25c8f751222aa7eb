/* What a layer's parameters are called in its framework's checkpoint, and the shapes they have
 * there. Each function gives one to `node`, which takes its input from `x` and whose own shape,
 * window and groups are set; false when memory runs out or it would be too large, with the error
 * recorded. Model files do not include this. */
#ifndef NET_PARAMETER_H
#define NET_PARAMETER_H

#include "net/tensor.h"

struct owner { /* the layer of the checkpoint */
    const char *name;
    const char *also; /* its name in newer files, or NULL */
};

enum kernel_kind {
    KERNEL_PLAIN,
    KERNEL_DEPTHWISE, /* Keras has another name and shape for it */
    KERNEL_POINTWISE  /* the second one of Keras's separable convolution */
};

bool parameter_conv_kernel(tensor x, struct node *node, struct owner owner, enum kernel_kind kind);
bool parameter_dense_kernel(tensor x, struct node *node, struct owner owner);
/* One value a channel: all roles but ROLE_KERNEL. */
bool parameter_vector(tensor x, struct node *node, struct owner owner, enum role role);

#endif
