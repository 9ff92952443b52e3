/* SPDX-License-Identifier: MIT */
/* nps.c - Net Promoter Score as a question to a scale.
 *
 * Let X = +1 for a promoter, 0 for a passive, -1 for a detractor, with shares p, s, d:
 *      E[X]   = p - d                   score = 100 E[X]              (Reichheld 2003)
 *      Var[X] = p + d - (p - d)^2       se    = 100 sqrt(Var[X] / n)      (Rocks 2016)
 * which is the net of cxm_scale with promoters as top boxes and detractors as bottom boxes; the limits
 * are the score limits of the trinomial (Tango 1998). Nothing is computed here that scale does not; the shares of the
 * bands are those of a multinomial of three categories (Goodman 1965). */
#include "base/port.h"
#include <cxm/interval.h>
#include <cxm/nps.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "base/checked.h"

_Static_assert(sizeof(cxm_nps_summary) == 112, "cxm_nps_summary grew");
_Static_assert(sizeof(cxm_nps_bands) == 120, "cxm_nps_bands grew");

enum { ENOUGH_TO_JUDGE = 30, SHORT_SCALE_TOP = 5 };
static const double POINTS = 100.0, DEFAULT_LEVEL = 0.95;

/* The NPS scales and their bands: lo, hi, last detractor, first promoter. */
static const struct { int32_t lo, hi, detractor_to, promoter_from; } scales[] = {
    {0, 10, 6, 9},
    {1, 5, 3, 5},
    {1, 4, 1, 4},
};

cxm_status cxm_nps_define(int32_t lo, int32_t hi, cxm_scale_spec *spec, cxm_scale_ask *ask)
{
    if (!spec || !ask) return CXM_E_ARG;
    for (size_t i = 0; i < sizeof scales / sizeof *scales; ++i) {
        if (scales[i].lo != lo || scales[i].hi != hi) continue;
        *spec = (cxm_scale_spec){sizeof *spec, lo, hi, scales[i].detractor_to, scales[i].promoter_from,
                                 CXM_HIGHER_IS_BETTER};
        *ask = (cxm_scale_ask){.size = sizeof *ask, .value = CXM_VALUE_NET, .net_unit = POINTS};
        return CXM_OK;
    }
    return CXM_E_SCALE;
}

cxm_status cxm_nps_check(const cxm_scale *scale, uint32_t *notes)
{
    uint64_t n, above = 0;
    if (!scale || !notes || scale->spec.lo != 0 || scale->spec.hi != CXM_NPS_POINTS - 1) return CXM_E_ARG;
    cxm_status status = cxm_scale_n(scale, &n);
    if (status != CXM_OK) return status;
    for (int k = SHORT_SCALE_TOP + 1; k < CXM_NPS_POINTS; ++k) above += scale->counts[k];
    bool enough = n >= ENOUGH_TO_JUDGE, is_short = enough && above == 0;
    *notes = (enough && scale->counts[0] == 0 ? CXM_NPS_NO_ZERO : 0u) | (is_short ? CXM_NPS_SHORT_SCALE : 0u);
    return is_short ? CXM_E_SCALE : CXM_OK;
}

static void copy_bands(const cxm_scale_summary *from, cxm_nps_summary *out)
{
    out->n = from->n;
    out->promoters = from->top;
    out->passives = from->middle;
    out->detractors = from->bottom;
    out->missing = from->missing;
    out->out_of_range = from->out_of_range;
}

static void copy_score(const cxm_scale_summary *from, cxm_nps_summary *out)
{
    out->score = from->value;
    out->score_se = from->se;
    out->level = from->level;
    out->low = from->low;
    out->high = from->high;
    out->mean = from->mean;
    out->sd = from->sd;
}

static cxm_status summarize(const cxm_scale *scale, double level, cxm_nps_summary *out)
{
    cxm_scale_spec unused;
    cxm_scale_ask ask;
    cxm_scale_summary sum = {.size = sizeof sum};
    cxm_nps_summary result = {.size = out->size};
    cxm_nps_define(0, CXM_NPS_POINTS - 1, &unused, &ask);
    ask.level = level;
    cxm_status status = cxm_scale_summarize(scale, &ask, &sum);
    if (status != CXM_OK && status != CXM_E_EMPTY) return status;
    copy_bands(&sum, &result);
    if (status == CXM_OK) {
        copy_score(&sum, &result);
        status = cxm_nps_check(scale, &result.notes);
    }
    memcpy(out, &result, sizeof result);
    return status;
}

/* An empty 0..10 scale; CXM_E_ABI or CXM_E_ARG when the caller's struct is none. */
static cxm_status start(const cxm_nps_summary *out, cxm_scale *scale)
{
    cxm_scale_spec spec;
    cxm_scale_ask ask;
    if (!out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_nps_define(0, CXM_NPS_POINTS - 1, &spec, &ask);
    return cxm_scale_init(scale, &spec);
}

cxm_status cxm_nps_of_column(const cxm_column *answers, double level, cxm_nps_summary *out)
{
    cxm_scale scale;
    cxm_status status = start(out, &scale);
    if (status == CXM_OK) status = cxm_scale_add_many(&scale, answers);
    return status == CXM_OK ? summarize(&scale, level, out) : status;
}

cxm_status cxm_nps_of_counts(const uint64_t counts[CXM_NPS_POINTS], double level, cxm_nps_summary *out)
{
    cxm_scale scale;
    cxm_status status = start(out, &scale);
    if (status != CXM_OK) return status;
    if (!counts) return CXM_E_ARG;
    memcpy(scale.counts, counts, sizeof *counts * CXM_NPS_POINTS);
    return summarize(&scale, level, out);
}

cxm_status cxm_nps_of_bands(uint64_t promoters, uint64_t passives, uint64_t detractors, double level,
                            cxm_nps_summary *out)
{
    cxm_scale scale;
    cxm_nps_summary result = {.size = sizeof result};
    cxm_status status = start(out, &scale);
    if (status != CXM_OK) return status;
    scale.counts[CXM_NPS_POINTS - 1] = promoters;       /* any point of a band stands for it */
    scale.counts[7] = passives;
    scale.counts[0] = detractors;
    status = summarize(&scale, level, &result);
    if (status == CXM_E_SCALE) status = CXM_OK;         /* bands are no answers: nothing to judge */
    if (status != CXM_OK && status != CXM_E_EMPTY) return status;
    result.notes = 0;
    result.mean = result.sd = result.n ? (double)NAN : 0.0;
    result.size = out->size;
    memcpy(out, &result, sizeof result);
    return status;
}

static cxm_status fill_band(uint64_t count, const cxm_nps_bands *of, cxm_nps_band *out)
{
    cxm_interval limits = {.size = sizeof limits};
    cxm_status status = cxm_multinomial_interval(count, of->n, 3, of->method, of->level, &limits);
    if (status == CXM_OK) *out = (cxm_nps_band){count, (double)count / (double)of->n, limits.low, limits.high};
    return status;
}

cxm_status cxm_nps_band_shares(uint64_t promoters, uint64_t passives, uint64_t detractors, int32_t method, double level,
                               cxm_nps_bands *out)
{
    if (!out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_nps_bands got = {.size = out->size, .method = method ? method : CXM_INTERVAL_GOODMAN,
                         .level = level == 0.0 ? DEFAULT_LEVEL : level};
    if (!checked_add_u64(promoters, passives, &got.n) || !checked_add_u64(got.n, detractors, &got.n)) return CXM_E_OVERFLOW;
    cxm_status status = fill_band(promoters, &got, &got.promoters);         /* the same for each: n, method, level */
    if (status != CXM_OK) return status;
    fill_band(passives, &got, &got.passives);
    fill_band(detractors, &got, &got.detractors);
    memcpy(out, &got, sizeof got);
    return CXM_OK;
}
