#include "eval/score_count.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Rows are taken apart into columns, a block at a time, so that all further loops run over
 * neighbours in memory and the compiler makes vector code of them. */
enum { BLOCK = 512 };
struct block {
    int rows;
    int32_t pred[TOP][BLOCK];
    float prob[TOP][BLOCK];
    int32_t top[BLOCK]; /* the most probable prediction */
};

static enum status check_shape(const char *path, const struct npy *npy, struct error *error)
{
    if (npy->rank != 2)
        return error_set(error, BAD_INPUT, "%s: has %d dimensions; two, (images, 5), are wanted",
                         path, npy->rank);
    if (npy->shape[1] != TOP)
        return error_set(error, BAD_INPUT,
                         "%s: holds %" PRId64 " numbers an image; five are wanted", path,
                         npy->shape[1]);
    if (npy->shape[0] == 0)
        return error_set(error, BAD_INPUT, "%s: holds no images", path);
    return OK;
}

enum status score_check_shapes(const struct score_pair *pair, struct error *error)
{
    const struct npy *preds = &pair->preds, *probs = &pair->probs;
    if (preds->type != NPY_I64)
        return error_set(error, BAD_INPUT, "%s: predictions must be int64, and these are not",
                         pair->preds_path);
    if (probs->type != NPY_F16 && probs->type != NPY_F32)
        return error_set(error, BAD_INPUT,
                         "%s: probabilities must be float16 or float32, and these are not",
                         pair->probs_path);
    enum status status = check_shape(pair->preds_path, preds, error);
    if (status == OK)
        status = check_shape(pair->probs_path, probs, error);
    if (status == OK && preds->shape[0] != probs->shape[0])
        status = error_set(error, BAD_INPUT,
                           "%s: has %" PRId64 " rows, and %s has %" PRId64
                           "; both must come from one run",
                           pair->preds_path, preds->shape[0], pair->probs_path, probs->shape[0]);
    return status;
}

static int64_t pred_at(const struct score_pair *pair, int64_t row, int column)
{
    int64_t pred;
    const char *data = pair->preds.data;
    memcpy(&pred, data + (size_t)(row * TOP + column) * sizeof pred, sizeof pred);
    return pred;
}

/* Exact: the exponent is rebiased by a multiplication; infinity becomes 65536, which is above any
 * finite float16. */
static float float_of_half(uint16_t half)
{
    uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
    float magnitude;
    memcpy(&magnitude, &bits, sizeof magnitude);
    magnitude *= 0x1p112f;
    if ((half & 0x7fff) > 0x7c00)
        magnitude = NAN;
    return half & 0x8000 ? -magnitude : magnitude;
}

static float prob_at(const struct score_pair *pair, int64_t row, int column)
{
    size_t index = (size_t)(row * TOP + column);
    const char *data = pair->probs.data;
    if (pair->probs.type == NPY_F16) {
        uint16_t half;
        memcpy(&half, data + index * sizeof half, sizeof half);
        return float_of_half(half);
    }
    float prob;
    memcpy(&prob, data + index * sizeof prob, sizeof prob);
    return prob;
}

/* Returns whether a prediction has more than 31 bits. */
static int load_preds(struct block *block, const struct score_pair *pair, int64_t start)
{
    uint64_t high = 0;
    for (int r = 0; r < block->rows; r++)
        for (int c = 0; c < TOP; c++) {
            int64_t pred = pred_at(pair, start + r, c);
            high |= (uint64_t)pred >> 31;
            block->pred[c][r] = (int32_t)pred;
        }
    return high != 0;
}

static void load_probs(struct block *block, const struct score_pair *pair, int64_t start)
{
    for (int r = 0; r < block->rows; r++)
        for (int c = 0; c < TOP; c++)
            block->prob[c][r] = prob_at(pair, start + r, c);
}

static int block_is_bad(const struct block *block, int classes)
{
    int bad = 0;
    for (int c = 0; c < TOP; c++) {
        for (int r = 0; r < block->rows; r++)
            bad |= (block->pred[c][r] >= classes) | (block->prob[c][r] != block->prob[c][r]);
        for (int other = 0; other < c; other++)
            for (int r = 0; r < block->rows; r++)
                bad |= block->pred[c][r] == block->pred[other][r];
    }
    return bad;
}

static void find_top(struct block *block)
{
    for (int r = 0; r < block->rows; r++) {
        float best = block->prob[0][r];
        int32_t top = block->pred[0][r];
        for (int c = 1; c < TOP; c++) {
            float prob = block->prob[c][r];
            int32_t better = -(prob > best);
            best = prob > best ? prob : best;
            top ^= (top ^ block->pred[c][r]) & better;
        }
        block->top[r] = top;
    }
}

static void count_block(const struct block *block, const int32_t *label, struct score_hits *hits)
{
    int top1 = 0, top5 = 0;
    for (int r = 0; r < block->rows; r++) {
        top1 += block->top[r] == label[r];
        top5 += (block->pred[0][r] == label[r]) | (block->pred[1][r] == label[r]) |
                (block->pred[2][r] == label[r]) | (block->pred[3][r] == label[r]) |
                (block->pred[4][r] == label[r]);
    }
    hits->top1 += top1;
    hits->top5 += top5;
}

/* Describe what is wrong with a row, if anything is. */
static enum status check_row(const struct score_pair *pair, int64_t row, int classes,
                             struct error *error)
{
    for (int c = 0; c < TOP; c++) {
        int64_t pred = pred_at(pair, row, c);
        if (pred < 0 || pred >= classes)
            return error_set(error, BAD_INPUT,
                             "%s: row %" PRId64 ": class %" PRId64 " is outside 0 to %d",
                             pair->preds_path, row, pred, classes - 1);
        for (int other = 0; other < c; other++)
            if (pred_at(pair, row, other) == pred)
                return error_set(error, BAD_INPUT,
                                 "%s: row %" PRId64 ": class %" PRId64
                                 " is predicted twice; five different ones are wanted",
                                 pair->preds_path, row, pred);
        if (isnan(prob_at(pair, row, c)))
            return error_set(error, BAD_INPUT, "%s: row %" PRId64 ": a probability is not a number",
                             pair->probs_path, row);
    }
    return OK;
}

enum status score_count(const struct score_pair *pair, int classes,
                        const struct score_labels *labels, int count, struct score_hits *hits,
                        struct error *error)
{
    struct block block;
    int64_t rows = pair->preds.shape[0];
    memset(hits, 0, (size_t)count * sizeof *hits);
    for (int64_t start = 0; start < rows; start += block.rows) {
        block.rows = rows - start < BLOCK ? (int)(rows - start) : BLOCK;
        int too_wide = load_preds(&block, pair, start);
        load_probs(&block, pair, start);
        if (too_wide || block_is_bad(&block, classes))
            for (int r = 0; r < block.rows; r++) {
                enum status status = check_row(pair, start + r, classes, error);
                if (status != OK)
                    return status;
            }
        find_top(&block);
        for (int l = 0; l < count; l++)
            count_block(&block, labels[l].label + start, &hits[l]);
    }
    return OK;
}
