/* SPDX-License-Identifier: MIT */
/* cohort_calendar.c - periods by number: weeks since that of 0001-01-01, a Monday; months, and quarters, since year 0.
 *
 * Local time is UTC plus a fixed offset. The last period is that of the last microsecond before `until`; the first is that of
 * `since`, or so many periods earlier as are asked for, but none that starts before year 1. */
#include "base/port.h"
#include "retention/cohort_parts.h"
#include "base/civil.h"

static const int64_t US_PER_S = 1000000;
enum { SECONDS_PER_DAY = 86400, DAYS_PER_WEEK = 7, MONTHS_PER_QUARTER = 3 };

static int32_t number_of_day(int32_t unit, int32_t day)
{
    if (unit == CXM_COHORT_WEEK) return (day - CIVIL_DAY_MIN) / DAYS_PER_WEEK;
    return civil_month_number(day) / (unit == CXM_COHORT_MONTH ? 1 : MONTHS_PER_QUARTER);
}

/* The first day of a period, also of the one behind year 9999. */
static int32_t first_day(int32_t unit, int32_t number)
{
    if (unit == CXM_COHORT_WEEK) return CIVIL_DAY_MIN + DAYS_PER_WEEK * number;
    int32_t month = number * (unit == CXM_COHORT_MONTH ? 1 : MONTHS_PER_QUARTER);
    return month > CIVIL_MONTH_MAX ? CIVIL_DAY_MAX + 1 : civil_month_start(month);
}

static int64_t start_of(const cohort_calendar *calendar, int32_t number)
{
    return first_day(calendar->unit, number) * CIVIL_US_PER_DAY - calendar->zone_s * US_PER_S;
}

/* The number of an instant; one whose local year is not 1..9999 counts as the nearest that is. */
static int32_t number_of(const cohort_calendar *calendar, int64_t at_us)
{
    int64_t local = at_us + calendar->zone_s * US_PER_S;
    if (local < CIVIL_US_MIN) local = CIVIL_US_MIN;
    if (local > CIVIL_US_MAX) local = CIVIL_US_MAX;
    return number_of_day(calendar->unit, civil_days_from_us(local));
}

int64_t cohort_edge(const cohort_calendar *calendar, uint32_t i)
{
    return start_of(calendar, calendar->first + (int32_t)i);
}

uint32_t cohort_period(const cohort_calendar *calendar, int64_t at_us)
{
    return (uint32_t)(number_of(calendar, at_us) - calendar->first);
}

static bool in_range(int64_t us)
{
    return us >= CIVIL_US_MIN && us <= CIVIL_US_MAX;
}

/* The first cohort when any start will do: so many periods back, within year 1. */
static int32_t earliest(const cohort_calendar *calendar, int32_t last, uint32_t periods)
{
    int32_t least = number_of_day(calendar->unit, CIVIL_DAY_MIN);
    if (start_of(calendar, least) < CIVIL_US_MIN) ++least;
    return last - least < (int32_t)periods ? least : last - (int32_t)periods + 1;
}

static bool options_ok(const cxm_cohort_options *options)
{
    return options->unit >= CXM_COHORT_WEEK && options->unit <= CXM_COHORT_QUARTER && options->basis >= 0 &&
           options->basis <= CXM_COHORT_FIRST && options->zone_s > -SECONDS_PER_DAY && options->zone_s < SECONDS_PER_DAY &&
           options->periods <= CXM_COHORT_PERIODS_MAX && options->reserved == 0 && options->reserved2 == 0 &&
           in_range(options->until_us) && (options->since_us == CXM_COHORT_EVER || in_range(options->since_us)) &&
           options->since_us < options->until_us;
}

cxm_status cohort_calendar_of(const cxm_cohort_options *options, cohort_calendar *out)
{
    if (!options_ok(options)) return CXM_E_ARG;
    uint32_t periods = options->periods ? options->periods : CXM_COHORT_PERIODS_DEFAULT;
    bool ever = options->since_us == CXM_COHORT_EVER;
    cohort_calendar got = {.unit = options->unit, .basis = options->basis ? options->basis : CXM_COHORT_SUBSCRIPTION,
                           .zone_s = options->zone_s, .since_us = options->since_us, .until_us = options->until_us};
    int32_t last = number_of(&got, options->until_us - 1);
    got.first = ever ? earliest(&got, last, periods) : number_of(&got, options->since_us);
    int64_t start = start_of(&got, got.first), end = start_of(&got, last + 1);
    if (ever) got.since_us = start;
    if (!in_range(start) || !in_range(end) || start > got.since_us || end < got.until_us || got.since_us >= got.until_us)
        return CXM_E_ARG;
    if (last - got.first >= (int32_t)periods) return CXM_E_LIMIT;
    got.count = (uint32_t)(last - got.first) + 1;
    got.complete = got.count - (end > got.until_us);
    *out = got;
    return CXM_OK;
}
