/* SPDX-License-Identifier: MIT */
/* test_compare.c - every method has one name, both ways; what every comparison refuses; the struct's layout. */
#include <cxm/compare.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_test.h"

static void names_go_there_and_back(void **state)
{
    (void)state;
    int known = 0;
    for (int32_t method = -5; method < 100; ++method) {
        const char *name = cxm_compare_name(method);
        int32_t back = -1;
        if (strcmp(name, "unknown") == 0) continue;
        ++known;
        assert_int_equal(cxm_compare_method(name, strlen(name), &back), CXM_OK);
        assert_int_equal(back, method);
    }
    assert_int_equal(known, 22);
    assert_string_equal(cxm_compare_name(CXM_COMPARE_DEFAULT), "default");
    assert_string_equal(cxm_compare_name(CXM_COMPARE_MIETTINEN_NURMINEN), "miettinen-nurminen");
    assert_string_equal(cxm_compare_name(INT32_MIN), "unknown");
    assert_string_equal(cxm_compare_name(INT32_MAX), "unknown");
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "Mover", "mover ", "move", "unknown", "welch\n", "fisherr"};
    int32_t out = 77;
    for (size_t i = 0; i < COUNT_OF(wrong); ++i)
        assert_int_equal(cxm_compare_method(wrong[i], strlen(wrong[i]), &out), CXM_E_METHOD);
    assert_int_equal(cxm_compare_method(NULL, 0, &out), CXM_E_ARG);
    assert_int_equal(cxm_compare_method("wald", 4, NULL), CXM_E_ARG);
    assert_int_equal(out, 77);
    assert_int_equal(cxm_compare_method("pooled-yates", 6, &out), CXM_OK);     /* the length counts */
    assert_int_equal(out, CXM_COMPARE_POOLED);
}

static void layout_is_fixed(void **state)
{
    (void)state;
    assert_int_equal(sizeof(cxm_difference), 80);
    assert_int_equal(offsetof(cxm_difference, level), 8);
    assert_int_equal(offsetof(cxm_difference, p), 64);
    assert_int_equal(offsetof(cxm_difference, interval_status), 76);
    assert_int_equal(sizeof(cxm_rate_ratio), 72);
    assert_int_equal(offsetof(cxm_rate_ratio, ratio), 16);
    assert_int_equal(offsetof(cxm_rate_ratio, p), 64);
    assert_int_equal(sizeof(cxm_rate_sample), 16);
    assert_int_equal(sizeof(cxm_net_sample), 24);
    assert_int_equal(sizeof(cxm_share_sample), 16);
    assert_int_equal(sizeof(cxm_mean_sample), 24);
}

/* Each call with sound samples, but for what is asked. */
static cxm_status call(int which, const void *a, const void *b, int32_t method, double level, cxm_difference *out)
{
    switch (which) {
    case 0: return cxm_compare_net((const cxm_net_sample *)a, (const cxm_net_sample *)b, method, level, out);
    case 1: return cxm_compare_share((const cxm_share_sample *)a, (const cxm_share_sample *)b, method, level, out);
    case 2: return cxm_compare_mean((const cxm_mean_sample *)a, (const cxm_mean_sample *)b, 1.0, 5.0, method, level, out);
    default: return cxm_compare_paired_trinomial((const uint64_t *)a, method, level, out);
    }
}

static void every_call_refuses_alike(void **state)
{
    (void)state;
    static const cxm_net_sample net = {1, 2, 3};
    static const cxm_share_sample share = {1, 3};
    static const cxm_mean_sample mean = {9, 3.0, 1.0};
    static const uint64_t paired[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const void *samples[] = {&net, &share, &mean, paired};
    static const double levels[] = {0.0, 1.0, -0.5, 95.0, NAN, HUGE_VAL};
    for (int which = 0; which < 4; ++which) {
        const void *s = samples[which];
        cxm_difference out = {.size = sizeof out, .method = 77}, before = out, small = {.size = sizeof small - 1};
        assert_int_equal(call(which, NULL, s, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_ARG);
        if (which < 3) assert_int_equal(call(which, s, NULL, CXM_COMPARE_DEFAULT, 0.95, &out), CXM_E_ARG);
        assert_int_equal(call(which, s, s, CXM_COMPARE_DEFAULT, 0.95, NULL), CXM_E_ARG);
        assert_int_equal(call(which, s, s, CXM_COMPARE_DEFAULT, 0.95, &small), CXM_E_ABI);
        for (size_t i = 0; i < COUNT_OF(levels); ++i)
            assert_int_equal(call(which, s, s, CXM_COMPARE_DEFAULT, levels[i], &out), CXM_E_ARG);
        assert_memory_equal(&out, &before, sizeof out);
    }
}

/* A newer caller's larger struct keeps its size and its tail; the method asked by default is named. */
static void a_larger_struct_keeps_its_tail(void **state)
{
    (void)state;
    struct { cxm_difference known; uint64_t tail; } out = {{.size = sizeof out}, 0xABCD};
    cxm_net_sample a = {1, 2, 3}, b = {3, 2, 1};
    assert_int_equal(cxm_compare_net(&a, &b, CXM_COMPARE_DEFAULT, 0.9, &out.known), CXM_OK);
    assert_true(out.known.size == sizeof out && out.tail == 0xABCD);
    assert_int_equal(out.known.method, CXM_COMPARE_MOVER);
    assert_true(out.known.level == 0.9);
}

/* Which of the methods fits which samples. */
static void methods_fit_their_samples(void **state)
{
    (void)state;
    static const cxm_net_sample net[] = {{1, 2, 3}, {3, 1, 2}};
    static const cxm_share_sample share[] = {{1, 3}, {2, 4}};
    static const cxm_mean_sample mean[] = {{9, 3.0, 1.0}, {8, 2.0, 1.0}};
    static const uint64_t paired[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const char *const fits[] = {("default wald welch mover aw3-triangular aw3-uniform aw4-triangular aw4-uniform "
                                        "agresti-min bonett-price "),
                                       "default wald newcombe agresti-caffo miettinen-nurminen pooled pooled-yates fisher ",
                                       "default welch ", "default paired-t paired-score "};
    const void *a[] = {&net[0], &share[0], &mean[0], paired}, *b[] = {&net[1], &share[1], &mean[1], paired};
    for (int which = 0; which < 4; ++which)
        for (int32_t method = -1; method < 60; ++method) {
            cxm_difference out = {.size = sizeof out};
            char word[32];
            snprintf(word, sizeof word, "%s ", cxm_compare_name(method));
            const char *at = strstr(fits[which], word);
            int fit = at && (at == fits[which] || at[-1] == ' ');
            assert_int_equal(call(which, a[which], b[which], method, 0.95, &out), fit ? CXM_OK : CXM_E_METHOD);
            if (fit) assert_true(out.method == method || (method == CXM_COMPARE_DEFAULT && out.method > method));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_there_and_back), cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(layout_is_fixed), cmocka_unit_test(every_call_refuses_alike),
        cmocka_unit_test(a_larger_struct_keeps_its_tail), cmocka_unit_test(methods_fit_their_samples)};
    return cmocka_run_group_tests_name("inference/compare", tests, NULL, NULL);
}
