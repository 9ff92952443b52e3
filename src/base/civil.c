/* SPDX-License-Identifier: MIT */
/* civil.c - calendar arithmetic without loops or tables of years.
 *
 * Let a year begin on 1 March, so that the leap day is its last. Months then start at day
 *      (153 m + 2) / 5,   m = 0 for March .. 11 for February        (31 30 31 30 31 repeats, 153 days)
 * and a year y starts at day 365 y + y/4 - y/100 + y/400 after 0000-03-01. The inverse divides by
 * the mean length of a century, 146097/4 days, and of a year within it, 1461/4; the "+ 3" lifts
 * each quarter day so that the last day of a cycle stays in it. All values are non-negative from
 * year 1 on, so that C's truncating division is the floor that the formulas need.
 * Source   the era arithmetic follows H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
 *          2013; P. Baum, "Date Algorithms", 1998, for the two-step division.               */
#include "base/port.h"
#include "base/civil.h"

civil_date civil_date_from_days(int32_t days)
{
    int32_t since = days + CIVIL_EPOCH_DAY;
    int32_t century = (4 * since + 3) / 146097, in_century = since - 146097 * century / 4;
    int32_t year = (4 * in_century + 3) / 1461, in_year = in_century - 1461 * year / 4;
    int32_t month = (5 * in_year + 2) / 153, new_year = month >= 10;
    return (civil_date){100 * century + year + new_year, month + (new_year ? -9 : 3),
                        in_year - (153 * month + 2) / 5 + 1};
}

int32_t civil_days_from_us(int64_t us)
{
    return (int32_t)(us / CIVIL_US_PER_DAY - (us % CIVIL_US_PER_DAY < 0));
}

int32_t civil_weekday(int32_t days)
{
    return (days - CIVIL_DAY_MIN) % 7;      /* 0001-01-01 was a Monday */
}

int32_t civil_week_start(int32_t days)
{
    return days - civil_weekday(days);
}

int32_t civil_month_number(int32_t days)
{
    civil_date date = civil_date_from_days(days);
    return 12 * date.year + date.month - 1;
}

int32_t civil_month_start(int32_t month_number)
{
    return civil_days_from_date((civil_date){month_number / 12, month_number % 12 + 1, 1});
}

civil_date civil_add_months(civil_date date, int32_t months)
{
    int32_t number = 12 * date.year + date.month - 1 + months;
    civil_date moved = {number / 12, number % 12 + 1, date.day};
    int32_t last = civil_days_in_month(moved.year, moved.month);
    if (moved.day > last) moved.day = last;
    return moved;
}
