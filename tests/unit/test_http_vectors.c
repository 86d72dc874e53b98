/* llhttp's own request cases (tests/data/http, MIT) against our connection: what llhttp refuses is
 * refused; what it accepts is accepted, but for the names below, where we are stricter on purpose.
 * A Host is put in where a case has none, since ours is required. */
#include "base/file.h"
#include "http_rig.h"
#include "test.h"

#define MAX_CASE_BYTES 65536

static const char *const stricter[] = {
    /* content-length.md */
    "Tabs in `Content-Length` (surrounding)", /* llhttp 8.1 */
    /* method.md */
    "OPTIONS request with RTSP",
    "QUERY request", /* llhttp 8.1 does not know it */
    /* transfer-encoding.md */
    "Trailing headers",
    "Chunk extensions",
    "Chunk extensions quoting",
    "POST with `chunked` as last transfer-encoding",
    "POST with `chunked` as last transfer-encoding (multiple headers)",
};

struct tally {
    int refused, accepted, stricter, wrong;
};

static bool is_listed(struct str name)
{
    for (size_t i = 0; i < sizeof stricter / sizeof *stricter; i++)
        if (str_eq_c(name, stricter[i]))
            return true;
    return false;
}

/* The test notation: line ends are CR LF, backslash escapes, the last line end belongs to the
 * fence. */
static void put_message(struct out *out, struct str text)
{
    static const char letters[] = "rntf", bytes[] = "\r\n\t\f";
    if (text.len && text.p[text.len - 1] == '\n')
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i], next = i + 1 < text.len ? text.p[i + 1] : 0;
        const char *known = c == '\\' && next ? strchr(letters, next) : NULL;
        uint8_t hex = 0;
        if (c == '\n') {
            out_c(out, "\r\n");
        } else if (known) {
            out_byte(out, (uint8_t)bytes[known - letters]);
            i++;
        } else if (c == '\\' && next == '\n') {
            i++;
        } else if (c == '\\' && next == 'x' && text.len - i > 3 &&
                   str_unhex((struct str){text.p + i + 2, 2}, &hex, 1) == OK) {
            out_byte(out, hex);
            i += 3;
        } else {
            out_byte(out, (uint8_t)c);
        }
    }
}

/* Feeds the message, with a Host behind the request line if it has none. */
static int answer_to(struct str message, int *ret_requests)
{
    struct rig rig;
    uint32_t status = 0;
    const char *eol = memmem(message.p, message.len, "\r\n", 2);
    rig_open(&rig, NULL);
    if (eol && !memmem(message.p, message.len, "Host:", 5)) {
        size_t line = (size_t)(eol - message.p) + 2;
        rig_feed(&rig, (struct str){message.p, line});
        rig_feed(&rig, STR("Host: a\r\n"));
        message = str_from(message, line);
    }
    if (message.len)
        rig_feed(&rig, message);
    struct str out = out_view(&rig.output);
    /* the last answer tells: a pipelined case may fail after a good request */
    for (size_t i = 0; i + 12 < out.len; i++)
        if (memcmp(out.p + i, "HTTP/1.1 ", 9) == 0)
            assert_ok(str_u32((struct str){out.p + i + 9, 3}, &status));
    *ret_requests = rig.request_count;
    rig_close(&rig);
    return (int)status;
}

static bool contains(struct str s, const char *part)
{
    return s.len && memmem(s.p, s.len, part, strlen(part)) != NULL;
}

static void run_case(struct tally *tally, struct str name, struct str raw, struct str log)
{
    struct out message;
    int requests = 0;
    bool is_error = contains(log, "error code=");
    bool has_pause = contains(log, "error code=22"); /* offers another protocol: no error to us */
    out_init(&message, MAX_CASE_BYTES);
    put_message(&message, raw);
    int status = answer_to(out_view(&message), &requests);
    out_done(&message);
    if (is_error && !has_pause) {
        bool is_refused = status >= 400 || status == 0;
        tally->refused += is_refused;
        tally->wrong += !is_refused;
        if (!is_refused)
            print_error("accepted, llhttp refuses: " STR_FMT "\n", STR_ARG(name));
    } else if (status == 200 || status == 0) { /* 0: its body is still to come */
        tally->accepted++;
    } else {
        bool is_known =
            status == 501 || is_listed(name); /* 501: a method that we have no use for */
        tally->stricter++;
        tally->wrong += !is_known;
        if (!is_known)
            print_error("status %d, llhttp accepts: " STR_FMT "\n", status, STR_ARG(name));
    }
}

/* The text between a fence that opens with `fence` and the next one. */
static struct str fenced(struct str *rest, const char *fence)
{
    const char *open = memmem(rest->p, rest->len, fence, strlen(fence));
    if (!open)
        return (struct str){NULL, 0};
    struct str text = str_from(*rest, (size_t)(open - rest->p) + strlen(fence));
    const char *close = memmem(text.p, text.len, "```", 3);
    assert_non_null(close);
    *rest = str_from(text, (size_t)(close - text.p) + 3);
    text.len = (size_t)(close - text.p);
    return text;
}

static void run_file(struct tally *tally, const char *file)
{
    char path[4096];
    struct out bytes;
    struct str name = {NULL, 0};
    const char *folder = getenv("ANWANG_TEST_DATA");
    (void)snprintf(path, sizeof path, "%s/http/%s", folder ? folder : "tests/data", file);
    out_init(&bytes, 1u << 20);
    assert_ok(file_read(path, &bytes));
    struct str rest = out_view(&bytes);
    while (rest.len) {
        struct str line = str_cut(&rest, '\n');
        if (str_starts(line, STR("#")))
            name = str_trim(str_from(line, line.p[2] == '#' ? 3 : 2));
        if (!str_starts(line, STR("<!-- meta=")) || !memmem(line.p, line.len, "\"request\"", 9) ||
            memmem(line.p, line.len, "pause", 5))
            continue;
        struct str raw = fenced(&rest, "```http\n");
        struct str log = fenced(&rest, "```log\n");
        assert_non_null(log.p);
        run_case(tally, name, raw, log);
    }
    out_done(&bytes);
}

static void vectors(void **state)
{
    struct tally tally = {0};
    (void)state;
    run_file(&tally, "llhttp_request_content-length.md");
    run_file(&tally, "llhttp_request_invalid.md");
    run_file(&tally, "llhttp_request_method.md");
    run_file(&tally, "llhttp_request_transfer-encoding.md");
    print_message("# refused %d, accepted %d, stricter %d\n", tally.refused, tally.accepted,
                  tally.stricter);
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.refused > 20 && tally.accepted > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors)};
    return RUN(tests);
}
