/* The one place that asks what the processor can do, and whether it does as the rule wants. */
#include "kernels/c/spec.h"
#include "kernels/kernels.h"
#if defined(__x86_64__)
#include "kernels/x86/tables.h"
#endif

#include <stddef.h>
#include <string.h>

/* The panels of the plain kernels are one block wide. */
static conv_tile_fn *tiles_c[PIXEL_STRIDES][TILE_BLOCKS][TILE_PIXELS] = {
    [0 ... PIXEL_STRIDES - 1] = {{[0 ... TILE_PIXELS - 1] = conv_tile_c}},
};

static const struct kernels kernels_c = {
    .name = "c",
    .panel = 16,
    .widest = TILE_PIXELS,
    .tiles = tiles_c,
    .depthwise = depthwise_c,
    .maxpool = maxpool_c,
    .avgpool = avgpool_c,
    .affine = affine_c,
};

struct choice {
    const struct kernels *kernels;
    bool here; /* this processor has the instructions */
};

int kernels_pixel_stride(int floats)
{
    static const int strides[PIXEL_STRIDES] = {16, 32, 3, 6, 12};
    for (int i = 0; i < PIXEL_STRIDES; i++)
        if (strides[i] == floats)
            return i;
    return -1;
}

/* Whether this thread rounds to nearest and keeps denormal numbers. Some libraries switch either.
 */
static bool is_rule_arithmetic(void)
{
    volatile float one = 1.0f, half = 0.5f, little = 0x1p-30f, normal = 0x1p-126f;
    float denormal = normal * half;
    volatile float kept = denormal;
    return one + little == one && one - little == one && kept != 0.0f && kept / half == normal;
}

const struct kernels *kernels_choose(const char *name, struct error *error)
{
    const struct choice choices[] = {
    /* fastest first */
#if defined(__x86_64__)
        {&kernels_avx512, __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma")},
        {&kernels_avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")},
#endif
        {&kernels_c, true},
    };
    if (!is_rule_arithmetic()) {
        error_set(error, NOT_TRUSTWORTHY,
                  "this thread does not round to nearest, or takes denormal numbers for zero; "
                  "switch that off where it was switched on");
        return NULL;
    }
    bool best = !name || !strcmp(name, "best");
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        if (best ? !choices[i].here : strcmp(name, choices[i].kernels->name) != 0)
            continue;
        if (choices[i].here)
            return choices[i].kernels;
        error_set(error, BAD_USAGE, "--cpu %s: this processor has no such instructions", name);
        return NULL;
    }
    error_set(error, BAD_USAGE, "--cpu %s: unknown; c, avx2, avx512 and best are known", name);
    return NULL;
}
