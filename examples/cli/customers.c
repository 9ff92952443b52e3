/* SPDX-License-Identifier: MIT */
/* customers.c - rows to customers: one event a row, or one period, or one purchase, by the columns that are there.
 *
 * A file with a column of events has events; one with a column of starts has periods; else each row is a purchase. All rows count,
 * whatever period is asked for: whether a customer is new, the past tells.                    */
#include "customers.h"
#include "pass.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const uint64_t CUSTOMER_BYTES = UINT64_C(8) << 30, ARRAY_BYTES = UINT64_C(4) << 30;
enum { BATCH = 128, SEGMENTS_MOST = 4096, ROWS_LEAST = 1024, SLOTS = 16384 };

static const struct { const char *field, *names[8]; } roles[ROLES] = {
    {"customer", {"customer", "customer_id", "customerid", "account", "account_id", "user_id", "client_id", "subscriber_id"}},
    {"event", {"event", "event_type", "type", "action", "kind"}},
    {"time", {"time", "date", "at", "timestamp", "event_date", "occurred_at", "created_at"}},
    {"start", {"start", "start_date", "started_at", "period_start", "start_at"}},
    {"end", {"end", "end_date", "ended_at", "period_end", "end_at"}},
    {"amount", {"amount", "mrr", "price", "value", "revenue"}},
    {"currency", {"currency", "currency_code"}},
    {"subscription", {"subscription", "subscription_id", "order", "order_id"}}};

/* --- columns --- */

static bool is_named(const char *const *names, const char *name)
{
    for (size_t i = 0; i < 8 && names[i]; ++i)
        if (same_word(names[i], name)) return true;
    return false;
}

/* The column of a role: as mapped, else the only one with such a name. */
static int find_role(crowd *c, enum role role)
{
    const source *in = c->run.in;
    const char *told = mapped(c->run.opt, roles[role].field);
    int times = 0;
    c->column[role] = NO_COLUMN;
    if (told) {
        c->column[role] = column_find(in, roles[role].field, told);
        return c->column[role] == NO_COLUMN ? EXIT_INPUT : EXIT_FINE;
    }
    for (uint32_t i = 0; i < in->columns; ++i)
        if (is_named(roles[role].names, in->names[i])) c->column[role] = (int)i, ++times;
    if (times > 1) return complain(EXIT_INPUT, "%s: more than one column could be the %s; say --map %s=COLUMN", in->name, roles[role].field, roles[role].field);
    return EXIT_FINE;
}

static int check_roles(crowd *c)
{
    const source *in = c->run.in;
    bool events = c->column[OF_EVENT] != NO_COLUMN, periods = !events && c->column[OF_START] != NO_COLUMN;
    if (c->column[OF_CUSTOMER] == NO_COLUMN)
        return complain(EXIT_INPUT, "%s: no column tells the customer; say --map customer=COLUMN", in->name);
    if (events) c->column[OF_START] = NO_COLUMN;
    if (periods) c->column[OF_TIME] = NO_COLUMN;
    if (!periods && c->column[OF_TIME] == NO_COLUMN)
        return complain(EXIT_INPUT, "%s: no column tells when; say --map time=COLUMN of events or purchases, or --map start=COLUMN of periods", in->name);
    if (!events && !periods) c->column[OF_END] = NO_COLUMN;
    if (mapped(c->run.opt, "end") && c->column[OF_END] == NO_COLUMN)
        return complain(EXIT_INPUT, "%s: --map end=COLUMN goes with events or with --map start=COLUMN", in->name);
    return EXIT_FINE;
}

static int find_columns(crowd *c)
{
    int code = EXIT_FINE;
    for (int role = 0; role < ROLES && code == EXIT_FINE; ++role) code = find_role(c, (enum role)role);
    if (code == EXIT_FINE) code = check_roles(c);
    for (int i = 0; i < c->run.opt->by_count && code == EXIT_FINE; ++i) {
        c->run.cols.by[i] = column_find(c->run.in, "--by", c->run.opt->by[i]);
        if (c->run.cols.by[i] == NO_COLUMN) code = EXIT_INPUT;
    }
    c->run.cols.by_count = c->run.opt->by_count;
    return code;
}

void crowd_print_columns(const void *of, sink *out)
{
    const crowd *c = of;
    const source *in = c->run.in;
    bool first = true;
    if (in->state_len) return;
    for (int role = 0; role < ROLES; ++role) {
        int at = c->column[role];
        if (at == NO_COLUMN) continue;
        sink_format(out, "%s%s = ", first ? "" : ", ", roles[role].field);
        if (in->name_lens[at]) print_safe(out, in->names[at], in->name_lens[at]);
        else sink_format(out, "#%d", at + 1);
        if (role == OF_TIME || role == OF_START) sink_format(out, " (%s)", c->run.opt->zone_text);
        first = false;
    }
}

/* --- the state --- */

static uint64_t seed(void)
{
    return (uint64_t)time(NULL) * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)clock();
}

/* With the currency of --currency, or of the first row that tells one. */
static int open_state(crowd *c, uint16_t currency)
{
    cxm_customers_options how = {.size = sizeof how, .currency = currency, .max_bytes = CUSTOMER_BYTES, .hash_seed = seed()};
    c->currency = currency;
    c->digits = cxm_money_digits(currency);
    if (!c->has_amounts) c->digits = 0;         /* subscriptions are counted, and do not add up with money */
    how.digits = (uint16_t)c->digits;
    return cxm_customers_create(&how, NULL, &c->customers) == CXM_OK ? EXIT_FINE : out_of_memory();
}

/* An array with room for one more, which moves as it grows; NULL and the exit code where it may not. */
static void *with_room(const crowd *c, void *array, size_t count, size_t *room, size_t size, int *code)
{
    if (count < *room) return array;
    size_t wanted = *room ? 2 * *room : ROWS_LEAST;
    bool fits = wanted <= ARRAY_BYTES / size && wanted <= SIZE_MAX / size;
    void *larger = fits ? realloc(array, wanted * size) : NULL;
    if (larger) *room = wanted;
    else *code = fits ? out_of_memory() : complain(EXIT_LIMIT, "%s: too many rows for the memory bound", c->run.in->name);
    return larger;
}

/* --- segments --- */

static uint32_t slot_of(const crowd *c, const cxm_view *values, uint32_t count)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < count; ++i) hash = hash * UINT64_C(0x100000001B3) ^ cxm_customer_code(values[i].text, values[i].len);
    uint32_t at = (uint32_t)((hash ^ hash >> 32) % SLOTS);
    for (; c->slots[at]; at = (at + 1) % SLOTS) {
        const segment_values *there = &c->segments[c->slots[at] - 1];
        bool same = true;
        for (uint32_t i = 0; i < count && same; ++i) same = compare_views(there->values[i], values[i]) == 0;
        if (same) break;
    }
    return at;
}

/* The number of a row's segment, kept if it is new; exit code. */
static int segment_of(crowd *c, const cxm_view *values, uint32_t count, uint32_t *number)
{
    size_t len = 0, used = 0;
    uint32_t at = slot_of(c, values, count);
    *number = c->slots[at] ? c->slots[at] - 1 : c->segment_count;
    if (c->slots[at]) return EXIT_FINE;
    if (c->segment_count == SEGMENTS_MOST) return complain(EXIT_LIMIT, "%s: --by has more than %d different values", c->run.in->name, SEGMENTS_MOST);
    segment_values *to = &c->segments[c->segment_count];
    for (uint32_t i = 0; i < count; ++i) len += values[i].len;
    to->bytes = malloc(len + 1);
    if (!to->bytes) return out_of_memory();
    for (uint32_t i = 0; i < count; ++i) {
        if (values[i].len) memcpy(to->bytes + used, values[i].text, values[i].len);
        to->values[i] = (cxm_view){to->bytes + used, values[i].len};
        used += values[i].len;
    }
    c->slots[at] = ++c->segment_count;
    return EXIT_FINE;
}

static int keep_membership(crowd *c, uint64_t customer, int64_t at_us, const cxm_view *by)
{
    cxm_view values[CXM_ENGINE_SEGMENTS_MAX];
    uint32_t count = (uint32_t)c->run.cols.by_count;
    if (count == 0) return EXIT_FINE;
    bool blank = true;
    for (uint32_t i = 0; i < count; ++i) {
        values[i] = trim(by[i]);
        blank = blank && values[i].len == 0;
    }
    uint32_t segment;
    int code = segment_of(c, values, count, &segment);
    if (code != EXIT_FINE) return code;
    membership *rows = with_room(c, c->rows, c->row_count, &c->row_room, sizeof *rows, &code);
    if (!rows) return code;
    c->rows = rows;
    c->rows[c->row_count++] = (membership){customer, at_us, segment, blank};
    return EXIT_FINE;
}

static const crowd *sorting;        /* whose segments are compared: qsort carries no context */

static int compare_segments(const void *a, const void *b)
{
    const segment_values *x = &sorting->segments[*(const uint32_t *)a], *y = &sorting->segments[*(const uint32_t *)b];
    int order = 0;
    for (int i = 0; i < sorting->run.cols.by_count && order == 0; ++i) order = compare_views(x->values[i], y->values[i]);
    return order;
}

static int compare_rows(const void *a, const void *b)
{
    const membership *x = a, *y = b;
    if (x->customer != y->customer) return x->customer < y->customer ? -1 : 1;
    if (x->blank != y->blank) return x->blank ? 1 : -1;
    if (x->at_us != y->at_us) return x->at_us < y->at_us ? -1 : 1;
    return (x->segment > y->segment) - (x->segment < y->segment);
}

/* Values that no customer's first row has are no segments. */
static void drop_unused(crowd *c)
{
    static uint32_t place[SEGMENTS_MOST];
    static bool used[SEGMENTS_MOST];
    uint32_t kept = 0;
    memset(used, 0, sizeof used);
    for (size_t i = 0; i < c->row_count; ++i) used[c->rows[i].segment] = true;
    for (uint32_t i = 0; i < c->segment_count; ++i) {
        place[i] = kept;
        if (used[i]) c->segments[kept++] = c->segments[i];
        else free(c->segments[i].bytes);
    }
    c->segment_count = kept;
    for (size_t i = 0; i < c->row_count; ++i) c->rows[i].segment = place[c->rows[i].segment];
}

/* Segments by their bytes, and of each customer its first row that tells one; of two at once the segment that comes first. */
static int settle_segments(crowd *c)
{
    static uint32_t order[SEGMENTS_MOST], place[SEGMENTS_MOST];
    size_t kept = 0;
    if (c->segment_count == 0) return EXIT_FINE;
    segment_values *sorted = malloc(c->segment_count * sizeof *sorted);
    if (!sorted) return out_of_memory();
    for (uint32_t i = 0; i < c->segment_count; ++i) order[i] = i;
    sorting = c;
    qsort(order, c->segment_count, sizeof *order, compare_segments);
    for (uint32_t i = 0; i < c->segment_count; ++i) {
        sorted[i] = c->segments[order[i]];
        place[order[i]] = i;
    }
    memcpy(c->segments, sorted, c->segment_count * sizeof *sorted);
    free(sorted);
    for (size_t i = 0; i < c->row_count; ++i) c->rows[i].segment = place[c->rows[i].segment];
    qsort(c->rows, c->row_count, sizeof *c->rows, compare_rows);
    for (size_t i = 0; i < c->row_count; ++i)
        if (i == 0 || c->rows[i].customer != c->rows[i - 1].customer) c->rows[kept++] = c->rows[i];
    c->row_count = kept;
    drop_unused(c);
    return EXIT_FINE;
}

uint32_t crowd_segment(const crowd *c, uint64_t customer)
{
    size_t low = 0, high = c->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->rows[middle].customer < customer) low = middle + 1;
        else high = middle;
    }
    return low < c->row_count ? c->rows[low].segment : 0;
}

cxm_engine_result crowd_slot(const crowd *c, uint32_t segment, int64_t from_us, int64_t to_us, bool complete)
{
    cxm_engine_result slot = {.size = sizeof slot, .has_window = 1, .from_us = from_us, .to_us = to_us, .complete = complete};
    if (segment == UINT32_MAX) return slot;
    slot.segments = c->segments[segment].values;
    slot.segment_count = (uint32_t)c->run.cols.by_count;
    return slot;
}

/* --- rows --- */

/* The cells of a row by role, blank where there is no column. */
typedef struct cells { cxm_view of[ROLES]; const cxm_view *by; } cells;

/* What became of a row. */
enum fate { FATE_SCORED, FATE_MISSING, FATE_UNPARSED, FATE_OUT_OF_RANGE, FATE_STOPPED };

static cxm_view told(const options *opt, cxm_view text)
{
    return is_missing_word(opt, text) ? (cxm_view){NULL, 0} : trim(text);
}

static bool read_instant(const crowd *c, cxm_view text, int64_t *at_us)
{
    return cxm_text_time(text.text, text.len, c->run.opt->zone_s, at_us, NULL) == CXM_OK;
}

static cxm_status read_amount(const crowd *c, cxm_view text, int64_t *minor)
{
    cxm_status status = cxm_money_read(text.text, text.len, c->digits, '.', minor);
    return status == CXM_E_FORMAT && c->run.in->decimal != '.' ? cxm_money_read(text.text, text.len, c->digits, c->run.in->decimal, minor) : status;
}

/* The amount, 1 for a subscription where no column tells any: what is summed is then their number. */
static enum fate fill_amount(const crowd *c, const cells *cell, bool trial, cxm_customer_event *e, cxm_view *blame)
{
    cxm_view text = told(c->run.opt, cell->of[OF_AMOUNT]);
    if (e->kind == CXM_CUSTOMER_CANCEL || trial) return FATE_SCORED;
    if (c->column[OF_AMOUNT] == NO_COLUMN) {
        e->amount = e->kind != CXM_CUSTOMER_PURCHASE;
        return FATE_SCORED;
    }
    *blame = text;
    if (text.len == 0) return FATE_MISSING;
    cxm_status status = read_amount(c, text, &e->amount);
    if (status == CXM_E_FORMAT) return FATE_UNPARSED;
    return status == CXM_OK && e->amount >= 0 && e->amount <= CXM_CUSTOMERS_AMOUNT_MAX ? FATE_SCORED : FATE_OUT_OF_RANGE;
}

/* What was paid for may have run out before a cancellation is told: it counts at once. */
static enum fate fill_end(const crowd *c, const cells *cell, cxm_customer_event *e, cxm_view *blame)
{
    cxm_view text = told(c->run.opt, cell->of[OF_END]);
    bool period = e->kind == CXM_CUSTOMER_PERIOD;
    if (!period && e->kind != CXM_CUSTOMER_CANCEL) return FATE_SCORED;
    e->end_us = period ? CXM_CUSTOMERS_NEVER : e->at_us;
    if (text.len == 0) return FATE_SCORED;
    *blame = text;
    if (!read_instant(c, text, &e->end_us)) return FATE_UNPARSED;
    if (!period && e->end_us < e->at_us) e->end_us = e->at_us;
    return e->end_us >= e->at_us ? FATE_SCORED : FATE_OUT_OF_RANGE;
}

/* The kind of an event; of a row without, what the file holds. */
static enum fate fill_kind(const crowd *c, const cells *cell, bool *trial, cxm_customer_event *e, cxm_view *blame)
{
    int32_t kind = c->column[OF_START] != NO_COLUMN ? CXM_CUSTOMER_PERIOD : CXM_CUSTOMER_PURCHASE;
    cxm_view text = told(c->run.opt, cell->of[OF_EVENT]);
    char word[6] = "";
    if (text.len == 5) memcpy(word, text.text, 5);
    *trial = same_word(word, "trial");
    *blame = text;
    if (c->column[OF_EVENT] != NO_COLUMN && text.len == 0) return FATE_MISSING;
    if (c->column[OF_EVENT] != NO_COLUMN && cxm_customer_kind_of(text.text, text.len, &kind) != CXM_OK) return FATE_UNPARSED;
    e->kind = (uint8_t)kind;
    return kind == CXM_CUSTOMER_PERIOD && c->column[OF_EVENT] != NO_COLUMN && c->column[OF_END] == NO_COLUMN ? FATE_UNPARSED : FATE_SCORED;
}

static enum fate fill_time(const crowd *c, const cells *cell, cxm_customer_event *e, cxm_view *blame)
{
    cxm_view text = told(c->run.opt, cell->of[c->column[OF_START] != NO_COLUMN ? OF_START : OF_TIME]);
    *blame = text;
    if (text.len == 0) return FATE_MISSING;
    return read_instant(c, text, &e->at_us) ? FATE_SCORED : FATE_UNPARSED;
}

/* The first row that tells a currency decides; one in another ends the run. Without an amount a row needs none. */
static enum fate fill_currency(crowd *c, const cells *cell, bool needed, uint64_t line, cxm_view *blame)
{
    cxm_view text = told(c->run.opt, cell->of[OF_CURRENCY]);
    uint16_t currency = c->currency;
    *blame = text;
    if (c->column[OF_CURRENCY] != NO_COLUMN && text.len == 0) return needed ? FATE_MISSING : FATE_SCORED;
    if (c->column[OF_CURRENCY] != NO_COLUMN && cxm_money_currency(text.text, text.len, &currency) != CXM_OK) return FATE_UNPARSED;
    if (!c->customers && !c->run.opt->currency && currency) {
        c->currency = currency;
        c->digits = cxm_money_digits(currency);
    }
    if (currency == c->currency || currency == 0) return FATE_SCORED;
    char have[4];
    cxm_money_code(c->currency, have);
    complain(EXIT_INPUT, "%s: line %llu tells an amount in %.*s, and those before are in %s: amounts of two currencies do not add up; give "
             "each its own file", c->run.in->name, (unsigned long long)line, (int)text.len, text.text, have);
    return FATE_STOPPED;
}

static enum fate read_event(crowd *c, const cells *cell, uint64_t line, cxm_customer_event *e, cxm_view *blame)
{
    bool trial;
    enum fate fate = fill_kind(c, cell, &trial, e, blame);
    if (fate == FATE_SCORED) fate = fill_time(c, cell, e, blame);
    if (fate == FATE_SCORED) fate = fill_end(c, cell, e, blame);
    if (fate == FATE_SCORED) fate = fill_currency(c, cell, !trial && e->kind != CXM_CUSTOMER_CANCEL, line, blame);
    if (fate == FATE_SCORED) fate = fill_amount(c, cell, trial, e, blame);
    return fate;
}

static void see(crowd *c, const cxm_customer_event *e)
{
    int64_t last = e->kind == CXM_CUSTOMER_PERIOD && e->end_us != CXM_CUSTOMERS_NEVER ? e->end_us : e->at_us;
    if (!c->any || e->at_us < c->first_us) c->first_us = e->at_us;
    if (!c->any || last > c->latest_us) c->latest_us = last;
    c->any = true;
    if (e->kind == CXM_CUSTOMER_PURCHASE) c->has_purchases = true;
    else c->has_subscriptions = true;
}

/* Rows that tell one event twice. The state holds each once; how often they came, 64 bits of each tell. */
static int keep_hash(crowd *c, uint64_t code, const cxm_customer_event *e)
{
    struct { uint64_t code; cxm_customer_event event; } whole = {code, *e};
    int exit_code = EXIT_FINE;
    uint64_t *hashes = with_room(c, c->hashes, c->hash_count, &c->hash_room, sizeof *hashes, &exit_code);
    if (!hashes) return exit_code;
    c->hashes = hashes;
    c->hashes[c->hash_count++] = cxm_customer_code((const char *)&whole, sizeof whole);
    return EXIT_FINE;
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void settle_duplicates(crowd *c)
{
    if (c->hash_count) qsort(c->hashes, c->hash_count, sizeof *c->hashes, compare_hashes);
    for (size_t i = 1; i < c->hash_count; ++i) c->run.account.duplicates += c->hashes[i] == c->hashes[i - 1];
    c->run.account.scored -= c->run.account.duplicates;
}

typedef struct waiting_event { uint64_t code; cxm_customer_event event; } waiting_event;

static int wait_for_currency(crowd *c, uint64_t code, const cxm_customer_event *e)
{
    int exit_code = EXIT_FINE;
    waiting_event *waiting = with_room(c, c->waiting, c->waiting_count, &c->waiting_room, sizeof *waiting, &exit_code);
    if (!waiting) return exit_code;
    c->waiting = waiting;
    c->waiting[c->waiting_count++] = (waiting_event){code, *e};
    return EXIT_FINE;
}

static int hand_over(crowd *c, uint64_t code, const cxm_customer_event *e)
{
    cxm_status status = cxm_customers_add(c->customers, code, e);
    if (status == CXM_E_LIMIT) return complain(EXIT_LIMIT, "%s: too many events for the memory bound, or for one customer", c->run.in->name);
    return status == CXM_OK ? EXIT_FINE : out_of_memory();
}

/* Opens the state if there is none, and gives it what waited. */
static int have_state(crowd *c)
{
    int code = c->customers ? EXIT_FINE : open_state(c, c->currency);
    for (size_t i = 0; i < c->waiting_count && code == EXIT_FINE; ++i) code = hand_over(c, c->waiting[i].code, &c->waiting[i].event);
    c->waiting_count = 0;
    return code;
}

static int add_event(crowd *c, cxm_view who, const cells *cell, const cxm_customer_event *e)
{
    uint64_t code = cxm_customer_code(who.text, who.len);
    bool early = !c->customers && !c->currency && c->column[OF_CURRENCY] != NO_COLUMN;
    int exit_code = early ? wait_for_currency(c, code, e) : have_state(c);
    if (exit_code == EXIT_FINE && !early) exit_code = hand_over(c, code, e);
    if (exit_code != EXIT_FINE) return exit_code;
    see(c, e);
    exit_code = keep_hash(c, code, e);
    return exit_code == EXIT_FINE ? keep_membership(c, code, e->at_us, cell->by) : exit_code;
}

static int take_row(crowd *c, uint64_t line, uint32_t flags, const cells *cell)
{
    cxm_account *account = &c->run.account;
    cxm_customer_event e = {.kind = 0};
    cxm_view who = told(c->run.opt, cell->of[OF_CUSTOMER]), part = told(c->run.opt, cell->of[OF_PART]), blame = {NULL, 0};
    ++account->records;
    if (flags) {
        ++c->run.seen.ragged;
        ++account->excluded;
        return EXIT_FINE;
    }
    e.part = cxm_customer_part(part.text, part.len);
    enum fate fate = who.len ? read_event(c, cell, line, &e, &blame) : FATE_MISSING;
    account->missing += fate == FATE_MISSING;
    account->unparsed += fate == FATE_UNPARSED;
    account->out_of_range += fate == FATE_OUT_OF_RANGE;
    if (fate == FATE_UNPARSED) keep_sample(&c->run.seen.unparsed, line, blame);
    if (fate == FATE_OUT_OF_RANGE) keep_sample(&c->run.seen.out_of_range, line, blame);
    if (fate == FATE_STOPPED) return EXIT_INPUT;
    if (fate != FATE_SCORED) return EXIT_FINE;
    ++account->scored;
    return add_event(c, who, cell, &e);
}

/* The row that was read ahead, when there is one: its fields are all of them. */
static int take_held(crowd *c)
{
    cxm_csv_row row = {.size = sizeof row};
    cxm_view by[CXM_ENGINE_SEGMENTS_MAX];
    cells cell = {.by = by};
    bool got;
    if (!c->run.in->has_held) return EXIT_FINE;
    source_next(c->run.in, &row, &got);
    for (int role = 0; role < ROLES; ++role)
        if (c->column[role] != NO_COLUMN) cell.of[role] = row.fields[c->column[role]];
    for (int i = 0; i < c->run.cols.by_count; ++i) by[i] = row.fields[c->run.cols.by[i]];
    return take_row(c, row.line, row.flags, &cell);
}

static int read_rows(crowd *c)
{
    enum { FIELDS = ROLES + CXM_ENGINE_SEGMENTS_MAX };
    static cxm_view fields[BATCH * FIELDS];     /* large, and made once */
    static uint64_t lines[BATCH];
    static uint32_t flags[BATCH];
    uint32_t wanted[FIELDS], count = 0, places[ROLES];
    bool got = true;
    for (int role = 0; role < ROLES; ++role) {
        places[role] = count;
        if (c->column[role] != NO_COLUMN) wanted[count++] = (uint32_t)c->column[role];
    }
    uint32_t told_columns = count;
    for (int i = 0; i < c->run.cols.by_count; ++i) wanted[count++] = (uint32_t)c->run.cols.by[i];
    cxm_csv_batch batch = {.size = sizeof batch, .max_rows = BATCH, .fields = fields, .lines = lines, .flags = flags};
    int code = take_held(c);
    while (code == EXIT_FINE) {
        code = source_next_batch(c->run.in, wanted, count, &batch, &got);
        if (code != EXIT_FINE || !got) break;
        for (uint32_t i = 0; i < batch.rows && code == EXIT_FINE; ++i) {
            const cxm_view *row = fields + (size_t)i * count;
            cells cell = {.by = row + told_columns};
            for (int role = 0; role < ROLES; ++role)
                if (c->column[role] != NO_COLUMN) cell.of[role] = row[places[role]];
            code = take_row(c, lines[i], flags[i], &cell);
        }
    }
    return code;
}

/* --- the file --- */

void crowd_begin(crowd *c, const options *opt, source *in, const char *file)
{
    score_begin(&c->run, opt, in, file);
    c->run.cols = (columns){.time = NO_COLUMN, .key = NO_COLUMN};
    c->currency = opt->currency;
    c->digits = cxm_money_digits(opt->currency);
}

static bool has_role(const crowd *c, enum role role)
{
    const source *in = c->run.in;
    bool found = mapped(c->run.opt, roles[role].field) != NULL;
    for (uint32_t i = 0; i < in->columns && !found; ++i) found = is_named(roles[role].names, in->names[i]);
    return found;
}

bool crowd_fits(const crowd *c)
{
    return has_role(c, OF_CUSTOMER) && ((has_role(c, OF_EVENT) && has_role(c, OF_TIME)) || has_role(c, OF_START));
}

int crowd_rows(crowd *c)
{
    if (c->run.in->state_len) return crowd_load(c, seed());
    c->segments = calloc(SEGMENTS_MOST, sizeof *c->segments);
    c->slots = calloc(SLOTS, sizeof *c->slots);
    if (!c->segments || !c->slots) return out_of_memory();
    int code = find_columns(c);
    c->has_amounts = c->column[OF_AMOUNT] != NO_COLUMN;
    if (code == EXIT_FINE) code = read_rows(c);
    if (code == EXIT_FINE) code = have_state(c);
    if (code == EXIT_FINE) code = score_check(&c->run);
    if (code == EXIT_FINE) code = settle_segments(c);
    if (code != EXIT_FINE) return code;
    settle_duplicates(c);
    score_remark(&c->run);
    return EXIT_FINE;
}

int crowd_read(crowd *c, const options *opt, int file)
{
    static source inputs[2];        /* large, and made once */
    source *in = &inputs[file];
    bool one = strcmp(opt->command, "compare") != 0;
    if (opt->file_count == 0 || (one && opt->file_count > 1)) return complain(EXIT_USAGE, "%s takes one FILE, or - for standard input", opt->command);
    crowd_begin(c, opt, in, opt->files[file]);
    int code = source_open(in, c->run.file, opt);
    return code == EXIT_FINE ? crowd_rows(c) : code;
}

void crowd_end(crowd *c)
{
    for (uint32_t i = 0; i < c->segment_count; ++i) free(c->segments[i].bytes);
    free(c->segments);
    free(c->slots);
    free(c->rows);
    free(c->hashes);
    free(c->waiting);
    cxm_customers_free(c->customers);
    score_end(&c->run);
}

bool crowd_next(crowd *c, uint64_t *cursor, cxm_customer_item *item, int *code)
{
    item->size = sizeof *item;
    cxm_status status = cxm_customers_next(c->customers, cursor, c->run.opt->requested ? CXM_CUSTOMERS_REQUESTED : CXM_CUSTOMERS_ENDED, item);
    if (status != CXM_OK && status != CXM_END) *code = out_of_memory();
    return status == CXM_OK;
}

/* --- what is told of it --- */

const char *crowd_currency(const crowd *c, char out[4])
{
    cxm_money_code(c->currency, out);
    return out;
}

void crowd_money(const crowd *c, double minor, bool sign, char out[64])
{
    char digits[CXM_MONEY_TEXT_MAX];
    size_t len = 0, to = 0;
    int64_t whole = minor >= 9.2e18 ? INT64_MAX : minor <= -9.2e18 ? -INT64_MAX : (int64_t)minor;
    cxm_money_print(whole < 0 ? -whole : whole, c->digits, digits, sizeof digits, &len);
    size_t integer = c->digits ? len - (size_t)c->digits - 1 : len;
    if (whole < 0) out[to++] = '-';
    else if (sign && whole > 0) out[to++] = '+';
    for (size_t i = 0; i < len; ++i) {
        if (i && i < integer && (integer - i) % 3 == 0) out[to++] = ',';
        out[to++] = digits[i];
    }
    out[to] = '\0';
}

void crowd_json_input(const crowd *c, sink *out)
{
    cxm_customers_account account = {.size = sizeof account};
    char currency[4];
    json_input(out, "input", c->run.in->name, source_format(c->run.in), &c->run.account);
    cxm_customers_account_of(c->customers, &account);
    json_key_count(out, "customers", account.customers);
    sink_format(out, ",\"events\":{\"received\":%llu,\"kept\":%llu,\"repeated\":%llu}", (unsigned long long)account.received,
                (unsigned long long)account.held, (unsigned long long)account.surplus);
    if (crowd_currency(c, currency)[0]) sink_format(out, ",\"currency\":\"%s\",\"minor_digits\":%d", currency, (int)c->digits);
    else if (c->has_amounts) sink_format(out, ",\"currency\":null,\"minor_digits\":%d", (int)c->digits);
}
