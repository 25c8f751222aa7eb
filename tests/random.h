/* Numbers that look random and are the same in every run: SplitMix64 (Steele, Lea and Flood 2014,
 * "Fast splittable pseudorandom number generators"). */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

static inline uint64_t random_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t number = random_mix(*state);
    *state += 0x9e3779b97f4a7c15u;
    return number;
}

/* 0 to limit - 1 */
static inline int random_below(uint64_t *state, int limit)
{
    return (int)(random_next(state) % (uint64_t)limit);
}

/* -1 to 1, a multiple of 2^-24 */
static inline float random_signed(uint64_t number)
{
    return (float)((int64_t)(number >> 39) - (1 << 24)) * 0x1p-24f;
}

#endif
