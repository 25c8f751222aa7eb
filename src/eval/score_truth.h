/* What recorded predictions are scored against: each row's label, after masks and custom labels.
 * Free it with score_truth_free. */
#ifndef EVAL_SCORE_TRUTH_H
#define EVAL_SCORE_TRUTH_H

#include "eval/score_count.h"
#include "eval/score_list.h"

#include <stdint.h>

/* Paths of .npy files, each NULL when there is none; at most one of omit and keep. */
struct score_files {
    const char *omit;   /* rows to leave out: indices, or one boolean a row */
    const char *keep;   /* the only rows to take */
    const char *labels; /* a class for each row, or for each row that the mask keeps */
};

struct score_truth {
    int64_t rows;
    int64_t kept;                  /* rows that the mask leaves; `rows` without a mask */
    int count;                     /* 1, or 2 when there is a mask or there are custom labels */
    struct score_labels labels[2]; /* for Acc and for cAcc */
    int custom;                    /* whether cAcc is by custom labels */
    const char *source;            /* path of a file with the set's own labels; NULL: row / 50 */
};

/* The set's own labels are those in the results' ..._labels.npy files, or row / 50 for ImageNet's
 * 50,000, or, when neither is there, those of `files->labels`. BAD_INPUT: labels that are not known
 * or contradict each other, and files of a wrong type, length or range. */
enum status score_truth_make(struct score_truth *truth, const struct score_list *list, int64_t rows,
                             const struct score_files *files, struct error *error);
void score_truth_free(struct score_truth *truth);

#endif
