/* SPDX-License-Identifier: MIT */
/* test_state_quantile.c - quantiles through the door: the figures of the typed calls to the last bit, every spec read as the
 * steps it tells and written so that it is read back, cells as the command line reads them, JSON worked out by hand. */
#include <cxm/cxm.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_repair.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 16, SPECS = 6000, VALUES = 3000, MOST = 4, BOUND = 64 };
#define STEPS_MAX ((UINT64_C(1) << 52) - 1)
static const uint64_t CENTURY = UINT64_C(36525) * 86400 * 1000000;

typedef struct block { size_t len; unsigned char at[ROOM]; } block;
typedef struct line { size_t len; char at[600]; } line;

static const char *const unit_words[] = {"", "us", "ms", "s", "min", "h"};
static const double unit_steps[] = {0.0, 1.0, 1e3, 1e6, 6e7, 3.6e9};

static cxm_state *make(const char *spec)
{
    cxm_state *state = NULL;
    cxm_error error = {.size = sizeof error};
    cxm_status status = cxm_state_create(spec, strlen(spec), NULL, &state, &error);
    if (status != CXM_OK) print_message("%s: %s\n", spec, error.text);
    assert_int_equal(status, CXM_OK);
    return state;
}

static void encode(const cxm_state *state, block *out)
{
    assert_int_equal(cxm_state_encode(state, out->at, sizeof out->at, &out->len), CXM_OK);
}

static void encode_typed(const cxm_quantile *q, block *out)
{
    assert_int_equal(cxm_quantile_encode(q, out->at, sizeof out->at, &out->len), CXM_OK);
}

static void assert_same(const block *a, const block *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->at, b->at, a->len);
}

/* The state holds what the typed one does, byte by byte. */
static void assert_holds(const cxm_state *state, const cxm_quantile *q)
{
    static block a, b;
    encode(state, &a);
    encode_typed(q, &b);
    assert_same(&a, &b);
}

static void assert_holds_as(const cxm_state *state, const cxm_state *other)
{
    static block a, b;
    encode(state, &a);
    encode(other, &b);
    assert_same(&a, &b);
}

static line spec_of(const cxm_state *state)
{
    line out;
    assert_int_equal(cxm_state_spec(state, out.at, CXM_STATE_SPEC_MAX, &out.len), CXM_OK);
    out.at[out.len] = '\0';
    return out;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static cxm_status get(const cxm_state *state, const char *name, double level, double *out)
{
    return cxm_state_get(state, name, strlen(name), level, out);
}

static cxm_quantile *typed(const cxm_quantile_spec *spec)
{
    cxm_quantile *q = NULL;
    assert_int_equal(cxm_quantile_create(spec, NULL, &q), CXM_OK);
    return q;
}

static cxm_quantile *copy_of(const cxm_state *state)
{
    static block b;
    cxm_quantile *q = NULL;
    encode(state, &b);
    assert_int_equal(cxm_quantile_decode(b.at, b.len, 0, NULL, &q), CXM_OK);
    return q;
}

/* ---- figures ---- */

/* A spec as it is told, and the same for the typed calls. */
static const struct { const char *said; cxm_quantile_spec spec; } told[] = {
    {"quantile", {.size = sizeof(cxm_quantile_spec)}},
    {"quantile us", {.size = sizeof(cxm_quantile_spec), .unit = CXM_UNIT_US}},
    {"quantile ms 0.001", {.size = sizeof(cxm_quantile_spec), .unit = CXM_UNIT_MS, .precision = CXM_PRECISION_01}},
    {"quantile s range 1..100 above 60",
     {.size = sizeof(cxm_quantile_spec), .low = 1000000, .high = 100000000, .targets = 1, .target = {60000000}}},
    {"quantile min 0.01 range 0.5..480 above 1 2.5 60",
     {.size = sizeof(cxm_quantile_spec), .unit = CXM_UNIT_MIN, .precision = CXM_PRECISION_1, .low = 30000000, .high = UINT64_C(28800000000),
      .targets = 3, .target = {60000000, 150000000, UINT64_C(3600000000)}}},
    {"quantile h 0.001 above 0.25 24 48 168",
     {.size = sizeof(cxm_quantile_spec), .unit = CXM_UNIT_H, .precision = CXM_PRECISION_01, .targets = 4,
      .target = {900000000, UINT64_C(86400000000), UINT64_C(172800000000), UINT64_C(604800000000)}}},
    {"quantile decimals 0", {.size = sizeof(cxm_quantile_spec), .unit = CXM_UNIT_NUMBER}},
    {"quantile decimals 2 0.001 range 0.05..999.99 above 19.99",
     {.size = sizeof(cxm_quantile_spec), .unit = CXM_UNIT_NUMBER, .decimals = 2, .precision = CXM_PRECISION_01, .low = 5, .high = 99999,
      .targets = 1, .target = {1999}}},
    {"quantile decimals 9", {.size = sizeof(cxm_quantile_spec), .unit = CXM_UNIT_NUMBER, .decimals = 9}},
};

/* Values around the range in the unit of a spec; some are none. */
static double draw(uint64_t *seed)
{
    uint64_t dice = test_rand(seed) % 100;
    double part = (double)(test_rand(seed) >> 11) * 0x1p-53;
    if (dice == 0) return (double)NAN;
    if (dice == 1) return -part;
    if (dice == 2) return dice & 1 ? (double)INFINITY : -(double)INFINITY;
    if (dice < 6) return 0.0;
    if (dice < 30) return floor(part * 200.0);
    return ldexp(1.0 + part, (int)(test_rand(seed) % 30) - 8);
}

/* One value by the door, as a double or as the text that is read as it, and by the typed call. */
static void tell(cxm_state *state, cxm_quantile *q, double value, bool as_text)
{
    char digits[CXM_TEXT_NUMBER_MAX];
    size_t len;
    cxm_status want = value == value ? cxm_quantile_add(q, value) : cxm_quantile_add_missing(q);
    if (!as_text || cxm_text_from_number(value, digits, sizeof digits, &len) != CXM_OK) assert_int_equal(cxm_state_add(state, value), want);
    else assert_int_equal(cxm_state_add_text(state, digits, len), want);
}

static void assert_figure(const cxm_state *state, const char *name, cxm_status status, double want)
{
    double got = -12345.0;
    if (status == CXM_OK && want != want) status = CXM_E_UNDEFINED;
    cxm_status is = get(state, name, 0.9, &got);
    if (is != status || (status == CXM_OK && !same_bits(got, want)))
        print_message("%s of %s: %d, %.17g instead of %d, %.17g\n", name, spec_of(state).at, (int)is, got, (int)status, want);
    assert_int_equal(is, status);
    if (status == CXM_OK) assert_true(same_bits(got, want));
}

static void assert_count(const cxm_state *state, const char *name, uint64_t want)
{
    uint64_t got = want + 1;
    assert_int_equal(cxm_state_get_count(state, name, strlen(name), &got), CXM_OK);
    assert_true(got == want);
    assert_figure(state, name, CXM_OK, (double)want);
}

static void assert_summary(const cxm_state *state, const cxm_quantile *q)
{
    cxm_quantile_summary sum = {.size = sizeof sum};
    cxm_interval limits = {.size = sizeof limits};
    cxm_status status = cxm_quantile_summarize(q, &sum), bounded = cxm_quantile_interval(q, 0.5, 0.9, &limits);
    assert_count(state, "n", sum.n);
    assert_count(state, "zero", sum.zero);
    assert_count(state, "under", sum.under);
    assert_count(state, "over", sum.over);
    assert_count(state, "open", sum.open);
    assert_count(state, "missing", sum.missing);
    assert_count(state, "unparsed", sum.unparsed);
    assert_count(state, "out_of_range", sum.negative + sum.infinite);
    assert_figure(state, "value", status, sum.median);
    assert_figure(state, "mean", status, sum.mean);
    assert_figure(state, "min", status, sum.min);
    assert_figure(state, "max", status, sum.max);
    assert_figure(state, "sum", CXM_OK, sum.sum);
    assert_figure(state, "relative_error", CXM_OK, sum.relative_error);
    assert_figure(state, "low", bounded, limits.low);
    assert_figure(state, "high", bounded, limits.high);
}

/* "quantile:Q", "low:Q" and "high:Q" of a random share. */
static void assert_share(const cxm_state *state, const cxm_quantile *q, double share)
{
    char digits[CXM_TEXT_NUMBER_MAX + 1], name[64];
    size_t len;
    double value = (double)NAN;
    cxm_interval limits = {.size = sizeof limits};
    assert_int_equal(cxm_text_from_number(share, digits, sizeof digits - 1, &len), CXM_OK);
    digits[len] = '\0';
    cxm_status status = cxm_quantile_at(q, share, CXM_QUANTILE_TYPE7, &value), bounded = cxm_quantile_interval(q, share, 0.9, &limits);
    if (bounded == CXM_E_UNDEFINED) bounded = CXM_OK;       /* each limit for itself */
    snprintf(name, sizeof name, "quantile:%s", digits);
    assert_figure(state, name, status, value);
    snprintf(name, sizeof name, "low:%s", digits);
    assert_figure(state, name, bounded, limits.low);
    snprintf(name, sizeof name, "high:%s", digits);
    assert_figure(state, name, bounded, limits.high);
}

static void assert_within(const cxm_state *state, const cxm_quantile *q, double value)
{
    char digits[CXM_TEXT_NUMBER_MAX + 1], name[64];
    size_t len;
    uint64_t least, most;
    double share = (double)NAN;
    assert_int_equal(cxm_text_from_number(value, digits, sizeof digits - 1, &len), CXM_OK);
    digits[len] = '\0';
    snprintf(name, sizeof name, "within:%s", digits);
    cxm_status status = cxm_quantile_rank(q, value, &least, &most, &share);
    assert_figure(state, name, status, share);
}

static void figures_equal_the_typed_calls(void **unused)
{
    (void)unused;
    static const int sizes[] = {0, 1, 2, 5, 40, VALUES};
    uint64_t seed = 20261130;
    for (size_t i = 0; i < COUNT_OF(told); ++i)
        for (size_t k = 0; k < COUNT_OF(sizes); ++k) {
            cxm_state *state = make(told[i].said);
            cxm_quantile *q = typed(&told[i].spec);
            for (int v = 0; v < sizes[k]; ++v) tell(state, q, draw(&seed), test_rand(&seed) & 1);
            assert_holds(state, q);
            assert_summary(state, q);
            for (int v = 0; v < 20; ++v) assert_share(state, q, (double)(test_rand(&seed) % 1001) / 1000.0);
            for (int v = 0; v < 20; ++v) assert_within(state, q, fabs(floor(ldexp((double)(test_rand(&seed) % 1000), (int)(v % 20) - 5))));
            cxm_state_free(state);
            cxm_quantile_free(q);
        }
}

/* A column, and the same values one by one. */
static void columns_equal_single_values(void **unused)
{
    (void)unused;
    uint64_t seed = 41;
    double values[200];
    uint8_t exists[25];
    for (size_t i = 0; i < COUNT_OF(told); ++i) {
        cxm_state *state = make(told[i].said);
        cxm_quantile *q = typed(&told[i].spec);
        for (size_t v = 0; v < COUNT_OF(values); ++v) values[v] = draw(&seed);
        for (size_t v = 0; v < COUNT_OF(exists); ++v) exists[v] = (uint8_t)test_rand(&seed);
        cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = COUNT_OF(values), .validity = exists};
        for (size_t v = 0; v < COUNT_OF(values); ++v) {
            bool there = exists[v / 8] >> v % 8 & 1 && values[v] == values[v];
            if (there) cxm_quantile_add(q, values[v]);
            else cxm_quantile_add_missing(q);
        }
        assert_int_equal(cxm_state_add_many(state, &column), CXM_OK);
        assert_holds(state, q);
        column.size = 3;
        assert_int_equal(cxm_state_add_many(state, &column), CXM_E_ABI);
        assert_holds(state, q);
        cxm_state_free(state);
        cxm_quantile_free(q);
    }
}

/* ---- cells ---- */

static const struct { const char *cell; cxm_status status; const char *counted; } cells[] = {
    {"\t12.5 \t", CXM_OK, "n"},
    {" 12.5 ", CXM_OK, "n"},           {"0", CXM_OK, "zero"},              {"-0", CXM_OK, "zero"},
    {"1e-9", CXM_OK, "zero"},          {"4.9e-7", CXM_OK, "zero"},         {"1e-6", CXM_OK, "n"},
    {"3155760000", CXM_OK, "n"},       {"4e9", CXM_OK, "over"},            {"1e308", CXM_OK, "over"},
    {"", CXM_OK, "missing"},           {"\t ", CXM_OK, "missing"},         {"NA", CXM_OK, "missing"},
    {" n/a ", CXM_OK, "missing"},      {"NaN", CXM_OK, "missing"},         {"-", CXM_OK, "missing"},
    {"1e999", CXM_E_DOMAIN, "out_of_range"}, {"-1e999", CXM_E_DOMAIN, "out_of_range"}, {"-3", CXM_E_DOMAIN, "out_of_range"},
    {"-1e-300", CXM_E_DOMAIN, "out_of_range"},
    {"abc", CXM_E_FORMAT, "unparsed"}, {"5 - good", CXM_E_FORMAT, "unparsed"}, {"5s", CXM_E_FORMAT, "unparsed"},
    {"1,5", CXM_E_FORMAT, "unparsed"}, {"inf", CXM_E_FORMAT, "unparsed"},  {"00:05", CXM_E_FORMAT, "unparsed"},
};

static void cells_are_numbers_or_none(void **unused)
{
    (void)unused;
    static const char *const counters[] = {"missing", "unparsed", "out_of_range", "open", "n"};
    cxm_state *empty = make("quantile");
    static block before, after;
    encode(empty, &before);
    for (size_t i = 0; i < COUNT_OF(cells); ++i) {
        cxm_state *state = make("quantile");
        uint64_t all = 0, one;
        print_message("\"%s\"\n", cells[i].cell);
        assert_int_equal(cxm_state_add_text(state, cells[i].cell, strlen(cells[i].cell)), cells[i].status);
        assert_count(state, cells[i].counted, 1);
        for (size_t k = 0; k < COUNT_OF(counters); ++k) {
            assert_int_equal(cxm_state_get_count(state, counters[k], strlen(counters[k]), &one), CXM_OK);
            all += one;
        }
        assert_true(all == 1);
        assert_int_equal(cxm_state_remove_text(state, cells[i].cell, strlen(cells[i].cell)), cells[i].status);
        encode(state, &after);
        assert_same(&before, &after);
        assert_int_equal(cxm_state_remove_text(state, cells[i].cell, strlen(cells[i].cell)), CXM_E_UNDERFLOW);
        cxm_state_free(state);
    }
    cxm_state_free(empty);
}

static void numbers_are_refused_as_cells_are(void **unused)
{
    (void)unused;
    static const struct { double value; cxm_status status; const char *counted; } rows[] = {
        {(double)NAN, CXM_OK, "missing"}, {-3.0, CXM_E_DOMAIN, "out_of_range"}, {(double)INFINITY, CXM_E_DOMAIN, "out_of_range"},
        {-(double)INFINITY, CXM_E_DOMAIN, "out_of_range"}, {0.0, CXM_OK, "zero"}, {12.5, CXM_OK, "n"}, {1e10, CXM_OK, "over"}};
    cxm_state *state = make("quantile");
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        assert_int_equal(cxm_state_remove(state, rows[i].value), CXM_E_UNDERFLOW);
        assert_int_equal(cxm_state_add(state, rows[i].value), rows[i].status);
        assert_count(state, rows[i].counted, 1);
        assert_int_equal(cxm_state_remove(state, rows[i].value), rows[i].status);
        assert_count(state, rows[i].counted, 0);
    }
    assert_int_equal(cxm_state_add_weighted(state, 1.0, 2.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_add_text_weighted(state, "1", 1, 2.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_remove_weighted(state, 1.0, 2.0), CXM_E_METHOD);
    cxm_state_free(state);
}

/* What is removed from a state and from a typed one leaves the same, value by value. */
static void removal_equals_the_typed_calls(void **unused)
{
    (void)unused;
    uint64_t seed = 77;
    for (size_t i = 0; i < COUNT_OF(told); ++i) {
        cxm_state *state = make(told[i].said);
        cxm_quantile *q = typed(&told[i].spec);
        double values[60];
        for (size_t v = 0; v < COUNT_OF(values); ++v) tell(state, q, values[v] = draw(&seed), false);
        for (size_t v = 0; v < COUNT_OF(values); v += 2) {
            cxm_status want = values[v] == values[v] ? cxm_quantile_remove(q, values[v]) : cxm_quantile_remove_missing(q);
            assert_int_equal(cxm_state_remove(state, values[v]), want);
            assert_holds(state, q);
        }
        assert_summary(state, q);
        cxm_state_free(state);
        cxm_quantile_free(q);
    }
}

/* ---- keys ---- */

static void keys_that_are_none_are_refused(void **unused)
{
    (void)unused;
    static const char *const bad[] = {"quantile:", "quantile:1.1", "quantile:-0.1", "quantile:x", "quantile:0.5x", "quantile", "quantile:nan",
        "quantile:1e999", "low:", "low:2", "low:x", "high:", "high:-1", "high:0,5", "within:", "within:x", "within:nan", "within:1e999",
        "count:3", "share:3", "count:0.5", "share:0.5", "Quantile:0.5", "median", "se", "quantile 0.5", "positive", ""};
    cxm_state *state = make("quantile"), *nps = make("nps");
    double value = 7.0;
    for (int i = 1; i < 30; ++i) assert_int_equal(cxm_state_add(state, i), CXM_OK);
    for (size_t i = 0; i < COUNT_OF(bad); ++i) {
        print_message("%s\n", bad[i]);
        assert_int_equal(get(state, bad[i], 0.0, &value), CXM_E_ARG);
        uint64_t count;
        assert_int_equal(cxm_state_get_count(state, bad[i], strlen(bad[i]), &count), CXM_E_ARG);
    }
    assert_int_equal(get(state, "quantile:0.5", 1.0, &value), CXM_E_ARG);
    assert_int_equal(get(state, "low:0.5", -0.1, &value), CXM_E_ARG);
    assert_int_equal(get(nps, "quantile:0.5", 0.0, &value), CXM_E_ARG);
    assert_int_equal(get(nps, "low:0.5", 0.0, &value), CXM_E_ARG);
    assert_int_equal(get(nps, "within:5", 0.0, &value), CXM_E_ARG);
    assert_true(value == 7.0);
    assert_int_equal(get(state, "within:-1", 0.0, &value), CXM_OK);      /* as cxm_quantile_rank: none is at or below it */
    assert_true(value == 0.0);
    cxm_state_free(state);
    cxm_state_free(nps);
}

/* Values 1..9 microseconds lie in bins of their own. Of 9 values the binomial (9, 1/2) gives P(B < 2) = 10/512 <= 0.025 and
 * P(B < 3) = 46/512: limits of the median are the values of ranks 2 and 8. At 0.9 P(B < 6) = 0.00833, P(B < 7) = 0.0530 and
 * P(B >= 9) = 0.9^9: rank 6, and none above. */
static void keyed_results_by_hand(void **unused)
{
    (void)unused;
    cxm_state *state = make("quantile us above 5"), *empty = make("quantile us");
    double value;
    for (int i = 1; i <= 9; ++i) assert_int_equal(cxm_state_add(state, i), CXM_OK);
    assert_figure(state, "quantile:0", CXM_OK, 1.0);
    assert_figure(state, "quantile:0.25", CXM_OK, 3.0);
    assert_figure(state, "quantile:0.3125", CXM_OK, 3.5);
    assert_figure(state, "quantile:1", CXM_OK, 9.0);
    assert_figure(state, "within:5", CXM_OK, 5.0 / 9.0);
    assert_figure(state, "within:0", CXM_OK, 0.0);
    assert_figure(state, "within:1e6", CXM_OK, 1.0);
    assert_int_equal(get(state, "low:0.5", 0.95, &value), CXM_OK);
    assert_true(value == 2.0);
    assert_int_equal(get(state, "high:0.5", 0.0, &value), CXM_OK);      /* 0 is 0.95 */
    assert_true(value == 8.0);
    assert_int_equal(get(state, "low:0.9", 0.95, &value), CXM_OK);
    assert_true(value == 6.0);
    assert_int_equal(get(state, "high:0.9", 0.95, &value), CXM_E_UNDEFINED);
    assert_int_equal(get(state, "low:0", 0.95, &value), CXM_E_UNDEFINED);
    assert_int_equal(get(empty, "quantile:0.5", 0.95, &value), CXM_E_EMPTY);
    assert_int_equal(get(empty, "low:0.5", 0.95, &value), CXM_E_EMPTY);
    assert_int_equal(get(empty, "within:3", 0.95, &value), CXM_E_EMPTY);
    assert_int_equal(get(empty, "value", 0.95, &value), CXM_E_EMPTY);
    assert_figure(empty, "sum", CXM_OK, 0.0);
    cxm_state_free(state);
    cxm_state_free(empty);
}

/* ---- specs ---- */

/* In exact bins: 2, 64 and 100 milliseconds are 2,000, 64,000 and 100,000 steps, whose bins of 1/64 are 16, 512 and 1024 wide. */
static void specs_have_one_spelling(void **unused)
{
    (void)unused;
    static const struct { const char *said, *canonical; } rows[] = {
        {"quantile", "quantile s 0.01"},
        {"  quantile \t s  0.01 ", "quantile s 0.01"},
        {"quantile 0.001", "quantile s 0.001"},
        {"quantile us", "quantile us 0.01"},
        {"quantile ms 0.001", "quantile ms 0.001"},
        {"quantile min", "quantile min 0.01"},
        {"quantile h", "quantile h 0.01"},
        {"quantile decimals 0", "quantile decimals 0 0.01"},
        {"quantile decimals 9 0.001", "quantile decimals 9 0.001"},
        {"quantile us range 1..127", "quantile us 0.01 range 1..127"},
        {"quantile us range 2000..64000", "quantile us 0.01 range 2000..64511"},
        {"quantile us range 2001..100000", "quantile us 0.01 range 2000..100351"},
        {"quantile ms range 2..100", "quantile ms 0.01 range 2..100.351"},
        {"quantile range 0.002..0.1 0.01", "quantile s 0.01 range 0.002..0.100351"},
        {"quantile range 2e-3..1e-1", "quantile s 0.01 range 0.002..0.100351"},
        {"quantile h range 1..1 0.001", "quantile h 0.001 range 0.9996424533333333..1.0008075375"},
        {"quantile s range 0.000001..3155760000", "quantile s 0.01"},
        {"quantile decimals 2 range 0.01..45035996273704.9", "quantile decimals 2 0.01"},
        {"quantile above 60", "quantile s 0.01 above 60"},
        {"quantile min above 1 2 3 4", "quantile min 0.01 above 1 2 3 4"},
        {"quantile above 0.000001 0.000002 0.001 3155760000", "quantile s 0.01 above 0.000001 0.000002 0.001 3155760000"},
        {"quantile range 1..1.1 above 1.05", "quantile s 0.01 range 0.999424..1.114111 above 1.05"},
        {"quantile us above 4503599627370495 range", NULL},
        {"quantile us range 1..4503599627370495 above 4503599627370495", "quantile us 0.01 range 1..4503599627370495 above 4503599627370495"},
    };
    static block a, b;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_state *none = NULL;
        print_message("%s\n", rows[i].said);
        if (!rows[i].canonical) {
            assert_int_equal(cxm_state_create(rows[i].said, strlen(rows[i].said), NULL, &none, NULL), CXM_E_FORMAT);
            continue;
        }
        cxm_state *first = make(rows[i].said), *again = make(rows[i].canonical);
        line once = spec_of(first), twice = spec_of(again);
        assert_string_equal(once.at, rows[i].canonical);
        assert_string_equal(twice.at, rows[i].canonical);
        encode(first, &a);
        encode(again, &b);
        assert_same(&a, &b);
        cxm_state_free(first);
        cxm_state_free(again);
    }
}

static const char form[] = "; the form is: quantile [us|ms|s|min|h|decimals N] [0.01|0.001] [range LOW..HIGH] [above T ...]";
static const char not_here[] = "not understood here", a_range[] = "a range is written once, as 0.001..3600", digits09[] = "decimals are 0 to 9",
    rising[] = "targets are up to four numbers, rising", absent[] = "a target is missing",
    reaches[] = "a range reaches from its first number to its second, at most 2^52 - 1 steps, with all targets in it";

static const struct { const char *said; uint64_t at; const char *why; } faults[] = {
    {"quantile ns", 9, not_here},
    {"quantile S", 9, not_here},
    {"quantile 0.02", 9, not_here},
    {"quantile weighted", 9, not_here},
    {"quantile s ms", 11, not_here},
    {"quantile s s", 11, not_here},
    {"quantile 0.01 ms", 14, not_here},
    {"quantile 0.01 0.001", 14, not_here},
    {"quantile  0.001  0.001 ", 17, not_here},
    {"quantile s decimals 2", 11, not_here},
    {"quantile decimals 2 s", 20, not_here},
    {"quantile decimals 2 decimals 2", 20, not_here},
    {"quantile range 1..2 ms", 20, not_here},
    {"quantile range 1..2 decimals 1", 20, not_here},
    {"quantile range 1..2 x", 20, not_here},
    {"quantile decimals", 17, digits09},
    {"quantile decimals 10", 18, digits09},
    {"quantile decimals -1", 18, digits09},
    {"quantile decimals x", 18, digits09},
    {"quantile decimals 0.01", 18, digits09},
    {"quantile range", 14, a_range},
    {"quantile range 5", 15, a_range},
    {"quantile range ..", 15, a_range},
    {"quantile range 1..", 15, a_range},
    {"quantile range ..5", 15, a_range},
    {"quantile range 1..x", 15, a_range},
    {"quantile range x..1", 15, a_range},
    {"quantile range 1 .. 2", 15, a_range},
    {"quantile range 0..5", 15, a_range},
    {"quantile range -1..5", 15, a_range},
    {"quantile range 1..-5", 15, a_range},
    {"quantile range nan..5", 15, a_range},
    {"quantile range 1..1e999", 15, a_range},
    {"quantile range 1..2..3", 15, a_range},
    {"quantile range 4e-7..5", 15, a_range},
    {"quantile us range 1..4503599627370496", 18, a_range},
    {"quantile h range 1..1250999.9", 17, a_range},
    {"quantile range 1..2 range 1..2", 26, a_range},
    {"quantile above", 14, absent},
    {"quantile range 1..2 above  ", 27, absent},
    {"quantile above 5 5", 17, rising},
    {"quantile above 5 3", 17, rising},
    {"quantile above 5 5.0000001", 17, rising},
    {"quantile above 0", 15, rising},
    {"quantile above -1", 15, rising},
    {"quantile above x", 15, rising},
    {"quantile above 1 2 3 4 5", 23, rising},
    {"quantile above 5 range 1..9", 17, rising},
    {"quantile above 5 0.01x", 17, rising},
    {"quantile range 5..1", 19, reaches},
    {"quantile range 1..10 above 11", 29, reaches},
    {"quantile range 1..10 above 0.5 2", 32, reaches},
    {"quantile above 3200000000", 25, reaches},
};

static void what_is_no_spec_is_refused_where_it_is_wrong(void **unused)
{
    (void)unused;
    char want[300];
    for (size_t i = 0; i < COUNT_OF(faults); ++i) {
        cxm_state *none = NULL;
        cxm_error error = {.size = sizeof error};
        size_t len = strlen(faults[i].said);
        print_message("%s\n", faults[i].said);
        assert_int_equal(cxm_state_create(faults[i].said, len, NULL, &none, &error), CXM_E_FORMAT);
        snprintf(want, sizeof want, "%s%s", faults[i].why, form);
        assert_string_equal(error.text, want);
        assert_int_equal(error.byte_offset, faults[i].at);
        assert_int_equal(error.text_len, strlen(want));
        assert_true(error.status == CXM_E_FORMAT && error.text_len < CXM_ERROR_TEXT);
        assert_int_equal(cxm_state_create(faults[i].said, len, NULL, &none, NULL), CXM_E_FORMAT);
        assert_null(none);
    }
}

/* A bound of some steps as it may be told in a unit, by integers alone; of minutes and hours as a double. */
static void print_bound(uint64_t steps, int32_t unit, int32_t decimals, char out[BOUND])
{
    uint64_t scale = 1;
    int places = unit == CXM_UNIT_NUMBER ? decimals : unit <= CXM_UNIT_S ? 3 * (unit - 1) : -1;
    for (int i = 0; i < places; ++i) scale *= 10;
    if (places < 0) {
        snprintf(out, BOUND, "%.17g", (double)steps / unit_steps[unit]);
        return;
    }
    int at = snprintf(out, BOUND, "%" PRIu64 "%s", steps / scale, places ? "." : "");
    uint64_t rest = steps % scale;
    out[at + places] = '\0';
    for (int i = places; i-- > 0; rest /= 10) out[at + i] = (char)('0' + rest % 10);
}

/* What the text of a bound is in steps, as a value is turned: times the unit, to the nearest whole number, ties to even. */
static uint64_t steps_told(const char *bound, int32_t unit, int32_t decimals)
{
    static const double tens[] = {1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    volatile double scaled = strtod(bound, NULL) * (unit == CXM_UNIT_NUMBER ? tens[decimals] : unit_steps[unit]);
    double whole = nearbyint(scaled);
    return whole > (double)STEPS_MAX ? STEPS_MAX + 1 : (uint64_t)whole;
}

/* Of any size, and often close to a power of two, 100 years or the end. */
static uint64_t random_steps(uint64_t *seed)
{
    static const uint64_t edges[] = {1, 127, 1023, 1 << 20, UINT64_C(1) << 51};
    uint64_t dice = test_rand(seed) % 8, near = test_rand(seed) % 2000;
    if (dice == 0) return CENTURY - 1000 + near;
    if (dice == 1) return STEPS_MAX - near;
    if (dice == 2) return edges[test_rand(seed) % COUNT_OF(edges)] + near;
    uint64_t steps = test_rand(seed) >> (12 + test_rand(seed) % 52);
    return steps ? steps : 1;
}

static int compare_steps(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* A random spec as a text, and with the steps that its bounds are. */
typedef struct random_spec { cxm_quantile_spec spec; char said[400]; bool told; } random_spec;

static void add_words(random_spec *r, const char *words)
{
    size_t len = strlen(r->said);
    assert_true(len + strlen(words) < sizeof r->said);
    memcpy(r->said + len, words, strlen(words) + 1);
}

static uint64_t add_bound(random_spec *r, const char *before, uint64_t steps)
{
    char bound[BOUND];
    print_bound(steps, r->spec.unit, r->spec.decimals, bound);
    add_words(r, before);
    add_words(r, bound);
    uint64_t read = steps_told(bound, r->spec.unit, r->spec.decimals);
    if (read < 1 || read > STEPS_MAX) r->told = false;
    return read;
}

static random_spec random_spec_of(uint64_t *seed)
{
    random_spec r = {.spec = {.size = sizeof r.spec}, .said = "quantile", .told = true};
    uint64_t bounds[2 + MOST];
    char digit[16];
    bool fine = test_rand(seed) & 1, first = test_rand(seed) & 1, range = test_rand(seed) % 4 > 0;
    r.spec.unit = (int32_t)(test_rand(seed) % 6) + 1;
    r.spec.precision = fine ? CXM_PRECISION_01 : CXM_PRECISION_1;
    if (r.spec.unit == CXM_UNIT_NUMBER) r.spec.decimals = (int32_t)(test_rand(seed) % 10);
    snprintf(digit, sizeof digit, " decimals %d", (int)r.spec.decimals);
    if (r.spec.unit == CXM_UNIT_NUMBER) add_words(&r, digit);
    else add_words(&r, " "), add_words(&r, unit_words[r.spec.unit]);
    uint32_t targets = (uint32_t)(test_rand(seed) % (MOST + 1));
    for (size_t i = 0; i < COUNT_OF(bounds); ++i) bounds[i] = random_steps(seed);
    qsort(bounds, targets + 2, sizeof *bounds, compare_steps);
    if (first) add_words(&r, fine ? " 0.001" : " 0.01");
    if (range) r.spec.low = add_bound(&r, " range ", bounds[0]), r.spec.high = add_bound(&r, "..", bounds[targets + 1]);
    if (!first) add_words(&r, fine ? " 0.001" : " 0.01");
    for (uint32_t i = 0; i < targets; ++i) r.spec.target[r.spec.targets++] = add_bound(&r, i ? " " : " above ", bounds[i + 1]);
    return r;
}

/* The same steps by the typed calls; the canonical spelling makes just these bytes again and is its own. */
static void assert_reads_back(const random_spec *r, const cxm_quantile *want, line *longest)
{
    static block a, b;
    cxm_state *state = make(r->said);
    line once = spec_of(state), start = {0, ""};
    cxm_state *again = make(once.at);
    line twice = spec_of(again);
    if (r->spec.unit == CXM_UNIT_NUMBER) start.len = (size_t)snprintf(start.at, sizeof start.at, "quantile decimals %d ", (int)r->spec.decimals);
    else start.len = (size_t)snprintf(start.at, sizeof start.at, "quantile %s ", unit_words[r->spec.unit]);
    encode_typed(want, &a);
    encode(state, &b);
    assert_same(&a, &b);
    encode(again, &b);
    assert_same(&a, &b);
    assert_string_equal(once.at, twice.at);
    assert_memory_equal(once.at, start.at, start.len);
    if (once.len > longest->len) *longest = once;
    cxm_state_free(state);
    cxm_state_free(again);
}

static void any_bounds_are_read_back_as_their_steps(void **unused)
{
    (void)unused;
    uint64_t seed = 20261131;
    size_t made = 0, refused = 0;
    line longest = {0, ""};
    for (int i = 0; i < SPECS; ++i) {
        random_spec r = random_spec_of(&seed);
        cxm_quantile *want = NULL;
        cxm_state *none = NULL;
        if (r.told && cxm_quantile_create(&r.spec, NULL, &want) == CXM_OK) {
            assert_reads_back(&r, want, &longest);
            ++made;
        } else {
            assert_int_equal(cxm_state_create(r.said, strlen(r.said), NULL, &none, NULL), CXM_E_FORMAT);
            ++refused;
        }
        cxm_quantile_free(want);
    }
    print_message("%zu specs read back, %zu refused as the typed call refuses them; the longest of %zu bytes: %s\n", made, refused,
                  longest.len, longest.at);
    assert_true(made > SPECS / 2 && refused > 20);
}

/* Just past a power of two a double of the unit is coarsest beside a step: the nearest to a bound may be read as the step before. */
static void bounds_where_doubles_are_coarse_are_read_back(void **unused)
{
    (void)unused;
    size_t tried = 0;
    char said[160], bound[BOUND];
    for (int32_t unit = CXM_UNIT_MS; unit <= CXM_UNIT_H; ++unit) {
        double at = 1.0;
        while (at * 2.0 * unit_steps[unit] < (double)STEPS_MAX) at *= 2.0;
        for (int i = 0; i < 1500; ++i, ++tried, at = nextafter(at, 1e300)) {
            snprintf(said, sizeof said, "quantile %s range 1..%.17g above %.17g", unit_words[unit],
                     (double)STEPS_MAX / unit_steps[unit] * 0.999, at);
            cxm_state *state = make(said);
            line once = spec_of(state);
            cxm_state *again = make(once.at);
            assert_holds_as(state, again);
            cxm_quantile *q = copy_of(state);
            cxm_quantile_spec spec = {.size = sizeof spec};
            assert_int_equal(cxm_quantile_spec_of(q, &spec), CXM_OK);
            snprintf(bound, sizeof bound, "%.17g", at);
            assert_true(spec.target[0] == steps_told(bound, unit, 0));
            cxm_quantile_free(q);
            cxm_state_free(state);
            cxm_state_free(again);
        }
    }
    assert_int_equal(tried, 4 * 1500);
}

/* From 2^51 steps, 71 years, some whole numbers of steps are no double of milliseconds: the end of a bin is one, and what is written
 * for it must not reach into the next. */
static void a_range_past_71_years_is_read_back(void **unused)
{
    (void)unused;
    static const char *const said[] = {"quantile ms 0.001 range 1..4489661595001.34", "quantile 0.001 range 1..4456726028.866242",
                                       "quantile 0.001 range 1..4333463566.417043"};
    static block a[COUNT_OF(said)], b[COUNT_OF(said)];
    for (size_t i = 0; i < COUNT_OF(said); ++i) {
        cxm_state *state = make(said[i]), *again = make(spec_of(state).at);
        print_message("%s: %s, %s\n", said[i], spec_of(state).at, spec_of(again).at);
        encode(state, &a[i]);
        encode(again, &b[i]);
        cxm_state_free(state);
        cxm_state_free(again);
    }
    for (size_t i = 0; i < COUNT_OF(said); ++i) assert_same(&a[i], &b[i]);
}

/* A target in bytes may be such a number, too: the spec that the door tells must be that of the bytes. */
static void a_target_that_no_double_of_seconds_is_comes_back(void **unused)
{
    (void)unused;
    const cxm_quantile_spec spec = {.size = sizeof spec, .high = STEPS_MAX, .targets = 1, .target = {UINT64_C(4459619162259455)}};
    static block b;
    cxm_quantile *q = typed(&spec);
    cxm_state *seen = NULL, *named = NULL;
    encode_typed(q, &b);
    assert_int_equal(cxm_state_decode(b.at, b.len, NULL, 0, 0, NULL, &seen), CXM_OK);
    line told_spec = spec_of(seen);
    cxm_status status = cxm_state_decode(b.at, b.len, told_spec.at, told_spec.len, 0, NULL, &named);
    cxm_state_free(seen);
    cxm_state_free(named);
    cxm_quantile_free(q);
    print_message("%s\n", told_spec.at);
    assert_int_equal(status, CXM_OK);
}

/* A range that ends in the bin of 100 years is the usual one, and with it targets up to the end of that bin. */
static void targets_in_the_last_bin_of_100_years_are_read_back(void **unused)
{
    (void)unused;
    static const char said[] = "quantile us range 1..3155760000000300 above 3155760000000252";
    const cxm_quantile_spec spec = {.size = sizeof spec, .unit = CXM_UNIT_US, .high = CENTURY + 300, .targets = 1, .target = {CENTURY + 252}};
    static block b;
    cxm_state *state = make(said), *again = NULL;
    cxm_quantile *q = typed(&spec), *back = NULL;
    line canonical = spec_of(state);
    encode_typed(q, &b);
    cxm_status by_text = cxm_state_create(canonical.at, canonical.len, NULL, &again, NULL);
    cxm_status by_bytes = cxm_quantile_decode(b.at, b.len, 0, NULL, &back);
    cxm_state_free(state);
    cxm_state_free(again);
    cxm_quantile_free(q);
    cxm_quantile_free(back);
    assert_int_equal(by_text, CXM_OK);
    assert_int_equal(by_bytes, CXM_OK);
}

/* A value in the unit that is a bound lies on it: counted in range, and not above its target. */
static void bounds_are_told_as_values_are(void **unused)
{
    (void)unused;
    uint64_t seed = 3;
    for (int i = 0; i < 2000; ++i) {
        int32_t unit = (int32_t)(test_rand(&seed) % 5) + 1;
        uint64_t steps = random_steps(&seed) % (CENTURY - 3) + 1;
        char bound[BOUND], said[100];
        double share = -1.0;
        print_bound(steps, unit, 0, bound);
        if (steps_told(bound, unit, 0) == 0) continue;
        snprintf(said, sizeof said, "quantile %s above %s", unit_words[unit], bound);
        cxm_state *state = make(said);
        assert_int_equal(cxm_state_add_text(state, bound, strlen(bound)), CXM_OK);
        assert_int_equal(cxm_state_add(state, nextafter(strtod(bound, NULL) * (1.0 + 1e-9), 1e300) + 1.0 / unit_steps[unit]), CXM_OK);
        snprintf(said, sizeof said, "within:%s", bound);
        assert_int_equal(get(state, said, 0.0, &share), CXM_OK);
        assert_true(share == 0.5);
        cxm_state_free(state);
    }
}

/* The words that make the longest text: numbers with all their digits. */
static void the_longest_spec_has_its_room(void **unused)
{
    (void)unused;
    uint64_t seed = 12;
    size_t longest = 0;
    for (int i = 0; i < 3000; ++i) {
        random_spec r = {.spec = {.size = sizeof r.spec, .unit = i % 2 ? CXM_UNIT_H : CXM_UNIT_NUMBER, .decimals = i % 2 ? 0 : 9},
                         .said = "", .told = true};
        uint64_t at = 1 + test_rand(&seed) % 1000;
        add_words(&r, i % 2 ? "quantile h 0.001" : "quantile decimals 9 0.001");
        add_bound(&r, " range ", at);
        add_bound(&r, "..", STEPS_MAX - test_rand(&seed) % 1000);
        for (int k = 0; k < MOST; ++k) add_bound(&r, k ? " " : " above ", at = at * 7 + test_rand(&seed) % 1000 + 3000);
        if (!r.told) continue;
        cxm_state *state = NULL;
        if (cxm_state_create(r.said, strlen(r.said), NULL, &state, NULL) != CXM_OK) continue;
        line t = spec_of(state), sentence;
        if (t.len > longest) longest = t.len;
        assert_int_equal(cxm_state_definition(state, 0.123456789012345678, sentence.at, sizeof sentence.at, &sentence.len), CXM_OK);
        assert_true(sentence.len < 512);
        cxm_state_free(state);
    }
    print_message("the longest spec has %zu bytes\n", longest);
    assert_true(longest > 100 && longest <= CXM_STATE_SPEC_MAX);
}

/* ---- bytes ---- */

static void bytes_are_recognised_and_keep_a_named_unit(void **unused)
{
    (void)unused;
    static const struct { const char *made, *seen; } rows[] = {
        {"quantile", "quantile s 0.01"}, {"quantile ms 0.001", "quantile s 0.001"},
        {"quantile h above 1", "quantile s 0.01 above 3600"}, {"quantile decimals 3", "quantile decimals 3 0.01"},
        {"quantile min range 1..9", "quantile s 0.01 range 59.768832..545.259519"}};
    static block b, c;
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_state *made = make(rows[i].made), *seen = NULL, *named = NULL;
        for (int v = 1; v < 9; ++v) assert_int_equal(cxm_state_add(made, v), CXM_OK);
        encode(made, &b);
        print_message("%s\n", rows[i].made);
        assert_int_equal(cxm_state_decode(b.at, b.len, NULL, 0, 0, NULL, &seen), CXM_OK);
        assert_string_equal(spec_of(seen).at, rows[i].seen);
        assert_int_equal(cxm_state_decode(b.at, b.len, rows[i].made, strlen(rows[i].made), 0, NULL, &named), CXM_OK);
        assert_string_equal(spec_of(named).at, spec_of(made).at);
        double was, is;
        assert_int_equal(get(made, "max", 0.0, &was), CXM_OK);
        assert_int_equal(get(named, "max", 0.0, &is), CXM_OK);
        assert_true(same_bits(was, is));
        for (int v = 1; v < 9; ++v) assert_int_equal(cxm_state_add(named, v), cxm_state_add(made, v));      /* in that unit still */
        encode(made, &b);
        encode(named, &c);
        assert_same(&b, &c);
        cxm_state_free(made);
        cxm_state_free(seen);
        cxm_state_free(named);
    }
}

static void a_named_spec_must_be_that_of_the_bytes(void **unused)
{
    (void)unused;
    static const char *const other[] = {"quantile 0.001", "quantile above 5", "quantile range 1..100", "quantile decimals 0", "nps", "labels",
                                        "sum", "nps weighted"};
    static block b;
    cxm_state *made = make("quantile ms"), *none = NULL;
    encode(made, &b);
    for (size_t i = 0; i < COUNT_OF(other); ++i)
        assert_int_equal(cxm_state_decode(b.at, b.len, other[i], strlen(other[i]), 0, NULL, &none), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(b.at, b.len, "quantile ns", 11, 0, NULL, &none), CXM_E_FORMAT);
    b.at[6] = 4;                                        /* the kind of weighted answers */
    test_repair(b.at, b.len);
    assert_int_equal(cxm_state_decode(b.at, b.len, NULL, 0, 0, NULL, &none), CXM_E_FORMAT);
    assert_null(none);
    cxm_state_free(made);
}

/* Whatever bound is told, no more is taken, and what suffices is enough. */
static void memory_of_a_decode_is_bounded(void **unused)
{
    (void)unused;
    static block b;
    cxm_state *few = make("quantile"), *many = make("quantile 0.001 above 1 2");
    for (int i = 1; i < 6; ++i) assert_int_equal(cxm_state_add(few, i), CXM_OK);
    for (int i = 1; i < 600; ++i) assert_int_equal(cxm_state_add(many, i * i), CXM_OK);
    cxm_state *both[] = {few, many};
    for (size_t k = 0; k < 2; ++k) {
        size_t need = 0, wrong = 0;
        encode(both[k], &b);
        for (cxm_status status = CXM_E_LIMIT; status == CXM_E_LIMIT; ++need) {
            ledger own = {0};
            cxm_alloc hook = ledger_hook(&own);
            cxm_state *got = NULL;
            status = cxm_state_decode(b.at, b.len, NULL, 0, need + 1, &hook, &got);
            if (own.peak > need + 1) print_message("max_bytes %zu, taken %zu\n", need + 1, own.peak), ++wrong;
            cxm_state_free(got);
            assert_int_equal(own.live, 0);
            if (own.peak > need + 1) status = CXM_E_LIMIT;
        }
        print_message("decoded within %zu bytes\n", need);
        assert_int_equal(wrong, 0);
        cxm_state_free(both[k]);
    }
}

/* ---- together ---- */

static void units_merge_and_other_specs_do_not(void **unused)
{
    (void)unused;
    static const char *const other[] = {"quantile ms 0.001", "quantile ms above 5", "quantile ms range 1..100", "quantile decimals 0", "sum", "nps"};
    static block before, after;
    cxm_state *ms = make("quantile ms"), *h = make("quantile h"), *all = make("quantile us");
    for (int i = 1; i < 50; ++i) {
        assert_int_equal(cxm_state_add(ms, i * 1000), CXM_OK);
        assert_int_equal(cxm_state_add(h, i), CXM_OK);
        assert_int_equal(cxm_state_add(all, i * 1e6), CXM_OK);
        assert_int_equal(cxm_state_add(all, i * 3.6e9), CXM_OK);
    }
    assert_int_equal(cxm_state_merge(ms, h), CXM_OK);
    encode(ms, &before);
    encode(all, &after);
    assert_same(&before, &after);
    assert_string_equal(spec_of(ms).at, "quantile ms 0.01");
    assert_figure(ms, "max", CXM_OK, 49.0 * 3.6e6);
    for (size_t i = 0; i < COUNT_OF(other); ++i) {
        cxm_state *from = make(other[i]);
        assert_int_equal(cxm_state_merge(ms, from), CXM_E_MISMATCH);
        assert_int_equal(cxm_state_merge(from, ms), CXM_E_MISMATCH);
        encode(ms, &after);
        assert_same(&before, &after);
        cxm_state_free(from);
    }
    assert_int_equal(cxm_state_merge(h, h), CXM_OK);
    assert_count(h, "n", 98);
    cxm_state_free(ms);
    cxm_state_free(h);
    cxm_state_free(all);
}

static cxm_state *with_values(const char *spec, int from, int to, double by)
{
    cxm_state *state = make(spec);
    for (int i = from; i <= to; ++i) assert_int_equal(cxm_state_add(state, i * by), CXM_OK);
    return state;
}

static void comparisons_equal_the_typed_calls(void **unused)
{
    (void)unused;
    static const char *const specs[] = {"quantile", "quantile us", "quantile h 0.001", "quantile decimals 4"};
    for (size_t i = 0; i < COUNT_OF(specs); ++i) {
        cxm_state *a = with_values(specs[i], 1, 90, 1.5), *b = with_values(specs[i], 20, 170, 1.0);
        cxm_quantile *x = copy_of(a), *y = copy_of(b);
        static const int32_t unit[] = {CXM_UNIT_S, CXM_UNIT_US, CXM_UNIT_H};
        cxm_difference got = {.size = sizeof got}, want = {.size = sizeof want};
        if (i < 3) cxm_quantile_set_unit(x, unit[i]), cxm_quantile_set_unit(y, unit[i]);
        assert_int_equal(cxm_quantile_compare(x, y, 0.5, CXM_COMPARE_DEFAULT, 0.95, &want), CXM_OK);
        assert_int_equal(cxm_state_compare(a, b, CXM_COMPARE_DEFAULT, 0.0, &got), CXM_OK);
        assert_memory_equal(&got, &want, sizeof got);
        assert_int_equal(cxm_state_compare(a, b, CXM_COMPARE_ORDER, 0.8, &got), CXM_OK);
        assert_int_equal(cxm_quantile_compare(x, y, 0.5, CXM_COMPARE_ORDER, 0.8, &want), CXM_OK);
        assert_memory_equal(&got, &want, sizeof got);
        assert_int_equal(cxm_state_compare(a, b, CXM_COMPARE_WELCH, 0.0, &got), CXM_E_METHOD);
        cxm_state_free(a);
        cxm_state_free(b);
        cxm_quantile_free(x);
        cxm_quantile_free(y);
    }
}

/* Medians of 1..99 ms and of 1..99 s: 50 and 50000 ms, both in bins whose middle is told; in the unit of the first. */
static void comparisons_are_in_the_unit_of_the_first(void **unused)
{
    (void)unused;
    cxm_state *ms = with_values("quantile ms 0.001", 1, 99, 1.0), *s = with_values("quantile s 0.001", 1, 99, 1.0);
    cxm_state *empty = make("quantile 0.001"), *same = with_values("quantile 0.001", 5, 5, 1.0), *rough = with_values("quantile", 1, 9, 1.0);
    cxm_difference in_ms = {.size = sizeof in_ms}, in_s = in_ms;
    assert_int_equal(cxm_state_compare(ms, s, 0, 0.0, &in_ms), CXM_OK);
    assert_int_equal(cxm_state_compare(s, ms, 0, 0.0, &in_s), CXM_OK);
    assert_close(in_ms.difference, 50.0 - 50000.0, 2.0 / 1025.0);
    assert_close(in_s.difference, 50.0 - 0.050, 2.0 / 1025.0);
    assert_close(in_s.low, -in_ms.high / 1000.0, 1e-12);
    assert_true(in_s.se != in_s.se && in_ms.se != in_ms.se);
    assert_close(in_s.p, in_ms.p, 1e-8);
    assert_int_equal(cxm_state_compare(ms, empty, 0, 0.0, &in_ms), CXM_E_EMPTY);
    assert_int_equal(cxm_state_compare(same, same, 0, 0.0, &in_ms), CXM_E_UNDEFINED);
    assert_int_equal(cxm_state_compare(ms, rough, 0, 0.0, &in_ms), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_compare(ms, s, 0, 1.0, &in_ms), CXM_E_ARG);
    cxm_state *all[] = {ms, s, empty, same, rough};
    for (size_t i = 0; i < COUNT_OF(all); ++i) cxm_state_free(all[i]);
}

/* ---- JSON ---- */

typedef struct json { size_t len; char at[8192]; } json;

static json json_of(const cxm_state *state, double level)
{
    json out;
    size_t need = 0;
    assert_int_equal(cxm_state_json(state, level, NULL, 0, &need), CXM_E_LIMIT);
    memset(out.at, '#', sizeof out.at);
    assert_int_equal(cxm_state_json(state, level, out.at, need - 1, &out.len), CXM_E_LIMIT);
    assert_true(out.len == need && out.at[0] == '#');
    assert_int_equal(cxm_state_json(state, level, out.at, need, &out.len), CXM_OK);
    assert_true(out.len == need && out.at[need] == '#');
    out.at[need] = '\0';
    return out;
}

/* Text by text; a number by its value. */
static void assert_json(const cxm_state *state, double level, const char *want)
{
    json got = json_of(state, level);
    const char *g = got.at;
    print_message("%s\n", g);
    while (*want && *g) {
        bool number = (*want >= '0' && *want <= '9') || (*want == '-' && want[1] >= '0' && want[1] <= '9');
        if (!number) {
            if (*g != *want) assert_string_equal(g, want);
            ++g, ++want;
            continue;
        }
        char *end, *want_end;
        double x = strtod(g, &end), y = strtod(want, &want_end);
        assert_close(x, y, 1e-13);
        g = end, want = want_end;
    }
    assert_true(*want == '\0' && *g == '\0');
}

/* Durations that have not ended come to the door in bytes alone. */
static void merge_open(cxm_state *state, int times)
{
    static block b;
    cxm_quantile *q = copy_of(state);
    cxm_state *more = NULL;
    cxm_quantile_subtract(q, q);
    for (int i = 0; i < times; ++i) assert_int_equal(cxm_quantile_add_open(q), CXM_OK);
    encode_typed(q, &b);
    assert_int_equal(cxm_state_decode(b.at, b.len, NULL, 0, 0, NULL, &more), CXM_OK);
    assert_count(more, "open", (uint64_t)times);
    assert_count(more, "n", 0);
    assert_int_equal(cxm_state_merge(state, more), CXM_OK);
    cxm_state_free(more);
    cxm_quantile_free(q);
}

/* Worked out with rational binomials in Python: ranks as in keyed_results_by_hand; at 0.95 and 0.99 the lower ranks are 7 and 8. The
 * share within 5 is 5/9, its limits are Wilson's with z = 1.959963984540054. */
static void json_by_hand(void **unused)
{
    (void)unused;
    static const char quantiles[] =
        "\"quantiles\":[{\"q\":0.5,\"value\":5,\"low\":2,\"high\":8},{\"q\":0.9,\"value\":8.2,\"low\":6,\"high\":null},"
        "{\"q\":0.95,\"value\":8.6,\"low\":7,\"high\":null},{\"q\":0.99,\"value\":8.92,\"low\":8,\"high\":null}]",
        start[] = "{\"metric\":\"quantile\",\"segment\":{},\"window\":null,\"n\":9,\"value\":5,"
                  "\"interval\":{\"method\":\"order\",\"level\":0.95,\"low\":2,\"high\":8},",
        middle[] = "\"mean\":5,\"min\":1,\"max\":9,\"relative_error\":0.007751937984496124,",
        within[] = "\"share\":0.5555555555555556,\"low\":0.26665129349549305,\"high\":0.8112214789023355}",
        end[] = ",\"zero\":0,\"under\":0,\"over\":0,\"open\":4,\"missing\":1,\"unparsed\":2,\"out_of_range\":3}";
    char want[2048];
    cxm_state *us = with_values("quantile us above 5", 1, 9, 1.0), *number = with_values("quantile decimals 0 above 5 20", 1, 9, 1.0);
    cxm_state *both[] = {us, number};
    for (size_t i = 0; i < 2; ++i) {
        merge_open(both[i], 4);
        assert_int_equal(cxm_state_add_text(both[i], "NA", 2), CXM_OK);
        assert_int_equal(cxm_state_add_text(both[i], "5 - good", 8), CXM_E_FORMAT);
        assert_int_equal(cxm_state_add_text(both[i], "x", 1), CXM_E_FORMAT);
        assert_int_equal(cxm_state_add(both[i], -1), CXM_E_DOMAIN);
        assert_int_equal(cxm_state_add(both[i], -2), CXM_E_DOMAIN);
        assert_int_equal(cxm_state_add_text(both[i], "1e999", 5), CXM_E_DOMAIN);
    }
    snprintf(want, sizeof want, "%s\"unit\":\"us\",%s,%s\"within\":{\"target_us\":5,%s%s", start, quantiles, middle, within, end);
    assert_json(us, 0.0, want);
    assert_json(us, 0.95, want);
    snprintf(want, sizeof want, "%s\"unit\":\"number\",%s,%s\"within\":{\"target\":5,%s,\"targets\":[{\"target\":5,%s,"
             "{\"target\":20,\"share\":1,\"low\":0.7008549515804559,\"high\":1}]%s", start, quantiles, middle, within, within, end);
    assert_json(number, 0.95, want);
    cxm_state_free(us);
    cxm_state_free(number);
}

/* What does not exist is null and says why. Of one value P(B < 1) is 0.01 at 0.99: it is the lower limit. Of 0, 3 and 200, with a
 * range of 64..127, only the 0 can be told: it is the lower limit at 0.9, where P(B < 1) = 0.001 and P(B < 2) = 0.028. */
static void json_of_what_does_not_exist(void **unused)
{
    (void)unused;
    static const char head[] = "{\"metric\":\"quantile\",\"segment\":{},\"window\":null,";
    char want[2048];
    cxm_state *empty = make("quantile above 1.5"), *one = with_values("quantile us", 7, 7, 1.0), *out = make("quantile us range 64..127");
    snprintf(want, sizeof want, "%s\"n\":0,\"value\":null,\"interval\":null,\"unit\":\"s\",\"quantiles\":[],\"mean\":null,\"min\":null,"
             "\"max\":null,\"relative_error\":0.007751937984496124,\"within\":{\"target_s\":1.5,\"share\":null,\"low\":null,\"high\":null},"
             "\"zero\":0,\"under\":0,\"over\":0,\"open\":0,\"missing\":0,\"unparsed\":0,\"out_of_range\":0,"
             "\"why\":\"value and interval: no value was counted\"}", head);
    assert_json(empty, 0.0, want);
    static const char seven[] = "{\"q\":0.5,\"value\":7,\"low\":null,\"high\":null},{\"q\":0.9,\"value\":7,\"low\":null,\"high\":null},"
        "{\"q\":0.95,\"value\":7,\"low\":null,\"high\":null},{\"q\":0.99,\"value\":7,\"low\":7,\"high\":null}";
    snprintf(want, sizeof want, "%s\"n\":1,\"value\":7,\"interval\":null,\"unit\":\"us\",\"quantiles\":[%s],\"mean\":7,\"min\":7,\"max\":7,"
             "\"relative_error\":0.007751937984496124,\"within\":null,\"zero\":0,\"under\":0,\"over\":0,\"open\":0,\"missing\":0,\"unparsed\":0,"
             "\"out_of_range\":0,\"why\":\"interval: too few values, or a limit lies outside the range\"}", head, seven);
    assert_json(one, 0.0, want);
    assert_int_equal(cxm_state_add(out, 0), CXM_OK);
    assert_int_equal(cxm_state_add(out, 3), CXM_OK);
    assert_int_equal(cxm_state_add(out, 200), CXM_OK);
    static const char nothing[] = "{\"q\":0.5,\"value\":null,\"low\":null,\"high\":null},{\"q\":0.9,\"value\":null,\"low\":0,\"high\":null},"
        "{\"q\":0.95,\"value\":null,\"low\":null,\"high\":null},{\"q\":0.99,\"value\":null,\"low\":null,\"high\":null}";
    snprintf(want, sizeof want, "%s\"n\":3,\"value\":null,\"interval\":null,\"unit\":\"us\",\"quantiles\":[%s],\"mean\":null,\"min\":0,"
             "\"max\":null,\"relative_error\":0.007751937984496124,\"within\":null,\"zero\":1,\"under\":1,\"over\":1,\"open\":0,\"missing\":0,"
             "\"unparsed\":0,\"out_of_range\":0,\"why\":\"value and interval: the median lies outside the range\"}", head, nothing);
    assert_json(out, 0.0, want);
    cxm_state_free(empty);
    cxm_state_free(one);
    cxm_state_free(out);
}

static void says(const cxm_state *a, const cxm_state *b, const char *verdict)
{
    char text[8192], want[300];
    size_t need, len;
    cxm_difference d = {.size = sizeof d};
    json of_a = json_of(a, 0.9), of_b = json_of(b, 0.9);
    assert_int_equal(cxm_state_compare_json(a, b, 0.9, NULL, 0, &need), CXM_E_LIMIT);
    assert_int_equal(cxm_state_compare_json(a, b, 0.9, text, need, &len), CXM_OK);
    assert_int_equal(len, need);
    text[len] = '\0';
    snprintf(want, sizeof want, "\"verdict\":\"%s", verdict);
    print_message("%s\n", want);
    assert_non_null(strstr(text, want));
    assert_non_null(strstr(text, of_a.at));
    assert_non_null(strstr(text, of_b.at));
    static const char start[] = "{\"metric\":\"quantile\",\"segment\":{},\"window\":null,\"n\":";
    assert_memory_equal(text, start, sizeof start - 1);
    if (cxm_state_compare(a, b, 0, 0.9, &d) != CXM_OK) return;
    assert_true(strtod(strstr(text, "\"value\":") + 8, NULL) == d.difference);
    assert_non_null(strstr(text, "\"interval\":{\"method\":\"order\",\"level\":0.9,\"low\":"));
    assert_true(strtod(strstr(text, "\"low\":") + 6, NULL) == d.low && strtod(strstr(text, "\"high\":") + 7, NULL) == d.high);
    assert_true(strstr(text, "\"se\":null") && strtod(strstr(text, "\"p\":") + 4, NULL) == d.p);
}

static void comparisons_as_json(void **unused)
{
    (void)unused;
    cxm_state *low = with_values("quantile", 1, 60, 1.0), *high = with_values("quantile", 100, 160, 1.0), *empty = make("quantile");
    cxm_state *alike = with_values("quantile", 5, 5, 1.0), *ms = with_values("quantile ms", 1, 60, 1.0), *fine = make("quantile 0.001");
    size_t len;
    says(high, low, "a is above b\",\"a\":");
    says(low, high, "a is below b\",\"a\":");
    says(low, low, "no difference proven between a and b\",\"a\":");
    says(ms, low, "a is below b\",\"a\":");
    says(low, empty, "a and b cannot be compared\",\"why\":\"difference: one side has no answer to compare\",\"a\":");
    says(alike, alike, "a and b cannot be compared\",\"why\":\"difference: too few values for limits, or they lie outside the range\",\"a\":");
    assert_int_equal(cxm_state_compare_json(low, fine, 0.0, NULL, 0, &len), CXM_E_MISMATCH);
    cxm_state *all[] = {low, high, empty, alike, ms, fine};
    for (size_t i = 0; i < COUNT_OF(all); ++i) cxm_state_free(all[i]);
}

static void definitions(void **unused)
{
    (void)unused;
    static const struct { const char *spec; double level; const char *want; } rows[] = {
        {"quantile", 0.0, "Median = quantile of type 7 of durations in s, within 1/129 of itself; interval from order statistics at level 0.95"},
        {"quantile min 0.001", 0.9,
         "Median = quantile of type 7 of durations in min, within 1/1025 of itself; interval from order statistics at level 0.9"},
        {"quantile decimals 2", 0.5, "Median = quantile of type 7 of values, within 1/129 of itself; interval from order statistics at level 0.5"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); ++i) {
        cxm_state *state = make(rows[i].spec);
        line got;
        assert_int_equal(cxm_state_definition(state, rows[i].level, NULL, 0, &got.len), CXM_E_LIMIT);
        assert_int_equal(got.len, strlen(rows[i].want));
        assert_int_equal(cxm_state_definition(state, rows[i].level, got.at, got.len, &got.len), CXM_OK);
        got.at[got.len] = '\0';
        assert_string_equal(got.at, rows[i].want);
        assert_int_equal(cxm_state_definition(state, 1.0, got.at, sizeof got.at, &got.len), CXM_E_ARG);
        cxm_state_free(state);
    }
}

/* ---- the end of the type ---- */

/* 2^63 zeros by merging, twice: past 2^64 - 1 values nothing is told; and one less is told still. */
static void n_past_its_type_is_said(void **unused)
{
    (void)unused;
    cxm_state *state = make("quantile"), *one = make("quantile");
    double value;
    uint64_t n;
    assert_int_equal(cxm_state_add(state, 0), CXM_OK);
    assert_int_equal(cxm_state_add(one, 3), CXM_OK);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_state_merge(state, state), CXM_OK);
    assert_int_equal(cxm_state_merge(state, state), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_get_count(state, "n", 1, &n), CXM_OK);
    assert_true(n == UINT64_C(1) << 63);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_state_merge(one, one), CXM_OK);
    assert_int_equal(cxm_state_merge(state, one), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_remove(one, 3), CXM_OK);
    assert_int_equal(cxm_state_merge(state, one), CXM_OK);
    assert_int_equal(cxm_state_add(state, 3), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_add_text(state, "0", 1), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_add_text(state, "-1", 2), CXM_E_DOMAIN);
    assert_int_equal(get(state, "quantile:0.25", 0.0, &value), CXM_OK);
    assert_true(value == 0.0);
    cxm_state_free(state);
    cxm_state_free(one);
}

/* As many zeros as leave room for 20 values: those are counted in a bin, and so is one more. Then n is past its type, and every
 * call that needs it says so, until one is taken back. */
static void a_value_too_many_is_said_by_every_call(void **unused)
{
    (void)unused;
    cxm_state *state = make("quantile"), *zeros = make("quantile");
    double value;
    uint64_t n;
    size_t len;
    static block b;
    for (int i = 0; i < 20; ++i) assert_int_equal(cxm_state_add(state, 3), CXM_OK);
    assert_int_equal(cxm_state_add(zeros, 0), CXM_OK);
    for (int bit = 0; bit < 64; ++bit) {
        if ((UINT64_MAX - 20) >> bit & 1) assert_int_equal(cxm_state_merge(state, zeros), CXM_OK);
        if (bit < 63) assert_int_equal(cxm_state_merge(zeros, zeros), CXM_OK);
    }
    assert_count(state, "n", UINT64_MAX);
    assert_int_equal(cxm_state_add(state, 3), CXM_OK);
    assert_int_equal(cxm_state_get_count(state, "n", 1, &n), CXM_E_OVERFLOW);
    assert_int_equal(get(state, "value", 0.0, &value), CXM_E_OVERFLOW);
    assert_int_equal(get(state, "quantile:0.5", 0.0, &value), CXM_E_OVERFLOW);
    assert_int_equal(get(state, "low:0.5", 0.0, &value), CXM_E_OVERFLOW);
    assert_int_equal(get(state, "within:3", 0.0, &value), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_json(state, 0.0, NULL, 0, &len), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_encode(state, b.at, sizeof b.at, &len), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_remove(state, 3), CXM_OK);
    assert_count(state, "n", UINT64_MAX);
    cxm_state_free(state);
    cxm_state_free(zeros);
}

/* Negative and infinite values are one number in an account; past its type it is said. */
static void out_of_range_past_its_type_is_said(void **unused)
{
    (void)unused;
    cxm_state *state = make("quantile"), *other = make("quantile");
    double value;
    uint64_t count;
    size_t len;
    assert_int_equal(cxm_state_add(state, -1), CXM_E_DOMAIN);
    assert_int_equal(cxm_state_add(other, (double)INFINITY), CXM_E_DOMAIN);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_state_merge(state, state), CXM_OK);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_state_merge(other, other), CXM_OK);
    assert_int_equal(cxm_state_merge(state, other), CXM_OK);            /* two counters, each in its type */
    assert_int_equal(cxm_state_get_count(state, "out_of_range", 12, &count), CXM_E_OVERFLOW);
    assert_int_equal(get(state, "n", 0.0, &value), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_json(state, 0.0, NULL, 0, &len), CXM_E_OVERFLOW);
    assert_int_equal(cxm_state_remove(state, -1), CXM_E_DOMAIN);
    assert_int_equal(cxm_state_get_count(state, "out_of_range", 12, &count), CXM_OK);
    assert_true(count == UINT64_MAX);
    cxm_state_free(state);
    cxm_state_free(other);
}

/* ---- hostile bytes ---- */

static const char *const kinds[] = {"quantile", "quantile us 0.001 above 3", "quantile decimals 2 range 0.5..90 above 1 2 80"};

static cxm_state *some(const char *spec, int values, const cxm_alloc *alloc)
{
    cxm_state *state = NULL;
    if (cxm_state_create(spec, strlen(spec), alloc, &state, NULL) != CXM_OK) return NULL;
    for (int i = -1; i < values; ++i) cxm_state_add(state, i * i * i * 0.25 - 0.1);
    if (values > 3) cxm_state_remove(state, 0.25 - 0.1), cxm_state_add_text(state, "x", 1), cxm_state_add_text(state, "", 0);
    return state;
}

/* Refused, or a state of just these bytes, whose results are numbers. */
static size_t decode_is_safe(const unsigned char *at, size_t len)
{
    static block again;
    cxm_state *state = NULL;
    unsigned char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, at, len);
    test_repair(exact, len);
    cxm_status status = cxm_state_decode(exact, len, NULL, 0, 1 << 20, NULL, &state);
    assert_true(status == CXM_OK || status == CXM_E_FORMAT || status == CXM_E_VERSION || status == CXM_E_LIMIT);
    if (status == CXM_OK) {
        double value;
        encode(state, &again);
        assert_int_equal(again.len, len);
        assert_memory_equal(again.at, exact, len);
        status = get(state, "quantile:0.9", 0.0, &value);
        assert_true(status != CXM_OK || (value == value && value >= 0.0));
    } else {
        assert_null(state);
        status = CXM_E_FORMAT;
    }
    cxm_state_free(state);
    free(exact);
    return status != CXM_E_FORMAT;
}

static void hostile_bytes_are_an_error_or_a_state(void **unused)
{
    (void)unused;
    static const unsigned char extremes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    static const int sizes[] = {0, 4, 40};
    static block whole, changed;
    size_t tried = 0, survived = 0;
    for (size_t k = 0; k < COUNT_OF(kinds) * COUNT_OF(sizes); ++k) {
        cxm_state *state = some(kinds[k / 3], sizes[k % 3], NULL), *none = NULL;
        encode(state, &whole);
        for (size_t i = 0; i < whole.len; ++i) {
            assert_int_equal(cxm_state_decode(whole.at, i, NULL, 0, 0, NULL, &none), CXM_E_FORMAT);
            survived += decode_is_safe(whole.at, i), ++tried;
            for (size_t j = 0; j < 8 + COUNT_OF(extremes); ++j, ++tried) {
                changed = whole;
                if (j < 8) changed.at[i] ^= (unsigned char)(1u << j);
                else changed.at[i] = extremes[j - 8];
                if (j < 8) assert_int_not_equal(cxm_state_decode(changed.at, changed.len, NULL, 0, 0, NULL, &none), CXM_OK);
                survived += decode_is_safe(changed.at, changed.len);
            }
        }
        assert_null(none);
        cxm_state_free(state);
    }
    print_message("%zu changed states decoded, %zu of them states\n", tried, survived);
}

/* ---- memory ---- */

/* Calls of a session, in turn; each that says CXM_E_MEMORY changed nothing. */
static cxm_status step(cxm_state *a, cxm_state *b, int i)
{
    static double values[] = {5, 1e3, -1, 7e7, 0, 3, 3e9, 4e-6};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = COUNT_OF(values)};
    if (i < 40) return cxm_state_add(a, i * 0.7);
    if (i == 40) return cxm_state_add_text(a, "9e5", 3);
    if (i == 41) return cxm_state_add_many(a, &column);
    if (i == 42) return cxm_state_merge(b, a);
    if (i < 52) return cxm_state_merge(a, a);
    return cxm_state_add(b, 2e-6);
}

static bool session(const char *spec, ledger *own)
{
    static block before[2], after[2];
    cxm_alloc hook = ledger_hook(own);
    cxm_state *a = NULL, *b = NULL, *c = NULL;
    bool failed = cxm_state_create(spec, strlen(spec), &hook, &a, NULL) == CXM_E_MEMORY;
    if (!failed) failed = cxm_state_create(spec, strlen(spec), &hook, &b, NULL) == CXM_E_MEMORY;
    for (int i = 0; !failed && i < 53; ++i) {
        encode(a, &before[0]);
        encode(b, &before[1]);
        failed = step(a, b, i) == CXM_E_MEMORY;
        if (!failed) continue;
        encode(a, &after[0]);
        encode(b, &after[1]);
        assert_same(&before[0], &after[0]);
        assert_same(&before[1], &after[1]);
        assert_int_not_equal(step(a, b, i), CXM_E_MEMORY);      /* there is memory again */
    }
    if (!failed) {
        encode(b, &before[0]);
        failed = cxm_state_decode(before[0].at, before[0].len, spec, strlen(spec), 0, &hook, &c) == CXM_E_MEMORY;
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
    static const char *const specs[] = {"quantile", "quantile ms 0.001 above 5 10", "quantile decimals 6"};
    for (size_t k = 0; k < COUNT_OF(specs); ++k) {
        ledger clean = {0};
        assert_false(session(specs[k], &clean));
        assert_true(clean.calls >= 10);
        for (size_t at = 1; at <= clean.calls; ++at) {
            ledger own = {.fail_at = at};
            assert_true(session(specs[k], &own));
            assert_int_equal(own.failed, 1);
        }
        print_message("%s: %zu allocations failed in turn\n", specs[k], clean.calls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_equal_the_typed_calls),
        cmocka_unit_test(columns_equal_single_values),
        cmocka_unit_test(cells_are_numbers_or_none),
        cmocka_unit_test(numbers_are_refused_as_cells_are),
        cmocka_unit_test(removal_equals_the_typed_calls),
        cmocka_unit_test(keys_that_are_none_are_refused),
        cmocka_unit_test(keyed_results_by_hand),
        cmocka_unit_test(specs_have_one_spelling),
        cmocka_unit_test(what_is_no_spec_is_refused_where_it_is_wrong),
        cmocka_unit_test(any_bounds_are_read_back_as_their_steps),
        cmocka_unit_test(bounds_where_doubles_are_coarse_are_read_back),
        cmocka_unit_test(a_range_past_71_years_is_read_back),
        cmocka_unit_test(a_target_that_no_double_of_seconds_is_comes_back),
        cmocka_unit_test(targets_in_the_last_bin_of_100_years_are_read_back),
        cmocka_unit_test(bounds_are_told_as_values_are),
        cmocka_unit_test(the_longest_spec_has_its_room),
        cmocka_unit_test(bytes_are_recognised_and_keep_a_named_unit),
        cmocka_unit_test(a_named_spec_must_be_that_of_the_bytes),
        cmocka_unit_test(memory_of_a_decode_is_bounded),
        cmocka_unit_test(units_merge_and_other_specs_do_not),
        cmocka_unit_test(comparisons_equal_the_typed_calls),
        cmocka_unit_test(comparisons_are_in_the_unit_of_the_first),
        cmocka_unit_test(json_by_hand),
        cmocka_unit_test(json_of_what_does_not_exist),
        cmocka_unit_test(comparisons_as_json),
        cmocka_unit_test(definitions),
        cmocka_unit_test(n_past_its_type_is_said),
        cmocka_unit_test(a_value_too_many_is_said_by_every_call),
        cmocka_unit_test(out_of_range_past_its_type_is_said),
        cmocka_unit_test(hostile_bytes_are_an_error_or_a_state),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("stream/state_quantile", tests, NULL, NULL);
}
