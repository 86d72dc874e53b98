/* Orders leave in order, are on disk when they are reported, and a broken path is reported too. */
#include "base/file.h"
#include "feed/spool.h"
#include "test.h"

#include <unistd.h>

struct seen {
    uint64_t ids[64];
    enum err errs[64];
    int count;
};

static void left(void *ctx, uint64_t id, enum err err)
{
    struct seen *seen = ctx;
    seen->ids[seen->count] = id;
    seen->errs[seen->count++] = err;
}

static void turn_until(struct loop *loop, const struct seen *seen, int count)
{
    for (int i = 0; i < 500 && seen->count < count; i++)
        loop_turn(loop, 10);
    assert_int_equal(seen->count, count);
}

static void test_order_and_disk(void **state)
{
    char path[64];
    struct seen seen = {0};
    struct out text;
    struct loop *loop = loop_new();
    (void)state;
    (void)snprintf(path, sizeof path, "spool-test-%d.jsonl", (int)getpid());
    struct spool *spool = spool_new(loop, path, left, &seen);
    for (uint64_t id = 1; id <= 20; id++)
        assert_ok(spool_add(spool, id, STR("order:unit-1-7"), STR("{\"stage\":\"sent\"}")));
    turn_until(loop, &seen, 20);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(seen.ids[i], i + 1);
        assert_ok(seen.errs[i]);
    }
    out_init(&text, 1 << 16);
    assert_ok(file_read(path, &text));
    static const char last[] =
        "{\"id\":20,\"channel\":\"order:unit-1-7\",\"body\":{\"stage\":\"sent\"}}\n";
    assert_non_null(memmem(text.p, text.len, last, sizeof last - 1));
    out_done(&text);
    spool_free(spool);
    loop_free(loop);
    (void)unlink(path);
}

static void test_broken_path(void **state)
{
    struct seen seen = {0};
    struct loop *loop = loop_new();
    struct spool *spool = spool_new(loop, "/no/such/folder/orders.jsonl", left, &seen);
    (void)state;
    assert_ok(spool_add(spool, 9, STR("order:unit-1-7"), STR("{}")));
    turn_until(loop, &seen, 1);
    assert_int_equal(seen.errs[0], ERR_IO);
    spool_free(spool);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_and_disk),
                                       cmocka_unit_test(test_broken_path)};
    return RUN(tests);
}
