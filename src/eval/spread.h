/* How a column of whole numbers is spread: quantiles and the commonest value. Nothing is owned. */
#ifndef EVAL_SPREAD_H
#define EVAL_SPREAD_H

#include <stdint.h>

enum { SPREAD_QUANTILES = 7 };
/* In percent: 0, 5, 25, 50, 75, 95, 100. */
extern const int spread_percent[SPREAD_QUANTILES];

struct spread {
    uint64_t quantiles[SPREAD_QUANTILES]; /* the value at place floor(percent * (n-1) / 100) */
    uint64_t commonest;                   /* the smallest of them when there are several */
    long commonest_count, distinct;
};

/* Of `count` values, which are sorted in place. All zero when `count` is 0. */
struct spread spread_of(uint64_t *values, long count);

#endif
