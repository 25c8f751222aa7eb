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
extern const struct model keras_vgg_models[];
extern const struct model keras_resnet_models[];
extern const struct model keras_densenet_models[];
extern const struct model mobilenet_models[];
extern const struct model mobilenet_v2_models[];
extern const struct model nasnet_models[];
extern const struct model xception_models[];
extern const struct model keras_inception_v3_models[];
extern const struct model inception_resnet_v2_models[];
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

/* What Keras's own figures were made with, and what the reference did with Keras's models. Keras
 * tells of no resizing for inputs larger than 224; the short side there is the one that keeps the
 * proportion of 224 in 256: the input's side / 0.875, rounded. */
#define KERAS_OFFICIAL(input_mode, short_side, input_side)                                         \
    {                                                                                              \
        .fit = FIT_SHORT_SIDE, .resize = (short_side), .side = (input_side),                       \
        .filter = FILTER_BICUBIC, .mode = (input_mode)                                             \
    }
#define KERAS_REFERENCE(input_mode, input_side)                                                    \
    {                                                                                              \
        .fit = FIT_SQUASH, .side = (input_side), .filter = FILTER_NEAREST, .mode = (input_mode)    \
    }
#define KERAS_OFFICIAL_224(input_mode)  KERAS_OFFICIAL(input_mode, 256, 224)
#define KERAS_REFERENCE_224(input_mode) KERAS_REFERENCE(input_mode, 224)
#define KERAS_OFFICIAL_299(input_mode)  KERAS_OFFICIAL(input_mode, 342, 299)
#define KERAS_REFERENCE_299(input_mode) KERAS_REFERENCE(input_mode, 299)
#define KERAS_OFFICIAL_331(input_mode)  KERAS_OFFICIAL(input_mode, 378, 331)
#define KERAS_REFERENCE_331(input_mode) KERAS_REFERENCE(input_mode, 331)

#endif
