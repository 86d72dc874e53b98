#include "road/import_priv.h"

/* Least significant digit first, 11 bits a time; digits that all share are skipped. */
enum err sort_u64_by(uint64_t *ids, size_t count, unsigned shift)
{
    uint64_t *other = malloc((count + 1) * sizeof *other), *from = ids, *to = other;
    if (!other)
        return ERR_LIMIT;
    for (; shift < 64; shift += 11) {
        size_t start[2048] = {0}, sum = 0;
        for (size_t i = 0; i < count; i++)
            start[from[i] >> shift & 2047]++;
        if (count && start[from[0] >> shift & 2047] == count)
            continue;
        for (size_t digit = 0; digit < 2048; digit++) {
            size_t n = start[digit];
            start[digit] = sum;
            sum += n;
        }
        for (size_t i = 0; i < count; i++)
            to[start[from[i] >> shift & 2047]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != ids)
        memcpy(ids, from, count * sizeof *ids);
    free(other);
    return OK;
}

static enum err make_directory(struct ids *ids)
{
    uint64_t width = ids->count ? ids->at[ids->count - 1] - ids->at[0] : 0;
    while (width >> ids->shift > ids->count)
        ids->shift++;
    ids->last_bucket = width >> ids->shift;
    ids->bucket = malloc((ids->last_bucket + 2) * sizeof *ids->bucket);
    if (!ids->bucket)
        return ERR_LIMIT;
    uint32_t at = 0;
    for (uint64_t bucket = 0; bucket <= ids->last_bucket; bucket++) {
        while (at < ids->count && (ids->at[at] - ids->at[0]) >> ids->shift < bucket)
            at++;
        ids->bucket[bucket] = at;
    }
    ids->bucket[ids->last_bucket + 1] = ids->count;
    return OK;
}

enum err ids_make(struct ids *ids, const int64_t *list, size_t count)
{
    size_t kept = 0;
    *ids = (struct ids){.at = malloc((count + 1) * sizeof *ids->at)};
    if (!ids->at)
        return ERR_LIMIT;
    if (count)
        memcpy(ids->at, list, count * sizeof *ids->at);
    enum err err = sort_u64(ids->at, count);
    if (err)
        return err;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || ids->at[kept - 1] != ids->at[i])
            ids->at[kept++] = ids->at[i];
    }
    ids->count = (uint32_t)kept;
    uint64_t *fitting = realloc(ids->at, (kept + 1) * sizeof *ids->at);
    ids->at = fitting ? fitting : ids->at;
    return make_directory(ids);
}

void ids_done(struct ids *ids)
{
    free(ids->at);
    free(ids->bucket);
    *ids = (struct ids){0};
}

uint32_t ids_find(const struct ids *ids, int64_t id, uint32_t hint)
{
    uint64_t key = (uint64_t)id;
    if (hint < ids->count && ids->at[hint] == key)
        return hint;
    if (ids->count == 0 || key < ids->at[0] || key > ids->at[ids->count - 1])
        return ROAD_NONE;
    uint64_t bucket = (key - ids->at[0]) >> ids->shift;
    uint32_t low = ids->bucket[bucket], high = ids->bucket[bucket + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ids->at[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids->count && ids->at[low] == key ? low : ROAD_NONE;
}
