#include "weights/pickle.h"

#include <string.h>

struct value *value_new(struct arena *arena, enum value_kind kind)
{
    struct value *value = arena_alloc(arena, 1, sizeof *value);
    if (value)
        value->kind = kind;
    return value;
}

bool value_is_string(const struct value *value, const char *text)
{
    return value->kind == VALUE_STRING && value->count == strlen(text) &&
           memcmp(value->text, text, value->count) == 0;
}

bool value_is_dict(const struct value *value)
{
    return value->kind == VALUE_DICT || value->kind == VALUE_ORDERED_DICT;
}

struct value *value_get(const struct value *dict, const char *key)
{
    for (uint32_t i = 0; i < dict->count; i += 2)
        if (value_is_string(dict->items[i], key))
            return dict->items[i + 1];
    return NULL;
}

const char *value_describe(const struct value *value)
{
    static const char *const descriptions[] = {
        [VALUE_NONE] = "None",
        [VALUE_BOOL] = "a bool",
        [VALUE_INT] = "an integer",
        [VALUE_LONG] = "a long integer",
        [VALUE_FLOAT] = "a number",
        [VALUE_STRING] = "a string",
        [VALUE_TUPLE] = "a tuple",
        [VALUE_LIST] = "a list",
        [VALUE_SPENT] = "a list used before",
        [VALUE_DICT] = "a dict",
        [VALUE_ORDERED_DICT] = "an OrderedDict",
        [VALUE_GLOBAL] = "a class or function",
        [VALUE_STORAGE] = "a storage",
        [VALUE_TENSOR] = "a tensor",
        [VALUE_PARAMETER] = "a parameter",
        [VALUE_MARK] = "a mark",
    };
    return descriptions[value->kind];
}
