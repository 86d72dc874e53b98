/* sql_priv.h - every SQL text of the program, by name. The texts are in sql_*.c and nowhere else
 * (tools/check-sql); queries keep to the subset that SQLite and PostgreSQL share.
 * Layer: store. Threads: pure. */
#ifndef STORE_SQL_PRIV_H
#define STORE_SQL_PRIV_H
#include "store/view.h"

#define SQL_NAMES(X)                                                                               \
    X(BEGIN_WRITE)                                                                                 \
    X(BEGIN_READ)                                                                                  \
    X(COMMIT)                                                                                      \
    X(ROLLBACK)                                                                                    \
    X(HAS_META)                                                                                    \
    X(MIGRATION_PUT)                                                                               \
    X(META_GET)                                                                                    \
    X(META_PUT)                                                                                    \
    X(COUNTER_GET)                                                                                 \
    X(COUNTER_PUT)                                                                                 \
    X(EVENT_PUT)                                                                                   \
    X(EVENT_LAST)                                                                                  \
    X(EVENT_RANGE)                                                                                 \
    X(EVENT_OF_OBJECT)                                                                             \
    X(EVENT_INCIDENT)                                                                              \
    X(EVENT_PLACED)                                                                                \
    X(STATE_PUT)                                                                                   \
    X(STATE_GET)                                                                                   \
    X(STATE_OPEN)                                                                                  \
    X(STATE_RANGE)                                                                                 \
    X(STATE_LAST)                                                                                  \
    X(STATE_AFTER)                                                                                 \
    X(DUE_PUT)                                                                                     \
    X(DUE_DROP)                                                                                    \
    X(DUE_UNTIL)                                                                                   \
    X(PAYLOAD_PUT)                                                                                 \
    X(PAYLOAD_GET)                                                                                 \
    X(PAYLOAD_EXPIRE)                                                                              \
    X(KEY_PUT)                                                                                     \
    X(KEY_GET)                                                                                     \
    X(KEY_EXPIRE)                                                                                  \
    X(OUTBOX_PUT)                                                                                  \
    X(OUTBOX_DELIVERED)                                                                            \
    X(OUTBOX_WAITING)                                                                              \
    X(OUTBOX_EXPIRE)                                                                               \
    X(TRACK_PUT)                                                                                   \
    X(TRACK_EXPIRE)                                                                                \
    X(AUDIT_PUT)                                                                                   \
    X(AUDIT_LAST)                                                                                  \
    X(AUDIT_FROM)                                                                                  \
    X(SEARCH_GET)                                                                                  \
    X(SEARCH_PUT)                                                                                  \
    X(SEARCH_DROP)                                                                                 \
    X(SEARCH_OPTIMIZE)                                                                             \
    X(VACUUM)                                                                                      \
    X(PAGES)                                                                                       \
    X(FREE_PAGES)                                                                                  \
    X(CHECK_PAGES)                                                                                 \
    X(SESSION_OF_TOKEN)                                                                            \
    X(UNITS_OF_INCIDENT)                                                                           \
    X(AREA_PARENTS)                                                                                \
    X(BODY_PARENTS)                                                                                \
    X(FOLLOWED_SIGNALS)                                                                            \
    X(FOLLOWED_OF_INCIDENT)                                                                        \
    X(INCIDENT_COUNTS)                                                                             \
    X(NOTICE_PUT)                                                                                  \
    X(NOTICE_DROP)                                                                                 \
    X(NOTICES_GET)                                                                                 \
    X(PUBLISHED_SIGNALS)                                                                           \
    X(ANSWER_PUT)                                                                                  \
    X(ANSWER_GET)                                                                                  \
    X(COUNTS_CLEAR)                                                                                \
    X(COUNTS_PUT)                                                                                  \
    X(COUNTS_GET)

#define SQL_ENUM(name) SQL_##name,
enum sql { SQL_NAMES(SQL_ENUM) SQL_COUNT };
#undef SQL_ENUM

const char *sql_text(enum sql sql);
extern const char sql_writer_settings[], sql_reader_settings[], sql_public_settings[],
    sql_copy_settings[];
extern const char sql_public_schema[], sql_public_live[];

/* Step `version` of the schema: brings a file of version - 1 to it. NULL: none. */
const char *sql_migration(uint32_t version);
/* Appends what makes the tables and indexes of all views and of the search, and what drops them. */
void sql_views_make(struct out *out);
void sql_views_drop(struct out *out);
/* Appends the upsert of one view row: key, seq, area, body, user, is_open, then the columns. */
void sql_view_put(const struct view *view, struct out *out);
#define SQL_VIEW_FIXED 6

/* State rows and due rows are keyed by kind and number in one whole number. */
#define STATE_ID(kind, number) ((int64_t)(kind) << 32 | (number))
#define STATE_KIND(id) ((enum object_kind)((id) >> 32))
#define STATE_NUMBER(id) ((uint32_t)((id)&0xffffffff))
#endif
