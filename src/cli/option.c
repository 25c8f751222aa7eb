#include "cli/option.h"

#include <sched.h>
#include <stdlib.h>

long option_number(const struct argp_state *state, const char *name, const char *text, long least,
                   long most)
{
    char *end;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < least || number > most)
        argp_error(state, "%s %s: a whole number from %ld to %ld is wanted", name, text, least,
                   most);
    return number;
}

int option_processors(int most)
{
    cpu_set_t processors;
    if (sched_getaffinity(0, sizeof processors, &processors) < 0)
        return 1;
    int count = CPU_COUNT(&processors);
    return count < most ? count : most;
}

error_t option_data(int key, char *value, struct argp_state *state, const char **data)
{
    switch (key) {
    case ARGP_KEY_ARG:
        if (*data)
            argp_error(state, "one data set is wanted, not %s too", value);
        *data = value;
        return 0;
    case ARGP_KEY_END:
        if (!*data)
            argp_error(state, "name the validation set: a folder of class folders, or a tar");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}
