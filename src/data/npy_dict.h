/* The dictionary in a .npy file's header: which type, which order, which shape. Nothing is owned.
 */
#ifndef DATA_NPY_DICT_H
#define DATA_NPY_DICT_H

#include "data/npy.h"

#include <stdbool.h>

struct npy_dict {
    enum npy_type type;
    bool fortran_order;
    int rank;
    int64_t shape[NPY_MAX_RANK];
};

/* NumPy's name of each type, "<f4" for NPY_F32. */
extern const char *const npy_type_codes[];
enum { NPY_TYPES = NPY_F64 + 1 };

/* Parse `length` bytes of header text: a Python dictionary of exactly 'descr', 'fortran_order' and
 * 'shape', in any order, then only blanks. `path` is for errors. */
enum status npy_dict_parse(const char *text, size_t length, const char *path, struct npy_dict *dict,
                           struct error *error);

#endif
