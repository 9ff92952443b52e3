/* SPDX-License-Identifier: MIT */
/* hash.c - multiply and fold.
 *
 * One step takes two words and the running state h:
 *      mix(x, y) = low ^ high ^ x ^ y      of the 128-bit product x * y
 *      h = mix(word0 ^ h, word1 ^ K1)
 * A product spreads every input bit over the high half, the fold brings it back down. A plain fold
 * forgets the other factor when one factor is 0; xoring both factors in again keeps it. Keys of up
 * to 16 bytes take one step (two overlapping reads), longer keys a step for each 16 bytes and one
 * for the last 16; a closing step mixes the length in. Words are read low byte first by shifts,
 * which compilers turn into one load where the machine is little-endian: same result everywhere.
 * The constants are the first fractional bits of sqrt 2, sqrt 3, sqrt 5 and sqrt 7, made odd.
 * Source   the construction is that of Wang Yi's wyhash; checked here by tests of avalanche and
 *          of collisions, not by appeal to it.                                          */
#include "base/port.h"
#include "base/hash.h"
#include "base/bits.h"

#define K0 UINT64_C(0x6A09E667F3BCC909)
#define K1 UINT64_C(0xBB67AE8584CAA73B)
#define K2 UINT64_C(0x3C6EF372FE94F82B)
#define K3 UINT64_C(0xA54FF53A5F1D36F1)

/* 64 x 64 -> 128 bits: by the machine where the compiler can say so, else from four products of halves; no middle
 * sum exceeds 64 bits, because (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1. */
static inline uint64_t mix(uint64_t x, uint64_t y)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)x * y;
    return (uint64_t)product ^ (uint64_t)(product >> 64) ^ x ^ y;
#else
    uint64_t x0 = (uint32_t)x, x1 = x >> 32, y0 = (uint32_t)y, y1 = y >> 32;
    uint64_t low = x0 * y0, cross = x1 * y0 + (low >> 32), other = x0 * y1 + (uint32_t)cross;
    uint64_t high = x1 * y1 + (cross >> 32) + (other >> 32);
    return (other << 32 | (uint32_t)low) ^ high ^ x ^ y;
#endif
}

/* 1..3 bytes: first, middle and last cover them all, the length tells the overlaps apart. */
static uint64_t read_few(const unsigned char *p, size_t len)
{
    return (uint64_t)p[0] << 16 | (uint64_t)p[len >> 1] << 8 | p[len - 1];
}

uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *p = (const unsigned char *)bytes;
    uint64_t h = mix(seed ^ K0, K1), a = 0, b = 0, total = len;
    if (len > 16) {
        for (; len > 16; p += 16, len -= 16) h = mix(load_le64(p) ^ h, load_le64(p + 8) ^ K1);
        a = load_le64(p + len - 16);        /* overlaps what went before rather than read past the end */
        b = load_le64(p + len - 8);
    } else if (len >= 8) {
        a = load_le64(p);
        b = load_le64(p + len - 8);
    } else if (len >= 4) {
        a = load_le32(p);
        b = load_le32(p + len - 4);
    } else if (len > 0) {
        a = read_few(p, len);
    }
    return mix(mix(a ^ h, b ^ K2), total ^ K3);
}

uint64_t hash_u64(uint64_t seed, uint64_t value)
{
    return mix(mix(value ^ mix(seed ^ K0, K3), K2), K1);
}
