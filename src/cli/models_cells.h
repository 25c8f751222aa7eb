/* Texts of `bitzoo models`' tables. They live in the arena of `cells`, which its owner frees; a
 * text for which memory ran out is "", and `failed` is set. */
#ifndef CLI_MODELS_CELLS_H
#define CLI_MODELS_CELLS_H

#include "cli/models.h"

struct cells {
    struct arena arena;
    bool failed;
};

const char *cells_text(struct cells *cells, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

const char *cells_accuracy(struct cells *cells, struct accuracy accuracy); /* "58.18 / 80.62" */
const char *cells_recipe(struct cells *cells, const struct recipe *recipe);
/* The name of the weights file that was found; else of those that are published. */
const char *cells_weights(struct cells *cells, const struct listing *listing, int index);
const char *cells_window(struct cells *cells, const struct node *node); /* "3x3 stride 2" */
const char *cells_shape(struct cells *cells, struct shape shape);       /* "55 x 55 x 64" */
const char *cells_operation(struct cells *cells, const struct node *node);
/* The nodes that `node` reads, where it is not just the one before it. */
const char *cells_inputs(struct cells *cells, const struct net *net, int node);

#endif
