/* SPDX-License-Identifier: MIT */
/* json.c - the stable JSON: keys and their order are a contract, numbers have the fewest digits that read
 * back, strings are valid UTF-8 whatever the input was. */
#include "cli.h"
#include <math.h>
#include <string.h>

/* Length of the well-formed UTF-8 sequence at `text`, 0 when there is none (Unicode 15, table 3-7). */
static size_t sequence(const unsigned char *text, size_t len)
{
    unsigned char first = text[0], low = 0x80, high = 0xBF;
    size_t more = first < 0x80 ? 0 : first < 0xC2 ? 9 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : 9;
    if (more >= len) return 0;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    for (size_t i = 1; i <= more; ++i, low = 0x80, high = 0xBF)
        if (text[i] < low || text[i] > high) return 0;
    return more + 1;
}

bool is_utf8(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0, n; i < len; i += n)
        if ((n = sequence(bytes + i, len - i)) == 0) return false;
    return true;
}

static void json_char(sink *out, const unsigned char *text, size_t n)
{
    if (n == 0) sink_text(out, "\\ufffd");
    else if (text[0] == '"' || text[0] == '\\') sink_format(out, "\\%c", text[0]);
    else if (text[0] == '\n') sink_text(out, "\\n");
    else if (text[0] < ' ' || text[0] == 127) sink_format(out, "\\u%04x", text[0]);
    else sink_bytes(out, text, n);
}

void json_string(sink *out, const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    sink_text(out, "\"");
    for (size_t i = 0; i < len;) {
        size_t n = sequence(bytes + i, len - i);
        json_char(out, bytes + i, n);
        i += n ? n : 1;
    }
    sink_text(out, "\"");
}

/* Of ASCII, of ISO 6429 (U+0080 to 9F), and those that turn the direction of text (U+202A to 2E, 2066 to 2069). */
static bool is_control(const unsigned char *at, size_t n)
{
    if (n == 2) return at[0] == 0xC2 && at[1] < 0xA0;
    if (n == 3 && at[0] == 0xE2) return (at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE) || (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9);
    return n == 1 && (at[0] < ' ' || at[0] == 127);
}

size_t safe_char(const char *text, size_t len, bool *safe)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t n = sequence(bytes, len);
    *safe = n > 0 && !is_control(bytes, n);
    return n ? n : 1;
}

void print_safe(sink *out, const char *text, size_t len)
{
    bool safe;
    for (size_t i = 0, n; i < len; i += n) {
        n = safe_char(text + i, len - i, &safe);
        if (safe) sink_bytes(out, text + i, n);
        else sink_text(out, "?");
    }
}

void json_key_count(sink *out, const char *key, uint64_t value)
{
    sink_format(out, ",\"%s\":%llu", key, (unsigned long long)value);
}

void json_key_number(sink *out, const char *key, double value)
{
    sink_format(out, ",\"%s\":", key);
    sink_number(out, value);
}

void json_input(sink *out, const char *key, const char *file, const char *format, const cxm_account *account)
{
    sink_format(out, "\"%s\":{\"file\":", key);
    json_string(out, file, strlen(file));
    sink_format(out, ",\"format\":\"%s\"", format);
    json_key_count(out, "rows", account->records);
    json_key_count(out, "scored", account->scored);
    json_key_count(out, "missing", account->missing);
    json_key_count(out, "unparsed", account->unparsed);
    json_key_count(out, "out_of_range", account->out_of_range);
    json_key_count(out, "duplicates", account->duplicates);
    json_key_count(out, "late", account->late);
    json_key_count(out, "excluded", account->excluded + account->refused);
    sink_text(out, "}");
}

void json_segment(const score_run *run, const cxm_engine_result *slot, sink *out)
{
    sink_text(out, "\"segment\":{");
    for (uint32_t i = 0; i < slot->segment_count; ++i) {
        if (i) sink_text(out, ",");
        json_string(out, run->names[i].text, run->names[i].len);
        sink_text(out, ":");
        if (slot->is_other) sink_text(out, "null");
        else json_string(out, slot->segments[i].text, slot->segments[i].len);
    }
    sink_text(out, "}");
}

static void json_time(const score_run *run, int64_t at_us, sink *out)
{
    char text[CXM_TEXT_TIME_MAX];
    size_t len = 0;
    cxm_text_from_time(at_us, run->zone_s, text, sizeof text, &len);
    json_string(out, text, len);
}

void json_window(const score_run *run, const cxm_engine_result *slot, sink *out)
{
    if (!slot->has_window) {
        sink_text(out, ",\"window\":null");
        return;
    }
    sink_text(out, ",\"window\":{\"from\":");
    json_time(run, slot->from_us, out);
    sink_text(out, ",\"to\":");
    json_time(run, slot->to_us, out);
    sink_format(out, ",\"complete\":%s}", slot->complete ? "true" : "false");
}

void json_interval(const cxm_scale_summary *sum, bool exists, sink *out)
{
    if (!exists) {
        sink_text(out, ",\"interval\":null");
        return;
    }
    sink_format(out, ",\"interval\":{\"method\":\"%s\"", cxm_interval_name(sum->method));
    json_key_number(out, "level", sum->level);
    json_key_number(out, "low", sum->low);
    json_key_number(out, "high", sum->high);
    sink_text(out, "}");
}

void json_change(const scored_result *r, sink *out)
{
    if (!r->has_change) {
        sink_text(out, ",\"change\":null");
        return;
    }
    sink_text(out, ",\"change\":{\"difference\":");
    sink_number(out, r->change.difference);
    json_key_number(out, "low", r->change.low);
    json_key_number(out, "high", r->change.high);
    json_key_number(out, "p", r->change.p);
    sink_format(out, ",\"verdict\":\"%s\"}", change_verdict(&r->change));
}

static void json_counts(const cxm_scale *state, sink *out)
{
    sink_text(out, ",\"counts\":{");
    for (int32_t k = 0; k <= state->spec.hi - state->spec.lo; ++k)
        sink_format(out, "%s\"%d\":%llu", k ? "," : "", (int)(state->spec.lo + k), (unsigned long long)state->counts[k]);
    sink_text(out, "}");
}

static void json_bands(const score_run *run, const cxm_scale_summary *sum, sink *out)
{
    if (run->opt->metric != METRIC_NPS) return;
    json_key_count(out, "promoters", sum->top);
    json_key_count(out, "passives", sum->middle);
    json_key_count(out, "detractors", sum->bottom);
}

static const char *const number_keys[] = {"top_share", "bottom_share", "net", "mean", "sd", "rescaled", "se", "median"};
enum { NUMBER_KEYS = sizeof number_keys / sizeof *number_keys };

static void json_numbers(const scored_result *r, sink *out)
{
    const cxm_scale_summary *sum = &r->sum;
    double median;
    if (r->status != CXM_OK) {
        for (size_t i = 0; i < NUMBER_KEYS; ++i) sink_format(out, ",\"%s\":null", number_keys[i]);
        return;
    }
    if (r->weights) median = (double)NAN;                   /* of weighted answers none is worked out */
    else cxm_scale_quantile_type7(r->slot.state, 0.5, &median);
    double values[NUMBER_KEYS] = {sum->top_share, sum->bottom_share, sum->net, sum->mean,
                                  sum->sd,        sum->rescaled,     sum->se,  median};
    for (size_t i = 0; i < NUMBER_KEYS; ++i) json_key_number(out, number_keys[i], values[i]);
}

static void json_why(const scored_result *r, sink *out)
{
    if (r->status != CXM_OK) sink_text(out, ",\"why\":\"value and interval: no answer was counted\"");
    else if (r->sum.interval_status == CXM_E_LIMIT)
        sink_text(out, ",\"why\":\"interval: bootstrap takes at most 100,000 answers\"");
    else if (r->weights && r->sum.se_status != CXM_OK)
        sink_text(out, ",\"why\":\"interval: a stratum with one cluster, or one answer, shows no spread\"");
    else if (r->sum.interval_status != CXM_OK && r->sum.n == 1)
        sink_text(out, ",\"why\":\"interval: one answer shows no spread\"");
    else if (r->sum.interval_status != CXM_OK)
        sink_text(out, ",\"why\":\"interval: the answers are all alike, so they show no spread\"");
}

static void json_shares(const score_run *run, const scored_result *r, sink *out)
{
    cxm_label_share share = {.size = sizeof share};
    sink_text(out, ",\"labels\":[");
    for (bool first = true; labels_next(run, r, &share) && !share.is_other; first = false) {
        sink_text(out, first ? "{\"label\":" : ",{\"label\":");
        json_string(out, share.text, share.len);
        json_key_count(out, "count", share.count);
        json_key_number(out, "share", share.share);
        json_key_number(out, "low", share.low);
        json_key_number(out, "high", share.high);
        sink_text(out, "}");
    }
    sink_text(out, "]");
}

static void json_net_interval(const scored_result *r, sink *out)
{
    bool exists = r->net_status == CXM_OK && r->net.interval_status == CXM_OK;
    cxm_scale_summary limits = {.method = r->net.method, .level = r->net.level, .low = r->net.low, .high = r->net.high};
    json_interval(&limits, exists, out);
}

static void json_labels(const score_run *run, const scored_result *r, sink *out)
{
    const char *why = labels_why(r);
    sink_text(out, "{\"metric\":\"labels\",");
    json_segment(run, &r->slot, out);
    json_window(run, &r->slot, out);
    json_key_count(out, "n", r->labels.n);
    sink_text(out, ",\"value\":");
    if (r->net_status == CXM_OK) sink_number(out, r->net.value);
    else sink_text(out, "null");
    json_net_interval(r, out);
    json_shares(run, r, out);
    json_key_count(out, "other", r->labels.other);
    json_key_count(out, "missing", r->labels.missing);
    json_key_count(out, "out_of_range", r->labels.out_of_range);
    if (r->labels.interval_status != CXM_OK && r->labels.n)
        sink_format(out, ",\"why\":\"%s%slimits of shares: one label alone holds none\"", why ? why : "", why ? "; " : "");
    else if (why) sink_format(out, ",\"why\":\"%s\"", why);
    sink_text(out, "}");
}

static void json_weights(const cxm_weighted_summary *s, sink *out)
{
    bool some = s->sum_weights > 0.0;
    json_key_number(out, "n_eff", some ? s->kish_n_eff : (double)NAN);
    json_key_number(out, "deff", some ? s->deff : (double)NAN);
    json_key_number(out, "deff_kish", some ? s->kish_deff : (double)NAN);
    json_key_number(out, "sum_weights", s->sum_weights);
    json_key_number(out, "df", some ? s->df : (double)NAN);
    json_key_count(out, "design_rows", s->rows);
    json_key_count(out, "clusters", s->clusters);
    json_key_count(out, "strata", s->strata);
    json_key_count(out, "zero_weight", s->zero);
}

void json_result(const score_run *run, const scored_result *r, sink *out)
{
    const cxm_scale_summary *sum = &r->sum;
    if (r->times) {
        json_times(run, r, out);
        return;
    }
    sink_format(out, "{\"metric\":\"%s\",", metric_name(run->opt->metric));
    json_segment(run, &r->slot, out);
    json_window(run, &r->slot, out);
    json_key_count(out, "n", sum->n);
    sink_text(out, ",\"value\":");
    if (r->status == CXM_OK) sink_number(out, sum->value);
    else sink_text(out, "null");
    json_interval(sum, r->status == CXM_OK && sum->interval_status == CXM_OK, out);
    if (run->with_changes) json_change(r, out);
    json_bands(run, sum, out);
    json_numbers(r, out);
    if (r->weights) json_weights(r->weights, out);
    json_counts(r->slot.state, out);
    json_key_count(out, "missing", sum->missing);
    json_key_count(out, "unparsed", sum->unparsed);
    json_key_count(out, "out_of_range", sum->out_of_range);
    json_why(r, out);
    sink_text(out, "}");
}

void json_score(score_run *run, sink *out)
{
    scored_result r;
    sink_text(out, "{\"schema\":\"cxm.score/1\",\"tool\":\"cxm " CXM_VERSION "\",");
    json_input(out, "input", run->file, run->in ? source_format(run->in) : "counts", &run->account);
    sink_text(out, ",\"definition\":");
    json_string(out, run->definition, strlen(run->definition));
    if (weights_asked(run->told)) weights_json(out);
    sink_text(out, ",\"results\":[");
    for (bool first = true; score_next(run, &r); first = false) {
        sink_text(out, first ? "\n" : ",\n");
        if (r.slot.labels) json_labels(run, &r, out);
        else json_result(run, &r, out);
    }
    sink_text(out, "\n]}\n");
}
