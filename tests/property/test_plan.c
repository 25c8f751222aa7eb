/* engine: weights that are not the network's and networks that the engine cannot compute are
 * refused, with the file, the tensor or the layer in the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/plan.h"
#include "formula.h"
#include "net/builder.h"

#include <math.h>

static struct net *finish(tensor output)
{
    struct error error = {0};
    if (net_finish(output.net, output, &error) != OK)
        fail_msg("%s", error.text);
    return output.net;
}

/* first.weight, first.bias, norm.weight ... norm.running_var, last.weight, last.bias */
static struct net *small_net(void)
{
    tensor x = net_input(net_new(PYTORCH, "pytorch/small"), 4, 4, 3);
    x = relu(norm(conv(x, "first", 8, 3), "norm"));
    return finish(linear(flatten(x), "last", 5));
}

/* Plan with weights as they are now: refused, and the message has all of these words. */
static void assert_refused(const struct net *net, const struct formula *formula, const char *file,
                           const char *place, const char *what)
{
    struct error error = {0};
    struct plan *plan;
    enum status status =
        plan_make(net, &formula->weights, kernels_choose("c", NULL), &plan, &error);
    assert_int_equal(status, BAD_INPUT);
    assert_null(plan);
    if (!strstr(error.text, file) || !strstr(error.text, place) || !strstr(error.text, what))
        fail_msg("wanted %s, %s, %s in: %s", file, place, what, error.text);
}

static void assert_planned(const struct net *net, const struct formula *formula)
{
    struct error error = {0};
    struct plan *plan;
    if (plan_make(net, &formula->weights, kernels_choose(NULL, NULL), &plan, &error) != OK)
        fail_msg("%s", error.text);
    plan_free(plan);
}

struct fixture {
    struct net *net;
    struct formula formula;
};

static int fixture_make(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fixture->net = small_net();
    formula_make(&fixture->formula, fixture->net, 1);
    *state = fixture;
    return 0;
}

static int fixture_free(void **state)
{
    struct fixture *fixture = *state;
    formula_free(&fixture->formula);
    net_free(fixture->net);
    free(fixture);
    return 0;
}

static struct weight *tensor_named(struct fixture *fixture, const char *name)
{
    const struct weight *weight = weights_find(&fixture->formula.weights, name);
    assert_non_null(weight);
    return &fixture->formula.list[weight - fixture->formula.list];
}

static void each_tensor_must_be_there(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < fixture->formula.weights.count; i++) {
        struct weight *weight = &fixture->formula.list[i];
        const char *name = weight->name;
        weight->name = "something.else";
        assert_refused(fixture->net, &fixture->formula, "formula.pth", name, "has no tensor");
        weight->name = name;
    }
    assert_planned(fixture->net, &fixture->formula);
}

static void each_tensor_must_have_its_shape(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < fixture->formula.weights.count; i++) {
        struct weight *weight = &fixture->formula.list[i], whole = *weight;
        for (int axis = 0; axis < whole.rank; axis++) {
            weight->shape[axis]++;
            assert_refused(fixture->net, &fixture->formula, "formula.pth", whole.name, "shape");
            *weight = whole;
        }
        weight->rank--;
        assert_refused(fixture->net, &fixture->formula, "formula.pth", whole.name, "shape");
        weight->rank = WEIGHT_MAX_RANK;
        for (int axis = 0; axis < WEIGHT_MAX_RANK; axis++)
            weight->shape[axis] = INT64_MAX - axis;
        assert_refused(fixture->net, &fixture->formula, "formula.pth", whole.name, "shape");
        *weight = whole;
    }
}

static void nothing_may_be_left_over(void **state)
{
    struct fixture *fixture = *state;
    struct formula *formula = &fixture->formula;
    struct weight *extra = &formula->list[formula->weights.count++]; /* the list has room */
    *extra = (struct weight){.name = "aux.weight", .dtype = DTYPE_F32, .rank = 1, .shape = {1}};
    assert_refused(fixture->net, formula, "formula.pth", "aux.weight", "does not know");
    extra->name = ".num_batches_tracked";
    assert_refused(fixture->net, formula, "formula.pth", extra->name, "does not know");
    extra->name = "norm.num_batches_tracked";
    extra->dtype = DTYPE_I64;
    assert_planned(fixture->net, formula);
    formula->weights.count--;
}

static void a_part_that_is_left_out_may_be_there(void **state)
{
    struct fixture *fixture = *state;
    struct formula *formula = &fixture->formula;
    struct weight *extra = &formula->list[formula->weights.count++];
    *extra = (struct weight){.name = "aux.weight", .dtype = DTYPE_F32, .rank = 1, .shape = {1}};
    fixture->net->left_out = "aux.";
    assert_planned(fixture->net, formula);
    extra->name = "au.aux.weight";
    assert_refused(fixture->net, formula, "formula.pth", extra->name, "does not know");
    formula->weights.count--;
    assert_planned(fixture->net, formula);
}

static void whole_numbers_are_no_weights(void **state)
{
    struct fixture *fixture = *state;
    struct weight *weight = tensor_named(fixture, "norm.running_mean");
    for (enum dtype dtype = DTYPE_U8; dtype <= DTYPE_BOOL; dtype++) {
        weight->dtype = dtype;
        assert_refused(fixture->net, &fixture->formula, "formula.pth", weight->name, "integers");
    }
    weight->dtype = DTYPE_F16;
    assert_planned(fixture->net, &fixture->formula);
}

/* A number that makes the folded weights infinite or nothing at all. */
static void check_number(struct fixture *fixture, const char *name, float damaged)
{
    struct weight *weight = tensor_named(fixture, name);
    float *values = fixture->formula.values[weight - fixture->formula.list], whole = values[3];
    values[3] = damaged;
    assert_refused(fixture->net, &fixture->formula, "formula.pth", "layer first", "not finite");
    values[3] = whole;
}

static void folded_weights_must_be_finite(void **state)
{
    struct fixture *fixture = *state;
    check_number(fixture, "norm.running_var", -1.0f);
    check_number(fixture, "norm.running_var", -2e-5f);
    check_number(fixture, "norm.running_var", NAN);
    check_number(fixture, "norm.weight", INFINITY);
    check_number(fixture, "norm.running_mean", -INFINITY);
    check_number(fixture, "norm.bias", NAN);
    check_number(fixture, "first.bias", NAN);
    check_number(fixture, "first.weight", INFINITY);
    fixture->formula.values[tensor_named(fixture, "norm.weight") - fixture->formula.list][0] =
        1e38f;
    fixture->formula.values[tensor_named(fixture, "first.weight") - fixture->formula.list][0] =
        9.0f;
    assert_refused(fixture->net, &fixture->formula, "formula.pth", "layer first", "not finite");
}

/* A network that builds, and that the engine has no way to compute. */
static void check_net(tensor output, const char *layer, const char *what)
{
    struct net *net = finish(output);
    struct formula formula;
    formula_make(&formula, net, 1);
    assert_refused(net, &formula, "pytorch/other", layer, what);
    formula_free(&formula);
    net_free(net);
}

static tensor picture(int height, int width, int channels)
{
    return net_input(net_new(PYTORCH, "pytorch/other"), height, width, channels);
}

static void other_networks_are_refused(void **state)
{
    (void)state;
    tensor x = picture(8, 8, 1);
    check_net(linear(flatten(x), "last", 5), "layer input", "3 channels");
    x = conv(picture(8, 8, 3), "first", 4, 3);
    check_net(x, "layer first", "ends in a picture");
    x = conv(picture(8, 8, 3), "first", 4, 3, .stride = 3);
    check_net(linear(flatten(x), "last", 5), "layer first", "stride");
    x = conv(conv(picture(8, 8, 3), "first", 4, 1), "second", 4, 1, .groups = 2);
    check_net(linear(flatten(x), "last", 5), "layer second", "groups");
    x = relu(flatten(conv(picture(8, 8, 3), "first", 4, 1)));
    check_net(linear(x, "last", 5), "layer flatten.relu", "flattened");
    x = picture(8, 8, 3);
    check_net(linear(flatten(add(conv(x, "first", 3, 1), x)), "last", 5), "layer add",
              "input picture");
    x = picture(8, 8, 3);
    tensor y = rescale(x, ((double[]){1, 2, 3}), ((double[]){1, 2, 3}));
    check_net(linear(flatten(add(conv(x, "first", 3, 1), conv(y, "second", 3, 1))), "last", 5),
              "layer rescale", "no other reader");
    check_net(linear(flatten(maxpool(picture(8, 8, 3), 2)), "last", 5), "layer maxpool",
              "input picture");
    x = linear(flatten(conv(picture(8, 8, 3), "first", 4, 1)), "second", 5);
    check_net(linear(softmax(x), "last", 5), "layer softmax", "at the end");
}

/* A flattened input picture is a window over it; a network may end in a concatenation. */
static void corners_are_planned(void **state)
{
    (void)state;
    tensor x = linear(flatten(picture(5, 7, 3)), "first", 5);
    tensor y = linear(x, "second", 7);
    struct net *net = finish(concat(y, x, y));
    struct formula formula;
    formula_make(&formula, net, 1);
    assert_planned(net, &formula);
    formula_free(&formula);
    net_free(net);

    net = finish(flatten(picture(1, 1, 3))); /* no weights at all */
    formula_make(&formula, net, 1);
    assert_planned(net, &formula);
    formula_free(&formula);
    net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_tensor_must_be_there, fixture_make, fixture_free),
        cmocka_unit_test_setup_teardown(each_tensor_must_have_its_shape, fixture_make,
                                        fixture_free),
        cmocka_unit_test_setup_teardown(nothing_may_be_left_over, fixture_make, fixture_free),
        cmocka_unit_test_setup_teardown(a_part_that_is_left_out_may_be_there, fixture_make,
                                        fixture_free),
        cmocka_unit_test_setup_teardown(whole_numbers_are_no_weights, fixture_make, fixture_free),
        cmocka_unit_test_setup_teardown(folded_weights_must_be_finite, fixture_make, fixture_free),
        cmocka_unit_test(other_networks_are_refused),
        cmocka_unit_test(corners_are_planned),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
