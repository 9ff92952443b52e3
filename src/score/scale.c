/* SPDX-License-Identifier: MIT */
/* scale.c - the state of answers on a scale: one counter a point, and what was not counted.
 *
 * A counter is a group under addition as long as it neither passes 2^64 - 1 nor falls below 0; both are
 * checked, so add and remove are exact inverses and merge is associative and commutative. Everything
 * that divides stands in scale_summary.c, everything that reads columns in scale_column.c.      */
#include "base/port.h"
#include <cxm/scale.h>
#include "base/checked.h"
#include "score/scale_points.h"
#include <string.h>

_Static_assert(sizeof(cxm_scale_spec) == 24, "cxm_scale_spec grew");
_Static_assert(offsetof(cxm_scale, counts) == 48, "cxm_scale lost its shape");

bool scale_spec_ok(const cxm_scale_spec *spec)
{
    return spec && spec->size == sizeof *spec && spec->lo < spec->hi &&
           (int64_t)spec->hi - spec->lo < CXM_SCALE_POINTS_MAX && spec->lo <= spec->low_to &&
           spec->low_to < spec->high_from && spec->high_from <= spec->hi &&
           (spec->direction == CXM_HIGHER_IS_BETTER || spec->direction == CXM_LOWER_IS_BETTER);
}

cxm_status cxm_scale_define(int32_t lo, int32_t hi, int32_t direction, cxm_scale_spec *out)
{
    cxm_scale_spec spec = {sizeof spec, lo, hi, lo, hi, direction};
    if (!out || !scale_spec_ok(&spec)) return CXM_E_ARG;
    *out = spec;
    return CXM_OK;
}

/* The band at the other end: as many points, or what the top boxes leave. */
static int32_t opposite(const cxm_scale_spec *spec, int32_t points)
{
    int32_t left = spec->hi - spec->lo + 1 - points;
    return points < left ? points : left;
}

cxm_status cxm_scale_set_top(cxm_scale_spec *spec, int32_t from, int32_t to)
{
    if (!scale_spec_ok(spec) || from < spec->lo || to > spec->hi || from > to) return CXM_E_ARG;
    int32_t points = to - from + 1;
    if (points > spec->hi - spec->lo) return CXM_E_ARG;
    if (spec->direction == CXM_HIGHER_IS_BETTER) {
        if (to != spec->hi) return CXM_E_ARG;
        spec->low_to = spec->lo + opposite(spec, points) - 1;
        spec->high_from = from;
    } else {
        if (from != spec->lo) return CXM_E_ARG;
        spec->low_to = to;
        spec->high_from = spec->hi - opposite(spec, points) + 1;
    }
    return CXM_OK;
}

size_t cxm_scale_bytes(const cxm_scale_spec *spec)
{
    return scale_spec_ok(spec) ? offsetof(cxm_scale, counts) + sizeof(uint64_t) * scale_points(spec) : 0;
}

cxm_status cxm_scale_init(cxm_scale *scale, const cxm_scale_spec *spec)
{
    if (!scale || !scale_spec_ok(spec)) return CXM_E_ARG;
    cxm_scale_spec kept = *spec;                        /* `spec` may lie inside `scale` */
    memset(scale, 0, cxm_scale_bytes(&kept));
    scale->spec = kept;
    return CXM_OK;
}

/* The counter an answer belongs to. */
static uint64_t *counter_of(cxm_scale *scale, int32_t answer)
{
    bool on_scale = answer >= scale->spec.lo && answer <= scale->spec.hi;
    return on_scale ? &scale->counts[answer - scale->spec.lo] : &scale->out_of_range;
}

/* The same for a double; NULL for NaN, which is missing. */
static uint64_t *counter_of_double(cxm_scale *scale, double answer)
{
    if (answer != answer) return NULL;
    if (!(answer >= scale->spec.lo && answer <= scale->spec.hi)) return &scale->out_of_range;
    int32_t point = (int32_t)answer;
    return (double)point == answer ? counter_of(scale, point) : &scale->out_of_range;
}

static cxm_status raise(uint64_t *counter, uint64_t times)
{
    return checked_add_u64(*counter, times, counter) ? CXM_OK : CXM_E_OVERFLOW;
}

static cxm_status lower(uint64_t *counter)
{
    return checked_sub_u64(*counter, 1, counter) ? CXM_OK : CXM_E_UNDERFLOW;
}

/* An answer out of range is counted, and told. */
static cxm_status raise_answer(cxm_scale *scale, uint64_t *counter, uint64_t times)
{
    cxm_status status = raise(counter, times);
    return status == CXM_OK && counter == &scale->out_of_range ? CXM_E_DOMAIN : status;
}

static cxm_status lower_answer(cxm_scale *scale, uint64_t *counter)
{
    cxm_status status = lower(counter);
    return status == CXM_OK && counter == &scale->out_of_range ? CXM_E_DOMAIN : status;
}

cxm_status cxm_scale_add(cxm_scale *scale, int32_t answer)
{
    return scale ? raise_answer(scale, counter_of(scale, answer), 1) : CXM_E_ARG;
}

cxm_status cxm_scale_add_n(cxm_scale *scale, int32_t answer, uint64_t times)
{
    return scale ? raise_answer(scale, counter_of(scale, answer), times) : CXM_E_ARG;
}

cxm_status cxm_scale_add_double(cxm_scale *scale, double answer)
{
    if (!scale) return CXM_E_ARG;
    uint64_t *counter = counter_of_double(scale, answer);
    return raise_answer(scale, counter ? counter : &scale->missing, 1);
}

cxm_status cxm_scale_add_missing(cxm_scale *scale)
{
    return scale ? raise(&scale->missing, 1) : CXM_E_ARG;
}

cxm_status cxm_scale_add_unparsed(cxm_scale *scale)
{
    return scale ? raise(&scale->unparsed, 1) : CXM_E_ARG;
}

cxm_status cxm_scale_remove(cxm_scale *scale, int32_t answer)
{
    return scale ? lower_answer(scale, counter_of(scale, answer)) : CXM_E_ARG;
}

cxm_status cxm_scale_remove_double(cxm_scale *scale, double answer)
{
    if (!scale) return CXM_E_ARG;
    uint64_t *counter = counter_of_double(scale, answer);
    return lower_answer(scale, counter ? counter : &scale->missing);
}

cxm_status cxm_scale_remove_missing(cxm_scale *scale)
{
    return scale ? lower(&scale->missing) : CXM_E_ARG;
}

cxm_status cxm_scale_remove_unparsed(cxm_scale *scale)
{
    return scale ? lower(&scale->unparsed) : CXM_E_ARG;
}

static bool sums_fit(const cxm_scale *a, const cxm_scale *b)
{
    uint64_t sum;
    bool fit = checked_add_u64(a->missing, b->missing, &sum) &&
               checked_add_u64(a->unparsed, b->unparsed, &sum) &&
               checked_add_u64(a->out_of_range, b->out_of_range, &sum);
    for (size_t i = 0; i < scale_points(&a->spec) && fit; ++i)
        fit = checked_add_u64(a->counts[i], b->counts[i], &sum);
    return fit;
}

cxm_status cxm_scale_merge(cxm_scale *into, const cxm_scale *from)
{
    if (!into || !from || !scale_spec_ok(&into->spec)) return CXM_E_ARG;
    if (memcmp(&into->spec, &from->spec, sizeof into->spec) != 0) return CXM_E_MISMATCH;
    if (!sums_fit(into, from)) return CXM_E_OVERFLOW;       /* commit only when all fit */
    into->missing += from->missing;
    into->unparsed += from->unparsed;
    into->out_of_range += from->out_of_range;
    for (size_t i = 0; i < scale_points(&into->spec); ++i) into->counts[i] += from->counts[i];
    return CXM_OK;
}

cxm_status cxm_scale_n(const cxm_scale *scale, uint64_t *n)
{
    if (!scale || !n || !scale_spec_ok(&scale->spec)) return CXM_E_ARG;
    uint64_t total = 0;
    for (size_t i = 0; i < scale_points(&scale->spec); ++i)
        if (!checked_add_u64(total, scale->counts[i], &total)) return CXM_E_OVERFLOW;
    *n = total;
    return CXM_OK;
}
