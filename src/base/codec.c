/* SPDX-License-Identifier: MIT */
/* codec.c - see codec.h for the bytes.
 *
 * The CRC runs over the reflected polynomial C96C5795D7870F42 with all ones at the start and inverted at the
 * end, a byte at a time through a table of 16 entries a nibble: states are small, and a table of 256
 * entries would have to be built or carried. Check value: "123456789" gives 995DC9BBDF1939FA.  */
#include "base/port.h"
#include "base/codec.h"
#include <string.h>

static const unsigned char MAGIC[4] = {'C', 'X', 'M', 1};
enum { AT_VERSION = 4, AT_KIND = 6, AT_FLAGS = 8, AT_SPEC_LEN = 12, AT_PAYLOAD_LEN = 16, AT_SPEC_HASH = 24 };

/* --- numbers --- */

void codec_put_bytes(codec_writer *w, const void *bytes, size_t len)
{
    if (len && w->out && w->len <= w->cap && len <= w->cap - w->len) memcpy(w->out + w->len, bytes, len);
    w->len += len;
}

void codec_put_u64(codec_writer *w, uint64_t value)
{
    unsigned char text[CODEC_VARINT_MAX];
    size_t len = 0;
    for (; value >= 0x80; value >>= 7) text[len++] = (unsigned char)(value | 0x80);
    text[len++] = (unsigned char)value;
    codec_put_bytes(w, text, len);
}

void codec_put_i64(codec_writer *w, int64_t value)
{
    uint64_t bits = (uint64_t)value << 1;
    codec_put_u64(w, value < 0 ? ~bits : bits);
}

uint64_t codec_get_u64(codec_reader *r)
{
    uint64_t value = 0;
    for (unsigned shift = 0; r->ok && r->left > 0 && shift < 70; shift += 7) {
        unsigned char byte = *r->at++;
        --r->left;
        bool too_large = shift == 63 && byte > 1, padded = shift > 0 && byte == 0;
        if (too_large || padded) break;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) return value;
    }
    r->ok = false;
    return 0;
}

int64_t codec_get_i64(codec_reader *r)
{
    uint64_t bits = codec_get_u64(r);
    int64_t half = (int64_t)(bits >> 1);
    return bits & 1 ? -half - 1 : half;
}

const void *codec_get_bytes(codec_reader *r, size_t len)
{
    const void *bytes = r->at;
    if (!r->ok || len > r->left) r->ok = false;
    if (!r->ok || len == 0) return NULL;
    r->at += len;
    r->left -= len;
    return bytes;
}

/* --- fixed width, whatever the machine's byte order --- */

static void put_fixed(unsigned char *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i) out[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_fixed(const unsigned char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value |= (uint64_t)at[i] << (8 * i);
    return value;
}

/* --- checks --- */

uint64_t codec_crc64(const void *bytes, size_t len)
{
    static const uint64_t nibble[16] = {
        UINT64_C(0x0000000000000000), UINT64_C(0x7D9BA13851336649), UINT64_C(0xFB374270A266CC92), UINT64_C(0x86ACE348F355AADB),
        UINT64_C(0x64B62BCAEBC387A1), UINT64_C(0x192D8AF2BAF0E1E8), UINT64_C(0x9F8169BA49A54B33), UINT64_C(0xE21AC88218962D7A),
        UINT64_C(0xC96C5795D7870F42), UINT64_C(0xB4F7F6AD86B4690B), UINT64_C(0x325B15E575E1C3D0), UINT64_C(0x4FC0B4DD24D2A599),
        UINT64_C(0xADDA7C5F3C4488E3), UINT64_C(0xD041DD676D77EEAA), UINT64_C(0x56ED3E2F9E224471), UINT64_C(0x2B769F17CF112238)};
    const unsigned char *at = (const unsigned char *)bytes;
    uint64_t crc = UINT64_MAX;
    for (size_t i = 0; i < len; ++i) {
        crc = nibble[(crc ^ at[i]) & 15] ^ (crc >> 4);
        crc = nibble[(crc ^ (uint64_t)(at[i] >> 4)) & 15] ^ (crc >> 4);
    }
    return ~crc;
}

uint64_t codec_fnv1a(const void *bytes, size_t len)
{
    const unsigned char *at = (const unsigned char *)bytes;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < len; ++i) hash = (hash ^ at[i]) * UINT64_C(0x100000001B3);
    return hash;
}

/* --- the envelope --- */

bool codec_frame_bytes(size_t spec_len, size_t payload_len, size_t *out)
{
    size_t fixed = CODEC_HEAD_BYTES + CODEC_TAIL_BYTES;
    if (spec_len > UINT32_MAX || spec_len > SIZE_MAX - fixed || payload_len > SIZE_MAX - fixed - spec_len) return false;
    *out = fixed + spec_len + payload_len;
    return true;
}

unsigned char *codec_open(unsigned char *out, uint16_t kind, const char *spec, size_t spec_len, size_t payload_len)
{
    memset(out, 0, CODEC_HEAD_BYTES);
    memcpy(out, MAGIC, sizeof MAGIC);
    put_fixed(out + AT_VERSION, CODEC_VERSION, 2);
    put_fixed(out + AT_KIND, kind, 2);
    put_fixed(out + AT_SPEC_LEN, spec_len, 4);
    put_fixed(out + AT_PAYLOAD_LEN, payload_len, 8);
    put_fixed(out + AT_SPEC_HASH, codec_fnv1a(spec, spec_len), 8);
    memcpy(out + CODEC_HEAD_BYTES, spec, spec_len);
    return out + CODEC_HEAD_BYTES + spec_len;
}

void codec_close(unsigned char *out, size_t spec_len, size_t payload_len)
{
    size_t before = CODEC_HEAD_BYTES + spec_len + payload_len;
    put_fixed(out + before, codec_crc64(out, before), CODEC_TAIL_BYTES);
}

/* The lengths as declared must add up to the length at hand. */
static bool lengths_agree(const unsigned char *head, size_t len)
{
    uint64_t spec = get_fixed(head + AT_SPEC_LEN, 4), payload = get_fixed(head + AT_PAYLOAD_LEN, 8);
    uint64_t rest = len - CODEC_HEAD_BYTES - CODEC_TAIL_BYTES;
    return spec <= rest && payload == rest - spec;
}

cxm_status codec_read(const void *bytes, size_t len, codec_frame *out)
{
    const unsigned char *head = (const unsigned char *)bytes;
    if (len < CODEC_HEAD_BYTES + CODEC_TAIL_BYTES || memcmp(head, MAGIC, sizeof MAGIC) != 0) return CXM_E_FORMAT;
    if (get_fixed(head + AT_VERSION, 2) > CODEC_VERSION) return CXM_E_VERSION;
    bool ok = get_fixed(head + AT_VERSION, 2) == CODEC_VERSION && get_fixed(head + AT_FLAGS, 4) == 0 && lengths_agree(head, len);
    if (!ok || get_fixed(head + len - CODEC_TAIL_BYTES, 8) != codec_crc64(head, len - CODEC_TAIL_BYTES)) return CXM_E_FORMAT;
    out->kind = (uint16_t)get_fixed(head + AT_KIND, 2);
    out->spec_len = (size_t)get_fixed(head + AT_SPEC_LEN, 4);
    out->spec = (const char *)head + CODEC_HEAD_BYTES;
    out->payload_len = (size_t)get_fixed(head + AT_PAYLOAD_LEN, 8);
    out->payload = head + CODEC_HEAD_BYTES + out->spec_len;
    return codec_fnv1a(out->spec, out->spec_len) == get_fixed(head + AT_SPEC_HASH, 8) ? CXM_OK : CXM_E_FORMAT;
}
