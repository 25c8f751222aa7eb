/* Keras .h5 files: libhdf5 reads them in a sandbox, and what it hands over is checked again. */
#ifndef WEIGHTS_H5_H
#define WEIGHTS_H5_H

#include "weights/weights_file.h"

/* Fills in the list of an opened file and sets file->data to a sealed memory file of the tensors,
 * which weights_close closes. */
enum status h5_list(struct weights_file *file, struct error *error);

#endif
