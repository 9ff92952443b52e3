/* SPDX-License-Identifier: MIT */
/* quantile_state.h - what a quantile state is, for the files of its own room. */
#ifndef CXM_RESPONSE_QUANTILE_STATE_H
#define CXM_RESPONSE_QUANTILE_STATE_H
#include <cxm/quantile.h>
#include <stdbool.h>
#include <string.h>
#include "base/port.h"
#include "base/special.h"
#include "base/wide.h"
#include "response/quantile_window.h"

/* Whole doubles end, and with them bins. */
#define QUANTILE_STEPS_MAX ((UINT64_C(1) << 52) - 1)

/* All that is counted beside the bins; the first eight in the order of their bytes. `least` > `most`: no value, or removed. */
typedef struct quantile_tally {
    uint64_t zero, under, over, missing, unparsed, negative, infinite, open;
    wide sum;                       /* of steps in range */
    uint64_t least, most;           /* steps in range; of no use once something was removed */
} quantile_tally;
enum { QUANTILE_COUNTERS = 8 };

/* A target's steps, the least double that is told to be more, and the values that are more. */
typedef struct quantile_target { uint64_t steps; double first_above; uint64_t above; } quantile_target;

/* What makes a bin of a value: bin = (upper half of the bits of its whole number >> shift) - base, as unsigned; in range when
 * below `bins`. For every precision a bin's number is in the upper half. `told`: the number of targets, times 16, and what
 * doubles are told in: a CXM_UNIT_*, of numbers that and their decimals. */
typedef struct quantile_map { double scale; uint32_t base; uint16_t bins; uint8_t shift, told; } quantile_map;

struct cxm_quantile {
    quantile_map map;
    quantile_window window;         /* bins of values in range, from the range's first on */
    quantile_tally tally;
    cxm_alloc hook;
    quantile_target target[];
};

/* A state on the stack, with room for its targets. */
typedef union quantile_room {
    cxm_quantile state;
    unsigned char bytes[sizeof(cxm_quantile) + CXM_QUANTILE_TARGETS_MAX * sizeof(quantile_target)];
} quantile_room;

static inline uint32_t targets_of(const cxm_quantile *q)
{
    return q->map.told >> 4;
}

static inline bool is_number(const cxm_quantile *q)
{
    return (q->map.told & 15) >= CXM_UNIT_NUMBER;
}

static inline int32_t unit_of(const cxm_quantile *q)
{
    return is_number(q) ? CXM_UNIT_NUMBER : q->map.told & 15;
}

static inline int32_t decimals_of(const cxm_quantile *q)
{
    return is_number(q) ? (q->map.told & 15) - CXM_UNIT_NUMBER : 0;
}

static inline int32_t precision_of(const cxm_quantile *q)
{
    return 20 - q->map.shift;
}

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* value scale + 2^52, whose last place is 1: so the machine rounds to the nearest whole number, ties to even. Stored in
 * between where it would round twice. */
#define QUANTILE_RAISED 0x1p52
static inline double raised_of(double value, double scale)
{
#if PORT_ROUNDS_ONCE
    return value * scale + QUANTILE_RAISED;
#else
    volatile double scaled = value * scale, raised = scaled + QUANTILE_RAISED;
    return raised;
#endif
}

/* The nearest whole number of 0..2^52; larger ones come out as at least that, smaller ones below 0 or as 0, NaN as NaN. */
static inline double whole_of(double value, double scale)
{
    return raised_of(value, scale) - QUANTILE_RAISED;
}

static inline uint32_t bin_of(const quantile_map *map, double whole)
{
    return (uint32_t)(bits_of(whole) >> 32 >> map->shift) - map->base;
}

/* The number of the range's first bin, from that of 1 step on. */
static inline uint32_t range_first(const cxm_quantile *q)
{
    return q->map.base - (UINT32_C(1023) << precision_of(q));
}

/* The least whole number of steps of a bin, by its number from that of 1 step on. */
static inline uint64_t edge_steps(uint32_t bin, int32_t precision)
{
    double edge = double_of(((UINT64_C(1023) << precision) + bin) << (52 - precision));
    return (uint64_t)edge + ((double)(uint64_t)edge < edge);
}

/* The least and the greatest whole number of steps in a bin of the range; a bin that has none has its `high` below `low`. */
static inline uint64_t bin_low(const cxm_quantile *q, uint32_t bin)
{
    return edge_steps(range_first(q) + bin, precision_of(q));
}

static inline uint64_t bin_high(const cxm_quantile *q, uint32_t bin)
{
    return bin_low(q, bin + 1) - 1;
}

/* Whether sum, extremes and counts above the targets are each ones that values in these bins can have. Others come of removing
 * what never was there, and of bytes from strangers. */
bool quantile_plausible(const cxm_quantile *q);

/* n of the summary; false past 2^64 - 1. */
bool quantile_n(const cxm_quantile *q, uint64_t *out);

/* The value of rank 1..n, in steps, as type 1 tells it; false outside the range. */
bool quantile_steps_of_rank(const cxm_quantile *q, uint64_t rank, uint64_t n, double *out);

/* Limits from order statistics, in the unit, each outside of which lies at most `tail`; NaN where one does not exist. */
typedef struct quantile_limits { double low, high; } quantile_limits;
quantile_limits quantile_limits_at(const cxm_quantile *q, uint64_t n, double share, double tail);

/* P(B >= k) of a binomial (n, share), 0 < k <= n. */
double quantile_tail(uint64_t n, uint64_t k, special_share share);

/* Whether no further value can be counted. */
bool quantile_is_full(const cxm_quantile *q);

/* Whether a merge means anything. */
bool quantile_agrees(const cxm_quantile *a, const cxm_quantile *b);

/* Steps in a complete spec's unit. */
double quantile_steps_of_unit(const cxm_quantile_spec *spec);

/* A spec with its zeros filled in, else CXM_E_ABI or CXM_E_ARG; and the range in bins. */
cxm_status quantile_complete(const cxm_quantile_spec *spec, cxm_quantile_spec *out);
void quantile_snap(cxm_quantile_spec *complete);        /* the range to the ends of its bins; zeros in it filled in */
size_t quantile_own_bytes(uint32_t targets);            /* of a state without a window */
void quantile_fill(cxm_quantile *q, const cxm_quantile_spec *complete);     /* empty, in any memory, without a hook */
cxm_status quantile_make(const cxm_quantile_spec *complete, const cxm_alloc *alloc, cxm_quantile **out);
void quantile_spec_fill(const cxm_quantile *q, cxm_quantile_spec *out);

/* Counters of both; false past 2^64 - 1. */
bool quantile_tally_add(quantile_tally *into, const quantile_tally *from);

/* What is no value in range, by kind; the counter it belongs to. */
uint64_t *quantile_counter_of(quantile_tally *tally, const quantile_map *map, double value);

#endif
