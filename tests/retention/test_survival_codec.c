/* SPDX-License-Identifier: MIT */
/* test_survival_codec.c - the worked example byte for byte; any partition to the same bytes; what comes back is what went in;
 * changed, cut and hand-made bytes are refused, or are another histogram's one spelling. */
#include <cxm/survival.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 14 };
static unsigned char bytes[ROOM], more[ROOM], third[ROOM];

static cxm_survival *make(int64_t cap)
{
    cxm_survival *s = NULL;
    assert_int_equal(cxm_survival_create(cap, NULL, &s), CXM_OK);
    return s;
}

static size_t encode(const cxm_survival *s, unsigned char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_survival_encode(s, out, ROOM, &len), CXM_OK);
    return len;
}

static void assert_bytes(const cxm_survival *s, const unsigned char *want, size_t len)
{
    assert_int_equal(encode(s, third), len);
    assert_memory_equal(third, want, len);
}

static void add_some(cxm_survival *s, uint64_t *seed, uint64_t most)
{
    int64_t entry = test_rand(seed) % 2 ? 0 : (int64_t)(test_rand(seed) % most);
    int64_t exit = (int64_t)(test_rand(seed) % (most + most / 3 + 1));
    uint64_t count = test_rand(seed) % 8 ? 1 : test_rand(seed) >> 16;
    cxm_survival_add_count(s, entry, exit, (int32_t)(test_rand(seed) % 2), count);
}

/* The bytes by hand: the layout of survival_codec.c; the two checks by a script of their definitions. */
static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    static const unsigned char want[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x00, 0x00, 0x00, 0x0c, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xaa, 0xfa, 0xb4, 0xa4, 0x0c, 0x1b, 0x01, 0x04, 0x73, 0x75, 0x72, 0x76,
        0x69, 0x76, 0x61, 0x6c, 0x20, 0x63, 0x61, 0x70, 0x20, 0x33, 0x30, 0x01, 0x01, 0x00, 0x02, 0x01, 0x00, 0x00,
        0x01, 0x02, 0x02, 0x00, 0x00, 0x53, 0x32, 0x15, 0x64, 0x28, 0xd5, 0xc8, 0x5d};
    cxm_survival *s = make(30);
    assert_int_equal(cxm_survival_add(s, 0, 3, 1), CXM_OK);
    assert_int_equal(cxm_survival_add(s, 0, 300, 0), CXM_OK);
    assert_int_equal(cxm_survival_add(s, 1, 3, 1), CXM_OK);
    assert_int_equal(cxm_survival_add(s, 0, -5, 0), CXM_E_DOMAIN);
    assert_bytes(s, want, sizeof want);
    cxm_survival_free(s);
}

/* Parts that grew differently, in any tree, with what came and went again. */
static void parts_are_the_whole(void **state)
{
    (void)state;
    uint64_t seed = 51;
    for (int trial = 0; trial < 100; ++trial) {
        uint64_t most = 1 + test_rand(&seed) % 300;
        cxm_survival *whole = make((int64_t)most), *part[3];
        for (int i = 0; i < 3; ++i) part[i] = make((int64_t)most);
        for (int i = 0; i < 200; ++i) {
            uint64_t again = seed;
            add_some(whole, &seed, most);
            add_some(part[i % 3], &again, most);
        }
        int64_t passing = (int64_t)most;
        assert_int_equal(cxm_survival_add(part[0], 0, passing, 1), CXM_OK);
        assert_int_equal(cxm_survival_remove(part[0], 0, passing, 1), CXM_OK);
        size_t len = encode(whole, bytes);
        assert_int_equal(cxm_survival_merge(part[1], part[trial % 2 ? 2 : 0]), CXM_OK);
        assert_int_equal(cxm_survival_merge(part[trial % 2 ? 0 : 2], part[1]), CXM_OK);
        assert_bytes(part[trial % 2 ? 0 : 2], bytes, len);
        cxm_survival_free(whole);
        for (int i = 0; i < 3; ++i) cxm_survival_free(part[i]);
    }
}

static void it_comes_back_and_lives_on(void **state)
{
    (void)state;
    uint64_t seed = 52;
    for (int trial = 0; trial < 100; ++trial) {
        uint64_t most = 1 + test_rand(&seed) % 200;
        cxm_survival *s = make((int64_t)most), *back = NULL;
        for (uint64_t i = test_rand(&seed) % 100; i > 0; --i) add_some(s, &seed, most);
        size_t len = encode(s, bytes), need = 0;
        assert_int_equal(cxm_survival_encode(s, more, len - 1, &need), CXM_E_LIMIT);
        assert_int_equal(need, len);
        assert_int_equal(cxm_survival_encode(s, NULL, 0, &need), CXM_E_LIMIT);
        assert_int_equal(cxm_survival_decode(bytes, len, cxm_survival_bytes_most((int64_t)most), NULL, &back), CXM_OK);
        assert_bytes(back, bytes, len);
        cxm_survival_account a = {.size = sizeof a}, b = a;
        assert_int_equal(cxm_survival_account_of(s, &a), CXM_OK);
        assert_int_equal(cxm_survival_account_of(back, &b), CXM_OK);
        assert_memory_equal(&a, &b, sizeof a);
        for (int i = 0; i < 20; ++i) {
            uint64_t again = seed;
            add_some(s, &seed, most);
            add_some(back, &again, most);
        }
        len = encode(s, bytes);
        assert_bytes(back, bytes, len);
        cxm_survival_free(s);
        cxm_survival_free(back);
    }
}

/* One bit at a time, checks repaired; then every shorter string. */
static void changed_bytes_are_refused_or_another_histogram(void **state)
{
    (void)state;
    uint64_t seed = 53;
    for (int trial = 0; trial < 10; ++trial) {
        cxm_survival *s = make(40), *back;
        for (int i = 0; i < 20; ++i) add_some(s, &seed, 40);
        size_t len = encode(s, bytes), accepted = 0;
        for (size_t bit = 0; bit < 8 * len; ++bit) {
            back = NULL;
            memcpy(more, bytes, len);
            more[bit / 8] ^= (unsigned char)(1u << bit % 8);
            assert_true(cxm_survival_decode(more, len, 1 << 20, NULL, &back) != CXM_OK && !back);
            test_repair(more, len);
            cxm_status status = cxm_survival_decode(more, len, 1 << 20, NULL, &back);
            assert_true(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
            assert_true((status == CXM_OK) == (back != NULL));
            if (status == CXM_OK) assert_bytes(back, more, len);
            accepted += status == CXM_OK;
            cxm_survival_free(back);
        }
        assert_true(0 < accepted && accepted < 8 * len);
        for (size_t cut = 0; cut < len; ++cut) {
            back = NULL;
            memcpy(more, bytes, cut);
            test_repair(more, cut);
            assert_int_equal(cxm_survival_decode(more, cut, 1 << 20, NULL, &back), CXM_E_FORMAT);
            assert_null(back);
        }
        cxm_survival_free(s);
    }
}

/* --- bytes made by hand --- */

static size_t frame(const char *spec, const void *payload, size_t len)
{
    size_t spec_len = strlen(spec);
    static const unsigned char head[12] = {0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x07};
    memset(more, 0, 64);
    memcpy(more, head, sizeof head);
    more[12] = (unsigned char)spec_len;
    more[16] = (unsigned char)len;
    memcpy(more + 32, spec, spec_len);
    memcpy(more + 32 + spec_len, payload, len);
    test_repair(more, 40 + spec_len + len);
    return 40 + spec_len + len;
}

static cxm_status decode_made(const char *spec, const void *payload, size_t len, size_t most)
{
    cxm_survival *back = NULL;
    size_t total = frame(spec, payload, len);
    cxm_status status = cxm_survival_decode(more, total, most, NULL, &back);
    assert_true((status == CXM_OK) == (back != NULL));
    if (back) assert_bytes(back, more, total);
    cxm_survival_free(back);
    return status;
}

#define MADE(status, spec, most, ...)                                                       \
    do {                                                                                    \
        static const unsigned char payload[] = {__VA_ARGS__};                               \
        assert_int_equal(decode_made((spec), payload, sizeof payload, (most)), (status));   \
    } while (0)

static void what_no_customers_have_is_refused(void **state)
{
    (void)state;
    MADE(CXM_OK, "survival cap 9", 0, 0, 0, 0, 0);
    MADE(CXM_OK, "survival cap 9", 0, 1, 0, 0, 1, 9, 0, 0, 1);                 /* enters at the cap, leaves past it */
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 1, 9, 0, 0, 1);           /* ... and never leaves */
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 1, 5, 1, 0, 1);           /* leaves as it enters */
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 2, 2, 1, 0, 0, 1, 0, 0, 1);       /* before it enters */
    MADE(CXM_OK, "survival cap 9", 0, 0, 0, 0, 2, 2, 0, 0, 1, 1, 1, 0, 0);
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 1, 0, 0, 1, 0, 0, 0, 1);           /* late at 0 */
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 1, 3, 0, 0, 0);           /* nothing at a time */
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 1, 10, 1, 0, 0);          /* past the cap */
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 2, 3, 1, 0, 0, 7, 1, 0, 0);
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 2, 3, 1, 0, 0, 0, 1, 0, 0);       /* one time twice */
    MADE(CXM_OK, "survival cap 9", 0, 0, 0, 0, 2, 0, 1, 0, 0, 1, 1, 0, 0);
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 1, 3, 1, 0, 0, 0);        /* more behind it */
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 0, 0);
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 2, 3, 1, 0, 0);           /* fewer than told */
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 3, 1, 0, 0);
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1, 0, 0);
    MADE(CXM_E_FORMAT, "survival cap 9", 0, 1, 0, 0, 1, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0);  /* n */
    MADE(CXM_OK, "survival cap 9", 0, 0, 0, 0, 1, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0);
    static const char *const specs[] = {"survival cap 0", "survival cap 16777216", "survival cap 09", "survival cap 9 ", "survival cap", "",
                                        "survival cap -9", "survival cap 9.0", "survival cap 1e1", "Survival cap 9", "scale 0..10"};
    for (size_t i = 0; i < COUNT_OF(specs); ++i) MADE(CXM_E_FORMAT, specs[i], 0, 0, 0, 0, 0);
}

/* Nothing is asked for past the bound, and a late time far away is what it costs. */
static void memory_is_asked_for_within_the_bound(void **state)
{
    (void)state;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_survival *s = make(CXM_SURVIVAL_CAP_MAX), *back = NULL;
    cxm_survival_add(s, 0, 9999, 1);
    size_t len = encode(s, bytes), own_bytes = cxm_survival_bytes_most(1) - 2 * 24, need = own_bytes + 24 * 10000;
    assert_int_equal(cxm_survival_decode(bytes, len, need - 1, &hook, &back), CXM_E_LIMIT);
    assert_int_equal(cxm_survival_decode(bytes, len, own_bytes - 1, &hook, &back), CXM_E_LIMIT);
    assert_int_equal(cxm_survival_decode(bytes, len, own_bytes, &hook, &back), CXM_E_LIMIT);
    assert_true(!back && own.peak <= own_bytes && own.live == 0);
    for (size_t fail = 1; fail <= 2; ++fail) {
        own = (ledger){.fail_at = fail};
        assert_int_equal(cxm_survival_decode(bytes, len, need, &hook, &back), CXM_E_MEMORY);
        assert_true(!back && own.live == 0);
    }
    own = (ledger){0};
    assert_int_equal(cxm_survival_decode(bytes, len, need, &hook, &back), CXM_OK);
    assert_true(own.peak == need && cxm_survival_bytes(back) == need);
    assert_bytes(back, bytes, len);
    cxm_survival_free(back);
    assert_int_equal(own.live, 0);
    cxm_survival_free(s);
}

static void misuse(void **state)
{
    (void)state;
    cxm_survival *s = make(30), *back = NULL;
    size_t len = 0;
    cxm_survival_add(s, 0, 5, 0);
    cxm_survival_add(s, 10, 20, 1);
    cxm_survival_remove(s, 0, 20, 1);
    assert_int_equal(cxm_survival_encode(s, bytes, ROOM, &len), CXM_E_UNDEFINED);
    assert_int_equal(cxm_survival_encode(NULL, bytes, ROOM, &len), CXM_E_ARG);
    assert_int_equal(cxm_survival_encode(s, bytes, ROOM, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_encode(s, NULL, ROOM, &len), CXM_E_ARG);
    assert_int_equal(len, 0);
    assert_int_equal(cxm_survival_decode(NULL, 50, 0, NULL, &back), CXM_E_ARG);
    assert_int_equal(cxm_survival_decode(bytes, 50, 0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_decode(bytes, 0, 0, NULL, &back), CXM_E_FORMAT);
    cxm_survival_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte), cmocka_unit_test(parts_are_the_whole),
        cmocka_unit_test(it_comes_back_and_lives_on), cmocka_unit_test(changed_bytes_are_refused_or_another_histogram),
        cmocka_unit_test(what_no_customers_have_is_refused), cmocka_unit_test(memory_is_asked_for_within_the_bound),
        cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/survival_codec", tests, NULL, NULL);
}
