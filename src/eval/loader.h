/* The loader: a team of threads that reads and decodes the images of a set ahead of the computing,
 * each image once for all recipes. Whoever starts it stops it; the set must outlive it. */
#ifndef EVAL_LOADER_H
#define EVAL_LOADER_H

#include "base/digest.h"
#include "base/error.h"
#include "data/dataset.h"
#include "image/recipe.h"

struct loader;

struct loader_options {
    const struct dataset *dataset;
    const struct recipe *recipes;
    int recipe_count;
    int batch, threads;
};

enum status loader_start(const struct loader_options *options, struct loader **loader,
                         struct error *error);
void loader_stop(struct loader *loader);

/* One batch of images, ready to compute; the loader's, until it is released. */
struct loaded {
    long first;
    int count;
    float *const *inputs;                  /* [recipe][count][side][side][3] */
    const uint8_t (*digests)[DIGEST_SIZE]; /* [count], of the image files */
};

/* Wait for the next batch, in order; a `count` of 0 after the last. Fails with the error of the
 * first image of the batch that could not be read or decoded. */
enum status loader_next(struct loader *loader, struct loaded *batch, struct error *error);

/* Give the memory of the batch last handed out back to the loader. */
void loader_release(struct loader *loader);

#endif
