#include "feed/fixes.h"

#include <assert.h>

struct slot {
    struct frame_position fix;
    uint8_t token[TOKEN_HASH_BYTES];
    int64_t sent_us;
    uint32_t jumps;
    bool is_waiting;
};

struct fixes {
    struct slot *slots;
    uint32_t *waiting; /* unit numbers, each once */
    uint32_t waiting_count;
    uint64_t dropped;
};

struct fixes *fixes_new(void)
{
    struct fixes *fixes = calloc(1, sizeof *fixes);
    assert(fixes);
    fixes->slots = calloc(FIXES_MAX_UNITS, sizeof *fixes->slots);
    fixes->waiting = calloc(FIXES_MAX_UNITS, sizeof *fixes->waiting);
    assert(fixes->slots && fixes->waiting);
    return fixes;
}

void fixes_free(struct fixes *fixes)
{
    if (!fixes)
        return;
    free(fixes->slots);
    free(fixes->waiting);
    free(fixes);
}

static bool is_jump(const struct slot *slot, const struct frame_position *fix)
{
    const int64_t span_us = fix->at_us - slot->fix.at_us;
    if (slot->fix.at_us == 0 || span_us <= 0)
        return false;
    return place_distance_m(slot->fix.place, fix->place) * 1e9 >
           (double)FIXES_MAX_MM_S * (double)(span_us + FIXES_EVERY_US);
}

enum err fixes_add(struct fixes *fixes, const struct frame_position *fix, int64_t now_us)
{
    (void)now_us;
    if (fix->unit.v == 0 || fix->unit.v >= FIXES_MAX_UNITS) {
        fixes->dropped++;
        return ERR_RANGE;
    }
    struct slot *slot = &fixes->slots[fix->unit.v];
    const bool jumps = is_jump(slot, fix);
    slot->jumps = jumps ? slot->jumps + 1 : 0;
    if (fix->at_us <= slot->fix.at_us || (jumps && slot->jumps < FIXES_JUMPS_BELIEVED)) {
        fixes->dropped++;
        return ERR_RANGE;
    }
    slot->fix = *fix;
    if (fix->token.len == TOKEN_HASH_BYTES)
        memcpy(slot->token, fix->token.p, TOKEN_HASH_BYTES);
    slot->fix.token = (struct str){(const char *)slot->token, fix->token.len};
    if (!slot->is_waiting) {
        slot->is_waiting = true;
        fixes->waiting[fixes->waiting_count++] = fix->unit.v;
    }
    return OK;
}

void fixes_due(struct fixes *fixes, int64_t now_us, fixes_fn fn, void *ctx)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fixes->waiting_count; i++) {
        struct slot *slot = &fixes->slots[fixes->waiting[i]];
        if (now_us < slot->sent_us + FIXES_EVERY_US) {
            fixes->waiting[kept++] = fixes->waiting[i];
            continue;
        }
        slot->sent_us = now_us;
        slot->is_waiting = false;
        fn(ctx, &slot->fix);
    }
    fixes->waiting_count = kept;
}

uint64_t fixes_dropped(const struct fixes *fixes)
{
    return fixes->dropped;
}
