#include "eval/topk.h"

#include <math.h>

void topk_find(const float *scores, int count, int64_t top[TOP])
{
    int found = 0;
    for (int c = 0; c < count; c++) {
        int at = found < TOP ? found++ : TOP;
        while (at > 0 && scores[c] > scores[top[at - 1]]) {
            if (at < TOP)
                top[at] = top[at - 1];
            at--;
        }
        if (at < TOP)
            top[at] = c;
    }
}

bool topk_finite(const float *scores, int count)
{
    for (int c = 0; c < count; c++)
        if (!isfinite(scores[c]))
            return false;
    return true;
}
