/* SPDX-License-Identifier: MIT */
/* survival_time.c - times that a curve tells: quantiles of tenure, and its mean up to tau. Both in one walk, without memory.
 *
 * The variance of the mean needs, at each event j, the area A_j from there to tau, which a walk forwards does not know. But
 * while no event comes, every A_j grows by the same a, so three sums are enough, g_j being d / (n (n - d)):
 *      sum g A^2  grows by  2 a sum g A + a^2 sum g          sum g A  grows by  a sum g          sum g  by the next g
 * All terms are positive: nothing cancels. */
#include "base/port.h"
#include "retention/survival_parts.h"
#include <math.h>

_Static_assert(sizeof(cxm_survival_time) == 48, "cxm_survival_time grew");

static const double TIE = 1e-12, TAU_MOST = 1e100;

/* --- quantiles --- */

/* The step nearest below a level, or at it, and the nearest that is truly below. Of a curve that falls these are the first
 * ones. A limit rises again where few are at risk; then, as R does, it is by height that they are chosen, not by time. */
typedef struct crossing { double at, below, at_height, below_height; } crossing;

static const crossing NOT_YET = {(double)NAN, (double)NAN, -1.0, -1.0};

static void pass_level(crossing *c, double level, double t, double y)
{
    if (y <= level + TIE && y > c->at_height) {         /* a limit that does not exist is no step */
        c->at = t;
        c->at_height = y;
    }
    if (y < level - TIE && y > c->below_height) {
        c->below = t;
        c->below_height = y;
    }
}

/* The middle between them; without a lower step the flat part ends with the last exit. */
static double crossed_at(const crossing *c, double last)
{
    double until = c->below == c->below ? c->below : last;
    return c->at + 0.5 * (until - c->at);
}

cxm_status cxm_survival_quantile(const cxm_survival_curve *curve, double share, cxm_survival_time *out)
{
    crossing at = NOT_YET, low = NOT_YET, high = NOT_YET;
    cxm_status status = survival_curve_check(curve);
    if (status != CXM_OK) return status;
    if (!out || !(share > 0.0 && share < 1.0)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_survival_curve c = *curve;
    survival_begin(&c);
    for (double t; !isinf(t = survival_next_exit(&c));) {
        double bottom, top;
        survival_tick tick = survival_take(&c, t);
        survival_pass(&c, &tick);
        survival_limits(&c, &bottom, &top);
        pass_level(&at, 1.0 - share, t, c.survival);
        pass_level(&low, 1.0 - share, t, bottom);
        pass_level(&high, 1.0 - share, t, top);
    }
    *out = (cxm_survival_time){.size = out->size, .at = share, .time = crossed_at(&at, c.last), .se = (double)NAN};
    out->low = crossed_at(&low, c.last);
    out->high = crossed_at(&high, c.last);
    return at.at_height >= 0.0 ? CXM_OK : CXM_E_UNDEFINED;
}

/* --- the mean --- */

typedef struct area { double total[2], g[2], ga[2], gaa[2], upto, survival; } area;

static void grow(area *a, double t)
{
    double more = a->survival * (t - a->upto);
    survival_sum(a->gaa, more * (2.0 * a->ga[0] + more * a->g[0]));
    survival_sum(a->ga, more * a->g[0]);
    survival_sum(a->total, more);
    a->upto = t;
}

cxm_status cxm_survival_mean(const cxm_survival_curve *curve, double tau, cxm_survival_time *out)
{
    area a = {.survival = 1.0};
    cxm_status status = survival_curve_check(curve);
    if (status != CXM_OK) return status;
    if (!out || !(tau > 0.0 && tau <= TAU_MOST)) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_survival_curve c = *curve;
    survival_begin(&c);
    double t = survival_next_exit(&c);
    for (; t <= tau; t = survival_next_exit(&c)) {
        survival_tick tick = survival_take(&c, t);
        survival_pass(&c, &tick);
        grow(&a, t);
        survival_sum(a.g, survival_greenwood_term(&tick));
        a.survival = c.survival;
    }
    if (isinf(t) && c.last < tau && c.survival > 0.0) return CXM_E_UNDEFINED;
    grow(&a, tau);
    *out = (cxm_survival_time){.size = out->size, .at = tau, .time = fmin(a.total[0], tau), .se = sqrt(a.gaa[0])};
    out->low = fmax(out->time - c.z * out->se, 0.0);
    out->high = fmin(out->time + c.z * out->se, tau);
    return CXM_OK;
}
