/* SPDX-License-Identifier: MIT */
/* screen.c - results for a person: how the input was read, what was left out, what the number means, the
 * number with its interval, and a picture of both. Plain output has the words without the pictures. */
#define _POSIX_C_SOURCE 200809L
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool wants_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; ++i) {
        const char *value = getenv(names[i]);
        if (value && *value) return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8");
    }
    return false;
}

static bool wants_color(const options *opt)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    if (opt->output == OUTPUT_PLAIN || opt->color == COLOR_NEVER) return false;
    if (opt->color == COLOR_ALWAYS) return true;
    if (no_color && *no_color) return false;
    return !opt->out_file && isatty(STDOUT_FILENO) && (!term || strcmp(term, "dumb") != 0);
}

void screen_paint(const screen *s, const char *code)
{
    if (s->color) sink_format(s->out, "\033[%sm", code);
}

/* --- numbers as a person reads them --- */

void print_count(sink *out, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    for (int i = 0; i < len; ++i) {
        if (i && (len - i) % 3 == 0) sink_text(out, ",");
        sink_bytes(out, digits + i, 1);
    }
}

int screen_count_width(uint64_t value)
{
    int digits = 1;
    for (; value >= 10; value /= 10) ++digits;
    return digits + (digits - 1) / 3;
}

void screen_fixed(double value, int decimals, bool sign, const char *unit, char out[TEXT])
{
    char digits[CXM_TEXT_FIXED_MAX];
    size_t len = 0;
    cxm_text_from_fixed(value, decimals, digits, sizeof digits, &len);
    bool plus = sign && digits[0] != '-' && strspn(digits, "0.") < len;
    snprintf(out, TEXT, "%s%.*s%s", plus ? "+" : "", (int)(len < 40 ? len : 40), digits, unit);
}

/* Points "+31.4", shares "82.1 %", nets "+0.42", means "4.06". */
static void format_value(const score_run *run, double value, char *out)
{
    if (run->ask.value == CXM_VALUE_TOP) screen_fixed(100.0 * value, 1, false, " %", out);
    else if (run->ask.value == CXM_VALUE_MEAN) screen_fixed(value, 2, false, "", out);
    else screen_fixed(value, run->opt->metric == METRIC_NPS ? 1 : 3, true, "", out);
}

static void format_limits(const score_run *run, const cxm_scale_summary *sum, char *out)
{
    char low[TEXT], high[TEXT];
    format_value(run, sum->low, low);
    format_value(run, sum->high, high);
    snprintf(out, TEXT * 2 + 8, "%s .. %s", low, high);
}

void screen_percent(const screen *s, double share)
{
    char text[TEXT];
    screen_fixed(100.0 * share, 1, false, " %", text);
    sink_text(s->out, text);
}

/* --- how the input was read, and what was left out --- */

static void print_samples(const screen *s, const samples *kept)
{
    sink_text(s->out, " (");
    for (int i = 0; i < kept->count; ++i) {
        sink_format(s->out, "%sline %llu \"", i ? ", " : "", (unsigned long long)kept->rows[i].line);
        print_safe(s->out, kept->rows[i].text, kept->rows[i].len);
        sink_text(s->out, "\"");
    }
    sink_text(s->out, ")");
}

static void print_name(const screen *s, int column)
{
    const source *in = s->run->in;
    if (in->name_lens[column]) print_safe(s->out, in->names[column], in->name_lens[column]);
    else sink_format(s->out, "#%d", column + 1);
}

/* The columns that tell durations. */
static void print_times(const screen *s)
{
    const score_run *run = s->run;
    const columns *c = &run->cols;
    const struct { const char *what; int column; } told[] = {
        {"created = ", c->created}, {"first reply = ", c->first_reply}, {"solved = ", c->solved}, {"duration = ", c->duration},
        {"ticket = ", c->ticket}, {"event = ", c->event}, {"actor = ", c->actor}, {"start = ", c->start}, {"end = ", c->end}, {"entry = ", c->entry},
        {run->opt->target_count ? "target by " : "due = ", c->due}};
    bool first = true;
    for (size_t i = 0; i < sizeof told / sizeof *told; ++i) {
        if (told[i].column == NO_COLUMN) continue;
        sink_format(s->out, "%s%s", first ? "" : ", ", told[i].what);
        print_name(s, told[i].column);
        first = false;
    }
}

static void print_source(const screen *s)
{
    const score_run *run = s->run;
    cxm_csv_info info = {.size = sizeof info};
    print_safe(s->out, run->in->name, strlen(run->in->name));
    if (run->in->state_len) {
        if (run->opt->metric == METRIC_RESPONSE) sink_text(s->out, ": state; durations\n");
        else if (run->opt->metric == METRIC_SURVIVAL) sink_text(s->out, ": state; tenures\n");
        else if (run->opt->metric == METRIC_LABELS) sink_text(s->out, ": state; labels\n");
        else if (run->opt->metric == METRIC_CUSTOMERS) sink_text(s->out, ": state; customers");     /* and their line ends behind */
        else sink_format(s->out, ": state; answers on %d..%d\n", (int)run->spec.lo, (int)run->spec.hi);
        return;
    }
    cxm_csv_info_get(run->in->csv, &info);
    sink_format(s->out, ": %s, delimiter %s, %s, %d header row%s; ", source_format(run->in),
                delimiter_name(run->in->columns > 1 ? info.delimiter : 0),
                source_encoding(run->in), run->in->header_rows, run->in->header_rows == 1 ? "" : "s");
    bool times = run->opt->metric == METRIC_RESPONSE || run->opt->metric == METRIC_SURVIVAL;
    if (run->opt->metric == METRIC_CUSTOMERS) return;       /* whose columns come behind */
    if (times) print_times(s);
    else sink_text(s->out, run->opt->metric == METRIC_LABELS ? "label = " : "score = "), print_name(s, run->cols.score);
    if (run->opt->metric != METRIC_LABELS && !times) sink_format(s->out, " (%d..%d)", (int)run->spec.lo, (int)run->spec.hi);
    if (run->cols.time != NO_COLUMN) {
        sink_text(s->out, ", time = ");
        print_name(s, run->cols.time);
        sink_format(s->out, " (%s)", run->opt->zone_text);
    }
    if (run->cols.key != NO_COLUMN) {
        if (run->paired) sink_text(s->out, ", people by ");
        else sink_format(s->out, ", %s answer of each ", run->opt->dedupe == CXM_DEDUPE_FIRST ? "first" : "latest");
        print_name(s, run->cols.key);
    }
    if (run->opt->metric == METRIC_SURVIVAL && run->cols.weight != NO_COLUMN) {
        sink_text(s->out, ", weight = ");
        print_name(s, run->cols.weight);
    }
    if (weights_asked(run->told) && weights_cluster(run->told)) {
        sink_text(s->out, ", intervals clustered by ");
        print_safe(s->out, weights_cluster(run->told), strlen(weights_cluster(run->told)));
    }
    sink_text(s->out, "\n");
}

static void print_left_out(const screen *s, uint64_t count, const char *what, const samples *kept)
{
    if (!count) return;
    sink_text(s->out, ", ");
    print_count(s->out, count);
    sink_format(s->out, " %s", what);
    if (kept && kept->count) print_samples(s, kept);
}

static const char *left_out_word(const score_run *run)
{
    if (run->desk) return "of tickets that are left out";
    if (run->opt->metric == METRIC_CUSTOMERS) return "in another currency";
    if (run->opt->metric != METRIC_SURVIVAL) return "outside the time range or without a time";
    return run->cols.weight == NO_COLUMN ? "from --until on" : run->opt->has_until ? "without a weight, or from --until on" : "without a weight";
}

static void print_account(const screen *s)
{
    const score_run *run = s->run;
    const cxm_account *a = &run->account;
    print_count(s->out, a->records);
    sink_format(s->out, " %s%s: ", run->in ? "row" : "answer", a->records == 1 ? "" : "s");
    print_count(s->out, a->scored);
    sink_text(s->out, " scored");
    print_left_out(s, a->missing, "blank", NULL);
    print_left_out(s, a->unparsed, "unparsed", &run->seen.unparsed);
    print_left_out(s, a->out_of_range, "out of range", &run->seen.out_of_range);
    print_left_out(s, a->duplicates, a->duplicates == 1 ? "duplicate" : "duplicates", NULL);
    print_left_out(s, run->seen.ragged, "ragged", NULL);
    print_left_out(s, a->excluded - run->seen.ragged, left_out_word(run), NULL);
    sink_text(s->out, "\n");
}

/* --- the rows --- */

/* "web x de", cut to LABEL_MAX columns; "(blank)" for an empty value. Columns are code points here. */
int screen_label(const cxm_engine_result *slot, char *out, size_t cap)
{
    size_t used = 0;
    int width = 0;
    for (uint32_t i = 0; i < slot->segment_count; ++i) {
        cxm_view v = slot->is_other ? (cxm_view){"(other)", 7} : slot->segments[i];
        if (v.len == 0) v = (cxm_view){"(blank)", 7};
        if (i && used + 3 < cap) memcpy(out + used, " x ", 3), used += 3, width += 3;
        for (size_t k = 0; k < v.len && used + 1 < cap; ++k) {
            bool starts = ((unsigned char)v.text[k] & 0xC0) != 0x80;
            if (starts && width == LABEL_MAX) break;
            width += starts;
            out[used++] = v.text[k];
        }
    }
    out[used] = '\0';
    return width;
}

void screen_window_label(const score_run *run, int64_t from_us, char *out)
{
    size_t len = 0;
    cxm_text_from_time(from_us, run->zone_s, out, CXM_TEXT_TIME_MAX, &len);
    bool midnight = len > 19 && memcmp(out + 10, "T00:00:00", 9) == 0;
    out[midnight ? 10 : len] = '\0';
}

void screen_widen(int *width, int to)
{
    if (to > *width) *width = to;
}

static void reach(screen *s, double value)
{
    if (value < s->low) s->low = value;
    if (value > s->high) s->high = value;
}

/* First walk: how wide the columns are and how far the limits reach. */
static void measure(screen *s)
{
    scored_result r;
    char text[TEXT * 2 + 8], label[LABEL_MAX * 4 + 8], window[CXM_TEXT_TIME_MAX + 1];
    s->low = INFINITY;
    s->high = -INFINITY;
    while (score_next(s->run, &r)) {
        screen_widen(&s->label_width, screen_label(&r.slot, label, sizeof label));
        screen_widen(&s->n_width, screen_count_width(r.sum.n));
        if (r.slot.has_window) {
            screen_window_label(s->run, r.slot.from_us, window);
            screen_widen(&s->label_width, (int)strlen(window) + 2);
        }
        if (r.status != CXM_OK) continue;
        format_value(s->run, r.sum.value, text);
        screen_widen(&s->value_width, (int)strlen(text));
        reach(s, r.sum.value);
        if (r.sum.interval_status != CXM_OK) continue;
        format_limits(s->run, &r.sum, text);
        screen_widen(&s->limits_width, (int)strlen(text));
        reach(s, r.sum.low);
        reach(s, r.sum.high);
    }
}

static int cell_of(const screen *s, double value)
{
    return s->high > s->low ? (int)((value - s->low) / (s->high - s->low) * (STRIP - 1) + 0.5) : STRIP / 2;
}

void screen_strip(const screen *s, double value, double low, double high)
{
    int at = cell_of(s, value), from = cell_of(s, low), to = cell_of(s, high);
    sink_text(s->out, "   ");
    for (int i = 0; i <= to; ++i) {
        const char *glyph = i < from ? " " : i == at ? (s->unicode ? "●" : "o")
                          : i == from ? (s->unicode ? "├" : "|") : i == to ? (s->unicode ? "┤" : "|")
                          : s->unicode ? "─" : "-";
        sink_text(s->out, glyph);
    }
}

static void print_strip(const screen *s, const cxm_scale_summary *sum)
{
    bool limits = sum->interval_status == CXM_OK;
    screen_strip(s, sum->value, limits ? sum->low : sum->value, limits ? sum->high : sum->value);
}

static void print_bands(const screen *s, const cxm_scale_summary *sum)
{
    static const char *const words[][3] = {{"", "", ""}, {"promoters", "passives", "detractors"},
                                           {"satisfied", "neutral", "dissatisfied"}, {"easy", "neutral", "difficult"},
                                           {"top", "middle", "bottom"}};
    const char *const *word = words[s->run->unnamed_bands ? METRIC_SCALE : s->run->opt->metric];
    double n = (double)sum->n;
    sink_text(s->out, "   ");
    screen_percent(s, sum->top_share);
    sink_format(s->out, " %s | ", word[0]);
    screen_percent(s, (double)sum->middle / n);
    sink_format(s->out, " %s | ", word[1]);
    screen_percent(s, sum->bottom_share);
    sink_format(s->out, " %s", word[2]);
}

void screen_pad(const screen *s, int blanks)
{
    for (; blanks > 0; --blanks) sink_text(s->out, " ");
}

void screen_numbers(const screen *s, const char *value, const char *limits, uint64_t n)
{
    screen_pad(s, s->value_width - (int)strlen(value));
    screen_paint(s, "1");
    sink_text(s->out, value);
    screen_paint(s, "0");
    sink_text(s->out, "   ");
    screen_pad(s, s->limits_width - (int)strlen(limits));
    sink_text(s->out, limits);
    sink_text(s->out, "   n ");
    screen_pad(s, s->n_width - screen_count_width(n));
    print_count(s->out, n);
}

static void print_numbers(const screen *s, const scored_result *r)
{
    char value[TEXT] = "none", limits[TEXT * 2 + 8] = "no interval";
    if (r->status == CXM_OK) format_value(s->run, r->sum.value, value);
    if (r->status == CXM_OK && r->sum.interval_status == CXM_OK) format_limits(s->run, &r->sum, limits);
    screen_numbers(s, value, limits, r->sum.n);
}

static void print_row(const screen *s, const char *label, int width, const scored_result *r)
{
    print_safe(s->out, label, strlen(label));
    screen_pad(s, s->label_width + 4 - width);
    print_numbers(s, r);
    if (r->status == CXM_OK && s->pictures) print_strip(s, &r->sum);
    else if (r->status == CXM_OK && !r->slot.has_window) print_bands(s, &r->sum);
    sink_text(s->out, "\n");
}

/* The ends of the axis that all strips share. */
static void print_axis(const screen *s)
{
    char low[TEXT], high[TEXT];
    if (!s->pictures || !(s->high > s->low)) return;
    format_value(s->run, s->low, low);
    format_value(s->run, s->high, high);
    screen_pad(s, s->label_width + 4 + s->value_width + 3 + s->limits_width + 5 + s->n_width + 3);
    sink_text(s->out, low);
    screen_pad(s, STRIP - (int)strlen(low) - (int)strlen(high));
    sink_format(s->out, "%s\n", high);
}

/* --- the distribution of all answers --- */

static const char *band_color(const cxm_scale_spec *spec, int32_t point)
{
    bool low = point <= spec->low_to, high = point >= spec->high_from, up = spec->direction == CXM_HIGHER_IS_BETTER;
    return (up ? high : low) ? "32" : (up ? low : high) ? "31" : "33";
}

void screen_bar(const screen *s, double share)
{
    int length = (int)(share * BAR + 0.5);
    for (int i = 0; i < BAR; ++i) sink_text(s->out, i < length ? (s->unicode ? "█" : "#") : " ");
}

static void print_bar(const screen *s, int32_t from, int32_t to, uint64_t count, uint64_t largest, uint64_t n)
{
    char label[TEXT];
    if (from == to) snprintf(label, sizeof label, "%d", (int)from);
    else snprintf(label, sizeof label, "%d..%d", (int)from, (int)to);
    sink_format(s->out, "  %8s ", label);
    screen_paint(s, band_color(&s->run->spec, from));
    screen_bar(s, largest ? (double)count / (double)largest : 0.0);
    screen_paint(s, "0");
    sink_text(s->out, " ");
    screen_pad(s, s->n_width - screen_count_width(count));
    print_count(s->out, count);
    sink_text(s->out, "  ");
    screen_percent(s, (double)count / (double)n);
    sink_text(s->out, "\n");
}

/* Of points counted from the scale's low end. */
static uint64_t count_between(const score_run *run, int32_t from, int32_t to)
{
    uint64_t count = 0;
    for (int32_t k = from; k <= to; ++k) count += run->overall.counts[k];
    return count;
}

/* One bar a point; wide scales are shown ten points a bar. */
static void print_distribution(const screen *s)
{
    const cxm_scale_spec *spec = &s->run->spec;
    int32_t most = spec->hi - spec->lo, step = most > 20 ? 10 : 1;
    uint64_t n = 0, largest = 0;
    if (cxm_scale_n(&s->run->overall, &n) != CXM_OK || n == 0) return;
    for (int32_t k = 0; k <= most; k += step) {
        uint64_t count = count_between(s->run, k, k + step - 1 < most ? k + step - 1 : most);
        if (count > largest) largest = count;
    }
    sink_text(s->out, "\n");
    for (int32_t k = most / step * step; k >= 0; k -= step) {
        int32_t to = k + step - 1 < most ? k + step - 1 : most;
        print_bar(s, spec->lo + k, spec->lo + to, count_between(s->run, k, to), largest, n);
    }
    sink_text(s->out, "\n");
}

/* --- windows: a block a segment, with its trend --- */

static void print_trend(const screen *s, const double *values, int count)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char ascii[] = "_.-=+*%#";
    if (!s->pictures || count < 2) return;
    double low = values[0], high = values[0];
    for (int i = 1; i < count; ++i) {
        if (values[i] < low) low = values[i];
        if (values[i] > high) high = values[i];
    }
    sink_text(s->out, "    trend ");
    for (int i = 0; i < count; ++i) {
        int level = high > low ? (int)((values[i] - low) / (high - low) * 7 + 0.5) : 3;
        if (s->unicode) sink_text(s->out, blocks[level]);
        else sink_bytes(s->out, ascii + level, 1);
    }
    sink_text(s->out, "\n");
}

const char *screen_change_mark(const screen *s, bool up)
{
    return s->pictures && s->unicode ? (up ? " ▲" : " ▼") : up ? " ^" : " v";
}

static void print_window(const screen *s, const scored_result *r)
{
    char label[CXM_TEXT_TIME_MAX + 8];
    label[0] = label[1] = ' ';
    screen_window_label(s->run, r->slot.from_us, label + 2);
    if (!r->slot.complete) strcat(label, " *");
    int width = (int)strlen(label);
    bool proven = r->has_change && r->change.p < 1.0 - r->change.level, up = r->change.difference > 0.0;
    if (proven) strcat(label, screen_change_mark(s, up));
    print_row(s, label, width + 2 * proven, r);
}

void screen_end_block(const screen *s, block *b)
{
    if (b->open) print_trend(s, b->trend, b->count);
    b->count = 0;
    b->open = false;
}

void screen_begin_block(const screen *s, block *b, const cxm_engine_result *of)
{
    char name[LABEL_MAX * 4 + 8] = "all";
    if (of->segment_count) screen_label(of, name, sizeof name);
    sink_text(s->out, "\n  ");
    print_safe(s->out, name, strlen(name));
    sink_text(s->out, "\n");
    b->of = *of;
    b->open = true;
}

void screen_add_to_trend(block *b, double value)
{
    if (b->count == TREND_MAX) memmove(b->trend, b->trend + 1, sizeof *b->trend * (size_t)--b->count);
    b->trend[b->count++] = value;
}

void screen_say_marks(const screen *s, const block *b)
{
    if (b->cut || b->changed) sink_text(s->out, "\n");
    if (b->cut) sink_text(s->out, "  * the data do not reach over the whole window\n");
    if (b->changed)
        sink_text(s->out, s->pictures && s->unicode ? "  ▲ ▼ above or below the window before, proven at the level shown for each pair by itself\n"
                                                    : "  ^ v above or below the window before, proven at the level shown for each pair by itself\n");
}

static void print_windows(const screen *s)
{
    scored_result r;
    block b = {.open = false};
    while (score_next(s->run, &r)) {
        if (!b.open || !same_segment(&r.slot, &b.of)) {
            screen_end_block(s, &b);
            screen_begin_block(s, &b, &r.slot);
        }
        print_window(s, &r);
        b.cut |= !r.slot.complete;
        b.changed |= r.has_change && r.change.p < 1.0 - r.change.level;
        if (r.status == CXM_OK) screen_add_to_trend(&b, r.sum.value);
    }
    screen_end_block(s, &b);
    print_axis(s);
    screen_say_marks(s, &b);
}

static void print_flat(const screen *s)
{
    scored_result r;
    char label[LABEL_MAX * 4 + 8];
    while (score_next(s->run, &r)) {
        bool total = r.slot.segment_count == 0;
        int width = total ? 3 : screen_label(&r.slot, label + 2, sizeof label - 2) + 2;
        memcpy(label, total ? "all" : "  ", total ? 4 : 2);
        print_row(s, label, width, &r);
    }
    print_axis(s);
}

static const char *why_none(const cxm_scale_summary *sum)
{
    if (sum->interval_status == CXM_E_LIMIT) return "bootstrap takes at most 100,000 answers";
    return sum->n == 1 ? "one answer shows no spread" : "all answers are alike";
}

/* The headline: the value of everything, with its bands. */
static void print_headline(const screen *s)
{
    static const char *const names[] = {"", "NPS", "CSAT", "CES", "scale"};
    scored_result r = {.sum = {.size = sizeof r.sum}};
    char value[TEXT], limits[TEXT * 2 + 8];
    if (weights_asked(s->run->told)) weights_overall(s->run, &r);
    else r.status = cxm_scale_summarize(&s->run->overall, &s->run->ask, &r.sum);
    sink_format(s->out, "\n%s   ", names[s->run->opt->metric]);
    if (r.status != CXM_OK) {
        sink_text(s->out, "none: no answer was counted\n");
        return;
    }
    format_value(s->run, r.sum.value, value);
    screen_paint(s, "1");
    sink_text(s->out, value);
    screen_paint(s, "0");
    if (r.sum.interval_status == CXM_OK) {
        format_limits(s->run, &r.sum, limits);
        sink_text(s->out, "   ");
        sink_number(s->out, 100.0 * r.sum.level);
        sink_format(s->out, "%% %s", limits);
    } else {
        sink_format(s->out, "   no interval: %s", why_none(&r.sum));
    }
    sink_text(s->out, "   n ");
    print_count(s->out, r.sum.n);
    if (r.weights) sink_format(s->out, " (effective %llu)", (unsigned long long)(r.weights->kish_n_eff + 0.5));
    else print_bands(s, &r.sum);
    sink_text(s->out, "\n");
}

/* --- labels: a block a result, a bar a label --- */

static int share_label(const cxm_label_share *share, char *out, size_t cap)
{
    const cxm_view text = {share->text, share->len};
    const cxm_engine_result one = {.segments = &text, .segment_count = 1, .is_other = share->is_other};
    return screen_label(&one, out, cap);
}

/* One width for all blocks, so that bars can be compared. */
static void measure_labels(screen *s)
{
    scored_result r;
    char label[LABEL_MAX * 4 + 8];
    while (score_next(s->run, &r)) {
        cxm_label_share share = {.size = sizeof share};
        screen_widen(&s->n_width, screen_count_width(r.labels.n));
        while (labels_next(s->run, &r, &share)) screen_widen(&s->label_width, share_label(&share, label, sizeof label));
    }
}

static void print_share(const screen *s, const scored_result *r, const cxm_label_share *share)
{
    char label[LABEL_MAX * 4 + 8], text[TEXT], low[TEXT], high[TEXT];
    int width = share_label(share, label, sizeof label);
    sink_text(s->out, "  ");
    print_safe(s->out, label, strlen(label));
    screen_pad(s, s->label_width + 2 - width);
    if (s->pictures) screen_bar(s, share->share);
    screen_fixed(100.0 * share->share, 1, false, " %", text);
    screen_pad(s, 7 - (int)strlen(text));
    sink_format(s->out, "%s   ", text);
    if (r->labels.interval_status == CXM_OK) {
        screen_fixed(100.0 * share->low, 1, false, " %", low);
        screen_fixed(100.0 * share->high, 1, false, " %", high);
        screen_pad(s, 7 - (int)strlen(low));
        sink_format(s->out, "%s .. ", low);
        screen_pad(s, 7 - (int)strlen(high));
        sink_format(s->out, "%s   ", high);
    } else {
        sink_text(s->out, "       no interval   ");
    }
    screen_pad(s, s->n_width - screen_count_width(share->count));
    print_count(s->out, share->count);
    sink_text(s->out, "\n");
}

static void print_net(const screen *s, const scored_result *r)
{
    char value[TEXT], low[TEXT], high[TEXT];
    if (r->net_status != CXM_OK) return;
    screen_fixed(r->net.value, 3, true, "", value);
    sink_text(s->out, "   net ");
    screen_paint(s, "1");
    sink_text(s->out, value);
    screen_paint(s, "0");
    if (r->net.interval_status != CXM_OK) return;
    screen_fixed(r->net.low, 3, true, "", low);
    screen_fixed(r->net.high, 3, true, "", high);
    sink_format(s->out, "   %s .. %s", low, high);
}

static void print_labels(const screen *s)
{
    scored_result r;
    bool cut = false;
    while (score_next(s->run, &r)) {
        cxm_label_share share = {.size = sizeof share};
        char label[LABEL_MAX * 4 + 8] = "all", window[CXM_TEXT_TIME_MAX + 1];
        if (r.slot.segment_count) screen_label(&r.slot, label, sizeof label);
        sink_text(s->out, "\n");
        print_safe(s->out, label, strlen(label));
        if (r.slot.has_window) {
            screen_window_label(s->run, r.slot.from_us, window);
            sink_format(s->out, "   %s%s", window, r.slot.complete ? "" : " *");
            cut |= !r.slot.complete;
        }
        sink_text(s->out, "   n ");
        print_count(s->out, r.labels.n);
        print_net(s, &r);
        sink_text(s->out, "\n");
        while (labels_next(s->run, &r, &share)) print_share(s, &r, &share);
    }
    if (cut) sink_text(s->out, "\n  * the data do not reach over the whole window\n");
}

screen screen_of(score_run *run, sink *out)
{
    return (screen){.run = run, .out = out, .pictures = run->opt->output == OUTPUT_SCREEN,
                    .unicode = wants_unicode(), .color = wants_color(run->opt)};
}

void screen_customers(score_run *run, void (*print_columns)(const void *, sink *), const void *of, sink *out)
{
    screen s = screen_of(run, out);
    print_source(&s);
    print_columns(of, out);
    sink_text(out, "\n");
    print_account(&s);
}

bool screen_input(score_run *run, sink *out)
{
    screen s = screen_of(run, out);
    if (run->in) print_source(&s);
    print_account(&s);
    return s.pictures && s.unicode;
}

void screen_score(score_run *run, sink *out)
{
    screen s = screen_of(run, out);
    screen_input(run, out);
    print_safe(out, run->definition, strlen(run->definition));
    sink_text(out, "\n");
    if (run->opt->metric == METRIC_LABELS) {
        measure_labels(&s);
        score_rewind(run);
        print_labels(&s);
        return;
    }
    measure(&s);
    print_headline(&s);
    if (s.pictures) print_distribution(&s);
    score_rewind(run);
    if (run->has_window) print_windows(&s);
    else if (run->name_count) print_flat(&s);
}
