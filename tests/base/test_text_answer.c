/* SPDX-License-Identifier: MIT */
/* test_text_answer.c - answers as survey products export them, and what must not pass for one. */
#include <cxm/text.h>
#include <string.h>
#include "support/cxm_test.h"

static void labels_as_exported(void **state)
{
    (void)state;
    /* The label is given as text; "" stands for none. */
    static const struct { const char *text; double value; const char *label; } rows[] = {
        {"10 - Extremely likely", 10, "Extremely likely"}, {"0: not at all", 0, "not at all"},
        {"0 - Not at all likely", 0, "Not at all likely"}, {"5 stars", 5, "stars"},
        {"4 (good)", 4, "good)"},       {"10. Extremely likely", 10, "Extremely likely"},
        {"1) never", 1, "never"},       {"5 = very happy", 5, "very happy"},
        {"3-so so", 3, "so so"},        {"  7  -  fine  ", 7, "fine  "},
        {"7\tfine", 7, "fine"},         {"-3 - bad", -3, "bad"},
        {"+2: better", 2, "better"},    {"10 \xE2\x80\x93 Sehr gut", 10, "Sehr gut"},
        {"10\xE2\x80\x94" "always", 10, "always"}, {"5 \xC3\xA9toiles", 5, "\xC3\xA9toiles"},
        {"5 \xE2\xAD\x90\xE2\xAD\x90", 5, "\xE2\xAD\x90\xE2\xAD\x90"},
        {"10\xC2\xA0: oui", 10, "oui"}, {"5 - \"good\"", 5, "\"good\""},
        {"5 - ('fine')", 5, "('fine')"}, {"3 out of 5", 3, "out of 5"},
        {"10", 10, ""}, {" 9 ", 9, ""}, {"-3", -3, ""}, {"4.5", 4.5, ""}, {"1e1", 10, ""}, {"10.", 10, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        double value = -1;
        size_t at = 999, len = strlen(rows[i].text);
        print_message("%s\n", rows[i].text);
        assert_int_equal(cxm_text_answer(rows[i].text, len, '.', &value, &at), CXM_OK);
        assert_true(value == rows[i].value);
        assert_true(at <= len);
        assert_string_equal(rows[i].text + at, rows[i].label);
    }
}

static void other_texts_are_no_answers(void **state)
{
    (void)state;
    static const char *rows[] = {
        "5-10", "4/5", "7 8", "10%", "10 %", "2026-11-20", "5stars", "10 -", "10 - ", "10 - -3", "5 (10)",
        "5 - (10)", "5 - \"10\"", "10 000", "4,5 stars", "4.5 stars", "- fine", "-", "+ a", "Extremely Satisfied",
        "\xF0\x9F\x98\x80", "\xE2\x98\x85\xE2\x98\x85", "", " ", "\t", "5 - '", "5 ((", "10:30", "5 -- a",
        "1e5 - x", "NaN", "0x10", "5\xE2\xAD\x90", "5 \xC2\xA0 6", "5,", ".",
        "5 - {good}", "5 - _good_", "5 - ~", "5 - @all", "5 - [x]",
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        double value = -1;
        size_t at = 999;
        print_message("%s\n", rows[i]);
        assert_int_equal(cxm_text_answer(rows[i], strlen(rows[i]), '.', &value, &at), CXM_E_FORMAT);
        assert_true(value == -1 && at == 999);
    }
}

static void the_mark_is_the_callers(void **state)
{
    (void)state;
    double value = 0;
    size_t at = 0;
    assert_int_equal(cxm_text_answer("4,5", 3, ',', &value, &at), CXM_OK);
    assert_true(value == 4.5 && at == 3);
    assert_int_equal(cxm_text_answer("4.5", 3, ',', &value, &at), CXM_E_FORMAT);
    assert_int_equal(cxm_text_answer("10. ja", 6, ',', &value, &at), CXM_OK);
    assert_true(value == 10.0 && at == 4);
}

static void refusals_leave_the_outputs(void **state)
{
    (void)state;
    char huge[420];
    double value = -1;
    size_t at = 999;
    memset(huge, '9', 400);
    memcpy(huge + 400, " - far too much", 15);
    assert_int_equal(cxm_text_answer(huge, 415, '.', &value, &at), CXM_E_OVERFLOW);
    assert_int_equal(cxm_text_answer(huge, 400, '.', &value, &at), CXM_E_OVERFLOW);
    assert_int_equal(cxm_text_answer(NULL, 1, '.', &value, &at), CXM_E_ARG);
    assert_int_equal(cxm_text_answer("1", 1, '.', NULL, &at), CXM_E_ARG);
    assert_int_equal(cxm_text_answer("1", 1, '.', &value, NULL), CXM_E_ARG);
    assert_int_equal(cxm_text_answer("1", 1, ';', &value, &at), CXM_E_ARG);
    assert_int_equal(cxm_text_answer(NULL, 0, '.', &value, &at), CXM_E_FORMAT);
    assert_true(value == -1 && at == 999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(labels_as_exported),
                                       cmocka_unit_test(other_texts_are_no_answers),
                                       cmocka_unit_test(the_mark_is_the_callers),
                                       cmocka_unit_test(refusals_leave_the_outputs)};
    return cmocka_run_group_tests_name("base/text_answer", tests, NULL, NULL);
}
