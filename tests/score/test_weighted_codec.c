/* SPDX-License-Identifier: MIT */
/* test_weighted_codec.c - bytes of weighted answers: the worked example, one spelling for one state, and hostile bytes
 * with hash and checksum repaired. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "score/weighted_codec.h"
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 15 };
static const cxm_scale_spec csat = {sizeof csat, 1, 5, 2, 4, CXM_HIGHER_IS_BETTER};

static cxm_weighted *make(const cxm_scale_spec *spec)
{
    cxm_weighted *w = NULL;
    assert_int_equal(cxm_weighted_create(spec, NULL, &w), CXM_OK);
    return w;
}

/* Few rows, on a scale of few points or of all. */
static cxm_weighted *random_state(uint64_t *seed)
{
    cxm_scale_spec spec = {sizeof spec, -3, (int32_t)(test_rand(seed) % 6) - 2, -3, 0, CXM_LOWER_IS_BETTER};
    if (test_rand(seed) % 8 == 0) spec.hi = 97;
    spec.high_from = spec.hi;
    cxm_weighted *w = make(&spec);
    for (uint64_t i = test_rand(seed) % 12; i; --i) {
        uint64_t draw = test_rand(seed);
        int exponent = draw % 7 ? 0 : (int)((draw >> 20) % 400) - 200;
        double weight = draw % 5 ? ldexp(1.0 + (double)(draw >> 12) * 0x1p-52, exponent) : (double)(draw % 3) - 1.0;
        if (draw % 11 == 0) cxm_weighted_add_missing(w, weight);
        else if (draw % 11 == 1) cxm_weighted_add_unparsed(w, weight);
        else cxm_weighted_add(w, (double)((int)((draw >> 30) % 9) - 4), weight);
    }
    return w;
}

static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x2d, 0x00, 0x00, 0x00,
        0x23, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xd5, 0xd2, 0x31, 0x61, 0x87, 0x99, 0x90, 0xaf,
        0x77, 0x65, 0x69, 0x67, 0x68, 0x74, 0x65, 0x64, 0x20, 0x73, 0x63, 0x61, 0x6c, 0x65, 0x20, 0x31,
        0x2e, 0x2e, 0x35, 0x20, 0x6c, 0x6f, 0x77, 0x20, 0x31, 0x2e, 0x2e, 0x32, 0x20, 0x68, 0x69, 0x67,
        0x68, 0x20, 0x34, 0x2e, 0x2e, 0x35, 0x20, 0x68, 0x69, 0x67, 0x68, 0x65, 0x72, 0x01, 0x00, 0x00,
        0x01, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x86, 0x01, 0x0c, 0x02, 0x86, 0x01, 0x24,
        0x02, 0x86, 0x01, 0x08, 0x02, 0x86, 0x01, 0x0a, 0x02, 0x86, 0x01, 0x08, 0x02, 0x86, 0x01, 0x10,
        0x85, 0xce, 0xa0, 0xb2, 0x83, 0xb4, 0xe4, 0x21};
    cxm_weighted *w = make(&csat);
    unsigned char got[256];
    size_t len;
    assert_int_equal(cxm_weighted_add(w, 5, 1.5), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 5, 0.5), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 2, 3), CXM_OK);
    assert_int_equal(cxm_weighted_add_missing(w, 2), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 4, 0), CXM_OK);
    assert_int_equal(cxm_weighted_add(w, 1, -1), CXM_E_DOMAIN);
    assert_int_equal(cxm_weighted_encode(w, got, sizeof got, &len), CXM_OK);
    assert_int_equal(len, sizeof want);
    assert_memory_equal(got, want, sizeof want);
    cxm_weighted_free(w);
}

static void a_state_comes_back_and_so_do_its_bytes(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int trial = 0; trial < 2000; ++trial) {
        cxm_weighted *w = random_state(&seed), *back = NULL;
        unsigned char bytes[ROOM], again[ROOM];
        size_t len, again_len;
        assert_int_equal(cxm_weighted_encode(w, NULL, 0, &len), CXM_E_LIMIT);
        memset(bytes, 0x5A, sizeof bytes);
        assert_int_equal(cxm_weighted_encode(w, bytes, len - 1, &again_len), CXM_E_LIMIT);
        assert_int_equal(bytes[0], 0x5A);
        assert_int_equal(cxm_weighted_encode(w, bytes, len, &again_len), CXM_OK);
        assert_int_equal(len, again_len);
        assert_int_equal(cxm_weighted_decode(bytes, len, SIZE_MAX, NULL, &back), CXM_OK);
        assert_int_equal(cxm_weighted_encode(back, again, sizeof again, &again_len), CXM_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, bytes, len);
        cxm_weighted_free(w);
        cxm_weighted_free(back);
    }
}

/* What a decode takes is known before it takes any: one byte less is refused with nothing allocated. */
static void memory_is_judged_first(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int trial = 0; trial < 300; ++trial) {
        cxm_weighted *w = random_state(&seed), *back = NULL;
        cxm_scale_spec spec;
        ledger own = {0};
        cxm_alloc hook = ledger_hook(&own);
        unsigned char bytes[ROOM];
        size_t len, need;
        assert_int_equal(cxm_weighted_spec(w, &spec), CXM_OK);
        assert_int_equal(cxm_weighted_encode(w, bytes, sizeof bytes, &len), CXM_OK);
        assert_int_equal(cxm_weighted_decode(bytes, len, cxm_weighted_bytes(&spec), &hook, &back), CXM_OK);
        need = own.live;
        assert_true(own.peak == need && need <= cxm_weighted_bytes(&spec));
        cxm_weighted_free(back);
        own.calls = 0;
        back = NULL;
        assert_int_equal(cxm_weighted_decode(bytes, len, need - 1, &hook, &back), CXM_E_LIMIT);
        assert_true(back == NULL && own.calls == 0);
        assert_int_equal(cxm_weighted_decode(bytes, len, need, &hook, &back), CXM_OK);
        cxm_weighted_free(back);
        for (size_t at = own.calls; at > 0; --at) {
            own = (ledger){.fail_at = at};
            back = NULL;
            assert_int_equal(cxm_weighted_decode(bytes, len, need, &hook, &back), CXM_E_MEMORY);
            assert_true(back == NULL && own.live == 0);
        }
        cxm_weighted_free(w);
    }
}

/* --- hostile bytes --- */

/* A survivor encodes to the very same bytes, works, and gives no number that is none. */
static void use(cxm_weighted *w, const unsigned char *bytes, size_t len)
{
    unsigned char again[ROOM];
    size_t again_len;
    assert_int_equal(cxm_weighted_encode(w, again, sizeof again, &again_len), CXM_OK);
    assert_int_equal(again_len, len);
    assert_memory_equal(again, bytes, len);
    for (int32_t value = CXM_VALUE_MEAN; value <= CXM_VALUE_NET; ++value) {
        cxm_weighted_ask ask = {.size = sizeof ask, .value = value, .zero_weight = value % 2};
        cxm_weighted_summary sum = {.size = sizeof sum};
        cxm_status status = cxm_weighted_summarize(w, &ask, &sum);
        assert_true(status == CXM_OK || status == CXM_E_EMPTY);
        if (status == CXM_OK) assert_true(isfinite(sum.value) && sum.kish_n_eff > 0.0);
        if (status == CXM_OK && sum.interval_status == CXM_OK) assert_true(sum.low <= sum.value && sum.value <= sum.high);
    }
    cxm_status status = cxm_weighted_add(w, -1, 0x1p200);
    assert_true(status == CXM_OK || status == CXM_E_DOMAIN || status == CXM_E_OVERFLOW);
    if (status != CXM_E_OVERFLOW) assert_int_equal(cxm_weighted_remove(w, -1, 0x1p200), status);
    assert_int_equal(cxm_weighted_encode(w, again, sizeof again, &again_len), CXM_OK);
    assert_int_equal(again_len, len);
    assert_memory_equal(again, bytes, len);
    status = cxm_weighted_merge(w, w);
    assert_true(status == CXM_OK || status == CXM_E_OVERFLOW);
}

static void survive(const unsigned char *bytes, size_t len)
{
    if (test_left_out()) return;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_weighted *w = NULL;
    unsigned char *exact = malloc(len ? len : 1);           /* no byte to read behind it */
    if (len) memcpy(exact, bytes, len);
    test_repair(exact, len);
    cxm_status status = cxm_weighted_decode(exact, len, ROOM, &hook, &w);
    assert_true(own.peak <= ROOM);
    if (status == CXM_OK) use(w, exact, len);
    else assert_true(!w && (status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT));
    cxm_weighted_free(w);
    assert_int_equal(own.live, 0);
    free(exact);
}

static void change_bytes(const unsigned char *good, size_t len)
{
    static const unsigned char extremes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    unsigned char bytes[ROOM];
    for (size_t at = 0; at < len; ++at) {
        for (size_t k = 0; k < 8 + COUNT_OF(extremes); ++k) {
            memcpy(bytes, good, len);
            if (k < 8) bytes[at] ^= (unsigned char)(1u << k);
            else bytes[at] = extremes[k - 8];
            survive(bytes, len);
        }
        memcpy(bytes, good, len);
        survive(bytes, at);
        memmove(bytes + at + 1, bytes + at, len - at);
        survive(bytes, len + 1);                            /* one byte twice */
        memcpy(bytes, good, len);
        memmove(bytes + at, bytes + at + 1, len - at - 1);
        survive(bytes, len - 1);                            /* one byte gone */
    }
}

static void hostile_bytes_are_an_error_or_a_state(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int trial = 0; trial < 30; ++trial) {
        cxm_weighted *a = random_state(&seed), *b = random_state(&seed);
        unsigned char x[ROOM], y[ROOM], spliced[2 * ROOM];
        size_t x_len, y_len;
        assert_int_equal(cxm_weighted_encode(a, x, sizeof x, &x_len), CXM_OK);
        assert_int_equal(cxm_weighted_encode(b, y, sizeof y, &y_len), CXM_OK);
        change_bytes(x, x_len);
        for (int i = 0; i < 500; ++i) {
            size_t cut = test_rand(&seed) % (x_len + 1), from = test_rand(&seed) % (y_len + 1);
            memcpy(spliced, x, cut);
            memcpy(spliced + cut, y + from, y_len - from);
            survive(spliced, cut + y_len - from);
        }
        cxm_weighted_free(a);
        cxm_weighted_free(b);
    }
}

/* Each way a payload can be a number's worth of nonsense, put together by hand on the scale 1..5. */
static cxm_status decode_payload(const unsigned char *payload, size_t len)
{
    char spec[WEIGHTED_SPEC_MAX];
    unsigned char bytes[1024];
    size_t spec_len = weighted_spec_write(&csat, spec), total;
    cxm_weighted *w = NULL;
    assert_true(codec_frame_bytes(spec_len, len, &total) && total <= sizeof bytes);
    memcpy(codec_open(bytes, CODEC_WEIGHTED, spec, spec_len, len), payload, len);
    codec_close(bytes, spec_len, len);
    cxm_status status = cxm_weighted_decode(bytes, total, ROOM, NULL, &w);
    cxm_weighted_free(w);
    return status;
}

#define FULL 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01
#define ONE 2, 0x86, 1, 4               /* the sum 1 */
#define CASE(...) decode_payload((const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__}))

static void payloads_that_cannot_be_are_refused(void **state)
{
    (void)state;
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), CXM_OK);
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, ONE, ONE), CXM_OK);
    assert_int_equal(CASE(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ONE, ONE), CXM_OK);
    assert_int_equal(CASE(1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0), CXM_OK);
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), CXM_E_FORMAT);           /* a byte more */
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), CXM_E_FORMAT);                 /* a byte less */
    assert_int_equal(CASE(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0), CXM_E_FORMAT);              /* more of weight 0 than blank */
    assert_int_equal(CASE(FULL, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, ONE, ONE), CXM_E_FORMAT); /* 2^64 rows */
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, FULL, 1, 0, 0, 0, ONE, ONE, ONE, ONE), CXM_E_FORMAT);
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, ONE), CXM_E_FORMAT);      /* rows that sum to 0 */
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, ONE, 0), CXM_E_FORMAT);
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0x86, 1, 4, ONE), CXM_E_FORMAT);     /* to less */
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0x10, 4, ONE), CXM_E_FORMAT);        /* 2^-944 */
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0xff, 1, 4, ONE), CXM_E_FORMAT);     /* 2^968 */
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, ONE, 2, 0x10, 4), CXM_E_FORMAT);
    assert_int_equal(CASE(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, ONE, 2, 0xff, 1, 4), CXM_E_FORMAT);
}

static void misuse_is_an_error(void **state)
{
    (void)state;
    cxm_weighted *w = make(&csat), *out = NULL;
    cxm_scale scale;
    unsigned char bytes[512];
    size_t len;
    assert_int_equal(cxm_weighted_encode(NULL, bytes, sizeof bytes, &len), CXM_E_ARG);
    assert_int_equal(cxm_weighted_encode(w, NULL, 1, &len), CXM_E_ARG);
    assert_int_equal(cxm_weighted_encode(w, bytes, sizeof bytes, NULL), CXM_E_ARG);
    assert_int_equal(cxm_weighted_encode(w, bytes, sizeof bytes, &len), CXM_OK);
    assert_int_equal(cxm_weighted_decode(NULL, len, 1000, NULL, &out), CXM_E_ARG);
    assert_int_equal(cxm_weighted_decode(bytes, len, 1000, NULL, NULL), CXM_E_ARG);
    bytes[4] = 2;
    assert_int_equal(cxm_weighted_decode(bytes, len, 1000, NULL, &out), CXM_E_VERSION);
    assert_int_equal(cxm_scale_init(&scale, &csat), CXM_OK);
    assert_int_equal(cxm_scale_encode(&scale, bytes, sizeof bytes, &len), CXM_OK);
    assert_int_equal(cxm_weighted_decode(bytes, len, 1000, NULL, &out), CXM_E_FORMAT);
    assert_null(out);
    cxm_weighted_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte),
        cmocka_unit_test(a_state_comes_back_and_so_do_its_bytes),
        cmocka_unit_test(memory_is_judged_first),
        cmocka_unit_test(hostile_bytes_are_an_error_or_a_state),
        cmocka_unit_test(payloads_that_cannot_be_are_refused),
        cmocka_unit_test(misuse_is_an_error),
    };
    return cmocka_run_group_tests_name("score/weighted_codec", tests, NULL, NULL);
}
