/* SPDX-License-Identifier: MIT */
/* text_scan.h - what the scanners and printers of text.h share. */
#ifndef CXM_BASE_TEXT_SCAN_H
#define CXM_BASE_TEXT_SCAN_H
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <cxm/text.h>

/* What is left to scan. Takers advance `at` only when they succeed. */
typedef struct view { const char *at, *end; } view;

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

static inline size_t view_left(const view *v) { return (size_t)(v->end - v->at); }

static inline void skip_blanks(view *v)
{
    while (v->at < v->end && is_blank(*v->at)) ++v->at;
}

/* `text` without the blanks around it; NULL with `len` 0 is empty text. */
static inline view view_trimmed(const char *text, size_t len)
{
    const char *start = text ? text : "";
    view v = {start, start + len};
    skip_blanks(&v);
    while (v.end > v.at && is_blank(v.end[-1])) --v.end;
    return v;
}

static inline bool take_char(view *v, char c)
{
    if (v->at == v->end || *v->at != c) return false;
    ++v->at;
    return true;
}

static inline bool take_word(view *v, const char *word)
{
    size_t len = strlen(word);
    if (view_left(v) < len || memcmp(v->at, word, len) != 0) return false;
    v->at += len;
    return true;
}

/* Exactly `count` digits (at most 9). */
static inline bool take_digits(view *v, size_t count, int32_t *value)
{
    int32_t sum = 0;
    if (view_left(v) < count) return false;
    for (size_t i = 0; i < count; ++i) {
        if (!is_digit(v->at[i])) return false;
        sum = 10 * sum + (v->at[i] - '0');
    }
    v->at += count;
    *value = sum;
    return true;
}

/* A mark and at least one digit, in units of 10^-places; further digits are cut. Without a mark 0. */
static inline bool take_fraction(view *v, int32_t places, int64_t *value)
{
    *value = 0;
    if (!take_char(v, '.') && !take_char(v, ',')) return true;
    const char *first = v->at;
    for (; v->at < v->end && is_digit(*v->at); ++v->at)
        if (places > 0) *value = 10 * *value + (*v->at - '0'), --places;
    for (; places > 0; --places) *value *= 10;
    return v->at > first;
}

/* All of `v` as a number, no blanks around it. */
cxm_status scan_number(view v, char decimal_mark, double *out);

/* An offset from UTC at the front of `v`. */
bool take_offset(view *v, int32_t *zone_s);

/* The common end of every printer: `len` bytes of `from` to the caller. */
static inline cxm_status put_text(const char *from, size_t from_len, char *out, size_t cap, size_t *len)
{
    *len = from_len;
    if (from_len > cap) return CXM_E_LIMIT;
    memcpy(out, from, from_len);
    return CXM_OK;
}

#endif
