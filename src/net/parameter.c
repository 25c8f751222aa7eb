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

static bool set_parameter(tensor x, struct node *node, enum role role, struct parameter parameter)
{
    int64_t count = 1;
    for (int i = 0; i < parameter.rank; i++)
        if (__builtin_mul_overflow(count, parameter.shape[i], &count) || count > INT_MAX) {
            node_fail(x, node->name, "its kernel would have more than %d weights", INT_MAX);
            return false;
        }
    parameter.name = name_of(x, "%s%s", node->name, parameter.name);
    node->parameters[role] = parameter;
    return *parameter.name; /* "" when memory ran out */
}

bool parameter_conv_kernel(tensor x, struct node *node, bool keras_depthwise)
{
    int64_t in = shape_of(x).c / node->groups, out = node->shape.c;
    int64_t kh = node->window.kh, kw = node->window.kw;
    struct parameter kernel = {".weight", 4, {out, in, kh, kw}};
    if (x.net->framework == KERAS)
        kernel = keras_depthwise ? (struct parameter){"/depthwise_kernel", 4, {kh, kw, out, in}}
                                 : (struct parameter){"/kernel", 4, {kh, kw, in, out}};
    return set_parameter(x, node, ROLE_KERNEL, kernel);
}

bool parameter_dense_kernel(tensor x, struct node *node)
{
    int64_t in = shape_of(x).c, out = node->shape.c;
    struct parameter kernel = {".weight", 2, {out, in}};
    if (x.net->framework == KERAS)
        kernel = (struct parameter){"/kernel", 2, {in, out}};
    return set_parameter(x, node, ROLE_KERNEL, kernel);
}

bool parameter_vector(tensor x, struct node *node, enum role role)
{
    struct parameter vector = {suffixes[x.net->framework][role], 1, {node->shape.c}};
    return set_parameter(x, node, role, vector);
}
