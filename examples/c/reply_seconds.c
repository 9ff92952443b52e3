/* SPDX-License-Identifier: MIT */
/* reply_seconds.c - percentiles of replies from standard input, in seconds, and the share of them within four hours.
 *   $ seq 30 30 21000 | reply_seconds
 *   p50 10529 s, 95% 9664 .. 11409
 *   p90 18913 s, 95% 18254 .. 19596
 *   480 of 700 within 4 h                                                            */
#include <cxm/cxm.h>
#include <inttypes.h>
#include <stdio.h>

static void print_quantile(const cxm_quantile *replies, double share)
{
    cxm_interval limits = {.size = sizeof limits};
    double value = 0.0;
    if (cxm_quantile_at(replies, share, CXM_QUANTILE_TYPE7, &value) != CXM_OK) return;
    cxm_status limited = cxm_quantile_interval(replies, share, 0.95, &limits);
    printf("p%g %.0f s", 100.0 * share, value);
    if (limited == CXM_OK) printf(", 95%% %.0f .. %.0f", limits.low, limits.high);
    printf("\n");
}

int main(void)
{
    static const double shares[] = {0.5, 0.9};
    cxm_quantile_spec spec = {.size = sizeof spec, .unit = CXM_UNIT_S, .targets = 1, .target[0] = UINT64_C(4) * 3600 * 1000000};
    cxm_quantile *replies;
    uint64_t within, n;
    cxm_status status = cxm_quantile_create(&spec, NULL, &replies);
    for (double seconds; status == CXM_OK && scanf("%lf", &seconds) == 1;) {
        status = cxm_quantile_add(replies, seconds);
        if (status != CXM_E_DOMAIN) continue;
        fprintf(stderr, "left out %g: no duration\n", seconds);
        status = CXM_OK;
    }
    if (status == CXM_OK) status = cxm_quantile_within(replies, 0, &within, &n);
    if (status != CXM_OK) return fprintf(stderr, "no percentiles: %s\n", cxm_status_describe(status)), 1;
    for (int i = 0; i < 2; ++i) print_quantile(replies, shares[i]);
    printf("%" PRIu64 " of %" PRIu64 " within 4 h\n", within, n);
    cxm_quantile_free(replies);
}
