/* SPDX-License-Identifier: MIT */
/* dedupe.h - one scored answer a key, whatever the order of the records.
 *
 * Of two answers of a key one wins by time (the earlier or the later, as the engine was told), then by the
 * larger answer, then by the segment first in bytes: a total order, so the winner of any set is the same
 * however it was met. The loser leaves its cell's counters by the exact inverse of add and becomes a duplicate
 * of that cell. */
#ifndef CXM_STREAM_DEDUPE_H
#define CXM_STREAM_DEDUPE_H
#include "stream/engine_parts.h"

/* What is remembered of a key: the winner so far, and the slot it is scored in. */
typedef struct winner { group_slot *home; int64_t at_us; int64_t answer; } winner;

/* Whether a record competes: it has a key, and its answer is a point of the scale. */
bool dedupe_competes(const cxm_engine *engine, const cxm_record *record);

/* The winner kept for `key`, made with home NULL when there is none yet.
 * CXM_E_LIMIT when no further key fits, CXM_E_MEMORY; nothing is changed then. */
cxm_status dedupe_winner_of(cxm_engine *engine, cxm_view key, winner **out);

/* Lets a challenger, already scored in its home, meet the winner so far: the loser becomes a duplicate. */
void dedupe_settle(cxm_engine *engine, winner *held, winner challenger);

#endif
