/* SPDX-License-Identifier: MIT */
/* bench_btyd.c - lifetime models fitted to simulated customers, and what they say of each of them.
 *
 * Customers of BG/NBD and Gamma-Gamma with the parameters of CDNOW, in days and cents, of 27 to 39 weeks. Per number of customers, 2,357
 * and 1e6 unless told: ms of the grouping into rows alone, then of grouping and fit together, model by model. Then ns a customer of
 * 100,000: alive, expected over 39 weeks, and residual at 15 % a year. Each beside a pass that only sums up the customers as they
 * were drawn. Ways run in turn, nine rounds, medians.
 *     bench_btyd [--rows] [CUSTOMERS [1]]      the larger number, and 1 for a single round               */
#define _POSIX_C_SOURCE 200809L
#include <cxm/btyd.h>
#include <cxm/clv.h>
#include <cxm/gamma_gamma.h>
#include <math.h>
#include "bench.h"

enum { FEW = 2357, MANY = 1000000, ASKED = 100000, SIZES = 2 };
enum { READ, GROUP, NBD, BGNBD, MBGNBD, SPEND, FITS };
enum { READ_ONE, BGNBD_ALIVE, BGNBD_EXPECTED, BGNBD_RESIDUAL, MBGNBD_ALIVE, MBGNBD_EXPECTED, MBGNBD_RESIDUAL, ASKS };

static const char *const fits[FITS] = {"read", "group", "nbd", "bgnbd", "mbgnbd", "gamma-gamma"};
static const char *const asks[ASKS] = {"read", "bgnbd, alive", "bgnbd, expected", "bgnbd, residual", "mbgnbd, alive", "mbgnbd, expected",
                                       "mbgnbd, residual"};
typedef struct customer { uint32_t x, t_x, T; int64_t money; } customer;

static customer *customers;
static volatile double sink;

static void must(cxm_status status)
{
    if (status == CXM_OK) return;
    fprintf(stderr, "%s\n", cxm_status_name(status));
    exit(1);
}

/* --- customers --- */

static double next_share(uint64_t *x)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*x >> 11) + 0.5) * 0x1p-53;
}

static double next_normal(uint64_t *x)
{
    double far = sqrt(-2.0 * log(next_share(x)));
    return far * cos(6.283185307179586 * next_share(x));
}

/* Gamma of a shape, rate 1: G. Marsaglia and W. W. Tsang, 2000; a shape below 1 by the one above it. */
static double next_gamma(double shape, uint64_t *x)
{
    if (shape < 1.0) {
        double above = next_gamma(shape + 1.0, x);
        return above * pow(next_share(x), 1.0 / shape);
    }
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double z = next_normal(x), v = 1.0 + c * z;
        v = v * v * v;
        if (v > 0.0 && log(next_share(x)) < 0.5 * z * z + d - d * v + d * log(v)) return d * v;
    }
}

static customer next_customer(uint64_t *x)
{
    double rate = next_gamma(0.243, x) / (4.414 * 7.0), left = next_gamma(0.793, x), stayed = next_gamma(2.426, x);
    double leaves = left / (left + stayed), age = 189.0 + floor(next_share(x) * 85.0), at = 0.0;
    customer one = {0, 0, (uint32_t)age, 0};
    for (;;) {
        at -= log(next_share(x)) / rate;
        if (!(at < age)) break;
        ++one.x;
        one.t_x = (uint32_t)at + 1;
        if (next_share(x) < leaves) break;
    }
    double scale = next_gamma(3.744, x) / (15.44 * 100.0);
    if (one.x) one.money = 1 + (int64_t)(next_gamma(6.25 * one.x, x) / scale);
    return one;
}

static void draw(size_t n)
{
    uint64_t x = 20261201;
    customers = malloc(n * sizeof *customers);
    if (!customers) must(CXM_E_MEMORY);
    for (size_t i = 0; i < n; ++i) customers[i] = next_customer(&x);
}

/* --- fits --- */

static void read_all(size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; ++i) sum += customers[i].x + customers[i].t_x + customers[i].T + (uint64_t)customers[i].money;
    sink += (double)sum;
}

static cxm_cbs *group(size_t n, cxm_cbs_view *view)
{
    cxm_cbs *t;
    must(cxm_cbs_create(&(cxm_cbs_options){.size = sizeof(cxm_cbs_options), .per_unit = 7.0, .hash_seed = 7}, NULL, &t));
    for (size_t i = 0; i < n; ++i) must(cxm_cbs_add(t, customers[i].x, customers[i].t_x, customers[i].T, 1));
    must(cxm_cbs_rows(t, view));
    return t;
}

static cxm_btyd fit(size_t n, int32_t kind, cxm_fit *told)
{
    cxm_cbs_view view;
    cxm_btyd model;
    cxm_cbs *t = group(n, &view);
    must(cxm_btyd_fit(&view, kind, &model, told));
    cxm_cbs_free(t);
    return model;
}

static void fit_spend(size_t n, cxm_fit *told)
{
    cxm_spend_view view;
    cxm_gamma_gamma model;
    cxm_spend *t;
    must(cxm_spend_create(&(cxm_cbs_options){.size = sizeof(cxm_cbs_options), .per_unit = 100.0, .hash_seed = 7}, NULL, &t));
    for (size_t i = 0; i < n; ++i)
        if (customers[i].x) must(cxm_spend_add(t, customers[i].x, customers[i].money, 1));
    must(cxm_spend_rows(t, &view));
    must(cxm_gamma_gamma_fit(&view, &model, told));
    cxm_spend_free(t);
}

static double lap(double *since)
{
    double before = *since;
    *since = seconds();
    return *since - before;
}

/* Seconds; the different rows. */
static size_t time_fits(size_t n, double took[FITS], uint32_t evaluations[FITS])
{
    cxm_fit told = {.size = sizeof told};
    cxm_cbs_view view;
    double clock = seconds();
    read_all(n);
    took[READ] = lap(&clock);
    cxm_cbs_free(group(n, &view));
    took[GROUP] = lap(&clock);
    for (int way = NBD; way <= MBGNBD; ++way) {
        fit(n, CXM_BTYD_NBD + (way - NBD), &told);
        took[way] = lap(&clock);
        evaluations[way] = told.outcome == CXM_FIT_INNER ? told.evaluations : 0;
    }
    fit_spend(n, &told);
    took[SPEND] = lap(&clock);
    evaluations[SPEND] = told.outcome == CXM_FIT_INNER ? told.evaluations : 0;
    return view.count;
}

/* --- predictions --- */

static void ask(const cxm_btyd *model, int what, size_t n)
{
    double sum = 0.0, out, discount;
    must(cxm_discount_continuous(0.15, 52.0, &discount));
    for (size_t i = 0; i < n; ++i) {
        cxm_btyd_history h = {customers[i].x, customers[i].t_x / 7.0, customers[i].T / 7.0};
        if (what == 0) must(cxm_btyd_alive(model, &h, &out));
        else if (what == 1) must(cxm_btyd_expected(model, &h, 39.0, &out));
        else must(cxm_btyd_residual(model, &h, discount, &out));
        sum += out;
    }
    sink += sum;
}

/* Seconds. */
static void time_asks(size_t n, const cxm_btyd model[2], double took[ASKS])
{
    double clock = seconds();
    read_all(n);
    took[READ_ONE] = lap(&clock);
    for (int way = BGNBD_ALIVE; way < ASKS; ++way) {
        ask(&model[way >= MBGNBD_ALIVE], (way - BGNBD_ALIVE) % 3, n);
        took[way] = lap(&clock);
    }
}

/* --- both --- */

static void keep(double rounds[][ROUNDS], const double *took, int ways, int round)
{
    for (int i = 0; i < ways; ++i)
        for (int same = round; same < ROUNDS; ++same) rounds[i][same] = took[i];
}

static void tell_fits(size_t n, size_t rows, double rounds[FITS][ROUNDS], const uint32_t *evaluations, int with_rows)
{
    double read = 0.0;
    char what[64], size[32];
    printf("  %zu customers of %zu different rows\n", n, rows);
    if (n == MANY) strcpy(size, "1e6");
    else snprintf(size, sizeof size, "%zu", n);
    for (int i = 0; i < FITS; ++i) {
        double took = median(rounds[i]);
        if (i == READ) read = took;
        printf("    %-18s %10.3f ms", fits[i], took * 1e3);
        if (i >= NBD) printf("  with grouping, %u evaluations", evaluations[i]);
        puts("");
        snprintf(what, sizeof what, i == GROUP ? "btyd, %s %s" : "btyd, group and fit %s, %s", i == GROUP ? "group" : fits[i], size);
        if (with_rows && i != READ) print_bench_row(what, "ms", took * 1e3, read * 1e3, "sum of customers");
    }
}

static void tell_asks(size_t n, double rounds[ASKS][ROUNDS], int with_rows)
{
    double read = 0.0;
    char what[64];
    printf("  predictions of %zu customers\n", n);
    for (int i = 0; i < ASKS; ++i) {
        double took = median(rounds[i]) * 1e9 / (double)n;
        if (i == READ_ONE) read = took;
        printf("    %-18s %10.2f ns a customer\n", asks[i], took);
        snprintf(what, sizeof what, "btyd, %s", asks[i]);
        if (with_rows && i != READ_ONE) print_bench_row(what, "ns", took, read, "sum of customers");
    }
}

int main(int argc, char **argv)
{
    static double of_fits[SIZES][FITS][ROUNDS], of_asks[ASKS][ROUNDS];
    double took[FITS], asking[ASKS];
    uint32_t evaluations[SIZES][FITS];
    int with_rows = has_option(argc, argv, "--rows"), first = with_rows ? 2 : 1;
    size_t sizes[SIZES] = {FEW, argc > first ? (size_t)strtoul(argv[first], NULL, 10) : MANY}, rows[SIZES];
    int count = argc > first + 1 && atoi(argv[first + 1]) == 1 ? 1 : ROUNDS;
    if (sizes[1] < FEW) return fputs("usage: bench_btyd [--rows] [CUSTOMERS [1]], 2357 or more\n", stderr), 2;
    size_t asked = sizes[1] < ASKED ? sizes[1] : ASKED;
    cxm_fit told = {.size = sizeof told};
    draw(sizes[1]);
    const cxm_btyd model[2] = {fit(FEW, CXM_BTYD_BGNBD, &told), fit(FEW, CXM_BTYD_MBGNBD, &told)};
    for (int round = 0; round < count; ++round) {
        for (int i = 0; i < SIZES; ++i) {
            rows[i] = time_fits(sizes[i], took, evaluations[i]);
            keep(of_fits[i], took, FITS, round);
        }
        time_asks(asked, model, asking);
        keep(of_asks, asking, ASKS, round);
    }
    printf("value/btyd, medians of %d rounds\n", count);
    for (int i = 0; i < SIZES; ++i) tell_fits(sizes[i], rows[i], of_fits[i], evaluations[i], with_rows);
    tell_asks(asked, of_asks, with_rows);
    free(customers);
    return 0;
}
