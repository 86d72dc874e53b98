/* The fixed statements. Columns of an event come in the order that event_row.c reads. */
#include "store/sql_priv.h"

#define EVENT_COLUMNS                                                                              \
    "seq, kind, version, object, actor, role, at_us, at_source, recorded_us, area, class, body"

static const char *const texts[SQL_COUNT] = {
    [SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_HAS_META] = "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'",
    [SQL_MIGRATION_PUT] = "INSERT INTO migration (version, applied_us) VALUES (?, ?)",
    [SQL_META_GET] = "SELECT value FROM meta WHERE name = ?",
    [SQL_META_PUT] = "INSERT INTO meta (name, value) VALUES (?, ?) "
                     "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [SQL_COUNTER_GET] = "SELECT value FROM counter WHERE name = ?",
    [SQL_COUNTER_PUT] = "INSERT INTO counter (name, value) VALUES (?, ?) "
                        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [SQL_EVENT_PUT] = "INSERT INTO event (" EVENT_COLUMNS ", object_kind, incident) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_EVENT_LAST] = "SELECT max(seq) FROM event",
    [SQL_EVENT_RANGE] = "SELECT " EVENT_COLUMNS " FROM event WHERE seq >= ? AND seq < ? "
                        "ORDER BY seq LIMIT ?",
    [SQL_EVENT_OF_OBJECT] = "SELECT " EVENT_COLUMNS " FROM event WHERE seq >= ? AND seq < ? "
                            "AND object_kind = ?4 AND object = ?5 ORDER BY seq LIMIT ?3",
    [SQL_EVENT_INCIDENT] = "SELECT incident FROM event WHERE seq = ?",
    [SQL_EVENT_PLACED] = "SELECT " EVENT_COLUMNS ", object_kind, incident FROM event ORDER BY seq",
    [SQL_STATE_PUT] = "INSERT INTO state (id, seq, is_open, bytes) VALUES (?, ?, ?, ?) "
                      "ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, "
                      "is_open = excluded.is_open, bytes = excluded.bytes",
    [SQL_STATE_GET] = "SELECT id, seq, is_open, bytes FROM state WHERE id = ?",
    [SQL_STATE_OPEN] = "SELECT id, seq, is_open, bytes FROM state WHERE is_open = 1 ORDER BY id",
    [SQL_STATE_RANGE] = "SELECT id, seq, is_open, bytes FROM state WHERE id >= ? AND id < ? "
                        "ORDER BY id",
    [SQL_STATE_LAST] = "SELECT max(id) FROM state WHERE id >= ? AND id < ?",
    [SQL_STATE_AFTER] = "SELECT id, seq, is_open, bytes FROM state WHERE seq > ? AND seq <= ? "
                        "ORDER BY seq, id",
    [SQL_DUE_PUT] = "INSERT INTO due (id, at_us) VALUES (?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET at_us = excluded.at_us",
    [SQL_DUE_DROP] = "DELETE FROM due WHERE id = ?",
    [SQL_DUE_UNTIL] = "SELECT id, at_us FROM due WHERE at_us <= ? ORDER BY at_us, id LIMIT ?",
    [SQL_PAYLOAD_PUT] = "INSERT INTO payload (id, class, expires_us, text) VALUES (?, ?, ?, ?)",
    [SQL_PAYLOAD_GET] = "SELECT text FROM payload WHERE id = ?",
    [SQL_PAYLOAD_EXPIRE] = "DELETE FROM payload WHERE expires_us > 0 AND expires_us <= ?",
    [SQL_KEY_PUT] = "INSERT INTO request_key (actor, name, at_us, hash, outcome) "
                    "VALUES (?, ?, ?, ?, ?) ON CONFLICT (actor, name) DO UPDATE SET "
                    "at_us = excluded.at_us, hash = excluded.hash, outcome = excluded.outcome",
    [SQL_KEY_GET] = "SELECT at_us, hash, outcome FROM request_key WHERE actor = ? AND name = ?",
    [SQL_KEY_EXPIRE] = "DELETE FROM request_key WHERE at_us < ?",
    [SQL_OUTBOX_PUT] = "INSERT INTO outbox (id, made_us, delivered_us, channel, bytes) "
                       "VALUES (?, ?, 0, ?, ?)",
    [SQL_OUTBOX_DELIVERED] = "UPDATE outbox SET delivered_us = ? WHERE id = ? AND delivered_us = 0",
    [SQL_OUTBOX_WAITING] = "SELECT id, made_us, channel, bytes FROM outbox "
                           "WHERE delivered_us = 0 AND id > ? ORDER BY id LIMIT ?",
    [SQL_OUTBOX_EXPIRE] = "DELETE FROM outbox WHERE delivered_us > 0 AND delivered_us < ?",
    [SQL_TRACK_PUT] = "INSERT INTO track (unit, at_us, lat_e7, lon_e7, speed_mm_s, course_cdeg) "
                      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (unit, at_us) DO NOTHING",
    [SQL_TRACK_EXPIRE] = "DELETE FROM track WHERE at_us < ?",
    [SQL_AUDIT_PUT] = "INSERT INTO audit (line, at_us, kind, seq, actor, role, purpose, "
                      "object_kind, object, what, digest, chain) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_AUDIT_LAST] = "SELECT line, chain FROM audit ORDER BY line DESC LIMIT 1",
    [SQL_AUDIT_FROM] = "SELECT line, at_us, kind, seq, actor, role, purpose, object_kind, object, "
                       "what, digest, chain FROM audit WHERE line >= ? ORDER BY line",
    [SQL_SEARCH_GET] = "SELECT text FROM search WHERE rowid = ?",
    [SQL_SEARCH_PUT] = "INSERT INTO search (rowid, text) VALUES (?, ?)",
    [SQL_SEARCH_DROP] = "DELETE FROM search WHERE rowid = ?",
    [SQL_SEARCH_OPTIMIZE] = "INSERT INTO search (search) VALUES ('optimize')",
    [SQL_VACUUM] = "VACUUM",
    [SQL_PAGES] = "PRAGMA page_count",
    [SQL_FREE_PAGES] = "PRAGMA freelist_count",
    [SQL_CHECK_PAGES] = "PRAGMA integrity_check(1)",
    [SQL_SESSION_OF_TOKEN] = "SELECT \"key\", \"user\", expires_us FROM view_session "
                             "WHERE token_hash = ? AND is_closed = 0",
    [SQL_UNITS_OF_INCIDENT] = "SELECT DISTINCT unit FROM view_assignment "
                              "WHERE incident = ? AND scope_open = 1 ORDER BY unit LIMIT ?",
    [SQL_AREA_PARENTS] = "SELECT \"key\", parent FROM view_area ORDER BY \"key\" DESC",
    [SQL_BODY_PARENTS] = "SELECT \"key\", parent FROM view_body ORDER BY \"key\" DESC",
    [SQL_FOLLOWED_SIGNALS] = "SELECT \"key\" FROM view_signal WHERE follow_code <> ''",
    [SQL_FOLLOWED_OF_INCIDENT] = "SELECT \"key\" FROM view_signal "
                                 "WHERE incident = ? AND follow_code <> ''",
    [SQL_INCIDENT_COUNTS] = "SELECT type, count(*) FROM view_incident WHERE received_us >= ? "
                            "AND received_us < ? AND is_exercise = 0 "
                            "GROUP BY type HAVING count(*) >= ?",
    [SQL_NOTICE_PUT] = "INSERT INTO notice (id, category, text, day) VALUES (?, ?, ?, ?) "
                       "ON CONFLICT (id) DO UPDATE SET category = excluded.category, "
                       "text = excluded.text, day = excluded.day",
    [SQL_NOTICE_DROP] = "DELETE FROM notice WHERE id = ?",
    [SQL_NOTICES_GET] = "SELECT category, text, day FROM notice ORDER BY day DESC, id DESC "
                        "LIMIT ?",
    [SQL_PUBLISHED_SIGNALS] = "SELECT \"key\" FROM view_signal WHERE published_us > 0",
    [SQL_ANSWER_PUT] = "INSERT INTO answer (code, stage, answer, hour_us) VALUES (?, ?, ?, ?) "
                       "ON CONFLICT (code) DO UPDATE SET stage = excluded.stage, "
                       "answer = excluded.answer, hour_us = excluded.hour_us",
    [SQL_ANSWER_GET] = "SELECT stage, answer, hour_us FROM answer WHERE code = ?",
    [SQL_COUNTS_CLEAR] = "DELETE FROM counts WHERE month = ?",
    [SQL_COUNTS_PUT] = "INSERT INTO counts (month, type, number) VALUES (?, ?, ?)",
    [SQL_COUNTS_GET] = "SELECT month, type, number FROM counts ORDER BY month DESC, type",
};

const char *sql_text(enum sql sql)
{
    return texts[sql];
}

/* One connection writes and checkpoints; a commit is on disk when it returns; deleted content is
 * overwritten with zeros. */
const char sql_writer_settings[] = "PRAGMA journal_mode = WAL;"
                                   "PRAGMA synchronous = FULL;"
                                   "PRAGMA wal_autocheckpoint = 0;"
                                   "PRAGMA secure_delete = ON;"
                                   "PRAGMA temp_store = MEMORY;"
                                   "PRAGMA cache_size = -32768;"
                                   "PRAGMA trusted_schema = OFF;";
const char sql_reader_settings[] = "PRAGMA query_only = ON;"
                                   "PRAGMA temp_store = MEMORY;"
                                   "PRAGMA cache_size = -16384;"
                                   "PRAGMA trusted_schema = OFF;";
/* A copy is one file that can be read where nothing can be written. */
const char sql_copy_settings[] = "PRAGMA journal_mode = DELETE;";
/* Derived: after a crash it is made again, so it needs no sync. Once it is in its place a reader
 * must never keep the writer waiting. */
const char sql_public_settings[] = "PRAGMA journal_mode = MEMORY;"
                                   "PRAGMA synchronous = OFF;"
                                   "PRAGMA secure_delete = ON;";
const char sql_public_live[] = "PRAGMA journal_mode = WAL;";
