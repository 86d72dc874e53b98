/* portal.c - the public's door: reports, their answers, photos. It reads public.db, which core
 * derives, and nothing else of the store. No address, agent or device of who reports is kept: the
 * rate limit holds a keyed hash in memory, which ends with the process. */
#include "edge/edge.h"

#include "access/secret.h"
#include "access/token.h"
#include "base/log.h"
#include "base/rand.h"
#include "edge/bodies.h"
#include "edge/pages.h"
#include "edge/photo.h"
#include "edge/router_priv.h"
#include "store/public.h"
#include "store/tiles.h"

#define BODY_BYTES (64u << 10)
#define BODIES_BYTES (128u << 20)
#define REPORT_LIFE_S (14 * 86400)

struct portal {
    struct site site;
    struct public_reader *reader;
};

static struct portal *portal_of(const struct visit *visit)
{
    return visit->site->owner;
}

/* ---- reports ---- */

struct report_work {
    char code[TOKEN_CODE_CAP];
};

static void reported(struct visit *visit, const struct frame_reply *reply)
{
    const struct report_work *work = visit->work;
    if (reply->err == ERR_RANGE && str_eq_c(reply->field, "blob")) {
        visit_problem(visit, 400, "no such photo waits for a report: send it again", "photo");
        return;
    }
    if (reply->err != OK) {
        visit_reply_problem(visit, reply);
        return;
    }
    json_obj(&visit->json);
    json_kc(&visit->json, "code", work->code);
    json_obj_end(&visit->json);
    visit_ok(visit, 201);
}

/* What was typed never arrives: only a box that the key on this server cannot open. */
static bool take_contact(struct visit *visit, const struct report *report,
                         struct signal_raise *fields)
{
    if (!HAS(report, report, contact_sealed))
        return true;
    if (!secret_is_sealed(report->contact_sealed)) {
        visit_problem(visit, 400,
                      "must be a contact sealed to contact_key of /api/public/meta, hex",
                      "contact_sealed");
        return false;
    }
    fields->contact.text = report->contact_sealed;
    SET_HAS(signal_raise, fields, contact);
    return true;
}

/* What may be reported here: incident types that are never an emergency. X(type code, zh, en) */
#define CATEGORIES(X)                                                                              \
    X("noise", "噪声扰民", "Noise")                                                                \
    X("neighbour_dispute", "邻里纠纷", "Dispute between neighbours")                               \
    X("tip_traffic", "交通违法", "Traffic offence")                                                \
    X("parking", "违停挪车", "Parking, vehicle in the way")                                        \
    X("signal_fault", "信号灯故障", "Traffic light out of order")                                  \
    X("fraud", "诈骗线索", "Fraud")                                                                \
    X("tip_drugs", "涉毒线索", "Drugs")                                                            \
    X("tip_business", "经营场所违规", "Offence of a licensed trade")                               \
    X("lost_property", "遗失物品", "Lost property")                                                \
    X("animal", "动物侵扰", "Stray animal")                                                        \
    X("citizen_assist", "其他", "Other")

static bool is_category(struct str code)
{
#define CATEGORY(type, zh, en) {type, sizeof type - 1},
    static const struct str codes[] = {CATEGORIES(CATEGORY)};
#undef CATEGORY
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (str_eq(code, codes[i]))
            return true;
    }
    return false;
}

static void fill(const struct report *report, struct signal_raise *fields)
{
    fields->source = SOURCE_WEB;
    fields->category = report->category;
    fields->words.text = report->words;
    fields->expires_s = REPORT_LIFE_S;
    SET_HAS(signal_raise, fields, source);
    SET_HAS(signal_raise, fields, category);
    SET_HAS(signal_raise, fields, words);
    SET_HAS(signal_raise, fields, expires_s);
    if (HAS(report, report, place)) {
        fields->place = report->place;
        SET_HAS(signal_raise, fields, place);
    }
    if (HAS(report, report, accuracy_m)) {
        fields->accuracy_m = report->accuracy_m;
        SET_HAS(signal_raise, fields, accuracy_m);
    }
    if (HAS(report, report, address)) {
        fields->address = report->address;
        SET_HAS(signal_raise, fields, address);
    }
    if (HAS(report, report, photo)) {
        fields->blob = report->photo;
        SET_HAS(signal_raise, fields, blob);
    }
}

static void send_report(struct visit *visit, const struct signal_raise *fields)
{
    struct frame_command frame = {0};
    struct out bytes;
    char key[33];
    uint8_t random[16];
    rand_secret(random, sizeof random);
    str_hex(random, sizeof random, key);
    out_init(&bytes, MAX_COMMAND_BYTES);
    record_write(&record_signal_raise, fields, RECORD_WIRE, &bytes);
    frame.kind = COMMAND_signal_raise;
    frame.key = str_of(key);
    frame.fields = out_view(&bytes);
    SET_HAS(frame_command, &frame, kind);
    SET_HAS(frame_command, &frame, key);
    SET_HAS(frame_command, &frame, fields);
    visit_ask(visit, FRAME_command, &frame, -1, reported);
    out_done(&bytes);
}

void report_post(struct visit *visit)
{
    struct report report;
    struct signal_raise fields = {0};
    struct report_work *work = ARENA_NEW(&visit->arena, struct report_work, 1);
    char hash[TOKEN_HASH_TEXT_CAP];
    if (!visit_body(visit, &record_report, &report))
        return;
    if (!is_category(report.category)) {
        visit_problem(visit, 400, "is not one of the categories of /api/public/meta", "category");
        return;
    }
    if (HAS(report, &report, place) && !map_holds(visit, report.place)) {
        visit_problem(visit, 400, "lies outside the city", "place");
        return;
    }
    fill(&report, &fields);
    if (!take_contact(visit, &report, &fields))
        return;
    token_code_make(work->code);
    (void)!token_code_hash(str_of(work->code), hash);
    fields.follow_code = str_of(hash);
    SET_HAS(signal_raise, &fields, follow_code);
    visit->work = work;
    send_report(visit, &fields);
}

static bool open_answers(struct portal *portal, const struct visit *visit)
{
    if (!portal->reader) /* the file was not there yet when the door opened */
        (void)!public_open(visit->site->config.store_dir, &portal->reader);
    return portal->reader != NULL;
}

void report_get(struct visit *visit)
{
    char hash[TOKEN_HASH_TEXT_CAP], typed[64];
    struct str code;
    struct portal *portal = portal_of(visit);
    if (http_unescape(visit->params[0], false, typed, sizeof typed, &code) != OK ||
        token_code_hash(code, hash) != OK || !open_answers(portal, visit) ||
        public_answer(portal->reader, str_of(hash), &visit->json) != OK)
        visit_problem(visit, 404, NULL, NULL);
    else
        visit_ok(visit, 200);
}

/* Cleared reports and counts: what the city shows of its work. */
void report_notices(struct visit *visit)
{
    struct portal *portal = portal_of(visit);
    json_obj(&visit->json);
    json_key(&visit->json, "notices");
    enum err err =
        open_answers(portal, visit) ? public_notices(portal->reader, &visit->json) : ERR_NOT_FOUND;
    if (!err) {
        json_key(&visit->json, "counts");
        err = public_counts(portal->reader, &visit->json);
    }
    json_obj_end(&visit->json);
    if (err)
        visit_problem(visit, 503, "not there yet", NULL);
    else
        visit_ok(visit, 200);
}

static void photo_kept(struct visit *visit, const struct frame_reply *reply)
{
    if (reply->err != OK) {
        visit_reply_problem(visit, reply);
        return;
    }
    out_str(&visit->out, reply->body);
    visit_ok(visit, 201);
}

void report_photo(struct visit *visit)
{
    photo_send(visit, PHOTO_OF_PUBLIC, photo_kept);
}

static void write_category(struct json_out *j, const char *code, const char *zh, const char *en)
{
    json_obj(j);
    json_kc(j, "code", code);
    json_kc(j, "zh", zh);
    json_kc(j, "en", en);
    json_obj_end(j);
}

void report_meta(struct visit *visit)
{
    struct json_out *j = &visit->json;
    char key[2 * SECRET_PUBLIC_BYTES + 1];
    str_hex(visit->site->config.contact_public, SECRET_PUBLIC_BYTES, key);
    json_obj(j);
    map_write_meta(visit);
    json_key(j, "categories");
    json_arr(j);
#define CATEGORY(code, zh, en) write_category(j, code, zh, en);
    CATEGORIES(CATEGORY)
#undef CATEGORY
    json_arr_end(j);
    json_kc(j, "contact_key", key);
    json_obj_end(j);
    visit_ok(visit, 200);
}

/* ---- start and end ---- */

/* Everybody is the public here; a route whose action is not the public's is closed. */
static bool enter(struct visit *visit)
{
    visit->actor.role = ROLE_PUBLIC;
    if (access_has(ROLE_PUBLIC, visit->route->action))
        return true;
    visit_problem(visit, 403, "this is not for the public", NULL);
    return false;
}

enum err portal_start(const struct edge_config *config, struct loop *loop,
                      const struct core_link *link, struct portal **ret_portal,
                      struct fault *ret_fault)
{
    struct http_limits limits = http_limits_default;
    struct portal *portal = calloc(1, sizeof *portal);
    if (!portal)
        abort();
    limits.body_bytes = BODY_BYTES;
    limits.bodies_total_bytes = BODIES_BYTES;
    portal->site.enter = enter;
    portal->site.front_page = "portal.html";
    router_public(&portal->site.router);
    enum err err = site_init(&portal->site, config, loop, link, &limits, portal);
    rand_secret(portal->site.config.source_key, sizeof portal->site.config.source_key);
    if (err == OK && public_open(config->store_dir, &portal->reader) != OK)
        LOG_WARN("portal.no_answers", "err=%s", "public.db is not there yet");
    if (err == OK && config->tiles_path &&
        tiles_open(config->tiles_path, &portal->site.tiles) != OK)
        LOG_WARN("portal.no_map", "err=%s", "no tiles");
    if (err == OK && config->web_dir)
        err = pages_open(config->web_dir, &portal->site.pages);
    if (err == ERR_NOT_FOUND)
        err = OK; /* without pages the API still serves */
    if (err != OK) {
        portal_free(portal);
        return fault_field(ret_fault, err, config->web_dir, err_text(err));
    }
    *ret_portal = portal;
    return OK;
}

enum err portal_listen(struct portal *portal, int fd, struct tls *tls)
{
    return http_server_listen(portal->site.server, fd, tls);
}

void portal_frame(struct portal *portal, enum frame_type type, uint64_t correlation,
                  struct str body)
{
    if (!site_frame(&portal->site, type, correlation, body))
        LOG_WARN("portal.frame", "type=%d", (int)type);
}

void portal_core_down(struct portal *portal)
{
    site_core_down(&portal->site);
}

void portal_drain(struct portal *portal, int64_t max_ms, loop_fn done, void *ctx)
{
    http_server_drain(portal->site.server, max_ms, done, ctx);
}

void portal_free(struct portal *portal)
{
    if (!portal)
        return;
    site_done(&portal->site);
    public_close(portal->reader);
    free(portal);
}
