#include "feed/spool.h"

#include "base/json_out.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPOOL_PATH_CAP 640

struct run { /* one append under way */
    struct spool *spool;
    struct out lines;
    uint64_t ids[SPOOL_MAX_QUEUED];
    uint32_t count;
    enum err err;
};

struct spool {
    struct loop *loop;
    char path[SPOOL_PATH_CAP];
    spool_fn done;
    void *ctx;
    struct run *filling, *writing;
    bool is_free_wanted;
};

static struct run *run_new(struct spool *spool)
{
    struct run *run = calloc(1, sizeof *run);
    assert(run);
    run->spool = spool;
    out_init(&run->lines, 64u << 20);
    return run;
}

static void run_free(struct run *run)
{
    if (!run)
        return;
    out_done(&run->lines);
    free(run);
}

struct spool *spool_new(struct loop *loop, const char *path, spool_fn done, void *ctx)
{
    struct spool *spool = calloc(1, sizeof *spool);
    assert(spool);
    spool->loop = loop;
    spool->done = done;
    spool->ctx = ctx;
    (void)str_copy(str_of(path), spool->path, sizeof spool->path);
    spool->filling = run_new(spool);
    return spool;
}

void spool_free(struct spool *spool)
{
    if (!spool)
        return;
    if (spool->writing) {
        spool->is_free_wanted = true; /* the worker still has it */
        return;
    }
    run_free(spool->filling);
    free(spool);
}

static enum err write_all(int fd, const struct out *lines)
{
    size_t at = 0;
    while (at < lines->len) {
        ssize_t n = write(fd, lines->p + at, lines->len - at);
        if (n <= 0)
            return ERR_IO;
        at += (size_t)n;
    }
    return fdatasync(fd) == 0 ? OK : ERR_IO;
}

static void turn_over(const char *path)
{
    char old[SPOOL_PATH_CAP + 4];
    struct stat info;
    if (stat(path, &info) == 0 && info.st_size > (off_t)SPOOL_MAX_BYTES) {
        (void)snprintf(old, sizeof old, "%s.1", path);
        (void)rename(path, old);
    }
}

static void run_write(void *ctx)
{
    struct run *run = ctx;
    turn_over(run->spool->path);
    int fd = open(run->spool->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    run->err = fd < 0 ? ERR_IO : write_all(fd, &run->lines);
    if (fd >= 0 && close(fd) != 0)
        run->err = ERR_IO;
}

static void start(struct spool *spool);

static void run_written(void *ctx)
{
    struct run *run = ctx;
    struct spool *spool = run->spool;
    spool->writing = NULL;
    if (spool->is_free_wanted) {
        run_free(run);
        spool_free(spool);
        return;
    }
    for (uint32_t i = 0; i < run->count; i++)
        spool->done(spool->ctx, run->ids[i], run->err);
    run_free(run);
    start(spool);
}

static void start(struct spool *spool)
{
    if (spool->writing || spool->filling->count == 0)
        return;
    if (loop_work(spool->loop, run_write, run_written, spool->filling) != OK)
        return; /* the next delivery tries again */
    spool->writing = spool->filling;
    spool->filling = run_new(spool);
}

enum err spool_add(struct spool *spool, uint64_t id, struct str channel, struct str body)
{
    struct run *run = spool->filling;
    if (run->count == SPOOL_MAX_QUEUED)
        return ERR_LIMIT;
    struct json_out j = json_out_of(&run->lines);
    json_obj(&j);
    json_ku64(&j, "id", id);
    json_kstr(&j, "channel", channel);
    json_key(&j, "body");
    json_raw(&j, body);
    json_obj_end(&j);
    out_byte(&run->lines, '\n');
    run->ids[run->count++] = id;
    start(spool);
    return OK;
}
