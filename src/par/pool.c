#include "par/pool.h"
#include "par/pause.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Layers of a small network take a few tens of microseconds, waking a thread takes as long: so
 * both sides look again this often before they sleep. */
enum { SPINS = 2000 };

struct pool {
    int threads;
    int started; /* of the threads beside the caller */
    pthread_t *handles;
    pool_work *work;
    void *context;
    long count;
    atomic_long next;       /* the next item that nobody has taken */
    atomic_int busy;        /* threads that have not finished this run */
    atomic_uint generation; /* counts runs; a change wakes the threads */
    bool stopping;
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
};

struct worker {
    struct pool *pool;
    int thread;
};

static void take_items(struct pool *pool, int thread)
{
    for (;;) {
        long item = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (item >= pool->count)
            return;
        pool->work(pool->context, item, thread);
    }
}

/* Wait until the generation is not `seen`; returns the new one. */
static unsigned await_run(struct pool *pool, unsigned seen)
{
    for (int i = 0; i < SPINS; i++) {
        unsigned now = atomic_load_explicit(&pool->generation, memory_order_acquire);
        if (now != seen)
            return now;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    unsigned now;
    while ((now = atomic_load(&pool->generation)) == seen)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    return now;
}

static void *work_until_stopped(void *argument)
{
    struct worker worker = *(struct worker *)argument;
    free(argument);
    struct pool *pool = worker.pool;
    for (unsigned seen = 0;;) {
        seen = await_run(pool, seen);
        if (pool->stopping)
            return NULL;
        take_items(pool, worker.thread);
        if (atomic_fetch_sub(&pool->busy, 1) == 1) {
            pthread_mutex_lock(&pool->mutex);
            pthread_cond_signal(&pool->done);
            pthread_mutex_unlock(&pool->mutex);
        }
    }
}

static void start_run(struct pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add_explicit(&pool->generation, 1, memory_order_release);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

static void await_workers(struct pool *pool)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load_explicit(&pool->busy, memory_order_acquire) == 0)
            return;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->busy) > 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

void pool_run(struct pool *pool, pool_work *work, void *context, long count)
{
    if (pool->threads == 1 || count <= 1) {
        for (long item = 0; item < count; item++)
            work(context, item, 0);
        return;
    }
    pool->work = work;
    pool->context = context;
    pool->count = count;
    atomic_store(&pool->next, 0);
    atomic_store(&pool->busy, pool->started);
    start_run(pool);
    take_items(pool, 0);
    await_workers(pool);
}

int pool_threads(const struct pool *pool)
{
    return pool->threads;
}

void pool_stop(struct pool *pool)
{
    if (!pool)
        return;
    pool->stopping = true;
    start_run(pool);
    for (int i = 0; i < pool->started; i++)
        pthread_join(pool->handles[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->handles);
    free(pool);
}

enum status pool_start(int threads, struct pool **out, struct error *error)
{
    *out = NULL;
    struct pool *pool = calloc(1, sizeof *pool);
    pthread_t *handles = calloc((size_t)threads, sizeof *handles);
    if (!pool || !handles) {
        free(pool);
        free(handles);
        return error_memory(error, "the thread pool");
    }
    pool->threads = threads;
    pool->handles = handles;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    for (int thread = 1; thread < threads; thread++) {
        struct worker *worker = malloc(sizeof *worker);
        int code = -1;
        if (worker) {
            *worker = (struct worker){pool, thread};
            code = pthread_create(&handles[thread - 1], NULL, work_until_stopped, worker);
        }
        if (code != 0) {
            free(worker);
            pool_stop(pool);
            return error_set(error, NO_MEMORY,
                             "cannot start thread %d of %d: %s; ask for fewer with -t", thread + 1,
                             threads, code > 0 ? strerror(code) : "out of memory");
        }
        pool->started++;
    }
    *out = pool;
    return OK;
}
