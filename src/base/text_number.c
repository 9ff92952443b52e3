/* SPDX-License-Identifier: MIT */
/* text_number.c - a decimal number in text to the nearest double.
 *
 * One pass keeps the first 19 significant digits in an integer and counts the rest into the
 * exponent; decimal.c goes back to the text only where a digit behind the 19th is not 0. Most
 * cells are whole numbers of one or two digits, which need no exponent at all.              */
#include "base/port.h"
#include <cxm/text.h>
#include "base/decimal.h"
#include "base/text_scan.h"

#define EXPONENT_BOUND INT64_C(100000000000000000)     /* no text has digits enough to outweigh it */

/* A run of digits into `d`; behind the decimal mark each one kept lowers the exponent, before it
 * each one not kept raises it. Leading zeros take no room in the head. */
static void take_run(view *v, decimal *d, bool fraction)
{
    for (; v->at < v->end && is_digit(*v->at); ++v->at) {
        if (d->head_digits < DECIMAL_HEAD) {
            d->head = 10 * d->head + (uint64_t)(*v->at - '0');
            d->head_digits += d->head != 0;
            d->exponent -= fraction;
        } else {
            d->more = d->more || *v->at != '0';
            d->exponent += !fraction;
        }
    }
}

/* Digits with at most one mark among them; false without a digit. */
static bool take_mantissa(view *v, char mark, decimal *d)
{
    d->digits = v->at;
    take_run(v, d, false);
    size_t digits = (size_t)(v->at - d->digits);
    if (take_char(v, mark)) {
        const char *fraction = v->at;
        take_run(v, d, true);
        digits += (size_t)(v->at - fraction);
    }
    d->len = (size_t)(v->at - d->digits);
    return digits > 0;
}

/* "e", a sign and digits to the end, or nothing; false for anything else. */
static bool take_exponent(view *v, decimal *d)
{
    int64_t exponent = 0;
    if (v->at == v->end) return true;
    if (!take_char(v, 'e') && !take_char(v, 'E')) return false;
    bool negative = take_char(v, '-');
    if (!negative) take_char(v, '+');
    if (v->at == v->end) return false;
    for (; v->at < v->end && is_digit(*v->at); ++v->at)
        if (exponent < EXPONENT_BOUND) exponent = 10 * exponent + (*v->at - '0');
    d->exponent += negative ? -exponent : exponent;
    return v->at == v->end;
}

cxm_status scan_number(view v, char mark, double *out)
{
    decimal d = {0};
    double value;
    bool negative = take_char(&v, '-');
    if (!negative) take_char(&v, '+');
    if (!take_mantissa(&v, mark, &d) || !take_exponent(&v, &d)) return CXM_E_FORMAT;
    if (!decimal_to_double(&d, &value)) return CXM_E_OVERFLOW;
    *out = negative && value > 0.0 ? -value : value;
    return CXM_OK;
}

/* One or two digits and nothing else, as most answers are: done before anything is set up. */
static bool scan_short(const char *text, size_t len, double *out)
{
    if (len - 1 > 1 || !is_digit(text[0]) || !is_digit(text[len - 1])) return false;
    int value = text[len - 1] - '0';
    *out = len == 1 ? value : 10 * (text[0] - '0') + value;
    return true;
}

cxm_status cxm_text_number(const char *text, size_t len, int32_t decimal_mark, double *out)
{
    if ((!text && len > 0) || !out || (decimal_mark != '.' && decimal_mark != ',')) return CXM_E_ARG;
    if (scan_short(text, len, out)) return CXM_OK;
    return scan_number(view_trimmed(text, len), (char)decimal_mark, out);
}
