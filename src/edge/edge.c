#include "edge/edge_priv.h"

#include "base/log.h"
#include "edge/pages.h"
#include "store/tiles.h"

#define TICK_MS 100
#define BODY_BYTES (1u << 20) /* a command and its JSON */
#define BODIES_BYTES (256u << 20)
#define STREAM_QUEUE_BYTES                                                                         \
    (4u << 20) /* a subscriber this far behind is dropped; bytes are shared */

static enum err named(struct fault *ret_fault, enum err err, const char *path)
{
    return err == OK ? OK : fault_field(ret_fault, err, path, err_text(err));
}

/* The city's files may be absent: then their routes have nothing to say, and health says so. */
static enum err open_city(struct edge *edge, const struct edge_config *config,
                          struct fault *ret_fault)
{
    enum err err = OK;
    if (config->tiles_path) {
        err = tiles_open(config->tiles_path, &edge->site.tiles);
        if (err == ERR_NOT_FOUND)
            LOG_WARN("edge.no_map", "err=%s", err_text(err));
        else if (err != OK)
            return named(ret_fault, err, config->tiles_path);
    }
    edge->road = config->road;
    if (edge->road)
        err = edge_roads_new(config, edge->site.loop, &edge->roads);
    if (err != OK)
        return named(ret_fault, err, "city.road");
    if (config->names_path) {
        err = gazetteer_open(config->names_path, &edge->gazetteer, ret_fault);
        if (err != OK && err != ERR_NOT_FOUND)
            return named(ret_fault, err, config->names_path);
    }
    if (config->web_dir) {
        err = pages_open(config->web_dir, &edge->site.pages);
        if (err == ERR_NOT_FOUND)
            LOG_WARN("edge.no_pages", "err=%s", err_text(err));
        else if (err != OK)
            return named(ret_fault, err, config->web_dir);
    }
    return OK;
}

static enum err open_store(struct edge *edge, const struct edge_config *config,
                           struct fault *ret_fault)
{
    enum err err = reader_open(config->store_dir, &edge->reader, ret_fault);
    for (size_t i = 0; i < SITE_READERS && err == OK; i++) {
        err = reader_open(config->store_dir, &edge->site.readers[i], ret_fault);
        edge->site.reader_count += err == OK;
    }
    if (err == OK)
        err = reader_last_seq(edge->reader, &edge->site.committed);
    if (err == OK)
        err = atlas_load(&edge->atlas, edge->reader);
    return named(ret_fault, err, config->store_dir);
}

static void tick(void *ctx)
{
    struct edge *edge = ctx;
    const int64_t now_us = net_now_utc_us();
    push_tick(edge->push, now_us);
    edge_roads_tick(edge->roads, now_us, edge->are_closures_stale);
    if (edge->is_atlas_stale) {
        if (atlas_load(&edge->atlas, edge->reader) != OK)
            LOG_ERROR("edge.atlas", "err=%s", "cannot be read");
    } else if (edge->are_closures_stale) {
        atlas_load_closures(&edge->atlas, edge->reader);
    }
    edge->is_atlas_stale = edge->are_closures_stale = false;
}

enum err edge_start(const struct edge_config *config, struct loop *loop,
                    const struct core_link *link, struct edge **ret_edge, struct fault *ret_fault)
{
    struct http_limits limits = http_limits_default;
    struct edge *edge = calloc(1, sizeof *edge);
    if (edge)
        edge->positions = calloc(EDGE_MAX_UNITS, sizeof *edge->positions);
    if (!edge || !edge->positions)
        abort();
    limits.body_bytes = BODY_BYTES;
    limits.bodies_total_bytes = BODIES_BYTES;
    limits.queue_bytes = STREAM_QUEUE_BYTES;
    limits.connection_count = 16384;
    limits.connections_per_address = 0; /* a duty room stands behind one address */
    edge->site.enter = session_enter;
    edge->site.front_page = "index.html";
    router_staff(&edge->site.router);
    enum err err = site_init(&edge->site, config, loop, link, &limits, edge);
    if (err == OK)
        err = open_store(edge, config, ret_fault);
    if (err == OK)
        err = open_city(edge, config, ret_fault);
    if (err != OK) {
        edge_free(edge);
        return err;
    }
    edge->push = push_new(edge);
    edge->hazards = hazards_new(edge->reader); /* what is newer comes by the ticks */
    edge->tick = loop_timer_new(loop, tick, edge);
    loop_timer_start(edge->tick, TICK_MS, TICK_MS);
    *ret_edge = edge;
    return OK;
}

enum err edge_listen(struct edge *edge, int fd, struct tls *tls)
{
    return http_server_listen(edge->site.server, fd, tls);
}

void edge_frame(struct edge *edge, enum frame_type type, uint64_t correlation, struct str body)
{
    struct frame_positions positions;
    struct frame_cover cover;
    if (site_frame(&edge->site, type, correlation, body))
        return;
    if (type == FRAME_positions && record_read(&record_frame_positions, body, &positions) == OK)
        position_frame(edge, positions.items);
    else if (type == FRAME_cover && record_read(&record_frame_cover, body, &cover) == OK)
        push_cover(edge->push, &cover);
    else
        LOG_WARN("edge.frame", "type=%d", (int)type);
}

void edge_core_down(struct edge *edge)
{
    site_core_down(&edge->site);
}

void edge_drain(struct edge *edge, int64_t max_ms, loop_fn done, void *ctx)
{
    http_server_drain(edge->site.server, max_ms, done, ctx);
}

void edge_free(struct edge *edge)
{
    if (!edge)
        return;
    loop_timer_free(edge->tick);
    push_free(edge->push);
    hazards_free(edge->hazards);
    site_done(&edge->site);
    reader_close(edge->reader);
    atlas_done(&edge->atlas);
    gazetteer_close(edge->gazetteer);
    edge_roads_free(edge->roads);
    free(edge->positions);
    free(edge);
}
