/* site.h - what the edge and the portal have in common: one HTTP server, one route table, visits,
 * questions to core, rate limits.
 * Layer: edge. Threads: the loop's own; visit_read runs its first function on a worker.
 *
 * A visit is one request on its way: made when the request is whole, freed when it is answered. Its
 * arena and answer buffer live as long. Handlers end it with exactly one of the visit_answer calls.
 */
#ifndef EDGE_SITE_H
#define EDGE_SITE_H
#include "base/arena.h"
#include "base/json_out.h"
#include "base/map.h"
#include "edge/edge.h"
#include "edge/route.h"
#include "store/reader.h"

#define SITE_MAX_VISITS 4096
#define SITE_MAX_QUERY 24
#define SITE_QUERY_VALUE_BYTES 512
#define SITE_READERS 3
#define SITE_LIMIT_SLOTS 4096
#define SITE_ANSWER_BYTES (16u << 20)
#define SITE_WAIT_S 20 /* an answer of core is given up after */

struct site;
typedef void (*reply_fn)(struct visit *visit, const struct frame_reply *reply);

struct query_value {
    struct str name, value;
    const struct route_param *param;
    int64_t number;         /* PARAM_U32, PARAM_ID, PARAM_TIME */
    struct place places[2]; /* PARAM_PLACE; PARAM_BOX: south-west, north-east */
};

struct visit {
    struct site *site;
    struct http_exchange *exchange;
    const struct http_request *request; /* until it is answered */
    const struct route *route;
    struct str params[ROUTE_MAX_PARAMS];
    struct query_value query[SITE_MAX_QUERY];
    size_t query_count;
    struct arena arena;
    struct out out; /* the answer's body */
    struct json_out json;
    int64_t now_us;
    /* who */
    char token[48];
    bool is_bearer;
    uint8_t token_hash[32];
    struct session_id session;
    int64_t expires_us;
    struct actor actor;
    const struct user_object *user; /* in the arena; NULL without session */
    /* what */
    uint32_t object; /* number of {id} */
    enum purpose purpose;
    struct scope scope;
    const void *work; /* a handler's own, in the arena */
    /* waiting */
    reply_fn on_reply;
    visit_fn on_read_run, on_read_done;
    struct reader *reader; /* while a read runs */
    enum err err;          /* of the read */
    struct fault fault;
    uint64_t seq; /* version that the answer names */
    uint64_t correlation;
    struct json body; /* freed with the visit */
    struct visit *next;
};

struct limit_slot {
    uint64_t key;
    int64_t full_us;
};

struct pages;
struct tiles_reader;

struct site_figures {
    uint64_t visits, refused_limit, refused_access, core_waits, core_lost, read_waits;
};

struct site {
    struct edge_config config;
    struct loop *loop;
    struct core_link link;
    struct http_server *server;
    struct router router;
    void *owner; /* struct edge or struct portal */
    /* Finds out who it is; false: it has answered. NULL: nobody ever logs in (portal). */
    bool (*enter)(struct visit *visit);
    struct visit *free_visits;
    size_t visit_count;
    uint64_t last_correlation;
    struct map waiting; /* correlation -> slot */
    struct visit **slots;
    uint32_t *free_slots;
    uint32_t free_slot_count;
    int64_t *deadlines_us;
    struct loop_timer *sweep;
    struct limit_slot limits[ROUTE_LIMIT_COUNT][SITE_LIMIT_SLOTS];
    struct reader *readers[SITE_READERS];
    size_t reader_count;
    struct visit *read_first, *read_last;
    struct site_figures figures;
    struct tiles_reader *tiles; /* NULL: no map */
    struct pages *pages;        /* NULL: no pages */
    const char *front_page;     /* what / is */
    uint64_t committed;         /* last seq that core reported */
    struct out health;          /* core's figures as JSON, last heard */
    int64_t health_us;
    struct http_bytes *document; /* openapi.json, made at the first request */
};

enum err site_init(struct site *site, const struct edge_config *config, struct loop *loop,
                   const struct core_link *link, const struct http_limits *limits, void *owner);
void site_done(struct site *site);
void site_core_down(struct site *site);
/* A frame of any kind that both doors understand. False: not one. */
bool site_frame(struct site *site, enum frame_type type, uint64_t correlation, struct str body);
void site_reply(struct site *site, uint64_t correlation, struct str body);

/* ---- answers: each frees the visit ---- */
void visit_ok(struct visit *visit, int status); /* visit->out as application/json */
void visit_bytes(struct visit *visit, int status, const char *type, struct http_bytes *bytes,
                 const struct http_field *fields, size_t field_count);
void visit_answer(struct visit *visit, const struct http_answer *answer);
void visit_problem(struct visit *visit, int status, const char *detail, const char *field);
void visit_reply_problem(struct visit *visit, const struct frame_reply *reply);
/* Of a read: which problem an error is. */
void visit_read_problem(struct visit *visit, enum err err, const struct fault *fault);
struct http_stream *visit_stream(struct visit *visit, const struct http_stream_calls *calls,
                                 void *ctx);

/* ---- waiting ---- */
/* Asks core; fn is called once with its reply. When core is away or slow the visit is answered 503
 * and fn is not called. */
void visit_ask(struct visit *visit, enum frame_type type, const void *record, int fd, reply_fn fn);
/* Runs `run` on a worker with visit->reader, then `done` on the loop. `run` may use the visit's
 * arena, out and json and nothing of the site. */
void visit_read(struct visit *visit, visit_fn run, visit_fn done);

/* ---- what was asked ---- */
const struct query_value *visit_query(const struct visit *visit, const char *name); /* or NULL */
struct str visit_header(const struct visit *visit, const char *name);
/* Reads and checks the query against the route's parameters. False: answered 400. */
bool site_query(struct visit *visit);
/* Parses the JSON body by the record into *ret_obj. False: answered 400 or 415. */
bool visit_body(struct visit *visit, const struct record *record, void *ret_obj);
bool site_within_limit(struct site *site, enum route_limit limit, uint64_t key, int64_t now_us,
                       uint32_t *ret_wait_s);
/* Keyed hash of the peer's address: all that is ever made of it. */
uint64_t visit_source(const struct visit *visit);
#endif
