/* SPDX-License-Identifier: MIT */
/* churn_rate.c - from the counts of a period to its rates, each with the interval that fits it.
 *
 * A rate is a ratio of two integers, rounded once; a sum over days rounds once a day and once a sum. Limits of money come from
 *      sum (x - R m0)^2 = (M^2 sum x^2 - 2 X M sum x m0 + X^2 sum m0^2) / M^2,     X = sum x, M = sum m0, R = X / M
 * whose terms nearly cancel where nearly everybody moves by the same share; they are integers of at most 256 bits, so what is left
 * is exact, and 0 only where there is no spread. grr is 1 - gross_mrr and has its spread; that of nrr is of x = m1 - m0, with
 * sum x^2 = sum m1^2 - 2 sum m0 m1 + sum m0^2.                                                         */
#include "base/port.h"
#include <cxm/interval.h>
#include "base/big.h"
#include "base/civil.h"
#include "retention/churn_parts.h"
#include <math.h>
#include <string.h>

_Static_assert(sizeof(void *) != 8 || sizeof(cxm_churn_description) == 48, "cxm_churn_description grew");

static const double PERIOD_DAYS = 30.0, FEW = 30.0, LEVEL_UNLESS_TOLD = 0.95;
enum { RATES = CXM_CHURN_MRR_GROWTH };

static const char nobody[] = "nobody was active at the start";
static const char nothing[] = "nothing was paid at the start";

/* By their numbers, from 1. */
static const struct { const char *name; int32_t interval, money, days; const char *definition, *why, *undefined; } rates[RATES + 1] = {
    {"", 0, 0, 0, "", "", ""},
    {"logo_endpoint", CXM_CHURN_WILSON, 0, 0, "customers active at the start and not at the end / customers active at the start", "", nobody},
    {"retention", CXM_CHURN_WILSON, 0, 0, "customers active at the start and at the end / customers active at the start", "", nobody},
    {"logo_average", CXM_CHURN_NO_INTERVAL, 0, 0, "customers active at the start and not at the end / mean of customers at the start and at the end",
     "below the line stand customers who could not be lost", "nobody was active at the start or at the end"},
    {"stripe", CXM_CHURN_NO_INTERVAL, 0, 30, "churns, a second one of a customer again / (customers active at the start + new customers)",
     "a customer may churn more than once", "nobody was active at the start, and nobody joined"},
    {"chartmogul", CXM_CHURN_WILSON, 0, 0, "customers active at the start and not at the end / customers active at the start", "", nobody},
    {"chartmogul_b2c", CXM_CHURN_NO_INTERVAL, 0, 0, "sum over days of customers lost that day / customers active at its start",
     "a sum of one rate a day, each of other customers", "nobody was active at the start of any day"},
    {"baremetrics", CXM_CHURN_NO_INTERVAL, 0, 30, "customers who churned, also who joined in the period / customers active at the start",
     "who joined and churned stands above the line alone", nobody},
    {"profitwell", CXM_CHURN_WILSON, 0, 0, "customers active at the start who churned, also where they came back / customers active at the start", "", nobody},
    {"shopify_daily", CXM_CHURN_NO_INTERVAL, 0, 0, "sum over days of customers lost that day / customers active at its start",
     "a sum of one rate a day, each of other customers", "nobody was active at the start of any day"},
    {"exposure", CXM_CHURN_GARWOOD, 0, 0, "churns / time at risk, per 30 days of a customer: a hazard, which may pass 1", "", "nobody was at risk"},
    {"inactive", CXM_CHURN_WILSON, 0, 0, "customers who purchased within the window before the start and not before the end / the first of these", "",
     "nobody purchased within the window before the start"},
    {"gross_mrr", CXM_CHURN_LINEARISED, 1, 0, "what customers of the start pay less at the end, each by itself / what they paid", "", nothing},
    {"gross_mrr_flow", CXM_CHURN_LINEARISED, 1, 0, "churn and contraction, by movements / what was paid at the start", "", nothing},
    {"gross_mrr_daily", CXM_CHURN_NO_INTERVAL, 1, 0, "sum over days of what customers pay less at its end / what was paid at its start",
     "a sum of one rate a day, each of other customers", "nothing was paid at the start of any day"},
    {"net_mrr", CXM_CHURN_LINEARISED, 1, 0, "churn and contraction less expansion and reactivation, by movements / what was paid at the start", "", nothing},
    {"net_mrr_baremetrics", CXM_CHURN_LINEARISED, 1, 30, "churn and contraction less expansion, by movements / what was paid at the start", "", nothing},
    {"net_mrr_daily", CXM_CHURN_NO_INTERVAL, 1, 0, "sum over days of (what was paid at its start less at its end, without who is new) / at its start",
     "a sum of one rate a day, each of other customers", "nothing was paid at the start of any day"},
    {"grr", CXM_CHURN_LINEARISED, 1, 0, "what customers of the start still pay at the end, none more than before / what they paid", "", nothing},
    {"nrr", CXM_CHURN_LINEARISED, 1, 0, "what customers of the start pay at the end / what they paid", "", nothing},
    {"quick_ratio", CXM_CHURN_NO_INTERVAL, 1, 0, "(new + expansion) / (churn + contraction), by movements",
     "above and below the line stand different customers", "there was no churn and no contraction"},
    {"quick_ratio_reactivation", CXM_CHURN_NO_INTERVAL, 1, 0, "(new + expansion + reactivation) / (churn + contraction), by movements",
     "above and below the line stand different customers", "there was no churn and no contraction"},
    {"mrr_growth", CXM_CHURN_NO_INTERVAL, 1, 0, "new, reactivation and expansion less churn and contraction / what was paid at the start",
     "above the line stand customers who are not below it", nothing},
};

/* --- ratios --- */

static double difference(uint64_t a, uint64_t b)
{
    return a >= b ? (double)(a - b) : -(double)(b - a);
}

void churn_daily_of(const cxm_churn *churn, churn_daily *out)
{
    churn_daily d = {0};
    uint64_t active = 0, amount = 0;
    for (uint32_t i = 0; i < churn->days; ++i) {
        const churn_day *day = &churn->day[i];
        active += day->active;
        amount += day->amount;
        uint64_t next = amount + day[1].amount - day->fresh;        /* what is paid at its end by who was here at its start, or before */
        d.below += (double)active;
        d.amount_below += (double)amount;
        d.above += (double)day->churned;
        d.gross_above += (double)day->lost;
        if (amount) d.net_above += difference(amount, next);
        if (active) d.logo += (double)day->churned / (double)active;
        if (amount) d.gross += (double)day->lost / (double)amount;
        if (amount) d.net += difference(amount, next) / (double)amount;
    }
    *out = d;
}

/* A sum over days: below the line what gives its value, or the mean of the days where nothing above 0 does. */
static void daily_ratio(double above, double value, double below, double days, churn_ratio *out)
{
    double gives = value != 0.0 ? above / value : 0.0;
    out->above = above;
    out->value = below > 0.0 ? value : (double)NAN;
    out->below = gives > 0.0 ? gives : below / days;
}

static void ratio_of_days(const cxm_churn *churn, int32_t rate, churn_ratio *out)
{
    churn_daily d;
    double days = (double)churn->days;
    churn_daily_of(churn, &d);
    if (rate == CXM_CHURN_GROSS_MRR_DAILY) daily_ratio(d.gross_above, d.gross, d.amount_below, days, out);
    else if (rate == CXM_CHURN_NET_MRR_DAILY) daily_ratio(d.net_above, d.net, d.amount_below, days, out);
    else daily_ratio(d.above, d.logo, d.below, days, out);
}

static bool is_of_days(int32_t rate)
{
    return rate == CXM_CHURN_SHOPIFY_DAILY || rate == CXM_CHURN_CHARTMOGUL_B2C || rate == CXM_CHURN_GROSS_MRR_DAILY || rate == CXM_CHURN_NET_MRR_DAILY;
}

static void ratio_of_customers(const cxm_churn *churn, int32_t rate, churn_ratio *out)
{
    const uint64_t *t = churn->sums.tally;
    *out = (churn_ratio){.above = (double)t[CHURNED], .below = (double)t[START], .n = t[START]};
    switch (rate) {
    case CXM_CHURN_RETENTION: out->above = (double)(t[START] - t[CHURNED]); break;
    case CXM_CHURN_LOGO_AVERAGE: out->below = (double)(t[START] + t[END]) / 2.0; break;
    case CXM_CHURN_PROFITWELL: out->above = (double)(t[CHURNED] + t[RETURNED]); break;
    case CXM_CHURN_BAREMETRICS: out->above = (double)(t[CHURN_COUNT] - t[REPEATED]); break;
    case CXM_CHURN_STRIPE:
        *out = (churn_ratio){.above = (double)t[CHURN_COUNT], .below = (double)(t[START] + t[JOINED]), .n = t[START] + t[JOINED]};
        break;
    case CXM_CHURN_EXPOSURE:
        *out = (churn_ratio){.above = (double)t[CHURN_COUNT], .n = t[START] + t[JOINED] + t[BACK],
                             .below = wide_to_double(churn->sums.square[EXPOSURE]) / (double)CIVIL_US_PER_DAY / PERIOD_DAYS};
        break;
    case CXM_CHURN_INACTIVE:
        *out = (churn_ratio){.above = (double)(t[BEFORE] - t[BOTH]), .below = (double)t[BEFORE], .n = t[BEFORE]};
        break;
    default: break;
    }
}

static void ratio_of_money(const cxm_churn *churn, int32_t rate, churn_ratio *out)
{
    const uint64_t *t = churn->sums.tally;
    uint64_t loss = t[CHURN] + t[CONTRACTION], gain = t[FRESH] + t[EXPANSION];
    *out = (churn_ratio){.below = (double)t[START_AMOUNT], .n = t[START]};
    switch (rate) {
    case CXM_CHURN_GROSS_MRR: out->above = (double)(t[START_AMOUNT] - t[KEPT]); break;
    case CXM_CHURN_GRR: out->above = (double)t[KEPT]; break;
    case CXM_CHURN_NRR: out->above = (double)t[LATER]; break;
    case CXM_CHURN_GROSS_MRR_FLOW: *out = (churn_ratio){.above = (double)loss, .below = out->below, .n = t[N_GROSS]}; break;
    case CXM_CHURN_NET_MRR:
        *out = (churn_ratio){.above = difference(loss, t[EXPANSION] + t[REACTIVATION]), .below = out->below, .n = t[N_NET]};
        break;
    case CXM_CHURN_NET_MRR_BAREMETRICS:
        *out = (churn_ratio){.above = difference(loss, t[EXPANSION]), .below = out->below, .n = t[N_NET_BAREMETRICS]};
        break;
    case CXM_CHURN_MRR_GROWTH: out->above = difference(t[END_AMOUNT], t[START_AMOUNT]); break;
    case CXM_CHURN_QUICK_RATIO: *out = (churn_ratio){.above = (double)gain, .below = (double)loss}; break;
    default: *out = (churn_ratio){.above = (double)(gain + t[REACTIVATION]), .below = (double)loss}; break;
    }
    bool quick = rate == CXM_CHURN_QUICK_RATIO || rate == CXM_CHURN_QUICK_RATIO_REACTIVATION;
    if (quick) out->n = t[START] + t[JOINED] + t[BACK];
}

cxm_status churn_ratio_of(const cxm_churn *churn, int32_t rate, churn_ratio *out)
{
    const uint64_t *t = churn->sums.tally;
    if (is_of_days(rate)) {
        *out = (churn_ratio){.n = t[START] + t[JOINED] + t[BACK]};
        ratio_of_days(churn, rate, out);
    } else {
        if (rates[rate].money) ratio_of_money(churn, rate, out);
        else ratio_of_customers(churn, rate, out);
        out->value = out->below > 0.0 ? out->above / out->below : (double)NAN;
    }
    bool quick = rate == CXM_CHURN_QUICK_RATIO || rate == CXM_CHURN_QUICK_RATIO_REACTIVATION;
    return !isnan(out->value) ? CXM_OK : quick ? CXM_E_UNDEFINED : CXM_E_EMPTY;
}

/* --- intervals --- */

/* Sums of x, of x^2, and of x m0, each exactly; the sign of the first and of the last beside them. */
typedef struct spread { uint64_t x; wide x_x, x_m0; bool below, product_below; } spread;

static spread spread_of_net(const churn_sums *sums, uint64_t loss, uint64_t gain, int square)
{
    const wide *s = &sums->square[square];
    bool below = wide_below(s[1], s[2]);
    return (spread){loss >= gain ? loss - gain : gain - loss, s[0], below ? wide_minus(s[2], s[1]) : wide_minus(s[1], s[2]), loss < gain, below};
}

/* x = m1 - m0 of customers of the start. */
static spread spread_of_change(const churn_sums *sums)
{
    const wide *s = sums->square;
    const uint64_t *t = sums->tally;
    bool fell = t[LATER] < t[START_AMOUNT], below = wide_below(s[M0_M1], s[M0_M0]);
    wide squares = wide_minus(wide_sum(s[M1_M1], s[M0_M0]), wide_sum(s[M0_M1], s[M0_M1]));
    return (spread){fell ? t[START_AMOUNT] - t[LATER] : t[LATER] - t[START_AMOUNT], squares,
                    below ? wide_minus(s[M0_M0], s[M0_M1]) : wide_minus(s[M0_M1], s[M0_M0]), fell, below};
}

static spread spread_of(const churn_sums *sums, int32_t rate)
{
    const uint64_t *t = sums->tally;
    const wide *s = sums->square;
    uint64_t loss = t[CHURN] + t[CONTRACTION];
    switch (rate) {
    case CXM_CHURN_NRR: return spread_of_change(sums);
    case CXM_CHURN_GROSS_MRR_FLOW: return (spread){loss, s[GROSS_GROSS], s[GROSS_M0], false, false};
    case CXM_CHURN_NET_MRR: return spread_of_net(sums, loss, t[EXPANSION] + t[REACTIVATION], NET_NET);
    case CXM_CHURN_NET_MRR_BAREMETRICS: return spread_of_net(sums, loss, t[EXPANSION], NETB_NETB);
    default: return (spread){t[START_AMOUNT] - t[KEPT], s[LOSS_LOSS], s[LOSS_M0], false, false};
    }
}

static void set_wide(big *a, wide value)
{
    big low;
    big_set(a, value.high);
    big_shl(a, 64);
    big_set(&low, value.low);
    big_add(a, &low);
}

/* sum (x - R m0)^2 times M^2, M = sum m0: M^2 sum x^2 - 2 X M sum x m0 + X^2 sum m0^2, of integers alone. */
static double residue(const churn_sums *sums, int32_t rate)
{
    spread s = spread_of(sums, rate);
    uint64_t m = sums->tally[START_AMOUNT];
    big sum, other, cross;
    set_wide(&sum, s.x_x);
    big_mul_u64(&sum, m);
    big_mul_u64(&sum, m);
    set_wide(&other, sums->square[M0_M0]);
    big_mul_u64(&other, s.x);
    big_mul_u64(&other, s.x);
    big_add(&sum, &other);
    set_wide(&cross, s.x_m0);
    big_mul_u64(&cross, s.x);
    big_mul_u64(&cross, m);
    big_shl(&cross, 1);
    if (s.below == s.product_below) big_sub(&sum, &cross);
    else big_add(&sum, &cross);
    return big_to_double(&sum);
}

static void range_of(int32_t rate, double *low, double *high)
{
    bool net = rate == CXM_CHURN_NET_MRR || rate == CXM_CHURN_NET_MRR_BAREMETRICS;
    bool share = rate == CXM_CHURN_GROSS_MRR || rate == CXM_CHURN_GRR;
    *low = net ? -(double)INFINITY : 0.0;
    *high = share ? 1.0 : (double)INFINITY;
}

static cxm_status linearised(const cxm_churn *churn, int32_t rate, const churn_ratio *ratio, double level, cxm_interval *out)
{
    double n = (double)ratio->n, low, high;
    if (ratio->n < 2) return CXM_E_UNDEFINED;
    double below = ratio->below * ratio->below, variance = residue(&churn->sums, rate) / below / below * n / (n - 1.0);
    range_of(rate, &low, &high);
    return cxm_mean_interval(ratio->n, ratio->value, sqrt(variance * n), low, high, CXM_INTERVAL_T, level, out);
}

static cxm_status interval_of(const cxm_churn *churn, int32_t rate, const churn_ratio *ratio, double level, cxm_interval *out)
{
    switch (rates[rate].interval) {
    case CXM_CHURN_WILSON: return cxm_share_interval((uint64_t)ratio->above, (uint64_t)ratio->below, CXM_INTERVAL_WILSON, level, out);
    case CXM_CHURN_GARWOOD: return cxm_rate_interval((uint64_t)ratio->above, ratio->below, CXM_INTERVAL_GARWOOD, level, out);
    case CXM_CHURN_LINEARISED: return linearised(churn, rate, ratio, level, out);
    default: return CXM_E_UNDEFINED;
    }
}

/* How many customers of equal weight would pay with the same spread (Kish). */
static double effective(const cxm_churn *churn)
{
    double sum = (double)churn->sums.tally[START_AMOUNT];
    return sum > 0.0 ? sum * sum / wide_to_double(churn->sums.square[M0_M0]) : 0.0;
}

cxm_status cxm_churn_rate_of(const cxm_churn *churn, int32_t rate, double level, cxm_churn_rate *out)
{
    churn_ratio ratio;
    cxm_interval interval = {.size = sizeof interval};
    if (!churn || !out || isnan(level) || level < 0.0 || level >= 1.0) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (rate < 1 || rate > RATES) return CXM_E_METHOD;
    if (level == 0.0) level = LEVEL_UNLESS_TOLD;
    cxm_status status = churn_ratio_of(churn, rate, &ratio);
    cxm_status has = status == CXM_OK ? interval_of(churn, rate, &ratio, level, &interval) : CXM_E_EMPTY;
    if (has != CXM_OK) interval.low = interval.high = interval.se = (double)NAN;
    bool money = rates[rate].interval == CXM_CHURN_LINEARISED && status == CXM_OK;
    *out = (cxm_churn_rate){.size = out->size, .rate = rate, .n = ratio.n, .numerator = ratio.above, .denominator = ratio.below,
                            .value = ratio.value, .low = interval.low, .high = interval.high, .level = level, .se = interval.se,
                            .n_eff = money ? effective(churn) : (double)NAN, .interval = rates[rate].interval, .interval_status = has};
    out->few = has == CXM_OK && money && out->n_eff < FEW;
    out->biased = rate == CXM_CHURN_INACTIVE && churn->options.to_us - churn->options.from_us < churn->options.inactive_us;
    return status == CXM_E_UNDEFINED ? CXM_E_UNDEFINED : status == CXM_E_EMPTY ? CXM_E_EMPTY : CXM_OK;
}

/* --- names --- */

cxm_status cxm_churn_describe(int32_t rate, cxm_churn_description *out)
{
    if (!out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    if (rate < 1 || rate > RATES) return CXM_E_METHOD;
    *out = (cxm_churn_description){out->size, rates[rate].interval, rates[rate].money, rates[rate].days, rates[rate].name,
                                   rates[rate].definition, rates[rate].why, rates[rate].undefined};
    return CXM_OK;
}

cxm_status cxm_churn_rate_find(const char *name, size_t len, int32_t *rate)
{
    if ((!name && len) || !rate) return CXM_E_ARG;
    for (int32_t i = 1; i <= RATES; ++i)
        if (strlen(rates[i].name) == len && memcmp(rates[i].name, name, len) == 0) {
            *rate = i;
            return CXM_OK;
        }
    return CXM_E_METHOD;
}

/* By logarithms, so that a small rate keeps its digits. */
cxm_status cxm_churn_rescale(double rate, double days, double to_days, double *out)
{
    if (!out) return CXM_E_ARG;
    if (!(rate >= 0.0 && rate <= 1.0) || !(days > 0.0 && days < (double)INFINITY) || !(to_days > 0.0 && to_days < (double)INFINITY)) return CXM_E_DOMAIN;
    *out = rate == 0.0 ? 0.0 : rate < 1.0 ? -expm1(to_days / days * log1p(-rate)) : 1.0;
    return CXM_OK;
}
