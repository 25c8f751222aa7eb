#include "image/recipe.h"
#include "image/crop.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void recipe_scratch_free(struct recipe_scratch *scratch)
{
    resize_axis_free(&scratch->across);
    resize_axis_free(&scratch->down);
    bytes_free(&scratch->between);
    image_free(&scratch->square);
}

static enum status recipe_check(const struct recipe *recipe, const struct image *image,
                                struct error *error)
{
    int resize = recipe->fit == FIT_SHORT_SIDE ? recipe->resize : recipe->side;
    if (resize < 1 || resize > RECIPE_MAX_SIDE || recipe->side < 1 ||
        recipe->side > RECIPE_MAX_SIDE)
        return error_set(error, BAD_USAGE,
                         "a recipe resizes to %d and crops %d; both must be 1 to %d pixels", resize,
                         recipe->side, RECIPE_MAX_SIDE);
    if (image->width < 1 || image->height < 1)
        return error_set(error, BAD_USAGE, "a recipe needs a decoded picture; this one is empty");
    return OK;
}

/* What becomes of the width and of the height. */
static void recipe_crops(const struct recipe *recipe, const struct image *image,
                         struct crop *across, struct crop *down)
{
    int width = recipe->side, height = recipe->side;
    if (recipe->fit == FIT_SHORT_SIDE) {
        bool upright = image->width <= image->height;
        int longer = upright ? image->height : image->width;
        int shorter = upright ? image->width : image->height;
        int long_side = (int)crop_long_side(recipe->resize, longer, shorter);
        width = upright ? recipe->resize : long_side;
        height = upright ? long_side : recipe->resize;
    }
    *across = crop_centre(width, recipe->side);
    *down = crop_centre(height, recipe->side);
}

/* Black wherever the crop reaches past the picture, over what the resize left there. */
static void square_pad(struct image *square, const struct crop *across, const struct crop *down)
{
    size_t stride = (size_t)square->width * 3;
    size_t left = (size_t)across->at * 3, right = left + (size_t)across->count * 3;
    int bottom = down->at + down->count;
    memset(square->pixels, 0, (size_t)down->at * stride);
    for (int y = down->at; y < bottom; y++) {
        uint8_t *row = square->pixels + (size_t)y * stride;
        memset(row, 0, left);
        memset(row + right, 0, stride - right);
    }
    memset(square->pixels + (size_t)bottom * stride, 0, (size_t)(square->height - bottom) * stride);
}

static enum status square_fill(const struct recipe *recipe, const struct image *image,
                               const struct crop *across, const struct crop *down,
                               struct recipe_scratch *scratch, struct image *square,
                               struct error *error)
{
    size_t stride = (size_t)square->width * 3;
    uint8_t *out = square->pixels + (size_t)down->at * stride + (size_t)across->at * 3;
    if (recipe->filter == FILTER_NEAREST) {
        struct nearest_window window = {across->resized, down->resized, across->first,
                                        down->first,     across->count, down->count};
        return nearest_image(image, &window, &scratch->between, out, stride, error);
    }
    enum status status = resize_axis_plan(&scratch->across, recipe->filter, image->width,
                                          across->resized, across->first, across->count, error);
    if (status == OK)
        status = resize_axis_plan(&scratch->down, recipe->filter, image->height, down->resized,
                                  down->first, down->count, error);
    if (status == OK)
        status = resize_image(image, &scratch->across, &scratch->down, &scratch->between, out,
                              stride, error);
    return status;
}

enum status recipe_pixels(const struct recipe *recipe, const struct image *image,
                          struct recipe_scratch *scratch, struct image *square, struct error *error)
{
    enum status status = recipe_check(recipe, image, error);
    if (status != OK)
        return status;
    struct crop across, down;
    recipe_crops(recipe, image, &across, &down);
    status = image_reserve(square, recipe->side, recipe->side, error);
    if (status == OK)
        status = square_fill(recipe, image, &across, &down, scratch, square, error);
    if (status == OK)
        square_pad(square, &across, &down);
    return status;
}

enum status recipe_apply(const struct recipe *recipe, const struct image *image,
                         struct recipe_scratch *scratch, float *out, struct error *error)
{
    enum status status = recipe_pixels(recipe, image, scratch, &scratch->square, error);
    if (status != OK)
        return status;
    struct normalisation normalisation;
    normalisation_of(recipe->mode, &normalisation);
    normalise(&normalisation, scratch->square.pixels, (size_t)recipe->side * (size_t)recipe->side,
              out);
    return OK;
}

void recipe_describe(const struct recipe *recipe, char *text)
{
    static const char *const filters[] = {"nearest", "bilinear", "bicubic"};
    static const char *const modes[] = {"torchvision", "caffe", "tf", "torch", "unit"};
    if (recipe->fit == FIT_SHORT_SIDE)
        snprintf(text, RECIPE_TEXT, "short-side %d %s crop %d %s", recipe->resize,
                 filters[recipe->filter], recipe->side, modes[recipe->mode]);
    else
        snprintf(text, RECIPE_TEXT, "squash %d %s %s", recipe->side, filters[recipe->filter],
                 modes[recipe->mode]);
}
