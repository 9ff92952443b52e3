/* SPDX-License-Identifier: MIT */
/* state.c - the generic door: each call finds the state's row and hands on.
 *
 * Nothing is computed here, so nothing can differ from the typed calls: what a kind of state does stands in
 * state_scale.c, state_weighted.c, state_label.c, state_sum.c, state_quantile.c, state_ticket.c, state_survival.c and state_customers.c, what a metric
 * is called and how it is told in state_table.c. */
#include "base/port.h"
#include <cxm/state.h>
#include <math.h>
#include <stddef.h>
#include "base/alloc.h"
#include "base/sized.h"
#include "stream/state_table.h"
#include "stream/state_text.h"

_Static_assert(sizeof(void *) != 8 || sizeof(cxm_state_metric) == 56, "cxm_state_metric grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_state_field) == 32, "cxm_state_field grew");

/* --- life --- */

/* A block for this spec, its state all zeros. */
static cxm_status make(const state_spec *spec, const cxm_alloc *hook, cxm_state **out)
{
    size_t bytes = offsetof(cxm_state, is) + state_row_of(spec)->calls->bytes(spec);
    cxm_state *state = alloc_zeroed(hook, 1, bytes);
    if (!state) return CXM_E_MEMORY;
    state->hook = *hook;
    state->bytes = bytes;
    state->spec = *spec;
    *out = state;
    return CXM_OK;
}

void cxm_state_free(cxm_state *state)
{
    if (!state) return;
    cxm_alloc hook = state->hook;
    state_calls_of(state)->release(state);
    alloc_free(&hook, state, state->bytes);
}

/* Hands over a state that was begun, or takes it back. */
static cxm_status finish(cxm_state *state, cxm_status status, cxm_state **out)
{
    if (status == CXM_OK) *out = state;
    else cxm_state_free(state);
    return status;
}

cxm_status cxm_state_create(const char *spec, size_t len, const cxm_alloc *alloc, cxm_state **out, cxm_error *error)
{
    state_spec read;
    cxm_alloc hook;
    cxm_state *state;
    if (!spec || !out) return CXM_E_ARG;
    cxm_status status = alloc_choose(alloc, &hook);
    if (status == CXM_OK) status = state_spec_read(spec, len, &read, error);
    if (status == CXM_OK) status = make(&read, &hook, &state);
    return status == CXM_OK ? finish(state, state_calls_of(state)->start(state), out) : status;
}

/* --- answers --- */

cxm_status cxm_state_add(cxm_state *state, double value)
{
    return state ? state_calls_of(state)->add(state, value) : CXM_E_ARG;
}

cxm_status cxm_state_add_text(cxm_state *state, const char *text, size_t len)
{
    if (!state || (!text && len)) return CXM_E_ARG;
    return state_calls_of(state)->add_text(state, text ? text : "", len);
}

cxm_status cxm_state_add_many(cxm_state *state, const cxm_column *column)
{
    return state && column ? state_calls_of(state)->add_many(state, column) : CXM_E_ARG;
}

cxm_status cxm_state_remove(cxm_state *state, double value)
{
    return state ? state_calls_of(state)->remove(state, value) : CXM_E_ARG;
}

cxm_status cxm_state_remove_text(cxm_state *state, const char *text, size_t len)
{
    if (!state || (!text && len)) return CXM_E_ARG;
    return state_calls_of(state)->remove_text(state, text ? text : "", len);
}

/* --- with weights --- */

cxm_status cxm_state_add_weighted(cxm_state *state, double value, double weight)
{
    if (!state) return CXM_E_ARG;
    const state_calls *calls = state_calls_of(state);
    return calls->add_weighted ? calls->add_weighted(state, value, weight) : CXM_E_METHOD;
}

cxm_status cxm_state_add_text_weighted(cxm_state *state, const char *text, size_t len, double weight)
{
    if (!state || (!text && len)) return CXM_E_ARG;
    const state_calls *calls = state_calls_of(state);
    return calls->add_text_weighted ? calls->add_text_weighted(state, text ? text : "", len, weight) : CXM_E_METHOD;
}

cxm_status cxm_state_add_many_weighted(cxm_state *state, const cxm_column *column, const cxm_column *weights)
{
    if (!state || !column || !weights) return CXM_E_ARG;
    const state_calls *calls = state_calls_of(state);
    return calls->add_many_weighted ? calls->add_many_weighted(state, column, weights) : CXM_E_METHOD;
}

cxm_status cxm_state_remove_weighted(cxm_state *state, double value, double weight)
{
    if (!state) return CXM_E_ARG;
    const state_calls *calls = state_calls_of(state);
    return calls->remove_weighted ? calls->remove_weighted(state, value, weight) : CXM_E_METHOD;
}

cxm_status cxm_state_remove_text_weighted(cxm_state *state, const char *text, size_t len, double weight)
{
    if (!state || (!text && len)) return CXM_E_ARG;
    const state_calls *calls = state_calls_of(state);
    return calls->remove_text_weighted ? calls->remove_text_weighted(state, text ? text : "", len, weight) : CXM_E_METHOD;
}

/* --- together --- */

cxm_status cxm_state_merge(cxm_state *into, const cxm_state *from)
{
    if (!into || !from) return CXM_E_ARG;
    if (state_calls_of(into) != state_calls_of(from)) return CXM_E_MISMATCH;
    return state_calls_of(into)->merge(into, from);
}

/* --- bytes --- */

cxm_status cxm_state_encode(const cxm_state *state, void *out, size_t cap, size_t *len)
{
    if (!state || !len || (!out && cap)) return CXM_E_ARG;
    return state_calls_of(state)->encode(state, out, cap, len);
}

cxm_status cxm_state_decode(const void *bytes, size_t len, const char *spec, size_t spec_len, size_t max_bytes,
                            const cxm_alloc *alloc, cxm_state **out)
{
    state_spec named, found;
    cxm_alloc hook;
    cxm_state *state;
    if (!bytes || !out || (!spec && spec_len)) return CXM_E_ARG;
    cxm_status status = alloc_choose(alloc, &hook);
    if (status == CXM_OK && spec) status = state_spec_read(spec, spec_len, &named, NULL);
    if (status == CXM_OK) status = state_spec_of_bytes(bytes, len, spec ? &named : NULL, &found);
    if (status != CXM_OK) return status;
    size_t block = offsetof(cxm_state, is) + state_row_of(&found)->calls->bytes(&found);
    if (max_bytes == 0) max_bytes = SIZE_MAX;
    if (block > max_bytes) return CXM_E_LIMIT;
    status = make(&found, &hook, &state);
    if (status != CXM_OK) return status;
    return finish(state, state_calls_of(state)->decode(state, bytes, len, max_bytes - block), out);
}

/* --- results --- */

cxm_status state_figures_of(const cxm_state *state, double level, state_figures *out)
{
    memset(out, 0, sizeof *out);
    return state_calls_of(state)->figures(state, level, out);
}

static const state_result *find_in(const state_result *list, const char *name, size_t len)
{
    for (; list->name; ++list)
        if (list->sort != STATE_KEYED && strlen(list->name) == len && memcmp(list->name, name, len) == 0) return list;
    return NULL;
}

static const state_result *find(const state_row *row, const char *name, size_t len)
{
    const state_result *found = find_in(row->own, name, len);
    return found ? found : find_in(row->common, name, len);
}

static double read_figure(const state_figures *f, const state_result *at)
{
    const unsigned char *bytes = (const unsigned char *)f + at->offset;
    uint64_t count;
    double number;
    memcpy(&count, bytes, sizeof count);
    memcpy(&number, bytes, sizeof number);
    return at->sort == STATE_COUNT ? (double)count : number;
}

/* "count:KEY", "quantile:0.95": what stands before the key, by enum state_key. */
static const char *const key_words[STATE_KEYS] = {"count:", "share:", "quantile:", "low:", "high:", "within:", "survival:", "mean:"};

static cxm_status get_keyed(const cxm_state *state, const char *name, size_t len, double level, double *out)
{
    for (int i = 0; i < STATE_KEYS; ++i) {
        size_t prefix = strlen(key_words[i]);
        if (len < prefix || memcmp(name, key_words[i], prefix) != 0) continue;
        state_question asked = {(enum state_key)i, name + prefix, len - prefix, level};
        return state_calls_of(state)->keyed(state, &asked, out);
    }
    return CXM_E_ARG;
}

static bool is_level(double level)
{
    return level >= 0.0 && level < 1.0;                 /* 0 is the usual one */
}

cxm_status cxm_state_get(const cxm_state *state, const char *name, size_t len, double level, double *out)
{
    state_figures f;
    if (!state || !name || !out || !is_level(level)) return CXM_E_ARG;
    const state_result *result = find(state_row_of(&state->spec), name, len);
    if (!result) return get_keyed(state, name, len, level, out);
    cxm_status status = state_figures_of(state, level, &f);
    if (status == CXM_OK) status = f.exists[result->sort];
    if (status != CXM_OK) return status;
    double figure = read_figure(&f, result);
    if (figure != figure) return CXM_E_UNDEFINED;
    *out = figure;
    return CXM_OK;
}

cxm_status cxm_state_get_count(const cxm_state *state, const char *name, size_t len, uint64_t *out)
{
    state_figures f;
    if (!state || !name || !out) return CXM_E_ARG;
    const state_result *result = find(state_row_of(&state->spec), name, len);
    if (!result || result->sort != STATE_COUNT) return CXM_E_ARG;
    cxm_status status = state_figures_of(state, 0.0, &f);
    if (status == CXM_OK) memcpy(out, (const unsigned char *)&f + result->offset, sizeof *out);
    return status;
}

void state_put_metric(const cxm_state *state, writer *w)
{
    const char *name = state_row_of(&state->spec)->name;
    writer_bytes(w, name, strcspn(name, " "));
}

void state_put_json(const cxm_state *state, const state_figures *f, double level, writer *w)
{
    writer_text(w, "{\"metric\":\"");
    state_put_metric(state, w);
    writer_text(w, "\",\"segment\":{},\"window\":null");
    state_calls_of(state)->json(state, f, level, w);
    writer_text(w, "}");
}

/* The length first, so that a short buffer stays as it is. */
cxm_status cxm_state_json(const cxm_state *state, double level, char *out, size_t cap, size_t *len)
{
    state_figures f;
    writer count = {NULL, 0, 0}, w = {out, cap, 0};
    if (!state || !len || (!out && cap)) return CXM_E_ARG;
    cxm_status status = state_figures_of(state, level, &f);
    if (status != CXM_OK) return status;
    state_put_json(state, &f, level, &count);
    *len = count.len;
    if (cap < count.len) return CXM_E_LIMIT;
    state_put_json(state, &f, level, &w);
    return CXM_OK;
}

/* --- texts --- */

static cxm_status give(const char *text, size_t size, char *out, size_t cap, size_t *len)
{
    *len = size;
    if (cap < size) return CXM_E_LIMIT;
    memcpy(out, text, size);
    return CXM_OK;
}

cxm_status cxm_state_spec(const cxm_state *state, char *out, size_t cap, size_t *len)
{
    char text[CXM_STATE_SPEC_MAX];
    writer w = {text, sizeof text, 0};
    if (!state || !len || (!out && cap)) return CXM_E_ARG;
    state_spec_write(&state->spec, &w);
    return give(text, w.len, out, cap, len);
}

cxm_status cxm_state_definition(const cxm_state *state, double level, char *out, size_t cap, size_t *len)
{
    char text[512];
    writer w = {text, sizeof text, 0};
    if (!state || !len || (!out && cap) || !is_level(level)) return CXM_E_ARG;
    cxm_status status = state_calls_of(state)->definition(state, level, &w);
    return status == CXM_OK ? give(text, w.len, out, cap, len) : status;
}

/* --- what there is --- */

static uint32_t count_results(const state_result *list)
{
    uint32_t n = 0;
    while (list[n].name) ++n;
    return n;
}

static uint32_t count_parameters(const state_parameter *list)
{
    uint32_t n = 0;
    while (list[n].name) ++n;
    return n;
}

cxm_status cxm_state_describe(uint32_t i, cxm_state_metric *out)
{
    if (!out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (i >= state_row_count) return CXM_END;
    const state_row *row = &state_rows[i];
    *out = (cxm_state_metric){.size = out->size, .kind = row->calls->kind, .mergeable = row->mergeable,
                              .removable = row->removable, .parameters = count_parameters(row->parameters),
                              .results = count_results(row->own) + count_results(row->common), .name = row->name,
                              .definition = row->definition, .grammar = row->grammar, .unit = row->unit};
    return CXM_OK;
}

static cxm_status check_field(const cxm_state_field *out, uint32_t i)
{
    if (!out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    return i < state_row_count ? CXM_OK : CXM_END;
}

cxm_status cxm_state_describe_parameter(uint32_t i, uint32_t j, cxm_state_field *out)
{
    cxm_status status = check_field(out, i);
    if (status != CXM_OK) return status;
    if (j >= count_parameters(state_rows[i].parameters)) return CXM_END;
    const state_parameter *p = &state_rows[i].parameters[j];
    *out = (cxm_state_field){.size = out->size, .name = p->name, .unit = p->unless, .meaning = p->meaning};
    return CXM_OK;
}

cxm_status cxm_state_describe_result(uint32_t i, uint32_t j, cxm_state_field *out)
{
    cxm_status status = check_field(out, i);
    if (status != CXM_OK) return status;
    const state_row *row = &state_rows[i];
    uint32_t own = count_results(row->own);
    if (j >= own && j - own >= count_results(row->common)) return CXM_END;
    const state_result *r = j < own ? &row->own[j] : &row->common[j - own];
    *out = (cxm_state_field){.size = out->size, .name = r->name, .unit = r->unit ? r->unit : row->unit,
                             .meaning = r->meaning};
    return CXM_OK;
}
