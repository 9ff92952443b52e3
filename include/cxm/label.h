/* SPDX-License-Identifier: MIT */
/** @file cxm/label.h
 *  @brief Shares of words: sentiment ("positive", "neutral", "negative"), reasons for contact, topics.
 *
 *  A label is any text of 0..max_label_bytes bytes, compared byte by byte: case, blanks and accents
 *  count, and the reader trims. With n labelled answers, c of them with one label, P and N with
 *  a label of two named sets:
 *      share = c / n  in 0..1            net = (P - N) / n  in -1..+1
 *  What is not counted is part of the state: missing, and out of range (longer than the bound).
 *  Limits of shares are simultaneous over the k distinct labels observed, `other` being one
 *  of them when it is not 0.
 *
 *  The number of labels is bounded: kept are the `max_labels` smallest by bytes of all seen, the
 *  answers of the larger ones are counted together as `other`. Nothing else could merge exactly:
 *  - A label among the M smallest of a set is among the M smallest of each part of that set that holds it.
 *    So a label that is kept in the end was kept wherever it was counted, and its count is exact;
 *  - each of the M smallest of a union is among the M smallest of its part. So the kept labels
 *    of all parts hold those of the whole;
 *  - other = n - the counts kept. Thus labels, counts and other are a function of the multiset of
 *    answers: order, partition, threads and merge tree change nothing.
 *  Two facts follow while other > 0: the table is full, and every label in `other` is larger than
 *  the largest kept. `cxm_label_remove` rests on them and refuses what they do not decide.
 *  State size: at most cxm_label_bytes(options), whatever the stream's length.
 *  Source   L. A. Goodman, Technometrics 7(2), 1965 (limits); T. Tango, Statistics in Medicine 17(8),
 *           1998 (net).
 *  Threads  No shared state: one writer per cxm_label, const calls together, then merge.   */
#ifndef CXM_LABEL_H
#define CXM_LABEL_H
#include <cxm/alloc.h>
#include <cxm/status.h>
CXM_BEGIN_C

/** The largest bounds that can be asked for. */
#define CXM_LABEL_LABELS_MAX 4096
#define CXM_LABEL_TEXT_MAX 4096

/** What must agree before two states can merge. 16 bytes; set `size`. */
typedef struct cxm_label_options {
    uint32_t size;              /**< sizeof(cxm_label_options) */
    uint32_t max_labels;        /**< labels kept apart, 1..4096; 0 = 64 */
    uint32_t max_label_bytes;   /**< the longest label, 1..4096; 0 = 256 */
    uint32_t reserved;          /**< zero */
} cxm_label_options;

/** One label, borrowed; `text` may be NULL when len = 0. */
typedef struct cxm_label_text {
    const char *text;
    size_t len;
} cxm_label_text;

/** What is asked of a state. 16 bytes; set `size`. */
typedef struct cxm_label_ask {
    uint32_t size;              /**< sizeof(cxm_label_ask) */
    int32_t method;             /**< CXM_INTERVAL_*; 0 = goodman for shares, score for a net */
    double level;               /**< confidence level; 0 = 0.95 */
} cxm_label_ask;

/** The whole. 72 bytes; set `size`. Versions only append. */
typedef struct cxm_label_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t method;             /**< out: CXM_INTERVAL_* of the shares */
    uint64_t n;                 /**< out: labelled answers, `other` among them */
    uint64_t labels;            /**< out: labels kept apart */
    uint64_t categories;        /**< out: k: labels, and one for `other` when it is not 0 */
    uint64_t other;             /**< out: answers with a label beyond the bound */
    uint64_t missing;           /**< out: records without a label */
    uint64_t out_of_range;      /**< out: answers whose label is longer than the bound */
    double level;               /**< out: of the intervals */
    cxm_status interval_status; /**< out: CXM_OK, or CXM_E_UNDEFINED: one label, quesenberry-hurst */
    int32_t reserved;           /**< out: zero */
} cxm_label_summary;

/** One label of the whole. Set `size`, and `next` to 0 before the first. Versions only append. */
typedef struct cxm_label_share {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t is_other;           /**< out: 1 for `other`, which has no text */
    uint64_t next;              /**< in, out: where to go on; 0 begins anew */
    const char *text;           /**< out: the label, until the state changes; NULL when len = 0 */
    size_t len;                 /**< out: its bytes */
    uint64_t count;             /**< out: answers with it, > 0 */
    double share;               /**< out: count / n */
    double se;                  /**< out: sqrt(share (1 - share) / n) */
    double low, high;           /**< out: limits; NaN where the summary's interval_status says so */
} cxm_label_share;

/** A net of two sets of labels. 88 bytes; set `size`. Versions only append. */
typedef struct cxm_label_net_summary {
    uint32_t size;              /**< in:  bytes the caller has room for */
    int32_t method;             /**< out: CXM_INTERVAL_* */
    uint64_t n;                 /**< out: labelled answers */
    uint64_t positive, neutral, negative;   /**< out: neutral = all that is in neither set */
    double value;               /**< out: (positive - negative) / n, -1..+1 */
    double se;                  /**< out: its standard error */
    double level;               /**< out: of the interval */
    double low, high;           /**< out: limits; NaN when interval_status says so */
    cxm_status interval_status; /**< out: CXM_OK, CXM_E_UNDEFINED: the data hold no t interval, or
                                     CXM_E_LIMIT: more answers than bootstrap takes */
    int32_t reserved;           /**< out: zero */
} cxm_label_net_summary;

typedef struct cxm_label cxm_label;

/** Bytes a state takes at the most, during a merge too; NULL asks for the defaults, 0 when not valid. */
CXM_API size_t cxm_label_bytes(const cxm_label_options *options);

/** Make an empty state; `options` and `alloc` may be NULL.
 *  @return CXM_OK | CXM_E_MEMORY | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_label_create(const cxm_label_options *options, const cxm_alloc *alloc, cxm_label **out);

/** Take back a state; NULL is fine. */
CXM_API void cxm_label_free(cxm_label *label);

/** Count one answer; one too long is counted in out_of_range. An empty text is a label like any other:
 *  blanks that mean "no answer" go to cxm_label_add_missing.
 *  @return CXM_OK | CXM_E_DOMAIN counted as out of range | CXM_E_OVERFLOW n or out_of_range is full,
 *          unchanged | CXM_E_MEMORY unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_label_add(cxm_label *label, const char *text, size_t len);

/** Count the same answer `times` times, as from a table of counts; 0 times changes nothing.
 *  @return CXM_OK | CXM_E_DOMAIN | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_ARG */
CXM_API cxm_status cxm_label_add_n(cxm_label *label, const char *text, size_t len, uint64_t times);

/** Count one record without a label. @return CXM_OK | CXM_E_OVERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_label_add_missing(cxm_label *label);

/** Take back one answer that was added; a label whose count falls to 0 leaves the table.
 *  While `other` is 0 this is the exact inverse of cxm_label_add. While it is not, it is so too, for an
 *  answer that was added, except for the last one of a label that is kept: the next larger label
 *  would have to come back out of `other`, where it is no longer known. That one is refused. Of a label
 *  beyond the largest kept only the sum is known, so there the caller alone knows that it was added.
 *  @return CXM_OK | CXM_E_DOMAIN taken from out of range | CXM_E_UNDERFLOW none there, unchanged |
 *          CXM_E_UNDEFINED the last of a kept label while other > 0, unchanged | CXM_E_ARG */
CXM_API cxm_status cxm_label_remove(cxm_label *label, const char *text, size_t len);

/** The exact inverse of cxm_label_add_missing. @return CXM_OK | CXM_E_UNDERFLOW | CXM_E_ARG */
CXM_API cxm_status cxm_label_remove_missing(cxm_label *label);

/** Add all that `from` holds to `into`; they may be the same object.
 *  @return CXM_OK | CXM_E_MISMATCH different bounds | CXM_E_OVERFLOW | CXM_E_MEMORY | CXM_E_ARG;
 *          unchanged on each */
CXM_API cxm_status cxm_label_merge(cxm_label *into, const cxm_label *from);

/** Labelled answers, `other` among them. @return CXM_OK | CXM_E_ARG */
CXM_API cxm_status cxm_label_n(const cxm_label *label, uint64_t *n);

/** Answers with this label, 0 when it was never seen.
 *  @return CXM_OK | CXM_E_UNDEFINED it may be among the others | CXM_E_DOMAIN longer than the bound |
 *          CXM_E_ARG */
CXM_API cxm_status cxm_label_count(const cxm_label *label, const char *text, size_t len, uint64_t *count);

/** The whole; `ask` NULL asks for goodman at 0.95. Any method of a share serves too, label by label. With
 *  n = 0 the account is written all the same.
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_label_summarize(const cxm_label *label, const cxm_label_ask *ask, cxm_label_summary *out);

/** The next label, in the order of bytes, `other` last. One that was read earlier does not come again.
 *  @return CXM_OK | CXM_END | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_label_next(const cxm_label *label, const cxm_label_ask *ask, cxm_label_share *out);

/** Net of two sets of labels, each of at least one and no label twice; one that never occurred counts 0.
 *  @return CXM_OK | CXM_E_EMPTY n = 0 | CXM_E_UNDEFINED a named label may be among the others: ask for
 *          more labels | CXM_E_DOMAIN one is longer than the bound | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_label_net(const cxm_label *label, const cxm_label_text *positive, size_t positives,
                                 const cxm_label_text *negative, size_t negatives, const cxm_label_ask *ask,
                                 cxm_label_net_summary *out);

/** One English sentence that defines the shares and their interval, opened by `name` ("Sentiment"), of at
 *  most 64 bytes; writes no NUL; `*len` is what it needs.
 *  @return CXM_OK | CXM_E_LIMIT `cap` < `*len`, nothing written | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_label_definition(const char *name, const cxm_label_ask *ask, char *out, size_t cap,
                                        size_t *len);

/** The same for a net, with its two sets of labels as they were given.
 *  @return CXM_OK | CXM_E_LIMIT | CXM_E_METHOD | CXM_E_ABI | CXM_E_ARG */
CXM_API cxm_status cxm_label_net_definition(const char *name, const cxm_label_text *positive, size_t positives,
                                            const cxm_label_text *negative, size_t negatives,
                                            const cxm_label_ask *ask, char *out, size_t cap, size_t *len);

/** Write the state as bytes that any build on any machine decodes to the same state; equal states give
 *  equal bytes. `*len` is the length needed, also when CXM_E_LIMIT says that `cap` is smaller.
 *  The layout stands in src/score/label_codec.h, with an example in hexadecimal.
 *  @return CXM_OK | CXM_E_LIMIT nothing written | CXM_E_ARG */
CXM_API cxm_status cxm_label_encode(const cxm_label *label, void *out, size_t cap, size_t *len);

/** Make a state from its bytes; they are not trusted. What the state takes is known before anything is
 *  allocated, and is at most `max_bytes`; what is added later may let it grow to cxm_label_bytes of its
 *  own bounds, which stand in the bytes.
 *  @return CXM_OK | CXM_E_FORMAT not the one spelling of labels | CXM_E_VERSION | CXM_E_LIMIT past
 *          max_bytes | CXM_E_MEMORY | CXM_E_ARG; `out` unchanged on each */
CXM_API cxm_status cxm_label_decode(const void *bytes, size_t len, size_t max_bytes, const cxm_alloc *alloc,
                                    cxm_label **out);

CXM_END_C
#endif
