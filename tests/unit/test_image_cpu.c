/* image: the vector loops of the resize give the bytes of the plain C ones, whatever the sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/image_cpu.h"
#include "image/recipe.h"

enum { CASES = 800, SEED = 20190701 };

static int random_between(int low, int high)
{
    return low + rand() % (high - low + 1);
}

/* Small sizes are the hard ones. */
static int random_size(int most)
{
    return random_between(1, random_between(0, 3) == 0 ? 8 : most);
}

static void random_image(struct image *image, int width, int height)
{
    assert_int_equal(image_reserve(image, width, height, NULL), OK);
    bool extreme = random_between(0, 1); /* black and white make the largest sums */
    for (int i = 0; i < width * height * 3; i++)
        image->pixels[i] = (uint8_t)(extreme ? rand() % 2 * 255 : rand() % 256);
}

struct work {
    struct image image, in_c, in_vectors;
    struct recipe_scratch scratch_c, scratch_vectors;
};

static void compare(struct work *work, const struct recipe *recipe, enum image_cpu cpu)
{
    struct error error = {0};
    assert_int_equal(image_use_cpu(IMAGE_CPU_C, NULL), OK);
    if (recipe_pixels(recipe, &work->image, &work->scratch_c, &work->in_c, &error) != OK)
        fail_msg("%s", error.text);
    assert_int_equal(image_use_cpu(cpu, NULL), OK);
    if (recipe_pixels(recipe, &work->image, &work->scratch_vectors, &work->in_vectors, &error))
        fail_msg("%s", error.text);
    size_t size = (size_t)recipe->side * (size_t)recipe->side * 3;
    if (memcmp(work->in_c.pixels, work->in_vectors.pixels, size) != 0) {
        char text[RECIPE_TEXT];
        recipe_describe(recipe, text);
        fail_msg("%d x %d, %s: other bytes than plain C", work->image.width, work->image.height,
                 text);
    }
}

static void compare_all(enum image_cpu cpu)
{
    if (image_use_cpu(cpu, NULL) != OK) {
        print_message("skipped: this processor lacks the instructions\n");
        skip();
    }
    struct work work = {0};
    srand(SEED);
    for (int i = 0; i < CASES; i++) {
        struct recipe recipe = {.fit = i % 2 ? FIT_SHORT_SIDE : FIT_SQUASH,
                                .resize = random_size(150),
                                .side = random_size(150),
                                .filter = i % 3 ? FILTER_BILINEAR : FILTER_BICUBIC};
        random_image(&work.image, random_size(400), random_size(400));
        compare(&work, &recipe, cpu);
    }
    static const int sizes[][2] = {{1, 3000}, {3000, 1}, {5000, 3}, {1, 1}, {224, 224}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct recipe recipe = {FIT_SQUASH, 0, 5, FILTER_BICUBIC, MODE_UNIT};
        random_image(&work.image, sizes[i][0], sizes[i][1]);
        compare(&work, &recipe, cpu);
        recipe = (struct recipe){FIT_SHORT_SIDE, 256, 224, FILTER_BILINEAR, MODE_UNIT};
        compare(&work, &recipe, cpu);
    }
    image_free(&work.image);
    image_free(&work.in_c);
    image_free(&work.in_vectors);
    recipe_scratch_free(&work.scratch_c);
    recipe_scratch_free(&work.scratch_vectors);
}

static void avx2_equals_c(void **state)
{
    (void)state;
    compare_all(IMAGE_CPU_AVX2);
}

static void avx512_equals_c(void **state)
{
    (void)state;
    compare_all(IMAGE_CPU_AVX512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(avx2_equals_c),
        cmocka_unit_test(avx512_equals_c),
    };
    return cmocka_run_group_tests_name("image_cpu", tests, NULL, NULL);
}
