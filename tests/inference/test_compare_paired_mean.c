/* SPDX-License-Identifier: MIT */
/* test_compare_paired_mean.c - the mean change by hand, and what is refused. */
#include <cxm/compare.h>
#include <math.h>
#include "support/cxm_test.h"

/* t with 9 degrees of freedom at 0.95 is 2.262157162798205543; p = 2 P(T > 3) = 0.014956363910414... (mpmath, 40 digits). */
static void by_hand(void **state)
{
    (void)state;
    cxm_difference got = {.size = sizeof got};
    assert_int_equal(cxm_compare_paired_mean(10, 0.3 * sqrt(10.0), 1.0, 4.0, CXM_COMPARE_DEFAULT, 0.95, &got), CXM_OK);
    assert_int_equal(got.method, CXM_COMPARE_PAIRED_T);
    assert_int_equal(got.statistic_kind, CXM_STATISTIC_T);
    assert_close(got.se, 1.0 / sqrt(10.0), 1e-15);
    assert_close(got.statistic, 3.0, 1e-15);
    assert_close(got.df, 9.0, 0.0);
    assert_close(got.low, 0.3 * sqrt(10.0) - 2.262157162798205543 / sqrt(10.0), 1e-14);
    assert_close(got.p, 0.01495636391041421480, 1e-12);
    assert_int_equal(cxm_compare_paired_mean(10, 0.3, 1.0, 0.5, CXM_COMPARE_PAIRED_T, 0.95, &got), CXM_OK);
    assert_close(got.high, 0.5, 0.0);
}

static void refusals(void **state)
{
    (void)state;
    cxm_difference got = {.size = sizeof got}, small = {.size = 8};
    assert_int_equal(cxm_compare_paired_mean(0, 0.0, 0.0, 4.0, 0, 0.95, &got), CXM_E_EMPTY);
    assert_int_equal(cxm_compare_paired_mean(1, 0.0, 0.0, 4.0, 0, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_paired_mean(5, 1.0, 0.0, 4.0, 0, 0.95, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_compare_paired_mean(5, 1.0, 1.0, 4.0, CXM_COMPARE_WELCH, 0.95, &got), CXM_E_METHOD);
    assert_int_equal(cxm_compare_paired_mean(5, 4.5, 1.0, 4.0, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_compare_paired_mean(5, (double)NAN, 1.0, 4.0, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_compare_paired_mean(5, 1.0, (double)NAN, 4.0, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_compare_paired_mean(5, 1.0, (double)INFINITY, 4.0, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_compare_paired_mean(5, 1.0, -1.0, 4.0, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_compare_paired_mean(5, 0.0, 1.0, 0.0, 0, 0.95, &got), CXM_E_ARG);
    assert_int_equal(cxm_compare_paired_mean(5, 1.0, 1.0, 4.0, 0, 1.0, &got), CXM_E_ARG);
    assert_int_equal(cxm_compare_paired_mean(5, 1.0, 1.0, 4.0, 0, 0.95, NULL), CXM_E_ARG);
    assert_int_equal(cxm_compare_paired_mean(5, 1.0, 1.0, 4.0, 0, 0.95, &small), CXM_E_ABI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests_name("inference/compare_paired_mean", tests, NULL, NULL);
}
