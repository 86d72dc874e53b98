/* climb_to.c - the relaxation of a path, for any machine and for AVX2. */
#include "road/climb_priv.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

static inline uint32_t climb_plain(const struct climb *climb, const struct cch_weight *weights,
                                   uint32_t *labels, uint32_t from, uint32_t stop,
                                   enum climb_side side)
{
    while (from < stop) {
        const struct climb_vertex *vertex = &climb->vertices[from];
        const struct climb_step *step = &climb->steps[vertex->step], *end = step + vertex->steps;
        const struct cch_weight *weight = &weights[vertex->arc];
        uint32_t label = labels[vertex->slot];
        for (; step < end && label < ROAD_INF; step++) {
            uint32_t *block = labels + (size_t)step->block * CLIMB_BLOCK;
            for (uint32_t mask = step->mask; mask; mask &= mask - 1, weight++) {
                uint32_t *at = block + __builtin_ctz(mask);
                uint32_t ms = label + (side == CLIMB_OUT ? weight->up : weight->down);
                *at = ms < *at ? ms : *at;
            }
        }
        from = vertex->parent;
    }
    return from;
}

uint32_t climb_to_plain_out(const struct climb *climb, const struct cch_weight *weights,
                            uint32_t *labels, uint32_t from, uint32_t stop)
{
    return climb_plain(climb, weights, labels, from, stop, CLIMB_OUT);
}

uint32_t climb_to_plain_in(const struct climb *climb, const struct cch_weight *weights,
                           uint32_t *labels, uint32_t from, uint32_t stop)
{
    return climb_plain(climb, weights, labels, from, stop, CLIMB_IN);
}

#ifdef __x86_64__
/* For each mask of a step: which of the loaded weights each lane takes; 0x80 = none. */
#define LANE(mask, lane)                                                                           \
    ((uint64_t)((mask) >> (lane)&1 ? __builtin_popcount((mask) & ((1u << (lane)) - 1)) : 0x80)     \
     << 8 * (lane))
#define ROW1(mask)                                                                                 \
    (LANE(mask, 0) | LANE(mask, 1) | LANE(mask, 2) | LANE(mask, 3) | LANE(mask, 4) |               \
     LANE(mask, 5) | LANE(mask, 6) | LANE(mask, 7))
#define ROW4(mask) ROW1(mask), ROW1((mask) + 1u), ROW1((mask) + 2u), ROW1((mask) + 3u)
#define ROW16(mask) ROW4(mask), ROW4((mask) + 4u), ROW4((mask) + 8u), ROW4((mask) + 12u)
#define ROW64(mask) ROW16(mask), ROW16((mask) + 16u), ROW16((mask) + 32u), ROW16((mask) + 48u)
static const uint64_t lanes_of[256] = {ROW64(0u), ROW64(64u), ROW64(128u), ROW64(192u)};

#define WIDE __attribute__((target("avx2")))
#define WIDE_INLINE static inline __attribute__((target("avx2"), always_inline))

/* Eight weights of one side, from eight pairs. */
WIDE_INLINE __m256i load_side(const struct cch_weight *weights, enum climb_side side)
{
    __m256 low = _mm256_loadu_ps((const float *)(const void *)weights);
    __m256 high = _mm256_loadu_ps((const float *)(const void *)(weights + 4));
    __m256 one =
        side == CLIMB_OUT ? _mm256_shuffle_ps(low, high, 0x88) : _mm256_shuffle_ps(low, high, 0xdd);
    return _mm256_permute4x64_epi64(_mm256_castps_si256(one), 0xd8);
}

WIDE_INLINE void take_step(struct climb_step step, __m256i weights, __m256i label, uint32_t *labels)
{
    __m256i none = _mm256_set1_epi32(ROAD_INF);
    __m256i lanes = _mm256_cvtepi8_epi32(_mm_cvtsi64_si128((long long)lanes_of[step.mask]));
    __m256i *at = (__m256i *)(void *)(labels + (size_t)step.block * CLIMB_BLOCK);
    weights = _mm256_permutevar8x32_epi32(weights, lanes);
    weights = _mm256_castps_si256(_mm256_blendv_ps(
        _mm256_castsi256_ps(weights), _mm256_castsi256_ps(none), _mm256_castsi256_ps(lanes)));
    __m256i ms = _mm256_add_epi32(weights, label);
    _mm256_store_si256(at, _mm256_min_epu32(_mm256_load_si256(at), ms));
}

WIDE_INLINE uint32_t climb_wide(const struct climb *climb, const struct cch_weight *weights,
                                uint32_t *labels, uint32_t from, uint32_t stop,
                                enum climb_side side)
{
    /* Eight pairs are loaded even where fewer are used: not at the very end. */
    uint32_t safe = climb->cch->arcs < CLIMB_BLOCK ? 0 : climb->cch->arcs - CLIMB_BLOCK + 1;
    while (from < stop) {
        const struct climb_vertex *vertex = &climb->vertices[from];
        const struct climb_step *step = &climb->steps[vertex->step], *end = step + vertex->steps;
        uint32_t arc = vertex->arc, next = vertex->parent;
        if (step < end && vertex[1].arc > safe) {
            (void)climb_plain(climb, weights, labels, from, from + 1, side);
            step = end;
        }
        __m256i label = _mm256_set1_epi32((int)labels[vertex->slot]);
        for (; step < end; arc += step->count, step++)
            take_step(*step, load_side(&weights[arc], side), label, labels);
        from = next;
    }
    return from;
}

static WIDE uint32_t climb_to_wide_out(const struct climb *climb, const struct cch_weight *weights,
                                       uint32_t *labels, uint32_t from, uint32_t stop)
{
    return climb_wide(climb, weights, labels, from, stop, CLIMB_OUT);
}

static WIDE uint32_t climb_to_wide_in(const struct climb *climb, const struct cch_weight *weights,
                                      uint32_t *labels, uint32_t from, uint32_t stop)
{
    return climb_wide(climb, weights, labels, from, stop, CLIMB_IN);
}
#endif

void climb_choose(struct climb *climb)
{
    climb->to[CLIMB_OUT] = climb_to_plain_out;
    climb->to[CLIMB_IN] = climb_to_plain_in;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        climb->to[CLIMB_OUT] = climb_to_wide_out;
        climb->to[CLIMB_IN] = climb_to_wide_in;
    }
#endif
}
