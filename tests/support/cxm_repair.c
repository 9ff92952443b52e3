/* SPDX-License-Identifier: MIT */
/* cxm_repair.c - FNV-1a and CRC-64/XZ from their definitions, a bit at a time; not the library's own. */
#include "support/cxm_repair.h"
#include <stdint.h>

enum { HEAD = 32, TAIL = 8, AT_SPEC_LEN = 12, AT_HASH = 24 };

static uint64_t fnv1a(const unsigned char *bytes, size_t len)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < len; ++i) hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t crc64(const unsigned char *bytes, size_t len)
{
    uint64_t crc = ~UINT64_C(0);
    for (size_t i = 0; i < len; ++i) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ UINT64_C(0xC96C5795D7870F42) : crc >> 1;
    }
    return ~crc;
}

static void put(unsigned char *at, uint64_t value)
{
    for (int i = 0; i < 8; ++i) at[i] = (unsigned char)(value >> (8 * i));
}

void test_repair(unsigned char *bytes, size_t len)
{
    if (len < HEAD + TAIL) return;
    uint64_t spec_len = 0;
    for (int i = 0; i < 4; ++i) spec_len |= (uint64_t)bytes[AT_SPEC_LEN + i] << (8 * i);
    if (spec_len <= len - HEAD - TAIL) put(bytes + AT_HASH, fnv1a(bytes + HEAD, (size_t)spec_len));
    put(bytes + len - TAIL, crc64(bytes, len - TAIL));
}
