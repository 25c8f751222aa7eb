/* Weights into panels: normalisation folded in double precision and rounded once, lanes that no
 * channel uses +0. */
#include "engine/bind.h"
#include "engine/step.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE_FLOATS = 1 << 19 /* 2 MiB */ };

struct packer {
    struct plan *plan;
    const struct net *net;
    struct binding binding;
    float *raw, *scratch;  /* room for the largest parameter */
    double *scale, *shift; /* of each output channel, from the folded normalisation */
    struct error *error;
};

static const struct node *node_at(const struct packer *pack, int node)
{
    return node < 0 ? NULL : &pack->net->nodes[node];
}

static enum status read_role(struct packer *pack, const struct node *node, enum role role,
                             struct shape flat)
{
    return bind_read(&pack->binding, node, role, flat, pack->scratch, pack->raw, pack->error);
}

/* One statistic or factor of a normalisation for all channels; `fallback` where it has none. */
static enum status read_factor(struct packer *pack, const struct node *norm, enum role role,
                               double fallback, double *out)
{
    int channels = norm->shape.c;
    bool there = norm->parameters[role].name;
    enum status status = there ? read_role(pack, norm, role, norm->shape) : OK;
    for (int c = 0; c < channels && status == OK; c++)
        out[c] = there ? pack->raw[c] : fallback;
    return status;
}

/* For a layer f (w x + b) and the normalisation behind it: scale = gamma / sqrt(variance +
 * epsilon), shift = beta + (f b - mean) scale; the weights are multiplied by f scale. All in
 * double. */
static enum status fold(struct packer *pack, const struct node *kernel, const struct node *norm)
{
    int channels = norm ? norm->shape.c : kernel->shape.c;
    double *scale = pack->scale, *shift = pack->shift;
    double *gamma = calloc(4 * (size_t)channels, sizeof *gamma);
    if (!gamma)
        return error_memory(pack->error, "the normalisation");
    double *beta = gamma + channels, *mean = beta + channels, *variance = mean + channels;
    enum status status = OK;
    if (norm) {
        status = read_factor(pack, norm, ROLE_GAMMA, 1.0, gamma);
        if (status == OK)
            status = read_factor(pack, norm, ROLE_BETA, 0.0, beta);
        if (status == OK)
            status = read_factor(pack, norm, ROLE_MEAN, 0.0, mean);
        if (status == OK)
            status = read_factor(pack, norm, ROLE_VARIANCE, 1.0, variance);
    }
    bool biased = kernel && kernel->parameters[ROLE_BIAS].name;
    if (biased && status == OK)
        status = read_role(pack, kernel, ROLE_BIAS, kernel->shape);
    double factor = kernel ? kernel->factor : 1.0;
    for (int c = 0; c < channels && status == OK; c++) {
        double bias = biased ? factor * pack->raw[c] : 0.0;
        scale[c] = norm ? gamma[c] / sqrt(variance[c] + norm->epsilon) : 1.0;
        shift[c] = norm ? beta[c] + (bias - mean[c]) * scale[c] : bias;
        scale[c] *= factor;
    }
    free(gamma);
    return status;
}

/* Round once; never -0 for a shift, so that the sign of a sum's zero cannot show. */
static enum status put(struct packer *pack, const char *layer, double value, bool shift, float *to)
{
    *to = (float)value;
    if (shift)
        *to += 0.0f;
    if (isfinite(*to))
        return OK;
    return error_set(pack->error, BAD_INPUT,
                     "%s: layer %s: a weight is not finite once the normalisation is folded in; "
                     "the variance or the weights are damaged",
                     pack->binding.weights->path, layer);
}

static enum status pack_conv(struct packer *pack, struct step *step)
{
    const struct node *kernel = node_at(pack, step->kernel);
    const struct conv *conv = &step->conv;
    int channels = step->in.shape.c, taps = conv->kh * conv->kw;
    enum status status = fold(pack, kernel, node_at(pack, step->norm));
    if (status == OK)
        status = read_role(pack, kernel, ROLE_KERNEL, step->in.shape);
    const float *raw = pack->raw;
    for (int o = 0; o < conv->out_channels && status == OK; o++) {
        for (int i = 0; i < channels && status == OK; i++)
            for (int tap = 0; tap < taps && status == OK; tap++, raw++) {
                long place = conv_weight_place(conv, o, i, tap / conv->kw, tap % conv->kw);
                status = put(pack, step->name, *raw * pack->scale[o], false, &conv->weights[place]);
            }
        if (status == OK)
            status = put(pack, step->name, pack->shift[o], true, &conv->bias[o]);
    }
    return status;
}

static enum status pack_depthwise(struct packer *pack, struct step *step)
{
    const struct node *kernel = node_at(pack, step->kernel);
    int taps = step->window.kh * step->window.kw;
    enum status status = fold(pack, kernel, node_at(pack, step->norm));
    if (status == OK)
        status = read_role(pack, kernel, ROLE_KERNEL, step->in.shape);
    for (int c = 0; c < step->in.shape.c && status == OK; c++) {
        float *weights = step->weights + (long)c / BLOCK * taps * BLOCK + c % BLOCK;
        for (int tap = 0; tap < taps && status == OK; tap++)
            status = put(pack, step->name, pack->raw[c * taps + tap] * pack->scale[c], false,
                         &weights[tap * BLOCK]);
        if (status == OK)
            status = put(pack, step->name, pack->shift[c], true, &step->bias[c]);
    }
    return status;
}

static enum status pack_affine(struct packer *pack, struct step *step)
{
    enum status status = fold(pack, NULL, node_at(pack, step->norm));
    for (int c = 0; c < step->in.shape.c && status == OK; c++) {
        status = put(pack, step->name, pack->scale[c], false, &step->weights[c]);
        if (status == OK)
            status = put(pack, step->name, pack->shift[c], true, &step->bias[c]);
    }
    return status;
}

/* How many floats a step's weights take; its bias comes behind them. */
static size_t weight_floats(const struct step *step)
{
    size_t blocks = (size_t)step->in.blocks * BLOCK;
    if (step->op == STEP_CONV)
        return (size_t)conv_weight_count(&step->conv);
    if (step->op == STEP_DEPTHWISE)
        return blocks * (size_t)step->window.kh * (size_t)step->window.kw;
    return step->op == STEP_AFFINE && step->norm >= 0 ? blocks : 0;
}

static size_t bias_floats(const struct step *step)
{
    if (step->op == STEP_CONV)
        return (size_t)blocks_of(step->conv.out_channels) * BLOCK;
    return weight_floats(step) ? (size_t)step->in.blocks * BLOCK : 0;
}

/* One mapping for all packed weights, on large pages where the system has them. */
static enum status reserve(struct plan *plan, struct error *error)
{
    for (int s = 0; s < plan->step_count; s++)
        plan->packed_floats += weight_floats(&plan->steps[s]) + bias_floats(&plan->steps[s]);
    plan->packed_floats = (plan->packed_floats / PAGE_FLOATS + 1) * PAGE_FLOATS;
    size_t bytes = plan->packed_floats * sizeof(float);
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return error_memory(error, "the packed weights");
    madvise(memory, bytes, MADV_HUGEPAGE);
    plan->packed = memory;
    float *at = plan->packed;
    for (int s = 0; s < plan->step_count; s++) {
        struct step *step = &plan->steps[s];
        if (!weight_floats(step))
            continue;
        step->weights = step->conv.weights = at;
        at += weight_floats(step);
        step->bias = step->conv.bias = at;
        at += bias_floats(step);
    }
    return OK;
}

static enum status packer_start(struct packer *pack)
{
    int64_t largest = 1;
    int channels = 1;
    for (int n = 0; n < pack->net->count; n++) {
        const struct node *node = &pack->net->nodes[n];
        channels = node->shape.c > channels ? node->shape.c : channels;
        for (int role = 0; role < ROLES; role++)
            if (bind_count(node, role) > largest)
                largest = bind_count(node, role);
    }
    pack->raw = malloc((size_t)largest * sizeof *pack->raw);
    pack->scratch = malloc((size_t)largest * sizeof *pack->scratch);
    pack->scale = malloc((size_t)channels * sizeof *pack->scale);
    pack->shift = malloc((size_t)channels * sizeof *pack->shift);
    if (pack->raw && pack->scratch && pack->scale && pack->shift)
        return OK;
    return error_memory(pack->error, "the weights being packed");
}

static void packer_stop(struct packer *pack)
{
    bind_free(&pack->binding);
    free(pack->raw);
    free(pack->scratch);
    free(pack->scale);
    free(pack->shift);
}

enum status pack_weights(struct plan *plan, const struct net *net, const struct weights *weights,
                         struct error *error)
{
    struct packer pack = {.plan = plan, .net = net, .error = error};
    enum status status = bind_make(&pack.binding, net, weights, error);
    if (status == OK)
        status = reserve(plan, error);
    if (status == OK)
        status = packer_start(&pack);
    for (int s = 0; s < plan->step_count && status == OK; s++) {
        struct step *step = &plan->steps[s];
        if (step->op == STEP_CONV)
            status = pack_conv(&pack, step);
        else if (step->op == STEP_DEPTHWISE)
            status = pack_depthwise(&pack, step);
        else if (step->op == STEP_AFFINE && step->norm >= 0)
            status = pack_affine(&pack, step);
    }
    packer_stop(&pack);
    if (status == OK)
        mprotect(plan->packed, plan->packed_floats * sizeof(float), PROT_READ);
    return status;
}
