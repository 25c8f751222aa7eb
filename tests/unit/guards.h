/* Memory that ends, or begins, at a page that may not be touched: whoever reads or writes one float
 * too far is stopped there, in every build and in every instruction set. */
#ifndef TESTS_GUARDS_H
#define TESTS_GUARDS_H

#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_GUARDS = 16 };

/* Owns all that was allocated with it until guards_free. */
struct guards {
    bool at_start; /* the forbidden page is right before the memory, otherwise right after it */
    int count;
    struct {
        unsigned char *start;
        size_t size;
    } maps[MOST_GUARDS];
};

/* Zeroed. */
static inline void *guards_alloc(struct guards *guards, size_t count, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = count * size;
    size_t whole = (bytes + page - 1) / page * page, mapped = whole + 2 * page;
    unsigned char *start =
        mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(start != MAP_FAILED && guards->count < MOST_GUARDS);
    assert_int_equal(mprotect(start, page, PROT_NONE), 0);
    assert_int_equal(mprotect(start + page + whole, page, PROT_NONE), 0);
    guards->maps[guards->count].start = start;
    guards->maps[guards->count++].size = mapped;
    return start + page + (guards->at_start ? 0 : whole - bytes);
}

static inline void guards_free(struct guards *guards)
{
    for (int i = 0; i < guards->count; i++)
        munmap(guards->maps[i].start, guards->maps[i].size);
    guards->count = 0;
}

#endif
