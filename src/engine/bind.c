#include "engine/bind.h"

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

static enum status check_parameter(const struct net *net, const struct weights *weights,
                                   const struct parameter *wanted, bool *used, struct error *error)
{
    const struct weight *weight = weights_find(weights, wanted->name);
    char want[SHAPE_TEXT], found[SHAPE_TEXT];
    shape_text(want, wanted->rank, wanted->shape);
    if (!weight)
        return error_set(error, BAD_INPUT,
                         "%s: has no tensor %s, which %s needs with shape %s; is this another "
                         "model's file?",
                         weights->path, wanted->name, net->name, want);
    used[weight - weights->list] = true;
    if (!same_shape(weight, wanted)) {
        shape_text(found, weight->rank, weight->shape);
        return error_set(error, BAD_INPUT,
                         "%s: tensor %s has shape %s; %s needs %s; is this another model's file?",
                         weights->path, wanted->name, found, net->name, want);
    }
    if (weight->dtype != DTYPE_F32 && weight->dtype != DTYPE_F16 && weight->dtype != DTYPE_F64)
        return error_set(error, BAD_INPUT,
                         "%s: tensor %s holds integers; %s needs numbers with a "
                         "fraction (float16, float32 or float64)",
                         weights->path, wanted->name, net->name);
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

static enum status check_rest(const struct net *net, const struct weights *weights,
                              const bool *used, struct error *error)
{
    for (int i = 0; i < weights->count; i++)
        if (!used[i] && !is_left_out(net, weights->list[i].name))
            return error_set(error, BAD_INPUT,
                             "%s: has a tensor %s, which %s does not know; is this another "
                             "model's file?",
                             weights->path, weights->list[i].name, net->name);
    return OK;
}

enum status bind_check(const struct net *net, const struct weights *weights, struct error *error)
{
    bool *used = calloc((size_t)weights->count + 1, sizeof *used);
    if (!used)
        return error_memory(error, "the list of tensors");
    enum status status = OK;
    for (int n = 0; n < net->count && status == OK; n++)
        for (int role = 0; role < ROLES && status == OK; role++) {
            const struct parameter *wanted = &net->nodes[n].parameters[role];
            if (wanted->name)
                status = check_parameter(net, weights, wanted, used, error);
        }
    if (status == OK)
        status = check_rest(net, weights, used, error);
    free(used);
    return status;
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

enum status bind_read(const struct net *net, const struct weights *weights, const struct node *node,
                      enum role role, struct shape flat, float *scratch, float *out,
                      struct error *error)
{
    const struct parameter *parameter = &node->parameters[role];
    const struct weight *weight = weights_find(weights, parameter->name);
    bool as_it_is = net->framework == PYTORCH || role != ROLE_KERNEL;
    enum status status = weights_read(weights, weight, as_it_is ? out : scratch, error);
    if (status != OK || as_it_is)
        return status;
    if (node->op == OP_DENSE)
        from_keras_dense(flat, parameter->shape[1], scratch, out);
    else
        from_keras(parameter->shape, node->groups > 1, scratch, out);
    return OK;
}
