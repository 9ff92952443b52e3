/* SPDX-License-Identifier: MIT */
/* test_special.c - distribution functions against tables (R, 50 digits), then against themselves. */
#include <math.h>
#include <string.h>
#include "base/special.h"
#include "support/cxm_test.h"

static double uniform(uint64_t *seed)
{
    return (double)(test_rand(seed) >> 11) / 9007199254740992.0;
}

static double spread(uint64_t *seed, double low, double high)        /* even over the logarithm */
{
    return pow(10.0, low + (high - low) * uniform(seed));
}

static double by_name(const char *fn, double p, double q, double r)
{
    if (strcmp(fn, "qnorm") == 0) return special_normal_quantile(p, SPECIAL_LOWER);
    if (strcmp(fn, "pnorm") == 0) return special_normal(p).lower;
    if (strcmp(fn, "qt") == 0) return special_student_quantile(p, SPECIAL_LOWER, q);
    if (strcmp(fn, "pt_upper") == 0) return special_student(p, q).upper;
    if (strcmp(fn, "qbeta") == 0) return special_beta_quantile(p, SPECIAL_LOWER, q, r).x;
    if (strcmp(fn, "qchisq") == 0) return special_chi2_quantile(p, SPECIAL_LOWER, q);
    assert_string_equal(fn, "pchisq_upper");
    return special_chi2(p, q).upper;
}

/* pnorm(-38) is 0 in the table and 2.9e-316 in truth: a denormal, hence the absolute term. */
static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("special_functions.csv");
    assert_int_equal(t.rows, 188);
    for (size_t i = 0; i < t.rows; ++i) {
        double want = test_number(&t, i, "value"), q = test_number(&t, i, "arg2"), r = test_number(&t, i, "arg3");
        double got = by_name(test_cell(&t, i, "fn"), test_number(&t, i, "arg1"), q, r);
        test_assert_close(got, want, q + r > 1e8 ? 1e-9 : 1e-11, 1e-307, test_cell(&t, i, "fn"), __FILE__, __LINE__);
    }
    test_table_free(&t);
}

/* Computed to 50 digits: x, a, b and both tails; see tests/reference/README.md. */
static void fifty_digit_tails(void **state)
{
    (void)state;
    test_table t = test_table_read("special_tails.csv");
    assert_int_equal(t.rows, 288);
    for (size_t i = 0; i < t.rows; ++i) {
        const char *fn = test_cell(&t, i, "fn");
        double x = test_number(&t, i, "x"), a = test_number(&t, i, "a"), b = test_number(&t, i, "b");
        special_tails got = strcmp(fn, "beta") == 0 ? special_beta((special_share){x, 1.0 - x}, a, b)
                          : strcmp(fn, "gamma") == 0 ? special_gamma(x, a) : special_student(x, a);
        assert_close(got.lower, test_number(&t, i, "lower"), 1e-11);
        assert_close(got.upper, test_number(&t, i, "upper"), 1e-11);
    }
    test_table_free(&t);
}

static void beta_closed_forms(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 5000; ++i) {
        double x = spread(&seed, -300.0, -0.001), a = spread(&seed, -0.5, 2.0);
        special_tails power = special_beta((special_share){x, 1.0 - x}, a, 1.0);
        if (a * log(x) > -690.0) assert_close(power.lower, exp(a * log(x)), 1e-12);
        special_tails arc = special_beta((special_share){x, 1.0 - x}, 0.5, 0.5);
        assert_close(arc.lower, 0.636619772367581343 * asin(sqrt(x)), 1e-13);
        assert_close(special_gamma(x, 1.0).lower, -expm1(-x), 1e-12);
        assert_close(special_gamma(300.0 * x, 1.0).upper, exp(-300.0 * x), 1e-13);
        assert_close(special_gamma(x, 0.5).lower, erf(sqrt(x)), 1e-13);
    }
}

static void student_closed_forms(void **state)
{
    (void)state;
    for (double t = 1e-8; t < 1e300; t *= 3.7) {
        assert_close(special_student(t, 1.0).upper, atan2(1.0, t) / 3.14159265358979324, 1e-12);
        double q = 1.0 / (t * t), cut = t > 1e6 ? 0.5 * q * (1.0 - 1.5 * q)
                                               : 1.0 / ((sqrt(2.0 + t * t) + t) * sqrt(2.0 + t * t));
        if (t < 1e150) assert_close(special_student(t, 2.0).upper, cut, 1e-11);
        assert_close(special_student(-t, 1.0).lower, special_student(t, 1.0).upper, 0.0);
    }
    assert_close(special_student_quantile(1e-300, SPECIAL_LOWER, 1.0), -1e300 / 3.14159265358979324, 1e-12);
    assert_close(special_student_quantile(0.025, SPECIAL_UPPER, 1e300), 1.95996398454005424, 1e-14);
    assert_close(special_student(2.0, 1e300).upper, special_normal(2.0).upper, 1e-14);
    assert_true(special_student_quantile(0.5, SPECIAL_LOWER, 7.0) == 0.0);
}

/* A probability of any size, biased to the far tails. */
static double any_p(uint64_t *seed)
{
    return test_rand(seed) & 1 ? spread(seed, -300.0, 0.0) : 0.5 * uniform(seed) + 1e-20;
}

static special_tail any_tail(uint64_t *seed)
{
    return test_rand(seed) & 1 ? SPECIAL_UPPER : SPECIAL_LOWER;
}

static double of(special_tails t, special_tail tail)
{
    return tail == SPECIAL_LOWER ? t.lower : t.upper;
}

static void normal_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 20000; ++i) {
        double p = any_p(&seed);
        special_tail tail = any_tail(&seed);
        double x = special_normal_quantile(p, tail);
        assert_close(of(special_normal(x), tail), p, 1e-15 * (4.0 + x * x));
    }
    assert_true(special_normal_quantile(5e-324, SPECIAL_LOWER) > -39.0);
}

/* The x that comes back is rounded: a relative change of 1e-16 in it may move p by 1e-16 p' x / p. */
static void gamma_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 10000; ++i) {
        double a = spread(&seed, -0.4, 17.0), p = any_p(&seed);
        special_tail tail = any_tail(&seed);
        double x = special_gamma_quantile(p, tail, a);
        assert_true(x >= 0.0 && isfinite(x));
        if (x < 1e-290) continue;
        double bend = fabs(x - a) + sqrt(a) + 1.0;
        assert_close(of(special_gamma(x, a), tail), p, 1e-11 + 4e-16 * bend);
        assert_close(special_chi2_quantile(p, tail, 2.0 * a), 2.0 * x, 1e-15);
    }
}

static void beta_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < 10000; ++i) {
        double a = spread(&seed, -0.31, 16.5), b = spread(&seed, -0.31, 16.5), p = any_p(&seed);
        special_tail tail = any_tail(&seed);
        special_share at = special_beta_quantile(p, tail, a, b);
        assert_true(at.x >= 0.0 && at.x <= 1.0 && at.y >= 0.0 && at.y <= 1.0);
        assert_near(at.x + at.y, 1.0, 2.3e-16);
        special_share mirror = special_beta_quantile(p, tail == SPECIAL_LOWER ? SPECIAL_UPPER : SPECIAL_LOWER, b, a);
        assert_true(mirror.x == at.y && mirror.y == at.x);
        if (fmin(at.x, at.y) < 1e-290) continue;
        double bend = fabs(a * at.y - b * at.x) + sqrt((a + b) * at.x * at.y) + (a + b) * fmin(at.x, at.y) + 1.0;
        assert_close(of(special_beta(at, a, b), tail), p, 1e-11 + 4e-16 * bend);
    }
}

static void student_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 10000; ++i) {
        double df = spread(&seed, 0.0, 22.0), p = any_p(&seed);
        special_tail tail = any_tail(&seed);
        double t = special_student_quantile(p, tail, df);
        assert_true(isfinite(t));
        assert_close(of(special_student(t, df), tail), p, 1e-11);
        assert_true(special_student_quantile(p, SPECIAL_LOWER, df) == -special_student_quantile(p, SPECIAL_UPPER, df));
    }
}

static void tails_are_monotone_and_complete(void **state)
{
    (void)state;
    uint64_t seed = 6;
    for (int i = 0; i < 300; ++i) {
        double a = spread(&seed, -0.3, 6.0), b = spread(&seed, -0.3, 6.0);
        special_tails before = {0.0, 1.0}, gamma_before = before;
        for (int step = 0; step <= 200; ++step) {
            double u = -12.0 + 0.12 * step, mean = a / (a + b), small = exp(-fabs(u));
            double x = u < 0.0 ? mean * small : 1.0 - (1.0 - mean) * small;
            special_tails beta = special_beta((special_share){x, 1.0 - x}, a, b);
            special_tails gamma = special_gamma(a * exp(u), a);
            assert_true(beta.lower >= before.lower * (1.0 - 1e-12) && beta.upper <= before.upper * (1.0 + 1e-9));
            assert_true(gamma.lower >= gamma_before.lower * (1.0 - 1e-12) && gamma.upper <= gamma_before.upper * (1.0 + 1e-12));
            assert_near(beta.lower + beta.upper, 1.0, 1e-15);
            assert_near(gamma.lower + gamma.upper, 1.0, 1e-15);
            before = beta;
            gamma_before = gamma;
        }
    }
}

static void ends_have_answers(void **state)
{
    (void)state;
    static const double shapes[] = {0.5, 1.0, 99.5, 100.0, 1e9, 9007199254740993.0, 1.8446744073709552e19, 1e100};
    for (size_t i = 0; i < COUNT_OF(shapes); ++i) {
        double a = shapes[i], b = shapes[COUNT_OF(shapes) - 1 - i];
        assert_true(special_gamma(0.0, a).lower == 0.0 && special_gamma(1e305, a).upper == 0.0);
        assert_true(special_gamma_quantile(0.0, SPECIAL_LOWER, a) == 0.0);
        assert_true(special_gamma_quantile(1.0, SPECIAL_LOWER, a) == HUGE_VAL);
        assert_true(special_beta((special_share){0.0, 1.0}, a, b).upper == 1.0);
        assert_true(special_beta((special_share){1.0, 0.0}, a, b).lower == 1.0);
        assert_true(special_beta_quantile(0.0, SPECIAL_LOWER, a, b).x == 0.0);
        assert_true(special_beta_quantile(1.0, SPECIAL_LOWER, a, b).x == 1.0);
        assert_true(special_student_quantile(0.0, SPECIAL_UPPER, a) == HUGE_VAL);
        assert_true(special_student_quantile(1.0, SPECIAL_UPPER, a) == -HUGE_VAL);
        for (double p = 5e-324; p < 1.0; p = p * 1e12 + 1e-300) {
            assert_true(isfinite(special_beta_quantile(p, SPECIAL_LOWER, a, b).x));
            assert_true(isfinite(special_gamma_quantile(p, SPECIAL_UPPER, a)));
            assert_true(!isnan(special_student_quantile(p, SPECIAL_UPPER, a)));
        }
    }
    assert_true(special_normal_quantile(0.0, SPECIAL_LOWER) == -HUGE_VAL);
    assert_true(special_normal_quantile(1.0, SPECIAL_LOWER) == HUGE_VAL);
    assert_true(special_normal_quantile(0.0, SPECIAL_UPPER) == HUGE_VAL);
}

static void helpers(void **state)
{
    (void)state;
    assert_close(special_log1p_gap(1e-9), 4.99999999666666667e-19, 1e-15);
    assert_close(special_log1p_gap(-0.9), 1.40258509299404568, 1e-15);
    assert_close(special_log1p_gap(0.59), 0.12626598376785983, 1e-14);
    assert_close(special_stirling_error(1.0), 0.0810614667953272582, 1e-14);
    assert_close(special_stirling_error(1e-6), 5.98883098407317986, 1e-13);
    assert_close(special_beta_log_norm(0.5, 0.5), -1.14472988584940017, 1e-14);
    assert_close(special_beta_log_norm(2.0, 3.0), 2.48490664978800031, 1e-14);
}

/* A lean that says no more than the parts changes nothing; one event more or less is seen where doubles of counts are 1024
 * apart, and moves the tail by its density, 1 / sqrt(2 pi n x y). */
static void beta_leaning(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int i = 0; i < 2000; ++i) {
        double a = spread(&seed, 0.0, 9.0), b = spread(&seed, 0.0, 9.0), u = 3.0 * (uniform(&seed) - 0.5) / sqrt(fmin(a, b));
        double x = a * exp(u) / (a * exp(u) + b), lean = fma(a, 1.0 - x, -b * x) - fma(b, x, -b * x);
        special_share at = {x, 1.0 - x};
        special_tails plain = special_beta(at, a, b), same = special_beta_leaning(at, a, b, lean);
        assert_close(same.lower, plain.lower, 1e-11);
        assert_close(same.upper, plain.upper, 1e-11);
    }
    double n = 18446744073709551616.0, a = n / 2.0;
    special_share half = {0.5, 0.5};
    for (double lean = 0.0; lean < 1e9; lean = 2.0 * lean + 1.0) {
        double drop = special_beta_leaning(half, a, a, lean).lower - special_beta_leaning(half, a, a, lean + 1024.0).lower;
        double z = 2.0 * (lean + 512.0) / sqrt(n);
        assert_near(drop, 1024.0 * 2.0 * 0.398942280401432678 * exp(-0.5 * z * z) / sqrt(n), 1e-15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_table), cmocka_unit_test(fifty_digit_tails),
        cmocka_unit_test(beta_closed_forms), cmocka_unit_test(student_closed_forms),
        cmocka_unit_test(normal_round_trip), cmocka_unit_test(gamma_round_trip),
        cmocka_unit_test(beta_round_trip), cmocka_unit_test(student_round_trip),
        cmocka_unit_test(tails_are_monotone_and_complete), cmocka_unit_test(ends_have_answers),
        cmocka_unit_test(helpers), cmocka_unit_test(beta_leaning)};
    return cmocka_run_group_tests_name("base/special", tests, NULL, NULL);
}
