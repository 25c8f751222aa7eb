/* SHA-256, by OpenSSL. A `struct digest` is opened by digest_begin and closed by digest_end. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_SIZE = 32, DIGEST_HEX = 65 };

struct digest {
    void *context;
};

enum status digest_begin(struct digest *digest, struct error *error);
void digest_add(struct digest *digest, const void *data, size_t size);
/* The 32 bytes; frees the context. `out` may be NULL to throw the digest away. */
void digest_end(struct digest *digest, uint8_t out[DIGEST_SIZE]);

/* Lower-case hexadecimal, zero-terminated. */
void digest_hex(const uint8_t digest[DIGEST_SIZE], char hex[DIGEST_HEX]);

enum status digest_of(const void *data, size_t size, uint8_t out[DIGEST_SIZE], struct error *error);

/* The digest of a whole open file, read in pieces by pread. */
enum status digest_of_file(int descriptor, const char *path, char hex[DIGEST_HEX],
                           struct error *error);

#endif
