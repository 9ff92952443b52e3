/* SPDX-License-Identifier: MIT */
/* customers_state.c - states of customers in place of rows: what churn --state-out writes, churn and inspect read, and merge adds up.
 *
 * The bytes are those of cxm_customers_encode, as the generic door and any binding write them, too: events and currency, but no rows.
 * So the account is of events, and a renewal that said nothing new is not in the span of time that is known.             */
#include "customers.h"
#include <stdlib.h>
#include <string.h>

enum { KIND_AT = 6, KIND_CUSTOMERS = 8, SPEC_AT = 32, SPEC_LEN_AT = 12 };
static const uint64_t CUSTOMER_BYTES = UINT64_C(8) << 30;

bool is_customers_state(const source *in)
{
    return in->state_len > KIND_AT + 1 && in->buffer[KIND_AT] == KIND_CUSTOMERS && in->buffer[KIND_AT + 1] == 0;
}

static int decode(const source *in, uint64_t seed, cxm_customers **out)
{
    if (!is_customers_state(in)) return complain(EXIT_INPUT, "%s: the state holds no customers; inspect tells what it holds", in->name);
    cxm_status status = cxm_customers_decode(in->buffer, in->state_len, CUSTOMER_BYTES, seed, NULL, out);
    if (status == CXM_E_LIMIT) return complain(EXIT_LIMIT, "%s: too many customers for the memory bound", in->name);
    return status == CXM_OK ? EXIT_FINE : state_not_readable(in->name, status);
}

/* Each event that was told is a row; what was refused for its currency is left out. */
static cxm_account rows_of(const cxm_customers_account *held)
{
    return (cxm_account){.size = sizeof(cxm_account), .records = held->received, .scored = held->received - held->foreign, .excluded = held->foreign};
}

/* --- in place of rows --- */

int crowd_load(crowd *c, uint64_t seed)
{
    const options *opt = c->run.opt;
    const char *name = c->run.in->name;
    cxm_customers_account held = {.size = sizeof held};
    cxm_customers_span known = {.size = sizeof known};
    char code[4];
    if (opt->map_count || opt->by_count || opt->missing_count || opt->delimiter || opt->strict)
        return complain(EXIT_USAGE, "%s is a state: --map, --by, --missing, --format and --strict go with rows", name);
    int exit_code = decode(c->run.in, seed, &c->customers);
    if (exit_code != EXIT_FINE) return exit_code;
    cxm_customers_account_of(c->customers, &held);
    cxm_money_code(held.currency, code);
    if (opt->currency && opt->currency != held.currency)
        return complain(EXIT_INPUT, "%s: the state %s%s; leave --currency out to see it", name, code[0] ? "is in " : "has no currency", code);
    for (int role = 0; role < ROLES; ++role) c->column[role] = NO_COLUMN;
    c->currency = held.currency;
    c->digits = held.digits;
    c->has_amounts = true;
    c->run.account = rows_of(&held);
    c->any = cxm_customers_span_of(c->customers, &known) == CXM_OK;
    c->first_us = known.first_us;
    c->latest_us = known.latest_us;
    c->has_subscriptions = known.subscriptions > 0;
    c->has_purchases = known.purchases > 0;
    return EXIT_FINE;
}

/* --- writing --- */

static int write_to(cxm_customers *customers, const char *path)
{
    size_t len = 0;
    cxm_customers_encode(customers, NULL, 0, &len);
    unsigned char *bytes = malloc(len);
    if (!bytes || cxm_customers_encode(customers, bytes, len, &len) != CXM_OK) {
        free(bytes);
        return out_of_memory();
    }
    int code = state_write_bytes(path, bytes, len);
    free(bytes);
    return code;
}

int crowd_write(crowd *c)
{
    return write_to(c->customers, c->run.opt->state_out);
}

/* --- what a state is --- */

static void print_time(sink *out, int64_t at_us)
{
    char text[CXM_TEXT_TIME_MAX];
    size_t len = 0;
    cxm_text_from_time(at_us, 0, text, sizeof text, &len);
    sink_bytes(out, text, len);
}

/* "customers EUR 2", as it stands in the bytes. */
static void print_spec(sink *out, const cxm_customers_account *held)
{
    char code[4];
    cxm_money_code(held->currency, code);
    sink_format(out, "customers %s %d", code[0] ? code : "-", (int)held->digits);
}

static void json_state(const char *command, const cxm_customers_account *held, const cxm_customers_span *known, bool any, const char *file, sink *out)
{
    cxm_account account = rows_of(held);
    sink_format(out, "{\"schema\":\"cxm.%s/1\",\"tool\":\"cxm " CXM_VERSION "\",", command);
    json_input(out, "input", file, "state", &account);
    sink_text(out, ",\"kind\":\"customers\",\"spec\":\"");
    print_spec(out, held);
    sink_text(out, "\"");
    json_key_count(out, "customers", held->customers);
    sink_format(out, ",\"events\":{\"received\":%llu,\"kept\":%llu,\"repeated\":%llu},\"first\":%s", (unsigned long long)held->received,
                (unsigned long long)held->held, (unsigned long long)held->surplus, any ? "\"" : "null");
    if (any) print_time(out, known->first_us);
    sink_text(out, any ? "\",\"latest\":\"" : ",\"latest\":null");
    if (any) print_time(out, known->latest_us);
    sink_text(out, any ? "\"}\n" : "}\n");
}

static void describe(const char *command, cxm_customers *customers, const char *file, bool json, sink *out)
{
    cxm_customers_account held = {.size = sizeof held};
    cxm_customers_span known = {.size = sizeof known};
    bool any = cxm_customers_span_of(customers, &known) == CXM_OK;
    cxm_customers_account_of(customers, &held);
    if (json) {
        json_state(command, &held, &known, any, file, out);
        return;
    }
    print_safe(out, file, strlen(file));
    sink_text(out, ": state, ");
    print_count(out, held.held);
    sink_format(out, " event%s of ", held.held == 1 ? "" : "s");
    print_count(out, held.customers);
    sink_format(out, " customer%s, ", held.customers == 1 ? "" : "s");
    if (any) {
        print_time(out, known.first_us);
        sink_text(out, " .. ");
        print_time(out, known.latest_us);
    } else {
        sink_text(out, "none told");
    }
    sink_text(out, "; ");
    print_spec(out, &held);
    sink_text(out, "\n");
}

int customers_inspect(const source *in, const char *file, const options *opt, sink *out)
{
    cxm_customers *customers = NULL;
    int code = decode(in, 0, &customers);
    if (code == EXIT_FINE) describe("inspect", customers, file, opt->output == OUTPUT_JSON, out);
    cxm_customers_free(customers);
    return code;
}

/* --- merge --- */

static int merge_one(cxm_customers *sum, const source *in, const source *first, uint64_t seed)
{
    cxm_customers *part = NULL;
    int code = decode(in, seed, &part);
    if (code != EXIT_FINE) return code;
    cxm_status status = cxm_customers_merge(sum, part);
    cxm_customers_free(part);
    switch (status) {
    case CXM_OK: return EXIT_FINE;
    case CXM_E_MISMATCH:
        return complain(EXIT_INPUT, "%s: its amounts are in other units or in another currency than those of %s; inspect tells them", in->name,
                        first->name);
    case CXM_E_OVERFLOW: return complain(EXIT_LIMIT, "%s: the counts add up to more than 2^64 - 1", in->name);
    case CXM_E_LIMIT: return complain(EXIT_LIMIT, "%s: the customers of all states, or the events of one, do not fit", in->name);
    default: return out_of_memory();
    }
}

static int report(const options *opt, cxm_customers *sum)
{
    static sink out;
    static options to_stdout;
    int code = sink_open(&out, &to_stdout);
    if (code != EXIT_FINE) return code;
    describe("merge", sum, opt->out_file, opt->output == OUTPUT_JSON, &out);
    return sink_close(&out);
}

int customers_merge(const options *opt, const source *in, uint64_t seed)
{
    cxm_customers *sum = NULL;
    int code = decode(&in[0], seed, &sum);
    for (int i = 1; i < opt->file_count && code == EXIT_FINE; ++i) code = merge_one(sum, &in[i], &in[0], seed);
    if (code == EXIT_FINE) code = write_to(sum, opt->out_file);
    if (code == EXIT_FINE && !opt->quiet && strcmp(opt->out_file, "-") != 0) code = report(opt, sum);
    cxm_customers_free(sum);
    return code;
}
