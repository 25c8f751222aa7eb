#include "weights/weights.h"

#include "base/file.h"
#include "weights/detect.h"
#include "weights/gather.h"
#include "weights/h5.h"
#include "weights/pth.h"
#include "weights/scan.h"
#include "weights/weights_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *format;
    enum status (*list)(struct weights_file *file, struct error *error);
} readers[] = {
    [KIND_PTH_TAR] = {"pth-tar", pth_tar_list},
    [KIND_PTH_STREAM] = {"pth-stream", pth_stream_list},
    [KIND_PTH_ZIP] = {"pth-zip", pth_zip_list},
    [KIND_KERAS_H5] = {"keras-h5", h5_list},
};

static int compare_names(const void *a, const void *b)
{
    const struct weight *first = *(const struct weight *const *)a;
    const struct weight *second = *(const struct weight *const *)b;
    return strcmp(first->name, second->name);
}

static enum status sort_names(struct weights_file *file, struct error *error)
{
    int count = file->weights.count;
    file->by_name = arena_alloc(&file->arena, (size_t)count, sizeof *file->by_name);
    if (!file->by_name)
        return error_memory(error, "a list of tensors' names");
    if (count == 0)
        return error_set(error, BAD_INPUT, "%s: holds no tensors", file->weights.path);
    for (int i = 0; i < count; i++)
        file->by_name[i] = &file->list[i];
    qsort(file->by_name, (size_t)count, sizeof *file->by_name, compare_names);
    for (int i = 1; i < count; i++)
        if (compare_names(&file->by_name[i - 1], &file->by_name[i]) == 0)
            return error_set(error, BAD_INPUT, "%s: has two tensors of the name %s",
                             file->weights.path, file->by_name[i]->name);
    return OK;
}

static enum status open_file(struct weights_file *file, const char *path, struct error *error)
{
    file->weights.path = arena_string(&file->arena, path);
    if (!file->weights.path)
        return error_memory(error, "a file's name");
    file->descriptor = file_open(path, &file->weights.size, error);
    if (file->descriptor < 0)
        return error ? error->status : BAD_INPUT;
    file->data = file->descriptor;
    if (fstat(file->descriptor, &file->stamp) < 0)
        return error_errno(error, path, "examine");
    file->weights.size = (uint64_t)file->stamp.st_size;
    return OK;
}

static enum status list_tensors(struct weights_file *file, struct error *error)
{
    uint8_t start[DETECT_SIZE];
    size_t size = file->weights.size < sizeof start ? (size_t)file->weights.size : sizeof start;
    const char *path = file->weights.path;
    enum weights_kind kind;
    enum status status = file_read_at(file->descriptor, path, start, size, 0, error);
    if (status == OK)
        status = detect_kind(&kind, path, start, size, error);
    if (status != OK)
        return status;
    file->weights.format = readers[kind].format;
    return readers[kind].list(file, error);
}

enum status weights_open(const char *path, struct weights **weights, struct error *error)
{
    *weights = NULL;
    struct weights_file *file = calloc(1, sizeof *file);
    if (!file)
        return error_memory(error, "weights");
    file->descriptor = file->data = -1;
    enum status status = open_file(file, path, error);
    if (status == OK)
        status = list_tensors(file, error);
    if (status == OK)
        status = sort_names(file, error);
    if (status == OK)
        status = scan_file(file, error);
    if (status == OK)
        status = weights_file_unchanged(file, error);
    if (status == OK)
        *weights = &file->weights;
    else
        weights_close(&file->weights);
    return status;
}

void weights_close(struct weights *weights)
{
    if (!weights)
        return;
    struct weights_file *file = (struct weights_file *)weights;
    if (file->data >= 0 && file->data != file->descriptor)
        close(file->data);
    if (file->descriptor >= 0)
        close(file->descriptor);
    arena_free(&file->arena);
    free(file);
}

const struct weight *weights_find(const struct weights *weights, const char *name)
{
    const struct weights_file *file = (const struct weights_file *)weights;
    const struct weight wanted = {.name = name}, *key = &wanted;
    const struct weight **found =
        bsearch(&key, file->by_name, (size_t)weights->count, sizeof *file->by_name, compare_names);
    return found ? *found : NULL;
}

enum status weights_read(const struct weights *weights, const struct weight *weight, float *out,
                         struct error *error)
{
    const struct weights_file *file = (const struct weights_file *)weights;
    const struct placement *placement = &file->placements[weight - file->list];
    enum status status = gather_floats(file, weight, placement, out, error);
    if (status == OK && file->data == file->descriptor)
        return weights_file_unchanged(file, error);
    return status;
}
