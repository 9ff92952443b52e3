/* SPDX-License-Identifier: MIT */
/** @file cxm/survival.h
 *  @brief How long customers stay: survival curves with limits, median and mean tenure, hazard, and whether groups differ,
 *         from a histogram of whole tenures or from records of any times.
 *
 *  A customer is observed from `entry` on, until `exit`; `event` 1: then it left; 0: it was still there, it is censored. At
 *  t at risk are those with entry < t <= exit, so what ends at t is at risk there, and events come before what is censored. An
 *  entry of 0 is no late one: it is at risk at time 0, too.
 *      survival  S = product of (n - d) / n over the times of events up to t: d events among n at risk       Kaplan-Meier
 *      se        S sqrt(V), V = sum of d / (n (n - d))                                                       Greenwood
 *      hazard    H = sum of d / n, its variance the sum of d / n^2                                           Nelson-Aalen
 *      limits    plain S +- z se, within 0..1; log S exp(+- z sqrt V), at most 1; log-log S^exp(+- z sqrt V / ln S). None
 *                once S is 0, and of log-log none while S is 1
 *
 *      cxm_survival_add(s, 0, 31, 1);                              day 31: gone; whole times 0..cap, in any unit
 *      cxm_survival_curve_of(s, CXM_SURVIVAL_LOG, 0.95, &curve);   or cxm_survival_curve_of_records, after cxm_survival_sort
 *      while (cxm_survival_next(&curve, &point) == CXM_OK) ...     then the same calls for both
 *
 *  Times that are equal are ties; a program that reckons times in doubles rounds them first.
 *
 *  State    24 bytes a time up to the last that was told, the next power of two of them; cxm_survival_bytes_most says how far.
 *           Counts are a group: any order and partition merges to the same bytes, and removal is the inverse of addition.
 *           The curve up to `cap` is exact whatever lies behind it: an exit there counts as `beyond`, censored at `cap`.
 *           Records are sorted where they lie: no memory.
 *  Source   E. L. Kaplan and P. Meier, JASA 53(282), 1958; M. Greenwood, Reports on Public Health 33, 1926; O. Aalen, Annals
 *           of Statistics 6(4), 1978; N. Mantel, Cancer Chemotherapy Reports 50(3), 1966; R. Peto and J. Peto, JRSS A 135(2),
 *           1972; D. P. Harrington and T. R. Fleming, Biometrika 69(3), 1982; P. Royston and M. K. B. Parmar, BMC Medical Research
 *           Methodology 13:152, 2013 (difference of means); quantiles as R's survival package reads them.
 *  Threads  No shared state: one writer per cxm_survival, one walker per cxm_survival_curve, then merge.   */
#ifndef CXM_SURVIVAL_H
#define CXM_SURVIVAL_H
#include <cxm/alloc.h>
#include <cxm/column.h>
#include <cxm/compare.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The greatest cap of a histogram, and the most groups of a test. */
#define CXM_SURVIVAL_CAP_MAX 16777215
#define CXM_SURVIVAL_GROUPS_MAX 32

/** Limits of a curve. Never renumbered. */
enum cxm_survival_limits {
    CXM_SURVIVAL_DEFAULT = 0,   /**< log */
    CXM_SURVIVAL_PLAIN = 1,
    CXM_SURVIVAL_LOG = 2,
    CXM_SURVIVAL_LOG_LOG = 3
};

/** What is in a histogram. 72 bytes; set `size`. Versions only append. */
typedef struct cxm_survival_account {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    uint64_t cap;               /**< out: as created */
    uint64_t n;                 /**< out: events + censored + beyond */
    uint64_t events, censored;  /**< out: by their exit, at most cap */
    uint64_t beyond;            /**< out: with an exit past cap: event or not, at risk to the end of the curve */
    uint64_t late;              /**< out: of n, with an entry past 0 */
    uint64_t refused;           /**< out: negative times, an entry that does not come before the exit, and of columns a time that
                                     is no whole number or an event that is neither 0 nor 1; in nothing else */
    uint64_t missing;           /**< out: rows without an entry, exit or event; in nothing else */
} cxm_survival_account;

typedef struct cxm_survival cxm_survival;

/* --- the histogram: whole times 0..cap --- */

/** Make an empty histogram of times up to `cap`, 1..CXM_SURVIVAL_CAP_MAX.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ARG */
CXM_API cxm_status cxm_survival_create(int64_t cap, const cxm_alloc *alloc, cxm_survival **out);

/** Take back a histogram; NULL is fine. */
CXM_API void cxm_survival_free(cxm_survival *s);

/** Bytes that a histogram of this cap takes at the most; 0 for one out of its range. */
CXM_API size_t cxm_survival_bytes_most(int64_t cap);

/** Bytes that this one takes now, all its memory together; 0 for NULL. */
CXM_API size_t cxm_survival_bytes(const cxm_survival *s);

/** Count one customer: observed from `entry` (0: from the start) to `exit`, which is an event (1) or not (0).
 *  @return CXM_OK also past cap | CXM_E_DOMAIN a negative time, or entry is not before exit (but for 0 and 0): counted as
 *          refused | CXM_E_OVERFLOW | CXM_E_MEMORY; unchanged on both | CXM_E_ARG NULL, or event is neither */
CXM_API cxm_status cxm_survival_add(cxm_survival *s, int64_t entry, int64_t exit, int32_t event);

/** Count `count` of them at once.
 *  @return CXM_OK | CXM_E_DOMAIN counted as refused | CXM_E_OVERFLOW | CXM_E_MEMORY; unchanged on both | CXM_E_ARG */
CXM_API cxm_status cxm_survival_add_count(cxm_survival *s, int64_t entry, int64_t exit, int32_t event, uint64_t count);

/** Count a row that lacks a time, or whether it is an event.
 *  @return CXM_OK | CXM_E_OVERFLOW unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_survival_add_missing(cxm_survival *s);

/** Count columns of one length, a row a customer; entries NULL: all are observed from the start. A row without one of its values,
 *  or with NaN, is missing; one that cxm_survival_add would refuse, and one whose time is no whole number or whose event is
 *  neither 0 nor 1, is refused.
 *  @return CXM_OK, also when some were refused | CXM_E_OVERFLOW | CXM_E_MEMORY; nothing is counted on both | CXM_E_ABI |
 *          CXM_E_ARG also for two lengths */
CXM_API cxm_status cxm_survival_add_many(cxm_survival *s, const cxm_column *entries, const cxm_column *exits,
                                         const cxm_column *events);

/** Whether a word says that a customer left: 1, yes, true, churned, cancelled, inactive and the like, or 0, no, false, active,
 *  retained, censored; in any case of ASCII letters, blanks around it do not matter (src/retention/survival_words.c has all).
 *  @return CXM_OK | CXM_E_FORMAT it says neither, `event` unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_survival_event(const char *text, size_t len, int32_t *event);

/** Take back one customer: the exact inverse of cxm_survival_add. One that never was there, but shares its entry and its
 *  exit with two others, passes; what then is left may be no customers' histogram, which the calls below say.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused | CXM_E_UNDERFLOW no such exit or entry is there, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_survival_remove(cxm_survival *s, int64_t entry, int64_t exit, int32_t event);

/** Take back `count` of them at once.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused | CXM_E_UNDERFLOW unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_survival_remove_count(cxm_survival *s, int64_t entry, int64_t exit, int32_t event, uint64_t count);

/** Take back a row that was counted as missing.
 *  @return CXM_OK | CXM_E_UNDERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_survival_remove_missing(cxm_survival *s);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH another cap | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_survival_merge(cxm_survival *into, const cxm_survival *from);

/** Take away all that `from` holds: the inverse of merge. Needs no memory.
 *  @return CXM_OK | CXM_E_MISMATCH | CXM_E_UNDERFLOW `into` does not hold it | CXM_E_ARG; unchanged on each */
CXM_API cxm_status cxm_survival_subtract(cxm_survival *into, const cxm_survival *from);

/** What was counted.
 *  @return CXM_OK | CXM_E_OVERFLOW late past UINT64_MAX, after customers were removed that never were there | CXM_E_ABI |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_survival_account_of(const cxm_survival *s, cxm_survival_account *out);

/** Write the histogram as canonical bytes: kind 7 of src/base/codec.h; src/retention/survival_codec.c has the layout. `*len` is the
 *  length needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_UNDEFINED customers were removed that never were there | CXM_E_ARG */
CXM_API cxm_status cxm_survival_encode(const cxm_survival *s, void *out, size_t cap, size_t *len);

/** Make a histogram from its bytes; they are not trusted. It takes at most `max_bytes` (0: no bound but the allocator's),
 *  checked before its times are allocated.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a histogram | CXM_E_VERSION | CXM_E_LIMIT past max_bytes |
 *          CXM_E_MEMORY | CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_survival_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc,
                                       cxm_survival **out);

/* --- records: any times --- */

/** A customer of any times and a weight. 40 bytes. */
typedef struct cxm_survival_record {
    double entry;               /**< 0: from the start; else before exit */
    double exit;                /**< 0..1e100 */
    double weight;              /**< how many customers it stands for, 1e-15..1e15 */
    double entry_weight;        /**< zero; set by the sort */
    int32_t event;              /**< 1: left at exit; 0: censored there */
    uint32_t reserved;          /**< zero */
} cxm_survival_record;

/** Sort records where they lie, exits and entries each by themselves: afterwards a row is no customer any more. Takes no
 *  memory; n log n steps whatever the order. Equal records in any order come to the same rows.
 *  @return CXM_OK | CXM_E_DOMAIN a record out of its ranges or sorted already, the first is number `*bad` (NULL: not told),
 *          nothing was moved | CXM_E_ARG */
CXM_API cxm_status cxm_survival_sort(cxm_survival_record *records, uint64_t count, uint64_t *bad);

/* --- the curve --- */

/** A curve, and how far it has been walked. Fields past `level` are the library's. It borrows what it was made from, which
 *  must not change. 216 bytes on 64-bit machines; set `size`. */
typedef struct cxm_survival_curve {
    uint32_t size;              /**< in:  sizeof(cxm_survival_curve) */
    int32_t limits;             /**< out: CXM_SURVIVAL_*, never DEFAULT */
    double level;               /**< out: of the limits */
    double z, n;                /* the normal quantile of the level; customers, by weight */
    const void *source;
    uint64_t count;             /* records; 0 and of_records 0: a histogram */
    int32_t of_records;
    int32_t reserved;
    uint64_t from_start;        /* customers without a late entry */
    uint64_t exits, entries;    /* how many times, or records, are passed */
    uint64_t persons;           /* at risk */
    double risk[2];             /* their weight, in two parts, as every sum below */
    double entered;             /* since the time before */
    double survival;
    double base, base_n, left;  /* S = base * left / base_n while nobody is censored or enters */
    double log[2], greenwood[2], hazard[2], hazard_variance[2];
    double last;                /* the time of the last point */
} cxm_survival_curve;

/** A time at which somebody left or was censored. 104 bytes; set `size`. Versions only append. */
typedef struct cxm_survival_point {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t limits_status;      /**< out: CXM_OK | CXM_E_UNDEFINED there are none: NaN */
    double t;                   /**< out: the time */
    double at_risk;             /**< out: n; a count, or a sum of weights */
    double events, censored;    /**< out: at this time */
    double entered;             /**< out: late entries since the point before, before this time */
    double survival;            /**< out: S(t), 0..1 */
    double se;                  /**< out: of S; NaN once S is 0 */
    double low, high;           /**< out: limits of S */
    double hazard, hazard_se;   /**< out: H(t), cumulative */
    double log_survival;        /**< out: ln S, as a sum of logarithms; -infinity once S is 0 */
} cxm_survival_point;

/** The curve of a histogram, with limits of the kind CXM_SURVIVAL_* at `level` (0: 0.95).
 *  @return CXM_OK | CXM_E_EMPTY nobody is there | CXM_E_UNDEFINED customers were removed that never were there | CXM_E_METHOD
 *          no such limits | CXM_E_ABI | CXM_E_ARG also the level; unchanged on each */
CXM_API cxm_status cxm_survival_curve_of(const cxm_survival *s, int32_t limits, double level, cxm_survival_curve *out);

/** The curve of records that cxm_survival_sort has sorted. Weights count as customers; their sums carry twice the digits of a
 *  double.
 *  @return CXM_OK | CXM_E_EMPTY no records | CXM_E_UNDEFINED they are not sorted | CXM_E_METHOD no such limits | CXM_E_ABI |
 *          CXM_E_ARG also the level; unchanged on each */
CXM_API cxm_status cxm_survival_curve_of_records(const cxm_survival_record *records, uint64_t count, int32_t limits, double level,
                                                 cxm_survival_curve *out);

/** The next point, by time. The curve is a step function: S holds from t to the next point, and is 1 before the first.
 *  @return CXM_OK | CXM_END | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_survival_next(cxm_survival_curve *curve, cxm_survival_point *out);

/** A time that a curve tells, with its limits. 48 bytes; set `size`. Versions only append. */
typedef struct cxm_survival_time {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    double at;                  /**< out: the share, or tau, that was asked for */
    double time;                /**< out: the answer; NaN when there is none */
    double se;                  /**< out: of a mean; NaN of a quantile */
    double low, high;           /**< out: limits; NaN for one that is not reached */
} cxm_survival_time;

/** Go back before the first point.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_survival_rewind(cxm_survival_curve *curve);

/** The time by which a `share`, 0 < share < 1, has left: the first with S(t) <= 1 - share. Where S is 1 - share (to 1e-12)
 *  over a flat part, its middle; the last flat part ends with the last exit. `low` and `high` are the same of the curve's
 *  lower and upper limits; where one of them rises again, its step nearest below 1 - share counts, not the first, as in R.
 *  0.5 is the median tenure. Where the curve was walked to plays no part.
 *  @return CXM_OK | CXM_E_UNDEFINED the curve ends above, `time` is NaN; limits are written | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_survival_quantile(const cxm_survival_curve *curve, double share, cxm_survival_time *out);

/** The mean tenure up to `tau`, 0 < tau <= 1e100 (restricted mean): the area below S from 0 to tau. Its variance is the
 *  sum over the events up to tau of d / (n (n - d)) times the square of the area from there to tau; limits are time +- z se,
 *  within 0..tau.
 *  @return CXM_OK | CXM_E_UNDEFINED tau lies past the last exit, and S is not 0 there: nobody knows | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_survival_mean(const cxm_survival_curve *curve, double tau, cxm_survival_time *out);

/** The mean tenure up to `tau` of `a` less that of `b`: limits difference -+ z sqrt(se_a^2 + se_b^2), within -tau..tau, and the p
 *  that inverts them. The method is CXM_COMPARE_WALD. Sides of few are told apart too often: of two samples of 10, 20 and 50 from
 *  one distribution 10, 8 and 5.5 in a hundred were, in simulation, at level 0.95; the log-rank test is below.
 *  @return CXM_OK | CXM_E_UNDEFINED one of the means is not known up to tau, or has no error to reckon with: nobody, or
 *          everybody at once, left before tau; `out` unchanged | CXM_E_ABI | CXM_E_ARG also tau or the level */
CXM_API cxm_status cxm_survival_mean_compare(const cxm_survival_curve *a, const cxm_survival_curve *b, double tau, double level,
                                             cxm_difference *out);

/* --- groups --- */

/** One group of a test. 40 bytes. */
typedef struct cxm_survival_group {
    double n;                   /**< out: customers, by weight */
    double observed;            /**< out: events, each times S(t-)^rho of all groups together */
    double expected;            /**< out: the same, if the groups did not differ */
    double variance;            /**< out: of observed - expected */
    int32_t compared;           /**< out: 1: at risk at some event, so part of the test */
    uint32_t reserved;          /**< out: zero */
} cxm_survival_group;

/** Whether groups differ. 32 bytes; set `size`. Versions only append. */
typedef struct cxm_survival_test {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t df;                /**< out: degrees of freedom: groups that are compared, less one */
    double rho;                 /**< out: as asked */
    double statistic;           /**< out: chi-square; NaN when there is none */
    double p;                   /**< out: its upper tail; NaN likewise */
} cxm_survival_test;

/** Compare the curves of `count` groups, 2..CXM_SURVIVAL_GROUPS_MAX, of histograms or records: the log-rank test at rho 0, Peto
 *  and Peto's at rho 1, in general Harrington and Fleming's of 0 <= rho <= 100. At each time the d events of all groups are
 *  expected by their shares of those at risk; weights count as customers. `each` is an array of `count`.
 *  @return CXM_OK | CXM_E_UNDEFINED no two groups were at risk together at an event that not all of them had; `each` and df are
 *          written | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_survival_compare(const cxm_survival_curve *groups, uint32_t count, double rho, cxm_survival_group *each,
                                        cxm_survival_test *out);

CXM_END_C
#endif
