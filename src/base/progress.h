/* How far a long piece of work has come, told to whoever asked. The caller owns the listener and
 * may pass NULL; step is called from one thread at a time. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

struct progress {
    void (*step)(void *listener, long done, long total);
    void *listener;
};

static inline void progress_step(const struct progress *progress, long done, long total)
{
    if (progress)
        progress->step(progress->listener, done, total);
}

#endif
