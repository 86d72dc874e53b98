/* commands.h - entry points of the sub-commands that have no header of their own. Layer: main.
 * argv[0] is the sub-command's name. They return the exit status: 0 done, 1 failed, 2 misused. */
#ifndef MAIN_COMMANDS_H
#define MAIN_COMMANDS_H
#include <stdbool.h>

int serve_main(int argc, char **argv);
int process_main(int argc, char **argv);
int import_main(int argc, char **argv);
int import_divisions_main(int argc, char **argv);
int import_cells_main(int argc, char **argv);
bool import_media_is(const char *word); /* crafts, air, water */
int import_media_main(int argc, char **argv);
int backup_main(int argc, char **argv);
int restore_main(int argc, char **argv);
int verify_main(int argc, char **argv);
int audit_main(int argc, char **argv);
int api_main(int argc, char **argv);
int contact_main(int argc, char **argv);
int config_main(int argc, char **argv);
int circles_main(int argc, char **argv);
int route_main(int argc, char **argv);
int passage_main(int argc, char **argv);
int table_main(int argc, char **argv);
int closure_main(int argc, char **argv);
int calibrate_main(int argc, char **argv);
#endif
