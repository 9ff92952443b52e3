/* SPDX-License-Identifier: MIT */
/* weighted.c - the state of weighted answers: rows and exact sums by point, and the account of what is no answer.
 *
 * Counts and exact sums are a group, so add and remove are inverses and merge is associative and commutative. A row
 * changes one count and two sums; memory is asked for before anything changes, and what was changed before a second
 * request fails is taken back.
 *
 * w^2 by integers: with w = d 2^e, d = a 2^26 + b of 53 bits, d^2 = a^2 2^52 + 2ab 2^26 + b^2 is high 2^52 + low; high
 * has 53 or 54 bits and is rounded to 53, ties to even. The compiler's w * w is the same where a double is rounded
 * once, but there are machines where it is rounded twice. */
#include "base/port.h"
#include "score/weighted_state.h"
#include "base/alloc.h"
#include "base/checked.h"
#include <math.h>
#include <string.h>

static const double LEAST = 0x1p-200, MOST = 0x1p200;

size_t weighted_limb_bytes(const cxm_scale_spec *spec, sum_window weight, sum_window square)
{
    return weighted_slots(spec) * ((size_t)weight.width + square.width) * sizeof(uint32_t);
}

static size_t state_bytes(const cxm_scale_spec *spec)
{
    return sizeof(cxm_weighted) + scale_points(spec) * sizeof(uint64_t);
}

/* Old and new limbs stand side by side while they move. */
size_t cxm_weighted_bytes(const cxm_scale_spec *spec)
{
    sum_window weight = {WEIGHT_LIMB, WEIGHT_LIMBS}, square = {SQUARE_LIMB, SQUARE_LIMBS};
    return scale_spec_ok(spec) ? state_bytes(spec) + 2 * weighted_limb_bytes(spec, weight, square) : 0;
}

cxm_status cxm_weighted_create(const cxm_scale_spec *spec, const cxm_alloc *alloc, cxm_weighted **out)
{
    cxm_alloc hook;
    if (!out || !scale_spec_ok(spec)) return CXM_E_ARG;
    cxm_status status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    cxm_weighted *w = alloc_zeroed(&hook, 1, state_bytes(spec));
    if (!w) return CXM_E_MEMORY;
    w->spec = *spec;
    w->hook = hook;
    *out = w;
    return CXM_OK;
}

static void free_limbs(cxm_weighted *w)
{
    alloc_free(&w->hook, w->limbs, weighted_limb_bytes(&w->spec, w->weight, w->square));
}

void cxm_weighted_free(cxm_weighted *weighted)
{
    if (!weighted) return;
    cxm_alloc hook = weighted->hook;
    free_limbs(weighted);
    alloc_free(&hook, weighted, state_bytes(&weighted->spec));
}

cxm_status cxm_weighted_spec(const cxm_weighted *weighted, cxm_scale_spec *out)
{
    if (!weighted || !out) return CXM_E_ARG;
    *out = weighted->spec;
    return CXM_OK;
}

/* --- sums --- */

/* Adds every sum of `from` to that of `into`; false when one does not fit, and `into` is then of no use. */
static bool add_sums(cxm_weighted *into, const cxm_weighted *from)
{
    bool fit = true;
    for (size_t slot = 0; from->limbs && fit && slot < weighted_slots(&into->spec); ++slot)
        fit = sum_window_merge(into->weight, weighted_weight(into, slot), from->weight, weighted_weight(from, slot)) &&
              sum_window_merge(into->square, weighted_square(into, slot), from->square, weighted_square(from, slot));
    return fit;
}

/* Empty sums of these windows for a state of the same spec; its limbs are NULL without memory. */
static cxm_weighted blank_sums(const cxm_weighted *like, sum_window weight, sum_window square)
{
    cxm_weighted fresh = {.spec = like->spec, .hook = like->hook, .weight = weight, .square = square};
    fresh.limbs = alloc_zeroed(&fresh.hook, 1, weighted_limb_bytes(&fresh.spec, weight, square));
    return fresh;
}

static void put_sums(cxm_weighted *w, const cxm_weighted *sums)
{
    free_limbs(w);
    w->weight = sums->weight;
    w->square = sums->square;
    w->limbs = sums->limbs;
}

cxm_status weighted_widen(cxm_weighted *w, sum_window weight, sum_window square)
{
    cxm_weighted wide = blank_sums(w, weight, square);
    if (!wide.limbs) return CXM_E_MEMORY;
    add_sums(&wide, w);                                     /* wider windows hold what narrower ones did */
    put_sums(w, &wide);
    return CXM_OK;
}

static cxm_status add_weight(cxm_weighted *w, size_t slot, double value)
{
    while (!sum_window_add(w->weight, weighted_weight(w, slot), value)) {
        sum_window wide = sum_window_grown(w->weight, sum_window_of_double(value));
        if (weighted_widen(w, wide, w->square) != CXM_OK) return CXM_E_MEMORY;
    }
    return CXM_OK;
}

static cxm_status add_square(cxm_weighted *w, size_t slot, double value)
{
    while (!sum_window_add(w->square, weighted_square(w, slot), value)) {
        sum_window wide = sum_window_grown(w->square, sum_window_of_double(value));
        if (weighted_widen(w, w->weight, wide) != CXM_OK) return CXM_E_MEMORY;
    }
    return CXM_OK;
}

/* The nearest double to w w, for a weight that is accepted. */
static double square_of(double weight)
{
    const uint64_t low_26 = (UINT64_C(1) << 26) - 1, low_52 = (UINT64_C(1) << 52) - 1;
    sum_part part = sum_bits_part(sum_bits(weight));
    uint64_t a = part.digits >> 26, b = part.digits & low_26, twice = 2 * a * b;
    uint64_t low = ((twice & low_26) << 26) + b * b, high = a * a + (twice >> 26) + (low >> 52);
    uint64_t wide = high >> 53, half = UINT64_C(1) << (51 + wide);
    low = (low & low_52) | (high & wide) << 52;
    high >>= wide;
    high += low > half || (low == half && (high & 1));
    return ldexp((double)high, 52 + (int)wide + 2 * ((int)part.at - 1074));
}

/* Adds a weight to both sums of a slot, or takes it away; all or nothing. */
static cxm_status add_both(cxm_weighted *w, size_t slot, double weight, double sign)
{
    cxm_status status = add_weight(w, slot, sign * weight);
    if (status != CXM_OK) return status;
    status = add_square(w, slot, sign * square_of(weight));
    if (status != CXM_OK) sum_window_add(w->weight, weighted_weight(w, slot), -sign * weight);  /* was there before, so it fits */
    return status;
}

/* --- where a row belongs --- */

/* A row's answer: the slot, and the counter of its kind where that is no point of the scale. */
typedef struct place { size_t slot; uint64_t *blank; } place;

static place blank_place(cxm_weighted *w, uint64_t *counter)
{
    return (place){scale_points(&w->spec), counter};
}

static place place_of(cxm_weighted *w, double answer)
{
    if (answer != answer) return blank_place(w, &w->missing);
    if (!(answer >= w->spec.lo && answer <= w->spec.hi)) return blank_place(w, &w->out_of_range);
    int32_t point = (int32_t)answer;
    if ((double)point != answer) return blank_place(w, &w->out_of_range);
    return (place){(size_t)(point - w->spec.lo), NULL};
}

static bool weight_ok(double weight)
{
    return weight == 0.0 || (weight >= LEAST && weight <= MOST);
}

/* --- rows in --- */

static cxm_status count_positive(cxm_weighted *w, place at, double weight)
{
    cxm_status status = add_both(w, at.slot, weight, 1.0);
    if (status == CXM_OK) ++*(at.blank ? at.blank : &w->counts[at.slot]);
    return status;
}

static void count_zero(cxm_weighted *w, place at)
{
    if (at.blank) ++*at.blank;
    ++*(at.blank ? &w->zero_blank : &w->zero);
}

static cxm_status count(cxm_weighted *w, place at, double weight)
{
    cxm_status status = CXM_OK;
    if (w->records == UINT64_MAX) return CXM_E_OVERFLOW;
    if (!weight_ok(weight)) ++w->refused;
    else if (weight == 0.0) count_zero(w, at);
    else status = count_positive(w, at, weight);
    if (status != CXM_OK) return status;
    ++w->records;
    return !weight_ok(weight) || at.blank == &w->out_of_range ? CXM_E_DOMAIN : CXM_OK;
}

cxm_status cxm_weighted_add(cxm_weighted *weighted, double answer, double weight)
{
    return weighted ? count(weighted, place_of(weighted, answer), weight) : CXM_E_ARG;
}

cxm_status cxm_weighted_add_missing(cxm_weighted *weighted, double weight)
{
    return weighted ? count(weighted, blank_place(weighted, &weighted->missing), weight) : CXM_E_ARG;
}

cxm_status cxm_weighted_add_unparsed(cxm_weighted *weighted, double weight)
{
    return weighted ? count(weighted, blank_place(weighted, &weighted->unparsed), weight) : CXM_E_ARG;
}

/* --- rows out --- */

/* Whether rows and sum can belong together: none and 0, or some and more. */
static bool sum_fits(uint64_t rows, sum_window window, const uint32_t *sum)
{
    bool negative = window.width && sum[window.width - 1] >> 31, zero = true;
    for (uint32_t i = 0; i < window.width; ++i) zero = zero && sum[i] == 0;
    return !negative && zero == (rows == 0);
}

static cxm_status take_positive(cxm_weighted *w, place at, double weight)
{
    uint64_t *counter = at.blank ? at.blank : &w->counts[at.slot], rows = weighted_rows(w, at.slot);
    if (*counter == 0 || rows == 0) return CXM_E_UNDERFLOW;
    cxm_status status = add_both(w, at.slot, weight, -1.0);
    if (status != CXM_OK) return status;
    if (!sum_fits(rows - 1, w->weight, weighted_weight(w, at.slot)) ||
        !sum_fits(rows - 1, w->square, weighted_square(w, at.slot))) {
        add_both(w, at.slot, weight, 1.0);                  /* as it was, in windows that held it */
        return CXM_E_UNDERFLOW;
    }
    --*counter;
    return CXM_OK;
}

static cxm_status take_zero(cxm_weighted *w, place at)
{
    uint64_t *zeros = at.blank ? &w->zero_blank : &w->zero;
    if (*zeros == 0 || (at.blank && *at.blank == 0)) return CXM_E_UNDERFLOW;
    --*zeros;
    if (at.blank) --*at.blank;
    return CXM_OK;
}

static cxm_status take_refused(cxm_weighted *w)
{
    return checked_sub_u64(w->refused, 1, &w->refused) ? CXM_OK : CXM_E_UNDERFLOW;
}

static cxm_status take(cxm_weighted *w, place at, double weight)
{
    cxm_status status = !weight_ok(weight) ? take_refused(w) : weight == 0.0 ? take_zero(w, at) : take_positive(w, at, weight);
    if (status != CXM_OK) return status;
    --w->records;
    return !weight_ok(weight) || at.blank == &w->out_of_range ? CXM_E_DOMAIN : CXM_OK;
}

cxm_status cxm_weighted_remove(cxm_weighted *weighted, double answer, double weight)
{
    return weighted ? take(weighted, place_of(weighted, answer), weight) : CXM_E_ARG;
}

cxm_status cxm_weighted_remove_missing(cxm_weighted *weighted, double weight)
{
    return weighted ? take(weighted, blank_place(weighted, &weighted->missing), weight) : CXM_E_ARG;
}

cxm_status cxm_weighted_remove_unparsed(cxm_weighted *weighted, double weight)
{
    return weighted ? take(weighted, blank_place(weighted, &weighted->unparsed), weight) : CXM_E_ARG;
}

/* --- merge --- */

static sum_window limb_more(sum_window w)
{
    return (sum_window){w.at, w.width + (w.width > 0)};
}

/* The sums of both, aside. Around both windows first; a sum that reaches a bit higher has a limb more. */
static cxm_status unite(const cxm_weighted *a, const cxm_weighted *b, cxm_weighted *out)
{
    sum_window weight = sum_window_around(a->weight, b->weight), square = sum_window_around(a->square, b->square);
    *out = blank_sums(a, weight, square);
    if (!out->limbs) return CXM_E_MEMORY;
    if (add_sums(out, a) && add_sums(out, b)) return CXM_OK;
    free_limbs(out);
    *out = blank_sums(a, limb_more(weight), limb_more(square));
    if (!out->limbs) return CXM_E_MEMORY;
    add_sums(out, a);
    add_sums(out, b);
    return CXM_OK;
}

/* The counts are parts of `records`, so none can overflow. */
static void add_counts(cxm_weighted *into, const cxm_weighted *from)
{
    into->records += from->records;
    into->missing += from->missing;
    into->unparsed += from->unparsed;
    into->out_of_range += from->out_of_range;
    into->zero += from->zero;
    into->zero_blank += from->zero_blank;
    into->refused += from->refused;
    for (size_t i = 0; i < scale_points(&into->spec); ++i) into->counts[i] += from->counts[i];
}

cxm_status cxm_weighted_merge(cxm_weighted *into, const cxm_weighted *from)
{
    uint64_t records;
    cxm_weighted sums;
    if (!into || !from) return CXM_E_ARG;
    if (memcmp(&into->spec, &from->spec, sizeof into->spec) != 0) return CXM_E_MISMATCH;
    if (!checked_add_u64(into->records, from->records, &records)) return CXM_E_OVERFLOW;
    if (from->limbs) {
        cxm_status status = unite(into, from, &sums);
        if (status != CXM_OK) return status;
        put_sums(into, &sums);
    }
    add_counts(into, from);
    return CXM_OK;
}

/* --- what is held --- */

static double value_of(sum_window window, const uint32_t *sum)
{
    sum_number number;
    sum_window_to_number(window, sum, &number);
    return sum_number_to_double(&number);
}

weighted_slot weighted_read(const cxm_weighted *w, size_t slot)
{
    uint64_t rows = weighted_rows(w, slot);
    if (rows == 0) return (weighted_slot){0.0, 0.0, 0.0};
    return (weighted_slot){(double)rows, value_of(w->weight, weighted_weight(w, slot)), value_of(w->square, weighted_square(w, slot))};
}

cxm_status cxm_weighted_point(const cxm_weighted *weighted, int32_t point, uint64_t *n, double *sum, double *squares)
{
    if (!weighted || !n || !sum || !squares) return CXM_E_ARG;
    bool on_scale = point >= weighted->spec.lo && point <= weighted->spec.hi;
    size_t slot = on_scale ? (size_t)(point - weighted->spec.lo) : scale_points(&weighted->spec);
    weighted_slot held = weighted_read(weighted, slot);
    *n = weighted_rows(weighted, slot);
    *sum = held.sum;
    *squares = held.squares;
    return CXM_OK;
}
