/* One 512-byte header block of a tar archive (POSIX ustar, GNU and 7th edition), and the records
 * of a pax extended header. Nothing is owned. */
#ifndef DATA_TAR_HEADER_H
#define DATA_TAR_HEADER_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAR_BLOCK = 512, TAR_NAME_MAX = 4096 };

struct tar_header {
    char type;     /* '0' file (also for '\0' and '7'), '5' folder, others as stored */
    uint64_t size; /* bytes of data that follow */
    char name[TAR_NAME_MAX + 1]; /* as stored, prefix and name joined */
};

/* Where a header stands, for its errors. */
struct tar_place {
    const char *path; /* the archive */
    uint64_t offset;  /* of the block in it */
    struct error *error;
};

/* An error at that place: "PATH: byte OFFSET: WHAT". BAD_INPUT. */
enum status tar_refuse(const struct tar_place *place, const char *what);

bool tar_block_is_zero(const uint8_t block[TAR_BLOCK]);

/* Check a block's checksum and read its fields. */
enum status tar_header_read(const struct tar_place *place, const uint8_t block[TAR_BLOCK],
                            struct tar_header *header);

/* What a pax extended header says of the entry that follows it. */
struct tar_pax {
    bool has_name, has_size;
    char name[TAR_NAME_MAX + 1];
    uint64_t size;
};

/* Read the records of a pax header, "LENGTH KEY=VALUE\n" each. Only path and size matter; in a
 * global header (of every entry that follows) they are refused, as sparse files are everywhere. */
enum status tar_pax_read(const struct tar_place *place, const uint8_t *records, size_t size,
                         bool global, struct tar_pax *pax);

#endif
