/* SPDX-License-Identifier: MIT */
/* cxm_test.h - cmocka wrapped once, close comparison of doubles, seeded randomness and a reader of
 * the comma-separated tables in tests/reference (no quoting there). */
#ifndef CXM_TEST_H
#define CXM_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* |got - want| <= tolerance * max(|want|, tiny): relative, exact where `want` is 0; NaN is never close. */
#define assert_close(got, want, tolerance) \
    test_assert_close((got), (want), (tolerance), 0.0, #got, __FILE__, __LINE__)
/* |got - want| <= tolerance. */
#define assert_near(got, want, tolerance) \
    test_assert_close((got), (want), 0.0, (tolerance), #got, __FILE__, __LINE__)

void test_assert_close(double got, double want, double relative, double absolute, const char *what,
                       const char *file, int line);

/* A uniform 64-bit number from a seed that advances (splitmix64). The environment's CXM_TEST_SEED gives another
 * sequence for every number: the same properties over other inputs. */
uint64_t test_rand(uint64_t *seed);

/* Whether this repetition is left out: where the environment's CXM_TEST_EVERY says n, all but each n-th call say so; none
 * does without it. For runs under tools that slow a program down many times: the same code over fewer inputs. */
bool test_left_out(void);

/* A table of tests/reference: `cells` of `rows` x `columns`, header apart. */
typedef struct test_table {
    size_t rows, columns;
    char **header;      /* [columns] */
    char **cells;       /* [rows * columns], row by row; "" where a row is short */
    char *text;
} test_table;

/* Reads tests/reference/<name>; fails the test when it is not there. */
test_table test_table_read(const char *name);
void test_table_free(test_table *table);

/* A file of data that is no part of the project, as "data/cdnow/CDNOW_master.txt": below CXM_SHARED, or in ../shared beside the project's
 * root. NULL where there is none; with CI=true that fails the test. */
FILE *test_shared(const char *name);

/* The table in a file, which it closes. */
test_table test_table_of(FILE *file);

/* The cell of `row` below `column`; fails the test for an unknown column. */
const char *test_cell(const test_table *table, size_t row, const char *column);

/* The same as a number by libc (the tests run in the C locale); NaN for "NA" or blank. */
double test_number(const test_table *table, size_t row, const char *column);

#endif
