/* image: small pictures, sizes and modes against what Pillow, torchvision and Keras made of them
 * (tests/golden/image_*.txt, by tools/gen_image_golden.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/file.h"
#include "image/crop.h"
#include "image/recipe.h"

#define GOLDEN "tests/golden/"

enum { SHORT_HEX = 16, LINE = 256 };

/* Call `check` with each line of a list and return how many there are. */
static int each_line(const char *path, void (*check)(const char *line))
{
    char line[LINE];
    int count = 0;
    FILE *list = fopen(path, "r");
    if (!list)
        fail_msg("%s is not there; run this test from the root of the project", path);
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#')
            continue;
        check(line);
        count++;
    }
    fclose(list);
    return count;
}

static void expect_digest(const void *data, size_t size, const char *expected, const char *what)
{
    uint8_t sum[DIGEST_SIZE];
    char hex[DIGEST_HEX];
    assert_int_equal(digest_of(data, size, sum, NULL), OK);
    digest_hex(sum, hex);
    hex[SHORT_HEX] = '\0';
    if (strcmp(hex, expected) != 0)
        fail_msg("%s: digest %s, expected %s", what, hex, expected);
}

static void expect_refusal(enum status status, const struct error *error, const char *name,
                           const char *reason)
{
    if (status != BAD_INPUT || error->status != BAD_INPUT)
        fail_msg("%s: status %d, must be refused", name, status);
    if (!strstr(error->text, reason) || strncmp(error->text, name, strlen(name)) != 0)
        fail_msg("%s: \"%s\" does not name the file and say \"%s\"", name, error->text, reason);
}

static void check_file(const char *line)
{
    char name[LINE], path[LINE + 64], expected[SHORT_HEX + 1];
    int width, height;
    assert_int_equal(sscanf(line, "%255s", name), 1);
    snprintf(path, sizeof path, GOLDEN "images/%s", name);
    struct bytes file = {0};
    struct image image = {0};
    struct error error = {0};
    if (file_load(path, 1 << 20, &file, &error) != OK)
        fail_msg("%s", error.text);
    enum status status = image_decode(&image, file.data, file.size, name, &error);
    if (sscanf(line, "%*s %d %d %16s", &width, &height, expected) == 3) {
        if (status != OK)
            fail_msg("%s", error.text);
        assert_int_equal(image.width, width);
        assert_int_equal(image.height, height);
        expect_digest(image.pixels, (size_t)width * (size_t)height * 3, expected, name);
    } else {
        const char *reason = strstr(line, " refused ");
        assert_non_null(reason);
        expect_refusal(status, &error, name, reason + strlen(" refused "));
        assert_int_equal(image.width, 0);
        assert_int_equal(image.height, 0);
    }
    bytes_free(&file);
    image_free(&image);
}

static void files_decode_as_pillow_does(void **state)
{
    (void)state;
    assert_int_equal(each_line(GOLDEN "image_files.txt", check_file), 79);
}

/* The noise of tools/gen_image_golden.py. */
static void make_noise(struct image *image, int width, int height)
{
    assert_int_equal(image_reserve(image, width, height, NULL), OK);
    uint8_t *pixel = image->pixels;
    for (uint32_t y = 0; y < (uint32_t)height; y++)
        for (uint32_t x = 0; x < (uint32_t)width; x++)
            for (uint32_t c = 0; c < 3; c++) {
                uint32_t value = x * 2654435761u + y * 2246822519u + c * 3266489917u;
                value ^= value >> 15;
                value *= 2246822519u;
                value ^= value >> 13;
                *pixel++ = value & 255;
            }
}

static enum filter filter_named(const char *name)
{
    if (strcmp(name, "nearest") == 0)
        return FILTER_NEAREST;
    return strcmp(name, "bilinear") == 0 ? FILTER_BILINEAR : FILTER_BICUBIC;
}

static void check_recipe(const char *line)
{
    int width, height;
    char fit[16], filter[16], expected[SHORT_HEX + 1];
    struct recipe recipe = {.mode = MODE_UNIT};
    assert_int_equal(sscanf(line, "%d %d %15s %d %d %15s %16s", &width, &height, fit,
                            &recipe.resize, &recipe.side, filter, expected),
                     7);
    recipe.fit = strcmp(fit, "squash") == 0 ? FIT_SQUASH : FIT_SHORT_SIDE;
    recipe.filter = filter_named(filter);
    struct image image = {0}, square = {0};
    struct recipe_scratch scratch = {0};
    struct error error = {0};
    make_noise(&image, width, height);
    if (recipe_pixels(&recipe, &image, &scratch, &square, &error) != OK)
        fail_msg("%s: %s", line, error.text);
    assert_int_equal(square.width, recipe.side);
    assert_int_equal(square.height, recipe.side);
    expect_digest(square.pixels, (size_t)recipe.side * (size_t)recipe.side * 3, expected, line);
    image_free(&image);
    image_free(&square);
    recipe_scratch_free(&scratch);
}

static void recipes_resize_as_torchvision_does(void **state)
{
    (void)state;
    assert_int_equal(each_line(GOLDEN "image_recipes.txt", check_recipe), 405);
}

static void check_mode(const char *line)
{
    static const char *const names[] = {"torchvision", "caffe", "tf", "torch", "unit"};
    char name[16], expected[SHORT_HEX + 1];
    assert_int_equal(sscanf(line, "%15s %16s", name, expected), 2);
    struct recipe recipe = {FIT_SQUASH, 0, 16, FILTER_NEAREST, MODE_TORCHVISION};
    while (strcmp(names[recipe.mode], name) != 0)
        assert_true(++recipe.mode <= MODE_UNIT);
    struct image image = {0};
    struct recipe_scratch scratch = {0};
    float floats[16 * 16 * 3];
    assert_int_equal(image_reserve(&image, 16, 16, NULL), OK);
    for (int i = 0; i < 256; i++)
        memset(image.pixels + 3 * i, i, 3);
    assert_int_equal(recipe_apply(&recipe, &image, &scratch, floats, NULL), OK);
    expect_digest(floats, sizeof floats, expected, name);
    image_free(&image);
    recipe_scratch_free(&scratch);
}

static void modes_give_the_frameworks_floats(void **state)
{
    (void)state;
    assert_int_equal(each_line(GOLDEN "image_modes_torch.txt", check_mode), 2);
    assert_int_equal(each_line(GOLDEN "image_modes_keras.txt", check_mode), 3);
}

static void caffe_swaps_red_and_blue(void **state)
{
    (void)state;
    struct image image = {0};
    struct recipe_scratch scratch = {0};
    float floats[3];
    assert_int_equal(image_reserve(&image, 1, 1, NULL), OK);
    memcpy(image.pixels, "\x01\x02\x03", 3);
    const struct recipe recipe = {FIT_SQUASH, 0, 1, FILTER_NEAREST, MODE_CAFFE};
    assert_int_equal(recipe_apply(&recipe, &image, &scratch, floats, NULL), OK);
    assert_true(floats[0] == 3.0f - 103.939f);
    assert_true(floats[1] == 2.0f - 116.779f);
    assert_true(floats[2] == 1.0f - 123.68f);
    image_free(&image);
    recipe_scratch_free(&scratch);
}

static void crop_rounds_half_to_even(void **state)
{
    (void)state;
    static const struct crop expected[] = {
        /* resized, first, count, at */
        {224, 0, 224, 0}, {225, 0, 224, 0},  {226, 1, 224, 0}, {227, 2, 224, 0}, {229, 2, 224, 0},
        {231, 4, 224, 0}, {341, 58, 224, 0}, {223, 0, 223, 0}, {222, 0, 222, 1}, {1, 0, 1, 111},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct crop crop = crop_centre(expected[i].resized, 224);
        assert_memory_equal(&crop, &expected[i], sizeof crop);
    }
    assert_int_equal(crop_long_side(256, 500, 375), 341);
    assert_int_equal(crop_long_side(256, 65535, 1), 16776960);
}

static void recipes_describe_themselves(void **state)
{
    (void)state;
    char text[RECIPE_TEXT];
    recipe_describe(&(struct recipe){FIT_SHORT_SIDE, 256, 224, FILTER_BILINEAR, MODE_TORCHVISION},
                    text);
    assert_string_equal(text, "short-side 256 bilinear crop 224 torchvision");
    recipe_describe(&(struct recipe){FIT_SQUASH, 0, 224, FILTER_NEAREST, MODE_TF}, text);
    assert_string_equal(text, "squash 224 nearest tf");
    recipe_describe(&(struct recipe){FIT_SHORT_SIDE, RECIPE_MAX_SIDE, RECIPE_MAX_SIDE,
                                     FILTER_BICUBIC, MODE_TORCHVISION},
                    text);
    assert_string_equal(text, "short-side 16384 bicubic crop 16384 torchvision");
}

static void senseless_recipes_are_refused(void **state)
{
    (void)state;
    struct image image = {0}, square = {0};
    struct recipe_scratch scratch = {0};
    struct recipe recipe = {FIT_SHORT_SIDE, 256, 224, FILTER_BILINEAR, MODE_UNIT};
    struct error error = {0};
    assert_int_equal(recipe_pixels(&recipe, &image, &scratch, &square, &error), BAD_USAGE);
    assert_non_null(strstr(error.text, "empty"));
    make_noise(&image, 2, 2);
    recipe.resize = 0;
    assert_int_equal(recipe_pixels(&recipe, &image, &scratch, &square, NULL), BAD_USAGE);
    recipe.resize = 256;
    recipe.side = RECIPE_MAX_SIDE + 1;
    assert_int_equal(recipe_pixels(&recipe, &image, &scratch, &square, NULL), BAD_USAGE);
    image_free(&image);
    image_free(&square);
    recipe_scratch_free(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_decode_as_pillow_does),
        cmocka_unit_test(recipes_resize_as_torchvision_does),
        cmocka_unit_test(modes_give_the_frameworks_floats),
        cmocka_unit_test(caffe_swaps_red_and_blue),
        cmocka_unit_test(crop_rounds_half_to_even),
        cmocka_unit_test(recipes_describe_themselves),
        cmocka_unit_test(senseless_recipes_are_refused),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
