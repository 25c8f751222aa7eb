/* zoo: the layers of Keras's models have the sizes, the padding and the epsilon that they have in
 * keras_applications 1.0.7 and in their papers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "zoo_build.h"

static void assert_window(const struct net *net, const char *name, struct window window)
{
    assert_memory_equal(&find_node(net, name)->window, &window, sizeof window);
}

static void mobilenet_pads_as_keras(void **state)
{
    (void)state;
    struct net *net = build_model("keras/mobilenet");
    assert_window(net, "conv1", (struct window){3, 3, 2, 2, 0, 0, 1, 1});
    assert_window(net, "conv_dw_1", (struct window){3, 3, 1, 1, 1, 1, 1, 1});
    assert_window(net, "conv_dw_12", (struct window){3, 3, 2, 2, 0, 0, 1, 1});
    assert_shape(net, "conv1", 112, 112, 32);
    assert_shape(net, "conv_dw_6", 14, 14, 256);
    assert_shape(net, "conv_pw_13_relu", 7, 7, 1024);
    assert_shape(net, "global_average_pooling2d", 1, 1, 1024);
    assert_int_equal(find_node(net, "conv_dw_13")->groups, 1024);
    assert_true(find_node(net, "conv1_bn")->epsilon == 1e-3);
    assert_int_equal(net->nodes[net->output].op, OP_SOFTMAX);
    assert_null(find_node(net, "conv1")->parameters[ROLE_BIAS].name);
    assert_parameter(net, "conv_preds", ROLE_BIAS, "conv_preds/bias", 1, (int64_t[]){1000});
    net_free(net);
}

/* Figure 4 of the NASNet paper at its first sides, which are odd: 111, then 56, 28, 14, 7. */
static void nasnet_has_its_cells(void **state)
{
    (void)state;
    struct net *net = build_model("keras/nasnetmobile");
    assert_shape(net, "stem_conv1", 111, 111, 32);
    assert_shape(net, "reduction_left2_stem_1", 56, 56, 11);
    assert_window(net, "reduction_left2_stem_1", (struct window){3, 3, 2, 2, 1, 1, 1, 1});
    assert_true(find_node(net, "reduction_left2_stem_1")->count_padding);
    assert_window(net, "reduction_left3_stem_2", (struct window){3, 3, 2, 2, 0, 0, 1, 1});
    assert_window(net, "separable_conv_1_reduction_right1_stem_1.depthwise",
                  (struct window){7, 7, 2, 2, 3, 3, 3, 3});
    assert_window(net, "separable_conv_1_reduction_right1_stem_2.depthwise",
                  (struct window){7, 7, 2, 2, 2, 2, 3, 3});
    assert_window(net, "adjust_avg_pool_2_stem_2", (struct window){1, 1, 2, 2, -1, -1, 1, 1});
    assert_shape(net, "adjust_bn_stem_2", 56, 56, 22);
    assert_shape(net, "adjust_bn_0", 28, 28, 44);
    assert_shape(net, "normal_add_5_3", 28, 28, 44);
    assert_shape(net, "reduction_add4_reduce_4", 14, 14, 88);
    assert_shape(net, "normal_add_5_5", 14, 14, 88);
    assert_shape(net, "normal_add_5_12", 7, 7, 176);
    assert_shape(net, "global_average_pooling2d", 1, 1, 1056);
    assert_false(find_node(net, "normal_left3_0")->count_padding);
    net_free(net);
    net = build_model("keras/nasnetlarge");
    assert_shape(net, "stem_conv1", 165, 165, 96);
    assert_shape(net, "normal_add_1_18", 11, 11, 672);
    assert_shape(net, "adjust_bn_reduce_6", 42, 42, 336);
    assert_shape(net, "global_average_pooling2d", 1, 1, 4032);
    net_free(net);
}

/* The sizes in the Inception papers' tables and figures, and Xception's. */
static void inceptions_have_their_papers_sizes(void **state)
{
    (void)state;
    struct net *net = build_model("keras/inceptionv3");
    assert_shape(net, "conv2d_4", 71, 71, 192);
    assert_shape(net, "concatenate", 35, 35, 256);
    assert_shape(net, "concatenate_3", 17, 17, 768);
    assert_shape(net, "concatenate_8", 8, 8, 1280);
    assert_shape(net, "concatenate_14", 8, 8, 2048);
    assert_shape(net, "conv2d_93", 8, 8, 192);
    assert_window(net, "conv2d_32", (struct window){1, 7, 1, 1, 0, 3, 0, 3});
    assert_null(find_node(net, "batch_normalization_93")->parameters[ROLE_GAMMA].name);
    net_free(net);
    net = build_model("keras/inceptionresnetv2");
    assert_shape(net, "block35_10", 35, 35, 320);
    assert_shape(net, "block17_20", 17, 17, 1088);
    assert_shape(net, "block8_10", 8, 8, 2080);
    assert_true(find_node(net, "block35_1_conv")->factor == 0.17);
    assert_true(find_node(net, "block17_1_conv")->factor == 0.1);
    assert_true(find_node(net, "block8_9_conv")->factor == 0.2);
    assert_true(find_node(net, "block8_10_conv")->factor == 1);
    assert_int_equal(find_node(net, "conv_7b")->inputs[0],
                     find_node(net, "block8_10") - net->nodes);
    net_free(net);
    net = build_model("keras/xception");
    assert_shape(net, "block2_pool", 74, 74, 128);
    assert_shape(net, "block13_pool", 10, 10, 1024);
    assert_shape(net, "block14_sepconv2_act", 10, 10, 2048);
    assert_window(net, "block2_pool", (struct window){3, 3, 2, 2, 1, 1, 1, 1});
    assert_window(net, "block3_pool", (struct window){3, 3, 2, 2, 0, 0, 1, 1});
    net_free(net);
}

/* Each network's epsilon is its own: Keras 2.2.4's default, 1e-3, but for DenseNet's. */
static void keras_networks_have_their_own_epsilon(void **state)
{
    (void)state;
    static const struct {
        const char *model, *layer;
        double epsilon;
        int h, c;
    } rows[] = {
        {"keras/resnet50", "bn_conv1", 1e-3, 112, 64},
        {"keras/resnet50", "bn3a_branch2a", 1e-3, 28, 128},
        {"keras/resnet50", "bn5c_branch2c", 1e-3, 7, 2048},
        {"keras/densenet121", "conv1/bn", 1.001e-5, 112, 64},
        {"keras/densenet121", "pool2_bn", 1.001e-5, 56, 256},
        {"keras/densenet121", "conv5_block16_1_bn", 1.001e-5, 7, 128},
        {"keras/densenet201", "bn", 1.001e-5, 7, 1920},
        {"keras/mobilenetV2", "expanded_conv_depthwise_BN", 1e-3, 112, 32},
        {"keras/mobilenetV2", "block_16_project_BN", 1e-3, 7, 320},
        {"keras/nasnetmobile", "stem_bn1", 1e-3, 111, 32},
        {"keras/xception", "block4_sepconv2_bn", 1e-3, 37, 728},
        {"keras/inceptionresnetv2", "conv_7b_bn", 1e-3, 8, 1536},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct net *net = build_model(rows[i].model);
        assert_true(find_node(net, rows[i].layer)->epsilon == rows[i].epsilon);
        assert_shape(net, rows[i].layer, rows[i].h, rows[i].h, rows[i].c);
        net_free(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mobilenet_pads_as_keras),
        cmocka_unit_test(nasnet_has_its_cells),
        cmocka_unit_test(inceptions_have_their_papers_sizes),
        cmocka_unit_test(keras_networks_have_their_own_epsilon),
    };
    return cmocka_run_group_tests_name("zoo_keras", tests, NULL, NULL);
}
