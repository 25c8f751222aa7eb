#include "eval/results.h"

#include "data/npy.h"
#include "eval/half.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kind {
    const char *suffix;
    enum npy_type type;
    enum { FIVE, ALL, ONE } columns;
};
static const struct kind kinds[RESULT_KINDS] = {
    [RESULT_PREDS] = {"top5preds", NPY_I64, FIVE},
    [RESULT_TOP_PROBS] = {"top5probs", NPY_F32, FIVE},
    [RESULT_PROBS] = {"probs", NPY_F16, ALL},
    [RESULT_LABELS] = {"labels", NPY_I64, ONE},
    [RESULT_LOGITS] = {"logits", NPY_F32, ALL},
};

static enum status put(struct results *results, enum result_kind kind, const void *data,
                       size_t size, struct error *error)
{
    struct result_file *file = &results->files[kind];
    if (!file->name)
        return OK;
    digest_add(&file->digest, data, size);
    return new_file_write(&file->file, data, size, error);
}

static enum status begin_file(struct results *results, enum result_kind kind,
                              const struct results_options *options, struct error *error)
{
    struct result_file *file = &results->files[kind];
    char header[256];
    if (asprintf(&file->path, "%s/%s_%s_imagenet_%s.npy", options->folder, options->model,
                 options->framework, kinds[kind].suffix) < 0) {
        file->path = NULL;
        return error_memory(error, "a file's name");
    }
    if (!options->wanted[kind])
        return OK;
    file->name = file->path + strlen(options->folder) + 1;
    enum status status = digest_begin(&file->digest, error);
    if (status == OK)
        status = new_file_create(&file->file, file->path, error);
    if (status != OK)
        return status;
    int64_t shape[2] = {options->images, kinds[kind].columns == FIVE ? TOP : options->classes};
    int rank = kinds[kind].columns == ONE ? 1 : 2;
    int size = npy_header(header, kinds[kind].type, rank, shape);
    return put(results, kind, header, (size_t)size, error);
}

enum status results_begin(struct results *results, const struct results_options *options,
                          struct error *error)
{
    *results = (struct results){.classes = options->classes, .output = options->output};
    for (int kind = 0; kind < RESULT_KINDS; kind++)
        results->files[kind].file.descriptor = -1;
    size_t classes = (size_t)options->classes;
    results->probabilities = malloc(classes * sizeof *results->probabilities);
    results->halves = malloc(classes * sizeof *results->halves);
    enum status status = results->probabilities && results->halves
                             ? digest_begin(&results->rows, error)
                             : error_memory(error, "a row of results");
    for (int kind = 0; kind < RESULT_KINDS && status == OK; kind++)
        status = begin_file(results, kind, options, error);
    if (status != OK)
        results_free(results);
    return status;
}

/* Probabilities of one row: the softmax of logits; a log-softmax's exponentials are the same. */
static const float *to_probabilities(struct results *results, const float *output)
{
    if (results->output == OUTPUT_PROBABILITIES)
        return output;
    memcpy(results->probabilities, output, (size_t)results->classes * sizeof *output);
    softmax_of(results->probabilities, results->classes);
    return results->probabilities;
}

static void count_right(struct results *results, const int64_t top[TOP], int label)
{
    results->right1 += top[0] == label;
    for (int i = 0; i < TOP; i++)
        results->right5 += top[i] == label;
}

enum status results_add(struct results *results, const float *output, int label, const char *image,
                        struct error *error)
{
    int classes = results->classes;
    size_t bytes = (size_t)classes * sizeof *output;
    if (!topk_finite(output, classes))
        return error_set(error, NOT_TRUSTWORTHY,
                         "%s: the network's output is not finite; the weights cannot be those of "
                         "a trained network, or their numbers overflow",
                         image);
    uint8_t digest[DIGEST_SIZE];
    enum status status = digest_of(output, bytes, digest, error);
    if (status != OK)
        return status;
    digest_add(&results->rows, digest, sizeof digest);
    int64_t top[TOP], wide_label = label;
    topk_find(output, classes, top);
    count_right(results, top, label);
    const float *probabilities = to_probabilities(results, output);
    float top_probabilities[TOP];
    for (int i = 0; i < TOP; i++)
        top_probabilities[i] = probabilities[top[i]];
    status = put(results, RESULT_PREDS, top, sizeof top, error);
    if (status == OK)
        status = put(results, RESULT_TOP_PROBS, top_probabilities, sizeof top_probabilities, error);
    if (status == OK && results->files[RESULT_PROBS].name) {
        for (int c = 0; c < classes; c++)
            results->halves[c] = half_of(probabilities[c]);
        status = put(results, RESULT_PROBS, results->halves, bytes / 2, error);
    }
    if (status == OK)
        status = put(results, RESULT_LABELS, &wide_label, sizeof wide_label, error);
    if (status == OK)
        status = put(results, RESULT_LOGITS, output, bytes, error);
    return status;
}

enum status results_commit(struct results *results, struct error *error)
{
    digest_end(&results->rows, results->predictions);
    enum status status = OK;
    for (int kind = 0; kind < RESULT_KINDS && status == OK; kind++) {
        struct result_file *file = &results->files[kind];
        if (!file->name) { /* of an earlier result that had it, and would belong to this one */
            status = file_remove(file->path, error);
            continue;
        }
        uint8_t sum[DIGEST_SIZE];
        digest_end(&file->digest, sum);
        digest_hex(sum, file->sha256);
        status = new_file_commit(&file->file, error);
    }
    return status;
}

void results_free(struct results *results)
{
    for (int kind = 0; kind < RESULT_KINDS; kind++) {
        struct result_file *file = &results->files[kind];
        new_file_discard(&file->file);
        digest_end(&file->digest, NULL);
        free(file->path);
        file->path = NULL;
        file->name = NULL;
    }
    digest_end(&results->rows, NULL);
    free(results->probabilities);
    free(results->halves);
    results->probabilities = NULL;
    results->halves = NULL;
}
