/* Where buffers lie in the arena: those whose lives overlap lie apart, the others share. */
#include "engine/step.h"

#include <stdlib.h>

enum { ALIGN_FLOATS = 16, LARGEST_VIEW = INT32_MAX / 2 };

static long most(long a, long b)
{
    return a > b ? a : b;
}

static void touch(struct plan *plan, const struct place *place, int step)
{
    if (place->buffer < 0)
        return;
    struct buffer *buffer = &plan->buffers[place->buffer];
    if (buffer->first < 0)
        buffer->first = step;
    buffer->last = step;
}

/* How far the windows of a step reach beyond the picture. Poolings clip theirs, unless the padding
 * counts. */
static long reach(const struct step *step)
{
    bool pooling = step->op == STEP_MAXPOOL || step->op == STEP_AVGPOOL;
    if (step->op != STEP_CONV && step->op != STEP_DEPTHWISE && !(pooling && step->count_padding))
        return 0;
    const struct window *w = &step->window;
    long below = (step->out.shape.h - 1L) * w->stride_h - w->top + w->kh - step->in.shape.h;
    long right = (step->out.shape.w - 1L) * w->stride_w - w->left + w->kw - step->in.shape.w;
    return most(most(w->top, w->left), most(most(below, right), 0));
}

static void find_lives(struct plan *plan)
{
    for (int b = 0; b < plan->buffer_count; b++)
        plan->buffers[b].first = -1;
    for (int s = 0; s < plan->step_count; s++) {
        const struct step *step = &plan->steps[s];
        if (step->op != STEP_INPUT) {
            touch(plan, &step->in, s);
            struct buffer *in = &plan->buffers[step->in.buffer];
            in->halo = (int)most(in->halo, reach(step));
        }
        touch(plan, &step->other, s);
        touch(plan, &step->out, s);
    }
    touch(plan, &plan->output, plan->step_count);
}

static bool overlap(const struct buffer *a, const struct buffer *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest place where `buffer` disturbs none of those placed before it. */
static size_t lowest_place(struct buffer *const *placed, int count, const struct buffer *buffer)
{
    size_t at = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < count; i++) {
            const struct buffer *other = placed[i];
            if (overlap(other, buffer) && at < other->at + other->floats &&
                other->at < at + buffer->floats) {
                at = other->at + other->floats;
                moved = true;
            }
        }
    }
    return at;
}

static int larger_first(const void *a, const void *b)
{
    const struct buffer *x = *(struct buffer *const *)a, *y = *(struct buffer *const *)b;
    if (x->floats != y->floats)
        return x->floats < y->floats ? 1 : -1;
    return x < y ? -1 : x > y;
}

static enum status measure(struct buffer *buffer, struct error *error)
{
    size_t row = ((size_t)buffer->w + 2 * (size_t)buffer->halo) * (size_t)buffer->pixel;
    size_t rows = (size_t)buffer->h + 2 * (size_t)buffer->halo, plane, floats;
    if (__builtin_mul_overflow(row, rows, &plane) ||
        __builtin_mul_overflow(plane, (size_t)buffer->blocks, &floats) || floats > LARGEST_VIEW)
        return error_set(error, BAD_INPUT,
                         "an activation of %d x %d x %d channels is too large to compute",
                         buffer->h, buffer->w, buffer->blocks * BLOCK);
    buffer->floats = (floats + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
    return OK;
}

/* Window offsets follow the strides of the buffer that a convolution reads. */
static enum status place_windows(struct plan *plan, struct error *error)
{
    for (int s = 0; s < plan->step_count; s++) {
        struct conv *conv = &plan->steps[s].conv;
        if (plan->steps[s].op != STEP_CONV)
            continue;
        conv->offsets = arena_alloc(&plan->arena, (size_t)conv->segments, sizeof *conv->offsets);
        if (!conv->offsets)
            return error_memory(error, "the plan");
        const struct buffer *in = &plan->buffers[plan->steps[s].in.buffer];
        conv_place(conv, buffer_row(in), buffer_plane(in));
    }
    return OK;
}

enum status place_buffers(struct plan *plan, struct error *error)
{
    find_lives(plan);
    size_t count = (size_t)plan->buffer_count;
    struct buffer **order = arena_alloc(&plan->arena, count, sizeof(struct buffer *));
    if (!order)
        return error_memory(error, "the plan");
    for (int b = 0; b < plan->buffer_count; b++) {
        enum status status = measure(&plan->buffers[b], error);
        if (status != OK)
            return status;
        order[b] = &plan->buffers[b];
    }
    qsort(order, count, sizeof(struct buffer *), larger_first);
    for (int i = 0; i < plan->buffer_count; i++) {
        order[i]->at = lowest_place(order, i, order[i]);
        size_t end = order[i]->at + order[i]->floats;
        plan->arena_floats = plan->arena_floats > end ? plan->arena_floats : end;
    }
    return place_windows(plan, error);
}
