/* SPDX-License-Identifier: MIT */
/* design_summary.c - from the sums of leaves to estimates and their standard errors, once, at the end.
 *
 * x is 0 at the lowest point, or 0 and 1, or -1, 0 and 1: constants add nothing to a variance. All rows of a leaf at one
 * point have one residual e = u / w, so sums over rows are sums over slots: with n rows, weights that sum to S and
 * squares that sum to Q, and u0 the mean of u in the stratum,
 *      sum u = e S           sum (u - u0)^2 = e^2 (Q - S^2 / n) + n (e S / n - u0)^2
 * Both terms are at least 0. The first cancels for weights that are alike, and is then what rounding left: each of the
 * numbers in it is within 2^-53 of itself, so less than 2^-50 Q is none. A calibrated weight is factor w.
 *
 * The influence of an estimate on a row is (x - m) / W in its domain and 0 elsewhere; that of a difference has one
 * for each of the two domains. Calibration takes from e what the levels of the margins explain, one coefficient a level:
 * for one margin e less its mean by weights, for several e less its mean by rows, margin by margin, ten rounds. */
#include "base/port.h"
#include "score/design_state.h"
#include "base/sized.h"
#include "base/special.h"
#include "inference/linearised.h"
#include <math.h>
#include <string.h>

_Static_assert(sizeof(cxm_weighted_ask) == 48, "cxm_weighted_ask grew");
_Static_assert(sizeof(cxm_weighted_summary) == 224, "cxm_weighted_summary grew");
_Static_assert(sizeof(cxm_design_contrast) == 80, "cxm_design_contrast grew");

enum { RAKING_ROUNDS = 10, INFLUENCES = 2 };

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

/* --- sums that keep what rounding drops (Neumaier's way) --- */

typedef struct tally { double sum, low; } tally;

static void tally_add(tally *t, double value)
{
    double sum = t->sum + value;
    t->low += fabs(t->sum) >= fabs(value) ? (t->sum - sum) + value : (value - sum) + t->sum;
    t->sum = sum;
}

static double tally_value(tally t)
{
    return t.sum + t.low;
}

/* --- what a point is worth --- */

/* 1 for a point in the top boxes, -1 in the bottom boxes, else 0; points count from lo. */
static int band_of(const cxm_scale_spec *spec, size_t point)
{
    int32_t answer = spec->lo + (int32_t)point, up = spec->direction == CXM_HIGHER_IS_BETTER ? 1 : -1;
    return answer <= spec->low_to ? -up : answer >= spec->high_from ? up : 0;
}

static double worth(const cxm_scale_spec *spec, int32_t value, size_t point)
{
    if (value == CXM_VALUE_MEAN) return (double)point;
    int band = band_of(spec, point);
    return value == CXM_VALUE_NET ? band : band > 0;
}

/* --- totals of a domain --- */

typedef struct totals {
    uint64_t n;                             /* answers of positive weight */
    uint64_t zero, zero_blank, missing, unparsed, out_of_range, refused;
    double weights, squares;
    double weight[CXM_SCALE_POINTS_MAX];    /* by point */
    size_t points, last;                    /* with any answer; the last of them */
} totals;

static bool in_domain(const design_leaf *leaf, uint32_t domain)
{
    return domain == 0 || leaf->domain == domain;
}

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
        if (!in_domain(leaf, domain) || leaf->state->counts[point] == 0) continue;
        double factor = design_factor_of(design, leaf);
        weighted_slot slot = weighted_read(leaf->state, point);
        tally_add(&weight, factor * slot.sum);
        tally_add(squares, factor * factor * slot.squares);
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
    if (t->points == 1) return worth(spec, value, t->last);
    for (size_t k = 0; k < scale_points(spec); ++k) tally_add(&sum, worth(spec, value, k) * t->weight[k]);
    return tally_value(sum) / t->weights;
}

/* The share of points in one band. */
static double share_of(const cxm_scale_spec *spec, int band, const totals *t)
{
    tally sum = {0.0, 0.0};
    for (size_t k = 0; k < scale_points(spec); ++k)
        if (band_of(spec, k) == band) tally_add(&sum, t->weight[k]);
    return fmin(tally_value(sum) / t->weights, 1.0);
}

/* --- influence and residual --- */

typedef struct influence { uint32_t domain; double mean, scale; } influence;

typedef struct walk {
    const cxm_design *design;
    const cxm_weighted_ask *ask;
    influence on[INFLUENCES];
    size_t influences;
    bool answers_alone;         /* df counts clusters with answers, not with any row of the domain */
    double *coefficients;       /* by target; NULL without calibration */
} walk;

/* (x - m) / W, and 0 for a blank row or one outside. */
static double plain_residual(const walk *w, const design_leaf *leaf, size_t slot)
{
    double sum = 0.0;
    if (slot == scale_points(&w->design->spec)) return 0.0;
    for (size_t i = 0; i < w->influences; ++i)
        if (in_domain(leaf, w->on[i].domain)) sum += (worth(&w->design->spec, w->ask->value, slot) - w->on[i].mean) * w->on[i].scale;
    return sum;
}

static double explained(const walk *w, const design_leaf *leaf)
{
    double sum = 0.0;
    for (uint32_t i = 0; w->coefficients && i < w->design->margins; ++i) sum += w->coefficients[leaf->targets[i]];
    return sum;
}

/* Sum and number of residuals in a leaf that means are taken of: by weights for one margin, by rows for several. */
typedef struct share { double sum, size; } share;

static share leaf_share(const walk *w, const design_leaf *leaf)
{
    share got = {0.0, 0.0};
    double factor = design_factor_of(w->design, leaf);
    for (size_t slot = 0; slot < weighted_slots(&w->design->spec); ++slot) {
        weighted_slot held = weighted_read(leaf->state, slot);
        double size = w->design->margins == 1 ? factor * held.sum : held.n;
        got.sum += size * plain_residual(w, leaf, slot);
        got.size += size;
    }
    return got;
}

/* One margin: takes the mean of what is left in each level. `left` and `sizes` are by target. */
static void project(walk *w, const share *shares, uint32_t margin, double *left, double *sizes)
{
    const cxm_design *design = w->design;
    memset(left, 0, design->targets.count * sizeof *left);
    memset(sizes, 0, design->targets.count * sizeof *sizes);
    for (size_t i = 0; i < design->count; ++i) {
        uint32_t level = design->leaves[i]->targets[margin];
        left[level] += shares[i].sum - shares[i].size * explained(w, design->leaves[i]);
        sizes[level] += shares[i].size;
    }
    for (size_t i = 0; i < design->targets.count; ++i)
        if (sizes[i] > 0.0) w->coefficients[i] += left[i] / sizes[i];
}

static size_t scratch_bytes(const cxm_design *design)
{
    return design->count * sizeof(share) + 3 * design->targets.count * sizeof(double);
}

/* The coefficients of a calibrated design, in a block of scratch_bytes that the caller gives back. */
static cxm_status explain(walk *w, share **scratch)
{
    const cxm_design *design = w->design;
    *scratch = NULL;
    if (!design->calibrated || design->count == 0) return CXM_OK;
    share *shares = design->hook.alloc(design->hook.ctx, scratch_bytes(design));
    if (!shares) return CXM_E_MEMORY;
    double *left = (double *)(shares + design->count), *sizes = left + design->targets.count;
    w->coefficients = sizes + design->targets.count;
    memset(w->coefficients, 0, design->targets.count * sizeof *w->coefficients);
    for (size_t i = 0; i < design->count; ++i) shares[i] = leaf_share(w, design->leaves[i]);
    int rounds = design->margins == 1 ? 1 : RAKING_ROUNDS;
    for (int round = 0; round < rounds; ++round)
        for (uint32_t k = 0; k < design->margins; ++k) project(w, shares, k, left, sizes);
    *scratch = shares;
    return CXM_OK;
}

/* --- sums of u over a leaf --- */

static double leaf_total(const walk *w, const design_leaf *leaf)
{
    double factor = design_factor_of(w->design, leaf), less = explained(w, leaf), sum = 0.0;
    for (size_t slot = 0; slot < weighted_slots(&w->design->spec); ++slot)
        if (weighted_rows(leaf->state, slot)) sum += (plain_residual(w, leaf, slot) - less) * (factor * weighted_read(leaf->state, slot).sum);
    return sum;
}

/* Q - S^2 / n, or 0 where that is what rounding left. */
static double spread_of(weighted_slot slot)
{
    double spread = slot.squares - slot.sum * (slot.sum / slot.n);
    return spread > 0x1p-50 * slot.squares ? spread : 0.0;
}

static uint64_t zeros_of(const walk *w, const design_leaf *leaf)
{
    return w->ask->zero_weight == CXM_ZERO_KEPT ? leaf->state->zero + leaf->state->zero_blank : 0;
}

/* Sum of (u - centre)^2 over the rows of a leaf. */
static double leaf_squares(const walk *w, const design_leaf *leaf, double centre)
{
    double factor = design_factor_of(w->design, leaf), less = explained(w, leaf);
    double sum = (double)zeros_of(w, leaf) * (centre * centre);
    for (size_t slot = 0; slot < weighted_slots(&w->design->spec); ++slot) {
        if (weighted_rows(leaf->state, slot) == 0) continue;
        weighted_slot held = weighted_read(leaf->state, slot);
        double e = (plain_residual(w, leaf, slot) - less) * factor, apart = e * (held.sum / held.n) - centre;
        sum += e * e * spread_of(held) + held.n * (apart * apart);
    }
    return sum;
}

/* --- strata and clusters --- */

/* Rows of a leaf that belong to the design. */
static uint64_t rows_of(const walk *w, const design_leaf *leaf)
{
    const cxm_weighted *s = leaf->state;
    return s->records - s->refused - s->zero - s->zero_blank + zeros_of(w, leaf);
}

/* Those of them that give degrees of freedom. */
static uint64_t rows_that_count(const walk *w, const design_leaf *leaf)
{
    bool inside = false;
    for (size_t i = 0; i < w->influences; ++i) inside = inside || in_domain(leaf, w->on[i].domain);
    if (!inside) return 0;
    return w->answers_alone ? weighted_answers(leaf->state) - leaf->state->zero : rows_of(w, leaf);
}

/* Leaves from..to-1 of one stratum, or of one cluster. */
typedef struct run { size_t from, to; } run;

static run stratum_from(const cxm_design *design, size_t from)
{
    size_t to = from + 1;
    while (to < design->count && design_compare_views(design->leaves[from]->stratum, design->leaves[to]->stratum) == 0) ++to;
    return (run){from, to};
}

static run cluster_from(const cxm_design *design, size_t from, size_t end)
{
    size_t to = from + 1;
    while (to < end && design_compare_views(design->leaves[from]->cluster, design->leaves[to]->cluster) == 0) ++to;
    return (run){from, to};
}

static double run_total(const walk *w, run r)
{
    double sum = 0.0;
    for (size_t i = r.from; i < r.to; ++i) sum += leaf_total(w, w->design->leaves[i]);
    return sum;
}

typedef struct counted { uint64_t rows, counting; } counted;

static counted run_rows(const walk *w, run r)
{
    counted sum = {0, 0};
    for (size_t i = r.from; i < r.to; ++i) {
        sum.rows += rows_of(w, w->design->leaves[i]);
        sum.counting += rows_that_count(w, w->design->leaves[i]);
    }
    return sum;
}

/* Units are clusters, or rows where there are none. */
typedef struct stratum { run at; uint64_t rows, counting_rows, units, counting_units; } stratum;

static stratum count_stratum(const walk *w, run at)
{
    counted all = run_rows(w, at);
    stratum s = {at, all.rows, all.counting, all.rows, all.counting};
    if (!w->design->clustered) return s;
    s.units = s.counting_units = 0;
    for (run c = {at.from, at.from}; c.to < at.to;) {
        c = cluster_from(w->design, c.to, at.to);
        counted in = run_rows(w, c);
        s.units += in.rows > 0;
        s.counting_units += in.counting > 0;
    }
    return s;
}

/* Sum of (U - mean U)^2 over the units of a stratum. */
static double stratum_squares(const walk *w, const stratum *s)
{
    double mean = run_total(w, s->at) / (double)s->units;
    tally sum = {0.0, 0.0};
    for (run c = {s->at.from, s->at.from}; w->design->clustered && c.to < s->at.to;) {
        c = cluster_from(w->design, c.to, s->at.to);
        if (run_rows(w, c).rows == 0) continue;
        double apart = run_total(w, c) - mean;
        tally_add(&sum, apart * apart);
    }
    for (size_t i = s->at.from; !w->design->clustered && i < s->at.to; ++i)
        tally_add(&sum, leaf_squares(w, w->design->leaves[i], mean));
    return tally_value(sum);
}

/* 1 - f; below 0 when the sample is larger than its population. */
static double left_unsampled(const cxm_design *design, const stratum *s)
{
    size_t at = design_find(&design->populations, 0, design->leaves[s->at.from]->stratum);
    if (at == design->populations.count) return 1.0;
    const design_entry *known = &design->populations.at[at];
    if (known->kind == CXM_POPULATION_FRACTION) return 1.0 - known->size;
    double sampled = (double)(known->kind == CXM_POPULATION_ROWS ? s->rows : s->units);
    return (known->size - sampled) / known->size;
}

/* What all strata come to; rows, units and strata are those that count for df. */
typedef struct spread { double variance; uint64_t rows, units, strata, lonely, groups; } spread;

/* A stratum of one unit: its mean is itself, and the mean of all units is 0, as u sums to 0. */
static double lonely_variance(const walk *w, const stratum *s)
{
    double total = w->ask->lonely == CXM_LONELY_CENTRE ? run_total(w, s->at) : 0.0;
    return total * total;
}

static cxm_status add_stratum(const walk *w, const stratum *s, tally *variance, spread *out)
{
    double left = left_unsampled(w->design, s), units = (double)s->units;
    out->rows += s->counting_rows;
    out->units += s->counting_units;
    out->strata += s->counting_units > 0;
    out->lonely += s->units == 1 && left > 0.0;             /* a census of one has nothing to vary */
    out->groups += s->units > 0;
    if (left < 0.0) return CXM_E_DOMAIN;
    if (s->units == 1) tally_add(variance, left * lonely_variance(w, s));
    else if (s->units > 1) tally_add(variance, left * (units / (units - 1.0)) * stratum_squares(w, s));
    return CXM_OK;
}

static cxm_status walk_strata(const walk *w, spread *out)
{
    tally variance = {0.0, 0.0};
    cxm_status status = CXM_OK;
    memset(out, 0, sizeof *out);
    for (run at = {0, 0}; status == CXM_OK && at.to < w->design->count;) {
        at = stratum_from(w->design, at.to);
        stratum s = count_stratum(w, at);
        status = add_stratum(w, &s, &variance, out);
    }
    out->variance = tally_value(variance);
    return status;
}

/* The policy for lonely strata; NaN where there is no variance. */
static double settle(const walk *w, const spread *got)
{
    uint64_t others = got->groups - got->lonely;
    bool undefined = got->lonely > 0 && (w->ask->lonely == CXM_LONELY_FAIL || (w->ask->lonely == CXM_LONELY_AVERAGE && others == 0));
    if (undefined) return (double)NAN;
    if (w->ask->lonely == CXM_LONELY_AVERAGE) return got->variance * ((double)got->groups / (double)others);
    return got->variance;
}

/* The variance of what `w` is about. */
static cxm_status variance_of(walk *w, spread *out)
{
    share *scratch;
    cxm_status status = explain(w, &scratch);
    if (status != CXM_OK) return status;
    status = walk_strata(w, out);
    if (scratch) w->design->hook.free(w->design->hook.ctx, scratch, scratch_bytes(w->design));
    if (status == CXM_OK) out->variance = settle(w, out);
    return status;
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

static void fill_estimates(const cxm_scale_spec *spec, const totals *t, const cxm_weighted_ask *ask, cxm_weighted_summary *out)
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
        double apart = worth(spec, value, k) - m;
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
                       .rows = rows, .n_eff = out->kish_n_eff, .range = range_of(spec, ask->value),
                       .is_share = ask->value == CXM_VALUE_TOP, .capped = ask->cap_n != 0};
    out->level = ask->level;
    out->interval_status = linearised_limits(&from, method, ask->level, &out->method, &got);
    if (out->interval_status == CXM_OK) got = interval_hold((limits){unit * got.low, unit * got.high}, out->value);
    out->low = got.low;
    out->high = got.high;
}

/* Rows of the whole design, where nothing else is to be said. */
static uint64_t all_rows(const cxm_design *design, const cxm_weighted_ask *ask)
{
    walk w = {.design = design, .ask = ask};
    return run_rows(&w, (run){0, design->count}).rows;
}

cxm_status design_summarize(const cxm_design *design, const cxm_weighted_ask *ask, cxm_weighted_summary *out)
{
    totals t;
    spread got;
    int32_t method;
    cxm_weighted_summary sum = {.size = out->size, .value_kind = ask->value};
    cxm_status status = linearised_method(ask->value == CXM_VALUE_TOP, ask->method, &method);
    if (status != CXM_OK) return status;
    total_domain(design, ask->domain, &t);
    fill_account(&t, ask, &sum);
    sum.rows = all_rows(design, ask);
    if (!(t.weights > 0.0)) {
        *out = sum;
        return CXM_E_EMPTY;
    }
    fill_estimates(&design->spec, &t, ask, &sum);
    double m = mean_of(&design->spec, ask->value, &t), unit = ask->value == CXM_VALUE_NET ? ask->net_unit : 1.0;
    walk w = {.design = design, .ask = ask, .on = {{ask->domain, m, 1.0 / t.weights}}, .influences = 1,
              .answers_alone = ask->df_answers != 0};
    status = variance_of(&w, &got);
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
    cxm_status status = variance_of(&w, &got);
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

/* --- lonely strata, by name --- */

cxm_status cxm_design_lonely(const cxm_design *design, const cxm_weighted_ask *ask, uint64_t *next, cxm_design_text *stratum_out)
{
    cxm_weighted_ask full;
    if (!design || !next || !stratum_out || !design->closed) return CXM_E_ARG;
    cxm_status status = design_ask_complete(ask, &full);
    if (status != CXM_OK) return status;
    walk w = {.design = design, .ask = &full};
    while (*next < design->count) {
        run at = stratum_from(design, (size_t)*next);
        *next = at.to;
        if (count_stratum(&w, at).units != 1) continue;
        *stratum_out = design->leaves[at.from]->stratum;
        return CXM_OK;
    }
    return CXM_END;
}
