/* DenseNet-BC (Huang et al. 2016, arXiv:1608.06993), table 1, with the layers and names of
 * torchvision. */
#include "net/builder.h"
#include "zoo/families.h"

enum { BLOCKS = 4 };

/* Adds `growth` channels to those that all layers before it gave. */
static tensor dense_layer(tensor x, const char *at, int growth)
{
    tensor y = relu(norm(x, name_of(x, "%s.norm1", at)));
    y = conv(y, name_of(x, "%s.conv1", at), 4 * growth, 1, .no_bias = true);
    y = relu(norm(y, name_of(x, "%s.norm2", at)));
    y = conv(y, name_of(x, "%s.conv2", at), growth, 3, .padding = 1, .no_bias = true);
    return concat(x, y);
}

/* Between blocks: half the channels, half the side. */
static tensor transition(tensor x, const char *at)
{
    int channels = shape_of(x).c / 2;
    x = relu(norm(x, name_of(x, "%s.norm", at)));
    x = conv(x, name_of(x, "%s.conv", at), channels, 1, .no_bias = true);
    return avgpool(x, 2);
}

static tensor densenet(tensor x, int growth, const int layers[BLOCKS])
{
    x = conv(x, "features.conv0", 2 * growth, 7, .stride = 2, .padding = 3, .no_bias = true);
    x = maxpool(relu(norm(x, "features.norm0")), 3, .stride = 2, .padding = 1);
    for (int block = 1; block <= BLOCKS; block++) { /* output side 56 28 14 7 */
        for (int i = 1; i <= layers[block - 1]; i++)
            x = dense_layer(x, name_of(x, "features.denseblock%d.denselayer%d", block, i), growth);
        if (block < BLOCKS)
            x = transition(x, name_of(x, "features.transition%d", block));
    }
    x = global_avgpool(relu(norm(x, "features.norm5")));
    return linear(flatten(x), "classifier", 1000);
}

static tensor densenet121(tensor x)
{
    return densenet(x, 32, (const int[]){6, 12, 24, 16});
}

static tensor densenet161(tensor x)
{
    return densenet(x, 48, (const int[]){6, 12, 36, 24});
}

static tensor densenet169(tensor x)
{
    return densenet(x, 32, (const int[]){6, 12, 32, 32});
}

static tensor densenet201(tensor x)
{
    return densenet(x, 32, (const int[]){6, 12, 48, 32});
}

const struct model densenet_models[] = {
    {
        TORCHVISION_224(densenet121),
        .files = {PTH("densenet121", "a639ec97")},
        .published = {74.434, 91.972},
        .recorded = {74.07, 91.94},
    },
    {
        TORCHVISION_224(densenet161),
        .files = {PTH("densenet161", "8d451a50")},
        .published = {77.138, 93.560},
        .recorded = {76.92, 93.49},
    },
    {
        TORCHVISION_224(densenet169),
        .files = {PTH("densenet169", "b2777c0a")},
        .published = {75.600, 92.806},
        .recorded = {75.59, 92.69},
    },
    {
        TORCHVISION_224(densenet201),
        .files = {PTH("densenet201", "c1103571")},
        .published = {76.896, 93.370},
        .recorded = {76.41, 93.18},
    },
    {0},
};
