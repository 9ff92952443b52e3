/* SPDX-License-Identifier: MIT */
/** @file cxm/record.h
 *  @brief One survey answer or event on its way from a reader to the engine.
 *
 *  Plain data that borrows everything: the texts behind a record live as long as the buffer
 *  they were read from, and nobody keeps them past the call.
 *  Threads  Plain data.                                                            */
#ifndef CXM_RECORD_H
#define CXM_RECORD_H
#include <cxm/status.h>
CXM_BEGIN_C

/** Borrowed bytes, UTF-8 by convention, no NUL at the end; `text` may be NULL when len = 0. */
typedef struct cxm_view {
    const char *text;
    size_t len;
} cxm_view;

/** What became of the answer's text. */
enum cxm_answer {
    CXM_ANSWER_GIVEN = 1,    /**< `value` or `label` holds it, on the scale or not */
    CXM_ANSWER_MISSING = 2,  /**< blank or a missing word */
    CXM_ANSWER_UNPARSED = 3, /**< a text that is no number */
    CXM_ANSWER_OPEN = 4      /**< a duration that has not ended: of quantiles alone */
};

/** What is known of the event time. */
enum cxm_event_time {
    CXM_TIME_NONE = 0,      /**< the record carries no time */
    CXM_TIME_GIVEN = 1,     /**< `at_us` holds it */
    CXM_TIME_UNPARSED = 2   /**< there is a text, but it is no instant */
};

/** One answer. Set `size` to sizeof(cxm_record) and all else to zero before filling it. */
typedef struct cxm_record {
    uint32_t size;              /**< bytes the caller has room for */
    int32_t answer;             /**< CXM_ANSWER_* */
    double value;               /**< the answer, when given */
    int64_t at_us;              /**< event time, UTC microseconds, when given */
    int32_t time;               /**< CXM_TIME_* */
    uint32_t segment_count;     /**< views behind `segments` */
    const cxm_view *segments;   /**< one value a segment column, in the engine's order */
    cxm_view key;               /**< who answered; empty: nobody known. Read where the engine dedupes */
    cxm_view label;             /**< the answer in its place where the engine counts labels, when given */
    double weight;              /**< read where the engine weighs answers; NaN where there is none: it is refused */
} cxm_record;

CXM_END_C
#endif
