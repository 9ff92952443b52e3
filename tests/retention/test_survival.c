/* SPDX-License-Identifier: MIT */
/* test_survival.c - the histogram's own algebra: partitions, removal, subtraction, times past the cap, counts at the end of
 * their type, every refusal. What it says is read off its account and its curve. */
#include <cxm/survival.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

typedef struct tenure { int64_t entry, exit; int32_t event; } tenure;

static cxm_survival *make(int64_t cap)
{
    cxm_survival *s = NULL;
    assert_int_equal(cxm_survival_create(cap, NULL, &s), CXM_OK);
    return s;
}

static cxm_survival_account account_of(const cxm_survival *s)
{
    cxm_survival_account a = {.size = sizeof a};
    assert_int_equal(cxm_survival_account_of(s, &a), CXM_OK);
    return a;
}

/* Counts and every point of the curve. */
static void assert_same(const cxm_survival *a, const cxm_survival *b)
{
    cxm_survival_account x = account_of(a), y = account_of(b);
    cxm_survival_curve p = {.size = sizeof p}, q = p;
    cxm_survival_point at = {.size = sizeof at}, bt = at;
    assert_memory_equal(&x, &y, sizeof x);
    cxm_status status = cxm_survival_curve_of(a, 0, 0.0, &p);
    assert_int_equal(status, cxm_survival_curve_of(b, 0, 0.0, &q));
    while (status == CXM_OK) {
        status = cxm_survival_next(&p, &at);
        assert_int_equal(status, cxm_survival_next(&q, &bt));
        if (status == CXM_OK) assert_memory_equal(&at, &bt, sizeof at);
    }
}

/* Some past the cap, some refused. */
static tenure draw(uint64_t *seed, int64_t most)
{
    int64_t entry = test_rand(seed) % 3 ? 0 : (int64_t)(test_rand(seed) % (uint64_t)most);
    int64_t exit = (int64_t)(test_rand(seed) % (uint64_t)(most + most / 4)) - (test_rand(seed) % 50 == 0);
    return (tenure){entry, exit, (int32_t)(test_rand(seed) % 2)};
}

static cxm_status tell(cxm_survival *s, tenure t)
{
    return cxm_survival_add(s, t.entry, t.exit, t.event);
}

/* Any partition in any order, merged in any tree, is one pass; and what is subtracted or removed never was there. */
static void parts_are_the_whole(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int trial = 0; trial < 60; ++trial) {
        int64_t cap = 1 + (int64_t)(test_rand(&seed) % 200);
        cxm_survival *whole = make(cap), *part[4], *other = make(cap);
        for (int i = 0; i < 4; ++i) part[i] = make(cap);
        for (int i = 0; i < 300; ++i) {
            tenure t = draw(&seed, cap + 1), away = draw(&seed, cap + 1);
            cxm_status status = tell(whole, t);
            assert_int_equal(status, tell(part[test_rand(&seed) % 4], t));
            assert_int_equal(tell(other, away), tell(whole, away));
            if (i % 2) continue;
            assert_int_equal(cxm_survival_remove(whole, away.entry, away.exit, away.event),
                             cxm_survival_remove(other, away.entry, away.exit, away.event));
        }
        assert_int_equal(cxm_survival_subtract(whole, other), CXM_OK);
        assert_int_equal(cxm_survival_merge(part[2], part[3]), CXM_OK);
        assert_int_equal(cxm_survival_merge(part[1], part[0]), CXM_OK);
        assert_int_equal(cxm_survival_merge(part[2], part[1]), CXM_OK);
        assert_same(whole, part[2]);
        assert_int_equal(cxm_survival_subtract(part[2], whole), CXM_OK);
        assert_int_equal(account_of(part[2]).n + account_of(part[2]).refused + account_of(part[2]).late, 0);
        cxm_survival_free(whole);
        cxm_survival_free(other);
        for (int i = 0; i < 4; ++i) cxm_survival_free(part[i]);
    }
}

static void merged_with_itself_is_twice(void **state)
{
    (void)state;
    cxm_survival *s = make(50), *twice = make(50);
    uint64_t seed = 9;
    for (int i = 0; i < 100; ++i) {
        tenure t = draw(&seed, 50);
        assert_int_equal(tell(s, t), cxm_survival_add_count(twice, t.entry, t.exit, t.event, 2));
    }
    assert_int_equal(cxm_survival_merge(s, s), CXM_OK);
    assert_same(s, twice);
    assert_int_equal(cxm_survival_subtract(s, s), CXM_OK);
    assert_int_equal(account_of(s).n, 0);
    cxm_survival_free(s);
    cxm_survival_free(twice);
}

/* The same customers under a lower cap: the same points up to it, all but what is counted there as censored. */
static void the_cap_hides_nothing_before_it(void **state)
{
    (void)state;
    uint64_t seed = 21;
    for (int64_t cap = 1; cap < 60; ++cap) {
        cxm_survival *wide = make(100), *narrow = make(cap);
        for (int i = 0; i < 200; ++i) {
            tenure t = draw(&seed, 80);
            assert_int_equal(tell(wide, t), tell(narrow, t));
        }
        cxm_survival_curve p = {.size = sizeof p}, q = p;
        cxm_survival_point at = {.size = sizeof at}, bt = at;
        assert_int_equal(cxm_survival_curve_of(wide, 0, 0.0, &p), CXM_OK);
        assert_int_equal(cxm_survival_curve_of(narrow, 0, 0.0, &q), CXM_OK);
        while (cxm_survival_next(&q, &bt) == CXM_OK && bt.t < (double)cap) {
            assert_int_equal(cxm_survival_next(&p, &at), CXM_OK);
            assert_memory_equal(&at, &bt, sizeof at);
        }
        if (bt.t == (double)cap && cxm_survival_next(&p, &at) == CXM_OK && at.t == (double)cap)
            assert_true(at.at_risk == bt.at_risk && at.events == bt.events && at.survival == bt.survival);
        cxm_survival_account a = account_of(narrow);
        assert_true(a.n == account_of(wide).n && a.n == a.events + a.censored + a.beyond);
        cxm_survival_free(wide);
        cxm_survival_free(narrow);
    }
}

static void counts_end_with_their_type(void **state)
{
    (void)state;
    cxm_survival *s = make(10), *other = make(10);
    const uint64_t half = UINT64_C(1) << 63;
    assert_int_equal(cxm_survival_add_count(s, 0, 5, 1, half), CXM_OK);
    assert_int_equal(cxm_survival_add_count(s, 2, 11, 0, half - 1), CXM_OK);
    assert_int_equal(cxm_survival_add(s, 0, 5, 0), CXM_E_OVERFLOW);
    assert_int_equal(cxm_survival_merge(s, s), CXM_E_OVERFLOW);
    assert_int_equal(account_of(s).n, UINT64_MAX);
    assert_int_equal(cxm_survival_add_count(s, 3, 3, 0, UINT64_MAX), CXM_E_DOMAIN);
    assert_int_equal(cxm_survival_add(s, -1, 3, 0), CXM_E_OVERFLOW);
    assert_int_equal(cxm_survival_add(other, 3, 2, 0), CXM_E_DOMAIN);
    assert_int_equal(cxm_survival_merge(other, s), CXM_E_OVERFLOW);
    assert_int_equal(account_of(other).n, 0);
    assert_int_equal(cxm_survival_remove_count(s, 0, 5, 1, half), CXM_OK);
    assert_int_equal(cxm_survival_remove_count(s, 2, 11, 0, half - 1), CXM_OK);
    assert_int_equal(cxm_survival_remove_count(s, 9, 1, 0, UINT64_MAX), CXM_E_DOMAIN);
    assert_int_equal(account_of(s).n + account_of(s).refused, 0);
    cxm_survival_free(s);
    cxm_survival_free(other);
}

/* What never was there is refused where it shows at once, and by the curve where it shows as a whole. */
static void removals_of_strangers(void **state)
{
    (void)state;
    cxm_survival *s = make(100), *none = make(100);
    cxm_survival_curve curve = {.size = sizeof curve};
    cxm_survival_account a = {.size = sizeof a};
    assert_int_equal(cxm_survival_remove(s, 0, 5, 1), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_remove(s, 0, 101, 1), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_remove(s, 7, 5, 1), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_add(s, 10, 20, 1), CXM_OK);
    assert_int_equal(cxm_survival_remove(s, 10, 20, 0), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_remove(s, 11, 20, 1), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_remove(s, 90, 95, 1), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_remove_count(s, 10, 20, 1, 2), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_subtract(none, s), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_add(none, 0, 20, 1), CXM_OK);
    assert_int_equal(cxm_survival_subtract(none, s), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_survival_add(s, 0, 5, 0), CXM_OK);
    assert_int_equal(cxm_survival_remove(s, 0, 20, 1), CXM_OK);            /* left: an exit at 5, an entry at 10 */
    assert_int_equal(cxm_survival_curve_of(s, 0, 0.0, &curve), CXM_E_UNDEFINED);
    assert_int_equal(cxm_survival_remove(s, 0, 5, 0), CXM_OK);
    assert_int_equal(cxm_survival_add_count(s, 10, 20, 1, UINT64_MAX - 1), CXM_OK);
    assert_int_equal(cxm_survival_remove_count(s, 0, 20, 1, UINT64_MAX - 1), CXM_OK);
    assert_int_equal(cxm_survival_add(s, 10, 20, 1), CXM_E_OVERFLOW);
    assert_int_equal(cxm_survival_merge(s, s), CXM_E_OVERFLOW);
    assert_int_equal(cxm_survival_add(s, 11, 20, 1), CXM_OK);
    assert_int_equal(cxm_survival_account_of(s, &a), CXM_E_OVERFLOW);
    assert_int_equal(cxm_survival_curve_of(s, 0, 0.0, &curve), CXM_E_UNDEFINED);
    cxm_survival_free(s);
    cxm_survival_free(none);
}

/* No more than was said beforehand; a refusal changes nothing; all comes back. */
static void memory_is_bounded_and_safe(void **state)
{
    (void)state;
    static const int64_t caps[] = {1, 2, 15, 16, 100, 3650};
    for (size_t i = 0; i < COUNT_OF(caps); ++i) {
        for (size_t fail = 0; fail < 12; ++fail) {
            ledger own = {.fail_at = fail, .fail_on = fail % 2};
            cxm_alloc hook = ledger_hook(&own);
            cxm_survival *s = NULL, *all = make(caps[i]);
            cxm_status status = cxm_survival_create(caps[i], &hook, &s);
            assert_int_equal(status, fail == 1 ? CXM_E_MEMORY : CXM_OK);
            for (int64_t t = 0; s && t <= caps[i] + 1; ++t) {
                status = cxm_survival_add(s, t / 2, t, (int32_t)(t % 2));
                assert_true(status == CXM_OK || status == CXM_E_MEMORY);
                if (status == CXM_OK) tell(all, (tenure){t / 2, t, (int32_t)(t % 2)});
                assert_int_equal(own.live, cxm_survival_bytes(s));
            }
            if (s) assert_same(s, all);
            if (s && (status = cxm_survival_merge(s, all)) == CXM_OK) assert_int_equal(account_of(s).n, 2 * account_of(all).n);
            assert_true(own.peak <= cxm_survival_bytes_most(caps[i]));
            cxm_survival_free(s);
            cxm_survival_free(all);
            assert_int_equal(own.live, 0);
        }
    }
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_survival *into = NULL, *from = make(1000), *empty = make(1000);
    assert_int_equal(cxm_survival_create(1000, &hook, &into), CXM_OK);
    assert_int_equal(cxm_survival_add(from, 0, 900, 1), CXM_OK);
    own.fail_at = own.calls + 1;
    assert_int_equal(cxm_survival_merge(into, from), CXM_E_MEMORY);
    assert_same(into, empty);
    assert_int_equal(cxm_survival_merge(into, from), CXM_OK);
    assert_same(into, from);
    cxm_survival_free(into);
    cxm_survival_free(from);
    cxm_survival_free(empty);
    assert_int_equal(own.live, 0);
}

static void misuse(void **state)
{
    (void)state;
    cxm_survival *s = make(10), *other = make(11), *none = NULL;
    cxm_alloc broken = {0};
    cxm_survival_account a = {.size = 8};
    assert_int_equal(cxm_survival_create(0, NULL, &none), CXM_E_ARG);
    assert_int_equal(cxm_survival_create(CXM_SURVIVAL_CAP_MAX + 1, NULL, &none), CXM_E_ARG);
    assert_int_equal(cxm_survival_create(1, &broken, &none), CXM_E_ARG);
    assert_int_equal(cxm_survival_create(1, NULL, NULL), CXM_E_ARG);
    assert_null(none);
    assert_int_equal(cxm_survival_bytes_most(0) + cxm_survival_bytes_most(CXM_SURVIVAL_CAP_MAX + 1) + cxm_survival_bytes(NULL), 0);
    assert_int_equal(cxm_survival_add(NULL, 0, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_survival_add(s, 0, 1, 2), CXM_E_ARG);
    assert_int_equal(cxm_survival_add(s, 0, 1, -1), CXM_E_ARG);
    assert_int_equal(cxm_survival_remove(NULL, 0, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_survival_remove(s, 0, 1, 2), CXM_E_ARG);
    assert_int_equal(cxm_survival_add_count(s, 0, 3, 1, 0), CXM_OK);
    assert_int_equal(cxm_survival_remove_count(s, 0, 3, 1, 0), CXM_OK);
    assert_int_equal(cxm_survival_add(s, INT64_MIN, INT64_MAX, 1), CXM_E_DOMAIN);
    assert_int_equal(cxm_survival_add(s, 0, INT64_MIN, 1), CXM_E_DOMAIN);
    assert_int_equal(cxm_survival_add(s, INT64_MAX - 1, INT64_MAX, 1), CXM_OK);
    assert_int_equal(cxm_survival_merge(s, other), CXM_E_MISMATCH);
    assert_int_equal(cxm_survival_subtract(s, other), CXM_E_MISMATCH);
    assert_int_equal(cxm_survival_merge(s, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_merge(NULL, s), CXM_E_ARG);
    assert_int_equal(cxm_survival_subtract(s, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_subtract(NULL, s), CXM_E_ARG);
    assert_int_equal(cxm_survival_account_of(s, &a), CXM_E_ABI);
    assert_int_equal(cxm_survival_account_of(s, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_account_of(NULL, &a), CXM_E_ARG);
    a = account_of(s);
    assert_true(a.n == 1 && a.beyond == 1 && a.late == 1 && a.refused == 2 && a.cap == 10 && a.events == 0);
    cxm_survival_free(s);
    cxm_survival_free(other);
    cxm_survival_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_the_whole), cmocka_unit_test(merged_with_itself_is_twice),
        cmocka_unit_test(the_cap_hides_nothing_before_it), cmocka_unit_test(counts_end_with_their_type),
        cmocka_unit_test(removals_of_strangers), cmocka_unit_test(memory_is_bounded_and_safe), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/survival", tests, NULL, NULL);
}
