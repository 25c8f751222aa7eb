/* The recorded results in two folders: which models, of which data set, in which files. The list
 * owns all its strings; free it with score_list_free. */
#ifndef EVAL_SCORE_LIST_H
#define EVAL_SCORE_LIST_H

#include "base/arena.h"
#include "base/error.h"

struct score_result {
    const char *framework;        /* "keras" or "pytorch" */
    const char *model;            /* "resnet50" */
    const char *preds, *probs;    /* paths of the two arrays that every result has */
    const char *labels, *receipt; /* and of what may lie beside them, or NULL */
};

struct score_list {
    struct arena arena;
    const char *dataset; /* "imagenet" or "cifar10" */
    int classes;
    long count;
    struct score_result *results; /* by framework, then by model */
};

/* Where to look, NULL for nowhere. Files are called MODEL_FRAMEWORK_DATASET_top5preds.npy and so
 * on; others are passed over. */
struct score_folders {
    const char *keras, *pytorch;
    const char *dataset; /* NULL: the only one there */
};

/* Start with a zeroed list. BAD_INPUT: a folder without results, a model with only one of its two
 * arrays, a name with control characters. BAD_USAGE: two data sets and none chosen, or one that is
 * not known. */
enum status score_list_open(struct score_list *list, const struct score_folders *folders,
                            struct error *error);
void score_list_free(struct score_list *list);

#endif
