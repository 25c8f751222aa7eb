/* engine: the bits of an output depend on the network, the weights and the picture alone. Random
 * and real networks give the same bits as the plain engine beside this file, with every set of
 * kernels, number of threads and batch, whatever the memory held before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "engine/plan.h"
#include "formula.h"
#include "net/builder.h"
#include "net/keras.h"
#include "plain.h"
#include "random_net.h"
#include "zoo/zoo.h"

enum { IMAGES = 7, RANDOM_NETS = 40 };
#define REAL_NETS "squeezenet1_1,keras/mobilenet_0.25,article"
static const int thread_counts[] = {1, 2, 3, 5};
enum { POOLS = sizeof thread_counts / sizeof *thread_counts };

struct fixture {
    struct pool *pools[POOLS];
    struct workspace workspace;
};

static int fixture_make(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    for (int i = 0; fixture && i < POOLS; i++)
        if (pool_start(thread_counts[i], &fixture->pools[i], NULL) != OK)
            return -1;
    *state = fixture;
    return fixture ? 0 : -1;
}

static int fixture_free(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < POOLS; i++)
        pool_stop(fixture->pools[i]);
    workspace_free(&fixture->workspace);
    free(fixture);
    return 0;
}

/* A network with formula weights, pictures for it, and what must come out. */
struct subject {
    struct net *net;
    struct formula formula;
    uint64_t seed;
    float *images, *expected; /* [count][...]; expected ones for as many as were asked for */
    int count, classes;
};

static float *random_images(const struct net *net, uint64_t seed, int count)
{
    struct shape shape = net->nodes[0].shape;
    size_t floats = (size_t)count * (size_t)(shape.h * shape.w * shape.c);
    float *images = malloc(floats * sizeof *images);
    assert_non_null(images);
    for (size_t i = 0; i < floats; i++)
        images[i] = 2.5f * random_signed(random_next(&seed));
    return images;
}

static struct subject subject_make(struct net *net, uint64_t seed, int count)
{
    struct subject subject = {.net = net, .seed = seed, .count = count};
    assert_non_null(net);
    subject.classes = net->nodes[net->output].shape.c;
    subject.images = random_images(net, seed, count);
    formula_make(&subject.formula, net, seed);
    return subject;
}

static void subject_free(struct subject *subject)
{
    free(subject->images);
    free(subject->expected);
    formula_free(&subject->formula);
    net_free(subject->net);
}

static struct plan *make_plan(const struct subject *subject, const struct kernels *kernels)
{
    struct plan *plan;
    struct error error = {0};
    if (plan_make(subject->net, &subject->formula.weights, kernels, &plan, &error) != OK)
        fail_msg("seed %llu: %s", (unsigned long long)subject->seed, error.text);
    assert_int_equal(plan_classes(plan), subject->classes);
    return plan;
}

/* The outputs of a batch of the first `count` images, in memory full of NaN. */
static float *run_batch(struct fixture *fixture, const struct plan *plan, int pool,
                        const float *images, int count)
{
    struct workspace *workspace = &fixture->workspace;
    assert_int_equal(workspace_reserve(workspace, thread_counts[pool], plan, NULL), OK);
    for (int i = 0; i < workspace->threads; i++)
        memset(workspace->arenas[i], 0xff, plan_arena_floats(plan) * sizeof(float));
    float *outputs = malloc((size_t)count * (size_t)plan_classes(plan) * sizeof *outputs);
    assert_non_null(outputs);
    plan_run(plan, fixture->pools[pool], workspace, images, count, outputs);
    return outputs;
}

/* All images, each alone on one thread. */
static float *run_one_by_one(struct fixture *fixture, const struct subject *subject,
                             const struct plan *plan)
{
    size_t classes = (size_t)subject->classes;
    float *outputs = malloc((size_t)subject->count * classes * sizeof *outputs);
    assert_non_null(outputs);
    for (int i = 0; i < subject->count; i++) {
        float *one = run_batch(fixture, plan, 0, subject->images + i * plan_input_floats(plan), 1);
        memcpy(outputs + (size_t)i * classes, one, classes * sizeof *one);
        free(one);
    }
    return outputs;
}

/* Every number of threads and every batch gives the expected outputs. */
static void check_plan(struct fixture *fixture, const struct subject *subject,
                       const struct plan *plan, const char *kernels)
{
    static const int batches[] = {1, 2, 7};
    for (int pool = 0; pool < POOLS; pool++)
        for (int b = 0; b < 3 && batches[b] <= subject->count; b++) {
            size_t bytes = (size_t)batches[b] * (size_t)subject->classes * sizeof(float);
            float *outputs = run_batch(fixture, plan, pool, subject->images, batches[b]);
            if (memcmp(outputs, subject->expected, bytes) != 0)
                fail_msg("%s, seed %llu: %s kernels, %d threads, batch %d give other bits",
                         subject->net->name, (unsigned long long)subject->seed, kernels,
                         thread_counts[pool], batches[b]);
            free(outputs);
        }
}

/* The plain engine's outputs of the first image begin the outputs that are expected. */
static void check_first(const struct subject *subject)
{
    float *plain = plain_run(subject->net, subject->seed, subject->images);
    if (memcmp(plain, subject->expected, (size_t)subject->classes * sizeof *plain) != 0)
        fail_msg("%s, seed %llu: the plain engine gives other bits", subject->net->name,
                 (unsigned long long)subject->seed);
    free(plain);
}

static void check_kernels(struct fixture *fixture, struct subject *subject, const char *name)
{
    const struct kernels *kernels = kernels_choose(name, NULL);
    if (!kernels) {
        print_message("[  SKIPPED ] %s kernels: this processor has no such instructions\n", name);
        return;
    }
    struct plan *plan = make_plan(subject, kernels);
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    assert_int_equal(plan_digest(plan, before, NULL), OK);
    if (!subject->expected)
        subject->expected = run_one_by_one(fixture, subject, plan);
    check_plan(fixture, subject, plan, name);
    assert_int_equal(plan_digest(plan, after, NULL), OK);
    assert_memory_equal(before, after, DIGEST_SIZE);
    plan_free(plan);
}

static void random_nets_give_the_plain_bits(void **state)
{
    for (uint64_t seed = 1; seed <= RANDOM_NETS; seed++) {
        struct subject subject = subject_make(random_net(seed), seed, IMAGES);
        check_kernels(*state, &subject, "best");
        check_first(&subject);
        check_kernels(*state, &subject, "avx2");
        if (seed % 8 == 0)
            check_kernels(*state, &subject, "c");
        subject_free(&subject);
    }
}

/* The real networks at their own size: too large for the slow ones among us. */
static void real_nets_give_the_same_bits(void **state)
{
    struct selection selection = {0};
    assert_int_equal(zoo_select(&selection, REAL_NETS, NULL), OK);
    for (int i = 0; i < selection.count; i++) {
        struct subject subject = subject_make(zoo_build(selection.models[i], NULL), 99, IMAGES);
        check_kernels(*state, &subject, "best");
        check_kernels(*state, &subject, "avx2");
        subject_free(&subject);
    }
    selection_free(&selection);
}

static void small_real_nets_give_the_plain_bits(void **state)
{
    struct selection selection = {0};
    assert_int_equal(zoo_select(&selection, REAL_NETS, NULL), OK);
    for (int i = 0; i < selection.count; i++) {
        struct net *net = net_new(selection.models[i]->framework, "small");
        tensor classes = selection.models[i]->build(net_input(net, 75, 67, 3));
        assert_int_equal(net_finish(net, classes, NULL), OK);
        struct subject subject = subject_make(net, 98, 2);
        check_kernels(*state, &subject, "c");
        check_first(&subject);
        check_kernels(*state, &subject, "best");
        subject_free(&subject);
    }
    selection_free(&selection);
}

/* The article's network up to the logits, in the spelling of a framework. */
static struct net *article(enum framework framework)
{
    struct net *net = net_new(framework, framework_name(framework));
    tensor x = net_input(net, 32, 32, 3);
    if (framework == KERAS) {
        x = Sequential(x, Conv2D(32, 3, .activation = RELU), MaxPool2D(2),
                       Conv2D(16, 3, .activation = RELU), MaxPool2D(2), Flatten(), Dense(10));
    } else {
        x = maxpool(relu(conv(x, "conv1", 32, 3)), 2);
        x = maxpool(relu(conv(x, "conv2", 16, 3)), 2);
        x = linear(flatten(x), "fc1", 10);
    }
    assert_int_equal(net_finish(net, x, NULL), OK);
    return net;
}

static void spelling_changes_nothing(void **state)
{
    struct subject torch = subject_make(article(PYTORCH), 5, IMAGES);
    struct subject keras = subject_make(article(KERAS), 5, IMAGES);
    check_kernels(*state, &torch, "best");
    check_kernels(*state, &keras, "best");
    check_first(&keras);
    assert_memory_equal(torch.expected, keras.expected,
                        (size_t)IMAGES * (size_t)torch.classes * sizeof(float));
    subject_free(&torch);
    subject_free(&keras);
}

/* A product that is too small makes a sum of -0, a checkpoint may hold biases of -0; but an output
 * before its activation is +0, whatever was padded. */
static void outputs_are_never_minus_zero(void **state)
{
    static const char *const names[] = {"best", "avx2", "c"};
    struct net *net = net_new(PYTORCH, "zeros");
    tensor x = conv(net_input(net, 1, 1, 3), "first", 5, 3, .padding = 1);
    assert_int_equal(net_finish(net, x, NULL), OK);
    struct subject subject = subject_make(net, 1, 1);
    for (int i = 0; i < subject.formula.weights.count; i++)
        for (int64_t k = 0; k < subject.formula.list[i].count; k++)
            subject.formula.values[i][k] = i == 0 ? -1e-30f : -0.0f; /* first.weight, first.bias */
    for (int i = 0; i < 3; i++)
        subject.images[i] = 1e-30f;
    const float zeros[5] = {0.0f};
    for (int k = 0; k < 3; k++) {
        const struct kernels *kernels = kernels_choose(names[k], NULL);
        if (!kernels)
            continue;
        struct plan *plan = make_plan(&subject, kernels);
        float *outputs = run_batch(*state, plan, 0, subject.images, 1);
        assert_memory_equal(outputs, zeros, sizeof zeros);
        free(outputs);
        plan_free(plan);
    }
    subject_free(&subject);
}

/* What Keras's networks do with zeros, croppings and factors, over pictures of even and odd sides
 * and channels that do not fill a block. */
static struct net *keras_corners(int side)
{
    struct net *net = net_new(KERAS, "corners");
    tensor x = Sequential(net_input(net, side, side + 3, 3), Conv2D(11, 3, .no_bias = true),
                          BatchNormalization(.no_scale = true));
    tensor zeros = Sequential(x, ZeroPadding2D(1, 1, 0, 1));
    tensor most = Sequential(zeros, MaxPool2D(3, 2)),
           mean = Sequential(zeros, AveragePooling2D(3, 2));
    tensor deep = Sequential(x, Activation(RELU), ZeroPadding2D(1, 1, 0, 1),
                             SeparableConv2D(11, 3, 2, .no_bias = true));
    tensor even = Sequential(x, AveragePooling2D(1, 2), Conv2D(5, 1));
    tensor odd = Sequential(x, ZeroPadding2D(0, 1, 0, 1), Cropping2D(1, 0, 1, 0),
                            AveragePooling2D(1, 2), Conv2D(6, 1, .scale = 0.3));
    tensor cut = Sequential(x, Cropping2D(1, 1, 1, 1), Conv2D(11, 1, 2, .scale = 0.17),
                            BatchNormalization());
    tensor added = Add(mean, Sequential(mean, Conv2D(11, 1, .scale = 0.2)));
    x = Concatenate(Add(most, deep), added, Sequential(added, ReLU(6), DepthwiseConv2D(5, 1, SAME)),
                    Sequential(mean, AveragePooling2D(3, 1, SAME)));
    tensor last[] = {
        Sequential(x, GlobalAveragePooling2D()), Sequential(cut, GlobalAveragePooling2D()),
        Sequential(Concatenate(even, odd), BatchNormalization(), GlobalAveragePooling2D())};
    x = Sequential(Concatenate(last[0], last[1], last[2]), Dense(10));
    struct error error = {0};
    if (net_finish(net, x, &error) != OK)
        fail_msg("%s", error.text);
    return net;
}

static void keras_corners_give_the_plain_bits(void **state)
{
    for (int side = 14; side < 18; side++) {
        struct subject subject = subject_make(keras_corners(side), (uint64_t)side, IMAGES);
        check_kernels(*state, &subject, "c");
        check_first(&subject);
        check_kernels(*state, &subject, "avx2");
        check_kernels(*state, &subject, "best");
        subject_free(&subject);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_nets_give_the_plain_bits),
        cmocka_unit_test(real_nets_give_the_same_bits),
        cmocka_unit_test(small_real_nets_give_the_plain_bits),
        cmocka_unit_test(spelling_changes_nothing),
        cmocka_unit_test(outputs_are_never_minus_zero),
        cmocka_unit_test(keras_corners_give_the_plain_bits),
    };
    return cmocka_run_group_tests_name("engine", tests, fixture_make, fixture_free);
}
