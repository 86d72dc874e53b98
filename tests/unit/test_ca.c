/* The demo authority: made once, kept, renewed when it must be, and bound to local names. */
#include "base/file.h"
#include "base/utc.h"
#include "net/ca.h"
#include "net/tls.h"
#include "test.h"
#include <sys/stat.h>
#include <unistd.h>

#define NOW (1790000000LL * US_PER_S)

static const char *const files[] = {"ca.pem", "ca.key", "server.pem", "server.key"};

struct folder {
    char path[64];
    char file[128];
};

static const char *in(struct folder *f, const char *name)
{
    (void)snprintf(f->file, sizeof f->file, "%s/%s", f->path, name);
    return f->file;
}

static int setup(void **state)
{
    struct folder *f = calloc(1, sizeof *f);
    (void)snprintf(f->path, sizeof f->path, "/tmp/test_ca.XXXXXX");
    *state = f;
    return mkdtemp(f->path) ? 0 : -1;
}

static int teardown(void **state)
{
    struct folder *f = *state;
    for (size_t i = 0; i < 4; i++)
        (void)unlink(in(f, files[i]));
    (void)rmdir(f->path);
    free(f);
    return 0;
}

static void slurp(struct folder *f, const char *name, struct out *out)
{
    out_init(out, 1u << 16);
    assert_int_equal(file_read(in(f, name), out), OK);
}

static bool same(const struct out *a, const struct out *b)
{
    return str_eq(out_view(a), out_view(b));
}

static void test_made_once_and_kept(void **state)
{
    struct folder *f = *state;
    static const char *const lan[] = {"192.168.7.9", "fd00::7", "desk.local"};
    struct out ca1, ca2, server1, server2, server3;
    bool is_new = false;
    assert_int_equal(ca_ensure(f->path, lan, 2, NOW, &is_new), OK);
    assert_true(is_new);
    for (size_t i = 0; i < 4; i++) {
        struct stat st;
        assert_int_equal(stat(in(f, files[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    slurp(f, "ca.pem", &ca1);
    slurp(f, "server.pem", &server1);
    assert_int_equal(ca_ensure(f->path, lan, 1, NOW + US_PER_DAY, &is_new), OK);
    assert_false(is_new);
    slurp(f, "server.pem", &server2);
    assert_true(same(&server1, &server2));
    /* one name more: another server certificate from the same authority */
    assert_int_equal(ca_ensure(f->path, lan, 3, NOW, &is_new), OK);
    assert_false(is_new);
    slurp(f, "server.pem", &server3);
    slurp(f, "ca.pem", &ca2);
    assert_false(same(&server1, &server3));
    assert_true(same(&ca1, &ca2));
    out_done(&ca1), out_done(&ca2), out_done(&server1), out_done(&server2), out_done(&server3);
}

static void test_foreign_address(void **state)
{
    struct folder *f = *state;
    static const char *const own[] = {"192.168.7.9", "203.0.113.5", "2001:db8::5"};
    bool is_new = false;
    assert_int_equal(ca_ensure(f->path, own, 1, NOW, NULL), OK);
    assert_int_equal(ca_ensure(f->path, own, 3, NOW, &is_new), OK);
    assert_true(is_new); /* the first authority must not vouch for it */
    assert_int_equal(ca_ensure(f->path, own, 3, NOW, &is_new), OK);
    assert_false(is_new);
}

static void test_renewed(void **state)
{
    struct folder *f = *state;
    struct out server1, server2;
    bool is_new = true;
    assert_int_equal(ca_ensure(f->path, NULL, 0, NOW, NULL), OK);
    slurp(f, "server.pem", &server1);
    assert_int_equal(ca_ensure(f->path, NULL, 0, NOW + 380 * US_PER_DAY, &is_new), OK);
    assert_false(is_new);
    slurp(f, "server.pem", &server2);
    assert_false(same(&server1, &server2));
    assert_int_equal(ca_ensure(f->path, NULL, 0, NOW + 3640 * US_PER_DAY, &is_new), OK);
    assert_true(is_new);
    out_done(&server1), out_done(&server2);
}

static void test_refuses_the_open_net(void **state)
{
    struct folder *f = *state;
    static const char *const bad[] = {"bank.example", "local", "x.local,DNS:bank.example", "",
                                      "X.local"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ca_ensure(f->path, &bad[i], 1, NOW, NULL), ERR_RANGE);
}

static void test_damage(void **state)
{
    struct folder *f = *state;
    struct tls *tls = NULL;
    char key[128], chain[128];
    bool is_new = false;
    assert_int_equal(ca_ensure(f->path, NULL, 0, NOW, NULL), OK);
    assert_int_equal(file_replace(in(f, "server.key"), STR("not a key"), 0600), OK);
    (void)snprintf(key, sizeof key, "%s", in(f, "server.key"));
    (void)snprintf(chain, sizeof chain, "%s", in(f, "server.pem"));
    assert_int_equal(tls_server_new(chain, key, &tls), ERR_SYNTAX);
    assert_int_equal(ca_ensure(f->path, NULL, 0, NOW, &is_new), OK); /* mends it */
    assert_false(is_new);
    assert_int_equal(tls_server_new(chain, in(f, "ca.key"), &tls), ERR_DENIED);
    assert_int_equal(tls_server_new(chain, in(f, "none"), &tls), ERR_NOT_FOUND);
    assert_int_equal(tls_client_new(in(f, "ca.key"), &tls), ERR_SYNTAX);
    assert_null(tls);
    assert_int_equal(tls_server_new(chain, key, &tls), OK);
    assert_int_equal(tls_server_reload(tls, chain, in(f, "ca.key")), ERR_DENIED);
    assert_int_equal(tls_server_reload(tls, chain, key), OK);
    tls_free(tls);
    assert_int_equal(ca_ensure("/nonexistent/folder", NULL, 0, NOW, NULL), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_made_once_and_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_foreign_address, setup, teardown),
        cmocka_unit_test_setup_teardown(test_renewed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refuses_the_open_net, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damage, setup, teardown),
    };
    return RUN(tests);
}
