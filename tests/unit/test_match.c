/* engine: Keras's layers and weights are found under the names that each of its versions gives
 * them, and not under others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/match.h"
#include "net/keras.h"
#include "net_build.h"

enum { MOST = 32 };

/* Two convolutions and normalisations without names, a separable convolution, a renamed layer. */
static tensor network(tensor x)
{
    x = Sequential(x, Conv2D(4, 3), BatchNormalization(), Conv2D(4, 3, .no_bias = true),
                   BatchNormalization(), SeparableConv2D(4, 3, .no_bias = true, .name = "sep"),
                   DepthwiseConv2D(3, .no_bias = true, .name = "dw"), GlobalAveragePooling2D());
    return Sequential(x, Dense(2, .name = "Logits", .also = "predictions"));
}

/* What its weights are called, in the order of the graph. */
static const char *const net_names[] = {
    "conv2d/kernel",
    "conv2d/bias",
    "batch_normalization/gamma",
    "batch_normalization/beta",
    "batch_normalization/moving_mean",
    "batch_normalization/moving_variance",
    "conv2d_1/kernel",
    "batch_normalization_1/gamma",
    "batch_normalization_1/beta",
    "batch_normalization_1/moving_mean",
    "batch_normalization_1/moving_variance",
    "sep/depthwise_kernel",
    "sep/pointwise_kernel",
    "dw/depthwise_kernel",
    "Logits/kernel",
    "Logits/bias",
};
enum { NAMES = sizeof net_names / sizeof *net_names };

/* Match a file of tensors with these names, ended by NULL; `expected` tells, for each of the
 * net's, the name of the tensor found, or NULL for none. */
static void check(const char *const *file, const char *const expected[NAMES])
{
    struct weight list[MOST] = {0};
    struct weights weights = {.path = "test.h5", .list = list};
    for (; file[weights.count]; weights.count++)
        list[weights.count].name = file[weights.count];
    struct net *net = build_good(KERAS, 16, 3, network);
    const struct weight **found = calloc((size_t)net->count * ROLES, sizeof *found);
    assert_non_null(found);
    assert_int_equal(match_keras(net, &weights, found, NULL), OK);
    int count = 0;
    for (int i = 0; i < net->count * ROLES; i++) {
        const char *name = net->nodes[i / ROLES].parameters[i % ROLES].name;
        if (!name) {
            assert_null(found[i]);
            continue;
        }
        assert_string_equal(name, net_names[count]);
        if (expected[count] && found[i])
            assert_string_equal(found[i]->name, expected[count]);
        else
            assert_true(!expected[count] && !found[i]);
        count++;
    }
    assert_int_equal(count, NAMES);
    free(found);
    net_free(net);
}

/* Every tensor is what stands at its place. */
static void check_in_order(const char *const file[NAMES + 1])
{
    check(file, file);
}

static void own_names_are_found_in_any_order(void **state)
{
    (void)state;
    const char *file[NAMES + 1] = {0};
    for (int i = 0; i < NAMES; i++)
        file[i] = net_names[i];
    check_in_order(file);
    file[0] = net_names[1];
    file[1] = net_names[0];
    file[2] = net_names[5];
    file[5] = net_names[2];
    check(file, net_names);
}

/* A session numbers on; Keras 2 began with 1. */
static void numbers_count_by_their_order(void **state)
{
    (void)state;
    check_in_order((const char *const[]){
        "conv2d_9/kernel", "conv2d_9/bias", "batch_normalization_1/gamma",
        "batch_normalization_1/beta", "batch_normalization_1/moving_mean",
        "batch_normalization_1/moving_variance", "conv2d_10/kernel", "batch_normalization_2/gamma",
        "batch_normalization_2/beta", "batch_normalization_2/moving_mean",
        "batch_normalization_2/moving_variance", "sep/depthwise_kernel", "sep/pointwise_kernel",
        "dw/depthwise_kernel", "Logits/kernel", "Logits/bias", NULL});
}

/* Files list layers in an order of their own. */
static void numbers_count_wherever_they_stand(void **state)
{
    (void)state;
    const char *expected[NAMES] = {"conv2d_1/kernel", "conv2d_1/bias"};
    expected[6] = "conv2d_2/kernel";
    check((const char *const[]){"conv2d_2/kernel", "conv2d_1/kernel", "conv2d_1/bias", NULL},
          expected);
}

static void keras_1_and_3_have_other_names(void **state)
{
    (void)state;
    check_in_order((const char *const[]){
        "convolution2d_1/W", "convolution2d_1/b", "batchnormalization_1/gamma",
        "batchnormalization_1/beta", "batchnormalization_1/running_mean",
        "batchnormalization_1/running_std", "convolution2d_2/W_1", "batchnormalization_2/gamma",
        "batchnormalization_2/beta", "batchnormalization_2/running_mean",
        "batchnormalization_2/running_std", "sep/depthwise_kernel", "sep/pointwise_kernel",
        "dw/kernel", "predictions/kernel", "predictions/bias", NULL});
}

/* By its place only where the layer has as many weights as the net's. */
static void other_layers_are_not_found(void **state)
{
    (void)state;
    const char *none[NAMES] = {0};
    check((const char *const[]){"conv2d_x/kernel", "conv2d_/bias", "conv2d2/kernel",
                                "conv2d_1234567890/kernel", "logits/kernel", "sep", "/kernel",
                                NULL},
          none);
    const char *expected[NAMES] = {0};
    expected[14] = "Logits/kernel";
    check((const char *const[]){"conv2d/a", "conv2d/b", "conv2d/c", "dw/a", "dw/b", "Logits/kernel",
                                NULL},
          expected);
    check((const char *const[]){NULL}, none);
}

static void its_own_name_comes_before_the_newer_one(void **state)
{
    (void)state;
    const char *expected[NAMES] = {0};
    expected[14] = "Logits/kernel";
    expected[15] = "Logits/bias";
    check((const char *const[]){"predictions/kernel", "predictions/bias", "Logits/kernel",
                                "Logits/bias", NULL},
          expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_names_are_found_in_any_order),
        cmocka_unit_test(numbers_count_by_their_order),
        cmocka_unit_test(numbers_count_wherever_they_stand),
        cmocka_unit_test(keras_1_and_3_have_other_names),
        cmocka_unit_test(other_layers_are_not_found),
        cmocka_unit_test(its_own_name_comes_before_the_newer_one),
    };
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
