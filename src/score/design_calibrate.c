/* SPDX-License-Identifier: MIT */
/* design_calibrate.c - factors of weights that bring the sums of weights to known totals.
 *
 * Iterative proportional fitting (Deming and Stephan 1940): each level l of margin j has a factor f_jl, that of a row
 * is the product over its levels. A round goes over the margins; in each, f_jl is multiplied by total_jl over the sum of
 * the weights as they now are. One margin is exact after one round, which is post-stratification. Rows in one leaf
 * have the same levels, so sums over leaves are sums over rows. Margins with different totals are never all met: their
 * factors would grow and shrink without end, though not the products. So each round moves a power of two from every
 * margin to the first, which changes no product. */
#include "base/port.h"
#include "score/design_state.h"
#include "base/sized.h"
#include <math.h>

_Static_assert(sizeof(cxm_calibrate_ask) == 24, "cxm_calibrate_ask grew");

/* No factor that is any use is larger: totals are at most 1e100, weights at least 2^-200. */
static const double FACTOR_MOST = 1e200;

double design_factor_of(const cxm_design *design, const design_leaf *leaf)
{
    double factor = 1.0;
    for (uint32_t i = 0; design->calibrated && i < design->margins; ++i)
        factor *= design->targets.at[leaf->targets[i]].factor;
    return factor;
}

static double weights_of(const cxm_weighted *state)
{
    double sum = 0.0;
    for (size_t slot = 0; slot < weighted_slots(&state->spec); ++slot) sum += weighted_read(state, slot).sum;
    return sum;
}

static void name(cxm_calibrate_report *out, uint32_t margin, cxm_design_text level)
{
    out->margin = margin;
    out->level = level;
}

/* The total of each level of each leaf. */
static cxm_status find_targets(cxm_design *design, cxm_calibrate_report *out)
{
    for (size_t i = 0; i < design->count; ++i)
        for (uint32_t k = 0; k < design->margins; ++k) {
            design_leaf *leaf = design->leaves[i];
            size_t at = design_find(&design->targets, k, leaf->levels[k]);
            if (at == design->targets.count) {
                name(out, k, leaf->levels[k]);
                return CXM_E_MISMATCH;
            }
            leaf->targets[k] = (uint32_t)at;
        }
    return CXM_OK;
}

/* The sum of weights in one level, by the factors as they are; levels of one margin only, so `sums` is by target. */
static void sum_margin(const cxm_design *design, const double *weights, uint32_t margin, double *sums)
{
    for (size_t i = 0; i < design->targets.count; ++i)
        if (design->targets.at[i].margin == margin) sums[i] = 0.0;
    for (size_t i = 0; i < design->count; ++i)
        sums[design->leaves[i]->targets[margin]] += weights[i] * design_factor_of(design, design->leaves[i]);
}

/* A level without weight in the sample whose total is not 0; all factors are 1. */
static cxm_status find_empty(const cxm_design *design, const double *weights, double *sums, cxm_calibrate_report *out)
{
    for (uint32_t k = 0; k < design->margins; ++k) sum_margin(design, weights, k, sums);
    for (size_t i = 0; i < design->targets.count; ++i) {
        const design_entry *level = &design->targets.at[i];
        if (sums[i] > 0.0 || level->size == 0.0) continue;
        name(out, level->margin, level->text);
        return CXM_E_EMPTY;
    }
    return CXM_OK;
}

static void scale_margin(cxm_design *design, const double *sums, uint32_t margin)
{
    for (size_t i = 0; i < design->targets.count; ++i) {
        design_entry *level = &design->targets.at[i];
        if (level->margin == margin && sums[i] > 0.0) level->factor = fmin(level->factor * (level->size / sums[i]), FACTOR_MOST);
    }
}

/* The largest factor of every margin but the first becomes 1 to 2. A level of the first without weight stays as it is. */
static void level_margins(cxm_design *design, const double *sums)
{
    int moved = 0;
    for (uint32_t k = 1; k < design->margins; ++k) {
        double largest = 0.0;
        int exponent = 0;
        for (size_t i = 0; i < design->targets.count; ++i)
            if (design->targets.at[i].margin == k) largest = fmax(largest, design->targets.at[i].factor);
        if (largest > 0.0) frexp(largest, &exponent);
        for (size_t i = 0; i < design->targets.count; ++i)
            if (design->targets.at[i].margin == k) design->targets.at[i].factor = ldexp(design->targets.at[i].factor, 1 - exponent);
        moved += exponent - 1;
    }
    for (size_t i = 0; i < design->targets.count; ++i) {
        design_entry *level = &design->targets.at[i];
        if (level->margin == 0 && sums[i] > 0.0) level->factor = fmin(ldexp(level->factor, moved), FACTOR_MOST);
    }
}

static double error_of(double sum, double total)
{
    double error = total > 0.0 ? fabs(sum / total - 1.0) : sum;
    return isfinite(error) ? error : (double)INFINITY;
}

/* The largest error over all margins. */
static void measure(const cxm_design *design, const double *weights, double *sums, cxm_calibrate_report *out)
{
    for (uint32_t k = 0; k < design->margins; ++k) sum_margin(design, weights, k, sums);
    out->max_error = 0.0;
    name(out, 0, (cxm_design_text){NULL, 0});
    for (size_t i = 0; i < design->targets.count; ++i) {
        const design_entry *level = &design->targets.at[i];
        double error = error_of(sums[i], level->size);
        if (error <= out->max_error) continue;
        out->max_error = error;
        name(out, level->margin, level->text);
    }
}

static cxm_status fit(cxm_design *design, const cxm_calibrate_ask *ask, const double *weights, double *sums,
                      cxm_calibrate_report *out)
{
    cxm_status status = find_empty(design, weights, sums, out);
    while (status == CXM_OK && !out->converged && out->rounds < ask->max_rounds) {
        for (uint32_t k = 0; k < design->margins; ++k) {
            sum_margin(design, weights, k, sums);
            scale_margin(design, sums, k);
        }
        level_margins(design, sums);
        ++out->rounds;
        measure(design, weights, sums, out);
        out->converged = out->max_error <= ask->tolerance;
    }
    return status;
}

static cxm_status complete(const cxm_calibrate_ask *ask, cxm_calibrate_ask *out)
{
    cxm_calibrate_ask full = {.size = sizeof full};
    if (ask && !sized_in_ok(ask, ask->size, sizeof *ask, sizeof *ask)) return CXM_E_ABI;
    if (ask) full = *ask;
    if (full.max_rounds == 0) full.max_rounds = 200;
    if (full.tolerance == 0.0) full.tolerance = 1e-10;
    if (!(full.tolerance > 0.0) || full.reserved) return CXM_E_ARG;
    *out = full;
    return CXM_OK;
}

/* With weights and sums in one block. */
static cxm_status calibrate(cxm_design *design, const cxm_calibrate_ask *ask, cxm_calibrate_report *out)
{
    size_t bytes = (design->count + design->targets.count) * sizeof(double);
    double *weights = bytes ? design->hook.alloc(design->hook.ctx, bytes) : NULL;
    if (bytes && !weights) return CXM_E_MEMORY;
    for (size_t i = 0; i < design->targets.count; ++i) design->targets.at[i].factor = 1.0;
    for (size_t i = 0; i < design->count; ++i) weights[i] = weights_of(design->leaves[i]->state);
    design->calibrated = true;                              /* from here on factors are those of the levels */
    cxm_status status = fit(design, ask, weights, weights ? weights + design->count : NULL, out);
    design->calibrated = status == CXM_OK;
    design->hook.free(design->hook.ctx, weights, bytes);
    return status;
}

cxm_status cxm_design_calibrate(cxm_design *design, const cxm_calibrate_ask *ask, cxm_calibrate_report *out)
{
    cxm_calibrate_ask full;
    if (!design || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (!design->closed || design->margins == 0) return CXM_E_ARG;
    cxm_status status = complete(ask, &full);
    if (status != CXM_OK) return status;
    *out = (cxm_calibrate_report){.size = out->size};
    design->calibrated = false;
    status = find_targets(design, out);
    return status == CXM_OK ? calibrate(design, &full, out) : status;
}

cxm_status cxm_design_factor(const cxm_design *design, const cxm_design_text *levels, double *factor)
{
    if (!design || !levels || !factor || !design->calibrated) return CXM_E_ARG;
    double product = 1.0;
    for (uint32_t i = 0; i < design->margins; ++i) {
        size_t at = design_find(&design->targets, i, levels[i]);
        if (at == design->targets.count) return CXM_E_EMPTY;
        product *= design->targets.at[at].factor;
    }
    *factor = product;
    return CXM_OK;
}
