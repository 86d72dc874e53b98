/* backup.h - copy a realm's folder while it is in use, and put a copy back.
 * Layer: store. Threads: any; blocking. The copy is one consistent state of the database, checked
 * page by page before it counts; photos are copied by their own names after the rows that name
 * them. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H
#include "base/err.h"

struct backup_report {
    uint64_t last_seq;
    uint64_t bytes;
};
/* Progress: pages done of all; called some times a second. */
typedef void (*backup_progress_fn)(void *ctx, uint64_t done, uint64_t all);

/* Copies dir, running or not, to the new folder `target` (made; ERR_EXISTS when it is there).
 * ERR_IO (disk full), ERR_CORRUPT (source damaged: the target is removed), ERR_NOT_FOUND. */
enum err store_backup(const char *dir, const char *target, backup_progress_fn progress, void *ctx,
                      struct backup_report *ret_report, struct fault *ret_fault);
/* Makes the new folder dir from a copy, after checking it: pages, schema version, audit chain.
 * ERR_EXISTS: dir is there already; nothing is overwritten. ERR_CORRUPT, ERR_UNSUPPORTED, ERR_IO.
 */
enum err store_restore(const char *copy, const char *dir, struct backup_report *ret_report,
                       struct fault *ret_fault);
#endif
