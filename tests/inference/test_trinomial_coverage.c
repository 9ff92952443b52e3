/* SPDX-License-Identifier: MIT */
/* test_trinomial_coverage.c - how often five intervals of a net share hold the truth, and how wide they are, over
 * every sample of n answers, against R's enumeration. */
#include <cxm/interval.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static const struct { const char *table; int32_t method; } methods[] = {
    {"wald", CXM_INTERVAL_WALD},
    {"aw3_triangular", CXM_INTERVAL_AW3_TRIANGULAR},
    {"bonett_price", CXM_INTERVAL_BONETT_PRICE},
    {"score_tango", CXM_INTERVAL_SCORE},
    {"trinomial_t", CXM_INTERVAL_T},
};

static int32_t method_of(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(methods); ++i)
        if (strcmp(methods[i].table, name) == 0) return methods[i].method;
    fail_msg("no method %s", name);
    return -1;
}

/* x! as a logarithm, summed. */
static double log_factorial(int x)
{
    double sum = 0.0;
    for (int k = 2; k <= x; ++k) sum += log(k);
    return sum;
}

static double log_power(double share, int times)
{
    return times ? times * log(share) : 0.0;
}

/* Answers all alike have no t limits; the table counts them as a point. */
static cxm_interval limits_of(int minus, int zero, int plus, int32_t method)
{
    cxm_interval got = {.size = sizeof got};
    uint64_t d = (uint64_t)minus, p = (uint64_t)zero, r = (uint64_t)plus;
    cxm_status status = cxm_trinomial_interval(d, p, r, method, 0.95, &got);
    if (status == CXM_OK) return got;
    assert_true(status == CXM_E_UNDEFINED && method == CXM_INTERVAL_T);
    got.low = got.high = (plus - minus) / (double)(minus + zero + plus);
    return got;
}

/* A limit on the truth itself holds it; both are rounded. */
static int holds(const cxm_interval *got, double truth)
{
    return got->low <= truth + 1e-12 && truth - 1e-12 <= got->high;
}

static void coverage_and_width_match_enumeration(void **state)
{
    (void)state;
    test_table t = test_table_read("nps_coverage_exact.csv");
    assert_int_equal(t.rows, 120);
    double log_of[101];
    for (int k = 0; k <= 100; ++k) log_of[k] = log_factorial(k);
    for (size_t i = 0; i < t.rows; ++i) {
        int n = (int)test_number(&t, i, "n");
        int32_t method = method_of(test_cell(&t, i, "method"));
        double pd = test_number(&t, i, "p_det"), pp = test_number(&t, i, "p_pas"), pr = test_number(&t, i, "p_pro");
        double all = 0.0, covered = 0.0, width = 0.0;
        for (int d = 0; d <= n; ++d)
            for (int r = 0; d + r <= n; ++r) {
                int p = n - d - r;
                double weight = exp(log_of[n] - log_of[d] - log_of[p] - log_of[r] + log_power(pd, d) + log_power(pp, p) + log_power(pr, r));
                cxm_interval got = limits_of(d, p, r, method);
                all += weight;
                width += weight * (got.high - got.low);
                if (holds(&got, pr - pd)) covered += weight;
            }
        print_message("%d %s %s\n", n, test_cell(&t, i, "dist"), test_cell(&t, i, "method"));
        assert_near(all, 1.0, 1e-12);
        assert_near(covered, test_number(&t, i, "coverage"), 1e-5);
        assert_near(width, test_number(&t, i, "mean_width"), 1e-5);
    }
    test_table_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(coverage_and_width_match_enumeration)};
    return cmocka_run_group_tests_name("inference/trinomial_coverage", tests, NULL, NULL);
}
