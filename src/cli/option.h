/* What the options of several commands have in common. Nothing is owned. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <argp.h>

enum { OPTION_MOST_THREADS = 256 };

/* The whole number that `text`, given with the option `name`, is. A usage error ends the program
 * when it is none from `least` to `most`. */
long option_number(const struct argp_state *state, const char *name, const char *text, long least,
                   long most);

/* The processors that this process may use, at most `most`: the usual number of threads. */
int option_processors(int most);

/* A parser's last case, for a command that takes one DATA: keeps the argument in `*data`, refuses a
 * second one, and a command line without any. */
error_t option_data(int key, char *value, struct argp_state *state, const char **data);

#endif
