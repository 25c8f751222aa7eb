/* Reading one tensor's elements, wherever its strides put them, as float32 in row-major order. */
#ifndef WEIGHTS_GATHER_H
#define WEIGHTS_GATHER_H

#include "weights/weights_file.h"

/* `out` has room for weight->count floats. BAD_INPUT for a type that is not floating point, and for
 * an element that is not finite, or not as a float32. */
enum status gather_floats(const struct weights_file *file, const struct weight *weight,
                          const struct placement *placement, float *out, struct error *error);

#endif
