/* SPDX-License-Identifier: MIT */
/* test_csv_index.c - every set of instructions tells the same rows, ends and quotes as plain C, which test_csv.c holds
 * against the rules. Ways that the machine does not have are named. */
#include "io/csv.h"
#include <string.h>
#include "support/cxm_test.h"

enum { TEXT = 5000, TRIALS = 4000 };

/* Texts of few kinds of bytes, so that quotes, line ends and odd bytes meet in every order and at every block's edge. */
static void fill_text(uint8_t *text, size_t len, uint64_t *seed)
{
    static const char *const alphabets[] = {"ab,\n", "ab,\"\n", "a,\"\"\r\n", "\",\n", "a,\"\t\v\n\r", "abcdefgh,\"\n\r;\x80\xC2\xFF"};
    const char *alphabet = alphabets[test_rand(seed) % COUNT_OF(alphabets)];
    size_t letters = strlen(alphabet);
    for (size_t i = 0; i < len; ++i) text[i] = (uint8_t)alphabet[test_rand(seed) % letters];
    if (test_rand(seed) % 4 == 0) text[test_rand(seed) % len] = 0;
}

/* A table as it should be, of any number of columns. */
static void fill_table(uint8_t *text, size_t len, uint64_t *seed)
{
    static const char *const fields[] = {"", "1", "10", "\"a,b\"", "\"\"", "\"say \"\"x\"\"\"", "2026-11-20T09:14:00Z", "\"two\r\nlines\""};
    size_t at = 0, columns = 1 + test_rand(seed) % 70, column = 0;
    const char *end = test_rand(seed) % 2 ? "\r\n" : "\n";
    while (at < len) {
        const char *field = fields[test_rand(seed) % COUNT_OF(fields)], *behind = ++column % columns ? "," : end;
        for (const char *c = field; *c && at < len; ++c) text[at++] = (uint8_t)*c;
        for (const char *c = behind; *c && at < len; ++c) text[at++] = (uint8_t)*c;
    }
}

static void assert_same_index(const csv_index *got, const csv_index *want)
{
    assert_int_equal(got->from, want->from);
    assert_int_equal(got->rows, want->rows);
    assert_int_equal(got->count, want->count);
    assert_int_equal(got->inner, want->inner);
    assert_memory_equal(got->ends, want->ends, want->count * sizeof *want->ends);
    assert_memory_equal(got->last, want->last, want->rows * sizeof *want->last);
    assert_memory_equal(got->lines, want->lines, want->rows * sizeof *want->lines);
}

static void compare_index(const csv_way *way, const csv_way *plain, const csv_input *in)
{
    static csv_index got, want;
    assert_int_equal(way->fill(&got, in, ','), plain->fill(&want, in, ','));
    assert_same_index(&got, &want);
}

static void compare_quotes(const csv_way *way, const csv_way *plain, const uint8_t *text)
{
    uint64_t got[TEXT / CSV_BLOCK], want[TEXT / CSV_BLOCK];
    way->mark_quotes(text, COUNT_OF(got), got);
    plain->mark_quotes(text, COUNT_OF(want), want);
    assert_memory_equal(got, want, sizeof want);
}

static void every_way_is_plain_c(void **state)
{
    (void)state;
    const csv_way *plain = csv_way_at(0), *way;
    assert_string_equal(plain->name, "plain");
    for (size_t i = 1; (way = csv_way_at(i)) != NULL; ++i) {
        uint64_t seed = 20261125;
        print_message("%s%s\n", way->name, way->there() ? "" : ": not on this machine");
        for (int trial = 0; trial < TRIALS && way->there(); ++trial) {
            uint8_t text[TEXT];
            size_t from = test_rand(&seed) % 80, len = from + 1 + test_rand(&seed) % (TEXT - from);
            if (trial % 2) fill_table(text, TEXT, &seed);
            else fill_text(text, TEXT, &seed);
            compare_index(way, plain, &(csv_input){.bytes = text, .len = len, .at = from});
            compare_quotes(way, plain, text);
        }
    }
}

/* Bit by bit, against a loop. */
static void plain_quotes_are_where_they_are(void **state)
{
    (void)state;
    uint64_t seed = 7, marks[TEXT / CSV_BLOCK];
    uint8_t text[TEXT];
    fill_table(text, TEXT, &seed);
    csv_way_at(0)->mark_quotes(text, COUNT_OF(marks), marks);
    for (size_t i = 0; i < COUNT_OF(marks) * CSV_BLOCK; ++i)
        assert_int_equal(marks[i / CSV_BLOCK] >> i % CSV_BLOCK & 1, text[i] == '"');
}

static void the_best_way_is_there(void **state)
{
    (void)state;
    const csv_way *best = csv_way_best();
    print_message("this machine: %s\n", best->name);
    assert_true(best->there());
    for (size_t i = 0; csv_way_at(i); ++i)
        if (csv_way_at(i)->there() && csv_way_at(i + 1) && !csv_way_at(i + 1)->there()) assert_ptr_equal(best, csv_way_at(i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_way_is_plain_c), cmocka_unit_test(plain_quotes_are_where_they_are),
                                       cmocka_unit_test(the_best_way_is_there)};
    return cmocka_run_group_tests_name("io/csv_index", tests, NULL, NULL);
}
