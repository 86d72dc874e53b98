/* demo.h - makes the data folder of a demo city from the files in data/.
 * Layer: main. Blocking; prints its progress.
 *
 *   anwang demo make --city sf|shanghai --dir DIR [--seed N] [--data FOLDER] [--history]
 *
 * Writes into DIR: city.road and city.names (streets), city.mbtiles (base map), city.json (name,
 * zone, bounds), commands.jsonl (docs/formats/command-lines.md), then gives those commands to a
 * fresh store, and writes accounts.txt (mode 0600), whose passwords are made anew each time. */
#ifndef MAIN_DEMO_H
#define MAIN_DEMO_H
/* argv[0] is "demo". Returns the exit status: 0, 1 it failed, 2 it was asked wrongly. */
int demo_main(int argc, char **argv);
#endif
