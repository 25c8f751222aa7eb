#include "data/extract.h"

#include "data/grouped.h"
#include "data/printable.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct extraction {
    const struct dataset *set;
    const char *to;
    char *parent;    /* the folder that will hold the new one, without links in its path */
    char *target;    /* the new folder, in `parent` */
    char *temporary; /* its name until it is whole; NULL while it is not there */
    struct archive *disk;
    struct bytes bytes; /* the image at hand */
    struct error *error;
};

static enum status check_target(const struct extraction *extraction)
{
    const struct dataset *set = extraction->set;
    struct stat about;
    if (!*extraction->to)
        return error_set(extraction->error, BAD_USAGE,
                         "a folder with an empty name cannot be made; name one");
    if (!strcmp(set->kind, "folder"))
        return error_set(extraction->error, BAD_USAGE,
                         "%s: has class folders already; a tar or a flat folder can be extracted",
                         set->path);
    if (lstat(extraction->to, &about) == 0)
        return error_set(extraction->error, BAD_USAGE,
                         "%s: is there already; name a folder that is not", extraction->to);
    return errno == ENOENT ? OK : error_errno(extraction->error, extraction->to, "examine");
}

/* Split `to` into its parent, which must be there, and its last part. */
static enum status find_parent(struct extraction *extraction)
{
    char *copy = strdup(extraction->to);
    if (!copy)
        return error_memory(extraction->error, "a folder's name");
    for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--)
        copy[length - 1] = '\0';
    char *slash = strrchr(copy, '/');
    const char *name = slash ? slash + 1 : copy;
    char *parent = slash ? strndup(copy, (size_t)(name - copy)) : strdup(".");
    enum status status = parent ? OK : error_memory(extraction->error, "a folder's name");
    if (status == OK && !(extraction->parent = realpath(parent, NULL)))
        status = error_errno(extraction->error, parent, "make a folder in it");
    if (status == OK && asprintf(&extraction->target, "%s/%s", extraction->parent, name) < 0) {
        extraction->target = NULL;
        status = error_memory(extraction->error, "a folder's name");
    }
    free(parent);
    free(copy);
    return status;
}

static enum status check_space(const struct extraction *extraction)
{
    struct statvfs disk;
    if (statvfs(extraction->parent, &disk) < 0)
        return error_errno(extraction->error, extraction->parent, "examine the disk");
    uint64_t need = 0, have = (uint64_t)disk.f_bavail * disk.f_frsize;
    uint64_t block = disk.f_bsize ? disk.f_bsize : 1;
    for (long i = 0; i < extraction->set->count; i++) /* whole blocks */
        need += extraction->set->samples[i].size / block * block + block;
    if (need <= have)
        return OK;
    return error_set(extraction->error, IO_FAILED,
                     "%s: the images need %s bytes, and %s are free: make room or name a folder on "
                     "another disk",
                     extraction->parent, GROUPED(need), GROUPED(have));
}

static enum status make_temporary(struct extraction *extraction)
{
    char *name;
    if (asprintf(&name, "%s.part.XXXXXX", extraction->target) < 0)
        return error_memory(extraction->error, "a folder's name");
    if (!mkdtemp(name)) {
        enum status status = error_errno(extraction->error, extraction->target, "make the folder");
        free(name);
        return status;
    }
    extraction->temporary = name;
    mode_t mask = umask(0);
    umask(mask);
    chmod(name, 0777 & ~mask);
    return OK;
}

static enum status refuse_disk(const struct extraction *extraction, const char *name)
{
    const char *why = archive_error_string(extraction->disk);
    return error_set(extraction->error, IO_FAILED, "%s: cannot write %s: %s", extraction->to,
                     PRINTABLE(name), why ? why : "libarchive does not say why");
}

static enum status write_image(struct extraction *extraction, struct archive_entry *entry,
                               const char *name)
{
    struct archive *disk = extraction->disk;
    const struct bytes *bytes = &extraction->bytes;
    char *path;
    if (asprintf(&path, "%s/%s", extraction->temporary, name) < 0)
        return error_memory(extraction->error, "a file's name");
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, path);
    free(path);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0666);
    archive_entry_set_size(entry, (la_int64_t)bytes->size);
    if (archive_write_header(disk, entry) != ARCHIVE_OK ||
        (bytes->size &&
         archive_write_data(disk, bytes->data, bytes->size) != (la_ssize_t)bytes->size) ||
        archive_write_finish_entry(disk) != ARCHIVE_OK)
        return refuse_disk(extraction, name);
    return OK;
}

static enum status write_images(struct extraction *extraction, struct archive_entry *entry,
                                const volatile sig_atomic_t *stop, const struct progress *progress)
{
    const struct dataset *set = extraction->set;
    enum status status = OK;
    for (long i = 0; status == OK && i < set->count; i++) {
        status = dataset_read(set, i, &extraction->bytes, extraction->error);
        if (status == OK)
            status = write_image(extraction, entry, set->samples[i].name);
        if (status == OK && stop && *stop)
            status = error_set(extraction->error, INTERRUPTED,
                               "%s: interrupted after %ld of %ld images; nothing is left of it",
                               extraction->to, i + 1, set->count);
        progress_step(progress, i + 1, set->count);
    }
    return status;
}

/* libarchive writes under its own precautions: no links on the way, no "..", nothing replaced. */
static enum status fill(struct extraction *extraction, const volatile sig_atomic_t *stop,
                        const struct progress *progress)
{
    const int flags = ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                      ARCHIVE_EXTRACT_NO_OVERWRITE;
    struct archive_entry *entry = archive_entry_new();
    extraction->disk = archive_write_disk_new();
    enum status status = OK;
    if (!entry || !extraction->disk)
        status = error_memory(extraction->error, "libarchive");
    else if (archive_write_disk_set_options(extraction->disk, flags) != ARCHIVE_OK)
        status = refuse_disk(extraction, "the images");
    if (status == OK)
        status = write_images(extraction, entry, stop, progress);
    if (extraction->disk && archive_write_close(extraction->disk) != ARCHIVE_OK && status == OK)
        status = refuse_disk(extraction, "the images");
    archive_write_free(extraction->disk);
    archive_entry_free(entry);
    return status;
}

static enum status sync_folder(const struct extraction *extraction, const char *path,
                               int (*sync)(int))
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status = OK;
    if (descriptor < 0 || sync(descriptor) < 0)
        status = error_errno(extraction->error, path, "sync");
    if (descriptor >= 0)
        close(descriptor);
    return status;
}

/* rename that replaces nothing. */
static int rename_new(const char *from, const char *to)
{
    int failed = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (!failed || errno != EINVAL)
        return failed;
    if (access(to, F_OK) == 0) { /* this file system has no such rename: look, then rename */
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

/* Sync all that was written at once, then give it its name. */
static enum status commit(struct extraction *extraction)
{
    enum status status = sync_folder(extraction, extraction->temporary, syncfs);
    if (status != OK)
        return status;
    if (rename_new(extraction->temporary, extraction->target) < 0)
        return error_errno(extraction->error, extraction->target, "give the new folder this name");
    free(extraction->temporary);
    extraction->temporary = NULL;
    return sync_folder(extraction, extraction->parent, fsync);
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about;
    (void)type;
    (void)place;
    remove(path);
    return 0;
}

static enum status prepare(struct extraction *extraction)
{
    enum status status = check_target(extraction);
    if (status == OK)
        status = find_parent(extraction);
    return status == OK ? check_space(extraction) : status;
}

static void release(struct extraction *extraction)
{
    bytes_free(&extraction->bytes);
    free(extraction->temporary);
    free(extraction->target);
    free(extraction->parent);
}

enum status extract_check(const struct dataset *set, const char *to, struct error *error)
{
    struct extraction extraction = {.set = set, .to = to, .error = error};
    enum status status = prepare(&extraction);
    release(&extraction);
    return status;
}

enum status extract_set(const struct dataset *set, const char *to,
                        const volatile sig_atomic_t *stop, const struct progress *progress,
                        struct error *error)
{
    enum { OPEN_FOLDERS = 8 };
    struct extraction extraction = {.set = set, .to = to, .error = error};
    enum status status = prepare(&extraction);
    if (status == OK)
        status = make_temporary(&extraction);
    if (status == OK)
        status = fill(&extraction, stop, progress);
    if (status == OK)
        status = commit(&extraction);
    if (extraction.temporary)
        nftw(extraction.temporary, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    release(&extraction);
    return status;
}
