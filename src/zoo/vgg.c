/* VGG (Simonyan and Zisserman 2014, arXiv:1409.1556), table 1, with the layers and names of
 * torchvision, which also has every network with batch normalisation. Dropout does nothing at
 * inference and is left out. */
#include "net/builder.h"
#include "zoo/families.h"

enum { STAGES = 5 };

/* How many convolutions each stage has: the columns of the paper's table. */
static const int column_a[STAGES] = {1, 1, 2, 2, 2}; /* 11 weight layers */
static const int column_b[STAGES] = {2, 2, 2, 2, 2}; /* 13 */
static const int column_d[STAGES] = {2, 2, 3, 3, 3}; /* 16 */
static const int column_e[STAGES] = {2, 2, 4, 4, 4}; /* 19 */

/* Layers are named by their places in one list that counts every convolution, normalisation,
 * activation and pooling. */
static tensor vgg(tensor x, const int convolutions[STAGES], bool normalised)
{
    static const int widths[STAGES] = {64, 128, 256, 512, 512}; /* output side 112 56 28 14 7 */
    int place = 0;
    for (int stage = 0; stage < STAGES; stage++) {
        for (int i = 0; i < convolutions[stage]; i++) {
            x = conv(x, name_of(x, "features.%d", place++), widths[stage], 3, .padding = 1);
            if (normalised)
                x = norm(x, name_of(x, "features.%d", place++));
            x = relu(x);
            place++;
        }
        x = maxpool(x, 2);
        place++;
    }
    x = relu(linear(flatten(x), "classifier.0", 4096));
    x = relu(linear(x, "classifier.3", 4096));
    return linear(x, "classifier.6", 1000);
}

static tensor vgg11(tensor x)
{
    return vgg(x, column_a, false);
}

static tensor vgg11_bn(tensor x)
{
    return vgg(x, column_a, true);
}

static tensor vgg13(tensor x)
{
    return vgg(x, column_b, false);
}

static tensor vgg13_bn(tensor x)
{
    return vgg(x, column_b, true);
}

static tensor vgg16(tensor x)
{
    return vgg(x, column_d, false);
}

static tensor vgg16_bn(tensor x)
{
    return vgg(x, column_d, true);
}

static tensor vgg19(tensor x)
{
    return vgg(x, column_e, false);
}

static tensor vgg19_bn(tensor x)
{
    return vgg(x, column_e, true);
}

const struct model vgg_models[] = {
    {
        TORCHVISION_224(vgg11),
        .files = {PTH("vgg11", "bbd30ac9"), PTH("vgg11", "8a719046")},
        .published = {69.020, 88.628},
        .recorded = {67.85, 88.11},
    },
    {
        TORCHVISION_224(vgg11_bn),
        .files = {PTH("vgg11_bn", "6002323d")},
        .published = {70.370, 89.810},
        .recorded = {69.36, 89.06},
    },
    {
        TORCHVISION_224(vgg13),
        .files = {PTH("vgg13", "c768596a"), PTH("vgg13", "19584684")},
        .published = {69.928, 89.246},
        .recorded = {68.69, 88.65},
    },
    {
        TORCHVISION_224(vgg13_bn),
        .files = {PTH("vgg13_bn", "abd245e5")},
        .published = {71.586, 90.374},
        .recorded = {70.12, 89.56},
    },
    {
        TORCHVISION_224(vgg16),
        .files = {PTH("vgg16", "397923af")},
        .published = {71.592, 90.382},
        .recorded = {70.66, 89.93},
    },
    {
        TORCHVISION_224(vgg16_bn),
        .files = {PTH("vgg16_bn", "6c64b313")},
        .published = {73.360, 91.516},
        .recorded = {72.29, 91.01},
    },
    {
        TORCHVISION_224(vgg19),
        .files = {PTH("vgg19", "dcbb9e9d")},
        .published = {72.376, 90.876},
        .recorded = {71.19, 90.40},
    },
    {
        TORCHVISION_224(vgg19_bn),
        .files = {PTH("vgg19_bn", "c79401a0")},
        .published = {74.218, 91.842},
        .recorded = {72.90, 91.35},
    },
    {0},
};
