#include "geo/tile.h"
#include <math.h>

bool tile_is_valid(struct tile tile)
{
    return tile.z <= TILE_MAX_ZOOM && tile.x < 1u << tile.z && tile.y < 1u << tile.z;
}

/* Share of the world's width from the west, and of its height from the north. */
static double world_x(struct place place)
{
    return place_lon_deg(place) / 360 + 0.5;
}

static double world_y(struct place place)
{
    double lat = fmin(TILE_MAX_LAT_DEG, fmax(-TILE_MAX_LAT_DEG, place_lat_deg(place)));
    return 0.5 - asinh(tan(lat * M_PI / 180)) / (2 * M_PI);
}

static double lat_deg_of(double y)
{
    return atan(sinh(M_PI * (1 - 2 * y))) * 180 / M_PI;
}

static uint32_t tile_index(double share, uint32_t z)
{
    double count = (double)(1u << z), index = floor(share * count);
    return index < 0 ? 0 : index >= count ? (1u << z) - 1 : (uint32_t)index;
}

struct tile tile_at(struct place place, uint32_t z)
{
    z = z < TILE_MAX_ZOOM ? z : TILE_MAX_ZOOM;
    return (struct tile){z, tile_index(world_x(place), z), tile_index(world_y(place), z)};
}

static struct place held_place(double lat_deg, double lon_deg, double (*round_e7)(double))
{
    double lat = fmin(90, fmax(-90, lat_deg)), lon = fmin(180, fmax(-180, lon_deg));
    return (struct place){(int32_t)round_e7(lat * 1e7), (int32_t)round_e7(lon * 1e7)};
}

static struct box box_with(struct tile tile, double buffer)
{
    double count = (double)(1u << tile.z);
    double west = (tile.x - buffer) / count, east = (tile.x + 1 + buffer) / count;
    double north = (tile.y - buffer) / count, south = (tile.y + 1 + buffer) / count;
    return (struct box){held_place(lat_deg_of(south), west * 360 - 180, floor),
                        held_place(lat_deg_of(north), east * 360 - 180, ceil)};
}

struct box tile_box(struct tile tile)
{
    return box_with(tile, 0);
}

struct box tile_box_buffered(struct tile tile)
{
    return box_with(tile, (double)TILE_BUFFER / TILE_EXTENT);
}

static int32_t held_unit(double unit)
{
    const double most = 1 << 28;
    return (int32_t)nearbyint(fmin(most, fmax(-most, unit)));
}

struct tile_point tile_project(struct tile tile, struct place place)
{
    double count = (double)(1u << tile.z);
    return (struct tile_point){held_unit((world_x(place) * count - tile.x) * TILE_EXTENT),
                               held_unit((world_y(place) * count - tile.y) * TILE_EXTENT)};
}

struct place tile_unproject(struct tile tile, struct tile_point point)
{
    double count = (double)(1u << tile.z);
    double x = (tile.x + (double)point.x / TILE_EXTENT) / count;
    double y = (tile.y + (double)point.y / TILE_EXTENT) / count;
    return held_place(lat_deg_of(y), x * 360 - 180, nearbyint);
}
