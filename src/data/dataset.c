#include "data/opened_set.h"
#include "data/printable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IMAGE_MAX = 256 << 20 };

static enum status open_tar(struct opened_set *opened, struct error *error)
{
    const char *path = opened->set.path;
    uint64_t size;
    opened->descriptor = file_open(path, &size, error);
    if (opened->descriptor < 0)
        return error->status;
    if (fstat(opened->descriptor, &opened->about) < 0)
        return error_errno(error, path, "examine");
    return listing_of_tar(opened->descriptor, path, size, &opened->listing, error);
}

static enum status open_set(struct opened_set *opened, const char *path, struct error *error)
{
    opened->set.path = arena_string(&opened->arena, path);
    if (!opened->set.path)
        return error_memory(error, "a validation set");
    struct stat about;
    if (stat(path, &about) < 0)
        return error_errno(error, path, "open");
    enum status status = S_ISDIR(about.st_mode) ? listing_of_folder(path, &opened->listing, error)
                                                : open_tar(opened, error);
    if (status != OK)
        return status;
    listing_sort(&opened->listing); /* so that messages do not depend on the disk's order */
    return arrange_set(opened, error);
}

enum status dataset_open(const char *path, struct dataset **dataset, struct error *error)
{
    struct error ignored = {0};
    error = error ? error : &ignored;
    *dataset = NULL;
    struct opened_set *opened = calloc(1, sizeof *opened);
    if (!opened)
        return error_memory(error, "a validation set");
    opened->descriptor = -1;
    enum status status = open_set(opened, path, error);
    if (status == OK)
        *dataset = &opened->set;
    else
        dataset_close(&opened->set);
    return status;
}

void dataset_close(struct dataset *dataset)
{
    struct opened_set *opened = (struct opened_set *)dataset;
    if (!opened)
        return;
    if (opened->descriptor >= 0)
        close(opened->descriptor);
    listing_free(&opened->listing);
    arena_free(&opened->arena);
    free(opened);
}

/* The archive must be the one whose index we have. */
static enum status check_tar_unchanged(const struct opened_set *opened, struct error *error)
{
    struct stat now;
    if (fstat(opened->descriptor, &now) < 0)
        return error_errno(error, opened->set.path, "examine");
    const struct stat *then = &opened->about;
    if (now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
        return OK;
    return error_set(error, BAD_INPUT,
                     "%s: the archive was changed while it was being read (%lld bytes, then %lld): "
                     "start again when it is complete",
                     opened->set.path, (long long)then->st_size, (long long)now.st_size);
}

static enum status read_from_folder(const struct opened_set *opened, const struct found *found,
                                    uint8_t *to, struct error *error)
{
    char *path;
    if (asprintf(&path, "%s/%s", opened->set.path, found->name) < 0)
        return error_memory(error, "a file's name");
    uint64_t size;
    int descriptor = file_open(path, &size, error);
    enum status status = descriptor < 0 ? error->status : OK;
    if (status == OK && size != found->size)
        status = error_set(error, BAD_INPUT,
                           "%s: %s has %llu bytes and had %llu when the set was opened: start "
                           "again when nothing changes it",
                           opened->set.path, PRINTABLE(found->name), (unsigned long long)size,
                           (unsigned long long)found->size);
    if (status == OK)
        status = file_read_at(descriptor, path, to, (size_t)size, 0, error);
    if (descriptor >= 0)
        close(descriptor);
    free(path);
    return status;
}

enum status dataset_read(const struct dataset *dataset, long index, struct bytes *bytes,
                         struct error *error)
{
    const struct opened_set *opened = (const struct opened_set *)dataset;
    const struct found *found = opened->found[index];
    struct error ignored = {0};
    error = error ? error : &ignored;
    bytes->size = 0;
    if (found->size > IMAGE_MAX)
        return error_set(error, BAD_INPUT, "%s: %s has %llu bytes; images of at most %d are read",
                         dataset->path, PRINTABLE(found->name), (unsigned long long)found->size,
                         IMAGE_MAX);
    size_t size = (size_t)found->size;
    enum status status = bytes_reserve(bytes, size ? size : 1, error);
    if (status == OK && opened->descriptor < 0)
        status = read_from_folder(opened, found, bytes->data, error);
    else if (status == OK)
        status = check_tar_unchanged(opened, error);
    if (status == OK && opened->descriptor >= 0)
        status = file_read_at(opened->descriptor, dataset->path, bytes->data, size, found->offset,
                              error);
    if (status == OK)
        bytes->size = size;
    return status;
}
