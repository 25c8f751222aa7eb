/* par: every item is done exactly once, by a thread of the pool, and is done when pool_run
 * returns; also for very many very short runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "par/pool.h"

enum { ITEMS = 1000, MOST_THREADS = 8 };

struct tally {
    int threads;
    int done[ITEMS]; /* by the one thread that took the item: no atomic is needed */
    atomic_int wrong_thread;
};

static void count_item(void *context, long item, int thread)
{
    struct tally *tally = context;
    tally->done[item]++;
    if (thread < 0 || thread >= tally->threads)
        atomic_fetch_add(&tally->wrong_thread, 1);
}

static void each_item_is_done_once(void **state)
{
    (void)state;
    static const long counts[] = {0, 1, 2, 3, 7, 8, 64, ITEMS};
    for (int threads = 1; threads <= MOST_THREADS; threads++) {
        struct error error = {0};
        struct pool *pool;
        assert_int_equal(pool_start(threads, &pool, &error), OK);
        assert_int_equal(pool_threads(pool), threads);
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            struct tally tally = {.threads = threads};
            pool_run(pool, count_item, &tally, counts[c]);
            for (long i = 0; i < ITEMS; i++)
                assert_int_equal(tally.done[i], i < counts[c]);
            assert_int_equal(tally.wrong_thread, 0);
        }
        pool_stop(pool);
    }
}

static void add_item(void *context, long item, int thread)
{
    (void)thread;
    long *slots = context;
    slots[item] += item + 1;
}

/* What a run wrote is seen by the next run and by the caller. */
static void short_runs_follow_each_other(void **state)
{
    (void)state;
    enum { RUNS = 10000 };
    for (int threads = 1; threads <= 4; threads++) {
        struct pool *pool;
        long slots[6] = {0};
        assert_int_equal(pool_start(threads, &pool, NULL), OK);
        for (int run = 0; run < RUNS; run++)
            pool_run(pool, add_item, slots, 6);
        pool_stop(pool);
        for (int i = 0; i < 6; i++)
            assert_int_equal(slots[i], (long)RUNS * (i + 1));
    }
}

static void pools_stop_without_a_run(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct pool *pool;
        assert_int_equal(pool_start(1 + i % MOST_THREADS, &pool, NULL), OK);
        pool_stop(pool);
    }
    pool_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_done_once),
        cmocka_unit_test(short_runs_follow_each_other),
        cmocka_unit_test(pools_stop_without_a_run),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
