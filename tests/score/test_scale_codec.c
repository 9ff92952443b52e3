/* SPDX-License-Identifier: MIT */
/* test_scale_codec.c - a scale's bytes: the worked example, one spelling for one state, and hostile bytes with
 * their checksum repaired. */
#include <cxm/nps.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "score/scale_codec.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 4096 };

static cxm_scale random_scale(uint64_t *seed)
{
    cxm_scale_spec spec;
    cxm_scale scale;
    int32_t lo = (int32_t)(test_rand(seed) % 21) - 10, hi = lo + 1 + (int32_t)(test_rand(seed) % 100);
    int32_t direction = test_rand(seed) & 1 ? CXM_HIGHER_IS_BETTER : CXM_LOWER_IS_BETTER;
    assert_int_equal(cxm_scale_define(lo, hi, direction, &spec), CXM_OK);
    if (direction == CXM_HIGHER_IS_BETTER && hi > lo + 1) assert_int_equal(cxm_scale_set_top(&spec, hi - 1, hi), CXM_OK);
    assert_int_equal(cxm_scale_init(&scale, &spec), CXM_OK);
    for (int i = 0; i < 200; ++i) {
        int32_t answer = lo - 1 + (int32_t)(test_rand(seed) % (uint64_t)(hi - lo + 3));
        cxm_scale_add_n(&scale, answer, test_rand(seed) >> (10 + test_rand(seed) % 54));
    }
    scale.missing = test_rand(seed) >> (test_rand(seed) & 63);
    return scale;
}

/* The bytes by hand: the layout of codec.h, spec "scale 0..10 low 0..6 high 9..10 higher"; the two checks as computed
 * by an independent script (FNV-1a and CRC-64/XZ written from their definitions). */
static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x26, 0x00, 0x00, 0x00,
        0x0e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0d, 0xf0, 0x38, 0xee, 0x61, 0x3b, 0x58, 0x53,
        's', 'c', 'a', 'l', 'e', ' ', '0', '.', '.', '1', '0', ' ', 'l', 'o', 'w', ' ', '0', '.', '.', '6', ' ',
        'h', 'i', 'g', 'h', ' ', '9', '.', '.', '1', '0', ' ', 'h', 'i', 'g', 'h', 'e', 'r',
        0x01, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x01, 0x02, 0xef, 0x73, 0x1b, 0x55, 0xfa, 0xe9, 0xe0, 0xc9};
    cxm_scale_spec spec;
    cxm_scale_ask ask;
    cxm_scale nps;
    unsigned char got[256];
    size_t len;
    static const int32_t answers[] = {0, 6, 7, 9, 10, 10};
    cxm_nps_define(0, 10, &spec, &ask);
    cxm_scale_init(&nps, &spec);
    for (size_t i = 0; i < COUNT_OF(answers); ++i) cxm_scale_add(&nps, answers[i]);
    cxm_scale_add_missing(&nps);
    assert_int_equal(cxm_scale_encode(&nps, got, sizeof got, &len), CXM_OK);
    assert_int_equal(len, sizeof want);
    assert_memory_equal(got, want, sizeof want);
}

static void a_state_comes_back_and_so_do_its_bytes(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int trial = 0; trial < 2000; ++trial) {
        cxm_scale scale = random_scale(&seed), back;
        unsigned char bytes[ROOM], again[ROOM];
        size_t len, again_len;
        assert_int_equal(cxm_scale_encode(&scale, NULL, 0, &len), CXM_E_LIMIT);
        assert_int_equal(cxm_scale_encode(&scale, bytes, len - 1, &again_len), CXM_E_LIMIT);
        assert_int_equal(cxm_scale_encode(&scale, bytes, len, &again_len), CXM_OK);
        assert_int_equal(len, again_len);
        assert_int_equal(cxm_scale_decode(bytes, len, &back), CXM_OK);
        assert_memory_equal(&back, &scale, cxm_scale_bytes(&scale.spec));
        assert_int_equal(cxm_scale_encode(&back, again, sizeof again, &again_len), CXM_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, bytes, len);
    }
}

/* Decodes `bytes` with a right checksum: an error, or a state that encodes to the very same bytes and works. */
static void survive(unsigned char *bytes, size_t len)
{
    if (test_left_out()) return;
    cxm_scale out;
    cxm_scale_summary sum = {.size = sizeof sum};
    unsigned char again[ROOM];
    size_t again_len;
    unsigned char *exact = malloc(len ? len : 1);       /* no byte to read behind it */
    if (len) memcpy(exact, bytes, len);
    test_repair(exact, len);
    cxm_status status = cxm_scale_decode(exact, len, &out);
    if (status == CXM_OK) {
        assert_int_equal(cxm_scale_encode(&out, again, sizeof again, &again_len), CXM_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, exact, len);
        status = cxm_scale_summarize(&out, NULL, &sum);
        assert_true(status == CXM_OK || status == CXM_E_EMPTY);
        status = cxm_scale_merge(&out, &out);
        assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
    } else {
        assert_true(status == CXM_E_FORMAT || status == CXM_E_VERSION);
    }
    free(exact);
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
    for (int trial = 0; trial < 20; ++trial) {
        cxm_scale a = random_scale(&seed), b = random_scale(&seed);
        unsigned char x[ROOM], y[ROOM], spliced[2 * ROOM];
        size_t x_len, y_len;
        assert_int_equal(cxm_scale_encode(&a, x, sizeof x, &x_len), CXM_OK);
        assert_int_equal(cxm_scale_encode(&b, y, sizeof y, &y_len), CXM_OK);
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

static void specs_have_one_spelling(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "scale", "scale 0..10 low 0..6 high 9..10", "scale 0..10 low 0..6 high 9..10 higher ",
        " scale 0..10 low 0..6 high 9..10 higher", "scale 00..10 low 0..6 high 9..10 higher",
        "scale +0..10 low 0..6 high 9..10 higher", "scale 0..10 low 1..6 high 9..10 higher",
        "scale 0..10 low 0..6 high 9..11 higher", "scale 0..10 low 0..9 high 9..10 higher",
        "scale 0..1e1 low 0..6 high 9..10 higher", "scale 10..0 low 0..6 high 9..10 higher",
        "scale 0..101 low 0..6 high 9..101 higher", "scale -0..10 low 0..6 high 9..10 higher",
        "scale 0..10 low 0..6 high 9..10 sidewise", "scale 0..99999999999 low 0..6 high 9..10 higher",
        "scale -99999999999..10 low -99999999999..6 high 9..10 higher"};
    cxm_scale_spec spec;
    for (size_t i = 0; i < COUNT_OF(bad); ++i) assert_false(scale_spec_read(bad[i], strlen(bad[i]), &spec));
    const char *good = "scale -5..5 low -5..-4 high 2..5 lower";
    assert_true(scale_spec_read(good, strlen(good), &spec));
    assert_int_equal(spec.lo, -5);
    assert_int_equal(spec.low_to, -4);
    assert_int_equal(spec.high_from, 2);
    assert_int_equal(spec.direction, CXM_LOWER_IS_BETTER);
}

static void misuse_is_an_argument_error(void **state)
{
    (void)state;
    cxm_scale scale = {.missing = 0};
    unsigned char bytes[8];
    size_t len;
    assert_int_equal(cxm_scale_encode(NULL, bytes, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_scale_encode(&scale, bytes, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_scale_decode(NULL, 8, &scale), CXM_E_ARG);
    assert_int_equal(cxm_scale_decode(bytes, 8, NULL), CXM_E_ARG);
    cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &scale.spec);
    assert_int_equal(cxm_scale_encode(&scale, NULL, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_scale_encode(&scale, bytes, 8, NULL), CXM_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte),
        cmocka_unit_test(a_state_comes_back_and_so_do_its_bytes),
        cmocka_unit_test(hostile_bytes_are_an_error_or_a_state),
        cmocka_unit_test(specs_have_one_spelling),
        cmocka_unit_test(misuse_is_an_argument_error),
    };
    return cmocka_run_group_tests_name("score/scale_codec", tests, NULL, NULL);
}
