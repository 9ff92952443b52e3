/* SPDX-License-Identifier: MIT */
/* test_cbs.c - tables of customers against a count by hand and by plain arrays; any order, partition and removal comes to the same
 * bytes; every refusal leaves all as it was. */
#include <cxm/cbs.h>
#include <math.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 17, PARTS = 5 };
static unsigned char bytes[ROOM], more[ROOM];

static cxm_cbs *make(double per_unit, uint64_t max_bytes, uint64_t seed)
{
    cxm_cbs_options o = {.size = sizeof o, .per_unit = per_unit, .max_bytes = max_bytes, .hash_seed = seed};
    cxm_cbs *t = NULL;
    assert_int_equal(cxm_cbs_create(&o, NULL, &t), CXM_OK);
    return t;
}

static cxm_spend *make_spend(uint64_t max_bytes, uint64_t seed)
{
    cxm_cbs_options o = {.size = sizeof o, .per_unit = 100.0, .max_bytes = max_bytes, .hash_seed = seed};
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

static void assert_same(cxm_cbs *a, cxm_cbs *b)
{
    size_t len = encode(a, bytes);
    assert_int_equal(encode(b, more), len);
    assert_memory_equal(bytes, more, len);
}

static void assert_same_spend(cxm_spend *a, cxm_spend *b)
{
    size_t len = encode_spend(a, bytes);
    assert_int_equal(encode_spend(b, more), len);
    assert_memory_equal(bytes, more, len);
}

static cxm_cbs_account account(const cxm_cbs *t)
{
    cxm_cbs_account a = {.size = sizeof a};
    assert_int_equal(cxm_cbs_account_of(t, &a), CXM_OK);
    return a;
}

static cxm_cbs_account account_spend(const cxm_spend *t)
{
    cxm_cbs_account a = {.size = sizeof a};
    assert_int_equal(cxm_spend_account_of(t, &a), CXM_OK);
    return a;
}

/* --- by hand --- */

static void rows_by_hand(void **state)
{
    (void)state;
    static const cxm_cbs_row want[] = {{0, 0, 0, 0, 1}, {0, 0, 30, 0, 5}, {0, 0, 31, 0, 1}, {1, 4, 9, 0, 2}, {1, 5, 5, 0, 1}, {7, 2, 3, 0, 4}};
    cxm_cbs *t = make(7.0, 0, 3);
    cxm_cbs_view view;
    assert_int_equal(cxm_cbs_rows(t, &view), CXM_OK);
    assert_true(view.count == 0 && view.per_unit == 7.0);
    for (size_t i = COUNT_OF(want); i-- > 0;) assert_int_equal(cxm_cbs_add(t, want[i].x, want[i].t_x, want[i].T, want[i].count - 1), CXM_OK);
    assert_int_equal(cxm_cbs_rows(t, &view), CXM_OK);
    assert_int_equal(view.count, 3);                    /* those of nobody are none */
    for (size_t i = COUNT_OF(want); i-- > 0;) assert_int_equal(cxm_cbs_add(t, want[i].x, want[i].t_x, want[i].T, 1), CXM_OK);
    assert_int_equal(cxm_cbs_rows(t, &view), CXM_OK);
    assert_int_equal(view.count, COUNT_OF(want));
    assert_memory_equal(view.rows, want, sizeof want);
    cxm_cbs_account a = account(t);
    assert_true(a.customers == 14 && a.refused == 0 && a.rows == 6 && a.repeaters == 7 && a.per_unit == 7.0);
    assert_true(a.purchases_high == 0 && a.purchases_low == 31);
    cxm_cbs_free(t);
}

static void spend_by_hand(void **state)
{
    (void)state;
    static const cxm_spend_row want[] = {{1, 1, 2}, {1, 500, 3}, {2, 500, 1}, {9, 20, 1}};
    cxm_spend *t = make_spend(0, 4);
    cxm_spend_view view;
    for (size_t i = COUNT_OF(want); i-- > 0;) assert_int_equal(cxm_spend_add(t, want[i].x, want[i].money, want[i].count), CXM_OK);
    assert_int_equal(cxm_spend_rows(t, &view), CXM_OK);
    assert_true(view.count == COUNT_OF(want) && view.per_unit == 100.0);
    assert_memory_equal(view.rows, want, sizeof want);
    cxm_cbs_account a = account_spend(t);
    assert_true(a.customers == 7 && a.rows == 4 && a.repeaters == 7 && a.purchases_low == 16 && a.purchases_high == 0);
    cxm_spend_free(t);
}

static void what_no_customer_has_is_refused(void **state)
{
    (void)state;
    static const struct { uint32_t x, t_x, T; bool ok; } rows[] = {
        {0, 0, 0, true}, {0, 0, UINT32_MAX, true}, {0, 1, 5, false}, {1, 0, 5, false}, {1, 5, 5, true}, {1, 6, 5, false},
        {CXM_CBS_X_MAX, 1, 1, true}, {CXM_CBS_X_MAX + 1, 1, 1, false}, {UINT32_MAX, 1, 1, false}, {3, UINT32_MAX, UINT32_MAX, true},
    };
    static const struct { uint64_t x; int64_t money; bool ok; } spent[] = {
        {1, 1, true}, {0, 1, false}, {1, 0, false}, {1, -1, false}, {CXM_CBS_X_MAX, CXM_CBS_MONEY_MAX, true}, {CXM_CBS_X_MAX + 1, 1, false},
        {UINT64_MAX, 1, false}, {1, CXM_CBS_MONEY_MAX + 1, false}, {1, INT64_MAX, false}, {1, INT64_MIN, false},
    };
    cxm_cbs *t = make(1.0, 0, 0), *none = make(1.0, 0, 0);
    cxm_spend *s = make_spend(0, 0), *nothing = make_spend(0, 0);
    uint64_t customers = 0, refused = 0, spenders = 0, not = 0;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        assert_int_equal(cxm_cbs_add(t, rows[i].x, rows[i].t_x, rows[i].T, i + 1), rows[i].ok ? CXM_OK : CXM_E_DOMAIN);
        assert_int_equal(cxm_spend_add(s, spent[i].x, spent[i].money, i + 1), spent[i].ok ? CXM_OK : CXM_E_DOMAIN);
        *(rows[i].ok ? &customers : &refused) += i + 1;
        *(spent[i].ok ? &spenders : &not) += i + 1;
        assert_true(account(t).customers == customers && account(t).refused == refused);
        assert_true(account_spend(s).customers == spenders && account_spend(s).refused == not);
    }
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        assert_int_equal(cxm_cbs_remove(t, rows[i].x, rows[i].t_x, rows[i].T, i + 1), rows[i].ok ? CXM_OK : CXM_E_DOMAIN);
        assert_int_equal(cxm_spend_remove(s, spent[i].x, spent[i].money, i + 1), spent[i].ok ? CXM_OK : CXM_E_DOMAIN);
    }
    assert_same(t, none);
    assert_same_spend(s, nothing);
    assert_int_equal(cxm_cbs_remove(t, 0, 1, 1, 1), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_spend_remove(s, 0, 1, 1), CXM_E_UNDERFLOW);
    assert_same(t, none);
    assert_same_spend(s, nothing);
    cxm_cbs_free(t);
    cxm_cbs_free(none);
    cxm_spend_free(s);
    cxm_spend_free(nothing);
}

/* --- against plain arrays --- */

enum { X = 4, TICKS = 12, CELLS = X * TICKS * TICKS };

/* Purchases are told in full, 2^32 and more in all. */
static void counts_are_those_of_an_array(void **state)
{
    (void)state;
    uint64_t seed = 71;
    for (int trial = 0; trial < 40; ++trial) {
        uint64_t cells[CELLS] = {0}, customers = 0, refused = 0, repeaters = 0, purchases = 0, rows = 0;
        cxm_cbs *t = make(1.0, 0, test_rand(&seed));
        cxm_cbs_view view;
        if (test_left_out()) {
            cxm_cbs_free(t);
            continue;
        }
        for (uint64_t i = test_rand(&seed) % 2000; i > 0; --i) {
            uint32_t x = (uint32_t)(test_rand(&seed) % X), t_x = (uint32_t)(test_rand(&seed) % TICKS), T = (uint32_t)(test_rand(&seed) % TICKS);
            uint64_t count = test_rand(&seed) % 3 * (test_rand(&seed) % 9 ? 1 : UINT32_MAX), *cell = &cells[(x * TICKS + t_x) * TICKS + T];
            bool ok = (x > 0) == (t_x > 0) && t_x <= T, takes = test_rand(&seed) % 3 == 0;
            cxm_status status = takes ? cxm_cbs_remove(t, x, t_x, T, count) : cxm_cbs_add(t, x, t_x, T, count);
            uint64_t *sum = ok ? cell : &refused;
            if (takes && *sum < count) {
                assert_int_equal(status, CXM_E_UNDERFLOW);
                continue;
            }
            assert_int_equal(status, ok ? CXM_OK : CXM_E_DOMAIN);
            *sum += takes ? 0 - count : count;
            if (test_rand(&seed) % 50 == 0) assert_int_equal(cxm_cbs_rows(t, &view), CXM_OK);
        }
        assert_int_equal(cxm_cbs_rows(t, &view), CXM_OK);
        for (uint32_t i = 0; i < CELLS; ++i) {
            uint32_t x = i / TICKS / TICKS;
            customers += cells[i];
            repeaters += x ? cells[i] : 0;
            purchases += x * cells[i];
            if (!cells[i]) continue;
            assert_true(rows < view.count);
            cxm_cbs_row want = {x, i / TICKS % TICKS, i % TICKS, 0, cells[i]};
            assert_memory_equal(&view.rows[rows++], &want, sizeof want);
        }
        cxm_cbs_account a = account(t);
        assert_true(a.rows == rows && view.count == rows && a.customers == customers && a.refused == refused && a.repeaters == repeaters);
        assert_true(a.purchases_high == 0 && a.purchases_low == purchases);
        cxm_cbs_free(t);
    }
}

static void spend_is_that_of_an_array(void **state)
{
    (void)state;
    enum { SPENT = 60 };
    uint64_t seed = 72, cells[X * SPENT] = {0}, rows = 0, refused = 0;
    cxm_spend *t = make_spend(0, 9);
    cxm_spend_view view;
    for (int i = 0; i < 5000; ++i) {
        uint32_t x = (uint32_t)(test_rand(&seed) % X), at = (uint32_t)(test_rand(&seed) % SPENT);
        int64_t money = at * INT64_C(10000000000000000);
        bool ok = x > 0 && money > 0, takes = test_rand(&seed) % 2;
        uint64_t count = test_rand(&seed) % 3, *cell = ok ? &cells[x * SPENT + at] : &refused;
        if (takes && *cell < count) {
            assert_int_equal(cxm_spend_remove(t, x, money, count), CXM_E_UNDERFLOW);
            continue;
        }
        assert_int_equal((takes ? cxm_spend_remove : cxm_spend_add)(t, x, money, count), ok ? CXM_OK : CXM_E_DOMAIN);
        *cell += takes ? 0 - count : count;
    }
    assert_int_equal(cxm_spend_rows(t, &view), CXM_OK);
    for (uint32_t i = 0; i < X * SPENT; ++i) {
        cxm_spend_row want = {i / SPENT, i % SPENT * INT64_C(10000000000000000), cells[i]};
        if (!cells[i]) continue;
        assert_true(rows < view.count);
        assert_memory_equal(&view.rows[rows++], &want, sizeof want);
    }
    assert_true(view.count == rows && account_spend(t).refused == refused);
    cxm_spend_free(t);
}

/* --- a group --- */

typedef struct customer { uint32_t x, t_x, T; } customer;

/* One in ten is none. */
static customer draw(uint64_t *seed)
{
    customer c = {(uint32_t)(test_rand(seed) % 5), 0, (uint32_t)(test_rand(seed) % 60)};
    if (c.x) c.t_x = 1 + (uint32_t)(test_rand(seed) % 55);
    return c;
}

static void put(cxm_cbs *t, cxm_spend *s, customer c)
{
    cxm_status status = cxm_cbs_add(t, c.x, c.t_x, c.T, 1);
    assert_true(status == CXM_OK || status == CXM_E_DOMAIN);
    status = cxm_spend_add(s, c.x, c.T, 1);
    assert_true(status == CXM_OK || status == CXM_E_DOMAIN);
}

static void take(cxm_cbs *t, cxm_spend *s, customer c)
{
    cxm_status status = cxm_cbs_remove(t, c.x, c.t_x, c.T, 1);
    assert_true(status == CXM_OK || status == CXM_E_DOMAIN);
    status = cxm_spend_remove(s, c.x, c.T, 1);
    assert_true(status == CXM_OK || status == CXM_E_DOMAIN);
}

/* Parts under seeds of their own, merged in any tree. */
static void any_partition_is_the_whole(void **state)
{
    (void)state;
    uint64_t seed = 73;
    for (int trial = 0; trial < 60; ++trial) {
        if (test_left_out()) continue;
        cxm_cbs *whole = make(1.0, 0, 1), *part[PARTS];
        cxm_spend *all = make_spend(0, 1), *piece[PARTS];
        for (int i = 0; i < PARTS; ++i) {
            part[i] = make(1.0, 0, test_rand(&seed));
            piece[i] = make_spend(0, test_rand(&seed));
        }
        for (uint64_t i = test_rand(&seed) % 1500; i > 0; --i) {
            customer c = draw(&seed);
            uint64_t to = test_rand(&seed) % PARTS;
            put(whole, all, c);
            put(part[to], piece[to], c);
        }
        for (int left = PARTS; left > 1; --left) {
            uint64_t a = test_rand(&seed) % (uint64_t)left, last = (uint64_t)left - 1;
            if (a == last) a = 0;
            assert_int_equal(cxm_cbs_merge(part[a], part[last]), CXM_OK);
            assert_int_equal(cxm_spend_merge(piece[a], piece[last]), CXM_OK);
            cxm_cbs_free(part[last]);
            cxm_spend_free(piece[last]);
        }
        assert_same(part[0], whole);
        assert_same_spend(piece[0], all);
        assert_int_equal(cxm_cbs_merge(whole, whole), CXM_OK);          /* twice all is all and all */
        assert_int_equal(cxm_cbs_merge(part[0], part[0]), CXM_OK);
        assert_int_equal(cxm_spend_merge(all, piece[0]), CXM_OK);
        assert_int_equal(cxm_spend_merge(piece[0], piece[0]), CXM_OK);
        assert_same(part[0], whole);
        assert_same_spend(piece[0], all);
        cxm_cbs_free(whole);
        cxm_spend_free(all);
        cxm_cbs_free(part[0]);
        cxm_spend_free(piece[0]);
    }
}

/* What came and went leaves nothing, in any order. */
static void removal_is_the_inverse(void **state)
{
    (void)state;
    enum { MOST = 1200 };
    static customer gone[MOST];
    uint64_t seed = 74;
    for (int trial = 0; trial < 40; ++trial) {
        if (test_left_out()) continue;
        cxm_cbs *want = make(1.0, 0, 1), *got = make(1.0, 0, 2);
        cxm_spend *wanted = make_spend(0, 1), *held = make_spend(0, 2);
        uint32_t n = 0;
        for (int i = 0; i < MOST; ++i) {
            customer c = draw(&seed);
            put(got, held, c);
            if (test_rand(&seed) % 4) gone[n++] = c;
            else put(want, wanted, c);
        }
        while (n > 0) {
            uint32_t i = (uint32_t)(test_rand(&seed) % n);
            take(got, held, gone[i]);
            gone[i] = gone[--n];
        }
        assert_same(got, want);
        assert_same_spend(held, wanted);
        cxm_cbs_free(want);
        cxm_cbs_free(got);
        cxm_spend_free(wanted);
        cxm_spend_free(held);
    }
}

/* A window that slides over ever new rows takes no more memory. */
static void rows_that_come_and_go_take_no_room(void **state)
{
    (void)state;
    enum { HELD = 90, SLIDES = 20000 };
    cxm_cbs *t = make(1.0, 0, 5);
    for (uint32_t i = 0; i < HELD; ++i) assert_int_equal(cxm_cbs_add(t, 0, 0, i, 1), CXM_OK);
    uint64_t room = account(t).bytes;
    for (uint32_t i = HELD; i < SLIDES; ++i) {
        assert_int_equal(cxm_cbs_remove(t, 0, 0, i - HELD, 1), CXM_OK);
        assert_int_equal(cxm_cbs_add(t, 0, 0, i, 1), CXM_OK);
    }
    assert_true(account(t).bytes == room && account(t).rows == HELD);
    cxm_cbs_free(t);
}

/* --- ends of types and of room --- */

static void counts_end_with_their_type(void **state)
{
    (void)state;
    cxm_cbs *t = make(1.0, 0, 0), *same = make(1.0, 0, 0);
    cxm_spend *s = make_spend(0, 0), *other = make_spend(0, 0);
    assert_int_equal(cxm_cbs_add(t, CXM_CBS_X_MAX, 1, 1, UINT64_MAX - 2), CXM_OK);
    assert_int_equal(cxm_cbs_add(t, 0, 0, 1, 2), CXM_OK);
    assert_int_equal(cxm_cbs_add(t, 1, 0, 1, UINT64_MAX), CXM_E_DOMAIN);
    assert_int_equal(cxm_cbs_merge(same, t), CXM_OK);
    assert_int_equal(cxm_cbs_add(t, 0, 0, 1, 1), CXM_E_OVERFLOW);
    assert_int_equal(cxm_cbs_add(t, 0, 0, 2, 1), CXM_E_OVERFLOW);
    assert_int_equal(cxm_cbs_add(t, 1, 0, 1, 1), CXM_E_OVERFLOW);
    assert_int_equal(cxm_cbs_add(t, 0, 0, 1, 0), CXM_OK);
    assert_int_equal(cxm_cbs_add(t, 0, 0, 2, 0), CXM_OK);
    assert_int_equal(cxm_cbs_remove(t, 0, 0, 1, 3), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cbs_remove(t, 0, 0, 2, 1), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_cbs_remove(t, 0, 0, 2, 0), CXM_OK);
    assert_int_equal(cxm_cbs_merge(t, same), CXM_E_OVERFLOW);
    assert_same(t, same);
    cxm_cbs_account a = account(t);         /* 10^8 (2^64 - 3) */
    assert_true(a.customers == UINT64_MAX && a.refused == UINT64_MAX && a.repeaters == UINT64_MAX - 2);
    assert_true(a.purchases_high == 99999999 && a.purchases_low == 0 - UINT64_C(300000000));
    assert_int_equal(cxm_cbs_remove(t, 0, 0, 1, 2), CXM_OK);
    assert_int_equal(cxm_cbs_remove(t, CXM_CBS_X_MAX, 1, 1, UINT64_MAX - 2), CXM_OK);
    assert_int_equal(cxm_cbs_merge(same, t), CXM_E_OVERFLOW);           /* refused ones, too */
    assert_int_equal(cxm_cbs_remove(t, 1, 0, 1, UINT64_MAX), CXM_E_DOMAIN);
    assert_int_equal(cxm_cbs_merge(same, t), CXM_OK);
    assert_int_equal(cxm_spend_add(s, 1, 1, UINT64_MAX), CXM_OK);
    assert_int_equal(cxm_spend_add(s, 1, 1, 1), CXM_E_OVERFLOW);
    assert_int_equal(cxm_spend_merge(other, s), CXM_OK);
    assert_int_equal(cxm_spend_merge(s, s), CXM_E_OVERFLOW);
    assert_same_spend(s, other);
    cxm_cbs_free(t);
    cxm_cbs_free(same);
    cxm_spend_free(s);
    cxm_spend_free(other);
}

static void room_ends_at_its_bound(void **state)
{
    (void)state;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_cbs_options o = {.size = sizeof o, .max_bytes = 6000};
    cxm_cbs *t = NULL, *large = make(1.0, 0, 7), *before = make(1.0, 0, 7);
    uint32_t n = 0;
    assert_int_equal(cxm_cbs_create(&o, &hook, &t), CXM_OK);
    for (cxm_status status = CXM_OK; status == CXM_OK; n += status == CXM_OK) {
        status = cxm_cbs_add(t, 0, 0, n, 1);
        assert_true(status == CXM_OK || status == CXM_E_LIMIT);
        assert_true(own.live <= 6000 && own.live == account(t).bytes);
    }
    assert_int_equal(n, 192);               /* 3/4 of 256 slots of 22 bytes */
    for (uint32_t i = 0; i < n; ++i) assert_int_equal(cxm_cbs_add(before, 0, 0, i, 1), CXM_OK);
    assert_same(t, before);
    assert_int_equal(cxm_cbs_add(large, 0, 0, n, 1), CXM_OK);
    assert_int_equal(cxm_cbs_merge(t, large), CXM_E_LIMIT);
    assert_same(t, before);
    assert_int_equal(cxm_cbs_add(t, 0, 0, 0, 1), CXM_OK);       /* a row that is there needs none */
    assert_int_equal(cxm_cbs_merge(t, before), CXM_OK);
    assert_int_equal(cxm_cbs_remove(t, 0, 0, 5, 2), CXM_OK);
    assert_int_equal(cxm_cbs_merge(t, large), CXM_OK);
    assert_int_equal(account(t).rows, 192);
    cxm_cbs_free(t);
    assert_int_equal(own.live, 0);
    cxm_cbs_free(large);
    cxm_cbs_free(before);
}

/* --- how they are made --- */

static void options_have_their_ranges(void **state)
{
    (void)state;
    static const double good[] = {0.0, 1e-9, 1.0, 365.25, 1e9}, bad[] = {-1.0, 9e-10, 1.1e9, (double)NAN, (double)INFINITY};
    cxm_cbs *t = NULL;
    cxm_spend *s = NULL;
    for (size_t i = 0; i < COUNT_OF(good); ++i) {
        t = make(good[i], 512, 0);
        assert_true(account(t).per_unit == (i ? good[i] : 1.0));
        cxm_cbs_free(t);
        t = NULL;
        cxm_cbs_options o = {.size = sizeof o, .per_unit = bad[i]};
        assert_int_equal(cxm_cbs_create(&o, NULL, &t), CXM_E_ARG);
        assert_int_equal(cxm_spend_create(&o, NULL, &s), CXM_E_ARG);
        assert_true(!t && !s);
    }
    cxm_cbs_options o = {.size = sizeof o, .max_bytes = 511};
    assert_int_equal(cxm_cbs_create(&o, NULL, &t), CXM_E_LIMIT);
    o.max_bytes = UINT64_MAX;
    o.reserved = 1;
    assert_int_equal(cxm_cbs_create(&o, NULL, &t), CXM_E_ARG);
    o.reserved = 0;
    o.size -= 1;
    assert_int_equal(cxm_cbs_create(&o, NULL, &t), CXM_E_ABI);
    o.size += 1;
    assert_int_equal(cxm_cbs_create(&o, &(cxm_alloc){0}, &t), CXM_E_ARG);
    assert_int_equal(cxm_cbs_create(&o, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_spend_create(&o, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cbs_create(&o, NULL, &t), CXM_OK);
    assert_int_equal(cxm_spend_create(NULL, NULL, &s), CXM_OK);
    cxm_cbs_free(t);
    cxm_spend_free(s);
}

static void units_must_agree(void **state)
{
    (void)state;
    cxm_cbs *days = make(1.0, 0, 0), *weeks = make(7.0, 0, 0);
    cxm_spend *cents = make_spend(0, 0), *units = NULL;
    assert_int_equal(cxm_spend_create(NULL, NULL, &units), CXM_OK);
    assert_int_equal(cxm_cbs_merge(days, weeks), CXM_E_MISMATCH);
    assert_int_equal(cxm_spend_merge(units, cents), CXM_E_MISMATCH);
    cxm_cbs_free(days);
    cxm_cbs_free(weeks);
    cxm_spend_free(cents);
    cxm_spend_free(units);
}

static void misuse(void **state)
{
    (void)state;
    cxm_cbs *t = make(1.0, 0, 0);
    cxm_spend *s = make_spend(0, 0);
    cxm_cbs_account small = {.size = sizeof small - 1};
    cxm_cbs_view view;
    cxm_spend_view spent;
    assert_int_equal(cxm_cbs_add(NULL, 0, 0, 0, 1), CXM_E_ARG);
    assert_int_equal(cxm_cbs_remove(NULL, 0, 0, 0, 1), CXM_E_ARG);
    assert_int_equal(cxm_cbs_merge(t, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cbs_merge(NULL, t), CXM_E_ARG);
    assert_int_equal(cxm_cbs_account_of(NULL, &small), CXM_E_ARG);
    assert_int_equal(cxm_cbs_account_of(t, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cbs_account_of(t, &small), CXM_E_ABI);
    assert_int_equal(cxm_cbs_rows(t, NULL), CXM_E_ARG);
    assert_int_equal(cxm_cbs_rows(NULL, &view), CXM_E_ARG);
    assert_int_equal(cxm_spend_add(NULL, 1, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_spend_remove(NULL, 1, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_spend_merge(s, NULL), CXM_E_ARG);
    assert_int_equal(cxm_spend_merge(NULL, s), CXM_E_ARG);
    assert_int_equal(cxm_spend_account_of(NULL, &small), CXM_E_ARG);
    assert_int_equal(cxm_spend_account_of(s, NULL), CXM_E_ARG);
    assert_int_equal(cxm_spend_account_of(s, &small), CXM_E_ABI);
    assert_int_equal(cxm_spend_rows(s, NULL), CXM_E_ARG);
    assert_int_equal(cxm_spend_rows(NULL, &spent), CXM_E_ARG);
    cxm_cbs_free(NULL);
    cxm_spend_free(NULL);
    cxm_cbs_free(t);
    cxm_spend_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_by_hand), cmocka_unit_test(spend_by_hand), cmocka_unit_test(what_no_customer_has_is_refused),
        cmocka_unit_test(counts_are_those_of_an_array), cmocka_unit_test(spend_is_that_of_an_array),
        cmocka_unit_test(any_partition_is_the_whole), cmocka_unit_test(removal_is_the_inverse),
        cmocka_unit_test(rows_that_come_and_go_take_no_room), cmocka_unit_test(counts_end_with_their_type),
        cmocka_unit_test(room_ends_at_its_bound), cmocka_unit_test(options_have_their_ranges), cmocka_unit_test(units_must_agree),
        cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("value/cbs", tests, NULL, NULL);
}
