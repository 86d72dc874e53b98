#include "road/fleet_priv.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* Blocks, and how many are kept: whole groups of them. */
static size_t blocks_kept(const struct climb *climb)
{
    size_t blocks = climb->slots / CLIMB_BLOCK;
    return (blocks + FLEET_GROUP - 1) / FLEET_GROUP * FLEET_GROUP;
}

static size_t words_of(const struct climb *climb)
{
    return (2 * blocks_kept(climb) + 2 * (size_t)climb->slots + 15) / 16 * 16;
}

size_t fleet_row_bytes(const struct climb *climb)
{
    return words_of(climb) * sizeof(uint32_t);
}

struct fleet_row fleet_row_at(const struct climb *climb, void *memory, size_t index)
{
    uint32_t *at = (uint32_t *)memory + index * words_of(climb);
    size_t kept = blocks_kept(climb);
    return (struct fleet_row){.low = at,
                              .top = at + kept,
                              .labels = at + 2 * kept,
                              .path = at + 2 * kept + climb->slots,
                              .lowest = climb->slots};
}

void fleet_row_climb(struct fleet_row *row, const struct climb *climb,
                     const struct cch_weight *weights, enum climb_side side,
                     struct climb_chain chain)
{
    uint32_t blocks = climb->slots / CLIMB_BLOCK, kept = (uint32_t)blocks_kept(climb);
    row->lowest = climb->vertices[chain.at[0].vertex].slot;
    climb_seed(climb, chain, row->labels);
    (void)climb->to[side](climb, weights, row->labels, chain.at[0].vertex, ROAD_NONE);
    for (uint32_t v = chain.at[0].vertex; v != ROAD_NONE; v = climb->vertices[v].parent)
        row->path[climb->vertices[v].slot] = v;
    for (uint32_t i = 0; i < kept; i++) {
        uint32_t low = ROAD_INF;
        bool is_on_path = i >= row->lowest / CLIMB_BLOCK && i < blocks;
        for (uint32_t k = 0; k < CLIMB_BLOCK && is_on_path; k++) {
            uint32_t ms = row->labels[i * CLIMB_BLOCK + k];
            low = ms < low ? ms : low;
        }
        row->low[i] = low;
        row->top[i] = is_on_path ? row->path[i * CLIMB_BLOCK + CLIMB_BLOCK - 1] : ROAD_NONE;
    }
}

uint32_t fleet_meet_plain(const struct fleet_row *a, const struct fleet_row *b, uint32_t slots,
                          uint32_t bound)
{
    uint32_t lowest = a->lowest > b->lowest ? a->lowest : b->lowest;
    for (uint32_t i = slots; i-- > lowest && a->path[i] == b->path[i];) {
        uint32_t ms = a->labels[i] + b->labels[i];
        bound = ms < bound ? ms : bound;
    }
    return bound;
}

#ifdef __x86_64__
#define WIDE_INLINE static inline __attribute__((target("avx2"), always_inline))

WIDE_INLINE __m256i load(const uint32_t *at)
{
    return _mm256_load_si256((const __m256i *)(const void *)at);
}

/* Bits of the blocks of a group that may hold less than the bound. */
WIDE_INLINE uint32_t promising(const struct fleet_row *a, const struct fleet_row *b, uint32_t block,
                               __m256i bound)
{
    __m256i sum = _mm256_add_epi32(load(a->low + block), load(b->low + block));
    __m256i is_one = _mm256_cmpeq_epi32(load(a->top + block), load(b->top + block));
    __m256i is_less = _mm256_cmpgt_epi32(bound, sum);
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_and_si256(is_one, is_less)));
}

/* Slots below the lowest of a row that lie in its block have ROAD_INF. */
static __attribute__((target("avx2"))) uint32_t
meet_wide(const struct fleet_row *a, const struct fleet_row *b, uint32_t slots, uint32_t bound)
{
    const __m256i none = _mm256_set1_epi32((int)bound);
    __m256i best = none;
    for (uint32_t group = 0; group * CLIMB_BLOCK < slots; group += FLEET_GROUP) {
        for (uint32_t bits = promising(a, b, group, none); bits; bits &= bits - 1) {
            uint32_t at = (group + (uint32_t)__builtin_ctz(bits)) * CLIMB_BLOCK;
            __m256i is_one = _mm256_cmpeq_epi32(load(a->path + at), load(b->path + at));
            __m256i sum = _mm256_add_epi32(load(a->labels + at), load(b->labels + at));
            best = _mm256_min_epu32(best, _mm256_blendv_epi8(none, sum, is_one));
        }
    }
    __m128i half = _mm_min_epu32(_mm256_castsi256_si128(best), _mm256_extracti128_si256(best, 1));
    half = _mm_min_epu32(half, _mm_shuffle_epi32(half, 0x4e));
    half = _mm_min_epu32(half, _mm_shuffle_epi32(half, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(half);
}
#endif

fleet_meet_fn *fleet_meet_choose(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return meet_wide;
#endif
    return fleet_meet_plain;
}
