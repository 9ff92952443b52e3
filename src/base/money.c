/* SPDX-License-Identifier: MIT */
/* money.c - whole minor units as text; the few currencies whose minor unit is no hundredth. */
#include "base/port.h"
#include <cxm/money.h>
#include "base/text_scan.h"
#include "base/writer.h"
#include <stdbool.h>

enum { LETTERS = 26, CODE_LEN = 3, DIGITS_MOST = 4, DIGITS_USUAL = 2 };

/* ISO 4217, list one: codes of each number of decimals, one behind the other. */
static const struct { int32_t digits; const char *codes; } unusual[] = {
    {0, "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF"},
    {3, "BHDIQDJODKWDLYDOMRTND"},
    {4, "CLFUYW"},
};

static int32_t letter_of(char c)
{
    return c >= 'a' && c <= 'z' ? c - 'a' : c >= 'A' && c <= 'Z' ? c - 'A' : -1;
}

cxm_status cxm_money_currency(const char *code, size_t len, uint16_t *currency)
{
    int32_t number = 0;
    if ((!code && len) || !currency) return CXM_E_ARG;
    view v = view_trimmed(code, len);
    if (view_left(&v) != CODE_LEN) return CXM_E_FORMAT;
    for (size_t i = 0; i < CODE_LEN; ++i) {
        int32_t letter = letter_of(v.at[i]);
        if (letter < 0) return CXM_E_FORMAT;
        number = LETTERS * number + letter;
    }
    *currency = (uint16_t)(number + 1);
    return CXM_OK;
}

void cxm_money_code(uint16_t currency, char out[4])
{
    uint32_t number = currency;
    if (!out) return;
    out[0] = out[CODE_LEN] = '\0';
    if (number == 0 || number > LETTERS * LETTERS * LETTERS) return;
    --number;
    for (size_t i = CODE_LEN; i-- > 0; number /= LETTERS) out[i] = (char)('A' + number % LETTERS);
}

int32_t cxm_money_digits(uint16_t currency)
{
    char code[4];
    cxm_money_code(currency, code);
    for (size_t i = 0; code[0] && i < sizeof unusual / sizeof *unusual; ++i)
        for (const char *at = unusual[i].codes; *at; at += CODE_LEN)
            if (memcmp(at, code, CODE_LEN) == 0) return unusual[i].digits;
    return DIGITS_USUAL;
}

/* 10 * value + digit as long as it fits, below 0 so that INT64_MIN's neighbour is no special case. */
static bool append(int64_t *value, int32_t digit)
{
    if (*value < (-INT64_MAX + digit) / 10) return false;
    *value = 10 * *value - digit;
    return true;
}

/* The digits of an amount into the negative of its minor units; CXM_E_FORMAT or CXM_E_OVERFLOW. */
static cxm_status read_digits(view v, int32_t digits, char decimal, int64_t *value)
{
    int32_t behind = -1;                    /* digits behind the point; -1 before it */
    bool any = false, fits = true;
    for (; v.at < v.end; ++v.at) {
        if (*v.at == decimal && behind < 0) {
            behind = 0;
            continue;
        }
        bool is_part = behind == digits;    /* of a minor unit: only 0 is none */
        if (!is_digit(*v.at) || (is_part && *v.at != '0')) return CXM_E_FORMAT;
        any = true;
        if (is_part) continue;
        behind += behind >= 0;
        fits = fits && append(value, *v.at - '0');
    }
    for (int32_t i = behind < 0 ? 0 : behind; i < digits; ++i) fits = fits && append(value, 0);
    return !any ? CXM_E_FORMAT : fits ? CXM_OK : CXM_E_OVERFLOW;
}

cxm_status cxm_money_read(const char *text, size_t len, int32_t digits, int32_t decimal, int64_t *minor)
{
    if ((!text && len) || !minor || digits < 0 || digits > DIGITS_MOST || (decimal != '.' && decimal != ',')) return CXM_E_ARG;
    view v = view_trimmed(text, len);
    int64_t value = 0;
    bool negative = take_char(&v, '-');
    if (!negative) take_char(&v, '+');
    cxm_status status = read_digits(v, digits, (char)decimal, &value);
    if (status == CXM_OK) *minor = negative ? value : -value;
    return status;
}

cxm_status cxm_money_print(int64_t minor, int32_t digits, char *out, size_t cap, size_t *len)
{
    char text[CXM_MONEY_TEXT_MAX];
    writer w = {text, sizeof text, 0};
    if (!len || (!out && cap) || digits < 0 || digits > DIGITS_MOST) return CXM_E_ARG;
    uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor, unit = 1;
    for (int32_t i = 0; i < digits; ++i) unit *= 10;
    if (minor < 0) writer_text(&w, "-");
    writer_count(&w, size / unit);
    if (digits) writer_text(&w, ".");
    for (uint64_t rest = size % unit, place = unit / 10; place; place /= 10) writer_count(&w, rest / place % 10);
    *len = w.len;
    if (cap < w.len) return CXM_E_LIMIT;
    memcpy(out, text, w.len);
    return CXM_OK;
}
