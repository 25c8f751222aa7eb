/* The storages that a state_dict's tensors are views of, by key. The table points at storages that
 * live in the arena it is made in. */
#ifndef WEIGHTS_STORAGE_TABLE_H
#define WEIGHTS_STORAGE_TABLE_H

#include "weights/pickle.h"

struct storage_table {
    const char *path;
    size_t count;
    struct storage **sorted; /* by key; the same key may be there several times */
};

/* All storages of a chain. Those of one key must agree in type and count. */
enum status storage_table_make(struct storage_table *table, const char *path, struct storage *chain,
                               struct arena *arena, struct error *error);

/* One storage of that key; the others of it follow in `sorted`. NULL when there is none. */
struct storage *const *storage_table_find(const struct storage_table *table, const char *key,
                                          size_t key_length);

/* Say where the numbers of the storages with the same key as `*first` lie: `size` bytes from
 * `position` on, which is what they must take. Twice is refused. */
enum status storage_table_place(const struct storage_table *table, struct storage *const *first,
                                uint64_t position, uint64_t size, struct error *error);

#endif
