/* Answers read by our client: any split gives the same answers and the same end. The first byte of
 * the input says what is expected. */
#include "base/rand.h"
#include "fuzz.h"
#include "net/http_reader.h"

struct reading {
    struct http_reader reader;
    struct out seen;
    uint32_t expected;
};

static enum http_expected expected(void *ctx)
{
    const struct reading *r = ctx;
    return (enum http_expected)(r->expected % 4);
}

static void streaming(void *ctx)
{
    struct reading *r = ctx;
    out_c(&r->seen, "stream ");
}

static enum err part(void *ctx, struct str bytes)
{
    struct reading *r = ctx;
    out_str(&r->seen, bytes);
    return OK;
}

static bool answer(void *ctx, const struct http_client_answer *got)
{
    struct reading *r = ctx;
    MUST(got->status >= 200 || got->status < 100);
    out_printf(&r->seen, "%d:", got->status);
    for (size_t i = 0; i < got->field_count; i++) {
        MUST(got->fields[i].value.p != NULL);
        out_str(&r->seen, got->fields[i].name);
        out_byte(&r->seen, '=');
        out_str(&r->seen, got->fields[i].value);
    }
    out_str(&r->seen, got->body);
    return got->status != 299;
}

static enum err feed(struct reading *r, struct str bytes, uint32_t max_step)
{
    static const struct http_reader_calls calls = {expected, streaming, part, answer};
    struct rand rand;
    enum err err = OK;
    rand_seed(&rand, max_step);
    out_init(&r->seen, 16u << 20);
    http_reader_init(&r->reader, 2000, &calls, r);
    while (bytes.len && !err && !r->reader.is_stopped) {
        struct str now = bytes;
        uint32_t n = max_step ? 1 + rand_below(&rand, max_step) : (uint32_t)bytes.len;
        now.len = n < now.len ? n : now.len;
        err = http_reader_feed(&r->reader, now.p, now.len);
        bytes = str_from(bytes, now.len);
    }
    if (!err && !r->reader.is_stopped)
        http_reader_eof(&r->reader);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct reading whole = {.expected = data[0]}, split = {.expected = data[0]};
    struct str bytes = {(const char *)data + 1, size - 1};
    enum err err = feed(&whole, bytes, 0);
    MUST((feed(&split, bytes, 7) == OK) == (err == OK)); /* which of two faults may differ */
    MUST(str_eq(out_view(&whole.seen), out_view(&split.seen)));
    http_reader_done(&whole.reader);
    http_reader_done(&split.reader);
    out_done(&whole.seen);
    out_done(&split.seen);
    return 0;
}
