#include "eval/score_list.h"

#include "data/printable.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct dataset_kind {
    const char *name;
    int classes;
} kinds[] = {{"imagenet", 1000}, {"cifar10", 10}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* One array seen in a folder. */
struct found {
    const char *folder, *framework, *model;
    int kind;
};

struct search {
    struct arena *arena;
    struct found *found;
    size_t count, capacity;
};

static enum status search_add(struct search *search, struct found found, struct error *error)
{
    if (search->count == search->capacity) {
        size_t capacity = search->capacity ? 2 * search->capacity : 64;
        struct found *grown = realloc(search->found, capacity * sizeof *grown);
        if (!grown)
            return error_memory(error, "the list of results");
        search->found = grown;
        search->capacity = capacity;
    }
    search->found[search->count++] = found;
    return OK;
}

/* How long the model's name is at the start of `name`, 0 when it is not such a file's name. */
static size_t model_length(const char *name, const char *framework, const char *dataset)
{
    size_t length = strlen(name);
    static const char *const arrays[] = {"top5preds", "top5probs"};
    for (int a = 0; a < 2; a++) {
        char ending[64];
        size_t ends =
            (size_t)snprintf(ending, sizeof ending, "_%s_%s_%s.npy", framework, dataset, arrays[a]);
        if (length > ends && !strcmp(name + length - ends, ending))
            return length - ends;
    }
    return 0;
}

static enum status search_name(struct search *search, const char *folder, const char *framework,
                               const char *name, struct error *error)
{
    for (int kind = 0; kind < KINDS; kind++) {
        size_t length = model_length(name, framework, kinds[kind].name);
        if (length == 0)
            continue;
        for (const char *c = name; *c; c++)
            if ((unsigned char)*c < ' ' || *c == 0x7f)
                return error_set(error, BAD_INPUT,
                                 "%s/%s: its name has a control character; rename it", folder,
                                 PRINTABLE(name));
        char *model = arena_printf(search->arena, "%.*s", (int)length, name);
        if (!model)
            return error_memory(error, "a model's name");
        return search_add(search, (struct found){folder, framework, model, kind}, error);
    }
    return OK;
}

static enum status search_folder(struct search *search, const char *path, const char *framework,
                                 struct error *error)
{
    DIR *folder = opendir(path);
    if (!folder)
        return error_errno(error, path, "open the folder");
    enum status status = OK;
    while (status == OK) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry)
            status = search_name(search, path, framework, entry->d_name, error);
        else if (errno)
            status = error_errno(error, path, "list the folder");
        else
            break;
    }
    closedir(folder);
    return status;
}

static int by_name(const void *left, const void *right)
{
    const struct found *a = left, *b = right;
    int order = strcmp(a->framework, b->framework);
    return order ? order : strcmp(a->model, b->model);
}

static enum status choose_kind(const struct search *search, const char *wanted, int *chosen,
                               struct error *error)
{
    *chosen = -1;
    for (int kind = 0; wanted && kind < KINDS; kind++)
        if (!strcmp(wanted, kinds[kind].name))
            *chosen = kind;
    if (wanted)
        return *chosen >= 0
                   ? OK
                   : error_set(error, BAD_USAGE,
                               "there is no data set '%s'; imagenet and cifar10 are known", wanted);
    for (size_t i = 0; i < search->count; i++) {
        if (*chosen >= 0 && *chosen != search->found[i].kind)
            return error_set(error, BAD_USAGE,
                             "there are results of imagenet and of cifar10 (%s); one table is of "
                             "one data set: choose with --dataset",
                             search->found[i].folder);
        *chosen = search->found[i].kind;
    }
    return OK;
}

/* The path of one of a result's files, or NULL when it is not there. */
static enum status find_file(struct arena *arena, const struct found *found, const char *rest,
                             const char **path, struct error *error)
{
    const char *slash = found->folder[strlen(found->folder) - 1] == '/' ? "" : "/";
    char *name = arena_printf(arena, "%s%s%s_%s_%s_%s", found->folder, slash, found->model,
                              found->framework, kinds[found->kind].name, rest);
    if (!name)
        return error_memory(error, "a file's name");
    *path = access(name, F_OK) == 0 ? name : NULL;
    return OK;
}

static enum status fill_result(struct arena *arena, const struct found *found,
                               struct score_result *result, struct error *error)
{
    result->framework = found->framework;
    result->model = found->model;
    enum status status = find_file(arena, found, "top5preds.npy", &result->preds, error);
    if (status == OK)
        status = find_file(arena, found, "top5probs.npy", &result->probs, error);
    if (status == OK)
        status = find_file(arena, found, "labels.npy", &result->labels, error);
    if (status == OK)
        status = find_file(arena, found, "receipt.json", &result->receipt, error);
    if (status == OK && !result->probs)
        status = error_set(error, BAD_INPUT,
                           "%s: has no probabilities beside it (..._top5probs.npy), so which "
                           "prediction is the first is not known; add them or move it away",
                           result->preds);
    else if (status == OK && !result->preds)
        status = error_set(error, BAD_INPUT,
                           "%s: has no predictions beside it (..._top5preds.npy); add them or move "
                           "it away",
                           result->probs);
    return status;
}

/* A model appears once for each of its arrays; the search is sorted, so twins are neighbours. */
static enum status fill_list(struct score_list *list, const struct search *search, int kind,
                             struct error *error)
{
    list->dataset = kinds[kind].name;
    list->classes = kinds[kind].classes;
    list->results = arena_alloc(&list->arena, search->count + 1, sizeof *list->results);
    if (!list->results)
        return error_memory(error, "the list of results");
    const struct found *last = NULL;
    for (size_t i = 0; i < search->count; i++) {
        const struct found *found = &search->found[i];
        if (found->kind != kind || (last && by_name(last, found) == 0))
            continue;
        last = found;
        enum status status = fill_result(&list->arena, found, &list->results[list->count], error);
        if (status != OK)
            return status;
        list->count++;
    }
    return OK;
}

static enum status check_folder(const struct score_list *list, const char *path,
                                const char *framework, struct error *error)
{
    for (long i = 0; path && i < list->count; i++)
        if (!strcmp(list->results[i].framework, framework))
            return OK;
    if (!path)
        return OK;
    return error_set(error, BAD_INPUT,
                     "%s: holds no MODEL_%s_%s_top5preds.npy; results of Keras are looked for in "
                     "the folder given with -k, those of PyTorch in that given with -p",
                     path, framework, list->dataset);
}

enum status score_list_open(struct score_list *list, const struct score_folders *folders,
                            struct error *error)
{
    struct search search = {.arena = &list->arena};
    int kind;
    enum status status = OK;
    if (folders->keras)
        status = search_folder(&search, folders->keras, "keras", error);
    if (status == OK && folders->pytorch)
        status = search_folder(&search, folders->pytorch, "pytorch", error);
    if (status == OK)
        status = choose_kind(&search, folders->dataset, &kind, error);
    if (status == OK) {
        if (search.count > 0)
            qsort(search.found, search.count, sizeof *search.found, by_name);
        status = fill_list(list, &search, kind < 0 ? 0 : kind, error);
    }
    free(search.found);
    if (status == OK)
        status = check_folder(list, folders->keras, "keras", error);
    if (status == OK)
        status = check_folder(list, folders->pytorch, "pytorch", error);
    return status;
}

void score_list_free(struct score_list *list)
{
    arena_free(&list->arena);
    *list = (struct score_list){0};
}
