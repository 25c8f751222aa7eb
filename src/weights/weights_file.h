/* An open weights file as its readers see it: they list its tensors and say where each one's
 * elements lie. The weights own everything here; weights_close frees it. */
#ifndef WEIGHTS_WEIGHTS_FILE_H
#define WEIGHTS_WEIGHTS_FILE_H

#include "base/arena.h"
#include "weights/weights.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Where a tensor's elements lie in the data descriptor. */
struct placement {
    uint64_t position;               /* byte of the element whose indices are all 0 */
    int64_t stride[WEIGHT_MAX_RANK]; /* in elements, none negative */
};

/* Bytes of the file whose CRC-32 the file itself gives. */
struct checksum {
    const char *name;
    uint64_t start, size;
    uint32_t crc32;
};

struct weights_file {
    struct weights weights; /* first: what the caller has a pointer to */
    struct arena arena;     /* names and lists */
    int descriptor;         /* the file */
    int data;               /* where the tensors lie: the file, or a sealed memory file */
    struct stat stamp;      /* the file as it was when opened */
    struct weight *list;
    struct placement *placements;     /* as many as there are weights */
    const struct weight **by_name;    /* sorted */
    const struct checksum *checksums; /* by start, none overlapping; NULL when there are none */
    size_t checksum_count;
};

/* Make room for the lists of at most `count` tensors. */
enum status weights_file_reserve(struct weights_file *file, size_t count, struct error *error);

/* Add one tensor to room made before; its name is copied. Computes `count`, which with the type's
 * size must stay under 2^63, and refuses names that are empty, longer than 500 bytes or hold
 * anything but printable ASCII. */
enum status weights_file_add(struct weights_file *file, const char *name, size_t name_length,
                             const struct weight *weight, const struct placement *placement,
                             struct error *error);

/* Whether the file is still what it was when opened, by size and time of change; BAD_INPUT when it
 * is not. */
enum status weights_file_unchanged(const struct weights_file *file, struct error *error);

/* A state_dict's or a layer's name as it can be shown to a person: printable ASCII as it is, other
 * bytes as \xNN, cut at the end of `out`. Returns `out`. */
enum { SHOWN_SIZE = 120 };
const char *shown(char out[SHOWN_SIZE], const char *text, size_t length);

#endif
