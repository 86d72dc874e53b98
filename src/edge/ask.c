/* ask.c - questions to core that commit nothing: recommendation, route, circles, cover. The
 * answer's JSON, or the tile, is core's own. */
#include "edge/edge_priv.h"

static void answered(struct visit *visit, const struct frame_reply *reply)
{
    if (reply->err != OK) {
        visit_reply_problem(visit, reply);
        return;
    }
    out_str(&visit->out, reply->body);
    visit_ok(visit, 200);
}

static void answered_tile(struct visit *visit, const struct frame_reply *reply)
{
    if (reply->err == OK)
        map_answer_tile(visit, reply->body, "no-cache");
    else
        visit_reply_problem(visit, reply);
}

/* Sends the query's parameters by their names, after those that are in *visit->json already. */
static void send_ask(struct visit *visit, const char *topic, reply_fn done)
{
    struct frame_ask frame = {0};
    struct json_out *j = &visit->json;
    for (size_t i = 0; i < visit->query_count; i++) {
        const struct query_value *v = &visit->query[i];
        if (v->param->type == PARAM_U32)
            json_ki64(j, v->param->name, v->number);
        else
            json_kstr(j, v->param->name, v->value);
    }
    json_obj_end(j);
    frame.token = (struct str){(const char *)visit->token_hash, sizeof visit->token_hash};
    frame.topic = str_of(topic);
    frame.object = visit->object;
    frame.params = arena_dup(&visit->arena, out_view(&visit->out));
    SET_HAS(frame_ask, &frame, token);
    SET_HAS(frame_ask, &frame, topic);
    SET_HAS(frame_ask, &frame, params);
    if (visit->object)
        SET_HAS(frame_ask, &frame, object);
    out_reset(&visit->out);
    visit_ask(visit, FRAME_ask, &frame, -1, done);
}

static void ask(struct visit *visit, const char *topic)
{
    json_obj(&visit->json);
    send_ask(visit, topic, answered);
}

void ask_recommendation(struct visit *visit)
{
    ask(visit, "recommendation");
}

void ask_route(struct visit *visit)
{
    ask(visit, "route");
}

void ask_team(struct visit *visit)
{
    ask(visit, "team");
}

void ask_circles(struct visit *visit)
{
    ask(visit, "circles");
}

void ask_circles_tile(struct visit *visit)
{
    struct tile tile;
    if (!map_take_tile(visit, 0, &tile)) {
        visit_problem(visit, 404, NULL, NULL);
        return;
    }
    json_obj(&visit->json);
    json_ku64(&visit->json, "z", tile.z);
    json_ku64(&visit->json, "x", tile.x);
    json_ku64(&visit->json, "y", tile.y);
    send_ask(visit, "circles_tile", answered_tile);
}

void ask_cover(struct visit *visit)
{
    ask(visit, "cover");
}
