/* The read path of an HTTP connection: any split of the input shows the handler the same requests,
 * and whatever comes, the connection stands or ends in good order. The first byte of the input
 * chooses the split and whether answers come late. */
#include "../unit/http_rig.h"
#include "base/rand.h"
#include "fuzz.h"

static void feed(struct rig *rig, struct str bytes, uint32_t seed)
{
    struct rand rand;
    rand_seed(&rand, seed);
    while (bytes.len) {
        struct str part = bytes;
        size_t n = 1 + rand_below(&rand, seed & 2 ? 4 : 200);
        if (seed && n < part.len)
            part.len = n;
        rig_feed(rig, part);
        bytes = str_from(bytes, part.len);
    }
}

static void check_output(const struct rig *rig)
{
    MUST(rig->output.len == 0 || memcmp(rig->output.p, "HTTP/1.1 ", 9) == 0);
    MUST(rig->output.err == OK && rig->seen.err == OK);
    MUST(!rig->conn || http_conn_fate(rig->conn) == HTTP_CONN_STAYS);
    MUST(rig->host->counters.connections == (rig->conn ? 1u : 0u));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rig whole, split;
    struct http_limits limits = http_limits_default;
    if (size == 0 || size > 60000)
        return 0;
    limits.body_bytes = 4000;
    limits.head_bytes = 2000;
    limits.target_bytes = 500;
    struct str bytes = {(const char *)data + 1, size - 1};
    rig_open(&whole, &limits);
    rig_open(&split, &limits);
    whole.defers = split.defers = data[0] & 1;
    feed(&whole, bytes, 0);
    feed(&split, bytes, data[0] | 4u);
    check_output(&whole);
    check_output(&split);
    MUST(str_eq(out_view(&whole.seen), out_view(&split.seen)));
    MUST(whole.ends == split.ends && whole.lingers == split.lingers);
    if (split.conn)
        http_conn_eof(split.conn);
    rig_flush(&split);
    if (whole.conn)
        http_conn_overdue(whole.conn);
    rig_flush(&whole);
    rig_close(&whole);
    rig_close(&split);
    return 0;
}
