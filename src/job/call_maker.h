/* call_maker.h - made-up calls of a city's police, as a dispatch log
 * (docs/formats/dispatch-log.md). Layer: job. Threads: pure but for the realm's time zone. Equal
 * input, equal bytes.
 *
 * Each type has a rate by hour, weekday and month (data/demo/police-calls.json); calls of an hour
 * are Poisson, places are streets weighted by class and by a lasting factor of each village, and
 * the nearest free units are sent. The table's `changes` are the only things that statistics can
 * find. Call numbers begin with SIM: whoever reads the log marks them as simulated. */
#ifndef JOB_CALL_MAKER_H
#define JOB_CALL_MAKER_H
#include "job/city.h"

#define CALL_MAKER_MAX_DAYS 3660u
#define CALL_MAKER_MAX_TYPES 64u
#define CALL_MAKER_MAX_DAY_CALLS 100000u

struct call_maker {
    struct json table; /* police-calls.json */
    const struct city *city;
    const char *city_name; /* key in calls_a_day */
    int64_t first_day_us;  /* any moment of the first local day */
    uint32_t days;
    uint64_t seed;
};
/* Appends the log. ERR_SYNTAX (table, ret_fault->field), ERR_RANGE (days), ERR_LIMIT. */
enum err calls_make(const struct call_maker *maker, struct out *out, struct fault *ret_fault);
#endif
