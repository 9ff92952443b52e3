/* SPDX-License-Identifier: MIT */
/* test_scale.c - cxm_scale against R's figures, then against its own algebra, then against misuse. */
#include <cxm/interval.h>
#include <cxm/scale.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static cxm_scale_spec spec_of(int32_t lo, int32_t hi, int32_t top_from)
{
    cxm_scale_spec spec;
    assert_int_equal(cxm_scale_define(lo, hi, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    assert_int_equal(cxm_scale_set_top(&spec, top_from, hi), CXM_OK);
    return spec;
}

static cxm_scale scale_of(int32_t lo, int32_t hi, int32_t top_from)
{
    cxm_scale scale;
    cxm_scale_spec spec = spec_of(lo, hi, top_from);
    assert_int_equal(cxm_scale_init(&scale, &spec), CXM_OK);
    return scale;
}

/* "3 5 12 40 60" answers of lo, lo + 1, ... */
static void add_counts(cxm_scale *scale, const char *text)
{
    char *end;
    for (int32_t answer = scale->spec.lo; *text; ++answer, text = end + (*end == ' ')) {
        unsigned long long n = strtoull(text, &end, 10);
        assert_int_equal(cxm_scale_add_n(scale, answer, n), CXM_OK);
    }
}

static void check_reference_row(const test_table *t, size_t i)
{
    int32_t lo = (int32_t)test_number(t, i, "scale_min"), hi = (int32_t)test_number(t, i, "scale_max");
    cxm_scale scale = scale_of(lo, hi, hi - 1);
    cxm_scale_summary sum = {.size = sizeof sum}, top = {.size = sizeof top};
    cxm_scale_ask ask_top = {.size = sizeof ask_top, .value = CXM_VALUE_TOP};
    double median, low = test_number(t, i, "t_lower95"), high = test_number(t, i, "t_upper95");
    print_message("%s\n", test_cell(t, i, "case"));
    add_counts(&scale, test_cell(t, i, "counts"));
    assert_int_equal(cxm_scale_summarize(&scale, NULL, &sum), CXM_OK);
    assert_int_equal(cxm_scale_summarize(&scale, &ask_top, &top), CXM_OK);
    assert_int_equal(cxm_scale_quantile_type7(&scale, 0.5, &median), CXM_OK);
    assert_int_equal(sum.n, test_number(t, i, "n"));
    assert_close(sum.value, test_number(t, i, "mean"), 1e-10);
    assert_close(sum.sd, test_number(t, i, "sd"), 1e-10);
    assert_close(sum.se, test_number(t, i, "se"), 1e-10);
    assert_close(sum.rescaled, test_number(t, i, "rescaled_0_100"), 1e-10);
    assert_close(median, test_number(t, i, "median"), 0.0);
    assert_int_equal(sum.interval_status, isnan(low) ? CXM_E_UNDEFINED : CXM_OK);
    if (!isnan(low)) {                                      /* R does not know the scale's ends */
        assert_close(sum.low, low < lo ? lo : low, 1e-10);
        assert_close(sum.high, high > hi ? hi : high, 1e-10);
    }
    assert_close(top.value, test_number(t, i, "top2_share"), 1e-10);
    assert_close(top.low, test_number(t, i, "top2_wilson_lower95"), 1e-10);
    assert_close(top.high, test_number(t, i, "top2_wilson_upper95"), 1e-10);
}

static void summaries_match_r(void **state)
{
    (void)state;
    test_table t = test_table_read("mean_interval.csv");
    assert_int_equal(t.rows, 9);
    for (size_t i = 0; i < t.rows; ++i) check_reference_row(&t, i);
    test_table_free(&t);
}

/* By hand: answers 1, 1, 2, 5 on 1..5, lower is better, top boxes 1..2, so bottom boxes 4..5. */
static void lower_is_better_turns_bands_and_rescale(void **state)
{
    (void)state;
    cxm_scale_spec spec;
    cxm_scale scale;
    cxm_scale_summary sum = {.size = sizeof sum};
    cxm_scale_ask ask = {.size = sizeof ask, .value = CXM_VALUE_NET};
    assert_int_equal(cxm_scale_define(1, 5, CXM_LOWER_IS_BETTER, &spec), CXM_OK);
    assert_int_equal(cxm_scale_set_top(&spec, 1, 2), CXM_OK);
    assert_int_equal(spec.high_from, 4);
    assert_int_equal(cxm_scale_init(&scale, &spec), CXM_OK);
    add_counts(&scale, "2 1 0 0 1");
    assert_int_equal(cxm_scale_summarize(&scale, &ask, &sum), CXM_OK);
    assert_int_equal(sum.top, 3);
    assert_int_equal(sum.bottom, 1);
    assert_close(sum.value, 0.5, 0.0);
    assert_close(sum.mean, 2.25, 0.0);
    assert_close(sum.rescaled, 68.75, 1e-15);       /* 100 (5 - 2.25) / 4 */
}

static void set_top_mirrors_or_takes_what_is_left(void **state)
{
    (void)state;
    cxm_scale_spec spec = spec_of(1, 5, 2), before;     /* top 2..5 leaves 1 */
    assert_int_equal(spec.low_to, 1);
    spec = spec_of(0, 100, 70);
    assert_int_equal(spec.low_to, 30);
    spec = spec_of(1, 10, 8);
    assert_int_equal(spec.low_to, 3);
    static const int32_t bad[][2] = {{1, 10}, {8, 9}, {11, 10}, {0, 10}, {8, 11}, {10, 8}};
    for (size_t i = 0; i < COUNT_OF(bad); ++i) {
        before = spec;
        assert_int_equal(cxm_scale_set_top(&spec, bad[i][0], bad[i][1]), CXM_E_ARG);
        assert_memory_equal(&spec, &before, sizeof spec);
    }
    assert_int_equal(cxm_scale_define(1, 5, CXM_LOWER_IS_BETTER, &spec), CXM_OK);
    assert_int_equal(cxm_scale_set_top(&spec, 2, 3), CXM_E_ARG);    /* must begin at the good end */
    assert_int_equal(cxm_scale_set_top(NULL, 1, 2), CXM_E_ARG);
}

static void specs_outside_the_contract_are_refused(void **state)
{
    (void)state;
    cxm_scale_spec spec, good = spec_of(1, 5, 4);
    cxm_scale scale;
    assert_int_equal(cxm_scale_define(5, 5, CXM_HIGHER_IS_BETTER, &spec), CXM_E_ARG);
    assert_int_equal(cxm_scale_define(0, 101, CXM_HIGHER_IS_BETTER, &spec), CXM_E_ARG);
    assert_int_equal(cxm_scale_define(INT32_MIN, INT32_MAX, CXM_HIGHER_IS_BETTER, &spec), CXM_E_ARG);
    assert_int_equal(cxm_scale_define(0, 10, 3, &spec), CXM_E_ARG);
    assert_int_equal(cxm_scale_define(0, 10, CXM_HIGHER_IS_BETTER, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_define(0, 100, CXM_HIGHER_IS_BETTER, &spec), CXM_OK);
    assert_int_equal(cxm_scale_define(INT32_MAX - 4, INT32_MAX, CXM_LOWER_IS_BETTER, &spec), CXM_OK);
    assert_int_equal(cxm_scale_bytes(&good), 48 + 5 * 8);
    assert_int_equal(cxm_scale_bytes(NULL), 0);
    spec = good;
    spec.low_to = 4;                                /* bands overlap */
    assert_int_equal(cxm_scale_bytes(&spec), 0);
    assert_int_equal(cxm_scale_init(&scale, &spec), CXM_E_ARG);
    assert_int_equal(cxm_scale_init(NULL, &good), CXM_E_ARG);
    spec = good;
    spec.low_to = 0;                                /* a band below the scale */
    assert_int_equal(cxm_scale_bytes(&spec), 0);
    spec = good;
    spec.high_from = 6;                             /* and one above it */
    assert_int_equal(cxm_scale_bytes(&spec), 0);
    spec = good;
    spec.size = 4;
    assert_int_equal(cxm_scale_init(&scale, &spec), CXM_E_ARG);
}

/* At either end of the type all is as on the scale 1..5, but for the place. */
static void a_scale_may_lie_at_the_ends_of_the_type(void **state)
{
    (void)state;
    static const int32_t places[] = {INT32_MAX - 4, INT32_MIN};
    for (int32_t value = CXM_VALUE_MEAN; value <= CXM_VALUE_NET; ++value)
        for (int32_t turned = 0; turned < 4; ++turned) {
            cxm_scale *near = calloc(1, 200), *far = calloc(1, 200);
            cxm_scale_ask ask = {.size = sizeof ask, .value = value, .level = 0.95, .net_unit = 1.0};
            cxm_scale_summary a = {.size = sizeof a}, b = {.size = sizeof b};
            int32_t lo = places[turned % 2], direction = turned / 2 ? CXM_LOWER_IS_BETTER : CXM_HIGHER_IS_BETTER;
            cxm_scale_spec home, away;
            assert_int_equal(cxm_scale_define(1, 5, direction, &home), CXM_OK);
            assert_int_equal(cxm_scale_define(lo, lo + 4, direction, &away), CXM_OK);
            assert_int_equal(cxm_scale_init(near, &home), CXM_OK);
            assert_int_equal(cxm_scale_init(far, &away), CXM_OK);
            for (int32_t k = 0; k < 5; ++k) {
                assert_int_equal(cxm_scale_add_n(near, 1 + k, (uint64_t)(3 + k * k % 7)), CXM_OK);
                assert_int_equal(cxm_scale_add_n(far, lo + k, (uint64_t)(3 + k * k % 7)), CXM_OK);
            }
            assert_int_equal(cxm_scale_summarize(near, &ask, &a), CXM_OK);
            assert_int_equal(cxm_scale_summarize(far, &ask, &b), CXM_OK);
            double shift = value == CXM_VALUE_MEAN ? (double)lo - 1.0 : 0.0;
            assert_true(a.n == b.n && a.top == b.top && a.bottom == b.bottom && a.middle == b.middle);
            assert_true(fabs(b.value - a.value - shift) <= 1e-6 && fabs(b.sd - a.sd) <= 1e-9);
            free(near);
            free(far);
        }
}

static void every_answer_lands_in_one_counter(void **state)
{
    (void)state;
    cxm_scale s = scale_of(1, 5, 4);
    static const struct { double answer; cxm_status status; } rows[] = {
        {1, CXM_OK}, {5, CXM_OK}, {3, CXM_OK}, {0, CXM_E_DOMAIN}, {6, CXM_E_DOMAIN}, {-1, CXM_E_DOMAIN},
        {2.5, CXM_E_DOMAIN}, {1e300, CXM_E_DOMAIN}, {-1e300, CXM_E_DOMAIN}, {INFINITY, CXM_E_DOMAIN},
        {-INFINITY, CXM_E_DOMAIN}, {NAN, CXM_OK}, {-0.0, CXM_E_DOMAIN}, {4.999999999999999, CXM_E_DOMAIN}};
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        assert_int_equal(cxm_scale_add_double(&s, rows[i].answer), rows[i].status);
    assert_int_equal(s.missing, 1);
    assert_int_equal(s.out_of_range, 10);
    assert_int_equal(cxm_scale_add(&s, INT32_MIN), CXM_E_DOMAIN);
    assert_int_equal(cxm_scale_add(&s, INT32_MAX), CXM_E_DOMAIN);
    assert_int_equal(cxm_scale_add_missing(&s), CXM_OK);
    assert_int_equal(cxm_scale_add_unparsed(&s), CXM_OK);
    uint64_t n;
    assert_int_equal(cxm_scale_n(&s, &n), CXM_OK);
    assert_int_equal(n, 3);
    assert_int_equal(n + s.missing + s.unparsed + s.out_of_range, COUNT_OF(rows) + 4);
}

/* An answer on, beside or off the scale, or none. */
static void random_step(cxm_scale *s, uint64_t draw, bool add)
{
    int32_t answer = (int32_t)(draw % 15) - 2;
    cxm_status status;
    switch (draw >> 32 & 7) {
    case 0: status = add ? cxm_scale_add_missing(s) : cxm_scale_remove_missing(s); break;
    case 1: status = add ? cxm_scale_add_unparsed(s) : cxm_scale_remove_unparsed(s); break;
    case 2: status = add ? cxm_scale_add_double(s, answer + 0.5) : cxm_scale_remove_double(s, answer + 0.5); break;
    case 3: status = add ? cxm_scale_add_double(s, NAN) : cxm_scale_remove_double(s, NAN); break;
    default: status = add ? cxm_scale_add(s, answer) : cxm_scale_remove(s, answer);
    }
    assert_true(status == CXM_OK || status == CXM_E_DOMAIN);
}

/* Property: any split of any stream, merged in any order, equals one pass - bit for bit. */
static void merge_equals_one_pass(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    for (int trial = 0; trial < 200; ++trial) {
        cxm_scale whole = scale_of(0, 10, 9), part[5];
        for (int i = 0; i < 5; ++i) part[i] = scale_of(0, 10, 9);
        for (int i = 0; i < 500; ++i) {
            uint64_t draw = test_rand(&seed);
            random_step(&whole, draw, true);
            random_step(&part[test_rand(&seed) % 5], draw, true);
        }
        for (int left = 5; left > 1; --left) {          /* a random merge tree */
            int a = (int)(test_rand(&seed) % (uint64_t)left), b = (a + 1) % left;
            assert_int_equal(cxm_scale_merge(&part[a], &part[b]), CXM_OK);
            part[b] = part[left - 1];                   /* the last fills the gap; it may be `a` itself */
        }
        assert_memory_equal(&part[0], &whole, cxm_scale_bytes(&whole.spec));
    }
}

/* Property: removing in another order what was added leaves the state as it was. */
static void remove_is_the_inverse_of_add(void **state)
{
    (void)state;
    uint64_t seed = 7, draws[300];
    cxm_scale s = scale_of(0, 10, 9), before;
    for (int i = 0; i < 100; ++i) random_step(&s, test_rand(&seed), true);
    before = s;
    for (size_t i = 0; i < COUNT_OF(draws); ++i) random_step(&s, draws[i] = test_rand(&seed), true);
    for (size_t i = COUNT_OF(draws); i-- > 0;) random_step(&s, draws[(i * 7) % COUNT_OF(draws)], false);
    assert_memory_equal(&s, &before, cxm_scale_bytes(&s.spec));
}

static void limits_of_counters_are_errors(void **state)
{
    (void)state;
    cxm_scale s = scale_of(1, 5, 4), other = s, wide = scale_of(1, 7, 6), before;
    cxm_scale_summary sum = {.size = sizeof sum};
    uint64_t n;
    assert_int_equal(cxm_scale_remove(&s, 3), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_scale_remove(&s, 9), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_scale_remove_missing(&s), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_scale_remove_unparsed(&s), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_scale_remove_double(&s, 2.0), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_scale_add_n(&s, 3, UINT64_MAX), CXM_OK);
    assert_int_equal(cxm_scale_add(&s, 3), CXM_E_OVERFLOW);
    assert_int_equal(cxm_scale_add_double(&s, 3.0), CXM_E_OVERFLOW);
    assert_int_equal(cxm_scale_n(&s, &n), CXM_OK);
    assert_int_equal(cxm_scale_add(&s, 4), CXM_OK);
    assert_int_equal(cxm_scale_n(&s, &n), CXM_E_OVERFLOW);
    assert_int_equal(cxm_scale_summarize(&s, NULL, &sum), CXM_E_OVERFLOW);
    assert_int_equal(cxm_scale_quantile_type1(&s, 0.5, &sum.mean), CXM_E_OVERFLOW);
    assert_int_equal(cxm_scale_add(&other, 3), CXM_OK);
    before = s;
    assert_int_equal(cxm_scale_merge(&s, &other), CXM_E_OVERFLOW);
    assert_int_equal(cxm_scale_merge(&s, &wide), CXM_E_MISMATCH);
    assert_memory_equal(&s, &before, cxm_scale_bytes(&s.spec));
    uint64_t *full[] = {&other.missing, &other.unparsed, &other.out_of_range};
    for (size_t i = 0; i < COUNT_OF(full); ++i) {
        *full[i] = UINT64_MAX;
        before = other;
        assert_int_equal(cxm_scale_merge(&before, &other), CXM_E_OVERFLOW);
        *full[i] = 0;
    }
    other.missing = other.unparsed = UINT64_MAX;
    assert_int_equal(cxm_scale_add_missing(&other), CXM_E_OVERFLOW);
    assert_int_equal(cxm_scale_add_unparsed(&other), CXM_E_OVERFLOW);
}

static void misuse_is_an_argument_error(void **state)
{
    (void)state;
    cxm_scale s = scale_of(1, 5, 4), broken = s;
    cxm_scale_summary sum = {.size = sizeof sum}, small = {.size = 8};
    cxm_scale_ask ask = {.size = sizeof ask, .value = CXM_VALUE_TOP};
    uint64_t n;
    double q;
    broken.spec.size = 0;
    assert_int_equal(cxm_scale_add(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_scale_add_n(NULL, 1, 1), CXM_E_ARG);
    assert_int_equal(cxm_scale_add_double(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_scale_add_missing(NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_add_unparsed(NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_remove(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_scale_remove_double(NULL, 1), CXM_E_ARG);
    assert_int_equal(cxm_scale_remove_missing(NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_remove_unparsed(NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_merge(&s, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_merge(NULL, &s), CXM_E_ARG);
    assert_int_equal(cxm_scale_merge(&broken, &s), CXM_E_ARG);
    assert_int_equal(cxm_scale_n(NULL, &n), CXM_E_ARG);
    assert_int_equal(cxm_scale_n(&broken, &n), CXM_E_ARG);
    assert_int_equal(cxm_scale_n(&s, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_summarize(NULL, NULL, &sum), CXM_E_ARG);
    assert_int_equal(cxm_scale_summarize(&s, NULL, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_summarize(&s, NULL, &small), CXM_E_ABI);
    assert_int_equal(cxm_scale_quantile_type1(&s, -0.1, &q), CXM_E_ARG);
    assert_int_equal(cxm_scale_quantile_type7(&s, 1.1, &q), CXM_E_ARG);
    assert_int_equal(cxm_scale_quantile_type7(&s, NAN, &q), CXM_E_ARG);
    assert_int_equal(cxm_scale_quantile_type7(&s, 0.5, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_quantile_type7(NULL, 0.5, &q), CXM_E_ARG);
    ask.size = 8;
    assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_E_ABI);
    ask.size = sizeof ask;
    ask.level = 1.0;
    assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_E_ARG);
    ask.level = 0.9;
    ask.value = 4;
    assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_E_ARG);
    ask.value = CXM_VALUE_TOP;
    static const double units[] = {-1.0, 1e6 + 1.0, INFINITY, NAN}, levels[] = {-0.5, 1.0, 2.0, NAN};
    for (size_t i = 0; i < COUNT_OF(units); ++i) {
        ask.net_unit = units[i];
        assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_E_ARG);
        ask.net_unit = 0.0;
        ask.level = levels[i];
        assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_E_ARG);
        ask.level = 0.9;
    }
    ask.reserved = 1;
    assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_E_ARG);
    ask.reserved = 0;
    ask.net_unit = -1.0;
    assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_E_ARG);
    ask.net_unit = 0.0;
    ask.method = 2;                                     /* t is no method of a share */
    cxm_scale_add(&s, 4);
    assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_E_METHOD);
}

/* A later version's question: a field we do not know may only be zero. */
static void a_later_question_is_read_where_its_tail_is_zero(void **state)
{
    (void)state;
    struct { cxm_scale_ask known; uint64_t unknown; } later = {.known = {.size = sizeof later, .value = CXM_VALUE_TOP}};
    struct { cxm_scale_summary known; uint64_t unknown; } sum = {.known = {.size = sizeof sum}, .unknown = 7};
    cxm_scale s = scale_of(1, 5, 4);
    cxm_scale_add(&s, 4);
    assert_int_equal(cxm_scale_summarize(&s, &later.known, &sum.known), CXM_OK);
    assert_int_equal(sum.known.size, sizeof sum);           /* what we do not know stays as it was */
    assert_int_equal(sum.unknown, 7);
    later.unknown = 1;
    assert_int_equal(cxm_scale_summarize(&s, &later.known, &sum.known), CXM_E_ABI);
}

static void empty_one_and_alike(void **state)
{
    (void)state;
    cxm_scale s = scale_of(1, 5, 4);
    cxm_scale_summary sum = {.size = sizeof sum};
    cxm_scale_ask top = {.size = sizeof top, .value = CXM_VALUE_TOP};
    double q;
    cxm_scale_add_missing(&s);
    assert_int_equal(cxm_scale_summarize(&s, NULL, &sum), CXM_E_EMPTY);
    assert_int_equal(sum.n, 0);
    assert_int_equal(sum.missing, 1);
    assert_int_equal(cxm_scale_quantile_type1(&s, 0.5, &q), CXM_E_EMPTY);
    cxm_scale_add(&s, 4);
    assert_int_equal(cxm_scale_summarize(&s, NULL, &sum), CXM_OK);
    assert_int_equal(sum.interval_status, CXM_E_UNDEFINED);
    assert_int_equal(sum.se_status, CXM_E_UNDEFINED);
    assert_true(isnan(sum.sd) && isnan(sum.se) && isnan(sum.low) && isnan(sum.high));
    assert_close(sum.mean, 4.0, 0.0);
    assert_int_equal(cxm_scale_summarize(&s, &top, &sum), CXM_OK);      /* a share of one has limits */
    assert_int_equal(sum.interval_status, CXM_OK);
    assert_close(sum.se, 0.0, 0.0);
    cxm_scale_add_n(&s, 4, (UINT64_C(1) << 53) - 1);
    assert_int_equal(cxm_scale_summarize(&s, NULL, &sum), CXM_OK);
    assert_close(sum.mean, 4.0, 0.0);
    assert_close(sum.sd, 0.0, 0.0);
    assert_int_equal(sum.interval_status, CXM_E_UNDEFINED);
}

static void a_method_with_a_bound_leaves_the_value(void **state)
{
    (void)state;
    cxm_scale s = scale_of(1, 5, 4);
    cxm_scale_summary sum = {.size = sizeof sum};
    cxm_scale_ask ask = {.size = sizeof ask, .value = CXM_VALUE_NET, .method = CXM_INTERVAL_BOOTSTRAP};
    cxm_scale_add_n(&s, 5, CXM_INTERVAL_BOOTSTRAP_MOST - 1);
    cxm_scale_add(&s, 1);
    assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_OK);
    assert_true(sum.interval_status == CXM_OK && sum.low < sum.value && sum.value < sum.high);
    cxm_scale_add(&s, 1);
    assert_int_equal(cxm_scale_summarize(&s, &ask, &sum), CXM_OK);
    assert_int_equal(sum.interval_status, CXM_E_LIMIT);
    assert_int_equal(sum.method, CXM_INTERVAL_BOOTSTRAP);
    assert_true(isnan(sum.low) && isnan(sum.high) && sum.se > 0.0 && sum.se_status == CXM_OK && sum.value > 0.9999);
}

/* Near 2^64 nothing overflows inside: half of 2^63 at either end has mean 3 and sd 2 sqrt(n/(n-1)). */
static void huge_counts_stay_right(void **state)
{
    (void)state;
    cxm_scale s = scale_of(1, 5, 4);
    cxm_scale_summary sum = {.size = sizeof sum};
    double q;
    cxm_scale_add_n(&s, 1, UINT64_C(1) << 62);
    cxm_scale_add_n(&s, 5, UINT64_C(1) << 62);
    assert_int_equal(cxm_scale_summarize(&s, NULL, &sum), CXM_OK);
    assert_close(sum.mean, 3.0, 0.0);
    assert_close(sum.sd, 2.0, 1e-15);
    assert_true(sum.low <= 3.0 && 3.0 <= sum.high);
    assert_int_equal(cxm_scale_quantile_type1(&s, 0.5, &q), CXM_OK);
    assert_close(q, 1.0, 0.0);
    assert_int_equal(cxm_scale_quantile_type1(&s, 1.0, &q), CXM_OK);
    assert_close(q, 5.0, 0.0);
    assert_int_equal(cxm_scale_quantile_type7(&s, 1.0, &q), CXM_OK);
    assert_close(q, 5.0, 0.0);
}

/* Worked out by hand: 11 / 3 to the last digit on a scale below 0; answers all alike past 2^53. */
static void the_mean_is_rounded_once(void **state)
{
    (void)state;
    static const uint64_t alike[] = {(UINT64_C(1) << 53) + 1, UINT64_MAX};
    cxm_scale s = scale_of(-5, 5, 4);
    cxm_scale_summary sum = {.size = sizeof sum};
    cxm_scale_add(&s, 3);
    cxm_scale_add_n(&s, 4, 2);
    assert_int_equal(cxm_scale_summarize(&s, NULL, &sum), CXM_OK);
    assert_true(sum.mean == 11.0 / 3.0);
    for (size_t i = 0; i < COUNT_OF(alike); ++i) {
        s = scale_of(1, 7, 5);
        cxm_scale_add_n(&s, 7, alike[i]);
        assert_int_equal(cxm_scale_summarize(&s, NULL, &sum), CXM_OK);
        assert_true(sum.mean == 7.0 && sum.sd == 0.0 && sum.rescaled == 100.0);
    }
}

/* Types 1 and 7 against their definitions on the sorted answers. */
static void quantiles_match_sorted_answers(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int trial = 0; trial < 300; ++trial) {
        cxm_scale s = scale_of(0, 10, 9);
        int n = 1 + (int)(test_rand(&seed) % 40), sorted[40], at = 0;
        double q = trial % 10 == 0 ? (double)(trial / 10 % 2) : (double)(test_rand(&seed) % 1001) / 1000.0, got;
        for (int i = 0; i < n; ++i) cxm_scale_add(&s, (int32_t)(test_rand(&seed) % 11));
        for (int k = 0; k <= 10; ++k)
            for (uint64_t c = 0; c < s.counts[k]; ++c) sorted[at++] = k;
        int rank = (int)ceil(n * q);
        assert_int_equal(cxm_scale_quantile_type1(&s, q, &got), CXM_OK);
        assert_close(got, sorted[rank > 0 ? rank - 1 : 0], 0.0);
        double h = (n - 1) * q;
        int j = (int)floor(h), next = j + 1 < n ? j + 1 : j;
        assert_int_equal(cxm_scale_quantile_type7(&s, q, &got), CXM_OK);
        assert_near(got, sorted[j] + (h - j) * (sorted[next] - sorted[j]), 1e-12);
    }
}

static void check_definition(const char *want, const cxm_scale_spec *spec, int32_t value, double unit)
{
    char text[400];
    size_t len, needed;
    cxm_scale_ask ask = {.size = sizeof ask, .value = value, .net_unit = unit};
    assert_int_equal(cxm_scale_definition("X", spec, &ask, text, sizeof text, &len), CXM_OK);
    text[len] = '\0';
    assert_string_equal(text, want);
    memset(text, 7, sizeof text);
    assert_int_equal(cxm_scale_definition("X", spec, &ask, text, len - 1, &needed), CXM_E_LIMIT);
    assert_int_equal(needed, len);
    assert_int_equal(text[0], 7);
    assert_int_equal(cxm_scale_definition("X", spec, &ask, NULL, 0, &needed), CXM_E_LIMIT);
    assert_int_equal(needed, len);
}

static void the_definition_says_what_is_divided(void **state)
{
    (void)state;
    cxm_scale_spec up = spec_of(1, 5, 4), down;
    cxm_scale_ask wrong = {.size = sizeof wrong, .value = CXM_VALUE_MEAN, .method = 30};
    char text[8], name[100];
    size_t len;
    cxm_scale_define(1, 5, CXM_LOWER_IS_BETTER, &down);
    check_definition("X = answers 4..5 / all answers 1..5, higher is better; wilson interval at level 0.95", &up,
                     CXM_VALUE_TOP, 0);
    check_definition("X = 100 x (answers 4..5 - answers 1..2) / all answers 1..5, higher is better; score interval at level 0.95",
                     &up, CXM_VALUE_NET, 100);
    check_definition("X = (answers 1 - answers 5) / all answers 1..5, lower is better; score interval at level 0.95", &down,
                     CXM_VALUE_NET, 0);
    check_definition("X = mean of all answers 1..5, lower is better; t interval at level 0.95", &down, CXM_VALUE_MEAN, 0);
    assert_int_equal(cxm_scale_definition("X", &up, &wrong, text, sizeof text, &len), CXM_E_METHOD);
    wrong.size = 1;
    assert_int_equal(cxm_scale_definition("X", &up, &wrong, text, sizeof text, &len), CXM_E_ABI);
    assert_int_equal(cxm_scale_definition(NULL, &up, NULL, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_scale_definition("X", NULL, NULL, text, sizeof text, &len), CXM_E_ARG);
    assert_int_equal(cxm_scale_definition("X", &up, NULL, NULL, 8, &len), CXM_E_ARG);
    assert_int_equal(cxm_scale_definition("X", &up, NULL, text, sizeof text, NULL), CXM_E_ARG);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(cxm_scale_definition(name, &up, NULL, text, sizeof text, &len), CXM_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summaries_match_r),
        cmocka_unit_test(lower_is_better_turns_bands_and_rescale),
        cmocka_unit_test(set_top_mirrors_or_takes_what_is_left),
        cmocka_unit_test(specs_outside_the_contract_are_refused),
        cmocka_unit_test(a_scale_may_lie_at_the_ends_of_the_type), cmocka_unit_test(every_answer_lands_in_one_counter),
        cmocka_unit_test(merge_equals_one_pass),
        cmocka_unit_test(remove_is_the_inverse_of_add),
        cmocka_unit_test(limits_of_counters_are_errors),
        cmocka_unit_test(misuse_is_an_argument_error),
        cmocka_unit_test(a_later_question_is_read_where_its_tail_is_zero),
        cmocka_unit_test(empty_one_and_alike),
        cmocka_unit_test(a_method_with_a_bound_leaves_the_value),
        cmocka_unit_test(huge_counts_stay_right),
        cmocka_unit_test(the_mean_is_rounded_once),
        cmocka_unit_test(quantiles_match_sorted_answers),
        cmocka_unit_test(the_definition_says_what_is_divided),
    };
    return cmocka_run_group_tests_name("score/scale", tests, NULL, NULL);
}
