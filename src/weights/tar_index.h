/* The members of a tar archive that must be there by name: where they begin and how long they are.
 * Regular files only, as PyTorch's old layout has them; the data stays where it is. */
#ifndef WEIGHTS_TAR_INDEX_H
#define WEIGHTS_TAR_INDEX_H

#include "weights/weights_file.h"

#include <stdbool.h>

enum { TAR_BLOCK = 512 };

struct tar_member {
    const char *name; /* what is looked for */
    bool found;
    uint64_t start, size; /* bytes of the file */
};

/* Whether a block is a tar header, by its checksum. */
bool tar_is_header(const uint8_t block[TAR_BLOCK]);

/* Find `count` members. BAD_INPUT when one is missing, there twice, or not a regular file, when
 * the archive holds another member, is truncated or followed by anything but zero bytes. */
enum status tar_index(const struct weights_file *file, struct tar_member *members, int count,
                      struct error *error);

#endif
