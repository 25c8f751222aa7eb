/* The models that bitzoo knows: a constant table, built from one list a family file. Nothing in it
 * is owned by anyone; what zoo_build and zoo_select make is freed by their caller. */
#ifndef ZOO_ZOO_H
#define ZOO_ZOO_H

#include "base/error.h"
#include "image/recipe.h"
#include "net/tensor.h"

struct weight_file { /* as its publisher names it */
    const char *name;
    const char *sha256; /* the first hex digits, or NULL where none were published */
    const char *md5;    /* the same, 32 hex digits */
};

struct accuracy { /* percent of the ImageNet validation set; 0: not known */
    double top1, top5;
};

enum { MODEL_WEIGHT_FILES = 2, ZOO_WEIGHT_NAME = 80 /* bytes of a file name */ };

struct model {
    const char *name; /* "squeezenet1_1" */
    enum framework framework;
    tensor (*build)(tensor input); /* an input of side x side x 3 to the output of all classes */
    int classes;
    bool in_reference; /* one of the 34 that the reference measured; `all` means these */
    struct recipe official, reference;
    struct weight_file files[MODEL_WEIGHT_FILES]; /* newest last; unused ones have no name */
    struct accuracy published;                    /* by the framework, with the official recipe */
    struct accuracy recorded;                     /* by the reference */
};

/* All models in the order of the table. */
int zoo_count(void);
const struct model *zoo_model(int index);

/* A choice of models in the order in which they were named, none twice. Start it zeroed. */
struct selection {
    const struct model **models;
    int count;
};
void selection_free(struct selection *selection);

/* Add what `names` means, names separated by commas: "pytorch/squeezenet1_1" is one model,
 * "squeezenet1_1" that model in every framework that has it, "pytorch", "keras" and "all" the
 * reference's models. BAD_USAGE, with the nearest names, for one that means nothing. */
enum status zoo_select(struct selection *selection, const char *names, struct error *error);

/* The model's network; free it with net_free. NULL on failure. */
struct net *zoo_build(const struct model *model, struct error *error);

/* Names under which a model's weights may lie in a folder, best first: the published files, then
 * MODEL.pth or MODEL.h5. Returns `name`, or NULL past the last. */
const char *zoo_weight_name(const struct model *model, int index, char name[ZOO_WEIGHT_NAME]);

/* The first of these names that is in `folder`, as "folder/name" in `*path`, to be freed by the
 * caller. BAD_INPUT, naming all, when none is there. */
enum status zoo_find_weights(const struct model *model, const char *folder, char **path,
                             struct error *error);

#endif
