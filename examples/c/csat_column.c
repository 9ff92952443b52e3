/* SPDX-License-Identifier: MIT */
/* csat_column.c - CSAT of a column in one call; -1 stands for "no answer" in these data.
 *   $ csat_column
 *   CSAT 75.0 % (3 of 4), 95% 30.1 .. 95.4, 1 outside 1..5                           */
#include <cxm/cxm.h>
#include <inttypes.h>
#include <stdio.h>

int main(void)
{
    static const int32_t answers[] = {5, 4, -1, 5, 2};
    cxm_column column = {.size = sizeof column, .type = CXM_I32, .values = answers, .count = 5};
    cxm_csat_summary csat = {.size = sizeof csat};
    cxm_status status = cxm_csat_of_column(&column, 1, 5, 0.95, &csat);
    if (status != CXM_OK) return fprintf(stderr, "no score: %s\n", cxm_status_describe(status)), 1;
    printf("CSAT %.1f %% (%" PRIu64 " of %" PRIu64 "), 95%% %.1f .. %.1f, %" PRIu64 " outside 1..5\n", 100 * csat.share,
           csat.satisfied, csat.n, 100 * csat.low, 100 * csat.high, csat.out_of_range);
}
