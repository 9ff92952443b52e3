/* SPDX-License-Identifier: MIT */
/* test_trinomial_bootstrap.c - percentile limits of the resampled net share against R, then against the distribution
 * built draw by draw. */
#include <cxm/interval.h>
#include <cxm/nps.h>
#include <math.h>
#include "support/cxm_test.h"

static cxm_interval boot(uint64_t minus, uint64_t zero, uint64_t plus, double level)
{
    cxm_interval got = {.size = sizeof got};
    assert_int_equal(cxm_trinomial_interval(minus, zero, plus, CXM_INTERVAL_BOOTSTRAP, level, &got), CXM_OK);
    assert_int_equal(got.method, CXM_INTERVAL_BOOTSTRAP);
    return got;
}

/* Mean and sd of the resampled net are the score and its standard error. */
static void reference_table(void **state)
{
    (void)state;
    test_table t = test_table_read("nps_bootstrap_exact.csv");
    assert_int_equal(t.rows, 5);
    for (size_t i = 0; i < t.rows; ++i) {
        uint64_t minus = (uint64_t)test_number(&t, i, "detractors"), zero = (uint64_t)test_number(&t, i, "passives");
        uint64_t plus = (uint64_t)test_number(&t, i, "promoters");
        cxm_interval wide = boot(minus, zero, plus, 0.95), got = boot(minus, zero, plus, 0.9);
        cxm_nps_summary sum = {.size = sizeof sum};
        assert_int_equal(cxm_nps_of_bands(plus, zero, minus, 0.95, &sum), CXM_OK);
        assert_near(0.01 * sum.score, test_number(&t, i, "mean"), 1e-9);
        assert_near(0.01 * sum.score_se, test_number(&t, i, "sd"), 1e-9);
        assert_near(got.se, test_number(&t, i, "sd"), 1e-9);
        assert_near(wide.low, test_number(&t, i, "q025"), 1e-9);
        assert_near(wide.high, test_number(&t, i, "q975"), 1e-9);
        assert_near(got.low, test_number(&t, i, "q05"), 1e-9);
        assert_near(got.high, test_number(&t, i, "q95"), 1e-9);
    }
    test_table_free(&t);
}

/* Up to the most that is taken, at any level, lopsided and with an empty category. */
static void net_sums_of_r(void **state)
{
    (void)state;
    test_table t = test_table_read("trinomial_bootstrap.csv");
    assert_int_equal(t.rows, 105);
    for (size_t i = 0; i < t.rows; ++i) {
        double minus = test_number(&t, i, "minus"), zero = test_number(&t, i, "zero"), plus = test_number(&t, i, "plus");
        cxm_interval got = boot((uint64_t)minus, (uint64_t)zero, (uint64_t)plus, test_number(&t, i, "level"));
        double n = minus + zero + plus;
        print_message("%g %g %g at %s\n", minus, zero, plus, test_cell(&t, i, "level"));
        assert_close(got.low, test_number(&t, i, "low") / n, 1e-15);
        assert_close(got.high, test_number(&t, i, "high") / n, 1e-15);
    }
    test_table_free(&t);
}

enum { MOST = 400 };

/* P(S = s) at out[MOST + s] after n draws, one at a time. */
static void draw_by_draw(const uint64_t c[3], double out[2 * MOST + 1])
{
    uint64_t n = c[0] + c[1] + c[2];
    double share[3], size = (double)n;
    for (int k = 0; k < 3; ++k) share[k] = (double)c[k] / size;
    for (int s = 0; s <= 2 * MOST; ++s) out[s] = s == MOST;
    for (int drawn = 1; drawn <= (int)n; ++drawn) {
        double left = 0.0;
        for (int s = MOST - drawn; s <= MOST + drawn; ++s) {
            double here = out[s], right = s < 2 * MOST ? out[s + 1] : 0.0;
            out[s] = share[2] * left + share[1] * here + share[0] * right;
            left = here;
        }
    }
}

/* The smallest s that is reached from below, or the largest from above; ties within 1e-11 count as reached. */
static int reached(const double *p, int n, double tail, int step)
{
    int s = -step * n;
    double sum = p[MOST + s];
    while (sum < tail * (1.0 - 1e-11)) sum += p[MOST + (s += step)];
    return s;
}

static void limits_are_those_of_all_resamples(void **state)
{
    (void)state;
    uint64_t seed = 81;
    static double p[2 * MOST + 1];
    for (int trial = 0; trial < 1500; ++trial) {
        uint64_t n = 1 + test_rand(&seed) % (trial % 10 == 0 ? MOST : 30), c[3];
        c[0] = test_rand(&seed) % (n + 1);
        c[1] = test_rand(&seed) % 4 ? test_rand(&seed) % (n - c[0] + 1) : 0;
        c[2] = n - c[0] - c[1];
        double level = trial % 2 ? 0.95 : trial % 3 ? (double)(test_rand(&seed) % 999 + 1) / 1000.0 : 1.0 - 1e-14;
        double tail = 0.5 * (1.0 - level);
        cxm_interval got = boot(c[0], c[1], c[2], level);
        draw_by_draw(c, p);
        assert_close(got.low, (double)reached(p, (int)n, tail, 1) / (double)n, 1e-15);
        assert_close(got.high, (double)reached(p, (int)n, tail, -1) / (double)n, 1e-15);
    }
}

static void limits_mirror_and_widen(void **state)
{
    (void)state;
    uint64_t seed = 82;
    for (int i = 0; i < 400; ++i) {
        if (test_left_out()) continue;
        uint64_t n = 1 + test_rand(&seed) % (i & 1 ? 50 : CXM_INTERVAL_BOOTSTRAP_MOST), minus = test_rand(&seed) % (n + 1);
        uint64_t zero = i % 5 == 0 ? 0 : i % 5 == 1 ? n - minus : test_rand(&seed) % (n - minus + 1), plus = n - minus - zero;
        double level = 0.5 + 0.4999 * (double)(test_rand(&seed) >> 11) / 9007199254740992.0;
        cxm_interval got = boot(minus, zero, plus, level), mirror = boot(plus, zero, minus, level);
        cxm_interval wide = boot(minus, zero, plus, 1.0 - 1e-12), narrow = boot(minus, zero, plus, 1e-300);
        assert_true(-1.0 <= got.low && got.low <= got.high && got.high <= 1.0);
        assert_true(got.low == -mirror.high && got.high == -mirror.low);
        assert_true(wide.low <= got.low && got.high <= wide.high);
        assert_true(got.low <= narrow.low && narrow.low <= narrow.high && narrow.high <= got.high);
    }
}

static void answers_all_alike_are_a_point(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= CXM_INTERVAL_BOOTSTRAP_MOST; n *= 10) {
        cxm_interval all = boot(0, 0, n, 0.95), none = boot(n, 0, 0, 0.95), passive = boot(0, n, 0, 0.95);
        assert_true(all.low == 1.0 && all.high == 1.0 && none.low == -1.0 && none.high == -1.0);
        assert_true(passive.low == 0.0 && passive.high == 0.0 && passive.se == 0.0);
    }
}

static void more_answers_than_it_takes(void **state)
{
    (void)state;
    cxm_interval out = {.size = sizeof out, .method = 77}, before = out;
    int32_t method = CXM_INTERVAL_BOOTSTRAP;
    assert_int_equal(cxm_trinomial_interval(1, 1, CXM_INTERVAL_BOOTSTRAP_MOST - 1, method, 0.95, &out), CXM_E_LIMIT);
    assert_int_equal(cxm_trinomial_interval(0, UINT64_MAX, 0, method, 0.95, &out), CXM_E_LIMIT);
    assert_int_equal(cxm_trinomial_interval(0, 0, 0, method, 0.95, &out), CXM_E_EMPTY);
    assert_int_equal(cxm_share_interval(1, 2, method, 0.95, &out), CXM_E_METHOD);
    assert_memory_equal(&out, &before, sizeof out);
    assert_int_equal(cxm_trinomial_interval(1, 1, CXM_INTERVAL_BOOTSTRAP_MOST - 2, method, 0.95, &out), CXM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_table), cmocka_unit_test(net_sums_of_r),
        cmocka_unit_test(limits_are_those_of_all_resamples), cmocka_unit_test(limits_mirror_and_widen),
        cmocka_unit_test(answers_all_alike_are_a_point), cmocka_unit_test(more_answers_than_it_takes)};
    return cmocka_run_group_tests_name("inference/trinomial_bootstrap", tests, NULL, NULL);
}
