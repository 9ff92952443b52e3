/* SPDX-License-Identifier: MIT */
/* test_alloc.c - libc by default, a caller's hook with its context, and what is refused. */
#include <stdlib.h>
#include <string.h>
#include "base/alloc.h"
#include "support/cxm_test.h"

typedef struct ledger { size_t live_bytes, calls; int empty; } ledger;

static void *take(void *ctx, size_t bytes)
{
    ledger *l = ctx;
    ++l->calls;
    if (l->empty) return NULL;
    l->live_bytes += bytes;
    void *ptr = malloc(bytes);
    if (ptr) memset(ptr, 0xA5, bytes);
    return ptr;
}

static void *move(void *ctx, void *ptr, size_t old_bytes, size_t new_bytes)
{
    ledger *l = ctx;
    l->live_bytes = l->live_bytes - old_bytes + new_bytes;
    return realloc(ptr, new_bytes);
}

static void give(void *ctx, void *ptr, size_t bytes)
{
    ledger *l = ctx;
    ++l->calls;
    l->live_bytes -= bytes;
    free(ptr);
}

static void libc_is_the_default(void **state)
{
    (void)state;
    cxm_alloc hook;
    assert_int_equal(alloc_choose(NULL, &hook), CXM_OK);
    char *ptr = alloc_zeroed(&hook, 10, 4);
    assert_non_null(ptr);
    for (int i = 0; i < 40; ++i) assert_int_equal(ptr[i], 0);
    memset(ptr, 'x', 40);
    ptr = hook.resize(hook.ctx, ptr, 40, 4000);
    assert_non_null(ptr);
    assert_int_equal(ptr[39], 'x');
    alloc_free(&hook, ptr, 4000);
    alloc_free(&hook, NULL, 0);
}

static void a_hook_is_copied_and_balanced(void **state)
{
    (void)state;
    ledger l = {0, 0, 0};
    cxm_alloc given = {&l, take, move, give}, hook;
    assert_int_equal(alloc_choose(&given, &hook), CXM_OK);
    assert_true(hook.ctx == &l && hook.alloc == take && hook.resize == move && hook.free == give);
    given.alloc = NULL;                                  /* the copy does not look back */
    unsigned char *ptr = alloc_zeroed(&hook, 3, 8);
    assert_non_null(ptr);
    for (int i = 0; i < 24; ++i) assert_int_equal(ptr[i], 0);
    ptr = hook.resize(hook.ctx, ptr, 24, 48);
    assert_int_equal(l.live_bytes, 48);
    alloc_free(&hook, ptr, 48);
    assert_int_equal(l.live_bytes, 0);
    alloc_free(&hook, NULL, 48);
    assert_int_equal(l.calls, 2);                        /* NULL never reaches the hook */
}

static void refusals(void **state)
{
    (void)state;
    ledger l = {0, 0, 0};
    cxm_alloc whole = {&l, take, move, give}, out = {NULL, NULL, NULL, NULL};
    for (int missing = 0; missing < 3; ++missing) {
        cxm_alloc part = whole;
        if (missing == 0) part.alloc = NULL;
        if (missing == 1) part.resize = NULL;
        if (missing == 2) part.free = NULL;
        assert_int_equal(alloc_choose(&part, &out), CXM_E_ARG);
        assert_null(out.ctx);                            /* untouched */
    }
    assert_null(alloc_zeroed(&whole, 0, 8));
    assert_null(alloc_zeroed(&whole, 8, 0));
    assert_null(alloc_zeroed(&whole, SIZE_MAX / 2, 3));
    assert_int_equal(l.calls, 0);
    l.empty = 1;
    assert_null(alloc_zeroed(&whole, 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(libc_is_the_default),
                                       cmocka_unit_test(a_hook_is_copied_and_balanced),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests_name("base/alloc", tests, NULL, NULL);
}
