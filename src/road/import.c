/* import.c - reads OSM PBF in two passes: ways and the node ids that they use,
 * then the places of exactly these nodes. Memory is sized by what is kept: an
 * id costs 8 bytes sorted and 8 for its place. */
#include "base/file.h"
#include "base/map.h"
#include "road/pbf_priv.h"
#include "road/road_priv.h"

#define MAX_REFS INT32_MAX
#define MAX_NAME_BYTES (64u << 20)
#define PROGRESS_EVERY 64

static const char *const drop_texts[ROAD_DROP_COUNT] = {
#define DROP_TEXT(name, text) [name] = text,
    ROAD_DROP_LIST(DROP_TEXT)
#undef DROP_TEXT
};

static const char *const step_texts[ROAD_STEP_COUNT] = {
#define STEP_TEXT(name, text) [name] = text,
    ROAD_STEP_LIST(STEP_TEXT)
#undef STEP_TEXT
};

const char *road_step_text(enum road_step step)
{
    return (unsigned)step < ROAD_STEP_COUNT ? step_texts[step] : "unknown";
}

const char *road_drop_text(enum road_drop drop)
{
    return (unsigned)drop < ROAD_DROP_COUNT ? drop_texts[drop] : "unknown";
}

struct import {
    const struct road_import *job;
    struct road_report report;
    struct raw_map map;
    struct map name_of; /* hash of a name -> its byte in map.names */
    uint64_t blocks, bytes_before, bytes_total;
    uint32_t hint; /* where the last node id was found: ids mostly ascend */
    struct import_steps steps;
};

static uint64_t clock_us(const struct road_import *job)
{
    return job->clock_us ? job->clock_us(job->user) : 0;
}

static void end_step(struct import_steps *steps)
{
    uint64_t now_us = clock_us(steps->job);
    steps->report->step_us[steps->step] += now_us - steps->began_us;
    steps->began_us = now_us;
}

enum err import_step(struct import_steps *steps, enum road_step step)
{
    end_step(steps);
    steps->step = step;
    if (!steps->job->progress)
        return OK;
    return steps->job->progress(steps->job->user, road_step_text(step), 0, 1) ? OK : ERR_STATE;
}

/* ------------------------------------------------------- pass 1: ways */

/* Names are kept once. Should two names share a hash, the second is kept twice:
 * harmless. */
static enum err keep_name(struct import *im, struct str name, uint32_t *ret_at)
{
    uint32_t at = 0;
    *ret_at = 0;
    if (name.len == 0)
        return OK;
    uint64_t hash = digest_u64(name.p, name.len);
    if (map_get(&im->name_of, hash, &at) && strlen(VEC(&im->map.names, char) + at) == name.len &&
        memcmp(VEC(&im->map.names, char) + at, name.p, name.len) == 0) {
        *ret_at = at;
        return OK;
    }
    if (im->map.names.count + name.len + 1 > MAX_NAME_BYTES ||
        vec_room(&im->map.names, name.len + 1, 1))
        return ERR_LIMIT;
    at = (uint32_t)im->map.names.count;
    memcpy(VEC(&im->map.names, char) + at, name.p, name.len);
    VEC(&im->map.names, char)[at + name.len] = '\0';
    im->map.names.count += name.len + 1;
    *ret_at = at;
    return map_put(&im->name_of, hash, at);
}

static bool is_used_by_any(const struct import *im, uint32_t road_class)
{
    for (uint32_t i = 0; i < im->map.profile_count; i++) {
        if (im->map.profiles[i].speed_mm_s[road_class])
            return true;
    }
    return false;
}

static enum err take_way(void *user, const struct pbf_way *way)
{
    struct import *im = user;
    struct way_tags tags = tags_read(way->tags, way->tag_count);
    im->report.ways_read++;
    if (tags.is_kept && !is_used_by_any(im, tags.road_class)) {
        tags.is_kept = false;
        tags.drop = ROAD_DROP_CLASS;
    } else if (tags.is_kept && way->ref_count < 2) {
        tags.is_kept = false;
        tags.drop = ROAD_DROP_SHORT;
    }
    if (!tags.is_kept) {
        im->report.ways_dropped[tags.drop]++;
        return OK;
    }
    struct raw_way raw = {.id = way->id,
                          .first_ref = (uint32_t)im->map.refs.count,
                          .ref_count = (uint32_t)way->ref_count,
                          .road_class = tags.road_class,
                          .flags = tags.flags,
                          .maxspeed_kmh = tags.maxspeed_kmh,
                          .left_from = tags.left_from,
                          .left_to = tags.left_to,
                          .right_from = tags.right_from,
                          .right_to = tags.right_to};
    if (im->map.refs.count + way->ref_count > MAX_REFS ||
        vec_room(&im->map.refs, way->ref_count, sizeof(int64_t)))
        return ERR_LIMIT;
    memcpy(VEC(&im->map.refs, int64_t) + im->map.refs.count, way->refs,
           way->ref_count * sizeof *way->refs);
    im->map.refs.count += way->ref_count;
    enum err err = keep_name(im, tags.name, &raw.name);
    if (!err)
        err = keep_name(im, tags.name_alt, &raw.name_alt);
    if (!err)
        err = VEC_PUSH(&im->map.ways, struct raw_way, raw);
    return err;
}

/* By id; of one id the first that was read comes first, as its refs came first.
 */
static int compare_ways(const void *a, const void *b)
{
    const struct raw_way *left = a, *right = b;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return left->first_ref < right->first_ref ? -1 : left->first_ref > right->first_ref;
}

static void sort_ways(struct import *im)
{
    struct raw_way *ways = im->map.ways.p;
    size_t kept = 0, count = im->map.ways.count;
    if (count == 0)
        return;
    qsort(ways, count, sizeof *ways, compare_ways);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && ways[kept - 1].id == ways[i].id)
            im->report.ways_dropped[ROAD_DROP_DUPLICATE]++;
        else
            ways[kept++] = ways[i];
    }
    im->map.ways.count = kept;
}

/* ------------------------------------------------------- node ids */

/* Least significant digit first, 11 bits a time; digits that all share are
 * skipped. Negative ids sort behind, which does no harm: only equality and one
 * order for search matter. */
static enum err sort_ids(uint64_t *ids, size_t count)
{
    uint64_t *other = malloc((count + 1) * sizeof *other), *from = ids, *to = other;
    if (!other)
        return ERR_LIMIT;
    for (unsigned shift = 0; shift < 64; shift += 11) {
        size_t start[2048] = {0}, sum = 0;
        for (size_t i = 0; i < count; i++)
            start[from[i] >> shift & 2047]++;
        if (count && start[from[0] >> shift & 2047] == count)
            continue;
        for (size_t digit = 0; digit < 2048; digit++) {
            size_t n = start[digit];
            start[digit] = sum;
            sum += n;
        }
        for (size_t i = 0; i < count; i++)
            to[start[from[i] >> shift & 2047]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != ids)
        memcpy(ids, from, count * sizeof *ids);
    free(other);
    return OK;
}

static enum err collect_ids(struct import *im)
{
    size_t count = im->map.refs.count, kept = 0;
    uint64_t *ids = malloc((count + 1) * sizeof *ids);
    if (!ids)
        return ERR_LIMIT;
    memcpy(ids, im->map.refs.p ? im->map.refs.p : ids, count * sizeof *ids);
    enum err err = sort_ids(ids, count);
    for (size_t i = 0; i < count && !err; i++) {
        if (kept == 0 || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    }
    im->map.ids = (int64_t *)ids;
    im->map.id_count = (uint32_t)kept;
    im->map.places = malloc((kept + 1) * sizeof *im->map.places);
    if (err || !im->map.places)
        return ERR_LIMIT;
    for (size_t i = 0; i < kept; i++)
        im->map.places[i] = PLACE_NONE;
    return OK;
}

static uint32_t find_id(const struct raw_map *map, int64_t id, uint32_t hint)
{
    uint32_t low = 0, high = map->id_count;
    if (hint < map->id_count && map->ids[hint] == id)
        return hint;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if ((uint64_t)map->ids[middle] < (uint64_t)id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < map->id_count && map->ids[low] == id ? low : ROAD_NONE;
}

static void number_refs(struct import *im)
{
    uint32_t hint = 0;
    for (size_t i = 0; i < im->map.refs.count; i++) {
        hint = find_id(&im->map, VEC(&im->map.refs, int64_t)[i], hint);
        VEC(&im->map.refs, int64_t)[i] = hint;
        hint++;
    }
}

/* ------------------------------------------------------- pass 2: places */

static enum err take_node(void *user, int64_t id, struct place place)
{
    struct import *im = user;
    im->report.nodes_read++;
    uint32_t at = find_id(&im->map, id, im->hint);
    if (at == ROAD_NONE)
        return OK;
    im->hint = at + 1;
    if (place_eq(im->map.places[at], PLACE_NONE))
        im->map.places[at] = place;
    return OK;
}

static enum err progress(struct import *im, uint64_t done)
{
    if (!im->job->progress)
        return OK;
    return im->job->progress(im->job->user, road_step_text(im->steps.step), done, im->bytes_total)
               ? OK
               : ERR_STATE;
}

static enum err take_block(void *user, size_t bytes_done)
{
    struct import *im = user;
    return im->blocks++ % PROGRESS_EVERY ? OK : progress(im, im->bytes_before + bytes_done);
}

static enum err read_inputs(struct import *im, enum road_step step,
                            const struct pbf_handler *handler, struct str *inputs,
                            struct fault *ret_fault)
{
    enum err err = import_step(&im->steps, step);
    im->bytes_before = im->blocks = 0;
    for (size_t i = 0; i < im->job->input_count && !err; i++) {
        err = pbf_read(inputs[i], handler, ret_fault);
        if (err && ret_fault)
            ret_fault->field = im->job->inputs[i];
        im->bytes_before += inputs[i].len;
    }
    return err ? err : progress(im, im->bytes_total);
}

static enum err read_passes(struct import *im, struct str *inputs, struct fault *ret_fault)
{
    struct pbf_handler ways = {.user = im, .way = take_way, .block = take_block};
    struct pbf_handler nodes = {.user = im, .node = take_node, .block = take_block};
    enum err err = read_inputs(im, ROAD_STEP_WAYS, &ways, inputs, ret_fault);
    if (err)
        return err;
    sort_ways(im);
    err = collect_ids(im);
    if (err)
        return fault_set(ret_fault, err, 0, err_text(err));
    err = read_inputs(im, ROAD_STEP_NODES, &nodes, inputs, ret_fault);
    if (!err)
        number_refs(im);
    return err;
}

/* ------------------------------------------------------- the whole */

static enum err read_profiles(struct import *im, struct fault *ret_fault)
{
    struct out text;
    out_init(&text, 1u << 20);
    enum err err = file_read(im->job->profiles, &text);
    if (err)
        (void)fault_set(ret_fault, err, 0, "the profile table cannot be read");
    else
        err = profile_parse(out_view(&text), im->map.profiles, &im->map.profile_count, ret_fault);
    if (err && ret_fault)
        ret_fault->field = im->job->profiles;
    out_done(&text);
    return err;
}

static enum err map_inputs(struct import *im, struct str *inputs, struct fault *ret_fault)
{
    for (size_t i = 0; i < im->job->input_count; i++) {
        enum err err = file_map(im->job->inputs[i], &inputs[i]);
        if (err)
            return fault_field(ret_fault, err, im->job->inputs[i], "the map cannot be opened");
        im->bytes_total += inputs[i].len;
    }
    return OK;
}

static enum err build_and_write(struct import *im, struct fault *ret_fault)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum err err = build_file(&im->map, &im->report, &bytes, &size, ret_fault);
    if (err) {
        if (ret_fault)
            ret_fault->field = im->job->input_count ? im->job->inputs[0] : NULL;
        return err;
    }
    err = file_replace(im->job->output, (struct str){(const char *)bytes, size}, 0644);
    free(bytes);
    if (err)
        return fault_field(ret_fault, err, im->job->output, "the road file cannot be written");
    end_step(&im->steps);
    return OK;
}

enum err road_import(const struct road_import *job, struct road_report *ret_report,
                     struct fault *ret_fault)
{
    struct import im = {.job = job};
    struct str *inputs = calloc(job->input_count + 1, sizeof *inputs);
    map_init(&im.name_of, MAX_NAME_BYTES);
    im.steps = (struct import_steps){.job = job, .report = &im.report, .began_us = clock_us(job)};
    im.map.steps = &im.steps;
    enum err err = inputs ? VEC_PUSH(&im.map.names, char, '\0') : ERR_LIMIT;
    if (!err)
        err = read_profiles(&im, ret_fault);
    if (!err)
        err = map_inputs(&im, inputs, ret_fault);
    if (!err)
        err = read_passes(&im, inputs, ret_fault);
    if (!err)
        err = build_and_write(&im, ret_fault);
    for (size_t i = 0; inputs && i < job->input_count; i++)
        file_unmap(inputs[i]);
    free(inputs);
    map_done(&im.name_of);
    vec_done(&im.map.ways);
    vec_done(&im.map.refs);
    vec_done(&im.map.names);
    free(im.map.ids);
    free(im.map.places);
    if (!err)
        *ret_report = im.report;
    return err;
}
