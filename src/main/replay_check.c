/* After the end: every recorded call is in the realm once, with its stamps in order unless the log
 * has it as dirty, and every stamp is the recorded one. */
#include "base/digest.h"
#include "base/utc.h"
#include "main/replay_priv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 200
#define MAX_PAGES 100000

struct check {
    struct replay *r;
    struct map call_of;    /* digest of the number to its index */
    uint8_t *seen;         /* by call */
    uint32_t first_number; /* of the incidents that this run made */
    uint32_t found, doubled, out_of_order, listed_dirty, differing;
};

static const char *const stamps[] = {"received_us", "entered_us", "dispatched_us", "en_route_us",
                                     "on_scene_us", "cleared_us", "closed_us"};
#define STAMP_COUNT (sizeof stamps / sizeof stamps[0])

static bool is_dirty(const struct replay *r, const struct dispatch_call *call)
{
    uint32_t dirt = 0;
    for (uint32_t i = call->first_row; i < call->first_row + call->row_count; i++) {
        dirt |= r->log.rows[i].dirt;
    }
    return (dirt & (1u << DISPATCH_DIRT_BACKWARDS | 1u << DISPATCH_DIRT_OVERLAP)) != 0;
}

/* Do the row's stamps run in order? */
static bool is_in_order(struct json row)
{
    int64_t latest = 0;
    for (size_t i = 0; i < STAMP_COUNT; i++) {
        struct str text = json_text(json_get(row, stamps[i]));
        int64_t at = 0;
        if (text.len == 0) {
            continue;
        }
        if (utc_parse(text, &at) != OK || at < latest) {
            return false;
        }
        latest = at;
    }
    return true;
}

static bool is_recorded_time(struct json row, const struct dispatch_call *call)
{
    int64_t at = 0;
    struct str text = json_text(json_get(row, "received_us"));
    return utc_parse(text, &at) == OK && at == call->received_us;
}

static uint32_t number_of(struct str incident)
{
    uint32_t realm = 0, number = 0;
    return id_parse(incident, OBJECT_incident, &realm, &number) == OK ? number : 0;
}

static void row_check(struct check *c, struct json row)
{
    struct str ref = json_text(json_get(row, "external_ref"));
    uint32_t index = 0;
    if (ref.len == 0 || !map_get(&c->call_of, digest_u64(ref.p, ref.len), &index)) {
        return; /* not of this log */
    }
    const struct dispatch_call *call = &c->r->log.calls[index];
    if (number_of(json_text(json_get(row, "id"))) < c->first_number) {
        return; /* of a run before */
    }
    if (c->seen[index]++ > 0) {
        c->doubled++;
        return;
    }
    c->found++;
    bool is_recorded = c->r->options.is_now || is_recorded_time(row, call);
    c->differing += !is_recorded;
    if (is_in_order(row)) {
        return;
    }
    if (is_dirty(c->r, call)) {
        c->listed_dirty++;
    } else {
        c->out_of_order++;
        replay_trouble(c->r, "call " STR_FMT ": stamps out of order, and the log is clean here",
                       STR_ARG(call->number));
    }
}

static enum err pages_read(struct check *c)
{
    char cursor[512] = "";
    for (int page = 0; page < MAX_PAGES; page++) {
        char target[700];
        struct json root = {NULL};
        int n = snprintf(target, sizeof target, "/api/v1/incidents?limit=%d%s%s", PAGE,
                         cursor[0] != '\0' ? "&cursor=" : "", cursor);
        enum err err = replay_link_ask(&c->r->link, (struct str){target, (size_t)n}, &root);
        if (err != OK) {
            return err;
        }
        struct json items = json_get(root, "items");
        for (size_t i = 0; i < json_count(items); i++) {
            row_check(c, json_at(items, i));
        }
        (void)str_copy(json_text(json_get(root, "next")), cursor, sizeof cursor);
        json_free(root);
        if (cursor[0] == '\0') {
            return OK;
        }
    }
    return ERR_LIMIT;
}

static void dirt_print(const struct replay *r)
{
    (void)printf("\nKept and listed as dirty in the log:\n");
    for (size_t d = 0; d < DISPATCH_DIRT_COUNT; d++) {
        (void)printf("  %6u rows  %s\n", r->log.dirt_count[d],
                     dispatch_dirt_text((enum dispatch_dirt)d));
    }
}

bool replay_check(struct replay *r)
{
    struct check c = {.r = r};
    uint32_t wanted = 0, missing = 0;
    map_init(&c.call_of, (uint32_t)r->log.call_count + 1);
    c.seen = calloc(r->log.call_count + 1, 1);
    enum err err = c.seen == NULL ? ERR_LIMIT : OK;
    for (uint32_t i = 0; i < r->log.call_count && err == OK; i++) {
        struct str number = r->log.calls[i].number;
        err = map_put(&c.call_of, digest_u64(number.p, number.len), i);
    }
    c.first_number = UINT32_MAX;
    for (uint32_t i = 0; i < r->log.call_count; i++) {
        uint32_t number = number_of(str_of(r->calls[i].incident));
        c.first_number = number != 0 && number < c.first_number ? number : c.first_number;
    }
    err = err == OK ? pages_read(&c) : err;
    for (uint32_t i = 0; i < r->log.call_count && err == OK; i++) {
        bool is_played = c.seen[i] > 0 || !r->calls[i].is_skipped;
        wanted += is_played;
        missing += is_played && c.seen[i] == 0;
    }
    dirt_print(r);
    (void)printf(
        "\nCheck: %u calls played, %u found once, %u missing, %u more than once;\n"
        "  stamps in order but for %u listed as dirty and %u others; %u not at the recorded "
        "time\n",
        wanted, c.found - c.doubled, missing, c.doubled, c.listed_dirty, c.out_of_order,
        c.differing);
    map_done(&c.call_of);
    free(c.seen);
    return err == OK && missing == 0 && c.doubled == 0 && c.out_of_order == 0 && c.differing == 0;
}
