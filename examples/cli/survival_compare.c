/* SPDX-License-Identifier: MIT */
/* survival_compare.c - cxm compare of tenures: two files, or all pairs of the segments of one.
 *
 * Two curves differ by their restricted means: how much longer a customer of a stays than one of b, of the first tau units. tau is
 * the longest time that both curves of a pair tell of, as cxm survival chooses it for all of its own: the least last time of those
 * that end above 0, else the greater of both. A difference is always a - b: the first file less the second, the earlier segment less
 * the later; limits and p are of cxm_survival_mean_compare. Beside them stands the log-rank test of the pair, which sees curves that
 * part and meet again within one mean, but not by how much.
 * Source   P. Royston, M. K. B. Parmar, BMC Medical Research Methodology 13:152, 2013; H. Uno et al., Journal of Clinical Oncology
 *          32(22), 2014.                                                   */
#include "survival_compare.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MOST = 200000, NAME_BYTES = 101 };
static const stays nobody;

/* --- one pair --- */

/* Limits and p, or NaN for them where a mean has no error; and for the difference, too, where there is no mean. */
static void differ(const tenure_comparison *c, tenure_pair *p)
{
    const double none = (double)NAN;
    p->found = (cxm_difference){.size = sizeof p->found, .level = c->opt->level, .low = none, .high = none, .se = none, .p = none};
    p->found.difference = p->a.mean.time - p->b.mean.time;
    p->found.interval_status = CXM_E_UNDEFINED;
    if (!isnan(p->found.difference)) cxm_survival_mean_compare(&p->a.of->curve, &p->b.of->curve, p->tau, c->opt->level, &p->found);
    p->chance.p = p->found.p;
}

static void test_pair(tenure_pair *p)
{
    cxm_survival_curve both[2];
    cxm_survival_group each[2];
    cxm_survival_test test = {.size = sizeof test};
    p->logrank = (cxm_survival_test){.size = sizeof test, .df = 1, .statistic = (double)NAN, .p = (double)NAN};
    both[0] = p->a.of->curve;           /* not in its initializer, which one compiler does not read */
    both[1] = p->b.of->curve;
    if (p->a.of->exists && p->b.of->exists && cxm_survival_compare(both, 2, 0.0, each, &test) == CXM_OK) p->logrank = test;
}

/* A curve that came down to 0 tells its mean up to any time. */
static double common_tau(const stays *a, const stays *b)
{
    double end_a = a->last_survival > 0.0 ? a->last : (double)INFINITY, end_b = b->last_survival > 0.0 ? b->last : (double)INFINITY;
    if (!a->exists || !b->exists) return 0.0;
    return isinf(end_a) && isinf(end_b) ? fmax(a->last, b->last) : fmin(end_a, end_b);
}

static void measure(const tenure_comparison *c, tenure_pair *p)
{
    p->tau = common_tau(p->a.of, p->b.of);
    for (int i = 0; i < 2; ++i) {
        tenure_side *s = i ? &p->b : &p->a;
        s->median = stays_quantile(s->of, 0.5);
        s->mean = stays_mean(s->of, p->tau);
    }
    differ(c, p);
    test_pair(p);
}

/* --- all of them --- */

/* Either side may lack the segment: then it is compared with nobody there. */
static void add_pair(tenure_comparison *c, const survival_run *of_a, const stays *a, const survival_run *of_b, const stays *b, bool in_family)
{
    tenure_pair *p = &c->pairs[c->count++];
    *p = (tenure_pair){.a = {.run = of_a, .of = a ? a : &nobody}, .b = {.run = of_b, .of = b ? b : &nobody}, .chance.in_family = in_family};
    p->slot_a = a ? survival_slot(of_a, a) : survival_slot(of_b, b);
    p->slot_b = b ? survival_slot(of_b, b) : p->slot_a;
    measure(c, p);
}

static int compare_stays(const survival_run *run, const stays *a, const stays *b)
{
    int order = 0;
    for (int i = 0; i < run->base->name_count && order == 0; ++i) order = compare_views(a->segments[i], b->segments[i]);
    return order;
}

/* The total, and each segment that either has. */
static void pair_files(tenure_comparison *c)
{
    const survival_run *x = &c->runs[0], *y = &c->runs[1];
    size_t i = 0, k = 0;
    add_pair(c, x, &x->total, y, &y->total, false);
    while (i < x->group_count || k < y->group_count) {
        int order = i == x->group_count ? 1 : k == y->group_count ? -1 : compare_stays(x, x->groups[i], y->groups[k]);
        add_pair(c, x, order <= 0 ? x->groups[i] : NULL, y, order >= 0 ? y->groups[k] : NULL, true);
        i += order <= 0;
        k += order >= 0;
    }
}

static void pair_segments(tenure_comparison *c)
{
    const survival_run *run = &c->runs[0];
    for (size_t i = 0; i < run->group_count; ++i)
        for (size_t k = i + 1; k < run->group_count; ++k) add_pair(c, run, run->groups[i], run, run->groups[k], true);
}

static int make_pairs(tenure_comparison *c)
{
    size_t a = c->runs[0].group_count, b = c->runs[1].group_count, most = c->run_count == 2 ? a + b + 1 : a ? a * (a - 1) / 2 : 0;
    if (most > PAIRS_MOST) return complain(EXIT_LIMIT, "%zu segments make more than %d pairs", a, PAIRS_MOST);
    c->pairs = calloc(most + 1, sizeof *c->pairs);
    if (!c->pairs) return out_of_memory();
    if (c->run_count == 2) pair_files(c);
    else pair_segments(c);
    return pairs_adjust(&c->pairs[0].chance, sizeof *c->pairs, c->count, &c->family);
}

/* --- words --- */

bool tenures_are_compared(const tenure_pair *p)
{
    return !isnan(p->chance.p);
}

bool tenures_differ(const tenure_comparison *c, const tenure_pair *p)
{
    return tenures_are_compared(p) && p->chance.holm < 1.0 - c->opt->level;
}

void tenure_signed(double t, bool plus, char out[TEXT])
{
    char size[TEXT];
    tenure_text(fabs(t), size);
    snprintf(out, TEXT, "%s%.60s", t < 0.0 ? "-" : plus && t > 0.0 ? "+" : "", size);
}

/* Of means without an error: what their customers did. */
static void say_no_error(const tenure_pair *p, const char *a, const char *b, char out[TENURE_WHY])
{
    bool error_a = p->a.mean.se > 0.0, error_b = p->b.mean.se > 0.0, still_a = p->a.mean.time == p->tau, still_b = p->b.mean.time == p->tau;
    const char *side = error_a ? b : a;
    if (!error_a && !error_b && still_a && still_b)
        snprintf(out, TENURE_WHY, "nobody left before tau on either side, so neither mean has a standard error");
    else if (error_a ? still_b : still_a) snprintf(out, TENURE_WHY, "nobody of %.100s left before tau, so its mean has no standard error", side);
    else snprintf(out, TENURE_WHY, "all of %.100s at risk left at one and the same time, so its mean has no standard error", side);
}

void tenure_why(const tenure_pair *p, const char *a, const char *b, char out[TENURE_WHY])
{
    bool any_a = p->a.of->n > 0, any_b = p->b.of->n > 0;
    if (!any_a || !any_b) snprintf(out, TENURE_WHY, "no customer was counted of %.100s", any_a ? b : any_b ? a : "either side");
    else if (isnan(p->found.difference)) snprintf(out, TENURE_WHY, "a curve ends at time 0, and with it all that both tell of");
    else say_no_error(p, a, b, out);
}

static void side_names(const tenure_comparison *c, const tenure_pair *p, char *a, char *b)
{
    if (c->run_count == 2) {
        cut_into(p->a.run->base->file, a, NAME_BYTES);
        cut_into(p->b.run->base->file, b, NAME_BYTES);
    } else {
        segment_text(&p->slot_a, a, NAME_BYTES);
        segment_text(&p->slot_b, b, NAME_BYTES);
    }
}

/* "; log-rank p 0.043" */
static void append_logrank(const tenure_pair *p, char *out, size_t cap)
{
    char likely[32];
    size_t used = strlen(out);
    if (isnan(p->logrank.p) || used >= cap) return;
    p_text(p->logrank.p, likely, sizeof likely);
    snprintf(out + used, cap - used, "; log-rank p %s", likely);
}

static void append_tau(const tenure_pair *p, char *out, size_t cap)
{
    char tau[TEXT];
    size_t used = strlen(out);
    if (used >= cap) return;
    tenure_text(p->tau, tau);
    snprintf(out + used, cap - used, " of the first %s", tau);
}

/* Who stays longer comes first, whichever of the two it is, and the limits are as they are read from there. */
static void say_difference(const tenure_comparison *c, const tenure_pair *p, const char *a, const char *b, char *out, size_t cap)
{
    char size[TEXT], low[TEXT], high[TEXT], range[2 * TEXT + 8];
    bool proven = tenures_differ(c, p), turned = proven && p->found.difference < 0.0;
    tenure_signed(turned ? -p->found.difference : p->found.difference, false, size);
    tenure_signed(turned ? -p->found.high : p->found.low, false, low);
    tenure_signed(turned ? -p->found.low : p->found.high, false, high);
    if (proven) snprintf(out, cap, "%s stays longer than %s by %s", turned ? b : a, turned ? a : b, size);
    else snprintf(out, cap, "no difference proven between %s and %s: %s", a, b, size);
    snprintf(range, sizeof range, "%s .. %s", low, high);
    if (tenures_are_compared(p)) append_limits(out, cap, c->opt->level, range, p->chance.in_family && c->family > 1, p->chance.holm, "");
    append_tau(p, out, cap);
}

void tenure_verdict(const tenure_comparison *c, const tenure_pair *p, char *out, size_t cap)
{
    char a[NAME_BYTES], b[NAME_BYTES], segment[NAME_BYTES], why[TENURE_WHY];
    size_t used = 0;
    side_names(c, p, a, b);
    tenure_why(p, a, b, why);
    out[0] = '\0';
    if (c->run_count == 2 && p->chance.in_family) {
        segment_text(&p->slot_a, segment, sizeof segment);
        used = (size_t)snprintf(out, cap, "%s: ", segment);
    }
    if (isnan(p->found.difference)) {
        snprintf(out + used, cap - used, "%s and %s cannot be compared: %s", a, b, why);
        return;
    }
    say_difference(c, p, a, b, out + used, cap - used);
    used = strlen(out);
    if (!tenures_are_compared(p)) snprintf(out + used, cap - used, ", without limits: %s", why);
    append_logrank(p, out, cap);
}

static const tenure_pair *clearest(const tenure_comparison *c)
{
    const tenure_pair *best = NULL;
    for (size_t i = 0; i < c->count; ++i)
        if (tenures_are_compared(&c->pairs[i]) && (!best || c->pairs[i].chance.holm < best->chance.holm)) best = &c->pairs[i];
    return best;
}

void tenure_summary(const tenure_comparison *c, char *out, size_t cap)
{
    const tenure_pair *best = clearest(c);
    char text[TENURE_SENTENCE];
    size_t proven = 0;
    for (size_t i = 0; i < c->count; ++i) proven += tenures_differ(c, &c->pairs[i]);
    if (c->count == 0) snprintf(out, cap, "there is nothing to compare: fewer than two segments");
    else if (c->count == 1) tenure_verdict(c, &c->pairs[0], out, cap);
    else {
        tenure_verdict(c, best ? best : &c->pairs[0], text, sizeof text);
        if (best) summary_of_pairs(proven, c->count, c->opt->level, text, out, cap);
        else snprintf(out, cap, "none of %zu comparisons has limits; %.600s", c->count, text);
    }
}

void tenure_definition(const tenure_comparison *c, char *out, size_t cap)
{
    snprintf(out, cap, "difference = a - b, %s, of the mean tenures up to tau, the longest time that both curves tell of; wald at level %g, "
                       "p two-sided%s; the log-rank test stands beside it",
             c->run_count == 2 ? "the first input less the second" : "the earlier segment less the later", c->opt->level,
             c->family > 1 ? ", adjusted by Holm (BH beside it)" : "");
}

/* --- the command --- */

static int check_shape(const options *opt)
{
    int code = pairs_check_files(opt, false);
    if (code != EXIT_FINE) return code;
    if (opt->file_count == 1 && !opt->by_count) return complain(EXIT_USAGE, "compare of tenures in one FILE needs --by COLUMN (its segments)");
    return EXIT_FINE;
}

static int read_sides(tenure_comparison *c)
{
    static crowd customers[2];      /* large, and made once */
    static source inputs[2];
    int code = EXIT_FINE;
    for (int i = 0; i < c->opt->file_count && code == EXIT_FINE; ++i, ++c->run_count)
        code = survival_count(&c->runs[i], &customers[i], &inputs[i], c->opt, c->opt->files[i]);
    if (code == EXIT_FINE && c->run_count == 2 && c->runs[0].dates != c->runs[1].dates)
        remark(c->opt, "'%s' tells whole days and '%s' times in a unit of its own: they are compared as they stand", c->opt->files[!c->runs[0].dates],
               c->opt->files[c->runs[0].dates]);
    return code;
}

static int print_all(tenure_comparison *c)
{
    static sink out;                /* large, and made once */
    int code = sink_open(&out, c->opt);
    if (code != EXIT_FINE) return code;
    if (c->opt->output == OUTPUT_JSON) json_tenure_pairs(c, &out);
    else if (c->opt->output == OUTPUT_CSV) table_tenure_pairs(c, &out);
    else screen_tenure_pairs(c, &out);
    return sink_close(&out);
}

int survival_compare(const options *opt)
{
    static tenure_comparison c;     /* large, and made once */
    bool proven = false;
    int code = check_shape(opt);
    if (code != EXIT_FINE) return code;
    c.opt = opt;
    code = read_sides(&c);
    if (code == EXIT_FINE) code = make_pairs(&c);
    if (code == EXIT_FINE) code = print_all(&c);
    for (size_t i = 0; i < c.count; ++i) proven = proven || tenures_differ(&c, &c.pairs[i]);
    if (code == EXIT_FINE && opt->exit_10 && proven) code = EXIT_DIFFERENT;
    for (int i = 0; i < c.run_count; ++i) survival_end(&c.runs[i]);
    free(c.pairs);
    return code;
}
