/* SPDX-License-Identifier: MIT */
/* test_compare_mean.c - Welch's t against R and 20 digits of mpmath, its range, and its ends. */
#include <cxm/compare.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static cxm_difference compare(cxm_mean_sample a, cxm_mean_sample b, double level)
{
    cxm_difference got = {.size = sizeof got};
    assert_int_equal(cxm_compare_mean(&a, &b, -HUGE_VAL, HUGE_VAL, CXM_COMPARE_DEFAULT, level, &got), CXM_OK);
    return got;
}

static cxm_mean_sample of_counts(double minus, double zero, double plus)
{
    double n = minus + zero + plus, mean = (plus - minus) / n;
    return (cxm_mean_sample){(uint64_t)n, mean, sqrt((minus + plus - n * mean * mean) / (n - 1.0))};
}

static double count_in(const test_table *t, size_t i, const char *column)
{
    return test_number(t, i, column);
}

/* R's Welch test of -1, 0, +1, from the samples' means and standard deviations. */
static void r_welch_rows(void **state)
{
    (void)state;
    test_table t = test_table_read("nps_two_sample.csv");
    size_t seen = 0;
    assert_int_equal(t.rows, 18);
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "method"), "welch_t") != 0) continue;
        cxm_mean_sample a = of_counts(count_in(&t, i, "x_det"), count_in(&t, i, "x_pas"), count_in(&t, i, "x_pro"));
        cxm_mean_sample b = of_counts(count_in(&t, i, "y_det"), count_in(&t, i, "y_pas"), count_in(&t, i, "y_pro"));
        cxm_difference got = compare(a, b, 0.95);
        assert_near(got.difference, test_number(&t, i, "diff_x_minus_y"), 1e-10);
        assert_near(got.se, test_number(&t, i, "se"), 1e-10);
        assert_near(got.statistic, test_number(&t, i, "statistic"), 1e-10);
        assert_close(got.df, test_number(&t, i, "df"), 1e-10);
        assert_near(got.low, test_number(&t, i, "lower95"), 1e-10);
        assert_near(got.high, test_number(&t, i, "upper95"), 1e-10);
        assert_close(got.p, test_number(&t, i, "p_two_sided"), 1e-8);
        ++seen;
    }
    assert_int_equal(seen, 6);
    test_table_free(&t);
}

static void welch_to_twenty_digits(void **state)
{
    (void)state;
    test_table t = test_table_read("compare_mean.csv");
    assert_int_equal(t.rows, 14);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_mean_sample a = {(uint64_t)test_number(&t, i, "a_n"), test_number(&t, i, "a_mean"), test_number(&t, i, "a_sd")};
        cxm_mean_sample b = {(uint64_t)test_number(&t, i, "b_n"), test_number(&t, i, "b_mean"), test_number(&t, i, "b_sd")};
        cxm_difference got = compare(a, b, test_number(&t, i, "level"));
        assert_close(got.difference, test_number(&t, i, "difference"), 1e-15);
        assert_close(got.se, test_number(&t, i, "se"), 1e-15);
        assert_close(got.df, test_number(&t, i, "df"), 1e-14);
        assert_close(got.statistic, test_number(&t, i, "statistic"), 1e-14);
        assert_close(got.low, test_number(&t, i, "low"), 1e-13);
        assert_close(got.high, test_number(&t, i, "high"), 1e-13);
        test_assert_close(got.p, test_number(&t, i, "p"), 2e-12, 1e-322, "p", __FILE__, __LINE__);
        assert_true(got.method == CXM_COMPARE_WELCH && got.statistic_kind == CXM_STATISTIC_T && got.interval_status == CXM_OK);
    }
    test_table_free(&t);
}

static void refusals(void **state)
{
    (void)state;
    cxm_difference out = {.size = sizeof out, .method = 77}, before = out;
    cxm_mean_sample good = {9, 3.0, 1.0}, none = {0, 3.0, 1.0}, one = {1, 3.0, 0.0}, flat = {9, 4.0, 0.0};
    const cxm_mean_sample wrong[] = {{9, NAN, 1.0}, {9, 3.0, NAN}, {9, 3.0, -1.0}, {9, 3.0, HUGE_VAL},
                                     {9, HUGE_VAL, 1.0}, {9, 0.5, 1.0}, {9, 5.5, 1.0}};
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        assert_int_equal(cxm_compare_mean(&wrong[i], &good, 1.0, 5.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_ARG);
        assert_int_equal(cxm_compare_mean(&good, &wrong[i], 1.0, 5.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_ARG);
    }
    assert_int_equal(cxm_compare_mean(&good, &good, NAN, 5.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_ARG);
    assert_int_equal(cxm_compare_mean(&good, &good, 5.0, 1.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_ARG);
    assert_int_equal(cxm_compare_mean(&none, &good, 1.0, 5.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_mean(&good, &none, 1.0, 5.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_mean(&one, &good, 1.0, 5.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_mean(&good, &one, 1.0, 5.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_mean(&flat, &flat, 1.0, 5.0, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_mean(&good, &good, 1.0, 5.0, CXM_COMPARE_WALD, 0.95, &out), CXM_E_METHOD);
    assert_memory_equal(&out, &before, sizeof out);
}

static void limits_stay_in_the_range(void **state)
{
    (void)state;
    cxm_difference out = {.size = sizeof out};
    cxm_mean_sample a = {2, 5.0, 2.0}, b = {2, 1.0, 2.0};
    assert_int_equal(cxm_compare_mean(&a, &b, 1.0, 5.0, CXM_COMPARE_WELCH, 0.95, &out), CXM_OK);
    assert_true(out.difference == 4.0 && out.low == -4.0 && out.high == 4.0);
    assert_int_equal(cxm_compare_mean(&a, &b, 0.0, HUGE_VAL, CXM_COMPARE_WELCH, 0.95, &out), CXM_OK);
    assert_true(out.low < -4.0 && out.high > 12.0);
}

/* The largest numbers overflow as said; the smallest spread is still some. */
static void ends_of_doubles(void **state)
{
    (void)state;
    cxm_difference out = {.size = sizeof out, .method = 77}, before = out;
    cxm_mean_sample far = {9, DBL_MAX, 1.0}, down = {9, -DBL_MAX, 1.0}, faint = {9, 1.0, 5e-324};
    cxm_mean_sample broad = {2, 0.0, DBL_MAX}, one = {1, 0.0, 0.0};
    assert_int_equal(cxm_compare_mean(&far, &down, -HUGE_VAL, HUGE_VAL, CXM_COMPARE_WELCH, 0.95, &out), CXM_E_OVERFLOW);
    assert_int_equal(cxm_compare_mean(&broad, &one, -HUGE_VAL, HUGE_VAL, CXM_COMPARE_WELCH, 0.95, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_mean(&faint, &faint, -HUGE_VAL, HUGE_VAL, CXM_COMPARE_WELCH, 0.95, &out), CXM_E_UNDEFINED);
    assert_memory_equal(&out, &before, sizeof out);
    cxm_difference wide = compare(broad, broad, 0.99);
    assert_true(wide.se <= DBL_MAX && wide.p == 1.0 && wide.low == -HUGE_VAL && wide.high == HUGE_VAL);
    cxm_difference sure = compare((cxm_mean_sample){2, 1.0, 1e-320}, (cxm_mean_sample){2, 2.0, 1e-320}, 0.95);
    assert_true(sure.statistic == -DBL_MAX && sure.p < 1e-300 && sure.low == -1.0 && sure.high == -1.0);
    cxm_mean_sample most = {UINT64_MAX, 1.0, 1.0}, more = {UINT64_MAX, 1.0 + 1e-9, 1.0};
    cxm_difference many = compare(most, more, 0.95);
    assert_close(many.statistic, -1e-9 * sqrt(18446744073709551616.0 / 2.0), 1e-6);       /* 1 + 1e-9 rounds */
    assert_close(many.df, 36893488147419103232.0, 1e-14);
}

static void exchanged_samples_negate(void **state)
{
    (void)state;
    uint64_t seed = 91;
    for (int i = 0; i < 2000; ++i) {
        cxm_mean_sample s[2];
        for (int k = 0; k < 2; ++k)
            s[k] = (cxm_mean_sample){2 + test_rand(&seed) % 60, (double)(test_rand(&seed) % 1000) / 100.0,
                                     (double)(1 + test_rand(&seed) % 300) / 100.0};
        double level = 0.5 + 0.4999 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        cxm_difference got = compare(s[0], s[1], level), back = compare(s[1], s[0], level);
        assert_true(got.difference == -back.difference && got.low == -back.high && got.high == -back.low && got.p == back.p);
        assert_true(got.low <= got.difference && got.difference <= got.high);
        assert_int_equal(got.p < 1.0 - level, got.low > 0.0 || got.high < 0.0);
        assert_true(got.df >= 1.0 && got.df <= (double)(s[0].n + s[1].n) - 2.0 + 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r_welch_rows), cmocka_unit_test(welch_to_twenty_digits), cmocka_unit_test(refusals),
        cmocka_unit_test(limits_stay_in_the_range), cmocka_unit_test(ends_of_doubles),
        cmocka_unit_test(exchanged_samples_negate)};
    return cmocka_run_group_tests_name("inference/compare_mean", tests, NULL, NULL);
}
