/* Writing a set into class folders, all of it or nothing. Nothing is owned. */
#ifndef DATA_EXTRACT_H
#define DATA_EXTRACT_H

#include "base/progress.h"
#include "data/dataset.h"

#include <signal.h>

/* What can be said beforehand: BAD_USAGE when `to` exists or the set has class folders already,
 * BAD_INPUT when the folder that is to hold `to` is not there, IO_FAILED when its disk is too full.
 */
enum status extract_check(const struct dataset *set, const char *to, struct error *error);

/* Make the folder `to` with the set's class folders and images, byte for byte, under their sample
 * names. It is made beside `to` under a temporary name, synced, and renamed when it is whole; on
 * failure it is removed. Refuses what extract_check refuses, and replaces nothing. `stop` may be
 * NULL; when it is not 0, the work ends as INTERRUPTED. */
enum status extract_set(const struct dataset *set, const char *to,
                        const volatile sig_atomic_t *stop, const struct progress *progress,
                        struct error *error);

#endif
