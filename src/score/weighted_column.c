/* SPDX-License-Identifier: MIT */
/* weighted_column.c - columns of answers and weights. They are counted in a state aside, which one merge commits: so
 * memory that ends on the way changes nothing. */
#include "base/port.h"
#include <cxm/weighted.h>
#include "base/column.h"
#include "score/weighted_state.h"

static cxm_status columns_check(const cxm_column *answers, const cxm_column *weights)
{
    cxm_status status = column_check(answers);
    if (status == CXM_OK) status = column_check(weights);
    return status == CXM_OK && answers->count != weights->count ? CXM_E_ARG : status;
}

/* What was refused or out of range was counted as such. */
static cxm_status count_rows(cxm_weighted *w, const cxm_column *answers, const cxm_column *weights)
{
    cxm_status status = CXM_OK;
    for (uint64_t i = 0; (status == CXM_OK || status == CXM_E_DOMAIN) && i < answers->count; ++i)
        status = cxm_weighted_add(w, column_value(answers, i), column_value(weights, i));
    return status == CXM_E_DOMAIN ? CXM_OK : status;
}

cxm_status cxm_weighted_add_many(cxm_weighted *weighted, const cxm_column *answers, const cxm_column *weights)
{
    cxm_weighted *part = NULL;
    if (!weighted) return CXM_E_ARG;
    cxm_status status = columns_check(answers, weights);
    if (status != CXM_OK) return status;
    status = cxm_weighted_create(&weighted->spec, &weighted->hook, &part);
    if (status == CXM_OK) status = count_rows(part, answers, weights);
    if (status == CXM_OK) status = cxm_weighted_merge(weighted, part);
    cxm_weighted_free(part);
    return status;
}
