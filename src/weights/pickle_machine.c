#include "weights/pickle_machine.h"

#include "weights/little_endian.h"

#include <string.h>

enum status machine_refuse(const struct machine *machine, struct error *error, const char *what)
{
    return pickle_refuse(machine->pickle, machine->at, error,
                         "%s; the file is damaged: get it again", what);
}

enum status machine_bytes(struct machine *machine, size_t size, const uint8_t **bytes,
                          struct error *error)
{
    if (machine->pickle->size - machine->next < size)
        return machine_refuse(machine, error, "is cut off inside an opcode");
    *bytes = machine->pickle->data + machine->next;
    machine->next += size;
    return OK;
}

enum status machine_number(struct machine *machine, int size, uint32_t *number, struct error *error)
{
    const uint8_t *bytes = NULL;
    enum status status = machine_bytes(machine, (size_t)size, &bytes, error);
    if (status == OK)
        *number = size == 1 ? *bytes : size == 2 ? le16(bytes) : le32(bytes);
    return status;
}

enum status machine_line(struct machine *machine, size_t limit, const char **line, size_t *length,
                         struct error *error)
{
    const uint8_t *start = machine->pickle->data + machine->next;
    size_t left = machine->pickle->size - machine->next;
    const uint8_t *end = memchr(start, '\n', left < limit + 1 ? left : limit + 1);
    if (!end)
        return machine_refuse(machine, error, "has a line without an end");
    *line = (const char *)start;
    *length = (size_t)(end - start);
    machine->next += *length + 1;
    return OK;
}

enum status machine_grow(struct machine *machine, struct value ***items, size_t count, size_t need,
                         size_t *room, struct error *error)
{
    if (need <= *room)
        return OK;
    size_t wanted = need < 8 ? 8 : 2 * need;
    struct value **larger = arena_alloc(machine->pickle->arena, wanted, sizeof *larger);
    if (!larger)
        return error_memory(error, "a pickled object");
    if (count)
        memcpy(larger, *items, count * sizeof *larger);
    *items = larger;
    *room = wanted;
    return OK;
}

enum status machine_push(struct machine *machine, struct value *value, struct error *error)
{
    if (!value)
        return error_memory(error, "a pickled object");
    enum status status = machine_grow(machine, &machine->stack, machine->depth, machine->depth + 1,
                                      &machine->stack_room, error);
    if (status == OK)
        machine->stack[machine->depth++] = value;
    return status;
}

enum status machine_pop(struct machine *machine, size_t count, struct value ***items,
                        struct error *error)
{
    for (size_t i = 1; i <= count; i++)
        if (machine->depth < i || machine->stack[machine->depth - i]->kind == VALUE_MARK)
            return machine_refuse(machine, error,
                                  "takes a value off its stack where there is none");
    machine->depth -= count;
    *items = machine->stack + machine->depth;
    return OK;
}

enum status machine_pop_to_mark(struct machine *machine, struct value ***items, size_t *count,
                                struct error *error)
{
    size_t mark = machine->depth;
    while (mark > 0 && machine->stack[mark - 1]->kind != VALUE_MARK)
        mark--;
    if (mark == 0)
        return machine_refuse(machine, error, "looks for a mark on its stack where there is none");
    *items = machine->stack + mark;
    *count = machine->depth - mark;
    machine->depth = mark - 1;
    return OK;
}

enum status machine_put(struct machine *machine, uint32_t index, struct error *error)
{
    struct value **top = NULL;
    enum status status = machine_pop(machine, 1, &top, error);
    if (status != OK)
        return status;
    machine->depth++;
    /* An honest one numbers its objects from 0, and each takes a byte at the least. */
    if (index >= machine->pickle->size)
        return machine_refuse(machine, error, "numbers an object higher than it can have objects");
    status = machine_grow(machine, &machine->memo, machine->memo_room, (size_t)index + 1,
                          &machine->memo_room, error);
    if (status == OK)
        machine->memo[index] = *top;
    return status;
}

enum status machine_get(struct machine *machine, uint32_t index, struct error *error)
{
    if (index >= machine->memo_room || !machine->memo[index])
        return machine_refuse(machine, error, "refers to an object that it did not number");
    return machine_push(machine, machine->memo[index], error);
}
