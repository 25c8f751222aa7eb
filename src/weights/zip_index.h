/* The entries of a zip archive as PyTorch writes them: stored, not encrypted, none overlapping, the
 * central directory at the end agreeing with what stands before each entry. Strictly so: whatever
 * two readers could understand differently is refused. The index lives in the caller's arena. */
#ifndef WEIGHTS_ZIP_INDEX_H
#define WEIGHTS_ZIP_INDEX_H

#include "weights/weights_file.h"

struct zip_entry {
    char *name; /* zero-terminated; it holds no other zero */
    uint16_t flags, method;
    uint32_t crc32;
    uint64_t size;
    uint64_t header, start; /* bytes of the file: the entry's own header, its data */
};

struct zip_index {
    struct zip_entry *entries; /* by name */
    size_t count;
};

enum status zip_index_read(struct zip_index *index, const struct weights_file *file,
                           struct arena *arena, struct error *error);

/* NULL when there is none. */
const struct zip_entry *zip_index_find(const struct zip_index *index, const char *name);

/* Put the entries that have a CRC-32 into file->checksums. PyTorch writes 0 where it was told not
 * to compute one. */
enum status zip_index_checksums(const struct zip_index *index, struct weights_file *file,
                                struct error *error);

#endif
