/* NumPy's .npy files, versions 1 to 3, under doc/formats.md's rules. */
#ifndef DATA_NPY_H
#define DATA_NPY_H

#include "base/error.h"
#include "base/file.h"

#include <stdint.h>

enum npy_type {
    NPY_BOOL,
    NPY_I8,
    NPY_U8,
    NPY_I16,
    NPY_U16,
    NPY_I32,
    NPY_U32,
    NPY_I64,
    NPY_U64,
    NPY_F16,
    NPY_F32,
    NPY_F64
};
enum { NPY_MAX_RANK = 8 };

/* An array that was read: owns `file`; free it with npy_free. */
struct npy {
    enum npy_type type;
    int rank;
    int64_t shape[NPY_MAX_RANK];
    int64_t count;    /* elements */
    const void *data; /* C order, little-endian, inside `file` */
    struct bytes file;
};

/* Reuses the memory of `npy->file`; start with a zeroed struct. */
enum status npy_load(const char *path, struct npy *npy, struct error *error);
void npy_free(struct npy *npy);

int npy_item_size(enum npy_type type);

/* The header that NumPy itself writes for such an array (version 1.0, 64-byte aligned).
 * `header` has room for 256 bytes; returns how many are used. */
int npy_header(char header[256], enum npy_type type, int rank, const int64_t *shape);

#endif
