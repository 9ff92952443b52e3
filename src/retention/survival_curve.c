/* SPDX-License-Identifier: MIT */
/* survival_curve.c - the Kaplan-Meier and Nelson-Aalen estimates point by point.
 *
 * While nobody is censored or enters between two events, n at the one is n - d of the other and the product telescopes:
 * S = base (n - d) / base_n with one division. So without any of them S is the empirical share to the last bit, and a curve of
 * many steps gathers few roundings. ln S is a sum of its own, of log1p(-d/n): near S = 1 its logarithm would have lost what
 * the limits of log-log divide by. */
#include "base/port.h"
#include "retention/survival_parts.h"
#include <math.h>
#include "base/special.h"

_Static_assert(sizeof(cxm_survival_point) == 104, "cxm_survival_point grew");
_Static_assert(sizeof(void *) != 8 || sizeof(cxm_survival_curve) == 216, "cxm_survival_curve grew");

cxm_status survival_curve_start(int32_t limits, double level, cxm_survival_curve *out)
{
    if (limits < CXM_SURVIVAL_DEFAULT || limits > CXM_SURVIVAL_LOG_LOG) return CXM_E_METHOD;
    if (!(level >= 0.0 && level < 1.0)) return CXM_E_ARG;
    if (level == 0.0) level = 0.95;
    *out = (cxm_survival_curve){.size = sizeof *out, .limits = limits ? limits : CXM_SURVIVAL_LOG, .level = level};
    out->z = special_normal_quantile(0.5 * (1.0 - level), SPECIAL_UPPER);
    return CXM_OK;
}

cxm_status cxm_survival_curve_of(const cxm_survival *s, int32_t limits, double level, cxm_survival_curve *out)
{
    cxm_survival_curve curve;
    uint64_t late;
    if (!s || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = survival_curve_start(limits, level, &curve);
    if (status != CXM_OK) return status;
    if (!survival_is_whole(s, &late)) return CXM_E_UNDEFINED;
    if (s->n == 0) return CXM_E_EMPTY;
    curve.size = out->size;
    curve.source = s;
    curve.n = (double)s->n;
    curve.from_start = s->n - late;
    survival_begin(&curve);
    *out = curve;
    return CXM_OK;
}

cxm_status survival_curve_check(const cxm_survival_curve *curve)
{
    if (!curve) return CXM_E_ARG;
    if (curve->size < sizeof *curve) return CXM_E_ABI;
    return curve->source ? CXM_OK : CXM_E_ARG;
}

cxm_status cxm_survival_rewind(cxm_survival_curve *curve)
{
    cxm_status status = survival_curve_check(curve);
    if (status == CXM_OK) survival_begin(curve);
    return status;
}

/* --- estimates --- */

double survival_greenwood_term(const survival_tick *tick)
{
    return tick->survivors > 0.0 ? tick->events / tick->at_risk / tick->survivors : 0.0;
}

/* ln((n - d) / n), from whichever of the two is the smaller part. */
static double log_share(const survival_tick *tick)
{
    if (!(tick->survivors > 0.0)) return -(double)INFINITY;
    return tick->survivors < tick->events ? log(tick->survivors / tick->at_risk) : log1p(-tick->events / tick->at_risk);
}

void survival_pass(cxm_survival_curve *c, const survival_tick *tick)
{
    if (!(tick->events > 0.0)) return;
    double share = tick->events / tick->at_risk;
    survival_sum(c->hazard, share);
    survival_sum(c->hazard_variance, share / tick->at_risk);
    if (c->survival == 0.0) return;             /* and stays so, whoever enters later */
    if (tick->at_risk != c->left) {
        c->base = c->survival;
        c->base_n = tick->at_risk;
    }
    c->left = tick->survivors;
    c->survival = tick->survivors > 0.0 ? c->base * (tick->survivors / c->base_n) : 0.0;
    if (c->survival == 0.0) return;
    survival_sum(c->greenwood, survival_greenwood_term(tick));
    survival_sum(c->log, log_share(tick));
}

/* --- limits --- */

static void limits_plain(const cxm_survival_curve *c, double wide, double *low, double *high)
{
    *low = fmax(c->survival - c->survival * wide, 0.0);
    *high = fmin(c->survival + c->survival * wide, 1.0);
}

static void limits_log(const cxm_survival_curve *c, double wide, double *low, double *high)
{
    *low = c->survival * exp(-wide);
    *high = fmin(c->survival * exp(wide), 1.0);
}

/* ln S is negative: the lower limit is the one of the greater exponent. */
static void limits_log_log(const cxm_survival_curve *c, double wide, double *low, double *high)
{
    double by = wide / -c->log[0];
    *low = exp(c->log[0] * exp(by));
    *high = exp(c->log[0] * exp(-by));
}

bool survival_limits(const cxm_survival_curve *c, double *low, double *high)
{
    double wide = c->z * sqrt(c->greenwood[0]);
    *low = *high = (double)NAN;
    if (c->survival == 0.0 || (c->limits == CXM_SURVIVAL_LOG_LOG && c->log[0] == 0.0)) return false;
    if (c->limits == CXM_SURVIVAL_PLAIN) limits_plain(c, wide, low, high);
    else if (c->limits == CXM_SURVIVAL_LOG) limits_log(c, wide, low, high);
    else limits_log_log(c, wide, low, high);
    return true;
}

cxm_status cxm_survival_next(cxm_survival_curve *curve, cxm_survival_point *out)
{
    cxm_status status = survival_curve_check(curve);
    if (status != CXM_OK || !out) return out ? status : CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    double t = survival_next_exit(curve);
    if (isinf(t)) return CXM_END;
    survival_tick tick = survival_take(curve, t);
    survival_pass(curve, &tick);
    bool ended = curve->survival == 0.0;
    *out = (cxm_survival_point){.size = out->size, .t = t, .at_risk = tick.at_risk, .events = tick.events,
                                .censored = tick.censored, .entered = tick.entered, .survival = curve->survival};
    out->hazard = curve->hazard[0];
    out->hazard_se = sqrt(curve->hazard_variance[0]);
    out->se = ended ? (double)NAN : curve->survival * sqrt(curve->greenwood[0]);
    out->log_survival = ended ? -(double)INFINITY : curve->log[0];
    out->limits_status = survival_limits(curve, &out->low, &out->high) ? CXM_OK : CXM_E_UNDEFINED;
    return CXM_OK;
}
