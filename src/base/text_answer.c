/* SPDX-License-Identifier: MIT */
/* text_answer.c - an answer on a scale that may carry its label: "10 - Extremely likely".
 *
 *      answer = number | whole gap label         whole = sign digits
 *      gap    = blanks, with or without one of - : . ) = ( en dash, em dash among them
 *      label  = quotes and parentheses, then a letter or a byte of a non-ASCII character ...
 * At least one byte of gap separates the two. What follows the gap can therefore be no number:
 * ranges, fractions, times and dates are refused rather than cut to their first part. The
 * no-break space, which French typography and spreadsheets put there, is a blank in the gap.  */
#include "base/port.h"
#include <cxm/text.h>
#include "base/text_scan.h"

static void skip_gap_blanks(view *v)
{
    do skip_blanks(v);
    while (take_word(v, "\xC2\xA0"));
}

static bool take_separator(view *v)
{
    static const char ascii[] = "-:.)=(";
    if (take_word(v, "\xE2\x80\x93") || take_word(v, "\xE2\x80\x94")) return true;
    if (v->at == v->end || !memchr(ascii, *v->at, sizeof ascii - 1)) return false;
    ++v->at;
    return true;
}

static bool take_gap(view *v)
{
    const char *start = v->at;
    skip_gap_blanks(v);
    if (take_separator(v)) skip_gap_blanks(v);
    return v->at > start;
}

static bool begins_label(view v)
{
    while (take_char(&v, '"') || take_char(&v, '\'') || take_char(&v, '(')) skip_gap_blanks(&v);
    if (v.at == v.end) return false;
    unsigned char c = (unsigned char)*v.at;
    return c >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static cxm_status scan_labelled(view v, const char *text, double *value, size_t *label_at)
{
    view whole = v;
    if (!take_char(&v, '-')) take_char(&v, '+');
    while (v.at < v.end && is_digit(*v.at)) ++v.at;
    whole.end = v.at;
    if (!take_gap(&v) || !begins_label(v)) return CXM_E_FORMAT;
    cxm_status status = scan_number(whole, '.', value);     /* refuses a sign without digits */
    if (status == CXM_OK) *label_at = (size_t)(v.at - text);
    return status;
}

cxm_status cxm_text_answer(const char *text, size_t len, int32_t decimal_mark, double *value,
                           size_t *label_at)
{
    if (!value || !label_at) return CXM_E_ARG;
    cxm_status status = cxm_text_number(text, len, decimal_mark, value);
    if (status == CXM_OK) *label_at = len;
    if (status != CXM_E_FORMAT || len == 0) return status;
    return scan_labelled(view_trimmed(text, len), text, value, label_at);
}
