#include "eval/half.h"

#include <string.h>

/* Drop the low `shift` bits of `bits`, rounding to nearest, ties to even. */
static uint32_t round_off(uint32_t bits, unsigned shift)
{
    uint32_t half = 1u << (shift - 1), rest = bits & ((half << 1) - 1);
    uint32_t kept = bits >> shift;
    return kept + (rest > half || (rest == half && (kept & 1)));
}

uint16_t half_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
    if (size > 0x7f800000)
        return (uint16_t)(sign | 0x7e00); /* NaN */
    if (size >= 0x47800000)
        return (uint16_t)(sign | 0x7c00); /* 65536 and more, infinity */
    if (size >= 0x38800000)               /* normal: rounding may carry into the exponent */
        return (uint16_t)(sign | round_off(size - 0x38000000, 13));
    if (size < 0x33000000)
        return (uint16_t)sign; /* below half of the least subnormal */
    unsigned shift = 126 - (size >> 23);
    return (uint16_t)(sign | round_off((size & 0x7fffff) | 0x800000, shift));
}
