#include "main/picture.h"

#include <libexif/exif-data.h>
#include <png.h>
#include <turbojpeg.h>
#include <webp/decode.h>

struct pixels { /* RGB, rows without padding */
    uint8_t *rgb;
    uint32_t width, height;
};

static enum err allot(struct pixels *p, uint32_t width, uint32_t height)
{
    if (width == 0 || height == 0 || (uint64_t)width * height > PICTURE_MAX_PIXELS)
        return ERR_LIMIT;
    p->rgb = calloc((size_t)width * height, 3);
    if (!p->rgb)
        return ERR_LIMIT;
    p->width = width;
    p->height = height;
    return OK;
}

static enum err read_jpeg(struct str bytes, struct pixels *ret)
{
    tjhandle handle = tjInitDecompress();
    int width = 0, height = 0, subsampling, colours;
    enum err err = handle ? OK : ERR_LIMIT;
    const unsigned char *p = (const unsigned char *)bytes.p;
    if (!err &&
        tjDecompressHeader3(handle, p, bytes.len, &width, &height, &subsampling, &colours) != 0)
        err = ERR_CORRUPT;
    if (!err)
        err = allot(ret, (uint32_t)width, (uint32_t)height);
    if (!err && tjDecompress2(handle, p, bytes.len, ret->rgb, width, 0, height, TJPF_RGB,
                              TJFLAG_STOPONWARNING) != 0)
        err = ERR_CORRUPT;
    if (handle)
        (void)tjDestroy(handle);
    return err;
}

static enum err read_png(struct str bytes, struct pixels *ret)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    const png_color white = {255, 255, 255};
    if (!png_image_begin_read_from_memory(&image, bytes.p, bytes.len))
        return ERR_CORRUPT;
    enum err err = allot(ret, image.width, image.height);
    image.format = PNG_FORMAT_RGB;
    if (!err && !png_image_finish_read(&image, &white, ret->rgb, 0, NULL))
        err = ERR_CORRUPT;
    png_image_free(&image);
    return err;
}

static enum err read_webp(struct str bytes, struct pixels *ret)
{
    WebPBitstreamFeatures features;
    const uint8_t *p = (const uint8_t *)bytes.p;
    if (WebPGetFeatures(p, bytes.len, &features) != VP8_STATUS_OK || features.has_animation)
        return ERR_CORRUPT;
    enum err err = allot(ret, (uint32_t)features.width, (uint32_t)features.height);
    if (!err && !WebPDecodeRGBInto(p, bytes.len, ret->rgb, (size_t)ret->width * ret->height * 3,
                                   features.width * 3))
        err = ERR_CORRUPT;
    return err;
}

/* EXIF orientation 1..8; 1 when it says nothing. */
static int orientation(struct str bytes)
{
    int value = 1;
    ExifData *exif = exif_data_new_from_data((const unsigned char *)bytes.p, (unsigned)bytes.len);
    ExifEntry *entry = exif ? exif_data_get_entry(exif, EXIF_TAG_ORIENTATION) : NULL;
    if (entry && entry->size >= 2 && entry->format == EXIF_FORMAT_SHORT)
        value = exif_get_short(entry->data, exif_data_get_byte_order(exif));
    if (exif)
        exif_data_unref(exif);
    return value >= 1 && value <= 8 ? value : 1;
}

/* Where the upright picture's pixel (x, y) lies in the stored one. */
static size_t source_of(const struct pixels *p, int turn, uint32_t x, uint32_t y)
{
    const uint32_t right = p->width - 1, bottom = p->height - 1;
    switch (turn) {
    case 2:
        return (size_t)y * p->width + (right - x);
    case 3:
        return (size_t)(bottom - y) * p->width + (right - x);
    case 4:
        return (size_t)(bottom - y) * p->width + x;
    case 5:
        return (size_t)x * p->width + y;
    case 6:
        return (size_t)(bottom - x) * p->width + y;
    case 7:
        return (size_t)(bottom - x) * p->width + (right - y);
    case 8:
        return (size_t)x * p->width + (right - y);
    default:
        return (size_t)y * p->width + x;
    }
}

static enum err turn_upright(struct pixels *p, int turn)
{
    struct pixels upright;
    if (turn == 1)
        return OK;
    enum err err =
        allot(&upright, turn >= 5 ? p->height : p->width, turn >= 5 ? p->width : p->height);
    if (err)
        return err;
    for (uint32_t y = 0; y < upright.height; y++) {
        for (uint32_t x = 0; x < upright.width; x++)
            memcpy(upright.rgb + ((size_t)y * upright.width + x) * 3,
                   p->rgb + source_of(p, turn, x, y) * 3, 3);
    }
    free(p->rgb);
    *p = upright;
    return OK;
}

/* In place: each pixel becomes the mean of four. */
static void halve(struct pixels *p)
{
    const uint32_t width = p->width / 2, height = p->height / 2;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            const uint8_t *above = p->rgb + ((size_t)2 * y * p->width + 2 * x) * 3;
            const uint8_t *below = above + (size_t)p->width * 3;
            for (int c = 0; c < 3; c++)
                p->rgb[((size_t)y * width + x) * 3 + (size_t)c] =
                    (uint8_t)((above[c] + above[c + 3] + below[c] + below[c + 3] + 2) / 4);
        }
    }
    p->width = width;
    p->height = height;
}

static enum err write_jpeg(const struct pixels *p, struct out *out)
{
    unsigned char *jpeg = NULL;
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    enum err err = handle ? OK : ERR_LIMIT;
    if (!err && tjCompress2(handle, p->rgb, (int)p->width, 0, (int)p->height, TJPF_RGB, &jpeg,
                            &size, TJSAMP_420, PICTURE_QUALITY, 0) != 0)
        err = ERR_CORRUPT;
    if (!err) {
        out_bytes(out, jpeg, size);
        err = out->err;
    }
    tjFree(jpeg);
    if (handle)
        (void)tjDestroy(handle);
    return err;
}

static enum err read_any(struct str bytes, struct pixels *ret)
{
    const struct str head = {bytes.p, bytes.len < 12 ? bytes.len : 12};
    if (str_starts(head, STR("\xFF\xD8\xFF")))
        return read_jpeg(bytes, ret);
    if (str_starts(head, STR("\x89PNG\r\n\x1A\n")))
        return read_png(bytes, ret);
    if (head.len == 12 && str_starts(head, STR("RIFF")) && memcmp(head.p + 8, "WEBP", 4) == 0)
        return read_webp(bytes, ret);
    return ERR_UNSUPPORTED;
}

enum err picture_clean(struct str bytes, struct out *out)
{
    struct pixels pixels = {0};
    enum err err = read_any(bytes, &pixels);
    if (!err)
        err = turn_upright(&pixels, orientation(bytes));
    while (!err && (pixels.width > PICTURE_MAX_SIDE || pixels.height > PICTURE_MAX_SIDE) &&
           pixels.width > 1 && pixels.height > 1)
        halve(&pixels);
    if (!err)
        err = write_jpeg(&pixels, out);
    free(pixels.rgb);
    return err;
}
