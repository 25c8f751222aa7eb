/* What kind of weights a file holds, by its first bytes alone. */
#ifndef WEIGHTS_DETECT_H
#define WEIGHTS_DETECT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum weights_kind { KIND_PTH_TAR, KIND_PTH_STREAM, KIND_PTH_ZIP, KIND_KERAS_H5 };

/* As many bytes of a file's start as there are, up to this many, are looked at. */
enum { DETECT_SIZE = 512 };

/* BAD_INPUT for anything else, by name where it is a known one: a web page, a git-lfs pointer, a
 * compressed file, weights in a format that is not read. */
enum status detect_kind(enum weights_kind *kind, const char *path, const uint8_t *start,
                        size_t size, struct error *error);

#endif
