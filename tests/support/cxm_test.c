/* SPDX-License-Identifier: MIT */
/* cxm_test.c - see cxm_test.h. */
#include "support/cxm_test.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void test_assert_close(double got, double want, double relative, double absolute, const char *what,
                       const char *file, int line)
{
    double allowed = fabs(want) * relative + absolute;
    if (got == want || fabs(got - want) <= allowed) return;
    print_error("%s is %.17g, wanted %.17g (off by %.3g, allowed %.3g)\n", what, got, want,
                fabs(got - want), allowed);
    _fail(file, line);
}

/* Of CXM_TEST_SEED: a number that sends every test down other paths; 0 without it. */
static uint64_t salt(void)
{
    static uint64_t value;
    static int known;
    const char *text = known ? NULL : getenv("CXM_TEST_SEED");
    if (text) value = strtoull(text, NULL, 10) * UINT64_C(0xD1342543DE82EF95);
    known = 1;
    return value;
}

uint64_t test_rand(uint64_t *seed)
{
    uint64_t z = (*seed += UINT64_C(0x9E3779B97F4A7C15)) ^ salt();
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

bool test_left_out(void)
{
    static unsigned long every, calls;
    const char *text = every ? NULL : getenv("CXM_TEST_EVERY");
    if (text) every = strtoul(text, NULL, 10);
    if (every == 0) every = 1;
    return calls++ % every != 0;
}

static char *read_file(FILE *file)
{
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    assert_true(size >= 0);
    char *text = malloc((size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    text[size] = '\0';
    fclose(file);
    return text;
}

/* Splits one line in place; returns how many cells were set, at most `room`. */
static size_t split(char *line, char **cells, size_t room)
{
    size_t n = 0;
    for (char *at = line; at && n < room; ++n) {
        cells[n] = at;
        at = strchr(at, ',');
        if (at) *at++ = '\0';
    }
    return n;
}

static size_t count(const char *text, char c)
{
    size_t n = 0;
    for (; *text; ++text) n += *text == c;
    return n;
}

static char *take_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');
    *rest = end ? end + 1 : line + strlen(line);
    if (end) *end = '\0';
    size_t len = strlen(line);
    if (len && line[len - 1] == '\r') line[len - 1] = '\0';
    return line;
}

FILE *test_shared(const char *name)
{
    const char *shared = getenv("CXM_SHARED"), *root = getenv("CXM_TEST_ROOT"), *ci = getenv("CI");
    char path[1024];
    if (shared) snprintf(path, sizeof path, "%s/%s", shared, name);
    else snprintf(path, sizeof path, "%s/../../shared/%s", root ? root : "tests", name);
    FILE *file = fopen(path, "rb");
    if (!file && ci && strcmp(ci, "true") == 0) fail_msg("%s is not there", path);
    return file;
}

test_table test_table_read(const char *name)
{
    const char *root = getenv("CXM_TEST_ROOT");      /* tests/, set by the build */
    char path[1024];
    snprintf(path, sizeof path, "%s/reference/%s", root ? root : "tests", name);
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot open %s", path);
    return test_table_of(file);
}

test_table test_table_of(FILE *file)
{
    static char empty[1];
    test_table t = {.text = read_file(file)};
    size_t lines = count(t.text, '\n') + 1;
    char *rest = t.text, *line = take_line(&rest);
    t.columns = count(line, ',') + 1;
    t.header = calloc(t.columns, sizeof *t.header);
    t.cells = calloc(lines * t.columns, sizeof *t.cells);
    assert_true(t.header && t.cells);
    split(line, t.header, t.columns);
    while (*rest) {
        line = take_line(&rest);
        if (!*line) continue;
        char **row = t.cells + t.rows++ * t.columns;
        for (size_t n = split(line, row, t.columns); n < t.columns; ++n) row[n] = empty;
    }
    assert_true(t.rows > 0);
    return t;
}

void test_table_free(test_table *table)
{
    free(table->header);
    free(table->cells);
    free(table->text);
}

const char *test_cell(const test_table *table, size_t row, const char *column)
{
    for (size_t i = 0; i < table->columns; ++i)
        if (strcmp(table->header[i], column) == 0) return table->cells[row * table->columns + i];
    fail_msg("no column %s", column);
    return NULL;
}

double test_number(const test_table *table, size_t row, const char *column)
{
    const char *cell = test_cell(table, row, column);
    return !*cell || strcmp(cell, "NA") == 0 ? NAN : strtod(cell, NULL);
}
