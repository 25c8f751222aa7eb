#include "data/layout.h"
#include "data/opened_set.h"
#include "data/path.h"
#include "data/printable.h"
#include "data/synsets.h"
#include "data/val.h"

#include <stdlib.h>
#include <string.h>

/* A file on its way to be a sample; without `found`, it only tells that its class folder is there.
 */
struct entry {
    const char *name; /* class folder, slash, file */
    const struct found *found;
};

struct arrangement {
    struct opened_set *opened;
    struct error *error;
    struct layout layout;
    struct entry *entries;
    long count;
};

static int compare_entries(const void *left, const void *right)
{
    return path_compare(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

static void leave_out(struct left_out *list, const char *name)
{
    if (list->count < DATASET_SHOWN)
        list->names[list->count] = name;
    list->count++;
}

static void add_entry(struct arrangement *set, const char *name, const struct found *found)
{
    set->entries[set->count++] = (struct entry){name, found};
}

/* Decide whether a file is an image of the set. */
static enum status place_file(struct arrangement *set, const struct found *found)
{
    struct dataset *out = &set->opened->set;
    const char *below = layout_below(&set->layout, found->name);
    bool image = path_is_image(found->name), flat = set->layout.flat;
    int number = flat && image ? val_number(below) : 0;
    if (flat && number > 0) {
        const char *name =
            arena_printf(&set->opened->arena, "%s/%s", synset_ids[val_label(number)], below);
        add_entry(set, name, found);
        return name ? OK : error_memory(set->error, "the names of the images");
    }
    bool in_class_folder = !flat && below && path_depth(below) > 0;
    if (image && in_class_folder && path_depth(below) == 1) {
        add_entry(set, below, found);
        return OK;
    }
    leave_out(image ? &out->misplaced : &out->other, found->name);
    if (in_class_folder)
        add_entry(set, below, NULL);
    return OK;
}

static enum status place_all(struct arrangement *set)
{
    const struct listing *listing = &set->opened->listing;
    enum status status = OK;
    for (long i = 0; status == OK && i < listing->count; i++)
        status = place_file(set, &listing->files[i]);
    for (long i = 0; status == OK && !set->layout.flat && i < listing->folder_count; i++) {
        const char *below = layout_below(&set->layout, listing->folders[i]);
        if (below && *below)
            add_entry(set, below, NULL);
    }
    if (status == OK)
        qsort(set->entries, (size_t)set->count, sizeof *set->entries, compare_entries);
    return status;
}

static enum status refuse_duplicates(const struct arrangement *set)
{
    const struct entry *entries = set->entries;
    for (long i = 1; i < set->count; i++) {
        const char *a = entries[i - 1].name, *b = entries[i].name;
        bool same_number = set->layout.flat && val_number(path_file(a)) == val_number(path_file(b));
        if (entries[i - 1].found && entries[i].found && (same_number || !strcmp(a, b)))
            return error_set(set->error, BAD_INPUT,
                             "%s: the image %s is there twice (also as %s): remove one",
                             set->opened->set.path, PRINTABLE(entries[i].found->name),
                             PRINTABLE(entries[i - 1].found->name));
    }
    return OK;
}

/* The entries of one class folder: from `first` to before `end`. */
struct group {
    long first, end, images;
};

/* Step from a group (zeroed: from before the first) to the next one. */
static bool next_group(const struct arrangement *set, struct group *group)
{
    *group = (struct group){.first = group->end, .end = group->end};
    while (group->end < set->count &&
           path_same_folder(set->entries[group->first].name, set->entries[group->end].name))
        group->images += set->entries[group->end++].found != NULL;
    return group->end > group->first;
}

/* The name of a group's folder, in the arena; NULL when memory runs out. */
static char *group_name(const struct arrangement *set, const struct group *group)
{
    const char *name = set->entries[group->first].name;
    return arena_printf(&set->opened->arena, "%.*s", (int)strcspn(name, "/"), name);
}

/* Name the classes; those of ImageNet when all folders with images are its synsets. */
static enum status name_classes(struct arrangement *set)
{
    struct dataset *out = &set->opened->set;
    const char **names = arena_alloc(&set->opened->arena, (size_t)set->count, sizeof *names);
    const char *empty = NULL;
    out->imagenet = true;
    for (struct group group = {0}; names && next_group(set, &group);) {
        char *name = group_name(set, &group);
        if (!name)
            return error_memory(set->error, "the names of the classes");
        if (group.images == 0) {
            leave_out(&out->empty, name);
            empty = empty ? empty : name;
            continue;
        }
        out->imagenet &= synset_find(name) >= 0;
        names[out->classes++] = name;
    }
    if (!names)
        return error_memory(set->error, "the names of the classes");
    if (!out->imagenet && empty)
        return error_set(set->error, BAD_INPUT,
                         "%s: the class folder %s holds no images; labels go by the position of "
                         "the class folders, so fill it or remove it",
                         out->path, PRINTABLE(empty));
    out->class_names = out->imagenet ? synset_ids : names;
    out->classes = out->imagenet ? SYNSETS : out->classes;
    return OK;
}

static enum status make_samples(struct arrangement *set)
{
    struct opened_set *opened = set->opened;
    struct arena *arena = &opened->arena;
    struct sample *samples = arena_alloc(arena, (size_t)set->count, sizeof *samples);
    opened->found = arena_alloc(arena, (size_t)set->count, sizeof *opened->found);
    if (!samples || !opened->found)
        return error_memory(set->error, "the list of images");
    int position = 0;
    for (struct group group = {0}; next_group(set, &group); position += group.images > 0) {
        char *name = opened->set.imagenet ? group_name(set, &group) : NULL;
        for (long i = group.first; i < group.end; i++) {
            const struct entry *entry = &set->entries[i];
            if (!entry->found)
                continue;
            int label = name ? synset_find(name) : position;
            opened->found[opened->set.count] = entry->found;
            samples[opened->set.count++] = (struct sample){entry->name, label, entry->found->size};
        }
    }
    opened->set.samples = samples;
    return OK;
}

enum status arrange_set(struct opened_set *opened, struct error *error)
{
    static const char *const kinds[2][2] = {{"folder", "flat folder"}, {"tar", "flat tar"}};
    const struct listing *listing = &opened->listing;
    struct arrangement set = {.opened = opened, .error = error};
    enum status status = layout_find(opened->set.path, listing, &set.layout, error);
    if (status != OK)
        return status;
    opened->set.kind = kinds[opened->descriptor >= 0][set.layout.flat];
    set.entries = calloc((size_t)(listing->count + listing->folder_count), sizeof *set.entries);
    if (!set.entries)
        return error_memory(error, "the list of images");
    status = place_all(&set);
    if (status == OK)
        status = refuse_duplicates(&set);
    if (status == OK)
        status = name_classes(&set);
    if (status == OK)
        status = make_samples(&set);
    free(set.entries);
    return status;
}
