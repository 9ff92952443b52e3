/* SPDX-License-Identifier: MIT */
/* labels.c - the question of --metric labels: shares of words with simultaneous limits, and the net of two sets
 * of words. The net is of the words told, or of "positive" and "negative" where the input holds either; it keeps
 * its own interval, as --interval names that of the shares. */
#include "cli.h"
#include <string.h>

static const cxm_label_text usual[] = {{"positive", 8}, {"negative", 8}};

/* Adds one sentence to the definition; false when the question is not one. */
static bool define(score_run *run, size_t *used, bool net)
{
    size_t len = 0, room = sizeof run->definition - 3 - *used;
    char *at = run->definition + *used + (net ? 2 : 0);
    cxm_label_ask own = {.size = sizeof own, .level = run->label_ask.level};
    cxm_status status = net ? cxm_label_net_definition("Net", run->positive, run->positives, run->negative, run->negatives,
                                                       &own, at, room, &len)
                            : cxm_label_definition("Labels", &run->label_ask, at, room, &len);
    if (status != CXM_OK) return false;
    if (net) memcpy(at - 2, ". ", 2);
    *used = (size_t)(at - run->definition) + len;
    run->definition[*used] = '\0';
    return true;
}

static int define_all(score_run *run)
{
    size_t used = 0;
    if (!define(run, &used, false))
        return complain(EXIT_USAGE, "--interval %s does not fit shares of labels", cxm_interval_name(run->opt->method));
    if (run->positives && !define(run, &used, true))
        return complain(EXIT_USAGE, "--positive and --negative: each word once, on one side");
    return EXIT_FINE;
}

static int take_words(score_run *run)
{
    const options *opt = run->opt;
    if (!opt->positive_count != !opt->negative_count)
        return complain(EXIT_USAGE, "a net is of two sets: --positive WORD and --negative WORD, each as often as needed");
    for (int i = 0; i < opt->positive_count; ++i) run->positive[i] = (cxm_label_text){opt->positive[i], strlen(opt->positive[i])};
    for (int i = 0; i < opt->negative_count; ++i) run->negative[i] = (cxm_label_text){opt->negative[i], strlen(opt->negative[i])};
    run->positives = (size_t)opt->positive_count;
    run->negatives = (size_t)opt->negative_count;
    return EXIT_FINE;
}

int labels_declare(score_run *run)
{
    const options *opt = run->opt;
    if (opt->has_scale || opt->has_top || opt->direction || opt->value)
        return complain(EXIT_USAGE, "labels are on no scale: --scale, --direction, --top and --value go with the other metrics");
    if (opt->counts_count) return complain(EXIT_USAGE, "--counts are of answers on a scale, not of labels");
    if (opt->dedupe) return complain(EXIT_USAGE, "--dedupe of labels is not built yet");
    run->label_options = (cxm_label_options){.size = sizeof run->label_options, .max_labels = 64, .max_label_bytes = 256};
    run->label_ask = (cxm_label_ask){.size = sizeof run->label_ask, .method = opt->method, .level = opt->level};
    int code = take_words(run);
    return code == EXIT_FINE ? define_all(run) : code;
}

static bool holds(const cxm_label *labels, const cxm_label_text *word)
{
    uint64_t count = 0;
    return cxm_label_count(labels, word->text, word->len, &count) == CXM_OK && count > 0;
}

int labels_settle(score_run *run)
{
    scored_result total;
    bool usual_words = false;
    if (run->positives) return EXIT_FINE;
    for (score_rewind(run); score_next(run, &total) && total.slot.segment_count == 0;)
        usual_words |= holds(total.slot.labels, &usual[0]) || holds(total.slot.labels, &usual[1]);
    if (!usual_words) return EXIT_FINE;
    run->positive[0] = usual[0];
    run->negative[0] = usual[1];
    run->positives = run->negatives = 1;
    return define_all(run);
}

void labels_summarize(score_run *run, scored_result *out)
{
    const cxm_label *labels = out->slot.labels;
    out->labels = (cxm_label_summary){.size = sizeof out->labels};
    out->net = (cxm_label_net_summary){.size = sizeof out->net};
    out->net_status = CXM_E_ARG;            /* not asked */
    out->status = cxm_label_summarize(labels, &run->label_ask, &out->labels);
    run->broken |= out->status != CXM_OK && out->status != CXM_E_EMPTY;
    if (!run->positives) return;
    cxm_label_ask own = {.size = sizeof own, .level = run->label_ask.level};
    out->net_status = cxm_label_net(labels, run->positive, run->positives, run->negative, run->negatives, &own, &out->net);
}

bool labels_next(const score_run *run, const scored_result *r, cxm_label_share *share)
{
    return cxm_label_next(r->slot.labels, &run->label_ask, share) == CXM_OK;
}

const char *labels_why(const scored_result *r)
{
    switch (r->net_status) {
    case CXM_OK: return r->net.interval_status == CXM_OK ? NULL : "interval: the labels hold none";
    case CXM_E_EMPTY: return "value and interval: no label was counted";
    case CXM_E_UNDEFINED: return "value and interval: a named label may be among the others";
    case CXM_E_DOMAIN: return "value and interval: a named label is longer than any that is counted";
    default: return "value and interval: no net was asked: say --positive WORD --negative WORD";
    }
}
