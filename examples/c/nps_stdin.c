/* SPDX-License-Identifier: MIT */
/* nps_stdin.c - NPS of whitespace-separated answers on standard input, one answer at a time.
 *   $ echo 10 9 8 7 6 0 | nps_stdin
 *   NPS 0.0 points, 95% -55.8 .. +55.8, from 6 answers                                */
#include <cxm/cxm.h>
#include <inttypes.h>
#include <stdio.h>

int main(void)
{
    cxm_scale_spec spec;
    cxm_scale_ask ask;
    cxm_scale answers;
    cxm_scale_summary sum = {.size = sizeof sum};
    cxm_nps_define(0, 10, &spec, &ask);
    cxm_scale_init(&answers, &spec);
    for (double answer; scanf("%lf", &answer) == 1;)
        if (cxm_scale_add_double(&answers, answer) == CXM_E_DOMAIN)
            fprintf(stderr, "left out %g: not 0..10\n", answer);
    cxm_status status = cxm_scale_summarize(&answers, &ask, &sum);
    if (status != CXM_OK) return fprintf(stderr, "no score: %s\n", cxm_status_describe(status)), 1;
    printf("NPS %.1f points, 95%% %+.1f .. %+.1f, from %" PRIu64 " answers\n", sum.value, sum.low, sum.high, sum.n);
}
