/* SPDX-License-Identifier: MIT */
/* quantile_column.c - a column at once: bins first, then counts.
 *
 * A block of values goes through twice while it lies in the nearest cache: the first pass turns doubles into numbers of bins
 * of 16 bits, sums their steps and notes the least and the most; it is the one that has a way for each set of
 * instructions (quantile_block.c, simd/). The second counts, into two sets of counters by turns; it is done in the same
 * loop as the first pass of the next block, as the two want different parts of a processor. These counters have 16 bits,
 * so that many bins, too, stay in the nearest cache, and are added to others of 32 before they can be full. A value that
 * is none in range has the number of bins for its bin; where a block has one, a third pass tells what it is, and the
 * others go through the first once more without it. The counters are zeroed as far as bins are met, and go into the state
 * at the end of the call as a merge does: all of it, or nothing.                     */
#include "base/port.h"
#include "response/quantile_state.h"
#include <float.h>
#include "base/column.h"
#include "response/quantile_block.h"

/* What a call has counted so far. */
typedef struct batch {
    quantile_map map;
    uint32_t *counts;               /* by bin, and one for what is in none; zeros, or counts, from `from` to `end` */
    uint16_t *newest[2];            /* the same of the blocks that `counts` has not; read as often, they lie in less */
    uint32_t from, end;
    int blocks;                     /* counted in `newest` */
    quantile_tally tally;
    uint64_t above[CXM_QUANTILE_TARGETS_MAX];
    const quantile_way *way;
} batch;

enum { BLOCKS_MOST = UINT16_MAX / (QUANTILE_BLOCK / 2) };

static void zero_between(batch *b, uint32_t from, uint32_t end)
{
    memset(b->counts + from, 0, (end - from) * sizeof *b->counts);
    for (int i = 0; i < 2; ++i) memset(b->newest[i] + from, 0, (end - from) * sizeof *b->newest[i]);
}

static void add_both(uint32_t *restrict to, const uint16_t *restrict one, const uint16_t *restrict two, size_t n)
{
    for (size_t i = 0; i < n; ++i) to[i] += (uint32_t)one[i] + two[i];
}

/* The newest become counts. */
static void gather(batch *b)
{
    add_both(b->counts + b->from, b->newest[0] + b->from, b->newest[1] + b->from, b->end - b->from);
    for (int i = 0; i < 2; ++i) memset(b->newest[i] + b->from, 0, (b->end - b->from) * sizeof *b->newest[i]);
    b->blocks = 0;
}

/* The counters of first..last are ready. */
static void reach(batch *b, uint32_t first, uint32_t last)
{
    if (b->from == b->end) {
        zero_between(b, first, last + 1);
        b->from = first;
        b->end = last + 1;
    }
    if (first < b->from) {
        zero_between(b, first, b->from);
        b->from = first;
    }
    if (last >= b->end) {
        zero_between(b, b->end, last + 1);
        b->end = last + 1;
    }
}

/* There is room for another block. */
static quantile_due due_of(batch *b, const uint16_t *bins)
{
    if (b->blocks == BLOCKS_MOST) gather(b);
    ++b->blocks;
    return (quantile_due){bins, b->newest[0], b->newest[1]};
}

/* Bins that no other block can count on its way. */
static void count_last(batch *b, const uint16_t *bins, size_t n)
{
    quantile_due due = due_of(b, bins);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) count_sixteen(due, i);
    for (; i < n; ++i) ++b->newest[i % 2][bins[i]];
}

/* What the block holds beside values in range is told one by one; what can be said of these, of them alone. */
static void tell_apart(batch *b, const double *values, const uint16_t *bins, size_t n, quantile_block *got)
{
    double kept[QUANTILE_BLOCK];
    uint16_t again[QUANTILE_BLOCK];
    quantile_block of_kept = {.least = UINT64_MAX};
    size_t some = 0;
    for (size_t i = 0; i < n; ++i) {
        if (PORT_OFTEN(bins[i] < b->map.bins)) kept[some++] = values[i];
        else ++*quantile_counter_of(&b->tally, &b->map, values[i]);
    }
    if (some) of_kept = b->way->block(&b->map, kept, some, again, NULL);
    if (of_kept.least == 0) quantile_extremes(&b->map, kept, some, &of_kept);
    got->sum = of_kept.sum;
    got->least = of_kept.least;
    got->most = of_kept.most;
}

/* Whether one of its bins is that of an extreme so far, or beyond. */
static bool may_be_extreme(const batch *b, const quantile_block *got)
{
    return b->tally.least > b->tally.most || got->first <= bin_of(&b->map, (double)b->tally.least) ||
           got->last >= bin_of(&b->map, (double)b->tally.most);
}

static void note_extremes(batch *b, const double *values, size_t n, quantile_block *got)
{
    if (got->least == 0 && !may_be_extreme(b, got)) return;
    if (got->least == 0) quantile_extremes(&b->map, values, n, got);
    if (got->least < b->tally.least) b->tally.least = got->least;
    if (got->most > b->tally.most) b->tally.most = got->most;
}

static void count_above(batch *b, const cxm_quantile *q, const double *values, size_t n)
{
    for (uint32_t t = 0; t < targets_of(q); ++t) {
        double first = q->target[t].first_above;
        uint64_t above = 0;
        for (size_t i = 0; i < n; ++i) above += (values[i] >= first) & (values[i] <= DBL_MAX);
        b->above[t] += above;
    }
}

/* The block before is counted on the way, this one by the next. */
static void add_block(batch *b, const cxm_quantile *q, const double *values, size_t n, uint16_t *bins, const uint16_t *before)
{
    quantile_due due = {NULL, NULL, NULL};
    if (before) due = due_of(b, before);
    quantile_block got = b->way->block(&b->map, values, n, bins, before ? &due : NULL);
    if (got.last == b->map.bins) tell_apart(b, values, bins, n, &got);
    b->tally.sum = wide_sum(b->tally.sum, (wide){0, got.sum});
    note_extremes(b, values, n, &got);
    reach(b, got.first, got.last);
    count_above(b, q, values, n);
}

/* --- a column, block by block --- */

static bool lies_packed(const cxm_column *column)
{
    return column->type == CXM_F64 && !column->validity && (column->stride == 0 || column->stride == (int64_t)sizeof(double)) &&
           (uintptr_t)column->values % _Alignof(double) == 0;
}

static void add_values(batch *b, const cxm_quantile *q, const cxm_column *column)
{
    double copied[QUANTILE_BLOCK];
    uint16_t bins[2][QUANTILE_BLOCK], *here = bins[0], *before = NULL;
    size_t n = 0;
    bool packed = lies_packed(column);
    for (uint64_t at = 0; at < column->count; at += QUANTILE_BLOCK) {
        n = column->count - at < QUANTILE_BLOCK ? (size_t)(column->count - at) : QUANTILE_BLOCK;
        for (size_t i = 0; !packed && i < n; ++i) copied[i] = column_value(column, at + i);
        const double *values = packed ? (const double *)column->values + at : copied;
        add_block(b, q, values, n, here, before);
        before = here;
        here = before == bins[0] ? bins[1] : bins[0];
    }
    count_last(b, before, n);
}

/* --- into the state --- */

static void narrow_8(uint8_t *restrict to, const uint32_t *restrict from, size_t n)
{
    for (size_t i = 0; i < n; ++i) to[i] = (uint8_t)from[i];
}

static void narrow_16(uint16_t *restrict to, const uint32_t *restrict from, size_t n)
{
    for (size_t i = 0; i < n; ++i) to[i] = (uint16_t)from[i];
}

/* Counts in as narrow counters as the greatest asks for: it has as many bits as all together. */
static quantile_window narrowed(batch *b)
{
    uint32_t all = 0, end = b->end > b->map.bins ? b->map.bins : b->end, *counts = b->counts;
    gather(b);
    for (uint32_t i = b->from; i < end; ++i) all |= counts[i];
    while (end > b->from && counts[end - 1] == 0) --end;
    quantile_window w = {.first = (uint16_t)b->from, .count = (uint16_t)(end - b->from), .width = 4, .bins = b->map.bins};
    w.is.at = all <= UINT16_MAX ? (void *)b->newest[0] : counts + b->from;
    if (all <= UINT8_MAX) w.width = 1;
    else if (all <= UINT16_MAX) w.width = 2;
    if (w.width == 1) narrow_8(w.is.at, counts + b->from, w.count);
    if (w.width == 2) narrow_16(w.is.at, counts + b->from, w.count);
    return w;
}

/* The column as a state aside, which merge takes whole or not at all. */
static cxm_status commit(cxm_quantile *q, batch *b)
{
    quantile_room aside;
    memcpy(aside.bytes, q, quantile_own_bytes(targets_of(q)));
    aside.state.window = narrowed(b);
    aside.state.tally = b->tally;
    aside.state.window.taken = 0;
    for (uint32_t i = 0; i < targets_of(q); ++i) aside.state.target[i].above = b->above[i];
    return cxm_quantile_merge(q, &aside.state);
}

static cxm_status add_part(cxm_quantile *q, const cxm_column *column, const quantile_way *way)
{
    size_t room = q->map.bins + 1u, bytes = room * (sizeof(uint32_t) + 2 * sizeof(uint16_t));
    batch b = {.map = q->map, .way = way, .tally = {.least = q->tally.least, .most = q->tally.most}};
    b.counts = q->hook.alloc(q->hook.ctx, bytes);
    if (!b.counts) return CXM_E_MEMORY;
    b.newest[0] = (uint16_t *)(b.counts + room);
    b.newest[1] = b.newest[0] + room;
    add_values(&b, q, column);
    cxm_status status = commit(q, &b);
    alloc_free(&q->hook, b.counts, bytes);
    return status;
}

/* Counters of 32 bits hold a part; more of them gather in a state of their own first. */
static cxm_status add_in_parts(cxm_quantile *q, const cxm_column *column, const quantile_way *way)
{
    const uint64_t part = UINT64_C(1) << 31;
    cxm_quantile *all = NULL;
    cxm_quantile_spec spec;
    cxm_column piece = *column;
    int64_t stride = column->stride ? column->stride : (int64_t)column_type_bytes(column->type);
    quantile_spec_fill(q, &spec);
    cxm_status status = quantile_make(&spec, &q->hook, &all);
    for (uint64_t at = 0; status == CXM_OK && at < column->count; at += part) {
        piece.values = (const unsigned char *)column->values + (ptrdiff_t)((int64_t)at * stride);
        piece.count = column->count - at < part ? column->count - at : part;
        piece.validity_bit = column->validity_bit + at;
        status = add_part(all, &piece, way);
    }
    if (status == CXM_OK) status = cxm_quantile_merge(q, all);
    cxm_quantile_free(all);
    return status;
}

cxm_status quantile_add_column(cxm_quantile *q, const cxm_column *column, const quantile_way *way)
{
    if (!q) return CXM_E_ARG;
    cxm_status status = column_check(column);
    if (status != CXM_OK || column->count == 0) return status;
    return column->count >> 31 ? add_in_parts(q, column, way) : add_part(q, column, way);
}

cxm_status cxm_quantile_add_many(cxm_quantile *q, const cxm_column *column)
{
    return quantile_add_column(q, column, quantile_way_best());
}
