/* SPDX-License-Identifier: MIT */
/* label_definition.c - the sentences that travel with shares of labels and their net. Labels are written as
 * they are given, so a sentence has no bound of its own: it is counted first and written when it fits. */
#include "base/port.h"
#include "score/label_ask.h"
#include <cxm/text.h>
#include "base/writer.h"

enum { NAME_MAX = 64 };

static void write_interval(writer *w, const cxm_interval *limits, const char *scope)
{
    char text[CXM_TEXT_NUMBER_MAX];
    size_t len = 0;
    writer_text(w, "; ");
    writer_text(w, cxm_interval_name(limits->method));
    writer_text(w, " interval at level ");
    cxm_text_from_number(limits->level, text, sizeof text, &len);
    writer_bytes(w, text, len);
    writer_text(w, scope);
}

/* "good", "very good" */
static void write_set(writer *w, const cxm_label_text *texts, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        writer_text(w, i ? ", \"" : "answers \"");
        writer_bytes(w, texts[i].text, texts[i].len);
        writer_text(w, "\"");
    }
}

static void write_share(writer *w, const char *name, const cxm_interval *limits)
{
    bool together = limits->method == CXM_INTERVAL_GOODMAN || limits->method == CXM_INTERVAL_QUESENBERRY_HURST;
    writer_text(w, name);
    writer_text(w, " = answers with a label / all labelled answers");
    write_interval(w, limits, together ? ", for all labels observed at once" : ", for each label by itself");
}

static void write_net(writer *w, const char *name, const label_sets *sets, const cxm_interval *limits)
{
    writer_text(w, name);
    writer_text(w, " = (");
    write_set(w, sets->positive, sets->positives);
    writer_text(w, " - ");
    write_set(w, sets->negative, sets->negatives);
    writer_text(w, ") / all labelled answers");
    write_interval(w, limits, "");
}

static bool arguments_ok(const char *name, const char *out, size_t cap, const size_t *len)
{
    return name && strlen(name) <= NAME_MAX && len && (out || cap == 0);
}

cxm_status cxm_label_definition(const char *name, const cxm_label_ask *ask, char *out, size_t cap, size_t *len)
{
    cxm_label_ask full;
    cxm_interval limits;
    writer count = {NULL, 0, 0}, w = {out, cap, 0};
    if (!arguments_ok(name, out, cap, len)) return CXM_E_ARG;
    cxm_status status = label_ask_complete(ask, &full);
    if (status == CXM_OK) status = label_limits(1, 2, 2, &full, &limits);
    if (status != CXM_OK) return status;
    write_share(&count, name, &limits);
    *len = count.len;
    if (cap < count.len) return CXM_E_LIMIT;
    write_share(&w, name, &limits);
    return CXM_OK;
}

cxm_status cxm_label_net_definition(const char *name, const cxm_label_text *positive, size_t positives,
                                    const cxm_label_text *negative, size_t negatives, const cxm_label_ask *ask,
                                    char *out, size_t cap, size_t *len)
{
    label_sets sets = {positive, negative, positives, negatives};
    cxm_label_ask full;
    cxm_interval limits = {.size = sizeof limits};
    writer count = {NULL, 0, 0}, w = {out, cap, 0};
    if (!arguments_ok(name, out, cap, len) || !label_sets_ok(&sets)) return CXM_E_ARG;
    cxm_status status = label_ask_complete(ask, &full);
    if (status == CXM_OK) status = cxm_trinomial_interval(1, 1, 1, full.method, full.level, &limits);
    if (status != CXM_OK) return status;
    write_net(&count, name, &sets, &limits);
    *len = count.len;
    if (cap < count.len) return CXM_E_LIMIT;
    write_net(&w, name, &sets, &limits);
    return CXM_OK;
}
