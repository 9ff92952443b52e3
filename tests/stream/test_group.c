/* SPDX-License-Identifier: MIT */
/* test_group.c - the bounded table of slots: found again, never moved, ordered by bytes, within its bound. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "stream/group.h"
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { SLOT_BYTES = 24, ROOMY = 1 << 26, LEAST = 1 << 15 };

static group *table_of(ledger *own, uint64_t max_bytes, uint64_t seed)
{
    cxm_alloc hook = ledger_hook(own);
    group *table = NULL;
    assert_int_equal(group_create(&hook, SLOT_BYTES, max_bytes, seed, &table), CXM_OK);
    return table;
}

static cxm_view view_of(const char *text)
{
    return (cxm_view){text, strlen(text)};
}

/* The slot of a single segment in a window, with its status. */
static cxm_status slot_of(group *table, cxm_view segment, int64_t window, group_slot **out, bool *is_new)
{
    group_key key = {&segment, 1, false, window};
    return group_slot_of(table, &key, out, is_new);
}

static cxm_status other_of(group *table, int64_t window, group_slot **out, bool *is_new)
{
    static const cxm_view blank;
    group_key key = {&blank, 1, true, window};
    return group_slot_of(table, &key, out, is_new);
}

/* Key i of many: its decimal digits with a tail of i % 40 bytes, in window i % 7 - 3. */
typedef struct many_key { char text[64]; cxm_view view; int64_t window; } many_key;

static void key_number(many_key *key, uint32_t i)
{
    int len = snprintf(key->text, sizeof key->text, "%u", i / 7);
    size_t tail = (i / 7) % 40;
    memset(key->text + len, 'x', tail);
    key->view = (cxm_view){key->text, (size_t)len + tail};
    key->window = (int64_t)(i % 7) - 3;
}

static void many_keys_are_found_again_where_they_were(void **state)
{
    (void)state;
    enum { KEYS = 20000 };
    ledger own = {0};
    group *table = table_of(&own, ROOMY, 99);
    group_slot **slots = malloc(KEYS * sizeof *slots), *slot;
    many_key key;
    bool is_new;
    static const unsigned char zeros[SLOT_BYTES];
    assert_non_null(slots);
    for (uint32_t i = 0; i < KEYS; ++i) {
        key_number(&key, i);
        assert_int_equal(slot_of(table, key.view, key.window, &slots[i], &is_new), CXM_OK);
        assert_true(is_new && (uintptr_t)group_data(slots[i]) % sizeof(uint64_t) == 0);
        assert_memory_equal(group_data(slots[i]), zeros, SLOT_BYTES);
        memcpy(group_data(slots[i]), &i, sizeof i);
    }
    assert_int_equal(group_count(table), KEYS);
    for (uint32_t i = KEYS; i-- > 0;) {
        uint32_t kept;
        key_number(&key, i);
        assert_int_equal(slot_of(table, key.view, key.window, &slot, &is_new), CXM_OK);
        memcpy(&kept, group_data(slot), sizeof kept);
        assert_true(!is_new && slot == slots[i] && kept == i && group_at(table, i) == slot);
        assert_true(slot->key.window == key.window && slot->key.segments[0].len == key.view.len);
        assert_true(slot->key.segments[0].text != key.text);            /* a copy */
        assert_memory_equal(slot->key.segments[0].text, key.text, key.view.len);
    }
    free(slots);
    group_free(table);
    assert_int_equal(own.live, 0);
    group_free(NULL);
}

/* Where one segment ends and the next begins is part of the key; so is being `other`. */
static void keys_that_share_their_bytes_are_apart(void **state)
{
    (void)state;
    ledger own = {0};
    group *table = table_of(&own, ROOMY, 0);
    cxm_view rows[][2] = {{{"ab", 2}, {"c", 1}}, {{"a", 1}, {"bc", 2}}, {{"abc", 3}, {NULL, 0}}, {{"", 0}, {"abc", 3}},
                          {{"", 0}, {NULL, 0}}, {{"\0", 1}, {"", 0}}, {{"", 0}, {"\0", 1}}};
    group_slot *slot;
    bool is_new;
    for (int pass = 0; pass < 2; ++pass) {
        for (size_t i = 0; i < COUNT_OF(rows); ++i) {
            group_key key = {rows[i], 2, false, 5};
            assert_int_equal(group_slot_of(table, &key, &slot, &is_new), CXM_OK);
            assert_int_equal(is_new, pass == 0);
        }
        group_key other = {rows[4], 2, true, 5};
        assert_int_equal(group_slot_of(table, &other, &slot, &is_new), CXM_OK);
        assert_true(is_new == (pass == 0) && slot->key.is_other);
    }
    assert_int_equal(group_count(table), COUNT_OF(rows) + 1);
    group_free(table);
}

/* ---- order ---- */

/* In order: unsigned bytes, a prefix before what it begins, the empty segment first. */
static const cxm_view in_order[] = {{"", 0}, {"\0", 1}, {"\0a", 2}, {"A", 1}, {"AA", 2}, {"AB", 2}, {"B", 1}, {"a", 1},
                                    {"aa", 2}, {"a\x7f", 2}, {"a\x80", 2}, {"\x7f", 1}, {"\x80", 1},
                                    {"\xc3\xa9", 2}, {"\xff", 1}};

static size_t rank_of(const cxm_view *view)
{
    for (size_t i = 0; i < COUNT_OF(in_order); ++i)
        if (in_order[i].len == view->len && memcmp(in_order[i].text, view->text, view->len) == 0) return i;
    return COUNT_OF(in_order);
}

/* Every pair of segments in every of three windows, `other` too, made in a random order. */
static group *shuffled_pairs(ledger *own, uint64_t hash_seed, uint64_t seed)
{
    enum { N = COUNT_OF(in_order), ALL = 3 * (N * N + 1) };
    size_t order[ALL];
    group *table = table_of(own, ROOMY, hash_seed);
    for (size_t i = 0; i < ALL; ++i) order[i] = i;
    for (size_t i = ALL; i > 1; --i) {
        size_t j = (size_t)(test_rand(&seed) % i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
    for (size_t i = 0; i < ALL; ++i) {
        size_t pair = order[i] / 3 % (N * N + 1);
        cxm_view views[2] = {{NULL, 0}, {NULL, 0}};
        if (pair < N * N) views[0] = in_order[pair / N], views[1] = in_order[pair % N];
        group_key key = {views, 2, pair == N * N, (int64_t)(order[i] % 3) - 1};
        group_slot *slot;
        bool is_new;
        assert_int_equal(group_slot_of(table, &key, &slot, &is_new), CXM_OK);
        assert_true(is_new);
    }
    assert_int_equal(group_count(table), ALL);
    return table;
}

/* One number that rises along each order. */
static uint64_t place_of(const group_slot *slot, bool by_window)
{
    uint64_t window = (uint64_t)(slot->key.window + 1);
    const cxm_view *views = slot->key.segments;
    uint64_t segments = COUNT_OF(in_order) * COUNT_OF(in_order);
    if (!slot->key.is_other) segments = rank_of(&views[0]) * COUNT_OF(in_order) + rank_of(&views[1]);
    return by_window ? window * 1000 + segments : segments * 3 + window;
}

static void order_is_by_bytes_whatever_the_seed(void **state)
{
    (void)state;
    static const uint64_t seeds[] = {0, 1, UINT64_MAX, UINT64_C(0x6A09E667F3BCC909), 20261122};
    for (size_t s = 0; s < COUNT_OF(seeds); ++s) {
        ledger own = {0};
        group *table = shuffled_pairs(&own, seeds[s], s + 1);
        for (int turn = 0; turn < 3; ++turn) {              /* one after the other, and sorted already */
            bool by_window = turn != 1;
            group_sort(table, by_window ? group_compare_windows : group_compare_segments);
            for (size_t i = 1; i < group_count(table); ++i)
                assert_true(place_of(group_at(table, i - 1), by_window) < place_of(group_at(table, i), by_window));
        }
        group_free(table);
    }
}

static void sorting_few_or_none(void **state)
{
    (void)state;
    ledger own = {0};
    group_slot *slot;
    bool is_new;
    for (uint32_t n = 0; n < 6; ++n) {
        group *table = table_of(&own, ROOMY, 4);
        for (uint32_t i = 0; i < n; ++i)
            assert_int_equal(slot_of(table, view_of("x"), -(int64_t)i, &slot, &is_new), CXM_OK);
        group_sort(table, group_compare_segments);
        assert_int_equal(group_count(table), n);
        for (uint32_t i = 0; i < n; ++i) assert_int_equal(group_at(table, i)->key.window, (int64_t)i + 1 - (int64_t)n);
        group_free(table);
    }
}

/* Fewer columns come first where the common ones agree; the engine never mixes them. */
static void a_shorter_key_comes_first(void **state)
{
    (void)state;
    cxm_view views[2] = {{"a", 1}, {"", 0}};
    group_slot one = {{views, 1, false, 0}, 0}, two = {{views, 2, false, 0}, 0};
    assert_true(group_compare_segments(&one, &two) < 0 && group_compare_segments(&two, &one) > 0);
}

/* ---- bound ---- */

/* Fills a table with keys of `len` bytes until none fits; returns how many did. */
static uint64_t fill(group *table, size_t len)
{
    char text[2000];
    group_slot *slot;
    bool is_new;
    memset(text, '-', sizeof text);
    for (uint64_t i = 0;; ++i) {
        memcpy(text, &i, sizeof i);
        cxm_status status = slot_of(table, (cxm_view){text, len}, 0, &slot, &is_new);
        if (status == CXM_E_LIMIT) return i;
        assert_int_equal(status, CXM_OK);
    }
}

static void the_bound_holds_and_other_keys_still_fit(void **state)
{
    (void)state;
    static const uint64_t bounds[] = {LEAST, 40000, 1 << 16, 100000, 1 << 17, 300000, 1 << 20, 3000000};
    static const size_t lengths[] = {8, 60, 300, 1990};
    for (size_t b = 0; b < COUNT_OF(bounds); ++b)
        for (size_t l = 0; l < COUNT_OF(lengths); ++l) {
            ledger own = {0};
            group *table = table_of(&own, bounds[b], 1);
            group_slot *slot, *again;
            bool is_new;
            uint64_t normal = fill(table, lengths[l]);
            assert_true(normal > 0);
            for (int64_t window = 0; window < 2; ++window)   /* few enough for any eighth */
                if (window == 0 || normal > 50) assert_int_equal(other_of(table, window, &slot, &is_new), CXM_OK);
            assert_int_equal(other_of(table, 0, &again, &is_new), CXM_OK);
            assert_false(is_new);
            assert_int_equal(fill(table, lengths[l]), normal);           /* all found, none new */
            assert_true(own.peak <= bounds[b]);
            group_free(table);
            assert_int_equal(own.live, 0);
        }
}

/* `other` keys alone, until they too are refused: within the bound, and the table still answers. */
static void other_keys_end_at_the_bound_too(void **state)
{
    (void)state;
    ledger own = {0};
    group *table = table_of(&own, LEAST, 1);
    group_slot *slot;
    bool is_new;
    int64_t windows = 0;
    cxm_status status;
    while ((status = other_of(table, windows, &slot, &is_new)) == CXM_OK) ++windows;
    assert_int_equal(status, CXM_E_LIMIT);
    assert_true(windows > 50);
    assert_true(own.peak <= LEAST);
    for (int64_t i = 0; i < windows; ++i) {
        assert_int_equal(other_of(table, i, &slot, &is_new), CXM_OK);
        assert_true(!is_new && slot->key.window == i);
    }
    group_free(table);
}

/* Keys the table refuses may come in millions: a refusal must not allocate. */
static void a_refusal_asks_for_no_memory(void **state)
{
    (void)state;
    char text[] = "key that does not fit 0";
    for (uint64_t bound = LEAST; bound < 200000; bound += 777) {
        ledger own = {0};
        group *table = table_of(&own, bound, 1);
        group_slot *slot;
        bool is_new;
        fill(table, 8);
        size_t calls = own.calls;
        for (int i = 0; i < 10; ++i, ++text[sizeof text - 2])
            assert_int_equal(slot_of(table, view_of(text), i, &slot, &is_new), CXM_E_LIMIT);
        assert_int_equal(own.calls, calls);
        text[sizeof text - 2] = '0';
        group_free(table);
    }
}

static void keys_longer_than_any_bound(void **state)
{
    (void)state;
    ledger own = {0};
    group *table = table_of(&own, LEAST, 1);
    group_slot *slot;
    bool is_new;
    char *huge = calloc(1, LEAST);
    assert_non_null(huge);
    assert_int_equal(slot_of(table, (cxm_view){huge, LEAST}, 0, &slot, &is_new), CXM_E_LIMIT);
    assert_int_equal(group_count(table), 0);
    assert_int_equal(slot_of(table, (cxm_view){huge, LEAST / 2}, 0, &slot, &is_new), CXM_OK);     /* past a block */
    assert_int_equal(slot_of(table, view_of("small"), 0, &slot, &is_new), CXM_OK);
    free(huge);
    group_free(table);
}

static void a_bound_below_the_least_is_refused(void **state)
{
    (void)state;
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    group *table = NULL;
    for (uint64_t bound = 0; bound < 16 * 1024; bound += 511)
        assert_int_equal(group_create(&hook, SLOT_BYTES, bound, 0, &table), CXM_E_LIMIT);
    assert_true(table == NULL && own.calls == 0);
}

/* ---- an allocator that fails ---- */

/* Makes and uses a table while call `fail_at` fails; whatever was made is found, all is given back. */
static bool survives(size_t fail_at, bool fail_on)
{
    enum { KEYS = 700 };
    ledger own = {.fail_at = fail_at, .fail_on = fail_on};
    cxm_alloc hook = ledger_hook(&own);
    group *table = NULL;
    group_slot *slot;
    bool is_new, made[KEYS];
    many_key key;
    cxm_status status = group_create(&hook, SLOT_BYTES, ROOMY, 3, &table);
    if (status != CXM_OK) {
        assert_int_equal(status, CXM_E_MEMORY);
        assert_true(table == NULL && own.live == 0);
        return true;
    }
    size_t count = 0;
    for (uint32_t i = 0; i < KEYS; ++i) {
        key_number(&key, i);
        status = slot_of(table, key.view, key.window, &slot, &is_new);
        made[i] = status == CXM_OK;
        count += made[i];
        assert_true(made[i] || status == CXM_E_MEMORY);
        assert_int_equal(group_count(table), count);
    }
    own.fail_at = 0;                                        /* memory is back */
    for (uint32_t i = 0; i < KEYS; ++i) {
        key_number(&key, i);
        assert_int_equal(slot_of(table, key.view, key.window, &slot, &is_new), CXM_OK);
        assert_int_equal(is_new, !made[i]);
    }
    group_sort(table, group_compare_segments);
    assert_int_equal(group_count(table), KEYS);
    group_free(table);
    assert_int_equal(own.live, 0);
    return own.failed > 0;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    for (int fail_on = 0; fail_on < 2; ++fail_on) {
        size_t k = 1;
        while (survives(k, fail_on)) ++k;
        assert_true(k > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_keys_are_found_again_where_they_were),
        cmocka_unit_test(keys_that_share_their_bytes_are_apart),
        cmocka_unit_test(order_is_by_bytes_whatever_the_seed),
        cmocka_unit_test(sorting_few_or_none),
        cmocka_unit_test(a_shorter_key_comes_first),
        cmocka_unit_test(the_bound_holds_and_other_keys_still_fit),
        cmocka_unit_test(other_keys_end_at_the_bound_too),
        cmocka_unit_test(a_refusal_asks_for_no_memory),
        cmocka_unit_test(keys_longer_than_any_bound),
        cmocka_unit_test(a_bound_below_the_least_is_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests_name("stream/group", tests, NULL, NULL);
}
