/* A receipt: what went into a result and what came out, and nothing that differs from run to run
 * (no time, host, threads or instruction set). doc/results.md describes the file. */
#ifndef EVAL_RECEIPT_H
#define EVAL_RECEIPT_H

#include "base/error.h"
#include "eval/results.h"
#include "weights/weights.h"
#include "zoo/zoo.h"

struct receipt {
    const struct model *model;
    const struct weights *weights;
    const char *recipe_name; /* "official" */
    const struct recipe *recipe;
    long done, total; /* images */
    int classes;
    const uint8_t *data; /* digest of the images' files and labels */
    const struct results *results;
};

/* Write it as `path`, whole or not at all. */
enum status receipt_save(const struct receipt *receipt, const char *path, struct error *error);

#endif
