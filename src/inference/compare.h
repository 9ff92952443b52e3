/* SPDX-License-Identifier: MIT */
/* compare.h - what every comparison checks and writes, and the parts that two families share. */
#ifndef CXM_INFERENCE_COMPARE_H
#define CXM_INFERENCE_COMPARE_H
#include <cxm/compare.h>
#include <stdbool.h>
#include "inference/interval.h"

/* CXM_E_ARG without a sample, `out` or a level inside (0, 1), CXM_E_ABI, or CXM_OK. */
cxm_status compare_check(const void *a, const void *b, const cxm_difference *out, double level);

/* A whole number of either sign over n > 0, and one such part less another: exact up to the last roundings. */
typedef struct compare_part { bool negative; uint64_t size, n; } compare_part;
double compare_fraction(compare_part part);
double compare_parts(compare_part a, compare_part b);

/* Answers of -1, 0, +1; `net` = (plus - minus) / n, from the integers. A share is a net without zeros: hits are plus,
 * misses are minus, and net = 2 share - 1. */
typedef struct compare_sample { double minus, zero, plus, n, net; bool pure; } compare_sample;     /* pure: all alike */
typedef struct compare_pair { compare_sample a, b; double difference; } compare_pair;       /* net of a less net of b */

/* A net's sample of n answers; all that add up, false past UINT64_MAX; and the same with its ends exchanged. */
compare_sample compare_sample_of(const cxm_net_sample *s, uint64_t n);
bool compare_count(const cxm_net_sample *s, uint64_t *n);
compare_sample compare_mirrored(compare_sample s);

/* A difference in another unit. */
void compare_scale(cxm_difference *out, double unit);

/* The four that both a net and a share have, on the net's scale; a share halves them. The statistic is z. */
typedef struct compare_finding { limits limits; double z; } compare_finding;
compare_finding compare_mover(const compare_pair *pair, double z);
compare_finding compare_raised_wald(const compare_pair *pair, double z, double outer, double middle);

/* Whether Wald's limits do not exist: two pure samples that differ. */
bool compare_says_nothing(const compare_pair *pair);

/* Standard error of the net difference. */
double compare_net_se(const compare_pair *pair);

/* 0 where `x` and `spread` are, as of pure samples alike. */
double compare_ratio(double x, double spread);

/* Limits cut to -most..most, and a standard normal statistic with its p. */
void compare_write_z(cxm_difference *out, compare_finding found, double most);

/* Welch's: each sample's size and standard error of its mean, not both 0. */
typedef struct compare_spread { double n, se; } compare_spread;
void compare_write_welch(cxm_difference *out, compare_spread a, compare_spread b, double most);

/* Student's t of `difference`, which stands in `out`, with its limits. */
void compare_write_t(cxm_difference *out, double se, double df, double most);

/* The exact p of Fisher's test. CXM_E_LIMIT when its sum would be too long. */
cxm_status compare_fisher(uint64_t hits_a, uint64_t misses_a, uint64_t hits_b, uint64_t misses_b, double *p);

#endif
