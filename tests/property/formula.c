#include "formula.h"
#include "../random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

struct kernel_size formula_kernel(const struct net *net, const struct node *node)
{
    const struct node *from = &net->nodes[node->inputs[0]];
    while (node->op == OP_DENSE && from->op == OP_FLATTEN)
        from = &net->nodes[from->inputs[0]];
    if (node->op == OP_DENSE)
        return (struct kernel_size){node->shape.c, from->shape.c, from->shape.h, from->shape.w};
    return (struct kernel_size){node->shape.c, from->shape.c / node->groups, node->window.kh,
                                node->window.kw};
}

/* How many layers with parameters come before node `n`. */
static uint64_t layers_before(const struct net *net, int n)
{
    uint64_t count = 0;
    for (int i = 0; i < n; i++) {
        enum op op = net->nodes[i].op;
        count += op == OP_CONV || op == OP_DENSE || op == OP_NORM;
    }
    return count;
}

float formula_value(const struct net *net, uint64_t seed, int n, enum role role, int64_t index)
{
    const struct node *node = &net->nodes[n];
    uint64_t key = random_mix(seed ^ random_mix(layers_before(net, n) * ROLES + role));
    uint64_t number = random_mix(key ^ (uint64_t)index);
    float value = random_signed(number);
    if (role == ROLE_GAMMA)
        return 1.0f + 0.5f * value;
    if (role == ROLE_VARIANCE)
        return 0.25f + fabsf(value);
    if (number % 61 == 0) /* a few numbers on which a careless sum would trip */
        return number & 64 ? -0.0f : 0.0f;
    if (number % 8191 == 0) /* denormal, which is slow */
        return 1e-40f * value;
    if (role != ROLE_KERNEL)
        return 0.25f * value;
    struct kernel_size size = formula_kernel(net, node);
    return value * sqrtf(6.0f / (float)(size.in * size.kh * size.kw));
}

/* Where the framework keeps number `index` of [out][in][kh][kw]. */
static int64_t framework_index(const struct net *net, const struct node *node, int64_t index)
{
    if (net->framework == PYTORCH)
        return index;
    struct kernel_size size = formula_kernel(net, node);
    int64_t x = index % size.kw, y = index / size.kw % size.kh;
    int64_t i = index / size.kw / size.kh % size.in, o = index / size.kw / size.kh / size.in;
    if (node->groups > 1) /* (kh, kw, channels, 1) */
        return (y * size.kw + x) * size.out + o;
    return ((y * size.kw + x) * size.in + i) * size.out + o; /* (kh, kw, in, out), or (in, out) */
}

static float *formula_values(const struct net *net, uint64_t seed, int n, enum role role,
                             int64_t count)
{
    float *values = calloc((size_t)count, sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < count; i++) {
        int64_t at = role == ROLE_KERNEL ? framework_index(net, &net->nodes[n], i) : i;
        values[at] = formula_value(net, seed, n, role, i);
    }
    return values;
}

void formula_make(struct formula *formula, const struct net *net, uint64_t seed)
{
    size_t room = (size_t)net->count * ROLES;
    formula->list = calloc(room, sizeof *formula->list);
    formula->values = calloc(room, sizeof *formula->values);
    assert_true(formula->list && formula->values);
    int count = 0;
    for (int n = 0; n < net->count; n++)
        for (int role = 0; role < ROLES; role++) {
            const struct parameter *parameter = &net->nodes[n].parameters[role];
            if (!parameter->name)
                continue;
            struct weight *weight = &formula->list[count];
            *weight = (struct weight){parameter->name, DTYPE_F32, parameter->rank, {0}, 1};
            for (int i = 0; i < parameter->rank; i++)
                weight->count *= weight->shape[i] = parameter->shape[i];
            formula->values[count++] = formula_values(net, seed, n, role, weight->count);
        }
    formula->weights =
        (struct weights){.path = "formula.pth", .count = count, .list = formula->list};
}

void formula_free(struct formula *formula)
{
    for (int i = 0; i < formula->weights.count; i++)
        free(formula->values[i]);
    free(formula->values);
    free(formula->list);
}

const struct weight *weights_find(const struct weights *weights, const char *name)
{
    for (int i = 0; i < weights->count; i++)
        if (!strcmp(weights->list[i].name, name))
            return &weights->list[i];
    return NULL;
}

enum status weights_read(const struct weights *weights, const struct weight *weight, float *out,
                         struct error *error)
{
    (void)error;
    const struct formula *formula = (const struct formula *)weights;
    const float *values = formula->values[weight - weights->list];
    memcpy(out, values, (size_t)weight->count * sizeof *out);
    return OK;
}
