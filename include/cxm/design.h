/* SPDX-License-Identifier: MIT */
/** @file cxm/design.h
 *  @brief Estimates under a sample design: strata, clusters, finite populations, domains, calibration to known totals.
 *
 *  A design is a set of leaves: for each combination of stratum, cluster, levels of the calibration margins and domain
 *  that occurs, one cxm_weighted with the rows of that combination. Sums are all that is needed, so leaves can come out
 *  of a stream (cxm/engine.h with those columns as segments), from many machines, and in any order:
 *      cxm_design_create(&options, &scale, NULL, &design);
 *      for each leaf                       cxm_design_add(design, &leaf);
 *      cxm_design_close(design);
 *      cxm_design_summarize(design, &ask, &summary);       cxm_design_compare(design, &ask, 1, 2, &contrast);
 *  With u = w (x - m) / W for an answer in the domain and 0 for every other row of the design:
 *      variance = sum over strata h of (1 - f_h) n_h / (n_h - 1) sum over clusters c of (U_hc - mean U_h)^2
 *  U_hc is the sum of u over a cluster, n_h the clusters of the stratum in the design, f_h what part of the
 *  population they are. Without clusters each row is one. df = clusters - strata, of those with rows in the domain.
 *  Answers of one person that were not deduped: the key is the cluster, and there are no strata.
 *
 *  Calibration  Factors of the weights that make the sums of weights equal to known totals: of each level of one margin
 *               (post-stratification) or of several in turn until all agree (raking). The variance is then built on what
 *               the margins leave of u / w: for one margin less its weighted mean in each level, for several
 *               less the mean of rows in each level of each margin in turn, ten rounds, as R's survey package does.
 *  Order        Leaves are sorted by bytes, equal ones merged exactly, and sums of doubles run in that order: the order
 *               of adding changes nothing.
 *  Source   D. A. Binder, International Statistical Review 51, 1983; W. G. Cochran, "Sampling Techniques", 3rd ed.,
 *           1977; W. E. Deming and F. F. Stephan, Annals of Mathematical Statistics 11(4), 1940 (raking);
 *           T. Lumley, "Complex Surveys", 2010 (the conventions of R's survey package).
 *  Threads  One writer a design; const calls together.   */
#ifndef CXM_DESIGN_H
#define CXM_DESIGN_H
#include <cxm/alloc.h>
#include <cxm/status.h>
#include <cxm/weighted.h>
CXM_BEGIN_C

/** Borrowed bytes, UTF-8 by convention; `text` may be NULL when len = 0. */
typedef struct cxm_design_text {
    const char *text;
    size_t len;
} cxm_design_text;

/** The largest number of calibration margins. */
#define CXM_DESIGN_MARGINS_MAX 8

/** How the size of a stratum's population is given. */
enum cxm_population {
    CXM_POPULATION_ROWS = 1,        /**< rows: f = rows sampled / size */
    CXM_POPULATION_CLUSTERS = 2,    /**< clusters, without clusters rows: f = those sampled / size */
    CXM_POPULATION_FRACTION = 3     /**< the part sampled itself: f = size */
};

/** How a design is kept. 24 bytes; set `size`. */
typedef struct cxm_design_options {
    uint32_t size;          /**< sizeof(cxm_design_options) */
    uint32_t margins;       /**< calibration margins, 0..8 */
    int32_t clustered;      /**< 1: leaves name clusters; 0: each row is one */
    uint32_t reserved;      /**< zero */
    uint64_t max_bytes;     /**< bound of leaves, strata and levels; 0: 256 MiB. To calibrate, and to sum up what is
                                 calibrated, takes 16 bytes a leaf and 24 a level beside it, for as long as the call */
} cxm_design_options;

/** One leaf. Everything is borrowed and copied. Set `size`. */
typedef struct cxm_design_leaf {
    uint32_t size;                  /**< sizeof(cxm_design_leaf) */
    uint32_t domain;                /**< 1, 2, ...: the caller's number of the domain these rows are in; 0: none */
    cxm_design_text stratum;               /**< empty where there are no strata */
    cxm_design_text cluster;               /**< read where the design is clustered. A name counts within its stratum */
    const cxm_design_text *levels;         /**< [margins]: the rows' level in each */
    const cxm_weighted *state;      /**< the rows */
} cxm_design_leaf;

/** When calibration stops. 24 bytes; set `size`. */
typedef struct cxm_calibrate_ask {
    uint32_t size;          /**< sizeof(cxm_calibrate_ask) */
    uint32_t max_rounds;    /**< over all margins; 0: 200 */
    double tolerance;       /**< largest relative error of a total; 0: 1e-10 */
    uint64_t reserved;      /**< zero */
} cxm_calibrate_ask;

/** How it went. Set `size`. */
typedef struct cxm_calibrate_report {
    uint32_t size;          /**< in:  bytes the caller has room for */
    int32_t converged;      /**< out: 1 when max_error came down to the tolerance */
    uint32_t rounds;        /**< out: rounds made */
    uint32_t margin;        /**< out: margin with the largest error, or the one an error is about */
    double max_error;       /**< out: largest |sum / total - 1| of a level; of a total of 0 the sum itself */
    cxm_design_text level;         /**< out: its level, empty without an error; lives as long as the design */
} cxm_calibrate_report;

/** Two domains under one design. 80 bytes; set `size`. */
typedef struct cxm_design_contrast {
    uint32_t size;          /**< in:  bytes the caller has room for */
    int32_t value_kind;     /**< out: CXM_VALUE_* */
    double difference;      /**< out: that of the first less that of the second; a net times net_unit */
    double se;              /**< out: its standard error, with what the two have in common; NaN where se_status says so */
    double statistic;       /**< out: difference / se; NaN where p_status says so */
    double df;              /**< out: clusters less strata that hold answers of the two, less 1 */
    double p;               /**< out: two-sided, by t on df; NaN where p_status says so */
    double level;           /**< out: of the interval */
    double low, high;       /**< out: difference -+ t se; NaN where p_status says so */
    cxm_status se_status;   /**< out: CXM_OK, or CXM_E_UNDEFINED: a lonely stratum */
    cxm_status p_status;    /**< out: CXM_OK, or CXM_E_UNDEFINED: no standard error, one of 0, or no df */
} cxm_design_contrast;

typedef struct cxm_design cxm_design;

/** Make an empty design for states of one scale; `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_design_create(const cxm_design_options *options, const cxm_scale_spec *scale,
                                     const cxm_alloc *alloc, cxm_design **out);

/** Take back a design; NULL is fine. */
CXM_API void cxm_design_free(cxm_design *design);

/** Take in one leaf. One that was there already is merged with it at the next close; calibration begins anew.
 *  @return CXM_OK | CXM_E_MISMATCH another scale | CXM_E_LIMIT past max_bytes | CXM_E_MEMORY | CXM_E_ABI | CXM_E_ARG;
 *          unchanged on each */
CXM_API cxm_status cxm_design_add(cxm_design *design, const cxm_design_leaf *leaf);

/** Say how large the population of a stratum is, above 0; said again, the last counts. A stratum never named has an
 *  infinite one.
 *  @return CXM_OK | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG also for a fraction above 1 */
CXM_API cxm_status cxm_design_set_population(cxm_design *design, cxm_design_text stratum, int32_t kind, double size);

/** Say what the weights of one level of a margin are to sum to, 0 or 1e-100..1e100; said again, the last counts.
 *  @return CXM_OK | CXM_E_LIMIT | CXM_E_MEMORY | CXM_E_ARG */
CXM_API cxm_status cxm_design_set_target(cxm_design *design, uint32_t margin, cxm_design_text level, double total);

/** Sort the leaves and merge equal ones; nothing can be asked before. Leaves may be added afterwards, and it is closed
 *  again.
 *  @return CXM_OK | CXM_E_OVERFLOW 2^64 rows and more in all | CXM_E_LIMIT | CXM_E_MEMORY call it again | CXM_E_ARG */
CXM_API cxm_status cxm_design_close(cxm_design *design);

/** Find the factors of the weights; `ask` NULL for its defaults. One margin takes one round. Not to converge is no
 *  error: the report says so, and the factors are those of the last round.
 *  @return CXM_OK | CXM_E_EMPTY a level with a positive total has no weight in the sample: the report names it |
 *          CXM_E_MISMATCH a level of a leaf has no total: the report names it | CXM_E_MEMORY | CXM_E_ABI |
 *          CXM_E_ARG also when not closed or without margins; on each all factors are 1 */
CXM_API cxm_status cxm_design_calibrate(cxm_design *design, const cxm_calibrate_ask *ask, cxm_calibrate_report *out);

/** The factor that calibration gave weights in these levels, one a margin.
 *  @return CXM_OK | CXM_E_EMPTY no such level | CXM_E_ARG also before calibration */
CXM_API cxm_status cxm_design_factor(const cxm_design *design, const cxm_design_text *levels, double *factor);

/** Summarize the domain that is asked about; `ask` NULL asks for the mean of all. Without answers only the account,
 *  rows and n are written.
 *  @return CXM_OK | CXM_E_EMPTY no answer with a weight | CXM_E_DOMAIN a population smaller than its sample |
 *          CXM_E_METHOD | CXM_E_MEMORY | CXM_E_ABI | CXM_E_ARG also when not closed */
CXM_API cxm_status cxm_design_summarize(const cxm_design *design, const cxm_weighted_ask *ask,
                                        cxm_weighted_summary *out);

/** Compare two domains, each at least 1; ask.domain, ask.method and ask.df_answers are not read.
 *  @return CXM_OK | CXM_E_EMPTY one of them has no answer with a weight | CXM_E_DOMAIN | CXM_E_MEMORY | CXM_E_ABI |
 *          CXM_E_ARG also when not closed, or for one domain twice */
CXM_API cxm_status cxm_design_compare(const cxm_design *design, const cxm_weighted_ask *ask, uint32_t first,
                                      uint32_t second, cxm_design_contrast *out);

/** The next stratum with one cluster (or row), by bytes; `*next` begins at 0 and is moved on.
 *  @return CXM_OK | CXM_END | CXM_E_ABI | CXM_E_ARG also when not closed */
CXM_API cxm_status cxm_design_lonely(const cxm_design *design, const cxm_weighted_ask *ask, uint64_t *next,
                                     cxm_design_text *stratum);

CXM_END_C
#endif
