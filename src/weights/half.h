/* IEEE 754 binary16, which every finite value, infinity and NaN of becomes a float exactly. */
#ifndef WEIGHTS_HALF_H
#define WEIGHTS_HALF_H

#include <stdint.h>

float half_to_float(uint16_t half);

#endif
