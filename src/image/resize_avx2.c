/* AVX2 has a fast multiply-add of 16-bit pairs into 32 bits and none of 32. A weight of 24 bits is
 * therefore cut in two, weight = high * 2^15 + low with 0 <= low < 2^15, the products of each are
 * summed apart, and the sums put together at the end. Integer sums have no order: modulo 2^32
 * that is the sum of resize_c.c. */
#include "image/resize_kernel.h"

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

enum { LOW_BITS = 15 };

struct sums {
    __m256i low, high;
};

/* Two weights, in every pair of lanes as a multiply-add takes them. */
struct weight_pair {
    __m256i low, high;
};

/* Four weights as two pairs. */
AVX2 static inline void split_weights(const int32_t *weights, struct weight_pair pairs[2])
{
    __m128i four = _mm_loadu_si128((const __m128i *)weights);
    __m128i low = _mm_and_si128(four, _mm_set1_epi32((1 << LOW_BITS) - 1));
    __m128i high = _mm_srai_epi32(four, LOW_BITS);
    __m256i both = _mm256_broadcastsi128_si256(_mm_packs_epi32(low, high));
    pairs[0].low = _mm256_shuffle_epi32(both, 0x00);
    pairs[1].low = _mm256_shuffle_epi32(both, 0x55);
    pairs[0].high = _mm256_shuffle_epi32(both, 0xaa);
    pairs[1].high = _mm256_shuffle_epi32(both, 0xff);
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

/* Four lanes a row: red, green, blue and rubbish, which `size` may keep, to be overwritten. */
AVX2 static inline void store_pixels(const struct sums *sums, uint8_t *const *out, size_t at,
                                     size_t size)
{
    for (int p = 0; p < PAIRS; p += 2) {
        __m256i words = _mm256_packs_epi32(total(sums[p]), total(sums[p + 1]));
        __m256i bytes = _mm256_packus_epi16(words, words);
        __m128i even = _mm256_castsi256_si128(bytes), odd = _mm256_extracti128_si256(bytes, 1);
        int32_t pixel[4] = {_mm_cvtsi128_si32(even), _mm_cvtsi128_si32(odd),
                            _mm_extract_epi32(even, 1), _mm_extract_epi32(odd, 1)};
        for (int i = 0; i < 4; i++)
            memcpy(out[2 * p + i] + at, &pixel[i], size);
    }
}

/* Pixel `x` of ROWS rows, written with `size` bytes. */
AVX2 static inline void across_pixel(const struct resize_axis *axis, size_t x,
                                     const uint8_t *const *in, uint8_t *const *out, size_t size)
{
    /* Each lane of 16 bytes holds five pixels; take the same channel of two, as 16 bits. */
    const __m256i first = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
    const __m256i second = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
    const struct resize_span *span = &axis->spans[x];
    const int32_t *weights = axis->weights + x * (size_t)axis->stride;
    struct sums sums[PAIRS] = {0};
    size_t at = (size_t)(span->first - axis->begin) * 3;
    for (int i = 0; i < span->count; i += 4, at += 12) {
        struct weight_pair pairs[2];
        split_weights(weights + i, pairs);
        for (int p = 0; p < PAIRS; p++) {
            __m256i pixels = load_two_rows(in[2 * p] + at, in[2 * p + 1] + at);
            add_products(&sums[p], _mm256_shuffle_epi8(pixels, first), pairs[0]);
            add_products(&sums[p], _mm256_shuffle_epi8(pixels, second), pairs[1]);
        }
    }
    store_pixels(sums, out, 3 * x, size);
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
        size_t last = (size_t)axis->outputs - 1;
        for (size_t x = 0; x < last; x++)
            across_pixel(axis, x, in_rows, out_rows, 4);
        across_pixel(axis, last, in_rows, out_rows, 3);
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

/* 32 columns of one output row. An odd last row is paired with itself at weight zero. */
AVX2 static inline __m256i down_columns(const struct resize_span *span, const int32_t *weights,
                                        const uint8_t *in, size_t stride)
{
    struct sums sums[4] = {0};
    for (int i = 0; i < span->count; i += 4, in += 4 * stride) {
        struct weight_pair pairs[2];
        split_weights(weights + i, pairs);
        int left = span->count - i;
        add_two_rows(sums, in, left > 1 ? in + stride : in, pairs[0]);
        if (left > 2)
            add_two_rows(sums, in + 2 * stride, left > 3 ? in + 3 * stride : in, pairs[1]);
    }
    return _mm256_packus_epi16(_mm256_packs_epi32(total(sums[0]), total(sums[1])),
                               _mm256_packs_epi32(total(sums[2]), total(sums[3])));
}

AVX2 static void down(const struct resize_axis *axis, int y, const uint8_t *in, size_t in_stride,
                      size_t size, uint8_t *out)
{
    const struct resize_span *span = &axis->spans[y];
    const int32_t *weights = axis->weights + (size_t)y * (size_t)axis->stride;
    in += (size_t)(span->first - axis->begin) * in_stride;
    for (size_t x = 0; x < size; x += 32)
        _mm256_storeu_si256((__m256i *)(out + x), down_columns(span, weights, in + x, in_stride));
}

const struct resize_kernels resize_kernels_avx2 = {across, down};
