/* SPDX-License-Identifier: MIT */
/* zone_posix.c - POSIX TZ text as a rule.
 *
 *      std offset [dst [offset] , start [/ time] , end [/ time]]
 *      name    three letters or more, or <...> of letters, digits, + and -
 *      offset  [+-] h[h] [: mm [: ss]], hours to 24, west of UTC; of dst an hour east of std unless told
 *      date    Jn, 1..365 without 29 February; n, 0..365; Mm.w.d, weekday d (0 Sunday) number w of a month, 5 the last
 *      time    [+-] h [: mm [: ss]], hours to 167; 02:00:00 unless told
 * Source   POSIX.1-2017, Base Definitions 8.3; RFC 9636, 3.3.1.                              */
#include "base/port.h"
#include "base/zone_parts.h"
#include "base/civil.h"
#include "base/text_scan.h"

typedef struct reading { view left; const char *start; const char *why; } reading;

static bool fail(reading *r, const char *why)
{
    if (!r->why) r->why = why;
    return false;
}

/* At most `digits` digits, at least one, up to `most`. */
static bool take_up_to(view *v, int digits, int32_t most, int32_t *out)
{
    const char *first = v->at;
    for (*out = 0; v->at < v->end && is_digit(*v->at) && v->at - first < digits; ++v->at) *out = 10 * *out + (*v->at - '0');
    return v->at > first && *out <= most && !(v->at < v->end && is_digit(*v->at));
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool take_name(reading *r)
{
    view *v = &r->left;
    bool quoted = take_char(v, '<');
    const char *first = v->at;
    while (v->at < v->end && (is_letter(*v->at) || (quoted && (is_digit(*v->at) || *v->at == '+' || *v->at == '-')))) ++v->at;
    bool long_enough = v->at - first >= 3;
    return (long_enough && (!quoted || take_char(v, '>'))) || fail(r, "a name has three letters or more, or stands in <>");
}

/* [+-] hours [: minutes [: seconds]] */
static bool take_clock(reading *r, int32_t most_hours, int32_t *out)
{
    view *v = &r->left;
    int32_t hours, minutes = 0, seconds = 0;
    bool negative = take_char(v, '-');
    if (!negative) take_char(v, '+');
    bool ok = take_up_to(v, 3, most_hours, &hours);
    if (ok && take_char(v, ':')) {
        ok = take_digits(v, 2, &minutes) && minutes < 60;
        if (ok && take_char(v, ':')) ok = take_digits(v, 2, &seconds) && seconds < 60;
    }
    if (!ok) return fail(r, "a time is hours, minutes and seconds, such as 2 or 03:30");
    *out = 3600 * hours + 60 * minutes + seconds;
    if (negative) *out = -*out;
    return true;
}

static bool take_day(reading *r, zone_date *out)
{
    view *v = &r->left;
    bool ok;
    if (take_char(v, 'M')) {
        out->form = ZONE_WEEKDAY;
        ok = take_up_to(v, 2, 12, &out->month) && out->month > 0 && take_char(v, '.') && take_up_to(v, 1, 5, &out->week) &&
             out->week > 0 && take_char(v, '.') && take_up_to(v, 1, 6, &out->day);
    } else if (take_char(v, 'J')) {
        out->form = ZONE_JULIAN;
        ok = take_up_to(v, 3, 365, &out->day) && out->day > 0;
    } else {
        out->form = ZONE_ZERO_BASED;
        ok = take_up_to(v, 3, 365, &out->day);
    }
    return ok || fail(r, "a date is Mm.w.d, Jn or n");
}

static bool take_date(reading *r, zone_date *out)
{
    out->time_s = 7200;
    if (!take_char(&r->left, ',')) return fail(r, "summer time needs the dates of its start and end");
    return take_day(r, out) && (!take_char(&r->left, '/') || take_clock(r, 167, &out->time_s));
}

static bool take_rule(reading *r, zone_rule *out)
{
    int32_t west;
    if (!take_name(r) || !take_clock(r, 24, &west)) return false;
    out->standard_s = -west;
    if (r->left.at == r->left.end) return true;
    out->has_summer = true;
    out->summer_s = out->standard_s + 3600;
    if (!take_name(r)) return false;
    if (r->left.at < r->left.end && *r->left.at != ',') {
        if (!take_clock(r, 24, &west)) return false;
        out->summer_s = -west;
    }
    if (!take_date(r, &out->start) || !take_date(r, &out->end)) return false;
    return r->left.at == r->left.end || fail(r, "nothing follows the dates");
}

bool zone_rule_read(const char *text, size_t len, zone_rule *out, zone_fault *fault)
{
    reading r = {{text, text + len}, text, NULL};
    *out = (zone_rule){0};
    bool ok = take_rule(&r, out);
    *fault = (zone_fault){(size_t)(r.left.at - r.start), r.why};
    return ok;
}

/* --- instants --- */

static int64_t weekday_of_month(const zone_date *date, int32_t year)
{
    int32_t first = civil_days_from_date((civil_date){year, date->month, 1}), length = civil_days_in_month(year, date->month);
    int32_t wanted = (date->day + 6) % 7, day = (wanted - civil_weekday(first) + 7) % 7 + 7 * (date->week - 1);
    return first + (day < length ? day : day - 7);
}

static int64_t day_of(const zone_date *date, int32_t year)
{
    int32_t january = civil_days_from_date((civil_date){year, 1, 1});
    switch (date->form) {
    case ZONE_WEEKDAY: return weekday_of_month(date, year);
    case ZONE_JULIAN: return january + date->day - 1 + (civil_is_leap(year) && date->day >= 60);
    default: return january + date->day;
    }
}

int64_t zone_rule_start(const zone_rule *rule, int32_t year)
{
    return day_of(&rule->start, year) * 86400 + rule->start.time_s - rule->standard_s;
}

int64_t zone_rule_end(const zone_rule *rule, int32_t year)
{
    return day_of(&rule->end, year) * 86400 + rule->end.time_s - rule->summer_s;
}
