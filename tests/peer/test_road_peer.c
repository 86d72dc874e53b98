/* An importer of other hands, graph_bench.cpp (libosmium), makes the same graph of the same file:
 * the same junctions, the same arcs, the same times to the millisecond. Its profile is a tiny one,
 * told in its header; here it is put over our graph. What it takes and we do not (areas, ways whose
 * direction changes) is filtered out of the file first. */
#include "base/file.h"
#include "city_files.h"
#include "road/pbf_priv.h"
#include "road/road_priv.h"
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <sys/wait.h>

static const struct {
    const char *highway;
    uint32_t kmh;
} speeds[] = {{"motorway", 100},     {"motorway_link", 60},  {"trunk", 80},
              {"trunk_link", 50},    {"primary", 60},        {"primary_link", 40},
              {"secondary", 50},     {"secondary_link", 40}, {"tertiary", 40},
              {"tertiary_link", 30}, {"unclassified", 30},   {"residential", 30},
              {"living_street", 10}, {"service", 15}};
#define SPEED_COUNT (sizeof speeds / sizeof *speeds)

struct arc {
    struct place tail, head;
    uint32_t ms;
};
struct graph {
    struct vec arcs;   /* struct arc */
    struct vec places; /* struct place, of our junctions, ascending */
    uint32_t junctions;
};

/* ------------------------------------------------------- the tags that the tiny profile reads */

enum { KEY_IS_ACCESS = 1, KEY_IS_MAXSPEED, KEY_IS_JUNCTION, KEY_IS_ONEWAY };
struct way_facts {
    int64_t id;
    uint32_t kmh; /* 0: none stated */
    bool is_left_out, is_circular;
};

static uint8_t key_of(struct str key)
{
    return str_eq_c(key, "access") || str_eq_c(key, "motor_vehicle") ? KEY_IS_ACCESS
           : str_eq_c(key, "maxspeed")                               ? KEY_IS_MAXSPEED
           : str_eq_c(key, "junction")                               ? KEY_IS_JUNCTION
           : str_eq_c(key, "oneway")                                 ? KEY_IS_ONEWAY
                                                                     : 0;
}

static enum err on_way(void *harvest, const struct pbf_way *way)
{
    struct way_facts facts = {.id = way->id};
    bool has_oneway = false;
    for (size_t i = 0; i < way->tags.count; i++) {
        struct pbf_tag tag = way->tags.at[i];
        uint32_t kmh;
        if (tag.key == KEY_IS_ACCESS)
            facts.is_left_out |= str_eq_c(tag.value, "no") || str_eq_c(tag.value, "private");
        else if (tag.key == KEY_IS_MAXSPEED && str_u32(tag.value, &kmh) == OK && kmh < 200)
            facts.kmh = kmh;
        else if (tag.key == KEY_IS_JUNCTION)
            facts.is_circular = str_eq_c(tag.value, "circular");
        has_oneway |= tag.key == KEY_IS_ONEWAY;
    }
    facts.is_circular &= !has_oneway;
    return VEC_PUSH((struct vec *)harvest, struct way_facts, facts);
}

static void *one_harvest(void *user, unsigned slot)
{
    (void)slot;
    return user;
}

static enum err no_reaping(void *user, void *harvest, size_t bytes_done)
{
    (void)user;
    (void)harvest;
    (void)bytes_done;
    return OK;
}

/* Ascending by id, as the extracts are sorted. */
static struct vec read_facts(const char *path)
{
    struct vec facts = {0};
    struct pbf_file file = {.threads = 1};
    struct pbf_handler handler = {
        .user = &facts, .key = key_of, .way = on_way, .harvest = one_harvest, .reap = no_reaping};
    assert_ok(file_map(path, &file.bytes));
    assert_ok(pbf_read(&file, &handler, NULL));
    file_unmap(file.bytes);
    vec_done(&file.kinds);
    return facts;
}

static struct way_facts facts_of(const struct vec *facts, int64_t id)
{
    size_t low = 0, high = facts->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (VEC(facts, struct way_facts)[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    assert_true(low < facts->count && VEC(facts, struct way_facts)[low].id == id);
    return VEC(facts, struct way_facts)[low];
}

/* ------------------------------------------------------- our graph under the tiny profile */

static struct road *import_tiny(const char *path)
{
    char table[CITY_PATH_CAP], profiles[CITY_PATH_CAP];
    char output[CITY_PATH_CAP];
    const char *const inputs[] = {path};
    struct road_report report;
    struct fault fault = {0};
    struct road *road = NULL;
    struct out full, tiny;
    out_init(&full, 1u << 20);
    out_init(&tiny, 1u << 20);
    data_path("road/profiles.csv", profiles);
    assert_ok(file_read(profiles, &full));
    struct cursor lines = cursor_of(full.p, full.len);
    while (lines.left) { /* one profile; classes that the tiny one lacks get 0 */
        struct str rest = cursor_line(&lines), name = str_cut(&rest, ',');
        struct str value = str_cut(&rest, ',');
        uint32_t class = ROAD_CLASS_COUNT;
        for (uint32_t i = 0; i < ROAD_CLASS_COUNT; i++)
            class = str_eq_c(name, road_class_name(i)) ? i : class;
        for (size_t i = 0; i < SPEED_COUNT && class < ROAD_CLASS_COUNT; i++)
            class = str_eq_c(name, speeds[i].highway) ? ROAD_CLASS_COUNT : class;
        if (name.len && name.p[0] != '#')
            out_printf(&tiny, "%.*s,%.*s\n", STR_ARG(name),
                       STR_ARG((class < ROAD_CLASS_COUNT ? STR("0") : value)));
    }
    temp_path("tiny.csv", table);
    temp_path("tiny.road", output);
    assert_ok(file_replace(table, out_view(&tiny), 0600));
    struct road_import job = {
        .inputs = inputs, .input_count = 1, .profiles = table, .output = output};
    assert_ok(road_import(&job, &report, &fault));
    assert_ok(road_open(output, &road, &fault));
    assert_int_equal(unlink(output), 0);
    assert_int_equal(unlink(table), 0);
    out_done(&full);
    out_done(&tiny);
    return road;
}

struct tiny {
    const struct road *road;
    const struct vec *facts;
    uint8_t *uses;  /* by node: ends twice, else once a passing */
    int64_t turned; /* a way whose one-way is turned round, 0 = none */
    struct graph graph;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *l = a, *r = b;
    if (l->lat_e7 != r->lat_e7)
        return l->lat_e7 < r->lat_e7 ? -1 : 1;
    return l->lon_e7 < r->lon_e7 ? -1 : l->lon_e7 > r->lon_e7;
}

static void count_uses(struct tiny *tiny)
{
    for (uint32_t i = 0; i < tiny->road->way_count; i++) {
        struct road_way way = road_way(tiny->road, i);
        if (facts_of(tiny->facts, way.id).is_left_out)
            continue;
        for (uint32_t k = 0; k < way.edge_count; k++) {
            const struct file_edge *edge = &tiny->road->edges[way.edges[k]];
            uint32_t tail = tiny->uses[edge->tail] + (k == 0 ? 2u : 1u);
            tiny->uses[edge->tail] = (uint8_t)(tail > 2 ? 2 : tail);
            if (k + 1 == way.edge_count)
                tiny->uses[edge->head] = 2;
        }
    }
    for (uint32_t i = 0; i < tiny->road->node_count; i++) {
        if (tiny->uses[i] == 2)
            assert_ok(VEC_PUSH(&tiny->graph.places, struct place, tiny->road->nodes[i]));
    }
    tiny->graph.junctions = (uint32_t)tiny->graph.places.count;
    qsort(tiny->graph.places.p, tiny->graph.junctions, sizeof(struct place), compare_places);
}

static void add_arcs(struct tiny *tiny, const struct road_way *way, struct way_facts facts,
                     uint32_t tail, uint32_t head, uint64_t length_mm)
{
    const struct road *road = tiny->road;
    uint32_t flags = road->ways[road->edges[way->edges[0]].way].flags, kmh = facts.kmh;
    bool forward = !(flags & WAY_ONEWAY_REVERSED), backward = !(flags & WAY_ONEWAY);
    for (size_t i = 0; i < SPEED_COUNT && kmh == 0; i++)
        kmh = strcmp(road_class_name(way->road_class), speeds[i].highway) == 0 ? speeds[i].kmh : 0;
    uint32_t ms = (uint32_t)fmax(1, nearbyint((double)length_mm * 3.6 / kmh));
    if (facts.is_circular)
        forward = backward = true;
    if (way->id == tiny->turned && forward != backward) {
        forward = !forward;
        backward = !backward;
    }
    struct arc arc = {road->nodes[tail], road->nodes[head], ms};
    struct arc turned = {road->nodes[head], road->nodes[tail], ms};
    if (tail != head && forward)
        assert_ok(VEC_PUSH(&tiny->graph.arcs, struct arc, arc));
    if (tail != head && backward)
        assert_ok(VEC_PUSH(&tiny->graph.arcs, struct arc, turned));
}

static int compare_arcs(const void *a, const void *b)
{
    const struct arc *l = a, *r = b;
    const int64_t left[] = {l->tail.lat_e7, l->tail.lon_e7, l->head.lat_e7, l->head.lon_e7, l->ms};
    const int64_t right[] = {r->tail.lat_e7, r->tail.lon_e7, r->head.lat_e7, r->head.lon_e7, r->ms};
    for (size_t i = 0; i < 5; i++) {
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    }
    return 0;
}

/* Sorted; of parallel arcs the fastest. */
static void tidy(struct graph *graph)
{
    struct arc *arcs = graph->arcs.p;
    size_t kept = 0;
    qsort(arcs, graph->arcs.count, sizeof *arcs, compare_arcs);
    for (size_t i = 0; i < graph->arcs.count; i++) {
        if (kept == 0 || !place_eq(arcs[kept - 1].tail, arcs[i].tail) ||
            !place_eq(arcs[kept - 1].head, arcs[i].head))
            arcs[kept++] = arcs[i];
    }
    graph->arcs.count = kept;
}

static struct graph our_graph(const struct road *road, const struct vec *facts, int64_t turned)
{
    struct tiny tiny = {.road = road, .facts = facts, .turned = turned};
    tiny.uses = calloc(road->node_count, 1);
    assert_non_null(tiny.uses);
    count_uses(&tiny);
    for (uint32_t i = 0; i < road->way_count; i++) {
        struct road_way way = road_way(road, i);
        struct way_facts of_way = facts_of(facts, way.id);
        uint32_t tail = ROAD_NONE;
        uint64_t length_mm = 0;
        for (uint32_t k = 0; k < way.edge_count && !of_way.is_left_out; k++) {
            const struct file_edge *edge = &road->edges[way.edges[k]];
            tail = tail == ROAD_NONE ? edge->tail : tail;
            length_mm += edge->length_mm;
            if (tiny.uses[edge->head] < 2)
                continue;
            add_arcs(&tiny, &way, of_way, tail, edge->head, length_mm);
            tail = ROAD_NONE;
            length_mm = 0;
        }
    }
    free(tiny.uses);
    tidy(&tiny.graph);
    return tiny.graph;
}

/* ------------------------------------------------------- the other's graph */

static bool run(char *const *arguments)
{
    posix_spawn_file_actions_t quiet;
    pid_t child;
    int status = 1;
    assert_int_equal(posix_spawn_file_actions_init(&quiet), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0), 0);
    if (posix_spawnp(&child, arguments[0], &quiet, NULL, arguments, environ) == 0)
        (void)waitpid(child, &status, 0);
    (void)posix_spawn_file_actions_destroy(&quiet);
    return status == 0;
}

static struct place read_place(struct str *line)
{
    int64_t lat = 0, lon = 0;
    (void)str_cut(line, ' ');
    assert_ok(str_fixed(str_cut(line, ' '), 7, &lat));
    assert_ok(str_fixed(str_cut(line, ' '), 7, &lon));
    return (struct place){(int32_t)lat, (int32_t)lon};
}

static uint32_t read_number(struct str *line)
{
    uint32_t number = 0;
    assert_ok(str_u32(str_cut(line, ' '), &number));
    return number;
}

/* "n m", then "id lat lon" a node, then "tail head ms" an arc. */
static struct graph read_dump(const char *path)
{
    struct graph graph = {0};
    struct out text;
    out_init(&text, 256u << 20);
    assert_ok(file_read(path, &text));
    struct cursor lines = cursor_of(text.p, text.len);
    struct str line = cursor_line(&lines);
    graph.junctions = read_number(&line);
    uint32_t count = read_number(&line);
    struct place *places = calloc(graph.junctions, sizeof *places);
    assert_non_null(places);
    for (uint32_t i = 0; i < graph.junctions; i++) {
        line = cursor_line(&lines);
        places[i] = read_place(&line);
    }
    for (uint32_t i = 0; i < count; i++) {
        line = cursor_line(&lines);
        uint32_t tail = read_number(&line), head = read_number(&line);
        struct arc arc = {places[tail], places[head], read_number(&line)};
        assert_ok(VEC_PUSH(&graph.arcs, struct arc, arc));
    }
    free(places);
    out_done(&text);
    tidy(&graph);
    return graph;
}

/* How many arcs the two do not share, to the millisecond. */
static size_t differences(const struct graph *a, const struct graph *b)
{
    size_t different = 0, i = 0, k = 0;
    while (i < a->arcs.count && k < b->arcs.count) {
        struct arc left = VEC(&a->arcs, struct arc)[i], right = VEC(&b->arcs, struct arc)[k];
        uint32_t apart = left.ms > right.ms ? left.ms - right.ms : right.ms - left.ms;
        left.ms = right.ms = 0;
        int order = compare_arcs(&left, &right);
        different += order != 0 || apart > 1;
        i += order <= 0;
        k += order >= 0;
    }
    return different + (a->arcs.count - i) + (b->arcs.count - k);
}

static bool is_node(const struct graph *graph, struct place place)
{
    return bsearch(&place, graph->places.p, graph->places.count, sizeof place, compare_places);
}

/* Takes a node out: what led to it goes on to what it led to. */
static void pass_through(struct graph *graph, struct place node)
{
    size_t count = graph->arcs.count, kept = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            struct arc in = VEC(&graph->arcs, struct arc)[i];
            struct arc out = VEC(&graph->arcs, struct arc)[k];
            if (!place_eq(in.head, node)) /* the common case first */
                break;
            if (place_eq(out.tail, node) && !place_eq(in.tail, out.head))
                assert_ok(VEC_PUSH(&graph->arcs, struct arc,
                                   (struct arc){in.tail, out.head, in.ms + out.ms}));
        }
    }
    struct arc *arcs = graph->arcs.p;
    for (size_t i = 0; i < graph->arcs.count; i++) {
        if (!place_eq(arcs[i].tail, node) && !place_eq(arcs[i].head, node))
            arcs[kept++] = arcs[i];
    }
    graph->arcs.count = kept;
    graph->junctions--;
    tidy(graph);
}

/* Where a way names a node twice running, or is cut at a missing node so that a piece of one node
 * is left, the other counts one more use of that node, and parts a street there; we do not. Returns
 * how many such nodes there were. */
static uint32_t pass_remnants(struct graph *theirs, const struct graph *ours)
{
    uint32_t passed = 0;
    for (size_t i = 0; i < theirs->arcs.count; i++) {
        struct place node = VEC(&theirs->arcs, struct arc)[i].head;
        if (is_node(ours, node))
            continue;
        pass_through(theirs, node);
        passed++;
        i = 0;
    }
    return passed;
}

/* `remnants`: how many there may be. */
static void compare_city(const char *name, uint32_t remnants)
{
    char input[CITY_PATH_CAP], filtered[CITY_PATH_CAP], dump[CITY_PATH_CAP];
    (void)snprintf(input, sizeof input, "%s/roads/%s.osm.pbf", getenv("ANWANG_TEST_DATA"), name);
    temp_path("peer.osm.pbf", filtered);
    temp_path("peer.graph", dump);
    char *const filter[] = {(char *)(uintptr_t) "osmium",
                            (char *)(uintptr_t) "tags-filter",
                            (char *)(uintptr_t) "--no-progress",
                            (char *)(uintptr_t) "--invert-match",
                            (char *)(uintptr_t) "--omit-referenced",
                            (char *)(uintptr_t) "-O",
                            (char *)(uintptr_t) "-o",
                            filtered,
                            input,
                            (char *)(uintptr_t) "w/oneway=reversible,alternating",
                            (char *)(uintptr_t) "w/area=yes",
                            NULL};
    char *const bench[] = {getenv("ANWANG_GRAPH_BENCH"), filtered, dump, NULL};
    if (!run(filter))
        skip(); /* no osmium-tool */
    assert_true(run(bench));
    struct graph theirs = read_dump(dump);
    struct vec facts = read_facts(filtered);
    struct road *road = import_tiny(filtered);
    struct graph ours = our_graph(road, &facts, 0);
    if (ours.junctions != theirs.junctions)
        assert_in_range(pass_remnants(&theirs, &ours), 1, remnants);
    assert_int_equal(ours.junctions, theirs.junctions);
    assert_int_equal(ours.arcs.count, theirs.arcs.count);
    assert_int_equal(differences(&ours, &theirs), 0);
    vec_done(&ours.arcs);
    vec_done(&ours.places);
    /* One one-way the wrong way round must be seen. */
    uint32_t i = 0;
    while (!(road->ways[i].flags & WAY_ONEWAY) ||
           facts_of(&facts, file_way_id(&road->ways[i])).is_left_out)
        i++;
    ours = our_graph(road, &facts, file_way_id(&road->ways[i]));
    assert_true(differences(&ours, &theirs) >= 2);
    vec_done(&ours.arcs);
    vec_done(&ours.places);
    vec_done(&theirs.arcs);
    vec_done(&facts);
    road_close(road);
    (void)unlink(filtered);
    (void)unlink(dump);
}

static void another_importer_makes_the_same_graph(void **state)
{
    (void)state;
    compare_city("porto", 2);
    compare_city("manhattan-roads", 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_importer_makes_the_same_graph),
    };
    return RUN(tests);
}
