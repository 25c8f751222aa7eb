#include "net/tensor.h"
#include "net/node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tensor failed(struct net *net)
{
    return (tensor){.net = net, .node = -1};
}

const char *name_of(tensor x, const char *format, ...)
{
    if (!x.net)
        return "";
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *name = length < 0 ? NULL : arena_alloc(&x.net->arena, (size_t)length + 1, 1);
    if (name)
        vsnprintf(name, (size_t)length + 1, format, again);
    else
        node_no_memory(x);
    va_end(again);
    va_end(arguments);
    return name ? name : "";
}

struct shape shape_of(tensor x)
{
    return x.node < 0 ? (struct shape){0} : x.net->nodes[x.node].shape;
}

tensor net_input(struct net *net, int height, int width, int channels)
{
    tensor x = failed(net);
    if (!net)
        return x;
    if (net->count)
        return node_fail(x, "input", "a net has one input, and it comes first");
    return node_put(x, (struct node){.op = OP_INPUT,
                                     .name = "input",
                                     .shape = {height, width, channels},
                                     .inputs = {-1, -1}});
}

/* Every layer but the output feeds another one: then all of them lead to the output. */
static void check_all_used(struct net *net)
{
    bool *used = calloc((size_t)net->count, sizeof *used);
    if (!used) {
        error_memory(&net->error, net->name);
        return;
    }
    used[net->output] = true;
    for (int i = 0; i < net->count; i++) {
        const struct node *node = &net->nodes[i];
        for (int j = 0; j < 2; j++)
            if (node->inputs[j] >= 0)
                used[node->inputs[j]] = true;
        for (int j = 0; j < node->list_length; j++)
            used[node->list[j]] = true;
    }
    for (int i = 0; i < net->count; i++)
        if (!used[i])
            node_fail((tensor){.net = net}, net->nodes[i].name,
                      "nothing uses its output; use it or leave the layer out");
    free(used);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_names_differ(struct net *net)
{
    const char **names = calloc((size_t)net->count * ROLES, sizeof *names);
    if (!names) {
        error_memory(&net->error, net->name);
        return;
    }
    size_t count = 0;
    for (int i = 0; i < net->count; i++)
        for (int role = 0; role < ROLES; role++)
            if (net->nodes[i].parameters[role].name)
                names[count++] = net->nodes[i].parameters[role].name;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(names[i - 1], names[i]))
            error_set(&net->error, BAD_INPUT,
                      "%s: two layers have the parameter %s; give each a name of its own",
                      net->name, names[i]);
    free(names);
}

static void check_total_flops(struct net *net)
{
    int64_t total = 0;
    for (int i = 0; i < net->count; i++)
        if (__builtin_add_overflow(total, node_flops(&net->nodes[i]), &total))
            error_set(&net->error, BAD_INPUT, "%s: more than 2^63 operations an image", net->name);
}

enum status net_finish(struct net *net, tensor output, struct error *error)
{
    if (!net)
        return error_memory(error, "a network");
    if (output.node >= 0 && output.net != net)
        error_set(&net->error, BAD_INPUT, "%s: the output belongs to another net", net->name);
    else if (output.node < 0)
        error_set(&net->error, BAD_INPUT, "%s: there is no output", net->name);
    else if (tensor_has_zeros(output))
        error_set(&net->error, BAD_INPUT, "%s: zero padding comes last; no layer takes it",
                  net->name);
    if (net->error.status == OK) {
        net->output = output.node;
        check_all_used(net);
        check_names_differ(net);
        check_total_flops(net);
    }
    if (net->error.status != OK)
        return error_set(error, net->error.status, "%s", net->error.text);
    return OK;
}
