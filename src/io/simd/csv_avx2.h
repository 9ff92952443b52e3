/* SPDX-License-Identifier: MIT */
/* csv_avx2.h - what csv_index_way.h needs by AVX2, with the bit instructions that come with it. Included by csv_index.c
 * alone. */
#include <immintrin.h>

#define AVX2_TARGET __attribute__((target("avx2,bmi,popcnt")))

static bool avx2_there(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

typedef struct avx2_block { __m256i low, high; } avx2_block;

AVX2_TARGET static inline avx2_block avx2_load(const uint8_t *bytes)
{
    const __m256i *at = (const __m256i *)(const void *)bytes;
    return (avx2_block){_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1)};
}

AVX2_TARGET static inline uint64_t avx2_bits(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2_TARGET static inline uint64_t avx2_equal(const avx2_block *x, uint8_t wanted)
{
    __m256i all = _mm256_set1_epi8((char)wanted);
    return avx2_bits(_mm256_cmpeq_epi8(x->low, all), _mm256_cmpeq_epi8(x->high, all));
}

AVX2_TARGET static inline csv_masks avx2_masks(const uint8_t *bytes, uint8_t delimiter)
{
    avx2_block x = avx2_load(bytes);
    uint64_t lf = avx2_equal(&x, '\n'), cr = avx2_equal(&x, '\r');
    return (csv_masks){avx2_equal(&x, '"'), avx2_equal(&x, delimiter), lf | cr | avx2_equal(&x, 0), lf, cr};
}

AVX2_TARGET static inline uint64_t avx2_quotes(const uint8_t *bytes)
{
    avx2_block x = avx2_load(bytes);
    return avx2_equal(&x, '"');
}

AVX2_TARGET static inline uint32_t avx2_put_places(uint16_t *to, uint64_t ends, uint32_t at)
{
    uint32_t count = (uint32_t)_mm_popcnt_u64(ends);
    for (; ends; ends &= ends - 1) *to++ = (uint16_t)(at + lowest_bit64(ends));
    return count;
}
#define avx2_second_of_two lf_behind_cr
