/* SPDX-License-Identifier: MIT */
/* test_sbg.c - predictions and fits against packages and the paper, then several cohorts, bounds, refusals. */
#include <cxm/sbg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static double survival(const cxm_sbg *m, uint32_t t)
{
    double out = NAN;
    assert_int_equal(cxm_sbg_survival(m, t, &out), CXM_OK);
    return out;
}

static double retention(const cxm_sbg *m, uint32_t t)
{
    double out = NAN;
    assert_int_equal(cxm_sbg_retention(m, t, &out), CXM_OK);
    return out;
}

static double residual(const cxm_sbg *m, uint32_t n, double discount)
{
    double out = NAN;
    assert_int_equal(cxm_sbg_residual(m, n, discount, &out), CXM_OK);
    return out;
}

static cxm_fit fitted(const cxm_sbg_row *rows, size_t count, cxm_sbg *m)
{
    cxm_fit fit = {.size = sizeof fit};
    assert_int_equal(cxm_sbg_fit(rows, count, m, &fit), CXM_OK);
    return fit;
}

static void reference_predictions(void **state)
{
    (void)state;
    test_table t = test_table_read("sbg_predictions.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_sbg m = {test_number(&t, i, "alpha"), test_number(&t, i, "beta")};
        const char *what = test_cell(&t, i, "quantity");
        uint32_t arg = (uint32_t)test_number(&t, i, "arg");
        double want = test_number(&t, i, "value");
        if (strcmp(what, "survival") == 0) assert_close(survival(&m, arg), want, 1e-13);
        else if (strcmp(what, "retention") == 0) assert_close(retention(&m, arg), want, 1e-13);
        else assert_close(residual(&m, arg, test_number(&t, i, "discount_rate")), want, 1e-13);
    }
    test_table_free(&t);
}

static void published(void **state)
{
    (void)state;
    const cxm_sbg m = {0.668, 3.806};
    static const double curve[] = {0.460, 0.436, 0.414, 0.395, 0.378};     /* S(8) to S(12) in value_published.csv */
    assert_near(residual(&m, 8, 0.1), 7.530, 0.0005);
    for (uint32_t i = 0; i < 5; ++i) assert_near(survival(&m, 8 + i), curve[i], 0.0006);
}

/* The survivors of a column of percent, of a thousand. */
static size_t cohort(const test_table *t, const char *column, size_t renewals, cxm_sbg_row *rows)
{
    uint64_t survivors[20];
    for (size_t i = 0; i <= renewals; ++i) survivors[i] = (uint64_t)lround(10.0 * test_number(t, i, column));
    assert_int_equal(cxm_sbg_rows_of(survivors, renewals, rows), CXM_OK);
    return renewals;
}

static void fits_of_the_paper(void **state)
{
    (void)state;
    static const struct { const char *dataset, *column; size_t renewals; } sets[] = {
        {"fader_hardie_2007_regular", "regular_pct_surviving", 7}, {"fader_hardie_2007_high_end", "high_end_pct_surviving", 7},
        {"fader_hardie_2007_regular_4renewals", "regular_pct_surviving", 4}, {"fader_hardie_2007_high_end_4renewals", "high_end_pct_surviving", 4}};
    test_table data = test_table_read("sbg_survivors_fader_hardie_2007.csv"), t = test_table_read("value_fits.csv");
    size_t found = 0;
    for (size_t s = 0; s < COUNT_OF(sets); ++s) {
        cxm_sbg_row rows[20];
        cxm_sbg m;
        cxm_fit fit = fitted(rows, cohort(&data, sets[s].column, sets[s].renewals, rows), &m);
        assert_true(fit.outcome == CXM_FIT_INNER && fit.customers == 1000 && fit.decrement < 1e-9);
        for (size_t i = 0; i < t.rows; ++i) {
            const char *what = test_cell(&t, i, "parameter");
            if (strcmp(test_cell(&t, i, "model"), "sBG") != 0 || strcmp(test_cell(&t, i, "dataset"), sets[s].dataset) != 0) continue;
            double got = strcmp(what, "alpha") == 0 ? m.alpha : strcmp(what, "beta") == 0 ? m.beta : fit.log_likelihood;
            assert_near(got, test_number(&t, i, "value"), test_number(&t, i, "check_abs_tol"));
            ++found;
        }
    }
    assert_int_equal(found, 12);
    test_table_free(&data);
    test_table_free(&t);
}

/* Cohorts of different ages, one behind the other, are the same as their rows added; and a cohort told twice halves the variance. */
static void several_cohorts(void **state)
{
    (void)state;
    const uint64_t survivors[] = {1000, 631, 468, 382, 326};
    cxm_sbg_row rows[8], twice[8], added[4];
    cxm_sbg one, m;
    assert_int_equal(cxm_sbg_rows_of(survivors, 4, rows), CXM_OK);
    assert_int_equal(cxm_sbg_rows_of(survivors, 2, rows + 4), CXM_OK);
    memcpy(added, rows, sizeof added);
    for (int i = 0; i < 2; ++i) {
        added[i].lost += rows[4 + i].lost;
        added[i].kept += rows[4 + i].kept;
    }
    cxm_fit a = fitted(rows, 6, &one), b = fitted(added, 4, &m);
    assert_close(b.log_likelihood, a.log_likelihood, 1e-14);
    assert_close(m.alpha, one.alpha, 1e-7);
    assert_int_equal(a.customers, 2000);
    memcpy(twice, rows, 4 * sizeof *rows);
    memcpy(twice + 4, rows, 4 * sizeof *rows);
    a = fitted(rows, 4, &one);
    b = fitted(twice, 8, &m);
    assert_close(b.se[0] * sqrt(2.0), a.se[0], 1e-6);
}

/* Payments one by one. */
static void lifetimes_are_sums(void **state)
{
    (void)state;
    const cxm_sbg m = {1.8, 2.5};
    for (uint32_t n = 0; n < 4; ++n) {
        double sum = 0.0, before = n ? survival(&m, n - 1) : 1.0;
        for (uint32_t t = 600; t-- > n;) sum += survival(&m, t) / before * pow(1.1, -(double)(t - n));
        assert_close(residual(&m, n, 0.1), sum, 1e-12);
    }
    assert_close(residual(&m, 0, 0.0), 3.3 / 0.8, 1e-15);       /* E[1 / theta] = (alpha + beta - 1) / (alpha - 1) */
    assert_close(residual(&m, 2, 0.0), 3.5 / 5.3 * 5.3 / 0.8, 1e-15);
    assert_close(residual(&m, 0, 1e-9), residual(&m, 0, 0.0), 1e-5);
    assert_close(survival(&m, 0), 1.0, 1e-15);
    assert_close(retention(&m, 1), 2.5 / 4.3, 1e-15);
}

static void bounds(void **state)
{
    (void)state;
    const uint64_t nobody_left[] = {100, 100, 100}, all_left[] = {100, 0}, alike[] = {1000000, 500000, 250000, 125000};
    const uint64_t *sets[] = {nobody_left, all_left, alike};
    const size_t renewals[] = {2, 1, 3};
    for (size_t i = 0; i < COUNT_OF(sets); ++i) {
        cxm_sbg_row rows[4];
        cxm_sbg m;
        assert_int_equal(cxm_sbg_rows_of(sets[i], renewals[i], rows), CXM_OK);
        cxm_fit fit = fitted(rows, renewals[i], &m);
        assert_int_equal(fit.outcome, CXM_FIT_BOUNDARY);
        double share = (double)sets[i][1] / (double)sets[i][0];
        assert_near(survival(&m, 1), share, 1e-3);
    }
}

static void refuses(void **state)
{
    (void)state;
    const uint64_t rising[] = {10, 11};
    cxm_sbg_row row = {1, 0, 5, 5}, bad[] = {{0, 0, 5, 5}, {UINT32_MAX, 0, 5, 5}}, many[] = {{1, 0, UINT64_MAX, 0}, {1, 0, 1, 0}};
    cxm_sbg m = {2.0, 3.0}, none[] = {{0.0, 1.0}, {NAN, 1.0}, {1.0, -1.0}};
    cxm_fit fit = {.size = sizeof fit, .outcome = 42};
    double out = 7.0;
    assert_int_equal(cxm_sbg_rows_of(rising, 1, &row), CXM_E_DOMAIN);
    assert_int_equal(cxm_sbg_rows_of(rising, 0, &row), CXM_E_ARG);
    assert_int_equal(cxm_sbg_rows_of(NULL, 1, &row), CXM_E_ARG);
    assert_int_equal(cxm_sbg_rows_of(rising, 1, NULL), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(bad); ++i) assert_int_equal(cxm_sbg_fit(&bad[i], 1, &m, &fit), CXM_E_DOMAIN);
    assert_int_equal(cxm_sbg_fit(many, 2, &m, &fit), CXM_E_ARG);
    assert_int_equal(cxm_sbg_fit(NULL, 0, &m, &fit), CXM_E_EMPTY);
    assert_int_equal(cxm_sbg_fit(NULL, 1, &m, &fit), CXM_E_ARG);
    assert_int_equal(cxm_sbg_fit(&row, 1, NULL, &fit), CXM_E_ARG);
    assert_int_equal(cxm_sbg_fit(&row, 1, &m, NULL), CXM_E_ARG);
    fit.size = 8;
    assert_int_equal(cxm_sbg_fit(&row, 1, &m, &fit), CXM_E_ABI);
    for (size_t i = 0; i < COUNT_OF(none); ++i) assert_int_equal(cxm_sbg_survival(&none[i], 1, &out), CXM_E_ARG);
    assert_int_equal(cxm_sbg_survival(NULL, 1, &out), CXM_E_ARG);
    assert_int_equal(cxm_sbg_survival(&m, UINT32_MAX, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_sbg_survival(&m, 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_sbg_retention(&m, 0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_sbg_retention(&m, 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_sbg_residual(&m, 1, -0.1, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_sbg_residual(&m, 1, NAN, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_sbg_residual(&m, 1, 0.1, NULL), CXM_E_ARG);
    m.alpha = 0.9;
    assert_int_equal(cxm_sbg_residual(&m, 1, 0.0, &out), CXM_E_UNDEFINED);
    assert_true(out == 7.0 && fit.outcome == 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_predictions), cmocka_unit_test(published), cmocka_unit_test(fits_of_the_paper), cmocka_unit_test(several_cohorts),
        cmocka_unit_test(lifetimes_are_sums), cmocka_unit_test(bounds), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests_name("value/sbg", tests, NULL, NULL);
}
