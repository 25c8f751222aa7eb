#include "cli/models.h"

#include <stdlib.h>
#include <sys/stat.h>

/* A folder that can be looked into; what is not in it is then no error. */
static enum status check_folder(const char *folder, struct error *error)
{
    struct stat about;
    if (stat(folder, &about))
        return error_errno(error, folder, "look for weights");
    if (!S_ISDIR(about.st_mode))
        return error_set(error, BAD_INPUT, "%s: not a folder; -w names the one with the weights",
                         folder);
    return OK;
}

static enum status find_weights(struct listed_model *listed, const char *folder,
                                struct error *error)
{
    struct error found = {0};
    enum status status = zoo_find_weights(listed->model, folder, &listed->weights, &found);
    if (status == OK || status == BAD_INPUT) /* not there */
        return OK;
    return error_set(error, status, "%s", found.text);
}

enum status models_list(const struct selection *selection, struct listing *listing,
                        struct error *error)
{
    int count = selection->count ? selection->count : zoo_count();
    enum status status = listing->folder ? check_folder(listing->folder, error) : OK;
    if (status != OK)
        return status;
    listing->models = calloc((size_t)count, sizeof *listing->models);
    if (!listing->models)
        return error_memory(error, "the list of models");
    listing->count = count;
    for (int i = 0; i < count && status == OK; i++) {
        struct listed_model *listed = &listing->models[i];
        listed->model = selection->count ? selection->models[i] : zoo_model(i);
        listed->net = zoo_build(listed->model, error);
        if (!listed->net)
            status = error->status;
        else if (listing->folder)
            status = find_weights(listed, listing->folder, error);
    }
    return status;
}

void models_free(struct listing *listing)
{
    for (int i = 0; i < listing->count; i++) {
        net_free(listing->models[i].net);
        free(listing->models[i].weights);
    }
    free(listing->models);
    listing->models = NULL;
    listing->count = 0;
}
