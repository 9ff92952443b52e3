/* SPDX-License-Identifier: MIT */
/* btyd_parts.h - what the files of cxm_btyd share: models that are checked, histories likewise, and terms that depend on x alone. */
#ifndef CXM_VALUE_BTYD_PARTS_H
#define CXM_VALUE_BTYD_PARTS_H
#include <cxm/btyd.h>
#include <stdbool.h>
#include "base/optimise.h"

/* The range of parameters, which no fit leaves. */
#define BTYD_PARAMETER_LEAST 1e-15
#define BTYD_PARAMETER_MOST 1e20

/* Parameters by name, and what tells the models apart: how many purchases beside x may be followed by leaving. Of Pareto/NBD a is s and
 * b is beta: it leaves at any time. */
typedef struct btyd { double r, alpha, a, b, first; bool leaves, any_time; } btyd;

/* The chance that a customer is alive, and what is known of its rate and its p then: Gamma(k, rate), Beta(a, b). */
typedef struct btyd_state { double alive, k, rate, a, b; } btyd_state;

/* CXM_OK, CXM_E_ARG or CXM_E_DOMAIN; `history` may be NULL where `is_new` says so. */
cxm_status btyd_check(const cxm_btyd *model, const cxm_btyd_history *history, btyd *out);
bool btyd_is_history(double x, double t_x, double T);
btyd btyd_of(int32_t kind, const double *parameter);

/* ln of the odds that it has left: a / (b + x - 1 + first) ((alpha + T) / (alpha + t_x))^k, of Pareto/NBD R; -infinity where it cannot have. */
double btyd_ln_odds(const btyd *m, const cxm_btyd_history *h);

/* --- btyd_fit.c --- */
/* The log-likelihood of one customer. */
double btyd_log_likelihood(const btyd *m, const cxm_btyd_history *h);

/* --- btyd_pareto.c --- */
double pareto_ln_odds(const btyd *m, const cxm_btyd_history *h);

/* The log-likelihood of `count` customers less what btyd_fit.c knows of their rate, with its derivatives. */
void pareto_add(const btyd *m, const cxm_btyd_history *h, double count, optimise_point *to);

/* The chance of x purchases of a new customer in (0, t]. */
double pareto_pmf(const btyd *m, double x, double t);

#endif
