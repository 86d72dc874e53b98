/* catalogue.c - what a screen needs to start, in one answer: types and plans with their documents,
 * bodies, posts, areas without their shapes, and the code lists that types and units use. */
#include "edge/edge_priv.h"

#define MAX_CODES 512

/* A set of short codes, in the order found. */
struct codes {
    struct str items[MAX_CODES];
    size_t count;
};

static void add_code(struct codes *codes, struct arena *arena, struct str code)
{
    for (size_t i = 0; i < codes->count; i++) {
        if (str_eq(codes->items[i], code))
            return;
    }
    if (code.len > 0 && codes->count < MAX_CODES)
        codes->items[codes->count++] = arena_dup(arena, code);
}

static void write_codes(struct json_out *j, const char *key, const struct codes *codes)
{
    json_key(j, key);
    json_arr(j);
    for (size_t i = 0; i < codes->count; i++)
        json_str(j, codes->items[i]);
    json_arr_end(j);
}

/* All rows of a view, page by page. */
static enum err write_rows(struct visit *visit, enum view_id view, enum access_action action,
                           const char *key)
{
    const struct scope scope = access_scope(&visit->actor, action, PURPOSE_NONE, visit->work);
    struct query query = {.view = view, .limit = QUERY_MAX_LIMIT, .scope = &scope};
    struct query_page page = {0};
    struct json_out *j = &visit->json;
    enum err err = OK;
    json_key(j, key);
    json_arr(j);
    do {
        char cursor[QUERY_CURSOR_CAP];
        (void)str_copy(str_of(page.next), cursor, sizeof cursor);
        query.cursor = str_of(cursor);
        err = scope.is_none ? OK : reader_query(visit->reader, &query, j, &page, &visit->fault);
    } while (err == OK && page.next[0] != '\0');
    json_arr_end(j);
    return err;
}

/* Areas without their shapes, which are big and come as tiles. */
static enum err write_areas(struct visit *visit)
{
    const struct scope_trees *trees = visit->work;
    const uint32_t realm = visit->site->config.realm;
    struct json_out *j = &visit->json;
    struct arena arena;
    const void *object;
    uint64_t seq;
    char id[ID_TEXT_CAP];
    arena_init(&arena, 4u << 20);
    json_key(j, "areas");
    json_arr(j);
    for (uint32_t n = 1; n < trees->areas.count; n++) {
        arena_reset(&arena);
        if (reader_record(visit->reader, OBJECT_area, n, &arena, &object, &seq) != OK)
            continue;
        struct area_object area = *(const struct area_object *)object;
        CLEAR_HAS(area_object, &area, shape);
        id_text(OBJECT_area, realm, n, id);
        json_obj(j);
        record_json_write(&record_area_object, &area, realm, j);
        json_kc(j, "id", id);
        json_ku64(j, "seq", seq);
        json_obj_end(j);
    }
    json_arr_end(j);
    arena_done(&arena);
    return OK;
}

/* Codes out of the type and plan documents: dispositions and capabilities. */
static void collect(struct visit *visit, enum object_kind kind, const char *list_key,
                    const char *item_key, struct codes *codes)
{
    struct arena arena;
    const void *object;
    uint64_t seq;
    arena_init(&arena, 8u << 20);
    for (uint32_t n = 1; reader_record(visit->reader, kind, n, &arena, &object, &seq) == OK; n++) {
        struct str text = kind == OBJECT_type ? ((const struct type_object *)object)->document
                                              : ((const struct plan_object *)object)->document;
        struct json root;
        if (json_read(text, &root, NULL) == OK) {
            struct json list = json_get(root, list_key);
            for (size_t i = 0; i < json_count(list); i++) {
                struct json item = json_at(list, i);
                add_code(codes, &visit->arena,
                         json_type(item) == JSON_MAP ? json_text(json_get(item, item_key))
                                                     : json_text(item));
            }
            json_free(root);
        }
        arena_reset(&arena);
    }
    arena_done(&arena);
}

static void collect_units(struct visit *visit, struct codes *kinds, struct codes *capabilities)
{
    struct arena arena;
    const void *object;
    uint64_t seq;
    arena_init(&arena, 1u << 20);
    for (uint32_t n = 1; reader_record(visit->reader, OBJECT_unit, n, &arena, &object, &seq) == OK;
         n++) {
        const struct unit_object *unit = object;
        struct str rest = str_of(unit->capabilities);
        add_code(kinds, &visit->arena, str_of(unit->kind));
        while (rest.len)
            add_code(capabilities, &visit->arena, str_cut(&rest, ' '));
        arena_reset(&arena);
    }
    arena_done(&arena);
}

static void run_catalogue(struct visit *visit)
{
    struct codes *codes = ARENA_NEW(&visit->arena, struct codes, 3);
    struct json_out *j = &visit->json;
    json_obj(j);
    visit->err = write_rows(visit, VIEW_type, ACTION_type_read, "types");
    if (visit->err == OK)
        visit->err = write_rows(visit, VIEW_plan, ACTION_plan_read, "plans");
    if (visit->err == OK)
        visit->err = write_rows(visit, VIEW_body, ACTION_body_read, "bodies");
    if (visit->err == OK)
        visit->err = write_rows(visit, VIEW_post, ACTION_post_read, "posts");
    if (visit->err == OK)
        visit->err = write_areas(visit);
    if (visit->err != OK)
        return;
    collect(visit, OBJECT_type, "dispositions", "code", &codes[0]);
    collect_units(visit, &codes[1], &codes[2]);
    write_codes(j, "dispositions", &codes[0]);
    write_codes(j, "unit_kinds", &codes[1]);
    write_codes(j, "capabilities", &codes[2]);
    json_obj_end(j);
}

static void answer_catalogue(struct visit *visit)
{
    if (visit->err != OK)
        visit_read_problem(visit, visit->err, &visit->fault);
    else
        visit_ok(visit, 200);
}

/* The worker gets its own copy of the trees: the atlas may be made anew meanwhile. */
void catalogue_get(struct visit *visit)
{
    const struct scope_trees *trees = &edge_of(visit)->atlas.trees;
    struct scope_trees *copy = ARENA_NEW(&visit->arena, struct scope_trees, 1);
    uint32_t *areas = ARENA_NEW(&visit->arena, uint32_t, trees->areas.count + 1);
    uint32_t *bodies = ARENA_NEW(&visit->arena, uint32_t, trees->bodies.count + 1);
    if (!copy || !areas || !bodies) {
        visit_problem(visit, 503, "the answer is too large", NULL);
        return;
    }
    if (trees->areas.count)
        memcpy(areas, trees->areas.parents, trees->areas.count * sizeof *areas);
    if (trees->bodies.count)
        memcpy(bodies, trees->bodies.parents, trees->bodies.count * sizeof *bodies);
    *copy = (struct scope_trees){{areas, trees->areas.count}, {bodies, trees->bodies.count}};
    visit->work = copy;
    visit_read(visit, run_catalogue, answer_catalogue);
}
