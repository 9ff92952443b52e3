/* SPDX-License-Identifier: MIT */
/* quantile_neon.h - quantile_block.c by NEON: four doubles, narrowed to the upper halves of their bits, then to 16 bits. */
#include <arm_neon.h>

typedef struct neon_map { float64x2_t scale, raise; uint32x4_t base, bins; int32x4_t shift; } neon_map;

/* What the lanes hold: sums of the bits of raised doubles, and the least and the greatest of these. */
typedef struct neon_sums { uint64x2_t sum; float64x2_t least, most; } neon_sums;

static inline uint32x2_t neon_two(const neon_map *m, const double *values, neon_sums *s)
{
    float64x2_t raised = vaddq_f64(vmulq_f64(vld1q_f64(values), m->scale), m->raise);
    s->sum = vaddq_u64(s->sum, vreinterpretq_u64_f64(raised));
    s->least = vminq_f64(s->least, raised);
    s->most = vmaxq_f64(s->most, raised);
    return vshrn_n_u64(vreinterpretq_u64_f64(vsubq_f64(raised, m->raise)), 32);
}

static inline uint16x4_t neon_four(const neon_map *m, const double *values, neon_sums *s)
{
    uint32x4_t upper = vcombine_u32(neon_two(m, values, s), neon_two(m, values + 2, s));
    return vmovn_u32(vminq_u32(vsubq_u32(vshlq_u32(upper, m->shift), m->base), m->bins));
}

static quantile_block neon_block(const quantile_map *map, const double *values, size_t n, uint16_t *bins,
                                 const quantile_due *due)
{
    const neon_map m = {vdupq_n_f64(map->scale), vdupq_n_f64(QUANTILE_RAISED), vdupq_n_u32(map->base),
                        vdupq_n_u32(map->bins), vdupq_n_s32(-(int32_t)map->shift)};
    neon_sums s = {vdupq_n_u64(0), vdupq_n_f64(RAISED_MOST), vdupq_n_f64(QUANTILE_RAISED)};
    uint16x8_t first = vdupq_n_u16(INT16_MAX), last = vdupq_n_u16(0);
    const quantile_due before = due_or_none(due);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint16x8_t got = vcombine_u16(neon_four(&m, values + i, &s), neon_four(&m, values + i + 4, &s));
        first = vminq_u16(first, got);
        last = vmaxq_u16(last, got);
        vst1q_u16(bins + i, got);
        if (before.bins && i % 16 == 0) count_sixteen(before, i);
    }
    count_rest(before, (i + 15) / 16 * 16);
    lanes got = {.sum = {vaddvq_u64(s.sum)}};
    for (int k = 0; k < 8; ++k) got.least[k] = vminvq_f64(s.least), got.most[k] = vmaxvq_f64(s.most);
    for (int k = 0; k < 2; ++k) vst1q_u16(got.first + 8 * k, first), vst1q_u16(got.last + 8 * k, last);
    return finish(&got, map, values, i, n, bins);
}
