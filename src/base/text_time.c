/* SPDX-License-Identifier: MIT */
/* text_time.c - instants as RFC 3339 text, its relatives in exports, and epoch numbers.
 *
 *      instant = date [("T" | "t" | " ") clock [blanks offset]] | epoch
 *      date    = yyyy-mm-dd          clock = hh:mm[:ss[(. | ,)digits]]
 *      epoch   = 9..17 digits [(. | ,)digits], its unit told by the number of digits: seconds have
 *                10 of them from 2001 to 2286, milliseconds 13, microseconds 16.
 * An instant is day * 86400 s + clock - offset, in 64-bit microseconds: years 1..9999 need 2^59.
 * Source   RFC 3339, 5.6 and 5.7 (leap seconds); ISO 8601:2004, 4.2.3 (24:00).              */
#include "base/port.h"
#include <cxm/text.h>
#include "base/bits.h"
#include "base/civil.h"
#include "base/text_scan.h"

#define US_PER_S INT64_C(1000000)

static bool zone_in_range(int32_t zone_s)
{
    return zone_s > -86400 && zone_s < 86400;
}

/* --- scanning --- */

/* yyyy-mm-dd. Year 0 is well formed; its days from March on are numbered right, so that an offset
 * can carry its last evening into year 1, and the rest is out of bounds either way. */
static bool take_date(view *v, int32_t *day)
{
    civil_date date;
    if (!take_digits(v, 4, &date.year) || !take_char(v, '-') || !take_digits(v, 2, &date.month) ||
        !take_char(v, '-') || !take_digits(v, 2, &date.day)) return false;
    if (date.day < 1 || date.day > civil_days_in_month(date.year, date.month)) return false;
    *day = civil_days_from_date(date);
    return true;
}

/* Time of day in microseconds, 24:00:00 and second 60 included; `leap` tells the latter. */
static bool take_clock(view *v, int64_t *us, bool *leap)
{
    int32_t hour, minute, second = 0;
    int64_t fraction = 0;
    if (!take_digits(v, 2, &hour) || !take_char(v, ':') || !take_digits(v, 2, &minute)) return false;
    if (take_char(v, ':') && (!take_digits(v, 2, &second) || !take_fraction(v, 6, &fraction)))
        return false;
    *us = (3600 * hour + 60 * minute + second) * US_PER_S + fraction;
    *leap = second == 60;
    return minute < 60 && second <= 60 && (hour < 24 || *us == CIVIL_US_PER_DAY);
}

static bool ends_day(int64_t us)        /* within the second that follows 23:59:59 */
{
    int64_t into = us % CIVIL_US_PER_DAY;
    return (into < 0 ? into + CIVIL_US_PER_DAY : into) < US_PER_S;
}

static bool scan_date_time(view v, int32_t zone_s, int64_t *at_us, int32_t *form)
{
    int32_t day;
    int64_t clock = 0;
    bool leap = false;
    *form = CXM_TIME_DATE;
    if (!take_date(&v, &day)) return false;
    if (v.at < v.end) {
        if (!take_char(&v, 'T') && !take_char(&v, 't') && !take_char(&v, ' ')) return false;
        if (!take_clock(&v, &clock, &leap)) return false;
        *form = v.at < v.end ? CXM_TIME_ZONED : CXM_TIME_LOCAL;
        skip_blanks(&v);
        if (v.at < v.end && (!take_offset(&v, &zone_s) || v.at < v.end)) return false;
    }
    *at_us = day * CIVIL_US_PER_DAY + clock - zone_s * US_PER_S;
    return !leap || ends_day(clock) || ends_day(*at_us);     /* by the text's own clock or by UTC */
}

/* What a word is apart from its shape, and the bits that tell whether each byte is a digit where the shape holds a
 * '0', and equal to it elsewhere: bit 7 of no byte is set then. Apart from '0' a digit is 0..9, which 118 lifts to 127
 * at the most; all else has to be 0, lifted by 127. A byte that carries into the next one has bit 7 set itself. */
typedef struct shaped { uint64_t rest, bits; } shaped;

static inline shaped shape_of(uint64_t word, uint64_t shape, uint64_t lift)
{
    uint64_t rest = word ^ shape;
    return (shaped){rest, (rest + lift) | rest};
}

/* Of two digits side by side in a word, at byte `at`, the number. `pairs` holds ten times each byte plus the next one. */
static inline int32_t pair_at(uint64_t pairs, uint32_t at)
{
    return (int32_t)(pairs >> 8 * at & 0xFF);
}

static inline uint64_t pairs_of(shaped word)
{
    return 10 * word.rest + (word.rest >> 8);       /* 0..9 each, as the shape was found to hold */
}

/* yyyy-mm-ddThh:mm:ssZ, which most exports write: three words are compared instead of 20 bytes taken. Second
 * 60, hour 24, another date than the calendar's and every other form are left to those below. */
static bool scan_utc(const char *text, size_t len, int64_t *at_us)
{
    const uint8_t *bytes = (const uint8_t *)text;
    if (len != 20) return false;
    shaped front = shape_of(load_le64(bytes), UINT64_C(0x2D30302D30303030), UINT64_C(0x7F76767F76767676));
    shaped middle = shape_of(load_le64(bytes + 8), UINT64_C(0x30303A3030543030), UINT64_C(0x76767F76767F7676));
    shaped end = shape_of(load_le64(bytes + 12), UINT64_C(0x5A30303A30303A30), UINT64_C(0x7F76767F76767F76));
    if ((front.bits | middle.bits | end.bits) & UINT64_C(0x8080808080808080)) return false;
    uint64_t a = pairs_of(front), b = pairs_of(middle), c = pairs_of(end);
    civil_date date = {100 * pair_at(a, 0) + pair_at(a, 2), pair_at(a, 5), pair_at(b, 0)};
    int32_t hour = pair_at(b, 3), minute = pair_at(b, 6), second = pair_at(c, 5);
    if ((hour > 23) | (minute > 59) | (second > 59) | !civil_valid(date)) return false;
    *at_us = civil_days_from_date(date) * CIVIL_US_PER_DAY + (3600 * hour + 60 * minute + second) * US_PER_S;
    return true;
}

/* Which epoch unit a number of so many digits is in, and its decimal places down to 1 us. */
static int32_t epoch_form(size_t digits, int32_t *places)
{
    if (digits < 9 || digits > 17) return 0;
    *places = digits <= 11 ? 6 : digits <= 14 ? 3 : 0;
    return digits <= 11 ? CXM_TIME_EPOCH_S : digits <= 14 ? CXM_TIME_EPOCH_MS : CXM_TIME_EPOCH_US;
}

static bool scan_epoch(view v, int64_t *at_us, int32_t *form)
{
    const char *first = v.at;
    int32_t places = 0;
    int64_t whole = 0, fraction;
    while (v.at < v.end && is_digit(*v.at)) ++v.at;
    *form = epoch_form((size_t)(v.at - first), &places);
    if (*form == 0) return false;
    for (const char *at = first; at < v.at; ++at) whole = 10 * whole + (*at - '0');
    if (!take_fraction(&v, places, &fraction) || v.at < v.end) return false;
    for (; places > 0; --places) whole *= 10;
    *at_us = whole + fraction;
    return true;
}

/* Any form. */
PORT_COLD static cxm_status scan_time(const char *text, size_t len, int32_t zone_s, int64_t *at_us, int32_t *form)
{
    int64_t us;
    int32_t found;
    view v = view_trimmed(text, len);
    if (!scan_date_time(v, zone_s, &us, &found) && !scan_epoch(v, &us, &found)) return CXM_E_FORMAT;
    if (us < CIVIL_US_MIN || us > CIVIL_US_MAX) return CXM_E_DOMAIN;
    *at_us = us;
    if (form) *form = found;
    return CXM_OK;
}

cxm_status cxm_text_time(const char *text, size_t len, int32_t zone_s, int64_t *at_us, int32_t *form)
{
    if ((!text && len > 0) || !at_us || !zone_in_range(zone_s)) return CXM_E_ARG;
    if (!scan_utc(text, len, at_us)) return scan_time(text, len, zone_s, at_us, form);
    if (form) *form = CXM_TIME_ZONED;
    return CXM_OK;
}

/* --- printing --- */

static char *put_decimal(char *at, int64_t value, int32_t width)
{
    for (int32_t i = width; i-- > 0; value /= 10) at[i] = (char)('0' + value % 10);
    return at + width;
}

static char *put_date(char *at, civil_date date)
{
    at = put_decimal(at, date.year, 4);
    *at++ = '-';
    at = put_decimal(at, date.month, 2);
    *at++ = '-';
    return put_decimal(at, date.day, 2);
}

static char *put_clock(char *at, int64_t us)        /* of the day */
{
    int64_t s = us / US_PER_S, fraction = us % US_PER_S;
    at = put_decimal(at, s / 3600, 2);
    *at++ = ':';
    at = put_decimal(at, s / 60 % 60, 2);
    *at++ = ':';
    at = put_decimal(at, s % 60, 2);
    if (fraction == 0) return at;
    *at++ = '.';
    at = put_decimal(at, fraction, 6);
    while (at[-1] == '0') --at;
    return at;
}

static char *put_offset(char *at, int32_t zone_s)
{
    int32_t minutes = (zone_s < 0 ? -zone_s : zone_s) / 60;
    if (zone_s == 0) {
        *at++ = 'Z';
        return at;
    }
    *at++ = zone_s < 0 ? '-' : '+';
    at = put_decimal(at, minutes / 60, 2);
    *at++ = ':';
    return put_decimal(at, minutes % 60, 2);
}

cxm_status cxm_text_from_time(int64_t at_us, int32_t zone_s, char *out, size_t cap, size_t *len)
{
    char text[CXM_TEXT_TIME_MAX];
    if (!len || (!out && cap > 0) || !zone_in_range(zone_s) || zone_s % 60 != 0) return CXM_E_ARG;
    if (at_us < CIVIL_US_MIN || at_us > CIVIL_US_MAX) return CXM_E_DOMAIN;
    int64_t local = at_us + zone_s * US_PER_S;
    if (local < CIVIL_US_MIN || local > CIVIL_US_MAX) return CXM_E_DOMAIN;
    int32_t day = civil_days_from_us(local);
    char *at = put_date(text, civil_date_from_days(day));
    *at++ = 'T';
    at = put_clock(at, local - day * CIVIL_US_PER_DAY);
    at = put_offset(at, zone_s);
    return put_text(text, (size_t)(at - text), out, cap, len);
}
