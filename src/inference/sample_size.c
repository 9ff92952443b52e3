/* SPDX-License-Identifier: MIT */
/* sample_size.c - answers needed, from the formula of the interval or from the power of the test.
 *
 * Margins. net: the adjusted Wald half width z sqrt(v / (n + 3)) solved for n. share: Wilson's half width
 * z sqrt(n p q + z^2/4) / (n + z^2) = h is a quadratic in n with one root above 0,
 *     n = z^2 (p q - 2 h^2 + sqrt((p q)^2 + h^2 (1 - 2 p)^2)) / (2 h^2),
 * z^2 / (4 h^2) - z^2 at p = 1/2. mean: sqrt(n) / t_{n-1} rises with n; its root is sought over ln(n - 1).
 *
 * Comparisons. Both normal tests are one: power = Phi((sqrt(n + a) d - z s0) / s), s0 the standard deviation of one
 * pair of answers as if there were no difference, s as there is, a what adjusted Wald adds (nets have s0 = s). That of
 * means is P(T > t) of the noncentral t. Power and its complement, the chance to miss, come as two tails. In the
 * normal's quantile of the power, over x = sqrt(n), all of them are nearly the straight line k x - z, so the power
 * asked for is found from n's smallest value to 2^64 in a few Newton steps with slope (quantile + z) / x.  */
#include "base/port.h"
#include <cxm/sample_size.h>
#include <math.h>
#include <stdbool.h>
#include "base/solve.h"
#include "base/special.h"
#include "inference/interval.h"

_Static_assert(sizeof(cxm_sample_size) == 24, "cxm_sample_size grew");

static const double ADDED = 3.0, TWO_TO_64 = 18446744073709551616.0;

static bool between(double x, double low, double high)
{
    return x > low && x < high;                 /* NaN is not */
}

static bool within(double x, double low, double high)
{
    return x >= low && x <= high;
}

/* Up to the next whole number; a last digit's rounding above one costs no answer. */
static double rounded_up(double exact)
{
    double near = floor(exact + 0.5);
    return fabs(exact - near) <= 1e-12 * exact ? near : ceil(exact);
}

static cxm_status check(const cxm_sample_size *out)
{
    if (!out) return CXM_E_ARG;
    return out->size < sizeof *out ? CXM_E_ABI : CXM_OK;
}

static cxm_status write(double exact, double least, cxm_sample_size *out)
{
    exact = fmax(exact, least);
    double n = rounded_up(exact);
    if (n >= TWO_TO_64) return CXM_E_OVERFLOW;
    out->reserved = 0;
    out->n = (uint64_t)n;
    out->exact = exact;
    return CXM_OK;
}

/* --- margins --- */

cxm_status cxm_sample_size_net(double variance, double margin, double level, cxm_sample_size *out)
{
    cxm_status status = check(out);
    if (status != CXM_OK) return status;
    if (!within(variance, 0.0, 1.0) || !(margin > 0.0 && margin <= 1.0) || !between(level, 0.0, 1.0)) return CXM_E_ARG;
    if (variance == 0.0) return CXM_E_UNDEFINED;
    double ratio = interval_z(level) / margin;
    return write(ratio * ratio * variance - ADDED, 1.0, out);
}

cxm_status cxm_sample_size_share(double share, double margin, double level, cxm_sample_size *out)
{
    cxm_status status = check(out);
    if (status != CXM_OK) return status;
    if (!within(share, 0.0, 1.0) || !(margin > 0.0 && margin <= 0.5) || !between(level, 0.0, 1.0)) return CXM_E_ARG;
    double ratio = interval_z(level) / margin, v = share * (1.0 - share);
    double sum = v - 2.0 * margin * margin + hypot(v, margin * (1.0 - 2.0 * share));
    return write(0.5 * ratio * ratio * sum, 1.0, out);
}

typedef struct mean_margin { double level, log_ratio; } mean_margin;        /* ln(margin / sd) */

/* ln(sqrt(n) margin / (t sd)) over u = ln(n - 1); t falls about as 1 + (z^2 + 1) / (4 df) does. */
static solve_point mean_gap(double u, const void *ctx)
{
    const mean_margin *m = (const mean_margin *)ctx;
    double df = exp(u), t = interval_t(m->level, df);
    return (solve_point){0.5 * log1p(df) + m->log_ratio - log(t), 0.5 * df / (1.0 + df) + 0.25 * (t * t + 1.0) / df};
}

cxm_status cxm_sample_size_mean(double sd, double margin, double level, cxm_sample_size *out)
{
    cxm_status status = check(out);
    if (status != CXM_OK) return status;
    if (!within(sd, 0.0, HUGE_VAL) || isinf(sd) || !between(margin, 0.0, HUGE_VAL)) return CXM_E_ARG;
    if (!between(level, 0.0, 1.0)) return CXM_E_ARG;
    if (sd == 0.0) return CXM_E_UNDEFINED;
    mean_margin m = {level, log(margin) - log(sd)};
    double most = log(TWO_TO_64), normal = 2.0 * (log(interval_z(level)) - m.log_ratio);
    if (mean_gap(most, &m).value < 0.0) return CXM_E_OVERFLOW;
    if (mean_gap(0.0, &m).value >= 0.0) return write(2.0, 2.0, out);
    return write(1.0 + exp(solve_rising(mean_gap, &m, 0.0, most, normal)), 2.0, out);
}

cxm_status cxm_sample_size_finite(uint64_t population, cxm_sample_size *plan)
{
    cxm_status status = check(plan);
    if (status != CXM_OK) return status;
    if (population == 0 || !(plan->exact >= 1.0)) return CXM_E_ARG;
    double people = (double)population, n = plan->exact;
    double exact = isinf(n) ? people : fmin(n / (1.0 + (n - 1.0) / people), people), up = rounded_up(exact);
    plan->reserved = 0;
    plan->n = up < people ? (uint64_t)up : population;
    plan->exact = exact;
    return CXM_OK;
}

/* --- comparisons --- */

typedef struct comparison {
    double difference, null_sd, sd, added, level;
    bool strict, means;
} comparison;
typedef struct power_target { const comparison *of; double z, wanted; } power_target;       /* both quantiles */

static special_tails join(const comparison *c, special_tails near, double far)
{
    return c->strict ? (special_tails){fmax(near.lower - far, 0.0), fmin(near.upper + far, 1.0)} : near;
}

static special_tails normal_power(const comparison *c, double n)
{
    double shift = sqrt(n + c->added) * c->difference, need = interval_z(c->level) * c->null_sd, over = shift - need;
    special_tails near = special_normal(over == 0.0 ? 0.0 : -over / c->sd);       /* sd is 0 for shares of 0 and 1 */
    return join(c, near, special_normal(-(shift + need) / c->sd).lower);
}

static special_tails student_power(const comparison *c, double n)
{
    double df = 2.0 * (n - 1.0), t = interval_t(c->level, df), shift = sqrt(0.5 * n) * (c->difference / c->sd);
    return join(c, special_student_noncentral(t, df, shift), c->strict ? special_student_noncentral(-t, df, shift).lower : 0.0);
}

/* The chance to miss, then the power. */
static special_tails power_of(const comparison *c, double n)
{
    return c->means ? student_power(c, n) : normal_power(c, n);
}

static double quantile_of(special_tails t)
{
    return t.upper < 0.5 ? special_normal_quantile(t.upper, SPECIAL_LOWER) : special_normal_quantile(t.lower, SPECIAL_UPPER);
}

static solve_point power_gap(double x, const void *ctx)
{
    const power_target *t = (const power_target *)ctx;
    double got = quantile_of(power_of(t->of, x * x));
    return (solve_point){got - t->wanted, (got + t->z) / x};
}

static cxm_status plan(const comparison *c, double power, cxm_sample_size *out)
{
    power_target t = {c, interval_z(c->level), special_normal_quantile(power, SPECIAL_LOWER)};
    double least = c->means ? 2.0 : 1.0, low = sqrt(least), high = sqrt(TWO_TO_64);
    if (power_gap(low, &t).value >= 0.0) return write(least, least, out);
    if (power_gap(high, &t).value < 0.0) return CXM_E_OVERFLOW;
    double x = solve_rising(power_gap, &t, low, high, (t.z + t.wanted) * c->sd / c->difference);
    return write(x * x, least, out);
}

static cxm_status check_plan(double power, const cxm_sample_size *out)
{
    cxm_status status = check(out);
    if (status != CXM_OK) return status;
    return between(power, 0.0, 1.0) ? CXM_OK : CXM_E_ARG;
}

static cxm_status check_power(double n, double least, const double *power)
{
    return power && n >= least && !isinf(n) ? CXM_OK : CXM_E_ARG;
}

static bool options_ok(double level, int32_t strict)
{
    return between(level, 0.0, 1.0) && (strict == 0 || strict == 1);
}

static cxm_status of_nets(double a, double b, double difference, double level, int32_t strict, comparison *out)
{
    double sd = sqrt(a + b);
    if (!within(a, 0.0, 1.0) || !within(b, 0.0, 1.0) || !within(difference, -2.0, 2.0)) return CXM_E_ARG;
    if (!options_ok(level, strict)) return CXM_E_ARG;
    if (difference == 0.0 || sd == 0.0) return CXM_E_UNDEFINED;
    *out = (comparison){fabs(difference), sd, sd, ADDED, level, strict, false};
    return CXM_OK;
}

static cxm_status of_shares(double a, double b, double level, int32_t strict, comparison *out)
{
    if (!within(a, 0.0, 1.0) || !within(b, 0.0, 1.0) || !options_ok(level, strict)) return CXM_E_ARG;
    if (a == b) return CXM_E_UNDEFINED;
    double none = sqrt((a + b) * (0.5 * (1.0 - a) + 0.5 * (1.0 - b))), there = sqrt(a * (1.0 - a) + b * (1.0 - b));
    *out = (comparison){fabs(a - b), none, there, 0.0, level, strict, false};
    return CXM_OK;
}

static cxm_status of_means(double sd, double difference, double level, int32_t strict, comparison *out)
{
    if (!within(sd, 0.0, HUGE_VAL) || isinf(sd) || !isfinite(difference) || !options_ok(level, strict)) return CXM_E_ARG;
    if (difference == 0.0 || sd == 0.0) return CXM_E_UNDEFINED;
    *out = (comparison){fabs(difference), sd, sd, 0.0, level, strict, true};
    return CXM_OK;
}

cxm_status cxm_sample_size_two_nets(double variance_a, double variance_b, double difference, double level, double power,
                                    int32_t strict, cxm_sample_size *out)
{
    comparison c;
    cxm_status status = check_plan(power, out);
    if (status == CXM_OK) status = of_nets(variance_a, variance_b, difference, level, strict, &c);
    return status == CXM_OK ? plan(&c, power, out) : status;
}

cxm_status cxm_sample_size_two_shares(double share_a, double share_b, double level, double power, int32_t strict,
                                      cxm_sample_size *out)
{
    comparison c;
    cxm_status status = check_plan(power, out);
    if (status == CXM_OK) status = of_shares(share_a, share_b, level, strict, &c);
    return status == CXM_OK ? plan(&c, power, out) : status;
}

cxm_status cxm_sample_size_two_means(double sd, double difference, double level, double power, int32_t strict,
                                     cxm_sample_size *out)
{
    comparison c;
    cxm_status status = check_plan(power, out);
    if (status == CXM_OK) status = of_means(sd, difference, level, strict, &c);
    return status == CXM_OK ? plan(&c, power, out) : status;
}

cxm_status cxm_power_two_nets(double n, double variance_a, double variance_b, double difference, double level,
                              int32_t strict, double *power)
{
    comparison c;
    cxm_status status = check_power(n, 1.0, power);
    if (status == CXM_OK) status = of_nets(variance_a, variance_b, difference, level, strict, &c);
    if (status == CXM_OK) *power = power_of(&c, n).upper;
    return status;
}

cxm_status cxm_power_two_shares(double n, double share_a, double share_b, double level, int32_t strict, double *power)
{
    comparison c;
    cxm_status status = check_power(n, 1.0, power);
    if (status == CXM_OK) status = of_shares(share_a, share_b, level, strict, &c);
    if (status == CXM_OK) *power = power_of(&c, n).upper;
    return status;
}

cxm_status cxm_power_two_means(double n, double sd, double difference, double level, int32_t strict, double *power)
{
    comparison c;
    cxm_status status = check_power(n, 2.0, power);
    if (status == CXM_OK) status = of_means(sd, difference, level, strict, &c);
    if (status == CXM_OK) *power = power_of(&c, n).upper;
    return status;
}
