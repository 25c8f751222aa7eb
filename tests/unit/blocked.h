/* Pictures in the kernels' layout, made from plain arrays [channel][row][column] and compared with
 * them. The memory is no larger than the picture and its margins. */
#ifndef TESTS_BLOCKED_H
#define TESTS_BLOCKED_H

#include "../random.h"
#include "guards.h"
#include "kernels/view.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

struct margins {
    int top, left, bottom, right;
};

struct blocked {
    struct view view;
    struct margins margins;
    int channels;
};

/* Everything, margins and unused lanes too, is `fill`. `pixel` is 16, or 3 for the first layer. */
static inline struct blocked blocked_make(struct guards *guards, int channels, int h, int w,
                                          int pixel, struct margins margins, float fill)
{
    struct blocked made = {.channels = channels, .margins = margins};
    int blocks = pixel == BLOCK ? blocks_of(channels) : 1;
    long row = (long)(w + margins.left + margins.right) * pixel;
    long plane = row * (h + margins.top + margins.bottom);
    float *memory = guards_alloc(guards, (size_t)(plane * blocks), sizeof *memory);
    for (long i = 0; i < plane * blocks; i++)
        memory[i] = fill;
    made.view = (struct view){.data = memory + margins.top * row + (long)margins.left * pixel,
                              .h = h,
                              .w = w,
                              .blocks = blocks,
                              .pixel = pixel,
                              .row = row,
                              .plane = plane};
    return made;
}

static inline float *blocked_at(const struct blocked *blocked, int c, int y, int x)
{
    return view_at(&blocked->view, c / BLOCK, y, x) + c % BLOCK;
}

static inline void blocked_put(const struct blocked *blocked, const float *values)
{
    for (int c = 0; c < blocked->channels; c++)
        for (int y = 0; y < blocked->view.h; y++)
            for (int x = 0; x < blocked->view.w; x++)
                *blocked_at(blocked, c, y, x) = *values++;
}

/* The same bits, or any two NaN: which one a processor gives is no part of the rule. */
static inline bool same_float(float a, float b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* Every channel has its values; lanes of no channel have +0 where `lanes` says so; the margins have
 * still the `fill` that they were made with. */
static inline bool blocked_is(const struct blocked *blocked, const float *values, bool lanes,
                              float fill)
{
    const struct view *view = &blocked->view;
    const struct margins *margins = &blocked->margins;
    for (int c = 0; c < view->blocks * BLOCK; c++)
        for (int y = -margins->top; y < view->h + margins->bottom; y++)
            for (int x = -margins->left; x < view->w + margins->right; x++) {
                bool inside = y >= 0 && y < view->h && x >= 0 && x < view->w;
                float wanted = fill, found = *blocked_at(blocked, c, y, x);
                if (inside && c >= blocked->channels && !lanes)
                    continue;
                if (inside)
                    wanted = c < blocked->channels ? values[((long)c * view->h + y) * view->w + x]
                                                   : 0.0f;
                if (!same_float(found, wanted))
                    return false;
            }
    return true;
}

/* Ordinary numbers, or with `hard` some that are denormal, huge, or zeros of either sign. */
static inline float draw_float(uint64_t *state, bool hard)
{
    static const float odd[] = {-0.0f, 0.0f, 1e-40f, -1e-45f, 1e-30f, -2e-25f, 3e38f, -1e30f, 6.0f};
    uint64_t number = random_next(state);
    if (hard && number % 4 == 0)
        return odd[number / 4 % (sizeof odd / sizeof *odd)];
    return 2.0f * random_signed(number);
}

static inline float *draw_floats(uint64_t *state, bool hard, long count)
{
    float *values = malloc((size_t)count * sizeof *values);
    assert_non_null(values);
    for (long i = 0; i < count; i++)
        values[i] = draw_float(state, hard);
    return values;
}

#endif
