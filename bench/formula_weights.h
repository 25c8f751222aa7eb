/* Weights out of a formula, for any network: what the engine needs to be timed or compared when no
 * trained file is at hand. Linked in place of src/weights. */
#ifndef BENCH_FORMULA_WEIGHTS_H
#define BENCH_FORMULA_WEIGHTS_H

#include "net/graph.h"
#include "weights/weights.h"

/* A tensor for every parameter of the net: kernels scaled so that activations keep their size,
 * variances near 1. Freed with formula_weights_free. NULL when memory runs out. */
struct weights *formula_weights_make(const struct net *net);
void formula_weights_free(struct weights *weights);

#endif
