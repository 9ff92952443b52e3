/* SPDX-License-Identifier: MIT */
/* test_dedupe.c - one answer a key against a plain search over all records, in every order. */
#include <cxm/engine.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

enum { RECORDS = 300, KEYS = 40, CHANNELS = 3 };

/* A record by hand: everything the rule looks at. */
typedef struct answer { int key, channel, time, kind; double value; } answer;

static answer random_answer(uint64_t *seed)
{
    uint64_t draw = test_rand(seed);
    return (answer){(int)(draw % KEYS), (int)(draw >> 8) & 1 ? 2 : (int)(draw >> 9) & 1, (int)((draw >> 16) % 6),
                    (int)((draw >> 24) % 6), (double)((draw >> 32) % 13) - 1.0};
}

static bool competes(const answer *a)
{
    return a->kind >= 2 && a->key > 0 && a->value >= 0.0 && a->value <= 10.0;      /* key 0 is a blank one */
}

/* The rule of engine.h, as it is written there. */
static bool beats(const answer *a, const answer *b, int32_t dedupe)
{
    if (a->time != b->time) return dedupe == CXM_DEDUPE_FIRST ? a->time < b->time : a->time > b->time;
    if (a->value != b->value) return a->value > b->value;
    return a->channel < b->channel;
}

/* What one channel should hold: answers scored by point, and duplicates of all channels. */
static uint64_t expected(const answer *all, int channel, int32_t dedupe, uint64_t counts[11])
{
    uint64_t duplicates = 0;
    memset(counts, 0, 11 * sizeof *counts);
    for (int i = 0; i < RECORDS; ++i) {
        bool loses = false;
        for (int k = 0; k < RECORDS && dedupe && competes(&all[i]); ++k) {
            if (k == i || !competes(&all[k]) || all[k].key != all[i].key) continue;
            loses |= beats(&all[k], &all[i], dedupe) || (!beats(&all[i], &all[k], dedupe) && k < i);   /* twins: one stays */
        }
        duplicates += loses;
        bool on_scale = all[i].kind >= 2 && all[i].value >= 0.0 && all[i].value <= 10.0;
        if (on_scale && !loses && all[i].channel == channel) ++counts[(int)all[i].value];
    }
    return duplicates;
}

static cxm_engine *engine_of(int32_t dedupe, const cxm_scale_spec *spec)
{
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .scale = spec, .dedupe = dedupe};
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_OK);
    return engine;
}

static void add(cxm_engine *engine, const answer *a)
{
    static const cxm_view channels[CHANNELS] = {{"chat", 4}, {"mail", 4}, {"web", 3}};
    char key[2] = {(char)('0' + a->key % 10), (char)('0' + a->key / 10)};
    cxm_record record = {.size = sizeof record, .answer = a->kind == 0 ? CXM_ANSWER_MISSING : a->kind == 1 ? CXM_ANSWER_UNPARSED : CXM_ANSWER_GIVEN,
                         .value = a->value, .at_us = a->time, .time = CXM_TIME_GIVEN, .segment_count = 1,
                         .segments = &channels[a->channel], .key = {key, a->key ? 2 : 0}};
    assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
}

static void check(cxm_engine *engine, const answer *all, int32_t dedupe)
{
    static const char *const channels[CHANNELS] = {"chat", "mail", "web"};
    cxm_engine_result result = {.size = sizeof result};
    cxm_account account = {.size = sizeof account};
    uint64_t counts[11];
    assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
    assert_int_equal(account.records, RECORDS);
    assert_int_equal(account.duplicates, expected(all, 0, dedupe, counts));
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_next(engine, &result), CXM_OK);
    for (int c = 0; c < CHANNELS; ++c) {
        assert_int_equal(cxm_engine_next(engine, &result), CXM_OK);
        assert_memory_equal(result.segments[0].text, channels[c], strlen(channels[c]));
        expected(all, c, dedupe, counts);
        assert_memory_equal(result.state->counts, counts, sizeof counts);
    }
    assert_int_equal(cxm_engine_next(engine, &result), CXM_END);
}

static void one_answer_a_key_in_any_order(void **state)
{
    (void)state;
    uint64_t seed = 31;
    cxm_scale_spec spec;
    answer all[RECORDS];
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    for (int trial = 0; trial < 30; ++trial) {
        for (int i = 0; i < RECORDS; ++i) all[i] = random_answer(&seed);
        cxm_engine *engine = engine_of(trial % 3, &spec);
        for (int i = 0; i < RECORDS; ++i) {
            int other = i + (int)(test_rand(&seed) % (uint64_t)(RECORDS - i));
            answer swap = all[i];
            all[i] = all[other];
            all[other] = swap;
            add(engine, &all[i]);
        }
        check(engine, all, trial % 3);
        cxm_engine_free(engine);
    }
}

static void keys_are_bounded(void **state)
{
    (void)state;
    cxm_scale_spec spec;
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    cxm_engine_options options = {.size = sizeof options, .scale = &spec, .dedupe = CXM_DEDUPE_LATEST, .dedupe_bytes = 65536};
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_OK);
    assert_true(cxm_engine_bytes(&options) == 16 * 1024 * 1024 + 65536);
    cxm_status status = CXM_OK;
    uint64_t added = 0;
    for (; status == CXM_OK; ++added) {
        cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = 9, .time = CXM_TIME_GIVEN,
                             .key = {(const char *)&added, sizeof added}};
        status = cxm_engine_add(engine, &record);
    }
    assert_int_equal(status, CXM_E_LIMIT);
    assert_true(added > 100);
    cxm_account account = {.size = sizeof account};
    assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
    assert_int_equal(account.records, added - 1);           /* the refused one is counted nowhere */
    cxm_engine_free(engine);
    options.dedupe_bytes = 1000;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_E_LIMIT);
    options.dedupe = 3;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_E_ARG);
    options.dedupe = 0;
    options.reserved = 1;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_E_ARG);
}

static void a_record_without_a_time_does_not_compete(void **state)
{
    (void)state;
    cxm_scale_spec spec;
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    cxm_engine *engine = engine_of(CXM_DEDUPE_FIRST, &spec);
    cxm_view segment = {"web", 3};
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_GIVEN, .value = 9, .segments = &segment, .segment_count = 1, .key = {"a", 1}};
    cxm_account account = {.size = sizeof account};
    assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
    record.time = CXM_TIME_UNPARSED;
    assert_int_equal(cxm_engine_add(engine, &record), CXM_OK);
    record.key = (cxm_view){NULL, 3};
    assert_int_equal(cxm_engine_add(engine, &record), CXM_E_ARG);
    assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
    assert_true(account.excluded == 1 && account.unparsed == 1 && account.scored == 0);
    cxm_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_answer_a_key_in_any_order), cmocka_unit_test(keys_are_bounded),
                                       cmocka_unit_test(a_record_without_a_time_does_not_compete)};
    return cmocka_run_group_tests_name("stream/dedupe", tests, NULL, NULL);
}
