/* Reading pickled objects without running anything: the opcodes of pickle protocol 2 that
 * torch.save writes, and of the objects that they may construct only dictionaries, numbers, strings
 * and tensors (pickle_objects.c). Values live in the caller's arena and point into the caller's
 * bytes, so both must outlive them. */
#ifndef WEIGHTS_PICKLE_H
#define WEIGHTS_PICKLE_H

#include "base/arena.h"
#include "weights/weights.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A pickled object may take this many bytes; a state_dict takes 100 to 250 for each tensor. */
enum { PICKLE_MAX_SIZE = 8 << 20 };

enum value_kind {
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_LONG, /* an integer of more than 64 bits, as its little-endian bytes */
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_TUPLE,
    VALUE_LIST,
    VALUE_SPENT, /* a list that has become an OrderedDict */
    VALUE_DICT,
    VALUE_ORDERED_DICT,
    VALUE_GLOBAL,
    VALUE_STORAGE,
    VALUE_TENSOR,
    VALUE_PARAMETER,
    VALUE_MARK
};

/* Numbers that one or more tensors are views of. */
struct storage {
    const char *key;
    size_t key_length;
    enum dtype dtype;
    int64_t numel;
    bool placed;
    uint64_t position;    /* byte of the file where the numbers begin, once placed */
    struct storage *next; /* the one met before */
};

/* All in elements of the storage. */
struct tensor {
    struct storage *storage;
    int rank;
    int64_t offset, shape[WEIGHT_MAX_RANK], stride[WEIGHT_MAX_RANK];
};

struct value {
    enum value_kind kind;
    uint32_t count, room; /* bytes of a string or long, items of the others */
    union {
        int64_t integer; /* also a bool */
        double real;
        const char *text;     /* not zero-terminated */
        struct value **items; /* of a dict: key, value, key, value */
        const struct allowed *global;
        struct storage *storage;
        struct tensor *tensor; /* NULL until it is known */
        struct value *data;    /* a parameter's tensor; NULL until it is known */
    };
};

/* One pickled object to be read. */
struct pickle {
    const char *path, *part; /* the file, and the part of it that this is, for messages */
    const uint8_t *data;
    size_t size;
    uint64_t origin; /* byte of the file at which `data` begins */
    struct arena *arena;
    /* The tensor that a persistent id names, NULL when there is none; itself NULL where persistent
     * ids are tuples that describe a storage. */
    struct tensor *(*reference)(void *context, const char *id, size_t length);
    void *context;
    size_t used;              /* bytes up to and with STOP */
    struct storage *storages; /* all that were met, the last one first */
};

/* Read one object. Refuses with BAD_INPUT whatever is not allowed, naming the byte. Bytes after
 * the object are left: see `used`. */
enum status pickle_load(struct pickle *pickle, struct value **object, struct error *error);

/* The same, refusing bytes after the object. */
enum status pickle_load_all(struct pickle *pickle, struct value **object, struct error *error);

/* BAD_INPUT, "PATH: byte N (PART): ...", `at` counting from pickle->data. */
enum status pickle_refuse(const struct pickle *pickle, size_t at, struct error *error,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A new value; NULL when memory runs out. */
struct value *value_new(struct arena *arena, enum value_kind kind);

bool value_is_string(const struct value *value, const char *text);
bool value_is_dict(const struct value *value);
/* What is found under a string in a dict; NULL when there is nothing. */
struct value *value_get(const struct value *dict, const char *key);
/* "a dict", "a tensor" and the like. */
const char *value_describe(const struct value *value);

#endif
