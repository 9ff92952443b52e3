/* SPDX-License-Identifier: MIT */
/* pass.c - one pass over the rows: cells of the mapped columns become records, records go to the engine. */
#include "pass.h"
#include <math.h>
#include <string.h>

void pass_begin(pass *p, const score_run *run, cxm_engine *engine)
{
    const columns *cols = &run->cols;
    const int told[] = {cols->score, cols->created, cols->first_reply, cols->solved, cols->duration, cols->due, cols->ticket, cols->event, cols->actor,
                        cols->who, cols->channel, cols->status, cols->customer};
    *p = (pass){.run = run, .engine = engine};
    for (size_t i = 0; i < sizeof told / sizeof *told; ++i)
        if (told[i] != NO_COLUMN) p->columns[p->count++] = (uint32_t)told[i];
    p->told = p->count;
    if (cols->time != NO_COLUMN) p->columns[p->count++] = (uint32_t)cols->time;
    if (cols->key != NO_COLUMN) p->columns[p->count++] = (uint32_t)cols->key;
    if (cols->weight != NO_COLUMN) p->columns[p->count++] = (uint32_t)cols->weight;
    for (int i = 0; i < cols->by_count; ++i) p->columns[p->count++] = (uint32_t)cols->by[i];
}

void pass_end(pass *p)
{
    waits_free(&p->waits);
}

cxm_csv_batch pass_room(pass *p)
{
    return (cxm_csv_batch){.size = sizeof(cxm_csv_batch), .max_rows = BATCH_ROWS, .fields = p->fields, .lines = p->lines,
                           .flags = p->flags};
}

void keep_sample(samples *kept, uint64_t line, cxm_view text)
{
    if (kept->count == MAX_SAMPLES) return;
    sample *to = &kept->rows[kept->count++];
    to->line = line;
    to->len = cut_text(text, SAMPLE_BYTES).len;
    memcpy(to->text, text.text, to->len);
}

/* Words for the bottom of a likelihood scale; at 1 they say that the scale has no 0. */
static bool is_bottom_label(cxm_view label)
{
    static const char *const starts[] = {"not at all", "extremely unlikely", "very unlikely", "not likely"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; ++i) {
        size_t len = strlen(starts[i]);
        char head[24];
        if (label.len < len) continue;
        memcpy(head, label.text, len);
        head[len] = '\0';
        if (same_word(head, starts[i])) return true;
    }
    return false;
}

/* No text of a row outside the range is shown. */
bool pass_in_range(const options *opt, const cxm_record *record)
{
    if (!needs_time(opt)) return true;
    return record->time == CXM_TIME_GIVEN && (!opt->has_since || record->at_us >= opt->since_us) &&
           (!opt->has_until || record->at_us < opt->until_us);
}

bool pass_counts(const options *opt, const cxm_record *record)
{
    int64_t from, to;
    return pass_in_range(opt, record) && (!opt->has_window || cxm_window_of(&opt->window, record->at_us, &from, &to) == CXM_OK);
}

/* One or two digits, as most answers are, where no such word was told to be missing. */
static inline bool is_short(const options *opt, cxm_view text, double *value)
{
    if (text.len - 1 > 1 || opt->missing_count) return false;
    unsigned first = (unsigned char)text.text[0] - (unsigned)'0', last = (unsigned char)text.text[text.len - 1] - (unsigned)'0';
    if (first > 9 || last > 9) return false;
    *value = text.len == 1 ? last : 10 * first + last;
    return true;
}

/* An answer that is_short: nothing is left to tell but whether it is on the scale. */
static inline void fill_short(pass *p, uint64_t line, cxm_view text, cxm_record *record)
{
    record->answer = CXM_ANSWER_GIVEN;
    if ((record->value < p->run->spec.lo || record->value > p->run->spec.hi) && pass_in_range(p->run->opt, record))
        keep_sample(&p->seen.out_of_range, line, text);
}

static void fill_answer(pass *p, uint64_t line, cxm_view text, cxm_record *record)
{
    const score_run *run = p->run;
    cxm_view label;
    record->answer = scan_answer(run->opt, run->in, text, &record->value, &label);
    if (!pass_in_range(run->opt, record)) return;
    if (record->answer == CXM_ANSWER_UNPARSED) keep_sample(&p->seen.unparsed, line, text);
    if (record->answer != CXM_ANSWER_GIVEN) return;
    if (record->value == 1.0 && is_bottom_label(label)) p->seen.one_based_label = true;
    double v = record->value;
    if (!(v >= run->spec.lo && v <= run->spec.hi && v == (double)(int32_t)v)) keep_sample(&p->seen.out_of_range, line, text);
}

static void fill_label(pass *p, uint64_t line, cxm_view text, cxm_record *record)
{
    const score_run *run = p->run;
    record->answer = is_missing_word(run->opt, text) ? CXM_ANSWER_MISSING : CXM_ANSWER_GIVEN;
    record->label = trim(text);
    bool too_long = record->label.len > run->label_options.max_label_bytes;
    if (record->answer == CXM_ANSWER_GIVEN && too_long && pass_in_range(run->opt, record)) keep_sample(&p->seen.out_of_range, line, record->label);
}

static void fill_time(pass *p, uint64_t line, cxm_view text, cxm_record *record)
{
    const options *opt = p->run->opt;
    bool digits = text.len && text.text[0] >= '0' && text.text[0] <= '9';
    if ((!digits || opt->missing_count) && is_missing_word(opt, text)) return;
    bool ok = cxm_text_time(text.text, text.len, opt->zone_s, &record->at_us, NULL) == CXM_OK;
    record->time = ok ? CXM_TIME_GIVEN : CXM_TIME_UNPARSED;
    if (ok && p->run->runs) waits_see(&p->waits, record->at_us);
    if (ok || pass_in_range(opt, record)) return;
    keep_sample(&p->seen.unparsed, line, text);
    ++p->seen.untimed;
}

/* A weight that is blank or no number is none: the engine refuses the row and counts it. */
static void fill_weight(const pass *p, cxm_view text, cxm_record *record)
{
    bool blank = is_missing_word(p->run->opt, text);
    if (blank || cxm_text_number(text.text, text.len, p->run->in->decimal, &record->weight) != CXM_OK) record->weight = (double)NAN;
}

static void fill_key(const pass *p, cxm_view text, cxm_record *record)
{
    if (!is_missing_word(p->run->opt, text)) record->key = trim(text);
}

/* One more segment, behind those of columns. */
cxm_view period_of(const options *opt, const cxm_record *record)
{
    bool after = record->time == CXM_TIME_GIVEN && record->at_us >= opt->at_us;
    return after ? (cxm_view){"after", 5} : (cxm_view){"before", 6};
}

/* An answer on the scale, for its person and wave. */
static cxm_status pair_up(const pass *p, const cxm_record *record)
{
    const score_run *run = p->run;
    double v = record->value;
    bool counts = record->answer == CXM_ANSWER_GIVEN && pass_in_range(run->opt, record) && v >= run->spec.lo && v <= run->spec.hi &&
                  v == (double)(int32_t)v;
    if (!counts) return CXM_OK;
    int32_t wave = !run->opt->has_at ? run->wave : record->at_us >= run->opt->at_us ? CXM_WAVE_AFTER : CXM_WAVE_BEFORE;
    return cxm_paired_add(run->paired, wave, record->key, (int32_t)v, record->time == CXM_TIME_GIVEN ? record->at_us : 0);
}

static inline bool may_trim(cxm_view text)
{
    return text.len && (text.text[0] <= ' ' || text.text[text.len - 1] <= ' ');
}

/* A row that is left out makes as many records as one that counts. */
static cxm_status leave_out(pass *p)
{
    ++p->seen.ragged;
    for (int i = p->run->streams; i > 1; --i) cxm_engine_exclude(p->engine);
    return cxm_engine_exclude(p->engine);
}

static cxm_status take_row(pass *p, uint64_t line, uint32_t flags, const cxm_view *fields)
{
    const score_run *run = p->run;
    const columns *cols = &run->cols;
    cxm_view segments[CXM_ENGINE_SEGMENTS_MAX], *by = segments + run->leading;
    cxm_record record = {.size = sizeof record, .segments = segments, .weight = 1.0,
                         .segment_count = (uint32_t)(run->leading + run->name_count + run->hidden)};
    const cxm_view *score = fields;
    if (run->desk) return desk_take(p, line, flags, fields, fields + p->told + 1);
    if (flags) return leave_out(p);
    fields += p->told;
    if (cols->time != NO_COLUMN) fill_time(p, line, *fields++, &record);
    if (cols->key != NO_COLUMN) fill_key(p, *fields++, &record);
    if (cols->weight != NO_COLUMN) fill_weight(p, *fields++, &record);
    for (int i = 0; i < cols->by_count; ++i) by[i] = may_trim(fields[i]) ? trim(fields[i]) : fields[i];
    if (run->opt->has_at) by[cols->by_count] = period_of(run->opt, &record);
    if (run->opt->metric == METRIC_RESPONSE) return times_count(p, line, score, segments, &record);
    if (run->opt->metric == METRIC_LABELS) fill_label(p, line, *score, &record);
    else if (is_short(run->opt, *score, &record.value)) fill_short(p, line, *score, &record);
    else fill_answer(p, line, *score, &record);
    cxm_status status = run->paired ? pair_up(p, &record) : CXM_OK;
    return status == CXM_OK ? cxm_engine_add(p->engine, &record) : status;
}

cxm_status pass_batch(pass *p, const cxm_csv_batch *batch)
{
    cxm_status status = CXM_OK;
    for (uint32_t i = 0; i < batch->rows && status == CXM_OK; ++i)
        status = take_row(p, batch->lines[i], batch->flags[i], batch->fields + (size_t)i * p->count);
    return status;
}

/* The row that was read ahead, when there is one. */
cxm_status pass_held(pass *p, source *in)
{
    cxm_csv_row row = {.size = sizeof row};
    bool got;
    if (!in->has_held) return CXM_OK;
    source_next(in, &row, &got);
    for (uint32_t i = 0; i < p->count; ++i) p->fields[i] = row.fields[p->columns[i]];
    return take_row(p, row.line, row.flags, p->fields);
}

int pass_failed(const score_run *run, cxm_status status)
{
    if (status == CXM_E_LIMIT) return complain(EXIT_LIMIT, "%s: too many windows, segments, labels or keys for the memory bound", run->in->name);
    return status == CXM_OK ? EXIT_FINE : out_of_memory();
}

int pass_rows(score_run *run)
{
    static pass p;              /* large, and made once */
    bool got = true;
    int code = EXIT_FINE;
    pass_begin(&p, run, run->engine);
    cxm_csv_batch batch = pass_room(&p);
    cxm_status status = pass_held(&p, run->in);
    while (status == CXM_OK && code == EXIT_FINE) {
        code = source_next_batch(run->in, p.columns, p.count, &batch, &got);
        if (code != EXIT_FINE || !got) break;
        status = pass_batch(&p, &batch);
    }
    run->seen = p.seen;
    waits_look(run, &p.waits);
    if (status == CXM_OK && code == EXIT_FINE) status = waits_count(run, &p.waits);
    pass_end(&p);
    return code == EXIT_FINE ? pass_failed(run, status) : code;
}
