/* SPDX-License-Identifier: MIT */
/* abi.c - sizes and constants as data: the one file that knows every public header, and nothing else.
 *
 * tests/bindings/headers.py holds both lists against the headers, so that none is forgotten. */
#include "base/port.h"
#include <cxm/cxm.h>
#include <stdbool.h>
#include <string.h>

enum { ABI = 1 };

#define STRUCT(type) {#type, sizeof(type)}
static const struct { const char *name; size_t bytes; } structs[] = {
    STRUCT(cxm_account),
    STRUCT(cxm_alloc),
    STRUCT(cxm_backlog),
    STRUCT(cxm_backlog_counts),
    STRUCT(cxm_bgbb),
    STRUCT(cxm_bgbb_history),
    STRUCT(cxm_btyd),
    STRUCT(cxm_btyd_history),
    STRUCT(cxm_calibrate_ask),
    STRUCT(cxm_calibrate_report),
    STRUCT(cxm_cbs_account),
    STRUCT(cxm_cbs_options),
    STRUCT(cxm_cbs_row),
    STRUCT(cxm_cbs_view),
    STRUCT(cxm_ces_summary),
    STRUCT(cxm_churn_bridge_row),
    STRUCT(cxm_churn_counts),
    STRUCT(cxm_churn_description),
    STRUCT(cxm_churn_movement),
    STRUCT(cxm_churn_options),
    STRUCT(cxm_churn_rate),
    STRUCT(cxm_cohort_account),
    STRUCT(cxm_cohort_cell),
    STRUCT(cxm_cohort_options),
    STRUCT(cxm_column),
    STRUCT(cxm_contact_growth),
    STRUCT(cxm_contact_rate),
    STRUCT(cxm_csat_summary),
    STRUCT(cxm_csv_batch),
    STRUCT(cxm_csv_info),
    STRUCT(cxm_csv_options),
    STRUCT(cxm_csv_row),
    STRUCT(cxm_csv_start),
    STRUCT(cxm_customer_event),
    STRUCT(cxm_customer_item),
    STRUCT(cxm_customer_step),
    STRUCT(cxm_customers_account),
    STRUCT(cxm_customers_options),
    STRUCT(cxm_customers_span),
    STRUCT(cxm_design_contrast),
    STRUCT(cxm_design_leaf),
    STRUCT(cxm_design_options),
    STRUCT(cxm_design_text),
    STRUCT(cxm_difference),
    STRUCT(cxm_engine_options),
    STRUCT(cxm_engine_result),
    STRUCT(cxm_error),
    STRUCT(cxm_fit),
    STRUCT(cxm_gamma_gamma),
    STRUCT(cxm_interval),
    STRUCT(cxm_label_ask),
    STRUCT(cxm_label_net_summary),
    STRUCT(cxm_label_options),
    STRUCT(cxm_label_share),
    STRUCT(cxm_label_summary),
    STRUCT(cxm_label_text),
    STRUCT(cxm_loyalty_options),
    STRUCT(cxm_loyalty_share),
    STRUCT(cxm_loyalty_summary),
    STRUCT(cxm_loyalty_tier),
    STRUCT(cxm_mean_sample),
    STRUCT(cxm_net_ready),
    STRUCT(cxm_net_sample),
    STRUCT(cxm_nps_band),
    STRUCT(cxm_nps_bands),
    STRUCT(cxm_nps_summary),
    STRUCT(cxm_paired_options),
    STRUCT(cxm_paired_summary),
    STRUCT(cxm_person),
    STRUCT(cxm_quantile_spec),
    STRUCT(cxm_quantile_summary),
    STRUCT(cxm_rate_ratio),
    STRUCT(cxm_rate_sample),
    STRUCT(cxm_record),
    STRUCT(cxm_rfm),
    STRUCT(cxm_rfm_split),
    STRUCT(cxm_sample_size),
    STRUCT(cxm_sbg),
    STRUCT(cxm_sbg_row),
    STRUCT(cxm_scale),
    STRUCT(cxm_scale_ask),
    STRUCT(cxm_scale_spec),
    STRUCT(cxm_scale_summary),
    STRUCT(cxm_service_counts),
    STRUCT(cxm_service_level),
    STRUCT(cxm_service_share),
    STRUCT(cxm_share_sample),
    STRUCT(cxm_sla_counts),
    STRUCT(cxm_sla_summary),
    STRUCT(cxm_spend_row),
    STRUCT(cxm_spend_view),
    STRUCT(cxm_state_field),
    STRUCT(cxm_state_metric),
    STRUCT(cxm_sum),
    STRUCT(cxm_survival_account),
    STRUCT(cxm_survival_curve),
    STRUCT(cxm_survival_group),
    STRUCT(cxm_survival_point),
    STRUCT(cxm_survival_record),
    STRUCT(cxm_survival_test),
    STRUCT(cxm_survival_time),
    STRUCT(cxm_ticket_contact),
    STRUCT(cxm_ticket_event),
    STRUCT(cxm_ticket_life),
    STRUCT(cxm_ticket_log_account),
    STRUCT(cxm_ticket_log_item),
    STRUCT(cxm_ticket_log_options),
    STRUCT(cxm_ticket_rates),
    STRUCT(cxm_ticket_rules),
    STRUCT(cxm_ticket_span),
    STRUCT(cxm_view),
    STRUCT(cxm_weighted_ask),
    STRUCT(cxm_weighted_summary),
    STRUCT(cxm_window_spec),
};

#define CONSTANT(name) {#name, name}
static const struct { const char *name; int64_t value; } constants[] = {
    CONSTANT(CXM_BGBB_N_MAX),
    CONSTANT(CXM_BTYD_BGNBD),
    CONSTANT(CXM_BTYD_MBGNBD),
    CONSTANT(CXM_BTYD_NBD),
    CONSTANT(CXM_BTYD_PARETONBD),
    CONSTANT(CXM_BTYD_TIME_MAX),
    CONSTANT(CXM_CBS_MONEY_MAX),
    CONSTANT(CXM_CBS_TICK_MAX),
    CONSTANT(CXM_CBS_X_MAX),
    CONSTANT(CXM_CHURN_AMOUNT_MAX),
    CONSTANT(CXM_CHURN_DAYS_MAX),
    CONSTANT(CXM_CLV_AFTER_RENEWAL),
    CONSTANT(CXM_CLV_END_OF_PERIOD),
    CONSTANT(CXM_CLV_NOW),
    CONSTANT(CXM_COHORT_PERIODS_DEFAULT),
    CONSTANT(CXM_COHORT_PERIODS_MAX),
    CONSTANT(CXM_CUSTOMERS_AMOUNT_MAX),
    CONSTANT(CXM_CUSTOMERS_EVENTS_MAX),
    CONSTANT(CXM_CUSTOMERS_NEVER),
    CONSTANT(CXM_DESIGN_MARGINS_MAX),
    CONSTANT(CXM_ENGINE_SEGMENTS_MAX),
    CONSTANT(CXM_ERROR_TEXT),
    CONSTANT(CXM_FIT_BOUNDARY),
    CONSTANT(CXM_FIT_INNER),
    CONSTANT(CXM_FIT_PARAMETERS_MAX),
    CONSTANT(CXM_FIT_UNFINISHED),
    CONSTANT(CXM_INTERVAL_BOOTSTRAP_MOST),
    CONSTANT(CXM_LABEL_LABELS_MAX),
    CONSTANT(CXM_LABEL_TEXT_MAX),
    CONSTANT(CXM_LOYALTY_DAYS_DEFAULT),
    CONSTANT(CXM_LOYALTY_DAYS_MAX),
    CONSTANT(CXM_LOYALTY_THRESHOLDS_MAX),
    CONSTANT(CXM_LOYALTY_TIMES_MAX),
    CONSTANT(CXM_MONEY_TEXT_MAX),
    CONSTANT(CXM_NPS_POINTS),
    CONSTANT(CXM_QUANTILE_TARGETS_MAX),
    CONSTANT(CXM_SBG_PERIODS_MAX),
    CONSTANT(CXM_SCALE_POINTS_MAX),
    CONSTANT(CXM_STATE_SPEC_MAX),
    CONSTANT(CXM_SUM_CHUNKS),
    CONSTANT(CXM_SURVIVAL_CAP_MAX),
    CONSTANT(CXM_SURVIVAL_GROUPS_MAX),
    CONSTANT(CXM_TEXT_FIXED_MAX),
    CONSTANT(CXM_TEXT_NUMBER_MAX),
    CONSTANT(CXM_TEXT_TIME_MAX),
    CONSTANT(CXM_TICKET_CLOCKS),
    CONSTANT(CXM_TICKET_EVENTS_MAX),
    CONSTANT(CXM_TICKET_KEY_MAX),
    CONSTANT(CXM_TICKET_RATES),
    CONSTANT(CXM_VERSION_MAJOR),
    CONSTANT(CXM_VERSION_MINOR),
    CONSTANT(CXM_VERSION_PATCH),
};

enum { STRUCTS = sizeof structs / sizeof *structs, CONSTANTS = sizeof constants / sizeof *constants };

static bool is(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && memcmp(name, text, len) == 0;
}

uint32_t cxm_abi(void)
{
    return ABI;
}

uint32_t cxm_sizeof(const char *type, size_t len)
{
    for (size_t i = 0; type && i < STRUCTS; ++i)
        if (is(structs[i].name, type, len)) return (uint32_t)structs[i].bytes;
    return 0;
}

cxm_status cxm_constant(const char *name, size_t len, int64_t *out)
{
    if (!name || !out) return CXM_E_ARG;
    for (size_t i = 0; i < CONSTANTS; ++i) {
        if (!is(constants[i].name, name, len)) continue;
        *out = constants[i].value;
        return CXM_OK;
    }
    return CXM_E_ARG;
}

cxm_status cxm_abi_struct(uint32_t i, const char **name, uint32_t *bytes)
{
    if (!name || !bytes) return CXM_E_ARG;
    if (i >= STRUCTS) return CXM_END;
    *name = structs[i].name;
    *bytes = (uint32_t)structs[i].bytes;
    return CXM_OK;
}
