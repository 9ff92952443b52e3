/* SPDX-License-Identifier: MIT */
/* weighted_definition.c - the sentence that travels with a weighted number: that of the scale, the weights, and the
 * policies that change what is printed. */
#include "base/port.h"
#include "base/writer.h"
#include "inference/linearised.h"
#include "score/design_state.h"

enum { NAME_MAX = 64, SENTENCE_MAX = 600 };

static void write_policies(writer *w, const cxm_weighted_ask *ask)
{
    static const char *const lonely[] = {"", "; strata of one cluster add nothing", "; strata of one cluster add their square",
                                         "; strata of one cluster add the average of the others"};
    if (ask->zero_weight == CXM_ZERO_KEPT) writer_text(w, "; rows of weight 0 are kept in the design");
    writer_text(w, lonely[ask->lonely]);
    if (ask->df_answers) writer_text(w, "; degrees of freedom of answers");
    if (ask->cap_n && ask->method == CXM_INTERVAL_KORN_GRAUBARD) writer_text(w, "; n at most the rows");
}

cxm_status cxm_weighted_definition(const char *name, const cxm_scale_spec *spec, const cxm_weighted_ask *ask,
                                   char *out, size_t cap, size_t *len)
{
    char text[SENTENCE_MAX];
    writer w = {text, sizeof text, 0};
    cxm_weighted_ask full;
    int32_t method;
    if (!name || strlen(name) > NAME_MAX || !scale_spec_ok(spec) || !len || (!out && cap)) return CXM_E_ARG;
    cxm_status status = design_ask_complete(ask, &full);
    if (status == CXM_OK) status = linearised_method(full.value == CXM_VALUE_TOP, full.method, &method);
    if (status != CXM_OK) return status;
    writer_text(&w, name);
    writer_text(&w, " = ");
    scale_write_value(&w, spec, full.value, full.net_unit);
    writer_text(&w, ", each answer by its weight; linearised standard error");
    write_policies(&w, &full);
    scale_write_interval(&w, method, full.level);
    *len = w.len;
    if (cap < w.len) return CXM_E_LIMIT;
    memcpy(out, text, w.len);
    return CXM_OK;
}
