/* SPDX-License-Identifier: MIT */
/* test_words.c - a word in any of its spellings, and what is none. */
#include <string.h>
#include "base/words.h"
#include "support/cxm_test.h"

static const word words[] = {{"on_hold", 3, 0}, {"open", 4, 1}, {"opened", 5, 0}, {NULL, 0, 0}};

static int code_of(const char *text)
{
    const word *found = words_find(words, text, strlen(text));
    return found ? found->code : 0;
}

static void spellings(void **state)
{
    (void)state;
    static const struct { const char *text; int code; } rows[] = {
        {"on_hold", 3}, {"On Hold", 3}, {"  ON-HOLD  ", 3}, {"open", 4}, {"\t opened\t", 5}, {"OPENED", 5}, {"", 0}, {"   ", 0}, {"ope", 0}, {"on__hold", 0},
        {"opened opened opened opened opene", 0}, {"op\xC3\xA9n", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) assert_int_equal(code_of(rows[i].text), rows[i].code);
    assert_null(words_find(words, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spellings)};
    return cmocka_run_group_tests_name("base/words", tests, NULL, NULL);
}
