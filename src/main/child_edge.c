/* child_edge.c - the two doors, staff (edge) and public (portal): the same shape, other routes. */
#include "access/secret.h"
#include "base/file.h"
#include "base/log.h"
#include "base/utc.h"
#include "edge/edge.h"
#include "main/child.h"
#include "main/process.h"
#include "main/speed_files.h"
#include "net/ca.h"

#include <libgen.h>
#include <signal.h>
#include <unistd.h>

#define DRAIN_MS 2000

struct door {
    struct loop *loop;
    struct process *process;
    struct edge *edge;     /* staff door, or NULL */
    struct portal *portal; /* public door, or NULL */
    struct tls *tls;
    struct edge_config config;
    const char *dir;
    char store[SETTINGS_PATH_CAP], web[SETTINGS_PATH_CAP], tiles[SETTINGS_PATH_CAP];
    struct road *road; /* staff door; NULL: the folder has none */
    struct speed_files speeds;
    char names[SETTINGS_PATH_CAP], blobs[SETTINGS_PATH_CAP];
};

/* Positions go to feed, pictures to media, all else to core. */
static enum process_kind target_of(enum frame_type type)
{
    if (type == FRAME_position)
        return PROCESS_feed;
    return type == FRAME_image ? PROCESS_media : PROCESS_core;
}

static enum err send_frame(void *ctx, enum frame_type type, uint64_t correlation,
                           const void *record, int fd)
{
    struct door *door = ctx;
    return process_send_fd(door->process, target_of(type), type, correlation, record, fd);
}

static void peer_down(void *ctx, enum process_kind peer)
{
    struct door *door = ctx;
    if (peer != PROCESS_core && peer != PROCESS_media)
        return;
    if (door->edge)
        edge_core_down(door->edge);
    if (door->portal)
        portal_core_down(door->portal);
}

static void peer_frame(void *ctx, enum process_kind peer, const struct frame *frame, int fd)
{
    struct door *door = ctx;
    if (fd >= 0)
        (void)close(fd);
    if (peer != PROCESS_core && peer != PROCESS_media)
        return;
    if (door->edge)
        edge_frame(door->edge, (enum frame_type)frame->type, frame->correlation, frame->body);
    if (door->portal)
        portal_frame(door->portal, (enum frame_type)frame->type, frame->correlation, frame->body);
}

/* The pages lie beside the program: build/src/main/anwang -> web/dist; installed: ../share. */
static void find_web(const struct settings *settings, char path[SETTINGS_PATH_CAP])
{
    char self[SETTINGS_PATH_CAP] = "";
    (void)snprintf(path, SETTINGS_PATH_CAP, "%s", settings->web);
    if (path[0] != '\0' || readlink("/proc/self/exe", self, sizeof self - 1) <= 0)
        return;
    const char *folder = dirname(self);
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            (void)snprintf(path, SETTINGS_PATH_CAP, "%s/../../../web/dist", folder);
        else
            (void)snprintf(path, SETTINGS_PATH_CAP, "%s/../share/anwang/web", folder);
        if (access(path, R_OK) == 0)
            return;
    }
}

static const char *if_there(const char *path)
{
    return access(path, R_OK) == 0 ? path : NULL;
}

static enum err open_road(struct door *door, const char *dir, const struct settings *settings)
{
    char path[SETTINGS_PATH_CAP];
    struct fault fault = {0};
    enum err err = utc_zone_set(settings->zone); /* of the hours */
    if (!err)
        err = settings_path(dir, "city.road", path);
    if (!err)
        err = road_open(path, &door->road, &fault);
    if (err == ERR_NOT_FOUND) /* streets have nothing to say then */
        return OK;
    return err ? err : speed_files_open(dir, door->road, &door->speeds);
}

static enum err fill_config(struct door *door, const char *dir, const struct settings *settings,
                            bool is_portal)
{
    char secret[SETTINGS_PATH_CAP];
    struct secret_keys keys;
    struct edge_config *c = &door->config;
    enum err err = settings_path(dir, "secret", secret);
    if (!err)
        err = settings_path(dir, "store", door->store);
    if (!err)
        err = settings_path(dir, "city.mbtiles", door->tiles);
    if (!err)
        err = settings_path(dir, "city.names", door->names);
    if (!err)
        err = settings_path(dir, "store/blobs", door->blobs);
    if (!err && is_portal)
        err = secret_contact_public(secret, c->contact_public);
    if (!err && !is_portal)
        err = secret_open(secret, &keys);
    if (!err && !is_portal)
        err = open_road(door, dir, settings);
    if (err)
        return err;
    if (!is_portal)
        memcpy(c->source_key, keys.source, sizeof c->source_key);
    find_web(settings, door->web);
    c->store_dir = door->store;
    c->web_dir = if_there(door->web);
    c->tiles_path = if_there(door->tiles);
    c->road = door->road;
    c->hours = door->speeds.hours;
    c->calibration = door->speeds.calibration;
    c->names_path = if_there(door->names);
    c->blob_dir = door->blobs;
    c->realm = (uint32_t)settings->realm;
    c->city = settings->city;
    c->name_zh = settings->city_name_zh;
    c->name_en = settings->city_name_en;
    c->zone = settings->zone;
    c->attribution = settings->attribution;
    c->version = ANWANG_VERSION;
    return OK;
}

static enum err tls_paths(const char *dir, char chain[SETTINGS_PATH_CAP],
                          char key[SETTINGS_PATH_CAP])
{
    enum err err = settings_path(dir, "tls/" CA_CHAIN_FILE, chain);
    return err ? err : settings_path(dir, "tls/" CA_KEY_FILE, key);
}

static enum err open_tls(const char *dir, struct tls **ret_tls)
{
    char chain[SETTINGS_PATH_CAP], key[SETTINGS_PATH_CAP];
    enum err err = tls_paths(dir, chain, key);
    return err ? err : tls_server_new(chain, key, ret_tls);
}

static enum err start_door(struct door *door, bool is_portal, struct fault *ret_fault)
{
    const struct core_link link = {door, send_frame};
    enum err err = is_portal
                       ? portal_start(&door->config, door->loop, &link, &door->portal, ret_fault)
                       : edge_start(&door->config, door->loop, &link, &door->edge, ret_fault);
    if (!err && is_portal)
        err = portal_listen(door->portal, CHILD_LISTEN_FD, door->tls);
    else if (!err)
        err = edge_listen(door->edge, CHILD_LISTEN_FD, door->tls);
    return err;
}

/* SIGHUP: new connections use the certificate files as they are now. */
static void on_reload(void *ctx, int signal_number)
{
    struct door *door = ctx;
    char chain[SETTINGS_PATH_CAP], key[SETTINGS_PATH_CAP];
    (void)signal_number;
    enum err err = tls_paths(door->dir, chain, key);
    if (!err)
        err = tls_server_reload(door->tls, chain, key);
    LOG_INFO("door.reload", "err=%s", err_text(err));
}

static void drained(void *ctx)
{
    loop_stop(((struct door *)ctx)->loop);
}

static int run_door(const char *dir, const struct settings *settings, bool is_portal)
{
    static const struct process_calls calls = {NULL, peer_down, peer_frame};
    struct door door = {.dir = dir};
    struct fault fault = {0};
    door.loop = loop_new();
    door.process = process_new(door.loop, is_portal ? PROCESS_portal : PROCESS_edge, &calls, &door);
    enum err err = fill_config(&door, dir, settings, is_portal);
    if (!err)
        err = open_tls(dir, &door.tls);
    if (!err)
        err = start_door(&door, is_portal, &fault);
    if (err) {
        LOG_ERROR("door.start", "err=%s what=%s %s", err_text(err), fault.field ? fault.field : "",
                  fault.text ? fault.text : "");
    } else {
        if (loop_on_signal(door.loop, SIGHUP, on_reload, &door) != OK)
            LOG_WARN("door.signal", "SIGHUP is not handled");
        process_ready(door.process);
        loop_run(door.loop);
        if (door.edge)
            edge_drain(door.edge, DRAIN_MS, drained, &door);
        if (door.portal)
            portal_drain(door.portal, DRAIN_MS, drained, &door);
        loop_run(door.loop);
    }
    edge_free(door.edge);
    portal_free(door.portal);
    speed_files_done(&door.speeds);
    road_close(door.road);
    tls_free(door.tls);
    process_free(door.process);
    loop_free(door.loop);
    return err ? 1 : 0;
}

int child_edge(const char *dir, const struct settings *settings)
{
    return run_door(dir, settings, false);
}

int child_portal(const char *dir, const struct settings *settings)
{
    return run_door(dir, settings, true);
}
