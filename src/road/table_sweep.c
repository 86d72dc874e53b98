/* table_sweep.c - the sweep of sixteen lanes, for any machine and for AVX2. */
#include "road/table_priv.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

void table_sweep_plain(const uint32_t *first, const struct table_arc *arcs, size_t count,
                       uint32_t *rows)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t *row = rows + i * TABLE_LANES;
        for (uint32_t k = first[i]; k < first[i + 1]; k++) {
            const uint32_t *above = rows + (size_t)arcs[k].place * TABLE_LANES;
            for (uint32_t lane = 0; lane < TABLE_LANES; lane++) {
                uint32_t ms = above[lane] + arcs[k].ms;
                row[lane] = ms < row[lane] ? ms : row[lane];
            }
        }
    }
}

#ifdef __x86_64__
static __attribute__((target("avx2"))) void
sweep_wide(const uint32_t *first, const struct table_arc *arcs, size_t count, uint32_t *rows)
{
    __m256i *wide = (__m256i *)(void *)rows;
    for (size_t i = 0; i < count; i++) {
        __m256i low = wide[2 * i], high = wide[2 * i + 1];
        for (uint32_t k = first[i]; k < first[i + 1]; k++) {
            __m256i ms = _mm256_set1_epi32((int)arcs[k].ms);
            const __m256i *above = wide + 2 * (size_t)arcs[k].place;
            low = _mm256_min_epu32(low, _mm256_add_epi32(above[0], ms));
            high = _mm256_min_epu32(high, _mm256_add_epi32(above[1], ms));
        }
        wide[2 * i] = low;
        wide[2 * i + 1] = high;
    }
}
#endif

void table_sweep(const uint32_t *first, const struct table_arc *arcs, size_t count, uint32_t *rows)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        sweep_wide(first, arcs, count, rows);
        return;
    }
#endif
    table_sweep_plain(first, arcs, count, rows);
}
