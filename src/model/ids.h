/* ids.h - object kinds and ids. Inside an id is a u32 in a one-field struct, 0 = none; outside it
 * is kind-realm-number, as in incident-1-42. Clients never make ids. Layer: model. Threads: pure.
 */
#ifndef MODEL_IDS_H
#define MODEL_IDS_H
#include "base/str.h"

/* X(number, name): numbers are stored, never reuse one. */
#define OBJECT_KINDS(X)                                                                            \
    X(1, signal)                                                                                   \
    X(2, incident)                                                                                 \
    X(3, assignment)                                                                               \
    X(4, unit)                                                                                     \
    X(5, call)                                                                                     \
    X(6, post)                                                                                     \
    X(7, area)                                                                                     \
    X(8, body)                                                                                     \
    X(9, type)                                                                                     \
    X(10, plan)                                                                                    \
    X(11, user)                                                                                    \
    X(12, session)                                                                                 \
    X(13, closure)                                                                                 \
    X(14, roster)                                                                                  \
    X(15, handover)                                                                                \
    X(16, timing)                                                                                  \
    X(17, hazard_kind)                                                                             \
    X(18, hazard)                                                                                  \
    X(19, emergency)                                                                               \
    X(20, notice)

#define OBJECT_ENUM(number, name) OBJECT_##name = number,
enum object_kind { OBJECT_NONE = 0, OBJECT_KINDS(OBJECT_ENUM) };
#undef OBJECT_ENUM
#define OBJECT_KIND_COUNT 21 /* highest number + 1 */

#define ID_STRUCT(number, name)                                                                    \
    struct name##_id {                                                                             \
        uint32_t v;                                                                                \
    };
OBJECT_KINDS(ID_STRUCT)
#undef ID_STRUCT

#define ID_TEXT_CAP 40
#define MAX_REALM 65535u

const char *object_kind_name(enum object_kind kind); /* NULL for none or unknown */
enum object_kind object_kind_of(struct str name);    /* OBJECT_NONE when unknown */
/* Writes kind-realm-number, NUL-ended; "" for number 0. */
void id_text(enum object_kind kind, uint32_t realm, uint32_t number, char buf[ID_TEXT_CAP]);
/* ERR_SYNTAX: not an id of this kind, or not as id_text writes it. Realm is checked by the caller
 * that has one. */
enum err id_parse(struct str text, enum object_kind kind, uint32_t *ret_realm,
                  uint32_t *ret_number);
#endif
