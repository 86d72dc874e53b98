#include "main/open.h"

#include "base/file.h"
#include "base/log.h"
#include "net/loop.h"
#include "plan/cells.h"

#include <stdlib.h>

static enum err make_folders(const char *dir, struct opened *opened, char secret[SETTINGS_PATH_CAP],
                             char outside[SETTINGS_PATH_CAP])
{
    enum err err = settings_path(dir, "store", opened->store_dir);
    if (!err)
        err = settings_path(dir, "secret", secret);
    if (!err)
        err = settings_path(dir, "store/blobs", opened->blob_dir);
    if (!err)
        err = settings_path(dir, "checkpoints", outside);
    if (!err)
        err = file_mkdirs(opened->blob_dir, 0700);
    if (!err)
        err = file_mkdirs(secret, 0700);
    return err ? err : file_mkdirs(outside, 0700);
}

static enum err open_cells(const char *dir, struct opened *opened, struct fault *ret_fault)
{
    char path[SETTINGS_PATH_CAP];
    struct out text;
    out_init(&text, CELLS_FILE_BYTES);
    enum err err = settings_path(dir, CELLS_FILE, path);
    if (!err)
        err = file_read(path, &text);
    if (err)
        err = fault_set(ret_fault, err, 0, "cannot be read: run `anwang import cells`");
    else
        err = cells_parse(out_view(&text), &opened->cells, &opened->cell_count, ret_fault);
    out_done(&text);
    if (err && ret_fault)
        ret_fault->field = CELLS_FILE;
    return err;
}

enum err open_core_parts(const char *dir, const struct settings *settings, void (*wake)(void *ctx),
                         void *wake_ctx, struct opened *ret_opened, struct fault *ret_fault)
{
    char secret[SETTINGS_PATH_CAP], outside[SETTINGS_PATH_CAP];
    char road[SETTINGS_PATH_CAP];
    *ret_opened = (struct opened){0};
    enum err err = make_folders(dir, ret_opened, secret, outside);
    if (err)
        return fault_set(ret_fault, err, 0, "a folder cannot be made");
    err = utc_zone_set(settings->zone);
    if (err)
        return fault_field(ret_fault, err, "zone", "there is no such time zone");
    err = secret_open(secret, &ret_opened->keys);
    if (err)
        return fault_field(ret_fault, err, "secret", "the key files cannot be read");
    const struct store_options options = {.now_us = net_now_utc_us(),
                                          .realm = (uint32_t)settings->realm,
                                          .is_sync = wake == NULL,
                                          .wake = wake,
                                          .wake_ctx = wake_ctx,
                                          .checkpoint_dir = outside};
    err = store_open(ret_opened->store_dir, &options, &ret_opened->store, ret_fault);
    if (err)
        return err;
    err = settings_path(dir, "city.road", road);
    if (!err)
        err = road_open(road, &ret_opened->road, ret_fault);
    if (err == ERR_NOT_FOUND) {
        LOG_WARN("open.no_road", "the folder has no city.road: no travel times");
        err = OK;
    }
    if (err) {
        open_done(ret_opened);
        return fault_field(ret_fault, err, "city.road", ret_fault->text);
    }
    err = ret_opened->road ? speed_files_open(dir, ret_opened->road, &ret_opened->speeds) : OK;
    if (err) {
        open_done(ret_opened);
        return fault_field(ret_fault, err, "hours.csv, calibration.csv", "tables of speeds");
    }
    err = media_open(dir, &ret_opened->media, ret_fault);
    if (!err && settings->is_cover_by_people)
        err = open_cells(dir, ret_opened, ret_fault);
    if (err)
        open_done(ret_opened);
    return err;
}

void open_done(struct opened *opened)
{
    speed_files_done(&opened->speeds);
    if (opened->store)
        store_close(opened->store);
    if (opened->road)
        road_close(opened->road);
    media_free(opened->media);
    free(opened->cells);
    opened->store = NULL;
    opened->road = NULL;
    opened->media = NULL;
    opened->cells = NULL;
}

struct core_options open_core_options(const struct settings *settings, struct opened *opened)
{
    return (struct core_options){
        .realm = (uint32_t)settings->realm,
        .store = opened->store,
        .road = opened->road,
        .media = opened->media,
        .cells = opened->cells,
        .cell_count = opened->cell_count,
        .hours = opened->speeds.hours,
        .calibration = opened->speeds.calibration,
        .store_dir = opened->store_dir,
        .blob_dir = opened->blob_dir,
        .payload_key = opened->keys.payload,
        .password_cost = {(uint32_t)settings->login_passes, (uint32_t)settings->login_memory_kib},
        .session_us = settings->session_hours * US_PER_HOUR,
    };
}
