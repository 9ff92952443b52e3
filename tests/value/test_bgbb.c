/* SPDX-License-Identifier: MIT */
/* test_bgbb.c - the donors of 1995 against the paper, a package and 50 digits; then sums and bounds. */
#include <cxm/bgbb.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static double answer(cxm_status status, double value)
{
    assert_int_equal(status, CXM_OK);
    return value;
}

static double log_likelihood(const cxm_bgbb *m, cxm_bgbb_history h)
{
    double out = NAN;
    cxm_status status = cxm_bgbb_log_likelihood(m, &h, &out);
    return answer(status, out);
}

static double alive(const cxm_bgbb *m, cxm_bgbb_history h, uint32_t later)
{
    double out = NAN;
    cxm_status status = cxm_bgbb_alive(m, &h, later, &out);
    return answer(status, out);
}

static double expected(const cxm_bgbb *m, const cxm_bgbb_history *h, uint32_t next)
{
    double out = NAN;
    cxm_status status = cxm_bgbb_expected(m, h, next, &out);
    return answer(status, out);
}

static double residual(const cxm_bgbb *m, const cxm_bgbb_history *h, double discount)
{
    double out = NAN;
    cxm_status status = cxm_bgbb_residual(m, h, discount, &out);
    return answer(status, out);
}

static double pmf(const cxm_bgbb *m, uint32_t x, uint32_t n)
{
    double out = NAN;
    cxm_status status = cxm_bgbb_pmf(m, x, n, &out);
    return answer(status, out);
}

static cxm_bgbb_history history_of(const test_table *t, size_t i)
{
    return (cxm_bgbb_history){(uint32_t)test_number(t, i, "x"), (uint32_t)test_number(t, i, "t_x"), (uint32_t)test_number(t, i, "n_cal"), 0};
}

/* --- the donors --- */

static void reference_cells(void **state)
{
    (void)state;
    test_table t = test_table_read("bgbb_donations_btyd.csv");
    assert_int_equal(t.rows, 22);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_bgbb m = {test_number(&t, i, "alpha"), test_number(&t, i, "beta"), test_number(&t, i, "gamma"), test_number(&t, i, "delta")};
        cxm_bgbb_history h = history_of(&t, i);
        assert_close(log_likelihood(&m, h), test_number(&t, i, "loglik_each_mp"), 1e-13);
        assert_close(alive(&m, h, 1), test_number(&t, i, "p_alive_n_plus_1_mp"), 1e-13);
        assert_close(expected(&m, &h, 5), test_number(&t, i, "cet_n_star5_mp"), 1e-13);
        assert_close(residual(&m, &h, 0.1), test_number(&t, i, "dert_d0.1_mp"), 1e-13);
    }
    test_table_free(&t);
}

static size_t read_cells(const test_table *t, cxm_cbs_row *rows)
{
    for (size_t i = 0; i < t->rows; ++i) {
        cxm_bgbb_history h = history_of(t, i);
        rows[i] = (cxm_cbs_row){h.x, h.t_x, h.n, 0, (uint64_t)test_number(t, i, "custs")};
    }
    return t->rows;
}

static cxm_fit fitted(const cxm_cbs_row *rows, size_t count, cxm_bgbb *m)
{
    cxm_fit fit = {.size = sizeof fit};
    cxm_cbs_view view = {rows, count, 1.0};
    assert_int_equal(cxm_bgbb_fit(&view, m, &fit), CXM_OK);
    return fit;
}

static void check_fit(const cxm_bgbb *m, const cxm_fit *fit, double at_paper)
{
    static const char *const names[] = {"alpha", "beta", "gamma", "delta", "LL", "LL_at(1.204;0.750;0.657;2.783)"};
    const double is[] = {m->alpha, m->beta, m->gamma, m->delta, fit->log_likelihood, at_paper};
    size_t found = 0;
    test_table t = test_table_read("value_fits.csv");
    for (size_t i = 0; i < t.rows; ++i)
        for (size_t k = 0; k < COUNT_OF(names); ++k) {
            if (strcmp(test_cell(&t, i, "model"), "BG/BB") != 0 || strcmp(test_cell(&t, i, "parameter"), names[k]) != 0) continue;
            assert_near(is[k], test_number(&t, i, "value"), test_number(&t, i, "check_abs_tol"));
            ++found;
        }
    assert_int_equal(found, 10);
    test_table_free(&t);
}

static void fit_of_the_donors(void **state)
{
    (void)state;
    const cxm_bgbb paper = {1.204, 0.750, 0.657, 2.783};
    cxm_cbs_row rows[22];
    cxm_bgbb m;
    double at_paper = 0.0;
    test_table t = test_table_read("bgbb_donations_btyd.csv");
    size_t n = read_cells(&t, rows);
    cxm_fit fit = fitted(rows, n, &m);
    assert_true(fit.outcome == CXM_FIT_INNER && fit.customers == 11104 && fit.decrement < 1e-9);
    for (size_t i = 0; i < n; ++i) at_paper += (double)rows[i].count * log_likelihood(&paper, history_of(&t, i));
    check_fit(&m, &fit, at_paper);
    test_table_free(&t);
}

static double published(const cxm_bgbb *m, const char *quantity, const char *inputs, const test_table *cells)
{
    cxm_bgbb_history h = {0};
    double sum = 0.0;
    if (strcmp(quantity, "expectation") == 0) return expected(m, NULL, (uint32_t)strtoul(inputs + 2, NULL, 10));
    if (strcmp(quantity, "expected_count_with_x=0_of_11104") == 0) return 11104.0 * pmf(m, 0, 6);
    if (strcmp(quantity, "expected_count_with_x=6_of_11104") == 0) return 11104.0 * pmf(m, 6, 6);
    if (strcmp(quantity, "p_alive_next") == 0) {
        assert_int_equal(sscanf(inputs, "x=%u;t_x=%u;n=%u", &h.x, &h.t_x, &h.n), 3);
        return alive(m, h, 1);
    }
    assert_string_equal(quantity, "sum_conditional_expected_5_periods");
    for (size_t i = 0; i < cells->rows; ++i) {
        h = history_of(cells, i);
        sum += test_number(cells, i, "custs") * expected(m, &h, 5);
    }
    return sum;
}

static void published_predictions(void **state)
{
    (void)state;
    cxm_cbs_row rows[22];
    cxm_bgbb m;
    size_t found = 0;
    test_table cells = test_table_read("bgbb_donations_btyd.csv"), t = test_table_read("value_published.csv");
    fitted(rows, read_cells(&cells, rows), &m);
    for (size_t i = 0; i < t.rows; ++i) {
        if (strcmp(test_cell(&t, i, "model"), "BG/BB") != 0) continue;
        double got = published(&m, test_cell(&t, i, "quantity"), test_cell(&t, i, "inputs"), &cells);
        assert_near(got, test_number(&t, i, "value"), test_number(&t, i, "abs_tol"));
        ++found;
    }
    assert_int_equal(found, 12);
    test_table_free(&cells);
    test_table_free(&t);
}

/* --- properties --- */

static cxm_bgbb any_model(uint64_t *seed)
{
    double p[4];
    for (int i = 0; i < 4; ++i) p[i] = pow(10.0, 3.0 * (double)(test_rand(seed) >> 11) / 9007199254740992.0 - 1.5);
    return (cxm_bgbb){p[0], p[1], p[2], p[3]};
}

/* All histories of n opportunities have the chances of their likelihoods, each as many ways as x - 1 fit below t_x; by x they are pmf. */
static void histories_add_up(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int trial = 0; trial < 100; ++trial) {
        cxm_bgbb m = any_model(&seed);
        const uint32_t n = 9;
        double all = 0.0, mean = 0.0;
        for (uint32_t x = 0; x <= n; ++x) {
            double of_x = 0.0;
            for (uint32_t t_x = x; t_x <= (x ? n : 0); ++t_x) {
                double ways = 1.0;
                for (uint32_t k = 1; k < x; ++k) ways *= (double)(t_x - k) / k;
                of_x += ways * exp(log_likelihood(&m, (cxm_bgbb_history){x, t_x, n, 0}));
            }
            assert_close(pmf(&m, x, n), of_x, 1e-12);
            all += of_x;
            mean += x * of_x;
        }
        assert_close(all, 1.0, 1e-12);
        assert_close(mean, expected(&m, NULL, n), 1e-12);
    }
}

/* Expectations are sums of chances to be there, and discounted ones of these discounted; so past the singularity at gamma = 1, too. */
static void expectations_are_sums(void **state)
{
    (void)state;
    const cxm_bgbb sets[] = {{1.2, 0.75, 1.0, 2.8}, {0.5, 2.0, 1.0 + 1e-9, 0.7}, {3.0, 1.0, 6.0, 4.0}};
    const cxm_bgbb_history h = {3, 5, 8, 0};
    for (size_t i = 0; i < COUNT_OF(sets); ++i) {
        const cxm_bgbb *m = &sets[i];
        double sum = 0.0, worth = 0.0, buys = (m->alpha + 3.0) / (m->alpha + m->beta + 8.0);
        for (uint32_t j = 1; j <= 20; ++j) sum += buys * alive(m, h, j);
        for (uint32_t j = 400; j > 0; --j) worth += buys * alive(m, h, j) * pow(1.1, -(double)j);
        assert_close(expected(m, &h, 20), sum, 1e-13);
        assert_close(residual(m, &h, 0.1), worth, 1e-12);
        assert_true(expected(m, &h, 0) == 0.0);
    }
    assert_true(pmf(&sets[0], 5, 4) == 0.0);
    assert_close(pmf(&sets[0], 0, 0), 1.0, 1e-15);
    assert_true(isfinite(log_likelihood(&sets[0], (cxm_bgbb_history){9000, 9500, 10000, 0})));
}

static void bounds(void **state)
{
    (void)state;
    const cxm_cbs_row always[] = {{6, 6, 6, 0, 100}}, never[] = {{0, 0, 6, 0, 100}}, alike[] = {{3, 6, 6, 0, 50}, {3, 5, 6, 0, 50}};
    const cxm_cbs_row *sets[] = {always, never, alike};
    const size_t counts[] = {1, 1, 2};
    for (size_t i = 0; i < COUNT_OF(sets); ++i) {
        cxm_bgbb m;
        cxm_fit fit = fitted(sets[i], counts[i], &m);
        cxm_bgbb_history h = {sets[i]->x, sets[i]->t_x, sets[i]->T, 0};
        assert_int_equal(fit.outcome, CXM_FIT_BOUNDARY);
        assert_true(expected(&m, &h, 5) >= 0.0 && expected(&m, &h, 5) <= 5.0);
    }
}

static void refuses(void **state)
{
    (void)state;
    cxm_bgbb m = {1.2, 0.75, 0.66, 2.8}, bad[] = {{0.0, 1.0, 1.0, 1.0}, {1.0, NAN, 1.0, 1.0}, {1.0, 1.0, -1.0, 1.0}, {1.0, 1.0, 1.0, HUGE_VAL}};
    const cxm_bgbb_history h = {2, 3, 6, 0}, none[] = {{4, 3, 6, 0}, {2, 7, 6, 0}, {0, 3, 6, 0}, {2, 3, UINT32_MAX, 0}, {2, 3, 6, 1}};
    const cxm_cbs_row good = {2, 3, 6, 0, 5}, wrong = {4, 3, 6, 0, 5}, many[] = {{2, 3, 6, 0, UINT64_MAX}, {2, 3, 6, 0, 1}};
    cxm_cbs_view view = {&wrong, 1, 1.0};
    cxm_fit fit = {.size = sizeof fit, .outcome = 42};
    double out = 7.0;
    for (size_t i = 0; i < COUNT_OF(bad); ++i) assert_int_equal(cxm_bgbb_log_likelihood(&bad[i], &h, &out), CXM_E_ARG);
    for (size_t i = 0; i < COUNT_OF(none); ++i) {
        assert_int_equal(cxm_bgbb_log_likelihood(&m, &none[i], &out), CXM_E_DOMAIN);
        assert_int_equal(cxm_bgbb_alive(&m, &none[i], 1, &out), CXM_E_DOMAIN);
        assert_int_equal(cxm_bgbb_expected(&m, &none[i], 1, &out), CXM_E_DOMAIN);
        assert_int_equal(cxm_bgbb_residual(&m, &none[i], 0.1, &out), CXM_E_DOMAIN);
    }
    assert_int_equal(cxm_bgbb_log_likelihood(&m, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_bgbb_alive(&m, NULL, 1, &out), CXM_E_ARG);
    assert_int_equal(cxm_bgbb_alive(&m, &h, UINT32_MAX, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_bgbb_expected(&m, &h, UINT32_MAX, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_bgbb_expected(&m, &h, 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_bgbb_residual(&m, &h, 0.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_bgbb_residual(NULL, &h, 0.1, &out), CXM_E_ARG);
    assert_int_equal(cxm_bgbb_pmf(&m, 1, UINT32_MAX, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_bgbb_pmf(&m, 1, 2, NULL), CXM_E_ARG);
    assert_int_equal(cxm_bgbb_fit(&view, &m, &fit), CXM_E_DOMAIN);
    view = (cxm_cbs_view){many, 2, 1.0};
    assert_int_equal(cxm_bgbb_fit(&view, &m, &fit), CXM_E_ARG);
    view = (cxm_cbs_view){NULL, 0, 1.0};
    assert_int_equal(cxm_bgbb_fit(&view, &m, &fit), CXM_E_EMPTY);
    view = (cxm_cbs_view){&good, 1, 7.0};
    assert_int_equal(cxm_bgbb_fit(&view, &m, &fit), CXM_E_ARG);
    view.per_unit = 1.0;
    assert_int_equal(cxm_bgbb_fit(&view, NULL, &fit), CXM_E_ARG);
    assert_int_equal(cxm_bgbb_fit(NULL, &m, &fit), CXM_E_ARG);
    fit.size = 8;
    assert_int_equal(cxm_bgbb_fit(&view, &m, &fit), CXM_E_ABI);
    assert_true(out == 7.0 && fit.outcome == 42 && m.alpha == 1.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_cells), cmocka_unit_test(fit_of_the_donors), cmocka_unit_test(published_predictions),
        cmocka_unit_test(histories_add_up), cmocka_unit_test(expectations_are_sums), cmocka_unit_test(bounds), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests_name("value/bgbb", tests, NULL, NULL);
}
