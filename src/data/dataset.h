/* A validation set: images in ImageFolder order, each with its label. Opened and closed by the
 * caller; the set owns all names. Reading is thread-safe. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "base/error.h"
#include "base/file.h"

#include <stdbool.h>
#include <stdint.h>

struct sample {
    /* Class folder and file, n01440764/ILSVRC2012_val_00000293.JPEG: the same for each kind of set,
     * also for a flat one and below a tar's leading folder. */
    const char *name;
    int label;     /* class number, 0 to classes-1 */
    uint64_t size; /* bytes of the image file */
};

enum { DATASET_SHOWN = 10 };
/* Names that were left out: how many, and the first of them. */
struct left_out {
    long count;
    const char *names[DATASET_SHOWN];
};

struct dataset {
    const char *path;
    const char *kind; /* "folder", "flat folder", "tar" or "flat tar" */
    long count;       /* at least 1 */
    const struct sample *samples;
    int classes; /* 1000 when all class folders are ImageNet synsets, else their number */
    bool imagenet;
    const char *const *class_names; /* synset or folder name of each class */

    struct left_out other;     /* files that are not images by name */
    struct left_out misplaced; /* images outside the class folders, or deeper */
    struct left_out empty;     /* class folders without an image; only of ImageNet's */
};

/* Open a folder of class folders, a tar of one (also inside a leading folder), or the flat
 * ILSVRC2012_img_val.tar or a folder of its files, whose labels go by the number in their names.
 * Nothing is decoded, no image is read. */
enum status dataset_open(const char *path, struct dataset **dataset, struct error *error);
void dataset_close(struct dataset *dataset);

/* Read image `index` as it is stored, reusing the memory of `bytes`; at most 256 MiB. BAD_INPUT
 * when the file is not what it was when the set was opened. */
enum status dataset_read(const struct dataset *dataset, long index, struct bytes *bytes,
                         struct error *error);

#endif
