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

static double next_cell(cxm_survival_curve *c)
{
    const cxm_survival *s = c->source;
    while (c->exits < s->cap && c->exits < s->room && survival_cell_is_empty(&s->cells[c->exits])) ++c->exits;
    if (c->exits < s->cap && c->exits >= s->room) c->exits = s->cap;
    if (c->exits == s->cap && !ends_at_cap(s)) ++c->exits;
    return c->exits <= s->cap ? (double)c->exits : (double)INFINITY;
}

static double enter_cells(cxm_survival_curve *c, double t)
{
    const cxm_survival *s = c->source;
    for (; c->entries < s->room && (double)c->entries < t; ++c->entries) {
        c->persons += s->cells[c->entries].entries;
        c->entered += (double)s->cells[c->entries].entries;
    }
    return (double)c->persons;
}

static void take_cell(cxm_survival_curve *c, survival_tick *tick)
{
    const cxm_survival *s = c->source;
    survival_cell cell = c->exits < s->room ? s->cells[c->exits] : (survival_cell){0};
    if (c->exits == s->cap) cell.censored += s->beyond;
    tick->events = (double)cell.events;
    tick->survivors = (double)(c->persons - cell.events);
    tick->censored = (double)cell.censored;
    c->persons -= cell.events + cell.censored;
    ++c->exits;
}

/* --- records: what is left of a sum of weights once nobody is there is an error of rounding, and is dropped --- */

static double enter_records(cxm_survival_curve *c, double t)
{
    const cxm_survival_record *r = c->source;
    for (; c->entries < c->count && (r[c->entries].entry < t || r[c->entries].entry == 0.0); ++c->entries) {
        double weight = r[c->entries].entry_weight;
        survival_sum(c->risk, weight);
        if (r[c->entries].entry > 0.0) c->entered += weight;
        ++c->persons;
    }
    return c->risk[0];
}

static void leave(cxm_survival_curve *c, double weight)
{
    survival_sum(c->risk, -weight);
    if (--c->persons == 0) c->risk[0] = c->risk[1] = 0.0;
}

/* Those of this time with `event`, which stand together. */
static double take_records(cxm_survival_curve *c, double t, int32_t event)
{
    const cxm_survival_record *r = c->source;
    double sum[2] = {0.0, 0.0};
    for (; c->exits < c->count && r[c->exits].exit == t && r[c->exits].event == event; ++c->exits) {
        survival_sum(sum, r[c->exits].weight);
        leave(c, r[c->exits].weight);
    }
    return sum[0];
}

static void take_rows(cxm_survival_curve *c, survival_tick *tick)
{
    tick->events = take_records(c, tick->t, 1);
    tick->survivors = fmax(c->risk[0], 0.0);
    tick->censored = take_records(c, tick->t, 0);
}

/* --- either --- */

double survival_next_exit(cxm_survival_curve *c)
{
    const cxm_survival_record *r = c->source;
    if (!c->of_records) return next_cell(c);
    return c->exits < c->count ? r[c->exits].exit : (double)INFINITY;
}

double survival_enter(cxm_survival_curve *c, double t)
{
    return c->of_records ? enter_records(c, t) : enter_cells(c, t);
}

survival_tick survival_take(cxm_survival_curve *c, double t)
{
    survival_tick tick = {.t = t, .at_risk = survival_enter(c, t), .entered = c->entered};
    if (c->of_records) take_rows(c, &tick);
    else take_cell(c, &tick);
    c->entered = 0.0;
    c->last = t;
    return tick;
}
