/* Reading OpenStreetMap PBF: the same objects as osmium sees, the same on any number of threads,
 * files that were made to do harm, and what turn restrictions and barriers become. */
#include "base/file.h"
#include "base/rand.h"
#include "city_files.h"
#include "road/pbf_priv.h"
#include "road/road_priv.h"
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <zlib.h>

/* Sums over all objects of a file, apart by kind. */
struct sums {
    uint64_t nodes, ways, relations;
    uint64_t ids, places, refs, members;
};
struct reading {
    struct sums total, slots[PBF_MAX_THREADS * PBF_SLOTS_PER_THREAD];
};

static uint8_t no_key(struct str key)
{
    (void)key;
    return 0;
}

static void add_place(struct sums *sums, int64_t lat_e7, int64_t lon_e7)
{
    sums->places += (uint64_t)(lat_e7 * 31 + lon_e7);
}

static enum err on_node(void *harvest, const struct pbf_node *node)
{
    struct sums *sums = harvest;
    sums->nodes++;
    sums->ids += (uint64_t)node->id;
    add_place(sums, node->place.lat_e7, node->place.lon_e7);
    return OK;
}

static enum err on_way(void *harvest, const struct pbf_way *way)
{
    struct sums *sums = harvest;
    sums->ways++;
    sums->ids += (uint64_t)way->id;
    for (size_t i = 0; i < way->ref_count; i++)
        sums->refs = sums->refs + (uint64_t)way->refs[i] * (i + 1);
    return OK;
}

static enum err on_relation(void *harvest, const struct pbf_relation *relation)
{
    struct sums *sums = harvest;
    sums->relations++;
    sums->ids += (uint64_t)relation->id;
    for (size_t i = 0; i < relation->member_count; i++)
        sums->members += (uint64_t)relation->members[i].ref * (i + 1) + relation->members[i].kind;
    return OK;
}

static void *harvest_of(void *user, unsigned slot)
{
    struct reading *reading = user;
    reading->slots[slot] = (struct sums){0};
    return &reading->slots[slot];
}

static enum err reap(void *user, void *harvest, size_t bytes_done)
{
    struct reading *reading = user;
    const struct sums *sums = harvest;
    (void)bytes_done;
    uint64_t *to = (uint64_t *)&reading->total;
    for (size_t i = 0; i < sizeof *sums / sizeof *to; i++)
        to[i] += ((const uint64_t *)sums)[i];
    return OK;
}

static enum err sums_of(const char *path, unsigned threads, struct sums *ret_sums,
                        struct fault *ret_fault)
{
    static struct reading reading;
    struct pbf_file file = {.threads = threads};
    struct pbf_handler handler = {&reading, no_key, on_node, on_way, on_relation, harvest_of, reap};
    reading = (struct reading){0};
    assert_ok(file_map(path, &file.bytes));
    enum err err = pbf_read(&file, &handler, ret_fault);
    file_unmap(file.bytes);
    vec_done(&file.kinds);
    *ret_sums = reading.total;
    return err;
}

/* ------------------------------------------------------- osmium */

static int64_t number_after(const char *text, char **ret_end)
{
    return strtoll(text, ret_end, 10);
}

static int64_t degrees_e7(const char *text)
{
    int64_t e7 = 0;
    assert_ok(str_fixed((struct str){text, strcspn(text, " \n")}, 7, &e7));
    return e7;
}

/* A line of OPL: n1 x1.5 y2, w1 Nn1,n2, r1 Mw1@from,n2@via. */
static void add_line(struct sums *sums, char *line)
{
    char *at;
    sums->ids += (uint64_t)number_after(line + 1, &at);
    sums->nodes += line[0] == 'n';
    sums->ways += line[0] == 'w';
    sums->relations += line[0] == 'r';
    char *x = strstr(line, " x"), *y = strstr(line, " y");
    if (line[0] == 'n')
        add_place(sums, degrees_e7(y + 2), degrees_e7(x + 2));
    at = strstr(line, line[0] == 'w' ? " N" : " M");
    if (line[0] == 'n' || !at || at[2] == '\n' || at[2] == '\0' || at[2] == ' ')
        return;
    at++;
    for (uint64_t i = 1; at; i++) {
        char kind = at[1];
        uint64_t ref = (uint64_t)number_after(at + 2, &at);
        if (line[0] == 'w')
            sums->refs += ref * i;
        else
            sums->members += ref * i + (kind == 'w' ? PBF_WAY : kind == 'r' ? PBF_RELATION : 0);
        at = strchr(at, ',');
    }
}

static bool run_osmium(const char *from, const char *to)
{
    char *const arguments[] = {(char *)(uintptr_t) "osmium",
                               (char *)(uintptr_t) "cat",
                               (char *)(uintptr_t) "--no-progress",
                               (char *)(uintptr_t) "-O",
                               (char *)(uintptr_t) "-f",
                               (char *)(uintptr_t) "opl,add_metadata=false",
                               (char *)(uintptr_t) "-o",
                               (char *)(uintptr_t)to,
                               (char *)(uintptr_t)from,
                               NULL};
    posix_spawn_file_actions_t quiet;
    pid_t child;
    int status = 1;
    assert_int_equal(posix_spawn_file_actions_init(&quiet), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0), 0);
    if (posix_spawnp(&child, "osmium", &quiet, NULL, arguments, environ) == 0)
        (void)waitpid(child, &status, 0);
    (void)posix_spawn_file_actions_destroy(&quiet);
    return status == 0;
}

/* False when there is no osmium, or it refuses the file. */
static bool osmium_sums(const char *path, struct sums *ret_sums)
{
    char text[CITY_PATH_CAP], *line = NULL;
    size_t cap = 0;
    *ret_sums = (struct sums){0};
    temp_path("osmium.opl", text);
    bool is_done = run_osmium(path, text);
    FILE *file = is_done ? fopen(text, "r") : NULL;
    while (file && getline(&line, &cap, file) > 0)
        add_line(ret_sums, line);
    free(line);
    if (file)
        (void)fclose(file);
    (void)unlink(text);
    return is_done;
}

static uint32_t compare_folder(const char *folder)
{
    uint32_t compared = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[CITY_PATH_CAP];
        struct sums ours, threaded, theirs;
        struct fault fault = {0};
        size_t length = strlen(entry->d_name);
        if (length < 8 || strcmp(entry->d_name + length - 8, ".osm.pbf") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (!osmium_sums(path, &theirs))
            continue; /* not installed, or not for it either */
        assert_ok(sums_of(path, 1, &ours, &fault));
        assert_ok(sums_of(path, 3, &threaded, &fault));
        assert_memory_equal(&ours, &threaded, sizeof ours);
        if (memcmp(&ours, &theirs, sizeof ours) != 0)
            fail_msg("%s: osmium sees something else", path);
        compared++;
    }
    if (dir)
        (void)closedir(dir);
    return compared;
}

static void osmium_sees_the_same_objects(void **state)
{
    (void)state;
    char folder[CITY_PATH_CAP];
    uint32_t compared = 0;
    data_path("osm", folder);
    compared += compare_folder(folder);
    (void)snprintf(folder, sizeof folder, "%s/roads", getenv("ANWANG_TEST_DATA"));
    compared += compare_folder(folder);
    (void)snprintf(folder, sizeof folder, "%s/pbf", getenv("ANWANG_TEST_DATA"));
    compared += compare_folder(folder);
    (void)snprintf(folder, sizeof folder, "%s/../../../shared/data/osm",
                   getenv("ANWANG_TEST_DATA"));
    compared += compare_folder(folder);
    if (compared == 0)
        skip(); /* no osmium-tool */
    assert_true(compared >= 9);
}

/* ------------------------------------------------------- threads and several files */

static enum err import_all(const char *const *inputs, size_t count, unsigned threads,
                           struct road_report *report, struct road **ret_road, struct fault *fault)
{
    char profiles[CITY_PATH_CAP], output[CITY_PATH_CAP];
    data_path("road/profiles.csv", profiles);
    temp_path("pbf.road", output);
    struct road_import job = {.inputs = inputs,
                              .input_count = count,
                              .profiles = profiles,
                              .output = output,
                              .threads = threads};
    enum err err = road_import(&job, report, fault);
    if (err)
        return err;
    assert_ok(road_open(output, ret_road, fault));
    assert_int_equal(unlink(output), 0);
    return OK;
}

static void test_file(const char *name, char path[CITY_PATH_CAP])
{
    (void)snprintf(path, CITY_PATH_CAP, "%s/%s", getenv("ANWANG_TEST_DATA"), name);
}

static void threads_and_repeats_change_nothing(void **state)
{
    (void)state;
    char paulo[CITY_PATH_CAP], turns[CITY_PATH_CAP];
    test_file("roads/sao-paulo-centre.osm.pbf", paulo);
    test_file("pbf/turns.osm.pbf", turns);
    const char *const inputs[] = {paulo, turns, paulo};
    struct road_report first = {0}, report;
    struct road *road = NULL, *other = NULL;
    struct fault fault = {0};
    assert_ok(import_all(inputs, 2, 1, &first, &road, &fault));
    for (unsigned threads = 2; threads <= 4; threads++) {
        assert_ok(import_all(inputs, 2, threads, &report, &other, &fault));
        assert_memory_equal(road->digest, other->digest, DIGEST_BYTES);
        assert_memory_equal(&report, &first, sizeof report);
        road_close(other);
    }
    /* The same file again: the same streets, each way once. */
    assert_ok(import_all(inputs, 3, 2, &report, &other, &fault));
    assert_memory_equal(road->digest, other->digest, DIGEST_BYTES);
    assert_int_equal(
        report.ways_dropped[ROAD_DROP_DUPLICATE] - first.ways_dropped[ROAD_DROP_DUPLICATE], 5928);
    road_close(other);
    /* One file less is another road. */
    assert_ok(import_all(inputs, 1, 2, &report, &other, &fault));
    assert_memory_not_equal(road->digest, other->digest, DIGEST_BYTES);
    road_close(other);
    road_close(road);
}

/* ------------------------------------------------------- turns, barriers, ferries */

static uint32_t arc_of(const struct road *road, int64_t way, bool is_last, bool is_backward)
{
    for (uint32_t i = 0; i < road_way_count(road); i++) {
        struct road_way w = road_way(road, i);
        if (w.id == way)
            return 2 * w.edges[is_last ? w.edge_count - 1 : 0] + is_backward;
    }
    fail_msg("way %lld is not there", (long long)way);
    return 0;
}

/* What going from one arc on to the next costs beside them. */
static uint32_t price_of(const struct road *road, const char *profile, uint32_t from, uint32_t to)
{
    uint32_t index = road_profile(road, profile), after = ROAD_NONE;
    for (uint32_t i = road->arc_first_hop[from]; i < road->arc_first_hop[from + 1]; i++)
        after = road->hops[road->arc_hops[i]].head; /* nothing was begun before in these */
    for (uint32_t i = road->hop_first[after]; i < road->hop_first[after + 1]; i++) {
        if (road->hops[i].arc == to)
            return hop_price_ms(road, index, &road->hops[i]);
    }
    fail_msg("no hop");
    return 0;
}

static void restrictions_and_barriers_have_their_price(void **state)
{
    (void)state;
    char path[CITY_PATH_CAP];
    const char *const inputs[] = {path};
    struct road_report r = {0};
    struct road *road = NULL;
    struct fault fault = {0};
    test_file("pbf/turns.osm.pbf", path);
    assert_ok(import_all(inputs, 1, 1, &r, &road, &fault));
    assert_int_equal(r.turns_read, 12);
    assert_int_equal(r.turns_kept, 4);
    static const uint32_t dropped[ROAD_TURN_DROP_COUNT] = {
        [ROAD_TURN_DROP_TIMED] = 2,   [ROAD_TURN_DROP_OTHERS] = 1,  [ROAD_TURN_DROP_KIND] = 1,
        [ROAD_TURN_DROP_MEMBERS] = 1, [ROAD_TURN_DROP_MISSING] = 1, [ROAD_TURN_DROP_APART] = 2};
    for (size_t i = 0; i < ROAD_TURN_DROP_COUNT; i++)
        assert_int_equal(r.turns_dropped[i], dropped[i]);
    assert_int_equal(r.barriers, 2);
    assert_int_equal(r.ways_dropped[ROAD_DROP_REVERSIBLE], 1);
    assert_int_equal(r.ways_dropped[ROAD_DROP_NOT_ROAD], 1); /* the bus route */
    uint32_t w1 = arc_of(road, 1, false, false), w2 = arc_of(road, 2, false, false),
             w3 = arc_of(road, 3, false, false), w4 = arc_of(road, 4, false, false),
             w5 = arc_of(road, 5, false, false), w5b = arc_of(road, 5, true, false);
    assert_int_equal(price_of(road, "car", w1, w3), ROAD_INF); /* no_left_turn */
    assert_int_equal(price_of(road, "response", w1, w3), 3000);
    assert_int_equal(price_of(road, "foot", w1, w3), 0);
    assert_int_equal(price_of(road, "car", w1, w2), 0);
    assert_int_equal(price_of(road, "car", w4, w3), 0); /* only_straight_on */
    assert_int_equal(price_of(road, "car", w4, w2), ROAD_INF);
    assert_int_equal(price_of(road, "car", w4, w4 ^ 1), ROAD_INF);
    assert_int_equal(price_of(road, "bicycle", w4, w2), 0);        /* except=bicycle */
    assert_int_equal(price_of(road, "car", w2 ^ 1, w2), ROAD_INF); /* no_u_turn */
    assert_int_equal(price_of(road, "car", w2, w5), 0);            /* only after way 1 */
    assert_int_equal(price_of(road, "car", w5, w5b), ROAD_INF);    /* bollard */
    assert_int_equal(price_of(road, "response", w5, w5b), 40000);
    assert_int_equal(price_of(road, "foot", w5, w5b), 0);
    uint32_t w8 = arc_of(road, 8, false, false), w8b = arc_of(road, 8, true, false);
    assert_int_equal(price_of(road, "car", w8, w8b), 60000); /* private gate */
    uint32_t car = road_profile(road, "car"), siren = road_profile(road, "response");
    assert_in_range(road_base_ms(road, car, arc_of(road, 7, false, false)), 598000, 600000);
    assert_int_equal(road_base_ms(road, car, arc_of(road, 10, false, false)), ROAD_INF);
    assert_true(road_base_ms(road, siren, arc_of(road, 10, false, false)) < 60000);
    /* Gravel: seven tenths of 25 km/h. Way 8 begins with 111.2 m. */
    assert_in_range(road_base_ms(road, car, w8), 22500, 23300);
    road_close(road);
}

/* ------------------------------------------------------- files that do harm */

static void put_bytes(struct out *out, uint32_t number, const void *bytes, size_t count)
{
    out_varint(out, number << 3 | 2);
    out_varint(out, count);
    out_bytes(out, bytes, count);
}

/* A whole block: `claimed` is the unpacked size that it says it has. */
static void put_block(struct out *out, const char *type, struct str packed, uint64_t claimed)
{
    struct out header, blob;
    out_init(&header, 1u << 10);
    out_init(&blob, 8u << 20);
    out_varint(&blob, 2 << 3);
    out_varint(&blob, claimed);
    put_bytes(&blob, 3, packed.p, packed.len);
    put_bytes(&header, 1, type, strlen(type));
    out_varint(&header, 3 << 3);
    out_varint(&header, blob.len);
    for (int shift = 24; shift >= 0; shift -= 8)
        out_byte(out, (uint8_t)(header.len >> shift));
    out_bytes(out, header.p, header.len);
    out_bytes(out, blob.p, blob.len);
    out_done(&header);
    out_done(&blob);
}

static struct str zeros(size_t count, uint8_t *buffer, size_t cap)
{
    uint8_t *plain = calloc(1, count);
    uLongf length = cap;
    assert_int_equal(compress(buffer, &length, plain, count), Z_OK);
    free(plain);
    return (struct str){(const char *)buffer, length};
}

static void bombs_and_lies_are_refused(void **state)
{
    (void)state;
    static uint8_t buffer[1u << 20];
    const struct {
        size_t size;
        uint64_t claimed;
        enum err err;
    } cases[] = {
        {32u << 20, 32u << 20, ERR_CORRUPT}, /* the largest: read, and then no block */
        {40u << 20, 40u << 20, ERR_LIMIT},   {32u << 20, 100, ERR_CORRUPT},
        {100, 32u << 20, ERR_CORRUPT},       {100, UINT64_MAX, ERR_LIMIT},
    };
    char path[CITY_PATH_CAP];
    const char *const inputs[] = {path};
    temp_path("bomb.osm.pbf", path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct out file;
        struct road_report report;
        struct road *road = NULL;
        struct fault fault = {0};
        out_init(&file, 8u << 20);
        static const uint8_t head[] = {0,   0,   0,   13,  0x0a, 9,    'O', 'S',  'M', 'H',
                                       'e', 'a', 'd', 'e', 'r',  0x18, 2,   0x0a, 0};
        out_bytes(&file, head, sizeof head);
        size_t before = file.len;
        put_block(&file, "OSMData", zeros(cases[i].size, buffer, sizeof buffer), cases[i].claimed);
        assert_ok(file_replace(path, out_view(&file), 0600));
        assert_int_equal(import_all(inputs, 1, 1, &report, &road, &fault), cases[i].err);
        assert_int_equal(fault.offset, before);
        assert_string_equal(fault.field, path);
        out_done(&file);
    }
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(osmium_sees_the_same_objects),
        cmocka_unit_test(threads_and_repeats_change_nothing),
        cmocka_unit_test(restrictions_and_barriers_have_their_price),
        cmocka_unit_test(bombs_and_lies_are_refused),
    };
    return RUN(tests);
}
