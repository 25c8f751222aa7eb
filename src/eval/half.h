/* IEEE half precision, for the _probs.npy files. */
#ifndef EVAL_HALF_H
#define EVAL_HALF_H

#include <stdint.h>

/* Round to nearest, ties to even; too large becomes infinite, as NumPy's astype does. */
uint16_t half_of(float value);

#endif
