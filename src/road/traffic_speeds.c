#include "road/traffic_priv.h"

#define PPM 1000000u

struct road_speeds road_speeds_plain(void)
{
    struct road_speeds speeds;
    for (size_t p = 0; p < ROAD_MAX_PROFILES; p++) {
        for (size_t c = 0; c < ROAD_MAX_CLASSES; c++)
            speeds.permille[p][c] = 1000;
    }
    return speeds;
}

bool speeds_are_in_bounds(const struct road_speeds *speeds)
{
    for (size_t p = 0; p < ROAD_MAX_PROFILES; p++) {
        for (size_t c = 0; c < ROAD_MAX_CLASSES; c++) {
            if (speeds->permille[p][c] < ROAD_MIN_SPEED_PERMILLE ||
                speeds->permille[p][c] > ROAD_MAX_SPEED_PERMILLE)
                return false;
        }
    }
    return true;
}

/* The product is exact before it is rounded once, so the order of the layers does not matter. */
void pace_make(struct pace *pace, const struct road_speeds *const *speeds, size_t count)
{
    static_assert(ROAD_MAX_SPEED_LAYERS <= 4, "bounds to the fourth fit 64 bits");
    for (size_t p = 0; p < ROAD_MAX_PROFILES; p++) {
        for (size_t c = 0; c < ROAD_MAX_CLASSES; c++) {
            uint64_t product = 1, whole = 1;
            for (size_t i = 0; i < count; i++) {
                product *= speeds[i]->permille[p][c];
                whole *= 1000;
            }
            if (whole > PPM)
                product /= whole / PPM;
            else
                product *= PPM / whole;
            pace->ppm[p][c] = (uint32_t)product;
        }
    }
}

uint32_t pace_ms(const struct pace *pace, const struct road *road, uint32_t profile, uint32_t arc)
{
    const uint32_t ms = road_base_ms(road, profile, arc);
    const uint32_t ppm = pace->ppm[profile][road->ways[road->edges[arc >> 1].way].road_class];
    if (ms == ROAD_INF || ppm == PPM)
        return ms;
    const uint64_t paced = ((uint64_t)ms * PPM + ppm / 2) / ppm;
    return paced == 0 ? 1 : paced < ROAD_INF ? (uint32_t)paced : ROAD_INF - 1;
}
