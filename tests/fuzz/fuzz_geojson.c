#include "fuzz.h"
#include "geo/geojson.h"

/* Reads features and writes their geometries, one a line. */
static enum err rewrite(struct str text, struct out *out)
{
    struct json root = {0};
    struct fault fault = {0};
    enum err err = json_read(text, &root, NULL);
    if (err)
        return err;
    struct arena arena;
    struct geojson_feature *features = NULL;
    size_t count = 0;
    arena_init(&arena, 1 << 26);
    err = geojson_features(root, &arena, &features, &count, &fault);
    MUST(err == OK || fault.text);
    struct json_out j = json_out_of(out);
    json_obj(&j);
    json_kc(&j, "type", "GeometryCollection");
    json_key(&j, "geometries");
    json_arr(&j);
    for (size_t i = 0; err == OK && i < count; i++)
        if (features[i].geometry.type != GEOJSON_NONE)
            geojson_write(&j, &features[i].geometry);
    json_arr_end(&j);
    json_obj_end(&j);
    arena_done(&arena);
    json_free(root);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct out first, again, wrapped;
    out_init(&first, 1 << 26);
    out_init(&again, 1 << 26);
    enum err err = rewrite((struct str){(const char *)data, size}, &first);
    if (err == OK && first.err == OK) {
        err = rewrite(out_view(&first), &again);
        /* One collection more round it can be one too deep. */
        MUST(err == OK || err == ERR_LIMIT);
        out_init(&wrapped, 1 << 26);
        out_c(&wrapped, "{\"type\":\"GeometryCollection\",\"geometries\":[");
        out_str(&wrapped, out_view(&first));
        out_c(&wrapped, "]}");
        /* A ring without area has no direction, so that only its length is the same. */
        MUST(err || again.err || again.len == wrapped.len);
        out_done(&wrapped);
    }
    out_done(&first);
    out_done(&again);
    return 0;
}
