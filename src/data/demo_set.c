#include "data/demo_set.h"

#include "data/dataset.h"
#include "data/demo_jpeg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is being written or compared: a set in a folder, and the picture at hand. */
struct set {
    enum demo_split split;
    long each; /* pictures of a class */
    struct bytes file;
    char *path; /* of the folder, of a class folder or of a picture */
    size_t folder_length, room;
};

static const char *set_path(struct set *set, int label, long number)
{
    char *end = set->path + set->folder_length;
    size_t room = set->room - set->folder_length;
    if (label < 0)
        *end = '\0';
    else if (number < 0)
        snprintf(end, room, "/%02d_%s", label, demo_class_name(label));
    else
        snprintf(end, room, "/%02d_%s/%05ld.JPEG", label, demo_class_name(label), number);
    return set->path;
}

static enum status set_name(struct set *set, const char *folder, struct error *error)
{
    set->folder_length = strlen(folder);
    set->room = set->folder_length + sizeof "/00_horizontal/00000.JPEG";
    set->path = malloc(set->room);
    if (!set->path)
        return error_memory(error, "a file's name");
    memcpy(set->path, folder, set->folder_length + 1);
    return OK;
}

static enum status set_encode(struct set *set, int label, long number, struct error *error)
{
    uint8_t pixels[DEMO_PIXEL_BYTES];
    demo_picture_draw(set->split, label, number, pixels);
    return demo_jpeg_encode(pixels, &set->file, error);
}

/* Not synced to disk one by one, which takes minutes: the folder's name comes last. */
static enum status set_save(const struct set *set, const char *path, struct error *error)
{
    FILE *out = fopen(path, "wxe");
    if (!out)
        return error_errno(error, path, "create");
    enum status status = OK;
    if (fwrite(set->file.data, 1, set->file.size, out) != set->file.size)
        status = error_errno(error, path, "write");
    if (fclose(out) && status == OK)
        status = error_errno(error, path, "write");
    return status;
}

static enum status set_fill(struct set *set, struct error *error)
{
    enum status status = OK;
    for (int label = 0; label < DEMO_CLASSES && status == OK; label++) {
        if (mkdir(set_path(set, label, -1), 0777) < 0)
            status = error_errno(error, set->path, "make the folder");
        for (long number = 0; number < set->each && status == OK; number++) {
            status = set_encode(set, label, number, error);
            if (status == OK)
                status = set_save(set, set_path(set, label, number), error);
        }
    }
    return status;
}

/* Take away what set_fill made of it; what it did not make stays. */
static void set_remove(struct set *set)
{
    for (int label = 0; label < DEMO_CLASSES; label++) {
        for (long number = 0; number < set->each; number++)
            unlink(set_path(set, label, number));
        rmdir(set_path(set, label, -1));
    }
    rmdir(set_path(set, -1, -1));
}

static enum status set_create(struct set *set, const char *path, struct error *error)
{
    size_t length = strlen(path), room = length + 32;
    while (length > 1 && path[length - 1] == '/')
        length--;
    char *part = malloc(room);
    if (!part)
        return error_memory(error, "a folder's name");
    snprintf(part, room, "%.*s.%ld.part", (int)length, path, (long)getpid());
    enum status status = set_name(set, part, error);
    if (status == OK && mkdir(part, 0777) < 0)
        status = error_errno(error, part, "make the folder");
    else if (status == OK) {
        status = set_fill(set, error);
        if (status == OK && rename(part, path) < 0)
            status = error_errno(error, path, "make the folder");
        if (status != OK)
            set_remove(set);
    }
    free(part);
    return status;
}

static enum status set_differs(const char *path, const char *what, struct error *error)
{
    return error_set(error, BAD_INPUT,
                     "%s: %s is not what this program makes of the demo's set; remove the folder, "
                     "or name another",
                     path, what);
}

/* Whether the folder that is there holds the set, byte for byte, and no other picture. */
static enum status set_check(struct set *set, const struct dataset *found, struct error *error)
{
    char count[64];
    snprintf(count, sizeof count, "a set of %ld pictures", found->count);
    if (found->count != set->each * DEMO_CLASSES || found->classes != DEMO_CLASSES)
        return set_differs(found->path, count, error);
    enum status status = OK;
    struct bytes stored = {0};
    for (long i = 0; i < found->count && status == OK; i++) {
        int label = (int)(i / set->each);
        const char *wanted = set_path(set, label, i % set->each);
        status = set_encode(set, label, i % set->each, error);
        if (status == OK)
            status = dataset_read(found, i, &stored, error);
        if (status == OK &&
            (strcmp(found->samples[i].name, wanted + set->folder_length + 1) ||
             stored.size != set->file.size || memcmp(stored.data, set->file.data, stored.size)))
            status = set_differs(found->path, found->samples[i].name, error);
    }
    bytes_free(&stored);
    return status;
}

static enum status set_reuse(struct set *set, const char *path, struct error *error)
{
    struct dataset *found;
    enum status status = dataset_open(path, &found, error);
    if (status != OK)
        return status;
    status = set_name(set, path, error);
    if (status == OK)
        status = set_check(set, found, error);
    dataset_close(found);
    return status;
}

enum status demo_set_write(const char *path, enum demo_split split, long images,
                           struct error *error)
{
    if (images < DEMO_CLASSES || images > DEMO_MOST_IMAGES || images % DEMO_CLASSES)
        return error_set(error, BAD_USAGE,
                         "%ld images: a multiple of %d from %d to %d is wanted, as many of each "
                         "class",
                         images, DEMO_CLASSES, DEMO_CLASSES, DEMO_MOST_IMAGES);
    struct set set = {.split = split, .each = images / DEMO_CLASSES};
    struct stat about;
    enum status status;
    if (stat(path, &about) == 0)
        status = set_reuse(&set, path, error);
    else
        status = set_create(&set, path, error);
    free(set.path);
    bytes_free(&set.file);
    return status;
}
