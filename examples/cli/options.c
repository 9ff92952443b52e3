/* SPDX-License-Identifier: MIT */
/* options.c - argv into one checked struct. An option of the contract that is not built yet is refused by
 * name, never taken and ignored; one that is not in the contract gets the nearest that is. */
#include "cli.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int (*setter)(options *opt, const char *value);

/* What an option does, and how many values it takes; `set` NULL means planned but not built. */
typedef struct option { const char *name; int values; setter set; } option;
static const char *second_value;        /* of an option that takes two */

const char *metric_name(enum metric metric)
{
    static const char *const names[] = {"none", "nps", "csat", "ces", "scale", "labels", "response", "customers", "survival"};
    return names[metric];
}

static int refuse(const char *name, const char *value, const char *wanted)
{
    return complain(EXIT_USAGE, "%s '%s': %s", name, value, wanted);
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

/* Commands over customers: events or periods of subscriptions, and purchases. */
static bool reads_customers(const options *opt)
{
    return strcmp(opt->command, "churn") == 0 || strcmp(opt->command, "cohort") == 0;
}

/* --- values --- */

static bool whole_number(const char *text, size_t len, int32_t *out)
{
    double value;
    if (cxm_text_number(text, len, '.', &value) != CXM_OK || fabs(value) > 1e9) return false;
    *out = (int32_t)value;
    return (double)*out == value;
}

/* "LO..HI" */
static bool range(const char *text, int32_t *lo, int32_t *hi)
{
    const char *dots = strstr(text, "..");
    return dots && whole_number(text, (size_t)(dots - text), lo) && whole_number(dots + 2, strlen(dots + 2), hi);
}

/* Of response times, which of them: by a known name, or as a column of durations is called. */
static int set_span(options *opt, const char *value)
{
    if (opt->span && strcmp(opt->span, value) != 0) return refuse("--metric", value, "one metric a run; without it all are shown");
    if (opt->metric && opt->metric != METRIC_RESPONSE) return refuse("--metric", value, "one metric a run");
    opt->metric = METRIC_RESPONSE;
    opt->span = value;
    return *value ? EXIT_FINE : refuse("--metric", value, "it is first_reply, resolution or the name of a column of durations");
}

static int set_metric(options *opt, const char *value)
{
    if (strcmp(opt->command, "response") == 0) return set_span(opt, value);
    if (strcmp(opt->command, "compare") == 0 && churn_definition(value) >= 0) {
        if (opt->metric) return refuse("--metric", value, "one metric a run");
        opt->metric = METRIC_CUSTOMERS;
        opt->definitions[opt->definition_count++] = churn_definition(value);
        return EXIT_FINE;
    }
    if (strcmp(opt->command, "compare") == 0 && strcmp(value, "survival") == 0) {
        if (opt->metric && opt->metric != METRIC_SURVIVAL) return refuse("--metric", value, "one metric a run");
        opt->metric = METRIC_SURVIVAL;
        return EXIT_FINE;
    }
    static const char *const words[] = {"nps", "csat", "ces", "scale", "labels"};
    for (int i = 0; i < 5; ++i) {
        enum metric asked = (enum metric)(METRIC_NPS + i);
        if (strcmp(value, words[i]) != 0) continue;
        if (opt->metric && opt->metric != asked) return refuse("--metric", value, "one metric a run");
        opt->metric = asked;
        return EXIT_FINE;
    }
    const char *meant = nearest(value, words, 5);
    if (!meant && strcmp(opt->command, "compare") == 0) return set_span(opt, value);
    return meant ? complain(EXIT_USAGE, "--metric '%s': did you mean '%s'?", value, meant)
                 : refuse("--metric", value, "it is one of nps, csat, ces, scale, labels");
}

static const char *const tenure_fields[] = {"duration", "event", "entry", "start", "end", "customer", "time", "amount", "currency", "subscription"};
static const char tenure_fields_are[] = "the fields are duration, event and entry, or start, end and entry, or those of cxm churn";

static int set_map(options *opt, const char *value)
{
    static const char *const later[] = {"weight", "segment", "next_reply", "due"};
    static const char *const fields[] = {"score", "label", "time",  "key", "duration", "created", "first_reply", "solved",
                                         "ticket", "event", "actor", "who", "channel",  "status",  "customer",
                                         "start", "end", "entry", "amount", "currency", "subscription"};
    enum { FIRST_TIME = 4, FIRST_CUSTOMER = 15 };
    static const char *const of_customers[] = {"customer", "event", "time", "start", "end", "amount", "currency", "subscription"};
    bool compares = strcmp(opt->command, "compare") == 0, customers = reads_customers(opt), survives = strcmp(opt->command, "survival") == 0;
    const char *equals = strchr(value, '=');
    if (!equals || equals == value || !equals[1]) return refuse("--map", value, "it is field=column, such as score=Q1");
    size_t len = (size_t)(equals - value);
    for (size_t i = 0; i < sizeof later / sizeof *later; ++i)
        if (strlen(later[i]) == len && memcmp(later[i], value, len) == 0)
            return refuse("--map", value, "this field is not built yet");
    size_t field = 0, count = sizeof fields / sizeof *fields;
    while (field < count && (strlen(fields[field]) != len || memcmp(fields[field], value, len) != 0)) ++field;
    bool of_tenures = field < count && is_among(fields[field], tenure_fields, sizeof tenure_fields / sizeof *tenure_fields);
    if (survives && !of_tenures) return refuse("--map", value, tenure_fields_are);
    if (customers && (field == count || !is_among(fields[field], of_customers, sizeof of_customers / sizeof *of_customers)))
        return refuse("--map", value, "the fields are customer, event, time, start, end, amount, currency and subscription");
    if (field == count) return refuse("--map", value, "the fields are score, label, time and key, of response times duration, created, "
                                                      "first_reply and solved");
    if (field >= FIRST_CUSTOMER && !survives && !customers && !compares) return refuse("--map", value, "this field goes with cxm churn, cxm cohort or cxm survival");
    if (field >= FIRST_TIME && !survives && !customers && (strcmp(opt->command, "score") == 0 || strcmp(opt->command, "inspect") == 0))
        return refuse("--map", value, "this field goes with cxm response");
    if (opt->map_count == MAX_MAPS) return refuse("--map", value, "too many of them");
    opt->maps[opt->map_count++] = (mapping){value, len, equals + 1};
    return EXIT_FINE;
}

static int set_by(options *opt, const char *value)
{
    if (opt->by_count == CXM_ENGINE_SEGMENTS_MAX) return refuse("--by", value, "at most 8 columns can be crossed");
    for (int i = 0; i < opt->by_count; ++i)
        if (strcmp(opt->by[i], value) == 0) return refuse("--by", value, "told twice");
    opt->by[opt->by_count++] = value;
    return EXIT_FINE;
}

static int set_missing(options *opt, const char *value)
{
    if (opt->missing_count == MAX_MISSING) return refuse("--missing", value, "at most 64 words");
    opt->missing[opt->missing_count++] = (cxm_view){value, strlen(value)};
    return EXIT_FINE;
}

static int set_scale(options *opt, const char *value)
{
    opt->has_scale = range(value, &opt->scale_lo, &opt->scale_hi);
    cxm_scale_spec spec;
    if (opt->has_scale && cxm_scale_define(opt->scale_lo, opt->scale_hi, CXM_HIGHER_IS_BETTER, &spec) == CXM_OK)
        return EXIT_FINE;
    return refuse("--scale", value, "it is LO..HI in whole numbers, LO below HI, at most 101 points");
}

static int set_top(options *opt, const char *value)
{
    opt->has_top = range(value, &opt->top_from, &opt->top_to);
    return opt->has_top ? EXIT_FINE : refuse("--top", value, "it is A..B in whole numbers");
}

static int set_direction(options *opt, const char *value)
{
    opt->direction = strcmp(value, "higher") == 0 ? CXM_HIGHER_IS_BETTER
                   : strcmp(value, "lower") == 0  ? CXM_LOWER_IS_BETTER : 0;
    return opt->direction ? EXIT_FINE : refuse("--direction", value, "it is higher or lower");
}

/* What is compared of durations. */
static int set_value_of_times(options *opt, const char *value)
{
    bool share = strcmp(value, "within") == 0;
    opt->has_value = true;
    opt->compares_share = share;
    return share || strcmp(value, "median") == 0 ? EXIT_FINE : refuse("--value", value, "of response times it is median or within");
}

static int set_value(options *opt, const char *value)
{
    bool of_times = strcmp(value, "median") == 0 || strcmp(value, "within") == 0;
    if (of_times && strcmp(opt->command, "compare") == 0) return set_value_of_times(opt, value);
    opt->value = strcmp(value, "mean") == 0 ? CXM_VALUE_MEAN
               : strcmp(value, "top") == 0  ? CXM_VALUE_TOP
               : strcmp(value, "net") == 0  ? CXM_VALUE_NET : 0;
    return opt->value ? EXIT_FINE : refuse("--value", value, "it is mean, top or net");
}

static int set_every(options *opt, const char *value)
{
    opt->every = value;         /* read when the zone is known */
    return EXIT_FINE;
}

static int set_zone(options *opt, const char *value)
{
    opt->zone_text = value;
    if (cxm_text_offset(value, strlen(value), &opt->zone_s) == CXM_OK) return EXIT_FINE;
    return refuse("--tz", value, "zones by name are not built yet; use UTC or a fixed offset such as +05:30");
}

static const char *since_text, *until_text;     /* read when the zone is known */

static int set_since(options *opt, const char *value)
{
    since_text = value;
    opt->has_since = true;
    return EXIT_FINE;
}

static int set_until(options *opt, const char *value)
{
    until_text = value;
    opt->has_until = true;
    return EXIT_FINE;
}

static const char *at_text;

static int set_at(options *opt, const char *value)
{
    at_text = value;
    opt->has_at = true;
    return EXIT_FINE;
}

static int set_customers(options *opt, const char *value)
{
    opt->customers = value;
    return *value ? EXIT_FINE : refuse("--customers", value, "it needs the name of a file");
}

static int set_weight(options *opt, const char *value) { opt->weight = value; return EXIT_FINE; }
static int set_strata(options *opt, const char *value) { opt->strata = value; return EXIT_FINE; }
static int set_cluster(options *opt, const char *value) { opt->cluster = value; return EXIT_FINE; }
static int set_fpc(options *opt, const char *value) { opt->fpc = value; return EXIT_FINE; }
static int set_targets(options *opt, const char *value) { opt->targets = value; return EXIT_FINE; }

static const char *between_text[2], *due_text;      /* read when the zone is known */

static int set_between(options *opt, const char *value)
{
    opt->has_between = true;
    between_text[0] = value;
    between_text[1] = second_value;
    return EXIT_FINE;
}

static int set_due(options *opt, const char *value)
{
    opt->has_due = true;
    due_text = value;
    bool ok = cxm_text_duration(second_value, strlen(second_value), &opt->due_open_us) == CXM_OK;
    return ok ? EXIT_FINE : refuse("--due", second_value, "it is a time and a duration: --due 2026-11-20T09:00:00Z 4h");
}

static int set_check(options *opt, const char *value) { (void)value; opt->checks = true; return EXIT_FINE; }

static int set_calendar(options *opt, const char *value)
{
    opt->calendar = value;
    return *value ? EXIT_FINE : refuse("--calendar", value, "it needs the name of a file");
}

static int set_tzdir(options *opt, const char *value)
{
    opt->zone_folder = value;
    return *value ? EXIT_FINE : refuse("--tzdir", value, "it needs the name of a folder");
}

static int set_within(options *opt, const char *value)
{
    opt->within = value;
    return EXIT_FINE;
}

static int set_detect(options *opt, const char *value)
{
    opt->has_detect = cxm_text_number(value, strlen(value), '.', &opt->detect) == CXM_OK && opt->detect > 0.0;
    return opt->has_detect ? EXIT_FINE : refuse("--detect", value, "it is a difference above 0, in the unit of the value");
}

static int set_margin(options *opt, const char *value)
{
    opt->has_margin = cxm_text_number(value, strlen(value), '.', &opt->margin) == CXM_OK && opt->margin > 0.0;
    return opt->has_margin ? EXIT_FINE : refuse("--margin", value, "it is half the interval's width, above 0, in the unit of the value");
}

static int set_power(options *opt, const char *value)
{
    bool ok = cxm_text_number(value, strlen(value), '.', &opt->power) == CXM_OK && opt->power > 0.0 && opt->power < 1.0;
    opt->has_power = true;
    return ok ? EXIT_FINE : refuse("--power", value, "it lies between 0 and 1, such as 0.8");
}

static bool read_people(const char *text, uint64_t *out)
{
    double people;
    bool fits = cxm_text_number(text, strlen(text), '.', &people) == CXM_OK && people >= 1.0 && people <= 9e15 && people == floor(people);
    if (fits) *out = (uint64_t)people;
    return fits;
}

static int set_active(options *opt, const char *value)
{
    return read_people(value, &opt->active) ? EXIT_FINE : refuse("--active-customers", value, "it is a whole number of customers");
}

static int set_population(options *opt, const char *value)
{
    opt->has_population = read_people(value, &opt->population);
    return opt->has_population ? EXIT_FINE : refuse("--population", value, "it is a whole number of people");
}

static int set_exit(options *opt, const char *value) { (void)value; opt->exit_10 = true; return EXIT_FINE; }

static int set_level(options *opt, const char *value)
{
    bool ok = cxm_text_number(value, strlen(value), '.', &opt->level) == CXM_OK && opt->level > 0.0 && opt->level < 1.0;
    return ok ? EXIT_FINE : refuse("--level", value, "it lies between 0 and 1, such as 0.95");
}

/* CXM_SURVIVAL_* of a curve's limits; 0: no such name. */
static int32_t limits_named(const char *name)
{
    static const char *const words[] = {"plain", "log", "log-log"};         /* by CXM_SURVIVAL_* */
    for (int32_t i = 0; i < 3; ++i)
        if (strcmp(name, words[i]) == 0) return CXM_SURVIVAL_PLAIN + i;
    return 0;
}

/* A difference has methods of its own; one named as a single sample's is the one built on it. That of two means of tenures has one
 * alone, but their medians have limits of the curve. */
static int set_compare_method(options *opt, const char *value)
{
    static const char *const words[] = {"mover", "wald", "aw3-triangular", "aw3-uniform", "aw4-triangular", "aw4-uniform",
                                        "agresti-min", "bonett-price", "welch", "newcombe", "agresti-caffo",
                                        "miettinen-nurminen", "pooled", "pooled-yates", "fisher"};
    static const char *const same[][2] = {{"score", "mover"}, {"wilson", "newcombe"}, {"t", "welch"}};
    const char *name = value;
    if (limits_named(value)) return opt->limits = limits_named(value), EXIT_FINE;
    for (size_t i = 0; i < sizeof same / sizeof *same; ++i)
        if (strcmp(value, same[i][0]) == 0) name = same[i][1];
    if (cxm_compare_method(name, strlen(name), &opt->compare_method) == CXM_OK) return EXIT_FINE;
    const char *meant = nearest(value, words, sizeof words / sizeof *words);
    return meant ? complain(EXIT_USAGE, "--interval '%s': did you mean '%s'?", value, meant)
                 : refuse("--interval", value, "no such method of a difference; README lists them");
}

/* Of a curve. */
static int set_limits(options *opt, const char *value)
{
    opt->limits = limits_named(value);
    return opt->limits ? EXIT_FINE : refuse("--interval", value, "of a curve it is plain, log or log-log");
}

static int set_interval(options *opt, const char *value)
{
    if (strcmp(opt->command, "survival") == 0) return set_limits(opt, value);
    if (strcmp(opt->command, "compare") == 0) return set_compare_method(opt, value);
    static const char *const words[] = {"score", "wald", "aw3-triangular", "aw3-uniform", "aw4-triangular",
                                        "aw4-uniform", "agresti-min", "bonett-price", "bootstrap", "t", "wilson", "wilson-cc",
                                        "clopper-pearson", "jeffreys", "jeffreys-plain", "agresti-coull",
                                        "agresti-coull-plus4", "goodman", "quesenberry-hurst", "logit", "arcsine", "korn-graubard",
                                        "likelihood"};
    if (cxm_interval_method(value, strlen(value), &opt->method) == CXM_OK) return EXIT_FINE;
    if (strcmp(value, "anytime") == 0) return refuse("--interval", value, "not built yet");
    const char *meant = nearest(value, words, sizeof words / sizeof *words);
    return meant ? complain(EXIT_USAGE, "--interval '%s': did you mean '%s'?", value, meant)
                 : refuse("--interval", value, "no such method; README lists them");
}

static int set_max_unparsed(options *opt, const char *value)
{
    double percent;
    size_t len = strlen(value);
    if (len && value[len - 1] == '%') --len;
    if (cxm_text_number(value, len, '.', &percent) != CXM_OK || !(percent >= 0.0 && percent <= 100.0))
        return refuse("--max-unparsed", value, "it is a percentage, 0 to 100");
    opt->max_unparsed = percent / 100.0;
    return EXIT_FINE;
}

static int set_threads(options *opt, const char *value)
{
    double threads;
    if (cxm_text_number(value, strlen(value), '.', &threads) != CXM_OK || !(threads >= 1.0 && threads <= MAX_THREADS) ||
        threads != (double)(int)threads) return refuse("--threads", value, "it is a whole number, 1 to 64");
    opt->threads = (int)threads;
    return EXIT_FINE;
}

static int set_counts(options *opt, const char *value)
{
    if (opt->counts_count == 2) return refuse("--counts", value, "at most twice, to compare");
    opt->counts[opt->counts_count++] = value;
    return EXIT_FINE;
}

static int set_format(options *opt, const char *value)
{
    if (strcmp(value, "auto") == 0) opt->delimiter = 0;
    else if (strcmp(value, "csv") == 0) opt->delimiter = ',';
    else if (strcmp(value, "tsv") == 0) opt->delimiter = '\t';
    else return refuse("--format", value, "it is auto, csv or tsv; other formats are not built yet");
    return EXIT_FINE;
}

static int set_output(options *opt, enum output output)
{
    if (opt->output != OUTPUT_SCREEN && opt->output != output)
        return complain(EXIT_USAGE, "--json, --csv and --plain exclude each other");
    opt->output = output;
    return EXIT_FINE;
}

static int set_json(options *opt, const char *value) { (void)value; return set_output(opt, OUTPUT_JSON); }
static int set_csv(options *opt, const char *value) { (void)value; return set_output(opt, OUTPUT_CSV); }
static int set_plain(options *opt, const char *value) { (void)value; return set_output(opt, OUTPUT_PLAIN); }
static int set_strict(options *opt, const char *value) { (void)value; opt->strict = true; return EXIT_FINE; }
static int set_quiet(options *opt, const char *value) { (void)value; opt->quiet = true; return EXIT_FINE; }
static int set_verbose(options *opt, const char *value) { (void)value; opt->verbose = true; return EXIT_FINE; }

static int set_out(options *opt, const char *value)
{
    opt->out_file = value;
    return *value ? EXIT_FINE : refuse("-o", value, "it needs the name of a file");
}


static int set_dedupe(options *opt, const char *value)
{
    static const char *const words[] = {"all", "first", "latest"};
    opt->has_dedupe = true;
    for (int32_t i = 0; i < 3; ++i) {
        if (strcmp(value, words[i]) != 0) continue;
        opt->dedupe = i;
        return EXIT_FINE;
    }
    return refuse("--dedupe", value, "it is first, latest or all");
}

static int set_key(options *opt, const char *value)
{
    opt->key = value;
    return EXIT_FINE;
}

static int add_word(const char *name, const char *value, const char **words, int *count)
{
    if (!*value || strlen(value) > 256) return refuse(name, value, "a label has 1 to 256 bytes");
    if (*count == MAX_WORDS) return refuse(name, value, "at most 16 words");
    words[(*count)++] = value;
    return EXIT_FINE;
}

static int set_positive(options *opt, const char *value)
{
    return add_word("--positive", value, opt->positive, &opt->positive_count);
}

static int set_negative(options *opt, const char *value)
{
    return add_word("--negative", value, opt->negative, &opt->negative_count);
}

static int set_state_out(options *opt, const char *value)
{
    opt->state_out = value;
    return *value ? EXIT_FINE : refuse("--state-out", value, "it needs the name of a file");
}

static int set_unit(options *opt, const char *value)
{
    static const char *const words[] = {"us", "ms", "s", "min", "h"};       /* by CXM_UNIT_* */
    for (int32_t i = 0; i < 5; ++i) {
        if (strcmp(value, words[i]) != 0) continue;
        opt->unit = CXM_UNIT_US + i;
        return EXIT_FINE;
    }
    return refuse("--unit", value, "it is us, ms, s, min or h");
}

static int set_target(options *opt, const char *value)
{
    bool names = *value && !strchr("0123456789+-.", *value);
    opt->promise = NULL;
    opt->has_target = cxm_text_duration(value, strlen(value), &opt->target_us) == CXM_OK && opt->target_us <= TARGET_MOST_US;
    if (!opt->has_target && names) return promise_parse(opt, value);
    return opt->has_target ? EXIT_FINE : refuse("--target", value, "it is a duration with its unit, such as 90s, 30min or 4h, up to 100 years; the name of a "
                                                                   "column of due times; or a duration by value, such as priority:urgent=1h,high=4h");
}

static int set_preset(options *opt, const char *value)
{
    cxm_ticket_rules rules = {.size = sizeof rules};
    opt->preset = value;
    return cxm_ticket_preset(value, strlen(value), &rules) == CXM_OK ? EXIT_FINE : refuse("--preset", value, "it is zendesk, intercom, freshdesk or callcentre");
}

static int set_repeat(options *opt, const char *value)
{
    bool fits = cxm_text_duration(value, strlen(value), &opt->repeat_us) == CXM_OK && opt->repeat_us > 0 && opt->repeat_us <= TARGET_MOST_US;
    return fits ? EXIT_FINE : refuse("--repeat-within", value, "it is a duration with its unit, such as 7d");
}

static int set_short(options *opt, const char *value)
{
    bool fits = cxm_text_duration(value, strlen(value), &opt->short_us) == CXM_OK && opt->short_us > 0 && opt->short_us <= TARGET_MOST_US;
    return fits ? EXIT_FINE : refuse("--short-abandon", value, "it is a duration with its unit, such as 5s");
}

static int set_quantiles(options *opt, const char *value)
{
    static const char wrong[] = "it is up to 16 shares between 0 and 1, such as 0.5,0.9,0.99";
    const char *at = value;
    for (opt->quantile_count = 0;; ++at) {
        size_t len = strcspn(at, ",");
        double share;
        if (opt->quantile_count == MAX_QUANTILES || cxm_text_number(at, len, '.', &share) != CXM_OK || !(share > 0.0 && share < 1.0))
            return refuse("--quantiles", value, wrong);
        for (int i = 0; i < opt->quantile_count; ++i)
            if (opt->quantiles[i] == share) return refuse("--quantiles", value, "each share once");
        opt->quantiles[opt->quantile_count++] = share;
        at += len;
        if (!*at) return EXIT_FINE;
    }
}

static int set_definition(options *opt, const char *value)
{
    int number = churn_definition(value);
    const char *words[MAX_DEFINITIONS];
    size_t count = 0;
    for (const char *name; (name = churn_definition_name((int)count)) != NULL; ++count) words[count] = name;
    const char *meant = nearest(value, words, count);
    if (number < 0 && meant) return complain(EXIT_USAGE, "--definition '%s': did you mean '%s'?", value, meant);
    if (number < 0) return refuse("--definition", value, "no such rate; without the option all are shown");
    for (int i = 0; i < opt->definition_count; ++i)
        if (opt->definitions[i] == number) return refuse("--definition", value, "told twice");
    opt->definitions[opt->definition_count++] = number;
    return EXIT_FINE;
}

static int set_inactive(options *opt, const char *value)
{
    bool fits = cxm_text_duration(value, strlen(value), &opt->inactive_us) == CXM_OK && opt->inactive_us <= TARGET_MOST_US;
    return fits ? EXIT_FINE : refuse("--inactive", value, "it is a duration with its unit, such as 30d, up to 100 years");
}

static int set_with(options *opt, const char *value)
{
    if (opt->with_count == MAX_WITH) return refuse("--with", value, "at most 8 further files");
    opt->with[opt->with_count++] = value;
    return *value && strcmp(value, "-") != 0 ? EXIT_FINE : refuse("--with", value, "it needs the name of a file");
}

static int set_cancel(options *opt, const char *value)
{
    opt->requested = strcmp(value, "requested") == 0;
    return opt->requested || strcmp(value, "ended") == 0 ? EXIT_FINE : refuse("--cancel", value, "a cancellation counts when it is requested or when what was paid for has ended: requested or ended");
}

static int set_basis(options *opt, const char *value)
{
    static const char *const words[] = {"subscription", "purchase", "first"};       /* by CXM_COHORT_* */
    for (int32_t i = 0; i < 3; ++i) {
        if (strcmp(value, words[i]) != 0) continue;
        opt->basis = CXM_COHORT_SUBSCRIPTION + i;
        return EXIT_FINE;
    }
    return refuse("--basis", value, "a customer starts with its first subscription, its first purchase, or whichever comes first: subscription, purchase or first");
}

static int set_reading(options *opt, const char *value)
{
    opt->reading = strcmp(value, "at_end") == 0 ? CXM_COHORT_AT_END : strcmp(value, "any") == 0 ? CXM_COHORT_ANY : 0;
    return opt->reading ? EXIT_FINE : refuse("--reading", value, "who pays at the end of a period, or at any time of it: at_end or any");
}

static int set_tiers(options *opt, const char *value)
{
    opt->tiers = value;         /* read when the currency is known */
    return EXIT_FINE;
}

static int set_currency(options *opt, const char *value)
{
    bool fits = cxm_money_currency(value, strlen(value), &opt->currency) == CXM_OK;
    return fits ? EXIT_FINE : refuse("--currency", value, "it is a code of three letters, such as EUR");
}

static int set_color(options *opt, const char *value)
{
    static const char *const words[] = {"auto", "never", "always"};
    for (int i = 0; i < 3; ++i) {
        if (strcmp(value, words[i]) != 0) continue;
        opt->color = (enum color)i;
        return EXIT_FINE;
    }
    return refuse("--color", value, "it is auto, never or always");
}

static const option known[] = {
    {"--metric", true, set_metric}, {"--map", true, set_map}, {"--by", true, set_by}, {"--missing", true, set_missing},
    {"--scale", true, set_scale}, {"--top", true, set_top}, {"--direction", true, set_direction}, {"--value", true, set_value},
    {"--every", true, set_every}, {"--tz", true, set_zone}, {"--since", true, set_since}, {"--until", true, set_until},
    {"--level", true, set_level}, {"--interval", true, set_interval}, {"--max-unparsed", true, set_max_unparsed},
    {"--counts", true, set_counts}, {"--format", true, set_format}, {"--json", false, set_json}, {"--csv", false, set_csv},
    {"--plain", false, set_plain}, {"--strict", false, set_strict}, {"-q", false, set_quiet}, {"-v", false, set_verbose},
    {"-o", true, set_out}, {"--color", true, set_color}, {"--threads", true, set_threads}, {"--state-out", true, set_state_out},
    {"--dedupe", true, set_dedupe}, {"--key", true, set_key}, {"--positive", true, set_positive}, {"--negative", true, set_negative},
    {"--at", true, set_at}, {"--within", true, set_within}, {"--detect", true, set_detect}, {"--weight", true, set_weight},
    {"--strata", true, set_strata}, {"--cluster", true, set_cluster}, {"--fpc", true, set_fpc}, {"--targets", true, set_targets},
    {"--exit", false, set_exit}, {"--margin", true, set_margin}, {"--power", true, set_power}, {"--population", true, set_population},
    {"--customers", true, set_customers}, {"--unit", true, set_unit}, {"--target", true, set_target},
    {"--quantiles", true, set_quantiles}, {"--calendar", true, set_calendar}, {"--tzdir", true, set_tzdir}, {"--check", false, set_check},
    {"--preset", true, set_preset}, {"--repeat-within", true, set_repeat}, {"--active-customers", true, set_active},
    {"--short-abandon", true, set_short}, {"--between", 2, set_between}, {"--due", 2, set_due},
    {"--with", true, set_with}, {"--definition", true, set_definition}, {"--inactive", true, set_inactive}, {"--cancel", true, set_cancel}, {"--currency", true, set_currency},
    {"--basis", true, set_basis}, {"--reading", true, set_reading}, {"--tiers", true, set_tiers},
    /* of the contract, not built yet */
    {"--rolling", true, NULL}, {"--goal", true, NULL}, {"--alert", true, NULL}, {"--on-alert", true, NULL},
    {"--encoding", true, NULL}, {"--lang", true, NULL},
    {"--model", true, NULL},
    {"--calibration-end", true, NULL}, {"--horizon", true, NULL}, {"--discount", true, NULL}, {"--progress", false, NULL},
    {"--no-progress", false, NULL},
};
enum { KNOWN = sizeof known / sizeof *known };
static bool told[KNOWN];                /* which of them stand in argv */

/* What tenures have a use for. */
static const char *const survival[] = {"--map", "--by", "--missing", "--tz", "--until", "--level", "--interval", "--quantiles", "--weight",
                                       "--max-unparsed", "--strict", "--format", "--json", "--csv", "--plain", "-q", "-v", "-o", "--color", "--cancel", "--currency"};

static int unknown_option(const char *name)
{
    const char *words[KNOWN];
    for (size_t i = 0; i < KNOWN; ++i) words[i] = known[i].name;
    const char *meant = nearest(name, words, KNOWN);
    if (meant) return complain(EXIT_USAGE, "no option '%s'; did you mean '%s'?", name, meant);
    return complain(EXIT_USAGE, "no option '%s'; 'cxm --help' lists them", name);
}

/* The row of `word`, which may carry its value behind '='. */
static const option *find(const char *word, const char **value)
{
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    size_t len = equals ? (size_t)(equals - word) : strlen(word);
    *value = equals ? equals + 1 : NULL;
    for (size_t i = 0; i < KNOWN; ++i)
        if (strlen(known[i].name) == len && memcmp(known[i].name, word, len) == 0) return &known[i];
    return NULL;
}

/* inspect reads columns and scores nothing, merge adds up; what would change nothing is refused, not ignored. */
static bool has_use(const char *command, const char *name)
{
    static const char *const inspect[] = {"--map", "--missing", "--tz", "--format", "--json", "--csv",
                                          "--plain", "-o", "-q", "-v", "--color"};
    static const char *const merge[] = {"--json", "--plain", "-o", "-q", "-v", "--color"};
    static const char *const beyond_score[] = {"--at", "--within", "--detect", "--exit", "--margin", "--power", "--population", "--customers",
                                               "--unit", "--target", "--quantiles", "--calendar", "--tzdir", "--preset", "--repeat-within", "--check",
                                               "--active-customers", "--short-abandon", "--between", "--due", "--definition", "--inactive", "--cancel", "--currency",
                                               "--basis", "--reading", "--tiers", "--with"};
    static const char *const churn[] = {"--map", "--by", "--missing", "--every", "--tz", "--since", "--until", "--level", "--max-unparsed", "--format", "--json",
                                        "--csv", "--plain", "--strict", "-q", "-v", "-o", "--color", "--definition", "--inactive", "--cancel", "--currency",
                                        "--state-out"};
    static const char *const cohort[] = {"--map", "--by", "--missing", "--every", "--tz", "--since", "--until", "--level", "--max-unparsed", "--format", "--json",
                                         "--csv", "--plain", "--strict", "-q", "-v", "-o", "--color", "--cancel", "--currency", "--basis", "--reading", "--tiers", "--with"};
    static const char *const calendar[] = {"--check", "--between", "--due", "--at", "--tz", "--tzdir", "--json", "--plain", "-o", "-q", "-v", "--color"};
    static const char *const response[] = {"--metric", "--map", "--by", "--missing", "--every", "--tz", "--since", "--until", "--level",
                                           "--max-unparsed", "--interval", "--format", "--json", "--csv", "--plain", "--strict", "-q", "-v", "-o", "--color",
                                           "--threads", "--state-out", "--unit", "--target", "--quantiles", "--calendar", "--tzdir", "--preset",
                                           "--repeat-within", "--active-customers", "--short-abandon"};
    static const char *const beyond_compare[] = {"--every", "--state-out", "--positive", "--negative", "--margin", "--power", "--population",
                                                 "--check", "--between", "--due", "--active-customers", "--short-abandon", "--definition", "--basis",
                                                 "--reading", "--tiers", "--with"};
    static const char *const plan[] = {"--margin", "--detect", "--power", "--population", "--level", "--counts", "--scale", "--top",
                                       "--json", "--csv", "--plain", "-o", "-q", "-v", "--color"};
    if (strcmp(command, "survival") == 0) return is_among(name, survival, sizeof survival / sizeof *survival);
    if (strcmp(command, "inspect") == 0) return is_among(name, inspect, sizeof inspect / sizeof *inspect);
    if (strcmp(command, "merge") == 0) return is_among(name, merge, sizeof merge / sizeof *merge);
    if (strcmp(command, "calendar") == 0) return is_among(name, calendar, sizeof calendar / sizeof *calendar);
    if (strcmp(command, "response") == 0) return is_among(name, response, sizeof response / sizeof *response);
    if (strcmp(command, "churn") == 0) return is_among(name, churn, sizeof churn / sizeof *churn);
    if (strcmp(command, "cohort") == 0) return is_among(name, cohort, sizeof cohort / sizeof *cohort);
    if (strcmp(command, "plan") == 0) return is_among(name, plan, sizeof plan / sizeof *plan);
    if (strcmp(command, "compare") == 0) return !is_among(name, beyond_compare, sizeof beyond_compare / sizeof *beyond_compare);
    return !is_among(name, beyond_score, sizeof beyond_score / sizeof *beyond_score);
}

static int take_option(int argc, char **argv, int *at, options *opt)
{
    const char *value, *word = argv[*at];
    const option *row = find(word, &value);
    if (!row) return unknown_option(word);
    if (!row->set) return complain(EXIT_USAGE, "the option '%s' is not built yet", row->name);
    if (!has_use(opt->command, row->name))
        return complain(EXIT_USAGE, "%s has no use for '%s'", opt->command, row->name);
    told[row - known] = true;
    if (!row->values && value) return complain(EXIT_USAGE, "the option '%s' takes no value", row->name);
    if (row->values == 2) {
        if (value || *at + 2 >= argc) return complain(EXIT_USAGE, "the option '%s' needs two values", row->name);
        value = argv[++*at];
        second_value = argv[++*at];
    }
    if (row->values && !value) {
        if (*at + 1 >= argc) return complain(EXIT_USAGE, "the option '%s' needs a value", row->name);
        value = argv[++*at];
    }
    return row->set(opt, value);
}

static int take_file(const char *name, options *opt)
{
    if (opt->file_count == MAX_FILES) return complain(EXIT_USAGE, "at most %d files at once", MAX_FILES);
    opt->files[opt->file_count++] = name;
    return EXIT_FINE;
}

static int read_time(const char *name, const char *text, const options *opt, int64_t *out)
{
    if (cxm_text_time(text, strlen(text), opt->zone_s, out, NULL) == CXM_OK) return EXIT_FINE;
    return refuse(name, text, "it is a date or time such as 2026-11-20 or 2026-11-20T09:00:00Z");
}

static int settle_dedupe(options *opt)
{
    if (!opt->key) opt->key = mapped(opt, "key");
    if (opt->dedupe && !opt->key) return complain(EXIT_USAGE, "--dedupe needs the column that tells who answered: --key COLUMN");
    return EXIT_FINE;
}

/* What is of labels alone, and what labels have none of. */
static int settle_labels(const options *opt)
{
    bool labels = opt->metric == METRIC_LABELS;
    if (!labels && (opt->positive_count || opt->negative_count))
        return complain(EXIT_USAGE, "--positive and --negative go with --metric labels");
    if (!labels && mapped(opt, "label")) return complain(EXIT_USAGE, "--map label=COLUMN goes with --metric labels");
    if (labels && mapped(opt, "score")) return complain(EXIT_USAGE, "labels are in the column of --map label=COLUMN");
    return EXIT_FINE;
}

static bool is_stdout(const char *name)
{
    return !name || strcmp(name, "-") == 0;
}

/* Nothing that is written takes the place of what is read, or of what else is written; but merge may write onto a part. */
static int settle_outputs(const options *opt)
{
    const char *outputs[] = {opt->out_file, opt->state_out, opt->customers};
    const char *inputs[MAX_FILES + MAX_WITH + 1];
    int count = 0;
    bool reads = strcmp(opt->command, "merge") != 0 && strcmp(opt->command, "plan") != 0;
    for (int i = 0; i < opt->file_count && reads; ++i) inputs[count++] = opt->files[i];
    for (int i = 0; i < opt->with_count; ++i) inputs[count++] = opt->with[i];
    if (opt->targets) inputs[count++] = opt->targets;
    for (int i = 0; i < 3; ++i) {
        if (i && outputs[i] && is_stdout(outputs[i]) && is_stdout(opt->out_file))
            return complain(EXIT_USAGE, "the result goes to standard output already: give %s a file, or the result with -o",
                            i == 1 ? "--state-out" : "--customers");
        for (int j = 0; j < i + count && !is_stdout(outputs[i]); ++j) {
            const char *held = j < i ? outputs[j] : inputs[j - i];
            if (is_stdout(held) || !same_file(outputs[i], held)) continue;
            return complain(EXIT_USAGE, j < i ? "'%s' would be written twice" : "'%s' is read: give what is written another name", outputs[i]);
        }
    }
    return EXIT_FINE;
}

static bool maps_times(const options *opt)
{
    return mapped(opt, "duration") || mapped(opt, "created") || mapped(opt, "first_reply") || mapped(opt, "solved") || mapped(opt, "event");
}

/* A rate of tickets, by its name. */
static int settle_rate(options *opt)
{
    for (int32_t i = 0; opt->span && i < CXM_TICKET_RATES; ++i)
        if (strcmp(opt->span, cxm_ticket_rate_name(i)) == 0) opt->rate = i + 1;
    if (!opt->rate || strcmp(opt->command, "compare") != 0) return EXIT_FINE;
    if (opt->has_target || opt->promise || opt->has_value || opt->quantile_count || opt->calendar)
        return complain(EXIT_USAGE, "%s is a share of tickets: --target, --value, --quantiles and --calendar are of times", opt->span);
    opt->has_target = opt->compares_share = true;
    opt->target_us = DESK_RATE_US;
    return EXIT_FINE;
}

/* What is of response times alone, and what they have none of. A comparison is of them when it asks for any of that. */
static int settle_times(options *opt)
{
    bool asked = opt->unit || opt->preset || opt->repeat_us || opt->has_target || opt->promise || opt->has_value || opt->quantile_count || maps_times(opt);
    if (strcmp(opt->command, "response") == 0 || (asked && opt->metric == METRIC_NONE)) opt->metric = METRIC_RESPONSE;
    if (opt->metric != METRIC_RESPONSE)
        return asked ? complain(EXIT_USAGE, "--unit, --target, --preset, --quantiles, --value %s and columns of times or durations are of response times, not of %s",
                                opt->compares_share ? "within" : "median", metric_name(opt->metric)) : EXIT_FINE;
    if (mapped(opt, "score") || mapped(opt, "label") || mapped(opt, "key")) return complain(EXIT_USAGE, "response times are no answers: map duration, or created with first_reply or solved");
    if (opt->has_scale || opt->has_top || opt->direction || opt->value || opt->counts_count)
        return complain(EXIT_USAGE, "response times are on no scale: --scale, --direction, --top, --counts and --value mean, top or net go with scores");
    if (opt->by_count + opt->has_at >= (int)CXM_ENGINE_SEGMENTS_MAX) return complain(EXIT_USAGE, "at most 7 columns with response times, --at included");
    if (opt->zone_folder && !opt->calendar) return complain(EXIT_USAGE, "--tzdir goes with --calendar");
    bool compares = strcmp(opt->command, "compare") == 0;
    int code = settle_rate(opt);
    if (code != EXIT_FINE) return code;
    if (compares && opt->promise)
        return complain(EXIT_USAGE, "--target '%s': a comparison takes one duration for all, such as 4h; targets by row are of cxm response", opt->promise);
    if (compares && opt->quantile_count > 1) return complain(EXIT_USAGE, "a comparison is of one percentile: --quantiles 0.9");
    if (compares && opt->quantile_count && opt->has_target) return complain(EXIT_USAGE, "--target compares shares, --quantiles a percentile: one of them");
    if (!opt->has_value && !opt->rate) opt->compares_share = opt->has_target && strcmp(opt->command, "compare") == 0;
    if (opt->compares_share && !opt->has_target && opt->has_value) return complain(EXIT_USAGE, "--value within needs the target: --target 4h");
    return EXIT_FINE;
}

/* Comparisons of rates of customers, and what other metrics have no use for. */
static int settle_customers(const options *opt)
{
    static const char *const fields[] = {"start", "end", "entry", "amount", "currency", "subscription"};
    bool asked = opt->requested || opt->currency || opt->inactive_us;
    if (strcmp(opt->command, "compare") != 0 || opt->metric == METRIC_SURVIVAL) return EXIT_FINE;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i) asked = asked || mapped(opt, fields[i]);
    if (opt->metric != METRIC_CUSTOMERS)
        return asked ? complain(EXIT_USAGE, "--cancel, --currency, --inactive and columns of periods and amounts go with a rate of churn, such as "
                                             "--metric logo_endpoint, or with --metric survival") : EXIT_FINE;
    bool other = opt->within || opt->key || opt->dedupe || opt->has_detect || opt->weight || opt->strata || opt->cluster || opt->fpc || opt->targets ||
                 opt->customers || opt->counts_count || opt->compare_method || opt->unit || opt->preset || opt->repeat_us || opt->has_target ||
                 opt->promise || opt->has_value || opt->quantile_count || opt->calendar || opt->zone_folder || opt->has_scale || opt->has_top ||
                 opt->direction || opt->value || opt->threads > 1;
    return other ? complain(EXIT_USAGE, "a rate of churn is compared by --by, --at or two files, with --since, --until, --level and --exit alone") : EXIT_FINE;
}

static bool is_tenure_field(const mapping *of)
{
    for (size_t i = 0; i < sizeof tenure_fields / sizeof *tenure_fields; ++i)
        if (strlen(tenure_fields[i]) == of->field_len && memcmp(tenure_fields[i], of->field, of->field_len) == 0) return true;
    return false;
}

/* Comparisons of tenures take what cxm survival takes, but for what changes nothing of them. */
static int settle_tenures(const options *opt)
{
    if (strcmp(opt->command, "compare") != 0) return EXIT_FINE;
    if (opt->metric != METRIC_SURVIVAL)
        return opt->limits ? complain(EXIT_USAGE, "--interval plain, log and log-log are limits of a curve: --metric survival") : EXIT_FINE;
    if (opt->compare_method) return complain(EXIT_USAGE, "--interval: of a curve it is plain, log or log-log; the difference of two means has one method");
    if (opt->has_at)
        return complain(EXIT_USAGE, "--at: a tenure goes on from before an instant to after it; compare two files, or segments by when customers came");
    for (size_t i = 0; i < KNOWN; ++i) {
        const char *name = known[i].name;
        bool fits = is_among(name, survival, sizeof survival / sizeof *survival) && strcmp(name, "--quantiles") != 0;
        if (told[i] && !fits && strcmp(name, "--metric") != 0 && strcmp(name, "--exit") != 0)
            return complain(EXIT_USAGE, "compare of survival has no use for '%s'", name);
    }
    for (int i = 0; i < opt->map_count; ++i)
        if (!is_tenure_field(&opt->maps[i])) return refuse("--map", opt->maps[i].field, tenure_fields_are);
    return EXIT_FINE;
}

/* Of a triangle: its periods, and where tiers are shown. */
static int settle_cohort(const options *opt)
{
    static const char *const units[] = {"week", "month", "quarter"};
    if (strcmp(opt->command, "cohort") != 0) return EXIT_FINE;
    if (opt->every && !is_among(opt->every, units, 3)) return refuse("--every", opt->every, "cohorts are by week, month or quarter");
    if (opt->tiers && opt->output == OUTPUT_CSV) return complain(EXIT_USAGE, "--tiers go with --json or a screen: rows of CSV are cells of the triangle");
    return EXIT_FINE;
}

/* What needs more than one option to be read. */
static int settle(options *opt)
{
    if (reads_customers(opt)) opt->metric = METRIC_CUSTOMERS;
    int code = settle_customers(opt);
    bool times = strcmp(opt->command, "response") == 0 || (strcmp(opt->command, "compare") == 0 && opt->metric != METRIC_CUSTOMERS && opt->metric != METRIC_SURVIVAL);
    if (code == EXIT_FINE) code = settle_tenures(opt);
    if (code == EXIT_FINE && times) code = settle_times(opt);
    if (strcmp(opt->command, "survival") == 0) opt->metric = METRIC_SURVIVAL;
    if (code == EXIT_FINE) code = settle_cohort(opt);
    if (code == EXIT_FINE) code = settle_labels(opt);
    if (code == EXIT_FINE) code = settle_dedupe(opt);
    if (code == EXIT_FINE) code = settle_outputs(opt);
    if (code != EXIT_FINE) return code;
    if (opt->has_since) code = read_time("--since", since_text, opt, &opt->since_us);
    if (code == EXIT_FINE && opt->has_until) code = read_time("--until", until_text, opt, &opt->until_us);
    if (code == EXIT_FINE && opt->has_since && opt->has_until && opt->since_us >= opt->until_us)
        code = complain(EXIT_USAGE, "--since lies not before --until: nothing can be in between");
    if (code == EXIT_FINE && opt->has_at) code = read_time("--at", at_text, opt, &opt->at_us);
    for (int i = 0; i < 2 && code == EXIT_FINE && opt->has_between; ++i) code = read_time("--between", between_text[i], opt, &opt->between_us[i]);
    if (code == EXIT_FINE && opt->has_due) code = read_time("--due", due_text, opt, &opt->due_us);
    if (code != EXIT_FINE || !opt->every) return code;
    opt->has_window = cxm_window_parse(opt->every, strlen(opt->every), opt->zone_s, &opt->window) == CXM_OK;
    return opt->has_window ? EXIT_FINE
                           : refuse("--every", opt->every, "it is day, week, month, quarter, year or a length such as 7d");
}

int options_parse(int argc, char **argv, options *out)
{
    bool only_files = false;
    out->level = 0.95;
    out->threads = 1;
    out->power = 0.8;
    out->max_unparsed = 0.01;
    out->zone_text = "UTC";
    for (int i = 0; i < argc; ++i) {
        const char *word = argv[i];
        bool is_option = !only_files && word[0] == '-' && word[1];
        if (is_option && strcmp(word, "--") == 0) {
            only_files = true;
            continue;
        }
        int code = is_option ? take_option(argc, argv, &i, out) : take_file(word, out);
        if (code != EXIT_FINE) return code;
    }
    return settle(out);
}
