/* SPDX-License-Identifier: MIT */
/* quantile_block.c - see quantile_block.h; one way for each set of instructions, in plain C first.
 *
 * The number of a bin, taken as unsigned, is below `bins` in range alone, whatever sign, NaN or infinity the double is. The sum is that of the raised doubles' bits, less those of 2^52 for each.
 * CXM_PLAIN_C leaves plain C alone. */
#include "base/port.h"
#include "response/quantile_block.h"

_Static_assert((int)WINDOW_BINS_MAX + 1 < INT16_MAX, "the number of bins is a number of 15 bits");

enum { AHEAD = QUANTILE_BLOCK * sizeof(double) };      /* values are asked for a block before they are read */

/* Of `n` values. */
static uint64_t sum_of_raised(uint64_t bits, size_t n)
{
    return bits - (uint64_t)n * bits_of(QUANTILE_RAISED);
}

static inline uint16_t bin_of_raised(const quantile_map *map, double raised)
{
    uint32_t bin = bin_of(map, raised - QUANTILE_RAISED);
    return (uint16_t)(bin < map->bins ? bin : map->bins);
}

/* The map is copied, as a store to `bins` might change it for all the compiler knows. */
static quantile_block plain_bins(const quantile_map *map, const double *values, size_t n, uint16_t *bins)
{
    const quantile_map m = *map;
    uint64_t sum = 0;
    int16_t first = INT16_MAX, last = 0;
    for (size_t i = 0; i < n; ++i) {
        double raised = raised_of(values[i], m.scale);
        sum += bits_of(raised);
        bins[i] = bin_of_raised(&m, raised);
    }
    for (size_t i = 0; i < n; ++i) {
        int16_t bin = (int16_t)bins[i];
        first = bin < first ? bin : first;
        last = bin > last ? bin : last;
    }
    return (quantile_block){sum_of_raised(sum, n), (uint16_t)first, (uint16_t)last};
}

static quantile_block plain_block(const quantile_map *map, const double *values, size_t n, uint16_t *bins, const quantile_due *due)
{
    count_rest(due, 0);
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
typedef struct lanes { uint64_t sum[8]; uint16_t first[16], last[16]; } lanes;

static inline quantile_block finish(const lanes *got, const quantile_map *map, const double *values, size_t from, size_t n,
                                    uint16_t *bins)
{
    quantile_block out = {0, INT16_MAX, 0};
    for (int k = 0; k < 8; ++k) out.sum += got->sum[k];
    out.sum = sum_of_raised(out.sum, from);
    for (int k = 0; k < 16; ++k) {
        if (got->first[k] < out.first) out.first = got->first[k];
        if (got->last[k] > out.last) out.last = got->last[k];
    }
    if (from == n) return out;
    quantile_block rest = plain_bins(map, values + from, n - from, bins + from);
    out.sum += rest.sum;
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
