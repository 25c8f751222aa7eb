#include "data/listing.h"
#include "data/path.h"
#include "data/printable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
    const char *path;
    struct listing *listing;
    struct error *error;
};

static enum status refuse(const struct walk *walk, const char *name, const char *what)
{
    return error_set(walk->error, BAD_INPUT, "%s: %s %s", walk->path, PRINTABLE(name), what);
}

static enum status refuse_errno(const struct walk *walk, const char *name)
{
    if (errno == ENOENT)
        return refuse(walk, name, "is a link to nothing, or was removed meanwhile: remove it");
    if (errno == ELOOP)
        return refuse(walk, name, "is a link that leads back to itself: remove it");
    enum status status = errno == ENOMEM ? NO_MEMORY : IO_FAILED;
    return error_set(walk->error, status, "%s: cannot examine %s: %s", walk->path, PRINTABLE(name),
                     strerror(errno));
}

/* One entry of the open folder `in`, whose name inside the set is `name`. */
static enum status add_entry(const struct walk *walk, int in, const char *entry, const char *name)
{
    struct stat about;
    if (fstatat(in, entry, &about, 0) < 0)
        return refuse_errno(walk, name);
    if (S_ISDIR(about.st_mode))
        return listing_add_folder(walk->listing, name, walk->error);
    if (S_ISREG(about.st_mode))
        return listing_add_file(walk->listing, (struct found){name, (uint64_t)about.st_size, 0},
                                walk->error);
    if (!path_is_image(entry))
        return OK;
    return refuse(walk, name, "is a device, pipe or socket; an image file is wanted: remove it");
}

/* List one folder, open as `descriptor`, which is closed. `prefix` is NULL for the set's own. */
static enum status list(const struct walk *walk, int descriptor, const char *prefix)
{
    DIR *folder = fdopendir(descriptor);
    if (!folder) {
        close(descriptor);
        return error_memory(walk->error, "a folder");
    }
    struct arena *arena = &walk->listing->arena;
    enum status status = OK;
    while (status == OK) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (!entry) {
            if (errno)
                status = error_errno(walk->error, walk->path, "list");
            break;
        }
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        const char *name = prefix ? arena_printf(arena, "%s/%s", prefix, entry->d_name)
                                  : arena_string(arena, entry->d_name);
        status = name ? add_entry(walk, descriptor, entry->d_name, name)
                      : error_memory(walk->error, "the list of files");
    }
    closedir(folder);
    return status;
}

enum status listing_of_folder(const char *path, struct listing *listing, struct error *error)
{
    const struct walk walk = {path, listing, error};
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    int root = open(path, flags);
    int again = root < 0 ? -1 : openat(root, ".", flags);
    if (again < 0) {
        enum status status = error_errno(error, path, "open");
        if (root >= 0)
            close(root);
        return status;
    }
    enum status status = list(&walk, again, NULL);
    long class_folders = listing->folder_count;
    for (long i = 0; status == OK && i < class_folders; i++) {
        int descriptor = openat(root, listing->folders[i], flags);
        status = descriptor < 0 ? refuse_errno(&walk, listing->folders[i])
                                : list(&walk, descriptor, listing->folders[i]);
    }
    close(root);
    return status;
}
