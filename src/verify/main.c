/* anwang-verify LINES CHECKPOINTS KEY - the auditor's program: see verify.h. */
#include "verify/verify.h"

#include <inttypes.h>
#include <string.h>

static FILE *opened(const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!file)
        perror(path);
    return file;
}

static int said(const struct verify_report *r, bool is_outside)
{
    (void)printf("lines %" PRIu64 " to %" PRIu64 ": %" PRIu64 " events (%" PRIu64
                 " with their bytes), %" PRIu64 " look-ups; %" PRIu64 " checkpoints held\n",
                 r->first, r->first + r->lines - (r->lines > 0), r->events, r->bodies, r->lookups,
                 r->checkpoints);
    if (r->reason && r->bad_line)
        (void)printf("DOES NOT HOLD at line %" PRIu64 ": %s\n", r->bad_line, r->reason);
    else if (r->reason)
        (void)printf("DOES NOT HOLD: %s\n", r->reason);
    else
        (void)printf(is_outside ? "all hold\n"
                                : "all hold in themselves; without checkpoints from outside a cut "
                                  "end or a history made anew is not seen\n");
    return r->reason ? 1 : 0;
}

int main(int argc, char **argv)
{
    uint8_t key[VERIFY_KEY_BYTES];
    struct verify_report report;
    const bool is_outside = argc == 4;
    if (argc != 2 && argc != 4) {
        (void)fprintf(stderr, "usage: anwang-verify LINES [CHECKPOINTS KEY]\n"
                              "  LINES        what `anwang audit` wrote, - for standard input\n"
                              "  CHECKPOINTS  audit-checkpoints.txt, as it was kept outside\n"
                              "  KEY          audit.pub, as it was kept outside\n");
        return 2;
    }
    FILE *lines = opened(argv[1]);
    FILE *checkpoints = is_outside ? opened(argv[2]) : NULL;
    FILE *key_file = is_outside ? opened(argv[3]) : NULL;
    if (!lines || (is_outside && (!checkpoints || !key_file)))
        return 2;
    if (key_file && !verify_key(key_file, key)) {
        (void)fprintf(stderr, "anwang-verify: %s: not a public key\n", argv[3]);
        return 2;
    }
    (void)verify_audit(lines, checkpoints, key, &report);
    return said(&report, is_outside);
}
