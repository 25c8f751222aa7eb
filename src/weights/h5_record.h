/* What the confined reader of .h5 files writes for its parent: one record a tensor, each followed
 * by the tensor's bytes, then one record that says how it ended. Both are the same program, so the
 * struct goes over as it is; the parent trusts none of it. */
#ifndef WEIGHTS_H5_RECORD_H
#define WEIGHTS_H5_RECORD_H

#include "weights/weights.h"

#include <stdint.h>

enum { H5_TENSOR = 1, H5_END = 2, H5_REFUSAL = 3 };
enum { H5_MAX_NAME = 500, H5_MAX_NAMES = 1 << 16 };

struct h5_record {
    int32_t kind, dtype, rank;
    int32_t out_of_memory; /* 1 in a refusal that is not the fault of the file */
    int64_t shape[WEIGHT_MAX_RANK];
    uint64_t size; /* bytes that follow: the elements, row-major, little-endian */
    union {        /* zero-terminated */
        struct {
            char layer[H5_MAX_NAME + 1], weight[H5_MAX_NAME + 1]; /* as the file has them */
        };
        char reason[2 * (H5_MAX_NAME + 1)]; /* of a refusal */
    };
};

#endif
