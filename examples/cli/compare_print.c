/* SPDX-License-Identifier: MIT */
/* compare_print.c - comparisons as JSON, as CSV, and for a person. */
#include "compare.h"
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONG = 512, NAME = 40, ZERO_STRIP = 31 };

static bool has_limits(const pairing *p)
{
    return p->status == CXM_OK && p->found.interval_status == CXM_OK;
}

static scored_result result_of(const comparison *c, const compared *s)
{
    const leaf *l = s->leaves ? &c->leaves[s->first] : NULL;
    scored_result r = {.slot = {.size = sizeof r.slot, .state = s->all.scale}, .sum = {.size = sizeof r.sum}};
    if (l) {
        r.slot.segments = l->segments;
        r.slot.segment_count = l->count;
        r.slot.is_other = l->is_other;
    }
    if (compares_times(c)) {
        response_summarize(c->runs[0], s->all.times, &r);
        return r;
    }
    r.status = cxm_scale_summarize(s->all.scale, &c->runs[0]->ask, &r.sum);
    if (weights_asked(c->told) && s->leaves) weights_at(c->runs[0], s->result, &r);
    return r;
}

/* --- JSON --- */

static void json_found(const comparison *c, const pairing *p, sink *out)
{
    bool some = p->status == CXM_OK;
    const cxm_difference shown = difference_shown(&p->found, some);
    json_difference_limits(&shown, out);
    json_key_number(out, "difference", shown.difference);
    json_key_number(out, "se", shown.se);
    json_key_number(out, "statistic", shown.statistic);
    json_key_number(out, "df", isfinite(shown.df) ? shown.df : (double)NAN);
    json_chance(&p->chance, some, out);
    if (c->opt->has_detect) json_key_number(out, "n_needed", compare_needed(c, p));
    if (c->opt->within) json_key_count(out, "left_out", p->left_out);
}

/* What the two waves are called: of two inputs the changes go from b to a, as the difference is a - b. */
static const char *wave_name(const comparison *c, bool after)
{
    if (c->opt->has_at) return after ? "after" : "before";
    return after ? "a" : "b";
}

/* Rows of the table are the band before (of b), columns the band after (of a): bottom, middle, top. */
static void json_people(const comparison *c, sink *out)
{
    const cxm_paired_summary *s = &c->people;
    json_key_count(out, "pairs", s->pairs);
    json_key_count(out, c->opt->has_at ? "only_before" : "only_b", s->only_before);
    json_key_count(out, c->opt->has_at ? "only_after" : "only_a", s->only_after);
    json_key_count(out, "repeats", s->repeats);
    json_key_count(out, "unkeyed", s->unkeyed);
    json_key_count(out, "won_back", s->transitions[2]);
    json_key_count(out, "lost", s->transitions[6]);
    json_key_count(out, "raised", s->raised);
    json_key_count(out, "lowered", s->lowered);
    sink_text(out, ",\"transitions\":[");
    for (int i = 0; i < 9; ++i)
        sink_format(out, "%s%llu%s", i % 3 ? "," : i ? ",[" : "[", (unsigned long long)s->transitions[i], i % 3 == 2 ? "]" : "");
    sink_text(out, "]");
}

static void json_pair(const comparison *c, const pairing *p, sink *out)
{
    char text[LONG];
    const score_run *run = c->runs[0];
    scored_result a = result_of(c, &c->samples[p->a]), b = result_of(c, &c->samples[p->b]);
    cxm_engine_result place = {.size = sizeof place};
    if (compare_has_sides(c)) place = a.slot.segments ? a.slot : b.slot;
    sink_text(out, "{\"metric\":");
    json_string(out, compare_metric(c).text, compare_metric(c).len);
    sink_text(out, ",");
    json_segment(run, &place, out);
    sink_text(out, ",\"window\":null");
    if (a.sum.n <= UINT64_MAX - b.sum.n) json_key_count(out, "n", a.sum.n + b.sum.n);
    else sink_text(out, ",\"n\":null");
    json_key_number(out, "value", p->status == CXM_OK ? p->found.difference : (double)NAN);
    json_found(c, p, out);
    compare_verdict(c, p, text, sizeof text);
    json_verdict(text, out);
    if (p->status != CXM_OK) sink_format(out, ",\"why\":\"difference: %s\"", compare_why(c, p));
    else if (!has_limits(p)) sink_text(out, ",\"why\":\"interval: this method has none\"");
    if (c->paired) json_people(c, out);
    sink_text(out, ",\"a\":");
    json_result(run, &a, out);
    sink_text(out, ",\"b\":");
    json_result(run, &b, out);
    sink_text(out, "}");
}

void json_compare(const comparison *c, sink *out)
{
    char text[LONG];
    json_compare_head(c->runs, c->run_count, out);
    sink_text(out, ",\"definition\":");
    json_string(out, c->runs[0]->definition, strlen(c->runs[0]->definition));
    sink_text(out, ",\"comparison\":");
    json_string(out, c->definition, strlen(c->definition));
    compare_summary(c, text, sizeof text);
    json_verdict(text, out);
    sink_text(out, ",\"results\":[");
    for (size_t i = 0; i < c->pair_count; ++i) {
        sink_text(out, i ? ",\n" : "\n");
        json_pair(c, &c->pairs[i], out);
    }
    sink_text(out, "\n]}\n");
}

/* --- CSV --- */

/* The whole label, however long. */
static void cell_of(const comparison *c, const compared *s, sink *out)
{
    char label[LONG];
    const leaf *l = s->leaves ? &c->leaves[s->first] : NULL;
    if (l && l->count && !l->is_other) {
        table_joined(out, l->segments, l->count);
        return;
    }
    compare_label(c, s, label, sizeof label);
    table_text(out, label, strlen(label));
}

static void summary_cells(const scored_result *r, sink *out)
{
    sink_format(out, ",%llu", (unsigned long long)r->sum.n);
    table_number(out, r->sum.value, r->status == CXM_OK);
}

/* What value_a and value_b are. */
static void quantity_cell(const comparison *c, sink *out)
{
    const score_run *run = c->runs[0];
    double q = response_share(c->opt);
    if (!compares_times(c))
        sink_text(out, run->ask.value == CXM_VALUE_NET ? ",net share" : run->ask.value == CXM_VALUE_TOP ? ",share" : ",mean");
    else if (c->opt->rate) sink_format(out, ",%s", c->opt->span);
    else if (c->opt->compares_share) sink_format(out, ",share within %.10g s", (double)c->opt->target_us / 1e6);
    else if (q == 0.5) sink_text(out, ",median in s");
    else sink_format(out, ",p%.10g in s", 100.0 * q);
}

static void table_pair(const comparison *c, const pairing *p, sink *out)
{
    const cxm_difference shown = difference_shown(&p->found, p->status == CXM_OK);
    scored_result a = result_of(c, &c->samples[p->a]), b = result_of(c, &c->samples[p->b]);
    if (compares_times(c)) table_text(out, compare_metric(c).text, compare_metric(c).len);
    else sink_text(out, compare_metric(c).text);
    sink_text(out, ",");
    if (compare_has_sides(c)) {
        cell_of(c, &c->samples[c->samples[p->a].leaves ? p->a : p->b], out);
        sink_text(out, c->opt->has_at ? ",after,before" : ",a,b");
    } else {
        sink_text(out, ",");
        cell_of(c, &c->samples[p->a], out);
        sink_text(out, ",");
        cell_of(c, &c->samples[p->b], out);
    }
    summary_cells(&a, out);
    summary_cells(&b, out);
    table_difference(&shown, &p->chance, compare_proven(c, p), out);
    quantity_cell(c, out);
    if (c->opt->has_detect) table_number(out, compare_needed(c, p), true);
    sink_text(out, "\n");
}

void table_compare(const comparison *c, sink *out)
{
    sink_text(out, TABLE_PAIR_HEAD ",value_is");
    sink_text(out, c->opt->has_detect ? ",n_needed\n" : "\n");
    for (size_t i = 0; i < c->pair_count; ++i) table_pair(c, &c->pairs[i], out);
}

/* From the bottom to the top is won back, from the top to the bottom lost; else by the answer itself. */
static const char *movement(const comparison *c, const cxm_person *who)
{
    int32_t better = c->runs[0]->spec.direction == CXM_HIGHER_IS_BETTER ? who->after - who->before : who->before - who->after;
    if (who->band_before == 0 && who->band_after == 2) return "won back";
    if (who->band_before == 2 && who->band_after == 0) return "lost";
    return better > 0 ? "raised" : better < 0 ? "lowered" : "same";
}

void table_people(const comparison *c, sink *out)
{
    cxm_person who = {.size = sizeof who};
    sink_format(out, "key,%s,%s,movement\n", wave_name(c, false), wave_name(c, true));
    while (cxm_paired_next(c->paired, &who) == CXM_OK) {
        table_text(out, who.key.text, who.key.len);
        sink_format(out, ",%d,%d,%s\n", (int)who.before, (int)who.after, movement(c, &who));
    }
}

/* --- for a person --- */

static void print_people(const comparison *c, sink *out)
{
    static const char *const nps[] = {"detractor", "passive", "promoter"}, *const other[] = {"bottom", "middle", "top"};
    const char *const *names = c->opt->metric == METRIC_NPS ? nps : other;
    const cxm_paired_summary *s = &c->people;
    char corner[32];
    sink_text(out, "\n  ");
    print_count(out, s->pairs);
    sink_text(out, s->pairs == 1 ? " person answered in both, " : " people answered in both, ");
    print_count(out, s->only_before);
    sink_format(out, " %s only, ", wave_name(c, false));
    print_count(out, s->only_after);
    sink_format(out, " %s only", wave_name(c, true));
    if (s->repeats) sink_format(out, ", %llu answer%s given again", (unsigned long long)s->repeats, s->repeats == 1 ? "" : "s");
    if (s->unkeyed) sink_format(out, ", %llu without a key", (unsigned long long)s->unkeyed);
    snprintf(corner, sizeof corner, "from %s \\ to %s", wave_name(c, false), wave_name(c, true));
    sink_format(out, "\n\n  %-20s%10s%10s%10s\n", corner, names[0], names[1], names[2]);
    for (int i = 0; i < 3; ++i)
        sink_format(out, "  %-20s%10llu%10llu%10llu\n", names[i], (unsigned long long)s->transitions[3 * i],
                    (unsigned long long)s->transitions[3 * i + 1], (unsigned long long)s->transitions[3 * i + 2]);
    sink_format(out, "  won back %llu, lost %llu; raised their answer %llu, lowered it %llu\n", (unsigned long long)s->transitions[2],
                (unsigned long long)s->transitions[6], (unsigned long long)s->raised, (unsigned long long)s->lowered);
}

/* Cuts a label to the width of its column, at a whole character. */
static void fit(char *label, size_t most)
{
    size_t len = strlen(label), chars = 0, at = 0;
    for (; at < len && chars < most; ++chars)
        for (++at; at < len && ((unsigned char)label[at] & 0xC0) == 0x80;) ++at;
    if (at < len) memcpy(label + (at > 3 ? at - 1 : at), "~", 2);
}

static int width_of(const char *label)
{
    int chars = 0;
    for (; *label; ++label) chars += ((unsigned char)*label & 0xC0) != 0x80;
    return chars;
}

static void name_of(const comparison *c, const pairing *p, char *out, size_t cap)
{
    char a[LONG / 4], b[LONG / 4];              /* more than fit() leaves */
    if (compare_has_sides(c)) {
        pair_label(c, p, out, cap);
        fit(out, NAME);
        return;
    }
    compare_label(c, &c->samples[p->a], a, sizeof a);
    compare_label(c, &c->samples[p->b], b, sizeof b);
    fit(a, NAME / 2 - 1);
    fit(b, NAME / 2 - 1);
    snprintf(out, cap, "%s - %s", a, b);
}

typedef struct strip { bool unicode, pictures; double reach; int name; } strip;

static int cell(const strip *s, double value)
{
    int half = ZERO_STRIP / 2, at = (int)lround(value / s->reach * half);
    return half + (at < -half ? -half : at > half ? half : at);
}

/* The interval about its difference, with a mark at 0. */
static void print_strip(const strip *s, const pairing *p, sink *out)
{
    int low = cell(s, p->found.low), high = cell(s, p->found.high), middle = cell(s, p->found.difference);
    sink_text(out, "  ");
    for (int i = 0; i < ZERO_STRIP; ++i) {
        bool inside = i >= low && i <= high;
        const char *mark = i == middle ? (s->unicode ? "●" : "o") : i == ZERO_STRIP / 2 ? (s->unicode ? "│" : "|")
                         : inside ? (s->unicode ? "─" : "-") : " ";
        sink_text(out, mark);
    }
}

static void print_number(sink *out, const char *format, double value)
{
    char text[40];
    snprintf(text, sizeof text, format, value);
    char *minus = strchr(text, '-');
    if (minus && text[strspn(text, " -0.")] == '\0') *minus = strchr(format, '+') ? '+' : ' ';     /* no -0.0 */
    sink_text(out, text);
}

/* Of a column of numbers: seconds may be many. */
static int width_of_numbers(const comparison *c)
{
    return compares_times(c) && !c->opt->compares_share ? 11 : 8;
}

/* Differences and nets have a sign. */
static const char *format_of(const comparison *c, bool difference)
{
    bool points = *compare_unit(c) != '\0', sign = difference || (!compares_times(c) && c->runs[0]->ask.value == CXM_VALUE_NET);
    return sign ? (points ? "%+8.1f" : "%+8.3f") : points ? "%8.1f" : "%8.3f";
}

/* A value, or a difference with its sign; of medians in the unit that a person reads. */
static void print_value(const comparison *c, bool difference, double value, sink *out)
{
    char text[TEXT], with_sign[TEXT + 1];
    if (width_of_numbers(c) == 8) {
        print_number(out, format_of(c, difference), value);
        return;
    }
    duration_text(fabs(value), text);
    snprintf(with_sign, sizeof with_sign, "%s%s", !difference || value == 0.0 ? "" : value < 0.0 ? "-" : "+", text);
    sink_format(out, "%*s", width_of_numbers(c), with_sign);
}

static void print_pair(const comparison *c, const strip *s, const pairing *p, sink *out)
{
    char name[LONG];
    scored_result a = result_of(c, &c->samples[p->a]), b = result_of(c, &c->samples[p->b]);
    name_of(c, p, name, sizeof name);
    sink_text(out, compare_proven(c, p) ? "* " : "  ");
    print_safe(out, name, strlen(name));
    for (int i = width_of(name); i < s->name; ++i) sink_text(out, " ");
    if (a.status == CXM_OK) print_value(c, false, a.sum.value, out);
    else sink_format(out, "%*s", width_of_numbers(c), "none");
    if (b.status == CXM_OK) print_value(c, false, b.sum.value, out);
    else sink_format(out, "%*s", width_of_numbers(c), "none");
    if (p->status != CXM_OK) {
        sink_format(out, "   %s\n", compare_why(c, p));
        return;
    }
    print_value(c, true, p->found.difference, out);
    if (has_limits(p)) {
        print_value(c, true, p->found.low, out);
        sink_text(out, " ..");
        print_value(c, true, p->found.high, out);
    } else {
        sink_format(out, "%*s", 2 * width_of_numbers(c) + 3, "");
    }
    print_number(out, p->found.p < 0.001 ? "  %7.1e" : "  %7.3f", p->found.p);
    if (c->family > 1 && p->chance.in_family) print_number(out, p->chance.holm < 0.001 ? "  %7.1e" : "  %7.3f", p->chance.holm);
    else if (c->family > 1) sink_text(out, "         ");
    if (c->opt->has_detect) print_number(out, "  %8.0f", compare_needed(c, p));
    if (s->pictures && has_limits(p)) print_strip(s, p, out);
    if (p->left_out) sink_format(out, "  %llu left out", (unsigned long long)p->left_out);
    sink_text(out, "\n");
}

static strip measure(const comparison *c, double shown, bool unicode)
{
    strip s = {unicode, c->opt->output == OUTPUT_SCREEN, 0.0, 10};
    char name[LONG];
    for (size_t i = 0; i < c->pair_count; ++i) {
        const pairing *p = &c->pairs[i];
        if (c->pair_count > PAIRS_SHOWN && !(p->status == CXM_OK && p->found.p <= shown)) continue;
        name_of(c, p, name, sizeof name);
        if (width_of(name) > s.name) s.name = width_of(name);
        if (!has_limits(p)) continue;
        s.reach = fmax(s.reach, fmax(fabs(p->found.low), fabs(p->found.high)));
    }
    if (s.reach == 0.0) s.reach = 1.0;
    return s;
}

static void print_head(const comparison *c, const strip *s, sink *out)
{
    char level[40];
    sink_text(out, "\n  ");
    for (int i = 0; i < s->name; ++i) sink_text(out, " ");
    snprintf(level, sizeof level, "%g %%", 100.0 * c->opt->level);
    int w = width_of_numbers(c);
    sink_format(out, "%*s%*s%*s%*s%*s", w, c->opt->has_at ? "after" : "a", w, c->opt->has_at ? "before" : "b", w, "a - b", w + 7, level, w + 5, "p");
    if (c->family > 1) sink_text(out, "     Holm");
    if (c->opt->has_detect) sink_text(out, "  n needed");
    sink_text(out, "\n");
}

/* What no percentile of either side knows of: a comparison of those that have ended may flatter the side that leaves more. */
static void print_left(const comparison *c, sink *out)
{
    const char *const sides[] = {c->opt->has_at ? "after" : "a", c->opt->has_at ? "before" : "b"};
    cxm_quantile_summary of[2] = {{.size = sizeof of[0]}, {.size = sizeof of[0]}};
    if (!compares_times(c) || c->opt->rate || c->runs[0]->spans[0].column || !(c->pair_count == 1 || (c->opt->has_at && c->pair_count))) return;
    cxm_quantile_summarize(c->samples[c->pairs[0].a].all.times, &of[0]);
    cxm_quantile_summarize(c->samples[c->pairs[0].b].all.times, &of[1]);
    if (!(of[0].missing | of[0].open | of[1].missing | of[1].open)) return;
    sink_text(out, "  beside these");
    for (int i = 0; i < 2; ++i) {
        sink_format(out, "%s %s ", i ? ";" : ":", sides[i]);
        print_count(out, of[i].missing);
        sink_text(out, " never, ");
        print_count(out, of[i].open);
        sink_text(out, " open");
    }
    sink_text(out, "\n");
}

void screen_compare(const comparison *c, sink *out)
{
    char text[LONG];
    bool unicode = false;
    double shown = pairs_p_shown(&c->pairs[0].chance, sizeof *c->pairs, c->pair_count);
    size_t printed = 0;
    for (int i = 0; i < c->run_count; ++i) unicode = screen_input(c->runs[i], out);
    print_safe(out, c->runs[0]->definition, strlen(c->runs[0]->definition));
    sink_text(out, "\n");
    print_safe(out, c->definition, strlen(c->definition));
    sink_text(out, "\n");
    strip s = measure(c, shown, unicode);
    if (c->pair_count) print_head(c, &s, out);
    for (size_t i = 0; i < c->pair_count; ++i) {
        const pairing *p = &c->pairs[i];
        if (c->pair_count > PAIRS_SHOWN && !(p->status == CXM_OK && p->found.p <= shown)) continue;
        print_pair(c, &s, p, out);
        ++printed;
    }
    if (printed < c->pair_count) sink_format(out, "  ... and %zu pairs with larger p; --csv and --json list all\n", c->pair_count - printed);
    print_left(c, out);
    if (c->paired) print_people(c, out);
    compare_summary(c, text, sizeof text);
    sink_text(out, "\n");
    print_safe(out, text, strlen(text));
    sink_text(out, "\n");
}
