#include "cli/command.h"

#include <stddef.h>

const struct command commands[] = {
    {"models", "list the models, or print one layer by layer", cmd_models},
    {"prep", "check and describe a validation set, or extract it into class folders", cmd_prep},
    {"predict", "recompute models' predictions over a validation set", cmd_predict},
    {"score", "the accuracy table of recorded predictions", cmd_score},
    {"demo", "all of it on a small generated data set", cmd_demo},
    {NULL, NULL, NULL},
};
