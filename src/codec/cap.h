/* cap.h - Common Alerting Protocol 1.2 (OASIS, ITU-T X.1303bis): alerts in and out.
 * Layer: codec. Threads: pure; everything lies in the arena. docs/formats/cap.md.
 *
 * Reading accepts what the schema accepts and then looks at the rules that the schema cannot say;
 * what breaks one is a complaint with the element's name. A reader may show such an alert
 * as doubtful; a writer must refuse to send one (cap_check). */
#ifndef CODEC_CAP_H
#define CODEC_CAP_H
#include "base/arena.h"
#include "base/out.h"
#include "geo/polygon.h"

#define CAP_MAX_INFOS 32
#define CAP_MAX_AREAS 256
#define CAP_MAX_CORNERS 20000
#define CAP_MAX_COMPLAINTS 32
#define CAP_MAX_VALID_US                                                                           \
    (INT64_C(31) * 86400 * 1000000) /* an alert of longer validity is doubtful */

/* X(name as in the standard). The empty first value: not given. */
#define CAP_STATUS_LIST(X) X(Actual) X(Exercise) X(System) X(Test) X(Draft)
#define CAP_KIND_LIST(X) X(Alert) X(Update) X(Cancel) X(Ack) X(Error)
#define CAP_SCOPE_LIST(X) X(Public) X(Restricted) X(Private)
#define CAP_URGENCY_LIST(X) X(Immediate) X(Expected) X(Future) X(Past) X(Unknown)
#define CAP_SEVERITY_LIST(X) X(Extreme) X(Severe) X(Moderate) X(Minor) X(Unknown)
#define CAP_CERTAINTY_LIST(X) X(Observed) X(Likely) X(Possible) X(Unlikely) X(Unknown)
#define CAP_CATEGORY_LIST(X)                                                                       \
    X(Geo)                                                                                         \
    X(Met)                                                                                         \
    X(Safety) X(Security) X(Rescue) X(Fire) X(Health) X(Env) X(Transport) X(Infra) X(CBRNE) X(Other)
#define CAP_RESPONSE_LIST(X)                                                                       \
    X(Shelter) X(Evacuate) X(Prepare) X(Execute) X(Avoid) X(Monitor) X(Assess) X(AllClear) X(None)
#define CAP_ENUM_STATUS(name) CAP_STATUS_##name,
#define CAP_ENUM_KIND(name) CAP_KIND_##name,
#define CAP_ENUM_SCOPE(name) CAP_SCOPE_##name,
#define CAP_ENUM_URGENCY(name) CAP_URGENCY_##name,
#define CAP_ENUM_SEVERITY(name) CAP_SEVERITY_##name,
#define CAP_ENUM_CERTAINTY(name) CAP_CERTAINTY_##name,
#define CAP_ENUM_CATEGORY(name) CAP_CATEGORY_##name,
#define CAP_ENUM_RESPONSE(name) CAP_RESPONSE_##name,
enum cap_status { CAP_STATUS_NONE, CAP_STATUS_LIST(CAP_ENUM_STATUS) };
enum cap_kind { CAP_KIND_NONE, CAP_KIND_LIST(CAP_ENUM_KIND) };
enum cap_scope { CAP_SCOPE_NONE, CAP_SCOPE_LIST(CAP_ENUM_SCOPE) };
enum cap_urgency { CAP_URGENCY_NONE, CAP_URGENCY_LIST(CAP_ENUM_URGENCY) };
enum cap_severity { CAP_SEVERITY_NONE, CAP_SEVERITY_LIST(CAP_ENUM_SEVERITY) };
enum cap_certainty { CAP_CERTAINTY_NONE, CAP_CERTAINTY_LIST(CAP_ENUM_CERTAINTY) };
enum cap_category { CAP_CATEGORY_NOTHING, CAP_CATEGORY_LIST(CAP_ENUM_CATEGORY) };
enum cap_response { CAP_RESPONSE_NOTHING, CAP_RESPONSE_LIST(CAP_ENUM_RESPONSE) };

struct cap_circle {
    struct place centre;
    uint32_t radius_m;
};
struct cap_area {
    struct str description;
    const struct ring *rings; /* of one ring each, the closing corner left out */
    size_t ring_count;
    const struct cap_circle *circles;
    size_t circle_count;
    const struct str *geocodes; /* name, value, name, value ... */
    size_t geocode_count;       /* pairs */
};
struct cap_info {
    struct str language, event, audience, sender_name, headline, description, instruction, web,
        contact;
    uint32_t categories, responses; /* bit 1 << enum value */
    enum cap_urgency urgency;
    enum cap_severity severity;
    enum cap_certainty certainty;
    int64_t effective_us, onset_us, expires_us; /* 0: not given */
    const struct cap_area *areas;
    size_t area_count;
};
struct cap_alert {
    struct str identifier, sender, source, restriction, addresses, note, references, incidents;
    int64_t sent_us;
    enum cap_status status;
    enum cap_kind kind;
    enum cap_scope scope;
    const struct cap_info *infos;
    size_t info_count;
};
struct cap_complaint {
    const char *element, *text;
};
struct cap_complaints {
    struct cap_complaint at[CAP_MAX_COMPLAINTS];
    size_t count;
};

/* ERR_SYNTAX: no alert, or against the schema, ret_fault->field says where; ERR_UNSUPPORTED: CAP of
 * another version; ERR_DENIED, ERR_LIMIT. */
enum err cap_read(struct str bytes, struct arena *arena, struct cap_alert *ret_alert,
                  struct fault *ret_fault);
/* The rules beyond the schema. No complaints: it may be sent. */
void cap_check(const struct cap_alert *alert, struct cap_complaints *ret_complaints);
void cap_write(const struct cap_alert *alert, struct out *out);
/* "sender,identifier,sent", as references name an alert. */
void cap_reference(const struct cap_alert *alert, struct out *out);
#endif
