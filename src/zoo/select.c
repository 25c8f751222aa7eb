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
    if (!strcmp(name, "all"))
        return model->in_reference;
    if (!strcmp(name, framework))
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

static enum status unknown(const char *name, struct error *error)
{
    const char *wanted = strchr(name, '/') ? strchr(name, '/') + 1 : name;
    char near[300] = "";
    size_t used = 0;
    int allowed = (int)strlen(wanted) / 3 + 1;
    for (int i = 0; i < zoo_count() && used < sizeof near; i++) {
        const struct model *model = zoo_model(i);
        if (distance(wanted, model->name) <= allowed)
            used += (size_t)snprintf(near + used, sizeof near - used, "%s%s/%s",
                                     used ? ", " : "; did you mean ",
                                     framework_name(model->framework), model->name);
    }
    return error_set(error, BAD_USAGE,
                     "there is no model '%.80s'%s%s; `bitzoo models` lists them all", name, near,
                     *near ? "?" : "");
}

static enum status select_one(struct selection *selection, const char *name, struct error *error)
{
    bool found = false;
    for (int i = 0; i < zoo_count(); i++) {
        if (!means(name, zoo_model(i)))
            continue;
        found = true;
        if (selection_add(selection, zoo_model(i), error) != OK)
            return error->status;
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
