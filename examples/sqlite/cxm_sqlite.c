/* SPDX-License-Identifier: MIT */
/* cxm_sqlite.c - cxm inside SQLite: a loadable extension on the generic door, which knows no metric itself.
 *
 *   $ cc -std=c11 -O2 -fPIC -shared examples/sqlite/cxm_sqlite.c $(pkg-config --cflags --libs cxm) -o cxm_sqlite.so
 *   sqlite> .load ./cxm_sqlite
 *   sqlite> SELECT region, cxm_nps(score), cxm_ci_low(cxm_nps_state(score)) FROM answers GROUP BY region;
 *
 *   aggregates, and windows with OVER (rows that leave a frame are taken back exactly, or it is an error: the last row of a
 *   label cannot leave while the frame has more labels than `max`, 64 unless told, so say 'labels max N' with enough)
 *     cxm_nps(score)  cxm_csat(score [, top_from])  cxm_ces(score)      the value on 0..10, 1..5, 1..7
 *     cxm_metric(spec, score)                                          the value of any spec of cxm/state.h
 *     cxm_nps_state(score)  cxm_csat_state(...)  cxm_ces_state(score)  cxm_state(spec, score)      the state, a BLOB
 *     cxm_metric(spec, score, weight)  cxm_state(spec, score, weight)  with survey weights: 'nps weighted'
 *     cxm_percentile(x, q [, spec])        the quantile of type 7 at the share q, 0..1, of seconds within 1 %
 *     cxm_sla(x, target)                   the share of values at or below `target` seconds, counted exactly
 *     cxm_latency_state(x [, spec])        the state of durations; spec: 'quantile ms 0.001 above 500', or 0.01 or 0.001 alone
 *   aggregate
 *     cxm_merge(state)                     states of one kind and scale, NULL left out
 *   of states
 *     cxm_merge2(a, b)                     NULL is the empty state
 *     cxm_value(state [, spec])  cxm_n(state)  cxm_spec(state)
 *     cxm_ci_low(state [, level [, spec]])  cxm_ci_high(...)  cxm_json(...)
 *     cxm_get(state, name [, level [, spec]])      "promoters", "count:9", ...
 *     cxm_quantile(state, q [, spec])  cxm_within(state, t [, spec])      the quantile at q; the share at or below t
 *     cxm_quantile_low(state, q [, level [, spec]])  cxm_quantile_high(...)        limits of that quantile
 *     cxm_compare(a, b [, level [, spec]])         JSON: difference, interval, p, verdict, both results
 *   of answers
 *     cxm_score(text, 'LO..HI')            "9 - likely" on '0..10' is 9; NULL for what is no answer on the scale
 *   of opening hours; a calendar is a text of lines as cxm/calendar.h says, the first of them as 'zone Europe/Berlin'
 *     cxm_business_seconds(start, end, calendar)    open seconds between two times
 *     cxm_business_due(start, seconds, calendar)    the time by which so many were open; NULL if they never are
 *
 * A score is a number or a text as a cell of a file holds it. NULL and missing words are counted as missing, other texts as
 * unparsed, numbers off the scale as out of range: none of them is an answer, all of them are in the state. A value or limit
 * that does not exist is NULL: of no rows, of no answers, of one answer. No rows have no state either: NULL.
 * Labels take a number as its text, 1 as '1'.
 * A sum keeps no such account: it leaves out NULL (of NULL alone it is 0), and any text is an error of SQL: where texts are
 * numbers, sum CAST(x AS REAL).
 * Tickets are told as events, a line of text a row, in any order and more than once: cxm_metric('tickets zendesk',
 * ticket || ',' || at || ',' || event || ',' || actor). NULL is left out, any other text or number an error of SQL. The value is the
 * median first reply in seconds; cxm_get(state, 'reopen_rate') and cxm_json tell the rest.
 * Customers of `survival` are told as lines, too: cxm_metric('survival', tenure || ',' || churned), whole tenures in any one unit; or entry,
 * exit and event. NULL, and a line without one of its parts, is counted as missing, a negative or broken time as out of range, any other
 * text or number is an error of SQL. The value is the median tenure, NULL while half of them have not left; cxm_get(state, 'survival:12')
 * is the share still there after 12, cxm_get(state, 'mean') the mean tenure up to the last time, and cxm_json has the curve.
 * Events of `customers` are lines as well, in any order and more than once: cxm_metric('customers EUR from 2026-02-01 to 2026-03-01',
 * customer || ',' || at || ',' || event || ',' || amount || ',' || subscription || ',' || end || ',' || currency). NULL is left out, any other
 * text or number, and an event in another currency, an error of SQL. The value is the share of customers lost in the period;
 * cxm_get(state, 'nrr'), with the spec where the BLOB is to be asked of a period, cxm_get(state, 'nrr', 0.95, SPEC), and cxm_json tell the rest.
 * A value of quantiles is told as a score is: NULL is counted as missing, a text as unparsed, what is negative or infinite as out
 * of range, and none of these is a value. 0 is one, and so is what lies outside the range of the spec: it has its rank, and a
 * percentile that lies there is NULL. The share q (0..1) and the target (1 microsecond to 100 years) are numbers, or texts of
 * one, and the same in all rows of a group, else it is an error, NULL too. So are q and t (any finite number) that a state is asked
 * for; of no state, NULL, all is NULL.
 * A frame that values have left does not know its least and its greatest value any more. What is told of its first and its last
 * bin (min and max, a quantile, a limit) then rests on the bin's ends alone, as in all other bins: a quantile is within the error,
 * not the value itself; and the BLOB says so, which is not that of counting the frame anew. All else is the same as then: n, mean,
 * sum, counts, shares within a target, quantiles of the bins between.
 * A weight is a number or the text of one; a row whose weight is NULL, negative or none is refused: counted as such and in
 * nothing else. Where the spec says `weighted` and no weight is told, each score weighs 1.
 * The BLOB is that of cxm_scale_encode, cxm_weighted_encode, cxm_label_encode, cxm_sum_encode, cxm_quantile_encode, cxm_ticket_log_encode, cxm_survival_encode or
 * cxm_customers_encode, and an error of SQL if it is damaged. Of quantiles it holds precision, range and targets, and numbers ('quantile decimals 2') say that they
 * are some; but durations lie in it in microseconds, whatever unit they came in, so that those of one precision, range and targets
 * merge. What is read without a spec is told in seconds; another unit is named with all the rest of the spec, as in
 * cxm_quantile(state, 0.9, 'quantile ms 0.001'). cxm_spec tells it in seconds.
 * On a scale a BLOB holds scale and bands, not the question, and no question is guessed:
 *   - A state with the bands of nps 0..10, csat 1..5 or ces 1..7 (a metric's name alone) is read as that metric; so are those
 *     of weighted answers, which are told by their kind.
 *   - Any other needs its spec where it is read, else CXM_E_AMBIGUOUS: cxm_value(state, 'nps 1..5').
 *   - A spec that has the bands of one of those three and asks another question (ces 1..5 has those of csat 1..5) makes no
 *     state here, CXM_E_AMBIGUOUS: it would come back as the other. cxm_metric takes it; or make the state of the other and
 *     name the spec when reading: cxm_value(cxm_csat_state(score), 'ces 1..5').
 * So a value read from a state is that of the same answers in cxm_metric, or an error; of durations it is, in seconds. Bytes made
 * elsewhere as one of the third sort are read as csat and the like unless their spec is named. cxm_spec tells the first metric
 * whose bands these are.
 * A time is a text, 2026-11-20T09:14:00Z, in UTC where it names no offset, or a number of seconds since 1970; so is what is due,
 * as the start was. One that cannot be read is an error, NULL is NULL. An end before the start, as skewed clocks write, is told by
 * the negative seconds between both, open or not: a state counts it as what it is. Zones are read from the system's zone directory.
 * All functions are deterministic, and all but those of opening hours, which read files, innocuous; memory is SQLite's.                                  */
#define _POSIX_C_SOURCE 200809L
#include <cxm/calendar.h>
#include <cxm/state.h>
#include <cxm/text.h>
#include <math.h>
#include <sqlite3ext.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "../zone_file.h"
SQLITE_EXTENSION_INIT1

enum { READS_FILES = SQLITE_UTF8 | SQLITE_DETERMINISTIC, FLAGS = READS_FILES | SQLITE_INNOCUOUS, DECODE_BYTES = 1 << 26 };

/* --- memory --- */

static void *take(void *ctx, size_t bytes)
{
    (void)ctx;
    return sqlite3_malloc64(bytes);
}

static void *move(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    (void)ctx;
    (void)old_bytes;
    return sqlite3_realloc64(ptr, new_bytes);
}

static void give_back(void *ctx, void *ptr, size_t bytes)
{
    (void)ctx;
    (void)bytes;
    sqlite3_free(ptr);
}

static const cxm_alloc memory = {NULL, take, move, give_back};

/* --- errors and results --- */

static void fail(sqlite3_context *ctx, cxm_status status, const char *detail)
{
    char text[2 * CXM_STATE_SPEC_MAX + CXM_ERROR_TEXT];
    if (status == CXM_E_MEMORY) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    snprintf(text, sizeof text, "cxm: %s: %s", cxm_status_name(status), detail ? detail : cxm_status_describe(status));
    sqlite3_result_error(ctx, text, -1);
}

/* A number that does not exist is NULL; any other failure is an error. */
static void give_number(sqlite3_context *ctx, const cxm_state *state, const char *name, size_t len, double level)
{
    double value;
    cxm_status status = cxm_state_get(state, name, len, level, &value);
    if (status == CXM_OK) sqlite3_result_double(ctx, value);
    else if (status == CXM_E_EMPTY || status == CXM_E_UNDEFINED || status == CXM_E_LIMIT) sqlite3_result_null(ctx);
    else fail(ctx, status, NULL);
}

/* The same at a number: "quantile:0.9". */
static void give_keyed(sqlite3_context *ctx, const cxm_state *state, const char *word, double key, double level)
{
    char name[16 + CXM_TEXT_NUMBER_MAX];
    size_t len = strlen(word), digits = 0;
    memcpy(name, word, len);
    cxm_text_from_number(key, name + len, CXM_TEXT_NUMBER_MAX, &digits);
    give_number(ctx, state, name, len + digits, level);
}

/* A block of SQLite's of `len` bytes; NULL has told why. */
static char *room(sqlite3_context *ctx, size_t len)
{
    char *out = sqlite3_malloc64(len ? len : 1);
    if (!out) sqlite3_result_error_nomem(ctx);
    return out;
}

static void give_blob(sqlite3_context *ctx, const cxm_state *state)
{
    size_t len = 0;
    cxm_status status = cxm_state_encode(state, NULL, 0, &len);
    if (status != CXM_E_LIMIT) {                                        /* merges brought n past its type */
        fail(ctx, status, NULL);
        return;
    }
    char *out = room(ctx, len);
    if (!out) return;
    cxm_state_encode(state, out, len, &len);
    sqlite3_result_blob64(ctx, out, len, sqlite3_free);
}

/* Two states that do not go together. */
static void fail_two(sqlite3_context *ctx, cxm_status status, const cxm_state *a, const cxm_state *b)
{
    char one[CXM_STATE_SPEC_MAX], two[CXM_STATE_SPEC_MAX], why[2 * CXM_STATE_SPEC_MAX + 60];
    size_t one_len = 0, two_len = 0;
    cxm_state_spec(a, one, sizeof one, &one_len);
    cxm_state_spec(b, two, sizeof two, &two_len);
    snprintf(why, sizeof why, "a state of '%.*s' and one of '%.*s' do not go together", (int)one_len, one, (int)two_len, two);
    fail(ctx, status, status == CXM_E_MISMATCH ? why : NULL);
}

/* --- arguments --- */

static const char *text_of(sqlite3_value *value, size_t *len)
{
    const char *text = (const char *)sqlite3_value_text(value);
    *len = (size_t)sqlite3_value_bytes(value);
    return text ? text : "";
}

static cxm_state *create(sqlite3_context *ctx, const char *spec, size_t len)
{
    cxm_state *state = NULL;
    cxm_error error = {.size = sizeof error};
    cxm_status status = cxm_state_create(spec, len, &memory, &state, &error);
    if (status != CXM_OK) fail(ctx, status, error.text_len ? error.text : NULL);
    return state;
}

/* The state of a BLOB, of `spec` where it is given; NULL has told why. */
static cxm_state *decode(sqlite3_context *ctx, sqlite3_value *blob, sqlite3_value *spec)
{
    cxm_state *state = NULL;
    size_t spec_len = 0;
    const char *named = spec && sqlite3_value_type(spec) != SQLITE_NULL ? text_of(spec, &spec_len) : NULL;
    if (sqlite3_value_type(blob) != SQLITE_BLOB) {
        fail(ctx, CXM_E_FORMAT, "a state is a BLOB");
        return NULL;
    }
    const void *bytes = sqlite3_value_blob(blob);                       /* NULL for a BLOB of no bytes */
    cxm_status status = cxm_state_decode(bytes ? bytes : "", (size_t)sqlite3_value_bytes(blob), named, spec_len, DECODE_BYTES,
                                         &memory, &state);
    if (status != CXM_OK) fail(ctx, status, NULL);
    return state;
}

/* Length of the metric's name in a spec, and its kind: the longest, as "nps weighted" is another metric than "nps". */
static size_t name_in(const char *spec, size_t len, uint32_t *kind)
{
    cxm_state_metric metric = {.size = sizeof metric};
    size_t found = 0;
    for (uint32_t i = 0; cxm_state_describe(i, &metric) == CXM_OK; ++i) {
        size_t size = strlen(metric.name);
        if (size <= found || size > len || memcmp(metric.name, spec, size) != 0 || (size < len && spec[size] != ' ')) continue;
        found = size;
        *kind = metric.kind;
    }
    return found;
}

/* Whether one metric alone has bytes of this kind. */
static bool is_of_one(uint32_t kind)
{
    cxm_state_metric metric = {.size = sizeof metric};
    uint32_t same = 0;
    for (uint32_t i = 0; cxm_state_describe(i, &metric) == CXM_OK; ++i) same += metric.kind == kind ? 1 : 0;
    return same == 1;
}

/* CXM_OK: bytes alone say what is asked, as no other metric has their kind, or as scale and bands are what the name alone
 * means. `spec` is the one that these bytes are recognised as. */
static cxm_status bytes_say_enough(const char *spec, size_t len)
{
    char own[CXM_STATE_SPEC_MAX];
    size_t own_len = 0;
    uint32_t kind = 0;
    cxm_state *plain = NULL;
    size_t name_len = name_in(spec, len, &kind);
    if (is_of_one(kind)) return CXM_OK;
    cxm_status status = cxm_state_create(spec, name_len, &memory, &plain, NULL);
    if (status != CXM_OK) return status == CXM_E_MEMORY ? status : CXM_E_AMBIGUOUS;     /* no scale goes without saying */
    cxm_state_spec(plain, own, sizeof own, &own_len);
    cxm_state_free(plain);
    return own_len == len && memcmp(own, spec, len) == 0 ? CXM_OK : CXM_E_AMBIGUOUS;
}

/* The same as decode where the question matters: `spec` tells it, or the bytes must. */
static cxm_state *decode_asked(sqlite3_context *ctx, sqlite3_value *blob, sqlite3_value *spec)
{
    char text[CXM_STATE_SPEC_MAX];
    size_t len = 0;
    cxm_state *state = decode(ctx, blob, spec);
    if (!state || (spec && sqlite3_value_type(spec) != SQLITE_NULL)) return state;
    cxm_state_spec(state, text, sizeof text, &len);
    cxm_status status = bytes_say_enough(text, len);
    if (status == CXM_OK) return state;
    cxm_state_free(state);
    fail(ctx, status, "the state does not say what is asked: name its spec, as 'csat 1..5 top 5..5'");
    return NULL;
}

/* The spec that the bytes of `state` are recognised as. */
static cxm_status recognised(const cxm_state *state, char out[CXM_STATE_SPEC_MAX], size_t *out_len)
{
    size_t len = 0;
    cxm_state *found = NULL;
    cxm_state_encode(state, NULL, 0, &len);
    char *bytes = sqlite3_malloc64(len);
    if (!bytes) return CXM_E_MEMORY;
    cxm_state_encode(state, bytes, len, &len);
    cxm_status status = cxm_state_decode(bytes, len, NULL, 0, DECODE_BYTES, &memory, &found);
    sqlite3_free(bytes);
    if (status != CXM_OK) return status;
    status = cxm_state_spec(found, out, CXM_STATE_SPEC_MAX, out_len);
    cxm_state_free(found);
    return status;
}

/* Whether an empty state keeps its question when it travels, or at least is not taken for another; false has told why. */
static bool travels(sqlite3_context *ctx, const cxm_state *state)
{
    char own[CXM_STATE_SPEC_MAX], found[CXM_STATE_SPEC_MAX], why[CXM_ERROR_TEXT + 60];
    size_t own_len = 0, len = 0;
    uint32_t kind = 0;
    cxm_state_spec(state, own, sizeof own, &own_len);
    name_in(own, own_len, &kind);
    if (is_of_one(kind)) return true;
    cxm_status status = recognised(state, found, &len);
    if (status == CXM_OK && len == own_len && memcmp(found, own, len) == 0) return true;
    if (status == CXM_OK) status = bytes_say_enough(found, len);
    if (status == CXM_E_AMBIGUOUS) return true;                         /* whoever reads it must name the spec */
    snprintf(why, sizeof why, "'%.*s' has the bytes of '%.*s': make a state of that, and name the other when reading", (int)own_len,
             own, (int)len, found);
    fail(ctx, status == CXM_OK ? CXM_E_AMBIGUOUS : status, why);
    return false;
}

/* Argument `at` where there is one; NULL otherwise. */
static sqlite3_value *argument(int argc, sqlite3_value **argv, int at)
{
    return at < argc ? argv[at] : NULL;
}

/* A number, the text of one, or NaN. */
static double number_of(sqlite3_value *value)
{
    double number = (double)NAN;
    size_t len;
    int type = sqlite3_value_type(value);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) return sqlite3_value_double(value);
    if (type != SQLITE_TEXT) return number;
    const char *text = text_of(value, &len);
    return cxm_text_number(text, len, '.', &number) == CXM_OK ? number : (double)NAN;
}

/* The share at which a quantile is asked; false has told why, as in the next two. */
static bool share_of(sqlite3_context *ctx, sqlite3_value *value, double *out)
{
    *out = number_of(value);
    if (*out >= 0.0 && *out <= 1.0) return true;
    fail(ctx, CXM_E_ARG, "the share of a quantile is a number, 0..1");
    return false;
}

/* What values are held against. */
static bool finite_of(sqlite3_context *ctx, sqlite3_value *value, double *out)
{
    *out = number_of(value);
    if (isfinite(*out)) return true;
    fail(ctx, CXM_E_ARG, "the share of values at or below t takes a finite number t");
    return false;
}

/* The same as a target of a state in seconds. */
static bool target_of(sqlite3_context *ctx, sqlite3_value *value, double *out)
{
    static const double years_100 = 3155760000.0;                       /* where the range of seconds ends, unless told */
    *out = number_of(value);
    if (*out >= 1e-6 && *out <= years_100) return true;
    fail(ctx, CXM_E_ARG, "a target is a number of seconds, from 0.000001 to 100 years");
    return false;
}

static bool is_of_quantiles(const char *spec, size_t len)
{
    return len >= 8 && memcmp(spec, "quantile", 8) == 0 && (len == 8 || spec[8] == ' ');
}

static double level_of(sqlite3_value *value)
{
    return value && sqlite3_value_type(value) != SQLITE_NULL ? sqlite3_value_double(value) : 0.0;
}

/* --- aggregates and windows --- */

/* What an SQL function gives of its group; the last two of quantiles, at a number that is their second argument. */
enum gives { GIVES_VALUE, GIVES_STATE, GIVES_QUANTILE, GIVES_WITHIN };

/* One SQL function: of which metric, and what it gives. */
typedef struct aggregate {
    const char *name;
    int args;
    const char *spec;       /* NULL: the first argument */
    enum gives gives;
} aggregate;

/* What SQLite keeps of one group, zero at first. */
typedef struct group {
    cxm_state *state;
    bool accounts;          /* what is no answer is counted too */
    const char *form;       /* of rows that are lines of text: events of tickets or customers, tenures; else NULL */
    double at;              /* the share or the target that is asked; else 0 */
    size_t len;
    char spec[CXM_STATE_SPEC_MAX];
} group;

/* The spec of quantiles that an argument tells: all of it, or its precision; 0 has told why. */
static size_t spec_of_quantiles(sqlite3_context *ctx, sqlite3_value *told, char out[CXM_STATE_SPEC_MAX])
{
    size_t len;
    const char *text = text_of(told, &len);
    if (len < CXM_STATE_SPEC_MAX && is_of_quantiles(text, len)) return (void)memcpy(out, text, len), len;
    if ((len == 4 && memcmp(text, "0.01", 4) == 0) || (len == 5 && memcmp(text, "0.001", 5) == 0))
        return (size_t)snprintf(out, CXM_STATE_SPEC_MAX, "quantile s %s", text);
    fail(ctx, CXM_E_FORMAT, "a spec of quantiles, as 'quantile ms 0.001', or a precision alone, 0.01 or 0.001");
    return 0;
}

/* The argument that may tell a spec of quantiles, or how fine they are. */
static sqlite3_value *told_of(const aggregate *of, int argc, sqlite3_value **argv)
{
    return argument(argc, argv, of->gives == GIVES_STATE ? 1 : 2);
}

/* The spec of a call; 0 has told why. */
static size_t spec_of(sqlite3_context *ctx, const aggregate *of, int argc, sqlite3_value **argv, char out[CXM_STATE_SPEC_MAX])
{
    size_t len;
    const char *text = of->spec;
    if (!text) {
        text = text_of(argv[0], &len);
        if (len > 0 && len < CXM_STATE_SPEC_MAX) return (void)memcpy(out, text, len), len;
        fail(ctx, CXM_E_FORMAT, "a spec is a text, as 'csat 1..5'");
        return 0;
    }
    if (is_of_quantiles(text, strlen(text))) {
        sqlite3_value *told = told_of(of, argc, argv);
        if (told) return spec_of_quantiles(ctx, told, out);
    } else if (argc == 2) {
        return (size_t)snprintf(out, CXM_STATE_SPEC_MAX, "%s 1..5 top %d..5", text, sqlite3_value_int(argv[1]));
    }
    return (size_t)snprintf(out, CXM_STATE_SPEC_MAX, "%s", text);
}

static bool keeps_account(const cxm_state *state)
{
    double missing;
    return cxm_state_get(state, "missing", 7, 0.0, &missing) != CXM_E_ARG;
}

/* How a row of this state is told, where it is a line of text; else NULL. */
static const char *form_of(const cxm_state *state)
{
    static const char *const forms[][2] = {{"tickets ", "no event: ticket,time,event,actor[,who[,channel[,status]]]"},
                                           {"survival ", "no tenure: [entry,]exit,event"},
                                           {"customers ", "no event: customer,time,event[,amount[,subscription[,end[,currency]]]]"}};
    char spec[CXM_STATE_SPEC_MAX];
    size_t len;
    if (cxm_state_spec(state, spec, sizeof spec, &len) != CXM_OK) return NULL;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; ++i)
        if (len >= strlen(forms[i][0]) && memcmp(spec, forms[i][0], strlen(forms[i][0])) == 0) return forms[i][1];
    return NULL;
}

/* The number that is asked of a group beside its spec, 0 where none is; false has told why. */
static bool asked_at(sqlite3_context *ctx, const aggregate *of, sqlite3_value **argv, double *out)
{
    *out = 0.0;
    if (of->gives == GIVES_QUANTILE) return share_of(ctx, argv[1], out);
    return of->gives != GIVES_WITHIN || target_of(ctx, argv[1], out);
}

/* A state of this spec, with what its function needs to know; NULL has told why. */
static cxm_state *state_for(sqlite3_context *ctx, const aggregate *of, const char *spec, size_t len, double at)
{
    static const char above[] = " above ";
    char whole[CXM_STATE_SPEC_MAX + sizeof above + CXM_TEXT_NUMBER_MAX];
    size_t digits = 0;
    memcpy(whole, spec, len);
    if (of->gives == GIVES_WITHIN) {
        memcpy(whole + len, above, sizeof above - 1);
        len += sizeof above - 1;
        cxm_text_from_number(at, whole + len, CXM_TEXT_NUMBER_MAX, &digits);
    }
    cxm_state *state = create(ctx, whole, len + digits);
    if (!state || of->gives != GIVES_STATE || travels(ctx, state)) return state;
    cxm_state_free(state);
    return NULL;
}

/* The group, its state made with its first row. */
static group *group_of(sqlite3_context *ctx, const aggregate *of, int argc, sqlite3_value **argv)
{
    char spec[CXM_STATE_SPEC_MAX];
    double at;
    group *g = sqlite3_aggregate_context(ctx, sizeof *g);
    if (!g) {
        sqlite3_result_error_nomem(ctx);
        return NULL;
    }
    size_t len = asked_at(ctx, of, argv, &at) ? spec_of(ctx, of, argc, argv, spec) : 0;
    if (len == 0) return NULL;
    if (!g->state) {
        g->state = state_for(ctx, of, spec, len, at);
        g->accounts = g->state && keeps_account(g->state);
        g->form = g->state ? form_of(g->state) : NULL;
        g->at = at;
        g->len = len;
        memcpy(g->spec, spec, len);
    } else if (g->len != len || memcmp(g->spec, spec, len) != 0) {
        fail(ctx, CXM_E_MISMATCH, "the spec changes within a group");
        return NULL;
    } else if (g->at < at || g->at > at) {
        fail(ctx, CXM_E_MISMATCH, "the share or the target changes within a group");
        return NULL;
    }
    return g->state ? g : NULL;
}

/* The one answer that cannot be taken back (cxm_label_remove). */
static const char TOO_MANY_LABELS[] =
    "the last row of a label leaves a frame of more labels than max: raise max, as 'labels max 4096'";

static cxm_status count_number(cxm_state *state, double value, const double *weight, bool add)
{
    if (weight) return (add ? cxm_state_add_weighted : cxm_state_remove_weighted)(state, value, *weight);
    return (add ? cxm_state_add : cxm_state_remove)(state, value);
}

static cxm_status count_text(cxm_state *state, sqlite3_value *score, const double *weight, bool add)
{
    size_t len;
    const char *text = text_of(score, &len);
    if (weight) return (add ? cxm_state_add_text_weighted : cxm_state_remove_text_weighted)(state, text, len, *weight);
    return (add ? cxm_state_add_text : cxm_state_remove_text)(state, text, len);
}

/* Adds or takes back one score, with its weight unless NULL; what is no answer is counted all the same. */
static void count(sqlite3_context *ctx, cxm_state *state, sqlite3_value *score, const double *weight, bool add)
{
    cxm_status status;
    switch (sqlite3_value_type(score)) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
        status = count_number(state, sqlite3_value_double(score), weight, add);
        if (status == CXM_E_METHOD && !weight) status = count_text(state, score, weight, add);     /* labels: its text is one */
        break;
    case SQLITE_NULL: status = count_number(state, (double)NAN, weight, add); break;
    case SQLITE_TEXT: status = count_text(state, score, weight, add); break;
    default:
        fail(ctx, CXM_E_DOMAIN, "a score is a number or a text, no BLOB");
        return;
    }
    if (status == CXM_E_METHOD && weight) fail(ctx, status, "this metric takes no weights: say `weighted` in its spec");
    else if (status != CXM_OK && status != CXM_E_DOMAIN && status != CXM_E_FORMAT)
        fail(ctx, status, status == CXM_E_UNDEFINED ? TOO_MANY_LABELS : NULL);
}

/* A line of text; a set of events takes nothing back. */
static void count_line(sqlite3_context *ctx, const group *g, sqlite3_value *line, bool add)
{
    int type = sqlite3_value_type(line);
    cxm_status status = type == SQLITE_NULL ? count_number(g->state, (double)NAN, NULL, add)
                      : type != SQLITE_TEXT ? CXM_E_FORMAT : count_text(g->state, line, NULL, add);
    if (status == CXM_E_METHOD) fail(ctx, status, "events are not taken back: no frame whose rows leave it");
    else if (status == CXM_E_MISMATCH) fail(ctx, status, "the event is in another currency than the spec");
    else if (status != CXM_OK && status != CXM_E_DOMAIN) fail(ctx, status, status == CXM_E_FORMAT ? g->form : NULL);
}

static void on_row(sqlite3_context *ctx, int argc, sqlite3_value **argv, bool add)
{
    const aggregate *of = sqlite3_user_data(ctx);
    const group *g = group_of(ctx, of, argc, argv);
    sqlite3_value *score = argv[of->spec ? 0 : 1];
    bool weighted = !of->spec && of->args == 3;
    double weight = weighted ? number_of(argv[2]) : 1.0;                /* NaN is refused as a weight */
    if (!g) return;
    if (g->form && !weighted) count_line(ctx, g, score, add);
    else if (g->accounts || weighted) count(ctx, g->state, score, weighted ? &weight : NULL, add);
    else if (sqlite3_value_type(score) == SQLITE_TEXT) fail(ctx, CXM_E_FORMAT, "a sum takes numbers, no text: CAST(x AS REAL)");
    else if (sqlite3_value_type(score) != SQLITE_NULL) count(ctx, g->state, score, NULL, add);
}

static void step(sqlite3_context *ctx, int argc, sqlite3_value **argv) { on_row(ctx, argc, argv, true); }
static void inverse(sqlite3_context *ctx, int argc, sqlite3_value **argv) { on_row(ctx, argc, argv, false); }

static void value(sqlite3_context *ctx)
{
    const aggregate *of = sqlite3_user_data(ctx);
    const group *g = sqlite3_aggregate_context(ctx, 0);
    if (!g || !g->state) return;                        /* no rows: NULL */
    switch (of->gives) {
    case GIVES_STATE: give_blob(ctx, g->state); break;
    case GIVES_QUANTILE: give_keyed(ctx, g->state, "quantile:", g->at, 0.0); break;
    case GIVES_WITHIN: give_keyed(ctx, g->state, "within:", g->at, 0.0); break;
    default: give_number(ctx, g->state, "value", 5, 0.0);
    }
}

/* SQLite ends every group here, one that failed too. */
static void final(sqlite3_context *ctx)
{
    group *g = sqlite3_aggregate_context(ctx, 0);
    value(ctx);
    if (!g) return;
    cxm_state_free(g->state);
    g->state = NULL;
}

/* --- merging --- */

static void merge_step(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    group *g = sqlite3_aggregate_context(ctx, sizeof *g);
    (void)argc;
    if (!g) {
        sqlite3_result_error_nomem(ctx);
        return;
    }
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    cxm_state *state = decode(ctx, argv[0], NULL);
    if (!state) return;
    if (!g->state) {
        g->state = state;
        return;
    }
    cxm_status status = cxm_state_merge(g->state, state);
    if (status != CXM_OK) fail_two(ctx, status, g->state, state);
    cxm_state_free(state);
}

static void merge_two(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    cxm_state *sum = NULL;
    for (int i = 0; i < 2; ++i) {
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL) continue;
        cxm_state *state = decode(ctx, argv[i], NULL);
        cxm_status status = state && sum ? cxm_state_merge(sum, state) : CXM_OK;
        if (status != CXM_OK) fail_two(ctx, status, sum, state);
        if (sum || !state) cxm_state_free(state);
        else sum = state;
        if (!state || status != CXM_OK) {
            cxm_state_free(sum);
            return;
        }
    }
    if (sum) give_blob(ctx, sum);
    cxm_state_free(sum);
}

/* --- reading --- */

/* A figure by its fixed name, with its level at `level_at` and its spec at `spec_at` of the arguments. */
static void figure(sqlite3_context *ctx, int argc, sqlite3_value **argv, const char *name, int level_at, int spec_at)
{
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    cxm_state *state = decode_asked(ctx, argv[0], argument(argc, argv, spec_at));
    if (!state) return;
    give_number(ctx, state, name, strlen(name), level_of(argument(argc, argv, level_at)));
    cxm_state_free(state);
}

/* cxm_value takes no level: limits alone depend on it. */
static void read_value(sqlite3_context *ctx, int argc, sqlite3_value **argv) { figure(ctx, argc, argv, "value", argc, 1); }
static void read_low(sqlite3_context *ctx, int argc, sqlite3_value **argv) { figure(ctx, argc, argv, "low", 1, 2); }
static void read_high(sqlite3_context *ctx, int argc, sqlite3_value **argv) { figure(ctx, argc, argv, "high", 1, 2); }

/* A state of quantiles, and no other; NULL has told why. */
static cxm_state *decode_quantiles(sqlite3_context *ctx, sqlite3_value *blob, sqlite3_value *spec)
{
    char text[CXM_STATE_SPEC_MAX], why[CXM_STATE_SPEC_MAX + 60];
    size_t len = 0;
    cxm_state *state = decode(ctx, blob, spec);
    if (!state) return NULL;
    cxm_state_spec(state, text, sizeof text, &len);
    if (is_of_quantiles(text, len)) return state;
    cxm_state_free(state);
    snprintf(why, sizeof why, "a state of quantiles has it, not one of '%.*s'", (int)len, text);
    fail(ctx, CXM_E_MISMATCH, why);
    return NULL;
}

/* A figure of quantiles at the number that is argument 1, a share or, of "within:", any. */
static void figure_at(sqlite3_context *ctx, int argc, sqlite3_value **argv, const char *word, int level_at, int spec_at)
{
    double at;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    if (!(strcmp(word, "within:") == 0 ? finite_of : share_of)(ctx, argv[1], &at)) return;
    cxm_state *state = decode_quantiles(ctx, argv[0], argument(argc, argv, spec_at));
    if (!state) return;
    give_keyed(ctx, state, word, at, level_of(argument(argc, argv, level_at)));
    cxm_state_free(state);
}

static void read_quantile(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    figure_at(ctx, argc, argv, "quantile:", argc, 2);
}

static void read_within(sqlite3_context *ctx, int argc, sqlite3_value **argv) { figure_at(ctx, argc, argv, "within:", argc, 2); }
static void read_at_low(sqlite3_context *ctx, int argc, sqlite3_value **argv) { figure_at(ctx, argc, argv, "low:", 2, 3); }
static void read_at_high(sqlite3_context *ctx, int argc, sqlite3_value **argv) { figure_at(ctx, argc, argv, "high:", 2, 3); }

static void read_n(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    uint64_t n;
    (void)argc;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    cxm_state *state = decode(ctx, argv[0], NULL);
    if (!state) return;
    cxm_status status = cxm_state_get_count(state, "n", 1, &n);
    if (status != CXM_OK) fail(ctx, status, NULL);
    else if (n <= INT64_MAX) sqlite3_result_int64(ctx, (sqlite3_int64)n);
    else sqlite3_result_double(ctx, (double)n);                         /* past SQLite's integers */
    cxm_state_free(state);
}

static void read_named(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    size_t len;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    const char *name = text_of(argv[1], &len);
    cxm_state *state = decode_asked(ctx, argv[0], argument(argc, argv, 3));
    if (!state) return;
    give_number(ctx, state, name, len, level_of(argument(argc, argv, 2)));
    cxm_state_free(state);
}

static void read_spec(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    char text[CXM_STATE_SPEC_MAX];
    size_t len = 0;
    (void)argc;
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    cxm_state *state = decode(ctx, argv[0], NULL);
    if (!state) return;
    cxm_state_spec(state, text, sizeof text, &len);
    sqlite3_result_text(ctx, text, (int)len, SQLITE_TRANSIENT);
    cxm_state_free(state);
}

/* The JSON of one state or of a comparison: asked for its length first. */
static cxm_status put_json(const cxm_state *a, const cxm_state *b, double level, char *out, size_t cap, size_t *len)
{
    return b ? cxm_state_compare_json(a, b, level, out, cap, len) : cxm_state_json(a, level, out, cap, len);
}

static void give_json(sqlite3_context *ctx, const cxm_state *a, const cxm_state *b, double level)
{
    size_t len = 0;
    cxm_status status = put_json(a, b, level, NULL, 0, &len);
    if (status != CXM_E_LIMIT) {
        if (b) fail_two(ctx, status, a, b);
        else fail(ctx, status, NULL);
        return;
    }
    char *out = room(ctx, len);
    if (!out) return;
    put_json(a, b, level, out, len, &len);
    sqlite3_result_text64(ctx, out, len, sqlite3_free, SQLITE_UTF8);
}

static void read_json(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    cxm_state *state = decode_asked(ctx, argv[0], argument(argc, argv, 2));
    if (!state) return;
    give_json(ctx, state, NULL, level_of(argument(argc, argv, 1)));
    cxm_state_free(state);
}

static void compare(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    sqlite3_value *spec = argument(argc, argv, 3);
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL || sqlite3_value_type(argv[1]) == SQLITE_NULL) return;
    cxm_state *a = decode_asked(ctx, argv[0], spec), *b = a ? decode_asked(ctx, argv[1], spec) : NULL;
    if (b) give_json(ctx, a, b, level_of(argument(argc, argv, 2)));
    cxm_state_free(a);
    cxm_state_free(b);
}

/* --- answers --- */

static void free_scale(void *scale) { cxm_state_free(scale); }

/* An empty state of the scale that argument 1 names; SQLite keeps it as long as the argument is the same constant. */
static cxm_state *scale_of(sqlite3_context *ctx, sqlite3_value *range, bool *kept)
{
    char spec[CXM_STATE_SPEC_MAX];
    size_t len;
    cxm_state *scale = sqlite3_get_auxdata(ctx, 1);
    *kept = scale != NULL;
    if (scale) return scale;
    bool is_text = sqlite3_value_type(range) == SQLITE_TEXT;            /* asked first, as to read it makes it one */
    const char *text = text_of(range, &len);
    if (!is_text || len > 64) {
        fail(ctx, CXM_E_FORMAT, "a scale is a text, as '0..10', of at most 64 bytes");
        return NULL;
    }
    int size = snprintf(spec, sizeof spec, "scale %.*s", (int)len, text);
    return create(ctx, spec, (size_t)size);
}

static void read_score(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    double answer;
    size_t len, label_at;
    bool kept;
    (void)argc;
    if (sqlite3_value_type(argv[0]) == SQLITE_BLOB) {
        fail(ctx, CXM_E_DOMAIN, "an answer is a number or a text, no BLOB");
        return;
    }
    cxm_state *scale = scale_of(ctx, argv[1], &kept);
    if (!scale) return;
    const char *text = text_of(argv[0], &len);
    if (cxm_text_answer(text, len, '.', &answer, &label_at) == CXM_OK && cxm_state_add(scale, answer) == CXM_OK)
        sqlite3_result_int64(ctx, (sqlite3_int64)answer);               /* a point of a scale is whole */
    if (!kept) sqlite3_set_auxdata(ctx, 1, scale, free_scale);
}

/* --- opening hours --- */

static const char YEARS[] = "a time lies in years 1 to 9999";

static void free_calendar(void *calendar) { cxm_calendar_free(calendar); }

static cxm_zone *zone_of(sqlite3_context *ctx, const char *text, size_t len)
{
    const char *name;
    size_t name_len;
    char why[ZONE_WHY];
    cxm_zone *zone = NULL;
    if (cxm_calendar_zone_of(text, len, &name, &name_len) != CXM_OK) {
        fail(ctx, CXM_E_FORMAT, "the zone is told twice");
        return NULL;
    }
    if (name_len == 0) {
        fail(ctx, CXM_E_FORMAT, "no line of the calendar tells its zone, as 'zone Europe/Berlin'");
        return NULL;
    }
    zone_found found = zone_find(name, name_len, NULL, &memory, &zone, why);
    if (found == ZONE_NO_MEMORY) fail(ctx, CXM_E_MEMORY, NULL);
    else if (found != ZONE_FOUND) fail(ctx, CXM_E_FORMAT, why);
    return zone;
}

/* The calendar that argument 2 tells; SQLite keeps it as long as the argument is the same constant. NULL has told why. */
static cxm_calendar *calendar_of(sqlite3_context *ctx, sqlite3_value *told, bool *kept)
{
    char why[CXM_ERROR_TEXT + 40];
    size_t len;
    cxm_error error = {.size = sizeof error};
    cxm_calendar *calendar = sqlite3_get_auxdata(ctx, 2);
    *kept = calendar != NULL;
    if (calendar) return calendar;
    const char *text = text_of(told, &len);
    cxm_zone *zone = zone_of(ctx, text, len);
    if (!zone) return NULL;
    cxm_status status = cxm_calendar_create(text, len, zone, &memory, &calendar, &error);
    if (status == CXM_OK) return calendar;
    cxm_zone_free(zone);
    snprintf(why, sizeof why, "the calendar's line %llu: %s", (unsigned long long)error.row, error.text);
    fail(ctx, status, why);
    return NULL;
}

static const double SECONDS_MOST = 1e12;        /* far past year 9999, and no overflow in microseconds */

static bool seconds_to_us(double seconds, int64_t *us)
{
    if (!(fabs(seconds) <= SECONDS_MOST)) return false;
    *us = (int64_t)floor(seconds) * 1000000 + (int64_t)floor((seconds - floor(seconds)) * 1e6 + 0.5);
    return true;
}

/* false has told why. */
static bool instant_of(sqlite3_context *ctx, sqlite3_value *value, int64_t *at_us)
{
    size_t len;
    cxm_status status = CXM_E_FORMAT;
    int type = sqlite3_value_type(value);
    if (type == SQLITE_TEXT) {
        const char *text = text_of(value, &len);
        status = cxm_text_time(text, len, 0, at_us, NULL);
    } else if (type != SQLITE_BLOB) {
        status = seconds_to_us(sqlite3_value_double(value), at_us) ? CXM_OK : CXM_E_DOMAIN;
    }
    if (status == CXM_E_FORMAT) fail(ctx, status, "a time is a text such as 2026-11-20T09:14:00Z, or seconds since 1970");
    else if (status != CXM_OK) fail(ctx, status, YEARS);
    return status == CXM_OK;
}

static void give_seconds(sqlite3_context *ctx, int64_t us)
{
    if (us % 1000000 == 0) sqlite3_result_int64(ctx, us / 1000000);
    else sqlite3_result_double(ctx, (double)us / 1e6);
}

static void business_seconds(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    int64_t start_us, end_us, open_us = 0;
    bool kept;
    for (int i = 0; i < argc; ++i)
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL) return;
    cxm_calendar *calendar = calendar_of(ctx, argv[2], &kept);
    if (!calendar) return;
    if (instant_of(ctx, argv[0], &start_us) && instant_of(ctx, argv[1], &end_us)) {
        cxm_status status = cxm_calendar_between(calendar, start_us, end_us, &open_us);
        if (status != CXM_OK) fail(ctx, status, YEARS);
        else give_seconds(ctx, end_us < start_us ? end_us - start_us : open_us);
    }
    if (!kept) sqlite3_set_auxdata(ctx, 2, calendar, free_calendar);
}

/* In the form that the start has: a text, in UTC, or seconds since 1970. */
static void give_instant(sqlite3_context *ctx, int64_t at_us, bool as_text)
{
    char text[CXM_TEXT_TIME_MAX];
    size_t len = 0;
    if (!as_text) {
        give_seconds(ctx, at_us);
        return;
    }
    cxm_text_from_time(at_us, 0, text, sizeof text, &len);
    sqlite3_result_text(ctx, text, (int)len, SQLITE_TRANSIENT);
}

static void business_due(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    int64_t start_us, open_us, due_us;
    bool kept, as_text = sqlite3_value_type(argv[0]) == SQLITE_TEXT;
    for (int i = 0; i < argc; ++i)
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL) return;
    int type = sqlite3_value_numeric_type(argv[1]);
    if ((type != SQLITE_INTEGER && type != SQLITE_FLOAT) || !seconds_to_us(sqlite3_value_double(argv[1]), &open_us) || open_us < 0) {
        fail(ctx, CXM_E_ARG, "what is due is a number of open seconds, 0 or more");
        return;
    }
    cxm_calendar *calendar = calendar_of(ctx, argv[2], &kept);
    if (!calendar) return;
    if (instant_of(ctx, argv[0], &start_us)) {
        cxm_status status = cxm_calendar_due(calendar, start_us, open_us, &due_us);
        if (status == CXM_OK) give_instant(ctx, due_us, as_text);
        else if (status != CXM_E_UNDEFINED) fail(ctx, status, YEARS);
    }
    if (!kept) sqlite3_set_auxdata(ctx, 2, calendar, free_calendar);
}

/* --- the list of functions --- */

static const aggregate aggregates[] = {
    {"cxm_nps", 1, "nps", GIVES_VALUE},                  {"cxm_nps_state", 1, "nps", GIVES_STATE},
    {"cxm_csat", 1, "csat", GIVES_VALUE},                {"cxm_csat_state", 1, "csat", GIVES_STATE},
    {"cxm_csat", 2, "csat", GIVES_VALUE},                {"cxm_csat_state", 2, "csat", GIVES_STATE},
    {"cxm_ces", 1, "ces", GIVES_VALUE},                  {"cxm_ces_state", 1, "ces", GIVES_STATE},
    {"cxm_metric", 2, NULL, GIVES_VALUE},                {"cxm_state", 2, NULL, GIVES_STATE},
    {"cxm_metric", 3, NULL, GIVES_VALUE},                {"cxm_state", 3, NULL, GIVES_STATE},
    {"cxm_percentile", 2, "quantile s 0.01", GIVES_QUANTILE},      {"cxm_percentile", 3, "quantile s 0.01", GIVES_QUANTILE},
    {"cxm_latency_state", 1, "quantile s 0.01", GIVES_STATE},      {"cxm_latency_state", 2, "quantile s 0.01", GIVES_STATE},
    {"cxm_sla", 2, "quantile s 0.01", GIVES_WITHIN},
};

static const struct { const char *name; int least, most, flags; void (*call)(sqlite3_context *, int, sqlite3_value **); } scalars[] = {
    {"cxm_merge2", 2, 2, FLAGS, merge_two}, {"cxm_value", 1, 2, FLAGS, read_value}, {"cxm_n", 1, 1, FLAGS, read_n},
    {"cxm_spec", 1, 1, FLAGS, read_spec},   {"cxm_ci_low", 1, 3, FLAGS, read_low},  {"cxm_ci_high", 1, 3, FLAGS, read_high},
    {"cxm_json", 1, 3, FLAGS, read_json},   {"cxm_get", 2, 4, FLAGS, read_named},   {"cxm_compare", 2, 4, FLAGS, compare},
    {"cxm_score", 2, 2, FLAGS, read_score}, {"cxm_within", 2, 3, FLAGS, read_within},
    {"cxm_quantile", 2, 3, FLAGS, read_quantile}, {"cxm_quantile_low", 2, 4, FLAGS, read_at_low}, {"cxm_quantile_high", 2, 4, FLAGS, read_at_high},
    {"cxm_business_seconds", 3, 3, READS_FILES, business_seconds}, {"cxm_business_due", 3, 3, READS_FILES, business_due},
};

/* Of the states merged so far; the kind is theirs. */
static const aggregate merged = {"cxm_merge", 1, NULL, GIVES_STATE};

static int add_scalars(sqlite3 *db)
{
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < sizeof scalars / sizeof *scalars; ++i)
        for (int args = scalars[i].least; code == SQLITE_OK && args <= scalars[i].most; ++args)
            code = sqlite3_create_function_v2(db, scalars[i].name, args, scalars[i].flags, NULL, scalars[i].call, NULL, NULL, NULL);
    return code;
}

static int add_aggregates(sqlite3 *db)
{
    int code = sqlite3_create_function_v2(db, merged.name, merged.args, FLAGS, (void *)(size_t)&merged, NULL, merge_step, final,
                                          NULL);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof aggregates / sizeof *aggregates; ++i)
        code = sqlite3_create_window_function(db, aggregates[i].name, aggregates[i].args, FLAGS,
                                              (void *)(size_t)&aggregates[i], step, final, value, inverse, NULL);
    return code;
}

#ifdef _WIN32
__declspec(dllexport)
#elif defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int sqlite3_cxmsqlite_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api);
    (void)error;
    int code = add_scalars(db);
    return code == SQLITE_OK ? add_aggregates(db) : code;
}
