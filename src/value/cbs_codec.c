/* SPDX-License-Identifier: MIT */
/* cbs_codec.c - tables of customers as canonical bytes; kinds 12 and 13 of base/codec.h.
 *
 *   spec     "cbs per_unit=7", or "spend per_unit=100": the fewest digits that read back to the number
 *   payload  refused, number of rows (varints); then the rows in their order:
 *            cbs    x less that of the row before; where x is not 0, t_x, less that of a row before of the same x; T, less that of a row
 *                   before of the same x and t_x, else less t_x; customers
 *            spend  x less that of the row before; money, less that of a row before of the same x; customers
 *
 * Worked example: days and a unit of a week; two customers never came back in 30 days, one not in 31; one bought again on day 5 and
 * day 9 of 30; one had a recency past its age:
 *   43 58 4d 01  01 00  0c 00  00 00 00 00          magic, version 1, kind 12 (cbs), flags
 *   0e 00 00 00  0c 00 00 00 00 00 00 00            14 bytes of spec, 12 of payload
 *   85 1b 92 66 e5 3f 1f b1                         FNV-1a of the spec
 *   63 62 73 20 70 65 72 5f ...                     "cbs per_unit=7"
 *   01  03                                          refused; rows
 *   00 1e 02                                        x 0, T 30: two customers
 *   00 01 01                                        x 0, T 31: one
 *   02 09 15 01                                     x 2, t_x 9, T 30: one
 *   8e 85 63 ec 88 d5 53 38                         CRC-64/XZ
 * tests/value/test_cbs_codec.c holds the whole string.                         */
#include "base/port.h"
#include "value/cbs_table.h"
#include <cxm/text.h>
#include "base/codec.h"
#include "base/scanner.h"
#include "base/writer.h"

enum { SPEC_MAX = 64, ROW_LEAST = 3 };

typedef void row_writer(codec_writer *w, const cbs_entry *before, const cbs_entry *row);
typedef bool row_reader(codec_reader *r, const cbs_entry *before, cbs_entry *row);

/* What tells the two tables apart. */
typedef struct table_kind {
    uint16_t kind;
    const char *word;
    row_writer *put;
    row_reader *get;
    sort_compare *compare;
} table_kind;

/* --- spec --- */

static size_t write_spec(const table_kind *kind, double per_unit, char out[SPEC_MAX])
{
    char number[CXM_TEXT_NUMBER_MAX];
    writer w = {out, SPEC_MAX, 0};
    size_t len = 0;
    (void)cxm_text_from_number(per_unit, number, sizeof number, &len);     /* finite, and it fits */
    writer_text(&w, kind->word);
    writer_text(&w, " per_unit=");
    writer_bytes(&w, number, len);
    return w.len;
}

/* Just what write_spec writes. */
static bool read_spec(const table_kind *kind, const char *text, size_t len, double *per_unit)
{
    char again[SPEC_MAX];
    scanner s = {text, len, true};
    scanner_skip(&s, kind->word);
    scanner_skip(&s, " per_unit=");
    s.ok = s.ok && cxm_text_number(s.at, s.left, '.', per_unit) == CXM_OK && cbs_is_unit(*per_unit);
    return s.ok && write_spec(kind, *per_unit, again) == len && memcmp(text, again, len) == 0;
}

/* --- rows --- */

static void put_row(codec_writer *w, const cbs_entry *before, const cbs_entry *row)
{
    const cxm_cbs_row *a = &before->cbs, *b = &row->cbs;
    uint32_t t_x = a->x == b->x ? a->t_x : 0;
    codec_put_u64(w, b->x - a->x);
    if (b->x) codec_put_u64(w, b->t_x - t_x);
    codec_put_u64(w, b->T - (a->x == b->x && t_x == b->t_x ? a->T : b->t_x));
    codec_put_u64(w, b->count);
}

static void put_spend(codec_writer *w, const cbs_entry *before, const cbs_entry *row)
{
    const cxm_spend_row *a = &before->spend, *b = &row->spend;
    codec_put_u64(w, b->x - a->x);
    codec_put_u64(w, (uint64_t)(b->money - (a->x == b->x ? a->money : 0)));
    codec_put_u64(w, b->count);
}

/* A number behind `from`, at most `most`. */
static uint64_t get_step(codec_reader *r, uint64_t from, uint64_t most)
{
    uint64_t step = codec_get_u64(r);
    r->ok = r->ok && step <= most - from;
    return r->ok ? from + step : from;
}

static bool get_row(codec_reader *r, const cbs_entry *before, cbs_entry *row)
{
    const cxm_cbs_row *a = &before->cbs;
    cxm_cbs_row *b = &row->cbs;
    b->x = (uint32_t)get_step(r, a->x, CXM_CBS_X_MAX);
    bool same = b->x == a->x;
    if (b->x) b->t_x = (uint32_t)get_step(r, same ? a->t_x : 0, CXM_CBS_TICK_MAX);
    b->T = (uint32_t)get_step(r, same && b->t_x == a->t_x ? a->T : b->t_x, CXM_CBS_TICK_MAX);
    b->count = codec_get_u64(r);
    return cbs_is_row(b);
}

static bool get_spend(codec_reader *r, const cbs_entry *before, cbs_entry *row)
{
    const cxm_spend_row *a = &before->spend;
    cxm_spend_row *b = &row->spend;
    b->x = get_step(r, a->x, CXM_CBS_X_MAX);
    b->money = (int64_t)get_step(r, b->x == a->x ? (uint64_t)a->money : 0, (uint64_t)CXM_CBS_MONEY_MAX);
    b->count = codec_get_u64(r);
    return cbs_is_spend(b);
}

static const table_kind CBS = {CODEC_CBS, "cbs", put_row, get_row, cbs_compare_rows};
static const table_kind SPEND = {CODEC_SPEND, "spend", put_spend, get_spend, cbs_compare_spend};

/* --- written --- */

static void put_table(codec_writer *w, const table_kind *kind, const cbs_table *t)
{
    const cbs_entry none = {.plain = {0, 0, 0}};
    codec_put_u64(w, t->refused);
    codec_put_u64(w, t->count);
    for (uint32_t i = 0; i < t->count; ++i) kind->put(w, i ? &t->rows[i - 1] : &none, &t->rows[i]);
}

static cxm_status encode(const table_kind *kind, cbs_table *t, void *out, size_t cap, size_t *len)
{
    char spec[SPEC_MAX];
    codec_writer count = {NULL, 0, 0};
    size_t total = SIZE_MAX;
    cbs_table_sort(t, kind->compare);
    size_t spec_len = write_spec(kind, t->per_unit, spec);
    put_table(&count, kind, t);
    bool fits = codec_frame_bytes(spec_len, count.len, &total) && total <= cap;
    *len = total;
    if (!fits) return CXM_E_LIMIT;
    codec_writer payload = {codec_open(out, kind->kind, spec, spec_len, count.len), count.len, 0};
    put_table(&payload, kind, t);
    codec_close(out, spec_len, count.len);
    return CXM_OK;
}

cxm_status cxm_cbs_encode(cxm_cbs *t, void *out, size_t cap, size_t *len)
{
    return t && len && (out || !cap) ? encode(&CBS, &t->table, out, cap, len) : CXM_E_ARG;
}

cxm_status cxm_spend_encode(cxm_spend *t, void *out, size_t cap, size_t *len)
{
    return t && len && (out || !cap) ? encode(&SPEND, &t->table, out, cap, len) : CXM_E_ARG;
}

/* --- read --- */

/* Rows that rise, each of a customer at least, into a table with room for them. */
static bool get_table(codec_reader *r, const table_kind *kind, uint64_t rows, cbs_table *t)
{
    cbs_entry before = {.plain = {0, 0, 0}};
    for (uint64_t i = 0; i < rows; ++i) {
        cbs_entry row = {.plain = {0, 0, 0}};
        bool ok = kind->get(r, &before, &row) && r->ok && row.plain.count > 0 && (i == 0 || kind->compare(&before, &row, NULL) < 0);
        if (!ok || cbs_table_add(t, &row) != CXM_OK) return false;
        before = row;
    }
    t->sorted = true;
    return r->left == 0;
}

static cxm_status decode(const table_kind *kind, const codec_frame *frame, cxm_cbs_options *options, const cxm_alloc *alloc, cbs_table **out)
{
    cbs_table *t;
    if (frame->kind != kind->kind || !read_spec(kind, frame->spec, frame->spec_len, &options->per_unit)) return CXM_E_FORMAT;
    codec_reader r = {frame->payload, frame->payload_len, true};
    uint64_t refused = codec_get_u64(&r), rows = codec_get_u64(&r);
    if (!r.ok || rows > r.left / ROW_LEAST) return CXM_E_FORMAT;
    cxm_status status = cbs_table_create(options, alloc, rows, &t);
    if (status != CXM_OK) return status;
    t->refused = refused;
    if (!get_table(&r, kind, rows, t)) {
        cbs_table_free(t);
        return CXM_E_FORMAT;
    }
    *out = t;
    return CXM_OK;
}

cxm_status cxm_cbs_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed, const cxm_alloc *alloc, cxm_cbs **out)
{
    codec_frame frame;
    cbs_table *t;
    cxm_cbs_options options = {.size = sizeof options, .max_bytes = max_bytes, .hash_seed = hash_seed};
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status == CXM_OK) status = decode(&CBS, &frame, &options, alloc, &t);
    if (status == CXM_OK) *out = (cxm_cbs *)t;
    return status;
}

cxm_status cxm_spend_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed, const cxm_alloc *alloc, cxm_spend **out)
{
    codec_frame frame;
    cbs_table *t;
    cxm_cbs_options options = {.size = sizeof options, .max_bytes = max_bytes, .hash_seed = hash_seed};
    if (!bytes || !out) return CXM_E_ARG;
    cxm_status status = codec_read(bytes, len, &frame);
    if (status == CXM_OK) status = decode(&SPEND, &frame, &options, alloc, &t);
    if (status == CXM_OK) *out = (cxm_spend *)t;
    return status;
}
