/* SPDX-License-Identifier: MIT */
/* linearised.h - confidence limits of an estimate whose standard error comes from a sample design. */
#ifndef CXM_INFERENCE_LINEARISED_H
#define CXM_INFERENCE_LINEARISED_H
#include <stdbool.h>
#include "inference/interval.h"

/* What a design says of an estimate. `rest` is 1 - value, of a share alone; se is NaN where there is none. */
typedef struct linearised {
    double value, rest, se, df;
    double rows, answers, n_eff;    /* rows behind df; answers of the estimate; Kish's effective number of them */
    limits range;
    bool is_share, capped;      /* capped: Korn and Graubard's n is at most `rows` */
} linearised;

/* The method that `method` stands for; CXM_E_METHOD when it does not fit. */
cxm_status linearised_method(bool is_share, int32_t method, int32_t *out);

/* Limits by a method of linearised_method; `used` is another where a share is 0 or 1. CXM_E_UNDEFINED: there are none. */
cxm_status linearised_limits(const linearised *from, int32_t method, double level, int32_t *used, limits *out);

#endif
