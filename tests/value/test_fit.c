/* SPDX-License-Identifier: MIT */
/* test_fit.c - the delta method. How fits end is tested where there are data to fit: test_btyd_fit, test_gamma_gamma, test_sbg. */
#include <cxm/fit.h>
#include <math.h>
#include "support/cxm_test.h"

static void standard_error_of_a_prediction(void **state)
{
    (void)state;
    cxm_fit fit = {.size = sizeof fit, .outcome = CXM_FIT_INNER, .parameters = 2, .covariance = {0.04, 0.01, 0.0, 0.0, 0.01, 0.09}};
    const double gradient[4] = {2.0, -1.0, 100.0, 100.0};        /* what lies past the parameters is not read */
    double se = NAN;
    assert_int_equal(cxm_fit_delta(&fit, gradient, &se), CXM_OK);
    assert_close(se, sqrt(4.0 * 0.04 - 2.0 * 2.0 * 0.01 + 0.09), 1e-15);
    fit.outcome = CXM_FIT_BOUNDARY;
    assert_int_equal(cxm_fit_delta(&fit, gradient, &se), CXM_OK);
}

static void refuses(void **state)
{
    (void)state;
    cxm_fit fit = {.size = sizeof fit, .outcome = CXM_FIT_UNFINISHED, .parameters = 2};
    const double gradient[4] = {0};
    double se = 7.0;
    assert_int_equal(cxm_fit_delta(&fit, gradient, &se), CXM_E_UNDEFINED);
    fit.outcome = CXM_FIT_INNER;
    fit.parameters = 5;
    assert_int_equal(cxm_fit_delta(&fit, gradient, &se), CXM_E_ARG);
    fit.parameters = 2;
    assert_int_equal(cxm_fit_delta(&fit, gradient, NULL), CXM_E_ARG);
    assert_int_equal(cxm_fit_delta(&fit, NULL, &se), CXM_E_ARG);
    assert_int_equal(cxm_fit_delta(NULL, gradient, &se), CXM_E_ARG);
    fit.size = 8;
    assert_int_equal(cxm_fit_delta(&fit, gradient, &se), CXM_E_ABI);
    assert_true(se == 7.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(standard_error_of_a_prediction), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests_name("value/fit", tests, NULL, NULL);
}
