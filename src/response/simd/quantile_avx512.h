/* SPDX-License-Identifier: MIT */
/* quantile_avx512.h - quantile_block.c by AVX-512: the upper halves of sixteen doubles, then their bins of 16 bits. */
#include <immintrin.h>

#define AVX512_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx2")))

static bool avx512_there(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

typedef struct avx512_map { __m512d scale, raise; __m512i base, bins, upper; __m128i shift; } avx512_map;

/* What the lanes hold: sums of the bits of raised doubles, and the least and the greatest of these. */
typedef struct avx512_sums { __m512i sum; __m512d least, most; } avx512_sums;

AVX512_TARGET static inline __m512i avx512_whole(const avx512_map *m, const double *values, avx512_sums *s)
{
    __m512d raised = _mm512_add_pd(_mm512_mul_pd(_mm512_loadu_pd(values), m->scale), m->raise);
    s->sum = _mm512_add_epi64(s->sum, _mm512_castpd_si512(raised));
    s->least = _mm512_min_pd(s->least, raised);
    s->most = _mm512_max_pd(s->most, raised);
    return _mm512_castpd_si512(_mm512_sub_pd(raised, m->raise));
}

AVX512_TARGET static inline __m256i avx512_sixteen(const avx512_map *m, const double *values, avx512_sums *s)
{
    __m512i a = avx512_whole(m, values, s), b = avx512_whole(m, values + 8, s);
    __m512i bin = _mm512_sub_epi32(_mm512_srl_epi32(_mm512_permutex2var_epi32(a, m->upper, b), m->shift), m->base);
    return _mm512_cvtepi32_epi16(_mm512_min_epu32(bin, m->bins));
}

AVX512_TARGET static quantile_block avx512_block(const quantile_map *map, const double *values, size_t n, uint16_t *bins,
                                                const quantile_due *due)
{
    const avx512_map m = {_mm512_set1_pd(map->scale), _mm512_set1_pd(QUANTILE_RAISED), _mm512_set1_epi32((int32_t)map->base),
                          _mm512_set1_epi32((int32_t)map->bins),
                          _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31),
                          _mm_cvtsi32_si128(map->shift)};
    avx512_sums s = {_mm512_setzero_si512(), _mm512_set1_pd(RAISED_MOST), m.raise};
    __m256i first = _mm256_set1_epi16(INT16_MAX), last = _mm256_setzero_si256();
    const quantile_due before = due_or_none(due);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i got = avx512_sixteen(&m, values + i, &s);
        first = _mm256_min_epu16(first, got);
        last = _mm256_max_epu16(last, got);
        _mm256_storeu_si256((__m256i *)(void *)(bins + i), got);
        port_prefetch(values + i, AHEAD);
        port_prefetch(values + i + 8, AHEAD);
        if (before.bins) count_sixteen(before, i);
    }
    count_rest(before, i);
    lanes got = {.first = {0}};
    _mm512_storeu_si512(got.sum, s.sum);
    _mm512_storeu_pd(got.least, s.least);
    _mm512_storeu_pd(got.most, s.most);
    _mm256_storeu_si256((__m256i *)(void *)got.first, first);
    _mm256_storeu_si256((__m256i *)(void *)got.last, last);
    return finish(&got, map, values, i, n, bins);
}
