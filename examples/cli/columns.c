/* SPDX-License-Identifier: MIT */
/* columns.c - which column is which field, and what its cells mean. Nothing is guessed in silence: a
 * name that fits twice, or not at all, is an error that lists what could have been meant. */
#include "cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LISTED = 12, LISTED_BYTES = 40 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_bytes(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

bool same_word(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && same_bytes(a, b, strlen(a));
}

bool is_time_name(const char *name)
{
    static const char *const names[] = {"time", "timestamp", "date", "datetime", "created_at", "answered_at",
                                        "submitted_at", "responded_at", "recorded_at", "RecordedDate"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (same_word(name, names[i])) return true;
    return false;
}

bool needs_time(const options *opt)
{
    return opt->has_window || opt->has_since || opt->has_until || opt->dedupe || opt->has_at;
}

const char *mapped(const options *opt, const char *field)
{
    const char *column = NULL;
    for (int i = 0; i < opt->map_count; ++i)
        if (strlen(field) == opt->maps[i].field_len && memcmp(field, opt->maps[i].field, opt->maps[i].field_len) == 0)
            column = opt->maps[i].column;       /* the last one told wins */
    return column;
}

const char *list_columns(const source *in, char *out)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < in->columns && i < LISTED; ++i) {
        cxm_view name = cut_text((cxm_view){in->names[i], in->name_lens[i]}, LISTED_BYTES);
        int n = name.len ? snprintf(out + used, LIST_BYTES - used, "%s%.*s", i ? ", " : "", (int)name.len, name.text)
                         : snprintf(out + used, LIST_BYTES - used, "%s#%u", i ? ", " : "", (unsigned)i + 1);
        if (n < 0 || (size_t)n >= LIST_BYTES - used) break;
        used += (size_t)n;
    }
    if (in->columns > LISTED) snprintf(out + used, LIST_BYTES - used, " and %u more", (unsigned)in->columns - LISTED);
    return out;
}

/* "#4" -> 3; NO_COLUMN when it is no position of this file. */
static int by_position(const source *in, const char *name)
{
    char *end;
    if (name[0] != '#' || name[1] < '1' || name[1] > '9') return NO_COLUMN;
    unsigned long position = strtoul(name + 1, &end, 10);
    return *end || position > in->columns ? NO_COLUMN : (int)position - 1;
}

int column_find(const source *in, const char *what, const char *name)
{
    char list[LIST_BYTES];
    int found = NO_COLUMN, times = 0;
    for (uint32_t i = 0; i < in->columns; ++i) {
        if (strcmp(in->names[i], name) != 0) continue;
        found = (int)i;
        ++times;
    }
    if (times == 1) return found;
    if (times == 0 && (found = by_position(in, name)) != NO_COLUMN) return found;
    if (times > 1)
        complain(EXIT_INPUT, "%s: %s: %d columns are called '%s'; name one by its position, such as '#%d'", in->name,
                 what, times, name, found + 1);
    else {
        const char *meant = nearest(name, (const char *const *)in->names, in->columns);
        if (meant && *meant) complain(EXIT_INPUT, "%s: %s: no column '%s'; did you mean '%s'?", in->name, what, name, meant);
        else complain(EXIT_INPUT, "%s: %s: no column '%s'; there are: %s", in->name, what, name, list_columns(in, list));
    }
    return NO_COLUMN;
}

static bool is_score_name(const char *name, const void *ctx)
{
    const options *opt = ctx;
    return same_word(name, "score") || (opt->metric != METRIC_NONE && same_word(name, metric_name(opt->metric)));
}

static bool is_label_name(const char *name, const void *ctx)
{
    static const char *const names[] = {"label", "labels", "sentiment", "reason"};
    (void)ctx;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (same_word(name, names[i])) return true;
    return false;
}

static bool is_time(const char *name, const void *ctx)
{
    (void)ctx;
    return is_time_name(name);
}

/* The only column whose name passes; the caller is told when there are none or several. */
static int only_column(const source *in, const char *field, bool (*passes)(const char *, const void *), const void *ctx)
{
    char list[LIST_BYTES];
    int found = NO_COLUMN, times = 0;
    for (uint32_t i = 0; i < in->columns; ++i) {
        if (!passes(in->names[i], ctx)) continue;
        found = (int)i;
        ++times;
    }
    if (times == 1) return found;
    complain(EXIT_INPUT, "%s: %s column could be the %s; say --map %s=COLUMN. There are: %s", in->name,
             times ? "more than one" : "no", field, field, list_columns(in, list));
    return NO_COLUMN;
}

static int resolve(const source *in, const options *opt, const char *field,
                   bool (*passes)(const char *, const void *))
{
    const char *name = mapped(opt, field);
    return name ? column_find(in, field, name) : only_column(in, field, passes, opt);
}

/* Columns of response times, by the names that exports give them. */
enum { CREATED, FIRST_REPLY, SOLVED, DURATION, TICKET, EVENT, ACTOR, WHO, CHANNEL, STATUS, CUSTOMER, EVENT_TIME, TIME_FIELDS };
static const struct { const char *field, *names[6]; } time_fields[TIME_FIELDS] = {
    {"created", {"created", "created_at", "created time", "opened_at"}},
    {"first_reply", {"first_reply", "first_reply_at", "first_response_at", "first_replied_at", "initial response time"}},
    {"solved", {"solved", "solved_at", "resolved_at", "closed_at", "resolved time"}},
    {"duration", {"duration", "duration_s", "duration_ms", "duration_min", "duration_h"}},
    {"ticket", {"ticket", "ticket_id", "conversation", "conversation_id", "case_id"}},
    {"event", {"event", "event_type", "action", "kind"}},
    {"actor", {"actor", "actor_type", "author_type"}},
    {"who", {"who", "agent", "agent_id", "author", "author_id"}},
    {"channel", {"channel", "source"}},
    {"status", {"status", "new_status"}},
    {"customer", {"customer", "customer_id", "requester", "requester_id"}},
    {"time", {"at", "time", "timestamp", "created_at", "occurred_at"}},
};

static bool is_named(int field, const char *name)
{
    for (size_t k = 0; time_fields[field].names[k]; ++k)
        if (same_word(name, time_fields[field].names[k])) return true;
    return false;
}


/* The column of a field of response times: the one told, else, where it may be guessed, the only one with such a name. */
static int column_of_time(const source *in, const options *opt, int field, bool guess, int *code)
{
    const char *name = mapped(opt, time_fields[field].field);
    int found = name ? column_find(in, time_fields[field].field, name) : NO_COLUMN, times = 0;
    if (name && found == NO_COLUMN) *code = EXIT_INPUT;
    for (uint32_t i = 0; !name && guess && i < in->columns; ++i)
        if (is_named(field, in->names[i])) found = (int)i, ++times;
    if (times > 1) *code = complain(EXIT_INPUT, "%s: more than one column could be %s; say --map %s=COLUMN", in->name, time_fields[field].field, time_fields[field].field);
    return name || times == 1 ? found : NO_COLUMN;
}

/* CXM_UNIT_* that the last word of a name tells, "wait_ms", "reply (min)"; 0 for none. */
static int32_t unit_named(const char *name)
{
    static const struct { int32_t unit; const char *words[7]; } units[] = {
        {CXM_UNIT_US, {"us", "usec", "micros", "microseconds"}},   {CXM_UNIT_MS, {"ms", "msec", "millis", "milliseconds"}},
        {CXM_UNIT_S, {"s", "sec", "secs", "second", "seconds"}},   {CXM_UNIT_MIN, {"min", "mins", "minute", "minutes"}},
        {CXM_UNIT_H, {"h", "hr", "hrs", "hour", "hours"}}};
    char word[16];
    size_t end = strlen(name), from, len;
    while (end > 0 && strchr(")] ", name[end - 1])) --end;
    for (from = end; from > 0 && !strchr("_ ([.-", name[from - 1]); --from) {}
    len = end - from;
    if (from == 0 || len == 0 || len >= sizeof word) return 0;
    memcpy(word, name + from, len);
    word[len] = '\0';
    for (size_t i = 0; i < sizeof units / sizeof *units; ++i)
        for (size_t k = 0; units[i].words[k]; ++k)
            if (same_word(word, units[i].words[k])) return units[i].unit;
    return 0;
}

/* What was told, else what its name says, else seconds. */
static void settle_unit(const source *in, const options *opt, columns *out)
{
    int32_t named = out->duration != NO_COLUMN ? unit_named(in->names[out->duration]) : 0;
    out->unit = opt->unit ? opt->unit : named ? named : CXM_UNIT_S;
    out->unit_by_name = !opt->unit && named;
}

/* What --target names: a column of due times, whose durations are in the unit of its name, or of values with a target each. */
static int column_of_promise(const source *in, const options *opt, columns *out)
{
    out->due = opt->promise ? column_find(in, "--target", opt->promise_column) : NO_COLUMN;
    if (!opt->promise) return EXIT_FINE;
    if (out->due == NO_COLUMN) return EXIT_INPUT;
    int32_t named = unit_named(in->names[out->due]);
    out->due_unit = named ? named : CXM_UNIT_S;
    if (out->due != out->created && out->due != out->first_reply && out->due != out->solved && out->due != out->duration) return EXIT_FINE;
    return complain(EXIT_USAGE, "--target '%s': this column tells the times themselves, and not when they are due", opt->promise);
}

/* A column of durations by the name that --metric asks for. */
static int column_asked(const source *in, const options *opt, int *code)
{
    cxm_view asked = {opt->span, opt->span ? strlen(opt->span) : 0};
    if (!opt->span || response_waits(asked) || mapped(opt, "duration")) return NO_COLUMN;
    int found = column_find(in, "--metric", opt->span);
    if (found == NO_COLUMN) *code = EXIT_INPUT;
    return found;
}

static bool has_named(const source *in, int field)
{
    for (uint32_t i = 0; i < in->columns; ++i)
        if (is_named(field, in->names[i])) return true;
    return false;
}

/* A file of events tells what happened, and who did it. */
static bool has_events(const source *in, const options *opt)
{
    if (mapped(opt, "event")) return true;
    if (mapped(opt, "duration") || mapped(opt, "created")) return false;
    return has_named(in, EVENT) && (has_named(in, ACTOR) || mapped(opt, "actor"));
}

const char *time_field_of(const source *in, const options *opt, const char *name)
{
    int fields = has_events(in, opt) ? TIME_FIELDS : TICKET;
    for (int i = 0; i < fields; ++i)
        if (is_named(i, name)) return time_fields[i].field;
    return NULL;
}

/* The columns of events; ticket, event, actor and time have to be there. */
static int columns_of_events(const source *in, const options *opt, columns *out)
{
    char list[LIST_BYTES];
    int *const found[] = {&out->ticket, &out->event, &out->actor, &out->who, &out->channel, &out->status, &out->customer, &out->time};
    int code = EXIT_FINE;
    for (int i = 0; i < (int)(sizeof found / sizeof *found) && code == EXIT_FINE; ++i) {
        bool needed = i < 3 || TICKET + i == EVENT_TIME;
        *found[i] = column_of_time(in, opt, TICKET + i, true, &code);
        if (code == EXIT_FINE && needed && *found[i] == NO_COLUMN)
            code = complain(EXIT_INPUT, "%s: events need ticket, event, actor and time; say --map %s=COLUMN. There are: %s", in->name,
                            time_fields[TICKET + i].field, list_columns(in, list));
    }
    if (code != EXIT_FINE) return code;
    if (opt->unit) return complain(EXIT_USAGE, "--unit goes with a column of durations: --map duration=COLUMN");
    if (opt->method && !opt->has_target)
        return complain(EXIT_USAGE, "--interval is of the share within a --target; percentiles have limits of their own, rates have Wilson's");
    if (opt->promise) return complain(EXIT_USAGE, "%s is a file of events: --target takes one duration there, such as 4h", in->name);
    return EXIT_FINE;
}

int columns_of_times(const source *in, const options *opt, columns *out)
{
    if (has_events(in, opt)) return columns_of_events(in, opt, out);
    if (opt->rate && strcmp(opt->command, "compare") == 0)
        return complain(EXIT_INPUT, "%s: %s is of tickets from a file of events, with columns event and actor", in->name, opt->span);
    if (opt->preset || opt->repeat_us || opt->active || opt->short_us)
        return complain(EXIT_USAGE, "%s goes with a file of events, with columns event and actor; --map event=COLUMN",
                        opt->preset ? "--preset" : opt->active ? "--active-customers" : opt->repeat_us ? "--repeat-within" : "--short-abandon");
    char list[LIST_BYTES];
    int code = EXIT_FINE;
    bool told = mapped(opt, "duration") || mapped(opt, "created") || mapped(opt, "first_reply") || mapped(opt, "solved");
    bool spans = mapped(opt, "created") || mapped(opt, "first_reply") || mapped(opt, "solved");
    int asked = column_asked(in, opt, &code);
    bool guess = !told && asked == NO_COLUMN;
    if (code != EXIT_FINE) return code;
    out->duration = asked != NO_COLUMN ? asked : column_of_time(in, opt, DURATION, guess, &code);
    out->created = column_of_time(in, opt, CREATED, guess || spans, &code);
    out->first_reply = column_of_time(in, opt, FIRST_REPLY, guess, &code);
    out->solved = column_of_time(in, opt, SOLVED, guess, &code);
    if (code != EXIT_FINE) return code;
    settle_unit(in, opt, out);
    if (opt->unit && out->duration == NO_COLUMN) return complain(EXIT_USAGE, "--unit goes with a column of durations: --map duration=COLUMN");
    if (spans && out->created == NO_COLUMN) return complain(EXIT_INPUT, "%s: no column tells when tickets were created; say --map created=COLUMN", in->name);
    if (mapped(opt, "created") && out->first_reply == NO_COLUMN && out->solved == NO_COLUMN)
        return complain(EXIT_INPUT, "%s: a time runs from created to --map first_reply=COLUMN or --map solved=COLUMN", in->name);
    bool any = out->duration != NO_COLUMN || (out->created != NO_COLUMN && (out->first_reply != NO_COLUMN || out->solved != NO_COLUMN));
    if (any) return column_of_promise(in, opt, out);
    if (has_named(in, EVENT))
        return complain(EXIT_INPUT, "%s: there are events, but no column tells who did them; say --map actor=COLUMN. There are: %s", in->name,
                        list_columns(in, list));
    return complain(EXIT_INPUT, "%s: no column could be a duration; say --map duration=COLUMN, or --map created=COLUMN with --map "
                                "first_reply=COLUMN or --map solved=COLUMN. There are: %s", in->name, list_columns(in, list));
}

/* Windows of response times are by creation unless another column was told. */
static int resolve_time(const source *in, const options *opt, bool need_time, const columns *found)
{
    if (!mapped(opt, "time") && found->created != NO_COLUMN) return need_time ? found->created : NO_COLUMN;
    return resolve(in, opt, "time", is_time);
}

static int resolve_answer(const source *in, const options *opt, columns *out)
{
    out->ticket = out->event = out->actor = out->who = out->channel = out->status = out->customer = NO_COLUMN;
    out->score = out->created = out->first_reply = out->solved = out->duration = out->due = NO_COLUMN;
    out->entry = out->start = out->end = out->time = NO_COLUMN;
    if (opt->metric == METRIC_SURVIVAL) return survival_columns(in, opt, out);
    if (opt->metric == METRIC_RESPONSE) return columns_of_times(in, opt, out);
    out->score = opt->metric == METRIC_LABELS ? resolve(in, opt, "label", is_label_name) : resolve(in, opt, "score", is_score_name);
    return out->score == NO_COLUMN ? EXIT_INPUT : EXIT_FINE;
}

int columns_resolve(const source *in, const options *opt, bool need_time, columns *out)
{
    int code = resolve_answer(in, opt, out);
    if (code != EXIT_FINE) return code;
    if (out->event == NO_COLUMN) out->time = NO_COLUMN;
    if (out->event == NO_COLUMN && (need_time || mapped(opt, "time"))) {
        out->time = resolve_time(in, opt, need_time, out);
        if (out->time == NO_COLUMN) return EXIT_INPUT;
    }
    out->key = opt->key ? column_find(in, "--key", opt->key) : NO_COLUMN;
    if (opt->key && out->key == NO_COLUMN) return EXIT_INPUT;
    out->weight = opt->weight ? column_find(in, "--weight", opt->weight) : NO_COLUMN;
    if (opt->weight && out->weight == NO_COLUMN) return EXIT_INPUT;
    out->by_count = opt->by_count;
    for (int i = 0; i < opt->by_count; ++i) {
        bool of_design = i >= opt->by_count - opt->design_columns;
        out->by[i] = column_find(in, of_design ? "the design's column" : "--by", opt->by[i]);
        if (out->by[i] == NO_COLUMN) return EXIT_INPUT;
    }
    return EXIT_FINE;
}

/* --- cells --- */

int compare_views(cxm_view a, cxm_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.text, b.text, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

double share_beyond(double share, double apart)
{
    return share + apart <= 1.0 ? share + apart : share - apart;
}

cxm_view cut_text(cxm_view text, size_t most)
{
    if (text.len <= most) return text;
    for (int i = 0; i < 3 && most > 0 && ((unsigned char)text.text[most] & 0xC0) == 0x80; ++i) --most;
    return (cxm_view){text.text, most};
}

cxm_view trim(cxm_view text)
{
    while (text.len && (text.text[0] == ' ' || text.text[0] == '\t')) ++text.text, --text.len;
    while (text.len && (text.text[text.len - 1] == ' ' || text.text[text.len - 1] == '\t')) --text.len;
    return text;
}

static bool is_word(cxm_view text, cxm_view word)
{
    return word.len == text.len && same_bytes(text.text, word.text, word.len);
}

bool is_missing_word(const options *opt, cxm_view text)
{
    static const cxm_view words[] = {{"NA", 2}, {"N/A", 3}, {"null", 4}, {"None", 4}, {"NaN", 3}, {"-", 1}};
    if (opt->missing_count == 0 && text.len && text.text[0] >= '0' && text.text[0] <= '9') return false;   /* most cells */
    text = trim(text);
    if (text.len == 0) return true;
    for (size_t i = 0; text.len <= 4 && i < sizeof words / sizeof *words; ++i)
        if (is_word(text, words[i])) return true;
    for (int i = 0; i < opt->missing_count; ++i)
        if (is_word(text, opt->missing[i])) return true;
    return false;
}

/* With a comma as decimal sign a point is still understood, as in files of mixed origin. */
static cxm_status scan(const source *in, cxm_view text, double *value, size_t *label_at)
{
    cxm_status status = cxm_text_answer(text.text, text.len, '.', value, label_at);
    if (status != CXM_E_FORMAT || in->decimal == '.') return status;
    return cxm_text_answer(text.text, text.len, in->decimal, value, label_at);
}

int32_t scan_answer(const options *opt, const source *in, cxm_view text, double *value, cxm_view *label)
{
    size_t label_at = text.len;
    if (label) *label = (cxm_view){NULL, 0};
    if (is_missing_word(opt, text)) return CXM_ANSWER_MISSING;
    cxm_status status = scan(in, text, value, &label_at);
    if (status == CXM_E_OVERFLOW) *value = 1e308;      /* a number, and on no scale */
    else if (status != CXM_OK) return CXM_ANSWER_UNPARSED;
    if (label && label_at < text.len) *label = (cxm_view){text.text + label_at, text.len - label_at};
    return CXM_ANSWER_GIVEN;
}
