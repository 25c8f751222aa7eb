#include "weights/h5_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_digits(const char *text, size_t length)
{
    return length > 0 && strspn(text, "0123456789") >= length;
}

/* What follows, where a path begins with the layer's name, or with that and "_1" or the like; else
 * NULL. The name may have slashes itself. */
static const char *after_layer(const char *path, const char *end, const char *layer)
{
    size_t length = strlen(layer);
    if ((size_t)(end - path) <= length || memcmp(path, layer, length) != 0)
        return NULL;
    const char *rest = path + length;
    const char *slash = memchr(rest, '/', (size_t)(end - rest));
    if (!slash ||
        (slash != rest && (*rest != '_' || !is_digits(rest + 1, (size_t)(slash - rest - 1)))))
        return NULL;
    return slash + 1;
}

void h5_name(char *out, size_t size, const char *layer, const char *weight)
{
    size_t layer_length = strlen(layer), length = strlen(weight);
    const char *colon = strrchr(weight, ':');
    if (colon && is_digits(colon + 1, strlen(colon + 1)))
        length = (size_t)(colon - weight);
    const char *rest = weight, *end = weight + length;
    for (const char *part = weight, *slash; (slash = memchr(part, '/', (size_t)(end - part)));
         part = slash + 1) {
        const char *after = after_layer(part, end, layer);
        if (after)
            rest = after;
    }
    size_t left = (size_t)(end - rest);
    if (rest == weight && left > layer_length + 1 && !memchr(rest, '/', left) &&
        rest[layer_length] == '_' && memcmp(rest, layer, layer_length) == 0)
        rest += layer_length + 1;
    snprintf(out, size, "%s/%.*s", layer, (int)(end - rest), rest);
}
