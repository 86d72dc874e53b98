/* demo_roads.c - `anwang demo roads`: a made-up city's streets as an OSM PBF file. */
#include "base/file.h"
#include "job/street_maker.h"
#include "main/demo.h"
#include "main/options.h"
#include <stdio.h>

#define MAX_FILE_BYTES (512u << 20)

static int usage(void)
{
    (void)fprintf(stderr,
                  "usage: anwang demo roads --junctions N --output FILE.osm.pbf [--seed N]\n"
                  "  N from %u to %u; read it with anwang import roads\n",
                  STREET_MAKER_MIN, STREET_MAKER_MAX);
    return 2;
}

int demo_roads_main(int argc, char **argv)
{
    const char *junctions = NULL, *seed = NULL, *output = NULL;
    const struct option_def defs[] = {{"--junctions", true, &junctions, 1, NULL},
                                      {"--seed", true, &seed, 1, NULL},
                                      {"--output", true, &output, 1, NULL}};
    struct street_maker job = {.seed = 1, .centre = {383000000, 1168500000}};
    struct street_maker_result result;
    struct out file;
    if (!options_read(argc, argv, defs, 3, NULL, NULL) || !junctions || !output ||
        str_u32(str_of(junctions), &job.junctions) != OK ||
        (seed && str_u64(str_of(seed), &job.seed) != OK) || job.junctions < STREET_MAKER_MIN ||
        job.junctions > STREET_MAKER_MAX)
        return usage();
    out_init(&file, MAX_FILE_BYTES);
    enum err err = street_maker_write(&job, &file, &result);
    err = err == OK ? file_replace(output, out_view(&file), 0644) : err;
    if (err == OK)
        (void)printf("%u nodes, %u ways, %u bridges, %zu bytes\n", result.nodes, result.ways,
                     result.bridges, file.len);
    else
        (void)fprintf(stderr, "anwang: %s: %s\n", output, err_text(err));
    out_done(&file);
    return err == OK ? 0 : 1;
}
