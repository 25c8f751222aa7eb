/* Image files examined without decoding: what is found agrees with the decoder, and hostile files
 * are examined or refused. */
#include "data_files.h"

#include <dirent.h>

#include "data/picture.h"
#include "image/image.h"

static const char folder[] = "tests/golden/images";

/* Call for each file of the golden images. */
static int each_file(void (*check)(const char *name, struct bytes *file))
{
    DIR *list = opendir(folder);
    assert_non_null(list);
    int count = 0;
    struct bytes file = {0};
    for (const struct dirent *entry; (entry = readdir(list));) {
        if (entry->d_name[0] == '.')
            continue;
        assert_int_equal(file_load(PATH("%s/%s", folder, entry->d_name), 1 << 24, &file, NULL), OK);
        check(entry->d_name, &file);
        count++;
    }
    bytes_free(&file);
    closedir(list);
    return count;
}

static void check_agreement(const char *name, struct bytes *file)
{
    struct picture picture;
    struct image image = {0};
    struct error examined = {0}, decoded = {0};
    picture_examine(file->data, file->size, name, &picture, &examined);
    image_decode(&image, file->data, file->size, name, &decoded);
    if (decoded.status == OK && examined.status != OK)
        fail_msg("%s can be decoded, but: %s", name, examined.text);
    if (decoded.status == OK) {
        assert_int_equal(picture.width, image.width);
        assert_int_equal(picture.height, image.height);
        assert_int_equal(picture.format, strstr(name, "png_") ? PICTURE_PNG : PICTURE_JPEG);
    }
    if (examined.status == OK && picture.format == PICTURE_JPEG)
        assert_memory_not_equal(picture.pixel_digest, picture.file_digest, DIGEST_SIZE);
    if (examined.status != OK)
        assert_memory_equal(picture.pixel_digest, picture.file_digest, DIGEST_SIZE);
    image_free(&image);
}

static void what_is_found_agrees_with_the_decoder(void **state)
{
    (void)state;
    assert_true(each_file(check_agreement) > 50);
}

static struct picture examined(const char *name)
{
    struct bytes file = {0};
    struct picture picture;
    struct error error = {0};
    assert_int_equal(file_load(PATH("%s/%s", folder, name), 1 << 24, &file, &error), OK);
    assert_int_equal(picture_examine(file.data, file.size, name, &picture, &error), OK);
    bytes_free(&file);
    return picture;
}

static void kinds_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(examined("jpeg_gray.jpg").colour, COLOUR_GRAY);
    assert_int_equal(examined("jpeg_cmyk_adobe.jpg").colour, COLOUR_CMYK);
    assert_int_equal(examined("jpeg_ycck.jpg").colour, COLOUR_CMYK);
    assert_int_equal(examined("jpeg_rgb.jpg").colour, COLOUR_RGB);
    assert_int_equal(examined("png_colour0_depth8.png").colour, COLOUR_GRAY);
    assert_int_equal(examined("png_colour3_depth8.png").colour, COLOUR_RGB);
    assert_int_equal(examined("png_colour4_depth8.png").colour, COLOUR_GRAY);
    assert_int_equal(examined("png_colour6_depth8.png").colour, COLOUR_RGB);
    assert_true(examined("jpeg_progressive.jpg").progressive);
    assert_false(examined("jpeg_three_scans.jpg").progressive);
}

/* Every prefix, up to where the picture ends. */
static void check_truncations(const char *name, struct bytes *file)
{
    struct picture picture;
    for (size_t size = 0; size < file->size; size += 1 + size / 64) {
        uint8_t *exact = malloc(size ? size : 1); /* so that a sanitizer sees reads past the end */
        memcpy(exact, file->data, size);
        struct error error = {0};
        enum status status = picture_examine(exact, size, name, &picture, &error);
        if (status != OK && !(status == BAD_INPUT && error.text[0]))
            fail_msg("%s cut to %zu bytes: status %d, '%s'", name, size, status, error.text);
        free(exact);
    }
}

static void truncations_are_refused(void **state)
{
    (void)state;
    each_file(check_truncations);
}

static void check_mutants(const char *name, struct bytes *file)
{
    struct picture picture;
    uint64_t seed = file->size;
    uint8_t *mutant = malloc(file->size);
    for (int i = 0; i < 100; i++) {
        memcpy(mutant, file->data, file->size);
        damage(mutant, file->size, &seed);
        struct error error = {0};
        enum status status = picture_examine(mutant, file->size, name, &picture, &error);
        if (status != OK && !(status == BAD_INPUT && error.text[0]))
            fail_msg("%s, mutant %d: status %d, '%s'", name, i, status, error.text);
    }
    free(mutant);
}

static void mutants_are_examined_or_refused(void **state)
{
    (void)state;
    assert_true(each_file(check_mutants) * 100 > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_agrees_with_the_decoder),
        cmocka_unit_test(kinds_are_told_apart),
        cmocka_unit_test(truncations_are_refused),
        cmocka_unit_test(mutants_are_examined_or_refused),
    };
    return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
