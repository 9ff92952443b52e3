/* SPDX-License-Identifier: MIT */
/* test_text_time.c - instants: RFC 3339's own examples, what exports write, and round trips.
 *
 * Microseconds were worked out by a calendar library of another language.                 */
#include <cxm/text.h>
#include <string.h>
#include "support/cxm_test.h"

#define US INT64_C(1000000)
#define NOV20 INT64_C(1795132800000000)         /* 2026-11-20T00:00:00Z */
#define MORNING (NOV20 + 33240 * US)               /* 09:14:00 that day */
#define FIRST INT64_C(-62135596800000000)       /* 0001-01-01T00:00:00Z */
#define LAST INT64_C(253402300799999999)        /* 9999-12-31T23:59:59.999999Z */

static void instants(void **state)
{
    (void)state;
    static const struct { const char *text; int64_t us; int32_t form; } rows[] = {
        /* RFC 3339, 5.8 */
        {"1985-04-12T23:20:50.52Z", INT64_C(482196050520000), CXM_TIME_ZONED},
        {"1996-12-19T16:39:57-08:00", INT64_C(851042397000000), CXM_TIME_ZONED},
        {"1990-12-31T23:59:60Z", INT64_C(662688000000000), CXM_TIME_ZONED},
        {"1990-12-31T15:59:60-08:00", INT64_C(662688000000000), CXM_TIME_ZONED},
        {"1937-01-01T12:00:27.87+00:20", INT64_C(-1041337172130000), CXM_TIME_ZONED},
        /* forms */
        {"2026-11-20", NOV20, CXM_TIME_DATE}, {" 2026-11-20\t", NOV20, CXM_TIME_DATE},
        {"2026-11-20T09:14", MORNING, CXM_TIME_LOCAL}, {"2026-11-20 09:14:00", MORNING, CXM_TIME_LOCAL},
        {"2026-11-20t09:14:00z", MORNING, CXM_TIME_ZONED}, {"2026-11-20 09:14:00,25 Z", MORNING + 250000, CXM_TIME_ZONED},
        {"2026-11-20T10:14:00+01", MORNING, CXM_TIME_ZONED}, {"2026-11-20T10:14+0100", MORNING, CXM_TIME_ZONED},
        {"2026-11-20 10:14:00 +01:00", MORNING, CXM_TIME_ZONED}, {"2026-11-20 09:14:00 UTC", MORNING, CXM_TIME_ZONED},
        {"2026-11-20 14:44 UTC+5:30", MORNING, CXM_TIME_ZONED}, {"2026-11-20T09:14:00.1234569Z", MORNING + 123456, CXM_TIME_ZONED},
        {"2026-11-20T09:14:00.000000000000000000001Z", MORNING, CXM_TIME_ZONED},
        {"2026-11-19T24:00:00Z", NOV20, CXM_TIME_ZONED}, {"2026-11-19 24:00", NOV20, CXM_TIME_LOCAL},
        {"2026-11-19T23:59:60.5", NOV20 + 500000, CXM_TIME_LOCAL}, {"2024-02-29", INT64_C(1709164800000000), CXM_TIME_DATE},
        /* epoch numbers, by magnitude */
        {"1795166040", MORNING, CXM_TIME_EPOCH_S}, {"1795166040.25", MORNING + 250000, CXM_TIME_EPOCH_S},
        {"1795166040000", MORNING, CXM_TIME_EPOCH_MS}, {"1795166040000,5", MORNING + 500, CXM_TIME_EPOCH_MS},
        {"1795166040000000", MORNING, CXM_TIME_EPOCH_US}, {"1795166040000000.9", MORNING, CXM_TIME_EPOCH_US},
        {"100000000", 100000000 * US, CXM_TIME_EPOCH_S}, {"99999999999", 99999999999 * US, CXM_TIME_EPOCH_S},
        {"100000000000", 100000000 * US, CXM_TIME_EPOCH_MS}, {"99999999999999", INT64_C(99999999999999000), CXM_TIME_EPOCH_MS},
        {"100000000000000", 100000000 * US, CXM_TIME_EPOCH_US}, {"99999999999999999", INT64_C(99999999999999999), CXM_TIME_EPOCH_US},
        /* the bounds */
        {"0001-01-01", FIRST, CXM_TIME_DATE}, {"9999-12-31T23:59:59.999999Z", LAST, CXM_TIME_ZONED},
        {"0000-12-31T23:00-01:00", FIRST, CXM_TIME_ZONED}, {"9999-12-31T23:59:59.999999-00:00", LAST, CXM_TIME_ZONED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        int64_t us = 0, alone = 0;
        int32_t form = 0;
        size_t len = strlen(rows[i].text);
        print_message("%s\n", rows[i].text);
        assert_int_equal(cxm_text_time(rows[i].text, len, 0, &us, &form), CXM_OK);
        assert_true(us == rows[i].us);
        assert_int_equal(form, rows[i].form);
        assert_int_equal(cxm_text_time(rows[i].text, len, 0, &alone, NULL), CXM_OK);
        assert_true(alone == us);
    }
}

static void the_given_zone_holds_where_the_text_names_none(void **state)
{
    (void)state;
    static const struct { const char *text; int64_t us; } rows[] = {
        {"2026-11-20", NOV20 - 3600 * US}, {"2026-11-20T09:14", MORNING - 3600 * US}, {"2026-11-20T09:14Z", MORNING},
        {"2026-11-20T09:14-02", MORNING + 7200 * US}, {"1795166040", MORNING},
        /* a leap second as Berlin's clocks show it */
        {"2017-01-01T00:59:60", INT64_C(1483228800000000)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        int64_t us = 0;
        print_message("%s\n", rows[i].text);
        assert_int_equal(cxm_text_time(rows[i].text, strlen(rows[i].text), 3600, &us, NULL), CXM_OK);
        assert_true(us == rows[i].us);
    }
}

static void refusals_leave_the_outputs(void **state)
{
    (void)state;
    static const char *rows[] = {
        "", " ", "2026", "2026-11", "20261120", "2026-02-29", "2026-02-30", "2026-04-31", "2026-00-10", "2026-13-01", "2026-11-00",
        "2026-1-2", "26-11-20", "2026/11/20", "20.11.2026", "11/20/2026", "2026-11-20T", "2026-11-20T09", "2026-11-20T9:14",
        "2026-11-20T25:00", "2026-11-20T24:00:01", "2026-11-20T24:01", "2026-11-20T24:00:00.1", "2026-11-20T09:60", "2026-11-20T09:14:61",
        "2026-11-20T09:14:60Z", "2026-11-20T09:14:", "2026-11-20T09:14:0", "2026-11-20T09:14:00.", "2026-11-20T09:14:00.Z",
        "2026-11-20T09:14.5", "2026-11-20T09:14:00+1", "2026-11-20T09:14:00+24:00", "2026-11-20T09:14:00+01:60", "2026-11-20T09:14:00 CET",
        "2026-11-20T09:14:00Zx", "2026-11-20T09:14:00Z Z", "2026-11-20x", "2026-11-20Z", "2026-11-20  09:14", "2026-11-20T 09:14",
        "12345678", "123456789012345678", "-1795166040", "+1795166040", "1795166040.", "1.795e9", "1795166040s", "1795166040.5.5",
        "today", "\xE2\x98\x85",
    };
    static const char *outside[] = {"0000-01-01", "0000-12-31", "9999-12-31T24:00:00Z", "0001-01-01T00:00+00:01", "9999-12-31T23:59:59-00:01"};
    int64_t us = -1;
    int32_t form = -1;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        print_message("%s\n", rows[i]);
        assert_int_equal(cxm_text_time(rows[i], strlen(rows[i]), 0, &us, &form), CXM_E_FORMAT);
    }
    for (size_t i = 0; i < COUNT_OF(outside); ++i)
        assert_int_equal(cxm_text_time(outside[i], strlen(outside[i]), 0, &us, &form), CXM_E_DOMAIN);
    assert_int_equal(cxm_text_time("0001-01-01", 10, 1, &us, &form), CXM_E_DOMAIN);
    assert_int_equal(cxm_text_time(NULL, 0, 0, &us, &form), CXM_E_FORMAT);
    assert_int_equal(cxm_text_time(NULL, 1, 0, &us, &form), CXM_E_ARG);
    assert_int_equal(cxm_text_time("2026-11-20", 10, 0, NULL, &form), CXM_E_ARG);
    assert_int_equal(cxm_text_time("2026-11-20", 10, 86400, &us, &form), CXM_E_ARG);
    assert_int_equal(cxm_text_time("2026-11-20", 10, -86400, &us, &form), CXM_E_ARG);
    assert_true(us == -1 && form == -1);
}

static void printed_texts(void **state)
{
    (void)state;
    static const struct { int64_t us; int32_t zone_s; const char *text; } rows[] = {
        {MORNING, 0, "2026-11-20T09:14:00Z"}, {MORNING + 250000, 3600, "2026-11-20T10:14:00.25+01:00"},
        {MORNING, -12600, "2026-11-20T05:44:00-03:30"}, {0, 0, "1970-01-01T00:00:00Z"}, {-1, 0, "1969-12-31T23:59:59.999999Z"},
        {FIRST, 0, "0001-01-01T00:00:00Z"}, {LAST, 0, "9999-12-31T23:59:59.999999Z"}, {1, 86340, "1970-01-01T23:59:00.000001+23:59"},
        {FIRST, 60, "0001-01-01T00:01:00+00:01"},
    };
    char text[CXM_TEXT_TIME_MAX];
    size_t len = 0;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        assert_int_equal(cxm_text_from_time(rows[i].us, rows[i].zone_s, text, sizeof text, &len), CXM_OK);
        assert_int_equal(len, strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, len);
    }
}

static void printing_has_bounds(void **state)
{
    (void)state;
    char text[CXM_TEXT_TIME_MAX] = "unused";
    size_t len = 99;
    assert_int_equal(cxm_text_from_time(FIRST - 1, 0, text, sizeof text, &len), CXM_E_DOMAIN);
    assert_int_equal(cxm_text_from_time(LAST + 1, 0, text, sizeof text, &len), CXM_E_DOMAIN);
    assert_int_equal(cxm_text_from_time(INT64_MIN, -60, text, sizeof text, &len), CXM_E_DOMAIN);
    assert_int_equal(cxm_text_from_time(INT64_MAX, 60, text, sizeof text, &len), CXM_E_DOMAIN);
    assert_int_equal(cxm_text_from_time(FIRST, -60, text, sizeof text, &len), CXM_E_DOMAIN);
    assert_int_equal(cxm_text_from_time(LAST, 60, text, sizeof text, &len), CXM_E_DOMAIN);
    assert_int_equal(cxm_text_from_time(0, 30, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_text_from_time(0, 86400, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_text_from_time(0, 0, NULL, 1, &len), CXM_E_ARG);
    assert_int_equal(cxm_text_from_time(0, 0, text, sizeof text, NULL), CXM_E_ARG);
    assert_int_equal(len, 99);
    assert_int_equal(cxm_text_from_time(0, 0, NULL, 0, &len), CXM_E_LIMIT);
    assert_int_equal(len, 20);
    assert_int_equal(cxm_text_from_time(0, 0, text, 19, &len), CXM_E_LIMIT);
    assert_string_equal(text, "unused");
    assert_int_equal(cxm_text_from_time(0, 0, text, 20, &len), CXM_OK);
}

static void half_a_million_instants_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 11, wrong = 0;
    for (int i = 0; i < 500000; ++i) {
        char text[CXM_TEXT_TIME_MAX];
        size_t len = 0;
        int64_t us = FIRST + 86400 * US + (int64_t)(test_rand(&seed) % (uint64_t)(LAST - FIRST - 2 * 86400 * US)), back = 0;
        if (i % 3 == 0) us -= us % US;
        int32_t form = 0, zone_s = ((int32_t)(test_rand(&seed) % 2879) - 1439) * 60;
        wrong += cxm_text_from_time(us, zone_s, text, sizeof text, &len) != CXM_OK;
        wrong += cxm_text_time(text, len, -1234, &back, &form) != CXM_OK || back != us || form != CXM_TIME_ZONED;
    }
    assert_int_equal(wrong, 0);
}

/* The usual 20 bytes are read by a way of their own; the same text behind a blank is not. Whatever
 * stands at each place, both say the same. */
static void the_short_way_agrees_with_the_long_one(void **state)
{
    (void)state;
    static const char *const texts[] = {"2024-02-29T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
                                        "2025-02-29T10:11:12Z", "1990-12-31T23:59:60Z", "1990-12-31T24:00:00Z",
                                        "2000-00-10T09:08:07Z", "0000-12-31T23:59:59Z", "2026-13-01T00:60:61Z"};
    uint64_t wrong = 0;
    for (size_t i = 0; i < COUNT_OF(texts); ++i)
        for (size_t at = 0; at < 20; ++at)
            for (int byte = 0; byte < 256; ++byte) {
                char text[22] = " ";
                int64_t quick = 7, slow = 7;
                int32_t quick_form = 0, slow_form = 0;
                memcpy(text + 1, texts[i], 20);
                text[1 + at] = (char)byte;
                cxm_status status = cxm_text_time(text + 1, 20, 3600, &quick, &quick_form);
                wrong += status != cxm_text_time(text, 21, 3600, &slow, &slow_form);
                wrong += quick != slow || quick_form != slow_form;
            }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(instants),
                                       cmocka_unit_test(the_given_zone_holds_where_the_text_names_none),
                                       cmocka_unit_test(refusals_leave_the_outputs),
                                       cmocka_unit_test(printed_texts),
                                       cmocka_unit_test(printing_has_bounds),
                                       cmocka_unit_test(the_short_way_agrees_with_the_long_one),
                                       cmocka_unit_test(half_a_million_instants_round_trip)};
    return cmocka_run_group_tests_name("base/text_time", tests, NULL, NULL);
}
