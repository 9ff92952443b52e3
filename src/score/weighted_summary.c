/* SPDX-License-Identifier: MIT */
/* weighted_summary.c - a state by itself: a design of one leaf, one stratum, and each row its own cluster. It has no
 * population and no margins, so nothing in it can fail but the question. */
#include "base/port.h"
#include "score/design_state.h"

/* A state alone is a design of one leaf. */
cxm_status cxm_weighted_summarize(const cxm_weighted *weighted, const cxm_weighted_ask *ask, cxm_weighted_summary *out)
{
    cxm_weighted_ask full;
    if (!weighted || !out) return CXM_E_ARG;
    if (out->size < sizeof *out) return CXM_E_ABI;
    cxm_status status = design_ask_complete(ask, &full);
    if (status != CXM_OK) return status;
    design_leaf leaf = {.state = weighted}, *leaves[1] = {&leaf};
    cxm_design design = {.spec = weighted->spec, .closed = true, .leaves = leaves, .count = 1};
    full.domain = 0;
    return design_summarize(&design, &full, out);
}
