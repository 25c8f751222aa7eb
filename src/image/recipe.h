/* A recipe: how a decoded picture becomes a network's input. Recipes are plain values. */
#ifndef IMAGE_RECIPE_H
#define IMAGE_RECIPE_H

#include "base/error.h"
#include "image/image.h"
#include "image/normalise.h"
#include "image/resize.h"

enum fit {
    FIT_SHORT_SIDE, /* torchvision: the short side becomes `resize`, then a centre crop */
    FIT_SQUASH      /* the whole picture is resized to `side` x `side`, aspect ignored */
};

enum { RECIPE_MAX_SIDE = 16384 };

struct recipe {
    enum fit fit;
    int resize; /* short side before the crop, 1 .. RECIPE_MAX_SIDE; unused by FIT_SQUASH */
    int side;   /* of the square that the network sees, 1 .. RECIPE_MAX_SIDE */
    enum filter filter;
    enum input_mode mode;
};

/* Scratch memory of one thread; start it zeroed, free it once. */
struct recipe_scratch {
    struct resize_axis across, down;
    struct bytes between;
    struct image square;
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
 * torchvision", "squash 224 nearest tf". `text` has room for RECIPE_TEXT bytes. */
enum { RECIPE_TEXT = 80 };
void recipe_describe(const struct recipe *recipe, char *text);

#endif
