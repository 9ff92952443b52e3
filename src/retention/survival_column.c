/* SPDX-License-Identifier: MIT */
/* survival_column.c - whole columns of tenures into a histogram.
 *
 * Rows go in one by one; when one does not fit, those before it are taken back, which is exact and needs no memory. What is
 * no whole number is told as a negative time, so that add and remove judge it alike.                          */
#include "base/port.h"
#include "retention/survival_parts.h"
#include "base/column.h"

typedef struct columns { const cxm_column *entries, *exits, *events; } columns;
typedef struct row { bool missing; int64_t entry, exit; int32_t event; } row;

/* -1 for what is no whole number of 64 bits. */
static int64_t whole_time(double time)
{
    bool fits = time >= 0.0 && time < 0x1p63;
    return fits && (double)(int64_t)time == time ? (int64_t)time : -1;
}

static row row_at(const columns *c, uint64_t i)
{
    double entry = c->entries ? column_value(c->entries, i) : 0.0, exit = column_value(c->exits, i);
    double event = column_value(c->events, i);
    bool missing = entry != entry || exit != exit || event != event, judged = event == 0.0 || event == 1.0;
    return (row){missing, whole_time(entry), judged ? whole_time(exit) : -1, event == 1.0};
}

static cxm_status add_row(cxm_survival *s, const row *r)
{
    cxm_status status = r->missing ? cxm_survival_add_missing(s) : cxm_survival_add(s, r->entry, r->exit, r->event);
    return status == CXM_E_DOMAIN ? CXM_OK : status;        /* counted as refused */
}

static void take_back(cxm_survival *s, const columns *c, uint64_t rows)
{
    for (uint64_t i = 0; i < rows; ++i) {
        row r = row_at(c, i);
        if (r.missing) cxm_survival_remove_missing(s);
        else cxm_survival_remove(s, r.entry, r.exit, r.event);
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
    cxm_status status = check(&c);
    if (status != CXM_OK || !s) return status != CXM_OK ? status : CXM_E_ARG;
    for (uint64_t i = 0; i < exits->count; ++i) {
        row r = row_at(&c, i);
        status = add_row(s, &r);
        if (status == CXM_OK) continue;
        take_back(s, &c, i);
        return status;
    }
    return CXM_OK;
}
