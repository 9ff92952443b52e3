/* SPDX-License-Identifier: MIT */
/* test_scale_compare.c - comparisons of scales are those of their counts, in the value's own unit. */
#include <cxm/csat.h>
#include <cxm/nps.h>
#include <cxm/scale.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

static cxm_scale scale_of(const cxm_scale_spec *spec, uint64_t *seed, uint64_t most)
{
    cxm_scale scale;
    assert_int_equal(cxm_scale_init(&scale, spec), CXM_OK);
    for (int32_t k = spec->lo; k <= spec->hi; ++k) assert_int_equal(cxm_scale_add_n(&scale, k, test_rand(seed) % most), CXM_OK);
    return scale;
}

static cxm_scale_summary summary(const cxm_scale *scale, const cxm_scale_ask *ask)
{
    cxm_scale_summary sum = {.size = sizeof sum};
    assert_int_equal(cxm_scale_summarize(scale, ask, &sum), CXM_OK);
    return sum;
}

static void assert_same(const cxm_difference *got, const cxm_difference *want, double unit)
{
    assert_int_equal(got->method, want->method);
    assert_close(got->difference, unit * want->difference, 1e-15);
    assert_close(got->low, unit * want->low, 1e-15);
    assert_close(got->high, unit * want->high, 1e-15);
    assert_close(got->se, unit * want->se, 1e-15);
    assert_close(got->p, want->p, 0.0);
}

static void values_are_those_of_the_counts(void **state)
{
    (void)state;
    uint64_t seed = 1;
    cxm_scale_spec nps, csat;
    cxm_scale_ask net, top;
    assert_int_equal(cxm_nps_define(0, 10, &nps, &net), CXM_OK);
    assert_int_equal(cxm_csat_define(1, 5, &csat, &top), CXM_OK);
    cxm_scale_ask mean = {.size = sizeof mean, .value = CXM_VALUE_MEAN};
    for (int trial = 0; trial < 100; ++trial) {
        cxm_scale a = scale_of(&nps, &seed, 40), b = scale_of(&nps, &seed, 40), c = scale_of(&csat, &seed, 40), d = scale_of(&csat, &seed, 40);
        cxm_scale_summary x = summary(&a, &net), y = summary(&b, &net), u = summary(&c, &top), v = summary(&d, &top);
        cxm_difference got = {.size = sizeof got}, want = {.size = sizeof want};
        cxm_net_sample p = {x.bottom, x.middle, x.top}, q = {y.bottom, y.middle, y.top};
        assert_int_equal(cxm_scale_compare(&a, &b, &net, CXM_COMPARE_DEFAULT, &got), CXM_OK);
        assert_int_equal(cxm_compare_net(&p, &q, CXM_COMPARE_DEFAULT, 0.95, &want), CXM_OK);
        assert_same(&got, &want, 100.0);
        cxm_share_sample s = {u.top, u.n}, t = {v.top, v.n};
        assert_int_equal(cxm_scale_compare(&c, &d, &top, CXM_COMPARE_AGRESTI_CAFFO, &got), CXM_OK);
        assert_int_equal(cxm_compare_share(&s, &t, CXM_COMPARE_AGRESTI_CAFFO, 0.95, &want), CXM_OK);
        assert_same(&got, &want, 1.0);
        cxm_mean_sample m = {u.n, u.mean, u.sd}, n = {v.n, v.mean, v.sd};
        assert_int_equal(cxm_scale_compare(&c, &d, &mean, CXM_COMPARE_DEFAULT, &got), CXM_OK);
        assert_int_equal(cxm_compare_mean(&m, &n, 1, 5, CXM_COMPARE_DEFAULT, 0.95, &want), CXM_OK);
        assert_same(&got, &want, 1.0);
        assert_int_equal(cxm_scale_compare(&c, &d, NULL, CXM_COMPARE_DEFAULT, &got), CXM_OK);
        assert_same(&got, &want, 1.0);
    }
}

/* Within one stratum alone it is the plain comparison; the interval method of the question does not matter. */
static void one_stratum_is_none(void **state)
{
    (void)state;
    uint64_t seed = 2;
    cxm_scale_spec spec;
    cxm_scale_ask ask;
    assert_int_equal(cxm_csat_define(1, 5, &spec, &ask), CXM_OK);
    cxm_scale a = scale_of(&spec, &seed, 50), b = scale_of(&spec, &seed, 50);
    const cxm_scale *as[] = {&a}, *bs[] = {&b};
    static const int32_t values[] = {CXM_VALUE_MEAN, CXM_VALUE_TOP, CXM_VALUE_NET};
    for (size_t i = 0; i < COUNT_OF(values); ++i) {
        cxm_difference plain = {.size = sizeof plain}, within = {.size = sizeof within};
        uint64_t left_out = 9;
        ask.value = values[i];
        ask.method = 99;
        assert_int_equal(cxm_scale_compare(&a, &b, &ask, CXM_COMPARE_DEFAULT, &plain), CXM_OK);
        assert_int_equal(cxm_scale_compare_within(as, bs, 1, &ask, CXM_COMPARE_DEFAULT, NULL, &within, &left_out), CXM_OK);
        assert_int_equal(within.method, plain.method);
        assert_near(within.difference, plain.difference, 1e-13);
        assert_near(within.low, plain.low, 1e-11);
        assert_near(within.high, plain.high, 1e-11);
        assert_near(within.p, plain.p, 1e-10);
        assert_int_equal(left_out, 0);
    }
}

static void what_cannot_be_compared(void **state)
{
    (void)state;
    uint64_t seed = 3;
    cxm_scale_spec nps, csat;
    cxm_scale_ask ask, bad = {.size = 4};
    assert_int_equal(cxm_nps_define(0, 10, &nps, &ask), CXM_OK);
    assert_int_equal(cxm_csat_define(1, 5, &csat, &(cxm_scale_ask){0}), CXM_OK);
    cxm_scale a = scale_of(&nps, &seed, 9), b = scale_of(&csat, &seed, 9), empty;
    assert_int_equal(cxm_scale_init(&empty, &nps), CXM_OK);
    const cxm_scale *as[] = {&a, &a}, *bs[] = {&a, &b}, *none[] = {&a, NULL};
    cxm_difference got = {.size = sizeof got}, small = {.size = 8};
    assert_int_equal(cxm_scale_compare(&a, &b, &ask, 0, &got), CXM_E_MISMATCH);
    assert_int_equal(cxm_scale_compare(&a, &empty, &ask, 0, &got), CXM_E_EMPTY);
    assert_int_equal(cxm_scale_compare(NULL, &a, &ask, 0, &got), CXM_E_ARG);
    assert_int_equal(cxm_scale_compare(&a, &a, &bad, 0, &got), CXM_E_ABI);
    assert_int_equal(cxm_scale_compare(&a, &a, &ask, CXM_COMPARE_FISHER, &got), CXM_E_METHOD);
    assert_int_equal(cxm_scale_compare(&a, &a, &ask, 0, &small), CXM_E_ABI);
    assert_int_equal(cxm_scale_compare(&a, &a, &ask, 0, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_compare_within(as, bs, 2, &ask, 0, NULL, &got, NULL), CXM_E_MISMATCH);
    assert_int_equal(cxm_scale_compare_within(as, none, 2, &ask, 0, NULL, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_compare_within(as, bs, 0, &ask, 0, NULL, &got, NULL), CXM_E_EMPTY);
    assert_int_equal(cxm_scale_compare_within(NULL, bs, 1, &ask, 0, NULL, &got, NULL), CXM_E_ARG);
    assert_int_equal(cxm_scale_compare_within(as, as, SIZE_MAX, &ask, 0, NULL, &got, NULL), CXM_E_MEMORY);
    ledger own = {.fail_at = 1};
    cxm_alloc hook = ledger_hook(&own), none_hook = {0};
    assert_int_equal(cxm_scale_compare_within(as, as, 1, &ask, 0, &hook, &got, NULL), CXM_E_MEMORY);
    assert_int_equal(cxm_scale_compare_within(as, as, 1, &ask, 0, &none_hook, &got, NULL), CXM_E_ARG);
    own = (ledger){.fail_at = 0};
    assert_int_equal(cxm_scale_compare_within(as, as, 1, &ask, 0, &hook, &got, NULL), CXM_OK);
    assert_int_equal(own.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_are_those_of_the_counts), cmocka_unit_test(one_stratum_is_none),
                                       cmocka_unit_test(what_cannot_be_compared)};
    return cmocka_run_group_tests_name("score/scale_compare", tests, NULL, NULL);
}
