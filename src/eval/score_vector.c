#include "eval/score_vector.h"

#include <string.h>

enum status score_vector_load(struct score_vector *vector, const char *path, struct error *error)
{
    *vector = (struct score_vector){.path = path};
    enum status status = npy_load(path, &vector->npy, error);
    if (status == OK && vector->npy.rank != 1)
        status = error_set(error, BAD_INPUT,
                           "%s: is an array of %d dimensions; one number after another, in one "
                           "dimension, is wanted",
                           path, vector->npy.rank);
    if (status == OK &&
        (vector->npy.type == NPY_F16 || vector->npy.type == NPY_F32 || vector->npy.type == NPY_F64))
        status = error_set(error, BAD_INPUT,
                           "%s: holds floating-point numbers; integers are wanted, as "
                           "array.astype(int) makes them",
                           path);
    if (status != OK)
        score_vector_free(vector);
    return status;
}

void score_vector_free(struct score_vector *vector)
{
    npy_free(&vector->npy);
}

int64_t score_vector_at(const struct score_vector *vector, int64_t index)
{
    enum npy_type type = vector->npy.type;
    int size = npy_item_size(type);
    int64_t value = 0; /* the file is little-endian, as every machine is that this runs on */
    memcpy(&value, (const char *)vector->npy.data + index * size, (size_t)size);
    if (type == NPY_I8 || type == NPY_I16 || type == NPY_I32 || type == NPY_I64) {
        int unused = 64 - 8 * size;
        return (int64_t)((uint64_t)value << unused) >> unused;
    }
    return value < 0 ? INT64_MAX : value;
}
