/* SPDX-License-Identifier: MIT */
/* test_survival_records.c - the sort against its definition on orders that are hard for it; curves of records against those of a
 * histogram, to the bit on whole times, and under weights against the sums themselves; misuse. */
#include <cxm/survival.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { MOST = 6000 };

static cxm_survival_record record_of(double entry, double exit, double weight, int32_t event)
{
    return (cxm_survival_record){.entry = entry, .exit = exit, .weight = weight, .event = event};
}

static cxm_survival_curve curve_of(const cxm_survival_record *r, uint64_t n, int32_t limits)
{
    cxm_survival_curve c = {.size = sizeof c};
    assert_int_equal(cxm_survival_curve_of_records(r, n, limits, 0.0, &c), CXM_OK);
    return c;
}

static cxm_survival_point next(cxm_survival_curve *c)
{
    cxm_survival_point p = {.size = sizeof p};
    assert_int_equal(cxm_survival_next(c, &p), CXM_OK);
    return p;
}

/* --- the sort --- */

static int by_exit(const void *x, const void *y)
{
    const cxm_survival_record *a = x, *b = y;
    if (a->exit != b->exit) return a->exit < b->exit ? -1 : 1;
    if (a->event != b->event) return a->event > b->event ? -1 : 1;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

static int by_entry(const void *x, const void *y)
{
    const cxm_survival_record *a = x, *b = y;
    if (a->entry != b->entry) return a->entry < b->entry ? -1 : 1;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

/* An order that is hard for medians of three (D. R. Musser 1997, section 2), for any even n. */
static double killer(size_t i, size_t n)
{
    size_t half = n / 2;
    if (i >= half) return (double)(2 * (i - half + 1));
    return (double)(i % 2 == 0 ? i + 1 : half + i + (half % 2 == 0));
}

static double order_of(int shape, size_t i, size_t n, uint64_t *seed)
{
    switch (shape) {
    case 0: return (double)(test_rand(seed) % 1000000) / 7.0;
    case 1: return (double)i;
    case 2: return (double)(n - i);
    case 3: return 5.0;
    case 4: return (double)(i < n / 2 ? i : n - i);
    case 5: return (double)(test_rand(seed) % 3);
    default: return killer(i, n);
    }
}

static void lists_are_sorted_each_by_itself(void **state)
{
    (void)state;
    static cxm_survival_record got[MOST], exits[MOST], entries[MOST];
    static const size_t sizes[] = {0, 1, 2, 3, 23, 24, 25, 26, 100, 1000, MOST};
    uint64_t seed = 1;
    for (int shape = 0; shape < 7; ++shape)
        for (size_t k = 0; k < COUNT_OF(sizes); ++k) {
            size_t n = sizes[k];
            for (size_t i = 0; i < n; ++i) {
                double entry = order_of(shape, i, n, &seed);
                double weight = 1.0 + (double)(test_rand(&seed) % 4) / 8.0;
                double stay = order_of((shape + 1) % 7, n - 1 - i, n, &seed) + 1.0;
                got[i] = record_of(entry, entry + stay, weight, (int32_t)(test_rand(&seed) % 2));
            }
            memcpy(exits, got, n * sizeof *got);
            memcpy(entries, got, n * sizeof *got);
            qsort(exits, n, sizeof *exits, by_exit);
            qsort(entries, n, sizeof *entries, by_entry);
            assert_int_equal(cxm_survival_sort(got, n, NULL), CXM_OK);
            for (size_t i = 0; i < n; ++i) {
                assert_true(got[i].exit == exits[i].exit && got[i].event == exits[i].event && got[i].weight == exits[i].weight);
                assert_true(got[i].entry == entries[i].entry && got[i].entry_weight == entries[i].weight);
            }
        }
}

/* --- curves --- */

/* Whole times in a histogram and in records: every point the same, to the bit, with its quantiles and means. */
static void whole_times_are_a_histogram(void **state)
{
    (void)state;
    static cxm_survival_record r[500];
    uint64_t seed = 2;
    for (int trial = 0; trial < 60; ++trial) {
        uint64_t n = 1 + test_rand(&seed) % 500, most = 1 + test_rand(&seed) % 300;
        cxm_survival *s = NULL;
        assert_int_equal(cxm_survival_create(1000, NULL, &s), CXM_OK);
        for (uint64_t i = 0; i < n; ++i) {
            int64_t entry = test_rand(&seed) % 2 ? 0 : (int64_t)(test_rand(&seed) % most);
            int64_t exit = entry + (entry > 0) + (int64_t)(test_rand(&seed) % most);
            r[i] = record_of((double)entry, (double)exit, 1.0, (int32_t)(test_rand(&seed) % 2));
            assert_int_equal(cxm_survival_add(s, entry, exit, r[i].event), CXM_OK);
        }
        assert_int_equal(cxm_survival_sort(r, n, NULL), CXM_OK);
        cxm_survival_curve a = {.size = sizeof a}, b = curve_of(r, n, trial % 4);
        assert_int_equal(cxm_survival_curve_of(s, trial % 4, 0.0, &a), CXM_OK);
        cxm_survival_time x = {.size = sizeof x}, y = x;
        for (double at = 0.125; at < 1.0; at += 0.125) {
            assert_int_equal(cxm_survival_quantile(&a, at, &x), cxm_survival_quantile(&b, at, &y));
            assert_memory_equal(&x, &y, sizeof x);
            assert_int_equal(cxm_survival_mean(&a, at * (double)most, &x), cxm_survival_mean(&b, at * (double)most, &y));
            assert_memory_equal(&x, &y, sizeof x);
        }
        cxm_survival_point p = {.size = sizeof p}, q = p;
        for (cxm_status status = CXM_OK; status == CXM_OK;) {
            status = cxm_survival_next(&a, &p);
            assert_int_equal(status, cxm_survival_next(&b, &q));
            assert_memory_equal(&p, &q, sizeof p);
        }
        cxm_survival_free(s);
    }
}

/* A weight of k is k records; and a fraction counts in at_risk as the long sum does. */
static void weights_count(void **state)
{
    (void)state;
    static cxm_survival_record one[400], many[1600], fractions[400];
    static double entry[400], exits[400];
    uint64_t seed = 4, n = 400, m = 0;
    for (uint64_t i = 0; i < n; ++i) {
        entry[i] = test_rand(&seed) % 2 ? 0.0 : (double)(test_rand(&seed) % 100) / 8.0;
        exits[i] = entry[i] + (double)(1 + test_rand(&seed) % 200) / 8.0;
        uint64_t weight = 1 + test_rand(&seed) % 4;
        one[i] = record_of(entry[i], exits[i], (double)weight, (int32_t)(test_rand(&seed) % 2));
        fractions[i] = record_of(entry[i], exits[i], 0.1, one[i].event);
        while (weight--) many[m++] = record_of(entry[i], exits[i], 1.0, one[i].event);
    }
    assert_int_equal(cxm_survival_sort(one, n, NULL), CXM_OK);
    assert_int_equal(cxm_survival_sort(many, m, NULL), CXM_OK);
    assert_int_equal(cxm_survival_sort(fractions, n, NULL), CXM_OK);
    cxm_survival_curve a = curve_of(one, n, 0), b = curve_of(many, m, 0), c = curve_of(fractions, n, 0);
    cxm_survival_point p = {.size = sizeof p}, q = p;
    while (cxm_survival_next(&a, &p) == CXM_OK) {
        assert_int_equal(cxm_survival_next(&b, &q), CXM_OK);
        assert_memory_equal(&p, &q, sizeof p);
        uint64_t at_risk = 0;
        for (uint64_t i = 0; i < n; ++i) at_risk += (entry[i] == 0.0 || entry[i] < p.t) && p.t <= exits[i];
        assert_close(next(&c).at_risk, 0.1 * (double)at_risk, 1e-15);
    }
    assert_int_equal(cxm_survival_next(&b, &q), CXM_END);
}

/* Any order of the same records gives the same bits. */
static void order_changes_nothing(void **state)
{
    (void)state;
    static cxm_survival_record a[300], b[300];
    uint64_t seed = 8;
    for (int i = 0; i < 300; ++i) {
        double entry = test_rand(&seed) % 2 ? 0.0 : (double)(test_rand(&seed) % 20) / 3.0;
        double exit = entry + (double)(1 + test_rand(&seed) % 20) / 3.0, weight = (double)(1 + test_rand(&seed) % 1000) / 7.0;
        a[i] = record_of(entry, exit, weight, (int32_t)(test_rand(&seed) % 2));
    }
    memcpy(b, a, sizeof a);
    for (size_t i = 300; i-- > 1;) {
        size_t j = test_rand(&seed) % (i + 1);
        cxm_survival_record kept = b[i];
        b[i] = b[j];
        b[j] = kept;
    }
    assert_int_equal(cxm_survival_sort(a, 300, NULL), CXM_OK);
    assert_int_equal(cxm_survival_sort(b, 300, NULL), CXM_OK);
    assert_memory_equal(a, b, sizeof a);
}

/* Weights far apart: when the last leave, S is 0 and not what rounding left. */
static void rounding_leaves_nobody(void **state)
{
    (void)state;
    cxm_survival_record r[] = {record_of(0, 1.5, 1e15, 1), record_of(0, 2.5, 0.1, 1), record_of(0, 2.5, 0.3, 1),
                               record_of(2.75, 3, 1e-15, 1)};
    assert_int_equal(cxm_survival_sort(r, 4, NULL), CXM_OK);
    cxm_survival_curve c = curve_of(r, 4, CXM_SURVIVAL_PLAIN);
    assert_close(next(&c).survival, 0.4 / (1e15 + 0.4), 1e-12);
    cxm_survival_point p = next(&c);
    assert_close(p.at_risk, 0.4, 1e-12);
    assert_true(p.survival == 0.0);
    p = next(&c);
    assert_true(p.at_risk == 1e-15 && p.entered == 1e-15 && p.survival == 0.0);
}

static void misuse(void **state)
{
    (void)state;
    static const double none[] = {NAN, -1.0, INFINITY, -INFINITY};
    cxm_survival_record good = record_of(1.0, 2.0, 1.0, 1), r[3];
    cxm_survival_curve c = {.size = sizeof c}, small = {.size = 8};
    uint64_t bad = 9;
    for (int field = 0; field < 3; ++field)
        for (size_t i = 0; i < COUNT_OF(none); ++i) {
            for (int k = 0; k < 3; ++k) r[k] = good;
            *(field == 0 ? &r[1].entry : field == 1 ? &r[1].exit : &r[1].weight) = none[i];
            assert_int_equal(cxm_survival_sort(r, 3, &bad), CXM_E_DOMAIN);
            assert_int_equal(bad, 1);
            assert_memory_equal(&r[0], &good, sizeof good);
        }
    const cxm_survival_record wrong[] = {record_of(2, 2, 1, 1), record_of(3, 2, 1, 1), record_of(0, 1e101, 1, 1), record_of(0, 1, 0, 1),
                                         record_of(0, 1, 1e16, 1), record_of(0, 1, 1, 2), record_of(0, 1, 1, -1),
                                         {.exit = 1, .weight = 1, .reserved = 1}, {.exit = 1, .weight = 1, .entry_weight = 1}};
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        r[0] = wrong[i];
        assert_int_equal(cxm_survival_sort(r, 1, &bad), CXM_E_DOMAIN);
        assert_int_equal(cxm_survival_sort(r, 1, NULL), CXM_E_DOMAIN);
        assert_int_equal(bad, 0);
    }
    assert_int_equal(cxm_survival_sort(NULL, 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_sort(NULL, 0, NULL), CXM_OK);
    assert_int_equal(cxm_survival_curve_of_records(NULL, 0, 0, 0.0, &c), CXM_E_EMPTY);
    assert_int_equal(cxm_survival_curve_of_records(NULL, 1, 0, 0.0, &c), CXM_E_ARG);
    r[0] = record_of(0, 5, 1, 1);
    r[1] = record_of(0, 3, 1, 1);
    assert_int_equal(cxm_survival_curve_of_records(r, 2, 0, 0.0, &c), CXM_E_UNDEFINED);
    assert_int_equal(cxm_survival_sort(r, 2, NULL), CXM_OK);
    assert_int_equal(cxm_survival_curve_of_records(r, 2, 0, 0.0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_curve_of_records(r, 2, 0, 0.0, &small), CXM_E_ABI);
    assert_int_equal(cxm_survival_curve_of_records(r, 2, 9, 0.0, &c), CXM_E_METHOD);
    assert_int_equal(cxm_survival_curve_of_records(r, 2, 0, 1.0, &c), CXM_E_ARG);
    r[0].entry = r[1].entry = 4;                        /* who leaves at 3 was never there */
    assert_int_equal(cxm_survival_curve_of_records(r, 2, 0, 0.0, &c), CXM_E_UNDEFINED);
    for (int field = 0; field < 4; ++field)
        for (size_t i = 0; i < COUNT_OF(none); ++i) {
            r[0] = record_of(0, 3, 1, 1);
            r[0].entry_weight = 1;
            *(field == 0 ? &r[0].entry : field == 1 ? &r[0].exit : field == 2 ? &r[0].weight : &r[0].entry_weight) = none[i];
            assert_int_equal(cxm_survival_curve_of_records(r, 1, 0, 0.0, &c), CXM_E_UNDEFINED);
        }
    r[0] = record_of(-0.0, -0.0, 1, 1);
    assert_int_equal(cxm_survival_sort(r, 1, NULL), CXM_OK);
    c = curve_of(r, 1, 0);
    assert_true(!signbit(next(&c).t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_sorted_each_by_itself), cmocka_unit_test(whole_times_are_a_histogram),
        cmocka_unit_test(weights_count), cmocka_unit_test(order_changes_nothing), cmocka_unit_test(rounding_leaves_nobody),
        cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/survival_records", tests, NULL, NULL);
}
