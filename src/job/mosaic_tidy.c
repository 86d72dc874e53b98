#include "job/mosaic.h"
#include <assert.h>
#include <string.h>

#define NO_PIECE UINT32_MAX
#define TIDY_ROUNDS 4

/* Pieces: squares of one label that hang together over their sides. */
struct pieces {
    struct mosaic_map *map;
    uint32_t *piece_of; /* by square */
    uint32_t *queue;    /* room for every square */
    uint32_t *shared;   /* by label: sides shared with the piece at hand */
    uint16_t *ahead;    /* by square: label that it gets when its ring is done */
};

/* The squares beside square `at`; returns how many. */
static size_t neighbours(const struct mosaic_map *map, uint32_t at, uint32_t ret_beside[4])
{
    assert(map->width > 0);
    uint32_t x = at % map->width, y = at / map->width;
    size_t n = 0;
    if (x > 0) {
        ret_beside[n++] = at - 1;
    }
    if (x + 1 < map->width) {
        ret_beside[n++] = at + 1;
    }
    if (y > 0) {
        ret_beside[n++] = at - map->width;
    }
    if (y + 1 < map->height) {
        ret_beside[n++] = at + map->width;
    }
    return n;
}

/* Collects the piece of `start` in the queue; *ret_at_edge: it touches the edge of the map. */
static uint32_t piece_collect(struct pieces *p, uint32_t start, uint32_t piece, bool *ret_at_edge)
{
    uint16_t label = p->map->labels[start];
    uint32_t head = 0, tail = 0;
    p->queue[tail++] = start;
    p->piece_of[start] = piece;
    *ret_at_edge = false;
    while (head < tail) {
        uint32_t at = p->queue[head++], beside[4];
        size_t n = neighbours(p->map, at, beside);
        *ret_at_edge |= n < 4;
        for (size_t i = 0; i < n; i++) {
            if (p->map->labels[beside[i]] == label && p->piece_of[beside[i]] == NO_PIECE) {
                p->piece_of[beside[i]] = piece;
                p->queue[tail++] = beside[i];
            }
        }
    }
    return tail;
}

/* The label other than its own with which the collected piece shares most sides; 0 only when it
 * has no other neighbour. */
static uint16_t most_shared(struct pieces *p, uint32_t count)
{
    uint16_t own = p->map->labels[p->queue[0]], best = 0;
    memset(p->shared, 0, (MOSAIC_MAX_LABEL + 1) * sizeof *p->shared);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t beside[4];
        size_t n = neighbours(p->map, p->queue[i], beside);
        for (size_t k = 0; k < n; k++) {
            uint16_t label = p->map->labels[beside[k]];
            if (label == own || label == 0) {
                continue;
            }
            uint32_t sides = ++p->shared[label];
            if (sides > p->shared[best] || (sides == p->shared[best] && label < best)) {
                best = label;
            }
        }
    }
    return best;
}

/* Fills the collected outside piece ring by ring from its rim inwards with the labels round it. */
static void fill_in(struct pieces *p, uint32_t count)
{
    uint32_t left = count, still = 0;
    for (uint32_t turn = 0; left > 0 && still != left; turn++) {
        left = turn == 0 ? count : still;
        still = 0;
        for (uint32_t i = 0; i < left; i++) {
            uint32_t beside[4];
            size_t n = neighbours(p->map, p->queue[i], beside);
            p->ahead[i] = 0;
            for (size_t k = 0; k < n && p->ahead[i] == 0; k++) {
                p->ahead[i] = p->map->labels[beside[(k + turn) % n]]; /* no side is always first */
            }
        }
        for (uint32_t i = 0; i < left; i++) {
            uint32_t at = p->queue[i];
            p->map->labels[at] = p->ahead[i];
            if (p->ahead[i] == 0) {
                p->queue[still++] = at;
            }
        }
    }
}

static bool tidy_once(struct pieces *p, uint32_t least)
{
    uint32_t squares = p->map->width * p->map->height;
    bool has_changed = false;
    memset(p->piece_of, 0xff, squares * sizeof *p->piece_of);
    for (uint32_t at = 0, piece = 0; at < squares; at++) {
        if (p->piece_of[at] != NO_PIECE) {
            continue;
        }
        bool at_edge = false;
        uint32_t count = piece_collect(p, at, piece++, &at_edge);
        if (p->map->labels[at] == 0) {
            if (!at_edge) {
                fill_in(p, count);
                has_changed = true;
            }
        } else if (count < least) {
            uint16_t label = most_shared(p, count);
            for (uint32_t i = 0; i < count; i++) {
                p->map->labels[p->queue[i]] = label;
            }
            has_changed = true;
        }
    }
    return has_changed;
}

enum err mosaic_tidy(struct mosaic_map *map, uint32_t least, struct arena *arena)
{
    uint64_t squares = (uint64_t)map->width * map->height;
    if (squares == 0 || squares > MOSAIC_MAX_SQUARES) {
        return ERR_RANGE;
    }
    struct pieces p = {.map = map};
    p.piece_of = ARENA_NEW(arena, uint32_t, squares);
    p.queue = ARENA_NEW(arena, uint32_t, squares);
    p.shared = ARENA_NEW(arena, uint32_t, MOSAIC_MAX_LABEL + 1);
    p.ahead = ARENA_NEW(arena, uint16_t, squares);
    if (p.piece_of == NULL || p.queue == NULL || p.shared == NULL || p.ahead == NULL) {
        return ERR_LIMIT;
    }
    for (int round = 0; round < TIDY_ROUNDS && tidy_once(&p, least); round++) {
    }
    return OK;
}
