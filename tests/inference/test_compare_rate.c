/* SPDX-License-Identifier: MIT */
/* test_compare_rate.c - ratio of two rates against R and 20 digits of mpmath, then what exact promises; ends and misuse. */
#include <cxm/compare.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static cxm_rate_ratio compare(cxm_rate_sample a, cxm_rate_sample b, double level)
{
    cxm_rate_ratio got = {.size = sizeof got};
    assert_int_equal(cxm_compare_rate(&a, &b, CXM_COMPARE_DEFAULT, level, &got), CXM_OK);
    return got;
}

/* A cell may be infinite, or below the smallest double. */
static void assert_cell(double got, const test_table *t, size_t row, const char *column, double tolerance)
{
    double want = test_number(t, row, column);
    if (isinf(want)) assert_true(got == want);
    else test_assert_close(got, want, tolerance, 1e-322, column, __FILE__, __LINE__);
}

static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("compare_rate.csv");
    assert_int_equal(t.rows, 115);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_rate_sample a = {strtoull(test_cell(&t, i, "a_events"), NULL, 10), test_number(&t, i, "a_exposure")};
        cxm_rate_sample b = {strtoull(test_cell(&t, i, "b_events"), NULL, 10), test_number(&t, i, "b_exposure")};
        int many = strcmp(test_cell(&t, i, "source"), "mpmath") == 0;
        cxm_rate_ratio got = compare(a, b, test_number(&t, i, "level"));
        assert_cell(got.ratio, &t, i, "ratio", many ? 1e-15 : 1e-14);
        assert_cell(got.low, &t, i, "low", many ? 1e-12 : 1e-10);
        assert_cell(got.high, &t, i, "high", many ? 1e-12 : 1e-10);
        assert_cell(got.p, &t, i, "p", many ? 2e-12 : 1e-10);
        if (many) assert_cell(got.change, &t, i, "change", 1e-14);
        assert_true(got.method == CXM_COMPARE_CONDITIONAL && got.level == test_number(&t, i, "level"));
        assert_true(got.change_low == got.low - 1.0 && got.change_high == got.high - 1.0);
    }
    test_table_free(&t);
}

/* One sample without events: the limits are roots, the p powers. Of 0 and n events the upper limit has
 * (1 - P)^n = alpha / 2, so r = alpha/2^(-1/n) - 1 at equal exposures. */
static void closed_forms(void **state)
{
    (void)state;
    for (double n = 1.0; n < 400.0; n += 7.0) {
        cxm_rate_ratio none = compare((cxm_rate_sample){0, 3.0}, (cxm_rate_sample){(uint64_t)n, 3.0}, 0.9);
        cxm_rate_ratio all = compare((cxm_rate_sample){(uint64_t)n, 3.0}, (cxm_rate_sample){0, 3.0}, 0.9);
        double high = expm1(-log(0.5 * (1.0 - 0.9)) / n);
        assert_close(none.high, high, 1e-13);
        assert_close(all.low, 1.0 / high, 1e-13);
        assert_true(none.ratio == 0.0 && none.low == 0.0 && none.change == -1.0 && all.ratio == HUGE_VAL && all.high == HUGE_VAL);
        assert_close(none.p, fmin(1.0, 2.0 * pow(0.5, n)), 1e-13);
        assert_close(all.p, none.p, 1e-13);
    }
}

static cxm_rate_sample random_sample(uint64_t *seed, int bits)
{
    double unit = (double)(test_rand(seed) >> 11) / 9007199254740992.0;
    return (cxm_rate_sample){test_rand(seed) >> (64 - 1 - (int)(test_rand(seed) % (uint64_t)bits)), 0.01 + 100.0 * unit};
}

/* Exchanged samples turn ratio and limits over, p stays; the limits nest by level, and p says when they leave 1 out. */
static void properties(void **state)
{
    (void)state;
    uint64_t seed = 20261130;
    for (int i = 0; i < 4000; ++i) {
        cxm_rate_sample a = random_sample(&seed, i % 2 ? 12 : 40), b = random_sample(&seed, i % 2 ? 12 : 40);
        double level = 0.001 + 0.998 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        if (a.events + b.events == 0) continue;
        if (i % 4 == 0) {                                   /* near each other, so that p is some number */
            b.events = a.events + test_rand(&seed) % (1 + (uint64_t)sqrt((double)a.events));
            b.exposure = a.exposure;
        }
        if (a.events + b.events == 0) continue;
        cxm_rate_ratio got = compare(a, b, level), back = compare(b, a, level), wide = compare(a, b, 0.5 + 0.5 * level);
        assert_true(0.0 <= got.low && got.low <= got.ratio && got.ratio <= got.high && got.p >= 0.0 && got.p <= 1.0);
        assert_true(wide.low <= got.low && got.high <= wide.high && wide.p == got.p);
        if (a.events && b.events) {
            assert_close(got.ratio * back.ratio, 1.0, 1e-15);
            assert_close(got.low * back.high, 1.0, 1e-12);
            assert_close(got.high * back.low, 1.0, 1e-12);
        }
        test_assert_close(got.p, back.p, 1e-11, 1e-300, "p", __FILE__, __LINE__);
        double off = fmin(fabs(got.low - 1.0), fabs(got.high - 1.0));
        if (off > 1e-12) assert_int_equal(got.p < 1.0 - level, got.low > 1.0 || got.high < 1.0);
    }
}

/* Whatever the ratio, and given any number of events together, the limits hold it with probability 0.95 at least. */
static void covers_any_ratio(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 40; n += 3) {
        cxm_rate_ratio of[41];
        for (uint64_t x = 0; x <= n; ++x) of[x] = compare((cxm_rate_sample){x, 2.0}, (cxm_rate_sample){n - x, 5.0}, 0.95);
        for (double ratio = 0.01; ratio < 100.0; ratio *= 1.07) {
            double odds = 0.4 * ratio, mass = pow(1.0 / (1.0 + odds), (double)n), covered = 0.0;
            for (uint64_t x = 0; x <= n; ++x) {
                if (of[x].low <= ratio && ratio <= of[x].high) covered += mass;
                mass *= odds * (double)(n - x) / (double)(x + 1);
            }
            assert_true(covered >= 0.95);
        }
    }
}

/* Exposures in any unit: a common factor changes nothing but last digits, a power of two nothing at all. */
static void ends_of_doubles(void **state)
{
    (void)state;
    cxm_rate_ratio out = {.size = sizeof out, .method = 77}, before = out;
    cxm_rate_sample tiny = {1, 5e-324}, vast = {1, DBL_MAX}, none = {0, DBL_MAX};
    assert_int_equal(cxm_compare_rate(&tiny, &vast, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_OVERFLOW);
    assert_memory_equal(&out, &before, sizeof out);
    cxm_rate_ratio got = compare(vast, tiny, 0.95);
    assert_true(got.ratio == 0.0 && got.low == 0.0 && got.high == 0.0 && got.change == -1.0);
    assert_true(got.p == 0.0);         /* an event where 1e-632 of the exposure is */
    got = compare(tiny, none, 0.95);
    assert_true(got.ratio == HUGE_VAL && got.low == HUGE_VAL && got.high == HUGE_VAL && got.change == HUGE_VAL && got.p == 0.0);
    got = compare(none, tiny, 0.95);
    assert_true(got.ratio == 0.0 && got.high == 0.0 && got.p == 0.0);
    cxm_rate_ratio here = compare((cxm_rate_sample){5, 3.0}, (cxm_rate_sample){9, 2.0}, 0.95);
    for (int k = -1000; k <= 1000; k += 250) {
        got = compare((cxm_rate_sample){5, ldexp(3.0, k)}, (cxm_rate_sample){9, ldexp(2.0, k)}, 0.95);
        assert_memory_equal(&got, &here, sizeof got);
    }
    got = compare((cxm_rate_sample){UINT64_MAX, 1.0}, (cxm_rate_sample){UINT64_MAX - 1, 1.0}, 0.95);
    assert_close(got.change, 1.0 / 18446744073709551614.0, 1e-15);          /* where the ratio is 1 to the last digit */
    assert_true(got.ratio == 1.0 && got.low < 1.0 && got.high > 1.0 && got.p == 1.0);
}

static void refusals(void **state)
{
    (void)state;
    cxm_rate_ratio out = {.size = sizeof out, .method = 77}, before = out, small = {.size = sizeof small - 1};
    cxm_rate_sample good = {3, 2.0}, none = {0, 2.0}, nobody = {3, 0.0};
    static const double exposures[] = {-1.0, -5e-324, HUGE_VAL, -HUGE_VAL, NAN}, levels[] = {0.0, 1.0, -0.5, 95.0, NAN};
    static const int32_t others[] = {-1, CXM_COMPARE_WALD, CXM_COMPARE_FISHER, 69, 71, INT32_MAX};
    int32_t method = CXM_COMPARE_CONDITIONAL;
    for (size_t i = 0; i < COUNT_OF(exposures); ++i) {
        cxm_rate_sample wrong = {3, exposures[i]};
        assert_int_equal(cxm_compare_rate(&wrong, &good, method, 0.95, &out), CXM_E_ARG);
        assert_int_equal(cxm_compare_rate(&good, &wrong, method, 0.95, &out), CXM_E_ARG);
        assert_int_equal(cxm_compare_rate(&nobody, &wrong, method, 0.95, &out), CXM_E_ARG);
    }
    for (size_t i = 0; i < COUNT_OF(levels); ++i)
        assert_int_equal(cxm_compare_rate(&good, &good, method, levels[i], &out), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(others); ++i)
        assert_int_equal(cxm_compare_rate(&good, &good, others[i], 0.95, &out), CXM_E_METHOD);
    assert_int_equal(cxm_compare_rate(&nobody, &good, method, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_rate(&good, &nobody, method, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_rate(&none, &none, method, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_rate(NULL, &good, method, 0.95, &out), CXM_E_ARG);
    assert_int_equal(cxm_compare_rate(&good, NULL, method, 0.95, &out), CXM_E_ARG);
    assert_int_equal(cxm_compare_rate(&good, &good, method, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_rate(&good, &good, method, 0.95, &small), CXM_E_ABI);
    assert_memory_equal(&out, &before, sizeof out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_table), cmocka_unit_test(closed_forms), cmocka_unit_test(properties),
        cmocka_unit_test(covers_any_ratio), cmocka_unit_test(ends_of_doubles), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests_name("inference/compare_rate", tests, NULL, NULL);
}
