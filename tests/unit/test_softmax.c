/* kernels: softmax and log-softmax give the bits of the rule, spelt out below with the library's
 * rint and ldexp, lie within one unit in the last place of the truth, and meet infinities and NaN
 * without fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "kernels/kernels.h"

#include <float.h>
#include <math.h>

enum { MOST = 1000 };

static double rule_exp(double x)
{
    if (x < -700.0)
        return 0.0;
    double k = rint(x * 0x1.71547652b82fep+0);
    double r = fma(-k, 0x1.abc9e3b39803fp-56, fma(-k, 0x1.62e42fefa39efp-1, x));
    double sum = 1.0 / 6227020800.0, factorial = 6227020800.0;
    for (int n = 13; n > 0; n--) {
        factorial /= n;
        sum = fma(sum, r, 1.0 / factorial);
    }
    return ldexp(sum, (int)k);
}

static double rule_log(double s)
{
    int exponent;
    double m = 2.0 * frexp(s, &exponent);
    exponent--;
    if (m > 0x1.6a09e667f3bcdp+0) {
        m /= 2.0;
        exponent++;
    }
    double t = (m - 1.0) / (m + 1.0), sum = 1.0 / 23.0;
    for (int n = 21; n > 0; n -= 2)
        sum = fma(sum, t * t, 1.0 / n);
    double low = fma(exponent, 0x1.abc9e3b39803fp-56, 2.0 * t * sum);
    return fma(exponent, 0x1.62e42fefa39efp-1, low);
}

/* The distance from the truth in units of the last place of `value`; denormals have that of the
 * smallest normal number. */
static double ulps(float value, long double truth)
{
    float size = fabsf(value) < FLT_MIN ? FLT_MIN : fabsf(value);
    long double unit = nextafterf(size, INFINITY) - size;
    return (double)(fabsl(truth - value) / unit);
}

static void check_row(const float *in, int count)
{
    float probabilities[MOST], logarithms[MOST];
    memcpy(probabilities, in, (size_t)count * sizeof *in);
    memcpy(logarithms, in, (size_t)count * sizeof *in);
    softmax_of(probabilities, count);
    softmax_log(logarithms, count);
    double most = in[0], sum = 0.0, total = 0.0;
    long double true_sum = 0.0L;
    for (int i = 1; i < count; i++)
        most = in[i] > most ? in[i] : most;
    for (int i = 0; i < count; i++) {
        sum += rule_exp(in[i] - most);
        true_sum += expl((long double)in[i] - most);
    }
    for (int i = 0; i < count; i++) {
        float wanted = (float)(rule_exp(in[i] - most) / sum);
        assert_memory_equal(&probabilities[i], &wanted, sizeof wanted);
        wanted = (float)(in[i] - most - rule_log(sum));
        assert_memory_equal(&logarithms[i], &wanted, sizeof wanted);

        long double exponent = (long double)in[i] - most;
        assert_true(ulps(probabilities[i], expl(exponent) / true_sum) <= 0.501);
        /* Near zero, as for a class that is all but certain, the error of the sum shows. */
        long double truth = exponent - logl(true_sum), lost = (count + 8) * 0x1p-53L;
        assert_true(ulps(logarithms[i], truth) <= 0.501 || fabsl(truth - logarithms[i]) <= lost);
        total += probabilities[i];
    }
    assert_true(fabs(total - 1.0) < 1e-5);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j += 37)
            if (in[i] < in[j])
                assert_true(probabilities[i] <= probabilities[j] && logarithms[i] <= logarithms[j]);
}

static void rows_follow_the_rule_and_the_truth(void **state)
{
    (void)state;
    static const float spreads[] = {1e-6f, 0.1f, 1.0f, 10.0f, 60.0f, 300.0f, 1e5f, 1e30f};
    static const int counts[] = {1, 2, 10, 37, MOST};
    uint64_t random = 11;
    float in[MOST];
    for (size_t s = 0; s < sizeof spreads / sizeof *spreads; s++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < counts[c]; i++)
                    in[i] = spreads[s] * random_signed(random_next(&random));
                check_row(in, counts[c]);
            }
}

/* The boundaries of e^x: where k changes, where it vanishes as a float and as a double. */
static void powers_at_boundaries(void **state)
{
    (void)state;
    float in[MOST] = {0.0f};
    for (int i = 1; i < MOST; i++) {
        float edge = (float)(-(i - 0.5) * 0.6931471805599453);
        in[i] = i % 3 == 0 ? edge : nextafterf(edge, i % 3 == 1 ? 0.0f : -INFINITY);
    }
    check_row(in, MOST);
    const float edges[] = {0.0f,    -0.0f,   -87.33655f, -103.97208f, -103.9721f, -150.0f,
                           -699.9f, -700.0f, -700.0001f, -3e38f,      -1e-45f};
    check_row(edges, sizeof edges / sizeof *edges);
}

/* Powers that are too small to be added to 1 one by one, but not all together. */
static void one_class_is_all_but_certain(void **state)
{
    (void)state;
    float in[MOST] = {0.0f};
    for (float others = -30.0f; others > -45.0f; others -= 0.5f) {
        for (int i = 1; i < MOST; i++)
            in[i] = others;
        check_row(in, MOST);
    }
}

static void infinities_and_nan(void **state)
{
    (void)state;
    float row[] = {1.0f, -INFINITY, 2.0f};
    softmax_of(row, 3);
    assert_true(row[1] == 0.0f && !signbit(row[1]));
    assert_true(fabsf(row[0] + row[2] - 1.0f) < 1e-6f);
    float logarithms[] = {1.0f, -INFINITY, 2.0f};
    softmax_log(logarithms, 3);
    assert_true(logarithms[1] == -INFINITY && isfinite(logarithms[0]));

    /* One NaN or +infinity, or nothing but -infinity: every class is NaN. */
    const float broken[][3] = {{NAN, 5.0f, 3.0f},
                               {5.0f, NAN, 3.0f},
                               {1e30f, NAN, 0.0f},
                               {0.0f, 1e30f, NAN},
                               {INFINITY, 0.0f, 1.0f},
                               {INFINITY, INFINITY, -INFINITY},
                               {-INFINITY, -INFINITY, -INFINITY}};
    for (size_t b = 0; b < sizeof broken / sizeof *broken; b++) {
        float of[3], log_of[3];
        memcpy(of, broken[b], sizeof of);
        memcpy(log_of, broken[b], sizeof log_of);
        softmax_of(of, 3);
        softmax_log(log_of, 3);
        for (int i = 0; i < 3; i++)
            assert_true(isnan(of[i]) && isnan(log_of[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_the_rule_and_the_truth),
        cmocka_unit_test(powers_at_boundaries),
        cmocka_unit_test(one_class_is_all_but_certain),
        cmocka_unit_test(infinities_and_nan),
    };
    return cmocka_run_group_tests_name("softmax", tests, NULL, NULL);
}
