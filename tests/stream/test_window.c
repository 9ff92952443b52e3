/* SPDX-License-Identifier: MIT */
/* test_window.c - windows against known dates, against a calendar that counts day by day, and end to end. */
#include <cxm/text.h>
#include <cxm/window.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const int64_t US = 1, SECOND = 1000000, DAY = INT64_C(86400000000);

static cxm_window_spec parsed(const char *text, int32_t zone_s)
{
    cxm_window_spec spec;
    assert_int_equal(cxm_window_parse(text, strlen(text), zone_s, &spec), CXM_OK);
    return spec;
}

static int64_t instant(const char *text)
{
    int64_t at;
    assert_int_equal(cxm_text_time(text, strlen(text), 0, &at, NULL), CXM_OK);
    return at;
}

/* ---- known dates: leap years, the epoch, ISO weeks at the ends of years, local midnights ---- */

static const struct { const char *window; int32_t zone_s; const char *at, *from, *to; } known[] = {
    {"day", 0, "2026-11-20T09:14:00Z", "2026-11-20", "2026-11-21"},
    {"day", 3600, "2026-11-20T23:30:00Z", "2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z"},
    {"day", -18000, "2026-11-20T04:59:59.999999Z", "2026-11-19T05:00:00Z", "2026-11-20T05:00:00Z"},
    {"day", 86399, "2026-11-20T00:00:00Z", "2026-11-19T00:00:01Z", "2026-11-20T00:00:01Z"},
    {"day", -86399, "2026-11-20T23:59:59Z", "2026-11-20T23:59:59Z", "2026-11-21T23:59:59Z"},
    {"day", 0, "1969-12-31T23:59:59.999999Z", "1969-12-31", "1970-01-01"},
    {"day", 0, "1970-01-01T00:00:00Z", "1970-01-01", "1970-01-02"},
    {"week", 0, "1970-01-01", "1969-12-29", "1970-01-05"},
    {"week", 0, "2021-01-03T23:59:59Z", "2020-12-28", "2021-01-04"},        /* ISO 2020-W53 */
    {"week", 0, "2021-01-04", "2021-01-04", "2021-01-11"},                  /* 2021-W01 */
    {"week", 0, "2024-12-31", "2024-12-30", "2025-01-06"},                  /* 2025-W01 */
    {"week", 0, "2016-01-03", "2015-12-28", "2016-01-04"},                  /* 2015-W53 */
    {"week", 19800, "2026-11-22T18:30:00Z", "2026-11-22T18:30:00Z", "2026-11-29T18:30:00Z"},
    {"month", 0, "2024-02-29T23:59:59Z", "2024-02-01", "2024-03-01"},
    {"month", 0, "2023-02-28", "2023-02-01", "2023-03-01"},
    {"month", 0, "1900-02-28", "1900-02-01", "1900-03-01"},                 /* no leap year */
    {"month", 0, "2000-02-29", "2000-02-01", "2000-03-01"},                 /* a leap year */
    {"month", 3600, "2026-01-31T23:30:00Z", "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z"},
    {"month", 0, "1969-12-15", "1969-12-01", "1970-01-01"},
    {"quarter", 0, "2026-03-31", "2026-01-01", "2026-04-01"},
    {"quarter", 0, "2026-04-01", "2026-04-01", "2026-07-01"},
    {"quarter", 0, "2026-09-30", "2026-07-01", "2026-10-01"},
    {"quarter", 0, "2026-12-31T23:59:59Z", "2026-10-01", "2027-01-01"},
    {"quarter", -3600, "2027-01-01T00:59:59Z", "2026-10-01T01:00:00Z", "2027-01-01T01:00:00Z"},
    {"year", 0, "1969-07-20", "1969-01-01", "1970-01-01"},
    {"year", 0, "2024-12-31T23:59:59Z", "2024-01-01", "2025-01-01"},
    {"year", 0, "0001-01-01", "0001-01-01", "0002-01-01"},
    {"year", 0, "9998-12-31", "9998-01-01", "9999-01-01"},
    {"7d", 0, "2024-12-31", "2024-12-30", "2025-01-06"},                    /* the ISO week */
    {"1w", 0, "1970-01-04T23:59:59Z", "1969-12-29", "1970-01-05"},
    {"14d", 0, "1970-01-18T23:59:59Z", "1970-01-05", "1970-01-19"},
    {"12h", 0, "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z", "2026-11-21"},
    {"12h", 3600, "2026-11-20T11:00:00Z", "2026-11-20T11:00:00Z", "2026-11-20T23:00:00Z"},
    {"28 d", 0, "2026-11-20", "2026-10-26", "2026-11-23"},
};

static void known_windows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); ++i) {
        cxm_window_spec spec = parsed(known[i].window, known[i].zone_s);
        int64_t from, to;
        print_message("%s %s\n", known[i].window, known[i].at);
        assert_int_equal(cxm_window_of(&spec, instant(known[i].at), &from, &to), CXM_OK);
        assert_true(from == instant(known[i].from));
        assert_true(to == instant(known[i].to));
    }
}

/* ---- a calendar without arithmetic: the first day of each month, summed month by month ---- */

enum { YEARS = 9999, MONTHS = 12 * YEARS };
static int32_t month_start[MONTHS + 1];     /* days since 0001-01-01, a Monday */

static int count_calendar(void **state)
{
    (void)state;
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int m = 0; m < MONTHS; ++m) {
        int year = m / 12 + 1, leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        month_start[m + 1] = month_start[m] + days[m % 12] + (m % 12 == 1 && leap);
    }
    return month_start[MONTHS] == 3652059 ? 0 : -1;         /* days of years 1..9999 */
}

static const int64_t EPOCH = 719162;        /* days from 0001-01-01 to 1970-01-01 */

static int month_of(int64_t day)
{
    int low = 0, high = MONTHS;             /* month_start[low] <= day < month_start[high] */
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (month_start[middle] <= day) low = middle;
        else high = middle;
    }
    return low;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q * b > a ? q - 1 : q;
}

/* The window in local microseconds since 0001-01-01; false where local time is outside the years. */
static bool slow_window(const cxm_window_spec *spec, int64_t local, int64_t *from, int64_t *to)
{
    int64_t day = floor_div(local, DAY);
    if (local < 0 || day >= month_start[MONTHS]) return false;
    if (spec->unit == CXM_WINDOW_STRETCH) {
        int64_t origin = (EPOCH + 4) * DAY;                 /* Monday 1970-01-05 */
        *from = origin + floor_div(local - origin, spec->length_us) * spec->length_us;
        *to = *from + spec->length_us;
    } else if (spec->unit <= CXM_WINDOW_WEEK) {
        int64_t length = spec->unit == CXM_WINDOW_DAY ? 1 : 7;
        *from = floor_div(day, length) * length * DAY;      /* day 0 is a Monday */
        *to = *from + length * DAY;
    } else {
        int months = spec->unit == CXM_WINDOW_MONTH ? 1 : spec->unit == CXM_WINDOW_QUARTER ? 3 : 12;
        int first = month_of(day) / months * months;
        *from = month_start[first] * DAY;
        *to = month_start[first + months] * DAY;
    }
    return true;
}

/* The same in UTC since 1970, with the contract's bound: no end outside years 1..9999 in UTC. */
static bool slow_window_of(const cxm_window_spec *spec, int64_t at_us, int64_t *from, int64_t *to)
{
    int64_t shift = spec->zone_s * SECOND, end = (month_start[MONTHS] - EPOCH) * DAY;
    if (at_us < -EPOCH * DAY || at_us >= end) return false;
    if (!slow_window(spec, at_us + shift + EPOCH * DAY, from, to)) return false;
    *from -= EPOCH * DAY + shift;
    *to -= EPOCH * DAY + shift;
    return *from >= -EPOCH * DAY && *to < end;
}

static const char *const texts[] = {"day", "week", "month", "quarter", "year",
                                    "7d", "1us", "90min", "12h", "13d", "365d", "999ms"};
static const int32_t zones[] = {0, 3600, -3600, 19800, -34200, 50400, 86399, -86399, 1};

static cxm_window_spec any_spec(uint64_t *seed)
{
    return parsed(texts[test_rand(seed) % COUNT_OF(texts)], zones[test_rand(seed) % COUNT_OF(zones)]);
}

/* An instant of years 1..9999: anywhere, near an end of them, near the epoch or near a midnight. */
static int64_t any_instant(uint64_t *seed)
{
    int64_t first = -EPOCH * DAY, length = month_start[MONTHS] * DAY;
    int64_t near = (int64_t)(test_rand(seed) % (uint64_t)(800 * DAY));
    int64_t pick = (int64_t)(test_rand(seed) % (uint64_t)length);
    switch (test_rand(seed) % 6) {
    case 0: return first + near;
    case 1: return first + length - 1 - near;
    case 2: return near - 400 * DAY;
    case 3: return first + pick / DAY * DAY - (int64_t)(test_rand(seed) % 2) * (pick >= DAY);
    default: return first + pick;
    }
}

static void windows_match_a_slow_calendar(void **state)
{
    (void)state;
    uint64_t seed = 42;
    int refused = 0;
    for (int i = 0; i < 200000; ++i) {
        cxm_window_spec spec = any_spec(&seed);
        int64_t at = any_instant(&seed), from = 7, to = 8, want_from, want_to;
        if (slow_window_of(&spec, at, &want_from, &want_to)) {
            assert_int_equal(cxm_window_of(&spec, at, &from, &to), CXM_OK);
            assert_true(from == want_from && to == want_to && from <= at && at < to);
        } else {
            assert_int_equal(cxm_window_of(&spec, at, &from, &to), CXM_E_DOMAIN);
            assert_true(from == 7 && to == 8);
            ++refused;
        }
    }
    assert_true(refused > 100);
}

/* The window behind begins where this one ends, the one before ends where it begins, and all in it agree. */
static void windows_tile_time(void **state)
{
    (void)state;
    uint64_t seed = 43;
    for (int i = 0; i < 100000; ++i) {
        cxm_window_spec spec = any_spec(&seed);
        int64_t from, to, next_from, next_to, inside_from, inside_to;
        if (cxm_window_of(&spec, any_instant(&seed), &from, &to) != CXM_OK) continue;
        if (cxm_window_of(&spec, to, &next_from, &next_to) == CXM_OK) assert_true(next_from == to);
        if (cxm_window_of(&spec, from - US, &next_from, &next_to) == CXM_OK) assert_true(next_to == from);
        int64_t inside[] = {from, to - US, from + (int64_t)(test_rand(&seed) % (uint64_t)(to - from))};
        for (size_t k = 0; k < COUNT_OF(inside); ++k) {
            assert_int_equal(cxm_window_of(&spec, inside[k], &inside_from, &inside_to), CXM_OK);
            assert_true(inside_from == from && inside_to == to);
        }
    }
}

/* ---- edges and misuse ---- */

static void windows_past_the_years_are_refused(void **state)
{
    (void)state;
    static const struct { const char *window; int32_t zone_s; const char *at; } rows[] = {
        {"day", 0, "9999-12-31T12:00:00Z"}, {"week", 0, "9999-12-31"}, {"month", 0, "9999-12-01"},
        {"quarter", 0, "9999-10-01"}, {"year", 0, "9999-01-01"}, {"day", -3600, "0001-01-01T00:30:00Z"},
        {"year", 3600, "0001-06-01"}, {"month", 3600, "9999-12-31T23:30:00Z"}, {"30d", 0, "0001-01-01"}};
    int64_t from = 7, to = 8;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_window_spec spec = parsed(rows[i].window, rows[i].zone_s);
        print_message("%s %s\n", rows[i].window, rows[i].at);
        assert_int_equal(cxm_window_of(&spec, instant(rows[i].at), &from, &to), CXM_E_DOMAIN);
    }
    static const int64_t far[] = {INT64_MIN, INT64_MAX, INT64_MIN + 1, INT64_C(253402300800000000),
                                  INT64_C(-62135596800000001)};
    for (size_t i = 0; i < COUNT_OF(far); ++i)
        for (size_t u = 0; u < COUNT_OF(texts); ++u)
            for (size_t z = 0; z < COUNT_OF(zones); ++z) {
                cxm_window_spec spec = parsed(texts[u], zones[z]);
                assert_int_equal(cxm_window_of(&spec, far[i], &from, &to), CXM_E_DOMAIN);
            }
    assert_true(from == 7 && to == 8);
}

static void texts_become_specs(void **state)
{
    (void)state;
    static const struct { const char *text; int32_t unit; int64_t length_us; } rows[] = {
        {"day", CXM_WINDOW_DAY, 0}, {"week", CXM_WINDOW_WEEK, 0}, {"month", CXM_WINDOW_MONTH, 0},
        {"quarter", CXM_WINDOW_QUARTER, 0}, {"year", CXM_WINDOW_YEAR, 0},
        {"1us", CXM_WINDOW_STRETCH, 1}, {"7d", CXM_WINDOW_STRETCH, INT64_C(604800000000)},
        {"12h", CXM_WINDOW_STRETCH, INT64_C(43200000000)}, {"1d", CXM_WINDOW_STRETCH, INT64_C(86400000000)}};
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_window_spec want = {sizeof want, rows[i].unit, rows[i].length_us, -3600, 0};
        cxm_window_spec got = parsed(rows[i].text, -3600);
        assert_memory_equal(&got, &want, sizeof got);
    }
    cxm_window_spec part;                                   /* the text ends where its length says */
    assert_int_equal(cxm_window_parse("days", 3, 0, &part), CXM_OK);
    assert_int_equal(part.unit, CXM_WINDOW_DAY);
}

static void texts_that_are_none(void **state)
{
    (void)state;
    static const struct { const char *text; int32_t zone_s; cxm_status status; } rows[] = {
        {"", 0, CXM_E_FORMAT}, {"da", 0, CXM_E_FORMAT}, {"days", 0, CXM_E_FORMAT}, {"Day", 0, CXM_E_FORMAT},
        {"0d", 0, CXM_E_FORMAT}, {"-7d", 0, CXM_E_FORMAT}, {"7", 0, CXM_E_FORMAT}, {"1.5h", 0, CXM_E_FORMAT},
        {"7 fortnights", 0, CXM_E_FORMAT}, {"99999999999999999999d", 0, CXM_E_OVERFLOW},
        {"9223372036854775807us", 0, CXM_E_OVERFLOW}, {"3000000d", 0, CXM_E_OVERFLOW},
        {"day", 86400, CXM_E_ARG}, {"day", -86400, CXM_E_ARG}, {"day", INT32_MIN, CXM_E_ARG}};
    cxm_window_spec spec, before;
    memset(&spec, 0x5A, sizeof spec);
    before = spec;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        print_message("\"%s\"\n", rows[i].text);
        assert_int_equal(cxm_window_parse(rows[i].text, strlen(rows[i].text), rows[i].zone_s, &spec), rows[i].status);
    }
    assert_int_equal(cxm_window_parse(NULL, 0, 0, &spec), CXM_E_ARG);
    assert_int_equal(cxm_window_parse("day", 3, 0, NULL), CXM_E_ARG);
    assert_memory_equal(&spec, &before, sizeof spec);
}

static void specs_outside_the_contract(void **state)
{
    (void)state;
    const cxm_window_spec day = {sizeof day, CXM_WINDOW_DAY, 0, 0, 0};
    const cxm_window_spec bad[] = {
        {0, CXM_WINDOW_DAY, 0, 0, 0}, {sizeof day - 1, CXM_WINDOW_DAY, 0, 0, 0}, {sizeof day, 0, 0, 0, 0},
        {sizeof day, 7, 0, 0, 0}, {sizeof day, CXM_WINDOW_DAY, 1, 0, 0}, {sizeof day, CXM_WINDOW_STRETCH, 0, 0, 0},
        {sizeof day, CXM_WINDOW_STRETCH, -1, 0, 0}, {sizeof day, CXM_WINDOW_STRETCH, INT64_MAX, 0, 0},
        {sizeof day, CXM_WINDOW_DAY, 0, 86400, 0}, {sizeof day, CXM_WINDOW_DAY, 0, INT32_MIN, 0},
        {sizeof day, CXM_WINDOW_DAY, 0, 0, 1}};
    int64_t from = 7, to = 8;
    for (size_t i = 0; i < COUNT_OF(bad); ++i) assert_int_equal(cxm_window_of(&bad[i], 0, &from, &to), CXM_E_ARG);
    assert_int_equal(cxm_window_of(NULL, 0, &from, &to), CXM_E_ARG);
    assert_int_equal(cxm_window_of(&day, 0, NULL, &to), CXM_E_ARG);
    assert_int_equal(cxm_window_of(&day, 0, &from, NULL), CXM_E_ARG);
    assert_true(from == 7 && to == 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_windows),
        cmocka_unit_test(windows_match_a_slow_calendar),
        cmocka_unit_test(windows_tile_time),
        cmocka_unit_test(windows_past_the_years_are_refused),
        cmocka_unit_test(texts_become_specs),
        cmocka_unit_test(texts_that_are_none),
        cmocka_unit_test(specs_outside_the_contract),
    };
    return cmocka_run_group_tests_name("stream/window", tests, count_calendar, NULL);
}
