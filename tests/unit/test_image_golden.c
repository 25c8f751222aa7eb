/* image: the 400 sample images through five recipes, against digests of what Pillow 13.0 and
 * torchvision 0.29 made of them, with the C and the vector loops. Skips where they are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/file.h"
#include "image/image_cpu.h"
#include "image/recipe.h"
#include "shared_data.h"

enum { DIGESTS = 5, SHORT_HEX = 16 };

static const struct recipe recipes[DIGESTS - 1] = {
    {FIT_SHORT_SIDE, 256, 224, FILTER_BILINEAR, MODE_UNIT},
    {FIT_SHORT_SIDE, 342, 299, FILTER_BILINEAR, MODE_UNIT},
    {FIT_SQUASH, 0, 224, FILTER_NEAREST, MODE_UNIT},
    {FIT_SHORT_SIDE, 256, 299, FILTER_BILINEAR, MODE_UNIT},
};

struct work {
    struct bytes file;
    struct image image, square;
    struct recipe_scratch scratch;
};

static void expect_digest(const struct image *image, const char *expected, const char *name)
{
    uint8_t sum[DIGEST_SIZE];
    char hex[DIGEST_HEX];
    size_t size = (size_t)image->width * (size_t)image->height * 3;
    assert_int_equal(digest_of(image->pixels, size, sum, NULL), OK);
    digest_hex(sum, hex);
    hex[SHORT_HEX] = '\0';
    if (strcmp(hex, expected) != 0)
        fail_msg("%s: digest %s, expected %s", name, hex, expected);
}

static void check_image(struct work *work, const char *name, char digests[DIGESTS][SHORT_HEX + 1])
{
    char path[SHARED_PATH], from_folder[SHARED_PATH / 2];
    struct error error = {0};
    snprintf(from_folder, sizeof from_folder, "sample-images/%s", name);
    shared_path(path, from_folder);
    if (file_load(path, 1 << 28, &work->file, &error) != OK ||
        image_decode(&work->image, work->file.data, work->file.size, path, &error) != OK)
        fail_msg("%s", error.text);
    expect_digest(&work->image, digests[0], path);
    for (int i = 0; i < DIGESTS - 1; i++) {
        if (recipe_pixels(&recipes[i], &work->image, &work->scratch, &work->square, &error) != OK)
            fail_msg("%s", error.text);
        recipe_describe(&recipes[i], path);
        expect_digest(&work->square, digests[i + 1], path);
    }
}

static void check_all(enum image_cpu cpu)
{
    char path[SHARED_PATH];
    FILE *list = fopen(shared_path(path, "expected/pixels_sha256.txt"), "r");
    if (!list) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    if (image_use_cpu(cpu, NULL) != OK) {
        print_message("skipped: this processor lacks the instructions\n");
        fclose(list);
        skip();
    }
    struct work work = {0};
    char name[128], digests[DIGESTS][SHORT_HEX + 1];
    int count = 0;
    while (fscanf(list, "%127s %16s %16s %16s %16s %16s", name, digests[0], digests[1], digests[2],
                  digests[3], digests[4]) == 1 + DIGESTS) {
        check_image(&work, name, digests);
        count++;
    }
    assert_int_equal(count, 400);
    fclose(list);
    bytes_free(&work.file);
    image_free(&work.image);
    image_free(&work.square);
    recipe_scratch_free(&work.scratch);
}

static void samples_in_c(void **state)
{
    (void)state;
    check_all(IMAGE_CPU_C);
}

static void samples_in_avx2(void **state)
{
    (void)state;
    check_all(IMAGE_CPU_AVX2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_in_c),
        cmocka_unit_test(samples_in_avx2),
    };
    return cmocka_run_group_tests_name("image_golden", tests, NULL, NULL);
}
