/* SPDX-License-Identifier: MIT */
/* waits.c - rows with a time that has not come, kept until it is known up to which instant they have run.
 *
 * That is --until where it is told, else the latest time that any row tells, so it is known at the end alone. Then each of them
 * is counted as what it has run so far, beside its span: what runs past a target is late, whenever it will end; of targets by
 * row as what it is late by. What was created after that instant has not run at all.        */
#include "pass.h"
#include <stdlib.h>
#include <string.h>

enum { WAITS_MOST = 64 << 20, WAITS_FIRST = 4096 };

/* A row as it is kept; behind it stand the lengths of its segments but for the leading one, and their texts. */
typedef struct open_row {
    int64_t created_us, at_us, due_us;
    int32_t time, due;                  /* CXM_TIME_* of at_us; PROMISE_* of due_us */
    uint32_t spans, count;              /* which of the run's: a bit each; segments */
} open_row;

void waits_see(waits *w, int64_t at_us)
{
    if (!w->any || at_us > w->latest_us) w->latest_us = at_us;
    w->any = true;
}

static bool reserve(waits *w, size_t more)
{
    size_t cap = w->cap ? w->cap : WAITS_FIRST;
    while (cap < w->len + more) cap *= 2;
    char *larger = cap > w->cap ? realloc(w->rows, cap) : w->rows;
    if (!larger) return false;
    w->rows = larger;
    w->cap = cap;
    return true;
}

static void put(waits *w, const void *bytes, size_t len)
{
    if (len) memcpy(w->rows + w->len, bytes, len);
    w->len += len;
}

/* A row past the bound is not kept, and neither is any other: what is left would tell nothing. */
cxm_status waits_keep(waits *w, int64_t created_us, const promise *due, uint32_t spans, const cxm_record *record)
{
    open_row row = {created_us, record->at_us, due->us, record->time, (int32_t)due->what, spans, record->segment_count - 1};
    uint32_t lens[CXM_ENGINE_SEGMENTS_MAX];
    size_t need = sizeof row + row.count * sizeof *lens;
    for (uint32_t i = 0; i < row.count; ++i) need += lens[i] = (uint32_t)record->segments[i + 1].len;
    w->too_many |= need > WAITS_MOST - w->len;
    if (w->too_many) return CXM_OK;
    if (!reserve(w, need)) return CXM_E_MEMORY;
    put(w, &row, sizeof row);
    put(w, lens, row.count * sizeof *lens);
    for (uint32_t i = 0; i < row.count; ++i) put(w, record->segments[i + 1].text, lens[i]);
    return CXM_OK;
}

void waits_free(waits *w)
{
    free(w->rows);
    *w = (waits){NULL, 0, 0, false, false, 0};
}

/* --- at the end --- */

void waits_look(score_run *run, const waits *w)
{
    bool later = w->any && (!run->has_as_of || w->latest_us > run->as_of_us);
    if (run->opt->has_until) run->as_of_us = run->opt->until_us;
    else if (later) run->as_of_us = w->latest_us;
    run->has_as_of |= w->any || run->opt->has_until;
    run->waits_bytes += w->len;
    run->waits_too_many |= w->too_many || run->waits_bytes > WAITS_MOST;
}

static cxm_status count_row(const score_run *run, const open_row *row, cxm_view *segments)
{
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .at_us = row->at_us, .time = row->time,
                         .segment_count = row->count + 1, .segments = segments, .weight = 1.0};
    promise due = {(enum promised)row->due, row->due_us, {NULL, 0}};
    cxm_status status = CXM_OK;
    for (int i = 0; i < run->span_count && status == CXM_OK; ++i) {
        const span *s = &run->spans[i];
        if (!(row->spans >> i & 1)) continue;
        segments[0] = s->keys[RUNNING];
        record.value = times_elapsed(run, s, row->created_us, run->as_of_us);
        if (run->promise.len) record.value = promise_late(run, s, &due, record.value, run->as_of_us);
        status = cxm_engine_add(run->engine, &record);
    }
    return status;
}

/* Reads the row at `at`; returns where the next one is. */
static const char *take_row(const char *at, open_row *row, cxm_view *segments)
{
    uint32_t lens[CXM_ENGINE_SEGMENTS_MAX];
    memcpy(row, at, sizeof *row);
    at += sizeof *row;
    memcpy(lens, at, row->count * sizeof *lens);
    at += row->count * sizeof *lens;
    for (uint32_t i = 0; i < row->count; at += lens[i++]) segments[i + 1] = (cxm_view){at, lens[i]};
    return at;
}

cxm_status waits_count(const score_run *run, const waits *w)
{
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX];
    cxm_status status = CXM_OK;
    open_row row;
    const char *at = w->rows, *end = w->len ? w->rows + w->len : w->rows;
    while (at != end && !run->waits_too_many && status == CXM_OK) {
        at = take_row(at, &row, segments);
        status = count_row(run, &row, segments);
    }
    return status;
}
