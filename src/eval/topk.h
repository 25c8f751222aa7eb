/* The five best classes of one output row. */
#ifndef EVAL_TOPK_H
#define EVAL_TOPK_H

#include <stdbool.h>
#include <stdint.h>

enum { TOP = 5 };

/* The classes of the five largest scores, best first; equal scores in the order of the classes.
 * `count` is at least 5. */
void topk_find(const float *scores, int count, int64_t top[TOP]);

/* Whether every score is a finite number. */
bool topk_finite(const float *scores, int count);

#endif
