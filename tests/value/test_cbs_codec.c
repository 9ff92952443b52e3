/* SPDX-License-Identifier: MIT */
/* test_cbs_codec.c - the worked example byte for byte; what comes back is what went in and lives on; changed, cut and hand-made bytes
 * are refused, or are another table's one spelling; memory is asked for within the bound. */
#include <cxm/cbs.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 15 };
static unsigned char bytes[ROOM], more[ROOM], third[ROOM];

static cxm_cbs *make(double per_unit, uint64_t seed)
{
    cxm_cbs_options o = {.size = sizeof o, .per_unit = per_unit, .hash_seed = seed};
    cxm_cbs *t = NULL;
    assert_int_equal(cxm_cbs_create(&o, NULL, &t), CXM_OK);
    return t;
}

static cxm_spend *make_spend(double per_unit, uint64_t seed)
{
    cxm_cbs_options o = {.size = sizeof o, .per_unit = per_unit, .hash_seed = seed};
    cxm_spend *t = NULL;
    assert_int_equal(cxm_spend_create(&o, NULL, &t), CXM_OK);
    return t;
}

static size_t encode(cxm_cbs *t, unsigned char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_cbs_encode(t, out, ROOM, &len), CXM_OK);
    return len;
}

static size_t encode_spend(cxm_spend *t, unsigned char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_spend_encode(t, out, ROOM, &len), CXM_OK);
    return len;
}

static void assert_bytes(cxm_cbs *t, const unsigned char *want, size_t len)
{
    assert_int_equal(encode(t, third), len);
    assert_memory_equal(third, want, len);
}

static void assert_spend_bytes(cxm_spend *t, const unsigned char *want, size_t len)
{
    assert_int_equal(encode_spend(t, third), len);
    assert_memory_equal(third, want, len);
}

/* Either table of the same bytes, whose kind tells which; all that is there is freed again. */
static cxm_status decode_any(const unsigned char *at, size_t len, uint64_t max_bytes)
{
    cxm_cbs *t = NULL;
    cxm_spend *s = NULL;
    cxm_status a = cxm_cbs_decode(at, len, max_bytes, 5, NULL, &t), b = cxm_spend_decode(at, len, max_bytes, 6, NULL, &s);
    assert_true((a == CXM_OK) == (t != NULL) && (b == CXM_OK) == (s != NULL) && (a != CXM_OK || b != CXM_OK));
    if (t) assert_bytes(t, at, len);
    if (s) assert_spend_bytes(s, at, len);
    cxm_cbs_free(t);
    cxm_spend_free(s);
    return a == CXM_E_FORMAT ? b : a;
}

/* The bytes by hand: the layout of cbs_codec.c; the two checks by a script of their definitions. */
static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x85, 0x1b, 0x92, 0x66, 0xe5, 0x3f, 0x1f, 0xb1, 0x63, 0x62, 0x73, 0x20, 0x70, 0x65, 0x72, 0x5f,
        0x75, 0x6e, 0x69, 0x74, 0x3d, 0x37, 0x01, 0x03, 0x00, 0x1e, 0x02, 0x00, 0x01, 0x01, 0x02, 0x09, 0x15, 0x01, 0x8e, 0x85,
        0x63, 0xec, 0x88, 0xd5, 0x53, 0x38
    };
    cxm_cbs *t = make(7.0, 1);
    assert_int_equal(cxm_cbs_add(t, 2, 9, 30, 1), CXM_OK);
    assert_int_equal(cxm_cbs_add(t, 0, 0, 31, 1), CXM_OK);
    assert_int_equal(cxm_cbs_add(t, 1, 31, 30, 1), CXM_E_DOMAIN);
    assert_int_equal(cxm_cbs_add(t, 0, 0, 30, 2), CXM_OK);
    assert_bytes(t, want, sizeof want);
    cxm_cbs_free(t);
}

/* Three spent 500 at once, one 2500. */
static void the_other_table_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x0d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x95, 0x2a, 0x3d, 0xe3, 0xeb, 0xa1, 0x25, 0xb2, 0x73, 0x70, 0x65, 0x6e, 0x64, 0x20, 0x70, 0x65,
        0x72, 0x5f, 0x75, 0x6e, 0x69, 0x74, 0x3d, 0x31, 0x30, 0x30, 0x00, 0x02, 0x01, 0xf4, 0x03, 0x03, 0x00, 0xd0, 0x0f, 0x01,
        0x73, 0xd5, 0x61, 0xbb, 0xac, 0x66, 0xff, 0x1b
    };
    cxm_spend *t = make_spend(100.0, 1);
    assert_int_equal(cxm_spend_add(t, 1, 2500, 1), CXM_OK);
    assert_int_equal(cxm_spend_add(t, 1, 500, 3), CXM_OK);
    assert_spend_bytes(t, want, sizeof want);
    cxm_spend_free(t);
}

/* Now and then the ends of the ranges, and what is none. */
static void add_some(cxm_cbs *t, cxm_spend *s, uint64_t *seed)
{
    static const uint32_t xs[] = {0, 1, 2, 3, 40, CXM_CBS_X_MAX, UINT32_MAX}, ticks[] = {0, 1, 7, 200, 40000, UINT32_MAX - 1, UINT32_MAX};
    uint32_t x = xs[test_rand(seed) % 7], t_x = x ? ticks[test_rand(seed) % 7] : 0, T = ticks[test_rand(seed) % 7];
    int64_t money = test_rand(seed) % 9 ? (int64_t)(test_rand(seed) % 300) : CXM_CBS_MONEY_MAX - (int64_t)(test_rand(seed) % 2);
    uint64_t count = 1 + test_rand(seed) % (test_rand(seed) % 9 ? 3 : UINT64_C(1) << 50);
    cxm_status status = cxm_cbs_add(t, x, t_x, T, count);
    assert_true(status == CXM_OK || status == CXM_E_DOMAIN);
    status = cxm_spend_add(s, x, money, count);
    assert_true(status == CXM_OK || status == CXM_E_DOMAIN);
}

static void it_comes_back_and_lives_on(void **state)
{
    (void)state;
    static const double units[] = {1.0, 7.0, 365.25, 1e-9, 1e9, 0.1, 1.0 / 3.0};
    uint64_t seed = 75;
    for (int trial = 0; trial < 140; ++trial) {
        if (test_left_out()) continue;
        cxm_cbs *t = make(units[trial % 7], 1), *back = NULL;
        cxm_spend *s = make_spend(units[trial % 7], 1), *again = NULL;
        for (uint64_t i = test_rand(&seed) % 150; i > 0; --i) add_some(t, s, &seed);
        size_t len = encode(t, bytes), spend_len = encode_spend(s, more), need = 0;
        assert_int_equal(cxm_cbs_encode(t, third, len - 1, &need), CXM_E_LIMIT);
        assert_int_equal(need, len);
        assert_int_equal(cxm_spend_encode(s, NULL, 0, &need), CXM_E_LIMIT);
        assert_int_equal(need, spend_len);
        assert_int_equal(cxm_cbs_decode(bytes, len, 0, 9, NULL, &back), CXM_OK);
        assert_int_equal(cxm_spend_decode(more, spend_len, 0, 9, NULL, &again), CXM_OK);
        assert_bytes(back, bytes, len);
        assert_spend_bytes(again, more, spend_len);
        cxm_cbs_account a = {.size = sizeof a}, b = a;
        assert_int_equal(cxm_cbs_account_of(t, &a), CXM_OK);
        assert_int_equal(cxm_cbs_account_of(back, &b), CXM_OK);
        a.bytes = b.bytes = 0;
        assert_memory_equal(&a, &b, sizeof a);
        for (int i = 0; i < 30; ++i) {
            uint64_t same = seed;
            add_some(t, s, &seed);
            add_some(back, again, &same);
        }
        len = encode(t, bytes);
        spend_len = encode_spend(s, more);
        assert_bytes(back, bytes, len);
        assert_spend_bytes(again, more, spend_len);
        cxm_cbs_free(t);
        cxm_cbs_free(back);
        cxm_spend_free(s);
        cxm_spend_free(again);
    }
}

/* One bit at a time, checks repaired; then every shorter string. */
static size_t change(const unsigned char *at, size_t len)
{
    size_t accepted = 0;
    for (size_t bit = 0; bit < 8 * len; ++bit) {
        memcpy(more, at, len);
        more[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_true(decode_any(more, len, 1 << 20) != CXM_OK);
        test_repair(more, len);
        cxm_status status = decode_any(more, len, 1 << 20);
        assert_true(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION);
        accepted += status == CXM_OK;
    }
    for (size_t cut = 0; cut < len; ++cut) {
        memcpy(more, at, cut);
        test_repair(more, cut);
        assert_int_equal(decode_any(more, cut, 1 << 20), CXM_E_FORMAT);
    }
    return accepted;
}

static void changed_bytes_are_refused_or_another_table(void **state)
{
    (void)state;
    uint64_t seed = 76;
    for (int trial = 0; trial < 6; ++trial) {
        if (test_left_out()) continue;
        cxm_cbs *t = make(7.0, 1);
        cxm_spend *s = make_spend(100.0, 1);
        for (int i = 0; i < 20; ++i) add_some(t, s, &seed);
        size_t len = encode(t, bytes), accepted = change(bytes, len);
        assert_true(0 < accepted && accepted < 8 * len);
        len = encode_spend(s, bytes);
        accepted = change(bytes, len);
        assert_true(0 < accepted && accepted < 8 * len);
        cxm_cbs_free(t);
        cxm_spend_free(s);
    }
}

/* --- bytes made by hand --- */

static size_t frame(unsigned char kind, const char *spec, const void *payload, size_t len)
{
    size_t spec_len = strlen(spec);
    static const unsigned char head[12] = {0x43, 0x58, 0x4d, 0x01, 0x01};
    memset(more, 0, 64);
    memcpy(more, head, sizeof head);
    more[6] = kind;
    more[12] = (unsigned char)spec_len;
    more[16] = (unsigned char)len;
    memcpy(more + 32, spec, spec_len);
    memcpy(more + 32 + spec_len, payload, len);
    test_repair(more, 40 + spec_len + len);
    return 40 + spec_len + len;
}

#define MADE_OF(status, kind, spec, ...)                                                                            \
    do {                                                                                                            \
        static const unsigned char payload[] = {__VA_ARGS__};                                                       \
        assert_int_equal(decode_any(more, frame((kind), (spec), payload, sizeof payload), 1 << 20), (status));      \
    } while (0)
#define CBS(status, ...) MADE_OF(status, 12, "cbs per_unit=7", __VA_ARGS__)
#define SPEND(status, ...) MADE_OF(status, 13, "spend per_unit=100", __VA_ARGS__)
#define FULL 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01             /* 2^64 - 1 */
#define TICKS 0xff, 0xff, 0xff, 0xff, 0x0f                                          /* 2^32 - 1 */
#define MOST_X 0x80, 0xc2, 0xd7, 0x2f                                               /* 10^8 */

static void rows_have_one_spelling(void **state)
{
    (void)state;
    CBS(CXM_OK, 0, 0);
    CBS(CXM_OK, FULL, 0);
    CBS(CXM_E_FORMAT, 0, 0, 0);                                 /* more behind it */
    CBS(CXM_E_FORMAT, 0);
    CBS(CXM_OK, 0, 1, 0, 0, 1);
    CBS(CXM_E_FORMAT, 0, 1, 0, 0, 0);                           /* of nobody */
    CBS(CXM_E_FORMAT, 0, 1, 0x80, 0x00, 0, 1);                  /* a longer spelling */
    CBS(CXM_E_FORMAT, 0, 2, 0, 0, 1, 0, 0, 1);                  /* a row twice */
    CBS(CXM_OK, 0, 2, 0, 0, 1, 0, 1, 1);
    CBS(CXM_E_FORMAT, 0, 2, 0, 0, 1);                           /* one too few */
    CBS(CXM_E_FORMAT, 0, FULL, 0, 0, 1);
    CBS(CXM_E_FORMAT, 0, 1, 1, 0, 3, 1);                        /* came back at once */
    CBS(CXM_OK, 0, 1, 1, 2, 3, 1);
    CBS(CXM_OK, 0, 3, 1, 2, 3, 1, 0, 0, 1, 1, 0, 1, 0, 1);
    CBS(CXM_E_FORMAT, 0, 3, 1, 2, 3, 1, 0, 0, 0, 1, 0, 1, 0, 1);
    CBS(CXM_OK, 0, 1, MOST_X, 2, 3, 1);
    CBS(CXM_E_FORMAT, 0, 1, 0x81, 0xc2, 0xd7, 0x2f, 2, 3, 1);
    CBS(CXM_E_FORMAT, 0, 2, MOST_X, 2, 3, 1, 1, 2, 3, 1);
    CBS(CXM_E_FORMAT, 0, 2, MOST_X, 2, 3, 1, FULL, 2, 3, 1);    /* a step that wraps */
    CBS(CXM_OK, 0, 1, 0, TICKS, 1);
    CBS(CXM_E_FORMAT, 0, 1, 0, 0x80, 0x80, 0x80, 0x80, 0x10, 1);
    CBS(CXM_OK, 0, 1, 1, TICKS, 0, 1);
    CBS(CXM_E_FORMAT, 0, 1, 1, TICKS, 1, 1);
    CBS(CXM_E_FORMAT, 0, 1, 1, FULL, 1, 1);
    CBS(CXM_E_FORMAT, 0, 2, 0, TICKS, 1, 0, 1, 1);
    CBS(CXM_OK, 0, 2, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1, 1, 0, 1);
    CBS(CXM_E_FORMAT, 0, 2, 0, 0, FULL, 1, 1, 0, 1);            /* more customers than can be counted */
}

static void spend_has_one_spelling(void **state)
{
    (void)state;
    SPEND(CXM_OK, 0, 0);
    SPEND(CXM_OK, 3, 1, 1, 1, 1);
    SPEND(CXM_E_FORMAT, 0, 1, 0, 1, 1);                         /* bought nothing */
    SPEND(CXM_E_FORMAT, 0, 1, 1, 0, 1);                         /* spent nothing */
    SPEND(CXM_E_FORMAT, 0, 1, 1, 1, 0);
    SPEND(CXM_E_FORMAT, 0, 1, 1, 1);
    SPEND(CXM_OK, 0, 2, 1, 1, 1, 0, 1, 1);
    SPEND(CXM_E_FORMAT, 0, 2, 1, 1, 1, 0, 0, 1);
    SPEND(CXM_OK, 0, 2, 1, 9, 1, 1, 1, 1);
    SPEND(CXM_OK, 0, 1, MOST_X, 0x80, 0x80, 0x90, 0xbb, 0xba, 0xd6, 0xad, 0xf0, 0x0d, 1);       /* 10^18 */
    SPEND(CXM_E_FORMAT, 0, 1, MOST_X, 0x81, 0x80, 0x90, 0xbb, 0xba, 0xd6, 0xad, 0xf0, 0x0d, 1);
    SPEND(CXM_E_FORMAT, 0, 1, 0x81, 0xc2, 0xd7, 0x2f, 1, 1);
    SPEND(CXM_E_FORMAT, 0, 2, 1, 5, 1, 0, FULL, 1);
    SPEND(CXM_E_FORMAT, 0, 2, 1, 5, FULL, 0, 1, 1);
}

static void specs_have_one_spelling(void **state)
{
    (void)state;
    static const char *const good[] = {
        "cbs per_unit=1", "cbs per_unit=0.1", "cbs per_unit=1e-9", "cbs per_unit=1000000000", "cbs per_unit=365.25",
    };
    static const char *const bad[] = {
        "", "cbs", "cbs per_unit=", "cbs per_unit=0", "cbs per_unit=-1", "cbs per_unit=1.0", "cbs per_unit=1e0", "cbs per_unit= 1",
        "cbs per_unit=1 ", "cbs per_unit=+1", "cbs per_unit=01", "cbs per_unit=9e-10", "cbs per_unit=1000000001", "cbs per_unit=1e999",
        "cbs per_unit=1E-9", "cbs per_unit=nan",
        "cbs per_unit=0.1000000000000000055511151231257827", "spend per_unit=1", "cbs  per_unit=1", "Cbs per_unit=1",
        "cbs per_unit=0.0000000000000000000000000000000000000000000000000000000000000000000000000000000001e82",
    };
    for (size_t i = 0; i < COUNT_OF(good); ++i) MADE_OF(CXM_OK, 12, good[i], 0, 0);
    for (size_t i = 0; i < COUNT_OF(bad); ++i) MADE_OF(CXM_E_FORMAT, 12, bad[i], 0, 0);
    MADE_OF(CXM_OK, 13, "spend per_unit=1", 0, 0);
    MADE_OF(CXM_E_FORMAT, 13, "cbs per_unit=1", 0, 0);
    MADE_OF(CXM_E_FORMAT, 10, "cbs per_unit=1", 0, 0);          /* another kind */
}

static void memory_is_asked_for_within_the_bound(void **state)
{
    (void)state;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_cbs *t = make(1.0, 1), *back = NULL;
    cxm_spend *s = make_spend(1.0, 1), *again = NULL;
    for (uint32_t i = 0; i < 100; ++i) {
        assert_int_equal(cxm_cbs_add(t, 0, 0, 100 - i, 1), CXM_OK);
        assert_int_equal(cxm_spend_add(s, 1, 1 + (int64_t)i, 1), CXM_OK);
    }
    cxm_cbs_account a = {.size = sizeof a};
    assert_int_equal(cxm_cbs_account_of(t, &a), CXM_OK);
    size_t len = encode(t, bytes), spend_len = encode_spend(s, more);
    assert_int_equal(cxm_cbs_decode(bytes, len, 511, 0, &hook, &back), CXM_E_LIMIT);
    assert_int_equal(cxm_cbs_decode(bytes, len, a.bytes - 1, 0, &hook, &back), CXM_E_LIMIT);
    assert_int_equal(cxm_spend_decode(more, spend_len, a.bytes - 1, 0, &hook, &again), CXM_E_LIMIT);
    assert_int_equal(own.calls, 0);
    for (size_t k = 1; k <= 2; ++k) {
        own = (ledger){.fail_at = k};
        assert_int_equal(cxm_cbs_decode(bytes, len, a.bytes, 0, &hook, &back), CXM_E_MEMORY);
        assert_true(!back && own.live == 0);
    }
    own = (ledger){0};
    assert_int_equal(cxm_cbs_decode(bytes, len, a.bytes, 0, &hook, &back), CXM_OK);
    assert_true(own.peak == a.bytes && own.live == a.bytes && own.calls == 2);
    assert_bytes(back, bytes, len);
    assert_int_equal(cxm_spend_decode(more, spend_len, a.bytes, 0, &hook, &again), CXM_OK);
    cxm_cbs_free(back);
    cxm_spend_free(again);
    assert_int_equal(own.live, 0);
    cxm_cbs_free(t);
    cxm_spend_free(s);
}

static void misuse(void **state)
{
    (void)state;
    cxm_cbs *t = make(1.0, 1), *back = NULL;
    cxm_spend *s = make_spend(1.0, 1), *again = NULL;
    size_t len = encode(t, bytes);
    assert_int_equal(cxm_cbs_encode(NULL, bytes, ROOM, &len), CXM_E_ARG);
    assert_int_equal(cxm_cbs_encode(t, bytes, ROOM, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cbs_encode(t, NULL, 1, &len), CXM_E_ARG);
    assert_int_equal(cxm_spend_encode(NULL, bytes, ROOM, &len), CXM_E_ARG);
    assert_int_equal(cxm_spend_encode(s, bytes, ROOM, NULL), CXM_E_ARG);
    assert_int_equal(cxm_spend_encode(s, NULL, 1, &len), CXM_E_ARG);
    assert_int_equal(cxm_cbs_decode(NULL, len, 0, 0, NULL, &back), CXM_E_ARG);
    assert_int_equal(cxm_cbs_decode(bytes, len, 0, 0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cbs_decode(bytes, len, 0, 0, &(cxm_alloc){0}, &back), CXM_E_ARG);
    assert_int_equal(cxm_spend_decode(NULL, len, 0, 0, NULL, &again), CXM_E_ARG);
    assert_int_equal(cxm_spend_decode(bytes, len, 0, 0, NULL, NULL), CXM_E_ARG);
    assert_true(!back && !again);
    cxm_cbs_free(t);
    cxm_spend_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte), cmocka_unit_test(the_other_table_is_byte_for_byte),
        cmocka_unit_test(it_comes_back_and_lives_on), cmocka_unit_test(changed_bytes_are_refused_or_another_table),
        cmocka_unit_test(rows_have_one_spelling), cmocka_unit_test(spend_has_one_spelling), cmocka_unit_test(specs_have_one_spelling),
        cmocka_unit_test(memory_is_asked_for_within_the_bound), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("value/cbs_codec", tests, NULL, NULL);
}
