/* The layout since 2020, a zip archive with one folder: FOLDER/data.pkl is the state_dict,
 * FOLDER/data/KEY the elements of each storage, FOLDER/byteorder "little" where it is there. */
#include "weights/pth.h"

#include "base/file.h"
#include "weights/storage_table.h"
#include "weights/zip_index.h"

#include <stdio.h>
#include <string.h>

enum { MAX_KEY = 100 }; /* PyTorch's are small numbers */

struct archive {
    struct weights_file *file;
    struct arena arena;
    struct zip_index index;
    const char *folder; /* with its slash */
    struct storage_table storages;
};

/* Archives of others that a user may take for weights, by an entry that each has. */
static const struct {
    const char *ending, *what;
} others[] = {
    {"model.weights.h5", "a Keras .keras archive, which is not read yet; in Keras, save with "
                         "model.save(\"model.h5\")"},
    {"constants.pkl", "a TorchScript archive; in Python, save torch.jit.load(...).state_dict() "
                      "with torch.save"},
    {".npy", "NumPy's .npz archive, which is not read as weights"},
    {"[Content_Types].xml", "an office document"},
};

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text), tail = strlen(ending);
    return length >= tail && strcmp(text + length - tail, ending) == 0;
}

static enum status refuse_other(const struct archive *archive, struct error *error)
{
    const char *what = "a zip archive, but not PyTorch's: it has no FOLDER/data.pkl";
    for (size_t o = sizeof others / sizeof *others; o-- > 0;)
        for (size_t i = 0; i < archive->index.count; i++)
            if (ends_in(archive->index.entries[i].name, others[o].ending))
                what = others[o].what;
    return error_set(error, BAD_INPUT, "%s: is %s", archive->file->weights.path, what);
}

/* The one folder that has a data.pkl right in it. */
static enum status find_folder(struct archive *archive, struct error *error)
{
    char *folder = NULL;
    for (size_t i = 0; i < archive->index.count; i++) {
        const char *name = archive->index.entries[i].name, *slash = strchr(name, '/');
        if (ends_in(name, "/constants.pkl"))
            return refuse_other(archive, error);
        if (!slash || strcmp(slash, "/data.pkl") != 0)
            continue;
        if (folder)
            return error_set(error, BAD_INPUT, "%s: has more than one FOLDER/data.pkl",
                             archive->file->weights.path);
        folder = arena_string(&archive->arena, name);
        if (!folder)
            return error_memory(error, "a zip entry's name");
        folder[slash + 1 - name] = '\0';
    }
    archive->folder = folder;
    return folder ? OK : refuse_other(archive, error);
}

/* NULL when there is no such entry in the folder. */
static enum status find_entry(struct archive *archive, const char *name,
                              const struct zip_entry **entry, struct error *error)
{
    *entry = NULL;
    const char *full = arena_printf(&archive->arena, "%s%s", archive->folder, name);
    if (!full)
        return error_memory(error, "a zip entry's name");
    *entry = zip_index_find(&archive->index, full);
    return OK;
}

static enum status load_entry(const struct archive *archive, const struct zip_entry *entry,
                              const char *name, struct bytes *bytes, struct error *error)
{
    const char *path = archive->file->weights.path;
    if (entry->size > PICKLE_MAX_SIZE)
        return error_set(error, BAD_INPUT, "%s: byte %llu: %s has %llu bytes; at most %d are read",
                         path, (unsigned long long)entry->header, name,
                         (unsigned long long)entry->size, PICKLE_MAX_SIZE);
    bytes->size = (size_t)entry->size;
    enum status status = bytes_reserve(bytes, bytes->size + 1, error);
    if (status != OK)
        return status;
    return file_read_at(archive->file->descriptor, path, bytes->data, bytes->size, entry->start,
                        error);
}

/* Archives of before 2022 do not have it, and are little-endian. */
static enum status check_byte_order(struct archive *archive, struct error *error)
{
    static const char name[] = "byteorder", little[] = "little";
    const struct zip_entry *entry = NULL;
    enum status status = find_entry(archive, name, &entry, error);
    if (status != OK || !entry)
        return status;
    struct bytes bytes = {0};
    status = load_entry(archive, entry, name, &bytes, error);
    if (status == OK && (bytes.size != strlen(little) || memcmp(bytes.data, little, bytes.size)))
        status = error_set(error, BAD_INPUT,
                           "%s: byte %llu: %s is not \"little\"; no other byte order is read",
                           archive->file->weights.path, (unsigned long long)entry->start, name);
    bytes_free(&bytes);
    return status;
}

/* A storage without an entry stays unplaced, to be named with the tensor that wants it. */
static enum status place_storage(struct archive *archive, struct storage *const *storage,
                                 struct error *error)
{
    const char *key = (*storage)->key;
    size_t length = (*storage)->key_length;
    if (length > MAX_KEY || memchr(key, '\0', length))
        return OK;
    char name[sizeof "data/" + MAX_KEY];
    snprintf(name, sizeof name, "data/%.*s", (int)length, key);
    const struct zip_entry *entry = NULL;
    enum status status = find_entry(archive, name, &entry, error);
    if (status != OK || !entry)
        return status;
    return storage_table_place(&archive->storages, storage, entry->start, entry->size, error);
}

static enum status place_storages(struct archive *archive, struct error *error)
{
    enum status status = OK;
    for (size_t i = 0; status == OK && i < archive->storages.count; i++)
        if (!archive->storages.sorted[i]->placed) /* with an equal key before it */
            status = place_storage(archive, &archive->storages.sorted[i], error);
    return status;
}

static enum status list(struct archive *archive, struct bytes *bytes, struct error *error)
{
    static const char name[] = "data.pkl";
    const struct zip_entry *entry = NULL;
    struct value *object;
    enum status status = find_entry(archive, name, &entry, error);
    if (status == OK)
        status = load_entry(archive, entry, name, bytes, error);
    if (status != OK)
        return status;
    struct pickle pickle = {.path = archive->file->weights.path,
                            .part = name,
                            .data = bytes->data,
                            .size = bytes->size,
                            .origin = entry->start,
                            .arena = &archive->arena};
    status = pickle_load_all(&pickle, &object, error);
    if (status == OK)
        status = storage_table_make(&archive->storages, pickle.path, pickle.storages,
                                    &archive->arena, error);
    if (status == OK)
        status = place_storages(archive, error);
    return status == OK ? pth_list_tensors(archive->file, object, error) : status;
}

enum status pth_zip_list(struct weights_file *file, struct error *error)
{
    struct archive archive = {.file = file};
    struct bytes bytes = {0};
    enum status status = zip_index_read(&archive.index, file, &archive.arena, error);
    if (status == OK)
        status = find_folder(&archive, error);
    if (status == OK)
        status = check_byte_order(&archive, error);
    if (status == OK)
        status = list(&archive, &bytes, error);
    if (status == OK)
        status = zip_index_checksums(&archive.index, file, error);
    bytes_free(&bytes);
    arena_free(&archive.arena);
    return status;
}
