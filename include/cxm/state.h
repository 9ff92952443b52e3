/* SPDX-License-Identifier: MIT */
/** @file cxm/state.h
 *  @brief The generic door: any metric behind one handle, made from a short text.
 *
 *      cxm_state_create("csat 1..5", 9, NULL, &state, NULL);
 *      cxm_state_add(state, 4.0);
 *      cxm_state_get(state, "value", 5, 0.95, &share);
 *
 *  The typed calls (nps.h, scale.h, weighted.h, label.h, sum.h, quantile.h, ticket_log.h, survival.h, customers.h, churn.h) are the
 *  real interface, this is a thin table over them for whoever binds the library to another language or to a database: one set of
 *  calls for every metric, which the library lists at run time with its parameters, its results and their meaning. Figures are those
 *  of the typed calls to the last bit, and bytes are those of the typed encodings; nothing is added to either.
 *
 *  A spec is words between blanks, the first of them the metric's name:
 *      nps [LO..HI]                                            0..10 unless told, or 1..5, 1..4
 *      csat [LO..HI] [lower] [top A..B]                        1..5 unless told
 *      ces [LO..HI] [lower] [top A..B]                         1..7 unless told
 *      scale LO..HI [lower] [top A..B] [bottom A..B] [value mean|top|net]
 *      labels [max N] [bytes N]                                64 labels apart, of at most 256 bytes
 *      sum
 *      quantile [us|ms|s|min|h|decimals N] [0.01|0.001] [range LOW..HIGH] [above T ...]     seconds within 1 % unless told
 *      tickets [zendesk|intercom|freshdesk|callcentre] [events N] [quiet N]     zendesk, 1024 a ticket, 30 days in us unless told
 *      survival [cap N]                                        times 0..36500 unless told
 *      customers [EUR|-] [digits N] [requested] [from DATE to DATE] [inactive N]      no currency, 30 days unless told
 *  The word `weighted` behind nps, csat, ces or scale makes a state whose answers carry weights (weighted.h); one that is
 *  told without a weight weighs 1. Such metrics are listed under a name of two words: "nps weighted".
 *  `lower` says that lower answers are better, `higher` that higher ones are, which is so unless told. `top` is any top
 *  boxes that cxm_scale_set_top takes; csat and ces take any scale with it, and only those of csat.h and ces.h without.
 *  A state of labels has as its value the net of the labels "positive" and "negative" (cxm_label_net). A sum
 *  keeps no account: there a NaN is a value, and a text that is no number is refused. Of quantiles range and targets are told
 *  in the unit, targets last; their value is the median. Tickets are told as events (ticket_log.h), each a text with commas or
 *  tabs between: ticket, time, event, actor, and where there are who, channel and status; a text that is no event is refused, a
 *  blank or NaN left out. Their value is the median first reply in seconds, as of the latest event. Customers of `survival` are
 *  told as texts too (survival.h): "exit,event" or "entry,exit,event", with commas or tabs, whole times in any one unit, the event as
 *  cxm_survival_event reads it; what is negative or no whole time is out of range, a line without one of its parts missing. Their
 *  value is the median tenure, which does not exist while half of them have not left.
 *  Events of `customers` are texts too (customers.h): "customer,time,event[,amount[,subscription[,end[,currency]]]]", with commas
 *  or tabs. The event is read by cxm_customer_kind_of, `trial` is a signup at 0; the amount by cxm_money_read, with the decimals
 *  of the currency or of `digits`; where a line ends before it, a subscription costs 1 minor unit, and a purchase 0. A
 *  cancellation without an end is at once, a period without one runs on; a time without zone is of UTC. A text that is no event
 *  is refused, a blank or NaN left out, an event in another currency refused and counted. Their value is the logo_endpoint of
 *  churn.h over the period, which is the 30 days before the latest event (cxm_customers_span_of) unless told; every other rate is
 *  of that one period under its own name, with NAME_low and NAME_high. With `requested` a cancellation counts when it is
 *  requested, and `profitwell` does not exist. `inactive` is told in days. Currency and digits stand in the bytes; the rest is
 *  the question. What create makes holds at most 1 GiB of events.
 *
 *  Bytes hold a state, not the question asked of it. Decoded with a spec, they must be a state of that spec; without,
 *  the first metric above whose bands on that scale are those of the bytes is taken, else `scale` with the mean as its
 *  value. So what was made as "ces 1..5", which has the bands of "csat 1..5", comes back as csat unless the spec is told.
 *  Threads  No shared state: one writer per cxm_state, const calls together, then merge; but encoding tickets sorts them, and so does
 *           every call of customers: these go with no other call.   */
#ifndef CXM_STATE_H
#define CXM_STATE_H
#include <cxm/alloc.h>
#include <cxm/column.h>
#include <cxm/compare.h>
#include <cxm/error.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** Bytes that always suffice for cxm_state_spec. */
#define CXM_STATE_SPEC_MAX 256

/** A metric that the door knows. 56 bytes on 64-bit machines; set `size`. Texts are static and end in a NUL. */
typedef struct cxm_state_metric {
    uint32_t size;          /**< in:  bytes the caller has room for */
    uint32_t kind;          /**< out: kind number of its bytes: 1 scale, 2 labels, 3 exact sum, 4 weighted answers, 5 quantiles, 6 tickets,
                                 7 tenures, 8 customers */
    int32_t mergeable;      /**< out: 1: merge is exact in any order and partition */
    int32_t removable;      /**< out: 1: remove is the inverse of add; it refuses the last of a label while others lie
                                 beyond the bound (cxm_label_remove) */
    uint32_t parameters;    /**< out: how many cxm_state_describe_parameter knows */
    uint32_t results;       /**< out: how many cxm_state_describe_result knows */
    const char *name;       /**< out: how its canonical spec begins: one word, or two */
    const char *definition; /**< out: one sentence */
    const char *grammar;    /**< out: its spec, parts that may be left out in brackets */
    const char *unit;       /**< out: of its value */
} cxm_state_metric;

/** A parameter or a result of a metric. 32 bytes on 64-bit machines; set `size`. Texts are static and end in a NUL. */
typedef struct cxm_state_field {
    uint32_t size;          /**< in:  bytes the caller has room for */
    uint32_t reserved;      /**< out: zero */
    const char *name;       /**< out: "top A..B"; "value"; "count:POINT", where POINT is to be filled in */
    const char *unit;       /**< out: of a result; of a parameter what holds when it is left out */
    const char *meaning;    /**< out: a few words */
} cxm_state_field;

typedef struct cxm_state cxm_state;

/** Make an empty state; `alloc` may be NULL, and so may `error`, which tells the offending byte of the spec and why.
 *  @return CXM_OK | CXM_E_FORMAT no such spec | CXM_E_SCALE a scale that the metric does not know | CXM_E_MEMORY |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_state_create(const char *spec, size_t len, const cxm_alloc *alloc, cxm_state **out,
                                    cxm_error *error);

/** Take back a state; NULL is fine. */
CXM_API void cxm_state_free(cxm_state *state);

/** The spec in its one canonical spelling, which makes the same state again: the scale always, the rest where it differs
 *  from what holds unless told. Writes no NUL; `*len` is what it needs.
 *  @return CXM_OK | CXM_E_LIMIT `cap` < `*len`, nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_state_spec(const cxm_state *state, char *out, size_t cap, size_t *len);

/** One English sentence that defines the value of this state and its interval at `level` (0: 0.95); as above.
 *  @return CXM_OK | CXM_E_LIMIT | CXM_E_ARG */
CXM_API cxm_status cxm_state_definition(const cxm_state *state, double level, char *out, size_t cap, size_t *len);

/** Count one answer; NaN is a missing one. Labels, tickets, tenures and customers take no number, but NaN. Where answers carry weights, of weight 1.
 *  @return CXM_OK | CXM_E_DOMAIN counted as out of range | CXM_E_OVERFLOW a counter is full, unchanged |
 *          CXM_E_METHOD a number, of labels, tickets, tenures or customers; unchanged | CXM_E_MEMORY unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_state_add(cxm_state *state, double value);

/** Count one answer as it stands in a cell of a file: blank, NA, N/A, null, None, NaN and - in any case are missing; then a
 *  number or a labelled answer (cxm_text_answer, decimal point), or, of labels, the text without the blanks around it.
 *  @return CXM_OK | CXM_E_DOMAIN counted as out of range | CXM_E_FORMAT counted as unparsed; of a sum, of tickets, tenures and customers
 *          unchanged | CXM_E_MISMATCH of customers another currency, counted as foreign | CXM_E_OVERFLOW | CXM_E_LIMIT of tickets and
 *          customers, no room | CXM_E_MEMORY; unchanged on each of these | CXM_E_ARG */
CXM_API cxm_status cxm_state_add_text(cxm_state *state, const char *text, size_t len);

/** Count a column; what does not exist is missing, of a sum left out.
 *  @return CXM_OK, also when some were out of range | CXM_E_OVERFLOW unchanged | CXM_E_METHOD labels, tickets, tenures and customers: add them as texts |
 *          CXM_E_MEMORY unchanged | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_state_add_many(cxm_state *state, const cxm_column *column);

/** The exact inverse of cxm_state_add.
 *  @return CXM_OK | CXM_E_DOMAIN taken from out of range | CXM_E_UNDERFLOW none there, unchanged | CXM_E_METHOD also a
 *          number of labels, tickets, tenures or customers | CXM_E_MEMORY unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_state_remove(cxm_state *state, double value);

/** The exact inverse of cxm_state_add_text.
 *  @return CXM_OK | CXM_E_DOMAIN taken from out of range | CXM_E_FORMAT taken from unparsed; of a sum and of tenures unchanged |
 *          CXM_E_METHOD any event, of tickets or customers, unchanged |
 *          CXM_E_UNDERFLOW none there, unchanged | CXM_E_UNDEFINED as cxm_label_remove, unchanged |
 *          CXM_E_MEMORY unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_state_remove_text(cxm_state *state, const char *text, size_t len);

/** Count one answer that carries a weight: 0, or 2^-200..2^200; any other is refused, and counted as that alone. NaN is a
 *  missing answer. This and the next four are of a spec with `weighted`; any other state takes no weight.
 *  @return CXM_OK | CXM_E_DOMAIN counted as refused, or as out of range | CXM_E_OVERFLOW 2^64 - 1 rows, unchanged |
 *          CXM_E_MEMORY unchanged | CXM_E_METHOD a spec without `weighted`, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_state_add_weighted(cxm_state *state, double value, double weight);

/** The same of a cell of a file, read as cxm_state_add_text reads it.
 *  @return CXM_OK | CXM_E_DOMAIN counted as refused, or as out of range | CXM_E_FORMAT counted as unparsed |
 *          CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_METHOD; unchanged on each of these | CXM_E_ARG */
CXM_API cxm_status cxm_state_add_text_weighted(cxm_state *state, const char *text, size_t len, double weight);

/** Count two columns of one length: what does not exist is a missing answer, or a weight that is refused.
 *  @return CXM_OK, also when some were refused or out of range | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_METHOD | CXM_E_ABI |
 *          CXM_E_ARG also for two lengths; unchanged on each but CXM_OK */
CXM_API cxm_status cxm_state_add_many_weighted(cxm_state *state, const cxm_column *column, const cxm_column *weights);

/** The exact inverse of cxm_state_add_weighted.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused, or from out of range | CXM_E_UNDERFLOW not there (cxm_weighted_remove),
 *          unchanged | CXM_E_MEMORY unchanged | CXM_E_METHOD | CXM_E_ARG */
CXM_API cxm_status cxm_state_remove_weighted(cxm_state *state, double value, double weight);

/** The exact inverse of cxm_state_add_text_weighted.
 *  @return CXM_OK | CXM_E_DOMAIN taken from refused, or from out of range | CXM_E_FORMAT taken from unparsed |
 *          CXM_E_UNDERFLOW not there, unchanged | CXM_E_MEMORY unchanged | CXM_E_METHOD | CXM_E_ARG */
CXM_API cxm_status cxm_state_remove_text_weighted(cxm_state *state, const char *text, size_t len, double weight);

/** Add all that `from` holds to `into`; they may be the same object. What must agree is what stands in the bytes: kind,
 *  scale and bands, bounds of labels, or currency and digits; so weighted and plain answers do not mix. `into` keeps its own question.
 *  @return CXM_OK | CXM_E_MISMATCH | CXM_E_OVERFLOW | CXM_E_LIMIT of tickets and customers, no room | CXM_E_MEMORY | CXM_E_ARG; unchanged
 *          on each */
CXM_API cxm_status cxm_state_merge(cxm_state *into, const cxm_state *from);

/** Write the state as canonical bytes: those of cxm_scale_encode, cxm_weighted_encode, cxm_label_encode,
 *  cxm_sum_encode, cxm_quantile_encode, cxm_ticket_log_encode, cxm_survival_encode or cxm_customers_encode.
 *  @return CXM_OK | CXM_E_LIMIT `cap` < `*len`, nothing written | CXM_E_UNDEFINED, CXM_E_OVERFLOW as cxm_quantile_encode, and
 *          CXM_E_UNDEFINED as cxm_survival_encode |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_state_encode(const cxm_state *state, void *out, size_t cap, size_t *len);

/** Make a state from its bytes; they are not trusted. `spec` names the metric, NULL with 0 lets it be recognised. The state
 *  takes at most `max_bytes` (0: no bound but the allocator's), checked before anything is allocated.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of a state; or no such spec | CXM_E_SCALE likewise of the spec |
 *          CXM_E_VERSION | CXM_E_MISMATCH a state of another spec | CXM_E_LIMIT past max_bytes | CXM_E_MEMORY |
 *          CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_state_decode(const void *bytes, size_t len, const char *spec, size_t spec_len, size_t max_bytes,
                                    const cxm_alloc *alloc, cxm_state **out);

/** One result by its name (cxm_state_describe_result), with limits at `level` (0: 0.95). A count past 2^53 is rounded.
 *  @return CXM_OK, never with NaN | CXM_E_EMPTY no answers | CXM_E_UNDEFINED the data do not hold it | CXM_E_LIMIT more
 *          answers than its method takes; of customers no room to lay one out | CXM_E_DOMAIN a point that is not on the scale, a label
 *          longer than the bound | CXM_E_OVERFLOW n past UINT64_MAX; of customers as cxm_churn_add | CXM_E_MEMORY of tickets and customers |
 *          CXM_E_ARG NULL, no such name, or the level */
CXM_API cxm_status cxm_state_get(const cxm_state *state, const char *name, size_t len, double level, double *out);

/** One count by its name, exactly: "n", "missing", whatever is counted one by one but for "count:KEY".
 *  @return CXM_OK | CXM_E_OVERFLOW n past UINT64_MAX; of customers as cxm_churn_add | CXM_E_LIMIT, CXM_E_MEMORY as cxm_state_get |
 *          CXM_E_ARG NULL, or no such count */
CXM_API cxm_status cxm_state_get_count(const cxm_state *state, const char *name, size_t len, uint64_t *out);

/** All results as one JSON object: keys and numbers as in `results` of the command line's `score --json`, with an empty
 *  segment and no window; of customers those of `churn --json`. Writes no NUL; `*len` is what it needs.
 *  @return CXM_OK | CXM_E_LIMIT `cap` < `*len`, nothing written; of customers also as cxm_state_get | CXM_E_OVERFLOW | CXM_E_MEMORY of
 *          tickets and customers | CXM_E_ARG */
CXM_API cxm_status cxm_state_json(const cxm_state *state, double level, char *out, size_t cap, size_t *len);

/** The value of `a` less that of `b`, in its own unit, with limits at `level` (0: 0.95) and p; `method` is a CXM_COMPARE_*,
 *  DEFAULT what fits the value, which is the one asked of `a`. Weighted answers take DESIGN_T alone: two independent samples,
 *  each a stratum of cxm_design_compare.
 *  @return CXM_OK | CXM_E_MISMATCH as cxm_state_merge | CXM_E_EMPTY a state without answers | CXM_E_UNDEFINED, CXM_E_LIMIT
 *          as the comparison says (compare.h) | CXM_E_METHOD not one for this value; or labels, sums, tickets, tenures, customers |
 *          CXM_E_OVERFLOW | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_state_compare(const cxm_state *a, const cxm_state *b, int32_t method, double level,
                                     cxm_difference *out);

/** The same by the default method as one JSON object: difference, interval, se, statistic, df, p, a verdict in a few words (a
 *  difference is proven when p < 1 - level) and both results; what the answers do not hold is null, and `why` says why.
 *  @return CXM_OK | CXM_E_LIMIT `cap` < `*len`, nothing written | CXM_E_MISMATCH | CXM_E_METHOD labels, sums, tickets, tenures,
 *          customers | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_state_compare_json(const cxm_state *a, const cxm_state *b, double level, char *out, size_t cap,
                                          size_t *len);

/** Metric number `i`, from 0. @return CXM_OK | CXM_END there are no more | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_state_describe(uint32_t i, cxm_state_metric *out);

/** Parameter `j` of metric `i`. @return CXM_OK | CXM_END | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_state_describe_parameter(uint32_t i, uint32_t j, cxm_state_field *out);

/** Result `j` of metric `i`. @return CXM_OK | CXM_END | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_state_describe_result(uint32_t i, uint32_t j, cxm_state_field *out);

CXM_END_C
#endif
