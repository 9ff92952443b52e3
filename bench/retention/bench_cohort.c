/* SPDX-License-Identifier: MIT */
/* bench_cohort.c - a million customers of three years into a triangle by month, and by week, beside reading their steps; and the
 * cells of the triangle by month. In turn, nine rounds, medians. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/cohort.h>
#include "bench.h"

enum { CUSTOMERS = 1000000, DAYS = 1096, STEPS_MOST = 4 };
enum { READ, MONTHS, WEEKS, MERGE, CELLS, WAYS };

static const char *const names[WAYS] = {"read-only", "months", "weeks", "merge", "cells"};
static const int64_t DAY_US = INT64_C(86400000000), START_US = INT64_C(1640995200000000);       /* 2022-01-01 */
static cxm_customer_step steps[(size_t)CUSTOMERS * STEPS_MOST];
static uint32_t first[CUSTOMERS + 1];
static volatile double sink;            /* keeps the passes from being optimised away */

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

/* A start on any day, then up to three changes, of which the last may be the end; half a year between them on average. */
static void draw(void)
{
    uint64_t x = 20261121;
    uint32_t n = 0;
    for (uint32_t i = 0; i < CUSTOMERS; ++i) {
        int64_t day = 0;
        first[i] = n;
        for (uint32_t k = 0; k < STEPS_MOST; ++k) {
            x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            day += k ? 1 + (int64_t)((x >> 33) % 365) : (int64_t)((x >> 33) % DAYS);
            steps[n++] = (cxm_customer_step){START_US + day * DAY_US, (x >> 20) % 3 || k == 0 ? 999 + (int64_t)((x >> 24) % 9000) : 0};
            if ((x >> 20) % 3 == 0) break;
        }
    }
    first[CUSTOMERS] = n;
}

static cxm_cohort *add_all(int32_t unit)
{
    cxm_cohort_options options = {.size = sizeof options, .unit = unit, .since_us = START_US, .until_us = START_US + DAYS * DAY_US};
    cxm_customer_item item = {.size = sizeof item};
    cxm_cohort *c;
    must(cxm_cohort_create(&options, NULL, &c));
    for (uint32_t i = 0; i < CUSTOMERS; ++i) {
        item.steps = steps + first[i];
        item.step_count = first[i + 1] - first[i];
        must(cxm_cohort_add(c, &item));
    }
    return c;
}

static void read_all(void)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < first[CUSTOMERS]; ++i) sum += steps[i].amount + (steps[i].at_us & 1);
    sink += (double)sum;
}

static uint32_t walk(const cxm_cohort *c)
{
    cxm_cohort_cell cell = {.size = sizeof cell};
    uint64_t cursor = 0;
    uint32_t cells = 0;
    for (; cxm_cohort_next(c, CXM_COHORT_AT_END, 0.95, &cursor, &cell) == CXM_OK; ++cells) sink += cell.missing ? 0.0 : (double)cell.n;
    return cells;
}

static void time_round(double took[WAYS])
{
    double begun = seconds(), after;
    read_all();
    took[READ] = (seconds() - begun) * 1e9 / CUSTOMERS;
    begun = seconds();
    cxm_cohort *months = add_all(CXM_COHORT_MONTH);
    after = seconds();
    took[MONTHS] = (after - begun) * 1e9 / CUSTOMERS;
    cxm_cohort *weeks = add_all(CXM_COHORT_WEEK);
    begun = seconds();
    took[WEEKS] = (begun - after) * 1e9 / CUSTOMERS;
    must(cxm_cohort_merge(weeks, weeks));
    after = seconds();
    took[MERGE] = (after - begun) * 1e6;
    uint32_t cells = walk(months);
    took[CELLS] = (seconds() - after) * 1e9 / cells;
    cxm_cohort_free(months);
    cxm_cohort_free(weeks);
}

int main(int argc, char **argv)
{
    static const char *const units[WAYS] = {"ns a customer", "ns a customer", "ns a customer", "us of 157 weeks", "ns a cell"};
    double rounds[WAYS][ROUNDS], took[WAYS];
    draw();
    for (int round = 0; round < ROUNDS; ++round) {
        time_round(took);
        for (int i = 0; i < WAYS; ++i) rounds[i][round] = took[i];
    }
    printf("retention/cohort, %d customers of %.1f steps, medians of %d rounds\n", (int)CUSTOMERS,
           (double)first[CUSTOMERS] / CUSTOMERS, (int)ROUNDS);
    for (int i = 0; i < WAYS; ++i) {
        took[i] = median(rounds[i]);
        printf("  %-12s %8.2f %s\n", names[i], took[i], units[i]);
    }
    if (has_option(argc, argv, "--rows")) {
        print_bench_row("cohort, a customer by month", "ns", took[MONTHS], took[READ], "read-only pass of steps");
        print_bench_row("cohort, a customer by week", "ns", took[WEEKS], took[READ], "read-only pass of steps");
    }
    return 0;
}
