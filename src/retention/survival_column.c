/* SPDX-License-Identifier: MIT */
/* survival_column.c - whole columns of tenures into a histogram.
 *
 * Blocks of rows become whole numbers first, in a loop of its own for each type. Rows then go in one by one; when one does not
 * fit, those before it are taken back, which is exact and needs no memory. What is no whole number is told as a negative time,
 * so that add and remove judge it alike.                          */
#include "base/port.h"
#include "retention/survival_parts.h"
#include "base/column.h"

enum { BLOCK = 512 };
static const int64_t BROKEN = -1, MISSING = INT64_MIN;

typedef struct columns { const cxm_column *entries, *exits, *events; } columns;
typedef struct block { int64_t entries[BLOCK], exits[BLOCK], events[BLOCK]; } block;
typedef struct row { bool missing; int64_t entry, exit; int32_t event; } row;

/* --- columns as whole numbers --- */

static inline int64_t whole_of_double(double time)
{
    if (time != time) return MISSING;
    bool fits = time >= 0.0 && time < 0x1p63;
    return fits && (double)(int64_t)time == time ? (int64_t)time : BROKEN;
}

/* Called with a constant type, so that each gets a loop of its own. */
static inline int64_t whole_at(const unsigned char *at, int32_t type)
{
    int8_t i8;
    int32_t i32;
    double f64;
    switch (type) {
    case CXM_U8: return *at;
    case CXM_I8: memcpy(&i8, at, sizeof i8); return i8;
    case CXM_I32: memcpy(&i32, at, sizeof i32); return i32;
    default: memcpy(&f64, at, sizeof f64); return whole_of_double(f64);
    }
}

static inline void read_typed(const cxm_column *c, int32_t type, uint64_t from, size_t n, int64_t out[BLOCK])
{
    int64_t stride = c->stride ? c->stride : (int64_t)column_type_bytes(type);
    const unsigned char *first = (const unsigned char *)c->values;
    for (size_t i = 0; i < n; ++i) {
        uint64_t bit = c->validity_bit + from + i;
        bool exists = !c->validity || c->validity[bit >> 3] >> (bit & 7) & 1;
        out[i] = exists ? whole_at(first + (ptrdiff_t)((int64_t)(from + i) * stride), type) : MISSING;
    }
}

static void read_column(const cxm_column *c, uint64_t from, size_t n, int64_t out[BLOCK])
{
    switch (c ? c->type : 0) {
    case 0: memset(out, 0, n * sizeof *out); break;     /* no entries: all from the start */
    case CXM_U8: read_typed(c, CXM_U8, from, n, out); break;
    case CXM_I8: read_typed(c, CXM_I8, from, n, out); break;
    case CXM_I32: read_typed(c, CXM_I32, from, n, out); break;
    default: read_typed(c, CXM_F64, from, n, out);
    }
}

/* The rows from `from` on, up to `upto`; says how many. */
static size_t read_block(const columns *c, uint64_t from, uint64_t upto, block *out)
{
    size_t n = upto - from < BLOCK ? (size_t)(upto - from) : BLOCK;
    read_column(c->entries, from, n, out->entries);
    read_column(c->exits, from, n, out->exits);
    read_column(c->events, from, n, out->events);
    return n;
}

/* --- rows --- */

static row row_of(const block *b, size_t i)
{
    int64_t entry = b->entries[i], exit = b->exits[i], event = b->events[i];
    bool missing = entry == MISSING || exit == MISSING || event == MISSING, judged = event == 0 || event == 1;
    return (row){missing, entry, judged ? exit : BROKEN, event == 1};
}

/* Most rows, without a call: from the start, where there is room. */
static inline bool add_plain(cxm_survival *s, const row *r)
{
    if (r->missing || r->entry != 0 || (uint64_t)r->exit >= s->room || s->n == UINT64_MAX) return false;
    survival_cell *cell = &s->cells[r->exit];
    ++*(r->event ? &cell->events : &cell->censored);
    ++s->n;
    return true;
}

static cxm_status add_row(cxm_survival *s, const row *r)
{
    if (add_plain(s, r)) return CXM_OK;
    cxm_status status = r->missing ? cxm_survival_add_missing(s) : cxm_survival_add(s, r->entry, r->exit, r->event);
    return status == CXM_E_DOMAIN ? CXM_OK : status;        /* counted as refused */
}

static void take_back(cxm_survival *s, const columns *c, uint64_t rows)
{
    block b;
    for (uint64_t from = 0; from < rows; from += BLOCK) {
        size_t n = read_block(c, from, rows, &b);
        for (size_t i = 0; i < n; ++i) {
            row r = row_of(&b, i);
            if (r.missing) cxm_survival_remove_missing(s);
            else cxm_survival_remove(s, r.entry, r.exit, r.event);
        }
    }
}

static cxm_status check(const columns *c)
{
    cxm_status status = c->entries ? column_check(c->entries) : CXM_OK;
    if (status == CXM_OK) status = column_check(c->exits);
    if (status == CXM_OK) status = column_check(c->events);
    if (status != CXM_OK) return status;
    bool even = c->exits->count == c->events->count && (!c->entries || c->entries->count == c->exits->count);
    return even ? CXM_OK : CXM_E_ARG;
}

cxm_status cxm_survival_add_many(cxm_survival *s, const cxm_column *entries, const cxm_column *exits, const cxm_column *events)
{
    columns c = {entries, exits, events};
    block b;
    cxm_status status = check(&c);
    if (status != CXM_OK || !s) return status != CXM_OK ? status : CXM_E_ARG;
    for (uint64_t from = 0; from < exits->count; from += BLOCK) {
        size_t n = read_block(&c, from, exits->count, &b);
        for (size_t i = 0; i < n; ++i) {
            row r = row_of(&b, i);
            status = add_row(s, &r);
            if (status == CXM_OK) continue;
            take_back(s, &c, from + i);
            return status;
        }
    }
    return CXM_OK;
}
