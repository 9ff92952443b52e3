/* SPDX-License-Identifier: MIT */
/* state_compare.c - two states behind the door against each other.
 *
 * JSON has the keys of the command line's `compare --json`. With one comparison nothing is adjusted, so a difference is
 * proven when p < 1 - level, which is when the limits at `level` leave 0 out (cxm/compare.h). */
#include "base/port.h"
#include <cxm/state.h>
#include <math.h>
#include "stream/state_table.h"
#include "stream/state_text.h"

static const double DEFAULT_LEVEL = 0.95;

cxm_status cxm_state_compare(const cxm_state *a, const cxm_state *b, int32_t method, double level, cxm_difference *out)
{
    if (!a || !b || !out) return CXM_E_ARG;
    const state_calls *calls = state_calls_of(a);
    if (calls != state_calls_of(b) || !calls->agrees(&a->spec, &b->spec)) return CXM_E_MISMATCH;
    if (!calls->compare) return CXM_E_METHOD;
    return calls->compare(a, b, method, level == 0.0 ? DEFAULT_LEVEL : level, out);
}

/* A comparison as it goes into JSON; `status` says whether there is a difference. */
typedef struct compared {
    const cxm_state *a, *b;
    state_figures of_a, of_b;
    double level;
    cxm_status status;
    cxm_difference found;
} compared;

static const char *verdict(const compared *c)
{
    if (c->status != CXM_OK) return "a and b cannot be compared";
    if (!(c->found.p < 1.0 - c->level)) return "no difference proven between a and b";
    return c->found.difference > 0.0 ? "a is above b" : "a is below b";
}

/* A number of the difference, null where there is none. */
static void put_found(const compared *c, const char *key, double value, writer *w)
{
    state_put_key_number(w, key, c->status == CXM_OK ? value : (double)NAN);
}

static void put_interval(const compared *c, writer *w)
{
    const cxm_difference *d = &c->found;
    if (c->status != CXM_OK) {                           /* the default methods all have limits */
        writer_text(w, ",\"interval\":null");
        return;
    }
    writer_text(w, ",\"interval\":{\"method\":\"");
    writer_text(w, cxm_compare_name(d->method));
    writer_text(w, "\"");
    state_put_key_number(w, "level", d->level);
    state_put_key_number(w, "low", d->low);
    state_put_key_number(w, "high", d->high);
    writer_text(w, "}");
}

/* Answers of both; null past their type. */
static void put_n(const compared *c, writer *w)
{
    uint64_t a = 0, b = 0;
    bool both = cxm_state_get_count(c->a, "n", 1, &a) == CXM_OK && cxm_state_get_count(c->b, "n", 1, &b) == CXM_OK;
    if (both && a <= UINT64_MAX - b) state_put_key_count(w, "n", a + b);
    else writer_text(w, ",\"n\":null");
}

static void put_why(const compared *c, writer *w)
{
    bool quantiles = state_calls_of(c->a) == &state_quantile_calls;
    state_put_key(w, "why");
    writer_text(w, quantiles ? "\"difference: too few values for limits, or they lie outside the range\"" : "\"difference: the answers show no spread\"");
}

static void put(const compared *c, writer *w)
{
    writer_text(w, "{\"metric\":\"");
    state_put_metric(c->a, w);
    writer_text(w, "\",\"segment\":{},\"window\":null");
    put_n(c, w);
    put_found(c, "value", c->found.difference, w);
    put_interval(c, w);
    put_found(c, "difference", c->found.difference, w);
    put_found(c, "se", c->found.se, w);
    put_found(c, "statistic", c->found.statistic, w);
    put_found(c, "df", c->found.df, w);
    put_found(c, "p", c->found.p, w);
    state_put_key(w, "verdict");
    state_put_string(w, verdict(c), strlen(verdict(c)));
    if (c->status == CXM_E_EMPTY) writer_text(w, ",\"why\":\"difference: one side has no answer to compare\"");
    else if (c->status != CXM_OK) put_why(c, w);
    writer_text(w, ",\"a\":");
    state_put_json(c->a, &c->of_a, c->level, w);
    writer_text(w, ",\"b\":");
    state_put_json(c->b, &c->of_b, c->level, w);
    writer_text(w, "}");
}

cxm_status cxm_state_compare_json(const cxm_state *a, const cxm_state *b, double level, char *out, size_t cap, size_t *len)
{
    compared c = {.a = a, .b = b, .level = level == 0.0 ? DEFAULT_LEVEL : level, .found = {.size = sizeof c.found}};
    writer count = {NULL, 0, 0}, w = {out, cap, 0};
    if (!a || !b || !len || (!out && cap)) return CXM_E_ARG;
    c.status = cxm_state_compare(a, b, CXM_COMPARE_DEFAULT, c.level, &c.found);
    if (c.status != CXM_OK && c.status != CXM_E_EMPTY && c.status != CXM_E_UNDEFINED) return c.status;
    cxm_status status = state_figures_of(a, c.level, &c.of_a);
    if (status == CXM_OK) status = state_figures_of(b, c.level, &c.of_b);
    if (status != CXM_OK) return status;
    put(&c, &count);
    *len = count.len;
    if (cap < count.len) return CXM_E_LIMIT;
    put(&c, &w);
    return CXM_OK;
}
