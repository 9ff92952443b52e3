/* SPDX-License-Identifier: MIT */
/* bench_cbs.c - customers into a table of what they have in common: ten million draws of about a hundred thousand different rows.
 *
 * ns a customer, each beside counting them in an array by the number of their row, which is known there: `add` of customers in no order:
 * each but the first of a row hits one that is there; `spend`, the same by purchases and money. Then ns a row: `rows`, sorted where they
 * lie; `encode`; `decode`; `merge` with a table of the same rows. Ways run in turn, nine rounds, medians; memory is what
 * is resident after the last round less that after the first.
 *     bench_cbs [--rows] [MILLIONS [1]]      ten unless told, and 1 for a single round                     */
#define _POSIX_C_SOURCE 200809L
#include <cxm/cbs.h>
#include <math.h>
#include <unistd.h>
#include "bench.h"

enum { MILLION = 1000000, MILLIONS = 10, KINDS = 1 << 17, AHEAD = 1 << 20 };
enum { COUNT, ADD, SPEND, ROWS, ENCODE, DECODE, MERGE, WAYS };

static const char *const names[WAYS] = {"increments", "add", "spend", "rows", "encode", "decode", "merge"};
static cxm_cbs_row kinds[KINDS];
static uint32_t draws[AHEAD];           /* numbers of rows, used again and again from another place */
static uint64_t counts[KINDS];
static volatile uint64_t sink;

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

static double next_share(uint64_t *x)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*x >> 11) + 0.5) * 0x1p-53;
}

/* Two years of days: ages even, purchases by a rate that differs between customers, the last of them at an even place. */
static void draw(void)
{
    uint64_t x = 20261121;
    for (uint32_t i = 0; i < KINDS; ++i) {
        double age = 1.0 + floor(next_share(&x) * 729.0), rate = -log(next_share(&x)) * 0.01, mean = rate * age;
        uint32_t n = (uint32_t)(mean * 2.0 * next_share(&x));
        kinds[i] = (cxm_cbs_row){n, n ? 1 + (uint32_t)(next_share(&x) * (age - 1.0)) : 0, (uint32_t)age, 0, 0};
    }
    for (uint32_t i = 0; i < AHEAD; ++i) draws[i] = (uint32_t)(next_share(&x) * KINDS);
}

static const cxm_cbs_row *number(size_t i)
{
    return &kinds[draws[(i + i / AHEAD * 7919) % AHEAD]];
}

static void count_all(size_t n)
{
    for (size_t i = 0; i < n; ++i) ++counts[number(i) - kinds];
    sink += counts[0];
}

static cxm_cbs *add_all(size_t n)
{
    cxm_cbs *t;
    must(cxm_cbs_create(&(cxm_cbs_options){.size = sizeof(cxm_cbs_options), .per_unit = 7.0, .hash_seed = 7}, NULL, &t));
    for (size_t i = 0; i < n; ++i) {
        const cxm_cbs_row *row = number(i);
        must(cxm_cbs_add(t, row->x, row->t_x, row->T, 1));
    }
    return t;
}

static void spend_all(size_t n)
{
    cxm_spend *t;
    must(cxm_spend_create(&(cxm_cbs_options){.size = sizeof(cxm_cbs_options), .per_unit = 100.0, .hash_seed = 7}, NULL, &t));
    for (size_t i = 0; i < n; ++i) {
        const cxm_cbs_row *row = number(i);
        must(cxm_spend_add(t, row->x + 1, 999 + (int64_t)row->t_x * 730 + row->T, 1));
    }
    cxm_spend_free(t);
}

static double lap(double *since)
{
    double before = *since;
    *since = seconds();
    return *since - before;
}

/* ns a customer, then ns a row; the different rows. */
static size_t time_round(size_t n, double took[WAYS])
{
    cxm_cbs_view view;
    cxm_cbs *t, *again;
    size_t len = 0;
    double clock = seconds();
    count_all(n);
    took[COUNT] = lap(&clock) * 1e9 / (double)n;
    t = add_all(n);
    took[ADD] = lap(&clock) * 1e9 / (double)n;
    spend_all(n);
    took[SPEND] = lap(&clock) * 1e9 / (double)n;
    must(cxm_cbs_rows(t, &view));
    took[ROWS] = lap(&clock) * 1e9 / (double)view.count;
    if (cxm_cbs_encode(t, NULL, 0, &len) != CXM_E_LIMIT) must(CXM_E_ARG);
    unsigned char *bytes = malloc(len);
    if (!bytes) must(CXM_E_MEMORY);
    lap(&clock);
    must(cxm_cbs_encode(t, bytes, len, &len));
    took[ENCODE] = lap(&clock) * 1e9 / (double)view.count;
    must(cxm_cbs_decode(bytes, len, 0, 9, NULL, &again));
    took[DECODE] = lap(&clock) * 1e9 / (double)view.count;
    must(cxm_cbs_merge(t, again));
    took[MERGE] = lap(&clock) * 1e9 / (double)view.count;
    free(bytes);
    cxm_cbs_free(t);
    cxm_cbs_free(again);
    return view.count;
}

/* Bytes that are resident; 0 where nobody tells. */
static double resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    double pages = 0.0;
    if (!file) return 0.0;
    if (fscanf(file, "%*f %lf", &pages) != 1) pages = 0.0;
    fclose(file);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv)
{
    double rounds[WAYS][ROUNDS], took[WAYS], held = 0.0;
    int with_rows = has_option(argc, argv, "--rows"), first = with_rows ? 2 : 1;
    size_t n = (argc > first ? (size_t)strtoul(argv[first], NULL, 10) : MILLIONS) * MILLION, rows = 0;
    int count = argc > first + 1 && atoi(argv[first + 1]) == 1 ? 1 : ROUNDS;
    if (n == 0) return fputs("usage: bench_cbs [--rows] [MILLIONS [1]]\n", stderr), 2;
    draw();
    for (int round = 0; round < count; ++round) {
        rows = time_round(n, took);
        if (round == 0) held = resident();
        for (int i = 0; i < WAYS; ++i)
            for (int same = round; same < ROUNDS; ++same) rounds[i][same] = took[i];
    }
    held = resident() - held;
    printf("value/cbs, %zu customers of %zu different rows, medians of %d rounds\n", n, rows, count);
    for (int i = 0; i < WAYS; ++i) {
        took[i] = median(rounds[i]);
        printf("  %-10s %9.2f ns a %s\n", names[i], took[i], i < ROWS ? "customer" : "row");
    }
    printf("  resident %.1f MB, grown by %.1f MB since the first round\n", resident() / 1e6, held / 1e6);
    if (with_rows) {
        print_bench_row("cbs, add to rows that are there", "ns", took[ADD], took[COUNT], "increments by number");
        print_bench_row("cbs, spend to rows that are there", "ns", took[SPEND], took[COUNT], "increments by number");
    }
    return 0;
}
