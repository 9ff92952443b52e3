/* SPDX-License-Identifier: MIT */
/* bits.h - words out of bytes, the same on every byte order. */
#ifndef CXM_BASE_BITS_H
#define CXM_BASE_BITS_H
#include <stdint.h>

/* Four and eight bytes, the first one lowest. Compilers make one load of them; no alignment is asked. */
static inline uint32_t load_le32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline uint64_t load_le64(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 |
           (uint64_t)bytes[3] << 24 | (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

/* Index of the lowest set bit; `word` is not 0. */
static inline uint32_t lowest_bit64(uint64_t word)
{
#ifdef __GNUC__
    return (uint32_t)__builtin_ctzll(word);
#else
    uint32_t at = 0;
    for (uint32_t half = 32; half; half /= 2)
        if (!(word & ((UINT64_C(1) << half) - 1))) {
            word >>= half;
            at += half;
        }
    return at;
#endif
}

/* Index of the highest set bit; `word` is not 0. */
static inline uint32_t highest_bit64(uint64_t word)
{
#ifdef __GNUC__
    return 63 - (uint32_t)__builtin_clzll(word);
#else
    uint32_t at = 0;
    while (word >>= 1) ++at;
    return at;
#endif
}

/* Set bits: sums of 2, 4, then 8 bits side by side, then all bytes by one product. */
static inline uint32_t count_bits64(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

/* Bit i is the parity of bits 0..i. */
static inline uint64_t prefix_xor64(uint64_t word)
{
    for (uint32_t shift = 1; shift < 64; shift *= 2) word ^= word << shift;
    return word;
}

#endif
