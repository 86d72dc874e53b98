/* import_media.c - `anwang import crafts|air|water FILE --dir DIR`: what flies and swims, where it
 * may not, where it can. The file is read as the server will read it, then put into the data
 * folder. */
#include "base/file.h"
#include "main/commands.h"
#include "main/options.h"
#include "main/settings.h"
#include "plan/media.h"

#include <assert.h>

static const struct {
    const char *word, *name;
} kinds[] = {{"crafts", MEDIA_CRAFTS_FILE}, {"air", MEDIA_AIR_FILE}, {"water", MEDIA_WATER_FILE}};
#define KINDS (sizeof kinds / sizeof *kinds)

static size_t kind_of(const char *word)
{
    size_t i = 0;
    while (i < KINDS && !str_eq_c(str_of(word), kinds[i].word))
        i++;
    return i;
}

bool import_media_is(const char *word)
{
    return kind_of(word) < KINDS;
}

static enum err check(size_t kind, struct str text, struct fault *ret_fault)
{
    struct media_texts texts = {0};
    struct str *const members[KINDS] = {&texts.crafts, &texts.air, &texts.water};
    struct media *media = NULL;
    assert(kind < KINDS);
    *members[kind] = text;
    if (text.len == 0)
        return fault_set(ret_fault, ERR_SYNTAX, 0, "the file is empty");
    const enum err err = media_new(&texts, &media, ret_fault);
    if (!err) {
        const struct media_counts n = media_counts(media);
        (void)printf("%zu craft, %zu no-go zones, %zu waters, %zu launch points\n", n.crafts,
                     n.zones, n.waters, n.launches);
    }
    media_free(media);
    return err;
}

int import_media_main(int argc, char **argv)
{
    const char *rest[OPTIONS_MAX_VALUES], *dir = NULL;
    char path[SETTINGS_PATH_CAP];
    size_t rest_count = 0;
    struct fault fault = {0};
    struct out text;
    const struct option_def defs[] = {{"--dir", true, &dir, 1, NULL}};
    if (!options_read(argc, argv, defs, 1, rest, &rest_count) || !dir || rest_count != 1) {
        (void)fprintf(stderr, "usage: anwang import crafts|air|water FILE --dir DIR\n");
        return 2;
    }
    const size_t kind = kind_of(argv[0]);
    out_init(&text, MEDIA_FILE_BYTES);
    enum err err = file_read(rest[0], &text);
    if (!err)
        err = check(kind, out_view(&text), &fault);
    if (!err)
        err = settings_path(dir, kinds[kind].name, path);
    if (!err)
        err = file_replace(path, out_view(&text), 0600);
    out_done(&text);
    if (err)
        (void)fprintf(stderr, "anwang import: %s: %s at byte %zu; what was there stays\n", rest[0],
                      fault.text ? fault.text : err_text(err), fault.offset);
    else
        (void)printf("in force when the server starts again\n");
    return err ? 1 : 0;
}
