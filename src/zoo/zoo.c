#include "zoo/zoo.h"
#include "zoo/families.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct model *const families[] = {
    squeezenet_models,
    mobilenet_models,
    article_models,
};
enum { FAMILIES = sizeof families / sizeof *families };

int zoo_count(void)
{
    int count = 0;
    while (zoo_model(count))
        count++;
    return count;
}

const struct model *zoo_model(int index)
{
    for (int family = 0; family < FAMILIES; family++)
        for (const struct model *model = families[family]; model->name; model++)
            if (index-- == 0)
                return model;
    return NULL;
}

struct net *zoo_build(const struct model *model, struct error *error)
{
    char name[80];
    snprintf(name, sizeof name, "%s/%s", framework_name(model->framework), model->name);
    struct net *net = net_new(model->framework, name);
    int side = model->official.side;
    tensor output = model->build(net_input(net, side, side, 3));
    struct shape shape = shape_of(output);
    if (output.node >= 0 && (shape.h != 1 || shape.w != 1 || shape.c != model->classes))
        error_set(&net->error, BAD_INPUT, "%s: the output is %d x %d x %d; wanted 1 x 1 x %d", name,
                  shape.h, shape.w, shape.c, model->classes);
    if (net_finish(net, output, error) == OK)
        return net;
    net_free(net);
    return NULL;
}

const char *zoo_weight_name(const struct model *model, int index, char *name)
{
    enum { ROOM = 80 };
    for (int i = 0; i < MODEL_WEIGHT_FILES && model->files[i].name; i++)
        if (index-- == 0) {
            snprintf(name, ROOM, "%s", model->files[i].name);
            return name;
        }
    if (index)
        return NULL;
    snprintf(name, ROOM, "%s.%s", model->name, model->framework == KERAS ? "h5" : "pth");
    return name;
}

enum status zoo_find_weights(const struct model *model, const char *folder, char **path,
                             struct error *error)
{
    char name[80], looked_for[300] = "";
    size_t used = 0;
    *path = NULL;
    for (int i = 0; zoo_weight_name(model, i, name); i++) {
        struct stat info;
        if (asprintf(path, "%s/%s", folder, name) < 0) {
            *path = NULL;
            return error_memory(error, "a path");
        }
        if (!stat(*path, &info))
            return OK;
        free(*path);
        *path = NULL;
        used += (size_t)snprintf(looked_for + used, sizeof looked_for - used, "%s%s", i ? ", " : "",
                                 name);
    }
    return error_set(error, BAD_INPUT, "%s: no weights of %s/%s; looked for %s", folder,
                     framework_name(model->framework), model->name, looked_for);
}
