/* Photos of strangers: every format comes out as an upright JPEG with nothing else in it. */
#include "main/picture.h"
#include "test.h"

#include <png.h>
#include <turbojpeg.h>
#include <webp/encode.h>

#define W 40
#define H 20

/* Left half red, right half blue. */
static void paint(uint8_t *rgb)
{
    for (int i = 0; i < W * H; i++) {
        rgb[3 * i] = i % W < W / 2 ? 255 : 0;
        rgb[3 * i + 1] = 0;
        rgb[3 * i + 2] = i % W < W / 2 ? 0 : 255;
    }
}

static void decode(struct out *jpeg, int *ret_w, int *ret_h, uint8_t *ret_rgb, size_t cap)
{
    tjhandle handle = tjInitDecompress();
    int sub, space;
    assert_int_equal(tjDecompressHeader3(handle, jpeg->p, jpeg->len, ret_w, ret_h, &sub, &space),
                     0);
    assert_true((size_t)*ret_w * (size_t)*ret_h * 3 <= cap);
    assert_int_equal(
        tjDecompress2(handle, jpeg->p, jpeg->len, ret_rgb, *ret_w, 0, *ret_h, TJPF_RGB, 0), 0);
    (void)tjDestroy(handle);
}

static void check_upright(struct str bytes)
{
    struct out out;
    int w, h;
    uint8_t rgb[W * H * 3];
    out_init(&out, 1 << 20);
    assert_ok(picture_clean(bytes, &out));
    decode(&out, &w, &h, rgb, sizeof rgb);
    assert_int_equal(w, W);
    assert_int_equal(h, H);
    assert_true(rgb[0] > 200 && rgb[2] < 60);
    assert_true(rgb[(W - 1) * 3] < 60 && rgb[(W - 1) * 3 + 2] > 200);
    out_done(&out);
}

static struct out make_jpeg(void)
{
    uint8_t rgb[W * H * 3];
    unsigned char *jpeg = NULL;
    unsigned long size = 0;
    struct out out;
    tjhandle handle = tjInitCompress();
    paint(rgb);
    assert_int_equal(tjCompress2(handle, rgb, W, 0, H, TJPF_RGB, &jpeg, &size, TJSAMP_444, 95, 0),
                     0);
    out_init(&out, 1 << 20);
    out_bytes(&out, jpeg, size);
    tjFree(jpeg);
    (void)tjDestroy(handle);
    return out;
}

static void test_three_formats(void **state)
{
    uint8_t rgb[W * H * 3], *webp = NULL;
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = W, .height = H, .format = PNG_FORMAT_RGB};
    static uint8_t png[1 << 16];
    png_alloc_size_t size = sizeof png;
    (void)state;
    paint(rgb);
    struct out jpeg = make_jpeg();
    check_upright(out_view(&jpeg));
    out_done(&jpeg);
    assert_true(png_image_write_to_memory(&image, png, &size, 0, rgb, 0, NULL));
    check_upright((struct str){(const char *)png, size});
    size_t webp_size = WebPEncodeLosslessRGB(rgb, W, H, W * 3, &webp);
    check_upright((struct str){(const char *)webp, webp_size});
    WebPFree(webp);
}

/* An EXIF block with orientation 6 (turned right) and a canary where cameras write their names. */
static void insert_exif(const struct out *jpeg, struct out *ret)
{
    static const uint8_t exif[] = {
        0xFF, 0xE1, 0,    54, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0,   42,   0,    0,   0,   8, 0,
        2,    0x01, 0x0F, 0,  2,   0,   0,   0,   8, 0, 0,   0,   38,  0x01, 0x12, 0,   3,   0, 0,
        0,    1,    0,    6,  0,   0,   0,   0,   0, 0, 'C', 'A', 'N', 'A',  'R',  'Y', '!', 0};
    out_init(ret, 1 << 20);
    out_bytes(ret, jpeg->p, 2);
    out_bytes(ret, exif, sizeof exif);
    out_bytes(ret, jpeg->p + 2, jpeg->len - 2);
    ret->p[5] = (uint8_t)(sizeof exif - 2);
}

static void test_orientation_and_metadata(void **state)
{
    struct out jpeg = make_jpeg(), tagged, out;
    int w, h;
    uint8_t rgb[W * H * 3];
    (void)state;
    insert_exif(&jpeg, &tagged);
    assert_non_null(memmem(tagged.p, tagged.len, "CANARY", 6));
    out_init(&out, 1 << 20);
    assert_ok(picture_clean(out_view(&tagged), &out));
    assert_null(memmem(out.p, out.len, "CANARY", 6));
    assert_null(memmem(out.p, out.len, "Exif", 4));
    decode(&out, &w, &h, rgb, sizeof rgb);
    assert_int_equal(w, H); /* turned */
    assert_int_equal(h, W);
    assert_true(rgb[0] > 200);                             /* top is the red left side */
    assert_true(rgb[((size_t)(W - 1) * H) * 3 + 2] > 200); /* bottom is blue */
    out_done(&out);
    out_done(&tagged);
    out_done(&jpeg);
}

static void test_refusals(void **state)
{
    struct out out, jpeg = make_jpeg();
    (void)state;
    out_init(&out, 1 << 20);
    assert_int_equal(picture_clean(STR("GIF89a not here"), &out), ERR_UNSUPPORTED);
    assert_int_equal(picture_clean(STR(""), &out), ERR_UNSUPPORTED);
    for (size_t n = 3; n < jpeg.len; n += 17) /* cut short anywhere */
        assert_true(picture_clean((struct str){(const char *)jpeg.p, n}, &out) != OK);
    out_done(&out);
    out_done(&jpeg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_three_formats),
                                       cmocka_unit_test(test_orientation_and_metadata),
                                       cmocka_unit_test(test_refusals)};
    return RUN(tests);
}
