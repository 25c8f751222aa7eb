/* ResNet (He et al. 2015, arXiv:1512.03385), table 1, with the layers and names of torchvision. As
 * there, and unlike in the paper, a bottleneck strides in its 3x3 convolution. */
#include "net/builder.h"
#include "zoo/families.h"

enum { STAGES = 4 };

/* Convolution and normalisation `number` of block `at`. */
static tensor conv_norm(tensor x, const char *at, int number, int width, int kernel, int stride)
{
    x = conv(x, name_of(x, "%s.conv%d", at, number), width, kernel, stride, kernel / 2,
             .no_bias = true);
    return norm(x, name_of(x, "%s.bn%d", at, number));
}

/* The way round a block: the input itself, or a projection where its shape changes. */
static tensor shortcut(tensor x, const char *at, int width, int stride)
{
    if (stride == 1 && shape_of(x).c == width)
        return x;
    x = conv(x, name_of(x, "%s.downsample.0", at), width, 1, stride, .no_bias = true);
    return norm(x, name_of(x, "%s.downsample.1", at));
}

static tensor basic(tensor x, const char *at, int width, int stride)
{
    tensor y = relu(conv_norm(x, at, 1, width, 3, stride));
    y = conv_norm(y, at, 2, width, 3, 1);
    return relu(add(y, shortcut(x, at, width, stride)));
}

static tensor bottleneck(tensor x, const char *at, int width, int stride)
{
    tensor y = relu(conv_norm(x, at, 1, width, 1, 1));
    y = relu(conv_norm(y, at, 2, width, 3, stride));
    y = conv_norm(y, at, 3, 4 * width, 1, 1);
    return relu(add(y, shortcut(x, at, 4 * width, stride)));
}

static tensor resnet(tensor x, tensor (*block)(tensor x, const char *at, int width, int stride),
                     const int blocks[STAGES])
{                                                                            /* output    side */
    x = conv(x, "conv1", 64, 7, .stride = 2, .padding = 3, .no_bias = true); /* conv1     112 */
    x = maxpool(relu(norm(x, "bn1")), 3, .stride = 2, .padding = 1);         /*            56 */
    for (int stage = 0; stage < STAGES; stage++)                             /* conv2_x    56 */
        for (int i = 0; i < blocks[stage]; i++) {                            /* conv3_x    28 */
            const char *at = name_of(x, "layer%d.%d", stage + 1, i);         /* conv4_x    14 */
            x = block(x, at, 64 << stage, stage > 0 && i == 0 ? 2 : 1);      /* conv5_x     7 */
        }
    return linear(flatten(global_avgpool(x)), "fc", 1000);
}

static tensor resnet18(tensor x)
{
    return resnet(x, basic, (const int[]){2, 2, 2, 2});
}

static tensor resnet34(tensor x)
{
    return resnet(x, basic, (const int[]){3, 4, 6, 3});
}

static tensor resnet50(tensor x)
{
    return resnet(x, bottleneck, (const int[]){3, 4, 6, 3});
}

static tensor resnet101(tensor x)
{
    return resnet(x, bottleneck, (const int[]){3, 4, 23, 3});
}

static tensor resnet152(tensor x)
{
    return resnet(x, bottleneck, (const int[]){3, 8, 36, 3});
}

const struct model resnet_models[] = {
    {
        TORCHVISION_224(resnet18),
        .files = {PTH("resnet18", "5c106cde"), PTH("resnet18", "f37072fd")},
        .published = {69.758, 89.078},
        .recorded = {68.37, 88.56},
    },
    {
        TORCHVISION_224(resnet34),
        .files = {PTH("resnet34", "333f7ec4"), PTH("resnet34", "b627a593")},
        .published = {73.314, 91.420},
        .recorded = {72.34, 90.84},
    },
    {
        TORCHVISION_224(resnet50),
        .files = {PTH("resnet50", "19c8e357"), PTH("resnet50", "0676ba61")},
        .published = {76.130, 92.862},
        .recorded = {75.06, 92.48},
    },
    {
        TORCHVISION_224(resnet101),
        .files = {PTH("resnet101", "5d3b4d8f"), PTH("resnet101", "63fe2227")},
        .published = {77.374, 93.546},
        .recorded = {76.64, 93.30},
    },
    {
        TORCHVISION_224(resnet152),
        .files = {PTH("resnet152", "b121ed2d"), PTH("resnet152", "394f9c45")},
        .published = {78.312, 94.046},
        .recorded = {77.62, 93.81},
    },
    {0},
};
