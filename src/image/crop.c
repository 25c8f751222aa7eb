#include "image/crop.h"

int64_t crop_long_side(int short_side, int longer, int shorter)
{
    return (int64_t)short_side * longer / shorter;
}

/* n / 2 for n >= 0, a half going to the even neighbour. */
static int half_to_even(int n)
{
    int half = n / 2;
    return n % 2 ? half + half % 2 : half;
}

struct crop crop_centre(int resized, int side)
{
    if (resized < side)
        return (struct crop){resized, 0, resized, (side - resized) / 2};
    return (struct crop){resized, half_to_even(resized - side), side, 0};
}
