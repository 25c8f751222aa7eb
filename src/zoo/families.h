/* What the family files share: each gives a list of its models, ended by one without a name, and
 * zoo.c joins the lists. */
#ifndef ZOO_FAMILIES_H
#define ZOO_FAMILIES_H

#include "zoo/zoo.h"

extern const struct model alexnet_models[];
extern const struct model vgg_models[];
extern const struct model resnet_models[];
extern const struct model squeezenet_models[];
extern const struct model densenet_models[];
extern const struct model inception_models[];
extern const struct model mobilenet_models[];
extern const struct model article_models[];

/* torchvision's evaluation: Resize(short_side), CenterCrop(crop), ToTensor, Normalize. */
#define TORCHVISION_RECIPE(short_side, crop)                                                       \
    {                                                                                              \
        .fit = FIT_SHORT_SIDE, .resize = (short_side), .side = (crop), .filter = FILTER_BILINEAR,  \
        .mode = MODE_TORCHVISION                                                                   \
    }

/* What torchvision's models for 224 x 224 pixels have in common; each is named as its function.
 * Their published accuracies are those that torchvision's documentation has since it measured all
 * of them again in 2021; the figures before differ by up to 0.5 points. */
#define TORCHVISION_224(function)                                                                  \
    .name = #function, .framework = PYTORCH, .build = (function), .classes = 1000,                 \
    .in_reference = true, .official = TORCHVISION_RECIPE(256, 224),                                \
    .reference = TORCHVISION_RECIPE(256, 224)

/* A file of torchvision's: named after its model and the start of its SHA-256. */
#define PTH(model, digest)                                                                         \
    {                                                                                              \
        .name = model "-" digest ".pth", .sha256 = (digest)                                        \
    }

/* What Keras's own figures were made with, and what the reference did with Keras's models. */
#define KERAS_OFFICIAL_224(input_mode)                                                             \
    {                                                                                              \
        .fit = FIT_SHORT_SIDE, .resize = 256, .side = 224, .filter = FILTER_BICUBIC,               \
        .mode = (input_mode)                                                                       \
    }
#define KERAS_REFERENCE_224(input_mode)                                                            \
    {                                                                                              \
        .fit = FIT_SQUASH, .side = 224, .filter = FILTER_NEAREST, .mode = (input_mode)             \
    }

#endif
