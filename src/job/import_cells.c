#include "job/import_cells.h"

#include "geo/geojson.h"
#include "job/csv.h"
#include <math.h>
#include <stdlib.h>

#define ARENA_BYTES (2048ull << 20)
#define MILLI 1000
#define MAX_MILLI INT64_C(10000000000) /* of people in a cell */

static const char *const reason_texts[CELLS_REASON_COUNT] = {
#define REASON_TEXT(name, text) [CELLS_##name] = text,
    CELLS_REASONS(REASON_TEXT)
#undef REASON_TEXT
};
static const char *const people_names[] = {"people", "population"};

struct reading {
    struct cells_report report;
    enum datum datum;
    size_t cap;
    int64_t carried_milli; /* of people, from the cells before */
};

static enum err add(struct reading *r, struct place place, int64_t milli)
{
    struct cells_report *report = &r->report;
    if (milli < 0 || milli > MAX_MILLI) {
        report->left_out[CELLS_NEGATIVE]++;
        return OK;
    }
    if (milli == 0) {
        report->left_out[CELLS_EMPTY]++;
        return OK;
    }
    if (report->count == COVER_MAX_DEMAND)
        return ERR_LIMIT;
    if (report->count == r->cap) {
        const size_t cap = r->cap ? 2 * r->cap : 1024;
        struct cover_demand *cells = reallocarray(report->cells, cap, sizeof *cells);
        if (!cells)
            return ERR_LIMIT;
        report->cells = cells;
        r->cap = cap;
    }
    r->carried_milli += milli;
    const int64_t whole = (r->carried_milli + MILLI / 2) / MILLI;
    r->carried_milli -= whole * MILLI;
    report->cells[report->count++] =
        (struct cover_demand){.place = datum_to_wgs84(r->datum, place), .weight = (uint32_t)whole};
    return OK;
}

/* ------------------------------------------------------- tables */

/* Columns of the heading: lon, lat, people under one of their names. */
static enum err find_columns(struct csv *csv, struct str text, struct arena *arena,
                             size_t ret_at[3], struct fault *ret_fault)
{
    static const char *const places[][2] = {{"lon", "lat"}, {"x", "y"}};
    enum err err = ERR_NOT_FOUND;
    for (size_t i = 0; i < 4 && err == ERR_NOT_FOUND; i++) {
        const char *const columns[3] = {places[i / 2][0], places[i / 2][1], people_names[i % 2]};
        csv_init(csv, text, arena);
        err = csv_heading(csv, columns, 3, ret_at, ret_fault);
    }
    if (err == ERR_NOT_FOUND)
        return fault_field(ret_fault, err, "lon, lat, people",
                           "columns lon and lat (or x and y) and people (or population)");
    return err;
}

static enum err add_row(struct reading *r, struct str lon_text, struct str lat_text,
                        struct str people)
{
    int64_t lon, lat, milli;
    if (str_fixed(str_trim(lon_text), 7, &lon) || str_fixed(str_trim(lat_text), 7, &lat)) {
        r->report.left_out[CELLS_NO_PLACE]++;
        return OK;
    }
    if (lat < -900000000 || lat > 900000000 || lon < -1800000000 || lon > 1800000000) {
        r->report.left_out[CELLS_NOT_DEGREES]++;
        return OK;
    }
    if (str_fixed(str_trim(people), 3, &milli)) {
        r->report.left_out[CELLS_NO_PEOPLE]++;
        return OK;
    }
    return add(r, (struct place){(int32_t)lat, (int32_t)lon}, milli);
}

static enum err read_table(struct reading *r, struct str text, struct arena *arena,
                           struct fault *ret_fault)
{
    struct csv *csv = ARENA_NEW(arena, struct csv, 1);
    size_t at[3];
    if (!csv)
        return ERR_LIMIT;
    enum err err = find_columns(csv, text, arena, at, ret_fault);
    while (!err && (err = csv_next(csv, ret_fault)) == OK)
        err = add_row(r, csv->fields[at[0]], csv->fields[at[1]], csv->fields[at[2]]);
    return err == ERR_NOT_FOUND && csv->field_count > 0 && csv->line > 1 ? OK : err;
}

/* ------------------------------------------------------- maps */

static bool is_number(struct json value)
{
    return json_type(value) == JSON_INT || json_type(value) == JSON_REAL;
}

static enum err add_feature(struct reading *r, const struct geojson_feature *feature)
{
    const struct geojson *g = &feature->geometry;
    struct json people = json_get(feature->properties, people_names[0]);
    if (!is_number(people))
        people = json_get(feature->properties, people_names[1]);
    if (g->point_count != 1 && g->polygon_count == 0) {
        r->report.left_out[CELLS_NO_PLACE]++;
        return OK;
    }
    const double number = is_number(people) ? json_number(people) : NAN;
    if (!isfinite(number)) {
        r->report.left_out[CELLS_NO_PEOPLE]++;
        return OK;
    }
    const double milli = fmax(fmin(number * MILLI, 2.0 * MAX_MILLI), -MILLI);
    return add(r, g->point_count == 1 ? g->points[0] : polygon_label(g->polygons[0]),
               llround(milli));
}

static enum err read_map(struct reading *r, struct str text, struct arena *arena,
                         struct fault *ret_fault)
{
    struct geojson_feature *features = NULL;
    struct json root = {0};
    size_t count = 0;
    enum err err = json_read(text, &root, ret_fault);
    if (!err)
        err = geojson_features(root, arena, &features, &count, ret_fault);
    for (size_t i = 0; i < count && !err; i++)
        err = add_feature(r, &features[i]);
    json_free(root);
    return err;
}

/* ------------------------------------------------------- the whole */

static int compare_places(const void *a, const void *b)
{
    const struct cover_demand *l = a, *r = b;
    if (l->place.lat_e7 != r->place.lat_e7)
        return l->place.lat_e7 < r->place.lat_e7 ? -1 : 1;
    return l->place.lon_e7 < r->place.lon_e7 ? -1 : l->place.lon_e7 > r->place.lon_e7;
}

/* One cell a place; those in which nobody is left by rounding go. */
static void join(struct cells_report *report)
{
    size_t kept = 0;
    if (report->count > 0)
        qsort(report->cells, report->count, sizeof *report->cells, compare_places);
    for (size_t i = 0; i < report->count; i++) {
        struct cover_demand *last = kept ? &report->cells[kept - 1] : NULL;
        report->people += report->cells[i].weight;
        if (last && place_eq(last->place, report->cells[i].place)) {
            last->weight += report->cells[i].weight;
            report->joined++;
        } else {
            kept -= last && last->weight == 0;
            report->cells[kept++] = report->cells[i];
        }
    }
    if (kept > 0 && report->cells[kept - 1].weight == 0)
        kept--;
    report->count = kept;
}

enum err import_cells(struct str text, enum datum datum, struct cells_report *ret_report,
                      struct fault *ret_fault)
{
    struct reading r = {.datum = datum};
    struct arena arena;
    const struct str trimmed = str_trim(text);
    arena_init(&arena, ARENA_BYTES);
    const bool is_map = trimmed.len > 0 && trimmed.p[0] == '{';
    const enum err err =
        is_map ? read_map(&r, text, &arena, ret_fault) : read_table(&r, text, &arena, ret_fault);
    arena_done(&arena);
    if (err) {
        free(r.report.cells);
        return err;
    }
    join(&r.report);
    *ret_report = r.report;
    return OK;
}

void import_cells_report(const struct cells_report *report, struct out *out)
{
    out_printf(out, "%zu cells, %llu people\n", report->count, (unsigned long long)report->people);
    if (report->joined > 0)
        out_printf(out, "  %llu rows were at the place of another and were added to it\n",
                   (unsigned long long)report->joined);
    for (size_t i = 0; i < CELLS_REASON_COUNT; i++) {
        if (report->left_out[i] > 0)
            out_printf(out, "  %llu rows left out: %s\n", (unsigned long long)report->left_out[i],
                       reason_texts[i]);
    }
}
