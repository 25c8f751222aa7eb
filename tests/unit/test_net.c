/* net, spelt as in PyTorch: shapes, parameters, operations, and the words of every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/builder.h"
#include "net_build.h"

static tensor every_op(tensor x)
{
    x = rescale(x, ((double[]){0.5, 1, 2}), ((double[]){-1, 0, 0.1}));
    x = relu(norm(conv(x, "stem", 8, 7, 2, 3, .no_bias = true), "bn"));
    x = maxpool(x, 3, .stride = 2, .padding = 1);
    tensor a = relu6(conv(x, "a", 12, .kernel_hw = {1, 7}, .padding_hw = {0, 3}, .groups = 4));
    tensor b = conv(x, "b", 12, 1);
    x = concat(add(a, b), a, b);
    x = avgpool(x, 3, 1, 1, .exclude_padding = true);
    x = avgpool(x, 2);
    tensor pooled = global_avgpool(x), flat = flatten(x);
    x = linear(concat(pooled, flat), "fc1", 20);
    return log_softmax(linear(add(softmax(x), x), "fc2", 10));
}

static void every_op_has_its_shape(void **state)
{
    (void)state;
    struct net *net = build_good(PYTORCH, 64, 3, every_op);
    assert_shape(net, "input", 64, 64, 3);
    assert_shape(net, "rescale", 64, 64, 3);
    assert_shape(net, "stem", 32, 32, 8);
    assert_shape(net, "bn.relu", 32, 32, 8);
    assert_shape(net, "maxpool", 16, 16, 8);
    assert_shape(net, "a.relu6", 16, 16, 12);
    assert_shape(net, "concat", 16, 16, 36);
    assert_shape(net, "avgpool", 16, 16, 36);
    assert_shape(net, "avgpool_1", 8, 8, 36);
    assert_shape(net, "global_avgpool", 1, 1, 36);
    assert_shape(net, "flatten", 1, 1, 2304);
    assert_shape(net, "concat_1", 1, 1, 2340);
    assert_shape(net, "log_softmax", 1, 1, 10);
    assert_int_equal(net->output, net->count - 1);
    bool built[OP_LOG_SOFTMAX + 1] = {false};
    for (int i = 0; i < net->count; i++)
        built[net->nodes[i].op] = true;
    for (enum op op = OP_INPUT; op <= OP_LOG_SOFTMAX; op++) {
        assert_true(built[op]);
        assert_non_null(op_name(op));
    }
    net_free(net);
}

static void inputs_come_before_their_users(void **state)
{
    (void)state;
    struct net *net = build_good(PYTORCH, 64, 3, every_op);
    const struct node *join = find_node(net, "concat");
    assert_int_equal(join->list_length, 3);
    assert_string_equal(net->nodes[join->list[0]].name, "add");
    assert_string_equal(net->nodes[join->list[1]].name, "a.relu6");
    assert_string_equal(net->nodes[join->list[2]].name, "b");
    assert_int_equal(join->inputs[0], join->list[0]);
    assert_int_equal(join->inputs[1], join->list[1]);
    for (int i = 1; i < net->count; i++)
        assert_in_range(net->nodes[i].inputs[0], 0, i - 1);
    assert_int_equal(net->nodes[0].inputs[0], -1);
    assert_int_equal(find_node(net, "stem")->inputs[1], -1);
    net_free(net);
}

static void windows_and_options_arrive(void **state)
{
    (void)state;
    struct net *net = build_good(PYTORCH, 64, 3, every_op);
    const struct window stem = find_node(net, "stem")->window;
    assert_memory_equal(&stem, (&(struct window){7, 7, 2, 2, 3, 3, 3, 3}), sizeof stem);
    const struct window a = find_node(net, "a")->window;
    assert_memory_equal(&a, (&(struct window){1, 7, 1, 1, 0, 3, 0, 3}), sizeof a);
    const struct window pool = find_node(net, "avgpool_1")->window;
    assert_memory_equal(&pool, (&(struct window){2, 2, 2, 2, 0, 0, 0, 0}), sizeof pool);
    assert_int_equal(find_node(net, "a")->groups, 4);
    assert_int_equal(find_node(net, "b")->groups, 1);
    assert_false(find_node(net, "avgpool")->count_padding);
    assert_true(find_node(net, "avgpool_1")->count_padding);
    assert_true(find_node(net, "bn")->epsilon == 1e-5);
    assert_true(find_node(net, "rescale")->scale[2] == 2.0f);
    assert_true(find_node(net, "rescale")->shift[2] == 0.1f);
    net_free(net);
}

static void parameters_are_the_checkpoints(void **state)
{
    (void)state;
    struct net *net = build_good(PYTORCH, 64, 3, every_op);
    assert_parameter(net, "stem", ROLE_KERNEL, "stem.weight", 4, (int64_t[]){8, 3, 7, 7});
    assert_null(find_node(net, "stem")->parameters[ROLE_BIAS].name);
    assert_parameter(net, "a", ROLE_KERNEL, "a.weight", 4, (int64_t[]){12, 2, 1, 7});
    assert_parameter(net, "a", ROLE_BIAS, "a.bias", 1, (int64_t[]){12});
    assert_parameter(net, "bn", ROLE_GAMMA, "bn.weight", 1, (int64_t[]){8});
    assert_parameter(net, "bn", ROLE_BETA, "bn.bias", 1, (int64_t[]){8});
    assert_parameter(net, "bn", ROLE_MEAN, "bn.running_mean", 1, (int64_t[]){8});
    assert_parameter(net, "bn", ROLE_VARIANCE, "bn.running_var", 1, (int64_t[]){8});
    assert_parameter(net, "fc1", ROLE_KERNEL, "fc1.weight", 2, (int64_t[]){20, 2340});
    assert_parameter(net, "fc1", ROLE_BIAS, "fc1.bias", 1, (int64_t[]){20});
    /* PyTorch counts no running statistics. */
    assert_int_equal(node_parameters(net, find_node(net, "bn")), 16);
    assert_int_equal(node_parameters(net, find_node(net, "a")), 12 * 2 * 7 + 12);
    assert_int_equal(net_parameters(net), 1176 + 16 + 180 + 108 + 20 * 2341 + 10 * 21);
    net_free(net);
}

static void operations_are_multiply_adds_times_two(void **state)
{
    (void)state;
    struct net *net = build_good(PYTORCH, 64, 3, every_op);
    assert_int_equal(node_flops(find_node(net, "stem")), 2 * 32 * 32 * 8 * 3 * 49);
    assert_int_equal(node_flops(find_node(net, "a")), 2 * 16 * 16 * 12 * 2 * 7);
    assert_int_equal(node_flops(find_node(net, "fc1")), 2 * 2340 * 20);
    assert_int_equal(node_flops(find_node(net, "bn")), 0);
    int64_t sum = 0;
    for (int i = 0; i < net->count; i++)
        sum += node_flops(&net->nodes[i]);
    assert_int_equal(net_flops(net), sum);
    net_free(net);
}

static tensor dense_block(tensor x)
{
    tensor features[5] = {x};
    for (int i = 0; i < 4; i++)
        features[i + 1] =
            conv(concat_list(features, i + 1), name_of(x, "layer%d", i + 1), 12, 3, .padding = 1);
    return flatten(concat_list(features, 5));
}

static void lists_are_joined_in_order(void **state)
{
    (void)state;
    struct net *net = build_good(PYTORCH, 8, 6, dense_block);
    assert_shape(net, "layer4", 8, 8, 12);
    assert_shape(net, "concat_4", 8, 8, 6 + 4 * 12);
    const struct node *alone = find_node(net, "concat");
    assert_int_equal(alone->list_length, 1);
    assert_int_equal(alone->inputs[1], -1);
    net_free(net);
}

static tensor large_kernel(tensor x)
{
    return conv(x, "conv2", 8, 35, .padding = 1);
}

static tensor large_window(tensor x)
{
    return maxpool(maxpool(x, 2), 17);
}

static tensor bad_groups(tensor x)
{
    return conv(conv(x, "conv1", 8, 3), "conv2", 12, 3, .groups = 8);
}

static tensor different_sizes(tensor x)
{
    return concat(relu(conv(x, "left", 8, 3)), conv(x, "right", 8, 5));
}

static tensor different_channels(tensor x)
{
    return add(conv(x, "left", 8, 3), conv(x, "right", 9, 3));
}

static tensor not_flat(tensor x)
{
    return linear(conv(x, "conv1", 8, 3), "fc", 10);
}

static tensor softmax_of_a_picture(tensor x)
{
    return softmax(x);
}

static tensor no_name(tensor x)
{
    return conv(conv(x, "conv1", 8, 3), .out = 4, .kernel = 3);
}

static tensor no_channels(tensor x)
{
    return conv(x, "conv1", .kernel = 3);
}

static tensor negative_kernel(tensor x)
{
    return conv(x, "conv1", 8, -3);
}

static tensor negative_stride(tensor x)
{
    return conv(x, "conv1", 8, 3, .stride = -1);
}

static tensor negative_padding(tensor x)
{
    return conv(x, "conv1", 8, 3, .padding_hw = {1, -1});
}

static tensor negative_groups(tensor x)
{
    return conv(x, "conv1", 8, 3, .groups = -1);
}

static tensor half_a_kernel(tensor x)
{
    return conv(x, "conv1", 8, .kernel_hw = {3});
}

static tensor huge_padding(tensor x)
{
    return conv(x, "conv1", 8, 3, .padding = 2147483647);
}

static tensor huge_output(tensor x)
{
    return conv(x, "conv1", 1 << 20, 1, .padding = 1 << 19);
}

static tensor huge_kernel(tensor x)
{
    return conv(x, "conv1", 1 << 20, 1000, .padding = 1000);
}

static tensor huge_dense(tensor x)
{
    return linear(flatten(x), "fc", 1 << 20);
}

static tensor huge_concat(tensor x)
{
    x = conv(conv(x, "conv0", 1, 32), "conv1", 1 << 20, 1);
    tensor list[2048];
    for (int i = 0; i < 2048; i++)
        list[i] = x;
    return concat_list(list, 2048);
}

static tensor much_padding(tensor x)
{
    return maxpool(x, 3, .padding = 2);
}

static tensor bad_epsilon(tensor x)
{
    return norm(x, "bn", .epsilon = -1e-3);
}

static tensor same_name(tensor x)
{
    return conv(conv(x, "conv", 3, 1), "conv", 3, 1);
}

static tensor unused(tensor x)
{
    conv(x, "forgotten", 8, 3);
    return conv(x, "used", 8, 3);
}

static tensor no_output(tensor x)
{
    return (tensor){.net = x.net, .node = -1};
}

static tensor nothing_joined(tensor x)
{
    return concat_list(&x, 0);
}

static tensor two_inputs(tensor x)
{
    return net_input(x.net, 8, 8, 3);
}

static tensor late_rescale(tensor x)
{
    return rescale(conv(x, "conv1", 3, 1), ((double[]){1, 2, 3}), ((double[]){1, 2, 3}));
}

static tensor two_parts_left_out(tensor x)
{
    leave_out(x, "aux1.");
    leave_out(x, "aux2.");
    return conv(x, "conv1", 3, 1);
}

static void faults_are_refused_by_name(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"kernel", large_kernel,
         "test: layer conv2: a 35 x 35 kernel does not fit into 32 x 32 pixels with padding 1, 1, "
         "1, 1 (top, left, bottom, right); use a smaller kernel or more padding"},
        {"window", large_window,
         "test: layer maxpool_1: a 17 x 17 kernel does not fit into 16 x 16 pixels"},
        {"groups", bad_groups,
         "test: layer conv2: 8 groups do not divide 8 input and 12 output channels"},
        {"sizes", different_sizes,
         "test: layer concat: left.relu is 30 x 30 x 8 but right is 28 x 28 x 8; heights and "
         "widths must be equal"},
        {"channels", different_channels,
         "test: layer add: left is 30 x 30 x 8 but right is 30 x 30 x 9; the shapes must be equal"},
        {"flat", not_flat,
         "test: layer fc: its input is 30 x 30 x 8; flatten or pool it to 1 x 1 first"},
        {"softmax", softmax_of_a_picture, "test: layer softmax: its input is 32 x 32 x 3"},
        {"name", no_name, "test: layer conv1: the layer that follows has no name; give it one"},
        {"out", no_channels,
         "test: layer conv1: the number of output channels is 0; it must be 1 to 1048576"},
        {"kernel", negative_kernel, "test: layer conv1: the kernel's height is -3; it must be 1"},
        {"stride", negative_stride, "test: layer conv1: the stride downwards is -1"},
        {"padding", negative_padding, "test: layer conv1: the padding on the left is -1"},
        {"groups", negative_groups, "test: layer conv1: the number of groups is -1"},
        {"kernel_hw", half_a_kernel, "test: layer conv1: the kernel's width is 0"},
        {"huge padding", huge_padding, "test: layer conv1: the padding above is 2147483647"},
        {"huge output", huge_output,
         "test: layer conv1: its output would be 1048608 x 1048608 x 1048576; height and width "
         "must be 1 to 1048576, and all values together at most 2147483647"},
        {"huge kernel", huge_kernel,
         "test: layer conv1: its kernel would have more than 2147483647 weights"},
        {"huge dense", huge_dense,
         "test: layer fc: its kernel would have more than 2147483647 weights"},
        {"huge concat", huge_concat, "test: layer concat: more than 2147483647 channels"},
        {"much padding", much_padding,
         "test: layer maxpool: padding 2, 2, 2, 2 (top, left, bottom, right) is more than half of "
         "the 3 x 3 window"},
        {"epsilon", bad_epsilon, "test: layer bn: epsilon is -0.001; it must be between 0 and 1"},
        {"twice", same_name, "test: two layers have the parameter conv.bias"},
        {"unused", unused, "test: layer forgotten: nothing uses its output"},
        {"output", no_output, "test: there is no output"},
        {"nothing", nothing_joined, "test: there is no output"},
        {"rescale", late_rescale,
         "test: layer rescale: only the input picture is rescaled, and only one of 3 channels"},
        {"left out", two_parts_left_out,
         "test: layer aux2.: is the second part to leave out; a net has one at most"},
        {"inputs", two_inputs, "test: layer input: a net has one input, and it comes first"},
    };
    assert_refused(PYTORCH, refusals, sizeof refusals / sizeof *refusals);
}

static tensor two_faults(tensor x)
{
    tensor a = conv(x, "first", 8, 99), b = conv(x, "second", 8, 3, .stride = -1);
    x = softmax(concat(relu(a), avgpool(b, 2)));
    return linear(flatten(global_avgpool(norm(relu6(add(x, maxpool(a, 2))), "bn"))), "fc", 3);
}

static void first_fault_stays(void **state)
{
    (void)state;
    struct error error = {0};
    assert_null(build_net(PYTORCH, 32, 3, two_faults, &error));
    assert_non_null(strstr(error.text, "layer first: a 99 x 99 kernel"));
    assert_null(strstr(error.text, "second"));
}

static void bad_inputs_are_refused(void **state)
{
    (void)state;
    static const int sides[] = {0, -5, 1 << 21};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        struct error error = {0};
        assert_null(build_net(PYTORCH, sides[i], 3, every_op, &error));
        assert_non_null(strstr(error.text, "layer input: its output would be"));
    }
    struct error error = {0};
    assert_null(build_net(PYTORCH, 1 << 20, 1 << 30, every_op, &error));
    assert_non_null(strstr(error.text, "all values together"));
}

static void nets_do_not_mix(void **state)
{
    (void)state;
    struct error error = {0};
    struct net *one = net_new(PYTORCH, "one"), *two = net_new(PYTORCH, "two");
    tensor x = net_input(one, 8, 8, 3), y = net_input(two, 8, 8, 3);
    assert_int_equal(net_finish(two, x, &error), BAD_INPUT);
    assert_string_equal(error.text, "two: the output belongs to another net");
    error = (struct error){0};
    assert_int_equal(net_finish(one, add(x, y), &error), BAD_INPUT);
    assert_string_equal(error.text, "one: layer add: joins tensors of two nets");
    net_free(one);
    net_free(two);
}

static void many_operations_are_refused(void **state)
{
    (void)state;
    struct error error = {0};
    struct net *net = net_new(PYTORCH, "test");
    tensor x = net_input(net, 46000, 46000, 1);
    for (int i = 0; i < 4; i++)
        x = conv(x, name_of(x, "conv%d", i), 1, .kernel_hw = {44001, 44001}, .padding = 22000);
    assert_int_equal(net_finish(net, x, &error), BAD_INPUT);
    assert_string_equal(error.text, "test: more than 2^63 operations an image");
    net_free(net);
}

static void no_net_is_out_of_memory(void **state)
{
    (void)state;
    struct error error = {0};
    tensor x = relu(conv(net_input(NULL, 32, 32, 3), name_of((tensor){.node = -1}, "c"), 8, 3));
    assert_int_equal(net_finish(NULL, concat(x, x), &error), NO_MEMORY);
    net_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_has_its_shape),
        cmocka_unit_test(inputs_come_before_their_users),
        cmocka_unit_test(windows_and_options_arrive),
        cmocka_unit_test(parameters_are_the_checkpoints),
        cmocka_unit_test(operations_are_multiply_adds_times_two),
        cmocka_unit_test(lists_are_joined_in_order),
        cmocka_unit_test(faults_are_refused_by_name),
        cmocka_unit_test(first_fault_stays),
        cmocka_unit_test(bad_inputs_are_refused),
        cmocka_unit_test(nets_do_not_mix),
        cmocka_unit_test(many_operations_are_refused),
        cmocka_unit_test(no_net_is_out_of_memory),
    };
    return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
