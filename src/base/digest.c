#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 18 };

enum status digest_begin(struct digest *digest, struct error *error)
{
    digest->context = EVP_MD_CTX_new();
    if (!digest->context || !EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL)) {
        digest_end(digest, NULL);
        return error_memory(error, "a digest");
    }
    return OK;
}

void digest_add(struct digest *digest, const void *data, size_t size)
{
    EVP_DigestUpdate(digest->context, data, size);
}

void digest_end(struct digest *digest, uint8_t out[DIGEST_SIZE])
{
    if (digest->context && out)
        EVP_DigestFinal_ex(digest->context, out, NULL);
    EVP_MD_CTX_free(digest->context);
    digest->context = NULL;
}

void digest_hex(const uint8_t digest[DIGEST_SIZE], char hex[DIGEST_HEX])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < DIGEST_SIZE; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * DIGEST_SIZE] = '\0';
}

enum status digest_of(const void *data, size_t size, uint8_t out[DIGEST_SIZE], struct error *error)
{
    struct digest digest;
    enum status status = digest_begin(&digest, error);
    if (status != OK)
        return status;
    digest_add(&digest, data, size);
    digest_end(&digest, out);
    return OK;
}

enum status digest_of_file(int descriptor, const char *path, char hex[DIGEST_HEX],
                           struct error *error)
{
    uint8_t *piece = malloc(PIECE);
    if (!piece)
        return error_memory(error, "a read buffer");
    struct digest digest;
    enum status status = digest_begin(&digest, error);
    for (off_t at = 0; status == OK;) {
        ssize_t got = pread(descriptor, piece, PIECE, at);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            status = error_errno(error, path, "read");
        if (got > 0) {
            digest_add(&digest, piece, (size_t)got);
            at += got;
        }
    }
    uint8_t sum[DIGEST_SIZE] = {0};
    digest_end(&digest, sum);
    digest_hex(sum, hex);
    free(piece);
    return status;
}
