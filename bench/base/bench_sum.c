/* SPDX-License-Identifier: MIT */
/* bench_sum.c - the exact sum beside a naive one, which forgets, and a compensated one, which forgets less.
 *
 * ns a value over weights (0.1 to 10, 53 bits), one value alone, and doubles of both signs and every size, in the
 * cache (64 KiB) and out of it (64 MiB); ways in turn, nine rounds, medians. Then the calls on a whole state. With
 * `--gate` the program fails when a value takes more than 4 ns by add_many anywhere, or by add in the cache: out of it
 * a loop of calls waits for its own reading, as the compensated one shows. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/sum.h>
#include "bench.h"

enum { SMALL = 8 << 10, LARGE = 8 << 20, STATES = 2000 };
static const double GATE_NS = 4.0;

typedef struct way { const char *name; void (*run)(const double *values, size_t n); } way;

static volatile double sink;            /* keeps the sums from being optimised away */

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

static void naive(const double *values, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; ++i) sum += values[i];
    sink = sum;
}

static double size_of(double value)
{
    return value < 0.0 ? -value : value;
}

/* Neumaier's: what rounding cut off is summed beside. */
static void compensated(const double *values, size_t n)
{
    double sum = 0.0, rest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        double next = sum + values[i];
        rest += size_of(sum) >= size_of(values[i]) ? (sum - next) + values[i] : (values[i] - next) + sum;
        sum = next;
    }
    sink = sum + rest;
}

static void use(const cxm_sum *sum)
{
    double value;
    must(cxm_sum_value(sum, &value));
    sink = value;
}

static void add(const double *values, size_t n)
{
    cxm_sum sum = {0};
    for (size_t i = 0; i < n; ++i) cxm_sum_add(&sum, values[i]);
    use(&sum);
}

/* Slides: a value comes in and the same one goes. */
static void add_remove(const double *values, size_t n)
{
    cxm_sum sum = {0};
    cxm_sum_add(&sum, values[0]);
    for (size_t i = 1; i < n; ++i) {
        cxm_sum_add(&sum, values[i]);
        cxm_sum_remove(&sum, values[i - 1]);
    }
    use(&sum);
}

static void add_many(const double *values, size_t n)
{
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = n};
    cxm_sum sum = {0};
    must(cxm_sum_add_many(&sum, &column));
    use(&sum);
}

enum { NAIVE, COMPENSATED, ADD, ADD_MANY, ADD_REMOVE, WAYS };
static const way ways[WAYS] = {{"naive", naive}, {"compensated", compensated}, {"add", add}, {"add_many", add_many},
                               {"add, remove", add_remove}};

static const char *const kinds[] = {"weights", "one value", "every size"};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void fill(double *values, int kind)
{
    uint64_t seed = 1;
    for (size_t i = 0; i < LARGE; ++i) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double uniform = (double)(seed >> 11) / 9007199254740992.0;
        uint64_t size = (seed >> 40) % 1998 + 24, bits = (seed << 63 | size << 52) ^ (seed >> 12 & 0xFFFFFFFFFFFF);
        values[i] = kind == 0 ? 0.1 + 9.9 * uniform : 0.37;
        if (kind == 2) memcpy(&values[i], &bits, sizeof bits);
    }
}

/* ns a value of every way, over the first n. */
static void time_ways(const double *values, size_t n, double *out)
{
    double ns[WAYS][ROUNDS];
    size_t repeats = n < LARGE ? 64 : 1;
    for (int round = 0; round < ROUNDS; ++round)
        for (int w = 0; w < WAYS; ++w) {
            double start = seconds();
            for (size_t i = 0; i < repeats; ++i) ways[w].run(values, n);
            ns[w][round] = (seconds() - start) / (double)(n * repeats) * 1e9;
        }
    for (int w = 0; w < WAYS; ++w) out[w] = median(ns[w]);
}

/* --- whole states --- */

enum { MERGE, VALUE, ENCODE, DECODE, CALLS };
static const char *const calls[CALLS] = {"merge", "value", "encode", "decode"};

static void call(int which, cxm_sum *sum, unsigned char *bytes, size_t cap, size_t *len)
{
    double value;
    cxm_sum all = {0};
    switch (which) {
    case MERGE: must(cxm_sum_merge(&all, sum)); break;
    case VALUE: must(cxm_sum_value(sum, &value)); break;
    case ENCODE: must(cxm_sum_encode(sum, bytes, cap, len)); break;
    default: must(cxm_sum_decode(bytes, *len, sum));
    }
}

static double time_call(int which, const double *values)
{
    double ns[ROUNDS];
    for (int round = 0; round < ROUNDS; ++round) {
        unsigned char bytes[512];
        size_t len;
        cxm_sum sum = {0};
        for (size_t i = 0; i < 1000; ++i) must(cxm_sum_add(&sum, values[i]));
        call(ENCODE, &sum, bytes, sizeof bytes, &len);
        double start = seconds();
        for (int i = 0; i < STATES; ++i) call(which, &sum, bytes, sizeof bytes, &len);
        ns[round] = (seconds() - start) / STATES * 1e9;
    }
    return median(ns);
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Prints a kind of values in one place; returns what the slower of the calls that the gate is about takes. */
static double bench_kind(const double *values, int kind, size_t n, int rows)
{
    double ns[WAYS];
    const char *where = n == SMALL ? "cache" : "memory";
    time_ways(values, n, ns);
    printf("  %-10s %-7s", kinds[kind], where);
    for (int w = 0; w < WAYS; ++w) printf(" %12.2f", ns[w]);
    printf(" %9.1f\n", ns[ADD_MANY] / ns[NAIVE]);
    for (int w = ADD; rows && kind == 0 && w <= ADD_MANY; ++w) {
        char what[64];
        snprintf(what, sizeof what, "sum %s, %s, %s", ways[w].name, kinds[kind], where);
        print_bench_row(what, "ns", ns[w], ns[NAIVE], "naive sum");
    }
    return n == SMALL ? larger(ns[ADD], ns[ADD_MANY]) : ns[ADD_MANY];
}

int main(int argc, char **argv)
{
    double *values = malloc(LARGE * sizeof *values), slowest = 0.0;
    int rows = has_option(argc, argv, "--rows"), gate = has_option(argc, argv, "--gate");
    if (!values) return 1;
    printf("base/sum, ns a value, medians of %d rounds\n  %-18s", ROUNDS, "");
    for (int w = 0; w < WAYS; ++w) printf(" %12s", ways[w].name);
    printf(" %9s\n", "x naive");
    for (int kind = 0; kind < KINDS; ++kind) {
        fill(values, kind);
        slowest = larger(slowest, bench_kind(values, kind, SMALL, rows));
        slowest = larger(slowest, bench_kind(values, kind, LARGE, rows));
    }
    printf("  ns a state of 1,000 values of every size:");
    for (int c = 0; c < CALLS; ++c) printf(" %s %.0f", calls[c], time_call(c, values));
    printf("\n");
    if (rows) print_bench_row("sum, slowest of add and add_many", "ns", slowest, GATE_NS, "4 ns a value");
    if (gate) printf("%s: %.2f ns a value, %.0f allowed\n", slowest <= GATE_NS ? "passed" : "FAILED", slowest, GATE_NS);
    free(values);
    return gate && slowest > GATE_NS;
}
