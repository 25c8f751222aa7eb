#include "eval/score.h"

#include "eval/score_receipt.h"
#include "par/pool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Models being counted on the threads of a pool. */
struct counting {
    struct score *score;
    struct score_pair *pairs; /* one a thread: the next model reuses the last one's memory */
    struct error *errors;     /* one a model */
};

static enum status load_pair(const struct score_result *result, struct score_pair *pair,
                             struct error *error)
{
    pair->preds_path = result->preds;
    pair->probs_path = result->probs;
    enum status status = npy_load(result->preds, &pair->preds, error);
    if (status == OK)
        status = npy_load(result->probs, &pair->probs, error);
    return status == OK ? score_check_shapes(pair, error) : status;
}

/* How many images the set has that a result is of. Without a receipt nothing tells of more than
 * there are. */
static enum status find_total(const struct score_result *result, int64_t rows, long *total,
                              struct error *error)
{
    *total = rows;
    if (!result->receipt)
        return OK;
    long done;
    enum status status = score_receipt_read(result->receipt, &done, total, error);
    if (status == OK && done != rows)
        status = error_set(error, BAD_INPUT,
                           "%s: tells of %ld images, and %s has %" PRId64
                           "; they are not of one run: predict again",
                           result->receipt, done, result->preds, rows);
    return status;
}

static void count_model(void *context, long item, int thread)
{
    struct counting *counting = context;
    struct score *score = counting->score;
    struct score_pair *pair = &counting->pairs[thread];
    struct score_row *row = &score->rows[item];
    struct error *error = &counting->errors[item];
    row->result = &score->list.results[item];
    if (load_pair(row->result, pair, error) != OK)
        return;
    int64_t rows = pair->preds.shape[0];
    if (rows != score->truth.rows) {
        error_set(error, BAD_INPUT,
                  "%s: has %" PRId64 " images, and %s has %" PRId64
                  "; one table is of one set of images: move one of them away",
                  pair->preds_path, rows, score->list.results[0].preds, score->truth.rows);
        return;
    }
    if (find_total(row->result, rows, &row->total, error) == OK)
        score_count(pair, score->list.classes, score->truth.labels, score->truth.count, row->hits,
                    error);
}

static enum status first_error(const struct counting *counting, struct error *error)
{
    for (long i = 0; i < counting->score->list.count; i++)
        if (counting->errors[i].status != OK)
            return error_set(error, counting->errors[i].status, "%s", counting->errors[i].text);
    return OK;
}

/* The first model tells how many rows there are, on which labels and masks depend. */
static enum status make_truth(struct counting *counting, struct error *error)
{
    struct score *score = counting->score;
    enum status status = load_pair(&score->list.results[0], &counting->pairs[0], error);
    if (status != OK)
        return status;
    return score_truth_make(&score->truth, &score->list, counting->pairs[0].preds.shape[0],
                            &score->options.files, error);
}

static enum status count_all(struct counting *counting, struct error *error)
{
    struct pool *pool;
    enum status status = pool_start(counting->score->options.threads, &pool, error);
    if (status != OK)
        return status;
    pool_run(pool, count_model, counting, counting->score->list.count);
    pool_stop(pool);
    return first_error(counting, error);
}

static void rank_rows(struct score *score)
{
    long count = score->list.count;
    for (int l = 0; l < score->truth.count; l++)
        for (long i = 0; i < count; i++) {
            struct score_ranks rank = {1, 1};
            for (long other = 0; other < count; other++) {
                rank.top1 += score->rows[other].hits[l].top1 > score->rows[i].hits[l].top1;
                rank.top5 += score->rows[other].hits[l].top5 > score->rows[i].hits[l].top5;
            }
            score->rows[i].rank[l] = rank;
        }
}

/* Equals stay by framework and model. */
static int compare_rows(const struct score_row *a, const struct score_row *b, int labels)
{
    if (a->rank[labels].top1 != b->rank[labels].top1)
        return a->rank[labels].top1 < b->rank[labels].top1 ? -1 : 1;
    return a->result < b->result ? -1 : a->result > b->result;
}

static int by_accuracy(const void *left, const void *right)
{
    return compare_rows(left, right, 0);
}

static int by_corrected_accuracy(const void *left, const void *right)
{
    return compare_rows(left, right, 1);
}

enum status score_run(struct score *score, const struct score_options *options, struct error *error)
{
    score->options = *options;
    enum status status = score_list_open(&score->list, &options->folders, error);
    if (status != OK)
        return status;
    size_t count = (size_t)score->list.count;
    struct counting counting = {.score = score};
    score->rows = arena_alloc(&score->arena, count, sizeof *score->rows);
    counting.pairs = calloc((size_t)options->threads, sizeof *counting.pairs);
    counting.errors = calloc(count, sizeof *counting.errors);
    if (!score->rows || !counting.pairs || !counting.errors)
        status = error_memory(error, "the scores");
    if (status == OK)
        status = make_truth(&counting, error);
    if (status == OK)
        status = count_all(&counting, error);
    for (int t = 0; counting.pairs && t < options->threads; t++) {
        npy_free(&counting.pairs[t].preds);
        npy_free(&counting.pairs[t].probs);
    }
    free(counting.pairs);
    free(counting.errors);
    if (status != OK)
        return status;
    rank_rows(score);
    qsort(score->rows, count, sizeof *score->rows,
          score->truth.custom ? by_corrected_accuracy : by_accuracy);
    return OK;
}

void score_free(struct score *score)
{
    score_list_free(&score->list);
    score_truth_free(&score->truth);
    arena_free(&score->arena);
    *score = (struct score){0};
}
