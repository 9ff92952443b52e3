/* SPDX-License-Identifier: MIT */
/* test_quadrature.c - means over beta distributions against closed forms and 60 digits. */
#include <math.h>
#include "base/quadrature.h"
#include "support/cxm_test.h"

static double power(double p, double q, const void *ctx)
{
    const double *by = ctx;
    return pow(p, by[0]) * pow(q, by[1]);
}

/* E[p^i q^j] = a (a + 1) .. b (b + 1) .. / ((a + b) (a + b + 1) ..), whatever the shapes. */
static double moment(double a, double b, int i, int j)
{
    double value = 1.0;
    for (int k = 0; k < i; ++k) value *= (a + k) / (a + b + k);
    for (int k = 0; k < j; ++k) value *= (b + k) / (a + b + i + k);
    return value;
}

static void moments(void **state)
{
    (void)state;
    static const double shapes[] = {1e-6, 1e-3, 0.1, 0.793, 1.0, 2.5, 30.0, 1e3, 1e5};
    for (size_t a = 0; a < COUNT_OF(shapes); ++a)
        for (size_t b = 0; b < COUNT_OF(shapes); ++b)
            for (int i = 0; i < 4; ++i)
                for (int j = 0; j < 4; ++j) {
                    double by[2] = {i, j}, got = quadrature_beta(shapes[a], shapes[b], power, by);
                    assert_close(got, moment(shapes[a], shapes[b], i, j), 1e-14);
                }
}

/* The mean of (1 + p r)^-k: mpmath at 60 digits, by the trapezoidal rule over ln(p / (1 - p)) in steps of at most 1/16; the first is
 * 2F1(k, a; a + b; -r), the ninth is ln 2. */
static const struct { double a, b, k, r, mean; } decays[] = {
    {0.793, 2.426, 0.243, 8.8, 0.79481346192908874},
    {0.793, 4.426, 2.243, 0.9, 0.78077794197718756},
    {30.0, 2000.0, 1002.0, 995.02, 2.1908063270343306e-81},
    {0.05, 3.0, 1000.0, 10.0, 0.66108617990155342},
    {5.0, 0.2, 10000.0, 0.001, 0.00017366000425861829},
    {0.001, 2.0, 5.0, 100.0, 0.99432558955237413},
    {200.0, 300.0, 1000.0, 2.0, 1.5732933278601535e-147},
    {2.0, 5.0, 0.5, 1e9, 7.0090309658102176e-5},
    {1.0, 1.0, 1.0, 1.0, 0.69314718055994531},
    {1000.0, 1.0, 3.0, 0.5, 0.29659269112740814},
    {0.02, 0.02, 50.0, 4.0, 0.44513066337689145},
};

static void decays_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(decays); ++i) {
        double got = quadrature_beta_decay(decays[i].a, decays[i].b, decays[i].k, decays[i].r);
        assert_close(got, decays[i].mean, 1e-14 * (10.0 + fabs(log(decays[i].mean))));
    }
    assert_true(quadrature_beta_decay(2.0, 3.0, 5.0, 0.0) == 1.0);
    assert_true(quadrature_beta_decay(2.0, 3.0, 0.0, 5.0) == 1.0);
}

static double decay(double p, double q, const void *ctx)
{
    const double *by = ctx;
    (void)q;
    return exp(-by[0] * log1p(p * by[1]));
}

/* Where the function is no narrow one, both ways agree. */
static void both_ways_agree(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int trial = 0; trial < 1000; ++trial) {
        double u[4];
        for (int i = 0; i < 4; ++i) u[i] = (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        double a = pow(10.0, 3.0 * u[0] - 2.0), b = pow(10.0, 4.0 * u[1] - 2.0), by[2] = {pow(10.0, 2.0 * u[2] - 1.0), pow(10.0, 3.0 * u[3] - 2.0)};
        assert_close(quadrature_beta(a, b, decay, by), quadrature_beta_decay(a, b, by[0], by[1]), 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(moments), cmocka_unit_test(decays_of_any_size), cmocka_unit_test(both_ways_agree)};
    return cmocka_run_group_tests_name("base/quadrature", tests, NULL, NULL);
}
