/* flipped.c - the policy table with one row changed, for the control of the matrix: whichever row
 * is changed, tests/access/matrix must notice. It takes the place of policy_table.c in a server of
 * the tests; the program that is shipped has no way to change a row.
 *
 * ANWANG_FLIP names a file of one struct flip that every process of the server maps: what the test
 * writes there holds from the next request on. ANWANG_FLIP=list prints the rows and ends. */
#define access_rules access_rules_written
#include "access/policy_table.c" /* NOLINT(bugprone-suspicious-include): the rows as written */
#undef access_rules

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum flip_kind {
    FLIP_NONE,
    FLIP_ROLE,   /* `value`: a role that has the action has it no more; another gets it unbounded */
    FLIP_BOUNDS, /* `value`: a rule that loses its bounds, or its leave to see across the wall */
    FLIP_PURPOSES /* `value`: a rule that takes every purpose */
};
struct flip {
    uint32_t kind, action, value;
};
static const struct flip *flip;

const struct access_rule *access_rules(enum access_action action);

static void flip_role(struct access_rule *rules, uint32_t bit)
{
    uint32_t count = 0;
    for (; rules[count].roles; count++) {
        if (rules[count].roles & bit) {
            rules[count].roles &= ~bit;
            if (rules[count].roles == 0) /* an empty rule would end the list */
                rules[count].roles = 1u << 31;
            return;
        }
    }
    rules[count] = (struct access_rule){bit, BOUND_ACROSS, 0};
}

const struct access_rule *access_rules(enum access_action action)
{
    static _Thread_local struct access_rule changed[ACCESS_MAX_RULES + 2];
    const struct access_rule *written = access_rules_written(action);
    uint32_t count = 0;
    if (!flip || flip->kind == FLIP_NONE || flip->action != action || !written)
        return written;
    memset(changed, 0, sizeof changed);
    for (; written[count].roles; count++)
        changed[count] = written[count];
    if (flip->kind == FLIP_ROLE)
        flip_role(changed, 1u << flip->value);
    else if (flip->kind == FLIP_BOUNDS && flip->value < count)
        changed[flip->value].bounds = changed[flip->value].bounds & BOUND_ACROSS ? 0 : BOUND_ACROSS;
    else if (flip->kind == FLIP_PURPOSES && flip->value < count)
        changed[flip->value].purposes = ~1u;
    return changed;
}

static void list_rows(void)
{
    for (uint32_t a = 1; a < ACTION_COUNT; a++) {
        const struct access_rule *rules = access_rules_written((enum access_action)a);
        for (uint32_t n = 0; rules && rules[n].roles; n++)
            (void)printf("%u %s %u %u %u %u\n", a, access_action_name((enum access_action)a), n,
                         rules[n].roles, rules[n].bounds, rules[n].purposes);
    }
}

/* Before main: the sandbox of a process opens no files. */
__attribute__((constructor)) static void take_flip(void)
{
    const char *path = getenv("ANWANG_FLIP");
    if (!path)
        return;
    if (strcmp(path, "list") == 0) {
        list_rows();
        exit(0);
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *flip, PROT_READ, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED)
        flip = map;
    if (fd >= 0)
        (void)close(fd);
}
