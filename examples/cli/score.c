/* SPDX-License-Identifier: MIT */
/* score.c - cxm score: a file's answers through the engine, or a table of counts, to results.
 *
 * Order of work: the scale as declared, the columns as named, one pass over the rows, then the checks
 * that can refuse the whole (limits, a scale the answers contradict), and only then any output.   */
#include "cli.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* From 30 numbers up, as cxm_nps_check. Many real files hold no 0; but where 1 is at home and 0 as likely,
 * five answers of 1 beside no 0 come by chance once in 32 files. */
enum { ENOUGH_TO_JUDGE = 30, ENOUGH_ONES = 5, RAGGED_FEW = 100 };

/* Clusters are many: a leaf takes some hundred bytes. */
enum { DESIGN_BYTES = 512 * 1024 * 1024 };

/* So are segments of durations, and each takes some kilobytes; while results are made there are two of each. */
enum { RESPONSE_BYTES = 256 * 1024 * 1024 };

/* --- the declared scale --- */

static int nps_scale(score_run *run)
{
    const options *opt = run->opt;
    int32_t lo = opt->has_scale ? opt->scale_lo : 0, hi = opt->has_scale ? opt->scale_hi : 10;
    if (opt->has_top || opt->direction == CXM_LOWER_IS_BETTER)
        return complain(EXIT_USAGE, "the bands of nps are fixed; --top and --direction go with --metric scale");
    if (cxm_nps_define(lo, hi, &run->spec, &run->ask) == CXM_OK) return EXIT_FINE;
    return complain(EXIT_USAGE, "%d..%d is no NPS scale (it is 0..10; also 1..5 or 1..4 with bands of their own); "
                                "try --metric scale --scale %d..%d --top A..B --value net", (int)lo, (int)hi, (int)lo, (int)hi);
}

static int generic_scale(score_run *run, int32_t lo, int32_t hi, int32_t value)
{
    const options *opt = run->opt;
    int32_t direction = opt->direction ? opt->direction : CXM_HIGHER_IS_BETTER;
    cxm_scale_define(lo, hi, direction, &run->spec);        /* the range was checked with the option */
    run->ask = (cxm_scale_ask){.size = sizeof run->ask, .value = value};
    if (!opt->has_top || cxm_scale_set_top(&run->spec, opt->top_from, opt->top_to) == CXM_OK) return EXIT_FINE;
    return complain(EXIT_USAGE, "--top %d..%d: the top boxes must reach the good end of %d..%d and leave a point",
                    (int)opt->top_from, (int)opt->top_to, (int)lo, (int)hi);
}

static int csat_scale(score_run *run)
{
    const options *opt = run->opt;
    int32_t lo = opt->has_scale ? opt->scale_lo : 1, hi = opt->has_scale ? opt->scale_hi : 5;
    bool plain = !opt->has_top && opt->direction != CXM_LOWER_IS_BETTER;
    if (plain && cxm_csat_define(lo, hi, &run->spec, &run->ask) == CXM_OK) return EXIT_FINE;
    if (opt->has_top) return generic_scale(run, lo, hi, CXM_VALUE_TOP);
    return complain(EXIT_USAGE, "csat on %d..%d, this way round, has no agreed top boxes: say --top A..B", (int)lo, (int)hi);
}

static int ces_scale(score_run *run)
{
    const options *opt = run->opt;
    int32_t lo = opt->has_scale ? opt->scale_lo : 1, hi = opt->has_scale ? opt->scale_hi : 7;
    int32_t direction = opt->direction ? opt->direction : CXM_HIGHER_IS_BETTER;
    if (lo == 1 && hi == 5 && !opt->direction)
        remark(opt, "ces on 1..5 is asked both ways round; it is read as higher is better (5 is easiest), --direction lower "
                    "reads 1 as least effort");
    if (!opt->has_top && cxm_ces_define(lo, hi, direction, &run->spec, &run->ask) == CXM_OK) return EXIT_FINE;
    run->unnamed_bands = !opt->has_top;     /* nobody said which answers are easy */
    return generic_scale(run, lo, hi, CXM_VALUE_MEAN);
}

static int declare_scale(score_run *run)
{
    const options *opt = run->opt;
    switch (opt->metric) {
    case METRIC_NPS: return nps_scale(run);
    case METRIC_CSAT: return csat_scale(run);
    case METRIC_CES: return ces_scale(run);
    case METRIC_SCALE:
        if (opt->has_scale) return generic_scale(run, opt->scale_lo, opt->scale_hi, CXM_VALUE_MEAN);
        return complain(EXIT_USAGE, "--metric scale needs its range: --scale LO..HI");
    default: return complain(EXIT_USAGE, "%s needs --metric nps, csat, %s", opt->command,
                              strcmp(opt->command, "score") == 0 ? "ces, scale or labels" : "ces or scale, or of response times first_reply, resolution or COLUMN");
    }
}

/* "NPS", or "net of NPS scale" where another value than the metric's own is asked. */
static int declare_question(score_run *run)
{
    static const char *const names[] = {"", "NPS", "CSAT", "CES", "scale"};
    static const char *const values[] = {"", "mean", "top", "net"};
    const options *opt = run->opt;
    char name[32];
    size_t len = 0;
    bool other = opt->value && opt->value != run->ask.value;
    snprintf(name, sizeof name, other ? "%s %s" : "%s", names[opt->metric], values[opt->value]);
    if (opt->value) run->ask.value = opt->value;
    run->ask.method = weights_asked(run->told) ? CXM_INTERVAL_DEFAULT : opt->method;      /* weights have methods of their own */
    run->ask.level = opt->level;
    cxm_status status = cxm_scale_definition(name, &run->spec, &run->ask, run->definition,
                                             sizeof run->definition - 1, &len);
    run->definition[status == CXM_OK ? len : 0] = '\0';
    if (status == CXM_OK) return EXIT_FINE;
    return complain(EXIT_USAGE, "--interval %s does not fit a %s", cxm_interval_name(opt->method),
                    run->ask.value == CXM_VALUE_MEAN ? "mean" : run->ask.value == CXM_VALUE_TOP ? "share" : "net share");
}

/* --- counts instead of a file --- */

static bool read_count(const char *text, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; ++i) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return len > 0;
}

static bool add_pair(score_run *run, const char *pair, size_t len)
{
    const char *colon = memchr(pair, ':', len);
    double answer;
    uint64_t times;
    if (!colon || cxm_text_number(pair, (size_t)(colon - pair), '.', &answer) != CXM_OK) return false;
    if (answer < INT32_MIN || answer > INT32_MAX || answer != (double)(int32_t)answer) return false;
    if (!read_count(colon + 1, len - (size_t)(colon + 1 - pair), &times)) return false;
    cxm_status status = cxm_scale_add_n(&run->overall, (int32_t)answer, times);
    return status == CXM_OK || status == CXM_E_DOMAIN;
}

static int read_counts(score_run *run)
{
    const options *opt = run->opt;
    uint64_t n;
    if (opt->file_count || opt->by_count || opt->has_window || opt->has_since || opt->has_until || opt->map_count ||
        opt->missing_count || opt->delimiter || opt->state_out || opt->has_dedupe)
        return complain(EXIT_USAGE, "--counts stands in place of FILE and takes no columns, words, windows or range");
    for (const char *at = run->counts;;) {
        size_t len = strcspn(at, ",");
        if (!add_pair(run, at, len)) return complain(EXIT_USAGE, "--counts '%s': it is ANSWER:COUNT pairs such as 0:12,7:30,9:58", run->counts);
        if (!at[len]) break;
        at += len + 1;
    }
    cxm_account *account = &run->account;
    if (cxm_scale_n(&run->overall, &n) != CXM_OK || n > UINT64_MAX - run->overall.out_of_range)
        return complain(EXIT_USAGE, "--counts: the counts add up to more than 2^64 - 1");
    account->scored = n;
    account->out_of_range = run->overall.out_of_range;
    account->records = n + account->out_of_range;
    return EXIT_FINE;
}

/* --- a file --- */

static int open_engine(score_run *run)
{
    const options *opt = run->opt;
    bool labels = opt->metric == METRIC_LABELS, weighs = weights_asked(run->told), times = opt->metric == METRIC_RESPONSE;
    cxm_quantile_spec quantile = response_spec(opt);
    cxm_view names[CXM_ENGINE_SEGMENTS_MAX] = {{run->spans_name, run->spans_name_len}};
    memcpy(names + run->leading, run->names, (CXM_ENGINE_SEGMENTS_MAX - (size_t)run->leading) * sizeof *names);
    cxm_engine_options how = {.size = sizeof how, .segments = (uint32_t)(run->leading + run->name_count + run->hidden),
                              .scale = labels || weighs || times ? NULL : &run->spec, .weighted = weighs ? &run->spec : NULL,
                              .max_bytes = run->hidden ? DESIGN_BYTES : times ? RESPONSE_BYTES : 0,
                              .label = labels ? &run->label_options : NULL, .quantile = times ? &quantile : NULL,
                              .window = opt->has_window ? &opt->window : NULL,
                              .names = names, .dedupe = opt->dedupe, .has_since = opt->has_since, .has_until = opt->has_until,
                              .since_us = opt->since_us, .until_us = opt->until_us,
                              .hash_seed = (uint64_t)time(NULL) * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)clock()};
    if (opt->has_at && !how.has_since) how.has_since = 1, how.since_us = INT64_MIN;     /* every record has to have a time */
    run->engine_bytes = cxm_engine_bytes(&how);
    return cxm_engine_create(&how, NULL, &run->engine) == CXM_OK ? EXIT_FINE : complain(EXIT_IO, "out of memory");
}

/* Everything together, whatever the windows: for the checks and the picture of the distribution. */
static void gather_overall(score_run *run)
{
    scored_result total;
    score_rewind(run);
    while (score_next(run, &total) && total.slot.segment_count == 0) cxm_scale_merge(&run->overall, total.slot.state);
}

/* By several threads when that was asked for; by one where their segments did not fit. */
static int read_rows(score_run *run)
{
    bool several = run->opt->threads > 1 && !run->desk;         /* a ticket's events go to one log */
    int code = several ? crew_rows(run) : -1;
    if (code >= 0) return code;
    if (several) {
        cxm_engine_free(run->engine);
        run->engine = NULL;
        code = source_again(run->in, run->file, run->opt);
        if (code == EXIT_FINE) code = open_engine(run);
        if (code != EXIT_FINE) return code;
    }
    return pass_rows(run);
}

static int read_file(score_run *run)
{
    const options *opt = run->opt;
    bool times = opt->metric == METRIC_RESPONSE;
    if (!run->file) return complain(EXIT_USAGE, "%s takes one FILE, or - for standard input", opt->command);
    int code = source_open(run->in, run->file, opt);
    if (code != EXIT_FINE) return code;
    if (run->in->state_len) {
        code = state_load(run);
    } else {
        code = columns_resolve(run->in, opt, needs_time(opt), &run->cols);
        if (code == EXIT_FINE && run->cols.event != NO_COLUMN) code = desk_open(run);
        if (code == EXIT_FINE && times) code = response_spans(run);
        if (code == EXIT_FINE) code = open_engine(run);
        if (code == EXIT_FINE) code = read_rows(run);
        if (code == EXIT_FINE && run->desk) code = desk_settle(run);
    }
    if (code != EXIT_FINE) return code;
    if (times) return response_settle(run);
    if (opt->metric == METRIC_LABELS) code = labels_settle(run);
    else if (weights_asked(run->told) && (code = weights_settle(run)) != EXIT_FINE) return code;
    else gather_overall(run);
    if (code != EXIT_FINE) return code;
    cxm_engine_account(run->engine, &run->account);
    return EXIT_FINE;
}

/* --- results, by pull --- */

void score_rewind(score_run *run)
{
    run->counts_given_out = false;
    run->before.there = false;
    weights_rewind();
    response_rewind(run);
    if (run->engine) cxm_engine_close(run->engine);
}

bool same_segment(const cxm_engine_result *a, const cxm_engine_result *b)
{
    bool same = a->segment_count == b->segment_count && a->is_other == b->is_other;
    for (uint32_t i = 0; i < a->segment_count && same; ++i) {
        size_t len = a->segments[i].len;
        same = len == b->segments[i].len && (len == 0 || memcmp(a->segments[i].text, b->segments[i].text, len) == 0);
    }
    return same;
}

const char *change_verdict(const cxm_difference *change)
{
    if (!(change->p < 1.0 - change->level)) return "no change proven";
    return change->difference > 0.0 ? "up" : "down";
}

/* The change against the window before, where that is the neighbour and both are complete; then this one is it. */
static void add_change(score_run *run, scored_result *out)
{
    earlier *before = &run->before;
    const cxm_engine_result *now = &out->slot;
    bool neighbours = before->there && before->slot.to_us == now->from_us && before->slot.complete && now->complete &&
                      same_segment(&before->slot, now);
    out->change = (cxm_difference){.size = sizeof out->change};
    out->has_change = neighbours && cxm_scale_compare(now->state, &before->state, &run->ask, CXM_COMPARE_DEFAULT, &out->change) == CXM_OK;
    before->there = true;
    before->slot = *now;
    memcpy(&before->state, now->state, cxm_scale_bytes(&run->spec));
}

bool score_next(score_run *run, scored_result *out)
{
    out->weights = NULL;
    out->times = NULL;
    if (run->opt->metric == METRIC_RESPONSE) return response_next(run, out);
    if (weights_asked(run->told)) return weights_next(run, out);
    out->slot = (cxm_engine_result){.size = sizeof out->slot, .state = &run->overall};
    out->sum = (cxm_scale_summary){.size = sizeof out->sum};
    if (run->engine) {
        cxm_status status = cxm_engine_next(run->engine, &out->slot);
        run->broken |= status != CXM_OK && status != CXM_END;
        run->starved |= status == CXM_E_MEMORY;
        if (status != CXM_OK) return false;
    } else if (run->counts_given_out) {
        return false;
    }
    run->counts_given_out = true;
    if (out->slot.labels) {
        labels_summarize(run, out);
        return true;
    }
    out->has_change = false;
    if (run->with_changes && out->slot.has_window) add_change(run, out);
    out->status = cxm_scale_summarize(out->slot.state, &run->ask, &out->sum);
    run->broken |= out->status != CXM_OK && out->status != CXM_E_EMPTY;
    return true;
}

/* --- what refuses the whole --- */

static void say_samples(const samples *kept, char *out, size_t cap)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < kept->count; ++i) {
        const sample *s = &kept->rows[i];
        int n = snprintf(out + used, cap - used, "%sline %llu \"%.*s\"", i ? ", " : "", (unsigned long long)s->line,
                         (int)s->len, s->text);
        if (n < 0 || (size_t)n >= cap - used) break;
        used += (size_t)n;
    }
}

int score_check(const score_run *run)
{
    char shown[300];
    const cxm_account *a = &run->account;
    if (run->opt->metric == METRIC_RESPONSE && !run->desk) return response_check(run);
    uint64_t judged = a->scored + a->unparsed + a->out_of_range;
    if (run->opt->strict && a->unparsed + a->out_of_range) {
        say_samples(a->unparsed ? &run->seen.unparsed : &run->seen.out_of_range, shown, sizeof shown);
        return complain(EXIT_LIMIT, "--strict: %llu unparsed, %llu out of range: %s", (unsigned long long)a->unparsed,
                        (unsigned long long)a->out_of_range, shown);
    }
    if (!a->unparsed || (double)a->unparsed <= run->opt->max_unparsed * (double)judged) return EXIT_FINE;
    say_samples(&run->seen.unparsed, shown, sizeof shown);
    return complain(EXIT_LIMIT, "%llu of %llu %s could not be read, more than --max-unparsed %g %%%s%s",
                    (unsigned long long)a->unparsed, (unsigned long long)judged, run->opt->metric == METRIC_CUSTOMERS ? "rows" : "answers", 100.0 * run->opt->max_unparsed, *shown ? ": " : "", shown);
}

/* NPS of answers nobody declared the scale of: refuse what the data or their labels contradict. */
static int check_nps(score_run *run)
{
    if (run->opt->metric != METRIC_NPS || run->opt->has_scale) return EXIT_FINE;
    if (run->seen.one_based_label)
        return complain(EXIT_INPUT, "the labels say that 1 is the bottom of this scale: 1..10 is no NPS scale; "
                                    "use --metric scale --scale 1..10, or say --scale 0..10 if it is one");
    if (cxm_nps_check(&run->overall, &run->notes) == CXM_OK) return EXIT_FINE;
    return complain(EXIT_INPUT, "no answer is above 5: this looks like a 1..5 question, not NPS; use --metric csat, "
                                "or say --scale 1..5 or --scale 0..10 if it is NPS");
}

static void say_odd_bytes(const score_run *run)
{
    if (run->in->odd_bytes) remark(run->opt, "%s: names, segments or labels are no valid UTF-8 and are shown with replacement "
                                             "characters; convert the file to UTF-8", run->in->name);
}

/* Segment values in another encoding still group by their bytes, but cannot be shown as they are. */
static void check_encoding(score_run *run)
{
    scored_result r;
    if (!run->engine) return;
    for (score_rewind(run); score_next(run, &r);) {
        cxm_label_share share = {.size = sizeof share};
        for (uint32_t i = 0; i < r.slot.segment_count; ++i)
            run->in->odd_bytes |= !is_utf8(r.slot.segments[i].text, r.slot.segments[i].len);
        while (r.slot.labels && labels_next(run, &r, &share)) run->in->odd_bytes |= !is_utf8(share.text, share.len);
    }
    say_odd_bytes(run);
}

static void check_sizes(const score_run *run)
{
    uint64_t slots, others;
    if (!run->engine) return;
    cxm_engine_slots(run->engine, &slots, &others);
    if (others) remark(run->opt, "more segments than fit the memory bound: %llu records are in the segment 'other' (null in JSON)",
                       (unsigned long long)others);
}

/* Numbers that may be right and look wrong: said, never refused. A few rows say nothing. */
static void check_scale(const score_run *run)
{
    const cxm_account *a = &run->account;
    if (run->opt->metric == METRIC_LABELS || run->opt->metric == METRIC_RESPONSE) return;
    if (run->in && run->notes & CXM_NPS_NO_ZERO && run->overall.counts[1] >= ENOUGH_ONES)
        remark(run->opt, "%llu answers are 1 and none is 0: if this was asked on 1..10 it is no NPS; say --scale 0..10 if it is",
               (unsigned long long)run->overall.counts[1]);
    if (a->out_of_range >= a->scored && a->out_of_range >= ENOUGH_TO_JUDGE)
        remark(run->opt, "%llu of %llu numbers lie outside %d..%d: is this the right column and --scale?",
               (unsigned long long)a->out_of_range, (unsigned long long)(a->out_of_range + a->scored),
               (int)run->spec.lo, (int)run->spec.hi);
}

/* Ragged rows are no sample of the others: the longer the comment, the likelier its comma. */
static void check_ragged(const score_run *run)
{
    if (!run->in || run->seen.ragged <= run->account.records / RAGGED_FEW) return;
    cxm_csv_info info = source_info(run->in);
    remark(run->opt, "%llu of %llu rows are left out, with more or fewer fields than the header or a quote amiss; "
                     "the first begins on line %llu", (unsigned long long)run->seen.ragged,
           (unsigned long long)run->account.records, (unsigned long long)info.first_ragged_line);
}

void score_remark(const score_run *run)
{
    check_ragged(run);
    say_odd_bytes(run);
    if (run->opt->verbose && !run->in->state_len) source_tell_more(run->in, run->opt);
}

/* -v: what the reader and the engine went through. */
static void tell_more(const score_run *run)
{
    uint64_t slots, others;
    int64_t first, last;
    char from[CXM_TEXT_TIME_MAX], to[CXM_TEXT_TIME_MAX];
    size_t from_len = 0, to_len = 0;        /* stay 0 where local time leaves years 1..9999 */
    if (!run->opt->verbose || !run->engine) return;
    if (!run->in->state_len) source_tell_more(run->in, run->opt);
    cxm_engine_slots(run->engine, &slots, &others);
    remark(run->opt, "%llu segment and window slots, at most %llu bytes", (unsigned long long)slots,
           (unsigned long long)run->engine_bytes);
    if (cxm_engine_span(run->engine, &first, &last) != CXM_OK) return;
    cxm_text_from_time(first, run->zone_s, from, sizeof from, &from_len);
    cxm_text_from_time(last, run->zone_s, to, sizeof to, &to_len);
    remark(run->opt, "times from %.*s to %.*s", (int)from_len, from, (int)to_len, to);
}

static void response_print(score_run *run, sink *out)
{
    if (run->opt->output == OUTPUT_JSON) json_response(run, out);
    else if (run->opt->output == OUTPUT_CSV) table_response(run, out);
    else screen_response(run, out);
}

static int print_results(score_run *run)
{
    static sink out;            /* large, and made once */
    int code = sink_open(&out, run->opt);
    if (code != EXIT_FINE) return code;
    run->with_changes = run->has_window && !weights_asked(run->told);
    score_rewind(run);
    if (run->opt->metric == METRIC_RESPONSE) response_print(run, &out);
    else if (run->opt->output == OUTPUT_JSON) json_score(run, &out);
    else if (run->opt->output == OUTPUT_CSV) table_score(run, &out);
    else screen_score(run, &out);
    if (!run->broken) return sink_close(&out);
    sink_discard(&out);
    return run->starved ? out_of_memory() : complain(EXIT_IO, "the counts are too large to be summed");
}

void score_begin(score_run *run, const options *opt, source *in, const char *file)
{
    run->opt = opt;
    run->in = in;
    run->file = file;
    run->has_window = opt->has_window;
    run->zone_s = opt->zone_s;
    run->told = opt;
    run->hidden = opt->design_columns;
    run->leading = opt->metric == METRIC_RESPONSE;
    run->streams = 1;
    run->name_count = opt->by_count - run->hidden;
    for (int i = 0; i < opt->by_count; ++i) run->names[i] = (cxm_view){opt->by[i], strlen(opt->by[i])};
    if (opt->has_at) run->names[run->name_count++] = (cxm_view){"period", 6};
    run->account.size = sizeof run->account;
}

int score_declare(score_run *run)
{
    bool labels = run->opt->metric == METRIC_LABELS;
    if (run->opt->metric == METRIC_RESPONSE) return response_declare(run);
    int code = labels ? labels_declare(run) : declare_scale(run);
    if (code == EXIT_FINE && !labels) code = declare_question(run);
    return code == EXIT_FINE && weights_asked(run->told) ? weights_declare(run) : code;
}

int score_read(score_run *run)
{
    bool scale = run->opt->metric != METRIC_LABELS && run->opt->metric != METRIC_RESPONSE;
    int code = score_declare(run);
    if (code != EXIT_FINE) return code;
    if (scale) cxm_scale_init(&run->overall, &run->spec);
    code = run->in ? read_file(run) : read_counts(run);
    if (code == EXIT_FINE) code = score_check(run);
    if (code == EXIT_FINE) code = check_nps(run);
    if (code != EXIT_FINE) return code;
    check_sizes(run);
    check_scale(run);
    check_ragged(run);
    check_encoding(run);
    tell_more(run);
    return EXIT_FINE;
}

void score_end(score_run *run)
{
    response_end(run);
    cxm_engine_free(run->engine);
    if (run->in) source_close(run->in);
}

/* Reads, prints, and writes the state. */
static int score_all(score_run *run)
{
    int code = score_read(run);
    if (code == EXIT_FINE) code = print_results(run);
    if (code == EXIT_FINE && run->opt->state_out) code = state_write(run);
    score_end(run);
    return code;
}

int command_response(const options *opt)
{
    static score_run run;       /* large, and made once */
    static source in;
    score_begin(&run, opt, &in, opt->file_count == 1 ? opt->files[0] : NULL);
    return score_all(&run);
}

int command_score(const options *told)
{
    static score_run run;       /* large, and made once */
    static source in;
    static options with_design;
    const options *opt = told;
    if (weights_asked(told)) {
        int refused = weights_columns(told, &with_design);
        if (refused != EXIT_FINE) return weights_end(), refused;
        opt = &with_design;
    }
    if (opt->counts_count > 1) return complain(EXIT_USAGE, "score takes --counts once; compare takes it twice");
    score_begin(&run, opt, opt->counts_count ? NULL : &in, opt->counts_count ? "--counts" : opt->file_count == 1 ? opt->files[0] : NULL);
    run.counts = opt->counts[0];
    run.told = told;
    int code = score_all(&run);
    weights_end();
    return code;
}
