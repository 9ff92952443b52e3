/* SPDX-License-Identifier: MIT */
/* bench_customers.c - a table of customers: filled, walked into churn, written, read, merged; and what a customer takes.
 *
 * ns a customer, each beside a pass that only sums the same events where they lie in an array: `add` of one signup each, in no order;
 * `add-late` of its cancellation a month on, which stays in place; `walk` over all with cxm_churn_add; `size`, the encode that only asks
 * for the length, and `encode`; `decode`; `merge` of two halves without a customer in common; `overlap`, of a state with renewals of
 * the same customers. Ways run in turn, nine rounds, medians.
 *     bench_customers [--rows] [MILLIONS [1]]        a million unless told, and 1 for a single round; before it the memory of ten million, once
 * Memory by the state's own account and, where /proc tells it, by what is resident: with one signup each, and with a second period. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/churn.h>
#include <cxm/customers.h>
#include <unistd.h>
#include "bench.h"

enum { MILLION = 1000000, MEMORY_MILLIONS = 10, LATE_DAYS = 40 };
enum { READ, ADD, ADD_LATE, WALK, SIZE, ENCODE, DECODE, MERGE, OVERLAP, WAYS };
static const int64_t DAY = INT64_C(86400000000);
static const uint64_t MEMORY = UINT64_C(1) << 36;

static const char *const names[WAYS] = {"read-only", "add", "add-late", "walk", "size", "encode", "decode", "merge", "overlap"};
static volatile int64_t sink;           /* keeps the pass from being optimised away */

typedef struct row { uint64_t code; cxm_customer_event event; } row;

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

static uint64_t next_random(uint64_t *x)
{
    return *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
}

/* Signups over a year; half of them before the period of `walk`. */
static row *draw(size_t n)
{
    row *rows = malloc(n * sizeof *rows);
    uint64_t x = 20261121;
    if (!rows) must(CXM_E_MEMORY);
    for (size_t i = 0; i < n; ++i) {
        uint64_t u = next_random(&x);
        rows[i].code = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
        rows[i].event = (cxm_customer_event){.at_us = (int64_t)(u >> 32) % 365 * DAY, .amount = 900 + (int64_t)(u >> 20 & 7) * 1000,
                                             .kind = CXM_CUSTOMER_SIGNUP};
    }
    return rows;
}

static cxm_customers *make(void)
{
    cxm_customers_options options = {.size = sizeof options, .digits = 2, .max_bytes = MEMORY, .hash_seed = 7};
    cxm_customers *c;
    must(cxm_customers_create(&options, NULL, &c));
    return c;
}

static void add_rows(cxm_customers *c, const row *rows, size_t n)
{
    for (size_t i = 0; i < n; ++i) must(cxm_customers_add(c, rows[i].code, &rows[i].event));
}

/* For every `step`th customer `kind` so many days after its signup. */
static void add_later(cxm_customers *c, const row *rows, size_t n, size_t step, uint8_t kind, int64_t days)
{
    for (size_t i = 0; i < n; i += step) {
        cxm_customer_event e = rows[i].event;
        e.at_us += days * DAY;
        e.kind = kind;
        if (kind == CXM_CUSTOMER_CANCEL) e.amount = 0;
        if (kind == CXM_CUSTOMER_CANCEL || kind == CXM_CUSTOMER_PERIOD) e.end_us = e.at_us + (kind == CXM_CUSTOMER_PERIOD) * 30 * DAY;
        must(cxm_customers_add(c, rows[i].code, &e));
    }
}

static int64_t read_all(const row *rows, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; ++i) sum += rows[i].event.at_us > 180 * DAY ? rows[i].event.amount : (int64_t)(rows[i].code & 1);
    return sum;
}

static void walk(cxm_customers *c)
{
    cxm_churn_options options = {.size = sizeof options, .from_us = 180 * DAY, .to_us = 210 * DAY};
    cxm_customer_item item = {.size = sizeof item};
    cxm_churn *churn;
    uint64_t cursor = 0;
    must(cxm_churn_create(&options, NULL, &churn));
    while (cxm_customers_next(c, &cursor, CXM_CUSTOMERS_ENDED, &item) == CXM_OK) must(cxm_churn_add(churn, &item));
    cxm_churn_counts counts = {.size = sizeof counts};
    must(cxm_churn_counts_of(churn, &counts));
    sink += (int64_t)counts.churned;
    cxm_churn_free(churn);
}

static double lap(double *since)
{
    double before = *since;
    *since = seconds();
    return *since - before;
}

/* `took` in seconds. */
static void time_round(const row *rows, size_t n, double took[WAYS])
{
    size_t len;
    double clock = seconds();
    sink += read_all(rows, n);
    took[READ] = lap(&clock);
    cxm_customers *c = make(), *again, *half = make(), *rest = make(), *renewals = make();
    lap(&clock);
    add_rows(c, rows, n);
    took[ADD] = lap(&clock);
    add_later(c, rows, n, 4, CXM_CUSTOMER_CANCEL, LATE_DAYS);
    took[ADD_LATE] = 4.0 * lap(&clock);                 /* of every fourth customer */
    walk(c);
    took[WALK] = lap(&clock);
    if (cxm_customers_encode(c, NULL, 0, &len) != CXM_E_LIMIT) must(CXM_E_ARG);
    took[SIZE] = lap(&clock);
    unsigned char *bytes = malloc(len);
    if (!bytes) must(CXM_E_MEMORY);
    memset(bytes, 0, len);                              /* pages that are there */
    lap(&clock);
    must(cxm_customers_encode(c, bytes, len, &len));
    took[ENCODE] = lap(&clock);
    must(cxm_customers_decode(bytes, len, MEMORY, 9, NULL, &again));
    took[DECODE] = lap(&clock);
    add_rows(half, rows, n / 2);
    add_rows(rest, rows + n / 2, n - n / 2);
    add_later(renewals, rows, n, 1, CXM_CUSTOMER_RENEWAL, 1);
    lap(&clock);
    must(cxm_customers_merge(half, rest));
    took[MERGE] = 2.0 * lap(&clock);                    /* half of them were there */
    must(cxm_customers_merge(half, renewals));
    took[OVERLAP] = lap(&clock);
    free(bytes);
    cxm_customers_free(c);
    cxm_customers_free(again);
    cxm_customers_free(half);
    cxm_customers_free(rest);
    cxm_customers_free(renewals);
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

/* Bytes a customer, by account and resident: with one signup each, then with a second period. */
static void weigh(double account[2], double rss[2])
{
    size_t n = (size_t)MEMORY_MILLIONS * MILLION;
    row *rows = draw(n);
    double before = resident();
    cxm_customers *c = make();
    for (int i = 0; i < 2; ++i) {
        cxm_customers_account now = {.size = sizeof now};
        if (i == 0) add_rows(c, rows, n);
        else add_later(c, rows, n, 1, CXM_CUSTOMER_PERIOD, LATE_DAYS);
        must(cxm_customers_account_of(c, &now));
        account[i] = (double)now.bytes / (double)n;
        rss[i] = (resident() - before) / (double)n;
    }
    cxm_customers_free(c);
    free(rows);
}

static void print_rows(const double ns[WAYS], double one, double two)
{
    const char *pass = "read-only sum of the events";
    print_bench_row("customers, add", "ns", ns[ADD], ns[READ], pass);
    print_bench_row("customers, walk into churn", "ns", ns[WALK], ns[READ], pass);
    print_bench_row("customers, encode", "ns", ns[ENCODE], ns[READ], pass);
    print_bench_row("customers, decode", "ns", ns[DECODE], ns[READ], pass);
    print_bench_row("customers, merge, none in common", "ns", ns[MERGE], ns[READ], pass);
    print_bench_row("customers, merge, all in common", "ns", ns[OVERLAP], ns[READ], pass);
    print_bench_row("customers, memory of 1e7, one signup", "B", one, 48.0, "48 bytes");
    print_bench_row("customers, memory of 1e7, a second period", "B", two, 48.0 + 4 * 32.0, "48 bytes and four events");
}

int main(int argc, char **argv)
{
    double rounds[WAYS][ROUNDS], took[WAYS], account[2], rss[2];
    int with_rows = has_option(argc, argv, "--rows"), first = with_rows ? 2 : 1;
    size_t millions = argc > first ? (size_t)strtoul(argv[first], NULL, 10) : 1, n = millions * MILLION;
    int count = argc > first + 1 && atoi(argv[first + 1]) == 1 ? 1 : ROUNDS;
    if (n == 0) return fputs("usage: bench_customers [--rows] [MILLIONS [1]]\n", stderr), 2;
    weigh(account, rss);                                /* first: what was freed before is resident still */
    row *rows = draw(n);
    for (int round = 0; round < count; ++round) {
        time_round(rows, n, took);
        for (int i = 0; i < WAYS; ++i)
            for (int same = round; same < ROUNDS; ++same) rounds[i][same] = took[i] * 1e9 / (double)n;
    }
    free(rows);
    printf("retention/customers, %zu customers, medians of %d rounds\n", n, count);
    for (int i = 0; i < WAYS; ++i) {
        took[i] = median(rounds[i]);
        printf("  %-10s %9.2f ns a customer %8.1f x read-only\n", names[i], took[i], took[i] / took[READ]);
    }
    printf("  memory of %d million, bytes a customer: one signup %.1f, resident %.1f; with a second period %.1f, resident %.1f\n",
           (int)MEMORY_MILLIONS, account[0], rss[0], account[1], rss[1]);
    if (with_rows) print_rows(took, account[0], account[1]);
    return 0;
}
