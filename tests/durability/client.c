#include "client_priv.h"

#include "base/digest.h"

#include <assert.h>
#include <stdarg.h>

struct client *client_new(uint64_t seed)
{
    struct client *c = calloc(1, sizeof *c);
    assert(c);
    c->all = calloc(CLIENT_MAX_REQUESTS, sizeof *c->all);
    assert(c->all);
    rand_seed(&c->rand, seed);
    map_init(&c->by_correlation, CLIENT_MAX_REQUESTS + 1);
    c->correlation = 1000;
    c->last[OBJECT_unit] = HOST_UNITS;
    c->last[OBJECT_body] = c->last[OBJECT_area] = 1;
    return c;
}

void client_free(struct client *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->count; i++)
        free(c->all[i].body);
    map_done(&c->by_correlation);
    free(c->all);
    free(c);
}

const char *client_broken(struct client *c, const char *fmt, ...)
{
    va_list args;
    if (c->reason[0] == '\0') {
        va_start(args, fmt);
        (void)vsnprintf(c->reason, sizeof c->reason, fmt, args);
        va_end(args);
    }
    return c->reason;
}

struct written *client_by_key(struct client *c, struct str key)
{
    uint32_t index;
    if (!str_starts(key, STR("key-")) || str_u32(str_from(key, 4), &index) != OK ||
        index >= c->count)
        return NULL;
    return &c->all[index];
}

static struct written *by_correlation(struct client *c, uint64_t correlation)
{
    uint32_t index;
    return map_get(&c->by_correlation, correlation, &index) ? &c->all[index] : NULL;
}

/* The frame goes (again) under a number of its own; an answer to an older one is not heard. */
void client_number(struct client *c, struct written *w)
{
    if (w->correlation)
        (void)map_remove(&c->by_correlation, w->correlation);
    w->correlation = ++c->correlation;
    if (map_put(&c->by_correlation, w->correlation, (uint32_t)(w - c->all)) != OK)
        abort();
}

/* What could not be stored may be there all the same; so may what is still under way. */
static bool is_unknown(enum err err)
{
    return err == ERR_IO || err == ERR_BUSY;
}

static void heard_reply(struct client *c, uint64_t correlation, const struct frame_reply *reply)
{
    struct written *w = by_correlation(c, correlation);
    if (!w)
        return;
    w->err = (enum err)reply->err;
    if (reply->err == OK) {
        if (w->state == REQUEST_KEPT && w->type == FRAME_command && w->object != reply->object)
            (void)client_broken(c, "1: %s was answered twice, with %u and %u", w->key, w->object,
                                reply->object);
        if (w->state == REQUEST_REFUSED)
            return; /* its twin, later: nothing is promised by a refusal */
        if (w->state != REQUEST_KEPT)
            c->kept++;
        c->lookups_kept += w->type == FRAME_audit && w->state != REQUEST_KEPT;
        w->state = REQUEST_KEPT;
        w->seq = (uint64_t)reply->seq;
        w->object_kind = reply->object_kind;
        w->object = reply->object;
        w->is_replayed = reply->is_replayed;
        if (w->object_kind < OBJECT_KIND_COUNT && w->object > c->last[w->object_kind])
            c->last[w->object_kind] = w->object;
    } else if (w->state != REQUEST_KEPT) {
        const bool is_open = is_unknown((enum err)reply->err);
        c->lookups_unknown += is_open && w->type == FRAME_audit && w->state == REQUEST_SENT;
        w->state = is_open ? REQUEST_UNKNOWN : REQUEST_REFUSED;
    }
}

static bool heard_order(struct client *c, const struct frame_deliver *order,
                        struct message *ret_message)
{
    static char bytes[64];
    struct frame_delivered gone = {.id = order->id, .err = OK};
    struct out out;
    const uint64_t digest = digest_u64(order->bytes.p, order->bytes.len);
    if (order->id <= 0 || order->id >= CLIENT_MAX_ORDERS)
        return false;
    uint64_t *known = &c->orders[order->id];
    if (*known != 0 && *known != digest)
        (void)client_broken(c, "6: order %lld left as one thing and again as another",
                            (long long)order->id);
    *known = digest;
    SET_HAS(frame_delivered, &gone, id);
    SET_HAS(frame_delivered, &gone, err);
    out_init(&out, sizeof bytes);
    record_write(&record_frame_delivered, &gone, RECORD_WIRE, &out);
    assert(!out.err && out.len <= sizeof bytes);
    memcpy(bytes, out.p, out.len);
    *ret_message = (struct message){CORE_FEED, FRAME_delivered, 0, bytes, out.len};
    out_done(&out);
    return true;
}

bool client_heard(struct client *c, enum core_channel channel, enum frame_type type,
                  uint64_t correlation, struct str body, struct message *ret_message)
{
    union {
        struct frame_reply reply;
        struct frame_committed committed;
        struct frame_deliver deliver;
    } frame;
    (void)channel;
    if (type == FRAME_reply && record_read(&record_frame_reply, body, &frame.reply) == OK) {
        heard_reply(c, correlation, &frame.reply);
    } else if (type == FRAME_committed &&
               record_read(&record_frame_committed, body, &frame.committed) == OK) {
        if ((uint64_t)frame.committed.seq > c->announced)
            c->announced = (uint64_t)frame.committed.seq;
    } else if (type == FRAME_deliver &&
               record_read(&record_frame_deliver, body, &frame.deliver) == OK) {
        return heard_order(c, &frame.deliver, ret_message);
    }
    return false;
}

void client_cut_off(struct client *c)
{
    for (uint32_t i = c->settled; i < c->count; i++) {
        if (c->all[i].state != REQUEST_SENT)
            continue;
        c->all[i].state = REQUEST_UNKNOWN;
        c->lookups_unknown += c->all[i].type == FRAME_audit;
    }
}

/* ---- with a server again: rules 1, 3, 5, 6, 8 ---- */

#define SAMPLE 24 /* of what was settled before */

struct meeting {
    struct client *client;
    struct host *host;
    int64_t now_us;
};

static void said(void *ctx, enum core_channel channel, enum frame_type type, uint64_t correlation,
                 struct str body)
{
    struct meeting *m = ctx;
    struct message more;
    if (client_heard(m->client, channel, type, correlation, body, &more) && m->host)
        host_hear(m->host, more.channel, more.type, more.correlation,
                  (struct str){more.body, more.body_len}, m->now_us);
}

static void send_again(struct meeting *m, struct written *w)
{
    client_number(m->client, w);
    host_hear(m->host, w->channel, w->type, w->correlation, (struct str){w->body, w->body_len},
              m->now_us);
}

static void ask_kept(struct meeting *m, struct written *w)
{
    struct client *c = m->client;
    const struct written before = *w;
    w->state = REQUEST_SENT;
    w->is_replayed = false;
    c->kept--; /* it is the same one */
    send_again(m, w);
    if (w->state != REQUEST_KEPT || !w->is_replayed || w->object != before.object ||
        w->seq != before.seq)
        (void)client_broken(c, "1: %s (%s) was acknowledged with seq %llu, then: %s, %s, seq %llu",
                            w->key, command_def(w->kind)->name, (unsigned long long)before.seq,
                            err_text(w->err), w->is_replayed ? "known" : "not known",
                            (unsigned long long)w->seq);
    w->state = REQUEST_KEPT;
}

static void ask_unknown(struct meeting *m, struct written *w)
{
    struct client *c = m->client;
    w->state = REQUEST_SENT;
    w->is_replayed = false;
    send_again(m, w);
    if (w->state == REQUEST_SENT || w->state == REQUEST_UNKNOWN)
        (void)client_broken(c, "3: %s (%s) is not answered when it is sent again", w->key,
                            command_def(w->kind)->name);
    else if (w->has_words && (w->state == REQUEST_KEPT && w->is_replayed) != (w->found > 0))
        (void)client_broken(c, "2: %s (%s) is there by half: %u events, its key is %s", w->key,
                            command_def(w->kind)->name, w->found,
                            w->is_replayed ? "known" : "not known");
}

static void settle(struct meeting *m)
{
    struct client *c = m->client;
    for (uint32_t i = 0; i < SAMPLE && c->settled > 0; i++) {
        struct written *w = &c->all[rand_below(&c->rand, c->settled)];
        if (w->type == FRAME_command && w->state == REQUEST_KEPT)
            ask_kept(m, w);
    }
    for (uint32_t i = c->settled; i < c->count; i++) {
        struct written *w = &c->all[i];
        if (w->type == FRAME_command && w->state == REQUEST_KEPT)
            ask_kept(m, w);
        else if (w->type == FRAME_command && w->state == REQUEST_UNKNOWN)
            ask_unknown(m, w);
        else if (w->state == REQUEST_UNKNOWN)
            w->state = REQUEST_REFUSED;
    }
    c->settled = c->count;
}

/* The desk's own invariants, in the state that it read from the rows. */
static void check_desk(struct meeting *m)
{
    struct object_ref where;
    const char *broken = desk_check(host_desk(m->host), &where);
    if (broken)
        (void)client_broken(m->client, "7: invariant %s of %s %u", broken,
                            object_kind_name(where.kind), where.number);
}

static void check_orders(struct client *c, const struct left *left)
{
    uint64_t gone = 0;
    for (uint32_t i = 1; i < CLIENT_MAX_ORDERS; i++) {
        gone += c->orders[i] != 0;
        if (c->orders[i] != 0 && i > left->orders)
            (void)client_broken(c, "6: order %u left and was never committed", i);
    }
    if (gone != left->orders)
        (void)client_broken(c, "6: %llu of %llu committed orders have left",
                            (unsigned long long)gone, (unsigned long long)left->orders);
    if (left->orders != left->order_events)
        (void)client_broken(c, "2: %llu orders for %llu events that order",
                            (unsigned long long)left->orders,
                            (unsigned long long)left->order_events);
}

static int64_t mono_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

const char *client_check(struct client *c, const struct host_plan *plan, int64_t now_us)
{
    struct host_plan again = *plan;
    struct meeting m = {.client = c, .now_us = now_us};
    struct fault fault = {0};
    struct left left = {0};
    client_cut_off(c);
    if (!check_folder(c, plan->dir, &left))
        return c->reason;
    again.is_sync = true;
    again.wake = NULL;
    again.said = said;
    again.ctx = &m;
    const int64_t from_us = mono_us();
    m.host = host_start(&again, now_us, &fault);
    if (!m.host)
        return client_broken(c, "8: the server does not start: %s", fault.text);
    if (mono_us() - from_us > CLIENT_READY_US)
        (void)client_broken(c, "8: ready after %lld ms", (long long)(mono_us() - from_us) / 1000);
    check_desk(&m);
    c->announced = 0;
    host_hello(m.host);
    if (c->announced != left.last_seq)
        (void)client_broken(c, "5: it says %llu, and %llu is there",
                            (unsigned long long)c->announced, (unsigned long long)left.last_seq);
    check_orders(c, &left);
    settle(&m);
    check_desk(&m);
    if (host_is_dead(m.host))
        (void)client_broken(c, "8: it died on a sound disk");
    host_stop(m.host);
    return c->reason[0] ? c->reason : NULL;
}
