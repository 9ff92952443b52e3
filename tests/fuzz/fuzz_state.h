/* SPDX-License-Identifier: MIT */
/* fuzz_state.h - two states' bytes out of one input, made whole so that a decoder looks inside.
 *
 * Input: byte 0 flags (bit 0: the payload length is put right too), bytes 1 and 2 the length of the first
 * state, little endian; then both states. Spec hash and checksum are put right, by code of its own. */
#ifndef CXM_FUZZ_STATE_H
#define CXM_FUZZ_STATE_H
#include <string.h>
#include "fuzz.h"

enum { STATE_HEAD = 32, STATE_TAIL = 8, STATE_PREFIX = 3 };

typedef struct state_bytes { uint8_t *at; size_t len; } state_bytes;

static void state_put(uint8_t *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i) at[i] = (uint8_t)(value >> (8 * i));
}

/* CRC-64/XZ bit by bit. */
static uint64_t state_crc(const uint8_t *at, size_t len)
{
    uint64_t crc = UINT64_MAX;
    for (size_t i = 0; i < 8 * len; ++i) {
        crc ^= (uint64_t)(at[i / 8] >> (i % 8) & 1);
        crc = crc & 1 ? crc >> 1 ^ UINT64_C(0xC96C5795D7870F42) : crc >> 1;
    }
    return ~crc;
}

static void state_repair(uint8_t *at, size_t len, int lengths)
{
    if (len < STATE_HEAD + STATE_TAIL) return;
    size_t spec = (size_t)at[12] | (size_t)at[13] << 8, rest = len - STATE_HEAD - STATE_TAIL;
    if (spec <= rest) {
        uint64_t hash = UINT64_C(0xCBF29CE484222325);
        for (size_t i = 0; i < spec; ++i) hash = (hash ^ at[STATE_HEAD + i]) * UINT64_C(0x100000001B3);
        state_put(at + 24, hash, 8);
        if (lengths) state_put(at + 16, rest - spec, 8);
    }
    state_put(at + len - STATE_TAIL, state_crc(at, len - STATE_TAIL), STATE_TAIL);
}

/* A block of its exact size, put right. */
static state_bytes state_copy(const uint8_t *data, size_t len, int lengths)
{
    state_bytes s = {malloc(len ? len : 1), len};
    REQUIRE(s.at);
    if (len) memcpy(s.at, data, len);
    state_repair(s.at, len, lengths);
    return s;
}

/* Cuts an input in two; returns 0 when it is too short. */
static int state_pair(const uint8_t *data, size_t size, state_bytes out[2])
{
    if (size < STATE_PREFIX) return 0;
    size_t rest = size - STATE_PREFIX, first = (size_t)data[1] | (size_t)data[2] << 8;
    if (first > rest) first = rest;
    out[0] = state_copy(data + STATE_PREFIX, first, data[0] & 1);
    out[1] = state_copy(data + STATE_PREFIX + first, rest - first, data[0] & 1);
    return 1;
}

#endif
