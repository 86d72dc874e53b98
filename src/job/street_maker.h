/* street_maker.h - made-up cities of any size, as OpenStreetMap PBF: for growth figures and tests.
 * Layer: job. Threads: pure.
 *
 * A jittered grid of streets, every fifth, tenth and twentieth line a wider one; a third of the
 * small stretches is missing, some small streets are one-way; winding rivers which only wide
 * streets cross, few of them; ring roads round the centre. Names and classes are set, so that the
 * import treats it as any city. The same job gives the same bytes. */
#ifndef JOB_STREET_MAKER_H
#define JOB_STREET_MAKER_H
#include "base/out.h"
#include "geo/place.h"

#define STREET_MAKER_MIN 100u
#define STREET_MAKER_MAX 1000000u

struct street_maker {
    uint32_t junctions; /* about: within a tenth */
    uint64_t seed;
    struct place centre;
};
struct street_maker_result {
    uint32_t nodes, ways, bridges;
};
/* Appends the file to `out`. ERR_RANGE: junctions out of bounds, or the city leaves 80 degrees of
 * latitude; ERR_LIMIT: `out` is full. */
enum err street_maker_write(const struct street_maker *job, struct out *out,
                            struct street_maker_result *ret_result);
#endif
