/* eval/score: counting hits, and what is refused, on arrays made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <math.h>

#include "base/file.h"
#include "eval/score_count.h"
#include "eval/score_receipt.h"
#include "eval/score_vector.h"

enum { CLASSES = 10 };

static struct npy array(enum npy_type type, const void *data, int64_t rows)
{
    return (struct npy){
        .type = type, .rank = 2, .shape = {rows, TOP}, .count = rows * TOP, .data = data};
}

static struct score_pair pair_of(const int64_t *preds, const float *probs, int64_t rows)
{
    return (struct score_pair){"preds", "probs", array(NPY_I64, preds, rows),
                               array(NPY_F32, probs, rows)};
}

/* The prediction that counts as the first in a row of five probabilities, by trying each label. */
static int64_t top_of(const float probs[TOP])
{
    static const int64_t preds[TOP] = {0, 1, 2, 3, 4};
    struct score_pair pair = pair_of(preds, probs, 1);
    for (int32_t label = 0; label < TOP; label++) {
        struct score_labels truth = {&label, 1};
        struct score_hits hits;
        assert_int_equal(score_count(&pair, CLASSES, &truth, 1, &hits, NULL), OK);
        assert_int_equal(hits.top5, 1);
        if (hits.top1)
            return label;
    }
    return -1;
}

static void largest_probability_is_first(void **state)
{
    (void)state;
    assert_int_equal(top_of((float[]){.1f, .2f, .4f, .2f, .1f}), 2);
    assert_int_equal(top_of((float[]){.1f, .1f, .1f, .1f, .2f}), 4);
    assert_int_equal(top_of((float[]){-3, -2, -1, -2, -3}), 2);
    assert_int_equal(top_of((float[]){0, 1e-45f, 0, 0, 0}), 1);
    assert_int_equal(top_of((float[]){1, INFINITY, 1, 1, 1}), 1);
}

static void tie_goes_to_the_earlier(void **state)
{
    (void)state;
    assert_int_equal(top_of((float[]){.1f, .4f, .4f, .1f, .4f}), 1);
    assert_int_equal(top_of((float[]){-0.f, 0.f, -0.f, -1, -1}), 0);
    assert_int_equal(top_of((float[]){1, 1, 1, 1, 1}), 0);
}

static double half_value(uint16_t half)
{
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double value = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    if (exponent == 31)
        value = INFINITY;
    return half & 0x8000 ? -value : value;
}

static int half_is_nan(uint16_t half)
{
    return (half & 0x7fff) > 0x7c00;
}

/* Every float16 against its neighbours in value and against some far from it. */
static void halves_are_ordered_by_value(void **state)
{
    (void)state;
    static const uint16_t others[] = {0,      0x8000, 1,      0x8001, 0x3ff,  0x400,
                                      0x3c00, 0xbc00, 0x7bff, 0xfbff, 0x7c00, 0xfc00};
    enum { OTHERS = sizeof others / sizeof others[0] };
    const int64_t preds[TOP] = {0, 1, 2, 3, 4};
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++)
        for (int o = 0; o <= OTHERS; o++) {
            uint16_t half = (uint16_t)bits;
            uint16_t other = o < OTHERS ? others[o] : (uint16_t)(half + 1);
            if (half_is_nan(half) || half_is_nan(other))
                continue;
            uint16_t probs[TOP] = {half, other, 0xfc00, 0xfc00, 0xfc00};
            struct score_pair pair = {"preds", "probs", array(NPY_I64, preds, 1),
                                      array(NPY_F16, probs, 1)};
            int32_t label = half_value(other) > half_value(half);
            struct score_labels truth = {&label, 1};
            struct score_hits hits;
            assert_int_equal(score_count(&pair, CLASSES, &truth, 1, &hits, NULL), OK);
            assert_int_equal(hits.top1, 1);
        }
}

/* Rows enough for several blocks and a rest; row i predicts i%10 and the next four, the third most
 * probable. */
enum { ROWS = 3000 };
static int64_t *make_preds(void)
{
    int64_t *preds = malloc(ROWS * TOP * sizeof *preds);
    for (int i = 0; i < ROWS * TOP; i++)
        preds[i] = (i / TOP + i % TOP) % CLASSES;
    return preds;
}

static float *make_probs(void)
{
    float *probs = malloc(ROWS * TOP * sizeof *probs);
    for (int i = 0; i < ROWS * TOP; i++)
        probs[i] = i % TOP == 2 ? .5f : .1f;
    return probs;
}

static void hits_are_counted_against_each_truth(void **state)
{
    (void)state;
    int64_t *preds = make_preds();
    float *probs = make_probs();
    int32_t top[ROWS], fifth[ROWS], none[ROWS];
    for (int r = 0; r < ROWS; r++) {
        top[r] = (r + 2) % CLASSES;
        fifth[r] = r % 3 ? (r + 4) % CLASSES : SCORE_OMITTED;
        none[r] = (r + 5) % CLASSES;
    }
    struct score_labels truths[] = {{top, ROWS}, {fifth, ROWS / 3 * 2}, {none, ROWS}};
    struct score_hits hits[3];
    struct score_pair pair = pair_of(preds, probs, ROWS);
    assert_int_equal(score_count(&pair, CLASSES, truths, 3, hits, NULL), OK);
    assert_int_equal(hits[0].top1, ROWS);
    assert_int_equal(hits[0].top5, ROWS);
    assert_int_equal(hits[1].top1, 0);
    assert_int_equal(hits[1].top5, ROWS / 3 * 2);
    assert_int_equal(hits[2].top1, 0);
    assert_int_equal(hits[2].top5, 0);
    free(preds);
    free(probs);
}

/* What is said of a pair; the text stays until the next call. */
static const char *refusal(const int64_t *preds, const float *probs)
{
    static struct error error;
    error = (struct error){0};
    static int32_t label[ROWS];
    struct score_labels truth = {label, ROWS};
    struct score_hits hits;
    struct score_pair pair = pair_of(preds, probs, ROWS);
    enum status status = score_count(&pair, CLASSES, &truth, 1, &hits, &error);
    assert_int_equal(status, error.status);
    return status == OK ? "" : error.text;
}

static void bad_row_is_named(void **state)
{
    (void)state;
    int64_t *preds = make_preds();
    float *probs = make_probs();
    assert_string_equal(refusal(preds, probs), "");
    static const int places[] = {0, 1, 511, 512, 513, 1023, 2560, ROWS - 1};
    static const int64_t outside[] = {
        -1, CLASSES, INT64_C(1) << 32, (INT64_C(1) << 32) + 3, INT32_MIN, INT64_MIN, INT64_MAX};
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++)
        for (int c = 0; c < TOP; c++) {
            int at = places[p] * TOP + c;
            int64_t pred = preds[at];
            float prob = probs[at];
            char wanted[100];
            for (size_t o = 0; o < sizeof outside / sizeof outside[0]; o++) {
                preds[at] = outside[o];
                snprintf(wanted, sizeof wanted, "preds: row %d: class %lld is outside 0 to 9",
                         places[p], (long long)outside[o]);
                assert_string_equal(refusal(preds, probs), wanted);
            }
            preds[at] = preds[places[p] * TOP + (c + 1) % TOP];
            snprintf(wanted, sizeof wanted, "preds: row %d: class %lld is predicted twice",
                     places[p], (long long)preds[at]);
            assert_memory_equal(refusal(preds, probs), wanted, strlen(wanted));
            preds[at] = pred;
            probs[at] = NAN;
            snprintf(wanted, sizeof wanted, "probs: row %d: a probability is not a number",
                     places[p]);
            assert_string_equal(refusal(preds, probs), wanted);
            probs[at] = prob;
        }
    free(preds);
    free(probs);
}

static void shapes_and_types_are_checked(void **state)
{
    (void)state;
    static const int64_t preds[10];
    static const float probs[10];
    struct score_pair good = pair_of(preds, probs, 2), pair = good;
    assert_int_equal(score_check_shapes(&pair, NULL), OK);
    pair.probs.type = NPY_F16;
    assert_int_equal(score_check_shapes(&pair, NULL), OK);
    pair.probs.type = NPY_F64;
    assert_int_equal(score_check_shapes(&pair, NULL), BAD_INPUT);
    pair = good;
    pair.preds.type = NPY_I32;
    assert_int_equal(score_check_shapes(&pair, NULL), BAD_INPUT);
    pair = good;
    pair.preds.shape[1] = 6;
    assert_int_equal(score_check_shapes(&pair, NULL), BAD_INPUT);
    pair = good;
    pair.probs.rank = 1;
    assert_int_equal(score_check_shapes(&pair, NULL), BAD_INPUT);
    pair = good;
    pair.probs.shape[0] = 1;
    assert_int_equal(score_check_shapes(&pair, NULL), BAD_INPUT);
    pair.preds.shape[0] = pair.probs.shape[0] = 0;
    assert_int_equal(score_check_shapes(&pair, NULL), BAD_INPUT);
}

/* Each integer type at an odd address. */
static void vectors_of_each_integer_type_are_read(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const struct {
        enum npy_type type;
        int64_t value;
    } cases[] = {{NPY_I8, -2},  {NPY_U8, 254},         {NPY_I16, -2},        {NPY_U16, 65534},
                 {NPY_I32, -2}, {NPY_U32, 4294967294}, {NPY_U64, INT64_MAX}, {NPY_I64, -2}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct score_vector vector = {.npy = {.type = cases[c].type, .data = bytes + 1}};
        assert_int_equal(score_vector_at(&vector, 0), cases[c].value);
    }
}

static void receipt_tells_done_and_total(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
    } cases[] = {
        {"{\"images\": {\"done\": 3, \"total\": 5}, \"model\": \"x\"}", OK},
        {"{\"images\": {\"done\": 6, \"total\": 5}}", BAD_INPUT},
        {"{\"images\": {\"done\": -1, \"total\": 5}}", BAD_INPUT},
        {"{\"images\": {\"done\": 3.0, \"total\": 5}}", BAD_INPUT},
        {"{\"images\": {\"done\": 3}}", BAD_INPUT},
        {"{\"images\": 3}", BAD_INPUT},
        {"{\"images\": {\"done\": 3, \"done\": 5, \"total\": 5}}", BAD_INPUT},
        {"[]", BAD_INPUT},
        {"{", BAD_INPUT},
        {"", BAD_INPUT},
    };
    char path[] = "/tmp/bitzoo-receipt-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    close(descriptor);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        assert_int_equal(file_save(path, cases[c].text, strlen(cases[c].text), NULL), OK);
        long done = 0, total = 0;
        struct error error = {0};
        assert_int_equal(score_receipt_read(path, &done, &total, &error), cases[c].status);
        assert_int_equal(error.status, cases[c].status);
        if (cases[c].status == OK) {
            assert_int_equal(done, 3);
            assert_int_equal(total, 5);
        } else {
            assert_memory_equal(error.text, path, strlen(path));
        }
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(largest_probability_is_first),
        cmocka_unit_test(tie_goes_to_the_earlier),
        cmocka_unit_test(halves_are_ordered_by_value),
        cmocka_unit_test(hits_are_counted_against_each_truth),
        cmocka_unit_test(bad_row_is_named),
        cmocka_unit_test(shapes_and_types_are_checked),
        cmocka_unit_test(vectors_of_each_integer_type_are_read),
        cmocka_unit_test(receipt_tells_done_and_total),
    };
    return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
