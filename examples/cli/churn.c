/* SPDX-License-Identifier: MIT */
/* churn.c - cxm churn: from customers to every named rate of a period, its movements, and the walk between definitions.
 *
 * Periods are those of --every, else --since to --until; of what is not told --until is where the data end, and --since a month before it.
 * Neither told: the last whole calendar month that the data reach over. Stripe and Baremetrics look at the 30 days before a
 * period's end, whatever its length, and Baremetrics of annual plans at 365: these have counts of their own.       */
#include "churn.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t DAY = INT64_C(86400000000);
enum { PERIODS_MOST = 20000, GROUPS_MOST = 65536 };
static const uint64_t GROUP_BYTES = 700, DAY_BYTES = 40, COUNT_BYTES = UINT64_C(2) << 30;

static const churn_name names[] = {
    {"logo_endpoint", CXM_CHURN_LOGO_ENDPOINT, OVER_PERIOD}, {"retention", CXM_CHURN_RETENTION, OVER_PERIOD},
    {"logo_average", CXM_CHURN_LOGO_AVERAGE, OVER_PERIOD}, {"stripe", CXM_CHURN_STRIPE, OVER_MONTH},
    {"chartmogul", CXM_CHURN_CHARTMOGUL, OVER_PERIOD}, {"chartmogul_b2c", CXM_CHURN_CHARTMOGUL_B2C, OVER_PERIOD},
    {"baremetrics", CXM_CHURN_BAREMETRICS, OVER_MONTH}, {"baremetrics_365", CXM_CHURN_BAREMETRICS, OVER_YEAR},
    {"profitwell", CXM_CHURN_PROFITWELL, OVER_PERIOD}, {"shopify_daily", CXM_CHURN_SHOPIFY_DAILY, OVER_PERIOD},
    {"exposure", CXM_CHURN_EXPOSURE, OVER_PERIOD}, {"inactive", CXM_CHURN_INACTIVE, OVER_PERIOD},
    {"gross_mrr", CXM_CHURN_GROSS_MRR, OVER_PERIOD}, {"gross_mrr_flow", CXM_CHURN_GROSS_MRR_FLOW, OVER_PERIOD},
    {"gross_mrr_daily", CXM_CHURN_GROSS_MRR_DAILY, OVER_PERIOD}, {"net_mrr", CXM_CHURN_NET_MRR, OVER_PERIOD},
    {"net_mrr_baremetrics", CXM_CHURN_NET_MRR_BAREMETRICS, OVER_MONTH}, {"net_mrr_daily", CXM_CHURN_NET_MRR_DAILY, OVER_PERIOD},
    {"grr", CXM_CHURN_GRR, OVER_PERIOD}, {"nrr", CXM_CHURN_NRR, OVER_PERIOD}, {"quick_ratio", CXM_CHURN_QUICK_RATIO, OVER_PERIOD},
    {"quick_ratio_reactivation", CXM_CHURN_QUICK_RATIO_REACTIVATION, OVER_PERIOD}, {"mrr_growth", CXM_CHURN_MRR_GROWTH, OVER_PERIOD}};
enum { NAMES = sizeof names / sizeof *names };
_Static_assert(sizeof names / sizeof *names <= (size_t)MAX_DEFINITIONS, "more names than can be asked for");

const char *churn_definition_name(int definition)
{
    return definition >= 0 && definition < NAMES ? names[definition].name : NULL;
}

int churn_definition(const char *name)
{
    for (int i = 0; i < NAMES; ++i)
        if (strcmp(names[i].name, name) == 0) return i;
    return -1;
}

const churn_name *churn_name_of(int definition)
{
    return &names[definition];
}

/* --- periods --- */

static int add_period(churn_run *run, int64_t from_us, int64_t to_us, bool complete)
{
    if (run->period_count % 64 == 0) {
        churn_period *larger = realloc(run->periods, (run->period_count + 64) * sizeof *larger);
        if (!larger) return out_of_memory();
        run->periods = larger;
    }
    run->periods[run->period_count++] = (churn_period){from_us, to_us, complete};
    return EXIT_FINE;
}

/* Windows of --every, from the one around --since or the first row to the one around the last instant. */
static int choose_windows(churn_run *run)
{
    const options *opt = run->crowd.run.opt;
    int64_t low = opt->has_since ? opt->since_us : run->crowd.first_us, high = opt->has_until ? opt->until_us : run->crowd.latest_us + 1;
    int64_t at = low, from, to;
    if (!run->crowd.any && !(opt->has_since && opt->has_until)) return EXIT_FINE;
    for (int code; at < high; at = to) {
        if (cxm_window_of(&opt->window, at, &from, &to) != CXM_OK) break;
        if (run->period_count == PERIODS_MOST) return complain(EXIT_LIMIT, "--every %s makes more than %d windows of this range", opt->every, PERIODS_MOST);
        code = add_period(run, from, to, from >= low && to <= (opt->has_until ? high : run->crowd.latest_us));
        if (code != EXIT_FINE) return code;
    }
    return EXIT_FINE;
}

/* The last whole month, else all that there is. */
static int choose_month(churn_run *run)
{
    cxm_window_spec month = {.size = sizeof month, .unit = CXM_WINDOW_MONTH, .zone_s = run->crowd.run.opt->zone_s};
    int64_t from, to, before, behind;
    run->chosen = true;
    if (!run->crowd.any) return EXIT_FINE;
    bool known = cxm_window_of(&month, run->crowd.latest_us, &from, &to) == CXM_OK && cxm_window_of(&month, from - 1, &before, &behind) == CXM_OK;
    if (known && before >= run->crowd.first_us) return add_period(run, before, behind, true);
    return add_period(run, run->crowd.first_us, run->crowd.latest_us + 1, true);
}

/* Whether a period is known whole: what --since and --until do not vouch for lies between the first row and the last. */
static bool is_whole(const churn_run *run, int64_t from_us, int64_t to_us)
{
    const options *opt = run->crowd.run.opt;
    return (opt->has_since || from_us >= run->crowd.first_us) && (opt->has_until || to_us <= run->crowd.latest_us);
}

static int choose_range(churn_run *run)
{
    const options *opt = run->crowd.run.opt;
    int64_t to_us = opt->has_until ? opt->until_us : run->crowd.latest_us, from_us = opt->has_since ? opt->since_us : to_us - MONTH_DAYS * DAY;
    if (!opt->has_until && (!run->crowd.any || from_us >= to_us))
        return complain(EXIT_INPUT, "%s: nothing is told of the time after --since; say --until", run->crowd.run.in->name);
    return add_period(run, from_us, to_us, is_whole(run, from_us, to_us));
}

/* Two periods that meet at --at, of 30 days where --since and --until do not tell how long. */
static int choose_sides(churn_run *run)
{
    const options *opt = run->crowd.run.opt;
    int64_t from_us = opt->has_since ? opt->since_us : opt->at_us - MONTH_DAYS * DAY, to_us = opt->has_until ? opt->until_us : opt->at_us + MONTH_DAYS * DAY;
    if (from_us >= opt->at_us || to_us <= opt->at_us) return complain(EXIT_USAGE, "--at lies between --since and --until");
    int code = add_period(run, from_us, opt->at_us, is_whole(run, from_us, opt->at_us));
    return code == EXIT_FINE ? add_period(run, opt->at_us, to_us, is_whole(run, opt->at_us, to_us)) : code;
}

static int choose_periods(churn_run *run)
{
    const options *opt = run->crowd.run.opt;
    if (opt->has_at) return choose_sides(run);
    if (opt->has_window) return choose_windows(run);
    return opt->has_since || opt->has_until ? choose_range(run) : choose_month(run);
}

/* --- counts --- */

static int open_counts(const churn_run *run, int64_t from_us, int64_t to_us, cxm_churn **out)
{
    cxm_churn_options how = {.size = sizeof how, .from_us = from_us, .to_us = to_us, .inactive_us = run->crowd.run.opt->inactive_us};
    cxm_status status = cxm_churn_create(&how, NULL, out);
    if (status == CXM_E_MEMORY) return out_of_memory();
    return status == CXM_OK ? EXIT_FINE : complain(EXIT_USAGE, "a period lies within years 1 to 9999 and has at most %d days", CXM_CHURN_DAYS_MAX);
}

static int open_group(const churn_run *run, const churn_period *period, uint32_t segment, churn_group *out)
{
    static const int64_t days[] = {0, MONTH_DAYS, YEAR_DAYS};
    out->slot = crowd_slot(&run->crowd, segment, period->from_us, period->to_us, period->complete);
    out->slot.has_window = run->crowd.any || run->crowd.run.opt->has_until;
    for (int i = 0; i < REACHES; ++i) {
        int64_t from_us = i ? period->to_us - days[i] * DAY : period->from_us;
        if (i && from_us == period->from_us) out->over[i] = out->over[OVER_PERIOD];
        else {
            int code = open_counts(run, from_us, period->to_us, &out->over[i]);
            if (code != EXIT_FINE) return code;
        }
    }
    return EXIT_FINE;
}

static bool fits_memory(const churn_run *run, size_t groups)
{
    double bytes = 0.0;
    for (size_t i = 0; i < run->period_count; ++i) {
        double days = (double)(run->periods[i].to_us - run->periods[i].from_us) / (double)DAY + MONTH_DAYS + YEAR_DAYS;
        bytes += REACHES * (double)GROUP_BYTES + days * (double)DAY_BYTES;
    }
    return bytes * (double)groups <= (double)COUNT_BYTES && groups * run->period_count <= GROUPS_MOST;
}

static int open_groups(churn_run *run)
{
    size_t groups = run->crowd.segment_count + 1;
    int none = run->period_count ? EXIT_FINE : add_period(run, 0, DAY, false);      /* of no rows nothing is known, not even when */
    if (none != EXIT_FINE) return none;
    if (!fits_memory(run, groups)) return complain(EXIT_LIMIT, "%zu segments and %zu periods are too many for the memory bound", groups - 1, run->period_count);
    run->groups = calloc(groups * run->period_count + 1, sizeof *run->groups);
    if (!run->groups) return out_of_memory();
    for (size_t g = 0; g < groups; ++g)
        for (size_t i = 0; i < run->period_count; ++i) {
            int code = open_group(run, &run->periods[i], g ? (uint32_t)(g - 1) : UINT32_MAX, &run->groups[run->group_count++]);
            if (code != EXIT_FINE) return code;
        }
    return EXIT_FINE;
}

static int add_to_group(churn_group *group, const cxm_customer_item *item)
{
    for (int i = 0; i < REACHES; ++i) {
        bool again = i && group->over[i] == group->over[OVER_PERIOD];
        cxm_status status = again ? CXM_OK : cxm_churn_add(group->over[i], item);
        if (status == CXM_E_OVERFLOW) return complain(EXIT_LIMIT, "the amounts are too large to be summed");
    }
    return EXIT_FINE;
}

/* Whether a customer is known at all by the end of a period. */
static bool is_known(const cxm_customer_item *item, int64_t to_us)
{
    return (item->step_count && item->steps[0].at_us <= to_us) || (item->purchase_count && item->purchases[0].at_us <= to_us);
}

static int count_customers(churn_run *run)
{
    cxm_customer_item item;
    uint64_t cursor = 0;
    int code = EXIT_FINE;
    while (code == EXIT_FINE && crowd_next(&run->crowd, &cursor, &item, &code)) {
        size_t segment = run->crowd.segment_count ? crowd_segment(&run->crowd, item.code) + 1 : 0;
        for (size_t i = 0; i < run->period_count && code == EXIT_FINE; ++i) {
            if (!is_known(&item, run->periods[i].to_us)) continue;
            code = add_to_group(&run->groups[i], &item);
            if (code == EXIT_FINE && segment) code = add_to_group(&run->groups[segment * run->period_count + i], &item);
        }
    }
    return code;
}

int churn_count(churn_run *run, const options *opt, int file)
{
    int code = crowd_read(&run->crowd, opt, file);
    if (code == EXIT_FINE) code = choose_periods(run);
    if (code == EXIT_FINE) code = open_groups(run);
    return code == EXIT_FINE ? count_customers(run) : code;
}

void churn_end(churn_run *run)
{
    for (size_t g = 0; g < run->group_count; ++g)
        for (int i = 0; i < REACHES; ++i)
            if (i == 0 || run->groups[g].over[i] != run->groups[g].over[OVER_PERIOD]) cxm_churn_free(run->groups[g].over[i]);
    free(run->groups);
    free(run->periods);
    crowd_end(&run->crowd);
}

/* --- rates --- */

/* What the input has nothing for; NULL where it has. */
static const char *why_not(const crowd *c, int definition)
{
    const int32_t rate = names[definition].rate;
    cxm_churn_description is = {.size = sizeof is};
    cxm_churn_describe(rate, &is);
    if (rate == CXM_CHURN_INACTIVE) return c->has_purchases ? NULL : "the input has no purchases";
    if (!c->has_subscriptions) return "the input has no subscriptions";
    if (rate == CXM_CHURN_PROFITWELL && c->run.opt->requested) return "it counts a cancellation when what was paid for has ended: --cancel ended";
    return is.money && !c->has_amounts ? "no column tells amounts" : NULL;
}

/* Those told; without --definition all that the input allows, and of an empty one all. */
static void choose_definitions(churn_run *run)
{
    const options *opt = run->crowd.run.opt;
    for (int i = 0; i < opt->definition_count; ++i) run->definitions[run->definition_count++] = opt->definitions[i];
    for (int i = 0; i < NAMES && opt->definition_count == 0; ++i)
        if (!run->crowd.any || !why_not(&run->crowd, i)) run->definitions[run->definition_count++] = i;
}

void churn_value_of(const churn_run *run, const churn_group *group, int definition, churn_value *out)
{
    static const int64_t days[] = {0, MONTH_DAYS, YEAR_DAYS};
    const churn_name *name = &names[definition];
    *out = (churn_value){.name = name, .is = {.size = sizeof out->is}, .rate = {.size = sizeof out->rate}, .slot = group->slot};
    cxm_churn_describe(name->rate, &out->is);
    cxm_status status = cxm_churn_rate_of(group->over[name->reach], name->rate, run->crowd.run.opt->level, &out->rate);
    if (name->reach) {
        out->slot.from_us = group->slot.to_us - days[name->reach] * DAY;
        out->slot.complete = group->slot.complete && (out->slot.from_us >= group->slot.from_us || out->slot.from_us >= run->crowd.first_us);
    }
    out->why = run->crowd.any ? why_not(&run->crowd, definition) : NULL;
    if (out->why) out->rate.value = out->rate.low = out->rate.high = out->rate.numerator = out->rate.denominator = (double)NAN;
    else if (status != CXM_OK) out->why = out->is.undefined;
    else if (out->rate.interval_status != CXM_OK)
        out->why = *out->is.why ? out->is.why : "nobody's payment moved, or everybody's by the same share, or one customer paid alone: there is no spread";
}

/* --- the walk --- */

static int add_step(churn_step *out, int n, const char *from, const char *to, double above, double below, const char *reason)
{
    out[n] = (churn_step){.from = from, .to = to, .above = above, .below = below};
    snprintf(out[n].reason, sizeof out[n].reason, "%s", reason);
    return n + 1;
}

static void parts_of(const cxm_churn *churn, int32_t rate, double *above, double *below)
{
    cxm_churn_rate value = {.size = sizeof value};
    cxm_churn_rate_of(churn, rate, 0.0, &value);
    *above = value.numerator;
    *below = value.denominator;
}

/* From a rate of one span of days to the same of another; no step where they are one. */
static int change_span(const cxm_churn *from, const cxm_churn *to, const cxm_churn_bridge_row *row, int32_t rate, const char *reason, churn_step *out, int n)
{
    cxm_churn_description a = {.size = sizeof a}, b = a;
    double above[2], below[2];
    if (from == to) return n;
    cxm_churn_describe(row->from, &a);
    cxm_churn_describe(row->to, &b);
    parts_of(from, rate, &above[0], &below[0]);
    parts_of(to, rate, &above[1], &below[1]);
    return add_step(out, n, a.name, b.name, above[1] - above[0], below[1] - below[0], reason);
}

enum { ROWS_MOST = 16 };

static int rows_of(const cxm_churn *churn, cxm_churn_bridge_row *rows)
{
    uint64_t cursor = 0;
    int n = 0;
    for (rows[0].size = sizeof *rows; n < ROWS_MOST && cxm_churn_bridge_next(churn, &cursor, &rows[n]) == CXM_OK; rows[n].size = sizeof *rows)
        if (++n == ROWS_MOST) break;
    return n;
}

/* Over the period up to profitwell, over 30 days baremetrics and stripe, and over the period again from exposure on. */
int churn_steps(const churn_group *group, churn_step *out)
{
    const cxm_churn *period = group->over[OVER_PERIOD], *month = group->over[OVER_MONTH];
    cxm_churn_bridge_row rows[ROWS_MOST], others[ROWS_MOST];
    int count = rows_of(period, rows), n = 0;
    rows_of(month, others);
    for (int i = 0; i < count; ++i) {
        const cxm_churn_bridge_row *row = rows[i].to == CXM_CHURN_STRIPE ? &others[i] : &rows[i];
        cxm_churn_description a = {.size = sizeof a}, b = a;
        bool first = i == 0 || rows[i - 1].to != row->to, last = i + 1 == count || rows[i + 1].to != row->to;
        cxm_churn_describe(row->from, &a);
        cxm_churn_describe(row->to, &b);
        if (first && row->to == CXM_CHURN_EXPOSURE) n = change_span(month, period, row, CXM_CHURN_STRIPE, "the whole period, not the 30 days before its end", out, n);
        n = add_step(out, n, a.name, b.name, row->numerator_change, row->denominator_change, row->reason);
        if (last && row->to == CXM_CHURN_BAREMETRICS) n = change_span(period, month, row, CXM_CHURN_BAREMETRICS, "the 30 days before the end, not the whole period", out, n);
    }
    return n;
}

/* --- the command --- */

static int print_results(churn_run *run)
{
    static sink out;            /* large, and made once */
    int code = sink_open(&out, run->crowd.run.opt);
    if (code != EXIT_FINE) return code;
    if (run->crowd.run.opt->output == OUTPUT_JSON) json_churn(run, &out);
    else if (run->crowd.run.opt->output == OUTPUT_CSV) table_churn(run, &out);
    else screen_churn(run, &out);
    return sink_close(&out);
}

int command_churn(const options *opt)
{
    static churn_run run;       /* large, and made once */
    int code = churn_count(&run, opt, 0);
    if (code == EXIT_FINE) choose_definitions(&run);
    if (code == EXIT_FINE) code = print_results(&run);
    if (code == EXIT_FINE && opt->state_out) code = crowd_write(&run.crowd);
    churn_end(&run);
    return code;
}
