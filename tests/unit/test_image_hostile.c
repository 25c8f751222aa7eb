/* image: cut, changed and foreign files end in a clear error or in a whole picture. Made for runs
 * under AddressSanitizer; every random choice has a fixed seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "image/image.h"
#include "shared_data.h"

#define IMAGES "tests/golden/images/"
#define SAMPLE "sample-images/n01440764/n01440764_sample.JPEG"

enum { CUTS = 50, MUTANTS = 1000, SEED = 4, SMALL = 1 << 16 };

static const char *const victims[] = {
    IMAGES "jpeg_2x2_1x1_1x1.jpg",    IMAGES "jpeg_progressive.jpg",
    IMAGES "jpeg_restarts.jpg",       IMAGES "jpeg_ycck.jpg",
    IMAGES "png_colour2_depth8.png",  IMAGES "png_colour3_depth4_interlaced.png",
    IMAGES "png_colour0_depth16.png",
};
enum { VICTIMS = sizeof victims / sizeof *victims };

static void load(struct bytes *file, const char *path)
{
    struct error error = {0};
    if (file_load(path, 1 << 24, file, &error) != OK)
        fail_msg("%s", error.text);
}

/* Decode a copy whose end is the end of its memory, so that a sanitizer sees the first byte read
 * beyond it. */
static enum status decode_copy(struct image *image, const uint8_t *bytes, size_t size,
                               struct error *error)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    *error = (struct error){0};
    enum status status = image_decode(image, copy, size, "victim", error);
    free(copy);
    assert_int_equal(status, error->status);
    if (status != OK) {
        assert_true(status == NO_MEMORY || strncmp(error->text, "victim: ", 8) == 0);
        assert_int_equal(image->width, 0);
    }
    return status;
}

static void expect_refused(const uint8_t *bytes, size_t size, const char *reason)
{
    struct image image = {0};
    struct error error;
    if (decode_copy(&image, bytes, size, &error) != BAD_INPUT)
        fail_msg("a file of %zu bytes that must be refused was read", size);
    if (!strstr(error.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", error.text, reason);
    image_free(&image);
}

static void check_cuts(const char *path)
{
    struct bytes file = {0};
    load(&file, path);
    for (size_t i = 0; i < CUTS; i++)
        expect_refused(file.data, file.size * i / CUTS, "get");
    for (size_t i = 1; i < 12; i++)
        expect_refused(file.data, file.size - i, "get");
    bytes_free(&file);
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < VICTIMS; i++)
        check_cuts(victims[i]);
}

/* Change one to four places: a bit, a byte, or a run of zeros or ones. */
static void mutate(uint8_t *bytes, size_t size)
{
    for (int changes = 1 + rand() % 4; changes > 0; changes--) {
        size_t at = (size_t)rand() % size;
        size_t run = 1 + (size_t)rand() % 8;
        switch (rand() % 3) {
        case 0:
            bytes[at] ^= (uint8_t)(1 << rand() % 8);
            break;
        case 1:
            bytes[at] = (uint8_t)rand();
            break;
        default:
            memset(bytes + at, rand() % 2 ? 255 : 0, run < size - at ? run : size - at);
        }
    }
}

/* A picture that is read must be written to the last byte: what lay there before must not show. */
static void check_mutant(const uint8_t *bytes, size_t size, struct image *first,
                         struct image *second)
{
    struct error error;
    for (int i = 0; i < 2; i++) {
        struct image *image = i ? second : first;
        if (image->pixels)
            memset(image->pixels, i ? 0xaa : 0x55, image->capacity);
    }
    enum status status = decode_copy(first, bytes, size, &error);
    assert_int_equal(decode_copy(second, bytes, size, &error), status);
    if (status != OK)
        return;
    assert_true(first->width > 0 && first->width <= IMAGE_MAX_SIDE && first->height > 0 &&
                first->height <= IMAGE_MAX_SIDE);
    assert_int_equal(first->width, second->width);
    assert_int_equal(first->height, second->height);
    assert_memory_equal(first->pixels, second->pixels,
                        (size_t)first->width * (size_t)first->height * 3);
}

static void check_mutants(const char *path)
{
    struct bytes file = {0}, mutant = {0};
    struct image first = {0}, second = {0};
    load(&file, path);
    load(&mutant, path);
    srand(SEED);
    for (int i = 0; i < MUTANTS; i++) {
        memcpy(mutant.data, file.data, file.size);
        mutate(mutant.data, file.size);
        check_mutant(mutant.data, file.size, &first, &second);
    }
    bytes_free(&file);
    bytes_free(&mutant);
    image_free(&first);
    image_free(&second);
}

static void mutants_are_refused_or_whole(void **state)
{
    (void)state;
    for (int i = 0; i < VICTIMS; i++)
        check_mutants(victims[i]);
}

static void real_picture_is_as_robust(void **state)
{
    (void)state;
    char path[SHARED_PATH];
    if (access(shared_path(path, SAMPLE), R_OK) != 0) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    check_cuts(path);
    check_mutants(path);
}

/* The last scan of a progressive file may come again and again without being wrong. */
static void scans_are_limited(void **state)
{
    (void)state;
    struct bytes file = {0};
    load(&file, IMAGES "jpeg_gray_two_scans.jpg");
    size_t scan = file.size;
    while (file.data[scan - 1] != 0xda || file.data[scan - 2] != 0xff)
        scan--;
    scan -= 2;
    size_t scan_size = file.size - 2 - scan;
    static uint8_t many[SMALL * 4];
    memcpy(many, file.data, file.size - 2);
    size_t size = file.size - 2;
    struct image image = {0};
    struct error error;
    for (int scans = 2; scans <= 101; scans++, size += scan_size) {
        assert_true(size + scan_size + 2 <= sizeof many);
        memcpy(many + size, "\xff\xd9", 2);
        if (scans == 100)
            assert_int_equal(decode_copy(&image, many, size + 2, &error), OK);
        if (scans == 101)
            expect_refused(many, size + 2, "more than 100 scans");
        memcpy(many + size, file.data + scan, scan_size);
    }
    bytes_free(&file);
    image_free(&image);
}

static void impostors_are_named(void **state)
{
    (void)state;
    static uint8_t tar[512];
    memcpy(tar + 257, "ustar", 5);
    expect_refused(tar, sizeof tar, "a tar archive");
    static const struct {
        const char *bytes;
        size_t size;
        const char *reason;
    } impostors[] = {
        {"", 0, "is empty"},
        {"\xff", 1, "found ff 00"},
        {"\xff\xd8", 2, "found ff d8"},
        {"hello", 5, "byte 0: found 68 65 6c 6c"},
        {"\n <!DOCTYPE html><html>", 23, "an HTML or XML page"},
        {"\xef\xbb\xbf<HTML>", 9, "an HTML or XML page"},
        {"<?xml version", 13, "an HTML or XML page"},
        {"version https://git-lfs.github.com/spec/v1\n", 43, "git lfs pull"},
        {"\x1f\x8b\x08\x00", 4, "gzip data"},
        {"RIFF\x10\x00\x00\x00WEBPVP8 ", 16, "a WebP picture"},
        {"GIF89a", 6, "a GIF picture"},
        {"BM\x10\x00", 4, "a BMP picture"},
        {"II*\x00", 4, "a TIFF picture"},
        {"PK\x03\x04", 4, "a zip archive"},
        {"\3757zXZ", 6, "xz data"},
        {"\x00\x00\x00\x20"
         "ftypavif",
         12, "an AVIF picture"},
        {"\x00\x00\x00\x0cJXL \r\n\x87\n", 12, "a JPEG XL picture"},
    };
    for (size_t i = 0; i < sizeof impostors / sizeof *impostors; i++)
        expect_refused((const uint8_t *)impostors[i].bytes, impostors[i].size, impostors[i].reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_files_are_refused),     cmocka_unit_test(mutants_are_refused_or_whole),
        cmocka_unit_test(real_picture_is_as_robust), cmocka_unit_test(scans_are_limited),
        cmocka_unit_test(impostors_are_named),
    };
    return cmocka_run_group_tests_name("image_hostile", tests, NULL, NULL);
}
