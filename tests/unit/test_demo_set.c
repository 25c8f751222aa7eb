/* The demo's set: the same pictures everywhere, balanced, labelled, whole or not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/file.h"
#include "data/dataset.h"
#include "data/demo_set.h"
#include "image/image.h"

enum { SMALL = 100 };

static void assert_pixels(enum demo_split split, long each, const char *wanted)
{
    struct digest digest;
    assert_int_equal(digest_begin(&digest, NULL), OK);
    for (int label = 0; label < DEMO_CLASSES; label++)
        for (long number = 0; number < each; number++) {
            uint8_t pixels[DEMO_PIXEL_BYTES];
            demo_picture_draw(split, label, number, pixels);
            digest_add(&digest, pixels, sizeof pixels);
        }
    uint8_t sum[DIGEST_SIZE];
    char hex[DIGEST_HEX];
    digest_end(&digest, sum);
    digest_hex(sum, hex);
    assert_string_equal(hex, wanted);
}

/* The weights in demo/ were trained on these pictures: a change here asks for training anew. */
static void pixels_never_change(void **state)
{
    (void)state;
    assert_pixels(DEMO_TEST, 200,
                  "2374f244a637fcddae016dc4a1a8f2931289394249dbeb2ea27ec6366856cd53");
    assert_pixels(DEMO_TRAIN, 10,
                  "3c7a7a899c960e5c4a4d381eb8000ddc3482ef49b2718dba6ccc3d4ec0b63d03");
}

static void pictures_differ_by_split_class_and_number(void **state)
{
    (void)state;
    static const struct {
        enum demo_split split;
        int label;
        long number;
    } other[] = {{DEMO_TRAIN, 0, 0}, {DEMO_TEST, 1, 0}, {DEMO_TEST, 0, 1}, {DEMO_TEST, 0, 99999}};
    uint8_t first[DEMO_PIXEL_BYTES], pixels[DEMO_PIXEL_BYTES];
    demo_picture_draw(DEMO_TEST, 0, 0, first);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        demo_picture_draw(other[i].split, other[i].label, other[i].number, pixels);
        assert_memory_not_equal(pixels, first, sizeof first);
    }
}

/* A folder of this test's own. */
static int folder_begin(void **state)
{
    static char folder[64];
    strcpy(folder, "/tmp/bitzoo-demo-XXXXXX");
    *state = mkdtemp(folder);
    return *state ? 0 : -1;
}

static int folder_end(void **state)
{
    char command[100];
    snprintf(command, sizeof command, "rm -r '%s'", (char *)*state);
    return system(command);
}

static const char *in_folder(void **state, const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%s", (char *)*state, name);
    return path;
}

/* JPEG keeps a picture's brightness nearly; colour, at half resolution, less so. */
static void assert_near(const struct image *image, const uint8_t *pixels)
{
    assert_int_equal(image->width, DEMO_SIDE);
    assert_int_equal(image->height, DEMO_SIDE);
    long difference = 0;
    for (int i = 0; i < DEMO_PIXEL_BYTES; i++)
        difference += abs(image->pixels[i] - pixels[i]);
    assert_in_range(difference / DEMO_PIXEL_BYTES, 0, 25);
}

static void set_is_balanced_and_labelled(void **state)
{
    const char *path = in_folder(state, "set");
    struct error error = {0};
    assert_int_equal(demo_set_write(path, DEMO_TEST, SMALL, &error), OK);
    struct dataset *set;
    assert_int_equal(dataset_open(path, &set, &error), OK);
    assert_int_equal(set->count, SMALL);
    assert_int_equal(set->classes, DEMO_CLASSES);
    struct bytes file = {0};
    struct image image = {0};
    for (int i = 0; i < SMALL; i++) {
        int label = i / (SMALL / DEMO_CLASSES), number = i % (SMALL / DEMO_CLASSES);
        char name[40];
        snprintf(name, sizeof name, "%02d_%s/%05d.JPEG", label, demo_class_name(label), number);
        assert_string_equal(set->samples[i].name, name);
        assert_int_equal(set->samples[i].label, label);
        uint8_t pixels[DEMO_PIXEL_BYTES];
        demo_picture_draw(DEMO_TEST, label, number, pixels);
        assert_int_equal(dataset_read(set, i, &file, &error), OK);
        assert_int_equal(image_decode(&image, file.data, file.size, name, &error), OK);
        assert_near(&image, pixels);
    }
    bytes_free(&file);
    image_free(&image);
    dataset_close(set);
}

static void set_is_used_again_or_left_alone(void **state)
{
    const char *path = in_folder(state, "set");
    struct error error = {0};
    assert_int_equal(demo_set_write(path, DEMO_TEST, SMALL, &error), OK);
    assert_int_equal(demo_set_write(path, DEMO_TEST, SMALL, &error), OK);
    assert_int_equal(demo_set_write(path, DEMO_TEST, SMALL + DEMO_CLASSES, &error), BAD_INPUT);
    assert_non_null(strstr(error.text, "a set of 100 pictures"));
    error = (struct error){0};
    assert_int_equal(demo_set_write(path, DEMO_TRAIN, SMALL, &error), BAD_INPUT);
    assert_non_null(strstr(error.text, "00_disc/00000.JPEG is not what"));

    const char *picture = in_folder(state, "set/04_triangle/00007.JPEG");
    assert_int_equal(file_save(picture, "mine", 4, NULL), OK);
    error = (struct error){0};
    assert_int_equal(demo_set_write(in_folder(state, "set"), DEMO_TEST, SMALL, &error), BAD_INPUT);
    assert_non_null(strstr(error.text, "04_triangle/00007.JPEG is not what"));
    struct bytes file = {0};
    picture = in_folder(state, "set/04_triangle/00007.JPEG");
    assert_int_equal(file_load(picture, 100, &file, NULL), OK);
    assert_int_equal(file.size, 4);
    bytes_free(&file);
}

static void set_is_refused_whole(void **state)
{
    struct error error = {0};
    const char *path = in_folder(state, "set");
    assert_int_equal(demo_set_write(path, DEMO_TEST, 0, &error), BAD_USAGE);
    assert_int_equal(demo_set_write(path, DEMO_TEST, -10, &error), BAD_USAGE);
    assert_int_equal(demo_set_write(path, DEMO_TEST, SMALL + 1, &error), BAD_USAGE);
    assert_int_equal(demo_set_write(path, DEMO_TEST, DEMO_MOST_IMAGES + 10L, &error), BAD_USAGE);
    error = (struct error){0};
    path = in_folder(state, "not/there/set");
    assert_int_equal(demo_set_write(path, DEMO_TEST, SMALL, &error), BAD_INPUT);
    assert_int_equal(file_save(in_folder(state, "set"), "mine", 4, NULL), OK);
    error = (struct error){0};
    assert_int_equal(demo_set_write(in_folder(state, "set"), DEMO_TEST, SMALL, &error), BAD_INPUT);
    assert_int_equal(unlink(in_folder(state, "set")), 0);
    assert_int_equal(rmdir(*state), 0); /* nothing else was left behind */
    *state = NULL;
}

static int nothing_left(void **state)
{
    return *state ? folder_end(state) : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_never_change),
        cmocka_unit_test(pictures_differ_by_split_class_and_number),
        cmocka_unit_test_setup_teardown(set_is_balanced_and_labelled, folder_begin, folder_end),
        cmocka_unit_test_setup_teardown(set_is_used_again_or_left_alone, folder_begin, folder_end),
        cmocka_unit_test_setup_teardown(set_is_refused_whole, folder_begin, nothing_left),
    };
    return cmocka_run_group_tests_name("demo_set", tests, NULL, NULL);
}
