/* road_seal.h - puts the sums of a road file right that a test has changed, or nothing behind them
 * would ever be read. */
#ifndef TESTS_UNIT_ROAD_SEAL_H
#define TESTS_UNIT_ROAD_SEAL_H
#include "road/road_priv.h"

/* False when the sections do not follow each other within the file. */
static inline bool road_seal(uint8_t *bytes, size_t size)
{
    struct file_header header;
    if (size < sizeof header)
        return false;
    memcpy(&header, bytes, sizeof header);
    if (!file_is_in_order(&header, size))
        return false;
    for (size_t i = 0; i < SECTION_COUNT; i++)
        header.sections[i].sum =
            file_section_sum((struct str){(const char *)bytes, size}, &header, i);
    header.sum = file_header_sum(&header);
    memcpy(bytes, &header, sizeof header);
    return true;
}
#endif
