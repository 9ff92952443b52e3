/* SPDX-License-Identifier: MIT */
/* survival.c - cxm survival: customers by segment to curves, and a test of whether segments differ.
 *
 * Whole tenures without weights are counted in a histogram, which does not grow with the rows. The first other one turns all
 * histograms into records: at any exit those at risk are alike, so each leaver is matched with any entry before it. */
#include "survival.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MOST = 4096, HISTOGRAM_CAP = 36500, RECORDS_LEAST = 64, FEW_SHARE = 100 };
static const size_t BYTES_MOST = (size_t)256 << 20;

/* --- room --- */

/* Room for one more of `size` bytes; false at the bound of all customers, or without memory (then *status says so). */
static cxm_status grow(survival_run *run, void **at, size_t used, size_t *room, size_t size)
{
    if (used < *room) return CXM_OK;
    size_t more = *room ? *room : RECORDS_LEAST;
    if (more > (BYTES_MOST - run->bytes) / size) return CXM_E_LIMIT;
    void *larger = realloc(*at, (*room + more) * size);
    if (!larger) return CXM_E_MEMORY;
    *at = larger;
    *room += more;
    run->bytes += more * size;
    return CXM_OK;
}

static cxm_status keep_record(survival_run *run, stays *s, const stay *of)
{
    void *at = s->records;
    cxm_status status = grow(run, &at, s->count, &s->room, sizeof *s->records);
    s->records = at;
    if (status != CXM_OK) return status;
    s->records[s->count++] = (cxm_survival_record){.entry = of->entry, .exit = of->exit, .weight = of->weight, .event = of->event};
    return CXM_OK;
}

/* --- histograms to records --- */

/* Those at risk that are not matched yet, by when they entered. */
typedef struct pool { struct { double entry, count; } *rows; size_t count, room; } pool;

static cxm_status let_in(survival_run *run, pool *p, double entry, double count)
{
    void *at = p->rows;
    if (count == 0.0) return CXM_OK;
    cxm_status status = grow(run, &at, p->count, &p->room, sizeof *p->rows);
    p->rows = at;
    if (status != CXM_OK) return status;
    p->rows[p->count].entry = entry;
    p->rows[p->count++].count = count;
    return CXM_OK;
}

static cxm_status let_out(survival_run *run, stays *s, pool *p, double t, int32_t event, double count)
{
    cxm_status status = CXM_OK;
    while (count > 0.0 && status == CXM_OK) {
        double *left = &p->rows[p->count - 1].count, now = fmin(*left, count);
        const stay of = {p->rows[p->count - 1].entry, t, now, event};
        status = keep_record(run, s, &of);
        count -= now;
        *left -= now;
        if (*left == 0.0) --p->count;
    }
    return status;
}

static cxm_status match_all(survival_run *run, stays *s, pool *p)
{
    cxm_survival_account account = {.size = sizeof account};
    cxm_survival_curve curve = {.size = sizeof curve};
    cxm_survival_point point = {.size = sizeof point};
    double before = 0.0;
    cxm_survival_account_of(s->counts, &account);
    cxm_status status = cxm_survival_curve_of(s->counts, 0, 0.0, &curve);
    if (status != CXM_OK) return status == CXM_E_EMPTY ? CXM_OK : status;
    status = let_in(run, p, 0.0, (double)(account.n - account.late));
    while (status == CXM_OK && cxm_survival_next(&curve, &point) == CXM_OK) {
        status = let_in(run, p, 0.5 * (before + point.t), point.entered);
        if (status == CXM_OK) status = let_out(run, s, p, point.t, 1, point.events);
        if (status == CXM_OK) status = let_out(run, s, p, point.t, 0, point.censored);
        before = point.t;
    }
    return status;
}

static cxm_status to_records(survival_run *run, stays *s)
{
    pool p = {NULL, 0, 0};
    cxm_status status = s->counts ? match_all(run, s, &p) : CXM_OK;
    run->bytes -= p.room * sizeof *p.rows;
    free(p.rows);
    run->bytes -= cxm_survival_bytes(s->counts);
    cxm_survival_free(s->counts);
    s->counts = NULL;
    return status;
}

static cxm_status all_to_records(survival_run *run)
{
    cxm_status status = CXM_OK;
    run->by_records = true;
    for (size_t i = 0; i < run->group_count && status == CXM_OK; ++i) status = to_records(run, run->groups[i]);
    return status;
}

/* --- customers --- */

static bool is_counted(const stay *of)
{
    bool whole = of->exit == floor(of->exit) && of->entry == floor(of->entry);
    return whole && of->exit <= HISTOGRAM_CAP && of->weight == 1.0;
}

static cxm_status count_stay(survival_run *run, stays *s, const stay *of)
{
    size_t before = cxm_survival_bytes(s->counts);
    cxm_status status = s->counts ? CXM_OK : cxm_survival_create(HISTOGRAM_CAP, NULL, &s->counts);
    if (status == CXM_OK) status = cxm_survival_add(s->counts, (int64_t)of->entry, (int64_t)of->exit, of->event);
    run->bytes += cxm_survival_bytes(s->counts) - before;
    return status != CXM_OK || run->bytes <= BYTES_MOST ? status : CXM_E_LIMIT;
}

static cxm_status add_stay(survival_run *run, stays *s, const stay *of)
{
    cxm_status status = run->by_records || is_counted(of) ? CXM_OK : all_to_records(run);
    if (status == CXM_OK) status = run->by_records ? keep_record(run, s, of) : count_stay(run, s, of);
    ++s->n;
    s->events += of->event != 0;
    s->weight += of->weight;
    return status;
}

/* --- segments --- */

static int compare_segments(const survival_run *run, const cxm_view *a, const cxm_view *b)
{
    int order = 0;
    for (int i = 0; i < run->base->name_count && order == 0; ++i) order = compare_views(a[i], b[i]);
    return order;
}

static stays *new_stays(const survival_run *run, const cxm_view *segments)
{
    size_t len = 0;
    stays *s = calloc(1, sizeof *s);
    for (int i = 0; i < run->base->name_count; ++i) len += segments[i].len;
    if (s) s->text = malloc(len ? len : 1);
    if (!s || !s->text) return free(s), NULL;
    char *at = s->text;
    for (int i = 0; i < run->base->name_count; ++i) {
        if (segments[i].len) memcpy(at, segments[i].text, segments[i].len);
        s->segments[i] = (cxm_view){at, segments[i].len};
        at += segments[i].len;
    }
    return s;
}

/* The group of these segments, made where there was none. */
static cxm_status group_of(survival_run *run, const cxm_view *segments, stays **out)
{
    size_t from = 0, to = run->group_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare_segments(run, run->groups[middle]->segments, segments);
        if (order == 0) return *out = run->groups[middle], CXM_OK;
        if (order < 0) from = middle + 1;
        else to = middle;
    }
    if (run->group_count == GROUPS_MOST) return CXM_E_LIMIT;
    void *at = run->groups;
    cxm_status status = grow(run, &at, run->group_count, &run->group_room, sizeof *run->groups);
    run->groups = at;
    stays *s = status == CXM_OK ? new_stays(run, segments) : NULL;
    if (!s) return status != CXM_OK ? status : CXM_E_MEMORY;
    memmove(run->groups + from + 1, run->groups + from, (run->group_count++ - from) * sizeof *run->groups);
    *out = run->groups[from] = s;
    return CXM_OK;
}

cxm_status stays_take(survival_run *run, const cxm_view *segments, const stay *of)
{
    stays *s;
    cxm_status status = group_of(run, segments, &s);
    return status == CXM_OK ? add_stay(run, s, of) : status;
}

cxm_status stays_take_open(survival_run *run, const cxm_view *segments, const open_stay *of)
{
    stays *s;
    cxm_status status = group_of(run, segments, &s);
    if (status != CXM_OK) return status;
    void *at = s->open;
    status = grow(run, &at, s->open_count, &s->open_room, sizeof *s->open);
    s->open = at;
    if (status == CXM_OK) s->open[s->open_count++] = *of;
    return status;
}

/* Up to the latest day of all, which is known by now. One that was not seen before that day is out of range. */
static cxm_status close_open(survival_run *run, stays *s)
{
    cxm_status status = CXM_OK;
    for (size_t i = 0; i < s->open_count && status == CXM_OK; ++i) {
        const open_stay *o = &s->open[i];
        const stay of = {o->entry, (double)(run->latest_day - o->start_day), o->weight, 0};
        bool seen = of.entry < of.exit || of.exit == 0.0;
        if (seen) status = add_stay(run, s, &of);
        run->base->account.scored -= !seen;
        run->base->account.out_of_range += !seen;
    }
    free(s->open);
    run->bytes -= s->open_room * sizeof *s->open;
    s->open = NULL;
    s->open_count = s->open_room = 0;
    return status;
}

/* --- curves --- */

static cxm_status add_all(stays *into, const stays *from)
{
    into->n += from->n;
    into->events += from->events;
    into->weight += from->weight;
    if (from->counts) return into->counts ? cxm_survival_merge(into->counts, from->counts) : CXM_E_MEMORY;
    if (from->count) memcpy(into->records + into->count, from->records, from->count * sizeof *from->records);
    into->count += from->count;
    return CXM_OK;
}

/* All segments together; without --by they are one, which the total takes over. */
static cxm_status make_total(survival_run *run)
{
    cxm_status status = CXM_OK;
    size_t count = 0;
    if (run->base->name_count == 0 && run->group_count) {
        run->total = *run->groups[0];
        free(run->groups[0]);
        run->group_count = 0;
        return CXM_OK;
    }
    for (size_t i = 0; i < run->group_count; ++i) count += run->groups[i]->count;
    if (count && !(run->total.records = malloc(count * sizeof *run->total.records))) return CXM_E_MEMORY;
    if (!run->by_records && run->group_count) status = cxm_survival_create(HISTOGRAM_CAP, NULL, &run->total.counts);
    for (size_t i = 0; i < run->group_count && status == CXM_OK; ++i) status = add_all(&run->total, run->groups[i]);
    return status;
}

static cxm_status make_curve(const survival_run *run, stays *s)
{
    const options *opt = run->base->opt;
    cxm_survival_point point = {.size = sizeof point};
    s->curve.size = sizeof s->curve;
    if (s->n == 0) return CXM_OK;
    cxm_status status = s->counts ? CXM_OK : cxm_survival_sort(s->records, s->count, NULL);
    if (status == CXM_OK) status = s->counts ? cxm_survival_curve_of(s->counts, opt->limits, opt->level, &s->curve)
                                             : cxm_survival_curve_of_records(s->records, s->count, opt->limits, opt->level, &s->curve);
    s->exists = status == CXM_OK;
    while (s->exists && cxm_survival_next(&s->curve, &point) == CXM_OK) {
        s->last = point.t;
        s->last_survival = point.survival;
    }
    return status;
}

/* The longest time up to which every curve tells its mean: one that came down to 0 tells it for any. A segment of a few shortens
 * it for nobody else: its own mean is not told then. */
static void settle_tau(survival_run *run)
{
    const stays *s;
    run->tau = run->total.last;
    for (size_t i = 0; survival_result(run, i, &s); ++i)
        if (s->exists && s->last_survival > 0.0 && s->last < run->tau && s->n * FEW_SHARE >= run->total.n) run->tau = s->last;
}

static cxm_status test_groups(survival_run *run)
{
    cxm_survival_curve curves[CXM_SURVIVAL_GROUPS_MAX];
    cxm_survival_group other[CXM_SURVIVAL_GROUPS_MAX];
    uint32_t count = (uint32_t)run->group_count;
    run->test_status = run->group_count > CXM_SURVIVAL_GROUPS_MAX ? CXM_E_LIMIT : CXM_OK;
    if (run->group_count < 2 || run->test_status != CXM_OK) return CXM_OK;
    run->each = calloc(count, sizeof *run->each);
    if (!run->each) return CXM_E_MEMORY;
    for (uint32_t i = 0; i < count; ++i) curves[i] = run->groups[i]->curve;
    run->logrank.size = run->peto.size = sizeof run->logrank;
    run->test_status = cxm_survival_compare(curves, count, 0.0, run->each, &run->logrank);
    if (run->test_status == CXM_OK) run->test_status = cxm_survival_compare(curves, count, 1.0, other, &run->peto);
    return CXM_OK;
}

int stays_settle(survival_run *run)
{
    cxm_status status = CXM_OK;
    for (size_t i = 0; i < run->group_count && status == CXM_OK; ++i) status = close_open(run, run->groups[i]);
    if (status == CXM_OK && !run->from_state) status = make_total(run);
    for (size_t i = 0; i < run->group_count && status == CXM_OK; ++i) status = make_curve(run, run->groups[i]);
    if (status == CXM_OK) status = make_curve(run, &run->total);
    settle_tau(run);
    if (status == CXM_OK) status = test_groups(run);
    return status == CXM_OK ? EXIT_FINE : pass_failed(run->base, status);
}

static void free_stays(stays *s)
{
    free(s->text);
    free(s->records);
    free(s->open);
    cxm_survival_free(s->counts);
}

void survival_end(survival_run *run)
{
    for (size_t i = 0; i < run->group_count; ++i) {
        free_stays(run->groups[i]);
        free(run->groups[i]);
    }
    free_stays(&run->total);
    free(run->groups);
    free(run->each);
    crowd_end(run->customers);
}

bool survival_result(const survival_run *run, size_t i, const stays **out)
{
    if (i > run->group_count) return false;
    *out = i ? run->groups[i - 1] : &run->total;
    return true;
}

/* --- what a curve tells --- */

static cxm_survival_time none(void)
{
    double nan = (double)NAN;
    return (cxm_survival_time){.size = sizeof(cxm_survival_time), .time = nan, .se = nan, .low = nan, .high = nan};
}

cxm_survival_time stays_quantile(const stays *s, double share)
{
    cxm_survival_time t = none();
    if (s->exists) cxm_survival_quantile(&s->curve, share, &t);
    return t;
}

cxm_survival_time stays_mean(const stays *s, double tau)
{
    cxm_survival_time t = none();
    if (s->exists && tau > 0.0) cxm_survival_mean(&s->curve, tau, &t);
    return t;
}

const char *limits_name(const survival_run *run)
{
    static const char *const names[] = {"log", "plain", "log", "log-log"};      /* by CXM_SURVIVAL_* */
    return names[run->base->opt->limits];
}

/* --- the command --- */

/* A histogram that another language or a database has written. */
static int read_state(survival_run *run)
{
    score_run *base = run->base;
    cxm_survival_account a = {.size = sizeof a};
    if (cxm_survival_decode(base->in->buffer, base->in->state_len, BYTES_MOST, NULL, &run->total.counts) != CXM_OK)
        return complain(EXIT_INPUT, "%s: this is no state of tenures", base->in->name);
    if (base->opt->by_count || base->opt->map_count || base->opt->weight || base->opt->has_until)
        return complain(EXIT_USAGE, "%s is a state: --by, --map, --weight and --until go with rows", base->in->name);
    if (cxm_survival_account_of(run->total.counts, &a) != CXM_OK) return complain(EXIT_IO, "the counts are too large to be summed");
    run->from_state = true;
    run->total.n = a.n;
    run->total.events = a.events;
    run->total.weight = (double)a.n;
    base->account.scored = a.n;
    base->account.missing = a.missing;
    base->account.out_of_range = a.refused;
    base->account.records = a.n + a.missing + a.refused;
    return EXIT_FINE;
}

/* What the numbers are of; the day up to which it is known is part of it. */
static void define(survival_run *run)
{
    score_run *base = run->base;
    char day[CXM_TEXT_TIME_MAX + 1] = "", tenure[600] = "";
    size_t len = 0;
    cxm_text_from_time(run->latest_day * INT64_C(86400000000), 0, day, sizeof day - 1, &len);
    if (len > 10) day[10] = '\0';
    if (run->of_customers && run->any_day)
        snprintf(tenure, sizeof tenure, "tenure = first stay of a customer without a break, in whole days, of who is still there up to %s%s; ", day,
                 base->opt->has_until ? "" : ", the latest day");
    else if (run->dates && run->any_day)
        snprintf(tenure, sizeof tenure, "tenure = %.200s - %.200s in whole days, of who is still there up to %s%s; ", base->in->names[base->cols.end],
                 base->in->names[base->cols.start], day, base->opt->has_until ? "" : ", the latest day");
    snprintf(base->definition, sizeof base->definition,
             "%ssurvival = share still there, by Kaplan-Meier; value = median tenure, the time by which half have left; %s limits at level %g", tenure,
             limits_name(run), base->opt->level);
}

static void look_at_names(const survival_run *run)
{
    const stays *s;
    for (size_t i = 1; survival_result(run, i, &s); ++i)
        for (int k = 0; k < run->base->name_count; ++k) run->base->in->odd_bytes |= !is_utf8(s->segments[k].text, s->segments[k].len);
}

/* A log of customers, unless its rows are told to be customers themselves. */
static int read_rows(survival_run *run)
{
    static options of_customers;        /* large, and made once */
    score_run *base = run->base;
    const options *opt = base->opt;
    bool rows = mapped(opt, "duration") || mapped(opt, "entry") || opt->weight;
    if (rows && base->in->state_len) return complain(EXIT_USAGE, "%s is a state: --map and --weight go with rows", base->in->name);
    if (!rows && (base->in->state_len || crowd_fits(run->customers))) {
        of_customers = *opt;
        of_customers.metric = METRIC_CUSTOMERS;
        base->opt = base->told = &of_customers;
        run->of_customers = true;
        return survival_of_customers(run);
    }
    if (opt->requested || opt->currency) return complain(EXIT_USAGE, "%s goes with events or periods of customers", opt->requested ? "--cancel" : "--currency");
    int code = columns_resolve(base->in, opt, false, &base->cols);
    return code == EXIT_FINE ? survival_rows(run) : code;
}

static int read_input(survival_run *run)
{
    score_run *base = run->base;
    int code = source_open(base->in, base->file, base->opt);
    if (code != EXIT_FINE) return code;
    code = base->in->state_len && !is_customers_state(base->in) ? read_state(run) : read_rows(run);
    if (code == EXIT_FINE) code = stays_settle(run);
    if (code == EXIT_FINE && !run->of_customers) code = score_check(base);
    if (code != EXIT_FINE) return code;
    define(run);
    look_at_names(run);
    if (!run->of_customers) score_remark(base);
    return EXIT_FINE;
}

int survival_count(survival_run *run, crowd *customers, source *in, const options *opt, const char *file)
{
    crowd_begin(customers, opt, in, file);
    run->customers = customers;
    run->base = &customers->run;
    run->weighted = opt->weight != NULL;
    run->by_records = run->weighted;
    return read_input(run);
}

static int print_results(const survival_run *run)
{
    static sink out;            /* large, and made once */
    int code = sink_open(&out, run->base->opt);
    if (code != EXIT_FINE) return code;
    if (run->base->opt->output == OUTPUT_JSON) json_survival(run, &out);
    else if (run->base->opt->output == OUTPUT_CSV) table_survival(run, &out);
    else screen_survival(run, &out);
    return sink_close(&out);
}

int command_survival(const options *opt)
{
    static crowd customers;     /* large, and made once */
    static survival_run run;
    static source in;
    if (opt->file_count != 1) return complain(EXIT_USAGE, "survival takes one FILE, or - for standard input");
    int code = survival_count(&run, &customers, &in, opt, opt->files[0]);
    if (code == EXIT_FINE) code = print_results(&run);
    survival_end(&run);
    return code;
}
