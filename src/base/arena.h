/* Memory that lives and dies together. The arena owns all that is allocated in it; arena_free
 * frees everything at once. A zeroed struct is an empty arena. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *blocks;
};

/* Zeroed bytes, aligned for any type; NULL when memory runs out or count * size overflows. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* Copies of strings in the arena; NULL when memory runs out. */
char *arena_string(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void arena_free(struct arena *arena);

#endif
