/* SPDX-License-Identifier: MIT */
/** @file cxm/csv.h
 *  @brief Delimited text (RFC 4180 and what is met in its name) from buffers of any size to rows.
 *
 *      cxm_csv_create(&options, NULL, &csv);
 *      for (;;) {
 *          status = cxm_csv_next(csv, &row, &error);
 *          if (status == CXM_OK)        use(&row);             // views valid until the next call
 *          else if (status == CXM_MORE) feed the next buffer, or finish at the input's end
 *          else break;                                         // CXM_END or an error
 *      }
 *
 *  The caller owns the buffers. A row that lies whole in one buffer is not copied, unless it
 *  holds doubled quotes; a row cut by a buffer's end waits in a carry of bounded size. How the
 *  input is cut into buffers changes no row, no flag, no count and no error.
 *  How bytes become rows:
 *    - A UTF-8 byte order mark at byte 0 is dropped, also when a buffer's end cuts it.
 *    - Rows end at LF, CR LF or a lone CR; the last row needs no end. Inside quotes all three are text.
 *      A row that ends with CR is handed out when the byte behind the CR has been seen.
 *    - A field that opens with a quote is quoted: "" is a quote, the delimiter is text. Blanks
 *      around fields are kept. A quote inside an unquoted field is text.
 *    - Bytes between a closing quote and the delimiter are kept, and the row is flagged.
 *    - The first row sets the number of columns; other rows are flagged short or long.
 *    - A line without any byte is skipped and counted, except where there is but one column:
 *      there it is a row with one empty field. Such lines before the first row are skipped always.
 *    - With options.delimiter = 0 the delimiter is the one of , ; tab | that stands most often outside
 *      quotes in the first row (a quote opens at the row's start and behind any of the four); a tie
 *      is CXM_E_AMBIGUOUS; with none of them it is the comma, and there is one column.
 *    - A NUL byte, a UTF-16 or UTF-32 byte order mark is CXM_E_FORMAT: the input is no text of ours.
 *  An error of the input, or of memory, is final: each later feed, finish and next returns it again.
 *  Source   RFC 4180; tabular data traps listed by its readers (BOM, lone CR, quoted newlines).
 *  Threads  One reader by one thread; readers share nothing.                        */
#ifndef CXM_CSV_H
#define CXM_CSV_H
#include <cxm/alloc.h>
#include <cxm/error.h>
#include <cxm/record.h>
CXM_BEGIN_C

/** How to read. Zero in any field but `size` means the default. */
typedef struct cxm_csv_options {
    uint32_t size;              /**< sizeof(cxm_csv_options) */
    int32_t delimiter;          /**< a byte 1..127 but quote, CR, LF; 0 = detect */
    uint32_t max_columns;       /**< default 4096, at most 2^24 */
    uint32_t max_field_bytes;   /**< after unquoting; default 1 MiB */
    uint32_t max_row_bytes;     /**< quotes included, row end not; default 4 MiB, at most 1 GiB */
    uint32_t reserved;          /**< zero */
} cxm_csv_options;

/** What is odd about a row; 0 for a clean one. */
enum cxm_csv_flag {
    CXM_CSV_SHORT = 1,      /**< fewer fields than the first row */
    CXM_CSV_LONG = 2,       /**< more fields than the first row */
    CXM_CSV_STRAY = 4       /**< bytes behind a closing quote */
};

/** A row. Set `size`; the views live until the next call on the reader. */
typedef struct cxm_csv_row {
    uint32_t size;              /**< in:  sizeof(cxm_csv_row) */
    uint32_t count;             /**< out: fields in this row, at least 1 */
    const cxm_view *fields;     /**< out: [count], unquoted */
    uint64_t row;               /**< out: from 1; skipped lines are no rows */
    uint64_t line;              /**< out: line on which the row begins, from 1, as an editor counts */
    uint64_t byte_offset;       /**< out: of the row's first byte in the input */
    uint32_t flags;             /**< out: CXM_CSV_* bits */
    uint32_t reserved;          /**< out: zero */
} cxm_csv_row;

/** Some rows, and of them the columns that were asked for. Set `size`, `max_rows` and the arrays, which are the
 *  caller's; the views live until the next call on the reader. */
typedef struct cxm_csv_batch {
    uint32_t size;              /**< in:  sizeof(cxm_csv_batch) */
    uint32_t max_rows;          /**< in:  rows that fit the arrays, at least 1 */
    cxm_view *fields;           /**< in:  [max_rows * count]; out: row by row, in the order asked for, unquoted;
                                     empty with a NULL text where the row has no such column */
    uint64_t *lines;            /**< in:  [max_rows]; out: as cxm_csv_row.line */
    uint32_t *flags;            /**< in:  [max_rows]; out: as cxm_csv_row.flags */
    uint64_t first_row;         /**< out: number of the first of them, from 1 */
    uint32_t rows;              /**< out: how many, at least 1 */
    uint32_t reserved;          /**< out: zero */
} cxm_csv_batch;

/** What was found so far. Set `size`. */
typedef struct cxm_csv_info {
    uint32_t size;              /**< in:  sizeof(cxm_csv_info) */
    int32_t delimiter;          /**< out: in use; 0 while not yet known, or for a tie */
    uint32_t columns;           /**< out: fields of the first row; 0 before it */
    int32_t has_bom;            /**< out: 1 when a UTF-8 byte order mark was dropped */
    uint64_t rows;              /**< out: rows handed out, the first included */
    uint64_t bytes;             /**< out: behind a row: where the next begins; behind CXM_MORE and
                                     CXM_END: all that was fed; behind an error: where its row begins */
    uint64_t blank_lines;       /**< out: lines skipped */
    uint64_t short_rows, long_rows, stray_rows;     /**< out: flagged rows */
    uint64_t first_ragged_line; /**< out: line of the first row with a flag; 0 = none */
    uint64_t ends_lf, ends_crlf, ends_cr;           /**< out: ends of rows and skipped lines, by kind */
    uint64_t line;              /**< out: line on which the next row begins, behind an error its row */
} cxm_csv_info;

/** What one byte after the other means depends on what went before by no more than this. */
enum cxm_csv_place {
    CXM_CSV_AT_ROW = 1,         /**< a row or a blank line begins here */
    CXM_CSV_AT_FIELD = 2,       /**< a further field begins here */
    CXM_CSV_IN_TEXT = 3,        /**< in a field, where a quote is text */
    CXM_CSV_IN_QUOTES = 4,      /**< in a quoted field */
    CXM_CSV_BEHIND_QUOTE = 5,   /**< behind a quote that closed its field, unless another follows */
    CXM_CSV_BEHIND_CR = 6       /**< behind a CR that ended a row; an LF here belongs to it */
};

/** Where a reader begins in the midst of an input: at a row. Set `size`. */
typedef struct cxm_csv_start {
    uint32_t size;              /**< sizeof(cxm_csv_start) */
    int32_t delimiter;          /**< as it was found or told */
    uint32_t columns;           /**< fields of the first row of all */
    uint32_t reserved;          /**< zero */
    uint64_t rows;              /**< rows before this one */
    uint64_t line;              /**< line on which it begins, from 1 */
    uint64_t byte_offset;       /**< of its first byte */
} cxm_csv_start;

typedef struct cxm_csv cxm_csv;

/** Bytes a reader takes at the most with these options (NULL: defaults), counted as the hook is
 *  asked for them; 0 when they are invalid. */
CXM_API uint64_t cxm_csv_bytes(const cxm_csv_options *options);

/** Make a reader; `options` and `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ABI | CXM_E_ARG an option out of range, a hook without
 *          all its functions, or `out` NULL */
CXM_API cxm_status cxm_csv_create(const cxm_csv_options *options, const cxm_alloc *alloc,
                                  cxm_csv **out);

/** Take back a reader; NULL is fine. */
CXM_API void cxm_csv_free(cxm_csv *csv);

/** Lend the next `len` bytes of the input (0 is fine). They must stay until cxm_csv_next returns
 *  CXM_MORE or something final. Only the first buffer comes before a CXM_MORE.
 *  @return CXM_OK | CXM_E_ARG NULL, after finish, or while an earlier buffer is not used up, that
 *          is before cxm_csv_next returned CXM_MORE | an earlier error of the input */
CXM_API cxm_status cxm_csv_feed(cxm_csv *csv, const void *bytes, size_t len);

/** Say that no more bytes follow; to say it twice is fine.
 *  @return CXM_OK | CXM_E_ARG NULL or while a buffer is not used up | an earlier error of the input */
CXM_API cxm_status cxm_csv_finish(cxm_csv *csv);

/** The next row. `error` may be NULL; it is filled when the input is refused, with the row, the
 *  column and the byte offset where the trouble begins: for an open quote where it was opened, for
 *  a field that is too long its first byte, for a row that is too long the first byte beyond. The
 *  column is 0 where none is known: another encoding, no memory, a first row whose delimiter is
 *  still sought.
 *  @return CXM_OK | CXM_MORE feed or finish | CXM_END after finish | CXM_E_FORMAT an open quote at the
 *          end, a NUL byte, another encoding | CXM_E_AMBIGUOUS delimiter | CXM_E_LIMIT field, row or
 *          columns | CXM_E_MEMORY | CXM_E_ABI `row` too small | CXM_E_ARG `csv` or `row` NULL */
CXM_API cxm_status cxm_csv_next(cxm_csv *csv, cxm_csv_row *row, cxm_error *error);

/** The next rows, as cxm_csv_next would hand them out one by one, `columns` (from 0, `count` of them, in any
 *  order) of each. How many come at once depends on the text and the buffers, never what they hold; an error
 *  follows when the rows before it are handed out. Rows and batches may be asked for in turn.
 *  @return CXM_OK | CXM_MORE | CXM_END | CXM_E_FORMAT | CXM_E_AMBIGUOUS | CXM_E_LIMIT | CXM_E_MEMORY, all as
 *          cxm_csv_next | CXM_E_ABI `batch` too small | CXM_E_ARG a NULL, max_rows 0, a column from 2^24 up */
CXM_API cxm_status cxm_csv_next_batch(cxm_csv *csv, const uint32_t *columns, uint32_t count,
                                      cxm_csv_batch *batch, cxm_error *error);

/** What was found so far, at any time.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_csv_info_get(const cxm_csv *csv, cxm_csv_info *out);

/** Follow the rules over `bytes`, whose first stands at `place`: `*end` is the place behind the last,
 *  `*row_at` the offset behind the latest row end in them, -1 where none is. The LF of a CR LF belongs to the
 *  end, so the end by a CR that comes last is told with the next bytes: 0 or 1 from CXM_CSV_BEHIND_CR.
 *  This is exact for any text, quotes in odd places included, and says nothing of zero bytes and bounds.
 *  Called for one place it cuts an input into pieces of whole rows as it comes; called for each place it is the
 *  whole transition of a block, so that blocks are looked at in any order and their places joined afterwards.
 *  @return CXM_OK | CXM_E_ARG `delimiter`, `place` or a NULL */
CXM_API cxm_status cxm_csv_split(int32_t delimiter, int32_t place, const void *bytes, size_t len,
                                 int32_t *end, int64_t *row_at);

/** Make a reader, whatever it read before, begin at a row in the midst of an input: as if it had read all
 *  before that row, but that it counts anew what cxm_csv_info tells but rows, bytes and line. The input may
 *  end, by cxm_csv_finish, behind any row that cxm_csv_split told.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG NULL, `delimiter`, no column, or line 0 */
CXM_API cxm_status cxm_csv_resume(cxm_csv *csv, const cxm_csv_start *start);

CXM_END_C
#endif
