/* Weights that a formula gives, in the place of a weights file: every number is a function of a
 * seed, the layer's position, the parameter's role and the number's position in framework-free
 * order, so that both frameworks' spellings of one network get the same network. The functions
 * weights_find and weights_read are defined here instead of by src/weights. */
#ifndef TESTS_FORMULA_H
#define TESTS_FORMULA_H

#include "net/graph.h"
#include "weights/weights.h"

/* A kernel as convolutions see it; dense layers are windows over what was flattened. */
struct kernel_size {
    int out, in, kh, kw; /* depthwise: in = 1 */
};
struct kernel_size formula_kernel(const struct net *net, const struct node *node);

/* Number `index` of a parameter of node `n`: kernels count as [out][in][kh][kw]. */
float formula_value(const struct net *net, uint64_t seed, int n, enum role role, int64_t index);

struct formula {
    struct weights weights; /* what plan_make takes */
    struct weight *list;
    float **values;
};

/* In the shapes and orders of the net's framework; formula_free frees it. */
void formula_make(struct formula *formula, const struct net *net, uint64_t seed);
void formula_free(struct formula *formula);

#endif
