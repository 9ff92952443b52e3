/* SPDX-License-Identifier: MIT */
/* plan.c - cxm plan: how many answers are needed, before anybody is asked.
 *
 *     cxm plan nps --margin 3           answers for an interval of +-3 points
 *     cxm plan share --detect 0.05      answers in each of two groups to find a difference of 0.05
 * What one answer varies is taken from --counts of an earlier survey; without them the worst case is assumed: half
 * promoters and half detractors, a share of one half, a mean whose answers sit at both ends of --scale.  */
#include "cli.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum subject { SUBJECT_NPS, SUBJECT_SHARE, SUBJECT_MEAN };
static const char *const subjects[] = {"nps", "share", "mean"};

/* What is planned, and from what. */
typedef struct plan {
    const options *opt;
    enum subject subject;
    double spread;              /* variance of one answer as -1, 0, +1; the share; the sd */
    const char *assumed;        /* in words */
    cxm_sample_size need;
} plan;

static int find_subject(plan *p)
{
    const options *opt = p->opt;
    const char *word = opt->file_count ? opt->files[0] : NULL;
    for (int i = 0; word && i < 3; ++i)
        if (strcmp(word, subjects[i]) == 0) {
            p->subject = (enum subject)i;
            return opt->file_count == 1 ? EXIT_FINE : complain(EXIT_USAGE, "plan takes one word: nps, share or mean");
        }
    const char *meant = word ? nearest(word, subjects, 3) : NULL;
    if (meant) return complain(EXIT_USAGE, "plan '%s': did you mean '%s'?", word, meant);
    return complain(EXIT_USAGE, "plan takes what is to be known: nps, share or mean, with --margin or --detect");
}

static int check_question(const plan *p)
{
    const options *opt = p->opt;
    double unit = p->subject == SUBJECT_NPS ? 100.0 : 1.0, asked = opt->has_margin ? opt->margin : opt->detect;
    if (opt->has_margin == opt->has_detect)
        return complain(EXIT_USAGE, "plan needs either --margin M, half an interval's width, or --detect D, a difference of two groups");
    if (p->subject == SUBJECT_MEAN && !opt->counts_count && !opt->has_scale)
        return complain(EXIT_USAGE, "plan mean needs the scale, --scale LO..HI, or --counts of an earlier survey");
    if (p->subject != SUBJECT_MEAN && asked >= unit)
        return complain(EXIT_USAGE, p->subject == SUBJECT_NPS ? "%g is too wide: NPS is in points, -100..100"
                                                              : "%g is too wide: shares lie between 0 and 1, so 5 %% is 0.05", asked);
    if (opt->has_power && opt->has_margin) return complain(EXIT_USAGE, "--power goes with --detect: a margin has none");
    if (opt->has_population && opt->has_detect) return complain(EXIT_USAGE, "--population goes with --margin");
    return EXIT_FINE;
}

static void assume_the_worst(plan *p)
{
    const options *opt = p->opt;
    p->assumed = p->subject == SUBJECT_NPS ? "half promoters, half detractors" : p->subject == SUBJECT_SHARE ? "a share of one half"
                                                                              : "answers at both ends of the scale";
    p->spread = p->subject == SUBJECT_NPS ? 1.0 : p->subject == SUBJECT_SHARE ? 0.5 : 0.5 * (opt->scale_hi - opt->scale_lo);
}

/* From counts of answers: on the scale told, or nps 0..10 and 1..5 for the others. */
static int learn(plan *p)
{
    static options adjusted;
    static score_run run;
    cxm_scale_summary sum = {.size = sizeof sum};
    adjusted = *p->opt;
    adjusted.file_count = 0;
    adjusted.metric = p->subject == SUBJECT_NPS ? METRIC_NPS : p->subject == SUBJECT_SHARE || !p->opt->has_scale ? METRIC_CSAT : METRIC_SCALE;
    score_begin(&run, &adjusted, NULL, "--counts");
    run.counts = p->opt->counts[0];
    int code = score_read(&run);
    if (code != EXIT_FINE) return code;
    if (cxm_scale_summarize(&run.overall, &run.ask, &sum) != CXM_OK) return complain(EXIT_USAGE, "--counts hold no answer");
    double net = sum.top_share - sum.bottom_share;
    p->assumed = "as in --counts";
    p->spread = p->subject == SUBJECT_NPS ? sum.top_share + sum.bottom_share - net * net : p->subject == SUBJECT_SHARE ? sum.top_share : sum.sd;
    return EXIT_FINE;
}

static cxm_status solve(plan *p)
{
    const options *opt = p->opt;
    double level = opt->level, spread = p->spread, detect = opt->detect;
    p->need = (cxm_sample_size){.size = sizeof p->need};
    if (opt->has_margin) {
        cxm_status status = p->subject == SUBJECT_NPS     ? cxm_sample_size_net(spread, opt->margin / 100.0, level, &p->need)
                            : p->subject == SUBJECT_SHARE ? cxm_sample_size_share(spread, opt->margin, level, &p->need)
                                                          : cxm_sample_size_mean(spread, opt->margin, level, &p->need);
        if (status == CXM_OK && opt->has_population) status = cxm_sample_size_finite(opt->population, &p->need);
        return status;
    }
    return p->subject == SUBJECT_NPS     ? cxm_sample_size_two_nets(spread, spread, detect / 100.0, level, opt->power, 0, &p->need)
           : p->subject == SUBJECT_SHARE ? cxm_sample_size_two_shares(share_beyond(spread, detect), spread, level, opt->power, 0, &p->need)
                                         : cxm_sample_size_two_means(spread, detect, level, opt->power, 0, &p->need);
}

static const char *definition(const plan *p)
{
    static const char *const margins[] = {"n = z^2 v / margin^2 - 3, v the variance of one answer of -1, 0, +1 (adjusted Wald)",
                                          "n for which Wilson's interval is the margin to either side",
                                          "n for which t sd / sqrt(n) is the margin"};
    static const char *const detects[] = {"n a group, two-sided test of two nets at 1 - level, normal",
                                          "n a group, two-sided test of two shares at 1 - level, normal",
                                          "n a group, two-sided t test at 1 - level, noncentral t"};
    return (p->opt->has_margin ? margins : detects)[p->subject];
}

static void json_plan(const plan *p, sink *out)
{
    const options *opt = p->opt;
    sink_text(out, "{\"schema\":\"cxm.plan/1\",\"tool\":\"cxm " CXM_VERSION "\",\"input\":null,\"definition\":");
    json_string(out, definition(p), strlen(definition(p)));
    sink_format(out, ",\"results\":[\n{\"metric\":\"%s\",\"segment\":{},\"window\":null", subjects[p->subject]);
    json_key_count(out, "n", p->need.n);
    json_key_number(out, "value", (double)p->need.n);
    sink_text(out, ",\"interval\":null");
    json_key_number(out, "exact", p->need.exact);
    json_key_count(out, "groups", opt->has_margin ? 1 : 2);
    json_key_number(out, opt->has_margin ? "margin" : "detect", opt->has_margin ? opt->margin : opt->detect);
    json_key_number(out, "power", opt->has_margin ? (double)NAN : opt->power);
    json_key_number(out, "level", opt->level);
    if (opt->has_population) json_key_count(out, "population", opt->population);
    sink_text(out, ",\"assumed\":");
    json_string(out, p->assumed, strlen(p->assumed));
    sink_text(out, "}\n]}\n");
}

static void table_plan(const plan *p, sink *out)
{
    const options *opt = p->opt;
    sink_text(out, "metric,n,exact,groups,margin,detect,power,level,assumed\n");
    sink_format(out, "%s,%llu", subjects[p->subject], (unsigned long long)p->need.n);
    table_number(out, p->need.exact, true);
    sink_format(out, ",%d", opt->has_margin ? 1 : 2);
    table_number(out, opt->margin, opt->has_margin);
    table_number(out, opt->detect, opt->has_detect);
    table_number(out, opt->power, opt->has_detect);
    table_number(out, opt->level, true);
    sink_text(out, ",");
    table_text(out, p->assumed, strlen(p->assumed));
    sink_text(out, "\n");
}

static void screen_plan(const plan *p, sink *out)
{
    static const char *const names[] = {"NPS", "share", "mean"};
    const options *opt = p->opt;
    const char *unit = p->subject == SUBJECT_NPS ? " points" : "";
    char text[160];
    print_count(out, p->need.n);
    if (opt->has_margin)
        snprintf(text, sizeof text, " answers: %s to +-%g%s at %g %%", names[p->subject], opt->margin, unit, 100.0 * opt->level);
    else
        snprintf(text, sizeof text, " answers in each of two groups: %s, a difference of %g%s found at %g %% with power %g", names[p->subject],
                 opt->detect, unit, 100.0 * opt->level, opt->power);
    sink_text(out, text);
    if (opt->has_population) {
        sink_text(out, ", of a population of ");
        print_count(out, opt->population);
    }
    sink_format(out, "\nassumed: %s\n", p->assumed);
    sink_format(out, "%s\n", definition(p));
}

int command_plan(const options *opt)
{
    static sink out;
    plan p = {.opt = opt};
    int code = find_subject(&p);
    if (code == EXIT_FINE) code = check_question(&p);
    if (code == EXIT_FINE && opt->counts_count > 1) code = complain(EXIT_USAGE, "plan takes --counts once");
    if (code != EXIT_FINE) return code;
    if (opt->counts_count) code = learn(&p);
    else assume_the_worst(&p);
    if (code != EXIT_FINE) return code;
    cxm_status status = solve(&p);
    if (status == CXM_E_UNDEFINED) return complain(EXIT_USAGE, "answers that are all alike need no plan: what is assumed has no spread");
    if (status == CXM_E_OVERFLOW) return complain(EXIT_USAGE, "more than 2^64 - 1 answers would be needed");
    if (status != CXM_OK) return complain(EXIT_USAGE, "this margin or difference lies outside what can be");
    code = sink_open(&out, opt);
    if (code != EXIT_FINE) return code;
    if (opt->output == OUTPUT_JSON) json_plan(&p, &out);
    else if (opt->output == OUTPUT_CSV) table_plan(&p, &out);
    else screen_plan(&p, &out);
    return sink_close(&out);
}
