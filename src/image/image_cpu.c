#include "image/image_cpu.h"
#include "image/resize_kernel.h"

#include <stdbool.h>

static const struct resize_kernels *chosen; /* NULL until image_use_cpu is called */

#if defined(__x86_64__)

static bool has(enum image_cpu cpu)
{
    if (cpu == IMAGE_CPU_AVX512)
        return __builtin_cpu_supports("avx512f");
    return cpu == IMAGE_CPU_C || __builtin_cpu_supports("avx2");
}

static const struct resize_kernels *kernels_of(enum image_cpu cpu)
{
    return cpu == IMAGE_CPU_C ? &resize_kernels_c : &resize_kernels_avx2;
}

#else

static bool has(enum image_cpu cpu)
{
    return cpu == IMAGE_CPU_C;
}

static const struct resize_kernels *kernels_of(enum image_cpu cpu)
{
    (void)cpu;
    return &resize_kernels_c;
}

#endif

enum status image_use_cpu(enum image_cpu cpu, struct error *error)
{
    static const char *const names[] = {"c", "avx2", "avx512"};
    if (!has(cpu))
        return error_set(error, BAD_USAGE,
                         "this processor has no %s instructions: choose another instruction set",
                         names[cpu]);
    chosen = kernels_of(cpu);
    return OK;
}

const struct resize_kernels *resize_kernels(void)
{
    if (chosen)
        return chosen;
    return kernels_of(has(IMAGE_CPU_AVX2) ? IMAGE_CPU_AVX2 : IMAGE_CPU_C);
}
