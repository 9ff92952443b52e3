/* SPDX-License-Identifier: MIT */
/* cohort.c - cxm cohort: from customers to a triangle of retention a segment, and to how they buy again.
 *
 * Cohorts begin with --since, else with the first row. The data end at --until, else at the latest instant of the file, that instant
 * included: what is told of it counts. A period that does not end by then is missing.       */
#include "cohort.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t TRIANGLE_BYTES = UINT64_C(1) << 30, SEGMENT_BYTES = UINT64_C(2) << 30;
const uint32_t cohort_withins[COHORT_WITHINS] = {30, 60, 90};

const char *cohort_reading_name(int32_t reading)
{
    return reading == CXM_COHORT_AT_END ? "at_end" : "any";
}

const char *cohort_basis_name(int32_t basis)
{
    static const char *const names[] = {"", "subscription", "purchase", "first"};
    return names[basis];
}

bool cohort_tells_money(const cohort_run *run)
{
    return run->crowd.has_amounts;
}

/* --- what is asked --- */

static int32_t unit_of(const char *every)
{
    return strcmp(every, "week") == 0 ? CXM_COHORT_WEEK : strcmp(every, "quarter") == 0 ? CXM_COHORT_QUARTER : CXM_COHORT_MONTH;
}

/* The readings that are told, else those that the input allows: JSON and CSV have both, a screen the one that says more. */
static void choose_readings(cohort_run *run)
{
    const options *opt = run->crowd.run.opt;
    bool whole = opt->output == OUTPUT_JSON || opt->output == OUTPUT_CSV, at_end = run->crowd.has_subscriptions || !run->crowd.any;
    run->reading_count = 0;
    if (opt->reading) {
        run->readings[run->reading_count++] = opt->reading;
        return;
    }
    if (at_end) run->readings[run->reading_count++] = CXM_COHORT_AT_END;
    if (whole || !at_end) run->readings[run->reading_count++] = CXM_COHORT_ANY;
}

/* From when on starts make cohorts, and where the data end. */
static int choose_range(cohort_run *run)
{
    const options *opt = run->crowd.run.opt;
    run->until_us = opt->has_until ? opt->until_us : run->crowd.latest_us + 1;
    run->since_us = opt->has_since ? opt->since_us : run->crowd.any ? run->crowd.first_us : run->until_us - 1;
    if (run->since_us >= run->until_us && !opt->has_since) run->since_us = run->until_us - 1;
    if (run->since_us >= run->until_us && run->crowd.any)
        return complain(EXIT_INPUT, "%s: nothing is told of the time after --since; say --until", run->crowd.run.in->name);
    return EXIT_FINE;
}

/* --tiers, in whole units of the currency. */
static int read_tiers(cohort_run *run)
{
    static const char wrong[] = "it is up to 16 rising amounts above 0, such as 50,200,1000";
    const char *at = run->crowd.run.opt->tiers;
    cxm_loyalty_options *to = &run->buys;
    for (; at; ++at) {
        size_t len = strcspn(at, ",");
        int64_t amount;
        bool fits = to->thresholds < CXM_LOYALTY_THRESHOLDS_MAX && cxm_money_read(at, len, run->crowd.digits, '.', &amount) == CXM_OK && amount > 0 &&
                    amount <= CXM_LOYALTY_THRESHOLD_MAX && (to->thresholds == 0 || amount > to->threshold[to->thresholds - 1]);
        if (!fits) return complain(EXIT_USAGE, "--tiers '%s': %s", run->crowd.run.opt->tiers, wrong);
        to->threshold[to->thresholds++] = amount;
        at += len;
        if (!*at) break;
    }
    return EXIT_FINE;
}

static int choose(cohort_run *run)
{
    const options *opt = run->crowd.run.opt;
    const crowd *c = &run->crowd;
    run->every = opt->every ? opt->every : "month";
    run->basis = opt->basis ? opt->basis : c->has_subscriptions || !c->any ? CXM_COHORT_SUBSCRIPTION : CXM_COHORT_PURCHASE;
    choose_readings(run);
    if (opt->tiers && c->any && !c->has_purchases) return complain(EXIT_USAGE, "--tiers are of purchases, and %s has none", c->run.in->name);
    if (opt->tiers && c->any && !cohort_tells_money(run)) return complain(EXIT_USAGE, "--tiers are of amounts, and no column of %s tells any", c->run.in->name);
    int code = read_tiers(run);
    return code == EXIT_FINE ? choose_range(run) : code;
}

/* --- counts --- */

static int open_triangle(const cohort_run *run, bool total, cxm_cohort **out)
{
    cxm_cohort_options how = {.size = sizeof how, .unit = unit_of(run->every), .basis = run->basis, .zone_s = run->crowd.run.opt->zone_s,
                              .since_us = run->since_us, .until_us = run->until_us, .periods = CXM_COHORT_PERIODS_MAX,
                              .max_bytes = total ? TRIANGLE_BYTES : SEGMENT_BYTES / run->crowd.segment_count};
    cxm_status status = cxm_cohort_create(&how, NULL, out);
    if (status == CXM_E_MEMORY) return out_of_memory();
    if (status == CXM_E_ARG) return complain(EXIT_INPUT, "the first and the last %s lie within years 1 to 9999; say --since and --until", run->every);
    if (status != CXM_OK && cxm_cohort_bytes_most(&how) == 0)
        return complain(EXIT_LIMIT, "more than %d %ss from %s to %s; say --since and --until", CXM_COHORT_PERIODS_MAX, run->every,
                        run->crowd.run.opt->has_since ? "--since" : "the first row", run->crowd.run.opt->has_until ? "--until" : "the latest instant");
    return status == CXM_OK ? EXIT_FINE : complain(EXIT_LIMIT, "%u segments are too many for the memory bound", (unsigned)run->crowd.segment_count);
}

static int open_loyalty(cohort_run *run, cxm_loyalty **out)
{
    run->buys.size = sizeof run->buys;
    run->buys.zone_s = run->crowd.run.opt->zone_s;
    run->buys.since_us = run->crowd.run.opt->has_since ? run->since_us : CXM_LOYALTY_EVER;
    run->buys.until_us = run->until_us;
    return cxm_loyalty_create(&run->buys, NULL, out) == CXM_OK ? EXIT_FINE : out_of_memory();
}

static int open_groups(cohort_run *run)
{
    const options *opt = run->crowd.run.opt;
    bool known = run->crowd.any || opt->has_until;
    size_t groups = run->crowd.segment_count + (size_t)1;
    run->groups = calloc(groups, sizeof *run->groups);
    if (!run->groups) return out_of_memory();
    for (size_t g = 0; g < groups; ++g) {
        cohort_group *group = &run->groups[run->group_count++];
        group->slot = crowd_slot(&run->crowd, g ? (uint32_t)(g - 1) : UINT32_MAX, run->since_us, run->until_us, true);
        group->slot.has_window = known && (opt->has_since || run->crowd.first_us < run->until_us);
        int code = known ? open_triangle(run, g == 0, &group->cohort) : EXIT_FINE;
        if (code == EXIT_FINE && known && (run->crowd.has_purchases || opt->with_count)) code = open_loyalty(run, &group->loyalty);
        if (code != EXIT_FINE) return code;
    }
    return EXIT_FINE;
}

/* Whether a customer is known at all before the data end. */
static bool is_known(const cohort_run *run, const cxm_customer_item *item)
{
    return (item->step_count && item->steps[0].at_us < run->until_us) || (item->purchase_count && item->purchases[0].at_us < run->until_us);
}

static int add_to_group(const cohort_run *run, cohort_group *group, const cxm_customer_item *item)
{
    cxm_status status = cxm_cohort_add(group->cohort, item);
    if (status == CXM_OK && group->loyalty && is_known(run, item)) status = cxm_loyalty_add(group->loyalty, item);
    if (status == CXM_OK && group->loyalty && run->crowd.run.opt->with_count)
        status = cxm_loyalty_add_voice(group->loyalty, item, cohort_has_voice(&run->contacts, item->code), cohort_has_voice(&run->answers, item->code));
    if (status == CXM_E_OVERFLOW) return complain(EXIT_LIMIT, "the amounts are too large to be summed");
    if (status == CXM_E_LIMIT) return complain(EXIT_LIMIT, "too many cohorts and segments for the memory bound; say --since, or a longer --every");
    return status == CXM_OK ? EXIT_FINE : out_of_memory();
}

static int count_customers(cohort_run *run)
{
    cxm_customer_item item;
    uint64_t cursor = 0;
    int code = EXIT_FINE;
    while (code == EXIT_FINE && run->groups[0].cohort && crowd_next(&run->crowd, &cursor, &item, &code)) {
        size_t segment = run->crowd.segment_count ? crowd_segment(&run->crowd, item.code) + (size_t)1 : 0;
        code = add_to_group(run, &run->groups[0], &item);
        if (code == EXIT_FINE && segment) code = add_to_group(run, &run->groups[segment], &item);
    }
    return code;
}

static void end(cohort_run *run)
{
    for (size_t g = 0; g < run->group_count; ++g) {
        cxm_cohort_free(run->groups[g].cohort);
        cxm_loyalty_free(run->groups[g].loyalty);
    }
    free(run->groups);
    cohort_end_with(run);
    crowd_end(&run->crowd);
}

/* --- results --- */

static void add_why(cohort_value *v, const char *why)
{
    size_t len = strlen(v->why);
    snprintf(v->why + len, sizeof v->why - len, "%s%s", len ? "; " : "", why);
}

static void write_why(const cohort_run *run, cohort_value *v)
{
    const cxm_cohort_cell *cell = &v->cell;
    if (cell->missing) add_why(v, "value, interval and revenue: the data end within the period");
    else if (cell->n0 == 0 && !run->crowd.has_subscriptions) add_why(v, "value and interval: the input has no subscriptions");
    else if (cell->n0 == 0) add_why(v, "value and interval: nobody of the cohort paid at the end of its first period");
    else if (!v->limited) add_why(v, "interval: some had gone by the end of the first period, and came back");
    bool at_end = v->reading == CXM_COHORT_AT_END, unknown = !cell->missing && cohort_tells_money(run) && isnan(cell->revenue_retention);
    if (unknown) add_why(v, at_end ? "revenue_retention: nothing was paid at age 0" : "revenue_retention: nothing was bought at age 0");
}

bool cohort_next(const cohort_run *run, const cohort_group *group, int32_t reading, uint64_t *cursor, cohort_value *out)
{
    *out = (cohort_value){.cell = {.size = sizeof out->cell}, .slot = group->slot, .reading = reading};
    cxm_cohort_cell *cell = &out->cell;
    if (!group->cohort || cxm_cohort_next(group->cohort, reading, run->crowd.run.opt->level, cursor, cell) != CXM_OK) return false;
    out->slot.from_us = cell->from_us;
    out->slot.to_us = cell->to_us;
    out->slot.complete = !cell->missing && cell->from_us >= run->since_us;
    out->begins = cell->end_us <= run->until_us;
    out->exists = !isnan(cell->retention);
    out->limited = out->exists && cell->interval_status == CXM_OK;
    write_why(run, out);
    return true;
}

cxm_cohort_account cohort_account(const cohort_group *group)
{
    cxm_cohort_account account = {.size = sizeof account};
    if (group->cohort) cxm_cohort_account_of(group->cohort, &account);
    return account;
}

cxm_loyalty_summary cohort_loyalty(const cohort_run *run, const cohort_group *group)
{
    cxm_loyalty_summary sum = {.size = sizeof sum};
    cxm_loyalty_summarize(group->loyalty, run->crowd.run.opt->level, &sum);
    return sum;
}

void cohort_definition(const cohort_run *run, sink *out)
{
    static const char *const starts[] = {"", "first monthly amount", "first purchase", "first monthly amount or purchase"};
    static const char *const revenues[] = {"the monthly amounts at the end, or the purchases", "the monthly amounts at the end", "the purchases"};
    char currency[4];
    bool told = crowd_currency(&run->crowd, currency)[0] != '\0';
    sink_format(out, "retention by %s of the %s: ", run->every, starts[run->basis]);
    sink_text(out, run->readings[0] == CXM_COHORT_AT_END ? "who pays a monthly amount at the end of a period (at_end)"
                                                         : "who pays a monthly amount at any time of a period, or buys in it (any)");
    if (run->reading_count == 2) sink_text(out, ", or who pays one at any time of it, or buys in it (any)");
    sink_format(out, ", of those who do at age 0; a cancellation counts when %s; ", run->crowd.run.opt->requested ? "it is requested" : "what was paid for has ended");
    if (!cohort_tells_money(run)) sink_text(out, "no column tells amounts; ");
    else sink_format(out, "revenue of %s%s%s; ", revenues[run->reading_count == 2 ? 0 : run->readings[0]], told ? ", in " : "", currency);
    sink_text(out, "intervals at level ");
    sink_number(out, run->crowd.run.opt->level);
}

static int print_results(cohort_run *run)
{
    static sink out;            /* large, and made once */
    int code = sink_open(&out, run->crowd.run.opt);
    if (code != EXIT_FINE) return code;
    if (run->crowd.run.opt->output == OUTPUT_JSON) json_cohort(run, &out);
    else if (run->crowd.run.opt->output == OUTPUT_CSV) table_cohort(run, &out);
    else screen_cohort(run, &out);
    return sink_close(&out);
}

int command_cohort(const options *opt)
{
    static cohort_run run;      /* large, and made once */
    int code = crowd_read(&run.crowd, opt, 0);
    if (code == EXIT_FINE) code = choose(&run);
    if (code == EXIT_FINE) code = cohort_read_with(&run);
    if (code == EXIT_FINE) code = open_groups(&run);
    if (code == EXIT_FINE) code = count_customers(&run);
    if (code == EXIT_FINE) code = print_results(&run);
    end(&run);
    return code;
}
