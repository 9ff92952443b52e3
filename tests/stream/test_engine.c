/* SPDX-License-Identifier: MIT */
/* test_engine.c - every record once, totals that are merges, one result whatever order or partition.
 *
 * Results are written down as bytes (a transcript), so that two readings compare as memory.   */
#include <cxm/engine.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

static const int64_t DAY = INT64_C(86400000000), YEAR_10000 = INT64_C(253402300800000000);
static const cxm_window_spec day = {sizeof day, CXM_WINDOW_DAY, 0, 0, 0};

static cxm_scale_spec nps_spec(void)
{
    cxm_scale_spec spec;
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    assert_int_equal(cxm_scale_set_top(&spec, 9, 10), CXM_OK);
    return spec;
}

static cxm_engine *engine_of(const cxm_engine_options *options, const cxm_alloc *alloc)
{
    cxm_engine *engine = NULL;
    assert_int_equal(cxm_engine_create(options, alloc, &engine), CXM_OK);
    return engine;
}

static cxm_account account_of(const cxm_engine *engine)
{
    cxm_account got = {.size = sizeof got};
    assert_int_equal(cxm_engine_account(engine, &got), CXM_OK);
    return got;
}

static cxm_record record_of(double value, int64_t at_us, const cxm_view *segments, uint32_t count)
{
    return (cxm_record){.size = sizeof(cxm_record), .answer = CXM_ANSWER_GIVEN, .value = value, .at_us = at_us,
                        .time = CXM_TIME_GIVEN, .segment_count = count, .segments = segments};
}

static void add(cxm_engine *engine, const cxm_record *record)
{
    assert_int_equal(cxm_engine_add(engine, record), CXM_OK);
}

/* ---- random input ---- */

enum { RECORDS = 1500, COLUMNS = 2 };
typedef struct input { cxm_record record[RECORDS]; cxm_view views[RECORDS][COLUMNS]; bool exclude[RECORDS]; } input;

static const cxm_view regions[] = {{"EU", 2}, {"US", 2}, {"", 0}, {NULL, 0}, {"E", 1}, {"EU ", 3},
                                   {"\xc3\xa9", 2}, {"\0", 1}};
static const cxm_view plans[] = {{"free", 4}, {"pro", 3}, {"", 0}};

static void random_input(input *in, uint64_t *seed)
{
    for (size_t i = 0; i < RECORDS; ++i) {
        uint64_t draw = test_rand(seed);
        in->views[i][0] = regions[draw % COUNT_OF(regions)];
        in->views[i][1] = plans[draw / 8 % COUNT_OF(plans)];
        int64_t at_us = (int64_t)(test_rand(seed) % (uint64_t)(9 * DAY)) - 3 * DAY;
        cxm_record r = record_of((double)(draw >> 8 & 15) - 2.0, at_us, in->views[i], COLUMNS);
        switch (draw >> 16 & 31) {
        case 0: case 1: r.answer = CXM_ANSWER_MISSING; break;
        case 2: r.answer = CXM_ANSWER_UNPARSED; break;
        case 3: r.value = NAN; break;
        case 4: r.value = 6.5; break;
        case 5: r.value = -INFINITY; break;
        default: break;
        }
        switch (draw >> 24 & 31) {
        case 0: r.time = CXM_TIME_NONE; break;
        case 1: r.time = CXM_TIME_UNPARSED; break;
        case 2: r.at_us = (draw >> 40 & 1) ? YEAR_10000 - 5 : INT64_MIN + 5; break;     /* no whole window there */
        default: break;
        }
        in->record[i] = r;
        in->exclude[i] = (draw >> 32 & 31) == 0;
    }
}

static void shuffle(size_t *order, size_t n, uint64_t *seed)
{
    for (size_t i = 0; i < n; ++i) order[i] = i;
    for (size_t i = n; i > 1; --i) {
        size_t j = (size_t)(test_rand(seed) % i), kept = order[i - 1];
        order[i - 1] = order[j];
        order[j] = kept;
    }
}

static void feed(cxm_engine *engine, const input *in, size_t i)
{
    if (in->exclude[i]) assert_int_equal(cxm_engine_exclude(engine), CXM_OK);
    else add(engine, &in->record[i]);
}

/* With and without segments, windows, since and until: 16 ways to ask. */
static cxm_engine_options options_number(int i, const cxm_scale_spec *spec)
{
    cxm_engine_options options = {.size = sizeof options, .segments = i & 1 ? COLUMNS : 0, .scale = spec,
                                  .window = i & 2 ? &day : NULL, .since_us = -DAY - 7, .until_us = 2 * DAY + 7,
                                  .has_since = i >> 2 & 1, .has_until = i >> 3 & 1};
    return options;
}

/* The record as an engine with these options takes it: without segment columns, it has none. */
static input *input_for(const cxm_engine_options *options, uint64_t *seed)
{
    input *in = malloc(sizeof *in);
    assert_non_null(in);
    random_input(in, seed);
    for (size_t i = 0; i < RECORDS; ++i) in->record[i].segment_count = options->segments;
    return in;
}

/* ---- results, slot by slot ---- */

typedef struct row { cxm_engine_result result; cxm_view views[COLUMNS]; char text[COLUMNS][8]; cxm_scale state; } row;
typedef struct rows { row *row; size_t n, room; } rows;

static row *push(rows *all)
{
    if (all->n == all->room) {
        all->room = all->room ? 2 * all->room : 64;
        all->row = realloc(all->row, all->room * sizeof *all->row);
        assert_non_null(all->row);
    }
    memset(&all->row[all->n], 0, sizeof *all->row);
    return &all->row[all->n++];
}

/* Copies of every result; pointers live only until the next call. */
static rows read_rows(cxm_engine *engine)
{
    rows all = {0};
    cxm_engine_result got = {.size = sizeof got};
    cxm_status status;
    while ((status = cxm_engine_next(engine, &got)) == CXM_OK) {
        row *kept = push(&all);
        kept->result = got;
        memcpy(&kept->state, got.state, cxm_scale_bytes(&got.state->spec));
        for (uint32_t i = 0; i < got.segment_count; ++i) {
            assert_true(got.segments[i].len <= sizeof kept->text[i]);
            if (got.segments[i].len) memcpy(kept->text[i], got.segments[i].text, got.segments[i].len);
            kept->views[i].len = got.segments[i].len;
        }
        kept->result.state = NULL;
        kept->result.segments = NULL;
    }
    assert_int_equal(status, CXM_END);
    assert_int_equal(cxm_engine_next(engine, &got), CXM_END);       /* and stays there */
    return all;
}

static rows run(const cxm_engine_options *options, const input *in, const size_t *order)
{
    cxm_engine *engine = engine_of(options, NULL);
    for (size_t i = 0; i < RECORDS; ++i) feed(engine, in, order ? order[i] : i);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    rows all = read_rows(engine);
    cxm_engine_free(engine);
    return all;
}

static void assert_same_rows(const rows *a, const rows *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->row, b->row, a->n * sizeof *a->row);
}

static int compare_text(const row *a, const row *b)
{
    for (int i = 0; i < COLUMNS; ++i) {
        size_t x = a->views[i].len, y = b->views[i].len;
        int order = memcmp(a->text[i], b->text[i], x < y ? x : y);
        if (order || x != y) return order ? order : x < y ? -1 : 1;
    }
    return 0;
}

/* Total first, then segments by bytes, `other` last; within each, windows by time. */
static int compare_rows(const row *a, const row *b)
{
    bool a_total = a->result.segment_count == 0, b_total = b->result.segment_count == 0;
    if (a_total != b_total) return a_total ? -1 : 1;
    if (a->result.is_other != b->result.is_other) return a->result.is_other - b->result.is_other;
    int order = compare_text(a, b);
    return order ? order : (a->result.from_us > b->result.from_us) - (a->result.from_us < b->result.from_us);
}

static bool same_slot(const row *a, const row *b)
{
    return compare_rows(a, b) == 0;
}

static row *find_row(const rows *all, const row *like)
{
    for (size_t i = 0; i < all->n; ++i)
        if (same_slot(&all->row[i], like)) return &all->row[i];
    return NULL;
}

/* ---- what must hold ---- */

/* What each record of the input should count as, by the contract alone. */
static cxm_account slow_account(const cxm_engine_options *o, const input *in)
{
    cxm_account a = {.size = sizeof a, .records = RECORDS};
    bool timed = o->window || o->has_since || o->has_until;
    for (size_t i = 0; i < RECORDS; ++i) {
        const cxm_record *r = &in->record[i];
        bool out = (o->has_since && r->at_us < o->since_us) || (o->has_until && r->at_us >= o->until_us) ||
                   (o->window && (r->at_us < -DAY * 100 || r->at_us > YEAR_10000 - DAY));
        if (in->exclude[i]) ++a.excluded;
        else if (timed && r->time == CXM_TIME_UNPARSED) ++a.unparsed;
        else if (timed && (r->time == CXM_TIME_NONE || out)) ++a.excluded;
        else if (r->answer == CXM_ANSWER_UNPARSED) ++a.unparsed;
        else if (r->answer == CXM_ANSWER_MISSING || isnan(r->value)) ++a.missing;
        else if (r->value >= 0 && r->value <= 10 && floor(r->value) == r->value) ++a.scored;
        else ++a.out_of_range;
    }
    return a;
}

static void every_record_is_in_the_account_once(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    uint64_t seed = 1;
    for (int i = 0; i < 16; ++i) {
        cxm_engine_options options = options_number(i, &spec);
        input *in = input_for(&options, &seed);
        cxm_engine *engine = engine_of(&options, NULL);
        for (size_t k = 0; k < RECORDS; ++k) {
            feed(engine, in, k);
            if (k % 100 == 0) assert_int_equal(account_of(engine).records, k + 1);
        }
        cxm_account got = account_of(engine), want = slow_account(&options, in);
        assert_memory_equal(&got, &want, sizeof got);
        assert_int_equal(got.records, got.scored + got.missing + got.unparsed + got.out_of_range + got.excluded);
        assert_int_equal(cxm_engine_close(engine), CXM_OK);
        got = account_of(engine);                           /* closing changes nothing */
        assert_memory_equal(&got, &want, sizeof got);
        cxm_engine_free(engine);
        free(in);
    }
}

static void results_come_in_order(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    uint64_t seed = 2;
    for (int i = 0; i < 16; ++i) {
        cxm_engine_options options = options_number(i, &spec);
        input *in = input_for(&options, &seed);
        rows all = run(&options, in, NULL);
        assert_true(all.n >= 1 && all.row[0].result.segment_count == 0);
        for (size_t k = 1; k < all.n; ++k) assert_true(compare_rows(&all.row[k - 1], &all.row[k]) < 0);
        for (size_t k = 0; k < all.n; ++k) {
            const cxm_engine_result *r = &all.row[k].result;
            assert_int_equal(r->has_window, i >> 1 & 1);
            assert_true(!r->has_window || (r->to_us - r->from_us == DAY && r->from_us % DAY == 0));
            assert_true(r->segment_count == 0 || r->segment_count == COLUMNS);
            assert_true(r->reserved == 0 && r->is_other == 0);
        }
        free(all.row);
        free(in);
    }
}

static void a_total_is_the_merge_of_its_segments(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    uint64_t seed = 3;
    for (int i = 1; i < 16; i += 2) {
        cxm_engine_options options = options_number(i, &spec);
        input *in = input_for(&options, &seed);
        rows all = run(&options, in, NULL);
        size_t segments = 0;
        for (size_t t = 0; t < all.n && all.row[t].result.segment_count == 0; ++t) {
            cxm_scale sum = {0};
            assert_int_equal(cxm_scale_init(&sum, &spec), CXM_OK);
            for (size_t k = 0; k < all.n; ++k)
                if (all.row[k].result.segment_count && all.row[k].result.from_us == all.row[t].result.from_us) {
                    assert_int_equal(cxm_scale_merge(&sum, &all.row[k].state), CXM_OK);
                    assert_int_equal(all.row[k].result.complete, all.row[t].result.complete);
                    ++segments;
                }
            assert_memory_equal(&sum, &all.row[t].state, sizeof sum);
        }
        assert_true(segments > 10);
        free(all.row);
        free(in);
    }
}

static void order_and_seed_change_nothing(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    uint64_t seed = 4;
    size_t order[RECORDS];
    for (int i = 0; i < 16; ++i) {
        cxm_engine_options options = options_number(i, &spec);
        input *in = input_for(&options, &seed);
        rows want = run(&options, in, NULL);
        for (int trial = 0; trial < 5; ++trial) {
            shuffle(order, RECORDS, &seed);
            options.hash_seed = test_rand(&seed);
            rows got = run(&options, in, order);
            assert_same_rows(&got, &want);
            free(got.row);
        }
        free(want.row);
        free(in);
    }
}

/* Adds the results of one part to those of the parts before; `complete` is a matter of the whole. */
static void merge_rows(rows *into, const rows *part)
{
    for (size_t i = 0; i < part->n; ++i) {
        row *same = find_row(into, &part->row[i]);
        if (same) assert_int_equal(cxm_scale_merge(&same->state, &part->row[i].state), CXM_OK);
        else *push(into) = part->row[i];
    }
}

static int compare_for_qsort(const void *a, const void *b)
{
    return compare_rows((const row *)a, (const row *)b);
}

static void any_partition_merges_to_the_whole(void **state)
{
    (void)state;
    enum { PARTS = 4 };
    cxm_scale_spec spec = nps_spec();
    uint64_t seed = 5;
    for (int i = 0; i < 16; ++i) {
        cxm_engine_options options = options_number(i, &spec);
        input *in = input_for(&options, &seed);
        rows whole = run(&options, in, NULL), merged = {0};
        cxm_engine *engines[PARTS];
        for (int p = 0; p < PARTS; ++p) engines[p] = engine_of(&options, NULL);
        for (size_t k = 0; k < RECORDS; ++k) feed(engines[test_rand(&seed) % PARTS], in, k);
        for (int p = PARTS; p-- > 0;) {
            assert_int_equal(cxm_engine_close(engines[p]), CXM_OK);
            rows part = read_rows(engines[p]);
            merge_rows(&merged, &part);
            free(part.row);
            cxm_engine_free(engines[p]);
        }
        qsort(merged.row, merged.n, sizeof *merged.row, compare_for_qsort);
        for (size_t k = 0; k < merged.n; ++k) merged.row[k].result.complete = 0;
        for (size_t k = 0; k < whole.n; ++k) whole.row[k].result.complete = 0;
        assert_same_rows(&merged, &whole);
        free(whole.row);
        free(merged.row);
        free(in);
    }
}

static void closing_again_reads_again(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    uint64_t seed = 6;
    for (int i = 0; i < 16; ++i) {
        cxm_engine_options options = options_number(i, &spec);
        input *in = input_for(&options, &seed);
        cxm_engine *engine = engine_of(&options, NULL);
        cxm_engine_result got = {.size = sizeof got};
        for (size_t k = 0; k < RECORDS; ++k) feed(engine, in, k);
        assert_int_equal(cxm_engine_close(engine), CXM_OK);
        rows first = read_rows(engine);
        for (size_t stop = 0; stop <= first.n; stop += 1 + first.n / 9) {       /* from anywhere in the reading */
            assert_int_equal(cxm_engine_close(engine), CXM_OK);
            for (size_t k = 0; k < stop; ++k) assert_int_equal(cxm_engine_next(engine, &got), CXM_OK);
            assert_int_equal(cxm_engine_close(engine), CXM_OK);
            rows again = read_rows(engine);
            assert_same_rows(&again, &first);
            free(again.row);
        }
        free(first.row);
        cxm_engine_free(engine);
        free(in);
    }
}

static void no_record_still_has_a_total(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    int64_t first = 7, last = 8;
    uint64_t slots = 9, others = 9;
    for (int i = 0; i < 16; ++i) {
        cxm_engine_options options = options_number(i, &spec);
        cxm_engine *engine = engine_of(&options, NULL);
        assert_int_equal(cxm_engine_exclude(engine), CXM_OK);
        assert_int_equal(cxm_engine_close(engine), CXM_OK);
        rows all = read_rows(engine);
        cxm_scale empty = {0};
        cxm_scale_init(&empty, &spec);
        assert_int_equal(all.n, 1);
        assert_true(!all.row[0].result.has_window && !all.row[0].result.segment_count);
        assert_memory_equal(&all.row[0].state, &empty, sizeof empty);
        assert_int_equal(cxm_engine_span(engine, &first, &last), CXM_E_EMPTY);
        assert_true(first == 7 && last == 8);
        assert_int_equal(cxm_engine_slots(engine, &slots, &others), CXM_OK);
        assert_true(slots == 0 && others == 0);
        free(all.row);
        cxm_engine_free(engine);
    }
}

/* ---- windows that are complete ---- */

/* One record of window [0, DAY) between two that decide how far the data reach. */
static void check_complete(int64_t first, int64_t last, int64_t since, int64_t until, int flags, int want)
{
    cxm_scale_spec spec = nps_spec();
    cxm_engine_options options = {.size = sizeof options, .scale = &spec, .window = &day, .since_us = since,
                                  .until_us = until, .has_since = flags & 1, .has_until = flags >> 1};
    cxm_engine *engine = engine_of(&options, NULL);
    const int64_t at[] = {DAY / 2, first, last};
    int64_t got_first, got_last, want_first = DAY / 2, want_last = DAY / 2;
    for (int i = 0; i < 3; ++i) {
        cxm_record record = record_of(9, at[i], NULL, 0);
        bool counted = (!(flags & 1) || at[i] >= since) && (!(flags & 2) || at[i] < until);
        if (counted && at[i] < want_first) want_first = at[i];
        if (counted && at[i] > want_last) want_last = at[i];
        add(engine, &record);
    }
    assert_int_equal(cxm_engine_span(engine, &got_first, &got_last), CXM_OK);
    assert_true(got_first == want_first && got_last == want_last);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    rows all = read_rows(engine);
    int seen = 0;
    for (size_t i = 0; i < all.n; ++i)
        if (all.row[i].result.from_us == 0) {
            assert_int_equal(all.row[i].result.complete, want);
            ++seen;
        }
    assert_int_equal(seen, 1);
    free(all.row);
    cxm_engine_free(engine);
}

static void a_window_is_complete_when_both_ends_are_reached(void **state)
{
    (void)state;
    check_complete(0, DAY, 0, 0, 0, 1);                     /* data from the first instant to the next window */
    check_complete(1, DAY, 0, 0, 0, 0);
    check_complete(0, DAY - 1, 0, 0, 0, 0);
    check_complete(-1, DAY + 1, 0, 0, 0, 1);
    check_complete(1, DAY, 0, 0, 1, 1);                     /* since reaches where data do not */
    check_complete(1, DAY, 1, 0, 1, 0);
    check_complete(-DAY, DAY, 1, 0, 1, 0);                  /* data before since are left out */
    check_complete(0, DAY - 1, 0, DAY, 2, 1);               /* until likewise */
    check_complete(0, DAY - 1, 0, DAY - 1, 2, 0);
    check_complete(0, 5 * DAY, 0, DAY - 1, 2, 0);
    check_complete(DAY / 2, DAY / 2, 0, DAY, 3, 1);
    check_complete(DAY / 2, DAY / 2, -5, DAY + 5, 3, 1);
    check_complete(DAY / 2, DAY / 2, 0, DAY, 0, 0);         /* a flag of 0: the numbers are not read */
}

/* ---- bounds ---- */

/* Records of `keys` segments in `windows` windows; what is kept, what went to `other`. */
static void check_bound(uint64_t max_bytes, uint32_t keys, int64_t windows, size_t tail)
{
    cxm_scale_spec spec = nps_spec();
    cxm_engine_options options = {.size = sizeof options, .scale = &spec, .window = &day, .segments = 1,
                                  .max_bytes = max_bytes};
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_engine *engine = engine_of(&options, &hook);
    char text[1200];
    uint64_t slots, others, in_other = 0, records = 0;
    memset(text, 't', sizeof text);
    for (int64_t w = 0; w < windows; ++w)
        for (uint32_t k = 0; k < keys; ++k, ++records) {
            memcpy(text, &k, sizeof k);
            cxm_view view = {text, sizeof k + tail};
            cxm_record record = record_of((double)(k % 11), w * DAY, &view, 1);
            add(engine, &record);
        }
    assert_int_equal(account_of(engine).scored, records);
    assert_int_equal(cxm_engine_slots(engine, &slots, &others), CXM_OK);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    cxm_engine_result got = {.size = sizeof got};
    uint64_t counted = 0, total = 0, seen = 0, n;
    while (cxm_engine_next(engine, &got) == CXM_OK) {
        assert_int_equal(cxm_scale_n(got.state, &n), CXM_OK);
        if (got.segment_count == 0) total += n;
        else counted += n, ++seen;
        if (got.is_other) {
            in_other += n;
            assert_true(got.segment_count == 1 && got.segments[0].len == 0);
        }
    }
    assert_true(counted == records && total == records && seen == slots && in_other == others);
    assert_int_equal(others > 0, slots < (uint64_t)keys * (uint64_t)windows);
    assert_true(own.peak <= cxm_engine_bytes(&options));
    cxm_engine_free(engine);
    assert_int_equal(own.live, 0);
}

static void what_does_not_fit_goes_to_other(void **state)
{
    (void)state;
    check_bound(64 * 1024, 10, 1, 0);                       /* fits: no `other` */
    check_bound(64 * 1024, 5000, 1, 0);
    check_bound(64 * 1024, 300, 20, 0);
    check_bound(64 * 1024, 100, 3, 1190);                   /* long keys */
    check_bound(65 * 1024 + 13, 5000, 2, 3);
    check_bound(1 << 20, 20000, 2, 0);
    check_bound(1 << 20, 500, 50, 40);
    check_bound(0, 20000, 1, 0);                            /* 16 MiB */
}

/* More windows than `other` slots fit: the record is refused, nothing is counted, the rest stands. */
static void not_even_other_fits(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    cxm_engine_options options = {.size = sizeof options, .scale = &spec, .window = &day, .max_bytes = 64 * 1024};
    ledger own = {0};
    cxm_alloc hook = ledger_hook(&own);
    cxm_engine *engine = engine_of(&options, &hook);
    int64_t at = 0, first, last;
    cxm_record record = record_of(9, 0, NULL, 0);
    cxm_status status;
    for (; record.at_us = at * DAY, (status = cxm_engine_add(engine, &record)) == CXM_OK; ++at) continue;
    assert_int_equal(status, CXM_E_LIMIT);
    assert_true(at > 100);
    assert_int_equal(account_of(engine).records, at);
    assert_int_equal(cxm_engine_span(engine, &first, &last), CXM_OK);
    assert_true(first == 0 && last == (at - 1) * DAY);      /* a refused record stretches no span */
    record.at_us = 0;
    add(engine, &record);
    assert_int_equal(account_of(engine).records, at + 1);
    assert_true(own.peak <= cxm_engine_bytes(&options));
    cxm_engine_free(engine);
    assert_int_equal(own.live, 0);
}

static bool survives(size_t fail_at, bool fail_on, const input *in, const cxm_engine_options *options, const rows *want)
{
    ledger own = {.fail_at = fail_at, .fail_on = fail_on};
    cxm_alloc hook = ledger_hook(&own);
    cxm_engine *engine = NULL;
    cxm_status status = cxm_engine_create(options, &hook, &engine);
    if (status != CXM_OK) {
        assert_int_equal(status, CXM_E_MEMORY);
        assert_true(engine == NULL && own.live == 0);
        return true;
    }
    for (size_t i = 0; i < RECORDS; ++i) {
        if (!in->exclude[i] && (status = cxm_engine_add(engine, &in->record[i])) != CXM_OK) {
            assert_int_equal(status, CXM_E_MEMORY);
            assert_int_equal(account_of(engine).records, i);
            own.fail_at = 0;                                /* memory is back */
            add(engine, &in->record[i]);
        } else if (in->exclude[i]) {
            assert_int_equal(cxm_engine_exclude(engine), CXM_OK);
        }
    }
    own.fail_at = own.calls + 1;                            /* reading needs no memory */
    own.fail_on = true;
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    rows got = read_rows(engine);
    assert_same_rows(&got, want);
    free(got.row);
    cxm_engine_free(engine);
    assert_int_equal(own.live, 0);
    return own.failed > 0;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    cxm_engine_options options = options_number(3, &spec);
    uint64_t seed = 8;
    input *in = input_for(&options, &seed);
    rows want = run(&options, in, NULL);
    for (int fail_on = 0; fail_on < 2; ++fail_on) {
        size_t k = 1;
        while (survives(k, fail_on, in, &options, &want)) ++k;
        assert_true(k > 6);
    }
    free(want.row);
    free(in);
}

/* ---- misuse ---- */

static void options_outside_the_contract(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec(), no_spec = spec;
    cxm_window_spec no_window = day;
    const cxm_engine_options good = {.size = sizeof good, .scale = &spec};
    cxm_engine_options bad[8];
    for (size_t i = 0; i < COUNT_OF(bad); ++i) bad[i] = good;
    no_spec.direction = 0;
    no_window.unit = 0;
    bad[0].scale = NULL;
    bad[1].scale = &no_spec;
    bad[2].segments = CXM_ENGINE_SEGMENTS_MAX + 1;
    bad[3].window = &no_window;
    bad[4].has_since = 2;
    bad[5].has_until = -1;
    bad[6].size = sizeof good - 1;
    bad[7].max_bytes = 64 * 1024 - 1;
    static const cxm_status want[] = {CXM_E_ARG, CXM_E_ARG, CXM_E_ARG, CXM_E_ARG,
                                      CXM_E_ARG, CXM_E_ARG, CXM_E_ABI, CXM_E_LIMIT};
    cxm_engine *engine = NULL;
    for (size_t i = 0; i < COUNT_OF(bad); ++i) {
        assert_int_equal(cxm_engine_create(&bad[i], NULL, &engine), want[i]);
        assert_int_equal(cxm_engine_bytes(&bad[i]), 0);
    }
    cxm_alloc no_hook = {0};
    assert_int_equal(cxm_engine_create(&good, &no_hook, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(NULL, NULL, &engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_create(&good, NULL, NULL), CXM_E_ARG);
    assert_null(engine);
    assert_int_equal(cxm_engine_bytes(NULL), 0);
    assert_int_equal(cxm_engine_bytes(&good), 16 * 1024 * 1024);
    cxm_engine_free(NULL);
}

static void records_outside_the_contract(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    cxm_engine_options options = {.size = sizeof options, .scale = &spec, .segments = 1};
    cxm_engine *engine = engine_of(&options, NULL);
    cxm_view view = {"EU", 2}, no_text = {NULL, 2};
    const cxm_record good = record_of(9, 0, &view, 1);
    cxm_record bad[9];
    for (size_t i = 0; i < COUNT_OF(bad); ++i) bad[i] = good;
    bad[0].answer = 0;
    bad[1].answer = 4;
    bad[2].time = -1;
    bad[3].time = 3;
    bad[4].segment_count = 0;
    bad[5].segment_count = 2;
    bad[6].segments = NULL;
    bad[7].segments = &no_text;
    bad[8].size = sizeof good - 1;
    for (size_t i = 0; i < COUNT_OF(bad); ++i)
        assert_int_equal(cxm_engine_add(engine, &bad[i]), i == 8 ? CXM_E_ABI : CXM_E_ARG);
    assert_int_equal(cxm_engine_add(engine, NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_add(NULL, &good), CXM_E_ARG);
    assert_int_equal(cxm_engine_exclude(NULL), CXM_E_ARG);
    assert_int_equal(account_of(engine).records, 0);
    cxm_engine_free(engine);
}

static void calls_out_of_turn(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    cxm_engine_options options = {.size = sizeof options, .scale = &spec};
    cxm_engine *engine = engine_of(&options, NULL);
    cxm_record record = record_of(9, 0, NULL, 0);
    cxm_engine_result out = {.size = sizeof out, .complete = 7}, before = out, small = {.size = sizeof small - 1};
    cxm_account no_account = {.size = sizeof no_account - 1};
    int64_t at;
    uint64_t slots;
    add(engine, &record);
    assert_int_equal(cxm_engine_next(engine, &out), CXM_E_ARG);             /* before close */
    assert_int_equal(cxm_engine_next(NULL, &out), CXM_E_ARG);
    assert_memory_equal(&out, &before, sizeof out);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_close(NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_add(engine, &record), CXM_E_ARG);           /* after it */
    assert_int_equal(cxm_engine_exclude(engine), CXM_E_ARG);
    assert_int_equal(cxm_engine_next(engine, NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_next(engine, &small), CXM_E_ABI);
    assert_int_equal(cxm_engine_next(engine, &out), CXM_OK);
    assert_int_equal(cxm_engine_account(NULL, &no_account), CXM_E_ARG);
    assert_int_equal(cxm_engine_account(engine, NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_account(engine, &no_account), CXM_E_ABI);
    assert_int_equal(cxm_engine_span(NULL, &at, &at), CXM_E_ARG);
    assert_int_equal(cxm_engine_span(engine, NULL, &at), CXM_E_ARG);
    assert_int_equal(cxm_engine_span(engine, &at, NULL), CXM_E_ARG);
    assert_int_equal(cxm_engine_slots(NULL, &slots, &slots), CXM_E_ARG);
    assert_int_equal(cxm_engine_slots(engine, NULL, &slots), CXM_E_ARG);
    assert_int_equal(cxm_engine_slots(engine, &slots, NULL), CXM_E_ARG);
    assert_int_equal(account_of(engine).records, 1);
    cxm_engine_free(engine);
}

/* Callers of a later header: larger structs, whose unknown tail must be zero where we read it. */
static void a_later_caller(void **state)
{
    (void)state;
    cxm_scale_spec spec = nps_spec();
    struct { cxm_engine_options known; uint64_t unknown; } options = {.known = {.size = sizeof options}};
    struct { cxm_record known; uint64_t unknown; } record = {.known = record_of(9, 0, NULL, 0)};
    struct { cxm_engine_result known; uint64_t unknown; } result = {.known = {.size = sizeof result}, .unknown = 7};
    struct { cxm_account known; uint64_t unknown; } account = {.known = {.size = sizeof account}, .unknown = 7};
    options.known.scale = &spec;
    cxm_engine *engine = engine_of(&options.known, NULL), *none = NULL;
    record.known.size = sizeof record;
    add(engine, &record.known);
    record.unknown = options.unknown = 1;
    assert_int_equal(cxm_engine_add(engine, &record.known), CXM_E_ABI);
    assert_int_equal(cxm_engine_create(&options.known, NULL, &none), CXM_E_ABI);
    assert_int_equal(cxm_engine_bytes(&options.known), 0);
    assert_int_equal(cxm_engine_account(engine, &account.known), CXM_OK);
    assert_true(account.known.records == 1 && account.known.size == sizeof account && account.unknown == 7);
    assert_int_equal(cxm_engine_close(engine), CXM_OK);
    assert_int_equal(cxm_engine_next(engine, &result.known), CXM_OK);
    assert_true(result.known.size == sizeof result && result.unknown == 7);
    cxm_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_in_the_account_once),
        cmocka_unit_test(results_come_in_order),
        cmocka_unit_test(a_total_is_the_merge_of_its_segments),
        cmocka_unit_test(order_and_seed_change_nothing),
        cmocka_unit_test(any_partition_merges_to_the_whole),
        cmocka_unit_test(closing_again_reads_again),
        cmocka_unit_test(no_record_still_has_a_total),
        cmocka_unit_test(a_window_is_complete_when_both_ends_are_reached),
        cmocka_unit_test(what_does_not_fit_goes_to_other),
        cmocka_unit_test(not_even_other_fits),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(options_outside_the_contract),
        cmocka_unit_test(records_outside_the_contract),
        cmocka_unit_test(calls_out_of_turn),
        cmocka_unit_test(a_later_caller),
    };
    return cmocka_run_group_tests_name("stream/engine", tests, NULL, NULL);
}
