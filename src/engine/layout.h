/* Where each node's output will be stored: how many blocks it takes, and which outputs are written
 * straight into the concatenation that wants them. */
#ifndef ENGINE_LAYOUT_H
#define ENGINE_LAYOUT_H

#include "engine/step.h"

struct layout {
    int uses, user;       /* how many nodes read this one; the last that does */
    int home, home_block; /* the concatenation that it is a part of, and where; -1: none */
    struct place place;
};

/* The nodes that a node reads, whichever way it lists them. */
int layout_inputs(const struct node *node);
int layout_input(const struct node *node, int i);

/* One a node, in the plan's arena; NULL when memory runs out. */
struct layout *layout_make(struct plan *plan, const struct net *net);

/* The place of a node, made (with its buffer) on the first call. */
enum status layout_place(struct plan *plan, struct layout *layouts, int node, struct place *place,
                         struct error *error);

#endif
