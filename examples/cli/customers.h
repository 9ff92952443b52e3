/* SPDX-License-Identifier: MIT */
/* customers.h - a file of customers, as churn and cohort read it: events or periods of subscriptions, or purchases.
 *
 * customers.c makes the state of customers from rows, and knows which segment each of them is in; who counts what of them walks
 * it. A segment is that of a customer's first row, by time, that tells any.                                  */
#ifndef CXM_CLI_CUSTOMERS_H
#define CXM_CLI_CUSTOMERS_H
#include "cli.h"

/* What columns tell of customers. */
enum role { OF_CUSTOMER, OF_EVENT, OF_TIME, OF_START, OF_END, OF_AMOUNT, OF_CURRENCY, OF_PART, ROLES };

/* Of one row: whose it is, when, and its segments, by number. */
typedef struct membership { uint64_t customer; int64_t at_us; uint32_t segment, blank; } membership;

/* The values of the segment columns that some row has. */
typedef struct segment_values { cxm_view values[CXM_ENGINE_SEGMENTS_MAX]; char *bytes; } segment_values;

typedef struct crowd {
    score_run run;              /* options, input and account; what it has of scores stays empty */
    cxm_customers *customers;
    int column[ROLES];          /* NO_COLUMN where a role has none */
    uint16_t currency;
    int32_t digits;
    bool has_amounts;           /* a column tells them, or a state */
    bool has_subscriptions, has_purchases, any;
    int64_t first_us, latest_us;        /* of all rows; ends of periods too */
    uint64_t *hashes;           /* of the events of all rows that count: equal ones are duplicates */
    size_t hash_count, hash_room;
    struct waiting_event *waiting;      /* rows without an amount, before any tells a currency */
    size_t waiting_count, waiting_room;
    membership *rows;           /* once settled, one a customer, by code */
    size_t row_count, row_room;
    segment_values *segments;   /* once settled, by bytes */
    uint32_t segment_count;
    uint32_t *slots, slot_count;        /* of segments, by hash */
} crowd;

/* Opens and reads a file, the first (0) or the second of two, rows or a state; exit code. */
int crowd_read(crowd *c, const options *opt, int file);
/* The same in steps, where a file may be something else: before it is opened; whether its columns tell of customers; its rows, or what is in a state. */
void crowd_begin(crowd *c, const options *opt, source *in, const char *file);
bool crowd_fits(const crowd *c);
int crowd_rows(crowd *c);
void crowd_end(crowd *c);           /* closes the input, too */
/* --- customers_state.c --- */
int crowd_load(crowd *c, uint64_t seed);        /* the state that was opened in place of rows; exit code */
int crowd_write(crowd *c);                      /* --state-out; exit code */
bool is_customers_state(const source *in);
int customers_inspect(const source *in, const char *file, const options *opt, sink *out);
int customers_merge(const options *opt, const source *in, uint64_t seed);    /* all of them states; exit code */
/* --- tables_state.c: tables of cxm/cbs.h --- */
bool is_tables_state(const source *in);
int tables_inspect(const source *in, const char *file, const options *opt, sink *out);

/* The number of a customer's segment. */
uint32_t crowd_segment(const crowd *c, uint64_t customer);
/* The next customer; false at the end, or, with `*code` not EXIT_FINE, after saying why. */
bool crowd_next(crowd *c, uint64_t *cursor, cxm_customer_item *item, int *code);
/* Result `slot` of a segment and window; the total where `segment` is UINT32_MAX. */
cxm_engine_result crowd_slot(const crowd *c, uint32_t segment, int64_t from_us, int64_t to_us, bool complete);
const char *crowd_currency(const crowd *c, char out[4]);    /* "EUR"; "" where none was told */
/* "12,345.00" of minor units, with a sign where asked. */
void crowd_money(const crowd *c, double minor, bool sign, char out[64]);
/* "customer = id, event = type (...)", for the first line. */
void crowd_print_columns(const void *c, sink *out);
void crowd_json_input(const crowd *c, sink *out);

#endif
