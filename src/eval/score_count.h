/* Counting the hits of one model's recorded predictions. The arrays stay their owners'. */
#ifndef EVAL_SCORE_COUNT_H
#define EVAL_SCORE_COUNT_H

#include "base/error.h"
#include "data/npy.h"
#include "eval/topk.h"

#include <stdint.h>

/* One truth to score against: a label for each row; SCORE_OMITTED where a row does not count. */
enum { SCORE_OMITTED = -1 };
struct score_labels {
    int32_t *label;
    long images; /* rows that count */
};

struct score_hits {
    long top1; /* rows whose most probable prediction is the label */
    long top5; /* rows with the label among the five */
};

/* A model's two files, as they were read. */
struct score_pair {
    const char *preds_path, *probs_path;
    struct npy preds; /* (rows, TOP) int64: the most probable classes, in any order */
    struct npy probs; /* (rows, TOP) float16 or float32: theirs */
};

/* Refuse a pair of the wrong types or shapes, or without rows. */
enum status score_check_shapes(const struct score_pair *pair, struct error *error);

/* Count the hits of a pair with right shapes against each of `count` truths of as many labels as
 * the pair has rows. The most probable prediction is the first of the largest probability.
 * BAD_INPUT names the first row with a class outside 0 to classes-1, one class twice, or a
 * probability that is not a number. */
enum status score_count(const struct score_pair *pair, int classes,
                        const struct score_labels *labels, int count, struct score_hits *hits,
                        struct error *error);

#endif
