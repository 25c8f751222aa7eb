#include "net/parameter.h"
#include "net/node.h"

#include <limits.h>

static const char *const suffixes[][ROLES] = {
    [PYTORCH] = {[ROLE_BIAS] = ".bias",
                 [ROLE_GAMMA] = ".weight",
                 [ROLE_BETA] = ".bias",
                 [ROLE_MEAN] = ".running_mean",
                 [ROLE_VARIANCE] = ".running_var"},
    [KERAS] = {[ROLE_BIAS] = "/bias",
               [ROLE_GAMMA] = "/gamma",
               [ROLE_BETA] = "/beta",
               [ROLE_MEAN] = "/moving_mean",
               [ROLE_VARIANCE] = "/moving_variance"},
};

static bool set_parameter(tensor x, struct node *node, struct owner owner, enum role role,
                          struct parameter parameter)
{
    int64_t count = 1;
    for (int i = 0; i < parameter.rank; i++)
        if (__builtin_mul_overflow(count, parameter.shape[i], &count) || count > INT_MAX) {
            node_fail(x, node->name, "its kernel would have more than %d weights", INT_MAX);
            return false;
        }
    const char *suffix = parameter.name;
    parameter.name = name_of(x, "%s%s", owner.name, suffix);
    if (owner.also)
        parameter.also = name_of(x, "%s%s", owner.also, suffix);
    node->parameters[role] = parameter;
    return *parameter.name && (!owner.also || *parameter.also); /* "" when memory ran out */
}

bool parameter_conv_kernel(tensor x, struct node *node, struct owner owner, enum kernel_kind kind)
{
    static const char *const names[] = {[KERNEL_PLAIN] = "/kernel",
                                        [KERNEL_DEPTHWISE] = "/depthwise_kernel",
                                        [KERNEL_POINTWISE] = "/pointwise_kernel"};
    int64_t in = shape_of(x).c / node->groups, out = node->shape.c;
    int64_t kh = node->window.kh, kw = node->window.kw;
    struct parameter kernel = {".weight", NULL, 4, {out, in, kh, kw}};
    if (x.net->framework == KERAS)
        kernel = (struct parameter){names[kind], NULL, 4, {kh, kw, in, out}};
    if (kind == KERNEL_DEPTHWISE)
        kernel = (struct parameter){names[kind], NULL, 4, {kh, kw, out, in}};
    return set_parameter(x, node, owner, ROLE_KERNEL, kernel);
}

bool parameter_dense_kernel(tensor x, struct node *node, struct owner owner)
{
    int64_t in = shape_of(x).c, out = node->shape.c;
    struct parameter kernel = {".weight", NULL, 2, {out, in}};
    if (x.net->framework == KERAS)
        kernel = (struct parameter){"/kernel", NULL, 2, {in, out}};
    return set_parameter(x, node, owner, ROLE_KERNEL, kernel);
}

bool parameter_vector(tensor x, struct node *node, struct owner owner, enum role role)
{
    struct parameter vector = {suffixes[x.net->framework][role], NULL, 1, {node->shape.c}};
    return set_parameter(x, node, owner, role, vector);
}
