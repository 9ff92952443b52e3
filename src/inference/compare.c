/* SPDX-License-Identifier: MIT */
/* compare.c - names of the methods, exact differences, and what all comparisons write.
 *
 * A difference of two fractions with whole numbers cancels when it is small beside them, so of one
 * sign it is taken as (x n' - x' n) / (n n') with the products in 128 bits. A p is twice a tail,
 * never one less something, and the statistic goes in where it is largest: z, not its square.   */
#include "base/port.h"
#include "inference/compare.h"
#include <float.h>
#include <math.h>
#include <string.h>
#include "base/special.h"
#include "base/wide.h"

static const struct { int32_t method; const char *name; } names[] = {
    {CXM_COMPARE_DEFAULT, "default"},
    {CXM_COMPARE_WALD, "wald"},
    {CXM_COMPARE_WELCH, "welch"},
    {CXM_COMPARE_MOVER, "mover"},
    {CXM_COMPARE_AW3_TRIANGULAR, "aw3-triangular"},
    {CXM_COMPARE_AW3_UNIFORM, "aw3-uniform"},
    {CXM_COMPARE_AW4_TRIANGULAR, "aw4-triangular"},
    {CXM_COMPARE_AW4_UNIFORM, "aw4-uniform"},
    {CXM_COMPARE_AGRESTI_MIN, "agresti-min"},
    {CXM_COMPARE_BONETT_PRICE, "bonett-price"},
    {CXM_COMPARE_NEWCOMBE, "newcombe"},
    {CXM_COMPARE_AGRESTI_CAFFO, "agresti-caffo"},
    {CXM_COMPARE_MIETTINEN_NURMINEN, "miettinen-nurminen"},
    {CXM_COMPARE_POOLED, "pooled"},
    {CXM_COMPARE_POOLED_YATES, "pooled-yates"},
    {CXM_COMPARE_FISHER, "fisher"},
    {CXM_COMPARE_ORDER, "order"},
    {CXM_COMPARE_PRICE_BONETT, "price-bonett"},
    {CXM_COMPARE_PAIRED_T, "paired-t"},
    {CXM_COMPARE_PAIRED_SCORE, "paired-score"},
    {CXM_COMPARE_DESIGN_T, "design-t"},
    {CXM_COMPARE_CONDITIONAL, "conditional"},
};

const char *cxm_compare_name(int32_t method)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (names[i].method == method) return names[i].name;
    return "unknown";
}

cxm_status cxm_compare_method(const char *name, size_t len, int32_t *out)
{
    if (!name || !out) return CXM_E_ARG;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
        if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0) {
            *out = names[i].method;
            return CXM_OK;
        }
    return CXM_E_METHOD;
}

cxm_status compare_check(const void *a, const void *b, const cxm_difference *out, double level)
{
    if (!a || !b || !out || !(level > 0.0 && level < 1.0)) return CXM_E_ARG;      /* NaN, too */
    return out->size < sizeof *out ? CXM_E_ABI : CXM_OK;
}

double compare_fraction(compare_part part)
{
    double size = (double)part.size / (double)part.n;
    return part.negative ? -size : size;
}

double compare_parts(compare_part a, compare_part b)
{
    /* of two signs it is a sum */
    if (a.negative != b.negative || a.size == 0 || b.size == 0) return compare_fraction(a) - compare_fraction(b);
    wide left = wide_product(a.size, b.n), right = wide_product(b.size, a.n);
    bool less = wide_below(left, right);
    double gap = wide_to_double(less ? wide_minus(right, left) : wide_minus(left, right));
    gap = fmin(gap / ((double)a.n * (double)b.n), 1.0);
    return gap > 0.0 && less != a.negative ? -gap : gap;             /* never -0 */
}

double compare_ratio(double x, double spread)
{
    if (x == 0.0) return 0.0;
    return fmin(fmax(x / spread, -DBL_MAX), DBL_MAX);
}

void compare_scale(cxm_difference *out, double unit)
{
    out->difference *= unit;
    out->low *= unit;
    out->high *= unit;
    out->se *= unit;
}

static void write_limits(cxm_difference *out, limits got, double most)
{
    got = interval_clamp(got, (limits){-most, most});
    out->low = got.low;
    out->high = got.high;
}

void compare_write_z(cxm_difference *out, compare_finding found, double most)
{
    write_limits(out, found.limits, most);
    out->statistic = found.z;
    out->df = HUGE_VAL;
    out->p = 2.0 * special_normal(fabs(found.z)).upper;
    out->statistic_kind = CXM_STATISTIC_Z;
}

void compare_write_t(cxm_difference *out, double se, double df, double most)
{
    double half = interval_t(out->level, df) * se;
    write_limits(out, (limits){out->difference - half, out->difference + half}, most);
    out->se = se;
    out->statistic = compare_ratio(out->difference, se);
    out->df = df;
    out->p = 2.0 * special_student(fabs(out->statistic), df).upper;
    out->statistic_kind = CXM_STATISTIC_T;
}
