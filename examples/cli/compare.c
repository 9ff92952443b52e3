/* SPDX-License-Identifier: MIT */
/* compare.c - cxm compare: two inputs, two periods of one, or all pairs of its segments.
 *
 * What was read becomes leaves (segment, side, stratum), leaves become samples, samples pairs. A difference is always
 * a - b: of two inputs the first less the second, of two periods after less before, of segments the earlier by bytes
 * less the later. All pairs but a total are one family: their p are adjusted together (Holm for the verdict, BH
 * beside it), and a difference is proven when its adjusted p is below 1 - level.                   */
#include "compare.h"
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_PAIRS = 2000000, MOST_SAMPLES = 60000 };
static const double POWER = 0.8;

static bool compares_weighted(const options *opt)
{
    return opt->weight || opt->strata || opt->cluster || opt->fpc || opt->targets;
}

/* --- leaves --- */

static int compare_segment(const leaf *a, const leaf *b)
{
    if (!a->count || !b->count) return (a->count > 0) - (b->count > 0);
    if (a->is_other || b->is_other) return (int)a->is_other - (int)b->is_other;
    for (uint32_t i = 0; i < a->count; ++i) {
        int order = compare_views(a->segments[i], b->segments[i]);
        if (order) return order;
    }
    return 0;
}

static int compare_sample(const leaf *a, const leaf *b)
{
    int order = compare_segment(a, b);
    return order ? order : a->side - b->side;
}

static int compare_leaves(const void *a, const void *b)
{
    int order = compare_sample(a, b);
    return order ? order : compare_views(((const leaf *)a)->stratum, ((const leaf *)b)->stratum);
}

bool compares_times(const comparison *c)
{
    return c->opt->metric == METRIC_RESPONSE;
}

cxm_view compare_metric(const comparison *c)
{
    const char *name = metric_name(c->opt->metric);
    return compares_times(c) ? c->runs[0]->spans[0].name : (cxm_view){name, strlen(name)};
}

/* Without memory neither is there. */
static counted new_times(comparison *c)
{
    cxm_quantile_spec spec = {.size = sizeof spec};
    cxm_quantile *times = NULL;
    cxm_quantile_spec_of(response_overall(c->runs[0], 0), &spec);
    if (cxm_quantile_create(&spec, NULL, &times) == CXM_OK) c->times[c->times_used++] = times;
    return (counted){NULL, times};
}

static counted new_state(comparison *c)
{
    if (compares_times(c)) return new_times(c);
    cxm_scale *state = (cxm_scale *)(void *)(c->states + c->states_used);
    c->states_used += c->state_bytes;
    cxm_scale_init(state, &c->runs[0]->spec);
    return (counted){state, NULL};
}

static cxm_status add_counts(counted into, const cxm_scale *scale, const cxm_quantile *times)
{
    if (into.times) return cxm_quantile_merge(into.times, times);
    return into.scale ? cxm_scale_merge(into.scale, scale) : CXM_E_MEMORY;
}

/* The columns of a slot are those of --by, then the stratum's, then the period. */
static leaf leaf_of(comparison *c, int run, const scored_result *r)
{
    const options *opt = c->opt;
    const cxm_engine_result *slot = &r->slot;
    uint32_t extra = (opt->within != NULL) + (uint32_t)opt->has_at;
    leaf out = {.segments = slot->segments, .count = slot->segment_count - extra, .is_other = slot->is_other, .side = run};
    if (opt->within && !slot->is_other) out.stratum = slot->segments[out.count];
    if (opt->has_at) out.side = slot->segments[slot->segment_count - 1].len == strlen("after") ? 0 : 1;
    out.counts = new_state(c);
    return out;
}

static size_t count_slots(score_run *run)
{
    uint64_t slots = 0, others;
    if (run->engine) cxm_engine_slots(run->engine, &slots, &others);
    return (size_t)slots + 1;
}

/* Twice the slots: each one may count in a total, too; and a sum for each sample. */
static bool make_room(comparison *c)
{
    size_t slots = 0;
    for (int i = 0; i < c->run_count; ++i) slots += count_slots(c->runs[i]);
    c->state_bytes = compares_times(c) ? 0 : cxm_scale_bytes(&c->runs[0]->spec);
    c->leaves = calloc(2 * slots, sizeof *c->leaves);
    c->samples = calloc(2 * slots + 2, sizeof *c->samples);
    c->states = compares_times(c) ? NULL : calloc(4 * slots + 2, c->state_bytes);
    c->times = compares_times(c) ? calloc(4 * slots + 2, sizeof *c->times) : NULL;
    return c->leaves && c->samples && (c->states || c->times);
}

bool compare_has_sides(const comparison *c)
{
    return c->run_count == 2 || c->opt->has_at;
}

static cxm_status add_leaf(comparison *c, leaf l, const scored_result *r)
{
    cxm_status status = add_counts(l.counts, r->slot.state, r->times);
    c->leaves[c->leaf_count++] = l;
    if (status != CXM_OK || !compare_has_sides(c) || l.count == 0) return status;
    l.count = 0;
    l.is_other = false;
    l.counts = new_state(c);
    c->leaves[c->leaf_count++] = l;
    return add_counts(l.counts, r->slot.state, r->times);
}

static cxm_status gather_run(comparison *c, int run)
{
    scored_result r;
    cxm_status status = CXM_OK;
    score_rewind(c->runs[run]);
    while (status == CXM_OK && score_next(c->runs[run], &r)) {
        bool total_only = c->runs[run]->name_count == 0;
        if (r.slot.segment_count == 0 && !total_only) continue;
        status = add_leaf(c, leaf_of(c, run, &r), &r);
    }
    return status;
}

/* Leaves that differ in nothing but their window become one. */
static cxm_status join_leaves(comparison *c)
{
    size_t kept = 0;
    cxm_status status = CXM_OK;
    qsort(c->leaves, c->leaf_count, sizeof *c->leaves, compare_leaves);
    for (size_t i = 0; i < c->leaf_count && status == CXM_OK; ++i) {
        bool same = kept && compare_leaves(&c->leaves[kept - 1], &c->leaves[i]) == 0;
        if (!same) c->leaves[kept++] = c->leaves[i];
        else status = add_counts(c->leaves[kept - 1].counts, c->leaves[i].counts.scale, c->leaves[i].counts.times);
    }
    c->leaf_count = kept;
    return status;
}

static cxm_status make_samples(comparison *c)
{
    cxm_status status = CXM_OK;
    for (size_t i = 0; i < c->leaf_count && status == CXM_OK; ++i) {
        bool opens = i == 0 || compare_sample(&c->leaves[i - 1], &c->leaves[i]) != 0;
        if (opens) c->samples[c->sample_count++] = (compared){.first = i, .all = new_state(c)};
        compared *s = &c->samples[c->sample_count - 1];
        ++s->leaves;
        status = add_counts(s->all, c->leaves[i].counts.scale, c->leaves[i].counts.times);
    }
    return status;
}

/* --- pairs --- */

static const leaf *leaf_at(const comparison *c, const compared *s)
{
    return &c->leaves[s->first];
}

/* Every segment of either side; one that a side lacks is compared with nobody there. */
static size_t pair_sides(comparison *c, bool write)
{
    size_t count = 0, none = c->sample_count;
    for (size_t i = 0; i < c->sample_count; ++i, ++count) {
        const leaf *l = leaf_at(c, &c->samples[i]);
        bool both = i + 1 < c->sample_count && compare_segment(l, leaf_at(c, &c->samples[i + 1])) == 0;
        if (write) c->pairs[count] = (pairing){.a = l->side == 0 ? i : none, .b = both ? i + 1 : l->side == 1 ? i : none,
                                               .chance.in_family = l->count > 0};
        i += both;
    }
    return count;
}

static size_t pair_segments(comparison *c, bool write)
{
    size_t n = c->sample_count, count = 0;
    if (!write) return n * (n - 1) / 2;
    for (size_t i = 0; i < n; ++i)
        for (size_t j = i + 1; j < n; ++j) c->pairs[count++] = (pairing){.a = i, .b = j, .chance.in_family = true};
    return count;
}

static int make_pairs(comparison *c)
{
    bool sides = compare_has_sides(c);
    c->samples[c->sample_count] = (compared){.all = new_state(c)};          /* nobody */
    c->pair_count = c->sample_count == 0 ? 0 : sides ? pair_sides(c, false) : pair_segments(c, false);
    if (c->sample_count > MOST_SAMPLES || c->pair_count > MOST_PAIRS)
        return complain(EXIT_LIMIT, "%zu segments are too many to compare: at most %d of them, in at most %d pairs", c->sample_count,
                        (int)MOST_SAMPLES, (int)MOST_PAIRS);
    c->pairs = calloc(c->pair_count + 1, sizeof *c->pairs);
    if (!c->pairs) return out_of_memory();
    if (c->pair_count && sides) pair_sides(c, true);
    else if (c->pair_count) pair_segments(c, true);
    return EXIT_FINE;
}

/* Strata of both in one order, with nobody where one lacks it; returns how many. */
static size_t align(const comparison *c, const pairing *p, const cxm_scale **a, const cxm_scale **b)
{
    const compared *x = &c->samples[p->a], *y = &c->samples[p->b];
    const cxm_scale *nobody = c->samples[c->sample_count].all.scale;
    size_t i = 0, j = 0, count = 0;
    for (; i < x->leaves || j < y->leaves; ++count) {
        const leaf *l = i < x->leaves ? &c->leaves[x->first + i] : NULL, *m = j < y->leaves ? &c->leaves[y->first + j] : NULL;
        int order = !l ? 1 : !m ? -1 : compare_views(l->stratum, m->stratum);
        a[count] = order <= 0 ? l->counts.scale : nobody;
        b[count] = order >= 0 ? m->counts.scale : nobody;
        i += order <= 0;
        j += order >= 0;
    }
    return count;
}

static cxm_status differ_times(const comparison *c, pairing *p)
{
    const options *opt = c->opt;
    const cxm_quantile *a = c->samples[p->a].all.times, *b = c->samples[p->b].all.times;
    p->found = (cxm_difference){.size = sizeof p->found};
    if (!opt->compares_share) return cxm_quantile_compare(a, b, response_share(opt), opt->compare_method, opt->level, &p->found);
    return cxm_quantile_compare_within(a, b, (uint32_t)c->runs[0]->target, opt->compare_method, opt->level, &p->found);
}

static cxm_status differ(const comparison *c, pairing *p, const cxm_scale **room)
{
    const cxm_scale_ask *ask = &c->runs[0]->ask;
    if (compares_times(c)) return differ_times(c, p);
    p->found = (cxm_difference){.size = sizeof p->found};
    if (!c->opt->within)
        return cxm_scale_compare(c->samples[p->a].all.scale, c->samples[p->b].all.scale, ask, c->opt->compare_method, &p->found);
    size_t strata = align(c, p, room, room + c->leaf_count + 1);
    return cxm_scale_compare_within(room, room + c->leaf_count + 1, strata, ask, c->opt->compare_method, NULL, &p->found, &p->left_out);
}

/* Nets of many samples are made ready once each; one without answers stays as it is, of size and n zero. */
static cxm_net_ready *prepare(const comparison *c)
{
    cxm_net_ready *ready = calloc(c->sample_count + 1, sizeof *ready);
    for (size_t i = 0; ready && i < c->sample_count; ++i) {
        cxm_scale_summary sum = {.size = sizeof sum};
        ready[i].size = sizeof *ready;
        if (cxm_scale_summarize(c->samples[i].all.scale, &c->runs[0]->ask, &sum) != CXM_OK) continue;
        cxm_net_sample counts = {sum.bottom, sum.middle, sum.top};
        cxm_net_prepare(&counts, c->opt->compare_method, c->opt->level, &ready[i]);
    }
    if (ready) ready[c->sample_count].size = sizeof *ready;
    return ready;
}

static cxm_status differ_ready(const comparison *c, const cxm_net_ready *ready, pairing *p)
{
    double unit = c->runs[0]->ask.net_unit == 0.0 ? 1.0 : c->runs[0]->ask.net_unit;
    p->found = (cxm_difference){.size = sizeof p->found};
    cxm_status status = cxm_compare_net_ready(&ready[p->a], &ready[p->b], &p->found);
    if (status != CXM_OK) return status;
    p->found.difference *= unit;
    p->found.low *= unit;
    p->found.high *= unit;
    p->found.se *= unit;
    return CXM_OK;
}

static int measure(comparison *c)
{
    bool nets = c->runs[0]->ask.value == CXM_VALUE_NET && !c->opt->within;
    const cxm_scale **room = calloc(2 * c->leaf_count + 2, sizeof *room);
    cxm_net_ready *ready = nets ? prepare(c) : NULL;
    int code = room && (ready || !nets) ? EXIT_FINE : out_of_memory();
    for (size_t i = 0; i < c->pair_count && code == EXIT_FINE; ++i) {
        cxm_status status = c->pairs[i].status = ready ? differ_ready(c, ready, &c->pairs[i]) : differ(c, &c->pairs[i], room);
        if (status == CXM_E_MEMORY) code = out_of_memory();
        if (status == CXM_E_METHOD)
            code = complain(EXIT_USAGE, "--interval %s does not fit this comparison", cxm_compare_name(c->opt->compare_method));
    }
    free(room);
    free(ready);
    return code;
}

static int adjust(comparison *c)
{
    for (size_t i = 0; i < c->pair_count; ++i) c->pairs[i].chance.p = c->pairs[i].status == CXM_OK ? c->pairs[i].found.p : (double)NAN;
    return pairs_adjust(&c->pairs[0].chance, sizeof *c->pairs, c->pair_count, &c->family);
}

bool compare_proven(const comparison *c, const pairing *p)
{
    return p->status == CXM_OK && p->chance.holm < 1.0 - c->opt->level;
}

static double variance_of(const cxm_scale_summary *s)
{
    double top = s->top_share, bottom = s->bottom_share;
    return top + bottom - (top - bottom) * (top - bottom);
}

/* Of shares within a target; a median has no such plan. */
static double needed_of_times(const comparison *c, const pairing *p)
{
    scored_result b = {.status = CXM_E_EMPTY};
    cxm_sample_size plan = {.size = sizeof plan};
    double detect = c->opt->detect;
    response_summarize(c->runs[0], c->samples[p->b].all.times, &b);
    if (p->status != CXM_OK || !c->opt->has_detect || b.status != CXM_OK) return (double)NAN;
    cxm_status status = cxm_sample_size_two_shares(share_beyond(b.sum.value, detect), b.sum.value, c->opt->level, POWER, 0, &plan);
    return status == CXM_OK ? (double)plan.n : (double)NAN;
}

double compare_needed(const comparison *c, const pairing *p)
{
    if (compares_times(c)) return needed_of_times(c, p);
    const cxm_scale_ask *ask = &c->runs[0]->ask;
    cxm_scale_summary a = {.size = sizeof a}, b = {.size = sizeof b};
    cxm_sample_size plan = {.size = sizeof plan};
    double detect = c->opt->detect, level = c->opt->level;
    cxm_status status;
    if (!c->opt->has_detect || p->status != CXM_OK || cxm_scale_summarize(c->samples[p->a].all.scale, ask, &a) != CXM_OK ||
        cxm_scale_summarize(c->samples[p->b].all.scale, ask, &b) != CXM_OK) return (double)NAN;
    if (ask->value == CXM_VALUE_NET)
        status = cxm_sample_size_two_nets(variance_of(&a), variance_of(&b), detect / (ask->net_unit == 0.0 ? 1.0 : ask->net_unit), level, POWER, 0, &plan);
    else if (ask->value == CXM_VALUE_TOP)
        status = cxm_sample_size_two_shares(share_beyond(b.top_share, detect), b.top_share, level, POWER, 0, &plan);
    else
        status = cxm_sample_size_two_means(sqrt(0.5 * (a.sd * a.sd + b.sd * b.sd)), detect, level, POWER, 0, &plan);
    return status == CXM_OK ? (double)plan.n : (double)NAN;
}

/* --- words --- */

const char *compare_unit(const comparison *c)
{
    const cxm_scale_ask *ask = &c->runs[0]->ask;
    if (compares_times(c)) return "";
    return ask->value == CXM_VALUE_NET && ask->net_unit == 100.0 ? " points" : "";
}

static void define(comparison *c)
{
    static const char *const sides[] = {"the first input less the second", "after less before", "the earlier segment less the later"};
    if (c->paired) {
        snprintf(c->definition, sizeof c->definition, "difference = a - b, %s, of the people who answered in both; %s at level %g, p two-sided",
                 sides[c->opt->has_at], cxm_compare_name(c->pairs[0].status == CXM_OK ? c->pairs[0].found.method : c->opt->compare_method), c->opt->level);
        return;
    }
    const char *of = c->opt->has_at ? sides[1] : c->run_count == 2 ? sides[0] : sides[2];
    size_t i = 0;
    while (i < c->pair_count && c->pairs[i].status != CXM_OK) ++i;
    const char *method = i < c->pair_count ? cxm_compare_name(c->pairs[i].found.method) : c->opt->compare_method || !compares_times(c)
                       ? cxm_compare_name(c->opt->compare_method) : c->opt->compares_share ? "newcombe" : "order";
    int used = snprintf(c->definition, sizeof c->definition, "difference = a - b, %s; %s at level %g, p two-sided", of, method, c->opt->level);
    if (c->opt->within && used > 0)
        used += snprintf(c->definition + used, sizeof c->definition - (size_t)used,
                         "; same mix of %.60s on both sides, weighted by both together", c->opt->within);
    if (c->family > 1 && used > 0 && (size_t)used < sizeof c->definition)
        snprintf(c->definition + used, sizeof c->definition - (size_t)used, "; p adjusted by Holm over %zu comparisons (BH beside it)",
                 c->family);
}

/* What does not fit is cut at a whole character. */
static size_t add_text(char *out, size_t cap, size_t used, const char *text, size_t len)
{
    size_t taken = cut_text((cxm_view){text, len}, cap - used - 1).len;
    memcpy(out + used, taken ? text : "", taken);
    used += taken;
    out[used] = '\0';
    return used;
}

/* "north, web"; of two inputs their names, of two periods theirs. */
void compare_label(const comparison *c, const compared *s, char *out, size_t cap)
{
    const leaf *l = s->leaves ? leaf_at(c, s) : NULL;
    size_t used = 0;
    out[0] = '\0';
    if (!l || l->count == 0) {
        add_text(out, cap, 0, "all", 3);
        return;
    }
    if (l->is_other) {
        add_text(out, cap, 0, "other", 5);
        return;
    }
    for (uint32_t i = 0; i < l->count; ++i) {
        if (i) used = add_text(out, cap, used, ", ", 2);
        if (l->segments[i].len) used = add_text(out, cap, used, l->segments[i].text, l->segments[i].len);
        else used = add_text(out, cap, used, "(blank)", 7);
    }
}

/* The segment that both sides of a pair are of. */
void pair_label(const comparison *c, const pairing *p, char *out, size_t cap)
{
    const compared *a = &c->samples[p->a];
    compare_label(c, a->leaves ? a : &c->samples[p->b], out, cap);
}

static const char *side_name(const comparison *c, int side)
{
    if (c->opt->has_at) return side == 0 ? "after" : "before";
    if (c->runs[side]->in) return c->runs[side]->file;
    return side == 0 ? "a" : "b";
}

/* Names of the two sides of a pair, for a sentence. */
static void name_sides(const comparison *c, const pairing *p, char *a, char *b, size_t cap)
{
    if (compare_has_sides(c)) {
        snprintf(a, cap, "%s", side_name(c, 0));
        snprintf(b, cap, "%s", side_name(c, 1));
    } else {
        compare_label(c, &c->samples[p->a], a, cap);
        compare_label(c, &c->samples[p->b], b, cap);
    }
}

/* In words: of medians in the unit that a person reads, with a sign. */
static void number(const comparison *c, double value, char *out, size_t cap)
{
    char text[TEXT];
    if (compares_times(c) && !c->opt->compares_share) {
        duration_text(fabs(value), text);
        snprintf(out, cap, "%s%s", value < 0.0 ? "-" : "", text);
        return;
    }
    snprintf(out, cap, fabs(value) < 0.0995 && value != 0.0 ? "%.2g" : fabs(value) < 10.0 ? "%.2f" : "%.1f", value);
}

static bool has_answers(const comparison *c, size_t i)
{
    cxm_scale_summary sum = {.size = sizeof sum};
    return cxm_scale_summarize(c->samples[i].all.scale, &c->runs[0]->ask, &sum) == CXM_OK;
}

static const char *why_of_times(const comparison *c, cxm_status status)
{
    if (status == CXM_E_EMPTY) return c->opt->rate ? "one side has no such ticket to compare" : "one side has no duration to compare";
    return status == CXM_E_UNDEFINED ? "too few durations for limits" : "the counts are too large";
}

const char *compare_why(const comparison *c, const pairing *p)
{
    if (compares_times(c)) return why_of_times(c, p->status);
    switch (p->status) {
    case CXM_E_EMPTY: return c->opt->within && has_answers(c, p->a) && has_answers(c, p->b) ? "they have no stratum in common" : "one side has no answer to compare";
    case CXM_E_UNDEFINED: return compares_weighted(c->told) ? "too few clusters or answers to show a spread" : "the answers show no spread";
    case CXM_E_LIMIT: return "too many answers for this method";
    default: return "the counts are too large";
    }
}

void compare_verdict(const comparison *c, const pairing *p, char *out, size_t cap)
{
    char a[120], b[120], size[TEXT + 8], low[TEXT + 8], high[TEXT + 8], range[2 * TEXT + 24];
    bool limits = p->status == CXM_OK && p->found.interval_status == CXM_OK;
    name_sides(c, p, a, b, sizeof a);
    if (compare_has_sides(c) && p->chance.in_family && cap > 200) {        /* which segment it is of */
        pair_label(c, p, out, cap / 2);
        size_t used = add_text(out, cap, strlen(out), ": ", 2);
        out += used;
        cap -= used;
    }
    if (p->status != CXM_OK) {
        snprintf(out, cap, "%s and %s cannot be compared: %s", a, b, compare_why(c, p));
        return;
    }
    bool proven = compare_proven(c, p);
    number(c, proven ? fabs(p->found.difference) : p->found.difference, size, sizeof size);
    number(c, p->found.low, low, sizeof low);
    number(c, p->found.high, high, sizeof high);
    snprintf(range, sizeof range, "%s .. %s", low, high);
    if (proven) snprintf(out, cap, "%s is %s %s by %s%s", a, p->found.difference > 0.0 ? "above" : "below", b, size, compare_unit(c));
    else snprintf(out, cap, "no difference proven between %s and %s: %s%s", a, b, size, compare_unit(c));
    append_limits(out, cap, c->opt->level, limits ? range : NULL, p->chance.in_family && c->family > 1, p->chance.holm, "");
}

/* The pair with the smallest p of those that could be compared. */
static const pairing *closest(const comparison *c, bool in_family)
{
    const pairing *best = NULL;
    for (size_t i = 0; i < c->pair_count; ++i) {
        const pairing *p = &c->pairs[i];
        if (p->status == CXM_OK && p->chance.in_family == in_family && (!best || p->found.p < best->found.p)) best = p;
    }
    return best;
}

void compare_summary(const comparison *c, char *out, size_t cap)
{
    char text[400], a[120], b[120];
    size_t proven = 0;
    const pairing *best = closest(c, true);
    for (size_t i = 0; i < c->pair_count; ++i) proven += c->pairs[i].chance.in_family && compare_proven(c, &c->pairs[i]);
    if (!best && c->pair_count && (compare_has_sides(c) || c->pair_count == 1)) {
        compare_verdict(c, &c->pairs[0], out, cap);
        return;
    }
    if (!best) {
        snprintf(out, cap, c->pair_count ? "none of %zu pairs can be compared" : "there is nothing to compare: fewer than two segments with answers",
                 c->pair_count);
        return;
    }
    if (compare_has_sides(c)) pair_label(c, best, a, sizeof a);
    else name_sides(c, best, a, b, sizeof a);
    if (compare_has_sides(c)) snprintf(text, sizeof text, "%s", a);
    else snprintf(text, sizeof text, "%s - %s", a, b);
    char p[32];
    p_text(best->chance.holm, p, sizeof p);
    if (proven)
        snprintf(out, cap, "%zu of %zu comparisons differ at %g %% (Holm; clearest %s, adjusted p %s)", proven, c->family,
                 100.0 * c->opt->level, text, p);
    else
        snprintf(out, cap, "no difference proven at %g %% (%zu comparison%s, Holm; closest %s, adjusted p %s)", 100.0 * c->opt->level,
                 c->family, c->family == 1 ? "" : "s", text, p);
}

/* --- the command --- */

/* Whether --key pairs answers; with --dedupe it says whose answer counts on each side. */
static bool compares_people(const options *opt)
{
    return opt->key && !opt->dedupe;
}

static int check_shape(const options *opt)
{
    bool two = opt->file_count == 2 || opt->counts_count == 2;
    if (opt->metric == METRIC_LABELS) return complain(EXIT_USAGE, "compare of labels is not built yet; compare two states of scores");
    if (opt->metric == METRIC_RESPONSE && (opt->within || opt->key || opt->dedupe || compares_weighted(opt) || (opt->has_detect && !opt->compares_share)))
        return complain(EXIT_USAGE, "of response times --within, --key, --dedupe, weights and --detect of a median are not built yet; --detect goes with --target");
    if (opt->counts_count && opt->file_count) return complain(EXIT_USAGE, "--counts stands in place of FILE");
    if (opt->counts_count == 1) return complain(EXIT_USAGE, "compare needs --counts twice, once for each side");
    if (opt->counts_count && (opt->within || opt->has_at)) return complain(EXIT_USAGE, "counts have neither columns nor times: --within and --at go with FILE");
    int code = opt->counts_count ? EXIT_FINE : pairs_check_files(opt, true);
    if (code != EXIT_FINE) return code;
    if (compares_weighted(opt) && (two || opt->has_at || opt->within || opt->key || opt->has_detect || opt->compare_method))
        return complain(EXIT_USAGE, "with weights or a design compare takes one FILE with --by, and no --at, --within, --key, --detect or --interval yet");
    if (opt->customers && (!opt->key || opt->dedupe)) return complain(EXIT_USAGE, "--customers goes with --key: it lists who moved where");
    if (compares_people(opt) && (opt->by_count || opt->within || (!two && !opt->has_at)))
        return complain(EXIT_USAGE, "--key pairs the answers of the same people in two files, or before and after --at; it takes no --by or --within");
    if (compares_people(opt) && opt->counts_count) return complain(EXIT_USAGE, "counts have no keys: --key goes with files");
    if (opt->by_count + (opt->within != NULL) + opt->has_at > CXM_ENGINE_SEGMENTS_MAX)
        return complain(EXIT_USAGE, "at most 8 columns, --within and --at included");
    return EXIT_FINE;
}

static int read_side(comparison *c, int side)
{
    static source inputs[2];            /* large, and made once */
    static score_run runs[2];
    const options *opt = c->opt;
    score_run *run = &runs[side];
    c->runs[side] = run;
    score_begin(run, opt, opt->counts_count ? NULL : &inputs[side], opt->counts_count ? "--counts" : opt->files[side]);
    run->counts = opt->counts[side];
    run->told = c->told;
    run->paired = c->paired;
    run->wave = side == 0 ? CXM_WAVE_AFTER : CXM_WAVE_BEFORE;
    return score_read(run);
}

static bool same_names(const score_run *a, const score_run *b)
{
    bool same = a->name_count == b->name_count;
    for (int i = 0; same && i < a->name_count; ++i) same = compare_views(a->names[i], b->names[i]) == 0;
    return same;
}

static int read_sides(comparison *c)
{
    const options *opt = c->opt;
    c->run_count = opt->file_count == 2 || opt->counts_count == 2 ? 2 : 1;
    for (int i = 0; i < c->run_count; ++i) {
        int code = read_side(c, i);
        if (code != EXIT_FINE) return code;
    }
    if (c->run_count == 2 && !same_names(c->runs[0], c->runs[1]))
        return complain(EXIT_INPUT, "'%s' and '%s' are by different columns", c->runs[0]->file, c->runs[1]->file);
    if (c->run_count == 1 && !opt->has_at && c->runs[0]->name_count - (opt->within != NULL) == 0)
        return complain(EXIT_USAGE, "compare of one FILE needs --by COLUMN (its segments) or --at TIME (before and after)");
    return EXIT_FINE;
}

/* A record of segment 'other' has lost its stratum, its period and its design. */
static int refuse_others(const comparison *c)
{
    bool needs_all = c->opt->within || c->opt->has_at || compares_weighted(c->told);
    for (int i = 0; i < c->run_count && needs_all; ++i) {
        uint64_t slots, others = 0;
        if (c->runs[i]->engine) cxm_engine_slots(c->runs[i]->engine, &slots, &others);
        if (others) return complain(EXIT_LIMIT, "%s: more segments than fit the memory bound; take fewer columns", c->runs[i]->file);
    }
    return EXIT_FINE;
}

static int build(comparison *c)
{
    cxm_status status = CXM_OK;
    int code = refuse_others(c);
    if (code != EXIT_FINE) return code;
    if (!make_room(c)) return out_of_memory();
    for (int i = 0; i < c->run_count && status == CXM_OK; ++i) status = gather_run(c, i);
    if (status == CXM_OK) status = join_leaves(c);
    if (status == CXM_OK) status = make_samples(c);
    if (status == CXM_E_MISMATCH)
        return complain(EXIT_INPUT, "'%s' and '%s' hold durations of another precision, range or target", c->runs[0]->file, c->runs[1]->file);
    if (status == CXM_E_MEMORY) return out_of_memory();
    if (status != CXM_OK) return complain(EXIT_IO, "the counts are too large to be summed");
    code = make_pairs(c);
    if (code == EXIT_FINE) code = measure(c);
    if (code == EXIT_FINE) code = adjust(c);
    if (code == EXIT_FINE) define(c);
    return code;
}

/* --- the same people twice --- */

static int open_paired(comparison *c)
{
    static cxm_scale_spec spec;
    static score_run question;          /* the scale, as score would declare it */
    cxm_paired_options how = {.size = sizeof how, .scale = &spec, .hash_seed = (uint64_t)time(NULL) * UINT64_C(0x9E3779B97F4A7C15)};
    score_begin(&question, c->opt, NULL, "");
    int code = score_declare(&question);
    if (code != EXIT_FINE) return code;
    spec = question.spec;
    return cxm_paired_create(&how, NULL, &c->paired) == CXM_OK ? EXIT_FINE : out_of_memory();
}

static cxm_status add_people(comparison *c)
{
    cxm_person who = {.size = sizeof who};
    cxm_status status = CXM_OK;
    while (status == CXM_OK && cxm_paired_next(c->paired, &who) == CXM_OK) {
        status = cxm_scale_add(c->samples[0].all.scale, who.after);
        if (status == CXM_OK) status = cxm_scale_add(c->samples[1].all.scale, who.before);
    }
    return status;
}

/* Two samples of those who answered in both waves, and one pair. */
static int build_paired(comparison *c)
{
    if (!make_room(c) || !(c->pairs = calloc(1, sizeof *c->pairs))) return out_of_memory();
    for (int side = 0; side < 2; ++side) {
        c->leaves[side] = (leaf){.side = side, .counts = new_state(c)};
        c->samples[side] = (compared){.first = (size_t)side, .leaves = 1, .all = c->leaves[side].counts};
    }
    c->leaf_count = c->sample_count = 2;
    c->pair_count = 1;
    c->people.size = sizeof c->people;
    cxm_paired_summarize(c->paired, &c->people);
    for (int i = 0; i < c->run_count && c->people.repeats; ++i)
        if (c->runs[i]->cols.time == NO_COLUMN)
            return complain(EXIT_INPUT, "people answer again on one side (%llu times), and no time tells the latest: say --map time=COLUMN",
                            (unsigned long long)c->people.repeats);
    if (add_people(c) != CXM_OK) return out_of_memory();
    pairing *p = &c->pairs[0];
    *p = (pairing){.a = 0, .b = 1, .found = {.size = sizeof p->found}};
    p->status = cxm_paired_compare(c->paired, &c->runs[0]->ask, c->opt->compare_method, &p->found);
    if (p->status == CXM_E_METHOD)
        return complain(EXIT_USAGE, "--interval %s does not fit the change of the same people: paired-t or, of a net or a share, paired-score",
                        cxm_compare_name(c->opt->compare_method));
    p->chance.p = p->chance.holm = p->chance.bh = p->found.p;
    define(c);
    return EXIT_FINE;
}

/* --- segments under weights or a design --- */

/* A sample for each segment, in the order of the results; all pairs of them. */
static int build_weighted(comparison *c)
{
    scored_result r;
    int code = refuse_others(c);
    if (code != EXIT_FINE) return code;
    if (!make_room(c)) return out_of_memory();
    score_rewind(c->runs[0]);
    for (size_t i = 0; score_next(c->runs[0], &r); ++i) {
        if (r.slot.segment_count == 0) continue;
        c->leaves[c->leaf_count] = (leaf){.segments = r.slot.segments, .count = r.slot.segment_count, .counts = new_state(c)};
        cxm_scale_merge(c->leaves[c->leaf_count].counts.scale, r.slot.state);
        c->samples[c->sample_count++] = (compared){c->leaf_count, 1, c->leaves[c->leaf_count].counts, i};
        ++c->leaf_count;
    }
    code = weights_contrasts(c->runs[0]);
    if (code == EXIT_FINE) code = make_pairs(c);
    for (size_t i = 0; i < c->pair_count && code == EXIT_FINE; ++i) {
        pairing *p = &c->pairs[i];
        p->found = (cxm_difference){.size = sizeof p->found};
        p->status = weights_contrast(p->a, p->b, &p->found);
        if (p->status == CXM_E_MEMORY) code = out_of_memory();
        if (p->status == CXM_E_DOMAIN) code = complain(EXIT_INPUT, "%s: a population of --fpc is smaller than its sample", c->runs[0]->file);
    }
    if (code == EXIT_FINE) code = adjust(c);
    if (code == EXIT_FINE) define(c);
    return code;
}

static int write_people(const comparison *c)
{
    static sink out;
    static options where;
    where.out_file = c->opt->customers;
    int code = sink_open(&out, &where);
    if (code != EXIT_FINE) return code;
    table_people(c, &out);
    return sink_close(&out);
}

static int print(const comparison *c)
{
    static sink out;
    int code = sink_open(&out, c->opt);
    if (code != EXIT_FINE) return code;
    if (c->opt->output == OUTPUT_JSON) json_compare(c, &out);
    else if (c->opt->output == OUTPUT_CSV) table_compare(c, &out);
    else screen_compare(c, &out);
    return sink_close(&out);
}

static bool any_proven(const comparison *c)
{
    for (size_t i = 0; i < c->pair_count; ++i)
        if (compare_proven(c, &c->pairs[i])) return true;
    return false;
}

static void compare_end(comparison *c)
{
    for (int i = 0; i < 2 && c->runs[i]; ++i) score_end(c->runs[i]);
    free(c->leaves);
    free(c->samples);
    free(c->pairs);
    free(c->states);
    for (size_t i = 0; i < c->times_used; ++i) cxm_quantile_free(c->times[i]);
    free(c->times);
    cxm_paired_free(c->paired);
}

int command_compare(const options *told)
{
    static options opt;
    static comparison c;
    if (told->metric == METRIC_CUSTOMERS) return churn_compare(told);
    if (told->metric == METRIC_SURVIVAL) return survival_compare(told);
    int code = check_shape(told);
    if (code != EXIT_FINE) return code;
    opt = *told;
    c.told = told;
    if (compares_weighted(told)) code = weights_columns(told, &opt);
    if (code != EXIT_FINE) return weights_end(), code;
    if (opt.within) opt.by[opt.by_count++] = opt.within;        /* one more column, behind those of --by */
    if (compares_people(&opt)) opt.threads = 1;                 /* one table of people */
    c.opt = &opt;
    if (compares_people(&opt)) code = open_paired(&c);
    if (code == EXIT_FINE) code = read_sides(&c);
    if (code == EXIT_FINE) code = c.paired ? build_paired(&c) : compares_weighted(told) ? build_weighted(&c) : build(&c);
    if (code == EXIT_FINE) code = print(&c);
    if (code == EXIT_FINE && opt.customers) code = write_people(&c);
    if (code == EXIT_FINE && opt.exit_10 && any_proven(&c)) code = EXIT_DIFFERENT;
    compare_end(&c);
    weights_end();
    return code;
}
