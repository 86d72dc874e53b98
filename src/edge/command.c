/* command.c - every command by one handler: body by the command's record, frame to core, row back.
 */
#include "edge/edge_priv.h"

/* Idempotency-Key: 1..64 visible characters. NULL: fine. */
const char *command_check_key(struct str key)
{
    if (!key.p || key.len == 0)
        return "is needed";
    if (key.len > MAX_COMMAND_KEY_BYTES)
        return "text is too long";
    for (size_t i = 0; i < key.len; i++) {
        if (key.p[i] < 0x21 || key.p[i] > 0x7e)
            return "must be visible characters";
    }
    return NULL;
}

/* If-Match: "123", or absent. */
static bool take_match(const struct visit *visit, int64_t *ret_seq)
{
    struct str text = visit_header(visit, "If-Match");
    *ret_seq = 0;
    if (!text.p)
        return true;
    if (text.len < 3 || text.p[0] != '"' || text.p[text.len - 1] != '"')
        return false;
    return str_i64((struct str){text.p + 1, text.len - 2}, ret_seq) == OK && *ret_seq > 0;
}

/* The changed object's row, with `replayed` before its members; id and seq alone where the actor
 * may not see it any more. Read on the loop: one row by its key, written a moment ago. */
static void write_row(struct visit *visit, const struct frame_reply *reply)
{
    enum object_kind kind = (enum object_kind)reply->object_kind;
    char id[ID_TEXT_CAP];
    struct out row;
    uint64_t seq = 0;
    id_text(kind, visit->site->config.realm, reply->object, id);
    out_init(&row, SITE_ANSWER_BYTES);
    struct json_out j = json_out_of(&row);
    enum err err =
        reader_object(edge_of(visit)->reader,
                      &(struct object_query){kind, reply->object, &visit->scope, false}, &j, &seq);
    if (err == OK && row.err == OK && row.len > 2) {
        /* the row is one object: its members follow ours */
        out_c(&visit->out, reply->is_replayed ? "{\"replayed\":true," : "{\"replayed\":false,");
        out_bytes(&visit->out, row.p + 1, row.len - 1);
        visit->seq = seq;
    } else {
        json_obj(&visit->json);
        json_kbool(&visit->json, "replayed", reply->is_replayed);
        json_kc(&visit->json, "id", id);
        json_ki64(&visit->json, "seq", reply->seq);
        json_obj_end(&visit->json);
        visit->seq = (uint64_t)reply->seq;
    }
    out_done(&row);
}

void command_replied(struct visit *visit, const struct frame_reply *reply)
{
    if (reply->err != OK) {
        visit_reply_problem(visit, reply);
        return;
    }
    const bool makes = visit->route->flags & ROUTE_MAKES;
    visit->object = reply->object;
    visit->scope = access_scope(&visit->actor, access_of_read((enum object_kind)reply->object_kind),
                                PURPOSE_NONE, &edge_of(visit)->atlas.trees);
    write_row(visit, reply);
    visit_ok(visit, makes && !reply->is_replayed ? 201 : 200);
}

static void send(struct visit *visit, const void *fields, const struct record *body,
                 int64_t if_match)
{
    const struct command_def *def = command_def(visit->route->command);
    const struct field *at = &body->fields[def->fields->field_count];
    struct frame_command frame = {0};
    struct out bytes;
    uint64_t has;
    memcpy(&has, fields, sizeof has);
    frame.token = (struct str){(const char *)visit->token_hash, sizeof visit->token_hash};
    frame.kind = visit->route->command;
    frame.object = visit->object;
    frame.key = visit_header(visit, "Idempotency-Key");
    frame.if_match = if_match;
    SET_HAS(frame_command, &frame, token);
    SET_HAS(frame_command, &frame, kind);
    SET_HAS(frame_command, &frame, key);
    SET_HAS(frame_command, &frame, fields);
    if (visit->object)
        SET_HAS(frame_command, &frame, object);
    if (if_match)
        SET_HAS(frame_command, &frame, if_match);
    if (has >> def->fields->field_count & 1) {
        memcpy(&frame.at_us, (const char *)fields + at[0].offset, sizeof frame.at_us);
        SET_HAS(frame_command, &frame, at_us);
    }
    if (has >> (def->fields->field_count + 1) & 1) {
        memcpy(&frame.at_source, (const char *)fields + at[1].offset, sizeof frame.at_source);
        SET_HAS(frame_command, &frame, at_source);
    }
    out_init(&bytes, MAX_COMMAND_BYTES);
    record_write(def->fields, fields, RECORD_WIRE, &bytes);
    frame.fields = out_view(&bytes);
    if (bytes.err != OK)
        visit_problem(visit, 413, "the command is too large", "body");
    else
        visit_ask(visit, FRAME_command, &frame, -1, command_replied);
    out_done(&bytes);
}

void command_give(struct visit *visit)
{
    const struct record *body = visit->route->body;
    void *fields = arena_alloc(&visit->arena, 1, body->size);
    const char *fault = command_check_key(visit_header(visit, "Idempotency-Key"));
    int64_t if_match;
    if (fault)
        visit_problem(visit, 400, fault, "Idempotency-Key");
    else if (!take_match(visit, &if_match))
        visit_problem(visit, 400, "must be a version in quotes", "If-Match");
    else if (visit_body(visit, body, fields))
        send(visit, fields, body, if_match);
}
