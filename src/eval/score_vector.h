/* A .npy file with one dimension of whole numbers: labels, or which rows to take. Free it with
 * score_vector_free. */
#ifndef EVAL_SCORE_VECTOR_H
#define EVAL_SCORE_VECTOR_H

#include "base/error.h"
#include "data/npy.h"

#include <stdint.h>

struct score_vector {
    const char *path;
    struct npy npy;
};

/* `path` stays the caller's and must outlive the vector. BAD_INPUT: more than one dimension, or
 * neither integers nor booleans. */
enum status score_vector_load(struct score_vector *vector, const char *path, struct error *error);
void score_vector_free(struct score_vector *vector);

/* A number; one of uint64 beyond int64 comes as INT64_MAX. */
int64_t score_vector_at(const struct score_vector *vector, int64_t index);

#endif
