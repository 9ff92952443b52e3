/* SPDX-License-Identifier: MIT */
/* bench_weighted.c - what a weight costs: one answer with it and without, and a design of many clusters.
 *
 * One call an answer, ns: cxm_weighted_add beside cxm_scale_add_double over the same answers, weights as surveys have
 * them (four digits, and all 53 bits). A design of 100,000 keys with two answers each: seconds to take in the leaves,
 * close, and sum up. Ways run in turn, nine rounds, medians. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/design.h>
#include "bench.h"

enum { ANSWERS = 1 << 20, KEYS = 100000 };
static const cxm_scale_spec nps = {sizeof nps, 0, 10, 6, 9, CXM_HIGHER_IS_BETTER};

typedef struct bench { double *answer, *digits, *bits; cxm_scale plain; cxm_weighted *weighted; } bench;

static void check(cxm_status status)
{
    if (status != CXM_OK) exit(1);
}

static double *make(size_t count)
{
    double *values = malloc(count * sizeof *values);
    if (!values) exit(1);
    return values;
}

static void fill(bench *b)
{
    uint64_t seed = 1;
    *b = (bench){.answer = make(ANSWERS), .digits = make(ANSWERS), .bits = make(ANSWERS)};
    for (size_t i = 0; i < ANSWERS; ++i) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        b->answer[i] = (double)(seed >> 40) / (double)(1 << 24) * 11.0;
        b->answer[i] = (double)(int)b->answer[i];
        b->digits[i] = (double)(1 + (seed >> 20) % 50000) / 10000.0;
        b->bits[i] = 0.1 + (double)(seed >> 11) * 0x1p-51;
    }
    check(cxm_scale_init(&b->plain, &nps));
    check(cxm_weighted_create(&nps, NULL, &b->weighted));
}

/* ns an answer: without weights, with those of four digits, with those of 53 bits. */
static void time_add(bench *b, double out[3])
{
    double rounds[3][ROUNDS];
    for (int round = 0; round < ROUNDS; ++round)
        for (int way = 0; way < 3; ++way) {
            const double *weights = way == 1 ? b->digits : b->bits;
            double start = seconds();
            for (size_t i = 0; i < ANSWERS; ++i)
                check(way ? cxm_weighted_add(b->weighted, b->answer[i], weights[i]) : cxm_scale_add_double(&b->plain, b->answer[i]));
            rounds[way][round] = (seconds() - start) / ANSWERS * 1e9;
        }
    for (int way = 0; way < 3; ++way) out[way] = median(rounds[way]);
}

/* Keys in an order far from that of their bytes. */
static cxm_design *take_leaves(const bench *b)
{
    cxm_design_options options = {.size = sizeof options, .clustered = 1};
    cxm_design *design = NULL;
    check(cxm_design_create(&options, &nps, NULL, &design));
    for (uint32_t i = 0; i < KEYS; ++i) {
        char key[16];
        cxm_weighted *w = NULL;
        check(cxm_weighted_create(&nps, NULL, &w));
        check(cxm_weighted_add(w, b->answer[i], b->digits[i]));
        check(cxm_weighted_add(w, b->answer[i + KEYS], b->digits[i + KEYS]));
        cxm_design_leaf leaf = {.size = sizeof leaf, .state = w};
        leaf.cluster = (cxm_design_text){key, (size_t)snprintf(key, sizeof key, "%u", i * 7919u % 1000003u)};
        check(cxm_design_add(design, &leaf));
        cxm_weighted_free(w);
    }
    return design;
}

static void time_design(const bench *b, double out[3])
{
    cxm_weighted_summary sum = {.size = sizeof sum};
    double start = seconds();
    cxm_design *design = take_leaves(b);
    out[0] = seconds() - start;
    start = seconds();
    check(cxm_design_close(design));
    out[1] = seconds() - start;
    start = seconds();
    check(cxm_design_summarize(design, NULL, &sum));
    out[2] = seconds() - start;
    cxm_design_free(design);
}

int main(int argc, char **argv)
{
    bench b;
    double add[3], design[3];
    fill(&b);
    time_add(&b, add);
    time_design(&b, design);
    printf("score/weighted, medians of %d rounds\n  one answer: %.1f ns plain, %.1f ns with a weight of four digits, %.1f ns of 53 bits\n",
           ROUNDS, add[0], add[1], add[2]);
    printf("  %d keys: taken in %.3f s, closed %.3f s, summed up %.3f s\n", KEYS, design[0], design[1], design[2]);
    if (has_option(argc, argv, "--rows")) {
        print_bench_row("add one weighted answer, four digits", "ns", add[1], add[0], "without a weight");
        print_bench_row("add one weighted answer, 53 bits", "ns", add[2], add[0], "without a weight");
    }
    cxm_weighted_free(b.weighted);
    free(b.answer), free(b.digits), free(b.bits);
    return 0;
}
