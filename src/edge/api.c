/* api.c - the interface's own description, health and figures. */
#include "edge/api.h"

#include "edge/edge_priv.h"

/* Made once a site: the table does not change while it runs. */
void api_document(struct visit *visit)
{
    static const struct http_field cache = {{"Cache-Control", 13}, {"no-cache", 8}};
    struct site *site = visit->site;
    if (!site->document) {
        struct out out;
        out_init(&out, SITE_ANSWER_BYTES);
        openapi_write(&site->router, site->config.version, site->enter == NULL, &out);
        site->document = http_bytes_new(out_view(&out));
        out_done(&out);
    }
    visit_bytes(visit, 200, "application/json", site->document, &cache, 1);
}

void api_health(struct visit *visit)
{
    struct site *site = visit->site;
    struct json_out *j = &visit->json;
    const bool is_ok = site->health.len > 0 && visit->now_us - site->health_us < API_STALE_US;
    json_obj(j);
    json_kc(j, "status", is_ok ? "ok" : "degraded");
    json_ku64(j, "seq", site->committed);
    json_ku64(j, "realm", site->config.realm);
    json_kc(j, "version", site->config.version);
    if (site->health.len && site->enter) { /* the public gets no figures */
        json_key(j, "core");
        json_raw(j, out_view(&site->health));
        edge_roads_json(edge_of(visit)->roads, j);
    }
    json_obj_end(j);
    visit_ok(visit, is_ok ? 200 : 503);
}

/* ---- metrics: OpenMetrics text ---- */

static void counter(struct out *out, const char *name, const char *help, uint64_t value)
{
    out_printf(out, "# TYPE anwang_%s counter\n# HELP anwang_%s %s\nanwang_%s_total %llu\n", name,
               name, help, name, (unsigned long long)value);
}

static void gauge(struct out *out, const char *name, const char *help, uint64_t value)
{
    out_printf(out, "# TYPE anwang_%s gauge\n# HELP anwang_%s %s\nanwang_%s %llu\n", name, name,
               help, name, (unsigned long long)value);
}

/* Every number of core's figures is a gauge of its own: core.commands is anwang_core_commands. */
static void core_gauges(struct out *out, struct str health)
{
    struct json root;
    if (health.len == 0 || json_read(health, &root, NULL) != OK)
        return;
    for (struct json_iter it = json_iter(root); it.key; json_next(&it)) {
        bool is_plain = true;
        for (const char *p = it.key; *p; p++)
            is_plain = is_plain && ((*p >= 'a' && *p <= 'z') || *p == '_' ||
                                    (p > it.key && *p >= '0' && *p <= '9'));
        if (is_plain && json_type(it.value) == JSON_INT)
            out_printf(out, "# TYPE anwang_core_%s gauge\nanwang_core_%s %lld\n", it.key, it.key,
                       (long long)json_int(it.value));
    }
    json_free(root);
}

static void write_metrics(const struct site *site, struct out *out)
{
    const struct http_counters *http = http_server_counters(site->server);
#define HTTP_METRIC(name, help) counter(out, "http_" #name, help, http->name);
    HTTP_COUNTERS(HTTP_METRIC)
#undef HTTP_METRIC
    gauge(out, "http_connections", "connections now", http->connections);
    gauge(out, "http_streams", "event streams now", http->streams);
    counter(out, "refused_limit", "requests over a named limit", site->figures.refused_limit);
    counter(out, "refused_access", "requests that the policy refused",
            site->figures.refused_access);
    counter(out, "core_questions", "questions to core", site->figures.core_waits);
    counter(out, "core_lost", "questions that core did not answer", site->figures.core_lost);
    counter(out, "read_waits", "reads that waited for a reader", site->figures.read_waits);
    gauge(out, "committed_seq", "last committed seq", site->committed);
}

static void push_metrics(const struct edge *edge, struct out *out)
{
    const struct push_figures f = push_figures(edge->push);
    gauge(out, "push_subscribers", "subscribers now", f.subscribers);
    gauge(out, "push_groups", "groups of subscribers that see the same", f.groups);
    counter(out, "push_rows", "changed rows read", f.rows);
    counter(out, "push_bytes", "bytes queued to subscribers", f.sent_bytes);
    counter(out, "push_resyncs", "subscribers told to read their lists again", f.resyncs);
    counter(out, "push_revoked", "streams ended with their session", f.revoked);
}

static bool is_own_machine(struct str peer)
{
    return str_starts(peer, STR("127.")) || str_eq_c(peer, "::1") ||
           str_starts(peer, STR("::ffff:127."));
}

void api_metrics(struct visit *visit)
{
    if (visit->session.v == 0 && !is_own_machine(visit->request->peer)) {
        visit_problem(visit, 401, "log in first", NULL);
        return;
    }
    write_metrics(visit->site, &visit->out);
    push_metrics(edge_of(visit), &visit->out);
    core_gauges(&visit->out, out_view(&visit->site->health));
    out_c(&visit->out, "# EOF\n");
    struct http_answer answer = {.status = 200,
                                 .type =
                                     "application/openmetrics-text; version=1.0.0; charset=utf-8",
                                 .body = out_view(&visit->out)};
    visit_answer(visit, &answer);
}
