/* SPDX-License-Identifier: MIT */
/** @file cxm/multiplicity.h
 *  @brief p values of many tests made at once, adjusted for their number.
 *
 *  Of 100 segments compared at 5 % five look different by chance alone. An adjusted p value is set against
 *  the level as if its test were the only one. With p_(1) <= ... <= p_(m) in order:
 *      bonferroni  min(1, m p)                                      any one false among all m, whatever holds
 *      holm        max over j <= i of (m - j + 1) p_(j)             the same promise, never larger: the default
 *      hochberg    min over j >= i of (m - j + 1) p_(j)             the same for independent tests and many others
 *      hommel      closed tests by Simes's inequality               as hochberg, never larger
 *      bh          min over j >= i of m p_(j) / j                   expected share of false among those found
 *      by          bh times 1 + 1/2 + ... + 1/m                     the same whatever the dependence
 *  A NaN is a test that was not made: it stays NaN and is not counted in m. Equal p values get equal answers.
 *  Relative error is a few roundings at any size, 1e-300 included.
 *  Source   S. Holm, Scandinavian Journal of Statistics 6, 1979; Y. Hochberg, Biometrika 75(4), 1988;
 *           G. Hommel, Biometrika 75(2), 1988; Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical
 *           Society B 57(1), 1995; Y. Benjamini and D. Yekutieli, Annals of Statistics 29(4), 2001.
 *  Threads  Pure functions.                                                        */
#ifndef CXM_MULTIPLICITY_H
#define CXM_MULTIPLICITY_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Methods; the name that cxm_adjust_name gives stands behind each. Never renumbered. */
enum cxm_adjust_method {
    CXM_ADJUST_DEFAULT = 0,         /**< holm */
    CXM_ADJUST_BONFERRONI = 1,      /**< "bonferroni" */
    CXM_ADJUST_HOLM = 2,            /**< "holm" */
    CXM_ADJUST_HOCHBERG = 3,        /**< "hochberg" */
    CXM_ADJUST_HOMMEL = 4,          /**< "hommel" */
    CXM_ADJUST_BH = 5,              /**< "bh", false discovery rate */
    CXM_ADJUST_BY = 6               /**< "by", false discovery rate under any dependence */
};

/** Adjust the n values `p`, each 0..1 or NaN, into `out`, which may be `p` itself. `scratch` has room for n
 *  numbers; what it holds afterwards means nothing. Takes n log n steps at most, hommel too, and allocates nothing.
 *  @return CXM_OK, also for n = 0 | CXM_E_DOMAIN a value is neither NaN nor in 0..1 | CXM_E_METHOD |
 *          CXM_E_ARG NULL while n > 0 */
CXM_API cxm_status cxm_adjust_p(const double *p, size_t n, int32_t method, size_t *scratch, double *out);

/** The name of a method ("holm"), static; "unknown" for no such number, never NULL. */
CXM_API const char *cxm_adjust_name(int32_t method);

/** The method called `name` ("bh"), exact case; "default" is CXM_ADJUST_DEFAULT.
 *  @return CXM_OK | CXM_E_METHOD no such name | CXM_E_ARG */
CXM_API cxm_status cxm_adjust_method(const char *name, size_t len, int32_t *out);

CXM_END_C
#endif
