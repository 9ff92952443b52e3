/* SPDX-License-Identifier: MIT */
/* test_zone_posix.c - POSIX TZ text beside a calendar that counts days one by one.
 *
 * The calendar here has no formula in common with the library: years are laid out from year -1 on by their lengths, days of a
 * month are walked for their weekday, all changes of all years are sorted, and each is asked for.     */
#include <cxm/zone.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

#define US INT64_C(1000000)
#define FIRST INT64_C(-62135596800000000)       /* 0001-01-01T00:00:00Z, a Monday */
#define LAST INT64_C(253402300799999999)        /* 9999-12-31T23:59:59.999999Z */
enum { FIRST_YEAR = -1, LAST_YEAR = 10000, YEARS = LAST_YEAR - FIRST_YEAR + 1 };

/* --- days, counted from 0001-01-01 --- */

static int64_t year_start[YEARS + 1];

static bool is_long(int year)
{
    return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
}

static void lay_out_years(void)
{
    year_start[0] = -(365 + 366);               /* years -1 and 0 */
    for (int i = 0; i < YEARS; ++i) year_start[i + 1] = year_start[i] + (is_long(FIRST_YEAR + i) ? 366 : 365);
    assert_true(year_start[1 - FIRST_YEAR] == 0 && year_start[1970 - FIRST_YEAR] == 719162);
}

static int sunday_based(int64_t day)
{
    return (int)(((day + 1) % 7 + 7) % 7);
}

/* form 'M', 'J' or 'n'; `time_s` may reach into other days. */
typedef struct when { char form; int month, week, day; int32_t time_s; } when;
typedef struct rule { int32_t standard, summer; when start, end; } rule;

static int64_t day_of(const when *w, int year)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t january = year_start[year - FIRST_YEAR], best = 0;
    if (w->form == 'n') return january + w->day;
    if (w->form == 'J') {
        int64_t day = january;
        for (int left = w->day - 1, month = 0, in_month = 1; left > 0; --left) {
            ++day;
            if (++in_month > lengths[month]) ++month, in_month = 1;
            if (month == 2 && in_month == 1 && is_long(year)) ++day;          /* over 29 February */
        }
        return day;
    }
    int64_t first = january;
    for (int m = 0; m < w->month - 1; ++m) first += lengths[m] + (m == 1 && is_long(year));
    int length = lengths[w->month - 1] + (w->month == 2 && is_long(year));
    for (int d = 0, found = 0; d < length; ++d)
        if (sunday_based(first + d) == w->day && ++found <= w->week) best = first + d;
    return best;
}

typedef struct change { int64_t at_s; int32_t offset; int rank; } change;
static change all[2 * YEARS];
static size_t changes;

static int compare_changes(const void *a, const void *b)
{
    const change *x = a, *y = b;
    if (x->at_s != y->at_s) return x->at_s < y->at_s ? -1 : 1;
    return x->rank - y->rank;
}

/* All changes in their order, summer's start after its end where both are one instant; equal ones joined. */
static void lay_out_changes(const rule *r)
{
    size_t count = 0;
    for (int year = FIRST_YEAR; year <= LAST_YEAR; ++year) {
        int64_t start = day_of(&r->start, year) * 86400 + r->start.time_s - r->standard, end = day_of(&r->end, year) * 86400 + r->end.time_s - r->summer;
        all[count++] = (change){start + FIRST / US, r->summer, 1};
        all[count++] = (change){end + FIRST / US, r->standard, 0};
    }
    qsort(all, count, sizeof *all, compare_changes);
    changes = 0;
    for (size_t i = 0; i < count; ++i) {
        if (i + 1 < count && all[i + 1].at_s == all[i].at_s) continue;
        if (changes && all[changes - 1].offset == all[i].offset) continue;
        all[changes++] = all[i];
    }
}

/* Whether summer both starts and ends at one instant: text that says two things. */
static bool says_two_things(const rule *r)
{
    for (int year = FIRST_YEAR + 1; year < LAST_YEAR; ++year) {
        int64_t start = day_of(&r->start, year) * 86400 + r->start.time_s - r->standard;
        for (int y = year - 1; y <= year + 1; ++y)
            if (start == day_of(&r->end, y) * 86400 + r->end.time_s - r->summer) return true;
    }
    return false;
}

/* --- a zone beside it --- */

static int32_t offset_at(const cxm_zone *zone, int64_t at_us)
{
    int32_t offset = INT32_MIN;
    assert_int_equal(cxm_zone_offset(zone, at_us, &offset, NULL, NULL), CXM_OK);
    return offset;
}

static cxm_zone *zone_of(const char *text)
{
    cxm_zone *zone = NULL;
    cxm_error error = {.size = sizeof error};
    size_t len = strlen(text);
    char *exact = malloc(len);
    assert_non_null(exact);
    memcpy(exact, text, len);
    if (cxm_zone_from_posix(exact, len, NULL, &zone, &error) != CXM_OK) fail_msg("%s: byte %d: %s", text, (int)error.byte_offset, error.text);
    free(exact);
    return zone;
}

/* Between one change and the next the zone is asked at both ends; its stretches lie within and leave no gap. */
static void assert_stretch(const cxm_zone *zone, const char *text, int64_t from_us, int64_t end_us, int32_t want)
{
    for (int64_t at = from_us, until; at < end_us; at = until) {
        int32_t offset;
        int64_t from;
        assert_int_equal(cxm_zone_offset(zone, at, &offset, &from, &until), CXM_OK);
        if (offset != want) fail_msg("%s at %lld: %d, wanted %d", text, (long long)(at / US), (int)offset, (int)want);
        if (from != at || until <= at || until > end_us)
            fail_msg("%s at %lld: from %lld until %lld, wanted up to %lld", text, (long long)at, (long long)from, (long long)until, (long long)end_us);
        assert_int_equal(offset_at(zone, until - 1), want);
    }
}

static void assert_as_counted(const cxm_zone *zone, const char *text, const rule *r)
{
    lay_out_changes(r);
    size_t i = 0;
    while (i + 1 < changes && all[i + 1].at_s * US <= FIRST) ++i;
    for (int64_t at = FIRST; at <= LAST; ++i) {
        int64_t end = i + 1 < changes && all[i + 1].at_s * US <= LAST ? all[i + 1].at_s * US : LAST + 1;
        assert_stretch(zone, text, at, end, all[i].offset);
        at = end;
    }
}

/* --- rules in use, and each form at its limits --- */

#define H 3600
static const struct { const char *text; rule r; } rules[] = {
    {"EST5EDT,M3.2.0,M11.1.0", {-5 * H, -4 * H, {'M', 3, 2, 0, 7200}, {'M', 11, 1, 0, 7200}}},
    {"CET-1CEST,M3.5.0,M10.5.0/3", {H, 2 * H, {'M', 3, 5, 0, 7200}, {'M', 10, 5, 0, 10800}}},
    {"IST-1GMT0,M10.5.0,M3.5.0/1", {H, 0, {'M', 10, 5, 0, 7200}, {'M', 3, 5, 0, 3600}}},                   /* Europe/Dublin */
    {"AEST-10AEDT,M10.1.0,M4.1.0/3", {10 * H, 11 * H, {'M', 10, 1, 0, 7200}, {'M', 4, 1, 0, 10800}}},
    {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", {37800, 11 * H, {'M', 10, 1, 0, 7200}, {'M', 4, 1, 0, 7200}}},        /* Lord Howe */
    {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", {-2 * H, -H, {'M', 3, 5, 0, -3600}, {'M', 10, 5, 0, 0}}},          /* America/Nuuk */
    {"EET-2EEST,M3.4.4/50,M10.4.4/50", {2 * H, 3 * H, {'M', 3, 4, 4, 50 * H}, {'M', 10, 4, 4, 50 * H}}},   /* Asia/Gaza */
    {"IST-2IDT,M3.4.4/26,M10.5.0", {2 * H, 3 * H, {'M', 3, 4, 4, 26 * H}, {'M', 10, 5, 0, 7200}}},         /* Asia/Jerusalem */
    {"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", {45900, 49500, {'M', 9, 5, 0, 9900}, {'M', 4, 1, 0, 13500}}}, /* Chatham */
    {"AAA0BBB,J60/0,J300/0", {0, H, {'J', 0, 0, 60, 0}, {'J', 0, 0, 300, 0}}},
    {"AAA0BBB,J59/24,J365/0", {0, H, {'J', 0, 0, 59, 24 * H}, {'J', 0, 0, 365, 0}}},
    {"AAA0BBB,59,300", {0, H, {'n', 0, 0, 59, 7200}, {'n', 0, 0, 300, 7200}}},
    {"AAA0BBB,60/-1:30:15,364", {0, H, {'n', 0, 0, 60, -5415}, {'n', 0, 0, 364, 7200}}},
    {"AAA-24BBB24,J32,J200", {24 * H, -24 * H, {'J', 0, 0, 32, 7200}, {'J', 0, 0, 200, 7200}}},
    {"AAA24:59:59BBB-24:59:59,J32,J200", {-89999, 89999, {'J', 0, 0, 32, 7200}, {'J', 0, 0, 200, 7200}}},
    {"AAA0BBB-0:00:01,0/0,365/0", {0, 1, {'n', 0, 0, 0, 0}, {'n', 0, 0, 365, 0}}},
    {"ABC3DEF,M2.5.6/167,M9.1.1/-167", {-3 * H, -2 * H, {'M', 2, 5, 6, 167 * H}, {'M', 9, 1, 1, -167 * H}}},
    {"ABC3DEF,M2.5.3/-167:59:59,M2.5.4/167:59:59", {-3 * H, -2 * H, {'M', 2, 5, 3, -604799}, {'M', 2, 5, 4, 604799}}},
    {"XXX3EDT4,0/0,J365/23", {-3 * H, -4 * H, {'n', 0, 0, 0, 0}, {'J', 0, 0, 365, 23 * H}}},               /* summer all year */
    {"AAA-3BBB,M1.1.1/0,M12.5.0/24", {3 * H, 4 * H, {'M', 1, 1, 1, 0}, {'M', 12, 5, 0, 24 * H}}},
    {"AAA3BBB3,M3.1.0,M9.1.0", {-3 * H, -3 * H, {'M', 3, 1, 0, 7200}, {'M', 9, 1, 0, 7200}}},              /* a change of name alone */
};

static void rules_over_all_years(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); ++i) {
        cxm_zone *zone = zone_of(rules[i].text);
        print_message("%s\n", rules[i].text);
        assert_as_counted(zone, rules[i].text, &rules[i].r);
        print_message("  %zu changes\n", changes);
        cxm_zone_free(zone);
    }
}

static int write_time(char *to, int32_t time_s)
{
    int32_t t = abs(time_s);
    return sprintf(to, "%s%d:%02d:%02d", time_s < 0 ? "-" : "", (int)(t / 3600), (int)(t / 60 % 60), (int)(t % 60));
}

static int write_when(char *to, const when *w)
{
    int len = w->form == 'M' ? sprintf(to, ",M%d.%d.%d/", w->month, w->week, w->day)
              : sprintf(to, w->form == 'J' ? ",J%d/" : ",%d/", w->day);
    return len + write_time(to + len, w->time_s);
}

static when random_when(uint64_t *seed, int month)
{
    static const char forms[] = "MJn";
    uint64_t r = test_rand(seed);
    when w = {forms[r % 3], month, (int)(r / 8 % 5) + 1, 0, (int32_t)(test_rand(seed) % 1209599) - 604799};
    int day = (month - 1) * 30 + (int)(r / 64 % 30);
    w.day = w.form == 'M' ? day % 7 : w.form == 'J' ? day + 1 : day;
    if (r / 4096 % 2) w.time_s = w.time_s / 86400 * 3600;
    return w;
}

/* Rules of any forms and times, summer's start and end some months apart. */
static void random_rules_over_all_years(void **state)
{
    (void)state;
    uint64_t seed = 20261130;
    for (int trial = 0; trial < 60; ++trial) {
        if (test_left_out()) continue;
        char text[200];
        int month = (int)(test_rand(&seed) % 10) + 2, other = 2 + (month - 2 + 2 + (int)(test_rand(&seed) % 7)) % 10;
        rule r = {(int32_t)(test_rand(&seed) % 172800) - 86400, (int32_t)(test_rand(&seed) % 172800) - 86400, random_when(&seed, month), random_when(&seed, other)};
        int len = sprintf(text, "<+%d>", 10 + trial);
        len += write_time(text + len, -r.standard);
        len += sprintf(text + len, "SUM");
        len += write_time(text + len, -r.summer);
        len += write_when(text + len, &r.start);
        write_when(text + len, &r.end);
        if (r.standard == r.summer || says_two_things(&r)) continue;
        cxm_zone *zone = zone_of(text);
        assert_as_counted(zone, text, &r);
        cxm_zone_free(zone);
    }
}

/* Times reach over the new year, so that changes of one year fall among those of the next. */
static void rules_that_cross_the_new_year(void **state)
{
    (void)state;
    static const struct { const char *text; rule r; } rows[] = {
        {"AAA3BBB,J365/167,J180/0", {-3 * H, -2 * H, {'J', 0, 0, 365, 167 * H}, {'J', 0, 0, 180, 0}}},
        {"AAA3BBB,J180/0,365/167", {-3 * H, -2 * H, {'J', 0, 0, 180, 0}, {'n', 0, 0, 365, 167 * H}}},
        {"AAA3BBB,M1.1.1/-167,M7.1.1", {-3 * H, -2 * H, {'M', 1, 1, 1, -167 * H}, {'M', 7, 1, 1, 7200}}},
        {"AAA-14BBB-15,0/-167,J60", {14 * H, 15 * H, {'n', 0, 0, 0, -167 * H}, {'J', 0, 0, 60, 7200}}},
        {"AAA3BBB,J365/167,J1/0", {-3 * H, -2 * H, {'J', 0, 0, 365, 167 * H}, {'J', 0, 0, 1, 0}}},
        {"AAA3BBB,J1/0,J365/167", {-3 * H, -2 * H, {'J', 0, 0, 1, 0}, {'J', 0, 0, 365, 167 * H}}},
        {"AAA3BBB,M12.5.0/160,M1.1.0/-160", {-3 * H, -2 * H, {'M', 12, 5, 0, 160 * H}, {'M', 1, 1, 0, -160 * H}}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_zone *zone = zone_of(rows[i].text);
        print_message("%s\n", rows[i].text);
        assert_as_counted(zone, rows[i].text, &rows[i].r);
        cxm_zone_free(zone);
    }
}

/* Dates that anyone can look up: the first and last years, leap days, centuries with and without. */
static void dates_to_look_up(void **state)
{
    (void)state;
    static const struct { const char *text; int64_t at_s; int32_t before, after; } rows[] = {
        {"EST5EDT,M3.2.0,M11.1.0", INT64_C(1772953200), -18000, -14400},           /* 2026-03-08T07:00Z */
        {"EST5EDT,M3.2.0,M11.1.0", INT64_C(1793512800), -14400, -18000},           /* 2026-11-01T06:00Z */
        {"CET-1CEST,M3.5.0,M10.5.0/3", INT64_C(1774746000), 3600, 7200},           /* 2026-03-29T01:00Z */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", INT64_C(1774746000), 0, 3600},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", INT64_C(1792890000), 3600, 0},              /* 2026-10-25T01:00Z */
        {"AAA0BBB,J60/0,J300/0", INT64_C(951868800), 0, 3600},                     /* 2000-03-01, a leap year */
        {"AAA0BBB,59/0,J300/0", INT64_C(951782400), 0, 3600},                      /* 2000-02-29 */
        {"AAA0BBB,J60/0,J300/0", INT64_C(4107542400), 0, 3600},                    /* 2100-03-01, none */
        {"AAA0BBB,59/0,J300/0", INT64_C(4107542400), 0, 3600},
        {"AAA0BBB,J60/0,J300/0", INT64_C(253375862400), 0, 3600},                  /* 9999-03-01 */
        {"AAA0BBB,J60/0,J300/0", INT64_C(-62130499200), 0, 3600},                  /* 0001-03-01 */
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_zone *zone = zone_of(rows[i].text);
        print_message("%s\n", rows[i].text);
        assert_int_equal(offset_at(zone, rows[i].at_s * US - 1), rows[i].before);
        assert_int_equal(offset_at(zone, rows[i].at_s * US), rows[i].after);
        cxm_zone_free(zone);
    }
}

/* --- text --- */

static void forms_without_summer(void **state)
{
    (void)state;
    static const struct { const char *text; int32_t offset; } rows[] = {
        {"UTC0", 0}, {"EST5", -18000}, {"EST+5", -18000}, {"IST-5:30", 19800}, {"<+0530>-5:30", 19800}, {"<-03>3", -10800}, {"<-00>0", 0},
        {"<+0545>-05:45", 20700}, {"LMT0:01:15", -75}, {"abcdefghijklmnopqrstuvwxyz-24", 86400}, {"XYZ24", -86400}, {"AAA-0", 0},
        {"AAA24:59:59", -89999}, {"AAA-24:59:59", 89999}, {"<a1+->05", -18000},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        int32_t offset;
        int64_t from, until;
        cxm_zone *zone = zone_of(rows[i].text);
        assert_int_equal(cxm_zone_offset(zone, 0, &offset, &from, &until), CXM_OK);
        assert_int_equal(offset, rows[i].offset);
        assert_true(from == FIRST && until == LAST + 1);
        cxm_zone_free(zone);
    }
}

/* The byte is the first that cannot stand there, or the end of what can. */
static void faults_tell_their_byte(void **state)
{
    (void)state;
    static const struct { const char *text; size_t at; const char *why; } rows[] = {
        {"", 0, "name"}, {"5", 0, "name"}, {"AB5", 2, "name"}, {"<AB>5", 3, "name"}, {"<ABC5", 5, "name"}, {"<AB C>5", 3, "name"}, {"A\xC3\x84" "C5", 1, "name"},
        {" UTC0", 0, "name"}, {"UTC0 ", 4, "name"}, {"UTC", 3, "time"}, {"UTC+", 4, "time"}, {"UTC--1", 4, "time"}, {"UTC:30", 3, "time"}, {"UTC25", 5, "time"},
        {"UTC0001", 6, "time"}, {"UTC1:", 5, "time"}, {"UTC1:5", 5, "time"}, {"UTC1:60", 7, "time"}, {"UTC1:30:60", 10, "time"}, {"UTC1:30:", 8, "time"},
        {"EST5EDT", 7, "dates"}, {"EST5E", 5, "name"}, {"EST5EDT4", 8, "dates"}, {"EST5EDT25,M3.2.0,M11.1.0", 9, "time"},
        {"EST5EDT,", 8, "date"}, {"EST5EDT,M3.2.0", 14, "dates"}, {"EST5EDT,M3.2.0,", 15, "date"}, {"EST5EDT,M0.2.0,M11.1.0", 10, "date"},
        {"EST5EDT,M13.2.0,M11.1.0", 11, "date"}, {"EST5EDT,M3.0.0,M11.1.0", 12, "date"}, {"EST5EDT,M3.6.0,M11.1.0", 12, "date"},
        {"EST5EDT,M3.2.7,M11.1.0", 14, "date"}, {"EST5EDT,M3.2,M11.1.0", 12, "date"}, {"EST5EDT,J0,M11.1.0", 10, "date"}, {"EST5EDT,J366,M11.1.0", 12, "date"},
        {"EST5EDT,366,M11.1.0", 11, "date"}, {"EST5EDT,X,M11.1.0", 8, "date"}, {"EST5EDT,M3.2.0/,M11.1.0", 15, "time"},
        {"EST5EDT,M3.2.0/168,M11.1.0", 18, "time"}, {"EST5EDT,M3.2.0/-168,M11.1.0", 19, "time"}, {"EST5EDT,M3.2.0,M11.1.0/2:3", 25, "time"},
        {"EST5EDT,M3.2.0,M11.1.0,", 22, "nothing follows"}, {"EST5EDT,M3.2.0,M11.1.0 ", 22, "nothing follows"}, {"Europe/Berlin", 6, "time"}, {":UTC", 0, "name"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_zone *zone = NULL;
        cxm_error error = {.size = sizeof error};
        size_t len = strlen(rows[i].text);
        char *exact = malloc(len + 1);
        assert_non_null(exact);
        memcpy(exact, rows[i].text, len);
        print_message("%s\n", rows[i].text);
        assert_int_equal(cxm_zone_from_posix(exact, len, NULL, &zone, &error), CXM_E_FORMAT);
        assert_null(zone);
        assert_non_null(strstr(error.text, rows[i].why));
        assert_true(error.row == 0 && error.column == 0);
        assert_int_equal(error.byte_offset, rows[i].at);
        assert_int_equal(cxm_zone_from_posix(exact, len, NULL, &zone, NULL), CXM_E_FORMAT);
        free(exact);
    }
}

static void every_truncation_is_refused_or_a_rule(void **state)
{
    (void)state;
    static const char text[] = "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45";
    for (size_t len = 0; len < sizeof text; ++len) {
        cxm_zone *zone = NULL;
        char *exact = malloc(len + 1);
        assert_non_null(exact);
        memcpy(exact, text, len);
        bool fine = (len >= 9 && len <= 10) || len == 13 || len == 39 || len == 41 || len == 44;     /* -1 -12 -12:45, M4.1.0 /3 /3:45 */
        assert_int_equal(cxm_zone_from_posix(exact, len, NULL, &zone, NULL), fine ? CXM_OK : CXM_E_FORMAT);
        cxm_zone_free(zone);
        free(exact);
    }
}

static void memory_has_a_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); ++i) {
        cxm_zone *zone = zone_of(rules[i].text);
        assert_in_range(cxm_zone_bytes(zone), 1, 10240);
        cxm_zone_free(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_over_all_years),
        cmocka_unit_test(random_rules_over_all_years),
        cmocka_unit_test(rules_that_cross_the_new_year),
        cmocka_unit_test(dates_to_look_up),
        cmocka_unit_test(forms_without_summer),
        cmocka_unit_test(faults_tell_their_byte),
        cmocka_unit_test(every_truncation_is_refused_or_a_rule),
        cmocka_unit_test(memory_has_a_bound),
    };
    lay_out_years();
    return cmocka_run_group_tests_name("base/zone_posix", tests, NULL, NULL);
}
