/* SPDX-License-Identifier: MIT */
/* state_text.c - the texts of the door.
 *
 * Words for a missing answer and the reading of a cell are those of the command line, so that a column gives the
 * same counts by either way. JSON strings follow RFC 8259; well-formed UTF-8 is that of RFC 3629, section 4. */
#include "base/port.h"
#include "stream/state_text.h"
#include <cxm/interval.h>
#include <cxm/text.h>
#include <math.h>

void state_trim(const char **text, size_t *len)
{
    while (*len && (**text == ' ' || **text == '\t')) ++*text, --*len;
    while (*len && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t')) --*len;
}

/* Whether `text` is `word`, which is in lower case. */
static bool is_word(const char *text, size_t len, const char *word)
{
    size_t i = 0;
    for (; i < len && word[i]; ++i) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + ('a' - 'A')) : text[i];
        if (c != word[i]) return false;
    }
    return i == len && !word[i];
}

bool state_is_missing(const char *text, size_t len)
{
    static const char *const words[] = {"", "na", "n/a", "null", "none", "nan", "-"};
    state_trim(&text, &len);
    for (size_t i = 0; len <= 4 && i < sizeof words / sizeof *words; ++i)
        if (is_word(text, len, words[i])) return true;
    return false;
}

enum state_cell state_answer(const char *text, size_t len, double *value)
{
    size_t label_at;
    if (state_is_missing(text, len)) return STATE_CELL_MISSING;
    cxm_status status = cxm_text_answer(text, len, '.', value, &label_at);
    if (status == CXM_E_OVERFLOW) *value = (double)INFINITY;            /* a number, and on no scale */
    return status == CXM_OK || status == CXM_E_OVERFLOW ? STATE_CELL_NUMBER : STATE_CELL_TEXT;
}

bool state_is_whole(const char *text, size_t len)
{
    for (size_t i = 0; i < len; ++i)
        if (!(text[i] >= '0' && text[i] <= '9') && text[i] != '-' && text[i] != '.') return false;
    return true;
}

void state_put_number(writer *w, double value)
{
    char text[CXM_TEXT_NUMBER_MAX];
    size_t len;
    if (cxm_text_from_number(value, text, sizeof text, &len) == CXM_OK) writer_bytes(w, text, len);
    else writer_text(w, "null");
}

/* Bytes of the well-formed UTF-8 sequence at `text`; 0 when there is none. */
static size_t sequence(const unsigned char *text, size_t len)
{
    unsigned first = text[0], low = 0x80, high = 0xBF;
    size_t more = first < 0x80 ? 0 : first < 0xC2 ? 9 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : 9;
    if (more >= len) return 0;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    for (size_t i = 1; i <= more; ++i, low = 0x80, high = 0xBF)
        if (text[i] < low || text[i] > high) return 0;
    return more + 1;
}

static void put_escape(writer *w, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
    writer_bytes(w, text, sizeof text);
}

static void put_char(writer *w, const unsigned char *text, size_t n)
{
    if (n == 0) writer_text(w, "\\ufffd");
    else if (text[0] == '\n') writer_text(w, "\\n");
    else if (text[0] < ' ' || text[0] == 127) put_escape(w, text[0]);
    else {
        if (text[0] == '"' || text[0] == '\\') writer_text(w, "\\");
        writer_bytes(w, (const char *)text, n);
    }
}

void state_put_string(writer *w, const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    writer_text(w, "\"");
    for (size_t i = 0; i < len;) {
        size_t n = sequence(bytes + i, len - i);
        put_char(w, bytes + i, n);
        i += n ? n : 1;
    }
    writer_text(w, "\"");
}

void state_put_key(writer *w, const char *key)
{
    writer_text(w, ",\"");
    writer_text(w, key);
    writer_text(w, "\":");
}

void state_put_key_count(writer *w, const char *key, uint64_t value)
{
    state_put_key(w, key);
    writer_count(w, value);
}

void state_put_key_number(writer *w, const char *key, double value)
{
    state_put_key(w, key);
    state_put_number(w, value);
}

void state_put_interval(writer *w, bool exists, int32_t method, double level, double low, double high)
{
    if (!exists) {
        writer_text(w, ",\"interval\":null");
        return;
    }
    writer_text(w, ",\"interval\":{\"method\":\"");
    writer_text(w, cxm_interval_name(method));
    writer_text(w, "\"");
    state_put_key_number(w, "level", level);
    state_put_key_number(w, "low", low);
    state_put_key_number(w, "high", high);
    writer_text(w, "}");
}
