/* How the images of a set are laid out in a folder or tar. Nothing is owned. */
#ifndef DATA_LAYOUT_H
#define DATA_LAYOUT_H

#include "data/listing.h"

#include <stdbool.h>
#include <stddef.h>

struct layout {
    const char *leading; /* a name that begins with the leading folder; NULL for none */
    size_t skip;         /* length of the leading folder with its slash */
    bool flat;           /* ILSVRC2012_val_00000001.JPEG and so on, no class folders */
};

/* Find the leading folder (val/n01440764/x.JPEG has val/) and whether the set is flat. BAD_INPUT
 * when there are no images where images can be. `path` is for errors. */
enum status layout_find(const char *path, const struct listing *listing, struct layout *layout,
                        struct error *error);

/* `name` below the leading folder; NULL when it is not in it. */
const char *layout_below(const struct layout *layout, const char *name);

#endif
