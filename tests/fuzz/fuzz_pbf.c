#include "fuzz.h"
#include "road/pbf_priv.h"

struct sums {
    size_t node_count, way_count, size;
    int64_t bytes;
};

static enum err on_node(void *user, int64_t id, struct place place)
{
    struct sums *sums = user;
    (void)id;
    MUST(place_is_valid(place));
    sums->node_count++;
    return OK;
}

static enum err on_way(void *user, const struct pbf_way *way)
{
    struct sums *sums = user;
    int64_t last = 0;
    uint8_t bytes = 0;
    for (size_t i = 0; i < way->ref_count; i++)
        last = way->refs[i];
    for (size_t i = 0; i < way->tag_count; i++) {
        struct str key = way->tags[i].key, value = way->tags[i].value;
        for (size_t k = 0; k < key.len; k++)
            bytes ^= (uint8_t)key.p[k];
        for (size_t k = 0; k < value.len; k++)
            bytes ^= (uint8_t)value.p[k];
    }
    sums->way_count++;
    sums->bytes ^= last ^ bytes; /* all that was handed over can be read */
    return OK;
}

static enum err on_block(void *user, size_t bytes_done)
{
    struct sums *sums = user;
    MUST(bytes_done <= sums->size);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sums sums = {.size = size}, again = {.size = size};
    struct pbf_handler handler = {&sums, on_node, on_way, on_block};
    struct fault fault = {0};
    struct str bytes = {(const char *)data, size};
    enum err err = pbf_read(bytes, &handler, &fault);
    MUST(err == OK || (fault.text && fault.offset <= size));
    handler.user = &again;
    handler.node = NULL;
    MUST(pbf_read(bytes, &handler, NULL) == err || err == ERR_RANGE || err == ERR_CORRUPT);
    MUST(err || again.way_count == sums.way_count);
    return 0;
}
