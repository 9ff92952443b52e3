/* SPDX-License-Identifier: MIT */
/* test_survival_words.c - what says that a customer left, what that it stayed, and what says neither. */
#include <cxm/survival.h>
#include <string.h>
#include "support/cxm_test.h"

static cxm_status read(const char *text, int32_t *event)
{
    return cxm_survival_event(text, strlen(text), event);
}

static void words_say_left_or_stayed(void **state)
{
    (void)state;
    static const char *const left[] = {"1", "1.0", "yes", "Yes", "YES", " y ", "true", "T", "Churned", "\tcancelled", "canceled", "inactive"};
    static const char *const stayed[] = {"0", "0.0", "no", "No", "N", "false", "F ", "Active", "retained", "censored", "alive"};
    for (size_t i = 0; i < COUNT_OF(left); ++i) {
        int32_t event = -1;
        assert_int_equal(read(left[i], &event), CXM_OK);
        assert_int_equal(event, 1);
    }
    for (size_t i = 0; i < COUNT_OF(stayed); ++i) {
        int32_t event = -1;
        assert_int_equal(read(stayed[i], &event), CXM_OK);
        assert_int_equal(event, 0);
    }
}

static void anything_else_says_neither(void **state)
{
    (void)state;
    static const char *const neither[] = {"", " ", "2", "-1", "01", "maybe", "yes!", "yess", "ye", "n o", "1.00", "a word far longer than any of these"};
    int32_t event = 7;
    for (size_t i = 0; i < COUNT_OF(neither); ++i) assert_int_equal(read(neither[i], &event), CXM_E_FORMAT);
    assert_int_equal(cxm_survival_event("yes\0", 4, &event), CXM_E_FORMAT);
    assert_int_equal(cxm_survival_event(NULL, 0, &event), CXM_E_FORMAT);
    assert_int_equal(cxm_survival_event(NULL, 1, &event), CXM_E_ARG);
    assert_int_equal(cxm_survival_event("yes", 3, NULL), CXM_E_ARG);
    assert_int_equal(event, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_say_left_or_stayed), cmocka_unit_test(anything_else_says_neither)};
    return cmocka_run_group_tests_name("retention/survival_words", tests, NULL, NULL);
}
