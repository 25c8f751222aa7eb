#include "data/npy_dict.h"

#include <string.h>

const char *const npy_type_codes[NPY_TYPES] = {
    [NPY_BOOL] = "|b1", [NPY_I8] = "|i1",  [NPY_U8] = "|u1",  [NPY_I16] = "<i2",
    [NPY_U16] = "<u2",  [NPY_I32] = "<i4", [NPY_U32] = "<u4", [NPY_I64] = "<i8",
    [NPY_U64] = "<u8",  [NPY_F16] = "<f2", [NPY_F32] = "<f4", [NPY_F64] = "<f8"};

enum { SEEN_TYPE = 1, SEEN_ORDER = 2, SEEN_SHAPE = 4, SEEN_ALL = 7 };

struct cursor {
    const char *start, *at, *end;
    const char *path;
    struct error *error;
};

static enum status refuse(const struct cursor *in, const char *wanted)
{
    return error_set(in->error, BAD_INPUT,
                     "%s: byte %td of the .npy header: %s; the file is damaged or was not written "
                     "by NumPy: save it again with numpy.save",
                     in->path, in->at - in->start, wanted);
}

static void skip_blanks(struct cursor *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\n'))
        in->at++;
}

/* Step over blanks and then over `wanted` if it comes next. */
static bool take(struct cursor *in, const char *wanted)
{
    skip_blanks(in);
    size_t length = strlen(wanted);
    if ((size_t)(in->end - in->at) < length || memcmp(in->at, wanted, length))
        return false;
    in->at += length;
    return true;
}

/* A quoted string without escapes, as a pointer into the header and a length. */
static enum status parse_string(struct cursor *in, const char **text, size_t *length)
{
    skip_blanks(in);
    if (in->at == in->end || (*in->at != '\'' && *in->at != '"'))
        return refuse(in, "a quoted string is wanted");
    const char *first = in->at + 1;
    const char *last = memchr(first, *in->at, (size_t)(in->end - first));
    if (!last || memchr(first, '\\', (size_t)(last - first)))
        return refuse(in, "the string that begins here has no end or holds a backslash");
    *text = first;
    *length = (size_t)(last - first);
    in->at = last + 1;
    return OK;
}

static enum status refuse_type(const struct cursor *in, const char *code, size_t length)
{
    const char *why = "is not a type that is read here (bool, integers, floats)";
    if (length && code[0] == '>')
        why = "is big-endian; only little-endian arrays are read";
    else if (length > 1 && code[1] == 'O')
        why = "means Python objects, which would have to be run, not read";
    for (size_t i = 0; i < length; i++)
        if (code[i] < ' ' || code[i] > '~')
            return refuse(in, "the type's name holds a control character");
    return error_set(in->error, BAD_INPUT,
                     "%s: its type '%.*s' %s: convert it with numpy's astype and save it again",
                     in->path, (int)(length < 40 ? length : 40), code, why);
}

static enum status parse_type(struct cursor *in, struct npy_dict *dict)
{
    skip_blanks(in);
    if (in->at < in->end && *in->at == '[')
        return refuse(in, "a structured type; an array of one plain type is wanted");
    const char *code;
    size_t length;
    enum status status = parse_string(in, &code, &length);
    if (status != OK)
        return status;
    for (int type = 0; type < NPY_TYPES; type++) {
        if (length == 3 && !memcmp(code, npy_type_codes[type], 3)) {
            dict->type = (enum npy_type)type;
            return OK;
        }
    }
    return refuse_type(in, code, length);
}

static enum status parse_order(struct cursor *in, struct npy_dict *dict)
{
    dict->fortran_order = take(in, "True");
    if (!dict->fortran_order && !take(in, "False"))
        return refuse(in, "True or False is wanted");
    return OK;
}

static enum status parse_size(struct cursor *in, int64_t *size)
{
    skip_blanks(in);
    const char *first = in->at;
    *size = 0;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++)
        if (__builtin_mul_overflow(*size, 10, size) ||
            __builtin_add_overflow(*size, *in->at - '0', size))
            return refuse(in, "the size is too large");
    return in->at == first ? refuse(in, "a size of the shape is wanted") : OK;
}

/* A tuple: "()", "(3,)", "(3, 4)" or "(3, 4,)". */
static enum status parse_shape(struct cursor *in, struct npy_dict *dict)
{
    if (!take(in, "("))
        return refuse(in, "the shape's opening bracket is wanted");
    dict->rank = 0;
    while (!take(in, ")")) {
        if (dict->rank == NPY_MAX_RANK)
            return refuse(in, "the shape has more than 8 dimensions");
        enum status status = parse_size(in, &dict->shape[dict->rank]);
        if (status != OK)
            return status;
        bool comma = take(in, ",");
        skip_blanks(in);
        bool closes = in->at < in->end && *in->at == ')';
        if (!comma && (!closes || dict->rank == 0)) /* "(3)" is a number, not a tuple */
            return refuse(in, "a comma is wanted");
        dict->rank++;
    }
    return OK;
}

static enum status parse_entry(struct cursor *in, struct npy_dict *dict, int *seen)
{
    static const struct {
        const char *key;
        int bit;
        enum status (*parse)(struct cursor *in, struct npy_dict *dict);
    } entries[] = {{"descr", SEEN_TYPE, parse_type},
                   {"fortran_order", SEEN_ORDER, parse_order},
                   {"shape", SEEN_SHAPE, parse_shape}};
    const char *key;
    size_t length;
    enum status status = parse_string(in, &key, &length);
    if (status != OK)
        return status;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        if (length != strlen(entries[i].key) || memcmp(key, entries[i].key, length))
            continue;
        if (*seen & entries[i].bit)
            return refuse(in, "this key comes twice");
        *seen |= entries[i].bit;
        return take(in, ":") ? entries[i].parse(in, dict) : refuse(in, "a colon is wanted");
    }
    return refuse(in, "before it stands a key other than 'descr', 'fortran_order' and 'shape'");
}

enum status npy_dict_parse(const char *text, size_t length, const char *path, struct npy_dict *dict,
                           struct error *error)
{
    struct cursor in = {.start = text, .at = text, .end = text + length, path, error};
    int seen = 0;
    if (!take(&in, "{"))
        return refuse(&in, "an opening brace is wanted");
    while (!take(&in, "}")) {
        enum status status = parse_entry(&in, dict, &seen);
        if (status != OK)
            return status;
        bool comma = take(&in, ",");
        skip_blanks(&in);
        if (!comma && !(in.at < in.end && *in.at == '}'))
            return refuse(&in, "a comma or the closing brace is wanted");
    }
    if (seen != SEEN_ALL)
        return refuse(&in, "'descr', 'fortran_order' and 'shape' are wanted, and one is missing");
    skip_blanks(&in);
    return in.at == in.end ? OK : refuse(&in, "something follows the closing brace");
}
