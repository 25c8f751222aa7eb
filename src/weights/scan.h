/* One pass over a weights file from its first byte to its last: the SHA-256 of all of it, and the
 * CRC-32 of the parts that have one. */
#ifndef WEIGHTS_SCAN_H
#define WEIGHTS_SCAN_H

#include "weights/weights_file.h"

/* Fills in file->weights.sha256; BAD_INPUT when a part's CRC-32 is not what the file says. */
enum status scan_file(struct weights_file *file, struct error *error);

#endif
