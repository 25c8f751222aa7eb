#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status bytes_reserve(struct bytes *bytes, size_t size, struct error *error)
{
    if (size <= bytes->capacity)
        return OK;
    uint8_t *data = realloc(bytes->data, size);
    if (!data)
        return error_memory(error, "a buffer");
    bytes->data = data;
    bytes->capacity = size;
    return OK;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

int file_open(const char *path, uint64_t *size, struct error *error)
{
    /* O_NONBLOCK: a named pipe must be refused, not waited for. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) {
        error_errno(error, path, "open");
        return -1;
    }
    struct stat about;
    if (fstat(descriptor, &about) < 0) {
        error_errno(error, path, "examine");
    } else if (!S_ISREG(about.st_mode)) {
        error_set(error, BAD_INPUT, "%s: is %s; a regular file is wanted", path,
                  S_ISDIR(about.st_mode) ? "a folder" : "a device, pipe or socket");
    } else {
        *size = (uint64_t)about.st_size;
        return descriptor;
    }
    close(descriptor);
    return -1;
}

enum status file_read_at(int descriptor, const char *path, void *to, size_t size, uint64_t offset,
                         struct error *error)
{
    uint8_t *next = to;
    for (size_t left = size; left > 0;) {
        ssize_t got = pread(descriptor, next, left, (off_t)(offset + (size - left)));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_errno(error, path, "read");
        if (got == 0)
            return error_set(error, BAD_INPUT,
                             "%s: ends at byte %llu, where %zu more bytes are wanted; the file is "
                             "truncated: get it again",
                             path, (unsigned long long)(offset + (size - left)), left);
        next += got;
        left -= (size_t)got;
    }
    return OK;
}

enum status file_load(const char *path, size_t limit, struct bytes *bytes, struct error *error)
{
    uint64_t size;
    int descriptor = file_open(path, &size, error);
    if (descriptor < 0)
        return error ? error->status : BAD_INPUT;
    enum status status;
    if (size > limit)
        status = error_set(error, BAD_INPUT, "%s: is %llu bytes long; at most %zu are read", path,
                           (unsigned long long)size, limit);
    else
        status = bytes_reserve(bytes, size ? (size_t)size : 1, error);
    if (status == OK)
        status = file_read_at(descriptor, path, bytes->data, (size_t)size, 0, error);
    bytes->size = status == OK ? (size_t)size : 0;
    close(descriptor);
    return status;
}

static void new_file_release(struct new_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    free(file->path);
    free(file->temporary);
    *file = (struct new_file){.descriptor = -1};
}

/* Where the file will be: where a link leads, and never in the place of a device or a folder. */
static enum status find_target(const char *path, char **target, struct error *error)
{
    struct stat about;
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
        return error_set(error, BAD_INPUT,
                         "%s: is %s, which a file cannot replace; name a regular or a new file",
                         path, S_ISDIR(about.st_mode) ? "a folder" : "a device, pipe or socket");
    bool link = lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
    *target = link ? realpath(path, NULL) : strdup(path);
    if (!*target)
        return link ? error_errno(error, path, "follow the link")
                    : error_memory(error, "a file's name");
    return OK;
}

enum status new_file_create(struct new_file *file, const char *path, struct error *error)
{
    *file = (struct new_file){.descriptor = -1};
    enum status status = find_target(path, &file->path, error);
    if (status != OK)
        return status;
    if (asprintf(&file->temporary, "%s.XXXXXX.part", file->path) < 0) {
        file->temporary = NULL;
        new_file_release(file);
        return error_memory(error, "a file's name");
    }
    file->descriptor = mkostemps(file->temporary, (int)strlen(".part"), O_CLOEXEC);
    if (file->descriptor < 0) {
        status = error_errno(error, path, "create a file beside it");
        new_file_release(file);
        return status;
    }
    mode_t mask = umask(0);
    umask(mask);
    fchmod(file->descriptor, 0666 & ~mask);
    return OK;
}

enum status new_file_write(struct new_file *file, const void *data, size_t size,
                           struct error *error)
{
    const uint8_t *next = data;
    while (size > 0) {
        ssize_t put = write(file->descriptor, next, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_errno(error, file->path, "write");
        next += put;
        size -= (size_t)put;
    }
    return OK;
}

enum status new_file_write_at(struct new_file *file, const void *data, size_t size, uint64_t offset,
                              struct error *error)
{
    const uint8_t *next = data;
    while (size > 0) {
        ssize_t put = pwrite(file->descriptor, next, size, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_errno(error, file->path, "write");
        next += put;
        size -= (size_t)put;
        offset += (uint64_t)put;
    }
    return OK;
}

/* A rename lasts only once its folder has been synced. */
static enum status folder_sync(const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder)
        return error_memory(error, "a folder's name");
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status = OK;
    if (descriptor < 0 || fsync(descriptor) < 0)
        status = error_errno(error, folder, "sync");
    if (descriptor >= 0)
        close(descriptor);
    free(folder);
    return status;
}

enum status new_file_commit(struct new_file *file, struct error *error)
{
    enum status status = OK;
    if (fsync(file->descriptor) < 0)
        status = error_errno(error, file->path, "sync");
    else if (rename(file->temporary, file->path) < 0)
        status = error_errno(error, file->path, "replace");
    if (status != OK) {
        new_file_discard(file);
        return status;
    }
    status = folder_sync(file->path, error);
    new_file_release(file);
    return status;
}

void new_file_discard(struct new_file *file)
{
    if (file->descriptor >= 0 && file->temporary)
        unlink(file->temporary);
    new_file_release(file);
}

enum status file_save(const char *path, const void *data, size_t size, struct error *error)
{
    struct new_file file;
    enum status status = new_file_create(&file, path, error);
    if (status != OK)
        return status;
    status = new_file_write(&file, data, size, error);
    if (status == OK)
        return new_file_commit(&file, error);
    new_file_discard(&file);
    return status;
}

/* If it is not one, errno says why. */
static bool is_folder(const char *path)
{
    int why = errno;
    struct stat about;
    bool there = stat(path, &about) == 0;
    errno = there ? ENOTDIR : why;
    return there && S_ISDIR(about.st_mode);
}

enum status file_remove(const char *path, struct error *error)
{
    return unlink(path) == 0 || errno == ENOENT ? OK : error_errno(error, path, "remove");
}

enum status folder_make(const char *path, struct error *error)
{
    if (!*path)
        return error_set(error, BAD_USAGE, "a folder with an empty name cannot be made; name one");
    char *copy = strdup(path);
    if (!copy)
        return error_memory(error, "a folder's name");
    enum status status = OK;
    for (char *at = copy + 1; status == OK; at++) {
        char kept = *at;
        if (kept != '/' && kept != '\0')
            continue;
        *at = '\0';
        if (mkdir(copy, 0777) < 0 && !is_folder(copy))
            status = error_errno(error, copy, "make the folder");
        *at = kept;
        if (!kept)
            break;
    }
    free(copy);
    return status;
}
