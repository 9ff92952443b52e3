/* SPDX-License-Identifier: MIT */
/* error.c - error text in the caller's own buffer; nothing here allocates. */
#include "base/port.h"
#include "base/error.h"
#include <string.h>

/* The longest prefix of at most `cap` bytes that does not end inside a UTF-8 sequence. */
static size_t utf8_prefix(const char *text, size_t len, size_t cap)
{
    if (len <= cap) return len;
    while (cap > 0 && ((unsigned char)text[cap] & 0xC0) == 0x80) --cap;
    return cap;
}

cxm_status error_set(cxm_error *out, cxm_status status, error_place place, const char *text)
{
    if (!out || out->size < sizeof *out) return status;
    size_t len = utf8_prefix(text, strlen(text), CXM_ERROR_TEXT - 1);
    out->status = status;
    out->row = place.row;
    out->byte_offset = place.byte_offset;
    out->column = place.column;
    out->text_len = (uint32_t)len;
    memcpy(out->text, text, len);
    memset(out->text + len, 0, CXM_ERROR_TEXT - len);
    return status;
}
