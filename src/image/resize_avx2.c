/* AVX2 has a fast multiply-add of 16-bit pairs into 32 bits and none of 32. A weight of 24 bits is
 * therefore cut in two, weight = high * 2^15 + low with 0 <= low < 2^15, the products of each are
 * summed apart, and the sums put together at the end. Integer sums have no order: modulo 2^32
 * that is the sum of resize_c.c. */
#include "image/resize_kernel.h"

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

enum { LOW_BITS = 15, LOW_MASK = (1 << LOW_BITS) - 1 };

struct sums {
    __m256i low, high;
};

/* Two weights as every pair of lanes of a multiply-add wants them. */
struct weight_pair {
    __m256i low, high;
};

AVX2 static inline struct weight_pair pair_of(int32_t first, int32_t second)
{
    int low = (first & LOW_MASK) | (second & LOW_MASK) << 16;
    int high = (first >> LOW_BITS & 0xffff) | (int)((uint32_t)(second >> LOW_BITS) << 16);
    return (struct weight_pair){_mm256_set1_epi32(low), _mm256_set1_epi32(high)};
}

AVX2 static inline void add_products(struct sums *sums, __m256i samples, struct weight_pair pair)
{
    sums->low = _mm256_add_epi32(sums->low, _mm256_madd_epi16(samples, pair.low));
    sums->high = _mm256_add_epi32(sums->high, _mm256_madd_epi16(samples, pair.high));
}

AVX2 static inline __m256i total(struct sums sums)
{
    __m256i half = _mm256_set1_epi32(1 << (RESIZE_BITS - 1));
    __m256i sum = _mm256_add_epi32(sums.low, _mm256_slli_epi32(sums.high, LOW_BITS));
    return _mm256_srai_epi32(_mm256_add_epi32(sum, half), RESIZE_BITS);
}

enum { PAIRS = 4, ROWS = 2 * PAIRS }; /* rows done at once, two to a register */

AVX2 static inline __m256i load_two_rows(const uint8_t *a, const uint8_t *b)
{
    __m256i both = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a));
    return _mm256_inserti128_si256(both, _mm_loadu_si128((const __m128i *)b), 1);
}

/* Four lanes a row: red, green, blue and rubbish. */
AVX2 static inline void store_pixels(const struct sums *sums, uint8_t *const *out)
{
    for (int p = 0; p < PAIRS; p += 2) {
        __m256i words = _mm256_packs_epi32(total(sums[p]), total(sums[p + 1]));
        __m256i bytes = _mm256_packus_epi16(words, words);
        __m128i even = _mm256_castsi256_si128(bytes), odd = _mm256_extracti128_si256(bytes, 1);
        int32_t pixel[4] = {_mm_cvtsi128_si32(even), _mm_cvtsi128_si32(odd),
                            _mm_extract_epi32(even, 1), _mm_extract_epi32(odd, 1)};
        for (int i = 0; i < 4; i++)
            memcpy(out[2 * p + i], &pixel[i], 4);
    }
}

/* One output pixel of ROWS rows. */
AVX2 static inline void across_pixel(const struct resize_span *span, const int32_t *weights,
                                     const uint8_t *const *in, uint8_t *const *out)
{
    /* Each lane of 16 bytes holds five pixels; take the same channel of two, as 16 bits. */
    const __m256i first =
        _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, 0, -1, 3, -1, 1,
                         -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
    const __m256i second =
        _mm256_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1, 6, -1, 9, -1,
                         7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
    struct sums sums[PAIRS] = {0};
    size_t at = (size_t)span->first * 3;
    for (int i = 0; i < span->count; i += 4, at += 12) {
        struct weight_pair weights_01 = pair_of(weights[i], weights[i + 1]);
        struct weight_pair weights_23 = pair_of(weights[i + 2], weights[i + 3]);
        for (int p = 0; p < PAIRS; p++) {
            __m256i pixels = load_two_rows(in[2 * p] + at, in[2 * p + 1] + at);
            add_products(&sums[p], _mm256_shuffle_epi8(pixels, first), weights_01);
            add_products(&sums[p], _mm256_shuffle_epi8(pixels, second), weights_23);
        }
    }
    store_pixels(sums, out);
}

AVX2 static void across(const struct resize_axis *axis, const uint8_t *in, size_t in_stride,
                        int count, uint8_t *out, size_t out_stride)
{
    for (int y = 0; y < count; y += ROWS) {
        const uint8_t *in_rows[ROWS];
        uint8_t *out_rows[ROWS];
        for (int i = 0; i < ROWS; i++) { /* a short last group does its last row several times */
            int row = y + i < count ? y + i : count - 1;
            in_rows[i] = in + (size_t)row * in_stride;
            out_rows[i] = out + (size_t)row * out_stride;
        }
        for (int x = 0; x < axis->outputs; x++) {
            across_pixel(&axis->spans[x], axis->weights + (size_t)x * (size_t)axis->stride, in_rows,
                         out_rows);
            for (int i = 0; i < ROWS; i++)
                out_rows[i] += 3;
        }
    }
}

/* Samples of two rows, byte by byte in turn, widened to 16 bits: 32 columns in four registers. */
AVX2 static inline void add_two_rows(struct sums sums[4], const uint8_t *a, const uint8_t *b,
                                     struct weight_pair pair)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i row_a = _mm256_loadu_si256((const __m256i *)a);
    __m256i row_b = _mm256_loadu_si256((const __m256i *)b);
    __m256i left = _mm256_unpacklo_epi8(row_a, row_b), right = _mm256_unpackhi_epi8(row_a, row_b);
    add_products(&sums[0], _mm256_unpacklo_epi8(left, zero), pair);
    add_products(&sums[1], _mm256_unpackhi_epi8(left, zero), pair);
    add_products(&sums[2], _mm256_unpacklo_epi8(right, zero), pair);
    add_products(&sums[3], _mm256_unpackhi_epi8(right, zero), pair);
}

AVX2 static void down(const struct resize_axis *axis, int y, const uint8_t *in, size_t in_stride,
                      size_t size, uint8_t *out)
{
    const struct resize_span *span = &axis->spans[y];
    const int32_t *weights = axis->weights + (size_t)y * (size_t)axis->stride;
    in += (size_t)(span->first - axis->begin) * in_stride;
    for (size_t x = 0; x < size; x += 32) {
        struct sums sums[4] = {0};
        for (int i = 0; i < span->count; i += 2) {
            const uint8_t *row = in + (size_t)i * in_stride + x;
            add_two_rows(sums, row, i + 1 < span->count ? row + in_stride : row,
                         pair_of(weights[i], weights[i + 1]));
        }
        __m256i left = _mm256_packs_epi32(total(sums[0]), total(sums[1]));
        __m256i right = _mm256_packs_epi32(total(sums[2]), total(sums[3]));
        _mm256_storeu_si256((__m256i *)(out + x), _mm256_packus_epi16(left, right));
    }
}

const struct resize_kernels resize_kernels_avx2 = {across, down};
