/* route.h - the route table's row. One table makes the router, the policy check, the OpenAPI
 * document and docs/api.md. Adding a route is a line in routes.c (staff) or portal_routes.c
 * (public). Layer: edge. Threads: tables are const after start.
 *
 * An action that has no policy line is no member of enum access_action, so a route without policy
 * does not compile. Routes of commands are made from COMMANDS by rule: a command that makes its
 * object is POST /api/v1/<kind>s, any other POST /api/v1/<kind>s/{id}/<verb>; commands that only
 * the system itself may give have none. */
#ifndef EDGE_ROUTE_H
#define EDGE_ROUTE_H
#include "access/policy.h"
#include "net/http.h"

struct visit;
typedef void (*visit_fn)(struct visit *visit);

/* How often one session (or, without one, one source) may ask. Named in answers and documents.
 * X(name, per second, burst, wire name) */
#define ROUTE_LIMITS(X)                                                                            \
    X(LIMIT_READ, 100, 300, "reads")                                                               \
    X(LIMIT_WRITE, 50, 100, "writes")                                                              \
    X(LIMIT_MACHINE, 2000, 4000, "machine") /* reads and writes of bearer accounts */              \
    X(LIMIT_ASK, 20, 40, "asks")                                                                   \
    X(LIMIT_FILE, 500, 2000, "files")                                                              \
    X(LIMIT_PUSH, 2, 20, "push")                                                                   \
    X(LIMIT_LOGIN, 5, 100, "logins")                                                               \
    X(LIMIT_PHOTO, 2, 10, "photos")                                                                \
    X(LIMIT_REPORT, 1, 10, "reports")                                                              \
    X(LIMIT_FOLLOW, 1, 20, "follow-ups")                                                           \
    X(LIMIT_PICTURE, 1, 10, "pictures")
#define ROUTE_LIMIT_ENUM(name, rate, burst, wire) name,
enum route_limit { ROUTE_LIMITS(ROUTE_LIMIT_ENUM) ROUTE_LIMIT_COUNT };
#undef ROUTE_LIMIT_ENUM

enum param_type {
    PARAM_TEXT,  /* max = bytes */
    PARAM_U32,   /* min, max */
    PARAM_TIME,  /* RFC 3339 */
    PARAM_PLACE, /* lat,lon in degrees */
    PARAM_BOX,   /* west,south,east,north in degrees */
    PARAM_ID     /* of an object of `kind` */
};
struct route_param {
    const char *name;
    enum param_type type;
    uint32_t min, max;
    enum object_kind kind;
    bool is_needed;
    const char *doc;
};

enum route_answer {
    ANSWER_NONE,    /* 204 */
    ANSWER_ROW,     /* one object of route.kind */
    ANSWER_LIST,    /* {"items":[...],"next","as_of"} of route.kind */
    ANSWER_CHANGED, /* outcome of a command */
    ANSWER_SCHEMA,  /* JSON that route.schema describes */
    ANSWER_FILE     /* route.media_type */
};
enum route_flag {
    ROUTE_PERSONAL = 1, /* takes X-Purpose and then gives personal values, audited */
    ROUTE_MEMFD = 2,    /* body goes into a memfd */
    ROUTE_OPEN = 4,     /* no session needed */
    ROUTE_MAKES = 8,    /* 201 and Location */
    ROUTE_HIDDEN = 16   /* not in the API's description: pages */
};
#define ROUTE_MAX_PARAMS 4 /* in the path */
struct route {
    enum http_method method;
    const char *path; /* "/api/v1/units/{id}/position"; a last segment "*" takes all that is left */
    enum access_action action;
    visit_fn handle;
    enum object_kind kind; /* of {id}, or of the rows that are answered */
    enum command_kind command;
    const struct record *body; /* JSON body; NULL: none, or not JSON */
    const struct route_param *params;
    size_t param_count;
    enum route_answer answer;
    const char *schema, *media_type;
    enum route_limit limit;
    unsigned flags;
    const char *zh, *en;
};

struct router {
    struct route *routes; /* owned copy: hand-written rows first, then those made by rule */
    size_t count;
};

/* Staff: rows of routes.c, lists and objects of every kind, and the commands. ret_router is freed
 * with router_done. */
void router_staff(struct router *ret_router);
void router_public(struct router *ret_router);
void router_done(struct router *router);

/* The route of a request. ERR_NOT_FOUND: no such path; ERR_UNSUPPORTED: the path has other methods,
 * in *ret_allow as bits 1 << method. ret_params borrow `path`, still escaped. */
enum err router_find(const struct router *router, enum http_method method, struct str path,
                     const struct route **ret_route, struct str ret_params[ROUTE_MAX_PARAMS],
                     unsigned *ret_allow);
/* Record of a command's body with the members "at" and "at_source" behind its own; made once. */
const struct record *route_command_body(enum command_kind kind);
/* Record of a row as it is shown: secret fields gone, personal ones optional, "id" and "seq" added.
 */
const struct record *route_row(enum object_kind kind);
/* Query parameters of a kind's list: filter columns of its view, then the common ones. */
const struct route_param *route_list_params(enum object_kind kind, size_t *ret_count);
struct str route_limit_name(enum route_limit limit);
#endif
