#include "weights/gather.h"

#include "base/file.h"
#include "weights/dtype.h"
#include "weights/half.h"
#include "weights/little_endian.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1 << 16 }; /* elements converted at a time */

struct gather {
    const struct weights_file *file;
    const struct weight *weight;
    const struct placement *placement;
    float *out;
};

static double double_at(const uint8_t *bytes)
{
    uint64_t bits = le64(bytes);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_at(const uint8_t *bytes)
{
    uint32_t bits = le32(bytes);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void convert(float *out, const uint8_t *bytes, size_t count, enum dtype dtype)
{
    switch (dtype) {
    case DTYPE_F16:
        for (size_t i = 0; i < count; i++)
            out[i] = half_to_float(le16(bytes + 2 * i));
        break;
    case DTYPE_F64:
        for (size_t i = 0; i < count; i++)
            out[i] = (float)double_at(bytes + 8 * i);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            out[i] = float_at(bytes + 4 * i);
    }
}

static enum status check_finite(const struct gather *gather, struct error *error)
{
    for (int64_t i = 0; i < gather->weight->count; i++)
        if (!isfinite(gather->out[i]))
            return error_set(error, BAD_INPUT,
                             "%s: tensor %s: element %lld of %lld is %s%s; weights must be finite",
                             gather->file->weights.path, gather->weight->name, (long long)i,
                             (long long)gather->weight->count,
                             isnan(gather->out[i]) ? "not a number" : "infinite",
                             gather->weight->dtype == DTYPE_F64 ? " as a float32" : "");
    return OK;
}

static bool is_row_major(const struct gather *gather)
{
    int64_t wanted = 1;
    for (int i = gather->weight->rank - 1; i >= 0; i--) {
        int64_t size = gather->weight->shape[i];
        if (size != 1 && gather->placement->stride[i] != wanted)
            return false;
        wanted *= size;
    }
    return true;
}

static enum status read_row_major(const struct gather *gather, struct error *error)
{
    const struct weights_file *file = gather->file;
    size_t element = dtype_size(gather->weight->dtype);
    uint8_t *bytes = malloc(PIECE * element);
    if (!bytes)
        return error_memory(error, "a read buffer");
    enum status status = OK;
    uint64_t at = gather->placement->position;
    for (int64_t done = 0; status == OK && done < gather->weight->count; done += PIECE) {
        int64_t left = gather->weight->count - done;
        size_t count = left < PIECE ? (size_t)left : PIECE;
        status = file_read_at(file->data, file->weights.path, bytes, count * element, at, error);
        if (status == OK)
            convert(gather->out + done, bytes, count, gather->weight->dtype);
        at += count * element;
    }
    free(bytes);
    return status;
}

/* Elements from the first to the last that the tensor touches. */
static size_t span(const struct gather *gather)
{
    int64_t last = 0;
    for (int i = 0; i < gather->weight->rank; i++)
        last += (gather->weight->shape[i] - 1) * gather->placement->stride[i];
    return (size_t)last + 1;
}

static void pick(const struct gather *gather, const uint8_t *bytes)
{
    const struct weight *weight = gather->weight;
    size_t element = dtype_size(weight->dtype);
    int64_t index[WEIGHT_MAX_RANK] = {0}, at = 0;
    for (int64_t i = 0; i < weight->count; i++) {
        convert(&gather->out[i], bytes + (size_t)at * element, 1, weight->dtype);
        for (int d = weight->rank - 1; d >= 0; d--) { /* the last index runs fastest */
            at += gather->placement->stride[d];
            if (++index[d] < weight->shape[d])
                break;
            at -= weight->shape[d] * gather->placement->stride[d];
            index[d] = 0;
        }
    }
}

static enum status read_strided(const struct gather *gather, struct error *error)
{
    const struct weights_file *file = gather->file;
    size_t size = span(gather) * dtype_size(gather->weight->dtype);
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return error_memory(error, "a strided tensor");
    enum status status = file_read_at(file->data, file->weights.path, bytes, size,
                                      gather->placement->position, error);
    if (status == OK)
        pick(gather, bytes);
    free(bytes);
    return status;
}

enum status gather_floats(const struct weights_file *file, const struct weight *weight,
                          const struct placement *placement, float *out, struct error *error)
{
    struct gather gather = {file, weight, placement, out};
    if (weight->dtype > DTYPE_F64)
        return error_set(error, BAD_INPUT, "%s: tensor %s is of type %s; floating point is wanted",
                         file->weights.path, weight->name, dtype_name(weight->dtype));
    if (weight->count == 0)
        return OK;
    enum status status =
        is_row_major(&gather) ? read_row_major(&gather, error) : read_strided(&gather, error);
    return status == OK ? check_finite(&gather, error) : status;
}
