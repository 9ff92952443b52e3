/* SPDX-License-Identifier: MIT */
/* csv_avx512.h - what csv_index_way.h needs by AVX-512 with VBMI2: a compare gives 64 bits at once, and the places of set
 * bits are a vector of 0 to 63 with the others pressed out. Included by csv_index.c alone. */
#include <immintrin.h>

#define AVX512_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi,popcnt")))

static bool avx512_there(void)
{
    return avx2_there() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi2");
}

AVX512_TARGET static inline csv_masks avx512_masks(const uint8_t *bytes, uint8_t delimiter)
{
    __m512i x = _mm512_loadu_si512(bytes);
    uint64_t lf = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\n')), cr = _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('\r'));
    return (csv_masks){_mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8('"')), _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8((char)delimiter)),
                       lf | cr | _mm512_testn_epi8_mask(x, x), lf, cr};
}

AVX512_TARGET static inline uint64_t avx512_quotes(const uint8_t *bytes)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(bytes), _mm512_set1_epi8('"'));
}

/* Writes 32 or 64 places, of which those counted mean something. */
AVX512_TARGET static inline uint32_t avx512_put_places(uint16_t *to, uint64_t ends, uint32_t at)
{
    static const uint8_t each[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                     22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
                                     44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    uint32_t count = (uint32_t)_mm_popcnt_u64(ends);
    __m512i places = _mm512_maskz_compress_epi8(ends, _mm512_loadu_si512(each)), base = _mm512_set1_epi16((short)at);
    _mm512_storeu_si512(to, _mm512_add_epi16(_mm512_cvtepu8_epi16(_mm512_castsi512_si256(places)), base));
    if (count > 32) _mm512_storeu_si512(to + 32, _mm512_add_epi16(_mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(places, 1)), base));
    return count;
}

#define avx512_second_of_two lf_behind_cr
