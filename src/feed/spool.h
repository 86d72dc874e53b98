/* spool.h - what leaves for units, appended and synced to a file that a terminal gateway follows:
 * one JSON line a delivery, {"id":..,"channel":"order:unit-1-7","body":{..}}. The file is begun
 * anew when it has grown over SPOOL_MAX_BYTES (the old one is kept beside it once, as .1). Layer:
 * feed. Threads: the loop's own; the file work runs on a worker. */
#ifndef FEED_SPOOL_H
#define FEED_SPOOL_H
#include "base/str.h"
#include "net/loop.h"

#define SPOOL_MAX_BYTES (64u << 20)
#define SPOOL_MAX_QUEUED 4096

struct spool;
/* Called on the loop for each delivery, in order, once it is on disk (or with why it is not). */
typedef void (*spool_fn)(void *ctx, uint64_t id, enum err err);
struct spool *spool_new(struct loop *loop, const char *path, spool_fn done, void *ctx);
void spool_free(struct spool *spool);
/* ERR_LIMIT: too many wait. */
enum err spool_add(struct spool *spool, uint64_t id, struct str channel, struct str body);
#endif
