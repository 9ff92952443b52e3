/* SPDX-License-Identifier: MIT */
/* design_variance.c - the linearised variance, from the sums of leaves.
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
#include "score/design_variance.h"
#include "base/sized.h"
#include <string.h>

enum { RAKING_ROUNDS = 10 };

/* --- influence and residual --- */

/* (x - m) / W, and 0 for a blank row or one outside. */
static double plain_residual(const walk *w, const design_leaf *leaf, size_t slot)
{
    double sum = 0.0;
    if (slot == scale_points(&w->design->spec)) return 0.0;
    double x = design_worth(&w->design->spec, w->ask->value, slot);
    for (size_t i = 0; i < w->influences; ++i)
        if (in_domain(leaf, w->on[i].domain)) sum += (x - w->on[i].mean) * w->on[i].scale;
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
        if (weighted_rows(leaf->state, slot))
            sum += (plain_residual(w, leaf, slot) - less) * (factor * weighted_read(leaf->state, slot).sum);
    return sum;
}

/* Q - S^2 / n, or 0 where that is what rounding left. */
static double spread_of(weighted_slot slot)
{
    double got = slot.squares - slot.sum * (slot.sum / slot.n);
    return got > 0x1p-50 * slot.squares ? got : 0.0;
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
    cxm_design_text name = design->leaves[from]->stratum;
    while (to < design->count && design_compare_views(name, design->leaves[to]->stratum) == 0) ++to;
    return (run){from, to};
}

static run cluster_from(const cxm_design *design, size_t from, size_t end)
{
    size_t to = from + 1;
    cxm_design_text name = design->leaves[from]->cluster;
    while (to < end && design_compare_views(name, design->leaves[to]->cluster) == 0) ++to;
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

/* A census of one has nothing to vary. */
static bool is_lonely(const cxm_design *design, const stratum *s)
{
    return s->units == 1 && left_unsampled(design, s) > 0.0;
}

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
    out->lonely += is_lonely(w->design, s);
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
    if (got->lonely == 0) return got->variance;
    switch (w->ask->lonely) {
    case CXM_LONELY_FAIL: return (double)NAN;
    case CXM_LONELY_AVERAGE: return others ? got->variance * ((double)got->groups / (double)others) : (double)NAN;
    default: return got->variance;
    }
}

cxm_status design_variance(walk *w, spread *out)
{
    share *scratch;
    cxm_status status = explain(w, &scratch);
    if (status != CXM_OK) return status;
    status = walk_strata(w, out);
    if (scratch) w->design->hook.free(w->design->hook.ctx, scratch, scratch_bytes(w->design));
    if (status == CXM_OK) out->variance = settle(w, out);
    return status;
}

uint64_t design_rows(const walk *w)
{
    return run_rows(w, (run){0, w->design->count}).rows;
}

/* --- lonely strata, by name --- */

cxm_status cxm_design_lonely(const cxm_design *design, const cxm_weighted_ask *ask, uint64_t *next,
                             cxm_design_text *stratum_out)
{
    cxm_weighted_ask full;
    if (!design || !next || !stratum_out || !design->closed) return CXM_E_ARG;
    cxm_status status = design_ask_complete(ask, &full);
    if (status != CXM_OK) return status;
    walk w = {.design = design, .ask = &full};
    while (*next < design->count) {
        run at = stratum_from(design, (size_t)*next);
        *next = at.to;
        stratum s = count_stratum(&w, at);
        if (!is_lonely(design, &s)) continue;
        *stratum_out = design->leaves[at.from]->stratum;
        return CXM_OK;
    }
    return CXM_END;
}
