/* SPDX-License-Identifier: MIT */
/* test_interval_margin.c - how far score limits lie from a net share: at any z, and how that grows. */
#include <math.h>
#include "inference/interval.h"
#include "support/cxm_test.h"

static uint64_t any_count(uint64_t *seed)
{
    uint64_t draw = test_rand(seed) % 6;
    return draw == 0 ? 0 : draw == 1 ? 1 : test_rand(seed) >> (2 + test_rand(seed) % 62);
}

static double any_z(uint64_t *seed)
{
    return exp(-5.0 + 15.0 * (double)(test_rand(seed) >> 11) / 9007199254740992.0);
}

/* Tango's equation n s^2 = z^2 (2 q + t (1 - t)) at t = estimate - s, q from its quadratic, where that is sound. */
static double tangos_z(double minus, double zero, double plus, double s)
{
    double n = minus + zero + plus, d = minus / n, r = plus / n, t = r - d - s;
    double b = -(d + r) + (2.0 - r + d) * t, c = -d * t * (1.0 - t), root = sqrt(b * b - 8.0 * c);
    double q = b > 0.0 ? -2.0 * c / (b + root) : 0.25 * (root - b);
    return s * sqrt(n / (2.0 * q + t * (1.0 - t)));
}

static void margins_solve_tangos_equation_at_any_z(void **state)
{
    (void)state;
    uint64_t seed = 51;
    size_t seen = 0;
    for (int i = 0; i < 40000; ++i) {
        double c[3], z = any_z(&seed);
        for (int k = 0; k < 3; ++k) c[k] = (double)(test_rand(&seed) % (i & 1 ? 12 : 5000));
        if (c[1] + c[2] < 1.0) continue;
        score_margin got = interval_score_margin(c[0], c[1], c[2], z);
        if ((c[2] - c[0]) / (c[0] + c[1] + c[2]) - got.size < -0.5) continue;       /* the quadratic cancels there */
        assert_close(tangos_z(c[0], c[1], c[2], got.size), z, 1e-9);
        ++seen;
    }
    assert_in_range(seen, 15000, 40000);
}

/* Without minus the likeliest share of minus leaves 0 where z^2 n is half of zero times plus: right on both sides. */
static void the_turn_of_a_sample_without_minus(void **state)
{
    (void)state;
    for (double zero = 1.0; zero < 1e4; zero *= 3.0)
        for (double plus = 1.0; plus < 1e4; plus *= 7.0)
            for (double off = -0.03; off < 0.031; off += 0.01) {
                double z = sqrt(0.5 * zero * plus / (zero + plus)) * (1.0 + off);
                score_margin got = interval_score_margin(0.0, zero, plus, z);
                if (plus / (zero + plus) - got.size > -0.5) assert_close(tangos_z(0.0, zero, plus, got.size), z, 1e-9);
            }
}

/* Away from 0, inside the range, rising, the limit within an eighth of its end at z = 4 sqrt(n), and the growth is
 * what two nearby z say. */
static void margins_stay_sound(void **state)
{
    (void)state;
    uint64_t seed = 52;
    for (int i = 0; i < 40000; ++i) {
        double minus = (double)any_count(&seed), zero = (double)any_count(&seed), plus = (double)any_count(&seed);
        if (zero + plus < 1.0) plus = 1.0;
        double n = minus + zero + plus, z = any_z(&seed) * (i % 5 ? 1.0 : sqrt(n)), step = 1e-5;
        score_margin got = interval_score_margin(minus, zero, plus, z);
        score_margin far = interval_score_margin(minus, zero, plus, 4.0 * sqrt(n));
        score_margin less = interval_score_margin(minus, zero, plus, z * (1.0 - step));
        score_margin more = interval_score_margin(minus, zero, plus, z * (1.0 + step));
        double most = (zero + 2.0 * plus) / n, room = 1.0 + 3e-15;       /* for rounding */
        assert_true(got.size > 0.0 && got.size <= most * room);
        assert_true(less.size <= got.size * room && got.size <= more.size * room);
        assert_true(far.size >= 0.875 * most * (1.0 - 1e-14));
        double backwards = log(got.size / less.size) / -log1p(-step), forwards = log(more.size / got.size) / log1p(step);
        double from = fmin(backwards, forwards), to = fmax(backwards, forwards);       /* apart where the growth jumps */
        assert_true(from - 1e-4 <= got.growth && got.growth <= to + 1e-4);
    }
}

static void without_room_or_z_there_is_no_margin(void **state)
{
    (void)state;
    assert_true(interval_score_margin(7.0, 0.0, 0.0, 2.0).size == 0.0);
    assert_true(interval_score_margin(1.0, 2.0, 3.0, 0.0).size == 0.0);
    assert_true(interval_score_margin(1.0, 2.0, 3.0, 1e-200).size == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(margins_solve_tangos_equation_at_any_z),
                                       cmocka_unit_test(the_turn_of_a_sample_without_minus),
                                       cmocka_unit_test(margins_stay_sound),
                                       cmocka_unit_test(without_room_or_z_there_is_no_margin)};
    return cmocka_run_group_tests_name("inference/interval_margin", tests, NULL, NULL);
}
