/* SPDX-License-Identifier: MIT */
/* survival_compare_print.c - comparisons of tenures as JSON, as CSV, and for a person. */
#include "survival_compare.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- JSON --- */

static void json_logrank(const tenure_pair *p, sink *out)
{
    sink_text(out, ",\"logrank\":");
    if (isnan(p->logrank.p)) {
        sink_text(out, "null");
        return;
    }
    sink_text(out, "{\"chi2\":");
    sink_number(out, p->logrank.statistic);
    sink_format(out, ",\"df\":%u", (unsigned)p->logrank.df);
    json_key_number(out, "p", p->logrank.p);
    sink_text(out, "}");
}

/* The difference, its limits, the test; where one of them is null, why it is. */
static void json_why(const tenure_pair *p, sink *out)
{
    char why[TENURE_WHY];
    bool compared = tenures_are_compared(p), tested = !isnan(p->logrank.p), both = p->a.of->n && p->b.of->n;
    const char *what = !both ? "difference and logrank" : isnan(p->found.difference) ? "difference" : "interval";
    if (compared && tested) return;
    sink_text(out, ",\"why\":\"");
    tenure_why(p, "a", "b", why);
    if (!compared) sink_format(out, "%s: %s", what, why);
    if (!tested && both) sink_format(out, "%slogrank: nobody left while both sides were there", compared ? "" : "; ");
    sink_text(out, "\"");
}

static void json_pair(const tenure_comparison *c, const tenure_pair *p, sink *out)
{
    char text[TENURE_SENTENCE];
    cxm_engine_result place = c->run_count == 2 ? p->slot_a : (cxm_engine_result){.size = sizeof place};
    sink_text(out, "{\"metric\":\"survival\",");
    json_segment(p->a.run->base, &place, out);
    sink_text(out, ",\"window\":null");
    json_key_number(out, "value", p->found.difference);
    json_difference_limits(&p->found, out);
    json_key_number(out, "difference", p->found.difference);
    json_key_number(out, "se", p->found.se);
    json_chance(&p->chance, tenures_are_compared(p), out);
    json_key_number(out, "tau", p->tau > 0.0 ? p->tau : (double)NAN);
    json_logrank(p, out);
    tenure_verdict(c, p, text, sizeof text);
    json_verdict(text, out);
    json_why(p, out);
    sink_text(out, ",\"a\":");
    json_tenures(p->a.run, &p->slot_a, p->a.of, p->tau, out);
    sink_text(out, ",\"b\":");
    json_tenures(p->b.run, &p->slot_b, p->b.of, p->tau, out);
    sink_text(out, "}");
}

/* What the numbers of each input are of. */
static bool defined_alike(const tenure_comparison *c)
{
    return c->run_count < 2 || strcmp(c->runs[0].base->definition, c->runs[1].base->definition) == 0;
}

static void json_text(const char *key, const char *text, sink *out)
{
    sink_format(out, ",\"%s\":", key);
    json_string(out, text, strlen(text));
}

void json_tenure_pairs(tenure_comparison *c, sink *out)
{
    char text[TENURE_SENTENCE];
    score_run *const inputs[] = {c->runs[0].base, c->runs[1].base};
    json_compare_head(inputs, c->run_count, out);
    json_text("definition", c->runs[0].base->definition, out);
    if (!defined_alike(c)) json_text("definition_b", c->runs[1].base->definition, out);
    tenure_definition(c, text, sizeof text);
    json_text("comparison", text, out);
    tenure_summary(c, text, sizeof text);
    json_verdict(text, out);
    sink_text(out, ",\"results\":[");
    for (size_t i = 0; i < c->count; ++i) {
        sink_text(out, i ? ",\n" : "\n");
        json_pair(c, &c->pairs[i], out);
    }
    sink_text(out, "\n]}\n");
}

/* --- CSV --- */

static void side_cells(const tenure_side *s, sink *out)
{
    sink_format(out, ",%llu", (unsigned long long)s->of->n);
    table_number(out, s->mean.time, true);
}

static void table_pair(const tenure_comparison *c, const tenure_pair *p, sink *out)
{
    char why[TENURE_WHY];
    const cxm_difference shown = difference_shown(&p->found, !isnan(p->found.difference));
    bool tested = !isnan(p->logrank.p);
    sink_text(out, "survival,");
    table_pair_place(&p->slot_a, &p->slot_b, c->run_count == 2 ? "a,b" : NULL, out);
    side_cells(&p->a, out);
    side_cells(&p->b, out);
    table_difference(&shown, &p->chance, tenures_differ(c, p), out);
    table_number(out, p->tau, p->tau > 0.0);
    table_number(out, p->a.median.time, true);
    table_number(out, p->b.median.time, true);
    table_number(out, p->logrank.statistic, tested);
    sink_text(out, tested ? ",1" : ",");
    table_number(out, p->logrank.p, tested);
    sink_text(out, ",");
    tenure_why(p, "a", "b", why);
    if (!tenures_are_compared(p)) table_text(out, why, strlen(why));
    sink_text(out, "\n");
}

void table_tenure_pairs(const tenure_comparison *c, sink *out)
{
    sink_text(out, TABLE_PAIR_HEAD ",tau,median_a,median_b,logrank_chi2,logrank_df,logrank_p,why\n");
    for (size_t i = 0; i < c->count; ++i) table_pair(c, &c->pairs[i], out);
}

/* --- for a person --- */

enum { NAME_MOST = 44, NUMBER = 9 };

static int chars_of(const char *text)
{
    int chars = 0;
    for (; *text; ++text) chars += ((unsigned char)*text & 0xC0) != 0x80;
    return chars;
}

static void pair_name(const tenure_comparison *c, const tenure_pair *p, char out[NAME_MOST * 4 + 8])
{
    char a[NAME_MOST + 1], b[NAME_MOST / 2];
    segment_text(&p->slot_a, a, c->run_count == 2 ? sizeof a : sizeof b);
    segment_text(&p->slot_b, b, sizeof b);
    snprintf(out, NAME_MOST * 4 + 8, c->run_count == 2 ? "%s" : "%s - %s", a, b);
}

static bool is_shown(const tenure_comparison *c, const tenure_pair *p, double most)
{
    return c->count <= PAIRS_SHOWN || p->chance.p <= most;
}

static int name_width(const tenure_comparison *c, double most)
{
    char name[NAME_MOST * 4 + 8];
    int width = 3;
    for (size_t i = 0; i < c->count; ++i) {
        if (!is_shown(c, &c->pairs[i], most)) continue;
        pair_name(c, &c->pairs[i], name);
        if (chars_of(name) > width) width = chars_of(name);
    }
    return width;
}

static void print_p(const screen *s, double p)
{
    char text[32];
    p_text(p, text, sizeof text);
    sink_format(s->out, "%*s", NUMBER, p == p ? text : "");
}

static void print_time(const screen *s, double t, bool plus)
{
    char text[TEXT];
    tenure_signed(t, plus, text);
    sink_format(s->out, "%*s", NUMBER, text);
}

static void print_limits(const screen *s, const cxm_difference *found)
{
    char low[TEXT], high[TEXT], both[2 * TEXT + 8] = "";
    tenure_signed(found->low, true, low);
    tenure_signed(found->high, true, high);
    if (!isnan(found->low)) snprintf(both, sizeof both, "%s .. %s", low, high);
    sink_format(s->out, "%*s", 2 * NUMBER, both);
}

static void print_pair(const tenure_comparison *c, const screen *s, const tenure_pair *p, int width)
{
    char name[NAME_MOST * 4 + 8], why[TENURE_WHY];
    pair_name(c, p, name);
    sink_text(s->out, tenures_differ(c, p) ? "* " : "  ");
    print_safe(s->out, name, strlen(name));
    screen_pad(s, width - chars_of(name));
    print_time(s, p->a.mean.time, false);
    print_time(s, p->b.mean.time, false);
    print_time(s, p->found.difference, true);
    print_limits(s, &p->found);
    print_p(s, p->chance.p);
    if (c->family > 1) print_p(s, p->chance.in_family ? p->chance.holm : (double)NAN);
    print_time(s, p->tau > 0.0 ? p->tau : (double)NAN, false);
    print_p(s, p->logrank.p);
    print_time(s, p->a.median.time, false);
    print_time(s, p->b.median.time, false);
    tenure_why(p, "a", "b", why);
    if (!tenures_are_compared(p)) sink_format(s->out, "   %s", why);
    sink_text(s->out, "\n");
}

static void print_head(const tenure_comparison *c, const screen *s, int width)
{
    char level[40];
    snprintf(level, sizeof level, "%g %%", 100.0 * c->opt->level);
    sink_text(s->out, "\n  ");
    screen_pad(s, width);
    sink_format(s->out, "%*s%*s%*s%*s%*s", NUMBER, "mean a", NUMBER, "mean b", NUMBER, "a - b", 2 * NUMBER, level, NUMBER, "p");
    if (c->family > 1) sink_format(s->out, "%*s", NUMBER, "Holm");
    sink_format(s->out, "%*s%*s%*s%*s\n", NUMBER, "of first", NUMBER, "log-rank", NUMBER, "median a", NUMBER, "median b");
}

static void print_inputs(tenure_comparison *c, sink *out)
{
    for (int i = 0; i < c->run_count; ++i) {
        survival_run *run = &c->runs[i];
        if (run->of_customers) screen_customers(run->base, crowd_print_columns, run->customers, out);
        else screen_input(run->base, out);
        if (i == 0 && defined_alike(c) && c->run_count == 2) continue;
        print_safe(out, run->base->definition, strlen(run->base->definition));
        sink_text(out, "\n");
    }
}

static void print_line(const char *text, sink *out)
{
    print_safe(out, text, strlen(text));
    sink_text(out, "\n");
}

void screen_tenure_pairs(tenure_comparison *c, sink *out)
{
    char text[TENURE_SENTENCE];
    screen s = screen_of(c->runs[0].base, out);
    double most = pairs_p_shown(&c->pairs[0].chance, sizeof *c->pairs, c->count);
    int width = name_width(c, most);
    size_t printed = 0;
    print_inputs(c, out);
    tenure_definition(c, text, sizeof text);
    print_line(text, out);
    if (c->count) print_head(c, &s, width);
    for (size_t i = 0; i < c->count; ++i) {
        if (!is_shown(c, &c->pairs[i], most)) continue;
        print_pair(c, &s, &c->pairs[i], width);
        ++printed;
    }
    if (printed < c->count) sink_format(out, "  ... and %zu pairs with larger p; --csv and --json list all\n", c->count - printed);
    tenure_summary(c, text, sizeof text);
    sink_text(out, "\n");
    print_line(text, out);
}
