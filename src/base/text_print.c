/* SPDX-License-Identifier: MIT */
/* text_print.c - doubles as text: the fewest digits, or a fixed number of decimals.
 *
 * The choice between plain and exponent form is that of ECMA-262 Number::toString, less the "+"
 * of the exponent: plain from 1e-6 up to below 1e21.                                       */
#include "base/port.h"
#include <cxm/text.h>
#include <math.h>
#include "base/decimal.h"
#include "base/text_scan.h"

#define PLAIN_LEAST (-5)        /* point of 1e-6 = 0.1 * 10^-5 */
#define PLAIN_MOST 21           /* point of 999999999999999900000 */

/* Text under construction; the callers' bounds are those of text.h. */
typedef struct draft { size_t len; char text[CXM_TEXT_FIXED_MAX]; } draft;

static void add_char(draft *d, char c)
{
    d->text[d->len++] = c;
}

static void add_zeros(draft *d, int32_t count)
{
    for (; count > 0; --count) add_char(d, '0');
}

static void add_digits(draft *d, const char *digits, int32_t count)
{
    for (int32_t i = 0; i < count; ++i) add_char(d, digits[i]);
}

/* 0.digits * 10^point without exponent. */
static void add_plain(draft *d, const char *digits, int32_t count, int32_t point)
{
    int32_t whole = point < 0 ? 0 : point < count ? point : count;
    if (whole == 0) add_char(d, '0');
    add_digits(d, digits, whole);
    add_zeros(d, point - count);
    if (whole == count) return;
    add_char(d, '.');
    add_zeros(d, -point);
    add_digits(d, digits + whole, count - whole);
}

static void add_exponent(draft *d, int32_t exponent)
{
    uint32_t magnitude = exponent < 0 ? (uint32_t)-exponent : (uint32_t)exponent;
    add_char(d, 'e');
    if (exponent < 0) add_char(d, '-');
    if (magnitude >= 100) add_char(d, (char)('0' + magnitude / 100));
    if (magnitude >= 10) add_char(d, (char)('0' + magnitude / 10 % 10));
    add_char(d, (char)('0' + magnitude % 10));
}

static void add_number(draft *d, double value)
{
    char digits[DECIMAL_SHORTEST];
    int32_t point, count = decimal_shortest(value, digits, &point);
    if (point >= PLAIN_LEAST && point <= PLAIN_MOST) {
        add_plain(d, digits, count, point);
        return;
    }
    add_char(d, digits[0]);
    if (count > 1) add_char(d, '.');
    add_digits(d, digits + 1, count - 1);
    add_exponent(d, point - 1);
}

cxm_status cxm_text_from_number(double value, char *out, size_t cap, size_t *len)
{
    draft d;
    d.len = 0;
    if (!len || (!out && cap > 0)) return CXM_E_ARG;
    if (!isfinite(value)) return CXM_E_DOMAIN;
    if (value < 0.0) add_char(&d, '-');
    if (value != 0.0) add_number(&d, fabs(value));
    else add_char(&d, '0');
    return put_text(d.text, d.len, out, cap, len);
}

cxm_status cxm_text_from_fixed(double value, int32_t decimals, char *out, size_t cap, size_t *len)
{
    draft d;
    char digits[DECIMAL_FIXED];
    d.len = 0;
    if (!len || (!out && cap > 0) || decimals < 0 || decimals > 20) return CXM_E_ARG;
    if (!isfinite(value)) return CXM_E_DOMAIN;
    size_t first = decimal_fixed(fabs(value), (uint32_t)decimals, digits);
    int32_t count = (int32_t)(DECIMAL_FIXED - first), point = count - decimals;
    if (value < 0.0 && digits[first] != '0') add_char(&d, '-');
    add_plain(&d, digits + first, count, point);
    return put_text(d.text, d.len, out, cap, len);
}
