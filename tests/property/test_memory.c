/* engine and par: wherever memory or threads run out, the call says so, and leaves nothing behind
 * (the sanitizers look for what is left). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "engine/plan.h"
#include "formula.h"
#include "random_net.h"

#include <errno.h>
#include <pthread.h>

/* Requests that are still granted; negative: all of them. The linker sends the calls of these
 * functions here (--wrap). */
static long requests_left = -1;

void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int file, off_t offset);
void *__real_mmap(void *at, size_t size, int protection, int flags, int file, off_t offset);
typedef void *thread_start(void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_start *start,
                          void *argument);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_start *start,
                          void *argument);

static bool is_refused(void)
{
    if (requests_left == 0) {
        errno = ENOMEM;
        return true;
    }
    if (requests_left > 0)
        requests_left--;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_refused() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return is_refused() ? NULL : __real_aligned_alloc(alignment, size);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    return is_refused() ? MAP_FAILED : __real_mmap(at, size, protection, flags, file, offset);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_start *start,
                          void *argument)
{
    return is_refused() ? EAGAIN : __real_pthread_create(thread, attributes, start, argument);
}

/* Refuse the first request, then the second, and so on, until all are granted. `action` is true
 * when it succeeded and has put away what it made. */
static void check_each_refusal(bool action(void *context, struct error *error), void *context)
{
    bool done = false;
    int refusals = 0;
    for (long request = 0; !done; request++) {
        struct error error = {0};
        requests_left = request;
        done = action(context, &error);
        requests_left = -1;
        assert_int_equal(error.status, done ? OK : NO_MEMORY);
        refusals += !done;
    }
    assert_true(refusals > 0);
}

struct subject {
    struct net *net;
    struct formula formula;
};

static bool make_plan(void *context, struct error *error)
{
    struct subject *subject = context;
    struct workspace workspace = {0};
    struct plan *plan;
    const struct kernels *kernels = kernels_choose("c", error);
    if (plan_make(subject->net, &subject->formula.weights, kernels, &plan, error) != OK) {
        assert_null(plan);
        return false;
    }
    bool reserved = workspace_reserve(&workspace, 3, plan, error) == OK;
    workspace_free(&workspace);
    plan_free(plan);
    return reserved;
}

static void plans_run_out_of_memory(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 6; seed++) {
        struct subject subject = {.net = random_net(seed)};
        formula_make(&subject.formula, subject.net, seed);
        check_each_refusal(make_plan, &subject);
        formula_free(&subject.formula);
        net_free(subject.net);
    }
}

static bool start_pool(void *context, struct error *error)
{
    (void)context;
    struct pool *pool;
    if (pool_start(4, &pool, error) != OK) {
        assert_null(pool);
        return false;
    }
    pool_stop(pool);
    return true;
}

static void pools_run_out_of_threads(void **state)
{
    (void)state;
    check_each_refusal(start_pool, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_run_out_of_memory),
        cmocka_unit_test(pools_run_out_of_threads),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
