/* SPDX-License-Identifier: MIT */
/* weights.c - score with survey weights: --weight, and a design by --strata, --cluster or a repeated --key, --fpc, --targets.
 *
 * Columns of the design are further segments of the engine, behind those of --by, so that its slots are the leaves of a
 * design (cxm/design.h). By weights alone each segment stands for itself. Under a design a segment or window is a domain
 * of it: rows of other segments stay in the design. Totals and segments are two designs of the same leaves, as a leaf
 * has one domain in each. All results are worked out once, when everything is read.   */
#include "cli.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN_ROWS = 4096, TEXT = 200 };

/* What a target file says: so many of a level of a column. */
typedef struct target { int margin; char *level; size_t len; double total; } target;

/* A domain: a segment by its columns of --by, in a window. */
typedef struct domain { cxm_engine_result slot; size_t group; } domain;

/* A result, worked out; of segments the domains come in the same order. */
typedef struct weighed { cxm_engine_result slot; cxm_weighted_summary sum; cxm_scale counts; } weighed;

typedef struct weighing {
    cxm_weighted_ask ask;
    const char *margins[CXM_DESIGN_MARGINS_MAX];
    int margin_count;
    target targets[MARGIN_ROWS];
    int target_count;
    domain *domains;            /* of totals first, then of segments */
    size_t totals, domain_count;
    weighed *results;
    size_t result_count, at;
    weighed overall;
    cxm_calibrate_report calibration;
    bool calibrated;
    cxm_design *segments;       /* kept for contrasts of segments */
} weighing;

static weighing own;                /* large, and made once */

bool weights_asked(const options *opt)
{
    return opt->weight || opt->strata || opt->cluster || opt->fpc || opt->targets ||
           (opt->key && !opt->dedupe && strcmp(opt->command, "score") == 0);
}

static bool has_design(const options *opt)
{
    return opt->strata || opt->cluster || opt->targets || opt->fpc || (opt->key && !opt->dedupe);
}

const char *weights_cluster(const options *opt)
{
    return opt->cluster ? opt->cluster : opt->key && !opt->dedupe ? opt->key : NULL;
}

/* --- targets --- */

static bool same(cxm_view a, const char *b)
{
    return a.len == strlen(b) && memcmp(a.text, b, a.len) == 0;
}

/* The margin of a column, which may be new. */
static int margin_of(const source *in, cxm_view name, int *margin)
{
    for (*margin = 0; *margin < own.margin_count; ++*margin)
        if (same(name, own.margins[*margin])) return EXIT_FINE;
    if (own.margin_count == (int)CXM_DESIGN_MARGINS_MAX) return complain(EXIT_INPUT, "%s: at most 8 columns can be calibrated to", in->name);
    char *copy = malloc(name.len + 1);
    if (!copy) return out_of_memory();
    memcpy(copy, name.len ? name.text : "", name.len);
    copy[name.len] = '\0';
    own.margins[own.margin_count++] = copy;
    return EXIT_FINE;
}

static int take_target(const source *in, const cxm_csv_row *row)
{
    target *t = &own.targets[own.target_count];
    cxm_view level = row->count > 1 ? trim(row->fields[1]) : (cxm_view){NULL, 0};
    bool fine = row->count == 3 && own.target_count < MARGIN_ROWS &&
                cxm_text_number(row->fields[2].text, row->fields[2].len, in->decimal, &t->total) == CXM_OK &&
                (t->total == 0.0 || (t->total >= 1e-100 && t->total <= 1e100));
    if (!fine) return complain(EXIT_INPUT, "%s, line %llu: a target is a column, one of its values and a total, such as region,north,1300", in->name,
                               (unsigned long long)row->line);
    int code = margin_of(in, trim(row->fields[0]), &t->margin);
    if (code != EXIT_FINE) return code;
    t->level = malloc(level.len + 1);
    if (!t->level) return out_of_memory();
    memcpy(t->level, level.len ? level.text : "", level.len);
    t->len = level.len;
    ++own.target_count;
    return EXIT_FINE;
}

static int read_targets(const options *opt)
{
    static source in;
    static options plain;
    cxm_csv_row row = {.size = sizeof row};
    bool got = true;
    plain.command = opt->command;
    int code = source_open(&in, opt->targets, &plain);
    if (code == EXIT_FINE && in.state_len) code = complain(EXIT_INPUT, "%s: a state holds no targets", opt->targets);
    while (code == EXIT_FINE && (code = source_next(&in, &row, &got)) == EXIT_FINE && got) code = take_target(&in, &row);
    source_close(&in);
    if (code == EXIT_FINE && own.target_count == 0) code = complain(EXIT_INPUT, "%s: no targets; it is a file with column,level,total", opt->targets);
    return code;
}

/* --- the question --- */

static int add_column(options *opt, const char *what, const char *column)
{
    if (!column) return EXIT_FINE;
    if (opt->by_count == CXM_ENGINE_SEGMENTS_MAX) return complain(EXIT_USAGE, "%s '%s': at most 8 columns, those of --by included", what, column);
    opt->by[opt->by_count++] = column;
    return EXIT_FINE;
}

/* Columns of the design, behind those of --by: margins, stratum, cluster, population. */
int weights_columns(const options *told, options *out)
{
    int code = EXIT_FINE;
    *out = *told;
    if (told->dedupe) return complain(EXIT_USAGE, "--dedupe with weights or a design is not built yet");
    if (told->metric == METRIC_LABELS) return complain(EXIT_USAGE, "labels with weights are not built yet");
    if (told->counts_count) return complain(EXIT_USAGE, "counts have no weights: --weight and a design go with FILE");
    if (told->cluster && told->key) return complain(EXIT_USAGE, "--cluster and --key both name what belongs together: say one of them");
    if (told->targets) code = read_targets(told);
    for (int i = 0; i < own.margin_count && code == EXIT_FINE; ++i) code = add_column(out, "--targets", own.margins[i]);
    if (code == EXIT_FINE) code = add_column(out, "--strata", told->strata);
    if (code == EXIT_FINE) code = add_column(out, "--cluster", weights_cluster(told));
    if (code == EXIT_FINE) code = add_column(out, "--fpc", told->fpc);
    out->design_columns = out->by_count - told->by_count;
    if (weights_cluster(told) && !told->cluster) out->key = NULL;       /* it is a column like the others now */
    return code;
}

static const char *method_name(const score_run *run)
{
    int32_t method = own.ask.method;
    if (method) return cxm_interval_name(method);
    return run->ask.value == CXM_VALUE_TOP ? "logit" : "t";
}

/* The definition of the value, then how it is weighed. */
int weights_declare(score_run *run)
{
    const options *opt = run->opt;
    bool share = run->ask.value == CXM_VALUE_TOP;
    static const int32_t of_all[] = {CXM_INTERVAL_DEFAULT, CXM_INTERVAL_WALD, CXM_INTERVAL_T};
    static const int32_t of_shares[] = {CXM_INTERVAL_LOGIT, CXM_INTERVAL_ARCSINE, CXM_INTERVAL_KORN_GRAUBARD,
                                         CXM_INTERVAL_LIKELIHOOD, CXM_INTERVAL_WILSON};
    bool fits = false;
    for (size_t i = 0; i < sizeof of_all / sizeof *of_all; ++i) fits |= opt->method == of_all[i];
    for (size_t i = 0; i < sizeof of_shares / sizeof *of_shares && share; ++i) fits |= opt->method == of_shares[i];
    if (!fits) return complain(EXIT_USAGE, "--interval %s does not fit a weighted %s: wald or t%s", cxm_interval_name(opt->method),
                               share ? "share" : "estimate", share ? ", logit, arcsine, korn-graubard, likelihood, wilson" : "");
    own.ask = (cxm_weighted_ask){.size = sizeof own.ask, .value = run->ask.value, .method = opt->method, .level = opt->level,
                                 .net_unit = run->ask.net_unit};
    bool by_rows = opt->method == CXM_INTERVAL_WALD || opt->method == CXM_INTERVAL_T || opt->method == CXM_INTERVAL_LIKELIHOOD;
    own.ask.df_answers = share && !by_rows;     /* as R's svyciprop counts for each method */
    char *cut = strrchr(run->definition, ';');
    size_t used = cut ? (size_t)(cut - run->definition) : strlen(run->definition);
    snprintf(run->definition + used, sizeof run->definition - used,
             "; %s%.60s%s%.60s%s%.60s%s, linearised standard error, %s interval at level %g", opt->weight ? "weighted by " : "each row weighs 1",
             opt->weight ? opt->weight : "", opt->strata ? ", strata " : "", opt->strata ? opt->strata : "",
             weights_cluster(run->told) ? ", clusters " : "", weights_cluster(run->told) ? weights_cluster(run->told) : "",
             opt->targets ? ", calibrated" : "", method_name(run), opt->level);
    return EXIT_FINE;
}

/* --- results --- */

static bool grow(void **at, size_t count, size_t size)
{
    if (count & (count - 1)) return true;                   /* room doubles at powers of two */
    void *larger = realloc(*at, (count ? 2 * count : 1) * size);
    if (!larger) return false;
    *at = larger;
    return true;
}

static void count_points(const score_run *run, const cxm_weighted *state, cxm_scale *counts)
{
    double sum, squares;
    uint64_t n;
    for (int32_t k = 0; k <= run->spec.hi - run->spec.lo; ++k)
        if (cxm_weighted_point(state, run->spec.lo + k, &n, &sum, &squares) == CXM_OK) cxm_scale_add_n(counts, run->spec.lo + k, n);
}

static weighed *new_result(score_run *run, const cxm_engine_result *slot)
{
    if (!grow((void **)&own.results, own.result_count, sizeof *own.results)) return NULL;
    weighed *w = &own.results[own.result_count++];
    *w = (weighed){.slot = *slot, .sum = {.size = sizeof w->sum}};
    w->slot.weighted = NULL;
    cxm_scale_init(&w->counts, &run->spec);
    return w;
}

static bool is_fine(cxm_status status)
{
    return status == CXM_OK || status == CXM_E_EMPTY;
}

/* By weights alone: each slot is its own sample. */
static cxm_status weigh_plain(score_run *run)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_status status = CXM_OK;
    cxm_engine_close(run->engine);
    while (status == CXM_OK && (status = cxm_engine_next(run->engine, &slot)) == CXM_OK) {
        weighed *w = new_result(run, &slot);
        if (!w) return CXM_E_MEMORY;
        count_points(run, slot.weighted, &w->counts);
        status = cxm_weighted_summarize(slot.weighted, &own.ask, &w->sum);
        if (is_fine(status)) status = CXM_OK;
    }
    return status == CXM_END ? CXM_OK : status;
}

/* --- under a design --- */

static int compare_domains(const void *x, const void *y)
{
    const cxm_engine_result *a = &((const domain *)x)->slot, *b = &((const domain *)y)->slot;
    if (a->segment_count != b->segment_count) return a->segment_count < b->segment_count ? -1 : 1;
    for (uint32_t i = 0; i < a->segment_count; ++i) {
        int order = compare_views(a->segments[i], b->segments[i]);
        if (order) return order;
    }
    return (a->from_us > b->from_us) - (a->from_us < b->from_us);
}

/* The slot without the columns of the design, or without any. */
static cxm_engine_result shown(const score_run *run, const cxm_engine_result *slot, bool total)
{
    cxm_engine_result place = *slot;
    place.segment_count = total ? 0 : (uint32_t)run->name_count;
    place.weighted = NULL;
    return place;
}

static bool add_domain(const cxm_engine_result *place)
{
    if (!grow((void **)&own.domains, own.domain_count, sizeof *own.domains)) return false;
    own.domains[own.domain_count++] = (domain){*place, 0};
    return true;
}

static cxm_status list_domains(score_run *run)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_status status = CXM_OK;
    size_t kept = 0;
    cxm_engine_close(run->engine);
    while (status == CXM_OK && (status = cxm_engine_next(run->engine, &slot)) == CXM_OK) {
        if (slot.segment_count == 0 && run->name_count + run->hidden > 0) continue;
        cxm_engine_result total = shown(run, &slot, true), segment = shown(run, &slot, false);
        if (!add_domain(&total) || (run->name_count && !add_domain(&segment))) return CXM_E_MEMORY;
    }
    if (status != CXM_END) return status;
    if (own.domain_count) qsort(own.domains, own.domain_count, sizeof *own.domains, compare_domains);
    for (size_t i = 0; i < own.domain_count; ++i)
        if (!kept || compare_domains(&own.domains[kept - 1], &own.domains[i]) != 0) own.domains[kept++] = own.domains[i];
    own.domain_count = kept;
    for (own.totals = 0; own.totals < kept && own.domains[own.totals].slot.segment_count == 0;) ++own.totals;
    return CXM_OK;
}

/* Domains of a design count from 1. */
static uint32_t domain_of(const score_run *run, const cxm_engine_result *slot, bool total)
{
    domain wanted = {shown(run, slot, total), 0};
    const domain *first = total ? own.domains : own.domains + own.totals;
    size_t count = total ? own.totals : own.domain_count - own.totals;
    const domain *found = bsearch(&wanted, first, count, sizeof *first, compare_domains);
    return found ? (uint32_t)(found - first) + 1 : 0;
}

static cxm_design_text text_of(cxm_view v)
{
    return (cxm_design_text){v.text, v.len};
}

static int refused(const score_run *run, cxm_status status)
{
    if (status == CXM_E_DOMAIN) return complain(EXIT_INPUT, "%s: a population of --fpc is smaller than its sample", run->in->name);
    return status == CXM_E_MEMORY ? out_of_memory() : complain(EXIT_IO, "the counts are too large to be summed");
}

/* R's rule: up to 1 it is the fraction sampled, else the size of the population in what is sampled first. */
static int set_population(const score_run *run, cxm_design *design, cxm_design_text stratum, cxm_view size)
{
    double value;
    if (cxm_text_number(size.text, size.len, run->in->decimal, &value) != CXM_OK || !(value > 0.0))
        return complain(EXIT_INPUT, "%s: --fpc '%.*s' is no size of a population", run->in->name, (int)(size.len < 40 ? size.len : 40), size.text);
    cxm_status status = cxm_design_set_population(design, stratum, value <= 1.0 ? CXM_POPULATION_FRACTION : CXM_POPULATION_CLUSTERS, value);
    return status == CXM_OK ? EXIT_FINE : out_of_memory();
}

static int add_leaf(const score_run *run, cxm_design *design, const cxm_engine_result *slot, bool total)
{
    const options *opt = run->opt;
    const cxm_view *at = slot->segments + run->name_count;
    cxm_design_text levels[CXM_DESIGN_MARGINS_MAX];
    cxm_design_leaf leaf = {.size = sizeof leaf, .levels = levels, .state = slot->weighted, .domain = domain_of(run, slot, total)};
    for (int i = 0; i < own.margin_count; ++i) levels[i] = text_of(*at++);
    if (opt->strata) leaf.stratum = text_of(*at++);
    if (weights_cluster(run->told)) leaf.cluster = text_of(*at++);
    cxm_status status = cxm_design_add(design, &leaf);
    if (status == CXM_E_LIMIT) return complain(EXIT_LIMIT, "%s: too many strata and clusters for the memory bound", run->in->name);
    if (status != CXM_OK) return out_of_memory();
    return opt->fpc ? set_population(run, design, leaf.stratum, *at) : EXIT_FINE;
}

static int add_leaves(score_run *run, cxm_design *design, bool total)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_status status = CXM_OK;
    int code = EXIT_FINE;
    cxm_engine_close(run->engine);
    while (code == EXIT_FINE && (status = cxm_engine_next(run->engine, &slot)) == CXM_OK)
        if (slot.segment_count > 0 || run->name_count + run->hidden == 0) code = add_leaf(run, design, &slot, total);
    return code != EXIT_FINE ? code : status == CXM_END ? EXIT_FINE : refused(run, status);
}

/* Targets of two columns are of the same people, and add up alike. */
static void compare_totals(const score_run *run)
{
    double sums[CXM_DESIGN_MARGINS_MAX] = {0.0};
    for (int i = 0; i < own.target_count; ++i) sums[own.targets[i].margin] += own.targets[i].total;
    for (int k = 1; k < own.margin_count; ++k)
        if (fabs(sums[k] - sums[0]) > 1e-6 * sums[0])
            remark(run->opt, "%s: the targets of %.60s add up to %.10g, those of %.60s to %.10g: no weights meet both", run->opt->targets, own.margins[0],
                   sums[0], own.margins[k], sums[k]);
}

static int calibrate(score_run *run, cxm_design *design)
{
    cxm_calibrate_report *report = &own.calibration;
    *report = (cxm_calibrate_report){.size = sizeof *report};
    for (int i = 0; i < own.target_count; ++i) {
        const target *t = &own.targets[i];
        if (cxm_design_set_target(design, (uint32_t)t->margin, (cxm_design_text){t->level, t->len}, t->total) != CXM_OK) return out_of_memory();
    }
    cxm_status status = cxm_design_calibrate(design, NULL, report);
    const char *margin = report->margin < (uint32_t)own.margin_count ? own.margins[report->margin] : "?";
    int len = (int)(report->level.len < 60 ? report->level.len : 60);
    if (status == CXM_E_EMPTY)
        return complain(EXIT_INPUT, "%s: %s '%.*s' has a target and no answer in %s", run->opt->targets, margin, len, report->level.text, run->in->name);
    if (status == CXM_E_MISMATCH)
        return complain(EXIT_INPUT, "%s: %s '%.*s' of %s has no target", run->opt->targets, margin, len, report->level.text ? report->level.text : "", run->in->name);
    if (status != CXM_OK) return out_of_memory();
    own.calibrated = true;
    return EXIT_FINE;
}

static int open_design(score_run *run, bool total, cxm_design **out)
{
    cxm_design_options how = {.size = sizeof how, .margins = (uint32_t)own.margin_count, .clustered = weights_cluster(run->told) != NULL};
    if (cxm_design_create(&how, &run->spec, NULL, out) != CXM_OK) return out_of_memory();
    int code = add_leaves(run, *out, total);
    if (code != EXIT_FINE) return code;
    if (cxm_design_close(*out) != CXM_OK) return out_of_memory();
    return own.margin_count ? calibrate(run, *out) : EXIT_FINE;
}

/* Unweighted answers of all leaves in a domain, for the counts that stand beside its estimate. */
static int count_domains(score_run *run, bool total, size_t first)
{
    cxm_engine_result slot = {.size = sizeof slot};
    cxm_status status;
    cxm_engine_close(run->engine);
    while ((status = cxm_engine_next(run->engine, &slot)) == CXM_OK) {
        if (slot.segment_count == 0 && run->name_count + run->hidden > 0) continue;
        uint32_t number = domain_of(run, &slot, total);
        if (number) count_points(run, slot.weighted, &own.results[first + number - 1].counts);
    }
    return status == CXM_END ? EXIT_FINE : refused(run, status);
}

static int weigh_domains(score_run *run, bool total)
{
    cxm_design *design = NULL;
    const domain *first = total ? own.domains : own.domains + own.totals;
    size_t count = total ? own.totals : own.domain_count - own.totals, begun = own.result_count;
    int code = open_design(run, total, &design);
    for (size_t i = 0; i < count && code == EXIT_FINE; ++i) {
        weighed *w = new_result(run, &first[i].slot);
        if (!w) code = out_of_memory();
        if (!w) break;
        own.ask.domain = (uint32_t)i + 1;
        cxm_status status = cxm_design_summarize(design, &own.ask, &w->sum);
        if (!is_fine(status)) code = refused(run, status);
    }
    own.ask.domain = 0;
    if (code == EXIT_FINE && total) {
        own.overall = (weighed){.slot = {.size = sizeof own.overall.slot}, .sum = {.size = sizeof own.overall.sum}};
        cxm_status status = cxm_design_summarize(design, &own.ask, &own.overall.sum);
        if (!is_fine(status)) code = refused(run, status);
    }
    if (code == EXIT_FINE) code = count_domains(run, total, begun);
    cxm_design_free(design);
    return code;
}

static void remark_on(const score_run *run)
{
    const cxm_weighted_summary *all = own.result_count ? &own.results[0].sum : NULL;
    if (own.calibrated && !own.calibration.converged)
        remark(run->opt, "%s: the weights did not come to agree with all targets in %u rounds; the largest error is %.2g", run->opt->targets,
               (unsigned)own.calibration.rounds, own.calibration.max_error);
    if (all && all->lonely && all->se_status != CXM_OK)
        remark(run->opt, "strata with one cluster alone: %llu; nothing can be said of their spread, so there is no standard error",
               (unsigned long long)all->lonely);
    if (own.overall.sum.zero) remark(run->opt, own.overall.sum.zero == 1 ? "%llu row weighs 0 and is dropped" : "%llu rows weigh 0 and are dropped",
                                         (unsigned long long)own.overall.sum.zero);
    if (run->account.refused)
        remark(run->opt, run->account.refused == 1 ? "%llu row is left out: its weight is blank, negative or no number"
                                                   : "%llu rows are left out: their weight is blank, negative or no number",
               (unsigned long long)run->account.refused);
}

int weights_settle(score_run *run)
{
    uint64_t slots, others;
    cxm_engine_slots(run->engine, &slots, &others);
    if (others && run->hidden) return complain(EXIT_LIMIT, "%s: too many strata, clusters and segments for the memory bound", run->in->name);
    int code = EXIT_FINE;
    if (!has_design(run->told)) {
        cxm_status status = weigh_plain(run);
        if (status != CXM_OK) return refused(run, status);
        if (own.result_count) own.overall = own.results[0];
    } else {
        if (list_domains(run) != CXM_OK) return out_of_memory();
        compare_totals(run);
        code = weigh_domains(run, true);
        if (code == EXIT_FINE && run->name_count) code = weigh_domains(run, false);
    }
    cxm_engine_account(run->engine, &run->account);
    if (code == EXIT_FINE) remark_on(run);
    return code;
}

int weights_contrasts(score_run *run)
{
    own.domain_count = 0;
    if (list_domains(run) != CXM_OK) return out_of_memory();
    return open_design(run, false, &own.segments);
}

cxm_status weights_contrast(size_t first, size_t second, cxm_difference *out)
{
    cxm_design_contrast got = {.size = sizeof got};
    cxm_status status = cxm_design_compare(own.segments, &own.ask, (uint32_t)first + 1, (uint32_t)second + 1, &got);
    if (status == CXM_OK && got.p_status != CXM_OK) status = CXM_E_UNDEFINED;
    if (status == CXM_OK)
        *out = (cxm_difference){.size = sizeof *out, .method = CXM_COMPARE_DESIGN_T, .level = got.level, .difference = got.difference, .low = got.low,
                                .high = got.high, .se = got.se, .statistic = got.statistic, .df = got.df, .p = got.p,
                                .statistic_kind = CXM_STATISTIC_T};
    return status;
}

void weights_rewind(void)
{
    own.at = 0;
}

/* The summary as a scale's, with what weights change. */
static void fill(const score_run *run, const weighed *w, scored_result *out)
{
    const cxm_weighted_summary *s = &w->sum;
    cxm_scale_summary *sum = &out->sum;
    *sum = (cxm_scale_summary){.size = sizeof *sum};
    cxm_scale_summarize(&w->counts, &run->ask, sum);
    out->status = s->sum_weights > 0.0 ? CXM_OK : CXM_E_EMPTY;
    sum->n = s->n;
    sum->missing = s->missing, sum->unparsed = s->unparsed, sum->out_of_range = s->out_of_range;
    sum->value = s->value, sum->se = s->se, sum->mean = s->mean, sum->sd = (double)NAN;
    sum->top_share = s->top_share, sum->bottom_share = s->bottom_share, sum->net = s->net;
    double width = (double)run->spec.hi - run->spec.lo, above = s->mean - run->spec.lo;
    sum->rescaled = 100.0 * (run->spec.direction == CXM_HIGHER_IS_BETTER ? above : width - above) / width;
    sum->level = s->level, sum->low = s->low, sum->high = s->high;
    sum->method = s->method, sum->interval_status = s->interval_status, sum->se_status = s->se_status;
    out->slot = w->slot;
    out->slot.state = &w->counts;
    out->weights = s;
    out->has_change = false;
}

bool weights_next(const score_run *run, scored_result *out)
{
    if (own.at == own.result_count) return false;
    fill(run, &own.results[own.at++], out);
    return true;
}

void weights_at(const score_run *run, size_t i, scored_result *out)
{
    fill(run, &own.results[i], out);
}

void weights_overall(const score_run *run, scored_result *out)
{
    if (own.overall.counts.spec.hi == 0 && own.overall.counts.spec.lo == 0) own.overall.counts = run->overall;
    fill(run, &own.overall, out);
}

void weights_end(void)
{
    for (int i = 0; i < own.target_count; ++i) free(own.targets[i].level);
    for (int i = 0; i < own.margin_count; ++i) free((void *)(uintptr_t)own.margins[i]);
    cxm_design_free(own.segments);
    free(own.domains);
    free(own.results);
}

void weights_json(sink *out)
{
    if (!own.calibrated) return;
    sink_format(out, ",\"calibration\":{\"converged\":%s,\"rounds\":%u,\"max_error\":", own.calibration.converged ? "true" : "false",
                (unsigned)own.calibration.rounds);
    sink_number(out, own.calibration.max_error);
    sink_text(out, "}");
}
