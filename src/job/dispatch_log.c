#include "job/dispatch_log.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/utc.h"
#include "job/csv.h"
#include <stdlib.h>
#include <string.h>

#define STAMP_TEXT(name, column) #name,
static const char *const stamp_names[] = {DISPATCH_STAMPS(STAMP_TEXT)};
#define DIRT_KEY(name, key, text) key,
static const char *const dirt_keys[] = {DISPATCH_DIRT(DIRT_KEY)};
#define DIRT_TEXT(name, key, text) text,
static const char *const dirt_texts[] = {DISPATCH_DIRT(DIRT_TEXT)};

const char *dispatch_stamp_name(enum dispatch_stamp stamp)
{
    return (unsigned)stamp < DISPATCH_STAMP_COUNT ? stamp_names[stamp] : "";
}

const char *dispatch_dirt_key(enum dispatch_dirt dirt)
{
    return (unsigned)dirt < DISPATCH_DIRT_COUNT ? dirt_keys[dirt] : "";
}

const char *dispatch_dirt_text(enum dispatch_dirt dirt)
{
    return (unsigned)dirt < DISPATCH_DIRT_COUNT ? dirt_texts[dirt] : "";
}

/* The columns that are read: the eight stamps first, in the order of their enum. */
#define STAMP_COLUMN(name, column) column,
static const char *const columns[] = {DISPATCH_STAMPS(STAMP_COLUMN) "Call Number",
                                      "Unit ID",
                                      "Unit Type",
                                      "Call Type",
                                      "Call Final Disposition",
                                      "Address",
                                      "Battalion",
                                      "Station Area",
                                      "Neighborhooods - Analysis Boundaries",
                                      "Final Priority",
                                      "Location"};
enum {
    COLUMN_CALL = DISPATCH_STAMP_COUNT,
    COLUMN_UNIT,
    COLUMN_UNIT_TYPE,
    COLUMN_TYPE,
    COLUMN_DISPOSITION,
    COLUMN_ADDRESS,
    COLUMN_BATTALION,
    COLUMN_STATION_AREA,
    COLUMN_NEIGHBOURHOOD,
    COLUMN_PRIORITY,
    COLUMN_LOCATION,
    COLUMN_COUNT
};
_Static_assert(sizeof columns / sizeof columns[0] == COLUMN_COUNT, "a column has no name");

struct reader {
    struct arena *arena;
    struct csv csv;
    size_t place_of[COLUMN_COUNT];
    struct dispatch_call *calls;
    struct dispatch_row *rows;
    struct dispatch_unit *units;
    size_t call_count, row_count, unit_count, row_cap;
    struct map call_of, unit_of; /* digest of the text to its index */
    struct fault *ret_fault;
};

static struct str field(const struct reader *r, size_t column)
{
    return r->csv.fields[r->place_of[column]];
}

static enum err refuse(const struct reader *r, enum err err, size_t column, const char *text)
{
    (void)fault_field(r->ret_fault, err, columns[column], text);
    if (r->ret_fault != NULL) {
        r->ret_fault->offset = r->csv.offset;
        r->ret_fault->line = r->csv.line;
    }
    return err;
}

/* "04/07/2020 11:53:08 PM", local time; empty gives 0. */
static enum err stamp_read(struct str s, int64_t *ret_us)
{
    *ret_us = 0;
    if (s.len == 0) {
        return OK;
    }
    static const char shape[] = "00/00/0000 00:00:00 ?M";
    if (s.len != sizeof shape - 1) {
        return ERR_SYNTAX;
    }
    for (size_t i = 0; i < s.len; i++) {
        bool is_digit = s.p[i] >= '0' && s.p[i] <= '9';
        if (shape[i] == '0' ? !is_digit : shape[i] != '?' && shape[i] != s.p[i]) {
            return ERR_SYNTAX;
        }
    }
    const char *p = s.p;
#define TWO(at) ((p[at] - '0') * 10 + (p[(at) + 1] - '0'))
    struct civil c = {.month = TWO(0), .day = TWO(3), .year = TWO(6) * 100 + TWO(8)};
    c.hour = TWO(11);
    c.minute = TWO(14);
    c.second = TWO(17);
#undef TWO
    bool is_pm = p[20] == 'P';
    static const int32_t month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if ((!is_pm && p[20] != 'A') || c.month < 1 || c.month > 12 || c.day < 1 || c.hour < 1 ||
        c.hour > 12 || c.minute > 59 || c.second > 59 || c.year < 1970) {
        return ERR_RANGE;
    }
    if (c.day > month_days[c.month - 1]) {
        return ERR_RANGE;
    }
    c.hour = c.hour % 12 + (is_pm ? 12 : 0);
    *ret_us = utc_from_local(c);
    return OK;
}

/* "(37.73217458500619, -122.42779351441527)" */
static enum err location_read(struct str s, struct place *ret_place)
{
    if (s.len < 2 || s.p[0] != '(' || s.p[s.len - 1] != ')') {
        return ERR_SYNTAX;
    }
    struct str inner = {s.p + 1, s.len - 2};
    struct str lat = str_trim(str_cut(&inner, ','));
    int64_t lat_e7 = 0, lon_e7 = 0;
    enum err err = str_fixed(lat, 7, &lat_e7);
    if (err == OK) {
        err = str_fixed(str_trim(inner), 7, &lon_e7);
    }
    if (err != OK) {
        return err;
    }
    if (lat_e7 < -900000000 || lat_e7 > 900000000 || lon_e7 < -1800000000 || lon_e7 > 1800000000) {
        return ERR_RANGE;
    }
    *ret_place = (struct place){(int32_t)lat_e7, (int32_t)lon_e7};
    return OK;
}

/* Index of a text, added when it is new; *ret_is_new says which. */
static enum err index_of(struct map *map, struct str text, size_t *io_count, uint32_t *ret_index,
                         bool *ret_is_new)
{
    uint64_t key = digest_u64(text.p, text.len);
    *ret_is_new = !map_get(map, key, ret_index);
    if (!*ret_is_new) {
        return OK;
    }
    *ret_index = (uint32_t)(*io_count)++;
    return map_put(map, key, *ret_index);
}

static enum err call_read(struct reader *r, uint32_t call)
{
    struct dispatch_call *c = &r->calls[call];
    c->number = field(r, COLUMN_CALL);
    c->type = field(r, COLUMN_TYPE);
    c->disposition = field(r, COLUMN_DISPOSITION);
    c->address = field(r, COLUMN_ADDRESS);
    c->battalion = field(r, COLUMN_BATTALION);
    c->station_area = field(r, COLUMN_STATION_AREA);
    c->neighbourhood = field(r, COLUMN_NEIGHBOURHOOD);
    c->priority = field(r, COLUMN_PRIORITY);
    enum err err = location_read(field(r, COLUMN_LOCATION), &c->place);
    return err == OK ? OK : refuse(r, err, COLUMN_LOCATION, "not a place as (lat, lon)");
}

static enum err row_read(struct reader *r)
{
    if (r->row_count == r->row_cap) {
        return refuse(r, ERR_LIMIT, COLUMN_CALL, "too many rows");
    }
    struct dispatch_row *row = &r->rows[r->row_count];
    *row = (struct dispatch_row){.line = r->csv.line};
    for (size_t s = 0; s < DISPATCH_STAMP_COUNT; s++) {
        enum err err = stamp_read(field(r, s), &row->at_us[s]);
        if (err != OK) {
            return refuse(r, err, s, "not a time as MM/DD/YYYY hh:mm:ss AM");
        }
    }
    static const size_t needed[] = {DISPATCH_received, DISPATCH_dispatch, COLUMN_CALL, COLUMN_UNIT,
                                    COLUMN_TYPE};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (field(r, needed[i]).len == 0) {
            return refuse(r, ERR_SYNTAX, needed[i], "a needed value is missing");
        }
    }
    bool is_new = false;
    enum err err =
        index_of(&r->call_of, field(r, COLUMN_CALL), &r->call_count, &row->call, &is_new);
    if (err == OK && is_new) {
        err = call_read(r, row->call);
    }
    if (err == OK) {
        err = index_of(&r->unit_of, field(r, COLUMN_UNIT), &r->unit_count, &row->unit, &is_new);
    }
    if (err != OK) {
        return err;
    }
    struct dispatch_unit *unit = &r->units[row->unit];
    if (is_new) {
        *unit = (struct dispatch_unit){field(r, COLUMN_UNIT), field(r, COLUMN_UNIT_TYPE), 0};
    }
    unit->row_count++;
    r->row_count++;
    return OK;
}

/* ------------------------------------------------------------------ order and dirt */

static int compare_i64(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int call_order(const void *pa, const void *pb, void *ctx)
{
    const struct dispatch_call *calls = ctx;
    const struct dispatch_call *a = &calls[*(const uint32_t *)pa];
    const struct dispatch_call *b = &calls[*(const uint32_t *)pb];
    int order = compare_i64(a->received_us, b->received_us);
    return order != 0 ? order : str_cmp(a->number, b->number);
}

static int unit_order(const void *pa, const void *pb, void *ctx)
{
    const struct dispatch_unit *units = ctx;
    return str_cmp(units[*(const uint32_t *)pa].code, units[*(const uint32_t *)pb].code);
}

static int row_order(const void *pa, const void *pb)
{
    const struct dispatch_row *a = pa, *b = pb;
    if (a->call != b->call) {
        return a->call < b->call ? -1 : 1;
    }
    int order = compare_i64(a->at_us[DISPATCH_dispatch], b->at_us[DISPATCH_dispatch]);
    return order != 0 ? order : (a->unit > b->unit) - (a->unit < b->unit);
}

static int row_by_unit(const void *pa, const void *pb)
{
    const struct dispatch_row *a = *(struct dispatch_row *const *)pa;
    const struct dispatch_row *b = *(struct dispatch_row *const *)pb;
    if (a->unit != b->unit) {
        return a->unit < b->unit ? -1 : 1;
    }
    int order = compare_i64(a->at_us[DISPATCH_dispatch], b->at_us[DISPATCH_dispatch]);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* Puts calls and units into their order and renumbers the rows. */
static enum err sort_all(struct reader *r)
{
    size_t n = r->call_count > r->unit_count ? r->call_count : r->unit_count;
    uint32_t *order = ARENA_NEW(r->arena, uint32_t, n + 1);
    uint32_t *new_call = ARENA_NEW(r->arena, uint32_t, r->call_count + 1);
    uint32_t *new_unit = ARENA_NEW(r->arena, uint32_t, r->unit_count + 1);
    struct dispatch_call *calls = ARENA_NEW(r->arena, struct dispatch_call, r->call_count + 1);
    struct dispatch_unit *units = ARENA_NEW(r->arena, struct dispatch_unit, r->unit_count + 1);
    if (order == NULL || new_call == NULL || new_unit == NULL || calls == NULL || units == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < r->row_count; i++) {
        struct dispatch_call *call = &r->calls[r->rows[i].call];
        const int64_t *at = r->rows[i].at_us;
        if (call->received_us == 0 || at[DISPATCH_received] < call->received_us) {
            call->received_us = at[DISPATCH_received];
        }
        if (call->entry_us == 0) {
            call->entry_us = at[DISPATCH_entry];
        }
    }
    for (uint32_t i = 0; i < r->call_count; i++) {
        order[i] = i;
    }
    qsort_r(order, r->call_count, sizeof *order, call_order, r->calls);
    for (uint32_t i = 0; i < r->call_count; i++) {
        calls[i] = r->calls[order[i]];
        new_call[order[i]] = i;
    }
    for (uint32_t i = 0; i < r->unit_count; i++) {
        order[i] = i;
    }
    qsort_r(order, r->unit_count, sizeof *order, unit_order, r->units);
    for (uint32_t i = 0; i < r->unit_count; i++) {
        units[i] = r->units[order[i]];
        new_unit[order[i]] = i;
    }
    for (size_t i = 0; i < r->row_count; i++) {
        r->rows[i].call = new_call[r->rows[i].call];
        r->rows[i].unit = new_unit[r->rows[i].unit];
    }
    r->calls = calls;
    r->units = units;
    return OK;
}

static uint32_t dirt_of(const struct dispatch_row *row)
{
    uint32_t dirt = 0;
    int64_t latest = 0;
    for (size_t s = 0; s < DISPATCH_STAMP_COUNT; s++) {
        if (row->at_us[s] == 0) {
            continue;
        }
        if (row->at_us[s] < latest) {
            dirt |= 1u << DISPATCH_DIRT_BACKWARDS;
        }
        latest = row->at_us[s];
    }
    dirt |= row->at_us[DISPATCH_response] == 0 ? 1u << DISPATCH_DIRT_NO_RESPONSE : 0;
    dirt |= row->at_us[DISPATCH_on_scene] == 0 ? 1u << DISPATCH_DIRT_NO_SCENE : 0;
    dirt |= row->at_us[DISPATCH_available] == 0 ? 1u << DISPATCH_DIRT_NO_END : 0;
    return dirt;
}

static enum err find_dirt(struct reader *r)
{
    struct dispatch_row **by_unit = ARENA_NEW(r->arena, struct dispatch_row *, r->row_count + 1);
    if (by_unit == NULL) {
        return ERR_LIMIT;
    }
    for (size_t i = 0; i < r->row_count; i++) {
        by_unit[i] = &r->rows[i];
        r->rows[i].dirt = dirt_of(&r->rows[i]);
    }
    qsort(by_unit, r->row_count, sizeof(struct dispatch_row *), row_by_unit);
    int64_t busy_until_us = 0;
    for (size_t i = 0; i < r->row_count; i++) {
        if (i == 0 || by_unit[i]->unit != by_unit[i - 1]->unit) {
            busy_until_us = 0;
        }
        if (by_unit[i]->at_us[DISPATCH_dispatch] < busy_until_us) {
            by_unit[i]->dirt |= 1u << DISPATCH_DIRT_OVERLAP;
        }
        int64_t end = by_unit[i]->at_us[DISPATCH_available];
        busy_until_us = end > busy_until_us ? end : busy_until_us;
    }
    return OK;
}

static void finish(struct reader *r, struct dispatch_log *ret_log)
{
    struct dispatch_log log = {.calls = r->calls,
                               .call_count = r->call_count,
                               .rows = r->rows,
                               .row_count = r->row_count,
                               .units = r->units,
                               .unit_count = r->unit_count};
    for (size_t i = 0; i < r->row_count; i++) {
        const struct dispatch_row *row = &r->rows[i];
        struct dispatch_call *call = &r->calls[row->call];
        call->first_row = call->row_count == 0 ? (uint32_t)i : call->first_row;
        call->row_count++;
        for (size_t s = 0; s < DISPATCH_STAMP_COUNT; s++) {
            log.last_us = row->at_us[s] > log.last_us ? row->at_us[s] : log.last_us;
        }
        for (size_t d = 0; d < DISPATCH_DIRT_COUNT; d++) {
            log.dirt_count[d] += row->dirt >> d & 1;
        }
    }
    log.first_us = r->call_count > 0 ? r->calls[0].received_us : 0;
    *ret_log = log;
}

static size_t count_lines(struct str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++) {
        n += text.p[i] == '\n';
    }
    return n;
}

enum err dispatch_log_read(struct str text, struct arena *arena, struct dispatch_log *ret_log,
                           struct fault *ret_fault)
{
    size_t cap = count_lines(text);
    cap = cap > DISPATCH_LOG_MAX_ROWS ? DISPATCH_LOG_MAX_ROWS : cap;
    struct reader r = {.arena = arena, .row_cap = cap, .ret_fault = ret_fault};
    csv_init(&r.csv, text, arena);
    enum err err = csv_heading(&r.csv, columns, COLUMN_COUNT, r.place_of, ret_fault);
    if (err != OK) {
        return err;
    }
    r.rows = ARENA_NEW(arena, struct dispatch_row, cap);
    r.calls = ARENA_NEW(arena, struct dispatch_call, cap);
    r.units = ARENA_NEW(arena, struct dispatch_unit, cap);
    if (r.rows == NULL || r.calls == NULL || r.units == NULL) {
        return ERR_LIMIT;
    }
    map_init(&r.call_of, DISPATCH_LOG_MAX_ROWS);
    map_init(&r.unit_of, DISPATCH_LOG_MAX_ROWS);
    while ((err = csv_next(&r.csv, ret_fault)) == OK) {
        err = row_read(&r);
        if (err != OK) {
            break;
        }
    }
    if (err == ERR_NOT_FOUND) {
        err = sort_all(&r);
        if (err == OK) {
            qsort(r.rows, r.row_count, sizeof *r.rows, row_order);
            err = find_dirt(&r);
        }
        if (err == OK) {
            finish(&r, ret_log);
        }
    }
    map_done(&r.call_of);
    map_done(&r.unit_of);
    return err;
}

uint32_t dispatch_row_travel_s(const struct dispatch_row *row)
{
    int64_t from = row->at_us[DISPATCH_response], to = row->at_us[DISPATCH_on_scene];
    return from != 0 && to > from ? (uint32_t)((to - from) / US_PER_S) : 0;
}
