/* The stack machine that a pickle is a program for: its bytes, its stack and its memo, each access
 * checked. All memory is the pickle's arena's. */
#ifndef WEIGHTS_PICKLE_MACHINE_H
#define WEIGHTS_PICKLE_MACHINE_H

#include "weights/pickle.h"

struct machine {
    struct pickle *pickle;
    size_t at, next; /* bytes: the opcode being obeyed, and the one after it */
    struct value **stack, **memo;
    size_t depth, stack_room, memo_room;
    bool stopped;
};

/* BAD_INPUT at the opcode being obeyed, for what only damage explains. */
enum status machine_refuse(const struct machine *machine, struct error *error, const char *what);

/* The next `size` bytes, an unsigned integer of 1, 2 or 4 of them, or those up to a line's end. */
enum status machine_bytes(struct machine *machine, size_t size, const uint8_t **bytes,
                          struct error *error);
enum status machine_number(struct machine *machine, int size, uint32_t *number,
                           struct error *error);
enum status machine_line(struct machine *machine, size_t limit, const char **line, size_t *length,
                         struct error *error);

/* NULL, for want of memory, is refused. */
enum status machine_push(struct machine *machine, struct value *value, struct error *error);
/* Take `count` values off the stack; they stay where `items` points until the next push. */
enum status machine_pop(struct machine *machine, size_t count, struct value ***items,
                        struct error *error);
/* The same for all above the topmost mark, and the mark. */
enum status machine_pop_to_mark(struct machine *machine, struct value ***items, size_t *count,
                                struct error *error);

enum status machine_put(struct machine *machine, uint32_t index, struct error *error);
enum status machine_get(struct machine *machine, uint32_t index, struct error *error);

/* Room for `need` pointers where there are `count`; what outgrows its place is the arena's. */
enum status machine_grow(struct machine *machine, struct value ***items, size_t count, size_t need,
                         size_t *room, struct error *error);

#endif
