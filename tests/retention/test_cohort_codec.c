/* SPDX-License-Identifier: MIT */
/* test_cohort_codec.c - the worked example byte for byte; what comes back is what went in and lives on; changed, cut and hand-made
 * bytes are refused, or are another triangle's one spelling; memory is asked for within the bound. */
#include <cxm/cohort.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

#define DAY INT64_C(86400000000)
enum { ROOM = 1 << 14 };
static unsigned char bytes[ROOM], more[ROOM], third[ROOM];
static const int64_t JANUARY = INT64_C(1704067200000000);       /* 2024-01-01 */

static cxm_cohort *make(int32_t unit, int32_t basis, int32_t zone_s, int64_t since_us, int64_t days)
{
    cxm_cohort_options o = {.size = sizeof o, .unit = unit, .basis = basis, .zone_s = zone_s, .since_us = since_us,
                            .until_us = JANUARY + days * DAY};
    cxm_cohort *c = NULL;
    assert_int_equal(cxm_cohort_create(&o, NULL, &c), CXM_OK);
    return c;
}

static size_t encode(const cxm_cohort *c, unsigned char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_cohort_encode(c, out, ROOM, &len), CXM_OK);
    return len;
}

static void assert_bytes(const cxm_cohort *c, const unsigned char *want, size_t len)
{
    assert_int_equal(encode(c, third), len);
    assert_memory_equal(third, want, len);
}

/* Days of steps from January 2024 on, -1 for none, and of a purchase. */
static void add(cxm_cohort *c, int64_t from, int64_t to, int64_t amount, int64_t bought, int64_t paid)
{
    cxm_customer_step steps[2] = {{JANUARY + from * DAY, amount}, {JANUARY + to * DAY, 0}};
    cxm_customer_event event = {.at_us = JANUARY + bought * DAY, .amount = paid, .kind = CXM_CUSTOMER_PURCHASE};
    cxm_customer_item item = {.size = sizeof item, .steps = steps, .step_count = from < 0 ? 0 : to < 0 ? 1 : 2, .purchases = &event,
                              .purchase_count = bought >= 0};
    assert_int_equal(cxm_cohort_add(c, &item), CXM_OK);
}

static void add_some(cxm_cohort *c, uint64_t *seed)
{
    int64_t from = (int64_t)(test_rand(seed) % 200) - 10, to = from + 1 + (int64_t)(test_rand(seed) % 100);
    int64_t bought = (int64_t)(test_rand(seed) % 400) - 200;
    add(c, from < 0 ? -1 : from, test_rand(seed) % 2 ? to : -1, 1 + (int64_t)(test_rand(seed) % 100000), bought,
        (int64_t)(test_rand(seed) % 5000));
}

static const char SPEC[] = "cohort month subscription zone 0 since 2024-01-01T00:00:00Z until 2024-04-01T00:00:00Z";

/* The bytes by hand: the layout of cohort_codec.c; the two checks by a script of their definitions. */
static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x56, 0x00, 0x00, 0x00, 0x2a, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0xbc, 0xdc, 0xfb, 0x1a, 0xa3, 0x4a, 0xf7, 0x70, 0x63, 0x6f, 0x68, 0x6f, 0x72, 0x74, 0x20, 0x6d,
        0x6f, 0x6e, 0x74, 0x68, 0x20, 0x73, 0x75, 0x62, 0x73, 0x63, 0x72, 0x69, 0x70, 0x74, 0x69, 0x6f, 0x6e, 0x20, 0x7a, 0x6f,
        0x6e, 0x65, 0x20, 0x30, 0x20, 0x73, 0x69, 0x6e, 0x63, 0x65, 0x20, 0x32, 0x30, 0x32, 0x34, 0x2d, 0x30, 0x31, 0x2d, 0x30,
        0x31, 0x54, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x5a, 0x20, 0x75, 0x6e, 0x74, 0x69, 0x6c, 0x20, 0x32, 0x30,
        0x32, 0x34, 0x2d, 0x30, 0x34, 0x2d, 0x30, 0x31, 0x54, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x5a, 0x00, 0x00,
        0x01, 0x02, 0x00, 0x01, 0x03, 0x01, 0x00, 0x01, 0x00, 0xae, 0x17, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0xae, 0x17, 0x00,
        0x00, 0x01, 0x00, 0x01, 0x00, 0xae, 0x17, 0x00, 0xf4, 0x03, 0x01, 0x01, 0x01, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
        0xde, 0x0b, 0x81, 0x2d, 0xb4, 0xc9, 0xb1, 0x12
    };
    cxm_cohort *c = make(CXM_COHORT_MONTH, 0, 0, JANUARY, 91);
    add(c, 9, -1, 2990, 70, 500);
    add(c, 35, 50, 1000, -1, 0);
    add(c, -1, -1, 0, -1, 0);
    assert_bytes(c, want, sizeof want);
    cxm_cohort_free(c);
}

static void it_comes_back_and_lives_on(void **state)
{
    (void)state;
    static const int32_t zones[] = {0, 3600, -12600, 7, -86399};
    uint64_t seed = 52;
    for (int trial = 0; trial < 120; ++trial) {
        int64_t since = trial % 2 ? CXM_COHORT_EVER : JANUARY - (int64_t)(test_rand(&seed) % 40) * DAY - trial;
        cxm_cohort *c = make(1 + trial % 3, trial % 4, zones[trial % 5], since, 1 + (int64_t)(test_rand(&seed) % 150)), *back = NULL;
        for (uint64_t i = test_rand(&seed) % 40; i > 0; --i) add_some(c, &seed);
        size_t len = encode(c, bytes), need = 0;
        assert_int_equal(cxm_cohort_encode(c, more, len - 1, &need), CXM_E_LIMIT);
        assert_int_equal(need, len);
        assert_int_equal(cxm_cohort_encode(c, NULL, 0, &need), CXM_E_LIMIT);
        assert_int_equal(cxm_cohort_decode(bytes, len, 0, NULL, &back), CXM_OK);
        assert_bytes(back, bytes, len);
        cxm_cohort_account a = {.size = sizeof a}, b = a;
        assert_int_equal(cxm_cohort_account_of(c, &a), CXM_OK);
        assert_int_equal(cxm_cohort_account_of(back, &b), CXM_OK);
        assert_memory_equal(&a, &b, sizeof a);
        for (int i = 0; i < 10; ++i) {
            uint64_t again = seed;
            add_some(c, &seed);
            add_some(back, &again);
        }
        len = encode(c, bytes);
        assert_bytes(back, bytes, len);
        assert_int_equal(cxm_cohort_merge(c, back), CXM_OK);
        cxm_cohort_free(c);
        cxm_cohort_free(back);
    }
}

/* One bit at a time, checks repaired; then every shorter string. */
static void changed_bytes_are_refused_or_another_triangle(void **state)
{
    (void)state;
    uint64_t seed = 53;
    for (int trial = 0; trial < 6; ++trial) {
        cxm_cohort *c = make(CXM_COHORT_MONTH, CXM_COHORT_FIRST, 3600, JANUARY, 150 + trial), *back;
        for (int i = 0; i < 20; ++i) add_some(c, &seed);
        size_t len = encode(c, bytes), accepted = 0;
        for (size_t bit = 0; bit < 8 * len; ++bit) {
            back = NULL;
            memcpy(more, bytes, len);
            more[bit / 8] ^= (unsigned char)(1u << bit % 8);
            assert_true(cxm_cohort_decode(more, len, 1 << 20, NULL, &back) != CXM_OK && !back);
            test_repair(more, len);
            cxm_status status = cxm_cohort_decode(more, len, 1 << 20, NULL, &back);
            assert_true(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
            assert_true((status == CXM_OK) == (back != NULL));
            if (status == CXM_OK) assert_bytes(back, more, len);
            accepted += status == CXM_OK;
            cxm_cohort_free(back);
        }
        assert_true(0 < accepted && accepted < 8 * len);
        for (size_t cut = 0; cut < len; ++cut) {
            back = NULL;
            memcpy(more, bytes, cut);
            test_repair(more, cut);
            assert_int_equal(cxm_cohort_decode(more, cut, 1 << 20, NULL, &back), CXM_E_FORMAT);
            assert_null(back);
        }
        cxm_cohort_free(c);
    }
}

/* --- bytes made by hand --- */

static size_t frame(const char *spec, const void *payload, size_t len)
{
    size_t spec_len = strlen(spec);
    static const unsigned char head[12] = {0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x09};
    memset(more, 0, 64);
    memcpy(more, head, sizeof head);
    more[12] = (unsigned char)spec_len;
    more[16] = (unsigned char)len;
    memcpy(more + 32, spec, spec_len);
    memcpy(more + 32 + spec_len, payload, len);
    test_repair(more, 40 + spec_len + len);
    return 40 + spec_len + len;
}

static cxm_status decode_made(const char *spec, const void *payload, size_t len)
{
    cxm_cohort *back = NULL;
    size_t total = frame(spec, payload, len);
    cxm_status status = cxm_cohort_decode(more, total, 0, NULL, &back);
    assert_true((status == CXM_OK) == (back != NULL));
    if (back) assert_bytes(back, more, total);
    cxm_cohort_free(back);
    return status;
}

#define MADE_OF(status, spec, ...)                                                  \
    do {                                                                            \
        static const unsigned char payload[] = {__VA_ARGS__};                       \
        assert_int_equal(decode_made((spec), payload, sizeof payload), (status));   \
    } while (0)
#define MADE(status, ...) MADE_OF(status, SPEC, __VA_ARGS__)
#define FULL 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01     /* 2^64 - 1 */

/* A cell: at the end, outside, any, monthly amounts high and low, purchases high and low. */
static void what_no_customers_have_is_refused(void **state)
{
    (void)state;
    MADE(CXM_OK, 0, 0, 0, 0);
    MADE(CXM_OK, 1, 2, 3, 1, 2, 2, 1, 1, 0, 2, 0, 5, 0, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, 0, 0);                                              /* more behind it */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1);                                                 /* fewer than told */
    MADE(CXM_E_FORMAT, 0, 0, 0, 2, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, FULL, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0);
    MADE(CXM_E_FORMAT, FULL, 1, 0, 0);                                              /* more than can be counted */
    MADE(CXM_E_FORMAT, FULL, 0, 1, 0);
    MADE(CXM_E_FORMAT, FULL, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 0, 0, 0);                                        /* a cohort of nobody */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 3, 1, 0);                                        /* past the last */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, FULL, 1, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 0, 1, 0);                                        /* who started is in ANY */
    MADE(CXM_OK, 0, 0, 0, 1, 2, 1, 1, 0, 0, 1, 0, 0, 0, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);      /* an age past the data */
    MADE(CXM_E_FORMAT, 0, 0, 0, 2, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0);     /* one cohort twice */
    MADE(CXM_OK, 0, 0, 0, 2, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 0, 1, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);      /* nothing at the last age */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 0, 2, 1, 0, 0, 1, 0, 0, 0, 0);                   /* ANY of age 0 is all */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 1, 0, 0, 2, 0, 0, 0, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 1, 2, 0, 1, 0, 2, 0, 0);                   /* more at the end than there are */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 1, 1, 1, 1, 0, 1, 0, 0);                   /* outside itself */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 1, 1, 0, 1, 0, 0, 0, 0);                   /* pays nothing */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 1, 1, 0, 1, 1, 0, 0, 0);                   /* pays 2^64 */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 1, 0, 0, 1, 0, 1, 0, 0);                   /* nobody pays 1 */
    MADE(CXM_OK, 0, 0, 0, 1, 2, 1, 1, 0, 0, 1, 0, 0, 0, 5);
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 1, 0, 0, 1, 0, 0, 1, 0);                   /* buys for 2^64 */
    MADE(CXM_OK, 0, 0, 0, 1, 1, 2, 2, 1, 0, 2, 0, 3, 0, 0, 2, 1, 1, 0, 9, 0, 0);    /* one stays, one comes back at the very end */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 1, 2, 2, 1, 0, 2, 0, 3, 0, 0, 2, 0, 1, 0, 9, 0, 0);      /* more than n0, and nobody outside */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 1, 2, 2, 1, 0, 2, 0, 3, 0, 0, 2, 2, 1, 0, 9, 0, 0);      /* more outside than can be */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 1, 2, 2, 0, 0, 2, 0, 0, 0, 0, 1, 2, 1, 0, 9, 0, 0);      /* outside of whom */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 1, 2, 2, 1, 0, 2, 0, 3, 0, 0, 1, 0, 0, 0, 9, 0, 0);      /* at the end, so in the next ANY */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 1, 2, 1, 1, 0, 2, 0, 3, 0, 0);
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 1, 2, 2, 1, 0, 2, 0, 3, 0, 0, 1, 0, 3, 0, 9, 0, 0);      /* ANY past the cohort */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 1, 2, 2, 1, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1);      /* bought by nobody */
    MADE(CXM_E_FORMAT, 0, 0, 0, 1, 2, 1, 1, 0, 0, 0x81, 0x00, 0, 0, 0, 0);                  /* a longer spelling */
}

/* In a period that is cut, a cohort has no cell at all. */
static void a_cut_cohort_has_no_cells(void **state)
{
    (void)state;
    static const char spec[] = "cohort month subscription zone 0 since 2024-01-01T00:00:00Z until 2024-03-31T00:00:00Z";
    MADE_OF(CXM_OK, spec, 0, 0, 0, 1, 2, 7, 0);
    MADE_OF(CXM_E_FORMAT, spec, 0, 0, 0, 1, 2, 7, 1, 0, 0, 7, 0, 0, 0, 0);
    MADE_OF(CXM_E_FORMAT, spec, 0, 0, 0, 1, 1, 7, 0);
}

static void specs_have_one_spelling(void **state)
{
    (void)state;
    static const char *const good[] = {
        "cohort week purchase zone -3600 since 2024-01-01T00:00:00.5Z until 2024-01-01T00:00:00.500001Z",
        "cohort quarter first zone 86399 since 2024-01-01T00:00:00Z until 2024-12-01T00:00:00Z",
        "cohort month subscription zone 0 since 1700-01-01T00:00:00Z until 2024-12-01T00:00:00Z",
    };
    static const char *const bad[] = {
        "", "cohort", "cohort year purchase zone 0 since 2024-01-01T00:00:00Z until 2024-12-01T00:00:00Z",
        "cohort week last zone 0 since 2024-01-01T00:00:00Z until 2024-12-01T00:00:00Z",
        "cohort  week first zone 0 since 2024-01-01T00:00:00Z until 2024-12-01T00:00:00Z",
        "cohort week first zone -0 since 2024-01-01T00:00:00Z until 2024-12-01T00:00:00Z",
        "cohort week first zone 86400 since 2024-01-01T00:00:00Z until 2024-12-01T00:00:00Z",
        "cohort week first zone 0 since 2024-01-01 until 2024-12-01T00:00:00Z",
        "cohort week first zone 0 since 2024-01-01T00:00:00Z until 2024-12-01T00:00:00Z ",
        "cohort week first zone 0 since 2024-01-01T00:00:00Z until",
        "cohort week first zone 0 since 2024-01-01T00:00:00Z",
        "cohort week first zone 0 since 2024-01-01T01:00:00+01:00 until 2024-12-01T00:00:00Z",
        "cohort week first zone 0 since 2024-01-01T00:00:00Z until 2024-01-01T00:00:00Z",
        "cohort week first zone 0 since 1700-01-01T00:00:00Z until 2024-12-01T00:00:00Z",     /* too many weeks */
        "cohort month first zone 0 since 2024-01-01T00:00:00Z until 9999-12-31T00:00:00Z",
        "survival cap 30",
    };
    for (size_t i = 0; i < COUNT_OF(good); ++i) MADE_OF(CXM_OK, good[i], 0, 0, 0, 0);
    for (size_t i = 0; i < COUNT_OF(bad); ++i) MADE_OF(CXM_E_FORMAT, bad[i], 0, 0, 0, 0);
    unsigned char nothing[4] = {0};
    size_t len = frame(SPEC, nothing, sizeof nothing);
    cxm_cohort *back = NULL;
    more[6] = 7;        /* a survival histogram's kind */
    test_repair(more, len);
    assert_int_equal(cxm_cohort_decode(more, len, 0, NULL, &back), CXM_E_FORMAT);
    assert_null(back);
}

/* Nothing is asked for past the bound; every allocation may fail. */
static void memory_is_asked_for_within_the_bound(void **state)
{
    (void)state;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_cohort *c = make(CXM_COHORT_MONTH, 0, 0, JANUARY, 366), *back = NULL;
    cxm_cohort_account a = {.size = sizeof a};
    assert_int_equal(cxm_cohort_account_of(c, &a), CXM_OK);
    uint64_t empty = a.bytes;
    add(c, 5, 80, 100, -1, 0);
    add(c, 65, 80, 100, -1, 0);
    assert_int_equal(cxm_cohort_account_of(c, &a), CXM_OK);
    size_t len = encode(c, bytes);
    assert_int_equal(cxm_cohort_decode(bytes, len, empty - 1, &hook, &back), CXM_E_LIMIT);
    assert_int_equal(own.peak, 0);
    assert_int_equal(cxm_cohort_decode(bytes, len, a.bytes - 1, &hook, &back), CXM_E_LIMIT);
    assert_true(!back && own.peak == empty && own.live == 0);
    for (size_t fail = 1; fail <= 3; ++fail) {
        own = (ledger){.fail_at = fail};
        assert_int_equal(cxm_cohort_decode(bytes, len, a.bytes, &hook, &back), CXM_E_MEMORY);
        assert_true(!back && own.live == 0);
    }
    own = (ledger){0};
    assert_int_equal(cxm_cohort_decode(bytes, len, a.bytes, &hook, &back), CXM_OK);
    assert_true(own.peak == a.bytes && own.live == a.bytes);
    assert_bytes(back, bytes, len);
    cxm_cohort_free(back);
    assert_int_equal(own.live, 0);
    cxm_cohort_free(c);
}

static void misuse(void **state)
{
    (void)state;
    cxm_cohort *c = make(CXM_COHORT_MONTH, 0, 0, JANUARY, 91), *back = NULL;
    size_t len = 0;
    assert_int_equal(cxm_cohort_encode(NULL, bytes, ROOM, &len), CXM_E_ARG);
    assert_int_equal(cxm_cohort_encode(c, bytes, ROOM, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cohort_encode(c, NULL, ROOM, &len), CXM_E_ARG);
    assert_int_equal(len, 0);
    assert_int_equal(cxm_cohort_decode(NULL, 50, 0, NULL, &back), CXM_E_ARG);
    assert_int_equal(cxm_cohort_decode(bytes, 50, 0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cohort_decode(bytes, 0, 0, NULL, &back), CXM_E_FORMAT);
    cxm_cohort_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte), cmocka_unit_test(it_comes_back_and_lives_on),
        cmocka_unit_test(changed_bytes_are_refused_or_another_triangle), cmocka_unit_test(what_no_customers_have_is_refused),
        cmocka_unit_test(a_cut_cohort_has_no_cells), cmocka_unit_test(specs_have_one_spelling),
        cmocka_unit_test(memory_is_asked_for_within_the_bound), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/cohort_codec", tests, NULL, NULL);
}
