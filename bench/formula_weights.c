#include "formula_weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool ends(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && !strcmp(name + length - tail, end);
}

struct weights *formula_weights_make(const struct net *net)
{
    struct weights *weights = calloc(1, sizeof *weights);
    struct weight *list = calloc((size_t)net->count * ROLES, sizeof *list);
    if (!weights || !list) {
        free(weights);
        free(list);
        return NULL;
    }
    weights->path = "formula";
    weights->format = "formula";
    weights->list = list;
    for (int n = 0; n < net->count; n++)
        for (int role = 0; role < ROLES; role++) {
            const struct parameter *parameter = &net->nodes[n].parameters[role];
            if (!parameter->name)
                continue;
            struct weight *weight = &list[weights->count++];
            *weight = (struct weight){
                .name = parameter->name, .dtype = DTYPE_F32, .rank = parameter->rank, .count = 1};
            for (int i = 0; i < parameter->rank; i++) {
                weight->shape[i] = parameter->shape[i];
                weight->count *= parameter->shape[i];
            }
        }
    return weights;
}

void formula_weights_free(struct weights *weights)
{
    if (weights)
        free((void *)weights->list);
    free(weights);
}

const struct weight *weights_find(const struct weights *weights, const char *name)
{
    for (int i = 0; i < weights->count; i++)
        if (!strcmp(weights->list[i].name, name))
            return &weights->list[i];
    return NULL;
}

/* Uniform in [-1, 1), from the tensor's place in the list and the element's index. */
static float formula(uint64_t tensor, uint64_t index)
{
    uint64_t x = (tensor << 40) + index + 1;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return (float)((double)(x >> 11) * 0x1p-52 - 1.0);
}

enum status weights_read(const struct weights *weights, const struct weight *weight, float *out,
                         struct error *error)
{
    (void)error;
    uint64_t tensor = (uint64_t)(weight - weights->list);
    bool variance = ends(weight->name, "variance") || ends(weight->name, "running_var");
    int64_t largest = 1; /* of the dimensions that are not the taps: about the fan-in */
    for (int i = 0; i < weight->rank; i++)
        largest = weight->shape[i] > largest ? weight->shape[i] : largest;
    float scale =
        weight->rank > 1 ? sqrtf(6.0f * (float)largest / (float)weight->count) * 0.5f : 0.1f;
    for (int64_t i = 0; i < weight->count; i++)
        out[i] = variance ? 1.0f + 0.5f * formula(tensor, (uint64_t)i)
                          : scale * formula(tensor, (uint64_t)i);
    return OK;
}
