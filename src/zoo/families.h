/* What the family files share: each gives a list of its models, ended by one without a name, and
 * zoo.c joins the lists. */
#ifndef ZOO_FAMILIES_H
#define ZOO_FAMILIES_H

#include "zoo/zoo.h"

extern const struct model squeezenet_models[];
extern const struct model mobilenet_models[];
extern const struct model article_models[];

/* torchvision's evaluation: Resize(256), CenterCrop(224), ToTensor, Normalize. */
#define TORCHVISION_224                                                                            \
    {                                                                                              \
        .fit = FIT_SHORT_SIDE, .resize = 256, .side = 224, .filter = FILTER_BILINEAR,              \
        .mode = MODE_TORCHVISION                                                                   \
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
