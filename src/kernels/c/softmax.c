/* Softmax and log-softmax in double precision out of +, -, *, / and fma alone, so that no library's
 * exp or log decides a bit. There is one version for all instruction sets. */
#include "kernels/c/spec.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double LOG2_E = 0x1.71547652b82fep+0;
static const double LN2_HIGH = 0x1.62e42fefa39efp-1, LN2_LOW = 0x1.abc9e3b39803fp-56;

/* e^x for x <= 0; 0 below -700, far under the smallest float; NaN for NaN. x = k ln 2 + r with
 * |r| <= ln 2 / 2; e^r by its Taylor series to r^13 / 13!, whose remainder is below 1e-17. */
CLONED static double exp_negative(double x)
{
    if (!(x >= -700.0))
        return x < 0.0 ? 0.0 : x;
    double k = x * LOG2_E + 0x1.8p52 - 0x1.8p52; /* rounded to an integer */
    double r = fma(-k, LN2_LOW, fma(-k, LN2_HIGH, x));
    static const double factorials[] = {6227020800.0, 479001600.0, 39916800.0, 3628800.0, 362880.0,
                                        40320.0,      5040.0,      720.0,      120.0,     24.0,
                                        6.0,          2.0,         1.0,        1.0};
    double sum = 1.0 / factorials[0];
    for (int i = 1; i < 14; i++)
        sum = fma(sum, r, 1.0 / factorials[i]);
    uint64_t bits = (uint64_t)(1023 + (int64_t)k) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

/* ln s for finite s >= 1; NaN for NaN. s = m 2^e with m in [1/sqrt 2, sqrt 2); ln m = 2
 * atanh((m-1)/(m+1)) by its series to the 23rd power, whose remainder is below 1e-18. */
CLONED static double log_positive(double s)
{
    if (!(s >= 1.0))
        return s;
    uint64_t bits;
    memcpy(&bits, &s, sizeof bits);
    int e = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | (uint64_t)1023 << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        e++;
    }
    double t = (m - 1.0) / (m + 1.0), t2 = t * t, sum = 1.0 / 23.0;
    for (int power = 21; power >= 1; power -= 2)
        sum = fma(sum, t2, 1.0 / power);
    return fma((double)e, LN2_HIGH, fma((double)e, LN2_LOW, 2.0 * t * sum));
}

/* Never less than another one: a NaN is passed over or, in the first place, stays. */
static double largest(const float *values, int count)
{
    float most = values[0];
    for (int i = 1; i < count; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

/* The sum of e^(value - largest), in order. */
static double sum_of_powers(const float *values, int count, double most)
{
    double sum = 0.0;
    for (int i = 0; i < count; i++)
        sum += exp_negative((double)values[i] - most);
    return sum;
}

void softmax_of(float *values, int count)
{
    double most = largest(values, count), sum = sum_of_powers(values, count, most);
    for (int i = 0; i < count; i++)
        values[i] = (float)(exp_negative((double)values[i] - most) / sum);
}

void softmax_log(float *values, int count)
{
    double most = largest(values, count);
    double log_sum = log_positive(sum_of_powers(values, count, most));
    for (int i = 0; i < count; i++)
        values[i] = (float)((double)values[i] - most - log_sum);
}
