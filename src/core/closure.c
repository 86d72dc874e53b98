/* closure.c - closures in force become layers of the road's traffic; one layer a closure, so that
 * lifting one restores what lay beneath. Start and end times are kept by core_tick. */
#include "core/core_priv.h"

#include "base/log.h"
#include "road/closure.h"

#define CLOSURE_LOOK_US (5 * US_PER_S)

bool core_closure_is_in_force(const struct closure_object *closure, int64_t at_us)
{
    return closure_is_in_force(
        (struct closure_time){closure->from_us, closure->until_us, closure->lifted_us}, at_us);
}

static enum err put_layer(struct core *core, const char *layer,
                          const struct closure_object *closure)
{
    struct arena arena;
    const struct closure_bind bind =
        closure_bind_of(core->options.road, closure->factor, str_of(closure->profiles));
    arena_init(&arena, 16u << 20);
    enum err err =
        closure_put(core->traffic, core->options.road, layer, closure->path, bind, &arena);
    arena_done(&arena);
    return err;
}

void core_closure_changed(struct core *core, uint32_t number, int64_t now_us)
{
    char layer[32];
    const struct closure_object *closure = desk_closure(core->desk, (struct closure_id){number});
    if (!core->traffic || !closure)
        return;
    core_ledger_due(core);
    (void)snprintf(layer, sizeof layer, "closure-%u", number);
    if (!core_closure_is_in_force(closure, now_us)) {
        (void)road_traffic_remove(core->traffic, layer); /* NOT_FOUND: it was not in force */
        return;
    }
    enum err err = put_layer(core, layer, closure);
    if (err)
        LOG_WARN("core.closure_unmatched", "closure=%u err=%s", number, err_text(err));
}

void core_closure_load_all(struct core *core, int64_t now_us)
{
    uint32_t pos = 0, number;
    while ((number = desk_next(core->desk, OBJECT_closure, &pos)) != 0)
        core_closure_changed(core, number, now_us);
    core->closure_seen_us = now_us;
    core->closure_due_us = now_us + CLOSURE_LOOK_US;
}

/* Those whose start or end has passed since the last look. */
void core_closure_tick(struct core *core, int64_t now_us)
{
    uint32_t pos = 0, number;
    if (now_us < core->closure_due_us)
        return;
    while ((number = desk_next(core->desk, OBJECT_closure, &pos)) != 0) {
        const struct closure_object *closure =
            desk_closure(core->desk, (struct closure_id){number});
        if (core_closure_is_in_force(closure, now_us) !=
            core_closure_is_in_force(closure, core->closure_seen_us))
            core_closure_changed(core, number, now_us);
    }
    core->closure_seen_us = now_us;
    core->closure_due_us = now_us + CLOSURE_LOOK_US;
}
