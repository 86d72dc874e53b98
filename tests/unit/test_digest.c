/* digest and rand. */
#include "base/digest.h"
#include "base/rand.h"
#include "base/str.h"
#include "test.h"

static void digests_are_blake2b(void **state)
{
    (void)state;
    uint8_t digest[DIGEST_BYTES], again[DIGEST_BYTES];
    char hex[2 * DIGEST_BYTES + 1];
    digest_of("abc", 3, digest);
    str_hex(digest, sizeof digest, hex); /* b2sum -l 256 */
    assert_string_equal(hex, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    digest_of("", 0, digest);
    str_hex(digest, sizeof digest, hex);
    assert_string_equal(hex, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    const uint8_t key[DIGEST_KEY_BYTES] = {1};
    digest_keyed(key, "abc", 3, digest, 32);
    digest_of("abc", 3, again);
    assert_memory_not_equal(digest, again, 32);
    digest_keyed(key, "abc", 3, again, 32);
    assert_memory_equal(digest, again, 32);
    assert_true(digest_u64("abc", 3) == 0x723942633c81ddbdu); /* its first 8 bytes, little endian */
}

static void crc_is_that_of_zip(void **state)
{
    (void)state;
    assert_int_equal(digest_crc32(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(digest_crc32(digest_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
    assert_int_equal(digest_crc32(5, NULL, 0), 5);
}

static void the_same_seed_gives_the_same_numbers(void **state)
{
    (void)state;
    struct rand a, b, other;
    rand_seed(&a, 42);
    rand_seed(&b, 42);
    rand_seed(&other, 43);
    int differing = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t v = rand_u32(&a);
        assert_int_equal(v, rand_u32(&b));
        differing += v != rand_u32(&other);
    }
    assert_true(differing > 990);
}

/* The reference generator's demo: pcg32_srandom(42, 54). */
static void numbers_are_pcg32(void **state)
{
    (void)state;
    static const uint32_t expected[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                        0x83d2f293, 0xbfa4784b, 0xcbed606e};
    struct rand r = {.state = 0, .inc = 54u << 1 | 1};
    (void)rand_u32(&r);
    r.state += 42;
    (void)rand_u32(&r);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(rand_u32(&r), expected[i]);
}

static void numbers_are_even(void **state)
{
    (void)state;
    struct rand r;
    rand_seed(&r, 3);
    int counts[6] = {0};
    double sum = 0;
    for (int i = 0; i < 60000; i++) {
        counts[rand_below(&r, 6)]++;
        double unit = rand_unit(&r);
        assert_true(unit >= 0 && unit < 1);
        sum += unit;
    }
    for (int i = 0; i < 6; i++)
        assert_in_range(counts[i], 9600, 10400); /* 4.4 standard deviations */
    assert_true(sum > 29700 && sum < 30300);
    assert_int_equal(rand_below(&r, 1), 0);
}

static void secrets_differ(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    rand_secret(a, sizeof a);
    rand_secret(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_blake2b),
        cmocka_unit_test(crc_is_that_of_zip),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(numbers_are_pcg32),
        cmocka_unit_test(numbers_are_even),
        cmocka_unit_test(secrets_differ),
    };
    return RUN(tests);
}
