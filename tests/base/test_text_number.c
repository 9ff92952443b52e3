/* SPDX-License-Identifier: MIT */
/* test_text_number.c - scanning of numbers against published hard cases and the C library's strtod. */
#include <cxm/text.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static double scanned(const char *text)
{
    double value = -1;
    print_message("%.60s\n", text);
    assert_int_equal(cxm_text_number(text, strlen(text), '.', &value), CXM_OK);
    return value;
}

static void forms(void **state)
{
    (void)state;
    static const struct { const char *text; double value; } rows[] = {
        {"7", 7}, {"10", 10}, {"00", 0}, {"007", 7}, {"-3", -3}, {"+3", 3}, {" \t4 ", 4}, {"4.", 4}, {".5", 0.5},
        {"-.5", -0.5}, {"3.14159", 3.14159}, {"1e3", 1000}, {"1E+3", 1000}, {"1e-3", 0.001}, {"1.5e2", 150},
        {"0e999999999999999999999", 0}, {"0.000", 0}, {"1e-400", 0}, {"1e-99999999999999999999", 0},
        {"12345678901234567890", 12345678901234567890.0}, {"9007199254740993", 9007199254740992.0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) assert_true(scanned(rows[i].text) == rows[i].value);
    static const char *zeros[] = {"-0", "-0.0", "-1e-400", "-0e5"};
    for (size_t i = 0; i < COUNT_OF(zeros); ++i) assert_true(bits_of(scanned(zeros[i])) == 0);
}

/* First group: V. Paxson, "A Program for Testing IEEE Decimal-Binary Conversion", 1991
 * (stress inputs for 53-bit binary, closest below halfway at each number of digits), checked by strtod;
 * second: the 2010 PHP and 2011 Java hangs, and halfway cases around 2^53, the least normal, the
 * least subnormal and the largest double, whose bits follow from IEEE 754 itself. */
static void hard_cases(void **state)
{
    (void)state;
    static const struct { const char *text; double value; } rows[] = {
        {"5e+125", 0}, {"69e+267", 0}, {"999e-026", 0}, {"7861e-034", 0}, {"75569e-254", 0},
        {"928609e-261", 0}, {"9210917e+080", 0}, {"84863171e+114", 0}, {"653777767e+273", 0}, {"5232604057e-298", 0},
        {"27235667517e-109", 0}, {"653532977297e-123", 0}, {"3142213164987e-294", 0}, {"46202199371337e-072", 0},
        {"231010996856685e-073", 0}, {"9324754620109615e+212", 0}, {"78459735791271921e+049", 0},
        {"272104041512242479e+200", 0}, {"6802601037806061975e+198", 0}, {"20505426358836677347e-221", 0},
        {"836168422905420598437e-234", 0}, {"4891559871276714924261e+222", 0},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022}, {"2.2250738585072012e-308", 0x1p-1022},
        {"9007199254740993.0000000000000000000000000000000000001", 0x1.0000000000001p+53},
        {"9007199254740992.9999999999999999999999999999999999999", 0x1p+53},
        {"2.4703282292062327e-324", 0}, {"2.4703282292062328e-324", 0x0.0000000000001p-1022},
        {"1.7976931348623158e308", 0x1.fffffffffffffp+1023}, {"1.79769313486231580793e308", 0x1.fffffffffffffp+1023},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        double got = scanned(rows[i].text);
        if (rows[i].value != 0) assert_true(got == rows[i].value);
        assert_true(bits_of(got) == bits_of(strtod(rows[i].text, NULL)));
    }
}

/* (low + high) / 2 in decimal: the digits of the two neighbours (below 2, 1074 places) added, then
 * halved to 1075 places. */
static int write_middle(char *sum, uint64_t low_bits)
{
    char low[1200], high[1200];
    int len = snprintf(low, sizeof low, "%.1074f", from_bits(low_bits)), carry = 0, rest = 0;
    snprintf(high, sizeof high, "%.1074f", from_bits(low_bits + 1));
    sum[1] = '.';
    for (int i = len; i-- > 0;) {
        if (i == 1) continue;
        int digit = low[i] - '0' + high[i] - '0' + carry;
        sum[i] = (char)('0' + digit % 10);
        carry = digit / 10;
    }
    for (int i = 0; i < len; ++i) {
        if (i == 1) continue;
        int digit = 10 * rest + sum[i] - '0';
        sum[i] = (char)('0' + digit / 2);
        rest = digit % 2;
    }
    sum[len] = (char)('0' + 5 * rest);
    return len + 1;
}

/* Exactly halfway between two doubles, then one unit above and below in the last of ~770 digits,
 * then far behind it: the tie goes to the even one, the others to their side. */
static void check_halfway(uint64_t low_bits)
{
    char sum[2400];
    double got;
    int len = write_middle(sum, low_bits);
    assert_int_equal(cxm_text_number(sum, (size_t)len, '.', &got), CXM_OK);
    assert_true(bits_of(got) == low_bits + (low_bits & 1));
    memset(sum + len, '0', 900);
    sum[len + 900] = '1';
    assert_int_equal(cxm_text_number(sum, (size_t)len + 901, '.', &got), CXM_OK);
    assert_true(bits_of(got) == low_bits + 1);
    char *last = sum + len - 1;
    for (; *last == '0' || *last == '.'; --last)
        if (*last == '0') *last = '9';
    --*last;
    assert_int_equal(cxm_text_number(sum, (size_t)len, '.', &got), CXM_OK);
    assert_true(bits_of(got) == low_bits);
}

static void halfway_texts(void **state)
{
    (void)state;
    static const uint64_t fixed[] = {1, 2, 3, UINT64_C(0x000FFFFFFFFFFFFF), UINT64_C(0x000FFFFFFFFFFFFE),
                                     UINT64_C(0x0010000000000000), UINT64_C(0x001FFFFFFFFFFFFF)};
    uint64_t seed = 5;
    for (size_t i = 0; i < COUNT_OF(fixed); ++i) check_halfway(fixed[i]);
    for (int i = 0; i < 300; ++i)       /* below 2, so that whole parts have one digit */
        check_halfway(test_rand(&seed) % UINT64_C(0x3FEFFFFFFFFFFFFF));
}

static void long_texts_in_bounded_memory(void **state)
{
    (void)state;
    enum { N = 200000 };
    char *text = malloc(N + 32);
    double value = 0;
    assert_non_null(text);
    memset(text, '0', N);
    memcpy(text, "0.", 2);
    memcpy(text + N, "25e200000", 9);           /* 0.(N-2 zeros)25 * 10^N */
    assert_int_equal(cxm_text_number(text, N + 9, '.', &value), CXM_OK);
    assert_true(value == 25.0);
    memset(text, '3', N);
    text[1] = '.';
    assert_int_equal(cxm_text_number(text, N, '.', &value), CXM_OK);
    assert_true(value == 10.0 / 3.0);
    memset(text, '0', N);
    text[0] = '7';
    memcpy(text + N, "e-199999", 8);
    assert_int_equal(cxm_text_number(text, N + 8, '.', &value), CXM_OK);
    assert_true(value == 7.0);
    assert_int_equal(cxm_text_number(text, N, '.', &value), CXM_E_OVERFLOW);
    free(text);
}

/* Random texts of every form: n digits, a mark anywhere, an exponent. */
static size_t random_text(uint64_t *seed, char *text)
{
    size_t n = 0, digits = 1 + test_rand(seed) % (test_rand(seed) % 8 ? 20 : 60), mark = test_rand(seed) % (digits + 4);
    if (test_rand(seed) % 2) text[n++] = '-';
    for (size_t i = 0; i < digits; ++i) {
        if (i == mark) text[n++] = '.';
        text[n++] = (char)('0' + test_rand(seed) % 10);
    }
    if (test_rand(seed) % 4 == 0) return n;
    int span = test_rand(seed) % 2 ? 30 : 340;
    return n + (size_t)sprintf(text + n, "e%d", (int)(test_rand(seed) % (2 * (unsigned)span)) - span);
}

static void a_million_texts_agree_with_strtod(void **state)
{
    (void)state;
    uint64_t seed = 1, wrong = 0;
    for (int i = 0; i < 1000000; ++i) {
        if (test_left_out()) continue;
        char text[128];
        size_t len = random_text(&seed, text);
        double got = 0, want;
        text[len] = '\0';
        cxm_status status = cxm_text_number(text, len, '.', &got);
        want = strtod(text, NULL);
        wrong += isinf(want) ? status != CXM_E_OVERFLOW : status != CXM_OK || got != want;
    }
    assert_int_equal(wrong, 0);
}

static void doubles_at_17_digits(void **state)
{
    (void)state;
    uint64_t seed = 2, wrong = 0;
    for (int i = 0; i < 400000; ++i) {
        if (test_left_out()) continue;
        char text[40];
        double value = from_bits(test_rand(&seed)), got = 0;
        if (!isfinite(value)) continue;
        int len = snprintf(text, sizeof text, "%.17g", value);
        wrong += cxm_text_number(text, (size_t)len, '.', &got) != CXM_OK || got != value;
    }
    assert_int_equal(wrong, 0);
}

static void refusals_leave_the_output(void **state)
{
    (void)state;
    static const char *rows[] = {"", " ", "\t \t", "+", "-", ".", "-.", "e5", ".e5", "1e", "1e+", "1e5.", "1e5x", "1 2", "1,5",
                                 "1.2.3", "--1", "+-1", "1-", "0x10", "nan", "inf", "INFINITY", "1_000", "1,000", "\n1", "1\n",
                                 "1f", "1e5 e", "\xEF\xBC\x91", "1d5"};
    static const char *over[] = {"1e309", "-1e309", "1.7976931348623159e308", "1.79769313486231580794e308", "1e99999999999999999999",
                                 "179769313486231590000000000000000000000e270"};
    double value = -1;
    errno = 0;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        print_message("%s\n", rows[i]);
        assert_int_equal(cxm_text_number(rows[i], strlen(rows[i]), '.', &value), CXM_E_FORMAT);
    }
    for (size_t i = 0; i < COUNT_OF(over); ++i)
        assert_int_equal(cxm_text_number(over[i], strlen(over[i]), '.', &value), CXM_E_OVERFLOW);
    assert_int_equal(cxm_text_number("1\0", 2, '.', &value), CXM_E_FORMAT);
    assert_int_equal(cxm_text_number(NULL, 0, '.', &value), CXM_E_FORMAT);
    assert_int_equal(cxm_text_number(NULL, 1, '.', &value), CXM_E_ARG);
    assert_int_equal(cxm_text_number("1", 1, '.', NULL), CXM_E_ARG);
    assert_int_equal(cxm_text_number("1", 1, ';', &value), CXM_E_ARG);
    assert_int_equal(errno, 0);
    assert_true(value == -1);
}

static void the_mark_is_the_callers(void **state)
{
    (void)state;
    double value = 0;
    assert_int_equal(cxm_text_number("4,5", 3, ',', &value), CXM_OK);
    assert_true(value == 4.5);
    assert_int_equal(cxm_text_number("4.5", 3, ',', &value), CXM_E_FORMAT);
    assert_int_equal(cxm_text_number("4.5", 3, '.', &value), CXM_OK);
}

/* In a locale with a decimal comma strtod and printf change; the library must not. */
static void the_locale_changes_nothing(void **state)
{
    (void)state;
    static const char *names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "German"};
    const char *set = NULL;
    for (size_t i = 0; i < COUNT_OF(names) && !set; ++i) set = setlocale(LC_ALL, names[i]);
    if (!set) skip();
    char text[40];
    double value = 0;
    size_t len = 0;
    assert_string_equal(localeconv()->decimal_point, ",");
    assert_int_equal(cxm_text_number("1234.5", 6, '.', &value), CXM_OK);
    assert_int_equal(cxm_text_from_number(value, text, sizeof text, &len), CXM_OK);
    assert_memory_equal(text, "1234.5", len);
    assert_int_equal(cxm_text_from_fixed(value, 2, text, sizeof text, &len), CXM_OK);
    assert_memory_equal(text, "1234.50", len);
    setlocale(LC_ALL, "C");
    assert_true(value == 1234.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms),
                                       cmocka_unit_test(hard_cases),
                                       cmocka_unit_test(halfway_texts),
                                       cmocka_unit_test(long_texts_in_bounded_memory),
                                       cmocka_unit_test(a_million_texts_agree_with_strtod),
                                       cmocka_unit_test(doubles_at_17_digits),
                                       cmocka_unit_test(refusals_leave_the_output),
                                       cmocka_unit_test(the_mark_is_the_callers),
                                       cmocka_unit_test(the_locale_changes_nothing)};
    return cmocka_run_group_tests_name("base/text_number", tests, NULL, NULL);
}
