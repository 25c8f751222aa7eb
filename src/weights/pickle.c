#include "weights/pickle.h"

#include "weights/little_endian.h"
#include "weights/pickle_machine.h"
#include "weights/pickle_objects.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_GLOBAL = 500, MAX_DIGITS = 20 };

enum status pickle_refuse(const struct pickle *pickle, size_t at, struct error *error,
                          const char *format, ...)
{
    char text[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set(error, BAD_INPUT, "%s: byte %llu (%s): the pickled object %s", pickle->path,
                     (unsigned long long)(pickle->origin + at), pickle->part, text);
}

static enum status stop(struct machine *machine, int unused, struct error *error)
{
    (void)unused;
    struct value **last;
    enum status status = machine_pop(machine, 1, &last, error);
    if (status == OK && machine->depth != 0)
        return machine_refuse(machine, error, "ends with more than one value on its stack");
    machine->stopped = true;
    return status;
}

/* None, a mark or an empty container. */
static enum status push_empty(struct machine *machine, int kind, struct error *error)
{
    return machine_push(machine, value_new(machine->pickle->arena, kind), error);
}

static enum status push_integer(struct machine *machine, enum value_kind kind, int64_t integer,
                                struct error *error)
{
    struct value *value = value_new(machine->pickle->arena, kind);
    if (value)
        value->integer = integer;
    return machine_push(machine, value, error);
}

static enum status push_bool(struct machine *machine, int truth, struct error *error)
{
    return push_integer(machine, VALUE_BOOL, truth, error);
}

/* 1 and 2 bytes are unsigned, 4 are signed. */
static enum status push_binint(struct machine *machine, int size, struct error *error)
{
    uint32_t number;
    enum status status = machine_number(machine, size, &number, error);
    if (status != OK)
        return status;
    return push_integer(machine, VALUE_INT, size == 4 ? (int64_t)(int32_t)number : number, error);
}

static enum status push_text(struct machine *machine, enum value_kind kind, uint32_t size,
                             struct error *error)
{
    const uint8_t *bytes;
    enum status status = machine_bytes(machine, size, &bytes, error);
    if (status != OK)
        return status;
    struct value *value = value_new(machine->pickle->arena, kind);
    if (value) {
        value->text = (const char *)bytes;
        value->count = size;
    }
    return machine_push(machine, value, error);
}

static enum status push_string(struct machine *machine, int size_bytes, struct error *error)
{
    uint32_t size;
    enum status status = machine_number(machine, size_bytes, &size, error);
    return status == OK ? push_text(machine, VALUE_STRING, size, error) : status;
}

/* Little-endian two's complement of any length. */
static enum status push_long(struct machine *machine, int size_bytes, struct error *error)
{
    uint32_t size;
    const uint8_t *bytes;
    enum status status = machine_number(machine, size_bytes, &size, error);
    if (status != OK)
        return status;
    if (size > 8)
        return push_text(machine, VALUE_LONG, size, error);
    status = machine_bytes(machine, size, &bytes, error);
    if (status != OK)
        return status;
    uint64_t integer = size && bytes[size - 1] & 0x80 ? UINT64_MAX : 0;
    for (uint32_t i = size; i > 0; i--)
        integer = integer << 8 | bytes[i - 1];
    return push_integer(machine, VALUE_INT, (int64_t)integer, error);
}

/* Decimal text: how Python 2 writes an integer of more than 32 bits. */
static enum status push_decimal(struct machine *machine, int limit, struct error *error)
{
    static const char wrong[] = "has an integer that is not one of 64 bits";
    const char *line;
    size_t length;
    enum status status = machine_line(machine, (size_t)limit, &line, &length, error);
    if (status != OK)
        return status;
    bool negative = length > 0 && line[0] == '-';
    int64_t integer = 0; /* counted downward: the negative range is the larger one */
    for (size_t i = negative; i < length; i++)
        if (line[i] < '0' || line[i] > '9' || __builtin_mul_overflow(integer, 10, &integer) ||
            __builtin_sub_overflow(integer, line[i] - '0', &integer))
            return machine_refuse(machine, error, wrong);
    if (length == (size_t)negative || (!negative && integer == INT64_MIN))
        return machine_refuse(machine, error, wrong);
    return push_integer(machine, VALUE_INT, negative ? integer : -integer, error);
}

static enum status push_float(struct machine *machine, int size, struct error *error)
{
    const uint8_t *bytes;
    enum status status = machine_bytes(machine, (size_t)size, &bytes, error);
    if (status != OK)
        return status;
    struct value *value = value_new(machine->pickle->arena, VALUE_FLOAT);
    if (value) {
        uint64_t bits = __builtin_bswap64(le64(bytes));
        memcpy(&value->real, &bits, sizeof bits);
    }
    return machine_push(machine, value, error);
}

static enum status push_tuple(struct machine *machine, struct value **items, size_t count,
                              struct error *error)
{
    struct value *tuple = value_new(machine->pickle->arena, VALUE_TUPLE);
    if (!tuple)
        return error_memory(error, "a pickled tuple");
    tuple->items = arena_alloc(machine->pickle->arena, count, sizeof *tuple->items);
    if (!tuple->items)
        return error_memory(error, "a pickled tuple");
    if (count)
        memcpy(tuple->items, items, count * sizeof *items);
    tuple->count = (uint32_t)count;
    return machine_push(machine, tuple, error);
}

static enum status tuple_of(struct machine *machine, int count, struct error *error)
{
    struct value **items;
    enum status status = machine_pop(machine, (size_t)count, &items, error);
    return status == OK ? push_tuple(machine, items, (size_t)count, error) : status;
}

static enum status tuple_to_mark(struct machine *machine, int unused, struct error *error)
{
    (void)unused;
    struct value **items;
    size_t count;
    enum status status = machine_pop_to_mark(machine, &items, &count, error);
    return status == OK ? push_tuple(machine, items, count, error) : status;
}

/* Add items to the container on top of the stack: a list, or a dict when `pairs`. */
static enum status add_items(struct machine *machine, bool pairs, struct value **items,
                             size_t count, struct error *error)
{
    struct value **top;
    enum status status = machine_pop(machine, 1, &top, error);
    if (status != OK)
        return status;
    machine->depth++;
    struct value *target = *top;
    if (pairs ? !value_is_dict(target) || count % 2 : target->kind != VALUE_LIST)
        return machine_refuse(machine, error, "adds items to what is no list or dict of them");
    size_t room = target->room;
    status =
        machine_grow(machine, &target->items, target->count, target->count + count, &room, error);
    if (status != OK)
        return status;
    target->room = (uint32_t)room;
    if (count)
        memcpy(target->items + target->count, items, count * sizeof *items);
    target->count += (uint32_t)count;
    return OK;
}

static enum status add_one(struct machine *machine, int pairs, struct error *error)
{
    struct value **items;
    size_t count = pairs ? 2 : 1;
    enum status status = machine_pop(machine, count, &items, error);
    return status == OK ? add_items(machine, pairs, items, count, error) : status;
}

static enum status add_to_mark(struct machine *machine, int pairs, struct error *error)
{
    struct value **items;
    size_t count;
    enum status status = machine_pop_to_mark(machine, &items, &count, error);
    return status == OK ? add_items(machine, pairs, items, count, error) : status;
}

static enum status put(struct machine *machine, int index_bytes, struct error *error)
{
    uint32_t index;
    enum status status = machine_number(machine, index_bytes, &index, error);
    return status == OK ? machine_put(machine, index, error) : status;
}

static enum status get(struct machine *machine, int index_bytes, struct error *error)
{
    uint32_t index;
    enum status status = machine_number(machine, index_bytes, &index, error);
    return status == OK ? machine_get(machine, index, error) : status;
}

static enum status global(struct machine *machine, int limit, struct error *error)
{
    const char *module, *name;
    size_t module_length, name_length;
    struct value *value;
    enum status status = machine_line(machine, (size_t)limit, &module, &module_length, error);
    if (status == OK)
        status = machine_line(machine, (size_t)limit, &name, &name_length, error);
    if (status == OK)
        status = objects_global(machine->pickle, machine->at, module, module_length, name,
                                name_length, &value, error);
    return status == OK ? machine_push(machine, value, error) : status;
}

/* REDUCE calls a function, NEWOBJ a class: the same of what is allowed. */
static enum status construct(struct machine *machine, int unused, struct error *error)
{
    (void)unused;
    struct value **operands, *value;
    enum status status = machine_pop(machine, 2, &operands, error);
    if (status == OK)
        status =
            objects_make(machine->pickle, machine->at, operands[0], operands[1], &value, error);
    return status == OK ? machine_push(machine, value, error) : status;
}

static enum status build(struct machine *machine, int unused, struct error *error)
{
    (void)unused;
    struct value **operands;
    enum status status = machine_pop(machine, 2, &operands, error);
    if (status != OK)
        return status;
    machine->depth++; /* the object stays, its state does not */
    return objects_build(machine->pickle, machine->at, operands[0], operands[1], error);
}

static enum status persistent(struct machine *machine, int unused, struct error *error)
{
    (void)unused;
    struct value **id, *value;
    enum status status = machine_pop(machine, 1, &id, error);
    if (status == OK)
        status = objects_persistent(machine->pickle, machine->at, *id, &value, error);
    return status == OK ? machine_push(machine, value, error) : status;
}

/* What each opcode does, and the number that tells apart those which do alike. */
static const struct {
    enum status (*run)(struct machine *machine, int number, struct error *error);
    int number;
} operations[256] = {
    ['.'] = {stop, 0},
    ['('] = {push_empty, VALUE_MARK},
    ['N'] = {push_empty, VALUE_NONE},
    [')'] = {push_empty, VALUE_TUPLE},
    [']'] = {push_empty, VALUE_LIST},
    ['}'] = {push_empty, VALUE_DICT},
    [0x88] = {push_bool, true},
    [0x89] = {push_bool, false},
    ['K'] = {push_binint, 1},
    ['M'] = {push_binint, 2},
    ['J'] = {push_binint, 4},
    ['I'] = {push_decimal, MAX_DIGITS},
    [0x8a] = {push_long, 1},
    ['G'] = {push_float, 8},
    ['U'] = {push_string, 1},
    ['T'] = {push_string, 4},
    ['X'] = {push_string, 4},
    [0x85] = {tuple_of, 1},
    [0x86] = {tuple_of, 2},
    [0x87] = {tuple_of, 3},
    ['t'] = {tuple_to_mark, 0},
    ['a'] = {add_one, false},
    ['s'] = {add_one, true},
    ['e'] = {add_to_mark, false},
    ['u'] = {add_to_mark, true},
    ['q'] = {put, 1},
    ['r'] = {put, 4},
    ['h'] = {get, 1},
    ['j'] = {get, 4},
    ['c'] = {global, MAX_GLOBAL},
    ['R'] = {construct, 0},
    [0x81] = {construct, 0},
    ['b'] = {build, 0},
    ['Q'] = {persistent, 0},
};

enum status pickle_load(struct pickle *pickle, struct value **object, struct error *error)
{
    struct machine machine = {.pickle = pickle, .next = 2};
    if (pickle->size < 2)
        return machine_refuse(&machine, error, "is cut off before its end");
    if (pickle->data[0] != 0x80)
        return machine_refuse(&machine, error, "does not begin with its protocol");
    if (pickle->data[1] != 2)
        return pickle_refuse(pickle, 0, error,
                             "is of pickle protocol %d; wanted is 2, which torch.save writes "
                             "unless it is told otherwise: save it again",
                             pickle->data[1]);
    while (!machine.stopped) {
        machine.at = machine.next;
        if (machine.at == pickle->size)
            return machine_refuse(&machine, error, "is cut off before its end");
        uint8_t opcode = pickle->data[machine.next++];
        if (!operations[opcode].run)
            return pickle_refuse(pickle, machine.at, error,
                                 "has opcode 0x%02x, which no state_dict needs", opcode);
        enum status status = operations[opcode].run(&machine, operations[opcode].number, error);
        if (status != OK)
            return status;
    }
    pickle->used = machine.next;
    *object = machine.stack[0];
    return OK;
}

enum status pickle_load_all(struct pickle *pickle, struct value **object, struct error *error)
{
    enum status status = pickle_load(pickle, object, error);
    if (status == OK && pickle->used != pickle->size)
        return pickle_refuse(pickle, pickle->used, error,
                             "ends here, %zu bytes before its part of the file does",
                             pickle->size - pickle->used);
    return status;
}
