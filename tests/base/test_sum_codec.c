/* SPDX-License-Identifier: MIT */
/* test_sum_codec.c - an exact sum's bytes: the worked example, one spelling for one state, and hostile bytes with
 * their checksum repaired. */
#include <cxm/sum.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/sum.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 2048, HEAD = 35, TAIL = 8 };

static cxm_sum random_sum(uint64_t *seed)
{
    static const double odd[] = {INFINITY, -INFINITY, NAN};
    cxm_sum sum = {0};
    uint64_t spread = 1 + test_rand(seed) % 300;
    int n = (int)(test_rand(seed) % 30), near = (int)(test_rand(seed) % 2000) - 1123;
    for (int i = 0; i < n; ++i) {
        int64_t digits = (int64_t)(test_rand(seed) >> 11) - (INT64_C(1) << 52);
        double value = ldexp((double)digits, near + (int)(test_rand(seed) % spread));
        if (test_rand(seed) % 20 == 0) value = odd[test_rand(seed) % 3];
        assert_int_equal(cxm_sum_add(&sum, value), CXM_OK);
    }
    for (uint64_t times = test_rand(seed) % 60; times > 30; --times)
        assert_int_equal(cxm_sum_merge(&sum, &sum), CXM_OK);
    return sum;
}

/* The bytes by hand: the layout of cxm/sum.h; the two checks as computed by an independent script (FNV-1a and
 * CRC-64/XZ written from their definitions). */
static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
        0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa8, 0xc4, 0x0f, 0x5d, 0x19, 0x9e, 0x71, 0x82,
        's', 'u', 'm', 0x02, 0x00, 0x00, 0x00, 0x02, 0x86, 0x01, 0x0f, 0xc0, 0xcf, 0x18, 0x60, 0xca, 0xcc, 0xa6, 0xc1};
    cxm_sum sum = {0};
    unsigned char got[256];
    size_t len;
    cxm_sum_add(&sum, 1.5);
    cxm_sum_add(&sum, 2.25);
    assert_int_equal(cxm_sum_encode(&sum, got, sizeof got, &len), CXM_OK);
    assert_int_equal(len, sizeof want);
    assert_memory_equal(got, want, sizeof want);
}

static void a_state_comes_back_and_so_do_its_bytes(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int trial = 0; trial < 5000; ++trial) {
        cxm_sum sum = random_sum(&seed), back, twice;
        unsigned char bytes[ROOM], again[ROOM];
        size_t len, again_len;
        int32_t order = 7;
        assert_int_equal(cxm_sum_encode(&sum, NULL, 0, &len), CXM_E_LIMIT);
        memset(bytes, 0xAA, sizeof bytes);
        assert_int_equal(cxm_sum_encode(&sum, bytes, len - 1, &again_len), CXM_E_LIMIT);
        for (size_t i = 0; i < len; ++i) assert_int_equal(bytes[i], 0xAA);
        assert_int_equal(cxm_sum_encode(&sum, bytes, len, &again_len), CXM_OK);
        assert_int_equal(len, again_len);
        assert_int_equal(cxm_sum_decode(bytes, len, &back), CXM_OK);
        assert_int_equal(cxm_sum_encode(&back, again, sizeof again, &again_len), CXM_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, bytes, len);
        assert_true(back.n == sum.n && back.nan == sum.nan);
        assert_true(back.plus_inf == sum.plus_inf && back.minus_inf == sum.minus_inf);
        cxm_status status = cxm_sum_compare(&back, &sum, &order);
        assert_true(order == 0 || status == CXM_E_UNDEFINED);
        assert_int_equal(cxm_sum_decode(bytes, len, &twice), CXM_OK);
        assert_memory_equal(&twice, &back, sizeof back);        /* one state in memory too */
    }
}

/* Decodes `bytes` with a right checksum: an error, or a state that encodes to the very same bytes and works. */
static bool survive(unsigned char *bytes, size_t len)
{
    cxm_sum out;
    unsigned char again[ROOM];
    size_t again_len;
    double value;
    unsigned char *exact = malloc(len ? len : 1);       /* no byte to read behind it */
    assert_non_null(exact);
    if (len) memcpy(exact, bytes, len);
    test_repair(exact, len);
    memset(&out, 0x5A, sizeof out);
    cxm_sum untouched = out;
    cxm_status status = cxm_sum_decode(exact, len, &out);
    bool decoded = status == CXM_OK;
    if (decoded) {
        assert_int_equal(cxm_sum_encode(&out, again, sizeof again, &again_len), CXM_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, exact, len);
        assert_int_equal(cxm_sum_value(&out, &value), CXM_OK);
        status = cxm_sum_merge(&out, &out);
        assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
        status = cxm_sum_remove(&out, 1.0);
        assert_true(status == CXM_OK || status == CXM_E_UNDERFLOW);
        assert_int_equal(cxm_sum_encode(&out, again, sizeof again, &again_len), CXM_OK);
        assert_int_equal(cxm_sum_decode(again, again_len, &out), CXM_OK);
    } else {
        assert_true(status == CXM_E_FORMAT || status == CXM_E_VERSION);
        assert_memory_equal(&out, &untouched, sizeof out);
    }
    free(exact);
    return decoded;
}

static void change_bytes(const unsigned char *good, size_t len)
{
    static const unsigned char extremes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    unsigned char bytes[ROOM];
    for (size_t at = 0; at < len; ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            memcpy(bytes, good, len);
            bytes[at] ^= (unsigned char)(1 << bit);
            survive(bytes, len);
        }
        for (size_t i = 0; i < COUNT_OF(extremes); ++i) {
            memcpy(bytes, good, len);
            bytes[at] = extremes[i];
            survive(bytes, len);
        }
        memcpy(bytes, good, len);
        survive(bytes, at);                             /* truncated, and with the last bytes made a checksum */
        memmove(bytes + at + 1, bytes + at, len - at);
        survive(bytes, len + 1);                        /* one byte twice */
        memcpy(bytes, good, len);
        memmove(bytes + at, bytes + at + 1, len - at - 1);
        survive(bytes, len - 1);                        /* one byte gone */
    }
}

static void hostile_bytes_are_an_error_or_a_state(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < 40; ++trial) {
        cxm_sum a = random_sum(&seed), b = random_sum(&seed);
        unsigned char x[ROOM], y[ROOM], spliced[2 * ROOM];
        size_t x_len, y_len;
        assert_int_equal(cxm_sum_encode(&a, x, sizeof x, &x_len), CXM_OK);
        assert_int_equal(cxm_sum_encode(&b, y, sizeof y, &y_len), CXM_OK);
        change_bytes(x, x_len);
        for (int i = 0; i < 500; ++i) {
            size_t cut = test_rand(&seed) % (x_len + 1), from = test_rand(&seed) % (y_len + 1);
            memcpy(spliced, x, cut);
            memcpy(spliced + cut, y + from, y_len - from);
            survive(spliced, cut + y_len - from);
        }
        for (size_t field = 12; field < 24; ++field)    /* lengths to their extremes */
            for (int fill = 0; fill < 2; ++fill) {
                memcpy(spliced, x, x_len);
                memset(spliced + (field < 16 ? 12 : 16), fill ? 0xFF : 0x00, field < 16 ? 4 : 8);
                spliced[field] = fill ? 0xFE : 0x01;
                survive(spliced, x_len);
            }
    }
}

/* A frame around a spec and payload written by hand; whether it decodes. */
static bool decodes(const char *spec, const unsigned char *payload, size_t len)
{
    unsigned char bytes[2 * ROOM];
    size_t spec_len = strlen(spec);
    unsigned char *at = codec_open(bytes, CODEC_SUM, spec, spec_len, len);
    if (len) memcpy(at, payload, len);
    codec_close(bytes, spec_len, len);
    return survive(bytes, HEAD - 3 + spec_len + len + TAIL);
}

static void payloads_have_one_spelling(void **state)
{
    (void)state;
    static const struct { const char *what; size_t len; unsigned char at[16]; } bad[] = {
        {"nothing", 0, {0}},
        {"counts alone", 4, {1, 0, 0, 0}},
        {"no bytes", 6, {1, 0, 0, 0, 2, 5}},
        {"fewer bytes than told", 7, {1, 0, 0, 0, 4, 5, 1}},
        {"more bytes than told", 8, {1, 0, 0, 0, 2, 5, 1, 1}},
        {"zero with a place", 6, {1, 0, 0, 0, 0, 0}},
        {"zero spelled with a byte", 7, {1, 0, 0, 0, 2, 0, 0}},
        {"a zero at the low end", 8, {1, 0, 0, 0, 4, 5, 0, 1}},
        {"a zero at the high end", 8, {1, 0, 0, 0, 4, 5, 1, 0}},
        {"a long varint", 8, {0x81, 0, 0, 0, 0, 2, 5, 1}},
        {"a sum of no values", 7, {0, 0, 0, 0, 2, 5, 1}},
        {"a sum of one infinity", 7, {1, 1, 0, 0, 2, 5, 1}},
        {"more infinities than values", 5, {1, 2, 0, 0, 0}},
        {"more infinities of both signs", 5, {3, 2, 2, 0, 0}},
        {"more of all three", 5, {3, 1, 1, 2, 0}},
        {"counts past their type together", 15, {1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 0, 0}},
        {"just past the largest double", 15, {1, 0, 0, 0, 16, 0xFF, 1, 0xE1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 3}},
        {"far past it, negative", 9, {1, 0, 0, 0, 3, 0x86, 2, 1, 1}},
        {"a place past the end", 8, {1, 0, 0, 0, 2, 0x90, 2, 1}},
        {"a place far past it", 16, {1, 0, 0, 0, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1}},
        {"as many bytes as there can be", 15, {1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0}},
        {"and negative", 16, {1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 1}}};
    for (size_t i = 0; i < COUNT_OF(bad); ++i)
        if (decodes("sum", bad[i].at, bad[i].len)) fail_msg("%s", bad[i].what);
    static const unsigned char one[] = {1, 0, 0, 0, 2, 0x86, 1, 4};
    static const unsigned char most[] = {1, 0, 0, 0, 16, 0xFF, 1, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 3};
    assert_true(decodes("sum", one, sizeof one));
    assert_true(decodes("sum", most, sizeof most));
    static const char *const specs[] = {"", "su", "sum ", "Sum", "sun", "sums", " sum", "scale"};
    for (size_t i = 0; i < COUNT_OF(specs); ++i) assert_false(decodes(specs[i], one, sizeof one));
}

/* A number longer than any sum, all of it there; 2,000 bytes would leave every buffer behind. */
static void numbers_past_the_end_are_refused(void **state)
{
    (void)state;
    for (size_t count = 268; count <= 2000; count += count < 280 ? 1 : 430) {
        unsigned char payload[2 * ROOM];
        codec_writer w = {payload, sizeof payload, 0};
        codec_put_u64(&w, UINT64_MAX);
        codec_put_bytes(&w, "\0\0\0", 3);
        codec_put_i64(&w, (int64_t)count);
        codec_put_u64(&w, 0);
        for (size_t i = 0; i < count; ++i) codec_put_bytes(&w, "\1", 1);
        assert_int_equal(decodes("sum", payload, w.len), count <= 271);     /* 2^2160 and lower bits */
    }
}

/* The largest sum that n values can have, and one unit more. */
static void bounds_are_exact(void **state)
{
    (void)state;
    static const uint64_t counts[] = {1, 2, 3, 1000, UINT64_C(1) << 32, UINT64_MAX};
    for (size_t i = 0; i < COUNT_OF(counts); ++i) {
        sum_number most;
        big less;
        uint64_t n = counts[i];
        big_set(&most.size, n);                 /* n (2^53 - 1) 2^2045, 2^53 - 1 = 441650591 x 20394401 */
        big_mul_add(&most.size, 441650591, 0);
        big_mul_add(&most.size, 20394401, 0);
        big_shl(&most.size, 2045);
        most.negative = i % 2;
        assert_true(sum_number_within(&most, n));
        assert_false(sum_number_within(&most, n - 1));
        big_set(&less, 1);
        big_add(&most.size, &less);
        assert_false(sum_number_within(&most, n));
    }
}

static void misuse_is_an_argument_error(void **state)
{
    (void)state;
    cxm_sum sum = {0};
    unsigned char bytes[8];
    size_t len;
    assert_int_equal(cxm_sum_encode(NULL, bytes, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_sum_encode(&sum, NULL, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_sum_encode(&sum, bytes, 8, NULL), CXM_E_ARG);
    assert_int_equal(cxm_sum_decode(NULL, 8, &sum), CXM_E_ARG);
    assert_int_equal(cxm_sum_decode(bytes, 8, NULL), CXM_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte),
        cmocka_unit_test(a_state_comes_back_and_so_do_its_bytes),
        cmocka_unit_test(hostile_bytes_are_an_error_or_a_state),
        cmocka_unit_test(payloads_have_one_spelling),
        cmocka_unit_test(numbers_past_the_end_are_refused),
        cmocka_unit_test(bounds_are_exact),
        cmocka_unit_test(misuse_is_an_argument_error),
    };
    return cmocka_run_group_tests_name("base/sum_codec", tests, NULL, NULL);
}
