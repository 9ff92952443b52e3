/* SPDX-License-Identifier: MIT */
/* test_money.c - amounts by hand and at the ends of their range; print and read are inverses; decimals as ISO 4217 lists them. */
#include <cxm/money.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_test.h"

static const struct { const char *text; int32_t digits; int decimal; cxm_status status; int64_t minor; } reads[] = {
    {"29.90", 2, '.', CXM_OK, 2990}, {"29.9", 2, '.', CXM_OK, 2990}, {"29", 2, '.', CXM_OK, 2900}, {"29.", 2, '.', CXM_OK, 2900},
    {".5", 2, '.', CXM_OK, 50}, {" -0.05 ", 2, '.', CXM_OK, -5}, {"+7", 0, '.', CXM_OK, 7}, {"29,90", 2, ',', CXM_OK, 2990},
    {"29.900", 2, '.', CXM_OK, 2990}, {"1500.00", 0, '.', CXM_OK, 1500}, {"0.0001", 4, '.', CXM_OK, 1}, {"-0", 2, '.', CXM_OK, 0},
    {"29.905", 2, '.', CXM_E_FORMAT, 0}, {"0.5", 0, '.', CXM_E_FORMAT, 0}, {"29,90", 2, '.', CXM_E_FORMAT, 0}, {"", 2, '.', CXM_E_FORMAT, 0},
    {".", 2, '.', CXM_E_FORMAT, 0}, {"-", 2, '.', CXM_E_FORMAT, 0}, {"--1", 2, '.', CXM_E_FORMAT, 0}, {"1e3", 2, '.', CXM_E_FORMAT, 0},
    {"1.2.3", 2, '.', CXM_E_FORMAT, 0}, {"1,200.00", 2, '.', CXM_E_FORMAT, 0}, {"$5", 2, '.', CXM_E_FORMAT, 0}, {"NaN", 2, '.', CXM_E_FORMAT, 0},
    {"92233720368547758.07", 2, '.', CXM_OK, INT64_MAX}, {"-92233720368547758.07", 2, '.', CXM_OK, -INT64_MAX},
    {"92233720368547758.08", 2, '.', CXM_E_OVERFLOW, 0}, {"92233720368547759", 2, '.', CXM_E_OVERFLOW, 0},
    {"99999999999999999999999999999999", 0, '.', CXM_E_OVERFLOW, 0}, {"00000000000000000000000000000001", 0, '.', CXM_OK, 1}};

static void amounts_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof reads / sizeof *reads; ++i) {
        int64_t minor = 77;
        print_message("%s\n", reads[i].text);
        assert_int_equal(cxm_money_read(reads[i].text, strlen(reads[i].text), reads[i].digits, reads[i].decimal, &minor), reads[i].status);
        assert_int_equal(minor, reads[i].status == CXM_OK ? reads[i].minor : 77);
    }
}

static void what_was_printed_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 61;
    static const int64_t edges[] = {0, 1, -1, 9, 10, 99, 100, -100, INT64_MAX, -INT64_MAX};
    for (int i = 0; i < 2000; ++i) {
        char text[CXM_MONEY_TEXT_MAX];
        size_t len = 0;
        int64_t minor = i < 10 ? edges[i] : (int64_t)(test_rand(&seed) >> test_rand(&seed) % 60) * (i % 2 ? 1 : -1), back = 0;
        int32_t digits = i % 5;
        if (minor < -INT64_MAX) continue;
        assert_int_equal(cxm_money_print(minor, digits, text, sizeof text, &len), CXM_OK);
        assert_int_equal(cxm_money_read(text, len, digits, '.', &back), CXM_OK);
        assert_int_equal(back, minor);
        assert_int_equal(cxm_money_print(minor, digits, text, len - 1, &len), CXM_E_LIMIT);
    }
}

static void printed(void **state)
{
    (void)state;
    static const struct { int64_t minor; int32_t digits; const char *text; } rows[] = {
        {2990, 2, "29.90"}, {-5, 2, "-0.05"}, {1500, 0, "1500"}, {7, 3, "0.007"}, {INT64_MIN, 4, "-922337203685477.5808"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        char text[CXM_MONEY_TEXT_MAX];
        size_t len = 0;
        assert_int_equal(cxm_money_print(rows[i].minor, rows[i].digits, text, sizeof text, &len), CXM_OK);
        assert_int_equal(len, strlen(rows[i].text));
        assert_memory_equal(text, rows[i].text, len);
    }
}

static void currencies(void **state)
{
    (void)state;
    static const struct { const char *code; int32_t digits; } rows[] = {
        {"EUR", 2}, {"usd", 2}, {" JPY ", 0}, {"KWD", 3}, {"CLF", 4}, {"AAA", 2}, {"ZZZ", 2}, {"KRW", 0}, {"TND", 3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        uint16_t currency = 0, again = 0;
        char code[4];
        assert_int_equal(cxm_money_currency(rows[i].code, strlen(rows[i].code), &currency), CXM_OK);
        cxm_money_code(currency, code);
        assert_int_equal(cxm_money_currency(code, 3, &again), CXM_OK);
        assert_true(again == currency && code[0] >= 'A' && code[0] <= 'Z');
        assert_int_equal(cxm_money_digits(currency), rows[i].digits);
    }
    uint16_t currency = 5;
    char code[4] = "xyz";
    static const char *const bad[] = {"", "EU", "EURO", "E1R", "\xE2\x82\xAC"};
    for (size_t i = 0; i < 5; ++i) assert_int_equal(cxm_money_currency(bad[i], strlen(bad[i]), &currency), CXM_E_FORMAT);
    cxm_money_code(0, code);
    assert_string_equal(code, "");
    cxm_money_code(17577, code);
    assert_string_equal(code, "");
    cxm_money_code(1, NULL);
    assert_int_equal(cxm_money_digits(0), 2);
}

static void arguments(void **state)
{
    (void)state;
    int64_t minor;
    size_t len;
    uint16_t currency;
    char text[8];
    assert_int_equal(cxm_money_read(NULL, 1, 2, '.', &minor), CXM_E_ARG);
    assert_int_equal(cxm_money_read("1", 1, 2, '.', NULL), CXM_E_ARG);
    assert_int_equal(cxm_money_read("1", 1, 5, '.', &minor), CXM_E_ARG);
    assert_int_equal(cxm_money_read("1", 1, -1, '.', &minor), CXM_E_ARG);
    assert_int_equal(cxm_money_read("1", 1, 2, ';', &minor), CXM_E_ARG);
    assert_int_equal(cxm_money_read(NULL, 0, 2, '.', &minor), CXM_E_FORMAT);
    assert_int_equal(cxm_money_print(1, 5, text, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_money_print(1, 2, NULL, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_money_print(1, 2, text, 8, NULL), CXM_E_ARG);
    assert_int_equal(cxm_money_currency(NULL, 3, &currency), CXM_E_ARG);
    assert_int_equal(cxm_money_currency("EUR", 3, NULL), CXM_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(amounts_by_hand), cmocka_unit_test(what_was_printed_reads_back),
                                       cmocka_unit_test(printed), cmocka_unit_test(currencies), cmocka_unit_test(arguments)};
    return cmocka_run_group_tests_name("base/money", tests, NULL, NULL);
}
