/* SPDX-License-Identifier: MIT */
/* test_civil.c - every day of years 1..9999 against a calendar that counts step by step. */
#include "base/civil.h"
#include "support/cxm_test.h"

/* The rule as the bull Inter gravissimas (1582) has it, apart from the library's own. */
static int32_t length_of(int32_t year, int32_t month)
{
    if (month == 4 || month == 6 || month == 9 || month == 11) return 30;
    if (month != 2) return 31;
    if (year % 400 == 0) return 29;
    if (year % 100 == 0) return 28;
    return year % 4 == 0 ? 29 : 28;
}

static void step(civil_date *date)
{
    if (++date->day <= length_of(date->year, date->month)) return;
    date->day = 1;
    if (++date->month <= 12) return;
    date->month = 1;
    ++date->year;
}

/* No cmocka call a day: 3.65 million of them are compared by plain code. */
static void every_day_round_trips(void **state)
{
    (void)state;
    civil_date want = {1, 1, 1};
    int32_t wrong = 0, weekday = 0;         /* 0001-01-01 was a Monday */
    for (int32_t day = CIVIL_DAY_MIN; day <= CIVIL_DAY_MAX; ++day, step(&want)) {
        civil_date got = civil_date_from_days(day);
        wrong += got.year != want.year || got.month != want.month || got.day != want.day;
        wrong += civil_days_from_date(want) != day || !civil_valid(want);
        wrong += civil_weekday(day) != weekday || civil_week_start(day) != day - weekday;
        wrong += civil_month_number(day) != 12 * want.year + want.month - 1;
        if (want.day == 1) wrong += civil_month_start(civil_month_number(day)) != day;
        weekday = weekday == 6 ? 0 : weekday + 1;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(want.year, 10000);
    assert_int_equal(civil_month_number(CIVIL_DAY_MIN), CIVIL_MONTH_MIN);
    assert_int_equal(civil_month_number(CIVIL_DAY_MAX), CIVIL_MONTH_MAX);
}

/* Day numbers: Unix time by definition; 2000-02-29 and 2038-01-19 from POSIX time_t 951782400 and
 * 2147472000; weekdays: the first day of the Gregorian calendar (Friday), the first step on the
 * Moon (20 July 1969, Sunday), 1 January 2000 (Saturday). */
static void known_dates(void **state)
{
    (void)state;
    static const struct { civil_date date; int32_t day, weekday; } rows[] = {
        {{1970, 1, 1}, 0, 3},     {{2000, 2, 29}, 11016, 1},   {{2038, 1, 19}, 24855, 1},
        {{1582, 10, 15}, -141427, 4}, {{1969, 7, 20}, -165, 6}, {{2000, 1, 1}, 10957, 5},
        {{1, 1, 1}, CIVIL_DAY_MIN, 0}, {{9999, 12, 31}, CIVIL_DAY_MAX, 4},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        assert_int_equal(civil_days_from_date(rows[i].date), rows[i].day);
        assert_int_equal(civil_weekday(rows[i].day), rows[i].weekday);
    }
}

static void dates_that_do_not_exist(void **state)
{
    (void)state;
    static const civil_date rows[] = {{2026, 2, 29}, {1900, 2, 29}, {2026, 4, 31}, {2026, 0, 1},
                                      {2026, 13, 1}, {2026, 1, 0},  {2026, 1, 32}, {0, 1, 1},
                                      {10000, 1, 1}, {2026, -1, 1}};
    for (size_t i = 0; i < COUNT_OF(rows); ++i) assert_false(civil_valid(rows[i]));
    assert_true(civil_valid((civil_date){2000, 2, 29}));
}

static void instants_belong_to_the_day_below(void **state)
{
    (void)state;
    assert_int_equal(civil_days_from_us(0), 0);
    assert_int_equal(civil_days_from_us(-1), -1);
    assert_int_equal(civil_days_from_us(CIVIL_US_PER_DAY - 1), 0);
    assert_int_equal(civil_days_from_us(-CIVIL_US_PER_DAY), -1);
    assert_int_equal(civil_days_from_us(-CIVIL_US_PER_DAY - 1), -2);
    assert_int_equal(civil_days_from_us(CIVIL_US_MIN), CIVIL_DAY_MIN);
    assert_int_equal(civil_days_from_us(CIVIL_US_MAX), CIVIL_DAY_MAX);
}

static void months_are_added_to_the_same_day_or_the_last(void **state)
{
    (void)state;
    static const struct { civil_date from; int32_t months; civil_date want; } rows[] = {
        {{2026, 1, 31}, 1, {2026, 2, 28}},  {{2024, 1, 31}, 1, {2024, 2, 29}},
        {{2026, 3, 31}, -1, {2026, 2, 28}}, {{2026, 12, 15}, 1, {2027, 1, 15}},
        {{2026, 1, 15}, -1, {2025, 12, 15}}, {{2024, 2, 29}, 12, {2025, 2, 28}},
        {{2026, 5, 31}, 0, {2026, 5, 31}},  {{1, 1, 1}, 119987, {9999, 12, 1}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        civil_date got = civil_add_months(rows[i].from, rows[i].months);
        assert_int_equal(civil_days_from_date(got), civil_days_from_date(rows[i].want));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_day_round_trips),
                                       cmocka_unit_test(known_dates),
                                       cmocka_unit_test(dates_that_do_not_exist),
                                       cmocka_unit_test(instants_belong_to_the_day_below),
                                       cmocka_unit_test(months_are_added_to_the_same_day_or_the_last)};
    return cmocka_run_group_tests_name("base/civil", tests, NULL, NULL);
}
