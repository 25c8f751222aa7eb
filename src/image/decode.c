#include "image/decode.h"

#include <string.h>

static bool starts_with(const uint8_t *file, size_t size, const char *bytes, size_t length)
{
    return size >= length && memcmp(file, bytes, length) == 0;
}

enum status decode_check_size(uint64_t width, uint64_t height, const char *name,
                              struct error *error)
{
    if (width > 0 && height > 0 && width <= IMAGE_MAX_SIDE && height <= IMAGE_MAX_SIDE &&
        width * height <= IMAGE_MAX_PIXELS)
        return OK;
    return error_set(error, BAD_INPUT,
                     "%s: says that it is %llu x %llu pixels; 1 to %d a side are read, and at most "
                     "%d in all: shrink it or leave it out",
                     name, (unsigned long long)width, (unsigned long long)height, IMAGE_MAX_SIDE,
                     IMAGE_MAX_PIXELS);
}

enum status image_decode(struct image *image, const uint8_t *file, size_t size, const char *name,
                         struct error *error)
{
    enum status status;
    if (starts_with(file, size, "\xff\xd8\xff", 3))
        status = jpeg_reader_decode(image, file, size, name, error);
    else if (starts_with(file, size, "\x89PNG\r\n\x1a\n", 8))
        status = png_reader_decode(image, file, size, name, error);
    else
        status = impostor_refuse(file, size, name, error);
    if (status != OK)
        image->width = image->height = 0;
    return status;
}
