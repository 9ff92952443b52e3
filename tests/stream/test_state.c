/* SPDX-License-Identifier: MIT */
/* test_state.c - the door gives what the typed calls give, to the last bit and byte; it reads every spec that it writes,
 * refuses what is none, loses nothing when memory runs out, and tells what it knows. */
#include <cxm/cxm.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 14 };

typedef struct block { size_t len; unsigned char at[ROOM]; } block;

static cxm_state *make(const char *spec)
{
    cxm_state *state = NULL;
    assert_int_equal(cxm_state_create(spec, strlen(spec), NULL, &state, NULL), CXM_OK);
    return state;
}

static block encode(const cxm_state *state)
{
    block b;
    assert_int_equal(cxm_state_encode(state, b.at, sizeof b.at, &b.len), CXM_OK);
    return b;
}

static void assert_same(const block *a, const block *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->at, b->at, a->len);
}

static cxm_status get(const cxm_state *state, const char *name, double *out)
{
    return cxm_state_get(state, name, strlen(name), 0.0, out);
}

static double figure(const cxm_state *state, const char *name)
{
    double value = -12345.0;
    assert_int_equal(get(state, name, &value), CXM_OK);
    assert_true(value == value);
    return value;
}

static cxm_status add_text(cxm_state *state, const char *text)
{
    return cxm_state_add_text(state, text, strlen(text));
}

static cxm_status remove_text(cxm_state *state, const char *text)
{
    return cxm_state_remove_text(state, text, strlen(text));
}

static void assert_spec(const cxm_state *state, const char *want)
{
    char text[CXM_STATE_SPEC_MAX + 1];
    size_t len;
    assert_int_equal(cxm_state_spec(state, text, CXM_STATE_SPEC_MAX, &len), CXM_OK);
    text[len] = '\0';
    assert_string_equal(text, want);
}

/* ---- specs ---- */

static void specs_have_one_spelling(void **state)
{
    (void)state;
    static const struct { const char *said, *canonical; } rows[] = {
        {"nps", "nps 0..10"},
        {" nps\t 0..10 ", "nps 0..10"},
        {"nps 1..5", "nps 1..5"},
        {"nps 1..4", "nps 1..4"},
        {"csat", "csat 1..5"},
        {"csat 1..10 top 8..10", "csat 1..10"},
        {"csat top 9..10 1..10", "csat 1..10 top 9..10"},
        {"csat 0..100 top 80..100", "csat 0..100 top 80..100"},
        {"csat 1..6 lower top 1..2", "csat 1..6 lower top 1..2"},
        {"ces", "ces 1..7"},
        {"ces higher", "ces 1..7"},
        {"ces 1..5 lower", "ces 1..5 lower"},
        {"ces 1..5 lower top 1..1", "ces 1..5 lower top 1..1"},
        {"ces 0..10 top 7..10", "ces 0..10 top 7..10"},
        {"scale -5..5", "scale -5..5"},
        {"scale 0..10 top 10..10", "scale 0..10"},
        {"scale 0..10 top 9..10 value net", "scale 0..10 top 9..10 value net"},
        {"scale 0..10 value net bottom 0..6 top 9..10", "scale 0..10 top 9..10 bottom 0..6 value net"},
        {"scale 0..10 lower bottom 6..10 value top", "scale 0..10 lower bottom 6..10 value top"},
        {"scale 0..10 value mean", "scale 0..10"},
        {"scale -2147483648..-2147483548", "scale -2147483648..-2147483548"},
        {"scale 2147483547..2147483647 value top", "scale 2147483547..2147483647 value top"},
        {"scale weighted 2147483547..2147483647 lower", "scale weighted 2147483547..2147483647 lower"},
        {"labels", "labels max 64 bytes 256"},
        {"labels bytes 16 max 2", "labels max 2 bytes 16"},
        {"sum", "sum"},
        {"nps weighted", "nps weighted 0..10"},
        {"csat 1..5 weighted", "csat weighted 1..5"},
        {"csat top 9..10 weighted 1..10", "csat weighted 1..10 top 9..10"},
        {"ces 1..5 lower weighted", "ces weighted 1..5 lower"},
        {"scale weighted 0..10 lower bottom 6..10 value top", "scale weighted 0..10 lower bottom 6..10 value top"},
        {"scale -2147483648..-2147483548 weighted lower top -2147483648..-2147483600 bottom -2147483590..-2147483548 value net",
         "scale weighted -2147483648..-2147483548 lower top -2147483648..-2147483600 bottom -2147483590..-2147483548 value net"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_state *first = make(rows[i].said), *again = make(rows[i].canonical);
        print_message("%s\n", rows[i].said);
        assert_spec(first, rows[i].canonical);
        assert_spec(again, rows[i].canonical);
        block a = encode(first), b = encode(again);
        assert_same(&a, &b);
        cxm_state_free(first);
        cxm_state_free(again);
    }
}

static void what_is_no_spec_is_refused(void **state)
{
    (void)state;
    static const struct { const char *said; cxm_status status; uint64_t at; const char *why; } rows[] = {
        {"", CXM_E_FORMAT, 0, "a spec begins with the name of a metric: nps csat ces scale labels sum quantile tickets survival customers"},
        {"npz 0..10", CXM_E_FORMAT, 0, "a spec begins with the name of a metric: nps csat ces scale labels sum quantile tickets survival customers"},
        {"NPS", CXM_E_FORMAT, 0, "a spec begins with the name of a metric: nps csat ces scale labels sum quantile tickets survival customers"},
        {"nps 0..10 top 9..10", CXM_E_FORMAT, 10, "not understood here; the form is: nps [LO..HI]"},
        {"nps lower", CXM_E_FORMAT, 4, "not understood here; the form is: nps [LO..HI]"},
        {"nps 0..10 0..10", CXM_E_FORMAT, 10, "not understood here; the form is: nps [LO..HI]"},
        {"nps 1..10", CXM_E_SCALE, 9, "no scale of this metric as it stands; the form is: nps [LO..HI]"},
        {"nps 0..1e1", CXM_E_FORMAT, 4, "not understood here; the form is: nps [LO..HI]"},
        {"nps 0.10", CXM_E_FORMAT, 4, "not understood here; the form is: nps [LO..HI]"},
        {"nps 0..10x", CXM_E_FORMAT, 4, NULL},
        {"csat 1..9", CXM_E_SCALE, 9, NULL},
        {"csat lower", CXM_E_SCALE, 10, NULL},
        {"csat lower higher", CXM_E_FORMAT, 11, NULL},
        {"csat top", CXM_E_FORMAT, 8, "bands are written once, as 9..10; the form is: csat [LO..HI] [lower] [top A..B]"},
        {"csat top 4..5 top 4..5", CXM_E_FORMAT, 18, NULL},
        {"csat top 3..4", CXM_E_FORMAT, 13, NULL},
        {"csat top 1..5", CXM_E_FORMAT, 13, NULL},
        {"csat 1..5 bottom 1..2", CXM_E_FORMAT, 10, NULL},
        {"csat 0..101 top 80..101", CXM_E_SCALE, 23, NULL},
        {"csat 5..1 top 1..1", CXM_E_SCALE, 18, NULL},
        {"ces value mean", CXM_E_FORMAT, 4, NULL},
        {"scale", CXM_E_FORMAT, 5, NULL},
        {"scale 0..2147483648", CXM_E_FORMAT, 6, NULL},
        {"scale 0..10 value", CXM_E_FORMAT, 17, NULL},
        {"scale 0..10 value sum", CXM_E_FORMAT, 18, NULL},
        {"scale 0..10 value net value net", CXM_E_FORMAT, 22, NULL},
        {"scale 0..10 bottom 1..6", CXM_E_FORMAT, 23, NULL},
        {"scale 0..10 bottom 0..10", CXM_E_FORMAT, 24, NULL},
        {"scale 0..10 lower bottom 5..9", CXM_E_FORMAT, 29, NULL},
        {"scale 0..10 lower bottom 0..10", CXM_E_FORMAT, 30, NULL},
        {"labels 5", CXM_E_FORMAT, 7, NULL},
        {"labels max", CXM_E_FORMAT, 10, NULL},
        {"labels max 0", CXM_E_FORMAT, 11, NULL},
        {"labels max 4097", CXM_E_FORMAT, 11, NULL},
        {"labels max 2.5", CXM_E_FORMAT, 11, NULL},
        {"labels max 2 max 2", CXM_E_FORMAT, 13, NULL},
        {"sum 1", CXM_E_FORMAT, 4, NULL},
        {"weighted", CXM_E_FORMAT, 0, "a spec begins with the name of a metric: nps csat ces scale labels sum quantile tickets survival customers"},
        {"sum weighted", CXM_E_FORMAT, 4, NULL},
        {"labels weighted", CXM_E_FORMAT, 7, NULL},
        {"nps weighted weighted", CXM_E_FORMAT, 13, "not understood here; the form is: nps weighted [LO..HI]"},
        {"nps weighted lower", CXM_E_FORMAT, 13, "not understood here; the form is: nps weighted [LO..HI]"},
        {"csat weighted 1..9", CXM_E_SCALE, 18, NULL},
        {"scale weighted", CXM_E_FORMAT, 14, NULL},
        {"scale weighted 0..10 bottom 1..6", CXM_E_FORMAT, 32,
         "bottom boxes reach the bad end of the scale and leave the top boxes alone; the form is: "
         "scale weighted LO..HI [lower] [top A..B] [bottom A..B] [value mean|top|net]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_state *none = NULL;
        cxm_error error = {.size = sizeof error};
        print_message("%s\n", rows[i].said);
        assert_int_equal(cxm_state_create(rows[i].said, strlen(rows[i].said), NULL, &none, &error), rows[i].status);
        assert_int_equal(error.status, rows[i].status);
        assert_int_equal(error.byte_offset, rows[i].at);
        assert_true(error.text_len > 20 && error.text_len == strlen(error.text));
        if (rows[i].why) assert_string_equal(error.text, rows[i].why);
        assert_int_equal(cxm_state_create(rows[i].said, strlen(rows[i].said), NULL, &none, NULL), rows[i].status);
        assert_null(none);
    }
}

/* The spec that a state comes back with makes a state of the same bytes. */
static void comes_back(const block *b)
{
    cxm_state *seen = NULL, *again = NULL;
    char text[CXM_STATE_SPEC_MAX];
    size_t len;
    assert_int_equal(cxm_state_decode(b->at, b->len, NULL, 0, 0, NULL, &seen), CXM_OK);
    block c = encode(seen);
    assert_same(b, &c);
    assert_int_equal(cxm_state_spec(seen, text, sizeof text, &len), CXM_OK);
    assert_int_equal(cxm_state_decode(b->at, b->len, text, len, 0, NULL, &again), CXM_OK);
    c = encode(again);
    assert_same(b, &c);
    cxm_state_free(seen);
    cxm_state_free(again);
}

/* Of plain and of weighted answers. */
static void returns(const cxm_scale_spec *spec)
{
    cxm_scale scale;
    cxm_weighted *weighted = NULL;
    block b;
    assert_int_equal(cxm_scale_init(&scale, spec), CXM_OK);
    cxm_scale_add_n(&scale, spec->hi, 3);
    cxm_scale_add_missing(&scale);
    assert_int_equal(cxm_scale_encode(&scale, b.at, sizeof b.at, &b.len), CXM_OK);
    comes_back(&b);
    assert_int_equal(cxm_weighted_create(spec, NULL, &weighted), CXM_OK);
    cxm_weighted_add(weighted, spec->hi, 0.3);
    cxm_weighted_add_missing(weighted, 2.0);
    assert_int_equal(cxm_weighted_encode(weighted, b.at, sizeof b.at, &b.len), CXM_OK);
    comes_back(&b);
    cxm_weighted_free(weighted);
}

/* Every scale of at most seven points with every pair of bands. */
static void any_bands_have_a_spec(void **state)
{
    (void)state;
    size_t tried = 0;
    for (int32_t lo = -1; lo <= 1; ++lo)
        for (int32_t hi = lo + 1; hi <= lo + 6; ++hi)
            for (int32_t low_to = lo; low_to < hi; ++low_to)
                for (int32_t high_from = low_to + 1; high_from <= hi; ++high_from)
                    for (int32_t direction = CXM_HIGHER_IS_BETTER; direction <= CXM_LOWER_IS_BETTER; ++direction, ++tried) {
                        cxm_scale_spec spec = {sizeof spec, lo, hi, low_to, high_from, direction};
                        returns(&spec);
                    }
    assert_int_equal(tried, 3 * 2 * (1 + 3 + 6 + 10 + 15 + 21));
}

/* ---- recognition ---- */

static void bytes_are_recognised(void **state)
{
    (void)state;
    static const struct { const char *made, *seen; } rows[] = {
        {"nps", "nps 0..10"},
        {"nps 1..5", "nps 1..5"},
        {"csat", "csat 1..5"},
        {"ces 1..5", "csat 1..5"},              /* the same bands: only a spec tells them apart */
        {"ces", "ces 1..7"},
        {"ces 1..5 lower", "ces 1..5 lower"},
        {"csat 1..10 top 9..10", "scale 1..10 top 9..10"},
        {"scale 0..10 top 9..10 bottom 0..6 value net", "nps 0..10"},
        {"scale 0..10 value net", "scale 0..10"},
        {"labels max 3 bytes 9", "labels max 3 bytes 9"},
        {"sum", "sum"},
        {"nps weighted", "nps weighted 0..10"},
        {"nps 1..4 weighted", "nps weighted 1..4"},
        {"ces 1..5 weighted", "csat weighted 1..5"},
        {"ces weighted", "ces weighted 1..7"},
        {"csat weighted 1..10 top 9..10", "scale weighted 1..10 top 9..10"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_state *made = make(rows[i].made), *seen = NULL, *named = NULL;
        block b = encode(made);
        print_message("%s\n", rows[i].made);
        assert_int_equal(cxm_state_decode(b.at, b.len, NULL, 0, 0, NULL, &seen), CXM_OK);
        assert_spec(seen, rows[i].seen);
        assert_int_equal(cxm_state_decode(b.at, b.len, rows[i].made, strlen(rows[i].made), 0, NULL, &named), CXM_OK);
        block c = encode(named);
        assert_same(&b, &c);
        cxm_state_free(made);
        cxm_state_free(seen);
        cxm_state_free(named);
    }
}

static void a_named_spec_must_be_that_of_the_bytes(void **state)
{
    (void)state;
    cxm_state *nps = make("nps"), *none = NULL;
    block b = encode(nps);
    assert_int_equal(cxm_state_decode(b.at, b.len, "csat", 4, 0, NULL, &none), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(b.at, b.len, "labels", 6, 0, NULL, &none), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(b.at, b.len, "sum", 3, 0, NULL, &none), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(b.at, b.len, "nps weighted", 12, 0, NULL, &none), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(b.at, b.len, "what", 4, 0, NULL, &none), CXM_E_FORMAT);
    assert_int_equal(cxm_state_decode(b.at, b.len, "", 0, 0, NULL, &none), CXM_E_FORMAT);
    assert_int_equal(cxm_state_decode(b.at, b.len, "nps 1..10", 9, 0, NULL, &none), CXM_E_SCALE);
    assert_int_equal(cxm_state_decode(b.at, b.len, NULL, 3, 0, NULL, &none), CXM_E_ARG);
    b.at[6] = 16;                                       /* a container's kind */
    test_repair(b.at, b.len);
    assert_int_equal(cxm_state_decode(b.at, b.len, NULL, 0, 0, NULL, &none), CXM_E_FORMAT);
    assert_null(none);
    cxm_state_free(nps);
}

/* ---- figures ---- */

static const struct { const char *name; size_t offset; bool count; } summary_fields[] = {
    {"value", offsetof(cxm_scale_summary, value), false},
    {"low", offsetof(cxm_scale_summary, low), false},
    {"high", offsetof(cxm_scale_summary, high), false},
    {"se", offsetof(cxm_scale_summary, se), false},
    {"mean", offsetof(cxm_scale_summary, mean), false},
    {"sd", offsetof(cxm_scale_summary, sd), false},
    {"top_share", offsetof(cxm_scale_summary, top_share), false},
    {"bottom_share", offsetof(cxm_scale_summary, bottom_share), false},
    {"net", offsetof(cxm_scale_summary, net), false},
    {"rescaled", offsetof(cxm_scale_summary, rescaled), false},
    {"n", offsetof(cxm_scale_summary, n), true},
    {"top", offsetof(cxm_scale_summary, top), true},
    {"middle", offsetof(cxm_scale_summary, middle), true},
    {"bottom", offsetof(cxm_scale_summary, bottom), true},
    {"missing", offsetof(cxm_scale_summary, missing), true},
    {"unparsed", offsetof(cxm_scale_summary, unparsed), true},
    {"out_of_range", offsetof(cxm_scale_summary, out_of_range), true},
};

static void assert_summary(const cxm_state *state, const cxm_scale_summary *want)
{
    for (size_t i = 0; i < COUNT_OF(summary_fields); ++i) {
        const unsigned char *at = (const unsigned char *)want + summary_fields[i].offset;
        uint64_t count;
        double number, got = figure(state, summary_fields[i].name);
        memcpy(&count, at, sizeof count);
        memcpy(&number, at, sizeof number);
        if (summary_fields[i].count) number = (double)count;
        assert_memory_equal(&got, &number, sizeof got);
    }
}

/* The same answers to the door and to the scale. */
static void feed(cxm_state *state, cxm_scale *scale, uint64_t *seed, int times)
{
    for (int i = 0; i < times; ++i) {
        double answer = (double)(test_rand(seed) % 14) - 1.0;
        if (test_rand(seed) % 9 == 0) answer = (double)NAN;
        if (test_rand(seed) % 9 == 0) answer += 0.5;
        assert_int_equal(cxm_state_add(state, answer), cxm_scale_add_double(scale, answer));
    }
}

static void scales_equal_the_typed_calls(void **unused)
{
    (void)unused;
    static const struct { const char *spec; int32_t metric, lo, hi, direction; } rows[] = {
        {"nps", 0, 0, 10, 1}, {"nps 1..5", 0, 1, 5, 1}, {"csat 1..7", 1, 1, 7, 1}, {"csat", 1, 1, 5, 1},
        {"ces", 2, 1, 7, 1},  {"ces 1..5 lower", 2, 1, 5, 2},
    };
    uint64_t seed = 20261125;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_scale_spec spec;
        cxm_scale_ask ask;
        cxm_scale scale;
        cxm_scale_summary sum = {.size = sizeof sum};
        cxm_state *state = make(rows[i].spec);
        double median;
        block b;
        if (rows[i].metric == 0) cxm_nps_define(rows[i].lo, rows[i].hi, &spec, &ask);
        if (rows[i].metric == 1) cxm_csat_define(rows[i].lo, rows[i].hi, &spec, &ask);
        if (rows[i].metric == 2) cxm_ces_define(rows[i].lo, rows[i].hi, rows[i].direction, &spec, &ask);
        assert_int_equal(cxm_scale_init(&scale, &spec), CXM_OK);
        feed(state, &scale, &seed, 500);
        assert_int_equal(cxm_scale_summarize(&scale, &ask, &sum), CXM_OK);
        assert_summary(state, &sum);
        cxm_scale_quantile_type7(&scale, 0.5, &median);
        assert_true(figure(state, "median") == median);
        assert_true(figure(state, "count:2") == (double)scale.counts[2 - spec.lo]);
        assert_true(figure(state, "share:2") == (double)scale.counts[2 - spec.lo] / (double)sum.n);
        assert_int_equal(cxm_scale_encode(&scale, b.at, sizeof b.at, &b.len), CXM_OK);
        block c = encode(state);
        assert_same(&b, &c);
        cxm_state_free(state);
    }
}

static void names_of_metrics(void **unused)
{
    (void)unused;
    cxm_state *nps = make("nps"), *csat = make("csat"), *ces = make("ces"), *plain = make("scale 0..10");
    for (int i = 1; i <= 5; ++i) {
        cxm_state_add(nps, 2.0 * i);
        cxm_state_add(csat, i);
        cxm_state_add(ces, i);
    }
    assert_true(figure(nps, "promoters") == 1 && figure(nps, "passives") == 1 && figure(nps, "detractors") == 3);
    assert_true(figure(csat, "satisfied") == 2 && figure(csat, "value") == 0.4);
    assert_true(figure(ces, "easy") == 1 && figure(ces, "difficult") == 3 && figure(ces, "value") == 3.0);
    double untouched = 7.0;
    assert_int_equal(get(plain, "promoters", &untouched), CXM_E_ARG);
    assert_int_equal(get(csat, "promoters", &untouched), CXM_E_ARG);
    assert_true(untouched == 7.0);
    cxm_state_free(nps);
    cxm_state_free(csat);
    cxm_state_free(ces);
    cxm_state_free(plain);
}

/* The limits are at the level asked, and a level that is none is refused. */
static void levels(void **unused)
{
    (void)unused;
    static const char *const specs[] = {"nps", "labels", "sum", "nps weighted"};
    cxm_state *nps = make("nps");
    double narrow, wide;
    for (int i = 0; i <= 10; ++i) cxm_state_add(nps, i);
    assert_int_equal(cxm_state_get(nps, "low", 3, 0.8, &narrow), CXM_OK);
    assert_int_equal(cxm_state_get(nps, "low", 3, 0.99, &wide), CXM_OK);
    assert_true(wide < figure(nps, "low") && figure(nps, "low") < narrow);
    cxm_state_free(nps);
    for (size_t i = 0; i < COUNT_OF(specs); ++i) {
        cxm_state *state = make(specs[i]);
        size_t len;
        assert_int_equal(add_text(state, "5"), CXM_OK);
        assert_int_equal(cxm_state_get(state, "value", 5, 1.0, &wide), CXM_E_ARG);
        assert_int_equal(cxm_state_get(state, "value", 5, (double)NAN, &wide), CXM_E_ARG);
        assert_int_equal(cxm_state_get(state, "count:5", 7, 5.0, &wide), CXM_E_ARG);
        assert_int_equal(cxm_state_json(state, -0.5, NULL, 0, &len), CXM_E_ARG);
        assert_int_equal(cxm_state_definition(state, 5.0, NULL, 0, &len), CXM_E_ARG);
        cxm_state_free(state);
    }
}

static void what_does_not_exist_is_a_status(void **unused)
{
    (void)unused;
    cxm_state *nps = make("nps"), *ces = make("ces"), *sum = make("sum"), *labels = make("labels max 2");
    double untouched = 7.0;
    assert_int_equal(get(nps, "value", &untouched), CXM_E_EMPTY);
    assert_int_equal(get(nps, "low", &untouched), CXM_E_EMPTY);
    assert_int_equal(get(nps, "sd", &untouched), CXM_E_EMPTY);
    assert_int_equal(get(nps, "median", &untouched), CXM_E_EMPTY);
    assert_int_equal(get(nps, "share:3", &untouched), CXM_E_EMPTY);
    assert_int_equal(get(nps, "count:11", &untouched), CXM_E_DOMAIN);
    assert_int_equal(get(nps, "count:-1", &untouched), CXM_E_DOMAIN);
    assert_int_equal(get(nps, "count:", &untouched), CXM_E_ARG);
    assert_int_equal(get(nps, "count:POINT", &untouched), CXM_E_ARG);
    assert_int_equal(get(nps, "count:3 ", &untouched), CXM_E_ARG);
    assert_int_equal(get(nps, "count:1e0", &untouched), CXM_E_ARG);
    assert_int_equal(get(nps, "count:3..4", &untouched), CXM_E_ARG);
    assert_int_equal(get(nps, "coun", &untouched), CXM_E_ARG);
    assert_int_equal(get(nps, "shared", &untouched), CXM_E_ARG);
    assert_int_equal(get(nps, "", &untouched), CXM_E_ARG);
    assert_true(figure(nps, "n") == 0 && figure(nps, "count:3") == 0);
    cxm_state_add(ces, 4);
    assert_int_equal(get(ces, "low", &untouched), CXM_E_UNDEFINED);
    assert_int_equal(get(ces, "sd", &untouched), CXM_E_UNDEFINED);
    assert_int_equal(get(ces, "se", &untouched), CXM_E_UNDEFINED);
    assert_true(figure(ces, "value") == 4);
    assert_int_equal(get(sum, "mean", &untouched), CXM_E_EMPTY);
    assert_int_equal(get(sum, "count:1", &untouched), CXM_E_ARG);
    assert_true(figure(sum, "value") == 0);
    cxm_state_add(sum, (double)NAN);
    assert_int_equal(get(sum, "value", &untouched), CXM_E_UNDEFINED);
    assert_int_equal(get(sum, "mean", &untouched), CXM_E_UNDEFINED);
    assert_true(figure(sum, "nan") == 1);
    assert_int_equal(get(labels, "value", &untouched), CXM_E_EMPTY);
    assert_int_equal(get(labels, "share:x", &untouched), CXM_E_EMPTY);
    assert_true(untouched == 7.0);
    cxm_state_free(nps);
    cxm_state_free(ces);
    cxm_state_free(sum);
    cxm_state_free(labels);
}

static void n_past_its_type_is_said(void **unused)
{
    (void)unused;
    cxm_state *half = make("nps"), *other = make("nps");
    double value;
    uint64_t count;
    size_t len;
    cxm_state_add(half, 1);
    cxm_state_add(other, 2);
    for (int i = 0; i < 63; ++i) {
        assert_int_equal(cxm_state_merge(half, half), CXM_OK);
        assert_int_equal(cxm_state_merge(other, other), CXM_OK);
    }
    assert_int_equal(cxm_state_merge(half, half), CXM_E_OVERFLOW);
    assert_true(figure(half, "n") == 0x1p63);
    cxm_status status = cxm_state_merge(half, other);
    if (status == CXM_OK) {                             /* each counter fits, their sum does not */
        assert_int_equal(get(half, "n", &value), CXM_E_OVERFLOW);
        assert_int_equal(cxm_state_get_count(half, "n", 1, &count), CXM_E_OVERFLOW);
        assert_int_equal(get(half, "count:x", &value), CXM_E_ARG);
        assert_int_equal(get(half, "share:1", &value), CXM_E_OVERFLOW);
        assert_int_equal(cxm_state_json(half, 0.0, NULL, 0, &len), CXM_E_OVERFLOW);
    } else {
        assert_int_equal(status, CXM_E_OVERFLOW);
    }
    cxm_state_free(half);
    cxm_state_free(other);
}

/* Counts past 2^53 are whole, where a double rounds them; what is no count of its own is refused. */
static void counts_are_exact(void **unused)
{
    (void)unused;
    static const char *const specs[] = {"nps", "labels", "sum", "nps weighted"}, *const none[] = {"value", "mean", "count:9", "nothing", ""};
    for (size_t i = 0; i < COUNT_OF(specs); ++i) {
        cxm_state *state = make(specs[i]);
        uint64_t count = 7;
        assert_int_equal(add_text(state, "9"), CXM_OK);
        for (int k = 0; k < 53; ++k) assert_int_equal(cxm_state_merge(state, state), CXM_OK);
        assert_int_equal(add_text(state, "9"), CXM_OK);
        for (size_t k = 0; k < COUNT_OF(none); ++k)
            assert_int_equal(cxm_state_get_count(state, none[k], strlen(none[k]), &count), CXM_E_ARG);
        assert_true(count == 7);
        assert_int_equal(cxm_state_get_count(state, "n", 1, &count), CXM_OK);
        assert_true(count == (UINT64_C(1) << 53) + 1 && figure(state, "n") == 0x1p53);
        cxm_state_free(state);
    }
}

static void labels_equal_the_typed_calls(void **unused)
{
    (void)unused;
    static const char *const words[] = {"positive", "negative", "neutral", "delivery"};
    cxm_label *label = NULL;
    cxm_label_net_summary net = {.size = sizeof net};
    cxm_label_text plus = {"positive", 8}, minus = {"negative", 8};
    cxm_state *state = make("labels");
    uint64_t seed = 5;
    block b;
    assert_int_equal(cxm_label_create(NULL, NULL, &label), CXM_OK);
    for (int i = 0; i < 300; ++i) {
        const char *word = words[test_rand(&seed) % COUNT_OF(words)];
        assert_int_equal(add_text(state, word), CXM_OK);
        assert_int_equal(cxm_label_add(label, word, strlen(word)), CXM_OK);
    }
    assert_int_equal(cxm_label_net(label, &plus, 1, &minus, 1, NULL, &net), CXM_OK);
    assert_true(figure(state, "value") == net.value && figure(state, "se") == net.se);
    assert_true(figure(state, "low") == net.low && figure(state, "high") == net.high && figure(state, "n") == 300);
    assert_true(figure(state, "count:positive") == (double)net.positive);
    assert_true(figure(state, "share:positive") == (double)net.positive / 300.0);
    assert_true(figure(state, "count:never") == 0 && figure(state, "labels") == 4 && figure(state, "other") == 0);
    assert_int_equal(cxm_label_encode(label, b.at, sizeof b.at, &b.len), CXM_OK);
    block c = encode(state);
    assert_same(&b, &c);
    cxm_label_free(label);
    cxm_state_free(state);
}

static void a_net_of_labels_needs_its_words(void **unused)
{
    (void)unused;
    cxm_state *plain = make("labels"), *full = make("labels max 1"), *narrow = make("labels bytes 3");
    double value;
    add_text(plain, "late");
    assert_int_equal(get(plain, "value", &value), CXM_E_UNDEFINED);
    add_text(plain, "negative");
    assert_true(figure(plain, "value") == -0.5);
    add_text(full, "a");
    add_text(full, "positive");
    assert_int_equal(get(full, "value", &value), CXM_E_UNDEFINED);
    assert_int_equal(get(full, "count:positive", &value), CXM_E_UNDEFINED);
    add_text(narrow, "bad");
    assert_int_equal(add_text(narrow, "good"), CXM_E_DOMAIN);
    assert_int_equal(get(narrow, "value", &value), CXM_E_UNDEFINED);
    assert_int_equal(get(narrow, "count:good", &value), CXM_E_DOMAIN);
    cxm_state_free(plain);
    cxm_state_free(full);
    cxm_state_free(narrow);
}

static void sums_equal_the_typed_calls(void **unused)
{
    (void)unused;
    cxm_sum sum = {0};
    cxm_state *state = make("sum");
    double value;
    block b;
    for (int i = 0; i < 10; ++i) {
        assert_int_equal(cxm_state_add(state, 0.1), CXM_OK);
        cxm_sum_add(&sum, 0.1);
    }
    assert_true(figure(state, "value") == 1.0 && figure(state, "mean") == 0.1 && figure(state, "n") == 10);
    assert_int_equal(cxm_sum_encode(&sum, b.at, sizeof b.at, &b.len), CXM_OK);
    block c = encode(state);
    assert_same(&b, &c);
    assert_int_equal(add_text(state, " 1e400 "), CXM_OK);
    assert_int_equal(get(state, "value", &value), CXM_OK);
    assert_true(isinf(value) && figure(state, "plus_inf") == 1);
    assert_int_equal(remove_text(state, "1e400"), CXM_OK);
    assert_int_equal(remove_text(state, "1e400"), CXM_E_UNDERFLOW);
    assert_int_equal(add_text(state, "NA"), CXM_E_FORMAT);
    assert_int_equal(remove_text(state, "ten"), CXM_E_FORMAT);
    c = encode(state);
    assert_same(&b, &c);
    cxm_state_free(state);
}

/* ---- answers ---- */

static void cells_are_read_as_the_command_line_reads_them(void **unused)
{
    (void)unused;
    static const struct { const char *text; cxm_status status; const char *counter; } rows[] = {
        {"9", CXM_OK, "count:9"},          {" 9.0\t", CXM_OK, "count:9"},     {"9 - likely", CXM_OK, "count:9"},
        {"", CXM_OK, "missing"},           {" \t", CXM_OK, "missing"},       {"NA", CXM_OK, "missing"},
        {"n/A", CXM_OK, "missing"},        {"Null", CXM_OK, "missing"},      {"nOne", CXM_OK, "missing"},
        {"NAN", CXM_OK, "missing"},        {" - ", CXM_OK, "missing"},       {"ten", CXM_E_FORMAT, "unparsed"},
        {"na na", CXM_E_FORMAT, "unparsed"}, {"nul", CXM_E_FORMAT, "unparsed"}, {"9,0", CXM_E_FORMAT, "unparsed"},
        {"11", CXM_E_DOMAIN, "out_of_range"}, {"9.5", CXM_E_DOMAIN, "out_of_range"}, {"1e999", CXM_E_DOMAIN, "out_of_range"},
    };
    cxm_state *state = make("nps");
    block empty = encode(state);
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        double before = figure(state, rows[i].counter);
        print_message("'%s'\n", rows[i].text);
        assert_int_equal(add_text(state, rows[i].text), rows[i].status);
        assert_true(figure(state, rows[i].counter) == before + 1);
    }
    for (size_t i = 0; i < COUNT_OF(rows); ++i) assert_int_equal(remove_text(state, rows[i].text), rows[i].status);
    block left = encode(state);
    assert_same(&empty, &left);
    for (size_t i = 0; i < COUNT_OF(rows); ++i) assert_int_equal(remove_text(state, rows[i].text), CXM_E_UNDERFLOW);
    cxm_state_free(state);
}

static void labels_are_texts(void **unused)
{
    (void)unused;
    cxm_state *state = make("labels");
    cxm_column column = {.size = sizeof column, .type = CXM_F64};
    block empty = encode(state);
    assert_int_equal(add_text(state, " late "), CXM_OK);
    assert_true(figure(state, "count:late") == 1);
    assert_int_equal(cxm_state_add(state, 5.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_remove(state, 5.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_add_many(state, &column), CXM_E_METHOD);
    assert_int_equal(cxm_state_add(state, (double)NAN), CXM_OK);
    assert_int_equal(add_text(state, "n/a"), CXM_OK);
    assert_true(figure(state, "missing") == 2);
    assert_int_equal(cxm_state_remove(state, (double)NAN), CXM_OK);
    assert_int_equal(remove_text(state, ""), CXM_OK);
    assert_int_equal(remove_text(state, ""), CXM_E_UNDERFLOW);
    assert_int_equal(remove_text(state, "late"), CXM_OK);
    assert_int_equal(remove_text(state, "late"), CXM_E_UNDERFLOW);
    block left = encode(state);
    assert_same(&empty, &left);
    cxm_state_free(state);
}

static void columns_equal_single_answers(void **unused)
{
    (void)unused;
    static const char *const specs[] = {"nps", "csat 1..7", "sum", "csat weighted 1..7"};
    double values[200];
    uint64_t seed = 9;
    for (size_t i = 0; i < COUNT_OF(values); ++i) values[i] = i % 11 == 0 ? (double)NAN : (double)(test_rand(&seed) % 12);
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = COUNT_OF(values)};
    for (size_t s = 0; s < COUNT_OF(specs); ++s) {
        cxm_state *one = make(specs[s]), *many = make(specs[s]);
        assert_int_equal(cxm_state_add_many(many, &column), CXM_OK);
        for (size_t i = 0; i < COUNT_OF(values); ++i) cxm_state_add(one, values[i]);
        block a = encode(one), b = encode(many);
        assert_same(&a, &b);
        cxm_column bad = column;
        bad.type = 99;
        assert_int_equal(cxm_state_add_many(many, &bad), CXM_E_ARG);
        bad.size = 1;
        assert_int_equal(cxm_state_add_many(many, &bad), CXM_E_ABI);
        cxm_state_free(one);
        cxm_state_free(many);
    }
}

/* Any split of a stream, merged, is one pass; and taking back all of one part leaves the other. */
static void merge_and_remove_are_exact(void **unused)
{
    (void)unused;
    static const char *const specs[] = {"nps", "ces 1..5 lower", "sum", "labels", "nps weighted"};
    uint64_t seed = 77;
    for (size_t s = 0; s < COUNT_OF(specs); ++s) {
        cxm_state *whole = make(specs[s]), *part[2] = {make(specs[s]), make(specs[s])};
        char texts[300][24];
        for (size_t i = 0; i < COUNT_OF(texts); ++i) {
            snprintf(texts[i], sizeof texts[i], "%d", (int)(test_rand(&seed) % 13) - 1);
            if ((s < 2 || s == 4) && test_rand(&seed) % 10 == 0) snprintf(texts[i], sizeof texts[i], "odd");
            assert_int_equal(add_text(whole, texts[i]), add_text(part[i & 1], texts[i]));
        }
        block first = encode(part[0]);
        assert_int_equal(cxm_state_merge(part[0], part[1]), CXM_OK);
        block a = encode(whole), b = encode(part[0]);
        assert_same(&a, &b);
        for (size_t i = 1; i < COUNT_OF(texts); i += 2) {
            cxm_status status = remove_text(part[0], texts[i]);
            assert_true(status == CXM_OK || status == CXM_E_DOMAIN || status == CXM_E_FORMAT);
        }
        b = encode(part[0]);
        assert_same(&first, &b);
        cxm_state_free(whole);
        cxm_state_free(part[0]);
        cxm_state_free(part[1]);
    }
}

static void remove_takes_back_numbers(void **unused)
{
    (void)unused;
    static const double values[] = {0, 10, 3.5, 1e300, NAN, -1};
    static const char *const specs[] = {"nps", "sum", "nps weighted"};
    for (size_t s = 0; s < COUNT_OF(specs); ++s) {
        cxm_state *state = make(specs[s]);
        block empty = encode(state);
        for (size_t i = 0; i < COUNT_OF(values); ++i) cxm_state_add(state, values[i]);
        for (size_t i = COUNT_OF(values); i-- > 0;) {
            cxm_status status = cxm_state_remove(state, values[i]);
            assert_true(status == CXM_OK || status == CXM_E_DOMAIN);
        }
        block left = encode(state);
        assert_same(&empty, &left);
        assert_int_equal(cxm_state_remove(state, 3), CXM_E_UNDERFLOW);
        cxm_state_free(state);
    }
}

static void different_states_do_not_merge(void **unused)
{
    (void)unused;
    static const char *const specs[] = {"nps", "nps 1..5", "csat", "ces", "labels", "labels max 3", "sum", "nps weighted",
                                        "csat weighted"};
    for (size_t i = 0; i < COUNT_OF(specs); ++i)
        for (size_t j = 0; j < COUNT_OF(specs); ++j) {
            cxm_state *a = make(specs[i]), *b = make(specs[j]);
            add_text(b, "2");
            block before = encode(a);
            assert_int_equal(cxm_state_merge(a, b), i == j ? CXM_OK : CXM_E_MISMATCH);
            block after = encode(a);
            if (i != j) assert_same(&before, &after);
            cxm_state_free(a);
            cxm_state_free(b);
        }
    cxm_state *csat = make("csat 1..5"), *ces = make("ces 1..5");       /* the same bands: the same states */
    cxm_state_add(ces, 4);
    assert_int_equal(cxm_state_merge(csat, ces), CXM_OK);
    assert_true(figure(csat, "value") == 1.0);
    cxm_state_free(csat);
    cxm_state_free(ces);
}

/* ---- texts ---- */

static void assert_json(const cxm_state *state, const char *want)
{
    char text[ROOM];
    size_t need = 0, len = 0;
    assert_int_equal(cxm_state_json(state, 0.0, NULL, 0, &need), CXM_E_LIMIT);
    memset(text, '#', sizeof text);
    assert_int_equal(cxm_state_json(state, 0.0, text, need - 1, &len), CXM_E_LIMIT);
    assert_true(len == need && text[0] == '#');
    assert_int_equal(cxm_state_json(state, 0.0, text, need, &len), CXM_OK);
    assert_true(len == need && text[need] == '#');
    text[need] = '\0';
    assert_string_equal(text, want);
}

static void json_has_the_keys_of_the_command_line(void **unused)
{
    (void)unused;
    cxm_state *nps = make("nps"), *ces = make("ces 1..5"), *sum = make("sum"), *csat = make("csat 1..2");
    assert_json(csat, "{\"metric\":\"csat\",\"segment\":{},\"window\":null,\"n\":0,\"value\":null,\"interval\":null,"
                      "\"top_share\":null,\"bottom_share\":null,\"net\":null,\"mean\":null,\"sd\":null,\"rescaled\":null,"
                      "\"se\":null,\"median\":null,\"counts\":{\"1\":0,\"2\":0},\"missing\":0,\"unparsed\":0,"
                      "\"out_of_range\":0,\"why\":\"value and interval: no answer was counted\"}");
    cxm_state_add(ces, 3);
    assert_json(ces, "{\"metric\":\"ces\",\"segment\":{},\"window\":null,\"n\":1,\"value\":3,\"interval\":null,"
                     "\"top_share\":0,\"bottom_share\":0,\"net\":0,\"mean\":3,\"sd\":null,\"rescaled\":50,\"se\":null,"
                     "\"median\":3,\"counts\":{\"1\":0,\"2\":0,\"3\":1,\"4\":0,\"5\":0},\"missing\":0,\"unparsed\":0,"
                     "\"out_of_range\":0,\"why\":\"interval: one answer shows no spread\"}");
    cxm_state_add(ces, 3);
    char text[ROOM];
    size_t len;
    assert_int_equal(cxm_state_json(ces, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"why\":\"interval: the answers are all alike, so they show no spread\"}"));
    cxm_state_add(nps, 10);
    cxm_state_add(nps, 7);
    assert_int_equal(cxm_state_json(nps, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"promoters\":1,\"passives\":1,\"detractors\":0,\"top_share\":0.5"));
    assert_null(strstr(text, "why"));
    cxm_state_add(sum, 1.5);
    assert_json(sum, "{\"metric\":\"sum\",\"segment\":{},\"window\":null,\"n\":1,\"value\":1.5,\"interval\":null,\"mean\":1.5,"
                     "\"plus_inf\":0,\"minus_inf\":0,\"nan\":0,\"why\":\"interval: a sum has none\"}");
    cxm_state_add(sum, (double)NAN);
    assert_json(sum, "{\"metric\":\"sum\",\"segment\":{},\"window\":null,\"n\":2,\"value\":null,\"interval\":null,\"mean\":null,"
                     "\"plus_inf\":0,\"minus_inf\":0,\"nan\":1,\"why\":\"value: NaN or infinities of both signs are among "
                     "them; interval: a sum has none\"}");
    cxm_state_remove(sum, (double)NAN);
    cxm_state_add(sum, -(double)INFINITY);
    assert_json(sum, "{\"metric\":\"sum\",\"segment\":{},\"window\":null,\"n\":2,\"value\":null,\"interval\":null,\"mean\":null,"
                     "\"plus_inf\":0,\"minus_inf\":1,\"nan\":0,\"why\":\"value: infinite, which JSON has no number for; "
                     "interval: a sum has none\"}");
    cxm_state_free(nps);
    cxm_state_free(ces);
    cxm_state_free(sum);
    cxm_state_free(csat);
}

static void json_of_labels(void **unused)
{
    (void)unused;
    cxm_state *state = make("labels max 2 bytes 16");
    assert_json(state, "{\"metric\":\"labels\",\"segment\":{},\"window\":null,\"n\":0,\"value\":null,\"interval\":null,"
                       "\"labels\":[],\"other\":0,\"missing\":0,\"out_of_range\":0,"
                       "\"why\":\"value and interval: no label was counted\"}");
    add_text(state, "a\"\\\n\x01\x7f\xff\xc3\xa4");
    char text[ROOM];
    size_t len;
    assert_int_equal(cxm_state_json(state, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "{\"label\":\"a\\\"\\\\\\n\\u0001\\u007f\\ufffd\xc3\xa4\",\"count\":1,\"share\":1,"));
    assert_non_null(strstr(text, "\"why\":\"value and interval: no label is positive or negative\"}"));
    add_text(state, "negative");
    assert_int_equal(cxm_state_json(state, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"n\":2,\"value\":-0.5,\"interval\":{\"method\":\"score\",\"level\":0.95,\"low\":"));
    assert_null(strstr(text, "why"));
    add_text(state, "positive");
    assert_int_equal(cxm_state_json(state, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"other\":1,\"missing\":0,\"out_of_range\":0,"
                                 "\"why\":\"value and interval: a named label may be among the others\"}"));
    cxm_state_free(state);
}

/* Well-formed UTF-8 of every length goes through, all else is replaced byte by byte. */
static void json_holds_utf8_only(void **unused)
{
    (void)unused;
    static const struct { const char *in, *out; } rows[] = {
        {"\xe2\x82\xac", "\xe2\x82\xac"},     {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
        {"\xe0\x80\x80", "\\ufffd\\ufffd\\ufffd"}, {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
        {"\xf0\x80\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"}, {"\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"},
        {"\xc0\x80", "\\ufffd\\ufffd"},       {"\xe2\x82", "\\ufffd\\ufffd"},   {"\xf5", "\\ufffd"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        char text[ROOM], want[100];
        size_t len;
        cxm_state *state = make("labels");
        add_text(state, rows[i].in);
        assert_int_equal(cxm_state_json(state, 0.0, text, sizeof text - 1, &len), CXM_OK);
        text[len] = '\0';
        snprintf(want, sizeof want, "{\"label\":\"%s\",", rows[i].out);
        assert_non_null(strstr(text, want));
        cxm_state_free(state);
    }
}

/* ---- comparison ---- */

static cxm_state *with_answers(const char *spec, int32_t first, int32_t last)
{
    cxm_state *state = make(spec);
    for (int32_t answer = first; answer <= last; ++answer)
        for (int32_t k = 0; k <= answer; ++k) cxm_state_add(state, answer);
    return state;
}

static double share_of_points(const cxm_state *state, int32_t from, int32_t to)
{
    double sum = 0.0;
    for (int32_t k = from; k <= to; ++k) {
        char name[16];
        snprintf(name, sizeof name, "count:%d", (int)k);
        sum += figure(state, name);
    }
    return sum;
}

static void comparisons_equal_the_typed_calls(void **unused)
{
    (void)unused;
    static const char *const specs[] = {"nps", "csat", "ces", "scale 0..4 top 3..4 value net"};
    for (size_t i = 0; i < COUNT_OF(specs); ++i) {
        cxm_state *a = with_answers(specs[i], 1, 4), *b = with_answers(specs[i], 2, 5);
        cxm_difference got = {.size = sizeof got}, want = {.size = sizeof want};
        double unit = 1.0;
        if (i == 1) {
            cxm_share_sample x = {(uint64_t)share_of_points(a, 4, 5), (uint64_t)figure(a, "n")};
            cxm_share_sample y = {(uint64_t)share_of_points(b, 4, 5), (uint64_t)figure(b, "n")};
            assert_int_equal(cxm_compare_share(&x, &y, 0, 0.95, &want), CXM_OK);
        } else if (i == 2) {
            cxm_mean_sample x = {(uint64_t)figure(a, "n"), figure(a, "mean"), figure(a, "sd")};
            cxm_mean_sample y = {(uint64_t)figure(b, "n"), figure(b, "mean"), figure(b, "sd")};
            assert_int_equal(cxm_compare_mean(&x, &y, 1, 7, 0, 0.95, &want), CXM_OK);
        } else {
            cxm_net_sample x = {(uint64_t)figure(a, "bottom"), (uint64_t)figure(a, "middle"), (uint64_t)figure(a, "top")};
            cxm_net_sample y = {(uint64_t)figure(b, "bottom"), (uint64_t)figure(b, "middle"), (uint64_t)figure(b, "top")};
            cxm_status want_status = cxm_compare_net(&x, &y, 0, 0.95, &want);
            assert_int_equal(want_status, CXM_OK);
            unit = i == 0 ? 100.0 : 1.0;
        }
        assert_int_equal(cxm_state_compare(a, b, 0, 0.0, &got), CXM_OK);
        assert_true(got.difference == unit * want.difference && got.low == unit * want.low && got.high == unit * want.high);
        assert_true(got.se == unit * want.se && got.p == want.p && got.method == want.method && got.level == 0.95);
        cxm_state_free(a);
        cxm_state_free(b);
    }
}

static void some_states_do_not_compare(void **unused)
{
    (void)unused;
    cxm_state *nps = with_answers("nps", 3, 9), *empty = make("nps"), *csat = with_answers("csat", 1, 5);
    cxm_state *labels = make("labels"), *ces = with_answers("ces", 1, 1), *sum = make("sum"), *short_nps = make("nps 1..5");
    cxm_difference got = {.size = sizeof got};
    size_t len;
    assert_int_equal(cxm_state_compare(nps, empty, 0, 0.0, &got), CXM_E_EMPTY);
    assert_int_equal(cxm_state_compare(nps, csat, 0, 0.0, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_compare(nps, short_nps, 0, 0.0, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_compare(nps, sum, 0, 0.0, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_compare(labels, labels, 0, 0.0, &got), CXM_E_METHOD);
    assert_int_equal(cxm_state_compare(sum, sum, 0, 0.0, &got), CXM_E_METHOD);
    assert_int_equal(cxm_state_compare(nps, nps, CXM_COMPARE_FISHER, 0.0, &got), CXM_E_METHOD);
    assert_int_equal(cxm_state_compare(ces, ces, 0, 0.0, &got), CXM_E_UNDEFINED);
    assert_int_equal(cxm_state_compare(nps, nps, 0, 1.5, &got), CXM_E_ARG);
    assert_int_equal(cxm_state_compare(NULL, nps, 0, 0.0, &got), CXM_E_ARG);
    assert_int_equal(cxm_state_compare(nps, NULL, 0, 0.0, &got), CXM_E_ARG);
    assert_int_equal(cxm_state_compare(nps, nps, 0, 0.0, NULL), CXM_E_ARG);
    got.size = 1;
    assert_int_equal(cxm_state_compare(nps, nps, 0, 0.0, &got), CXM_E_ABI);
    assert_int_equal(cxm_state_compare_json(nps, csat, 0.0, NULL, 0, &len), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_compare_json(sum, sum, 0.0, NULL, 0, &len), CXM_E_METHOD);
    assert_int_equal(cxm_state_compare_json(nps, nps, 3.0, NULL, 0, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_compare_json(nps, nps, 0.0, NULL, 3, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_compare_json(nps, nps, 0.0, NULL, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_compare_json(NULL, nps, 0.0, NULL, 0, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_compare_json(nps, NULL, 0.0, NULL, 0, &len), CXM_E_ARG);
    cxm_state *all[] = {nps, empty, csat, labels, ces, sum, short_nps};
    for (size_t i = 0; i < COUNT_OF(all); ++i) cxm_state_free(all[i]);
}

static void says(const char *spec, int32_t a_from, int32_t a_to, int32_t b_from, int32_t b_to, const char *verdict)
{
    cxm_state *a = with_answers(spec, a_from, a_to), *b = with_answers(spec, b_from, b_to);
    char text[ROOM], want[300], of_a[ROOM], of_b[ROOM];
    size_t need, len, len_a, len_b;
    assert_int_equal(cxm_state_compare_json(a, b, 0.9, NULL, 0, &need), CXM_E_LIMIT);
    assert_int_equal(cxm_state_compare_json(a, b, 0.9, text, need, &len), CXM_OK);
    assert_int_equal(len, need);
    text[len] = '\0';
    snprintf(want, sizeof want, "\"verdict\":\"%s", verdict);
    print_message("%s\n", want);
    assert_non_null(strstr(text, want));
    assert_int_equal(cxm_state_json(a, 0.9, of_a, sizeof of_a, &len_a), CXM_OK);
    assert_int_equal(cxm_state_json(b, 0.9, of_b, sizeof of_b, &len_b), CXM_OK);
    assert_true(len > len_a + len_b && text[len - 1] == '}');
    assert_memory_equal(text + len - 1 - len_b, of_b, len_b);
    assert_memory_equal(text + len - 1 - len_b - 5 - len_a, of_a, len_a);
    cxm_state_free(a);
    cxm_state_free(b);
}

static void comparisons_as_json(void **unused)
{
    (void)unused;
    says("nps", 9, 10, 0, 5, "a is above b\",\"a\":");
    says("nps", 0, 5, 9, 10, "a is below b\",\"a\":");
    says("nps", 5, 10, 5, 10, "no difference proven between a and b\",\"a\":");
    says("nps", 5, 10, 1, 0, "a and b cannot be compared\",\"why\":\"difference: one side has no answer to compare\",\"a\":");
    says("ces", 3, 3, 3, 3, "a and b cannot be compared\",\"why\":\"difference: the answers show no spread\",\"a\":");
    cxm_state *a = with_answers("csat", 1, 5), *b = with_answers("csat", 1, 5);
    char text[ROOM];
    size_t len;
    assert_int_equal(cxm_state_compare_json(a, b, 0.0, text, sizeof text - 1, &len), CXM_OK);
    static const char start[] = "{\"metric\":\"csat\",\"segment\":{},\"window\":null,\"n\":40,\"value\":0,"
                                "\"interval\":{\"method\":\"newcombe\",\"level\":0.95,\"low\":-";
    assert_memory_equal(text, start, sizeof start - 1);
    cxm_state_free(a);
    cxm_state_free(b);
}

static void definitions(void **unused)
{
    (void)unused;
    static const struct { const char *spec, *start; } rows[] = {
        {"nps", "NPS = 100 x (answers 9..10 - answers 0..6) / all answers 0..10, higher is better; score interval"},
        {"csat 1..10 top 9..10", "CSAT"}, {"ces", "CES"}, {"scale 0..4 value top", "Score"}, {"labels", "Labels"}, {"sum", "Sum"},
        {"nps weighted", "NPS = 100 x (answers 9..10 - answers 0..6) / all answers 0..10, higher is better; each answer by its "
                         "weight, linearised standard error, t interval at level 0.95"},
        {"csat weighted", "CSAT = answers 4..5 / all answers 1..5, higher is better; each answer by its weight, linearised "
                          "standard error, logit interval at level 0.95"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_state *state = make(rows[i].spec);
        char text[512];
        size_t need, len;
        assert_int_equal(cxm_state_definition(state, 0.0, NULL, 0, &need), CXM_E_LIMIT);
        assert_int_equal(cxm_state_definition(state, 0.0, text, need, &len), CXM_OK);
        assert_true(len == need && len >= strlen(rows[i].start));
        assert_memory_equal(text, rows[i].start, strlen(rows[i].start));
        assert_int_equal(cxm_state_definition(state, 2.0, text, sizeof text, &len), CXM_E_ARG);
        cxm_state_free(state);
    }
}

/* ---- what there is ---- */

/* Nine tickets, each with all that a result may ask for. */
static void add_tickets(cxm_state *state)
{
    static const char *const events[] = {"00,created,customer,c1,chat", "01,reply,bot", "02,transferred,bot", "03,reply,agent,a1", "04,message,customer,c1",
                                         "05,reply,agent,a1", "06,solved,agent,a1", "07,confirmed,customer"};
    for (int ticket = 0; ticket < 9; ++ticket)
        for (size_t i = 0; i < COUNT_OF(events); ++i) {
            char line[80];
            snprintf(line, sizeof line, "t%d,2026-06-0%dT08:%.2s:00Z%s", ticket, ticket + 1, events[i], events[i] + 2);
            add_text(state, line);
        }
}

/* A month in which everything happens. */
static void add_customers(cxm_state *state)
{
    static const char *const lines[] = {
        "a,2026-01-01,signup,10", "a,2026-03-10,cancel", "b,2026-01-01,signup,20", "b,2026-03-11,upgrade,25", "c,2026-01-01,signup,30",
        "c,2026-03-12,downgrade,12", "d,2026-01-01,signup,40", "e,2026-03-05,signup,5", "f,2026-01-01,signup,7", "f,2026-02-01,cancel",
        "f,2026-03-07,reactivate,7", "g,2026-02-10,purchase,3", "h,2026-02-15,purchase,3", "h,2026-03-31,purchase,3"};
    for (size_t i = 0; i < COUNT_OF(lines); ++i) add_text(state, lines[i]);
}

static void the_door_describes_itself(void **unused)
{
    (void)unused;
    static const char *const names[] = {"nps", "csat", "ces", "scale", "labels", "sum", "nps weighted", "csat weighted",
                                        "ces weighted", "scale weighted", "quantile", "tickets", "survival", "customers"};
    static const uint32_t kinds[] = {1, 1, 1, 1, 2, 3, 4, 4, 4, 4, 5, 6, 7, 8}, parameters[] = {1, 3, 3, 5, 2, 0, 1, 3, 3, 5, 5, 3, 1, 5};
    cxm_state_metric metric = {.size = sizeof metric};
    uint32_t i = 0;
    for (; cxm_state_describe(i, &metric) == CXM_OK; ++i) {
        cxm_state_field field = {.size = sizeof field};
        cxm_state *state = make(i == 3 ? "scale 0..10" : i == 9 ? "scale weighted 0..10" : metric.name);
        uint32_t j = 0;
        assert_string_equal(metric.name, names[i]);
        assert_true(metric.kind == kinds[i] && metric.parameters == parameters[i] && metric.mergeable && metric.removable == (i != 11 && i != 13));
        assert_true(strlen(metric.definition) > 10 && metric.unit[0] && strncmp(metric.grammar, names[i], strlen(names[i])) == 0);
        if (i == 11) add_tickets(state);
        if (i == 13) add_customers(state);
        for (int k = 0; i == 12 && k < 40; ++k) add_text(state, k % 9 ? k % 5 ? k % 7 ? "9,1" : "9,no" : "5,yes" : "2,4,no");
        for (int k = 0; i < 11 && k < (i == 10 ? 9 : 3); ++k) add_text(state, i == 4 ? k ? "positive" : "negative" : k ? "2" : "3");
        if (i >= 6 && i < 10) assert_int_equal(cxm_state_add_weighted(state, i == 6 ? 9 : 5, 2.5), CXM_OK);   /* sum w > n: a deff */
        for (; cxm_state_describe_result(i, j, &field) == CXM_OK; ++j) {
            double value;
            assert_true(field.name[0] && field.unit[0] && field.meaning[0] && field.reserved == 0);
            if (!strchr(field.name, ':')) assert_int_equal(get(state, field.name, &value), CXM_OK);
        }
        assert_int_equal(j, metric.results);
        assert_int_equal(cxm_state_describe_result(i, UINT32_MAX, &field), CXM_END);
        for (j = 0; cxm_state_describe_parameter(i, j, &field) == CXM_OK; ++j)
            assert_true(field.name[0] && field.unit[0] && field.meaning[0]);
        assert_int_equal(j, metric.parameters);
        cxm_state_free(state);
    }
    assert_int_equal(i, COUNT_OF(names));
    assert_int_equal(cxm_state_describe(i, &metric), CXM_END);
}

static void misuse(void **unused)
{
    (void)unused;
    cxm_state *state = make("nps"), *none = NULL;
    cxm_state_metric metric = {.size = sizeof metric - 1};
    cxm_state_field field = {.size = sizeof field - 1};
    cxm_alloc half = {NULL, NULL, NULL, NULL};
    char text[64];
    size_t len;
    double value;
    uint64_t count;
    assert_int_equal(cxm_state_create(NULL, 0, NULL, &none, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_create("nps", 3, NULL, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_create("nps", 3, &half, &none, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_add(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_add_text(NULL, "1", 1), CXM_E_ARG);
    assert_int_equal(cxm_state_add_text(state, NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_add_text(state, NULL, 0), CXM_OK);
    assert_int_equal(cxm_state_remove_text(state, NULL, 0), CXM_OK);
    assert_int_equal(cxm_state_remove_text(state, NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_remove_text(NULL, "1", 1), CXM_E_ARG);
    assert_int_equal(cxm_state_remove(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_add_many(NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_add_many(state, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_merge(state, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_merge(NULL, state), CXM_E_ARG);
    assert_int_equal(cxm_state_encode(NULL, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_encode(state, text, sizeof text, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_encode(state, NULL, 5, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_encode(state, text, 5, &len), CXM_E_LIMIT);
    assert_int_equal(cxm_state_decode(NULL, 0, NULL, 0, 0, NULL, &none), CXM_E_ARG);
    assert_int_equal(cxm_state_decode(text, 5, NULL, 0, 0, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_decode(text, 5, NULL, 0, 0, &half, &none), CXM_E_ARG);
    assert_int_equal(cxm_state_spec(NULL, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_spec(state, text, sizeof text, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_spec(state, NULL, 5, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_spec(state, text, 5, &len), CXM_E_LIMIT);
    assert_int_equal(len, 9);
    assert_int_equal(cxm_state_definition(NULL, 0, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_definition(state, 0, text, sizeof text, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_definition(state, 0, NULL, 5, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_json(NULL, 0, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_json(state, 0, text, sizeof text, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_json(state, 0, NULL, 5, &len), CXM_E_ARG);
    assert_int_equal(cxm_state_get(NULL, "n", 1, 0, &value), CXM_E_ARG);
    assert_int_equal(cxm_state_get(state, NULL, 1, 0, &value), CXM_E_ARG);
    assert_int_equal(cxm_state_get(state, "n", 1, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_get_count(NULL, "n", 1, &count), CXM_E_ARG);
    assert_int_equal(cxm_state_get_count(state, NULL, 1, &count), CXM_E_ARG);
    assert_int_equal(cxm_state_get_count(state, "n", 1, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_describe(0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_describe(0, &metric), CXM_E_ABI);
    assert_int_equal(cxm_state_describe_parameter(0, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_describe_parameter(0, 0, &field), CXM_E_ABI);
    assert_int_equal(cxm_state_describe_result(0, 0, &field), CXM_E_ABI);
    field.size = sizeof field;
    assert_int_equal(cxm_state_describe_result(99, 0, &field), CXM_END);
    assert_int_equal(cxm_state_describe_parameter(99, 0, &field), CXM_END);
    assert_null(none);
    cxm_state_free(NULL);
    cxm_state_free(state);
}

/* ---- weights ---- */

static cxm_weighted *typed(const char *spec, cxm_weighted_ask *ask)
{
    cxm_weighted *weighted = NULL;
    cxm_scale_spec scale;
    cxm_scale_ask plain;
    if (spec[0] == 'n') cxm_nps_define(0, 10, &scale, &plain);
    else if (spec[1] == 's') cxm_csat_define(1, 5, &scale, &plain);
    else cxm_ces_define(1, 5, CXM_LOWER_IS_BETTER, &scale, &plain);
    *ask = (cxm_weighted_ask){.size = sizeof *ask, .value = plain.value, .net_unit = plain.net_unit,
                              .df_answers = plain.value == CXM_VALUE_TOP};
    assert_int_equal(cxm_weighted_create(&scale, NULL, &weighted), CXM_OK);
    return weighted;
}

/* Weights of every kind: 0, refused ones, fractions, large and small. */
static double some_weight(uint64_t *seed)
{
    static const double odd[] = {0.0, -1.0, NAN, INFINITY, 1e-10, 1e10};
    uint64_t draw = test_rand(seed) % 40;
    return draw < COUNT_OF(odd) ? odd[draw] : 0.25 + (double)(test_rand(seed) % 97) / 31.0;
}

static void feed_weighted(cxm_state *state, cxm_weighted *weighted, uint64_t *seed, int times)
{
    for (int i = 0; i < times; ++i) {
        double answer = (double)(test_rand(seed) % 13) - 1.0, weight = some_weight(seed);
        if (test_rand(seed) % 9 == 0) answer = (double)NAN;
        assert_int_equal(cxm_state_add_weighted(state, answer, weight), cxm_weighted_add(weighted, answer, weight));
    }
}

static const struct { const char *name; size_t offset; bool count; } weighted_fields[] = {
    {"value", offsetof(cxm_weighted_summary, value), false},
    {"low", offsetof(cxm_weighted_summary, low), false},
    {"high", offsetof(cxm_weighted_summary, high), false},
    {"se", offsetof(cxm_weighted_summary, se), false},
    {"n_eff", offsetof(cxm_weighted_summary, kish_n_eff), false},
    {"deff", offsetof(cxm_weighted_summary, deff), false},
    {"deff_kish", offsetof(cxm_weighted_summary, kish_deff), false},
    {"deff_replacement", offsetof(cxm_weighted_summary, deff_replacement), false},
    {"sum_weights", offsetof(cxm_weighted_summary, sum_weights), false},
    {"df", offsetof(cxm_weighted_summary, df), false},
    {"top_share", offsetof(cxm_weighted_summary, top_share), false},
    {"bottom_share", offsetof(cxm_weighted_summary, bottom_share), false},
    {"net", offsetof(cxm_weighted_summary, net), false},
    {"mean", offsetof(cxm_weighted_summary, mean), false},
    {"n", offsetof(cxm_weighted_summary, n), true},
    {"missing", offsetof(cxm_weighted_summary, missing), true},
    {"unparsed", offsetof(cxm_weighted_summary, unparsed), true},
    {"out_of_range", offsetof(cxm_weighted_summary, out_of_range), true},
    {"zero_weight", offsetof(cxm_weighted_summary, zero), true},
    {"refused", offsetof(cxm_weighted_summary, refused), true},
};

static void assert_weighted(const cxm_state *state, const cxm_weighted_summary *want)
{
    for (size_t i = 0; i < COUNT_OF(weighted_fields); ++i) {
        const unsigned char *at = (const unsigned char *)want + weighted_fields[i].offset;
        uint64_t count;
        double number, got = figure(state, weighted_fields[i].name);
        memcpy(&count, at, sizeof count);
        memcpy(&number, at, sizeof number);
        if (weighted_fields[i].count) number = (double)count;
        assert_memory_equal(&got, &number, sizeof got);
    }
}

/* Counts and weights of points from..to, asked one by one. */
static void assert_points(const cxm_state *state, const cxm_weighted *weighted, double sum_weights)
{
    for (int32_t k = 1; k <= 5; ++k) {
        char count[16], share[16];
        uint64_t n;
        double sum, squares;
        cxm_weighted_point(weighted, k, &n, &sum, &squares);
        snprintf(count, sizeof count, "count:%d", (int)k);
        snprintf(share, sizeof share, "share:%d", (int)k);
        assert_true(figure(state, count) == (double)n && figure(state, share) == sum / sum_weights);
    }
}

static const char *const weighted_specs[] = {"nps weighted", "csat weighted", "ces weighted 1..5 lower"};

static void weights_equal_the_typed_calls(void **unused)
{
    (void)unused;
    uint64_t seed = 4711;
    for (size_t i = 0; i < COUNT_OF(weighted_specs); ++i) {
        cxm_weighted_ask ask;
        cxm_state *state = make(weighted_specs[i]);
        cxm_weighted *weighted = typed(weighted_specs[i], &ask);
        cxm_weighted_summary sum = {.size = sizeof sum};
        block b;
        feed_weighted(state, weighted, &seed, 400);
        assert_int_equal(cxm_weighted_summarize(weighted, &ask, &sum), CXM_OK);
        assert_weighted(state, &sum);
        assert_points(state, weighted, sum.sum_weights);
        assert_true(figure(state, "top") + figure(state, "middle") + figure(state, "bottom") == figure(state, "n"));
        assert_int_equal(cxm_weighted_encode(weighted, b.at, sizeof b.at, &b.len), CXM_OK);
        block c = encode(state);
        assert_same(&b, &c);
        cxm_weighted_free(weighted);
        cxm_state_free(state);
    }
}

/* All of one band in each spec, so that each name says which band it is. */
static void bands_of_weighted_answers(void **unused)
{
    (void)unused;
    cxm_state *nps = make("nps weighted"), *csat = make("csat weighted"), *ces = make("ces weighted 1..5 lower");
    for (int i = 1; i <= 5; ++i) {
        cxm_state_add_weighted(nps, 2.0 * i, 0.5);
        cxm_state_add_weighted(csat, i, i);
        cxm_state_add_weighted(ces, i, 0.5 * i);
    }
    assert_true(figure(nps, "promoters") == 1 && figure(nps, "passives") == 1 && figure(nps, "detractors") == 3);
    assert_true(figure(csat, "satisfied") == 2 && figure(csat, "value") == 9.0 / 15.0);
    assert_true(figure(ces, "value") == 55.0 / 15.0 && figure(ces, "rescaled") == 100.0 * (4.0 - (55.0 / 15.0 - 1.0)) / 4.0);
    assert_true(figure(ces, "easy") == figure(ces, "top") && figure(ces, "difficult") == figure(ces, "bottom"));
    assert_true(figure(ces, "top_share") > 0.0 && figure(ces, "easy") >= 1 && figure(ces, "difficult") >= 1);
    cxm_state_free(nps);
    cxm_state_free(csat);
    cxm_state_free(ces);
}

static void an_answer_without_a_weight_weighs_1(void **unused)
{
    (void)unused;
    cxm_state *plain = make("nps weighted"), *ones = make("nps weighted");
    static const char *const cells[] = {"9", "4 - maybe", "", "ten", "11"};
    for (size_t i = 0; i < COUNT_OF(cells); ++i) {
        cxm_status status = add_text(plain, cells[i]);
        assert_int_equal(cxm_state_add_text_weighted(ones, cells[i], strlen(cells[i]), 1.0), status);
    }
    assert_int_equal(cxm_state_add(plain, 3.0), CXM_OK);
    assert_int_equal(cxm_state_add_weighted(ones, 3.0, 1.0), CXM_OK);
    assert_true(figure(plain, "unparsed") == 1 && figure(plain, "missing") == 1 && figure(plain, "out_of_range") == 1);
    block a = encode(plain), b = encode(ones);
    assert_same(&a, &b);
    cxm_state_free(plain);
    cxm_state_free(ones);
}

static void weighted_answers_are_taken_back(void **unused)
{
    (void)unused;
    static const char *const cells[] = {"9", "4 - maybe", "", "ten", "11", "9"};
    static const double weights[] = {0.7, 1e-20, 3, 0, -1, 1e40};
    cxm_state *state = make("nps weighted");
    block empty = encode(state);
    for (size_t i = 0; i < COUNT_OF(cells); ++i) {
        cxm_status want = i == 3 ? CXM_E_FORMAT : i == 4 ? CXM_E_DOMAIN : CXM_OK;
        assert_int_equal(cxm_state_add_text_weighted(state, cells[i], strlen(cells[i]), weights[i]), want);
    }
    assert_int_equal(cxm_state_add_text_weighted(state, "ten", 3, -2.0), CXM_E_DOMAIN);
    assert_true(figure(state, "refused") == 2 && figure(state, "zero_weight") == 1 && figure(state, "out_of_range") == 0);
    assert_int_equal(cxm_state_remove_text_weighted(state, "ten", 3, -2.0), CXM_E_DOMAIN);
    assert_int_equal(cxm_state_remove_weighted(state, 5, 1.0), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_state_remove_weighted(state, 4, 1.0), CXM_E_UNDERFLOW);
    for (size_t i = 0; i < COUNT_OF(cells); ++i) {
        cxm_status want = i == 3 ? CXM_E_FORMAT : i == 4 ? CXM_E_DOMAIN : CXM_OK;
        assert_int_equal(cxm_state_remove_text_weighted(state, cells[i], strlen(cells[i]), weights[i]), want);
    }
    block left = encode(state);
    assert_same(&empty, &left);
    assert_int_equal(cxm_state_remove_text_weighted(state, "ten", 3, 2.0), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_state_remove_text_weighted(state, "", 0, 2.0), CXM_E_UNDERFLOW);
    cxm_state_free(state);
}

static void weighted_columns_equal_single_answers(void **unused)
{
    (void)unused;
    double answers[200], weights[200];
    uint64_t seed = 31;
    cxm_state *one = make("csat weighted"), *many = make("csat weighted");
    for (size_t i = 0; i < COUNT_OF(answers); ++i) {
        answers[i] = i % 11 == 0 ? (double)NAN : (double)(test_rand(&seed) % 7);
        weights[i] = some_weight(&seed);
        cxm_state_add_weighted(one, answers[i], weights[i]);
    }
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = answers, .count = COUNT_OF(answers)}, heavy = column;
    heavy.values = weights;
    assert_int_equal(cxm_state_add_many_weighted(many, &column, &heavy), CXM_OK);
    block a = encode(one), b = encode(many);
    assert_same(&a, &b);
    heavy.count = 199;
    assert_int_equal(cxm_state_add_many_weighted(many, &column, &heavy), CXM_E_ARG);
    heavy.size = 1;
    assert_int_equal(cxm_state_add_many_weighted(many, &column, &heavy), CXM_E_ABI);
    b = encode(many);
    assert_same(&a, &b);
    cxm_state_free(one);
    cxm_state_free(many);
}

static void other_states_take_no_weight(void **unused)
{
    (void)unused;
    static const char *const specs[] = {"nps", "csat", "ces", "scale 0..3", "labels", "sum"};
    double number = 2.0;
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = &number, .count = 1};
    for (size_t i = 0; i < COUNT_OF(specs); ++i) {
        cxm_state *state = make(specs[i]);
        block before = encode(state);
        assert_int_equal(cxm_state_add_weighted(state, 2.0, 1.0), CXM_E_METHOD);
        assert_int_equal(cxm_state_add_text_weighted(state, "2", 1, 1.0), CXM_E_METHOD);
        assert_int_equal(cxm_state_add_many_weighted(state, &column, &column), CXM_E_METHOD);
        assert_int_equal(cxm_state_remove_weighted(state, 2.0, 1.0), CXM_E_METHOD);
        assert_int_equal(cxm_state_remove_text_weighted(state, "2", 1, 1.0), CXM_E_METHOD);
        block after = encode(state);
        assert_same(&before, &after);
        cxm_state_free(state);
    }
}

static void weighted_figures_that_do_not_exist(void **unused)
{
    (void)unused;
    cxm_state *state = make("nps weighted");
    static const char *const needy[] = {"value", "low", "se", "n_eff", "deff", "deff_kish", "deff_replacement", "df", "share:3"};
    double value = 7.0;
    for (size_t i = 0; i < COUNT_OF(needy); ++i) assert_int_equal(get(state, needy[i], &value), CXM_E_EMPTY);
    assert_true(figure(state, "n") == 0 && figure(state, "sum_weights") == 0 && figure(state, "count:3") == 0);
    assert_int_equal(get(state, "count:11", &value), CXM_E_DOMAIN);
    assert_int_equal(get(state, "share:-1", &value), CXM_E_DOMAIN);
    assert_int_equal(get(state, "count:3 ", &value), CXM_E_ARG);
    assert_int_equal(get(state, "count:1e0", &value), CXM_E_ARG);
    assert_int_equal(get(state, "sd", &value), CXM_E_ARG);
    assert_int_equal(get(state, "median", &value), CXM_E_ARG);
    cxm_state_add_weighted(state, 9, 0.0);
    assert_int_equal(get(state, "value", &value), CXM_E_EMPTY);
    cxm_state_add_weighted(state, 9, 0.5);
    assert_true(figure(state, "value") == 100 && figure(state, "sum_weights") == 0.5 && figure(state, "share:9") == 1);
    assert_int_equal(get(state, "se", &value), CXM_E_UNDEFINED);
    assert_int_equal(get(state, "low", &value), CXM_E_UNDEFINED);
    assert_int_equal(get(state, "deff", &value), CXM_E_UNDEFINED);
    cxm_state_add_weighted(state, 3, 0.5);
    assert_true(figure(state, "deff_replacement") > 0 && figure(state, "se") > 0);
    assert_int_equal(get(state, "deff", &value), CXM_E_UNDEFINED);       /* a population below its sample */
    assert_true(value == 7.0);
    cxm_state_free(state);
}

static void json_of_weights(void **unused)
{
    (void)unused;
    cxm_state *csat = make("csat weighted 1..2"), *nps = make("nps weighted");
    char text[ROOM];
    size_t len;
    assert_json(csat, "{\"metric\":\"csat\",\"segment\":{},\"window\":null,\"n\":0,\"value\":null,\"interval\":null,"
                      "\"top_share\":null,\"bottom_share\":null,\"net\":null,\"mean\":null,\"sd\":null,\"rescaled\":null,"
                      "\"se\":null,\"median\":null,\"n_eff\":null,\"deff\":null,\"deff_kish\":null,\"sum_weights\":0,"
                      "\"df\":null,\"design_rows\":0,\"clusters\":0,\"strata\":0,\"zero_weight\":0,"
                      "\"counts\":{\"1\":0,\"2\":0},\"missing\":0,\"unparsed\":0,\"out_of_range\":0,"
                      "\"why\":\"value and interval: no answer was counted\"}");
    cxm_state_add_weighted(csat, 2, 3.0);
    assert_json(csat, "{\"metric\":\"csat\",\"segment\":{},\"window\":null,\"n\":1,\"value\":1,\"interval\":null,"
                      "\"top_share\":1,\"bottom_share\":0,\"net\":1,\"mean\":2,\"sd\":null,\"rescaled\":100,"
                      "\"se\":null,\"median\":null,\"n_eff\":1,\"deff\":null,\"deff_kish\":1,\"sum_weights\":3,"
                      "\"df\":0,\"design_rows\":1,\"clusters\":1,\"strata\":1,\"zero_weight\":0,"
                      "\"counts\":{\"1\":0,\"2\":1},\"missing\":0,\"unparsed\":0,\"out_of_range\":0,"
                      "\"why\":\"interval: a stratum with one cluster, or one answer, shows no spread\"}");
    cxm_state_add_weighted(nps, 9, 2.0);
    cxm_state_add_weighted(nps, (double)NAN, 2.0);
    assert_int_equal(cxm_state_json(nps, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"why\":\"interval: one answer shows no spread\"}"));
    cxm_state_add_weighted(nps, 9, 2.0);
    assert_int_equal(cxm_state_json(nps, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"why\":\"interval: the answers are all alike, so they show no spread\"}"));
    cxm_state_add_weighted(nps, 3, 4.0);
    assert_int_equal(cxm_state_json(nps, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"n\":3,\"value\":0,\"interval\":{\"method\":\"t\",\"level\":0.95,"));
    assert_non_null(strstr(text, "\"promoters\":2,\"passives\":0,\"detractors\":1,\"top_share\":0.5"));
    assert_null(strstr(text, "why"));
    cxm_state_free(csat);
    cxm_state_free(nps);
}

/* The typed design of two strata with a domain each. */
static void contrast(const cxm_weighted *a, const cxm_weighted *b, const cxm_scale_spec *scale, const cxm_weighted_ask *ask,
                     cxm_design_contrast *out)
{
    cxm_design *design = NULL;
    cxm_design_leaf leaf = {.size = sizeof leaf, .domain = 1, .stratum = {"one", 3}, .state = a};
    cxm_design_options plain = {.size = sizeof plain};
    assert_int_equal(cxm_design_create(&plain, scale, NULL, &design), CXM_OK);
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    leaf.domain = 2;
    leaf.stratum = (cxm_design_text){"two", 3};
    leaf.state = b;
    assert_int_equal(cxm_design_add(design, &leaf), CXM_OK);
    assert_int_equal(cxm_design_close(design), CXM_OK);
    assert_int_equal(cxm_design_compare(design, ask, 1, 2, out), CXM_OK);
    cxm_design_free(design);
}

/* To the bit; and of independent samples the squares of the standard errors add up. */
static void weighted_comparisons_equal_the_typed_calls(void **unused)
{
    (void)unused;
    uint64_t seed = 8;
    for (size_t i = 0; i < COUNT_OF(weighted_specs); ++i) {
        cxm_weighted_ask ask;
        cxm_state *a = make(weighted_specs[i]), *b = make(weighted_specs[i]);
        cxm_weighted *x = typed(weighted_specs[i], &ask), *y = typed(weighted_specs[i], &ask);
        cxm_difference got = {.size = sizeof got};
        cxm_design_contrast want = {.size = sizeof want};
        cxm_scale_spec scale;
        feed_weighted(a, x, &seed, 60);
        feed_weighted(b, y, &seed, 90);
        cxm_weighted_spec(x, &scale);
        ask.level = 0.9;
        contrast(x, y, &scale, &ask, &want);
        assert_int_equal(cxm_state_compare(a, b, 0, 0.9, &got), CXM_OK);
        assert_true(got.difference == want.difference && got.low == want.low && got.high == want.high && got.p == want.p);
        assert_true(got.se == want.se && got.df == want.df && got.statistic == want.statistic && got.level == 0.9);
        assert_true(got.method == CXM_COMPARE_DESIGN_T && got.statistic_kind == CXM_STATISTIC_T);
        assert_true(fabs(got.se / hypot(figure(a, "se"), figure(b, "se")) - 1.0) < 1e-12);
        assert_true(fabs(got.difference - (figure(a, "value") - figure(b, "value"))) <= 1e-12 * 200.0);
        cxm_state_free(a);
        cxm_state_free(b);
        cxm_weighted_free(x);
        cxm_weighted_free(y);
    }
}

static void some_weighted_states_do_not_compare(void **unused)
{
    (void)unused;
    cxm_state *a = make("nps weighted"), *b = make("nps weighted"), *empty = make("nps weighted"), *plain = make("nps");
    cxm_difference got = {.size = sizeof got};
    char text[ROOM];
    size_t len;
    cxm_state_add_weighted(a, 9, 2);
    cxm_state_add_weighted(b, 3, 2);
    cxm_state_add_weighted(b, 10, 1);
    cxm_state_add(plain, 9);
    assert_int_equal(cxm_state_compare(a, b, 0, 0.0, &got), CXM_E_UNDEFINED);           /* one row alone */
    assert_int_equal(cxm_state_compare(a, empty, 0, 0.0, &got), CXM_E_EMPTY);
    assert_int_equal(cxm_state_compare(a, plain, 0, 0.0, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_compare(plain, a, 0, 0.0, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_compare(a, b, CXM_COMPARE_WELCH, 0.0, &got), CXM_E_METHOD);
    assert_int_equal(cxm_state_compare(a, b, 0, 1.5, &got), CXM_E_ARG);
    cxm_state_add_weighted(a, 8, 1);
    assert_int_equal(cxm_state_compare(a, b, CXM_COMPARE_DESIGN_T, 0.0, &got), CXM_OK);
    assert_int_equal(cxm_state_compare(a, a, 0, 0.0, &got), CXM_OK);
    assert_true(got.difference == 0.0 && got.p == 1.0);
    assert_int_equal(cxm_state_compare_json(a, b, 0.0, text, sizeof text - 1, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "{\"metric\":\"nps\",\"segment\":{},\"window\":null,\"n\":4,\"value\":100,"
                                 "\"interval\":{\"method\":\"design-t\",\"level\":0.95,"));
    got.size = 1;
    assert_int_equal(cxm_state_compare(a, b, 0, 0.0, &got), CXM_E_ABI);
    cxm_state *all[] = {a, b, empty, plain};
    for (size_t i = 0; i < COUNT_OF(all); ++i) cxm_state_free(all[i]);
}

static void misuse_of_weights(void **unused)
{
    (void)unused;
    cxm_state *state = make("nps weighted");
    cxm_column column = {.size = sizeof column, .type = CXM_F64};
    assert_int_equal(cxm_state_add_weighted(NULL, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_remove_weighted(NULL, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_add_text_weighted(NULL, "1", 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_add_text_weighted(state, NULL, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_remove_text_weighted(NULL, "1", 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_remove_text_weighted(state, NULL, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_state_add_many_weighted(NULL, &column, &column), CXM_E_ARG);
    assert_int_equal(cxm_state_add_many_weighted(state, NULL, &column), CXM_E_ARG);
    assert_int_equal(cxm_state_add_many_weighted(state, &column, NULL), CXM_E_ARG);
    assert_int_equal(cxm_state_add_text_weighted(state, NULL, 0, 2), CXM_OK);
    assert_true(figure(state, "missing") == 1);
    assert_int_equal(cxm_state_remove_text_weighted(state, NULL, 0, 2), CXM_OK);
    assert_true(figure(state, "missing") == 0);
    cxm_state_free(state);
}

/* ---- hostile bytes ---- */

static const char *const kinds[] = {"nps", "labels", "sum", "nps weighted"};

static cxm_state *some(const char *spec, const cxm_alloc *alloc)
{
    cxm_state *state = NULL;
    if (cxm_state_create(spec, strlen(spec), alloc, &state, NULL) != CXM_OK) return NULL;
    for (int i = 0; i < 12; ++i) {
        char text[8];
        snprintf(text, sizeof text, "%d", i % 7);
        add_text(state, text);
        cxm_state_add_text_weighted(state, text, strlen(text), 0.1 * i);
    }
    return state;
}

/* Refused, or a state of just these bytes. */
static void decode_is_safe(const block *b, size_t len)
{
    cxm_state *state = NULL;
    cxm_status status = cxm_state_decode(b->at, len, NULL, 0, 1 << 16, NULL, &state);
    assert_true(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    if (status != CXM_OK) {
        assert_null(state);
        return;
    }
    block again = encode(state);
    assert_int_equal(again.len, len);
    assert_memory_equal(again.at, b->at, len);
    cxm_state_free(state);
}

static void hostile_bytes(void **unused)
{
    (void)unused;
    for (size_t k = 0; k < COUNT_OF(kinds); ++k) {
        cxm_state *state = some(kinds[k], NULL), *none = NULL;
        block whole = encode(state);
        for (size_t len = 0; len < whole.len; ++len)
            assert_int_equal(cxm_state_decode(whole.at, len, NULL, 0, 0, NULL, &none), CXM_E_FORMAT);
        for (size_t i = 0; i < whole.len; ++i)
            for (int bit = 0; bit < 8; ++bit) {
                block changed = whole;
                changed.at[i] = (unsigned char)(changed.at[i] ^ 1 << bit);
                assert_int_not_equal(cxm_state_decode(changed.at, changed.len, NULL, 0, 0, NULL, &none), CXM_OK);
                test_repair(changed.at, changed.len);
                decode_is_safe(&changed, changed.len);
            }
        assert_null(none);
        cxm_state_free(state);
    }
}

static void memory_of_a_decode_is_bounded(void **unused)
{
    (void)unused;
    for (size_t k = 0; k < COUNT_OF(kinds); ++k) {
        ledger own = {0};
        cxm_alloc hook = ledger_hook(&own);
        cxm_state *state = some(kinds[k], NULL), *got = NULL;
        block b = encode(state);
        size_t need = 0;
        while (cxm_state_decode(b.at, b.len, NULL, 0, need + 1, &hook, &got) == CXM_E_LIMIT) {
            assert_int_equal(own.calls, k % 2 == 1 && own.calls ? own.calls : 0);
            ++need;
        }
        assert_non_null(got);
        assert_true(own.peak <= need + 1);
        cxm_state_free(got);
        assert_int_equal(own.live, 0);
        cxm_state_free(state);
    }
}

/* ---- memory ---- */

/* Weights, columns and removals: each wants wider sums or a state aside. */
static bool weighted_session(cxm_state *state)
{
    static const double weights[] = {1e-30, 0.3, 1e30, 7};
    double answers[] = {1, 2, 11, 3};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = answers, .count = COUNT_OF(answers)}, heavy = column;
    cxm_status status[10];
    heavy.values = weights;
    for (size_t i = 0; i < COUNT_OF(status); ++i) {
        block before = encode(state), after;
        if (i < 4) status[i] = cxm_state_add_weighted(state, answers[i], weights[i]);
        else if (i < 8) status[i] = cxm_state_remove_weighted(state, answers[i - 4], weights[i - 4]);
        else status[i] = i == 8 ? cxm_state_add_many_weighted(state, &column, &heavy) : cxm_state_add_many(state, &column);
        if (status[i] != CXM_E_MEMORY) continue;
        after = encode(state);
        assert_same(&before, &after);
        return true;
    }
    return false;
}

/* Every allocation of a whole session fails in turn: a call that says so changed nothing. */
static bool session(const char *spec, ledger *own)
{
    cxm_alloc hook = ledger_hook(own);
    cxm_state *a = NULL, *b = NULL, *c = NULL;
    block before, after;
    bool failed = cxm_state_create(spec, strlen(spec), &hook, &a, NULL) == CXM_E_MEMORY;
    if (!failed) failed = cxm_state_create(spec, strlen(spec), &hook, &b, NULL) == CXM_E_MEMORY;
    for (int i = 0; !failed && i < 30; ++i) {
        char text[8];
        snprintf(text, sizeof text, "%d", i % 11);
        before = encode(a);
        failed = add_text(a, text) == CXM_E_MEMORY;
        if (!failed) continue;
        after = encode(a);
        assert_same(&before, &after);
    }
    if (!failed) failed = weighted_session(a);
    if (!failed) {
        before = encode(b);
        failed = cxm_state_merge(b, a) == CXM_E_MEMORY;
        after = encode(b);
        if (failed) assert_same(&before, &after);
    }
    if (!failed) {
        before = encode(a);
        failed = cxm_state_decode(before.at, before.len, NULL, 0, 0, &hook, &c) == CXM_E_MEMORY;
        assert_true(failed == !c);
    }
    cxm_state_free(a);
    cxm_state_free(b);
    cxm_state_free(c);
    assert_int_equal(own->live, 0);
    return failed;
}

static void every_allocation_may_fail(void **unused)
{
    (void)unused;
    for (size_t k = 0; k < COUNT_OF(kinds); ++k) {
        ledger clean = {0};
        assert_false(session(kinds[k], &clean));
        assert_true(clean.calls >= 3);
        for (size_t at = 1; at <= clean.calls; ++at) {
            ledger own = {.fail_at = at};
            assert_true(session(kinds[k], &own));
            assert_int_equal(own.failed, 1);
        }
        print_message("%s: %zu allocations failed in turn\n", kinds[k], clean.calls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specs_have_one_spelling),
        cmocka_unit_test(what_is_no_spec_is_refused),
        cmocka_unit_test(any_bands_have_a_spec),
        cmocka_unit_test(bytes_are_recognised),
        cmocka_unit_test(a_named_spec_must_be_that_of_the_bytes),
        cmocka_unit_test(scales_equal_the_typed_calls),
        cmocka_unit_test(names_of_metrics),
        cmocka_unit_test(levels),
        cmocka_unit_test(what_does_not_exist_is_a_status),
        cmocka_unit_test(n_past_its_type_is_said),
        cmocka_unit_test(counts_are_exact),
        cmocka_unit_test(labels_equal_the_typed_calls),
        cmocka_unit_test(a_net_of_labels_needs_its_words),
        cmocka_unit_test(sums_equal_the_typed_calls),
        cmocka_unit_test(cells_are_read_as_the_command_line_reads_them),
        cmocka_unit_test(labels_are_texts),
        cmocka_unit_test(columns_equal_single_answers),
        cmocka_unit_test(merge_and_remove_are_exact),
        cmocka_unit_test(remove_takes_back_numbers),
        cmocka_unit_test(different_states_do_not_merge),
        cmocka_unit_test(json_has_the_keys_of_the_command_line),
        cmocka_unit_test(json_of_labels),
        cmocka_unit_test(json_holds_utf8_only),
        cmocka_unit_test(comparisons_equal_the_typed_calls),
        cmocka_unit_test(some_states_do_not_compare),
        cmocka_unit_test(comparisons_as_json),
        cmocka_unit_test(definitions),
        cmocka_unit_test(the_door_describes_itself),
        cmocka_unit_test(misuse),
        cmocka_unit_test(weights_equal_the_typed_calls),
        cmocka_unit_test(bands_of_weighted_answers),
        cmocka_unit_test(an_answer_without_a_weight_weighs_1),
        cmocka_unit_test(weighted_answers_are_taken_back),
        cmocka_unit_test(weighted_columns_equal_single_answers),
        cmocka_unit_test(other_states_take_no_weight),
        cmocka_unit_test(weighted_figures_that_do_not_exist),
        cmocka_unit_test(json_of_weights),
        cmocka_unit_test(weighted_comparisons_equal_the_typed_calls),
        cmocka_unit_test(some_weighted_states_do_not_compare),
        cmocka_unit_test(misuse_of_weights),
        cmocka_unit_test(hostile_bytes),
        cmocka_unit_test(memory_of_a_decode_is_bounded),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("stream/state", tests, NULL, NULL);
}
