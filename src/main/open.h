/* open.h - opens what a core works on: keys, store, road. Layer: main. Blocking, at start. */
#ifndef MAIN_OPEN_H
#define MAIN_OPEN_H
#include "access/secret.h"
#include "core/core.h"
#include "main/settings.h"
#include "main/speed_files.h"

struct opened {
    struct secret_keys keys;
    struct store *store;
    struct road *road; /* NULL: the folder has no city.road */
    struct speed_files speeds;
    struct media *media;
    struct cover_demand *cells; /* NULL: the ledger counts past calls */
    size_t cell_count;
    char blob_dir[SETTINGS_PATH_CAP], store_dir[SETTINGS_PATH_CAP];
};
/* wake: store_options.wake; NULL makes a synchronous store. ret_fault->text and ->field say what.
 */
enum err open_core_parts(const char *dir, const struct settings *settings, void (*wake)(void *ctx),
                         void *wake_ctx, struct opened *ret_opened, struct fault *ret_fault);
void open_done(struct opened *opened);
/* Options of a core over these parts; calls and ctx are the caller's to fill. */
struct core_options open_core_options(const struct settings *settings, struct opened *opened);
#endif
