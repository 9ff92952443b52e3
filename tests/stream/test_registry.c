/* SPDX-License-Identifier: MIT */
/* test_registry.c - engines of labels and of weights: every record once, within the bound, and read when it is full. */
#include <cxm/engine.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

static const cxm_label_options bounds = {.size = sizeof bounds, .max_labels = 40, .max_label_bytes = 20};

static cxm_engine *engine_of(const cxm_engine_options *options, const cxm_alloc *alloc)
{
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_engine_create(options, alloc, &engine), CXM_OK);
    return engine;
}

static cxm_status add(cxm_engine *engine, const char *segment, const char *label)
{
    cxm_view place = {segment, strlen(segment)};
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_MISSING, .segments = &place, .segment_count = 1};
    if (label) record.answer = CXM_ANSWER_GIVEN, record.label = (cxm_view){label, strlen(label)};
    return cxm_engine_add(engine, &record);
}

static uint64_t count_of(const cxm_label *labels, const char *label)
{
    uint64_t count = 0;
    assert_int_equal(cxm_label_count(labels, label, strlen(label), &count), CXM_OK);
    return count;
}

/* By hand: web good good bad blank, phone good and one label of 21 bytes. */
static void results_carry_the_labels_of_each_segment(void **state)
{
    (void)state;
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .label = &bounds}, told = {.size = sizeof told};
    cxm_engine *engine = engine_of(&options, NULL);
    cxm_account account = {.size = sizeof account};
    cxm_engine_result got = {.size = sizeof got};
    const char *rows[][2] = {{"web", "good"}, {"phone", "good"}, {"web", "bad"}, {"web", NULL}, {"web", "good"},
                             {"phone", "123456789012345678901"}};
    for (size_t i = 0; i < COUNT_OF(rows); ++i) assert_int_equal(add(engine, rows[i][0], rows[i][1]), CXM_OK);
    assert_int_equal(cxm_engine_describe(engine, &told), CXM_OK);
    assert_true(!told.scale && told.label && told.label->max_labels == 40);
    assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
    assert_true(account.records == 6 && account.scored == 4 && account.missing == 1 && account.out_of_range == 1);
    for (int again = 0; again < 2; ++again) {               /* closing again starts anew */
        assert_int_equal(cxm_engine_close(engine), CXM_OK);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_true(!got.state && count_of(got.labels, "good") == 3 && count_of(got.labels, "bad") == 1);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_true(!got.state && count_of(got.labels, "good") == 1 && count_of(got.labels, "bad") == 0);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_true(!got.state && count_of(got.labels, "good") == 2 && count_of(got.labels, "bad") == 1);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_END);
    }
    cxm_engine_free(engine);
}

static void no_record_gives_an_empty_total(void **state)
{
    (void)state;
    cxm_engine_options options = {.size = sizeof options, .label = &bounds};
    cxm_engine *engine = engine_of(&options, NULL);
    cxm_engine_result got = {.size = sizeof got};
    uint64_t n = 9;
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
    assert_int_equal(cxm_label_n(got.labels, &n), CXM_OK);
    assert_true(n == 0);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_END);
    cxm_engine_free(engine);
}

static void misuse_is_an_error(void **state)
{
    (void)state;
    cxm_scale_spec scale;
    cxm_label_options bad = {.size = sizeof bad, .max_labels = 5000};
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &scale), CXM_OK);
    cxm_engine_options options = {.size = sizeof options}, both = options, deduped = options, invalid = options, small = options;
    cxm_engine *engine = NULL;
    both.scale = &scale;
    both.label = deduped.label = small.label = &bounds;
    deduped.dedupe = CXM_DEDUPE_FIRST;
    invalid.label = &bad;
    small.max_bytes = 64 * 1024 + cxm_label_bytes(&bounds) - 1;
    assert_int_equal(cxm_engine_create(&options, NULL, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(&both, NULL, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(&deduped, NULL, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(&invalid, NULL, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(&small, NULL, &engine), CXM_E_LIMIT);
    assert_true(cxm_engine_bytes(&small) == 0 && cxm_engine_bytes(&both) == 0 && !engine);
    ++small.max_bytes;
    engine = engine_of(&small, NULL);
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_UNPARSED};
    assert_int_equal(cxm_engine_add(engine, &record), CXM_E_ARG);
    record.answer = CXM_ANSWER_GIVEN;
    record.label.len = 1;                                   /* of no text */
    assert_int_equal(cxm_engine_add(engine, &record), CXM_E_ARG);
    cxm_engine_free(engine);
}

static cxm_status add_number(cxm_engine *engine, unsigned i)
{
    char segment[8] = "s00", label[12] = "label000";
    segment[1] = (char)('0' + i / 10 % 10);
    segment[2] = (char)('0' + i % 10);
    for (unsigned k = 0, v = i; k < 3; ++k, v /= 7) label[5 + k] = (char)('0' + v % 7);
    return add(engine, segment, label);
}

/* Within the bound to the byte; what does not fit is not counted, and the totals still have their room. */
static void a_full_engine_refuses_and_can_be_read(void **state)
{
    (void)state;
    ledger books = {0};
    cxm_alloc hook = ledger_hook(&books);
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .label = &bounds, .max_bytes = 72 * 1024};
    cxm_engine *engine = engine_of(&options, &hook);
    cxm_engine_result got = {.size = sizeof got};
    cxm_account account = {.size = sizeof account};
    uint64_t taken = 0, refused = 0, n = 0;
    for (unsigned i = 0; i < 5000; ++i) {
        cxm_status status = add_number(engine, i);
        assert_true(status == CXM_OK || status == CXM_E_LIMIT);
        taken += status == CXM_OK;
        refused += status == CXM_E_LIMIT;
    }
    assert_true(taken > 0 && refused > 0);
    assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
    assert_true(account.records == taken && account.scored == taken);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
    assert_int_equal(cxm_label_n(got.labels, &n), CXM_OK);
    assert_true(n == taken && books.peak <= cxm_engine_bytes(&options));
    cxm_engine_free(engine);
    assert_true(books.live == 0);
}

/* One failure anywhere: the record is not counted and can come again, and a total can be asked for again. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .label = &bounds};
    for (size_t k = 1;; ++k) {
        ledger books = {.fail_at = k};
        cxm_alloc hook = ledger_hook(&books);
        cxm_engine *engine = NULL;
        cxm_engine_result got = {.size = sizeof got};
        cxm_status status = cxm_engine_create(&options, &hook, &engine);
        uint64_t n = 0;
        if (status != CXM_OK) {
            assert_int_equal(status, CXM_E_MEMORY);
            assert_true(books.live == 0);
            continue;
        }
        for (unsigned i = 0; i < 300; ++i) {
            status = add_number(engine, i);
            if (status != CXM_OK) assert_int_equal(status, CXM_E_MEMORY);
            if (status != CXM_OK) assert_int_equal(add_number(engine, i), CXM_OK);
        }
        assert_int_equal(cxm_engine_close(engine), CXM_OK);
        status = cxm_engine_next(engine, &got);
        if (status != CXM_OK) assert_int_equal(status, CXM_E_MEMORY);
        if (status != CXM_OK) assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_int_equal(cxm_label_n(got.labels, &n), CXM_OK);
        assert_true(n == 300);
        cxm_engine_free(engine);
        assert_true(books.live == 0);
        if (!books.failed) break;
    }
}

/* ---- weights ---- */

static const cxm_scale_spec nps = {sizeof nps, 0, 10, 6, 9, CXM_HIGHER_IS_BETTER};

static cxm_status weigh(cxm_engine *engine, const char *segment, int32_t kind, double answer, double weight)
{
    cxm_view place = {segment, strlen(segment)};
    cxm_record record = {.size = sizeof record, .answer = kind, .value = answer, .weight = weight, .segments = &place, .segment_count = 1};
    return cxm_engine_add(engine, &record);
}

static cxm_weighted_summary summary_of(const cxm_weighted *weighted)
{
    cxm_weighted_summary sum = {.size = sizeof sum};
    cxm_status status = cxm_weighted_summarize(weighted, NULL, &sum);
    assert_int_equal(status, sum.n ? CXM_OK : CXM_E_EMPTY);
    return sum;
}

/* By hand: web 10 by 1.5 and 4 by 0.5, phone 4 by 2; a blank, a word, a 12, a weight of -1 and one of 0. */
static void results_carry_the_weights_of_each_segment(void **state)
{
    (void)state;
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .weighted = &nps}, told = {.size = sizeof told};
    cxm_engine *engine = engine_of(&options, NULL);
    cxm_account account = {.size = sizeof account};
    cxm_engine_result got = {.size = sizeof got};
    assert_int_equal(weigh(engine, "web", CXM_ANSWER_GIVEN, 10, 1.5), CXM_OK);
    assert_int_equal(weigh(engine, "web", CXM_ANSWER_GIVEN, 4, 0.5), CXM_OK);
    assert_int_equal(weigh(engine, "phone", CXM_ANSWER_GIVEN, 4, 2), CXM_OK);
    assert_int_equal(weigh(engine, "phone", CXM_ANSWER_MISSING, 0, 1), CXM_OK);
    assert_int_equal(weigh(engine, "phone", CXM_ANSWER_UNPARSED, 0, 1), CXM_OK);
    assert_int_equal(weigh(engine, "phone", CXM_ANSWER_GIVEN, 12, 1), CXM_OK);
    assert_int_equal(weigh(engine, "mail", CXM_ANSWER_GIVEN, 9, -1), CXM_OK);
    assert_int_equal(weigh(engine, "web", CXM_ANSWER_GIVEN, 9, 0), CXM_OK);
    assert_int_equal(cxm_engine_describe(engine, &told), CXM_OK);
    assert_true(!told.scale && !told.label && memcmp(told.weighted, &nps, sizeof nps) == 0);
    assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
    assert_true(account.records == 8 && account.scored == 4 && account.missing == 1 && account.unparsed == 1);
    assert_true(account.out_of_range == 1 && account.refused == 1);
    for (int again = 0; again < 2; ++again) {
        assert_int_equal(cxm_engine_close(engine), CXM_OK);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        cxm_weighted_summary sum = summary_of(got.weighted);
        assert_true(!got.state && !got.labels && sum.n == 3 && sum.sum_weights == 4.0 && sum.mean == 6.25 && sum.rows == 6);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_true(summary_of(got.weighted).refused == 1);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_true(summary_of(got.weighted).mean == 4.0);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_true(summary_of(got.weighted).mean == 8.5 && summary_of(got.weighted).zero == 1);
        assert_int_equal(cxm_engine_next(engine, &got), CXM_END);
    }
    cxm_engine_free(engine);
}

static void misuse_of_weights_is_an_error(void **state)
{
    (void)state;
    cxm_scale_spec bad = nps;
    bad.high_from = 11;
    cxm_engine_options options = {.size = sizeof options, .weighted = &nps}, both = options, deduped = options, invalid = options, small = options;
    cxm_engine *engine = NULL;
    both.label = &bounds;
    deduped.dedupe = CXM_DEDUPE_LATEST;
    invalid.weighted = &bad;
    small.max_bytes = 64 * 1024 + cxm_weighted_bytes(&nps) - 1;
    assert_int_equal(cxm_engine_create(&both, NULL, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(&deduped, NULL, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(&invalid, NULL, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(&small, NULL, &engine), CXM_E_LIMIT);
    assert_null(engine);
}

static cxm_status weigh_number(cxm_engine *engine, unsigned i)
{
    char segment[8] = "s00";
    segment[1] = (char)('0' + i / 10 % 10);
    segment[2] = (char)('0' + i % 10);
    return weigh(engine, segment, CXM_ANSWER_GIVEN, i % 11, 0.1 + (double)(i * 7919 % 1000) / 100.0);
}

/* Windows of exponents that grow take memory; within the bound to the byte, and what does not fit is not counted. */
static void a_full_engine_of_weights_can_be_read(void **state)
{
    (void)state;
    ledger books = {0};
    cxm_alloc hook = ledger_hook(&books);
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .weighted = &nps, .max_bytes = 72 * 1024};
    cxm_engine *engine = engine_of(&options, &hook);
    cxm_engine_result got = {.size = sizeof got};
    cxm_account account = {.size = sizeof account};
    uint64_t taken = 0, refused = 0;
    for (unsigned i = 0; i < 5000; ++i) {
        cxm_status status = weigh_number(engine, i);
        assert_true(status == CXM_OK || status == CXM_E_LIMIT);
        taken += status == CXM_OK;
        refused += status == CXM_E_LIMIT;
    }
    assert_true(taken > 0 && refused > 0);
    assert_int_equal(cxm_engine_account(engine, &account), CXM_OK);
    assert_true(account.records == taken && account.scored == taken);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
    assert_true(summary_of(got.weighted).n == taken && books.peak <= cxm_engine_bytes(&options));
    cxm_engine_free(engine);
    assert_true(books.live == 0);
}

static void every_allocation_of_weights_may_fail(void **state)
{
    (void)state;
    cxm_engine_options options = {.size = sizeof options, .segments = 1, .weighted = &nps};
    for (size_t k = 1, done = 0; !done; ++k) {
        ledger books = {.fail_at = k};
        cxm_alloc hook = ledger_hook(&books);
        cxm_engine *engine = NULL;
        cxm_engine_result got = {.size = sizeof got};
        cxm_status status = cxm_engine_create(&options, &hook, &engine);
        if (status != CXM_OK) assert_int_equal(cxm_engine_create(&options, &hook, &engine), CXM_OK);
        for (unsigned i = 0; i < 300; ++i) {
            status = weigh_number(engine, i);
            if (status != CXM_OK) assert_int_equal(status, CXM_E_MEMORY);
            if (status != CXM_OK) assert_int_equal(weigh_number(engine, i), CXM_OK);
        }
        assert_int_equal(cxm_engine_close(engine), CXM_OK);
        status = cxm_engine_next(engine, &got);
        if (status != CXM_OK) assert_int_equal(status, CXM_E_MEMORY);
        if (status != CXM_OK) assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
        assert_true(summary_of(got.weighted).n == 300);
        cxm_engine_free(engine);
        assert_true(books.live == 0);
        done = !books.failed;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_carry_the_labels_of_each_segment),
        cmocka_unit_test(no_record_gives_an_empty_total),
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(a_full_engine_refuses_and_can_be_read),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(results_carry_the_weights_of_each_segment),
        cmocka_unit_test(misuse_of_weights_is_an_error),
        cmocka_unit_test(a_full_engine_of_weights_can_be_read),
        cmocka_unit_test(every_allocation_of_weights_may_fail),
    };
    return cmocka_run_group_tests_name("stream/registry", tests, NULL, NULL);
}
