/* SPDX-License-Identifier: MIT */
/* state_customers.c - the door's calls for customers: events as lines of text into their state, and the churn of a period out of it.
 *
 *      c-81,2026-06-01T08:00:00Z,signup,29.90
 *      c-81,2026-08-12,cancel,,,2026-09-01
 * A line is customer, time and event, and where there are amount, subscription, end and currency, with commas or tabs between; events
 * are words of cxm_customer_kind_of. Bytes hold the events alone, so a state can be asked of any period. Each rate is that of the
 * one period asked for, also those of vendors who look at 30 days.                                            */
#include "base/port.h"
#include "stream/state_table.h"
#include <math.h>
#include <stddef.h>
#include <cxm/interval.h>
#include <cxm/money.h>
#include <cxm/text.h>
#include "base/civil.h"
#include "base/scanner.h"
#include "retention/customers_parts.h"
#include "stream/state_text.h"

enum { FIELDS = 7, FIELDS_LEAST = 3, RATES = CXM_CHURN_MRR_GROWTH, DAYS_UNLESS = 30, DIGITS_MOST = 4 };
enum { OF_CUSTOMER, OF_TIME, OF_EVENT, OF_AMOUNT, OF_PART, OF_END, OF_CURRENCY };
static const int64_t DAY = CIVIL_US_PER_DAY;
static const double YEAR = 365.0;

/* --- spec --- */

static bool has_period(const state_customers_spec *spec)
{
    return spec->from_us < spec->to_us;
}

static bool next_whole(state_words *words, int64_t least, int64_t most, int64_t *out)
{
    const char *word;
    size_t len = state_word(words, &word);
    scanner s = {word, len, state_is_whole(word, len)};
    *out = scanner_int(&s, least, most);
    return s.ok && s.left == 0;
}

static bool next_time(state_words *words, int64_t *out)
{
    const char *word;
    size_t len = state_word(words, &word);
    return cxm_text_time(word, len, 0, out, NULL) == CXM_OK;
}

/* What stood in the spec so far. */
typedef struct said { bool currency, digits, requested, period, inactive; } said;

static cxm_status read_period(state_words *words, state_customers_spec *out)
{
    const char *word;
    bool from = next_time(words, &out->from_us);
    size_t len = from ? state_word(words, &word) : 0;
    if (!from || !state_word_is(word, len, "to") || !next_time(words, &out->to_us))
        return state_fault(words, CXM_E_FORMAT, "a period is from DATE to DATE, once");
    bool fits = has_period(out) && out->to_us - out->from_us <= CXM_CHURN_DAYS_MAX * DAY;
    return fits ? CXM_OK : state_fault(words, CXM_E_FORMAT, "a period ends after its start, and has at most 36600 days");
}

static bool read_currency(const char *word, size_t len, uint16_t *out)
{
    *out = 0;
    return state_word_is(word, len, "-") || (len == 3 && cxm_money_currency(word, len, out) == CXM_OK);
}

static cxm_status read_word(state_words *words, const char *word, size_t len, said *s, state_customers_spec *out)
{
    int64_t value = 0;
    bool ok = false;
    if (!s->period && state_word_is(word, len, "from")) {
        s->period = true;
        return read_period(words, out);
    }
    if (!s->digits && state_word_is(word, len, "digits")) {
        ok = s->digits = next_whole(words, 0, DIGITS_MOST, &value);
        out->digits = (uint16_t)value;
    } else if (!s->inactive && state_word_is(word, len, "inactive")) {
        ok = s->inactive = next_whole(words, 1, CXM_CHURN_DAYS_MAX, &value);
        out->inactive_days = (int32_t)value;
    } else if (!s->requested && state_word_is(word, len, "requested")) {
        ok = s->requested = out->requested = true;
    } else if (!s->currency) {
        ok = s->currency = read_currency(word, len, &out->currency);
    }
    return ok ? CXM_OK : state_fault(words, CXM_E_FORMAT, "a currency, digits 0..4, requested, a period and inactive 1..36600, each once");
}

cxm_status state_customers_read(const state_row *row, state_words *words, state_spec *out)
{
    said s = {false, false, false, false, false};
    const char *word;
    size_t len;
    (void)row;
    out->customers = (state_customers_spec){.inactive_days = DAYS_UNLESS};
    while ((len = state_word(words, &word)) > 0) {
        cxm_status status = read_word(words, word, len, &s, &out->customers);
        if (status != CXM_OK) return status;
    }
    if (!s.digits) out->customers.digits = (uint16_t)cxm_money_digits(out->customers.currency);
    return CXM_OK;
}

static void put_time(writer *w, int64_t at_us)
{
    char text[CXM_TEXT_TIME_MAX];
    size_t len = 0;
    cxm_text_from_time(at_us, 0, text, sizeof text, &len);
    writer_bytes(w, text, len);
}

/* A midnight as its date. */
static void put_date(writer *w, int64_t at_us)
{
    char text[CXM_TEXT_TIME_MAX];
    writer whole = {text, sizeof text, 0};
    put_time(&whole, at_us);
    writer_bytes(w, text, at_us % DAY ? whole.len : sizeof "2026-11-20" - 1);
}

static void put_period(writer *w, const state_customers_spec *spec)
{
    writer_text(w, " from ");
    put_date(w, spec->from_us);
    writer_text(w, " to ");
    put_date(w, spec->to_us);
}

void state_customers_write(const state_row *row, const state_spec *spec, writer *w)
{
    const state_customers_spec *of = &spec->customers;
    char code[4];
    (void)row;
    cxm_money_code(of->currency, code);
    writer_text(w, " ");
    writer_text(w, code[0] ? code : "-");
    if (of->digits != cxm_money_digits(of->currency)) {
        writer_text(w, " digits ");
        writer_count(w, of->digits);
    }
    if (of->requested) writer_text(w, " requested");
    if (has_period(of)) put_period(w, of);
    if (of->inactive_days == DAYS_UNLESS) return;
    writer_text(w, " inactive ");
    writer_count(w, (uint64_t)of->inactive_days);
}

const state_parameter state_customers_parameters[] = {
    {"EUR|-", "-: none declared", "the currency of all amounts, by its ISO 4217 code"},
    {"digits N", "those of the currency, else 2", "decimals of its minor unit, 0..4"},
    {"requested", "when what was paid for has ended", "a cancellation counts when it is requested"},
    {"from DATE to DATE", "the 30 days before the latest event", "the period: dates, or instants, of UTC"},
    {"inactive N", "30", "days without a purchase that make a customer inactive, 1..36600"},
    {NULL, NULL, NULL},
};

/* --- life --- */

static size_t bytes(const state_spec *spec)
{
    (void)spec;
    return sizeof(cxm_customers *);
}

static cxm_status start(cxm_state *state)
{
    const state_customers_spec *of = &state->spec.customers;
    cxm_customers_options options = {.size = sizeof options, .currency = of->currency, .digits = of->digits};
    return cxm_customers_create(&options, &state->hook, &state->is.customers);
}

static void release(cxm_state *state)
{
    cxm_customers_free(state->is.customers);
}

/* --- events --- */

/* NaN is no event, and left out; a number is none either, and refused. */
static cxm_status add(cxm_state *state, double value)
{
    (void)state;
    return value == value ? CXM_E_METHOD : CXM_OK;
}

typedef struct cell { const char *text; size_t len; } cell;

/* The fields of a line, how many there are; 0 where there are too few, or too many. */
static size_t split(const char *text, size_t len, cell out[FIELDS])
{
    char mark = memchr(text, '\t', len) ? '\t' : ',';
    size_t count = 0;
    for (const char *at = text, *end = text + len; count < FIELDS;) {
        const char *stop = memchr(at, mark, (size_t)(end - at));
        out[count] = (cell){at, (size_t)((stop ? stop : end) - at)};
        state_trim(&out[count].text, &out[count].len);
        ++count;
        if (!stop) return count >= FIELDS_LEAST ? count : 0;
        at = stop + 1;
    }
    return 0;
}

static bool read_time(cell c, int64_t *out)
{
    return cxm_text_time(c.text, c.len, 0, out, NULL) == CXM_OK;
}

/* Without one a period has no end yet, and a cancellation is at once, as it is when what was paid for has run out before. */
static bool read_end(cell c, cxm_customer_event *e)
{
    if (e->kind != CXM_CUSTOMER_PERIOD && e->kind != CXM_CUSTOMER_CANCEL) return true;
    e->end_us = e->kind == CXM_CUSTOMER_PERIOD ? CXM_CUSTOMERS_NEVER : e->at_us;
    if (c.len && !read_time(c, &e->end_us)) return false;
    if (e->kind == CXM_CUSTOMER_CANCEL && e->end_us < e->at_us) e->end_us = e->at_us;
    return true;
}

static bool is_trial(cell c)
{
    static const char trial[] = "trial";
    bool same = c.len == sizeof trial - 1;
    for (size_t i = 0; same && i < c.len; ++i) same = (c.text[i] | 0x20) == trial[i];
    return same;
}

/* A trial costs nothing. A line that ends before its amount tells of one subscription, or of a purchase of nothing: what is summed is
 * then their number. What is in another currency is refused, whatever its amount. */
static bool read_amount(const state_customers_spec *spec, const cell *c, size_t count, cxm_customer_event *e)
{
    bool trial = is_trial(c[OF_EVENT]);
    if (e->kind == CXM_CUSTOMER_CANCEL || trial || (e->currency && e->currency != spec->currency)) return true;
    e->amount = e->kind != CXM_CUSTOMER_PURCHASE;
    return count <= OF_AMOUNT || cxm_money_read(c[OF_AMOUNT].text, c[OF_AMOUNT].len, spec->digits, '.', &e->amount) == CXM_OK;
}

static bool read_line(const state_customers_spec *spec, const char *text, size_t len, uint64_t *code, cxm_customer_event *e)
{
    cell c[FIELDS];
    int32_t kind;
    for (int i = 0; i < FIELDS; ++i) c[i] = (cell){text, 0};
    size_t count = split(text, len, c);
    if (count == 0 || c[OF_CUSTOMER].len == 0) return false;
    if (cxm_customer_kind_of(c[OF_EVENT].text, c[OF_EVENT].len, &kind) != CXM_OK || !read_time(c[OF_TIME], &e->at_us)) return false;
    e->kind = (uint8_t)kind;
    e->part = cxm_customer_part(c[OF_PART].text, c[OF_PART].len);
    if (c[OF_CURRENCY].len && cxm_money_currency(c[OF_CURRENCY].text, c[OF_CURRENCY].len, &e->currency) != CXM_OK) return false;
    *code = cxm_customer_code(c[OF_CUSTOMER].text, c[OF_CUSTOMER].len);
    return read_end(c[OF_END], e) && read_amount(spec, c, count, e) && cxm_customer_event_check(e) == CXM_OK;
}

static cxm_status add_text(cxm_state *state, const char *text, size_t len)
{
    cxm_customer_event e = {.at_us = 0};
    uint64_t code;
    if (state_is_missing(text, len)) return CXM_OK;
    if (!read_line(&state->spec.customers, text, len, &code, &e)) return CXM_E_FORMAT;
    return cxm_customers_add(state->is.customers, code, &e);
}

static cxm_status add_many(cxm_state *state, const cxm_column *column)
{
    (void)state;
    return column->size < sizeof *column ? CXM_E_ABI : CXM_E_METHOD;
}

/* A set knows not how often an event came: nothing is taken back. */
static cxm_status take_back(cxm_state *state, double value)
{
    return add(state, value);
}

static cxm_status take_back_text(cxm_state *state, const char *text, size_t len)
{
    (void)state;
    return state_is_missing(text, len) ? CXM_OK : CXM_E_METHOD;
}

static cxm_status merge(cxm_state *into, const cxm_state *from)
{
    return cxm_customers_merge(into->is.customers, from->is.customers);
}

/* --- bytes --- */

static cxm_status encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    return cxm_customers_encode(state->is.customers, out, cap, len);
}

static bool spec_of(const codec_frame *frame, state_spec *out)
{
    cxm_customers_options options = {.size = sizeof options};
    if (!customers_spec_read(frame->spec, frame->spec_len, &options)) return false;
    out->customers = (state_customers_spec){.currency = options.currency, .digits = options.digits, .inactive_days = DAYS_UNLESS};
    return true;
}

static bool agrees(const state_spec *a, const state_spec *b)
{
    return a->customers.currency == b->customers.currency && a->customers.digits == b->customers.digits;
}

static cxm_status decode(cxm_state *state, const void *at, size_t len, size_t max_bytes)
{
    if (max_bytes == 0) return CXM_E_LIMIT;             /* nothing is left of the bound; there 0 is none */
    return cxm_customers_decode(at, len, max_bytes, 0, &state->hook, &state->is.customers);
}

/* --- results --- */

/* The period asked for, else the days before the latest event; false where neither is there. */
static bool period_of(const cxm_state *state, int64_t *from_us, int64_t *to_us)
{
    const state_customers_spec *of = &state->spec.customers;
    cxm_customers_span span = {.size = sizeof span};
    *from_us = of->from_us;
    *to_us = of->to_us;
    if (has_period(of)) return true;
    if (cxm_customers_span_of(state->is.customers, &span) != CXM_OK) return false;
    *to_us = span.latest_us > CIVIL_US_MIN ? span.latest_us : CIVIL_US_MIN + 1;
    *from_us = *to_us - CIVIL_US_MIN > DAYS_UNLESS * DAY ? *to_us - DAYS_UNLESS * DAY : CIVIL_US_MIN;
    return true;
}

/* Whether a customer is known at all by the end of a period. */
static bool is_known(const cxm_customer_item *item, int64_t to_us)
{
    return (item->step_count && item->steps[0].at_us <= to_us) || (item->purchase_count && item->purchases[0].at_us <= to_us);
}

static cxm_status count_all(const cxm_state *state, int64_t to_us, cxm_churn *churn)
{
    int32_t reading = state->spec.customers.requested ? CXM_CUSTOMERS_REQUESTED : CXM_CUSTOMERS_ENDED;
    cxm_customer_item item = {.size = sizeof item};
    cxm_status status = CXM_OK;
    for (uint64_t cursor = 0; status == CXM_OK;) {
        cxm_status next = cxm_customers_next(state->is.customers, &cursor, reading, &item);
        if (next != CXM_OK) return next == CXM_END ? CXM_OK : next;
        if (is_known(&item, to_us)) status = cxm_churn_add(churn, &item);
        if (status == CXM_E_DOMAIN) status = CXM_OK;    /* beyond what one may pay: counted as refused */
    }
    return status;
}

/* What profitwell counts is an end, never a request. */
static void sum_rates(const cxm_state *state, const cxm_churn *churn, double level, state_customers_sum *sum)
{
    cxm_churn_counts_of(churn, &sum->counts);
    for (int32_t i = 1; i <= RATES; ++i) sum->status[i] = cxm_churn_rate_of(churn, i, level, &sum->rates[i]);
    if (!state->spec.customers.requested) return;
    cxm_churn_rate *ended = &sum->rates[CXM_CHURN_PROFITWELL];
    ended->value = ended->low = ended->high = ended->se = ended->numerator = ended->denominator = (double)NAN;
    sum->status[CXM_CHURN_PROFITWELL] = CXM_E_METHOD;
}

/* Figures that do not exist. */
static void begin(const cxm_state *state, state_customers_sum *sum)
{
    cxm_customers_account account = {.size = sizeof account};
    cxm_customers_account_of(state->is.customers, &account);
    sum->received = account.received;
    sum->foreign = account.foreign;
    sum->events = account.held;
    sum->surplus = account.surplus;
    sum->counts.size = sizeof sum->counts;
    for (int32_t i = 0; i <= RATES; ++i) {
        sum->rates[i] = (cxm_churn_rate){.size = sizeof sum->rates[i], .rate = i, .value = (double)NAN, .low = (double)NAN, .high = (double)NAN,
                                         .numerator = (double)NAN, .denominator = (double)NAN, .se = (double)NAN, .n_eff = (double)NAN,
                                         .interval_status = CXM_E_EMPTY};
        sum->status[i] = CXM_E_EMPTY;
    }
}

static cxm_status figures(const cxm_state *state, double level, state_figures *out)
{
    state_customers_sum *sum = &out->of.customers;
    cxm_churn_options options = {.size = sizeof options, .inactive_us = state->spec.customers.inactive_days * DAY};
    cxm_churn *churn = NULL;
    begin(state, sum);
    sum->any = period_of(state, &sum->from_us, &sum->to_us);
    options.from_us = sum->from_us;
    options.to_us = sum->to_us;
    cxm_status status = sum->any ? cxm_churn_create(&options, &state->hook, &churn) : CXM_OK;
    if (churn) status = count_all(state, sum->to_us, churn);
    if (churn && status == CXM_OK) sum_rates(state, churn, level, sum);
    cxm_churn_free(churn);
    if (status != CXM_OK) return status;
    for (int sort = STATE_NUMBER; sort < STATE_TOTAL; ++sort) out->exists[sort] = sum->status[CXM_CHURN_LOGO_ENDPOINT];
    return CXM_OK;
}

static cxm_status keyed(const cxm_state *state, const state_question *asked, double *out)
{
    (void)state;
    (void)asked;
    (void)out;
    return CXM_E_ARG;
}

/* --- JSON, key by key as the command line's --- */

static bool is_limited(const cxm_churn_rate *r)
{
    return r->value == r->value && r->interval_status == CXM_OK;
}

static void put_limits(const cxm_churn_rate *r, writer *w)
{
    static const char *const methods[] = {"", "wilson", "garwood", "linearised"};
    state_put_key(w, "interval");
    if (!is_limited(r)) {
        writer_text(w, "null");
        return;
    }
    writer_text(w, "{\"method\":\"");
    writer_text(w, methods[r->interval]);
    writer_text(w, "\"");
    state_put_key_number(w, "level", r->level);
    state_put_key_number(w, "low", r->low);
    state_put_key_number(w, "high", r->high);
    writer_text(w, "}");
}

/* A share lost in the period as the same in other days; of what is kept, the rest. */
static void put_rescaled(const state_customers_sum *sum, const cxm_churn_rate *r, writer *w)
{
    bool lost = r->interval == CXM_CHURN_WILSON || r->rate == CXM_CHURN_GROSS_MRR || r->rate == CXM_CHURN_GRR;
    bool kept = r->rate == CXM_CHURN_RETENTION || r->rate == CXM_CHURN_GRR;
    double days = (double)(sum->to_us - sum->from_us) / (double)DAY, month = (double)NAN, year = (double)NAN;
    if (!lost || r->value != r->value) return;
    cxm_churn_rescale(kept ? 1.0 - r->value : r->value, days, YEAR / 12.0, &month);
    cxm_churn_rescale(kept ? 1.0 - r->value : r->value, days, YEAR, &year);
    state_put_key_number(w, "monthly", kept ? 1.0 - month : month);
    state_put_key_number(w, "annual", kept ? 1.0 - year : year);
}

static void put_flag(writer *w, const char *key, bool value)
{
    state_put_key(w, key);
    writer_text(w, value ? "true" : "false");
}

static void put_why(const state_customers_sum *sum, int32_t i, const cxm_churn_description *is, writer *w)
{
    static const char still[] = "nobody's payment moved, or everybody's by the same share, or one customer paid alone: there is no spread";
    const cxm_churn_rate *r = &sum->rates[i];
    bool exists = r->value == r->value;
    if (is_limited(r)) return;
    const char *why = exists ? *is->why ? is->why : still : is->undefined;
    if (!sum->any) why = "no event was told, and no period";
    else if (sum->status[i] == CXM_E_METHOD) why = "it counts a cancellation when what was paid for has ended: leave requested out";
    state_put_key(w, "why");
    writer_text(w, exists ? "\"interval: " : "\"value and interval: ");
    writer_text(w, why);
    writer_text(w, "\"");
}

/* All of a rate, behind its name. */
static void put_rate(const state_customers_sum *sum, int32_t i, writer *w)
{
    const cxm_churn_rate *r = &sum->rates[i];
    cxm_churn_description is = {.size = sizeof is};
    cxm_churn_describe(i, &is);
    state_put_key_count(w, "n", r->n);
    state_put_key_number(w, "value", r->value);
    put_limits(r, w);
    state_put_key_number(w, "numerator", r->numerator);
    state_put_key_number(w, "denominator", r->denominator);
    if (is_limited(r)) state_put_key_number(w, "se", r->se);
    put_rescaled(sum, r, w);
    if (is.interval == CXM_CHURN_LINEARISED) {
        state_put_key_number(w, "n_eff", r->value == r->value ? r->n_eff : (double)NAN);
        put_flag(w, "few_customers", r->few);
    }
    if (i == CXM_CHURN_INACTIVE) put_flag(w, "biased_low", r->biased);
    state_put_key(w, "definition");
    state_put_string(w, is.definition, strlen(is.definition));
    put_why(sum, i, &is, w);
}

static void put_rates(const state_customers_sum *sum, writer *w)
{
    writer_text(w, ",\"rates\":[");
    for (int32_t i = 1; i <= RATES; ++i) {
        cxm_churn_description is = {.size = sizeof is};
        cxm_churn_describe(i, &is);
        writer_text(w, i > 1 ? ",{\"metric\":\"" : "{\"metric\":\"");
        writer_text(w, is.name);
        writer_text(w, "\"");
        put_rate(sum, i, w);
        writer_text(w, "}");
    }
    writer_text(w, "]");
}

static void put_movement(const char *name, uint64_t count, uint64_t amount, writer *w)
{
    writer_text(w, "{\"movement\":\"");
    writer_text(w, name);
    writer_text(w, "\"");
    state_put_key_count(w, "count", count);
    state_put_key_count(w, "amount", amount);
    writer_text(w, "}");
}

static void put_movements(const cxm_churn_counts *c, writer *w)
{
    const struct { const char *name; cxm_churn_movement m; } rows[] = {
        {"start", {c->start, c->start_amount}}, {"new", c->fresh}, {"reactivation", c->reactivation}, {"expansion", c->expansion},
        {"contraction", c->contraction}, {"churn", c->churn}, {"end", {c->end, c->end_amount}}};
    writer_text(w, ",\"movements\":[");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        if (i) writer_text(w, ",");
        put_movement(rows[i].name, rows[i].m.count, rows[i].m.amount, w);
    }
    writer_text(w, "]");
}

static void put_asked(const cxm_state *state, const state_customers_sum *sum, writer *w)
{
    char code[4];
    cxm_money_code(state->spec.customers.currency, code);
    writer_text(w, code[0] ? ",\"currency\":\"" : ",\"currency\":null");
    writer_text(w, code);
    if (code[0]) writer_text(w, "\"");
    state_put_key_count(w, "minor_digits", state->spec.customers.digits);
    writer_text(w, state->spec.customers.requested ? ",\"cancel\":\"requested\"" : ",\"cancel\":\"ended\"");
    writer_text(w, sum->any ? ",\"period\":{\"from\":\"" : ",\"period\":null");
    if (!sum->any) return;
    put_time(w, sum->from_us);
    writer_text(w, "\",\"to\":\"");
    put_time(w, sum->to_us);
    writer_text(w, "\"}");
}

static void json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    const state_customers_sum *sum = &f->of.customers;
    (void)level;                                        /* stands in each rate */
    put_rate(sum, CXM_CHURN_LOGO_ENDPOINT, w);
    put_asked(state, sum, w);
    put_rates(sum, w);
    put_movements(&sum->counts, w);
    state_put_key_count(w, "customers", sum->counts.customers);
    state_put_key_count(w, "refused", sum->counts.refused);
    state_put_key_count(w, "received", sum->received);
    state_put_key_count(w, "events", sum->events);
    state_put_key_count(w, "surplus", sum->surplus);
    state_put_key_count(w, "foreign", sum->foreign);
}

static cxm_status definition(const cxm_state *state, double level, writer *w)
{
    const state_customers_spec *of = &state->spec.customers;
    writer_text(w, "Churn: customers active at the start and not at the end / customers active at the start,");
    if (has_period(of)) put_period(w, of);
    else writer_text(w, " of the 30 days before the latest event");
    writer_text(w, of->requested ? "; a cancellation counts when it is requested" : "; a cancellation counts when what was paid for has ended");
    writer_text(w, "; interval Wilson's at level ");
    state_put_number(w, level == 0.0 ? 0.95 : level);
    return CXM_OK;
}

const state_calls state_customers_calls = {
    .kind = CODEC_CUSTOMERS, .bytes = bytes, .start = start, .release = release, .add = add, .add_text = add_text,
    .add_many = add_many, .remove = take_back, .remove_text = take_back_text, .merge = merge, .encode = encode,
    .spec_of = spec_of, .agrees = agrees, .decode = decode, .figures = figures, .keyed = keyed, .json = json,
    .definition = definition,
};

#define OF_CUSTOMERS(field) offsetof(state_figures, of.customers.field)
#define COUNTED(name, unit, field, meaning) {name, unit, meaning, OF_CUSTOMERS(field), STATE_COUNT}
#define MOVED(name, field, meaning) COUNTED(name, "steps", counts.field.count, meaning), \
    COUNTED(name "_amount", "minor units a month", counts.field.amount, "what these come to")
#define RATE(name, which, unit, meaning) {name, unit, meaning, OF_CUSTOMERS(rates[which].value), STATE_TOTAL}
#define LIMITED(name, which, unit, meaning) RATE(name, which, unit, meaning), \
    {name "_low", unit, "its lower limit", OF_CUSTOMERS(rates[which].low), STATE_TOTAL}, \
    {name "_high", unit, "its upper limit", OF_CUSTOMERS(rates[which].high), STATE_TOTAL}
const state_result state_customers_results[] = {
    {"value", NULL, "logo_endpoint: the share of customers of the start that is not there at the end", OF_CUSTOMERS(rates[CXM_CHURN_LOGO_ENDPOINT].value), STATE_NUMBER},
    {"low", NULL, "its lower limit", OF_CUSTOMERS(rates[CXM_CHURN_LOGO_ENDPOINT].low), STATE_LIMIT},
    {"high", NULL, "its upper limit", OF_CUSTOMERS(rates[CXM_CHURN_LOGO_ENDPOINT].high), STATE_LIMIT},
    COUNTED("n", "customers", counts.start, "active at the start"),
    LIMITED("logo_endpoint", CXM_CHURN_LOGO_ENDPOINT, "share", "not active at the end / active at the start"),
    LIMITED("retention", CXM_CHURN_RETENTION, "share", "1 less logo_endpoint"),
    RATE("logo_average", CXM_CHURN_LOGO_AVERAGE, "share", "not active at the end / mean of those at the start and at the end"),
    RATE("stripe", CXM_CHURN_STRIPE, "share", "churns / (active at the start + new): give it 30 days"),
    LIMITED("chartmogul", CXM_CHURN_CHARTMOGUL, "share", "not active at the end / active at the start"),
    RATE("chartmogul_b2c", CXM_CHURN_CHARTMOGUL_B2C, "share", "sum over days of lost that day / active at its start"),
    RATE("baremetrics", CXM_CHURN_BAREMETRICS, "share", "churned, also who joined in the period / active at the start: give it 30 days"),
    LIMITED("profitwell", CXM_CHURN_PROFITWELL, "share", "of those of the start churned, also where they came back / active at the start"),
    RATE("shopify_daily", CXM_CHURN_SHOPIFY_DAILY, "share", "sum over days of lost that day / active at its start"),
    LIMITED("exposure", CXM_CHURN_EXPOSURE, "churns per 30 days of a customer", "churns / time at risk"),
    LIMITED("inactive", CXM_CHURN_INACTIVE, "share", "of those with a purchase before the start, without one before the end"),
    LIMITED("gross_mrr", CXM_CHURN_GROSS_MRR, "share", "what those of the start pay less at the end / what they paid"),
    LIMITED("gross_mrr_flow", CXM_CHURN_GROSS_MRR_FLOW, "share", "churn and contraction, by movements / what was paid at the start"),
    RATE("gross_mrr_daily", CXM_CHURN_GROSS_MRR_DAILY, "share", "sum over days of what is paid less at its end / at its start"),
    LIMITED("net_mrr", CXM_CHURN_NET_MRR, "share", "gross_mrr_flow less expansion and reactivation"),
    LIMITED("net_mrr_baremetrics", CXM_CHURN_NET_MRR_BAREMETRICS, "share", "gross_mrr_flow less expansion: give it 30 days"),
    RATE("net_mrr_daily", CXM_CHURN_NET_MRR_DAILY, "share", "sum over days of what is paid less at its end, without who is new / at its start"),
    LIMITED("grr", CXM_CHURN_GRR, "share", "what those of the start still pay, none more than before / what they paid"),
    LIMITED("nrr", CXM_CHURN_NRR, "share", "what those of the start pay at the end / what they paid"),
    RATE("quick_ratio", CXM_CHURN_QUICK_RATIO, "ratio", "(new + expansion) / (churn + contraction)"),
    RATE("quick_ratio_reactivation", CXM_CHURN_QUICK_RATIO_REACTIVATION, "ratio", "(new + expansion + reactivation) / (churn + contraction)"),
    RATE("mrr_growth", CXM_CHURN_MRR_GROWTH, "share", "what is paid more at the end / what was paid at the start"),
    COUNTED("customers", "customers", counts.customers, "known by the end"),
    COUNTED("refused", "customers", counts.refused, "that pay beyond 2^47 minor units: in nothing else"),
    COUNTED("start", "customers", counts.start, "active at the start"),
    COUNTED("end", "customers", counts.end, "active at the end"),
    COUNTED("churned", "customers", counts.churned, "active at the start, not at the end"),
    COUNTED("returned", "customers", counts.returned, "active at both, that churned in between"),
    COUNTED("joined", "customers", counts.joined, "whose first start lies in the period"),
    COUNTED("joined_churned", "customers", counts.joined_churned, "of these, with a churn in it"),
    COUNTED("back", "customers", counts.back, "neither of the start nor new, but active in the period"),
    COUNTED("back_churned", "customers", counts.back_churned, "of these, with a churn in it"),
    COUNTED("repeated", "steps", counts.repeated, "churns behind a customer's first in the period"),
    COUNTED("day_churned", "customers", counts.day_churned, "active at a day's start and not at its end, over all days"),
    COUNTED("active_before", "customers", counts.active_before, "with a purchase within N days before the start"),
    COUNTED("active_after", "customers", counts.active_after, "with one within N days before the end"),
    COUNTED("active_both", "customers", counts.active_both, "with both"),
    MOVED("new", fresh, "first starts"),
    MOVED("reactivation", reactivation, "starts of who was there before"),
    MOVED("expansion", expansion, "payments that rose"),
    MOVED("contraction", contraction, "payments that fell, not to 0"),
    MOVED("churn", churn, "payments that fell to 0"),
    COUNTED("start_amount", "minor units a month", counts.start_amount, "paid at the start"),
    COUNTED("end_amount", "minor units a month", counts.end_amount, "paid at the end"),
    {"exposure_days", "days", "time at risk of all customers", OF_CUSTOMERS(counts.exposure_days), STATE_TOTAL},
    COUNTED("events", "events", events, "different events"),
    COUNTED("received", "events", received, "that were told, also repeated and foreign ones"),
    COUNTED("surplus", "events", surplus, "repeated, or renewals that say nothing new"),
    COUNTED("foreign", "events", foreign, "refused for their currency"),
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
