/* SPDX-License-Identifier: MIT */
/* test_csv.c - the reader of delimited text: known rows, a slow reference reader, misuse, hostile memory.
 *
 * What a reader says is written down as one text (a transcript), so that two readings compare as
 * strings: "#row lLine @offset !flags [field][field]", then how it ended and what was counted.   */
#include <cxm/csv.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

#define NO_SPLIT SIZE_MAX
typedef struct transcript { char text[1 << 18]; size_t len; } transcript;

static void put(transcript *t, const char *text, size_t len)
{
    assert_true(t->len + len < sizeof t->text);
    memcpy(t->text + t->len, text, len);
    t->len += len;
    t->text[t->len] = '\0';
}

static void put_row(transcript *t, uint64_t row, uint64_t line, uint64_t offset, uint32_t flags)
{
    char head[120];
    put(t, head, (size_t)snprintf(head, sizeof head, "#%" PRIu64 " l%" PRIu64 " @%" PRIu64 " !%" PRIu32 " ", row,
                                  line, offset, flags));
}

static void put_field(transcript *t, const char *text, size_t len)
{
    put(t, "[", 1);
    if (len) put(t, text, len);
    put(t, "]", 1);
}

static void put_end(transcript *t, cxm_status status, const cxm_error *error, const cxm_csv_info *info)
{
    char tail[400];
    put(t, tail, (size_t)snprintf(tail, sizeof tail, "%s", cxm_status_name(status)));
    if (status != CXM_END)
        put(t, tail, (size_t)snprintf(tail, sizeof tail, " #%" PRIu64 " c%" PRIu32 " @%" PRIu64, error->row,
                                      error->column, error->byte_offset));
    put(t, tail, (size_t)snprintf(tail, sizeof tail, "\nd%d c%" PRIu32 " bom%d r%" PRIu64 " b%" PRIu64 " blank%" PRIu64
                                  " short%" PRIu64 " long%" PRIu64 " stray%" PRIu64 " first%" PRIu64 " lf%" PRIu64
                                  " crlf%" PRIu64 " cr%" PRIu64, info->delimiter, info->columns, info->has_bom,
                                  info->rows, info->bytes, info->blank_lines, info->short_rows, info->long_rows,
                                  info->stray_rows, info->first_ragged_line, info->ends_lf, info->ends_crlf,
                                  info->ends_cr));
}

/* ---- the reader, fed piece by piece; each piece is a heap block of its own, freed on CXM_MORE ---- */

typedef struct source {
    const char *bytes;
    size_t len, at, piece;      /* `piece`: bytes a feed; 0 = random, NO_SPLIT = all */
    uint64_t seed;
    char *lent;
} source;

static size_t piece_len(source *from)
{
    size_t left = from->len - from->at;
    size_t len = from->piece ? from->piece : (size_t)(test_rand(&from->seed) % 5);
    return len < left ? len : left;
}

static void feed_or_finish(cxm_csv *csv, source *from)
{
    free(from->lent);
    from->lent = NULL;
    if (from->at == from->len) {
        assert_int_equal(cxm_csv_finish(csv), CXM_OK);
        return;
    }
    size_t len = piece_len(from);
    from->lent = malloc(len + !len);
    assert_non_null(from->lent);
    memcpy(from->lent, from->bytes + from->at, len);
    from->at += len;
    assert_int_equal(cxm_csv_feed(csv, from->lent, len), CXM_OK);
}

static void put_csv_row(transcript *t, const cxm_csv_row *row)
{
    put_row(t, row->row, row->line, row->byte_offset, row->flags);
    for (uint32_t i = 0; i < row->count; ++i) put_field(t, row->fields[i].text, row->fields[i].len);
    put(t, "\n", 1);
}

/* Reads all; `error` and the transcript tell how it went. */
static cxm_status read_with(cxm_csv *csv, source *from, transcript *t, cxm_error *error)
{
    cxm_csv_row row = {.size = sizeof row};
    cxm_csv_info info = {.size = sizeof info};
    cxm_status status;
    while ((status = cxm_csv_next(csv, &row, error)) == CXM_OK || status == CXM_MORE) {
        if (status == CXM_MORE) {
            feed_or_finish(csv, from);
            continue;
        }
        put_csv_row(t, &row);
        assert_int_equal(cxm_csv_info_get(csv, &info), CXM_OK);
        assert_int_equal(info.rows, row.row);
        assert_true(info.bytes > row.byte_offset || row.count == 1);
    }
    assert_int_equal(cxm_csv_info_get(csv, &info), CXM_OK);
    put_end(t, status, error, &info);
    free(from->lent);
    return status;
}

static cxm_status read_all(const cxm_csv_options *options, const char *bytes, size_t len, size_t piece,
                           uint64_t seed, transcript *t, cxm_error *error)
{
    source from = {.bytes = bytes, .len = len, .piece = piece, .seed = seed};
    cxm_csv *csv = NULL;
    t->len = 0;
    *error = (cxm_error){.size = sizeof *error};
    assert_int_equal(cxm_csv_create(options, NULL, &csv), CXM_OK);
    cxm_status status = read_with(csv, &from, t, error);
    cxm_csv_free(csv);
    return status;
}

/* ---- the reference: one byte after the other over the whole text, the rules of csv.h read aloud ---- */

typedef struct reference {
    const unsigned char *in;
    size_t len, at;
    cxm_csv_options options;
    cxm_csv_info info;
    cxm_error error;
    uint64_t line;
    uint32_t count;
    char field[8192];
    size_t field_len;
    transcript fields;
} reference;

static bool is_end(unsigned char c) { return c == '\n' || c == '\r'; }

static cxm_status ref_fail(reference *r, cxm_status status, uint32_t column, size_t at, size_t row_at)
{
    r->error.row = r->info.rows + 1;
    r->error.column = column;
    r->error.byte_offset = at;
    r->info.bytes = row_at;
    return status;
}

static cxm_status ref_detect(reference *r)
{
    static const char delimiters[] = ",;\t|";
    size_t counts[4] = {0}, best = 0, ties = 0, quote = 0;
    bool inside = false, fresh = true;
    for (size_t i = r->at; i < r->len; ++i) {
        unsigned char c = r->in[i];
        if (!inside && is_end(c)) break;
        if (i - r->at == r->options.max_row_bytes) return ref_fail(r, CXM_E_LIMIT, 0, inside ? quote : i, r->at);
        if (c == 0) return ref_fail(r, CXM_E_FORMAT, 0, i, r->at);
        bool opens = fresh && c == '"';
        fresh = false;
        if (opens) inside = true, quote = i;
        else if (inside && c == '"') {
            if (i + 1 < r->len && r->in[i + 1] == '"' && i + 1 - r->at < r->options.max_row_bytes) ++i;
            else inside = false;
        } else if (!inside && strchr(delimiters, c)) {
            ++counts[strchr(delimiters, c) - delimiters];
            fresh = true;
        }
    }
    for (size_t k = 1; k < 4; ++k) if (counts[k] > counts[best]) best = k;
    for (size_t k = 0; k < 4; ++k) ties += counts[k] == counts[best];
    if (counts[best] && ties > 1) return ref_fail(r, CXM_E_AMBIGUOUS, 0, r->at, r->at);
    r->info.delimiter = delimiters[best];
    return CXM_OK;
}

static cxm_status ref_end_field(reference *r, size_t begin, size_t row_at)
{
    if (r->count == r->options.max_columns) return ref_fail(r, CXM_E_LIMIT, r->count + 1, begin, row_at);
    if (r->field_len > r->options.max_field_bytes) return ref_fail(r, CXM_E_LIMIT, r->count + 1, begin, row_at);
    ++r->count;
    put_field(&r->fields, r->field, r->field_len);
    r->field_len = 0;
    return CXM_OK;
}

/* The row from r->at to its end, whose bytes stay unread; *lines counts ends inside quotes. */
static cxm_status ref_fields(reference *r, bool *stray, uint64_t *lines)
{
    enum { BEGIN, PLAIN, QUOTED, BEHIND } state = BEGIN;
    size_t row_at = r->at, begin = r->at;
    for (; r->at < r->len; ++r->at) {
        unsigned char c = r->in[r->at];
        if (state != QUOTED && is_end(c)) break;
        if (r->at - row_at == r->options.max_row_bytes)
            return ref_fail(r, CXM_E_LIMIT, r->count + 1, state == QUOTED ? begin : r->at, row_at);
        if (c == 0) return ref_fail(r, CXM_E_FORMAT, r->count + 1, r->at, row_at);
        if (state != QUOTED && c == r->info.delimiter) {
            cxm_status status = ref_end_field(r, begin, row_at);
            if (status != CXM_OK) return status;
            begin = r->at + 1;
            state = BEGIN;
        } else if (state == BEGIN && c == '"') state = QUOTED;
        else if (state == QUOTED && c == '"') {
            bool twice = r->at + 1 < r->len && r->in[r->at + 1] == '"' &&
                         r->at + 1 - row_at < r->options.max_row_bytes;
            if (twice) r->field[r->field_len++] = '"', ++r->at;
            else state = BEHIND;
        } else {
            if (state == QUOTED) *lines += c == '\r' || (c == '\n' && r->in[r->at - 1] != '\r');
            if (state == BEHIND) *stray = true;
            if (state == BEGIN) state = PLAIN;
            r->field[r->field_len++] = (char)c;
        }
    }
    if (state == QUOTED) return ref_fail(r, CXM_E_FORMAT, r->count + 1, begin, row_at);
    return ref_end_field(r, begin, row_at);
}

static void ref_row_end(reference *r)
{
    if (r->at == r->len) return;
    bool crlf = r->in[r->at] == '\r' && r->at + 1 < r->len && r->in[r->at + 1] == '\n';
    if (crlf) ++r->info.ends_crlf;
    else if (r->in[r->at] == '\n') ++r->info.ends_lf;
    else ++r->info.ends_cr;
    r->at += crlf ? 2 : 1;
}

static void ref_flags(reference *r, transcript *t, size_t row_at, bool stray)
{
    uint32_t flags = 0;
    if (!r->info.columns) r->info.columns = r->count;
    if (r->count < r->info.columns) flags |= CXM_CSV_SHORT, ++r->info.short_rows;
    if (r->count > r->info.columns) flags |= CXM_CSV_LONG, ++r->info.long_rows;
    if (stray) flags |= CXM_CSV_STRAY, ++r->info.stray_rows;
    if (flags && !r->info.first_ragged_line) r->info.first_ragged_line = r->line;
    put_row(t, ++r->info.rows, r->line, row_at, flags);
    put(t, r->fields.text, r->fields.len);
    put(t, "\n", 1);
}

static cxm_status ref_rows(reference *r, transcript *t)
{
    while (r->at < r->len) {
        size_t row_at = r->at;
        uint64_t lines = 0;
        bool stray = false;
        r->count = 0;
        r->field_len = r->fields.len = 0;
        if (is_end(r->in[r->at]) && r->info.columns != 1) ++r->info.blank_lines;
        else {
            if (!r->info.delimiter) {
                cxm_status found = ref_detect(r);
                if (found != CXM_OK) return found;
            }
            cxm_status status = ref_fields(r, &stray, &lines);
            if (status != CXM_OK) return status;
            ref_flags(r, t, row_at, stray);
        }
        ref_row_end(r);
        r->line += lines + 1;
    }
    r->info.bytes = r->len;
    return CXM_END;
}

static void ref_read(const cxm_csv_options *options, const char *bytes, size_t len, transcript *t)
{
    static reference r;
    r = (reference){.in = (const unsigned char *)bytes, .len = len, .options = *options, .line = 1};
    if (!r.options.max_columns) r.options.max_columns = 4096;
    if (!r.options.max_field_bytes) r.options.max_field_bytes = 1 << 20;
    if (!r.options.max_row_bytes) r.options.max_row_bytes = 4 << 20;
    r.info.delimiter = r.options.delimiter;
    t->len = 0;
    bool utf16 = len >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
    bool utf32 = len >= 4 && memcmp(bytes, "\0\0\xFE\xFF", 4) == 0;
    if (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) r.info.has_bom = 1, r.at = 3;
    cxm_status status = utf16 || utf32 ? ref_fail(&r, CXM_E_FORMAT, 0, 0, 0) : ref_rows(&r, t);
    put_end(t, status, &r.error, &r.info);
}

/* ---- known answers ---- */

static const struct { const char *what, *text; size_t len; int32_t delimiter; const char *want; } known[] = {
#define TEXT(text) text, sizeof(text) - 1
    {"RFC 4180 2.1, 2.2: with and without the last end", TEXT("aaa,bbb,ccc\r\nzzz,yyy,xxx"), 0,
     "#1 l1 @0 !0 [aaa][bbb][ccc]\n#2 l2 @13 !0 [zzz][yyy][xxx]\nCXM_END\n"
     "d44 c3 bom0 r2 b24 blank0 short0 long0 stray0 first0 lf0 crlf1 cr0"},
    {"RFC 4180 2.6: a line end inside quotes", TEXT("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx\r\n"), 0,
     "#1 l1 @0 !0 [aaa][b\r\nbb][ccc]\n#2 l3 @21 !0 [zzz][yyy][xxx]\nCXM_END\n"
     "d44 c3 bom0 r2 b34 blank0 short0 long0 stray0 first0 lf0 crlf2 cr0"},
    {"RFC 4180 2.7: a doubled quote", TEXT("\"aaa\",\"b\"\"bb\",\"ccc\""), 0,
     "#1 l1 @0 !0 [aaa][b\"bb][ccc]\nCXM_END\n"
     "d44 c3 bom0 r1 b19 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"nothing", TEXT(""), 0, "CXM_END\nd0 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"a mark alone", TEXT("\xEF\xBB\xBF"), 0,
     "CXM_END\nd0 c0 bom1 r0 b3 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"a mark, then a quoted header", TEXT("\xEF\xBB\xBF\"a\",b\n"), 0,
     "#1 l1 @3 !0 [a][b]\nCXM_END\nd44 c2 bom1 r1 b9 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"half a mark is text", TEXT("\xEF\xBB,b\n"), 0,
     "#1 l1 @0 !0 [\xEF\xBB][b]\nCXM_END\nd44 c2 bom0 r1 b5 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"half a mark is all", TEXT("\xEF\xBB"), 0,
     "#1 l1 @0 !0 [\xEF\xBB]\nCXM_END\nd44 c1 bom0 r1 b2 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"a second mark is text", TEXT("\xEF\xBB\xBF\xEF\xBB\xBF" "a\n"), 0,
     "#1 l1 @3 !0 [\xEF\xBB\xBF" "a]\nCXM_END\nd44 c1 bom1 r1 b8 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"header only, no end", TEXT("nps,comment"), 0,
     "#1 l1 @0 !0 [nps][comment]\nCXM_END\nd44 c2 bom0 r1 b11 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"lone CR, and all three ends mixed", TEXT("a,b\r1,2\r3,4\n5,6\r\n"), 0,
     "#1 l1 @0 !0 [a][b]\n#2 l2 @4 !0 [1][2]\n#3 l3 @8 !0 [3][4]\n#4 l4 @12 !0 [5][6]\nCXM_END\n"
     "d44 c2 bom0 r4 b17 blank0 short0 long0 stray0 first0 lf1 crlf1 cr2"},
    {"LF CR is an end and a blank line", TEXT("a,b\n\r1,2"), 0,
     "#1 l1 @0 !0 [a][b]\n#2 l3 @5 !0 [1][2]\nCXM_END\n"
     "d44 c2 bom0 r2 b8 blank1 short0 long0 stray0 first0 lf1 crlf0 cr1"},
    {"CR, LF, CR LF and LF CR as text: five lines", TEXT("\"\r-\n-\r\n-\n\r\",b\n1,2\n"), 0,
     "#1 l1 @0 !0 [\r-\n-\r\n-\n\r][b]\n#2 l7 @14 !0 [1][2]\nCXM_END\n"
     "d44 c2 bom0 r2 b18 blank0 short0 long0 stray0 first0 lf2 crlf0 cr0"},
    {"short and long rows", TEXT("a,b,c\n1,2\n1,2,3,4\n,,\n"), 0,
     "#1 l1 @0 !0 [a][b][c]\n#2 l2 @6 !1 [1][2]\n#3 l3 @10 !2 [1][2][3][4]\n#4 l4 @18 !0 [][][]\nCXM_END\n"
     "d44 c3 bom0 r4 b21 blank0 short1 long1 stray0 first2 lf4 crlf0 cr0"},
    {"bytes behind a closing quote", TEXT("a,b\n\"x\" ,\"y\"z\"\"\"w\"\n\"p\"\"\"q,\"\"r\n"), 0,
     "#1 l1 @0 !0 [a][b]\n#2 l2 @4 !4 [x ][yz\"\"\"w\"]\n#3 l3 @19 !4 [p\"q][r]\nCXM_END\n"
     "d44 c2 bom0 r3 b30 blank0 short0 long0 stray2 first2 lf3 crlf0 cr0"},
    {"short and stray at once", TEXT("a,b\n\"x\"y\n"), 0,
     "#1 l1 @0 !0 [a][b]\n#2 l2 @4 !5 [xy]\nCXM_END\n"
     "d44 c2 bom0 r2 b9 blank0 short1 long0 stray1 first2 lf2 crlf0 cr0"},
    {"a quote inside an unquoted field is text", TEXT("a\"b, \"c\"\n"), 0,
     "#1 l1 @0 !0 [a\"b][ \"c\"]\nCXM_END\nd44 c2 bom0 r1 b9 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"blank lines, also before the header", TEXT("\n\r\n\ra,b\n\n1,2\n\n"), 0,
     "#1 l4 @4 !0 [a][b]\n#2 l6 @9 !0 [1][2]\nCXM_END\n"
     "d44 c2 bom0 r2 b14 blank5 short0 long0 stray0 first0 lf5 crlf1 cr1"},
    {"a line of blanks is a row", TEXT("a,b\n \n"), 0,
     "#1 l1 @0 !0 [a][b]\n#2 l2 @4 !1 [ ]\nCXM_END\n"
     "d44 c2 bom0 r2 b6 blank0 short1 long0 stray0 first2 lf2 crlf0 cr0"},
    {"one column keeps empty lines", TEXT("\nnps\n9\n\n\r\n\r10"), 0,
     "#1 l2 @1 !0 [nps]\n#2 l3 @5 !0 [9]\n#3 l4 @7 !0 []\n#4 l5 @8 !0 []\n#5 l6 @10 !0 []\n#6 l7 @11 !0 [10]\n"
     "CXM_END\nd44 c1 bom0 r6 b13 blank1 short0 long0 stray0 first0 lf4 crlf1 cr1"},
    {"one column, and a comma later", TEXT("nps\n9\nwell, no\n"), 0,
     "#1 l1 @0 !0 [nps]\n#2 l2 @4 !0 [9]\n#3 l3 @6 !2 [well][ no]\nCXM_END\n"
     "d44 c1 bom0 r3 b15 blank0 short0 long1 stray0 first3 lf3 crlf0 cr0"},
    {"empty fields at the row's end", TEXT("a,b\n1,\n\"\",\"\""), 0,
     "#1 l1 @0 !0 [a][b]\n#2 l2 @4 !0 [1][]\n#3 l3 @7 !0 [][]\nCXM_END\n"
     "d44 c2 bom0 r3 b12 blank0 short0 long0 stray0 first0 lf2 crlf0 cr0"},
    {"semicolon", TEXT("a;b;c,d\n1,5;2;3\n"), 0,
     "#1 l1 @0 !0 [a][b][c,d]\n#2 l2 @8 !0 [1,5][2][3]\nCXM_END\n"
     "d59 c3 bom0 r2 b16 blank0 short0 long0 stray0 first0 lf2 crlf0 cr0"},
    {"tab", TEXT("a\tb\n1,1\t2\n"), 0,
     "#1 l1 @0 !0 [a][b]\n#2 l2 @4 !0 [1,1][2]\nCXM_END\n"
     "d9 c2 bom0 r2 b10 blank0 short0 long0 stray0 first0 lf2 crlf0 cr0"},
    {"bar", TEXT("a|b|c;d\n"), 0,
     "#1 l1 @0 !0 [a][b][c;d]\nCXM_END\nd124 c3 bom0 r1 b8 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"delimiters inside quotes do not vote", TEXT("\"a;b;c\n;\"\",;\",d\n1,2\n"), 0,
     "#1 l1 @0 !0 [a;b;c\n;\",;][d]\n#2 l3 @16 !0 [1][2]\nCXM_END\n"
     "d44 c2 bom0 r2 b20 blank0 short0 long0 stray0 first0 lf2 crlf0 cr0"},
    {"a quote behind a delimiter that lost is text", TEXT("a,b,c;\"d\ne\"\n1,2,3\n"), 0,
     "#1 l1 @0 !0 [a][b][c;\"d]\n#2 l2 @9 !1 [e\"]\n#3 l3 @12 !0 [1][2][3]\nCXM_END\n"
     "d44 c3 bom0 r3 b18 blank0 short1 long0 stray0 first2 lf3 crlf0 cr0"},
    {"a row longer than it was when the delimiter was sought", TEXT("p,q,r;\"a,\"b\nc\"\n"), 0,
     "#1 l1 @0 !0 [p][q][r;\"a][b\nc]\nCXM_END\n"
     "d44 c4 bom0 r1 b15 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"a tie", TEXT("a,b;c\n"), 0,
     "CXM_E_AMBIGUOUS #1 c0 @0\nd0 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"a tie behind a mark and a blank line", TEXT("\xEF\xBB\xBF\na|b\tc\n"), 0,
     "CXM_E_AMBIGUOUS #1 c0 @4\nd0 c0 bom1 r0 b4 blank1 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"a tie is none when the delimiter is given", TEXT("a,b;c\n"), ';',
     "#1 l1 @0 !0 [a,b][c]\nCXM_END\nd59 c2 bom0 r1 b6 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"any delimiter, a control byte too", TEXT("a\001b:c\n"), 1,
     "#1 l1 @0 !0 [a][b:c]\nCXM_END\nd1 c2 bom0 r1 b6 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"control bytes and high bytes are text", TEXT("\002\t\v\xA0\xAC,\x8A\x8D\n"), ',',
     "#1 l1 @0 !0 [\002\t\v\xA0\xAC][\x8A\x8D]\nCXM_END\n"
     "d44 c2 bom0 r1 b9 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"an open quote", TEXT("a,b\n1,\"2\n3,4\n"), 0,
     "#1 l1 @0 !0 [a][b]\nCXM_E_FORMAT #2 c2 @6\n"
     "d44 c2 bom0 r1 b4 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"an open quote in the header", TEXT("a,\"b\n1,2\n"), 0,
     "CXM_E_FORMAT #1 c2 @2\nd44 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"a zero byte", TEXT("a,b\n1,\"x\0\"\n"), 0,
     "#1 l1 @0 !0 [a][b]\nCXM_E_FORMAT #2 c2 @8\n"
     "d44 c2 bom0 r1 b4 blank0 short0 long0 stray0 first0 lf1 crlf0 cr0"},
    {"UTF-16 without a mark", TEXT("a\0,\0"), 0,
     "CXM_E_FORMAT #1 c0 @1\nd0 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"UTF-16 little", TEXT("\xFF\xFE" "a\0"), 0,
     "CXM_E_FORMAT #1 c0 @0\nd0 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"UTF-16 big", TEXT("\xFE\xFF\0a"), 0,
     "CXM_E_FORMAT #1 c0 @0\nd0 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"UTF-32 little", TEXT("\xFF\xFE\0\0a\0\0\0"), ',',
     "CXM_E_FORMAT #1 c0 @0\nd44 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"UTF-32 big", TEXT("\0\0\xFE\xFF\0\0\0a"), 0,
     "CXM_E_FORMAT #1 c0 @0\nd0 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
    {"zero bytes that are no mark", TEXT("\0\0a"), ',',
     "CXM_E_FORMAT #1 c1 @0\nd44 c0 bom0 r0 b0 blank0 short0 long0 stray0 first0 lf0 crlf0 cr0"},
};

static void known_answers_for_every_cut(void **state)
{
    (void)state;
    static transcript got;
    static const size_t pieces[] = {NO_SPLIT, 1, 2, 3, 4, 5, 7, 0};
    for (size_t i = 0; i < COUNT_OF(known); ++i)
        for (size_t k = 0; k < COUNT_OF(pieces); ++k) {
            cxm_csv_options options = {.size = sizeof options, .delimiter = known[i].delimiter};
            cxm_error error;
            read_all(&options, known[i].text, known[i].len, pieces[k], i, &got, &error);
            if (strcmp(got.text, known[i].want) != 0) print_error("%s, pieces of %zu\n", known[i].what, pieces[k]);
            assert_string_equal(got.text, known[i].want);
        }
}

static void the_reference_agrees_with_the_known_answers(void **state)
{
    (void)state;
    static transcript got;
    for (size_t i = 0; i < COUNT_OF(known); ++i) {
        cxm_csv_options options = {.size = sizeof options, .delimiter = known[i].delimiter};
        ref_read(&options, known[i].text, known[i].len, &got);
        assert_string_equal(got.text, known[i].want);
    }
}

/* ---- property: the reader says what the reference says, however the text is cut ---- */

static size_t random_text(uint64_t *seed, char *text)
{
    static const char *const atoms[] = {"a", ",", ";", "\"", "\n", "\r", "\"\"", "\r\n", "b,c", "\"x\"", "\t", "|",
                                        "long enough to matter", "\xEF\xBB\xBF", "\xEF", "\xFF", "\xFE"};
    size_t len = 0, most = test_rand(seed) % 8 ? 30 : 160, kinds = test_rand(seed) % 3 ? 10 : COUNT_OF(atoms);
    if (test_rand(seed) % 6 == 0) memcpy(text, "\xEF\xBB\xBF", len = 3);
    for (size_t n = test_rand(seed) % most; n; --n) {
        const char *atom = atoms[test_rand(seed) % kinds];
        memcpy(text + len, atom, strlen(atom));
        len += strlen(atom);
    }
    if (len && test_rand(seed) % 25 == 0) text[test_rand(seed) % len] = '\0';
    return len;
}

static cxm_csv_options random_options(uint64_t *seed)
{
    static const int32_t delimiters[] = {0, 0, ',', ';', 'a'};
    cxm_csv_options options = {.size = sizeof options, .delimiter = delimiters[test_rand(seed) % 5]};
    if (test_rand(seed) % 3 == 0) options.max_columns = (uint32_t)(1 + test_rand(seed) % 5);
    if (test_rand(seed) % 3 == 0) options.max_field_bytes = (uint32_t)(1 + test_rand(seed) % 6);
    if (test_rand(seed) % 3 == 0) options.max_row_bytes = (uint32_t)(1 + test_rand(seed) % 24);
    return options;
}

static void random_texts_match_the_reference(void **state)
{
    (void)state;
    static transcript want, got;
    static char text[8192];
    uint64_t seed = 20261122;
    for (int trial = 0; trial < 20000; ++trial) {
        if (test_left_out()) continue;
        cxm_csv_options options = random_options(&seed);
        size_t len = random_text(&seed, text);
        cxm_error whole, cut;
        ref_read(&options, text, len, &want);
        read_all(&options, text, len, NO_SPLIT, 0, &got, &whole);
        assert_string_equal(got.text, want.text);
        for (int k = 0; k < 3; ++k) {
            read_all(&options, text, len, k == 0, test_rand(&seed), &got, &cut);
            assert_string_equal(got.text, want.text);
            assert_memory_equal(&cut, &whole, sizeof cut);      /* the sentence too */
        }
    }
}

/* Some kilobytes of rows as they should be, for the index of field ends; one text in three with a few odd bytes. */
static size_t random_table(uint64_t *seed, char *text)
{
    static const char *const cells[] = {"", "7", "10 - Extremely likely", "web", "\"a, b\"", "\"one\ntwo\"", "\"\"",
                                        "\"said \"\"x\"\", twice\"", "\"\"\"\"", "\"\r\n\r\"", "2026-01-29T14:34:50Z"};
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    static const char odd[] = "\"\"\"\r\n,;x\t";
    size_t len = 0, columns = 1 + test_rand(seed) % 9, kind = test_rand(seed) % 4, most = 500 + test_rand(seed) % 7000;
    while (len < most) {
        for (size_t i = 0; i < columns; ++i) {
            const char *cell = cells[test_rand(seed) % COUNT_OF(cells)];
            len += (size_t)sprintf(text + len, "%s%s", i ? "," : "", cell);
        }
        len += (size_t)sprintf(text + len, "%s", ends[kind < 3 ? kind : test_rand(seed) % 3]);
    }
    if (test_rand(seed) % 3) return len;
    for (size_t n = 1 + test_rand(seed) % 4; n; --n) text[test_rand(seed) % len] = odd[test_rand(seed) % (sizeof odd - 1)];
    if (test_rand(seed) % 8 == 0) text[test_rand(seed) % len] = '\0';
    return len;
}

static void tables_match_the_reference(void **state)
{
    (void)state;
    static transcript want, got;
    static char text[8192];
    uint64_t seed = 64;
    for (int trial = 0; trial < 1500; ++trial) {
        if (test_left_out()) continue;
        cxm_csv_options options = {.size = sizeof options, .delimiter = ','};
        size_t len = random_table(&seed, text);
        cxm_error error;
        ref_read(&options, text, len, &want);
        read_all(&options, text, len, NO_SPLIT, 0, &got, &error);
        assert_string_equal(got.text, want.text);
        read_all(&options, text, len, 1 + test_rand(&seed) % 700, 0, &got, &error);
        assert_string_equal(got.text, want.text);
    }
}

/* ---- property: batches of projected columns are the rows, whatever their size and the cuts ---- */

static void put_projected(transcript *t, uint64_t row, uint64_t line, uint32_t flags, const cxm_view *fields, uint32_t count)
{
    put_row(t, row, line, 0, flags);
    for (uint32_t i = 0; i < count; ++i) put_field(t, fields[i].text ? fields[i].text : "?", fields[i].text ? fields[i].len : 1);
    put(t, "\n", 1);
}

enum { PROJECTED = 4, BATCH = 40 };

/* One batch, or one row, into the transcript. */
static cxm_status read_some(cxm_csv *csv, const uint32_t *columns, uint32_t max_rows, transcript *t, cxm_error *error)
{
    cxm_view fields[BATCH * PROJECTED];
    uint64_t lines[BATCH];
    uint32_t flags[BATCH];
    cxm_csv_batch batch = {.size = sizeof batch, .max_rows = max_rows, .fields = fields, .lines = lines, .flags = flags};
    cxm_csv_row row = {.size = sizeof row};
    if (max_rows) {
        cxm_status status = cxm_csv_next_batch(csv, columns, PROJECTED, &batch, error);
        assert_true(status != CXM_OK || (batch.rows >= 1 && batch.rows <= max_rows && batch.reserved == 0));
        for (uint32_t i = 0; status == CXM_OK && i < batch.rows; ++i)
            put_projected(t, batch.first_row + i, lines[i], flags[i], fields + i * PROJECTED, PROJECTED);
        return status;
    }
    cxm_status status = cxm_csv_next(csv, &row, error);
    if (status != CXM_OK) return status;
    for (uint32_t i = 0; i < PROJECTED; ++i)
        fields[i] = columns[i] < row.count ? row.fields[columns[i]] : (cxm_view){NULL, 0};
    put_projected(t, row.row, row.line, row.flags, fields, PROJECTED);
    return CXM_OK;
}

/* `batch`: rows asked for at once; 0 = by rows alone, BATCH + 1 = any of both in turn. */
static void read_projected(const cxm_csv_options *options, const uint32_t *columns, source from, uint32_t batch,
                           transcript *t, cxm_error *error)
{
    cxm_csv *csv = NULL;
    cxm_csv_info info = {.size = sizeof info};
    cxm_status status;
    t->len = 0;
    *error = (cxm_error){.size = sizeof *error};
    assert_int_equal(cxm_csv_create(options, NULL, &csv), CXM_OK);
    do {
        uint32_t max_rows = batch > BATCH ? (uint32_t)(test_rand(&from.seed) % 4) : batch;
        status = read_some(csv, columns, max_rows, t, error);
        if (status == CXM_MORE) feed_or_finish(csv, &from);
    } while (status == CXM_OK || status == CXM_MORE);
    assert_int_equal(cxm_csv_info_get(csv, &info), CXM_OK);
    put_end(t, status, error, &info);
    free(from.lent);
    cxm_csv_free(csv);
}

static void batches_are_the_rows(void **state)
{
    (void)state;
    static transcript want, got;
    static char text[8192];
    static const uint32_t sizes[] = {1, 7, BATCH, BATCH + 1};
    uint64_t seed = 65;
    for (int trial = 0; trial < 1200; ++trial) {
        if (test_left_out()) continue;
        cxm_csv_options options = trial % 3 ? (cxm_csv_options){.size = sizeof options} : random_options(&seed);
        source from = {.bytes = text, .len = trial % 3 ? random_table(&seed, text) : random_text(&seed, text), .piece = NO_SPLIT};
        uint32_t columns[PROJECTED] = {0, 2};
        cxm_error whole, cut;
        for (uint32_t i = 2; i < PROJECTED; ++i) columns[i] = (uint32_t)(test_rand(&seed) % 6);
        read_projected(&options, columns, from, 0, &want, &whole);
        for (size_t i = 0; i < COUNT_OF(sizes); ++i) {
            from.piece = i ? test_rand(&seed) % 700 : NO_SPLIT;
            from.seed = seed;
            read_projected(&options, columns, from, sizes[i], &got, &cut);
            assert_string_equal(got.text, want.text);
            assert_memory_equal(&cut, &whole, sizeof cut);
        }
    }
}

static void batches_outside_the_contract(void **state)
{
    (void)state;
    cxm_view fields[2];
    uint64_t lines[2];
    uint32_t flags[2], column = 0, far = 1u << 24;
    const cxm_csv_batch good = {sizeof good, 2, fields, lines, flags, 0, 0, 0};
    cxm_csv_batch batch = good;
    cxm_csv *csv = NULL;
    assert_int_equal(cxm_csv_create(NULL, NULL, &csv), CXM_OK);
    assert_int_equal(cxm_csv_feed(csv, "a,b\n1,2\n3,4\n", 12), CXM_OK);
    assert_int_equal(cxm_csv_next_batch(NULL, &column, 1, &batch, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_next_batch(csv, NULL, 1, &batch, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_next_batch(csv, &column, 1, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_next_batch(csv, &far, 1, &batch, NULL), CXM_E_ARG);
    batch.max_rows = 0;
    assert_int_equal(cxm_csv_next_batch(csv, &column, 1, &batch, NULL), CXM_E_ARG);
    batch = (cxm_csv_batch){sizeof batch, 2, NULL, lines, flags, 0, 0, 0};
    assert_int_equal(cxm_csv_next_batch(csv, &column, 1, &batch, NULL), CXM_E_ARG);
    batch = (cxm_csv_batch){sizeof batch, 2, fields, NULL, flags, 0, 0, 0};
    assert_int_equal(cxm_csv_next_batch(csv, &column, 1, &batch, NULL), CXM_E_ARG);
    batch = (cxm_csv_batch){sizeof batch, 2, fields, lines, NULL, 0, 0, 0};
    assert_int_equal(cxm_csv_next_batch(csv, &column, 1, &batch, NULL), CXM_E_ARG);
    batch = good;
    --batch.size;
    assert_int_equal(cxm_csv_next_batch(csv, &column, 1, &batch, NULL), CXM_E_ABI);
    batch = (cxm_csv_batch){sizeof batch, 2, NULL, lines, flags, 0, 0, 0};
    assert_int_equal(cxm_csv_next_batch(csv, NULL, 0, &batch, NULL), CXM_OK);      /* rows alone */
    while (cxm_csv_next_batch(csv, NULL, 0, &batch, NULL) == CXM_OK) assert_true(batch.rows >= 1);
    cxm_csv_info info = {.size = sizeof info};
    assert_int_equal(cxm_csv_info_get(csv, &info), CXM_OK);
    assert_int_equal(info.rows, 3);
    cxm_csv_free(csv);
}

/* ---- property: pieces of whole rows, read apart, are the rows ---- */

/* One piece of whole rows by a reader that begins there; what is counted goes on from piece to piece. */
static cxm_status read_piece(cxm_csv *csv, const char *bytes, size_t len, cxm_csv_start *start, cxm_csv_info *sum,
                             transcript *t, cxm_error *error)
{
    cxm_csv_row row = {.size = sizeof row};
    cxm_csv_info info = {.size = sizeof info};
    cxm_status status;
    assert_int_equal(cxm_csv_resume(csv, start), CXM_OK);
    assert_int_equal(cxm_csv_feed(csv, bytes, len), CXM_OK);
    while ((status = cxm_csv_next(csv, &row, error)) == CXM_OK || status == CXM_MORE) {
        if (status == CXM_OK) put_csv_row(t, &row);
        else assert_int_equal(cxm_csv_finish(csv), CXM_OK);
    }
    assert_int_equal(cxm_csv_info_get(csv, &info), CXM_OK);
    start->rows = sum->rows = info.rows;
    start->line = info.line;
    start->byte_offset = sum->bytes = info.bytes;
    sum->blank_lines += info.blank_lines;
    sum->short_rows += info.short_rows;
    sum->long_rows += info.long_rows;
    sum->stray_rows += info.stray_rows;
    if (!sum->first_ragged_line) sum->first_ragged_line = info.first_ragged_line;
    sum->ends_lf += info.ends_lf;
    sum->ends_crlf += info.ends_crlf;
    sum->ends_cr += info.ends_cr;
    return status;
}

/* The first row by one reader, the others in pieces cut at random by another. */
static void read_pieces(const cxm_csv_options *options, const char *text, size_t len, size_t most, uint64_t *seed,
                        transcript *t, cxm_error *error)
{
    cxm_csv *csv = NULL;
    cxm_csv_row row = {.size = sizeof row};
    cxm_csv_info sum = {.size = sizeof sum};
    cxm_status status;
    t->len = 0;
    *error = (cxm_error){.size = sizeof *error};
    assert_int_equal(cxm_csv_create(options, NULL, &csv), CXM_OK);
    assert_int_equal(cxm_csv_feed(csv, text, len), CXM_OK);
    status = cxm_csv_next(csv, &row, error);
    if (status == CXM_MORE) {
        assert_int_equal(cxm_csv_finish(csv), CXM_OK);
        status = cxm_csv_next(csv, &row, error);
    }
    if (status == CXM_OK) put_csv_row(t, &row);
    assert_int_equal(cxm_csv_info_get(csv, &sum), CXM_OK);
    cxm_csv_start start = {.size = sizeof start, .delimiter = sum.delimiter, .columns = sum.columns, .rows = sum.rows,
                           .line = sum.line, .byte_offset = sum.bytes};
    int32_t place = CXM_CSV_AT_ROW;
    size_t row_at = (size_t)sum.bytes, at = row_at;
    while (status == CXM_OK) {
        size_t piece = 1 + test_rand(seed) % most;
        int64_t behind;
        if (piece > len - at) piece = len - at;
        assert_int_equal(cxm_csv_split(sum.delimiter, place, text + at, piece, &place, &behind), CXM_OK);
        at += piece;
        if (at < len && behind < 0) continue;
        size_t until = at < len ? at - piece + (size_t)behind : len;
        status = read_piece(csv, text + row_at, until - row_at, &start, &sum, t, error);
        row_at = until;
        if (status == CXM_END && at < len) status = CXM_OK;
    }
    put_end(t, status, error, &sum);
    cxm_csv_free(csv);
}

static void pieces_of_whole_rows_are_the_rows(void **state)
{
    (void)state;
    static transcript want, got;
    static char text[8192];
    uint64_t seed = 66;
    for (int trial = 0; trial < 20000; ++trial) {
        if (test_left_out()) continue;
        cxm_csv_options options = trial % 4 ? random_options(&seed) : (cxm_csv_options){.size = sizeof options};
        size_t len = trial % 20 ? random_text(&seed, text) : random_table(&seed, text);
        cxm_error whole, cut;
        read_all(&options, text, len, NO_SPLIT, 0, &want, &whole);
        read_pieces(&options, text, len, trial % 20 ? 12 : 900, &seed, &got, &cut);
        assert_string_equal(got.text, want.text);
        assert_memory_equal(&cut, &whole, sizeof cut);
    }
}

/* The latest row end lies before more quoted fields than a split remembers. */
static void a_row_of_many_quotes_is_split_too(void **state)
{
    (void)state;
    static char text[8192] = "a,b\r\n";
    size_t len = 5;
    for (int fields = 0; fields < 400; ++fields) {
        int32_t end;
        int64_t row_at;
        assert_int_equal(cxm_csv_split(',', CXM_CSV_AT_ROW, text, len, &end, &row_at), CXM_OK);
        assert_true(row_at == 5 && end == (fields ? CXM_CSV_AT_FIELD : CXM_CSV_AT_ROW));
        assert_int_equal(cxm_csv_split(',', CXM_CSV_BEHIND_CR, text + 4, len - 4, &end, &row_at), CXM_OK);
        assert_true(row_at == 1);
        len += (size_t)sprintf(text + len, fields % 2 ? "\"x\ny\"," : "\"\"\"\",");
    }
}

/* From every place, cut anywhere: the transitions of the parts, joined, are that of the whole. */
static void transitions_join(void **state)
{
    (void)state;
    static char text[8192];
    uint64_t seed = 67;
    for (int trial = 0; trial < 20000; ++trial) {
        size_t len = random_text(&seed, text), cut = test_rand(&seed) % (len + 1);
        for (int32_t place = CXM_CSV_AT_ROW; place <= CXM_CSV_BEHIND_CR; ++place) {
            int32_t whole, end;
            int64_t whole_at, first_at, second_at;
            assert_int_equal(cxm_csv_split(',', place, text, len, &whole, &whole_at), CXM_OK);
            assert_int_equal(cxm_csv_split(',', place, text, cut, &end, &first_at), CXM_OK);
            assert_int_equal(cxm_csv_split(',', end, text + cut, len - cut, &end, &second_at), CXM_OK);
            assert_int_equal(end, whole);
            assert_int_equal(whole_at, second_at >= 0 ? (int64_t)cut + second_at : first_at);
        }
    }
}

static void splits_and_starts_outside_the_contract(void **state)
{
    (void)state;
    int32_t end;
    int64_t row_at;
    cxm_csv *csv = NULL;
    const cxm_csv_start good = {.size = sizeof good, .delimiter = ',', .columns = 1, .line = 1};
    cxm_csv_start start = good;
    assert_int_equal(cxm_csv_split(',', CXM_CSV_AT_ROW, NULL, 0, &end, &row_at), CXM_OK);
    assert_true(end == CXM_CSV_AT_ROW && row_at == -1);
    assert_int_equal(cxm_csv_split(',', CXM_CSV_AT_ROW, NULL, 1, &end, &row_at), CXM_E_ARG);
    assert_int_equal(cxm_csv_split('"', CXM_CSV_AT_ROW, "", 0, &end, &row_at), CXM_E_ARG);
    assert_int_equal(cxm_csv_split(0, CXM_CSV_AT_ROW, "", 0, &end, &row_at), CXM_E_ARG);
    assert_int_equal(cxm_csv_split(',', 0, "", 0, &end, &row_at), CXM_E_ARG);
    assert_int_equal(cxm_csv_split(',', 7, "", 0, &end, &row_at), CXM_E_ARG);
    assert_int_equal(cxm_csv_split(',', CXM_CSV_AT_ROW, "", 0, NULL, &row_at), CXM_E_ARG);
    assert_int_equal(cxm_csv_split(',', CXM_CSV_AT_ROW, "", 0, &end, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_create(NULL, NULL, &csv), CXM_OK);
    assert_int_equal(cxm_csv_resume(csv, &good), CXM_OK);
    assert_int_equal(cxm_csv_resume(NULL, &good), CXM_E_ARG);
    assert_int_equal(cxm_csv_resume(csv, NULL), CXM_E_ARG);
    --start.size;
    assert_int_equal(cxm_csv_resume(csv, &start), CXM_E_ABI);
    start = good, start.delimiter = 0;
    assert_int_equal(cxm_csv_resume(csv, &start), CXM_E_ARG);
    start = good, start.columns = 0;
    assert_int_equal(cxm_csv_resume(csv, &start), CXM_E_ARG);
    start = good, start.line = 0;
    assert_int_equal(cxm_csv_resume(csv, &start), CXM_E_ARG);
    start = good, start.reserved = 1;
    assert_int_equal(cxm_csv_resume(csv, &start), CXM_E_ARG);
    cxm_csv_free(csv);
}

/* A text long enough for several 64-byte blocks, cut at every single place. */
static void every_cut_of_a_long_text_reads_the_same(void **state)
{
    (void)state;
    static transcript want, got;
    static const char text[] = "\xEF\xBB\xBFid;\"score; 0-10\";comment\r\n1;9;\"said \"\"fine\"\"\r\nand left\"\r\n"
        "2;10;a comment that is long enough to reach over the whole of a block of sixty-four bytes\r\n3;;\n\n4;7\r5;\"\";\"x\"y";
    cxm_error error;
    read_all(NULL, text, sizeof text - 1, NO_SPLIT, 0, &want, &error);
    for (size_t first = 1; first < sizeof text - 1; ++first) {
        read_all(NULL, text, sizeof text - 1, first, 0, &got, &error);
        assert_string_equal(got.text, want.text);
    }
}

/* ---- bounds ---- */

static void assert_read(const cxm_csv_options *options, const char *text, cxm_status want, uint32_t column,
                        uint64_t offset, const char *sentence)
{
    static transcript got;
    for (size_t piece = 0; piece < 4; ++piece) {
        cxm_error error;
        assert_int_equal(read_all(options, text, strlen(text), piece ? piece : NO_SPLIT, 0, &got, &error), want);
        if (want == CXM_END) continue;
        assert_int_equal(error.status, want);
        assert_int_equal(error.column, column);
        assert_int_equal(error.byte_offset, offset);
        assert_string_equal(error.text, sentence);
        assert_int_equal(error.text_len, strlen(sentence));
    }
}

static void limits_hold_exactly(void **state)
{
    (void)state;
    cxm_csv_options field = {.size = sizeof field, .max_field_bytes = 3};
    cxm_csv_options columns = {.size = sizeof columns, .max_columns = 2, .delimiter = ','};
    cxm_csv_options row = {.size = sizeof row, .max_row_bytes = 6, .delimiter = ','};
    assert_read(&field, "abc,\"a\"\"c\"\n,abc", CXM_END, 0, 0, NULL);
    assert_read(&field, "a,b\nx,abcd\n", CXM_E_LIMIT, 2, 6, "The field that begins here is longer than the 3 bytes that "
                "a field may have; if that is right, allow longer fields.");
    assert_read(&field, "a,\"a\"\"cd\"", CXM_E_LIMIT, 2, 2, "The field that begins here is longer than the 3 bytes that a "
                "field may have; a missing quote is the usual cause, else allow longer fields.");
    assert_read(&columns, "a,b\n,\n1,2", CXM_END, 0, 0, NULL);
    assert_read(&columns, "a,b\n1,2,3\n", CXM_E_LIMIT, 3, 8, "The row that begins on line 2 has more than the 2 columns "
                "allowed; check the delimiter, or allow more columns.");
    assert_read(&row, "abc,ef\r\n\"bcde\"\n123456\r123456", CXM_END, 0, 0, NULL);
    assert_read(&row, "a,b\nabc,efg\n", CXM_E_LIMIT, 2, 10, "The row that begins on line 2 is longer than the 6 bytes that "
                "a row may have; if that is right, allow longer rows.");
    assert_read(&row, "a,b\n\"\n\",\"3456\n", CXM_E_LIMIT, 2, 8, "The quote opened here, on line 3, is still open after the "
                "6 bytes that a row may have; most likely its closing quote is missing.");
    row.delimiter = 0;
    assert_read(&row, "1,\"3456\n", CXM_E_LIMIT, 0, 2, "The quote opened here, on line 1, is still open after the 6 bytes "
                "that a row may have; most likely its closing quote is missing.");
    assert_read(&row, "1234567\n", CXM_E_LIMIT, 0, 6, "The row that begins on line 1 is longer than the 6 bytes that a row "
                "may have; if that is right, allow longer rows.");
}

static void sentences_say_what_to_do(void **state)
{
    (void)state;
    static transcript got;
    cxm_error error;
    assert_read(NULL, "a,b\n\"\n\",\"4\n", CXM_E_FORMAT, 2, 8, "The quote opened here, on line 3, is never closed; close it, "
                "and write a quote that is part of the text twice.");
    assert_read(NULL, "a,b;c", CXM_E_AMBIGUOUS, 0, 0, "Two delimiters stand equally often in the first row, so it can be "
                "read in two ways; say which of comma, semicolon, tab and bar it is.");
    assert_read(NULL, "\xFF\xFE", CXM_E_FORMAT, 0, 0, "This is UTF-16; convert it to UTF-8, for instance by saving it as "
                "CSV UTF-8.");
    read_all(NULL, "\xFF\xFE\0\0", 4, 1, 0, &got, &error);
    assert_string_equal(error.text, "This is UTF-32; convert it to UTF-8, for instance by saving it as CSV UTF-8.");
    read_all(NULL, "a\0", 2, 1, 0, &got, &error);
    assert_string_equal(error.text, "There is a zero byte here, so this is no UTF-8 text; it may be UTF-16 or a workbook: "
                        "convert it to UTF-8, or save it as CSV.");
}

/* ---- memory: a hook that counts, bounds and fails ---- */

typedef struct hostile {
    uint64_t used, peak, calls, fail_at;    /* call number that fails; 0 = none */
    bool from_then_on;
} hostile;

static bool refuses(hostile *h)
{
    ++h->calls;
    return h->fail_at && (h->from_then_on ? h->calls >= h->fail_at : h->calls == h->fail_at);
}

static void account(hostile *h, size_t gone, size_t come)
{
    assert_true(h->used >= gone);
    h->used = h->used - gone + come;
    if (h->used > h->peak) h->peak = h->used;
}

static void *hostile_alloc(void *ctx, size_t bytes)
{
    assert_true(bytes > 0);
    if (refuses(ctx)) return NULL;
    account(ctx, 0, bytes);
    return malloc(bytes);
}

static void *hostile_resize(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    assert_true(ptr && new_bytes > old_bytes);
    if (refuses(ctx)) return NULL;
    account(ctx, old_bytes, new_bytes);
    return realloc(ptr, new_bytes);
}

static void hostile_free(void *ctx, void *ptr, size_t bytes)
{
    assert_non_null(ptr);
    account(ctx, bytes, 0);
    free(ptr);
}

static cxm_status read_hostile(hostile *h, const cxm_csv_options *options, const char *text, size_t len, size_t piece)
{
    static transcript t;
    cxm_alloc hook = {h, hostile_alloc, hostile_resize, hostile_free};
    source from = {.bytes = text, .len = len, .piece = piece};
    cxm_error error = {.size = sizeof error};
    cxm_csv_row row = {.size = sizeof row};
    cxm_csv *csv = NULL;
    h->used = h->peak = h->calls = 0;
    t.len = 0;
    cxm_status status = cxm_csv_create(options, &hook, &csv);
    if (status == CXM_OK) status = read_with(csv, &from, &t, &error);
    if (csv && status == CXM_E_MEMORY) {
        assert_string_equal(error.text, "There was no memory left to hold this row.");
        h->fail_at = 0;                                 /* final, even when there is memory again */
        assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_E_MEMORY);
    }
    cxm_csv_free(csv);
    assert_int_equal(h->used, 0);
    assert_true(h->peak <= cxm_csv_bytes(options));
    return status;
}

/* Rows that make all three tables grow more than once, with and without a cut. */
static size_t growing_text(char *text)
{
    size_t len = 0;
    for (int row = 1; row < 6; ++row) {
        for (int i = 0; i < 12 * row; ++i) len += (size_t)sprintf(text + len, i % 5 ? ",%d" : ",\"%d\"\"\"", i);
        for (int i = 0; i < 400 * row; ++i) text[len++] = 'x';
        text[len++] = row % 2 ? '\r' : '\n';
    }
    return len;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    static char text[16384];
    static const size_t pieces[] = {NO_SPLIT, 1, 100, 1000};
    size_t len = growing_text(text), points = 0;
    cxm_csv_options options = {.size = sizeof options, .max_columns = 61, .max_row_bytes = 2500};
    for (size_t k = 0; k < COUNT_OF(pieces); ++k)
        for (int forever = 0; forever < 2; ++forever)
            for (uint64_t at = 1;; ++at) {
                hostile h = {.fail_at = at, .from_then_on = forever};
                cxm_status status = read_hostile(&h, &options, text, len, pieces[k]);
                if (status == CXM_END) break;
                assert_int_equal(status, CXM_E_MEMORY);
                ++points;
            }
    print_message("%zu failure points\n", points);
    assert_true(points >= 40);
}

/* The usual accident: a quote that is never closed, and the rest of the file behind it. */
static void an_endless_line_stays_within_its_bound(void **state)
{
    (void)state;
    static char piece[1 << 16];
    hostile h = {0};
    cxm_alloc hook = {&h, hostile_alloc, hostile_resize, hostile_free};
    cxm_csv_row row = {.size = sizeof row};
    cxm_error error = {.size = sizeof error};
    cxm_csv *csv = NULL;
    memset(piece, 'x', sizeof piece);
    assert_int_equal(cxm_csv_create(NULL, &hook, &csv), CXM_OK);
    assert_int_equal(cxm_csv_feed(csv, "a,b\n1,\"2\n", 9), CXM_OK);
    uint64_t fed = 9;
    cxm_status status;
    while ((status = cxm_csv_next(csv, &row, &error)) == CXM_OK || status == CXM_MORE)
        if (status == CXM_MORE) {
            assert_int_equal(cxm_csv_feed(csv, piece, sizeof piece), CXM_OK);
            fed += sizeof piece;
            assert_true(fed < UINT64_C(1) << 30);
        }
    assert_int_equal(status, CXM_E_LIMIT);
    assert_true(fed <= (4u << 20) + 2 * sizeof piece);
    assert_int_equal(error.byte_offset, 6);
    assert_int_equal(error.row, 2);
    assert_int_equal(error.column, 2);
    assert_non_null(strstr(error.text, "opened here, on line 2, is still open"));
    assert_int_equal(cxm_csv_feed(csv, piece, 1), CXM_E_LIMIT);         /* final */
    assert_int_equal(cxm_csv_finish(csv), CXM_E_LIMIT);
    assert_true(h.peak <= cxm_csv_bytes(NULL));
    cxm_csv_free(csv);
    assert_int_equal(h.used, 0);
}

/* ---- the calls ---- */

static void a_whole_row_is_not_copied(void **state)
{
    (void)state;
    static const char text[] = "a,b\nplain,\"quoted\"\n\"two\"\"\",x\n";
    hostile h = {0};
    cxm_alloc hook = {&h, hostile_alloc, hostile_resize, hostile_free};
    cxm_csv_row row = {.size = sizeof row};
    cxm_csv *csv = NULL;
    assert_int_equal(cxm_csv_create(NULL, &hook, &csv), CXM_OK);
    assert_int_equal(cxm_csv_feed(csv, text, sizeof text - 1), CXM_OK);
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_OK);
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_OK);
    assert_ptr_equal(row.fields[0].text, text + 4);
    assert_ptr_equal(row.fields[1].text, text + 11);
    assert_int_equal(row.fields[1].len, 6);
    uint64_t calls = h.calls;
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_OK);
    assert_int_equal(h.calls, calls + 1);                   /* room for the doubled quote, no more */
    assert_ptr_equal(row.fields[1].text, strchr(text, 'x'));
    cxm_csv_free(csv);
}

static void misuse_is_refused(void **state)
{
    (void)state;
    cxm_csv *csv = NULL;
    cxm_csv_row row = {.size = sizeof row}, small_row = {.size = sizeof row - 1};
    cxm_csv_info info = {.size = sizeof info}, small_info = {.size = sizeof info - 1};
    assert_int_equal(cxm_csv_create(NULL, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_create(NULL, &(cxm_alloc){0}, &csv), CXM_E_ARG);
    assert_int_equal(cxm_csv_feed(NULL, "", 0), CXM_E_ARG);
    assert_int_equal(cxm_csv_finish(NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_next(NULL, &row, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_info_get(NULL, &info), CXM_E_ARG);
    cxm_csv_free(NULL);
    assert_int_equal(cxm_csv_create(NULL, NULL, &csv), CXM_OK);
    assert_int_equal(cxm_csv_info_get(csv, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_info_get(csv, &small_info), CXM_E_ABI);
    assert_int_equal(cxm_csv_next(csv, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_csv_next(csv, &small_row, NULL), CXM_E_ABI);
    assert_int_equal(cxm_csv_feed(csv, NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_csv_feed(csv, NULL, 0), CXM_OK);
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_MORE);
    assert_int_equal(cxm_csv_feed(csv, "a\nb\n", 4), CXM_OK);
    assert_int_equal(cxm_csv_feed(csv, "c\n", 2), CXM_E_ARG);      /* unused bytes remain */
    assert_int_equal(cxm_csv_finish(csv), CXM_E_ARG);
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_OK);
    assert_int_equal(cxm_csv_feed(csv, "c\n", 2), CXM_E_ARG);
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_OK);
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_MORE);
    assert_int_equal(cxm_csv_finish(csv), CXM_OK);
    assert_int_equal(cxm_csv_finish(csv), CXM_OK);
    assert_int_equal(cxm_csv_feed(csv, "c\n", 2), CXM_E_ARG);
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_END);
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_END);
    cxm_csv_free(csv);
}

static void options_are_checked(void **state)
{
    (void)state;
    static const struct { cxm_csv_options options; cxm_status want; } rows[] = {
        {{.size = 24}, CXM_OK}, {{.size = 23}, CXM_E_ABI}, {{.size = 0}, CXM_E_ABI},
        {{.size = 24, .delimiter = 127}, CXM_OK}, {{.size = 24, .delimiter = 128}, CXM_E_ARG},
        {{.size = 24, .delimiter = -1}, CXM_E_ARG}, {{.size = 24, .delimiter = '"'}, CXM_E_ARG},
        {{.size = 24, .delimiter = '\r'}, CXM_E_ARG}, {{.size = 24, .delimiter = '\n'}, CXM_E_ARG},
        {{.size = 24, .reserved = 1}, CXM_E_ARG}, {{.size = 24, .max_columns = (1u << 24) + 1}, CXM_E_ARG},
        {{.size = 24, .max_row_bytes = (1u << 30) + 1}, CXM_E_ARG},
        {{.size = 24, .max_columns = 1u << 24, .max_row_bytes = 1u << 30, .max_field_bytes = UINT32_MAX}, CXM_OK},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_csv *csv = NULL;
        assert_int_equal(cxm_csv_create(&rows[i].options, NULL, &csv), rows[i].want);
        assert_int_equal(cxm_csv_bytes(&rows[i].options) != 0, rows[i].want == CXM_OK);
        assert_int_equal(csv != NULL, rows[i].want == CXM_OK);
        cxm_csv_free(csv);
    }
    struct { cxm_csv_options known; uint32_t later; } newer = {{.size = sizeof newer}, 0};
    assert_true(cxm_csv_bytes(&newer.known) == cxm_csv_bytes(NULL));
    newer.later = 1;
    assert_true(cxm_csv_bytes(&newer.known) == 0);
    assert_true(cxm_csv_bytes(NULL) >= (4u << 20));
}

static void nothing_is_written_but_results(void **state)
{
    (void)state;
    cxm_csv_row row = {.size = sizeof row, .row = 77}, before = row;
    cxm_error error = {.size = sizeof error, .row = 55}, quiet = error, small = {.size = 8, .row = 55};
    cxm_csv *csv = NULL;
    assert_int_equal(cxm_csv_create(NULL, NULL, &csv), CXM_OK);
    assert_int_equal(cxm_csv_next(csv, &row, &error), CXM_MORE);
    assert_memory_equal(&row, &before, sizeof row);
    assert_memory_equal(&error, &quiet, sizeof error);
    assert_int_equal(cxm_csv_feed(csv, "a,b;c\n", 6), CXM_OK);
    assert_int_equal(cxm_csv_next(csv, &row, &small), CXM_E_AMBIGUOUS);
    assert_int_equal(small.row, 55);
    assert_memory_equal(&row, &before, sizeof row);
    assert_int_equal(cxm_csv_next(csv, &row, &error), CXM_E_AMBIGUOUS);
    assert_int_equal(error.row, 1);
    cxm_csv_free(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_for_every_cut),
        cmocka_unit_test(the_reference_agrees_with_the_known_answers),
        cmocka_unit_test(random_texts_match_the_reference),
        cmocka_unit_test(tables_match_the_reference),
        cmocka_unit_test(batches_are_the_rows),
        cmocka_unit_test(batches_outside_the_contract),
        cmocka_unit_test(pieces_of_whole_rows_are_the_rows),
        cmocka_unit_test(a_row_of_many_quotes_is_split_too),
        cmocka_unit_test(transitions_join),
        cmocka_unit_test(splits_and_starts_outside_the_contract),
        cmocka_unit_test(every_cut_of_a_long_text_reads_the_same),
        cmocka_unit_test(limits_hold_exactly),
        cmocka_unit_test(sentences_say_what_to_do),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(an_endless_line_stays_within_its_bound),
        cmocka_unit_test(a_whole_row_is_not_copied),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(nothing_is_written_but_results),
    };
    return cmocka_run_group_tests_name("io/csv", tests, NULL, NULL);
}
