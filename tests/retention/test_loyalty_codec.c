/* SPDX-License-Identifier: MIT */
/* test_loyalty_codec.c - the worked example byte for byte; what comes back is what went in and lives on; changed, cut and hand-made
 * bytes are refused, or are another state's one spelling; memory is asked for within the bound. */
#include <cxm/loyalty.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

#define DAY INT64_C(86400000000)
enum { ROOM = 1 << 14 };
static unsigned char bytes[ROOM], more[ROOM], third[ROOM];
static const int64_t JANUARY = INT64_C(1704067200000000);       /* 2024-01-01 */

static cxm_loyalty *make(const cxm_loyalty_options *options)
{
    cxm_loyalty *l = NULL;
    assert_int_equal(cxm_loyalty_create(options, NULL, &l), CXM_OK);
    return l;
}

static cxm_loyalty_options quarter(void)
{
    return (cxm_loyalty_options){.size = sizeof(cxm_loyalty_options), .since_us = CXM_LOYALTY_EVER, .until_us = JANUARY + 91 * DAY,
                                 .days = 30, .thresholds = 1, .threshold = {1000}};
}

static size_t encode(const cxm_loyalty *l, unsigned char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_loyalty_encode(l, out, ROOM, &len), CXM_OK);
    return len;
}

static void assert_bytes(const cxm_loyalty *l, const unsigned char *want, size_t len)
{
    assert_int_equal(encode(l, third), len);
    assert_memory_equal(third, want, len);
}

/* Purchases on days from January 2024 on; voice -1: not told. */
static void add(cxm_loyalty *l, const int64_t *days, const int64_t *amounts, size_t n, int32_t voice)
{
    cxm_customer_event events[40] = {{0}};
    cxm_customer_item item = {.size = sizeof item, .purchases = events, .purchase_count = n};
    for (size_t i = 0; i < n; ++i)
        events[i] = (cxm_customer_event){.at_us = JANUARY + days[i] * DAY, .amount = amounts[i], .kind = CXM_CUSTOMER_PURCHASE};
    assert_int_equal(cxm_loyalty_add(l, &item), CXM_OK);
    if (voice >= 0) assert_int_equal(cxm_loyalty_add_voice(l, &item, voice & 1, voice >> 1), CXM_OK);
}

static void add_some(cxm_loyalty *l, uint64_t *seed)
{
    int64_t days[40], amounts[40], day = (int64_t)(test_rand(seed) % 100) - 10;
    size_t n = test_rand(seed) % 10 ? test_rand(seed) % 4 : test_rand(seed) % 41;
    for (size_t i = 0; i < n; ++i) {
        days[i] = day;
        day += (int64_t)(test_rand(seed) % 4);
        amounts[i] = (int64_t)(test_rand(seed) % 1200);
    }
    add(l, days, amounts, n, (int32_t)(test_rand(seed) % 5) - 1);
}

static const char SPEC[] = "loyalty purchases zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 1 1000";

/* The bytes by hand: the layout of loyalty_codec.c; the two checks by a script of their definitions. */
static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x53, 0x00, 0x00, 0x00, 0x17, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x51, 0xeb, 0x6c, 0xde, 0x0d, 0x8d, 0xa4, 0x9e, 0x6c, 0x6f, 0x79, 0x61, 0x6c, 0x74, 0x79, 0x20,
        0x70, 0x75, 0x72, 0x63, 0x68, 0x61, 0x73, 0x65, 0x73, 0x20, 0x7a, 0x6f, 0x6e, 0x65, 0x20, 0x30, 0x20, 0x73, 0x69, 0x6e,
        0x63, 0x65, 0x20, 0x65, 0x76, 0x65, 0x72, 0x20, 0x75, 0x6e, 0x74, 0x69, 0x6c, 0x20, 0x32, 0x30, 0x32, 0x34, 0x2d, 0x30,
        0x34, 0x2d, 0x30, 0x31, 0x54, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x5a, 0x20, 0x64, 0x61, 0x79, 0x73, 0x20,
        0x33, 0x30, 0x20, 0x74, 0x69, 0x65, 0x72, 0x73, 0x20, 0x31, 0x20, 0x31, 0x30, 0x30, 0x30, 0x01, 0x01, 0x00, 0x00, 0x00,
        0x03, 0x01, 0x01, 0x01, 0x01, 0x01, 0x00, 0xf4, 0x03, 0x01, 0x02, 0x00, 0xcc, 0x08, 0x01, 0x01, 0x00, 0x01, 0x7f, 0x83,
        0xa2, 0x44, 0x9f, 0xed, 0xa8, 0xf4
    };
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = make(&o);
    add(l, (const int64_t[]){60, 90}, (const int64_t[]){300, 800}, 2, 0);
    add(l, (const int64_t[]){1}, (const int64_t[]){500}, 1, 1);
    add(l, NULL, NULL, 0, -1);
    assert_bytes(l, want, sizeof want);
    cxm_loyalty_free(l);
}

static void it_comes_back_and_lives_on(void **state)
{
    (void)state;
    static const int32_t zones[] = {0, 3600, -12600, 7, -86399};
    uint64_t seed = 62;
    for (int trial = 0; trial < 120; ++trial) {
        cxm_loyalty_options o = quarter();
        if (trial % 2) o.since_us = JANUARY - trial;
        o.by_day = trial % 3 == 0;
        o.zone_s = zones[trial % 5];
        o.days = 1 + (uint32_t)(test_rand(&seed) % 100);
        o.thresholds = (uint32_t)(test_rand(&seed) % 17);
        for (uint32_t i = 0; i < 16; ++i) o.threshold[i] = i < o.thresholds ? 1 + 700 * (int64_t)i : 0;
        if (o.thresholds == 16) o.threshold[15] = CXM_LOYALTY_THRESHOLD_MAX;
        cxm_loyalty *l = make(&o), *back = NULL;
        for (uint64_t i = test_rand(&seed) % 40; i > 0; --i) add_some(l, &seed);
        size_t len = encode(l, bytes), need = 0;
        assert_int_equal(cxm_loyalty_encode(l, more, len - 1, &need), CXM_E_LIMIT);
        assert_int_equal(need, len);
        assert_int_equal(cxm_loyalty_encode(l, NULL, 0, &need), CXM_E_LIMIT);
        assert_int_equal(cxm_loyalty_decode(bytes, len, 0, NULL, &back), CXM_OK);
        assert_bytes(back, bytes, len);
        cxm_loyalty_summary a = {.size = sizeof a}, b = a;
        assert_int_equal(cxm_loyalty_summarize(l, 0.0, &a), CXM_OK);
        assert_int_equal(cxm_loyalty_summarize(back, 0.0, &b), CXM_OK);
        assert_true(a.customers == b.customers && a.purchases == b.purchases);
        assert_true(a.silent.n == b.silent.n && a.median_days == b.median_days);
        for (int i = 0; i < 10; ++i) {
            uint64_t again = seed;
            add_some(l, &seed);
            add_some(back, &again);
        }
        len = encode(l, bytes);
        assert_bytes(back, bytes, len);
        assert_int_equal(cxm_loyalty_merge(l, back), CXM_OK);
        cxm_loyalty_free(l);
        cxm_loyalty_free(back);
    }
}

/* One bit at a time, checks repaired; then every shorter string. */
static void changed_bytes_are_refused_or_another_state(void **state)
{
    (void)state;
    uint64_t seed = 63;
    for (int trial = 0; trial < 6; ++trial) {
        cxm_loyalty_options o = quarter();
        o.by_day = trial % 2;
        if (trial % 3 == 0) o.since_us = JANUARY;
        cxm_loyalty *l = make(&o), *back;
        for (int i = 0; i < 20; ++i) add_some(l, &seed);
        size_t len = encode(l, bytes), accepted = 0;
        for (size_t bit = 0; bit < 8 * len; ++bit) {
            back = NULL;
            memcpy(more, bytes, len);
            more[bit / 8] ^= (unsigned char)(1u << bit % 8);
            assert_true(cxm_loyalty_decode(more, len, 1 << 20, NULL, &back) != CXM_OK && !back);
            test_repair(more, len);
            cxm_status status = cxm_loyalty_decode(more, len, 1 << 20, NULL, &back);
            assert_true(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION);
            assert_true((status == CXM_OK) == (back != NULL));
            if (status == CXM_OK) assert_bytes(back, more, len);
            accepted += status == CXM_OK;
            cxm_loyalty_free(back);
        }
        assert_true(0 < accepted && accepted < 8 * len);
        for (size_t cut = 0; cut < len; ++cut) {
            back = NULL;
            memcpy(more, bytes, cut);
            test_repair(more, cut);
            assert_int_equal(cxm_loyalty_decode(more, cut, 1 << 20, NULL, &back), CXM_E_FORMAT);
            assert_null(back);
        }
        cxm_loyalty_free(l);
    }
}

/* --- bytes made by hand --- */

static size_t frame(const char *spec, const void *payload, size_t len)
{
    size_t spec_len = strlen(spec);
    static const unsigned char head[12] = {0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x0a};
    memset(more, 0, 64);
    memcpy(more, head, sizeof head);
    more[12] = (unsigned char)spec_len;
    more[13] = (unsigned char)(spec_len >> 8);
    more[16] = (unsigned char)len;
    memcpy(more + 32, spec, spec_len);
    memcpy(more + 32 + spec_len, payload, len);
    test_repair(more, 40 + spec_len + len);
    return 40 + spec_len + len;
}

static cxm_status decode_made(const char *spec, const void *payload, size_t len)
{
    cxm_loyalty *back = NULL;
    size_t total = frame(spec, payload, len);
    cxm_status status = cxm_loyalty_decode(more, total, 0, NULL, &back);
    assert_true((status == CXM_OK) == (back != NULL));
    if (back) assert_bytes(back, more, total);
    cxm_loyalty_free(back);
    return status;
}

#define MADE_OF(status, spec, ...)                                                  \
    do {                                                                            \
        static const unsigned char payload[] = {__VA_ARGS__};                       \
        assert_int_equal(decode_made((spec), payload, sizeof payload), (status));   \
    } while (0)
#define MADE(status, ...) MADE_OF(status, SPEC, 0, 0, 0, 0, 0, __VA_ARGS__)         /* five voices of nobody */
#define FULL 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01             /* 2^64 - 1 */
#define NONE 0, 0, 0, 0                                                             /* a tier of nobody */

/* Numbers of purchases; tiers: buyers, purchases, money high and low; beyond; days. */
static void what_no_customers_have_is_refused(void **state)
{
    (void)state;
    MADE(CXM_OK, 0, NONE, NONE, 0, 0);
    MADE_OF(CXM_OK, SPEC, 1, 2, 3, 4, 5, 0, NONE, NONE, 0, 0);
    MADE_OF(CXM_E_FORMAT, SPEC, FULL, 1, 0, 0, 0, 0, NONE, NONE, 0, 0);
    MADE_OF(CXM_OK, SPEC, FULL, 0, 0, 0, FULL, 0, NONE, NONE, 0, 0);
    MADE(CXM_E_FORMAT, 0, NONE, NONE, 0, 0, 0);                                     /* more behind it */
    MADE(CXM_E_FORMAT, 0, NONE, NONE, 0);
    MADE(CXM_E_FORMAT, 1, 0, NONE, NONE, 0, 0);                                     /* the last number of nobody */
    MADE(CXM_OK, 1, 7, NONE, NONE, 0, 0);
    MADE(CXM_E_FORMAT, 34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    MADE(CXM_E_FORMAT, FULL);
    MADE(CXM_E_FORMAT, 2, FULL, 1, 1, 1, 0, 5, NONE, 1, 0);                         /* more customers than can be counted */
    MADE(CXM_OK, 2, 0, 1, 1, 1, 0, 5, NONE, 0, 1, 29, 1);
    MADE(CXM_E_FORMAT, 2, 0, 1, NONE, NONE, 0, 1, 29, 1);                           /* in no tier */
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 1, 0, 5, NONE, 0, 0);                            /* on no day */
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 1, 0, 5, NONE, 1, 1, 29, 1);                     /* on two */
    MADE(CXM_E_FORMAT, 0, 1, 1, 0, 5, NONE, 1, 0);                                  /* no customer at all */
    MADE(CXM_E_FORMAT, 2, 0, 1, FULL, FULL, 0, 5, 2, 2, 0, 0x90, 0x4e, 0, 1, 29, 1);        /* sums that wrap */
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 1, 0, 5, NONE, 2, 1, 29, FULL);
    MADE(CXM_OK, 2, 0, 1, 1, 1, 0, 5, NONE, 1, 0);
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 1, 0, 5, NONE, 0, 1, 30, 1);                     /* past the days */
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 1, 0, 5, NONE, 0, 1, FULL, 1);
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 1, 0, 5, NONE, 0, 2, 3, 1, 0, 0);                /* a day of nobody */
    MADE(CXM_E_FORMAT, 2, 0, 2, 2, 2, 0, 5, NONE, 0, 2, 3, 1, 0, 1);                /* a day twice */
    MADE(CXM_OK, 2, 0, 2, 2, 2, 0, 5, NONE, 0, 2, 3, 1, 1, 1);
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 1, 0, 5, NONE, 0, FULL, 3, 1);
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 0, 0, 5, NONE, 1, 0);                            /* bought nothing */
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 2, 0, 5, NONE, 1, 0);                            /* one purchase is not two */
    MADE(CXM_OK, 3, 0, 0, 1, 1, 2, 0, 5, NONE, 1, 0);
    MADE(CXM_E_FORMAT, 3, 0, 0, 1, 1, 1, 0, 5, NONE, 1, 0);                         /* ... nor two one */
    MADE(CXM_E_FORMAT, 2, 0, 1, 1, 1, 0, 0xe8, 0x07, NONE, 1, 0);                   /* 1000 is of the next tier */
    MADE(CXM_OK, 2, 0, 1, 1, 1, 0, 0xe7, 0x07, NONE, 1, 0);
    MADE(CXM_OK, 2, 0, 1, NONE, 1, 1, 0, 0xe8, 0x07, 1, 0);
    MADE(CXM_E_FORMAT, 2, 0, 1, NONE, 1, 1, 0, 0xe7, 0x07, 1, 0);                   /* 999 is of the one before */
    MADE(CXM_E_FORMAT, 2, 0, 1, NONE, 1, 1, 1, 0, 1, 0);                            /* 2^64 */
    MADE(CXM_OK, 2, 0, 1, NONE, 1, 1, 0, 0x80, 0xa0, 0x94, 0xa5, 0x8d, 0x1d, 1, 0);         /* 10^12 at once */
    MADE(CXM_E_FORMAT, 2, 0, 1, NONE, 1, 1, 0, 0x81, 0xa0, 0x94, 0xa5, 0x8d, 0x1d, 1, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, 0, 1, NONE, 0, 0);                                  /* money of nobody */
    MADE(CXM_E_FORMAT, 2, 0, 0x81, 0x00, 1, 1, 0, 5, NONE, 1, 0);                   /* a longer spelling */
}

/* 32 stands for more; so many purchases as the numbers say at least. */
static void many_purchases_are_at_least_so_many(void **state)
{
    (void)state;
#define TIMES_32 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
    MADE(CXM_OK, TIMES_32, 1, 32, 0, 5, NONE, 1, 0);
    MADE(CXM_OK, TIMES_32, 1, 99, 0, 5, NONE, 1, 0);
    MADE(CXM_E_FORMAT, TIMES_32, 1, 31, 0, 5, NONE, 1, 0);
    MADE(CXM_OK, TIMES_32, 1, 0x80, 0x80, 0x40, 0, 5, NONE, 1, 0);                  /* 2^20 */
    MADE(CXM_E_FORMAT, TIMES_32, 1, 0x81, 0x80, 0x40, 0, 5, NONE, 1, 0);
    static const char by_day[] = "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 1 1000";
    MADE_OF(CXM_OK, by_day, 0, 0, 0, 0, 0, 2, 0, 1, 1, 9, 0, 5, NONE, 1, 0);
    MADE_OF(CXM_E_FORMAT, by_day, 0, 0, 0, 0, 0, 3, 0, 0, 1, 1, 1, 0, 5, NONE, 1, 0);
}

static void no_day_is_before_since(void **state)
{
    (void)state;
    static const char spec[] = "loyalty purchases zone 0 since 2024-03-30T12:00:00Z until 2024-04-01T00:00:00Z days 3 tiers 0";
    static const char longer[] = "loyalty purchases zone 0 since 2024-03-30T00:00:00Z until 2024-04-01T00:00:00Z days 2 tiers 0";
    MADE_OF(CXM_OK, spec, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 5, 0, 1, 1, 1);
    MADE_OF(CXM_E_FORMAT, spec, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 5, 0, 1, 2, 1);
    MADE_OF(CXM_E_FORMAT, spec, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 5, 1, 0);
    MADE_OF(CXM_E_FORMAT, longer, 0, 0, 0, 0, 0, 2, 0, 1, 1, 1, 0, 5, 1, 0);
}

static void specs_have_one_spelling(void **state)
{
    (void)state;
    static const char *const good[] = {
        "loyalty days zone -3600 since 2024-01-01T00:00:00.5Z until 2024-01-01T00:00:00.500001Z days 36525 tiers 0",
        "loyalty purchases zone 86399 since ever until 0001-01-01T00:00:00Z days 1 tiers 0",
    };
    static const char *const bad[] = {
        "", "loyalty", "loyalty orders zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 0",
        "loyalty days zone -0 since ever until 2024-04-01T00:00:00Z days 30 tiers 0",
        "loyalty days zone 86400 since ever until 2024-04-01T00:00:00Z days 30 tiers 0",
        "loyalty days zone 0 since Ever until 2024-04-01T00:00:00Z days 30 tiers 0",
        "loyalty days zone 0 since 2024-04-01T00:00:00Z until 2024-04-01T00:00:00Z days 30 tiers 0",
        "loyalty days zone 0 since ever until 2024-04-01 days 30 tiers 0",
        "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 0 tiers 0",
        "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 36526 tiers 0",
        "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 0 ",
        "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 1",
        "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 1 0",
        "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 17",
        "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 2 5 5",
        "loyalty days zone 0 since ever until 2024-04-01T00:00:00Z days 30 tiers 1 1000000000000001",
        "survival cap 30",
    };
    for (size_t i = 0; i < COUNT_OF(good); ++i) MADE_OF(CXM_OK, good[i], 0, 0, 0, 0, 0, 0, NONE, 0, 0);
    for (size_t i = 0; i < COUNT_OF(bad); ++i) MADE_OF(CXM_E_FORMAT, bad[i], 0, 0, 0, 0, 0, 0, NONE, 0, 0);
    unsigned char nothing[16] = {0};
    size_t len = frame(SPEC, nothing, sizeof nothing);
    cxm_loyalty *back = NULL;
    assert_int_equal(cxm_loyalty_decode(more, len, 0, NULL, &back), CXM_OK);
    cxm_loyalty_free(back);
    back = NULL;
    more[6] = 9;        /* a triangle's kind */
    test_repair(more, len);
    assert_int_equal(cxm_loyalty_decode(more, len, 0, NULL, &back), CXM_E_FORMAT);
    assert_null(back);
}

static void memory_is_asked_for_within_the_bound(void **state)
{
    (void)state;
    ledger own = {.fail_at = 1};
    cxm_alloc hook = ledger_hook(&own);
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = make(&o), *back = NULL;
    uint64_t seed = 64;
    for (int i = 0; i < 20; ++i) add_some(l, &seed);
    size_t len = encode(l, bytes), need = cxm_loyalty_bytes(&o);
    assert_int_equal(cxm_loyalty_decode(bytes, len, need - 1, &hook, &back), CXM_E_LIMIT);
    assert_int_equal(own.calls, 0);
    assert_int_equal(cxm_loyalty_decode(bytes, len, need, &hook, &back), CXM_E_MEMORY);
    assert_null(back);
    assert_int_equal(cxm_loyalty_decode(bytes, len, need, &hook, &back), CXM_OK);
    assert_true(own.peak == need && own.live == need);
    assert_bytes(back, bytes, len);
    cxm_loyalty_free(back);
    assert_int_equal(own.live, 0);
    cxm_loyalty_free(l);
}

static void misuse(void **state)
{
    (void)state;
    cxm_loyalty_options o = quarter();
    cxm_loyalty *l = make(&o), *back = NULL;
    size_t len = 0;
    assert_int_equal(cxm_loyalty_encode(NULL, bytes, ROOM, &len), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_encode(l, bytes, ROOM, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_encode(l, NULL, ROOM, &len), CXM_E_ARG);
    assert_int_equal(len, 0);
    assert_int_equal(cxm_loyalty_decode(NULL, 50, 0, NULL, &back), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_decode(bytes, 50, 0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_loyalty_decode(bytes, 0, 0, NULL, &back), CXM_E_FORMAT);
    cxm_loyalty_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte), cmocka_unit_test(it_comes_back_and_lives_on),
        cmocka_unit_test(changed_bytes_are_refused_or_another_state), cmocka_unit_test(what_no_customers_have_is_refused),
        cmocka_unit_test(many_purchases_are_at_least_so_many), cmocka_unit_test(no_day_is_before_since),
        cmocka_unit_test(specs_have_one_spelling), cmocka_unit_test(memory_is_asked_for_within_the_bound), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/loyalty_codec", tests, NULL, NULL);
}
