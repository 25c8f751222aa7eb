#include "data/path.h"

#include <string.h>
#include <strings.h>

int path_depth(const char *path)
{
    int slashes = 0;
    for (; *path; path++)
        slashes += *path == '/';
    return slashes;
}

const char *path_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool path_same_folder(const char *a, const char *b)
{
    size_t length = strcspn(a, "/");
    return strcspn(b, "/") == length && !memcmp(a, b, length);
}

static int rank(char character)
{
    return character == '\0' ? 0 : character == '/' ? 1 : (unsigned char)character + 1;
}

int path_compare(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return rank(*a) - rank(*b);
}

bool path_is_image(const char *path)
{
    static const char *const extensions[] = {".jpg", ".jpeg", ".png",  ".ppm", ".bmp",
                                             ".pgm", ".tif",  ".tiff", ".webp"};
    const char *dot = strrchr(path_file(path), '.');
    for (size_t i = 0; dot && i < sizeof extensions / sizeof *extensions; i++)
        if (!strcasecmp(dot, extensions[i]))
            return true;
    return false;
}
