/* fill.c - STORE_FOLDER COUNT: appends COUNT events of ended incidents to an existing store, as
 * many years of work leave it: received, entered, noted, closed, reviewed, with their rows and
 * payloads. */
#include "base/rand.h"
#include "base/utc.h"
#include "store/store.h"

#include <assert.h>

#define EVENTS_EACH 10
#define BATCH_INCIDENTS 200

struct filling {
    struct store *store;
    struct store_batch *batch;
    struct rand rand;
    uint64_t seq, payload;
    uint32_t incident;
    int64_t at_us;
};

static void put_event(struct filling *f, enum event_kind kind, int64_t at_us, const void *fields)
{
    const struct event event = {.realm = 1,
                                .seq = ++f->seq,
                                .kind = kind,
                                .version = event_def(kind)->version,
                                .object = f->incident,
                                .actor = {1},
                                .role = ROLE_OPERATOR,
                                .at_us = at_us,
                                .at_source = CLOCK_IMPORT,
                                .recorded_us = at_us,
                                .data_class = DATA_DUTY,
                                .fields = fields};
    store_batch_event(f->batch, &event);
}

static void put_note(struct filling *f, int64_t at_us)
{
    struct incident_note note = {0};
    char text[64];
    note.text.payload = ++f->payload;
    SET_HAS(incident_note, &note, text);
    (void)snprintf(text, sizeof text, "note %llu of the record", (unsigned long long)f->payload);
    store_batch_payload(f->batch, f->payload, DATA_PERSONAL, 0, str_of(text));
    put_event(f, EVENT_incident_noted, at_us, &note);
}

static void put_move(struct filling *f, enum incident_stage to, int64_t at_us)
{
    struct incident_move move = {.to = to};
    SET_HAS(incident_move, &move, to);
    put_event(f, EVENT_incident_moved, at_us, &move);
}

static void put_row(struct filling *f, const struct incident_object *object)
{
    struct out row;
    out_init(&row, 1 << 16);
    record_write(&record_incident_object, object, RECORD_STORED, &row);
    const struct store_row state = {OBJECT_incident, f->incident, f->seq, false, out_view(&row)};
    store_batch_state(f->batch, &state);
    out_done(&row);
}

static void put_incident(struct filling *f)
{
    struct incident_create create = {.type = STR("medical_incident"), .source = SOURCE_PHONE};
    struct incident_object object = {.stage = INCIDENT_REVIEWED,
                                     .source = SOURCE_PHONE,
                                     .initial_priority = PRIORITY_P2,
                                     .priority = PRIORITY_P2};
    f->incident++;
    f->at_us += 30 * US_PER_S;
    create.chosen = (struct place){377000000 + (int32_t)rand_below(&f->rand, 1000000),
                                   -1225000000 + (int32_t)rand_below(&f->rand, 1000000)};
    SET_HAS(incident_create, &create, type);
    SET_HAS(incident_create, &create, source);
    SET_HAS(incident_create, &create, chosen);
    put_event(f, EVENT_incident_received, f->at_us, &create);
    put_move(f, INCIDENT_PENDING, f->at_us + US_PER_S);
    put_move(f, INCIDENT_OPEN, f->at_us + 9 * US_PER_S);
    for (int i = 0; i < EVENTS_EACH - 5; i++)
        put_note(f, f->at_us + (20 + i) * US_PER_S);
    put_move(f, INCIDENT_CLOSED, f->at_us + 900 * US_PER_S);
    put_move(f, INCIDENT_REVIEWED, f->at_us + 1900 * US_PER_S);
    (void)str_copy(create.type, object.type, sizeof object.type);
    object.chosen = create.chosen;
    object.received_us = f->at_us;
    object.closed_us = f->at_us + 900 * US_PER_S;
    SET_HAS(incident_object, &object, stage);
    SET_HAS(incident_object, &object, type);
    SET_HAS(incident_object, &object, initial_priority);
    SET_HAS(incident_object, &object, priority);
    SET_HAS(incident_object, &object, source);
    SET_HAS(incident_object, &object, chosen);
    SET_HAS(incident_object, &object, received_us);
    SET_HAS(incident_object, &object, closed_us);
    put_row(f, &object);
}

static void batch_done(void *ctx, void *token, enum err err)
{
    (void)ctx;
    (void)token;
    assert(err == OK);
}

int main(int argc, char **argv)
{
    struct filling f = {.at_us = 1600000000 * US_PER_S};
    const struct store_options options = {.realm = 1, .is_sync = true};
    struct fault fault = {0};
    struct store_ends ends;
    uint64_t wanted = 0;
    if (argc != 3 || str_u64(str_of(argv[2]), &wanted) != OK)
        return 2;
    enum err err = store_open(argv[1], &options, &f.store, &fault);
    if (!err)
        err = store_ends(f.store, &ends);
    if (err) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], fault.text ? fault.text : err_text(err));
        return 1;
    }
    rand_seed(&f.rand, 1);
    f.seq = ends.last_seq;
    f.payload = ends.last_payload;
    f.incident = ends.last_number[OBJECT_incident];
    while (f.seq < wanted && !err) {
        f.batch = store_batch_new(f.store, f.at_us);
        for (int i = 0; i < BATCH_INCIDENTS; i++)
            put_incident(&f);
        err = store_submit(f.store, f.batch, &f);
        store_drain(f.store, batch_done, NULL);
    }
    (void)printf("%llu events, %u incidents\n", (unsigned long long)f.seq, f.incident);
    store_close(f.store);
    return err ? 1 : 0;
}
