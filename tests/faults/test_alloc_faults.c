/* SPDX-License-Identifier: MIT */
/* test_alloc_faults.c - every allocation of a whole session fails in turn, once and from then on.
 *
 * All that takes a cxm_alloc is here: the reader of delimited text, the engine, quantiles in an engine and behind the generic
 * door, zones and opening hours, tickets in a log, histograms of tenures, triangles of cohorts, loyalty, tables of customers, and
 * reader and engine as a program joins them. A session without a fault says what is wanted; with one, what was refused is offered again when there is
 * memory, and the same must come out. The ledger is even after each session.       */
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

/* ---- quantiles: cells that take memory as they grow, totals and sums that are made aside ---- */

/* Enough of each segment and month for a window that grows. */
static cxm_record duration_number(int i, person *who)
{
    cxm_record record = record_number(i, who);
    record.segment_count = 1;
    record.answer = i % 17 ? record.answer : CXM_ANSWER_UNPARSED;
    record.value = i % 19 ? (double)(i * i % 997) * 0.125 : -1.0;
    return record;
}

static bool offer_duration(cxm_engine *engine, int i)
{
    person who;
    cxm_record record = duration_number(i, &who);
    standing before = standing_of(engine);
    cxm_status status = cxm_engine_add(engine, &record);
    standing after = standing_of(engine);
    if (status == CXM_OK) assert_int_equal(after.account.records, before.account.records + 1);
    if (status == CXM_OK) return true;
    assert_int_equal(status, CXM_E_MEMORY);
    assert_memory_equal(&after, &before, sizeof after);
    return false;
}

static void note_engine(cxm_engine *engine, notes *to)
{
    size_t len;
    assert_int_equal(cxm_engine_encode(engine, to->text + to->len, sizeof to->text - to->len, &len), CXM_OK);
    to->len += len;
}

/* A call that said CXM_E_MEMORY is made again when there is memory; meanwhile the engine holds what it held. */
static void merge_anyhow(ledger *own, cxm_engine *into, cxm_engine *from)
{
    static notes before, after;
    before.len = after.len = 0;
    note_engine(into, &before);
    cxm_status status = cxm_engine_merge(into, from);
    if (status == CXM_OK) return;
    assert_int_equal(status, CXM_E_MEMORY);
    note_engine(into, &after);
    assert_same(&after, &before);
    own->fail_at = 0;
    assert_int_equal(cxm_engine_merge(into, from), CXM_OK);
}

static cxm_engine *decode_anyhow(ledger *own, const cxm_alloc *hook, const notes *state)
{
    cxm_engine *engine = NULL;
    size_t live = own->live;
    cxm_status status = cxm_engine_decode(state->text, state->len, 0, 1, hook, &engine);
    if (status == CXM_OK) return engine;
    assert_int_equal(status, CXM_E_MEMORY);
    assert_true(!engine && own->live == live);
    own->fail_at = 0;
    assert_int_equal(cxm_engine_decode(state->text, state->len, 0, 1, hook, &engine), CXM_OK);
    return engine;
}

static void note_quantiles(ledger *own, cxm_engine *engine, notes *to)
{
    cxm_engine_result result = {.size = sizeof result};
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    for (cxm_status status; (status = cxm_engine_next(engine, &result)) != CXM_END;) {
        size_t len;
        if (status != CXM_OK) assert_int_equal(status, CXM_E_MEMORY);
        if (status != CXM_OK) own->fail_at = 0;
        if (status != CXM_OK) continue;                     /* the same result comes again */
        assert_int_equal(cxm_quantile_encode(result.quantile, to->text + to->len, sizeof to->text - to->len, &len), CXM_OK);
        note_numbers(to, result.segment_count, result.from_us, len, (uint64_t)result.complete);
    }
}

/* Two engines of half the records each; one travels through bytes and is merged into the other. */
static cxm_status quantile_session(ledger *own, notes *to)
{
    static notes travelling;
    const cxm_window_spec month = {.size = sizeof month, .unit = CXM_WINDOW_MONTH};
    const cxm_quantile_spec spec = {.size = sizeof spec, .precision = CXM_PRECISION_01, .targets = 1, .target = {60000000}};
    const cxm_engine_options options = {.size = sizeof options, .segments = 1, .quantile = &spec, .window = &month};
    cxm_alloc hook = ledger_hook(own);
    cxm_engine *half[2] = {NULL, NULL};
    to->len = travelling.len = 0;
    cxm_status status = cxm_engine_create(&options, &hook, &half[0]);
    if (status == CXM_OK) status = cxm_engine_create(&options, &hook, &half[1]);
    if (status == CXM_OK) {
        for (int i = 0; i < ROWS; ++i)
            if (!offer_duration(half[i % 2], i)) own->fail_at = 0, assert_true(offer_duration(half[i % 2], i));
        note_engine(half[1], &travelling);
        cxm_engine_free(half[1]);
        half[1] = decode_anyhow(own, &hook, &travelling);
        merge_anyhow(own, half[0], half[1]);
        note_quantiles(own, half[0], to);
    }
    cxm_engine_free(half[0]);
    cxm_engine_free(half[1]);
    assert_int_equal(own->live, 0);
    return status;
}

static void quantiles_come_out_as_without_a_fault(void **state)
{
    (void)state;
    static notes want, got;
    ledger calm = {0};
    assert_int_equal(quantile_session(&calm, &want), CXM_OK);
    assert_true(calm.calls > 30);
    for (int on = 0; on < 2; ++on)
        for (size_t k = 1; k <= calm.calls; ++k) {
            ledger own = {.fail_at = k, .fail_on = on};
            cxm_status status = quantile_session(&own, &got);
            assert_int_equal(own.failed > 0, true);
            if (status == CXM_OK) assert_same(&got, &want);
            else assert_int_equal(status, CXM_E_MEMORY);
            ++injected;
        }
}

/* ---- a state behind the generic door ---- */

static void note_state(const cxm_state *state, notes *to)
{
    size_t len;
    assert_int_equal(cxm_state_encode(state, to->text + to->len, sizeof to->text - to->len, &len), CXM_OK);
    to->len += len;
}

/* Call number `i` of a session with a state and another. */
static cxm_status door_call(cxm_state *a, cxm_state *b, int i)
{
    static const double values[] = {0.5, 3600, 7, 1e-3, -1, 40, 0, 0.25, 9e4, 1, 2, 3, 4, 5};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = COUNT_OF(values)};
    if (i < 30) return cxm_state_add(a, i * i * 0.01);
    switch (i) {
    case 30: return cxm_state_add_many(b, &column);
    case 31: return cxm_state_add_text(b, "1e8", 3);
    case 32: return cxm_state_merge(a, b);
    case 33: return cxm_state_add_many(a, &column);
    default: return cxm_state_merge(a, a);
    }
}

/* What was refused is called again when there is memory, and changed nothing before. */
static void door_call_anyhow(ledger *own, cxm_state *a, cxm_state *b, int i)
{
    static notes before, after;
    before.len = after.len = 0;
    note_state(a, &before);
    note_state(b, &before);
    cxm_status status = door_call(a, b, i);
    if (status == CXM_OK) return;
    assert_int_equal(status, CXM_E_MEMORY);
    note_state(a, &after);
    note_state(b, &after);
    assert_same(&after, &before);
    own->fail_at = 0;
    assert_int_equal(door_call(a, b, i), CXM_OK);
}

static cxm_status door_session(ledger *own, const char *spec, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_state *a = NULL, *b = NULL, *back = NULL;
    to->len = 0;
    cxm_status status = cxm_state_create(spec, strlen(spec), &hook, &a, NULL);
    if (status == CXM_OK) status = cxm_state_create(spec, strlen(spec), &hook, &b, NULL);
    for (int i = 0; status == CXM_OK && i < 40; ++i) door_call_anyhow(own, a, b, i);
    if (status == CXM_OK) {
        note_state(a, to);
        size_t live = own->live;
        status = cxm_state_decode(to->text, to->len, spec, strlen(spec), 0, &hook, &back);
        assert_true(status == CXM_OK ? back != NULL : !back && own->live == live);
        if (status == CXM_OK) note_state(back, to);
    } else {
        assert_true(!a || !b);
    }
    cxm_state_free(a);
    cxm_state_free(b);
    cxm_state_free(back);
    assert_int_equal(own->live, 0);
    return status;
}

static void the_door_to_quantiles_changes_nothing_when_it_refuses(void **state)
{
    (void)state;
    static notes want, got;
    static const char *const specs[] = {"quantile", "quantile ms 0.001 above 5 50", "quantile decimals 4 range 0.01..5000 above 7"};
    for (size_t s = 0; s < COUNT_OF(specs); ++s) {
        ledger calm = {0};
        assert_int_equal(door_session(&calm, specs[s], &want), CXM_OK);
        assert_true(want.len % 2 == 0 && memcmp(want.text, want.text + want.len / 2, want.len / 2) == 0);
        for (int on = 0; on < 2; ++on)
            for (size_t k = 1; k <= calm.calls; ++k) {
                ledger own = {.fail_at = k, .fail_on = on};
                cxm_status status = door_session(&own, specs[s], &got);
                assert_true(own.failed > 0);
                if (status == CXM_OK) assert_same(&got, &want);
                else assert_int_equal(status, CXM_E_MEMORY);
                ++injected;
            }
    }
}

/* ---- zones and opening hours: whose zone it is depends on whether there was memory ---- */

static cxm_status make_zone(int kind, const cxm_alloc *hook, cxm_zone **out)
{
    static const char text[] = "CET-1CEST,M3.5.0,M10.5.0/3";
    unsigned char file[44 + 6 + 4] = "TZif";            /* version 1: one local time, no change */
    file[39] = 1, file[43] = 4, file[46] = 0x0E, file[47] = 0x10;
    memcpy(file + 50, "CET", 4);
    if (kind == 0) return cxm_zone_from_posix(text, strlen(text), hook, out, NULL);
    return kind == 1 ? cxm_zone_from_tzif(file, sizeof file, hook, out, NULL) : cxm_zone_fixed(3600, hook, out);
}

static void note_hours(const cxm_calendar *calendar, notes *to)
{
    int64_t open = 0, due = 0, change = 0;
    int32_t is_open = 0;
    for (int64_t day = 20000; day < 20800; day += 7) {
        int64_t at = day * INT64_C(86400000000);
        assert_int_equal(cxm_calendar_between(calendar, at, at + INT64_C(600000000001), &open), CXM_OK);
        assert_int_equal(cxm_calendar_due(calendar, at, INT64_C(7200000000), &due), CXM_OK);
        assert_int_equal(cxm_calendar_next(calendar, at, &is_open, &change), CXM_OK);
        note_numbers(to, (uint64_t)open, due, (uint64_t)change, (uint64_t)is_open);
    }
}

static cxm_status hours_session(ledger *own, int kind, const input *text, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_zone *zone = NULL;
    cxm_calendar *calendar = NULL;
    to->len = 0;
    cxm_status status = make_zone(kind, &hook, &zone);
    assert_true((status == CXM_OK) == (zone != NULL) && own->live == cxm_zone_bytes(zone));
    if (status == CXM_OK) status = cxm_calendar_create(text->text, text->len, zone, &hook, &calendar, NULL);
    if (calendar) {
        note_hours(calendar, to);
        cxm_calendar_free(calendar);
    } else {
        assert_true(status != CXM_OK && own->live == cxm_zone_bytes(zone));
        cxm_zone_free(zone);
    }
    assert_int_equal(own->live, 0);
    return status;
}

static void opening_hours_leave_the_zone_to_whom_it_belongs(void **state)
{
    (void)state;
    static input in;
    static notes want, got;
    in.len = (size_t)sprintf(in.text, "weekly mon=09:00-17:00;sat=00:00-24:00\n");
    for (int i = 0; i < ROWS; ++i) in.len += (size_t)sprintf(in.text + in.len, "holiday %04d-%02d-%02d\n", 2024 + i % 4, i % 12 + 1, i % 28 + 1);
    for (int kind = 0; kind < 3; ++kind) {
        ledger calm = {0};
        assert_int_equal(hours_session(&calm, kind, &in, &want), CXM_OK);
        assert_true(calm.calls >= 5);                   /* zone, facts that grow, calendar */
        for (int on = 0; on < 2; ++on)
            for (size_t k = 1; k <= calm.calls; ++k) {
                ledger own = {.fail_at = k, .fail_on = on};
                assert_int_equal(hours_session(&own, kind, &in, &got), CXM_E_MEMORY);
                assert_int_equal(own.failed, 1);
                ++injected;
            }
        ledger again = {0};
        assert_int_equal(hours_session(&again, kind, &in, &got), CXM_OK);
        assert_same(&got, &want);
    }
}

/* ---- tickets: a log that refuses an event, a merge or to become smaller has lost nothing ---- */

static void tell_anyhow(ledger *own, cxm_ticket_log *log, int i)
{
    char key[8];
    size_t len = (size_t)sprintf(key, "t%d", i % 90);
    cxm_ticket_event e = {.at_us = i * INT64_C(60000000), .who = (uint64_t)i, .kind = (uint8_t)(i < 90 ? CXM_TICKET_CREATED : i % 3 ? CXM_TICKET_REPLY_PUBLIC : CXM_TICKET_SOLVED),
                          .actor = (uint8_t)(1 + i % 4)};
    cxm_status status = cxm_ticket_log_add(log, key, len, &e);
    if (status == CXM_OK) return;
    assert_int_equal(status, CXM_E_MEMORY);
    own->fail_at = 0;
    assert_int_equal(cxm_ticket_log_add(log, key, len, &e), CXM_OK);
}

static void note_log(cxm_ticket_log *log, notes *to)
{
    cxm_ticket_log_account sum = {.size = sizeof sum};
    size_t len = 0;
    assert_int_equal(cxm_ticket_log_account_of(log, &sum), CXM_OK);
    note_numbers(to, sum.received, (int64_t)sum.held, sum.surplus, sum.tickets);
    assert_int_equal(cxm_ticket_log_encode(log, to->text + to->len, sizeof to->text - to->len, &len), CXM_OK);
    to->len += len;
}

static void merge_logs_anyhow(ledger *own, cxm_ticket_log *into, const cxm_ticket_log *from)
{
    static notes before, after;
    before.len = after.len = 0;
    note_log(into, &before);
    cxm_status status = cxm_ticket_log_merge(into, from);
    if (status == CXM_OK) return;
    assert_int_equal(status, CXM_E_MEMORY);
    note_log(into, &after);
    assert_same(&after, &before);
    own->fail_at = 0;
    assert_int_equal(cxm_ticket_log_merge(into, from), CXM_OK);
}

/* All that is over leaves; whether the table could be made smaller changes nothing that is told. */
static void take_anyhow(ledger *own, cxm_ticket_log *log, notes *to)
{
    cxm_ticket_log_item item = {.size = sizeof item};
    cxm_status status;
    uint64_t taken = 0;
    cxm_ticket_log_advance(log, INT64_MAX);
    while ((status = cxm_ticket_log_take(log, &item)) != CXM_END) {
        if (status == CXM_E_MEMORY) own->fail_at = 0;
        else taken += item.count;
    }
    note_numbers(to, taken, 0, 0, 0);
}

static cxm_status tickets_session(ledger *own, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_ticket_log_options options = {.size = sizeof options, .max_events = 20, .quiet_us = 1, .max_bytes = 1 << 20};
    cxm_ticket_log *log = NULL, *other = NULL, *back = NULL;
    static char bytes[1 << 16];
    size_t len = 0;
    to->len = 0;
    cxm_status status = cxm_ticket_log_create(&options, &hook, &log);
    if (status == CXM_OK) status = cxm_ticket_log_create(&options, &hook, &other);
    for (int i = 0; i < 500 && status == CXM_OK; ++i) tell_anyhow(own, i % 3 ? log : other, i);
    if (status == CXM_OK) {
        merge_logs_anyhow(own, log, other);
        note_log(log, to);
        assert_int_equal(cxm_ticket_log_encode(log, bytes, sizeof bytes, &len), CXM_OK);
        status = cxm_ticket_log_decode(bytes, len, 0, 3, &hook, &back);
    }
    if (status == CXM_OK) take_anyhow(own, back, to);
    if (status == CXM_OK) note_log(back, to);
    cxm_ticket_log_free(log);
    cxm_ticket_log_free(other);
    cxm_ticket_log_free(back);
    assert_int_equal(own->live, 0);
    return status;
}

static void tickets_are_lost_by_no_refusal(void **state)
{
    (void)state;
    static notes want, got;
    ledger calm = {0};
    assert_int_equal(tickets_session(&calm, &want), CXM_OK);
    for (int on = 0; on < 2; ++on)
        for (size_t k = 1; k <= calm.calls; ++k) {
            ledger own = {.fail_at = k, .fail_on = on};
            cxm_status status = tickets_session(&own, &got);
            assert_true(own.failed > 0);
            if (status == CXM_OK) assert_same(&got, &want);
            else assert_int_equal(status, CXM_E_MEMORY);
            ++injected;
        }
}

/* ---- histograms of tenures: what was refused for want of memory is told again ---- */

static void tell_tenure(ledger *own, cxm_survival *s, int i)
{
    int64_t entry = i % 4 ? 0 : i * 7 % 900, exit = entry + 1 + i * 31 % 700;
    size_t failed = own->failed, live = own->live;
    cxm_status status = cxm_survival_add(s, entry, exit, i % 2);
    if (status == CXM_OK) return;
    assert_true(status == CXM_E_MEMORY && own->failed > failed && own->live == live);
    own->fail_at = 0;
    assert_int_equal(cxm_survival_add(s, entry, exit, i % 2), CXM_OK);
}

static void note_tenures(const cxm_survival *s, notes *to)
{
    size_t len = 0;
    assert_int_equal(cxm_survival_encode(s, to->text + to->len, sizeof to->text - to->len, &len), CXM_OK);
    to->len += len;
}

static cxm_status tenures_session(ledger *own, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_survival *s = NULL, *other = NULL, *back = NULL;
    to->len = 0;
    cxm_status status = cxm_survival_create(1200, &hook, &s);
    if (status == CXM_OK) status = cxm_survival_create(1200, &hook, &other);
    for (int i = 0; i < 300 && status == CXM_OK; ++i) tell_tenure(own, i > 40 ? other : s, i);
    if (status == CXM_OK && cxm_survival_merge(s, other) == CXM_E_MEMORY) {
        own->fail_at = 0;
        assert_int_equal(cxm_survival_merge(s, other), CXM_OK);
    }
    if (status == CXM_OK) {
        note_tenures(s, to);
        status = cxm_survival_decode(to->text, to->len, 0, &hook, &back);
    }
    if (status == CXM_OK) note_tenures(back, to);
    cxm_survival_free(s);
    cxm_survival_free(other);
    cxm_survival_free(back);
    assert_int_equal(own->live, 0);
    return status;
}

static void tenures_are_lost_by_no_refusal(void **state)
{
    (void)state;
    static notes want, got;
    ledger calm = {0};
    assert_int_equal(tenures_session(&calm, &want), CXM_OK);
    for (int on = 0; on < 2; ++on)
        for (size_t k = 1; k <= calm.calls; ++k) {
            ledger own = {.fail_at = k, .fail_on = on};
            cxm_status status = tenures_session(&own, &got);
            assert_true(own.failed > 0);
            if (status == CXM_OK) assert_same(&got, &want);
            else assert_int_equal(status, CXM_E_MEMORY);
            ++injected;
        }
}

/* ---- triangles of cohorts: what was refused for want of memory is told again ---- */

static void tell_cohort(ledger *own, cxm_cohort *c, int i)
{
    const int64_t day = INT64_C(86400000000), start = (i * 37 % 900) * day;
    cxm_customer_step steps[2] = {{start, 100 + i}, {start + (1 + i * 31 % 200) * day, 0}};
    cxm_customer_item item = {.size = sizeof item, .steps = steps, .step_count = 2};
    size_t failed = own->failed, live = own->live;
    cxm_status status = cxm_cohort_add(c, &item);
    if (status == CXM_OK) return;
    assert_true(status == CXM_E_MEMORY && own->failed > failed && own->live == live);
    own->fail_at = 0;
    assert_int_equal(cxm_cohort_add(c, &item), CXM_OK);
}

static void note_cohorts(const cxm_cohort *c, notes *to)
{
    size_t len = 0;
    assert_int_equal(cxm_cohort_encode(c, to->text + to->len, sizeof to->text - to->len, &len), CXM_OK);
    to->len += len;
}

static cxm_status cohorts_session(ledger *own, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_cohort_options options = {.size = sizeof options, .unit = CXM_COHORT_MONTH, .until_us = INT64_C(78000000000000)};
    cxm_cohort *c = NULL, *other = NULL, *back = NULL;
    to->len = 0;
    cxm_status status = cxm_cohort_create(&options, &hook, &c);
    if (status == CXM_OK) status = cxm_cohort_create(&options, &hook, &other);
    for (int i = 0; i < 100 && status == CXM_OK; ++i) tell_cohort(own, i > 20 ? other : c, i);
    if (status == CXM_OK && cxm_cohort_merge(c, other) == CXM_E_MEMORY) {
        own->fail_at = 0;
        assert_int_equal(cxm_cohort_merge(c, other), CXM_OK);
    }
    if (status == CXM_OK) {
        note_cohorts(c, to);
        status = cxm_cohort_decode(to->text, to->len, 0, &hook, &back);
    }
    if (status == CXM_OK) note_cohorts(back, to);
    cxm_cohort_free(c);
    cxm_cohort_free(other);
    cxm_cohort_free(back);
    assert_int_equal(own->live, 0);
    return status;
}

static void cohorts_are_lost_by_no_refusal(void **state)
{
    (void)state;
    static notes want, got;
    ledger calm = {0};
    assert_int_equal(cohorts_session(&calm, &want), CXM_OK);
    for (int on = 0; on < 2; ++on)
        for (size_t k = 1; k <= calm.calls; ++k) {
            ledger own = {.fail_at = k, .fail_on = on};
            cxm_status status = cohorts_session(&own, &got);
            assert_true(own.failed > 0);
            if (status == CXM_OK) assert_same(&got, &want);
            else assert_int_equal(status, CXM_E_MEMORY);
            ++injected;
        }
}

/* ---- loyalty: one allocation a state, and none later ---- */

static cxm_status loyalty_session(ledger *own, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_loyalty_options options = {.size = sizeof options, .until_us = INT64_C(78000000000000)};
    cxm_customer_event bought = {.at_us = INT64_C(70000000000000), .amount = 30, .kind = CXM_CUSTOMER_PURCHASE};
    cxm_customer_item item = {.size = sizeof item, .purchases = &bought, .purchase_count = 1};
    cxm_loyalty *l = NULL, *back = NULL;
    cxm_status status = cxm_loyalty_create(&options, &hook, &l);
    to->len = 0;
    if (status == CXM_OK) {
        assert_int_equal(cxm_loyalty_add(l, &item), CXM_OK);
        assert_int_equal(cxm_loyalty_merge(l, l), CXM_OK);
        assert_int_equal(cxm_loyalty_encode(l, to->text, sizeof to->text, &to->len), CXM_OK);
        status = cxm_loyalty_decode(to->text, to->len, 0, &hook, &back);
    }
    cxm_loyalty_free(l);
    cxm_loyalty_free(back);
    assert_int_equal(own->live, 0);
    return status;
}

static void loyalty_is_made_or_refused(void **state)
{
    (void)state;
    static notes want, got;
    ledger calm = {0};
    assert_int_equal(loyalty_session(&calm, &want), CXM_OK);
    assert_int_equal(calm.calls, 2);
    for (size_t k = 1; k <= calm.calls; ++k) {
        ledger own = {.fail_at = k};
        assert_int_equal(loyalty_session(&own, &got), CXM_E_MEMORY);
        ++injected;
    }
}

/* ---- tables of customers: what was refused for want of memory is told again ---- */

static void tell_row(ledger *own, cxm_cbs *t, cxm_spend *s, uint32_t i)
{
    cxm_status status = cxm_cbs_add(t, i % 3, i % 3, i, 1 + i % 2);
    if (status != CXM_OK) {
        assert_true(status == CXM_E_MEMORY && own->failed > 0);
        own->fail_at = 0;
        assert_int_equal(cxm_cbs_add(t, i % 3, i % 3, i, 1 + i % 2), CXM_OK);
    }
    status = cxm_spend_add(s, 1 + i % 3, 1 + i, 1);
    if (status != CXM_OK) {
        assert_true(status == CXM_E_MEMORY && own->failed > 0);
        own->fail_at = 0;
        assert_int_equal(cxm_spend_add(s, 1 + i % 3, 1 + i, 1), CXM_OK);
    }
}

static void note_tables(cxm_cbs *t, cxm_spend *s, notes *to)
{
    size_t len = 0;
    assert_int_equal(cxm_cbs_encode(t, to->text + to->len, sizeof to->text - to->len, &len), CXM_OK);
    to->len += len;
    assert_int_equal(cxm_spend_encode(s, to->text + to->len, sizeof to->text - to->len, &len), CXM_OK);
    to->len += len;
}

/* A merge that fails leaves what was there. */
static void merge_tables_anyhow(ledger *own, cxm_cbs *t, cxm_cbs *other, cxm_spend *s, cxm_spend *another)
{
    static notes before, after;
    before.len = after.len = 0;
    note_tables(t, s, &before);
    cxm_status status = cxm_cbs_merge(t, other);
    if (status == CXM_E_MEMORY) {
        note_tables(t, s, &after);
        assert_same(&after, &before);
        own->fail_at = 0;
        status = cxm_cbs_merge(t, other);
    }
    assert_int_equal(status, CXM_OK);
    status = cxm_spend_merge(s, another);
    if (status == CXM_E_MEMORY) {
        own->fail_at = 0;
        status = cxm_spend_merge(s, another);
    }
    assert_int_equal(status, CXM_OK);
}

static cxm_status tables_session(ledger *own, notes *to)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_cbs *t = NULL, *other = NULL, *back = NULL;
    cxm_spend *s = NULL, *another = NULL, *again = NULL;
    to->len = 0;
    cxm_status status = cxm_cbs_create(NULL, &hook, &t);
    if (status == CXM_OK) status = cxm_cbs_create(NULL, &hook, &other);
    if (status == CXM_OK) status = cxm_spend_create(NULL, &hook, &s);
    if (status == CXM_OK) status = cxm_spend_create(NULL, &hook, &another);
    for (uint32_t i = 3; i < 150 && status == CXM_OK; ++i) tell_row(own, i > 70 ? other : t, i > 70 ? another : s, i);
    if (status == CXM_OK) {
        merge_tables_anyhow(own, t, other, s, another);
        note_tables(t, s, to);
        size_t len = 0;
        assert_int_equal(cxm_cbs_encode(t, NULL, 0, &len), CXM_E_LIMIT);
        status = cxm_cbs_decode(to->text, len, 0, 1, &hook, &back);
        if (status == CXM_OK) status = cxm_spend_decode(to->text + len, to->len - len, 0, 1, &hook, &again);
    }
    if (status == CXM_OK) note_tables(back, again, to);
    cxm_cbs_free(t);
    cxm_cbs_free(other);
    cxm_cbs_free(back);
    cxm_spend_free(s);
    cxm_spend_free(another);
    cxm_spend_free(again);
    assert_int_equal(own->live, 0);
    return status;
}

static void tables_are_lost_by_no_refusal(void **state)
{
    (void)state;
    static notes want, got;
    ledger calm = {0};
    assert_int_equal(tables_session(&calm, &want), CXM_OK);
    for (int on = 0; on < 2; ++on)
        for (size_t k = 1; k <= calm.calls; ++k) {
            ledger own = {.fail_at = k, .fail_on = on};
            cxm_status status = tables_session(&own, &got);
            assert_true(own.failed > 0);
            if (status == CXM_OK) assert_same(&got, &want);
            else assert_int_equal(status, CXM_E_MEMORY);
            ++injected;
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
        cmocka_unit_test(quantiles_come_out_as_without_a_fault),
        cmocka_unit_test(the_door_to_quantiles_changes_nothing_when_it_refuses),
        cmocka_unit_test(opening_hours_leave_the_zone_to_whom_it_belongs),
        cmocka_unit_test(tickets_are_lost_by_no_refusal),
        cmocka_unit_test(tenures_are_lost_by_no_refusal),
        cmocka_unit_test(cohorts_are_lost_by_no_refusal),
        cmocka_unit_test(loyalty_is_made_or_refused),
        cmocka_unit_test(tables_are_lost_by_no_refusal),
        cmocka_unit_test(a_program_gives_all_back),
    };
    int failed = cmocka_run_group_tests_name("faults/alloc_faults", tests, NULL, NULL);
    printf("%zu allocation faults injected\n", injected);
    return failed;
}
