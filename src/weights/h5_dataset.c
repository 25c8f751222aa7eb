#include "weights/h5_dataset.h"

#include "weights/dtype.h"
#include "weights/h5_chunks.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static herr_t note_description(unsigned depth, const H5E_error2_t *entry, void *text)
{
    if (depth == 0 && entry->desc) /* up to the first colon: addresses and the like follow */
        snprintf(text, 200, "%.*s", (int)strcspn(entry->desc, ":"), entry->desc);
    return 0;
}

enum status h5_failed(struct error *error, const char *what)
{
    char text[200] = "without a reason";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_description, text); /* the cause comes first */
    return error_set(error, BAD_INPUT,
                     "the HDF5 library cannot read %s: %s; the file is damaged: get it again", what,
                     text);
}

static enum status refuse(struct error *error, const char *name, const char *what)
{
    return error_set(error, BAD_INPUT, "dataset %s %s; Keras writes none such", name, what);
}

static enum status check_storage(hid_t properties, const char *name, struct error *error)
{
    H5D_layout_t layout = H5Pget_layout(properties);
    if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED)
        return refuse(error, name, "is virtual: put together out of others");
    if (H5Pget_external_count(properties) != 0)
        return refuse(error, name, "keeps its elements in other files");
    int filters = H5Pget_nfilters(properties);
    for (int i = 0; i < filters; i++) {
        unsigned flags;
        size_t values = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(properties, (unsigned)i, &flags, &values, NULL, 0, NULL, NULL);
        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
            filter != H5Z_FILTER_FLETCHER32)
            return refuse(error, name, "has a filter other than deflate, shuffle and fletcher32");
    }
    return filters < 0 ? h5_failed(error, name) : OK;
}

/* binary16, for which the library of Debian 12 has no name of its own. */
static hid_t half_type(void)
{
    hid_t type = H5Tcopy(H5T_IEEE_F32LE);
    if (type < 0 || H5Tset_fields(type, 15, 10, 5, 0, 10) < 0 || H5Tset_size(type, 2) < 0 ||
        H5Tset_ebias(type, 15) < 0)
        return -1;
    return type;
}

static enum status read_type(struct h5_dataset *dataset, const char *name, struct error *error)
{
    hid_t half = half_type();
    const struct {
        hid_t type;
        enum dtype dtype;
    } types[] = {{H5T_IEEE_F32LE, DTYPE_F32}, {H5T_IEEE_F64LE, DTYPE_F64}, {half, DTYPE_F16}};
    dataset->type = H5Dget_type(dataset->dataset);
    if (half < 0 || dataset->type < 0)
        return h5_failed(error, name);
    if (H5Tcommitted(dataset->type) != 0)
        return refuse(error, name, "has a type that is an object of its own");
    for (int i = 0; i < 3; i++) {
        if (H5Tequal(dataset->type, types[i].type) > 0) {
            dataset->dtype = types[i].dtype;
            H5Tclose(half);
            return OK;
        }
    }
    return refuse(error, name, "is not of little-endian float16, float32 or float64");
}

static enum status read_shape(struct h5_dataset *dataset, hid_t space, const char *name,
                              struct error *error)
{
    hsize_t sizes[H5S_MAX_RANK];
    H5S_class_t class = H5Sget_simple_extent_type(space);
    dataset->rank = H5Sget_simple_extent_dims(space, sizes, NULL);
    if ((class != H5S_SIMPLE && class != H5S_SCALAR) || dataset->rank < 0)
        return refuse(error, name, "has no shape");
    if (dataset->rank > WEIGHT_MAX_RANK)
        return refuse(error, name, "has more than 8 dimensions");
    dataset->size = dtype_size(dataset->dtype);
    for (int i = 0; i < dataset->rank; i++) {
        if (sizes[i] > INT64_MAX || __builtin_mul_overflow(dataset->size, sizes[i], &dataset->size))
            return refuse(error, name, "has more elements than can be counted");
        dataset->shape[i] = (int64_t)sizes[i];
    }
    return OK;
}

/* Where space was set aside but never written the library would make up zeros, and where there is
 * less than the type and shape need it would hand out what its memory held before. */
static bool is_whole(const struct h5_dataset *dataset, hid_t properties)
{
    if (dataset->size == 0)
        return true;
    if (H5Pget_layout(properties) == H5D_CHUNKED)
        return h5_chunks_are_whole(dataset, properties);
    return H5Dget_storage_size(dataset->dataset) == dataset->size;
}

enum status h5_dataset_open(struct h5_dataset *dataset, hid_t object, const char *name,
                            struct error *error)
{
    *dataset = (struct h5_dataset){.dataset = object};
    hid_t properties = H5Dget_create_plist(object), space = H5Dget_space(object);
    if (properties < 0 || space < 0)
        return h5_failed(error, name);
    enum status status = check_storage(properties, name, error);
    if (status == OK)
        status = read_type(dataset, name, error);
    if (status == OK)
        status = read_shape(dataset, space, name, error);
    if (status == OK && !is_whole(dataset, properties))
        return refuse(error, name,
                      "has elements that were never written, or of another size than its type's");
    H5Sclose(space);
    H5Pclose(properties);
    return status;
}

enum status h5_dataset_read(const struct h5_dataset *dataset, const char *name, void *to,
                            struct error *error)
{
    if (dataset->size > 0 &&
        H5Dread(dataset->dataset, dataset->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to) < 0)
        return h5_failed(error, name);
    return OK;
}

void h5_dataset_close(struct h5_dataset *dataset)
{
    H5Tclose(dataset->type);
    H5Dclose(dataset->dataset);
}
