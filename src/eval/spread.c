#include "eval/spread.h"

#include <stdlib.h>

const int spread_percent[SPREAD_QUANTILES] = {0, 5, 25, 50, 75, 95, 100};

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

struct spread spread_of(uint64_t *values, long count)
{
    struct spread spread = {0};
    if (count <= 0)
        return spread;
    qsort(values, (size_t)count, sizeof *values, compare);
    for (int i = 0; i < SPREAD_QUANTILES; i++)
        spread.quantiles[i] = values[(count - 1) * spread_percent[i] / 100];
    for (long first = 0, end; first < count; first = end) {
        for (end = first; end < count && values[end] == values[first];)
            end++;
        spread.distinct++;
        if (end - first > spread.commonest_count) {
            spread.commonest_count = end - first;
            spread.commonest = values[first];
        }
    }
    return spread;
}
