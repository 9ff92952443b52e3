/* SPDX-License-Identifier: MIT */
/* state_sum.c - the door's calls for an exact sum: each is one call of sum.h.
 *
 * A sum has no account of what is no value: its bytes are those of cxm_sum, and hold none. */
#include "base/port.h"
#include "stream/state_table.h"
#include <math.h>
#include <stddef.h>
#include "stream/state_text.h"

static size_t bytes(const state_spec *spec)
{
    (void)spec;
    return sizeof(cxm_sum);
}

static cxm_status start(cxm_state *state)
{
    (void)state;                                        /* all zeros is the empty sum */
    return CXM_OK;
}

static void release(cxm_state *state)
{
    (void)state;                                        /* nothing beyond its block */
}

/* --- values --- */

static cxm_status add(cxm_state *state, double value)
{
    return cxm_sum_add(&state->is.sum, value);
}

static cxm_status add_text(cxm_state *state, const char *text, size_t len)
{
    double value;
    if (state_answer(text, len, &value) != STATE_CELL_NUMBER) return CXM_E_FORMAT;
    return cxm_sum_add(&state->is.sum, value);
}

static cxm_status add_many(cxm_state *state, const cxm_column *column)
{
    return cxm_sum_add_many(&state->is.sum, column);
}

static cxm_status take_back(cxm_state *state, double value)
{
    return cxm_sum_remove(&state->is.sum, value);
}

static cxm_status take_back_text(cxm_state *state, const char *text, size_t len)
{
    double value;
    if (state_answer(text, len, &value) != STATE_CELL_NUMBER) return CXM_E_FORMAT;
    return cxm_sum_remove(&state->is.sum, value);
}

static cxm_status merge(cxm_state *into, const cxm_state *from)
{
    return cxm_sum_merge(&into->is.sum, &from->is.sum);
}

/* --- bytes --- */

static cxm_status encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    return cxm_sum_encode(&state->is.sum, out, cap, len);
}

static bool spec_of(const codec_frame *frame, state_spec *out)
{
    (void)out;
    return frame->spec_len == 3 && memcmp(frame->spec, "sum", 3) == 0;
}

static bool agrees(const state_spec *a, const state_spec *b)
{
    (void)a;
    (void)b;
    return true;
}

static cxm_status decode(cxm_state *state, const void *at, size_t len, size_t max_bytes)
{
    (void)max_bytes;                                    /* the block is all it takes */
    return cxm_sum_decode(at, len, &state->is.sum);
}

/* --- results --- */

static cxm_status figures(const cxm_state *state, double level, state_figures *out)
{
    const cxm_sum *sum = &state->is.sum;
    state_sum_sum *to = &out->of.sum;
    if (!(level >= 0.0 && level < 1.0)) return CXM_E_ARG;
    *to = (state_sum_sum){.n = sum->n, .plus_inf = sum->plus_inf, .minus_inf = sum->minus_inf, .nan = sum->nan};
    cxm_sum_value(sum, &to->value);
    out->exists[STATE_NUMBER] = out->exists[STATE_SPREAD] = to->value == to->value ? CXM_OK : CXM_E_UNDEFINED;
    if (sum->n) to->mean = to->value / (double)sum->n;
    else out->exists[STATE_SPREAD] = CXM_E_EMPTY;       /* of none the sum is 0, and there is no mean */
    return CXM_OK;
}

static cxm_status keyed(const cxm_state *state, const state_question *asked, double *out)
{
    (void)state;
    (void)asked;
    (void)out;
    return CXM_E_ARG;
}

/* A JSON number is finite. */
static const char *why(const state_sum_sum *sum)
{
    if (sum->value != sum->value) return "\"value: NaN or infinities of both signs are among them; interval: a sum has none\"";
    if (isinf(sum->value)) return "\"value: infinite, which JSON has no number for; interval: a sum has none\"";
    return "\"interval: a sum has none\"";
}

static void json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    const state_sum_sum *sum = &f->of.sum;
    (void)state;
    (void)level;
    state_put_key_count(w, "n", sum->n);
    state_put_key_number(w, "value", sum->value);
    state_put_interval(w, false, 0, 0.0, 0.0, 0.0);
    state_put_key(w, "mean");
    if (f->exists[STATE_SPREAD] == CXM_OK) state_put_number(w, sum->mean);
    else writer_text(w, "null");
    state_put_key_count(w, "plus_inf", sum->plus_inf);
    state_put_key_count(w, "minus_inf", sum->minus_inf);
    state_put_key_count(w, "nan", sum->nan);
    state_put_key(w, "why");
    writer_text(w, why(sum));
}

static cxm_status definition(const cxm_state *state, double level, writer *w)
{
    (void)level;
    writer_text(w, state_row_of(&state->spec)->definition);
    return CXM_OK;
}

const state_calls state_sum_calls = {
    .kind = CODEC_SUM, .bytes = bytes, .start = start, .release = release, .add = add, .add_text = add_text,
    .add_many = add_many, .remove = take_back, .remove_text = take_back_text, .merge = merge, .encode = encode,
    .spec_of = spec_of, .agrees = agrees, .decode = decode, .figures = figures, .keyed = keyed, .json = json,
    .definition = definition,
};

#define IN_SUM(field) offsetof(state_figures, of.sum.field)
const state_result state_sum_results[] = {
    {"value", NULL, "the exact sum, rounded once; infinite past the largest double", IN_SUM(value), STATE_NUMBER},
    {"mean", NULL, "value / n", IN_SUM(mean), STATE_SPREAD},
    {"n", "values", "values, infinities and NaN among them", IN_SUM(n), STATE_COUNT},
    {"plus_inf", "values", "+infinity among them", IN_SUM(plus_inf), STATE_COUNT},
    {"minus_inf", "values", "-infinity among them", IN_SUM(minus_inf), STATE_COUNT},
    {"nan", "values", "NaN among them", IN_SUM(nan), STATE_COUNT},
    {NULL, NULL, NULL, 0, STATE_KEYED},
};
