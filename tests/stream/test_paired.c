/* SPDX-License-Identifier: MIT */
/* test_paired.c - people asked twice against a plain search over all answers, in every order and partition. */
#include <cxm/nps.h>
#include <cxm/paired.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ANSWERS = 400, KEYS = 60, PARTS = 7 };

typedef struct given { int key, wave, answer, time; } given;

static given random_given(uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    return (given){(int)(draw % KEYS), (int)(draw >> 8) & 1, (int)((draw >> 16) % 11), (int)((draw >> 24) % 5)};
}

static cxm_scale_spec nps_spec(cxm_scale_ask *ask)
{
    cxm_scale_spec spec;
    cxm_scale_ask own;
    assert_int_equal(cxm_nps_define(0, 10, &spec, ask ? ask : &own), CXM_OK);
    return spec;
}

static cxm_paired *paired_of(const cxm_scale_spec *spec)
{
    cxm_paired_options options = {.size = sizeof options, .scale = spec, .hash_seed = 3};
    cxm_paired *paired = NULL;
    assert_int_equal(cxm_paired_create(&options, NULL, &paired), CXM_OK);
    return paired;
}

/* Key 0 is nobody's. */
static cxm_status add(cxm_paired *paired, const given *g)
{
    char key[24];
    int len = g->key ? snprintf(key, sizeof key, "person-%d", g->key) : 0;
    return cxm_paired_add(paired, g->wave, (cxm_view){key, (size_t)len}, g->answer, g->time);
}

/* The answer that counts, by the rule of the header; -1 for none. */
static int counts(const given *all, int key, int wave)
{
    const given *best = NULL;
    for (int i = 0; i < ANSWERS; ++i) {
        const given *g = &all[i];
        if (g->key != key || g->wave != wave) continue;
        if (!best || g->time > best->time || (g->time == best->time && g->answer > best->answer)) best = g;
    }
    return best ? best->answer : -1;
}

static int band(int answer)
{
    return answer <= 6 ? 0 : answer <= 8 ? 1 : 2;
}

static cxm_paired_summary expected(const given *all)
{
    cxm_paired_summary want = {.size = sizeof want};
    double sum = 0.0, squares = 0.0, before = 0.0, after = 0.0;
    uint64_t kept = 0;
    for (int key = 1; key < KEYS; ++key) {
        int x = counts(all, key, 0), y = counts(all, key, 1);
        kept += (uint64_t)(x >= 0) + (y >= 0);
        if (x >= 0 && y < 0) ++want.only_before;
        if (x < 0 && y >= 0) ++want.only_after;
        if (x < 0 || y < 0) continue;
        ++want.pairs;
        ++want.transitions[3 * band(x) + band(y)];
        want.raised += y > x;
        want.lowered += y < x;
        before += x, after += y, sum += y - x, squares += (y - x) * (y - x);
    }
    for (int i = 0; i < ANSWERS; ++i) want.unkeyed += all[i].key == 0;
    want.repeats = ANSWERS - want.unkeyed - kept;
    double n = (double)want.pairs;
    want.mean_before = before / n;
    want.mean_after = after / n;
    want.sd_change = sqrt((squares - sum * sum / n) / (n - 1.0));
    return want;
}

static void assert_summary(const cxm_paired *paired, const cxm_paired_summary *want)
{
    cxm_paired_summary got = {.size = sizeof got};
    assert_int_equal(cxm_paired_summarize(paired, &got), CXM_OK);
    assert_int_equal(got.pairs, want->pairs);
    assert_int_equal(got.only_before, want->only_before);
    assert_int_equal(got.only_after, want->only_after);
    assert_int_equal(got.repeats, want->repeats);
    assert_int_equal(got.unkeyed, want->unkeyed);
    assert_memory_equal(got.transitions, want->transitions, sizeof got.transitions);
    assert_int_equal(got.raised, want->raised);
    assert_int_equal(got.lowered, want->lowered);
    assert_close(got.mean_before, want->mean_before, 1e-14);
    assert_close(got.mean_after, want->mean_after, 1e-14);
    assert_close(got.sd_change, want->sd_change, 1e-12);
}

static void people_are_those_of_a_plain_search(void **state)
{
    (void)state;
    uint64_t seed = 20261125;
    cxm_scale_spec spec = nps_spec(NULL);
    for (int trial = 0; trial < 60; ++trial) {
        given all[ANSWERS];
        for (int i = 0; i < ANSWERS; ++i) all[i] = random_given(&seed);
        cxm_paired_summary want = expected(all);
        cxm_paired *paired = paired_of(&spec);
        for (int i = 0; i < ANSWERS; ++i) assert_int_equal(add(paired, &all[i]), CXM_OK);
        assert_summary(paired, &want);
        cxm_paired_free(paired);
    }
}

/* The keys of both waves are walked in the order of their bytes, each with the answers that count. */
static void the_walk_is_in_order(void **state)
{
    (void)state;
    uint64_t seed = 9;
    cxm_scale_spec spec = nps_spec(NULL);
    given all[ANSWERS];
    for (int i = 0; i < ANSWERS; ++i) all[i] = random_given(&seed);
    cxm_paired_summary want = expected(all);
    cxm_paired *paired = paired_of(&spec);
    for (int i = 0; i < ANSWERS; ++i) assert_int_equal(add(paired, &all[i]), CXM_OK);
    for (int walk = 0; walk < 2; ++walk) {
        cxm_person who = {.size = sizeof who};
        char before[24] = "";
        uint64_t seen = 0;
        for (; cxm_paired_next(paired, &who) == CXM_OK; ++seen) {
            char key[24];
            snprintf(key, sizeof key, "%.*s", (int)who.key.len, who.key.text);
            assert_true(strcmp(before, key) < 0);
            int number = atoi(key + strlen("person-"));
            assert_int_equal(who.before, counts(all, number, 0));
            assert_int_equal(who.after, counts(all, number, 1));
            assert_int_equal(who.band_before, band(who.before));
            assert_int_equal(who.band_after, band(who.after));
            strcpy(before, key);
        }
        assert_int_equal(seen, want.pairs);
    }
    cxm_paired_free(paired);
}

/* Parts that share keys, merged in any order, hold what one pass over all holds. */
static void parts_merge_to_one_pass(void **state)
{
    (void)state;
    uint64_t seed = 77;
    cxm_scale_spec spec = nps_spec(NULL);
    for (int trial = 0; trial < 40; ++trial) {
        given all[ANSWERS];
        cxm_paired *part[PARTS];
        for (int k = 0; k < PARTS; ++k) part[k] = paired_of(&spec);
        for (int i = 0; i < ANSWERS; ++i) {
            all[i] = random_given(&seed);
            assert_int_equal(add(part[test_rand(&seed) % PARTS], &all[i]), CXM_OK);
        }
        for (int left = PARTS; left > 1; --left) {
            size_t a = test_rand(&seed) % (unsigned)left, b = (a + 1 + test_rand(&seed) % (unsigned)(left - 1)) % (unsigned)left;
            assert_int_equal(cxm_paired_merge(part[a], part[b]), CXM_OK);
            cxm_paired_free(part[b]);
            part[b] = part[left - 1];
            if (a == (unsigned)left - 1) part[b] = part[a];
        }
        cxm_paired_summary want = expected(all);
        assert_summary(part[0], &want);
        cxm_paired_free(part[0]);
    }
}

/* Each value by its own definition, from three people: 2 -> 9, 8 -> 8, 10 -> 7. */
static void values_by_hand(void **state)
{
    (void)state;
    cxm_scale_ask ask;
    cxm_scale_spec spec = nps_spec(&ask);
    static const given all[] = {{1, 0, 2, 0}, {1, 1, 9, 0}, {2, 0, 8, 0}, {2, 1, 8, 0}, {3, 0, 10, 0}, {3, 1, 7, 0}};
    cxm_paired *paired = paired_of(&spec);
    for (size_t i = 0; i < COUNT_OF(all); ++i) assert_int_equal(add(paired, &all[i]), CXM_OK);
    cxm_difference got = {.size = sizeof got};
    uint64_t transitions[9] = {0, 0, 1, 0, 1, 0, 0, 1, 0};
    cxm_difference net = {.size = sizeof net};
    assert_int_equal(cxm_compare_paired_trinomial(transitions, CXM_COMPARE_PAIRED_SCORE, 0.95, &net), CXM_OK);
    ask.level = 0.95;
    assert_int_equal(cxm_paired_compare(paired, &ask, CXM_COMPARE_PAIRED_SCORE, &got), CXM_OK);
    assert_close(got.difference, 100.0 / 3.0, 1e-14);
    assert_close(got.low, 100.0 * net.low, 1e-14);
    assert_close(got.p, net.p, 1e-14);
    /* changes 7, 0, -3: mean 4/3, sd sqrt(79/3), se sqrt(79/9); t with 2 degrees of freedom at 0.95 is 4.302652729696142 */
    cxm_scale_ask mean = {.size = sizeof mean, .value = CXM_VALUE_MEAN, .level = 0.95};
    assert_int_equal(cxm_paired_compare(paired, &mean, CXM_COMPARE_DEFAULT, &got), CXM_OK);
    assert_close(got.difference, 4.0 / 3.0, 1e-14);
    assert_close(got.se, sqrt(79.0 / 9.0), 1e-14);
    assert_close(got.low, fmax(-10.0, 4.0 / 3.0 - 4.302652729696142 * sqrt(79.0 / 9.0)), 1e-12);
    assert_close(got.df, 2.0, 0.0);
    assert_int_equal(cxm_paired_compare(paired, NULL, CXM_COMPARE_DEFAULT, &got), CXM_OK);
    assert_close(got.difference, 4.0 / 3.0, 1e-14);
    /* top boxes: one came, one left, one stayed below */
    cxm_scale_ask top = {.size = sizeof top, .value = CXM_VALUE_TOP, .level = 0.95};
    assert_int_equal(cxm_paired_compare(paired, &top, CXM_COMPARE_DEFAULT, &got), CXM_OK);
    assert_close(got.difference, 0.0, 0.0);
    assert_close(got.se, 1.0 / sqrt(3.0), 1e-14);
    assert_int_equal(cxm_paired_compare(paired, &mean, CXM_COMPARE_PAIRED_SCORE, &got), CXM_E_METHOD);
    cxm_paired_free(paired);
}

/* Where lower is better a fall of the answer is a rise. */
static void direction_turns_bands_and_movements(void **state)
{
    (void)state;
    cxm_scale_spec spec;
    assert_int_equal(cxm_scale_define(1, 5, CXM_LOWER_IS_BETTER, &spec), CXM_OK);
    cxm_paired *paired = paired_of(&spec);
    assert_int_equal(add(paired, &(given){1, 0, 5, 0}), CXM_OK);
    assert_int_equal(add(paired, &(given){1, 1, 1, 0}), CXM_OK);
    cxm_paired_summary got = {.size = sizeof got};
    assert_int_equal(cxm_paired_summarize(paired, &got), CXM_OK);
    assert_int_equal(got.transitions[2], 1);
    assert_int_equal(got.raised, 1);
    assert_int_equal(got.lowered, 0);
    assert_close(got.sd_change, 0.0, 0.0);
    cxm_paired_free(paired);
}

static void nobody_and_one(void **state)
{
    (void)state;
    cxm_scale_ask ask;
    cxm_scale_spec spec = nps_spec(&ask);
    cxm_paired *paired = paired_of(&spec);
    cxm_paired_summary got = {.size = sizeof got};
    cxm_difference change = {.size = sizeof change};
    cxm_person who = {.size = sizeof who};
    assert_int_equal(cxm_paired_summarize(paired, &got), CXM_OK);
    assert_int_equal(got.pairs, 0);
    assert_int_equal(cxm_paired_next(paired, &who), CXM_END);
    assert_int_equal(cxm_paired_compare(paired, &ask, 0, &change), CXM_E_EMPTY);
    assert_int_equal(add(paired, &(given){1, 0, 5, 0}), CXM_OK);
    assert_int_equal(cxm_paired_next(paired, &who), CXM_END);
    assert_int_equal(add(paired, &(given){1, 1, 9, 0}), CXM_OK);
    assert_int_equal(cxm_paired_compare(paired, &ask, 0, &change), CXM_E_UNDEFINED);
    cxm_scale_ask mean = {.size = sizeof mean, .value = CXM_VALUE_MEAN};
    assert_int_equal(cxm_paired_compare(paired, &mean, 0, &change), CXM_E_UNDEFINED);
    assert_int_equal(cxm_paired_compare(paired, &ask, CXM_COMPARE_PAIRED_SCORE, &change), CXM_OK);
    cxm_paired_free(paired);
}

static void misuse_is_refused(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec(NULL), other;
    cxm_paired *paired = paired_of(&spec), *second;
    cxm_paired_options options = {.size = sizeof options, .scale = &spec};
    cxm_view key = {"k", 1}, none = {NULL, 1};
    cxm_paired_summary small = {.size = 8};
    cxm_person short_person = {.size = 8};
    cxm_difference change = {.size = sizeof change};
    cxm_scale_ask odd = {.size = sizeof odd, .value = 99}, tiny = {.size = 4};
    assert_int_equal(cxm_paired_create(NULL, NULL, &second), CXM_E_ARG);
    assert_int_equal(cxm_paired_create(&options, NULL, NULL), CXM_E_ARG);
    options.scale = NULL;
    assert_int_equal(cxm_paired_create(&options, NULL, &second), CXM_E_ARG);
    options.scale = &spec;
    options.max_bytes = 1000;
    assert_int_equal(cxm_paired_create(&options, NULL, &second), CXM_E_LIMIT);
    options.size = 4;
    assert_int_equal(cxm_paired_create(&options, NULL, &second), CXM_E_ABI);
    options = (cxm_paired_options){.size = sizeof options, .scale = &spec, .reserved = 1};
    assert_int_equal(cxm_paired_create(&options, NULL, &second), CXM_E_ARG);
    assert_int_equal(cxm_paired_add(paired, 2, key, 5, 0), CXM_E_ARG);
    assert_int_equal(cxm_paired_add(paired, 0, none, 5, 0), CXM_E_ARG);
    assert_int_equal(cxm_paired_add(NULL, 0, key, 5, 0), CXM_E_ARG);
    assert_int_equal(cxm_paired_add(paired, 0, key, 11, 0), CXM_E_DOMAIN);
    assert_int_equal(cxm_paired_add(paired, 0, key, -1, 0), CXM_E_DOMAIN);
    assert_int_equal(cxm_paired_summarize(paired, &small), CXM_E_ABI);
    assert_int_equal(cxm_paired_summarize(NULL, &small), CXM_E_ARG);
    assert_int_equal(cxm_paired_next(paired, &short_person), CXM_E_ABI);
    assert_int_equal(cxm_paired_next(paired, NULL), CXM_E_ARG);
    assert_int_equal(cxm_paired_merge(paired, paired), CXM_E_ARG);
    assert_int_equal(cxm_paired_merge(paired, NULL), CXM_E_ARG);
    assert_int_equal(cxm_paired_compare(paired, &odd, 0, &change), CXM_E_ARG);
    assert_int_equal(cxm_paired_compare(paired, &tiny, 0, &change), CXM_E_ABI);
    assert_int_equal(cxm_paired_compare(NULL, NULL, 0, &change), CXM_E_ARG);
    assert_int_equal(cxm_scale_define(1, 5, CXM_HIGHER_IS_BETTER, &other), CXM_OK);
    second = paired_of(&other);
    assert_int_equal(cxm_paired_merge(paired, second), CXM_E_MISMATCH);
    cxm_paired_free(second);
    cxm_paired_free(paired);
    cxm_paired_free(NULL);
}

/* A bound that is reached refuses further keys, and keeps what it has. */
static void memory_is_bounded(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec(NULL);
    cxm_paired_options options = {.size = sizeof options, .scale = &spec, .max_bytes = 64 * 1024};
    cxm_paired *paired = NULL;
    cxm_status status = CXM_OK;
    uint64_t kept = 0;
    assert_int_equal(cxm_paired_create(&options, NULL, &paired), CXM_OK);
    for (int i = 1; status == CXM_OK; ++i) {
        status = add(paired, &(given){i, 0, 5, 0});
        kept += status == CXM_OK;
    }
    cxm_paired_summary got = {.size = sizeof got};
    assert_int_equal(status, CXM_E_LIMIT);
    assert_int_equal(cxm_paired_summarize(paired, &got), CXM_OK);
    assert_true(kept > 100);
    assert_int_equal(got.only_before, kept);
    assert_int_equal(add(paired, &(given){1, 1, 5, 0}), CXM_OK);
    cxm_paired_free(paired);
}

/* Every allocation fails once, and from then on: nothing is counted by the call that failed, which is offered again. */
static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec(NULL);
    size_t points = 0;
    for (int forever = 0; forever < 2; ++forever)
        for (size_t k = 1, failed = 1; failed; ++k) {
            ledger own = {.fail_at = k, .fail_on = forever};
            cxm_alloc hook = ledger_hook(&own);
            cxm_paired_options options = {.size = sizeof options, .scale = &spec};
            cxm_paired *paired = NULL;
            cxm_paired_summary got = {.size = sizeof got};
            cxm_status status = cxm_paired_create(&options, &hook, &paired);
            if (status != CXM_OK) assert_int_equal(status, CXM_E_MEMORY);
            for (int i = 1; status == CXM_OK && i < 2000; ++i) {
                status = add(paired, &(given){i, i % 2, i % 11, 0});
                if (status == CXM_OK) continue;
                assert_int_equal(status, CXM_E_MEMORY);
                own.fail_at = 0;
                status = add(paired, &(given){i, i % 2, i % 11, 0});
                assert_int_equal(status, CXM_OK);
            }
            failed = own.failed;
            points += failed > 0;
            if (status == CXM_OK) {
                assert_int_equal(cxm_paired_summarize(paired, &got), CXM_OK);
                assert_int_equal(got.only_before + got.only_after, 1999);
            }
            cxm_paired_free(paired);
            assert_int_equal(own.live, 0);
        }
    print_message("%zu allocation faults injected\n", points);
    assert_true(points > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_those_of_a_plain_search), cmocka_unit_test(the_walk_is_in_order), cmocka_unit_test(parts_merge_to_one_pass),
        cmocka_unit_test(values_by_hand), cmocka_unit_test(direction_turns_bands_and_movements), cmocka_unit_test(nobody_and_one),
        cmocka_unit_test(misuse_is_refused), cmocka_unit_test(memory_is_bounded), cmocka_unit_test(every_failed_allocation_is_reported)};
    return cmocka_run_group_tests_name("stream/paired", tests, NULL, NULL);
}
