/* The inside of a plan: buffers that activations live in, places in them, and the steps that are
 * run in order. The plan owns all of it, most of it by its arena. */
#ifndef ENGINE_STEP_H
#define ENGINE_STEP_H

#include "base/arena.h"
#include "engine/plan.h"
#include "kernels/conv.h"

/* Memory of one or several activations of the same height and width. */
struct buffer {
    int h, w, blocks, pixel;
    int halo;          /* pixels of +0 on each side */
    int first, last;   /* steps between which it is needed */
    size_t at, floats; /* in the arena */
};

/* Where a node's output lies: channel 0 in lane 0 of `block`, and so on for `blocks` blocks. */
struct place {
    int buffer; /* -1: nowhere */
    int block, blocks;
    int pixel;          /* floats of a pixel in a block: 16, or 3 in the picture */
    struct shape shape; /* as it is stored: a flattened one keeps its height and width */
};

enum step_op {
    STEP_INPUT,
    STEP_CONV,
    STEP_DEPTHWISE,
    STEP_MAXPOOL,
    STEP_AVGPOOL,
    STEP_AFFINE,
    STEP_COPY /* channel 0 of `in` goes to lane `shift` of the first block of `out` */
};

struct step {
    enum step_op op;
    const char *name;            /* of the layer */
    struct place in, out, other; /* other: a term that is added, or nowhere */
    int kernel, norm;            /* nodes whose parameters go in; -1: none */
    struct window window;
    bool count_padding;
    int shift;
    bool rescale; /* STEP_INPUT: x * scale + shift */
    float scale[3], offset[3];
    enum activation activation;
    struct conv conv;      /* STEP_CONV */
    float *weights, *bias; /* depthwise weights and bias; affine scale and shift */
};

struct plan {
    struct arena arena;
    const struct kernels *kernels;
    struct buffer *buffers;
    int buffer_count;
    struct step *steps;
    int step_count;
    struct place output;
    enum output_kind output_kind;
    float *packed; /* all weights */
    size_t packed_floats, arena_floats;
};

/* lower.c: nodes into steps, fused; places and buffers without memory yet. */
enum status lower_net(struct plan *plan, const struct net *net, struct error *error);

/* place.c: the buffers' halos, lives and places in the arena. */
enum status place_buffers(struct plan *plan, struct error *error);

/* pack.c: check the weights against the net, fold, pack. */
enum status pack_weights(struct plan *plan, const struct net *net, const struct weights *weights,
                         struct error *error);

/* Floats between rows and between blocks. */
static inline long buffer_row(const struct buffer *buffer)
{
    return (buffer->w + 2L * buffer->halo) * buffer->pixel;
}

static inline long buffer_plane(const struct buffer *buffer)
{
    return buffer_row(buffer) * (buffer->h + 2L * buffer->halo);
}

/* The view of a place inside an arena. */
static inline struct view place_view(const struct plan *plan, const struct place *place,
                                     float *arena)
{
    const struct buffer *buffer = &plan->buffers[place->buffer];
    long row = buffer_row(buffer), plane = buffer_plane(buffer);
    return (struct view){
        .data = arena + buffer->at + place->block * plane + buffer->halo * row +
                (long)buffer->halo * buffer->pixel,
        .h = buffer->h,
        .w = buffer->w,
        .blocks = place->blocks,
        .pixel = buffer->pixel,
        .row = row,
        .plane = plane,
    };
}

#endif
