/* SPDX-License-Identifier: MIT */
/* csv_trouble.c - what the reader says when it gives up: a place, and a sentence that helps. */
#include "base/port.h"
#include "io/csv.h"
#include "base/error.h"
#include "base/writer.h"

/* `rel` is counted from the row's first byte. Offsets and counts are those of the row's start, so
 * they do not depend on how much of the row was seen. */
static cxm_status give_up(cxm_csv *csv, cxm_status status, uint32_t column, size_t rel, const char *text)
{
    error_place place = {csv->info.rows + 1, csv->row_at + rel, column};
    csv->info.bytes = csv->row_at;
    return error_set(&csv->failed, status, place, text);
}

/* A sentence in pieces: text and whole numbers. It ends in a NUL and is cut when it does not fit. */
typedef struct sentence { char text[CXM_ERROR_TEXT]; writer w; } sentence;

static sentence *say(sentence *s, const char *text)
{
    writer_text(&s->w, text);
    return s;
}

static sentence *begin(sentence *s, const char *text)
{
    memset(s->text, 0, sizeof s->text);
    s->w = (writer){s->text, sizeof s->text - 1, 0};
    return say(s, text);
}

static sentence *say_number(sentence *s, uint64_t n)
{
    char digits[20];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + n % 10); while (n /= 10);
    writer_bytes(&s->w, digits + at, sizeof digits - at);
    return s;
}

/* "The row that begins on line 12" */
static sentence *begin_row(sentence *s, const cxm_csv *csv)
{
    return say_number(begin(s, "The row that begins on line "), csv->line);
}

/* "The quote opened here, on line 12" */
static sentence *begin_quote(sentence *s, const cxm_csv *csv, const csv_quoting *quoting)
{
    return say_number(begin(s, "The quote opened here, on line "), csv->line + quoting->open_lines);
}

/* A row beyond its bound. A forgotten quote is the usual cause, so an open one is named. */
static cxm_status row_limit(cxm_csv *csv, const csv_quoting *quoting, uint32_t column)
{
    sentence s;
    uint32_t most = csv->scan.max_row;
    if (quoting->state == CSV_INSIDE) {
        say(begin_quote(&s, csv, quoting), ", is still open after the ");
        say(say_number(&s, most), " bytes that a row may have; most likely its closing quote is missing.");
        return give_up(csv, CXM_E_LIMIT, column, quoting->begin, s.text);
    }
    say(begin_row(&s, csv), " is longer than the ");
    say(say_number(&s, most), " bytes that a row may have; if that is right, allow longer rows.");
    return give_up(csv, CXM_E_LIMIT, column, most, s.text);
}

static cxm_status field_limit(cxm_csv *csv, uint32_t column)
{
    sentence s;
    const csv_quoting *quoting = &csv->scan.quoting;
    say_number(begin(&s, "The field that begins here is longer than the "), csv->scan.max_field);
    say(&s, " bytes that a field may have; ");
    say(&s, quoting->state == CSV_PLAIN ? "if that is right, allow longer fields."
                                        : "a missing quote is the usual cause, else allow longer fields.");
    return give_up(csv, CXM_E_LIMIT, column, quoting->begin, s.text);
}

static cxm_status column_limit(cxm_csv *csv, uint32_t column)
{
    sentence s;
    say(begin_row(&s, csv), " has more than the ");
    say(say_number(&s, csv->scan.max_columns), " columns allowed; check the delimiter, or allow more columns.");
    return give_up(csv, CXM_E_LIMIT, column, csv->scan.quoting.begin, s.text);
}

static cxm_status open_quote(cxm_csv *csv, uint32_t column)
{
    sentence s;
    const csv_quoting *quoting = &csv->scan.quoting;
    say(begin_quote(&s, csv, quoting), ", is never closed; close it, and write a quote that is part of the text twice.");
    return give_up(csv, CXM_E_FORMAT, column, quoting->begin, s.text);
}

static cxm_status nul_byte(cxm_csv *csv, uint32_t column, size_t rel)
{
    return give_up(csv, CXM_E_FORMAT, column, rel,
                   "There is a zero byte here, so this is no UTF-8 text; it may be UTF-16 or a workbook: "
                   "convert it to UTF-8, or save it as CSV.");
}

cxm_status csv_trouble(cxm_csv *csv, int32_t found, size_t rel)
{
    uint32_t column = csv->scan.count + 1;
    switch (found) {
    case CSV_NUL: return nul_byte(csv, column, rel);
    case CSV_ROW_LIMIT: return row_limit(csv, &csv->scan.quoting, column);
    case CSV_FIELD_LIMIT: return field_limit(csv, column);
    case CSV_COLUMN_LIMIT: return column_limit(csv, column);
    case CSV_OPEN_QUOTE: return open_quote(csv, column);
    default: return give_up(csv, CXM_E_MEMORY, 0, 0, "There was no memory left to hold this row.");
    }
}

cxm_status csv_trouble_detect(cxm_csv *csv, int32_t found)
{
    if (found == CSV_NUL) return nul_byte(csv, 0, csv->detect.len);
    return row_limit(csv, &csv->detect.quoting, 0);
}

cxm_status csv_trouble_ambiguous(cxm_csv *csv)
{
    return give_up(csv, CXM_E_AMBIGUOUS, 0, 0,
                   "Two delimiters stand equally often in the first row, so it can be read in two ways; "
                   "say which of comma, semicolon, tab and bar it is.");
}

cxm_status csv_trouble_encoding(cxm_csv *csv, const char *name)
{
    sentence s;
    say(say(begin(&s, "This is "), name), "; convert it to UTF-8, for instance by saving it as CSV UTF-8.");
    return give_up(csv, CXM_E_FORMAT, 0, 0, s.text);
}
