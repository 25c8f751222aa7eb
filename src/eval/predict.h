/* Predicting: one or several models over a validation set, each image decoded once, the results
 * written under the reference's file names with a receipt beside them. */
#ifndef EVAL_PREDICT_H
#define EVAL_PREDICT_H

#include "base/digest.h"
#include "base/error.h"
#include "base/progress.h"

#include <signal.h>
#include <stdbool.h>

struct predict_options {
    const char *data;          /* folder or tar */
    const char *const *models; /* what -m takes, each perhaps several names with commas */
    int model_count;
    const char *weights; /* a folder of weight files, or one file for one model */
    const char *out;     /* the results' folder; made when it is not there */
    int batch, threads;  /* at least 1 */
    const char *cpu;     /* "c", "avx2", "avx512"; NULL or "best": the fastest that is here */
    const char *recipe;  /* "official" or "reference"; NULL: official */
    bool save_all_probs, save_labels, save_logits;
    const volatile sig_atomic_t *stop; /* not NULL and not 0: give up after this batch */
};

/* One model's result. Strings are the summary's. */
struct predict_result {
    char *model, *framework; /* "squeezenet1_1", "pytorch" */
    double top1, top5;       /* percent */
    char predictions_sha256[DIGEST_HEX];
    char *receipt; /* its file */
};

struct predict_summary {
    long images;
    struct predict_result *results;
    int count;
};
void predict_summary_free(struct predict_summary *summary);

/* Do it. The summary is to be freed by the caller, also after a failure. On failure no result file
 * is written, unless it was whole. Errors: BAD_USAGE for models and options; BAD_INPUT for a file
 * that is not what it must be; NOT_TRUSTWORTHY for an output that is not finite, or weights that
 * changed in memory; INTERRUPTED. */
enum status predict_run(const struct predict_options *options, const struct progress *progress,
                        struct predict_summary *summary, struct error *error);

#endif
