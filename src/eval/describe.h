/* What a validation set holds: counts, sizes, digests, and what in it should worry its user. A
 * description is filled by describe_set and owns all it points to but the set, which must outlive
 * it; free it with description_free, also after a failure. */
#ifndef EVAL_DESCRIBE_H
#define EVAL_DESCRIBE_H

#include "base/arena.h"
#include "base/digest.h"
#include "data/dataset.h"
#include "eval/examine.h"
#include "eval/spread.h"

#include <stdbool.h>

/* The columns of numbers whose spread is told; an image where one is not known is left out. */
enum column {
    COLUMN_WIDTH,
    COLUMN_HEIGHT,
    COLUMN_SHORT_SIDE,
    COLUMN_LONG_SIDE,
    COLUMN_TABLES, /* a number for a JPEG's set of quantisation tables */
    COLUMNS
};

struct fault {
    long image;
    const char *text; /* why it cannot be decoded, beginning with its name */
};

struct description {
    const struct dataset *set;
    bool decoded;                       /* every image was decoded, not only its headers read */
    uint64_t bytes;                     /* of all images */
    long jpeg, progressive, png, other; /* by content; progressive ones are also in jpeg */
    long gray, cmyk, sized;             /* of the images that tell their size */
    struct spread columns[COLUMNS];
    uint8_t files[DIGEST_SIZE], pixels[DIGEST_SIZE]; /* see data/set_digest.h */

    bool validation;          /* looks like ImageNet's validation set, whole or in part */
    bool complete;            /* is a validation set with 50 images of each class, none misplaced */
    const long *class_images; /* images of each class */

    const struct fault *faults;
    long fault_count;
    const char *const *warnings; /* sentences without a full stop */
    int warning_count;
    struct arena arena;
};

enum status describe_set(const struct dataset *set, const struct examination *examination,
                         bool decoded, struct description *description, struct error *error);
void description_free(struct description *description);

#endif
