/* SPDX-License-Identifier: MIT */
/* test_survival_compare.c - log-rank and Peto tests against R's survival package (tests/reference/logrank_r_survival.csv over the
 * counts of km_r_survival.csv), against their definition with late entry and three groups, and where there is no test. */
#include <cxm/survival.h>
#include <math.h>
#include <string.h>
#include "support/cxm_test.h"

static cxm_survival *make(int64_t cap)
{
    cxm_survival *s = NULL;
    assert_int_equal(cxm_survival_create(cap, NULL, &s), CXM_OK);
    return s;
}

static cxm_survival_curve curve_of(const cxm_survival *s)
{
    cxm_survival_curve c = {.size = sizeof c};
    assert_int_equal(cxm_survival_curve_of(s, 0, 0.0, &c), CXM_OK);
    return c;
}

/* --- the reference --- */

/* The table of curves calls a group of lung "sex1" that the table of tests calls "1". */
static bool is_group(const test_table *curves, size_t row, const char *dataset, const char *group)
{
    const char *name = test_cell(curves, row, "group");
    if (strcmp(test_cell(curves, row, "dataset"), dataset) != 0) return false;
    return strcmp(name, group) == 0 || (strncmp(name, "sex", 3) == 0 && strcmp(name + 3, group) == 0);
}

static cxm_survival *read_group(const test_table *curves, const char *dataset, const char *group)
{
    cxm_survival *s = make(2000);
    for (size_t row = 0; row < curves->rows; ++row) {
        if (!is_group(curves, row, dataset, group)) continue;
        int64_t time = (int64_t)test_number(curves, row, "time");
        cxm_survival_add_count(s, 0, time, 1, (uint64_t)test_number(curves, row, "n_event"));
        cxm_survival_add_count(s, 0, time, 0, (uint64_t)test_number(curves, row, "n_censor"));
    }
    return s;
}

static void assert_test(const test_table *t, size_t from, uint32_t count, const cxm_survival_group *each, const cxm_survival_test *got)
{
    for (uint32_t g = 0; g < count; ++g) {
        assert_true(each[g].n == test_number(t, from + g, "n") && each[g].compared == 1);
        assert_close(each[g].observed, test_number(t, from + g, "observed"), 1e-10);
        assert_close(each[g].expected, test_number(t, from + g, "expected"), 1e-10);
        assert_close(each[g].variance, test_number(t, from + g, "variance_diag"), 1e-10);
    }
    double p = test_number(t, from, "p");
    assert_close(got->statistic, test_number(t, from, "chisq"), 1e-10);
    assert_true(got->df == test_number(t, from, "df"));
    if (p > 0.0) assert_close(got->p, p, 1e-6);
    else assert_true(got->p < 1e-300);
}

static void tests_are_those_of_r(void **state)
{
    (void)state;
    test_table curves = test_table_read("km_r_survival.csv"), t = test_table_read("logrank_r_survival.csv");
    assert_int_equal(t.rows, 14);
    for (size_t from = 0, to; from < t.rows; from = to) {
        cxm_survival *s[3];
        cxm_survival_curve c[3];
        cxm_survival_group each[3];
        cxm_survival_test got = {.size = sizeof got};
        for (to = from; to < t.rows && strcmp(test_cell(&t, to, "chisq"), test_cell(&t, from, "chisq")) == 0; ++to) {
            s[to - from] = read_group(&curves, test_cell(&t, to, "dataset"), test_cell(&t, to, "group"));
            c[to - from] = curve_of(s[to - from]);
        }
        assert_int_equal(cxm_survival_compare(c, (uint32_t)(to - from), test_number(&t, from, "rho"), each, &got), CXM_OK);
        assert_test(&t, from, (uint32_t)(to - from), each, &got);
        for (size_t g = 0; g < to - from; ++g) cxm_survival_free(s[g]);
    }
    test_table_free(&curves);
    test_table_free(&t);
}

/* --- the definition --- */

enum { PEOPLE = 120 };
typedef struct people { int entry[PEOPLE], exit[PEOPLE], event[PEOPLE], group[PEOPLE]; } people;

static void draw(people *p, uint64_t *seed)
{
    for (int i = 0; i < PEOPLE; ++i) {
        p->group[i] = (int)(test_rand(seed) % 3);
        p->entry[i] = test_rand(seed) % 2 ? 0 : (int)(test_rand(seed) % 15);
        p->exit[i] = p->entry[i] + 1 + (int)(test_rand(seed) % (uint64_t)(20 + 10 * p->group[i]));
        p->event[i] = (int)(test_rand(seed) % 3 > 0);
    }
}

/* Those of the group (3: of all) at risk at t, and those who leave then. */
static double at_risk(const people *p, int t, int group, double *left)
{
    double n = 0.0;
    *left = 0.0;
    for (int i = 0; i < PEOPLE; ++i) {
        if (group < 3 && p->group[i] != group) continue;
        n += (p->entry[i] == 0 || p->entry[i] < t) && t <= p->exit[i];
        *left += p->exit[i] == t && p->event[i];
    }
    return n;
}

/* Observed less expected, and their covariances, person by person. */
static void define(const people *p, double rho, double u[3], double v[3][3])
{
    double s = 1.0, d_g;
    memset(u, 0, 3 * sizeof *u);
    memset(v, 0, 3 * sizeof *v);
    for (int t = 0; t < 100; ++t) {
        double d, n = at_risk(p, t, 3, &d), w = pow(s, rho);
        if (d == 0.0) continue;
        for (int g = 0; g < 3; ++g) {
            double n_g = at_risk(p, t, g, &d_g);
            u[g] += w * (d_g - d * n_g / n);
            for (int h = 0; h < 3; ++h) {
                double n_h = at_risk(p, t, h, &d_g);
                if (n > 1.0) v[g][h] += w * w * d * (n - d) / (n - 1.0) * n_g / n * ((g == h) - n_h / n);
            }
        }
        s *= (n - d) / n;
    }
}

static void tests_are_their_definition(void **state)
{
    (void)state;
    static people p;
    uint64_t seed = 12;
    for (int trial = 0; trial < 40; ++trial) {
        double u[3], v[3][3], rho = (double)(test_rand(&seed) % 5) / 2.0;
        cxm_survival *s[3] = {make(60), make(60), make(60)};
        cxm_survival_record r[3][PEOPLE];
        uint64_t n[3] = {0, 0, 0};
        draw(&p, &seed);
        for (int i = 0; i < PEOPLE; ++i) {
            int g = p.group[i];
            cxm_survival_add(s[g], p.entry[i], p.exit[i], p.event[i]);
            r[g][n[g]++] = (cxm_survival_record){.entry = p.entry[i], .exit = p.exit[i], .weight = 1.0, .event = p.event[i]};
        }
        define(&p, rho, u, v);
        cxm_survival_curve c[3], of_records[3];
        for (int g = 0; g < 3; ++g) {
            c[g] = curve_of(s[g]);
            of_records[g].size = sizeof of_records[g];
            assert_int_equal(cxm_survival_sort(r[g], n[g], NULL), CXM_OK);
            assert_int_equal(cxm_survival_curve_of_records(r[g], n[g], 0, 0.0, &of_records[g]), CXM_OK);
        }
        cxm_survival_group each[3], again[3];
        cxm_survival_test got = {.size = sizeof got}, other = got;
        assert_int_equal(cxm_survival_compare(c, 3, rho, each, &got), CXM_OK);
        for (int g = 0; g < 3; ++g) {
            assert_near(each[g].observed - each[g].expected, u[g], 1e-12);
            assert_close(each[g].variance, v[g][g], 1e-12);
        }
        double det = v[0][0] * v[1][1] - v[0][1] * v[1][0];         /* by Cramer's rule, the third left out */
        double want = (u[0] * u[0] * v[1][1] - 2.0 * u[0] * u[1] * v[0][1] + u[1] * u[1] * v[0][0]) / det;
        assert_close(got.statistic, want, 1e-9);
        assert_true(got.df == 2 && got.rho == rho);
        assert_close(got.p, exp(-0.5 * got.statistic), 1e-12);      /* the tail of two degrees of freedom */
        assert_int_equal(cxm_survival_compare(of_records, 3, rho, again, &other), CXM_OK);
        assert_memory_equal(&other, &got, sizeof got);
        assert_memory_equal(again, each, sizeof each);
        cxm_survival_curve turned[3] = {c[2], of_records[0], c[1]};
        assert_int_equal(cxm_survival_compare(turned, 3, rho, again, &other), CXM_OK);
        assert_close(other.statistic, got.statistic, 1e-11);
        for (int g = 0; g < 3; ++g) cxm_survival_free(s[g]);
    }
}

/* Two groups alike, of 2^60 customers each: nothing at all between them. */
static void groups_alike(void **state)
{
    (void)state;
    cxm_survival *a = make(50), *b = make(50);
    for (int64_t t = 1; t < 40; ++t) {
        cxm_survival_add_count(a, 0, t, t % 3 == 0, UINT64_C(1) << 55);
        cxm_survival_add_count(b, 0, t, t % 3 == 0, UINT64_C(1) << 55);
    }
    cxm_survival_curve c[2] = {curve_of(a), curve_of(b)};
    cxm_survival_group each[2];
    cxm_survival_test got = {.size = sizeof got};
    assert_int_equal(cxm_survival_compare(c, 2, 0.0, each, &got), CXM_OK);
    assert_true(got.statistic == 0.0 && got.p == 1.0 && got.df == 1);
    cxm_survival_free(a);
    cxm_survival_free(b);
}

/* Groups that were never at risk together at an event; one that nobody of was; all leave at once. */
static void where_there_is_no_test(void **state)
{
    (void)state;
    cxm_survival *s[4] = {make(50), make(50), make(50), make(50)};
    cxm_survival_group each[4];
    cxm_survival_test got = {.size = sizeof got};
    for (int64_t t = 1; t < 5; ++t) {
        cxm_survival_add(s[0], 0, t, 1);
        cxm_survival_add(s[1], 20, 20 + t, 1);
        cxm_survival_add(s[2], 0, t + 1, 1);
    }
    cxm_survival_add(s[3], 0, 0, 0);                    /* censored before the first event */
    cxm_survival_curve c[4] = {curve_of(s[0]), curve_of(s[1]), curve_of(s[2]), curve_of(s[3])};
    assert_int_equal(cxm_survival_compare(c, 2, 0.0, each, &got), CXM_E_UNDEFINED);
    assert_true(got.df == 1 && got.statistic != got.statistic && got.p != got.p && each[0].observed == 4.0);
    cxm_survival_curve pair[2] = {c[0], c[3]};
    assert_int_equal(cxm_survival_compare(pair, 2, 0.0, each, &got), CXM_E_UNDEFINED);
    assert_true(got.df == 0 && each[0].compared == 1 && each[1].compared == 0 && each[1].n == 1.0);
    cxm_survival_curve none[2] = {c[3], c[3]};
    assert_int_equal(cxm_survival_compare(none, 2, 0.0, each, &got), CXM_E_UNDEFINED);
    cxm_survival_test two = {.size = sizeof two};
    cxm_survival_curve three[3] = {c[0], c[3], c[2]}, both[2] = {c[0], c[2]};
    assert_int_equal(cxm_survival_compare(three, 3, 1.0, each, &got), CXM_OK);      /* the absent group leaves the others' test */
    assert_int_equal(cxm_survival_compare(both, 2, 1.0, each, &two), CXM_OK);
    assert_true(got.df == 1 && got.statistic == two.statistic);
    assert_int_equal(cxm_survival_compare(c, 4, 0.0, each, &got), CXM_E_UNDEFINED);  /* the second beside nobody */
    cxm_survival *x = make(5), *y = make(5);
    cxm_survival_add_count(x, 0, 3, 1, 7);
    cxm_survival_add_count(y, 0, 3, 1, 9);
    cxm_survival_curve at_once[2] = {curve_of(x), curve_of(y)};
    assert_int_equal(cxm_survival_compare(at_once, 2, 0.0, each, &got), CXM_E_UNDEFINED);
    assert_true(each[0].observed == 7.0 && each[0].expected == 7.0 && each[1].variance == 0.0);
    for (int g = 0; g < 4; ++g) cxm_survival_free(s[g]);
    cxm_survival_free(x);
    cxm_survival_free(y);
}

/* As many groups as may be, each beside all others: the groups' differences sum to nothing. */
static void many_groups(void **state)
{
    (void)state;
    cxm_survival *s[CXM_SURVIVAL_GROUPS_MAX];
    cxm_survival_curve c[CXM_SURVIVAL_GROUPS_MAX + 1];
    cxm_survival_group each[CXM_SURVIVAL_GROUPS_MAX];
    cxm_survival_test got = {.size = sizeof got};
    uint64_t seed = 33;
    double sum = 0.0;
    for (int g = 0; g < CXM_SURVIVAL_GROUPS_MAX; ++g) {
        s[g] = make(100);
        for (int i = 0; i < 200; ++i) cxm_survival_add(s[g], 0, (int64_t)(test_rand(&seed) % 100), (int32_t)(test_rand(&seed) % 2));
        c[g] = curve_of(s[g]);
    }
    c[CXM_SURVIVAL_GROUPS_MAX] = c[0];
    assert_int_equal(cxm_survival_compare(c, CXM_SURVIVAL_GROUPS_MAX, 1.0, each, &got), CXM_OK);
    for (int g = 0; g < CXM_SURVIVAL_GROUPS_MAX; ++g) sum += each[g].observed - each[g].expected;
    assert_near(sum, 0.0, 1e-9);
    assert_true(got.df == CXM_SURVIVAL_GROUPS_MAX - 1 && got.statistic > 5.0 && got.statistic < 90.0);
    assert_int_equal(cxm_survival_compare(c, CXM_SURVIVAL_GROUPS_MAX + 1, 1.0, each, &got), CXM_E_ARG);
    for (int g = 0; g < CXM_SURVIVAL_GROUPS_MAX; ++g) cxm_survival_free(s[g]);
}

static void misuse(void **state)
{
    (void)state;
    cxm_survival *s = make(10);
    cxm_survival_add(s, 0, 3, 1);
    cxm_survival_curve c[2] = {curve_of(s), curve_of(s)};
    cxm_survival_group each[2];
    cxm_survival_test got = {.size = sizeof got}, small = {.size = 8};
    static const double rhos[] = {-1.0, NAN, INFINITY, 101.0};
    for (size_t i = 0; i < COUNT_OF(rhos); ++i) assert_int_equal(cxm_survival_compare(c, 2, rhos[i], each, &got), CXM_E_ARG);
    assert_int_equal(cxm_survival_compare(c, 1, 0.0, each, &got), CXM_E_ARG);
    assert_int_equal(cxm_survival_compare(NULL, 2, 0.0, each, &got), CXM_E_ARG);
    assert_int_equal(cxm_survival_compare(c, 2, 0.0, NULL, &got), CXM_E_ARG);
    assert_int_equal(cxm_survival_compare(c, 2, 0.0, each, NULL), CXM_E_ARG);
    assert_int_equal(cxm_survival_compare(c, 2, 0.0, each, &small), CXM_E_ABI);
    c[1] = (cxm_survival_curve){.size = sizeof c[1]};
    assert_int_equal(cxm_survival_compare(c, 2, 0.0, each, &got), CXM_E_ARG);
    c[1].size = 8;
    assert_int_equal(cxm_survival_compare(c, 2, 0.0, each, &got), CXM_E_ABI);
    cxm_survival_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_are_those_of_r), cmocka_unit_test(tests_are_their_definition), cmocka_unit_test(groups_alike),
        cmocka_unit_test(where_there_is_no_test), cmocka_unit_test(many_groups), cmocka_unit_test(misuse),
    };
    return cmocka_run_group_tests_name("retention/survival_compare", tests, NULL, NULL);
}
