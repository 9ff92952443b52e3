/* SPDX-License-Identifier: MIT */
/* bench_scale.c - how fast answers are counted, beside what the machine can do with the same bytes.
 *
 * One call an answer: ns. Whole columns: GB/s of input, beside a read-only pass over the very same bytes, in
 * the cache (512 KiB) and out of it (256 MiB). Ways run in turn, nine rounds, medians; 22 % are missing, coded
 * as 255. With `--gate` the program fails when u8 columns out of the cache run below 0.10 of the read-only pass. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/nps.h>
#include <cxm/scale.h>
#include "bench.h"

enum { SMALL = 512 << 10, LARGE = 256 << 20, SINGLES = 4 << 20 };
static const double GATE = 0.10;

typedef struct bench { uint8_t *u8; int32_t *i32; double *f64; uint8_t *valid; cxm_scale scale; } bench;
typedef struct way { const char *name; void (*run)(bench *b, size_t bytes); } way;

static volatile uint64_t sink;          /* keeps the passes from being optimised away */

static void read_only(bench *b, size_t bytes)
{
    uint64_t sums[8] = {0}, word;
    for (size_t i = 0; i + 64 <= bytes; i += 64)
        for (size_t k = 0; k < 8; ++k) {
            memcpy(&word, b->u8 + i + 8 * k, sizeof word);
            sums[k] += word;
        }
    for (size_t k = 0; k < 8; ++k) sink += sums[k];
}

static void add_column(bench *b, int32_t type, const void *values, uint64_t count, const uint8_t *validity)
{
    cxm_column column = {.size = sizeof column, .type = type, .values = values, .count = count, .validity = validity};
    if (cxm_scale_add_many(&b->scale, &column) != CXM_OK) exit(1);
}

static void u8(bench *b, size_t bytes) { add_column(b, CXM_U8, b->u8, bytes, NULL); }
static void u8_valid(bench *b, size_t bytes) { add_column(b, CXM_U8, b->u8, bytes, b->valid); }
static void i32(bench *b, size_t bytes) { add_column(b, CXM_I32, b->i32, bytes / 4, NULL); }
static void f64_valid(bench *b, size_t bytes) { add_column(b, CXM_F64, b->f64, bytes / 8, b->valid); }

static const way ways[] = {{"read-only pass", read_only}, {"u8", u8}, {"u8, bitmap", u8_valid},
                           {"int32", i32}, {"double, bitmap", f64_valid}};
enum { WAYS = sizeof ways / sizeof *ways };

/* GB/s of every way over the first `bytes`, each round all ways in turn. */
static void time_columns(bench *b, size_t bytes, int repeats, double *out)
{
    double rates[WAYS][ROUNDS];
    for (int round = 0; round < ROUNDS; ++round)
        for (size_t w = 0; w < WAYS; ++w) {
            double start = seconds();
            for (int i = 0; i < repeats; ++i) ways[w].run(b, bytes);
            rates[w][round] = (double)bytes * repeats / (seconds() - start) / 1e9;
        }
    for (size_t w = 0; w < WAYS; ++w) out[w] = median(rates[w]);
}

/* ns an answer: the call, and one increment of a counter, which no call beats. */
static void time_add(bench *b, double *ours, double *increment)
{
    double adding[ROUNDS], counting[ROUNDS];
    uint64_t counts[256] = {0};
    for (int round = 0; round < ROUNDS; ++round) {
        double start = seconds();
        for (size_t i = 0; i < SINGLES; ++i) cxm_scale_add(&b->scale, b->u8[i]);
        adding[round] = (seconds() - start) / SINGLES * 1e9;
        start = seconds();
        for (size_t i = 0; i < SINGLES; ++i) ++counts[b->u8[i]];
        counting[round] = (seconds() - start) / SINGLES * 1e9;
        sink += counts[b->u8[0]];
    }
    *ours = median(adding);
    *increment = median(counting);
}

static void print_columns(const double *rates, const char *where)
{
    for (size_t w = 1; w < WAYS; ++w) {
        char what[64];
        snprintf(what, sizeof what, "add_many %s, %s", ways[w].name, where);
        print_bench_row(what, "GB/s", rates[w], rates[0], ways[0].name);
    }
}

static void *make(size_t bytes)
{
    void *ptr = malloc(bytes);
    if (!ptr) exit(1);
    return ptr;
}

static void fill(bench *b)
{
    static const uint8_t answers[32] = {10, 10, 10, 10, 10, 10, 9, 9, 9, 9, 8, 8, 8, 8, 7, 7,
                                        7, 6, 5, 5, 4, 3, 2, 1, 0, 255, 255, 255, 255, 255, 255, 255};
    uint64_t seed = 1;
    *b = (bench){make(LARGE), make(LARGE), make(LARGE), make(LARGE / 8), {.missing = 0}};
    for (size_t i = 0; i < LARGE; ++i) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        b->u8[i] = answers[seed >> 59];
        if (i < LARGE / 4) b->i32[i] = b->u8[i];
        if (i < LARGE / 8) b->f64[i] = b->u8[i];
        if (i < LARGE / 8) b->valid[i] = (uint8_t)(seed >> 32 | seed >> 40);
    }
    cxm_scale_spec spec;
    cxm_scale_ask ask;
    if (cxm_nps_define(0, 10, &spec, &ask) != CXM_OK || cxm_scale_init(&b->scale, &spec) != CXM_OK) exit(1);
}

int main(int argc, char **argv)
{
    bench b;
    double in_cache[WAYS], out_of_cache[WAYS], ours, increment;
    fill(&b);
    time_add(&b, &ours, &increment);
    printf("score/scale, medians of %d rounds\n  one call an answer: %.2f ns, an increment %.2f ns\n", ROUNDS, ours, increment);
    time_columns(&b, SMALL, 20, in_cache);
    time_columns(&b, LARGE, 1, out_of_cache);
    printf("  %-16s %14s %8s %14s %8s\n", "add_many", "cache GB/s", "ratio", "memory GB/s", "ratio");
    for (size_t w = 0; w < WAYS; ++w)
        printf("  %-16s %14.2f %8.3f %14.2f %8.3f\n", ways[w].name, in_cache[w], in_cache[w] / in_cache[0],
               out_of_cache[w], out_of_cache[w] / out_of_cache[0]);
    if (has_option(argc, argv, "--rows")) {
        print_bench_row("add one answer", "ns", ours, increment, "increment");
        print_columns(in_cache, "cache");
        print_columns(out_of_cache, "memory");
    }
    int gate = has_option(argc, argv, "--gate"), reached = out_of_cache[1] / out_of_cache[0] >= GATE;
    if (gate) printf("%s: u8 at %.3f of the read-only pass, %.2f asked\n", reached ? "passed" : "FAILED",
                     out_of_cache[1] / out_of_cache[0], GATE);
    free(b.u8), free(b.i32), free(b.f64), free(b.valid);
    return gate && !reached;
}
