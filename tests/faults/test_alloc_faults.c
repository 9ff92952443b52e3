/* SPDX-License-Identifier: MIT */
/* test_alloc_faults.c - every allocation of a whole session fails in turn, once and from then on.
 *
 * All that takes a cxm_alloc is here: the reader of delimited text, the engine, and both as a program
 * joins them. A session without a fault says what is wanted; with one, what was refused is offered again
 * when there is memory, and the same must come out. The ledger is even after each session.       */
#include <cxm/cxm.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ROWS = 400, TEXT_BYTES = 1 << 18 };
static size_t injected;

/* What a session wrote down; two sessions compare as text. */
typedef struct notes { size_t len; char text[TEXT_BYTES]; } notes;

static void note(notes *to, const char *bytes, size_t len)
{
    assert_true(len < sizeof to->text - to->len);
    if (len) memcpy(to->text + to->len, bytes, len);
    to->len += len;
}

static void note_numbers(notes *to, uint64_t a, int64_t b, uint64_t c, uint64_t d)
{
    char line[100];
    note(to, line, (size_t)snprintf(line, sizeof line, " %" PRIu64 " %" PRId64 " %" PRIu64 " %" PRIu64 "\n", a, b, c, d));
}

static void assert_same(const notes *got, const notes *want)
{
    assert_int_equal(got->len, want->len);
    assert_memory_equal(got->text, want->text, want->len);
}

/* ---- the input: answers of many people in two columns of segments, quoted, with rows that grow ---- */

typedef struct input { char text[TEXT_BYTES]; size_t len; } input;

static void write_input(input *in)
{
    in->len = (size_t)sprintf(in->text, "when,region,who,score,note\r\n");
    for (int i = 0; i < ROWS; ++i) {
        int day = i * 37 % 90 + 1, answer = i * 7 % 12;
        in->len += (size_t)sprintf(in->text + in->len, "%" PRId64 ",%s,\"who \"\"%d\"\"\",%d,\"", day * INT64_C(86400000000),
                                   i % 3 ? "emea" : "amer, north", i % 150, answer);
        for (int k = 0; k < i; ++k) in->text[in->len++] = k % 40 ? 'x' : '\n';
        in->len += (size_t)sprintf(in->text + in->len, i % 50 == 49 ? "\",too,many\n" : "\"\n");
    }
}

/* ---- delimited text ---- */

static void note_row(notes *to, const cxm_csv_row *row)
{
    for (uint32_t i = 0; i < row->count; ++i) {
        note(to, row->fields[i].text, row->fields[i].len);
        note(to, "|", 1);
    }
    note_numbers(to, row->row, (int64_t)row->line, row->byte_offset, row->flags);
}

/* Lends the next piece, or says that there is none. */
static void lend(cxm_csv *csv, const input *in, size_t *at, size_t piece)
{
    size_t left = in->len - *at, len = left < piece ? left : piece;
    assert_int_equal(len ? cxm_csv_feed(csv, in->text + *at, len) : cxm_csv_finish(csv), CXM_OK);
    *at += len;
}

/* A reader without memory says so for ever, also when there is memory again; what it found can still be asked. */
static void reader_is_given_up(cxm_csv *csv, uint64_t rows, const cxm_error *error)
{
    cxm_csv_row row = {.size = sizeof row, .count = 77};
    cxm_csv_info info = {.size = sizeof info};
    assert_int_equal(error->status, CXM_E_MEMORY);
    assert_true(error->text_len > 0 && error->text[error->text_len] == '\0');
    assert_int_equal(cxm_csv_next(csv, &row, NULL), CXM_E_MEMORY);
    assert_int_equal(cxm_csv_feed(csv, "a", 1), CXM_E_MEMORY);
    assert_int_equal(cxm_csv_finish(csv), CXM_E_MEMORY);
    assert_int_equal(row.count, 77);
    assert_int_equal(cxm_csv_info_get(csv, &info), CXM_OK);
    assert_int_equal(info.rows, rows);
}

static cxm_status read_rows(cxm_csv *csv, const input *in, size_t piece, ledger *own, notes *to)
{
    cxm_csv_row row = {.size = sizeof row};
    cxm_error error = {.size = sizeof error};
    uint64_t rows = 0;
    cxm_status status;
    for (size_t at = 0;;) {
        status = cxm_csv_next(csv, &row, &error);
        if (status == CXM_OK) note_row(to, &row), ++rows;
        else if (status == CXM_MORE) lend(csv, in, &at, piece);
        else break;
    }
    own->fail_at = 0;
    if (status == CXM_E_MEMORY) reader_is_given_up(csv, rows, &error);
    return status;
}

static cxm_status read_session(ledger *own, const input *in, size_t piece, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_csv *csv = NULL;
    to->len = 0;
    cxm_status status = cxm_csv_create(NULL, &hook, &csv);
    if (status == CXM_OK) status = read_rows(csv, in, piece, own, to);
    else assert_null(csv);
    cxm_csv_free(csv);
    assert_int_equal(own->live, 0);
    assert_true(own->peak <= cxm_csv_bytes(NULL));
    return status;
}

static void a_reader_gives_up_and_says_so(void **state)
{
    (void)state;
    static input in;
    static notes want, got;
    static const size_t pieces[] = {TEXT_BYTES, 4096, 61};
    write_input(&in);
    for (size_t p = 0; p < COUNT_OF(pieces); ++p) {
        ledger calm = {0};
        assert_int_equal(read_session(&calm, &in, pieces[p], &want), CXM_END);
        for (int on = 0; on < 2; ++on)
            for (size_t k = 1; k <= calm.calls; ++k) {
                ledger own = {.fail_at = k, .fail_on = on};
                assert_int_equal(read_session(&own, &in, pieces[p], &got), CXM_E_MEMORY);
                assert_true(got.len < want.len && memcmp(got.text, want.text, got.len) == 0);
                ++injected;
            }
    }
}

/* ---- the engine ---- */

static cxm_scale_spec ten_points(void)
{
    cxm_scale_spec spec;
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    return spec;
}

typedef struct person { cxm_view segments[2]; char name[16]; } person;

static cxm_record record_number(int i, person *who)
{
    who->segments[0] = i % 3 ? (cxm_view){"emea", 4} : (cxm_view){NULL, 0};
    who->segments[1] = (cxm_view){who->name, (size_t)snprintf(who->name, sizeof who->name, "who %d", i % 150)};
    return (cxm_record){.size = sizeof(cxm_record), .answer = i % 11 ? CXM_ANSWER_GIVEN : CXM_ANSWER_MISSING,
                        .value = (double)(i * 7 % 12), .at_us = (i * 37 % 90) * INT64_C(86400000000),
                        .time = i % 13 ? CXM_TIME_GIVEN : CXM_TIME_UNPARSED, .segments = who->segments, .segment_count = 2,
                        .key = who->segments[1]};
}

/* All that can be asked of an engine that is still open. */
typedef struct standing { cxm_account account; int64_t first, last; uint64_t slots, others; } standing;

static standing standing_of(const cxm_engine *engine)
{
    standing now = {.account = {.size = sizeof now.account}};
    assert_int_equal(cxm_engine_account(engine, &now.account), CXM_OK);
    (void)cxm_engine_span(engine, &now.first, &now.last);
    assert_int_equal(cxm_engine_slots(engine, &now.slots, &now.others), CXM_OK);
    return now;
}

/* Offers a record; false when there was no memory, and then nothing was counted. */
static bool offer(cxm_engine *engine, int i)
{
    person who;
    cxm_record record = record_number(i, &who);
    standing before = standing_of(engine);
    cxm_status status = cxm_engine_add(engine, &record);
    standing after = standing_of(engine);
    if (status == CXM_OK) {
        assert_int_equal(after.account.records, before.account.records + 1);
        return true;
    }
    assert_int_equal(status, CXM_E_MEMORY);
    assert_memory_equal(&after, &before, sizeof after);
    return false;
}

static void note_results(cxm_engine *engine, bool totals_only, notes *to)
{
    cxm_engine_result result = {.size = sizeof result};
    standing end = standing_of(engine);
    assert_int_equal(end.others > 0, totals_only);
    note_numbers(to, end.account.scored, end.first, end.account.out_of_range, totals_only ? 0 : end.slots);
    note_numbers(to, end.account.missing, end.last, end.account.unparsed, end.account.excluded);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    while (cxm_engine_next(engine, &result) == CXM_OK) {
        if (totals_only && result.segment_count) break;
        for (uint32_t i = 0; i < result.segment_count; ++i) note(to, result.segments[i].text, result.segments[i].len);
        note_numbers(to, result.segment_count, result.from_us, (uint64_t)result.complete, (uint64_t)result.is_other);
        for (int i = 0; i <= 10; ++i) note_numbers(to, result.state->counts[i], i, result.state->missing, result.state->out_of_range);
    }
}

/* Every record once; those refused for want of memory come again at the end, when it is back. With less room than
 * all segments need, which of them fit depends on the order, and only totals can be compared. */
static cxm_status count_session(ledger *own, const cxm_engine_options *options, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_engine *engine = NULL;
    bool refused[ROWS];
    to->len = 0;
    cxm_status status = cxm_engine_create(options, &hook, &engine);
    if (status != CXM_OK) {
        assert_null(engine);
        assert_int_equal(own->live, 0);
        return status;
    }
    for (int i = 0; i < ROWS; ++i) refused[i] = !offer(engine, i);
    own->fail_at = 0;
    for (int i = 0; i < ROWS; ++i) assert_true(!refused[i] || offer(engine, i));
    own->fail_at = own->calls + 1;              /* reading needs no memory */
    own->fail_on = true;
    note_results(engine, options->max_bytes > 0, to);
    cxm_engine_free(engine);
    assert_int_equal(own->live, 0);
    assert_true(own->peak <= cxm_engine_bytes(options));
    return CXM_OK;
}

static void an_engine_counts_what_is_offered_again(void **state)
{
    (void)state;
    static notes want, got;
    cxm_scale_spec spec = ten_points();
    const cxm_window_spec week = {.size = sizeof week, .unit = CXM_WINDOW_WEEK};
    const cxm_engine_options options[] = {
        {.size = sizeof *options, .segments = 2, .scale = &spec, .hash_seed = 1},
        {.size = sizeof *options, .segments = 2, .scale = &spec, .window = &week, .hash_seed = 2},
        {.size = sizeof *options, .segments = 2, .scale = &spec, .window = &week, .has_since = 1, .since_us = 1},
        {.size = sizeof *options, .segments = 2, .scale = &spec, .window = &week, .max_bytes = 64 * 1024},
        {.size = sizeof *options, .segments = 2, .scale = &spec, .dedupe = CXM_DEDUPE_LATEST, .dedupe_bytes = 1 << 20},
    };
    for (size_t o = 0; o < COUNT_OF(options); ++o) {
        ledger calm = {0};
        assert_int_equal(count_session(&calm, &options[o], &want), CXM_OK);
        for (int on = 0; on < 2; ++on)
            for (size_t k = 1; k <= calm.calls; ++k) {
                ledger own = {.fail_at = k, .fail_on = on};
                cxm_status status = count_session(&own, &options[o], &got);
                assert_true(own.failed > 0);
                if (status == CXM_OK) assert_same(&got, &want);
                else assert_int_equal(status, CXM_E_MEMORY);
                ++injected;
            }
    }
}

/* ---- both, as a program joins them: one trouble ends it, and all is given back ---- */

static cxm_record record_of_row(const cxm_csv_row *row)
{
    cxm_record record = {.size = sizeof record, .answer = CXM_ANSWER_UNPARSED, .segments = row->fields + 1, .segment_count = 2};
    if (cxm_text_number(row->fields[3].text, row->fields[3].len, '.', &record.value) == CXM_OK) record.answer = CXM_ANSWER_GIVEN;
    bool ok = cxm_text_time(row->fields[0].text, row->fields[0].len, 0, &record.at_us, NULL) == CXM_OK;
    record.time = ok ? CXM_TIME_GIVEN : CXM_TIME_UNPARSED;
    return record;
}

static cxm_status count_rows(cxm_csv *csv, cxm_engine *engine, const input *in)
{
    cxm_csv_row row = {.size = sizeof row};
    cxm_status status = CXM_OK;
    for (size_t at = 0; status == CXM_OK;) {
        status = cxm_csv_next(csv, &row, NULL);
        if (status == CXM_MORE) {
            lend(csv, in, &at, 5000);
            status = CXM_OK;
        } else if (status == CXM_OK && row.flags) {
            status = cxm_engine_exclude(engine);
        } else if (status == CXM_OK) {
            cxm_record record = record_of_row(&row);
            status = cxm_engine_add(engine, &record);
        }
    }
    return status;
}

static cxm_status whole_session(ledger *own, const input *in, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_scale_spec spec = ten_points();
    const cxm_window_spec month = {.size = sizeof month, .unit = CXM_WINDOW_MONTH};
    const cxm_engine_options options = {.size = sizeof options, .segments = 2, .scale = &spec, .window = &month};
    cxm_csv *csv = NULL;
    cxm_engine *engine = NULL;
    to->len = 0;
    cxm_status status = cxm_csv_create(NULL, &hook, &csv);
    if (status == CXM_OK) status = cxm_engine_create(&options, &hook, &engine);
    if (status == CXM_OK) status = count_rows(csv, engine, in);
    if (engine) note_results(engine, false, to);       /* of the rows before the trouble */
    cxm_engine_free(engine);
    cxm_csv_free(csv);
    assert_int_equal(own->live, 0);
    return status;
}

static void a_program_gives_all_back(void **state)
{
    (void)state;
    static input in;
    static notes want, got;
    ledger calm = {0};
    write_input(&in);
    assert_int_equal(whole_session(&calm, &in, &want), CXM_END);
    for (int on = 0; on < 2; ++on)
        for (size_t k = 1; k <= calm.calls; ++k) {
            ledger own = {.fail_at = k, .fail_on = on};
            assert_int_equal(whole_session(&own, &in, &got), CXM_E_MEMORY);
            assert_int_equal(own.failed, 1);    /* the program stopped at the first */
            ++injected;
        }
    ledger again = {0};
    assert_int_equal(whole_session(&again, &in, &got), CXM_END);
    assert_same(&got, &want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_gives_up_and_says_so),
        cmocka_unit_test(an_engine_counts_what_is_offered_again),
        cmocka_unit_test(a_program_gives_all_back),
    };
    int failed = cmocka_run_group_tests_name("faults/alloc_faults", tests, NULL, NULL);
    printf("%zu allocation faults injected\n", injected);
    return failed;
}
