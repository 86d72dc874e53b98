/* A recorded command log gives the identical event log, byte for byte: tests/golden/desk. It holds
 * every kind of event. What is written there is history: the code follows it, never the other way
 * round. And the other direction: the state after it is the same when every object is evicted
 * wherever possible between two commands. */
#include "desk_world.h"

#include "base/file.h"

static struct world w;

static void read_golden(const char *name, struct out *out)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/../golden/desk/%s", getenv("ANWANG_TEST_DATA"), name);
    out_init(out, 64u << 20);
    assert_ok(file_read(path, out));
    assert_true(out->len > 0);
}

static void give_line(struct str line)
{
    struct json root;
    struct fault fault = {0};
    assert_ok(json_read(line, &root, &fault));
    enum command_kind kind = command_kind_of(json_text(json_get(root, "command")));
    assert_int_not_equal(kind, COMMAND_NONE);
    arena_reset(&w.in);
    void *fields = arena_alloc(&w.in, 1, command_def(kind)->fields->size);
    assert_ok(record_json_read(command_def(kind)->fields, json_get(root, "fields"), WORLD_REALM,
                               &w.in, fields, &fault));
    w.now_us = json_int(json_get(root, "now_us"));
    w.if_match = (uint64_t)json_int(json_get(root, "if_match"));
    w.at_us = json_int(json_get(root, "at_us"));
    w.area.v = (uint32_t)json_int(json_get(root, "area"));
    w.actor = (struct actor){
        .user = {(uint32_t)json_int(json_get(root, "user"))},
        .role = (enum role)enum_value(&enum_role, json_text(json_get(root, "role")))};
    (void)world_give(&w, kind, (uint32_t)json_int(json_get(root, "object")), fields);
    json_free(root);
}

static void replay(bool is_evicting, struct out *log, uint8_t digest[DESK_DIGEST_BYTES])
{
    struct out commands;
    read_golden("in.jsonl", &commands);
    world_init(&w);
    w.log = log;
    struct str rest = out_view(&commands);
    while (rest.len > 0) {
        give_line(str_cut(&rest, '\n'));
        if (is_evicting)
            world_evict(&w);
    }
    for (unsigned k = 1; is_evicting && k < OBJECT_KIND_COUNT; k++) {
        for (uint32_t n = 1; n < WORLD_MAX_SHADOWS; n++) {
            if (w.rows[k][n])
                world_load(&w, (struct object_ref){(enum object_kind)k, n});
        }
    }
    desk_digest(w.desk, digest);
    world_done(&w);
    out_done(&commands);
}

static void commands_give_the_identical_events(void **state)
{
    struct out log, golden;
    uint8_t digest[DESK_DIGEST_BYTES];
    (void)state;
    read_golden("out.jsonl", &golden);
    out_init(&log, 64u << 20);
    replay(false, &log, digest);
    struct str a = out_view(&log), b = out_view(&golden);
    for (uint32_t line = 1; a.len > 0 || b.len > 0; line++) {
        struct str got = str_cut(&a, '\n'), want = str_cut(&b, '\n');
        if (!str_eq(got, want))
            fail_msg("line %u:\n" STR_FMT "\nshould be\n" STR_FMT, line, STR_ARG(got),
                     STR_ARG(want));
    }
    out_done(&log);
    out_done(&golden);
}

static void golden_log_holds_every_kind_of_event(void **state)
{
    struct out golden;
    (void)state;
    read_golden("out.jsonl", &golden);
    for (unsigned k = 1; k < EVENT_KIND_COUNT; k++) {
        char needle[80];
        if (!event_def((enum event_kind)k))
            continue;
        int n = snprintf(needle, sizeof needle, "\"event\":\"%s\"",
                         event_def((enum event_kind)k)->name);
        if (!memmem(golden.p, golden.len, needle, (size_t)n))
            fail_msg("no %s", needle);
    }
    out_done(&golden);
}

static void eviction_changes_nothing(void **state)
{
    struct out logs[2];
    uint8_t digests[2][DESK_DIGEST_BYTES];
    (void)state;
    for (int i = 0; i < 2; i++) {
        out_init(&logs[i], 64u << 20);
        replay(i == 1, &logs[i], digests[i]);
    }
    assert_int_equal(logs[0].len, logs[1].len);
    assert_memory_equal(logs[0].p, logs[1].p, logs[0].len);
    assert_memory_equal(digests[0], digests[1], DESK_DIGEST_BYTES);
    out_done(&logs[0]);
    out_done(&logs[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_give_the_identical_events),
        cmocka_unit_test(golden_log_holds_every_kind_of_event),
        cmocka_unit_test(eviction_changes_nothing),
    };
    return RUN(tests);
}
