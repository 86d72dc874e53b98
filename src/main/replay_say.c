/* What a step says to the API. Names of types and outcomes in the log are the codes or the aliases
 * of the realm's incident types. */
#include "base/json_out.h"
#include "base/utc.h"
#include "main/replay_priv.h"
#include "model/facts.h"
#include <string.h>

#define API "/api/v1/"

int64_t replay_stamp(const struct replay *r, const struct agent *a, enum replay_step step)
{
    const struct dispatch_call *call = &r->log.calls[a->call];
    static const struct dispatch_row none = {0}; /* the call itself has no unit's row */
    const struct dispatch_row *row = a->row == UINT32_MAX ? &none : &r->log.rows[a->row];
    int64_t latest = call->received_us;
    switch (step) {
    case STEP_CREATE:
        return call->received_us;
    case STEP_ENTER:
        return call->entry_us != 0 ? call->entry_us : call->received_us;
    case STEP_CLOSE: /* after the last that is known of any unit: two rows have no end */
        for (uint32_t i = call->first_row; i < call->first_row + call->row_count; i++) {
            for (size_t k = 0; k < DISPATCH_STAMP_COUNT; k++) {
                int64_t at = r->log.rows[i].at_us[k];
                latest = at > latest ? at : latest;
            }
        }
        return latest;
    case STEP_DISPATCH:
        return row->at_us[DISPATCH_dispatch];
    case STEP_DEPART:
        return row->at_us[DISPATCH_response];
    case STEP_ARRIVE:
        return row->at_us[DISPATCH_on_scene];
    case STEP_END:
        for (size_t s = 0; s < DISPATCH_STAMP_COUNT; s++) {
            latest = row->at_us[s] > latest ? row->at_us[s] : latest;
        }
        return row->at_us[DISPATCH_available] != 0 ? row->at_us[DISPATCH_available] : latest;
    case STEP_DONE:
    case STEP_COUNT:
        break;
    }
    return 0;
}

static bool is_alias(struct json of, struct str word)
{
    struct json aliases = json_get(of, "aliases");
    for (size_t i = 0; i < json_count(aliases); i++) {
        if (str_eq(json_text(json_at(aliases, i)), word)) {
            return true;
        }
    }
    return str_eq(json_text(json_get(of, "code")), word);
}

static struct json type_document(const struct replay *r, struct str word)
{
    for (size_t i = 0; i < json_count(r->types); i++) {
        struct json document = json_get(json_at(r->types, i), "document");
        if (is_alias(document, word)) {
            return document;
        }
    }
    return (struct json){NULL};
}

/* The outcome that the log names if the type has it, else the first that the type has. */
static struct str disposition(const struct replay *r, const struct dispatch_call *call)
{
    struct json all = json_get(type_document(r, call->type), "dispositions");
    struct str first = {NULL, 0};
    for (size_t i = 0; i < json_count(all); i++) {
        struct json one = json_at(all, i);
        if (json_is_true(json_get(one, "is_retired"))) {
            continue;
        }
        if (is_alias(one, call->disposition)) {
            return json_text(json_get(one, "code"));
        }
        first = first.len == 0 ? json_text(json_get(one, "code")) : first;
    }
    return first;
}

/* Made-up logs say P0 to P4. San Francisco says 3 with lights and siren, which is the type's own
 * priority here, and 2 without. */
static struct str priority(const struct dispatch_call *call)
{
    if (str_eq_c(call->priority, "2")) {
        return STR("P3");
    }
    return enum_value(&enum_priority, call->priority) != 0 ? call->priority : STR("");
}

static void write_at(const struct replay *r, struct json_out *j, int64_t log_us)
{
    char text[UTC_ISO_CAP];
    int64_t at = log_us;
    if (r->options.is_now) { /* moved to where the log's clock began; running ahead by its speed */
        int64_t after = log_us - r->begin_log_us;
        at = r->begin_utc_us + (after > 0 ? after / r->options.speed : after);
    }
    utc_iso(at, text);
    json_kc(j, "at", text);
    json_kc(j, "at_source", "import");
}

static void create_write(const struct replay *r, const struct dispatch_call *call,
                         struct json_out *j)
{
    bool is_made_up = str_starts(call->number, STR("SIM"));
    struct str urgency = priority(call);
    json_kstr(j, "type", json_text(json_get(type_document(r, call->type), "code")));
    if (urgency.len > 0) {
        json_kstr(j, "priority", urgency);
    }
    json_kc(j, "source", is_made_up ? "simulated" : "replay");
    if (call->address.len > 0 && call->address.len <= MAX_NAME_BYTES) {
        json_kstr(j, "address", call->address);
    }
    json_key(j, "chosen");
    json_obj(j);
    json_key(j, "lat");
    json_fixed(j, call->place.lat_e7, 7);
    json_key(j, "lon");
    json_fixed(j, call->place.lon_e7, 7);
    json_obj_end(j);
    json_ki64(j, "chosen_accuracy_m", 50);
    json_kstr(j, "external_ref", call->number);
    if (is_made_up) {
        json_kbool(j, "is_simulated", true);
    }
}

bool replay_request(struct replay *r, struct agent *a, struct out *path, struct out *body)
{
    const struct dispatch_call *call = &r->log.calls[a->call];
    const struct call_state *c = &r->calls[a->call];
    const struct row_state *row = a->row == UINT32_MAX ? NULL : &r->rows[a->row];
    struct json_out j = json_out_of(body);
    json_obj(&j);
    switch (a->step) {
    case STEP_CREATE:
        out_c(path, API "incidents");
        create_write(r, call, &j);
        break;
    case STEP_ENTER:
        out_printf(path, API "incidents/%s/enter", c->incident);
        break;
    case STEP_CLOSE:
        out_printf(path, API "incidents/%s/close", c->incident);
        json_kstr(&j, "disposition", disposition(r, call));
        break;
    case STEP_DISPATCH:
        out_printf(path, API "incidents/%s/dispatch", c->incident);
        json_key(&j, "units");
        json_arr(&j);
        json_c(&j, r->units[r->log.rows[a->row].unit].id);
        json_arr_end(&j);
        break;
    case STEP_DEPART:
        out_printf(path, API "assignments/%s/depart", row->assignment);
        break;
    case STEP_ARRIVE:
        out_printf(path, API "assignments/%s/arrive", row->assignment);
        break;
    case STEP_END:
        if (r->log.rows[a->row].at_us[DISPATCH_on_scene] != 0) {
            out_printf(path, API "assignments/%s/clear", row->assignment);
        } else {
            out_printf(path, API "assignments/%s/cancel", row->assignment);
            json_kc(&j, "reason", "not_arrived");
        }
        break;
    case STEP_DONE:
    case STEP_COUNT:
        return false;
    }
    write_at(r, &j, replay_stamp(r, a, a->step));
    json_obj_end(&j);
    return path->err == OK && body->err == OK;
}
