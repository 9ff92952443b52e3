/* SPDX-License-Identifier: MIT */
/* cli.h - what the rooms of the command line share.
 *
 *   main     argv[1] -> command                     options  argv -> struct options
 *   source   file -> rows                           columns  header and --map -> positions
 *   pass     rows -> engine, crew by threads        score    engine -> results; labels  the same for words
 *   times    cells of a row -> durations            response the same for durations, by metric
 *   desk     rows of events -> tickets -> durations and rates
 *   customers rows of subscriptions and purchases -> customers              churn    customers -> rates of a period; churn_print
 *   cohort   customers -> triangles, cohort_print, cohort_screen triangles -> JSON, CSV, text
 *   survival customers -> curves, survival_read rows -> customers, survival_print, survival_screen curves -> JSON, CSV, text
 *   pairs    differences: what compare does alike for scores (compare), rates of churn (churn_compare) and tenures (survival_compare)
 *   waits    rows that have not ended -> how long they have run            promise  targets by row -> by how much they were missed
 *   inspect  rows -> what each column holds
 *   screen, json, table   results -> text, JSON, CSV; of durations response_print    sink   bytes -> stdout or a whole file
 * Data goes to stdout, talk to stderr. Public headers of the library only.             */
#ifndef CXM_CLI_H
#define CXM_CLI_H
#include <cxm/cxm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_code { EXIT_FINE = 0, EXIT_IO = 1, EXIT_USAGE = 2, EXIT_INPUT = 3, EXIT_LIMIT = 4, EXIT_DIFFERENT = 10 };

enum {
    MAX_MAPS = 32,
    MAX_MISSING = 64,
    MAX_FILES = 64,
    MAX_THREADS = 64,
    MAX_WORDS = 16,         /* on either side of a net */
    MAX_QUANTILES = 16,
    MAX_TARGETS = 32,       /* values with one each */
    MAX_WITH = 8,           /* further files */
    MAX_DEFINITIONS = 32,   /* named rates of churn */
    MAX_PROMISE = 512,      /* bytes of what is told of them */
    MAX_SPANS = 16,         /* durations that a row or a ticket can tell: eight by two clocks */
    MAX_SAMPLES = 3,        /* offending texts shown */
    SAMPLE_BYTES = 40
};

enum output { OUTPUT_SCREEN, OUTPUT_PLAIN, OUTPUT_JSON, OUTPUT_CSV };
enum metric { METRIC_NONE, METRIC_NPS, METRIC_CSAT, METRIC_CES, METRIC_SCALE, METRIC_LABELS, METRIC_RESPONSE, METRIC_CUSTOMERS, METRIC_SURVIVAL };
enum color { COLOR_AUTO, COLOR_NEVER, COLOR_ALWAYS };

/* A text option that names a column for a field: --map field=column. */
typedef struct mapping { const char *field; size_t field_len; const char *column; } mapping;

/* A target by the value of a column. */
typedef struct value_target { cxm_view value; int64_t us; } value_target;

/* The longest, in microseconds: 36,525 days, as far as durations are counted. */
#define TARGET_MOST_US INT64_C(3155760000000000)

/* All that argv says, checked; texts point into argv. */
typedef struct options {
    const char *command;
    const char *files[MAX_FILES];
    int file_count;
    enum metric metric;
    mapping maps[MAX_MAPS];
    int map_count;
    const char *by[CXM_ENGINE_SEGMENTS_MAX];
    int by_count;
    cxm_view missing[MAX_MISSING];
    int missing_count;
    const char *weight, *strata, *cluster, *fpc, *targets;      /* columns of a survey's design, and a file */
    int design_columns;                                         /* of `by`, the last ones: no segments that are shown */
    const char *customers;                                      /* compare by key: a file of who moved where */
    const char *within;                                         /* compare: the column whose mix is to be the same */
    int64_t at_us;
    double detect, margin, power;
    uint64_t population;
    int32_t compare_method;                                     /* CXM_COMPARE_*, 0 = what fits */
    bool has_at, has_detect, has_margin, has_population, has_power, exit_10;
    bool has_scale, has_top, has_window, has_since, has_until, strict, quiet, verbose;
    int32_t scale_lo, scale_hi, top_from, top_to, direction;    /* direction 0 = not told */
    int32_t value, method;                                      /* 0 = the metric's own */
    double level, max_unparsed;                                 /* 0..1 each */
    const char *every;
    int threads;                                                /* 1 unless told */
    cxm_window_spec window;
    int32_t zone_s;
    const char *zone_text;
    int64_t since_us, until_us;
    const char *counts[2];
    int counts_count;
    int32_t delimiter;                                          /* 0 = detect */
    enum output output;
    enum color color;
    const char *out_file, *state_out, *key;
    int32_t dedupe;                                             /* CXM_DEDUPE_* */
    bool has_dedupe;
    const char *positive[MAX_WORDS], *negative[MAX_WORDS];      /* the words of a net of labels */
    int positive_count, negative_count;
    const char *calendar, *zone_folder;                         /* files */
    bool checks, has_between, has_due;                          /* calendar: what is asked */
    int64_t between_us[2], due_us, due_open_us;
    const char *span;                                           /* of response times: the one asked for, by name; NULL: all */
    int32_t unit;                                               /* CXM_UNIT_* of a column of durations; 0 = seconds */
    int64_t target_us;
    const char *promise;                                        /* targets that differ by row, as told; NULL: none */
    char promise_column[MAX_PROMISE + 1];                       /* of due times, or, where there are some, of the values below */
    value_target targets_by[MAX_TARGETS];
    int target_count;
    bool has_target, has_value, compares_share;                 /* compares_share: the share within the target, not the median */
    int32_t rate;                                               /* compare of events: CXM_TICKET_RATE_* + 1; 0 = none */
    const char *preset;                                         /* of events: whose definitions; NULL = zendesk */
    int64_t short_us;                                           /* who gave up so soon has not waited; 0 = 5 s */
    uint64_t active;                                            /* customers of the desk; 0: not told */
    int64_t repeat_us;                                          /* how soon a customer who comes again does so */
    int32_t definitions[MAX_DEFINITIONS];                       /* churn: which rates, by DEFINITION_*; none: all that the input allows */
    int definition_count;
    int64_t inactive_us;                                        /* churn: without a purchase for so long; 0 = 30 days */
    const char *with[MAX_WITH];                                 /* cohort: further files of the same customers */
    int with_count;
    bool requested;                                             /* cancellations count when they are requested */
    int32_t basis, reading;                                     /* cohort: CXM_COHORT_*; 0 = what the input has */
    const char *tiers;                                          /* cohort: thresholds of spend, as told */
    uint16_t currency;                                          /* of amounts, where no column tells it; 0 = not told */
    double quantiles[MAX_QUANTILES];
    int quantile_count;                                         /* 0 = those that are always shown */
    int32_t limits;                                             /* CXM_SURVIVAL_* */
} options;

/* Fills `out` from argv behind the command. EXIT_FINE, or EXIT_USAGE after saying why. */
int options_parse(int argc, char **argv, options *out);
const char *metric_name(enum metric metric);

/* --- talk: one line on stderr, "cxm: ..." --- */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
int complain(int exit_code, const char *format, ...);       /* returns exit_code */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void remark(const options *opt, const char *format, ...);   /* silent with -q */

/* The nearest of `words` to `typed` when it is near enough to be a slip, else NULL. */
const char *nearest(const char *typed, const char *const *words, size_t count);

/* --- sink: where data goes --- */
typedef struct sink {
    int fd;
    const char *told;           /* the name as it was told */
    const char *path;           /* final name; NULL = stdout */
    char followed[4096], temporary[4096];
    bool failed;
    int error;                  /* errno of the first failure */
    size_t used;
    char buffer[16384];
} sink;

bool same_file(const char *a, const char *b);               /* both name one regular file, there or still to be */
int sink_open(sink *out, const options *opt);               /* exit code */
void sink_bytes(sink *out, const void *bytes, size_t len);
void sink_text(sink *out, const char *text);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void sink_format(sink *out, const char *format, ...);       /* at most 511 bytes; no floating point */
void sink_number(sink *out, double value);                  /* shortest; "null" for NaN */
void sink_count(sink *out, uint64_t value);                 /* plain digits */
int sink_close(sink *out);                                  /* whole file under its name, or exit code 1 */
void sink_discard(sink *out);                               /* nothing under the final name */

/* --- source: a file as rows --- */
typedef struct source {
    const char *name;
    int fd;
    cxm_csv *csv;
    char *buffer;
    size_t buffer_bytes;
    size_t lent;                /* bytes of the buffer that the reader was given last */
    uint64_t lent_behind;       /* offset in the input behind them */
    int64_t start;              /* where reading began; -1 where there is no way back, as in a pipe */
    cxm_csv_info summed;        /* size > 0: what several readers found together */
    size_t state_len;           /* > 0: the file is a state, all of it in `buffer`, and there are no rows */
    bool has_held;              /* a row read ahead waits to be read again */
    bool odd_bytes;             /* names or segment values that are no valid UTF-8 were seen */
    int header_rows;
    int32_t decimal;            /* ',' where the delimiter is ; or tab, else '.' */
    cxm_csv_row held;
    uint32_t columns;
    char **names;               /* [columns], NUL terminated copies of the header */
    size_t *name_lens;
} source;

int source_open(source *in, const char *path, const options *opt);          /* header read; exit code */
/* The same for a file that must be a state. */
int source_open_state(source *in, const char *path);
/* The next row: EXIT_FINE and *got = true, or false at the end; else an exit code after saying why. */
int source_next(source *in, cxm_csv_row *row, bool *got);
/* The same, some rows at once and of them the columns asked for; no row is held. */
int source_next_batch(source *in, const uint32_t *wanted, uint32_t count, cxm_csv_batch *batch, bool *got);
cxm_csv_info source_info(const source *in);                 /* of all readers together */
cxm_view source_unread(const source *in);                   /* lent, and behind the row handed out last */
int source_refused(const source *in, cxm_status status, const cxm_error *error);    /* says why; exit code */
int source_again(source *in, const char *path, const options *opt);                 /* from its start, or says why not */
void source_close(source *in);
const char *source_encoding(const source *in);              /* as far as it was looked at */
void source_tell_more(const source *in, const options *opt);     /* -v: bytes, row ends, odd rows */
const char *delimiter_name(int32_t delimiter);
const char *source_format(const source *in);                /* "csv", or "tsv" where tabs delimit */

/* --- columns: which position is which field --- */
enum { NO_COLUMN = -1 };
typedef struct columns {
    int score, time, key, weight;       /* score: of the answers, labels too */
    int created, first_reply, solved, duration, due;        /* of response times */
    int ticket, event, actor, who, channel, status, customer;       /* of events; event is NO_COLUMN where there are none */
    int entry, start, end;                          /* of tenures, which `duration` and `event` may tell, too */
    int32_t unit, due_unit;                         /* CXM_UNIT_* of `duration`, and of durations in `due` */
    bool unit_by_name;                              /* its name tells it, and nothing else did */
    int by[CXM_ENGINE_SEGMENTS_MAX];
    int by_count;
} columns;

enum { LIST_BYTES = 600 };
/* "a, b, c and 9 more", for messages; into LIST_BYTES. */
const char *list_columns(const source *in, char *out);
/* Finds a column by header name or "#4"; complains and answers NO_COLUMN when it is not one. */
int column_find(const source *in, const char *what, const char *name);
int columns_resolve(const source *in, const options *opt, bool need_time, columns *out);    /* exit code */
const char *mapped(const options *opt, const char *field);  /* the column of --map field=..., or NULL */
bool is_time_name(const char *name);
/* The field of response times, by the name alone; of events only where there are some. NULL: none. */
const char *time_field_of(const source *in, const options *opt, const char *name);
bool needs_time(const options *opt);                         /* whether every record has to have a time */
bool same_word(const char *a, const char *b);               /* ASCII letters in any case */
int compare_views(cxm_view a, cxm_view b);                  /* by bytes, a shorter one first */
double share_beyond(double share, double apart);            /* a share that far away, on the side where there is room */
/* Of `text` as much as `most` bytes hold, cut at a whole character. */
cxm_view cut_text(cxm_view text, size_t most);
cxm_view trim(cxm_view text);                               /* without blanks and tabs around it */
bool is_missing_word(const options *opt, cxm_view text);
/* Scans a field as the metric commands do; `label` (nullable) gets the text behind a leading number. */
int32_t scan_answer(const options *opt, const source *in, cxm_view text, double *value, cxm_view *label);
int columns_of_times(const source *in, const options *opt, columns *out);      /* those of response times; exit code */

/* --- score: what is printed --- */
typedef struct sample { uint64_t line; size_t len; char text[SAMPLE_BYTES]; } sample;
typedef struct samples { int count; sample rows[MAX_SAMPLES]; } samples;

/* What a pass over rows finds beside the states. */
typedef struct tally {
    uint64_t ragged, untimed;   /* by cause: of account.excluded, of account.unparsed */
    samples unparsed, out_of_range, due;    /* due: cells that are no due time */
    bool one_based_label;       /* a label such as "1 - Not at all likely" was seen */
} tally;

typedef struct scored_result {
    cxm_engine_result slot;
    cxm_scale_summary sum;
    cxm_status status;          /* CXM_OK or CXM_E_EMPTY */
    cxm_label_summary labels;   /* in place of sum where the answers are labels */
    cxm_label_net_summary net;  /* where net_status is CXM_OK */
    cxm_status net_status;
    const cxm_weighted_summary *weights;    /* NULL: not weighted */
    const cxm_quantile *times;  /* durations, in place of all above; NULL: not these */
    const cxm_quantile *kept, *running;     /* by how much promises were missed; what has not ended; NULL: none */
    int span;                   /* which of the run's */
    bool has_change;            /* against the window before, both complete */
    cxm_difference change;
} scored_result;

/* What is counted of a span: durations as they are; beside a target how long those that have not ended have run; and beside
 * targets by row in both by how much they are missed, 0 for those that are not. */
enum part { ENDED, KEPT, RUNNING, PARTS };

/* A duration that a row tells: between two columns of times, or a column of its own. */
typedef struct span {
    cxm_view name, keys[PARTS]; /* the metric; segments in the leading column, which tell the clock, too; empty: not counted */
    bool business, column;      /* in opening hours; durations as they stand in a column */
    int from, to, duration;
    int clock;                  /* of tickets from events: CXM_TICKET_FIRST_REPLY.. */
} span;

/* The window before, while results are walked. */
typedef struct earlier { bool there; cxm_engine_result slot; cxm_scale state; } earlier;

typedef struct score_run {
    const options *opt;
    source *in;                 /* NULL for --counts */
    const char *file, *counts;  /* what is read: a name, or counts where `in` is NULL */
    columns cols;
    bool unnamed_bands;         /* the metric has no words for the bands of this scale */
    cxm_view names[CXM_ENGINE_SEGMENTS_MAX];    /* of the segment columns, as told or as the state has them */
    int name_count;
    const options *told;        /* before the columns of a design were added */
    int hidden;                 /* segment columns behind those named: of the design */
    int leading;                /* segment columns before them: of response times 1, which of the spans */
    span spans[MAX_SPANS];
    int span_count;
    char spans_name[1024];      /* what the leading column is called: all spans by name */
    size_t spans_name_len;
    char keys[MAX_SPANS][PARTS][320], column_key[300];
    cxm_view promise;           /* targets by row, as told; empty: none */
    bool runs;                  /* what has not ended is counted as far as it has run: */
    int64_t as_of_us;           /* up to this instant, once all is read */
    bool has_as_of, waits_too_many;
    size_t waits_bytes;
    cxm_calendar *calendar;     /* NULL: calendar time alone */
    int streams, singles;       /* records that a row makes: one for each of `singles` spans, and one for itself where they are several */
    cxm_view preset;            /* of events; empty: none */
    struct desk *desk;          /* events by ticket; NULL: rows tell durations themselves */
    int target;                 /* of the durations' spec, what is within is asked of; -1: none */
    struct readings *readings;  /* results, once all is counted */
    bool has_window;
    int32_t zone_s;             /* in which times are printed */
    cxm_scale_spec spec;
    cxm_scale_ask ask;
    cxm_label_options label_options;
    cxm_label_ask label_ask;
    cxm_label_text positive[MAX_WORDS], negative[MAX_WORDS];
    size_t positives, negatives;    /* 0: no net is asked */
    cxm_engine *engine;         /* NULL for --counts */
    uint64_t engine_bytes;      /* its bound */
    bool counts_given_out;
    cxm_scale overall;          /* every answer, all windows together */
    cxm_account account;
    char definition[12288];
    tally seen;
    uint32_t notes;             /* CXM_NPS_* */
    cxm_paired *paired;         /* compare of the same people: counts each keyed answer, too; NULL: none */
    int32_t wave;               /* of this input, where no instant divides it */
    earlier before;
    bool with_changes;          /* results carry their change against the window before */
    bool broken, starved;       /* a result could not be computed: nothing may be printed; for want of memory */
} score_run;

/* --- pass: rows to the engine --- */
int pass_rows(score_run *run);                              /* exit code */
/* The same by run->opt->threads threads; -1 where one thread has to do it, and nothing is counted then. */
int crew_rows(score_run *run);

/* --- score, in steps: what to read, reading it with every check that can refuse it, and the end --- */
void score_begin(score_run *run, const options *opt, source *in, const char *file);
int score_declare(score_run *run);                          /* the scale and the question; exit code */
int score_read(score_run *run);                             /* exit code */
void score_end(score_run *run);
int score_check(const score_run *run);                       /* --strict and --max-unparsed; exit code */
void score_remark(const score_run *run);                    /* on ragged rows and on bytes that are no UTF-8; -v: on the reader */

/* Pulls the next result; false at the end. */
bool score_next(score_run *run, scored_result *out);
/* Starts the results anew, for output that walks them twice. */
void score_rewind(score_run *run);

/* Whether two results are of one segment; their labels may look alike when cut. */
bool same_segment(const cxm_engine_result *a, const cxm_engine_result *b);
/* "up", "down", or that neither is proven. */
const char *change_verdict(const cxm_difference *change);

/* --- weights --- */
bool weights_asked(const options *opt);
const char *weights_cluster(const options *opt);            /* the column that tells what belongs together; NULL: none */
int weights_columns(const options *told, options *out);     /* adds the columns of the design; exit code */
int weights_declare(score_run *run);
int weights_settle(score_run *run);                         /* works all results out */
void weights_rewind(void);
bool weights_next(const score_run *run, scored_result *out);
void weights_overall(const score_run *run, scored_result *out);
void weights_json(sink *out);                               /* how calibration went */
int weights_contrasts(score_run *run);                      /* makes differences of segments ready; exit code */
cxm_status weights_contrast(size_t first, size_t second, cxm_difference *out);      /* of segments, from 0 */
void weights_at(const score_run *run, size_t i, scored_result *out);                /* the i-th result */
void weights_end(void);

/* --- labels --- */
int labels_declare(score_run *run);                         /* the question; exit code */
int labels_settle(score_run *run);                          /* once all is counted: which net */
void labels_summarize(score_run *run, scored_result *out);
/* The next label of a result; share->next = 0 begins. */
bool labels_next(const score_run *run, const scored_result *r, cxm_label_share *share);
const char *labels_why(const scored_result *r);             /* why there is no value or no interval; or NULL */

/* --- response times --- */

/* The share within the target. Without a target, or of nothing, it does not exist. */
typedef struct target_share {
    bool asked, exists, promised;               /* promised: targets by row */
    double target_s, share;                     /* of those that have ended */
    cxm_interval limits;
    uint64_t met, breached;
    bool runs, has_due;                         /* what has not ended is told, too: */
    uint64_t running, running_late;             /* within the target, and past it */
    double due, lowest, highest;                /* of all whose target has come; of all, if none or all that run are met */
    cxm_interval due_limits;
    uint64_t without, unparsed, out_of_range;   /* of rows with a duration: no promise; a cell that is no due time */
} target_share;

cxm_quantile_spec response_spec(const options *opt);
int promise_parse(options *opt, const char *text);          /* --target of no single duration; exit code */
bool response_asks(const score_run *run);                   /* whether there is a target, of any kind */
int response_declare(score_run *run);                       /* exit code */
int response_spans(score_run *run);                         /* which durations the columns tell; exit code */
int response_spans_of_state(score_run *run);
double response_share(const options *opt);                  /* the percentile that is the value: 0.5 unless a comparison is of another */
bool response_waits(cxm_view name);                         /* whether it runs between two times, and may not have ended */
int response_settle(score_run *run);                        /* results and account, once all is counted; exit code */
bool response_account(cxm_engine *engine, cxm_account *out);    /* of a state that response has written: each row once */
int response_check(const score_run *run);                   /* --strict and --max-unparsed; exit code */
void response_rewind(score_run *run);
bool response_next(score_run *run, scored_result *out);
const cxm_quantile *response_overall(const score_run *run, int span);   /* all windows and segments together */
/* Number and value with limits, in seconds, of durations that somebody else holds. */
void response_summarize(const score_run *run, const cxm_quantile *q, scored_result *out);
void response_whole(const score_run *run, int span, scored_result *out);    /* the same with all that is counted of it */
target_share response_within(const score_run *run, const scored_result *r);
void response_end(score_run *run);
int survival_columns(const source *in, const options *opt, columns *out);   /* exit code */
void json_response(score_run *run, sink *out);
void json_times(const score_run *run, const scored_result *r, sink *out);
void table_response(score_run *run, sink *out);
/* Cells behind the limits, of a result that is no duration; the last is its count. */
void table_blank_times(const score_run *run, uint64_t count, sink *out);
void screen_response(score_run *run, sink *out);

/* --- events --- */
/* A rate that is compared is the share within a target: a ticket counts as 0 s, or as twice the target. */
#define DESK_RATE_US INT64_C(1000000)
#define DESK_REPEAT_US (7 * INT64_C(86400000000))       /* unless --repeat-within tells it */
int desk_open(score_run *run);                              /* exit code */
const char *desk_preset(const score_run *run);
int desk_settle(score_run *run);                            /* tickets to records, once all rows are read; exit code */
cxm_status desk_rates(score_run *run);                      /* and to rates */
void desk_close(score_run *run);
void desk_account(score_run *run);                          /* each row of events once */
void desk_json_tickets(const score_run *run, sink *out);    /* how many there are, and what was left out */
void desk_json(const score_run *run, sink *out);            /* rates, as further results */
void desk_table(const score_run *run, sink *out);
void desk_screen(score_run *run, sink *out);

/* --- customers --- */
int churn_compare(const options *opt);                      /* exit code */
int survival_compare(const options *opt);                   /* exit code */
int churn_definition(const char *name);                     /* the number of a named rate, -1 for no such name */
const char *churn_definition_name(int definition);          /* NULL past the last */

/* --- opening hours --- */
int zone_open(const options *opt, cxm_view name, cxm_zone **out);               /* exit code */
int calendar_open(const options *opt, const char *path, cxm_calendar **out);    /* exit code */

/* --- states --- */
int state_load(score_run *run);                             /* the engine of a state file, fitted to the options */
int state_write(score_run *run);                            /* --state-out */
int state_inspect(const source *in, const char *file, const options *opt, sink *out);
int state_not_readable(const char *name, cxm_status status);        /* says why; exit code */
int state_write_bytes(const char *path, const void *bytes, size_t len);
int out_of_memory(void);
int command_merge(const options *opt);

int command_score(const options *opt);
int command_response(const options *opt);
int command_survival(const options *opt);
int command_calendar(const options *opt);
int command_inspect(const options *opt);
int command_compare(const options *opt);
int command_plan(const options *opt);
int command_churn(const options *opt);
int command_cohort(const options *opt);

void screen_score(score_run *run, sink *out);
/* How the input was read, and what was left out; tells whether pictures may be drawn in Unicode. */
bool screen_input(score_run *run, sink *out);
void json_score(score_run *run, sink *out);
void table_score(score_run *run, sink *out);

/* JSON pieces that commands share. */
void json_key_count(sink *out, const char *key, uint64_t value);        /* ,"key":value */
void json_key_number(sink *out, const char *key, double value);
void json_window(const score_run *run, const cxm_engine_result *slot, sink *out);
void json_interval(const cxm_scale_summary *sum, bool exists, sink *out);
void json_change(const scored_result *r, sink *out);
void json_segment(const score_run *run, const cxm_engine_result *slot, sink *out);
void json_result(const score_run *run, const scored_result *r, sink *out);
void json_string(sink *out, const char *text, size_t len);
void json_input(sink *out, const char *key, const char *file, const char *format, const cxm_account *account);
/* A quoted CSV cell, guarded where a spreadsheet would take it for a formula. */
void table_text(sink *out, const char *text, size_t len);
void table_joined(sink *out, const cxm_view *parts, uint32_t count);     /* one cell of several: "north, web" */
void table_place(const score_run *run, const cxm_engine_result *slot, sink *out);      /* segments, and the window */
void table_change(const scored_result *r, sink *out);
void table_number(sink *out, double value, bool exists);    /* behind a comma; empty where there is none */
void print_count(sink *out, uint64_t value);                /* with thousands marks: 1,204 */
bool is_utf8(const char *text, size_t len);
/* Bytes of the character at `text`, of which there are `len` > 0; whether it may be shown, as no control and good UTF-8. */
size_t safe_char(const char *text, size_t len, bool *safe);
/* Text with control bytes and bad UTF-8 replaced, so that no input can steer a terminal. */
void print_safe(sink *out, const char *text, size_t len);

#endif
