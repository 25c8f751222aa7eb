#include "net/node.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tensor failed(struct net *net)
{
    return (tensor){.net = net, .node = -1};
}

tensor node_fail(tensor x, const char *name, const char *format, ...)
{
    if (!x.net || x.net->error.status != OK)
        return failed(x.net);
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_set(&x.net->error, BAD_INPUT, "%s: layer %.200s: %s", x.net->name, name, text);
    return failed(x.net);
}

tensor node_no_memory(tensor x)
{
    error_memory(&x.net->error, x.net->name);
    return failed(x.net);
}

/* Is `name` BASE or BASE_number? */
static bool is_numbered(const char *name, const char *base)
{
    size_t length = strlen(base);
    if (strncmp(name, base, length))
        return false;
    name += length;
    return !*name || (*name == '_' && name[1] && !name[1 + strspn(name + 1, "0123456789")]);
}

const char *node_auto_name(tensor x, const char *base)
{
    if (x.node < 0)
        return base;
    int before = 0;
    for (int i = 0; i < x.net->count; i++)
        before += is_numbered(x.net->nodes[i].name, base);
    return before ? name_of(x, "%s_%d", base, before) : base;
}

static bool net_has_room(struct net *net)
{
    if (net->count < net->capacity)
        return true;
    int capacity = net->capacity ? 2 * net->capacity : 64;
    struct node *nodes = reallocarray(net->nodes, (size_t)capacity, sizeof *nodes);
    if (!nodes)
        return false;
    net->nodes = nodes;
    net->capacity = capacity;
    return true;
}

static bool shape_is_allowed(struct shape shape)
{
    if (shape.h < 1 || shape.w < 1 || shape.c < 1 || shape.h > NODE_LIMIT || shape.w > NODE_LIMIT)
        return false;
    int64_t values;
    return !__builtin_mul_overflow((int64_t)shape.h * shape.w, shape.c, &values) &&
           values <= INT_MAX;
}

tensor node_put(tensor x, struct node node)
{
    struct net *net = x.net;
    if (net->error.status != OK)
        return failed(net);
    if (!shape_is_allowed(node.shape))
        return node_fail(x, node.name,
                         "its output would be %d x %d x %d; height and width must be 1 to %d, and "
                         "all values together at most %d",
                         node.shape.h, node.shape.w, node.shape.c, NODE_LIMIT, INT_MAX);
    node.name = arena_string(&net->arena, node.name);
    if (!node.name || !net_has_room(net))
        return node_no_memory(x);
    net->nodes[net->count] = node;
    return (tensor){.net = net, .node = net->count++};
}
