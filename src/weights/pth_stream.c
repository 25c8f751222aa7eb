/* The layout of 2018 to 2020. Five pickles: a magic number, the layout's version, a dict about the
 * platform, the state_dict, and the keys of its storages. Then, for each key in that order, the
 * number of elements in 8 bytes and the elements. Nothing follows. */
#include "weights/pth.h"

#include "base/file.h"
#include "weights/dtype.h"
#include "weights/little_endian.h"
#include "weights/storage_table.h"

#include <string.h>

enum { LAYOUT_VERSION = 1001 };

static const uint8_t magic[] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

/* Read the next pickle; `pickle` moves on behind it. */
static enum status next_object(struct pickle *pickle, const char *part, struct value **object,
                               struct error *error)
{
    pickle->part = part;
    enum status status = pickle_load(pickle, object, error);
    if (status != OK)
        return status;
    pickle->data += pickle->used;
    pickle->size -= pickle->used;
    pickle->origin += pickle->used;
    return OK;
}

static enum status check_header(struct pickle *pickle, struct error *error)
{
    struct value *number, *version, *system;
    enum status status = next_object(pickle, "magic number", &number, error);
    if (status == OK && (number->kind != VALUE_LONG || number->count != sizeof magic ||
                         memcmp(number->text, magic, sizeof magic) != 0))
        return pickle_refuse(pickle, 0, error, "before this byte is not torch.save's magic number");
    if (status == OK)
        status = next_object(pickle, "layout version", &version, error);
    if (status == OK && (version->kind != VALUE_INT || version->integer != LAYOUT_VERSION))
        return pickle_refuse(pickle, 0, error,
                             "before this byte is not the layout version %d, the only one there is",
                             LAYOUT_VERSION);
    if (status == OK)
        status = next_object(pickle, "sys_info", &system, error);
    return status == OK ? pth_check_system(pickle->path, system, error) : status;
}

/* One storage at `*at`, which moves on behind it. */
static enum status place_storage(const struct weights_file *file, const struct storage_table *table,
                                 const struct value *key, uint64_t *at, struct error *error)
{
    const char *path = file->weights.path;
    uint8_t bytes[8];
    char text[SHOWN_SIZE];
    if (key->kind != VALUE_STRING)
        return error_set(error, BAD_INPUT, "%s: has %s among the storages' keys", path,
                         value_describe(key));
    shown(text, key->text, key->count);
    struct storage *const *storage = storage_table_find(table, key->text, key->count);
    if (!storage)
        return error_set(error, BAD_INPUT,
                         "%s: lists storage \"%s\", which no tensor has; the file is damaged: get "
                         "it again",
                         path, text);
    uint64_t left = file->weights.size - *at, count = 0, size = 0;
    enum status status = OK;
    if (left >= sizeof bytes)
        status = file_read_at(file->descriptor, path, bytes, sizeof bytes, *at, error);
    if (status != OK)
        return status;
    if (left >= sizeof bytes)
        count = le64(bytes);
    if (left < sizeof bytes ||
        __builtin_mul_overflow(count, dtype_size((*storage)->dtype), &size) ||
        size > left - sizeof bytes)
        return error_set(error, BAD_INPUT,
                         "%s: byte %llu: storage \"%s\" begins here and has %lld elements by its "
                         "pickled description, %llu by its own count, but %llu bytes are left; the "
                         "file is truncated: get it again",
                         path, (unsigned long long)*at, text, (long long)(*storage)->numel,
                         (unsigned long long)count, (unsigned long long)left);
    status = storage_table_place(table, storage, *at + sizeof bytes, size, error);
    *at += sizeof bytes + size;
    return status;
}

static enum status place_storages(const struct weights_file *file,
                                  const struct storage_table *table, const struct value *keys,
                                  uint64_t at, struct error *error)
{
    if (keys->kind != VALUE_LIST)
        return error_set(error, BAD_INPUT, "%s: the storages' keys are %s; a list is wanted",
                         file->weights.path, value_describe(keys));
    enum status status = OK;
    for (uint32_t i = 0; status == OK && i < keys->count; i++)
        status = place_storage(file, table, keys->items[i], &at, error);
    if (status == OK && at != file->weights.size)
        return error_set(error, BAD_INPUT,
                         "%s: byte %llu: the last storage ends here, but %llu more bytes follow",
                         file->weights.path, (unsigned long long)at,
                         (unsigned long long)(file->weights.size - at));
    return status;
}

static enum status list(struct weights_file *file, struct pickle *pickle, struct error *error)
{
    struct value *object, *keys;
    struct storage_table table;
    enum status status = check_header(pickle, error);
    if (status == OK)
        status = next_object(pickle, "state_dict", &object, error);
    if (status == OK)
        status = storage_table_make(&table, pickle->path, pickle->storages, pickle->arena, error);
    if (status == OK)
        status = next_object(pickle, "storage keys", &keys, error);
    if (status == OK)
        status = place_storages(file, &table, keys, pickle->origin, error);
    return status == OK ? pth_list_tensors(file, object, error) : status;
}

enum status pth_stream_list(struct weights_file *file, struct error *error)
{
    struct bytes bytes = {0};
    struct arena arena = {0};
    uint64_t whole = file->weights.size;
    size_t size = whole < PICKLE_MAX_SIZE ? (size_t)whole : PICKLE_MAX_SIZE;
    enum status status = bytes_reserve(&bytes, size, error);
    if (status == OK)
        status = file_read_at(file->descriptor, file->weights.path, bytes.data, size, 0, error);
    struct pickle pickle = {
        .path = file->weights.path, .data = bytes.data, .size = size, .arena = &arena};
    if (status == OK)
        status = list(file, &pickle, error);
    arena_free(&arena);
    bytes_free(&bytes);
    return status;
}
