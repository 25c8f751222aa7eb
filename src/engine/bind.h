/* Binding: a network's parameters found in a weights file, checked, and read in one order for both
 * frameworks. Net and weights must live as long as the binding; bind_free frees what it owns. */
#ifndef ENGINE_BIND_H
#define ENGINE_BIND_H

#include "net/graph.h"
#include "weights/weights.h"

struct binding {
    const struct net *net;
    const struct weights *weights;
    const struct weight **found; /* [node * ROLES + role]; NULL: no such parameter */
};

/* Every parameter is there with the right shape and type, and nothing is left over (PyTorch's
 * num_batches_tracked counters and what the net leaves out are known and not needed). BAD_INPUT
 * names the first misfit. PyTorch goes by names; how Keras's are matched, match.h tells. */
enum status bind_make(struct binding *binding, const struct net *net, const struct weights *weights,
                      struct error *error);
void bind_free(struct binding *binding);

/* Read a node's parameter. Kernels come as [out][in][kh][kw] (depthwise [channel][kh][kw]),
 * whatever the framework; `flat` is the shape that a dense layer's input had before it was
 * flattened. `out` has room for the parameter's count; `scratch` too. */
enum status bind_read(const struct binding *binding, const struct node *node, enum role role,
                      struct shape flat, float *scratch, float *out, struct error *error);

/* How many numbers a parameter has; 0 when the layer has none. */
int64_t bind_count(const struct node *node, enum role role);

#endif
