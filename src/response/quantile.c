/* SPDX-License-Identifier: MIT */
/* quantile.c - the life of a quantile state: made, told values one by one, taken back, merged, subtracted.
 *
 * A value is turned into whole steps once, and the bin is read off the bits of that whole number. So it does not matter by
 * which road a value comes: by a double, by its steps, in a column by any set of instructions. Below 2^(K+1) some bins
 * between two whole numbers hold none; they cost nothing but a number.
 * A target's count is kept beside the bins, as a target seldom lies on a bin's edge: each value above it is counted. For
 * doubles the question "more steps than the target?" is asked as "at least first_above?", the least double for which the
 * answer is yes; rounding to steps rises with the value, so there is one.              */
#include "base/port.h"
#include "response/quantile_state.h"
#include <math.h>
#include "base/checked.h"
#include "base/sized.h"

_Static_assert(sizeof(cxm_quantile_spec) == 72, "cxm_quantile_spec grew");
_Static_assert((int)CXM_PRECISION_01 == 9 && (52 << 9) == (int)WINDOW_BINS_MAX, "bins outgrew their numbers");

static const uint64_t CENTURY_US = UINT64_C(3155760000000000);     /* 36,525 days */

/* --- spec --- */

double quantile_steps_of_unit(const cxm_quantile_spec *spec)
{
    static const double durations[] = {0.0, 1.0, 1e3, 1e6, 6e7, 3.6e9};
    static const double decimals[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    return spec->unit == CXM_UNIT_NUMBER ? decimals[spec->decimals] : durations[spec->unit];
}

static uint32_t edge_bin(uint64_t steps, int32_t precision)
{
    return (uint32_t)((bits_of((double)steps) >> (52 - precision)) - (UINT64_C(1023) << precision));
}

/* The greatest whole number in the bin of another one. */
static uint64_t bin_end(uint64_t steps, int32_t precision)
{
    return edge_steps(edge_bin(steps, precision) + 1, precision) - 1;
}

static bool targets_ok(const cxm_quantile_spec *spec)
{
    uint64_t before = 0;
    if (spec->targets > CXM_QUANTILE_TARGETS_MAX) return false;
    for (uint32_t i = 0; i < CXM_QUANTILE_TARGETS_MAX; ++i) {
        uint64_t at = spec->target[i];
        if (i < spec->targets ? at <= before || at < spec->low || at > spec->high : at != 0) return false;
        before = at;
    }
    return true;
}

cxm_status quantile_complete(const cxm_quantile_spec *spec, cxm_quantile_spec *out)
{
    cxm_quantile_spec full = {.size = sizeof full};
    if (spec && !sized_in_ok(spec, spec->size, sizeof *spec, sizeof *spec)) return CXM_E_ABI;
    if (spec) full = *spec;
    full.size = sizeof full;
    if (full.precision == 0) full.precision = CXM_PRECISION_1;
    if (full.unit == 0) full.unit = CXM_UNIT_S;
    if (full.low == 0) full.low = 1;
    if (full.precision != CXM_PRECISION_1 && full.precision != CXM_PRECISION_01) return CXM_E_ARG;
    bool number = full.unit == CXM_UNIT_NUMBER;
    if (full.high == 0) full.high = number ? QUANTILE_STEPS_MAX : bin_end(CENTURY_US, full.precision);
    bool ok = full.unit >= CXM_UNIT_US && full.unit <= CXM_UNIT_NUMBER && full.decimals >= 0 && full.decimals <= (number ? 9 : 0) &&
              full.low <= full.high && full.high <= QUANTILE_STEPS_MAX && full.reserved == 0 && targets_ok(&full);
    if (!ok) return CXM_E_ARG;
    *out = full;
    return CXM_OK;
}

void quantile_snap(cxm_quantile_spec *spec)
{
    quantile_complete(spec, spec);
    spec->low = edge_steps(edge_bin(spec->low, spec->precision), spec->precision);
    spec->high = bin_end(spec->high, spec->precision);
}

/* The least double that comes to more steps than the target. */
static double first_above(uint64_t target, double scale)
{
    double at = ((double)target + 0.5) / scale;
    while (whole_of(at, scale) > (double)target) at = nextafter(at, 0.0);
    while (whole_of(at, scale) <= (double)target) at = nextafter(at, INFINITY);
    return at;
}

size_t quantile_own_bytes(uint32_t targets)
{
    return sizeof(cxm_quantile) + targets * sizeof(quantile_target);
}

void quantile_fill(cxm_quantile *q, const cxm_quantile_spec *spec)
{
    uint32_t first = edge_bin(spec->low, spec->precision);
    memset(q, 0, quantile_own_bytes(spec->targets));
    q->map = (quantile_map){quantile_steps_of_unit(spec), (UINT32_C(1023) << spec->precision) + first,
                            (uint16_t)(edge_bin(spec->high, spec->precision) - first + 1), (uint8_t)(20 - spec->precision),
                            (uint8_t)(spec->targets << 4 | (uint32_t)(spec->unit + spec->decimals))};
    q->window.bins = q->map.bins;
    q->tally.least = UINT64_MAX;
    for (uint32_t i = 0; i < spec->targets; ++i)
        q->target[i] = (quantile_target){spec->target[i], first_above(spec->target[i], q->map.scale), 0};
}

cxm_status quantile_make(const cxm_quantile_spec *spec, const cxm_alloc *alloc, cxm_quantile **out)
{
    cxm_alloc hook;
    cxm_status status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    cxm_quantile *q = hook.alloc(hook.ctx, quantile_own_bytes(spec->targets));
    if (!q) return CXM_E_MEMORY;
    quantile_fill(q, spec);
    q->hook = hook;
    *out = q;
    return CXM_OK;
}

cxm_status cxm_quantile_create(const cxm_quantile_spec *spec, const cxm_alloc *alloc, cxm_quantile **out)
{
    cxm_quantile_spec full;
    if (!out) return CXM_E_ARG;
    cxm_status status = quantile_complete(spec, &full);
    return status == CXM_OK ? quantile_make(&full, alloc, out) : status;
}

void cxm_quantile_free(cxm_quantile *q)
{
    if (!q) return;
    cxm_alloc hook = q->hook;
    window_free(&q->window, &hook);
    alloc_free(&hook, q, quantile_own_bytes(targets_of(q)));
}

cxm_status cxm_quantile_set_unit(cxm_quantile *q, int32_t unit)
{
    if (!q || is_number(q) || unit < CXM_UNIT_US || unit >= CXM_UNIT_NUMBER) return CXM_E_ARG;
    const cxm_quantile_spec told = {.unit = unit};
    q->map.told = (uint8_t)(targets_of(q) << 4 | (uint32_t)unit);
    q->map.scale = quantile_steps_of_unit(&told);
    for (uint32_t i = 0; i < targets_of(q); ++i) q->target[i].first_above = first_above(q->target[i].steps, q->map.scale);
    return CXM_OK;
}

/* While a window grows there are two; and a column is counted aside. */
size_t cxm_quantile_bytes_most(const cxm_quantile_spec *spec)
{
    cxm_quantile_spec full;
    if (quantile_complete(spec, &full) != CXM_OK) return 0;
    size_t bins = edge_bin(full.high, full.precision) - edge_bin(full.low, full.precision) + 1;
    size_t window = sizeof(uint64_t) * ((bins + 2 * (WINDOW_ALIGN - 1)) / WINDOW_ALIGN * WINDOW_ALIGN);
    return quantile_own_bytes(full.targets) + 2 * window + 2 * sizeof(uint32_t) * (bins + 1);
}

size_t cxm_quantile_bytes(const cxm_quantile *q)
{
    return q ? quantile_own_bytes(targets_of(q)) + window_bytes(&q->window) : 0;
}

void quantile_spec_fill(const cxm_quantile *q, cxm_quantile_spec *out)
{
    *out = (cxm_quantile_spec){.size = sizeof *out, .precision = precision_of(q), .unit = unit_of(q), .decimals = decimals_of(q),
                               .low = bin_low(q, 0), .high = bin_high(q, q->map.bins - 1u), .targets = targets_of(q)};
    for (uint32_t i = 0; i < targets_of(q); ++i) out->target[i] = q->target[i].steps;
}

cxm_status cxm_quantile_spec_of(const cxm_quantile *q, cxm_quantile_spec *out)
{
    if (!q || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    uint32_t size = out->size;
    quantile_spec_fill(q, out);
    out->size = size;
    return CXM_OK;
}

bool quantile_n(const cxm_quantile *q, uint64_t *out)
{
    uint64_t n;
    const quantile_tally *t = &q->tally;
    if (!window_total(&q->window, &n)) return false;
    return checked_add_u64(n, t->zero, &n) && checked_add_u64(n, t->under, &n) && checked_add_u64(n, t->over, out);
}

/* --- one value --- */

/* Counters of 32 bits, and less than 2^60 apart from them, never add up to 2^63: no need to add. */
static bool n_is_far(const cxm_quantile *q)
{
    return q->window.width < 8 && (q->tally.zero | q->tally.under | q->tally.over) >> 60 == 0;
}

/* A full counter is a full n: no machine counts that far one by one, but merges do. */
bool quantile_is_full(const cxm_quantile *q)
{
    uint64_t n;
    return !n_is_far(q) && (!quantile_n(q, &n) || n == UINT64_MAX);
}

/* Whether the values of both have a number. */
static bool n_fits(const cxm_quantile *a, const cxm_quantile *b)
{
    uint64_t n, m;
    return (n_is_far(a) && n_is_far(b)) || (quantile_n(a, &n) && quantile_n(b, &m) && n <= UINT64_MAX - m);
}

uint64_t *quantile_counter_of(quantile_tally *tally, const quantile_map *map, double value)
{
    if (value != value) return &tally->missing;
    if (isinf(value)) return &tally->infinite;
    if (value < 0.0) return &tally->negative;
    double whole = whole_of(value, map->scale);
    if (whole == 0.0) return &tally->zero;
    return (bits_of(whole) >> 32 >> map->shift) < map->base ? &tally->under : &tally->over;
}

static bool refused(const quantile_tally *tally, const uint64_t *counter)
{
    return counter == &tally->missing || counter == &tally->infinite || counter == &tally->negative;
}

/* The least of what is over is above every target; the rest is above none. */
static void count_above(cxm_quantile *q, const uint64_t *counter, uint64_t change)
{
    for (uint32_t i = 0; counter == &q->tally.over && i < targets_of(q); ++i) q->target[i].above += change;
}

PORT_COLD static cxm_status add_apart(cxm_quantile *q, double value, double scale)
{
    quantile_map map = q->map;
    map.scale = scale;
    uint64_t *counter = quantile_counter_of(&q->tally, &map, value);
    bool no_value = refused(&q->tally, counter);
    if (no_value ? *counter == UINT64_MAX : quantile_is_full(q)) return CXM_E_OVERFLOW;
    ++*counter;
    count_above(q, counter, 1);
    return no_value ? CXM_E_DOMAIN : CXM_OK;
}

/* Branches, and those not taken, as a carry and a new extreme are rare: what a call stores the next one waits for. */
static inline void note(cxm_quantile *q, uint64_t steps)
{
    q->tally.sum.low += steps;
    if (!PORT_OFTEN(q->tally.sum.low >= steps)) ++q->tally.sum.high;
    if (!PORT_OFTEN(steps >= q->tally.least)) q->tally.least = steps;
    if (!PORT_OFTEN(steps <= q->tally.most)) q->tally.most = steps;
    if (PORT_OFTEN(targets_of(q) == 0)) return;
    for (uint32_t i = 0; i < targets_of(q); ++i) q->target[i].above += steps > q->target[i].steps;
}

/* A value out of range, or for whose bin there is no counter, or a full one. */
PORT_COLD static cxm_status add_rare(cxm_quantile *q, double value, double scale)
{
    double raised = raised_of(value, scale);
    uint32_t bin = bin_of(&q->map, raised - QUANTILE_RAISED);
    window_uncount(&q->window, bin);
    if (bin >= q->map.bins) return add_apart(q, value, scale);
    if (quantile_is_full(q)) return CXM_E_OVERFLOW;
    cxm_status status = window_add(&q->window, bin, &q->hook);
    if (status == CXM_OK) note(q, bits_of(raised) - bits_of(QUANTILE_RAISED));
    return status;
}

/* A bin that has a counter is one in range. */
cxm_status cxm_quantile_add(cxm_quantile *q, double value)
{
    if (!q) return CXM_E_ARG;
    double raised = raised_of(value, q->map.scale);
    if (!window_count(&q->window, bin_of(&q->map, raised - QUANTILE_RAISED))) return add_rare(q, value, q->map.scale);
    note(q, bits_of(raised) - bits_of(QUANTILE_RAISED));
    return CXM_OK;
}

/* As a double they may be rounded where all are over the range. */
cxm_status cxm_quantile_add_steps(cxm_quantile *q, int64_t steps)
{
    if (!q) return CXM_E_ARG;
    if (!window_count(&q->window, bin_of(&q->map, (double)steps))) return add_rare(q, (double)steps, 1.0);
    note(q, (uint64_t)steps);
    return CXM_OK;
}

static cxm_status add_row(uint64_t *counter)
{
    if (*counter == UINT64_MAX) return CXM_E_OVERFLOW;
    ++*counter;
    return CXM_OK;
}

cxm_status cxm_quantile_add_missing(cxm_quantile *q)
{
    return q ? add_row(&q->tally.missing) : CXM_E_ARG;
}

cxm_status cxm_quantile_add_unparsed(cxm_quantile *q)
{
    return q ? add_row(&q->tally.unparsed) : CXM_E_ARG;
}

cxm_status cxm_quantile_add_open(cxm_quantile *q)
{
    return q ? add_row(&q->tally.open) : CXM_E_ARG;
}

/* --- and back --- */

/* Values are at least 1, so a sum of 0 is the sum of none: whether the bins say so, too. Then the state is the empty one; else
 * its extremes are not known any more. */
static bool forget_extremes(cxm_quantile *q)
{
    uint32_t bin;
    bool empty = q->tally.sum.high == 0 && q->tally.sum.low == 0;
    if (empty && window_last(&q->window, &bin)) return false;
    q->window.taken = !empty;
    q->tally.least = UINT64_MAX;
    q->tally.most = 0;
    return true;
}

static cxm_status remove_apart(cxm_quantile *q, double value, double scale)
{
    quantile_map map = q->map;
    map.scale = scale;
    uint64_t *counter = quantile_counter_of(&q->tally, &map, value);
    if (*counter == 0) return CXM_E_UNDERFLOW;
    --*counter;
    count_above(q, counter, UINT64_MAX);
    return refused(&q->tally, counter) ? CXM_E_DOMAIN : CXM_OK;
}

/* Whether the sum and every count above a target could have had it. */
static bool could_hold(const cxm_quantile *q, uint64_t steps)
{
    if (wide_below(q->tally.sum, (wide){0, steps})) return false;
    for (uint32_t i = 0; i < targets_of(q); ++i)
        if (steps > q->target[i].steps && q->target[i].above == q->tally.over) return false;
    return true;
}

static cxm_status remove_bin(cxm_quantile *q, uint32_t bin, uint64_t steps)
{
    if (!could_hold(q, steps) || !window_remove(&q->window, bin)) return CXM_E_UNDERFLOW;
    q->tally.sum = wide_minus(q->tally.sum, (wide){0, steps});
    if (!forget_extremes(q)) {                          /* another of its bin was meant */
        window_add(&q->window, bin, &q->hook);          /* where there is room */
        q->tally.sum.low = steps;
        return CXM_E_UNDERFLOW;
    }
    for (uint32_t i = 0; i < targets_of(q); ++i) q->target[i].above -= steps > q->target[i].steps;
    return CXM_OK;
}

cxm_status cxm_quantile_remove(cxm_quantile *q, double value)
{
    if (!q) return CXM_E_ARG;
    double whole = whole_of(value, q->map.scale);
    uint32_t bin = bin_of(&q->map, whole);
    return bin < q->map.bins ? remove_bin(q, bin, (uint64_t)whole) : remove_apart(q, value, q->map.scale);
}

cxm_status cxm_quantile_remove_steps(cxm_quantile *q, int64_t steps)
{
    if (!q) return CXM_E_ARG;
    uint32_t bin = bin_of(&q->map, (double)steps);
    return bin < q->map.bins ? remove_bin(q, bin, (uint64_t)steps) : remove_apart(q, (double)steps, 1.0);
}

static cxm_status remove_row(uint64_t *counter)
{
    if (*counter == 0) return CXM_E_UNDERFLOW;
    --*counter;
    return CXM_OK;
}

cxm_status cxm_quantile_remove_missing(cxm_quantile *q)
{
    return q ? remove_row(&q->tally.missing) : CXM_E_ARG;
}

cxm_status cxm_quantile_remove_unparsed(cxm_quantile *q)
{
    return q ? remove_row(&q->tally.unparsed) : CXM_E_ARG;
}

cxm_status cxm_quantile_remove_open(cxm_quantile *q)
{
    return q ? remove_row(&q->tally.open) : CXM_E_ARG;
}

/* --- all of another --- */

bool quantile_agrees(const cxm_quantile *a, const cxm_quantile *b)
{
    bool same = precision_of(a) == precision_of(b) && a->map.base == b->map.base && a->map.bins == b->map.bins && targets_of(a) == targets_of(b) &&
                decimals_of(a) == decimals_of(b) && is_number(a) == is_number(b);
    for (uint32_t i = 0; same && i < targets_of(a); ++i) same = a->target[i].steps == b->target[i].steps;
    return same;
}

/* Each counter below 2^64, which the sum then fits too: a value is below 2^52. */
bool quantile_tally_add(quantile_tally *into, const quantile_tally *from)
{
    quantile_tally sum = *into;
    uint64_t *to = &sum.zero;
    const uint64_t *by = &from->zero;
    for (int i = 0; i < QUANTILE_COUNTERS; ++i)
        if (!checked_add_u64(to[i], by[i], &to[i])) return false;
    sum.sum = wide_sum(sum.sum, from->sum);
    if (from->least < sum.least) sum.least = from->least;
    if (from->most > sum.most) sum.most = from->most;
    *into = sum;
    return true;
}

cxm_status cxm_quantile_merge(cxm_quantile *into, const cxm_quantile *from)
{
    quantile_tally sum;
    if (!into || !from) return CXM_E_ARG;
    if (!quantile_agrees(into, from)) return CXM_E_MISMATCH;
    sum = into->tally;
    bool fits = quantile_tally_add(&sum, &from->tally) && n_fits(into, from);
    if (!fits) return CXM_E_OVERFLOW;
    cxm_status status = window_merge(&into->window, &from->window, &into->hook);
    if (status != CXM_OK) return status;
    into->tally = sum;
    for (uint32_t i = 0; i < targets_of(into); ++i) into->target[i].above += from->target[i].above;
    if (into->window.taken || from->window.taken) forget_extremes(into);  /* cannot fail: values came, none went */
    return CXM_OK;
}

static bool tally_subtract(quantile_tally *into, const quantile_tally *from)
{
    uint64_t *to = &into->zero;
    const uint64_t *by = &from->zero;
    for (int i = 0; i < QUANTILE_COUNTERS; ++i)
        if (!checked_sub_u64(to[i], by[i], &to[i])) return false;
    if (wide_below(into->sum, from->sum)) return false;
    into->sum = wide_minus(into->sum, from->sum);
    return true;
}

/* What is over the range is counted apart, and above every target. */
static bool targets_hold(const cxm_quantile *into, const cxm_quantile *from)
{
    bool ok = true;
    for (uint32_t i = 0; i < targets_of(into); ++i)
        ok &= into->target[i].above - into->tally.over >= from->target[i].above - from->tally.over;
    return ok;
}

/* When no sum is left, no value may be. */
static bool leaves_none(const cxm_quantile *into, const cxm_quantile *from)
{
    uint64_t all = 0, away = 0;
    return window_total(&into->window, &all) && window_total(&from->window, &away) && all == away;
}

cxm_status cxm_quantile_subtract(cxm_quantile *into, const cxm_quantile *from)
{
    uint32_t bin;
    if (!into || !from) return CXM_E_ARG;
    if (!quantile_agrees(into, from)) return CXM_E_MISMATCH;
    quantile_tally left = into->tally;
    bool some = window_last(&from->window, &bin);
    if (!targets_hold(into, from) || !tally_subtract(&left, &from->tally)) return CXM_E_UNDERFLOW;
    if (left.sum.high == 0 && left.sum.low == 0 && !leaves_none(into, from)) return CXM_E_UNDERFLOW;
    if (!window_subtract(&into->window, &from->window)) return CXM_E_UNDERFLOW;
    into->tally = left;
    if (some) forget_extremes(into);
    for (uint32_t i = 0; i < targets_of(into); ++i) into->target[i].above -= from->target[i].above;
    return CXM_OK;
}
