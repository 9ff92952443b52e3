/* SPDX-License-Identifier: MIT */
/* quantile_block.c - see quantile_block.h; one way for each set of instructions, in plain C first.
 *
 * The number of a bin, taken as unsigned, is below `bins` in range alone, whatever sign, NaN or infinity the double is. The sum is that of the raised doubles' bits, less those of 2^52 for each.
 * CXM_PLAIN_C leaves plain C alone. */
#include "base/port.h"
#include "response/quantile_block.h"

_Static_assert((int)WINDOW_BINS_MAX + 1 < INT16_MAX, "the number of bins is a number of 15 bits");

enum { AHEAD = QUANTILE_BLOCK * sizeof(double) };      /* values are asked for a block before they are read */

/* The raised doubles of all that is in range are at most this, and at least QUANTILE_RAISED. */
#define RAISED_MOST 0x1p53

/* Of `n` values. */
static uint64_t sum_of_raised(uint64_t bits, size_t n)
{
    return bits - (uint64_t)n * bits_of(QUANTILE_RAISED);
}

/* The upper halves of the bits of whole numbers; the sum of raised doubles. */
static uint64_t plain_upper(double scale, const double *restrict values, size_t n, uint32_t *restrict upper)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; ++i) {
        double raised = raised_of(values[i], scale);
        sum += bits_of(raised);
        upper[i] = (uint32_t)(bits_of(raised - QUANTILE_RAISED) >> 32);
    }
    return sum_of_raised(sum, n);
}

/* Numbers of bins, cut to 16 bits; whether none needed more than 15. */
static bool plain_numbers(const quantile_map *map, const uint32_t *restrict upper, size_t n, uint16_t *restrict bins)
{
    const uint32_t base = map->base, shift = map->shift;
    uint32_t all = 0;
    for (size_t i = 0; i < n; ++i) {
        uint32_t bin = (upper[i] >> shift) - base;
        all |= bin;
        bins[i] = (uint16_t)bin;
    }
    return all <= INT16_MAX;
}

static void plain_hold(const quantile_map *map, const uint32_t *upper, size_t n, uint16_t *bins)
{
    for (size_t i = 0; i < n; ++i) {
        uint32_t bin = (upper[i] >> map->shift) - map->base;
        bins[i] = (uint16_t)(bin < map->bins ? bin : map->bins);
    }
}

static void plain_outermost(const uint16_t *bins, size_t n, quantile_block *out)
{
    int16_t first = INT16_MAX, last = 0;
    for (size_t i = 0; i < n; ++i) {
        int16_t bin = (int16_t)bins[i];
        first = bin < first ? bin : first;
        last = bin > last ? bin : last;
    }
    out->first = (uint16_t)first;
    out->last = (uint16_t)last;
}

/* So many at a time, as no value then waits for the one before. */
void quantile_extremes(const quantile_map *map, const double *values, size_t n, quantile_block *out)
{
    enum { LANES = 32 };
    double least[LANES], most[LANES];
    size_t i = 0;
    for (int k = 0; k < LANES; ++k) least[k] = most[k] = values[0];
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; ++k) {
            double value = values[i + k];
            least[k] = value < least[k] ? value : least[k];
            most[k] = value > most[k] ? value : most[k];
        }
    for (; i < n; ++i) {
        if (values[i] < least[0]) least[0] = values[i];
        if (values[i] > most[0]) most[0] = values[i];
    }
    for (int k = 1; k < LANES; ++k) {
        if (least[k] < least[0]) least[0] = least[k];
        if (most[k] > most[0]) most[0] = most[k];
    }
    out->least = sum_of_raised(bits_of(raised_of(least[0], map->scale)), 1);
    out->most = sum_of_raised(bits_of(raised_of(most[0], map->scale)), 1);
}

/* Loops that do little each, so that compilers make vectors of them. Seldom is a value none in range: then once more. */
static quantile_block plain_bins(const quantile_map *map, const double *values, size_t n, uint16_t *bins)
{
    uint32_t upper[QUANTILE_BLOCK];
    quantile_block out = {.sum = plain_upper(map->scale, values, n, upper)};
    bool held = plain_numbers(map, upper, n, bins);
    plain_outermost(bins, n, &out);
    if (!held || out.last > map->bins) {
        plain_hold(map, upper, n, bins);
        plain_outermost(bins, n, &out);
    }
    return out;
}

/* While that is counted which is due, values are asked for: the loops of plain_bins would be none of vectors any more. */
static quantile_block plain_block(const quantile_map *map, const double *values, size_t n, uint16_t *bins,
                                  const quantile_due *due)
{
    for (size_t i = 0; due && i < QUANTILE_BLOCK; i += 16) {
        port_prefetch(values + i, AHEAD);
        port_prefetch(values + i + 8, AHEAD);
        count_sixteen(*due, i);
    }
    return plain_bins(map, values, n, bins);
}

static bool always(void)
{
    return true;
}

#if defined(CXM_PLAIN_C) || !defined(__GNUC__)
#define PLAIN_ALONE
#elif defined(__x86_64__) && defined(__SSE2__)
#define X86_WAYS
#elif defined(__aarch64__) && defined(__ARM_NEON)
#define NEON_WAY
#else
#define PLAIN_ALONE
#endif

#ifndef PLAIN_ALONE
/* What the lanes of vectors hold of the first `from` values, and what is behind the last whole group of them. */
typedef struct lanes { uint64_t sum[8]; double least[8], most[8]; uint16_t first[16], last[16]; } lanes;

static inline quantile_block finish(const lanes *got, const quantile_map *map, const double *values, size_t from, size_t n,
                                    uint16_t *bins)
{
    quantile_block out = {.first = INT16_MAX};
    double least = RAISED_MOST, most = QUANTILE_RAISED;
    for (int k = 0; k < 8; ++k) {
        out.sum += got->sum[k];
        if (got->least[k] < least) least = got->least[k];
        if (got->most[k] > most) most = got->most[k];
    }
    out.sum = sum_of_raised(out.sum, from);
    out.least = sum_of_raised(bits_of(least), 1);
    out.most = sum_of_raised(bits_of(most), 1);
    for (int k = 0; k < 16; ++k) {
        if (got->first[k] < out.first) out.first = got->first[k];
        if (got->last[k] > out.last) out.last = got->last[k];
    }
    if (from == n) return out;
    quantile_block rest = plain_bins(map, values + from, n - from, bins + from);
    quantile_extremes(map, values + from, n - from, &rest);
    out.sum += rest.sum;
    if (rest.least < out.least) out.least = rest.least;
    if (rest.most > out.most) out.most = rest.most;
    if (rest.first < out.first) out.first = rest.first;
    if (rest.last > out.last) out.last = rest.last;
    return out;
}
#endif

#ifdef X86_WAYS
#include "response/simd/quantile_avx2.h"
#include "response/simd/quantile_avx512.h"
#endif
#ifdef NEON_WAY
#include "response/simd/quantile_neon.h"
#endif

/* --- the ways, the better ones last --- */

static const quantile_way ways[] = {
    {"plain", always, plain_block},
#ifdef X86_WAYS
    {"avx2", avx2_there, avx2_block},
    {"avx512", avx512_there, avx512_block},
#endif
#ifdef NEON_WAY
    {"neon", always, neon_block},
#endif
};
enum { WAYS = sizeof ways / sizeof *ways };

const quantile_way *quantile_way_at(size_t i)
{
    return i < WAYS ? &ways[i] : NULL;
}

const quantile_way *quantile_way_best(void)
{
    size_t i = WAYS - 1;
    while (!ways[i].there()) --i;
    return &ways[i];
}
