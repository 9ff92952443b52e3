/* SPDX-License-Identifier: MIT */
/* bench.h - what every bench program needs: a clock, a median, and a line a row that bench/run.py collects.
 *
 * With `--rows` a program prints, beside its own table, one line a row with tabs between:
 *     row  what  unit  ours  limit  what the limit is          both in `unit`, timed in turn in the same run */
#ifndef CXM_BENCH_H
#define CXM_BENCH_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9 };

static inline double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static inline int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of ROUNDS values; sorts them. */
static inline double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, ascending);
    return values[ROUNDS / 2];
}

static inline int has_option(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc; ++i)
        if (strcmp(argv[i], option) == 0) return 1;
    return 0;
}

static inline void print_bench_row(const char *what, const char *unit, double ours, double limit, const char *limit_name)
{
    printf("row\t%s\t%s\t%.6g\t%.6g\t%s\n", what, unit, ours, limit, limit_name);
}

#endif
