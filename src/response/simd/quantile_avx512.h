/* SPDX-License-Identifier: MIT */
/* quantile_avx512.h - quantile_block.c by AVX-512: eight doubles to eight bins of 16 bits, 32 of these for the extremes. */
#include <immintrin.h>

#define AVX512_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))

static bool avx512_there(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

typedef struct avx512_map { __m512d scale, raise; __m512i base, bins; __m128i shift; } avx512_map;

AVX512_TARGET static inline __m128i avx512_eight(const avx512_map *m, const double *values, __m512i *sum)
{
    __m512d raised = _mm512_add_pd(_mm512_mul_pd(_mm512_loadu_pd(values), m->scale), m->raise);
    __m512i whole = _mm512_castpd_si512(_mm512_sub_pd(raised, m->raise));
    *sum = _mm512_add_epi64(*sum, _mm512_castpd_si512(raised));
    __m512i bin = _mm512_sub_epi64(_mm512_srl_epi64(whole, m->shift), m->base);
    return _mm512_cvtepi64_epi16(_mm512_min_epu64(bin, m->bins));
}

AVX512_TARGET static inline __m512i avx512_four_times(const avx512_map *m, const double *values, __m512i *sum)
{
    __m256i low = _mm256_set_m128i(avx512_eight(m, values + 8, sum), avx512_eight(m, values, sum));
    __m256i high = _mm256_set_m128i(avx512_eight(m, values + 24, sum), avx512_eight(m, values + 16, sum));
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

AVX512_TARGET static quantile_block avx512_block(const quantile_map *map, const double *values, size_t n, uint16_t *bins)
{
    const avx512_map m = {_mm512_set1_pd(map->scale), _mm512_set1_pd(QUANTILE_RAISED), _mm512_set1_epi64((int64_t)map->base),
                          _mm512_set1_epi64(map->bins), _mm_cvtsi32_si128(32 + map->shift)};
    __m512i sum = _mm512_setzero_si512(), first = _mm512_set1_epi16(INT16_MAX), last = _mm512_setzero_si512();
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        __m512i got = avx512_four_times(&m, values + i, &sum);
        first = _mm512_min_epu16(first, got);
        last = _mm512_max_epu16(last, got);
        _mm512_storeu_si512(bins + i, got);
    }
    uint16_t least[32], most[32];
    uint64_t sums[8];
    _mm512_storeu_si512(least, first);
    _mm512_storeu_si512(most, last);
    _mm512_storeu_si512(sums, sum);
    quantile_block out = {0, INT16_MAX, 0};
    for (int k = 0; k < 8; ++k) out.sum += sums[k];
    out.sum = sum_of_raised(out.sum, i);
    for (int k = 0; k < 32; ++k) {
        if (least[k] < out.first) out.first = least[k];
        if (most[k] > out.last) out.last = most[k];
    }
    finish(map, values, i, n, bins, &out);
    return out;
}
