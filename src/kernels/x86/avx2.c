/* AVX2 and FMA: 8 lanes; a tile of 6 pixels and one block (two vectors) keeps 12 sums in the 16
 * registers. */
#include <immintrin.h>

typedef __m256 vec;
enum { LANES = 8 };
#define ISA(name) name##_avx2
#define vec_load  _mm256_loadu_ps
#define vec_store _mm256_storeu_ps
#define vec_set   _mm256_set1_ps
#define vec_fma   _mm256_fmadd_ps
#define vec_add   _mm256_add_ps
#define vec_div   _mm256_div_ps
#define vec_max   _mm256_max_ps
#define vec_min   _mm256_min_ps

#include "kernels/x86/body.h"
#include "kernels/x86/tables.h"

CONV_TILE(1)
CONV_TILE(2)
CONV_TILE(3)
CONV_TILE(4)
CONV_TILE(5)
CONV_TILE(6)

#define TILES(STRIDE)                                                                              \
    TILE(1, 1, STRIDE)                                                                             \
    TILE(2, 1, STRIDE)                                                                             \
    TILE(3, 1, STRIDE)                                                                             \
    TILE(4, 1, STRIDE)                                                                             \
    TILE(5, 1, STRIDE)                                                                             \
    TILE(6, 1, STRIDE)
#define NAMES(S)                                                                                   \
    {                                                                                              \
        tile_1_1_##S, tile_2_1_##S, tile_3_1_##S, tile_4_1_##S, tile_5_1_##S, tile_6_1_##S         \
    }

TILES(16)
TILES(32)
TILES(3)
TILES(6)
TILES(12)

static conv_tile_fn *tiles[PIXEL_STRIDES][TILE_BLOCKS][TILE_PIXELS] = {
    {NAMES(16)}, {NAMES(32)}, {NAMES(3)}, {NAMES(6)}, {NAMES(12)},
};

const struct kernels kernels_avx2 = {
    .name = "avx2",
    .panel = 16,
    .widest = 6,
    .tiles = tiles,
    .depthwise = depthwise_avx2,
    .maxpool = maxpool_avx2,
    .avgpool = avgpool_avx2,
    .affine = affine_avx2,
};
