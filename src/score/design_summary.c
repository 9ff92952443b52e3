/* SPDX-License-Identifier: MIT */
/* design_summary.c - totals of a domain to estimates, their errors and limits, once, at the end.
 *
 * Means and shares are of the sums of weights by point, over leaves in the order of bytes. What the answers are worth
 * where all are alike is exact, so that their spread is 0 and not a rounding of it. The variance is that of
 * design_variance.c; deff compares it with simple random sampling of as many answers. */
#include "base/port.h"
#include "score/design_variance.h"
#include "base/sized.h"
#include "base/special.h"
#include "inference/linearised.h"
#include <string.h>

_Static_assert(sizeof(cxm_weighted_ask) == 48, "cxm_weighted_ask grew");
_Static_assert(sizeof(cxm_weighted_summary) == 224, "cxm_weighted_summary grew");
_Static_assert(sizeof(cxm_design_contrast) == 80, "cxm_design_contrast grew");

cxm_status design_ask_complete(const cxm_weighted_ask *ask, cxm_weighted_ask *out)
{
    cxm_weighted_ask full = {.size = sizeof full};
    if (ask && !sized_in_ok(ask, ask->size, sizeof *ask, sizeof *ask)) return CXM_E_ABI;
    if (ask) full = *ask;
    if (full.value == 0) full.value = CXM_VALUE_MEAN;
    if (full.level == 0.0) full.level = 0.95;
    if (full.net_unit == 0.0) full.net_unit = 1.0;
    bool ok = full.value >= CXM_VALUE_MEAN && full.value <= CXM_VALUE_NET && full.zero_weight >= CXM_ZERO_DROPPED &&
              full.zero_weight <= CXM_ZERO_KEPT && full.lonely >= CXM_LONELY_FAIL && full.lonely <= CXM_LONELY_AVERAGE &&
              (full.cap_n == 0 || full.cap_n == 1) && full.level > 0.0 && full.level < 1.0 && full.net_unit > 0.0 &&
              full.net_unit <= 1e6 && (full.df_answers == 0 || full.df_answers == 1);
    if (!ok) return CXM_E_ARG;
    *out = full;
    return CXM_OK;
}

/* --- totals of a domain --- */

typedef struct totals {
    uint64_t n;                             /* answers of positive weight */
    uint64_t zero, zero_blank, missing, unparsed, out_of_range, refused;
    double weights, squares;
    double weight[CXM_SCALE_POINTS_MAX];    /* by point */
    size_t points, last;                    /* with any answer; the last of them */
} totals;

static void total_account(const cxm_design *design, uint32_t domain, totals *out)
{
    for (size_t i = 0; i < design->count; ++i) {
        const cxm_weighted *w = design->leaves[i]->state;
        if (!in_domain(design->leaves[i], domain)) continue;
        out->n += weighted_answers(w) - w->zero;
        out->zero += w->zero;
        out->zero_blank += w->zero_blank;
        out->missing += w->missing;
        out->unparsed += w->unparsed;
        out->out_of_range += w->out_of_range;
        out->refused += w->refused;
    }
}

static void total_point(const cxm_design *design, uint32_t domain, size_t point, tally *squares, totals *out)
{
    tally weight = {0.0, 0.0};
    for (size_t i = 0; i < design->count; ++i) {
        const design_leaf *leaf = design->leaves[i];
        if (!in_domain(leaf, domain) || weighted_rows(leaf->state, point) == 0) continue;
        double factor = design_factor_of(design, leaf);
        weighted_slot slot = weighted_read(leaf->state, point);
        tally_add(&weight, factor * slot.sum);
        tally_add(squares, factor * (factor * slot.squares));
    }
    out->weight[point] = tally_value(weight);
    if (out->weight[point] > 0.0) ++out->points, out->last = point;
}

static void total_domain(const cxm_design *design, uint32_t domain, totals *out)
{
    tally weights = {0.0, 0.0}, squares = {0.0, 0.0};
    memset(out, 0, sizeof *out);
    total_account(design, domain, out);
    for (size_t k = 0; k < scale_points(&design->spec); ++k) {
        total_point(design, domain, k, &squares, out);
        tally_add(&weights, out->weight[k]);
    }
    out->weights = tally_value(weights);
    out->squares = tally_value(squares);
}

/* sum x weight / weights, exactly the one x there is when all answers are alike. */
static double mean_of(const cxm_scale_spec *spec, int32_t value, const totals *t)
{
    tally sum = {0.0, 0.0};
    if (t->points == 1) return design_worth(spec, value, t->last);
    for (size_t k = 0; k < scale_points(spec); ++k) tally_add(&sum, design_worth(spec, value, k) * t->weight[k]);
    return tally_value(sum) / t->weights;
}

/* The share of points in one band. */
static double share_of(const cxm_scale_spec *spec, int band, const totals *t)
{
    tally sum = {0.0, 0.0};
    for (size_t k = 0; k < scale_points(spec); ++k)
        if (design_band(spec, k) == band) tally_add(&sum, t->weight[k]);
    return fmin(tally_value(sum) / t->weights, 1.0);
}

/* --- summaries --- */

static void fill_account(const totals *t, const cxm_weighted_ask *ask, cxm_weighted_summary *out)
{
    out->n = t->n + (ask->zero_weight == CXM_ZERO_KEPT ? t->zero : 0);
    out->missing = t->missing;
    out->unparsed = t->unparsed;
    out->out_of_range = t->out_of_range;
    out->zero = t->zero + t->zero_blank;
    out->refused = t->refused;
    out->sum_weights = t->weights;
}

static void fill_estimates(const cxm_scale_spec *spec, const totals *t, const cxm_weighted_ask *ask,
                           cxm_weighted_summary *out)
{
    out->mean = spec->lo + fmin(mean_of(spec, CXM_VALUE_MEAN, t), (double)(spec->hi - spec->lo));
    out->top_share = share_of(spec, 1, t);
    out->bottom_share = share_of(spec, -1, t);
    out->net = ask->net_unit * mean_of(spec, CXM_VALUE_NET, t);
    out->kish_n_eff = t->weights * (t->weights / t->squares);
    out->kish_deff = (double)out->n / out->kish_n_eff;
    out->value = ask->value == CXM_VALUE_MEAN ? out->mean : ask->value == CXM_VALUE_TOP ? out->top_share : out->net;
}

/* The variance that simple random sampling of as many answers would have, with replacement. */
static double simple_variance(const cxm_scale_spec *spec, const totals *t, int32_t value, double m, double n)
{
    tally sum = {0.0, 0.0};
    for (size_t k = 0; k < scale_points(spec); ++k) {
        double apart = design_worth(spec, value, k) - m;
        tally_add(&sum, t->weight[k] * (apart * apart));
    }
    return tally_value(sum) / t->weights / (n - 1.0);
}

static void fill_deff(const cxm_scale_spec *spec, const totals *t, double m, double variance, cxm_weighted_summary *out)
{
    double n = (double)out->n, simple = n > 1.0 ? simple_variance(spec, t, out->value_kind, m, n) : 0.0;
    out->deff = out->deff_replacement = (double)NAN;
    out->deff_status = simple > 0.0 && variance == variance ? CXM_OK : CXM_E_UNDEFINED;
    if (out->deff_status != CXM_OK) return;
    out->deff_replacement = variance / simple;
    if (t->weights > n) out->deff = variance / (simple * ((t->weights - n) / t->weights));
}

static limits range_of(const cxm_scale_spec *spec, int32_t value)
{
    if (value == CXM_VALUE_MEAN) return (limits){spec->lo, spec->hi};
    return (limits){value == CXM_VALUE_NET ? -1.0 : 0.0, 1.0};
}

/* The share outside the top boxes, by its own sum. */
static double rest_of(const cxm_scale_spec *spec, const totals *t)
{
    return fmin(share_of(spec, 0, t) + share_of(spec, -1, t), 1.0);
}

static void fill_limits(const cxm_scale_spec *spec, const totals *t, const cxm_weighted_ask *ask, int32_t method,
                        double rows, cxm_weighted_summary *out)
{
    double unit = ask->value == CXM_VALUE_NET ? ask->net_unit : 1.0;
    limits got = {(double)NAN, (double)NAN};
    linearised from = {.value = out->value / unit, .rest = rest_of(spec, t), .se = out->se / unit, .df = out->df,
                       .rows = rows, .answers = (double)t->n, .n_eff = out->kish_n_eff,
                       .range = range_of(spec, ask->value), .is_share = ask->value == CXM_VALUE_TOP, .capped = ask->cap_n != 0};
    out->level = ask->level;
    out->interval_status = linearised_limits(&from, method, ask->level, &out->method, &got);
    if (out->interval_status == CXM_OK) got = interval_hold((limits){unit * got.low, unit * got.high}, out->value);
    out->low = got.low;
    out->high = got.high;
}

cxm_status design_summarize(const cxm_design *design, const cxm_weighted_ask *ask, cxm_weighted_summary *out)
{
    totals t;
    spread got;
    int32_t method;
    cxm_weighted_summary sum = {.size = out->size, .value_kind = ask->value};
    cxm_status status = linearised_method(ask->value == CXM_VALUE_TOP, ask->method, &method);
    if (status != CXM_OK) return status;
    walk w = {.design = design, .ask = ask, .influences = 1, .answers_alone = ask->df_answers != 0};
    total_domain(design, ask->domain, &t);
    fill_account(&t, ask, &sum);
    sum.rows = design_rows(&w);
    if (!(t.weights > 0.0)) {
        *out = sum;
        return CXM_E_EMPTY;
    }
    fill_estimates(&design->spec, &t, ask, &sum);
    double m = mean_of(&design->spec, ask->value, &t), unit = ask->value == CXM_VALUE_NET ? ask->net_unit : 1.0;
    w.on[0] = (influence){ask->domain, m, 1.0 / t.weights};
    status = design_variance(&w, &got);
    if (status != CXM_OK) return status;
    sum.clusters = got.units;
    sum.strata = got.strata;
    sum.lonely = got.lonely;
    sum.df = (double)got.units - (double)got.strata;
    sum.se = unit * sqrt(got.variance);
    sum.se_status = sum.se == sum.se ? CXM_OK : CXM_E_UNDEFINED;
    fill_deff(&design->spec, &t, m, got.variance, &sum);
    fill_limits(&design->spec, &t, ask, method, (double)got.rows, &sum);
    *out = sum;
    return CXM_OK;
}

cxm_status cxm_design_summarize(const cxm_design *design, const cxm_weighted_ask *ask, cxm_weighted_summary *out)
{
    cxm_weighted_ask full;
    if (!design || !out || !design->closed) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = design_ask_complete(ask, &full);
    return status == CXM_OK ? design_summarize(design, &full, out) : status;
}

/* --- two domains --- */

static void fill_test(const cxm_weighted_ask *ask, cxm_design_contrast *out)
{
    bool ok = out->se > 0.0 && out->df >= 1.0;
    out->p_status = ok ? CXM_OK : CXM_E_UNDEFINED;
    out->statistic = out->p = out->low = out->high = (double)NAN;
    if (!ok) return;
    double half = interval_t(ask->level, out->df) * out->se;
    out->statistic = out->difference / out->se;
    out->p = fmin(2.0 * special_student(fabs(out->statistic), out->df).upper, 1.0);
    out->low = out->difference - half;
    out->high = out->difference + half;
}

static cxm_status compare(const cxm_design *design, const cxm_weighted_ask *ask, uint32_t first, uint32_t second,
                          cxm_design_contrast *out)
{
    totals a, b;
    spread got;
    total_domain(design, first, &a);
    total_domain(design, second, &b);
    if (!(a.weights > 0.0 && b.weights > 0.0)) return CXM_E_EMPTY;
    double ma = mean_of(&design->spec, ask->value, &a), mb = mean_of(&design->spec, ask->value, &b);
    walk w = {.design = design, .ask = ask, .on = {{first, ma, 1.0 / a.weights}, {second, mb, -1.0 / b.weights}},
              .influences = 2, .answers_alone = true};
    cxm_status status = design_variance(&w, &got);
    if (status != CXM_OK) return status;
    double unit = ask->value == CXM_VALUE_NET ? ask->net_unit : 1.0;
    cxm_design_contrast sum = {.size = out->size, .value_kind = ask->value, .difference = unit * (ma - mb),
                               .se = unit * sqrt(got.variance), .level = ask->level};
    sum.df = (double)got.units - (double)got.strata - 1.0;
    sum.se_status = sum.se == sum.se ? CXM_OK : CXM_E_UNDEFINED;
    fill_test(ask, &sum);
    *out = sum;
    return CXM_OK;
}

cxm_status cxm_design_compare(const cxm_design *design, const cxm_weighted_ask *ask, uint32_t first, uint32_t second,
                              cxm_design_contrast *out)
{
    cxm_weighted_ask full;
    if (!design || !out || !design->closed || first == 0 || second == 0 || first == second) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = design_ask_complete(ask, &full);
    return status == CXM_OK ? compare(design, &full, first, second, out) : status;
}
