/* SPDX-License-Identifier: MIT */
/* bench_label.c - how fast labelled answers are counted, beside a read-only pass over the same texts.
 *
 * Three words, 20 reasons, 64 reasons, and 1,000 of which 64 are kept; drawn at random from a table that is in
 * cache. ns an answer, ways in turn, nine rounds, medians. The worst case is a stream of ever smaller labels, each
 * of which takes the place of the largest. Then a merge of two full states. With `--gate` the program fails
 * when three words take more than 100 ns an answer. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/label.h>
#include "bench.h"

enum { ANSWERS = 1 << 20, WORDS = 1000 };
static const double GATE_NS = 100.0;

typedef struct word { char text[24]; size_t len; } word;
typedef struct way { const char *name; size_t words; } way;
static const way ways[] = {{"3 words", 3}, {"20 reasons", 20}, {"64 reasons", 64}, {"1,000 reasons", WORDS}};
enum { WAYS = sizeof ways / sizeof *ways };

static volatile uint64_t sink;

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

static void make_words(word *words, size_t count)
{
    static const char *const sentiment[] = {"positive", "neutral", "negative"};
    for (size_t i = 0; i < count; ++i) {
        if (count == 3) snprintf(words[i].text, sizeof words[i].text, "%s", sentiment[i]);
        else snprintf(words[i].text, sizeof words[i].text, "contact reason %04zu", i * 7919 % 10000);
        words[i].len = strlen(words[i].text);
    }
}

static void draw(uint16_t *drawn, size_t words)
{
    uint64_t seed = 1;
    for (size_t i = 0; i < ANSWERS; ++i) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        drawn[i] = (uint16_t)((seed >> 40) % words);
    }
}

static double time_reading(const word *words, const uint16_t *drawn)
{
    double start = seconds();
    uint64_t sum = 0;
    for (size_t i = 0; i < ANSWERS; ++i) {
        const word *w = &words[drawn[i]];
        for (size_t k = 0; k < w->len; ++k) sum += (unsigned char)w->text[k];
    }
    sink += sum;
    return (seconds() - start) / ANSWERS * 1e9;
}

static double time_adding(cxm_label *label, const word *words, const uint16_t *drawn)
{
    double start = seconds();
    for (size_t i = 0; i < ANSWERS; ++i) must(cxm_label_add(label, words[drawn[i]].text, words[drawn[i]].len));
    return (seconds() - start) / ANSWERS * 1e9;
}

static double bench_way(const way *one, int rows)
{
    static word words[WORDS];
    static uint16_t drawn[ANSWERS];
    double reading[ROUNDS], adding[ROUNDS];
    make_words(words, one->words);
    draw(drawn, one->words);
    for (int round = 0; round < ROUNDS; ++round) {
        cxm_label *label;
        must(cxm_label_create(NULL, NULL, &label));
        reading[round] = time_reading(words, drawn);
        adding[round] = time_adding(label, words, drawn);
        cxm_label_free(label);
    }
    double ns = median(adding), least = median(reading);
    char what[64];
    printf("  %-16s %10.2f %14.2f\n", one->name, ns, least);
    snprintf(what, sizeof what, "add one label, %s", one->name);
    if (rows) print_bench_row(what, "ns", ns, least, "read-only pass");
    return ns;
}

/* Every answer is a label smaller than all before it. */
static double time_shrinking(uint32_t max_labels, int answers)
{
    cxm_label_options options = {sizeof options, max_labels, 0, 0};
    cxm_label *label;
    char text[16];
    must(cxm_label_create(&options, NULL, &label));
    double start = seconds();
    for (int i = answers; i > 0; --i) {
        snprintf(text, sizeof text, "%09d", i);
        must(cxm_label_add(label, text, 9));
    }
    double ns = (seconds() - start) / answers * 1e9;
    cxm_label_free(label);
    return ns;
}

/* Two full states of 64 labels: with the same labels, so that counts are added, or with none in common. */
static double time_merging(int apart)
{
    double ns[ROUNDS];
    for (int round = 0; round < ROUNDS; ++round) {
        enum { TIMES = 2000 };
        double spent = 0.0;
        for (int i = 0; i < TIMES; ++i) {
            cxm_label *a, *b;
            char text[16];
            must(cxm_label_create(NULL, NULL, &a));
            must(cxm_label_create(NULL, NULL, &b));
            for (int k = 0; k < 64; ++k) {
                snprintf(text, sizeof text, "reason %04d", 2 * k);
                must(cxm_label_add(a, text, 11));
                snprintf(text, sizeof text, "reason %04d", 2 * k + apart);
                must(cxm_label_add(b, text, 11));
            }
            double start = seconds();
            must(cxm_label_merge(a, b));
            spent += seconds() - start;
            cxm_label_free(a);
            cxm_label_free(b);
        }
        ns[round] = spent / TIMES * 1e9;
    }
    return median(ns);
}

int main(int argc, char **argv)
{
    int gate = has_option(argc, argv, "--gate");
    double least = 0.0;
    printf("score/label, medians of %d rounds\n  %-16s %10s %14s\n", ROUNDS, "add", "ns", "read-only ns");
    for (size_t w = 0; w < WAYS; ++w) {
        double ns = bench_way(&ways[w], has_option(argc, argv, "--rows"));
        if (w == 0) least = ns;
    }
    printf("  ever smaller labels: %.0f ns with 64 kept, %.0f ns with 4,096\n", time_shrinking(64, 200000),
           time_shrinking(4096, 200000));
    printf("  merge of 64 and 64 labels: %.0f ns alike, %.0f ns with none in common\n", time_merging(0), time_merging(1));
    if (gate) printf("%s: three words at %.1f ns, %.0f allowed\n", least <= GATE_NS ? "passed" : "FAILED", least, GATE_NS);
    return gate && least > GATE_NS;
}
