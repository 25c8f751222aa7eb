#include "weights/pth.h"

#include "weights/dtype.h"

enum status pth_check_system(const char *path, const struct value *system, struct error *error)
{
    const struct value *little = value_is_dict(system) ? value_get(system, "little_endian") : NULL;
    if (!little || little->kind != VALUE_BOOL || !little->integer)
        return error_set(error, BAD_INPUT,
                         "%s: does not say that a little-endian machine wrote it (sys_info's "
                         "little_endian is %s); no other kind is read",
                         path,
                         !little                      ? "missing"
                         : little->kind == VALUE_BOOL ? "False"
                                                      : "no bool");
    return OK;
}

/* The last element that the tensor reaches must be in its storage. */
static bool in_bounds(const struct tensor *tensor)
{
    int64_t last = tensor->offset;
    for (int i = 0; i < tensor->rank; i++) {
        int64_t reach;
        if (tensor->shape[i] == 0)
            return tensor->offset <= tensor->storage->numel; /* it has no elements */
        if (__builtin_mul_overflow(tensor->shape[i] - 1, tensor->stride[i], &reach) ||
            __builtin_add_overflow(last, reach, &last))
            return false;
    }
    return last < tensor->storage->numel;
}

static enum status list_tensor(struct weights_file *file, const char *name, size_t name_length,
                               const struct tensor *tensor, struct error *error)
{
    const struct storage *storage = tensor->storage;
    char text[SHOWN_SIZE], key[SHOWN_SIZE];
    shown(text, name, name_length);
    if (!storage->placed)
        return error_set(error, BAD_INPUT,
                         "%s: tensor %s: its storage \"%s\" is not in the file; get it again",
                         file->weights.path, text, shown(key, storage->key, storage->key_length));
    if (!in_bounds(tensor))
        return error_set(error, BAD_INPUT,
                         "%s: tensor %s reaches beyond its storage \"%s\" of %lld elements; the "
                         "file is damaged: get it again",
                         file->weights.path, text, shown(key, storage->key, storage->key_length),
                         (long long)storage->numel);
    struct weight weight = {.dtype = storage->dtype, .rank = tensor->rank};
    struct placement placement = {.position = storage->position + (uint64_t)tensor->offset *
                                                                      dtype_size(storage->dtype)};
    for (int i = 0; i < tensor->rank; i++) {
        weight.shape[i] = tensor->shape[i];
        placement.stride[i] = tensor->shape[i] > 1 ? tensor->stride[i] : 0; /* else never taken */
    }
    enum status status = weights_file_add(file, name, name_length, &weight, &placement, error);
    if (status != OK)
        return status;
    int64_t count = file->list[file->weights.count - 1].count;
    if (count > storage->numel) /* a stride of 0 repeats elements */
        return error_set(error, BAD_INPUT,
                         "%s: tensor %s shows %lld elements out of a storage of %lld, as expand() "
                         "does; save tensor.contiguous() instead",
                         file->weights.path, text, (long long)count, (long long)storage->numel);
    return OK;
}

static enum status list_entry(struct weights_file *file, const struct value *name,
                              const struct value *value, struct error *error)
{
    if (name->kind != VALUE_STRING)
        return error_set(error, BAD_INPUT,
                         "%s: has %s among the names of its state_dict; strings are wanted",
                         file->weights.path, value_describe(name));
    if (value->kind == VALUE_PARAMETER && value->data)
        value = value->data;
    char text[SHOWN_SIZE];
    shown(text, name->text, name->count);
    if (value->kind == VALUE_PARAMETER || (value->kind == VALUE_TENSOR && !value->tensor))
        return error_set(error, BAD_INPUT,
                         "%s: entry \"%s\" is %s that never got its numbers; the file is damaged: "
                         "get it again",
                         file->weights.path, text, value_describe(value));
    if (value->kind != VALUE_TENSOR)
        return error_set(error, BAD_INPUT,
                         "%s: entry \"%s\" is %s; wanted is a state_dict, whose entries are all "
                         "tensors. If this is a training checkpoint, save the state_dict in it: "
                         "torch.save(checkpoint[\"NAME\"], \"weights.pth\")",
                         file->weights.path, text, value_describe(value));
    return list_tensor(file, name->text, name->count, value->tensor, error);
}

/* A training checkpoint keeps the weights under "state_dict", beside the epoch and the like. */
static enum status find_state_dict(const struct weights_file *file, const struct value **object,
                                   struct error *error)
{
    const char *path = file->weights.path;
    if (!value_is_dict(*object))
        return error_set(error, BAD_INPUT,
                         "%s: holds %s; wanted is a state_dict: a dict from names to tensors. "
                         "Save torch.save(model.state_dict(), \"weights.pth\")",
                         path, value_describe(*object));
    const struct value *found = NULL;
    for (uint32_t i = 0; i < (*object)->count; i += 2) {
        const struct value *value = (*object)->items[i + 1];
        if (!value_is_string((*object)->items[i], "state_dict") || !value_is_dict(value))
            continue;
        if (found)
            return error_set(error, BAD_INPUT, "%s: has two entries \"state_dict\"", path);
        found = value;
    }
    if (found)
        *object = found;
    if ((*object)->count == 0)
        return error_set(error, BAD_INPUT, "%s: holds a state_dict without tensors", path);
    return OK;
}

enum status pth_list_tensors(struct weights_file *file, const struct value *object,
                             struct error *error)
{
    enum status status = find_state_dict(file, &object, error);
    if (status == OK)
        status = weights_file_reserve(file, object->count / 2, error);
    for (uint32_t i = 0; status == OK && i < object->count; i += 2)
        status = list_entry(file, object->items[i], object->items[i + 1], error);
    return status;
}
