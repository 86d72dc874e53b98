#include "codec/mqtt.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>

/* What was read as a message is written as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = {(const char *)data, size};
    struct mqtt_packet p;
    size_t used;
    while (mqtt_read(rest, &p, &used) == OK) {
        MUST(used >= 2 && used <= rest.len);
        if (p.kind == MQTT_PUBLISH) {
            struct out out;
            struct mqtt_packet again;
            size_t again_used;
            out_init(&out, 2u << 20);
            mqtt_write_publish(&p, &out);
            MUST(mqtt_read(out_view(&out), &again, &again_used) == OK && again_used == out.len);
            MUST(str_eq(again.topic, p.topic) && str_eq(again.payload, p.payload));
            MUST(mqtt_matches(p.topic, p.topic) && mqtt_filter_is_valid(p.topic));
            out_done(&out);
        }
        rest = str_from(rest, used);
    }
    return 0;
}
