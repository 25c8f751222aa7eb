#include "engine/match.h"

#include <stdlib.h>
#include <string.h>

/* Layers that Keras numbers itself, with what Keras 1 called them. */
enum { BASES = 5, MOST_DIGITS = 9, NOT_NUMBERED = -1 };
static const char *const bases[BASES][2] = {
    {"conv2d", "convolution2d"},
    {"batch_normalization", "batchnormalization"},
    {"separable_conv2d", "separableconvolution2d"},
    {"depthwise_conv2d", NULL},
    {"dense", NULL},
};

/* Weights that follow each other under one layer's name. */
struct layer {
    const char *name, *also;
    size_t length, also_length;
    int first, count;
    int base, number; /* conv2d_7: the base conv2d, the number 7; else NOT_NUMBERED */
    int rank;         /* how many layers of the same base have smaller numbers */
};

struct layers {
    struct layer *list;
    int count;
    struct layer **by_number;
};

static size_t prefix_length(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? (size_t)(slash - name) : 0;
}

static bool is_name(const struct layer *layer, const char *name, size_t length)
{
    return layer->length == length && memcmp(layer->name, name, length) == 0;
}

/* The number behind `base`: 0 for nothing, 7 for "_7". */
static int number_after(const char *name, size_t length, const char *base)
{
    size_t skip = base ? strlen(base) : 0;
    if (!base || length < skip || memcmp(name, base, skip))
        return NOT_NUMBERED;
    if (length == skip)
        return 0;
    size_t digits = length - skip - 1;
    if (name[skip] != '_' || digits < 1 || digits > MOST_DIGITS)
        return NOT_NUMBERED;
    int number = 0;
    for (size_t i = skip + 1; i < length; i++) {
        if (name[i] < '0' || name[i] > '9')
            return NOT_NUMBERED;
        number = 10 * number + (name[i] - '0');
    }
    return number;
}

static void find_number(struct layer *layer)
{
    layer->base = NOT_NUMBERED;
    for (int base = 0; base < BASES; base++)
        for (int spelling = 0; spelling < 2; spelling++) {
            int number = number_after(layer->name, layer->length, bases[base][spelling]);
            if (number == NOT_NUMBERED)
                continue;
            layer->base = base;
            layer->number = number;
        }
}

/* One more weight: of the last layer, or of one that begins with it. */
static void add_weight(struct layers *layers, const char *name, const char *also, int index)
{
    size_t length = prefix_length(name);
    struct layer *last = layers->count ? &layers->list[layers->count - 1] : NULL;
    if (last && is_name(last, name, length)) {
        last->count++;
        return;
    }
    struct layer *layer = &layers->list[layers->count++];
    *layer = (struct layer){.name = name, .length = length, .first = index, .count = 1};
    layer->also = also;
    layer->also_length = also ? prefix_length(also) : 0;
    find_number(layer);
}

static int compare_numbers(const void *a, const void *b)
{
    const struct layer *x = *(struct layer *const *)a, *y = *(struct layer *const *)b;
    if (x->base != y->base)
        return x->base < y->base ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x < y ? -1 : x > y;
}

static void rank(struct layers *layers)
{
    for (int i = 0; i < layers->count; i++)
        layers->by_number[i] = &layers->list[i];
    qsort(layers->by_number, (size_t)layers->count, sizeof *layers->by_number, compare_numbers);
    for (int i = 1; i < layers->count; i++) {
        const struct layer *before = layers->by_number[i - 1];
        if (before->base == layers->by_number[i]->base)
            layers->by_number[i]->rank = before->rank + 1;
    }
}

static bool layers_start(struct layers *layers, size_t most)
{
    layers->list = calloc(most + 1, sizeof *layers->list);
    layers->by_number = calloc(most + 1, sizeof(struct layer *));
    return layers->list && layers->by_number;
}

static void layers_free(struct layers *layers)
{
    free(layers->list);
    free(layers->by_number);
}

/* The layer of the file: the one of the same rank among those with numbers, or of its name. */
static const struct layer *find_layer(const struct layers *file, const struct layer *wanted)
{
    const struct layer *renamed = NULL;
    for (int i = 0; i < file->count; i++) {
        const struct layer *layer = &file->list[i];
        if (wanted->base != NOT_NUMBERED) {
            if (layer->base == wanted->base && layer->rank == wanted->rank)
                return layer;
        } else if (is_name(layer, wanted->name, wanted->length)) {
            return layer;
        } else if (wanted->also && is_name(layer, wanted->also, wanted->also_length)) {
            renamed = layer;
        }
    }
    return renamed;
}

/* A layer's weight by its name, or by its place among as many as the net has. */
static const struct weight *find_weight(const struct weights *weights, const struct layer *layer,
                                        const struct layer *wanted, const char *name, int place)
{
    const struct weight *list = weights->list + layer->first;
    for (int i = 0; i < layer->count; i++)
        if (strcmp(list[i].name + layer->length, name + wanted->length) == 0)
            return &list[i];
    return layer->count == wanted->count ? &list[place] : NULL;
}

static void match_layer(const struct net *net, const struct weights *weights,
                        const struct layer *layer, const struct layer *wanted,
                        const struct weight **found)
{
    for (int slot = wanted->first, place = 0; place < wanted->count; slot++) {
        const char *name = net->nodes[slot / ROLES].parameters[slot % ROLES].name;
        if (name)
            found[slot] = find_weight(weights, layer, wanted, name, place++);
    }
}

enum status match_keras(const struct net *net, const struct weights *weights,
                        const struct weight **found, struct error *error)
{
    struct layers file = {0}, wanted = {0};
    int slots = net->count * ROLES;
    enum status status = OK;
    if (layers_start(&file, (size_t)weights->count) && layers_start(&wanted, (size_t)slots)) {
        for (int i = 0; i < weights->count; i++)
            add_weight(&file, weights->list[i].name, NULL, i);
        for (int i = 0; i < slots; i++) {
            const struct parameter *parameter = &net->nodes[i / ROLES].parameters[i % ROLES];
            if (parameter->name)
                add_weight(&wanted, parameter->name, parameter->also, i);
        }
        rank(&file);
        rank(&wanted);
        for (int i = 0; i < wanted.count; i++) {
            const struct layer *layer = find_layer(&file, &wanted.list[i]);
            if (layer)
                match_layer(net, weights, layer, &wanted.list[i], found);
        }
    } else {
        status = error_memory(error, "the list of layers");
    }
    layers_free(&file);
    layers_free(&wanted);
    return status;
}
