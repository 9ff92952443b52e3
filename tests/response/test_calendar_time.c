/* SPDX-License-Identifier: MIT */
/* test_calendar_time.c - what holds of any calendar in any zone.
 *
 * A model of hours is written as text and asked here second by second: what does the wall clock show, and is that open? Around
 * changes of clocks those seconds are summed one by one; elsewhere sums, due instants and changes must agree with each other.   */
#if defined(__unix__) || defined(__APPLE__)
#define _XOPEN_SOURCE 700
#include <ftw.h>
#define HAS_SYSTEM_ZONES 1
#endif
#include <cxm/calendar.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

#define US INT64_C(1000000)
#define FIRST INT64_C(-62135596800000000)       /* 0001-01-01T00:00:00Z */
#define LAST INT64_C(253402300799999999)        /* 9999-12-31T23:59:59.999999Z */
enum { DAY_S = 86400, OPENINGS = 4, DATES = 40, BASE_YEAR = 1960, SPAN_DAYS = 29220 };      /* to 2039 */
static const int64_t BASE_S = -INT64_C(3653) * DAY_S;                   /* 1960-01-01, a Friday */
static struct { size_t stepped, sums, dues, nexts, zones; } seen;

/* --- a model of hours --- */

typedef struct stretch { int32_t from, to; } stretch;
typedef struct hours { int count; stretch of[OPENINGS]; } hours;
typedef struct date { char kind; int day, last; hours h; } date;        /* 'h', 'd', 'b'; days since 1960 */
typedef struct model { hours week[7]; int dates; date date[DATES]; } model;

static hours random_hours(uint64_t *seed, int32_t unit)
{
    hours h = {0, {{0, 0}}};
    int32_t at = 0, most = DAY_S / unit;
    int wanted = (int)(test_rand(seed) % (OPENINGS + 1));
    while (h.count < wanted && at < most) {
        uint64_t r = test_rand(seed);
        int32_t from = at + (int32_t)(r % 4 ? r / 4 % (uint64_t)(most - at) : 0), to = from + 1 + (int32_t)(r / 65536 % (uint64_t)(most - from));
        h.of[h.count++] = (stretch){from * unit, to * unit};
        at = to;
    }
    return h;
}

static model random_model(uint64_t *seed)
{
    static const int32_t units[] = {1, 60, 900, 1800, 3600};
    model m = {.dates = (int)(test_rand(seed) % DATES)};
    for (int d = 0; d < 7; ++d) m.week[d] = random_hours(seed, units[test_rand(seed) % 5]);
    for (int i = 0; i < m.dates; ++i) {
        date *x = &m.date[i];
        x->kind = "hdb"[test_rand(seed) % 3];
        x->day = (int)(test_rand(seed) % SPAN_DAYS);
        if (i && test_rand(seed) % 4 == 0) x->day = m.date[i - 1].day;
        x->last = x->day + (x->kind == 'h' && test_rand(seed) % 4 == 0 ? (int)(test_rand(seed) % 20) : 0);
        do x->h = random_hours(seed, units[test_rand(seed) % 5]);
        while (x->h.count == 0);
        for (int k = 0; k < i; ++k)             /* hours of one date are told once: they may overlap */
            if (x->kind == 'd' && m.date[k].kind == 'd' && m.date[k].day == x->day) x->kind = 'b';
    }
    return m;
}

static bool holds(const hours *h, int32_t time)
{
    for (int i = 0; i < h->count; ++i)
        if (time >= h->of[i].from && time < h->of[i].to) return true;
    return false;
}

/* Whether the model is open at a local time, in seconds since 1970 as the wall clock shows them. */
static bool is_open_at(const model *m, int64_t wall_s)
{
    int64_t since = wall_s - BASE_S, day = since / DAY_S - (since % DAY_S < 0);
    int32_t time = (int32_t)(since - day * DAY_S);
    const hours *h = &m->week[((day + 4) % 7 + 7) % 7];
    for (int i = 0; i < m->dates; ++i) {
        const date *x = &m->date[i];
        if (x->kind == 'h' && day >= x->day && day <= x->last) return false;
        if (x->kind == 'b' && day == x->day && holds(&x->h, time)) return false;
        if (x->kind == 'd' && day == x->day) h = &x->h;
    }
    return holds(h, time);
}

/* --- its text --- */

static int put_date(char *to, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = BASE_YEAR, month = 0;
    for (int length = 366; day >= length; length = year % 4 ? 365 : 366) day -= length, ++year;      /* 2000 was a leap year */
    for (int length; day >= (length = lengths[month] + (month == 1 && year % 4 == 0)); ++month) day -= length;
    return sprintf(to, "%04d-%02d-%02d", year, month + 1, day + 1);
}

static int put_time(char *to, int32_t t)
{
    return sprintf(to, t % 60 ? "%02d:%02d:%02d" : "%02d:%02d", (int)(t / 3600), (int)(t / 60 % 60), (int)(t % 60));
}

static int put_hours(char *to, const hours *h)
{
    char *at = to;
    for (int i = 0; i < h->count; ++i) {
        if (i) *at++ = ',';
        at += put_time(at, h->of[i].from);
        *at++ = '-';
        at += put_time(at, h->of[i].to);
    }
    return (int)(at - to);
}

static bool in_minutes(const hours *h)
{
    for (int i = 0; i < h->count; ++i)
        if (h->of[i].from % 60 || h->of[i].to % 60) return false;
    return true;
}

static int put_minutes(char *to, const hours *h, int day, bool sunday)
{
    char *at = to + sprintf(to, "minutes %s=", sunday ? "sunday" : "monday");
    int begins = (sunday ? (day + 1) % 7 : day) * 1440;
    for (int i = 0; i < h->count; ++i) at += sprintf(at, "%s%d-%d", i ? "," : "", begins + (int)(h->of[i].from / 60), begins + (int)(h->of[i].to / 60));
    return (int)(at - to);
}

static void put_model(char *text, const model *m, uint64_t *seed)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int d = 0; d < 7; ++d) {
        uint64_t r = test_rand(seed);
        if (m->week[d].count == 0) continue;
        if (r % 2 && in_minutes(&m->week[d])) text += put_minutes(text, &m->week[d], d, r / 2 % 2);
        else {
            text += sprintf(text, "weekly %s=", names[d]);
            text += put_hours(text, &m->week[d]);
        }
        text += sprintf(text, r / 4 % 2 ? "\n" : "  # hours\r\n");
    }
    for (int i = 0; i < m->dates; ++i) {
        const date *x = &m->date[i];
        text += sprintf(text, "%s ", x->kind == 'h' ? "holiday" : x->kind == 'd' ? "dated" : "break");
        text += put_date(text, x->day);
        if (x->last > x->day) text += sprintf(text, ".."), text += put_date(text, x->last);
        if (x->kind != 'h') *text++ = '=', text += put_hours(text, &x->h);
        *text++ = '\n';
    }
    *text = '\0';
}

/* --- a calendar, and its zone to ask beside it --- */

typedef struct pair { model m; cxm_zone *zone; cxm_calendar *calendar; char text[16384]; } pair;

/* Takes over `held`; `zone` stays open beside it. */
static void make(pair *p, cxm_zone *zone, cxm_zone *held, uint64_t *seed)
{
    cxm_error error = {.size = sizeof error};
    p->m = random_model(seed);
    p->zone = zone;
    put_model(p->text, &p->m, seed);
    if (cxm_calendar_create(p->text, strlen(p->text), held, NULL, &p->calendar, &error) != CXM_OK) fail_msg("line %d: %s\n%s", (int)error.row, error.text, p->text);
}

static int64_t open_between(const pair *p, int64_t a, int64_t b)
{
    int64_t open = -7;
    assert_int_equal(cxm_calendar_between(p->calendar, a, b, &open), CXM_OK);
    return open;
}

static int64_t wall_of(const pair *p, int64_t at_s)
{
    int32_t offset;
    assert_int_equal(cxm_zone_offset(p->zone, at_s * US, &offset, NULL, NULL), CXM_OK);
    return at_s + offset;
}

static int64_t floor_s(int64_t us)
{
    return us / US - (us % US < 0);
}

/* Each second by what the wall clock shows in it. */
static void step_through(const pair *p, int64_t a, int64_t b)
{
    int64_t sum = 0;
    for (int64_t s = floor_s(a); s * US < b; ++s) {
        int64_t from = s * US > a ? s * US : a, to = (s + 1) * US < b ? (s + 1) * US : b;
        if (is_open_at(&p->m, wall_of(p, s))) sum += to - from;
        ++seen.stepped;
    }
    int64_t got = open_between(p, a, b);
    if (got != sum) fail_msg("[%lld, %lld): %lld, stepped %lld\n%s", (long long)a, (long long)b, (long long)got, (long long)sum, p->text);
}

static void step_around_changes(const pair *p, int spans, int64_t half_s, uint64_t *seed)
{
    for (int i = 0; i < spans; ++i) {
        int32_t offset;
        int64_t until, start = (BASE_S + (int64_t)(test_rand(seed) % ((uint64_t)SPAN_DAYS * DAY_S))) * US, a, b;
        assert_int_equal(cxm_zone_offset(p->zone, start, &offset, NULL, &until), CXM_OK);
        int64_t middle = until < INT64_C(4102444800) * US ? until : start;
        a = middle - (int64_t)(test_rand(seed) % (uint64_t)(half_s * US));
        b = middle + (int64_t)(test_rand(seed) % (uint64_t)(half_s * US));
        step_through(p, a, b);
        step_through(p, middle - 2 * US, middle + 2 * US);
    }
}

/* Anywhere, or on a date of its own hours. */
static int64_t random_instant(const pair *p, uint64_t *seed)
{
    uint64_t r = test_rand(seed);
    if (r % 4 == 1 && p->m.dates) {
        int64_t day = p->m.date[r / 4 % (uint64_t)p->m.dates].day;
        return (BASE_S + day * DAY_S - DAY_S / 4) * US + (int64_t)(test_rand(seed) % ((uint64_t)DAY_S * (uint64_t)US));
    }
    if (r % 4 == 0) return FIRST + (int64_t)(test_rand(seed) % (uint64_t)(LAST - FIRST + 1));
    return BASE_S * US + (int64_t)(test_rand(seed) % ((uint64_t)SPAN_DAYS * DAY_S * (uint64_t)US));
}

static void sums_add_up(const pair *p, uint64_t *seed)
{
    int64_t at[3] = {random_instant(p, seed), random_instant(p, seed), random_instant(p, seed)};
    if (test_rand(seed) % 2)
        for (int i = 1; i < 3; ++i) at[i] = at[0] / 2 + (int64_t)(test_rand(seed) % (30 * (uint64_t)DAY_S * (uint64_t)US));
    for (int i = 0; i < 2; ++i)
        for (int k = 0; k < 2; ++k)
            if (at[k] > at[k + 1]) { int64_t swap = at[k]; at[k] = at[k + 1]; at[k + 1] = swap; }
    int64_t ab = open_between(p, at[0], at[1]), bc = open_between(p, at[1], at[2]), ac = open_between(p, at[0], at[2]);
    assert_true(ab >= 0 && bc >= 0 && ab <= at[1] - at[0] && bc <= at[2] - at[1]);
    if (ab + bc != ac) fail_msg("%lld + %lld is not %lld\n%s", (long long)ab, (long long)bc, (long long)ac, p->text);
    assert_true(open_between(p, at[2], at[0]) == 0);
    ++seen.sums;
}

/* The due instant is the earliest by which so much was open. */
static void due_inverts(const pair *p, uint64_t *seed)
{
    uint64_t r = test_rand(seed);
    int64_t start = random_instant(p, seed), due = -7, reach = 1 + (int64_t)(test_rand(seed) % (r % 3 ? (uint64_t)DAY_S * US : UINT64_C(400) * DAY_S * US));
    int64_t end = start < LAST - reach ? start + reach : LAST, amount = open_between(p, start, end);
    if (r % 5 == 0) amount = 1 + (int64_t)(test_rand(seed) % (UINT64_C(86400) * US));
    cxm_status status = cxm_calendar_due(p->calendar, start, amount, &due);
    if (status == CXM_E_UNDEFINED) {
        assert_true(open_between(p, start, LAST) < amount && due == -7);
        return;
    }
    assert_int_equal(status, CXM_OK);
    if (due > LAST) return;
    if (open_between(p, start, due) != amount) fail_msg("due %lld of %lld from %lld\n%s", (long long)due, (long long)amount, (long long)start, p->text);
    assert_true(amount == 0 ? due == start : open_between(p, start, due - 1) == amount - 1);
    ++seen.dues;
}

/* Up to the change all is as it is now, and from there on it is not. */
static void next_agrees(const pair *p, uint64_t *seed)
{
    int64_t at = random_instant(p, seed), change = -7;
    for (int i = 0; i < 4; ++i) {
        int32_t is_open = -7;
        cxm_status status = cxm_calendar_next(p->calendar, at, &is_open, &change);
        assert_int_equal(is_open, is_open_at(&p->m, wall_of(p, floor_s(at))));
        if (status == CXM_E_UNDEFINED) {
            assert_true(open_between(p, at, LAST) == (is_open ? LAST - at : 0));
            return;
        }
        assert_int_equal(status, CXM_OK);
        assert_true(change > at && change <= LAST);
        if (open_between(p, at, change) != (is_open ? change - at : 0)) fail_msg("change %lld after %lld\n%s", (long long)change, (long long)at, p->text);
        assert_true(is_open_at(&p->m, wall_of(p, floor_s(change))) == !is_open);
        at = change;
        ++seen.nexts;
    }
}

static void try_all(cxm_zone *zone, cxm_zone *held, int rounds, int spans, uint64_t *seed)
{
    static pair p;
    make(&p, zone, held, seed);
    for (int i = 0; i < rounds; ++i) {
        sums_add_up(&p, seed);
        due_inverts(&p, seed);
        next_agrees(&p, seed);
    }
    step_around_changes(&p, spans, 3 * 3600, seed);
    cxm_calendar_free(p.calendar);
    cxm_zone_free(p.zone);
}

/* --- zones --- */

static void random_rule(char *text, uint64_t *seed)
{
    int hour[2] = {(int)(test_rand(seed) % 27) - 13, 0}, month = (int)(test_rand(seed) % 9) + 1;
    hour[1] = hour[0] + (int)(test_rand(seed) % 5) - 2;
    static const char *const minutes[] = {"", ":30", ":45", ":17:31"};
    sprintf(text, "AAA%d%sBBB%d%s,M%d.%d.%d/%d:30,M%d.%d.%d/%d", hour[0], minutes[test_rand(seed) % 4], hour[1], minutes[test_rand(seed) % 4], month,
            (int)(test_rand(seed) % 5) + 1, (int)(test_rand(seed) % 7), (int)(test_rand(seed) % 40) - 10, month + 1 + (int)(test_rand(seed) % 2),
            (int)(test_rand(seed) % 5) + 1, (int)(test_rand(seed) % 7), (int)(test_rand(seed) % 40) - 10);
}

static void random_calendars_in_random_zones(void **state)
{
    (void)state;
    uint64_t seed = 20261130;
    for (int trial = 0; trial < 120; ++trial) {
        char text[100];
        cxm_zone *zone[2] = {NULL, NULL};
        random_rule(text, &seed);
        int32_t fixed = (int32_t)(test_rand(&seed) % 172799) - 86399;
        for (int i = 0; i < 2; ++i)
            assert_int_equal(trial % 10 ? cxm_zone_from_posix(text, strlen(text), NULL, &zone[i], NULL) : cxm_zone_fixed(fixed, NULL, &zone[i]), CXM_OK);
        try_all(zone[0], zone[1], 40, 3, &seed);
    }
    print_message("%zu sums, %zu due instants, %zu changes, %zu seconds stepped\n", seen.sums, seen.dues, seen.nexts, seen.stepped);
    assert_true(seen.dues > 2000 && seen.nexts > 5000);
}

#ifdef HAS_SYSTEM_ZONES
static int look_at(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    static unsigned char bytes[1 << 16];
    static uint64_t seed = 20261201;
    cxm_zone *zone[2] = {NULL, NULL};
    (void)info;
    (void)walk;
    if (kind != FTW_F || strstr(path, "/posix/") || strstr(path, "/right/")) return 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (cxm_zone_from_tzif(bytes, len, NULL, &zone[0], NULL) != CXM_OK) return 0;
    assert_int_equal(cxm_zone_from_tzif(bytes, len, NULL, &zone[1], NULL), CXM_OK);
    try_all(zone[0], zone[1], 12, 2, &seed);
    ++seen.zones;
    return 0;
}

static void random_calendars_in_every_zone_of_the_system(void **state)
{
    (void)state;
    const char *ci = getenv("CI");
    bool must = ci && strcmp(ci, "true") == 0;
    if (nftw("/usr/share/zoneinfo", look_at, 16, 0) != 0) {
        if (must) fail_msg("/usr/share/zoneinfo is not there");
        print_message("left out: /usr/share/zoneinfo is not there\n");
        skip();
    }
    print_message("%zu zones; %zu sums, %zu due instants, %zu changes, %zu seconds stepped, with those above\n", seen.zones, seen.sums, seen.dues, seen.nexts,
                  seen.stepped);
    assert_true(!must || seen.zones >= 300);
}
#endif

/* --- to the microsecond --- */

static void beside_opening_and_closing(void **state)
{
    (void)state;
    static const char text[] = "weekly mon=09:00-17:00";
    cxm_zone *zone = NULL;
    cxm_calendar *calendar = NULL;
    const int64_t opens = INT64_C(1795424400) * US, closes = opens + INT64_C(28800) * US;      /* 2026-11-23T09:00Z, a Monday */
    assert_int_equal(cxm_zone_fixed(0, NULL, &zone), CXM_OK);
    assert_int_equal(cxm_calendar_create(text, strlen(text), zone, NULL, &calendar, NULL), CXM_OK);
    for (int64_t d = -3; d <= 3; ++d) {
        int32_t is_open = -7;
        int64_t change = -7, open = -7;
        assert_int_equal(cxm_calendar_next(calendar, opens + d, &is_open, &change), CXM_OK);
        assert_true(is_open == (d >= 0) && change == (d >= 0 ? closes : opens));
        assert_int_equal(cxm_calendar_next(calendar, closes + d, &is_open, &change), CXM_OK);
        assert_true(is_open == (d < 0) && change == (d < 0 ? closes : opens + INT64_C(604800) * US));
        assert_int_equal(cxm_calendar_between(calendar, opens - 3, opens + d, &open), CXM_OK);
        assert_true(open == (d > 0 ? d : 0));
    }
    cxm_calendar_free(calendar);
}

/* --- all the changes of some years, one after the other --- */

/* What next() says of 2026 to 2028 in Berlin, put end to end, is what between() says. */
static void changes_end_to_end(void **state)
{
    (void)state;
    static const char zone_text[] = "CET-1CEST,M3.5.0,M10.5.0/3", text[] = "weekly mon=09:00-24:00;tue=00:00-06:00,09:00-17:00;sun=01:30-02:30\nholiday 2026-12-25..2027-01-06\n";
    cxm_zone *zone = NULL;
    cxm_calendar *calendar = NULL;
    const int64_t from = INT64_C(1767225600) * US, to = INT64_C(1861920000) * US;
    int64_t at = from, open = 0, change = 0, want;
    assert_int_equal(cxm_zone_from_posix(zone_text, strlen(zone_text), NULL, &zone, NULL), CXM_OK);
    assert_int_equal(cxm_calendar_create(text, strlen(text), zone, NULL, &calendar, NULL), CXM_OK);
    for (int32_t is_open; at < to; at = change) {
        assert_int_equal(cxm_calendar_next(calendar, at, &is_open, &change), CXM_OK);
        if (is_open) open += (change < to ? change : to) - at;
    }
    assert_int_equal(cxm_calendar_between(calendar, from, to, &want), CXM_OK);
    assert_true(open == want);
    cxm_calendar_free(calendar);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_calendars_in_random_zones),
#ifdef HAS_SYSTEM_ZONES
        cmocka_unit_test(random_calendars_in_every_zone_of_the_system),
#endif
        cmocka_unit_test(beside_opening_and_closing),
        cmocka_unit_test(changes_end_to_end),
    };
    return cmocka_run_group_tests_name("response/calendar_time", tests, NULL, NULL);
}
