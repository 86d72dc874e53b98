#include "fuzz.h"
#include "road/pbf_priv.h"

struct sums {
    size_t nodes, ways, relations, size, slot;
    int64_t bytes;
    struct sums *total;
};
struct reading {
    struct sums total, slots[PBF_MAX_THREADS * PBF_SLOTS_PER_THREAD];
};

static uint8_t sum_of(struct str s)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < s.len; i++)
        sum ^= (uint8_t)s.p[i];
    return sum;
}

/* All that is handed over can be read. */
static void add_tags(struct sums *sums, struct pbf_tags tags)
{
    for (size_t i = 0; i < tags.count; i++) {
        MUST(tags.at[i].key != 0);
        sums->bytes += sum_of(tags.at[i].value);
    }
}

static uint8_t key_of(struct str key)
{
    return sum_of(key) & 7;
}

static enum err on_node(void *harvest, const struct pbf_node *node)
{
    struct sums *sums = harvest;
    MUST(place_is_valid(node->place));
    add_tags(sums, node->tags);
    sums->nodes++;
    return OK;
}

static enum err on_way(void *harvest, const struct pbf_way *way)
{
    struct sums *sums = harvest;
    for (size_t i = 0; i < way->ref_count; i++)
        sums->bytes ^= way->refs[i];
    add_tags(sums, way->tags);
    sums->ways++;
    return OK;
}

static enum err on_relation(void *harvest, const struct pbf_relation *relation)
{
    struct sums *sums = harvest;
    for (size_t i = 0; i < relation->member_count; i++)
        sums->bytes ^= relation->members[i].ref + sum_of(relation->members[i].role);
    add_tags(sums, relation->tags);
    sums->relations++;
    return OK;
}

static void *harvest_of(void *user, unsigned slot)
{
    struct reading *reading = user;
    MUST(slot < PBF_MAX_THREADS * PBF_SLOTS_PER_THREAD);
    reading->slots[slot] = (struct sums){.slot = slot};
    return &reading->slots[slot];
}

static enum err reap(void *user, void *harvest, size_t bytes_done)
{
    struct reading *reading = user;
    const struct sums *sums = harvest;
    MUST(bytes_done <= reading->total.size);
    reading->total.nodes += sums->nodes;
    reading->total.ways += sums->ways;
    reading->total.relations += sums->relations;
    reading->total.bytes = reading->total.bytes * 31 + sums->bytes;
    return OK;
}

static enum err read_with(struct str bytes, unsigned threads, struct reading *reading,
                          struct fault *fault)
{
    struct pbf_file file = {.bytes = bytes, .threads = threads};
    struct pbf_handler handler = {reading, key_of, on_node, on_way, on_relation, harvest_of, reap};
    *reading = (struct reading){.total = {.size = bytes.len}};
    enum err err = pbf_read(&file, &handler, fault);
    if (!err) { /* a second reading passes over what holds no ways, and finds the same ways */
        size_t ways = reading->total.ways;
        *reading = (struct reading){.total = {.size = bytes.len}};
        handler.node = NULL;
        handler.relation = NULL;
        MUST(pbf_read(&file, &handler, NULL) == OK);
        MUST(reading->total.ways == ways);
    }
    vec_done(&file.kinds);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reading one, three;
    struct fault fault = {0}, fault3 = {0};
    struct str bytes = {(const char *)data, size};
    enum err err = read_with(bytes, 1, &one, &fault);
    MUST(err == OK || (fault.text && fault.offset <= size));
    /* Nothing depends on the number of threads, errors neither. */
    MUST(read_with(bytes, 3, &three, &fault3) == err);
    MUST(fault.offset == fault3.offset && fault.text == fault3.text);
    MUST(err || one.total.bytes == three.total.bytes);
    return 0;
}
