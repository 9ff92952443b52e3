/* SPDX-License-Identifier: MIT */
/* cohort_print.c - triangles as JSON and CSV: a row a cell; and as JSON how customers buy again. */
#include "cohort.h"
#include <math.h>
#include <string.h>

/* --- JSON --- */

static void json_limits(const cohort_run *run, bool exists, double low, double high, sink *out)
{
    if (!exists) {
        sink_text(out, ",\"interval\":null");
        return;
    }
    sink_text(out, ",\"interval\":{\"method\":\"wilson\"");
    json_key_number(out, "level", run->crowd.run.opt->level);
    json_key_number(out, "low", low);
    json_key_number(out, "high", high);
    sink_text(out, "}");
}

/* Whole minor units; past 2^64 the nearest double. Null where no column tells any. */
static void json_money(const cohort_run *run, const char *key, bool exists, uint64_t high, uint64_t low, double rounded, sink *out)
{
    if (!exists || !cohort_tells_money(run)) sink_format(out, ",\"%s\":null", key);
    else if (high) json_key_number(out, key, rounded);
    else json_key_count(out, key, low);
}

static size_t date_of(const cohort_run *run, int64_t at_us, char out[CXM_TEXT_TIME_MAX])
{
    size_t len = 0;
    cxm_text_from_time(at_us, run->crowd.run.zone_s, out, CXM_TEXT_TIME_MAX, &len);
    return len < 10 ? len : 10;
}

static void json_known(sink *out, const char *key, bool known, uint64_t value)
{
    if (known) json_key_count(out, key, value);
    else sink_format(out, ",\"%s\":null", key);
}

static void json_cell(const cohort_run *run, const cohort_value *v, sink *out)
{
    const cxm_cohort_cell *cell = &v->cell;
    char date[CXM_TEXT_TIME_MAX];
    sink_text(out, "{\"metric\":\"retention\",");
    json_segment(&run->crowd.run, &v->slot, out);
    json_window(&run->crowd.run, &v->slot, out);
    sink_text(out, ",\"cohort\":");
    json_string(out, date, date_of(run, cell->start_us, date));
    json_key_count(out, "age", cell->age);
    sink_format(out, ",\"reading\":\"%s\"", cohort_reading_name(v->reading));
    json_known(out, "n0", v->begins, cell->n0);
    json_known(out, "n", !cell->missing, cell->n);
    json_key_count(out, "customers", cell->customers);
    json_known(out, "outside", !cell->missing, cell->outside);
    json_key_number(out, "value", cell->retention);
    json_limits(run, v->limited, cell->low, cell->high, out);
    json_money(run, "revenue", !cell->missing, cell->revenue_high, cell->revenue_low, cell->revenue, out);
    json_key_number(out, "revenue_retention", cohort_tells_money(run) ? cell->revenue_retention : (double)NAN);
    if (v->why[0]) sink_format(out, ",\"why\":\"%s\"", v->why);
    sink_text(out, "}");
}

/* Of a segment in no cohort. */
static void json_no_cell(const cohort_run *run, const cohort_group *group, int32_t reading, sink *out)
{
    cxm_engine_result slot = group->slot;
    slot.has_window = 0;
    sink_text(out, "{\"metric\":\"retention\",");
    json_segment(&run->crowd.run, &slot, out);
    json_window(&run->crowd.run, &slot, out);
    sink_format(out, ",\"cohort\":null,\"age\":null,\"reading\":\"%s\",\"n0\":0,\"n\":0,\"customers\":0,\"outside\":0,\"value\":null,\"interval\":null,"
                     "\"revenue\":null,\"revenue_retention\":null,\"why\":\"value, interval and revenue: nobody started in this range\"}", cohort_reading_name(reading));
}

static void json_triangles(const cohort_run *run, sink *out)
{
    cohort_value v;
    bool first = true;
    for (size_t g = 0; g < run->group_count; ++g)
        for (int i = 0; i < run->reading_count; ++i) {
            uint64_t cursor = 0, cells = 0;
            for (; cohort_next(run, &run->groups[g], run->readings[i], &cursor, &v); ++cells, first = false) {
                sink_text(out, first ? "\n" : ",\n");
                json_cell(run, &v, out);
            }
            if (cells) continue;
            sink_text(out, first ? "\n" : ",\n");
            json_no_cell(run, &run->groups[g], run->readings[i], out);
            first = false;
        }
}

static void json_share(const cohort_run *run, const cxm_loyalty_share *share, sink *out)
{
    json_key_count(out, "hits", share->hits);
    json_key_count(out, "n", share->n);
    json_key_number(out, "value", share->share);
    json_limits(run, share->status == CXM_OK, share->low, share->high, out);
}

static void json_numbers_bought(const cohort_run *run, const cohort_group *group, sink *out)
{
    cxm_loyalty_share share;
    uint64_t told = 0, buyers = cohort_loyalty(run, group).buyers;
    sink_text(out, ",\"times\":[");
    for (uint32_t i = 1; i <= CXM_LOYALTY_TIMES_MAX && told < buyers; ++i, told += share.hits) {
        cxm_loyalty_times_of(group->loyalty, i, run->crowd.run.opt->level, &share);
        sink_format(out, "%s{\"purchases\":%u,\"or_more\":%s", i > 1 ? "," : "", (unsigned)i, i == CXM_LOYALTY_TIMES_MAX ? "true" : "false");
        json_share(run, &share, out);
        sink_text(out, "}");
    }
    sink_text(out, "]");
}

static void json_days(const cohort_run *run, const cohort_group *group, const cxm_loyalty_summary *sum, sink *out)
{
    cxm_loyalty_share share;
    sink_text(out, ",\"days_since_last\":{\"median\":");
    if (sum->median_status == CXM_OK) sink_format(out, "%lld", (long long)sum->median_days);
    else sink_text(out, "null");
    sink_text(out, ",\"within\":[");
    for (int i = 0; i < COHORT_WITHINS; ++i) {
        cxm_loyalty_within(group->loyalty, cohort_withins[i], run->crowd.run.opt->level, &share);
        sink_format(out, "%s{\"days\":%u", i ? "," : "", (unsigned)cohort_withins[i]);
        json_share(run, &share, out);
        sink_text(out, "}");
    }
    sink_text(out, "]}");
}

static void json_tiers(const cohort_run *run, const cohort_group *group, sink *out)
{
    cxm_loyalty_tier tier = {.size = sizeof tier};
    sink_text(out, ",\"tiers\":[");
    for (uint32_t i = 0; run->buys.thresholds && cxm_loyalty_tier_of(group->loyalty, i, run->crowd.run.opt->level, &tier) == CXM_OK; ++i) {
        sink_format(out, "%s{\"from\":%lld,\"below\":", i ? "," : "", (long long)tier.from);
        if (tier.below == INT64_MAX) sink_text(out, "null");
        else sink_format(out, "%lld", (long long)tier.below);
        json_share(run, &tier.share, out);
        json_key_count(out, "purchases", tier.purchases);
        json_money(run, "money", true, tier.money_high, tier.money_low, tier.money, out);
        json_key_number(out, "money_share", tier.money_share);
        sink_text(out, "}");
    }
    sink_text(out, "]");
}

static void json_loyalty(const cohort_run *run, const cohort_group *group, sink *out)
{
    cxm_loyalty_summary sum = cohort_loyalty(run, group);
    sink_text(out, "{");
    json_segment(&run->crowd.run, &group->slot, out);
    json_window(&run->crowd.run, &group->slot, out);
    json_key_count(out, "customers", sum.customers);
    json_key_count(out, "buyers", sum.buyers);
    json_key_count(out, "purchases", sum.purchases);
    json_money(run, "money", true, sum.money_high, sum.money_low, sum.money, out);
    sink_text(out, ",\"repeat\":{\"metric\":\"repeat_rate\"");
    json_share(run, &sum.repeat, out);
    sink_text(out, "},\"without\":{\"metric\":\"without_purchase\"");
    json_share(run, &sum.without, out);
    sink_text(out, "}");
    if (run->crowd.run.opt->with_count) {
        sink_text(out, ",\"silent\":{\"metric\":\"silent\"");
        json_share(run, &sum.silent, out);
        json_key_count(out, "contacted", sum.contacted);
        json_key_count(out, "answered", sum.answered);
        json_key_count(out, "both", sum.both);
        json_key_count(out, "asleep", sum.asleep);
        sink_text(out, "}");
    }
    json_numbers_bought(run, group, out);
    json_days(run, group, &sum, out);
    json_tiers(run, group, out);
    if (sum.buyers == 0 || sum.median_status != CXM_OK) {
        sink_text(out, ",\"why\":\"");
        sink_text(out, sum.buyers ? "median: it lies more than 3650 days back\"" : "repeat, days_since_last and tiers: nobody bought anything in this range\"");
    }
    sink_text(out, "}");
}

static void json_starts(const cohort_run *run, sink *out)
{
    cxm_cohort_account account = cohort_account(&run->groups[0]);
    sink_format(out, ",\"every\":\"%s\",\"basis\":\"%s\",\"starts\":{\"customers\":%llu", run->every, cohort_basis_name(run->basis), (unsigned long long)account.customers);
    json_key_count(out, "started", account.started);
    json_key_count(out, "before", account.before);
    json_key_count(out, "behind", account.behind);
    json_key_count(out, "never", account.never);
    sink_text(out, "}");
}

void json_cohort(const cohort_run *run, sink *out)
{
    sink_text(out, "{\"schema\":\"cxm.cohort/1\",\"tool\":\"cxm " CXM_VERSION "\",");
    crowd_json_input(&run->crowd, out);
    sink_format(out, ",\"cancel\":\"%s\"", run->crowd.run.opt->requested ? "requested" : "ended");
    json_starts(run, out);
    sink_text(out, ",\"definition\":\"");
    cohort_definition(run, out);
    sink_text(out, "\",\"results\":[");
    json_triangles(run, out);
    sink_text(out, "\n],\"loyalty\":[");
    for (size_t g = 0; g < run->group_count && run->groups[g].loyalty; ++g) {
        sink_text(out, g ? ",\n" : "\n");
        json_loyalty(run, &run->groups[g], out);
    }
    sink_text(out, "\n]}\n");
}

/* --- CSV --- */

static void table_money(const cohort_run *run, const cxm_cohort_cell *cell, sink *out)
{
    sink_text(out, ",");
    if (cell->missing || !cohort_tells_money(run)) return;
    if (cell->revenue_high) sink_number(out, cell->revenue);
    else sink_count(out, cell->revenue_low);
}

static void table_cell(const cohort_run *run, const cohort_value *v, sink *out)
{
    const cxm_cohort_cell *cell = &v->cell;
    char date[CXM_TEXT_TIME_MAX];
    sink_text(out, "retention,");
    table_place(&run->crowd.run, &v->slot, out);
    sink_text(out, ",");
    sink_bytes(out, date, date_of(run, cell->start_us, date));
    sink_format(out, ",%llu,%s,", (unsigned long long)cell->age, cohort_reading_name(v->reading));
    if (v->begins) sink_count(out, cell->n0);
    sink_text(out, ",");
    if (!cell->missing) sink_count(out, cell->n);
    sink_format(out, ",%llu,", (unsigned long long)cell->customers);
    if (!cell->missing) sink_count(out, cell->outside);
    table_number(out, cell->retention, true);
    sink_text(out, v->limited ? ",wilson" : ",");
    table_number(out, run->crowd.run.opt->level, v->limited);
    table_number(out, cell->low, v->limited);
    table_number(out, cell->high, v->limited);
    table_money(run, cell, out);
    table_number(out, cell->revenue_retention, cohort_tells_money(run));
    sink_text(out, ",");
    if (v->why[0]) table_text(out, v->why, strlen(v->why));
    sink_text(out, "\n");
}

void table_cohort(const cohort_run *run, sink *out)
{
    const score_run *score = &run->crowd.run;
    cohort_value v;
    sink_text(out, "metric,");
    for (int i = 0; i < score->name_count; ++i) {
        table_text(out, score->names[i].text, score->names[i].len);
        sink_text(out, ",");
    }
    sink_text(out, "is_total,from,to,complete,cohort,age,reading,n0,n,customers,outside,value,method,level,low,high,revenue,revenue_retention,why\n");
    for (size_t g = 0; g < run->group_count; ++g)
        for (int i = 0; i < run->reading_count; ++i)
            for (uint64_t cursor = 0; cohort_next(run, &run->groups[g], run->readings[i], &cursor, &v);) table_cell(run, &v, out);
}
