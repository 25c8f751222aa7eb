#include "engine/layout.h"

#include <stdlib.h>

int layout_inputs(const struct node *node)
{
    if (node->op == OP_CONCAT)
        return node->list_length;
    return (node->inputs[0] >= 0) + (node->inputs[1] >= 0);
}

int layout_input(const struct node *node, int i)
{
    return node->op == OP_CONCAT ? node->list[i] : node->inputs[i];
}

static void count_uses(struct layout *layouts, const struct net *net)
{
    for (int n = 0; n < net->count; n++)
        for (int i = 0; i < layout_inputs(&net->nodes[n]); i++) {
            struct layout *input = &layouts[layout_input(&net->nodes[n], i)];
            input->uses++;
            input->user = n;
        }
    layouts[net->output].uses++;
}

/* A part of a concatenation is written in place unless it shares a block with another part or is
 * written elsewhere. */
static void claim_parts(struct layout *layouts, const struct net *net, int concat)
{
    const struct node *node = &net->nodes[concat];
    for (int i = 0, channel = 0; i < node->list_length; i++) {
        struct layout *part = &layouts[node->list[i]];
        int channels = part->place.shape.c;
        bool alone = channel % BLOCK == 0 && (channels % BLOCK == 0 || i + 1 == node->list_length);
        if (alone && part->home < 0) {
            part->home = concat;
            part->home_block = channel / BLOCK;
        }
        channel += channels;
    }
}

/* Three channels side by side, as a picture comes in. */
static bool is_picture(const struct node *node)
{
    return node->op == OP_INPUT || node->op == OP_RESCALE;
}

struct layout *layout_make(struct plan *plan, const struct net *net)
{
    struct layout *layouts = arena_alloc(&plan->arena, (size_t)net->count, sizeof *layouts);
    if (!layouts)
        return NULL;
    for (int n = 0; n < net->count; n++) {
        const struct node *node = &net->nodes[n];
        layouts[n].home = -1;
        layouts[n].place = (struct place){
            .buffer = -1,
            .blocks = blocks_of(node->shape.c),
            .pixel = is_picture(node) ? node->shape.c : BLOCK,
            .shape = node->shape,
        };
        if (node->op == OP_FLATTEN)
            layouts[n].place = layouts[node->inputs[0]].place;
        if (node->op == OP_CONCAT)
            claim_parts(layouts, net, n);
    }
    count_uses(layouts, net);
    return layouts;
}

enum status layout_place(struct plan *plan, struct layout *layouts, int node, struct place *place,
                         struct error *error)
{
    int root = node, block = 0;
    while (layouts[root].home >= 0) {
        block += layouts[root].home_block;
        root = layouts[root].home;
    }
    struct place *base = &layouts[root].place;
    if (base->buffer < 0) {
        struct buffer *buffers =
            realloc(plan->buffers, ((size_t)plan->buffer_count + 1) * sizeof *buffers);
        if (!buffers)
            return error_memory(error, "the plan");
        plan->buffers = buffers;
        buffers[plan->buffer_count] = (struct buffer){
            .h = base->shape.h,
            .w = base->shape.w,
            .blocks = base->blocks,
            .pixel = base->pixel,
        };
        base->buffer = plan->buffer_count++;
    }
    *place = layouts[node].place;
    place->buffer = base->buffer;
    place->block = block;
    layouts[node].place = *place;
    return OK;
}
