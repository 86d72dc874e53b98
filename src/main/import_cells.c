/* import_cells.c - `anwang import cells FILE --dir DIR [--datum gcj02]`: population cells, the
 * other demand of the ledger of cover. */
#include "job/import_cells.h"
#include "base/file.h"
#include "main/commands.h"
#include "main/options.h"
#include "main/settings.h"
#include <stdlib.h>

#define MAX_FILE_BYTES (512u << 20)

static enum err write_cells(const struct cells_report *report, const char *dir)
{
    char path[SETTINGS_PATH_CAP];
    struct out text;
    out_init(&text, CELLS_FILE_BYTES);
    enum err err = settings_path(dir, CELLS_FILE, path);
    if (!err)
        err = cells_write(report->cells, report->count, &text);
    if (!err)
        err = file_replace(path, out_view(&text), 0600);
    out_done(&text);
    return err;
}

int import_cells_main(int argc, char **argv)
{
    const char *rest[OPTIONS_MAX_VALUES], *dir = NULL, *datum_name = "wgs84";
    size_t rest_count = 0;
    enum datum datum = DATUM_WGS84;
    struct cells_report report = {0};
    struct fault fault = {0};
    struct out text;
    const struct option_def defs[] = {{"--dir", true, &dir, 1, NULL},
                                      {"--datum", true, &datum_name, 1, NULL}};
    if (!options_read(argc, argv, defs, 2, rest, &rest_count) || !dir || rest_count != 1 ||
        datum_parse(str_of(datum_name), &datum) != OK) {
        (void)fprintf(stderr, "usage: anwang import cells FILE --dir DIR [--datum wgs84|gcj02]\n");
        return 2;
    }
    out_init(&text, MAX_FILE_BYTES);
    enum err err = file_read(rest[0], &text);
    if (!err)
        err = import_cells(out_view(&text), datum, &report, &fault);
    if (!err && report.count == 0)
        err = fault_set(&fault, ERR_RANGE, 0, "no cell can be used");
    if (!err)
        err = write_cells(&report, dir);
    out_reset(&text);
    import_cells_report(&report, &text);
    (void)fwrite(text.p, 1, text.len, stdout);
    out_done(&text);
    free(report.cells);
    if (err)
        (void)fprintf(stderr, "anwang import: %s:%u: %s %s; what was there stays\n", rest[0],
                      fault.line, fault.field ? fault.field : "",
                      fault.text ? fault.text : err_text(err));
    else
        (void)printf("counted with `is_cover_by_people = yes` in %s/anwang.conf\n", dir);
    return err ? 1 : 0;
}
