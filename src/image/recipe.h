/* A recipe: how a decoded picture becomes a network's input. Recipes are plain values. */
#ifndef IMAGE_RECIPE_H
#define IMAGE_RECIPE_H

#include "base/error.h"
#include "image/image.h"

enum fit {
    FIT_SHORT_SIDE, /* torchvision: the short side becomes `resize`, then a centre crop */
    FIT_SQUASH      /* the whole picture is resized to `side` x `side`, aspect ignored */
};
enum filter { FILTER_NEAREST, FILTER_BILINEAR, FILTER_BICUBIC }; /* Pillow's, antialiased */
enum input_mode {
    MODE_TORCHVISION, /* RGB; v/255, minus mean, over std, in float32 as torchvision does */
    MODE_CAFFE,       /* Keras: BGR minus 103.939, 116.779, 123.68 */
    MODE_TF,          /* Keras: v/127.5 - 1 */
    MODE_TORCH,       /* Keras: v/255, minus mean, over std, as Keras does */
    MODE_UNIT         /* v/255 */
};

struct recipe {
    enum fit fit;
    int resize; /* short side before the crop; unused by FIT_SQUASH */
    int side;   /* of the square that the network sees */
    enum filter filter;
    enum input_mode mode;
};

/* Scratch memory of one thread; start it zeroed, free it once. */
struct recipe_scratch {
    struct image resized;
    void *coefficients;
    size_t capacity;
};
void recipe_scratch_free(struct recipe_scratch *scratch);

/* The pixels that the network sees, before normalisation: side x side RGB into `square`. */
enum status recipe_pixels(const struct recipe *recipe, const struct image *image,
                          struct recipe_scratch *scratch, struct image *square,
                          struct error *error);

/* The same, normalised: side * side * 3 floats, rows from top to bottom, channels interleaved in
 * the order that the mode says. */
enum status recipe_apply(const struct recipe *recipe, const struct image *image,
                         struct recipe_scratch *scratch, float *out, struct error *error);

/* One line that names every detail, as receipts print it: "short-side 256 bilinear crop 224
 * torchvision", "squash 224 nearest tf". `text` has room for 80 bytes. */
void recipe_describe(const struct recipe *recipe, char *text);

#endif
