#include "cli/command.h"

#include <stddef.h>

const struct command commands[] = {
    {"score", "the accuracy table of recorded predictions", cmd_score},
    {NULL, NULL, NULL},
};
