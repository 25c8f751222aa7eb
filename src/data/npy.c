#include "data/npy.h"
#include "data/npy_dict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    MAGIC_SIZE = 6,
    PREFIX_1 = MAGIC_SIZE + 2 + 2, /* magic, version, length in 2 bytes */
    PREFIX_2 = MAGIC_SIZE + 2 + 4, /* versions 2 and 3: length in 4 bytes */
    HEADER_MAX = 10000,            /* NumPy's own limit for files that are not trusted */
    ALIGNMENT = 64,
    GROWTH_DIGITS = 21 /* NumPy leaves room for the first dimension to grow */
};
static const uint64_t DATA_MAX = (uint64_t)16 << 30;
static const char magic[MAGIC_SIZE + 1] = "\x93NUMPY";

struct source {
    int descriptor;
    const char *path;
    uint64_t size;
    uint64_t data; /* where the array's bytes begin */
    struct error *error;
};

int npy_item_size(enum npy_type type)
{
    return npy_type_codes[type][2] - '0';
}

static enum status refuse_magic(const struct source *source, const uint8_t *start, size_t size)
{
    const char *what = "does not begin with NumPy's magic bytes, so it is not an .npy file";
    if (size >= 4 && !memcmp(start, "PK\3\4", 4))
        what = "is a zip archive (.npz?), not an .npy file: save one array with numpy.save";
    else if (size >= 2 && start[0] == 0x1f && start[1] == 0x8b)
        what = "is compressed with gzip: decompress it first";
    else if (size >= 5 && (!memcmp(start, "<html", 5) || !memcmp(start, "<!DOC", 5)))
        what = "is a web page, not an .npy file: the download went wrong, get it again";
    else if (size >= 8 && !memcmp(start, "version ", 8))
        what = "is a git-lfs pointer, not the file itself: run git lfs pull";
    return error_set(source->error, BAD_INPUT, "%s: %s", source->path, what);
}

/* Find out where the header's text lies, and how long it is. */
static enum status read_prefix(struct source *source, uint64_t *start, uint64_t *length)
{
    uint8_t prefix[PREFIX_2] = {0};
    size_t size = source->size < PREFIX_2 ? (size_t)source->size : PREFIX_2;
    enum status status =
        file_read_at(source->descriptor, source->path, prefix, size, 0, source->error);
    if (status != OK)
        return status;
    if (size < MAGIC_SIZE || memcmp(prefix, magic, MAGIC_SIZE))
        return refuse_magic(source, prefix, size);
    uint8_t major = prefix[MAGIC_SIZE], minor = prefix[MAGIC_SIZE + 1];
    if (size == PREFIX_2 && (major < 1 || major > 3 || minor != 0))
        return error_set(source->error, BAD_INPUT,
                         "%s: .npy version %d.%d; versions 1.0, 2.0 and 3.0 are read: save it "
                         "again with numpy.save",
                         source->path, major, minor);
    *start = major == 1 ? PREFIX_1 : PREFIX_2;
    const uint8_t *field = prefix + MAGIC_SIZE + 2;
    *length = field[0] | (uint64_t)field[1] << 8;
    if (major > 1)
        *length |= (uint64_t)field[2] << 16 | (uint64_t)field[3] << 24;
    if (size < PREFIX_2 || *length > source->size - *start)
        return error_set(source->error, BAD_INPUT,
                         "%s: the file is cut short: it ends at byte %llu, inside its .npy header; "
                         "get it again",
                         source->path, (unsigned long long)source->size);
    if (*length > HEADER_MAX)
        return error_set(source->error, BAD_INPUT,
                         "%s: its .npy header is %llu bytes long; at most %d are read",
                         source->path, (unsigned long long)*length, HEADER_MAX);
    return OK;
}

static enum status read_header(struct source *source, struct npy_dict *dict)
{
    uint64_t start = 0, length = 0;
    enum status status = read_prefix(source, &start, &length);
    char text[HEADER_MAX];
    if (status == OK)
        status = file_read_at(source->descriptor, source->path, text, (size_t)length, start,
                              source->error);
    if (status == OK)
        status = npy_dict_parse(text, (size_t)length, source->path, dict, source->error);
    source->data = start + length;
    return status;
}

/* In Fortran order the bytes are the same only where at most one dimension is not 1. */
static enum status check_order(const struct source *source, const struct npy_dict *dict)
{
    int wide = 0;
    for (int i = 0; i < dict->rank; i++)
        wide += dict->shape[i] != 1;
    if (!dict->fortran_order || wide <= 1)
        return OK;
    return error_set(source->error, BAD_INPUT,
                     "%s: the array is stored in Fortran order (column by column); C order is "
                     "wanted: save numpy.ascontiguousarray of it",
                     source->path);
}

static enum status count_elements(const struct source *source, const struct npy_dict *dict,
                                  int64_t *count)
{
    int64_t bytes;
    *count = 1;
    bool overflow = false, empty = false;
    for (int i = 0; i < dict->rank; i++) { /* also without the zeros: readers multiply a part */
        empty |= dict->shape[i] == 0;
        overflow |= __builtin_mul_overflow(*count, dict->shape[i] ? dict->shape[i] : 1, count);
    }
    overflow |= __builtin_mul_overflow(*count, npy_item_size(dict->type), &bytes);
    if (empty)
        *count = 0;
    if (overflow || (uint64_t)bytes > DATA_MAX)
        return error_set(source->error, BAD_INPUT,
                         "%s: its shape is larger than the %llu GiB that are read", source->path,
                         (unsigned long long)(DATA_MAX >> 30));
    uint64_t have = source->size - source->data;
    bytes = empty ? 0 : bytes;
    if ((uint64_t)bytes == have)
        return OK;
    return error_set(source->error, BAD_INPUT,
                     "%s: its shape wants %lld bytes of data, and %llu follow the header: the file "
                     "%s; get it again",
                     source->path, (long long)bytes, (unsigned long long)have,
                     (uint64_t)bytes > have ? "is cut short" : "has bytes after the data");
}

static enum status load(struct source *source, struct npy *npy)
{
    struct npy_dict dict = {0};
    int64_t count = 0;
    enum status status = read_header(source, &dict);
    if (status == OK)
        status = check_order(source, &dict);
    if (status == OK)
        status = count_elements(source, &dict, &count);
    size_t bytes = (size_t)count * (size_t)npy_item_size(dict.type);
    if (status == OK)
        status = bytes_reserve(&npy->file, bytes ? bytes : 1, source->error);
    /* The data alone, so that it is aligned however long the header is. */
    if (status == OK)
        status = file_read_at(source->descriptor, source->path, npy->file.data, bytes, source->data,
                              source->error);
    if (status != OK)
        return status;
    npy->type = dict.type;
    npy->rank = dict.rank;
    memcpy(npy->shape, dict.shape, sizeof npy->shape);
    npy->count = count;
    npy->file.size = bytes;
    npy->data = npy->file.data;
    return OK;
}

enum status npy_load(const char *path, struct npy *npy, struct error *error)
{
    struct error ignored = {0};
    struct source source = {.path = path, .error = error ? error : &ignored};
    source.descriptor = file_open(path, &source.size, source.error);
    if (source.descriptor < 0)
        return source.error->status;
    *npy = (struct npy){.file = npy->file};
    enum status status = load(&source, npy);
    close(source.descriptor);
    return status;
}

void npy_free(struct npy *npy)
{
    bytes_free(&npy->file);
    *npy = (struct npy){0};
}

/* Append to the text in `text`, which has room for 256 bytes. */
__attribute__((format(printf, 2, 3))) static void append(char text[256], const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, 256 - length, format, arguments);
    va_end(arguments);
}

int npy_header(char header[256], enum npy_type type, int rank, const int64_t *shape)
{
    char text[256] = "";
    append(text, "{'descr': '%s', 'fortran_order': False, 'shape': (", npy_type_codes[type]);
    for (int i = 0; i < rank; i++)
        append(text, i ? ", %" PRId64 : "%" PRId64, shape[i]);
    append(text, rank == 1 ? ",), }" : "), }");
    int growth = rank ? GROWTH_DIGITS - snprintf(NULL, 0, "%" PRId64, shape[0]) : 0;
    int used = PREFIX_1 + (int)strlen(text);
    /* Blanks and a newline up to a multiple of 64; a whole 64 when it would be one already. */
    int size = (used + growth + 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
    memset(header, ' ', (size_t)size);
    memcpy(header, magic, MAGIC_SIZE);
    header[MAGIC_SIZE] = 1;
    header[MAGIC_SIZE + 1] = 0;
    header[MAGIC_SIZE + 2] = (char)((size - PREFIX_1) & 0xff);
    header[MAGIC_SIZE + 3] = (char)((size - PREFIX_1) >> 8);
    memcpy(header + PREFIX_1, text, strlen(text));
    header[size - 1] = '\n';
    return size;
}
