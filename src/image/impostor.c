#include "image/decode.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct impostor {
    size_t offset, length;
    const char *bytes;
    const char *what, *advice;
};

static const char convert[] = "convert it to PNG";
static const char fetch[] = "get the file itself again";
static const char unpack[] = "unpack it first";

static const struct impostor impostors[] = {
    {0, 12, "\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", convert},
    {0, 12, "\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture", convert},
    {0, 4, "\xff\x4f\xff\x51", "a JPEG 2000 picture", convert},
    {0, 2, "\xff\x0a", "a JPEG XL picture", convert},
    {8, 4, "WEBP", "a WebP picture", convert},
    {4, 8, "ftypavif", "an AVIF picture", convert},
    {4, 4, "ftyp", "an HEIF picture or a film", convert},
    {0, 4, "GIF8", "a GIF picture", convert},
    {0, 4, "II*\0", "a TIFF picture", convert},
    {0, 4, "MM\0*", "a TIFF picture", convert},
    {0, 2, "BM", "a BMP picture", convert},
    {0, 8, "\x8aMNG\r\n\x1a\n", "an MNG animation", convert},
    {0, 4, "%PDF", "a PDF document", convert},
    {0, 23, "version https://git-lfs", "a git-lfs pointer, not the file", "run `git lfs pull`"},
    {0, 2, "\x1f\x8b", "gzip data", unpack},
    {0, 4, "PK\x03\x04", "a zip archive", unpack},
    {0, 6, "\3757zXZ", "xz data", unpack},
    {257, 5, "ustar", "a tar archive", unpack},
};

/* An HTML or XML page, such as servers send in place of a file, after any white space. */
static bool is_page(const uint8_t *file, size_t size)
{
    static const char *const starts[] = {"<!doctype", "<html", "<head", "<?xml", "<!--", "<svg"};
    size_t at = size >= 3 && memcmp(file, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < size && isspace(file[at]))
        at++;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t length = strlen(starts[i]);
        if (size - at >= length && strncasecmp((const char *)file + at, starts[i], length) == 0)
            return true;
    }
    return false;
}

enum status impostor_refuse(const uint8_t *file, size_t size, const char *name, struct error *error)
{
    if (size == 0)
        return error_set(error, BAD_INPUT, "%s: is empty; a JPEG or PNG picture is wanted: %s",
                         name, fetch);
    for (size_t i = 0; i < sizeof impostors / sizeof *impostors; i++) {
        const struct impostor *is = &impostors[i];
        if (size >= is->offset + is->length &&
            memcmp(file + is->offset, is->bytes, is->length) == 0)
            return error_set(error, BAD_INPUT, "%s: is %s; a JPEG or PNG picture is wanted: %s",
                             name, is->what, is->advice);
    }
    if (is_page(file, size))
        return error_set(error, BAD_INPUT,
                         "%s: is an HTML or XML page; a JPEG or PNG picture is wanted: %s", name,
                         fetch);
    return error_set(error, BAD_INPUT,
                     "%s: byte 0: found %02x %02x %02x %02x; a JPEG picture starts with ff d8 ff, "
                     "a PNG one with 89 50 4e 47: %s",
                     name, file[0], size > 1 ? file[1] : 0, size > 2 ? file[2] : 0,
                     size > 3 ? file[3] : 0, fetch);
}
