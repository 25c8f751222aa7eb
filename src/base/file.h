/* Reading regular files and writing files that are whole or not there. A `struct bytes` is owned
 * by whoever declared it and freed with bytes_free; a `struct new_file` by whoever created it. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *data;
    size_t size, capacity;
};

/* Make room for `size` bytes, keeping what is there. */
enum status bytes_reserve(struct bytes *bytes, size_t size, struct error *error);
void bytes_free(struct bytes *bytes);

/* Open a regular file for reading. Returns a descriptor, to be closed by the caller, and the
 * file's size; -1 on failure (not there, a folder, a device). */
int file_open(const char *path, uint64_t *size, struct error *error);

/* Read exactly `size` bytes at `offset`, or fail: a file that ends early is BAD_INPUT. */
enum status file_read_at(int descriptor, const char *path, void *to, size_t size, uint64_t offset,
                         struct error *error);

/* Read a whole regular file of at most `limit` bytes into `bytes`, reusing its memory. */
enum status file_load(const char *path, size_t limit, struct bytes *bytes, struct error *error);

/* A file being written under a temporary name in the folder of its final one. */
struct new_file {
    int descriptor; /* -1 when there is none */
    char *path, *temporary;
};

/* A link that is there is followed; a device or a folder is refused, BAD_INPUT. */
enum status new_file_create(struct new_file *file, const char *path, struct error *error);
enum status new_file_write(struct new_file *file, const void *data, size_t size,
                           struct error *error);
/* Write at a place of its own; the file's end moves when it must. */
enum status new_file_write_at(struct new_file *file, const void *data, size_t size, uint64_t offset,
                              struct error *error);
/* fsync, rename to the final name, fsync the folder. Frees the struct's members either way; on
 * failure the temporary file is removed and an older file of the same name is untouched. */
enum status new_file_commit(struct new_file *file, struct error *error);
/* Remove what was written so far. Does nothing after a commit. */
void new_file_discard(struct new_file *file);

/* All of the above for bytes at hand. */
enum status file_save(const char *path, const void *data, size_t size, struct error *error);

/* Remove a file if it is there. */
enum status file_remove(const char *path, struct error *error);

/* mkdir -p. BAD_USAGE for an empty name. */
enum status folder_make(const char *path, struct error *error);

#endif
