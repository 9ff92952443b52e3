/* SPDX-License-Identifier: MIT */
/* cohort_screen.c - the triangle for a person: a row a cohort, a column an age, each cell shaded by its share; then all cohorts
 * together, what they pay, and how they buy again.
 *
 * "all" at age k is over those cohorts whose period k is known: the sum of their n over the sum of their n0. So its neighbours may
 * be of different cohorts.    */
#include "cohort.h"
#include "screen.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { AGES = 13, CELL = 7, COHORT = 12, COUNT = 11, NAME = 22 };

/* Sums over the cohorts whose period is known, by age. */
typedef struct sums { uint64_t n, n0, outside; double money, money0; bool known; } sums;

static void pad_left(const screen *s, const char *text, int width)
{
    screen_pad(s, width - (int)strlen(text));
    sink_text(s->out, text);
}

static void pad_right(const screen *s, const char *text, int width)
{
    sink_text(s->out, text);
    screen_pad(s, width - (int)strlen(text));
}

static void count_column(const screen *s, uint64_t value, int width)
{
    screen_pad(s, width - screen_count_width(value));
    print_count(s->out, value);
}

static void percent_text(double share, char out[TEXT])
{
    if (isnan(share)) snprintf(out, TEXT, "-");
    else screen_fixed(100.0 * share, 1, false, "", out);
}

/* --- a cell --- */

static const char *paint_of(double share)
{
    static const char *const shades[] = {"48;5;254;38;5;16", "48;5;195;38;5;16", "48;5;152;38;5;16", "48;5;110;38;5;16",
                                         "48;5;68;38;5;231", "48;5;25;38;5;231"};
    int step = (int)(share * 6.0);
    return shades[step < 0 ? 0 : step > 5 ? 5 : step];
}

static const char *block_of(double share)
{
    static const char *const blocks[] = {"░", "▒", "▓", "█"};
    int step = (int)(share * 4.0);
    return blocks[step < 0 ? 0 : step > 3 ? 3 : step];
}

/* Where no colour shades the cells. */
static bool has_blocks(const screen *s)
{
    return s->pictures && s->unicode && !s->color;
}

static void print_cell(const screen *s, double share)
{
    char text[TEXT];
    bool exists = !isnan(share), blocks = has_blocks(s);
    percent_text(share, text);
    sink_text(s->out, " ");
    if (blocks) sink_text(s->out, exists ? block_of(share) : " ");
    if (exists && s->pictures) screen_paint(s, paint_of(share));
    pad_left(s, text, CELL - 1);
    if (exists && s->pictures) screen_paint(s, "0");
}

/* --- the triangle --- */

static int ages_of(const cohort_run *run, const cohort_group *group, int32_t reading)
{
    cohort_value v;
    uint64_t cursor = 0, most = 0;
    while (cohort_next(run, group, reading, &cursor, &v))
        if (v.cell.age + 1 > most) most = v.cell.age + 1;
    return (int)most;
}

static void print_ages(const cohort_run *run, const screen *s, int ages)
{
    char text[TEXT];
    sink_text(s->out, "  ");
    pad_right(s, run->every, COHORT);
    pad_left(s, "customers", COUNT);
    pad_left(s, "n0", COUNT);
    for (int i = 0; i < ages; ++i) {
        snprintf(text, sizeof text, "%d", i);
        pad_left(s, text, CELL + has_blocks(s));
    }
    sink_text(s->out, "\n");
}

static void print_row_head(const cohort_run *run, const screen *s, const cxm_cohort_cell *cell)
{
    char label[CXM_TEXT_TIME_MAX + 1];
    screen_window_label(&run->crowd.run, cell->start_us, label);
    label[10] = '\0';
    sink_text(s->out, "  ");
    pad_right(s, label, COHORT);
    count_column(s, cell->customers, COUNT);
    if (cell->missing) pad_left(s, "-", COUNT);
    else count_column(s, cell->n0, COUNT);
}

static void add_sums(sums *to, const cxm_cohort_cell *cell, double first_money)
{
    if (cell->missing) return;
    to->known = true;
    to->n += cell->n;
    to->n0 += cell->n0;
    to->outside += cell->outside;
    to->money += cell->revenue;
    to->money0 += first_money;
}

/* Rows of cohorts; whether a cell is missing, or of nobody. */
static bool print_rows(const cohort_run *run, const screen *s, const cohort_group *group, int32_t reading, sums *all)
{
    cohort_value v;
    uint64_t cursor = 0;
    double first_money = 0.0;
    bool gaps = false, open = false;
    while (cohort_next(run, group, reading, &cursor, &v)) {
        if (v.cell.age == 0) {
            if (open) sink_text(s->out, "\n");
            open = true;
            print_row_head(run, s, &v.cell);
            first_money = v.cell.revenue;
        }
        if (v.cell.age >= AGES) continue;
        add_sums(&all[v.cell.age], &v.cell, first_money);
        print_cell(s, v.cell.retention);
        gaps |= isnan(v.cell.retention);
    }
    if (open) sink_text(s->out, "\n");
    return gaps;
}

static double share_of(double above, double below)
{
    return below > 0.0 ? above / below : (double)NAN;
}

static void print_all(const screen *s, const cxm_cohort_account *account, const sums *all, int ages)
{
    sink_text(s->out, "  ");
    screen_paint(s, "1");
    pad_right(s, "all", COHORT);
    screen_paint(s, "0");
    count_column(s, account->started, COUNT);
    count_column(s, all[0].n0, COUNT);
    for (int i = 0; i < ages; ++i) print_cell(s, all[i].known ? share_of((double)all[i].n, (double)all[i].n0) : (double)NAN);
    sink_text(s->out, "\n");
}

/* Of "all" at an age; none where some had gone at age 0 and came back. */
static bool limits_of(const cohort_run *run, const sums *of, cxm_interval *limits)
{
    *limits = (cxm_interval){.size = sizeof *limits};
    return of->known && of->n0 && of->outside == 0 && cxm_share_interval(of->n, of->n0, CXM_INTERVAL_WILSON, run->crowd.run.opt->level, limits) == CXM_OK;
}

static bool any_limits(const cohort_run *run, const sums *all, int ages)
{
    cxm_interval limits;
    for (int i = 1; i < ages; ++i)
        if (limits_of(run, &all[i], &limits)) return true;
    return false;
}

static void print_limit(const cohort_run *run, const screen *s, const char *name, bool upper, const sums *all, int ages)
{
    sink_text(s->out, "  ");
    pad_right(s, name, COHORT + 2 * COUNT);
    pad_left(s, "", CELL + has_blocks(s));                  /* at age 0 all are there */
    for (int i = 1; i < ages; ++i) {
        cxm_interval limits;
        char text[TEXT] = "-";
        if (limits_of(run, &all[i], &limits)) percent_text(upper ? limits.high : limits.low, text);
        pad_left(s, text, CELL + has_blocks(s));
    }
    sink_text(s->out, "\n");
}

static void print_revenue(const screen *s, const sums *all, int ages)
{
    sink_text(s->out, "  ");
    pad_right(s, "revenue", COHORT + 2 * COUNT);
    for (int i = 0; i < ages; ++i) print_cell(s, all[i].known ? share_of(all[i].money, all[i].money0) : (double)NAN);
    sink_text(s->out, "\n");
}

static void say_starts(const cohort_run *run, const screen *s, const cxm_cohort_account *account)
{
    static const char *const nevers[] = {"", "never paid a monthly amount", "never bought anything", "never paid or bought anything"};
    const struct { uint64_t count; const char *what; } others[] = {
        {account->before, "started before --since"}, {account->behind, "at --until or later"},
        {account->never, nevers[run->basis]}};
    print_count(s->out, account->started);
    sink_text(s->out, " of ");
    print_count(s->out, account->customers);
    sink_format(s->out, " customer%s", account->customers == 1 ? "" : "s");
    for (int i = 0; i < 3; ++i) {
        if (!others[i].count) continue;
        sink_text(s->out, ", ");
        print_count(s->out, others[i].count);
        sink_format(s->out, " %s", others[i].what);
    }
    sink_text(s->out, "\n");
}

static bool has_revenue(const cohort_run *run, int32_t reading)
{
    return cohort_tells_money(run) && (reading == CXM_COHORT_AT_END ? run->crowd.has_subscriptions : run->crowd.has_purchases);
}

static void print_triangle(const cohort_run *run, const screen *s, const cohort_group *group, int32_t reading)
{
    sums all[AGES] = {{0}};
    int ages = ages_of(run, group, reading), shown = ages < AGES ? ages : AGES;
    cxm_cohort_account account = cohort_account(group);
    if (ages == 0) {
        sink_text(s->out, "  none: nobody started in this range\n");
        return;
    }
    print_ages(run, s, shown);
    bool gaps = print_rows(run, s, group, reading, all);
    print_all(s, &account, all, shown);
    if (any_limits(run, all, shown)) {
        print_limit(run, s, "  from", false, all, shown);
        print_limit(run, s, "  to", true, all, shown);
    }
    if (has_revenue(run, reading)) print_revenue(s, all, shown);
    if (gaps) sink_text(s->out, "  - the data do not reach over the period, or nobody was there at age 0\n");
    if (ages > shown) sink_format(s->out, "  ages %d to %d are left out here: --csv has all\n", shown, ages - 1);
}

/* --- how customers buy again --- */

static void limits_text(const cxm_loyalty_share *share, char out[TEXT * 2])
{
    char low[TEXT], high[TEXT];
    out[0] = '\0';
    if (share->status != CXM_OK) return;
    screen_fixed(100.0 * share->low, 1, false, "", low);
    screen_fixed(100.0 * share->high, 1, false, " %", high);
    snprintf(out, TEXT * 2, "%.24s .. %.24s", low, high);
}

static void print_share(const screen *s, const char *name, const cxm_loyalty_share *share, const char *behind)
{
    char value[TEXT] = "-", limits[TEXT * 2], parts[TEXT];
    if (share->status == CXM_OK) screen_fixed(100.0 * share->share, 1, false, " %", value);
    limits_text(share, limits);
    snprintf(parts, sizeof parts, "%llu / %llu", (unsigned long long)share->hits, (unsigned long long)share->n);
    sink_text(s->out, "  ");
    pad_right(s, name, NAME);
    screen_paint(s, "1");
    pad_left(s, value, 9);
    screen_paint(s, "0");
    sink_text(s->out, "   ");
    pad_right(s, limits, 18);
    pad_left(s, parts, 18);
    sink_format(s->out, "%s\n", behind);
}

static void print_times(const cohort_run *run, const screen *s, const cohort_group *group, uint64_t buyers)
{
    enum { LINES = 6 };
    cxm_loyalty_share share, rest;
    uint64_t told = 0;
    for (uint32_t i = 1; i <= CXM_LOYALTY_TIMES_MAX && told < buyers; ++i, told += share.hits) {
        char name[TEXT];
        cxm_loyalty_times_of(group->loyalty, i, run->crowd.run.opt->level, &share);
        rest = share;
        rest.hits = buyers - told;
        bool last = i == LINES && rest.hits > share.hits;
        if (last) {
            cxm_interval limits = {.size = sizeof limits};
            rest.status = cxm_share_interval(rest.hits, buyers, CXM_INTERVAL_WILSON, run->crowd.run.opt->level, &limits);
            rest.share = (double)rest.hits / (double)buyers;
            rest.low = limits.low;
            rest.high = limits.high;
        }
        snprintf(name, sizeof name, "%u purchase%s%s", (unsigned)i, i == 1 ? "" : "s", last ? " or more" : "");
        print_share(s, name, last ? &rest : &share, "");
        if (last) return;
    }
}

static void print_days(const cohort_run *run, const screen *s, const cohort_group *group, const cxm_loyalty_summary *sum)
{
    cxm_loyalty_share share;
    sink_text(s->out, "  days since the last   ");
    if (sum->median_status == CXM_OK) sink_format(s->out, "median %lld\n", (long long)sum->median_days);
    else sink_text(s->out, "median -\n");
    for (int i = 0; i < COHORT_WITHINS; ++i) {
        char name[TEXT];
        cxm_loyalty_within(group->loyalty, cohort_withins[i], run->crowd.run.opt->level, &share);
        snprintf(name, sizeof name, "  within %u days", (unsigned)cohort_withins[i]);
        print_share(s, name, &share, "");
    }
}

static void print_tiers(const cohort_run *run, const screen *s, const cohort_group *group)
{
    cxm_loyalty_tier tier = {.size = sizeof tier};
    for (uint32_t i = 0; run->buys.thresholds && cxm_loyalty_tier_of(group->loyalty, i, run->crowd.run.opt->level, &tier) == CXM_OK; ++i) {
        char name[TEXT * 2], amount[64], behind[TEXT * 2], percent[TEXT];
        crowd_money(&run->crowd, (double)(i ? tier.from : tier.below), false, amount);
        snprintf(name, sizeof name, "spent %s %s", i ? "from" : "below", amount);
        percent_text(tier.money_share, percent);
        snprintf(behind, sizeof behind, "   %.20s %% of what was spent", percent);
        print_share(s, name, &tier.share, isnan(tier.money_share) ? "" : behind);
    }
}

/* Of the customers who were active: none of the files of --with knows of them. */
static void print_silent(const cohort_run *run, const screen *s, const cxm_loyalty_summary *sum, bool total)
{
    sink_text(s->out, "\n");
    if (total) sink_format(s->out, "  --with: %zu contacts of %zu customers, %zu answers of %zu\n", run->contacts.rows, run->contacts.count, run->answers.rows, run->answers.count);
    print_share(s, "no contact, no answer", &sum->silent, "");
    sink_format(s->out, "    contact alone %llu, answer alone %llu, both %llu\n", (unsigned long long)sum->contacted, (unsigned long long)sum->answered,
                (unsigned long long)sum->both);
}

static void print_loyalty(const cohort_run *run, const screen *s, const cohort_group *group)
{
    cxm_loyalty_summary sum = cohort_loyalty(run, group);
    char money[64], currency[4];
    if (run->crowd.run.opt->with_count) print_silent(run, s, &sum, group->slot.segment_count == 0);
    if (!run->crowd.has_purchases) return;
    sink_text(s->out, "\n  ");
    print_count(s->out, sum.purchases);
    sink_format(s->out, " purchase%s of ", sum.purchases == 1 ? "" : "s");
    print_count(s->out, sum.buyers);
    sink_format(s->out, " customer%s", sum.buyers == 1 ? "" : "s");
    if (cohort_tells_money(run)) {
        crowd_money(&run->crowd, sum.money, false, money);
        sink_format(s->out, ", %s%s%s in all", money, crowd_currency(&run->crowd, currency)[0] ? " " : "", currency);
    }
    sink_text(s->out, "\n");
    print_share(s, "bought again", &sum.repeat, "");
    if (sum.without.hits) print_share(s, "without any purchase", &sum.without, "");
    if (sum.buyers == 0) return;
    print_times(run, s, group, sum.buyers);
    print_days(run, s, group, &sum);
    print_tiers(run, s, group);
}

/* --- all of it --- */

static void print_heading(const cohort_run *run, const screen *s, const cohort_group *group)
{
    char label[LABEL_MAX * 4 + 8] = "all", until[CXM_TEXT_TIME_MAX + 1];
    cxm_cohort_account account = cohort_account(group);
    bool known = run->crowd.run.opt->has_until;
    sink_text(s->out, "\n");
    if (group->slot.segment_count) screen_label(&group->slot, label, sizeof label);
    if (run->crowd.segment_count) {
        print_safe(s->out, label, strlen(label));
        sink_text(s->out, ": ");
    }
    say_starts(run, s, &account);
    if (group->slot.segment_count) return;
    screen_window_label(&run->crowd.run, known ? run->until_us : run->until_us - 1, until);
    sink_format(s->out, "the data end %s %s%s\n", known ? "at" : "with", until, known ? "" : " (--until says otherwise)");
}

static void say_reading(const cohort_run *run, const screen *s)
{
    bool at_end = run->readings[0] == CXM_COHORT_AT_END, other = !run->crowd.run.opt->reading && run->crowd.has_subscriptions;
    sink_format(s->out, "%% of n0 by age, %s%s\n", at_end ? "at the end of each period" : "at any time of each period",
                other ? "; --reading any counts who was there at any time of it" : "");
}

void screen_cohort(cohort_run *run, sink *out)
{
    screen s = screen_of(&run->crowd.run, out);
    screen_customers(&run->crowd.run, crowd_print_columns, &run->crowd, out);
    cohort_definition(run, out);
    sink_text(out, "\n");
    if (!run->crowd.any) {
        sink_text(out, "\nnone: no row was counted\n");
        return;
    }
    for (size_t g = 0; g < run->group_count; ++g) {
        print_heading(run, &s, &run->groups[g]);
        if (g == 0) say_reading(run, &s);
        print_triangle(run, &s, &run->groups[g], run->readings[0]);
        if (run->groups[g].loyalty) print_loyalty(run, &s, &run->groups[g]);
    }
}
