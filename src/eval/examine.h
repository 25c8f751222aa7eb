/* Every image of a set examined, by several threads. An examination is filled by examine_set and
 * freed with examination_free, also after a failure. */
#ifndef EVAL_EXAMINE_H
#define EVAL_EXAMINE_H

#include "base/progress.h"
#include "data/dataset.h"
#include "data/picture.h"
#include "par/pool.h"

#include <signal.h>
#include <stdbool.h>

struct examination {
    long count;
    struct picture *pictures; /* one an image of the set, in its order */
    char **faults;            /* why an image cannot be decoded; NULL where it can */
};

struct examine_options {
    bool decode;                       /* each image fully, or only its headers */
    struct pool *pool;                 /* that does the work; not owned */
    const volatile sig_atomic_t *stop; /* may be NULL; when it is not 0: give up, INTERRUPTED */
};

/* Read every image. One that cannot be decoded is a fault, not a failure; BAD_INPUT only when the
 * set changed meanwhile or cannot be read. */
enum status examine_set(const struct dataset *set, const struct examine_options *options,
                        const struct progress *progress, struct examination *examination,
                        struct error *error);
void examination_free(struct examination *examination);

#endif
