/* Inception v3 (Szegedy et al. 2015, arXiv:1512.00567), table 1, with the layers and names of
 * torchvision. Dropout does nothing at inference and is left out; so is the auxiliary classifier,
 * whose weights are in the files. */
#include "net/builder.h"
#include "zoo/families.h"

/* torchvision's BasicConv2d, spelt as a convolution after the place `at` of its block. */
static tensor basic_conv(const char *at, struct conv layer)
{
    const char *name = name_of(layer.input, "%s%s", at, layer.name);
    layer.name = name_of(layer.input, "%s.conv", name);
    layer.no_bias = true;
    tensor x = net_conv(layer);
    return relu(norm(x, name_of(x, "%s.bn", name), .epsilon = 1e-3));
}
#define basic(x, at, ...) basic_conv((at), (struct conv){.input = (x), __VA_ARGS__})

/* As wide or as high as it is long, and the picture stays as large. */
#define ROW(length)    .kernel_hw = {1, (length)}, .padding_hw = {0, (length) / 2}
#define COLUMN(length) .kernel_hw = {(length), 1}, .padding_hw = {(length) / 2, 0}

/* The branch that ends every block which keeps the side. */
static tensor pooled(tensor x, const char *at, int width)
{
    return basic(avgpool(x, 3, .stride = 1, .padding = 1), at, "branch_pool", width, 1);
}

/* Figure 5. */
static tensor inception_a(tensor x, const char *at, int pool_width)
{
    tensor one = basic(x, at, "branch1x1", 64, 1);
    tensor five = basic(x, at, "branch5x5_1", 48, 1);
    five = basic(five, at, "branch5x5_2", 64, 5, .padding = 2);
    tensor twice = basic(x, at, "branch3x3dbl_1", 64, 1);
    twice = basic(twice, at, "branch3x3dbl_2", 96, 3, .padding = 1);
    twice = basic(twice, at, "branch3x3dbl_3", 96, 3, .padding = 1);
    return concat(one, five, twice, pooled(x, at, pool_width));
}

/* Figure 10: half the side. */
static tensor inception_b(tensor x, const char *at)
{
    tensor three = basic(x, at, "branch3x3", 384, 3, .stride = 2);
    tensor twice = basic(x, at, "branch3x3dbl_1", 64, 1);
    twice = basic(twice, at, "branch3x3dbl_2", 96, 3, .padding = 1);
    twice = basic(twice, at, "branch3x3dbl_3", 96, 3, .stride = 2);
    return concat(three, twice, maxpool(x, 3, .stride = 2));
}

/* Figure 6 with n = 7. */
static tensor inception_c(tensor x, const char *at, int width)
{
    tensor one = basic(x, at, "branch1x1", 192, 1);
    tensor seven = basic(x, at, "branch7x7_1", width, 1);
    seven = basic(seven, at, "branch7x7_2", width, ROW(7));
    seven = basic(seven, at, "branch7x7_3", 192, COLUMN(7));
    tensor twice = basic(x, at, "branch7x7dbl_1", width, 1);
    twice = basic(twice, at, "branch7x7dbl_2", width, COLUMN(7));
    twice = basic(twice, at, "branch7x7dbl_3", width, ROW(7));
    twice = basic(twice, at, "branch7x7dbl_4", width, COLUMN(7));
    twice = basic(twice, at, "branch7x7dbl_5", 192, ROW(7));
    return concat(one, seven, twice, pooled(x, at, 192));
}

/* Half the side again. */
static tensor inception_d(tensor x, const char *at)
{
    tensor three = basic(x, at, "branch3x3_1", 192, 1);
    three = basic(three, at, "branch3x3_2", 320, 3, .stride = 2);
    tensor seven = basic(x, at, "branch7x7x3_1", 192, 1);
    seven = basic(seven, at, "branch7x7x3_2", 192, ROW(7));
    seven = basic(seven, at, "branch7x7x3_3", 192, COLUMN(7));
    seven = basic(seven, at, "branch7x7x3_4", 192, 3, .stride = 2);
    return concat(three, seven, maxpool(x, 3, .stride = 2));
}

/* Figure 7: branches that end in a row and a column side by side. */
static tensor inception_e(tensor x, const char *at)
{
    tensor one = basic(x, at, "branch1x1", 320, 1);
    tensor three = basic(x, at, "branch3x3_1", 384, 1);
    tensor three_a = basic(three, at, "branch3x3_2a", 384, ROW(3));
    tensor three_b = basic(three, at, "branch3x3_2b", 384, COLUMN(3));
    tensor twice = basic(x, at, "branch3x3dbl_1", 448, 1);
    twice = basic(twice, at, "branch3x3dbl_2", 384, 3, .padding = 1);
    tensor twice_a = basic(twice, at, "branch3x3dbl_3a", 384, ROW(3));
    tensor twice_b = basic(twice, at, "branch3x3dbl_3b", 384, COLUMN(3));
    return concat(one, three_a, three_b, twice_a, twice_b, pooled(x, at, 192));
}

/* transform_input: the weights came from a network for pixels in [-1, 1], x / 127.5 - 1, and take
 * torchvision's normalisation back to that. */
static tensor transform_input(tensor x)
{
    return rescale(x, ((double[]){0.229 / 0.5, 0.224 / 0.5, 0.225 / 0.5}),
                   ((double[]){(0.485 - 0.5) / 0.5, (0.456 - 0.5) / 0.5, (0.406 - 0.5) / 0.5}));
}

static tensor inception_v3(tensor x)
{                                                           /* output  side  channels */
    x = transform_input(x);                                 /*         299     3 */
    x = basic(x, "", "Conv2d_1a_3x3", 32, 3, .stride = 2);  /*         149    32 */
    x = basic(x, "", "Conv2d_2a_3x3", 32, 3);               /*         147    32 */
    x = basic(x, "", "Conv2d_2b_3x3", 64, 3, .padding = 1); /*         147    64 */
    x = maxpool(x, 3, .stride = 2);                         /*          73    64 */
    x = basic(x, "", "Conv2d_3b_1x1", 80, 1);               /*          73    80 */
    x = basic(x, "", "Conv2d_4a_3x3", 192, 3);              /*          71   192 */
    x = maxpool(x, 3, .stride = 2);                         /*          35   192 */
    x = inception_a(x, "Mixed_5b.", 32);                    /*          35   256 */
    x = inception_a(x, "Mixed_5c.", 64);                    /*          35   288 */
    x = inception_a(x, "Mixed_5d.", 64);                    /*          35   288 */
    x = inception_b(x, "Mixed_6a.");                        /*          17   768 */
    x = inception_c(x, "Mixed_6b.", 128);                   /*          17   768 */
    x = inception_c(x, "Mixed_6c.", 160);                   /*          17   768 */
    x = inception_c(x, "Mixed_6d.", 160);                   /*          17   768 */
    x = inception_c(x, "Mixed_6e.", 192);                   /*          17   768 */
    x = inception_d(x, "Mixed_7a.");                        /*           8  1280 */
    x = inception_e(x, "Mixed_7b.");                        /*           8  2048 */
    x = inception_e(x, "Mixed_7c.");                        /*           8  2048 */
    leave_out(x, "AuxLogits.");
    return linear(flatten(global_avgpool(x)), "fc", 1000);
}

const struct model inception_models[] = {
    {
        .name = "inception_v3",
        .framework = PYTORCH,
        .build = inception_v3,
        .classes = 1000,
        .in_reference = true,
        .official = TORCHVISION_RECIPE(342, 299),
        .reference = TORCHVISION_RECIPE(256, 299), /* the crop is larger: black all round */
        .files = {PTH("inception_v3_google", "1a9a5a14"), PTH("inception_v3_google", "0cc3c7bd")},
        .published = {77.294, 93.450},
        .recorded = {69.25, 88.69},
    },
    {0},
};
