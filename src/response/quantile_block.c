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

/* What is behind the last whole group of values. */
static inline void finish(const quantile_map *map, const double *values, size_t from, size_t n, uint16_t *bins, quantile_block *out)
{
    if (from == n) return;
    quantile_block rest = plain_bins(map, values + from, n - from, bins + from);
    out->sum += rest.sum;
    if (rest.first < out->first) out->first = rest.first;
    if (rest.last > out->last) out->last = rest.last;
}

#if defined(__x86_64__) && defined(__SSE2__) && defined(__GNUC__) && !defined(CXM_PLAIN_C)
#define X86_WAYS
#include "response/simd/quantile_avx2.h"
#include "response/simd/quantile_avx512.h"
#elif defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__) && !defined(CXM_PLAIN_C)
#define NEON_WAY
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
