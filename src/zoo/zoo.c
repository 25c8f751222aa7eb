#include "zoo/zoo.h"
#include "zoo/families.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct model *const families[] = {
    alexnet_models,
    vgg_models,
    resnet_models,
    squeezenet_models,
    densenet_models,
    inception_models,
    keras_vgg_models,
    keras_resnet_models,
    keras_densenet_models,
    mobilenet_models,
    mobilenet_v2_models,
    nasnet_models,
    xception_models,
    keras_inception_v3_models,
    inception_resnet_v2_models,
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

const char *zoo_weight_name(const struct model *model, int index, char name[ZOO_WEIGHT_NAME])
{
    const struct weight_file *files = model->files;
    int count = 0;
    while (count < MODEL_WEIGHT_FILES && files[count].name)
        count++;
    if (index < count)
        snprintf(name, ZOO_WEIGHT_NAME, "%s", files[index].name);
    else if (index == count)
        snprintf(name, ZOO_WEIGHT_NAME, "%s.%s", model->name,
                 model->framework == KERAS ? "h5" : "pth");
    else
        return NULL;
    return name;
}

static enum status no_weights(const struct model *model, const char *folder, struct error *error)
{
    char names[(MODEL_WEIGHT_FILES + 1) * (ZOO_WEIGHT_NAME + 2)], *end = names;
    char name[ZOO_WEIGHT_NAME];
    for (int i = 0; zoo_weight_name(model, i, name); i++)
        end = stpcpy(stpcpy(end, i ? ", " : ""), name);
    return error_set(error, BAD_INPUT, "%s: no weights of %s/%s here; looked for %s", folder,
                     framework_name(model->framework), model->name, names);
}

/* `*path` becomes "folder/name", or stays NULL where there is no such file. */
static enum status find_file(const char *folder, const char *name, char **path, struct error *error)
{
    char *file;
    if (asprintf(&file, "%s/%s", folder, name) < 0)
        return error_memory(error, "a path");
    enum status status = OK;
    if (!access(file, F_OK)) {
        *path = file;
        return OK;
    }
    if (errno != ENOENT)
        status = error_errno(error, file, "look for it");
    free(file);
    return status;
}

enum status zoo_find_weights(const struct model *model, const char *folder, char **path,
                             struct error *error)
{
    char name[ZOO_WEIGHT_NAME];
    struct stat info;
    *path = NULL;
    if (stat(folder, &info))
        return error_errno(error, folder, "look for weights");
    for (int i = 0; zoo_weight_name(model, i, name); i++) {
        enum status status = find_file(folder, name, path, error);
        if (status != OK || *path)
            return status;
    }
    return no_weights(model, folder, error);
}
