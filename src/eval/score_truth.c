#include "eval/score_truth.h"

#include "eval/score_vector.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The validation set of ImageNet in ImageFolder order: 50 images of each class. */
enum { IMAGENET_IMAGES = 50000, IMAGES_A_CLASS = 50 };

/* What a truth is made of. */
struct making {
    const struct score_list *list;
    const struct score_files *files;
    int64_t rows, kept;
    uint8_t *keep;   /* a row's place in the mask, 1 or 0; NULL without a mask */
    int32_t *own;    /* the set's own labels */
    int32_t *custom; /* NULL without them */
};

static enum status allocate_labels(int32_t **labels, int64_t rows, struct error *error)
{
    *labels = malloc((size_t)rows * sizeof **labels);
    return *labels ? OK : error_memory(error, "labels");
}

/* Set the rows that a vector of indices names, or that one of booleans marks, to `mark`. */
static enum status mark_rows(struct making *making, const struct score_vector *vector, uint8_t mark,
                             struct error *error)
{
    int booleans = vector->npy.type == NPY_BOOL;
    if (booleans && vector->npy.count != making->rows)
        return error_set(error, BAD_INPUT,
                         "%s: holds %" PRId64 " booleans; one for each of the %" PRId64
                         " images is wanted",
                         vector->path, vector->npy.count, making->rows);
    for (int64_t i = 0; i < vector->npy.count; i++) {
        int64_t value = score_vector_at(vector, i);
        if (!booleans && (value < 0 || value >= making->rows))
            return error_set(error, BAD_INPUT,
                             "%s: entry %" PRId64 ": index %" PRId64 " is outside 0 to %" PRId64,
                             vector->path, i, value, making->rows - 1);
        if (!booleans || value)
            making->keep[booleans ? i : value] = mark;
    }
    return OK;
}

static enum status make_mask(struct making *making, struct error *error)
{
    const char *path = making->files->omit ? making->files->omit : making->files->keep;
    making->kept = making->rows;
    if (!path)
        return OK;
    uint8_t mark = path == making->files->keep;
    making->keep = malloc((size_t)making->rows);
    if (!making->keep)
        return error_memory(error, "a mask");
    memset(making->keep, !mark, (size_t)making->rows);
    struct score_vector vector;
    enum status status = score_vector_load(&vector, path, error);
    if (status != OK)
        return status;
    status = mark_rows(making, &vector, mark, error);
    score_vector_free(&vector);
    making->kept = 0;
    for (int64_t row = 0; row < making->rows; row++)
        making->kept += making->keep[row];
    if (status == OK && making->kept == 0)
        status = error_set(error, BAD_INPUT, "%s: leaves no image to score", path);
    return status;
}

/* `label` has room for all rows; `count` tells how many the file held: all, or the `few`. */
static enum status read_labels(const char *path, const struct making *making, int64_t few,
                               int32_t *label, int64_t *count, struct error *error)
{
    struct score_vector vector;
    enum status status = score_vector_load(&vector, path, error);
    if (status != OK)
        return status;
    *count = vector.npy.count;
    if (*count != making->rows && *count != few)
        status = error_set(error, BAD_INPUT,
                           "%s: holds %" PRId64 " labels; %" PRId64 " are wanted, one an image",
                           path, *count, few);
    for (int64_t i = 0; status == OK && i < *count; i++) {
        int64_t value = score_vector_at(&vector, i);
        if (value < 0 || value >= making->list->classes)
            status = error_set(error, BAD_INPUT,
                               "%s: entry %" PRId64 ": class %" PRId64 " is outside 0 to %d", path,
                               i, value, making->list->classes - 1);
        label[i] = (int32_t)value;
    }
    score_vector_free(&vector);
    return status;
}

/* Leave out what the mask omits. */
static void omit_rows(const struct making *making, int32_t *label)
{
    for (int64_t row = 0; making->keep && row < making->rows; row++)
        if (!making->keep[row])
            label[row] = SCORE_OMITTED;
}

/* Move labels of the kept rows alone to their rows; from the end, where nothing is overwritten. */
static void spread_labels(const struct making *making, int32_t *label)
{
    int64_t next = making->kept;
    for (int64_t row = making->rows - 1; row >= 0; row--)
        label[row] = making->keep[row] ? label[--next] : SCORE_OMITTED;
}

static enum status make_custom(struct making *making, struct error *error)
{
    if (!making->files->labels)
        return OK;
    enum status status = allocate_labels(&making->custom, making->rows, error);
    int64_t count = 0;
    if (status == OK)
        status =
            read_labels(making->files->labels, making, making->kept, making->custom, &count, error);
    if (status == OK && count == making->rows)
        omit_rows(making, making->custom);
    else if (status == OK)
        spread_labels(making, making->custom);
    return status;
}

/* The file with the set's own labels; NULL when the place of a row tells its label. */
static enum status find_source(const struct making *making, const char **source,
                               struct error *error)
{
    const struct score_list *list = making->list;
    long labelled = 0;
    *source = NULL;
    for (long i = 0; i < list->count; i++) {
        labelled += list->results[i].labels != NULL;
        if (!*source)
            *source = list->results[i].labels;
    }
    if (making->rows == IMAGENET_IMAGES && !strcmp(list->dataset, "imagenet")) {
        if (labelled < list->count)
            *source = NULL;
        return OK;
    }
    if (!*source)
        *source = making->files->labels;
    if (*source)
        return OK;
    return error_set(error, BAD_INPUT,
                     "%s: has %" PRId64 " images, and their labels are not known (those of "
                     "ImageNet's 50,000 are, by their order); give them with -l, or as "
                     "..._labels.npy beside the predictions",
                     list->results[0].preds, making->rows);
}

static enum status make_own(struct making *making, const char *source, struct error *error)
{
    enum status status = allocate_labels(&making->own, making->rows, error);
    int64_t count;
    if (status == OK && source)
        return read_labels(source, making, making->rows, making->own, &count, error);
    for (int64_t row = 0; status == OK && row < making->rows; row++)
        making->own[row] = (int32_t)(row / IMAGES_A_CLASS);
    return status;
}

/* Rows of different order must not meet in one table. */
static enum status compare_own(const struct making *making, const char *source, const char *path,
                               int32_t *scratch, struct error *error)
{
    int64_t count;
    enum status status = read_labels(path, making, making->rows, scratch, &count, error);
    for (int64_t row = 0; status == OK && row < making->rows; row++)
        if (scratch[row] != making->own[row])
            status = error_set(error, BAD_INPUT,
                               "%s: row %" PRId64 " has label %d, and by %s it is %d; these "
                               "results are not of the same images in the same order",
                               path, row, scratch[row], source ? source : "ImageNet's order",
                               making->own[row]);
    return status;
}

static enum status check_own(const struct making *making, const char *source, struct error *error)
{
    int32_t *scratch;
    enum status status = allocate_labels(&scratch, making->rows, error);
    for (long i = 0; status == OK && i < making->list->count; i++) {
        const char *path = making->list->results[i].labels;
        if (path && path != source)
            status = compare_own(making, source, path, scratch, error);
    }
    free(scratch);
    return status;
}

/* cAcc is of the custom labels, or of what the mask keeps; Acc is of all images, but of the kept
 * ones where both are given, so that the two differ in the labels alone. */
static enum status combine(struct making *making, struct score_truth *truth, struct error *error)
{
    truth->rows = making->rows;
    truth->kept = making->kept;
    truth->custom = making->custom != NULL;
    truth->count = making->custom || making->keep ? 2 : 1;
    struct score_labels *plain = &truth->labels[0], *corrected = &truth->labels[1];
    *plain = (struct score_labels){making->own, making->rows};
    *corrected = (struct score_labels){making->custom, making->kept};
    making->own = making->custom = NULL;
    if (truth->custom) {
        omit_rows(making, plain->label);
        plain->images = making->kept;
        return OK;
    }
    if (!making->keep)
        return OK;
    enum status status = allocate_labels(&corrected->label, making->rows, error);
    if (status != OK)
        return status;
    memcpy(corrected->label, plain->label, (size_t)making->rows * sizeof *plain->label);
    omit_rows(making, corrected->label);
    return OK;
}

enum status score_truth_make(struct score_truth *truth, const struct score_list *list, int64_t rows,
                             const struct score_files *files, struct error *error)
{
    *truth = (struct score_truth){0};
    struct making making = {.list = list, .files = files, .rows = rows};
    enum status status = make_mask(&making, error);
    if (status == OK)
        status = find_source(&making, &truth->source, error);
    if (status == OK)
        status = make_own(&making, truth->source, error);
    if (status == OK)
        status = check_own(&making, truth->source, error);
    if (status == OK && truth->source != files->labels)
        status = make_custom(&making, error);
    if (status == OK)
        status = combine(&making, truth, error);
    free(making.keep);
    free(making.own);
    free(making.custom);
    return status;
}

void score_truth_free(struct score_truth *truth)
{
    free(truth->labels[0].label);
    free(truth->labels[1].label);
    *truth = (struct score_truth){0};
}
