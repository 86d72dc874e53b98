/* Rows and views equal a full replay, byte for byte: a day of a desk is kept in one store; its
 * events alone, applied one after the other by a new desk, make a second store; every table must be
 * the same. So must the views that a changed definition makes anew from the rows. */
#include "desk_world.h"

#include "store/store.h"

#include "base/rand.h"

#include <ftw.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define GIVEN 3000
#define EVENT_HEAD_BYTES 36

struct keeper {
    char dir[64];
    struct store *store;
    uint64_t seq;     /* last that is kept */
    size_t events_at; /* of world.events that were read */
};

static void open_keeper(struct keeper *k)
{
    struct store_options options = {.realm = WORLD_REALM, .is_sync = true};
    if (!k->dir[0]) {
        (void)snprintf(k->dir, sizeof k->dir, "/tmp/anwang-test-replay-XXXXXX");
        assert_non_null(mkdtemp(k->dir));
    }
    assert_ok(store_open(k->dir, &options, &k->store, NULL));
}

static int unlink_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void on_done(void *ctx, void *token, enum err err)
{
    (void)ctx;
    (void)token;
    assert_ok(err);
}

/* Rows of all objects that changed after keeper->seq. */
static void put_rows(struct keeper *k, struct desk *desk, struct store_batch *batch)
{
    struct out bytes;
    out_init(&bytes, 1u << 20);
    for (unsigned kind = 1; kind < OBJECT_KIND_COUNT; kind++) {
        uint32_t pos = 0, number;
        while ((number = desk_next(desk, (enum object_kind)kind, &pos)) != 0) {
            struct store_row row = {.kind = (enum object_kind)kind, .number = number};
            row.seq = desk_seq(desk, row.kind, number);
            if (row.seq <= k->seq)
                continue;
            out_reset(&bytes);
            assert_ok(desk_state_write(desk, row.kind, number, &bytes));
            row.bytes = out_view(&bytes);
            row.is_open = desk_is_live(desk, row.kind, number);
            store_batch_state(batch, &row);
            store_batch_due(batch, row.kind, number, desk_due(desk, row.kind, number));
        }
    }
    out_done(&bytes);
}

static void commit(struct keeper *k, struct store_batch *batch, uint64_t seq)
{
    assert_ok(store_submit(k->store, batch, NULL));
    store_drain(k->store, on_done, NULL);
    k->seq = seq;
}

/* All of what the world did since the last call, as one batch. */
static void keep(struct keeper *k, struct world *w)
{
    static max_align_t room[4096];
    struct cursor c = cursor_of(w->events->p + k->events_at, w->events->len - k->events_at);
    if (c.left == 0)
        return;
    struct store_batch *batch = store_batch_new(k->store, w->now_us);
    uint64_t seq = k->seq;
    while (c.left >= EVENT_HEAD_BYTES) {
        struct event e = {.realm = WORLD_REALM,
                          .version = 1,
                          .role = ROLE_OPERATOR,
                          .at_source = CLOCK_DESK,
                          .data_class = DATA_DUTY,
                          .fields = room};
        seq = e.seq = cursor_le(&c, 8);
        e.kind = (enum event_kind)cursor_le(&c, 4);
        e.object = (uint32_t)cursor_le(&c, 4);
        e.actor.v = (uint32_t)cursor_le(&c, 4);
        e.at_us = e.recorded_us = (int64_t)cursor_le(&c, 8);
        e.area.v = (uint32_t)cursor_le(&c, 4);
        struct str body = cursor_take(&c, (size_t)cursor_le(&c, 4));
        assert_true(event_def(e.kind)->fields->size <= sizeof room);
        assert_ok(record_read(event_def(e.kind)->fields, body, room));
        store_batch_event(batch, &e);
    }
    assert_int_equal(c.left, 0);
    k->events_at = w->events->len;
    put_rows(k, w->desk, batch);
    commit(k, batch, seq);
}

/* ---- a day ---- */

static struct rand dice;

static uint32_t some(const struct world *w, enum object_kind kind)
{
    uint32_t last = desk_last(w->desk, kind), window = last < 12 ? last : 12;
    return window ? last - rand_below(&dice, window) : 1;
}

static void give_one(struct world *w)
{
    uint32_t incident = some(w, OBJECT_incident), assignment = some(w, OBJECT_assignment);
    uint32_t unit = 1 + rand_below(&dice, 6), signal = some(w, OBJECT_signal);
    switch (rand_below(&dice, 24)) {
    case 0:
    case 1:
        (void)world_pending(w, rand_below(&dice, 2) ? "theft" : "fight");
        return;
    case 2:
        (void)SAY(w, signal_raise, 0, "{'source':'web','address':'南京路','expires_s':900}");
        return;
    case 3:
        (void)SAY(w, signal_claim, signal, "{}");
        return;
    case 4:
        (void)SAY(w, signal_confirm, signal, "{'type':'theft'}");
        return;
    case 5:
        (void)SAY(w, signal_dismiss, signal, "{'reason':'nothing there'}");
        return;
    case 6:
    case 7:
    case 8:
        (void)SAY(w, incident_dispatch, incident, "{'units':['unit-1-%u']}", unit);
        return;
    case 9:
        (void)SAY(w, assignment_see, assignment, "{}");
        return;
    case 10:
        (void)SAY(w, assignment_depart, assignment, "{}");
        return;
    case 11:
    case 12:
        (void)SAY(w, assignment_arrive, assignment, "{}");
        return;
    case 13:
    case 14:
        (void)SAY(w, assignment_clear, assignment, "{'result':'done'}");
        return;
    case 15:
        (void)SAY(w, incident_close, incident, "{'disposition':'done'}");
        return;
    case 16:
        (void)SAY(w, incident_note, incident, "{'text':'x'}");
        return;
    case 17:
        (void)SAY(w, incident_merge, incident, "{'into':'incident-1-%u'}",
                  some(w, OBJECT_incident));
        return;
    case 18:
        (void)SAY(w, incident_unmerge, incident, "{'reason':'two after all'}");
        return;
    case 19:
        (void)SAY(w, incident_reopen, incident, "{'reason':'again'}");
        return;
    case 20:
        (void)SAY(w, call_ring, 0, "{'line':'110','external_ref':'c%u'}", rand_u32(&dice) % 100000);
        return;
    case 21:
        (void)SAY(w, call_end, some(w, OBJECT_call), "{}");
        return;
    case 22:
        (void)SAY(w, unit_suspend, unit, "{'reason':'fuel'}");
        return;
    default:
        (void)SAY(w, unit_resume, unit, "{}");
        return;
    }
}

static void live_a_day(struct world *w, struct keeper *k)
{
    rand_seed(&dice, 110);
    world_city(w);
    keep(k, w);
    for (int i = 0; i < GIVEN; i++) {
        w->now_us += (1 + rand_below(&dice, 30)) * US_PER_S;
        w->actor = (struct actor){.user = {1 + rand_below(&dice, 4)}, .role = ROLE_OPERATOR};
        give_one(w);
        if (rand_below(&dice, 3) != 0) /* several commands may share one commit */
            keep(k, w);
    }
    keep(k, w);
}

/* ---- the replay ---- */

struct replay {
    struct desk *desk;
    struct keeper *keeper;
};

static enum err replay_one(void *ctx, const struct event *event)
{
    struct replay *r = ctx;
    struct store_batch *batch = store_batch_new(r->keeper->store, event->recorded_us);
    desk_apply(r->desk, event, NULL);
    store_batch_event(batch, event);
    put_rows(r->keeper, r->desk, batch);
    commit(r->keeper, batch, event->seq);
    return OK;
}

static void add_value(sqlite3_stmt *st, int at, struct out *out)
{
    const uint8_t *p = sqlite3_column_blob(st, at);
    int n = sqlite3_column_bytes(st, at);
    out_printf(out, "|%d:", sqlite3_column_type(st, at));
    for (int i = 0; i < n; i++)
        out_printf(out, "%02x", p[i]);
}

/* Every row of every table that has to be the same. */
static void dump(const struct keeper *k, struct out *out, uint32_t *ret_rows)
{
    char path[96], sql[160];
    sqlite3 *db;
    sqlite3_stmt *tables, *st;
    (void)snprintf(path, sizeof path, "%s/anwang.db", k->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT name FROM sqlite_schema WHERE type = 'table' AND (name LIKE "
                           "'view%' OR name IN ('event', 'state', 'due', 'audit', 'search')) "
                           "ORDER BY name",
                           -1, &tables, NULL),
        SQLITE_OK);
    *ret_rows = 0;
    while (sqlite3_step(tables) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(tables, 0);
        bool is_search = strcmp(name, "search") == 0;
        (void)snprintf(sql, sizeof sql, "SELECT %s* FROM %s ORDER BY 1", is_search ? "rowid, " : "",
                       name);
        out_printf(out, "%s\n", name);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
        while (sqlite3_step(st) == SQLITE_ROW) {
            for (int i = 0; i < sqlite3_column_count(st); i++)
                add_value(st, i, out);
            out_c(out, "\n");
            ++*ret_rows;
        }
        (void)sqlite3_finalize(st);
    }
    (void)sqlite3_finalize(tables);
    (void)sqlite3_close(db);
    assert_ok(out->err);
}

static void compare(const struct keeper *a, const struct keeper *b)
{
    struct out of_a, of_b;
    uint32_t rows_a, rows_b;
    out_init(&of_a, 256u << 20);
    out_init(&of_b, 256u << 20);
    dump(a, &of_a, &rows_a);
    dump(b, &of_b, &rows_b);
    assert_int_equal(rows_a, rows_b);
    assert_true(rows_a > GIVEN);
    assert_int_equal(of_a.len, of_b.len);
    assert_memory_equal(of_a.p, of_b.p, of_a.len);
    out_done(&of_a);
    out_done(&of_b);
}

/* Views of an older program: gone, wrong, and named differently. */
static void spoil_views(const struct keeper *k)
{
    char path[96], *error = NULL;
    sqlite3 *db;
    (void)snprintf(path, sizeof path, "%s/anwang.db", k->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "UPDATE meta SET value = 'older' WHERE name = 'views';"
                                  "DROP TABLE view_unit; DELETE FROM search;"
                                  "ALTER TABLE view_call ADD COLUMN colour TEXT;"
                                  "UPDATE view_incident SET stage = 1, area = 77;",
                                  NULL, NULL, &error),
                     SQLITE_OK);
    (void)sqlite3_close(db);
}

static void rows_and_views_equal_a_replay(void **state)
{
    static struct world w;
    struct keeper lived = {0}, replayed = {0};
    struct desk_settings settings;
    struct out events;
    struct store_events all = {0};
    (void)state;
    out_init(&events, 256u << 20);
    world_init(&w);
    w.events = &events;
    open_keeper(&lived);
    live_a_day(&w, &lived);
    assert_true(lived.seq > GIVEN / 2);

    desk_settings_preset(&settings);
    settings.realm = WORLD_REALM;
    open_keeper(&replayed);
    struct replay replay = {desk_new(&settings), &replayed};
    assert_ok(store_each_event(lived.store, &all, replay_one, &replay));
    assert_int_equal(replayed.seq, lived.seq);
    desk_free(replay.desk);
    store_close(lived.store);
    store_close(replayed.store);
    compare(&lived, &replayed);

    spoil_views(&replayed);
    open_keeper(&replayed);
    store_close(replayed.store);
    compare(&lived, &replayed);

    (void)nftw(lived.dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
    (void)nftw(replayed.dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
    world_done(&w);
    out_done(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_and_views_equal_a_replay)};
    return RUN(tests);
}
