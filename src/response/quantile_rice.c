/* SPDX-License-Identifier: MIT */
/* quantile_rice.c - see quantile_rice.h. */
#include "base/port.h"
#include "response/quantile_rice.h"
#include "base/bits.h"

enum { ONES_MAX = 24, LENGTH_BITS = 6 };

static uint32_t parameter(const rice *by)
{
    return highest_bit64(by->m * 11 / 128 + 1);
}

static void follow(rice *by, uint64_t z)
{
    const uint64_t most = UINT64_C(1) << 32;
    by->m += (z < most ? z : most) - by->m / 8;
}

static void put_bits(rice_writer *w, uint64_t value, uint32_t count)
{
    while (count-- > 0) {
        w->byte = (uint8_t)((uint64_t)w->byte << 1 | (value >> count & 1));
        if (++w->bits == 8) rice_end(w);
    }
}

void rice_put(rice_writer *w, rice *by, uint64_t z)
{
    uint32_t r = parameter(by);
    if (z >> r < ONES_MAX) {
        uint32_t ones = (uint32_t)(z >> r);
        put_bits(w, (UINT64_C(2) << ones) - 2, ones + 1);
        put_bits(w, z, r);
    } else {
        uint32_t top = highest_bit64(z);
        put_bits(w, (UINT64_C(1) << ONES_MAX) - 1, ONES_MAX);
        put_bits(w, top, LENGTH_BITS);
        put_bits(w, z, top);
    }
    follow(by, z);
}

void rice_end(rice_writer *w)
{
    if (w->bits == 0) return;
    uint8_t byte = (uint8_t)(w->byte << (8 - w->bits));
    codec_put_bytes(w->to, &byte, 1);
    *w = (rice_writer){w->to, 0, 0};
}

static uint64_t get_bits(rice_reader *r, uint32_t count)
{
    uint64_t value = 0;
    while (count-- > 0) {
        if (r->bits == 0) {
            const uint8_t *at = codec_get_bytes(r->from, 1);
            if (!at) return 0;
            r->byte = *at;
            r->bits = 8;
        }
        value = value << 1 | ((uint64_t)r->byte >> --r->bits & 1);
    }
    return value;
}

uint64_t rice_get(rice_reader *reader, rice *by)
{
    uint32_t r = parameter(by), ones = 0;
    uint64_t z;
    while (ones < ONES_MAX && get_bits(reader, 1)) ++ones;
    if (ones < ONES_MAX) z = (uint64_t)ones << r | get_bits(reader, r);
    else {
        uint32_t top = (uint32_t)get_bits(reader, LENGTH_BITS);
        z = UINT64_C(1) << top | get_bits(reader, top);
        if (z >> r < ONES_MAX) reader->from->ok = false;        /* the short spelling is the one */
    }
    if (!reader->from->ok) return 0;
    follow(by, z);
    return z;
}

void rice_close(rice_reader *r)
{
    if (r->bits && ((uint32_t)r->byte & ((1u << r->bits) - 1))) r->from->ok = false;
    r->bits = 0;
}
