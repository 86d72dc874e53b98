#include "road/table_priv.h"
#include <string.h>

/* ------------------------------------------------------- scratch */

static enum err rows_room(struct table *table, size_t count)
{
    if (count <= table->row_cap)
        return OK;
    free(table->rows);
    table->rows = aligned_alloc(64, count * TABLE_LANES * sizeof *table->rows);
    table->row_cap = table->rows ? count : 0;
    return table->rows ? OK : ERR_LIMIT;
}

void table_done(struct table *table)
{
    free(table->path);
    free(table->part.marks);
    free(table->part.index);
    free(table->rows);
    vec_done(&table->part.vertices);
    vec_done(&table->first);
    vec_done(&table->arcs);
    vec_done(&table->labels);
    *table = (struct table){0};
}

/* Room for a part that is everything. */
static enum err take_memory(struct table *table)
{
    const struct cch *cch = table->climb->cch;
    size_t vertices = (size_t)cch->vertices + 1;
    table->path = climb_labels_new(table->climb);
    table->part.marks = calloc(vertices / 64 + 1, sizeof *table->part.marks);
    table->part.index = malloc(vertices * sizeof *table->part.index);
    if (!table->path || !table->part.marks || !table->part.index ||
        vec_room(&table->part.vertices, vertices, sizeof(uint32_t)) ||
        vec_room(&table->first, vertices, sizeof(uint32_t)) ||
        vec_room(&table->arcs, cch->arcs, sizeof(struct table_arc)) ||
        vec_room(&table->labels, vertices, sizeof(uint64_t)))
        return ERR_LIMIT;
    return rows_room(table, vertices);
}

enum err table_init(struct table *table, const struct climb *climb)
{
    *table = (struct table){.climb = climb};
    enum err err = take_memory(table);
    if (err)
        table_done(table);
    return err;
}

/* ------------------------------------------------------- the part of some points */

static bool is_marked(const struct table_part *part, uint32_t vertex)
{
    return part->marks[vertex / 64] >> vertex % 64 & 1;
}

/* Marks all above the points, numbers them from the highest. */
static enum err part_make(struct table *table, const struct table_points *points)
{
    struct table_part *part = &table->part;
    size_t count = 0, words = table->climb->cch->vertices / 64 + 1;
    for (size_t i = 0; i < part->vertices.count; i++)
        part->marks[VEC(&part->vertices, uint32_t)[i] / 64] = 0;
    part->vertices.count = 0;
    for (uint32_t i = points->first[0]; i < points->first[points->count]; i++) {
        for (uint32_t v = points->at[i].vertex; v != ROAD_NONE && !is_marked(part, v);
             v = table->climb->vertices[v].parent) {
            part->marks[v / 64] |= 1ull << v % 64;
            count++;
        }
    }
    if (vec_room(&part->vertices, count, sizeof(uint32_t))) {
        memset(part->marks, 0, words * sizeof *part->marks);
        return ERR_LIMIT;
    }
    uint32_t *vertices = part->vertices.p;
    for (size_t word = words; word-- > 0;) {
        for (uint64_t bits = part->marks[word]; bits;) {
            uint32_t bit = 63 - (uint32_t)__builtin_clzll(bits), v = (uint32_t)word * 64 + bit;
            bits ^= 1ull << bit;
            part->index[v] = (uint32_t)part->vertices.count;
            vertices[part->vertices.count++] = v;
        }
    }
    table->settled += count;
    return OK;
}

/* Takes the labels of one point's climb to the vertices of the part. */
typedef void leave_fn(struct table *table, uint32_t place, uint32_t ms, uint32_t who);

static void climb_one(struct table *table, const struct cch_weight *weights, enum climb_side side,
                      const struct table_points *points, uint32_t who, leave_fn *leave)
{
    const struct climb *climb = table->climb;
    struct climb_start *at = points->at + points->first[who];
    for (size_t left = points->first[who + 1] - points->first[who], n; left; at += n, left -= n) {
        n = climb_first_chain(climb, at, left);
        climb_seed(climb, (struct climb_chain){at, n}, table->path);
        (void)climb->to[side](climb, weights, table->path, at->vertex, ROAD_NONE);
        for (uint32_t v = at->vertex; v != ROAD_NONE; v = climb->vertices[v].parent) {
            uint32_t ms = table->path[climb->vertices[v].slot];
            if (ms < ROAD_INF && is_marked(&table->part, v))
                leave(table, table->part.index[v], ms, who);
        }
    }
}

/* ------------------------------------------------------- sixteen lanes */

static enum err list_arcs(struct table *table, const struct cch_weight *weights)
{
    const struct cch *cch = table->climb->cch;
    const struct table_part *part = &table->part;
    size_t count = part->vertices.count, arcs = 0;
    const uint32_t *vertices = part->vertices.p;
    for (size_t i = 0; i < count; i++)
        arcs += cch->up_first[vertices[i] + 1] - cch->up_first[vertices[i]];
    table->first.count = table->arcs.count = 0;
    if (vec_room(&table->first, count + 1, sizeof(uint32_t)) ||
        vec_room(&table->arcs, arcs, sizeof(struct table_arc)))
        return ERR_LIMIT;
    uint32_t *first = table->first.p, made = 0;
    struct table_arc *at = table->arcs.p;
    for (size_t i = 0; i < count; i++) {
        first[i] = made;
        for (uint32_t k = cch->up_first[vertices[i]]; k < cch->up_first[vertices[i] + 1]; k++)
            at[made++] = (struct table_arc){part->index[cch->up_head[k]], weights[k].down};
    }
    first[count] = made;
    return OK;
}

static void leave_in_lane(struct table *table, uint32_t place, uint32_t ms, uint32_t who)
{
    uint32_t *at = &table->rows[(size_t)place * TABLE_LANES + who % TABLE_LANES];
    *at = ms < *at ? ms : *at;
}

/* Reads the finished rows: `lanes` sources from `who` on. */
static void read_rows(const struct table *table, const struct table_points *to, uint32_t who,
                      uint32_t lanes, uint32_t *ret_ms)
{
    for (size_t t = 0; t < to->count; t++) {
        uint32_t best[TABLE_LANES];
        for (uint32_t lane = 0; lane < TABLE_LANES; lane++)
            best[lane] = ROAD_INF;
        for (uint32_t i = to->first[t]; i < to->first[t + 1]; i++) {
            size_t place = table->part.index[to->at[i].vertex];
            const uint32_t *row = table->rows + place * TABLE_LANES;
            for (uint32_t lane = 0; lane < TABLE_LANES; lane++) {
                uint32_t ms = row[lane] + to->at[i].ms;
                best[lane] = ms < best[lane] ? ms : best[lane];
            }
        }
        for (uint32_t lane = 0; lane < lanes; lane++)
            ret_ms[(who + lane) * to->count + t] = best[lane];
    }
}

enum err table_fill(struct table *table, const struct cch_weight *weights,
                    const struct table_points *from, const struct table_points *to,
                    uint32_t *ret_ms)
{
    enum err err = part_make(table, to);
    size_t count = table->part.vertices.count;
    if (!err)
        err = list_arcs(table, weights);
    if (!err)
        err = rows_room(table, count);
    for (uint32_t who = 0; who < from->count && !err; who += TABLE_LANES) {
        size_t left = from->count - who;
        uint32_t lanes = left < TABLE_LANES ? (uint32_t)left : TABLE_LANES;
        for (size_t i = 0; i < count * TABLE_LANES; i++)
            table->rows[i] = ROAD_INF;
        for (uint32_t lane = 0; lane < lanes; lane++)
            climb_one(table, weights, CLIMB_OUT, from, who + lane, leave_in_lane);
        table_sweep(table->first.p, table->arcs.p, count, table->rows);
        read_rows(table, to, who, lanes, ret_ms);
    }
    return err;
}

/* ------------------------------------------------------- one lane */

static void leave_label(struct table *table, uint32_t place, uint32_t ms, uint32_t who)
{
    uint64_t *at = &VEC(&table->labels, uint64_t)[place], label = (uint64_t)ms << 32 | who;
    *at = label < *at ? label : *at;
}

static enum err labels_begin(struct table *table)
{
    size_t count = table->part.vertices.count;
    table->labels.count = 0;
    if (vec_room(&table->labels, count + 1, sizeof(uint64_t)))
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++)
        VEC(&table->labels, uint64_t)[i] = TABLE_NO_LABEL;
    return OK;
}

/* Down the part away from what was left there, or against the arcs towards it. */
static void sweep_labels(struct table *table, const struct cch_weight *weights,
                         enum climb_side side)
{
    const struct cch *cch = table->climb->cch;
    const uint32_t *vertices = table->part.vertices.p, *index = table->part.index;
    uint64_t *labels = table->labels.p;
    for (size_t i = 0; i < table->part.vertices.count; i++) {
        uint64_t best = labels[i];
        for (uint32_t k = cch->up_first[vertices[i]]; k < cch->up_first[vertices[i] + 1]; k++) {
            uint64_t ms = side == CLIMB_OUT ? weights[k].down : weights[k].up;
            uint64_t label = labels[index[cch->up_head[k]]] + (ms << 32);
            best = label < best ? label : best;
        }
        labels[i] = best;
    }
}

/* At one of the points of which the part was made. */
static uint64_t label_at(const struct table *table, const struct table_points *points, size_t point)
{
    uint64_t best = TABLE_NO_LABEL;
    for (uint32_t i = points->first[point]; i < points->first[point + 1]; i++) {
        uint64_t label = VEC(&table->labels, uint64_t)[table->part.index[points->at[i].vertex]];
        label += (uint64_t)points->at[i].ms << 32;
        best = label < best ? label : best;
    }
    return best < TABLE_NO_LABEL ? best : TABLE_NO_LABEL;
}

enum err table_first(struct table *table, const struct cch_weight *weights,
                     const struct table_points *from, const struct table_points *to,
                     uint64_t *ret_labels)
{
    enum err err = part_make(table, to);
    if (!err)
        err = labels_begin(table);
    if (err)
        return err;
    for (uint32_t i = 0; i < from->count; i++)
        climb_one(table, weights, CLIMB_OUT, from, i, leave_label);
    sweep_labels(table, weights, CLIMB_OUT);
    for (size_t i = 0; i < to->count; i++)
        ret_labels[i] = label_at(table, to, i);
    return OK;
}

enum err table_towards(struct table *table, const struct cch_weight *weights,
                       const struct table_points *from, const struct table_points *to,
                       uint32_t *ret_ms)
{
    enum err err = part_make(table, from);
    if (!err)
        err = labels_begin(table);
    if (err)
        return err;
    climb_one(table, weights, CLIMB_IN, to, 0, leave_label);
    sweep_labels(table, weights, CLIMB_IN);
    for (size_t i = 0; i < from->count; i++) {
        uint64_t label = label_at(table, from, i);
        ret_ms[i] = label == TABLE_NO_LABEL ? ROAD_INF : (uint32_t)(label >> 32);
    }
    return OK;
}
