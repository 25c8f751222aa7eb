/* VGG (Simonyan and Zisserman 2014, arXiv:1409.1556), table 1, configurations D and E, with the
 * layers and names of Keras 2.2.4. */
#include "net/keras.h"
#include "zoo/families.h"

/* Some 3x3 convolutions, then half the size. */
static tensor block(tensor x, int id, int convolutions, int filters)
{
    for (int i = 1; i <= convolutions; i++)
        x = Sequential(x, Conv2D(filters, 3, .padding = SAME, .activation = RELU,
                                 .name = name_of(x, "block%d_conv%d", id, i)));
    return Sequential(x, MaxPool2D(2, .name = name_of(x, "block%d_pool", id)));
}

/* `deep`: the convolutions in each of the three last blocks. */
static tensor vgg(tensor x, int deep)
{                               /* output   side  channels */
    x = block(x, 1, 2, 64);     /*           112    64 */
    x = block(x, 2, 2, 128);    /*            56   128 */
    x = block(x, 3, deep, 256); /*            28   256 */
    x = block(x, 4, deep, 512); /*            14   512 */
    x = block(x, 5, deep, 512); /*             7   512 */
    return Sequential(x, Flatten(.name = "flatten"), Dense(4096, .activation = RELU, .name = "fc1"),
                      Dense(4096, .activation = RELU, .name = "fc2"),
                      Dense(1000, .activation = SOFTMAX, .name = "predictions"));
}

static tensor vgg16(tensor x)
{
    return vgg(x, 3);
}

static tensor vgg19(tensor x)
{
    return vgg(x, 4);
}

const struct model keras_vgg_models[] = {
    {
        .name = "vgg16",
        .framework = KERAS,
        .build = vgg16,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_CAFFE),
        .reference = KERAS_REFERENCE_224(MODE_CAFFE),
        .files = {{.name = "vgg16_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "64373286793e3c8b2b4e3219cbf3544b"}},
        .published = {71.268, 90.050},
        .recorded = {65.24, 86.20},
    },
    {
        .name = "vgg19",
        .framework = KERAS,
        .build = vgg19,
        .classes = 1000,
        .in_reference = true,
        .official = KERAS_OFFICIAL_224(MODE_CAFFE),
        .reference = KERAS_REFERENCE_224(MODE_CAFFE),
        .files = {{.name = "vgg19_weights_tf_dim_ordering_tf_kernels.h5",
                   .md5 = "cbe5617147190e668d6c5d5026f83318"}},
        .published = {71.256, 89.988},
        .recorded = {65.58, 86.54},
    },
    {0},
};
