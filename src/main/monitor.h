/* monitor.h - starts the processes, links them, restarts what dies, ends them in order.
 * Layer: main. Threads: one. Opens no store and no socket but the control channels. */
#ifndef MAIN_MONITOR_H
#define MAIN_MONITOR_H
#include "main/settings.h"

struct monitor_options {
    const char *dir; /* data folder, absolute */
    const struct settings *settings;
    char *const *overrides; /* --set key=value, handed on */
    size_t override_count;
    int edge_fd, portal_fd;           /* listening sockets; portal_fd -1: no public site */
    void (*serving)(const void *ctx); /* called once, when every process is ready */
    const void *ctx;
};
/* Runs until SIGINT or SIGTERM. Returns the exit status. */
int monitor_run(const struct monitor_options *options);
#endif
