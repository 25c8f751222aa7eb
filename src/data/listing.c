#include "data/listing.h"

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
