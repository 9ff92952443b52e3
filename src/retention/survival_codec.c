/* SPDX-License-Identifier: MIT */
/* survival_codec.c - a histogram of tenures as canonical bytes; kind 7 of base/codec.h.
 *
 *   spec     "survival cap 3650"
 *   payload  beyond, refused, missing (varints); times at which something is; then for each, rising: times since the one before (the
 *            first: since 0), events, censored, late entries
 *   A time where nothing is has no place; nobody enters late at 0; and each late entry has an exit of its own after it.
 *
 * Worked example: cap 30; two leave at 3, one of whom entered at 1; one is still there at 300; one time was negative:
 *   43 58 4d 01  01 00  07 00  00 00 00 00          magic, version 1, kind 7 (survival), flags
 *   0f 00 00 00  0c 00 00 00 00 00 00 00            15 bytes of spec, 12 of payload
 *   aa fa b4 a4 0c 1b 01 04                         FNV-1a of the spec
 *   73 75 72 76 69 76 61 6c 20 ...                  "survival cap 30"
 *   01 01 00  02                                    beyond, refused, missing; times
 *   01 00 00 01                                     1: one late entry
 *   02 02 00 00                                     3: two events
 *   53 32 15 64 28 d5 c8 5d                         CRC-64/XZ
 * tests/retention/test_survival_codec.c holds the whole string.                         */
#include "base/port.h"
#include "retention/survival_parts.h"
#include "base/checked.h"
#include "base/codec.h"
#include "base/scanner.h"
#include "base/writer.h"

enum { SPEC_MAX = 32, TIME_LEAST = 4 };

static size_t write_spec(uint64_t cap, char out[SPEC_MAX])
{
    writer w = {out, SPEC_MAX, 0};
    writer_text(&w, "survival cap ");
    writer_count(&w, cap);
    return w.len;
}

/* Just what write_spec writes. */
bool survival_spec_read(const char *text, size_t len, int64_t *cap)
{
    char again[SPEC_MAX];
    scanner s = {text, len, true};
    scanner_skip(&s, "survival cap ");
    *cap = scanner_int(&s, 1, CXM_SURVIVAL_CAP_MAX);
    return s.ok && write_spec((uint64_t)*cap, again) == len && memcmp(text, again, len) == 0;
}

static bool is_used(const survival_cell *cell)
{
    return (cell->events | cell->censored | cell->entries) != 0;
}

static void put_state(codec_writer *w, const cxm_survival *s)
{
    uint64_t times = 0, before = 0;
    for (uint64_t t = 0; t < s->room; ++t) times += is_used(&s->cells[t]);
    codec_put_u64(w, s->beyond);
    codec_put_u64(w, s->refused);
    codec_put_u64(w, s->missing);
    codec_put_u64(w, times);
    for (uint64_t t = 0; t < s->room; ++t) {
        if (!is_used(&s->cells[t])) continue;
        codec_put_u64(w, t - before);
        codec_put_u64(w, s->cells[t].events);
        codec_put_u64(w, s->cells[t].censored);
        codec_put_u64(w, s->cells[t].entries);
        before = t;
    }
}

cxm_status cxm_survival_encode(const cxm_survival *s, void *out, size_t cap, size_t *len)
{
    char spec[SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    uint64_t late;
    size_t total;
    if (!s || !len || (!out && cap)) return CXM_E_ARG;
    if (!survival_is_whole(s, &late)) return CXM_E_UNDEFINED;
    size_t spec_len = write_spec(s->cap, spec);
    put_state(&count, s);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: 40 bytes a time */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_SURVIVAL, spec, spec_len, count.len), count.len, 0};
    put_state(&payload, s);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

/* The next time and its counts; false when they are not as they must be. */
static bool get_time(codec_reader *r, uint64_t cap, bool first, uint64_t *at, survival_cell *out)
{
    uint64_t step = codec_get_u64(r);
    out->events = codec_get_u64(r);
    out->censored = codec_get_u64(r);
    out->entries = codec_get_u64(r);
    if (!r->ok || !is_used(out) || step > cap - *at || (!first && step == 0)) return false;
    *at += step;
    return *at > 0 || out->entries == 0;
}

/* All times, twice: to find the last one (s NULL), then into room that was judged. */
static bool get_times(codec_reader r, uint64_t cap, uint64_t times, cxm_survival *s, uint64_t *last)
{
    *last = 0;
    for (uint64_t i = 0; i < times; ++i) {
        survival_cell cell;
        if (!get_time(&r, cap, i == 0, last, &cell)) return false;
        if (!s) continue;
        s->cells[*last] = cell;
        if (!checked_add_u64(s->n, cell.events, &s->n) || !checked_add_u64(s->n, cell.censored, &s->n)) return false;
    }
    return r.ok && r.left == 0;
}

static cxm_status get_state(codec_reader *r, uint64_t max_bytes, cxm_survival *s)
{
    uint64_t last, late;
    s->beyond = s->n = codec_get_u64(r);
    s->refused = codec_get_u64(r);
    s->missing = codec_get_u64(r);
    uint64_t times = codec_get_u64(r);
    if (!r->ok || times > r->left / TIME_LEAST || !get_times(*r, s->cap, times, NULL, &last)) return CXM_E_FORMAT;
    if (times == 0) return CXM_OK;
    if (max_bytes && (last + 1) * sizeof *s->cells > max_bytes - sizeof *s) return CXM_E_LIMIT;
    cxm_status status = survival_reserve(s, last + 1);
    if (status != CXM_OK) return status;
    return get_times(*r, s->cap, times, s, &last) && survival_is_whole(s, &late) ? CXM_OK : CXM_E_FORMAT;
}

cxm_status cxm_survival_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc, cxm_survival **out)
{
    codec_frame frame;
    cxm_survival *s;
    int64_t cap;
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_SURVIVAL || !survival_spec_read(frame.spec, frame.spec_len, &cap)) return CXM_E_FORMAT;
    if (max_bytes && max_bytes < sizeof *s) return CXM_E_LIMIT;
    status = cxm_survival_create(cap, alloc, &s);
    if (status != CXM_OK) return status;
    codec_reader payload = {frame.payload, frame.payload_len, true};
    status = get_state(&payload, max_bytes, s);
    if (status != CXM_OK) cxm_survival_free(s);
    else *out = s;
    return status;
}
