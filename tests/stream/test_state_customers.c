/* SPDX-License-Identifier: MIT */
/* test_state_customers.c - the door to customers: figures are those of cxm_churn over the same events, bytes those of cxm_customers;
 * lines that are no events, currencies, periods; merges, hostile bytes, and every allocation that can fail. */
#include <cxm/churn.h>
#include <cxm/customers.h>
#include <cxm/money.h>
#include <cxm/state.h>
#include <cxm/text.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "support/cxm_ledger.h"
#include "support/cxm_test.h"

enum { EVENTS = 400, CUSTOMERS = 60, ROOM = 1 << 17, LINE = 160 };
static const int64_t DAY = INT64_C(86400000000), DAWN = INT64_C(1767225600) * 1000000;      /* 2026-01-01T00:00:00Z */
static char bytes[ROOM], more[ROOM], text[ROOM];

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

static size_t encode(const cxm_state *state, char *out)
{
    size_t len = 0;
    assert_int_equal(cxm_state_encode(state, out, ROOM, &len), CXM_OK);
    return len;
}

static void assert_same(const cxm_state *a, const cxm_state *b)
{
    size_t len = encode(a, bytes), other = encode(b, more);
    assert_int_equal(len, other);
    assert_memory_equal(bytes, more, len);
}

static double get(const cxm_state *state, const char *name)
{
    double value = -99.0;
    cxm_status status = cxm_state_get(state, name, strlen(name), 0.9, &value);
    assert_true(status == CXM_OK || status == CXM_E_UNDEFINED || status == CXM_E_EMPTY);
    return status == CXM_OK ? value : -99.0;
}

static uint64_t count(const cxm_state *state, const char *name)
{
    uint64_t value = 0;
    assert_int_equal(cxm_state_get_count(state, name, strlen(name), &value), CXM_OK);
    return value;
}

static void assert_spec(const cxm_state *state, const char *want)
{
    char spec[CXM_STATE_SPEC_MAX];
    size_t len = 0;
    assert_int_equal(cxm_state_spec(state, spec, sizeof spec, &len), CXM_OK);
    assert_true(len == strlen(want) && memcmp(spec, want, len) == 0);
}

static cxm_customers *typed(const char *currency, const cxm_alloc *alloc)
{
    cxm_customers_options options = {.size = sizeof options};
    cxm_customers *c = NULL;
    if (currency) assert_int_equal(cxm_money_currency(currency, strlen(currency), &options.currency), CXM_OK);
    options.digits = (uint16_t)cxm_money_digits(options.currency);
    assert_int_equal(cxm_customers_create(&options, alloc, &c), CXM_OK);
    return c;
}

/* --- events, and the lines that tell them --- */

typedef struct told { char line[LINE]; uint64_t code; cxm_customer_event event; } told;

static void print_day(int64_t day, char out[CXM_TEXT_TIME_MAX])
{
    size_t len = 0;
    assert_int_equal(cxm_text_from_time(DAWN + day * DAY, 0, out, CXM_TEXT_TIME_MAX - 1, &len), CXM_OK);
    out[len] = '\0';
}

/* Within 120 days, amounts to the cent; a comma or a tab between. */
static told draw(uint64_t *seed)
{
    static const char *const words[] = {"", "Signup", "reactivated", "upgrade", "renewal", "cancelled", "period", "order"};
    told t;
    char who[16], part[16] = "", at[CXM_TEXT_TIME_MAX], until[CXM_TEXT_TIME_MAX] = "", amount[24] = "";
    int kind = 1 + (int)(test_rand(seed) % 7), sub = (int)(test_rand(seed) % 3);
    int64_t day = (int64_t)(test_rand(seed) % 120), length = (int64_t)(test_rand(seed) % 40), minor = (int64_t)(test_rand(seed) % 5000);
    snprintf(who, sizeof who, "c%d", (int)(test_rand(seed) % CUSTOMERS));
    if (sub) snprintf(part, sizeof part, "s%d", sub);
    print_day(day, at);
    t.event = (cxm_customer_event){.at_us = DAWN + day * DAY, .kind = (uint8_t)kind, .part = cxm_customer_part(part, strlen(part))};
    if (kind != CXM_CUSTOMER_CANCEL) t.event.amount = minor;
    snprintf(amount, sizeof amount, "%d.%02d", (int)(minor / 100), (int)(minor % 100));
    if (kind == CXM_CUSTOMER_CANCEL) t.event.end_us = t.event.at_us;
    if (kind == CXM_CUSTOMER_PERIOD) t.event.end_us = CXM_CUSTOMERS_NEVER;
    if (t.event.end_us && length > 9) {
        print_day(day + length, until);
        t.event.end_us = t.event.at_us + length * DAY;
    }
    t.code = cxm_customer_code(who, strlen(who));
    const char *form = test_rand(seed) % 2 ? "%s,%s,%s,%s,%s,%s" : " %s\t%s\t%s\t%s\t%s\t%s\tEUR";
    snprintf(t.line, sizeof t.line, form, who, at, words[kind], amount, part, until);
    return t;
}

/* --- figures --- */

static const struct { const char *name; int32_t rate; bool limited; } rates[] = {
    {"logo_endpoint", CXM_CHURN_LOGO_ENDPOINT, true}, {"retention", CXM_CHURN_RETENTION, true}, {"logo_average", CXM_CHURN_LOGO_AVERAGE, false},
    {"stripe", CXM_CHURN_STRIPE, false}, {"chartmogul", CXM_CHURN_CHARTMOGUL, true}, {"chartmogul_b2c", CXM_CHURN_CHARTMOGUL_B2C, false},
    {"baremetrics", CXM_CHURN_BAREMETRICS, false}, {"profitwell", CXM_CHURN_PROFITWELL, true}, {"shopify_daily", CXM_CHURN_SHOPIFY_DAILY, false},
    {"exposure", CXM_CHURN_EXPOSURE, true}, {"inactive", CXM_CHURN_INACTIVE, true}, {"gross_mrr", CXM_CHURN_GROSS_MRR, true},
    {"gross_mrr_flow", CXM_CHURN_GROSS_MRR_FLOW, true}, {"gross_mrr_daily", CXM_CHURN_GROSS_MRR_DAILY, false},
    {"net_mrr", CXM_CHURN_NET_MRR, true}, {"net_mrr_baremetrics", CXM_CHURN_NET_MRR_BAREMETRICS, true},
    {"net_mrr_daily", CXM_CHURN_NET_MRR_DAILY, false}, {"grr", CXM_CHURN_GRR, true}, {"nrr", CXM_CHURN_NRR, true},
    {"quick_ratio", CXM_CHURN_QUICK_RATIO, false}, {"quick_ratio_reactivation", CXM_CHURN_QUICK_RATIO_REACTIVATION, false},
    {"mrr_growth", CXM_CHURN_MRR_GROWTH, false}};

static void assert_number(const cxm_state *state, const char *name, double want)
{
    double got = get(state, name);
    if (want == want ? got != want : got != -99.0) fail_msg("%s is %.17g, not %.17g", name, got, want);
}

static void assert_rate(const cxm_state *state, const cxm_churn *churn, size_t i)
{
    cxm_churn_rate rate = {.size = sizeof rate};
    char name[64];
    cxm_churn_rate_of(churn, rates[i].rate, 0.9, &rate);
    assert_number(state, rates[i].name, rate.value);
    assert_int_equal(rates[i].limited, rate.interval != CXM_CHURN_NO_INTERVAL);
    snprintf(name, sizeof name, "%s_low", rates[i].name);
    if (rates[i].limited) assert_number(state, name, rate.low);
    else assert_int_equal(cxm_state_get(state, name, strlen(name), 0.9, &rate.low), CXM_E_ARG);
    snprintf(name, sizeof name, "%s_high", rates[i].name);
    if (rates[i].limited) assert_number(state, name, rate.high);
}

static void assert_counts(const cxm_state *state, const cxm_churn *churn)
{
    cxm_churn_counts c = {.size = sizeof c};
    assert_int_equal(cxm_churn_counts_of(churn, &c), CXM_OK);
    const struct { const char *name; uint64_t want; } rows[] = {
        {"n", c.start}, {"customers", c.customers}, {"refused", c.refused}, {"start", c.start}, {"end", c.end}, {"churned", c.churned},
        {"returned", c.returned}, {"joined", c.joined}, {"joined_churned", c.joined_churned}, {"back", c.back}, {"back_churned", c.back_churned},
        {"repeated", c.repeated}, {"day_churned", c.day_churned}, {"active_before", c.active_before}, {"active_after", c.active_after},
        {"active_both", c.active_both}, {"new", c.fresh.count}, {"new_amount", c.fresh.amount}, {"reactivation", c.reactivation.count},
        {"reactivation_amount", c.reactivation.amount}, {"expansion", c.expansion.count}, {"expansion_amount", c.expansion.amount},
        {"contraction", c.contraction.count}, {"contraction_amount", c.contraction.amount}, {"churn", c.churn.count},
        {"churn_amount", c.churn.amount}, {"start_amount", c.start_amount}, {"end_amount", c.end_amount}};
    for (size_t i = 0; i < COUNT_OF(rows); ++i)
        if (count(state, rows[i].name) != rows[i].want) fail_msg("%s is not that of churn", rows[i].name);
    assert_number(state, "exposure_days", c.exposure_days);
    assert_true(c.start_amount + c.fresh.amount + c.reactivation.amount + c.expansion.amount - c.contraction.amount - c.churn.amount == c.end_amount);
}

/* Customers known by the end of the period, as the command counts them. */
static cxm_churn *count_typed(cxm_customers *c, int64_t from_us, int64_t to_us, int64_t inactive_days, int32_t reading)
{
    cxm_churn_options options = {.size = sizeof options, .from_us = from_us, .to_us = to_us, .inactive_us = inactive_days * DAY};
    cxm_customer_item item = {.size = sizeof item};
    cxm_churn *churn = NULL;
    uint64_t cursor = 0;
    assert_int_equal(cxm_churn_create(&options, NULL, &churn), CXM_OK);
    while (cxm_customers_next(c, &cursor, reading, &item) == CXM_OK)
        if ((item.step_count && item.steps[0].at_us <= to_us) || (item.purchase_count && item.purchases[0].at_us <= to_us))
            assert_int_equal(cxm_churn_add(churn, &item), CXM_OK);
    return churn;
}

static void assert_figures(const cxm_state *state, const cxm_churn *churn, bool requested)
{
    cxm_churn_rate value = {.size = sizeof value};
    for (size_t i = 0; i < COUNT_OF(rates); ++i)
        if (!requested || rates[i].rate != CXM_CHURN_PROFITWELL) assert_rate(state, churn, i);
    if (requested) assert_number(state, "profitwell", (double)NAN);
    assert_counts(state, churn);
    cxm_churn_rate_of(churn, CXM_CHURN_LOGO_ENDPOINT, 0.9, &value);
    assert_number(state, "value", value.value);
    assert_number(state, "low", value.low);
    assert_number(state, "high", value.high);
}

static void figures_are_those_of_the_typed_calls(void **unused)
{
    (void)unused;
    static const struct { const char *spec; int from, to, inactive; bool requested; } asked[] = {
        {"customers EUR", -1, -1, 30, false}, {"customers EUR from 2026-02-01 to 2026-03-01", 31, 59, 30, false},
        {"customers requested EUR inactive 7", -1, -1, 7, true}, {"customers EUR inactive 90 from 2026-01-01 to 2027-01-01", 0, 365, 90, false}};
    uint64_t seed = 11;
    for (int trial = 0; trial < 60; ++trial) {
        size_t which = (size_t)trial % COUNT_OF(asked), len = 0, other = 0;
        cxm_state *state = make(asked[which].spec);
        cxm_customers *c = typed("EUR", NULL);
        cxm_customers_account account = {.size = sizeof account};
        cxm_customers_span span = {.size = sizeof span};
        for (int i = 0; i < 1 + trial * 7; ++i) {
            told t = draw(&seed);
            assert_int_equal(add(state, t.line), CXM_OK);
            assert_int_equal(cxm_customers_add(c, t.code, &t.event), CXM_OK);
        }
        assert_int_equal(cxm_customers_span_of(c, &span), CXM_OK);
        int64_t to = asked[which].to < 0 ? span.latest_us : DAWN + asked[which].to * DAY;
        int64_t from = asked[which].to < 0 ? to - 30 * DAY : DAWN + asked[which].from * DAY;
        cxm_churn *churn = count_typed(c, from, to, asked[which].inactive, asked[which].requested);
        assert_figures(state, churn, asked[which].requested);
        assert_int_equal(cxm_customers_account_of(c, &account), CXM_OK);
        assert_true(count(state, "events") == account.held && count(state, "received") == account.received);
        assert_true(count(state, "surplus") == account.surplus && count(state, "foreign") == 0);
        len = encode(state, bytes);
        assert_int_equal(cxm_customers_encode(c, more, ROOM, &other), CXM_OK);
        assert_int_equal(len, other);
        assert_memory_equal(bytes, more, len);
        cxm_churn_free(churn);
        cxm_customers_free(c);
        cxm_state_free(state);
    }
}

/* By hand: a and b are there on 1 February, a leaves on the 20th, c joins; a paid 10.00 of 30.00. */
static void a_small_shop_by_hand(void **unused)
{
    (void)unused;
    static const char *const lines[] = {"a,2026-01-05,signup,10", "b,2026-01-07,signup,20.00", "a,2026-02-10,cancel,,,2026-02-20",
                                        "c,2026-02-15,Trial,99", "c,2026-02-20,change,5", "b,2026-02-12,upgrade,25.5", "", "N/A", "\t\t"};
    cxm_state *state = make("customers EUR from 2026-02-01 to 2026-03-01");
    for (size_t i = 0; i < COUNT_OF(lines); ++i) assert_int_equal(add(state, lines[i]), CXM_OK);
    assert_true(get(state, "value") == 0.5 && get(state, "retention") == 0.5 && get(state, "grr") == 2.0 / 3.0);
    assert_true(count(state, "start_amount") == 3000 && count(state, "end_amount") == 3050 && count(state, "expansion_amount") == 550);
    assert_true(count(state, "new") == 1 && count(state, "new_amount") == 500 && count(state, "churn_amount") == 1000 && count(state, "events") == 6);
    size_t len = 0;
    assert_int_equal(cxm_state_definition(state, 0.0, text, ROOM, &len), CXM_OK);
    text[len] = '\0';
    assert_string_equal(text, "Churn: customers active at the start and not at the end / customers active at the start, from 2026-02-01 to "
                              "2026-03-01; a cancellation counts when what was paid for has ended; interval Wilson's at level 0.95");
    assert_int_equal(cxm_state_json(state, 0.0, text, ROOM, &len), CXM_OK);
    text[len] = '\0';
    static const char *const parts[] = {
        "{\"metric\":\"customers\",\"segment\":{},\"window\":null,\"n\":2,\"value\":0.5,\"interval\":{\"method\":\"wilson\",\"level\":0.95,",
        "\"numerator\":1,\"denominator\":2,", "\"currency\":\"EUR\",\"minor_digits\":2,\"cancel\":\"ended\",",
        "\"period\":{\"from\":\"2026-02-01T00:00:00Z\",\"to\":\"2026-03-01T00:00:00Z\"}", "{\"metric\":\"logo_endpoint\",\"n\":2,",
        "{\"metric\":\"quick_ratio\",\"n\":3,\"value\":1.05,\"interval\":null,\"numerator\":1050,\"denominator\":1000,\"definition\":",
        "{\"movement\":\"start\",\"count\":2,\"amount\":3000},{\"movement\":\"new\",\"count\":1,\"amount\":500}",
        "\"customers\":3,\"refused\":0,\"received\":6,\"events\":6,\"surplus\":0,\"foreign\":0}"};
    for (size_t i = 0; i < COUNT_OF(parts); ++i)
        if (!strstr(text, parts[i])) fail_msg("no %s in %s", parts[i], text);
    assert_int_equal(cxm_state_json(state, 0.0, text, len - 1, &len), CXM_E_LIMIT);
    cxm_state_free(state);
}

static void nothing_told_is_nothing(void **unused)
{
    (void)unused;
    cxm_state *state = make("customers");
    double value = 5.0;
    size_t len = 0;
    assert_spec(state, "customers -");
    assert_int_equal(cxm_state_get(state, "value", 5, 0.0, &value), CXM_E_EMPTY);
    assert_int_equal(cxm_state_get(state, "grr", 3, 0.0, &value), CXM_E_UNDEFINED);
    assert_true(value == 5.0 && count(state, "n") == 0 && count(state, "customers") == 0);
    assert_int_equal(cxm_state_json(state, 0.0, text, ROOM, &len), CXM_OK);
    text[len] = '\0';
    assert_non_null(strstr(text, "\"currency\":null,\"minor_digits\":2,\"cancel\":\"ended\",\"period\":null,"));
    assert_non_null(strstr(text, "\"why\":\"value and interval: no event was told, and no period\""));
    cxm_state_free(state);
    state = make("customers from 2026-02-01 to 2026-03-01");
    assert_int_equal(cxm_state_get(state, "value", 5, 0.0, &value), CXM_E_EMPTY);
    assert_int_equal(add(state, "a,2026-04-01,signup"), CXM_OK);                  /* behind the period: not known by then */
    assert_true(count(state, "customers") == 0 && count(state, "events") == 1 && count(state, "end_amount") == 0);
    cxm_state_free(state);
}

/* Earliest and latest instants: the 30 days before the latest event are cut to the years there are. */
static void the_ends_of_time(void **unused)
{
    (void)unused;
    cxm_state *state = make("customers");
    assert_int_equal(add(state, "a,0001-01-01,signup"), CXM_OK);
    assert_true(count(state, "customers") == 1 && count(state, "start") == 1);
    assert_int_equal(add(state, "a,9999-12-31T23:59:59.999999Z,cancel"), CXM_OK);
    assert_true(count(state, "start") == 1 && count(state, "end") == 0 && get(state, "value") == 1.0);
    cxm_state_free(state);
}

/* A line that ends before its amount counts subscriptions. */
static void lines_without_amounts(void **unused)
{
    (void)unused;
    cxm_state *state = make("customers JPY from 2026-02-01 to 2026-03-01");
    assert_int_equal(add(state, "a,2026-01-01,signup"), CXM_OK);
    assert_int_equal(add(state, "b,2026-01-01,signup"), CXM_OK);
    assert_int_equal(add(state, "b,2026-02-01T10:00,cancel"), CXM_OK);
    assert_int_equal(add(state, "c\t2026-01-01\tpurchase"), CXM_OK);
    assert_int_equal(add(state, "d,2026-01-01,period,1500,s,2026-02-03,jpy"), CXM_OK);
    assert_true(count(state, "start_amount") == 1502 && count(state, "end_amount") == 1 && count(state, "churned") == 2);
    assert_true(count(state, "active_before") == 0 && count(state, "customers") == 4);
    cxm_state_free(state);
    state = make("customers EUR");
    for (int i = 0; i < 200; ++i) {                     /* beyond what one may pay a month */
        char line[LINE];
        snprintf(line, sizeof line, "rich,2026-01-01,signup,10000000000,s%d", i);
        assert_int_equal(add(state, line), CXM_OK);
    }
    assert_true(count(state, "refused") == 1 && count(state, "customers") == 0 && count(state, "end") == 0);
    cxm_state_free(state);
}

/* --- what is no event --- */

/* What was paid for may have run out before the cancellation is told: it counts at once. */
static void a_cancellation_told_late(void **unused)
{
    (void)unused;
    cxm_state *late = make("customers EUR"), *at_once = make("customers EUR");
    assert_int_equal(add(late, "a,2026-06-10,cancel,,,2026-05-31"), CXM_OK);
    assert_int_equal(add(at_once, "a,2026-06-10,cancel"), CXM_OK);
    assert_same(late, at_once);
    cxm_state_free(late);
    cxm_state_free(at_once);
}

static void lines_that_are_no_events_are_refused(void **unused)
{
    (void)unused;
    static const char *const wrong[] = {
        "a", "a,2026-06-01", ",2026-06-01,signup,1", "a,,signup,1", "a,yesterday,signup,1", "a,2026-02-30,signup,1", "a,0000-01-01,signup,1",
        "a,2026-06-01,,1", "a,2026-06-01,teleported,1", "a,2026-06-01,signup,", "a,2026-06-01,signup,,s1", "a,2026-06-01,signup,ten", "a,2026-06-01,signup,-1",
        "a,2026-06-01,signup,1.005", "a,2026-06-01,signup,1e3", "a,2026-06-01,signup,10000000000.01", "a,2026-06-01,signup,99999999999999999999", "a,2026-06-01,signup,NaN",
        "a,2026-06-01,period,1,s,2026-05-31", "a,2026-06-01,period,1,s,soon", "a,2026-06-01,cancel,,,later",
        "a,2026-06-01,signup,1,,,EURO", "a,2026-06-01,signup,1,,,E1R", "a,2026-06-01,signup,1,s,,EUR,more", "a;2026-06-01;signup;1", "3.5", ",,", ",,,,,,",
        "a\t2026-06-01,signup,1", "a,1e999,signup,1"};
    static char lines[ROOM];
    cxm_state *state = make("customers EUR"), *empty = make("customers EUR");
    for (size_t i = 0; i < COUNT_OF(wrong); ++i)
        if (add(state, wrong[i]) != CXM_E_FORMAT) fail_msg("taken: %s", wrong[i]);
    for (int field = 0; field < 7; ++field) {           /* one cell of 100 000 bytes after the other */
        static const char *const cells[] = {"a", "2026-06-01", "period", "1", "s", "2026-07-01", "EUR"};
        size_t at = 0;
        for (int i = 0; i < 7; ++i) {
            if (i) lines[at++] = ',';
            memcpy(lines + at, cells[i], strlen(cells[i]));
            at += strlen(cells[i]);
            if (i != field) continue;
            memset(lines + at, 'x', 100000);
            at += 100000;
        }
        bool name = field == 0 || field == 4;
        assert_int_equal(cxm_state_add_text(name ? empty : state, lines, at), name ? CXM_OK : CXM_E_FORMAT);
    }
    assert_true(count(empty, "events") == 2 && count(state, "events") == 0 && count(state, "received") == 0);
    for (size_t len = 0; len < 44; ++len) {             /* cut anywhere: an event or none, and no byte behind it is looked at */
        static const char line[] = "a,2026-06-01T08:00:00Z,period,1,s,2026-07-01";
        char *cut = test_malloc(len + 1);
        memcpy(cut, line, len);
        cxm_status status = cxm_state_add_text(empty, cut, len);
        assert_true(status == CXM_OK || status == CXM_E_FORMAT);
        test_free(cut);
    }
    assert_int_equal(cxm_state_add_text(state, "a,2026-06-01,sig\0nup,1", 21), CXM_E_FORMAT);
    cxm_state_free(state);
    cxm_state_free(empty);
}

static void another_currency_is_counted_as_foreign(void **unused)
{
    (void)unused;
    cxm_state *state = make("customers EUR"), *none = make("customers");
    assert_int_equal(add(state, "a,2026-06-01,signup,9.99,,,USD"), CXM_E_MISMATCH);
    assert_int_equal(add(state, "a,2026-06-01,signup,9.999,,,KWD"), CXM_E_MISMATCH);
    assert_int_equal(add(state, "a,2026-06-01,signup,9.99,,,eur"), CXM_OK);
    assert_true(count(state, "received") == 3 && count(state, "foreign") == 2 && count(state, "events") == 1);
    assert_int_equal(add(none, "a,2026-06-01,signup,9.99,,,EUR"), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_merge(state, none), CXM_E_MISMATCH);
    assert_true(count(none, "foreign") == 1);
    cxm_state_free(state);
    cxm_state_free(none);
}

static void nothing_is_taken_back(void **unused)
{
    (void)unused;
    static const char line[] = "a,2026-06-01,signup,1";
    cxm_state *state = make("customers"), *other = make("nps");
    const double values[2] = {1.0, 2.0};
    cxm_column column = {.size = sizeof column, .type = CXM_F64, .values = values, .count = 2};
    cxm_difference difference = {.size = sizeof difference};
    double value;
    size_t len;
    assert_int_equal(cxm_state_add(state, 3.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_add(state, (double)NAN), CXM_OK);
    assert_int_equal(cxm_state_remove(state, 3.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_remove(state, (double)NAN), CXM_OK);
    assert_int_equal(cxm_state_add_many(state, &column), CXM_E_METHOD);
    column.size = 4;
    assert_int_equal(cxm_state_add_many(state, &column), CXM_E_ABI);
    assert_int_equal(add(state, line), CXM_OK);
    assert_int_equal(cxm_state_remove_text(state, line, sizeof line - 1), CXM_E_METHOD);
    assert_int_equal(cxm_state_remove_text(state, " - ", 3), CXM_OK);
    assert_int_equal(cxm_state_add_weighted(state, 1.0, 1.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_add_text_weighted(state, line, sizeof line - 1, 1.0), CXM_E_METHOD);
    assert_int_equal(cxm_state_compare(state, state, 0, 0.95, &difference), CXM_E_METHOD);
    assert_int_equal(cxm_state_compare_json(state, state, 0.95, text, ROOM, &len), CXM_E_METHOD);
    assert_int_equal(cxm_state_merge(state, other), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_get(state, "quantile:0.5", 12, 0.0, &value), CXM_E_ARG);
    assert_int_equal(cxm_state_get(state, "logo", 4, 0.0, &value), CXM_E_ARG);
    assert_int_equal(cxm_state_get(state, "stripe_low", 10, 0.0, &value), CXM_E_ARG);
    assert_int_equal(cxm_state_get(state, "value", 5, 1.0, &value), CXM_E_ARG);
    assert_int_equal(count(state, "events"), 1);
    cxm_state_free(state);
    cxm_state_free(other);
}

static void a_spec_has_one_spelling(void **unused)
{
    (void)unused;
    static const char *const specs[][2] = {
        {"customers", "customers -"}, {"customers -", "customers -"}, {" customers \t eur ", "customers EUR"}, {"customers digits 2", "customers -"},
        {"customers JPY digits 0 inactive 30", "customers JPY"}, {"customers digits 4 JPY", "customers JPY digits 4"},
        {"customers inactive 7 from 2026-01-01T12:30 to 1780272000 requested USD", "customers USD requested from 2026-01-01T12:30:00Z to 2026-06-01 inactive 7"},
        {"customers from 0001-01-01 to 0001-01-01T00:00:00.000001Z", "customers - from 0001-01-01 to 0001-01-01T00:00:00.000001Z"},
        {"customers from 1969-12-31 to 1970-01-01", "customers - from 1969-12-31 to 1970-01-01"}};
    static const struct { const char *spec; uint64_t at; } wrong[] = {
        {"customers EURO", 10}, {"customers EU", 10}, {"customers EUR USD", 14}, {"customers - -", 12}, {"customers digits 5", 17}, {"customers digits", 16},
        {"customers digits 2 digits 2", 19}, {"customers requested requested", 20}, {"customers inactive 0", 19}, {"customers inactive 36601", 19},
        {"customers inactive 5d", 19}, {"customers inactive 5 inactive 5", 21}, {"customers from 2026-01-01", 25}, {"customers from 2026-01-01 to", 28},
        {"customers from 2026-01-01 until 2026-02-01", 26}, {"customers from soon to 2026-01-01", 15}, {"customers to 2026-01-01", 10},
        {"customers from 2026-02-01 to 2026-02-01", 29}, {"customers from 2026-02-01 to 2026-01-01", 29}, {"customers from 1900-01-01 to 2026-01-01", 29},
        {"customers from 2026-01-01 to 2026-02-01 from 2026-01-01 to 2026-02-01", 40}, {"customers weighted", 10}, {"customers 1..5", 10}};
    for (size_t i = 0; i < COUNT_OF(specs); ++i) {
        cxm_state *state = make(specs[i][0]), *again = make(specs[i][1]);
        assert_spec(state, specs[i][1]);
        assert_spec(again, specs[i][1]);
        cxm_state_free(state);
        cxm_state_free(again);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); ++i) {
        cxm_state *none = NULL;
        cxm_error error = {.size = sizeof error};
        assert_int_equal(cxm_state_create(wrong[i].spec, strlen(wrong[i].spec), NULL, &none, &error), CXM_E_FORMAT);
        if (error.byte_offset != wrong[i].at) fail_msg("%s: byte %d", wrong[i].spec, (int)error.byte_offset);
        assert_non_null(strstr(error.text, "; the form is: customers [EUR|-] [digits N]"));
        assert_null(none);
    }
}

/* --- merges and bytes --- */

/* Three parts, some lines in several of them, in every order; bytes hold no question. */
static void parts_merge_in_any_order(void **unused)
{
    (void)unused;
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int overlap = 0; overlap < 2; ++overlap) {
        uint64_t seed = 5;
        cxm_state *parts[3] = {make("customers EUR"), make("customers EUR requested"), make("customers EUR from 2026-01-01 to 2026-02-01")};
        cxm_state *whole = make("customers EUR inactive 3"), *sum = NULL;
        for (int i = 0; i < EVENTS; ++i) {
            told t = draw(&seed);
            uint64_t at = test_rand(&seed) % 3, again = test_rand(&seed) % 3;
            assert_int_equal(add(whole, t.line), CXM_OK);
            assert_int_equal(add(parts[at], t.line), CXM_OK);
            if (!overlap) continue;
            assert_int_equal(add(whole, t.line), CXM_OK);
            assert_int_equal(add(parts[again], t.line), CXM_OK);
        }
        for (int order = 0; order < 6; ++order) {
            sum = make("customers EUR");
            for (int i = 0; i < 3; ++i) assert_int_equal(cxm_state_merge(sum, parts[orders[order][i]]), CXM_OK);
            assert_same(sum, whole);
            assert_int_equal(cxm_state_merge(sum, sum), CXM_OK);
            assert_true(count(sum, "events") == count(whole, "events") && count(sum, "received") == 2 * count(whole, "received"));
            cxm_state_free(sum);
        }
        for (int i = 0; i < 3; ++i) cxm_state_free(parts[i]);
        cxm_state_free(whole);
    }
}

static void bytes_travel(void **unused)
{
    (void)unused;
    static const char asked[] = "customers EUR requested from 2026-02-01 to 2026-03-01 inactive 9";
    uint64_t seed = 8;
    cxm_state *state = make(asked), *back = NULL, *odd = NULL;
    for (int i = 0; i < EVENTS; ++i) assert_int_equal(add(state, draw(&seed).line), CXM_OK);
    size_t len = encode(state, bytes), other = 0;
    assert_int_equal(cxm_state_decode(bytes, len, asked, sizeof asked - 1, 0, NULL, &back), CXM_OK);
    assert_spec(back, asked);
    assert_true(get(back, "value") == get(state, "value") && get(back, "nrr_low") == get(state, "nrr_low"));
    cxm_state_free(back);
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 0, NULL, &back), CXM_OK);
    assert_spec(back, "customers EUR");
    assert_same(back, state);
    cxm_state_free(back);
    back = NULL;
    static const char *const others[] = {"nps", "customers", "customers USD", "customers EUR digits 3", "tickets"};
    for (size_t i = 0; i < COUNT_OF(others); ++i)
        assert_int_equal(cxm_state_decode(bytes, len, others[i], strlen(others[i]), 0, NULL, &back), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 300, NULL, &back), CXM_E_LIMIT);
    assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 20000, NULL, &back), CXM_E_LIMIT);
    for (size_t cut = 0; cut < len; cut += 1 + cut / 16) {
        assert_int_equal(cxm_state_decode(bytes, cut, NULL, 0, 0, NULL, &back), CXM_E_FORMAT);
        bytes[cut] = (char)(bytes[cut] ^ 1);
        assert_int_not_equal(cxm_state_decode(bytes, len, NULL, 0, 0, NULL, &back), CXM_OK);
        bytes[cut] = (char)(bytes[cut] ^ 1);
    }
    assert_null(back);
    odd = make("customers EUR digits 3");               /* a spec that the currency alone does not make */
    assert_int_equal(add(odd, "a,2026-01-01,signup,1.234"), CXM_OK);
    len = encode(odd, more);
    assert_int_equal(cxm_state_decode(more, len, NULL, 0, 0, NULL, &back), CXM_OK);
    assert_spec(back, "customers EUR digits 3");
    assert_int_equal(cxm_state_merge(back, state), CXM_E_MISMATCH);
    assert_int_equal(cxm_state_encode(back, bytes, len - 1, &other), CXM_E_LIMIT);
    assert_int_equal(other, len);
    cxm_state_free(odd);
    cxm_state_free(back);
    cxm_state_free(state);
}

/* Received doubles with each merge of a state with itself, and what it says stays as it is when that does not fit. */
static void what_was_received_overflows(void **unused)
{
    (void)unused;
    cxm_state *state = make("customers");
    assert_int_equal(add(state, "a,2026-01-01,signup"), CXM_OK);
    for (int i = 0; i < 63; ++i) assert_int_equal(cxm_state_merge(state, state), CXM_OK);
    size_t len = encode(state, bytes);
    assert_int_equal(cxm_state_merge(state, state), CXM_E_OVERFLOW);
    assert_int_equal(encode(state, more), len);
    assert_memory_equal(bytes, more, len);
    assert_true(count(state, "received") == UINT64_C(1) << 63 && count(state, "events") == 1);
    cxm_state_free(state);
}

/* --- memory --- */

/* A bound that just holds a state: what it has no room for is refused, and nothing is lost. */
static void a_full_state_says_so(void **unused)
{
    (void)unused;
    uint64_t seed = 3;
    cxm_state *state = make("customers EUR"), *other = make("customers EUR"), *tight = NULL;
    size_t bound = 16 << 10, limits = 0;
    double value;
    for (int i = 0; i < EVENTS; ++i) assert_int_equal(add(state, draw(&seed).line), CXM_OK);
    for (int i = 0; i < EVENTS; ++i) assert_int_equal(add(other, draw(&seed).line), CXM_OK);
    size_t len = encode(state, bytes);
    while (cxm_state_decode(bytes, len, NULL, 0, bound, NULL, &tight) == CXM_E_LIMIT) bound += 16;
    assert_non_null(tight);
    cxm_status status = cxm_state_get(tight, "value", 5, 0.0, &value);
    assert_true(status == CXM_E_LIMIT || status == CXM_OK);             /* no room to lay out a customer, or just so */
    assert_int_equal(cxm_state_merge(tight, other), CXM_E_LIMIT);
    assert_same(tight, state);
    for (int i = 0; i < 5000 && limits == 0; ++i) {
        char line[LINE];
        snprintf(line, sizeof line, "new%d,2026-01-01,signup,1", i);
        size_t before = encode(tight, bytes), after;
        status = add(tight, line);
        assert_true(status == CXM_OK || status == CXM_E_LIMIT);
        if (status == CXM_OK) continue;
        ++limits;
        after = encode(tight, more);
        assert_int_equal(before, after);
        assert_memory_equal(bytes, more, after);
    }
    assert_int_equal(limits, 1);
    cxm_state_free(state);
    cxm_state_free(other);
    cxm_state_free(tight);
}


/* A small shop with one allocation that fails: what was refused is offered again, and the same comes out. */
static size_t shop_with_a_fault(size_t fail_at, double *value, size_t *failed)
{
    ledger own = {.fail_at = fail_at};
    cxm_alloc hook = ledger_hook(&own);
    cxm_state *state = NULL, *half = NULL, *back = NULL;
    uint64_t seed = 6, n = 0;
    size_t len, other;
    if (cxm_state_create("customers EUR", 13, &hook, &state, NULL) != CXM_OK)
        assert_int_equal(cxm_state_create("customers EUR", 13, &hook, &state, NULL), CXM_OK);
    if (cxm_state_create("customers EUR", 13, &hook, &half, NULL) != CXM_OK)
        assert_int_equal(cxm_state_create("customers EUR", 13, &hook, &half, NULL), CXM_OK);
    for (int i = 0; i < 160; ++i) {
        told t = draw(&seed);
        cxm_state *to = i % 2 ? half : state;
        if (add(to, t.line) == CXM_E_MEMORY) assert_int_equal(add(to, t.line), CXM_OK);
    }
    size_t before = encode(state, bytes);
    if (cxm_state_merge(state, half) == CXM_E_MEMORY) {
        assert_int_equal(encode(state, more), before);
        assert_memory_equal(bytes, more, before);
        assert_int_equal(cxm_state_merge(state, half), CXM_OK);
    }
    if (cxm_state_get(state, "value", 5, 0.0, value) == CXM_E_MEMORY) assert_int_equal(cxm_state_get(state, "value", 5, 0.0, value), CXM_OK);
    if (cxm_state_get_count(state, "start", 5, &n) == CXM_E_MEMORY) assert_int_equal(cxm_state_get_count(state, "start", 5, &n), CXM_OK);
    if (cxm_state_json(state, 0.0, text, ROOM, &other) == CXM_E_MEMORY) assert_int_equal(cxm_state_json(state, 0.0, text, ROOM, &other), CXM_OK);
    len = encode(state, bytes);
    if (cxm_state_decode(bytes, len, NULL, 0, 0, &hook, &back) == CXM_E_MEMORY)
        assert_int_equal(cxm_state_decode(bytes, len, NULL, 0, 0, &hook, &back), CXM_OK);
    assert_same(state, back);
    cxm_state_free(state);
    cxm_state_free(half);
    cxm_state_free(back);
    assert_int_equal(own.live, 0);
    *failed = own.failed;
    return own.calls;
}

static void every_allocation_may_fail(void **unused)
{
    (void)unused;
    double want = 0.0, got = 0.0;
    size_t failed, calls = shop_with_a_fault(0, &want, &failed);
    assert_true(calls > 60 && failed == 0);
    for (size_t k = 1; k <= calls; ++k) {
        shop_with_a_fault(k, &got, &failed);
        assert_true(failed == 1 && got == want);
    }
    print_message("%zu allocations failed in turn\n", calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_the_typed_calls), cmocka_unit_test(a_small_shop_by_hand),
        cmocka_unit_test(nothing_told_is_nothing), cmocka_unit_test(the_ends_of_time), cmocka_unit_test(lines_without_amounts),
        cmocka_unit_test(a_cancellation_told_late), cmocka_unit_test(lines_that_are_no_events_are_refused), cmocka_unit_test(another_currency_is_counted_as_foreign),
        cmocka_unit_test(nothing_is_taken_back), cmocka_unit_test(a_spec_has_one_spelling),
        cmocka_unit_test(parts_merge_in_any_order), cmocka_unit_test(bytes_travel), cmocka_unit_test(what_was_received_overflows), cmocka_unit_test(a_full_state_says_so),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("stream/state_customers", tests, NULL, NULL);
}
