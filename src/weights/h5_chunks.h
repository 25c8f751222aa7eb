/* A dataset that is stored in chunks, perhaps compressed: whether each is there and unpacks to
 * exactly its size. For the confined process only. */
#ifndef WEIGHTS_H5_CHUNKS_H
#define WEIGHTS_H5_CHUNKS_H

#include "weights/h5_dataset.h"

#include <stdbool.h>

/* For a dataset with elements whose creation properties have no filters but deflate, shuffle and
 * fletcher32. */
bool h5_chunks_are_whole(const struct h5_dataset *dataset, hid_t properties);

#endif
