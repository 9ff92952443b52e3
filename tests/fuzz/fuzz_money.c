/* SPDX-License-Identifier: MIT */
/* fuzz_money.c - amounts, currencies and words of kinds: what is read is printed and read back the same, what is refused writes
 * nothing, and a number that cxm_text_number reads is the same amount. */
#include <cxm/customers.h>
#include <cxm/money.h>
#include <cxm/text.h>
#include <math.h>
#include <string.h>
#include "fuzz.h"

static const int64_t units[] = {1, 10, 100, 1000, 10000};

/* Printed it stands with all its decimals, and reads back; INT64_MIN alone does not. */
static void round_trip(int64_t minor, int32_t digits)
{
    char text[CXM_MONEY_TEXT_MAX];
    int64_t back = 1;
    size_t len, less;
    REQUIRE(cxm_money_print(minor, digits, text, sizeof text, &len) == CXM_OK && len <= sizeof text);
    REQUIRE(cxm_money_print(minor, digits, text, len - 1, &less) == CXM_E_LIMIT && less == len);
    REQUIRE(digits == 0 ? !memchr(text, '.', len) : text[len - 1 - (size_t)digits] == '.');
    cxm_status status = cxm_money_read(text, len, digits, '.', &back);
    REQUIRE(minor == INT64_MIN ? status == CXM_E_OVERFLOW && back == 1 : status == CXM_OK && back == minor);
}

static void check_amount(const char *text, size_t size, int32_t digits, char decimal)
{
    int64_t minor = -77;
    double number = 0;
    cxm_status status = cxm_money_read(text, size, digits, decimal, &minor);
    REQUIRE(status == CXM_OK || ((status == CXM_E_FORMAT || status == CXM_E_OVERFLOW) && minor == -77));
    if (status != CXM_OK) return;
    round_trip(minor, digits);
    if (cxm_text_number(text, size, decimal, &number) == CXM_OK)
        REQUIRE(fabs(number * (double)units[digits] - (double)minor) <= 1e-15 * fabs((double)minor));
    for (int32_t more = digits + 1; more <= 4; ++more) {
        int64_t scaled = 0;
        cxm_status wider = cxm_money_read(text, size, more, decimal, &scaled);
        REQUIRE(wider == CXM_E_OVERFLOW || (wider == CXM_OK && scaled == minor * (units[more] / units[digits])));
    }
}

static void check_currency(const char *text, size_t size)
{
    char code[4];
    uint16_t currency = 0, again = 0;
    cxm_status status = cxm_money_currency(text, size, &currency);
    REQUIRE(status == CXM_OK ? currency > 0 && currency <= 17576 : status == CXM_E_FORMAT && currency == 0);
    cxm_money_code(currency, code);
    REQUIRE(strlen(code) == (status == CXM_OK ? 3u : 0u));
    REQUIRE(cxm_money_digits(currency) >= 0 && cxm_money_digits(currency) <= 4);
    if (status == CXM_OK) REQUIRE(cxm_money_currency(code, 3, &again) == CXM_OK && again == currency);
}

/* A word is the same without the blanks around it, and in upper case. */
static void check_kind(const char *text, size_t size)
{
    char upper[64];
    int32_t kind = -1, again = -1;
    cxm_status status = cxm_customer_kind_of(text, size, &kind);
    REQUIRE(status == CXM_OK ? kind >= CXM_CUSTOMER_SIGNUP && kind <= CXM_CUSTOMER_PURCHASE : status == CXM_E_FORMAT && kind == -1);
    if (size > sizeof upper - 2) return;
    upper[0] = upper[size + 1] = ' ';
    for (size_t i = 0; i < size; ++i) upper[i + 1] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
    REQUIRE(cxm_customer_kind_of(upper, size + 2, &again) == status && again == kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    int64_t minor;
    for (int32_t digits = 0; digits <= 4; ++digits) {
        check_amount(text, size, digits, '.');
        check_amount(text, size, digits, ',');
        if (size < sizeof minor) continue;
        memcpy(&minor, data, sizeof minor);         /* the same bytes as an amount */
        round_trip(minor, digits);
    }
    check_currency(text, size);
    check_kind(text, size);
    REQUIRE(cxm_customer_code(text, size) != 0 && (cxm_customer_part(text, size) == 0) == (size == 0));
    return 0;
}
