/* SPDX-License-Identifier: MIT */
/* scanner.h - reads the spec text of an encoded state from left to right.
 *
 * `ok` turns false at the first thing that is not as it must be, and stays so. Spelling is not judged here:
 * who reads a spec writes it again and compares, so that only one spelling passes. */
#ifndef CXM_BASE_SCANNER_H
#define CXM_BASE_SCANNER_H
#include <cxm/text.h>
#include <stdbool.h>
#include <string.h>

typedef struct scanner { const char *at; size_t left; bool ok; } scanner;

/* Whether `word` comes next; then it is passed over. */
static inline bool scanner_try(scanner *s, const char *word)
{
    size_t len = strlen(word);
    if (!s->ok || s->left < len || memcmp(s->at, word, len) != 0) return false;
    s->at += len;
    s->left -= len;
    return true;
}

static inline void scanner_skip(scanner *s, const char *word)
{
    s->ok = scanner_try(s, word);
}

/* `len` bytes as they are; NULL when there are fewer. */
static inline const char *scanner_bytes(scanner *s, size_t len)
{
    const char *bytes = s->at;
    s->ok = s->ok && len <= s->left;
    if (!s->ok) return NULL;
    s->at += len;
    s->left -= len;
    return bytes;
}

/* A whole number within least..most, up to the next blank, dot, colon or the end; 0 when there is none. */
static inline int64_t scanner_int(scanner *s, int64_t least, int64_t most)
{
    size_t len = 0;
    double value = 0.0;
    while (len < s->left && !strchr(" .:", s->at[len])) ++len;
    s->ok = s->ok && len < 18 && cxm_text_number(s->at, len, '.', &value) == CXM_OK && value >= (double)least &&
            value <= (double)most;
    if (!s->ok) return 0;
    s->at += len;
    s->left -= len;
    return (int64_t)value;
}

#endif
