#include "data/listing.h"
#include "data/path.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 256 };

void listing_free(struct listing *listing)
{
    arena_free(&listing->arena);
    free(listing->files);
    free(listing->folders);
    *listing = (struct listing){0};
}

/* Make `*items` hold one more than `count` of `size` bytes each. */
static enum status grow(void **items, long count, long *capacity, size_t size, struct error *error)
{
    if (count < *capacity)
        return OK;
    long wanted = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    void *larger = reallocarray(*items, (size_t)wanted, size);
    if (!larger)
        return error_memory(error, "the list of files");
    *items = larger;
    *capacity = wanted;
    return OK;
}

enum status listing_add_file(struct listing *listing, struct found found, struct error *error)
{
    void *files = listing->files;
    enum status status =
        grow(&files, listing->count, &listing->capacity, sizeof *listing->files, error);
    listing->files = files;
    if (status == OK)
        listing->files[listing->count++] = found;
    return status;
}

enum status listing_add_folder(struct listing *listing, const char *name, struct error *error)
{
    void *folders = listing->folders;
    enum status status = grow(&folders, listing->folder_count, &listing->folder_capacity,
                              sizeof *listing->folders, error);
    listing->folders = folders;
    if (status == OK)
        listing->folders[listing->folder_count++] = name;
    return status;
}

static int compare_files(const void *left, const void *right)
{
    return path_compare(((const struct found *)left)->name, ((const struct found *)right)->name);
}

static int compare_folders(const void *left, const void *right)
{
    return path_compare(*(const char *const *)left, *(const char *const *)right);
}

void listing_sort(struct listing *listing)
{
    if (listing->count)
        qsort(listing->files, (size_t)listing->count, sizeof *listing->files, compare_files);
    if (listing->folder_count)
        qsort(listing->folders, (size_t)listing->folder_count, sizeof *listing->folders,
              compare_folders);
}
