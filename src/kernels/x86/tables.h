/* The tables of this folder, for the file that chooses. */
#ifndef KERNELS_X86_TABLES_H
#define KERNELS_X86_TABLES_H

#include "kernels/kernels.h"

extern const struct kernels kernels_avx2, kernels_avx512;

#endif
