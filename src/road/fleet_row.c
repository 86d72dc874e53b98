#include "road/fleet_priv.h"
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

static uint32_t blocks_of(const struct climb *climb)
{
    return climb->slots / CLIMB_BLOCK;
}

static uint32_t least_of(const uint32_t *labels, uint32_t count)
{
    uint32_t low = ROAD_INF;
    for (uint32_t i = 0; i < count; i++)
        low = labels[i] < low ? labels[i] : low;
    return low;
}

/* In the block where a path begins. */
static void no_path_below(const struct climb *climb, struct climb_chain chain, uint32_t *path)
{
    uint32_t slot = climb->vertices[chain.at[0].vertex].slot;
    for (uint32_t i = slot - slot % CLIMB_BLOCK; i < slot; i++)
        path[i] = ROAD_NONE;
}

/* ------------------------------------------------------- rows */

enum err fleet_rows_init(struct fleet_rows *rows, const struct climb *climb, size_t columns)
{
    size_t looks = columns * blocks_of(climb), slots = columns * climb->slots;
    *rows = (struct fleet_rows){.climb = climb, .columns = columns};
    rows->low = aligned_alloc(64, looks * sizeof(uint32_t));
    rows->top = aligned_alloc(64, looks * sizeof(uint32_t));
    rows->labels = aligned_alloc(64, slots * sizeof(uint32_t));
    rows->path = aligned_alloc(64, slots * sizeof(uint32_t));
    if (!rows->low || !rows->top || !rows->labels || !rows->path)
        return ERR_LIMIT;
    memset(rows->top, 0xff, looks * sizeof *rows->top);
    return OK;
}

void fleet_rows_done(struct fleet_rows *rows)
{
    free(rows->low);
    free(rows->top);
    free(rows->labels);
    free(rows->path);
    *rows = (struct fleet_rows){0};
}

void fleet_rows_climb(struct fleet_rows *rows, size_t column, const struct cch_weight *weights,
                      struct climb_chain chain)
{
    const struct climb *climb = rows->climb;
    uint32_t *labels = rows->labels + column * climb->slots;
    uint32_t *path = rows->path + column * climb->slots;
    uint32_t first = climb->vertices[chain.at[0].vertex].slot / CLIMB_BLOCK;
    climb_seed(climb, chain, labels);
    no_path_below(climb, chain, path);
    (void)climb->to[CLIMB_OUT](climb, weights, labels, chain.at[0].vertex, ROAD_NONE);
    for (uint32_t v = chain.at[0].vertex; v != ROAD_NONE; v = climb->vertices[v].parent)
        path[climb->vertices[v].slot] = v;
    for (uint32_t block = 0; block < blocks_of(climb); block++) {
        size_t at = block * rows->columns + column, slot = (size_t)block * CLIMB_BLOCK;
        rows->low[at] = block < first ? ROAD_INF : least_of(labels + slot, CLIMB_BLOCK);
        rows->top[at] = block < first ? ROAD_NONE : path[slot + CLIMB_BLOCK - 1];
    }
}

/* ------------------------------------------------------- who asks */

enum err fleet_asker_init(struct fleet_asker *asker, const struct climb *climb)
{
    asker->climb = climb;
    asker->labels = climb_labels_new(climb);
    asker->path = climb_labels_new(climb);
    return asker->labels && asker->path ? OK : ERR_LIMIT;
}

void fleet_asker_begin(struct fleet_asker *asker, const struct cch_weight *weights,
                       struct climb_chain chain)
{
    asker->weights = weights;
    asker->vertex = chain.at[0].vertex;
    climb_seed(asker->climb, chain, asker->labels);
    no_path_below(asker->climb, chain, asker->path);
}

bool fleet_asker_climb(struct fleet_asker *asker, uint32_t bound, struct fleet_block *ret_block)
{
    const struct climb *climb = asker->climb;
    uint32_t v = asker->vertex, *labels = asker->labels;
    if (v == ROAD_NONE)
        return false;
    uint32_t slot = climb->vertices[v].slot, block = slot / CLIMB_BLOCK;
    if (bound < ROAD_INF - 1 && least_of(labels + slot, climb->slots - slot) > bound)
        return false;
    for (; v != ROAD_NONE && (slot = climb->vertices[v].slot) / CLIMB_BLOCK == block;
         v = climb->vertices[v].parent) {
        asker->path[slot] = v;
        if (labels[slot] <= bound)
            (void)climb->to[CLIMB_IN](climb, asker->weights, labels, v, v + 1);
    }
    asker->vertex = v;
    const struct fleet_side side = {labels + (size_t)block * CLIMB_BLOCK,
                                    asker->path + (size_t)block * CLIMB_BLOCK};
    *ret_block = (struct fleet_block){block, least_of(side.labels, CLIMB_BLOCK),
                                      side.path[CLIMB_BLOCK - 1], side};
    return true;
}

/* ------------------------------------------------------- kernels */

static uint64_t look_plain(const uint32_t *low, const uint32_t *top, uint32_t my_top, uint32_t plus,
                           uint32_t bound)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < FLEET_LOOK; i++)
        bits |= (uint64_t)(top[i] == my_top && low[i] + plus <= bound) << i;
    return bits;
}

static uint32_t meet_plain(struct fleet_side a, struct fleet_side b)
{
    uint32_t best = 2 * ROAD_INF;
    for (uint32_t i = CLIMB_BLOCK; i-- > 0 && a.path[i] == b.path[i];)
        best = a.labels[i] + b.labels[i] < best ? a.labels[i] + b.labels[i] : best;
    return best;
}

const struct fleet_kernels fleet_kernels_plain = {look_plain, meet_plain};

#ifdef __x86_64__
#define WIDE static __attribute__((target("avx2")))

WIDE inline __m256i load(const uint32_t *at)
{
    return _mm256_load_si256((const __m256i *)(const void *)at);
}

WIDE uint64_t look_wide(const uint32_t *low, const uint32_t *top, uint32_t my_top, uint32_t plus,
                        uint32_t bound)
{
    const __m256i mine = _mm256_set1_epi32((int)my_top);
    const __m256i most = _mm256_set1_epi32((int)bound - (int)plus); /* both below 2^30 */
    uint64_t bits = 0;
    for (uint32_t i = 0; i < FLEET_LOOK; i += 8) {
        __m256i is_one = _mm256_cmpeq_epi32(load(top + i), mine);
        __m256i is_far = _mm256_cmpgt_epi32(load(low + i), most);
        __m256 is_near = _mm256_castsi256_ps(_mm256_andnot_si256(is_far, is_one));
        bits |= (uint64_t)(uint32_t)_mm256_movemask_ps(is_near) << i;
    }
    return bits;
}

/* Where a slot is below both paths the labels are ROAD_INF. */
WIDE uint32_t meet_wide(struct fleet_side a, struct fleet_side b)
{
    const __m256i none = _mm256_set1_epi32(2 * ROAD_INF);
    __m256i is_one = _mm256_cmpeq_epi32(load(a.path), load(b.path));
    __m256i sum = _mm256_add_epi32(load(a.labels), load(b.labels));
    sum = _mm256_blendv_epi8(none, sum, is_one);
    __m128i half = _mm_min_epu32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    half = _mm_min_epu32(half, _mm_shuffle_epi32(half, 0x4e));
    half = _mm_min_epu32(half, _mm_shuffle_epi32(half, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(half);
}
#endif

struct fleet_kernels fleet_kernels_choose(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return (struct fleet_kernels){look_wide, meet_wide};
#endif
    return fleet_kernels_plain;
}
