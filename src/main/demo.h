/* demo.h - makes the data folder of a demo city from the files in data/.
 * Layer: main. Blocking; prints its progress.
 *
 *   anwang demo make --city sf|shanghai --dir DIR [--data FOLDER] [--months N]
 *                    [--without-store]
 *
 * Writes into DIR: anwang.conf, city.road and city.names (streets), city.mbtiles (base map),
 * commands.jsonl (docs/formats/command-lines.md). Gives those commands to a fresh store, then N
 * months (none given: 0) of made-up police calls with their whole life up to now. Writes
 * accounts.txt (mode 0600), whose passwords are made anew each time.
 *
 *   anwang demo calls --city sf|shanghai --dir DIR --out FILE [--from TIME] [--months N] [--seed N]
 *
 * Writes made-up calls of a city's police as a dispatch log (docs/formats/dispatch-log.md).
 *
 *   anwang demo roads --junctions N --output FILE.osm.pbf [--seed N]
 *
 * Writes the streets of a made-up city of about N junctions, for growth figures. */
#ifndef MAIN_DEMO_H
#define MAIN_DEMO_H
/* argv[0] is "demo". Returns the exit status: 0, 1 it failed, 2 it was asked wrongly. */
int demo_main(int argc, char **argv);
int demo_roads_main(int argc, char **argv);
#endif
