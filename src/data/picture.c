#include "data/picture.h"
#include "data/picture_parts.h"
#include "image/decode.h"

#include <string.h>

static bool begins(const uint8_t *file, size_t size, const char *bytes, size_t length)
{
    return size >= length && !memcmp(file, bytes, length);
}

enum status picture_examine(const uint8_t *file, size_t size, const char *name,
                            struct picture *picture, struct error *error)
{
    *picture = (struct picture){0};
    struct digest pixels;
    enum status status = digest_of(file, size, picture->file_digest, error);
    if (status == OK)
        status = digest_begin(&pixels, error);
    if (status != OK)
        return status;
    if (begins(file, size, "\xff\xd8\xff", 3))
        status = picture_jpeg(file, size, name, picture, &pixels, error);
    else if (begins(file, size, "\x89PNG\r\n\x1a\n", 8))
        status = picture_png(file, size, name, picture, &pixels, error);
    else
        status = impostor_refuse(file, size, name, error);
    digest_end(&pixels, picture->pixel_digest);
    if (status != OK)
        memcpy(picture->pixel_digest, picture->file_digest, DIGEST_SIZE);
    return status;
}
