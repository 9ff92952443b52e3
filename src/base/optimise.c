/* SPDX-License-Identifier: MIT */
/* optimise.c - Newton's method with a shifted Hessian (Levenberg, Marquardt) in a box.
 *
 * With g the gradient and H minus the Hessian of the variables that are free, a step solves (H + m D) s = g, D the larger of
 * |H_ii| and a small number, no longer than MOST_STEP in any variable, and ended at the first wall. m grows until H + m D is positive and
 * the step gains; it shrinks when the gain is what the quadratic model said. A variable is held at a wall while the gradient points
 * outwards or is 0. The end: the Newton decrement g' H^-1 g / 2 is below CLOSE, which no unit of measurement changes, as a bound
 * on the gradient would.
 * Source   S. Boyd and L. Vandenberghe, Convex Optimization, 9.5 (decrement); J. Nocedal and S. Wright, Numerical Optimization, 4 (the
 *          ratio of gains), 16.7 (projection).                                                              */
#include "base/port.h"
#include "base/optimise.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define CLOSE 1e-11             /* of the decrement, where the search stops; and what it may be where rounding stops it before */
#define CLOSE_ENOUGH 1e-9
#define MOST_STEP 2.0
#define NEXT_TO 1e-9
enum { MOST_EVALUATIONS = 200, MOST_SHIFTS = 60 };

typedef double matrix[OPTIMISE_MOST][OPTIMISE_MOST];

/* The variables that move, as numbers of all. */
typedef struct freedom { uint32_t count, of[OPTIMISE_MOST]; } freedom;

/* L L' = a in the lower half of a; false where a is not positive. */
static bool factor(matrix a, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i)
        for (uint32_t j = 0; j <= i; ++j) {
            double sum = a[i][j];
            for (uint32_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
            if (i == j && !(sum > 4.0 * DBL_EPSILON * a[i][i])) return false;
            a[i][j] = i == j ? sqrt(sum) : sum / a[j][j];
        }
    return true;
}

/* L y = b in place, then L' x = y. */
static void forward(matrix l, uint32_t n, double *b)
{
    for (uint32_t i = 0; i < n; ++i) {
        for (uint32_t k = 0; k < i; ++k) b[i] -= l[i][k] * b[k];
        b[i] /= l[i][i];
    }
}

static void backward(matrix l, uint32_t n, double *b)
{
    for (uint32_t i = n; i-- > 0;) {
        for (uint32_t k = i + 1; k < n; ++k) b[i] -= l[k][i] * b[k];
        b[i] /= l[i][i];
    }
}

static freedom free_of(uint32_t count, uint32_t held)
{
    freedom f = {0, {0}};
    for (uint32_t i = 0; i < count; ++i)
        if (!(held >> i & 1)) f.of[f.count++] = i;
    return f;
}

/* Minus the Hessian of the free variables, `shift` times its own size added to the diagonal. */
static void shifted(const optimise_point *p, const freedom *f, double shift, matrix out)
{
    for (uint32_t i = 0; i < f->count; ++i)
        for (uint32_t j = 0; j <= i; ++j) {
            double h = -p->hessian[f->of[i]][f->of[j]];
            out[i][j] = i == j ? h + shift * fmax(fabs(h), 1e-3) : h;
        }
}

bool optimise_covariance(const optimise_point *point, uint32_t count, uint32_t held, matrix out)
{
    freedom f = free_of(count, held);
    matrix l;
    memset(out, 0, sizeof(matrix));
    shifted(point, &f, 0.0, l);
    if (!factor(l, f.count)) return false;
    for (uint32_t j = 0; j < f.count; ++j) {
        double column[OPTIMISE_MOST] = {0};
        column[j] = 1.0;
        forward(l, f.count, column);
        backward(l, f.count, column);
        for (uint32_t i = 0; i < f.count; ++i) out[f.of[i]][f.of[j]] = column[i];
    }
    return true;
}

static bool is_flat(const optimise_point *p, uint32_t count, uint32_t i)
{
    bool flat = p->gradient[i] == 0.0;
    for (uint32_t j = 0; j < count; ++j) flat = flat && p->hessian[i > j ? i : j][i > j ? j : i] == 0.0;
    return flat;
}

/* Holds what stands at a wall and would not move inwards, and what nothing depends on. */
static void look_at_walls(const optimise_problem *problem, optimise_result *r)
{
    r->low = r->high = r->loose = 0;
    for (uint32_t i = 0; i < problem->count; ++i) {
        double g = r->point.gradient[i];
        if (is_flat(&r->point, problem->count, i)) r->loose |= 1u << i;
        else if (r->at[i] <= problem->low[i] && g <= 0.0) r->low |= 1u << i;
        else if (r->at[i] >= problem->high[i] && g >= 0.0) r->high |= 1u << i;
    }
}

/* The decrement, or infinity where the function is not concave. */
static double decrement_of(const optimise_problem *problem, const optimise_result *r)
{
    freedom f = free_of(problem->count, optimise_held(r));
    matrix l;
    double g[OPTIMISE_MOST] = {0}, sum = 0.0;
    shifted(&r->point, &f, 0.0, l);
    if (!factor(l, f.count)) return HUGE_VAL;
    for (uint32_t i = 0; i < f.count; ++i) g[i] = r->point.gradient[f.of[i]];
    forward(l, f.count, g);
    for (uint32_t i = 0; i < f.count; ++i) sum += g[i] * g[i];
    return 0.5 * sum;
}

/* The step of the free variables, over all; false where the shift is too small. */
static bool direction(const optimise_problem *problem, const optimise_result *r, uint32_t held, double shift, double *out)
{
    freedom f = free_of(problem->count, held);
    matrix l;
    double s[OPTIMISE_MOST] = {0};
    shifted(&r->point, &f, shift, l);
    if (!factor(l, f.count)) return false;
    for (uint32_t i = 0; i < f.count; ++i) s[i] = r->point.gradient[f.of[i]];
    forward(l, f.count, s);
    backward(l, f.count, s);
    for (uint32_t i = 0; i < OPTIMISE_MOST; ++i) out[i] = 0.0;
    for (uint32_t i = 0; i < f.count; ++i) out[f.of[i]] = s[i];
    return true;
}

/* Variables that stand at a wall and would step through it. */
static uint32_t against_walls(const optimise_problem *problem, const optimise_result *r, const double *s)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < problem->count; ++i)
        if ((s[i] < 0.0 && r->at[i] <= problem->low[i]) || (s[i] > 0.0 && r->at[i] >= problem->high[i])) bits |= 1u << i;
    return bits;
}

/* How much of a step stays within MOST_STEP and the walls. A step is shortened as a whole: to cut one variable alone would leave a ridge
 * that slants. */
static double length_of(const optimise_problem *problem, const optimise_result *r, const double *s)
{
    double scale = 1.0;
    for (uint32_t i = 0; i < problem->count; ++i) {
        double room = s[i] < 0.0 ? r->at[i] - problem->low[i] : problem->high[i] - r->at[i];
        if (s[i] != 0.0) scale = fmin(scale, fmin(MOST_STEP, room) / fabs(s[i]));
    }
    return scale;
}

/* What the quadratic model says that a step gains. */
static double gain_of(const optimise_point *p, uint32_t count, const double *s)
{
    double gain = 0.0;
    for (uint32_t i = 0; i < count; ++i) {
        double bend = 0.0;
        for (uint32_t j = 0; j < count; ++j) bend += p->hessian[i > j ? i : j][i > j ? j : i] * s[j];
        gain += s[i] * (p->gradient[i] + 0.5 * bend);
    }
    return gain;
}

/* Where a step leads, and what it should gain; false where the shift is too small. */
static bool step(const optimise_problem *problem, const optimise_result *r, double shift, double *to, double *gain)
{
    double s[OPTIMISE_MOST];
    uint32_t held = optimise_held(r), more = 0;
    do {
        held |= more;
        if (!direction(problem, r, held, shift, s)) return false;
        more = against_walls(problem, r, s);
    } while (more);
    double scale = length_of(problem, r, s);
    for (uint32_t i = 0; i < OPTIMISE_MOST; ++i) s[i] *= scale;
    for (uint32_t i = 0; i < OPTIMISE_MOST; ++i) to[i] = r->at[i] + s[i];
    for (uint32_t i = 0; i < problem->count; ++i) {             /* next to a wall is at it: no room is left for another step */
        if (to[i] - problem->low[i] < NEXT_TO) to[i] = problem->low[i];
        if (problem->high[i] - to[i] < NEXT_TO) to[i] = problem->high[i];
    }
    *gain = gain_of(&r->point, problem->count, s);
    return true;
}

static bool is_finite(const optimise_point *p, uint32_t count)
{
    double sum = p->value;
    for (uint32_t i = 0; i < count; ++i) {
        sum += p->gradient[i];
        for (uint32_t j = 0; j <= i; ++j) sum += p->hessian[i][j];
    }
    return isfinite(sum);
}

/* One step that gains, with a shift as small as serves; false where none is found. */
static bool climb(const optimise_problem *problem, optimise_result *r, double *shift)
{
    for (int tries = 0; tries < MOST_SHIFTS && r->evaluations < MOST_EVALUATIONS; ++tries) {
        optimise_point next;
        double to[OPTIMISE_MOST], said;
        if (!step(problem, r, *shift, to, &said)) {
            *shift = fmax(4.0 * *shift, 1e-3);
            continue;
        }
        problem->fn(to, problem->ctx, &next);
        ++r->evaluations;
        double gained = next.value - r->point.value;
        if (is_finite(&next, problem->count) && gained > 0.0) {
            *shift = gained > 0.5 * said ? (*shift < 1e-4 ? 0.0 : 0.1 * *shift) : *shift;
            memcpy(r->at, to, sizeof to);
            r->point = next;
            return true;
        }
        *shift = fmax(8.0 * *shift, 1e-3);
    }
    return false;
}

/* One more step from where the search ends, since Newton's method squares what is left at no more cost: kept where that is so. */
static void polish(const optimise_problem *problem, optimise_result *r)
{
    optimise_result next = *r;
    double said;
    if (!(r->decrement > 0.0) || !step(problem, r, 0.0, next.at, &said)) return;
    problem->fn(next.at, problem->ctx, &next.point);
    ++r->evaluations;
    if (!is_finite(&next.point, problem->count)) return;
    next.evaluations = r->evaluations;
    look_at_walls(problem, &next);
    next.decrement = decrement_of(problem, &next);
    if (next.decrement < r->decrement) *r = next;
}

void optimise(const optimise_problem *problem, const double *start, optimise_result *out)
{
    optimise_result r = {{0}, {0.0, {0}, {{0}}}, HUGE_VAL, 1, 0, 0, 0, false};
    double shift = 0.0;
    for (uint32_t i = 0; i < problem->count; ++i) r.at[i] = fmin(fmax(start[i], problem->low[i]), problem->high[i]);
    problem->fn(r.at, problem->ctx, &r.point);
    bool climbs = is_finite(&r.point, problem->count);
    while (climbs) {
        look_at_walls(problem, &r);
        r.decrement = decrement_of(problem, &r);
        if (r.decrement < CLOSE) break;
        climbs = climb(problem, &r, &shift);
    }
    if (r.decrement < CLOSE) polish(problem, &r);
    r.finished = r.decrement < fmax(CLOSE_ENOUGH, 64.0 * DBL_EPSILON * fabs(r.point.value));
    *out = r;
}
