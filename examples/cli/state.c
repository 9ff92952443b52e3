/* SPDX-License-Identifier: MIT */
/* state.c - states in place of files: what --state-out writes, score and inspect read, and merge adds up.
 *
 * A state holds counts by segment and window, with their account; one of customers their events (customers_state.c). What was said of
 * columns, words and ranges when it was made cannot be said again; scale, columns and windows may be, and must be the same. */
#include "customers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SPEC_TEXT = 24 * 1024 };

static uint64_t seed(void)
{
    return (uint64_t)time(NULL) * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)clock();
}

int state_not_readable(const char *name, cxm_status status)
{
    if (status == CXM_E_MEMORY) return out_of_memory();
    if (status == CXM_E_VERSION)
        return complain(EXIT_INPUT, "%s: the state was written by a newer cxm, in a format this one does not read", name);
    return complain(EXIT_INPUT, "%s: this is no state that cxm reads, or it is damaged", name);
}

static int decode(const source *in, uint64_t max_bytes, cxm_engine **out)
{
    if (is_customers_state(in)) return complain(EXIT_INPUT, "%s: the state holds customers and no answers: churn shows it", in->name);
    if (is_tables_state(in)) return complain(EXIT_INPUT, "%s: the state holds a table of customers and no answers; inspect tells it", in->name);
    cxm_status status = cxm_engine_decode(in->buffer, in->state_len, max_bytes, seed(), NULL, out);
    return status == CXM_OK ? EXIT_FINE : state_not_readable(in->name, status);
}

/* --- score --- */

static bool same_text(cxm_view a, cxm_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static bool same_window(const cxm_window_spec *a, const cxm_window_spec *b)
{
    return a && a->unit == b->unit && a->length_us == b->length_us && a->zone_s == b->zone_s;
}

/* The state counts what is asked for, on the scale that is asked for. */
static int check_metric(score_run *run, const cxm_engine_options *state)
{
    const char *name = run->in->name;
    const cxm_scale_spec *a = &run->spec, *b = state->weighted ? state->weighted : state->scale;
    bool labels = run->opt->metric == METRIC_LABELS, weighs = weights_asked(run->told);
    if (run->opt->metric == METRIC_RESPONSE)
        return state->quantile ? EXIT_FINE : complain(EXIT_INPUT, "%s: the state holds answers and no durations: score shows it", name);
    if (state->quantile) return complain(EXIT_INPUT, "%s: the state holds durations and no answers: response shows it", name);
    if (labels && !state->label)
        return complain(EXIT_INPUT, "%s: the state holds answers on a scale and no labels: %d..%d", name, (int)b->lo, (int)b->hi);
    if (labels) run->label_options = *state->label;
    if (labels) return EXIT_FINE;
    if (state->weighted && !weighs)
        return complain(EXIT_INPUT, "%s: the state holds answers with weights; say --weight, and the columns of the design, as when it was made", name);
    if (b && weighs && !state->weighted) return complain(EXIT_INPUT, "%s: the state holds answers without weights", name);
    if (!b) return complain(EXIT_INPUT, "%s: the state holds labels and no answers on a scale; --metric labels shows it", name);
    if (a->lo != b->lo || a->hi != b->hi || a->low_to != b->low_to || a->high_from != b->high_from || a->direction != b->direction)
        return complain(EXIT_INPUT, "%s: the state is on another scale or has other bands: %d..%d, low to %d, high from %d", name,
                        (int)b->lo, (int)b->hi, (int)b->low_to, (int)b->high_from);
    return EXIT_FINE;
}

static int check_options(score_run *run, const cxm_engine_options *state)
{
    const options *opt = run->opt;
    const char *name = run->in->name;
    bool same = (uint32_t)(run->leading + opt->by_count) == state->segments;
    for (int i = 0; same && i < opt->by_count; ++i) same = state->names && same_text(run->names[i], state->names[run->leading + i]);
    if (opt->map_count || opt->missing_count || opt->delimiter || opt->has_since || opt->has_until)
        return complain(EXIT_USAGE, "%s is a state: columns, words, formats and ranges were settled when it was made", name);
    if (run->paired) return complain(EXIT_USAGE, "%s is a state and holds no single people: --key goes with rows", name);
    if (opt->has_at) return complain(EXIT_USAGE, "%s is a state and holds no single times: --at goes with rows", name);
    int code = check_metric(run, state);
    if (code != EXIT_FINE) return code;
    if (opt->by_count && !same) return complain(EXIT_INPUT, "%s: the state is not by these columns; leave --by out to see it", name);
    if (opt->has_dedupe && opt->dedupe != state->dedupe)
        return complain(EXIT_INPUT, "%s: the state was not deduped this way; leave --dedupe out to see it", name);
    if (opt->has_window && !same_window(state->window, &opt->window))
        return complain(EXIT_INPUT, "%s: the state has no such windows; leave --every out to see it", name);
    return EXIT_FINE;
}

int state_load(score_run *run)
{
    cxm_engine_options state = {.size = sizeof state};
    int code = decode(run->in, 0, &run->engine);
    if (code != EXIT_FINE) return code;
    cxm_engine_describe(run->engine, &state);
    int leading = run->leading;
    if (leading && state.segments == 0) run->leading = 0;       /* bytes of one state, as a database makes them */
    code = check_options(run, &state);
    run->engine_bytes = state.max_bytes;
    run->name_count = (int)state.segments - run->hidden - run->leading;
    run->has_window = state.window != NULL;
    if (state.window) run->zone_s = state.window->zone_s;
    for (int i = 0; i < run->name_count; ++i) run->names[i] = state.names ? state.names[run->leading + i] : (cxm_view){"", 0};
    return code == EXIT_FINE && leading ? response_spans_of_state(run) : code;
}

/* --- writing --- */

static cxm_view spec_in(const unsigned char *state)
{
    size_t len = state[12] | (size_t)state[13] << 8 | (size_t)state[14] << 16 | (size_t)state[15] << 24;
    return (cxm_view){(const char *)state + 32, len};
}

static const char *kind_in(const unsigned char *state)
{
    switch (state[6]) {
    case 1: return "scale";
    case 2: return "label";
    case 4: return "weighted";
    case 5: return "quantile";
    default: return "container";
    }
}

int state_write_bytes(const char *path, const void *bytes, size_t len)
{
    static sink out;            /* large, and made once */
    static options where;
    where.out_file = path;
    int code = sink_open(&out, &where);
    if (code != EXIT_FINE) return code;
    sink_bytes(&out, bytes, len);
    return sink_close(&out);
}

/* `spec`, where given, is what stands in the bytes, in room for any. */
static int write_engine(cxm_engine *engine, const char *path, char *spec, size_t *spec_len)
{
    size_t len = 0;
    cxm_engine_encode(engine, NULL, 0, &len);
    unsigned char *bytes = malloc(len);
    if (!bytes || cxm_engine_encode(engine, bytes, len, &len) != CXM_OK) {
        free(bytes);
        return out_of_memory();
    }
    if (spec) memcpy(spec, spec_in(bytes).text, *spec_len = spec_in(bytes).len);
    int code = state_write_bytes(path, bytes, len);
    free(bytes);
    return code;
}

int state_write(score_run *run)
{
    return write_engine(run->engine, run->opt->state_out, NULL, NULL);
}

/* --- what a state is --- */

/* The spec as it stands in the bytes of a state that could be decoded. */
static void print_state(const char *command, const char *kind, cxm_view spec, const cxm_account *account, const char *file, uint64_t slots,
                        bool json, sink *out)
{
    if (!json) {
        print_safe(out, file, strlen(file));
        sink_text(out, ": state, ");
        print_count(out, account->records);
        sink_format(out, " record%s in ", account->records == 1 ? "" : "s");
        print_count(out, slots);
        sink_format(out, " slot%s; ", slots == 1 ? "" : "s");
        print_safe(out, spec.text, spec.len);
        sink_text(out, "\n");
        return;
    }
    sink_format(out, "{\"schema\":\"cxm.%s/1\",\"tool\":\"cxm " CXM_VERSION "\",", command);
    json_input(out, "input", file, "state", account);
    sink_text(out, ",\"kind\":");
    json_string(out, kind, strlen(kind));
    sink_text(out, ",\"spec\":");
    json_string(out, spec.text, spec.len);
    sink_format(out, ",\"records\":%llu,\"slots\":%llu}\n", (unsigned long long)account->records, (unsigned long long)slots);
}

static void describe(const char *command, cxm_engine *engine, const char *kind, cxm_view spec, const char *file, const options *opt, sink *out)
{
    cxm_account account = {.size = sizeof account};
    uint64_t slots, others;
    if (!response_account(engine, &account)) cxm_engine_account(engine, &account);
    cxm_engine_slots(engine, &slots, &others);
    print_state(command, kind, spec, &account, file, slots, opt->output == OUTPUT_JSON, out);
}

int state_inspect(const source *in, const char *file, const options *opt, sink *out)
{
    cxm_engine *engine = NULL;
    if (is_customers_state(in)) return customers_inspect(in, file, opt, out);
    if (is_tables_state(in)) return tables_inspect(in, file, opt, out);
    int code = decode(in, 0, &engine);
    if (code == EXIT_FINE) describe("inspect", engine, kind_in((const unsigned char *)in->buffer), spec_in((const unsigned char *)in->buffer), file, opt, out);
    cxm_engine_free(engine);
    return code;
}

/* --- merge --- */

typedef struct merging { const options *opt; source *in; cxm_engine *sum; size_t spec_len; char spec[SPEC_TEXT]; } merging;

static int read_states(merging *job)
{
    for (int i = 0; i < job->opt->file_count; ++i) {
        const char *file = job->opt->files[i];
        int code = source_open_state(&job->in[i], file);
        if (code != EXIT_FINE) return code;
    }
    return EXIT_FINE;
}

/* Room for every segment and key of every state, whatever they have in common, while their tables grow. */
static uint64_t room_for_all(const merging *job)
{
    uint64_t sum = 1 << 20;
    for (int i = 0; i < job->opt->file_count; ++i) sum += 4 * cxm_engine_decode_bytes(job->in[i].buffer, job->in[i].state_len);
    return sum;
}

static int merge_one(merging *job, const source *in)
{
    cxm_engine *part = NULL;
    int code = decode(in, 0, &part);
    if (code != EXIT_FINE) return code;
    cxm_status status = cxm_engine_merge(job->sum, part);
    cxm_engine_free(part);
    switch (status) {
    case CXM_OK: return EXIT_FINE;
    case CXM_E_MISMATCH:
        return complain(EXIT_INPUT, "%s: it has another scale, labels or durations, other segment columns or other windows than %s; inspect tells "
                                    "them", in->name, job->in[0].name);
    case CXM_E_OVERFLOW: return complain(EXIT_LIMIT, "%s: the counts add up to more than 2^64 - 1", in->name);
    case CXM_E_LIMIT: return complain(EXIT_LIMIT, "%s: the segments and keys of all states do not fit", in->name);
    default: return out_of_memory();
    }
}

static int merge_states(merging *job)
{
    int code = decode(&job->in[0], room_for_all(job), &job->sum);
    for (int i = 1; i < job->opt->file_count && code == EXIT_FINE; ++i) code = merge_one(job, &job->in[i]);
    return code == EXIT_FINE ? write_engine(job->sum, job->opt->out_file, job->spec, &job->spec_len) : code;
}

static int report(merging *job)
{
    static sink out;
    static options to_stdout;
    int code = sink_open(&out, &to_stdout);
    if (code != EXIT_FINE) return code;
    describe("merge", job->sum, "container", (cxm_view){job->spec, job->spec_len}, job->opt->out_file, job->opt, &out);
    return sink_close(&out);
}

int command_merge(const options *opt)
{
    static merging job;
    job = (merging){.opt = opt, .in = calloc(MAX_FILES, sizeof(source))};
    if (!job.in) return out_of_memory();
    int code = EXIT_FINE;
    if (!opt->out_file) code = complain(EXIT_USAGE, "merge needs -o OUT, the name of the merged state");
    else if (opt->file_count == 0) code = complain(EXIT_USAGE, "merge needs STATE files, as score --state-out writes them");
    if (code == EXIT_FINE) code = read_states(&job);
    bool customers = code == EXIT_FINE && is_customers_state(&job.in[0]);
    if (customers) code = customers_merge(opt, job.in, seed());
    else if (code == EXIT_FINE) code = merge_states(&job);
    if (code == EXIT_FINE && !customers && !opt->quiet && strcmp(opt->out_file, "-") != 0) code = report(&job);
    cxm_engine_free(job.sum);
    for (int i = 0; i < opt->file_count; ++i) source_close(&job.in[i]);
    free(job.in);
    return code;
}
