/* SPDX-License-Identifier: MIT */
/* csv_trouble.c - what the reader says when it gives up: a place, and a sentence that helps. */
#include "base/port.h"
#include "io/csv.h"
#include "base/error.h"
#include <inttypes.h>
#include <stdio.h>

/* `rel` is counted from the row's first byte. Offsets and counts are those of the row's start, so
 * they do not depend on how much of the row was seen. */
static cxm_status give_up(cxm_csv *csv, cxm_status status, uint32_t column, size_t rel, const char *text)
{
    error_place place = {csv->info.rows + 1, csv->row_at + rel, column};
    csv->info.bytes = csv->row_at;
    return error_set(&csv->failed, status, place, text);
}

/* A row beyond its bound. A forgotten quote is the usual cause, so an open one is named. */
static cxm_status row_limit(cxm_csv *csv, const csv_quoting *quoting, uint32_t column)
{
    char text[CXM_ERROR_TEXT];
    uint32_t most = csv->scan.max_row;
    if (quoting->state == CSV_INSIDE) {
        snprintf(text, sizeof text, "The quote opened here, on line %" PRIu64 ", is still open after the %" PRIu32
                 " bytes that a row may have; most likely its closing quote is missing.",
                 csv->line + quoting->open_lines, most);
        return give_up(csv, CXM_E_LIMIT, column, quoting->begin, text);
    }
    snprintf(text, sizeof text, "The row that begins on line %" PRIu64 " is longer than the %" PRIu32
             " bytes that a row may have; if that is right, allow longer rows.", csv->line, most);
    return give_up(csv, CXM_E_LIMIT, column, most, text);
}

static cxm_status field_limit(cxm_csv *csv, uint32_t column)
{
    char text[CXM_ERROR_TEXT];
    const csv_quoting *quoting = &csv->scan.quoting;
    snprintf(text, sizeof text, "The field that begins here is longer than the %" PRIu32
             " bytes that a field may have; %s.", csv->scan.max_field,
             quoting->state == CSV_PLAIN ? "if that is right, allow longer fields"
                                         : "a missing quote is the usual cause, else allow longer fields");
    return give_up(csv, CXM_E_LIMIT, column, quoting->begin, text);
}

static cxm_status column_limit(cxm_csv *csv, uint32_t column)
{
    char text[CXM_ERROR_TEXT];
    snprintf(text, sizeof text, "The row that begins on line %" PRIu64 " has more than the %" PRIu32
             " columns allowed; check the delimiter, or allow more columns.", csv->line, csv->scan.max_columns);
    return give_up(csv, CXM_E_LIMIT, column, csv->scan.quoting.begin, text);
}

static cxm_status open_quote(cxm_csv *csv, uint32_t column)
{
    char text[CXM_ERROR_TEXT];
    const csv_quoting *quoting = &csv->scan.quoting;
    snprintf(text, sizeof text, "The quote opened here, on line %" PRIu64 ", is never closed; close it, and write "
             "a quote that is part of the text twice.", csv->line + quoting->open_lines);
    return give_up(csv, CXM_E_FORMAT, column, quoting->begin, text);
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
    char text[CXM_ERROR_TEXT];
    snprintf(text, sizeof text, "This is %s; convert it to UTF-8, for instance by saving it as CSV UTF-8.", name);
    return give_up(csv, CXM_E_FORMAT, 0, 0, text);
}
