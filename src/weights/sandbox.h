/* A function run in a process of its own that can compute and write one file, and nothing else: for
 * libraries that crash on hostile input. Linux only: fork, resource limits, seccomp. */
#ifndef WEIGHTS_SANDBOX_H
#define WEIGHTS_SANDBOX_H

#include "base/error.h"

#include <stdint.h>

struct sandbox {
    /* In the child, before and after it is confined. `work` may use what `prepare` made ready. */
    void (*prepare)(void *context);
    void (*work)(void *context, int output);
    void *context;
    int output;           /* the one descriptor that the child keeps */
    uint64_t memory;      /* bytes that it may map beyond what it is born with */
    uint64_t output_size; /* bytes that it may write */
    int cpu_seconds, wall_seconds;
};

enum sandbox_end {
    SANDBOX_DONE,    /* work returned */
    SANDBOX_KILLED,  /* by a signal, or it called exit */
    SANDBOX_TIMEOUT, /* and was killed for it */
};

/* Runs work and waits for its end, whichever; `signal` is what killed it, 0 for an exit. Fails with
 * IO_FAILED only where there can be no such process. Not for a process that ignores SIGCHLD. */
enum status sandbox_run(const struct sandbox *sandbox, enum sandbox_end *end, int *signal,
                        struct error *error);

#endif
