/* SPDX-License-Identifier: MIT */
/* quantile_avx2.h - quantile_block.c by AVX2: the upper halves of eight doubles, then 16 bins of 16 bits. */
#include <immintrin.h>

#define AVX2_TARGET __attribute__((target("avx2")))

static bool avx2_there(void)
{
    return __builtin_cpu_supports("avx2");
}

typedef struct avx2_map { __m256d scale, raise; __m256i base, bins; __m128i shift; } avx2_map;

/* What the lanes hold: sums of the bits of raised doubles, and the least and the greatest of these. */
typedef struct avx2_sums { __m256i sum; __m256d least, most; } avx2_sums;

AVX2_TARGET static inline __m256 avx2_whole(const avx2_map *m, const double *values, avx2_sums *s)
{
    __m256d raised = _mm256_add_pd(_mm256_mul_pd(_mm256_loadu_pd(values), m->scale), m->raise);
    s->sum = _mm256_add_epi64(s->sum, _mm256_castpd_si256(raised));
    s->least = _mm256_min_pd(s->least, raised);
    s->most = _mm256_max_pd(s->most, raised);
    return _mm256_castpd_ps(_mm256_sub_pd(raised, m->raise));
}

/* Bins of 0 1 4 5 | 2 3 6 7. */
AVX2_TARGET static inline __m256i avx2_eight(const avx2_map *m, const double *values, avx2_sums *s)
{
    __m256 a = avx2_whole(m, values, s), b = avx2_whole(m, values + 4, s);
    __m256i upper = _mm256_castps_si256(_mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
    return _mm256_min_epu32(_mm256_sub_epi32(_mm256_srl_epi32(upper, m->shift), m->base), m->bins);
}

/* In the order of the values. */
AVX2_TARGET static inline __m256i avx2_sixteen(const avx2_map *m, const double *values, avx2_sums *s)
{
    __m256i a = avx2_eight(m, values, s), b = avx2_eight(m, values + 8, s);
    __m256i mixed = _mm256_packus_epi32(a, b);      /* 0 1 4 5, 8 9 12 13 | 2 3 6 7, 10 11 14 15, two bytes each */
    return _mm256_permutevar8x32_epi32(mixed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

AVX2_TARGET static quantile_block avx2_block(const quantile_map *map, const double *values, size_t n, uint16_t *bins,
                                              const quantile_due *due)
{
    const avx2_map m = {_mm256_set1_pd(map->scale), _mm256_set1_pd(QUANTILE_RAISED), _mm256_set1_epi32((int32_t)map->base),
                        _mm256_set1_epi32((int32_t)map->bins), _mm_cvtsi32_si128(map->shift)};
    avx2_sums s = {_mm256_setzero_si256(), _mm256_set1_pd(RAISED_MOST), m.raise};
    __m256i first = _mm256_set1_epi16(INT16_MAX), last = _mm256_setzero_si256();
    const quantile_due before = due_or_none(due);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i got = avx2_sixteen(&m, values + i, &s);
        first = _mm256_min_epu16(first, got);
        last = _mm256_max_epu16(last, got);
        _mm256_storeu_si256((__m256i *)(void *)(bins + i), got);
        port_prefetch(values + i, AHEAD);
        port_prefetch(values + i + 8, AHEAD);
        if (before.bins) count_sixteen(before, i);
    }
    count_rest(before, i);
    lanes got = {.sum = {0}};
    _mm256_storeu_si256((__m256i *)(void *)got.sum, s.sum);
    for (int k = 0; k < 8; k += 4) _mm256_storeu_pd(got.least + k, s.least), _mm256_storeu_pd(got.most + k, s.most);
    _mm256_storeu_si256((__m256i *)(void *)got.first, first);
    _mm256_storeu_si256((__m256i *)(void *)got.last, last);
    return finish(&got, map, values, i, n, bins);
}
