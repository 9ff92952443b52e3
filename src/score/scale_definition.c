/* SPDX-License-Identifier: MIT */
/* scale_definition.c - the sentence that travels with a number: what was divided by what, on which scale,
 * with which interval. It is written from the spec itself, so it cannot drift from the arithmetic. */
#include "base/port.h"
#include <cxm/interval.h>
#include <cxm/scale.h>
#include <cxm/text.h>
#include "base/writer.h"
#include "score/scale_points.h"

enum { NAME_MAX = 64, SENTENCE_MAX = 400 };

static void write_number(writer *w, double value)
{
    char text[CXM_TEXT_NUMBER_MAX];
    size_t len = 0;
    cxm_text_from_number(value, text, sizeof text, &len);
    writer_bytes(w, text, len);
}

/* "answers 9..10", or "answers 5" for one point. */
static void write_band(writer *w, int32_t from, int32_t to)
{
    writer_text(w, "answers ");
    write_number(w, from);
    if (from == to) return;
    writer_text(w, "..");
    write_number(w, to);
}

static void write_top(writer *w, const cxm_scale_spec *spec)
{
    if (spec->direction == CXM_HIGHER_IS_BETTER) write_band(w, spec->high_from, spec->hi);
    else write_band(w, spec->lo, spec->low_to);
}

static void write_bottom(writer *w, const cxm_scale_spec *spec)
{
    if (spec->direction == CXM_HIGHER_IS_BETTER) write_band(w, spec->lo, spec->low_to);
    else write_band(w, spec->high_from, spec->hi);
}

static void write_net(writer *w, const cxm_scale_spec *spec, double net_unit)
{
    if (net_unit != 1.0) {
        write_number(w, net_unit);
        writer_text(w, " x ");
    }
    writer_text(w, "(");
    write_top(w, spec);
    writer_text(w, " - ");
    write_bottom(w, spec);
    writer_text(w, ")");
}

void scale_write_value(writer *w, const cxm_scale_spec *spec, int32_t value, double net_unit)
{
    if (value == CXM_VALUE_MEAN) writer_text(w, "mean of all ");
    else if (value == CXM_VALUE_TOP) write_top(w, spec);
    else write_net(w, spec, net_unit);
    if (value != CXM_VALUE_MEAN) writer_text(w, " / all ");
    write_band(w, spec->lo, spec->hi);
    writer_text(w, spec->direction == CXM_HIGHER_IS_BETTER ? ", higher is better" : ", lower is better");
}

/* The method that will be used; the numbers themselves do not matter here. */
static cxm_status method_of(const cxm_scale_ask *ask, int32_t *method)
{
    cxm_interval probe = {.size = sizeof probe};
    cxm_status status =
        ask->value == CXM_VALUE_MEAN  ? cxm_mean_interval(2, 0.0, 1.0, -1.0, 1.0, ask->method, ask->level, &probe)
        : ask->value == CXM_VALUE_TOP ? cxm_share_interval(1, 2, ask->method, ask->level, &probe)
                                      : cxm_trinomial_interval(1, 1, 1, ask->method, ask->level, &probe);
    *method = probe.method;
    return status;
}

void scale_write_interval(writer *w, int32_t method, double level)
{
    writer_text(w, "; ");
    writer_text(w, cxm_interval_name(method));
    writer_text(w, " interval at level ");
    write_number(w, level);
}

cxm_status cxm_scale_definition(const char *name, const cxm_scale_spec *spec, const cxm_scale_ask *ask,
                                char *out, size_t cap, size_t *len)
{
    char text[SENTENCE_MAX];
    writer w = {text, sizeof text, 0};
    cxm_scale_ask full;
    int32_t method;
    if (!name || strlen(name) > NAME_MAX || !scale_spec_ok(spec) || !len || (!out && cap)) return CXM_E_ARG;
    cxm_status status = scale_ask_complete(ask, &full);
    if (status == CXM_OK) status = method_of(&full, &method);
    if (status != CXM_OK) return status;
    writer_text(&w, name);
    writer_text(&w, " = ");
    scale_write_value(&w, spec, full.value, full.net_unit);
    scale_write_interval(&w, method, full.level);
    *len = w.len;
    if (cap < w.len) return CXM_E_LIMIT;
    memcpy(out, text, w.len);
    return CXM_OK;
}
