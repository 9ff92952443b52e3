/* SPDX-License-Identifier: MIT */
/* test_error.c - where and why, on the caller's memory; long text is cut between characters. */
#include <string.h>
#include "base/error.h"
#include "support/cxm_test.h"

static const error_place place = {12, 3456, 7};

static void fields_are_filled(void **state)
{
    (void)state;
    cxm_error e;
    memset(&e, 0x55, sizeof e);
    e.size = sizeof e;
    assert_int_equal(error_set(&e, CXM_E_FORMAT, place, "a quote is never closed"), CXM_E_FORMAT);
    assert_int_equal(e.status, CXM_E_FORMAT);
    assert_true(e.row == 12 && e.byte_offset == 3456 && e.column == 7);
    assert_string_equal(e.text, "a quote is never closed");
    assert_int_equal(e.text_len, strlen(e.text));
    for (size_t i = e.text_len; i < CXM_ERROR_TEXT; ++i) assert_int_equal(e.text[i], 0);
}

static void no_room_is_no_harm(void **state)
{
    (void)state;
    cxm_error e = {.size = sizeof e - 1}, before = e;
    assert_int_equal(error_set(NULL, CXM_E_LIMIT, place, "x"), CXM_E_LIMIT);
    assert_int_equal(error_set(&e, CXM_E_LIMIT, place, "x"), CXM_E_LIMIT);
    assert_memory_equal(&e, &before, sizeof e);
}

/* One ASCII letter shifts a run of 2-, 3- or 4-byte characters against the cut at 199 bytes. */
static void a_cut_never_splits_a_character(void **state)
{
    (void)state;
    static const char *const runs[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x99\x82"};
    for (size_t width = 1; width <= COUNT_OF(runs); ++width)
        for (size_t shift = 0; shift < 4; ++shift) {
            char text[2 * CXM_ERROR_TEXT] = "";
            for (size_t i = 0; i < shift; ++i) strcat(text, "a");
            while (strlen(text) + width < sizeof text) strcat(text, runs[width - 1]);
            cxm_error e = {.size = sizeof e};
            error_set(&e, CXM_E_FORMAT, place, text);
            size_t whole = shift + (CXM_ERROR_TEXT - 1 - shift) / width * width;
            assert_int_equal(e.text_len, whole);
            assert_memory_equal(e.text, text, whole);
            assert_int_equal(e.text[whole], 0);
        }
}

static void text_that_just_fits_stays_whole(void **state)
{
    (void)state;
    char text[CXM_ERROR_TEXT];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cxm_error e = {.size = sizeof e};
    error_set(&e, CXM_E_FORMAT, place, text);
    assert_string_equal(e.text, text);
    error_set(&e, CXM_E_FORMAT, place, "");
    assert_int_equal(e.text_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fields_are_filled), cmocka_unit_test(no_room_is_no_harm),
                                       cmocka_unit_test(a_cut_never_splits_a_character),
                                       cmocka_unit_test(text_that_just_fits_stays_whole)};
    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
