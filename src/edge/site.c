#include "edge/site.h"

#include "base/digest.h"
#include "base/log.h"
#include "edge/pages.h"
#include "store/tiles.h"
#include <unistd.h>

#define MAX_PHOTO_BYTES (16u << 20)
#define VISIT_ARENA_BYTES (8u << 20)

/* ---- visits ---- */

static struct visit *visit_new(struct site *site)
{
    struct visit *visit = site->free_visits;
    if (visit) {
        site->free_visits = visit->next;
    } else {
        visit = calloc(1, sizeof *visit);
        if (!visit)
            abort();
        arena_init(&visit->arena, VISIT_ARENA_BYTES);
        out_init(&visit->out, SITE_ANSWER_BYTES);
    }
    site->visit_count++;
    return visit;
}

static void visit_free(struct visit *visit)
{
    struct site *site = visit->site;
    struct arena arena = visit->arena;
    struct out out = visit->out;
    arena_reset(&arena);
    json_free(visit->body);
    if (out.cap > 1u << 20) { /* one big answer must not be kept by every visit */
        out_done(&out);
        out_init(&out, SITE_ANSWER_BYTES);
    }
    out_reset(&out);
    memset(visit, 0, sizeof *visit);
    visit->arena = arena;
    visit->out = out;
    visit->next = site->free_visits;
    site->free_visits = visit;
    site->visit_count--;
}

void visit_answer(struct visit *visit, const struct http_answer *answer)
{
    http_answer(visit->exchange, answer);
    visit_free(visit);
}

struct http_stream *visit_stream(struct visit *visit, const struct http_stream_calls *calls,
                                 void *ctx)
{
    static const struct http_field fields[] = {{{"Cache-Control", 13}, {"no-store", 8}},
                                               {{"X-Accel-Buffering", 17}, {"no", 2}}};
    struct http_answer head = {
        .status = 200, .type = "text/event-stream", .fields = fields, .field_count = 2};
    struct http_stream *stream = http_stream_start(visit->exchange, &head, calls, ctx);
    visit_free(visit);
    return stream;
}

/* ---- rate limits: the count of each key leaks away at the limit's rate ---- */

struct rate {
    uint32_t per_second, burst;
};
#define RATE(name, per_second, burst, wire) {per_second, burst},
static const struct rate rates[ROUTE_LIMIT_COUNT] = {ROUTE_LIMITS(RATE)};

bool site_within_limit(struct site *site, enum route_limit limit, uint64_t key, int64_t now_us,
                       uint32_t *ret_wait_s)
{
    const struct rate rate = rates[limit];
    const int64_t step_us = 1000000 / rate.per_second;
    struct limit_slot *slot = NULL;
    for (uint64_t i = 0; i < 4; i++) {
        struct limit_slot *at = &site->limits[limit][(key + i) % SITE_LIMIT_SLOTS];
        if (at->key == key) {
            slot = at;
            break;
        }
        if (!slot || at->full_us < slot->full_us)
            slot = at;
    }
    if (slot->key != key)
        *slot = (struct limit_slot){.key = key};
    if (slot->full_us < now_us)
        slot->full_us = now_us;
    if (slot->full_us - now_us > step_us * (int64_t)rate.burst) {
        *ret_wait_s = (uint32_t)((slot->full_us - now_us) / 1000000 + 1);
        return false;
    }
    slot->full_us += step_us;
    return true;
}

uint64_t visit_source(const struct visit *visit)
{
    uint64_t hash[2] = {0};
    struct str peer = visit->request->peer;
    digest_keyed(visit->site->config.source_key, peer.p, peer.len, (uint8_t *)hash, sizeof hash);
    return hash[0];
}

/* ---- asking core ---- */

static void wait_end(struct site *site, uint64_t correlation, uint32_t slot)
{
    (void)map_remove(&site->waiting, correlation);
    site->slots[slot] = NULL;
    site->free_slots[site->free_slot_count++] = slot;
}

void visit_ask(struct visit *visit, enum frame_type type, const void *record, int fd, reply_fn fn)
{
    struct site *site = visit->site;
    uint64_t correlation = ++site->last_correlation;
    if (site->free_slot_count == 0) {
        if (fd >= 0)
            (void)close(fd);
        visit_problem(visit, 503, "too many questions are under way", NULL);
        return;
    }
    enum err err = site->link.send(site->link.ctx, type, correlation, record, fd);
    if (err != OK) {
        site->figures.core_lost++;
        visit_problem(visit, 503, "the deciding process is away; try again", NULL);
        return;
    }
    uint32_t slot = site->free_slots[--site->free_slot_count];
    site->slots[slot] = visit;
    site->deadlines_us[slot] = net_mono_us() + SITE_WAIT_S * INT64_C(1000000);
    visit->on_reply = fn;
    visit->correlation = correlation;
    site->figures.core_waits++;
    (void)map_put(&site->waiting, correlation, slot);
}

void site_reply(struct site *site, uint64_t correlation, struct str body)
{
    struct frame_reply reply;
    uint32_t slot;
    if (!map_get(&site->waiting, correlation, &slot))
        return;
    struct visit *visit = site->slots[slot];
    wait_end(site, correlation, slot);
    if (record_read(&record_frame_reply, body, &reply) != OK) {
        LOG_ERROR("edge.reply", "err=%s", "damaged");
        visit_problem(visit, 503, "the deciding process gave no clear answer", NULL);
        return;
    }
    visit->on_reply(visit, &reply);
}

static void give_up(struct site *site, int64_t before_us)
{
    for (uint32_t slot = 0; slot < SITE_MAX_VISITS; slot++) {
        struct visit *visit = site->slots[slot];
        if (!visit || site->deadlines_us[slot] > before_us)
            continue;
        wait_end(site, visit->correlation, slot);
        site->figures.core_lost++;
        visit_problem(visit, 503, "the deciding process did not answer; try again", NULL);
    }
}

void site_core_down(struct site *site)
{
    give_up(site, INT64_MAX);
}

static void sweep(void *ctx)
{
    give_up(ctx, net_mono_us());
}

/* ---- reads on workers ---- */

static void read_next(struct site *site);

static void read_run(void *job)
{
    struct visit *visit = job;
    visit->on_read_run(visit);
}

static void read_done(void *job)
{
    struct visit *visit = job;
    struct site *site = visit->site;
    site->readers[site->reader_count++] = visit->reader;
    visit->reader = NULL;
    visit->on_read_done(visit);
    read_next(site);
}

static void read_next(struct site *site)
{
    while (site->read_first && site->reader_count > 0) {
        struct visit *visit = site->read_first;
        visit->reader = site->readers[--site->reader_count];
        if (loop_work(site->loop, read_run, read_done, visit) != OK) {
            site->readers[site->reader_count++] = visit->reader;
            visit->reader = NULL;
            return; /* a running read comes back here */
        }
        site->read_first = visit->next;
        visit->next = NULL;
    }
}

void visit_read(struct visit *visit, visit_fn run, visit_fn done)
{
    struct site *site = visit->site;
    visit->on_read_run = run;
    visit->on_read_done = done;
    visit->next = NULL;
    if (site->reader_count == 0)
        site->figures.read_waits++;
    if (site->read_first)
        site->read_last->next = visit;
    else
        site->read_first = visit;
    site->read_last = visit;
    read_next(site);
}

/* ---- a request comes in ---- */

static void refuse_method(struct visit *visit, unsigned allow)
{
    char list[64] = "";
    size_t n = 0;
    for (unsigned m = 0; m < HTTP_METHOD_COUNT; m++) {
        if (allow & 1u << m)
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "",
                                  http_method_text((enum http_method)m));
    }
    struct http_field field = {STR("Allow"), {list, n}};
    json_obj(&visit->json);
    json_kc(&visit->json, "type", "about:blank");
    json_kc(&visit->json, "title", http_status_text(405));
    json_ki64(&visit->json, "status", 405);
    json_kstr(&visit->json, "instance", visit->request->path);
    json_obj_end(&visit->json);
    struct http_answer answer = {.status = 405,
                                 .type = "application/problem+json",
                                 .fields = &field,
                                 .field_count = 1,
                                 .body = out_view(&visit->out)};
    visit_answer(visit, &answer);
}

/* The object's number from the first path parameter. Ids of another kind or realm do not exist. */
static bool take_object(struct visit *visit)
{
    uint32_t realm;
    if (!strstr(visit->route->path, "{id}"))
        return true;
    return id_parse(visit->params[0], visit->route->kind, &realm, &visit->object) == OK &&
           realm == visit->site->config.realm;
}

static bool take_purpose(struct visit *visit)
{
    struct str text = visit_header(visit, "X-Purpose");
    if (!text.p || !(visit->route->flags & ROUTE_PERSONAL))
        return true;
    visit->purpose = (enum purpose)enum_value(&enum_purpose, text);
    return visit->purpose != PURPOSE_NONE;
}

static bool take_limit(struct visit *visit)
{
    struct site *site = visit->site;
    enum route_limit limit = visit->route->limit;
    char text[16];
    uint32_t wait_s = 0;
    uint64_t key = visit->session.v ? visit->session.v : visit_source(visit);
    if (visit->is_bearer && (limit == LIMIT_READ || limit == LIMIT_WRITE || limit == LIMIT_ASK))
        limit = LIMIT_MACHINE;
    if (site_within_limit(site, limit, key, net_mono_us(), &wait_s))
        return true;
    site->figures.refused_limit++;
    (void)snprintf(text, sizeof text, "%u", (unsigned)wait_s);
    struct http_field field = {STR("Retry-After"), str_of(text)};
    json_obj(&visit->json);
    json_kc(&visit->json, "type", "about:blank");
    json_kc(&visit->json, "title", http_status_text(429));
    json_ki64(&visit->json, "status", 429);
    json_kc(&visit->json, "detail", "too many requests of this sort");
    json_kstr(&visit->json, "limit", route_limit_name(limit));
    json_kstr(&visit->json, "instance", visit->request->path);
    json_obj_end(&visit->json);
    struct http_answer answer = {.status = 429,
                                 .type = "application/problem+json",
                                 .fields = &field,
                                 .field_count = 1,
                                 .body = out_view(&visit->out)};
    visit_answer(visit, &answer);
    return false;
}

static void on_request(void *ctx, struct http_exchange *exchange,
                       const struct http_request *request)
{
    struct site *site = ctx;
    unsigned allow = 0;
    if (site->visit_count >= SITE_MAX_VISITS) {
        http_problem(exchange, 503, NULL, "too many requests are under way");
        return;
    }
    struct visit *visit = visit_new(site);
    visit->site = site;
    visit->exchange = exchange;
    visit->request = request;
    visit->now_us = net_now_utc_us();
    visit->json = json_out_of(&visit->out);
    site->figures.visits++;
    enum err err = router_find(&site->router, request->method, request->path, &visit->route,
                               visit->params, &allow);
    if (err == ERR_UNSUPPORTED) {
        refuse_method(visit, allow);
        return;
    }
    if (err != OK) {
        visit_problem(visit, 404, NULL, NULL);
        return;
    }
    if (site->enter && !site->enter(visit))
        return;
    if (!take_limit(visit))
        return;
    if (!take_object(visit))
        visit_problem(visit, 404, NULL, NULL);
    else if (!take_purpose(visit))
        visit_problem(visit, 400, "is not one of the purposes", "X-Purpose");
    else if (site_query(visit))
        visit->route->handle(visit);
}

static void on_head(void *ctx, const struct http_request *request, struct http_body_rule *rule)
{
    struct site *site = ctx;
    struct str params[ROUTE_MAX_PARAMS];
    const struct route *route;
    unsigned allow;
    if (router_find(&site->router, request->method, request->path, &route, params, &allow) != OK)
        return;
    if (!(route->flags & ROUTE_OPEN) && !http_header(request, "Cookie").p &&
        !http_header(request, "Authorization").p) {
        rule->refuse_status = 401;
        rule->refuse_detail = "log in first";
    } else if (route->flags & ROUTE_MEMFD) {
        rule->is_memfd = true;
        rule->max_bytes = MAX_PHOTO_BYTES;
    }
}

bool site_frame(struct site *site, enum frame_type type, uint64_t correlation, struct str body)
{
    struct frame_committed committed;
    struct frame_health health;
    if (type == FRAME_reply) {
        site_reply(site, correlation, body);
        return true;
    }
    if (type == FRAME_committed) {
        if (record_read(&record_frame_committed, body, &committed) == OK &&
            (uint64_t)committed.seq > site->committed)
            site->committed = (uint64_t)committed.seq;
        return true;
    }
    if (type == FRAME_health && record_read(&record_frame_health, body, &health) == OK) {
        out_reset(&site->health);
        out_str(&site->health, health.json);
        site->health_us = net_now_utc_us();
    }
    return type == FRAME_health;
}

/* ---- start and end ---- */

enum err site_init(struct site *site, const struct edge_config *config, struct loop *loop,
                   const struct core_link *link, const struct http_limits *limits, void *owner)
{
    static const struct http_calls calls = {on_head, on_request};
    site->config = *config;
    site->loop = loop;
    site->link = *link;
    site->owner = owner;
    site->slots = calloc(SITE_MAX_VISITS, sizeof *site->slots);
    site->free_slots = calloc(SITE_MAX_VISITS, sizeof *site->free_slots);
    site->deadlines_us = calloc(SITE_MAX_VISITS, sizeof *site->deadlines_us);
    if (!site->slots || !site->free_slots || !site->deadlines_us)
        abort();
    for (uint32_t i = 0; i < SITE_MAX_VISITS; i++)
        site->free_slots[site->free_slot_count++] = i;
    map_init(&site->waiting, SITE_MAX_VISITS);
    out_init(&site->health, 64u << 10);
    site->server = http_server_new(loop, limits, &calls, site);
    if (!site->server)
        return ERR_IO;
    site->sweep = loop_timer_new(loop, sweep, site);
    loop_timer_start(site->sweep, 1000, 1000);
    return OK;
}

void site_done(struct site *site)
{
    site_core_down(site);
    http_server_free(site->server);
    loop_timer_free(site->sweep);
    while (site->free_visits) {
        struct visit *visit = site->free_visits;
        site->free_visits = visit->next;
        arena_done(&visit->arena);
        out_done(&visit->out);
        free(visit);
    }
    for (size_t i = 0; i < site->reader_count; i++)
        reader_close(site->readers[i]);
    map_done(&site->waiting);
    out_done(&site->health);
    http_bytes_unref(site->document);
    tiles_close(site->tiles);
    pages_close(site->pages);
    free(site->slots);
    free(site->free_slots);
    free(site->deadlines_us);
    router_done(&site->router);
}
