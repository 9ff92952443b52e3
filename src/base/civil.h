/* SPDX-License-Identifier: MIT */
/* civil.h - days since 1970-01-01 and dates of the proleptic Gregorian calendar, years 1 to 9999.
 *
 * Every function expects its input inside those years (CIVIL_DAY_MIN..CIVIL_DAY_MAX); who takes
 * input from outside checks it first, dates with civil_valid().                        */
#ifndef CXM_BASE_CIVIL_H
#define CXM_BASE_CIVIL_H
#include <stdbool.h>
#include <stdint.h>

#define CIVIL_YEAR_MIN 1
#define CIVIL_YEAR_MAX 9999
#define CIVIL_DAY_MIN INT32_C(-719162)      /* 0001-01-01, a Monday */
#define CIVIL_DAY_MAX INT32_C(2932896)      /* 9999-12-31, a Friday */
#define CIVIL_EPOCH_DAY INT32_C(719468)     /* 1970-01-01 counted from 0000-03-01 */
#define CIVIL_MONTH_MIN INT32_C(12)         /* months since the January of year 0 */
#define CIVIL_MONTH_MAX INT32_C(119999)
#define CIVIL_US_PER_DAY INT64_C(86400000000)
#define CIVIL_US_MIN (CIVIL_DAY_MIN * CIVIL_US_PER_DAY)
#define CIVIL_US_MAX ((CIVIL_DAY_MAX + 1) * CIVIL_US_PER_DAY - 1)

/* A date; month 1..12, day 1..31. */
typedef struct civil_date { int32_t year, month, day; } civil_date;

/* Readers ask these four for each record: inline, a date stays in registers. */

static inline bool civil_is_leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* 28..31; 0 for a month outside 1..12. Year 0 counts as the leap year it would be. */
static inline int32_t civil_days_in_month(int32_t year, int32_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) return 0;
    return days[month - 1] + (month == 2 && civil_is_leap(year));
}

/* Whether such a date exists within years 1..9999. */
static inline bool civil_valid(civil_date date)
{
    return date.year >= CIVIL_YEAR_MIN && date.year <= CIVIL_YEAR_MAX && date.day >= 1 &&
           date.day <= civil_days_in_month(date.year, date.month);
}

/* See civil.c for the formula; 400 years more, 146097 days, keep what is divided from being negative in year 0. */
static inline int32_t civil_days_from_date(civil_date date)
{
    uint32_t early = date.month <= 2, year = (uint32_t)date.year + 400 - early, century = year / 100;
    uint32_t month = (uint32_t)date.month + 12 * early - 3;
    uint32_t days = 365 * year + year / 4 - century + century / 4 + (153 * month + 2) / 5 + (uint32_t)date.day - 1;
    return (int32_t)days - 146097 - CIVIL_EPOCH_DAY;
}

civil_date civil_date_from_days(int32_t days);

/* The day an instant in microseconds lies on: division rounding down. */
int32_t civil_days_from_us(int64_t us);

/* 0 Monday .. 6 Sunday (ISO 8601 less one). */
int32_t civil_weekday(int32_t days);

/* The Monday at or before `days`: the start of its ISO 8601 week. */
int32_t civil_week_start(int32_t days);

/* Months since the January of year 0: the number in which months, quarters (floor to 3) and
 * years (floor to 12) are counted. Consecutive months are consecutive numbers. */
int32_t civil_month_number(int32_t days);

/* The first day of that month. */
int32_t civil_month_start(int32_t month_number);

/* The same day `months` later (earlier when negative), or the last of its month where that month
 * is shorter: 31 January + 1 is 28 or 29 February. The result must lie in years 1..9999. */
civil_date civil_add_months(civil_date date, int32_t months);

#endif
