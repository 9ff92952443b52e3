/* SPDX-License-Identifier: MIT */
/* writer.h - text into a caller's buffer that counts on when the room is used up.
 *
 * `len` ends as the length needed. Who promises "nothing written when short" writes to a large
 * enough buffer of its own first, or runs twice. */
#ifndef CXM_BASE_WRITER_H
#define CXM_BASE_WRITER_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct writer { char *out; size_t cap, len; } writer;

static inline void writer_bytes(writer *w, const char *text, size_t len)
{
    if (len && w->len <= w->cap && len <= w->cap - w->len) memcpy(w->out + w->len, text, len);
    w->len += len;
}

static inline void writer_text(writer *w, const char *text)
{
    writer_bytes(w, text, strlen(text));
}

/* A whole number, every digit of it. */
static inline void writer_count(writer *w, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    writer_bytes(w, digits + at, sizeof digits - at);
}

#endif
