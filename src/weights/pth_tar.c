/* The layout of 2016 and 2017, a tar archive of four members. "storages": a pickled count, then for
 * each storage a pickled (key, location, type), the number of elements in 8 bytes and the elements;
 * at last a pickled list of views. "tensors": a pickled count, then for each tensor a pickled (key,
 * storage key, type), its rank in 8 bytes, of which the upper 4 do not count, shape, strides and
 * offset, 8 bytes each. "pickle": the state_dict, in which persistent ids are the tensors' keys in
 * decimal. "sys_info": a dict about the platform. */
#include "weights/pth.h"

#include "base/file.h"
#include "weights/dtype.h"
#include "weights/little_endian.h"
#include "weights/pickle_objects.h"
#include "weights/storage_table.h"
#include "weights/tar_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A description of one storage or tensor takes less than 100 bytes. */
enum { DESCRIPTION_SIZE = 4096, MAX_COUNT = 1 << 16, MIN_ITEM_SIZE = 16 };
enum { SYS_INFO, PICKLE, TENSORS, STORAGES, MEMBER_COUNT };

struct keyed_tensor {
    int64_t key;
    struct tensor tensor;
};

struct archive {
    struct weights_file *file;
    struct arena arena;
    struct tar_member members[MEMBER_COUNT];
    struct storage_table storages;
    struct keyed_tensor *tensors; /* by key */
    size_t tensor_count;
};

/* A place in a member that is being read from its start to its end. */
struct cursor {
    struct archive *archive;
    const struct tar_member *member;
    uint64_t at; /* byte of the file */
    uint8_t bytes[DESCRIPTION_SIZE];
};

static struct cursor cursor_at(struct archive *archive, int member)
{
    return (struct cursor){.archive = archive,
                           .member = &archive->members[member],
                           .at = archive->members[member].start};
}

static uint64_t cursor_left(const struct cursor *cursor)
{
    return cursor->member->start + cursor->member->size - cursor->at;
}

static enum status cursor_refuse(const struct cursor *cursor, const char *what, struct error *error)
{
    return error_set(error, BAD_INPUT,
                     "%s: byte %llu (member \"%s\"): %s; the file is damaged: "
                     "get it again",
                     cursor->archive->file->weights.path, (unsigned long long)cursor->at,
                     cursor->member->name, what);
}

static enum status cursor_read(struct cursor *cursor, size_t size, struct error *error)
{
    if (cursor_left(cursor) < size)
        return cursor_refuse(cursor, "the member ends too early", error);
    const struct weights_file *file = cursor->archive->file;
    return file_read_at(file->descriptor, file->weights.path, cursor->bytes, size, cursor->at,
                        error);
}

/* A small pickled object. Its strings are copied out of the cursor by whoever keeps them. */
static enum status cursor_object(struct cursor *cursor, struct value **object, struct error *error)
{
    uint64_t left = cursor_left(cursor);
    struct pickle pickle = {.path = cursor->archive->file->weights.path,
                            .part = cursor->member->name,
                            .data = cursor->bytes,
                            .size = left < DESCRIPTION_SIZE ? (size_t)left : DESCRIPTION_SIZE,
                            .origin = cursor->at,
                            .arena = &cursor->archive->arena};
    enum status status = cursor_read(cursor, pickle.size, error);
    if (status == OK)
        status = pickle_load(&pickle, object, error);
    if (status == OK)
        cursor->at += pickle.used;
    return status;
}

static enum status cursor_count(struct cursor *cursor, size_t *count, struct error *error)
{
    struct value *value;
    enum status status = cursor_object(cursor, &value, error);
    if (status != OK)
        return status;
    if (value->kind != VALUE_INT || value->integer < 0 || value->integer > MAX_COUNT ||
        (uint64_t)value->integer > cursor_left(cursor) / MIN_ITEM_SIZE)
        return cursor_refuse(cursor, "its count is no number that can be true", error);
    *count = (size_t)value->integer;
    return OK;
}

/* A tuple of three: a key, something, a type of elements. */
static bool is_description(const struct value *value, enum value_kind second, enum dtype *dtype)
{
    return value->kind == VALUE_TUPLE && value->count == 3 && value->items[0]->kind == VALUE_INT &&
           value->items[1]->kind == second && objects_dtype(value->items[2], dtype);
}

static enum status read_storage(struct cursor *cursor, struct storage **chain, struct error *error)
{
    struct value *description;
    enum dtype dtype;
    enum status status = cursor_object(cursor, &description, error);
    if (status == OK && !is_description(description, VALUE_STRING, &dtype))
        return cursor_refuse(cursor, "no (key, location, type) of a storage ends here", error);
    if (status == OK)
        status = cursor_read(cursor, 8, error);
    if (status != OK)
        return status;
    uint64_t count = le64(cursor->bytes), size;
    if (__builtin_mul_overflow(count, dtype_size(dtype), &size) || size > cursor_left(cursor) - 8)
        return cursor_refuse(cursor, "a storage has more elements than the member has room for",
                             error);
    struct storage *storage = arena_alloc(&cursor->archive->arena, 1, sizeof *storage);
    char *key =
        arena_printf(&cursor->archive->arena, "%lld", (long long)description->items[0]->integer);
    if (!storage || !key)
        return error_memory(error, "a storage's description");
    *storage = (struct storage){.key = key,
                                .key_length = strlen(key),
                                .dtype = dtype,
                                .numel = (int64_t)count,
                                .placed = true,
                                .position = cursor->at + 8,
                                .next = *chain};
    *chain = storage;
    cursor->at += 8 + size;
    return OK;
}

static enum status read_storages(struct archive *archive, struct error *error)
{
    struct cursor cursor = cursor_at(archive, STORAGES);
    struct storage *chain = NULL;
    size_t count = 0;
    enum status status = cursor_count(&cursor, &count, error);
    for (size_t i = 0; status == OK && i < count; i++)
        status = read_storage(&cursor, &chain, error);
    struct value *views;
    if (status == OK)
        status = cursor_object(&cursor, &views, error);
    if (status == OK && (views->kind != VALUE_LIST || views->count != 0))
        return cursor_refuse(&cursor, "views of storages are listed before here; none are read",
                             error);
    if (status == OK && cursor_left(&cursor) != 0)
        return cursor_refuse(&cursor, "bytes follow the last storage", error);
    if (status == OK)
        status = storage_table_make(&archive->storages, archive->file->weights.path, chain,
                                    &archive->arena, error);
    for (size_t i = 1; status == OK && i < count; i++)
        if (strcmp(archive->storages.sorted[i - 1]->key, archive->storages.sorted[i]->key) == 0)
            return cursor_refuse(&cursor, "two storages have one key", error);
    return status;
}

/* The rank, in the lower half of its 8 bytes, then the other numbers. */
static enum status read_numbers(struct cursor *cursor, struct tensor *tensor, struct error *error)
{
    enum status status = cursor_read(cursor, 8, error);
    if (status != OK)
        return status;
    uint32_t rank = le32(cursor->bytes);
    if (rank > WEIGHT_MAX_RANK)
        return cursor_refuse(cursor, "a tensor has more than 8 dimensions", error);
    cursor->at += 8;
    size_t size = 8 * (2 * (size_t)rank + 1);
    status = cursor_read(cursor, size, error);
    if (status != OK)
        return status;
    const uint8_t *number = cursor->bytes;
    bool negative = false;
    tensor->rank = (int)rank;
    for (uint32_t i = 0; i < rank; i++, number += 8)
        negative |= (tensor->shape[i] = (int64_t)le64(number)) < 0;
    for (uint32_t i = 0; i < rank; i++, number += 8)
        negative |= (tensor->stride[i] = (int64_t)le64(number)) < 0;
    negative |= (tensor->offset = (int64_t)le64(number)) < 0;
    if (negative)
        return cursor_refuse(cursor, "a tensor's shape, stride or offset is negative", error);
    cursor->at += size;
    return OK;
}

static enum status read_tensor(struct cursor *cursor, struct keyed_tensor *keyed,
                               struct error *error)
{
    struct value *description;
    enum dtype dtype;
    enum status status = cursor_object(cursor, &description, error);
    if (status == OK && !is_description(description, VALUE_INT, &dtype))
        return cursor_refuse(cursor, "no (key, storage key, type) of a tensor ends here", error);
    if (status != OK)
        return status;
    char key[24];
    int length = snprintf(key, sizeof key, "%lld", (long long)description->items[1]->integer);
    struct storage *const *storage =
        storage_table_find(&cursor->archive->storages, key, (size_t)length);
    if (!storage || (*storage)->dtype != dtype)
        return cursor_refuse(cursor,
                             "a tensor is described before here whose storage is not there "
                             "or of another type",
                             error);
    keyed->key = description->items[0]->integer;
    keyed->tensor.storage = *storage;
    return read_numbers(cursor, &keyed->tensor, error);
}

static int compare_tensors(const void *a, const void *b)
{
    const struct keyed_tensor *first = a, *second = b;
    return (first->key > second->key) - (first->key < second->key);
}

static enum status read_tensors(struct archive *archive, struct error *error)
{
    struct cursor cursor = cursor_at(archive, TENSORS);
    size_t count = 0;
    enum status status = cursor_count(&cursor, &count, error);
    if (status != OK)
        return status;
    archive->tensors = arena_alloc(&archive->arena, count, sizeof *archive->tensors);
    if (!archive->tensors)
        return error_memory(error, "a table of tensors");
    for (size_t i = 0; status == OK && i < count; i++)
        status = read_tensor(&cursor, &archive->tensors[i], error);
    if (status != OK)
        return status;
    if (cursor_left(&cursor) != 0)
        return cursor_refuse(&cursor, "bytes follow the last tensor", error);
    archive->tensor_count = count;
    if (count)
        qsort(archive->tensors, count, sizeof *archive->tensors, compare_tensors);
    for (size_t i = 1; i < count; i++)
        if (archive->tensors[i - 1].key == archive->tensors[i].key)
            return cursor_refuse(&cursor, "two tensors have one key", error);
    return OK;
}

static struct tensor *find_tensor(void *context, const char *id, size_t length)
{
    struct archive *archive = context;
    char text[24], *end;
    if (length == 0 || length >= sizeof text || !archive->tensor_count)
        return NULL;
    memcpy(text, id, length);
    text[length] = '\0';
    struct keyed_tensor wanted = {.key = strtoll(text, &end, 10)};
    if (*end)
        return NULL;
    struct keyed_tensor *found =
        bsearch(&wanted, archive->tensors, archive->tensor_count, sizeof wanted, compare_tensors);
    return found ? &found->tensor : NULL;
}

/* The object that takes a whole member; its strings point into `bytes`. */
static enum status load_member(struct archive *archive, int member, struct bytes *bytes,
                               struct value **object, struct error *error)
{
    const struct tar_member *found = &archive->members[member];
    const char *path = archive->file->weights.path;
    if (found->size > PICKLE_MAX_SIZE)
        return error_set(error, BAD_INPUT, "%s: member \"%s\" has %llu bytes; at most %d are read",
                         path, found->name, (unsigned long long)found->size, PICKLE_MAX_SIZE);
    bytes->size = (size_t)found->size;
    enum status status = bytes_reserve(bytes, bytes->size + 1, error);
    if (status == OK)
        status = file_read_at(archive->file->descriptor, path, bytes->data, bytes->size,
                              found->start, error);
    struct pickle pickle = {.path = path,
                            .part = found->name,
                            .data = bytes->data,
                            .size = bytes->size,
                            .origin = found->start,
                            .arena = &archive->arena,
                            .reference = find_tensor,
                            .context = archive};
    return status == OK ? pickle_load_all(&pickle, object, error) : status;
}

enum status pth_tar_list(struct weights_file *file, struct error *error)
{
    struct archive archive = {.file = file,
                              .members = {[SYS_INFO] = {.name = "sys_info"},
                                          [PICKLE] = {.name = "pickle"},
                                          [TENSORS] = {.name = "tensors"},
                                          [STORAGES] = {.name = "storages"}}};
    struct bytes system_bytes = {0}, bytes = {0};
    struct value *system, *object;
    enum status status = tar_index(file, archive.members, MEMBER_COUNT, error);
    if (status == OK)
        status = load_member(&archive, SYS_INFO, &system_bytes, &system, error);
    if (status == OK)
        status = pth_check_system(file->weights.path, system, error);
    if (status == OK)
        status = read_storages(&archive, error);
    if (status == OK)
        status = read_tensors(&archive, error);
    if (status == OK)
        status = load_member(&archive, PICKLE, &bytes, &object, error);
    if (status == OK)
        status = pth_list_tensors(file, object, error);
    bytes_free(&system_bytes);
    bytes_free(&bytes);
    arena_free(&archive.arena);
    return status;
}
