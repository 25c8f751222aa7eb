/* A pool of threads that share out numbered pieces of work. Whoever starts a pool stops it; the
 * caller's own thread is one of the pool's. One pool_run at a time. */
#ifndef PAR_POOL_H
#define PAR_POOL_H

#include "base/error.h"

struct pool;

/* `item` is the piece to do, `thread` (0 to threads-1) says who does it. */
typedef void pool_work(void *context, long item, int thread);

/* `threads`, at least 1, includes the caller. NO_MEMORY where the system refuses one. */
enum status pool_start(int threads, struct pool **pool, struct error *error);
void pool_stop(struct pool *pool);
int pool_threads(const struct pool *pool);

/* Do items 0 to count-1, each once, in any order and on any thread; returns when all are done. */
void pool_run(struct pool *pool, pool_work *work, void *context, long count);

#endif
