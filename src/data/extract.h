/* Writing a set into class folders, all of it or nothing. Nothing is owned. */
#ifndef DATA_EXTRACT_H
#define DATA_EXTRACT_H

#include "base/progress.h"
#include "data/dataset.h"

#include <signal.h>

/* Make the folder `to` with the set's class folders and images, byte for byte, under their sample
 * names. It is made beside `to` under a temporary name, synced, and renamed when it is whole; on
 * failure it is removed. Refuses a `to` that exists, and a set that has class folders already.
 * `stop` may be NULL; when it is not 0, the work ends as INTERRUPTED. */
enum status extract_set(const struct dataset *set, const char *to,
                        const volatile sig_atomic_t *stop, const struct progress *progress,
                        struct error *error);

#endif
