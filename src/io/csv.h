/* SPDX-License-Identifier: MIT */
/* csv.h - the parts of the reader of delimited text, for src/io/csv*.c alone.
 *
 * Positions inside a row are offsets from the row's first byte ("rel"), so they mean the same
 * whether the row lies in the caller's buffer or was cut and waits in the carry.           */
#ifndef CXM_IO_CSV_H
#define CXM_IO_CSV_H
#include <cxm/csv.h>
#include <stdbool.h>

#define CSV_ROW_MOST (UINT32_C(1) << 30)        /* offsets keep bit 31 for CSV_RAW */
#define CSV_COLUMNS_MOST (UINT32_C(1) << 24)
#define CSV_RAW (UINT32_C(1) << 31)             /* in csv_span.begin: unescape before use */
#define CSV_BLOCK 64u                           /* bytes looked at together */
#define CSV_INDEX_BYTES 4096u                   /* bytes indexed together */

/* Bytes to read, and where the special ones among the next CSV_BLOCK are. */
typedef struct csv_input {
    const uint8_t *bytes;
    size_t len, at;         /* [at, len) is unread */
    size_t block;           /* `mask` belongs to the bytes from here on; SIZE_MAX: to none */
    uint64_t mask;          /* bit i: byte block + i is special and was not visited yet */
} csv_input;

/* Where a field lies in its row: without its quotes, or raw behind the opening quote. */
typedef struct csv_span { uint32_t begin, len; } csv_span;

enum csv_state { CSV_PLAIN, CSV_INSIDE, CSV_CLOSED };

/* What quotes mean at the present byte of a row. */
typedef struct csv_quoting {
    int32_t state;          /* of the field: unquoted, in its quotes, behind its closing quote */
    uint32_t begin;         /* rel: first byte of the field, its quote if it is quoted */
    uint32_t close_at;      /* rel: latest quote that closed it, unless doubled by the next byte */
    uint32_t doubled;       /* quotes written twice in the field */
    uint32_t lines;         /* line ends inside quotes since the row began */
    uint32_t open_lines;    /* the same when the field's quote was opened */
    uint32_t cr_at;         /* rel: latest CR inside quotes; its LF is no second line end */
} csv_quoting;

/* One row being read. */
typedef struct csv_scan {
    csv_quoting quoting;
    csv_span *spans;        /* [cap], the first `count` are fields that ended */
    uint32_t count, cap;
    uint32_t raws;          /* spans with CSV_RAW */
    uint32_t stray;         /* 1 when bytes stand behind a closing quote */
    uint32_t max_columns, max_field, max_row;
    uint8_t delimiter;      /* 0: not known yet */
    const cxm_alloc *hook;
} csv_scan;

/* Rows that lie whole in the caller's buffer, found by csv_index.c. Offsets count from `from`. */
typedef struct csv_index {
    size_t from;            /* offset in the buffer */
    uint32_t rows, next;    /* rows found; the first of them that is not handed out */
    uint32_t count, first;  /* field ends found; the first one of row `next` */
    uint32_t inner;         /* line ends inside quotes */
    uint16_t ends[CSV_INDEX_BYTES + CSV_BLOCK];     /* of field i: the byte behind it; some ways write beyond the last */
    uint16_t last[CSV_INDEX_BYTES + 1];     /* of row i: its last field, as a place in `ends` */
    uint16_t lines[CSV_INDEX_BYTES + 1];    /* of row i: line ends inside quotes from `from` to its end */
} csv_index;

/* To the next row. */
static inline void csv_index_step(csv_index *index)
{
    index->first = index->last[index->next++] + 1u;
}

/* The same work by several sets of instructions, with the same results. */
typedef struct csv_way {
    const char *name;
    bool (*there)(void);    /* whether the machine has them */
    /* Notes the rows from in->at, a row's start, on; false when not one of them can be told. */
    bool (*fill)(csv_index *index, const csv_input *in, uint8_t delimiter);
    /* Bit i of marks[b] where byte i of the b-th CSV_BLOCK bytes is a quote. */
    void (*mark_quotes)(const uint8_t *bytes, size_t blocks, uint64_t *marks);
} csv_way;

/* Counts of the delimiters that may be meant, over the first row. */
typedef struct csv_detect {
    csv_quoting quoting;
    uint32_t len;           /* bytes of the row so far */
    uint32_t counts[4];     /* of , ; tab | */
} csv_detect;

enum csv_found {
    CSV_CUT,                /* the input ended inside the row */
    CSV_LF, CSV_CR,         /* the row ended here */
    CSV_NUL, CSV_ROW_LIMIT, CSV_FIELD_LIMIT, CSV_COLUMN_LIMIT, CSV_OPEN_QUOTE, CSV_NO_MEMORY
};

/* The reader. */
struct cxm_csv {
    cxm_alloc hook;
    csv_input lent;         /* the caller's buffer */
    csv_input replay;       /* bytes of the carry that are to be read (again) before it */
    csv_scan scan;
    const csv_way *way;
    csv_index index;        /* of `lent` */
    uint32_t listed;        /* rows that a batch lists at once; 0: as many as there is room for */
    uint32_t plain_most;    /* bytes of a row that is within the bounds of rows and of fields */
    csv_detect detect;
    cxm_view *views;        /* [views_cap] */
    uint8_t *carry;         /* [carry_cap]: the cut row; else room to unescape a row */
    uint32_t views_cap, carry_cap;
    uint32_t kept;          /* bytes of the row in the carry */
    uint8_t head[4];        /* the input's first bytes while they may be a byte order mark */
    uint32_t head_len;
    bool head_done, after_cr, finished, hungry;
    uint64_t fed;           /* bytes lent so far */
    uint64_t row_at;        /* input offset of the present row */
    uint64_t line;          /* line on which it begins */
    cxm_csv_info info;
    cxm_error failed;       /* status CXM_OK until the reader gives up */
};

/* Whether a byte may delimit. */
bool csv_delimiter_ok(int32_t byte);

/* csv_index.c ------------------------------------------------------------------ */
const csv_way *csv_way_at(size_t i);        /* plain C is number 0; NULL behind the last one that was compiled */
const csv_way *csv_way_best(void);          /* on this machine */

/* csv_scan.c ------------------------------------------------------------------- */

/* Forgets the row; the next byte begins another. */
void csv_scan_reset(csv_scan *scan);

/* Reads `in` from in->at on; `rel` bytes of the row came before. `*end` is where it stopped. */
int32_t csv_scan_run(csv_scan *scan, csv_input *in, uint32_t rel, size_t *end);

/* Ends the last field at `rel`. */
int32_t csv_scan_end(csv_scan *scan, uint32_t rel);

/* Makes room for a field that ends. CSV_CUT, or why there is none. */
int32_t csv_scan_grow(csv_scan *scan);

/* Counts delimiters of the first row up to its end. CSV_LF (for any row end), CSV_CUT or trouble. */
int32_t csv_detect_run(csv_detect *detect, const uint8_t *bytes, size_t len, uint32_t max_row);

/* The delimiter, a comma when there is none; 0 for a tie. */
uint8_t csv_detect_choose(const csv_detect *detect);

/* csv_trouble.c: each gives the reader up and returns the status. ---------------- */
cxm_status csv_trouble(cxm_csv *csv, int32_t found, size_t rel);
cxm_status csv_trouble_detect(cxm_csv *csv, int32_t found);
cxm_status csv_trouble_ambiguous(cxm_csv *csv);
cxm_status csv_trouble_encoding(cxm_csv *csv, const char *name);

#endif
