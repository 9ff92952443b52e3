/* SPDX-License-Identifier: MIT */
/* tables_state.c - what cxm inspect says of the tables that lifetime models are fitted to, as cxm/cbs.h encodes them: no command makes
 * or shows them yet. */
#include "customers.h"
#include <string.h>

enum { KIND_AT = 6, KIND_CBS = 12, KIND_SPEND = 13, SPEC_AT = 32, SPEC_LEN_AT = 12 };
static const uint64_t TABLE_BYTES = UINT64_C(8) << 30;

bool is_tables_state(const source *in)
{
    return in->state_len > KIND_AT + 1 && (in->buffer[KIND_AT] == KIND_CBS || in->buffer[KIND_AT] == KIND_SPEND) && in->buffer[KIND_AT + 1] == 0;
}

/* The account of the table in the bytes, which are not trusted. */
static cxm_status read_account(const source *in, cxm_cbs_account *held)
{
    cxm_cbs *cbs = NULL;
    cxm_spend *spend = NULL;
    bool is_cbs = in->buffer[KIND_AT] == KIND_CBS;
    cxm_status status = is_cbs ? cxm_cbs_decode(in->buffer, in->state_len, TABLE_BYTES, 0, NULL, &cbs)
                               : cxm_spend_decode(in->buffer, in->state_len, TABLE_BYTES, 0, NULL, &spend);
    if (status == CXM_OK) status = is_cbs ? cxm_cbs_account_of(cbs, held) : cxm_spend_account_of(spend, held);
    cxm_cbs_free(cbs);
    cxm_spend_free(spend);
    return status;
}

static void json_state(const source *in, cxm_view spec, const cxm_cbs_account *held, const char *file, sink *out)
{
    cxm_account account = {.size = sizeof account, .records = held->customers + held->refused, .scored = held->customers, .excluded = held->refused};
    sink_text(out, "{\"schema\":\"cxm.inspect/1\",\"tool\":\"cxm " CXM_VERSION "\",");
    json_input(out, "input", file, "state", &account);
    sink_format(out, ",\"kind\":\"%s\",\"spec\":", in->buffer[KIND_AT] == KIND_CBS ? "cbs" : "spend");
    json_string(out, spec.text, spec.len);
    json_key_count(out, "customers", held->customers);
    json_key_count(out, "repeaters", held->repeaters);
    json_key_count(out, "different", held->rows);
    sink_text(out, "}\n");
}

static void screen_state(cxm_view spec, const cxm_cbs_account *held, const char *file, sink *out)
{
    print_safe(out, file, strlen(file));
    sink_text(out, ": state, ");
    print_count(out, held->customers);
    sink_format(out, " customer%s, ", held->customers == 1 ? "" : "s");
    print_count(out, held->repeaters);
    sink_text(out, " bought again, ");
    print_count(out, held->rows);
    sink_text(out, " different");
    if (held->refused) {
        sink_text(out, ", ");
        print_count(out, held->refused);
        sink_text(out, " refused");
    }
    sink_text(out, "; ");
    print_safe(out, spec.text, spec.len);
    sink_text(out, "\n");
}

int tables_inspect(const source *in, const char *file, const options *opt, sink *out)
{
    cxm_cbs_account held = {.size = sizeof held};
    cxm_status status = read_account(in, &held);
    if (status == CXM_E_LIMIT) return complain(EXIT_LIMIT, "%s: too many different customers for the memory bound", in->name);
    if (status != CXM_OK) return state_not_readable(in->name, status);
    cxm_view spec = {in->buffer + SPEC_AT, (unsigned char)in->buffer[SPEC_LEN_AT]};      /* below 64 bytes, as it was decoded */
    if (opt->output == OUTPUT_JSON) json_state(in, spec, &held, file, out);
    else screen_state(spec, &held, file, out);
    return EXIT_FINE;
}
