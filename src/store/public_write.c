/* The public file, derived by the writer: made anew at start, then kept up after each commit. */
#include "store/public.h"
#include "store/store_priv.h"

#include <unistd.h>

#define COUNTS_EVERY_US (10 * US_PER_MIN)
#define COUNTS_MONTHS 13

/* What a reporter is told of the incident that came of the report. */
static const char *answer_of(enum incident_stage stage)
{
    switch (stage) {
    case INCIDENT_STAGE_NONE:
    case INCIDENT_STAGE_COUNT:
        return "";
    case INCIDENT_RECEIVED:
    case INCIDENT_PENDING:
    case INCIDENT_SCHEDULED:
        return "accepted";
    case INCIDENT_OPEN:
    case INCIDENT_CONTROLLED:
    case INCIDENT_REOPENED:
    case INCIDENT_MERGED:
        return "being_handled";
    case INCIDENT_TRANSFERRED:
        return "handed_over";
    case INCIDENT_CLOSED:
    case INCIDENT_REVIEWED:
        return "done";
    }
    return "";
}

static enum err load_row(struct writer *w, int64_t id, struct store_row *ret_row,
                         struct sqlite3_stmt **ret_st)
{
    enum err err = db_use(&w->db, SQL_STATE_GET, ret_st);
    if (err)
        return err;
    bind_i64(*ret_st, 1, id);
    err = db_step(*ret_st);
    if (!err)
        err = rows_state(*ret_st, ret_row);
    return err ? err : rows_object(ret_row, w->object);
}

static enum err recorded_of(struct writer *w, uint64_t seq, int64_t *ret_us)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->db, SQL_EVENT_RANGE, &st);
    if (err)
        return err;
    bind_u64(st, 1, seq);
    bind_u64(st, 2, seq + 1);
    bind_i64(st, 3, 1);
    err = db_step(st);
    *ret_us = err ? 0 : col_i64(st, 8);
    db_reset(st);
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err put_answer(struct writer *w, struct str code, const char *stage, const char *answer,
                           int64_t at_us)
{
    struct sqlite3_stmt *st;
    enum err err = db_use(&w->public_db, SQL_ANSWER_PUT, &st);
    if (err)
        return err;
    bind_text(st, 1, code);
    bind_text(st, 2, str_of(stage));
    bind_text(st, 3, str_of(answer));
    bind_i64(st, 4, at_us - at_us % US_PER_HOUR);
    return db_done(st);
}

/* What an officer has cleared: the words, the type and the day; nothing else of the report. */
static enum err put_notice(struct writer *w, uint32_t number, const struct signal_object *signal,
                           struct str type)
{
    struct sqlite3_stmt *st;
    char day[24];
    const bool is_out = HAS(signal_object, signal, published_us);
    enum err err = db_use(&w->public_db, is_out ? SQL_NOTICE_PUT : SQL_NOTICE_DROP, &st);
    if (err)
        return err;
    bind_i64(st, 1, number);
    if (is_out) {
        struct civil c = utc_local(signal->published_us);
        (void)snprintf(day, sizeof day, "%04d-%02d-%02d", c.year, c.month, c.day);
        bind_text(st, 2, type);
        bind_text(st, 3, str_of(signal->public_text));
        bind_text(st, 4, str_of(day));
    }
    return db_done(st);
}

static enum err answer_signal(struct writer *w, uint32_t number)
{
    char type[MAX_CODE_BYTES + 1] = "";
    struct sqlite3_stmt *st;
    struct store_row row;
    enum err err = load_row(w, STATE_ID(OBJECT_signal, number), &row, &st);
    if (err)
        return err;
    struct signal_object signal = *(const struct signal_object *)w->object;
    uint64_t seq = row.seq;
    db_reset(st);
    const char *answer = "";
    if (signal.stage == SIGNAL_CONFIRMED && signal.incident.v != 0) {
        err = load_row(w, STATE_ID(OBJECT_incident, signal.incident.v), &row, &st);
        if (!err)
            answer = answer_of(((const struct incident_object *)w->object)->stage);
        if (!err)
            (void)str_copy(str_of(((const struct incident_object *)w->object)->type), type,
                           sizeof type);
        if (!err && row.seq > seq)
            seq = row.seq;
        db_reset(st);
    }
    if (!err)
        err = put_notice(w, number, &signal, str_of(type));
    if (err || !signal.follow_code[0])
        return err;
    int64_t at_us = 0;
    err = recorded_of(w, seq, &at_us);
    const char *stage = enum_wire(&enum_signal_stage, signal.stage);
    return err ? err : put_answer(w, str_of(signal.follow_code), stage, answer, at_us);
}

/* Numbers of signals from a query first: answering one uses the same connection. */
static enum err answer_all(struct writer *w, struct sqlite3_stmt *st)
{
    struct out numbers;
    enum err err;
    out_init(&numbers, 64u << 20);
    while ((err = db_step(st)) == OK)
        out_le(&numbers, col_u32(st, 0), 4);
    if (err == ERR_NOT_FOUND)
        err = numbers.err;
    struct cursor c = cursor_of(numbers.p, numbers.len);
    while (!err && c.left > 0)
        err = answer_signal(w, (uint32_t)cursor_le(&c, 4));
    out_done(&numbers);
    return err;
}

static struct civil first_of_month(struct civil day)
{
    return (struct civil){.year = day.year, .month = day.month, .day = 1};
}

static struct civil month_before(struct civil month)
{
    if (--month.month == 0) {
        month.month = 12;
        month.year--;
    }
    return month;
}

static enum err put_month(struct writer *w, struct civil month, int64_t until_us)
{
    struct sqlite3_stmt *from, *to;
    char name[24];
    enum err err = db_use(&w->public_db, SQL_COUNTS_CLEAR, &to);
    (void)snprintf(name, sizeof name, "%04d-%02d", month.year, month.month);
    if (err)
        return err;
    bind_text(to, 1, str_of(name));
    err = db_done(to);
    if (!err)
        err = db_use(&w->db, SQL_INCIDENT_COUNTS, &from);
    if (err)
        return err;
    bind_i64(from, 1, utc_from_local(month));
    bind_i64(from, 2, until_us);
    bind_i64(from, 3, PUBLIC_MIN_COUNT);
    while ((err = db_step(from)) == OK) {
        err = db_use(&w->public_db, SQL_COUNTS_PUT, &to);
        if (err)
            break;
        bind_text(to, 1, str_of(name));
        bind_text(to, 2, col_str(from, 0));
        bind_i64(to, 3, col_i64(from, 1));
        err = db_done(to);
        if (err)
            break;
    }
    if (err != ERR_NOT_FOUND)
        db_reset(from);
    return err == ERR_NOT_FOUND ? OK : err;
}

/* Counts of the last `months` months. Small groups are left out, so that no incident shows. */
static enum err put_counts(struct writer *w, int months)
{
    struct civil month = first_of_month(utc_local(w->now_us));
    int64_t until_us = INT64_MAX;
    enum err err = OK;
    for (int i = 0; i < months && !err; i++) {
        err = put_month(w, month, until_us);
        until_us = utc_from_local(month);
        month = month_before(month);
    }
    w->counts_us = w->now_us;
    return err;
}

static enum err end_write(struct writer *w, enum err err)
{
    if (!err)
        return db_run(&w->public_db, SQL_COMMIT);
    (void)db_run(&w->public_db, SQL_ROLLBACK);
    return err;
}

static enum err make(struct writer *w, const char *temp)
{
    struct sqlite3_stmt *st;
    enum err err = db_open(&w->public_db, temp, DB_PUBLIC, NULL);
    if (!err)
        err = db_exec(&w->public_db, sql_public_schema);
    if (!err)
        err = db_run(&w->public_db, SQL_BEGIN_WRITE);
    if (err)
        return err;
    static const enum sql lists[] = {SQL_FOLLOWED_SIGNALS, SQL_PUBLISHED_SIGNALS};
    for (size_t i = 0; i < 2 && !err; i++) {
        err = db_use(&w->db, lists[i], &st);
        if (!err)
            err = answer_all(w, st);
    }
    if (!err)
        err = put_counts(w, COUNTS_MONTHS);
    return end_write(w, err);
}

/* What a former life left goes first: a log must never meet another file than its own. */
static void remove_old(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".new"};
    char name[STORE_MAX_PATH + 8];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
}

void public_make(struct writer *w, const char *dir)
{
    char temp[STORE_MAX_PATH + 8];
    (void)snprintf(w->public_path, sizeof w->public_path, "%s/public.db", dir);
    (void)snprintf(temp, sizeof temp, "%s.new", w->public_path);
    remove_old(w->public_path);
    enum err err = make(w, temp);
    db_close(&w->public_db);
    if (!err)
        err = rename(temp, w->public_path) == 0 ? OK : ERR_IO;
    if (!err)
        err = db_open(&w->public_db, w->public_path, DB_PUBLIC, NULL);
    if (!err)
        err = db_exec(&w->public_db, sql_public_live);
    if (err) {
        public_done(w);
        remove_old(w->public_path);
    }
}

static enum err follow_touched(struct writer *w)
{
    struct cursor c = cursor_of(w->touched.p, w->touched.len);
    enum err err = OK;
    while (!err && c.left > 0) {
        int64_t id = (int64_t)cursor_le(&c, 8);
        struct sqlite3_stmt *st;
        if (STATE_KIND(id) == OBJECT_signal) {
            err = answer_signal(w, STATE_NUMBER(id));
            continue;
        }
        err = db_use(&w->db, SQL_FOLLOWED_OF_INCIDENT, &st);
        if (err)
            break;
        bind_i64(st, 1, STATE_NUMBER(id));
        err = answer_all(w, st);
    }
    if (!err && w->now_us - w->counts_us >= COUNTS_EVERY_US)
        err = put_counts(w, 2);
    return err;
}

void public_follow(struct writer *w)
{
    if (!w->public_db.handle || w->touched.len == 0)
        return;
    enum err err = db_run(&w->public_db, SQL_BEGIN_WRITE);
    if (!err)
        err = end_write(w, follow_touched(w));
    if (err) {
        public_done(w);
        remove_old(w->public_path);
    }
}

void public_done(struct writer *w)
{
    db_close(&w->public_db);
}
