/* What was found in a folder or a tar, before it becomes a validation set. A listing owns its
 * arrays, and its names through its arena; start it zeroed, free it once. */
#ifndef DATA_LISTING_H
#define DATA_LISTING_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

struct found {
    const char *name; /* path inside the folder or tar: no empty, "." or ".." parts */
    uint64_t size;    /* bytes */
    uint64_t offset;  /* of the first byte in a tar; 0 in a folder */
};

struct listing {
    struct arena arena;
    struct found *files; /* regular files, in any order until listing_sort */
    long count, capacity;
    const char **folders;
    long folder_count, folder_capacity;
};

void listing_free(struct listing *listing);

/* The names given are kept, not copied. */
enum status listing_add_file(struct listing *listing, struct found found, struct error *error);
enum status listing_add_folder(struct listing *listing, const char *name, struct error *error);

/* Put files and folders in the order of path_compare. */
void listing_sort(struct listing *listing);

/* List the files of a folder and of the folders in it, two levels and no deeper: deeper folders
 * are listed as folders. Links are followed. Refuses dangling links, loops of links, and images
 * that are not regular files. */
enum status listing_of_folder(const char *path, struct listing *listing, struct error *error);

/* Index a tar without reading its members, under the rules of doc/formats.md: regular files and
 * folders only, every header checked, both end blocks there. `size` is the archive's. */
enum status listing_of_tar(int descriptor, const char *path, uint64_t size, struct listing *listing,
                           struct error *error);

#endif
