/* replay.h - feeds a recorded or made-up log through the HTTP API, so that the board lives.
 * Layer: main. Blocking; prints its progress.
 *
 *   anwang replay LOG|--made --dir DIR [--to URL] [--ca FILE] [--accounts FILE] [--login NAME]
 *                 [--speed N] [--from TIME] [--hours N] [--now] [--loop] [--positions]
 *                 [--unchecked]
 *
 * With --made there is no log: calls of the city's police are made for the coming weeks, then
 * again.
 *
 * Open loop: what the log says is sent when its time has come, whether or not earlier ones were
 * answered; only what needs an id waits for it. Ends with what was sent, what was listed as dirty,
 * and a table of recorded against modelled travel times. */
#ifndef MAIN_REPLAY_H
#define MAIN_REPLAY_H
/* argv[0] is "replay". Returns the exit status: 0, 1 a check failed, 2 it was asked wrongly. */
int replay_main(int argc, char **argv);
#endif
