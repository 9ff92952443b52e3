/* SPDX-License-Identifier: MIT */
/* state_table.h - what stands behind state.h: a row a metric, and the calls of each kind of state.
 *
 * Few kinds of state serve many metrics, so a row is a name, a way to read and to write its spec and lists of words, and
 * points to the calls of its kind. A new metric over a known kind is one row in state_table.c; a new kind brings a file of
 * its calls beside state_scale.c. Calls are given what state.c has checked: no NULL but where it means nothing. */
#ifndef CXM_STREAM_STATE_TABLE_H
#define CXM_STREAM_STATE_TABLE_H
#include <cxm/churn.h>
#include <cxm/customers.h>
#include <cxm/label.h>
#include <cxm/quantile.h>
#include <cxm/scale.h>
#include <cxm/state.h>
#include <cxm/sum.h>
#include <cxm/survival.h>
#include <cxm/ticket_log.h>
#include <cxm/weighted.h>
#include <stdbool.h>
#include "base/codec.h"
#include "base/writer.h"

/* What is asked of customers. */
typedef struct state_customers_spec {
    uint16_t currency, digits;
    int32_t inactive_days;
    int64_t from_us, to_us;     /* both 0: not told */
    bool requested;
} state_customers_spec;

/* What a spec says; zero where it is another metric's. */
typedef struct state_spec {
    uint32_t row;               /* of state_rows */
    cxm_scale_spec scale;
    cxm_scale_ask ask;          /* level 0 */
    cxm_label_options label;    /* complete */
    cxm_quantile_spec quantile; /* complete */
    cxm_ticket_log_options tickets;     /* complete */
    int32_t preset;             /* of tickets */
    int64_t cap;                /* of tenures */
    state_customers_spec customers;
} state_spec;

/* Only as many bytes as the kind says are stored of it. */
typedef union state_memory {
    cxm_scale scale;
    cxm_label *label;
    cxm_sum sum;
    cxm_weighted *weighted;
    cxm_quantile *quantile;
    cxm_ticket_log *tickets;
    cxm_survival *survival;
    cxm_customers *customers;
} state_memory;

struct cxm_state {
    cxm_alloc hook;
    size_t bytes;               /* of this block */
    state_spec spec;
    state_memory is;
};

/* Words of a spec one after the other; `why` is the first fault, `at` its place. */
typedef struct state_words {
    const char *text;
    size_t len, at, next;       /* the word's first byte; where to go on */
    const char *why;
} state_words;

/* The next word, of length 0 at the end. */
size_t state_word(state_words *words, const char **out);

/* Keeps a fault; returns `status`. */
cxm_status state_fault(state_words *words, cxm_status status, const char *why);
bool state_word_is(const char *word, size_t len, const char *name);

/* --- results --- */

/* When a result exists; each has one status for all. */
enum state_sort {
    STATE_COUNT,        /* uint64_t, always */
    STATE_NUMBER,       /* doubles: with any answer; */
    STATE_SPREAD,       /* ... the sample standard deviation, of weighted answers their design effect; */
    STATE_EFFECT,       /* ... a design effect without replacement; */
    STATE_ERROR,        /* ... the standard error; */
    STATE_LIMIT,        /* ... limits; */
    STATE_TOTAL,        /* ... always */
    STATE_SORTS,
    STATE_KEYED = STATE_SORTS   /* asked one at a time: "count:9" */
};

/* What a keyed result is asked for, by what stands before its key. */
enum state_key { STATE_KEY_COUNT, STATE_KEY_SHARE, STATE_KEY_QUANTILE, STATE_KEY_LOW, STATE_KEY_HIGH, STATE_KEY_WITHIN,
                 STATE_KEY_SURVIVAL, STATE_KEY_MEAN, STATE_KEYS };
typedef struct state_question { enum state_key of; const char *key; size_t len; double level; } state_question;


typedef struct state_labels_sum { cxm_label_summary all; cxm_label_net_summary net; } state_labels_sum;
typedef struct state_weighted_sum {
    cxm_weighted_summary all;
    uint64_t top, middle, bottom;
    double rescaled;
} state_weighted_sum;
typedef struct state_quantile_sum { cxm_quantile_summary all; cxm_interval limits; uint64_t out_of_range; } state_quantile_sum;
typedef struct state_sum_sum { uint64_t n, plus_inf, minus_inf, nan; double value, mean; } state_sum_sum;

typedef struct state_clock_sum { uint64_t n, never, open; double median, low, high, mean; cxm_status status; } state_clock_sum;
typedef struct state_ticket_sum {
    state_clock_sum clocks[CXM_TICKET_NEXT_REPLY + 1];
    cxm_ticket_rates rates;
    cxm_service_share shares[CXM_TICKET_RATES];
    double replies_per_solve;
    uint64_t open, events, surplus, uncreated;
} state_ticket_sum;

typedef struct state_survival_sum { cxm_survival_account account; cxm_survival_time median, mean; double last; } state_survival_sum;

/* By CXM_CHURN_*; without a period nothing is there. */
typedef struct state_customers_sum {
    cxm_churn_counts counts;
    cxm_churn_rate rates[CXM_CHURN_MRR_GROWTH + 1];
    cxm_status status[CXM_CHURN_MRR_GROWTH + 1];
    int64_t from_us, to_us;
    uint64_t received, foreign, events, surplus;
    bool any;
} state_customers_sum;

/* All results of one state at one level. */
typedef struct state_figures {
    cxm_status exists[STATE_SORTS];
    double median;
    union {
        cxm_scale_summary scale;
        state_labels_sum labels;
        state_sum_sum sum;
        state_weighted_sum weighted;
        state_quantile_sum quantile;
        state_ticket_sum tickets;
        state_survival_sum survival;
        state_customers_sum customers;
    } of;
} state_figures;

typedef struct state_result {
    const char *name, *unit, *meaning;      /* unit NULL: that of the metric's value */
    size_t offset;                          /* in state_figures */
    enum state_sort sort;
} state_result;

typedef struct state_parameter { const char *name, *unless, *meaning; } state_parameter;

/* --- one kind of state --- */
typedef struct state_calls {
    uint16_t kind;
    size_t (*bytes)(const state_spec *spec);            /* of state_memory */
    cxm_status (*start)(cxm_state *state);              /* the memory is zero */
    void (*release)(cxm_state *state);                  /* also of one whose start or decode failed */
    cxm_status (*add)(cxm_state *state, double value);
    cxm_status (*add_text)(cxm_state *state, const char *text, size_t len);
    cxm_status (*add_many)(cxm_state *state, const cxm_column *column);
    cxm_status (*remove)(cxm_state *state, double value);
    cxm_status (*remove_text)(cxm_state *state, const char *text, size_t len);
    /* with a weight; NULL: there are none */
    cxm_status (*add_weighted)(cxm_state *state, double value, double weight);
    cxm_status (*add_text_weighted)(cxm_state *state, const char *text, size_t len, double weight);
    cxm_status (*add_many_weighted)(cxm_state *state, const cxm_column *column, const cxm_column *weights);
    cxm_status (*remove_weighted)(cxm_state *state, double value, double weight);
    cxm_status (*remove_text_weighted)(cxm_state *state, const char *text, size_t len, double weight);
    cxm_status (*merge)(cxm_state *into, const cxm_state *from);
    cxm_status (*encode)(const cxm_state *state, void *out, size_t cap, size_t *len);
    bool (*spec_of)(const codec_frame *frame, state_spec *out);     /* what stands in the bytes */
    bool (*agrees)(const state_spec *a, const state_spec *b);       /* in what stands in the bytes */
    cxm_status (*decode)(cxm_state *state, const void *bytes, size_t len, size_t max_bytes);
    cxm_status (*figures)(const cxm_state *state, double level, state_figures *out);    /* an empty state is CXM_OK */
    cxm_status (*keyed)(const cxm_state *state, const state_question *asked, double *out);     /* CXM_E_ARG: not asked of it */
    void (*json)(const cxm_state *state, const state_figures *figures, double level, writer *w);   /* behind the metric */
    cxm_status (*definition)(const cxm_state *state, double level, writer *w);
    /* of two states that agree; NULL: nothing to compare */
    cxm_status (*compare)(const cxm_state *a, const cxm_state *b, int32_t method, double level, cxm_difference *out);
} state_calls;

extern const state_calls state_scale_calls, state_label_calls, state_sum_calls, state_weighted_calls, state_quantile_calls,
    state_ticket_calls, state_survival_calls, state_customers_calls;

/* --- one metric --- */
typedef struct state_scale_metric state_scale_metric;   /* how a metric on a scale defines itself */
typedef struct state_row state_row;
struct state_row {
    const char *name, *title, *definition, *grammar, *unit;     /* of weighted answers the name has two words */
    int32_t mergeable, removable;
    const state_calls *calls;
    const state_parameter *parameters;                  /* each list ends with a NULL name */
    const state_result *own, *common;
    cxm_status (*read)(const state_row *row, state_words *words, state_spec *out);     /* the words behind the name */
    void (*write)(const state_row *row, const state_spec *spec, writer *w);            /* likewise */
    bool (*recognise)(const state_row *row, state_spec *spec);  /* completes what spec_of found, if it is this metric's */
    const state_scale_metric *scale;                    /* NULL for what is on none */
};

extern const state_row state_rows[];
extern const uint32_t state_row_count;

static inline const state_row *state_row_of(const state_spec *spec)
{
    return &state_rows[spec->row];
}

static inline const state_calls *state_calls_of(const cxm_state *state)
{
    return state_rows[state->spec.row].calls;
}

/* Spec, parameters and recognition of quantiles; they stand with their calls. */
cxm_status state_quantile_read(const state_row *row, state_words *words, state_spec *out);
void state_quantile_write(const state_row *row, const state_spec *spec, writer *w);
bool state_quantile_recognise(const state_row *row, state_spec *spec);
extern const state_parameter state_quantile_parameters[];

/* And of tickets. */
cxm_status state_ticket_read(const state_row *row, state_words *words, state_spec *out);
void state_ticket_write(const state_row *row, const state_spec *spec, writer *w);
extern const state_parameter state_ticket_parameters[];

/* And of tenures. */
cxm_status state_survival_read(const state_row *row, state_words *words, state_spec *out);
void state_survival_write(const state_row *row, const state_spec *spec, writer *w);
extern const state_parameter state_survival_parameters[];

/* And of customers. */
cxm_status state_customers_read(const state_row *row, state_words *words, state_spec *out);
void state_customers_write(const state_row *row, const state_spec *spec, writer *w);
extern const state_parameter state_customers_parameters[];

/* The first word of a metric's name, which is its name in JSON. */
void state_put_metric(const cxm_state *state, writer *w);

/* All results, and one JSON object of them; what does not exist says so by its sort. */
cxm_status state_figures_of(const cxm_state *state, double level, state_figures *out);
void state_put_json(const cxm_state *state, const state_figures *figures, double level, writer *w);

/* Reads a whole spec; `error` may be NULL. */
cxm_status state_spec_read(const char *text, size_t len, state_spec *out, cxm_error *error);
void state_spec_write(const state_spec *spec, writer *w);

/* The spec that these bytes are of, by the metric `named` or by the first that knows it. */
cxm_status state_spec_of_bytes(const void *bytes, size_t len, const state_spec *named, state_spec *out);

/* --- lists that the files of kinds hold for their rows --- */
extern const state_result state_scale_results[], state_label_results[], state_sum_results[], state_weighted_results[],
    state_quantile_results[], state_ticket_results[], state_survival_results[], state_customers_results[];

#endif
