/* SPDX-License-Identifier: MIT */
/* test_btyd.c - one customer at a time against published forms at 50 digits and packages of others, then against each other. */
#include <cxm/btyd.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static double alive_after(const cxm_btyd *m, cxm_btyd_history h, double t)
{
    double out = NAN;
    assert_int_equal(cxm_btyd_alive_after(m, &h, t, &out), CXM_OK);
    return out;
}

static double alive(const cxm_btyd *m, cxm_btyd_history h)
{
    double out = NAN;
    assert_int_equal(cxm_btyd_alive(m, &h, &out), CXM_OK);
    return out;
}

static double expected(const cxm_btyd *m, const cxm_btyd_history *h, double t)
{
    double out = NAN;
    assert_int_equal(cxm_btyd_expected(m, h, t, &out), CXM_OK);
    return out;
}

static double residual(const cxm_btyd *m, const cxm_btyd_history *h, double discount)
{
    double out = NAN;
    assert_int_equal(cxm_btyd_residual(m, h, discount, &out), CXM_OK);
    return out;
}

static double pmf(const cxm_btyd *m, uint32_t x, double t)
{
    double out = NAN;
    assert_int_equal(cxm_btyd_pmf(m, x, t, &out), CXM_OK);
    return out;
}

static double log_likelihood(const cxm_btyd *m, cxm_btyd_history h)
{
    double out = NAN;
    assert_int_equal(cxm_btyd_log_likelihood(m, &h, &out), CXM_OK);
    return out;
}

static cxm_btyd model_of(const test_table *t, size_t i, int32_t kind)
{
    cxm_btyd m = {.kind = kind};
    for (uint32_t p = 0; p < cxm_btyd_parameters(kind); ++p) m.parameter[p] = test_number(t, i, cxm_btyd_parameter_name(kind, p));
    return m;
}

static cxm_btyd_history history_of(const test_table *t, size_t i)
{
    return (cxm_btyd_history){test_number(t, i, "x"), test_number(t, i, "t_x"), test_number(t, i, "T")};
}

/* --- tables --- */

/* P(alive) as small as 1e-300 is right to 2e-12 of itself, too. */
static void customers(const char *name, int32_t kind, size_t rows)
{
    test_table t = test_table_read(name);
    assert_int_equal(t.rows, rows);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_btyd m = model_of(&t, i, kind);
        cxm_btyd_history h = history_of(&t, i);
        assert_close(log_likelihood(&m, h), test_number(&t, i, "loglik_mp"), 1e-12);
        assert_close(alive(&m, h), test_number(&t, i, "p_alive_mp"), 2e-12);
        assert_close(expected(&m, &h, 1.0), test_number(&t, i, "cet_1_mp"), 2e-12);
        assert_close(expected(&m, &h, 39.0), test_number(&t, i, "cet_39_mp"), 2e-12);
        assert_close(expected(&m, &h, 52.0), test_number(&t, i, "cet_52_mp"), 2e-12);
    }
    test_table_free(&t);
}

static void reference_bgnbd(void **state)
{
    (void)state;
    customers("bgnbd_customers_btyd.csv", CXM_BTYD_BGNBD, 68);
}

static void reference_mbgnbd(void **state)
{
    (void)state;
    customers("mbgnbd_customers_btydplus.csv", CXM_BTYD_MBGNBD, 51);
}

/* Packages have nothing for some of these rows; the discounted purchases are in this table, too. */
static void reference_paretonbd(void **state)
{
    (void)state;
    customers("pnbd_customers_btyd.csv", CXM_BTYD_PARETONBD, 85);
    test_table t = test_table_read("pnbd_customers_btyd.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_btyd m = model_of(&t, i, CXM_BTYD_PARETONBD);
        cxm_btyd_history h = history_of(&t, i);
        assert_close(residual(&m, &h, 0.0027), test_number(&t, i, "dert_d0.0027_mp"), 2e-12);
    }
    test_table_free(&t);
}

/* The table has 12 digits. */
static void reference_residual(void **state)
{
    (void)state;
    test_table t = test_table_read("dert_bgnbd_mbgnbd_mpmath.csv");
    assert_int_equal(t.rows, 24);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_btyd m = model_of(&t, i, strcmp(test_cell(&t, i, "model"), "bgnbd") == 0 ? CXM_BTYD_BGNBD : CXM_BTYD_MBGNBD);
        cxm_btyd_history h = history_of(&t, i);
        assert_close(residual(&m, &h, test_number(&t, i, "delta_continuous")), test_number(&t, i, "dert_mp"), 1e-10);
    }
    test_table_free(&t);
}

static void reference_new_customers(void **state)
{
    (void)state;
    size_t found = 0;
    test_table t = test_table_read("expectation_pmf_btyd.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        const char *name = test_cell(&t, i, "model");
        double at = test_number(&t, i, "t"), want = test_number(&t, i, "value_mp");
        cxm_btyd m = {strcmp(name, "bgnbd") == 0 ? CXM_BTYD_BGNBD : strcmp(name, "pnbd") == 0 ? CXM_BTYD_PARETONBD : CXM_BTYD_MBGNBD, 0,
                      {test_number(&t, i, "p1"), test_number(&t, i, "p2"), test_number(&t, i, "p3"), test_number(&t, i, "p4")}};
        if (strcmp(test_cell(&t, i, "quantity"), "expectation") == 0) assert_close(expected(&m, NULL, at), want, 1e-12);
        else assert_close(pmf(&m, (uint32_t)test_number(&t, i, "x"), at), want, 2e-12);
        ++found;
    }
    assert_int_equal(found, 156);
    test_table_free(&t);
}

/* The number behind `name` and '=' in a cell such as x=2;t_x=30.43. */
static double input(const char *cell, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = cell; at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
        if (strncmp(at, name, len) == 0 && at[len] == '=') return strtod(at + len + 1, NULL);
    return 0.0;
}

static double published(const cxm_btyd *m, const char *quantity, const char *inputs)
{
    double t = input(inputs, "t");
    cxm_btyd_history h = {input(inputs, "x"), input(inputs, "t_x"), input(inputs, "T")};
    if (strcmp(quantity, "expectation") == 0) return expected(m, NULL, t);
    if (strcmp(quantity, "pmf") == 0) return pmf(m, (uint32_t)h.x, t);
    if (strcmp(quantity, "p_alive") == 0) return alive(m, h);
    assert_string_equal(quantity, "conditional_expected_transactions");
    return expected(m, &h, t);
}

/* "cdnow MLE" is the tight optimum of value_fits.csv; else the four parameters stand in the cell. */
static cxm_btyd published_model(int32_t kind, const char *params)
{
    cxm_btyd m = {CXM_BTYD_BGNBD, 0, {0.24259452, 4.413602, 0.79292202, 2.4259068}};
    if (kind == CXM_BTYD_PARETONBD) m = (cxm_btyd){CXM_BTYD_PARETONBD, 0, {0.55327705, 10.577683, 0.60623999, 11.668735}};
    if (strchr(params, ';')) {
        char *end = NULL;
        for (int i = 0; i < 4; ++i, params = end + 1) m.parameter[i] = strtod(params, &end);
    }
    return m;
}

static size_t check_published(const char *name, int32_t kind)
{
    size_t found = 0;
    test_table t = test_table_read("value_published.csv");
    for (size_t i = 0; i < t.rows; ++i) {
        const char *quantity = test_cell(&t, i, "quantity"), *inputs = test_cell(&t, i, "inputs");
        if (strcmp(test_cell(&t, i, "model"), name) != 0) continue;
        cxm_btyd m = published_model(kind, test_cell(&t, i, "params"));
        if (strcmp(test_cell(&t, i, "value"), "finite") == 0) {         /* where packages overflowed */
            cxm_btyd_history h = {input(inputs, "x"), input(inputs, "t_x"), input(inputs, "T")};
            assert_true(isfinite(log_likelihood(&m, h)) && alive(&m, h) > 0.0 && alive(&m, h) < 1.0);
        } else assert_near(published(&m, quantity, inputs), test_number(&t, i, "value"), test_number(&t, i, "abs_tol"));
        ++found;
    }
    test_table_free(&t);
    return found;
}

static void published_predictions(void **state)
{
    (void)state;
    assert_int_equal(check_published("BG/NBD", CXM_BTYD_BGNBD), 14);
    assert_int_equal(check_published("Pareto/NBD", CXM_BTYD_PARETONBD), 7);
}

/* --- properties --- */

static double uniform(uint64_t *seed)
{
    return (double)(test_rand(seed) >> 11) / 9007199254740992.0;
}

static double spread(uint64_t *seed, double low, double high)        /* even over the logarithm */
{
    return low * pow(high / low, uniform(seed));
}

static cxm_btyd any_model(uint64_t *seed)
{
    return (cxm_btyd){(int32_t)(test_rand(seed) % 4) + 1, 0,
                      {spread(seed, 0.02, 50.0), spread(seed, 0.05, 500.0), spread(seed, 0.02, 50.0), spread(seed, 0.02, 50.0)}};
}

static cxm_btyd_history any_history(uint64_t *seed)
{
    double x = floor(spread(seed, 1.0, 10001.0)) - 1.0, T = spread(seed, 1.0, 20000.0);
    return (cxm_btyd_history){x, x > 0.0 ? T * uniform(seed) + 1e-9 : 0.0, T + 1e-9};
}

/* Chances of all numbers of purchases add up to 1, and their mean is the expectation; the tail of the sum lies past 3000. */
static void numbers_add_up(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int trial = 0; trial < 60; ++trial) {
        if (test_left_out()) continue;
        cxm_btyd m = {(int32_t)(test_rand(&seed) % 4) + 1, 0,
                      {spread(&seed, 0.3, 5.0), spread(&seed, 3.0, 30.0), spread(&seed, 0.3, 5.0), spread(&seed, 0.3, 5.0)}};
        double t = spread(&seed, 0.5, 20.0), sum = 0.0, mean = 0.0;
        for (uint32_t x = 0; x < 3000; ++x) {
            double p = pmf(&m, x, t);
            sum += p;
            mean += x * p;
        }
        assert_close(sum, 1.0, 1e-12);
        assert_close(mean, expected(&m, NULL, t), 1e-11);
    }
}

/* The likelihood of a customer without repeat purchases is their chance. */
static void nobody_returns(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int trial = 0; trial < 500; ++trial) {
        if (test_left_out()) continue;
        cxm_btyd m = any_model(&seed);
        double T = spread(&seed, 0.1, 1000.0);
        assert_close(exp(log_likelihood(&m, (cxm_btyd_history){0.0, 0.0, T})), pmf(&m, 0, T), 1e-11);
    }
}

/* Bounds that hold for any model, and order in t and in the discount, up to x = 10,000 and T = 20,000. */
static void predictions_are_in_order(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int trial = 0; trial < 3000; ++trial) {
        if (test_left_out()) continue;
        cxm_btyd m = any_model(&seed);
        cxm_btyd_history h = any_history(&seed);
        double t = spread(&seed, 0.01, 10000.0), there = alive(&m, h), later = alive_after(&m, h, t);
        double near = expected(&m, &h, t), far = expected(&m, &h, 2.0 * t), ever = residual(&m, &h, 1.0 / t);
        double rate = (m.parameter[0] + h.x) / (m.parameter[1] + h.T), more = 1.0 + 1e-12;
        assert_true(there >= 0.0 && there <= 1.0 && later >= 0.0 && later <= there);
        assert_true(near >= 0.0 && near <= there * rate * t * more && far * more >= near && far <= 2.0 * near * more);
        assert_true(ever * more >= near * exp(-1.0) && ever <= there * rate * t * more);
        assert_true(isfinite(log_likelihood(&m, h)));
    }
}

/* DERT is discount times the integral of e^(-discount t) expected(t): here by the trapezoidal rule over ln t. */
static void residual_is_expected_discounted(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int trial = 0; trial < 12; ++trial) {
        if (test_left_out()) continue;
        cxm_btyd m = any_model(&seed);
        cxm_btyd_history h = any_history(&seed);
        double discount = spread(&seed, 1e-4, 1.0), sum = 0.0;
        for (double v = -40.0; v < 5.0; v += 0.0625) sum += 0.0625 * exp(v - exp(v)) * expected(&m, &h, exp(v) / discount);
        assert_close(residual(&m, &h, discount), sum, 1e-10);
    }
}

/* Chances to be alive that no double close to 1 could tell from nothing. The figures: the mean of (1 + p t / A)^-k over Beta(a, b + x),
 * by mpmath's quadrature at 50 digits over ln(p / (1 - p)). */
static void far_away(void **state)
{
    (void)state;
    const cxm_btyd m = {CXM_BTYD_BGNBD, 0, {2.0, 5.0, 30.0, 1000.0}};
    const cxm_btyd_history h = {1000.0, 900.0, 1000.0};
    double now = alive(&m, h), later = alive_after(&m, h, 1e6);
    assert_true(later > 0.0 && later < 1e-100 && now > 0.0);
    for (double t = 1.0; t < 1e9; t *= 3.0) {                  /* convex in ln: no step falls by more than t^k */
        double near = alive_after(&m, h, t), far = alive_after(&m, h, 3.0 * t);
        assert_true(far < near && far >= near * pow(3.0, -30.0));
    }
}

/* A customer that cannot leave is one of NBD; and with a tiny chance to leave nearly so. */
static void nobody_leaves(void **state)
{
    (void)state;
    const cxm_btyd nbd = {CXM_BTYD_NBD, 0, {0.5, 5.0, 0.0, 0.0}}, bg = {CXM_BTYD_BGNBD, 0, {0.5, 5.0, 1e-6, 1e6}};
    const cxm_btyd_history h = {4.0, 20.0, 30.0};
    assert_close(expected(&nbd, &h, 10.0), 4.5 / 35.0 * 10.0, 1e-15);
    assert_close(residual(&nbd, &h, 0.01), 4.5 / 35.0 / 0.01, 1e-15);
    assert_close(expected(&nbd, NULL, 10.0), 1.0, 1e-15);
    assert_true(alive(&nbd, h) == 1.0 && alive_after(&nbd, h, 1e6) == 1.0);
    assert_close(expected(&bg, &h, 10.0), expected(&nbd, &h, 10.0), 1e-9);
    assert_close(log_likelihood(&bg, h), log_likelihood(&nbd, h), 1e-9);
}

/* A unit of time is a name: T, t and alpha scaled alike say the same. */
static void units_do_not_matter(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < 300; ++trial) {
        if (test_left_out()) continue;
        cxm_btyd weeks = any_model(&seed), days = weeks;
        cxm_btyd_history h = any_history(&seed), scaled = {h.x, 7.0 * h.t_x, 7.0 * h.T};
        days.parameter[1] *= 7.0;
        if (days.kind == CXM_BTYD_PARETONBD) days.parameter[3] *= 7.0;
        assert_close(alive(&days, scaled), alive(&weeks, h), 1e-9);
        assert_close(expected(&days, &scaled, 70.0), expected(&weeks, &h, 10.0), 1e-9);
        assert_near(log_likelihood(&days, scaled), log_likelihood(&weeks, h) - h.x * log(7.0), 1e-9 * (1.0 + h.x));
    }
}

/* Nothing at all, at once and in no time. */
static void at_the_ends(void **state)
{
    (void)state;
    const cxm_btyd m = {CXM_BTYD_MBGNBD, 0, {0.525, 6.183, 0.891, 1.614}};
    const cxm_btyd_history born = {0.0, 0.0, 0.0};
    assert_close(alive(&m, born), 1.614 / (0.891 + 1.614), 1e-14);
    assert_close(expected(&m, &born, 20.0), expected(&m, NULL, 20.0), 1e-13);
    assert_true(expected(&m, &born, 0.0) == 0.0 && pmf(&m, 0, 0.0) == 1.0 && pmf(&m, 3, 0.0) == 0.0);
    assert_true(expected(&m, &born, 1e12) > 1.0 && isfinite(expected(&m, &born, 1e12)));
}

/* --- what is refused --- */

static void refuses(void **state)
{
    (void)state;
    const cxm_btyd m = {CXM_BTYD_BGNBD, 0, {0.243, 4.414, 0.793, 2.426}};
    cxm_btyd bad[] = {m, m, m, m, m};
    const cxm_btyd_history h = {2.0, 3.0, 10.0}, none[] = {{-1.0, 0.0, 5.0}, {0.5, 1.0, 5.0}, {0.0, 1.0, 5.0}, {1.0, 0.0, 5.0}, {1.0, 6.0, 5.0},
                                                           {NAN, 1.0, 5.0}, {1.0, NAN, 5.0}, {1.0, 1.0, NAN}, {1.0, 1.0, 2e12}, {2e8, 1.0, 5.0}};
    double out = 7.0;
    bad[0].kind = 0;
    bad[1].kind = 99;
    bad[2].reserved = 1;
    bad[3].parameter[2] = NAN;
    bad[4].parameter[0] = 0.0;
    for (size_t i = 0; i < COUNT_OF(bad); ++i) {
        assert_int_equal(cxm_btyd_alive(&bad[i], &h, &out), CXM_E_ARG);
        assert_int_equal(cxm_btyd_expected(&bad[i], &h, 1.0, &out), CXM_E_ARG);
        assert_int_equal(cxm_btyd_residual(&bad[i], &h, 0.1, &out), CXM_E_ARG);
        assert_int_equal(cxm_btyd_pmf(&bad[i], 1, 1.0, &out), CXM_E_ARG);
        assert_int_equal(cxm_btyd_log_likelihood(&bad[i], &h, &out), CXM_E_ARG);
    }
    for (size_t i = 0; i < COUNT_OF(none); ++i) {
        assert_int_equal(cxm_btyd_alive(&m, &none[i], &out), CXM_E_DOMAIN);
        assert_int_equal(cxm_btyd_expected(&m, &none[i], 1.0, &out), CXM_E_DOMAIN);
        assert_int_equal(cxm_btyd_residual(&m, &none[i], 0.1, &out), CXM_E_DOMAIN);
        assert_int_equal(cxm_btyd_log_likelihood(&m, &none[i], &out), CXM_E_DOMAIN);
    }
    assert_int_equal(cxm_btyd_expected(&m, &h, -1.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_btyd_expected(&m, &h, NAN, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_btyd_alive_after(&m, &h, HUGE_VAL, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_btyd_pmf(&m, 1, -1.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_btyd_pmf(&m, UINT32_MAX, 1.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_btyd_residual(&m, &h, 0.0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_btyd_residual(&m, &h, NAN, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_btyd_alive(NULL, &h, &out), CXM_E_ARG);
    assert_int_equal(cxm_btyd_alive(&m, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_btyd_alive_after(&m, &h, 1.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_btyd_log_likelihood(&m, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_btyd_expected(&m, &h, 1.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_btyd_residual(&m, &h, 1.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_btyd_pmf(&m, 1, 1.0, NULL), CXM_E_ARG);
    assert_true(out == 7.0);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(cxm_btyd_name(CXM_BTYD_NBD), "nbd");
    assert_string_equal(cxm_btyd_name(CXM_BTYD_MBGNBD), "mbgnbd");
    assert_null(cxm_btyd_name(0));
    assert_string_equal(cxm_btyd_parameter_name(CXM_BTYD_BGNBD, 3), "b");
    assert_string_equal(cxm_btyd_parameter_name(CXM_BTYD_PARETONBD, 3), "beta");
    assert_null(cxm_btyd_parameter_name(CXM_BTYD_NBD, 2));
    assert_null(cxm_btyd_parameter_name(99, 0));
    assert_int_equal(cxm_btyd_parameters(CXM_BTYD_NBD), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_bgnbd), cmocka_unit_test(reference_mbgnbd), cmocka_unit_test(reference_paretonbd),
        cmocka_unit_test(reference_residual), cmocka_unit_test(reference_new_customers), cmocka_unit_test(published_predictions), cmocka_unit_test(numbers_add_up),
        cmocka_unit_test(nobody_returns), cmocka_unit_test(predictions_are_in_order), cmocka_unit_test(residual_is_expected_discounted),
        cmocka_unit_test(far_away), cmocka_unit_test(nobody_leaves), cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(at_the_ends), cmocka_unit_test(refuses), cmocka_unit_test(names)};
    return cmocka_run_group_tests_name("value/btyd", tests, NULL, NULL);
}
