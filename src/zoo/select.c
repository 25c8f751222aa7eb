#include "zoo/zoo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void selection_free(struct selection *selection)
{
    free(selection->models);
    *selection = (struct selection){0};
}

static enum status selection_add(struct selection *selection, const struct model *model,
                                 struct error *error)
{
    for (int i = 0; i < selection->count; i++)
        if (selection->models[i] == model)
            return OK;
    const struct model **models =
        reallocarray(selection->models, (size_t)selection->count + 1, sizeof *models);
    if (!models)
        return error_memory(error, "the list of models");
    models[selection->count++] = model;
    selection->models = models;
    return OK;
}

/* Does one name of the selection language mean this model? */
static bool means(const char *name, const struct model *model)
{
    const char *framework = framework_name(model->framework);
    if (!strcmp(name, "all") || !strcmp(name, framework))
        return model->in_reference;
    size_t length = strlen(framework);
    if (!strncmp(name, framework, length) && name[length] == '/')
        name += length + 1;
    return !strcmp(name, model->name);
}

static int smallest(int a, int b, int c)
{
    int least = a < b ? a : b;
    return least < c ? least : c;
}

/* How many letters must be put in, taken out or exchanged to make `a` of `b` (Levenshtein). */
static int distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    size_t rows = strnlen(a, LONGEST), columns = strnlen(b, LONGEST);
    int costs[LONGEST + 1];
    for (size_t j = 0; j <= columns; j++)
        costs[j] = (int)j;
    for (size_t i = 1; i <= rows; i++) {
        int diagonal = costs[0];
        costs[0] = (int)i;
        for (size_t j = 1; j <= columns; j++) {
            int above = costs[j];
            costs[j] = smallest(above + 1, costs[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return costs[columns];
}

/* The at most three nearest models, as "; did you mean A, B?", or "". */
static void suggest(const char *name, char *text, size_t size)
{
    const char *slash = strchr(name, '/'), *wanted = slash ? slash + 1 : name;
    int farthest = (int)strlen(wanted) / 3 + 1, found = 0;
    size_t used = 0;
    *text = 0;
    for (int far = 0; far <= farthest && far < (int)strlen(wanted); far++)
        for (int i = 0; i < zoo_count() && found < 3; i++) {
            const struct model *model = zoo_model(i);
            if (distance(wanted, model->name) != far)
                continue;
            const char *before = found++ ? ", " : "; did you mean ";
            used += (size_t)snprintf(text + used, size - used, "%s%s/%s", before,
                                     framework_name(model->framework), model->name);
        }
    if (found)
        snprintf(text + used, size - used, "?");
}

static enum status unknown(const char *name, struct error *error)
{
    char near[300];
    suggest(name, near, sizeof near);
    return error_set(error, BAD_USAGE, "there is no model '%.80s'%s `bitzoo models` lists them all",
                     name, *near ? near : ";");
}

static enum status select_one(struct selection *selection, const char *name, struct error *error)
{
    bool found = false;
    for (int i = 0; i < zoo_count(); i++) {
        if (!means(name, zoo_model(i)))
            continue;
        found = true;
        enum status status = selection_add(selection, zoo_model(i), error);
        if (status != OK)
            return status;
    }
    return found ? OK : unknown(name, error);
}

enum status zoo_select(struct selection *selection, const char *names, struct error *error)
{
    char *copy = strdup(names), *rest = copy, *name;
    if (!copy)
        return error_memory(error, "the list of models");
    enum status status = OK;
    while (status == OK && (name = strsep(&rest, ",")))
        status = select_one(selection, name, error);
    free(copy);
    return status;
}
