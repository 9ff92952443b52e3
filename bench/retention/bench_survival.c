/* SPDX-License-Identifier: MIT */
/* bench_survival.c - a million tenures: whole days into a histogram, any times sorted in place, their curves, two groups compared.
 *
 * ns a customer: adding beside one increment a day in a table; sorting records of 40 bytes beside qsort of their times alone; the
 * curve of all times, with limits, beside a pass that only reads the records. Ways run in turn, nine rounds, medians.
 *
 * `--peer FILE` writes the same customers as columns (times, whole days, events, groups: doubles, then three of int32), takes all
 * from there to the answer, and prints a line a question for bench/compare/r_survival.py: its name, seconds, a figure. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/survival.h>
#include "bench.h"

enum { CUSTOMERS = 1000000, DAYS = 3650 };
enum { INCREMENT, ADD, COLUMNS, QSORT, SORT, READ, CURVE, COMPARE, WAYS };

static const char *const names[WAYS] = {"increment", "add", "add_many", "qsort", "sort", "read-only", "curve", "compare"};
static cxm_survival_record drawn[CUSTOMERS], rows[CUSTOMERS];
static double times[CUSTOMERS];
static uint64_t table[2 * DAYS];
static int32_t days[CUSTOMERS], events[CUSTOMERS], groups[CUSTOMERS];
static volatile double sink;            /* keeps the passes from being optimised away */

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

/* Short tenures are more frequent; one in three is censored. */
static void draw(void)
{
    uint64_t x = 20261121;
    for (uint32_t i = 0; i < CUSTOMERS; ++i) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double u = (double)(x >> 11) * 0x1p-53;
        groups[i] = (int32_t)(x >> 5 & 1);
        double exit = u * u * DAYS * (groups[i] ? 1.0 : 0.99);          /* one group leaves a little sooner */
        exit = (double)(int64_t)(exit * 16384.0) / 16384.0;             /* R takes times that nearly meet for one */
        drawn[i] = (cxm_survival_record){.exit = exit, .weight = 1.0, .event = (x >> 7) % 3 != 0};
        days[i] = (int32_t)exit;
        events[i] = drawn[i].event;
    }
}

static cxm_survival *add_all(void)
{
    cxm_survival *s;
    must(cxm_survival_create(DAYS, NULL, &s));
    for (uint32_t i = 0; i < CUSTOMERS; ++i) must(cxm_survival_add(s, 0, (int64_t)drawn[i].exit, drawn[i].event));
    return s;
}

static cxm_survival *add_columns(void)
{
    const cxm_column exits = {.size = sizeof exits, .type = CXM_I32, .values = days, .count = CUSTOMERS};
    const cxm_column left = {.size = sizeof left, .type = CXM_I32, .values = events, .count = CUSTOMERS};
    cxm_survival *s;
    must(cxm_survival_create(DAYS, NULL, &s));
    must(cxm_survival_add_many(s, NULL, &exits, &left));
    return s;
}

/* The sum of S and of its lower limits. */
static double walk(cxm_survival_curve *curve)
{
    cxm_survival_point point = {.size = sizeof point};
    double sum = 0.0, low = 0.0;
    while (cxm_survival_next(curve, &point) == CXM_OK) {
        sum += point.survival;
        low += point.limits_status == CXM_OK ? point.low : 0.0;
    }
    sink += low;
    return sum;
}

static double walk_records(const cxm_survival_record *records)
{
    cxm_survival_curve curve = {.size = sizeof curve};
    must(cxm_survival_curve_of_records(records, CUSTOMERS, CXM_SURVIVAL_LOG, 0.95, &curve));
    return walk(&curve);
}

static double chi_square(const cxm_survival_curve curves[2])
{
    cxm_survival_group each[2];
    cxm_survival_test test = {.size = sizeof test};
    must(cxm_survival_compare(curves, 2, 0.0, each, &test));
    return test.statistic;
}

/* Of sorted records, those of group 0 first. */
static double compare_records(const cxm_survival_record *records, uint64_t first)
{
    cxm_survival_curve curves[2] = {{.size = sizeof *curves}, {.size = sizeof *curves}};
    must(cxm_survival_curve_of_records(records, first, CXM_SURVIVAL_LOG, 0.95, &curves[0]));
    must(cxm_survival_curve_of_records(records + first, CUSTOMERS - first, CXM_SURVIVAL_LOG, 0.95, &curves[1]));
    return chi_square(curves);
}

/* --- from columns to the answer, as a peer is asked --- */

static double curve_of_days(void)
{
    cxm_survival_curve curve = {.size = sizeof curve};
    cxm_survival *s = add_columns();
    must(cxm_survival_curve_of(s, CXM_SURVIVAL_LOG, 0.95, &curve));
    double sum = walk(&curve);
    cxm_survival_free(s);
    return sum;
}

static double test_of_days(void)
{
    cxm_survival_curve curves[2] = {{.size = sizeof *curves}, {.size = sizeof *curves}};
    cxm_survival *s[2];
    for (int g = 0; g < 2; ++g) must(cxm_survival_create(DAYS, NULL, &s[g]));
    for (uint32_t i = 0; i < CUSTOMERS; ++i) must(cxm_survival_add(s[groups[i]], 0, days[i], events[i]));
    for (int g = 0; g < 2; ++g) must(cxm_survival_curve_of(s[g], CXM_SURVIVAL_LOG, 0.95, &curves[g]));
    double statistic = chi_square(curves);
    for (int g = 0; g < 2; ++g) cxm_survival_free(s[g]);
    return statistic;
}

static cxm_survival_record record_of(uint32_t i)
{
    return (cxm_survival_record){.exit = drawn[i].exit, .weight = 1.0, .event = events[i]};
}

static double curve_of_times(void)
{
    for (uint32_t i = 0; i < CUSTOMERS; ++i) rows[i] = record_of(i);
    must(cxm_survival_sort(rows, CUSTOMERS, NULL));
    return walk_records(rows);
}

static double test_of_times(void)
{
    uint64_t at[2] = {0, CUSTOMERS};
    for (uint32_t i = 0; i < CUSTOMERS; ++i) rows[groups[i] ? --at[1] : at[0]++] = record_of(i);
    must(cxm_survival_sort(rows, at[0], NULL));
    must(cxm_survival_sort(rows + at[0], CUSTOMERS - at[0], NULL));
    return compare_records(rows, at[0]);
}

static void write_column(FILE *file, const void *values, size_t bytes)
{
    if (fwrite(values, bytes, CUSTOMERS, file) == CUSTOMERS) return;
    fputs("the columns cannot be written\n", stderr);
    exit(1);
}

static void write_columns(const char *path)
{
    FILE *file = fopen(path, "wb");
    for (uint32_t i = 0; i < CUSTOMERS; ++i) times[i] = drawn[i].exit;
    if (file) {
        write_column(file, times, sizeof *times);
        write_column(file, days, sizeof *days);
        write_column(file, events, sizeof *events);
        write_column(file, groups, sizeof *groups);
    }
    if (file && fclose(file) == 0) return;
    fprintf(stderr, "%s cannot be written\n", path);
    exit(1);
}

static void answer_as_peer(const char *path)
{
    static const struct { const char *name; double (*ask)(void); } questions[] = {
        {"curve of days", curve_of_days}, {"test of days", test_of_days}, {"curve of times", curve_of_times}, {"test of times", test_of_times}};
    write_columns(path);
    for (size_t q = 0; q < sizeof questions / sizeof *questions; ++q) {
        double took[ROUNDS], figure = 0.0;
        for (int round = 0; round < ROUNDS; ++round) {
            double begun = seconds();
            figure = questions[q].ask();
            took[round] = seconds() - begun;
        }
        printf("%s\t%.9f\t%.17g\n", questions[q].name, median(took), figure);
    }
}

static double read_all(void)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < CUSTOMERS; ++i) sum += rows[i].event ? rows[i].exit : rows[i].weight;
    return sum;
}

/* Both ways of counting beside one increment a day. */
static void time_adding(double at[4])
{
    for (uint32_t i = 0; i < CUSTOMERS; ++i) ++table[2 * (size_t)drawn[i].exit + (size_t)drawn[i].event];
    at[1] = seconds();
    cxm_survival *s = add_all();
    at[2] = seconds();
    cxm_survival *other = add_columns();
    at[3] = seconds();
    cxm_survival_free(s);
    cxm_survival_free(other);
}

static void time_round(double took[WAYS])
{
    double at[WAYS + 1] = {seconds()};
    time_adding(at);
    for (uint32_t i = 0; i < CUSTOMERS; ++i) times[i] = drawn[i].exit;
    memcpy(rows, drawn, sizeof rows);
    double begun = seconds();
    qsort(times, CUSTOMERS, sizeof *times, ascending);
    at[4] = at[3] + seconds() - begun;
    begun = seconds();
    must(cxm_survival_sort(rows, CUSTOMERS, NULL));
    at[5] = at[4] + seconds() - begun;
    begun = seconds();
    sink += read_all();
    at[6] = at[5] + seconds() - begun;
    begun = seconds();
    sink += walk_records(rows);
    at[7] = at[6] + seconds() - begun;
    memcpy(rows, drawn, sizeof rows);
    for (int g = 0; g < 2; ++g) must(cxm_survival_sort(rows + g * (CUSTOMERS / 2), CUSTOMERS / 2, NULL));
    begun = seconds();
    sink += compare_records(rows, CUSTOMERS / 2);
    at[8] = at[7] + seconds() - begun;
    for (int i = 0; i < WAYS; ++i) took[i] = (at[i + 1] - at[i]) * 1e9 / CUSTOMERS;
}

int main(int argc, char **argv)
{
    double rounds[WAYS][ROUNDS], took[WAYS];
    draw();
    if (argc == 3 && strcmp(argv[1], "--peer") == 0) {
        answer_as_peer(argv[2]);
        return 0;
    }
    for (int round = 0; round < ROUNDS; ++round) {
        time_round(took);
        for (int i = 0; i < WAYS; ++i) rounds[i][round] = took[i];
    }
    printf("retention/survival, %d customers, medians of %d rounds\n", (int)CUSTOMERS, (int)ROUNDS);
    for (int i = 0; i < WAYS; ++i) {
        took[i] = median(rounds[i]);
        printf("  %-12s %8.2f ns a customer\n", names[i], took[i]);
    }
    if (has_option(argc, argv, "--rows")) {
        print_bench_row("survival, a day into a histogram", "ns", took[ADD], took[INCREMENT], "increment a day");
        print_bench_row("survival, a day of a column into a histogram", "ns", took[COLUMNS], took[INCREMENT], "increment a day");
        print_bench_row("survival, records sorted in place", "ns", took[SORT], took[QSORT], "qsort of the times");
        print_bench_row("survival, curve with limits, a record", "ns", took[CURVE], took[READ], "read-only pass");
    }
    return 0;
}
