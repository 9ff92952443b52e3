/* SPDX-License-Identifier: MIT */
/* bench_quantile.c - percentile states of both precisions, beside what the machine can do with the same values.
 *
 * Durations in seconds, lognormal with median 0.25 and sigma 1. ns a value: one call each, and whole columns in the
 * cache (512 KiB) and out of it (256 MiB), beside increments at known indices and a read-only pass. Whole states:
 * merge, subtract, a quantile beside a scan of plain counters, and a sliding window of 60 panes by subtraction beside
 * one by two stacks. Then bytes, errors against the sorted values, and shuffles. Ways in turn within each round, nine
 * rounds, medians. A goal is the ratio to the limit, or to a bound that stands for a peer's figure: then it is 1. */
#define _POSIX_C_SOURCE 200809L
#include <cxm/quantile.h>
#include <math.h>
#include <unistd.h>
#include "bench.h"

enum {
    SMALL = 64 << 10, REPEATS = 50, SINGLES = 4000000, LARGE = 32 << 20, KNOWN = 4096,
    STATES = 1000, STATE_VALUES = 4000, QUERIES = 1000,
    PANES = 60, PANE_VALUES = 20000, SLIDES = 20 * PANES, SHUFFLES = 1000, PARTS = 8,
    BINS_MOST = 52 << 9, STRIDE = BINS_MOST + 80        /* sub-histograms that start at different sets of the cache */
};
static const double STEPS = 1e6;        /* a second */

typedef struct bench {
    double *values, *sorted;
    size_t large;
    uint32_t *counts;                   /* two sub-histograms */
    uint16_t known[KNOWN];
    int32_t precision;
    cxm_quantile *state, *all, *each[STATES], *pane[PANES], *fresh[PANES];
} bench;

static volatile double sink;            /* keeps the passes from being optimised away */
static int rows;

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

static void *make(size_t bytes)
{
    void *ptr = malloc(bytes);
    if (!ptr) exit(1);
    return ptr;
}

static const char *name_of(int32_t precision)
{
    return precision == CXM_PRECISION_1 ? "1 %" : "0.1 %";
}

/* A line of the table, and of the rows. `goal`: the most that ours / limit may be; negative: the least; 0: none. */
static void print_line(int32_t precision, const char *what, const char *unit, double ours, double limit,
                       const char *limit_name, double goal)
{
    char full[96], text[16] = "-";
    double ratio = ours / limit;
    const char *reached = (goal < 0.0 ? ratio >= -goal : ratio <= goal) ? "yes" : "no";
    snprintf(full, sizeof full, "quantile %s, %s", name_of(precision), what);
    if (goal < 0.0 || goal > 0.0) snprintf(text, sizeof text, "%s %g", goal < 0.0 ? ">=" : "<=", fabs(goal));
    else reached = "-";
    printf("  %-44s %9.4g %-3s %9.4g  %-24s %7.3f  %-8s %s\n", full, ours, unit, limit, limit_name, ratio, text, reached);
    if (rows) print_bench_row(full, unit, ours, limit, limit_name);
}

/* --- values --- */

static uint64_t next_word(uint64_t *seed)
{
    uint64_t word = *seed += UINT64_C(0x9E3779B97F4A7C15);
    word = (word ^ word >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ word >> 27) * UINT64_C(0x94D049BB133111EB);
    return word ^ word >> 31;
}

static double next_uniform(uint64_t *seed)
{
    return (double)(next_word(seed) >> 11) * 0x1p-53;
}

static void fill(double *values, size_t n)
{
    uint64_t seed = 1;
    for (size_t i = 0; i + 2 <= n; i += 2) {
        double radius = sqrt(-2.0 * log(1.0 - next_uniform(&seed))), angle = 6.283185307179586 * next_uniform(&seed);
        values[i] = 0.25 * exp(radius * cos(angle));
        values[i + 1] = 0.25 * exp(radius * sin(angle));
    }
}

static uint32_t bin_of(double value, int32_t precision)
{
    double steps = nearbyint(value * STEPS);
    uint64_t bits;
    if (steps < 1.0) steps = 1.0;
    memcpy(&bits, &steps, sizeof bits);
    uint64_t bin = (bits >> (52 - precision)) - (UINT64_C(1023) << precision);
    return bin < BINS_MOST ? (uint32_t)bin : BINS_MOST - 1;
}

/* As many as LARGE, less when memory is short; no fewer than SINGLES. */
static void take_values(bench *b)
{
    size_t most = SIZE_MAX;
#ifdef _SC_PHYS_PAGES
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page > 0) most = (size_t)pages / 4 * (size_t)page / sizeof *b->values;
#endif
    for (b->large = LARGE; b->large / 2 >= SINGLES; b->large /= 2) {
        if (b->large > most) continue;
        if ((b->values = malloc(b->large * sizeof *b->values)) != NULL) break;
    }
    if (!b->values) b->values = make(b->large * sizeof *b->values);
    fill(b->values, b->large);
}

static cxm_quantile *empty(int32_t precision)
{
    cxm_quantile_spec spec = {.size = sizeof spec, .precision = precision};
    cxm_quantile *q = NULL;
    must(cxm_quantile_create(&spec, NULL, &q));
    return q;
}

static void add_column(cxm_quantile *q, const double *values, size_t n)
{
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = n};
    must(cxm_quantile_add_many(q, &column));
}

static cxm_quantile *state_of(int32_t precision, const double *values, size_t n)
{
    cxm_quantile *q = empty(precision);
    add_column(q, values, n);
    return q;
}

/* --- adding: ns a value --- */

static void read_only(bench *b, size_t n)
{
    uint64_t sums[8] = {0}, word;
    for (size_t i = 0; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; ++k) {
            memcpy(&word, b->values + i + k, sizeof word);
            sums[k] += word;
        }
    for (size_t k = 0; k < 8; ++k) sink += (double)sums[k];
}

static void increments(bench *b, size_t n)
{
    uint32_t *one = b->counts, *two = b->counts + STRIDE;
    for (size_t at = 0; at < n; at += KNOWN)
        for (size_t i = 0; i < KNOWN; i += 4) {
            uint64_t four;
            memcpy(&four, b->known + i, sizeof four);
            ++one[four & 0xFFFF];
            ++two[four >> 16 & 0xFFFF];
            ++one[four >> 32 & 0xFFFF];
            ++two[four >> 48];
        }
}

static void add(bench *b, size_t n)
{
    cxm_quantile *q = b->state;
    for (size_t i = 0; i < n; ++i) cxm_quantile_add(q, b->values[i]);
}

static void add_many(bench *b, size_t n)
{
    add_column(b->state, b->values, n);
}

typedef struct way { void (*run)(bench *b, size_t n); size_t n; int repeats; } way;
enum { ADD, MANY_CACHE, MANY_MEMORY, INCREMENTS, READ_CACHE, READ_MEMORY, WAYS };

static double time_way(bench *b, const way *w)
{
    b->state = empty(b->precision);
    memset(b->counts, 0, 2 * STRIDE * sizeof *b->counts);
    double start = seconds();
    for (int i = 0; i < w->repeats; ++i) w->run(b, w->n);
    double ns = (seconds() - start) / (double)w->n / w->repeats * 1e9;
    sink += b->counts[b->known[0]];
    cxm_quantile_free(b->state);
    return ns;
}

static void bench_add(bench *b)
{
    const way ways[WAYS] = {{add, SINGLES, 1}, {add_many, SMALL, REPEATS}, {add_many, b->large, 1},
                            {increments, SMALL, REPEATS}, {read_only, SMALL, REPEATS}, {read_only, b->large, 1}};
    double rounds[WAYS][ROUNDS], ns[WAYS];
    for (size_t i = 0; i < KNOWN; ++i) b->known[i] = (uint16_t)bin_of(b->values[i], b->precision);
    for (int round = 0; round < ROUNDS; ++round)
        for (int w = 0; w < WAYS; ++w) rounds[w][round] = time_way(b, &ways[w]);
    for (int w = 0; w < WAYS; ++w) ns[w] = median(rounds[w]);
    print_line(b->precision, "add", "ns", ns[ADD], 1.3, "1.3 ns a value", 1.0);
    print_line(b->precision, "add, increments", "ns", ns[ADD], ns[INCREMENTS], "increments", 0.0);
    print_line(b->precision, "add_many, cache", "ns", ns[MANY_CACHE], ns[INCREMENTS], "increments", 1.30);
    print_line(b->precision, "add_many, cache, reading", "ns", ns[MANY_CACHE], ns[READ_CACHE], "read-only pass", 0.0);
    print_line(b->precision, "add_many, memory", "ns", ns[MANY_MEMORY], ns[READ_MEMORY], "read-only pass", 1.75);
    print_line(b->precision, "add_many, memory, increments", "ns", ns[MANY_MEMORY], ns[INCREMENTS], "increments", 0.0);
}

/* --- whole states --- */

/* us a state: all merged into one, and taken away from it again. */
static void bench_merge(bench *b)
{
    double merging[ROUNDS], subtracting[ROUNDS];
    for (size_t i = 0; i < STATES; ++i)
        b->each[i] = state_of(b->precision, b->values + i * STATE_VALUES, STATE_VALUES);
    for (int round = 0; round < ROUNDS; ++round) {
        cxm_quantile *all = empty(b->precision);
        double start = seconds();
        for (size_t i = 0; i < STATES; ++i) must(cxm_quantile_merge(all, b->each[i]));
        merging[round] = (seconds() - start) / STATES * 1e6;
        start = seconds();
        for (size_t i = 0; i < STATES; ++i) must(cxm_quantile_subtract(all, b->each[i]));
        subtracting[round] = (seconds() - start) / STATES * 1e6;
        cxm_quantile_free(all);
    }
    for (size_t i = 0; i < STATES; ++i) cxm_quantile_free(b->each[i]);
    double merge = median(merging);
    print_line(b->precision, "merge of 4,000 values", "us", merge, 0.30 * 0.86, "0.30 x 0.86 us",
               b->precision == CXM_PRECISION_1 ? 1.0 : 0.0);
    print_line(b->precision, "subtract of 4,000 values", "us", median(subtracting), merge, "merge", 0.0);
}

/* The bin that holds rank share * n, over plain counters. */
static size_t scan(const uint32_t *counts, size_t bins, double share)
{
    uint64_t n = 0, sum = 0;
    size_t i = 0;
    for (size_t k = 0; k < bins; ++k) n += counts[k];
    for (uint64_t want = (uint64_t)(share * (double)n); i + 1 < bins; ++i)
        if ((sum += counts[i]) > want) break;
    return i;
}

static void bench_query(bench *b)
{
    double asking[ROUNDS], scanning[ROUNDS], value;
    uint32_t first = BINS_MOST, last = 0;
    memset(b->counts, 0, STRIDE * sizeof *b->counts);
    for (size_t i = 0; i < SINGLES; ++i) {
        uint32_t bin = bin_of(b->values[i], b->precision);
        ++b->counts[bin];
        if (bin < first) first = bin;
        if (bin > last) last = bin;
    }
    for (int round = 0; round < ROUNDS; ++round) {
        double start = seconds();
        for (int i = 0; i < QUERIES; ++i) {
            must(cxm_quantile_at(b->all, 0.9 + 0.09 * i / QUERIES, CXM_QUANTILE_TYPE7, &value));
            sink += value;
        }
        asking[round] = (seconds() - start) / QUERIES * 1e9;
        start = seconds();
        for (int i = 0; i < QUERIES; ++i)
            sink += (double)scan(b->counts + first, last - first + 1, 0.9 + 0.09 * i / QUERIES);
        scanning[round] = (seconds() - start) / QUERIES * 1e9;
    }
    print_line(b->precision, "one quantile", "ns", median(asking), median(scanning), "scan of plain counters", 0.0);
}

/* --- a window of 60 panes, one goes and one comes a slide: another object of the same values --- */

/* `merged` is all panes; `front[k]` panes k and later of those that are to go first, `back` those that came since. */
typedef struct window { cxm_quantile *merged, *front[PANES + 1], *back; int gone; } window;

static void slide_by_subtraction(bench *b, window *w, int slide)
{
    must(cxm_quantile_subtract(w->merged, b->pane[slide % PANES]));
    must(cxm_quantile_merge(w->merged, b->fresh[slide % PANES]));
}

/* The panes that came become those to go. */
static void turn(bench *b, window *w)
{
    for (int k = PANES; k >= 0; --k) {
        cxm_quantile_free(w->front[k]);
        w->front[k] = empty(b->precision);
        if (k == PANES) continue;
        must(cxm_quantile_merge(w->front[k], w->front[k + 1]));
        must(cxm_quantile_merge(w->front[k], b->pane[k]));
    }
    cxm_quantile_free(w->back);
    w->back = empty(b->precision);
    w->gone = 0;
}

static void slide_by_stacks(bench *b, window *w, int slide)
{
    if (w->gone == PANES) turn(b, w);
    must(cxm_quantile_merge(w->back, b->fresh[slide % PANES]));
    cxm_quantile_free(w->merged);
    w->merged = empty(b->precision);
    must(cxm_quantile_merge(w->merged, w->front[++w->gone]));
    must(cxm_quantile_merge(w->merged, w->back));
}

static double time_slides(bench *b, window *w, void (*slide)(bench *b, window *w, int slide))
{
    double start = seconds();
    for (int i = 0; i < SLIDES; ++i) slide(b, w, i);
    return (seconds() - start) / SLIDES * 1e9;
}

/* The same panes come back, so that both hold the same after every slide. */
static void compare_windows(const window *a, const window *b)
{
    cxm_quantile_summary x = {.size = sizeof x}, y = {.size = sizeof y};
    must(cxm_quantile_summarize(a->merged, &x));
    must(cxm_quantile_summarize(b->merged, &y));
    if (x.n == (uint64_t)PANES * PANE_VALUES && x.n == y.n && x.sum_low == y.sum_low && x.sum_high == y.sum_high) return;
    fprintf(stderr, "windows differ\n");
    exit(1);
}

static size_t drop_window(window *w)
{
    size_t added = w->back ? cxm_quantile_bytes(w->back) : 0;
    for (int k = 0; k <= PANES; ++k) {
        added += cxm_quantile_bytes(w->front[k]);
        cxm_quantile_free(w->front[k]);
    }
    cxm_quantile_free(w->back);
    cxm_quantile_free(w->merged);
    return added;
}

static void bench_window(bench *b)
{
    double subtracting[ROUNDS], stacking[ROUNDS];
    window plain = {.merged = empty(b->precision)}, stacks = {.merged = NULL};
    for (int i = 0; i < PANES; ++i) {
        b->pane[i] = state_of(b->precision, b->values + (size_t)i * PANE_VALUES, PANE_VALUES);
        b->fresh[i] = state_of(b->precision, b->values + (size_t)i * PANE_VALUES, PANE_VALUES);
        must(cxm_quantile_merge(plain.merged, b->pane[i]));
    }
    turn(b, &stacks);
    for (int round = 0; round < ROUNDS; ++round) {
        subtracting[round] = time_slides(b, &plain, slide_by_subtraction);
        stacking[round] = time_slides(b, &stacks, slide_by_stacks);
        compare_windows(&plain, &stacks);
    }
    double kept = (double)drop_window(&stacks);
    print_line(b->precision, "window slide", "ns", median(subtracting), median(stacking), "two stacks", 0.55);
    print_line(b->precision, "window slide, added store", "B", (double)drop_window(&plain), kept, "two stacks", 0.0);
    for (int i = 0; i < PANES; ++i) {
        cxm_quantile_free(b->pane[i]);
        cxm_quantile_free(b->fresh[i]);
    }
}

/* --- bytes, errors, shuffles --- */

static unsigned char *encode(const cxm_quantile *q, size_t *len)
{
    if (cxm_quantile_encode(q, NULL, 0, len) != CXM_E_LIMIT) exit(1);
    unsigned char *bytes = make(*len);
    must(cxm_quantile_encode(q, bytes, *len, len));
    return bytes;
}

static void bench_bytes(bench *b)
{
    int least = b->precision == CXM_PRECISION_1;        /* the goals are of 1 % */
    cxm_quantile *few = state_of(b->precision, b->values, STATE_VALUES);
    size_t few_len, all_len;
    free(encode(few, &few_len));
    free(encode(b->all, &all_len));
    print_line(b->precision, "memory of 4e3 values", "B", (double)cxm_quantile_bytes(few), 0.45 * 2112, "0.45 x 2112 B",
               least ? 1.0 : 0.0);
    print_line(b->precision, "memory of 4e6 values", "B", (double)cxm_quantile_bytes(b->all), 0.50 * 4224, "0.50 x 4224 B",
               least ? 1.0 : 0.0);
    print_line(b->precision, "encoded, 4e3 values", "B", (double)few_len, (double)cxm_quantile_bytes(few), "in memory", 0.0);
    print_line(b->precision, "encoded, 4e6 values", "B", (double)all_len, 0.60 * 1713, "0.60 x 1713 B", least ? 1.0 : 0.0);
    cxm_quantile_free(few);
}

/* How far a quantile is off, in %, from that of the sorted values in whole steps. */
static double error_at(const bench *b, int32_t type, double share)
{
    double rank = type == CXM_QUANTILE_TYPE1 ? ceil(share * SINGLES) - 1.0 : (SINGLES - 1) * share, value;
    double below = floor(rank < 0.0 ? 0.0 : rank);
    size_t at = (size_t)below;
    double exact = b->sorted[at];
    if (type != CXM_QUANTILE_TYPE1 && at + 1 < SINGLES) exact += (rank - below) * (b->sorted[at + 1] - exact);
    must(cxm_quantile_at(b->all, share, type, &value));
    return 100.0 * fabs(value / exact - 1.0);
}

/* The largest error of `type` at so many shares. */
static double worst_error(const bench *b, int32_t type, const double *shares, size_t n)
{
    double worst = 0.0;
    for (size_t i = 0; i < n; ++i) {
        double error = error_at(b, type, shares[i]);
        if (error > worst) worst = error;
    }
    return worst;
}

/* At every thousandth share, and at those that are asked for most. The first bins of a power of two leave the guarantee no
 * room to interpolate, so the goal inside a bin is that of the quantile that is not held to it. */
static void bench_errors(const bench *b)
{
    static const double usual[] = {0.5, 0.9, 0.95, 0.99, 0.999};
    double bound = b->precision == CXM_PRECISION_1 ? 0.776 : 0.098, every[1001];
    char text[32];
    for (int i = 0; i <= 1000; ++i) every[i] = i / 1000.0;
    snprintf(text, sizeof text, "%g %%", bound);
    print_line(b->precision, "worst error, type 1", "%", worst_error(b, CXM_QUANTILE_TYPE1, every, 1001), bound, text, 1.0);
    print_line(b->precision, "worst error, type 7", "%", worst_error(b, CXM_QUANTILE_TYPE7, every, 1001), bound, text, 1.0);
    print_line(b->precision, "error, p50 to p99.9, held", "%", worst_error(b, CXM_QUANTILE_TYPE7, usual, 5), bound, text, 1.0);
    print_line(b->precision, "error, p50 to p99.9, smooth", "%", worst_error(b, CXM_QUANTILE_SMOOTH, usual, 5), 0.03,
               "0.03 %", 1.0);
}

/* Another order, cut into parts at random, half of them taken in one by one, merged from the last to the first. */
static cxm_quantile *scatter(int32_t precision, double *values, uint64_t *seed)
{
    cxm_quantile *part[PARTS];
    size_t at = 0;
    for (size_t i = STATE_VALUES - 1; i > 0; --i) {
        size_t k = (size_t)(next_word(seed) % (i + 1));
        double kept = values[i];
        values[i] = values[k];
        values[k] = kept;
    }
    for (int p = 0; p < PARTS; ++p) {
        size_t n = p + 1 == PARTS ? STATE_VALUES - at : (size_t)(next_word(seed) % (STATE_VALUES - at + 1));
        part[p] = empty(precision);
        if (p % 2) add_column(part[p], values + at, n);
        for (size_t i = at; p % 2 == 0 && i < at + n; ++i) must(cxm_quantile_add(part[p], values[i]));
        at += n;
    }
    for (int p = PARTS - 1; p > 0; --p) {
        must(cxm_quantile_merge(part[p - 1], part[p]));
        cxm_quantile_free(part[p]);
    }
    return part[0];
}

static void bench_shuffles(const bench *b)
{
    double *values = make(STATE_VALUES * sizeof *values);
    uint64_t seed = 2;
    int same = 0;
    size_t len, other_len;
    memcpy(values, b->values, STATE_VALUES * sizeof *values);
    cxm_quantile *whole = state_of(b->precision, values, STATE_VALUES);
    unsigned char *want = encode(whole, &len);
    for (int i = 0; i < SHUFFLES; ++i) {
        cxm_quantile *q = scatter(b->precision, values, &seed);
        unsigned char *bytes = encode(q, &other_len);
        same += len == other_len && memcmp(bytes, want, len) == 0;
        free(bytes);
        cxm_quantile_free(q);
    }
    print_line(b->precision, "shuffles of the same bytes", "of", same, SHUFFLES, "all", -1.0);
    free(want);
    free(values);
    cxm_quantile_free(whole);
}

int main(int argc, char **argv)
{
    static const int32_t precisions[] = {CXM_PRECISION_1, CXM_PRECISION_01};
    static bench b;
    rows = has_option(argc, argv, "--rows");
    take_values(&b);
    b.counts = make(2 * STRIDE * sizeof *b.counts);
    b.sorted = make(SINGLES * sizeof *b.sorted);
    for (size_t i = 0; i < SINGLES; ++i) b.sorted[i] = nearbyint(b.values[i] * STEPS) / STEPS;
    qsort(b.sorted, SINGLES, sizeof *b.sorted, ascending);
    printf("response/quantile, medians of %d rounds; memory: %zu MiB\n", ROUNDS, b.large * sizeof *b.values >> 20);
    printf("  %-44s %9s %-3s %9s  %-24s %7s  %-8s %s\n", "", "ours", "", "limit", "which is", "ratio", "goal", "reached");
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; ++i) {
        b.precision = precisions[i];
        bench_add(&b);
        b.all = state_of(b.precision, b.values, SINGLES);
        bench_merge(&b);
        bench_query(&b);
        bench_window(&b);
        bench_bytes(&b);
        bench_errors(&b);
        bench_shuffles(&b);
        cxm_quantile_free(b.all);
    }
    free(b.values);
    free(b.counts);
    free(b.sorted);
    return 0;
}
