#include "net/graph.h"

#include <stdlib.h>

struct net *net_new(enum framework framework, const char *name)
{
    struct net *net = calloc(1, sizeof *net);
    if (!net)
        return NULL;
    net->framework = framework;
    net->output = -1;
    net->name = arena_string(&net->arena, name);
    if (!net->name) {
        net_free(net);
        return NULL;
    }
    return net;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    arena_free(&net->arena);
    free(net->nodes);
    free(net);
}

static int64_t parameter_count(const struct parameter *parameter)
{
    if (!parameter->name)
        return 0;
    int64_t count = 1;
    for (int i = 0; i < parameter->rank; i++)
        count *= parameter->shape[i];
    return count;
}

int64_t node_parameters(const struct net *net, const struct node *node)
{
    int64_t count = 0;
    for (int role = 0; role < ROLES; role++) {
        bool statistic = role == ROLE_MEAN || role == ROLE_VARIANCE;
        if (!statistic || net->framework == KERAS)
            count += parameter_count(&node->parameters[role]);
    }
    return count;
}

int64_t node_flops(const struct node *node)
{
    if (node->op != OP_CONV && node->op != OP_DENSE)
        return 0;
    int64_t outputs = (int64_t)node->shape.h * node->shape.w * node->shape.c;
    int64_t taps = parameter_count(&node->parameters[ROLE_KERNEL]) / node->shape.c;
    return 2 * outputs * taps;
}

int64_t net_parameters(const struct net *net)
{
    int64_t count = 0;
    for (int i = 0; i < net->count; i++)
        count += node_parameters(net, &net->nodes[i]);
    return count;
}

int64_t net_flops(const struct net *net)
{
    int64_t count = 0;
    for (int i = 0; i < net->count; i++)
        count += node_flops(&net->nodes[i]);
    return count;
}

const char *framework_name(enum framework framework)
{
    return framework == KERAS ? "keras" : "pytorch";
}

const char *op_name(enum op op)
{
    static const char *const names[] = {
        [OP_INPUT] = "input",     [OP_RESCALE] = "rescale", [OP_CONV] = "conv",
        [OP_NORM] = "norm",       [OP_RELU] = "relu",       [OP_RELU6] = "relu6",
        [OP_MAXPOOL] = "maxpool", [OP_AVGPOOL] = "avgpool", [OP_GLOBAL_AVGPOOL] = "global_avgpool",
        [OP_DENSE] = "dense",     [OP_FLATTEN] = "flatten", [OP_CONCAT] = "concat",
        [OP_ADD] = "add",         [OP_SOFTMAX] = "softmax", [OP_LOG_SOFTMAX] = "log_softmax",
    };
    return names[op];
}
