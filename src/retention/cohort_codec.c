/* SPDX-License-Identifier: MIT */
/* cohort_codec.c - a triangle as canonical bytes; kind 9 of base/codec.h.
 *
 *   spec     "cohort month subscription zone 3600 since 2024-01-31T23:00:00Z until 2025-12-31T23:00:00Z"
 *            week, month or quarter; subscription, purchase or first; an offset west of UTC has a minus
 *   payload  before, behind, never (varints); cohorts with customers; then for each, rising: cohorts since the one before (the
 *            first: since that of `since`), customers, ages up to the last with anything in it; then for each age: at the end, of
 *            these outside, at any time, monthly amounts and purchases (each high and low 64 bits)
 *   Counts that no customers have are refused, as far as a cell and its neighbours tell: all are in ANY of age 0; those at an end
 *   are of age 0 or outside, both within the cohort, and are in ANY of the period that begins there; each of them pays at least
 *   1 and at most what a customer can; who is not in ANY bought nothing.
 *
 * Worked example: months of 2024-01 to 2024-03; one customer pays 2990 from 10 January on and buys for 500 on 11 March; one
 * signs up on 5 February and ends on 20 February; one never started:
 *   43 58 4d 01  01 00  09 00  00 00 00 00          magic, version 1, kind 9 (cohort), flags
 *   56 00 00 00  2a 00 00 00 00 00 00 00            86 bytes of spec, 42 of payload
 *   bc dc fb 1a a3 4a f7 70                         FNV-1a of the spec
 *   63 6f 68 6f 72 74 20 6d ...                     "cohort month subscription zone 0 since 2024-01-01T00:00:00Z until
 *                                                   2024-04-01T00:00:00Z"
 *   00 00 01  02                                    before, behind, never; cohorts
 *   00 01 03                                        January: one customer, three ages
 *   01 00 01  00 ae 17  00 00                       at the end, outside, any; 2990 a month; no purchases
 *   01 00 01  00 ae 17  00 00
 *   01 00 01  00 ae 17  00 f4 03                    500 bought
 *   01 01 01                                        February: one customer, one age
 *   00 00 01  00 00  00 00                          gone at its end
 *   de 0b 81 2d b4 c9 b1 12                         CRC-64/XZ
 * tests/retention/test_cohort_codec.c holds the whole string.                         */
#include "base/port.h"
#include "retention/cohort_parts.h"
#include <cxm/text.h>
#include "base/checked.h"
#include "base/codec.h"
#include "base/scanner.h"
#include "base/writer.h"
#include "retention/item.h"

enum { SPEC_MAX = 160, ROW_LEAST = 3, CELL_LEAST = 7, ZONE_MOST = 86399 };

/* --- spec --- */

static const char *const units[] = {"", "week", "month", "quarter"};
static const char *const bases[] = {"", "subscription", "purchase", "first"};

static void write_time(writer *w, const char *word, int64_t at_us)
{
    char text[CXM_TEXT_TIME_MAX];
    size_t len = 0;
    writer_text(w, word);
    (void)cxm_text_from_time(at_us, 0, text, sizeof text, &len);     /* within years 1..9999, and it fits */
    writer_bytes(w, text, len);
}

static size_t write_spec(const cohort_calendar *calendar, char out[SPEC_MAX])
{
    writer w = {out, SPEC_MAX, 0};
    writer_text(&w, "cohort ");
    writer_text(&w, units[calendar->unit]);
    writer_text(&w, " ");
    writer_text(&w, bases[calendar->basis]);
    writer_text(&w, calendar->zone_s < 0 ? " zone -" : " zone ");
    writer_count(&w, (uint64_t)(calendar->zone_s < 0 ? -calendar->zone_s : calendar->zone_s));
    write_time(&w, " since ", calendar->since_us);
    write_time(&w, " until ", calendar->until_us);
    return w.len;
}

/* The number of the word that comes next; 0 when it is none of them. */
static int32_t read_word(scanner *s, const char *const words[4])
{
    for (int32_t i = 1; i < 4; ++i)
        if (scanner_try(s, words[i])) return i;
    s->ok = false;
    return 0;
}

static int64_t read_time(scanner *s, const char *word)
{
    size_t len = 0;
    int64_t at_us = 0;
    scanner_skip(s, word);
    while (len < s->left && s->at[len] != ' ') ++len;
    const char *text = scanner_bytes(s, len);
    s->ok = text && cxm_text_time(text, len, 0, &at_us, NULL) == CXM_OK;
    return at_us;
}

/* Just what write_spec writes. */
static bool read_spec(const char *text, size_t len, cohort_calendar *out)
{
    char again[SPEC_MAX];
    cxm_cohort_options options = {.size = sizeof options, .periods = CXM_COHORT_PERIODS_MAX};
    scanner s = {text, len, true};
    scanner_skip(&s, "cohort ");
    options.unit = read_word(&s, units);
    scanner_skip(&s, " ");
    options.basis = read_word(&s, bases);
    scanner_skip(&s, " zone ");
    options.zone_s = (int32_t)scanner_int(&s, -ZONE_MOST, ZONE_MOST);
    options.since_us = read_time(&s, " since ");
    options.until_us = read_time(&s, " until ");
    return s.ok && cohort_calendar_of(&options, out) == CXM_OK && write_spec(out, again) == len && memcmp(text, again, len) == 0;
}

/* --- what customers can have --- */

/* Between `n` times `least` and `n` times the most that a customer can pay. */
static bool is_money_of(wide money, uint64_t n, uint64_t least)
{
    return !wide_below(money, wide_product(n, least)) && !wide_below(wide_product(n, ITEM_MONEY_MAX), money);
}

static bool row_is_whole(const cxm_cohort *c, uint32_t cohort)
{
    const cohort_row *row = &c->rows[cohort];
    uint32_t ages = row->cells ? cohort_ages(c, cohort) : 0;
    bool ok = ages == 0 || (row->cells[0].any == row->size && row->cells[0].outside == 0 && row->cells[0].at_end <= row->size);
    for (uint32_t age = 0; ok && age < ages; ++age) {
        const cohort_cell *cell = &row->cells[age], *first = row->cells;
        ok = cell->any <= row->size && cell->outside <= cell->at_end && cell->at_end - cell->outside <= first->at_end &&
             cell->outside <= row->size - first->at_end && is_money_of(cell->end_money, cell->at_end, 1) &&
             is_money_of(cell->any_money, cell->any, 0) && (age == 0 || row->cells[age - 1].at_end <= cell->any);
    }
    return ok && (row->size > 0 || !cohort_row_is_used(c, cohort));
}

bool cohort_is_whole(const cxm_cohort *c)
{
    uint64_t sum;
    bool ok = checked_add_u64(c->before, c->behind, &sum) && checked_add_u64(sum, c->never, &sum);
    for (uint32_t i = 0; ok && i < c->calendar.count; ++i)
        ok = checked_add_u64(sum, c->rows[i].size, &sum) && row_is_whole(c, i);
    return ok && sum == c->customers;
}

/* --- written --- */

static bool cell_is_empty(const cohort_cell *cell)
{
    return (cell->at_end | cell->any | cell->end_money.high | cell->end_money.low | cell->any_money.high | cell->any_money.low) == 0;
}

static uint32_t used_ages(const cxm_cohort *c, uint32_t cohort)
{
    const cohort_row *row = &c->rows[cohort];
    uint32_t ages = row->cells ? cohort_ages(c, cohort) : 0;
    while (ages > 0 && cell_is_empty(&row->cells[ages - 1])) --ages;
    return ages;
}

static void put_cell(codec_writer *w, const cohort_cell *cell)
{
    codec_put_u64(w, cell->at_end);
    codec_put_u64(w, cell->outside);
    codec_put_u64(w, cell->any);
    codec_put_u64(w, cell->end_money.high);
    codec_put_u64(w, cell->end_money.low);
    codec_put_u64(w, cell->any_money.high);
    codec_put_u64(w, cell->any_money.low);
}

static void put_state(codec_writer *w, const cxm_cohort *c)
{
    uint32_t cohorts = 0, before = 0;
    for (uint32_t i = 0; i < c->calendar.count; ++i) cohorts += c->rows[i].size > 0;
    codec_put_u64(w, c->before);
    codec_put_u64(w, c->behind);
    codec_put_u64(w, c->never);
    codec_put_u64(w, cohorts);
    for (uint32_t i = 0; i < c->calendar.count; ++i) {
        if (c->rows[i].size == 0) continue;
        uint32_t ages = used_ages(c, i);
        codec_put_u64(w, i - before);
        codec_put_u64(w, c->rows[i].size);
        codec_put_u64(w, ages);
        for (uint32_t age = 0; age < ages; ++age) put_cell(w, &c->rows[i].cells[age]);
        before = i;
    }
}

cxm_status cxm_cohort_encode(const cxm_cohort *c, void *out, size_t cap, size_t *len)
{
    char spec[SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total;
    if (!c || !len || (!out && cap)) return CXM_E_ARG;
    if (!cohort_is_whole(c)) return CXM_E_UNDEFINED;
    size_t spec_len = write_spec(&c->calendar, spec);
    put_state(&count, c);
    if (!codec_frame_bytes(spec_len, count.len, &total)) return CXM_E_ARG;      /* cannot be: 70 bytes a cell */
    *len = total;
    if (cap < total) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, CODEC_COHORT, spec, spec_len, count.len), count.len, 0};
    put_state(&payload, c);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

/* --- read --- */

static void get_cell(codec_reader *r, cohort_cell *out)
{
    out->at_end = codec_get_u64(r);
    out->outside = codec_get_u64(r);
    out->any = codec_get_u64(r);
    out->end_money.high = codec_get_u64(r);
    out->end_money.low = codec_get_u64(r);
    out->any_money.high = codec_get_u64(r);
    out->any_money.low = codec_get_u64(r);
}

/* The next cohort but for its cells; false when it is not as it must be. */
static bool get_head(codec_reader *r, const cxm_cohort *c, bool first, uint64_t *cohort, uint64_t *size, uint64_t *ages)
{
    uint64_t step = codec_get_u64(r);
    *size = codec_get_u64(r);
    *ages = codec_get_u64(r);
    if (!r->ok || *size == 0 || (!first && step == 0) || step >= c->calendar.count - *cohort) return false;
    *cohort += step;
    return *ages <= cohort_ages(c, (uint32_t)*cohort) && *ages <= r->left / CELL_LEAST &&
           (*ages > 0) == (*cohort < c->calendar.complete);
}

/* The cells of a cohort; the last of them holds something. `cells` NULL: only looked at. */
static bool get_cells(codec_reader *r, uint64_t ages, cohort_cell *cells)
{
    cohort_cell cell = {.any = 1};
    for (uint64_t age = 0; age < ages; ++age) {
        get_cell(r, &cell);
        if (cells) cells[age] = cell;
    }
    return r->ok && !cell_is_empty(&cell);
}

/* All cohorts, twice: to find what they take (`store` false), then into room that was judged. */
static cxm_status get_cohorts(codec_reader r, uint64_t cohorts, bool store, cxm_cohort *c, uint64_t *bytes)
{
    uint64_t cohort = 0, size, ages;
    for (uint64_t i = 0; i < cohorts; ++i) {
        if (!get_head(&r, c, i == 0, &cohort, &size, &ages)) return CXM_E_FORMAT;
        *bytes += cohort_ages(c, (uint32_t)cohort) * sizeof(cohort_cell);
        cxm_status status = store ? cohort_hold(c, (uint32_t)cohort) : CXM_OK;
        if (status != CXM_OK) return status;
        if (!get_cells(&r, ages, store ? c->rows[cohort].cells : NULL)) return CXM_E_FORMAT;
        if (!store) continue;
        c->rows[cohort].size = size;
        if (!checked_add_u64(c->customers, size, &c->customers)) return CXM_E_FORMAT;
    }
    return r.left == 0 ? CXM_OK : CXM_E_FORMAT;
}

static cxm_status get_state(codec_reader *r, cxm_cohort *c)
{
    uint64_t bytes = c->bytes;
    c->before = codec_get_u64(r);
    c->behind = codec_get_u64(r);
    c->never = codec_get_u64(r);
    uint64_t cohorts = codec_get_u64(r);
    if (!r->ok || cohorts > r->left / ROW_LEAST || !checked_add_u64(c->before, c->behind, &c->customers) ||
        !checked_add_u64(c->customers, c->never, &c->customers)) return CXM_E_FORMAT;
    cxm_status status = get_cohorts(*r, cohorts, false, c, &bytes);
    if (status != CXM_OK) return status;
    if (bytes > c->max_bytes) return CXM_E_LIMIT;
    status = get_cohorts(*r, cohorts, true, c, &bytes);
    if (status != CXM_OK) return status;
    return cohort_is_whole(c) ? CXM_OK : CXM_E_FORMAT;
}

cxm_status cxm_cohort_decode(const void *bytes, size_t len, uint64_t max_bytes, const cxm_alloc *alloc, cxm_cohort **out)
{
    codec_frame frame;
    cohort_calendar calendar;
    cxm_cohort *c;
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status != CXM_OK) return status;
    if (frame.kind != CODEC_COHORT || !read_spec(frame.spec, frame.spec_len, &calendar)) return CXM_E_FORMAT;
    status = cohort_make(&calendar, max_bytes, alloc, &c);
    if (status != CXM_OK) return status;
    codec_reader payload = {frame.payload, frame.payload_len, true};
    status = get_state(&payload, c);
    if (status != CXM_OK) cxm_cohort_free(c);
    else *out = c;
    return status;
}
