/* SPDX-License-Identifier: MIT */
/* dedupe.c - see dedupe.h. */
#include "base/port.h"
#include "stream/dedupe.h"

bool dedupe_competes(const cxm_engine *engine, const cxm_record *record)
{
    double v = record->value;
    return engine->dedupe && record->key.len > 0 && record->answer == CXM_ANSWER_GIVEN && v >= engine->spec.scale.lo &&
           v <= engine->spec.scale.hi && v == (double)(int32_t)v;
}

cxm_status dedupe_winner_of(cxm_engine *engine, cxm_view key, winner **out)
{
    group_key name = {&key, 1, false, 0};
    group_slot *slot;
    bool is_new;
    cxm_status status = group_slot_of(engine->keys, &name, &slot, &is_new);
    if (status == CXM_OK) *out = group_data(slot);      /* all zero when new: no home yet */
    return status;
}

static bool beats(const cxm_engine *engine, const winner *a, const winner *b)
{
    if (a->at_us != b->at_us) return (a->at_us < b->at_us) == (engine->dedupe == CXM_DEDUPE_FIRST);
    if (a->answer != b->answer) return a->answer > b->answer;
    return group_compare_segments(a->home, b->home) < 0;
}

static void retire(const winner *loser)
{
    cell *home = group_data(loser->home);
    cxm_scale_remove(&home->state.scale, (int32_t)loser->answer);     /* it was added there */
    ++home->duplicates;
}

void dedupe_settle(cxm_engine *engine, winner *held, winner challenger)
{
    if (held->home && !beats(engine, &challenger, held)) {
        retire(&challenger);
        return;
    }
    if (held->home) retire(held);
    *held = challenger;
}
