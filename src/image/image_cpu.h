/* Which instruction set the loops of src/image use. Every choice gives the same bytes. */
#ifndef IMAGE_IMAGE_CPU_H
#define IMAGE_IMAGE_CPU_H

#include "base/error.h"

enum image_cpu {
    IMAGE_CPU_C, /* plain C, the specification */
    IMAGE_CPU_AVX2,
    IMAGE_CPU_AVX512 /* has no loops of its own here, since decoding dominates: those of AVX2 */
};

/* Use this instruction set from now on. Call it before other threads resize; without a call the
 * best that the processor has is used. BAD_USAGE where the processor lacks it. */
enum status image_use_cpu(enum image_cpu cpu, struct error *error);

#endif
