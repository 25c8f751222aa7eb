#include "weights/pickle_objects.h"

#include "weights/weights_file.h"

#include <string.h>

enum allowed_kind {
    ALLOWED_ORDERED_DICT,
    ALLOWED_TENSOR,         /* (storage, offset, shape, stride) */
    ALLOWED_TENSOR_V2,      /* the same, requires_grad, hooks, and of late metadata */
    ALLOWED_PARAMETER_CALL, /* (tensor, requires_grad, hooks) */
    ALLOWED_PARAMETER,      /* (tensor) or (), followed by a state */
    ALLOWED_ELEMENTS        /* a type of storage or tensor; called with (), it is a tensor to be */
};

struct allowed {
    const char *module, *name;
    enum allowed_kind kind;
    enum dtype dtype;
};

static const struct allowed allowed[] = {
    {"collections", "OrderedDict", ALLOWED_ORDERED_DICT, 0},
    {"torch._utils", "_rebuild_tensor", ALLOWED_TENSOR, 0},
    {"torch._utils", "_rebuild_tensor_v2", ALLOWED_TENSOR_V2, 0},
    {"torch._utils", "_rebuild_parameter", ALLOWED_PARAMETER_CALL, 0},
    {"torch.nn.parameter", "Parameter", ALLOWED_PARAMETER, 0},
};

static const struct allowed element_types[] = {
    {"torch", "Half", ALLOWED_ELEMENTS, DTYPE_F16},
    {"torch", "Float", ALLOWED_ELEMENTS, DTYPE_F32},
    {"torch", "Double", ALLOWED_ELEMENTS, DTYPE_F64},
    {"torch", "Byte", ALLOWED_ELEMENTS, DTYPE_U8},
    {"torch", "Char", ALLOWED_ELEMENTS, DTYPE_I8},
    {"torch", "Short", ALLOWED_ELEMENTS, DTYPE_I16},
    {"torch", "Int", ALLOWED_ELEMENTS, DTYPE_I32},
    {"torch", "Long", ALLOWED_ELEMENTS, DTYPE_I64},
    {"torch", "Bool", ALLOWED_ELEMENTS, DTYPE_BOOL},
};

enum { ALLOWED_COUNT = sizeof allowed / sizeof *allowed };
enum { ELEMENT_TYPE_COUNT = sizeof element_types / sizeof *element_types };

struct words {
    const char *text;
    size_t length;
};

static bool words_are(struct words words, const char *text)
{
    return words.length == strlen(text) && memcmp(words.text, text, words.length) == 0;
}

/* torch.FloatStorage or, in the oldest layout, torch.FloatTensor and torch.cuda.FloatTensor. */
static const struct allowed *find_element_type(struct words module, struct words name)
{
    static const char *const endings[] = {"Storage", "Tensor"};
    if (!words_are(module, "torch") && !words_are(module, "torch.cuda"))
        return NULL;
    for (int e = 0; e < 2; e++) {
        size_t ending = strlen(endings[e]);
        if (name.length <= ending ||
            memcmp(name.text + name.length - ending, endings[e], ending) != 0)
            continue;
        struct words start = {name.text, name.length - ending};
        for (int i = 0; i < ELEMENT_TYPE_COUNT; i++)
            if (words_are(start, element_types[i].name))
                return &element_types[i];
    }
    return NULL;
}

static const struct allowed *find_allowed(struct words module, struct words name)
{
    for (int i = 0; i < ALLOWED_COUNT; i++)
        if (words_are(module, allowed[i].module) && words_are(name, allowed[i].name))
            return &allowed[i];
    return find_element_type(module, name);
}

enum status objects_global(struct pickle *pickle, size_t at, const char *module,
                           size_t module_length, const char *name, size_t name_length,
                           struct value **result, struct error *error)
{
    const struct allowed *found =
        find_allowed((struct words){module, module_length}, (struct words){name, name_length});
    char module_text[SHOWN_SIZE], name_text[SHOWN_SIZE];
    if (!found)
        return pickle_refuse(
            pickle, at, error,
            "wants Python's %s.%s; only a state_dict of plain tensors (float16, float32, float64, "
            "integers) is read, never code or whole models. In Python, load the model and save "
            "torch.save(model.state_dict(), \"weights.pth\")",
            shown(module_text, module, module_length), shown(name_text, name, name_length));
    struct value *value = value_new(pickle->arena, VALUE_GLOBAL);
    if (!value)
        return error_memory(error, "a pickled object");
    value->global = found;
    *result = value;
    return OK;
}

bool objects_dtype(const struct value *global, enum dtype *dtype)
{
    if (global->kind != VALUE_GLOBAL || global->global->kind != ALLOWED_ELEMENTS)
        return false;
    *dtype = global->global->dtype;
    return true;
}

static bool read_sizes(const struct value *tuple, int rank, int64_t *sizes)
{
    if (tuple->kind != VALUE_TUPLE || tuple->count != (uint32_t)rank)
        return false;
    for (int i = 0; i < rank; i++) {
        if (tuple->items[i]->kind != VALUE_INT || tuple->items[i]->integer < 0)
            return false;
        sizes[i] = tuple->items[i]->integer;
    }
    return true;
}

/* A tensor out of a storage, an offset, a shape and strides. */
static enum status read_tensor(const struct pickle *pickle, size_t at, struct value **parts,
                               struct tensor **result, struct error *error)
{
    const struct value *shape = parts[2];
    if (shape->kind == VALUE_TUPLE && shape->count > WEIGHT_MAX_RANK)
        return pickle_refuse(pickle, at, error, "a tensor has %u dimensions; at most %d are read",
                             shape->count, WEIGHT_MAX_RANK);
    struct tensor *tensor = arena_alloc(pickle->arena, 1, sizeof *tensor);
    if (!tensor)
        return error_memory(error, "a pickled tensor");
    tensor->rank = (int)shape->count;
    if (parts[0]->kind != VALUE_STORAGE || parts[1]->kind != VALUE_INT || parts[1]->integer < 0 ||
        !read_sizes(shape, tensor->rank, tensor->shape) ||
        !read_sizes(parts[3], tensor->rank, tensor->stride))
        return pickle_refuse(pickle, at, error,
                             "a tensor is not made of a storage, an offset, a shape and as many "
                             "strides, none of them negative; the file is damaged: get it again");
    tensor->storage = parts[0]->storage;
    tensor->offset = parts[1]->integer;
    *result = tensor;
    return OK;
}

/* Without parts, one that gets them as its state. */
static enum status make_tensor(struct pickle *pickle, size_t at, struct value **parts,
                               struct value **result, struct error *error)
{
    *result = value_new(pickle->arena, VALUE_TENSOR);
    if (!*result)
        return error_memory(error, "a pickled tensor");
    return parts ? read_tensor(pickle, at, parts, &(*result)->tensor, error) : OK;
}

/* The same of a parameter. */
static enum status make_parameter(struct pickle *pickle, size_t at, struct value *tensor,
                                  struct value **result, struct error *error)
{
    if (tensor && tensor->kind != VALUE_TENSOR)
        return pickle_refuse(pickle, at, error, "a parameter is made of %s; a tensor is wanted",
                             value_describe(tensor));
    *result = value_new(pickle->arena, VALUE_PARAMETER);
    if (!*result)
        return error_memory(error, "a pickled parameter");
    (*result)->data = tensor;
    return OK;
}

/* Python 3 makes an empty one and fills it afterwards; Python 2 hands over a list of pairs. It may
 * do so once, so that a short pickle cannot become many copies of a long list. */
static enum status make_ordered_dict(struct pickle *pickle, size_t at,
                                     const struct value *arguments, struct value **result,
                                     struct error *error)
{
    struct value *dict = value_new(pickle->arena, VALUE_ORDERED_DICT);
    if (!dict)
        return error_memory(error, "a pickled dictionary");
    *result = dict;
    if (arguments->count == 0)
        return OK;
    struct value *pairs = arguments->items[0];
    if (arguments->count != 1 || pairs->kind != VALUE_LIST)
        return pickle_refuse(pickle, at, error, "an OrderedDict is not made of a list of pairs");
    dict->items = arena_alloc(pickle->arena, pairs->count, 2 * sizeof *dict->items);
    if (!dict->items)
        return error_memory(error, "a pickled dictionary");
    for (uint32_t i = 0; i < pairs->count; i++) {
        const struct value *pair = pairs->items[i];
        if ((pair->kind != VALUE_LIST && pair->kind != VALUE_TUPLE) || pair->count != 2)
            return pickle_refuse(pickle, at, error,
                                 "an OrderedDict is not made of a list of pairs");
        memcpy(&dict->items[2 * i], pair->items, 2 * sizeof *dict->items);
    }
    dict->count = dict->room = 2 * pairs->count;
    pairs->kind = VALUE_SPENT;
    return OK;
}

static bool is_plain(const struct value *requires_grad, const struct value *hooks)
{
    return requires_grad->kind == VALUE_BOOL &&
           (hooks->kind == VALUE_NONE || (value_is_dict(hooks) && hooks->count == 0));
}

enum status objects_make(struct pickle *pickle, size_t at, const struct value *callable,
                         const struct value *arguments, struct value **result, struct error *error)
{
    if (callable->kind != VALUE_GLOBAL || arguments->kind != VALUE_TUPLE)
        return pickle_refuse(pickle, at, error, "calls %s with %s", value_describe(callable),
                             value_describe(arguments));
    uint32_t count = arguments->count;
    struct value **items = arguments->items;
    switch (callable->global->kind) {
    case ALLOWED_ORDERED_DICT:
        return make_ordered_dict(pickle, at, arguments, result, error);
    case ALLOWED_ELEMENTS:
        if (count == 0)
            return make_tensor(pickle, at, NULL, result, error);
        break;
    case ALLOWED_TENSOR:
        if (count == 4)
            return make_tensor(pickle, at, items, result, error);
        break;
    case ALLOWED_TENSOR_V2:
        /* Metadata, where there is any, says that the numbers are stored negated or conjugated. */
        if ((count == 6 || (count == 7 && value_is_dict(items[6]) && items[6]->count == 0)) &&
            is_plain(items[4], items[5]))
            return make_tensor(pickle, at, items, result, error);
        break;
    case ALLOWED_PARAMETER_CALL:
        if (count == 3 && is_plain(items[1], items[2]))
            return make_parameter(pickle, at, items[0], result, error);
        break;
    case ALLOWED_PARAMETER:
        if (count <= 1)
            return make_parameter(pickle, at, count ? items[0] : NULL, result, error);
        break;
    }
    return pickle_refuse(pickle, at, error,
                         "calls %s.%s with %u arguments that it does not take in a state_dict",
                         callable->global->module, callable->global->name, count);
}

/* PyTorch of before 2018 made tensors and parameters empty and then set their state: (storage,
 * offset, shape, strides), and (tensor, gradient, hooks, requires_grad, volatile). Without the
 * first two, and in a state_dict's _metadata, is nothing that bears on the numbers. */
enum status objects_build(const struct pickle *pickle, size_t at, struct value *object,
                          const struct value *state, struct error *error)
{
    uint32_t count = state->kind == VALUE_TUPLE ? state->count : 0;
    if (object->kind == VALUE_ORDERED_DICT && value_is_dict(state))
        return OK;
    if (object->kind == VALUE_PARAMETER && object->data && count == 3)
        return OK;
    if (object->kind == VALUE_PARAMETER && !object->data && count == 5 &&
        state->items[0]->kind == VALUE_TENSOR) {
        object->data = state->items[0];
        return OK;
    }
    if (object->kind == VALUE_TENSOR && !object->tensor && count == 4)
        return read_tensor(pickle, at, state->items, &object->tensor, error);
    return pickle_refuse(pickle, at, error,
                         "sets the state of %s to %s; that is not done in a state_dict",
                         value_describe(object), value_describe(state));
}

static enum status make_storage(struct pickle *pickle, size_t at, const struct value *id,
                                struct value **result, struct error *error)
{
    enum dtype dtype;
    struct value **items = id->items;
    /* The stream layout has a sixth member for views of storages; nothing has set it since 2017. */
    if (id->count < 5 || id->count > 6 || !value_is_string(items[0], "storage") ||
        !objects_dtype(items[1], &dtype) || items[2]->kind != VALUE_STRING ||
        items[3]->kind != VALUE_STRING || items[4]->kind != VALUE_INT || items[4]->integer < 0 ||
        (id->count == 6 && items[5]->kind != VALUE_NONE))
        return pickle_refuse(pickle, at, error,
                             "a persistent id is not (\"storage\", type, key, location, count); "
                             "if a whole model was saved, save model.state_dict() instead");
    struct value *value = value_new(pickle->arena, VALUE_STORAGE);
    struct storage *storage = arena_alloc(pickle->arena, 1, sizeof *storage);
    if (!value || !storage)
        return error_memory(error, "a pickled storage");
    *storage = (struct storage){.key = items[2]->text,
                                .key_length = items[2]->count,
                                .dtype = dtype,
                                .numel = items[4]->integer,
                                .next = pickle->storages};
    pickle->storages = storage;
    value->storage = storage;
    *result = value;
    return OK;
}

enum status objects_persistent(struct pickle *pickle, size_t at, const struct value *id,
                               struct value **result, struct error *error)
{
    if (!pickle->reference && id->kind == VALUE_TUPLE)
        return make_storage(pickle, at, id, result, error);
    if (!pickle->reference || id->kind != VALUE_STRING)
        return pickle_refuse(pickle, at, error,
                             "a persistent id is %s; if a whole model was "
                             "saved, save model.state_dict() instead",
                             value_describe(id));
    char text[SHOWN_SIZE];
    struct tensor *tensor = pickle->reference(pickle->context, id->text, id->count);
    if (!tensor)
        return pickle_refuse(pickle, at, error,
                             "names tensor \"%s\", which the member \"tensors\" does not have",
                             shown(text, id->text, id->count));
    struct value *value = value_new(pickle->arena, VALUE_TENSOR);
    if (!value)
        return error_memory(error, "a pickled tensor");
    value->tensor = tensor;
    *result = value;
    return OK;
}
