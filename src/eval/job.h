/* One model of a prediction run: its weights, its plan, its recipe, its results. */
#ifndef EVAL_JOB_H
#define EVAL_JOB_H

#include "data/dataset.h"
#include "engine/plan.h"
#include "eval/predict.h"
#include "eval/results.h"
#include "zoo/zoo.h"

struct job {
    const struct model *model;
    struct weights *weights;
    struct plan *plan;
    uint8_t packed[DIGEST_SIZE]; /* of the plan's weights as they were packed */
    struct recipe recipe;
    const char *recipe_name;
    int input; /* which of the loader's recipes it reads */
    struct results results;
    bool begun;     /* results are there to be freed */
    float *outputs; /* of one batch */
};

/* Open the model's weights and plan it. On failure the job can still be closed. */
enum status job_open(struct job *job, const struct model *model,
                     const struct predict_options *options, const struct kernels *kernels,
                     struct error *error);

/* Begin its results for a set; refuses a set of another number of classes. */
enum status job_begin(struct job *job, const struct dataset *dataset,
                      const struct predict_options *options, struct error *error);

/* Put the results and the receipt in place, and describe them. `data` is the digest of the set.
 * NOT_TRUSTWORTHY when the packed weights are not what they were. */
enum status job_finish(struct job *job, const struct dataset *dataset,
                       const uint8_t data[DIGEST_SIZE], const struct predict_options *options,
                       struct predict_result *result, struct error *error);

void job_close(struct job *job);

#endif
