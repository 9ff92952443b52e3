/* SPDX-License-Identifier: MIT */
/* test_calendar.c - opening hours: other projects' figures, the text line by line, identity and limits.
 *
 * What holds of any calendar in any zone is in test_calendar_time.c.                        */
#include <cxm/calendar.h>
#include <cxm/text.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

#define US INT64_C(1000000)
#define FIRST INT64_C(-62135596800000000)       /* 0001-01-01T00:00:00Z, a Monday */
#define LAST INT64_C(253402300799999999)        /* 9999-12-31T23:59:59.999999Z, a Friday */
#define MONDAY INT64_C(1795392000000000)        /* 2026-11-23T00:00:00Z */


/* --- making them --- */

static cxm_zone *fixed(int32_t offset_s)
{
    cxm_zone *zone = NULL;
    assert_int_equal(cxm_zone_fixed(offset_s, NULL, &zone), CXM_OK);
    return zone;
}

static cxm_zone *posix(const char *text)
{
    cxm_zone *zone = NULL;
    assert_int_equal(cxm_zone_from_posix(text, strlen(text), NULL, &zone, NULL), CXM_OK);
    return zone;
}

/* Text in a block of its exact size, so that a sanitizer sees one byte too far. */
static cxm_status create_exactly(const char *text, size_t len, cxm_zone *zone, cxm_calendar **out, cxm_error *error)
{
    char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, text, len);
    cxm_status status = cxm_calendar_create(exact, len, zone, NULL, out, error);
    free(exact);
    return status;
}

static cxm_calendar *calendar_in(const char *text, cxm_zone *zone)
{
    cxm_calendar *calendar = NULL;
    cxm_error error = {.size = sizeof error};
    if (create_exactly(text, strlen(text), zone, &calendar, &error) != CXM_OK)
        fail_msg("line %d, byte %d: %s\n%s", (int)error.row, (int)error.byte_offset, error.text, text);
    return calendar;
}

static cxm_calendar *calendar_of(const char *text)
{
    return calendar_in(text, fixed(0));
}

static int64_t open_between(const cxm_calendar *calendar, int64_t start_us, int64_t end_us)
{
    int64_t open = -7;
    assert_int_equal(cxm_calendar_between(calendar, start_us, end_us, &open), CXM_OK);
    return open;
}

static int64_t instant_of(const char *text)
{
    int64_t us;
    assert_int_equal(cxm_text_time(text, strlen(text), 0, &us, NULL), CXM_OK);
    return us;
}

/* --- other projects' figures --- */

static bool must_have_zones(void)
{
    const char *ci = getenv("CI");
    return ci && strcmp(ci, "true") == 0;
}

/* A zone file of the system; UTC needs none. NULL where there are none. */
static cxm_zone *system_zone(const char *name)
{
    static char bytes[1 << 16];
    char path[256];
    cxm_zone *zone = NULL;
    if (strcmp(name, "Etc/UTC") == 0) return fixed(0);
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *file = fopen(path, "rb");
    if (!file && must_have_zones()) fail_msg("%s is not there", path);
    if (!file) return NULL;
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_int_equal(cxm_zone_from_tzif(bytes, len, NULL, &zone, NULL), CXM_OK);
    return zone;
}

/* One line for each entry of a cell; in tables '|' stands for a comma. */
static void add_lines(char *text, const char *word, const char *cell, bool one_line)
{
    char *at = text + strlen(text);
    while (*cell) {
        at += sprintf(at, "%s ", word);
        for (; *cell && (one_line || *cell != ';'); ++cell) *at++ = *cell == '|' ? ',' : *cell;
        *at++ = '\n';
        if (*cell) ++cell;
    }
    *at = '\0';
}

/* NULL where the system has no such zone. */
static cxm_calendar *calendar_of_row(const test_table *t, size_t row, bool more)
{
    char text[4000] = "";
    cxm_zone *zone = system_zone(test_cell(t, row, "zone"));
    if (!zone) return NULL;
    add_lines(text, "zone", test_cell(t, row, "zone"), true);
    add_lines(text, "weekly", test_cell(t, row, "weekly"), true);
    add_lines(text, "holiday", test_cell(t, row, "holidays"), false);
    if (more) add_lines(text, "dated", test_cell(t, row, "dated"), false);
    if (more) add_lines(text, "break", test_cell(t, row, "breaks"), false);
    return calendar_in(text, zone);
}

static void seconds_of(const char *name, size_t rows)
{
    test_table t = test_table_read(name);
    size_t left_out = 0;
    assert_int_equal(t.rows, rows);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_calendar *calendar = calendar_of_row(&t, i, true);
        left_out += !calendar;
        if (!calendar) continue;
        int64_t got = open_between(calendar, instant_of(test_cell(&t, i, "start")), instant_of(test_cell(&t, i, "end")));
        int64_t want = strtoll(test_cell(&t, i, "business_seconds"), NULL, 10) * US;
        if (got != want) fail_msg("%s: %lld us, wanted %lld", test_cell(&t, i, "case"), (long long)got, (long long)want);
        cxm_calendar_free(calendar);
    }
    print_message("%zu rows, %zu left out for want of their zones\n", t.rows - left_out, left_out);
    test_table_free(&t);
}

static void seconds_of_other_projects(void **state) { (void)state; seconds_of("business_hours.csv", 54); }
static void seconds_where_clocks_change(void **state) { (void)state; seconds_of("business_edges.csv", 20); }

static void due_instants_of_other_projects(void **state)
{
    (void)state;
    test_table t = test_table_read("business_due.csv");
    assert_int_equal(t.rows, 12);
    for (size_t i = 0; i < t.rows; ++i) {
        cxm_calendar *calendar = calendar_of_row(&t, i, false);
        if (!calendar) continue;
        int64_t start = instant_of(test_cell(&t, i, "start")), amount = strtoll(test_cell(&t, i, "business_seconds"), NULL, 10) * US, due = -7;
        print_message("%s\n", test_cell(&t, i, "case"));
        assert_int_equal(cxm_calendar_due(calendar, start, amount, &due), CXM_OK);
        assert_true(due == instant_of(test_cell(&t, i, "due")));
        assert_true(open_between(calendar, start, due) == amount && open_between(calendar, start, due - 1) == amount - 1);
        cxm_calendar_free(calendar);
    }
    test_table_free(&t);
}

/* --- the text --- */

/* Seconds open on each day from a Monday on, in UTC. */
static void each_form_of_line(void **state)
{
    (void)state;
    static const struct { const char *text; int32_t day[8]; } rows[] = {
        {"", {0}}, {"\n\n", {0}}, {"zone UTC0\n", {0}}, {"# nothing", {0}}, {"\r\n \t\r\n", {0}}, {"\xEF\xBB\xBF", {0}},
        {"weekly mon=09:00-17:00", {28800, 0, 0, 0, 0, 0, 0, 28800}},
        {"weekly mon=09:00-12:00,13:00-17:00;tue=09:00-17:00\n", {25200, 28800, 0, 0, 0, 0, 0, 25200}},
        {"weekly sun=00:00-24:00;wed=23:59:59-24:00;sat=00:00-00:00:01", {0, 0, 1, 0, 0, 1, 86400, 0}},
        {"weekly thu=00:00-24:00:00; fri=08:30:15-08:30:45 ;\ttue=00:00-12:00", {0, 43200, 0, 86400, 30, 0, 0, 0}},
        {"weekly mon=09:00-10:00\nweekly mon=11:00-12:00\nweekly\ttue=01:00-02:00", {7200, 3600, 0, 0, 0, 0, 0, 7200}},
        {"\xEF\xBB\xBFweekly mon=09:00-10:00\r\n\r\n# a comment\r\n  weekly tue=09:00-10:00  # another\r\n", {3600, 3600, 0, 0, 0, 0, 0, 3600}},
        {"weekly mon=13:00-14:00,09:00-10:00", {7200, 0, 0, 0, 0, 0, 0, 7200}},
        {"weekly mon=09:00-10:00,10:00-11:00", {7200, 0, 0, 0, 0, 0, 0, 7200}},
        {"minutes sunday=540-1020,1980-2460", {28800, 0, 0, 0, 0, 0, 28800, 28800}},       /* Sunday 9-17, Monday 9-17 */
        {"minutes monday=540-1020,1980-2460", {28800, 28800, 0, 0, 0, 0, 0, 28800}},
        {"minutes monday=0-10080", {86400, 86400, 86400, 86400, 86400, 86400, 86400, 86400}},
        {"minutes sunday=0-10080", {86400, 86400, 86400, 86400, 86400, 86400, 86400, 86400}},
        {"minutes sunday=1380-1500,10020-10080", {3600, 0, 0, 0, 0, 3600, 3600, 3600}},    /* over midnight, and up to the week's end */
        {"minutes monday=0-1,10079-10080", {60, 0, 0, 0, 0, 0, 60, 60}},
        {"weekly mon=09:00-17:00\nholiday 2026-11-23", {0, 0, 0, 0, 0, 0, 0, 28800}},
        {"weekly mon=09:00-17:00;tue=09:00-17:00\nholiday 2026-11-24..2026-11-30", {28800, 0, 0, 0, 0, 0, 0, 0}},
        {"holiday 2026-11-23..2026-11-23\nweekly mon=09:00-17:00", {0, 0, 0, 0, 0, 0, 0, 28800}},
        {"weekly mon=09:00-17:00\ndated 2026-11-23=10:00-11:00,12:00-12:30", {5400, 0, 0, 0, 0, 0, 0, 28800}},
        {"dated 2026-11-25=00:00-24:00", {0, 0, 86400, 0, 0, 0, 0, 0}},
        {"dated 2026-11-25=10:00-11:00\ndated 2026-11-25=12:00-13:00", {0, 0, 7200, 0, 0, 0, 0, 0}},
        {"dated 2026-11-25=10:00-11:00\nholiday 2026-11-25\nholiday 2026-11-25", {0}},
        {"weekly mon=09:00-17:00\nbreak 2026-11-23=12:00-12:30", {27000, 0, 0, 0, 0, 0, 0, 28800}},
        {"weekly mon=09:00-17:00\nbreak 2026-11-23=12:00-12:30,12:15-13:00\nbreak 2026-11-23=12:20-12:25", {25200, 0, 0, 0, 0, 0, 0, 28800}},
        {"weekly mon=09:00-12:00,13:00-17:00\nbreak 2026-11-23=08:00-09:30,11:00-14:00,16:59:59-24:00", {16199, 0, 0, 0, 0, 0, 0, 25200}},
        {"weekly mon=09:00-17:00\nbreak 2026-11-23=00:00-24:00", {0, 0, 0, 0, 0, 0, 0, 28800}},
        {"weekly mon=09:00-17:00\ndated 2026-11-23=10:00-12:00\nbreak 2026-11-23=11:00-13:00", {3600, 0, 0, 0, 0, 0, 0, 28800}},
        {"break 2026-11-24=11:00-13:00", {0}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_calendar *calendar = calendar_of(rows[i].text);
        for (int d = 0; d < 8; ++d) {
            int64_t from = MONDAY + d * INT64_C(86400) * US, got = open_between(calendar, from, from + 86400 * US);
            if (got != rows[i].day[d] * US) fail_msg("day %d: %lld us, wanted %d s\n%s", d, (long long)got, (int)rows[i].day[d], rows[i].text);
        }
        cxm_calendar_free(calendar);
    }
}

/* Line from 1, byte from 0 over the whole text. */
static void faults_tell_their_line_and_byte(void **state)
{
    (void)state;
    static const struct { const char *text; uint64_t line, byte; const char *why; } rows[] = {
        {"week mon=09:00-17:00", 1, 0, "begins with"}, {"zone UTC0\nfoo", 2, 10, "begins with"}, {"\r\n\r\n  foo", 3, 6, "begins with"},
        {"zone", 1, 0, "begins with"}, {"zoned x", 1, 0, "begins with"}, {"weekly", 1, 0, "begins with"}, {"holiday\t", 1, 0, "begins with"},
        {"Weekly mon=09:00-17:00", 1, 0, "begins with"}, {"\xEF\xBB\xBF" "foo", 1, 3, "begins with"},
        {"zone UTC0\nzone UTC0", 2, 15, "told twice"},
        {"weekly monday=09:00-17:00", 1, 10, "weekday"}, {"weekly Mon=09:00-17:00", 1, 7, "weekday"}, {"weekly mon 09:00-17:00", 1, 10, "weekday"},
        {"weekly mon=09:00-17:00;", 1, 23, "weekday"}, {"weekly mon=09:00-17:00;;tue=09:00-17:00", 1, 23, "weekday"},
        {"weekly mon=", 1, 11, "a time is"}, {"weekly mon=9:00-17:00", 1, 11, "a time is"}, {"weekly mon=09-17", 1, 13, "a time is"},
        {"weekly mon=09:00", 1, 16, "told as"}, {"weekly mon=09:00-", 1, 17, "a time is"}, {"weekly mon=09:00 -17:00", 1, 16, "told as"},
        {"weekly mon=09:60-17:00", 1, 16, "a time is"}, {"weekly mon=09:00:60-17:00", 1, 19, "a time is"}, {"weekly mon=09:00:5-17:00", 1, 17, "a time is"},
        {"weekly mon=09:00-24:01", 1, 22, "ends at 24:00"}, {"weekly mon=09:00-24:00:01", 1, 25, "ends at 24:00"}, {"weekly mon=99:00-99:30", 1, 16, "ends at 24:00"},
        {"weekly mon=09:00-09:00", 1, 22, "end before"}, {"weekly mon=22:00-06:00", 1, 22, "end before"}, {"weekly mon=24:00-24:00", 1, 22, "end before"},
        {"weekly mon=09:00-17:00,", 1, 23, "a time is"}, {"weekly mon=09:00-17:00 x", 1, 23, "not understood"}, {"weekly mon=09:00-17:00x", 1, 22, "not understood"},
        {"weekly mon=09:00-12:00,11:00-13:00", 1, 23, "overlap"}, {"weekly mon=11:00-13:00,09:00-12:00", 1, 23, "overlap"},
        {"weekly mon=09:00-12:00\nzone UTC0\nweekly mon=09:00-12:00", 3, 44, "overlap"}, {"minutes sunday=0-100,99-101", 1, 21, "overlap"},
        {"minutes monday=540-600\nweekly mon=09:59-11:00", 2, 34, "overlap"}, {"dated 2026-11-23=09:00-12:00,11:59:59-13:00", 1, 29, "overlap"},
        {"dated 2026-11-23=09:00-12:00\n#\ndated 2026-11-23=10:00-11:00", 3, 48, "overlap"},
        {"minutes tuesday=1-2", 1, 8, "week begins"}, {"minutes sunday 1-2", 1, 8, "week begins"}, {"minutes sunday=", 1, 15, "minutes of the week"},
        {"minutes sunday=a", 1, 15, "minutes of the week"}, {"minutes sunday=1", 1, 16, "told as"}, {"minutes sunday=2-2", 1, 18, "end before"},
        {"minutes sunday=3-2", 1, 18, "end before"}, {"minutes sunday=0-10081", 1, 22, "minutes of the week"},
        {"minutes sunday=0-99999999999999999999", 1, 22, "minutes of the week"}, {"minutes sunday=0-1,", 1, 19, "minutes of the week"}, {"minutes sunday=0-1;", 1, 18, "not understood"},
        {"holiday 2026-02-29", 1, 18, "a date is"}, {"holiday 2026-13-01", 1, 18, "a date is"}, {"holiday 0000-01-01", 1, 18, "a date is"},
        {"holiday 26-01-01", 1, 8, "a date is"}, {"holiday 2026-1-01", 1, 13, "a date is"}, {"holiday 2026/01/01", 1, 12, "a date is"},
        {"holiday 2026-01-01..", 1, 20, "a date is"}, {"holiday 2026-01-02..2026-01-01", 1, 30, "a range"}, {"holiday 2026-01-01..2027-01-02", 1, 30, "a range"},
        {"holiday 2026-01-01...2026-01-02", 1, 20, "a date is"}, {"holiday 2026-01-01 2026-01-02", 1, 18, "not understood"}, {"holiday 2026-01-01,2026-01-02", 1, 18, "not understood"},
        {"dated 2026-01-01", 1, 16, "follow their date"}, {"dated 2026-01-01 =09:00-10:00", 1, 16, "follow their date"}, {"dated 2026-01-01=", 1, 17, "a time is"},
        {"break 2026-01-01=10:00-09:00", 1, 28, "end before"}, {"break 2026-01-01", 1, 16, "follow their date"}, {"dated 2026-01-01..2026-01-02=09:00-10:00", 1, 16, "follow their date"},
    };
    cxm_zone *zone = fixed(0);
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_calendar *calendar = NULL;
        cxm_error error = {.size = sizeof error};
        print_message("%s\n", rows[i].text);
        assert_int_equal(create_exactly(rows[i].text, strlen(rows[i].text), zone, &calendar, &error), CXM_E_FORMAT);
        assert_null(calendar);
        assert_non_null(strstr(error.text, rows[i].why));
        assert_int_equal(error.status, CXM_E_FORMAT);
        assert_int_equal(error.row, rows[i].line);
        assert_int_equal(error.byte_offset, rows[i].byte);
        assert_int_equal(create_exactly(rows[i].text, strlen(rows[i].text), zone, &calendar, NULL), CXM_E_FORMAT);
    }
    cxm_zone_free(zone);
}

/* A range of holidays may last a year, also a leap year's 366 days. */
static void a_range_of_a_year(void **state)
{
    (void)state;
    cxm_calendar *calendar = calendar_of("minutes monday=0-10080\nholiday 2027-06-01..2028-05-31\nholiday 9999-12-31\nholiday 0001-01-01");
    int64_t from = instant_of("2027-05-31"), to = instant_of("2028-06-02");
    assert_true(open_between(calendar, from, to) == 2 * 86400 * US);
    assert_true(open_between(calendar, FIRST, FIRST + 2 * 86400 * US) == 86400 * US);
    assert_true(open_between(calendar, LAST + 1 - 2 * 86400 * US, LAST) == 86400 * US);
    cxm_calendar_free(calendar);
}

static void the_name_of_the_zone(void **state)
{
    (void)state;
    static const struct { const char *text; cxm_status status; const char *name; } rows[] = {
        {"zone Europe/Berlin", CXM_OK, "Europe/Berlin"}, {"\xEF\xBB\xBFzone\tUTC  # here\r\nweekly", CXM_OK, "UTC"}, {"", CXM_OK, ""},
        {"weekly mon=09:00-17:00\n  zone CET-1CEST,M3.5.0,M10.5.0/3\r\n", CXM_OK, "CET-1CEST,M3.5.0,M10.5.0/3"}, {"zone", CXM_OK, ""}, {"zone \n", CXM_OK, ""},
        {"# zone A\nzone B", CXM_OK, "B"}, {"zone A\nzone A", CXM_E_FORMAT, NULL}, {"zone a b c", CXM_OK, "a b c"}, {"nonsense\nzone A\nnonsense", CXM_OK, "A"},
        {"zone # nothing\nzone A", CXM_OK, "A"}, {"zones A", CXM_OK, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        const char *name = "before";
        size_t len = 77;
        print_message("%s\n", rows[i].text);
        assert_int_equal(cxm_calendar_zone_of(rows[i].text, strlen(rows[i].text), &name, &len), rows[i].status);
        if (rows[i].status != CXM_OK) assert_true(len == 77 && strcmp(name, "before") == 0);
        if (rows[i].status != CXM_OK) continue;
        assert_int_equal(len, strlen(rows[i].name));
        assert_memory_equal(name, rows[i].name, len);
        assert_true(len == 0 || (name >= rows[i].text && name + len <= rows[i].text + strlen(rows[i].text)));
    }
}

/* --- identity --- */

static uint64_t hash_in(const char *text, cxm_zone *zone)
{
    cxm_calendar *calendar = calendar_in(text, zone);
    uint64_t hash = cxm_calendar_hash(calendar);
    cxm_calendar_free(calendar);
    return hash;
}

static const char hours[] = "weekly mon=09:00-12:00,13:00-17:00;sun=09:00-17:00\nholiday 2026-12-25\nholiday 2026-12-26\n"
                            "dated 2026-12-24=09:00-13:00\nbreak 2026-12-23=12:00-12:30,14:00-15:00";

static void equal_meaning_has_one_hash(void **state)
{
    (void)state;
    static const char *const same[] = {
        "break 2026-12-23=14:00-15:00\nbreak 2026-12-23=12:00-12:30\nholiday 2026-12-25..2026-12-26\nzone X\n"
        "dated 2026-12-24=09:00-13:00\nweekly sun=09:00-17:00\nweekly mon=13:00-17:00\nweekly mon=09:00-12:00",
        "# hours\r\nminutes monday=540-720,780-1020,9180-9660\r\nholiday 2026-12-26\r\nholiday 2026-12-25\r\nholiday 2026-12-25\r\n"
        "dated 2026-12-24=09:00-13:00\r\nbreak 2026-12-23=12:00-12:30,14:00-14:30,14:20-15:00\r\n",
        "minutes sunday=540-1020,1980-2160,2220-2460\nholiday 2026-12-25..2026-12-26\ndated 2026-12-24=09:00-10:00:01,10:00:01-13:00\n"
        "break 2026-12-23=12:00:00-12:30:00,14:00-15:00",
    };
    uint64_t want = hash_in(hours, fixed(3600));
    for (size_t i = 0; i < COUNT_OF(same); ++i) assert_true(hash_in(same[i], fixed(3600)) == want);
    assert_true(hash_in(hours, posix("ABC-1")) == want);
    assert_true(hash_in(hours, posix("CET-1CEST,M3.5.0,M10.5.0/3")) == hash_in(hours, posix("<+01>-1<+02>-2,M3.5.0/2,M10.5.0/3:00:00")));
    assert_true(cxm_calendar_hash(NULL) == 0);
}

static void other_hours_have_another_hash(void **state)
{
    (void)state;
    static const char *const others[] = {
        "", "weekly mon=09:00-17:00", "weekly tue=09:00-17:00", "weekly mon=09:00-17:00:01", "weekly mon=09:00:01-17:00", "weekly mon=09:00-12:00,12:01-17:00",
        "weekly mon=09:00-17:00;tue=09:00-17:00", "weekly mon=09:00-17:00\nholiday 2026-11-23", "weekly mon=09:00-17:00\nholiday 2026-11-30",
        "weekly mon=09:00-17:00\ndated 2026-11-23=09:00-12:00", "weekly mon=09:00-17:00\nbreak 2026-11-23=09:00-12:00", "weekly mon=09:00-17:00\nholiday 2026-11-23..2026-11-30",
        "minutes monday=0-10080", "weekly mon=00:00-24:00", "dated 2026-11-23=09:00-17:00", "dated 2026-11-24=09:00-17:00",
    };
    static const char *const zones[] = {"UTC0", "ABC-1", "CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST,M3.5.0,M10.5.0/2", "CET-1CEST,M3.4.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0"};
    uint64_t hashes[COUNT_OF(others) * COUNT_OF(zones)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(others); ++i)
        for (size_t z = 0; z < COUNT_OF(zones); ++z) hashes[count++] = hash_in(others[i], posix(zones[z]));
    for (size_t i = 0; i < count; ++i)
        for (size_t k = 0; k < i; ++k)
            if (hashes[i] == hashes[k]) fail_msg("one hash for two: %zu, %zu", i, k);
}

/* --- limits --- */

static void wrong_arguments_change_nothing(void **state)
{
    (void)state;
    cxm_zone *zone = fixed(0);
    cxm_calendar *calendar = NULL;
    const char *name = NULL;
    size_t len = 7;
    int64_t out = -7;
    int32_t is_open = -7;
    cxm_alloc half = {NULL, NULL, NULL, NULL};
    assert_int_equal(cxm_calendar_zone_of(NULL, 0, &name, &len), CXM_E_ARG);
    assert_int_equal(cxm_calendar_zone_of("", 0, NULL, &len), CXM_E_ARG);
    assert_int_equal(cxm_calendar_zone_of("", 0, &name, NULL), CXM_E_ARG);
    assert_int_equal(cxm_calendar_create(NULL, 0, zone, NULL, &calendar, NULL), CXM_E_ARG);
    assert_int_equal(cxm_calendar_create("", 0, NULL, NULL, &calendar, NULL), CXM_E_ARG);
    assert_int_equal(cxm_calendar_create("", 0, zone, NULL, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_calendar_create("", 0, zone, &half, &calendar, NULL), CXM_E_ARG);
    assert_true(!calendar && !name && len == 7);
    cxm_calendar_free(NULL);
    calendar = calendar_in("weekly mon=09:00-17:00", zone);
    assert_int_equal(cxm_calendar_between(NULL, 0, 1, &out), CXM_E_ARG);
    assert_int_equal(cxm_calendar_between(calendar, 0, 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_calendar_between(calendar, FIRST - 1, 1, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_calendar_between(calendar, 0, LAST + 1, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_calendar_between(calendar, INT64_MAX, INT64_MIN, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_calendar_due(NULL, 0, 1, &out), CXM_E_ARG);
    assert_int_equal(cxm_calendar_due(calendar, 0, -1, &out), CXM_E_ARG);
    assert_int_equal(cxm_calendar_due(calendar, 0, 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_calendar_due(calendar, LAST + 1, 0, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_calendar_due(calendar, INT64_MIN, 1, &out), CXM_E_DOMAIN);
    assert_int_equal(cxm_calendar_due(calendar, 0, INT64_MAX, &out), CXM_E_UNDEFINED);
    assert_int_equal(cxm_calendar_next(NULL, 0, &is_open, &out), CXM_E_ARG);
    assert_int_equal(cxm_calendar_next(calendar, 0, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_calendar_next(calendar, 0, &is_open, NULL), CXM_E_ARG);
    assert_int_equal(cxm_calendar_next(calendar, FIRST - 1, &is_open, &out), CXM_E_DOMAIN);
    assert_true(out == -7 && is_open == -7);
    assert_true(open_between(calendar, MONDAY + 86400 * US, MONDAY) == 0 && open_between(calendar, MONDAY, MONDAY) == 0);
    cxm_calendar_free(calendar);
}

/* Open all the time, and never, over all there is and in zones that reach past either end. */
static void always_and_never(void **state)
{
    (void)state;
    static const int32_t offsets[] = {0, 86399, -86399};
    for (size_t i = 0; i < COUNT_OF(offsets); ++i) {
        cxm_calendar *always = calendar_in("minutes monday=0-10080", fixed(offsets[i])), *never = calendar_in("", fixed(offsets[i]));
        int64_t change = -7;
        int32_t is_open = -7;
        assert_true(open_between(always, FIRST, LAST) == LAST - FIRST && open_between(never, FIRST, LAST) == 0);
        assert_int_equal(cxm_calendar_next(always, FIRST, &is_open, &change), CXM_E_UNDEFINED);
        assert_true(is_open == 1 && change == -7);
        change = -7;
        assert_int_equal(cxm_calendar_next(never, FIRST, &is_open, &change), CXM_E_UNDEFINED);
        assert_true(is_open == 0 && change == -7);
        assert_int_equal(cxm_calendar_next(always, LAST, &is_open, &change), CXM_E_UNDEFINED);
        assert_int_equal(is_open, 1);
        assert_int_equal(cxm_calendar_due(always, FIRST, LAST - FIRST, &change), CXM_OK);
        assert_true(change == LAST);
        assert_int_equal(cxm_calendar_due(always, FIRST, LAST - FIRST + 2, &change), CXM_E_UNDEFINED);
        assert_int_equal(cxm_calendar_due(never, FIRST, 1, &change), CXM_E_UNDEFINED);
        assert_int_equal(cxm_calendar_due(never, LAST, 0, &change), CXM_OK);
        assert_true(change == LAST);
        cxm_calendar_free(always);
        cxm_calendar_free(never);
    }
}

/* On failure the zone stays the caller's, on success it is the calendar's; whatever is asked for is given back. */
static void every_allocation_fails_in_turn(void **state)
{
    (void)state;
    char text[8000] = "weekly mon=09:00-17:00\n";
    for (int i = 0; i < 200; ++i) sprintf(text + strlen(text), "holiday %04d-12-%02d\n", 2000 + i, i % 31 + 1);
    for (size_t k = 0, calls = 1; k <= calls; ++k) {
        ledger own = {.fail_at = k};
        cxm_alloc hook = ledger_hook(&own);
        cxm_zone *zone = NULL;
        cxm_calendar *calendar = NULL;
        assert_int_equal(cxm_zone_fixed(0, NULL, &zone), CXM_OK);
        cxm_status status = cxm_calendar_create(text, strlen(text), zone, &hook, &calendar, NULL);
        assert_int_equal(status, k ? CXM_E_MEMORY : CXM_OK);
        assert_true((status == CXM_OK) == (calendar != NULL));
        if (k == 0) calls = own.calls;
        if (calendar) assert_true(own.live > 0 && own.live < 200 * 40 + 1000);
        if (calendar) cxm_calendar_free(calendar);
        else cxm_zone_free(zone);
        assert_int_equal(own.live, 0);
    }
}

static void a_hundred_thousand_holidays(void **state)
{
    (void)state;
    enum { HOLIDAYS = 100000 };
    size_t room = (size_t)HOLIDAYS * 20 + 100, len = 0;
    char *text = malloc(room);
    assert_non_null(text);
    len += (size_t)sprintf(text, "minutes monday=0-10080\n");
    for (int i = 0; i < HOLIDAYS; ++i) {                /* days 1 to 10 of each month, from the last to the first */
        int n = HOLIDAYS - 1 - i, month = n / 10;
        len += (size_t)sprintf(text + len, "holiday %04d-%02d-%02d\n", 1000 + month / 12, month % 12 + 1, n % 10 + 1);
    }
    cxm_calendar *calendar = NULL;
    assert_int_equal(create_exactly(text, len, fixed(0), &calendar, NULL), CXM_OK);
    int64_t from = instant_of("1000-01-01"), to = instant_of("1833-05-01");
    assert_true(open_between(calendar, from, to) == to - from - HOLIDAYS * INT64_C(86400) * US);
    int64_t due;
    assert_int_equal(cxm_calendar_due(calendar, from, 86400 * US, &due), CXM_OK);
    assert_true(due == instant_of("1000-01-12"));
    cxm_calendar_free(calendar);
    free(text);
}

/* A text of a quarter of a megabyte: each break leaves its date with thousands of openings. Refused, or kept small. */
static void breaks_in_a_day_of_thousands(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    char *text = malloc(MANY * 60);
    assert_non_null(text);
    size_t len = (size_t)sprintf(text, "weekly mon=");
    for (int i = 0; i < MANY; ++i) {
        int a = 3 * i, b = a + 1;
        len += (size_t)sprintf(text + len, "%s%02d:%02d:%02d-%02d:%02d:%02d", i ? "," : "", a / 3600, a / 60 % 60, a % 60, b / 3600, b / 60 % 60, b % 60);
    }
    for (int i = 0; i < MANY; ++i) len += (size_t)sprintf(text + len, "\nbreak %04d-%02d-%02d=00:00-00:01", 2000 + i / 336, i / 28 % 12 + 1, i % 28 + 1);
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_zone *zone = fixed(0);
    cxm_calendar *calendar = NULL;
    cxm_status status = cxm_calendar_create(text, len, zone, &hook, &calendar, NULL);
    assert_true(own.peak < (size_t)64 << 20);
    if (status == CXM_OK) cxm_calendar_free(calendar);
    else cxm_zone_free(zone);
    assert_int_equal(own.live, 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_of_other_projects),
        cmocka_unit_test(seconds_where_clocks_change),
        cmocka_unit_test(due_instants_of_other_projects),
        cmocka_unit_test(each_form_of_line),
        cmocka_unit_test(faults_tell_their_line_and_byte),
        cmocka_unit_test(a_range_of_a_year),
        cmocka_unit_test(the_name_of_the_zone),
        cmocka_unit_test(equal_meaning_has_one_hash),
        cmocka_unit_test(other_hours_have_another_hash),
        cmocka_unit_test(wrong_arguments_change_nothing),
        cmocka_unit_test(always_and_never),
        cmocka_unit_test(every_allocation_fails_in_turn),
        cmocka_unit_test(a_hundred_thousand_holidays),
        cmocka_unit_test(breaks_in_a_day_of_thousands),
    };
    return cmocka_run_group_tests_name("response/calendar", tests, NULL, NULL);
}
