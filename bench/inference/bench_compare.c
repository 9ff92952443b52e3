/* SPDX-License-Identifier: MIT */
/* bench_compare.c - how long a comparison takes: limits and p of a pair, and every pair of 1,000 segments.
 *
 * Segments have 1 to 5,000 answers and nets that differ, so that p runs from 1 down to nothing. Each method
 * stands beside one erfc a pair, which any p of a normal statistic costs. Ways run in turn, nine rounds, medians. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/compare.h>
#include <math.h>
#include "bench.h"

enum { SEGMENTS = 1000, PAIRS = SEGMENTS * (SEGMENTS - 1) / 2 };
static const double WITHIN_SECONDS = 1.0;       /* for every pair, on one core */

typedef struct bench { cxm_net_sample net[SEGMENTS]; cxm_share_sample share[SEGMENTS]; double distance[SEGMENTS]; } bench;
typedef struct way { const char *name; double (*pair)(const bench *b, size_t i, size_t j); } way;

static volatile double sink;            /* keeps the passes from being optimised away */

static double net_by(const bench *b, size_t i, size_t j, int32_t method)
{
    cxm_difference out = {.size = sizeof out};
    if (cxm_compare_net(&b->net[i], &b->net[j], method, 0.95, &out) != CXM_OK) return 0.0;      /* wald: nothing to say */
    return out.low + out.p;
}

static double share_by(const bench *b, size_t i, size_t j, int32_t method)
{
    cxm_difference out = {.size = sizeof out};
    if (cxm_compare_share(&b->share[i], &b->share[j], method, 0.95, &out) != CXM_OK) return 0.0;
    return out.low + out.p;
}

static double one_erfc(const bench *b, size_t i, size_t j) { return erfc(fabs(b->distance[i] - b->distance[j])); }
static double mover(const bench *b, size_t i, size_t j) { return net_by(b, i, j, CXM_COMPARE_MOVER); }
static double wald(const bench *b, size_t i, size_t j) { return net_by(b, i, j, CXM_COMPARE_WALD); }
static double welch(const bench *b, size_t i, size_t j) { return net_by(b, i, j, CXM_COMPARE_WELCH); }
static double newcombe(const bench *b, size_t i, size_t j) { return share_by(b, i, j, CXM_COMPARE_NEWCOMBE); }
static double nurminen(const bench *b, size_t i, size_t j) { return share_by(b, i, j, CXM_COMPARE_MIETTINEN_NURMINEN); }

static const way ways[] = {{"erfc", one_erfc}, {"net pair by mover", mover}, {"net pair by wald", wald}, {"net pair by welch", welch},
                           {"share pair by newcombe", newcombe}, {"share pair by miettinen-nurminen", nurminen}};
enum { WAYS = sizeof ways / sizeof *ways };

/* Seconds of every pair by each way. */
static void time_pairs(const bench *b, double *out)
{
    double took[WAYS][ROUNDS];
    for (int round = 0; round < ROUNDS; ++round)
        for (size_t w = 0; w < WAYS; ++w) {
            double start = seconds(), sum = 0.0;
            for (size_t i = 0; i < SEGMENTS; ++i)
                for (size_t j = 0; j < i; ++j) sum += ways[w].pair(b, i, j);
            took[w][round] = seconds() - start;
            sink = sum;
        }
    for (size_t w = 0; w < WAYS; ++w) out[w] = median(took[w]);
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*seed >> 33) % below;
}

static void fill(bench *b)
{
    uint64_t seed = 1;
    for (size_t i = 0; i < SEGMENTS; ++i) {
        uint64_t n = 1 + draw(&seed, 5000), plus = n * (20 + draw(&seed, 60)) / 100, minus = draw(&seed, n - plus + 1);
        b->net[i] = (cxm_net_sample){minus, n - plus - minus, plus};
        b->share[i] = (cxm_share_sample){plus, n};
        b->distance[i] = 6.0 * (double)plus / (double)n;
    }
}

int main(int argc, char **argv)
{
    static bench b;
    double took[WAYS];
    fill(&b);
    time_pairs(&b, took);
    printf("inference/compare, %d pairs, medians of %d rounds\n", PAIRS, ROUNDS);
    for (size_t w = 0; w < WAYS; ++w)
        printf("  %-33s %8.1f ns a pair %8.3f s\n", ways[w].name, took[w] / PAIRS * 1e9, took[w]);
    if (has_option(argc, argv, "--rows")) {
        for (size_t w = 1; w < WAYS; ++w)
            print_bench_row(ways[w].name, "ns", took[w] / PAIRS * 1e9, took[0] / PAIRS * 1e9, ways[0].name);
        print_bench_row("net pairs of 1,000 by mover", "s", took[1], WITHIN_SECONDS, "1 s");
    }
    return 0;
}
