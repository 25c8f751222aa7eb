/* What dataset_open keeps behind a struct dataset, and the step from a listing to a set. The
 * opened set owns its listing and arena; only dataset.c makes and frees one. */
#ifndef DATA_OPENED_SET_H
#define DATA_OPENED_SET_H

#include "data/dataset.h"
#include "data/listing.h"

#include <sys/stat.h>

struct opened_set {
    struct dataset set; /* the first member: a struct dataset * is a struct opened_set * */
    struct arena arena;
    struct listing listing;
    const struct found **found; /* where each sample's image is */
    int descriptor;             /* of the tar; -1 for a folder */
    struct stat about;          /* the tar when it was opened */
};

/* Make samples and labels out of `opened->listing`: decides whether the set is flat, leaves out
 * what is not part of it, sorts, labels, refuses duplicates. */
enum status arrange_set(struct opened_set *opened, struct error *error);

#endif
