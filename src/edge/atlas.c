/* atlas.c - areas, posts and closures in the shape that places and maps need, read from the rows.
 */
#include "edge/edge_priv.h"

#include "base/log.h"

#define ATLAS_BYTES (512u << 20)

static uint64_t code_of(const char *text)
{
    uint64_t code = 0;
    return str_u64(str_of(text), &code) == OK ? code : digest_u64(text, strlen(text));
}

/* Numbers of a kind rise from 1 without a gap: doubled, then halved to the first that is missing.
 */
uint32_t atlas_end(struct reader *reader, enum object_kind kind)
{
    struct arena arena;
    const void *object;
    uint64_t seq;
    uint32_t have = 0, step = 1;
    arena_init(&arena, 1u << 20);
    while (step < 1u << 31 &&
           reader_record(reader, kind, have + step, &arena, &object, &seq) != ERR_NOT_FOUND) {
        have += step;
        step *= 2;
        arena_reset(&arena);
    }
    for (; step > 0; step /= 2) {
        if (reader_record(reader, kind, have + step, &arena, &object, &seq) != ERR_NOT_FOUND)
            have += step;
        arena_reset(&arena);
    }
    arena_done(&arena);
    return have + 1;
}

static void read_shape(struct atlas *atlas, struct atlas_area *area)
{
    struct json root;
    struct geojson shape;
    if (json_read(area->object.shape, &root, NULL) != OK)
        return;
    if (geojson_geometry(root, &atlas->arena, &shape, NULL) == OK) {
        area->polygons = shape.polygons;
        area->polygon_count = shape.polygon_count;
    }
    json_free(root);
}

/* Parents go in before their children, however they are numbered; calls itself at most
 * SCOPE_MAX_DEPTH deep. NOLINTNEXTLINE(misc-no-recursion) */
static void index_add(struct atlas *atlas, uint32_t number, int depth)
{
    struct atlas_area *area = number < atlas->area_count ? &atlas->areas[number] : NULL;
    if (!area || !area->is_there || depth > SCOPE_MAX_DEPTH)
        return;
    uint32_t parent = area->object.parent.v;
    if (parent != 0)
        index_add(atlas, parent, depth + 1);
    const struct area_spec spec = {number, parent, area->code, area->polygons, area->polygon_count};
    enum err err = area_index_add(atlas->index, &spec);
    if (err != OK && err != ERR_EXISTS)
        LOG_WARN("edge.area", "number=%u err=%s", (unsigned)number, err_text(err));
}

static void load_areas(struct atlas *atlas, struct reader *reader)
{
    const void *object;
    uint64_t seq;
    atlas->area_count = atlas_end(reader, OBJECT_area);
    atlas->areas = ARENA_NEW(&atlas->arena, struct atlas_area, atlas->area_count);
    for (uint32_t n = 1; n < atlas->area_count; n++) {
        struct atlas_area *area = &atlas->areas[n];
        if (reader_record(reader, OBJECT_area, n, &atlas->arena, &object, &seq) != OK)
            continue;
        area->object = *(const struct area_object *)object;
        area->code = code_of(area->object.code);
        area->is_there = true;
        if (HAS(area_object, &area->object, shape))
            read_shape(atlas, area);
    }
    atlas->index = area_index_new();
    for (uint32_t n = 1; n < atlas->area_count; n++)
        index_add(atlas, n, 0);
}

static void load_posts(struct atlas *atlas, struct reader *reader)
{
    const void *object;
    uint64_t seq;
    atlas->post_count = atlas_end(reader, OBJECT_post);
    atlas->posts = ARENA_NEW(&atlas->arena, struct post_object, atlas->post_count);
    for (uint32_t n = 1; n < atlas->post_count; n++) {
        if (reader_record(reader, OBJECT_post, n, &atlas->arena, &object, &seq) == OK)
            atlas->posts[n] = *(const struct post_object *)object;
    }
}

void atlas_load_closures(struct atlas *atlas, struct reader *reader)
{
    const void *object;
    uint64_t seq;
    uint32_t end = atlas_end(reader, OBJECT_closure);
    arena_reset(&atlas->closure_arena);
    atlas->closure_count = 0;
    atlas->closures = ARENA_NEW(&atlas->closure_arena, struct atlas_closure, end);
    atlas->closure_numbers = ARENA_NEW(&atlas->closure_arena, uint32_t, end);
    for (uint32_t n = 1; n < end; n++) {
        struct atlas_closure *closure = &atlas->closures[atlas->closure_count];
        struct json root;
        if (reader_record(reader, OBJECT_closure, n, &atlas->closure_arena, &object, &seq) != OK)
            continue;
        closure->object = *(const struct closure_object *)object;
        if (closure->object.lifted_us || json_read(closure->object.path, &root, NULL) != OK)
            continue;
        if (geojson_geometry(root, &atlas->closure_arena, &closure->shape, NULL) == OK)
            atlas->closure_numbers[atlas->closure_count++] = n;
        json_free(root);
    }
}

void atlas_done(struct atlas *atlas)
{
    area_index_free(atlas->index);
    arena_done(&atlas->arena);
    arena_done(&atlas->closure_arena);
    *atlas = (struct atlas){0};
}

enum err atlas_load(struct atlas *atlas, struct reader *reader)
{
    struct atlas fresh = {0};
    arena_init(&fresh.arena, ATLAS_BYTES);
    arena_init(&fresh.closure_arena, ATLAS_BYTES);
    enum err err = reader_trees(reader, &fresh.arena, &fresh.trees);
    if (err == OK) {
        load_areas(&fresh, reader);
        load_posts(&fresh, reader);
        atlas_load_closures(&fresh, reader);
        atlas_done(atlas);
        *atlas = fresh;
    } else {
        atlas_done(&fresh);
    }
    return err;
}
