#include "engine/bind.h"
#include "engine/match.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t bind_count(const struct node *node, enum role role)
{
    const struct parameter *parameter = &node->parameters[role];
    if (!parameter->name)
        return 0;
    int64_t count = 1;
    for (int i = 0; i < parameter->rank; i++)
        count *= parameter->shape[i];
    return count;
}

enum { SHAPE_TEXT = WEIGHT_MAX_RANK * 22 + 3 }; /* as many numbers of 20 characters, with commas */

static void shape_text(char text[SHAPE_TEXT], int rank, const int64_t *shape)
{
    char *at = text;
    *at++ = '(';
    for (int i = 0; i < rank; i++)
        at += sprintf(at, i ? ", %" PRId64 : "%" PRId64, shape[i]);
    strcpy(at, ")");
}

static bool same_shape(const struct weight *weight, const struct parameter *wanted)
{
    return weight->rank == wanted->rank &&
           memcmp(weight->shape, wanted->shape, (size_t)wanted->rank * sizeof *wanted->shape) == 0;
}

static enum status check_parameter(const struct binding *binding, const struct parameter *wanted,
                                   const struct weight *weight, struct error *error)
{
    const char *path = binding->weights->path, *net = binding->net->name;
    char want[SHAPE_TEXT], found[SHAPE_TEXT];
    shape_text(want, wanted->rank, wanted->shape);
    if (!weight)
        return error_set(error, BAD_INPUT,
                         "%s: has no tensor %s, which %s needs with shape %s; is this another "
                         "model's file?",
                         path, wanted->name, net, want);
    if (!same_shape(weight, wanted)) {
        bool renamed = strcmp(weight->name, wanted->name) != 0;
        shape_text(found, weight->rank, weight->shape);
        return error_set(error, BAD_INPUT,
                         "%s: tensor %s has shape %s; %s needs %s%s%s; is this another model's "
                         "file?",
                         path, weight->name, found, net, want, renamed ? " for its " : "",
                         renamed ? wanted->name : "");
    }
    if (weight->dtype != DTYPE_F32 && weight->dtype != DTYPE_F16 && weight->dtype != DTYPE_F64)
        return error_set(error, BAD_INPUT,
                         "%s: tensor %s holds integers; %s needs numbers with a "
                         "fraction (float16, float32 or float64)",
                         path, weight->name, net);
    return OK;
}

static bool is_counter(const char *name)
{
    static const char end[] = ".num_batches_tracked";
    size_t length = strlen(name);
    return length >= sizeof end && !strcmp(name + length - (sizeof end - 1), end);
}

/* Does the net know of this tensor without needing it? */
static bool is_left_out(const struct net *net, const char *name)
{
    if (net->left_out && !strncmp(name, net->left_out, strlen(net->left_out)))
        return true;
    return is_counter(name);
}

static enum status check_rest(const struct binding *binding, struct error *error)
{
    const struct weights *weights = binding->weights;
    bool *used = calloc((size_t)weights->count + 1, sizeof *used);
    if (!used)
        return error_memory(error, "the list of tensors");
    for (int i = 0; i < binding->net->count * ROLES; i++)
        if (binding->found[i])
            used[binding->found[i] - weights->list] = true;
    enum status status = OK;
    for (int i = 0; i < weights->count && status == OK; i++)
        if (!used[i] && !is_left_out(binding->net, weights->list[i].name))
            status = error_set(error, BAD_INPUT,
                               "%s: has a tensor %s, which %s does not know; is this another "
                               "model's file?",
                               weights->path, weights->list[i].name, binding->net->name);
    free(used);
    return status;
}

static const struct parameter *parameter_at(const struct net *net, int slot)
{
    return &net->nodes[slot / ROLES].parameters[slot % ROLES];
}

static enum status find_all(struct binding *binding, struct error *error)
{
    const struct net *net = binding->net;
    if (net->framework == KERAS)
        return match_keras(net, binding->weights, binding->found, error);
    for (int i = 0; i < net->count * ROLES; i++)
        if (parameter_at(net, i)->name)
            binding->found[i] = weights_find(binding->weights, parameter_at(net, i)->name);
    return OK;
}

enum status bind_make(struct binding *binding, const struct net *net, const struct weights *weights,
                      struct error *error)
{
    *binding = (struct binding){.net = net, .weights = weights};
    binding->found = calloc((size_t)net->count * ROLES + 1, sizeof *binding->found);
    if (!binding->found)
        return error_memory(error, "the list of parameters");
    enum status status = find_all(binding, error);
    for (int i = 0; i < net->count * ROLES && status == OK; i++)
        if (parameter_at(net, i)->name)
            status = check_parameter(binding, parameter_at(net, i), binding->found[i], error);
    return status == OK ? check_rest(binding, error) : status;
}

void bind_free(struct binding *binding)
{
    free(binding->found);
    *binding = (struct binding){0};
}

/* Keras keeps kernels as (kh, kw, in, out); depthwise (kh, kw, channel, 1). */
static void from_keras(const int64_t shape[4], bool depthwise, const float *in, float *out)
{
    int64_t kh = shape[0], kw = shape[1], channels = shape[2], outputs = shape[3];
    for (int64_t y = 0; y < kh; y++)
        for (int64_t x = 0; x < kw; x++)
            for (int64_t i = 0; i < channels; i++)
                for (int64_t o = 0; o < outputs; o++, in++) {
                    int64_t first = depthwise ? i : o * channels + i;
                    out[(first * kh + y) * kw + x] = *in;
                }
}

/* A Keras dense layer's rows are in the order h, w, c; its outputs run fastest. */
static void from_keras_dense(struct shape flat, int64_t outputs, const float *in, float *out)
{
    int64_t taps = (int64_t)flat.h * flat.w, row = taps * flat.c;
    for (int64_t tap = 0; tap < taps; tap++)
        for (int c = 0; c < flat.c; c++)
            for (int64_t o = 0; o < outputs; o++, in++)
                out[o * row + c * taps + tap] = *in;
}

enum status bind_read(const struct binding *binding, const struct node *node, enum role role,
                      struct shape flat, float *scratch, float *out, struct error *error)
{
    const struct net *net = binding->net;
    const struct parameter *parameter = &node->parameters[role];
    const struct weight *weight = binding->found[(node - net->nodes) * ROLES + role];
    bool as_it_is = net->framework == PYTORCH || role != ROLE_KERNEL;
    enum status status = weights_read(binding->weights, weight, as_it_is ? out : scratch, error);
    if (status != OK || as_it_is)
        return status;
    if (node->op == OP_DENSE)
        from_keras_dense(flat, parameter->shape[1], scratch, out);
    else
        from_keras(parameter->shape, node->groups > 1, scratch, out);
    return OK;
}
