/* SPDX-License-Identifier: MIT */
/* interval.h - what every one-sample interval checks and writes. */
#ifndef CXM_INFERENCE_INTERVAL_H
#define CXM_INFERENCE_INTERVAL_H
#include <cxm/interval.h>

typedef struct limits { double low, high; } limits;

/* CXM_E_ARG without `out` or with a level outside (0, 1), CXM_E_ABI, or CXM_OK. */
cxm_status interval_check(const cxm_interval *out, double level);

/* z with probability `level` between -z and +z, and its twin for Student's t. */
double interval_z(double level);
double interval_t(double level, double df);

/* `got` cut to the range; and stretched, by rounding only, to hold the estimate. */
limits interval_clamp(limits got, limits range);
limits interval_hold(limits got, double estimate);

/* Wilson's limits of `hits` and `misses` out of n, at z; they hold the share. See proportion.c. */
limits interval_wilson(double hits, double misses, double n, double z);

/* Percentile limits of the resampled net share, at most CXM_INTERVAL_BOOTSTRAP_MOST answers. See
 * trinomial_bootstrap.c. */
limits interval_bootstrap(double minus, double zero, double plus, double level);

/* How far the score limit of (plus - minus) / n at z >= 0 lies below it, and d ln size / d ln z. The upper limit lies
 * above by the margin of the exchanged counts, minus for plus. See trinomial.c. */
typedef struct score_margin { double size, growth; } score_margin;
score_margin interval_score_margin(double minus, double zero, double plus, double z);

void interval_write(cxm_interval *out, int32_t method, double level, limits got, double se);

#endif
