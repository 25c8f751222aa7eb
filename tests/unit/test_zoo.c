/* zoo: every model is the published one, and names mean what the command line says they mean. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "zoo/zoo.h"

#include "zoo_build.h"

/* Allocations that still succeed; negative: all of them. The linker sends the calls of these two
 * functions here (--wrap). */
static long allocations_left = -1;

void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);

static bool allocation_fails(void)
{
    if (allocations_left == 0) {
        errno = ENOMEM;
        return true;
    }
    if (allocations_left > 0)
        allocations_left--;
    return false;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_reallocarray(old, count, size);
}

/* torchvision 0.29 and Keras 3.15 count the same parameters, inception_v3's without those of its
 * second classifier; multiply-adds as PyTorch 2.15's FlopCounterMode counts them, and as the papers
 * have them in millions: MobileNet's table 6 (569, 325, 149, 41), MobileNetV2's table 4 (300),
 * NASNet's tables 2 and 3 (564, 23.8 thousand), Xception's 4 (8.4 thousand). */
static void counts_are_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t parameters, multiply_adds;
    } rows[] = {
        {"pytorch/alexnet", 61100840, 714188480},
        {"pytorch/vgg11", 132863336, 7609090048},
        {"pytorch/vgg11_bn", 132868840, 7609090048},
        {"pytorch/vgg13", 133047848, 11308466176},
        {"pytorch/vgg13_bn", 133053736, 11308466176},
        {"pytorch/vgg16", 138357544, 15470264320},
        {"pytorch/vgg16_bn", 138365992, 15470264320},
        {"pytorch/vgg19", 143667240, 19632062464},
        {"pytorch/vgg19_bn", 143678248, 19632062464},
        {"pytorch/resnet18", 11689512, 1814073344},
        {"pytorch/resnet34", 21797672, 3663761408},
        {"pytorch/resnet50", 25557032, 4089184256},
        {"pytorch/resnet101", 44549160, 7801405440},
        {"pytorch/resnet152", 60192808, 11513626624},
        {"pytorch/squeezenet1_0", 1248424, 818924576},
        {"pytorch/squeezenet1_1", 1235496, 349151936},
        {"pytorch/densenet121", 7978856, 2834161664},
        {"pytorch/densenet161", 28681000, 7727907072},
        {"pytorch/densenet169", 14149480, 3359843328},
        {"pytorch/densenet201", 20013928, 4291365888},
        {"pytorch/inception_v3", 23834568, 5713216096},
        {"keras/vgg16", 138357544, 15470264320},
        {"keras/vgg19", 143667240, 19632062464},
        {"keras/resnet50", 25636712, 3857973248},
        {"keras/densenet121", 8062504, 2834161664},
        {"keras/densenet169", 14307880, 3359843328},
        {"keras/densenet201", 20242984, 4291365888},
        {"keras/mobilenet", 4253864, 568740352},
        {"keras/mobilenet_0.75", 2601976, 325400448},
        {"keras/mobilenet_0.5", 1342536, 149497088},
        {"keras/mobilenet_0.25", 475544, 41030272},
        {"keras/mobilenetV2", 3538984, 300774272},
        {"keras/nasnetmobile", 5326716, 563638816},
        {"keras/nasnetlarge", 88949818, 23783414658},
        {"keras/xception", 22910480, 8357403496},
        {"keras/inceptionv3", 23851784, 5713216096},
        {"keras/inceptionresnetv2", 55873736, 13155794016},
        {"keras/article", 11290, 1562112},
        {"pytorch/article", 11290, 1562112},
    };
    assert_int_equal(zoo_count(), sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct net *net = build_model(rows[i].name);
        assert_string_equal(net->name, rows[i].name);
        assert_int_equal(net_parameters(net), rows[i].parameters);
        assert_int_equal(net_flops(net), 2 * rows[i].multiply_adds);
        net_free(net);
    }
}

/* "name dimension..." of every parameter, a line each, in the order of the graph. */
static char *parameter_list(const struct net *net)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    for (int i = 0; i < net->count; i++)
        for (int role = 0; role < ROLES; role++) {
            const struct parameter *parameter = &net->nodes[i].parameters[role];
            if (!parameter->name)
                continue;
            fputs(parameter->name, out);
            for (int j = 0; j < parameter->rank; j++)
                fprintf(out, " %ld", (long)parameter->shape[j]);
            fputc('\n', out);
        }
    assert_int_equal(fclose(out), 0);
    return text;
}

/* The lists were made by tools/checkpoint_names.py from real checkpoints of squeezenet1_1 and
 * mobilenet_0.25, and of the others from what torchvision's own models save, inception_v3's without
 * its second classifier. */
static void parameters_are_the_checkpoints(void **state)
{
    (void)state;
    static const char *const names[] = {
        "alexnet",       "vgg16_bn",    "resnet18",     "resnet50",       "squeezenet1_0",
        "squeezenet1_1", "densenet121", "inception_v3", "mobilenet_0.25",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[80];
        snprintf(path, sizeof path, "tests/golden/%s_names.txt", names[i]);
        struct bytes golden = {0};
        struct error error = {0};
        assert_int_equal(file_load(path, 1 << 20, &golden, &error), OK);
        struct net *net = build_model(names[i]);
        char *list = parameter_list(net);
        assert_int_equal(strlen(list), golden.size);
        assert_memory_equal(list, golden.data, golden.size);
        free(list);
        net_free(net);
        bytes_free(&golden);
    }
}

static void squeezenet_has_its_papers_sizes(void **state)
{
    (void)state;
    struct net *net = build_model("squeezenet1_1");
    assert_shape(net, "features.0", 111, 111, 64);
    assert_shape(net, "maxpool", 55, 55, 64);
    assert_shape(net, "concat", 55, 55, 128);
    assert_shape(net, "maxpool_1", 27, 27, 128);
    assert_shape(net, "maxpool_2", 13, 13, 256);
    assert_shape(net, "classifier.1.relu", 13, 13, 1000);
    assert_int_equal(net->nodes[net->output].shape.c, 1000);
    net_free(net);
    net = build_model("squeezenet1_0");
    assert_shape(net, "features.0", 109, 109, 96);
    assert_shape(net, "maxpool", 54, 54, 96);
    assert_shape(net, "maxpool_1", 27, 27, 256);
    assert_shape(net, "maxpool_2", 13, 13, 512);
    net_free(net);
}

/* Figures of the papers' tables, and layers that lead to them. */
static void torchvision_has_its_papers_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *model, *layer;
        int side, channels;
    } rows[] = {
        {"alexnet", "features.0", 55, 64},
        {"alexnet", "maxpool", 27, 64},
        {"alexnet", "maxpool_1", 13, 192},
        {"alexnet", "maxpool_2", 6, 256},
        {"vgg11", "maxpool", 112, 64},
        {"vgg11", "features.18", 14, 512},
        {"vgg19", "features.34", 14, 512},
        {"vgg19_bn", "features.49", 14, 512},
        {"vgg19_bn", "maxpool_4", 7, 512},
        {"resnet18", "conv1", 112, 64},
        {"resnet18", "maxpool", 56, 64},
        {"resnet34", "layer2.3.bn2", 28, 128},
        {"resnet50", "layer2.0.conv1", 56, 128},
        {"resnet50", "layer2.0.conv2", 28, 128},
        {"resnet101", "layer3.22.bn3", 14, 1024},
        {"resnet152", "layer4.2.bn3", 7, 2048},
        {"densenet121", "maxpool", 56, 64},
        {"densenet121", "features.transition1.norm", 56, 256},
        {"densenet121", "avgpool", 28, 128},
        {"densenet161", "features.norm5", 7, 2208},
        {"densenet169", "features.norm5", 7, 1664},
        {"densenet201", "features.norm5", 7, 1920},
        {"densenet201", "features.denseblock4.denselayer32.norm2", 7, 128},
        {"inception_v3", "Conv2d_1a_3x3.conv", 149, 32},
        {"inception_v3", "Conv2d_2b_3x3.conv", 147, 64},
        {"inception_v3", "maxpool_1", 35, 192},
        {"inception_v3", "concat", 35, 256},
        {"inception_v3", "concat_3", 17, 768},
        {"inception_v3", "Mixed_6e.branch7x7dbl_5.bn", 17, 192},
        {"inception_v3", "concat_8", 8, 1280},
        {"inception_v3", "concat_10", 8, 2048},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct net *net = build_model(rows[i].model);
        assert_shape(net, rows[i].layer, rows[i].side, rows[i].side, rows[i].channels);
        net_free(net);
    }
}

/* What counts of parameters do not show. */
static void torchvision_has_its_options(void **state)
{
    (void)state;
    struct net *net = build_model("inception_v3");
    assert_string_equal(net->left_out, "AuxLogits.");
    assert_true(find_node(net, "Mixed_7c.branch_pool.bn")->epsilon == 1e-3);
    assert_true(find_node(net, "avgpool")->count_padding);
    const struct node *rescale = find_node(net, "rescale");
    assert_true(rescale->scale[2] == 0.45f && rescale->shift[0] == -0.03f);
    static const struct window row = {1, 7, 1, 1, 0, 3, 0, 3};
    assert_memory_equal(&find_node(net, "Mixed_6b.branch7x7_2.conv")->window, &row, sizeof row);
    net_free(net);
    net = build_model("resnet50");
    static const struct window pool = {3, 3, 2, 2, 1, 1, 1, 1};
    assert_memory_equal(&find_node(net, "maxpool")->window, &pool, sizeof pool);
    assert_true(find_node(net, "layer4.2.bn3")->epsilon == 1e-5);
    assert_null(net->left_out);
    net_free(net);
}

/* Both spellings give one network, but for names and the logarithm at its end. */
static void article_is_one_network(void **state)
{
    (void)state;
    struct net *keras = build_model("keras/article"), *torch = build_model("pytorch/article");
    assert_int_equal(keras->count, torch->count);
    for (int i = 0; i < keras->count; i++) {
        const struct node *a = &keras->nodes[i], *b = &torch->nodes[i];
        assert_int_equal(a->op == OP_SOFTMAX ? OP_LOG_SOFTMAX : a->op, b->op);
        assert_memory_equal(&a->shape, &b->shape, sizeof a->shape);
        assert_memory_equal(&a->window, &b->window, sizeof a->window);
        assert_memory_equal(a->inputs, b->inputs, sizeof a->inputs);
        assert_int_equal(node_parameters(keras, a), node_parameters(torch, b));
    }
    char *keras_list = parameter_list(keras), *torch_list = parameter_list(torch);
    assert_string_equal(keras_list, "conv2d/kernel 3 3 3 32\nconv2d/bias 32\n"
                                    "conv2d_1/kernel 3 3 32 16\nconv2d_1/bias 16\n"
                                    "dense/kernel 576 10\ndense/bias 10\n");
    assert_string_equal(torch_list, "conv1.weight 32 3 3 3\nconv1.bias 32\n"
                                    "conv2.weight 16 32 3 3\nconv2.bias 16\n"
                                    "fc1.weight 10 576\nfc1.bias 10\n");
    free(keras_list);
    free(torch_list);
    net_free(keras);
    net_free(torch);
}

static void every_model_is_complete(void **state)
{
    (void)state;
    int in_reference = 0;
    for (int i = 0; i < zoo_count(); i++) {
        const struct model *model = zoo_model(i);
        assert_int_equal(model->official.side, model->reference.side);
        if (model->official.fit == FIT_SHORT_SIDE)
            assert_true(model->official.resize >= model->official.side);
        assert_true(model->classes == 10 || model->classes == 1000);
        if (!model->in_reference)
            continue;
        in_reference++;
        assert_non_null(model->files[0].name);
        assert_true(model->recorded.top1 > 50 && model->recorded.top5 > model->recorded.top1);
        assert_true(model->published.top1 > model->recorded.top1);
        for (int j = 0; j < MODEL_WEIGHT_FILES; j++)
            if (model->files[j].sha256)
                assert_non_null(strstr(model->files[j].name, model->files[j].sha256));
    }
    assert_int_equal(in_reference, 34);
    assert_null(zoo_model(zoo_count()));
}

static void assert_selects(const char *names, const char *expected)
{
    struct selection selection = {0};
    struct error error = {0};
    char found[2000] = "";
    assert_int_equal(zoo_select(&selection, names, &error), OK);
    for (int i = 0; i < selection.count; i++) {
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s/%s ",
                 framework_name(selection.models[i]->framework), selection.models[i]->name);
    }
    assert_string_equal(found, expected);
    selection_free(&selection);
}

#define TORCHVISION                                                                                \
    "pytorch/alexnet pytorch/vgg11 pytorch/vgg11_bn pytorch/vgg13 pytorch/vgg13_bn "               \
    "pytorch/vgg16 pytorch/vgg16_bn pytorch/vgg19 pytorch/vgg19_bn pytorch/resnet18 "              \
    "pytorch/resnet34 pytorch/resnet50 pytorch/resnet101 pytorch/resnet152 "                       \
    "pytorch/squeezenet1_0 pytorch/squeezenet1_1 pytorch/densenet121 pytorch/densenet161 "         \
    "pytorch/densenet169 pytorch/densenet201 pytorch/inception_v3 "

#define KERAS_MODELS                                                                               \
    "keras/vgg16 keras/vgg19 keras/resnet50 keras/densenet121 keras/densenet169 "                  \
    "keras/densenet201 keras/mobilenet keras/mobilenetV2 keras/nasnetmobile keras/nasnetlarge "    \
    "keras/xception keras/inceptionv3 keras/inceptionresnetv2 "

static void names_mean_models(void **state)
{
    (void)state;
    assert_selects("squeezenet1_1", "pytorch/squeezenet1_1 ");
    assert_selects("pytorch/squeezenet1_1", "pytorch/squeezenet1_1 ");
    assert_selects("article", "keras/article pytorch/article ");
    assert_selects("pytorch/article", "pytorch/article ");
    assert_selects("pytorch", TORCHVISION);
    assert_selects("keras", KERAS_MODELS);
    assert_selects("all", TORCHVISION KERAS_MODELS);
    assert_selects("mobilenet_0.25,vgg16,keras/vgg16,mobilenet,pytorch/vgg16",
                   "keras/mobilenet_0.25 pytorch/vgg16 keras/vgg16 keras/mobilenet ");
    assert_selects("pytorch/alexnet,all", TORCHVISION KERAS_MODELS);
}

static void several_selections_add_up(void **state)
{
    (void)state;
    struct selection selection = {0};
    struct error error = {0};
    assert_int_equal(zoo_select(&selection, "mobilenet", &error), OK);
    assert_int_equal(zoo_select(&selection, "all", &error), OK);
    assert_int_equal(selection.count, 34);
    assert_string_equal(selection.models[0]->name, "mobilenet");
    assert_int_equal(zoo_select(&selection, "nothing", &error), BAD_USAGE);
    assert_int_equal(selection.count, 34);
    selection_free(&selection);
    assert_int_equal(selection.count, 0);
}

static void unknown_names_get_suggestions(void **state)
{
    (void)state;
    static const struct {
        const char *names, *text;
    } rows[] = {
        {"mobilnet", "there is no model 'mobilnet'; did you mean keras/mobilenet, "
                     "keras/mobilenetV2? `bitzoo models` lists them all"},
        {"xceptoin", "'xceptoin'; did you mean keras/xception?"},
        {"squeezenet11", "'squeezenet11'; did you mean pytorch/squeezenet1_1, "
                         "pytorch/squeezenet1_0?"},
        {"keras/squeezenet1_1", "'keras/squeezenet1_1'; did you mean pytorch/squeezenet1_1, "},
        {"articles", "did you mean keras/article, pytorch/article?"},
        {"zzzzz", "there is no model 'zzzzz'; `bitzoo models` lists them all"},
        {"mobilenet,,article", "there is no model ''; `bitzoo models` lists them all"},
        {"", "there is no model ''; `bitzoo models` lists them all"},
        {"/", "there is no model '/'; `bitzoo models` lists them all"},
        {"keras/", "there is no model 'keras/'; `bitzoo models` lists them all"},
        {"All", "there is no model 'All'; `bitzoo models` lists them all"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct selection selection = {0};
        struct error error = {0};
        assert_int_equal(zoo_select(&selection, rows[i].names, &error), BAD_USAGE);
        if (!strstr(error.text, rows[i].text))
            print_message("%s\n", error.text);
        assert_non_null(strstr(error.text, rows[i].text));
        selection_free(&selection);
    }
    char long_name[5000];
    memset(long_name, 'm', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    struct selection selection = {0};
    assert_int_equal(zoo_select(&selection, long_name, NULL), BAD_USAGE);
}

static const struct model *model_of(const char *name)
{
    for (int i = 0; i < zoo_count(); i++)
        if (!strcmp(zoo_model(i)->name, name))
            return zoo_model(i);
    fail_msg("there is no model %s", name);
    return NULL;
}

static void weights_are_found_by_their_names(void **state)
{
    (void)state;
    char folder[] = "/tmp/bitzoo-zoo-XXXXXX", *path = NULL, name[ZOO_WEIGHT_NAME];
    assert_non_null(mkdtemp(folder));
    const struct model *model = model_of("squeezenet1_1");
    static const char *const names[] = {"squeezenet1_1-f364aa15.pth", "squeezenet1_1-b8a52dc0.pth",
                                        "squeezenet1_1.pth"};
    struct error error = {0};
    assert_int_equal(zoo_find_weights(model, folder, &path, &error), BAD_INPUT);
    assert_null(path);
    assert_non_null(strstr(error.text, "no weights of pytorch/squeezenet1_1 here; looked for "
                                       "squeezenet1_1-f364aa15.pth, squeezenet1_1-b8a52dc0.pth, "
                                       "squeezenet1_1.pth"));
    for (int i = 2; i >= 0; i--) { /* better names hide worse ones */
        char file[120];
        assert_string_equal(zoo_weight_name(model, i, name), names[i]);
        snprintf(file, sizeof file, "%s/%s", folder, names[i]);
        assert_int_equal(file_save(file, "x", 1, NULL), OK);
        assert_int_equal(zoo_find_weights(model, folder, &path, NULL), OK);
        assert_string_equal(path, file);
        free(path);
    }
    assert_null(zoo_weight_name(model, 3, name));
    for (int i = 0; i < 3; i++) {
        char file[120];
        snprintf(file, sizeof file, "%s/%s", folder, names[i]);
        unlink(file);
    }
    rmdir(folder);
    assert_int_equal(zoo_find_weights(model, folder, &path, NULL), BAD_INPUT);
    assert_string_equal(zoo_weight_name(model_of("article"), 0, name), "article.h5");
    assert_string_equal(zoo_weight_name(model_of("mobilenet_0.25"), 0, name),
                        "mobilenet_2_5_224_tf.h5");
    assert_string_equal(zoo_weight_name(model_of("mobilenet_0.25"), 1, name), "mobilenet_0.25.h5");
}

/* Whichever allocation fails, the answer is "out of memory" and nothing is lost. */
static void any_allocation_may_fail(void **state)
{
    (void)state;
    for (int i = 0; i < zoo_count(); i++) {
        struct net *net = NULL;
        long granted = 0;
        for (; !net && granted < 1000; granted++) {
            struct error error = {0};
            allocations_left = granted;
            net = zoo_build(zoo_model(i), &error);
            allocations_left = -1;
            assert_int_equal(error.status, net ? OK : NO_MEMORY);
        }
        assert_non_null(net);
        assert_true(granted > 3);
        net_free(net);
    }
    struct selection selection = {0};
    allocations_left = 1;
    enum status status = zoo_select(&selection, "all", NULL);
    allocations_left = -1;
    assert_int_equal(status, NO_MEMORY);
    selection_free(&selection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_the_published_ones),
        cmocka_unit_test(parameters_are_the_checkpoints),
        cmocka_unit_test(squeezenet_has_its_papers_sizes),
        cmocka_unit_test(torchvision_has_its_papers_sizes),
        cmocka_unit_test(torchvision_has_its_options),
        cmocka_unit_test(article_is_one_network),
        cmocka_unit_test(every_model_is_complete),
        cmocka_unit_test(names_mean_models),
        cmocka_unit_test(several_selections_add_up),
        cmocka_unit_test(unknown_names_get_suggestions),
        cmocka_unit_test(weights_are_found_by_their_names),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("zoo", tests, NULL, NULL);
}
