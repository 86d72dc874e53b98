/* ask.c - questions to core that commit nothing: recommendation, route, circles. The answer's JSON
 * is core's own. */
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

/* Sends the query's parameters by their names. */
static void ask(struct visit *visit, const char *topic)
{
    struct frame_ask frame = {0};
    struct json_out *j = &visit->json;
    json_obj(j);
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
    visit_ask(visit, FRAME_ask, &frame, -1, answered);
}

void ask_recommendation(struct visit *visit)
{
    ask(visit, "recommendation");
}

void ask_route(struct visit *visit)
{
    ask(visit, "route");
}

void ask_circles(struct visit *visit)
{
    ask(visit, "circles");
}
