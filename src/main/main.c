/* main.c - the program's commands, one line each. `anwang` alone prints them. */
#include "base/log.h"
#include "main/child.h"
#include "main/commands.h"
#include "main/demo.h"
#include "main/replay.h"

#include <unistd.h>

struct command_line_entry {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command_line_entry entries[] = {
    {"serve", serve_main, "serve --dir DIR [--port N] [--set KEY=VALUE]   run the platform"},
    {"demo", demo_main, "demo make --city sf|shanghai --dir DIR        make a demo data folder"},
    {"replay", replay_main,
     "replay LOG --dir DIR [--speed N] ...          feed a log through the API"},
    {"import", import_main,
     "import roads|divisions|cells|crafts|air|water FILE... --dir DIR\n"
     "                                              streets, areas, people, no-go zones, waters"},
    {"circles", circles_main,
     "circles --road FILE --from FILE ...            what posts reach in time"},
    {"route", route_main, "route --road FILE --from LAT,LON --to LAT,LON  the fastest way"},
    {"passage", passage_main,
     "passage --craft drone --zones FILE ...         the way of a drone or a boat"},
    {"table", table_main,
     "table --road FILE --from FILE --to FILE        travel times, each to each"},
    {"closure", closure_main,
     "closure --road FILE --street NAME ...         the streets that a closure would take"},
    {"calibrate", calibrate_main,
     "calibrate LOG --dir DIR [--out FILE]          speeds against recorded travel"},
    {"backup", backup_main,
     "backup --dir DIR --to FOLDER                  copy the store while it runs"},
    {"restore", restore_main, "restore --from FOLDER --dir DIR               bring a copy back"},
    {"verify", verify_main, "verify --dir DIR                              check the audit chain"},
    {"audit", audit_main,
     "audit --dir DIR [--to FILE] [--events]        the audit chain as text, for anwang-verify"},
    {"api", api_main, "api --openapi|--markdown [--portal]           describe the interface"},
    {"config", config_main,
     "config [--dir DIR]                            print and check settings"},
    {"contact", contact_main,
     "contact open --key FILE [SEALED...]           read reporters' contacts, away from here"},
    {"process", process_main, NULL}, /* started by serve */
};

static int usage(void)
{
    (void)printf("anwang %s - operations platform of a city's public safety\n\n", ANWANG_VERSION);
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (entries[i].help)
            (void)printf("  anwang %s\n", entries[i].help);
    }
    return 2;
}

int main(int argc, char **argv)
{
    log_init("anwang", LOG_INFO_LEVEL);
    for (size_t i = 0; argc > 1 && i < sizeof entries / sizeof entries[0]; i++) {
        if (str_eq_c(str_of(argv[1]), entries[i].name))
            return entries[i].run(argc - 1, argv + 1);
    }
    return usage();
}
