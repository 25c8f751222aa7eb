/* Scoring recorded predictions: from the files in two folders to the rows of the accuracy table.
 * doc/scoring.md has the rules. A score owns all that it points to; free it with score_free. */
#ifndef EVAL_SCORE_H
#define EVAL_SCORE_H

#include "base/arena.h"
#include "base/error.h"
#include "eval/score_count.h"
#include "eval/score_list.h"
#include "eval/score_truth.h"
#include "report/table.h"

struct score_options {
    struct score_folders folders;
    struct score_files files;
    int threads; /* models are shared out among them; at least 1 */
};

/* A place in the table's order: 1 + the number of rows that are strictly better. */
struct score_ranks {
    long top1, top5;
};

struct score_row {
    const struct score_result *result;
    long total;                 /* images of its set, more than the rows when it is partial */
    struct score_hits hits[2];  /* against the labels of Acc and of cAcc */
    struct score_ranks rank[2]; /* likewise */
};

struct score {
    struct score_options options; /* the texts stay the caller's */
    struct score_list list;
    struct score_truth truth;
    struct score_row *rows; /* list.count of them, best first */
    struct arena arena;
};

/* Read, check and count all results, rank and sort them. Start with a zeroed score and free it
 * whatever is returned. */
enum status score_run(struct score *score, const struct score_options *options,
                      struct error *error);
void score_free(struct score *score);

/* The table of a score: Platform, Model, accuracies, ranks, and Images where a set is partial. Its
 * memory is the score's. */
enum status score_table(struct score *score, struct table *table, struct error *error);

#endif
