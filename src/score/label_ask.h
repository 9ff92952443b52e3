/* SPDX-License-Identifier: MIT */
/* label_ask.h - what numbers and sentences of labels share: the question, its sets, its method. */
#ifndef CXM_SCORE_LABEL_ASK_H
#define CXM_SCORE_LABEL_ASK_H
#include <cxm/interval.h>
#include <cxm/label.h>
#include <stdbool.h>

/* The labels of a net as the caller named them. */
typedef struct label_sets { const cxm_label_text *positive, *negative; size_t positives, negatives; } label_sets;

/* At least one label on either side, each with its text, none twice. */
bool label_sets_ok(const label_sets *sets);

/* The question with its defaults filled in, `ask` NULL for all of them; CXM_E_ABI or CXM_E_ARG. */
cxm_status label_ask_complete(const cxm_label_ask *ask, cxm_label_ask *out);

/* Limits of one share among `categories`, by a method of either kind; NaN when undefined. */
cxm_status label_limits(uint64_t count, uint64_t n, uint64_t categories, const cxm_label_ask *ask, cxm_interval *out);

#endif
