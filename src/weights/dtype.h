/* The element types of stored tensors: their sizes and names. */
#ifndef WEIGHTS_DTYPE_H
#define WEIGHTS_DTYPE_H

#include "weights/weights.h"

#include <stddef.h>

/* Bytes of one element. */
size_t dtype_size(enum dtype dtype);

/* "float32" and the like, for messages. */
const char *dtype_name(enum dtype dtype);

#endif
