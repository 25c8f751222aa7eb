#include "eval/predict.h"

#include "data/set_digest.h"
#include "eval/job.h"
#include "eval/loader.h"

#include <stdlib.h>
#include <string.h>

/* Everything that one run holds. */
struct run {
    const struct predict_options *options;
    const struct progress *progress;
    struct selection selection;
    struct dataset *dataset;
    struct job *jobs;
    int job_count; /* that were opened, or begun to be */
    struct recipe *recipes;
    int recipe_count;
    struct pool *pool;
    struct workspace workspace;
    struct loader *loader;
    struct digest data; /* of the set, see data/set_digest.h */
};

static bool same_recipe(const struct recipe *a, const struct recipe *b)
{
    return a->fit == b->fit && a->side == b->side && a->filter == b->filter && a->mode == b->mode &&
           (a->fit == FIT_SQUASH || a->resize == b->resize);
}

/* Jobs with the same recipe share an input. */
static void share_recipe(struct run *run, struct job *job)
{
    for (job->input = 0; job->input < run->recipe_count; job->input++)
        if (same_recipe(&run->recipes[job->input], &job->recipe))
            return;
    run->recipes[run->recipe_count++] = job->recipe;
}

static enum status select_models(struct run *run, struct error *error)
{
    const struct predict_options *options = run->options;
    for (int i = 0; i < options->model_count; i++) {
        enum status status = zoo_select(&run->selection, options->models[i], error);
        if (status != OK)
            return status;
    }
    if (run->selection.count == 0)
        return error_set(error, BAD_USAGE, "no model is named; -m NAME does");
    return OK;
}

static enum status open_jobs(struct run *run, struct error *error)
{
    const struct kernels *kernels = kernels_choose(run->options->cpu, error);
    if (!kernels)
        return error->status;
    size_t count = (size_t)run->selection.count;
    run->jobs = calloc(count, sizeof *run->jobs);
    run->recipes = calloc(count, sizeof *run->recipes);
    if (!run->jobs || !run->recipes)
        return error_memory(error, "the list of models");
    for (int i = 0; i < run->selection.count; i++) {
        struct job *job = &run->jobs[run->job_count++];
        enum status status = job_open(job, run->selection.models[i], run->options, kernels, error);
        if (status == OK)
            status = workspace_reserve(&run->workspace, run->options->threads, job->plan, error);
        if (status != OK)
            return status;
        share_recipe(run, job);
    }
    return OK;
}

static enum status begin_jobs(struct run *run, struct error *error)
{
    enum status status = folder_make(run->options->out, error);
    for (int i = 0; i < run->job_count && status == OK; i++)
        status = job_begin(&run->jobs[i], run->dataset, run->options, error);
    return status;
}

static enum status start_threads(struct run *run, struct error *error)
{
    const struct loader_options loading = {
        .dataset = run->dataset,
        .recipes = run->recipes,
        .recipe_count = run->recipe_count,
        .batch = run->options->batch,
        .threads = run->options->threads,
    };
    enum status status = pool_start(run->options->threads, &run->pool, error);
    if (status == OK)
        status = digest_begin(&run->data, error);
    if (status == OK)
        status = loader_start(&loading, &run->loader, error);
    return status;
}

static enum status compute_batch(struct run *run, struct job *job, const struct loaded *batch,
                                 struct error *error)
{
    int classes = plan_classes(job->plan);
    plan_run(job->plan, run->pool, &run->workspace, batch->inputs[job->input], batch->count,
             job->outputs);
    enum status status = OK;
    for (int i = 0; i < batch->count && status == OK; i++) {
        const struct sample *sample = &run->dataset->samples[batch->first + i];
        status = results_add(&job->results, job->outputs + (long)i * classes, sample->label,
                             sample->name, error);
    }
    return status;
}

static void add_to_digest(struct run *run, const struct loaded *batch)
{
    for (int i = 0; i < batch->count; i++)
        set_digest_add(&run->data, run->dataset->samples[batch->first + i].label,
                       batch->digests[i]);
}

static enum status compute_all(struct run *run, struct error *error)
{
    const struct predict_options *options = run->options;
    for (;;) {
        struct loaded batch;
        enum status status = loader_next(run->loader, &batch, error);
        if (status != OK || batch.count == 0)
            return status;
        add_to_digest(run, &batch);
        for (int i = 0; i < run->job_count && status == OK; i++)
            status = compute_batch(run, &run->jobs[i], &batch, error);
        loader_release(run->loader);
        if (status != OK)
            return status;
        progress_step(run->progress, batch.first + batch.count, run->dataset->count);
        if (options->stop && *options->stop)
            return error_set(error, INTERRUPTED,
                             "interrupted after %ld of %ld images; nothing "
                             "was written",
                             batch.first + batch.count, run->dataset->count);
    }
}

static enum status finish_jobs(struct run *run, struct predict_summary *summary,
                               struct error *error)
{
    uint8_t data[DIGEST_SIZE];
    digest_end(&run->data, data);
    summary->results = calloc((size_t)run->job_count, sizeof *summary->results);
    if (!summary->results)
        return error_memory(error, "the summary");
    summary->count = run->job_count;
    summary->images = run->dataset->count;
    enum status status = OK;
    for (int i = 0; i < run->job_count && status == OK; i++)
        status = job_finish(&run->jobs[i], run->dataset, data, run->options, &summary->results[i],
                            error);
    return status;
}

static void run_close(struct run *run)
{
    loader_stop(run->loader);
    pool_stop(run->pool);
    digest_end(&run->data, NULL);
    for (int i = 0; i < run->job_count; i++)
        job_close(&run->jobs[i]);
    workspace_free(&run->workspace);
    dataset_close(run->dataset);
    selection_free(&run->selection);
    free(run->jobs);
    free(run->recipes);
}

enum status predict_run(const struct predict_options *options, const struct progress *progress,
                        struct predict_summary *summary, struct error *error)
{
    *summary = (struct predict_summary){0};
    struct run run = {.options = options, .progress = progress};
    enum status status = select_models(&run, error);
    if (status == OK)
        status = dataset_open(options->data, &run.dataset, error);
    if (status == OK)
        status = open_jobs(&run, error);
    if (status == OK)
        status = begin_jobs(&run, error);
    if (status == OK)
        status = start_threads(&run, error);
    if (status == OK)
        status = compute_all(&run, error);
    if (status == OK)
        status = finish_jobs(&run, summary, error);
    run_close(&run);
    return status;
}

void predict_summary_free(struct predict_summary *summary)
{
    for (int i = 0; i < summary->count; i++) {
        free(summary->results[i].model);
        free(summary->results[i].framework);
        free(summary->results[i].receipt);
    }
    free(summary->results);
    *summary = (struct predict_summary){0};
}
