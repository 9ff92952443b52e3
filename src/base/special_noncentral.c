/* SPDX-License-Identifier: MIT */
/* special_noncentral.c - Student's t of a shifted normal: T = (Z + shift) / S, df S^2 a chi-square of df.
 *
 * Given S = s, T <= t is Z <= t s - shift. Over u = ln s the density of S is, with D and gap of special.h,
 *     f(u) = sqrt(df / pi) exp(-D(df/2) - (df/2) gap(e^2u - 1))
 * and so  P(T <= t) = integral of w(u) = f(u) Phi(t e^u - shift);  P(T > t) is the same of -t and -shift. Every
 * term is positive: nothing cancels, however far out, where the usual series of beta tails alternates for t < 0.
 * ln w is concave in s (df ln s - df s^2 / 2 and ln Phi of a line are), so w has one peak, the root over u of
 *     df (s^2 - 1) = t s m(t s - shift),    m = phi / Phi,
 * and falls on both sides. They are cut where 1e-20 of the peak is left. A large shift makes Phi an edge at t s = shift
 * of width 1 / shift. From the peak and from the edge panels go out that double each time; a panel is integrated by 16
 * Gauss-Legendre nodes and halved wherever its halves disagree with the whole: once they agree to 1e-11 of the
 * integral, they themselves are right to double precision.                                   */
#include "base/port.h"
#include "base/special.h"
#include "base/solve.h"
#include <math.h>

#define PI 3.14159265358979323846264338328
#define SQRT_2PI 2.50662827463100050241576528481
enum { MOST_PANELS = 2000 };
static const double LEFT_OUT = 1e-20, AGREED = 1e-11, FARTHEST = 1e100;

typedef struct shifted { double t, df, shift, factor; } shifted;
typedef struct turns { double low, peak, edge, high, peak_width, edge_width; } turns;      /* of w, over u */
typedef struct panels { const shifted *at; double agreed; int left; } panels;

/* t s - shift. Near s = 1 without the rounding of t s, which shows where both are large and nearly the same. */
static double argument(const shifted *at, double u)
{
    return fabs(u) < 0.5 ? (at->t - at->shift) + at->t * expm1(u) : at->t * exp(u) - at->shift;
}

static double weight(const shifted *at, double u)
{
    double rise = expm1(2.0 * u), gap = fabs(u) < 0.25 ? special_log1p_gap(rise) : rise - 2.0 * u;
    return at->factor * exp(-0.5 * at->df * gap) * special_normal(argument(at, u)).lower;
}

/* phi / Phi; far down by the first terms of Laplace's fraction, where the search asks for no more. */
static double mills(double x)
{
    double y = -x;
    if (y > 8.0) return y + 1.0 / (y + 2.0 / (y + 3.0 / y));
    return exp(-0.5 * x * x) / SQRT_2PI / special_normal(x).lower;
}

/* df (s^2 - 1) - t s m over df, and its slope in u as m' = -m (x + m). */
static solve_point past_peak(double u, const void *ctx)
{
    const shifted *at = (const shifted *)ctx;
    double s = exp(u), x = argument(at, u), m = mills(x), pull = at->t * s * m;
    double bend = (pull - at->t * s * at->t * s * m * (x + m)) / at->df;
    return (solve_point){expm1(2.0 * u) - pull / at->df, 2.0 * s * s - bend};
}

static double panel(const shifted *at, double from, double to)
{
    static const struct { double node, weight; } rule[] = {      /* 16 points, half of them */
        {0.989400934991649933, 0.0271524594117540949}, {0.944575023073232576, 0.0622535239386478929},
        {0.865631202387831744, 0.0951585116824927848}, {0.755404408355003034, 0.124628971255533872},
        {0.617876244402643748, 0.149595988816576732}, {0.458016777657227386, 0.169156519395002538},
        {0.281603550779258913, 0.182603415044923589}, {0.0950125098376374402, 0.189450610455068496}};
    double half = 0.5 * (to - from), middle = 0.5 * (from + to), sum = 0.0;
    for (unsigned i = 0; i < sizeof rule / sizeof *rule; ++i)
        sum += rule[i].weight * (weight(at, middle - half * rule[i].node) + weight(at, middle + half * rule[i].node));
    return half * sum;
}

/* `whole` halved until the halves agree with it; the count of panels bounds the work. */
static double refined(panels *p, double from, double to, double whole)
{
    double middle = 0.5 * (from + to), left = panel(p->at, from, middle), right = panel(p->at, middle, to);
    if (fabs(left + right - whole) <= p->agreed || --p->left <= 0) return left + right;
    return refined(p, from, middle, left) + refined(p, middle, to, right);
}

/* From a place where w turns to `to`, in panels that double: nothing near that place is overlooked. */
static double outwards(panels *p, double from, double to, double step)
{
    double sum = 0.0, sign = to < from ? -1.0 : 1.0;
    for (double near = from, far; near != to; near = far, step *= 2.0) {
        far = fabs(to - near) <= step ? to : near + sign * step;
        sum += sign * refined(p, near, far, panel(p->at, near, far));
    }
    return sum;
}

static double integral(const shifted *at, const turns *of, double agreed)
{
    panels p = {at, agreed, MOST_PANELS};
    double between = 0.5 * (of->peak + of->edge), peak_end = of->low, edge_end = of->high;
    if (of->edge < of->peak) {
        peak_end = of->high;
        edge_end = of->low;
    }
    return outwards(&p, of->peak, peak_end, of->peak_width) + outwards(&p, of->peak, between, of->peak_width) +
           outwards(&p, of->edge, between, of->edge_width) + outwards(&p, of->edge, edge_end, of->edge_width);
}

/* How far from the peak, in the direction of `step`, w has fallen to what may be left out. */
static double reach(const shifted *at, double peak, double least, double step)
{
    while (weight(at, peak + step) > least) step *= 2.0;
    return peak + step;
}

/* Without an edge in the range the peak, or the end next to it, stands for one. */
static turns turns_of(const shifted *at, double peak, double top)
{
    double width = 1.0 / sqrt(at->df * past_peak(peak, at).slope);
    turns of = {reach(at, peak, LEFT_OUT * top, -width), peak, peak, reach(at, peak, LEFT_OUT * top, width), width, width};
    if (at->t * at->shift > 0.0) {
        of.edge = fmin(fmax(log(at->shift / at->t), of.low), of.high);
        of.edge_width = 1.0 / (1.0 + fabs(at->shift));
    }
    return of;
}

static double lower_tail(double t, double df, double shift)
{
    shifted at = {t, df, shift, sqrt(df / PI) * exp(-special_stirling_error(0.5 * df))};
    double peak = solve_rising(past_peak, &at, -350.0, 350.0, 0.0), top = weight(&at, peak);
    if (top == 0.0) return 0.0;
    turns of = turns_of(&at, peak, top);
    double rough = integral(&at, &of, HUGE_VAL);
    return fmin(integral(&at, &of, AGREED * rough), 1.0);
}

static double bounded(double x)
{
    return fmin(fmax(x, -FARTHEST), FARTHEST);
}

special_tails special_student_noncentral(double t, double df, double shift)
{
    t = bounded(t);
    shift = bounded(shift);
    if (df > 1e20) return special_normal(t - shift);
    double lower = lower_tail(t, df, shift);
    if (lower <= 0.5) return (special_tails){lower, 1.0 - lower};
    double upper = lower_tail(-t, df, -shift);
    return (special_tails){1.0 - upper, upper};
}
