/* SPDX-License-Identifier: MIT */
/* survival_parts.h - the histogram of tenures, and the walk over the times of a curve that all results take. */
#ifndef CXM_RETENTION_SURVIVAL_PARTS_H
#define CXM_RETENTION_SURVIVAL_PARTS_H
#include <cxm/survival.h>
#include <stdbool.h>

/* What happens at one time. */
typedef struct survival_cell { uint64_t events, censored, entries; } survival_cell;

/* n is always the sum of all events and censored, and beyond. An entry past cap stands at cap: no curve gets there. */
struct cxm_survival {
    cxm_alloc hook;
    survival_cell *cells;           /* of times 0..room-1; later ones are empty */
    uint64_t room, cap, n, beyond, refused, missing;
};

/* Whether customers can have these counts: each late entry has an exit of its own after it. `late` is how many there are. */
bool survival_is_whole(const cxm_survival *s, uint64_t *late);

/* The cap of a spec as it stands in the bytes: survival_codec.c. */
bool survival_spec_read(const char *text, size_t len, int64_t *cap);

/* Room for times 0..room-1, room <= cap + 1, at least. */
cxm_status survival_reserve(cxm_survival *s, uint64_t room);

static inline bool survival_cell_is_empty(const survival_cell *cell)
{
    return (cell->events | cell->censored) == 0;
}

/* --- sums in twice the precision of a double (D. E. Knuth, The Art of Computer Programming 2, 4.2.2, theorem B) --- */
static inline void survival_sum(double sum[2], double x)
{
    double s = sum[0] + x, part = s - sum[0];
    double rest = sum[1] + ((sum[0] - (s - part)) + (x - part));
    sum[0] = s + rest;
    sum[1] = rest - (sum[0] - s);
}

/* --- the walk over times: survival_walk.c --- */

/* A time with an exit. survivors = at_risk - events, 0 exactly when all of them left. */
typedef struct survival_tick { double t, at_risk, events, survivors, censored, entered; } survival_tick;

void survival_begin(cxm_survival_curve *curve);                 /* before the first time */
double survival_next_exit(cxm_survival_curve *curve);           /* infinity: there is none */
double survival_enter(cxm_survival_curve *curve, double t);     /* lets in who is at risk at t, and says how many are */
survival_tick survival_take(cxm_survival_curve *curve, double t);   /* ... and takes out who leaves at t: the next exit */

/* Survival, hazard and their variances past this tick. */
void survival_pass(cxm_survival_curve *curve, const survival_tick *tick);

/* d / (n (n - d)), 0 when all left. */
double survival_greenwood_term(const survival_tick *tick);

/* CXM_E_ARG or CXM_E_ABI for what is no curve. */
cxm_status survival_curve_check(const cxm_survival_curve *curve);

/* Limits of S where the curve stands; false, and NaN, where there are none. */
bool survival_limits(const cxm_survival_curve *curve, double *low, double *high);

/* Kind and level of the limits into an empty curve. */
cxm_status survival_curve_start(int32_t limits, double level, cxm_survival_curve *out);

#endif
