/* SPDX-License-Identifier: MIT */
/* test_gamma_gamma.c - one customer's spend against 50 digits, the fit against packages and the note, and data whose end is known.
 *
 * CDNOW's customers are no part of the project: see test_btyd_fit.c. */
#include <cxm/gamma_gamma.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { MOST = 20000 };
static cxm_spend_row rows[MOST];

static cxm_fit fitted(const cxm_spend_view *view, cxm_gamma_gamma *model)
{
    cxm_fit fit = {.size = sizeof fit};
    assert_int_equal(cxm_gamma_gamma_fit(view, model, &fit), CXM_OK);
    return fit;
}

static double expected(const cxm_gamma_gamma *m, double x, double mean)
{
    double out = NAN;
    assert_int_equal(cxm_gamma_gamma_expected(m, x, mean, &out), CXM_OK);
    return out;
}

static void reference_customers(void **state)
{
    (void)state;
    test_table t = test_table_read("gammagamma_customers_btyd.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_gamma_gamma m = {test_number(&t, i, "p"), test_number(&t, i, "q"), test_number(&t, i, "v")};
        double x = test_number(&t, i, "x"), mean = test_number(&t, i, "m_bar"), ll = NAN;
        assert_close(expected(&m, x, mean), test_number(&t, i, "expected_value_mp"), 1e-14);
        if (x == 0.0) continue;
        assert_int_equal(cxm_gamma_gamma_log_likelihood(&m, x, mean, &ll), CXM_OK);
        assert_close(ll, test_number(&t, i, "marginal_loglik_mp"), 1e-12);
    }
    test_table_free(&t);
}

static void published(void **state)
{
    (void)state;
    const cxm_gamma_gamma m = {6.25, 3.74, 15.44};
    size_t found = 0;
    test_table t = test_table_read("value_published.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        const char *inputs = test_cell(&t, i, "inputs"), *mean = strstr(inputs, "m=");
        if (strcmp(test_cell(&t, i, "model"), "Gamma-Gamma") != 0) continue;
        double got = expected(&m, strtod(inputs + 2, NULL), mean ? strtod(mean + 2, NULL) : 0.0);
        assert_near(got, test_number(&t, i, "value"), test_number(&t, i, "abs_tol"));
        ++found;
    }
    assert_int_equal(found, 5);
    test_table_free(&t);
}

static int compare_rows(const void *a, const void *b)
{
    const cxm_spend_row *p = a, *q = b;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return (p->money > q->money) - (p->money < q->money);
}

/* The spend of a table's customers with money, a row each. */
static cxm_spend_view read_spend(const test_table *cdnow, const char *mean_column)
{
    size_t n = 0;
    for (size_t i = 0; i < cdnow->rows; ++i) {
        double x = test_number(cdnow, i, "x"), mean = test_number(cdnow, i, mean_column);
        if (x > 0.0 && mean > 0.0) rows[n++] = (cxm_spend_row){(uint64_t)x, lround(100.0 * x * mean), 1};
    }
    qsort(rows, n, sizeof *rows, compare_rows);
    return (cxm_spend_view){rows, n, 100.0};
}

/* Checks the rows of value_fits.csv on one set of data; how many there are. Their maximum is off by 1e-7, which moves the standard errors
 * by 1e-5, as the surface is a ridge; at ours mpmath's differences at 30 digits find the errors that fits_of_cdnow has. */
static size_t check_fit(const char *dataset, const cxm_gamma_gamma *m, const cxm_fit *fit)
{
    static const char *const names[] = {"p", "q", "v", "LL"};
    const double is[] = {m->p, m->q, m->v, fit->log_likelihood};
    size_t found = 0;
    test_table t = test_table_read("value_fits.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        double se = test_number(&t, i, "std_error");
        if (strcmp(test_cell(&t, i, "model"), "Gamma-Gamma") != 0 || strcmp(test_cell(&t, i, "dataset"), dataset) != 0) continue;
        for (int k = 0; k < 4; ++k) {
            if (strcmp(test_cell(&t, i, "parameter"), names[k]) != 0) continue;
            assert_near(is[k], test_number(&t, i, "value"), test_number(&t, i, "check_abs_tol"));
            if (!isnan(se)) assert_close(fit->se[k], se, 2e-5);
            ++found;
        }
    }
    test_table_free(&t);
    return found;
}

static void fits_of_cdnow(void **state)
{
    (void)state;
    static const struct { const char *file, *dataset, *mean; size_t found; } sets[] = {
        {"reference/value/cdnow_cbs_btyd.csv", "cdnow_cbs_btyd", "m_x", 11},
        {"data/cdnow/cdnow_customers_summary_with_transactions.csv", "cdnow_summary_with_transactions", "zbar", 3}};
    for (size_t s = 0; s < COUNT_OF(sets); ++s) {
        cxm_gamma_gamma m;
        FILE *file = test_shared(sets[s].file);
        if (!file) skip();
        test_table cdnow = test_table_of(file);
        cxm_spend_view view = read_spend(&cdnow, sets[s].mean);
        cxm_fit fit = fitted(&view, &m);
        assert_true(fit.outcome == CXM_FIT_INNER && fit.customers == 946 && fit.parameters == 3 && fit.decrement < 1e-9);
        if (s == 0) {
            assert_close(fit.se[0], 1.190055336, 2e-8);
            assert_close(fit.se[1], 0.2901330653, 2e-8);
            assert_close(fit.se[2], 4.159422752, 2e-8);
        }
        assert_int_equal(check_fit(sets[s].dataset, &m, &fit), sets[s].found);
        test_table_free(&cdnow);
    }
}

/* The expectation lies between the customer's own mean and that of all, nearer to its own the more it bought. */
static void shrinks_to_the_mean_of_all(void **state)
{
    (void)state;
    const cxm_gamma_gamma m = {6.25, 3.74, 15.44};
    double all = expected(&m, 0.0, NAN), last = all;
    assert_close(all, 6.25 * 15.44 / 2.74, 1e-15);
    for (double x = 1.0; x <= 1e8; x *= 10.0) {
        double value = expected(&m, x, 100.0);
        assert_true(value > last && value < 100.0);
        last = value;
    }
    assert_close(last, 100.0, 1e-6);
}

/* A unit of money is a name. */
static void units_do_not_matter(void **state)
{
    (void)state;
    cxm_gamma_gamma dollars, cents;
    uint64_t seed = 1;
    for (size_t i = 0; i < 500; ++i) {                          /* customers differ more than the purchases of one of them */
        int64_t money = 0, own = (int64_t)(test_rand(&seed) % 9000 + 1000);
        for (size_t k = 0; k <= i / 100; ++k) money += own + (int64_t)(test_rand(&seed) % 3000);
        rows[i] = (cxm_spend_row){i / 100 + 1, money, 1};
    }
    cxm_spend_view view = {rows, 500, 100.0};
    cxm_fit a = fitted(&view, &dollars);
    view.per_unit = 1.0;
    cxm_fit b = fitted(&view, &cents);
    assert_true(a.outcome == CXM_FIT_INNER && b.outcome == CXM_FIT_INNER);
    assert_close(a.log_likelihood - b.log_likelihood, 500.0 * log(100.0), 1e-9);
    assert_close(cents.p, dollars.p, 1e-5);
    assert_close(cents.q, dollars.q, 1e-5);
    assert_close(cents.v, 100.0 * dollars.v, 1e-5);
}

/* All spend alike; or one customer, or two: no spread to learn from. */
static void without_spread(void **state)
{
    (void)state;
    cxm_gamma_gamma m;
    for (size_t n = 1; n <= 3; ++n) {
        for (size_t i = 0; i < n; ++i) rows[i] = (cxm_spend_row){i + 1, (int64_t)(i + 1) * 2500, 40};
        cxm_spend_view view = {rows, n, 100.0};
        cxm_fit fit = fitted(&view, &m);
        assert_int_equal(fit.outcome, CXM_FIT_BOUNDARY);
        assert_true((fit.low | fit.high | fit.loose) != 0);
        assert_close(expected(&m, 3.0, 25.0), 25.0, 1e-2);
    }
}

static void refuses(void **state)
{
    (void)state;
    cxm_gamma_gamma m = {6.25, 0.5, 15.44}, bad[] = {{0.0, 1.0, 1.0}, {1.0, NAN, 1.0}, {1.0, 1.0, -1.0}};
    cxm_fit fit = {.size = sizeof fit, .outcome = 42};
    const cxm_spend_row good = {2, 500, 1}, none[] = {{0, 500, 1}, {2, 0, 1}, {2, -5, 1}, {UINT64_C(1) << 40, 5, 1}};
    cxm_spend_view view = {&good, 1, 100.0};
    double out = 7.0;
    assert_int_equal(cxm_gamma_gamma_expected(&m, 0.0, 0.0, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_gamma_gamma_expected(&m, -1.0, 5.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_gamma_gamma_expected(&m, 1.5, 5.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_gamma_gamma_expected(&m, 1.0, 0.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_gamma_gamma_expected(&m, 1.0, NAN, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_gamma_gamma_expected(&m, 1.0, 5.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_gamma_gamma_expected(NULL, 1.0, 5.0, &out), CXM_E_ARG);
    assert_int_equal(cxm_gamma_gamma_log_likelihood(&m, 0.0, 5.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_gamma_gamma_log_likelihood(&m, 1.0, 5.0, NULL), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(bad); ++i) assert_int_equal(cxm_gamma_gamma_log_likelihood(&bad[i], 1.0, 5.0, &out), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(none); ++i) {
        view.rows = &none[i];
        assert_int_equal(cxm_gamma_gamma_fit(&view, &m, &fit), CXM_E_DOMAIN);
    }
    cxm_spend_row many[] = {good, good};
    many[1].count = UINT64_MAX;
    view = (cxm_spend_view){many, 2, 100.0};
    assert_int_equal(cxm_gamma_gamma_fit(&view, &m, &fit), CXM_E_ARG);
    view = (cxm_spend_view){NULL, 0, 100.0};
    assert_int_equal(cxm_gamma_gamma_fit(&view, &m, &fit), CXM_E_EMPTY);
    view.per_unit = 0.0;
    assert_int_equal(cxm_gamma_gamma_fit(&view, &m, &fit), CXM_E_ARG);
    view = (cxm_spend_view){&good, 1, 100.0};
    assert_int_equal(cxm_gamma_gamma_fit(&view, NULL, &fit), CXM_E_ARG);
    assert_int_equal(cxm_gamma_gamma_fit(NULL, &m, &fit), CXM_E_ARG);
    assert_int_equal(cxm_gamma_gamma_fit(&view, &m, NULL), CXM_E_ARG);
    fit.size = 8;
    assert_int_equal(cxm_gamma_gamma_fit(&view, &m, &fit), CXM_E_ABI);
    assert_true(out == 7.0 && fit.outcome == 42 && m.q == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_customers), cmocka_unit_test(published), cmocka_unit_test(fits_of_cdnow),
        cmocka_unit_test(shrinks_to_the_mean_of_all), cmocka_unit_test(units_do_not_matter), cmocka_unit_test(without_spread),
        cmocka_unit_test(refuses)};
    return cmocka_run_group_tests_name("value/gamma_gamma", tests, NULL, NULL);
}
