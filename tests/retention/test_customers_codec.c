/* SPDX-License-Identifier: MIT */
/* test_customers_codec.c - the worked example byte for byte; what comes back is what went in and lives on; changed, cut and hand-made
 * bytes are refused, or are another state's one spelling. */
#include <cxm/customers.h>
#include <cxm/money.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 15, PAYLOAD = 47 };
static const int64_t S = 1000000;
static unsigned char bytes[ROOM], more[ROOM], third[ROOM];

static cxm_customers *make(const char *currency)
{
    cxm_customers_options options = {.size = sizeof options, .digits = 2};
    cxm_customers *c = NULL;
    if (currency) assert_int_equal(cxm_money_currency(currency, 3, &options.currency), CXM_OK);
    assert_int_equal(cxm_customers_create(&options, NULL, &c), CXM_OK);
    return c;
}

static size_t encode(cxm_customers *c, unsigned char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_customers_encode(c, out, ROOM, &len), CXM_OK);
    return len;
}

static void assert_bytes(cxm_customers *c, const unsigned char *want, size_t len)
{
    assert_int_equal(encode(c, third), len);
    assert_memory_equal(third, want, len);
}

static void add(cxm_customers *c, uint64_t code, int kind, int64_t second, int64_t end, int64_t amount)
{
    cxm_customer_event e = {.at_us = second * S, .end_us = end, .amount = amount, .kind = (uint8_t)kind};
    assert_int_equal(cxm_customers_add(c, code, &e), CXM_OK);
}

static cxm_customers *make_example(void)
{
    cxm_customers *c = make("EUR");
    add(c, 7, CXM_CUSTOMER_PURCHASE, 2, 0, 2000);
    add(c, 5, CXM_CUSTOMER_RENEWAL, 2, 0, 999);
    add(c, 5, CXM_CUSTOMER_CANCEL, 3, 3 * S, 0);
    add(c, 5, CXM_CUSTOMER_SIGNUP, 1, 0, 999);
    return c;
}

/* The bytes by hand: the layout of customers_codec.c; the two checks by a script of their definitions. */
static const unsigned char example[] = {
        0x43, 0x58, 0x4d, 0x01, 0x01, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x00, 0x00, 0x00, 0x1d, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa8, 0xd7, 0x99, 0x67, 0x0c, 0x26, 0x0b, 0x16, 0x63, 0x75, 0x73, 0x74,
        0x6f, 0x6d, 0x65, 0x72, 0x73, 0x20, 0x45, 0x55, 0x52, 0x20, 0x32, 0x04, 0x00, 0x02, 0x05, 0x02, 0x01, 0x00,
        0x80, 0x89, 0x7a, 0xe7, 0x07, 0x05, 0x00, 0x80, 0x92, 0xf4, 0x01, 0x00, 0x02, 0x01, 0x07, 0x00, 0x80, 0x92,
        0xf4, 0x01, 0xd0, 0x0f, 0x11, 0x6f, 0x5b, 0x71, 0x80, 0xb1, 0x19, 0x9c};

static void the_worked_example_is_byte_for_byte(void **state)
{
    (void)state;
    cxm_customers *c = make_example();
    assert_bytes(c, example, sizeof example);
    cxm_customers_free(c);
}

static void add_some(cxm_customers *c, uint64_t *seed)
{
    int kind = 1 + (int)(test_rand(seed) % 7);
    int64_t second = (int64_t)(test_rand(seed) % 50) - 10, end = 0;
    if (kind == CXM_CUSTOMER_CANCEL || kind == CXM_CUSTOMER_PERIOD) end = (second + (int64_t)(test_rand(seed) % 3)) * S;
    if (kind == CXM_CUSTOMER_PERIOD && test_rand(seed) % 3 == 0) end = CXM_CUSTOMERS_NEVER;
    cxm_customer_event e = {.at_us = second * S, .end_us = end, .amount = kind == CXM_CUSTOMER_CANCEL ? 0 : (int64_t)(test_rand(seed) % 3),
                            .part = (uint32_t)(test_rand(seed) % 2), .kind = (uint8_t)kind};
    assert_int_equal(cxm_customers_add(c, 1 + test_rand(seed) % 30, &e), CXM_OK);
}

static void it_comes_back_and_lives_on(void **state)
{
    (void)state;
    uint64_t seed = 81;
    for (int trial = 0; trial < 200; ++trial) {
        if (test_left_out()) continue;
        cxm_customers *c = make(trial % 2 ? "JPY" : NULL), *back = NULL;
        for (uint64_t i = test_rand(&seed) % 150; i > 0; --i) add_some(c, &seed);
        size_t len = encode(c, bytes), need = 0;
        assert_int_equal(cxm_customers_encode(c, more, len - 1, &need), CXM_E_LIMIT);
        assert_int_equal(need, len);
        assert_int_equal(cxm_customers_encode(c, NULL, 0, &need), CXM_E_LIMIT);
        assert_int_equal(cxm_customers_decode(bytes, len, 0, 9, NULL, &back), CXM_OK);
        assert_bytes(back, bytes, len);
        cxm_customers_account a = {.size = sizeof a}, b = a;
        assert_int_equal(cxm_customers_account_of(c, &a), CXM_OK);
        assert_int_equal(cxm_customers_account_of(back, &b), CXM_OK);
        a.bytes = b.bytes = 0;
        assert_memory_equal(&a, &b, sizeof a);
        for (int i = 0; i < 30; ++i) {
            uint64_t again = seed;
            add_some(c, &seed);
            add_some(back, &again);
        }
        len = encode(c, bytes);
        assert_bytes(back, bytes, len);
        cxm_customers_free(c);
        cxm_customers_free(back);
    }
}

/* One bit at a time, checks repaired; then every shorter string. */
static void changed_bytes_are_refused_or_another_state(void **state)
{
    (void)state;
    uint64_t seed = 82;
    for (int trial = 0; trial < 10; ++trial) {
        if (test_left_out()) continue;
        cxm_customers *c = make("EUR"), *back;
        for (int i = 0; i < 20; ++i) add_some(c, &seed);
        size_t len = encode(c, bytes), accepted = 0;
        for (size_t bit = 0; bit < 8 * len; ++bit) {
            back = NULL;
            memcpy(more, bytes, len);
            more[bit / 8] ^= (unsigned char)(1u << bit % 8);
            assert_true(cxm_customers_decode(more, len, 1 << 20, 0, NULL, &back) != CXM_OK && !back);
            test_repair(more, len);
            cxm_status status = cxm_customers_decode(more, len, 1 << 20, 0, NULL, &back);
            assert_true(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
            assert_true((status == CXM_OK) == (back != NULL));
            if (status == CXM_OK) assert_bytes(back, more, len);
            accepted += status == CXM_OK;
            cxm_customers_free(back);
        }
        assert_true(0 < accepted && accepted < 8 * len);
        for (size_t cut = 0; cut < len; ++cut) {
            back = NULL;
            memcpy(more, bytes, cut);
            test_repair(more, cut);
            assert_true(cxm_customers_decode(more, cut, 0, 0, NULL, &back) != CXM_OK && !back);
        }
        cxm_customers_free(c);
    }
}

/* Bytes of the example's payload, changed where a rule is broken that a single bit hardly breaks. */
static void rules_of_the_layout(void **state)
{
    (void)state;
    static const struct { const char *what; size_t at; unsigned char value; } rows[] = {
        {"fewer received than held", PAYLOAD, 2}, {"more customers than bytes", PAYLOAD + 2, 100}, {"no events", PAYLOAD + 4, 0},
        {"more events than bytes", PAYLOAD + 4, 100}, {"no such kind", PAYLOAD + 5, 9}, {"a renewal that is no first", PAYLOAD + 12, 4},
        {"a customer twice", PAYLOAD + 19, 0}, {"digits past 4", PAYLOAD - 1, '7'}, {"digits that are none", PAYLOAD - 1, '/'},
        {"a currency in lower case", PAYLOAD - 5, 'e'}, {"another word", PAYLOAD - 15, 'C'}};
    cxm_customers *back = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        print_message("%s\n", rows[i].what);
        memcpy(more, example, sizeof example);
        more[rows[i].at] = rows[i].value;
        test_repair(more, sizeof example);
        assert_int_equal(cxm_customers_decode(more, sizeof example, 0, 0, NULL, &back), CXM_E_FORMAT);
        assert_null(back);
    }
    memcpy(more, example, sizeof example);
    more[6] = 7;
    test_repair(more, sizeof example);
    assert_int_equal(cxm_customers_decode(more, sizeof example, 0, 0, NULL, &back), CXM_E_FORMAT);
    assert_int_equal(cxm_customers_decode(NULL, 5, 0, 0, NULL, &back), CXM_E_ARG);
    assert_int_equal(cxm_customers_decode(example, sizeof example, 0, 0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_customers_decode(example, sizeof example, 100, 0, NULL, &back), CXM_E_LIMIT);
}

static void a_bound_and_failing_memory(void **state)
{
    (void)state;
    uint64_t seed = 83;
    cxm_customers *c = make("EUR"), *back = NULL;
    for (int i = 0; i < 600; ++i) add_some(c, &seed);
    size_t len = encode(c, bytes), k = 0;
    for (cxm_status status = CXM_E_MEMORY; status != CXM_OK;) {
        ledger own = {.fail_at = ++k};
        cxm_alloc hook = ledger_hook(&own);
        status = cxm_customers_decode(bytes, len, 0, 0, &hook, &back);
        assert_true(status == CXM_OK || (status == CXM_E_MEMORY && !back && own.live == 0));
        if (status == CXM_OK) assert_bytes(back, bytes, len);
        if (status == CXM_OK) cxm_customers_free(back);
        assert_int_equal(own.live, 0);
    }
    assert_true(k > 5);
    ledger own = {.fail_at = 0};
    cxm_alloc hook = ledger_hook(&own);
    back = NULL;
    assert_int_equal(cxm_customers_decode(bytes, len, 16 * 1024, 0, &hook, &back), CXM_E_LIMIT);
    assert_true(!back && own.live == 0 && own.peak <= 16 * 1024);
    assert_int_equal(cxm_customers_encode(NULL, bytes, ROOM, &len), CXM_E_ARG);
    assert_int_equal(cxm_customers_encode(c, NULL, 5, &len), CXM_E_ARG);
    cxm_customers_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_is_byte_for_byte),
        cmocka_unit_test(it_comes_back_and_lives_on),
        cmocka_unit_test(changed_bytes_are_refused_or_another_state),
        cmocka_unit_test(rules_of_the_layout),
        cmocka_unit_test(a_bound_and_failing_memory),
    };
    return cmocka_run_group_tests_name("retention/customers_codec", tests, NULL, NULL);
}
