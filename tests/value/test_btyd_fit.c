/* SPDX-License-Identifier: MIT */
/* test_btyd_fit.c - fits against those of packages and papers, of data whose end is known, and of simulated customers.
 *
 * CDNOW's customers are no part of the project: they are looked for below CXM_SHARED or in ../shared beside its root; without them the
 * tables are skipped, in CI=true a failure. */
#include <cxm/btyd.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { MOST = 20000 };
static cxm_cbs_row rows[MOST];

static int compare_rows(const void *a, const void *b)
{
    const cxm_cbs_row *p = a, *q = b;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    if (p->t_x != q->t_x) return p->t_x < q->t_x ? -1 : 1;
    return (p->T > q->T) - (p->T < q->T);
}

static cxm_cbs_view view_of(size_t count, double per_unit)
{
    size_t kept = 0;
    qsort(rows, count, sizeof *rows, compare_rows);
    for (size_t i = 0; i < count; ++i) {
        if (kept && compare_rows(&rows[kept - 1], &rows[i]) == 0) rows[kept - 1].count += rows[i].count;
        else rows[kept++] = rows[i];
    }
    return (cxm_cbs_view){rows, kept, per_unit};
}

static cxm_fit fitted(const cxm_cbs_view *view, int32_t kind, cxm_btyd *model)
{
    cxm_fit fit = {.size = sizeof fit};
    assert_int_equal(cxm_btyd_fit(view, kind, model, &fit), CXM_OK);
    return fit;
}

/* --- CDNOW --- */

static bool read_cdnow(test_table *t, cxm_cbs_view *view)
{
    FILE *file = test_shared("reference/value/cdnow_cbs_btyd.csv");
    if (!file) return false;
    *t = test_table_of(file);
    assert_int_equal(t->rows, 2357);
    for (size_t i = 0; i < t->rows; ++i)
        rows[i] = (cxm_cbs_row){(uint32_t)test_number(t, i, "x"), (uint32_t)lround(7.0 * test_number(t, i, "t_x")),
                                (uint32_t)lround(7.0 * test_number(t, i, "T_cal")), 0, 1};
    *view = view_of(t->rows, 7.0);
    assert_int_equal(view->count, 1016);
    return true;
}

/* The row of a table says a parameter, the maximum, or the likelihood at parameters that its name holds. */
static void check_row(const test_table *t, size_t i, const cxm_btyd *model, const cxm_fit *fit)
{
    const char *what = test_cell(t, i, "parameter");
    double value = test_number(t, i, "value"), se = test_number(t, i, "std_error"), allowed = test_number(t, i, "check_abs_tol");
    if (strcmp(what, "LL") == 0) assert_near(fit->log_likelihood, value, allowed);
    for (uint32_t p = 0; p < cxm_btyd_parameters(model->kind); ++p) {
        if (strcmp(what, cxm_btyd_parameter_name(model->kind, p)) != 0) continue;
        assert_near(model->parameter[p], value, allowed);
        bool tight = strstr(test_cell(t, i, "source"), "tight optimum") != NULL;
        double close = tight ? 1e-5 : model->kind == CXM_BTYD_PARETONBD ? 2e-3 : 1e-3;     /* packages stop before the end of its ridge */
        if (!isnan(se)) assert_close(fit->se[p], se, close);
    }
}

static void fits_of_cdnow(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "NBD", "BG/NBD", "MBG/NBD", "Pareto/NBD"};
    test_table cdnow, t;
    cxm_cbs_view view;
    size_t found = 0;
    if (!read_cdnow(&cdnow, &view)) skip();
    t = test_table_read("value_fits.csv");
    for (int32_t kind = CXM_BTYD_NBD; kind <= CXM_BTYD_PARETONBD; ++kind) {
        cxm_btyd model;
        cxm_fit fit = fitted(&view, kind, &model);
        assert_true(fit.outcome == CXM_FIT_INNER && fit.customers == 2357 && fit.decrement < 1e-9 && fit.evaluations < 60);
        for (size_t i = 0; i < t.rows; ++i) {
            if (strcmp(test_cell(&t, i, "model"), names[kind]) != 0 || strncmp(test_cell(&t, i, "dataset"), "cdnow_master", 12) == 0) continue;
            check_row(&t, i, &model, &fit);
            ++found;
        }
    }
    assert_int_equal(found, 67);
    test_table_free(&t);
    test_table_free(&cdnow);
}

/* --- sums over CDNOW at stated parameters --- */

typedef struct sums { double alive, expected, absolute, square; } sums;

static sums sums_of(const test_table *cdnow, const cxm_btyd *m)
{
    sums s = {0.0, 0.0, 0.0, 0.0};
    for (size_t i = 0; i < cdnow->rows; ++i) {
        cxm_btyd_history h = {test_number(cdnow, i, "x"), test_number(cdnow, i, "t_x"), test_number(cdnow, i, "T_cal")};
        double alive = NAN, expected = NAN;
        assert_int_equal(cxm_btyd_alive(m, &h, &alive), CXM_OK);
        assert_int_equal(cxm_btyd_expected(m, &h, 39.0, &expected), CXM_OK);
        double off = expected - test_number(cdnow, i, "x_star");
        s.alive += alive;
        s.expected += expected;
        s.absolute += fabs(off);
        s.square += off * off;
    }
    s.absolute /= (double)cdnow->rows;
    s.square = sqrt(s.square / (double)cdnow->rows);
    return s;
}

static size_t check_sums(const test_table *t, const char *model, const sums *s)
{
    size_t found = 0;
    for (size_t i = 0; i < t->rows; ++i) {
        const char *what = test_cell(t, i, "quantity");
        double value = test_number(t, i, "value"), allowed = test_number(t, i, "tol_rel");
        if (strcmp(test_cell(t, i, "model"), model) != 0 || strcmp(test_cell(t, i, "dataset"), "cdnow_cbs_btyd") != 0) continue;
        if (strcmp(what, "sum_CET_39") == 0 || strcmp(what, "sum_pred_39") == 0) assert_close(s->expected, value, allowed);
        else if (strcmp(what, "holdout_MAE") == 0) assert_close(s->absolute, value, allowed);
        else if (strcmp(what, "holdout_RMSE") == 0) assert_close(s->square, value, allowed);
        else if (strcmp(what, "sum_P_alive") == 0) assert_close(s->alive, value, allowed);
        else continue;
        ++found;
    }
    return found;
}

static void sums_over_cdnow(void **state)
{
    (void)state;
    test_table cdnow, t;
    cxm_cbs_view view;
    cxm_btyd nbd, bg = {CXM_BTYD_BGNBD, 0, {0.243, 4.414, 0.793, 2.426}}, mbg = {CXM_BTYD_MBGNBD, 0, {0.525, 6.183, 0.891, 1.614}},
             pareto = {CXM_BTYD_PARETONBD, 0, {0.553, 10.578, 0.606, 11.669}};
    if (!read_cdnow(&cdnow, &view)) skip();
    fitted(&view, CXM_BTYD_NBD, &nbd);
    t = test_table_read("value_cohort_aggregates.csv");
    sums of_nbd = sums_of(&cdnow, &nbd), of_bg = sums_of(&cdnow, &bg), of_mbg = sums_of(&cdnow, &mbg), of_pareto = sums_of(&cdnow, &pareto);
    assert_int_equal(check_sums(&t, "NBD", &of_nbd), 1);
    assert_int_equal(check_sums(&t, "BG/NBD", &of_bg), 4);
    assert_int_equal(check_sums(&t, "MBG/NBD", &of_mbg), 3);
    assert_int_equal(check_sums(&t, "Pareto/NBD", &of_pareto), 4);
    test_table_free(&t);
    test_table_free(&cdnow);
}

/* --- data at the end of what a model can say --- */

static bool is_at_a_bound(const cxm_fit *fit, uint32_t parameter)
{
    return fit->outcome == CXM_FIT_BOUNDARY && ((fit->low | fit->high | fit->loose) >> parameter & 1) && isnan(fit->se[parameter]);
}

static void predictions_are_sane(const cxm_btyd *m, const cxm_cbs_view *view)
{
    for (size_t i = 0; i < view->count; ++i) {
        cxm_btyd_history h = {view->rows[i].x, view->rows[i].t_x / view->per_unit, view->rows[i].T / view->per_unit};
        double alive = NAN, expected = NAN;
        assert_int_equal(cxm_btyd_alive(m, &h, &alive), CXM_OK);
        assert_int_equal(cxm_btyd_expected(m, &h, 10.0, &expected), CXM_OK);
        assert_true(alive >= 0.0 && alive <= 1.0 && expected >= 0.0 && isfinite(expected));
        assert_true(expected <= 10.0 * (h.x + 10.0) / h.T + 1.0);
    }
}

enum { R, ALPHA, A, B };

/* Nobody comes back: there is no rate, and of a BG/NBD nothing is known of leaving. */
static void no_repeat_purchases(void **state)
{
    (void)state;
    for (int32_t kind = CXM_BTYD_NBD; kind <= CXM_BTYD_PARETONBD; ++kind) {
        cxm_btyd m;
        for (uint32_t i = 0; i < 20; ++i) rows[i] = (cxm_cbs_row){0, 0, 100 + i, 0, 5};
        cxm_cbs_view view = view_of(20, 7.0);
        cxm_fit fit = fitted(&view, kind, &m);
        assert_true(is_at_a_bound(&fit, R) || is_at_a_bound(&fit, ALPHA) || is_at_a_bound(&fit, A));
        if (kind == CXM_BTYD_BGNBD) assert_true(fit.loose == 12);
        predictions_are_sane(&m, &view);
    }
}

/* Everybody buys every day up to the end: all alike, and nobody leaves. */
static void daily_buyers(void **state)
{
    (void)state;
    for (int32_t kind = CXM_BTYD_NBD; kind <= CXM_BTYD_PARETONBD; ++kind) {
        cxm_btyd m;
        for (uint32_t i = 0; i < 30; ++i) rows[i] = (cxm_cbs_row){100 + i, 100 + i, 100 + i, 0, 3};
        cxm_cbs_view view = view_of(30, 7.0);
        cxm_fit fit = fitted(&view, kind, &m);
        assert_true(is_at_a_bound(&fit, R) || is_at_a_bound(&fit, ALPHA));
        if (kind != CXM_BTYD_NBD) assert_true(is_at_a_bound(&fit, A) || is_at_a_bound(&fit, B));
        predictions_are_sane(&m, &view);
    }
}

/* One history, of one customer or many; two rows. */
static void all_identical(void **state)
{
    (void)state;
    for (int32_t kind = CXM_BTYD_NBD; kind <= CXM_BTYD_PARETONBD; ++kind)
        for (uint32_t n = 1; n <= 2; ++n) {
            cxm_btyd m;
            rows[0] = (cxm_cbs_row){3, 50, 100, 0, 1000};
            rows[1] = (cxm_cbs_row){5, 40, 90, 0, 1};
            cxm_cbs_view view = view_of(n, 7.0);
            cxm_fit fit = fitted(&view, kind, &m);
            assert_int_equal(fit.outcome, CXM_FIT_BOUNDARY);
            predictions_are_sane(&m, &view);
        }
}

/* Born on the last day, and nothing else. */
static void no_time_at_all(void **state)
{
    (void)state;
    cxm_btyd m;
    rows[0] = (cxm_cbs_row){0, 0, 0, 0, 10};
    cxm_cbs_view view = {rows, 1, 1.0};
    cxm_fit fit = fitted(&view, CXM_BTYD_BGNBD, &m);
    assert_int_equal(fit.outcome, CXM_FIT_BOUNDARY);
    assert_int_equal(fit.loose, 15);
}

/* --- simulated customers --- */

static double uniform(uint64_t *seed)
{
    return ((double)(test_rand(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static double exponential(uint64_t *seed)
{
    return -log(uniform(seed));
}

/* Gamma of shape a: G. Marsaglia and W. W. Tsang, 2000, from normals by Box and Muller. */
static double gamma_of(double a, uint64_t *seed)
{
    if (a < 1.0) return gamma_of(a + 1.0, seed) * pow(uniform(seed), 1.0 / a);
    for (double d = a - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);;) {
        double z = sqrt(2.0 * exponential(seed)) * cos(6.283185307179586 * uniform(seed)), v = 1.0 + c * z;
        if (v > 0.0 && log(uniform(seed)) < 0.5 * z * z + d - d * v * v * v + d * log(v * v * v)) return d * v * v * v;
    }
}

static double beta_of(double a, double b, uint64_t *seed)
{
    double x = gamma_of(a, seed), y = gamma_of(b, seed);
    return x / (x + y);
}

/* One customer, in ticks of 1/1000, so fine that two purchases hardly ever fall together. */
static cxm_cbs_row simulated(const cxm_btyd *m, double T, uint64_t *seed)
{
    const double *p = m->parameter;
    bool any_time = m->kind == CXM_BTYD_PARETONBD;
    double rate = gamma_of(p[R], seed) / p[ALPHA], leaves = m->kind == CXM_BTYD_NBD || any_time ? 0.0 : beta_of(p[A], p[B], seed), t = 0.0;
    cxm_cbs_row row = {0, 0, (uint32_t)(1000.0 * T), 0, 1};
    if (any_time) T = fmin(T, exponential(seed) * p[B] / gamma_of(p[A], seed));
    if (m->kind == CXM_BTYD_MBGNBD && uniform(seed) < leaves) return row;
    while ((t += exponential(seed) / rate) < T) {
        ++row.x;
        row.t_x = (uint32_t)(1000.0 * t) + 1;
        if (leaves > 0.0 && uniform(seed) < leaves) break;
    }
    if (row.t_x > row.T) row.t_x = row.T;
    return row;
}

/* The 95 % limits of ln parameters hold the truth about as often as they say: of some 1,000, binomial; the long study is a script. */
static void limits_hold_the_truth(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    for (int32_t kind = CXM_BTYD_NBD; kind <= CXM_BTYD_PARETONBD; ++kind) {
        int held = 0, all = 0;
        for (int trial = 0; trial < (kind == CXM_BTYD_PARETONBD ? 30 : 60); ++trial) {
            if (test_left_out()) continue;
            cxm_btyd truth = {kind, 0, {0.5 + uniform(&seed), 5.0 + 10.0 * uniform(&seed), 0.6 + uniform(&seed), 1.5 + 3.0 * uniform(&seed)}}, m;
            if (kind == CXM_BTYD_PARETONBD) truth.parameter[B] *= 5.0;
            for (int i = 0; i < 2000; ++i) rows[i] = simulated(&truth, 30.0 + 20.0 * uniform(&seed), &seed);
            cxm_cbs_view view = view_of(2000, 1000.0);
            cxm_fit fit = fitted(&view, kind, &m);
            assert_int_not_equal(fit.outcome, CXM_FIT_UNFINISHED);
            for (uint32_t p = 0; p < cxm_btyd_parameters(kind) && fit.outcome == CXM_FIT_INNER; ++p, ++all)
                held += fabs(log(m.parameter[p] / truth.parameter[p])) < 1.959964 * fit.ln_se[p];
        }
        if (all >= 100) assert_true(held >= 0.90 * all && held <= 0.99 * all + 1.0);
    }
}

/* --- what is refused --- */

static void refuses(void **state)
{
    (void)state;
    cxm_btyd m = {.kind = 42};
    cxm_fit fit = {.size = sizeof fit, .outcome = 42};
    const cxm_cbs_row good = {2, 30, 100, 0, 5}, bad[] = {{0, 1, 5, 0, 1}, {1, 0, 5, 0, 1}, {1, 6, 5, 0, 1}, {UINT32_MAX, 3, 5, 0, 1}};
    cxm_cbs_view view = {&good, 1, 7.0};
    for (size_t i = 0; i < COUNT_OF(bad); ++i) {
        view.rows = &bad[i];
        assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &m, &fit), CXM_E_DOMAIN);
    }
    cxm_cbs_row many[] = {good, good};
    many[1].count = UINT64_MAX;
    view = (cxm_cbs_view){many, 2, 7.0};
    assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &m, &fit), CXM_E_ARG);
    view = (cxm_cbs_view){NULL, 0, 7.0};
    assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &m, &fit), CXM_E_EMPTY);
    view = (cxm_cbs_view){&good, 1, NAN};
    assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &m, &fit), CXM_E_ARG);
    view = (cxm_cbs_view){NULL, 1, 7.0};
    assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &m, &fit), CXM_E_ARG);
    view = (cxm_cbs_view){&good, 1, 7.0};
    assert_int_equal(cxm_btyd_fit(&view, 0, &m, &fit), CXM_E_ARG);
    assert_int_equal(cxm_btyd_fit(NULL, CXM_BTYD_BGNBD, &m, &fit), CXM_E_ARG);
    assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, NULL, &fit), CXM_E_ARG);
    assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &m, NULL), CXM_E_ARG);
    fit.size = 8;
    assert_int_equal(cxm_btyd_fit(&view, CXM_BTYD_BGNBD, &m, &fit), CXM_E_ABI);
    assert_true(m.kind == 42 && fit.outcome == 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_of_cdnow), cmocka_unit_test(sums_over_cdnow), cmocka_unit_test(no_repeat_purchases),
        cmocka_unit_test(daily_buyers), cmocka_unit_test(all_identical), cmocka_unit_test(no_time_at_all),
        cmocka_unit_test(limits_hold_the_truth), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests_name("value/btyd_fit", tests, NULL, NULL);
}
