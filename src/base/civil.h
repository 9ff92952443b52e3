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
#define CIVIL_MONTH_MIN INT32_C(12)         /* months since the January of year 0 */
#define CIVIL_MONTH_MAX INT32_C(119999)
#define CIVIL_US_PER_DAY INT64_C(86400000000)
#define CIVIL_US_MIN (CIVIL_DAY_MIN * CIVIL_US_PER_DAY)
#define CIVIL_US_MAX ((CIVIL_DAY_MAX + 1) * CIVIL_US_PER_DAY - 1)

/* A date; month 1..12, day 1..31. */
typedef struct civil_date { int32_t year, month, day; } civil_date;

bool civil_is_leap(int32_t year);

/* 28..31; 0 for a month outside 1..12. Year 0 counts as the leap year it would be. */
int32_t civil_days_in_month(int32_t year, int32_t month);

/* Whether such a date exists within years 1..9999. */
bool civil_valid(civil_date date);

int32_t civil_days_from_date(civil_date date);
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
