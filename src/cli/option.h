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

#endif
