/* AVX-512F: 16 lanes, so a vector is a block; a tile of 14 pixels and 2 blocks keeps 28 sums in
 * registers, which hides the latency of both multiply-add units. */
#include <immintrin.h>

typedef __m512 vec;
enum { LANES = 16 };
#define ISA(name) name##_avx512
#define vec_load  _mm512_loadu_ps
#define vec_store _mm512_storeu_ps
#define vec_set   _mm512_set1_ps
#define vec_fma   _mm512_fmadd_ps
#define vec_add   _mm512_add_ps
#define vec_div   _mm512_div_ps
#define vec_max   _mm512_max_ps
#define vec_min   _mm512_min_ps

#include "kernels/x86/body.h"
#include "kernels/x86/tables.h"

CONV_TILE(1)
CONV_TILE(2)
CONV_TILE(3)
CONV_TILE(4)
CONV_TILE(5)
CONV_TILE(6)
CONV_TILE(7)
CONV_TILE(8)
CONV_TILE(9)
CONV_TILE(10)
CONV_TILE(11)
CONV_TILE(12)
CONV_TILE(13)
CONV_TILE(14)

#define TILES(BLOCKS, STRIDE)                                                                      \
    TILE(1, BLOCKS, STRIDE)                                                                        \
    TILE(2, BLOCKS, STRIDE)                                                                        \
    TILE(3, BLOCKS, STRIDE)                                                                        \
    TILE(4, BLOCKS, STRIDE)                                                                        \
    TILE(5, BLOCKS, STRIDE)                                                                        \
    TILE(6, BLOCKS, STRIDE)                                                                        \
    TILE(7, BLOCKS, STRIDE)                                                                        \
    TILE(8, BLOCKS, STRIDE)                                                                        \
    TILE(9, BLOCKS, STRIDE)                                                                        \
    TILE(10, BLOCKS, STRIDE)                                                                       \
    TILE(11, BLOCKS, STRIDE)                                                                       \
    TILE(12, BLOCKS, STRIDE)                                                                       \
    TILE(13, BLOCKS, STRIDE)                                                                       \
    TILE(14, BLOCKS, STRIDE)
#define NAMES(B, S)                                                                                \
    {                                                                                              \
        tile_1_##B##_##S, tile_2_##B##_##S, tile_3_##B##_##S, tile_4_##B##_##S, tile_5_##B##_##S,  \
            tile_6_##B##_##S, tile_7_##B##_##S, tile_8_##B##_##S, tile_9_##B##_##S,                \
            tile_10_##B##_##S, tile_11_##B##_##S, tile_12_##B##_##S, tile_13_##B##_##S,            \
            tile_14_##B##_##S                                                                      \
    }

TILES(1, 16)
TILES(2, 16)
TILES(1, 32)
TILES(2, 32)
TILES(1, 3)
TILES(2, 3)
TILES(1, 6)
TILES(2, 6)
TILES(1, 12)
TILES(2, 12)

static conv_tile_fn *tiles[PIXEL_STRIDES][TILE_BLOCKS][TILE_PIXELS] = {
    {NAMES(1, 16), NAMES(2, 16)}, {NAMES(1, 32), NAMES(2, 32)}, {NAMES(1, 3), NAMES(2, 3)},
    {NAMES(1, 6), NAMES(2, 6)},   {NAMES(1, 12), NAMES(2, 12)},
};

const struct kernels kernels_avx512 = {
    .name = "avx512",
    .panel = 32,
    .widest = 14,
    .tiles = tiles,
    .depthwise = depthwise_avx512,
    .maxpool = maxpool_avx512,
    .avgpool = avgpool_avx512,
    .affine = affine_avx512,
};
