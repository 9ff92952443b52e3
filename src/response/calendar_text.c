/* SPDX-License-Identifier: MIT */
/* calendar_text.c - a calendar's text into its block.
 *
 * Lines become facts, one an opening, a holiday or a break; facts are sorted by kind, day and time, and then the week's hours
 * and those of each exceptional date are laid out: once to count them, once to write them.           */
#include "base/port.h"
#include "base/alloc.h"
#include "base/civil.h"
#include "base/error.h"
#include "base/text_scan.h"
#include "response/calendar_parts.h"

enum { DAY_S = 86400, WEEK_MINUTES = 10080, HOLIDAY_MOST = 366, FACTS_MOST = 1 << 20, OPENINGS_MOST = 1 << 22 };

/* Of a weekday, 0 Monday, or of a date. */
enum kind { WEEKLY, DATED, HOLIDAY, BREAK };
typedef struct fact { enum kind kind; int32_t day; opening open; uint32_t line; size_t at; } fact;

typedef struct parse {
    const char *start;
    view line;                  /* what is left of it */
    uint32_t number;
    fact *facts;
    size_t count, room;
    cxm_alloc hook;
    bool zone_told, starved;
    const char *why;            /* the first fault, and where */
    size_t fault_at;
    uint32_t fault_line;
} parse;

static bool fail_at(parse *p, uint32_t line, size_t at, const char *why)
{
    if (p->why) return false;
    p->why = why;
    p->fault_at = at;
    p->fault_line = line;
    return false;
}

static bool fail(parse *p, const char *why)
{
    return fail_at(p, p->number, (size_t)(p->line.at - p->start), why);
}

/* --- lines --- */

/* The next line without comment and the blanks around it; false at the end. */
static bool next_line(const char **at, const char *end, view *out)
{
    if (*at >= end) return false;
    const char *stop = memchr(*at, '\n', (size_t)(end - *at)), *next = stop ? stop + 1 : end;
    stop = stop ? stop : end;
    if (stop > *at && stop[-1] == '\r') --stop;
    const char *comment = *at;
    while (comment < stop && *comment != '#') ++comment;
    *out = view_trimmed(*at, (size_t)(comment - *at));
    *at = next;
    return true;
}

/* A word and the blanks behind it. */
static bool take_keyword(view *line, const char *word)
{
    view rest = *line;
    if (!take_word(&rest, word) || rest.at == rest.end || !is_blank(*rest.at)) return false;
    skip_blanks(&rest);
    *line = rest;
    return true;
}

static const char *skip_mark(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? text + 3 : text;
}

cxm_status cxm_calendar_zone_of(const char *text, size_t len, const char **name, size_t *name_len)
{
    view line, found = {text, text};
    if (!text || !name || !name_len) return CXM_E_ARG;
    const char *at = skip_mark(text, len), *end = text + len;
    while (next_line(&at, end, &line)) {
        if (!take_keyword(&line, "zone")) continue;
        if (view_left(&found)) return CXM_E_FORMAT;
        found = line;
    }
    *name = found.at;
    *name_len = view_left(&found);
    return CXM_OK;
}

/* --- facts --- */

static bool keep(parse *p, enum kind kind, int32_t day, opening open, size_t at)
{
    if (p->count == p->room) {
        size_t room = p->room ? 2 * p->room : 64;
        fact *larger = room <= FACTS_MOST ? alloc_zeroed(&p->hook, room, sizeof *larger) : NULL;
        if (!larger) return p->starved = true, false;
        if (p->count) memcpy(larger, p->facts, p->count * sizeof *larger);
        alloc_free(&p->hook, p->facts, p->room * sizeof *larger);
        p->facts = larger;
        p->room = room;
    }
    p->facts[p->count++] = (fact){kind, day, open, p->number, at};
    return true;
}

/* HH:MM or HH:MM:SS, up to 24:00. */
static bool take_time(parse *p, int32_t *out)
{
    view *v = &p->line;
    int32_t hour, minute, second = 0;
    bool ok = take_digits(v, 2, &hour) && take_char(v, ':') && take_digits(v, 2, &minute);
    if (ok && take_char(v, ':')) ok = take_digits(v, 2, &second);
    if (!ok || minute > 59 || second > 59) return fail(p, "a time is HH:MM or HH:MM:SS, up to 24:00");
    *out = 3600 * hour + 60 * minute + second;
    return *out <= DAY_S || fail(p, "a day ends at 24:00");
}

/* 09:00-12:00,13:00-17:00 */
static bool take_openings(parse *p, enum kind kind, int32_t day)
{
    do {
        opening open;
        size_t at = (size_t)(p->line.at - p->start);
        if (!take_time(p, &open.from)) return false;
        if (!take_char(&p->line, '-')) return fail(p, "hours are told as 09:00-17:00");
        if (!take_time(p, &open.to)) return false;
        if (open.from >= open.to)
            return fail(p, "these hours end before they begin; what is open over midnight is told as two stretches, to 24:00 and from 00:00");
        if (!keep(p, kind, day, open, at)) return false;
    } while (take_char(&p->line, ','));
    return true;
}

static bool take_weekday(view *v, int32_t *out)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (*out = 0; *out < 7; ++*out)
        if (take_word(v, names[*out])) return true;
    return false;
}

/* mon=...;tue=... */
static bool take_week(parse *p)
{
    do {
        int32_t day;
        skip_blanks(&p->line);
        if (!take_weekday(&p->line, &day) || !take_char(&p->line, '=')) return fail(p, "a weekday is mon, tue, wed, thu, fri, sat or sun, then =");
        if (!take_openings(p, WEEKLY, day)) return false;
        skip_blanks(&p->line);
    } while (take_char(&p->line, ';'));
    return true;
}

static bool take_date(parse *p, int32_t *day)
{
    civil_date date;
    view *v = &p->line;
    bool ok = take_digits(v, 4, &date.year) && take_char(v, '-') && take_digits(v, 2, &date.month) && take_char(v, '-') &&
              take_digits(v, 2, &date.day) && civil_valid(date);
    if (!ok) return fail(p, "a date is YYYY-MM-DD, of the calendar");
    *day = civil_days_from_date(date);
    return true;
}

/* 2026-12-25, or 2026-12-24..2026-12-31 */
static bool take_holiday(parse *p)
{
    int32_t from, to;
    size_t at = (size_t)(p->line.at - p->start);
    if (!take_date(p, &from)) return false;
    to = from;
    if (take_word(&p->line, "..") && !take_date(p, &to)) return false;
    if (to < from || to - from >= HOLIDAY_MOST) return fail(p, "a range of holidays ends after it begins, within a year");
    for (int32_t day = from; day <= to; ++day)
        if (!keep(p, HOLIDAY, day, (opening){0, DAY_S}, at)) return false;
    return true;
}

static bool take_dated(parse *p, enum kind kind)
{
    int32_t day;
    if (!take_date(p, &day)) return false;
    return take_char(&p->line, '=') ? take_openings(p, kind, day) : fail(p, "hours follow their date: 2026-12-24=09:00-13:00");
}

static bool take_minute(parse *p, int32_t *out)
{
    const char *first = p->line.at;
    for (*out = 0; p->line.at < p->line.end && is_digit(*p->line.at) && *out <= WEEK_MINUTES; ++p->line.at) *out = 10 * *out + (*p->line.at - '0');
    return (p->line.at > first && *out <= WEEK_MINUTES) || fail(p, "minutes of the week are 0 to 10080");
}

/* Minutes since the week began on `origin`, cut at midnights. */
static bool keep_minutes(parse *p, int32_t origin, int32_t from, int32_t to, size_t at)
{
    for (int32_t day = from / 1440; day <= 6; ++day) {
        int32_t begins = day * 1440, first = from > begins ? from - begins : 0, last = to < begins + 1440 ? to - begins : 1440;
        if (last <= first) break;
        if (!keep(p, WEEKLY, (origin + day) % 7, (opening){60 * first, 60 * last}, at)) return false;
    }
    return true;
}

/* sunday=540-1020,1980-2460 */
static bool take_minutes(parse *p)
{
    bool sunday = take_word(&p->line, "sunday=");
    if (!sunday && !take_word(&p->line, "monday=")) return fail(p, "a week begins on sunday= or monday=");
    do {
        int32_t from, to;
        size_t at = (size_t)(p->line.at - p->start);
        if (!take_minute(p, &from)) return false;
        if (!take_char(&p->line, '-')) return fail(p, "minutes are told as 540-1020");
        if (!take_minute(p, &to)) return false;
        if (from >= to) return fail(p, "these hours end before they begin");
        if (!keep_minutes(p, sunday ? 6 : 0, from, to, at)) return false;
    } while (take_char(&p->line, ','));
    return true;
}

static bool take_line(parse *p)
{
    view *line = &p->line;
    bool ok;
    if (line->at == line->end) return true;
    if (take_keyword(line, "zone")) {
        if (p->zone_told) return fail(p, "the zone is told twice");
        p->zone_told = true;
        return true;
    }
    if (take_keyword(line, "weekly")) ok = take_week(p);
    else if (take_keyword(line, "holiday")) ok = take_holiday(p);
    else if (take_keyword(line, "dated")) ok = take_dated(p, DATED);
    else if (take_keyword(line, "break")) ok = take_dated(p, BREAK);
    else if (take_keyword(line, "minutes")) ok = take_minutes(p);
    else return fail(p, "a line begins with zone, weekly, minutes, holiday, dated or break");
    return ok && (line->at == line->end || fail(p, "not understood here"));
}

static bool take_text(parse *p, const char *text, size_t len)
{
    const char *at = skip_mark(text, len), *end = text + len;
    bool ok = true;
    p->start = text;
    for (p->number = 1; ok && next_line(&at, end, &p->line); ++p->number) ok = take_line(p);
    return ok;
}

/* --- order --- */

static int compare_facts(const fact *x, const fact *y)
{
    if ((x->kind == WEEKLY) != (y->kind == WEEKLY)) return x->kind == WEEKLY ? -1 : 1;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->open.from != y->open.from) return x->open.from < y->open.from ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Lets the fact at `root` of a heap sink to its place. */
static void sift(fact *facts, size_t root, size_t count)
{
    fact moved = facts[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare_facts(&facts[child], &facts[child + 1]) < 0) ++child;
        if (compare_facts(&moved, &facts[child]) >= 0) break;
        facts[root] = facts[child];
    }
    facts[root] = moved;
}

/* Heapsort: qsort may allocate, and may take n^2 steps. */
static void sort_facts(fact *facts, size_t count)
{
    for (size_t i = count / 2; i-- > 0;) sift(facts, i, count);
    for (size_t left = count; left-- > 1;) {
        fact largest = facts[0];
        facts[0] = facts[left];
        facts[left] = largest;
        sift(facts, 0, left);
    }
}

/* Breaks and holidays may be told as often as one likes; hours that overlap are a slip. */
static bool check_facts(parse *p)
{
    for (size_t i = 1; i < p->count; ++i) {
        const fact *a = &p->facts[i - 1], *b = &p->facts[i];
        bool hours = a->kind == b->kind && a->day == b->day && (a->kind == WEEKLY || a->kind == DATED);
        const fact *later = a->at > b->at ? a : b;
        if (hours && b->open.from < a->open.to) return fail_at(p, later->line, later->at, "these hours overlap with others of the same day");
    }
    return true;
}

/* --- layout --- */

/* Writes into a calendar, or only counts where it has no room yet. */
typedef struct layout { cxm_calendar *c; uint32_t openings, specials; int64_t more; bool full; } layout;

/* Hours that touch are one. */
static void put_opening(layout *l, day_hours *day, opening open)
{
    opening *all = l->c->openings;
    if (day->count && all && all[l->openings - 1].to == open.from) {
        all[l->openings - 1].to = open.to;
    } else if (l->openings == OPENINGS_MOST) {
        l->full = true;
    } else {
        if (all) all[l->openings] = open;
        ++l->openings;
        ++day->count;
    }
    day->open += open.to - open.from;
}

/* What breaks leave of an opening; they rise by their start. */
static void put_without(layout *l, day_hours *day, opening open, const fact *breaks, size_t count)
{
    for (size_t i = 0; i < count && open.from < open.to; ++i) {
        opening gap = breaks[i].open;
        if (gap.to <= open.from || gap.from >= open.to) continue;
        if (gap.from > open.from) put_opening(l, day, (opening){open.from, gap.from});
        open.from = gap.to;
    }
    if (open.from < open.to) put_opening(l, day, open);
}

static void put_week(layout *l, const fact *facts, size_t count)
{
    size_t i = 0;
    for (int32_t weekday = 0; weekday < 7; ++weekday) {
        day_hours day = {.first = l->openings};
        for (; i < count && facts[i].day == weekday; ++i) put_opening(l, &day, facts[i].open);
        l->c->week[weekday] = day;
        l->c->before[weekday + 1] = l->c->before[weekday] + day.open;
    }
}

/* One exceptional date: its facts come as dated hours, holidays, breaks. */
static void put_special(layout *l, const fact *facts, size_t count, const fact *week, size_t week_count)
{
    size_t dated = 0, holidays = 0;
    day_hours day = {.first = l->openings};
    int32_t date = facts[0].day, weekday = civil_weekday(date);
    while (dated < count && facts[dated].kind == DATED) ++dated;
    while (dated + holidays < count && facts[dated + holidays].kind == HOLIDAY) ++holidays;
    const fact *breaks = facts + dated + holidays;
    size_t break_count = count - dated - holidays;
    for (size_t i = 0; i < dated && !holidays; ++i) put_without(l, &day, facts[i].open, breaks, break_count);
    for (size_t i = 0; i < week_count && !dated && !holidays && !l->full; ++i)
        if (week[i].day == weekday) put_without(l, &day, week[i].open, breaks, break_count);
    l->more += day.open - l->c->week[weekday].open;
    if (l->c->special) l->c->special[l->specials] = (special_day){date, day, l->more};
    ++l->specials;
}

static void put_all(layout *l, const parse *p)
{
    size_t week = 0;
    while (week < p->count && p->facts[week].kind == WEEKLY) ++week;
    put_week(l, p->facts, week);
    for (size_t i = week, n; i < p->count && !l->full; i += n) {
        for (n = 1; i + n < p->count && p->facts[i + n].day == p->facts[i].day;) ++n;
        put_special(l, p->facts + i, n, p->facts, week);
    }
}

static cxm_status build(parse *p, cxm_zone *zone, cxm_calendar **out)
{
    cxm_calendar counted = {.bytes = 0};
    layout l = {.c = &counted};
    put_all(&l, p);
    if (l.full) {
        fail_at(p, p->facts[p->count - 1].line, p->facts[p->count - 1].at, "breaks cut the days into more stretches than are kept");
        return CXM_E_FORMAT;
    }
    size_t bytes = sizeof counted + l.specials * sizeof(special_day) + l.openings * sizeof(opening);
    cxm_calendar *c = alloc_zeroed(&p->hook, 1, bytes);
    if (!c) return CXM_E_MEMORY;
    c->hook = p->hook;
    c->bytes = bytes;
    c->zone = zone;
    c->special_count = l.specials;
    c->special = (special_day *)(void *)(c + 1);
    c->openings = (opening *)(void *)(c->special + l.specials);
    l = (layout){.c = c};
    put_all(&l, p);
    *out = c;
    return CXM_OK;
}

cxm_status cxm_calendar_create(const char *text, size_t len, cxm_zone *zone, const cxm_alloc *alloc, cxm_calendar **out,
                               cxm_error *error)
{
    parse p = {.number = 1};
    if (!text || !zone || !out) return CXM_E_ARG;
    cxm_status status = alloc_choose(alloc, &p.hook);
    if (status != CXM_OK) return status;
    bool read = take_text(&p, text, len);
    if (read) sort_facts(p.facts, p.count);
    if (read) read = check_facts(&p);
    if (read) status = build(&p, zone, out);
    else status = p.starved ? CXM_E_MEMORY : CXM_E_FORMAT;
    if (status == CXM_E_FORMAT) error_set(error, CXM_E_FORMAT, (error_place){.row = p.fault_line, .byte_offset = p.fault_at}, p.why);
    alloc_free(&p.hook, p.facts, p.room * sizeof *p.facts);
    return status;
}
