/* SPDX-License-Identifier: MIT */
/* window.c - the half-open window around an instant.
 *
 * Local time is UTC plus the offset; the local day is found by division rounding down, the window's first
 * and last day by the calendar, and both go back to UTC. A stretch is a division on the local time line
 * whose origin is Monday 1970-01-05.                                                  */
#include "base/port.h"
#include <cxm/text.h>
#include <cxm/window.h>
#include "base/civil.h"
#include <stdbool.h>
#include <string.h>

_Static_assert(sizeof(cxm_window_spec) == 24, "cxm_window_spec grew");

static const int64_t US_PER_S = 1000000, STRETCH_ORIGIN_US = 4 * CIVIL_US_PER_DAY;
enum { SECONDS_PER_DAY = 86400 };

static bool zone_ok(int32_t zone_s)
{
    return zone_s > -SECONDS_PER_DAY && zone_s < SECONDS_PER_DAY;
}

static bool spec_ok(const cxm_window_spec *spec)
{
    return spec && spec->size == sizeof *spec && spec->reserved == 0 && zone_ok(spec->zone_s) && spec->unit >= CXM_WINDOW_DAY &&
           spec->unit <= CXM_WINDOW_STRETCH && (spec->unit == CXM_WINDOW_STRETCH) == (spec->length_us != 0) &&
           spec->length_us >= 0 && spec->length_us <= CIVIL_US_MAX;
}

cxm_status cxm_window_parse(const char *text, size_t len, int32_t zone_s, cxm_window_spec *out)
{
    static const char *const names[] = {"day", "week", "month", "quarter", "year"};
    if (!text || !out || !zone_ok(zone_s)) return CXM_E_ARG;
    cxm_window_spec spec = {.size = sizeof spec, .unit = CXM_WINDOW_STRETCH, .zone_s = zone_s};
    for (int32_t i = 0; i < 5; ++i)
        if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0) spec.unit = CXM_WINDOW_DAY + i;
    if (spec.unit == CXM_WINDOW_STRETCH) {
        cxm_status status = cxm_text_duration(text, len, &spec.length_us);
        if (status != CXM_OK) return status;
        if (!spec_ok(&spec)) return CXM_E_OVERFLOW;
    }
    *out = spec;
    return CXM_OK;
}

/* First day of the window around `day`, and first day behind it. */
static void days_of(int32_t unit, int32_t day, int32_t *first, int32_t *behind)
{
    int32_t months = unit == CXM_WINDOW_MONTH ? 1 : unit == CXM_WINDOW_QUARTER ? 3 : 12;
    if (unit == CXM_WINDOW_DAY) {
        *first = day;
        *behind = day + 1;
    } else if (unit == CXM_WINDOW_WEEK) {
        *first = civil_week_start(day);
        *behind = *first + 7;
    } else {
        int32_t month = civil_month_number(day) / months * months;
        *first = civil_month_start(month);
        *behind = month + months > CIVIL_MONTH_MAX ? CIVIL_DAY_MAX + 1 : civil_month_start(month + months);
    }
}

static int64_t floor_to(int64_t value, int64_t step)
{
    int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

static void local_window(const cxm_window_spec *spec, int64_t local_us, int64_t *from, int64_t *to)
{
    if (spec->unit == CXM_WINDOW_STRETCH) {
        *from = floor_to(local_us - STRETCH_ORIGIN_US, spec->length_us) + STRETCH_ORIGIN_US;
        *to = *from + spec->length_us;
    } else {
        int32_t first, behind;
        days_of(spec->unit, civil_days_from_us(local_us), &first, &behind);
        *from = first * CIVIL_US_PER_DAY;
        *to = behind * CIVIL_US_PER_DAY;
    }
}

static bool in_range(int64_t us)
{
    return us >= CIVIL_US_MIN && us <= CIVIL_US_MAX;
}

cxm_status cxm_window_of(const cxm_window_spec *spec, int64_t at_us, int64_t *from, int64_t *to)
{
    int64_t first, behind;
    if (!spec_ok(spec) || !from || !to) return CXM_E_ARG;
    int64_t shift = spec->zone_s * US_PER_S;
    if (!in_range(at_us) || !in_range(at_us + shift)) return CXM_E_DOMAIN;
    local_window(spec, at_us + shift, &first, &behind);
    first -= shift;
    behind -= shift;
    if (!in_range(first) || !in_range(behind)) return CXM_E_DOMAIN;     /* else it could not be printed */
    *from = first;
    *to = behind;
    return CXM_OK;
}
