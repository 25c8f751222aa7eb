/* One dataset of an .h5 file, checked to be a plain array of floating point before it is read. For
 * the confined process only. The caller closes what it has opened. */
#ifndef WEIGHTS_H5_DATASET_H
#define WEIGHTS_H5_DATASET_H

#include "base/error.h"
#include "weights/weights.h"

#include <hdf5.h>
#include <stdint.h>

struct h5_dataset {
    hid_t dataset, type;
    enum dtype dtype;
    int rank;
    int64_t shape[WEIGHT_MAX_RANK];
    uint64_t size; /* bytes */
};

/* Takes over `object`. BAD_INPUT for external or virtual storage, filters other than deflate,
 * shuffle and fletcher32, types other than float16, float32 and float64 in little-endian order,
 * more than 8 dimensions, and elements that were never written. */
enum status h5_dataset_open(struct h5_dataset *dataset, hid_t object, const char *name,
                            struct error *error);
enum status h5_dataset_read(const struct h5_dataset *dataset, const char *name, void *to,
                            struct error *error);
void h5_dataset_close(struct h5_dataset *dataset);

/* BAD_INPUT with the HDF5 library's own words about what it could not do. */
enum status h5_failed(struct error *error, const char *what);

#endif
