/* SPDX-License-Identifier: MIT */
/* survival_walk.c - over the times of a curve, from the first exit to the last: who is at risk, who leaves.
 *
 * At t are at risk those who entered before t less those who left before t. So a walk has two places: one among the entries,
 * one among the exits. Counts are whole numbers until they are told. */
#include "base/port.h"
#include "retention/survival_parts.h"
#include <math.h>

void survival_begin(cxm_survival_curve *c)
{
    c->exits = c->entries = 0;
    c->persons = c->from_start;
    c->entered = 0.0;
    c->survival = c->base = 1.0;
    c->base_n = c->left = 0.0;
    c->last = 0.0;
    for (int i = 0; i < 2; ++i) c->risk[i] = c->log[i] = c->greenwood[i] = c->hazard[i] = c->hazard_variance[i] = 0.0;
}

/* --- a histogram --- */

/* At cap stand also those who leave past it. */
static bool ends_at_cap(const cxm_survival *s)
{
    return s->beyond > 0 || (s->room > s->cap && !survival_cell_is_empty(&s->cells[s->cap]));
}

double survival_next_exit(cxm_survival_curve *c)
{
    const cxm_survival *s = c->source;
    while (c->exits < s->cap && c->exits < s->room && survival_cell_is_empty(&s->cells[c->exits])) ++c->exits;
    if (c->exits < s->cap && c->exits >= s->room) c->exits = s->cap;
    if (c->exits == s->cap && !ends_at_cap(s)) ++c->exits;
    return c->exits <= s->cap ? (double)c->exits : (double)INFINITY;
}

double survival_enter(cxm_survival_curve *c, double t)
{
    const cxm_survival *s = c->source;
    for (; c->entries < s->room && (double)c->entries < t; ++c->entries) {
        c->persons += s->cells[c->entries].entries;
        c->entered += (double)s->cells[c->entries].entries;
    }
    return (double)c->persons;
}

survival_tick survival_take(cxm_survival_curve *c, double t)
{
    const cxm_survival *s = c->source;
    survival_cell cell = c->exits < s->room ? s->cells[c->exits] : (survival_cell){0};
    double at_risk = survival_enter(c, t);
    if (c->exits == s->cap) cell.censored += s->beyond;
    survival_tick tick = {t, at_risk, (double)cell.events, (double)(c->persons - cell.events), (double)cell.censored, c->entered};
    c->persons -= cell.events + cell.censored;
    c->entered = 0.0;
    c->last = t;
    ++c->exits;
    return tick;
}
