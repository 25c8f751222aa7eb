#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

double progress_line_seconds(const struct progress_line *line)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return seconds_between(&line->start, &now);
}

static void print_left(double seconds)
{
    long left = (long)(seconds + 0.5);
    if (left >= 3600)
        fprintf(stderr, "%ld h %02ld min left", left / 3600, left / 60 % 60);
    else if (left >= 60)
        fprintf(stderr, "%ld min %02ld s left", left / 60, left % 60);
    else
        fprintf(stderr, "%ld s left", left);
}

/* At most ten times a second, and at the end. */
static void step(void *listener, long done, long total)
{
    struct progress_line *line = listener;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!line->shown || (done < total && seconds_between(&line->last, &now) < 0.1))
        return;
    line->last = now;
    line->drawn = true;
    double seconds = seconds_between(&line->start, &now);
    double rate = seconds > 0 ? (double)done / seconds : 0;
    fprintf(stderr, "\r\033[K%ld of %ld %s  %.1f/s  ", done, total, line->what, rate);
    if (rate > 0)
        print_left((double)(total - done) / rate);
}

void progress_line_start(struct progress_line *line, const char *what, bool quiet)
{
    *line = (struct progress_line){
        .progress = {.step = step, .listener = line},
        .what = what,
        .shown = !quiet && isatty(STDERR_FILENO),
    };
    clock_gettime(CLOCK_MONOTONIC, &line->start);
    line->last = line->start;
}

void progress_line_end(struct progress_line *line)
{
    if (line->drawn)
        fputs("\r\033[K", stderr);
    line->drawn = false;
}
