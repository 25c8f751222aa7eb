#include "weights/storage_table.h"

#include "weights/dtype.h"
#include "weights/weights_file.h"

#include <stdlib.h>
#include <string.h>

static int compare_keys(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_storages(const void *a, const void *b)
{
    const struct storage *first = *(struct storage *const *)a;
    const struct storage *second = *(struct storage *const *)b;
    return compare_keys(first->key, first->key_length, second->key, second->key_length);
}

enum status storage_table_make(struct storage_table *table, const char *path, struct storage *chain,
                               struct arena *arena, struct error *error)
{
    *table = (struct storage_table){.path = path};
    size_t count = 0;
    for (const struct storage *at = chain; at; at = at->next)
        count++;
    table->sorted = arena_alloc(arena, count, sizeof(struct storage *));
    if (!table->sorted)
        return error_memory(error, "a table of storages");
    for (struct storage *at = chain; at; at = at->next)
        table->sorted[table->count++] = at;
    if (count)
        qsort(table->sorted, count, sizeof *table->sorted, compare_storages);
    for (size_t i = 1; i < count; i++) {
        const struct storage *a = table->sorted[i - 1], *b = table->sorted[i];
        char text[SHOWN_SIZE];
        if (compare_storages(&a, &b) == 0 && (a->dtype != b->dtype || a->numel != b->numel))
            return error_set(error, BAD_INPUT,
                             "%s: storage \"%s\" is said to be both %lld %s and %lld %s; the file "
                             "is damaged: get it again",
                             path, shown(text, a->key, a->key_length), (long long)a->numel,
                             dtype_name(a->dtype), (long long)b->numel, dtype_name(b->dtype));
    }
    return OK;
}

struct storage *const *storage_table_find(const struct storage_table *table, const char *key,
                                          size_t key_length)
{
    size_t low = 0, high = table->count;
    while (low < high) { /* the first whose key is not smaller */
        size_t middle = low + (high - low) / 2;
        const struct storage *at = table->sorted[middle];
        if (compare_keys(at->key, at->key_length, key, key_length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == table->count)
        return NULL;
    const struct storage *at = table->sorted[low];
    bool same = compare_keys(at->key, at->key_length, key, key_length) == 0;
    return same ? &table->sorted[low] : NULL;
}

enum status storage_table_place(const struct storage_table *table, struct storage *const *first,
                                uint64_t position, uint64_t size, struct error *error)
{
    const struct storage *storage = *first;
    char text[SHOWN_SIZE];
    shown(text, storage->key, storage->key_length);
    uint64_t wanted;
    if (__builtin_mul_overflow((uint64_t)storage->numel, dtype_size(storage->dtype), &wanted) ||
        wanted != size)
        return error_set(error, BAD_INPUT,
                         "%s: storage \"%s\" at byte %llu has %llu bytes; the pickled object says "
                         "%lld %s",
                         table->path, text, (unsigned long long)position, (unsigned long long)size,
                         (long long)storage->numel, dtype_name(storage->dtype));
    if (storage->placed)
        return error_set(error, BAD_INPUT, "%s: storage \"%s\" is there twice, again at byte %llu",
                         table->path, text, (unsigned long long)position);
    struct storage *const *end = table->sorted + table->count;
    for (struct storage *const *at = first; at < end && compare_storages(at, first) == 0; at++) {
        (*at)->placed = true;
        (*at)->position = position;
    }
    return OK;
}
