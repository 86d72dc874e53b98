/* desk_world.h - a desk for tests, worked through commands written as JSON. Every committed event
 * goes through its stored bytes before it is applied, as after a restart, and after every command
 * the invariants and the immutability of stamps are checked. */
#ifndef TESTS_UNIT_DESK_WORLD_H
#define TESTS_UNIT_DESK_WORLD_H
#include "test.h"

#include "base/utc.h"
#include "desk/types.h"

#define WORLD_REALM 1
#define WORLD_START_US 1767225600000000LL /* 2026-01-01T00:00:00Z */
#define WORLD_MAX_SHADOWS 40000

struct world {
    struct desk *desk;
    struct arena in, out, back;
    int64_t now_us;
    uint64_t seq;
    struct actor actor;
    struct area_id area;
    uint64_t if_match;
    int64_t at_us;
    struct decision decision; /* of the last command */
    struct out *log;          /* events as JSON lines, when wanted */
    struct out *commands;     /* commands as JSON lines, when wanted */
    struct out *events;       /* events as stored bytes, when wanted */
    void *shadows[OBJECT_KIND_COUNT][WORLD_MAX_SHADOWS];
    struct out *rows[OBJECT_KIND_COUNT][WORLD_MAX_SHADOWS]; /* of evicted objects: seq, state row */
};

#define WORLD_TEXT(zh, en) "{\"zh\":\"" zh "\",\"en\":\"" en "\"}"
#define WORLD_TYPE(code, priority, plan, questions)                                                \
    "{\"code\":\"" code "\",\"version\":1,\"document\":{\"code\":\"" code                          \
    "\",\"version\":1,\"name\":" WORLD_TEXT(                                                       \
        "测试", "Test") ",\"class\":\"public_order\","                                             \
                        "\"priority\":\"" priority "\"," plan "\"questions\":[" questions          \
                        "],\"dispositions\":["                                                     \
                        "{\"code\":\"done\",\"text\":" WORLD_TEXT(                                 \
                            "已处置",                                                              \
                            "Handled") ",\"counts_as\":\"handled\"},"                              \
                                       "{\"code\":\"false\",\"text\":" WORLD_TEXT(                 \
                                           "不属实",                                               \
                                           "False") ",\"counts_as\":"                              \
                                                    "\"false_report\"}],\"retention_days\":365}}"

__attribute__((unused)) static void world_init(struct world *w)
{
    struct desk_settings settings;
    memset(w, 0, sizeof *w);
    desk_settings_preset(&settings);
    settings.realm = WORLD_REALM;
    w->desk = desk_new(&settings);
    arena_init(&w->in, 16u << 20);
    arena_init(&w->out, 64u << 20);
    arena_init(&w->back, 16u << 20);
    w->now_us = WORLD_START_US;
    w->actor = (struct actor){.role = ROLE_OPERATOR};
}

__attribute__((unused)) static void world_done(struct world *w)
{
    for (unsigned k = 0; k < OBJECT_KIND_COUNT; k++) {
        for (unsigned i = 0; i < WORLD_MAX_SHADOWS; i++) {
            free(w->shadows[k][i]);
            if (w->rows[k][i])
                out_done(w->rows[k][i]);
            free(w->rows[k][i]);
        }
    }
    desk_free(w->desk);
    arena_done(&w->in);
    arena_done(&w->out);
    arena_done(&w->back);
}

/* Forgets every object that is not live; its state row is kept, as in a store. */
__attribute__((unused)) static void world_evict(struct world *w)
{
    for (unsigned k = 1; k < OBJECT_KIND_COUNT; k++) {
        uint32_t pos = 0, number;
        while ((number = desk_next(w->desk, (enum object_kind)k, &pos)) != 0) {
            struct out row;
            out_init(&row, 1u << 20);
            out_le(&row, desk_seq(w->desk, (enum object_kind)k, number), 8);
            assert_ok(desk_state_write(w->desk, (enum object_kind)k, number, &row));
            if (!desk_evict(w->desk, (enum object_kind)k, number)) {
                out_done(&row);
                continue;
            }
            assert_true(number < WORLD_MAX_SHADOWS && !w->rows[k][number]);
            w->rows[k][number] = malloc(sizeof row);
            assert_non_null(w->rows[k][number]);
            *w->rows[k][number] = row;
        }
    }
}

static void world_load(struct world *w, struct object_ref ref)
{
    struct out *row = w->rows[ref.kind][ref.number];
    uint64_t seq;
    assert_non_null(row);
    struct cursor c = cursor_of(row->p, row->len);
    seq = cursor_le(&c, 8);
    assert_ok(desk_load(w->desk, ref.kind, ref.number, cursor_take(&c, c.left), seq));
    out_done(row);
    free(row);
    w->rows[ref.kind][ref.number] = NULL;
}

static void world_log(struct world *w, const struct event *e)
{
    struct json_out j = json_out_of(w->log);
    char id[ID_TEXT_CAP], user[ID_TEXT_CAP];
    id_text(event_def(e->kind)->object_kind, e->realm, e->object, id);
    id_text(OBJECT_user, e->realm, e->actor.v, user);
    json_obj(&j);
    json_ku64(&j, "seq", e->seq);
    json_kc(&j, "event", event_def(e->kind)->name);
    json_kc(&j, "object", id);
    json_kc(&j, "actor", user);
    json_kc(&j, "role", enum_wire(&enum_role, e->role));
    json_ki64(&j, "at_us", e->at_us);
    json_kc(&j, "at_source", enum_wire(&enum_clock_source, e->at_source));
    json_ki64(&j, "recorded_us", e->recorded_us);
    json_ku64(&j, "area", e->area.v);
    json_kc(&j, "class", enum_wire(&enum_data_class, e->data_class));
    json_key(&j, "fields");
    json_obj(&j);
    record_json_write(event_def(e->kind)->fields, e->fields, e->realm, &j);
    json_obj_end(&j);
    json_obj_end(&j);
    out_byte(w->log, '\n');
}

/* Stamps: TIME fields whose words begin so. */
static void world_check_stamps(struct world *w, struct object_ref ref)
{
    const struct record *rec = object_record(ref.kind);
    const char *now = desk_object(w->desk, ref.kind, ref.number);
    assert_true(ref.number < WORLD_MAX_SHADOWS);
    char **shadow = (char **)&w->shadows[ref.kind][ref.number];
    for (uint32_t i = 0; *shadow && i < rec->field_count; i++) {
        const struct field *f = &rec->fields[i];
        if (f->type != FIELD_TIME || strncmp(f->doc, "stamp:", 6) != 0 ||
            !record_has(rec, *shadow, f->offset))
            continue;
        if (!record_has(rec, now, f->offset) ||
            memcmp(*shadow + f->offset, now + f->offset, sizeof(int64_t)) != 0)
            fail_msg("%s %u: stamp %s was changed", rec->name, ref.number, f->name);
    }
    if (!*shadow)
        *shadow = malloc(rec->size);
    assert_non_null(*shadow);
    memcpy(*shadow, now, rec->size);
}

static void world_apply(struct world *w, const struct event *made, struct desk_changes *changes)
{
    const struct record *rec = event_def(made->kind)->fields;
    struct event e = *made;
    struct out bytes;
    out_init(&bytes, 1u << 20);
    arena_reset(&w->back);
    void *fields = arena_alloc(&w->back, 1, rec->size);
    record_write(rec, made->fields, RECORD_STORED, &bytes);
    assert_ok(record_read(rec, out_view(&bytes), fields));
    e.fields = fields;
    e.seq = ++w->seq;
    desk_apply(w->desk, &e, changes);
    if (w->log)
        world_log(w, &e);
    if (w->events) {
        out_le(w->events, e.seq, 8);
        out_le(w->events, e.kind, 4);
        out_le(w->events, e.object, 4);
        out_le(w->events, e.actor.v, 4);
        out_le(w->events, (uint64_t)e.at_us, 8);
        out_le(w->events, e.area.v, 4);
        out_le(w->events, bytes.len, 4);
        out_str(w->events, out_view(&bytes));
    }
    out_done(&bytes);
}

/* One line: what the desk was told, and when. */
static void world_record(struct world *w, const struct command *c)
{
    struct json_out j = json_out_of(w->commands);
    json_obj(&j);
    json_ki64(&j, "now_us", w->now_us);
    json_kc(&j, "command", command_def(c->kind)->name);
    json_ku64(&j, "object", c->object);
    json_ku64(&j, "user", c->actor.user.v);
    json_kc(&j, "role", enum_wire(&enum_role, c->actor.role));
    json_ku64(&j, "if_match", c->if_match);
    json_ki64(&j, "at_us", c->at_us);
    json_ku64(&j, "area", c->area.v);
    json_key(&j, "fields");
    json_obj(&j);
    record_json_write(command_def(c->kind)->fields, c->fields, WORLD_REALM, &j);
    json_obj_end(&j);
    json_obj_end(&j);
    out_byte(w->commands, '\n');
}

/* Gives a command. OK: its events are applied and everything is checked. */
__attribute__((unused)) static enum err world_give(struct world *w, enum command_kind kind,
                                                   uint32_t object, const void *fields)
{
    struct command command = {.kind = kind,
                              .actor = w->actor,
                              .object = object,
                              .if_match = w->if_match,
                              .at_us = w->at_us,
                              .at_source = w->at_us ? CLOCK_DEVICE : CLOCK_NONE,
                              .area = w->area,
                              .fields = fields};
    struct object_ref needs[64], where = {OBJECT_NONE, 0};
    struct desk_changes changes = {0};
    arena_reset(&w->out);
    if (w->commands)
        world_record(w, &command);
    uint32_t count;
    while ((count = desk_needs(w->desk, &command, needs, 64)) > 0) {
        for (uint32_t i = 0; i < count; i++)
            world_load(w, needs[i]);
    }
    enum err err = desk_decide(w->desk, &command, w->now_us, &w->out, &w->decision);
    assert_int_equal(err, w->decision.err);
    if (err != OK) {
        assert_int_equal(w->decision.event_count, 0);
        assert_true(w->decision.detail.len > 0);
        return err;
    }
    assert_true(w->decision.event_count > 0);
    for (uint32_t i = 0; i < w->decision.event_count; i++)
        world_apply(w, &w->decision.events[i], &changes);
    for (uint32_t i = 0; i < changes.count; i++)
        world_check_stamps(w, changes.refs[i]);
    const char *broken = desk_check(w->desk, &where);
    if (broken)
        fail_msg("%s does not hold for %s %u after %s", broken, object_kind_name(where.kind),
                 where.number, command_def(kind)->name);
    return OK;
}

/* The same with the fields as JSON; ' may stand for ". */
__attribute__((unused, format(printf, 4, 5))) static enum err
world_say(struct world *w, enum command_kind kind, uint32_t object, const char *fmt, ...)
{
    static char text[65536];
    struct json root;
    struct fault fault = {0};
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof text);
    for (int i = 0; i < n; i++) {
        if (text[i] == '\'')
            text[i] = '"';
    }
    arena_reset(&w->in);
    void *fields = arena_alloc(&w->in, 1, command_def(kind)->fields->size);
    assert_ok(json_read(str_of(text), &root, &fault));
    enum err err =
        record_json_read(command_def(kind)->fields, root, WORLD_REALM, &w->in, fields, &fault);
    if (err != OK)
        fail_msg("%s: %s: %s in %s", command_def(kind)->name, fault.field, fault.text, text);
    err = world_give(w, kind, object, fields);
    json_free(root);
    return err;
}
#define SAY(w, name, object, ...) world_say((w), COMMAND_##name, (object), __VA_ARGS__)
/* Must be committed; gives the number of the object. */
#define DO(w, name, object, ...)                                                                   \
    world_must((w), SAY((w), name, (object), __VA_ARGS__), #name, __FILE__, __LINE__)

__attribute__((unused)) static uint32_t world_must(struct world *w, enum err err, const char *name,
                                                   const char *file, int line)
{
    if (err != OK) {
        print_error("%s:%d: %s refused: %s: %s: " STR_FMT "\n", file, line, name, err_text(err),
                    w->decision.field ? w->decision.field : "", STR_ARG(w->decision.detail));
        fail();
    }
    return w->decision.object.number;
}

/* A small city: two bodies, two areas, three types, one plan, users 1 and 2, units 1 to 6:
 * 1, 2 cars of two; 3 a motorcycle; 4 a community team; 5 never sent; 6 off duty. */
__attribute__((unused)) static void world_city(struct world *w)
{
    w->actor = (struct actor){.role = ROLE_SYSTEM_ADMIN};
    DO(w, body_install, 0, "{'code':'police','name':'Police','kind':'police'}");
    DO(w, body_install, 0, "{'code':'fire','name':'Fire','kind':'fire'}");
    DO(w, area_install, 0, "{'code':'3101','name':'City','level':1}");
    DO(w, area_install, 0, "{'code':'310101','name':'County','level':2,'parent':'3101'}");
    DO(w, plan_install, 0,
       "{'code':'two-cars','version':1,'document':{'code':'two-cars','version':1,'name':"
       "{'zh':'两车','en':'Two cars'},'levels':[[{'capability':'patrol','count':2}],"
       "[{'capability':'patrol','count':1},{'capability':'command','count':1}]]}}");
    DO(w, type_install, 0,
       WORLD_TYPE("theft", "P3", "\"is_publishable\":true,",
                  "{\"code\":\"now\",\"text\":" WORLD_TEXT(
                      "正在发生", "Happening now") ","
                                                   "\"kind\":\"yes_no\",\"rules\":[{\"answer\":"
                                                   "\"yes\",\"priority\":\"P1\","
                                                   "\"plan\":\"two-cars\"}]}"));
    DO(w, type_install, 0, WORLD_TYPE("fight", "P2", "", ""));
    DO(w, type_install, 0, WORLD_TYPE("help", "P1", "\"plan\":\"two-cars\",", ""));
    for (int i = 1; i <= 4; i++)
        DO(w, user_install, 0,
           "{'login':'user%d','name':'User %d','role':'operator','body':'body-1-1',"
           "'credential':'x'}",
           i, i);
    w->actor = (struct actor){.user = {1}, .role = ROLE_OPERATOR};
    DO(w, post_install, 0,
       "{'code':'p1','name':'Post','kind':'street_post','place':{'lat':37.77,'lon':-122.41}}");
    for (int i = 1; i <= 6; i++)
        DO(w, unit_enrol, 0,
           "{'callsign':'U%d','kind':'car','profile':'car','capabilities':'patrol','post':"
           "'post-1-1','body':'body-1-1','min_crew':%d,'is_community':%s,'is_no_dispatch':%s}",
           i, i <= 2 ? 2 : 1, i == 4 ? "true" : "false", i == 5 ? "true" : "false");
    for (uint32_t i = 1; i <= 5; i++)
        DO(w, unit_sign_on, i, "{'crew':2}");
}

/* A new incident of the type, entered and pending. */
__attribute__((unused)) static uint32_t world_pending(struct world *w, const char *type)
{
    uint32_t n =
        DO(w, incident_create, 0, "{'type':'%s','source':'phone','address':'4 High Street'}", type);
    DO(w, incident_enter, n, "{}");
    return n;
}

/* Sends the unit; gives the assignment. */
__attribute__((unused)) static uint32_t world_send(struct world *w, uint32_t incident,
                                                   uint32_t unit)
{
    DO(w, incident_dispatch, incident, "{'units':['unit-1-%u']}", unit);
    return desk_unit(w->desk, (struct unit_id){unit})->active.v;
}

__attribute__((unused)) static uint32_t world_hold(struct world *w, uint32_t incident,
                                                   uint32_t unit)
{
    DO(w, incident_dispatch, incident, "{'units':['unit-1-%u'],'is_reserve':true}", unit);
    return desk_last(w->desk, OBJECT_assignment);
}

#define INCIDENT(w, n) desk_incident((w)->desk, (struct incident_id){n})
#define ASSIGNMENT(w, n) desk_assignment((w)->desk, (struct assignment_id){n})
#define UNIT(w, n) desk_unit((w)->desk, (struct unit_id){n})
#define CALL(w, n) desk_call((w)->desk, (struct call_id){n})
#define SIGNAL(w, n) desk_signal((w)->desk, (struct signal_id){n})
#endif
