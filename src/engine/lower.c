/* From the graph to steps: a convolution takes the normalisation, addition and activation that
 * follow it along, as long as nobody else wants what lies between. */
#include "engine/layout.h"

#include <string.h>

enum { MOST_SEGMENTS = INT32_MAX / BLOCK }; /* of a window */

struct lowering {
    struct plan *plan;
    const struct net *net;
    struct layout *layouts;
    bool *done; /* nodes that an earlier step has computed */
    struct error *error;
};

static enum status refuse(const struct lowering *low, int node, const char *why)
{
    return error_set(low->error, BAD_INPUT, "%s: layer %s: %s", low->net->name,
                     low->net->nodes[node].name, why);
}

/* The node that alone reads `node`, if it is an `op`; else -1. */
static int only_user(const struct lowering *low, int node, enum op op)
{
    const struct layout *layout = &low->layouts[node];
    if (layout->uses != 1 || node == low->net->output)
        return -1;
    return low->net->nodes[layout->user].op == op ? layout->user : -1;
}

/* The step computes `user` too. */
static int absorb(struct lowering *low, int user)
{
    low->done[user] = true;
    return user;
}

static int absorb_norm(struct lowering *low, struct step *step, int node)
{
    int user = only_user(low, node, OP_NORM);
    if (user < 0)
        return node;
    step->norm = user;
    return absorb(low, user);
}

/* An addition is taken along when its other term is already there. */
static int absorb_add(struct lowering *low, struct step *step, int node)
{
    int user = only_user(low, node, OP_ADD);
    if (user < 0)
        return node;
    const int *inputs = low->net->nodes[user].inputs;
    int other = inputs[0] == node ? inputs[1] : inputs[0];
    if (!low->done[other])
        return node;
    step->other = low->layouts[other].place;
    return absorb(low, user);
}

static int absorb_activation(struct lowering *low, struct step *step, int node)
{
    int user = only_user(low, node, OP_RELU);
    step->activation = ACT_RELU;
    if (user < 0) {
        user = only_user(low, node, OP_RELU6);
        step->activation = ACT_RELU6;
    }
    if (user >= 0)
        return absorb(low, user);
    step->activation = ACT_NONE;
    return node;
}

/* Append a step that reads node's first input and writes the place of `last`. */
static enum status append(struct lowering *low, struct step *step, int node, int last)
{
    struct plan *plan = low->plan;
    const struct node *from = &low->net->nodes[node];
    step->name = from->name;
    if (from->inputs[0] >= 0)
        step->in = low->layouts[from->inputs[0]].place;
    enum status status = layout_place(plan, low->layouts, last, &step->out, low->error);
    if (status != OK)
        return status;
    plan->steps[plan->step_count++] = *step;
    return OK;
}

static struct step blank_step(enum step_op op)
{
    return (struct step){.op = op, .kernel = -1, .norm = -1, .other.buffer = -1};
}

static void set_geometry(struct step *step, const struct place *in, const struct shape *out,
                         int panel)
{
    const struct window *window = &step->window;
    step->conv = (struct conv){
        .out_channels = out->c,
        .in_blocks = in->blocks,
        .pixel = in->pixel,
        .kh = window->kh,
        .kw = window->kw,
        .stride_h = window->stride_h,
        .stride_w = window->stride_w,
        .top = window->top,
        .left = window->left,
        .panel = panel,
    };
    conv_measure(&step->conv);
}

/* A window as large as the picture. */
static struct window whole_picture(const struct place *in)
{
    return (struct window){.kh = in->shape.h, .kw = in->shape.w, .stride_h = 1, .stride_w = 1};
}

static enum status lower_conv(struct lowering *low, int n)
{
    const struct node *node = &low->net->nodes[n];
    const struct place *in = &low->layouts[node->inputs[0]].place;
    bool depthwise = node->groups > 1;
    if (depthwise && (node->groups != in->shape.c || node->shape.c != in->shape.c))
        return refuse(low, n, "groups of several channels are not computed");
    struct step step = blank_step(depthwise ? STEP_DEPTHWISE : STEP_CONV);
    step.kernel = n;
    step.window = node->op == OP_DENSE ? whole_picture(in) : node->window;
    if (!depthwise && kernels_pixel_stride(step.window.stride_w * in->pixel) < 0)
        return refuse(low, n, "there is no kernel for this stride");
    if ((int64_t)in->blocks * step.window.kh > MOST_SEGMENTS / step.window.kw)
        return refuse(low, n, "the window has too many terms");
    int last = absorb_norm(low, &step, n);
    if (!depthwise) {
        set_geometry(&step, in, &node->shape, low->plan->kernels->panel);
        last = absorb_add(low, &step, last);
    }
    last = absorb_activation(low, &step, last);
    step.conv.activation = step.activation;
    return append(low, &step, n, last);
}

static enum status lower_pool(struct lowering *low, int n)
{
    const struct node *node = &low->net->nodes[n];
    const struct place *in = &low->layouts[node->inputs[0]].place;
    struct step step = blank_step(node->op == OP_MAXPOOL ? STEP_MAXPOOL : STEP_AVGPOOL);
    step.window = node->op == OP_GLOBAL_AVGPOOL ? whole_picture(in) : node->window;
    step.count_padding = node->count_padding;
    return append(low, &step, n, n);
}

/* Normalisation, addition or activation on its own. */
static enum status lower_affine(struct lowering *low, int n)
{
    const struct node *node = &low->net->nodes[n];
    struct step step = blank_step(STEP_AFFINE);
    int last = n;
    if (node->op == OP_NORM)
        step.norm = n;
    if (node->op == OP_ADD)
        step.other = low->layouts[node->inputs[1]].place;
    if (node->op == OP_RELU || node->op == OP_RELU6)
        step.activation = node->op == OP_RELU ? ACT_RELU : ACT_RELU6;
    else
        last = absorb_activation(low, &step, n);
    return append(low, &step, n, last);
}

/* Parts that could not be written in place are copied, in order. */
static enum status lower_concat(struct lowering *low, int n)
{
    const struct node *node = &low->net->nodes[n];
    struct place whole;
    enum status status = layout_place(low->plan, low->layouts, n, &whole, low->error);
    for (int i = 0, channel = 0; i < node->list_length && status == OK; i++) {
        const struct place *part = &low->layouts[node->list[i]].place;
        int block = whole.block + channel / BLOCK, shift = channel % BLOCK;
        if (part->buffer != whole.buffer || part->block != block || shift != 0) {
            struct step step = blank_step(STEP_COPY);
            step.name = node->name;
            step.in = *part;
            step.out = whole;
            step.out.block = block;
            step.out.blocks = blocks_of(shift + part->shape.c);
            step.shift = shift;
            low->plan->steps[low->plan->step_count++] = step;
        }
        channel += part->shape.c;
    }
    return status;
}

static enum status lower_input(struct lowering *low, int n)
{
    struct step step = blank_step(STEP_INPUT);
    if (low->net->nodes[n].shape.c != 3)
        return refuse(low, n, "pictures have 3 channels");
    int last = n, user = only_user(low, n, OP_RESCALE);
    if (user >= 0) {
        const struct node *rescale = &low->net->nodes[user];
        step.rescale = true;
        memcpy(step.scale, rescale->scale, sizeof step.scale);
        memcpy(step.offset, rescale->shift, sizeof step.offset);
        last = absorb(low, user);
    }
    return append(low, &step, n, last);
}

static enum status lower_last(struct lowering *low, int n)
{
    if (n != low->net->output)
        return refuse(low, n, "softmax is computed at the end of a network only");
    low->plan->output_kind =
        low->net->nodes[n].op == OP_SOFTMAX ? OUTPUT_PROBABILITIES : OUTPUT_LOG_PROBABILITIES;
    low->layouts[n].place = low->layouts[low->net->nodes[n].inputs[0]].place;
    return OK;
}

/* The picture has a layout of its own, and a flattened one is stored as it was: only a window that
 * covers all of it takes either. */
static enum status check_input(const struct lowering *low, int n, int input)
{
    enum op op = low->net->nodes[n].op;
    const struct place *in = &low->layouts[input].place;
    if (op == OP_DENSE || op == OP_FLATTEN || op == OP_RESCALE)
        return OK;
    if (in->shape.c != low->net->nodes[input].shape.c)
        return refuse(low, n, "a flattened picture goes into a dense layer");
    if (in->pixel != BLOCK && (op != OP_CONV || low->net->nodes[n].groups > 1))
        return refuse(low, n, "the input picture goes through a convolution first");
    return OK;
}

static enum status check_inputs(const struct lowering *low, int n)
{
    const struct node *node = &low->net->nodes[n];
    enum status status = OK;
    for (int i = 0; i < layout_inputs(node) && status == OK; i++)
        status = check_input(low, n, layout_input(node, i));
    return status;
}

static enum status lower_node(struct lowering *low, int n)
{
    switch (low->net->nodes[n].op) {
    case OP_INPUT:
        return lower_input(low, n);
    case OP_RESCALE: /* else the input took it along */
        return refuse(low, n, "a picture that is rescaled has no other reader");
    case OP_CONV:
    case OP_DENSE:
        return lower_conv(low, n);
    case OP_MAXPOOL:
    case OP_AVGPOOL:
    case OP_GLOBAL_AVGPOOL:
        return lower_pool(low, n);
    case OP_NORM:
    case OP_ADD:
    case OP_RELU:
    case OP_RELU6:
        return lower_affine(low, n);
    case OP_CONCAT:
        return lower_concat(low, n);
    case OP_FLATTEN:
        low->layouts[n].place = low->layouts[low->net->nodes[n].inputs[0]].place;
        return OK;
    case OP_SOFTMAX:
    case OP_LOG_SOFTMAX:
        return lower_last(low, n);
    }
    return refuse(low, n, "unknown operation");
}

/* At most one step a node, and one a part of a concatenation. */
static size_t most_steps(const struct net *net)
{
    size_t steps = 0;
    for (int n = 0; n < net->count; n++)
        steps += 1 + (size_t)net->nodes[n].list_length;
    return steps;
}

enum status lower_net(struct plan *plan, const struct net *net, struct error *error)
{
    struct lowering low = {.plan = plan, .net = net, .error = error};
    low.layouts = layout_make(plan, net);
    low.done = arena_alloc(&plan->arena, (size_t)net->count, sizeof *low.done);
    plan->steps = arena_alloc(&plan->arena, most_steps(net), sizeof *plan->steps);
    if (!low.layouts || !low.done || !plan->steps)
        return error_memory(error, "the plan");
    for (int n = 0; n < net->count; n++) {
        enum status status = check_inputs(&low, n);
        if (status == OK && !low.done[n])
            status = lower_node(&low, n);
        if (status != OK)
            return status;
        low.done[n] = true;
    }
    plan->output = low.layouts[net->output].place;
    if (plan->output.shape.h != 1 || plan->output.shape.w != 1)
        return refuse(&low, net->output, "the network ends in a picture, not in a row of classes");
    return OK;
}
