/* city_priv.h - steps of making a demo city. Layer: job, private to city*.c. */
#ifndef JOB_CITY_PRIV_H
#define JOB_CITY_PRIV_H
#include "job/city.h"

/* Streets as points every so often, each standing for the metres round it. */
struct street_points {
    struct point_m *at;
    double *metres;
    uint32_t *edge;
    uint32_t *village; /* filled by areas: index among villages */
    size_t count;
};
enum err city_streets(const struct city *city, struct street_points *ret_points);
double city_total_m(const struct street_points *streets, const uint32_t *which, size_t count);

enum err city_areas(struct city *city, struct street_points *streets, struct fault *ret_fault);
/* Names of areas, stations and officers. */
enum err city_names(struct city *city, const struct street_points *streets);
enum err city_bodies(struct city *city);
enum err city_posts(struct city *city);
enum err city_units(struct city *city, struct fault *ret_fault);

/* Text of the spec, number of the spec; `path` is member or member.member. */
struct json city_spec(const struct city *city, const char *outer, const char *inner);
/* Township that holds the nearest street; index into areas. */
uint32_t city_township_at(const struct city *city, struct place place);
struct str city_body_of_township(const struct city *city, uint32_t township);
/* "MISSION ST" -> "Mission St", "04TH ST" -> "4th St"; Chinese as it is. */
struct str city_shown(struct arena *arena, struct str street);
/* A few police units are in the workshop from the start. */
bool city_is_out_of_service(const struct city *city, uint32_t unit);
#define CITY_STREETS_STEP_M 40.0
#endif
