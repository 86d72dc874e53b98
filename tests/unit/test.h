/* test.h - what every unit test includes: cmocka with the headers that it wants before it.
 * A test program has one group: `return RUN(tests);`. It prints TAP and nothing else. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four */
#include <cmocka.h>

#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)
#define assert_ok(call) assert_int_equal((call), OK)
/* A struct str against a C string. */
#define assert_str(s, expected)                                                                    \
    do {                                                                                           \
        struct str assert_str_ = (s);                                                              \
        assert_int_equal(assert_str_.len, strlen(expected));                                       \
        assert_memory_equal(assert_str_.len ? assert_str_.p : "", expected, strlen(expected));     \
    } while (0)
#endif
