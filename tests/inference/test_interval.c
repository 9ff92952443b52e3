/* SPDX-License-Identifier: MIT */
/* test_interval.c - every method has one name, both ways; other numbers and names are refused. */
#include <cxm/interval.h>
#include <string.h>
#include "support/cxm_test.h"

static void names_go_there_and_back(void **state)
{
    (void)state;
    int known = 0;
    for (int32_t method = -5; method < 100; ++method) {
        const char *name = cxm_interval_name(method);
        int32_t back = -1;
        if (strcmp(name, "unknown") == 0) continue;
        ++known;
        assert_int_equal(cxm_interval_method(name, strlen(name), &back), CXM_OK);
        assert_int_equal(back, method);
    }
    assert_int_equal(known, 26);
    assert_string_equal(cxm_interval_name(CXM_INTERVAL_WILSON_CC), "wilson-cc");
    assert_string_equal(cxm_interval_name(INT32_MIN), "unknown");
    assert_string_equal(cxm_interval_name(INT32_MAX), "unknown");
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "Wilson", "wilson ", "wilso", "unknown", "score\n", "tt"};
    int32_t out = 77;
    for (size_t i = 0; i < COUNT_OF(wrong); ++i)
        assert_int_equal(cxm_interval_method(wrong[i], strlen(wrong[i]), &out), CXM_E_METHOD);
    assert_int_equal(cxm_interval_method(NULL, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_interval_method("t", 1, NULL), CXM_E_ARG);
    assert_int_equal(out, 77);
    assert_int_equal(cxm_interval_method("wilson-cc", 6, &out), CXM_OK);       /* the length counts */
    assert_int_equal(out, CXM_INTERVAL_WILSON);
}

static void layout_is_fixed(void **state)
{
    (void)state;
    assert_int_equal(sizeof(cxm_interval), 40);
    assert_int_equal(offsetof(cxm_interval, level), 8);
    assert_int_equal(offsetof(cxm_interval, se), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_go_there_and_back),
                                       cmocka_unit_test(other_names_are_refused),
                                       cmocka_unit_test(layout_is_fixed)};
    return cmocka_run_group_tests_name("inference/interval", tests, NULL, NULL);
}
