#include "cli/demo_digests.h"

#include "base/arena.h"
#include "cli/interrupt.h"
#include "eval/predict.h"
#include "kernels/kernels.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { SETS = 3, RUNS = 3, SHOWN = 16 /* digits of a digest */ };
static const char *const instruction_sets[SETS] = {"c", "avx2", "avx512"};
static const struct {
    int threads, batch;
} runs[RUNS] = {{2, 1}, {1, 7}, {2, 32}};

/* The digest that a receipt of the first run tells. */
static enum status receipt_read(const char *path, char hex[DIGEST_HEX], struct error *error)
{
    json_error_t problem;
    json_t *receipt = json_load_file(path, 0, &problem);
    if (!receipt)
        return error_set(error, BAD_INPUT, "%s: line %d: %s", path, problem.line, problem.text);
    const char *digest = json_string_value(json_object_get(receipt, "predictions_sha256"));
    enum status status = OK;
    if (digest && strlen(digest) == DIGEST_HEX - 1)
        strcpy(hex, digest);
    else
        status = error_set(error, BAD_INPUT, "%s: has no predictions_sha256", path);
    json_decref(receipt);
    return status;
}

static enum status compare(const struct demo_folders *folders, const struct predict_result *result,
                           const struct predict_options *options, struct error *error)
{
    struct arena arena = {0};
    char first[DIGEST_HEX];
    const char *path = arena_printf(&arena, "%s/%s_%s_imagenet_receipt.json", folders->results,
                                    result->model, result->framework);
    enum status status =
        path ? receipt_read(path, first, error) : error_memory(error, "a file's name");
    if (status == OK && strcmp(first, result->predictions_sha256))
        status = error_set(error, NOT_TRUSTWORTHY,
                           "%s/%s: with %s, %d threads and batches of %d the predictions have the "
                           "digest %s, in the first run %s; they must be the same",
                           result->framework, result->model, options->cpu, options->threads,
                           options->batch, result->predictions_sha256, first);
    arena_free(&arena);
    return status;
}

/* A row of the table; before the first one, its head. */
static void print_row(const struct predict_options *options, const struct predict_summary *summary,
                      bool first)
{
    if (first) {
        printf("%-7s  %7s  %5s", "cpu", "threads", "batch");
        for (int i = 0; i < summary->count; i++) {
            const struct predict_result *result = &summary->results[i];
            int used = printf("  %s/%s", result->framework, result->model);
            printf("%*s", i + 1 < summary->count ? SHOWN + 2 - used : 0, "");
        }
        putchar('\n');
    }
    printf("%-7s  %7d  %5d", options->cpu, options->threads, options->batch);
    for (int i = 0; i < summary->count; i++)
        printf("  %.*s", SHOWN, summary->results[i].predictions_sha256);
    putchar('\n');
}

/* One run, in a folder that says how it was run: avx2-2-threads-batch-7. */
static enum status variant(const struct demo_folders *folders, struct predict_options *options,
                           bool first, struct error *error)
{
    struct arena arena = {0};
    struct predict_summary summary = {0};
    options->out = arena_printf(&arena, "%s/%s-%d-threads-batch-%d", folders->variants,
                                options->cpu, options->threads, options->batch);
    enum status status = options->out ? predict_run(options, NULL, &summary, error)
                                      : error_memory(error, "a folder's name");
    if (status == OK)
        print_row(options, &summary, first);
    for (int i = 0; i < summary.count && status == OK; i++)
        status = compare(folders, &summary.results[i], options, error);
    predict_summary_free(&summary);
    arena_free(&arena);
    return status;
}

enum status demo_digests(const struct demo_folders *folders, struct error *error)
{
    static const char *const models[] = {"article"};
    struct predict_options options = {
        .data = folders->set,
        .weights = folders->weights,
        .models = models,
        .model_count = 1,
        .stop = interrupt_listen(),
    };
    enum status status = OK;
    for (int i = 0; i < SETS * RUNS && status == OK; i++) {
        options.cpu = instruction_sets[i / RUNS];
        options.threads = runs[i % RUNS].threads;
        options.batch = runs[i % RUNS].batch;
        if (kernels_choose(options.cpu, NULL)) /* this processor has it */
            status = variant(folders, &options, i == 0, error);
    }
    return status;
}
