/* A validation set: images in ImageFolder order, each with its label. Opened and closed by the
 * caller; the set owns all names. Reading is thread-safe. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "base/error.h"
#include "base/file.h"

#include <stdint.h>

struct sample {
    const char *name; /* path inside the set: n01440764/ILSVRC2012_val_00000293.JPEG */
    int label;        /* class number, 0 to classes-1 */
    uint64_t size;    /* bytes of the image file */
};

struct dataset {
    const char *path;
    const char *kind; /* "folder", "tar" or "flat tar" */
    long count;
    const struct sample *samples;
    int classes; /* 1000 for ImageNet's synsets, else the number of class folders */
    const char *const *class_names; /* synset or folder name of each class */
};

/* Open a folder of class folders, a tar of one, or the flat ILSVRC2012_img_val.tar. */
enum status dataset_open(const char *path, struct dataset **dataset, struct error *error);
void dataset_close(struct dataset *dataset);

/* Read image `index` as it is stored, reusing the memory of `bytes`. */
enum status dataset_read(const struct dataset *dataset, long index, struct bytes *bytes,
                         struct error *error);

#endif
