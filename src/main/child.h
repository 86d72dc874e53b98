/* child.h - main functions of the processes that the monitor starts. Layer: main.
 * Each runs `anwang process NAME --dir DIR` with its control channel on fd 3 and, for edge and
 * portal, its listening socket on fd 4. They return the exit status. */
#ifndef MAIN_CHILD_H
#define MAIN_CHILD_H
#include "main/settings.h"

#define CHILD_LISTEN_FD 4

int child_core(const char *dir, const struct settings *settings);
int child_edge(const char *dir, const struct settings *settings);
int child_portal(const char *dir, const struct settings *settings);
int child_feed(const char *dir, const struct settings *settings);
#endif
