/* A command of the program: its name, one line about it, and what runs it. Nothing is owned. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/error.h"

struct command {
    const char *name, *summary;
    /* argv[0] is "bitzoo NAME" (for argp's messages). Returns the status to exit with; what went
     * wrong is in `error` and is printed by main. A usage error may leave by argp itself. */
    enum status (*run)(int argc, char **argv, struct error *error);
};

enum status cmd_demo(int argc, char **argv, struct error *error);
enum status cmd_models(int argc, char **argv, struct error *error);
enum status cmd_predict(int argc, char **argv, struct error *error);
enum status cmd_prep(int argc, char **argv, struct error *error);
enum status cmd_score(int argc, char **argv, struct error *error);

/* Ends with a NULL name; in the order in which `bitzoo --help` lists them. */
extern const struct command commands[];

#endif
