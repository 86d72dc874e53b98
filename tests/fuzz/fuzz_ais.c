#include "codec/ais.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines of any bytes: no message may say more than its bits, and every text lies inside it. */
static void look_at(const struct ais_msg *msg, const struct ais_bits *bits)
{
    struct ais_vessel v;
    struct out out;
    MUST(bits->count <= AIS_MAX_BITS);
    MUST(msg->data_first + msg->data_bits <= bits->count);
    MUST(msg->text_used <= AIS_TEXT_CAP);
    if (ais_vessel(msg, &v) == OK && v.has & AIS_HAS_PLACE)
        MUST(place_is_valid(v.place));
    out_init(&out, 1u << 16);
    ais_json(msg, bits, &out);
    out_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ais_msg msg;
    struct str rest = {(const char *)data, size};
    struct ais_joiner *joiner = ais_joiner_new();
    while (rest.len > 0) {
        struct nmea nmea;
        struct ais_bits bits;
        struct str line = str_cut(&rest, '\n');
        if (nmea_read(line, &nmea, NULL) == OK && ais_join(joiner, &nmea, &bits) == OK &&
            ais_decode(&bits, &msg) == OK)
            look_at(&msg, &bits);
    }
    ais_joiner_free(joiner);
    return 0;
}
