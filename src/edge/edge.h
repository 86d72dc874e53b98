/* edge.h - the staff's door (edge) and the public's door (portal): entry points for the process
 * code. Layer: edge. Threads: everything on the loop's own thread; reads of the store run on its
 * workers.
 *
 *     http.h ──► router (route.h) ──► session, limits, policy ──► handler ──► reader | core_link
 *     committed, positions, cover (edge_frame) ──► push ──► subscribers
 *
 * The edge holds no desk state: it reads committed rows, or asks core. */
#ifndef EDGE_EDGE_H
#define EDGE_EDGE_H
#include "edge/core_link.h"
#include "net/http.h"
#include "road/speeds.h"

/* Strings are borrowed and must outlive the edge. Paths may be NULL where that part is absent: then
 * its routes answer 404. */
struct edge_config {
    const char *store_dir;
    const char *web_dir;                        /* built pages */
    const char *tiles_path;                     /* .mbtiles of the base map */
    const char *names_path;                     /* city.names: address search */
    const char *blob_dir;                       /* photos, as core stores them */
    const struct road *road;                    /* NULL: no streets are known */
    const struct road_hours *hours;             /* NULL: every hour is alike */
    const struct road_calibration *calibration; /* NULL: none is installed */
    uint32_t realm;
    const char *city, *name_zh, *name_en; /* code and names of the city */
    const char *zone;                     /* IANA time zone of the realm */
    const char *attribution;              /* of the map data */
    const char *version;
    uint8_t source_key[32];     /* keyed hashes of peer addresses (access/secret.h) */
    uint8_t contact_public[32]; /* portal: contacts are sealed to it */
};

struct edge;
/* Opens the store's readers, the city's files and the pages. It serves from edge_listen on.
 * ERR_NOT_FOUND, ERR_IO, ERR_CORRUPT with ret_fault->field = the file. */
enum err edge_start(const struct edge_config *config, struct loop *loop,
                    const struct core_link *link, struct edge **ret_edge, struct fault *ret_fault);
/* Takes over a listening socket. tls NULL: plain HTTP. ERR_IO, ERR_LIMIT. */
enum err edge_listen(struct edge *edge, int fd, struct tls *tls);
/* A frame that is meant for the edge: reply, committed, positions, cover, health. Body borrowed. */
void edge_frame(struct edge *edge, enum frame_type type, uint64_t correlation, struct str body);
/* Core went away: questions under way are answered 503. */
void edge_core_down(struct edge *edge);
/* Ends well: no new connections, streams end, `done` when the last is gone, at most after max_ms.
 */
void edge_drain(struct edge *edge, int64_t max_ms, loop_fn done, void *ctx);
void edge_free(struct edge *edge);

/* The public site: other routes, own limits; reads public.db and nothing else of the store. */
struct portal;
enum err portal_start(const struct edge_config *config, struct loop *loop,
                      const struct core_link *link, struct portal **ret_portal,
                      struct fault *ret_fault);
enum err portal_listen(struct portal *portal, int fd, struct tls *tls);
void portal_frame(struct portal *portal, enum frame_type type, uint64_t correlation,
                  struct str body);
void portal_core_down(struct portal *portal);
void portal_drain(struct portal *portal, int64_t max_ms, loop_fn done, void *ctx);
void portal_free(struct portal *portal);

/* `anwang api`: the interface described, from the same table that serves it. */
enum err edge_openapi(const char *version, bool is_portal, struct out *out);
enum err edge_markdown(struct out *out);
#endif
