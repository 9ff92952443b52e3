/* SPDX-License-Identifier: MIT */
/* test_state_survival.c - the door to tenures: figures are those of survival.h, every line goes where it belongs, what is taken back
 * never was there, bytes travel and merge. */
#include <cxm/state.h>
#include <cxm/survival.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { ROOM = 1 << 16 };

static cxm_state *make(const char *spec)
{
    cxm_state *state = NULL;
    assert_int_equal(cxm_state_create(spec, strlen(spec), NULL, &state, NULL), CXM_OK);
    return state;
}

static cxm_status add(cxm_state *state, const char *line)
{
    return cxm_state_add_text(state, line, strlen(line));
}

static cxm_status get(const cxm_state *state, const char *name, double *out)
{
    *out = -1.0;
    return cxm_state_get(state, name, strlen(name), 0.9, out);
}

static uint64_t count(const cxm_state *state, const char *name)
{
    uint64_t value = 0;
    assert_int_equal(cxm_state_get_count(state, name, strlen(name), &value), CXM_OK);
    return value;
}

/* A line in one of its spellings, and the same by the typed call. */
static void tell(cxm_state *state, cxm_survival *s, uint64_t *seed, int most)
{
    static const char *const words[2][3] = {{"0", "No", "active"}, {"1", "yes", "churned"}};
    int entry = test_rand(seed) % 3 ? 0 : (int)(test_rand(seed) % (uint64_t)most), event = (int)(test_rand(seed) % 2);
    int exit = (int)(test_rand(seed) % (uint64_t)most) - 2;
    char line[64], mark = test_rand(seed) % 2 ? '\t' : ',';
    const char *word = words[event][test_rand(seed) % 3];
    if (entry || test_rand(seed) % 2) snprintf(line, sizeof line, "%d%c%d%c %s", entry, mark, exit, mark, word);
    else snprintf(line, sizeof line, " %d%c%s", exit, mark, word);
    assert_int_equal(add(state, line), cxm_survival_add(s, entry, exit, event));
}

static void assert_time(const cxm_state *state, const char *name, double want)
{
    double got;
    cxm_status status = get(state, name, &got);
    assert_true(want == want ? status == CXM_OK && got == want : status == CXM_E_UNDEFINED);
}

static void assert_keyed(const cxm_state *state, const char *of, double at, double want)
{
    char name[64];
    snprintf(name, sizeof name, "%s:%.17g", of, at);
    assert_time(state, name, want);
}

static void assert_figures(const cxm_state *state, const cxm_survival *s)
{
    cxm_survival_curve curve = {.size = sizeof curve};
    cxm_survival_account account = {.size = sizeof account};
    cxm_survival_point point = {.size = sizeof point};
    cxm_survival_time time = {.size = sizeof time};
    double last = 0.0;
    assert_int_equal(cxm_survival_account_of(s, &account), CXM_OK);
    assert_true(count(state, "n") == account.n && count(state, "events") == account.events && count(state, "censored") == account.censored);
    assert_true(count(state, "beyond") == account.beyond && count(state, "late") == account.late);
    assert_true(count(state, "missing") == account.missing && count(state, "out_of_range") == account.refused);
    assert_int_equal(cxm_survival_curve_of(s, CXM_SURVIVAL_LOG, 0.9, &curve), CXM_OK);
    for (; cxm_survival_next(&curve, &point) == CXM_OK; last = point.t) assert_keyed(state, "survival", point.t, point.survival);
    assert_keyed(state, "survival", last + 1.0, point.survival > 0.0 ? (double)NAN : 0.0);
    for (double share = 0.1; share < 0.95; share += 0.1) {
        if (cxm_survival_quantile(&curve, share, &time) != CXM_OK) time.time = (double)NAN;
        assert_keyed(state, "quantile", share, time.time);
        assert_keyed(state, "low", share, time.low);
        assert_keyed(state, "high", share, time.high);
    }
    if (cxm_survival_quantile(&curve, 0.5, &time) != CXM_OK) time.time = (double)NAN;
    assert_time(state, "value", time.time);
    assert_time(state, "low", time.low);
    assert_time(state, "high", time.high);
    assert_time(state, "last", last);
    assert_int_equal(cxm_survival_mean(&curve, last, &time), CXM_OK);
    assert_time(state, "mean", time.time);
    assert_time(state, "se", time.se);
    assert_int_equal(cxm_survival_mean(&curve, 0.5 * last, &time), CXM_OK);
    assert_keyed(state, "mean", 0.5 * last, time.time);
}

static void figures_are_those_of_the_typed_calls(void **unused)
{
    (void)unused;
    uint64_t seed = 71;
    for (int trial = 0; trial < 40; ++trial) {
        static unsigned char bytes[ROOM], more[ROOM];
        int64_t cap = 5 + (int64_t)(test_rand(&seed) % 90);
        char spec[32];
        size_t len, other;
        snprintf(spec, sizeof spec, "survival cap %d", (int)cap);
        cxm_state *state = make(spec);
        cxm_survival *s = NULL;
        assert_int_equal(cxm_survival_create(cap, NULL, &s), CXM_OK);
        for (int i = 0; i < 300; ++i) tell(state, s, &seed, trial % 2 ? 60 : 100);
        assert_figures(state, s);
        assert_int_equal(cxm_state_encode(state, bytes, ROOM, &len), CXM_OK);
        assert_int_equal(cxm_survival_encode(s, more, ROOM, &other), CXM_OK);
        assert_int_equal(len, other);
        assert_memory_equal(bytes, more, len);
        cxm_survival_free(s);
        cxm_state_free(state);
    }
}

static void lines_go_where_they_belong(void **unused)
{
    (void)unused;
    static const struct { const char *line; cxm_status status; } lines[] = {
        {"31,yes", CXM_OK}, {"14\t31\tchurned", CXM_OK}, {" 0 , 0 , 1 ", CXM_OK}, {"1e2,no", CXM_OK}, {"99999999,0", CXM_OK},
        {"-1,1", CXM_E_DOMAIN}, {"2.5,1", CXM_E_DOMAIN}, {"5,5,1", CXM_E_DOMAIN}, {"7,5,1", CXM_E_DOMAIN}, {"1e999,0", CXM_E_DOMAIN}, {"1e30,0", CXM_E_DOMAIN},
        {"", CXM_OK}, {"NA", CXM_OK}, {",1", CXM_OK}, {"3,", CXM_OK}, {"3,n/a,1", CXM_OK}, {"\t\t", CXM_OK},
        {"31", CXM_E_FORMAT}, {"a,1", CXM_E_FORMAT}, {"3,2", CXM_E_FORMAT}, {"3,maybe", CXM_E_FORMAT}, {"1,2,1,0", CXM_E_FORMAT}, {"b,3,1", CXM_E_FORMAT}, {"3;1", CXM_E_FORMAT}};
    cxm_state *state = make("survival cap 200"), *empty = make("survival cap 200");
    static unsigned char bytes[ROOM], more[ROOM];
    size_t len, other;
    for (size_t i = 0; i < COUNT_OF(lines); ++i) assert_int_equal(add(state, lines[i].line), lines[i].status);
    assert_int_equal(cxm_state_add(state, (double)NAN), CXM_OK);
    assert_true(count(state, "n") == 5 && count(state, "missing") == 7 && count(state, "out_of_range") == 6);
    assert_true(count(state, "events") == 3 && count(state, "censored") == 1 && count(state, "beyond") == 1 && count(state, "late") == 1);
    for (size_t i = 0; i < COUNT_OF(lines); ++i)
        assert_int_equal(cxm_state_remove_text(state, lines[i].line, strlen(lines[i].line)), lines[i].status);
    assert_int_equal(cxm_state_remove(state, (double)NAN), CXM_OK);
    assert_int_equal(cxm_state_remove(state, (double)NAN), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_state_remove_text(state, "31,yes", 6), CXM_E_UNDERFLOW);
    assert_int_equal(cxm_state_encode(state, bytes, ROOM, &len), CXM_OK);
    assert_int_equal(cxm_state_encode(empty, more, ROOM, &other), CXM_OK);
    assert_int_equal(len, other);
    assert_memory_equal(bytes, more, len);
    cxm_state_free(state);
    cxm_state_free(empty);
}

/* 2, 3, 3 left and 5 is still there: S is 3/4, 1/4; the mean to 5 is 2 + 3/4 + 2/4, its variance 16/192 x (5/4)^2 / 4 ... by R:
 * print(survfit(Surv(c(2,3,3,5), c(1,1,1,0)) ~ 1), rmean = 5) says 3.25 and 0.545. */
static void json_tells_all(void **unused)
{
    (void)unused;
    static const char *const parts[] = {
        "{\"metric\":\"survival\",\"segment\":{},\"window\":null,\"n\":4,\"value\":3,\"interval\":{\"method\":\"log\",\"level\":0.95,\"low\":2,\"high\":null},",
        "\"events\":3,\"censored\":1,\"beyond\":0,\"late\":0,\"median\":{\"value\":3,\"low\":2,\"high\":null},\"rmst\":{\"tau\":5,\"value\":3.25,\"se\":0.5448",
        ",\"curve\":[{\"t\":2,\"at_risk\":4,\"events\":1,\"censored\":0,\"survival\":0.75,\"se\":0.21650635",
        "{\"t\":5,\"at_risk\":1,\"events\":0,\"censored\":1,\"survival\":0.25,", "],\"missing\":0,\"out_of_range\":0,\"why\":\"interval: "};
    static char text[ROOM];
    cxm_state *state = make("survival");
    size_t len, need;
    assert_int_equal(cxm_state_json(state, 0.0, text, ROOM, &len), CXM_OK);
    text[len] = '\0';
    assert_string_equal(text, "{\"metric\":\"survival\",\"segment\":{},\"window\":null,\"n\":0,\"value\":null,\"interval\":null,\"events\":0,\"censored\":0,\"beyond\":0,"
                              "\"late\":0,\"median\":{\"value\":null,\"low\":null,\"high\":null},\"rmst\":{\"tau\":null,\"value\":null,\"se\":null,\"low\":null,"
                              "\"high\":null},\"curve\":[],\"missing\":0,\"out_of_range\":0,\"why\":\"value and interval: no customer was counted\"}");
    assert_int_equal(add(state, "2,1"), CXM_OK);
    assert_int_equal(add(state, "3,1"), CXM_OK);
    assert_int_equal(add(state, "3,1"), CXM_OK);
    assert_int_equal(add(state, "5,0"), CXM_OK);
    assert_int_equal(cxm_state_json(state, 0.0, text, ROOM, &len), CXM_OK);
    text[len] = '\0';
    for (size_t i = 0; i < COUNT_OF(parts); ++i) assert_non_null(strstr(text, parts[i]));
    assert_int_equal(cxm_state_json(state, 0.0, text, len - 1, &need), CXM_E_LIMIT);
    assert_int_equal(need, len);
    cxm_state_free(state);
}

static void a_curve_that_stays_high_has_no_median(void **unused)
{
    (void)unused;
    static char text[ROOM];
    cxm_state *state = make("survival");
    double value;
    size_t len;
    assert_int_equal(get(state, "value", &value), CXM_E_EMPTY);
    assert_int_equal(get(state, "survival:3", &value), CXM_E_EMPTY);
    for (int i = 0; i < 9; ++i) assert_int_equal(add(state, i ? "7,no" : "3,yes"), CXM_OK);
    assert_int_equal(get(state, "value", &value), CXM_E_UNDEFINED);
    assert_int_equal(get(state, "mean", &value), CXM_OK);
    assert_close(value, 3.0 + 4.0 * 8.0 / 9.0, 1e-15);
    assert_int_equal(cxm_state_json(state, 0.0, text, ROOM, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"why\":\"value: half of the customers have not left by the last time\"}"));
    cxm_state_free(state);
    state = make("survival");
    assert_int_equal(add(state, "0,1"), CXM_OK);        /* nobody past 0 */
    assert_int_equal(get(state, "mean", &value), CXM_E_UNDEFINED);
    assert_int_equal(get(state, "value", &value), CXM_OK);
    assert_true(value == 0.0);
    cxm_state_free(state);
}

static void bytes_travel_and_merge(void **unused)
{
    (void)unused;
    static unsigned char bytes[ROOM], more[ROOM];
    char text[CXM_STATE_SPEC_MAX];
    uint64_t seed = 72;
    size_t len, other;
    cxm_state *whole = make("survival cap 90"), *part[2] = {make("survival cap 90"), make(" survival  cap 90 ")}, *back = NULL, *far = make("survival");
    cxm_survival *s = NULL;
    assert_int_equal(cxm_survival_create(90, NULL, &s), CXM_OK);
    for (int i = 0; i < 200; ++i) {
        uint64_t again = seed;
        tell(whole, s, &seed, 80);
        tell(part[i % 2], s, &again, 80);
    }
    assert_int_equal(cxm_state_merge(part[0], part[1]), CXM_OK);
    assert_int_equal(cxm_state_encode(whole, bytes, ROOM, &len), CXM_OK);
    assert_int_equal(cxm_state_encode(part[0], more, ROOM, &other), CXM_OK);
    assert_true(len == other && memcmp(bytes, more, len) == 0);
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 0, NULL, &back), CXM_OK);
    assert_int_equal(cxm_state_spec(back, text, sizeof text, &other), CXM_OK);
    assert_true(other == 15 && memcmp(text, "survival cap 90", 15) == 0);
    assert_int_equal(cxm_state_merge(far, whole), CXM_E_MISMATCH);
    cxm_state_free(back);
    back = NULL;
    assert_int_equal(cxm_state_decode(bytes, len, "survival", 8, 0, NULL, &back), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(bytes, len, "nps", 3, 0, NULL, &back), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 700, NULL, &back), CXM_E_LIMIT);
    bytes[len - 1] ^= 1;
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 0, NULL, &back), CXM_E_FORMAT);
    assert_null(back);
    cxm_survival_free(s);
    cxm_state_free(whole);
    cxm_state_free(far);
    cxm_state_free(part[0]);
    cxm_state_free(part[1]);
}

static void misuse(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {"survival cap", "survival cap 0", "survival cap 16777216", "survival cap 5 5", "survival cap x", "survival cap 1e3",
                                        "survival log", "survival 90", "survival weighted", "survival cap 2.5"};
    static const char *const names[] = {"survival:", "survival:x", "survival:-1", "quantile:0", "quantile:1", "quantile:nan", "within:3", "count:3", "mean:0", "share:1"};
    cxm_state *state = make("survival cap 30");
    const double values[2] = {1.0, 2.0};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = 2};
    cxm_difference difference = {.size = sizeof difference};
    double value;
    size_t len;
    static unsigned char bytes[ROOM];
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        cxm_state *none = NULL;
        assert_int_equal(cxm_state_create(wrong[i], strlen(wrong[i]), NULL, &none, NULL), CXM_E_FORMAT);
        assert_null(none);
    }
    assert_int_equal(cxm_state_add(state, 3.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_remove(state, 3.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_add_many(state, &column), CXM_E_METHOD);
    column.size = 4;
    assert_int_equal(cxm_state_add_many(state, &column), CXM_E_ABI);
    assert_int_equal(cxm_state_add_weighted(state, 1.0, 1.0), CXM_E_METHOD);
    assert_int_equal(add(state, "5,no"), CXM_OK);
    for (size_t i = 0; i < COUNT_OF(names); ++i) assert_int_equal(get(state, names[i], &value), CXM_E_ARG);
    assert_int_equal(cxm_state_compare(state, state, 0, 0.95, &difference), CXM_E_METHOD);
    assert_int_equal(add(state, "10,20,1"), CXM_OK);
    assert_int_equal(cxm_state_remove_text(state, "20,1", 4), CXM_OK);      /* left: one who leaves before one enters */
    assert_int_equal(get(state, "value", &value), CXM_E_UNDEFINED);
    assert_int_equal(cxm_state_encode(state, bytes, ROOM, &len), CXM_E_UNDEFINED);
    cxm_state_free(state);
}

static void every_allocation_may_fail(void **unused)
{
    (void)unused;
    for (size_t fail = 1; fail <= 4; ++fail) {
        ledger own = {.fail_at = fail};
        cxm_alloc hook = ledger_hook(&own);
        cxm_state *state = NULL;
        cxm_status status = cxm_state_create("survival", 8, &hook, &state, NULL);
        assert_int_equal(status, fail <= 2 ? CXM_E_MEMORY : CXM_OK);
        if (status == CXM_OK && add(state, "3,yes") == CXM_E_MEMORY) assert_int_equal(add(state, "3,yes"), CXM_OK);
        if (status == CXM_OK && add(state, "900,no") == CXM_E_MEMORY) assert_int_equal(add(state, "900,no"), CXM_OK);
        if (status == CXM_OK) assert_int_equal(count(state, "n"), 2);
        assert_int_equal(own.failed, 1);
        cxm_state_free(state);
        assert_int_equal(own.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_the_typed_calls), cmocka_unit_test(lines_go_where_they_belong), cmocka_unit_test(json_tells_all),
        cmocka_unit_test(a_curve_that_stays_high_has_no_median), cmocka_unit_test(bytes_travel_and_merge), cmocka_unit_test(misuse),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("stream/state_survival", tests, NULL, NULL);
}
