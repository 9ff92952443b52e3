/* SPDX-License-Identifier: MIT */
/* fuzz_fit.c - what fits of lifetime models and their predictions take: rows, units, parameters, histories and discounts out of bytes,
 * half of the rows put right. A call that fails leaves its output as it was; a fit ends in one of three ways that agree with its bits and
 * standard errors; its parameters serve for predictions, which are shares, or finite and not negative.
 *
 * Input: byte 0 says of what, then numbers: a byte for its form, then 1, 2, 4 or 8 bytes, little endian; none left are 0.  */
#include <cxm/btyd.h>
#include <cxm/clv.h>
#include <cxm/gamma_gamma.h>
#include <cxm/sbg.h>
#include <math.h>
#include <string.h>
#include "fuzz.h"

enum { ROWS = 12, EVALUATIONS = 3000, FREE = 0xA5 };

/* --- numbers out of bytes --- */

typedef struct input { const uint8_t *at; size_t left; } input;

static uint64_t take(input *in, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes && in->left; ++i, --in->left) value |= (uint64_t)*in->at++ << (8 * i);
    return value;
}

static uint64_t whole(input *in)
{
    return take(in, (size_t)1 << (take(in, 1) & 3));
}

/* Any double by its bits, or a whole number by a power of two: the high half of the form. */
static double real(input *in)
{
    uint64_t form = take(in, 1), bits = take(in, form & 8 ? 8 : (size_t)1 << (form & 3));
    double value;
    if (!(form & 8)) return ldexp((double)bits, (int)(form >> 4) * 4 - 40);
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* One after the other: the initialisers of a list have no order. */
static void reals(input *in, double *to, size_t count)
{
    for (size_t i = 0; i < count; ++i) to[i] = real(in);
}

static void wholes(input *in, uint64_t *to, size_t count)
{
    for (size_t i = 0; i < count; ++i) to[i] = whole(in);
}

/* --- what holds of every call and every fit --- */

static int is_share(double x) { return x >= 0.0 && x <= 1.0; }
static int is_amount(double x) { return x >= 0.0 && isfinite(x); }

/* Outputs that a failing call must leave: filled with FREE before. */
static int untouched(const void *at, size_t len)
{
    const uint8_t *byte = at;
    for (size_t i = 0; i < len; ++i)
        if (byte[i] != FREE) return 0;
    return 1;
}

static double blank(void)
{
    double x;
    memset(&x, FREE, sizeof x);
    return x;
}

/* Whether the call went well; if not, that its output is as it was, and its status one of `a` and `b`. */
static int went_well(cxm_status status, double out, cxm_status a, cxm_status b)
{
    if (status == CXM_OK) return 1;
    REQUIRE(status == a || status == b || status == CXM_E_ARG);
    REQUIRE(untouched(&out, sizeof out));
    return 0;
}

static cxm_fit fit_with_room(input *in)
{
    cxm_fit fit;
    memset(&fit, FREE, sizeof fit);
    fit.size = take(in, 1) == 255 ? (uint32_t)sizeof fit - 1 : (uint32_t)sizeof fit;
    return fit;
}

/* Whether there is a fit; the outputs of a call that failed are as they were. */
static int is_fitted(cxm_status status, const cxm_fit *fit, const void *model, size_t len)
{
    if (status == CXM_OK) return 1;
    REQUIRE(status == CXM_E_ARG || status == CXM_E_DOMAIN || status == CXM_E_EMPTY || status == CXM_E_ABI);
    REQUIRE((status == CXM_E_ABI) == (fit->size < sizeof *fit) || status == CXM_E_ARG);
    REQUIRE(untouched(&fit->outcome, sizeof *fit - offsetof(cxm_fit, outcome)) && untouched(model, len));
    return 0;
}

static void require_delta(const cxm_fit *fit)
{
    const double gradient[CXM_FIT_PARAMETERS_MAX] = {1.0, -0.5, 2.0, 0.25};
    double se = blank();
    cxm_status status = cxm_fit_delta(fit, gradient, &se);
    REQUIRE(status == (fit->outcome == CXM_FIT_UNFINISHED ? CXM_E_UNDEFINED : CXM_OK));
    REQUIRE(status == CXM_OK ? is_amount(se) : untouched(&se, sizeof se));
}

static void require_fit(const cxm_fit *fit, const double *parameter, uint32_t count)
{
    uint32_t held = fit->low | fit->high | fit->loose;
    int inner = fit->outcome == CXM_FIT_INNER, boundary = fit->outcome == CXM_FIT_BOUNDARY;
    REQUIRE(inner || boundary || fit->outcome == CXM_FIT_UNFINISHED);
    REQUIRE(fit->parameters == count && fit->reserved == 0 && fit->customers > 0);
    REQUIRE(fit->evaluations > 0 && fit->evaluations <= EVALUATIONS && held >> count == 0);
    REQUIRE(!inner || held == 0);
    REQUIRE(!boundary || held != 0);
    for (uint32_t i = 0; i < count; ++i) {
        REQUIRE(isfinite(parameter[i]) && parameter[i] > 0.0);
        if (held >> i & 1) REQUIRE(isnan(fit->se[i]) && isnan(fit->ln_se[i]));
        else if (inner || boundary) REQUIRE(is_amount(fit->se[i]) && fit->se[i] > 0.0 && is_amount(fit->ln_se[i]) && fit->ln_se[i] > 0.0);
    }
    for (uint32_t i = count; i < CXM_FIT_PARAMETERS_MAX; ++i) REQUIRE(isnan(fit->se[i]) && isnan(fit->ln_se[i]));
    REQUIRE(fit->outcome == CXM_FIT_UNFINISHED || (isfinite(fit->log_likelihood) && is_amount(fit->decrement)));
    require_delta(fit);
}

/* --- customers who leave without a word --- */

static void require_history(const cxm_btyd *model, const cxm_btyd_history *h, double t, double discount)
{
    double alive = blank(), later = blank(), expected = blank(), residual = blank(), likelihood = blank();
    int known = went_well(cxm_btyd_alive(model, h, &alive), alive, CXM_E_DOMAIN, CXM_E_DOMAIN);
    if (known) REQUIRE(is_share(alive));
    if (went_well(cxm_btyd_alive_after(model, h, t, &later), later, CXM_E_DOMAIN, CXM_E_DOMAIN)) {
        REQUIRE(known && is_share(later));
        REQUIRE(later <= alive * (1.0 + 1e-9));
    }
    if (went_well(cxm_btyd_expected(model, h, t, &expected), expected, CXM_E_DOMAIN, CXM_E_DOMAIN)) REQUIRE(known && is_amount(expected));
    if (went_well(cxm_btyd_residual(model, h, discount, &residual), residual, CXM_E_DOMAIN, CXM_E_DOMAIN))
        REQUIRE(known && is_amount(residual));
    REQUIRE(went_well(cxm_btyd_log_likelihood(model, h, &likelihood), likelihood, CXM_E_DOMAIN, CXM_E_DOMAIN) == known);
    if (known) REQUIRE(isfinite(likelihood));
}

static void require_new(const cxm_btyd *model, uint32_t x, double t, double discount)
{
    double chance = blank(), expected = blank(), residual = blank();
    if (went_well(cxm_btyd_pmf(model, x, t, &chance), chance, CXM_E_DOMAIN, CXM_E_DOMAIN)) REQUIRE(is_share(chance));
    if (went_well(cxm_btyd_expected(model, NULL, t, &expected), expected, CXM_E_DOMAIN, CXM_E_DOMAIN)) REQUIRE(is_amount(expected));
    if (went_well(cxm_btyd_residual(model, NULL, discount, &residual), residual, CXM_E_DOMAIN, CXM_E_DOMAIN))
        REQUIRE(is_amount(residual));
}

static cxm_cbs_row cbs_row(input *in)
{
    uint64_t form = take(in, 1), n[4];
    wholes(in, n, 4);
    cxm_cbs_row row = {(uint32_t)n[0], (uint32_t)n[1], (uint32_t)n[2], form == 255, n[3]};
    if (form & 128) return row;
    row.x %= CXM_CBS_X_MAX + UINT32_C(1);
    if (row.T == 0) row.x = 0;
    row.t_x = row.x ? 1 + row.t_x % row.T : 0;
    if (!(form & 64)) row.count &= 0xFFFFF;
    return row;
}

static int rises(const cxm_cbs_row *a, const cxm_cbs_row *b)
{
    if (a->x != b->x) return a->x < b->x;
    return a->t_x < b->t_x || (a->t_x == b->t_x && a->T < b->T);
}

/* In the order of a view, which is what a caller hands over. */
static size_t cbs_rows(input *in, cxm_cbs_row *rows)
{
    size_t count = take(in, 1) % (ROWS + 1);
    for (size_t i = 0; i < count; ++i) {
        cxm_cbs_row row = cbs_row(in);
        size_t at = i;
        for (; at > 0 && rises(&row, &rows[at - 1]); --at) rows[at] = rows[at - 1];
        rows[at] = row;
    }
    return count;
}

static void fit_btyd(input *in)
{
    cxm_btyd model;
    cxm_cbs_row rows[ROWS] = {{0, 0, 0, 0, 0}};
    int32_t kind = (int32_t)(take(in, 1) % 5);
    cxm_fit fit = fit_with_room(in);
    double per_unit = real(in), t = real(in), discount = real(in);
    cxm_cbs_view view = {rows, cbs_rows(in, rows), per_unit};
    memset(&model, FREE, sizeof model);
    if (!is_fitted(cxm_btyd_fit(&view, kind, &model, &fit), &fit, &model, sizeof model)) return;
    REQUIRE(model.kind == kind && model.reserved == 0);
    require_fit(&fit, model.parameter, cxm_btyd_parameters(kind));
    for (size_t i = 0; i < view.count; ++i) {
        cxm_btyd_history h = {rows[i].x, rows[i].t_x / per_unit, rows[i].T / per_unit};
        double alive;
        if (fit.outcome != CXM_FIT_UNFINISHED && h.T <= CXM_BTYD_TIME_MAX && (h.x > 0.0) == (h.t_x > 0.0))
            REQUIRE(cxm_btyd_alive(&model, &h, &alive) == CXM_OK);
        require_history(&model, &h, t, discount);
    }
    require_new(&model, rows[0].x, t, discount);
}

static void predict_btyd(input *in)
{
    cxm_btyd model = {(int32_t)(take(in, 1) % 5), 0, {0.0, 0.0, 0.0, 0.0}};
    reals(in, model.parameter, 4);
    double t = real(in), discount = real(in);
    require_new(&model, (uint32_t)whole(in), t, discount);
    while (in->left) {
        cxm_btyd_history h = {0.0, 0.0, 0.0};
        h.x = take(in, 1) & 1 ? real(in) : (double)whole(in);
        h.t_x = real(in);
        h.T = take(in, 1) & 1 ? real(in) : h.t_x + fabs(real(in));
        require_history(&model, &h, t, discount);
    }
}

/* --- what they spend --- */

static void require_spend(const cxm_gamma_gamma *model, double x, double mean)
{
    double expected = blank(), likelihood = blank();
    if (went_well(cxm_gamma_gamma_expected(model, x, mean, &expected), expected, CXM_E_DOMAIN, CXM_E_UNDEFINED))
        REQUIRE(is_amount(expected) && expected > 0.0);
    if (went_well(cxm_gamma_gamma_log_likelihood(model, x, mean, &likelihood), likelihood, CXM_E_DOMAIN, CXM_E_DOMAIN))
        REQUIRE(isfinite(likelihood));
}

static cxm_spend_row spend_row(input *in)
{
    uint64_t form = take(in, 1), n[3];
    wholes(in, n, 3);
    cxm_spend_row row = {n[0], (int64_t)n[1], n[2]};
    if (form & 128) return row;
    row.x = 1 + row.x % CXM_CBS_X_MAX;
    row.money = 1 + (int64_t)((uint64_t)row.money % (uint64_t)CXM_CBS_MONEY_MAX);
    if (!(form & 64)) row.count &= 0xFFFFF;
    return row;
}

static size_t spend_rows(input *in, cxm_spend_row *rows)
{
    size_t count = take(in, 1) % (ROWS + 1);
    for (size_t i = 0; i < count; ++i) {
        cxm_spend_row row = spend_row(in);
        size_t at = i;
        for (; at > 0 && (row.x < rows[at - 1].x || (row.x == rows[at - 1].x && row.money < rows[at - 1].money)); --at)
            rows[at] = rows[at - 1];
        rows[at] = row;
    }
    return count;
}

static void fit_spend(input *in)
{
    cxm_gamma_gamma model;
    cxm_spend_row rows[ROWS] = {{0, 0, 0}};
    cxm_fit fit = fit_with_room(in);
    double per_unit = real(in);
    cxm_spend_view view = {rows, spend_rows(in, rows), per_unit};
    memset(&model, FREE, sizeof model);
    if (!is_fitted(cxm_gamma_gamma_fit(&view, &model, &fit), &fit, &model, sizeof model)) return;
    require_fit(&fit, (double[]){model.p, model.q, model.v}, 3);
    for (size_t i = 0; i < view.count; ++i)
        require_spend(&model, (double)rows[i].x, (double)rows[i].money / per_unit / (double)rows[i].x);
    require_spend(&model, 0.0, 0.0);
}

static void predict_spend(input *in)
{
    double parameter[3];
    reals(in, parameter, 3);
    cxm_gamma_gamma model = {parameter[0], parameter[1], parameter[2]};
    while (in->left) {
        double x = take(in, 1) & 1 ? real(in) : (double)whole(in);
        require_spend(&model, x, real(in));
    }
}

/* --- how long they renew --- */

static void require_renewals(const cxm_sbg *model, uint32_t t, double discount)
{
    double there = blank(), before = blank(), renews = blank(), worth = blank();
    int known = went_well(cxm_sbg_survival(model, t, &there), there, CXM_E_DOMAIN, CXM_E_DOMAIN);
    if (known) REQUIRE(is_share(there));
    if (known && t > 0) {
        REQUIRE(cxm_sbg_survival(model, t - 1, &before) == CXM_OK);
        REQUIRE(there <= before * (1.0 + 1e-6));
    }
    if (went_well(cxm_sbg_retention(model, t, &renews), renews, CXM_E_DOMAIN, CXM_E_DOMAIN)) REQUIRE(known && t > 0 && is_share(renews));
    if (went_well(cxm_sbg_residual(model, t, discount, &worth), worth, CXM_E_DOMAIN, CXM_E_UNDEFINED)) {
        REQUIRE(known && is_amount(worth));
        REQUIRE(t > 0 || worth >= 1.0 - 1e-9);
    }
}

static size_t sbg_rows(input *in, cxm_sbg_row *rows)
{
    size_t count = take(in, 1) % (ROWS + 1);
    for (size_t i = 0; i < count; ++i) {
        uint64_t form = take(in, 1), n[3];
        wholes(in, n, 3);
        rows[i] = (cxm_sbg_row){(uint32_t)n[0], form == 255, n[1], n[2]};
        if (!(form & 128)) rows[i].period = 1 + rows[i].period % CXM_SBG_PERIODS_MAX;
        if (!(form & 64)) rows[i].lost &= 0xFFFFF, rows[i].kept &= 0xFFFFF;
    }
    return count;
}

/* The rows of one cohort, or none where its survivors rise. */
static size_t cohort_rows(input *in, cxm_sbg_row *rows)
{
    uint64_t survivors[ROWS + 1];
    size_t periods = take(in, 1) % (ROWS + 1);
    int falls = 1;
    memset(rows, FREE, ROWS * sizeof *rows);
    for (size_t i = 0; i <= periods; ++i) {
        survivors[i] = whole(in);
        falls = falls && (i == 0 || survivors[i] <= survivors[i - 1]);
    }
    cxm_status status = cxm_sbg_rows_of(survivors, periods, rows);
    REQUIRE(status == (periods == 0 ? CXM_E_ARG : falls ? CXM_OK : CXM_E_DOMAIN));
    REQUIRE(status == CXM_OK || untouched(rows, ROWS * sizeof *rows));
    return status == CXM_OK ? periods : 0;
}

static void fit_renewals(input *in)
{
    cxm_sbg model;
    cxm_sbg_row rows[ROWS] = {{0, 0, 0, 0}};
    uint64_t form = take(in, 1);
    cxm_fit fit = fit_with_room(in);
    double discount = real(in);
    size_t count = form & 1 ? cohort_rows(in, rows) : sbg_rows(in, rows);
    memset(&model, FREE, sizeof model);
    if (!is_fitted(cxm_sbg_fit(rows, count, &model, &fit), &fit, &model, sizeof model)) return;
    require_fit(&fit, (double[]){model.alpha, model.beta}, 2);
    for (size_t i = 0; i < count; ++i) require_renewals(&model, rows[i].period, discount);
    require_renewals(&model, 0, discount);
}

static void predict_renewals(input *in)
{
    double parameter[2];
    reals(in, parameter, 2);
    cxm_sbg model = {parameter[0], parameter[1]};
    while (in->left) {
        uint32_t t = (uint32_t)whole(in);
        require_renewals(&model, t, real(in));
    }
}

/* --- without a model --- */

static void simple_value(input *in)
{
    double margin = real(in), retention = real(in), discount = real(in), out = blank();
    int32_t timing = (int32_t)(take(in, 1) % 5);
    uint64_t payments = whole(in);
    cxm_status status = cxm_clv_simple(margin, retention, discount, timing, payments, &out);
    if (!went_well(status, out, CXM_E_DOMAIN, CXM_E_UNDEFINED)) return;
    int may_overflow = fabs(margin) > 1e200 || (retention == 1.0 && discount < 1e-100);
    REQUIRE(may_overflow || isfinite(out));
    REQUIRE(isnan(out) || out == 0.0 || signbit(out) == signbit(margin));
}

static void discounts(input *in)
{
    double annual = real(in), per_year = real(in), rate = blank(), continuous = blank();
    int known = went_well(cxm_discount_rate(annual, per_year, &rate), rate, CXM_E_DOMAIN, CXM_E_DOMAIN);
    REQUIRE(went_well(cxm_discount_continuous(annual, per_year, &continuous), continuous, CXM_E_DOMAIN, CXM_E_DOMAIN) == known);
    if (known) REQUIRE(is_amount(continuous) && rate >= continuous * (1.0 - 1e-12));
}

static void historic_value(input *in)
{
    double margin[ROWS] = {0.0}, value[ROWS], cost = real(in), discount = real(in), most = 0.0;
    size_t ages = take(in, 1) % (ROWS + 1), age = SIZE_MAX;
    uint64_t acquired = whole(in);
    memset(value, FREE, sizeof value);
    reals(in, margin, ages);
    for (size_t i = 0; i < ages; ++i) most = fmax(most, fabs(margin[i]));
    cxm_status status = cxm_clv_historic(margin, ages, acquired, discount, value);
    REQUIRE(status == CXM_OK || ((status == CXM_E_DOMAIN || status == CXM_E_EMPTY) && untouched(value, sizeof value)));
    if (status == CXM_OK) {
        for (size_t i = 0; i < ages; ++i) REQUIRE(most > 1e200 || isfinite(value[i]));
        REQUIRE(cxm_clv_historic(margin, ages, acquired, discount, margin) == CXM_OK);
        REQUIRE(ages == 0 || memcmp(margin, value, ages * sizeof *value) == 0);
    }
    status = cxm_clv_payback(margin, ages, cost, &age);
    REQUIRE(status == CXM_OK || ((status == CXM_E_DOMAIN || status == CXM_E_UNDEFINED) && age == SIZE_MAX));
    if (status == CXM_OK) REQUIRE(age < ages && margin[age] >= cost && (age == 0 || margin[age - 1] < cost));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const ways[])(input *) = {fit_btyd, fit_spend, fit_renewals, predict_btyd, predict_spend, predict_renewals,
                                            simple_value, discounts, historic_value};
    input in = {data, size};
    if (size == 0 || size > 1024) return 0;
    ways[take(&in, 1) % (sizeof ways / sizeof *ways)](&in);
    return 0;
}
