/* SPDX-License-Identifier: MIT */
/** @file cxm/engine.h
 *  @brief Records in, one state a segment and window out, with an account of every record.
 *
 *      cxm_engine_create(&options, NULL, &engine);
 *      for each record                      cxm_engine_add(engine, &record);
 *      cxm_engine_close(engine);
 *      while (cxm_engine_next(engine, &result) == CXM_OK)      cxm_scale_summarize(result.state, ...);
 *
 *  A state counts answers on a scale, answers with a weight, labels, or durations and amounts for their quantiles: the
 *  options name one, results carry it.
 *
 *  A segment is one value for each segment column, a window a half-open stretch of event time. Results
 *  come in one order whatever the input's: the total first, then segments by bytes, column by column;
 *  within each, windows by time. The total is the exact merge of its segments, never a second count.
 *  Each record is in the account once:
 *      records = scored + missing + unparsed + out_of_range + duplicates + late + excluded + refused
 *  With dedupe one answer a key is scored, over the whole range and whatever its segment or window; the
 *  others are duplicates, each in its own segment and window. Only answers on the scale compete: a blank
 *  never replaces one. Of two at the same instant the larger counts, then the segment first by bytes. A
 *  record without a key is nobody's duplicate. The choice is a maximum and the rest are counts, so states
 *  merge exactly however the keys are spread over the parts.
 *  Where a time is needed (windows, since, until, dedupe), a record whose time is no instant is unparsed and one
 *  without a time is excluded, and so is one outside [since, until) or in a window that reaches out of
 *  years 1 to 9999. Only event time counts; there is no clock.
 *  Memory stays within options.max_bytes. When no further slot fits, records of new segments go to one
 *  `other` segment a window and are counted there; which segments those are depends on the order of the
 *  input, so raise the bound where results must merge exactly.
 *  Threads  One engine by one thread; engines share nothing.                         */
#ifndef CXM_ENGINE_H
#define CXM_ENGINE_H
#include <cxm/alloc.h>
#include <cxm/label.h>
#include <cxm/quantile.h>
#include <cxm/record.h>
#include <cxm/scale.h>
#include <cxm/weighted.h>
#include <cxm/window.h>
CXM_BEGIN_C

/** The largest number of segment columns. */
#define CXM_ENGINE_SEGMENTS_MAX 8

/** What becomes of several answers with one key. */
enum cxm_dedupe {
    CXM_DEDUPE_NONE = 0,    /**< all count */
    CXM_DEDUPE_FIRST = 1,   /**< the earliest counts */
    CXM_DEDUPE_LATEST = 2   /**< the latest counts */
};

/** What to keep. Set `size`; zero in a field means what stands beside it. */
typedef struct cxm_engine_options {
    uint32_t size;                  /**< sizeof(cxm_engine_options) */
    uint32_t segments;              /**< segment columns, 0..8 */
    const cxm_scale_spec *scale;    /**< the scale of the answers; of this, `label`, `weighted` and `quantile` one is needed */
    const cxm_window_spec *window;  /**< NULL: one window, all of time */
    int64_t since_us, until_us;     /**< [since, until), read only where the flag below is 1 */
    int32_t has_since, has_until;   /**< 0 or 1 */
    uint64_t max_bytes;             /**< bound of all memory; 0: 16 MiB */
    uint64_t hash_seed;             /**< a number hostile input cannot know; results do not depend on it */
    const cxm_view *names;          /**< [segments]: what the columns are called; NULL: no names. Copied */
    int32_t dedupe;                 /**< CXM_DEDUPE_* */
    int32_t reserved;               /**< zero */
    uint64_t dedupe_bytes;          /**< bound of the memory of keys, beside max_bytes; 0: 256 MiB */
    const cxm_label_options *label; /**< answers are labels, kept within these bounds; no dedupe with them yet */
    const cxm_scale_spec *weighted; /**< answers on this scale, each with a weight; no dedupe with them yet */
    const cxm_quantile_spec *quantile;  /**< values, in the unit of this spec; no dedupe with them yet */
} cxm_engine_options;

/** Every record, once. 80 bytes; set `size`. */
typedef struct cxm_account {
    uint32_t size;              /**< in:  bytes the caller has room for */
    uint32_t reserved;          /**< out: zero */
    uint64_t records;           /**< out: the sum of those below */
    uint64_t scored;            /**< out: answers on the scale, labels, or values of 0 and above */
    uint64_t missing;           /**< out: blank or a missing word, or a duration that has not ended */
    uint64_t unparsed;          /**< out: answer or needed time is a text of another kind */
    uint64_t out_of_range;      /**< out: numbers that are no point of the scale, labels that are too long,
                                     values that are negative or infinite */
    uint64_t excluded;          /**< out: outside the range, without a needed time, or by the caller */
    uint64_t duplicates;        /**< out: answers that gave way to another of the same key */
    uint64_t late;              /**< out: zero; nothing is late without a bound on lateness */
    uint64_t refused;           /**< out: with weights, records whose weight is none (cxm/weighted.h); else 0 */
} cxm_account;

/** One result. `state` lives until the next call on the engine, `segments` as long as the engine. Set `size`. */
typedef struct cxm_engine_result {
    uint32_t size;              /**< in:  sizeof(cxm_engine_result) */
    uint32_t segment_count;     /**< out: 0 for the total */
    const cxm_view *segments;   /**< out: one value a segment column */
    const cxm_scale *state;     /**< out: the answers; NULL where they are something else */
    int64_t from_us, to_us;     /**< out: the window, where has_window is 1 */
    int32_t has_window;         /**< out: 0 or 1 */
    int32_t complete;           /**< out: 1 when data or since and until reach over both its ends */
    int32_t is_other;           /**< out: 1 for the segment of what did not fit */
    int32_t reserved;           /**< out: zero */
    const cxm_label *labels;    /**< out: the answers where they are labels, else NULL; lives like `state` */
    const cxm_weighted *weighted;   /**< out: the answers where they are weighted, else NULL; lives like `state` */
    const cxm_quantile *quantile;   /**< out: the values where quantiles are asked, else NULL; lives like `state` */
} cxm_engine_result;

typedef struct cxm_engine cxm_engine;

/** Bytes an engine with these options takes at the most; 0 when they are not valid. */
CXM_API uint64_t cxm_engine_bytes(const cxm_engine_options *options);

/** Make an engine; `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_LIMIT max_bytes is below 64 KiB, and with labels, weights or quantiles below
 *          as much and cxm_label_bytes, cxm_weighted_bytes or cxm_quantile_bytes_most | CXM_E_ABI | CXM_E_ARG also for
 *          none of scale, labels, weighted and quantile, for two of them, and for dedupe with any but a scale */
CXM_API cxm_status cxm_engine_create(const cxm_engine_options *options, const cxm_alloc *alloc,
                                     cxm_engine **out);

/** Take back an engine; NULL is fine. */
CXM_API void cxm_engine_free(cxm_engine *engine);

/** Count one record.
 *  @return CXM_OK wherever it was counted | CXM_E_LIMIT not even an `other` slot fits, or, with dedupe, no
 *          further key, label or sum; nothing counted | CXM_E_MEMORY nothing counted | CXM_E_ABI | CXM_E_ARG also for
 *          another number of segments, for an unparsed label (any text is one), or after close */
CXM_API cxm_status cxm_engine_add(cxm_engine *engine, const cxm_record *record);

/** Count one record that the caller leaves out (a ragged row).
 *  @return CXM_OK | CXM_E_ARG also after close */
CXM_API cxm_status cxm_engine_exclude(cxm_engine *engine);

/** End the input; results can be read from now on. Closing again starts the reading anew.
 *  @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_engine_close(cxm_engine *engine);

/** The next result; there is at least one, the total, also for no record.
 *  @return CXM_OK | CXM_END | CXM_E_OVERFLOW a total past UINT64_MAX | CXM_E_MEMORY for a total of other than a scale |
 *          CXM_E_ABI | CXM_E_ARG also before close */
CXM_API cxm_status cxm_engine_next(cxm_engine *engine, cxm_engine_result *out);

/** The account of all records so far.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_engine_account(const cxm_engine *engine, cxm_account *out);

/** Earliest and latest event time of the records that went to a segment.
 *  @return CXM_OK | CXM_E_EMPTY none of them carried a time | CXM_E_ARG */
CXM_API cxm_status cxm_engine_span(const cxm_engine *engine, int64_t *first_us, int64_t *last_us);

/** Number of segment and window slots, and records that went to an `other` segment.
 *  @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_engine_slots(const cxm_engine *engine, uint64_t *slots, uint64_t *other_records);

/** How the engine was made: segments, scale, labels, weighted or quantile, window, since, until and names; the pointers live as
 *  long as the engine. max_bytes and hash_seed are as given. For a state read from bytes, since and
 *  until are the range it covers.
 *  @return CXM_OK | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_engine_describe(const cxm_engine *engine, cxm_engine_options *out);

/** Add all that `from` holds to `into`, exactly: any parts of an input, merged in any order, hold what one
 *  pass over it holds. Scale, bounds of labels or spec of quantiles, window and segment names must be the same; the declared ranges may differ,
 *  and the merged state covers from the earliest since to the latest until. An `other` segment merges as
 *  a segment, so merge parts that had room for all of theirs. `from` may be closed, `into` may not.
 *  @return CXM_OK | CXM_E_MISMATCH | CXM_E_LIMIT the segments of both do not fit `into`, or with
 *          other than a scale both and their sum, which stand there together for a moment | CXM_E_OVERFLOW their
 *          records together are past UINT64_MAX | CXM_E_MEMORY | CXM_E_ARG NULL, the same engine, or `into`
 *          closed; on each `into` holds what it held */
CXM_API cxm_status cxm_engine_merge(cxm_engine *into, cxm_engine *from);

/** Write the state as canonical bytes (kind 16 of src/base/codec.h): equal states give equal bytes. Ends
 *  a reading of results that was under way; records may be added afterwards. `*len` is the length
 *  needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_engine_encode(cxm_engine *engine, void *out, size_t cap, size_t *len);

/** Bytes that suffice to decode these: max_bytes for cxm_engine_decode. Follows from the head and the
 *  number of slots it declares, which must fit the length at hand; 0 for what is no such state. */
CXM_API uint64_t cxm_engine_decode_bytes(const void *bytes, size_t len);

/** Make an engine from its bytes; they are not trusted. The bytes of one scale, label, weighted or quantile state (cxm_scale_encode
 *  and its like, the generic door, a database) make an engine without segments and windows whose total it is. It takes at most `max_bytes` (0: what is
 *  needed, and room to merge as much again), checked before anything is allocated; of a deduped
 *  state slots and keys have half each of what max_bytes spares.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of an engine's state | CXM_E_VERSION |
 *          CXM_E_LIMIT max_bytes is too small | CXM_E_MEMORY | CXM_E_ARG */
CXM_API cxm_status cxm_engine_decode(const void *bytes, size_t len, uint64_t max_bytes, uint64_t hash_seed,
                                     const cxm_alloc *alloc, cxm_engine **out);

CXM_END_C
#endif
