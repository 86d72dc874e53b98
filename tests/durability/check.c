/* What the server left in its folder, read without it. */
#include "client_priv.h"

#include "base/digest.h"
#include "store/audit.h"

#include <assert.h>
#include <sqlite3.h>

struct looking {
    struct client *client;
    struct store *store;
    struct desk *replay; /* every event applied anew */
    struct out text;
    uint64_t last_seq, last_payload, order_events;
    uint64_t digest;
};

/* The words of a request are its key: they say whose event this is. An event that follows from an
 * older one, as an incident from a signal, may name the same payload again. */
static void count_words(struct looking *l, const struct event *event)
{
    const struct record *rec = event_def(event->kind)->fields;
    struct written *of = NULL;
    for (uint32_t i = 0; i < rec->field_count; i++) {
        const struct field *field = &rec->fields[i];
        if (field->type != FIELD_PERSONAL || !record_has(rec, event->fields, field->offset))
            continue;
        const struct personal *words = (const void *)((const char *)event->fields + field->offset);
        if (words->payload <= l->last_payload)
            continue;
        l->last_payload = words->payload;
        out_reset(&l->text);
        if (store_payload(l->store, words->payload, &l->text) != OK) {
            (void)client_broken(l->client, "2: event %llu has words that are not there",
                                (unsigned long long)event->seq);
            return;
        }
        of = client_by_key(l->client, out_view(&l->text));
    }
    if (of)
        of->found++;
}

static bool is_order_stage(enum assignment_stage stage)
{
    return stage == ASSIGNMENT_SENT || stage == ASSIGNMENT_CANCELLED ||
           stage == ASSIGNMENT_PREEMPTED;
}

/* One row leaves for each: an order, and a text about an order that nobody has seen. */
static bool is_order(const struct looking *l, const struct event *event)
{
    if (event->kind == EVENT_assignment_made)
        return ((const struct assignment_make *)event->fields)->stage == ASSIGNMENT_SENT;
    if (event->kind == EVENT_assignment_moved)
        return is_order_stage(((const struct assignment_move *)event->fields)->to);
    const struct assignment_object *of =
        event->kind == EVENT_assignment_flagged
            ? desk_assignment(l->replay, (struct assignment_id){event->object})
            : NULL;
    return of && is_order_stage(of->stage);
}

static enum err look_at_event(void *ctx, const struct event *event)
{
    struct looking *l = ctx;
    if (event->seq != l->last_seq + 1)
        (void)client_broken(l->client, "4: event %llu after %llu", (unsigned long long)event->seq,
                            (unsigned long long)l->last_seq);
    l->last_seq = event->seq;
    l->order_events += is_order(l, event);
    count_words(l, event);
    desk_apply(l->replay, event, NULL);
    return OK;
}

/* Each row is what the replay has, byte for byte. */
static enum err look_at_row(void *ctx, const struct store_row *row)
{
    struct looking *l = ctx;
    out_reset(&l->text);
    if (desk_state_write(l->replay, row->kind, row->number, &l->text) != OK ||
        !str_eq(out_view(&l->text), row->bytes) ||
        desk_seq(l->replay, row->kind, row->number) != row->seq)
        (void)client_broken(l->client, "7: the row of %s %u is not what a replay gives",
                            object_kind_name(row->kind), row->number);
    return OK;
}

static int64_t number_in(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st;
    int64_t number = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        number = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    return number;
}

static void check_file(struct client *c, const char *store_dir, struct left *left)
{
    char path[480];
    sqlite3 *db;
    (void)snprintf(path, sizeof path, "%s/anwang.db", store_dir);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        number_in(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"))
        (void)client_broken(c, "7: the database is damaged");
    if (number_in(db, "SELECT count(*) FROM pragma_foreign_key_check"))
        (void)client_broken(c, "7: a foreign key leads nowhere");
    left->orders = (uint64_t)number_in(db, "SELECT coalesce((SELECT value FROM counter WHERE name "
                                           "= 'outbox'), 0)");
    (void)sqlite3_close(db);
}

static void check_requests(struct client *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const struct written *w = &c->all[i];
        if (w->type != FRAME_command)
            continue;
        const char *name = command_def(w->kind)->name;
        if (w->found > 1)
            (void)client_broken(c, "1: %s (%s) is there %u times", w->key, name, w->found);
        if (w->state == REQUEST_KEPT && w->has_words && w->found == 0)
            (void)client_broken(c, "1: %s (%s) was acknowledged and is not there", w->key, name);
        if (w->state == REQUEST_REFUSED && w->found > 0)
            (void)client_broken(c, "1: %s (%s) was refused and is there", w->key, name);
    }
}

static void check_audit(struct client *c, const char *dir, const char *store_dir,
                        const struct left *left)
{
    struct audit_report report;
    char outside[480];
    (void)snprintf(outside, sizeof outside, "%s/checkpoints", dir);
    if (audit_verify(store_dir, outside, NULL, &report) != OK)
        (void)client_broken(c, "7: the audit chain: %s",
                            report.reason ? report.reason : "cannot be read");
    else if (report.events != left->last_seq)
        (void)client_broken(c, "2: %llu audit lines for %llu events",
                            (unsigned long long)report.events, (unsigned long long)left->last_seq);
    else if (report.lookups < c->lookups_kept ||
             report.lookups > c->lookups_kept + c->lookups_unknown)
        (void)client_broken(c, "1: %llu look-ups have lines, %llu were answered and %llu may be",
                            (unsigned long long)report.lookups, (unsigned long long)c->lookups_kept,
                            (unsigned long long)c->lookups_unknown);
}

static void look(struct looking *l, const char *store_dir, struct left *left)
{
    const struct store_options options = {.realm = HOST_REALM, .is_sync = true};
    const struct store_events all = {.from_seq = 1};
    struct desk_settings settings;
    struct client *c = l->client;
    if (store_open(store_dir, &options, &l->store, NULL) != OK) {
        (void)client_broken(c, "7: the store cannot be opened");
        return;
    }
    for (uint32_t i = 0; i < c->count; i++)
        c->all[i].found = 0;
    desk_settings_preset(&settings);
    settings.realm = HOST_REALM;
    l->replay = desk_new(&settings);
    out_init(&l->text, 1 << 20);
    if (store_each_event(l->store, &all, look_at_event, l) != OK)
        (void)client_broken(c, "7: the events cannot be read");
    if (store_each_open(l->store, look_at_row, l) != OK)
        (void)client_broken(c, "7: the rows cannot be read");
    left->last_seq = l->last_seq;
    left->order_events = l->order_events;
    if (c->announced > l->last_seq)
        (void)client_broken(c, "5: %llu was announced, %llu is there",
                            (unsigned long long)c->announced, (unsigned long long)l->last_seq);
    desk_free(l->replay);
    out_done(&l->text);
    store_close(l->store);
}

bool check_folder(struct client *c, const char *dir, struct left *ret_left)
{
    struct looking l = {.client = c};
    char store_dir[440];
    (void)snprintf(store_dir, sizeof store_dir, "%s/store", dir);
    look(&l, store_dir, ret_left);
    check_file(c, store_dir, ret_left);
    check_requests(c);
    check_audit(c, dir, store_dir, ret_left);
    return c->reason[0] == '\0';
}

/* ---- equal histories ---- */

static void digest_add(uint64_t *digest, const void *bytes, size_t count)
{
    uint64_t parts[2] = {*digest, digest_u64(bytes, count)};
    *digest = digest_u64(parts, sizeof parts);
}

static enum err digest_event(void *ctx, const struct event *event)
{
    struct looking *l = ctx;
    const uint64_t envelope[] = {event->seq, (uint64_t)event->kind, event->object,
                                 (uint64_t)event->at_us, (uint64_t)event->recorded_us};
    out_reset(&l->text);
    record_write(event_def(event->kind)->fields, event->fields, RECORD_STORED, &l->text);
    digest_add(&l->digest, envelope, sizeof envelope);
    digest_add(&l->digest, l->text.p, l->text.len);
    return OK;
}

static enum err digest_row(void *ctx, const struct store_row *row)
{
    struct looking *l = ctx;
    digest_add(&l->digest, row->bytes.p, row->bytes.len);
    return OK;
}

uint64_t client_digest(const char *dir)
{
    const struct store_options options = {.realm = HOST_REALM, .is_sync = true};
    const struct store_events all = {.from_seq = 1};
    struct looking l = {0};
    char store_dir[440];
    (void)snprintf(store_dir, sizeof store_dir, "%s/store", dir);
    out_init(&l.text, 1 << 20);
    enum err err = store_open(store_dir, &options, &l.store, NULL);
    assert(!err);
    err = store_each_event(l.store, &all, digest_event, &l);
    if (!err)
        err = store_each_open(l.store, digest_row, &l);
    assert(!err);
    store_close(l.store);
    out_done(&l.text);
    return l.digest;
}
