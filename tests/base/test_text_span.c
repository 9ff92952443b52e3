/* SPDX-License-Identifier: MIT */
/* test_text_span.c - offsets from UTC and durations. */
#include <cxm/text.h>
#include <string.h>
#include "support/cxm_test.h"

static void offsets(void **state)
{
    (void)state;
    static const struct { const char *text; int32_t zone_s; } rows[] = {
        {"UTC", 0}, {"GMT", 0}, {"Z", 0}, {"z", 0}, {"+01", 3600}, {"+0530", 19800}, {"-03:00", -10800},
        {"UTC+2", 7200}, {"GMT-11", -39600}, {"UTC+5:30", 19800}, {"UTC+05:45", 20700}, {" +00:00\t", 0},
        {"-00", 0}, {"+23:59", 86340}, {"-23:59", -86340}, {"UTC-0330", -12600},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        int32_t got = -1;
        assert_int_equal(cxm_text_offset(rows[i].text, strlen(rows[i].text), &got), CXM_OK);
        assert_int_equal(got, rows[i].zone_s);
    }
}

static void no_offsets(void **state)
{
    (void)state;
    static const char *rows[] = {"", " ", "Europe/Berlin", "CET", "+", "+1", "+1:30", "01:00", "+24", "+24:00", "+01:60",
                                 "+01:", "+01:0", "+010", "+01000", "UTC+", "UTC 2", "UTC+123", "UTC2", "ZZ", "+01:00Z",
                                 "+01 00", "utc", "UT", "\342\210\22201:00"};
    int32_t got = -1;
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        assert_int_equal(cxm_text_offset(rows[i], strlen(rows[i]), &got), CXM_E_FORMAT);
    assert_int_equal(cxm_text_offset(NULL, 0, &got), CXM_E_FORMAT);
    assert_int_equal(cxm_text_offset(NULL, 1, &got), CXM_E_ARG);
    assert_int_equal(cxm_text_offset("Z", 1, NULL), CXM_E_ARG);
    assert_int_equal(got, -1);
}

static void durations(void **state)
{
    (void)state;
    static const struct { const char *text; int64_t us; } rows[] = {
        {"1us", 1}, {"250ms", 250000}, {"1s", 1000000}, {"15min", 900000000}, {"24h", 86400000000},
        {"28d", 2419200000000}, {"1w", 604800000000}, {" 28 d ", 2419200000000}, {"007s", 7000000},
        {"9223372036854775807us", INT64_MAX}, {"9223372036854775ms", 9223372036854775000},
        {"15250284w", 9223371763200000000}, {"00000000000000000000000000001h", 3600000000},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        int64_t got = -1;
        assert_int_equal(cxm_text_duration(rows[i].text, strlen(rows[i].text), &got), CXM_OK);
        assert_true(got == rows[i].us);
    }
}

static void no_durations(void **state)
{
    (void)state;
    static const char *rows[] = {"", " ", "d", "28", "0d", "-1d", "+1d", "1.5h", "1 month", "1m", "1y", "1D", "1d 2h", "1dd", "h1"};
    static const char *over[] = {"9223372036854775808us", "9223372036854776ms", "15250285w", "99999999999999999999999s"};
    int64_t got = -1;
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        assert_int_equal(cxm_text_duration(rows[i], strlen(rows[i]), &got), CXM_E_FORMAT);
    for (size_t i = 0; i < COUNT_OF(over); ++i)
        assert_int_equal(cxm_text_duration(over[i], strlen(over[i]), &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_text_duration(NULL, 0, &got), CXM_E_FORMAT);
    assert_int_equal(cxm_text_duration(NULL, 1, &got), CXM_E_ARG);
    assert_int_equal(cxm_text_duration("1d", 2, NULL), CXM_E_ARG);
    assert_true(got == -1);
}

static void clocks(void **state)
{
    (void)state;
    static const struct { const char *text; int64_t us; } rows[] = {
        {"0:00:00", 0}, {"00:00:01", 1000000}, {"1:02:03", 3723000000}, {"51:07:30", 184050000000}, {" 00:59:59.5 ", 3599500000},
        {"0:00:02,25", 2250000}, {"-0:01:47", -107000000}, {"0:00:00.0000019", 1}, {"876600:00:00", 3155760000000000},
        {"00000000000000000000001:00:00", 3600000000}, {"2562047787:59:59.999999", 9223372036799999999},
    };
    static const char *wrong[] = {"", "1:02", "1:2:3", "1:02:3", "1:60:00", "1:00:60", ":00:00", "1:00:00.", "+1:00:00", "--1:00:00", "1:00:00 h",
                                  "1:00:00:00", "1 :00:00", "1h", "-", "99999999999999999999:00:61"};
    static const char *over[] = {"2562047788:00:00", "99999999999999999999:00:00"};
    int64_t got = -1;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        assert_int_equal(cxm_text_clock(rows[i].text, strlen(rows[i].text), &got), CXM_OK);
        assert_true(got == rows[i].us);
    }
    got = -1;
    for (size_t i = 0; i < COUNT_OF(wrong); ++i)
        assert_int_equal(cxm_text_clock(wrong[i], strlen(wrong[i]), &got), CXM_E_FORMAT);
    for (size_t i = 0; i < COUNT_OF(over); ++i)
        assert_int_equal(cxm_text_clock(over[i], strlen(over[i]), &got), CXM_E_OVERFLOW);
    assert_int_equal(cxm_text_clock(NULL, 0, &got), CXM_E_FORMAT);
    assert_int_equal(cxm_text_clock(NULL, 1, &got), CXM_E_ARG);
    assert_int_equal(cxm_text_clock("1:00:00", 7, NULL), CXM_E_ARG);
    assert_true(got == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(offsets), cmocka_unit_test(no_offsets),
                                       cmocka_unit_test(durations), cmocka_unit_test(no_durations),
                                       cmocka_unit_test(clocks)};
    return cmocka_run_group_tests_name("base/text_span", tests, NULL, NULL);
}
