/* SPDX-License-Identifier: MIT */
/* bench_survival.c - a million tenures: whole days into a histogram, any times sorted in place, their curves, two groups compared.
 *
 * ns a customer: adding beside one increment a day in a table; sorting records of 40 bytes beside qsort of their times alone; the
 * curve of all times, with limits, beside a pass that only reads the records. Ways run in turn, nine rounds, medians. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/survival.h>
#include "bench.h"

enum { CUSTOMERS = 1000000, DAYS = 3650 };
enum { INCREMENT, ADD, QSORT, SORT, READ, CURVE, COMPARE, WAYS };

static const char *const names[WAYS] = {"increment", "add", "qsort", "sort", "read-only", "curve", "compare"};
static cxm_survival_record drawn[CUSTOMERS], rows[CUSTOMERS];
static double times[CUSTOMERS];
static uint64_t table[2 * DAYS];
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
        drawn[i] = (cxm_survival_record){.exit = u * u * DAYS, .weight = 1.0, .event = (x >> 7) % 3 != 0};
    }
}

static cxm_survival *add_all(void)
{
    cxm_survival *s;
    must(cxm_survival_create(DAYS, NULL, &s));
    for (uint32_t i = 0; i < CUSTOMERS; ++i) must(cxm_survival_add(s, 0, (int64_t)drawn[i].exit, drawn[i].event));
    return s;
}

static void walk(void)
{
    cxm_survival_curve curve = {.size = sizeof curve};
    cxm_survival_point point = {.size = sizeof point};
    double sum = 0.0;
    must(cxm_survival_curve_of_records(rows, CUSTOMERS, CXM_SURVIVAL_LOG, 0.95, &curve));
    while (cxm_survival_next(&curve, &point) == CXM_OK) sum += point.low;
    sink += sum;
}

static void compare(void)
{
    cxm_survival_curve curves[2] = {{.size = sizeof *curves}, {.size = sizeof *curves}};
    cxm_survival_group each[2];
    cxm_survival_test test = {.size = sizeof test};
    for (int g = 0; g < 2; ++g)
        must(cxm_survival_curve_of_records(rows + g * (CUSTOMERS / 2), CUSTOMERS / 2, CXM_SURVIVAL_LOG, 0.95, &curves[g]));
    must(cxm_survival_compare(curves, 2, 0.0, each, &test));
    sink += test.statistic;
}

static double read_all(void)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < CUSTOMERS; ++i) sum += rows[i].event ? rows[i].exit : rows[i].weight;
    return sum;
}

static void time_round(double took[WAYS])
{
    double at[WAYS + 1] = {seconds()};
    for (uint32_t i = 0; i < CUSTOMERS; ++i) ++table[2 * (size_t)drawn[i].exit + (size_t)drawn[i].event];
    at[1] = seconds();
    cxm_survival *s = add_all();
    at[2] = seconds();
    cxm_survival_free(s);
    for (uint32_t i = 0; i < CUSTOMERS; ++i) times[i] = drawn[i].exit;
    memcpy(rows, drawn, sizeof rows);
    double begun = seconds();
    qsort(times, CUSTOMERS, sizeof *times, ascending);
    at[3] = at[2] + seconds() - begun;
    begun = seconds();
    must(cxm_survival_sort(rows, CUSTOMERS, NULL));
    at[4] = at[3] + seconds() - begun;
    begun = seconds();
    sink += read_all();
    at[5] = at[4] + seconds() - begun;
    begun = seconds();
    walk();
    at[6] = at[5] + seconds() - begun;
    memcpy(rows, drawn, sizeof rows);
    for (int g = 0; g < 2; ++g) must(cxm_survival_sort(rows + g * (CUSTOMERS / 2), CUSTOMERS / 2, NULL));
    begun = seconds();
    compare();
    at[7] = at[6] + seconds() - begun;
    for (int i = 0; i < WAYS; ++i) took[i] = (at[i + 1] - at[i]) * 1e9 / CUSTOMERS;
}

int main(int argc, char **argv)
{
    double rounds[WAYS][ROUNDS], took[WAYS];
    draw();
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
        print_bench_row("survival, records sorted in place", "ns", took[SORT], took[QSORT], "qsort of the times");
        print_bench_row("survival, curve with limits, a record", "ns", took[CURVE], took[READ], "read-only pass");
    }
    return 0;
}
