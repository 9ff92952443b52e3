/* SPDX-License-Identifier: MIT */
/* text_span.c - offsets from UTC, and durations: a count and a unit, or as a clock shows them. */
#include "base/port.h"
#include <cxm/text.h>
#include "base/text_scan.h"

/* hh, hhmm or hh:mm; h or h:mm as well where a word went before, so that "+5" alone is refused. */
static bool take_hours_minutes(view *v, bool after_word, int32_t *seconds)
{
    view rest = *v;
    int32_t hours, minutes = 0;
    if (!take_digits(&rest, 2, &hours) && !(after_word && take_digits(&rest, 1, &hours))) return false;
    bool minutes_follow = take_char(&rest, ':') || (rest.at < rest.end && is_digit(*rest.at));
    if (minutes_follow && !take_digits(&rest, 2, &minutes)) return false;
    if (hours > 23 || minutes > 59) return false;
    *seconds = 3600 * hours + 60 * minutes;
    *v = rest;
    return true;
}

bool take_offset(view *v, int32_t *zone_s)
{
    view rest = *v;
    int32_t seconds = 0;
    if (take_char(v, 'Z') || take_char(v, 'z')) {
        *zone_s = 0;
        return true;
    }
    bool word = take_word(&rest, "UTC") || take_word(&rest, "GMT");
    bool west = take_char(&rest, '-');
    if (west || take_char(&rest, '+')) {
        if (!take_hours_minutes(&rest, word, &seconds)) return false;
    } else if (!word) return false;
    *zone_s = west ? -seconds : seconds;
    *v = rest;
    return true;
}

cxm_status cxm_text_offset(const char *text, size_t len, int32_t *zone_s)
{
    int32_t seconds;
    if ((!text && len > 0) || !zone_s) return CXM_E_ARG;
    view v = view_trimmed(text, len);
    if (!take_offset(&v, &seconds) || v.at < v.end) return CXM_E_FORMAT;
    *zone_s = seconds;
    return CXM_OK;
}

static int64_t unit_us(view v)
{
    static const struct { const char *name; int64_t us; } units[] = {
        {"us", 1},           {"ms", 1000},          {"s", 1000000},       {"min", 60000000},
        {"h", 3600000000},   {"d", 86400000000},    {"w", 604800000000},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; ++i)
        if (view_left(&v) == strlen(units[i].name) && memcmp(v.at, units[i].name, view_left(&v)) == 0)
            return units[i].us;
    return 0;
}

/* A whole number and then a unit, which is looked up first: it bounds the number. */
cxm_status cxm_text_duration(const char *text, size_t len, int64_t *us)
{
    if ((!text && len > 0) || !us) return CXM_E_ARG;
    view digits = view_trimmed(text, len), unit = digits;
    while (unit.at < unit.end && is_digit(*unit.at)) ++unit.at;
    digits.end = unit.at;
    skip_blanks(&unit);
    int64_t each = unit_us(unit), count = 0;
    if (each == 0) return CXM_E_FORMAT;
    for (; digits.at < digits.end; ++digits.at) {
        int32_t digit = *digits.at - '0';
        if (count > (INT64_MAX / each - digit) / 10) return CXM_E_OVERFLOW;
        count = 10 * count + digit;
    }
    if (count == 0) return CXM_E_FORMAT;
    *us = count * each;
    return CXM_OK;
}

/* Hours of any number of digits, at least one; false past what microseconds can hold. */
static bool take_hours(view *v, int64_t *hours, bool *fits)
{
    const int64_t most = INT64_MAX / (3600 * INT64_C(1000000)) - 1;
    const char *first = v->at;
    *hours = 0;
    for (*fits = true; v->at < v->end && is_digit(*v->at); ++v->at) {
        *hours = 10 * *hours + (*v->at - '0');
        if (*hours <= most) continue;
        *fits = false;
        *hours = most;
    }
    return v->at > first;
}

cxm_status cxm_text_clock(const char *text, size_t len, int64_t *us)
{
    int64_t hours, fraction;
    int32_t minutes, seconds;
    bool fits;
    if ((!text && len > 0) || !us) return CXM_E_ARG;
    view v = view_trimmed(text, len);
    bool negative = take_char(&v, '-');
    if (!take_hours(&v, &hours, &fits) || !take_char(&v, ':') || !take_digits(&v, 2, &minutes) || !take_char(&v, ':') ||
        !take_digits(&v, 2, &seconds) || !take_fraction(&v, 6, &fraction) || v.at < v.end) return CXM_E_FORMAT;
    if (minutes > 59 || seconds > 59) return CXM_E_FORMAT;
    if (!fits) return CXM_E_OVERFLOW;
    int64_t sum = (3600 * hours + 60 * minutes + seconds) * 1000000 + fraction;
    *us = negative ? -sum : sum;
    return CXM_OK;
}
