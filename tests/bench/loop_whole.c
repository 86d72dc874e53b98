/* Parts of ./bench loop that run another program against the server: the replay of the whole log,
 * and the console in a real browser. */
#include "base/file.h"
#include "loop.h"
#include "rig.h"

#include <fcntl.h>
#include <unistd.h>

#define LOG "data/incidents/sf_fire_cad_2020-04-07_20.csv.gz"
#define SPEED "6000"
#define REPLAY_S 202 /* the log's time at that speed */

/* The number before `word` behind `from`; -1 = it is not there. */
static double number_before(struct str text, const char *from, const char *word)
{
    uint64_t number;
    struct str rest = text;
    const char *at = memmem(rest.p, rest.len, from, strlen(from));
    if (!at)
        return -1;
    rest.len -= (size_t)(at - rest.p);
    rest.p = at;
    const char *end = memmem(rest.p, rest.len, word, strlen(word));
    const char *begin = end;
    while (begin && begin > rest.p && begin[-1] >= '0' && begin[-1] <= '9')
        begin--;
    if (!begin || str_u64((struct str){begin, (size_t)(end - begin)}, &number) != OK)
        return -1;
    return (double)number;
}

/* A number that the replay did not print is short, whatever the bar. */
static void bar_of(const char *name, double value, const char *unit, double goal, bool higher)
{
    (void)rig_bar(name, value < 0 && !higher ? 1e9 : value, unit, goal, higher);
}

static void report_replay(struct str text, double seconds)
{
    const double played = number_before(text, "Check:", " calls played");
    const struct str table = text;
    const char *at = memmem(table.p, table.len, "Check:", 6);
    bar_of("loop.replay_calls", number_before(text, "Check:", " found once"), "calls",
           played > 0 ? played : 1e9, true);
    bar_of("loop.replay_missing", number_before(text, "Check:", " missing"), "calls", 0, false);
    bar_of("loop.replay_doubled", number_before(text, "Check:", " more than once"), "calls", 0,
           false);
    bar_of("loop.replay_disorder", number_before(text, "Check:", " others;"), "calls", 0, false);
    bar_of("loop.replay_stamps", number_before(text, "Check:", " not at the recorded"), "calls", 0,
           false);
    bar_of("loop.replay_refused", number_before(text, "requests in", " refused"), "requests", 0,
           false);
    bar_of("loop.replay_time", seconds, "s", REPLAY_S * 1.1, false);
    (void)printf("# listed as dirty: %.0f calls\n",
                 number_before(text, "Check:", " listed as dirty"));
    if (at) /* recorded against modelled travel times */
        (void)fwrite(at, 1, (size_t)(table.p + table.len - at), stdout);
    (void)fflush(stdout);
}

void part_replay(void)
{
    static const char output[] = "var/bench/replay.log";
    struct rig rig;
    struct out text;
    char to[64];
    rig_make(&rig, "replay");
    (void)rig_start(&rig);
    (void)snprintf(to, sizeof to, "https://127.0.0.1:%u", (unsigned)rig.port);
    const char *const replay[] = {rig_program("src/main/anwang"),
                                  "replay",
                                  LOG,
                                  "--dir",
                                  rig.dir,
                                  "--to",
                                  to,
                                  "--speed",
                                  SPEED,
                                  NULL};
    (void)fprintf(stderr, "# replaying the whole log: %d s\n", REPLAY_S);
    const int64_t from_us = net_mono_us();
    const int status = rig_run_into(replay, output);
    const double seconds = (double)(net_mono_us() - from_us) / 1e6;
    out_init(&text, 1 << 20);
    if (file_read(output, &text) != OK || status < 0)
        out_reset(&text);
    report_replay(out_view(&text), seconds);
    out_done(&text);
    rig_done(&rig);
}

void part_usable(void)
{
    static const char output[] = "var/bench/usable.log";
    struct rig rig;
    struct out text;
    char url[64], password[128];
    rig_make(&rig, "usable");
    (void)rig_start(&rig);
    (void)snprintf(url, sizeof url, "https://localhost:%u", (unsigned)rig.port);
    rig_password(&rig, "operator", password, sizeof password);
    const char *const script[] = {
        "/usr/bin/env", "node", "tests/bench/console_usable.mjs", url, "operator", password, NULL};
    const int status = rig_run_into(script, output);
    out_init(&text, 1 << 16);
    const bool is_done = status == 0 && file_read(output, &text) == OK;
    const double ms = is_done ? number_before(out_view(&text), "usable", " ms") : -1;
    if (!is_done)
        (void)fprintf(stderr, "# the browser did not say; see %s\n", output);
    bar_of("loop.console_usable", ms, "ms", 2000, false);
    out_done(&text);
    rig_done(&rig);
}
