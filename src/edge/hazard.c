/* hazard.c - hazards of the place of an incident, nearest first. Where they stand is kept in
 * memory, by number, and follows the rows; what is said of one is its row. Cost: one look at every
 * label that stands, the rows of those that are near. */
#include "edge/edge_priv.h"

#define MAX_NEAR 50

struct label {
    bool stands;
    char kind[MAX_CODE_BYTES + 1];
    struct place place;
    struct arena *arena; /* of the polygons; NULL: a point */
    const struct polygon *polygons;
    size_t polygon_count;
};
struct label_kind {
    char code[MAX_CODE_BYTES + 1];
    uint32_t near_m;
};
struct hazards {
    struct label *labels; /* by number */
    uint32_t label_cap;
    struct label_kind *kinds; /* by number */
    uint32_t kind_cap;
};

static void *grown(void *list, uint32_t *io_cap, uint32_t number, size_t size)
{
    uint32_t cap = *io_cap ? *io_cap : 64;
    if (number < *io_cap)
        return list;
    while (cap <= number)
        cap *= 2;
    char *more = realloc(list, cap * size);
    if (!more)
        abort();
    memset(more + *io_cap * size, 0, (cap - *io_cap) * size);
    *io_cap = cap;
    return more;
}

static void label_done(struct label *label)
{
    if (label->arena)
        arena_done(label->arena);
    free(label->arena);
    *label = (struct label){0};
}

static void read_shape(struct label *label, struct str text)
{
    struct json root;
    struct geojson shape;
    if (json_read(text, &root, NULL) != OK)
        return;
    label->arena = calloc(1, sizeof *label->arena);
    if (!label->arena)
        abort();
    arena_init(label->arena, 16u << 20);
    if (geojson_geometry(root, label->arena, &shape, NULL) == OK) {
        label->polygons = shape.polygons;
        label->polygon_count = shape.polygon_count;
    }
    json_free(root);
}

void hazard_row(struct hazards *hazards, uint32_t number, const struct hazard_object *row)
{
    hazards->labels = grown(hazards->labels, &hazards->label_cap, number, sizeof(struct label));
    struct label *label = &hazards->labels[number];
    label_done(label);
    if (HAS(hazard_object, row, lifted_us))
        return;
    label->stands = true;
    label->place = row->place;
    (void)str_copy(str_of(row->kind), label->kind, sizeof label->kind);
    if (HAS(hazard_object, row, shape))
        read_shape(label, row->shape);
}

void hazard_kind_row(struct hazards *hazards, uint32_t number, const struct hazard_kind_object *row)
{
    hazards->kinds = grown(hazards->kinds, &hazards->kind_cap, number, sizeof(struct label_kind));
    (void)str_copy(str_of(row->code), hazards->kinds[number].code,
                   sizeof hazards->kinds[number].code);
    hazards->kinds[number].near_m = row->near_m;
}

struct hazards *hazards_new(struct reader *reader)
{
    struct hazards *hazards = calloc(1, sizeof *hazards);
    struct arena arena;
    const void *object;
    uint64_t seq;
    if (!hazards)
        abort();
    arena_init(&arena, 1u << 20);
    for (uint32_t n = 1, end = atlas_end(reader, OBJECT_hazard_kind); n < end; n++) {
        if (reader_record(reader, OBJECT_hazard_kind, n, &arena, &object, &seq) == OK)
            hazard_kind_row(hazards, n, object);
        arena_reset(&arena);
    }
    for (uint32_t n = 1, end = atlas_end(reader, OBJECT_hazard); n < end; n++) {
        if (reader_record(reader, OBJECT_hazard, n, &arena, &object, &seq) == OK)
            hazard_row(hazards, n, object);
        arena_reset(&arena);
    }
    arena_done(&arena);
    return hazards;
}

void hazards_free(struct hazards *hazards)
{
    if (!hazards)
        return;
    for (uint32_t n = 0; n < hazards->label_cap; n++)
        label_done(&hazards->labels[n]);
    free(hazards->labels);
    free(hazards->kinds);
    free(hazards);
}

/* ---- near an incident ---- */

struct near {
    uint32_t number, distance_m;
    bool is_inside;
};

static uint32_t reach_m(const struct hazards *hazards, const char *kind)
{
    for (uint32_t n = 1; n < hazards->kind_cap; n++) {
        if (strcmp(hazards->kinds[n].code, kind) == 0)
            return hazards->kinds[n].near_m;
    }
    return 0;
}

static bool is_near(const struct hazards *hazards, uint32_t number, struct place place,
                    struct near *ret_near)
{
    const struct label *label = &hazards->labels[number];
    double metres = place_distance_m(label->place, place);
    bool is_inside = false;
    for (size_t i = 0; i < label->polygon_count && !is_inside; i++) {
        is_inside = polygon_holds(label->polygons[i], place);
        const double border_m = polygon_border_m(label->polygons[i], place);
        metres = border_m < metres ? border_m : metres;
    }
    if (is_inside)
        metres = 0;
    *ret_near = (struct near){number, (uint32_t)(metres + 0.5), is_inside};
    return ret_near->distance_m <= reach_m(hazards, label->kind);
}

static int by_distance(const void *a, const void *b)
{
    const struct near *x = a, *y = b;
    if (x->distance_m != y->distance_m)
        return x->distance_m < y->distance_m ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void write_near(struct visit *visit, const struct near *near)
{
    static const struct scope whole = {0}; /* who may work the incident may know its place */
    uint64_t seq;
    struct json_out *j = &visit->json;
    json_obj(j);
    json_ku64(j, "distance_m", near->distance_m);
    json_kbool(j, "is_inside", near->is_inside);
    json_key(j, "hazard");
    const struct object_query of = {OBJECT_hazard, near->number, &whole, false};
    if (reader_object(edge_of(visit)->reader, &of, j, &seq) != OK)
        json_nil(j);
    json_obj_end(j);
}

static void run_place(struct visit *visit)
{
    const struct object_query of = {OBJECT_incident, visit->object, &visit->scope, false};
    const void *object;
    struct out row;
    uint64_t seq;
    out_init(&row, SITE_ANSWER_BYTES);
    struct json_out j = json_out_of(&row);
    visit->err = reader_object(visit->reader, &of, &j, &seq); /* may it be seen at all? */
    out_done(&row);
    if (visit->err == OK)
        visit->err = reader_record(visit->reader, OBJECT_incident, visit->object, &visit->arena,
                                   &object, &seq);
    visit->work = visit->err == OK ? object : NULL;
}

static void answer_near(struct visit *visit)
{
    const struct hazards *hazards = edge_of(visit)->hazards;
    const struct incident_object *incident = visit->work;
    struct near *list = ARENA_NEW(&visit->arena, struct near, MAX_NEAR + 1);
    size_t count = 0;
    if (visit->err != OK) {
        visit_read_problem(visit, visit->err, &visit->fault);
        return;
    }
    const struct place place = incident_place(incident);
    for (uint32_t n = 1; place_is_valid(place) && n < hazards->label_cap; n++) {
        if (!hazards->labels[n].stands || !is_near(hazards, n, place, &list[count]))
            continue;
        if (++count > MAX_NEAR) { /* the farthest gives way */
            qsort(list, count, sizeof *list, by_distance);
            count = MAX_NEAR;
        }
    }
    qsort(list, count, sizeof *list, by_distance);
    json_obj(&visit->json);
    json_key(&visit->json, "items");
    json_arr(&visit->json);
    for (size_t i = 0; i < count; i++)
        write_near(visit, &list[i]);
    json_arr_end(&visit->json);
    json_obj_end(&visit->json);
    visit_ok(visit, 200);
}

void hazard_list_near(struct visit *visit)
{
    visit_read(visit, run_place, answer_near);
}
