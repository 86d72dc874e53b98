/* The verifier that needs no database: what the store writes holds, and every line and head that
 * was tampered with is found and named. Random tampering by the thousand: tests/durability/tamper.c
 */
#include "test.h"

#include "store/audit.h"
#include "store_fixture.h"
#include "verify/verify.h"

struct world {
    struct fix fix;
    char outside[80];
    char *text; /* written out */
    size_t len;
};

static void add_work(struct world *w, uint32_t from, uint32_t count)
{
    for (uint32_t n = from; n < from + count; n++) {
        struct store_batch *batch = fix_batch(&w->fix);
        struct store_lookup lookup = {.actor = {2},
                                      .role = ROLE_OPERATOR,
                                      .purpose = PURPOSE_DISPATCH,
                                      .kind = OBJECT_incident,
                                      .number = n,
                                      .what = n % 2 ? STR("incident:personal") : STR("a b%\n-")};
        (void)fix_incident(&w->fix, batch, n, 3, "noise", "12 Main Street");
        store_batch_lookup(batch, &lookup);
        assert_ok(fix_submit(&w->fix, batch));
    }
}

static void write_out(struct world *w, struct audit_text how)
{
    uint64_t lines;
    free(w->text);
    FILE *to = open_memstream(&w->text, &w->len);
    assert_ok(audit_write_text(w->fix.dir, &how, to, &lines));
    assert_int_equal(fclose(to), 0);
}

static void open_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->fix.now_us = FIX_START_US;
    fix_folder(w->fix.dir);
    (void)snprintf(w->outside, sizeof w->outside, "%s-outside", w->fix.dir);
    struct store_options options = fix_options(&w->fix);
    options.checkpoint_dir = w->outside;
    assert_ok(store_open(w->fix.dir, &options, &w->fix.store, NULL));
    add_work(w, 1, 10);
    w->fix.now_us += STORE_CHECKPOINT_US;
    add_work(w, 11, 10);
    store_close(w->fix.store); /* signs */
    w->fix.store = NULL;
    write_out(w, (struct audit_text){.from_line = 1, .with_events = true});
}

static void close_world(struct world *w)
{
    free(w->text);
    fix_remove(w->fix.dir);
    fix_remove(w->outside);
}

static FILE *opened(const char *dir, const char *name)
{
    char path[160];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    return file;
}

static bool verified(const struct world *w, bool is_outside, struct verify_report *ret_report)
{
    uint8_t key[VERIFY_KEY_BYTES];
    FILE *lines = fmemopen(w->text, w->len, "r"), *checkpoints = NULL;
    FILE *key_file = opened(w->fix.dir, "audit.pub");
    assert_true(verify_key(key_file, key));
    (void)fclose(key_file);
    if (is_outside)
        checkpoints = opened(w->outside, "audit-checkpoints.txt");
    const bool holds = verify_audit(lines, checkpoints, key, ret_report);
    (void)fclose(lines);
    if (checkpoints)
        (void)fclose(checkpoints);
    return holds;
}

static void test_whole(void **state)
{
    struct world w;
    struct verify_report r;
    (void)state;
    open_world(&w);
    if (!verified(&w, true, &r))
        fail_msg("line %u: %s", (unsigned)r.bad_line, r.reason);
    assert_int_equal(r.lines, 40);
    assert_int_equal(r.events, 20);
    assert_int_equal(r.bodies, 20);
    assert_int_equal(r.lookups, 20);
    assert_true(r.checkpoints >= 2);
    assert_true(verified(&w, false, &r));
    write_out(&w, (struct audit_text){.from_line = 1});
    assert_true(verified(&w, true, &r));
    assert_int_equal(r.bodies, 0);
    close_world(&w);
}

/* A part starts only where a checkpoint stands: else its first chain is anybody's word. */
static void test_part(void **state)
{
    struct world w;
    struct verify_report r;
    uint64_t lines, signed_line = 0;
    char *none = NULL;
    size_t none_len;
    (void)state;
    open_world(&w);
    FILE *checkpoints = opened(w.outside, "audit-checkpoints.txt");
    char line[512];
    assert_non_null(fgets(line, sizeof line, checkpoints));
    struct str rest = str_of(line);
    for (int i = 0; i < 3; i++)
        (void)str_cut(&rest, ' ');
    assert_ok(str_u64(str_cut(&rest, ' '), &signed_line));
    (void)fclose(checkpoints);
    assert_in_range(signed_line, 1, 39);
    write_out(&w, (struct audit_text){.from_line = signed_line + 1, .with_events = true});
    if (!verified(&w, true, &r))
        fail_msg("line %u: %s", (unsigned)r.bad_line, r.reason);
    assert_int_equal(r.first, signed_line + 1);
    assert_int_equal(r.lines, 40 - signed_line);
    write_out(&w, (struct audit_text){.from_line = signed_line == 5 ? 7 : 6});
    assert_false(verified(&w, true, &r));
    assert_non_null(strstr(r.reason, "no checkpoint"));
    FILE *to = open_memstream(&none, &none_len);
    assert_int_equal(audit_write_text(w.fix.dir, &(struct audit_text){.from_line = 99}, to, &lines),
                     ERR_NOT_FOUND);
    (void)fclose(to);
    free(none);
    close_world(&w);
}

/* Each row is a word in the text and what stands there instead: same length. */
static void test_tampered(void **state)
{
    static const struct {
        uint32_t line; /* of the text, 0 is the head */
        uint32_t field;
        const char *instead, *reason;
    } tampers[] = {
        {0, 0, "anwang-audit-linez", "not an audit"},
        {0, 1, "2", "newer format"},
        {0, 2, "8", "start"},
        {0, 3, "2", "no checkpoint"},
        {1, 0, "2", "missing"},
        {3, 0, "03", "well formed"},
        {6, 2, "3", "changed"},
        {5, 2, "4", "well formed"},
        {5, 4, "3", "changed"},
        {6, 6, "7", "changed"},
        {6, 8, "9", "changed"},
        {6, 8, "4294967296", "well formed"},
        {6, 1, "-0", "well formed"},
        {6, 9, "incident:other", "changed"},
        {6, 9, "%4", "well formed"},
        {7, 11, "00", "well formed"},
        {7, 12, "00", "recorded"},
        {8, 12, "00", "well formed"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof tampers / sizeof tampers[0]; i++) {
        struct world w;
        struct verify_report r;
        open_world(&w);
        size_t at = 0, end;
        for (uint32_t line = 0; line < tampers[i].line; line++)
            at += strcspn(w.text + at, "\n") + 1;
        for (uint32_t field = 0; field < tampers[i].field; field++) {
            at += strcspn(w.text + at, " \n");
            at += w.text[at] == ' ';
        }
        end = at + strcspn(w.text + at, " \n");
        char *text = NULL;
        size_t len;
        FILE *to = open_memstream(&text, &len);
        (void)fprintf(to, "%.*s%s%s%s", (int)at, w.text, at == end ? " " : "", tampers[i].instead,
                      w.text + end);
        (void)fclose(to);
        free(w.text);
        w.text = text;
        w.len = len;
        if (verified(&w, true, &r) || !strstr(r.reason, tampers[i].reason) ||
            (r.bad_line && r.bad_line != tampers[i].line))
            fail_msg("%u: line %u: %s", (unsigned)i, (unsigned)r.bad_line,
                     r.reason ? r.reason : "holds");
        close_world(&w);
    }
}

/* Only what was kept outside shows these. */
static void test_outside(void **state)
{
    struct world w;
    struct verify_report r;
    (void)state;
    open_world(&w);
    for (int i = 0; i < 2; i++) { /* an event and a look-up from the end */
        do
            w.len--;
        while (w.text[w.len - 1] != '\n');
    }
    w.text[w.len] = '\0';
    assert_true(verified(&w, false, &r));
    assert_false(verified(&w, true, &r));
    assert_int_equal(r.bad_line, 39);
    assert_non_null(strstr(r.reason, "signed are missing"));
    w.len--; /* not even a whole line */
    assert_false(verified(&w, false, &r));
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_part),
        cmocka_unit_test(test_tampered),
        cmocka_unit_test(test_outside),
    };
    return RUN(tests);
}
