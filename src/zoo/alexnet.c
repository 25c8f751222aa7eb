/* AlexNet in its one-tower form (Krizhevsky 2014, arXiv:1404.5997), with the layers and names of
 * torchvision. Dropout does nothing at inference and is left out. */
#include "net/builder.h"
#include "zoo/families.h"

static tensor alexnet(tensor x)
{                                                                       /* output  side  channels */
    x = relu(conv(x, "features.0", 64, 11, .stride = 4, .padding = 2)); /* conv1    55    64 */
    x = maxpool(x, 3, .stride = 2);                                     /*          27    64 */
    x = relu(conv(x, "features.3", 192, 5, .padding = 2));              /* conv2    27   192 */
    x = maxpool(x, 3, .stride = 2);                                     /*          13   192 */
    x = relu(conv(x, "features.6", 384, 3, .padding = 1));              /* conv3    13   384 */
    x = relu(conv(x, "features.8", 256, 3, .padding = 1));              /* conv4    13   256 */
    x = relu(conv(x, "features.10", 256, 3, .padding = 1));             /* conv5    13   256 */
    x = maxpool(x, 3, .stride = 2);                                     /*           6   256 */
    x = relu(linear(flatten(x), "classifier.1", 4096));                 /* fc6       1  4096 */
    x = relu(linear(x, "classifier.4", 4096));                          /* fc7       1  4096 */
    return linear(x, "classifier.6", 1000);                             /* fc8       1  1000 */
}

const struct model alexnet_models[] = {
    {
        TORCHVISION_224(alexnet),
        .files = {PTH("alexnet-owt", "4df8aa71"), PTH("alexnet-owt", "7be5be79")},
        .published = {56.522, 79.066},
        .recorded = {54.50, 77.64},
    },
    {0},
};
