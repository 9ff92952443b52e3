/* SPDX-License-Identifier: MIT */
/* csv.c - the life of a reader, and rows put together from buffers.
 *
 * Most rows lie whole in a buffer and hold nothing odd: csv_index.c tells their field ends by the thousand.
 * Any other row is read by csv_scan.c from its start on, which alone knows all rules; so a row is never
 * read half by the one and half by the other.
 * Bytes come from one of two inputs: the caller's buffer, and before it the replay. The replay
 * holds bytes that were taken to look at and turned out to be text: the first ones of the input
 * while they looked like a byte order mark, and the first row, cut by a buffer's end, while its
 * delimiter was sought. A row that an input's end cuts is moved to the front of the carry and
 * read on from where it stood, so no byte of it is looked at twice. No more is ever kept than
 * one row, which bounds the memory and makes the result independent of the cuts.
 *
 * A row that ends with CR is complete when the next byte tells CR LF from CR.              */
#include "base/port.h"
#include "io/csv.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/sized.h"
#include <string.h>

#define AGAIN ((cxm_status)-1)          /* no row yet, and no reason to return */

_Static_assert(sizeof(cxm_csv_options) == 24, "options are part of the ABI");
_Static_assert(sizeof(cxm_csv_info) == 104, "info is part of the ABI");
_Static_assert(offsetof(cxm_csv_info, line) == 96, "info is part of the ABI");
_Static_assert(sizeof(cxm_csv_start) == 40, "starts are part of the ABI");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_csv_batch) == 48, "batches are part of the ABI");

static const uint8_t nothing[1] = {0};

bool csv_delimiter_ok(int32_t byte)
{
    return byte > 0 && byte < 128 && byte != '"' && byte != '\r' && byte != '\n';
}

static cxm_status options_read(const cxm_csv_options *given, cxm_csv_options *out)
{
    cxm_csv_options own = {.size = sizeof own};
    if (given && !sized_in_ok(given, given->size, sizeof own, sizeof own)) return CXM_E_ABI;
    if (given) own = *given;
    if (!own.max_columns) own.max_columns = 4096;
    if (!own.max_field_bytes) own.max_field_bytes = UINT32_C(1) << 20;
    if (!own.max_row_bytes) own.max_row_bytes = UINT32_C(4) << 20;
    if ((own.delimiter && !csv_delimiter_ok(own.delimiter)) || own.reserved || own.max_columns > CSV_COLUMNS_MOST ||
        own.max_row_bytes > CSV_ROW_MOST) return CXM_E_ARG;
    *out = own;
    return CXM_OK;
}

uint64_t cxm_csv_bytes(const cxm_csv_options *options)
{
    cxm_csv_options own;
    if (options_read(options, &own) != CXM_OK) return 0;
    return sizeof(cxm_csv) + own.max_row_bytes +
           (uint64_t)own.max_columns * (sizeof(csv_span) + sizeof(cxm_view));
}

static csv_input input_of(const uint8_t *bytes, size_t len)
{
    return (csv_input){.bytes = bytes, .len = len, .block = SIZE_MAX};
}

cxm_status cxm_csv_create(const cxm_csv_options *options, const cxm_alloc *alloc, cxm_csv **out)
{
    cxm_csv_options own;
    cxm_alloc hook;
    if (!out) return CXM_E_ARG;
    cxm_status status = options_read(options, &own);
    if (status == CXM_OK) status = alloc_choose(alloc, &hook);
    if (status != CXM_OK) return status;
    cxm_csv *csv = alloc_zeroed(&hook, 1, sizeof *csv);
    if (!csv) return CXM_E_MEMORY;
    csv->hook = hook;
    csv->scan = (csv_scan){.max_columns = own.max_columns, .max_field = own.max_field_bytes,
                           .max_row = own.max_row_bytes, .delimiter = (uint8_t)own.delimiter,
                           .hook = &csv->hook};
    csv->way = csv_way_best();
    csv->plain_most = own.max_row_bytes < own.max_field_bytes ? own.max_row_bytes : own.max_field_bytes;
    csv_scan_reset(&csv->scan);
    csv->lent = csv->replay = input_of(nothing, 0);
    csv->hungry = true;
    csv->line = 1;
    csv->info.delimiter = own.delimiter;
    csv->failed.size = sizeof csv->failed;
    *out = csv;
    return CXM_OK;
}

cxm_status cxm_csv_resume(cxm_csv *csv, const cxm_csv_start *start)
{
    if (!csv || !start) return CXM_E_ARG;
    if (!sized_in_ok(start, start->size, sizeof *start, sizeof *start)) return CXM_E_ABI;
    if (!csv_delimiter_ok(start->delimiter) || !start->columns || start->reserved || !start->line) return CXM_E_ARG;
    csv_scan_reset(&csv->scan);
    csv->scan.delimiter = (uint8_t)start->delimiter;
    csv->lent = csv->replay = input_of(nothing, 0);
    csv->index.rows = csv->index.next = csv->kept = csv->head_len = 0;
    csv->detect = (csv_detect){.len = 0};
    csv->head_done = csv->hungry = true;
    csv->after_cr = csv->finished = false;
    csv->fed = csv->row_at = start->byte_offset;
    csv->line = start->line;
    csv->info = (cxm_csv_info){.delimiter = start->delimiter, .columns = start->columns, .rows = start->rows,
                               .bytes = start->byte_offset};
    csv->failed = (cxm_error){.size = sizeof csv->failed};
    return CXM_OK;
}

void cxm_csv_free(cxm_csv *csv)
{
    if (!csv) return;
    cxm_alloc hook = csv->hook;
    alloc_free(&hook, csv->scan.spans, csv->scan.cap * sizeof(csv_span));
    alloc_free(&hook, csv->views, csv->views_cap * sizeof(cxm_view));
    alloc_free(&hook, csv->carry, csv->carry_cap);
    alloc_free(&hook, csv, sizeof *csv);
}

cxm_status cxm_csv_feed(cxm_csv *csv, const void *bytes, size_t len)
{
    if (!csv || (!bytes && len)) return CXM_E_ARG;
    if (csv->failed.status != CXM_OK) return csv->failed.status;
    if (csv->finished || !csv->hungry) return CXM_E_ARG;
    csv->lent = input_of(bytes ? bytes : nothing, len);
    csv->index.rows = csv->index.next = 0;
    csv->hungry = false;
    csv->fed += len;
    return CXM_OK;
}

cxm_status cxm_csv_finish(cxm_csv *csv)
{
    if (!csv) return CXM_E_ARG;
    if (csv->failed.status != CXM_OK) return csv->failed.status;
    if (!csv->finished && !csv->hungry) return CXM_E_ARG;
    csv->finished = true;
    return CXM_OK;
}

cxm_status cxm_csv_info_get(const cxm_csv *csv, cxm_csv_info *out)
{
    if (!csv || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    uint32_t size = out->size;
    *out = csv->info;
    out->size = size;
    out->line = csv->line;
    return CXM_OK;
}

/* Room in the carry for `need` bytes, which is within the bound of a row. */
static bool carry_reserve(cxm_csv *csv, uint32_t need)
{
    if (need <= csv->carry_cap) return true;
    uint32_t cap = csv->carry_cap ? csv->carry_cap : 1024;
    while (cap < need) cap *= 2;
    if (cap > csv->scan.max_row) cap = csv->scan.max_row;
    void *carry = csv->carry ? csv->hook.resize(csv->hook.ctx, csv->carry, csv->carry_cap, cap)
                             : csv->hook.alloc(csv->hook.ctx, cap);
    if (!carry) return false;
    csv->carry = carry;
    csv->carry_cap = cap;
    return true;
}

/* Moves the row's bytes up to in->bytes[end] into the carry. */
static bool keep(cxm_csv *csv, csv_input *in, size_t end)
{
    uint32_t len = (uint32_t)(end - in->at);
    if (len == 0) return true;
    if (!carry_reserve(csv, csv->kept + len)) return false;
    memmove(csv->carry + csv->kept, in->bytes + in->at, len);      /* the replay lies in the carry */
    csv->kept += len;
    in->at = end;
    return true;
}

static bool views_reserve(cxm_csv *csv)
{
    if (csv->scan.count <= csv->views_cap) return true;
    size_t old_bytes = csv->views_cap * sizeof(cxm_view), bytes = csv->scan.cap * sizeof(cxm_view);
    void *views = csv->views ? csv->hook.resize(csv->hook.ctx, csv->views, old_bytes, bytes)
                             : csv->hook.alloc(csv->hook.ctx, bytes);
    if (!views) return false;
    csv->views = views;
    csv->views_cap = csv->scan.cap;
    return true;
}

/* Drops the closing quote and one of each two before it; `to` may be `from`. Returns the length. */
static size_t unescape(const uint8_t *from, size_t len, uint8_t *to)
{
    const uint8_t *end = from + len;
    uint8_t *out = to;
    for (bool closed = false; !closed;) {
        const uint8_t *quote = memchr(from, '"', (size_t)(end - from));    /* the closing one is there */
        size_t text = (size_t)(quote - from);
        memmove(out, from, text);
        out += text;
        closed = quote + 1 == end || quote[1] != '"';
        if (!closed) *out++ = '"';
        from = quote + (closed ? 1 : 2);
    }
    memmove(out, from, (size_t)(end - from));
    return (size_t)(out - to) + (size_t)(end - from);
}

/* Views of a row with raw spans: those are unescaped at the same offset of `room`. */
static void unescape_row(cxm_csv *csv, const uint8_t *base, uint8_t *room)
{
    for (uint32_t i = 0; i < csv->scan.count; ++i) {
        csv_span span = csv->scan.spans[i];
        uint32_t begin = span.begin & ~CSV_RAW;
        bool raw = begin != span.begin;
        size_t len = raw ? unescape(base + begin, span.len, room + begin) : span.len;
        csv->views[i] = (cxm_view){(const char *)(raw ? room : base) + begin, len};
    }
}

/* Turns the spans of a row of `len` bytes at `base` into views. */
static bool build_views(cxm_csv *csv, const uint8_t *base, uint32_t len, bool ours)
{
    const csv_span *spans = csv->scan.spans;
    uint32_t count = csv->scan.count;
    if (!views_reserve(csv)) return false;
    if (csv->scan.raws) {
        if (!ours && !carry_reserve(csv, len)) return false;
        unescape_row(csv, base, ours ? csv->carry + (base - csv->carry) : csv->carry);
        return true;
    }
    cxm_view *views = csv->views;
    for (uint32_t i = 0; i < count; ++i)
        views[i] = (cxm_view){(const char *)base + spans[i].begin, spans[i].len};
    return true;
}

/* The flags of a row that is handed out. */
static inline uint32_t count_flags(cxm_csv *csv, uint32_t count, uint32_t stray)
{
    cxm_csv_info *info = &csv->info;
    uint32_t flags = 0;
    ++info->rows;
    if (count == info->columns && !stray) return 0;
    if (info->columns == 0) info->columns = count;
    if (count < info->columns) flags |= CXM_CSV_SHORT, ++info->short_rows;
    if (count > info->columns) flags |= CXM_CSV_LONG, ++info->long_rows;
    if (stray) flags |= CXM_CSV_STRAY, ++info->stray_rows;
    if (flags && !info->first_ragged_line) info->first_ragged_line = csv->line;
    return flags;
}

/* Behind a row or a blank line of `bytes` bytes with its end. */
static inline void step_over(cxm_csv *csv, uint64_t bytes, uint32_t lines)
{
    csv->line += lines + UINT64_C(1);
    csv->row_at += bytes;
    csv->info.bytes = csv->row_at;
}

/* The row of `len` bytes at `base` (`ours`: in the carry) is complete; `ending` bytes end it. */
static cxm_status complete(cxm_csv *csv, cxm_csv_row *row, const uint8_t *base, uint32_t len,
                           bool ours, uint32_t ending)
{
    bool blank = len == 0 && csv->info.columns != 1;
    if (!blank) {
        if (!build_views(csv, base, len, ours)) return csv_trouble(csv, CSV_NO_MEMORY, 0);
        uint32_t flags = count_flags(csv, csv->scan.count, csv->scan.stray);
        *row = (cxm_csv_row){.size = row->size, .count = csv->scan.count, .fields = csv->views,
                             .row = csv->info.rows, .line = csv->line, .byte_offset = csv->row_at, .flags = flags};
    }
    csv->info.blank_lines += blank;
    step_over(csv, (uint64_t)len + ending, csv->scan.quoting.lines);
    csv->kept = 0;
    csv_scan_reset(&csv->scan);
    return blank ? AGAIN : CXM_OK;
}

/* The row in the carry is complete. */
static cxm_status complete_kept(cxm_csv *csv, cxm_csv_row *row, uint32_t ending)
{
    return complete(csv, row, csv->kept ? csv->carry : nothing, csv->kept, csv->kept > 0, ending);
}

/* A CR ended the row before `in`: is the next byte its LF? */
static cxm_status after_cr(cxm_csv *csv, csv_input *in, cxm_csv_row *row)
{
    bool crlf = in->at < in->len && in->bytes[in->at] == '\n';
    in->at += crlf;
    csv->after_cr = false;
    *(crlf ? &csv->info.ends_crlf : &csv->info.ends_cr) += 1;
    return complete_kept(csv, row, crlf ? 2 : 1);
}

/* The row ended at in->bytes[end]. */
static cxm_status end_row(cxm_csv *csv, csv_input *in, size_t end, bool cr, cxm_csv_row *row)
{
    bool ours = csv->kept || in == &csv->replay;
    const uint8_t *base = in->bytes + in->at;
    uint32_t len = (uint32_t)(end - in->at) + csv->kept;
    bool wait = cr && end + 1 == in->len;
    if (wait || csv->kept) {
        if (!keep(csv, in, end)) return csv_trouble(csv, CSV_NO_MEMORY, 0);
        base = csv->carry;
    }
    in->at = end + 1;
    csv->after_cr = wait;
    if (wait) return AGAIN;
    bool crlf = cr && in->bytes[in->at] == '\n';
    in->at += crlf;
    *(crlf ? &csv->info.ends_crlf : cr ? &csv->info.ends_cr : &csv->info.ends_lf) += 1;
    return complete(csv, row, base, len, ours, crlf ? 2 : 1);
}

/* Plain rows: whole in the caller's buffer, not empty, within all bounds. Offsets count from `base`, where the index
 * begins; fields are places in its `ends`. */
enum { PLAIN_ROWS = 64 };
typedef struct plain_rows {
    const uint8_t *base;
    const uint16_t *ends;
    uint32_t count;
    uint16_t begin[PLAIN_ROWS], first[PLAIN_ROWS], last[PLAIN_ROWS];    /* first byte; first and last field */
    uint16_t next[PLAIN_ROWS];          /* the index's row behind it */
    uint8_t ending[PLAIN_ROWS];         /* bytes that end it */
} plain_rows;

/* Bytes that end the row: 1 or 2; 0 where that is not known, or no line end is there. */
static inline uint32_t ending_of(const csv_input *in, const uint8_t *end)
{
    if (*end == '\n') return 1;
    if (*end != '\r' || end + 1 == in->bytes + in->len) return 0;
    return end[1] == '\n' ? 2 : 1;
}

/* Lists up to `most` plain rows from in->at, a row's start, on. Rows of the index that end before it were read otherwise. */
static void plain_list(const cxm_csv *csv, const csv_input *in, uint32_t most, plain_rows *rows)
{
    const csv_index *x = &csv->index;
    uint32_t at = (uint32_t)(in->at - x->from), first = x->first, ending;
    rows->base = in->bytes + x->from;
    rows->ends = x->ends;
    rows->count = 0;
    for (uint32_t next = x->next; next < x->rows && rows->count < most; ++next) {
        uint32_t last = x->last[next], end = x->ends[last], i = rows->count;
        if (end >= at) {
            ending = ending_of(in, rows->base + end);
            if (!ending || end - at - 1 >= csv->plain_most || last - first >= csv->scan.max_columns) return;
            rows->begin[i] = (uint16_t)at;
            rows->first[i] = (uint16_t)first;
            rows->last[i] = (uint16_t)last;
            rows->next[i] = (uint16_t)(next + 1);
            rows->ending[i] = (uint8_t)ending;
            ++rows->count;
            at = end + ending;
        }
        first = last + 1;
    }
}

/* Brings the index to in->at, where a row begins, and lists rows from there on. */
static uint32_t plain_next(cxm_csv *csv, const csv_input *in, uint32_t most, plain_rows *rows)
{
    csv_index *x = &csv->index;
    while (x->next < x->rows && x->from + x->ends[x->last[x->next]] < in->at) csv_index_step(x);
    if (x->next == x->rows && !csv->way->fill(x, in, csv->scan.delimiter)) return 0;
    plain_list(csv, in, most < PLAIN_ROWS ? most : PLAIN_ROWS, rows);
    return rows->count;
}

static inline uint32_t plain_bytes(const plain_rows *rows, uint32_t i)
{
    return (uint32_t)rows->ends[rows->last[i]] - rows->begin[i];
}

/* Line ends inside quotes of the row. */
static inline uint32_t plain_lines(const csv_index *x, const plain_rows *rows, uint32_t i)
{
    uint32_t row = rows->next[i] - 1u;
    return x->lines[row] - (row ? x->lines[row - 1] : 0u);
}

/* Behind the first `count` of the rows. */
static void plain_take(cxm_csv *csv, csv_input *in, const plain_rows *rows, uint32_t count)
{
    csv_index *x = &csv->index;
    uint32_t two = 0, lf = 0, end = rows->ends[rows->last[count - 1]];
    for (uint32_t i = 0; i < count; ++i) {
        two += rows->ending[i] == 2;
        lf += rows->base[rows->ends[rows->last[i]]] == '\n';
    }
    csv->info.ends_crlf += two;
    csv->info.ends_lf += lf;
    csv->info.ends_cr += count - two - lf;
    in->at = x->from + end + rows->ending[count - 1];
    x->next = rows->next[count - 1];
    x->first = rows->last[count - 1] + 1u;
}

static bool spans_reserve(csv_scan *scan, uint32_t count)
{
    while (scan->cap < count)
        if (csv_scan_grow(scan) != CSV_CUT) return false;
    return true;
}

/* The span of a quoted field of a plain row: `len` bytes from its quote on, the closing one included. */
static csv_span indexed_span(csv_scan *scan, const uint8_t *base, uint32_t begin, uint32_t len)
{
    bool raw = memchr(base + begin + 1, '"', len - 2) != NULL;
    scan->raws += raw;
    return raw ? (csv_span){(begin + 1) | CSV_RAW, len - 1} : (csv_span){begin + 1, len - 2};
}

static cxm_status read_indexed(cxm_csv *csv, csv_input *in, const plain_rows *rows, cxm_csv_row *out)
{
    csv_scan *scan = &csv->scan;
    const uint8_t *base = rows->base + rows->begin[0];
    uint32_t begin = 0, count = rows->last[0] + 1u - rows->first[0];
    if (!spans_reserve(scan, count)) return csv_trouble(csv, CSV_NO_MEMORY, 0);
    for (uint32_t i = 0; i < count; ++i) {
        uint32_t end = (uint32_t)rows->ends[rows->first[0] + i] - rows->begin[0];
        bool quoted = base[begin] == '"';
        scan->spans[i] = quoted ? indexed_span(scan, base, begin, end - begin) : (csv_span){begin, end - begin};
        begin = end + 1;
    }
    scan->count = count;
    scan->quoting.lines = plain_lines(&csv->index, rows, 0);
    plain_take(csv, in, rows, 1);
    return complete(csv, out, base, plain_bytes(rows, 0), false, rows->ending[0]);
}

static cxm_status read_row(cxm_csv *csv, csv_input *in, cxm_csv_row *row)
{
    size_t end = in->at;
    plain_rows plain;
    if (!csv->kept && in == &csv->lent && plain_next(csv, in, 1, &plain)) return read_indexed(csv, in, &plain, row);
    int32_t found = csv_scan_run(&csv->scan, in, csv->kept, &end);
    if (found == CSV_CUT && keep(csv, in, end)) return AGAIN;
    if (found == CSV_LF || found == CSV_CR) return end_row(csv, in, end, found == CSV_CR, row);
    return csv_trouble(csv, found, csv->kept + (end - in->at));
}

/* No more bytes: what is in the carry is the last row. */
static cxm_status last_row(cxm_csv *csv, cxm_csv_row *row)
{
    if (csv->kept == 0) return CXM_END;
    int32_t found = csv_scan_end(&csv->scan, csv->kept);
    return found == CSV_CUT ? complete_kept(csv, row, 0) : csv_trouble(csv, found, csv->kept);
}

/* Looks for the delimiter in the first row; when it is known the row is read from its start. */
static cxm_status detect(cxm_csv *csv, csv_input *in)
{
    bool more = in->at < in->len;
    int32_t found = csv_detect_run(&csv->detect, in->bytes + in->at, in->len - in->at, csv->scan.max_row);
    if (found > CSV_CR) return csv_trouble_detect(csv, found);
    if (found == CSV_CUT && more)
        return keep(csv, in, in->len) ? AGAIN : csv_trouble(csv, CSV_NO_MEMORY, 0);
    csv->scan.delimiter = csv_detect_choose(&csv->detect);
    csv->info.delimiter = csv->scan.delimiter;
    if (csv->scan.delimiter == 0) return csv_trouble_ambiguous(csv);
    csv->replay = input_of(csv->carry, csv->kept);
    csv->lent.block = SIZE_MAX;             /* its mask knew no delimiter, nor did the index */
    csv->index.rows = csv->index.next = 0;
    csv->kept = 0;
    return AGAIN;
}

typedef struct bom { uint8_t len, bytes[4]; const char *name; } bom;

static const bom boms[] = {                 /* a longer one before its own beginning */
    {3, {0xEF, 0xBB, 0xBF, 0}, NULL},
    {4, {0xFF, 0xFE, 0, 0}, "UTF-32"},
    {4, {0, 0, 0xFE, 0xFF}, "UTF-32"},
    {2, {0xFF, 0xFE, 0, 0}, "UTF-16"},
    {2, {0xFE, 0xFF, 0, 0}, "UTF-16"},
};

/* Whether the head with `byte` behind it begins a byte order mark, or is one. */
static bool may_be_bom(const cxm_csv *csv, uint8_t byte)
{
    for (size_t i = 0; i < sizeof boms / sizeof *boms; ++i)
        if (csv->head_len < boms[i].len && boms[i].bytes[csv->head_len] == byte &&
            memcmp(boms[i].bytes, csv->head, csv->head_len) == 0) return true;
    return false;
}

static const bom *bom_of(const cxm_csv *csv)
{
    for (size_t i = 0; i < sizeof boms / sizeof *boms; ++i)
        if (csv->head_len >= boms[i].len && memcmp(boms[i].bytes, csv->head, boms[i].len) == 0)
            return &boms[i];
    return NULL;
}

static cxm_status read_head(cxm_csv *csv, csv_input *in)
{
    while (in->at < in->len && may_be_bom(csv, in->bytes[in->at]))
        csv->head[csv->head_len++] = in->bytes[in->at++];
    if (in->at == in->len && !csv->finished) return AGAIN;
    const bom *found = bom_of(csv);
    csv->head_done = true;
    if (found && found->name) return csv_trouble_encoding(csv, found->name);
    csv->info.has_bom = found != NULL;
    csv->row_at = found ? found->len : 0;
    csv->replay = input_of(csv->head, found ? 0 : csv->head_len);
    return AGAIN;
}

/* The delimiter is sought from the first byte of the first row on; blank lines before it are read as such. */
static bool detects(const cxm_csv *csv, const csv_input *in)
{
    if (csv->scan.delimiter || csv->after_cr) return false;
    if (csv->detect.len) return true;
    return in->at < in->len && in->bytes[in->at] != '\n' && in->bytes[in->at] != '\r';
}

static cxm_status advance(cxm_csv *csv, cxm_csv_row *row)
{
    cxm_status status = AGAIN;
    while (status == AGAIN) {
        csv_input *in = csv->replay.at < csv->replay.len ? &csv->replay : &csv->lent;
        bool more = in->at < in->len;
        if (!more && !csv->finished) status = CXM_MORE;
        else if (!csv->head_done) status = read_head(csv, in);
        else if (detects(csv, in)) status = detect(csv, in);
        else if (csv->after_cr) status = after_cr(csv, in, row);
        else status = more ? read_row(csv, in, row) : last_row(csv, row);
    }
    return status;
}

/* What a call returns behind `status`, with all that is said then. */
static cxm_status conclude(cxm_csv *csv, cxm_status status, cxm_error *error)
{
    if (status == CXM_MORE) {
        csv->hungry = true;
        csv->info.bytes = csv->fed;
    }
    if (csv->failed.status == CXM_OK) return status;
    error_place place = {csv->failed.row, csv->failed.byte_offset, csv->failed.column};
    return error_set(error, status, place, csv->failed.text);
}

cxm_status cxm_csv_next(cxm_csv *csv, cxm_csv_row *row, cxm_error *error)
{
    if (!csv || !row) return CXM_E_ARG;
    if (row->size < sizeof *row) return CXM_E_ABI;
    cxm_status status = csv->failed.status;
    if (status == CXM_OK) status = advance(csv, row);
    return conclude(csv, status, error);
}

/* --- rows by the batch --- */

/* The views of one column, `stride` apart. Returns how many rows can be lent as they lie: the next one has to be
 * unescaped. */
static uint32_t plain_column(const plain_rows *rows, uint32_t count, uint32_t column, cxm_view *out, uint32_t stride)
{
    for (uint32_t i = 0; i < count; ++i, out += stride) {
        uint32_t place = rows->first[i] + column;
        if (place > rows->last[i]) {
            *out = (cxm_view){NULL, 0};
            continue;
        }
        uint32_t begin = column ? rows->ends[place - 1] + 1u : rows->begin[i], len = rows->ends[place] - begin;
        const uint8_t *text = rows->base + begin;
        *out = (cxm_view){(const char *)text, len};
        if (*text != '"') continue;                 /* of an empty field, the byte that ends it */
        *out = (cxm_view){(const char *)text + 1, len - 2};
        if (len > 2 && memchr(text + 1, '"', len - 2)) return i;
    }
    return count;
}

/* Hands out the first `count` of the rows, but for their views. */
static void plain_put(cxm_csv *csv, const plain_rows *rows, uint32_t count, cxm_csv_batch *batch)
{
    for (uint32_t i = 0; i < count; ++i, ++batch->rows) {
        batch->lines[batch->rows] = csv->line;
        batch->flags[batch->rows] = count_flags(csv, rows->last[i] + 1u - rows->first[i], 0);
        step_over(csv, (uint64_t)plain_bytes(rows, i) + rows->ending[i], plain_lines(&csv->index, rows, i));
    }
    if (count) plain_take(csv, &csv->lent, rows, count);
}

/* Plain rows whose fields can be lent as they lie; the next row begins at the unread byte of the caller's buffer. Where a
 * row had to be unescaped fewer are listed at once: what is listed behind such a row is listed again. */
static void take_plain(cxm_csv *csv, const uint32_t *columns, uint32_t count, cxm_csv_batch *batch)
{
    csv_input *in = &csv->lent;
    plain_rows rows;
    while (batch->rows < batch->max_rows && in->at < in->len) {
        uint32_t room = batch->max_rows - batch->rows, most = csv->listed && csv->listed < room ? csv->listed : room;
        if (!plain_next(csv, in, most, &rows)) return;
        uint32_t ready = rows.count;
        for (uint32_t i = 0; i < count; ++i)
            ready = plain_column(&rows, ready, columns[i], batch->fields + (size_t)batch->rows * count + i, count);
        plain_put(csv, &rows, ready, batch);
        csv->listed = ready < rows.count ? ready + 4 : csv->listed < UINT32_MAX / 2 ? 2 * csv->listed : 0;
        if (ready < rows.count) return;
    }
}

/* Whether the next row begins at the unread byte of the caller's buffer, and can be told. */
static bool at_row_start(const cxm_csv *csv)
{
    return csv->failed.status == CXM_OK && csv->head_done && csv->scan.delimiter && !csv->after_cr && !csv->kept &&
           csv->replay.at == csv->replay.len;
}

static cxm_status take_one(cxm_csv *csv, const uint32_t *columns, uint32_t count, cxm_csv_batch *batch)
{
    cxm_csv_row row = {.size = sizeof row};
    cxm_status status = advance(csv, &row);
    if (status != CXM_OK) return status;
    for (uint32_t i = 0; i < count; ++i)
        batch->fields[i] = columns[i] < row.count ? row.fields[columns[i]] : (cxm_view){NULL, 0};
    batch->lines[0] = row.line;
    batch->flags[0] = row.flags;
    batch->rows = 1;
    return CXM_OK;
}

static bool batch_ok(const cxm_csv *csv, const uint32_t *columns, uint32_t count, const cxm_csv_batch *batch)
{
    if (!csv || !batch || (!columns && count)) return false;
    for (uint32_t i = 0; i < count; ++i)
        if (columns[i] >= CSV_COLUMNS_MOST) return false;
    return true;
}

cxm_status cxm_csv_next_batch(cxm_csv *csv, const uint32_t *columns, uint32_t count, cxm_csv_batch *batch,
                              cxm_error *error)
{
    if (!batch_ok(csv, columns, count, batch)) return CXM_E_ARG;
    if (batch->size < sizeof *batch) return CXM_E_ABI;
    if (!batch->max_rows || (!batch->fields && count) || !batch->lines || !batch->flags) return CXM_E_ARG;
    cxm_csv_batch got = *batch;
    cxm_status status = csv->failed.status;
    got.rows = got.reserved = 0;
    got.first_row = csv->info.rows + 1;
    if (at_row_start(csv)) take_plain(csv, columns, count, &got);
    if (!got.rows && status == CXM_OK) status = take_one(csv, columns, count, &got);
    if (got.rows) *batch = got;
    return conclude(csv, status, error);
}
