/* SPDX-License-Identifier: MIT */
/* words.c - see words.h. */
#include "base/port.h"
#include "base/words.h"
#include <string.h>

enum { WORD_MOST = 31 };

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char plain(char c)
{
    if (c == ' ' || c == '-') return '_';
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const word *words_find(const word *words, const char *text, size_t len)
{
    char name[WORD_MOST + 1];
    while (len && is_blank(text[0])) ++text, --len;
    while (len && is_blank(text[len - 1])) --len;
    if (len > WORD_MOST) return NULL;
    for (size_t i = 0; i < len; ++i) name[i] = plain(text[i]);
    name[len] = '\0';
    for (; words->name; ++words)
        if (words->name[0] == name[0] && strlen(words->name) == len && memcmp(words->name, name, len) == 0) return words;
    return NULL;
}
