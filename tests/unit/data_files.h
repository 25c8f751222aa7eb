/* Files that the tests of src/data make: temporary folders, tars built member by member, damage
 * from a fixed seed. Each test frees what it makes. */
#ifndef TESTS_DATA_FILES_H
#define TESTS_DATA_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

/* A path in a buffer of the enclosing block. */
#define PATH(...) data_path((char[512]){0}, __VA_ARGS__)
__attribute__((format(printf, 2, 3))) static inline const char *data_path(char *path,
                                                                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, 512, format, arguments);
    va_end(arguments);
    return path;
}

static inline char *temporary_folder(void)
{
    char *folder = strdup("/tmp/bitzoo-data-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

/* Remove a temporary folder and all in it, and free its name. */
static inline void remove_folder(char *folder)
{
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
    free(folder);
}

/* Write a file, making its folder. */
static inline void write_file(const char *path, const void *data, size_t size)
{
    char folder[512];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    assert_int_equal(folder_make(folder, NULL), OK);
    unlink(path); /* some file systems sync a file that is emptied and written again */
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *path, const char *text)
{
    write_file(path, text, strlen(text));
}

enum { BLOCK = 512 };
struct tar_file {
    uint8_t *data;
    size_t size, capacity;
};

static inline uint8_t *tar_append(struct tar_file *tar, const void *data, size_t size)
{
    size_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
    if (tar->capacity < tar->size + padded) {
        tar->capacity = 2 * (tar->size + padded);
        tar->data = realloc(tar->data, tar->capacity);
        assert_non_null(tar->data);
    }
    uint8_t *start = tar->data + tar->size;
    memset(start, 0, padded);
    if (size)
        memcpy(start, data, size);
    tar->size += padded;
    return start;
}

static inline void put_octal(uint8_t *field, int digits, size_t value)
{
    for (; digits > 0; value /= 8)
        field[--digits] = (uint8_t)('0' + value % 8);
}

static inline void tar_sign(uint8_t *block)
{
    size_t sum = 0;
    memset(block + 148, ' ', 8);
    for (int i = 0; i < BLOCK; i++)
        sum += block[i];
    put_octal(block + 148, 6, sum);
    block[154] = 0;
}

/* A header and its data; returns the offset of the header. */
static inline size_t tar_add(struct tar_file *tar, char type, const char *name, const void *data,
                             size_t size)
{
    uint8_t block[BLOCK] = {0};
    memcpy(block, name, strlen(name) < 100 ? strlen(name) : 100);
    put_octal(block + 100, 7, 0644);
    put_octal(block + 124, 11, size);
    block[156] = (uint8_t)type;
    memcpy(block + 257, "ustar\00000", 8);
    tar_sign(block);
    size_t at = tar->size;
    tar_append(tar, block, BLOCK);
    tar_append(tar, data, size);
    return at;
}

static inline void tar_add_text(struct tar_file *tar, const char *name, const char *text)
{
    tar_add(tar, '0', name, text, strlen(text));
}

/* The two end blocks; write the archive; free it. */
static inline void tar_save(struct tar_file *tar, const char *path)
{
    uint8_t end[2 * BLOCK] = {0};
    tar_append(tar, end, sizeof end);
    write_file(path, tar->data, tar->size);
    free(tar->data);
    *tar = (struct tar_file){0};
}

/* Knuth's MMIX generator: the same numbers everywhere. */
static inline uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Damage some bytes: flip bits, overwrite with extremes, copy a piece elsewhere. */
static inline void damage(uint8_t *data, size_t size, uint64_t *state)
{
    static const uint8_t extremes[] = {0, 0xff, 0x80, 0x7f, '9', '/', ' ', 1};
    for (uint32_t times = 1 + next_random(state) % 4; times > 0; times--) {
        size_t at = next_random(state) % size;
        switch (next_random(state) % 3) {
        case 0:
            data[at] ^= (uint8_t)(1 << next_random(state) % 8);
            break;
        case 1:
            data[at] = extremes[next_random(state) % sizeof extremes];
            break;
        default: {
            size_t from = next_random(state) % size, length = next_random(state) % 16;
            size_t last = from > at ? from : at;
            memmove(data + at, data + from, length < size - last ? length : size - last);
        }
        }
    }
}

#endif
