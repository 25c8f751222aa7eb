/* net, spelt as in Keras: layers, their names, their padding, and the words of every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/keras.h"
#include "net_build.h"

static tensor unnamed(tensor x)
{
    x = Sequential(x, Conv2D(8, 3, .activation = RELU), BatchNormalization(),
                   DepthwiseConv2D(3, .activation = RELU6), Conv2D(8, 1, .name = "mine"),
                   Conv2D(8, 1), ReLU(), ReLU(6), Activation(RELU), MaxPool2D(2),
                   AveragePooling2D(2), BatchNormalization());
    tensor a = Sequential(x, Conv2D(4, 1)), b = Sequential(x, Conv2D(4, 1));
    x = Concatenate(Add(a, b), Add(b, b), x);
    tensor pooled = Sequential(x, GlobalAveragePooling2D());
    return Concatenate(Sequential(x, Flatten(), Dense(16, .activation = RELU), Dense(4)),
                       Sequential(pooled, Dense(4), Activation(SOFTMAX)));
}

/* The names that a fresh session of Keras 3.15 gives these layers. */
static void names_are_keras_own(void **state)
{
    (void)state;
    struct net *net = build_good(KERAS, 32, 3, unnamed);
    static const char *const names[] = {"input",
                                        "conv2d",
                                        "conv2d.relu",
                                        "batch_normalization",
                                        "depthwise_conv2d",
                                        "depthwise_conv2d.relu6",
                                        "mine",
                                        "conv2d_1",
                                        "re_lu",
                                        "re_lu_1",
                                        "activation",
                                        "max_pooling2d",
                                        "average_pooling2d",
                                        "batch_normalization_1",
                                        "conv2d_2",
                                        "conv2d_3",
                                        "add",
                                        "add_1",
                                        "concatenate",
                                        "global_average_pooling2d",
                                        "flatten",
                                        "dense",
                                        "dense.relu",
                                        "dense_1",
                                        "dense_2",
                                        "activation_1",
                                        "concatenate_1"};
    assert_int_equal(net->count, sizeof names / sizeof *names);
    for (int i = 0; i < net->count; i++)
        assert_string_equal(net->nodes[i].name, names[i]);
    assert_int_equal(find_node(net, "re_lu")->op, OP_RELU);
    assert_int_equal(find_node(net, "re_lu_1")->op, OP_RELU6);
    assert_int_equal(find_node(net, "depthwise_conv2d.relu6")->op, OP_RELU6);
    net_free(net);
}

static void parameters_are_the_checkpoints(void **state)
{
    (void)state;
    struct net *net = build_good(KERAS, 32, 3, unnamed);
    assert_parameter(net, "conv2d", ROLE_KERNEL, "conv2d/kernel", 4, (int64_t[]){3, 3, 3, 8});
    assert_parameter(net, "conv2d", ROLE_BIAS, "conv2d/bias", 1, (int64_t[]){8});
    assert_parameter(net, "depthwise_conv2d", ROLE_KERNEL, "depthwise_conv2d/depthwise_kernel", 4,
                     (int64_t[]){3, 3, 8, 1});
    assert_int_equal(find_node(net, "depthwise_conv2d")->groups, 8);
    const char *bn = "batch_normalization";
    assert_parameter(net, bn, ROLE_GAMMA, "batch_normalization/gamma", 1, (int64_t[]){8});
    assert_parameter(net, bn, ROLE_BETA, "batch_normalization/beta", 1, (int64_t[]){8});
    assert_parameter(net, bn, ROLE_MEAN, "batch_normalization/moving_mean", 1, (int64_t[]){8});
    assert_parameter(net, bn, ROLE_VARIANCE, "batch_normalization/moving_variance", 1,
                     (int64_t[]){8});
    assert_true(find_node(net, bn)->epsilon == 1e-3);
    assert_parameter(net, "dense", ROLE_KERNEL, "dense/kernel", 2, (int64_t[]){784, 16});
    assert_parameter(net, "dense", ROLE_BIAS, "dense/bias", 1, (int64_t[]){16});
    assert_int_equal(node_parameters(net, find_node(net, bn)), 32); /* Keras counts all four */
    net_free(net);
}

static tensor padded(tensor x)
{
    return Sequential(
        x, Conv2D(8, 3, 2, SAME, .name = "same"),
        Conv2D(8, .kernel_hw = {1, 7}, .padding = SAME, .name = "wide"), ZeroPadding2D(1, 2, 3, 4),
        Conv2D(8, 3, .strides = 2, .no_bias = true, .name = "zeros"), ZeroPadding2D(0, 1, 0, 1),
        DepthwiseConv2D(3, .padding = SAME, .name = "both"), Activation(RELU),
        ZeroPadding2D(1, 1, 1, 1), MaxPool2D(3, .strides = 2, .name = "max"),
        MaxPool2D(2, .strides = 1, .padding = SAME, .name = "max_same"),
        AveragePooling2D(3, .strides = 1, .padding = SAME, .name = "mean_same"));
}

static void assert_window(const struct net *net, const char *name, struct window window)
{
    assert_memory_equal(&find_node(net, name)->window, &window, sizeof window);
}

static void padding_becomes_the_windows(void **state)
{
    (void)state;
    struct net *net = build_good(KERAS, 224, 3, padded);
    assert_window(net, "same", (struct window){3, 3, 2, 2, 0, 0, 1, 1});
    assert_shape(net, "same", 112, 112, 8);
    assert_window(net, "wide", (struct window){1, 7, 1, 1, 0, 3, 0, 3});
    assert_shape(net, "wide", 112, 112, 8);
    assert_window(net, "zeros", (struct window){3, 3, 2, 2, 1, 3, 2, 4});
    assert_shape(net, "zeros", 57, 59, 8);
    assert_window(net, "both", (struct window){3, 3, 1, 1, 1, 1, 2, 2});
    assert_shape(net, "both", 58, 60, 8);
    assert_window(net, "max", (struct window){3, 3, 2, 2, 1, 1, 1, 1});
    assert_shape(net, "max", 29, 30, 8);
    assert_window(net, "max_same", (struct window){2, 2, 1, 1, 0, 0, 1, 1});
    assert_window(net, "mean_same", (struct window){3, 3, 1, 1, 1, 1, 1, 1});
    assert_shape(net, "mean_same", 29, 30, 8);
    assert_false(find_node(net, "mean_same")->count_padding);
    assert_int_equal(node_parameters(net, find_node(net, "zeros")), 3 * 3 * 8 * 8);
    net_free(net);
}

static tensor pooled_zeros(tensor x)
{
    x = Sequential(x, Conv2D(8, 3), BatchNormalization(), ZeroPadding2D(0, 1, 0, 1));
    tensor most = Sequential(x, MaxPool2D(3, 2, .name = "most"));
    tensor mean = Sequential(x, AveragePooling2D(3, 2, .name = "mean"));
    x = Add(most, mean, .name = "sum");
    x = Sequential(x, ZeroPadding2D(0, 1, 0, 1), Cropping2D(1, 0, 1, 0),
                   AveragePooling2D(1, 2, .name = "odd"), Cropping2D(2, 1, 0, 1),
                   Conv2D(4, 3, .name = "cropped"));
    return Sequential(x, MaxPool2D(2, .name = "plain"));
}

/* In Keras zeros are pixels like all others: a maximum sees them and a mean counts them. What is
 * cut off is padding below nothing. */
static void zeros_are_pixels(void **state)
{
    (void)state;
    struct net *net = build_good(KERAS, 32, 3, pooled_zeros);
    assert_window(net, "most", (struct window){3, 3, 2, 2, 0, 0, 1, 1});
    assert_window(net, "mean", (struct window){3, 3, 2, 2, 0, 0, 1, 1});
    assert_true(find_node(net, "most")->count_padding);
    assert_true(find_node(net, "mean")->count_padding);
    assert_shape(net, "sum", 15, 15, 8);
    assert_window(net, "odd", (struct window){1, 1, 2, 2, -1, -1, 1, 1});
    assert_shape(net, "odd", 8, 8, 8);
    assert_window(net, "cropped", (struct window){3, 3, 1, 1, -2, 0, -1, -1});
    assert_shape(net, "cropped", 3, 5, 4);
    assert_false(find_node(net, "plain")->count_padding);
    net_free(net);
}

static tensor separated(tensor x)
{
    return Sequential(x, SeparableConv2D(8, 5, 2, SAME, .no_bias = true, .name = "mine"),
                      BatchNormalization(.no_scale = true, .name = "bn"),
                      SeparableConv2D(4, 3, .activation = RELU),
                      Conv2D(4, 1, .scale = 0.25, .name = "old", .also = "new"),
                      GlobalAveragePooling2D(), Dense(2, .name = "Logits", .also = "predictions"));
}

/* Keras 3.15 names and shapes these weights so. */
static void separable_is_two_convolutions(void **state)
{
    (void)state;
    struct net *net = build_good(KERAS, 32, 3, separated);
    assert_parameter(net, "mine.depthwise", ROLE_KERNEL, "mine/depthwise_kernel", 4,
                     (int64_t[]){5, 5, 3, 1});
    assert_window(net, "mine.depthwise", (struct window){5, 5, 2, 2, 1, 1, 2, 2});
    assert_parameter(net, "mine", ROLE_KERNEL, "mine/pointwise_kernel", 4, (int64_t[]){1, 1, 3, 8});
    assert_null(find_node(net, "mine")->parameters[ROLE_BIAS].name);
    assert_parameter(net, "separable_conv2d", ROLE_BIAS, "separable_conv2d/bias", 1,
                     (int64_t[]){4});
    assert_shape(net, "separable_conv2d.relu", 14, 14, 4);
    assert_int_equal(node_parameters(net, find_node(net, "mine.depthwise")), 75);
    assert_int_equal(node_parameters(net, find_node(net, "mine")), 24);
    net_free(net);
}

static void layers_have_factors_and_newer_names(void **state)
{
    (void)state;
    struct net *net = build_good(KERAS, 32, 3, separated);
    assert_null(find_node(net, "bn")->parameters[ROLE_GAMMA].name);
    assert_int_equal(node_parameters(net, find_node(net, "bn")), 24);
    assert_true(find_node(net, "old")->factor == 0.25);
    assert_true(find_node(net, "mine")->factor == 1);
    assert_string_equal(find_node(net, "old")->parameters[ROLE_KERNEL].also, "new/kernel");
    assert_string_equal(find_node(net, "Logits")->parameters[ROLE_BIAS].also, "predictions/bias");
    assert_null(find_node(net, "mine")->parameters[ROLE_KERNEL].also);
    net_free(net);
}

static tensor reshaped(tensor x)
{
    return Sequential(x, GlobalAveragePooling2D(), Reshape(1, 1, 3), Conv2D(5, 1), Reshape(5));
}

static void reshape_moves_nothing(void **state)
{
    (void)state;
    struct net *net = build_good(KERAS, 32, 3, reshaped);
    assert_int_equal(net->count, 3);
    assert_shape(net, "conv2d", 1, 1, 5);
    net_free(net);
}

static tensor large_kernel(tensor x)
{
    return Sequential(x, MaxPool2D(8), Conv2D(8, 5, .name = "conv1"));
}

static tensor no_filters(tensor x)
{
    return Sequential(x, Conv2D(.kernel_size = 5));
}

static tensor negative_strides(tensor x)
{
    return Sequential(x, Conv2D(8, 3, .strides = -2, .padding = SAME));
}

static tensor bad_reshape(tensor x)
{
    return Sequential(x, Reshape(16, 16, 12));
}

static tensor bad_relu(tensor x)
{
    return Sequential(x, ReLU(1.5));
}

static tensor negative_zeros(tensor x)
{
    return Sequential(x, ZeroPadding2D(0, -1), Conv2D(8, 3));
}

static tensor zeros_before_flatten(tensor x)
{
    return Sequential(x, ZeroPadding2D(1, 1, 1, 1, .name = "pad"), Flatten());
}

static tensor zeros_and_same(tensor x)
{
    return Sequential(x, ZeroPadding2D(1, 1, 1, 1), MaxPool2D(3, 1, SAME));
}

static tensor negative_cropping(tensor x)
{
    return Sequential(x, Cropping2D(1, -1), Conv2D(8, 3));
}

static tensor cropped_away(tensor x)
{
    return Sequential(x, ZeroPadding2D(1, 1), Cropping2D(20, 14), Conv2D(8, 3));
}

static tensor zeros_before_add(tensor x)
{
    return Add(x, Sequential(x, ZeroPadding2D(1, 1, 1, 1)));
}

static tensor zeros_last(tensor x)
{
    return Sequential(x, ReLU(), ZeroPadding2D(1, 1, 1, 1));
}

static tensor too_many_zeros(tensor x)
{
    for (int i = 0; i < 4096; i++)
        x = Sequential(x, ZeroPadding2D(1 << 20));
    return Sequential(x, Conv2D(8, 3));
}

static tensor not_flat(tensor x)
{
    return Sequential(x, Dense(10, .activation = SOFTMAX));
}

static tensor different_sizes(tensor x)
{
    return Concatenate(Sequential(x, Conv2D(8, 3)), x);
}

static tensor nothing_joined(tensor x)
{
    (void)x;
    return keras_concatenate(&(tensor){.net = NULL});
}

static void faults_are_refused_by_name(void **state)
{
    (void)state;
    static const char zeros[] =
        "comes after zero padding or cropping, which only a convolution or a pooling can take";
    static const struct refusal refusals[] = {
        {"kernel", large_kernel,
         "test: layer conv1: a 5 x 5 kernel does not fit into 4 x 4 pixels"},
        {"filters", no_filters, "test: layer conv2d: the number of output channels is 0"},
        {"strides", negative_strides, "test: layer conv2d: the stride downwards is -2"},
        {"reshape", bad_reshape,
         "test: layer reshape: 32 x 32 x 3 cannot become 16 x 16 x 12; only a vector may be "
         "written as 1 x 1 x channels or back"},
        {"relu", bad_relu, "test: layer re_lu: max_value is 1.5; only 6 and none are known"},
        {"zeros", negative_zeros, "test: layer zero_padding2d: its padding is 0, -1, 0, 0"},
        {"flatten", zeros_before_flatten, zeros},
        {"same", zeros_and_same,
         "test: layer max_pooling2d: pads a picture that has zero padding already; pad once"},
        {"negative", negative_cropping, "test: layer cropping2d: it cuts off 1, -1, 0, 0"},
        {"nothing left", cropped_away, "test: layer cropping2d: it cuts off 20, 14, 0, 0"},
        {"add", zeros_before_add, zeros},
        {"last", zeros_last, "test: zero padding comes last; no layer takes it"},
        {"many", too_many_zeros, "test: layer zero_padding2d: its padding is"},
        {"dense", not_flat, "test: layer dense: its input is 32 x 32 x 3; flatten or pool it"},
        {"sizes", different_sizes,
         "test: layer concatenate: conv2d is 30 x 30 x 8 but input is 32 x 32 x 3"},
        {"nothing", nothing_joined, "test: there is no output"},
    };
    assert_refused(KERAS, refusals, sizeof refusals / sizeof *refusals);
}

static tensor fault_first(tensor x)
{
    x = Sequential(x, Conv2D(8, 99, .name = "first"));
    return unnamed(Sequential(x, ZeroPadding2D(1, 1), MaxPool2D(2), Reshape(7), ReLU(3)));
}

static void first_fault_stays(void **state)
{
    (void)state;
    struct error error = {0};
    assert_null(build_net(KERAS, 32, 3, fault_first, &error));
    assert_non_null(strstr(error.text, "test: layer first: a 99 x 99 kernel does not fit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_keras_own),
        cmocka_unit_test(parameters_are_the_checkpoints),
        cmocka_unit_test(padding_becomes_the_windows),
        cmocka_unit_test(zeros_are_pixels),
        cmocka_unit_test(separable_is_two_convolutions),
        cmocka_unit_test(layers_have_factors_and_newer_names),
        cmocka_unit_test(reshape_moves_nothing),
        cmocka_unit_test(faults_are_refused_by_name),
        cmocka_unit_test(first_fault_stays),
    };
    return cmocka_run_group_tests_name("keras", tests, NULL, NULL);
}
