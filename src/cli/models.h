/* What `bitzoo models` knows of a model, and its two spellings. A listing is owned by whoever calls
 * models_list and freed with models_free. */
#ifndef CLI_MODELS_H
#define CLI_MODELS_H

#include "base/error.h"
#include "zoo/zoo.h"

struct listed_model {
    const struct model *model;
    struct net *net;
    char *weights; /* path of its weights file; NULL: not there, or not looked for */
};

struct listing {
    struct listed_model *models;
    int count;
    const char *folder; /* where weights were looked for; NULL: nowhere */
    bool layers;        /* tell each network layer by layer */
};

enum status models_list(const struct selection *selection, struct listing *listing,
                        struct error *error);
void models_free(struct listing *listing);

enum status models_write_text(const struct listing *listing, struct error *error);
enum status models_write_json(const struct listing *listing, struct error *error);

#endif
