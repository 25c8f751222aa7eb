#include "image/resize.h"

#include <math.h>
#include <stdlib.h>

struct resize_filter {
    double (*at)(double x);
    double support; /* it is zero from here on */
};

static double bilinear_at(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

/* Keys' cubic convolution with a = -0.5 (IEEE Trans. ASSP 29, 1981), evaluated in Pillow's order.
 */
static double bicubic_at(double x)
{
    static const double a = -0.5;
    x = fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0)
        return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

static struct resize_filter filter_of(enum filter filter)
{
    return filter == FILTER_BICUBIC ? (struct resize_filter){bicubic_at, 2.0}
                                    : (struct resize_filter){bilinear_at, 1.0};
}

static enum status axis_reserve(struct resize_axis *axis, int outputs, int taps,
                                struct error *error)
{
    axis->outputs = outputs;
    axis->stride = (taps + 3) / 4 * 4;
    size_t weights = (size_t)outputs * (size_t)axis->stride * sizeof *axis->weights;
    size_t spans = (size_t)outputs * sizeof *axis->spans;
    enum status status = bytes_reserve(&axis->memory, weights + spans, error);
    if (status != OK)
        return status;
    axis->weights = (int32_t *)axis->memory.data;
    axis->spans = (struct resize_span *)(axis->memory.data + weights);
    return OK;
}

static int32_t to_fixed_point(double weight)
{
    double scaled = weight * (1 << RESIZE_BITS);
    return (int32_t)(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

/* The weights of one output, normalised to sum one in double and then rounded each for itself. */
static void span_weights(const struct resize_filter *filter, struct resize_span span, double centre,
                         double inverse_scale, int32_t *weights, int stride)
{
    double sum = 0.0;
    for (int i = 0; i < span.count; i++)
        sum += filter->at((i + span.first - centre + 0.5) * inverse_scale);
    for (int i = 0; i < span.count; i++) {
        double weight = filter->at((i + span.first - centre + 0.5) * inverse_scale);
        weights[i] = to_fixed_point(sum != 0.0 ? weight / sum : weight);
    }
    for (int i = span.count; i < stride; i++)
        weights[i] = 0;
}

static struct resize_span span_of(double centre, double support, int source)
{
    int first = (int)(centre - support + 0.5);
    int end = (int)(centre + support + 0.5);
    first = first < 0 ? 0 : first;
    end = end > source ? source : end;
    return (struct resize_span){first, end - first};
}

enum status resize_axis_plan(struct resize_axis *axis, enum filter filter, int source, int resized,
                             int first, int outputs, struct error *error)
{
    const struct resize_filter shape = filter_of(filter);
    double scale = (double)source / resized;
    double filter_scale = scale < 1.0 ? 1.0 : scale;
    double support = shape.support * filter_scale;
    enum status status = axis_reserve(axis, outputs, (int)ceil(support) * 2 + 1, error);
    if (status != OK)
        return status;
    axis->source = source;
    axis->resized = resized;
    axis->begin = source;
    axis->end = 0;
    for (int i = 0; i < outputs; i++) {
        double centre = (first + i + 0.5) * scale;
        struct resize_span span = span_of(centre, support, source);
        axis->spans[i] = span;
        span_weights(&shape, span, centre, 1.0 / filter_scale,
                     axis->weights + (size_t)i * (size_t)axis->stride, axis->stride);
        axis->begin = span.first < axis->begin ? span.first : axis->begin;
        axis->end = span.first + span.count > axis->end ? span.first + span.count : axis->end;
    }
    return OK;
}

void resize_axis_free(struct resize_axis *axis)
{
    bytes_free(&axis->memory);
    *axis = (struct resize_axis){0};
}
