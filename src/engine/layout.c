#include "engine/layout.h"

#include <stdlib.h>

/* The nodes that a node reads, whichever way it lists them. */
static int input_count(const struct node *node)
{
    if (node->op == OP_CONCAT)
        return node->list_length;
    return (node->inputs[0] >= 0) + (node->inputs[1] >= 0);
}

static int input_of(const struct node *node, int i)
{
    return node->op == OP_CONCAT ? node->list[i] : node->inputs[i];
}

static void count_uses(struct layout *layouts, const struct net *net)
{
    for (int n = 0; n < net->count; n++)
        for (int i = 0; i < input_count(&net->nodes[n]); i++) {
            struct layout *input = &layouts[input_of(&net->nodes[n], i)];
            input->uses++;
            input->user = n;
        }
    layouts[net->output].uses++;
}

static bool gives_blocks_anew(enum op op)
{
    return op == OP_CONV || op == OP_DENSE || op == OP_INPUT;
}

/* A concatenation appends the blocks of its parts, so a part that does not fill its last block
 * leaves a gap, and its channels' storage is no longer their number. */
static bool concat_channels(struct plan *plan, struct layout *layouts, const struct node *node,
                            struct place *place)
{
    bool gaps = false;
    for (int i = 0; i < node->list_length; i++) {
        const struct place *part = &layouts[node->list[i]].place;
        gaps |= part->channels || (part->shape.c % BLOCK != 0 && i + 1 < node->list_length);
        place->blocks += part->blocks;
    }
    if (!gaps)
        return true;
    int *channels = arena_alloc(&plan->arena, (size_t)node->shape.c, sizeof *channels), c = 0;
    if (!channels)
        return false;
    place->channels = channels;
    for (int i = 0, block = 0; i < node->list_length; i++) {
        const struct place *part = &layouts[node->list[i]].place;
        for (int k = 0; k < part->shape.c; k++)
            channels[c++] = block * BLOCK + (part->channels ? part->channels[k] : k);
        block += part->blocks;
    }
    return true;
}

/* Parts that are written nowhere else are written in place. */
static void claim_parts(struct layout *layouts, const struct net *net, int concat)
{
    const struct node *node = &net->nodes[concat];
    for (int i = 0, block = 0; i < node->list_length; i++) {
        struct layout *part = &layouts[node->list[i]];
        enum op op = net->nodes[node->list[i]].op;
        if (part->home < 0 && op != OP_INPUT && op != OP_FLATTEN) {
            part->home = concat;
            part->home_block = block;
        }
        block += part->place.blocks;
    }
}

struct layout *layout_make(struct plan *plan, const struct net *net)
{
    struct layout *layouts = arena_alloc(&plan->arena, (size_t)net->count, sizeof *layouts);
    if (!layouts)
        return NULL;
    for (int n = 0; n < net->count; n++) {
        const struct node *node = &net->nodes[n];
        struct place *place = &layouts[n].place;
        *place = (struct place){.buffer = -1, .shape = node->shape};
        layouts[n].home = -1;
        if (node->op == OP_CONCAT) {
            if (!concat_channels(plan, layouts, node, place))
                return NULL;
            claim_parts(layouts, net, n);
        } else if (gives_blocks_anew(node->op)) {
            place->blocks = blocks_of(node->shape.c);
        } else { /* as its input is stored; flatten keeps its input's shape too */
            const struct place *input = &layouts[node->inputs[0]].place;
            place->blocks = input->blocks;
            place->channels = input->channels;
            if (node->op == OP_FLATTEN)
                place->shape = input->shape;
        }
    }
    count_uses(layouts, net);
    return layouts;
}

enum status layout_place(struct plan *plan, struct layout *layouts, const struct net *net, int node,
                         struct place *place, struct error *error)
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
            .pixel = net->nodes[root].op == OP_INPUT ? base->shape.c : BLOCK,
        };
        base->buffer = plan->buffer_count++;
    }
    *place = layouts[node].place;
    place->buffer = base->buffer;
    place->block = block;
    layouts[node].place = *place;
    return OK;
}
