/* SPDX-License-Identifier: MIT */
/* talk.c - what is said to a person: errors, remarks, and the word that was probably meant. */
#include "cli.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE = 2048 };

/* Messages quote names, values and cells: no byte of them may steer a terminal, start a new line or be no UTF-8. */
static void say(const char *format, va_list args)
{
    char text[SENTENCE];
    size_t used = 0;
    vsnprintf(text, sizeof text, format, args);
    for (size_t i = 0, n, len = strlen(text); i < len; i += n) {
        bool safe, ascii = (unsigned char)text[i] < 128;
        n = safe_char(text + i, len - i, &safe);
        if (!safe) text[i] = ascii ? ' ' : '?';
        memmove(text + used, text + i, safe ? n : 1);
        used += safe ? n : 1;
    }
    text[used] = '\0';
    fprintf(stderr, "cxm: %s\n", text);
}

int complain(int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return exit_code;
}

void remark(const options *opt, const char *format, ...)
{
    va_list args;
    if (opt->quiet) return;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein distance of two short words; a long one is infinitely far. */
static size_t distance(const char *a, const char *b)
{
    size_t row[33], n = strlen(b);
    if (n > 32 || strlen(a) > 32) return SIZE_MAX;
    for (size_t j = 0; j <= n; ++j) row[j] = j;
    for (size_t i = 1; a[i - 1]; ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; ++j) {
            size_t up = row[j];
            row[j] = smallest(row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = up;
        }
    }
    return row[n];
}

const char *nearest(const char *typed, const char *const *words, size_t count)
{
    const char *best = NULL;
    size_t near_enough = strlen(typed) < 3 ? 1 : 2, least = near_enough + 1;
    for (size_t i = 0; i < count; ++i) {
        size_t d = distance(typed, words[i]);
        if (d < least) {
            least = d;
            best = words[i];
        }
    }
    return best;
}
