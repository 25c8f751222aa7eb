/* Trained weights: named tensors out of a .pth (tar, stream or zip) or a Keras .h5 file, told apart
 * by content. Opening reads names, types and shapes and checks everything that can be checked;
 * tensors are read one by one when asked for, so that a file is never held twice. The caller opens
 * and closes; the weights own names and, for .h5, the data. */
#ifndef WEIGHTS_WEIGHTS_H
#define WEIGHTS_WEIGHTS_H

#include "base/digest.h"
#include "base/error.h"

#include <stdint.h>

enum { WEIGHT_MAX_RANK = 8 };
enum dtype {
    DTYPE_F16,
    DTYPE_F32,
    DTYPE_F64,
    DTYPE_U8,
    DTYPE_I8,
    DTYPE_I16,
    DTYPE_I32,
    DTYPE_I64,
    DTYPE_BOOL
};

struct weight {
    /* .pth: the state_dict's key ("features.0.weight"). .h5: layer, slash, weight, without ":0"
     * and without the repeated layer name ("conv1/kernel", "conv1_bn/moving_mean"). */
    const char *name;
    enum dtype dtype;
    int rank;
    int64_t shape[WEIGHT_MAX_RANK]; /* as the framework spells it */
    int64_t count;                  /* elements; 1 for rank 0 */
};

struct weights {
    const char *path;
    const char *format; /* "pth-tar", "pth-stream", "pth-zip", "keras-h5" */
    char sha256[DIGEST_HEX];
    uint64_t size; /* bytes of the file */
    int count;
    const struct weight *list; /* in the file's own order */
};

enum status weights_open(const char *path, struct weights **weights, struct error *error);
void weights_close(struct weights *weights);

/* NULL when there is none of that name. */
const struct weight *weights_find(const struct weights *weights, const char *name);

/* Read one floating-point tensor as float32, row-major, `weight->count` floats. float64 that is
 * not exactly a float32 is rounded to nearest. BAD_INPUT for a non-finite value or another dtype.
 */
enum status weights_read(const struct weights *weights, const struct weight *weight, float *out,
                         struct error *error);

#endif
