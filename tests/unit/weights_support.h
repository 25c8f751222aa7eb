/* What the tests of weight files share: a file in memory that can be opened by a path, and checks
 * of what opening bytes comes to. Each test program owns one such file. */
#ifndef UNIT_WEIGHTS_SUPPORT_H
#define UNIT_WEIGHTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "shared_data.h"
#include "weights/weights.h"

#define GOLDEN "tests/golden/weights/"

/* A literal and its length, zeros in it and all. */
#define BYTES(text) text, sizeof(text) - 1

static inline bool there(const char *path)
{
    if (access(path, R_OK) == 0)
        return true;
    print_message("skipped: %s is not there\n", path);
    return false;
}

static inline struct bytes load(const char *path)
{
    struct bytes bytes = {0};
    struct error error = {0};
    if (file_load(path, 1 << 30, &bytes, &error) != OK)
        fail_msg("%s", error.text);
    return bytes;
}

static inline struct weights *open_path(const char *path)
{
    struct weights *weights;
    struct error error = {0};
    if (weights_open(path, &weights, &error) != OK)
        fail_msg("%s", error.text);
    return weights;
}

/* Open bytes as a file of weights. */
static inline enum status open_bytes(const void *data, size_t size, struct weights **weights,
                                     struct error *error)
{
    static int descriptor = -1;
    static char path[64];
    if (descriptor < 0) {
        descriptor = memfd_create("test", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    }
    assert_int_equal(ftruncate(descriptor, 0), 0);
    assert_int_equal(pwrite(descriptor, data, size, 0), size);
    return weights_open(path, weights, error);
}

/* Opening the bytes must fail with BAD_INPUT and words that hold `expected`. */
static inline void assert_refused(const void *data, size_t size, const char *expected)
{
    struct weights *weights;
    struct error error = {0};
    enum status status = open_bytes(data, size, &weights, &error);
    if (status == OK)
        weights_close(weights);
    if (status != BAD_INPUT || !strstr(error.text, expected))
        fail_msg("status %d, \"%s\"; wanted \"%s\"", status, error.text, expected);
}

/* All of a tensor; to be freed. */
static inline float *read_floats(const struct weights *weights, const struct weight *weight)
{
    struct error error = {0};
    float *out = malloc((size_t)weight->count * sizeof *out + 1);
    assert_non_null(out);
    if (weights_read(weights, weight, out, &error) != OK)
        fail_msg("%s", error.text);
    return out;
}

static inline struct bytes bytes_copy(const struct bytes *bytes)
{
    struct bytes copy = {0};
    assert_int_equal(bytes_reserve(&copy, bytes->size + 1, NULL), OK);
    memcpy(copy.data, bytes->data, bytes->size);
    copy.size = bytes->size;
    return copy;
}

static inline void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->size + size > bytes->capacity)
        assert_int_equal(bytes_reserve(bytes, 2 * (bytes->size + size), NULL), OK);
    if (size)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

#endif
