/* SPDX-License-Identifier: MIT */
/* csv_sse2.h - what csv_index_way.h needs by SSE2, which every x86-64 processor has: 16 bytes are compared at once, and one
 * instruction makes 16 bits of them. Included by csv_index.c alone. */
#include <immintrin.h>

typedef struct sse2_block { __m128i part[4]; } sse2_block;

static inline sse2_block sse2_load(const uint8_t *bytes)
{
    const __m128i *at = (const __m128i *)(const void *)bytes;
    return (sse2_block){{_mm_loadu_si128(at), _mm_loadu_si128(at + 1), _mm_loadu_si128(at + 2), _mm_loadu_si128(at + 3)}};
}

static inline uint64_t sse2_bits(__m128i a, __m128i b, __m128i c, __m128i d)
{
    uint32_t low = (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b) << 16;
    uint32_t high = (uint32_t)_mm_movemask_epi8(c) | (uint32_t)_mm_movemask_epi8(d) << 16;
    return low | (uint64_t)high << 32;
}

static inline uint64_t sse2_equal(const sse2_block *x, uint8_t wanted)
{
    __m128i all = _mm_set1_epi8((char)wanted);
    return sse2_bits(_mm_cmpeq_epi8(x->part[0], all), _mm_cmpeq_epi8(x->part[1], all), _mm_cmpeq_epi8(x->part[2], all),
                     _mm_cmpeq_epi8(x->part[3], all));
}

static inline csv_masks sse2_masks(const uint8_t *bytes, uint8_t delimiter)
{
    sse2_block x = sse2_load(bytes);
    uint64_t lf = sse2_equal(&x, '\n'), cr = sse2_equal(&x, '\r');
    return (csv_masks){sse2_equal(&x, '"'), sse2_equal(&x, delimiter), lf | cr | sse2_equal(&x, 0), lf, cr};
}

static inline uint64_t sse2_quotes(const uint8_t *bytes)
{
    sse2_block x = sse2_load(bytes);
    return sse2_equal(&x, '"');
}

#define sse2_put_places plain_put_places
#define sse2_second_of_two lf_behind_cr
