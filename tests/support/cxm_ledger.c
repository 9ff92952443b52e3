/* SPDX-License-Identifier: MIT */
/* cxm_ledger.c - see cxm_ledger.h. */
#include "support/cxm_ledger.h"
#include <stdlib.h>
#include <string.h>
#include "support/cxm_test.h"

static bool fails(ledger *own)
{
    ++own->calls;
    bool now = own->fail_at && (own->calls == own->fail_at || (own->fail_on && own->calls > own->fail_at));
    own->failed += now;
    return now;
}

static void count_in(ledger *own, size_t bytes)
{
    own->live += bytes;
    if (own->live > own->peak) own->peak = own->live;
}

static void *take(void *ctx, size_t bytes)
{
    ledger *own = (ledger *)ctx;
    assert_true(bytes > 0);
    if (fails(own)) return NULL;
    void *ptr = malloc(bytes);
    assert_non_null(ptr);
    memset(ptr, 0xA5, bytes);
    count_in(own, bytes);
    return ptr;
}

static void *move(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    ledger *own = (ledger *)ctx;
    assert_true(ptr && new_bytes > 0 && own->live >= old_bytes);
    if (fails(own)) return NULL;
    void *moved = realloc(ptr, new_bytes);
    assert_non_null(moved);
    own->live -= old_bytes;
    count_in(own, new_bytes);
    return moved;
}

static void give(void *ctx, void *ptr, size_t bytes)
{
    ledger *own = (ledger *)ctx;
    assert_true(ptr && own->live >= bytes);
    own->live -= bytes;
    free(ptr);
}

cxm_alloc ledger_hook(ledger *own)
{
    return (cxm_alloc){own, take, move, give};
}
