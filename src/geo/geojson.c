#include "geo/geojson.h"
#include <math.h>

struct reader {
    struct arena *arena;
    struct fault *fault;
    size_t places; /* read so far */
    int depth;
};

static enum err refuse(struct reader *r, enum err err, const char *field, const char *text)
{
    return fault_field(r->fault, err, field, text);
}

/* ------------------------------------------------------- reading */

static bool is_number(struct json value)
{
    return json_type(value) == JSON_INT || json_type(value) == JSON_REAL;
}

static enum err read_place(struct reader *r, struct json value, struct place *ret_place)
{
    size_t count = json_count(value);
    bool is_position = json_type(value) == JSON_LIST && count >= 2;
    for (size_t i = 0; i < count && is_position; i++)
        is_position = is_number(json_at(value, i));
    if (!is_position)
        return refuse(r, ERR_SYNTAX, "coordinates", "a position is not [longitude, latitude]");
    double lon = json_number(json_at(value, 0)), lat = json_number(json_at(value, 1));
    if (!(fabs(lon) <= 180 && fabs(lat) <= 90))
        return refuse(r, ERR_RANGE, "coordinates", "a position is outside the Earth's degrees");
    *ret_place = place_from_deg(lat, lon);
    return OK;
}

static enum err read_places(struct reader *r, struct json value, const struct place **ret_places,
                            size_t *ret_count)
{
    size_t count = json_count(value);
    if (json_type(value) != JSON_LIST)
        return refuse(r, ERR_SYNTAX, "coordinates", "not a list of positions");
    if (count > GEOJSON_MAX_PLACES - r->places)
        return refuse(r, ERR_LIMIT, "coordinates", "too many positions");
    r->places += count;
    struct place *places = ARENA_NEW(r->arena, struct place, count);
    if (!places && count)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        enum err err = read_place(r, json_at(value, i), &places[i]);
        if (err)
            return err;
    }
    *ret_places = places;
    *ret_count = count;
    return OK;
}

static enum err read_line(struct reader *r, struct json value, struct line *ret_line)
{
    enum err err = read_places(r, value, &ret_line->places, &ret_line->count);
    if (!err && ret_line->count < 2)
        err = refuse(r, ERR_RANGE, "coordinates", "a line has fewer than two positions");
    return err;
}

/* RFC 7946 3.1.6: at least four positions, first and last alike; the repeat is not kept. */
static enum err read_ring(struct reader *r, struct json value, struct ring *ret_ring)
{
    enum err err = read_places(r, value, &ret_ring->places, &ret_ring->count);
    if (err)
        return err;
    if (ret_ring->count < 4 ||
        !place_eq(ret_ring->places[0], ret_ring->places[ret_ring->count - 1]))
        return refuse(r, ERR_RANGE, "coordinates",
                      "a ring is not closed or has fewer than four positions");
    ret_ring->count--;
    return OK;
}

static enum err read_polygon(struct reader *r, struct json value, struct polygon *ret_polygon)
{
    size_t count = json_count(value);
    if (json_type(value) != JSON_LIST || count == 0)
        return refuse(r, ERR_SYNTAX, "coordinates", "a polygon is not a list of rings");
    struct ring *rings = ARENA_NEW(r->arena, struct ring, count);
    if (!rings)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        enum err err = read_ring(r, json_at(value, i), &rings[i]);
        if (err)
            return err;
    }
    *ret_polygon = (struct polygon){rings, count};
    return OK;
}

static enum err read_lines(struct reader *r, struct json value, struct geojson *geometry)
{
    size_t count = json_count(value);
    struct line *lines = ARENA_NEW(r->arena, struct line, count);
    if (json_type(value) != JSON_LIST)
        return refuse(r, ERR_SYNTAX, "coordinates", "not a list of lines");
    if (!lines && count)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        enum err err = read_line(r, json_at(value, i), &lines[i]);
        if (err)
            return err;
    }
    geometry->lines = lines;
    geometry->line_count = count;
    return OK;
}

static enum err read_polygons(struct reader *r, struct json value, struct geojson *geometry)
{
    size_t count = json_count(value);
    struct polygon *polygons = ARENA_NEW(r->arena, struct polygon, count);
    if (json_type(value) != JSON_LIST)
        return refuse(r, ERR_SYNTAX, "coordinates", "not a list of polygons");
    if (!polygons && count)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        enum err err = read_polygon(r, json_at(value, i), &polygons[i]);
        if (err)
            return err;
    }
    geometry->polygons = polygons;
    geometry->polygon_count = count;
    return OK;
}

static const char *const type_names[] = {
    [GEOJSON_POINT] = "Point",
    [GEOJSON_MULTI_POINT] = "MultiPoint",
    [GEOJSON_LINE] = "LineString",
    [GEOJSON_MULTI_LINE] = "MultiLineString",
    [GEOJSON_POLYGON] = "Polygon",
    [GEOJSON_MULTI_POLYGON] = "MultiPolygon",
    [GEOJSON_COLLECTION] = "GeometryCollection",
};

static enum geojson_type type_of(struct json value)
{
    struct str name = json_text(json_get(value, "type"));
    for (unsigned i = GEOJSON_POINT; i <= GEOJSON_COLLECTION; i++) {
        if (str_eq_c(name, type_names[i]))
            return (enum geojson_type)i;
    }
    return GEOJSON_NONE;
}

static enum err read_geometry(struct reader *r, struct json value, struct geojson *ret_geometry);

/* NOLINTNEXTLINE(misc-no-recursion): GEOJSON_MAX_DEPTH */
static enum err read_parts(struct reader *r, struct json value, struct geojson *geometry)
{
    struct json list = json_get(value, "geometries");
    size_t count = json_count(list);
    if (json_type(list) != JSON_LIST)
        return refuse(r, ERR_SYNTAX, "geometries", "not a list of geometries");
    if (r->depth++ >= GEOJSON_MAX_DEPTH) /* bounds the recursion */
        return refuse(r, ERR_LIMIT, "geometries", "collections are nested too deeply");
    struct geojson *parts = ARENA_NEW(r->arena, struct geojson, count);
    if (!parts && count)
        return ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        enum err err = read_geometry(r, json_at(list, i), &parts[i]);
        if (err)
            return err;
    }
    r->depth--;
    geometry->parts = parts;
    geometry->part_count = count;
    return OK;
}

static enum err read_one_place(struct reader *r, struct json value, struct geojson *geometry)
{
    struct place *place = ARENA_NEW(r->arena, struct place, 1);
    if (!place)
        return ERR_LIMIT;
    geometry->points = place;
    geometry->point_count = 1;
    return read_place(r, value, place);
}

static enum err read_one_line(struct reader *r, struct json value, struct geojson *geometry)
{
    struct line *line = ARENA_NEW(r->arena, struct line, 1);
    if (!line)
        return ERR_LIMIT;
    geometry->lines = line;
    geometry->line_count = 1;
    return read_line(r, value, line);
}

static enum err read_one_polygon(struct reader *r, struct json value, struct geojson *geometry)
{
    struct polygon *polygon = ARENA_NEW(r->arena, struct polygon, 1);
    if (!polygon)
        return ERR_LIMIT;
    geometry->polygons = polygon;
    geometry->polygon_count = 1;
    return read_polygon(r, value, polygon);
}

/* NOLINTNEXTLINE(misc-no-recursion): GEOJSON_MAX_DEPTH */
static enum err read_geometry(struct reader *r, struct json value, struct geojson *ret_geometry)
{
    struct json coordinates = json_get(value, "coordinates");
    struct geojson geometry = {.type = type_of(value)};
    enum err err = OK;
    switch (geometry.type) {
    case GEOJSON_NONE:
        if (json_type(value) != JSON_NULL)
            err = refuse(r, ERR_SYNTAX, "type", "not a GeoJSON geometry");
        break;
    case GEOJSON_POINT:
        err = read_one_place(r, coordinates, &geometry);
        break;
    case GEOJSON_MULTI_POINT:
        err = read_places(r, coordinates, &geometry.points, &geometry.point_count);
        break;
    case GEOJSON_LINE:
        err = read_one_line(r, coordinates, &geometry);
        break;
    case GEOJSON_MULTI_LINE:
        err = read_lines(r, coordinates, &geometry);
        break;
    case GEOJSON_POLYGON:
        err = read_one_polygon(r, coordinates, &geometry);
        break;
    case GEOJSON_MULTI_POLYGON:
        err = read_polygons(r, coordinates, &geometry);
        break;
    case GEOJSON_COLLECTION:
        err = read_parts(r, value, &geometry);
        break;
    }
    if (!err)
        *ret_geometry = geometry;
    return err;
}

enum err geojson_geometry(struct json value, struct arena *arena, struct geojson *ret_geometry,
                          struct fault *ret_fault)
{
    struct reader reader = {.arena = arena, .fault = ret_fault};
    return read_geometry(&reader, value, ret_geometry);
}

static enum err read_feature(struct reader *r, struct json value,
                             struct geojson_feature *ret_feature)
{
    struct json properties = json_get(value, "properties");
    if (!str_eq_c(json_text(json_get(value, "type")), "Feature"))
        return refuse(r, ERR_SYNTAX, "type", "not a Feature");
    if (json_type(properties) == JSON_MAP)
        ret_feature->properties = properties;
    else if (json_type(properties) != JSON_NULL && json_type(properties) != JSON_ABSENT)
        return refuse(r, ERR_SYNTAX, "properties", "not an object");
    ret_feature->id = json_get(value, "id");
    enum json_type id_type = json_type(ret_feature->id);
    if (id_type == JSON_MAP || id_type == JSON_LIST || id_type == JSON_BOOL)
        return refuse(r, ERR_SYNTAX, "id", "neither text nor number");
    if (json_type(json_get(value, "geometry")) == JSON_ABSENT)
        return refuse(r, ERR_SYNTAX, "geometry", "a feature without geometry");
    return read_geometry(r, json_get(value, "geometry"), &ret_feature->geometry);
}

enum err geojson_features(struct json root, struct arena *arena,
                          struct geojson_feature **ret_features, size_t *ret_count,
                          struct fault *ret_fault)
{
    struct reader r = {.arena = arena, .fault = ret_fault};
    struct str type = json_text(json_get(root, "type"));
    struct json list = json_get(root, "features");
    bool is_list = str_eq_c(type, "FeatureCollection");
    size_t count = is_list ? json_count(list) : 1;
    if (is_list && json_type(list) != JSON_LIST)
        return refuse(&r, ERR_SYNTAX, "features", "not a list of features");
    struct geojson_feature *features = ARENA_NEW(arena, struct geojson_feature, count);
    if (!features && count)
        return ERR_LIMIT;
    enum err err = OK;
    for (size_t i = 0; i < count && !err; i++) {
        if (is_list)
            err = read_feature(&r, json_at(list, i), &features[i]);
        else if (str_eq_c(type, "Feature"))
            err = read_feature(&r, root, &features[i]);
        else
            err = read_geometry(&r, root, &features[i].geometry);
    }
    if (err)
        return err;
    *ret_features = features;
    *ret_count = count;
    return OK;
}

/* ------------------------------------------------------- writing */

void geojson_write_place(struct json_out *j, struct place place)
{
    json_arr(j);
    json_fixed(j, place.lon_e7, 7);
    json_fixed(j, place.lat_e7, 7);
    json_arr_end(j);
}

static void open_geometry(struct json_out *j, const char *type)
{
    json_obj(j);
    json_kc(j, "type", type);
    json_key(j, "coordinates");
}

void geojson_write_point(struct json_out *j, struct place place)
{
    open_geometry(j, "Point");
    geojson_write_place(j, place);
    json_obj_end(j);
}

static void write_places(struct json_out *j, const struct place *places, size_t count)
{
    json_arr(j);
    for (size_t i = 0; i < count; i++)
        geojson_write_place(j, places[i]);
    json_arr_end(j);
}

void geojson_write_line(struct json_out *j, struct line line)
{
    open_geometry(j, "LineString");
    write_places(j, line.places, line.count);
    json_obj_end(j);
}

void geojson_write_lines(struct json_out *j, const struct line *lines, size_t count)
{
    open_geometry(j, "MultiLineString");
    json_arr(j);
    for (size_t i = 0; i < count; i++)
        write_places(j, lines[i].places, lines[i].count);
    json_arr_end(j);
    json_obj_end(j);
}

static bool is_clockwise(struct ring ring)
{
    double sum = 0;
    for (size_t i = 0, k = ring.count - 1; i < ring.count; k = i++)
        sum += ((double)ring.places[i].lon_e7 - ring.places[k].lon_e7) *
               ((double)ring.places[i].lat_e7 + ring.places[k].lat_e7);
    return sum > 0;
}

/* RFC 7946 3.1.6: outer rings run counter-clockwise, holes clockwise, the first position is
 * repeated. */
static void write_ring(struct json_out *j, struct ring ring, bool is_outer)
{
    bool is_turned = ring.count && is_clockwise(ring) == is_outer;
    json_arr(j);
    for (size_t i = 0; i < ring.count; i++)
        geojson_write_place(j, ring.places[is_turned ? (ring.count - i) % ring.count : i]);
    if (ring.count)
        geojson_write_place(j, ring.places[0]);
    json_arr_end(j);
}

static void write_rings(struct json_out *j, struct polygon polygon)
{
    json_arr(j);
    for (size_t i = 0; i < polygon.count; i++)
        write_ring(j, polygon.rings[i], i == 0);
    json_arr_end(j);
}

void geojson_write_polygons(struct json_out *j, const struct polygon *polygons, size_t count)
{
    open_geometry(j, count == 1 ? "Polygon" : "MultiPolygon");
    if (count != 1)
        json_arr(j);
    for (size_t i = 0; i < count; i++)
        write_rings(j, polygons[i]);
    if (count != 1)
        json_arr_end(j);
    json_obj_end(j);
}

/* NOLINTNEXTLINE(misc-no-recursion): GEOJSON_MAX_DEPTH */
void geojson_write(struct json_out *j, const struct geojson *geometry)
{
    switch (geometry->type) {
    case GEOJSON_NONE:
        json_nil(j);
        break;
    case GEOJSON_POINT:
        geojson_write_point(j, geometry->points[0]);
        break;
    case GEOJSON_MULTI_POINT:
        open_geometry(j, "MultiPoint");
        write_places(j, geometry->points, geometry->point_count);
        json_obj_end(j);
        break;
    case GEOJSON_LINE:
        geojson_write_line(j, geometry->lines[0]);
        break;
    case GEOJSON_MULTI_LINE:
        geojson_write_lines(j, geometry->lines, geometry->line_count);
        break;
    case GEOJSON_POLYGON:
    case GEOJSON_MULTI_POLYGON:
        geojson_write_polygons(j, geometry->polygons, geometry->polygon_count);
        break;
    case GEOJSON_COLLECTION:
        json_obj(j);
        json_kc(j, "type", "GeometryCollection");
        json_key(j, "geometries");
        json_arr(j);
        for (size_t i = 0; i < geometry->part_count; i++)
            geojson_write(j, &geometry->parts[i]);
        json_arr_end(j);
        json_obj_end(j);
        break;
    }
}
