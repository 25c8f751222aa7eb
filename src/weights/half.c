#include "weights/half.h"

#include <string.h>

float half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 0x1f;
    uint32_t fraction = half & 0x3ff;
    if (exponent == 0) { /* zero and subnormals: a multiple of 2^-24, exact in a float */
        float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    uint32_t bits = sign | fraction << 13;
    bits |= exponent == 0x1f ? 0x7f800000 : (exponent + 127 - 15) << 23;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
