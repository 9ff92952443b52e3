/* SPDX-License-Identifier: MIT */
/* csv_split.c - the places of csv.h followed over a piece of text.
 *
 * Only quotes take thought, and they are few: between two of them the place is either inside quotes or
 * outside. Outside, a quote opens where the byte before it is a delimiter or a line end, or where the text
 * began at a row or a field; anywhere else it is text. Inside, the next quote leaves, and one right behind
 * it comes back. So memchr goes from quote to quote, and line ends are sought backwards from where
 * an outside stretch ends: each byte is looked at twice at the most.                     */
#include "base/port.h"
#include "io/csv.h"
#include <string.h>

typedef struct walk {
    const uint8_t *bytes;
    size_t len, at;
    int32_t place;          /* of byte `at` */
    int64_t row_at;
    uint8_t delimiter;
} walk;

static bool is_line_end(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

/* The latest row end in the outside stretch [w->at, end). */
static void note_row(walk *w, size_t end)
{
    if (end == w->len && end > w->at && w->bytes[end - 1] == '\r') --end;      /* told with the next bytes */
    while (end > w->at && !is_line_end(w->bytes[end - 1])) --end;
    if (end > w->at) w->row_at = (int64_t)end;
}

/* The next quote that opens a field; w->len when there is none. */
static size_t opening(const walk *w)
{
    for (size_t at = w->at; at < w->len; ++at) {
        const uint8_t *quote = memchr(w->bytes + at, '"', w->len - at);
        if (!quote) break;
        at = (size_t)(quote - w->bytes);
        bool begins = at > w->at ? quote[-1] == w->delimiter || is_line_end(quote[-1]) : w->place != CXM_CSV_IN_TEXT;
        if (begins) return at;
    }
    return w->len;
}

static int32_t place_behind(const walk *w)
{
    if (w->at == w->len) return w->place;
    uint8_t last = w->bytes[w->len - 1];
    return last == '\r' ? CXM_CSV_BEHIND_CR : last == '\n' ? CXM_CSV_AT_ROW : last == w->delimiter ? CXM_CSV_AT_FIELD
                                                                                                 : CXM_CSV_IN_TEXT;
}

static void walk_outside(walk *w)
{
    size_t quote = opening(w);
    int32_t behind = quote < w->len ? CXM_CSV_IN_QUOTES : place_behind(w);
    note_row(w, quote);
    w->place = behind;
    w->at = quote < w->len ? quote + 1 : w->len;
}

static void walk_inside(walk *w)
{
    const uint8_t *quote = memchr(w->bytes + w->at, '"', w->len - w->at);
    if (quote) w->place = CXM_CSV_BEHIND_QUOTE;
    w->at = quote ? (size_t)(quote - w->bytes) + 1 : w->len;
}

static void walk_on(walk *w)
{
    if (w->place == CXM_CSV_IN_QUOTES) {
        walk_inside(w);
    } else if (w->place == CXM_CSV_BEHIND_QUOTE) {
        bool doubled = w->bytes[w->at] == '"';
        w->place = doubled ? CXM_CSV_IN_QUOTES : CXM_CSV_IN_TEXT;
        w->at += doubled;
    } else if (w->place == CXM_CSV_BEHIND_CR) {
        w->at += w->bytes[w->at] == '\n';
        w->row_at = (int64_t)w->at;
        w->place = CXM_CSV_AT_ROW;
    } else {
        walk_outside(w);
    }
}

cxm_status cxm_csv_split(int32_t delimiter, int32_t place, const void *bytes, size_t len, int32_t *end, int64_t *row_at)
{
    if ((!bytes && len) || !end || !row_at || !csv_delimiter_ok(delimiter)) return CXM_E_ARG;
    if (place < CXM_CSV_AT_ROW || place > CXM_CSV_BEHIND_CR) return CXM_E_ARG;
    walk w = {.bytes = bytes, .len = len, .place = place, .row_at = -1, .delimiter = (uint8_t)delimiter};
    while (w.at < w.len) walk_on(&w);
    *end = w.place;
    *row_at = w.row_at;
    return CXM_OK;
}
