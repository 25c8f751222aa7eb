#include "weights/h5_child.h"

#include "weights/h5_dataset.h"
#include "weights/h5_record.h"

#include "base/arena.h"
#include "base/error.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The process ends with the file: objects that are left open on a failure, and strings that the
 * library allocates, are let go by that. */
struct reader {
    struct h5_child *child;
    int output;
    struct arena arena;
    void *tensor; /* the elements of the one being read */
    size_t tensor_size;
    struct error error;
};

struct names {
    const char **list;
    size_t count;
};

void h5_child_prepare(void *child)
{
    (void)child;
    clearenv(); /* the library takes drivers and plug-ins from there */
    setenv("HDF5_PLUGIN_PRELOAD", "::", 1);
    H5dont_atexit();
    H5open();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* The library would copy the image that it is given; it gets the mapped file each time it asks for
 * memory, and nothing to free. */
static void *image_take(size_t size, H5FD_file_image_op_t operation, void *child)
{
    (void)operation;
    const struct h5_child *image = child;
    return size == image->size ? image->map : NULL;
}

static void *image_copy(void *to, const void *from, size_t size, H5FD_file_image_op_t operation,
                        void *child)
{
    (void)size, (void)operation, (void)child;
    return to == from ? to : NULL;
}

static void *image_grow(void *at, size_t size, H5FD_file_image_op_t operation, void *child)
{
    (void)at, (void)size, (void)operation, (void)child;
    return NULL;
}

static herr_t image_free(void *at, H5FD_file_image_op_t operation, void *child)
{
    (void)at, (void)operation, (void)child;
    return 0;
}

static void *image_share(void *child)
{
    return child;
}

static herr_t image_unshare(void *child)
{
    (void)child;
    return 0;
}

static hid_t open_image(struct h5_child *child)
{
    H5FD_file_image_callbacks_t callbacks = {image_take,  image_copy,    image_grow, image_free,
                                             image_share, image_unshare, child};
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access < 0 || H5Pset_fapl_core(access, 1 << 16, false) < 0 ||
        H5Pset_file_image_callbacks(access, &callbacks) < 0 ||
        H5Pset_file_image(access, child->map, child->size) < 0)
        return -1;
    /* Absolute: with another the library would look for the working folder. */
    return H5Fopen("/weights.h5", H5F_ACC_RDONLY, access);
}

static enum status refuse_name(struct reader *reader, const char *what)
{
    return error_set(&reader->error, BAD_INPUT,
                     "attribute %s is not a list of at most 65,536 strings of at most %d bytes",
                     what, H5_MAX_NAME);
}

/* Strings of one length, as Keras 1 and 2 write them, or each of its own, as Keras 3 does. */
static enum status read_strings(struct reader *reader, hid_t attribute, hid_t type, size_t count,
                                const char **strings, const char *what)
{
    if (H5Tis_variable_str(type) > 0) {
        if (H5Aread(attribute, type, strings) < 0)
            return h5_failed(&reader->error, what);
    } else {
        size_t size = H5Tget_size(type);
        if (size > H5_MAX_NAME)
            return refuse_name(reader, what);
        char *bytes = arena_alloc(&reader->arena, count, size);
        char *copies = arena_alloc(&reader->arena, count, size + 1);
        if (!bytes || !copies)
            return error_memory(&reader->error, "the names of layers and weights");
        if (H5Aread(attribute, type, bytes) < 0)
            return h5_failed(&reader->error, what);
        for (size_t i = 0; i < count; i++)
            strings[i] = memcpy(copies + i * (size + 1), bytes + i * size, size);
    }
    for (size_t i = 0; i < count; i++)
        if (!strings[i] || strnlen(strings[i], H5_MAX_NAME + 1) > H5_MAX_NAME)
            return refuse_name(reader, what);
    return OK;
}

/* Add an attribute's strings to `names`. */
static enum status read_attribute(struct reader *reader, hid_t object, const char *what,
                                  struct names *names)
{
    hid_t attribute = H5Aopen(object, what, H5P_DEFAULT);
    hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    hssize_t count = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    if (type < 0 || count < 0)
        return h5_failed(&reader->error, what);
    if (count > 0) { /* without any, it is of whatever type */
        if (H5Tget_class(type) != H5T_STRING || H5Tcommitted(type) != 0 ||
            H5Sget_simple_extent_ndims(space) != 1 || (size_t)count > H5_MAX_NAMES - names->count)
            return refuse_name(reader, what);
        size_t total = names->count + (size_t)count;
        const char **list = arena_alloc(&reader->arena, total, sizeof *list);
        if (!list)
            return error_memory(&reader->error, "the names of layers and weights");
        if (names->count)
            memcpy(list, names->list, names->count * sizeof *list);
        enum status status =
            read_strings(reader, attribute, type, (size_t)count, list + names->count, what);
        if (status != OK)
            return status;
        *names = (struct names){list, total};
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return OK;
}

/* A list too long for one attribute is in several, numbered from 0. */
static enum status read_names(struct reader *reader, hid_t object, const char *attribute,
                              struct names *names, bool *found)
{
    *names = (struct names){0};
    *found = H5Aexists(object, attribute) > 0;
    if (*found)
        return read_attribute(reader, object, attribute, names);
    enum status status = OK;
    for (int i = 0; status == OK; i++) {
        char part[40];
        snprintf(part, sizeof part, "%s%d", attribute, i);
        if (H5Aexists(object, part) <= 0)
            break;
        *found = true;
        status = read_attribute(reader, object, part, names);
    }
    return status;
}

/* Walk a path of hard links to an object of one kind. */
static enum status open_path(struct reader *reader, hid_t from, const char *path, H5I_type_t kind,
                             hid_t *object)
{
    hid_t at = from;
    for (const char *rest = path;;) {
        char part[H5_MAX_NAME + 1];
        size_t length = strcspn(rest, "/");
        snprintf(part, sizeof part, "%.*s", (int)length, rest);
        bool last = rest[length] == '\0';
        H5L_info_t link;
        if (length == 0 || strcmp(part, ".") == 0)
            return error_set(&reader->error, BAD_INPUT, "\"%s\" is no name", path);
        if (H5Lget_info(at, part, &link, H5P_DEFAULT) < 0)
            return h5_failed(&reader->error, path);
        if (link.type != H5L_TYPE_HARD)
            return error_set(&reader->error, BAD_INPUT,
                             "\"%s\" is a soft or external link; Keras writes none", path);
        hid_t next = H5Oopen(at, part, H5P_DEFAULT);
        if (next < 0)
            return h5_failed(&reader->error, path);
        if (H5Iget_type(next) != (last ? kind : H5I_GROUP))
            return error_set(&reader->error, BAD_INPUT, "\"%s\" is not %s", path,
                             kind == H5I_GROUP ? "a group" : "a dataset");
        if (at != from)
            H5Oclose(at);
        at = next;
        if (last)
            break;
        rest += length + 1;
    }
    *object = at;
    return OK;
}

static enum status put(struct reader *reader, const void *data, size_t size)
{
    const char *next = data;
    while (size > 0) {
        ssize_t written = write(reader->output, next, size);
        if (written <= 0)
            return error_set(&reader->error, IO_FAILED, "cannot write to memory");
        next += written;
        size -= (size_t)written;
    }
    return OK;
}

static enum status send_tensor(struct reader *reader, const char *layer, const char *weight,
                               const struct h5_dataset *dataset)
{
    if (dataset->size > reader->child->room)
        return error_set(
            &reader->error, BAD_INPUT,
            "dataset %s/%s: the tensors up to here take more than 16 MiB and 4 times the "
            "file's size",
            layer, weight);
    reader->child->room -= dataset->size;
    if (dataset->size > reader->tensor_size) {
        free(reader->tensor);
        reader->tensor_size = (size_t)dataset->size;
        reader->tensor = malloc(reader->tensor_size);
        if (!reader->tensor)
            return error_memory(&reader->error, "a dataset");
    }
    enum status status = h5_dataset_read(dataset, weight, reader->tensor, &reader->error);
    struct h5_record record = {
        .kind = H5_TENSOR, .dtype = dataset->dtype, .rank = dataset->rank, .size = dataset->size};
    memcpy(record.shape, dataset->shape, sizeof record.shape);
    snprintf(record.layer, sizeof record.layer, "%s", layer);
    snprintf(record.weight, sizeof record.weight, "%s", weight);
    if (status == OK)
        status = put(reader, &record, sizeof record);
    return status == OK ? put(reader, reader->tensor, (size_t)dataset->size) : status;
}

static enum status read_layer(struct reader *reader, hid_t root, const char *layer)
{
    hid_t group, object;
    struct names names;
    bool found;
    enum status status = open_path(reader, root, layer, H5I_GROUP, &group);
    if (status == OK)
        status = read_names(reader, group, "weight_names", &names, &found);
    if (status != OK)
        return status;
    if (!found)
        return error_set(&reader->error, BAD_INPUT, "layer %s has no attribute weight_names",
                         layer);
    for (size_t i = 0; i < names.count; i++) {
        struct h5_dataset dataset;
        status = open_path(reader, group, names.list[i], H5I_DATASET, &object);
        if (status == OK)
            status = h5_dataset_open(&dataset, object, names.list[i], &reader->error);
        if (status == OK)
            status = send_tensor(reader, layer, names.list[i], &dataset);
        if (status != OK)
            return status;
        h5_dataset_close(&dataset);
    }
    H5Gclose(group);
    return OK;
}

static enum status refuse_other(struct reader *reader, hid_t root)
{
    if (H5Lexists(root, "layers", H5P_DEFAULT) > 0 ||
        H5Lexists(root, "_layer_checkpoint_dependencies", H5P_DEFAULT) > 0)
        return error_set(&reader->error, BAD_INPUT,
                         "is in Keras 3's own .weights.h5 layout, which is not read yet; in Keras, "
                         "save with model.save(\"model.h5\")");
    return error_set(&reader->error, BAD_INPUT,
                     "is an HDF5 file, but not one of Keras weights: it has no attribute "
                     "layer_names, neither at its root nor on a group model_weights");
}

static enum status read_file(struct reader *reader)
{
    static const char loose[] = "top_level_model_weights";
    hid_t root = open_image(reader->child), models = root;
    struct names layers;
    bool found = false;
    if (root < 0)
        return h5_failed(&reader->error, "the file");
    enum status status = OK;
    if (H5Lexists(root, "model_weights", H5P_DEFAULT) > 0)
        status = open_path(reader, root, "model_weights", H5I_GROUP, &models);
    if (status == OK)
        status = read_names(reader, models, "layer_names", &layers, &found);
    if (status == OK && !found)
        return refuse_other(reader, root);
    for (size_t i = 0; status == OK && i < layers.count; i++)
        status = read_layer(reader, models, layers.list[i]);
    if (status == OK && H5Lexists(models, loose, H5P_DEFAULT) > 0)
        status = read_layer(reader, models, loose);
    return status;
}

void h5_child_work(void *child, int output)
{
    struct reader reader = {.child = child, .output = output};
    enum status status = read_file(&reader);
    struct h5_record record = {.kind = status == OK ? H5_END : H5_REFUSAL};
    record.out_of_memory = status == NO_MEMORY;
    if (status != OK)
        snprintf(record.reason, sizeof record.reason, "%s", reader.error.text);
    put(&reader, &record, sizeof record);
}
