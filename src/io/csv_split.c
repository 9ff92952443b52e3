/* SPDX-License-Identifier: MIT */
/* csv_split.c - the places of csv.h followed over a piece of text.
 *
 * Only quotes take thought, and they are few: between two of them the place is either inside quotes or
 * outside. Outside, a quote opens where the byte before it is a delimiter or a line end, or where the text
 * began at a row or a field; anywhere else it is text. Inside, the next quote leaves, and one right behind
 * it comes back. So the walk goes from quote to quote, by the marks of 64 bytes at once. The latest row end is sought backwards, when all is walked,
 * through the latest stretches outside quotes; only where they hold none does a second walk look into each.  */
#include "base/port.h"
#include "io/csv.h"
#include "base/bits.h"
#include <string.h>

enum { STRETCHES = 32, MARKED = 64 };

/* Bytes from `at` to `end` that are outside quotes. */
typedef struct stretch { size_t at, end; } stretch;

typedef struct walk {
    const uint8_t *bytes;
    size_t len, at;
    const csv_way *way;
    size_t block;           /* `quotes` are those from here on, within CSV_BLOCK bytes, that were not met yet */
    uint64_t quotes;
    uint32_t next, marked;  /* marks of the blocks behind it */
    uint64_t marks[MARKED];
    int32_t place;          /* of byte `at` */
    int64_t row_at;
    uint8_t delimiter;
    bool eager;             /* look for row ends on the way */
    uint64_t met;           /* stretches outside quotes; the latest of them: */
    stretch latest[STRETCHES];
} walk;

static bool is_line_end(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

/* The latest row end in a stretch outside quotes. */
static void note_row(walk *w, stretch s)
{
    size_t end = s.end;
    if (end == w->len && end > s.at && w->bytes[end - 1] == '\r') --end;       /* told with the next bytes */
    while (end > s.at && !is_line_end(w->bytes[end - 1])) --end;
    if (end > s.at) w->row_at = (int64_t)end;
}

/* Marks the quotes of some blocks from `at` on; the last one may be cut by the end. */
static void mark(walk *w, size_t at)
{
    size_t whole = (w->len - at) / CSV_BLOCK, rest = (w->len - at) % CSV_BLOCK;
    uint8_t tail[CSV_BLOCK] = {0};
    w->next = 0;
    w->marked = whole < MARKED ? (uint32_t)whole : MARKED;
    w->way->mark_quotes(w->bytes + at, w->marked, w->marks);
    if (whole >= MARKED || rest == 0) return;
    memcpy(tail, w->bytes + w->len - rest, rest);
    w->way->mark_quotes(tail, 1, &w->marks[w->marked++]);
}

/* Meets the next quote; w->len when there is none. */
static inline size_t next_quote(walk *w)
{
    while (!w->quotes) {
        if (w->len - w->block <= CSV_BLOCK) return w->len;
        w->block += CSV_BLOCK;
        if (w->next == w->marked) mark(w, w->block);
        w->quotes = w->marks[w->next++];
    }
    size_t at = w->block + lowest_bit64(w->quotes);
    w->quotes &= w->quotes - 1;
    return at;
}

/* The next quote that opens a field; w->len when there is none. */
static size_t opening(walk *w)
{
    size_t at;
    while ((at = next_quote(w)) < w->len) {
        bool begins = at > w->at ? w->bytes[at - 1] == w->delimiter || is_line_end(w->bytes[at - 1]) : w->place != CXM_CSV_IN_TEXT;
        if (begins) break;
    }
    return at;
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
    stretch outside = {w->at, quote};
    if (w->eager) note_row(w, outside);
    else w->latest[w->met++ % STRETCHES] = outside;
    w->place = behind;
    w->at = quote < w->len ? quote + 1 : w->len;
}

static void walk_inside(walk *w)
{
    size_t quote = next_quote(w);
    if (quote < w->len) w->place = CXM_CSV_BEHIND_QUOTE;
    w->at = quote < w->len ? quote + 1 : w->len;
}

static void walk_on(walk *w)
{
    if (w->place == CXM_CSV_IN_QUOTES) {
        walk_inside(w);
    } else if (w->place == CXM_CSV_BEHIND_QUOTE) {
        bool doubled = w->bytes[w->at] == '"';
        w->place = doubled ? CXM_CSV_IN_QUOTES : CXM_CSV_IN_TEXT;
        if (doubled) w->at = next_quote(w) + 1;
    } else if (w->place == CXM_CSV_BEHIND_CR) {
        w->at += w->bytes[w->at] == '\n';
        w->row_at = (int64_t)w->at;
        w->place = CXM_CSV_AT_ROW;
    } else {
        walk_outside(w);
    }
}

/* From the latest stretch backwards; false when there were more than are known and these hold no row end. */
static bool find_row(walk *w)
{
    int64_t first = w->row_at;              /* behind the LF of a CR LF, before all stretches */
    uint64_t known = w->met < STRETCHES ? w->met : STRETCHES;
    for (uint64_t back = 1; back <= known; ++back) {
        note_row(w, w->latest[(w->met - back) % STRETCHES]);
        if (w->row_at != first) return true;
    }
    return w->met <= STRETCHES;
}

static void walk_all(walk *w, int32_t place, bool eager)
{
    w->at = w->block = 0, w->place = place, w->eager = eager;
    if (w->len == 0) return;
    mark(w, 0);
    w->quotes = w->marks[w->next++];
    while (w->at < w->len) walk_on(w);
}

cxm_status cxm_csv_split(int32_t delimiter, int32_t place, const void *bytes, size_t len, int32_t *end, int64_t *row_at)
{
    if ((!bytes && len) || !end || !row_at || !csv_delimiter_ok(delimiter)) return CXM_E_ARG;
    if (place < CXM_CSV_AT_ROW || place > CXM_CSV_BEHIND_CR) return CXM_E_ARG;
    walk w;
    w.bytes = bytes, w.len = len, w.row_at = -1, w.way = csv_way_best();
    w.delimiter = (uint8_t)delimiter, w.met = 0;
    walk_all(&w, place, false);
    if (!find_row(&w)) walk_all(&w, place, true);
    *end = w.place;
    *row_at = w.row_at;
    return CXM_OK;
}
