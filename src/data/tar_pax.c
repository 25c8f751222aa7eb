#include "data/tar_header.h"

#include <string.h>

struct record {
    const char *key, *value;
    size_t key_length, value_length;
};

/* Decimal digits only. */
static bool read_decimal(const char *digits, size_t length, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < length; i++)
        if (digits[i] < '0' || digits[i] > '9' || __builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(digits[i] - '0'), value))
            return false;
    return length > 0;
}

/* Take the record that begins at `*at` apart and step over it. */
static bool next_record(const char **at, const char *end, struct record *record)
{
    const char *blank = memchr(*at, ' ', (size_t)(end - *at));
    uint64_t length;
    if (!blank || !read_decimal(*at, (size_t)(blank - *at), &length))
        return false;
    size_t head = (size_t)(blank - *at) + 1;
    if (length > (uint64_t)(end - *at) || length < head + 2) /* at least "=\n" */
        return false;
    const char *last = *at + length - 1;
    record->key = blank + 1;
    const char *equals = memchr(record->key, '=', (size_t)(last - record->key));
    if (!equals || *last != '\n')
        return false;
    record->key_length = (size_t)(equals - record->key);
    record->value = equals + 1;
    record->value_length = (size_t)(last - record->value);
    *at = last + 1;
    return true;
}

static bool key_is(const struct record *record, const char *key)
{
    return record->key_length == strlen(key) && !memcmp(record->key, key, record->key_length);
}

static bool key_begins(const struct record *record, const char *start)
{
    return record->key_length >= strlen(start) && !memcmp(record->key, start, strlen(start));
}

static enum status apply_name(const struct tar_place *place, const struct record *record,
                              struct tar_pax *pax)
{
    if (record->value_length == 0 || record->value_length > TAR_NAME_MAX ||
        memchr(record->value, '\0', record->value_length))
        return tar_refuse(place, "the path in this pax header is empty, longer than 4,096 bytes or "
                                 "holds a zero byte; make the archive again");
    if (pax->has_name)
        return tar_refuse(place, "a second name for the same member; make the archive again");
    memcpy(pax->name, record->value, record->value_length);
    pax->name[record->value_length] = '\0';
    pax->has_name = true;
    return OK;
}

static enum status apply(const struct tar_place *place, const struct record *record, bool global,
                         struct tar_pax *pax)
{
    if (key_begins(record, "GNU.sparse."))
        return tar_refuse(place, "a sparse file; make the archive again without tar --sparse");
    bool name = key_is(record, "path"), size = key_is(record, "size");
    if (global && (name || size))
        return tar_refuse(place, "this global pax header names a path or size, which would hold "
                                 "for every member; make the archive again");
    if (name)
        return apply_name(place, record, pax);
    if (!size)
        return OK;
    pax->has_size =
        read_decimal(record->value, record->value_length, &pax->size) && pax->size <= INT64_MAX;
    return pax->has_size ? OK : tar_refuse(place, "the size in this pax header is not a number");
}

enum status tar_pax_read(const struct tar_place *place, const uint8_t *records, size_t size,
                         bool global, struct tar_pax *pax)
{
    const char *at = (const char *)records, *end = at + size;
    enum status status = OK;
    while (status == OK && at < end) {
        struct record record;
        if (!next_record(&at, end, &record))
            return tar_refuse(place, "the records of this pax header do not fit together; the "
                                     "archive is damaged: get it again");
        status = apply(place, &record, global, pax);
    }
    return status;
}
