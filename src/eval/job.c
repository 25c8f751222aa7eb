#include "eval/job.h"

#include "eval/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum status choose_recipe(struct job *job, const char *name, struct error *error)
{
    bool reference = name && !strcmp(name, "reference");
    if (name && !reference && strcmp(name, "official") != 0)
        return error_set(error, BAD_USAGE, "--recipe %s: unknown; official and reference are known",
                         name);
    job->recipe_name = reference ? "reference" : "official";
    job->recipe = reference ? job->model->reference : job->model->official;
    return OK;
}

/* `-w` is a folder to look in, or the file itself. */
static enum status open_weights(struct job *job, const char *where, struct error *error)
{
    struct stat about;
    if (stat(where, &about) < 0)
        return error_errno(error, where, "find the weights");
    if (!S_ISDIR(about.st_mode))
        return weights_open(where, &job->weights, error);
    char *path = NULL;
    enum status status = zoo_find_weights(job->model, where, &path, error);
    if (status == OK)
        status = weights_open(path, &job->weights, error);
    free(path);
    return status;
}

enum status job_open(struct job *job, const struct model *model,
                     const struct predict_options *options, const struct kernels *kernels,
                     struct error *error)
{
    *job = (struct job){.model = model};
    enum status status = choose_recipe(job, options->recipe, error);
    if (status != OK)
        return status;
    struct net *net = zoo_build(model, error);
    if (!net)
        return error->status;
    status = open_weights(job, options->weights, error);
    if (status == OK)
        status = plan_make(net, job->weights, kernels, &job->plan, error);
    net_free(net);
    if (status == OK)
        status = plan_digest(job->plan, job->packed, error);
    if (status != OK)
        return status;
    size_t floats = (size_t)options->batch * (size_t)plan_classes(job->plan);
    job->outputs = malloc(floats * sizeof *job->outputs);
    return job->outputs ? OK : error_memory(error, "the outputs of a batch");
}

/* Scoring knows the labels of the whole validation set; of any other they are kept. */
static bool follows_rule(const struct dataset *dataset)
{
    return dataset->imagenet && dataset->count == 50000;
}

enum status job_begin(struct job *job, const struct dataset *dataset,
                      const struct predict_options *options, struct error *error)
{
    const struct model *model = job->model;
    if (dataset->classes != model->classes)
        return error_set(error, BAD_INPUT,
                         "%s: has %d classes; %s/%s tells %d apart, so its answers have no meaning "
                         "here",
                         dataset->path, dataset->classes, framework_name(model->framework),
                         model->name, model->classes);
    struct results_options wanted = {
        .folder = options->out,
        .model = model->name,
        .framework = framework_name(model->framework),
        .images = dataset->count,
        .classes = model->classes,
        .output = plan_output(job->plan),
        .wanted = {[RESULT_PREDS] = true,
                   [RESULT_TOP_PROBS] = true,
                   [RESULT_PROBS] = options->save_all_probs,
                   [RESULT_LABELS] = options->save_labels || !follows_rule(dataset),
                   [RESULT_LOGITS] = options->save_logits},
    };
    enum status status = results_begin(&job->results, &wanted, error);
    job->begun = status == OK;
    return status;
}

static enum status check_packed(const struct job *job, struct error *error)
{
    uint8_t now[DIGEST_SIZE];
    enum status status = plan_digest(job->plan, now, error);
    if (status == OK && memcmp(now, job->packed, DIGEST_SIZE) != 0)
        status =
            error_set(error, NOT_TRUSTWORTHY,
                      "%s: the weights of %s/%s changed in memory during the run; test this "
                      "machine's memory",
                      job->weights->path, framework_name(job->model->framework), job->model->name);
    return status;
}

static enum status describe(const struct job *job, long images, struct predict_result *result,
                            struct error *error)
{
    digest_hex(job->results.predictions, result->predictions_sha256);
    result->top1 = 100.0 * (double)job->results.right1 / (double)images;
    result->top5 = 100.0 * (double)job->results.right5 / (double)images;
    result->model = strdup(job->model->name);
    result->framework = strdup(framework_name(job->model->framework));
    return result->model && result->framework ? OK : error_memory(error, "the summary");
}

enum status job_finish(struct job *job, const struct dataset *dataset,
                       const uint8_t data[DIGEST_SIZE], const struct predict_options *options,
                       struct predict_result *result, struct error *error)
{
    enum status status = check_packed(job, error);
    if (status == OK && asprintf(&result->receipt, "%s/%s_%s_imagenet_receipt.json", options->out,
                                 job->model->name, framework_name(job->model->framework)) < 0) {
        result->receipt = NULL;
        status = error_memory(error, "the receipt's name");
    }
    if (status == OK) /* an earlier receipt must not stand beside other results, come what may */
        status = file_remove(result->receipt, error);
    if (status == OK)
        status = results_commit(&job->results, error);
    struct receipt receipt = {
        .model = job->model,
        .weights = job->weights,
        .recipe_name = job->recipe_name,
        .recipe = &job->recipe,
        .done = dataset->count,
        .total = dataset->count,
        .classes = dataset->classes,
        .data = data,
        .results = &job->results,
    };
    if (status == OK)
        status = receipt_save(&receipt, result->receipt, error);
    return status == OK ? describe(job, dataset->count, result, error) : status;
}

void job_close(struct job *job)
{
    if (job->begun)
        results_free(&job->results);
    plan_free(job->plan);
    weights_close(job->weights);
    free(job->outputs);
}
