/* The confined half of the .h5 reader: libhdf5 on a file that is mapped into memory. It reports to
 * its parent by records (h5_record.h), or dies. */
#ifndef WEIGHTS_H5_CHILD_H
#define WEIGHTS_H5_CHILD_H

#include <stddef.h>
#include <stdint.h>

struct h5_child {
    void *map; /* the file, mapped for reading by the parent */
    size_t size;
    uint64_t room; /* bytes that all tensors together may take */
};

/* For sandbox_run, with a struct h5_child. */
void h5_child_prepare(void *child);
void h5_child_work(void *child, int output);

#endif
