/* SPDX-License-Identifier: MIT */
/* state_label.c - the door's calls for labels: each is one call of label.h.
 *
 * The value is the net of "positive" and "negative", as the command line takes it where nobody names other words: it
 * exists where either occurs. Shares of single labels are asked by key: "share:positive". */
#include "base/port.h"
#include "stream/state_table.h"
#include <stddef.h>
#include "score/label_codec.h"
#include "stream/state_text.h"

static const cxm_label_text positive = {"positive", 8}, negative = {"negative", 8};

static size_t bytes(const state_spec *spec)
{
    (void)spec;
    return sizeof(cxm_label *);
}

static cxm_status start(cxm_state *state)
{
    return cxm_label_create(&state->spec.label, &state->hook, &state->is.label);
}

static void release(cxm_state *state)
{
    cxm_label_free(state->is.label);
}

/* --- answers --- */

static cxm_status add(cxm_state *state, double value)
{
    return value == value ? CXM_E_METHOD : cxm_label_add_missing(state->is.label);
}

static cxm_status add_text(cxm_state *state, const char *text, size_t len)
{
    if (state_is_missing(text, len)) return cxm_label_add_missing(state->is.label);
    state_trim(&text, &len);
    return cxm_label_add(state->is.label, text, len);
}

static cxm_status add_many(cxm_state *state, const cxm_column *column)
{
    (void)state;
    (void)column;
    return CXM_E_METHOD;
}

static cxm_status take_back(cxm_state *state, double value)
{
    return value == value ? CXM_E_METHOD : cxm_label_remove_missing(state->is.label);
}

static cxm_status take_back_text(cxm_state *state, const char *text, size_t len)
{
    if (state_is_missing(text, len)) return cxm_label_remove_missing(state->is.label);
    state_trim(&text, &len);
    return cxm_label_remove(state->is.label, text, len);
}

static cxm_status merge(cxm_state *into, const cxm_state *from)
{
    return cxm_label_merge(into->is.label, from->is.label);
}

/* --- bytes --- */

static cxm_status encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    return cxm_label_encode(state->is.label, out, cap, len);
}

static bool spec_of(const codec_frame *frame, state_spec *out)
{
    return label_spec_read(frame->spec, frame->spec_len, &out->label);
}

static bool agrees(const state_spec *a, const state_spec *b)
{
    return a->label.max_labels == b->label.max_labels && a->label.max_label_bytes == b->label.max_label_bytes;
}

static cxm_status decode(cxm_state *state, const void *at, size_t len, size_t max_bytes)
{
    return cxm_label_decode(at, len, max_bytes, &state->hook, &state->is.label);
}

/* --- results --- */

static bool holds(const cxm_label *label, const cxm_label_text *word)
{
    uint64_t count = 0;
    cxm_status status = cxm_label_count(label, word->text, word->len, &count);
    return status == CXM_E_UNDEFINED || count > 0;      /* or may hold: then the net says so */
}

static cxm_status net(const cxm_label *label, const cxm_label_ask *ask, cxm_label_net_summary *out)
{
    if (!holds(label, &positive) && !holds(label, &negative)) return CXM_E_UNDEFINED;
    cxm_status status = cxm_label_net(label, &positive, 1, &negative, 1, ask, out);
    return status == CXM_E_DOMAIN ? CXM_E_UNDEFINED : status;           /* a bound below eight bytes */
}

static cxm_status figures(const cxm_state *state, double level, state_figures *out)
{
    cxm_label_ask ask = {.size = sizeof ask, .level = level};
    cxm_label_summary *all = &out->of.labels.all;
    cxm_label_net_summary *sum = &out->of.labels.net;
    all->size = sizeof *all;
    sum->size = sizeof *sum;
    cxm_status status = cxm_label_summarize(state->is.label, &ask, all);
    if (status != CXM_OK && status != CXM_E_EMPTY) return status;
    if (status == CXM_OK) status = net(state->is.label, &ask, sum);
    out->exists[STATE_NUMBER] = out->exists[STATE_ERROR] = status;
    out->exists[STATE_LIMIT] = status == CXM_OK ? sum->interval_status : status;
    return CXM_OK;
}

/* Answers with a label, or their share. */
static cxm_status keyed(const cxm_state *state, const state_question *asked, double *out)
{
    bool share = asked->of == STATE_KEY_SHARE;
    uint64_t n, count;
    if (asked->of > STATE_KEY_SHARE) return CXM_E_ARG;
    cxm_status status = cxm_label_count(state->is.label, asked->key, asked->len, &count);
    if (status == CXM_OK) status = cxm_label_n(state->is.label, &n);
    if (status == CXM_OK && share && n == 0) status = CXM_E_EMPTY;
    if (status == CXM_OK) *out = (double)count / (share ? (double)n : 1.0);
    return status;
}

/* --- JSON, key by key as the command line's --- */

static void put_shares(const cxm_state *state, double level, writer *w)
{
    cxm_label_ask ask = {.size = sizeof ask, .level = level};
    cxm_label_share share = {.size = sizeof share};
    writer_text(w, ",\"labels\":[");
    for (bool first = true; cxm_label_next(state->is.label, &ask, &share) == CXM_OK && !share.is_other; first = false) {
        writer_text(w, first ? "{\"label\":" : ",{\"label\":");
        state_put_string(w, share.text, share.len);
        state_put_key_count(w, "count", share.count);
        state_put_key_number(w, "share", share.share);
        state_put_key_number(w, "low", share.low);
        state_put_key_number(w, "high", share.high);
        writer_text(w, "}");
    }
    writer_text(w, "]");
}

static const char *why(const cxm_state *state, const state_figures *f)
{
    if (f->of.labels.all.n == 0) return "value and interval: no label was counted";
    if (f->exists[STATE_NUMBER] == CXM_OK) return NULL;
    if (holds(state->is.label, &positive) || holds(state->is.label, &negative))
        return "value and interval: a named label may be among the others";
    return "value and interval: no label is positive or negative";
}

static void json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    const cxm_label_summary *all = &f->of.labels.all;
    const cxm_label_net_summary *sum = &f->of.labels.net;
    const char *reason = why(state, f);
    state_put_key_count(w, "n", all->n);
    state_put_key(w, "value");
    if (f->exists[STATE_NUMBER] == CXM_OK) state_put_number(w, sum->value);
    else writer_text(w, "null");
    state_put_interval(w, f->exists[STATE_LIMIT] == CXM_OK, sum->method, sum->level, sum->low, sum->high);
    put_shares(state, level, w);
    state_put_key_count(w, "other", all->other);
    state_put_key_count(w, "missing", all->missing);
    state_put_key_count(w, "out_of_range", all->out_of_range);
    if (!reason) return;
    state_put_key(w, "why");
    state_put_string(w, reason, strlen(reason));
}

static cxm_status definition(const cxm_state *state, double level, writer *w)
{
    cxm_label_ask ask = {.size = sizeof ask, .level = level};
    size_t room = w->cap - w->len, len;
    cxm_status status = cxm_label_net_definition(state_row_of(&state->spec)->title, &positive, 1, &negative, 1, &ask,
                                                 w->out + w->len, room, &len);
    if (status == CXM_OK) w->len += len;
    return status;
}

const state_calls state_label_calls = {
    .kind = CODEC_LABEL, .bytes = bytes, .start = start, .release = release, .add = add, .add_text = add_text,
    .add_many = add_many, .remove = take_back, .remove_text = take_back_text, .merge = merge, .encode = encode,
    .spec_of = spec_of, .agrees = agrees, .decode = decode, .figures = figures, .keyed = keyed, .json = json,
    .definition = definition,
};

#define OF_ALL(field) offsetof(state_figures, of.labels.all.field)
#define OF_NET(field) offsetof(state_figures, of.labels.net.field)
const state_result state_label_results[] = {
    {"value", NULL, "(positive - negative) / n", OF_NET(value), STATE_NUMBER},
    {"low", NULL, "lower limit of the value", OF_NET(low), STATE_LIMIT},
    {"high", NULL, "upper limit of the value", OF_NET(high), STATE_LIMIT},
    {"se", NULL, "standard error of the value", OF_NET(se), STATE_ERROR},
    {"n", "answers", "labelled answers", OF_ALL(n), STATE_COUNT},
    {"labels", "labels", "labels kept apart", OF_ALL(labels), STATE_COUNT},
    {"other", "answers", "answers with a label beyond the bound", OF_ALL(other), STATE_COUNT},
    {"missing", "answers", "blank or a missing word", OF_ALL(missing), STATE_COUNT},
    {"out_of_range", "answers", "labels longer than the bound", OF_ALL(out_of_range), STATE_COUNT},
    {"count:LABEL", "answers", "answers with a label", 0, STATE_KEYED},
    {"share:LABEL", "share", "count of a label / n", 0, STATE_KEYED},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
