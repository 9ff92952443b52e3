/* SPDX-License-Identifier: MIT */
/* csv_scan.c - from bytes to the places of fields.
 *
 * Only few bytes matter: the delimiter, the quote, LF, CR and NUL. special_mask() marks them in
 * 64 bytes at once, without a branch, eight bytes a word: for 7-bit x and a constant c
 *      x < c     <=>  bit 7 of x + (128 - c) is clear
 *      x == c    <=>  bit 7 of (x ^ c) + 127 is clear
 * and a byte with bit 7 set is never special. Marks may be too many (a control byte below 14),
 * never too few. visit() then decides what each marked byte means, in order. This is the whole of the
 * rules; csv_index.c is faster where a text keeps to the usual ones.                         */
#include "base/port.h"
#include "io/csv.h"
#include "base/bits.h"
#include <string.h>

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))
static const uint64_t low7 = EACH_BYTE(0x7Fu), high = EACH_BYTE(0x80u);

/* Bit 7 of each byte that is below 14, a quote or the delimiter (`pattern` repeats it). */
static inline uint64_t special_bytes(uint64_t word, uint64_t pattern)
{
    uint64_t quote = word ^ EACH_BYTE('"'), delimiter = word ^ pattern;
    uint64_t other = ((word & low7) + EACH_BYTE(128u - 14u)) | word;
    other &= ((quote & low7) + low7) | quote;
    other &= ((delimiter & low7) + low7) | delimiter;
    return ~other & high;
}

/* Bit i for byte i of a whole block. The product moves bit 7 of byte i to bit 56 + i. */
static inline uint64_t special_mask(const uint8_t *bytes, uint8_t delimiter)
{
    uint64_t mask = 0, pattern = EACH_BYTE(delimiter);
    for (uint32_t i = 0; i < CSV_BLOCK; i += 8) {
        uint64_t found = special_bytes(load_le64(bytes + i), pattern) >> 7;
        mask |= (found * UINT64_C(0x0102040810204080)) >> 56 << i;
    }
    return mask;
}

static void load_block(const csv_scan *scan, csv_input *in, size_t block)
{
    uint8_t tail[CSV_BLOCK] = {0};
    size_t left = in->len - block;
    in->block = block;
    if (left >= CSV_BLOCK) {
        in->mask = special_mask(in->bytes + block, scan->delimiter);
        return;
    }
    memcpy(tail, in->bytes + block, left);
    in->mask = special_mask(tail, scan->delimiter) & ((UINT64_C(1) << left) - 1);
}

/* Makes the mask hold the special bytes from in->at on. */
static void aim(const csv_scan *scan, csv_input *in)
{
    size_t inside = in->at % CSV_BLOCK;
    if (in->block != in->at - inside) load_block(scan, in, in->at - inside);
    in->mask &= UINT64_MAX << inside;
}

/* The next special byte; in->len when none is left. */
static inline size_t next_special(const csv_scan *scan, csv_input *in)
{
    while (in->mask == 0) {
        if (in->len - in->block <= CSV_BLOCK) return in->len;
        load_block(scan, in, in->block + CSV_BLOCK);
    }
    size_t at = in->block + lowest_bit64(in->mask);
    in->mask &= in->mask - 1;
    return at;
}

static void quoting_reset(csv_quoting *quoting)
{
    memset(quoting, 0, sizeof *quoting);
    quoting->cr_at = CSV_RAW;               /* no CR: next to no offset of a row */
}

static void quote_seen(csv_quoting *quoting, uint32_t rel)
{
    if (quoting->state == CSV_INSIDE) {
        quoting->state = CSV_CLOSED;
        quoting->close_at = rel;
    } else if (quoting->state == CSV_CLOSED && rel == quoting->close_at + 1) {
        quoting->state = CSV_INSIDE;
        ++quoting->doubled;
    } else if (quoting->state == CSV_PLAIN && rel == quoting->begin) {
        quoting->state = CSV_INSIDE;
        quoting->open_lines = quoting->lines;
    }                                       /* anywhere else a quote is text */
}

static void line_seen(csv_quoting *quoting, uint8_t byte, uint32_t rel)
{
    if (byte == '\r') quoting->cr_at = rel;
    else if (rel == quoting->cr_at + 1) return;
    ++quoting->lines;
}

static inline void next_field(csv_quoting *quoting, uint32_t begin)
{
    quoting->state = CSV_PLAIN;
    quoting->begin = begin;
    quoting->doubled = 0;
}

void csv_scan_reset(csv_scan *scan)
{
    quoting_reset(&scan->quoting);
    scan->count = scan->raws = scan->stray = 0;
}

int32_t csv_scan_grow(csv_scan *scan)
{
    const cxm_alloc *hook = scan->hook;
    if (scan->cap == scan->max_columns) return CSV_COLUMN_LIMIT;
    uint32_t cap = scan->cap ? scan->cap * 2 : 16;
    if (cap > scan->max_columns) cap = scan->max_columns;
    size_t old_bytes = scan->cap * sizeof(csv_span), bytes = cap * sizeof(csv_span);
    void *spans = scan->spans ? hook->resize(hook->ctx, scan->spans, old_bytes, bytes)
                              : hook->alloc(hook->ctx, bytes);
    if (!spans) return CSV_NO_MEMORY;
    scan->spans = spans;
    scan->cap = cap;
    return CSV_CUT;
}

/* The span of a quoted field that ends at `rel`; `*len` is what it holds once unescaped. */
static csv_span quoted_span(csv_scan *scan, uint32_t rel, uint32_t *len)
{
    const csv_quoting *quoting = &scan->quoting;
    bool stray = quoting->close_at + 1 != rel;
    *len = rel - quoting->begin - 2 - quoting->doubled;
    if (!stray && quoting->doubled == 0) return (csv_span){quoting->begin + 1, *len};
    scan->stray |= stray;
    ++scan->raws;
    return (csv_span){(quoting->begin + 1) | CSV_RAW, rel - quoting->begin - 1};
}

/* Ends the field before `rel`. CSV_CUT means that all is well and the row goes on. */
static inline int32_t end_field(csv_scan *scan, uint32_t rel)
{
    if (scan->count == scan->cap) {
        int32_t found = csv_scan_grow(scan);
        if (found != CSV_CUT) return found;
    }
    uint32_t len = rel - scan->quoting.begin;
    csv_span span = {scan->quoting.begin, len};
    if (scan->quoting.state != CSV_PLAIN) span = quoted_span(scan, rel, &len);
    if (len > scan->max_field) return CSV_FIELD_LIMIT;
    scan->spans[scan->count++] = span;
    return CSV_CUT;
}

static int32_t end_row(csv_scan *scan, uint8_t byte, uint32_t rel)
{
    int32_t found = end_field(scan, rel);
    if (found != CSV_CUT) return found;
    return byte == '\n' ? CSV_LF : CSV_CR;
}

/* What a special byte means; CSV_CUT means that the row goes on. */
static inline int32_t visit(csv_scan *scan, uint8_t byte, uint32_t rel)
{
    bool inside = scan->quoting.state == CSV_INSIDE;
    if (byte == scan->delimiter) {
        int32_t found = inside ? CSV_CUT : end_field(scan, rel);
        if (!inside && found == CSV_CUT) next_field(&scan->quoting, rel + 1);
        return found;
    }
    if (byte == '"') quote_seen(&scan->quoting, rel);
    else if (byte == 0) return CSV_NUL;
    else if (byte == '\n' || byte == '\r') {
        if (!inside) return end_row(scan, byte, rel);
        line_seen(&scan->quoting, byte, rel);
    }
    return CSV_CUT;
}

/* The row holds all bytes it may: it has to end with the next one. */
static int32_t visit_limit(csv_scan *scan, uint8_t byte)
{
    bool ends = byte == '\n' || byte == '\r';
    if (!ends || scan->quoting.state == CSV_INSIDE) return CSV_ROW_LIMIT;
    return end_row(scan, byte, scan->max_row);
}

int32_t csv_scan_run(csv_scan *scan, csv_input *in, uint32_t rel, size_t *end)
{
    size_t left = scan->max_row - rel, stop = in->len - in->at > left ? in->at + left : in->len;
    uint32_t origin = (uint32_t)in->at - rel;           /* modulo 2^32, as the offsets below */
    aim(scan, in);
    for (;;) {
        size_t at = next_special(scan, in);
        if (at >= stop) break;
        int32_t found = visit(scan, in->bytes[at], (uint32_t)at - origin);
        if (found != CSV_CUT) return *end = at, found;
    }
    *end = stop;
    return stop == in->len ? CSV_CUT : visit_limit(scan, in->bytes[stop]);
}

int32_t csv_scan_end(csv_scan *scan, uint32_t rel)
{
    return scan->quoting.state == CSV_INSIDE ? CSV_OPEN_QUOTE : end_field(scan, rel);
}

static const char candidates[] = ",;\t|";

/* Quotes open behind any candidate here: which one is the delimiter is not known yet. */
static void detect_byte(csv_detect *detect, uint8_t byte)
{
    csv_quoting *quoting = &detect->quoting;
    const char *candidate = strchr(candidates, byte);
    if (byte == '"') quote_seen(quoting, detect->len);
    else if (byte == '\n' || byte == '\r') line_seen(quoting, byte, detect->len);
    else if (candidate && quoting->state != CSV_INSIDE) {
        ++detect->counts[candidate - candidates];
        next_field(quoting, detect->len + 1);
    }
}

int32_t csv_detect_run(csv_detect *detect, const uint8_t *bytes, size_t len, uint32_t max_row)
{
    if (detect->len == 0) quoting_reset(&detect->quoting);
    for (size_t i = 0; i < len; ++i, ++detect->len) {
        bool line_end = bytes[i] == '\n' || bytes[i] == '\r';
        if (line_end && detect->quoting.state != CSV_INSIDE) return CSV_LF;
        if (detect->len == max_row) return CSV_ROW_LIMIT;
        if (bytes[i] == 0) return CSV_NUL;
        detect_byte(detect, bytes[i]);
    }
    return CSV_CUT;
}

uint8_t csv_detect_choose(const csv_detect *detect)
{
    uint32_t best = 0, ties = 0;
    for (uint32_t i = 1; i < 4; ++i) {
        if (detect->counts[i] > detect->counts[best]) best = i, ties = 0;
        else if (detect->counts[i] == detect->counts[best]) ++ties;
    }
    return ties && detect->counts[best] ? 0 : (uint8_t)candidates[best];
}
