/* import.c - reads OSM PBF twice: ways, their node ids and the turn restrictions first, then the
 * places and barriers of exactly these nodes. Memory is sized by what is kept. */
#include "base/file.h"
#include "road/import_priv.h"
#include "road/tags_priv.h"
#include <xxhash.h>

#define MAX_REFS INT32_MAX
#define MAX_NAME_BYTES (64u << 20)
#define PROGRESS_EVERY 64
#define MAX_SLOTS (PBF_MAX_THREADS * PBF_SLOTS_PER_THREAD)

static const char *const drop_texts[ROAD_DROP_COUNT] = {
#define DROP_TEXT(name, text) [name] = text,
    ROAD_DROP_LIST(DROP_TEXT)};
static const char *const turn_drop_texts[ROAD_TURN_DROP_COUNT] = {ROAD_TURN_DROP_LIST(DROP_TEXT)};
#undef DROP_TEXT
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

const char *road_turn_drop_text(enum road_turn_drop drop)
{
    return (unsigned)drop < ROAD_TURN_DROP_COUNT ? turn_drop_texts[drop] : "unknown";
}

struct import {
    const struct road_import *job;
    struct road_report report;
    struct raw_map map;
    struct map name_of; /* hash of a name -> its byte in map.names */
    struct ids ids;
    struct harvest harvests[MAX_SLOTS];
    struct pbf_file *files;
    uint64_t blocks, bytes_before, bytes_total;
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

static void *empty_harvest(void *user, unsigned slot)
{
    struct import *im = user;
    harvest_reset(&im->harvests[slot], &im->map, &im->ids);
    return &im->harvests[slot];
}

static enum err progress(struct import *im, uint64_t done)
{
    if (!im->job->progress)
        return OK;
    return im->job->progress(im->job->user, road_step_text(im->steps.step), done, im->bytes_total)
               ? OK
               : ERR_STATE;
}

static enum err block_done(struct import *im, size_t bytes_done)
{
    return im->blocks++ % PROGRESS_EVERY ? OK : progress(im, im->bytes_before + bytes_done);
}

/* ------------------------------------------------------- first reading */

/* Names are kept once. Should two names share a hash, the second is kept twice: harmless. */
static enum err keep_name(struct import *im, const char *name, uint32_t *io_at)
{
    struct vec *names = &im->map.names;
    size_t length = strlen(name);
    uint32_t at = 0;
    *io_at = 0;
    if (length == 0)
        return OK;
    uint64_t hash = XXH3_64bits(name, length);
    if (map_get(&im->name_of, hash, &at) && strcmp(VEC(names, char) + at, name) == 0) {
        *io_at = at;
        return OK;
    }
    if (names->count + length + 1 > MAX_NAME_BYTES || vec_room(names, length + 1, 1))
        return ERR_LIMIT;
    at = (uint32_t)names->count;
    memcpy(VEC(names, char) + at, name, length + 1);
    names->count += length + 1;
    *io_at = at;
    return map_put(&im->name_of, hash, at);
}

static enum err append(struct vec *to, const struct vec *from, size_t size)
{
    if (vec_room(to, from->count, size))
        return ERR_LIMIT;
    if (from->count)
        memcpy((char *)to->p + to->count * size, from->p, from->count * size);
    to->count += from->count;
    return OK;
}

static enum err take_ways(struct import *im, const struct harvest *h)
{
    uint32_t refs = (uint32_t)im->map.refs.count;
    const char *names = h->names.p;
    if (im->map.refs.count + h->refs.count > MAX_REFS)
        return ERR_LIMIT;
    enum err err = append(&im->map.refs, &h->refs, sizeof(int64_t));
    for (size_t i = 0; i < h->ways.count && !err; i++) {
        struct raw_way way = VEC(&h->ways, struct raw_way)[i];
        way.first_ref += refs;
        err = keep_name(im, names + way.name, &way.name);
        if (!err)
            err = keep_name(im, names + way.name_alt, &way.name_alt);
        if (!err)
            err = VEC_PUSH(&im->map.ways, struct raw_way, way);
    }
    return err;
}

static enum err take_turns(struct import *im, const struct harvest *h)
{
    uint32_t members = (uint32_t)im->map.members.count;
    if (im->map.members.count + h->members.count > MAX_REFS)
        return ERR_LIMIT;
    enum err err = append(&im->map.members, &h->members, sizeof(int64_t));
    for (size_t i = 0; i < h->turns.count && !err; i++) {
        struct raw_turn turn = VEC(&h->turns, struct raw_turn)[i];
        turn.first_member += members;
        err = VEC_PUSH(&im->map.turns, struct raw_turn, turn);
    }
    return err;
}

static enum err reap_ways(void *user, void *harvest, size_t bytes_done)
{
    struct import *im = user;
    const struct harvest *h = harvest;
    im->report.ways_read += h->counts.ways_read;
    im->report.turns_read += h->counts.turns_read;
    for (size_t i = 0; i < ROAD_DROP_COUNT; i++)
        im->report.ways_dropped[i] += h->counts.ways_dropped[i];
    for (size_t i = 0; i < ROAD_TURN_DROP_COUNT; i++)
        im->report.turns_dropped[i] += h->counts.turns_dropped[i];
    enum err err = take_ways(im, h);
    if (!err)
        err = take_turns(im, h);
    return err ? err : block_done(im, bytes_done);
}

/* By id; of one id the first that was read comes first, as its refs came first. */
static int compare_ways(const void *a, const void *b)
{
    const struct raw_way *left = a, *right = b;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return left->first_ref < right->first_ref ? -1 : left->first_ref > right->first_ref;
}

static int compare_turns(const void *a, const void *b)
{
    const struct raw_turn *left = a, *right = b;
    if (left->id != right->id)
        return left->id < right->id ? -1 : 1;
    return left->first_member < right->first_member ? -1 : left->first_member > right->first_member;
}

static void sort_ways(struct import *im)
{
    struct raw_way *ways = im->map.ways.p;
    size_t kept = 0, count = im->map.ways.count;
    if (count)
        qsort(ways, count, sizeof *ways, compare_ways);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && ways[kept - 1].id == ways[i].id)
            im->report.ways_dropped[ROAD_DROP_DUPLICATE]++;
        else
            ways[kept++] = ways[i];
    }
    im->map.ways.count = kept;
}

static void sort_turns(struct import *im)
{
    struct raw_turn *turns = im->map.turns.p;
    size_t kept = 0, count = im->map.turns.count;
    if (count)
        qsort(turns, count, sizeof *turns, compare_turns);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && turns[kept - 1].id == turns[i].id)
            im->report.turns_dropped[ROAD_TURN_DROP_DUPLICATE]++;
        else
            turns[kept++] = turns[i];
    }
    im->map.turns.count = kept;
}

/* ------------------------------------------------------- second reading */

static enum err make_ids(struct import *im)
{
    enum err err = ids_make(&im->ids, im->map.refs.p, im->map.refs.count);
    if (err)
        return err;
    im->map.id_count = im->ids.count;
    im->map.places = malloc((im->ids.count + 1ull) * sizeof *im->map.places);
    if (!im->map.places)
        return ERR_LIMIT;
    for (uint32_t i = 0; i < im->ids.count; i++)
        im->map.places[i] = PLACE_NONE;
    return OK;
}

/* Of a node that is in several files the first counts. */
static enum err reap_nodes(void *user, void *harvest, size_t bytes_done)
{
    struct import *im = user;
    const struct harvest *h = harvest;
    im->report.nodes_read += h->counts.nodes_read;
    for (size_t i = 0; i < h->nodes.count; i++) {
        struct seen_node node = VEC(&h->nodes, struct seen_node)[i];
        if (place_eq(im->map.places[node.at], PLACE_NONE))
            im->map.places[node.at] = node.place;
    }
    enum err err = append(&im->map.barriers, &h->barriers, sizeof(struct raw_barrier));
    return err ? err : block_done(im, bytes_done);
}

/* References become indices; a node in several files has its barrier once. */
static void number_refs(struct import *im)
{
    uint32_t hint = 0;
    int64_t *refs = im->map.refs.p, *members = im->map.members.p;
    for (size_t i = 0; i < im->map.refs.count; i++) {
        hint = ids_find(&im->ids, refs[i], hint);
        refs[i] = hint++;
    }
    for (size_t i = 0; i < im->map.turns.count; i++) {
        const struct raw_turn *turn = &VEC(&im->map.turns, struct raw_turn)[i];
        int64_t *via = members + turn->first_member + turn->from_count;
        if (turn->has_via_node)
            *via = ids_find(&im->ids, *via, 0);
    }
    ids_done(&im->ids);
}

static enum err read_inputs(struct import *im, enum road_step step,
                            const struct pbf_handler *handler, struct fault *ret_fault)
{
    enum err err = import_step(&im->steps, step);
    im->bytes_before = im->blocks = 0;
    for (size_t i = 0; i < im->job->input_count && !err; i++) {
        err = pbf_read(&im->files[i], handler, ret_fault);
        if (err && ret_fault)
            ret_fault->field = im->job->inputs[i];
        im->bytes_before += im->files[i].bytes.len;
    }
    return err ? err : progress(im, im->bytes_total);
}

static enum err read_twice(struct import *im, struct fault *ret_fault)
{
    struct pbf_handler first = {.user = im,
                                .key = tags_key,
                                .way = harvest_way,
                                .relation = harvest_turn,
                                .harvest = empty_harvest,
                                .reap = reap_ways};
    struct pbf_handler second = {.user = im,
                                 .key = tags_key,
                                 .node = harvest_node,
                                 .harvest = empty_harvest,
                                 .reap = reap_nodes};
    enum err err = read_inputs(im, ROAD_STEP_WAYS, &first, ret_fault);
    if (err)
        return err;
    sort_ways(im);
    sort_turns(im);
    err = make_ids(im);
    if (err)
        return fault_set(ret_fault, err, 0, err_text(err));
    err = read_inputs(im, ROAD_STEP_NODES, &second, ret_fault);
    for (size_t i = 0; i < MAX_SLOTS; i++)
        harvest_done(&im->harvests[i]);
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

static enum err map_inputs(struct import *im, struct fault *ret_fault)
{
    im->files = calloc(im->job->input_count + 1, sizeof *im->files);
    if (!im->files)
        return ERR_LIMIT;
    for (size_t i = 0; i < im->job->input_count; i++) {
        enum err err = file_map(im->job->inputs[i], &im->files[i].bytes);
        if (err)
            return fault_field(ret_fault, err, im->job->inputs[i], "the map cannot be opened");
        im->files[i].threads = im->job->threads;
        im->bytes_total += im->files[i].bytes.len;
    }
    return OK;
}

static void import_done(struct import *im)
{
    for (size_t i = 0; im->files && i < im->job->input_count; i++) {
        file_unmap(im->files[i].bytes);
        vec_done(&im->files[i].kinds);
    }
    for (size_t i = 0; i < MAX_SLOTS; i++)
        harvest_done(&im->harvests[i]);
    free(im->files);
    ids_done(&im->ids);
    map_done(&im->name_of);
    vec_done(&im->map.ways);
    vec_done(&im->map.refs);
    vec_done(&im->map.names);
    vec_done(&im->map.barriers);
    vec_done(&im->map.turns);
    vec_done(&im->map.members);
    free(im->map.places);
}

static enum err build_and_write(struct import *im, struct fault *ret_fault)
{
    struct sections sections;
    struct file_parts parts = {.bytes = 0};
    enum err err = build_file(&im->map, &im->report, &sections, ret_fault);
    if (err) {
        if (ret_fault)
            ret_fault->field = im->job->input_count ? im->job->inputs[0] : NULL;
        sections_done(&sections);
        return err;
    }
    err = file_parts_make(&sections, &parts);
    im->report.file_bytes = parts.bytes;
    if (!err)
        err = file_replace_parts(im->job->output, parts.at, parts.count, 0644);
    sections_done(&sections);
    if (err)
        return fault_field(ret_fault, err, im->job->output, "the road file cannot be written");
    end_step(&im->steps);
    return OK;
}

enum err road_import(const struct road_import *job, struct road_report *ret_report,
                     struct fault *ret_fault)
{
    struct import im = {.job = job};
    map_init(&im.name_of, MAX_NAME_BYTES);
    im.steps = (struct import_steps){.job = job, .report = &im.report, .began_us = clock_us(job)};
    im.map.steps = &im.steps;
    enum err err = VEC_PUSH(&im.map.names, char, '\0');
    if (!err)
        err = read_profiles(&im, ret_fault);
    if (!err)
        err = map_inputs(&im, ret_fault);
    if (!err)
        err = read_twice(&im, ret_fault);
    if (!err)
        err = build_and_write(&im, ret_fault);
    import_done(&im);
    if (!err)
        *ret_report = im.report;
    return err;
}
