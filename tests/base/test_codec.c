/* SPDX-License-Identifier: MIT */
/* test_codec.c - checksums against their published check values, varints one spelling each, the envelope
 * against every single-byte change. */
#include "base/codec.h"
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

/* Check values: CRC-64/XZ of "123456789" from the CRC catalogue (RevEng); FNV-1a of "" and "foobar" from the
 * authors' test vectors. */
static void checksums_match_their_check_values(void **state)
{
    (void)state;
    assert_true(codec_crc64("123456789", 9) == UINT64_C(0x995DC9BBDF1939FA));
    assert_true(codec_crc64("", 0) == 0);
    assert_true(codec_fnv1a("", 0) == UINT64_C(0xCBF29CE484222325));
    assert_true(codec_fnv1a("a", 1) == UINT64_C(0xAF63DC4C8601EC8C));
    assert_true(codec_fnv1a("foobar", 6) == UINT64_C(0x85944171F73967E8));
}

static void numbers_come_back_from_their_fewest_bytes(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 100000; ++i) {
        uint64_t value = test_rand(&seed) >> (test_rand(&seed) & 63);
        int64_t number = (int64_t)test_rand(&seed) >> (test_rand(&seed) & 63);
        unsigned char bytes[2 * CODEC_VARINT_MAX];
        codec_writer w = {bytes, sizeof bytes, 0};
        codec_put_u64(&w, value);
        size_t bits = 1;
        while (bits < 64 && value >> bits) ++bits;
        assert_int_equal(w.len, (bits + 6) / 7);
        codec_put_i64(&w, number);
        codec_reader r = {bytes, w.len, true};
        assert_true(codec_get_u64(&r) == value);
        assert_true(codec_get_i64(&r) == number);
        assert_true(r.ok && r.left == 0);
    }
}

static void other_spellings_are_refused(void **state)
{
    (void)state;
    static const struct { unsigned char bytes[12]; size_t len; } rows[] = {
        {{0}, 0}, {{0x80}, 1}, {{0x80, 0}, 2}, {{0x81, 0x80, 0}, 3},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2}, 10},
        {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0}, 11},
        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}, 11}};
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        codec_reader r = {rows[i].bytes, rows[i].len, true};
        assert_true(codec_get_u64(&r) == 0);
        assert_false(r.ok);
        assert_true(codec_get_u64(&r) == 0);        /* and it stays so */
        assert_null(codec_get_bytes(&r, 0));
    }
    codec_reader r = {(const unsigned char *)"abc", 3, true};
    assert_memory_equal(codec_get_bytes(&r, 2), "ab", 2);
    assert_null(codec_get_bytes(&r, 2));
    assert_false(r.ok);
}

static size_t sample_frame(unsigned char *out)
{
    size_t total;
    assert_true(codec_frame_bytes(5, 3, &total));
    memcpy(codec_open(out, CODEC_SCALE, "spec!", 5, 3), "xyz", 3);
    codec_close(out, 5, 3);
    return total;
}

static void a_frame_comes_apart_as_it_was_put_together(void **state)
{
    (void)state;
    unsigned char bytes[64];
    codec_frame frame;
    size_t len = sample_frame(bytes), huge;
    assert_int_equal(codec_read(bytes, len, &frame), CXM_OK);
    assert_int_equal(frame.kind, CODEC_SCALE);
    assert_int_equal(frame.spec_len, 5);
    assert_memory_equal(frame.spec, "spec!", 5);
    assert_int_equal(frame.payload_len, 3);
    assert_memory_equal(frame.payload, "xyz", 3);
    assert_false(codec_frame_bytes(SIZE_MAX, 1, &huge));
    assert_false(codec_frame_bytes(8, SIZE_MAX - 8, &huge));
    bytes[4] = 2;                                   /* a newer format says so, whatever follows */
    assert_int_equal(codec_read(bytes, len, &frame), CXM_E_VERSION);
}

/* The checksum finds each accident; with it repaired the head's own checks find every change of the head. */
static void every_changed_byte_is_found(void **state)
{
    (void)state;
    unsigned char bytes[64], good[64];
    codec_frame frame;
    size_t len = sample_frame(good);
    for (size_t at = 0; at < len; ++at)
        for (int change = 1; change < 256; ++change) {
            memcpy(bytes, good, len);
            bytes[at] ^= (unsigned char)change;
            assert_true(codec_read(bytes, len, &frame) != CXM_OK);
            codec_close(bytes, 5, 3);
            bool in_head = at < CODEC_HEAD_BYTES && (at < 6 || at >= 8), in_spec = at >= 32 && at < 37;
            assert_int_equal(codec_read(bytes, len, &frame) != CXM_OK, in_head || in_spec);
        }
    for (size_t short_len = 0; short_len < len; ++short_len) {
        unsigned char *exact = malloc(short_len ? short_len : 1);       /* so that a tool sees a read behind it */
        memcpy(exact, good, short_len);
        assert_int_equal(codec_read(exact, short_len, &frame), CXM_E_FORMAT);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_match_their_check_values),
        cmocka_unit_test(numbers_come_back_from_their_fewest_bytes),
        cmocka_unit_test(other_spellings_are_refused),
        cmocka_unit_test(a_frame_comes_apart_as_it_was_put_together),
        cmocka_unit_test(every_changed_byte_is_found),
    };
    return cmocka_run_group_tests_name("base/codec", tests, NULL, NULL);
}
