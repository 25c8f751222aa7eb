/* The files that one model's predictions are written to, under the names, types and shapes of the
 * reference: <model>_<framework>_imagenet_top5preds.npy (N, 5) int64, ..._top5probs.npy (N, 5)
 * float32, ..._probs.npy (N, classes) float16, ..._labels.npy (N,) int64, and ..._logits.npy
 * (N, classes) float32, which the reference does not have. Rows are written as they come; nothing
 * is there under its name before results_commit. */
#ifndef EVAL_RESULTS_H
#define EVAL_RESULTS_H

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "engine/plan.h"
#include "eval/topk.h"

#include <stdbool.h>

enum result_kind {
    RESULT_PREDS,
    RESULT_TOP_PROBS,
    RESULT_PROBS,
    RESULT_LABELS,
    RESULT_LOGITS,
    RESULT_KINDS
};

struct result_file {
    struct new_file file;
    struct digest digest; /* of all bytes, header included */
    char *path;
    const char *name; /* the end of `path`, without the folder; NULL: not wanted */
    char sha256[DIGEST_HEX];
};

struct results {
    struct result_file files[RESULT_KINDS];
    int classes;
    enum output_kind output;
    struct digest rows;               /* over the digest of each image's raw output */
    uint8_t predictions[DIGEST_SIZE]; /* set by results_commit */
    long right1, right5;              /* images whose label is the best, is in the best five */
    float *probabilities;             /* of one row */
    uint16_t *halves;
};

struct results_options {
    const char *folder, *model, *framework;
    long images;
    int classes;
    enum output_kind output;
    bool wanted[RESULT_KINDS];
};

/* Begin all files. On failure nothing is left behind. */
enum status results_begin(struct results *results, const struct results_options *options,
                          struct error *error);

/* Add the next image: its raw output of `classes` floats and its label. NOT_TRUSTWORTHY, naming
 * `image`, for an output that is not finite. */
enum status results_add(struct results *results, const float *output, int label, const char *image,
                        struct error *error);

/* Put all files under their names, and remove those of an earlier result that this one lacks. */
enum status results_commit(struct results *results, struct error *error);

/* Free everything; files that were not committed are removed. */
void results_free(struct results *results);

#endif
