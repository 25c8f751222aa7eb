/* The demo's last step: the same predictions at every batch size, thread count and instruction
 * set, told by their digests. Nothing is owned. */
#ifndef CLI_DEMO_DIGESTS_H
#define CLI_DEMO_DIGESTS_H

#include "base/error.h"

/* Where things are: the set, the weights, the results of the first run, and a folder for those of
 * the others. */
struct demo_folders {
    const char *set, *weights, *results, *variants;
};

/* Predict again with each instruction set that this processor has, with 1 and 2 threads and batches
 * of 1, 7 and 32; print a row for each run. NOT_TRUSTWORTHY when a digest is not that of the first
 * run. */
enum status demo_digests(const struct demo_folders *folders, struct error *error);

#endif
