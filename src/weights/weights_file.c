#include "weights/weights_file.h"

#include "weights/dtype.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAX_NAME = 500 };

enum status weights_file_reserve(struct weights_file *file, size_t count, struct error *error)
{
    file->list = arena_alloc(&file->arena, count, sizeof *file->list);
    file->placements = arena_alloc(&file->arena, count, sizeof *file->placements);
    if (!file->list || !file->placements)
        return error_memory(error, "the list of tensors");
    file->weights.list = file->list;
    return OK;
}

static enum status check_name(const char *path, const char *name, size_t length,
                              struct error *error)
{
    bool printable = length > 0 && length <= MAX_NAME;
    for (size_t i = 0; printable && i < length; i++)
        printable = name[i] >= 0x20 && name[i] <= 0x7e;
    char text[SHOWN_SIZE];
    if (!printable)
        return error_set(error, BAD_INPUT,
                         "%s: a tensor's name is \"%s\" (%zu bytes); wanted are 1 to %d printable "
                         "ASCII characters",
                         path, shown(text, name, length), length, MAX_NAME);
    return OK;
}

enum status weights_file_add(struct weights_file *file, const char *name, size_t name_length,
                             const struct weight *weight, const struct placement *placement,
                             struct error *error)
{
    const char *path = file->weights.path;
    enum status status = check_name(path, name, name_length, error);
    if (status != OK)
        return status;
    int64_t bytes = (int64_t)dtype_size(weight->dtype), count = 1;
    for (int i = 0; i < weight->rank; i++)
        if (weight->shape[i] < 0 || __builtin_mul_overflow(count, weight->shape[i], &count) ||
            __builtin_mul_overflow(bytes, weight->shape[i], &bytes))
            return error_set(error, BAD_INPUT,
                             "%s: tensor %.*s: dimension %d is %lld, which is negative or makes "
                             "more elements than can be counted",
                             path, (int)name_length, name, i, (long long)weight->shape[i]);
    char *copy = arena_alloc(&file->arena, name_length + 1, 1);
    if (!copy)
        return error_memory(error, "a tensor's name");
    memcpy(copy, name, name_length);
    struct weight *added = &file->list[file->weights.count];
    *added = *weight;
    added->name = copy;
    added->count = count;
    file->placements[file->weights.count++] = *placement;
    return OK;
}

enum status weights_file_unchanged(const struct weights_file *file, struct error *error)
{
    struct stat now;
    if (fstat(file->descriptor, &now) < 0)
        return error_errno(error, file->weights.path, "examine");
    const struct stat *then = &file->stamp;
    if (now.st_size != then->st_size || now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != then->st_mtim.tv_nsec)
        return error_set(error, BAD_INPUT,
                         "%s: changed while being read; wait until whatever writes it is done, and "
                         "start again",
                         file->weights.path);
    return OK;
}

const char *shown(char out[SHOWN_SIZE], const char *text, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length && used + sizeof "\\xNN..." < SHOWN_SIZE; i++) {
        unsigned char byte = (unsigned char)text[i];
        const char *format = byte >= 0x20 && byte <= 0x7e ? "%c" : "\\x%02x";
        used += (size_t)snprintf(out + used, SHOWN_SIZE - used, format, byte);
        if (used + sizeof "\\xNN..." >= SHOWN_SIZE && i + 1 < length)
            used += (size_t)snprintf(out + used, SHOWN_SIZE - used, "...");
    }
    out[used] = '\0';
    return out;
}
