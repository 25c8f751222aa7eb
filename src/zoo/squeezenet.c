/* SqueezeNet (Iandola et al. 2016, arXiv:1602.07360), table 1, with the layer names of torchvision.
 * Dropout does nothing at inference and is left out. */
#include "net/builder.h"
#include "zoo/families.h"

/* A fire module: squeeze to few channels, expand by 1x1 and 3x3 kernels side by side. */
static tensor fire(tensor x, const char *name, int squeeze, int expand)
{
    x = relu(conv(x, name_of(x, "%s.squeeze", name), squeeze, 1));
    return concat(relu(conv(x, name_of(x, "%s.expand1x1", name), expand, 1)),
                  relu(conv(x, name_of(x, "%s.expand3x3", name), expand, 3, .padding = 1)));
}

static tensor squeezenet1_0(tensor x)
{                                                        /* output   side  channels */
    x = relu(conv(x, "features.0", 96, 7, .stride = 2)); /* conv1     109    96 */
    x = maxpool(x, 3, .stride = 2, .ceil = true);        /* maxpool1   54    96 */
    x = fire(x, "features.3", 16, 64);                   /* fire2      54   128 */
    x = fire(x, "features.4", 16, 64);                   /* fire3      54   128 */
    x = fire(x, "features.5", 32, 128);                  /* fire4      54   256 */
    x = maxpool(x, 3, .stride = 2, .ceil = true);        /* maxpool4   27   256 */
    x = fire(x, "features.7", 32, 128);                  /* fire5      27   256 */
    x = fire(x, "features.8", 48, 192);                  /* fire6      27   384 */
    x = fire(x, "features.9", 48, 192);                  /* fire7      27   384 */
    x = fire(x, "features.10", 64, 256);                 /* fire8      27   512 */
    x = maxpool(x, 3, .stride = 2, .ceil = true);        /* maxpool8   13   512 */
    x = fire(x, "features.12", 64, 256);                 /* fire9      13   512 */
    x = relu(conv(x, "classifier.1", 1000, 1));          /* conv10     13  1000 */
    return flatten(global_avgpool(x));                   /* avgpool10   1  1000 */
}

/* 2.4 times less work for the same accuracy: a smaller first kernel, earlier pooling. */
static tensor squeezenet1_1(tensor x)
{                                                        /* output   side  channels */
    x = relu(conv(x, "features.0", 64, 3, .stride = 2)); /* conv1     111    64 */
    x = maxpool(x, 3, .stride = 2, .ceil = true);        /* maxpool1   55    64 */
    x = fire(x, "features.3", 16, 64);                   /* fire2      55   128 */
    x = fire(x, "features.4", 16, 64);                   /* fire3      55   128 */
    x = maxpool(x, 3, .stride = 2, .ceil = true);        /* maxpool3   27   128 */
    x = fire(x, "features.6", 32, 128);                  /* fire4      27   256 */
    x = fire(x, "features.7", 32, 128);                  /* fire5      27   256 */
    x = maxpool(x, 3, .stride = 2, .ceil = true);        /* maxpool5   13   256 */
    x = fire(x, "features.9", 48, 192);                  /* fire6      13   384 */
    x = fire(x, "features.10", 48, 192);                 /* fire7      13   384 */
    x = fire(x, "features.11", 64, 256);                 /* fire8      13   512 */
    x = fire(x, "features.12", 64, 256);                 /* fire9      13   512 */
    x = relu(conv(x, "classifier.1", 1000, 1));          /* conv10     13  1000 */
    return flatten(global_avgpool(x));                   /* avgpool10   1  1000 */
}

const struct model squeezenet_models[] = {
    {
        TORCHVISION_224(squeezenet1_0),
        .files = {PTH("squeezenet1_0", "a815701f"), PTH("squeezenet1_0", "b66bff10")},
        .published = {58.092, 80.420},
        .recorded = {56.49, 79.06},
    },
    {
        TORCHVISION_224(squeezenet1_1),
        .files = {PTH("squeezenet1_1", "f364aa15"), PTH("squeezenet1_1", "b8a52dc0")},
        .published = {58.178, 80.624},
        .recorded = {56.42, 79.21},
    },
    {0},
};
