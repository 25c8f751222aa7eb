/* A progress line on standard error: how many of how many, the rate, the time left. Nothing is
 * printed when standard error is not a terminal or the user wants quiet. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/progress.h"

#include <stdbool.h>
#include <time.h>

struct progress_line {
    struct progress progress; /* to be handed to the library */
    const char *what;         /* "images" */
    bool shown, drawn;
    struct timespec start, last;
};

/* `line` must stay where it is while it is in use. */
void progress_line_start(struct progress_line *line, const char *what, bool quiet);

/* Remove the line from the terminal. */
void progress_line_end(struct progress_line *line);

/* Seconds since the start. */
double progress_line_seconds(const struct progress_line *line);

#endif
