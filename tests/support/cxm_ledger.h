/* SPDX-License-Identifier: MIT */
/* cxm_ledger.h - an allocator that counts every byte, never hands out zeros, and fails when told to. */
#ifndef CXM_LEDGER_H
#define CXM_LEDGER_H
#include <cxm/alloc.h>
#include <stdbool.h>

typedef struct ledger {
    size_t live, peak;      /* bytes handed out and not yet given back; the most of them at once */
    size_t calls;           /* of alloc and resize */
    size_t fail_at;         /* the call that fails, from 1; 0 = none */
    bool fail_on;           /* whether every later call fails too */
    size_t failed;
} ledger;

/* A hook whose context is `own`, which outlives every object made with it. */
cxm_alloc ledger_hook(ledger *own);

#endif
