/* window: as many positions as the frameworks have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/window.h"

/* torch.nn.functional.max_pool2d of PyTorch 2.15; 0 where it refuses. */
static void counts_are_pytorchs(void **state)
{
    (void)state;
    static const struct {
        int size, kernel, stride, padding, ceil, count;
    } rows[] = {
        {109, 3, 2, 0, 1, 54}, {111, 3, 2, 0, 1, 55}, {112, 3, 2, 1, 0, 56}, {54, 3, 2, 0, 1, 27},
        {55, 3, 2, 0, 1, 27},  {27, 3, 2, 0, 1, 13},  {13, 3, 2, 0, 1, 6},   {4, 3, 2, 0, 1, 2},
        {2, 3, 2, 0, 1, 1},    {1, 3, 2, 0, 1, 0},    {1, 5, 3, 0, 0, 0},    {2, 5, 4, 0, 1, 1},
        {1, 2, 4, 1, 1, 1},    {2, 1, 3, 0, 1, 1},    {2, 2, 4, 1, 1, 1},    {2, 3, 4, 1, 1, 1},
        {3, 2, 3, 0, 1, 1},    {4, 3, 4, 1, 1, 2},    {5, 2, 2, 1, 1, 3},    {6, 2, 3, 0, 0, 2},
        {6, 2, 3, 0, 1, 2},    {6, 2, 4, 1, 1, 2},    {6, 3, 2, 1, 1, 4},    {7, 2, 2, 0, 0, 3},
        {7, 3, 3, 0, 1, 3},    {7, 5, 3, 1, 0, 2},    {8, 2, 3, 1, 1, 3},    {8, 2, 4, 0, 1, 2},
        {8, 5, 4, 0, 1, 2},    {9, 2, 4, 0, 0, 2},    {9, 3, 1, 0, 0, 7},    {9, 5, 1, 2, 0, 9},
        {10, 2, 4, 1, 1, 3},   {11, 2, 2, 0, 1, 6},   {11, 3, 3, 1, 1, 4},   {15, 2, 3, 0, 1, 5},
        {15, 5, 4, 0, 1, 4},   {16, 3, 2, 1, 1, 9},   {19, 2, 4, 1, 1, 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct margins padding = {rows[i].padding, rows[i].padding};
        int count =
            window_count(rows[i].size, rows[i].kernel, rows[i].stride, padding, rows[i].ceil);
        if (count != rows[i].count)
            print_message("size %d kernel %d stride %d padding %d ceil %d\n", rows[i].size,
                          rows[i].kernel, rows[i].stride, rows[i].padding, rows[i].ceil);
        assert_int_equal(count, rows[i].count);
    }
}

/* tf.nn.conv2d(..., "SAME") of TensorFlow 2.21. */
static void same_padding_is_keras(void **state)
{
    (void)state;
    static const struct {
        int size, kernel, stride, count, before, after;
    } rows[] = {
        {224, 3, 2, 112, 0, 1}, {112, 3, 1, 112, 1, 1}, {15, 3, 2, 8, 1, 1}, {14, 3, 2, 7, 0, 1},
        {14, 5, 2, 7, 1, 2},    {15, 5, 2, 8, 2, 2},    {7, 1, 2, 4, 0, 0},  {7, 2, 1, 7, 0, 1},
        {7, 7, 1, 7, 3, 3},     {8, 2, 3, 3, 0, 0},     {8, 7, 3, 3, 2, 3},  {1, 7, 3, 1, 3, 3},
        {2, 5, 3, 1, 1, 2},     {5, 1, 3, 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct margins padding = window_same(rows[i].size, rows[i].kernel, rows[i].stride);
        assert_int_equal(padding.before, rows[i].before);
        assert_int_equal(padding.after, rows[i].after);
        assert_int_equal(window_count(rows[i].size, rows[i].kernel, rows[i].stride, padding, false),
                         rows[i].count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_pytorchs),
        cmocka_unit_test(same_padding_is_keras),
    };
    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
